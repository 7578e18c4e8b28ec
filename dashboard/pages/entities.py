"""Entities compared, and each of them in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import urlencode

from dashboard import comparable, figures, ranges, text
from dashboard.answer import ROUNDED, Answer, Row
from dashboard.figures.change import MOST_LINES, Earlier
from dashboard.figures.layout import Figure, Line
from dashboard.figures.multiples import Series, by_code, multiples, told
from dashboard.figures.table import Cell, Column, Link, Table, rows_table, trend_table
from dashboard.figures.trend import looks
from dashboard.pages import common
from dashboard.pages.grades import by_gap as by_gap_of_grades
from dashboard.pages.grades import gap_notes, gap_title
from dashboard.pages.page import QUARTERS_A_YEAR, Beside, Finding, Option, Page, Panel, Seen, Several
from dashboard.pages.people import by_age
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, Selection
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Rows of a place or a cell that a figure has room for.
LARGEST = 15

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
        ("12", _("three years before")),
        ("16", _("four years before")),
        ("20", _("five years before")),
        ("24", _("six years before")),
        ("28", _("seven years before")),
        ("32", _("eight years before")),
    ),
)


def then(selection: Selection, seen: Seen) -> Selection | None:
    """The view's selection in the quarter it is compared with."""
    quarter = seen.before(int(seen.options[SINCE.name]))
    return None if quarter is None else replace(selection, quarter=quarter)


THEN = Beside(_("the earlier quarter"), "by_entity", then)


def changes(answer: Answer, earlier: Answer | None) -> dict[str, float | None]:
    """Entity -> the change of its share in points, of those that can be compared; None where it has no exact one."""
    return {code: common.points(now, old) for code, (old, now) in common.compared(answer, earlier).items()}


def ranked(answer: Answer, earlier: Answer | None, by: str) -> list[Row]:
    """The entities in the order asked for; those without figures last."""
    moved = changes(answer, earlier)

    def change(row: Row) -> float:
        points = moved.get(row.keys["entity"])
        return -1000 if points is None else points

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
    rows = {code: old for code, (old, _now) in common.compared(answer, earlier).items()}
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
    moved = changes(answer, earlier)

    def words(row: Row, line: Line) -> Line:
        points = text.points(moved.get(row.keys["entity"]))
        return replace(line, value=points, counts=line.value) if row.staff else line

    return figures.dots_with_earlier(answer, rows, _earlier(answer, earlier), "entity", words)


def ranking_title(answer: Answer, earlier: Answer | None = None, by: str = "share") -> str:
    """Who leads the ranking, and who comes last or needs most."""
    rows = [row for row in ranked(answer, earlier, by) if row.staff]
    if not rows:
        return text.empty_title(answer)

    def name(row: Row) -> str:
        named = text.label(answer, "entity", row.keys["entity"], short=True)
        if comparable.counts(row):
            return named
        return gettext("%(name)s (%(flag)s)", name=named, flag=text.flag(row.flag))

    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return text.breakdown_title(answer)
    if by == "size":
        return common.largest(answer, rows, name)
    rounded = common.protected(answer)
    if by == "gap" and rounded:
        return common.needs_most(rows, name)
    if by == "gap":
        if not first.index_growth:
            return gettext("Every entity shown has equal numbers of women and men")
        return common.most_needed(rows, name)
    if by == "change":
        return change_title(answer, earlier)
    judged = [row for row in rows if row.share_women is not None and not row.left_out]
    if len(judged) < 2:
        return text.breakdown_title(answer)
    first, last = judged[0], judged[-1]
    if rounded:
        values = {"most": text.share(first), "first": name(first), "least": text.share(last), "last": name(last)}
        if not ranges.apart(ranges.share(first), ranges.share(last)):
            return text.breakdown_title(answer)
        if ranges.clearly_most(first, rows, ranges.share) and ranges.clearly_least(last, rows, ranges.share):
            return gettext("From %(most)s women in %(first)s to %(least)s in %(last)s, of those shown", **values)
        return gettext("Women are %(most)s in %(first)s and %(least)s in %(last)s", **values)
    if first.share_women == last.share_women:
        return gettext("Women are %(share)s in every entity", share=text.share(first))

    def ends(end: Row) -> str:
        # Several may have the same share: 100 % of one person, and of another.
        same = [row for row in judged if row.share_women == end.share_women]
        if len(same) <= text.NAMES_IN_A_SENTENCE:
            return text.joined(name(row) for row in same)
        return gettext("%(count)s entities", count=text.number(len(same)))

    return gettext(
        "From %(most)s women in %(first)s to %(least)s in %(last)s",
        most=text.share(first), first=ends(first), least=text.share(last), last=ends(last),
    )  # fmt: skip


def _moved(answer: Answer, earlier: Answer | None) -> list[tuple[float, Row]]:
    """Changes and rows of the entities whose change is told: comparable, and of enough staff in both quarters."""
    found = []
    for old, row in common.compared(answer, earlier).values():
        moved = common.points(row, old)
        if moved is not None and min(row.staff or 0, old.staff or 0) >= text.NAMED_FROM:
            found.append((moved, row))
    return sorted(found, key=lambda pair: (-pair[0], pair[1].keys["entity"]))


def change_title(answer: Answer, earlier: Answer | None) -> str:
    """How many gained and lost, of how many, and who gained most: of those whose figures are exact."""
    said = _change_title(answer, earlier)
    if earlier is None or not _moved(answer, earlier) or not (common.protected(answer) or common.protected(earlier)):
        return said
    return gettext("%(said)s (without entities whose figures are rounded or not shown)", said=said)


def _change_title(answer: Answer, earlier: Answer | None) -> str:
    moved = _moved(answer, earlier)
    if earlier is None or not common.compared(answer, earlier):
        return gettext("No comparable earlier figures")
    values = {"quarter": earlier.scope.quarter, "least": text.number(text.NAMED_FROM), "count": text.number(len(moved))}
    if not moved and any(text.is_about(row) for row in (*answer.rows, *earlier.rows) if row.staff):
        # They can be compared, and what moved may be the rounding.
        return gettext("We give no change for rounded figures")
    if not moved:
        return gettext("No entity with at least %(least)s staff can be compared with %(quarter)s", **values)
    up = sum(points >= text.LEAST_POINTS for points, _row in moved)
    down = sum(points <= -text.LEAST_POINTS for points, _row in moved)
    values |= {"up": text.number(up), "down": text.number(down)}
    if len(moved) == 1:
        points, row = moved[0]
        return gettext("Only %(name)s has at least %(least)s staff and can be compared with %(quarter)s: %(points)s",
                       name=text.label(answer, "entity", row.keys["entity"], short=True),
                       points=text.points(points), **values)  # fmt: skip
    if not up and not down:
        return gettext(
            "The share of women has not changed since %(quarter)s in any of %(count)s comparable entities with at "
            "least %(least)s staff", **values,
        )  # fmt: skip
    gained = gettext(
        "The share of women rose in %(up)s and fell in %(down)s of %(count)s comparable entities with at least "
        "%(least)s staff since %(quarter)s", **values,
    )  # fmt: skip
    most, row = moved[0]
    # Where several rose by as much, none rose most; shares are floats, and differ in the last place.
    if most >= text.LEAST_POINTS and moved[1][0] < most - 1e-9:
        name = text.label(answer, "entity", row.keys["entity"], short=True)
        return gettext("%(gained)s, most in %(name)s (%(points)s)", gained=gained, name=name, points=text.points(most))
    return gained


def ranking_table(
    answer: Answer, earlier: Answer | None = None, by: str = "share", *, caption: str, link: Link
) -> Table:
    """The ranking in numbers, with the change since the earlier quarter."""
    compared = common.compared(answer, earlier)

    def change(row: Row) -> str:
        if row.keys["entity"] not in compared:
            return "–"
        before, row = compared[row.keys["entity"]]
        if text.is_about(row) or text.is_about(before):
            return text.change_of_rounded(row, before, "women")
        return text.points(common.points(row, before))

    further = []
    if earlier:
        # Of rounded figures it is a change of women, of others one of their share.
        rounded = any(text.is_about(row) for row in answer.rows)
        values = {"quarter": earlier.scope.quarter}
        since = gettext("Women since %(quarter)s", **values) if rounded else gettext("Since %(quarter)s", **values)
        further.append(Column(since, change))
    return rows_table(answer, caption, ranked(answer, earlier, by), ("entity",), link, further)


def ranking_notes(answer: Answer, earlier: Answer | None = None, by: str = "share") -> Sequence[str]:
    """What the marks are, and whose changes are told."""
    if by != "change" or earlier is None:
        return ()
    return (
        gettext("Filled marks show this quarter, open circles %(quarter)s.", quarter=earlier.scope.quarter),
        gettext(
            "Changes are shown for entities that reported both quarters themselves and in full, with no series break "
            "in between."
        ),
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
        return figures.empty(gettext("This release does not go back that far."))
    old = common.compared(answer, earlier)
    moved = sorted(_moved(answer, earlier), key=lambda pair: -abs(pair[0]))[:MOST_LINES]
    if not moved:
        return figures.empty(gettext("No comparable earlier figures"))
    pairs = [(old[row.keys["entity"]][0], row) for _points, row in moved]
    return figures.slope(answer, pairs, "entity", earlier.scope.quarter, answer.scope.quarter)


def slope_title(answer: Answer, earlier: Answer | None = None) -> str:
    """The finding of change."""
    return change_title(answer, earlier)


def slope_table(answer: Answer, earlier: Answer | None = None, *, caption: str, link: Link) -> Table:
    """Shares then and now, by how far they moved."""
    old = {code: then for code, (then, _now) in common.compared(answer, earlier).items()}
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
            gettext("The figure shows the %(count)s entities with at least %(least)s staff that changed most. The "
                    "table has all.",
                    count=text.number(MOST_LINES), least=text.number(text.NAMED_FROM))
        )  # fmt: skip
    return said


# -- each a small line --------------------------------------------------------------------------------------------


def _quarters(answer: Answer) -> list[str]:
    return sorted({row.keys["quarter"] for row in answer.rows})


def by_gap(answer: Answer) -> list[Series]:
    """The development of each entity, from where most women are needed to where most men are; without figures last."""

    def order(series: Series) -> tuple[bool, int, str]:
        row = series.at(answer.scope.quarter)
        known = row is not None and bool(row.staff)
        gap = (row.men or 0) - (row.women or 0) if row is not None else 0
        return not known, -gap, series.code

    return sorted(by_code(answer.rows, "entity").values(), key=order)


def small_lines(answer: Answer) -> Figure:
    """One small line an entity, all on one scale."""
    return multiples(answer, by_gap(answer), "entity", _quarters(answer), answer.scope.quarter)


def _developed(answer: Answer) -> list[tuple[Row, Row]]:
    """First and last rows of the entities whose development can be told: enough staff, own reports, no break between.

    Of rounded figures none: over which entities and people they changed, nobody can say.
    """
    quarters = _quarters(answer)
    found = []
    for series in by_code(answer.rows, "entity").values():
        first, last = series.at(quarters[0]), series.at(answer.scope.quarter)
        if first is None or last is None or first is last or text.is_about(last):
            continue
        enough = min(first.staff or 0, last.staff or 0) >= text.NAMED_FROM
        if enough and comparable.reaches(answer.scope, series.code, first):
            found.append((first, last))
    return found


def lines_title(answer: Answer) -> str:
    """In how many entities the share rose, and in how many it fell."""
    drawn = [series for series in by_gap(answer) if any(told(row) for row in series.rows)]
    if not drawn and any(row.staff for row in answer.rows):
        if answer.protection == ROUNDED:
            return gettext("No entity shown has shares for a line")
        return gettext("No entity has enough staff here for a line")
    if not drawn:
        return text.empty_title(answer)
    if any(text.is_about(row) for row in answer.rows):
        return ngettext(
            "%(count)s entity has enough staff here for a line",
            "%(count)s entities have enough staff here for a line",
            len(drawn), count=text.number(len(drawn)),
        )  # fmt: skip
    pairs = _developed(answer)
    values = {"quarter": _quarters(answer)[0]}
    if not pairs:
        return gettext("No entity with at least %(least)s staff can be compared with %(quarter)s",
                       least=text.number(text.NAMED_FROM), **values)  # fmt: skip
    if len(pairs) == 1:
        first, last = pairs[0]
        name = text.label(answer, "entity", last.keys["entity"], short=True)
        return gettext("%(name)s: women were %(then)s in %(quarter)s and are %(now)s", name=name,
                       then=text.share(first), now=text.share(last), **values)  # fmt: skip
    moved = [common.points(last, first) or 0 for first, last in pairs]
    up = sum(points >= text.LEAST_POINTS for points in moved)
    down = sum(points <= -text.LEAST_POINTS for points in moved)
    values |= {"count": text.number(len(pairs)), "up": text.number(up), "down": text.number(down),
               "least": text.number(text.NAMED_FROM)}  # fmt: skip
    if not up and not down:
        return gettext(
            "The share of women is the same as in %(quarter)s in all %(count)s comparable entities with at least "
            "%(least)s staff", **values,
        )  # fmt: skip
    if up == len(pairs):
        return gettext(
            "The share of women has risen since %(quarter)s in all %(count)s comparable entities with at least "
            "%(least)s staff", **values,
        )  # fmt: skip
    if down == len(pairs):
        return gettext(
            "The share of women has fallen since %(quarter)s in all %(count)s comparable entities with at least "
            "%(least)s staff", **values,
        )  # fmt: skip
    return gettext(
        "Since %(quarter)s the share of women rose in %(up)s and fell in %(down)s of %(count)s comparable entities "
        "with at least %(least)s staff", **values,
    )  # fmt: skip


def _at(row: Row | None) -> str:
    """One quarter of one entity: its share, or why there is none."""
    if row is None:
        return ""
    if row.women is None:
        return text.why(row, short=True)
    if not row.staff:
        return "–"
    return text.share(row) if told(row) else text.counts(row)


def _remarks(series: Series) -> str:
    """Of which quarters an entity's figures are not its own, or none; and where they cannot be compared."""
    found: dict[str, list[str]] = {}
    for row in series.rows:
        quarter = row.keys["quarter"]
        if row.extra.get("series_break"):
            found.setdefault(text.flag("break"), []).append(quarter)
        if row.reason == "not-submitted":
            found.setdefault(text.reason(row.reason), []).append(quarter)
        elif row.flag in ("carried", "partial"):
            found.setdefault(text.flag(row.flag), []).append(quarter)
    return "; ".join(
        gettext("%(what)s: %(quarters)s", what=what, quarters=text.joined(quarters)) for what, quarters in found.items()
    )


def lines_table(answer: Answer, caption: str, link: Link) -> Table:
    """Entities by quarters a year apart, the newest first."""
    quarters = list(reversed(_quarters(answer)))[::QUARTERS_A_YEAR]
    lines = []
    for series in by_gap(answer):
        rows = {row.keys["quarter"]: row for row in series.rows}
        last = rows.get(answer.scope.quarter)
        there = last is not None and last.staff
        lines.append(
            (
                Cell(text.label(answer, "entity", series.code, short=True), href=link("entity", series.code)),
                Cell(text.counts(last) if last is not None and there else "–"),
                Cell(text.index(last) if last is not None and there else "–"),
                *(Cell(_at(rows.get(quarter))) for quarter in quarters),
                Cell(_remarks(series), words=True),
            )
        )
    columns = (
        Cell(text.dimension("entity")),
        Cell(gettext("Women of all, %(quarter)s", quarter=answer.scope.quarter), number=True),
        Cell(gettext("Index (growth)"), number=True),
        *(Cell(quarter, number=True) for quarter in quarters),
        Cell(gettext("Remarks")),
    )
    return Table(caption, columns, tuple(lines))


def lines_notes(answer: Answer) -> Sequence[str]:
    """How to read the small lines."""
    found = by_gap(answer)
    drawn = [series for series in found if any(told(row) for row in series.rows)]
    if not drawn:
        return ()
    said = [
        gettext(
            "All are on one scale. Entities that need most women for equal numbers come first, those that need most "
            "men last."
        ),
    ]
    rows = [row for series in drawn for row in series.rows]
    looks = []
    if any(row.flag in ("carried", "partial") and told(row) and not text.is_about(row) for row in rows):
        looks.append(gettext("Hollow marks are carried forward or partly reported, and not part of a line."))
    if any(row.extra.get("series_break") for row in rows):
        looks.append(gettext("Dashes mark a series break: figures before and after it are not compared."))
    if any(row.reason == "not-submitted" for row in rows):
        looks.append(gettext("Gaps mean not submitted."))
    said += [" ".join(looks)] if looks else []
    if len(drawn) < len(found):
        count = len(found) - len(drawn)
        said.append(
            ngettext("%(count)s entity without figures for a line is in the table only.",
                     "%(count)s entities without figures for a line are in the table only.",
                     count, count=text.number(count))
        )  # fmt: skip
    if len(_quarters(answer)) > QUARTERS_A_YEAR:
        said.append(gettext("The table shows one quarter a year. The files have all."))
    pairs = _developed(answer)
    if pairs and len(pairs) < len(drawn):
        said.append(
            ngettext("We compare the one entity that reported both quarters itself, with no series break in between "
                     "and at least %(least)s staff.",
                     "We compare the %(count)s entities that reported both quarters themselves, with no series break "
                     "in between and at least %(least)s staff.",
                     len(pairs), count=text.number(len(pairs)), least=text.number(text.NAMED_FROM))
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
    after=(
        Panel(
            "lines", "entity_trend", _("Share of women over time, entity by entity"), small_lines, lines_title,
            drill="entity", lead="/entities/<code>", table=lines_table, notes=lines_notes, matrix=True,
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
    if answer.by[0] == "department":
        return (
            ngettext("%(count)s smaller department is in the table only.",
                     "%(count)s smaller departments are in the table only.", count, count=text.number(count)),
        )  # fmt: skip
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
        filter(common.may_need, common.named(answer.rows, answer.by[-1])),
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
    if not common.counted(common.named(answer.rows, answer.by[-1])):
        return text.empty_title(answer)
    if any(row.possible for row in common.counted(answer.rows)):
        return common.needs_most(common.named(answer.rows, answer.by[-1]), partial(cell_name, answer))
    if not rows:
        return gettext("Equal numbers in every cell shown")
    first = [row for row in rows if row.index_growth == rows[0].index_growth]
    if len(first) > 1:
        return ngettext(
            "%(count)s cell is furthest from equal numbers, %(needed)s each",
            "%(count)s cells are furthest from equal numbers, by %(needed)s each",
            len(first), count=text.number(len(first)), needed=text.number(rows[0].index_growth or 0),
        )  # fmt: skip
    return gettext("%(cell)s needs most: %(needed)s", cell=cell_name(answer, rows[0]), needed=text.index(rows[0]))


#: More rows make a table nobody reads; the file has all.
MOST_CELLS = 100


def cells_table(answer: Answer, caption: str, link: Link) -> Table:
    """The cells that need most, as a table."""
    return rows_table(answer, caption, cells(answer)[:MOST_CELLS], tuple(reversed(answer.by)), link)


def cells_notes(answer: Answer) -> Sequence[str]:
    """How many cells there are, and where all of them stand."""
    count = len(cells(answer))
    if count <= LARGEST:
        return ()
    if count <= MOST_CELLS:
        return (gettext("The figure shows those that need most. The table has all."),)
    return (
        gettext(
            "The figure and the table show those that need most, of %(count)s. The files have all.",
            count=text.number(count),
        ),
    )


#: The peers of similar size are so many: those whose head-counts are nearest, as a ratio (convention).
OF_SIMILAR_SIZE = 5

PEERS = Option(
    "peers",
    _("Peer group"),
    (("none", _("none")), ("size", _("similar size")), ("kind", _("same kind")), ("hand", _("chosen by hand"))),
)
HAND = Several("peer", _("Peers"), "entity", ("peers", "hand"), most=6)

#: Kinds of entities that peers can be of, as they stand in a sentence. What is of no such kind has no peers by kind.
KINDS = {
    "fund-programme": _("funds and programmes"),
    "specialised-agency": _("specialized agencies"),
    "related": _("related organizations"),
    "research-training": _("research and training institutes"),
}


def peers(seen: Seen) -> tuple[str, ...]:
    """The entities an entity is set against, as the view wants it, in the order of their codes."""
    how, code = seen.options[PEERS.name], seen.code or ""
    if how == "hand":
        return tuple(sorted(seen.several[HAND.name]))
    others = [each for each in seen.sizes if each != code]
    if how == "kind":
        kind = seen.kinds.get(code)
        return tuple(sorted(each for each in others if kind in KINDS and seen.kinds.get(each) == kind))
    if how == "size" and code in seen.sizes:
        own = seen.sizes[code]
        nearest = sorted(others, key=lambda each: (max(seen.sizes[each], own) / min(seen.sizes[each], own), each))
        return tuple(sorted(nearest[:OF_SIMILAR_SIZE]))
    return ()


def peers_said(seen: Seen) -> str:
    """Who the peers are and by which rule, or why there are none; empty where none are wanted."""
    how, found = seen.options[PEERS.name], peers(seen)
    names = text.joined(text.label(seen.known, "entity", code, short=True) for code in found)
    count = text.number(len(found))
    if how == "hand":
        if not found:
            return gettext("You have not chosen any peers yet. Tick them above.")
        return gettext("Dashed line: the peers you chose, taken together (%(names)s).", names=names)
    if how == "kind":
        kind = KINDS.get(seen.kinds.get(seen.code or "", ""))
        if kind is None or not found:
            return gettext("There is no other entity of its kind to compare it with.")
        # Translators: %(kind)s is a kind of entity in the plural: "funds and programmes".
        return gettext("Dashed line: the other %(kind)s (%(count)s), taken together: %(names)s.", kind=gettext(kind),
                       count=count, names=names)  # fmt: skip
    if how == "size":
        if not found:
            return gettext("It has no figures for this quarter, so its size cannot be compared.")
        return gettext("Dashed line: the %(count)s entities closest in number of staff, taken together (%(names)s).",
                       count=count, names=names)  # fmt: skip
    return ""


def _set_against(system: Answer, group: Answer | None) -> list[figures.Other]:
    found = [figures.Other(gettext("system"), system)]
    if group is not None:
        found.append(figures.Other(gettext("peers"), group, "dash"))
    return found


def system_trend(answer: Answer, system: Answer, group: Answer | None = None) -> Figure:
    """The trend of the entity, dotted that of all entities, and dashed that of its peers."""
    return figures.trend_against(answer, _set_against(system, group))


def system_title(answer: Answer, system: Answer, group: Answer | None = None) -> str:
    """The finding of the trend, and where the system and the peers stand."""
    rows = text.trend_rows(answer)[0]
    whole = _until(text.trend_rows(system)[0], rows)
    said = text.trend_title(answer)
    if not rows or not whole:
        return said
    of_peers = _until(text.trend_rows(group)[0], rows) if group is not None else []
    left_out = any(row.left_out for row in (*whole[-1:], *of_peers[-1:]))
    values = {"said": said, "share": text.share_or_counts(whole[-1])}
    if of_peers:
        values["peers"] = text.share_or_counts(of_peers[-1])
        if left_out:
            return gettext("%(said)s (system: %(share)s; peers: %(peers)s; without groups that are not shown)",
                           **values)  # fmt: skip
        return gettext("%(said)s (system: %(share)s; peers: %(peers)s)", **values)
    if left_out:
        return gettext("%(said)s (system: %(share)s, without groups that are not shown)", **values)
    return gettext("%(said)s (system: %(share)s)", **values)


def _until(other: Sequence[Row], rows: Sequence[Row]) -> list[Row]:
    """The quarters of what stands beside a line, up to where that ends: shares of other times would mislead."""
    return [row for row in other if rows and row.keys["quarter"] <= rows[-1].keys["quarter"]]


def system_table(answer: Answer, system: Answer, group: Answer | None = None, *, caption: str, link: Link) -> Table:
    """The quarters, with the shares of the system and of the peers."""
    return trend_table(answer, caption, link, _set_against(system, group))


def system_notes(answer: Answer, system: Answer, group: Answer | None = None, said: str = "") -> Sequence[str]:
    """What the dotted and the dashed line are."""
    if not text.trend_rows(answer)[0]:
        return ()
    found = [gettext("Dotted line: the whole system with the same filters, like for like."), *looks(answer)]
    if not said:
        return found
    found.append(said)
    if group is None:
        return found
    if group.protection == "refused":
        # Translators: %(why)s is a whole sentence.
        found.append(gettext("The peers taken together are not shown with these filters. %(why)s",
                             why=text.refused(group)))  # fmt: skip
    elif not text.trend_rows(group)[0]:
        found.append(gettext("The peers have no staff that match these filters, or are not shown."))
    elif "same-entities" not in {row.keys["basis"] for row in group.rows} and group.protection == "exact":
        found.append(gettext("The peers are not like for like: none of them can be compared throughout."))
    else:
        same, count = group.scope.same_entities.get("same-entities"), len(group.selection.members("entity"))
        if same is not None and same < count:
            found.append(
                ngettext("The peers’ line compares like with like: %(same)s of them has figures throughout.",
                         "The peers’ line compares like with like: %(same)s of them have figures throughout.",
                         same, same=text.number(same))
            )  # fmt: skip
    return found


def _beside_peers(selection: Selection, seen: Seen) -> Selection | None:
    codes = peers(seen)
    return selection.without("department").with_codes("entity", codes) if codes else None


def _vary_trend(panel: Panel, seen: Seen) -> Panel:
    return replace(panel, notes=partial(system_notes, said=peers_said(seen)))


def history_title(answer: Answer) -> str:
    """For how many of the quarters it took part in the entity has reported; how many of them late, or in part."""
    rows = [row for row in answer.rows if row.extra.get("state") != "not-participant"]
    if not rows:
        return text.empty_title(answer)
    states = [row.extra.get("state") for row in rows]
    own = sum(state in ("reported", "partial") for state in states)
    late = sum(bool(row.extra.get("late")) for row in rows)
    values = {"own": text.number(own), "count": text.number(len(rows)), "late": text.number(late)}
    if not own:
        return ngettext("Has not reported for the one quarter it took part in",
                        "Has not reported for any of %(count)s quarters", len(rows), **values)  # fmt: skip
    if own == len(rows) and not late:
        said = ngettext(
            "Reported for %(count)s quarter, on time",
            "Reported for all %(count)s quarters, never late",
            len(rows), **values,
        )  # fmt: skip
    elif not late:
        said = gettext("Reported for %(own)s of %(count)s quarters, never late", **values)
    elif len(rows) == 1:
        said = gettext("Reported for one quarter, late")
    else:
        said = gettext("Reported for %(own)s of %(count)s quarters, late for %(late)s", **values)
    return text.in_part(said, states.count("partial"))


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


def _professional(selection: Selection, seen: Seen) -> Selection:
    """Professional and higher, unless levels have been chosen already."""
    if selection.codes("category") or selection.codes("grade"):
        return selection
    return selection.with_codes("category", ["PH"])


def levels_title(answer: Answer, totals: Answer) -> str:
    """The finding of departments by grade: that of the departments, of the same staff."""
    if answer.protection == "refused" or not common.counted(answer.rows):
        return text.empty_title(answer)
    found = common.breakdown_title(totals)
    level = answer.selection.codes("category")
    if len(level) == 1 and not answer.selection.codes("grade"):
        name = text.label(answer, "category", level[0], short=True)
        return gettext("%(level)s: %(finding)s", level=name, finding=found)
    return found


def levels_table(answer: Answer, totals: Answer, caption: str, link: Link) -> Table:
    """Departments by grades, those with most staff first; before the grades all of them together."""
    whole = {row.keys["department"]: row for row in totals.rows}
    cells = {(row.keys["department"], row.keys["grade"]): row for row in answer.rows}
    grades, bare = common.in_order(answer, "grade"), common.all_about(answer)

    def order(code: str) -> tuple[int, str]:
        row = whole.get(code)
        return -((row.staff if row is not None else 0) or 0), code

    lines = [
        (
            Cell(
                text.label(answer, "department", code) if code in _UNNAMED else code,
                href=link("department", code),
                name="" if code in _UNNAMED else text.label(answer, "department", code),
            ),
            common.matrix_cell(whole.get(code), bare),
            *(common.matrix_cell(cells.get((code, grade)), bare) for grade in grades),
        )
        for code in sorted(common.in_order(answer, "department"), key=order)
    ]
    columns = (
        Cell(text.dimension("department")),
        Cell(gettext("All of these"), number=True),
        *(Cell(grade, number=True) for grade in grades),
    )
    return Table(caption, columns, tuple(lines))


_UNNAMED = (NOT_REPORTED, NOT_APPLICABLE)


def levels_notes(answer: Answer, totals: Answer) -> Sequence[str]:
    """How to read the cells, and who is counted."""
    if answer.protection == "refused":
        return ()
    said = common.matrix_notes(answer)
    levels = answer.selection.codes("category")
    if levels == ("PH",):
        said.append(
            gettext("Professional and higher staff are recruited internationally, as are Field Service staff. To see "
                    "other levels, choose a category or grades in the filters.")
        )  # fmt: skip
    if any(text.is_about(row) for row in answer.rows):
        said.append(
            gettext("Missions and other departments in one place count as places, and are rounded. Those without any "
                    "cell to show are left out here. The files have them.")
        )  # fmt: skip
    return said


def of_departments(seen: Seen) -> bool:
    """Whether an entity is shown whole that has departments to open."""
    return seen.code in seen.with_departments and not seen.selection.codes("department")


def of_many_departments(seen: Seen) -> bool:
    """Whether there is more than one department to compare level by level."""
    return of_departments(seen) and sum(entity == seen.code for entity in seen.owners.values()) > 1


def placed(seen: Seen) -> bool:
    """Whether places can be told apart: in public, those of a department cannot."""
    return seen.audience == "internal" or not seen.selection.codes("department")


def _placed_exactly(seen: Seen) -> bool:
    """Places by grade: no table for everybody has these of one entity."""
    return placed(seen) and seen.audience == "internal"


def whole(seen: Seen) -> bool:
    """Whether an entity is shown and not a part of it."""
    return not seen.selection.codes("department")


def _of_people(selection: Selection, seen: Seen) -> Selection:
    """As the rules have it: what is asked of people of a department is asked of it alone, since its entity follows."""
    departments = selection.codes("department")
    if departments and all(seen.owners.get(code) == seen.code for code in departments):
        return selection.without("entity")
    return selection


def _links(seen: Seen) -> Sequence[tuple[str, str]]:
    code = seen.code or ""
    unit = [("entity", code)]
    name = text.label(seen.known, "entity", code, short=True)
    up = (gettext("All entities"), "/entities")
    departments = seen.selection.codes("department")
    if len(departments) == 1:
        up = (gettext("All of %(name)s", name=name), f"/entities/{code}")
        unit, name = [*unit, ("department", departments[0])], departments[0]
    query = urlencode(unit)
    return (
        (gettext("Before you recruit in %(name)s", name=name), f"/recruit?{query}"),
        (gettext("Compare %(name)s with others", name=name), f"/compare?{urlencode([('s', query)])}"),
        (gettext("Grades of %(name)s", name=name), f"/grades?{query}"),
        up,
    )


def _everybody(selection: Selection, seen: Seen) -> Selection:
    return selection.without("entity").without("department")


PROFILE = Page(
    path="/entities/<code>",
    name=_("Entity"),
    fixed="entity",
    sample="UNDP",
    options=(PLACE, PEERS),
    several=(HAND,),
    links=_links,
    columns=(
        (
            Panel(
                "by_grade", "by_grade", _("Share of women by grade"), figures.dots, text.breakdown_title,
                drill="grade",
            ),
            Panel(
                "gaps", "by_grade", _("Women or men needed at each grade"), by_gap_of_grades, gap_title,
                drill="grade", notes=gap_notes,
            ),
            Panel(
                "by_place", "by_unct", _("Share of women by place, largest first"), places, common.breakdown_title,
                drill="unct", table=places_table, notes=places_notes, vary=_place, search=True, when=placed,
            ),
            Panel(
                "departments", "by_department", _("Departments, offices and missions"), places, departments_title,
                drill="department", table=places_table, notes=places_notes, search=True,
                when=of_departments,
            ),
        ),
        (
            Panel(
                "trend", "trend", _("Share of women over time"), system_trend, system_title, drill="quarter",
                beside=(Beside(_("the system"), "trend", _everybody), Beside(_("the peers"), "trend", _beside_peers)),
                table=system_table, vary=_vary_trend,
            ),
            Panel(
                "furthest", "unct_by_grade", _("Grades and places furthest from parity"), furthest, furthest_title,
                table=cells_table, notes=cells_notes, drill="unct", when=_placed_exactly,
            ),
            Panel(
                "by_age", "by_age_group", _("Women and men by age"), by_age, text.breakdown_title,
                drill="age_group", select=_of_people, when=placed,
            ),
            Panel(
                "by_headquarters", "by_headquarters", _("At headquarters and elsewhere"), figures.composition,
                text.headquarters_title, drill="headquarters", when=placed,
            ),
        ),
    ),
    after=(
        Panel(
            "levels", "department_by_grade", _("Departments, offices and missions by grade"), None, levels_title,
            table=levels_table, notes=levels_notes, drill="department", select=_professional, matrix=True, search=True,
            beside=(Beside(_("all of these"), "by_department", _professional),), when=of_many_departments,
        ),
        Panel(
            "history", "coverage_history", _("What was submitted, and when"), None, history_title,
            table=history_table, drill="quarter", when=whole,
        ),
    ),
)  # fmt: skip
