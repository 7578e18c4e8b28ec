"""Military and police personnel: women among them by contributing country and by mission. They are not staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from dashboard import figures, text
from dashboard.answer import Answer, Row
from dashboard.figures.change import Earlier
from dashboard.figures.layout import Against, Figure
from dashboard.figures.table import Cell, Link, Table
from dashboard.pages import common
from dashboard.pages.page import Finding, Option, Page, Panel, Seen
from dashboard.settings import UNIFORMED_PUBLISHED_2019, UNIFORMED_TARGET_YEAR, UNIFORMED_TARGETS
from dashboard.text import gettext, ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: Contributors a figure has room for; by share only those of whom one person is at most a point (convention).
LARGEST, RANKED_FROM = 20, 100
#: The axis ends here where all shares do, since they are far from 100 %.
SHORT_AXIS = 40
COMPONENTS: Mapping[str, str] = {
    "contingents": _("Troops in contingents"),
    "formed-police": _("Formed police units"),
    "observers-and-staff-officers": _("Military observers and staff officers"),
    "individual-police": _("Individual police officers"),
}
BY = Option("by", _("Rank by"), (("size", _("size")), ("share", _("share of women")), ("women", _("number of women"))))


# -- against what -------------------------------------------------------------------------------------------------


def _targets() -> tuple[str, str]:
    """The lowest and the highest target as printed."""
    shares = [share for _, share in UNIFORMED_TARGETS]
    return text.percent_of(min(shares)), text.percent_of(max(shares))


def against(rows: Sequence[Row]) -> Against:
    """The targets as a strip from the lowest to the highest, and an axis as long as these rows need."""
    shares = [share for _, share in UNIFORMED_TARGETS]
    low, high = min(shares), max(shares)
    most = 100 * max((row.share_women or 0 for row in rows), default=0)
    # Translators: %(low)s is a number and %(high)s a percentage: "targets for 2028, 15 to 30 %".
    name = gettext("targets for %(year)s, %(low)s to %(high)s", year=UNIFORMED_TARGET_YEAR, low=text.number(low),
                   high=text.percent_of(high))  # fmt: skip
    return Against(low, high, name, SHORT_AXIS if most <= SHORT_AXIS else 100)


def targets_title(answer: Answer) -> str:
    """The share of all beside the targets, which are of parts of them."""
    low, high = _targets()
    if not answer.scope.staff:
        return gettext(
            "The targets for %(year)s range from %(low)s to %(high)s", year=UNIFORMED_TARGET_YEAR, low=low, high=high
        )
    return gettext(
        "Women are %(share)s of all personnel; the targets for %(year)s range from %(low)s to %(high)s",
        share=text.percent(answer.scope.women or 0, answer.scope.men or 0), year=UNIFORMED_TARGET_YEAR,
        low=low, high=high,
    )  # fmt: skip


def targets_table(answer: Answer, caption: str, link: Link) -> Table:
    """The targets by component, and that the figures are of all components together."""
    scope = answer.scope
    told = gettext("not published separately") if scope.staff else gettext("no figures")
    lines = [
        (Cell(gettext(COMPONENTS[code])), Cell(text.percent_of(share), number=True), Cell(told))
        for code, share in UNIFORMED_TARGETS
    ]
    if scope.staff:
        said = gettext("%(share)s (%(date)s)", share=text.percent(scope.women or 0, scope.men or 0),
                       date=text.date(scope.as_of))  # fmt: skip
        lines.append((Cell(gettext("All together")), Cell(text.pgettext("target", "none"), number=True), Cell(said)))
    columns = (
        Cell(gettext("Component")),
        Cell(gettext("Target for %(year)s", year=UNIFORMED_TARGET_YEAR), number=True),
        Cell(gettext("Share of women")),
    )
    return Table(caption, columns, tuple(lines))


def targets_notes(answer: Answer) -> Sequence[str]:
    """What cannot be read off."""
    said = [gettext("Targets: Uniformed Gender Parity Strategy 2018–2028, Department of Peace Operations.")]
    if answer.scope.staff:
        said.insert(
            0,
            gettext(
                "Figures by country do not show troops, observers, staff officers and police separately. So they do "
                "not show which target applies to a country’s personnel, or whether it is met."
            ),
        )
    return said


# -- by contributing country --------------------------------------------------------------------------------------


def _name(answer: Answer, row: Row) -> str:
    return text.label(answer, "contributor", row.keys["contributor"])


def ranked(answer: Answer, by: str = "size") -> list[Row]:
    """Contributors in the order asked for, equal ones by name."""
    orders: dict[str, Callable[[Row], float]] = {
        "size": lambda row: -(row.staff or 0),
        "share": lambda row: -(row.share_women or 0),
        "women": lambda row: -(row.women or 0),
    }
    return sorted(answer.rows, key=lambda row: (orders[by](row), -(row.staff or 0), _name(answer, row)))


def drawn(answer: Answer, by: str = "size") -> list[Row]:
    """The first of the ranking; by share only of contributors large enough for one."""
    rows = [row for row in ranked(answer, by) if by != "share" or (row.staff or 0) >= RANKED_FROM]
    return rows[:LARGEST]


def contributors(answer: Answer, by: str = "size") -> Figure:
    """Share of women by contributor, against the strip of targets."""
    rows = drawn(answer, by)
    return figures.dots_with_earlier(answer, rows, [], "contributor", against=against(rows))


def contributors_title(answer: Answer, by: str = "size") -> str:
    """From where to where the shares of the contributors drawn go."""
    rows = sorted(drawn(answer, by), key=lambda row: row.share_women or 0)
    if not rows:
        least = text.number(RANKED_FROM)
        return (
            gettext("No contributor has %(least)s people or more", least=least)
            if answer.rows
            else (text.empty_title(answer))
        )
    low, high = rows[0], rows[-1]
    values = {
        "low": text.share(low), "at_low": _name(answer, low), "high": text.share(high), "at_high": _name(answer, high),
        "count": text.number(len(rows)), "least": text.number(RANKED_FROM),
    }  # fmt: skip
    if len(rows) == 1:
        return gettext("Women are %(high)s of the personnel of %(at_high)s", **values)
    if by == "share":
        return gettext(
            "Among countries that contribute %(least)s people or more, %(at_high)s has the highest share: %(high)s",
            **values,
        )
    if by == "women":
        return gettext(
            "Where most women come from, their share is %(low)s (%(at_low)s) to %(high)s (%(at_high)s)", **values
        )
    return gettext(
        "Among the %(count)s largest contributors women are %(low)s (%(at_low)s) to %(high)s (%(at_high)s)", **values
    )


def contributors_notes(answer: Answer, by: str = "size") -> Sequence[str]:
    """What the figure leaves out, and who has contributed no women."""
    said = []
    if by == "share":
        said.append(
            gettext(
                "The figure shows the first %(count)s of those with %(least)s people or more. The table has all.",
                count=text.number(LARGEST), least=text.number(RANKED_FROM),
            )
        )  # fmt: skip
    elif len(answer.rows) > LARGEST:
        said.append(gettext("The figure shows the first %(count)s. The table has all.", count=text.number(LARGEST)))
    without = [row for row in ranked(answer) if row.staff and not row.women]
    if without:
        said.append(
            ngettext(
                "%(count)s of %(all)s countries has no women among its personnel: %(names)s.",
                "%(count)s of %(all)s countries have no women among their personnel (%(persons)s people): %(names)s.",
                len(without), count=text.number(len(without)), all=text.number(len(answer.rows)),
                persons=text.number(sum(row.staff or 0 for row in without)),
                names=text.joined(_name(answer, row) for row in without),
            )
        )  # fmt: skip
    return said


def _table(answer: Answer, rows: Sequence[Row], key: str, caption: str) -> Table:
    lines = [
        (
            Cell(text.label(answer, key, row.keys[key])),
            *(Cell(text.count(row, name), number=True) for name in ("women", "men", "staff")),
            Cell(text.share(row), number=True),
        )
        for row in rows
    ]
    heads = (gettext("Women"), gettext("Men"), gettext("Personnel"), gettext("Share of women"))
    return Table(caption, (Cell(text.dimension(key)), *(Cell(head, number=True) for head in heads)), tuple(lines))


def contributors_table(answer: Answer, by: str = "size", *, caption: str, link: Link) -> Table:
    """All contributors in the order asked for."""
    return _table(answer, ranked(answer, by), "contributor", caption)


def _vary(panel: Panel, seen: Seen) -> Panel:
    by = seen.options[BY.name]
    return replace(
        panel,
        figure=partial(contributors, by=by),
        title=partial(contributors_title, by=by),
        notes=partial(contributors_notes, by=by),
        table=partial(contributors_table, by=by),
    )


# -- by region of the contributing countries ----------------------------------------------------------------------


def regions(answer: Answer) -> Figure:
    """Share of women by region, against the strip of targets."""
    return figures.dots_with_earlier(answer, answer.rows, [], "contributor_region", against=against(answer.rows))


def regions_title(answer: Answer) -> str:
    """Where the share is highest and where lowest."""
    rows = sorted(common.counted(answer.rows), key=lambda row: row.share_women or 0)
    if not rows:
        return text.empty_title(answer)

    def name(row: Row) -> str:
        return text.label(answer, "contributor_region", row.keys["contributor_region"])

    return gettext(
        "By region, women are %(low)s (%(at_low)s) to %(high)s (%(at_high)s)",
        low=text.share(rows[0]), at_low=name(rows[0]), high=text.share(rows[-1]), at_high=name(rows[-1]),
    )  # fmt: skip


# -- by mission ---------------------------------------------------------------------------------------------------


def by_year(answer: Answer) -> dict[str, dict[str, Row]]:
    """Year -> mission -> its row, years in order."""
    found: dict[str, dict[str, Row]] = {}
    for row in sorted(answer.rows, key=lambda row: row.keys["year"]):
        found.setdefault(row.keys["year"], {})[row.keys["mission"]] = row
    return found


def _largest(rows: Mapping[str, Row]) -> list[Row]:
    return sorted(rows.values(), key=lambda row: (-(row.staff or 0), row.keys["mission"]))


def missions(answer: Answer) -> Figure:
    """Missions in the last year, largest first, and open marks where they stood in the first."""
    years = by_year(answer)
    if not years:
        return figures.empty(text.empty_title(answer))
    first, last = min(years), max(years)
    rows = [row for row in _largest(years[last]) if (row.staff or 0) >= RANKED_FROM]
    earlier = [] if first == last else [Earlier(first, "circle", years[first])]
    drawn_too = [then.rows[row.keys["mission"]] for then in earlier for row in rows if row.keys["mission"] in then.rows]
    return figures.dots_with_earlier(answer, rows, earlier, "mission", against=against([*rows, *drawn_too]))


def _all_of(rows: Mapping[str, Row]) -> tuple[int, int]:
    return sum(row.women or 0 for row in rows.values()), sum(row.men or 0 for row in rows.values())


def missions_title(answer: Answer) -> str:
    """The share over all missions, first and last."""
    years = by_year(answer)
    if not years:
        return text.empty_title(answer)
    first, last = min(years), max(years)
    values = {"last": last, "first": first, "now": text.about(text.percent(*_all_of(years[last])))}
    if first == last:
        return gettext("Women were %(now)s of all missions’ personnel in %(last)s", **values)
    values["then"] = text.about(text.percent(*_all_of(years[first])))
    return gettext("Women were %(now)s of all missions’ personnel in %(last)s and %(then)s in %(first)s", **values)


def missions_notes(answer: Answer) -> Sequence[str]:
    """What the marks are, and how far the figures can be relied on."""
    years = by_year(answer)
    said = []
    if len(years) > 1:
        # Translators: both slots are years.
        said.append(gettext("Filled marks show %(last)s, open circles %(first)s.", last=max(years), first=min(years)))
    if years and any((row.staff or 0) < RANKED_FROM for row in years[max(years)].values()):
        said.append(
            gettext(
                "Missions that have closed or have fewer than %(least)s people are listed in the table only.",
                least=text.number(RANKED_FROM),
            )
        )
    if "2019" in years:
        published = text.percent_of(UNIFORMED_PUBLISHED_2019)
        said.append(
            gettext(
                "For 2019 these figures give %(ours)s, but the share published elsewhere is %(published)s. The two do "
                "not agree, so treat these figures as an indication only.",
                ours=text.about(text.percent(*_all_of(years["2019"]))), published=published,
            )
        )  # fmt: skip
    return said


def missions_table(answer: Answer, caption: str, link: Link) -> Table:
    """Missions with what there was of each year: counts of the last one they had, and shares by year."""
    years = by_year(answer)
    latest: dict[str, Row] = {}
    for rows in years.values():
        latest |= rows
    order = sorted(latest.values(), key=lambda row: (-int(row.keys["year"]), -(row.staff or 0), row.keys["mission"]))
    lines = []
    for row in order:
        code = row.keys["mission"]
        shares = [text.share(rows[code], bare=True) if code in rows else "–" for rows in years.values()]
        counts = [text.count(row, name, bare=True) for name in ("women", "men", "staff")]
        name = text.label(answer, "mission", code)
        if row.keys["year"] != max(years):
            name = gettext("%(mission)s; counts for %(year)s", mission=name, year=row.keys["year"])
        lines.append(
            (
                Cell(code, name=name),
                *(Cell(said, number=True) for said in (*counts, *shares)),
            )
        )

    def heading(name: str) -> Cell:
        return Cell(gettext("%(heading)s, about", heading=name), number=True)

    columns = (
        Cell(text.dimension("mission")),
        *map(heading, (gettext("Women"), gettext("Men"), gettext("Personnel"))),
        *(heading(gettext("Share %(year)s", year=year)) for year in years),
    )
    return Table(caption, columns, tuple(lines))


# -- the page -----------------------------------------------------------------------------------------------------


def headline(answer: Answer, seen: Seen | None = None) -> str:
    """The finding of the page, with its day: it follows no quarter."""
    scope = answer.scope
    if not answer.rows:
        return gettext("Release %(release)s has no figures on uniformed personnel", release=scope.release.name)
    values = {"staff": text.number(scope.staff or 0), "date": text.date(scope.as_of)}
    if not scope.women or not scope.staff:
        return gettext("No women among %(staff)s military and police personnel (%(date)s)", **values)
    share = text.percent(scope.women, scope.men or 0)
    return gettext("Women are %(share)s of %(staff)s military and police personnel (%(date)s)", share=share, **values)


def headline_figures(answer: Answer) -> list[text.Figure]:
    """The figures beneath the headline; no index, since parity is not the target."""
    scope = answer.scope
    if not scope.staff:
        return []
    women, men = scope.women or 0, scope.men or 0
    low, high = _targets()
    without = sum(1 for row in answer.rows if row.staff and not row.women)
    aimed = gettext(
        "targets for %(year)s: %(low)s to %(high)s by component", year=UNIFORMED_TARGET_YEAR, low=low, high=high
    )
    return [
        text.Figure("uniformed-women", gettext("Women"), text.number(women), ()),
        text.Figure("uniformed-men", gettext("Men"), text.number(men), ()),
        text.Figure("share", gettext("Share of women"), text.percent(women, men), (aimed,)),
        text.Figure(
            "countries", gettext("Contributing countries"), text.number(len(answer.rows)),
            (ngettext("%(count)s without women", "%(count)s without women", without, count=text.number(without)),),
        ),
    ]  # fmt: skip


PAGE = Page(
    path="/uniformed",
    name=_("Uniformed personnel"),
    options=(BY,),
    finding=Finding("uniformed_by_country", headline, headline_figures),
    apart=True,
    columns=(
        (
            Panel(
                "contributors", "uniformed_by_country", _("Share of women by contributing country"), contributors,
                contributors_title, notes=contributors_notes, vary=_vary, search=True,
            ),
            Panel(
                "regions", "uniformed_by_region", _("Share of women by region of the contributing countries"), regions,
                regions_title,
                table=lambda answer, caption, link: _table(answer, answer.rows, "contributor_region", caption),
            ),
        ),
        (
            Panel(
                "targets", "uniformed_by_country", _("Targets"), None, targets_title, notes=targets_notes,
                table=targets_table,
            ),
            Panel(
                "missions", "uniformed_by_mission", _("Share of women by mission, approximate"), missions,
                missions_title, notes=missions_notes, table=missions_table,
            ),
        ),
    ),
)  # fmt: skip
