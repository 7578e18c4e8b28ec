"""What the page says: sentences, labels and cells, made of `facts` and translated when drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboard import comparable, plain, ranges, text
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Note, Row
from dashboard.compare import differences, facts
from dashboard.compare.choice import name as name_of
from dashboard.compare.differences import Apart, Figure
from dashboard.compare.facts import Facts, Side
from dashboard.settings import FEW
from dashboard.text import gettext, ngettext

#: Notes that are told of each scope; others are of every figure, or drawn elsewhere.
_TOLD = ("carried", "partial", "not-submitted", "as-told", "unknown-code", "incomplete-dimension", "filter-ignored")
DASH = "–"
#: Lines that leave quarters out.
OWN = "own"


# -- names --------------------------------------------------------------------------------------------------------


def name(facts: Facts, side: Side) -> str:
    """A scope as the name of its column: "P-4 staff of UNDP", with its quarter where not all are of one."""
    return name_of(facts.choice.release, side.selection, facts.choice.scopes)


def _named(facts: Facts, side: Side) -> str:
    """The same within a sentence."""
    people = text.who(side.selection, facts.choice.release.labels)
    if len({each.quarter for each in facts.sides}) < 2:
        return people
    return gettext("%(who)s in %(quarter)s", who=people, quarter=side.quarter)


def lettered(facts: Facts, side: Side) -> str:
    """A scope by its letter and name: "B: P-4 staff of UNICEF"."""
    return gettext("%(letter)s: %(name)s", letter=side.letter, name=name(facts, side))


def why(answer: Answer, row: Row, short: bool = False) -> str:
    """Why a scope or a level has no figures; `short` where a note says more."""
    if row.reason == REFUSED:
        return gettext("not shown together in public") if answer.scope.audience == "public" else text.why(row)
    if row.reason == "nobody":
        return gettext("no staff")
    return text.why(row, short)


def _whyever(side: Side) -> str:
    if side.row.reason == "nobody":
        return gettext("no staff (confirmed zero)")
    return why(side.headline, side.row)


# -- differences --------------------------------------------------------------------------------------------------


def _large(*figures: Figure) -> bool:
    """Whether shares of all of these are printed with a decimal."""
    return all((one.row.staff or 0) >= text.SHARE_LEADS_FROM for one in figures)


def _magnitude(apart: Apart, fine: bool) -> str:
    """How far two shares are apart, without a sign: "6.9 points", "1 point", "less than 1 point"."""
    value = abs(apart.value or 0)
    if apart.kind == differences.DIFFERENCE and fine:
        shown = text.points(value).lstrip("+")
        return shown
    whole = _whole(apart)
    if not whole:
        return gettext("less than 1 point").replace(" ", text.NBSP)
    return ngettext("%(count)s point", "%(count)s points", whole, count=text.number(whole)).replace(" ", text.NBSP)


def _whole(apart: Apart) -> int:
    return int(abs(apart.value or 0) + 0.5)


def _same(apart: Apart, fine: bool) -> bool:
    value = abs(apart.value or 0)
    return value < text.LEAST_POINTS if fine else not value


def points(apart: Apart, first: Figure, other: Figure) -> str:
    """A difference of shares in a cell: "+6.9 points", "about +7 points", "no clear difference"."""
    if apart.kind == differences.NONE:
        return DASH
    if apart.kind == differences.NOT_COMPARABLE:
        return gettext("not comparable")
    if apart.kind == differences.TOO_FEW:
        return gettext("too few")
    if apart.kind == differences.UNCLEAR:
        return gettext("no clear difference")
    fine = _large(first, other)
    if apart.kind == differences.DIFFERENCE and _same(apart, fine):
        return gettext("no difference")
    more = (apart.value or 0) > 0
    if apart.kind == differences.DIFFERENCE and not fine and not _whole(apart):
        # There is no number to set a sign before.
        return gettext("under 1 point higher") if more else gettext("under 1 point lower")
    said = ("+" if more else text.MINUS) + _magnitude(apart, fine)
    return text.about(said) if apart.kind == differences.ABOUT else said


def heads(apart: Apart) -> str:
    """A difference of head-counts in a cell: "+120", "about +120", "no clear difference"."""
    if apart.kind == differences.NONE:
        return DASH
    if apart.kind == differences.NOT_COMPARABLE:
        return gettext("not comparable")
    if apart.kind == differences.UNCLEAR:
        return gettext("no clear difference")
    said = text.signed(int(apart.value or 0))
    return text.about(said) if apart.kind == differences.ABOUT else said


# -- the finding --------------------------------------------------------------------------------------------------


def _share_of(facts: Facts, side: Side) -> str:
    """A scope's share within the finding: "45.1 % of P-4 staff of UNDP"."""
    row, people = side.row, _named(facts, side)
    without = text.left_out(side.headline, row)
    if without:
        people = gettext("%(who)s, %(without)s", who=people, without=without)
    shown = text.share(row)
    if shown == DASH or (row.protection == EXACT and (row.staff or 0) < FEW):
        return gettext("%(counts)s %(who)s", counts=text.counts(row), who=people)
    if row.protection == EXACT and (row.staff or 0) < text.SHARE_LEADS_FROM:
        return gettext("%(share)s of %(who)s (%(counts)s)", share=shown, who=people, counts=text.counts(row))
    return gettext("%(share)s of %(who)s", share=shown, who=people)


def _verdict(facts: Facts, sides: Sequence[Side]) -> str:
    """How far the scopes are apart, as the end of the finding; empty where that cannot be told."""
    figures = [side.figure for side in sides]
    barred = [
        (place, beside)
        for place, one in enumerate(sides)
        for beside, other in enumerate(sides)
        if facts.barred(one, other)
    ]
    widest = differences.widest(figures, barred)
    apart = widest.apart
    if apart.kind == differences.NOT_COMPARABLE:
        if len(figures) == 2:
            return gettext("nothing here can be compared like for like between the two quarters")
        return gettext("nothing here can be compared like for like between the quarters")
    if apart.kind == differences.UNCLEAR:
        return gettext("no clear difference")
    if apart.kind == differences.TOO_FEW:
        return gettext("too few to compare")
    if apart.kind == differences.NONE:
        return ""
    fine = _large(figures[widest.one], figures[widest.other])
    if apart.kind == differences.DIFFERENCE and _same(apart, fine):
        # Of others that rounding leaves open nothing is known.
        return gettext("no clear difference") if differences.UNCLEAR in widest.kinds else gettext("no difference")
    said = _magnitude(apart, fine)
    if apart.kind == differences.ABOUT:
        said = text.about(said)
    if len(figures) == 2:
        return gettext("%(points)s apart", points=said)
    if widest.of_all:
        return gettext("up to %(points)s apart", points=said)
    return gettext("two of them %(points)s apart", points=said)


def finding(facts: Facts) -> str:
    """The finding in one sentence: "Women are 45.1 % of … and 52.0 % of …: 6.9 points apart"."""
    sides = facts.sides
    if not sides:
        return gettext("Compare")
    known = [side for side in sides if side.row.women is not None and side.row.staff]
    missing = [side for side in sides if side not in known]
    left = "; ".join(
        gettext("%(who)s – %(why)s", who=_named(facts, side), why=_whyever(side)) for side in missing
    )  # fmt: skip
    if not known:
        return gettext("Nothing to compare: %(left)s", left=left)
    shares = text.joined(_share_of(facts, side) for side in known)
    verdict = _verdict(facts, known)
    values = {"shares": shares, "left": left, "verdict": verdict}
    if len(known) == 1:
        if missing:
            return gettext("Women are %(shares)s, with nothing to compare: %(left)s", **values)
        return gettext("Women are %(shares)s", **values)
    if not values["verdict"]:
        said = gettext("Women are %(shares)s", **values)
    else:
        said = gettext("Women are %(shares)s: %(verdict)s", **values)
    return gettext("%(finding)s. Without figures: %(left)s", finding=said, left=left) if missing else said


# -- the table ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cell:
    """A cell of the table: of a scope (`letter`), or its difference from the first (`less` is the first's letter)."""

    letter: str
    said: str
    difference: bool = False
    detail: str = ""


@dataclass(frozen=True)
class Line:
    """A row of the table: what it measures, and its cells; a scope's cell, then its difference from the first."""

    name: str
    detail: str
    cells: tuple[Cell, ...]
    key: str = ""


def _posts(row: Row) -> str:
    return text.posts_to_change(row) if row.staff else DASH


def change(side: Side) -> Cell:
    """How a scope has changed in a year, like for like, and over how many entities."""
    found = facts.change_in_a_year(side)
    if found is None:
        return Cell(side.letter, DASH, detail=_no_change(side))
    moved = found.change
    if (side.row.staff or 0) < text.SHARE_LEADS_FROM or moved.points is None:
        said = gettext("women %(women)s, men %(men)s", women=text.signed(moved.women), men=text.signed(moved.men))
    else:
        said = text.points(moved.points)
    detail = gettext("since %(quarter)s", quarter=found.then)
    if found.entities is not None and found.entities != found.of:
        detail = ngettext(
            "since %(quarter)s (%(count)s comparable entity)", "since %(quarter)s (%(count)s comparable entities)",
            found.entities, quarter=found.then, count=text.number(found.entities),
        )  # fmt: skip
    return Cell(side.letter, said, detail=detail)


def _no_change(side: Side) -> str:
    if side.row.women is None or not side.row.staff:
        return ""
    if side.row.protection == ROUNDED:
        return gettext("not given for rounded figures")
    if facts.wholly_carried(side.headline):
        return gettext("figures carried forward")
    return gettext("no comparable figure a year before")


def _status(side: Side) -> str:
    return text.judged(side.headline, side.row, under_heading=True) or DASH


def table(facts: Facts) -> list[Line]:
    """The measures of all scopes, each with its difference from the first where there is one."""
    first = facts.sides[0]

    def line(
        key: str,
        title: str,
        said: Callable[[Side], Cell],
        less: Callable[[Side], str] | None = None,
        detail: str = "",
    ) -> Line:
        cells = []
        for side in facts.sides:
            cells.append(said(side))
            if side is not first:
                cells.append(Cell(side.letter, less(side) if less else "", True))
        return Line(title, detail, tuple(cells), key)

    def counted(key: str, title: str) -> Line:
        def said(side: Side) -> Cell:
            if side.row.women is None:
                return Cell(side.letter, _whyever(side) if key == "women" else DASH)
            return Cell(side.letter, text.count(side.row, key))

        def less(side: Side) -> str:
            if not facts.counts_subtract(first, side):
                # Heads of a part less those of its whole are those of the rest, which nobody asked for.
                return DASH
            return heads(facts.heads(first, side, key))

        return line(key, title, said, less)

    def share_cell(side: Side) -> Cell:
        row = side.row
        if row.women is None or not row.staff:
            return Cell(side.letter, DASH)
        shown = text.share(row)
        return Cell(side.letter, shown, detail=gettext("too few staff for a share") if shown == DASH else "")

    def share_less(side: Side) -> str:
        return points(facts.points(first, side), first.figure, side.figure)

    def index_cell(side: Side) -> Cell:
        row = side.row
        return Cell(side.letter, text.index(row) if row.women is not None and row.staff else DASH)

    return [
        counted("women", gettext("Women")),
        counted("men", gettext("Men")),
        counted("staff", gettext("Staff")),
        line("share_women", gettext("Share of women"), share_cell, share_less),
        line("status", gettext("Status"), lambda side: Cell(side.letter, _status(side))),
        line(
            "index_growth", gettext("Gender Parity Index, growth"), index_cell,
            detail=gettext("needed for equal numbers, if the others stay the same"),
        ),
        line(
            "index_replacement", gettext("Gender Parity Index, replacement"),
            lambda side: Cell(side.letter, _posts(side.row)),
            detail=gettext("posts that would have to change hands, if the total stays the same"),
        ),
        line(
            "change", gettext("Change in a year, like for like"), change,
            detail=gettext("share of women; head-counts for fewer than %(least)s staff",
                           least=text.number(text.SHARE_LEADS_FROM)),
        ),
    ]  # fmt: skip


# -- the breakdown ------------------------------------------------------------------------------------------------

_BREAKDOWNS: Mapping[str, Callable[[], str]] = {
    "grade": lambda: gettext("Grade by grade"),
    "category": lambda: gettext("Category by category"),
    "entity": lambda: gettext("Entity by entity"),
    "region": lambda: gettext("Region by region"),
    "headquarters": lambda: gettext("At headquarters and elsewhere"),
    "age_group": lambda: gettext("By age group"),
    "nationality_region": lambda: gettext("By region of nationality"),
}


def breakdown_title(facts: Facts) -> str:
    """The finding of the breakdown: at how many levels the last differ most, told for two; else what it is."""
    heading = _BREAKDOWNS[facts.choice.by]()
    if len(facts.sides) != 2:
        return heading
    first, other = facts.sides
    found = [facts.points(first, other, code) for code in facts.levels]
    told = [apart for apart in found if apart.kind in (differences.DIFFERENCE, differences.ABOUT)]
    more, less = (sum((apart.value or 0) * sign > 0 for apart in told) for sign in (1, -1))
    if not more and not less:
        return heading
    unclear = sum(apart.kind == differences.UNCLEAR for apart in found)
    values = {"heading": heading, "first": first.letter, "other": other.letter, "more": text.number(more),
              "less": text.number(less), "count": text.number(len(told) + unclear)}  # fmt: skip
    if unclear or any(apart.kind == differences.ABOUT for apart in told):
        return gettext(
            "%(heading)s: of %(count)s that can be compared, the share of women is clearly higher in %(other)s for "
            "%(more)s and in %(first)s for %(less)s", **values,
        )  # fmt: skip
    return gettext(
        "%(heading)s: of %(count)s that can be compared, the share of women is higher in %(other)s for %(more)s and in "
        "%(first)s for %(less)s", **values,
    )  # fmt: skip


@dataclass(frozen=True)
class Share:
    """A scope at a level: share and counts in words, or why not; its mark in per cent; its difference from the first
    (empty for the first).
    """

    letter: str
    share: str
    counts: str
    mark: float | None
    less: str = ""
    open: ranges.Range | None = None  # which shares (fractions) rounding leaves open


@dataclass(frozen=True)
class Level:
    """A row of the breakdown."""

    name: str
    shares: tuple[Share, ...]


def level(facts: Facts, code: str) -> Level:
    """One row of the breakdown."""
    by = facts.choice.by
    first = facts.sides[0].level_figure(code)
    found = []
    for side in facts.sides:
        figure = side.level_figure(code)
        row = figure.row
        less = points(facts.points(facts.sides[0], side, code), first, figure) if side is not facts.sides[0] else ""
        if not side.breakdown.rows:
            # The head of the column says why it is empty.
            found.append(Share(side.letter, DASH, "", None, less))
        elif row.women is None or not row.staff:
            found.append(Share(side.letter, DASH, why(side.breakdown, row, short=True), None, less))
        else:
            mark = 100 * row.share_women if row.share_women is not None else None
            found.append(Share(side.letter, text.share(row), text.counts(row), mark, less, ranges.open_share(row)))
    return Level(text.label(facts.choice.release.labels, by, code, short=True), tuple(found))


def column(side: Side) -> str:
    """What stands beneath the letter of a column of the breakdown: what it holds, or why it is empty."""
    if side.breakdown.rows:
        return gettext("women")
    return why(side.breakdown, plain.without_figures(side.breakdown))


def breakdown_notes(facts: Facts) -> list[str]:
    """What a reader of the breakdown must know: refusals in full, and what was rounded."""
    found = []
    for side in facts.sides:
        answer = side.breakdown
        if answer.protection == REFUSED and side.row.reason != REFUSED:
            found.append(gettext("%(scope)s: %(notice)s", scope=side.letter, notice=text.refused(answer)))
    answers = [side.breakdown for side in facts.sides]
    hidden = [answer for answer in answers if any(row.reason == "withheld" for row in answer.rows)]
    found += [text.note_sentence(Note("withheld"), answer) for answer in hidden[:1]]
    partial = [answer for answer in answers if any(map(ranges.partial, answer.rows))]
    found += [text.note_sentence(Note("left-out"), answer) for answer in partial[:1]]
    if any(answer.protection == ROUNDED for answer in answers):
        found.append(
            gettext("Rounded figures may not add up. We give a difference only if rounding alone cannot explain it.")
        )
    return found


# -- what must be known -------------------------------------------------------------------------------------------


def scope(side: Side) -> str:
    """Who is counted in a scope, as of when, by which release."""
    return text.scope_line(side.headline)


def side_notes(side: Side) -> list[str]:
    """What must be known of one scope."""
    answer = side.headline
    found = [text.note_sentence(note, answer) for note in answer.notes if note.code in _TOLD]
    if side.row.women is not None:
        found.append(text.left_out(answer, side.row))
    if answer.protection == REFUSED:
        found.append(text.refused(answer))
    elif side.row.reason == "withheld":
        found.append(text.note_sentence(Note("withheld"), answer))
    found += text.place_notes(side.selection)
    return [said for said in dict.fromkeys(found) if said]


def _span(span: facts.Span) -> list[str]:
    """What sets two quarters apart: entities that only one has figures of, and those that cannot be compared."""
    found = []
    values = {"then": span.one.quarter, "now": span.other.quarter, "gone": text.entity_names(span.gone),
              "new": text.entity_names(span.new), "comparable": text.number(span.comparable),
              "both": text.number(span.both), "letters": gettext("%(one)s and %(other)s", one=span.one.letter,
                                                                  other=span.other.letter)}  # fmt: skip
    if span.gone and span.new:
        found.append(gettext(
            "%(letters)s do not cover the same entities. With figures in %(then)s only: %(gone)s. With figures in "
            "%(now)s only: %(new)s. Part of the difference may come from this.", **values,
        ))  # fmt: skip
    elif span.gone or span.new:
        values |= {"only": values["gone"] or values["new"], "quarter": span.one.quarter if span.gone else
                   span.other.quarter}  # fmt: skip
        found.append(gettext(
            "%(letters)s do not cover the same entities. With figures in %(quarter)s only: %(only)s. Part of the "
            "difference may come from this.", **values,
        ))  # fmt: skip
    if span.comparable_in_nothing:
        found.append(ngettext(
            "%(letters)s: we give no difference, because the one entity they share has figures that cannot be compared "
            "between %(then)s and %(now)s. They are carried forward or partial, or there is a series break in between.",
            "%(letters)s: we give no difference, because none of the %(both)s entities they share has figures that can "
            "be compared between %(then)s and %(now)s. They are carried forward or partial, or there is a series break "
            "in between.", span.both, **values,
        ))  # fmt: skip
    elif span.comparable < span.both:
        found.append(ngettext(
            "%(letters)s: %(comparable)s of %(both)s entities can be compared like for like between %(then)s and "
            "%(now)s. The other has figures that are carried forward or partial, or a series break in between.",
            "%(letters)s: %(comparable)s of %(both)s entities can be compared like for like between %(then)s and "
            "%(now)s. The others have figures that are carried forward or partial, or a series break in between.",
            span.both - span.comparable, **values,
        ))  # fmt: skip
    return found


def notes(facts: Facts) -> list[str]:
    """What must be known of the comparison itself."""
    found = []
    for part, whole in facts.within:
        found.append(
            gettext("%(part)s is part of %(whole)s: everyone counted in %(part)s is also counted in %(whole)s.",
                    part=part.letter, whole=whole.letter)
        )  # fmt: skip
    for one, other in facts.overlapping:
        found.append(
            gettext("%(one)s and %(other)s are not separate groups: the same people may be counted in both.",
                    one=one.letter, other=other.letter)
        )  # fmt: skip
    if len({side.quarter for side in facts.sides}) > 1:
        found.append(
            gettext("Staff are counted on the last day of each quarter. Those who were there on both days are counted "
                    "in both. So a difference is a net change: it does not show who joined or left.")
        )  # fmt: skip
    found += [said for span in facts.spans for said in _span(span)]
    populations = {side.headline.scope.population for side in facts.sides}
    if len(populations) > 1:
        found.append(gettext("The scopes count different populations. Check who is counted in each."))
    if any(side.row.protection == ROUNDED or side.breakdown.protection == ROUNDED for side in facts.sides):
        found.append(
            gettext("Differences between rounded figures read “about”. A difference that rounding alone could explain "
                    "reads “no clear difference”.")
        )  # fmt: skip
    rows = [row for side in facts.sides for row in (side.row, *side.breakdown.rows, *side.trend.rows)]
    if any(ranges.open_share(row) for row in rows):
        found.append(text.shaded())
    if len(facts.sides) > 1 and all(side.row.protection == EXACT for side in facts.sides):
        found.append(gettext("Differences are calculated before percentages are rounded."))
    return [said for said in found if said]


# -- the trend ----------------------------------------------------------------------------------------------------


def _letters(sides: Sequence[Side]) -> str:
    return text.joined(side.letter for side in sides)


def _lines(sides: Sequence[Side], basis: str, since: str) -> str:
    """What lines of one basis are."""
    values = {"letters": _letters(sides), "since": since}
    many = len(sides)
    if basis == OWN:
        # Translators: here and below, %(letters)s are letters of scopes: "A", "A and C".
        return ngettext("%(letters)s uses only figures reported in full for their own quarter.",
                        "%(letters)s use only figures reported in full for their own quarter.",
                        many, **values)  # fmt: skip
    if basis == comparable.SAME:
        return ngettext("%(letters)s compares like with like: the same entities in every quarter since %(since)s.",
                        "%(letters)s compare like with like: the same entities in every quarter since %(since)s.",
                        many, **values)  # fmt: skip
    if basis == ROUNDED:
        return ngettext(
            "%(letters)s is rounded. Each quarter counts the entities that have figures for it.",
            "%(letters)s are rounded. Each quarter counts the entities that have figures for it.",
            many, **values,
        )  # fmt: skip
    return ngettext("%(letters)s is not like for like: its entities change, or have gaps or breaks.",
                    "%(letters)s are not like for like: their entities change, or have gaps or breaks.",
                    many, **values)  # fmt: skip


def trend_notes(facts: Facts) -> list[str]:
    """What the lines are, and which scopes have none."""
    found = []
    bases: dict[tuple[str, str], list[Side]] = {}
    for side in facts.sides:
        answer = side.trend
        if answer.protection == REFUSED:
            if side.row.reason != REFUSED:
                found.append(gettext("%(scope)s: %(notice)s", scope=side.letter, notice=text.refused(answer)))
            continue
        told = comparable.development(answer)
        basis, rows = told.basis, [row for row in told.line if row.share_women is not None]
        beside = text.beside_the_line(answer)
        found += [gettext("%(scope)s: %(notice)s", scope=side.letter, notice=notice) for notice in beside]
        if len(rows) < 2:
            found.append(gettext("%(scope)s has too few quarters with shares for a line.", scope=side.letter))
        elif basis == comparable.ALL and rows[-1].protection == ROUNDED:
            bases.setdefault((ROUNDED, ""), []).append(side)
        elif basis == comparable.SAME and beside:
            bases.setdefault((OWN, ""), []).append(side)
        else:
            since = rows[0].keys["quarter"] if basis == comparable.SAME else ""
            bases.setdefault((basis, since), []).append(side)
    lines = [_lines(sides, basis, since) for (basis, since), sides in bases.items()]
    if any(basis in (comparable.SAME, OWN) for basis, _since in bases):
        lines.append(gettext("So the end of a line can differ from the figures above, which count all entities."))
    return [*lines, *found]


@dataclass(frozen=True)
class End:
    """A scope's line in words: its first and last share."""

    letter: str
    name: str
    first: str
    last: str
    moved: str


def trend_ends(facts_: Facts) -> list[End]:
    """Where each line begins and ends."""
    found = []
    for side in facts_.sides:
        told = comparable.development(side.trend)
        rows = [row for row in told.line if row.share_women is not None]
        if side.trend.protection == REFUSED or len(rows) < 2:
            continue
        first, last = rows[0], rows[-1]
        figures = differences.figure(first), differences.figure(last)
        moved = points(differences.points(*figures), *figures)
        if not told.alike and not text.is_about(last):
            moved = gettext("not comparable")
        said = [gettext("%(share)s (%(counts)s) in %(quarter)s", share=text.share(row), counts=text.counts(row),
                        quarter=row.keys["quarter"]) for row in (first, last)]  # fmt: skip
        found.append(End(side.letter, name(facts_, side), said[0], said[1], moved))
    return found


# -- citing -------------------------------------------------------------------------------------------------------


def citation(facts: Facts, url: str, accessed: dt.date) -> str:
    """A citation that will lead to the same numbers."""
    scope = facts.sides[0].headline.scope
    parts = [
        gettext("Gender parity in the United Nations system: %(title)s.", title=finding(facts)),
        *(gettext("%(scope)s.", scope=gettext("%(letter)s: %(name)s", letter=side.letter, name=scope_of(side)))
          for side in facts.sides),
        gettext("Release %(release)s.", release=scope.release.name),
    ]  # fmt: skip
    if any(side.row.protection == ROUNDED for side in facts.sides):
        parts.append(gettext("Rounded to protect individuals."))
    if scope.release.demonstration:
        parts.append(gettext("Demonstration data."))
    parts.append(gettext("%(audience)s.", audience=text.audience(scope)))
    parts.append(gettext("%(url)s (accessed %(date)s).", url=url, date=text.date(accessed)))
    return " ".join(parts)


def scope_of(side: Side) -> str:
    """A scope for a citation: filters, population, as-of date, entities."""
    said = text.described(side.headline)
    return text.DOT.join([*([said] if said else [gettext("all staff")]), scope(side)])


def alternative(facts: Facts) -> str:
    """The first figure in words."""
    known = [side for side in facts.sides if side.row.share_women is not None]
    said = "; ".join(
        gettext("%(scope)s: %(share)s", scope=lettered(facts, side), share=text.share(side.row)) for side in known
    )
    return gettext("Figure: share of women on one scale from 0 to 100 %%. %(shares)s.", shares=said)
