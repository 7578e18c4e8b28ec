"""Whose figures can be compared, between two quarters and over many: the one rule that every change goes by.

Figures can be compared where they are an entity's own for the quarter (not carried forward, not partial, not missing)
and belong to the same series (no declared break between them). Whatever speaks of a change, draws a line over time or
counts entities at or below parity asks here; a change over a changing set of entities would be an artefact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from dashboard.answer import Answer, Row, Scope

#: Flags of rows whose figures are of their own quarter, and whole.
OWN = ("reported", "revised", "break", "approximate")
#: The two bases of a development: all entities of each quarter, and the same ones in all of them.
ALL, SAME = "all", "same-entities"

#: Entity -> the quarter in which the series began that its figures of one quarter belong to.
Series = Mapping[str, str]


def quarter_after(quarter: str, steps: int = 1) -> str:
    """The quarter so many after one written like 2026Q3; negative steps go back."""
    number = 4 * int(quarter[:4]) + int(quarter[5]) - 1 + steps
    return f"{number // 4}Q{number % 4 + 1}"


class Reported(Protocol):
    """How an entity's figures for a quarter came to be, as the release's coverage has it."""

    @property
    def entity(self) -> str:
        """Its code."""

    @property
    def state(self) -> str:
        """`reported` where the figures are its own for the quarter, and whole."""

    @property
    def series_break(self) -> bool:
        """Whether figures from this quarter on cannot be compared with those before."""


def series(quarters: Sequence[str], coverage: Mapping[str, Iterable[Reported]]) -> tuple[Series, ...]:
    """For each quarter, in order of time, the entities whose figures are their own, each with its series."""
    begun: dict[str, str] = {}
    found = []
    for quarter in quarters:
        own = {}
        for row in coverage[quarter]:
            if row.series_break or row.entity not in begun:
                begun[row.entity] = quarter
            if row.state == "reported":
                own[row.entity] = begun[row.entity]
        found.append(own)
    return tuple(found)


def shared(one: Series, other: Series) -> frozenset[str]:
    """The entities whose figures of two quarters can be compared."""
    return frozenset(entity for entity, began in one.items() if other.get(entity) == began)


def between(one: Answer, other: Answer) -> frozenset[str]:
    """The entities in scope of two answers, of any two quarters, whose figures can be compared."""
    return shared(one.scope.series, other.scope.series)


def reaches(scope: Scope, entity: str, then: Row) -> bool:
    """Whether an entity's figures of the quarter shown can be compared with this earlier row of its own."""
    began = scope.series.get(entity)
    return began is not None and own(then) and began <= then.keys["quarter"]


def own(row: Row) -> bool:
    """Whether a row's figures are of their own quarter, and whole."""
    return row.flag in OWN


def counts(row: Row) -> bool:
    """Whether a row of a breakdown may stand in a count of entities: those carried forward or partial may not."""
    return "entity" not in row.keys or own(row)


@dataclass(frozen=True, slots=True)
class Line:
    """What a development like for like is told of: these entities, in these quarters."""

    entities: frozenset[str] = frozenset()
    quarters: tuple[str, ...] = ()


def line(quarters: Sequence[str], found: Sequence[Series], wanted: Collection[str] | None = None) -> Line:
    """The development like for like of the wanted entities (None: of all) up to the last of these quarters.

    It is of those that can be compared in every quarter. Where there is none, it is of those that have figures of
    their own in the last quarter for which any of them has, and of the quarters that all of these can be compared in:
    quarters carried forward, partial, missing or before a series break are then not in it.
    """
    of = [
        each if wanted is None else {entity: began for entity, began in each.items() if entity in wanted}
        for each in found
    ]
    throughout = frozenset(of[0]).intersection(*(shared(of[0], each) for each in of)) if of else frozenset()
    if throughout:
        return Line(throughout, tuple(quarters))
    last = next((each for each in reversed(of) if each), {})
    entities = frozenset(last)
    kept = [quarter for quarter, each in zip(quarters, of, strict=True) if entities and entities <= shared(last, each)]
    return Line(entities, tuple(kept))


@dataclass(frozen=True, slots=True)
class Development:
    """The rows of a development, each in order of time: those that may be compared, and what stands beside them."""

    line: tuple[Row, ...]
    basis: str
    alike: bool  # whether the line is of the same entities, by figures of their own
    hollow: tuple[Row, ...]  # carried forward or partial
    apart: tuple[Row, ...]  # before a series break
    unknown: tuple[Row, ...]  # not submitted
    few: tuple[Row, ...]  # protected, and not shown

    @property
    def quarters(self) -> list[Row]:
        """All of them, a row a quarter."""
        rows = (*self.line, *self.hollow, *self.apart, *self.unknown, *self.few)
        return sorted(rows, key=lambda row: row.keys["quarter"])


def development(answer: Answer) -> Development:
    """The rows of an answer by quarter and basis, told apart by whether they may be compared.

    Of protected figures, and of people whom no comparable entity has, there are rows of all entities alone. Of one
    entity its own reports since the newest series break are then the line; of several all rows are, like for like or
    not, which `alike` tells.
    """
    like, everyone = _in_time(answer, SAME), _in_time(answer, ALL)
    if like:
        there = {row.keys["quarter"] for row in like}
        rest = [row for row in everyone if row.keys["quarter"] not in there]
        return _told_apart([row for row in like if row.staff], SAME, True, rest)
    if answer.scope.entities_expected != 1:
        return _told_apart([row for row in everyone if row.staff], ALL, False,
                           [row for row in everyone if not row.staff])  # fmt: skip
    broken = [row.keys["quarter"] for row in everyone if row.extra.get("series_break")]
    began = max((quarter for quarter in broken if _own_since(everyone, quarter)), default="")
    line_ = [row for row in everyone if row.staff and own(row) and row.keys["quarter"] >= began]
    there = {row.keys["quarter"] for row in line_}
    return _told_apart(line_, ALL, True, [row for row in everyone if row.keys["quarter"] not in there])


def _in_time(answer: Answer, basis: str) -> list[Row]:
    rows = [row for row in answer.rows if row.keys["basis"] == basis]
    return sorted(rows, key=lambda row: row.keys["quarter"])


def _own_since(rows: Iterable[Row], quarter: str) -> bool:
    return any(row.staff and own(row) and row.keys["quarter"] >= quarter for row in rows)


def _told_apart(line_: Sequence[Row], basis: str, alike: bool, rest: Sequence[Row]) -> Development:
    counted = [row for row in rest if row.staff]
    return Development(
        line=tuple(line_),
        basis=basis,
        alike=alike,
        hollow=tuple(row for row in counted if not own(row)),
        apart=tuple(row for row in counted if own(row)),
        unknown=tuple(row for row in rest if row.reason == "not-submitted"),
        few=tuple(row for row in rest if row.reason in ("fewer", "withheld")),
    )
