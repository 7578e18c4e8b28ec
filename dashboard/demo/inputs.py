"""Reads the generator's inputs: its assumptions in `data/demo/`, the real head-counts in `data/reference/`."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.selection import NOT_APPLICABLE

ASSUMPTIONS = Path(__file__).resolve().parents[2] / "data" / "demo"

#: Levels over which women's share is steered, from most senior down; each is a set of neighbouring grades.
LEVELS = ("SEN", "D2", "D1", "P5", "P4", "P3", "P2", "FS", "NPO", "GH", "GL")
_LEVEL_OF = {"D-2": "D2", "D-1": "D1", "P-5": "P5", "P-4": "P4", "P-3": "P3", "P-2": "P2", "P-1": "P2"}


def table(file: str, folder: Path = ASSUMPTIONS) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with (folder / file).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def level_of(grade: str, category: str) -> int:
    """The number of the level a grade belongs to."""
    if category == "SENIOR":
        return 0
    if category in ("FS", "NPO"):
        return LEVELS.index(category)
    if category == "GS":
        return LEVELS.index("GH" if grade in ("G-7", "G-6", "S-7", "S-6", "S-5") else "GL")
    return LEVELS.index(_LEVEL_OF[grade])


def curve(points: Mapping[str, float], quarters: tuple[str, ...]) -> np.ndarray:
    """Straight lines through (quarter, value), level before the first and after the last."""
    from dashboard.demo.calendar import number

    known = sorted((number(quarter), value) for quarter, value in points.items())
    return np.interp([number(q) for q in quarters], [k[0] for k in known], [k[1] for k in known])


def target_curves(quarters: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Women's share (fraction) wanted at each quarter, by name of the target."""
    points: dict[str, dict[str, float]] = defaultdict(dict)
    for row in table("targets.csv"):
        points[row["target"]][row["quarter"]] = float(row["women_pct"]) / 100
    return {name: curve(values, quarters) for name, values in points.items()}


@dataclass(frozen=True)
class Traits:
    """What is assumed of one entity (`data/demo/entities.csv`)."""

    entity: str
    growth: str
    structure: str
    seniors: tuple[tuple[str, int], ...]
    ph_2019: float
    all_staff: Mapping[str, float]
    turnover: float
    continuing: float
    temporary: float
    movements: bool


@cache
def traits() -> dict[str, Traits]:
    """Assumptions by entity."""
    found = {}
    for row in table("entities.csv"):
        seniors = tuple((g, int(n)) for g, n in (p.split(":") for p in row["seniors"].split("|") if p))
        shares = {f"{year}Q4": float(row[f"all_{year}"]) / 100 for year in (2017, 2022, 2024) if row["all_2017"]}
        found[row["entity"]] = Traits(
            row["entity"], row["growth"], row["structure"], seniors, float(row["ph_2019"]) / 100, shares,
            float(row["turnover"]), float(row["continuing"]), float(row["temporary"]), row["movements"] == "1",
        )  # fmt: skip
    return found


def real_by_station(codelists: CodeLists) -> dict[tuple[str, str], int]:
    """Real staff by entity and duty station on 31 December 2019."""
    rows = table("headcount_by_station.csv", codelists.folder)
    return {(row["entity"], row["duty_station"]): int(row["staff"]) for row in rows}


def real_by_department(codelists: CodeLists) -> dict[tuple[str, str, str], int]:
    """Real staff by quarter (2017Q4, 2018Q4, 2019Q4), entity and department."""
    rows = table("headcount_by_department.csv", codelists.folder)
    return {(row["quarter"], row["entity"], row["department"]): int(row["staff"]) for row in rows}


def department_structures(codelists: CodeLists) -> dict[str, str]:
    """The mix of categories of each department of the Secretariat."""
    special = {row["department"]: row["structure"] for row in table("department_class.csv")}
    found = {NOT_APPLICABLE: "secretariat"}
    for member in codelists.departments_of("UN"):
        usual = "mission" if codelists.place_bound(member.code) else "secretariat"
        found[member.code] = special.get(member.code, usual)
    return found
