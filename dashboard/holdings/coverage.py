"""Who has reported for which quarter, as a matrix of entities and quarters: made of one answer and nothing else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dashboard import text
from dashboard.answer import Answer
from dashboard.text import gettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: How an entity stands in a quarter; each is in exactly one of these.
STATES = ("reported", "carried", "partial", "not-submitted", "not-participant")
#: What more may be true of figures, each beside the others.
MARKS = ("revised", "late", "break")
#: One sign each, so that no state is told by colour alone; the legend spells them out.
SIGNS: Mapping[str, str] = {
    "reported": "✓",
    "carried": "C",
    "partial": "P",
    "not-submitted": "✕",
    "not-participant": "·",
    "revised": "R",
    "late": "L",
    "break": "B",
}
MEANINGS: Mapping[str, str] = {
    "reported": _("The entity has sent figures for this quarter."),
    "carried": _(
        "The entity has not sent figures. We use those of an earlier quarter instead, for four quarters at most."
    ),
    "partial": _("The entity has sent figures, and says that they do not cover all its staff."),
    "not-submitted": _("The entity has sent no figures, and has no recent ones to use instead. It is not counted."),
    "not-participant": _("The entity did not exist, or did not take part, in this quarter."),
    "revised": _("The entity sent figures for this quarter again, with a reason. The latest ones count."),
    "late": _("First sent in the second half of the next quarter, or later."),
    "break": _("Figures from this quarter on cannot be compared with earlier ones."),
}
#: Remarks that a release makes by itself; the state says the same in words that are translated.
OWN_REMARK = "no submission"


@dataclass(frozen=True)
class Stand:
    """How one entity stands in one quarter."""

    quarter: str
    state: str
    marks: tuple[str, ...] = ()
    source: str | None = None  # the quarter that carried figures are of
    received: dt.date | None = None
    reason: str = ""

    @property
    def sign(self) -> str:
        """What stands in the cell: the state, or what is to be said of figures that were sent."""
        marks = "".join(SIGNS[mark] for mark in self.marks)
        return marks if self.state == "reported" and marks else SIGNS[self.state] + marks

    @property
    def words(self) -> str:
        """The same in words."""
        return ", ".join([text.state(self.state), *map(_mark, self.marks)])

    @property
    def ordinary(self) -> bool:
        """Whether there is nothing to explain."""
        return self.state in ("reported", "not-participant") and not self.marks and not self.reason


@dataclass(frozen=True)
class Line:
    """An entity with its stand in every quarter, newest first."""

    code: str
    name: str
    stands: tuple[Stand, ...]

    @property
    def exceptions(self) -> int:
        """In how many quarters there is something to explain."""
        return sum(not stand.ordinary for stand in self.stands)


@dataclass(frozen=True)
class Counted:
    """A line of the legend: a sign, what it means, and how often it occurs."""

    code: str
    sign: str
    name: str
    meaning: str
    newest: int
    all: int


@dataclass(frozen=True)
class Matrix:
    """All of it. `years` are (year, number of its quarters) in the order of the columns."""

    quarters: tuple[str, ...]
    years: tuple[tuple[str, int], ...]
    lines: tuple[Line, ...]

    @property
    def legend(self) -> list[Counted]:
        """Every state and mark with its counts, those that do not occur included."""
        newest: Counter[str] = Counter()
        whole: Counter[str] = Counter()
        for line in self.lines:
            for stand in line.stands:
                told = (stand.state, *stand.marks)
                whole.update(told)
                if stand.quarter == self.quarters[0]:
                    newest.update(told)
        names = {**{code: text.state(code) for code in STATES}, **{code: _mark(code) for code in MARKS}}
        return [
            Counted(code, SIGNS[code], names[code], gettext(MEANINGS[code]), newest[code], whole[code])
            for code in (*STATES, *MARKS)
        ]

    @property
    def reporting(self) -> list[tuple[int, int]]:
        """By quarter: how many entities sent figures of their own, and how many take part."""
        found = []
        for place in range(len(self.quarters)):
            states = [line.stands[place].state for line in self.lines]
            found.append(
                (sum(s in ("reported", "partial") for s in states), sum(s != "not-participant" for s in states))
            )
        return found


def _mark(code: str) -> str:
    return gettext("late") if code == "late" else text.flag(code)


def _stand(quarter: str, extra: Mapping[str, Any]) -> Stand:
    marks = (("revised", extra.get("revised")), ("late", extra.get("late")), ("break", extra.get("series_break")))
    received = extra.get("submitted_at")
    reason = str(extra.get("reason") or "")
    return Stand(
        quarter=quarter,
        state=str(extra["state"]),
        marks=tuple(code for code, there in marks if there),
        source=extra.get("source_quarter") if extra["state"] == "carried" else None,
        received=received.date() if isinstance(received, dt.datetime) else received,
        reason="" if reason.startswith(OWN_REMARK) else reason,
    )


def matrix(answer: Answer) -> Matrix:
    """The matrix of an answer to `coverage_history`."""
    found: dict[str, dict[str, Stand]] = {}
    for row in answer.rows:
        quarter, entity = row.keys["quarter"], row.keys["entity"]
        found.setdefault(entity, {})[quarter] = _stand(quarter, row.extra)
    quarters = tuple(sorted({quarter for stands in found.values() for quarter in stands}, reverse=True))
    lines = tuple(
        Line(
            entity,
            text.label(answer, "entity", entity),
            tuple(stands.get(quarter, Stand(quarter, "not-participant")) for quarter in quarters),
        )
        for entity, stands in sorted(found.items())
    )
    years = tuple((year, len(list(group))) for year, group in groupby(quarter[:4] for quarter in quarters))
    return Matrix(quarters, years, lines)


def _span(stands: Iterable[Stand]) -> str:
    quarters = [stand.quarter for stand in stands]
    if len(quarters) == 1:
        return quarters[0]
    return gettext("%(first)s to %(last)s", first=quarters[-1], last=quarters[0])


def _explained(stand: Stand) -> str:
    parts = [stand.words]
    if stand.source:
        parts = [gettext("figures from %(quarter)s carried forward", quarter=stand.source), *map(_mark, stand.marks)]
    if stand.received and stand.marks and stand.state in ("reported", "partial"):
        parts.append(gettext("received %(date)s", date=text.date(stand.received)))
    said = ", ".join(parts)
    return gettext("%(what)s: %(reason)s", what=said, reason=stand.reason) if stand.reason else said


def reasons(line: Line) -> list[tuple[str, str]]:
    """What there is to explain of an entity: (quarters, words), neighbours of which the same is true together."""
    found = []
    for said, group in groupby(line.stands, key=lambda stand: "" if stand.ordinary else _explained(stand)):
        if said:
            found.append((_span(list(group)), said))
    return found


def finding(matrix: Matrix) -> str:
    """How complete it is, as a sentence."""
    if not matrix.quarters:
        return gettext("Nobody has reported yet")
    own, part = matrix.reporting[0]
    quarter = matrix.quarters[0]
    in_part = sum(line.stands[0].state == "partial" for line in matrix.lines)
    if part == 1:
        if in_part:
            return gettext("The one entity that takes part has reported in part for %(quarter)s", quarter=quarter)
        if own:
            return gettext("The one entity that takes part has reported for %(quarter)s", quarter=quarter)
        return gettext("The one entity that takes part has not reported for %(quarter)s", quarter=quarter)
    said = gettext("%(own)s of %(count)s entities that take part have reported for %(quarter)s",
                   own=text.number(own), count=text.number(part), quarter=quarter)  # fmt: skip
    if own == part:
        said = gettext("All %(count)s entities that take part have reported for %(quarter)s",
                       count=text.number(own), quarter=quarter)  # fmt: skip
    return text.in_part(said, in_part)
