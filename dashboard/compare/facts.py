"""What the page knows: pure values, each from an answer of `ask`. Nothing here is a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dashboard import comparable, measures, plain, ranges, shell, text
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Row
from dashboard.answering.comparable import same_entities
from dashboard.compare import differences
from dashboard.compare.choice import LETTERS, Choice
from dashboard.compare.differences import Apart, Figure
from dashboard.ranges import Range
from dashboard.selection import DIMENSIONS, FINER, NOT_APPLICABLE, NOT_REPORTED, PERSONAL, TEMPORARY, Selection
from dashboard.warehouse import OpenRelease, Warehouse

#: The dimensions that follow from finer ones, whoever somebody is.
_COARSER = tuple(name for name in FINER if DIMENSIONS[name].kind != PERSONAL)


@dataclass(frozen=True)
class Change:
    """A change in a year over the entities that can be compared: `entities` of how many."""

    then: str
    change: measures.Change
    entities: int | None
    of: int


@dataclass(frozen=True)
class Side:
    """One scope: its answers, and its row in each."""

    letter: str
    selection: Selection
    quarter: str
    headline: Answer
    row: Row
    breakdown: Answer
    trend: Answer

    @property
    def figure(self) -> Figure:
        """Its total, to be subtracted."""
        return differences.figure(self.row)

    def level(self, code: str) -> Row:
        """Its row at a level; where there is none, why."""
        key = self.breakdown.by[0]
        found = next((row for row in self.breakdown.rows if row.keys[key] == code), None)
        if found is not None:
            return found
        nobody = plain.without_figures(self.breakdown)
        if self.breakdown.protection == ROUNDED and code in (NOT_REPORTED, NOT_APPLICABLE):
            # Of what is not known a protected answer has a row only with figures: that there is none tells nothing.
            return nobody._replace(women=None, men=None, staff=None, index_growth=None, index_replacement=None,
                                   reason="withheld", protection=ROUNDED)  # fmt: skip
        return nobody

    def level_figure(self, code: str) -> Figure:
        """Its row at a level, to be subtracted."""
        return differences.figure(self.level(code))

    def subtracted(self, level: str | None) -> Figure:
        """Its row at a level, or its total, to be subtracted."""
        return self.figure if level is None else self.level_figure(level)


@dataclass(frozen=True)
class Span:
    """Two scopes of different quarters: the entities that one has figures of and the other has not, and whether all
    they share can be compared like for like.
    """

    one: Side
    other: Side
    gone: tuple[str, ...]  # with figures in the earlier quarter only
    new: tuple[str, ...]  # with figures in the later quarter only
    comparable: int  # of those with figures in both
    both: int

    @property
    def comparable_in_nothing(self) -> bool:
        """Whether the scopes share entities, and none of these can be compared between the two quarters."""
        return self.both > 0 and not self.comparable


@dataclass(frozen=True)
class Facts:
    """All of it."""

    choice: Choice
    sides: tuple[Side, ...]
    levels: tuple[str, ...]
    within: tuple[tuple[Side, Side], ...]  # (part, whole)
    overlapping: tuple[tuple[Side, Side], ...]  # that can have people in common, neither within the other
    nested: tuple[tuple[Side, Side], ...]  # where one set of filters lets through all of the other's, and more
    spans: tuple[Span, ...]

    def counts_subtract(self, one: Side, other: Side) -> bool:
        """Whether a difference of head-counts says anything: not of a part and its whole, whatever their quarters."""
        return (one, other) not in self.nested

    def barred(self, one: Side, other: Side, level: str | None = None) -> bool:
        """Whether nothing of two scopes, or of a level of both, can be compared: a difference would be an artefact."""
        if level is not None and self.choice.by == "entity" and one.quarter != other.quarter:
            return level not in comparable.between(one.breakdown, other.breakdown)
        return any(
            span.comparable_in_nothing and {span.one.letter, span.other.letter} == {one.letter, other.letter}
            for span in self.spans
        )

    def points(self, one: Side, other: Side, level: str | None = None) -> Apart:
        """How many percentage points more women are of the second scope than of the first, at a level or in all."""
        return self._allowed(differences.points(one.subtracted(level), other.subtracted(level)), one, other, level)

    def heads(self, one: Side, other: Side, name: str, level: str | None = None) -> Apart:
        """How many more women, men or staff (`name`) the second scope has than the first, at a level or in all."""
        return self._allowed(differences.heads(one.subtracted(level), other.subtracted(level), name), one, other, level)

    def _allowed(self, apart: Apart, one: Side, other: Side, level: str | None) -> Apart:
        """A difference, unless it would be an artefact."""
        told = apart.kind not in (differences.NONE, differences.TOO_FEW)
        return Apart(differences.NOT_COMPARABLE) if told and self.barred(one, other, level) else apart


def gather(warehouse: Warehouse, choice: Choice) -> Facts:
    """Everything the page says of a choice."""
    asking = shell.Asking(warehouse, choice.release, Selection())
    sides = tuple(_side(asking, choice, place, scope) for place, scope in enumerate(choice.scopes))
    pairs = [(one, other) for place, one in enumerate(sides) for other in sides[place + 1 :]]
    within, overlapping = [], []
    for one, other in pairs:
        if one.quarter != other.quarter or not one.row.staff or not other.row.staff:
            continue
        if contains(choice.release, other.selection, one.selection):
            within.append((one, other))
        elif contains(choice.release, one.selection, other.selection):
            within.append((other, one))
        elif not apart(choice.release, one.selection, other.selection):
            overlapping.append((one, other))
    spans = [_span(choice.release, one, other) for one, other in pairs if one.quarter != other.quarter]
    return Facts(
        choice=choice,
        sides=sides,
        levels=_levels(choice, sides),
        within=tuple(within),
        overlapping=tuple(overlapping),
        nested=tuple((one, other) for one, other in pairs if _nested(choice.release, one.selection, other.selection)),
        spans=tuple(span for span in spans if span is not None),
    )


def _side(asking: shell.Asking, choice: Choice, place: int, scope: Selection) -> Side:
    selection = choice.asked(scope)
    headline = asking("headline", selection)
    return Side(
        letter=LETTERS[place],
        selection=scope,
        quarter=choice.quarter(scope),
        headline=headline,
        row=text.now(headline) or plain.without_figures(headline),
        breakdown=asking(f"by_{choice.by}", selection),
        trend=asking("trend", selection),
    )


def _levels(choice: Choice, sides: Sequence[Side]) -> tuple[str, ...]:
    """Codes of the levels that any scope has a row of, in the order of their list."""
    there = {row.keys[choice.by] for side in sides for row in side.breakdown.rows}
    return tuple(code for code in choice.release.codes.get(choice.by, ()) if code in there)


# -- changes ------------------------------------------------------------------------------------------------------


def wholly_carried(answer: Answer) -> bool:
    """Whether all figures are of an earlier quarter: of these there is no change to tell."""
    carried = answer.scope.carried
    return bool(carried) and len(carried) == answer.scope.entities


def change_in_a_year(side: Side) -> Change | None:
    """How an exact scope has changed in a year, like for like; None where nothing can be told."""
    answer = side.headline
    if side.row.protection != EXACT or side.row.women is None or wholly_carried(answer):
        return None
    rows = sorted((row for row in answer.rows if row.keys["basis"] == "previous-year"), key=lambda r: r.keys["quarter"])
    if len(rows) != 2 or any(row.women is None or row.men is None for row in rows):
        return None
    then, now = rows
    change = measures.change((now.women or 0, now.men or 0), (then.women or 0, then.men or 0))
    count = answer.scope.same_entities.get("previous-year")
    return Change(then.keys["quarter"], change, count, answer.scope.entities)


# -- who is in which ----------------------------------------------------------------------------------------------


def _population(selection: Selection) -> set[bool]:
    """Whether temporary staff are counted, and others."""
    chosen = set(selection.members("appointment"))
    return {code == TEMPORARY for code in chosen} or {False}


def _as(release: OpenRelease, selection: Selection, name: str) -> set[str] | None:
    """The codes of a dimension that a selection can have people of; None: any."""
    members = set(selection.members(name))
    if members:
        return members
    for finer in FINER[name] if name in _COARSER else ():
        fine = selection.members(finer)
        known = [code for code in fine if code in release.ids[finer]]
        if not fine:
            continue
        found = {plain.above(release, finer, code, name) for code in known}
        if known and not found & {None, NOT_REPORTED, NOT_APPLICABLE}:
            return {str(code) for code in found}
    return None


def contains(release: OpenRelease, whole: Selection, part: Selection) -> bool:
    """Whether everybody of one selection is in the other (of one quarter)."""
    if not _population(part) <= _population(whole):
        return False
    for name in whole.filtered:
        allowed = _as(release, part, name)
        if allowed is None or not allowed <= set(whole.members(name)):
            return False
    return True


def _nested(release: OpenRelease, one: Selection, other: Selection) -> bool:
    return contains(release, one, other) != contains(release, other, one)


def apart(release: OpenRelease, one: Selection, other: Selection) -> bool:
    """Whether nobody can be in both (of one quarter)."""
    if not _population(one) & _population(other):
        return True
    for name in {*one.filtered, *other.filtered, *_COARSER}:
        first, second = _as(release, one, name), _as(release, other, name)
        if first is not None and second is not None and not first & second:
            return True
    return False


# -- quarters -----------------------------------------------------------------------------------------------------


def _wanted(release: OpenRelease, selection: Selection) -> set[str]:
    """The entities that a selection's own filters let through."""
    wanted = _as(release, selection, "entity")
    return set(release.ids["entity"]) if wanted is None else wanted


def _span(release: OpenRelease, one: Side, other: Side) -> Span | None:
    """What sets two quarters apart but the filters; None where no entity is chosen in both scopes."""
    early, late = sorted((one, other), key=lambda side: side.quarter)
    wanted = _wanted(release, early.selection) & _wanted(release, late.selection)
    then, now = (
        {row.entity for row in release.coverage.get(side.quarter, ()) if row.state != "not-submitted"} & wanted
        for side in (early, late)
    )
    if not then | now:
        return None
    same = same_entities(release, late.quarter, early.quarter)
    both = then & now
    return Span(early, late, tuple(sorted(then - now)), tuple(sorted(now - then)), len(both & same), len(both))


# -- the trend ----------------------------------------------------------------------------------------------------


def trends(
    sides: Iterable[Side],
) -> tuple[list[str], dict[str, list[float | None]], dict[str, list[Range | None]]]:
    """Quarters, each scope's shares of women in them (per cent), and of rounded ones which shares (fractions) rounding
    leaves open; scopes without any are left out.
    """
    lines: dict[str, dict[str, float]] = {}
    open_: dict[str, dict[str, Range]] = {}
    for side in sides:
        if side.trend.protection == REFUSED:
            continue
        rows, _basis = text.trend_rows(side.trend)
        shares = {row.keys["quarter"]: 100 * row.share_women for row in rows if row.share_women is not None}
        if len(shares) > 1:
            lines[side.letter.lower()] = shares
            ends = {row.keys["quarter"]: ranges.open_share(row) for row in rows}
            open_[side.letter.lower()] = {quarter: each for quarter, each in ends.items() if each is not None}
    quarters = sorted({quarter for shares in lines.values() for quarter in shares})
    return (
        quarters,
        {key: [shares.get(quarter) for quarter in quarters] for key, shares in lines.items()},
        {key: [ends.get(quarter) for quarter in quarters] for key, ends in open_.items() if ends},
    )
