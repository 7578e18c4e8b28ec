"""The floor: the same grouping done by numpy over the same rows held in memory.

What a question cannot be quicker than in Python on one core: no planning, no decompression, no reading. Columns of the
quarters a question needs are loaded beforehand in the types that bincount takes without conversion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from dashboard import answering
from dashboard.answering.comparable import line, same_entities
from dashboard.answering.understand import understand
from dashboard.questions import Question
from dashboard.selection import TEMPORARY, Selection, select
from dashboard.warehouse import OpenRelease, Warehouse

_TABLE = re.compile(r"\bw\.(staff\w*)")
Counts = dict[tuple[int | str, ...], tuple[int, int]]
Sums = tuple[np.ndarray, np.ndarray]
#: What a headline compares with: the basis and how many quarters back.
BACK = {"previous-quarter": 1, "previous-year": 4}


class Floor:
    """Arrays of one release; each column of each table and quarter is read once."""

    def __init__(self, release: OpenRelease):
        self.release = release
        self._columns: dict[tuple[str, str, str], np.ndarray] = {}

    def forget(self) -> None:
        """Give the memory back."""
        self._columns.clear()

    def columns(self, table: str, condition: str, names: tuple[str, ...]) -> list[np.ndarray]:
        """Columns of the rows of a table that meet a condition."""
        wanted = [name for name in names if (table, condition, name) not in self._columns]
        if wanted:
            types = {name: "double" if name in ("women", "men") else "bigint" for name in wanted}
            chosen = ", ".join(f"coalesce({name}, 0)::{types[name]} as {name}" for name in wanted)
            cursor = self.release.connection.cursor()
            found = cursor.execute(f"select {chosen} from w.{table} where {condition}").fetchnumpy()
            cursor.close()
            for name in wanted:
                self._columns[table, condition, name] = np.ascontiguousarray(found[name])
        return [self._columns[table, condition, name] for name in names]

    def mask(self, table: str, condition: str, filters: Mapping[str, Any]) -> Callable[[], np.ndarray | None]:
        """What computes the rows that filters let through: None for all of them."""
        loaded = {name: self.columns(table, condition, (name,))[0] for name in filters}
        sizes = {name: len(self.release.codes[name]) for name in filters}

        def compute() -> np.ndarray | None:
            rows = None
            for name, ids in filters.items():
                wanted = np.zeros(sizes[name], bool)
                wanted[ids] = True
                passes = wanted[loaded[name]]
                rows = passes if rows is None else rows & passes
            return None if rows is None else np.flatnonzero(rows)

        return compute

    def grouped(self, table: str, condition: str, filters: Mapping[str, Any], by: tuple[str, ...]):
        """What computes women and men by keys; the key of a group is its position in the result."""
        keys = self.columns(table, condition, by)
        women, men = self.columns(table, condition, ("women", "men"))
        rows_of = self.mask(table, condition, filters)
        sizes = [len(self.release.codes[name]) for name in by]

        def compute() -> Sums:
            rows = rows_of()
            place = keys[0] if rows is None else keys[0][rows]
            for more, size in zip(keys[1:], sizes[1:], strict=True):
                place = place * size + (more if rows is None else more[rows])
            length = int(np.prod(sizes))
            return (
                np.bincount(place, women if rows is None else women[rows], length),
                np.bincount(place, men if rows is None else men[rows], length),
            )

        return compute, sizes


def _spread(sums: Sums, sizes: list[int]) -> Counts:
    women, men = sums
    places = np.flatnonzero(women + men)
    keys = zip(*np.unravel_index(places, sizes), strict=True)
    return {
        tuple(int(part) for part in key): (int(women[place]), int(men[place]))
        for key, place in zip(keys, places, strict=True)
    }


def countable(question: Question) -> bool:
    """Whether a question is one this floor counts: a breakdown of a quarter, the headline, the trend, reporting."""
    return question.of_staff and (
        (question.fold is None and question.name != "entity_by_grade_history") or question.name in ("headline", "trend")
    )


def prepare(floor: Floor, warehouse: Warehouse, question: Question, selection: Selection):
    """(the timed computation, what turns its result into counts by key) for a question, everything loaded."""
    release = floor.release
    selection = answering.canonical(release, selection)
    filtered = tuple(name for name in selection.filtered if name in question.filters)
    filters: dict[str, Any] = {
        name: np.array([release.ids[name][code] for code in selection.members(name)]) for name in filtered
    }
    quarter = selection.quarter or release.quarter
    now = release.ids["quarter"][quarter]
    rendered = question.rendered(filtered, not question.has_population)
    tables = set(_TABLE.findall(rendered))
    if "$temporary" in rendered:
        # "All but the temporary ones" is a choice like any other.
        temporary = release.ids["appointment"].get(TEMPORARY)
        everyone = range(len(release.codes["appointment"]))
        filters["appointment"] = np.array([number for number in everyone if number != temporary])
    if question.name == "headline":
        return _headline(floor, tables.pop(), filters, quarter)
    if question.name == "trend":
        return _trend(floor, tables.pop(), filters, quarter)
    if tables:
        table, condition = tables.pop(), f"quarter = {now}"
    elif question.name == "movements":
        table, condition = "movements", f"quarter <= {now} and quarter > {now - 4}"
    elif question.name == "coverage":
        table, condition = "coverage", f"quarter = {now}"
    else:
        table, condition = "coverage", f"quarter <= {now}"
    compute, sizes = floor.grouped(table, condition, filters, question.by)
    return compute, lambda sums: _spread(sums, sizes)


def _entities(release: OpenRelease, codes: Iterable[str]) -> np.ndarray:
    return np.array([release.ids["entity"][code] for code in codes], int)


def _headline(floor: Floor, table: str, filters: Mapping[str, Any], quarter: str):
    release = floor.release
    now = release.ids["quarter"][quarter]
    then = {basis: now - back for basis, back in BACK.items() if now >= back}
    same = {
        basis: _entities(release, same_entities(release, quarter, release.codes["quarter"][number]))
        for basis, number in then.items()
    }
    by_entity = {
        number: floor.grouped(table, f"quarter <= {number}", filters, ("entity",))[0]
        for number in {now, *then.values()}
    }

    def compute() -> dict[tuple[int, str], tuple[float, float]]:
        sums = {quarter: count() for quarter, count in by_entity.items()}
        found = {(now, "all"): (sums[now][0].sum(), sums[now][1].sum())}
        for basis, number in then.items():
            for either in (now, number):
                women, men = sums[either]
                found[either, basis] = (women[same[basis]].sum(), men[same[basis]].sum())
        return found

    return compute, _nonzero


def _trend(floor: Floor, table: str, filters: Mapping[str, Any], last: str):
    now = floor.release.ids["quarter"][last]
    throughout = _entities(floor.release, line(understand(floor.release, "internal", select(last))).entities)
    condition = f"quarter <= {now}"
    quarter, entity, women, men = floor.columns(table, condition, ("quarter", "entity", "women", "men"))
    rows_of = floor.mask(table, condition, filters)
    entities = len(floor.release.codes["entity"])

    def compute() -> tuple[np.ndarray, np.ndarray]:
        same = np.zeros(entities, int)
        same[throughout] = 1
        rows = rows_of()
        place = (quarter if rows is None else quarter[rows]) * 2 + same[entity if rows is None else entity[rows]]
        steps = [
            np.bincount(place, counts if rows is None else counts[rows], 2 * (now + 1)).reshape(-1, 2).cumsum(axis=0)
            for counts in (women, men)
        ]
        return steps[0], steps[1]

    def counts(result: tuple[np.ndarray, np.ndarray]) -> Counts:
        found = {}
        for number in range(now + 1):
            found[number, "all"] = tuple(part[number].sum() for part in result)
            found[number, "same-entities"] = tuple(part[number][1] for part in result)
        return _nonzero(found)

    return compute, counts


def _nonzero(found: Mapping[tuple[int, str], tuple[float, float]]) -> Counts:
    return {key: (int(women), int(men)) for key, (women, men) in found.items() if women or men}
