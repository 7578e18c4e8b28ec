"""The UN country teams ranked, and each of them in full."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from dashboard import figures, ranges, text
from dashboard.answer import Answer, Row
from dashboard.figures.layout import Figure
from dashboard.figures.table import Cell, Link, Table, rows_table
from dashboard.figures.trend import notes as trend_notes
from dashboard.pages import common, maps
from dashboard.pages.page import Beside, Finding, Option, Page, Panel, Seen
from dashboard.selection import Selection
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Teams a figure has room for.
LARGEST = 25
#: Small groups would lead every ranking by share.
RANKED_FROM = 50

BY = Option(
    "by",
    _("Rank by"),
    (("size", _("size")), ("gap", _("gap")), ("share", _("share of women")), ("name", _("name"))),
)


def headquarters_link(seen: Seen) -> tuple[str, str]:
    """The way to the same without headquarters and regional offices, or back. An ordinary filter, so that it is told,
    kept and (where it may not be combined) refused like any other.
    """
    if "headquarters" in seen.selection.filtered:
        return gettext("Include headquarters and regional offices"), seen.address(
            seen.selection.without("headquarters")
        )
    return gettext("Exclude headquarters and regional offices"), seen.address(
        seen.selection.with_codes("headquarters", ["non-hq"])
    )


def ranked(answer: Answer, by: str) -> list[Row]:
    """The teams in the order asked for; those without figures last, in the order of their list."""
    orders: dict[str, Callable[[Row], tuple]] = {
        "size": lambda row: (-(row.staff or 0),),
        "gap": lambda row: (-(row.index_growth or 0),),
        "share": lambda row: (row.share_women is None or (row.staff or 0) < RANKED_FROM, -(row.share_women or 0)),
        "name": lambda row: (),
    }

    def name(row: Row) -> str:
        return text.label(answer, "unct", row.keys["unct"])

    rows = common.named(answer.rows, "unct")
    shown = sorted(common.counted(rows), key=lambda row: (*orders[by](row), name(row)))
    return shown + sorted((row for row in rows if row.staff is None), key=text.place)


def figure(answer: Answer, by: str = "size") -> Figure:
    """The first teams of the ranking."""
    rows = common.counted(ranked(answer, by))[:LARGEST]
    if by == "gap":
        return figures.diverging(
            answer, rows, lambda row: text.label(answer, "unct", row.keys["unct"]), lambda row: row.keys["unct"]
        )
    return figures.dots_with_earlier(answer, rows, [], "unct")


def title(answer: Answer, by: str = "size") -> str:
    """Who leads the ranking."""
    rows = common.counted(ranked(answer, by))
    if not rows:
        return text.empty_title(answer)

    def name(row: Row) -> str:
        return text.label(answer, "unct", row.keys["unct"])

    first = rows[0]
    rounded = common.protected(answer)
    if by == "gap" and rounded:
        return common.needs_most(rows, name)
    if by == "gap" and first.index_growth:
        return common.most_needed(rows, name)
    if by == "size":
        return common.largest(answer, rows, name)
    if by == "share" and rounded:
        return _highest_of_rounded(answer, rows)
    if by == "share" and (first.staff or 0) >= RANKED_FROM and first.share_women is not None:
        large = [row for row in rows if (row.staff or 0) >= RANKED_FROM]
        return _highest(answer, [row for row in large if row.share_women == first.share_women])
    return common.breakdown_title(answer)


def _highest(answer: Answer, first: Sequence[Row]) -> str:
    """Where the share is highest: in one team, or in several where it is the same."""
    names = [text.label(answer, "unct", row.keys["unct"]) for row in first]
    values = {"share": text.share(first[0]), "least": text.number(RANKED_FROM)}
    if len(first) > text.NAMES_IN_A_SENTENCE:
        return gettext(
            "Among teams with at least %(least)s staff, the share of women is highest in %(count)s teams, at %(share)s "
            "each", count=text.number(len(first)), **values,
        )  # fmt: skip
    return gettext(
        "Among teams with at least %(least)s staff, the share of women is highest in %(name)s, at %(share)s",
        name=text.joined(names), **values,
    )  # fmt: skip


def _highest_of_rounded(answer: Answer, rows: Sequence[Row]) -> str:
    """Where the share is highest of the teams shown that have enough staff for certain, if that is clear of all that
    may have; else the finding by status.
    """

    def staff(row: Row) -> tuple[int, int]:
        return ranges.heads(row, "staff")

    sure = [row for row in rows if staff(row)[0] >= RANKED_FROM and row.share_women is not None and not row.left_out]
    if sure:
        first = max(sure, key=lambda row: row.share_women or 0)
        if ranges.clearly_most(
            first, [row for row in rows if row.left_out or staff(row)[1] >= RANKED_FROM], ranges.share
        ):
            return gettext(
                "Among teams shown with at least %(least)s staff, the share of women is highest in %(name)s, at "
                "%(share)s",
                name=text.label(answer, "unct", first.keys["unct"]), share=text.share(first),
                least=text.number(RANKED_FROM),
            )  # fmt: skip
    return common.breakdown_title(answer)


def _notes(answer: Answer, by: str = "size") -> Sequence[str]:
    rows = ranked(answer, by)
    said = []
    if len(rows) > LARGEST:
        said.append(gettext("The figure shows the first %(count)s. The table has all.", count=text.number(LARGEST)))
    if "headquarters" not in answer.selection.filtered:
        said.append(text.of_country_teams())
    return said


def _table(answer: Answer, by: str, served: dict, *, caption: str, link: Link) -> Table:
    def beneath(row: Row) -> str:
        return maps.team_countries(answer, served, row.keys["unct"])

    return rows_table(answer, caption, ranked(answer, by), ("unct",), link, beneath=beneath)


def _vary(panel: Panel, seen: Seen) -> Panel:
    by = seen.options[BY.name]
    served = dict(seen.countries)
    return replace(
        panel,
        figure=partial(figure, by=by),
        title=partial(title, by=by),
        notes=partial(_notes, by=by),
        table=lambda answer, caption, link: _table(answer, by, served, caption=caption, link=link),
    )


def _finding(answer: Answer, seen: Seen) -> str:
    if answer.protection == "refused" or not common.counted(answer.rows):
        return ""
    return common.breakdown_title(answer)


def of_teams(key: str) -> Callable[[Answer], Figure]:
    """Dots by another dimension, those without a name left out."""
    return lambda answer: figures.dots_with_earlier(
        answer, common.worth_showing(common.named(answer.rows, key)), [], key
    )


PAGE = Page(
    path="/country-teams",
    name=_("Country teams"),
    options=(BY, maps.PART),
    links=lambda seen: (headquarters_link(seen),),
    finding=Finding("by_unct", _finding),
    wide=(
        maps.panel(
            "map", "by_unct", _("Share of women by country team"), "unct", maps.teams, maps.teams_title,
            "/country-teams/<code>",
        ),
    ),
    columns=(
        (
            Panel(
                "teams", "by_unct", _("Country teams ranked"), figure, title, drill="unct",
                lead="/country-teams/<code>", vary=_vary, search=True,
            ),
        ),
        (
            Panel(
                "regions", "by_region", _("Share of women by region"), of_teams("region"), common.breakdown_title,
                drill="region",
            ),
            Panel(
                "headquarters", "by_headquarters", _("At headquarters and elsewhere"), figures.composition,
                text.headquarters_title, drill="headquarters",
            ),
        ),
    ),
)  # fmt: skip


# -- one team in full ---------------------------------------------------------------------------------------------


def matrix_title(answer: Answer) -> str:
    """How many entities are there, and how many grades."""
    rows = common.counted(answer.rows)
    if not rows:
        return text.empty_title(answer)
    entities = len({row.keys["entity"] for row in rows})
    grades = len({row.keys["grade"] for row in rows})
    return ngettext(
        "%(count)s entity has staff here, at %(grades)s",
        "%(count)s entities have staff here, at %(grades)s",
        entities, count=text.number(entities),
        grades=ngettext("%(count)s grade", "%(count)s grades", grades, count=text.number(grades)),
    )  # fmt: skip


def matrix_table(answer: Answer, caption: str, link: Link) -> Table:
    """Entities by grades: the share with its counts beneath; only grades and entities with anybody to show."""
    cells = {(row.keys["entity"], row.keys["grade"]): row for row in answer.rows}
    grades = common.in_order(answer, "grade")
    lines = [
        (
            Cell(text.label(answer, "entity", entity, short=True), href=link("entity", entity)),
            # Of rounded cells it is said once, in a note.
            *(common.matrix_cell(cells.get((entity, grade)), bare=True) for grade in grades),
        )
        for entity in sorted(common.in_order(answer, "entity"))
    ]
    return Table(caption, (Cell(text.dimension("entity")), *(Cell(code, number=True) for code in grades)), tuple(lines))


def by_category(answer: Answer) -> Figure:
    """Women or men needed in each category."""
    return figures.diverging(
        answer,
        common.worth_showing(answer.rows),
        lambda row: text.label(answer, "category", row.keys["category"], short=True),
        lambda row: row.keys["category"],
    )


def absent(answer: Answer, system: Answer) -> list[Row]:
    """Entities that have staff under the other filters, and none here."""
    here = {row.keys["entity"] for row in answer.rows if row.staff or row.reason}
    return [row for row in system.rows if row.staff and row.keys["entity"] not in here]


def absent_title(answer: Answer, system: Answer) -> str:
    """How many of the entities that have anybody under the same filters elsewhere have nobody here."""
    there = common.counted(system.rows)
    if answer.protection == "refused" or not there:
        return text.empty_title(answer if answer.protection == "refused" else system)
    if any(text.is_about(row) or row.reason in text.PROTECTED for row in (*answer.rows, *system.rows)):
        # Too few to show is not nobody.
        return gettext("Rounded figures do not show which entities have no staff here")
    count, values = len(absent(answer, system)), {"of": text.number(len(there))}
    names = text.joined(text.label(answer, "entity", row.keys["entity"], short=True) for row in there)
    filtered = set(answer.selection.filtered) - {"unct", "entity"}
    if len(there) == 1:
        if filtered and count:
            return gettext("%(name)s has such staff elsewhere, but not here", name=names)
        if filtered:
            return gettext("%(name)s has such staff here", name=names)
        if count:
            return gettext("%(name)s has no staff here", name=names)
        return gettext("%(name)s has staff here", name=names)
    if filtered:
        if not count:
            return gettext("All %(of)s entities with such staff have some here", **values)
        return ngettext(
            "%(count)s of %(of)s entities with such staff has none here",
            "%(count)s of %(of)s entities with such staff have none here",
            count, count=text.number(count), **values,
        )  # fmt: skip
    if not count and len(there) <= text.NAMES_IN_A_SENTENCE:
        return gettext("%(names)s have staff here", names=names)
    if not count and "entity" in answer.selection.filtered:
        return gettext("All %(of)s chosen entities with figures have staff here", **values)
    if not count:
        return gettext("All %(of)s entities with figures have staff here", **values)
    if "entity" in answer.selection.filtered:
        return ngettext(
            "%(count)s of %(of)s chosen entities with figures has no staff here",
            "%(count)s of %(of)s chosen entities with figures have no staff here",
            count, count=text.number(count), **values,
        )  # fmt: skip
    return ngettext(
        "%(count)s of %(of)s entities with figures has no staff here",
        "%(count)s of %(of)s entities with figures have no staff here",
        count, count=text.number(count), **values,
    )  # fmt: skip


def absent_table(answer: Answer, system: Answer, caption: str, link: Link) -> Table:
    """The entities without staff here, and how many staff they have in all."""
    rows = absent(answer, system)
    lines = [
        (
            Cell(
                text.label(answer, "entity", row.keys["entity"], short=True),
                href=link("entity", row.keys["entity"]),
                name=text.label(answer, "entity", row.keys["entity"]),
            ),
            Cell(text.count(row, "staff"), number=True),
            Cell(text.share(row), number=True),
        )
        for row in rows
    ]
    columns = (
        Cell(text.dimension("entity")),
        Cell(gettext("Staff elsewhere"), number=True),
        Cell(gettext("Share of women"), number=True),
    )
    return Table(caption, columns, tuple(lines))


def coordinators(selection: Selection, seen: Seen) -> Selection:
    """The Resident Coordinator of the team, whatever else is chosen."""
    kept = Selection(selection.quarter, selection.release)
    return kept.with_codes("unct", selection.codes("unct")).with_codes("rc", ["yes"])


def coordinator_title(answer: Answer) -> str:
    """Whether the Resident Coordinator is a woman or a man: they are publicly named."""
    women = sum(row.women or 0 for row in answer.rows)
    men = sum(row.men or 0 for row in answer.rows)
    if answer.protection == "refused":
        return text.empty_title(answer)
    if not women + men:
        return gettext("No Resident Coordinator is reported for this team")
    if women + men == 1:
        return gettext("The Resident Coordinator is a woman") if women else gettext("The Resident Coordinator is a man")
    return gettext("%(women)s of %(staff)s Resident Coordinators are women", women=text.number(women),
                   staff=text.number(women + men))  # fmt: skip


def coordinator_table(answer: Answer, caption: str, link: Link) -> Table:
    """The team and its Resident Coordinator."""
    lines = []
    for row in answer.rows:
        said = [
            ngettext("%(count)s woman", "%(count)s women", row.women or 0, count=text.number(row.women or 0)),
            ngettext("%(count)s man", "%(count)s men", row.men or 0, count=text.number(row.men or 0)),
        ]
        counts = [words for words, count in zip(said, (row.women, row.men), strict=True) if count]
        lines.append((Cell(text.label(answer, "unct", row.keys["unct"])), Cell(text.joined(counts) or "–")))
    columns = (Cell(text.dimension("unct")), Cell(text.dimension("rc")))
    return Table(caption, columns, tuple(lines))


def _links(seen: Seen) -> Sequence[tuple[str, str]]:
    code = seen.code or ""
    name = seen.known.get("unct", {}).get(code, code)
    return (
        (gettext("Before you recruit in %(name)s", name=name), f"/recruit?unct={code}"),
        (gettext("Grades in %(name)s", name=name), f"/grades?unct={code}"),
        headquarters_link(seen),
        (gettext("All country teams"), "/country-teams"),
    )


TEAM = Page(
    path="/country-teams/<code>",
    name=_("Country team"),
    fixed="unct",
    sample="KEN",
    links=_links,
    wide=(
        Panel(
            "matrix", "entity_by_grade", _("Women by entity and grade"), None, matrix_title, table=matrix_table,
            notes=common.matrix_notes, matrix=True, drill="entity", lead="/entities/<code>",
            # No table for everybody has places by entity and grade.
            when=lambda seen: seen.audience == "internal",
        ),
    ),
    columns=(
        (
            Panel(
                "by_category", "by_category", _("Women or men needed in each category"), by_category,
                lambda answer: common.gaps_title(answer, answer.rows), drill="category",
                notes=lambda answer: common.gaps_notes(answer, answer.rows),
            ),
            Panel(
                "by_entity", "by_entity", _("Share of women by entity"), figures.dots, text.breakdown_title,
                drill="entity", lead="/entities/<code>",
            ),
        ),
        (
            Panel(
                "trend", "trend", _("Share of women over time"), figures.trend, text.trend_title, drill="quarter",
                notes=trend_notes,
            ),
            Panel(
                "coordinator", "by_unct", _("Resident Coordinator"), None, coordinator_title, select=coordinators,
                table=coordinator_table,
            ),
            Panel(
                "absent", "by_entity", _("Entities without staff here"), None, absent_title, table=absent_table,
                drill="entity", lead="/entities/<code>",
                beside=(Beside(_("the whole system"), "by_entity", lambda selection, seen: selection.without("unct")),),
                when=lambda seen: seen.audience == "internal",
            ),
        ),
    ),
)  # fmt: skip
