"""Posts: one for each member of staff a cell ever has at once, with a grade that does not change.

Fixing the grade of posts keeps the grade structure steady while people come, rise and go; a person who is promoted
moves to another post.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.demo.headcounts import Headcounts
from dashboard.demo.inputs import department_structures, level_of, table, traits

#: Grades of the Resident Coordinators (assumption; the mix is not published).
RC_GRADES = (("ASG", 3), ("D-2", 40), ("D-1", 77), ("P-5", 10))
#: Kinds of unit whose share of women is steered on its own.
ORDINARY, MISSION, SECURITY, COORDINATOR = range(4)


@dataclass
class Posts:
    """One row a post. Numbers of entities, departments, stations and grades index the lists of names."""

    quarters: tuple[str, ...]
    entities: list[str]
    departments: list[str]
    stations: list[str]
    grades: list[str]
    countries: list[str]
    entity: np.ndarray
    department: np.ndarray
    station: np.ndarray
    country: np.ndarray
    grade: np.ndarray
    level: np.ndarray
    kind: np.ndarray
    headquarters: np.ndarray
    coordinator: np.ndarray
    pinned: np.ndarray
    is_open: np.ndarray
    group: np.ndarray
    #: One row a group: entity, kind, level, headquarters.
    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.entity)


def make(codelists: CodeLists, headcounts: Headcounts, rng: np.random.Generator) -> Posts:
    """All posts, graded by quota within each kind of unit so that mixes are met and not just expected."""
    most = headcounts.staff.max(axis=1)
    cell = np.repeat(np.arange(len(most)), most)
    place = np.arange(len(cell)) - np.repeat(np.cumsum(most) - most, most)  # 0, 1, 2 ... within the cell
    is_open = place[:, None] < headcounts.staff[cell]
    coordinator = (place == 0)[:, None] & (headcounts.coordinators[cell] > 0)
    # Where a post stops being a Resident Coordinator's (UNDP, end of 2018), another post takes its place.
    changes = coordinator.any(1) & (is_open & ~coordinator).any(1)
    cell = np.concatenate([cell, cell[changes]])
    place = np.concatenate([place, place[changes]])
    is_open = np.vstack([is_open, (is_open & ~coordinator)[changes]])
    always = coordinator.any(1)
    is_open[: len(always)][changes] &= coordinator[changes]
    coordinator = np.concatenate([always, np.zeros(changes.sum(), bool)])

    entities = sorted(set(headcounts.entity))
    departments, stations = sorted(set(headcounts.department)), sorted(set(headcounts.station))
    countries = sorted({codelists.country_of(s) for s in stations})
    cell_entity = np.array([entities.index(e) for e in headcounts.entity])
    number = {d: i for i, d in enumerate(departments)}
    cell_department = np.array([number[d] for d in headcounts.department])
    number = {s: i for i, s in enumerate(stations)}
    cell_station = np.array([number[s] for s in headcounts.station])
    country_of = np.array([countries.index(codelists.country_of(s)) for s in stations])
    structures = department_structures(codelists)
    seat = np.array(
        [codelists.is_headquarters(e, s) for e, s in zip(headcounts.entity, headcounts.station, strict=True)]
    )
    structure = np.array([
        structures[d] if e == "UN" else traits()[e].structure
        for e, d in zip(headcounts.entity, headcounts.department, strict=True)
    ])  # fmt: skip

    grades = [member.code for member in codelists.members("grade")]
    grade = np.full(len(cell), -1)
    pinned = np.zeros(len(cell), bool)
    _coordinators(grade, coordinator, country_of[cell_station[cell]], grades)
    _seniors(grade, pinned, coordinator, cell, cell_entity, entities, headcounts, seat, grades)
    for entity in range(len(entities)):
        for name in np.unique(structure[cell_entity == entity]):
            for hq in (True, False):
                chosen = (cell_entity == entity) & (structure == name) & (seat == hq)
                _by_quota(grade, np.flatnonzero(chosen[cell] & (grade < 0)), name, hq, grades, codelists, rng)

    category = [codelists.category_of(g) for g in grades]
    levels = np.array([
        level_of(g, c) if codelists.member("grade", g).attributes["grade_set"] != "unplaced"
        and g not in ("P-7", "P-6", "P-O") else -1
        for g, c in zip(grades, category, strict=True)
    ])  # fmt: skip
    level = levels[grade]
    kind_of_structure = {"mission": MISSION, "security": SECURITY}
    kind = np.array([kind_of_structure.get(s, ORDINARY) for s in structure])[cell]
    kind[coordinator] = COORDINATOR
    hq = seat[cell]
    keys = np.stack([cell_entity[cell], kind, level, hq], axis=1)
    groups, group = np.unique(keys, axis=0, return_inverse=True)
    return Posts(
        headcounts.quarters, entities, departments, stations, grades, countries,
        cell_entity[cell], cell_department[cell], cell_station[cell], country_of[cell_station[cell]],
        grade, level, kind, hq, coordinator, pinned, is_open, group.ravel(), groups,
    )  # fmt: skip


def _coordinators(grade: np.ndarray, coordinator: np.ndarray, country: np.ndarray, grades: list[str]) -> None:
    mix = np.repeat([grades.index(g) for g, _ in RC_GRADES], [n for _, n in RC_GRADES])
    # By country, so that the post of UNDP and the one of the Secretariat after it have the same grade; in strides, so
    # that neighbours in the list differ.
    _, place = np.unique(country[coordinator], return_inverse=True)
    grade[coordinator] = mix[(place * 47) % len(mix)]


def _seniors(
    grade: np.ndarray,
    pinned: np.ndarray,
    coordinator: np.ndarray,
    cell: np.ndarray,
    cell_entity: np.ndarray,
    entities: list[str],
    headcounts: Headcounts,
    seat: np.ndarray,
    grades: list[str],
) -> None:
    """Heads and their deputies: at headquarters, or in the largest station of a department of the Secretariat."""
    size = headcounts.staff.max(1)
    wanted: list[tuple[int, list[str]]] = []
    by_department: dict[str, list[int]] = defaultdict(list)
    for i, entity in enumerate(headcounts.entity):
        if entity == "UN":
            by_department[headcounts.department[i]].append(i)
    for number, entity in enumerate(entities):
        codes = [g for g, n in traits()[entity].seniors for _ in range(n)]
        if codes:
            own = np.flatnonzero((cell_entity == number) & seat)
            wanted.append((int(own[np.argmax(size[own])]), codes))
    for department, cells in by_department.items():
        total = int(headcounts.staff[cells].max(1).sum())
        if department == "EOSG":
            codes = ["SG", "DSG"] + ["USG"] * 6 + ["ASG"] * 3
        elif department == "RCS":
            codes = ["ASG"]
        else:
            codes = ["USG"] * (total >= 60) + ["ASG"] * (1 + (total >= 300) + (total >= 900)) * (total >= 25)
        wanted.append((max(cells, key=lambda i: (size[i], -i)), codes))
    for where, codes in wanted:
        # The first posts of a cell are open as long as the cell is: heads do not come and go with growth.
        free = np.flatnonzero((cell == where) & (grade < 0) & ~coordinator)[: len(codes)]
        grade[free] = [grades.index(g) for g in codes[: len(free)]]
        for post, code in zip(free, codes, strict=False):
            pinned[post] = code in ("SG", "DSG")


def _by_quota(
    grade: np.ndarray,
    posts: np.ndarray,
    structure: str,
    hq: bool,
    grades: list[str],
    codelists: CodeLists,
    rng: np.random.Generator,
) -> None:
    if not len(posts):
        return
    shares = _mix(structure, hq, tuple(grades), codelists)
    cumulated = np.cumsum(shares) / shares.sum()
    # Systematic sampling over a random order: every grade gets its quota to within one post.
    shuffled = rng.permutation(posts)
    at = (np.arange(len(posts)) + rng.uniform()) / len(posts)
    grade[shuffled] = np.minimum(np.searchsorted(cumulated, at, side="right"), len(grades) - 1)


def _mix(structure: str, hq: bool, grades: tuple[str, ...], codelists: CodeLists) -> np.ndarray:
    """Share of each grade in units of this structure."""
    row = next(r for r in table("structure.csv") if r["structure"] == structure and (r["place"] == "hq") == hq)
    weights = np.zeros(len(grades))
    for entry in table("levels.csv"):
        if entry["structure"] in ("*", structure):
            weights[grades.index(entry["grade"])] += float(entry["weight"])
    category = np.array([codelists.category_of(g) for g in grades])
    for name in ("P", "FS", "NPO", "GS"):
        own = category == name
        weights[own] *= float(row[name]) / weights[own].sum()
    return weights
