"""Who are they? By age, and by nationality."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dashboard import figures, ranges, text
from dashboard.answer import Answer, Row
from dashboard.figures.layout import Figure
from dashboard.figures.table import Link, Table, rows_table
from dashboard.pages import common, maps
from dashboard.pages.page import Finding, Option, Page, Panel, Seen
from dashboard.selection import Selection
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Nationalities a figure has room for.
LARGEST = 20

SORT = Option(
    "by", _("Rank by"), (("size", _("size")), ("share", _("share of women")), ("gap", _("gap")), ("name", _("name")))
)


def by_age(answer: Answer) -> Figure:
    """Age groups, the oldest at the top, as in a population pyramid."""
    return figures.mirrored(answer, list(reversed(common.named(answer.rows, "age_group"))))


def age_title(answer: Answer) -> str:
    """From which age on women are fewer, or where they are fewest."""
    rows = [row for row in common.named(answer.rows, "age_group") if row.share_women is not None and not row.left_out]
    if len(rows) < 2:
        return text.breakdown_title(answer)
    most = [row for row in rows if row.share_women == max(each.share_women or 0 for each in rows)]
    least = [row for row in rows if row.share_women == min(each.share_women or 0 for each in rows)]
    if any(row.possible for row in rows) and not ranges.apart(ranges.share(most[0]), ranges.share(least[0])):
        return text.breakdown_title(answer)
    if len(most) == len(rows):
        return gettext("Women are %(share)s in every age group", share=text.share(rows[0]))

    def names(found: Sequence[Row]) -> str:
        return text.joined(text.label(answer, "age_group", row.keys["age_group"], short=True) for row in found)

    return gettext(
        "Women are %(most)s of those aged %(young)s, %(least)s of those aged %(old)s",
        most=text.share(most[0]), young=names(most), least=text.share(least[0]), old=names(least),
    )  # fmt: skip


def _finding(answer: Answer, seen: Seen) -> str:
    rows = [row for row in answer.rows if row.share_women is not None]
    return age_title(answer) if len(rows) > 1 else ""


def _mirrored(key: str) -> Callable[[Answer], Figure]:
    return lambda answer: figures.mirrored(answer, common.worth_showing(common.named(answer.rows, key)))


OLDER, YOUNGER = ("55-59", "60-64", "65plus"), ("u25", "25-29", "30-34")


def _aged(selection: Selection, ages: Sequence[str]) -> Selection:
    """The selection with these ages, unless ages have been chosen already."""
    return selection if selection.codes("age_group") else selection.with_codes("age_group", ages)


def part_title(answer: Answer) -> str:
    """The finding among those of some ages."""
    return text.breakdown_title(answer)


def part_notes(answer: Answer, ages: Sequence[str]) -> Sequence[str]:
    """Which ages are counted, where a filter has chosen others than the heading says."""
    if set(answer.selection.codes("age_group")) == set(ages):
        return ()
    return (gettext("Shows the ages chosen in the filter, not those in the heading."),)


AGE = Page(
    path="/age",
    name=_("Age"),
    finding=Finding("by_age_group", _finding),
    columns=(
        (
            Panel("ages", "by_age_group", _("Women and men by age"), by_age, age_title, drill="age_group"),
        ),
        (
            Panel(
                "older",
                "by_category",
                _("Staff of 55 and over, by category"),
                figures.dots,
                part_title,
                drill="category",
                select=lambda selection, seen: _aged(selection, OLDER),
                notes=lambda answer: part_notes(answer, OLDER),
            ),
            Panel(
                "younger",
                "by_category",
                _("Staff under 35, by category"),
                figures.dots,
                part_title,
                drill="category",
                select=lambda selection, seen: _aged(selection, YOUNGER),
                notes=lambda answer: part_notes(answer, YOUNGER),
            ),
        ),
    ),
)  # fmt: skip


# -- nationality --------------------------------------------------------------------------------------------------


def ranked(answer: Answer, by: str) -> list[Row]:
    """Nationalities in the order asked for; those too few to show after all others, in the order of their list."""
    orders: dict[str, Callable[[Row], tuple]] = {
        "size": lambda row: (-(row.staff or 0),),
        "gap": lambda row: (-(row.index_growth or 0),),
        "share": lambda row: (row.share_women is None, -(row.share_women or 0)),
        "name": lambda row: (),
    }
    rows = common.named(answer.rows, "nationality")
    shown = sorted(
        common.counted(rows),
        key=lambda row: (*orders[by](row), text.label(answer, "nationality", row.keys["nationality"])),
    )
    return shown + sorted((row for row in rows if row.staff is None), key=text.place)


def nationalities(answer: Answer, by: str = "size") -> Figure:
    """The first of the ranking."""
    rows = common.counted(ranked(answer, by))[:LARGEST]
    if by == "gap":
        return figures.diverging(
            answer,
            rows,
            lambda row: text.label(answer, "nationality", row.keys["nationality"]),
            lambda row: row.keys["nationality"],
        )
    return figures.dots_with_earlier(answer, rows, [], "nationality")


def nationality_title(answer: Answer, by: str = "size") -> str:
    """How many nationalities are shown, and how many of those that can be judged are at parity. How many have no women
    or no men is not told: of protected figures, that would be told of single people.
    """
    rows = common.counted(common.named(answer.rows, "nationality"))
    if not rows:
        return text.empty_title(answer)
    judged = [row for row in rows if row.status in (text.BELOW, text.PARITY, text.ABOVE)]
    if not judged:
        return ngettext(
            "%(count)s nationality is shown; its rounded figures do not show its status",
            "%(count)s nationalities are shown; their rounded figures do not show their status",
            len(rows), count=text.number(len(rows)),
        )  # fmt: skip
    tally = {status: sum(row.status == status for row in judged) for status in (text.BELOW, text.PARITY, text.ABOVE)}
    # Translators: all slots are numbers of nationalities.
    return ngettext(
        "Of %(judged)s nationality with a status, women are at parity in %(parity)s, below it in %(below)s and above "
        "it in %(above)s",
        "Of %(judged)s nationalities with a status, women are at parity in %(parity)s, below it in %(below)s and above "
        "it in %(above)s",
        len(judged), judged=text.number(len(judged)),
        **{status: text.number(count) for status, count in tally.items()},
    )  # fmt: skip


def nationality_notes(answer: Answer) -> Sequence[str]:
    """How many are in the figure; what is not told."""
    said = []
    rows = ranked(answer, "size")
    if len(common.counted(rows)) > LARGEST:
        said.append(gettext("The figure shows the first %(count)s. The table has all.", count=text.number(LARGEST)))
    if any(row.reason in text.PROTECTED for row in rows):
        said.append(
            gettext("To protect individuals, we do not publish how many nationalities have no women or no men.")
        )
    return said


def _table(answer: Answer, by: str, *, caption: str, link: Link) -> Table:
    return rows_table(answer, caption, ranked(answer, by), ("nationality",), link)


def _vary(panel: Panel, seen: Seen) -> Panel:
    by = seen.options[SORT.name]
    return replace(
        panel,
        figure=lambda answer: nationalities(answer, by),
        table=lambda answer, caption, link: _table(answer, by, caption=caption, link=link),
    )


def _nationality_finding(answer: Answer, seen: Seen) -> str:
    return nationality_title(answer) if common.counted(answer.rows) else ""


NATIONALITY = Page(
    path="/nationality",
    name=_("Nationality"),
    options=(SORT, maps.PART),
    finding=Finding("by_nationality", _nationality_finding),
    wide=(
        maps.panel(
            "map", "by_nationality", _("Share of women by nationality, on the map"), "nationality",
            maps.nationalities, maps.nationalities_title, None,
        ),
    ),
    columns=(
        (
            Panel(
                "nationalities", "by_nationality", _("Share of women by nationality"), nationalities,
                nationality_title, drill="nationality", notes=nationality_notes, vary=_vary, search=True,
            ),
        ),
        (
            Panel(
                "regions", "by_nationality_region", _("Women and men by region of nationality"),
                _mirrored("nationality_region"), common.breakdown_title, drill="nationality_region",
            ),
            Panel(
                "groups",
                "by_regional_group",
                _("Women and men by regional group"),
                lambda answer: figures.composition(common.of_named(answer, "regional_group")),
                common.breakdown_title,
                drill="regional_group",
            ),
        ),
    ),
)  # fmt: skip
