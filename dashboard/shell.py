"""The frame every page shares: header, banner, headline, filter panel, footer; and the words around each figure.

All HTML is drawn by Jinja templates with escaping on. The first response of a page and every update of it draw the
same partials, so that they cannot say different things.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from flask import Flask
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from dashboard import access, ask, measures, pages, telemetry, text
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Note
from dashboard.disclosure.policy import load as load_policy
from dashboard.figures import empty
from dashboard.figures.table import Table, table
from dashboard.pages import Page, Panel, methods
from dashboard.selection import DIMENSIONS, MAX_VALUES, Selection, SelectionError, from_pairs, from_query
from dashboard.settings import FEW, PARITY_BAND
from dashboard.text import gettext
from dashboard.warehouse import NoRelease, OpenRelease, TooSlow, UnknownRelease, Warehouse

ASSETS = Path(__file__).resolve().parent.parent / "assets"
API = "/api/v1"
#: Styles and scripts of every page, in the order they need each other.
STYLES = ("tokens.css", "style.css")
SCRIPTS = ("tokens.js", "selection.js", "filters.js", "panels.js", "figures.js")
#: Before Dash's own scripts, which look for it once and would load a copy five times its size.
PLOTLY = "plotly/plotly-base.min.js"
#: An address longer than this does not pass every server and proxy between here and a reader.
LONGEST_ADDRESS = 6000
#: Notes that are true of every panel stand in the headline, and those on reporting in its panel: not six times.
TOLD_ONCE = ("carried", "not-submitted", "unct")


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
    environment.globals |= {"_": gettext, "asset": asset, "API": API, "BAND": PARITY_BAND, "FEW": FEW}
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
    """A query string as understood: the selection, and a sentence for everything that was left out of it."""

    selection: Selection
    notices: tuple[str, ...] = ()


def read(query: str) -> Read:
    """The selection of a page's query string. What cannot be meant is left out and said, and the page still works."""
    try:
        return Read(from_query(query))
    except SelectionError as error:
        problems = error.problems
    said = tuple(
        gettext("“%(key)s=%(value)s” in the address is left out: %(wrong)s (%(right)s).", key=key, value=value,
                wrong=wrong, right=right if len(right) <= 60 else gettext("see the list of filters"))
        for key, value, wrong, right in problems[:5]
    )  # fmt: skip
    wrong_pairs = {(key, value) for key, value, _, _ in problems}
    try:
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, max_num_fields=MAX_VALUES)
        kept = [(key, value) for key, value in pairs if (key[:80], value[:80]) not in wrong_pairs]
        return Read(from_pairs(kept), said)
    except (SelectionError, ValueError):
        return Read(Selection(), said)


# -- what a page says -----------------------------------------------------------------------------------------------


class Asking:
    """The questions of one page view: each asked once, however many places show its answer, and all of one release,
    whatever is published meanwhile.
    """

    def __init__(self, warehouse: Warehouse, release: OpenRelease, selection: Selection):
        self.warehouse = warehouse
        self.selection = Selection(selection.quarter, release.name, selection.chosen)
        self._answers: dict[str, Answer] = {}

    def __call__(self, question: str) -> Answer:
        """The answer to this question over the selection of the view."""
        if question not in self._answers:
            self._answers[question] = ask.ask(self.warehouse, question, self.selection)
        return self._answers[question]


@dataclass(frozen=True)
class View:
    """A page view as it can be asked: the release and the canonical selection, with notices of what had to give."""

    asking: Asking
    release: OpenRelease
    selection: Selection
    notices: tuple[str, ...]


def view(warehouse: Warehouse, query: str) -> View:
    """The view of a query string. Raises NoRelease where there is nothing to ask at all."""
    found = read(query)
    selection, notices = found.selection, list(found.notices)
    try:
        release = warehouse.release(selection.release)
    except UnknownRelease:
        notices.append(gettext("There is no release %(release)s; this is the current one.", release=selection.release))
        selection = Selection(selection.quarter, None, selection.chosen)
        release = warehouse.release()
    if selection.quarter and selection.quarter not in release.codes["quarter"]:
        notices.append(
            gettext("Release %(release)s has no figures for %(quarter)s; this is its latest quarter.",
                    release=release.name, quarter=selection.quarter)
        )  # fmt: skip
        selection = Selection(None, selection.release, selection.chosen)
    selection = ask.canonical(release, selection)
    return View(Asking(warehouse, release, selection), release, selection, tuple(notices))


def _failure(error: Exception, where: str) -> str:
    """A sentence for a question that failed: what to do, or the id to report."""
    if isinstance(error, TooSlow):
        return gettext("This took too long and was stopped. A narrower selection is quicker.")
    if isinstance(error, NoRelease):
        return gettext("There is no release to show.")
    identity = telemetry.report(where, error)
    return gettext("This could not be drawn. Please report error %(id)s.", id=identity)


def _refused(view: View, answer: Answer, path: str, name: str) -> Markup:
    """Why an answer is refused, with links to those near it that are not."""
    return Markup(  # noqa: S704 - drawn by a template with escaping on
        render(
            "refused.html",
            why=text.refused(answer),
            near=text.nearest(answer, view.selection),
            path=path,
            panel=name,
            method=text.METHOD,
        )
    )


def head(view: View) -> dict[str, Any]:
    """The headline block of a view: what the partial `headline.html` draws, in the first response and ever after."""
    labels = view.release.labels
    common = {
        "chips": text.chips(view.selection, labels),
        "query": view.selection.to_query(),
        "notices": view.notices,
        "notes": text.place_notes(view.selection),
        "refused": "",
        "method": text.METHOD,
    }
    try:
        answer, by_grade = view.asking("headline"), view.asking("by_grade")
    except Exception as error:
        return common | {
            "headline": gettext("This page could not be drawn"), "scope": _failure(error, "headline"), "figures": [],
            "said": ("", ""), "quarter": "", "pinned": "", "newer": None, "protected": False,
        }  # fmt: skip
    quarter = answer.scope.quarter
    if view.selection.codes("entity"):
        # Who chose one entity reads its headline, not who has reported: figures of last year must say so here.
        told = [note for note in answer.notes if note.code in ("carried", "not-submitted")]
        common["notes"] = [*common["notes"], *(text.note_sentence(note, answer) for note in told)]
    row = text.now(answer)
    if row is not None:
        common["notes"] = [*common["notes"], *filter(None, [text.left_out(answer, row)])]
    if answer.protection == ROUNDED and sum(each.women is not None for each in answer.rows) > 1:
        common["notes"] = [*common["notes"], text.note_sentence(Note("changing-entities"), answer)]
    if answer.protection == REFUSED:
        common["refused"] = _refused(view, answer, "/", "headline")
    return common | {
        "protected": answer.protection != EXACT,
        "headline": text.headline(answer, by_grade, view.selection),
        "scope": text.headline_scope(answer),
        "figures": text.figures(answer, by_grade),
        "said": text.said(answer),
        "quarter": gettext("%(quarter)s · %(date)s", quarter=quarter, date=text.date(answer.scope.as_of)),
        "pinned": answer.selection.to_query(),
        "newer": answer.scope.release.newer,
    }


@dataclass(frozen=True)
class Drawn:
    """A panel drawn: its figure, the words above it, what stands below it, and the figure's text alternative."""

    figure: dict[str, Any]
    words: str
    below: str
    alternative: str


#: A code no list has, and that needs no quoting.
_ANY = "ANY_CODE"


def _links(selection: Selection, path: str) -> Callable[[str, str], str | None]:
    """Where a row leads: the selection narrowed to its code. One address is made per dimension and filled in per row,
    because canonical forms of a hundred selections take longer than a table.
    """
    addresses: dict[str, tuple[str, str]] = {}

    def link(key: str, code: str) -> str | None:
        if key not in addresses:
            if key == "quarter":
                # The pattern of quarters matters to no one here: the release's own codes are filled in.
                narrowed = Selection(_ANY, selection.release, selection.chosen)
            elif key in DIMENSIONS:
                narrowed = selection.with_codes(key, [_ANY])
            else:
                return None
            before, _, after = narrowed.to_query().partition(_ANY)
            addresses[key] = f"{path}?{before}", after
        before, after = addresses[key]
        return before + code.replace("+", "%2B") + after

    return link


#: Attributes of cells that hold numbers or long remarks, and of those that go over several columns.
NUMBER, LONG, SPAN = ' class="number"', ' class="long"', ' colspan="{}"'
LONG_FROM = 30


def draw_table(table: Table, panel: str) -> Markup:
    """A table as HTML, escaped. Not a template: tables are most of what a view draws, and this takes a fifth of it."""
    heads = "".join(
        f'<th scope="col"{NUMBER if cell.number else ""}>{escape(cell.text)}</th>' for cell in table.columns
    )
    lines = []
    for first, *others in table.rows:
        name = escape(first.text)
        if first.href:
            name = f'<a href="{escape(first.href)}" data-select data-keep="row-{panel}-{name}">{name}</a>'
        if first.name:
            name = f'{name} <span class="name">{escape(first.name)}</span>'
        cells = "".join(
            f"<td{NUMBER if cell.number else LONG if len(cell.text) > LONG_FROM else ''}"
            f"{SPAN.format(cell.span) if cell.span > 1 else ''}>"
            f"{escape(cell.text)}</td>"
            for cell in others
        )
        lines.append(f'<tr><th scope="row">{name}</th>{cells}</tr>')
    return Markup(  # noqa: S704 - every text in it went through escape
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def draw(view: View, page: Page, panel: Panel) -> Drawn:
    """Draw one panel. It fails alone: whatever goes wrong becomes a message in its place."""
    try:
        answer = view.asking(panel.question)
        figure = panel.figure(answer)
        title = panel.title(answer)
        if not figure["data"]:
            # The reason stands in the figure's place and is the same for all: the title says what is missing.
            heading = gettext(panel.heading)
            title = gettext("%(heading)s: nothing to show", heading=heading)
            if answer.protection == REFUSED or any(row.reason in text.PROTECTED for row in answer.rows):
                title = gettext("%(heading)s: not shown", heading=heading)
            scope, stamp = text.scope_line(answer), text.scope_line(answer, leaving=True)
        else:
            # A title tells the finding; what the numbers are (shares of women) must stand there too, and in pictures.
            scope, stamp = (
                text.DOT.join((gettext(panel.heading), text.scope_line(answer, leaving))) for leaving in (False, True)
            )

        query = view.selection.to_query()
        settings = view.asking.warehouse.settings
        permalink = f"{page.path}?{answer.selection.to_query()}"
        today = dt.datetime.now(dt.UTC).date()
        below = render(
            "below.html",
            panel=panel,
            refused=_refused(view, answer, page.path, panel.id) if answer.protection == REFUSED else "",
            rounded=text.rounded_note(answer),
            method=text.METHOD,
            table=draw_table(table(answer, title, _links(view.selection, page.path)), panel.id),
            notes=[
                *text.notes(answer, (*(("unct",) if panel.tells_all else TOLD_ONCE), "rounded")),
                *panel.notes(answer),
            ],
            address=f"{API}/{panel.question}",
            query=f"?{query}" if query else "",
            permalink=permalink,
            citation=text.citation(answer, title, settings.canonical_url + permalink, today),
            file_name=f"parity-{panel.id}-{answer.scope.quarter}-{answer.scope.release.name}-{answer.scope.audience}",
            stamp=stamp,
        )
        return Drawn(
            figure,
            render("words.html", panel=panel, title=title, scope=scope),
            below,
            text.summary(answer, title),
        )
    except Exception as error:
        sentence = _failure(error, panel.id)
        title = gettext(panel.heading)
        words = render("words.html", panel=panel, title=title, scope="")
        return Drawn(empty(sentence), words, "", sentence)


# -- the frame --------------------------------------------------------------------------------------------------------


def _filters(view: View) -> list[dict[str, Any]]:
    """The dimensions of the filter panel, each with what it says while it is closed."""
    found = []
    for name, dimension in DIMENSIONS.items():
        if not dimension.in_panel:
            continue
        chosen = len(view.selection.codes(name))
        found.append({"name": name, "label": text.dimension(name), "chosen": chosen})
    return found


def _words() -> dict[str, Any]:
    """Sentences and rules that scripts need; translated here, so that scripts hold none of their own."""
    return {
        "all": gettext("all"),
        "chosen": gettext("{count} chosen"),
        "loading": gettext("Loading …"),
        "failed": gettext("The options could not be loaded. Please try again."),
        "search": gettext("Search in {filter}"),
        "selectShown": gettext("Select all {count} shown"),
        "clear": gettext("Clear"),
        "noMatch": gettext("Nothing by that name"),
        "tooMany": gettext("Too many to put into one address: please narrow the list."),
        "was": gettext("{now}; was {was}"),
        "copied": gettext("Copied"),
        "filters": gettext("Filters"),
        "filtersChosen": gettext("Filters ({count})"),
        "staff": gettext("{count} staff"),
        "groups": {name: dimension.groups for name, dimension in DIMENSIONS.items() if dimension.groups},
        "dimensions": list(DIMENSIONS),
        "longest": LONGEST_ADDRESS,
        "api": API,
        "language": text.locale().language,
    }


def _navigation(path: str) -> list[dict[str, Any]]:
    return [{"href": page.path, "name": gettext(page.name), "current": page.path == path} for page in pages.PAGES]


def _frame(path: str, warehouse: Warehouse | None, release: OpenRelease | None, query: str = "") -> dict[str, Any]:
    """What every page's frame needs, whether or not there is a release to speak of."""
    settings = warehouse.settings if warehouse else None
    other = access.other_view(settings) if settings else None
    locale = text.locale()
    published = None
    if release is not None:
        published = gettext(
            "Release %(release)s · published %(date)s", release=release.name, date=text.date(release.published)
        )
        if settings and settings.next_release:
            published = gettext("%(published)s · next %(next)s", published=published, next=settings.next_release)
    return {
        "lang": str(locale).replace("_", "-"),
        "direction": locale.text_direction,
        "path": path,
        "navigation": _navigation(path),
        "demonstration": bool(release and release.demonstration),
        "audience": settings.audience if settings else None,
        "other_view": other and f"{other}{path}{'?' if query else ''}{query}",
        "published": published,
        "problem_address": settings.problem_address if settings else "",
        "canonical": (settings.canonical_url + path) if settings and settings.canonical_url else "",
        "styles": STYLES,
    }


@text.one_locale()
def dash_page(warehouse: Warehouse, path: str, query: str, parts: Mapping[str, str]) -> str:
    """A page with figures: the frame and everything it says in words, with Dash's parts where figures go.

    Raises NoRelease on a server without one.
    """
    page = pages.by_path().get(path, pages.OVERVIEW)
    seen = view(warehouse, query)
    block = head(seen)
    return render(
        "page.html",
        **_frame(page.path, warehouse, seen.release, block["query"]),
        **block,
        page=page,
        title=block["headline"],
        filters=_filters(seen),
        quarters=list(reversed(seen.release.codes["quarter"])),
        quarter_chosen=seen.selection.quarter or seen.release.quarter,
        latest=seen.release.quarter,
        words=script_json(_words()),
        scripts=SCRIPTS,
        plotly=PLOTLY,
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
    kept["config"] = f"{opening}>{script_json(told)}</script>"
    kept["scripts"] = "\n".join(line for line in kept["scripts"].split("\n") if _NOT_SENT not in line)
    return {name: Markup(part) for name, part in kept.items()}  # noqa: S704


#: What fills an empty server, for its page.
COMMANDS = ("make demo", "parity submit FILE.xlsx", "parity release 2026Q3")


def error_page(status: int, detail: str, identity: str | None = None) -> str:
    """The page of an error: what happened, what to do, and the id to report where the fault is ours."""
    title = {
        400: gettext("This address cannot be read"),
        404: gettext("There is no such page"),
        405: gettext("That cannot be done here"),
        413: gettext("That is too much at once"),
        503: gettext("Nothing to answer with just now"),
    }.get(status, gettext("Something went wrong on our side") if status >= 500 else gettext("That did not work"))
    return render("message.html", **_frame("", None, None), title=title, status=str(status), detail=detail,
                  commands=COMMANDS if status == 503 else (), identity=identity or "")  # fmt: skip


#: Head-counts of the worked examples: (women, men); and levels whose gaps partly cancel out.
EXAMPLES = ((41, 59), (4, 7), (8, 7), (469, 531))
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


def _net_and_gross() -> str:
    gaps = measures.gaps((women, men) for _, women, men in LEVELS)
    levels = "; ".join(
        gettext("%(grade)s %(women)s women, %(men)s men", grade=grade, women=women, men=men)
        for grade, women, men in LEVELS
    )
    return gettext(
        "Example: %(levels)s. Taken together %(net)s women more would make the numbers equal; grade by grade it takes "
        "%(gross)s women and men.",
        levels=levels, net=text.number(gaps.net), gross=text.number(gaps.gross),
    )  # fmt: skip


def _methods(warehouse: Warehouse) -> str:
    try:
        release = warehouse.release()
    except NoRelease:
        release = None
    policy = release.policy if release else load_policy()
    return render("methods.html", **_frame("/methods", warehouse, release), title=gettext("Methods"),
                  examples=_examples(), net_and_gross=_net_and_gross(), policy=methods.thresholds(policy),
                  rounded=methods.example(policy), odds=methods.odds(policy))  # fmt: skip


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the pages that are plain HTML."""

    @server.get("/methods")
    def methods_page() -> str:
        return _methods(warehouse)
