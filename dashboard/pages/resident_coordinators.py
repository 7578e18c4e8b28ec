"""Resident Coordinators: women and men among them, over time, by region and by grade; and teams without one."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import figures, text
from dashboard.answer import Answer, Row
from dashboard.figures.layout import Figure
from dashboard.figures.table import Cell, Link, Table, also
from dashboard.figures.trend import notes as trend_notes
from dashboard.pages import common
from dashboard.pages.page import Beside, Page, Panel, Seen
from dashboard.selection import Selection
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


def everybody(selection: Selection, seen: Seen) -> Selection:
    """All staff, for the list of teams there are."""
    return selection.without("rc")


def without(answer: Answer, teams: Answer) -> list[str]:
    """Country teams that no Resident Coordinator is reported for."""
    there = {row.keys["unct"] for row in answer.rows if row.staff}
    return [row.keys["unct"] for row in common.named(teams.rows, "unct") if row.keys["unct"] not in there]


def teams_title(answer: Answer, teams: Answer) -> str:
    """How many teams have one, and how many have none."""
    if answer.protection == "refused":
        return text.empty_title(answer)
    there = common.counted(common.named(answer.rows, "unct"))
    missing = without(answer, teams)
    if not there:
        return gettext("No Resident Coordinator is reported")
    said = ngettext(
        "%(count)s country team has a Resident Coordinator", "%(count)s country teams have a Resident Coordinator",
        len(there), count=text.number(len(there)),
    )  # fmt: skip
    if not missing:
        return said
    return ngettext(
        "%(said)s; %(count)s more has none reported", "%(said)s; %(count)s more have none reported",
        len(missing), said=said, count=text.number(len(missing)),
    )  # fmt: skip


def _whom(row: Row) -> str:
    women, men = row.women or 0, row.men or 0
    if women + men == 1:
        return gettext("a woman") if women else gettext("a man")
    return gettext("%(women)s women, %(men)s men", women=text.number(women), men=text.number(men))


def teams_table(answer: Answer, teams: Answer, caption: str, link: Link) -> Table:
    """Each team's Resident Coordinator: they are publicly named. Teams without one first."""
    by_team = {row.keys["unct"]: row for row in answer.rows if row.staff}

    def line(code: str) -> tuple[Cell, ...]:
        said = _whom(by_team[code]) if code in by_team else gettext("none reported")
        return Cell(text.label(answer, "unct", code), href=link("unct", code), also=also("unct", code)), Cell(said)

    def name(code: str) -> str:
        return text.label(answer, "unct", code)

    missing = sorted(without(answer, teams), key=name)
    there = sorted((row.keys["unct"] for row in common.named(list(by_team.values()), "unct")), key=name)
    columns = (Cell(text.dimension("unct")), Cell(text.dimension("rc")))
    return Table(caption, columns, tuple(line(code) for code in (*missing, *there)))


def by_region(answer: Answer) -> Figure:
    """Regions as women | men."""
    return figures.dots_with_earlier(answer, common.worth_showing(answer.rows), [], answer.by[0])


def over_time(answer: Answer) -> list[Row]:
    """The quarters, all entities together: Resident Coordinators are of one entity."""
    rows = [row for row in answer.rows if row.keys["basis"] == "all" and row.staff]
    return sorted(rows, key=lambda row: row.keys["quarter"])


def counts(answer: Answer) -> Figure:
    """Women and men among them, quarter by quarter."""
    return figures.women_and_men(answer, over_time(answer))


def counts_table(answer: Answer, caption: str, link: Link) -> Table:
    """The same in numbers, the newest quarter first."""
    lines = [
        (
            Cell(row.keys["quarter"], href=link("quarter", row.keys["quarter"])),
            Cell(text.count(row, "women"), number=True),
            Cell(text.count(row, "men"), number=True),
            Cell(text.share(row), number=True),
        )
        for row in reversed(over_time(answer))
    ]
    columns = (
        Cell(text.dimension("quarter")),
        Cell(gettext("Women"), number=True),
        Cell(gettext("Men"), number=True),
        Cell(gettext("Share of women"), number=True),
    )
    return Table(caption, columns, tuple(lines))


def counts_title(answer: Answer) -> str:
    """How many women and men there were first, and are now."""
    rows = over_time(answer)
    if not rows:
        return text.empty_title(answer)
    first, last = rows[0], rows[-1]
    if len(rows) == 1:
        return gettext("%(quarter)s: %(counts)s are women", quarter=last.keys["quarter"], counts=text.counts(last))
    return gettext(
        "%(now)s are women in %(last)s; %(before)s in %(first)s",
        now=text.counts(last), last=last.keys["quarter"], before=text.counts(first), first=first.keys["quarter"],
    )  # fmt: skip


def _links(seen: Seen) -> Sequence[tuple[str, str]]:
    return ((gettext("All country teams"), "/country-teams"),)


PAGE = Page(
    path="/resident-coordinators",
    name=_("Resident Coordinators"),
    fixed="rc",
    code="yes",
    links=_links,
    columns=(
        (
            Panel(
                "counts", "trend", _("Women and men among Resident Coordinators over time"), counts, counts_title,
                drill="quarter", table=counts_table, alike=False,
            ),
            Panel(
                "trend", "trend", _("Share of women among Resident Coordinators over time"), figures.trend,
                text.trend_title, drill="quarter", notes=trend_notes,
            ),
            Panel(
                "by_region", "by_region", _("Resident Coordinators by region"), by_region, common.breakdown_title,
                drill="region",
            ),
            Panel(
                "by_grade", "by_grade", _("Resident Coordinators by grade"), figures.composition,
                text.breakdown_title, drill="grade",
            ),
        ),
        (
            Panel(
                "teams", "by_unct", _("Country teams and their Resident Coordinators"), None, teams_title,
                table=teams_table, drill="unct", lead="/country-teams/<code>", search=True,
                beside=(Beside(_("all country teams"), "by_unct", everybody),),
            ),
        ),
    ),
)  # fmt: skip
