"""How many staff there are: by entity, department and duty station, at every quarter.

31 December 2019 is the real table, cell by cell. The ends of 2017 and 2018 have the real totals by entity and
department, later years follow the stated growth (`data/demo/growth.csv`); between these dates each cell moves along a
straight line.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.demo import calendar
from dashboard.demo.inputs import curve, real_by_department, real_by_station, table, traits
from dashboard.demo.placement import place, resident_coordinators, shares
from dashboard.selection import NOT_APPLICABLE

ANCHOR = "2019Q4"
#: Where the field staff of UNV sit besides Bonn is not published: its regional offices and New York (assumption).
UNV_STATIONS = (
    "DEU-bonn:141 KEN-nairobi:20 THA-bangkok:20 SEN-dakar:18 JOR-amman:12 PAN-panama-city:15 "
    "USA-new-york:12 TUR-istanbul:8"
)
#: The Secretariat took over the Resident Coordinators at the start of 2019; before, they were staff of UNDP.
RC_MOVED = "2019Q1"


@dataclass(frozen=True)
class Headcounts:
    """Cells (entity, department, station) and the regular staff of each at every quarter (cells x quarters)."""

    quarters: tuple[str, ...]
    entity: list[str]
    department: list[str]
    station: list[str]
    staff: np.ndarray
    #: How many staff of a cell are Resident Coordinators (cells x quarters).
    coordinators: np.ndarray


def rounded(exact: np.ndarray, thresholds: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers with this total, each floor(x + its own threshold + one common shift).

    A threshold that stays with the cell makes the result follow x up and down without flicker.
    """
    raised = exact + thresholds
    whole = np.floor(raised).astype(np.int64)
    rest = raised - whole
    missing = total - int(whole.sum())
    # The cells nearest to the next whole number go up, those that only just got there go down.
    while missing > 0:
        some = np.flatnonzero(exact > 0) if (exact > 0).any() else np.arange(len(exact))
        chosen = some[np.argsort(-rest[some], kind="stable")][:missing]
        whole[chosen] += 1
        missing -= len(chosen)
    while missing < 0:
        some = np.flatnonzero(whole > 0)
        chosen = some[np.argsort(rest[some], kind="stable")][:-missing]
        whole[chosen] -= 1
        missing += len(chosen)
    return whole


def _split_departments(codelists: CodeLists, cells: dict[tuple[str, str], int]) -> dict[tuple[str, str, str], int]:
    """Cells of the anchor with the departments of UNDP (UNV) and WHO (Unitaid) taken out of the stations."""
    found = {(entity, NOT_APPLICABLE, station): n for (entity, station), n in cells.items() if entity != "UN"}
    totals = real_by_department(codelists)
    left = totals[ANCHOR, "UNDP", "UNV"]
    stations = [p.split(":") for p in UNV_STATIONS.split()]
    takes = {s: min(int(n), found["UNDP", NOT_APPLICABLE, s]) for s, n in stations}
    for station, n in takes.items():
        take = min(n, left)
        found["UNDP", NOT_APPLICABLE, station] -= take
        found["UNDP", "UNV", station] = take
        left -= take
    found["UNDP", NOT_APPLICABLE, "USA-new-york"] -= left
    found["UNDP", "UNV", "USA-new-york"] += left
    unitaid = totals[ANCHOR, "WHO", "UNITAID"]
    found["WHO", NOT_APPLICABLE, "CHE-geneva"] -= unitaid
    found["WHO", "UNITAID", "CHE-geneva"] = unitaid
    return found


def _unit_totals(codelists: CodeLists, anchor: dict[tuple[str, str], int]) -> dict[tuple[str, str], dict[str, float]]:
    """Total of each entity and department at the dates where it is known or assumed."""
    real = real_by_department(codelists)
    totals: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for quarter in ("2017Q4", "2018Q4", ANCHOR):
        by_entity: dict[str, int] = defaultdict(int)
        for (q, entity, department), n in real.items():
            if q == quarter:
                by_entity[entity] += n
                if entity == "UN":
                    totals[entity, department][quarter] = n
        for (entity, department), n in anchor.items():
            if entity != "UN" and entity in by_entity:
                size = sum(k for (e, _), k in anchor.items() if e == entity)
                totals[entity, department][quarter] = by_entity[entity] * n / size
    growth = {row["growth"]: {q: float(v) for q, v in row.items() if q != "growth"} for row in table("growth.csv")}
    paths: dict[str, dict[str, float]] = defaultdict(dict)
    for row in table("department_path.csv"):
        paths[row["department"]][row["quarter"]] = float(row["index"])
    for (entity, department), n in anchor.items():
        path = {quarter: n * factor for quarter, factor in growth[traits()[entity].growth].items()}
        if entity == "UN" and department in paths:
            # A department that winds down follows its own path, and the common growth until that path starts.
            first = min(paths[department])
            path = {q: v for q, v in path.items() if q < first}
            level = path[max(path)] if path else n
            path |= {q: level * v for q, v in paths[department].items()}
        totals[entity, department] |= path
    return totals


def _along(points: dict[str, np.ndarray], quarters: tuple[str, ...], thresholds: np.ndarray) -> np.ndarray:
    """Cells x quarters: straight lines between the known quarters, rounded by each cell's own threshold."""
    names = sorted(points)
    known = np.array([calendar.number(q) for q in names])
    at = np.array([calendar.number(q) for q in quarters])
    values = np.stack([points[q] for q in names], axis=1).astype(float)
    right = np.clip(np.searchsorted(known, at), 1, len(known) - 1)
    left = right - 1
    weight = np.clip((at - known[left]) / (known[right] - known[left]), 0, 1)
    exact = values[:, left] * (1 - weight) + values[:, right] * weight
    return np.floor(np.round(exact, 6) + thresholds[:, None]).astype(np.int64)


def full(codelists: CodeLists, quarters: tuple[str, ...], rng: np.random.Generator) -> Headcounts:
    """Head-counts of all entities over these quarters."""
    by_station = real_by_station(codelists)
    cells: dict[tuple[str, str, str], float] = dict(_split_departments(codelists, by_station))
    placed = place(codelists)
    cells |= {("UN", department, station): n for (department, station), n in placed.items()}
    cells = {key: n for key, n in cells.items() if n}
    anchor: dict[tuple[str, str], int] = defaultdict(int)
    for (entity, department, _), n in cells.items():
        anchor[entity, department] += int(n)
    totals = _unit_totals(codelists, anchor)
    sizes = {station: n for (entity, station), n in by_station.items() if entity == "UN"}
    likely = shares(codelists, sizes)
    for entity, department in totals:
        if (entity, department) not in anchor:  # closed before the anchor: only its shares are known
            for station, share in likely[department].items():
                cells[entity, department, station] = share

    keys = sorted(cells)
    units: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (entity, department, _) in enumerate(keys):
        units[entity, department].append(i)
    thresholds = rng.uniform(0.02, 0.98, len(keys))
    staff = np.zeros((len(keys), len(quarters)), np.int64)
    undp_breaks = _known_totals(codelists)
    for (entity, department), members in units.items():
        base = np.array([cells[keys[i]] for i in members], float)
        points = {}
        for quarter, total in totals[entity, department].items():
            exact = base * total / base.sum()
            points[quarter] = rounded(
                exact, thresholds[members], _whole(total, quarter, entity, department, undp_breaks)
            )
        _open_and_close(codelists, department, points)
        staff[members] = _along(points, quarters, thresholds[members])
        if department != NOT_APPLICABLE:
            closed = [not codelists.department_open(department, q) for q in quarters]
            staff[np.ix_(members, np.flatnonzero(closed))] = 0
    return _with_coordinators(codelists, keys, staff, quarters, sizes)


def _known_totals(codelists: CodeLists) -> dict[tuple[str, str], int]:
    known: dict[tuple[str, str], int] = defaultdict(int)
    for (quarter, entity, _), n in real_by_department(codelists).items():
        known[quarter, entity] += n
    return known


def _whole(total: float, quarter: str, entity: str, department: str, known: dict[tuple[str, str], int]) -> int:
    """The total as a whole number, such that the parts of UNDP and WHO sum to the published total."""
    if entity in ("UNDP", "WHO") and (quarter, entity) in known and department == NOT_APPLICABLE:
        other = known[quarter, entity] - total
        return known[quarter, entity] - round(other)
    return round(total)


def _open_and_close(codelists: CodeLists, department: str, points: dict[str, np.ndarray]) -> None:
    """Level lines from the quarter a department opens and to the quarter it closes, where no figure is known."""
    if department == NOT_APPLICABLE:
        return
    attributes = codelists.member("department", department).attributes
    zero = np.zeros_like(next(iter(points.values())))
    if (opened := attributes["opened"]) and opened not in points:
        points[opened] = points[min(q for q in points if q > opened)]
    if (closed := attributes["closed"]) and closed not in points:
        points[closed] = points[max(q for q in points if q < closed)]
    if not opened and "2017Q4" not in points:
        # Not in the list of that date: not there yet (or not yet named).
        points["2017Q4"] = zero
    if len(points) == 1:
        points["2026Q3" if "2026Q3" not in points else "2017Q4"] = next(iter(points.values()))


def _with_coordinators(
    codelists: CodeLists,
    keys: list[tuple[str, str, str]],
    staff: np.ndarray,
    quarters: tuple[str, ...],
    sizes: dict[str, int],
) -> Headcounts:
    """Marks one post per country team; those of Maldives come when the Secretariat's presence there starts."""
    seats = resident_coordinators(codelists, sizes)
    coordinators = np.zeros_like(staff)
    after = np.array([q >= RC_MOVED for q in quarters])
    row_of = {key: i for i, key in enumerate(keys)}
    undp_by_country: dict[str, list[int]] = defaultdict(list)
    for (entity, department, station), i in row_of.items():
        if entity == "UNDP" and department == NOT_APPLICABLE:
            undp_by_country[codelists.country_of(station)].append(i)
    for station in seats.values():
        new = row_of["UN", "RCS", station]
        staff[new, after] = coordinators[new, after] = 1
        before = undp_by_country[codelists.country_of(station)]
        if before:
            largest = max(before, key=lambda i: staff[i, 0])
            coordinators[largest, ~after] = (staff[largest, ~after] > 0).astype(np.int64)
    # Three teams had no Secretariat staff in the real table; the Maldives' office is shown from 2020 on.
    station = next((s.code for s in codelists.members("duty_station") if s.code == "MDV-male"), None)
    if station:
        keys = [*keys, ("UN", "RCS", station)]
        extra = np.array([[int(q > ANCHOR) for q in quarters]])
        staff, coordinators = np.vstack([staff, extra]), np.vstack([coordinators, extra])
    return Headcounts(quarters, [k[0] for k in keys], [k[1] for k in keys], [k[2] for k in keys], staff, coordinators)


def assumed_growth(quarters: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Index of each growth path at every quarter, the anchor being 1: for the report."""
    return {
        row["growth"]: curve({ANCHOR: 1.0} | {q: float(v) for q, v in row.items() if q != "growth"}, quarters)
        for row in table("growth.csv")
    }
