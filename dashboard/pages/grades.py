"""Grades: where does the pipeline leak?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from dashboard import comparable, figures, ranges, text
from dashboard.answer import REFUSED, ROUNDED, Answer, Row
from dashboard.figures.change import Earlier
from dashboard.figures.dots import drawn
from dashboard.figures.layout import Figure
from dashboard.figures.table import Cell, Column, Link, Table, rows_table
from dashboard.pages import common
from dashboard.pages.page import QUARTERS_A_YEAR, Beside, Page, Panel
from dashboard.settings import FEW
from dashboard.text import gettext, ngettext

#: Bases of earlier quarters and the shapes they are drawn in.
SYMBOLS = (("previous-year", "circle"), ("five-years", "diamond"))
#: A grade is compared with its neighbours from this head-count up: below, a person more or less moves it by points.
NEIGHBOURS_FROM = 25
#: Grades that the figure of gaps has room for.
MOST_GAPS = 22


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


def _now(answer: Answer) -> list[Row]:
    quarter = answer.scope.quarter
    return [row for row in answer.rows if row.keys["basis"] == "all" and row.keys["quarter"] == quarter]


def _pairs(answer: Answer, basis: str) -> dict[str, tuple[Row, Row]]:
    """Grade -> rows (then, now) over comparable entities; of rounded figures over all entities of each quarter."""
    rounded = any(text.is_about(row) for row in answer.rows)
    rows = [row for row in answer.rows if row.keys["basis"] == ("all" if rounded else basis)]
    quarters = sorted({row.keys["quarter"] for row in rows})
    if rounded:
        back = {"previous-year": QUARTERS_A_YEAR, "five-years": 5 * QUARTERS_A_YEAR}[basis]
        then = comparable.quarter_after(answer.scope.quarter, -back)
        if then not in quarters:
            return {}
    elif len(quarters) == 2:
        then = quarters[0]
    else:
        return {}
    by_quarter = {
        quarter: {row.keys["grade"]: row for row in rows if row.keys["quarter"] == quarter and row.staff}
        for quarter in (then, quarters[-1])
    }
    return {
        grade: (by_quarter[then][grade], row)
        for grade, row in by_quarter[quarters[-1]].items()
        if grade in by_quarter[then]
    }


def _name(basis: str) -> str:
    return {"previous-year": gettext("a year ago"), "five-years": gettext("five years ago")}[basis]


def _earlier(answer: Answer) -> list[Earlier]:
    return [
        Earlier(_name(basis), symbol, {grade: then for grade, (then, _) in _pairs(answer, basis).items()})
        for basis, symbol in SYMBOLS
    ]


def _shown(answer: Answer) -> list[Row]:
    rows = [row for row in common.ladder(_now(answer)) if (row.staff or 0) >= FEW or row.reason in text.PROTECTED]
    return rows or common.worth_showing(common.ladder(_now(answer)))


def pipeline(answer: Answer) -> Figure:
    """Share of women from the top to P-1, with marks where it stood a year and five years ago."""
    return figures.dots_with_earlier(answer, _shown(answer), _earlier(answer), "grade")


def _enough(row: Row) -> bool:
    """Whether a grade has enough staff, and shares, to be set against its neighbours."""
    return row.share_women is not None and (row.staff or 0) >= NEIGHBOURS_FROM and not row.left_out


def _neighbours(answer: Answer) -> list[tuple[Row, Row]]:
    """(grade below, grade) for all neighbours on the ladder at which there is, or may be, anybody."""
    rows = [row for row in common.ladder(_now(answer)) if row.staff or row.reason in text.PROTECTED]
    return [(lower, upper) for upper, lower in pairwise(rows)]


def drops(answer: Answer) -> dict[str, tuple[Row, Row]]:
    """Grade -> rows of the grade below it on the ladder and of itself, both large enough to be compared."""
    return {
        upper.keys["grade"]: (lower, upper) for lower, upper in _neighbours(answer) if _enough(lower) and _enough(upper)
    }


def _fall(pair: tuple[Row, Row]) -> float:
    """By how much the share of women falls from a grade to the next, as a fraction."""
    lower, upper = pair
    return (lower.share_women or 0) - (upper.share_women or 0)


def _steps(pairs: Sequence[tuple[Row, Row]]) -> str:
    """Pairs of neighbours in words, upwards: "P-3 to P-4 and P-4 to P-5"."""
    return text.joined(
        gettext("%(lower)s to %(upper)s", lower=lower.keys["grade"], upper=upper.keys["grade"])
        for lower, upper in reversed(pairs)
    )


def _empty(answer: Answer, rows: Sequence[Row]) -> str:
    """The title of a panel on the ladder that has nothing to show, told of the ladder alone."""
    return text.empty_title(replace(answer, rows=tuple(common.ladder(rows))))


def pipeline_title(answer: Answer) -> str:
    """Between which neighbours the share of women falls most. Where some are too few to compare, of the others."""
    if not common.counted(common.ladder(_now(answer))):
        return _empty(answer, _now(answer))
    found = list(drops(answer).values())
    if not found and any(row.protection == ROUNDED for row in common.ladder(_now(answer))):
        return gettext("No two neighbouring grades have shares to compare")
    if not found:
        return gettext("Too few staff at neighbouring grades to compare")
    if any(row.possible for pair in found for row in pair):
        return _rounded_pipeline_title(found)
    every = len(found) == len(_neighbours(answer))
    most = max(map(_fall, found))
    same = [pair for pair in found if _fall(pair) == most]
    lower, upper = same[0]
    values = {
        "lower": lower.keys["grade"], "upper": upper.keys["grade"], "low": text.share(lower), "high": text.share(upper),
        "pairs": _steps(same), "all": _steps(found), "count": text.number(len(found)),
    }  # fmt: skip
    if most <= 0 and every:
        return gettext("The share of women does not fall from any grade to the next")
    if most <= 0 and len(found) <= text.NAMES_IN_A_SENTENCE:
        return gettext("The share of women does not fall from %(all)s; other grades have too few staff", **values)
    if most <= 0:
        return gettext("The share of women does not fall between any of %(count)s pairs of neighbouring grades with "
                       "enough staff", **values)  # fmt: skip
    if len(same) > 1 and every:
        return gettext("The share of women falls most, and equally, from %(pairs)s", **values)
    if len(same) > 1:
        return gettext("Among neighbouring grades with enough staff, the share of women falls most, and equally, from "
                       "%(pairs)s", **values)  # fmt: skip
    if every:
        return gettext("The share of women falls most from %(lower)s (%(low)s) to %(upper)s (%(high)s)", **values)
    return gettext("Among neighbouring grades with enough staff, the share of women falls most from %(lower)s "
                   "(%(low)s) to %(upper)s (%(high)s)", **values)  # fmt: skip


def _rounded_pipeline_title(found: Sequence[tuple[Row, Row]]) -> str:
    """The same of rounded grades: only where a fall is clear, and the largest only where that is."""

    def fall(pair: tuple[Row, Row]) -> ranges.Range:
        (low, high), (least, most) = ranges.share(pair[0]), ranges.share(pair[1])
        return low - most, high - least

    clear = [pair for pair in found if fall(pair)[0] > 0]
    if not clear:
        # Translators: %(all)s are pairs of grades: "P-3 to P-4 and P-4 to P-5".
        return gettext("No clear fall in the share of women between the grades that can be compared: %(all)s",
                       all=_steps(found))  # fmt: skip
    lower, upper = most = max(clear, key=_fall)
    values = {
        "lower": lower.keys["grade"], "upper": upper.keys["grade"], "low": text.share(lower), "high": text.share(upper),
    }  # fmt: skip
    if all(pair is most or fall(pair)[1] < fall(most)[0] for pair in found):
        return gettext("Among neighbouring grades with a share, that of women falls most from %(lower)s (%(low)s) to "
                       "%(upper)s (%(high)s)", **values)  # fmt: skip
    return gettext("The share of women falls from %(lower)s (%(low)s) to %(upper)s (%(high)s)", **values)


def pipeline_notes(answer: Answer) -> Sequence[str]:
    """What the marks are."""
    there = [_name(basis) for basis, _ in SYMBOLS if _pairs(answer, basis)]
    if not there:
        return (gettext("There is no comparable earlier quarter."),)
    marks = [
        {"previous-year": gettext("open circles a year ago"), "five-years": gettext("open diamonds five years ago")}[
            basis
        ]
        for basis, _ in SYMBOLS
        if _pairs(answer, basis)
    ]
    # Translators: %(marks)s is one or both of "open circles a year ago" and "open diamonds five years ago".
    said = gettext("Filled marks show this quarter, %(marks)s.", marks=text.joined(marks))
    if any(text.is_about(row) for row in answer.rows):
        return (said,)
    return (
        said,
        gettext(
            "Changes cover only the entities that can be compared: those that reported both quarters themselves, with "
            "no series break in between."
        ),
    )


def pipeline_table(answer: Answer, caption: str, link: Link) -> Table:
    """The ladder in numbers: with the drop from the grade below, and the change in a year and in five years."""
    below = drops(answer)
    pairs = {basis: _pairs(answer, basis) for basis, _ in SYMBOLS}

    def drop(row: Row) -> str:
        pair = below.get(row.keys["grade"])
        return "–" if pair is None else text.points(common.points(pair[1], pair[0]))

    def change(basis: str) -> Callable[[Row], str]:
        def cell(row: Row) -> str:
            pair = pairs[basis].get(row.keys["grade"])
            if pair is None:
                return "–"
            if text.is_about(pair[1]):
                return text.change_of_rounded(pair[1], pair[0], "women")
            return text.points(common.points(pair[1], pair[0]))

        return cell

    rounded = any(text.is_about(row) for row in answer.rows)
    further = [] if rounded else [Column(gettext("From the grade below"), drop)]
    further += [
        Column(gettext("Women, in a year") if rounded else gettext("In a year"), change("previous-year")),
        Column(gettext("Women, in five years") if rounded else gettext("In five years"), change("five-years")),
    ]
    return rows_table(answer, caption, common.worth_showing(common.ladder(_now(answer))), ("grade",), link, further)


def _only(pick: Callable[[Sequence[Row]], list[Row]], title: Callable[[Answer], str]) -> tuple:
    """Figure, title and table over a part of the grades."""

    def rows(answer: Answer) -> list[Row]:
        return common.worth_showing(pick(answer.rows))

    def figure(answer: Answer) -> Figure:
        # As in a dot plot: what is too few to show or to judge is drawn for the ladder only, the table has all.
        shown = {id(row) for row in drawn(replace(answer, rows=tuple(rows(answer))))}
        return figures.mirrored(answer, [row for row in answer.rows if id(row) in shown])

    def table(answer: Answer, caption: str, link: Link) -> Table:
        return rows_table(answer, caption, rows(answer), ("grade",), link)

    return figure, title, table


def ladder_title(answer: Answer) -> str:
    """Where most women and where most men are."""
    rows = common.counted(common.ladder(answer.rows))
    if not rows:
        return _empty(answer, answer.rows)
    if any(row.possible for row in rows):
        return _rounded_ladder_title(rows)
    women = [row for row in rows if row.women == max(each.women or 0 for each in rows)]
    men = [row for row in rows if row.men == max(each.men or 0 for each in rows)]
    named = [text.joined(row.keys["grade"] for row in reversed(found)) for found in (women, men)]
    if named[0] == named[1]:
        return gettext("Most women and most men are at %(grade)s", grade=named[0])
    return gettext("Most women are at %(women)s, most men at %(men)s", women=named[0], men=named[1])


def _rounded_ladder_title(rows: Sequence[Row]) -> str:
    """The same of rounded grades: those of which rounding leaves open at which of them most are."""
    found = [
        [row.keys["grade"] for row in ranges.first_ones(rows, lambda row, name=name: ranges.heads(row, name))]
        for name in ("women", "men")
    ]
    if any(row.left_out for row in rows) or max(map(len, found)) > text.NAMES_IN_A_SENTENCE:
        return gettext("Rounded figures do not show which grade has most women and which most men")
    women, men = (text.either(reversed(codes)) for codes in found)
    return gettext("Of the grades shown, most women are at %(women)s, most men at %(men)s", women=women, men=men)


def others_title(answer: Answer) -> str:
    """The finding of the grades beside the ladder."""
    return text.breakdown_title(replace(answer, rows=tuple(common.beside_ladder(answer.rows))))


def _needing(answer: Answer) -> list[Row]:
    """The grades that need anybody, or may, of enough staff to be drawn."""
    return [row for row in answer.rows if common.may_need(row) and (row.staff or 0) >= FEW]


def by_gap(answer: Answer) -> Figure:
    """Women or men needed at each grade."""
    rows = _needing(answer)
    if not rows:
        return figures.empty(gap_title(answer))
    largest = {id(row) for row in sorted(rows, key=lambda row: -(row.index_growth or 0))[:MOST_GAPS]}
    return figures.diverging(
        answer,
        [row for row in rows if id(row) in largest],
        lambda row: row.keys["grade"],
        lambda row: row.keys["grade"],
    )


def gap_title(answer: Answer) -> str:
    """Net and gross over all grades."""
    return common.gaps_title(answer, answer.rows)


def gap_notes(answer: Answer) -> Sequence[str]:
    """What net and gross are; that the figure has the largest."""
    many = len(_needing(answer)) > MOST_GAPS
    more = [gettext("The figure shows the grades that need most. The table has all.")] if many else []
    return [*common.gaps_notes(answer, answer.rows), *more]


BEFORE = ("previous-year", "five-years")


def _spans(answer: Answer) -> list[tuple[str, list[Row], list[Row]]]:
    """Bases with an earlier quarter, each with the rows of then and of now over the entities comparable."""
    found = []
    for basis in BEFORE:
        rows = [row for row in answer.rows if row.keys["basis"] == basis]
        quarters = sorted({row.keys["quarter"] for row in rows})
        if len(quarters) == 2:
            then, now = ([row for row in rows if row.keys["quarter"] == quarter] for quarter in quarters)
            found.append((basis, then, now))
    return found


def _rounded(answer: Answer) -> bool:
    return common.gaps(_now(answer)) is None


def before_title(answer: Answer) -> str:
    """Whether it takes more or fewer than before to reach equal numbers level by level."""
    if not common.worth_showing(_now(answer)):
        return text.empty_title(answer)
    if _rounded(answer):
        return gettext("Net and gross gaps are not calculated from rounded figures")
    for basis, then, now in _spans(answer):
        old, new = common.gaps(then), common.gaps(now)
        if old is None or new is None:
            continue

        return _gap_moved(basis, new.gross - old.gross)
    return gettext("There is no comparable earlier quarter")


def _gap_moved(basis: str, moved: int) -> str:
    """By how many the gap, each grade by itself, rose or fell."""
    values, year = {"count": text.number(abs(moved))}, basis == "previous-year"
    if not moved:
        return (
            gettext("The gap, grade by grade, is the same as a year ago")
            if year
            else gettext("The gap, grade by grade, is the same as five years ago")
        )
    if moved < 0:
        return (
            gettext("The gap, grade by grade, fell by %(count)s in a year", **values)
            if year
            else gettext("The gap, grade by grade, fell by %(count)s in five years", **values)
        )
    return (
        gettext("The gap, grade by grade, rose by %(count)s in a year", **values)
        if year
        else gettext("The gap, grade by grade, rose by %(count)s in five years", **values)
    )


def before_table(answer: Answer, caption: str, link: Link) -> Table:
    """Net and gross now; and then and now, like for like, a year and five years apart."""

    def line(name: str, rows: Sequence[Row]) -> tuple[Cell, ...]:
        found = common.gaps(rows)
        women, men = sum(row.women or 0 for row in rows), sum(row.men or 0 for row in rows)
        return (
            Cell(name),
            Cell(common.women_or_men(found.net) if found else "–", number=True),
            Cell(text.number(found.gross) if found else "–", number=True),
            Cell(text.percent(women, men) if found else "–", number=True),
        )

    def change(name: str, then: Sequence[Row], now: Sequence[Row]) -> tuple[Cell, ...]:
        old, new = common.gaps(then), common.gaps(now)
        known = old is not None and new is not None
        return (
            Cell(name),
            Cell(text.signed(abs(new.net) - abs(old.net)) if known and old.net * new.net >= 0 else "–", number=True),
            Cell(text.signed(new.gross - old.gross) if known else "–", number=True),
            Cell(text.points(_moved(then, now)) if known else "–", number=True),
        )

    shown = _now(answer)
    whole = gettext("%(quarter)s, all entities", quarter=answer.scope.quarter)
    lines = [line(whole, shown)] if shown else []
    for basis, then, now in _spans(answer) if not _rounded(answer) else ():
        count = answer.scope.same_entities.get(basis, 0)
        for rows in (then, now):
            said = ngettext("%(quarter)s, %(count)s entity", "%(quarter)s, %(count)s entities", count,
                            quarter=rows[0].keys["quarter"], count=text.number(count))  # fmt: skip
            lines.append(line(said, rows))
        name = {"previous-year": gettext("Change in a year"), "five-years": gettext("Change in five years")}[basis]
        lines.append(change(name, then, now))
    columns = (
        Cell(text.dimension("quarter")),
        Cell(gettext("Net: in all"), number=True),
        Cell(gettext("Gross: grade by grade"), number=True),
        Cell(gettext("Share of women"), number=True),
    )
    return Table(caption, columns, tuple(lines))


def _moved(then: Sequence[Row], now: Sequence[Row]) -> float | None:
    """The change of the share of women over all of these rows, in points."""
    shares = []
    for rows in (then, now):
        women, staff = sum(row.women or 0 for row in rows), sum(row.staff or 0 for row in rows)
        shares.append(100 * women / staff if staff else None)
    return None if None in shares else shares[1] - shares[0]


def before_notes(answer: Answer) -> Sequence[str]:
    """Over whom the changes are."""
    if _rounded(answer):
        return common.gaps_notes(answer, _now(answer))
    if not _spans(answer):
        return ()
    return (
        gettext(
            "Changes cover only the entities that can be compared: those that reported both quarters themselves, with "
            "no series break in between."
        ),
    )


KINDS = ("appointed", "promoted-in", "promoted-out", "separated")


def _by_kind(answer: Answer) -> dict[str, dict[str, Row]]:
    found: dict[str, dict[str, Row]] = {}
    for row in answer.rows:
        found.setdefault(row.keys["grade"], {})[row.keys["kind"]] = row
    return found


def movements_title(answer: Answer, staff: Answer) -> str:
    """The share of women among the appointed and the promoted."""
    if answer.protection == REFUSED or any(note.code == "not-collected" for note in answer.notes):
        return text.empty_title(answer)
    total = {kind: [0, 0] for kind in KINDS}
    for row in answer.rows:
        total[row.keys["kind"]][0] += row.women or 0
        total[row.keys["kind"]][1] += row.men or 0
    women, men = total["appointed"]
    promoted = total["promoted-in"]
    if not any(map(sum, total.values())):
        return gettext("No movements reported for this selection")
    if not women + men + sum(promoted):
        return gettext("Nobody was appointed or promoted in four quarters")
    if min(women + men, sum(promoted)) >= text.SHARE_LEADS_FROM:
        return gettext(
            "Women are %(appointed)s of those appointed and %(promoted)s of those promoted in four quarters",
            appointed=text.percent(women, men), promoted=text.percent(*promoted),
        )  # fmt: skip
    return gettext(
        "Women: %(women)s of %(appointed)s appointed, %(risen)s of %(promoted)s promoted in four quarters",
        women=text.number(women), appointed=text.number(women + men), risen=text.number(promoted[0]),
        promoted=text.number(sum(promoted)),
    )  # fmt: skip


def movements_table(answer: Answer, staff: Answer, caption: str, link: Link) -> Table:
    """Women among staff, appointed, promoted and separated, grade by grade."""
    here = {row.keys["grade"]: row for row in staff.rows}
    staffed = [row.keys["grade"] for row in staff.rows if row.staff]
    names = {
        "appointed": gettext("Appointed: women of all"),
        "promoted-in": gettext("Promoted into: women of all"),
        "promoted-out": gettext("Promoted out of: women of all"),
        "separated": gettext("Separated: women of all"),
    }
    lines = []
    for grade, kinds in _by_kind(answer).items():
        standing = here.get(grade)
        below = common.feeder(grade, staffed, list(answer.labels.get("grade", staffed)))
        cells = [Cell(text.counts(kinds[kind]) if kind in kinds else "–", number=True) for kind in KINDS]
        lines.append(
            (
                Cell(grade, href=link("grade", grade)),
                Cell(text.share_or_counts(standing) if standing is not None and standing.staff else "–", number=True),
                Cell(
                    gettext("%(grade)s: %(share)s", grade=below, share=text.share_or_counts(here[below]))
                    if below
                    else "–",
                    number=True,
                ),
                *cells,
            )
        )
    columns = (
        Cell(text.dimension("grade")),
        Cell(gettext("Women among staff"), number=True),
        Cell(gettext("Women at the grade below"), number=True),
        *(Cell(names[kind], number=True) for kind in KINDS),
    )
    return Table(caption, columns, tuple(lines))


def movements_notes(answer: Answer, staff: Answer) -> Sequence[str]:
    """What movements are."""
    return (
        gettext(
            "Covers the four quarters up to this one, for the entities that report movements. Head-count changes above "
            "are net and do not match these movements."
        ),
        gettext(
            "The grade below is the next one down the same ladder that has staff: those who could be promoted. Compare "
            "it with the women promoted."
        ),
    )


_OTHERS = _only(common.beside_ladder, others_title)
_LADDER = _only(common.ladder, ladder_title)

PAGE = Page(
    path="/grades",
    name=_("Grades"),
    columns=(
        (
            Panel(
                "pipeline", "grade_comparison", _("Share of women from P-1 to the top"), pipeline, pipeline_title,
                drill="grade", notes=pipeline_notes, table=pipeline_table,
            ),
            Panel(
                "gaps", "by_grade", _("Women or men needed at each grade"), by_gap, gap_title,
                drill="grade", notes=gap_notes,
            ),
            Panel(
                "before", "grade_comparison", _("Net and gross gap, now and before"), None, before_title,
                table=before_table, notes=before_notes,
            ),
        ),
        (
            Panel(
                "ladder", "by_grade", _("Women and men from P-1 to the top"), _LADDER[0], _LADDER[1],
                drill="grade", table=_LADDER[2],
            ),
            Panel(
                "others", "by_grade", _("National Professional, Field Service and General Service"), _OTHERS[0],
                _OTHERS[1], drill="grade", table=_OTHERS[2],
            ),
        ),
    ),
    after=(
        Panel(
            "movements", "movements", _("Appointed, promoted and separated"), None, movements_title,
            notes=movements_notes, table=movements_table, matrix=True, drill="grade",
            beside=(Beside(_("staff by grade"), "by_grade", lambda selection, seen: selection),),
        ),
    ),
)  # fmt: skip
