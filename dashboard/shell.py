"""The frame every page shares: header, banner, headline, filter panel, footer; and the words around each figure.

All HTML is drawn by Jinja templates with escaping on. The first response of a page and every update of it draw the
same partials, so that they cannot say different things.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from werkzeug.exceptions import Conflict, NotFound

from dashboard import access, answering, codelists, glossary, measures, pages, telemetry, text
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Note
from dashboard.answering.scope import sizes
from dashboard.disclosure.policy import load as load_policy
from dashboard.exports.csv import for_people
from dashboard.figures import empty
from dashboard.figures.layout import open_note
from dashboard.figures.table import Cell, Table, table
from dashboard.hierarchy import Hierarchy
from dashboard.pages import OPTION, At, Panel, Seen, methods
from dashboard.pages.page import Finding, Option, Several
from dashboard.selection import (
    CODE,
    DIMENSIONS,
    NOT_APPLICABLE,
    NOT_REPORTED,
    Selection,
    SelectionError,
    TooLarge,
    from_pairs,
    from_query,
)
from dashboard.settings import FEW, PARITY_BAND, Settings
from dashboard.text import gettext, ngettext
from dashboard.warehouse import NoRelease, OpenRelease, TooSlow, UnknownRelease, Warehouse

ASSETS = Path(__file__).resolve().parent.parent / "assets"
API = "/api/v1"
#: Styles and scripts of every page, in the order they need each other.
STYLES = ("tokens.css", "style.css")
SCRIPTS = (
    "frame.js", "names.js", "tokens.js", "selection.js", "loading.js", "release.js", "filters.js", "panels.js",
    "figures.js", "printing.js",
)  # fmt: skip
#: Before Dash's own scripts, which look for it once and would load a copy five times its size.
PLOTLY = "plotly/plotly-base.min.js"
#: After it, on pages that have a map; and what maps are drawn from, which plotly asks for when it draws the first.
PLOTLY_MAPS = "plotly/plotly-maps.min.js"
OUTLINES = "maps/world_110m.json"
#: An address longer than this does not pass every server and proxy between here and a reader.
LONGEST_ADDRESS = 6000
#: Beyond this a selection is not repeated in the address of every row of a table: the answer would be two hundred times
#: as long as the question.
LONGEST_REPEATED = 1500
#: Notes that are true of every panel stand in the headline, and those on reporting in its panel: not six times.
TOLD_ONCE = ("carried", "partial", "not-submitted", "unct", "not-staff", "staff-filters", "not-in-release")


# -- templates --------------------------------------------------------------------------------------------------


@cache
def _versions() -> Mapping[str, str]:
    """File below assets/ -> a version that changes with its content, so that browsers may keep it for a year."""
    return {
        path.relative_to(ASSETS).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:12]
        for path in ASSETS.rglob("*")
        if path.is_file()
    }


def asset(name: str) -> str:
    """The address of a file below assets/."""
    return f"/assets/{name}?v={_versions()[name]}"


def outlines() -> str:
    """The beginning of the address of map outlines, to which plotly adds "/world_110m.json": what it adds stands in the
    query, so that the address has a version like any other and may be kept for a year.
    """
    return f"{asset(OUTLINES)}&of="


@cache
def _map_points() -> Mapping[str, codelists.MapPoint]:
    return codelists.map_points()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        # A deployment's templates do not change under a running server, and looking costs a stat per drawing.
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"_": gettext, "pgettext": text.pgettext, "ngettext": ngettext}
    environment.globals |= {"asset": asset, "API": API, "BAND": PARITY_BAND, "FEW": FEW}
    environment.filters["for_people"] = for_people
    environment.globals |= {"TERMS": glossary.TERMS, "TILES": glossary.TILES}
    return environment


def render(template: str, **values: Any) -> str:
    """A template of `dashboard/templates` with these values, everything in it escaped."""
    return _environment().get_template(template).render(**values)


def script_json(value: Any) -> Markup:
    """JSON that can stand inside a script element, whatever its strings say."""
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # "<" in JSON occurs in strings only, where its escape means the same; so no string can end the element.
    return Markup(written.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))  # noqa: S704


# -- reading a query string ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A query string as understood: the selection, a sentence for everything that was left out of it, and the view
    options that are not what goes without saying.
    """

    selection: Selection
    notices: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()


def read(query: str, offered: Sequence[Option] = (), several: Sequence[Several] = ()) -> Read:
    """The selection of a page's query string. What cannot be meant is left out and said, and the page still works.

    Raises TooLarge for one that is larger than any that can be meant.
    """
    found = _selection(query)
    options, said = _options(query, offered, several)
    return Read(found.selection, (*found.notices, *said), options)


def _said(problems: Iterable[tuple[str, str, str, str]]) -> tuple[str, ...]:
    return tuple(_one_said(*problem) for problem in list(problems)[:5])


def _one_said(key: str, value: str, wrong: str, right: str) -> str:
    """A sentence for what was left out of an address, and how it is written right."""
    parts = value.split(",")
    if len(parts) > 1 and key in DIMENSIONS and all(CODE.fullmatch(part) for part in parts):
        # Translators: %(left_out)s and %(right)s are parts of an address: "entity=UNDP,UNICEF".
        return gettext("We could not read “%(left_out)s” in the address. Write “%(right)s”.",
                       left_out=f"{key}={value}", right="&".join(f"{key}={part}" for part in parts))  # fmt: skip
    # Translators: %(wrong)s is why a part of an address was not understood, %(right)s how to write it: "not a code
    # (letters, digits and - . _ +)".
    return gettext("We could not use “%(key)s=%(value)s” in the address: %(wrong)s (%(right)s).", key=key, value=value,
                   wrong=wrong, right=right if len(right) <= 60 else gettext("see the list of filters"))  # fmt: skip


def _options(
    query: str, offered: Sequence[Option], several: Sequence[Several]
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """View options of a query string in the order the page has them, and what is left out."""
    by_key = {OPTION + option.name: option for option in offered}
    of_several = {OPTION + choice.name: choice for choice in several}
    chosen: dict[str, str] = {}
    codes: dict[str, set[str]] = {key: set() for key in of_several}
    problems = []
    for key, value in parse_qsl(query.removeprefix("?"), keep_blank_values=True):
        if not key.startswith(OPTION):
            continue
        if key in of_several:
            most = of_several[key].most
            if not CODE.fullmatch(value):
                problems.append((key, value[:80], "not a code", "letters, digits and - . _ +"))
            elif value not in codes[key] and len(codes[key]) == most:
                problems.append((key, value, "one too many", f"at most {most}"))
            else:
                codes[key].add(value)
        elif key not in by_key:
            problems.append((key[:80], value[:80], "no such view option", "none of this page"))
        elif value not in by_key[key].values:
            problems.append((key, value[:80], "no such choice", "one of: " + ", ".join(by_key[key].values)))
        else:
            chosen.setdefault(key, value)
    told = tuple(
        (key, chosen[key]) for key, option in by_key.items() if chosen.get(key, option.default) != option.default
    )
    for key, choice in of_several.items():
        name, value = choice.under
        if (OPTION + name, value) in told:
            told += tuple((key, code) for code in sorted(codes[key]))
        else:
            wrong, right = f"only where {OPTION}{name} is {value}", f"{OPTION}{name}={value}"
            problems += [(key, code, wrong, right) for code in sorted(codes[key])]
    return told, _said(problems)


def _selection(query: str) -> Read:
    try:
        return Read(from_query(query))
    except TooLarge:
        raise
    except SelectionError as error:
        problems = error.problems
    said = _said(problems)
    wrong_pairs = {(key, value) for key, value, _, _ in problems}
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    try:
        return Read(from_pairs(pair for pair in pairs if (pair[0][:80], pair[1][:80]) not in wrong_pairs), said)
    except SelectionError:
        return Read(Selection(), said)


# -- what a page says -----------------------------------------------------------------------------------------------


class Asking:
    """The questions of one page view: each asked once, however many places show its answer, and all of one release,
    whatever is published meanwhile.
    """

    def __init__(self, warehouse: Warehouse, release: OpenRelease, selection: Selection):
        self.warehouse = warehouse
        self.selection = Selection(selection.quarter, release.name, selection.chosen)
        self._answers: dict[tuple[str, Selection], Answer] = {}

    def __call__(self, question: str, selection: Selection | None = None) -> Answer:
        """The answer to this question over the selection of the view, or over one made of it."""
        wanted = self.selection
        if selection is not None:
            wanted = Selection(selection.quarter, self.selection.release, selection.chosen)
        key = question, wanted
        if key not in self._answers:
            self._answers[key] = answering.ask(self.warehouse, question, wanted)
        return self._answers[key]


@dataclass(frozen=True)
class View:
    """A page view as it can be asked: the release and the canonical selection, with notices of what had to give.

    `selection` is what is counted; of it the page's address says a part where its path fixes a dimension.
    """

    asking: Asking
    release: OpenRelease
    selection: Selection
    notices: tuple[str, ...]
    at: At = field(default_factory=lambda: At(pages.OVERVIEW))
    options: tuple[tuple[str, str], ...] = ()

    @property
    def own(self) -> Selection:
        """What the query string of the page says of the selection."""
        return self.at.own(self.selection)

    @property
    def seen(self) -> Seen:
        """What panels may depend on."""
        chosen = {option.name: option.default for option in self.at.page.options}
        chosen |= {name: value for key, value in self.options if (name := key.removeprefix(OPTION)) in chosen}
        quarter, hierarchy = self.selection.quarter or self.release.quarter, Hierarchy(self.release)
        return Seen(
            audience=self.asking.warehouse.settings.audience,
            quarter=quarter,
            quarters=tuple(self.release.codes["quarter"]),
            options=chosen,
            several={
                choice.name: tuple(code for key, code in self.options if key == OPTION + choice.name)
                for choice in self.at.page.several
            },
            kinds=hierarchy.attribute("entity", "kind"),
            sizes=sizes(self.release, quarter),
            code=self.at.code,
            known=self.release.labels,
            with_departments=frozenset(hierarchy.below("entity", "department")),
            owners=hierarchy.above("department", "entity"),
            countries=hierarchy.below("unct", "country"),
            regions=hierarchy.above("unct", "region"),
            points=_map_points(),
            selection=self.selection,
            address=self.address,
        )

    def query(self, selection: Selection | None = None) -> str:
        """The query string of this page for a selection: without what its path says, with its view options."""
        return self._written(self.own if selection is None else self.at.own(selection))

    def address(self, selection: Selection) -> str:
        """The address of this page for a selection."""
        query = self.query(selection)
        return f"{self.at.path}{'?' if query else ''}{query}"

    @property
    def pinned(self) -> str:
        """The query string that will lead to these numbers whatever is published later."""
        return self._written(self.own.pinned(self.release.name, self.selection.quarter or self.release.quarter))

    def _written(self, selection: Selection) -> str:
        return urlencode([*selection.to_pairs(), *self.options])


def view(warehouse: Warehouse, query: str, at: At | None = None) -> View:
    """The view of a query string on a page. Raises NoRelease where there is nothing to ask at all."""
    at = at or At(pages.OVERVIEW)
    found = read(query, at.page.options, at.page.several)
    selection, notices = at.whole(found.selection), list(found.notices)
    try:
        release = warehouse.release(selection.release)
    except UnknownRelease:
        notices.append(text.no_such_release(selection.release or ""))
        selection = Selection(selection.quarter, None, selection.chosen)
        release = warehouse.release()
    if selection.quarter and selection.quarter not in release.codes["quarter"]:
        notices.append(text.no_such_quarter(release.name, selection.quarter))
        selection = Selection(None, selection.release, selection.chosen)
    selection = answering.canonical(release, selection)
    options, said = _known(found.options, at, release)
    return View(Asking(warehouse, release, selection), release, selection, (*notices, *said), at, options)


def _known(
    options: tuple[tuple[str, str], ...], at: At, release: OpenRelease
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """View options without codes that the release does not have, and of the page itself; and what is left out."""
    dimensions = {OPTION + choice.name: choice.dimension for choice in at.page.several}
    kept, problems = [], []
    for key, value in options:
        dimension = dimensions.get(key)
        if dimension is None or (value in release.ids[dimension] and value != at.code):
            kept.append((key, value))
        else:
            problems.append((key, value, "no such choice", "another code of this release"))
    return tuple(kept), _said(problems)


def _failure(error: Exception, where: str) -> str:
    """A sentence for a question that failed: what to do, or the id to report."""
    if isinstance(error, TooSlow):
        return gettext("This took too long, so we stopped it. Try a narrower selection.")
    if isinstance(error, NoRelease):
        return gettext("There is no release to show.")
    identity = telemetry.report(where, error)
    return gettext("This could not be drawn. Please report error %(id)s.", id=identity)


def _refused(view: View, answer: Answer, name: str) -> Markup:
    """Why an answer is refused, with links to those near it that are not."""
    near = []
    for said, selection in zip(text.nearest(answer, view.selection), answer.nearest, strict=True):
        kept = Selection(view.selection.quarter, view.selection.release, selection.chosen)
        fixed = view.at.page.fixed
        if fixed is None or selection.codes(fixed) == view.selection.codes(fixed):
            href = view.address(kept)
        else:
            # Not of what this page is about: the overview can show it.
            href = f"{pages.OVERVIEW.path}{_query(kept)}"
        near.append({"text": said.text, "href": href})
    return Markup(  # noqa: S704 - drawn by a template with escaping on
        render("refused.html", why=text.refused(answer), near=near, panel=name, method=text.METHOD)
    )


def _headline(view: View, answer: Answer, by_grade: Answer) -> str:
    finding = view.at.page.finding
    own = finding.title(view.asking(finding.question), view.seen) if finding else ""
    return own or text.headline(answer, by_grade, _as_said(view))


def _as_said(view: View) -> Selection:
    """The selection as a sentence tells it: a department needs no word of the entity it belongs to."""
    selection = view.selection
    owners = Hierarchy(view.release).above("department", "entity")
    of = {owners.get(code) for code in selection.codes("department")}
    return selection.without("entity") if of and of == set(selection.codes("entity")) else selection


def head(view: View) -> dict[str, Any]:
    """The headline block of a view: what the partial `headline.html` draws, in the first response and ever after."""
    labels = view.release.labels
    common = {
        "chips": text.chips(view.own, labels),
        "looked_at": view.release.name,
        "query": view.query(),
        "links": (),
        "notices": view.notices,
        "notes": text.place_notes(view.selection),
        "refused": "",
        "method": text.METHOD,
    }
    finding = view.at.page.finding
    try:
        if view.at.page.apart and finding is not None:
            return common | _apart(view, finding)
        answer, by_grade = view.asking("headline"), view.asking("by_grade")
    except Exception as error:
        return common | {
            "headline": gettext("This page could not be drawn"), "scope": _failure(error, "headline"), "figures": [],
            "said": ("", ""), "quarter": "", "pinned": "", "newer": None, "protected": False,
        }  # fmt: skip
    quarter = answer.scope.quarter
    if view.selection.codes("entity"):
        # Who chose one entity reads its headline, not who has reported: figures of last year must say so here.
        told = [note for note in answer.notes if note.code in ("carried", "partial", "not-submitted", "as-told")]
        common["notes"] = [*common["notes"], *(text.note_sentence(note, answer) for note in told)]
    row = text.now(answer)
    if row is not None:
        common["notes"] = [*common["notes"], *filter(None, [text.left_out(answer, row)])]
    if answer.protection == ROUNDED and sum(each.women is not None for each in answer.rows) > 1:
        common["notes"] = [*common["notes"], text.note_sentence(Note("changing-entities"), answer)]
    if answer.protection == REFUSED:
        common["refused"] = _refused(view, answer, "headline")
    if view.at.page.links:
        common["links"] = view.at.page.links(view.seen)
    return common | {
        "protected": answer.protection != EXACT,
        "headline": _headline(view, answer, by_grade),
        "scope": text.headline_scope(answer),
        "figures": text.figures(answer, by_grade),
        "said": text.said(answer),
        "quarter": gettext("%(quarter)s · %(date)s", quarter=quarter, date=text.date(answer.scope.as_of)),
        "pinned": view.pinned,
        "newer": answer.scope.release.newer,
    }


def _apart(view: View, finding: Finding) -> dict[str, Any]:
    """The headline block of a page whose data are not of staff: made of its finding alone."""
    answer = view.asking(finding.question)
    title = finding.title(answer, view.seen)
    return {
        "chips": (),
        "notes": [text.note_sentence(note, answer) for note in answer.notes if note.code in TOLD_ONCE],
        "protected": False,
        "headline": title,
        "scope": text.scope_line(answer),
        "figures": finding.figures(answer) if finding.figures else (),
        "said": (title, ""),
        "quarter": text.when(answer),
        "pinned": view.pinned,
        "newer": answer.scope.release.newer,
    }


@dataclass(frozen=True)
class Drawn:
    """A panel drawn: its figure (None: it is a table), the words above it, what stands below it, and the figure's text
    alternative.
    """

    figure: dict[str, Any] | None
    words: str
    below: str
    alternative: str


#: A code no list has, and that needs no quoting.
_ANY = "ANY_CODE"


def _links(view: View, panel: Panel) -> Callable[[str, str], str | None]:
    """Where a row leads: the selection narrowed to its code, or the page of that code. One address is made per
    dimension and filled in per row, because canonical forms of a hundred selections take longer than a table.
    """
    addresses: dict[str, tuple[str, str] | None] = {}
    selection, page = view.selection, view.at.page
    if len(view.query()) > LONGEST_REPEATED:
        return lambda _key, _code: None

    def address(key: str) -> tuple[str, str] | None:
        if panel.lead and key == panel.drill:
            # The page of a code has view options of its own.
            path, query = panel.lead, view.own.without(key).to_query()
            before, _, after = path.partition(pages.CODE)
            return before, f"{after}{'?' if query else ''}{query}"
        if key == "quarter":
            # The pattern of quarters matters to no one here: the release's own codes are filled in.
            narrowed = Selection(_ANY, selection.release, selection.chosen)
        elif key in DIMENSIONS and key != page.fixed:
            narrowed = selection.with_codes(key, [_ANY])
        else:
            return None
        before, _, after = view.query(narrowed).partition(_ANY)
        return f"{view.at.path}?{before}", after

    def link(key: str, code: str) -> str | None:
        if key not in addresses:
            addresses[key] = address(key)
        found = addresses[key]
        if found is None or (panel.lead and key == panel.drill and code in (NOT_REPORTED, NOT_APPLICABLE)):
            return None
        return found[0] + code.replace("+", "%2B") + found[1]

    return link


#: Attributes of cells that hold numbers or long remarks, and of those that go over several columns.
NUMBER, LONG, SPAN = ' class="number"', ' class="long"', ' colspan="{}"'
SHADED, WORDS = ' class="shade-{}"', ' class="words"'
LONG_FROM = 30


def _linked(cell: Cell) -> str:
    # Not by Markup.format: matrices have a thousand such cells, and it takes ten times as long.
    said = f'{escape(cell.text)} <span class="aside">{escape(cell.name)}</span>' if cell.name else escape(cell.text)
    return f'<a href="{escape(cell.href)}" data-select>{said}</a>' if cell.href else said


def _heading(cell: Cell) -> str:
    """A heading; one that is a term leads to what it means."""
    said = escape(cell.text)
    return f'<a class="term" href="{escape(cell.href)}">{said}</a>' if cell.href else said


def _class(cell: Cell) -> str:
    if cell.shade:
        return SHADED.format(cell.shade)
    if cell.words:
        return WORDS
    return NUMBER if cell.number else LONG if len(cell.text) > LONG_FROM else ""


def draw_table(table: Table, panel: Panel) -> Markup:
    """A table as HTML, escaped. Not a template: tables are most of what a view draws, and this takes a fifth of it."""
    heads = "".join(f'<th scope="col"{NUMBER if cell.number else ""}>{_heading(cell)}</th>' for cell in table.columns)
    lines = []
    for first, *others in table.rows:
        name = escape(first.text)
        if first.href:
            name = f'<a href="{escape(first.href)}" data-select data-keep="row-{panel.id}-{name}">{name}</a>'
        if first.name:
            name = f'{name} <span class="name">{escape(first.name)}</span>'
        cells = "".join(
            f"<td{_class(cell)}{SPAN.format(cell.span) if cell.span > 1 else ''}>{_linked(cell)}</td>"
            for cell in others
        )
        also = f' data-also="{escape("|".join(first.also))}"' if panel.search and first.also else ""
        lines.append(f'<tr><th scope="row"{also}>{name}</th>{cells}</tr>')
    return Markup(  # noqa: S704 - every text in it went through escape
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _heads(panel: Panel, answer: Answer, title: str, empty_: bool) -> tuple[str, str, str]:
    """Title of a panel, the line beneath it on the page, and that line as it leaves the page."""
    heading = gettext(panel.heading)
    if empty_:
        # The reason stands in the figure's place and is the same for all: the title says what is missing.
        if answer.protection == REFUSED or any(row.reason in text.PROTECTED for row in answer.rows):
            title = gettext("%(heading)s: not shown", heading=heading)
        else:
            title = gettext("%(heading)s: nothing to show", heading=heading)
        return title, text.scope_line(answer), text.scope_line(answer, leaving=True)
    # A title tells the finding; what the numbers are (shares of women) must stand there too, and in pictures.
    on_page, leaving = (
        text.DOT.join((heading, text.scope_line(answer, away, alike=panel.alike))) for away in (False, True)
    )
    return title, on_page, leaving


def _query(selection: Selection) -> str:
    written = selection.to_query()
    return f"?{written}" if written else ""


def _answers(view: View, panel: Panel) -> tuple[list[Answer], list[dict[str, str]]]:
    """The answers a panel is drawn from, and links to the files of those beside the first."""
    seen = view.seen
    own = panel.select(view.selection, seen) if panel.select else view.selection
    answers, files = [view.asking(panel.question, own)], []
    for other in panel.beside:
        selection = other.select(view.selection, seen)
        if selection is not None:
            answers.append(view.asking(other.question, selection))
            href = for_people(f"{API}/{other.question}.csv{_query(selection)}")
            files.append({"name": gettext("CSV: %(what)s", what=gettext(other.name)), "href": href})
    return answers, files


def _told_elsewhere(panel: Panel) -> tuple[str, ...]:
    """Codes of notes that are not told under a panel."""
    return (*(("unct",) if panel.tells_all else TOLD_ONCE), "rounded", *(() if panel.alike else ("alike",)))


#: Where the table of a panel is to be had that shows its figure: a table is most of what a panel takes to draw and to
#: send, and most are never opened.
TABLES = "/_tables"


def _table_of(view: View, panel: Panel, answers: Sequence[Answer], title: str) -> Markup:
    link = _links(view, panel)
    drawn = panel.table(*answers, caption=title, link=link) if panel.table else table(answers[0], title, link)
    return draw_table(drawn, panel)


def _later(view: View, panel: Panel) -> str:
    """The address of a panel's table alone, for the view's own release."""
    wanted = [("path", view.at.path), ("of", view.release.name), ("query", view.query())]
    return f"{TABLES}/{panel.id}?{urlencode(wanted)}"


def draw(view: View, panel: Panel, with_table: bool = True) -> Drawn:
    """Draw one panel. It fails alone: whatever goes wrong becomes a message in its place.

    Without its table, the place of the table says where to get it; where there is no figure to see there is a table.
    """
    try:
        answers, files = _answers(view, panel)
        answer = answers[0]
        figure = panel.figure(*answers) if panel.figure else None
        nothing = not figure["data"] if figure is not None else answer.protection == REFUSED
        title, scope, stamp = _heads(panel, answer, panel.title(*answers), nothing)
        settings = view.asking.warehouse.settings
        permalink = f"{view.at.path}?{view.pinned}"
        today = dt.datetime.now(dt.UTC).date()
        with_table = with_table or figure is None or nothing
        below = render(
            "below.html",
            panel=panel,
            term=glossary.of_heading(panel.heading),
            refused=_refused(view, answer, panel.id) if answer.protection == REFUSED else "",
            rounded=text.rounded_note(answer),
            method=text.METHOD,
            table=_table_of(view, panel, answers, title) if with_table else "",
            later="" if with_table else _later(view, panel),
            notes=list(
                dict.fromkeys(
                    [
                        *text.notes(answer, _told_elsewhere(panel)),
                        *panel.notes(*answers),
                        *filter(None, [open_note(figure or {"data": ()})]),
                    ]
                )
            ),
            address=f"{API}/{panel.question}",
            query=_query(panel.select(view.selection, view.seen) if panel.select else view.selection),
            files=files,
            permalink="" if settings.canonical_url else permalink,
            citation=text.citation(answer, title, settings.canonical_url + permalink, today),
            file_name=f"parity-{panel.id}-{answer.scope.time}-{answer.scope.release.name}-{answer.scope.audience}",
            stamp=f"{stamp}. {panel.leaving()}" if panel.leaving else stamp,
        )
        words = render("words.html", panel=panel, title=title, scope=scope)
        return Drawn(figure, words, below, text.summary(answer, title, panel.map) if figure is not None else "")
    except Exception as error:
        sentence = _failure(error, panel.id)
        title = gettext(panel.heading)
        words = render("words.html", panel=panel, title=title, scope="" if panel.figure else sentence)
        return Drawn(empty(sentence) if panel.figure else None, words, "", sentence)


# -- the frame --------------------------------------------------------------------------------------------------------


def _filters(view: View) -> list[dict[str, Any]]:
    """The dimensions of the filter panel, each with what it says while it is closed."""
    if view.at.page.apart:
        return []
    found = []
    for name, dimension in DIMENSIONS.items():
        if not dimension.in_panel or name == view.at.page.fixed:
            continue
        chosen = len(view.selection.codes(name))
        found.append({"name": name, "label": text.dimension(name), "chosen": chosen})
    return found


def _several(view: View, seen: Seen) -> list[dict[str, Any]]:
    """Choices of several codes: each code there is, by its name, and whether it is chosen."""
    found = []
    for choice in view.at.page.several:
        codes = [code for code in view.release.codes[choice.dimension] if code not in (view.at.code, *_NO_CODES)]
        named = sorted((text.label(view.release.labels, choice.dimension, code, short=True), code) for code in codes)
        found.append(
            {
                "name": OPTION + choice.name,
                "label": gettext("%(label)s (up to %(most)s)", label=gettext(choice.label),
                                 most=text.number(choice.most)),
                "options": [(code, name, code in seen.several[choice.name]) for name, code in named],
            }
        )  # fmt: skip
    return found


#: Codes that no choice offers.
_NO_CODES = (NOT_REPORTED, NOT_APPLICABLE)


def _words(at: At) -> dict[str, Any]:
    """Sentences and rules that scripts need; translated here, so that scripts hold none of their own."""
    fixed = at.page.fixed
    return {
        "fixed": [[fixed, at.code]] if fixed and at.code else [],
        "options": {OPTION + option.name: option.values for option in at.page.options},
        "several": {
            OPTION + choice.name: {"under": [OPTION + choice.under[0], choice.under[1]], "most": choice.most}
            for choice in at.page.several
        },
        "all": text.pgettext("no filter", "all"),
        "chosen": gettext("{count} chosen"),
        "loading": gettext("Loading …"),
        "lost": gettext("The figures could not be loaded."),
        "lostBehind": gettext("The figures could not be loaded. Those in grey are for your previous choice."),
        "failed": gettext("The options could not be loaded."),
        "tableFailed": gettext("The table could not be loaded."),
        "foreign": gettext("The reply did not come from this site. You may need to sign in again."),
        "reload": gettext("Reload this page"),
        "tryAgain": gettext("Try again"),
        "newRelease": gettext("This page now shows the new release {release}."),
        "releaseBack": gettext("This page shows release {release} again, which is back in service."),
        "close": gettext("Close"),
        "search": gettext("Search in {filter}"),
        "selectShown": gettext("Select all {count} shown"),
        "clear": gettext("Clear"),
        "noMatch": gettext("No results"),
        "rowsFound": gettext("{count} found"),
        "tooMany": gettext(
            "Too many for one address, so nothing was added. Clear others first, or choose what they have in common."
        ),
        "was": gettext("{now}; previously {was}"),
        "filters": gettext("Filters"),
        "filtersChosen": gettext("Filters ({count})"),
        "groups": {name: dimension.groups for name, dimension in DIMENSIONS.items() if dimension.groups},
        "dimensions": list(DIMENSIONS),
        "longest": LONGEST_ADDRESS,
        "api": request.script_root + API,
        "language": text.locale().language,
    }


def _navigation(at: At | None, path: str, query: str) -> dict[str, list[dict[str, Any]]]:
    """The pages by name: those in sight, and those that open beneath "More"."""
    kept = f"?{query}" if query else ""
    here = at.page.path.partition(f"/{pages.CODE}")[0] if at and at.page.of_codes else path
    found = [
        {
            "href": page.path + (kept if page.follow else ""),
            "name": gettext(page.name),
            "current": page.path == here,
            "follow": page.follow,
        }
        for page in pages.ALL
        if page.listed
    ]
    found.append({"href": f"{API}/", "name": gettext("API"), "current": False, "follow": False})
    return {"in_sight": found[: pages.IN_SIGHT], "more": found[pages.IN_SIGHT :]}


def frame(
    path: str, warehouse: Warehouse | None, release: OpenRelease | None, query: str = "", seen: View | None = None
) -> dict[str, Any]:
    """What every page's frame needs, whether or not there is a release to speak of."""
    settings = warehouse.settings if warehouse else None
    other = access.other_view(settings) if settings else None
    locale = text.locale()
    return {
        "lang": str(locale).replace("_", "-"),
        "direction": locale.text_direction,
        "path": path,
        "navigation": _navigation(seen.at if seen else None, path, seen.own.to_query() if seen else ""),
        # What is not of staff is not modelled, whatever release it stands in.
        "demonstration": bool(release and release.demonstration) and not (seen and seen.at.page.apart),
        "audience": settings.audience if settings else None,
        "other_view": other and f"{other}{path}{'?' if query else ''}{query}",
        "published": _published(settings, release) if release else None,
        "problem_address": settings.problem_address if settings else "",
        "canonical": (settings.canonical_url + path) if settings and settings.canonical_url else "",
        "styles": STYLES,
    }


def _published(settings: Settings | None, release: OpenRelease) -> str:
    """Which release a page is of, for its footer."""
    said = gettext("Release %(release)s · published %(date)s", release=release.name, date=text.date(release.published))
    if settings and settings.next_release:
        return gettext("%(published)s · next %(next)s", published=said, next=settings.next_release)
    return said


def of_release(view: View) -> dict[str, Any]:
    """What a page that is open has to follow where its figures come from another release than it was drawn for."""
    found = frame(view.at.path, view.asking.warehouse, view.release, view.query(), view)
    return {
        "latest": view.release.quarter,
        "quarters": list(reversed(view.release.codes["quarter"])),
        "published": found["published"],
        "banner": render("banner.html", **found),
        "several": {choice["name"]: render("several.html", choice=choice) for choice in _several(view, view.seen)},
    }


class NoSuchCode(NotFound):
    """A page of codes asked for one that the release does not have; `instead` is the page that lists those it has."""

    def __init__(self, code: str, instead: tuple[str, str]):
        super().__init__(gettext("There is no “%(code)s” here.", code=code))
        self.instead = instead


def well_spelt(warehouse: Warehouse, at: At) -> str:
    """The address of a page as its own links have it: a code in other letters is the one code that it can be."""
    if not at.page.of_codes or not at.page.fixed or at.code is None:
        return at.path
    try:
        codes = warehouse.current().ids.get(at.page.fixed, {})
    except NoRelease:
        return at.path
    if at.code in codes:
        return at.path
    alike = [code for code in codes if code.casefold() == at.code.casefold()]
    return at.page.path.replace(pages.CODE, alike[0]) if len(alike) == 1 else at.path


def _check_code(at: At, release: OpenRelease) -> None:
    """Raise NoSuchCode where the address has a code that this release does not know."""
    if at.page.of_codes and at.page.fixed and at.code not in release.ids.get(at.page.fixed, ()):
        path = at.page.path.partition(f"/{pages.CODE}")[0]
        parent = pages.find(path)
        raise NoSuchCode(at.code or "", (path, gettext(parent.page.name) if parent else path))


@text.one_locale()
def dash_page(warehouse: Warehouse, path: str, query: str, parts: Mapping[str, str]) -> str:
    """A page with figures: the frame and everything it says in words, with Dash's parts where figures go.

    Raises NoRelease on a server without one, NoSuchCode where the release does not know the code in the address.
    """
    at = pages.find(path) or At(pages.OVERVIEW)
    seen = view(warehouse, query, at)
    _check_code(at, seen.release)
    in_service = warehouse.current()
    block = head(seen)
    circumstances = seen.seen
    page = at.page
    panels = {
        "wide": page.shown(page.wide, circumstances),
        "columns": [page.shown(column, circumstances) for column in page.columns],
        "all": page.shown(page.panels, circumstances),
    }
    return render(
        "page.html",
        **frame(at.path, warehouse, seen.release, block["query"], seen),
        **block,
        panels=panels,
        title=block["headline"],
        filters=_filters(seen),
        quarters=list(reversed(seen.release.codes["quarter"])),
        quarter_chosen=circumstances.quarter,
        latest=seen.release.quarter,
        release=seen.release.name,
        in_service=in_service.name,
        published_at=in_service.published.isoformat(),
        options=[(option, circumstances.options[option.name]) for option in page.options],
        several=_several(seen, circumstances),
        opening={choice.under for choice in page.several},
        pairs=seen.own.to_pairs(),
        full_query=seen.selection.to_query(),
        words=script_json(_words(at)),
        scripts=SCRIPTS,
        plotly=(PLOTLY, PLOTLY_MAPS) if page.maps else (PLOTLY,),
        dash=_parts(parts),
    )


#: What Dash tells every visitor about the machine it runs on, and asks of another host. None of it is needed.
_NOT_TOLD = ("python_version", "dash_version_url", "end_id", "plotly_cloud_installed")
#: Components no page uses, yet sent with every page: a sixth of what a first visit loads.
_NOT_SENT = "/dash_table/"


def _parts(parts: Mapping[str, str]) -> dict[str, Markup]:
    """Dash's parts of a page, without what says too much or is never used. Safe unescaped: Dash wrote them."""
    kept = dict(parts)
    opening, _, rest = kept["config"].partition(">")
    config = json.loads(rest.removesuffix("</script>"))
    told = {key: value for key, value in config.items() if key not in _NOT_TOLD} | {"disable_version_check": True}
    told["requests_pathname_prefix"] = f"{request.script_root}/"
    kept["config"] = f"{opening}>{script_json(told)}</script>"
    kept["scripts"] = "\n".join(line for line in kept["scripts"].split("\n") if _NOT_SENT not in line)
    return {name: Markup(part) for name, part in kept.items()}  # noqa: S704


#: What fills an empty server, for its page.
COMMANDS = ("make demo", "parity submit FILE.xlsx", "parity release 2026Q3")


def error_page(status: int, detail: str, identity: str | None = None, instead: tuple[str, str] | None = None) -> str:
    """The page of an error: what happened, what to do, and the id to report where the fault is ours."""
    title = {
        400: gettext("This address cannot be read"),
        404: gettext("There is no such page"),
        405: gettext("That cannot be done here"),
        410: gettext("These figures were withdrawn"),
        413: gettext("The request is too large"),
        503: gettext("The figures are not available right now"),
    }.get(status, gettext("Something went wrong on our side") if status >= 500 else gettext("That did not work"))
    return render("message.html", **frame("", None, None), title=title, status=str(status), detail=detail,
                  commands=COMMANDS if status == 503 else (), identity=identity or "", instead=instead)  # fmt: skip


#: Head-counts of the worked examples: (women, men); and levels whose gaps partly cancel out.
EXAMPLES = ((41, 59), (4, 7), (8, 7), (469, 531), (530, 470), (60, 40), (2, 2))
LEVELS = (("P-2", 60, 40), ("P-3", 95, 105), ("P-4", 80, 120), ("P-5", 40, 60), ("D-1", 8, 12), ("D-2", 2, 4))


def _examples() -> list[dict[str, str]]:
    """The worked examples as the program itself computes them, so that the page cannot say otherwise."""
    return [
        {
            "counts": gettext("%(women)s women, %(men)s men", women=text.number(women), men=text.number(men)),
            "share": text.percent(women, men),
            "growth": text.number(measures.index_growth(women, men)),
            "replacement": text.number(measures.index_replacement(women, men)),
            "posts": text.number(measures.posts_to_parity_status(women, men)),
            "status": text.status(measures.status(women, men)),
        }
        for women, men in EXAMPLES
    ]


def _levels() -> list[dict[str, str]]:
    """Levels whose gaps partly cancel out, and what comes of them."""
    gaps = measures.gaps((women, men) for _, women, men in LEVELS)
    lines = [
        {
            "grade": grade,
            "women": text.number(women),
            "men": text.number(men),
            "net": text.signed(measures.gap(women, men)),
            "gross": text.number(abs(measures.gap(women, men))),
        }
        for grade, women, men in LEVELS
    ]
    women, men = (text.number(sum(level[place] for level in LEVELS)) for place in (1, 2))
    together = {"grade": gettext("Together"), "women": women, "men": men}
    return [*lines, together | {"net": text.signed(gaps.net), "gross": text.number(gaps.gross)}]


def _net_and_gross() -> str:
    gaps = measures.gaps((women, men) for _, women, men in LEVELS)
    return ngettext(
        "Taken together, %(net)s more woman is needed for equal numbers. Counting each grade separately, %(gross)s "
        "women or men are.",
        "Taken together, %(net)s more women are needed for equal numbers. Counting each grade separately, %(gross)s "
        "women or men are.",
        gaps.net, net=text.number(gaps.net), gross=text.number(gaps.gross),
    )  # fmt: skip


#: Women and men of the example in which a post is filled.
POST = (9, 14)


def _posts() -> list[dict[str, str]]:
    def after(appointed: str, leaving: str | None) -> str:
        there = measures.after_appointment(*POST, appointed, leaving)
        if there is None:
            return "–"
        return gettext("%(women)s women, %(men)s men (%(share)s): %(status)s", women=text.number(there[0]),
                       men=text.number(there[1]), share=text.percent(*there),
                       status=text.status(measures.status(*there)))  # fmt: skip

    cases = (
        (gettext("vacant or new"), None),
        (gettext("held by a woman who is leaving"), "women"),
        (gettext("held by a man who is leaving"), "men"),
    )
    return [{"case": name, "woman": after("women", leaving), "man": after("men", leaving)} for name, leaving in cases]


def _methods(warehouse: Warehouse) -> str:
    try:
        release = warehouse.release()
    except NoRelease:
        release = None
    policy = release.policy if release else load_policy()
    return render("methods.html", **frame(pages.METHODS.path, warehouse, release), title=gettext("Methods"),
                  examples=_examples(), net_and_gross=_net_and_gross(), policy=methods.thresholds(policy),
                  rounded=methods.example(policy), joined=methods.JOINED, levels=_levels(),
                  posts=_posts(), glossary=methods.terms(policy))  # fmt: skip


@text.one_locale()
def panel_table(warehouse: Warehouse, name: str, path: str, query: str, release: str) -> Markup:
    """The table of one panel of a page, as HTML.

    Raises NotFound for what no page has, Conflict where the page is of another release now than its figures are.
    """
    at = pages.find(path)
    seen = view(warehouse, query, at) if at is not None else None
    shown = {panel.id: panel for panel in seen.at.page.shown(seen.at.page.panels, seen.seen)} if seen else {}
    if seen is None or name not in shown:
        raise NotFound
    if seen.release.name != release:
        raise Conflict
    answers, _files = _answers(seen, shown[name])
    title, _on_page, _leaving = _heads(shown[name], answers[0], shown[name].title(*answers), False)
    return _table_of(seen, shown[name], answers, title)


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the pages that are plain HTML, and the tables of panels that show their figures."""

    @server.get(f"{TABLES}/<name>")
    def table_of_panel(name: str) -> tuple[str, dict[str, str]]:
        given = request.args
        drawn = panel_table(warehouse, name, given.get("path", ""), given.get("query", ""), given.get("of", ""))
        # By this assets/panels.js tells it from a page that something in between put in its place.
        return drawn, {"X-Parity": "table"}

    @server.get(pages.METHODS.path)
    def methods_page() -> str:
        return _methods(warehouse)
