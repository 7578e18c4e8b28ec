"""The Gender Parity Index: how many women or men are needed, and where?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from dashboard import figures, ranges, text
from dashboard.answer import Answer, Row
from dashboard.figures.layout import Figure
from dashboard.figures.table import SHADES, Cell, Column, Link, Table, also, rows_table
from dashboard.pages import common
from dashboard.pages.page import Finding, Option, Page, Panel, Seen
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Rows a figure has room for, and rows of a table somebody may still search through; the files have all.
LARGEST, MOST_ROWS = 25, 300

WHERE = Option(
    "by",
    _("Category by"),
    (
        ("duty_station", _("duty station")),
        ("unct", _("country team")),
        ("entity", _("entity")),
        ("grade", _("grade")),
    ),
)
SIDE = Option("needed", _("Needed"), (("all", _("women or men")), ("women", _("women only")), ("men", _("men only"))))

QUESTIONS = {
    "duty_station": "index_by_category_and_duty_station",
    "unct": "index_by_category_and_unct",
    "entity": "index_by_category_and_entity",
    "grade": "by_grade",
}


def cells(answer: Answer, side: str = "all") -> list[Row]:
    """The cells that need anybody, those that need most first; of one side those that clearly need it."""
    place = answer.by[-1]
    rows = [
        row
        for row in common.named(answer.rows, place)
        if common.may_need(row) and (side == "all" or ranges.needed(row) == side)
    ]
    return sorted(rows, key=lambda row: (-(row.index_growth or 0), *(row.keys[key] for key in reversed(answer.by))))


def _name(answer: Answer, row: Row) -> str:
    return ", ".join(text.label(answer, key, row.keys[key], short=True) for key in reversed(answer.by))


def _mark(answer: Answer, row: Row) -> str:
    """The name of a cell beside its bar: the category by its code and first, since long names of places are cut."""
    place = text.label(answer, answer.by[-1], row.keys[answer.by[-1]], short=True)
    return f"{row.keys['category']}, {place}" if "category" in row.keys else place


def figure(answer: Answer, side: str = "all") -> Figure:
    """The cells that need most."""
    rows = cells(answer, side)[:LARGEST]
    if not rows:
        return figures.empty(title(answer, side))
    return figures.diverging(answer, rows, partial(_mark, answer), lambda row: row.keys[answer.by[-1]])


def title(answer: Answer, side: str = "all") -> str:
    """Where most are needed."""
    if not common.counted(common.named(answer.rows, answer.by[-1])):
        return text.empty_title(answer)
    rows = cells(answer, side)
    if any(row.possible for row in common.counted(answer.rows)):
        return common.needs_most(common.named(answer.rows, answer.by[-1]), partial(_name, answer), side)
    if not rows:
        return {
            "women": gettext("No group needs women for equal numbers"),
            "men": gettext("No group needs men for equal numbers"),
        }.get(side, gettext("Equal numbers everywhere"))
    first = [row for row in rows if row.index_growth == rows[0].index_growth]
    if len(first) > 1:
        return common.most_alike(len(first), rows[0].index_growth or 0)
    return gettext("%(name)s needs most: %(needed)s", name=_name(answer, rows[0]), needed=text.index(rows[0]))


def table(answer: Answer, side: str = "all", *, caption: str, link: Link) -> Table:
    """Both readings of the index, largest first."""
    further = [Column(gettext("Posts to change hands"), partial(text.posts_to_change, bare=True))]
    keys = tuple(reversed(answer.by))
    return rows_table(answer, caption, cells(answer, side)[:MOST_ROWS], keys, link, further)


def notes(answer: Answer, side: str = "all") -> Sequence[str]:
    """How many cells there are, and what the readings are."""
    rows = cells(answer, side)
    count = len(rows)
    said = []
    if count > MOST_ROWS:
        said.append(
            gettext(
                "The figure shows the first %(first)s of %(count)s, the table the first %(table)s. Use the filter "
                "%(filter)s to find any other. The files have all.",
                first=text.number(LARGEST), table=text.number(MOST_ROWS), count=text.number(count),
                filter=text.dimension(answer.by[-1]),
            )
        )  # fmt: skip
    elif count > LARGEST:
        said.append(gettext("The figure shows the first %(count)s. The table has all.", count=text.number(LARGEST)))
    if "category" in answer.by and rows:
        codes = dict.fromkeys(row.keys["category"] for row in rows[:LARGEST])
        named = [gettext("%(code)s: %(name)s", code=code, name=text.label(answer, "category", code, short=True))
                 for code in sorted(codes)]  # fmt: skip
        said.append("; ".join(named) + ".")
    said.append(
        gettext(
            "Growth: how many more women (or men) are needed if the number of men (or women) stays the same. Posts to "
            "change hands: how many, if the total stays the same."
        )
    )
    return said


def _vary(panel: Panel, seen: Seen) -> Panel:
    by, side = seen.options[WHERE.name], seen.options[SIDE.name]
    heading = _("Gender Parity Index by grade") if by == "grade" else panel.heading
    return replace(
        panel,
        heading=heading,
        question=QUESTIONS[by],
        drill=by,
        figure=partial(figure, side=side),
        title=partial(title, side=side),
        notes=partial(notes, side=side),
        table=partial(table, side=side),
    )


# -- the heat map -------------------------------------------------------------------------------------------------

#: Rows of the heat map: those with the largest gaps. More are scrolled past; the table beside it has them.
HOTTEST = 30
#: With more columns than this, those of fewer than NAMED_FROM people are left to the files.
FEW_COLUMNS = 12
#: Level by level there is no place to cross categories with: there it is entities by grades.
HEAT_QUESTIONS = {**QUESTIONS, "grade": "entity_by_grade"}


def _down_and_across(answer: Answer) -> tuple[str, str]:
    """Dimensions of the rows and of the columns of the heat map."""
    return ("entity", "grade") if answer.by == ("entity", "grade") else (answer.by[-1], "category")


def hottest(answer: Answer) -> list[str]:
    """The codes that need most in all their cells together, largest first; of rounded cells the largest one counts."""
    down, _ = _down_and_across(answer)
    gaps: dict[str, list[int]] = {}
    for row in common.counted(common.named(answer.rows, down)):
        gaps.setdefault(row.keys[down], []).append(row.index_growth or 0)
    rounded = any(text.is_about(row) for row in answer.rows)
    weight = {code: max(each) if rounded else sum(each) for code, each in gaps.items()}
    return sorted((code for code in weight if weight[code]), key=lambda code: (-weight[code], code))


def columns_of(answer: Answer) -> list[str]:
    """The columns of the heat map: all that anybody has, but where there are many without grades of a few people."""
    _, across = _down_and_across(answer)
    codes = common.in_order(answer, across)
    staff: dict[str, int] = {}
    for row in common.counted(answer.rows):
        staff[row.keys[across]] = staff.get(row.keys[across], 0) + (row.staff or 0)
    if len(codes) <= FEW_COLUMNS:
        return codes
    return [code for code in codes if staff[code] >= text.NAMED_FROM] or codes


def _shade(row: Row, largest: int) -> str:
    """How strongly a cell is shaded: by powers of four down from the largest gap, since few cells are large."""
    gap, side = row.index_growth or 0, ranges.needed(row)
    if not gap:
        return ""
    step = SHADES
    while step > 1 and gap * 4 ** (SHADES - step + 1) <= largest:
        step -= 1
    return f"{side}-{step}"


def heat_title(answer: Answer) -> str:
    """How many cells need women, and how many need men."""
    down, _ = _down_and_across(answer)
    if not common.counted(common.named(answer.rows, down)):
        return text.empty_title(answer)
    rows = [row for row in common.counted(common.named(answer.rows, down)) if row.index_growth]
    if any(row.possible for row in common.counted(answer.rows)):
        return _rounded_heat_title([ranges.needed(row) for row in rows if not row.left_out])
    women = sum(ranges.needed(row) == "women" for row in rows)
    men = len(rows) - women
    if not rows:
        return gettext("Equal numbers everywhere")
    values = {"women": text.number(women), "men": text.number(men)}
    if not men:
        return ngettext("Women are needed in the one cell that is not equal",
                        "Women are needed in all %(women)s cells that are not equal", women, **values)  # fmt: skip
    if not women:
        return ngettext("Men are needed in the one cell that is not equal",
                        "Men are needed in all %(men)s cells that are not equal", men, **values)  # fmt: skip
    return ngettext("Women are needed in %(women)s cell, men in %(men)s",
                    "Women are needed in %(women)s cells, men in %(men)s", women, **values)  # fmt: skip


def _rounded_heat_title(needed: Sequence[str | None]) -> str:
    """The same of rounded cells: of those shown, and where rounding leaves it open of neither."""
    women, men = needed.count("women"), needed.count("men")
    if not women and not men:
        return gettext("No clear difference between women and men in any group shown")
    values = {"women": text.number(women), "men": text.number(men)}
    if not men:
        return ngettext("Women are clearly needed in %(women)s cell shown, men in none",
                        "Women are clearly needed in %(women)s cells shown, men in none", women, **values)  # fmt: skip
    if not women:
        return ngettext("Men are clearly needed in %(men)s cell shown, women in none",
                        "Men are clearly needed in %(men)s cells shown, women in none", men, **values)  # fmt: skip
    return ngettext("Women are clearly needed in %(women)s cell shown, men in %(men)s",
                    "Women are clearly needed in %(women)s cells shown, men in %(men)s", women, **values)  # fmt: skip


def heat_table(answer: Answer, caption: str, link: Link) -> Table:
    """Places by categories (or entities by grades): women or men needed, shaded by how many."""
    down, across = _down_and_across(answer)
    cells = {(row.keys[down], row.keys[across]): row for row in answer.rows}
    largest = max((row.index_growth or 0 for row in common.counted(answer.rows)), default=0)
    columns, bare = columns_of(answer), common.all_about(answer)

    def cell(row: Row | None) -> Cell:
        if row is None or not row.staff or row.women is None:
            return common.matrix_cell(row)
        said = common.marked(row, text.index(row, bare=bare))
        return Cell(said, name=text.counts(row, bare=True), shade=_shade(row, largest))

    lines = [
        (
            Cell(text.label(answer, down, code, short=True), href=link(down, code), also=also(down, code)),
            *(cell(cells.get((code, other))) for other in columns),
        )
        for code in hottest(answer)[:HOTTEST]
    ]
    heads = (Cell(text.label(answer, across, code, short=True), number=True) for code in columns)
    return Table(caption, (Cell(text.dimension(down)), *heads), tuple(lines))


def heat_notes(answer: Answer) -> Sequence[str]:
    """How to read the cells, and how many rows there are."""
    rows = hottest(answer)
    if not rows:
        return ()
    said = [
        gettext(
            "Each cell shows how many more women or men are needed for equal numbers, and below it women of all staff. "
            "Violet means women are needed, orange means men. The stronger the shade, the more are needed."
        )
    ]
    rare = len(common.in_order(answer, _down_and_across(answer)[1])) - len(columns_of(answer))
    if rare:
        said.append(
            ngettext("%(count)s grade with fewer than %(least)s staff is in the files only.",
                     "%(count)s grades with fewer than %(least)s staff are in the files only.",
                     rare, count=text.number(rare), least=text.number(text.NAMED_FROM))
        )  # fmt: skip
    if common.all_about(answer):
        said.append(gettext("All numbers are rounded to protect individuals."))
    if len(rows) > HOTTEST:
        said.append(
            gettext("The table shows the first %(first)s of %(count)s: those that need most. Use the filter %(filter)s "
                    "to find any other. The files have all.",
                    first=text.number(HOTTEST), count=text.number(len(rows)),
                    filter=text.dimension(_down_and_across(answer)[0]))
        )  # fmt: skip
    return [*said, *common.matrix_notes(answer)[1:]]


def _vary_heat(panel: Panel, seen: Seen) -> Panel:
    by = seen.options[WHERE.name]
    drill = "entity" if by == "grade" else by
    return replace(panel, question=HEAT_QUESTIONS[by], drill=drill)


# -- totals -------------------------------------------------------------------------------------------------------


def _totals(answer: Answer) -> dict[str, list[Row]]:
    """Category -> its cells; of grades, whose category is not in the answer, all together."""
    found: dict[str, list[Row]] = {}
    for row in answer.rows:
        if row.women is not None or row.reason in text.PROTECTED:
            found.setdefault(row.keys.get("category", ""), []).append(row)
    return found


def totals_title(answer: Answer) -> str:
    """Net and gross over all cells."""
    if common.counted(answer.rows) and common.gaps([row for each in _totals(answer).values() for row in each]) is None:
        return gettext("Net and gross gaps are not calculated from rounded figures")
    return common.gaps_title(answer, answer.rows)


def totals_table(answer: Answer, caption: str, link: Link) -> Table:
    """Net and gross by category."""
    lines = []
    for category, rows in _totals(answer).items():
        found = common.gaps(rows)
        name = text.label(answer, "category", category, short=True) if category else gettext("All grades")
        lines.append(
            (
                Cell(name, href=link("category", category) if category else None),
                Cell(common.women_or_men(found.net) if found else "–", number=True),
                Cell(text.number(found.gross) if found else "–", number=True),
                Cell(text.number(len(common.counted(rows))), number=True),
            )
        )
    columns = (
        Cell(text.dimension("category")),
        Cell(gettext("Net: needed overall"), number=True),
        Cell(gettext("Gross: needed cell by cell"), number=True),
        Cell(gettext("Cells with staff shown"), number=True),
    )
    return Table(caption, columns, tuple(lines))


def totals_notes(answer: Answer) -> Sequence[str]:
    """Why they differ."""
    return common.gaps_notes(answer, answer.rows)


def _vary_totals(panel: Panel, seen: Seen) -> Panel:
    return replace(panel, question=QUESTIONS[seen.options[WHERE.name]])


def by_category(answer: Answer) -> Figure:
    """Women or men needed in each category."""
    return figures.diverging(
        answer,
        common.worth_showing(answer.rows),
        lambda row: text.label(answer, "category", row.keys["category"], short=True),
        lambda row: row.keys["category"],
    )


def _finding(answer: Answer) -> str:
    return common.gaps_title(answer, answer.rows) if common.counted(answer.rows) else ""


PAGE = Page(
    path="/parity-index",
    name=_("Parity index"),
    options=(WHERE, SIDE),
    finding=Finding("by_category", lambda answer, seen: _finding(answer)),
    columns=(
        (
            Panel(
                "cells", "index_by_category_and_duty_station", _("Gender Parity Index by category and place"), figure,
                title, drill="duty_station", vary=_vary, search=True,
            ),
        ),
        (
            Panel(
                "by_category", "by_category", _("Gender Parity Index by category"), by_category,
                lambda answer: common.gaps_title(answer, answer.rows), drill="category",
                notes=lambda answer: common.gaps_notes(answer, answer.rows),
            ),
            Panel(
                "totals", "index_by_category_and_duty_station", _("Net and gross"), None, totals_title,
                notes=totals_notes, table=totals_table, vary=_vary_totals,
            ),
        ),
    ),
    after=(
        Panel(
            "heat", "index_by_category_and_duty_station", _("Women or men needed, as a heat map"), None, heat_title,
            drill="duty_station", notes=heat_notes, table=heat_table, vary=_vary_heat, matrix=True, search=True,
        ),
    ),
)  # fmt: skip
