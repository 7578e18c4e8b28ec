"""What panels with a map share: which part of the world, the words beneath, and what the United Nations asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dashboard import text
from dashboard.answer import EXACT, REFUSED, Answer, Row
from dashboard.figures import maps
from dashboard.figures.maps import Shown
from dashboard.figures.table import Column, Link, Table, rows_table
from dashboard.pages import common
from dashboard.pages.page import Option, Panel, Seen
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, Selection
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: On a telephone a continent is as large as the world is on a desk.
PART = Option(
    "map",
    _("Show on the map"),
    (
        ("world", _("the world")),
        ("africa", _("Africa")),
        ("americas", _("the Americas")),
        ("asia", _("Asia")),
        ("europe", _("Europe")),
        ("oceania", _("Oceania")),
    ),
)

#: The answer of a panel and the circumstances it is seen in -> what its map shows.
Showing = Callable[[Answer, Seen], Sequence[Shown]]
Title = Callable[[Answer, Sequence[Shown], Seen], str]
#: With fewer teams below parity than this, where most of them are says nothing.
A_PATTERN = 5


def teams(answer: Answer, seen: Seen) -> list[Shown]:
    """The country teams with their countries. In an exact answer a team without a row has nobody there; one that the
    filter leaves out has no place in it.
    """
    rows = {row.keys["unct"]: row for row in common.named(answer.rows, "unct")}
    if answer.protection == EXACT and not text.no_figures(answer):
        rows |= {
            code: maps.nobody(answer, "unct", code)
            for code in seen.countries
            if code not in rows and _is_let_through(answer.selection, seen, code)
        }
    return [
        Shown(row, seen.countries.get(code, ()), team_countries(answer, seen.countries, code))
        for code, row in rows.items()
    ]


def _is_let_through(selection: Selection, seen: Seen, code: str) -> bool:
    """Whether a team without a row could have had one: it is a team, and no filter by place leaves it out."""
    if code in (NOT_REPORTED, NOT_APPLICABLE) or {"country", "duty_station"} & set(selection.filtered):
        return False
    for name, own in (("unct", code), ("region", seen.regions.get(code))):
        if name in selection.filtered and own not in selection.members(name):
            return False
    return True


def team_countries(answer: Answer, served: Mapping[str, Sequence[str]], code: str) -> str:
    """The countries of a team that serves several, where its own name does not name them all."""
    countries = served.get(code, ())
    if len(countries) < 2:
        return ""
    named = [text.label(answer, "country", each) for each in countries]
    own = text.label(answer, "unct", code)
    return "" if all(name in own for name in named) else text.joined(named)


def nationalities(answer: Answer, seen: Seen) -> list[Shown]:
    """The nationalities: a code of theirs is that of a country."""
    return [
        Shown(row, (row.keys["nationality"],))
        for row in common.named(answer.rows, "nationality")
        if row.women is not None or row.reason in text.PROTECTED
    ]


def teams_title(answer: Answer, shown: Sequence[Shown], seen: Seen) -> str:
    """In how many teams women are below parity, at parity and above it, of those that can be judged; and where most of
    those below are, which is what a map shows.
    """
    rows = [each.row for each in shown]
    if not any(row.staff for row in rows):
        return text.empty_title(answer)
    judged = [row for row in rows if row.status in (text.BELOW, text.PARITY, text.ABOVE)]
    if not judged:
        return gettext("No country team shown has a status")
    if len(judged) == 1:
        row = judged[0]
        return gettext(
            "One country team has a status: %(name)s is %(status)s (%(share)s)",
            name=text.label(answer, "unct", row.keys["unct"]), status=text.status(row.status),
            share=text.share_or_counts(row),
        )  # fmt: skip
    tally = {status: sum(row.status == status for row in judged) for status in (text.BELOW, text.PARITY, text.ABOVE)}
    count = text.number(len(judged))
    for status, sentence in (
        (text.BELOW, _("Women are below parity in all %(count)s country teams with a status")),
        (text.PARITY, _("All %(count)s country teams with a status are at parity")),
        (text.ABOVE, _("Women are above the parity band in all %(count)s country teams with a status")),
    ):
        if tally[status] == len(judged):
            return gettext(sentence, count=count)
    values = {status: text.number(number) for status, number in tally.items()} | {"judged": count}
    where = Counter(seen.regions.get(row.keys["unct"]) for row in judged if row.status == text.BELOW)
    region, there = next(iter(where.most_common(1)), (None, 0))
    if len({seen.regions.get(row.keys["unct"]) for row in judged}) < 2:
        region = None  # all that are judged are in one: nothing to tell
    whole = len(judged) == sum(bool(row.staff) or row.reason in text.PROTECTED for row in rows)
    if region is not None and tally[text.BELOW] >= A_PATTERN and 2 * there > tally[text.BELOW]:
        values |= {"there": text.number(there), "region": text.label(answer, "region", region)}
        if whole:
            return gettext(
                "Women are below parity in %(below)s of %(judged)s country teams, %(there)s of them in %(region)s; at "
                "parity in %(parity)s, above it in %(above)s",
                **values,
            )
        return gettext(
            "Women are below parity in %(below)s of %(judged)s country teams with a status, %(there)s of them in "
            "%(region)s; at parity in %(parity)s, above it in %(above)s",
            **values,
        )
    if whole:
        return gettext(
            "Women are below parity in %(below)s of %(judged)s country teams, at parity in %(parity)s and above it in "
            "%(above)s",
            **values,
        )
    return gettext(
        "Women are below parity in %(below)s of %(judged)s country teams with a status, at parity in "
        "%(parity)s and above it in %(above)s",
        **values,
    )


def nationalities_title(answer: Answer, shown: Sequence[Shown], seen: Seen) -> str:
    """How many nationalities are far from parity, of those with a share: how many are at parity is told elsewhere."""
    if not any(each.row.staff for each in shown):
        return text.empty_title(answer)
    judged = [each for each in shown if each.row.status in (text.BELOW, text.PARITY, text.ABOVE)]
    if not judged:
        return gettext("No nationality shown has a status")
    tally = maps.counted(judged)
    # Translators: here and below, %(low)s and %(high)s are percentages.
    edges = {"low": text.percent_of(maps.EDGES[0]), "high": text.percent_of(maps.EDGES[-1])}
    if not tally[0] and not tally[4]:
        return ngettext(
            "In %(count)s nationality with a status, women are neither clearly under %(low)s nor over %(high)s",
            "In none of %(count)s nationalities with a status are women clearly under %(low)s or over %(high)s",
            len(judged), count=text.number(len(judged)), **edges,
        )  # fmt: skip
    return ngettext(
        "Of %(count)s nationality with a status, women are clearly under %(low)s in %(under)s and over %(high)s in "
        "%(over)s",
        "Of %(count)s nationalities with a status, women are clearly under %(low)s in %(under)s and over %(high)s in "
        "%(over)s",
        len(judged), under=text.number(tally[0]), over=text.number(tally[4]), count=text.number(len(judged)), **edges,
    )  # fmt: skip


def disclaimer() -> str:
    """What stands beneath every map, and in every picture of one."""
    return gettext(
        "The boundaries and names shown and the designations used on this map do not imply official endorsement or "
        "acceptance by the United Nations."
    )


def notes(answer: Answer, shown: Sequence[Shown], part: str = "world") -> list[str]:
    """How to read the map, and what the United Nations says with every map of the world."""
    if answer.protection == REFUSED:
        return []
    said = [
        gettext(
            "Small countries and territories are shown as points, moved apart if they are close together. Areas "
            "without a colour from the legend are not counted here. The table lists everything, and you can search it."
        )
    ]
    if part != PART.default:
        said.append(gettext("Title, legend and table cover the whole world, whichever part of it you see."))
    if any(each.row.possible for each in shown):
        said.append(
            gettext(
                "Colours show the parity status. Areas whose status is not clear from rounded figures have a colour of "
                "their own."
            )
        )
    return [
        *said,
        disclaimer(),
        gettext(
            "References to Kosovo shall be understood to be in the context of Security Council resolution 1244 (1999). "
            "The final status of Jammu and Kashmir has not yet been agreed upon by the parties. The final boundary "
            "between the Republic of the Sudan and the Republic of South Sudan has not yet been determined; the final "
            "status of the Abyei area is not yet determined. A dispute exists between the Governments of Argentina and "
            "the United Kingdom of Great Britain and Northern Ireland concerning sovereignty over the Falkland Islands "
            "(Malvinas)."
        ),
    ]


def _table(answer: Answer, key: str, shown: Sequence[Shown], caption: str, link: Link) -> Table:
    """What the map shows, by name, with the class whose colour it has."""
    beneath = {each.row.keys[key]: each.beneath for each in shown}

    def by_name(row: Row) -> tuple[str, str]:
        return text.label(answer, key, row.keys[key]), row.keys[key]

    classes = maps.names(shown)
    column = Column(gettext("On the map"), lambda row: classes[maps.class_of(row)], number=False)
    rows = sorted((each.row for each in shown), key=by_name)
    # Too few to show stand after all numbers, whatever stands behind them.
    rows.sort(key=text.place)
    return rows_table(answer, caption, rows, (key,), link, (column,), beneath=lambda row: beneath[row.keys[key]])


def panel(id_: str, question: str, heading: str, key: str, showing: Showing, title: Title, lead: str | None) -> Panel:
    """A panel whose figure is a map of what `showing` finds."""

    def vary(drawn: Panel, seen: Seen) -> Panel:
        part = seen.options[PART.name]
        found: list[tuple[Answer, Sequence[Shown]]] = []

        def shown(answer: Answer) -> Sequence[Shown]:
            # Figure, title, notes and table of one drawing are of the same answer.
            if not found or found[0][0] is not answer:
                found[:] = [(answer, showing(answer, seen))]
            return found[0][1]

        return replace(
            drawn,
            figure=lambda answer: maps.world(answer, key, shown(answer), seen.points, part),
            title=lambda answer: title(answer, shown(answer), seen),
            notes=lambda answer: notes(answer, shown(answer), part),
            table=lambda answer, caption, link: _table(answer, key, shown(answer), caption, link),
        )

    # Without a view there are no countries and no points: `vary` always has the last word.
    nowhere = Seen("", "", (), {})
    return Panel(
        id_, question, heading,
        lambda answer: maps.world(answer, key, showing(answer, nowhere), {}),
        lambda answer: title(answer, showing(answer, nowhere), nowhere),
        drill=key, lead=lead, vary=vary, search=True, map=True, leaving=disclaimer,
    )  # fmt: skip
