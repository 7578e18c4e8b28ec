"""Who sends what when: late, again, not at all, with earlier quarters revised (`data/demo/behaviour*.csv`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from dashboard.demo import calendar
from dashboard.demo.inputs import table, traits

#: A release is made so many days after the quarter's end, when the last submissions are in (assumption).
RELEASED_AFTER = 50
#: Ordinary submissions arrive between these days after the quarter's end.
ARRIVAL = (6, 36)


@dataclass(frozen=True)
class Sending:
    """One submission to make."""

    entity: str
    quarter: str
    received_at: datetime
    #: Quarter -> fault of its rows ("" for none); the submission's own quarter first.
    parts: dict[str, str]
    reasons: dict[str, str] = field(default_factory=dict)
    partial: str | None = None
    note: str = ""
    without: tuple[str, ...] = ()
    unknown_department: int = 0
    movements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Schedule:
    """All submissions in order of arrival, and the releases made between them."""

    sendings: list[Sending]
    releases: list[tuple[str, datetime]]


@dataclass
class _Behaviour:
    rows: list[dict[str, str]]

    def of(self, kind: str, entity: str, quarter: str) -> list[dict[str, str]]:
        return [
            row for row in self.rows
            if row["kind"] == kind and row["entity"] == entity and row["first"] <= quarter
            and (kind == "revise" or quarter <= (row["last"] or quarter))
        ]  # fmt: skip


def plan(
    quarters: tuple[str, ...],
    entities: Iterable[str],
    released: tuple[str, ...],
    rng: np.random.Generator,
    *,
    file: str = "behaviour.csv",
) -> Schedule:
    """The schedule for these quarters and entities; what concerns other quarters does not happen."""
    behaviour = _Behaviour([row for row in table(file) if row["first"] in quarters or row["kind"] in _STANDING])
    sendings: list[Sending] = []
    for entity in sorted(entities):
        for position, quarter in enumerate(quarters):
            arrival = float(rng.uniform(*ARRIVAL))
            if behaviour.of("missing", entity, quarter):
                continue
            sendings += _of_quarter(behaviour, entity, quarter, position, arrival)
    sendings.sort(key=lambda s: (s.received_at, s.entity))
    releases = [(q, calendar.days_later(q, RELEASED_AFTER)) for q in released if q in quarters]
    return Schedule(sendings, releases)


_STANDING = ("without", "unknown-department", "movements-from")


def _of_quarter(behaviour: _Behaviour, entity: str, quarter: str, position: int, arrival: float) -> list[Sending]:
    """The submission of one entity for one quarter, and what corrects it."""
    days = arrival
    for row in behaviour.of("late", entity, quarter):
        days = float(row["days"])
    without = tuple(row["fault"] for row in behaviour.of("without", entity, quarter))
    unknown = sum(int(row["days"]) for row in behaviour.of("unknown-department", entity, quarter))

    def moves(*wanted: str) -> tuple[str, ...]:
        # In the first quarter of all there is nothing before to have moved from.
        starts = [row["first"] for row in behaviour.rows if row["kind"] == "movements-from" and row["entity"] == entity]
        if not traits()[entity].movements or position == 0:
            return ()
        return tuple(q for q in wanted if all(q >= start for start in starts))

    def sending(days: float, parts: dict[str, str], **more: object) -> Sending:
        moved = moves(*parts)
        received = calendar.days_later(quarter, days).replace(microsecond=0)
        return Sending(
            entity, quarter, received, parts, without=without, unknown_department=unknown, movements=moved, **more
        )

    fault, partial = "", None
    for row in behaviour.of("partial", entity, quarter):
        fault, partial = row["fault"], row["reason"]
    # A quarter revised later was sent with the fault first.
    for row in behaviour.rows:
        if row["kind"] == "revise" and row["entity"] == entity and row["first"] == quarter:
            fault = row["fault"]
    again = behaviour.of("resubmit", entity, quarter)
    if again:
        first = sending(days, {quarter: again[0]["fault"]})
        return [first, sending(float(again[0]["days"]), {quarter: ""}, note=again[0]["reason"])]
    parts, reasons = {quarter: fault}, {}
    for row in behaviour.rows:
        if row["kind"] == "revise" and row["entity"] == entity and row["last"] == quarter:
            parts[row["first"]] = ""
            reasons[row["first"]] = row["reason"]
    return [sending(days, parts, reasons=reasons, partial=partial)]
