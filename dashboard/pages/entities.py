"""Entities compared, and each of them in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from dashboard import figures, text
from dashboard.answer import Answer, Row
from dashboard.figures.change import MOST_LINES, Earlier
from dashboard.figures.layout import Figure, Line
from dashboard.figures.table import Cell, Column, Link, Table, rows_table
from dashboard.pages import common
from dashboard.pages.page import Beside, Finding, Option, Page, Panel, Seen
from dashboard.pages.people import by_age
from dashboard.selection import Selection
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Rows of a place or a cell that a figure has room for.
LARGEST = 15
#: Flags of figures that are of the quarter itself and can be compared.
COMPARABLE = ("reported", "revised")

BY = Option(
    "by",
    _("Rank by"),
    (("share", _("share of women")), ("gap", _("gap")), ("change", _("change")), ("size", _("size"))),
)
SINCE = Option(
    "since",
    _("Compared with"),
    (
        ("4", _("a year before")),
        ("1", _("the quarter before")),
        ("8", _("two years before")),
        ("20", _("five years before")),
    ),
)


def then(selection: Selection, seen: Seen) -> Selection | None:
    """The view's selection in the quarter it is compared with."""
    quarter = seen.before(int(seen.options[SINCE.name]))
    return None if quarter is None else replace(selection, quarter=quarter)


THEN = Beside(_("the earlier quarter"), "by_entity", then)


def _by_code(answer: Answer | None, key: str) -> dict[str, Row]:
    return {row.keys[key]: row for row in answer.rows} if answer is not None else {}


def comparable(now: Row, old: Row | None) -> bool:
    """Whether both are reported for their own quarter: a change over anything else would be an artefact."""
    return old is not None and bool(now.staff and old.staff) and now.flag in COMPARABLE and old.flag in COMPARABLE


def ranked(answer: Answer, earlier: Answer | None, by: str) -> list[Row]:
    """The entities in the order asked for; those without figures last."""
    old = _by_code(earlier, "entity")

    def change(row: Row) -> float:
        before = old.get(row.keys["entity"])
        moved = common.points(row, before) if comparable(row, before) else None
        return -1000 if moved is None else moved

    orders: dict[str, Callable[[Row], float]] = {
        "share": lambda row: row.share_women if row.share_women is not None else -1,
        "gap": lambda row: row.index_growth or 0,
        "size": lambda row: row.staff or 0,
        "change": change,
    }
    shown = sorted(common.counted(answer.rows), key=lambda row: (-orders[by](row), row.keys["entity"]))
    return shown + sorted((row for row in answer.rows if row.staff is None), key=text.place)


def _earlier(answer: Answer, earlier: Answer | None) -> list[Earlier]:
    if earlier is None:
        return []
    now = _by_code(answer, "entity")
    rows = {
        code: row for code, row in _by_code(earlier, "entity").items() if code in now and comparable(now[code], row)
    }
    return [Earlier(earlier.scope.quarter, "circle", rows)]


def ranking(answer: Answer, earlier: Answer | None = None, by: str = "share") -> Figure:
    """Entities as dots, or as bars where they are ranked by their gap."""
    rows = ranked(answer, earlier, by)
    if by == "gap":
        return figures.diverging(
            answer, rows, lambda row: text.label(answer, "entity", row.keys["entity"], short=True),
            lambda row: row.keys["entity"],
        )  # fmt: skip
    if by != "change":
        return figures.dots_with_earlier(answer, rows, [], "entity")
    old = _by_code(earlier, "entity")

    def words(row: Row, line: Line) -> Line:
        before = old.get(row.keys["entity"])
        moved = common.points(row, before) if comparable(row, before) else None
        return replace(line, value=text.points(moved), counts=line.value) if row.staff else line

    return figures.dots_with_earlier(answer, rows, _earlier(answer, earlier), "entity", words)


def ranking_title(answer: Answer, earlier: Answer | None = None, by: str = "share") -> str:
    """Who leads the ranking, and who comes last or needs most."""
    rows = [row for row in ranked(answer, earlier, by) if row.staff]
    if not rows:
        return text.empty_title(answer)

    def name(row: Row) -> str:
        return text.label(answer, "entity", row.keys["entity"], short=True)

    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return text.breakdown_title(answer)
    if by == "size":
        return gettext(
            "%(name)s is the largest, with %(staff)s staff", name=name(first), staff=text.count(first, "staff")
        )
    if by == "gap":
        if not first.index_growth:
            return gettext("Equal numbers of women and men in every entity")
        return gettext("%(name)s needs most: %(needed)s more for equal numbers", name=name(first),
                       needed=text.index(first))  # fmt: skip
    if by == "change":
        return change_title(answer, earlier)
    judged = [row for row in rows if row.share_women is not None]
    if not judged:
        return text.breakdown_title(answer)
    first, last = judged[0], judged[-1]
    if first.share_women == last.share_women:
        return gettext("Women are %(share)s in every entity", share=text.share(first))
    return gettext(
        "From %(most)s women in %(first)s to %(least)s in %(last)s",
        most=text.share(first), first=name(first), least=text.share(last), last=name(last),
    )  # fmt: skip


def _moved(answer: Answer, earlier: Answer | None) -> list[tuple[float, Row]]:
    old = _by_code(earlier, "entity")
    found = []
    for row in common.counted(answer.rows):
        before = old.get(row.keys["entity"])
        moved = common.points(row, before) if comparable(row, before) else None
        if moved is not None and before is not None and min(row.staff or 0, before.staff or 0) >= text.NAMED_FROM:
            found.append((moved, row))
    return sorted(found, key=lambda pair: (-pair[0], pair[1].keys["entity"]))


def change_title(answer: Answer, earlier: Answer | None) -> str:
    """How many gained and lost, and who gained most."""
    moved = _moved(answer, earlier)
    if earlier is None or not moved:
        return gettext("Nothing comparable to set it against")
    up = sum(points >= text.LEAST_POINTS for points, _row in moved)
    down = sum(points <= -text.LEAST_POINTS for points, _row in moved)
    values = {"quarter": earlier.scope.quarter, "up": text.number(up), "down": text.number(down)}
    if not up and not down:
        return gettext("No entity has changed since %(quarter)s", **values)
    gained = ngettext(
        "The share of women rose in %(up)s entity and fell in %(down)s since %(quarter)s",
        "The share of women rose in %(up)s entities and fell in %(down)s since %(quarter)s",
        up, **values,
    )  # fmt: skip
    most, row = moved[0]
    if up and most >= text.LEAST_POINTS:
        name = text.label(answer, "entity", row.keys["entity"], short=True)
        return gettext("%(gained)s, most in %(name)s (%(points)s)", gained=gained, name=name, points=text.points(most))
    return gained


def ranking_table(
    answer: Answer, earlier: Answer | None = None, by: str = "share", *, caption: str, link: Link
) -> Table:
    """The ranking in numbers, with the change since the earlier quarter."""
    old = _by_code(earlier, "entity")

    def change(row: Row) -> str:
        before = old.get(row.keys["entity"])
        if before is None or not comparable(row, before):
            return "–"
        if text.is_about(row) or text.is_about(before):
            return text.change_of_rounded(answer, row, before, "women")
        return text.points(common.points(row, before))

    further = [Column(gettext("Since %(quarter)s", quarter=earlier.scope.quarter), change)] if earlier else []
    return rows_table(answer, caption, ranked(answer, earlier, by), ("entity",), link, further)


def ranking_notes(answer: Answer, earlier: Answer | None = None, by: str = "share") -> Sequence[str]:
    """What the marks are, and whose changes are told."""
    if by != "change" or earlier is None:
        return ()
    return (
        gettext("Filled marks: now; open circles: %(quarter)s.", quarter=earlier.scope.quarter),
        gettext("Changes are told of entities that reported both quarters themselves."),
    )


def _vary(panel: Panel, seen: Seen) -> Panel:
    by = seen.options[BY.name]
    return replace(
        panel,
        figure=partial(ranking, by=by),
        title=partial(ranking_title, by=by),
        table=partial(ranking_table, by=by),
        notes=partial(ranking_notes, by=by),
    )


def steepest(answer: Answer, earlier: Answer | None = None) -> Figure:
    """Lines from the earlier quarter to this one: the larger entities whose share moved most."""
    if earlier is None:
        return figures.empty(gettext("This release does not reach back that far."))
    old = _by_code(earlier, "entity")
    moved = sorted(_moved(answer, earlier), key=lambda pair: -abs(pair[0]))[:MOST_LINES]
    if not moved:
        return figures.empty(gettext("Nothing comparable to set it against"))
    pairs = [(old[row.keys["entity"]], row) for _points, row in moved]
    return figures.slope(answer, pairs, "entity", earlier.scope.quarter, answer.scope.quarter)


def slope_title(answer: Answer, earlier: Answer | None = None) -> str:
    """The finding of change."""
    return change_title(answer, earlier)


def slope_table(answer: Answer, earlier: Answer | None = None, *, caption: str, link: Link) -> Table:
    """Shares then and now, by how far they moved."""
    old = _by_code(earlier, "entity")
    quarter = earlier.scope.quarter if earlier else ""
    rows = [row for _points, row in _moved(answer, earlier)]
    further = [
        Column(gettext("Share in %(quarter)s", quarter=quarter), lambda row: text.share(old[row.keys["entity"]])),
        Column(gettext("Change"), lambda row: text.points(common.points(row, old[row.keys["entity"]]))),
    ]
    return rows_table(answer, caption, rows, ("entity",), link, further)


def slope_notes(answer: Answer, earlier: Answer | None = None) -> Sequence[str]:
    """Which entities have a line."""
    many = len(_moved(answer, earlier))
    said = [gettext("Solid lines rise, dashed lines fall.")] if many else []
    if many > MOST_LINES:
        said.append(
            gettext("The %(count)s that moved most, of entities with at least %(least)s staff; the table has all.",
                    count=text.number(MOST_LINES), least=text.number(text.NAMED_FROM))
        )  # fmt: skip
    return said


PAGE = Page(
    path="/entities",
    name=_("Entities"),
    options=(BY, SINCE),
    finding=Finding("by_entity", lambda answer, seen: text.breakdown_title(answer) if answer.rows else ""),
    columns=(
        (
            Panel(
                "ranking", "by_entity", _("Entities ranked"), ranking, ranking_title, drill="entity",
                lead="/entities/<code>", beside=(THEN,), vary=_vary, table=ranking_table,
            ),
        ),
        (
            Panel(
                "slope", "by_entity", _("Share of women then and now"), steepest, slope_title, drill="entity",
                lead="/entities/<code>", beside=(THEN,), table=slope_table, notes=slope_notes,
            ),
            Panel(
                "reporting", "coverage", _("Who has reported"), figures.reporting, text.coverage_title, tells_all=True,
                drill="entity", lead="/entities/<code>",
            ),
        ),
    ),
)  # fmt: skip


# -- one entity in full ------------------------------------------------------------------------------------------

PLACE = Option(
    "place",
    _("Places"),
    (("unct", _("country teams")), ("country", _("countries")), ("duty_station", _("duty stations"))),
)


def largest(answer: Answer) -> list[Row]:
    """The rows with most staff, and after them those too few to show."""
    key = answer.by[0]
    rows = sorted(common.counted(answer.rows), key=lambda row: (-(row.staff or 0), row.keys[key]))
    return rows + sorted((row for row in answer.rows if row.reason in text.PROTECTED), key=text.place)


def places(answer: Answer) -> Figure:
    """The places with most staff, as dots."""
    rows = common.counted(common.named(largest(answer), answer.by[0]))[:LARGEST]
    if not rows:
        return figures.empty(text.empty_title(answer))
    key = answer.by[0]

    def words(row: Row, line: Line) -> Line:
        # Cut names of departments begin alike ("United Nations Mission in …"); their codes are what people say.
        return replace(line, name=row.keys[key]) if key == "department" else line

    return figures.dots_with_earlier(answer, rows, [], key, words)


def places_table(answer: Answer, caption: str, link: Link) -> Table:
    """All places, largest first."""
    return rows_table(answer, caption, largest(answer), answer.by[:1], link)


def places_notes(answer: Answer) -> Sequence[str]:
    """That there are more."""
    count = len(common.counted(common.named(answer.rows, answer.by[0]))) - LARGEST
    if count <= 0:
        return ()
    return (
        ngettext("%(count)s smaller place is in the table only.", "%(count)s smaller places are in the table only.",
                 count, count=text.number(count)),
    )  # fmt: skip


def _place(panel: Panel, seen: Seen) -> Panel:
    key = seen.options[PLACE.name]
    return replace(panel, question=f"by_{key}", drill=key, lead="/country-teams/<code>" if key == "unct" else None)


def cells(answer: Answer) -> list[Row]:
    """Cells of level and place, those that need most first."""
    return sorted(
        (row for row in common.named(answer.rows, answer.by[-1]) if row.index_growth),
        key=lambda row: (-(row.index_growth or 0), *(row.keys[key] for key in answer.by)),
    )


def cell_name(answer: Answer, row: Row) -> str:
    """A cell by the short names of its keys."""
    return ", ".join(text.label(answer, key, row.keys[key], short=True) for key in answer.by)


def furthest(answer: Answer) -> Figure:
    """The cells that need most women or men."""
    rows = cells(answer)[:LARGEST]
    if not rows:
        return figures.empty(furthest_title(answer))
    return figures.diverging(answer, rows, partial(cell_name, answer), lambda row: row.keys[answer.by[-1]])


def furthest_title(answer: Answer) -> str:
    """Which cell is furthest from equal numbers."""
    rows = cells(answer)
    if not common.counted(answer.rows):
        return text.empty_title(answer)
    if not rows:
        return gettext("Equal numbers in every cell that is shown")
    first = [row for row in rows if row.index_growth == rows[0].index_growth]
    if len(first) > 1:
        return ngettext(
            "%(count)s cell is furthest from equal numbers, %(needed)s each",
            "%(count)s cells are furthest from equal numbers, by %(needed)s each",
            len(first), count=text.number(len(first)), needed=text.number(rows[0].index_growth or 0),
        )  # fmt: skip
    return gettext("%(cell)s needs most: %(needed)s more", cell=cell_name(answer, rows[0]), needed=text.index(rows[0]))


#: More rows make a table nobody reads; the file has all.
MOST_CELLS = 100


def cells_table(answer: Answer, caption: str, link: Link) -> Table:
    """The cells that need most, as a table."""
    return rows_table(answer, caption, cells(answer)[:MOST_CELLS], answer.by, link)


def cells_notes(answer: Answer) -> Sequence[str]:
    """How many cells there are, and where all of them stand."""
    count = len(cells(answer))
    if count <= LARGEST:
        return ()
    if count <= MOST_CELLS:
        return (gettext("The figure has the largest; the table has all."),)
    return (
        gettext(
            "The figure and the table have the largest of %(count)s; the files have all.", count=text.number(count)
        ),
    )


def system_trend(answer: Answer, system: Answer) -> Figure:
    """The trend of the entity, and dotted that of all entities."""
    return figures.trend_against(answer, system, gettext("system"))


def system_title(answer: Answer, system: Answer) -> str:
    """The finding of the trend, and where the system stands."""
    rows, whole = text.trend_rows(answer)[0], text.trend_rows(system)[0]
    said = text.trend_title(answer)
    if not rows or not whole:
        return said
    return gettext("%(said)s (system: %(share)s)", said=said, share=text.share(whole[-1]))


def system_notes(answer: Answer, system: Answer) -> Sequence[str]:
    """What the dotted line is."""
    return (gettext("Dotted: the whole system under the same filters, like for like."),)


def history_title(answer: Answer) -> str:
    """How many quarters the entity has sent, and how many of them late."""
    rows = answer.rows
    if not rows:
        return text.empty_title(answer)
    own = sum(row.extra.get("state") in ("reported", "partial") for row in rows)
    late = sum(bool(row.extra.get("late")) for row in rows)
    values = {"own": text.number(own), "count": text.number(len(rows)), "late": text.number(late)}
    if own == len(rows) and not late:
        return gettext("Reported for all %(count)s quarters, never late", **values)
    if not late:
        return gettext("Reported for %(own)s of %(count)s quarters, never late", **values)
    return ngettext(
        "Reported for %(own)s of %(count)s quarters, late for %(late)s",
        "Reported for %(own)s of %(count)s quarters, late for %(late)s",
        late, **values,
    )  # fmt: skip


def history_table(answer: Answer, caption: str, link: Link) -> Table:
    """Quarter by quarter: what was sent, when, and what must be known of it."""
    lines = []
    for row in sorted(answer.rows, key=lambda row: row.keys["quarter"], reverse=True):
        extra = row.extra
        received = extra.get("submitted_at")
        remarks = [
            gettext("late") if extra.get("late") else "",
            text.flag("revised") if extra.get("revised") else "",
            text.flag("break") if extra.get("series_break") else "",
            str(extra.get("reason") or ""),
        ]
        lines.append(
            (
                Cell(row.keys["quarter"], href=link("quarter", row.keys["quarter"])),
                Cell(text.state(str(extra.get("state", "")))),
                Cell(str(extra.get("source_quarter") or "–")),
                Cell(text.count(row, "staff"), number=True),
                Cell(text.share(row), number=True),
                Cell(text.date(received) if received else "–"),
                Cell("; ".join(filter(None, remarks))),
            )
        )
    columns = (
        Cell(gettext("Quarter")),
        Cell(gettext("State")),
        Cell(gettext("Figures from")),
        Cell(gettext("Staff"), number=True),
        Cell(gettext("Share of women"), number=True),
        Cell(gettext("Received")),
        Cell(gettext("Remarks")),
    )
    return Table(caption, columns, tuple(lines))


def departments_title(answer: Answer) -> str:
    """The finding of a ranking of departments."""
    return common.breakdown_title(answer)


def _links(seen: Seen) -> Sequence[tuple[str, str]]:
    code = seen.code or ""
    name = text.label(seen.known, "entity", code, short=True)
    return (
        (gettext("Before you recruit in %(name)s", name=name), f"/recruit?entity={code}"),
        (gettext("Grades of %(name)s", name=name), f"/grades?entity={code}"),
        (gettext("All entities"), "/entities"),
    )


def _everybody(selection: Selection, seen: Seen) -> Selection:
    return selection.without("entity").without("department")


def gaps_figure(answer: Answer) -> Figure:
    """Women or men needed, level by level."""
    rows = [row for row in common.worth_showing(answer.rows) if row.index_growth]
    kept = {id(row) for row in sorted(rows, key=lambda row: -(row.index_growth or 0))[:22]}
    return figures.diverging(
        answer, [row for row in rows if id(row) in kept], lambda row: row.keys["grade"], lambda row: row.keys["grade"]
    )


PROFILE = Page(
    path="/entities/<code>",
    name=_("Entity"),
    fixed="entity",
    sample="UNDP",
    options=(PLACE,),
    links=_links,
    columns=(
        (
            Panel(
                "by_grade", "by_grade", _("Share of women by grade"), figures.dots, text.breakdown_title,
                drill="grade",
            ),
            Panel(
                "gaps", "by_grade", _("Women or men needed at each grade"), gaps_figure,
                lambda answer: common.gaps_title(answer, answer.rows), drill="grade",
                notes=lambda answer: common.gaps_notes(answer, answer.rows),
            ),
            Panel(
                "by_place", "by_unct", _("Share of women by place, largest first"), places, common.breakdown_title,
                drill="unct", table=places_table, notes=places_notes, vary=_place, search=True,
            ),
            Panel(
                "departments", "by_department", _("Departments, offices and missions"), places, departments_title,
                drill="department", table=places_table, notes=places_notes, search=True,
                when=lambda seen: seen.code in seen.with_departments,
            ),
        ),
        (
            Panel(
                "trend", "trend", _("Share of women over time"), system_trend, system_title, drill="quarter",
                beside=(Beside(_("the system"), "trend", _everybody),), notes=system_notes,
            ),
            Panel(
                "furthest", "unct_by_grade", _("Grades and places furthest from parity"), furthest, furthest_title,
                table=cells_table, notes=cells_notes,
            ),
            Panel(
                "by_age", "by_age_group", _("Women and men by age"), by_age, text.breakdown_title,
                drill="age_group",
            ),
            Panel(
                "by_headquarters", "by_headquarters", _("At headquarters and elsewhere"), figures.composition,
                text.headquarters_title, drill="headquarters",
            ),
        ),
    ),
    after=(
        Panel(
            "history", "coverage_history", _("What was submitted, and when"), None, history_title,
            table=history_table, drill="quarter",
        ),
    ),
)  # fmt: skip
