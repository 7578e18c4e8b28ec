"""Where the Secretariat's departments are: two real margins, and what is publicly known in between.

Published are staff by duty station and staff by department, not both at once. A table of plausible shares
(`data/demo/placement.csv`) is fitted to both margins and rounded so that both stay exact.
"""

from __future__ import annotations

from collections import defaultdict, deque

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.demo.inputs import real_by_department, real_by_station, table

#: Of a department's weight, the part that may stand anywhere: without it the two margins need not fit.
ANYWHERE = 1e-5
ROUNDS = 400


def shares(codelists: CodeLists, sizes: dict[str, int]) -> dict[str, dict[str, float]]:
    """Per department, the share of it at each duty station, before any fitting."""
    stations = list(sizes)
    countries = {station: codelists.country_of(station) for station in stations}
    in_country: dict[str, list[str]] = defaultdict(list)
    for station in stations:
        in_country[countries[station]].append(station)
    # A global department is in every country, thinly: with the square root of the staff there.
    spread = {c: sum(sizes[s] for s in found) ** 0.5 for c, found in in_country.items()}
    everywhere = sum(spread.values())
    result = {}
    for row in table("placement.csv"):
        weights: dict[str, float] = defaultdict(float)
        places = [(p.split(":")[0], float(p.split(":")[1])) for p in row["places"].split()]
        for place, weight in places:
            if place == "*":
                for country, root in spread.items():
                    _share_out(weights, weight * root / everywhere, in_country[country], sizes)
            elif place == "capitals":
                for country, root in spread.items():
                    weights[max(in_country[country], key=sizes.__getitem__)] += weight * root / everywhere
            elif place in countries:
                weights[place] += weight
            elif place in in_country:
                _share_out(weights, weight, in_country[place], sizes)
        total = sum(weights.values())
        if total == 0:
            # The places named have no staff of the Secretariat: stay where they are named.
            weights = {place: weight for place, weight in places if "-" in place}
            total = sum(weights.values())
        result[row["department"]] = {station: weight / total for station, weight in weights.items()}
    return result


def _share_out(weights: dict[str, float], weight: float, stations: list[str], sizes: dict[str, int]) -> None:
    total = sum(sizes[s] for s in stations)
    for station in stations:
        weights[station] += weight * sizes[station] / total


def fit(seed: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """The table nearest to the seed (in the sense of iterative proportional fitting) with these margins."""
    fitted = seed.copy()
    for _ in range(ROUNDS):
        fitted *= (rows / np.maximum(fitted.sum(1), 1e-300))[:, None]
        fitted *= columns / np.maximum(fitted.sum(0), 1e-300)
    return fitted


def round_both(fitted: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Whole numbers near the fitted ones with exactly these margins."""
    whole = np.floor(fitted + 1e-9).astype(np.int64)
    for axis, margin in ((1, rows), (0, columns)):
        # Floors of a fit that has not quite converged may exceed a margin by one.
        for line in np.flatnonzero(whole.sum(axis) > margin):
            view = whole[line] if axis else whole[:, line]
            view[np.argmax(view)] -= int(view.sum() - margin[line])
    row_left, column_left = rows - whole.sum(1), columns - whole.sum(0)
    rest = fitted - whole
    for flat in np.argsort(-rest, axis=None, kind="stable"):
        i, j = divmod(int(flat), fitted.shape[1])
        if rest[i, j] < 0.02:
            break
        if row_left[i] > 0 and column_left[j] > 0:
            whole[i, j] += 1
            row_left[i] -= 1
            column_left[j] -= 1
    usual = fitted > 0.05
    while row_left.sum():
        start = int(np.flatnonzero(row_left)[0])
        path = _path(whole, usual, start, column_left) or _path(whole, fitted > 0, start, column_left)
        for step, (i, j) in enumerate(path):
            whole[i, j] += 1 if step % 2 == 0 else -1
        row_left[start] -= 1
        column_left[path[-1][1]] -= 1
    return whole


def _path(whole: np.ndarray, allowed: np.ndarray, start: int, column_left: np.ndarray) -> list[tuple[int, int]] | None:
    """Cells to raise and lower in turn so that a row with too few ends in a column with too few."""
    came: dict[int, tuple[int, int] | None] = {start: None}  # row -> (row before, column)
    queue = deque([start])
    seen = np.zeros(whole.shape[1], bool)
    while queue:
        row = queue.popleft()
        for column in np.flatnonzero(allowed[row] & ~seen):
            seen[column] = True
            if column_left[column] > 0:
                cells = [(row, int(column))]
                while (link := came[row]) is not None:
                    cells += [(row, link[1]), (link[0], link[1])]
                    row = link[0]
                return cells[::-1]
            for other in np.flatnonzero(whole[:, column] > 0):
                if int(other) not in came:
                    came[int(other)] = (row, int(column))
                    queue.append(int(other))
    return None


def resident_coordinators(codelists: CodeLists, sizes: dict[str, int]) -> dict[str, str]:
    """The duty station of the Resident Coordinator of each country team that has Secretariat staff.

    It is the station nearest to the capital, of the team's country with the most staff.
    """
    found = {}
    by_country: dict[str, list[str]] = defaultdict(list)
    for station in sizes:
        by_country[codelists.country_of(station)].append(station)
    for team in codelists.members("unct"):
        countries = [c for c in team.attributes["countries"].split("|") if by_country[c]]
        if countries:
            country = max(countries, key=lambda c: sum(sizes[s] for s in by_country[c]))
            found[team.code] = _nearest(codelists, country, by_country[country])
    return found


def _nearest(codelists: CodeLists, country: str, stations: list[str]) -> str:
    def point(dimension: str, code: str) -> tuple[float, float]:
        attributes = codelists.member(dimension, code).attributes
        return float(attributes["latitude"] or 90), float(attributes["longitude"] or 180)

    north, east = point("country", country)

    def distance(station: str) -> tuple[float, str]:
        a, b = point("duty_station", station)
        return (a - north) ** 2 + (b - east) ** 2, station

    return min(stations, key=distance)


def place(codelists: CodeLists) -> dict[tuple[str, str], int]:
    """Staff of the Secretariat on 31 December 2019 by department and duty station; both margins are the real ones."""
    sizes = {s: n for (entity, s), n in real_by_station(codelists).items() if entity == "UN"}
    totals = {
        department: n
        for (quarter, entity, department), n in real_by_department(codelists).items()
        if entity == "UN" and quarter == "2019Q4"
    }
    stations, departments = sorted(sizes), sorted(totals)
    columns = np.array([sizes[s] for s in stations])
    rows = np.array([totals[d] for d in departments])
    at = {station: j for j, station in enumerate(stations)}
    fixed = np.zeros((len(rows), len(columns)), np.int64)
    for station in resident_coordinators(codelists, sizes).values():
        fixed[departments.index("RCS"), at[station]] += 1
    # The coordinators' stations are certain; the rest of their department serves them from New York.
    likely = shares(codelists, sizes)
    seed = np.empty(fixed.shape)
    for i, department in enumerate(departments):
        seed[i] = ANYWHERE * columns / columns.sum()
        for station, share in likely[department].items():
            seed[i, at[station]] += share
    open_rows, open_columns = rows - fixed.sum(1), columns - fixed.sum(0)
    fitted = fit(seed * np.maximum(open_rows, 1e-12)[:, None], open_rows, open_columns)
    whole = round_both(fitted, open_rows, open_columns) + fixed
    return {(departments[i], stations[j]): int(whole[i, j]) for i, j in zip(*np.nonzero(whole), strict=True)}
