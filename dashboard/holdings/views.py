"""The pages: `/data`, and the differences between two releases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from markupsafe import Markup, escape

from dashboard import pages, questions, shell, text
from dashboard.answering import ask_all
from dashboard.exports.csv import for_people
from dashboard.holdings import coverage, dictionary, differences, files, releases, sources
from dashboard.selection import RELEASE, Selection
from dashboard.settings import Settings
from dashboard.text import gettext
from dashboard.warehouse import OpenRelease, UnknownRelease, Warehouse, WithdrawnRelease

STYLES = (*shell.STYLES, "data.css")
#: More lines than this are for the file; the page says how many there are.
LINES_SHOWN = 400
#: The formats of every question.
#: In the order they are offered: a spreadsheet first, since a CSV file opened in one may come out garbled.
FORMATS = {"xlsx": "Excel", "csv": "CSV", "json": "JSON"}


def _file(kind: str, address: str) -> tuple[str, str]:
    """What a file is called on the page, and its address."""
    return FORMATS[kind], for_people(address) if kind == files.CSV else address


# -- terms --------------------------------------------------------------------------------------------------------


def reuse(settings: Settings, demonstration: bool) -> str:
    """On what terms these figures may be used again."""
    if demonstration:
        return gettext(
            "These are demonstration data. You may use them to try the dashboard, but must not quote them as facts "
            "about the staff of the United Nations."
        )
    return settings.reuse or gettext("No licence has been set yet. Ask before reusing.")


def _with_links(words: str) -> Markup:
    """Words of the operator, with what looks like an address as a link."""
    parts = [
        Markup('<a href="{0}">{0}</a>').format(part) if part.startswith(("https://", "http://")) else escape(part)
        for part in words.split(" ")
    ]
    return Markup(" ").join(parts)


def _terms(settings: Settings, demonstration: bool) -> list[Markup]:
    """The reuse notice, a paragraph each."""
    found = [_with_links(reuse(settings, demonstration))]
    if demonstration:
        stated = settings.reuse or gettext("No licence has been set yet. Ask before reusing.")
        # Translators: %(terms)s is one or more whole sentences.
        found.append(_with_links(gettext("Terms for real figures: %(terms)s", terms=stated)))
    return found


def citation(release: OpenRelease, settings: Settings) -> str:
    """A citation of the release as a whole."""
    today = dt.datetime.now(dt.UTC).date()
    parts = [
        gettext("Gender parity in the United Nations system: women and men by entity, grade and place."),
        gettext("Release %(release)s, published %(date)s.", release=release.name, date=text.date(release.published)),
    ]
    if release.demonstration:
        parts.append(gettext("Demonstration data."))
    parts.append(gettext("%(audience)s.", audience=text.audience_notice(settings.audience)))
    address = f"{settings.canonical_url}{pages.DATA.path}?release={release.name}"
    parts.append(gettext("%(url)s (accessed %(date)s).", url=address, date=text.date(today)))
    return " ".join(parts)


# -- the page -----------------------------------------------------------------------------------------------------


def _pinned(warehouse: Warehouse, given: str | None) -> tuple[OpenRelease, list[str]]:
    """The release a page is of, and what had to give."""
    if not given:
        return warehouse.release(), []
    try:
        if not RELEASE.fullmatch(given):
            raise UnknownRelease(given)
        return warehouse.release(given), []
    except UnknownRelease:
        return warehouse.release(), [text.no_such_release(given[:40])]


def _downloads(release: OpenRelease) -> list[dict[str, Any]]:
    query = urlencode({"release": release.name})
    return [
        {
            # In the words of their files, as the API has them: not translated.
            "question": question.text,
            "grain": question.grain,
            "files": [_file(kind, f"{shell.API}/{question.name}.{kind}?{query}") for kind in FORMATS],
        }
        for question in questions.load().values()
    ]


def _code_lists(release: OpenRelease) -> list[dict[str, Any]]:
    query = urlencode({"release": release.name})
    return [
        {
            "name": text.dimension(name),
            "code": name,
            "count": text.number(len(release.codes[name])),
            "files": [
                _file(kind, f"{shell.API}/{files.CODES}/{name}.{kind}?{query}") for kind in (files.CSV, files.JSON)
            ],
        }
        for name in files.lists(release)
    ]


def _tables() -> Mapping[str, str]:
    return {
        "staff": gettext("Staff"),
        "movements": gettext("Movements (optional)"),
        "revisions": gettext("Revisions (optional)"),
    }


@text.one_locale()
def data_page(warehouse: Warehouse, given: str | None) -> str:
    """The page about the data. Raises NoRelease on a server without any."""
    release, notices = _pinned(warehouse, given)
    settings = warehouse.settings
    told, headline = ask_all(warehouse, ("coverage_history", "headline"), Selection(release=release.name))
    whole = headline.scope
    matrix = coverage.matrix(told)
    listed = releases.listed(warehouse)
    newer = warehouse.current().name
    names = _tables()
    return shell.render(
        "data.html",
        **shell.frame(pages.DATA.path, warehouse, release) | {"styles": STYLES},
        title=gettext("Data"),
        notices=notices,
        newer=newer if newer != release.name else "",
        release=release,
        release_published=text.date(release.published),
        staff=None if whole.staff is None else text.number(whole.staff),
        entities=text.number(whole.entities),
        quarters=text.number(len(matrix.quarters)),
        matrix=matrix,
        finding=coverage.finding(matrix),
        legend=matrix.legend,
        reasons=[(line, coverage.reasons(line)) for line in matrix.lines if line.exceptions],
        number=text.number,
        date=text.date,
        releases=listed,
        comparable=len(listed) > 1,
        withdrawn=[_said(gone) for gone in warehouse.withdrawn().values()],
        downloads=_downloads(release),
        complete=f"{shell.API}/{files.COMPLETE}?release={release.name}",
        history=for_people(f"{shell.API}/{differences.BY_GRADE}.csv?release={release.name}"),
        code_lists=_code_lists(release),
        sent=[(names.get(table, table), table, entries) for table, entries in dictionary.submission().items()],
        received=dictionary.received(),
        listed_codes=frozenset(files.lists(release)),
        sources=sources.sources(),
        terms=_terms(settings, release.demonstration),
        citation=citation(release, settings),
        internal=settings.audience == "internal",
    )


def _said(gone: WithdrawnRelease) -> str:
    """When a release was withdrawn, and why."""
    if not gone.at:
        return gettext("%(release)s was withdrawn: %(reason)s", release=gone.name, reason=gone.reason)
    return gettext("%(release)s was withdrawn on %(date)s: %(reason)s", release=gone.name,
                   date=text.date(dt.datetime.fromisoformat(gone.at)), reason=gone.reason)  # fmt: skip


# -- differences ----------------------------------------------------------------------------------------------------


def _changes(found: differences.Differences, labels: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    return [
        {
            "quarter": each.quarter,
            "entity": each.entity,
            "name": text.label(labels, "entity", each.entity),
            "women": differences.change(each.women_before, each.women_after),
            "men": differences.change(each.men_before, each.men_after),
            "before": differences.state(each.state_before, each.revised_before),
            "after": differences.state(each.state_after, each.revised_after),
            "grades": [
                gettext("%(grade)s: women %(women)s, men %(men)s", grade=grade.grade,
                        women=differences.change(grade.women_before, grade.women_after),
                        men=differences.change(grade.men_before, grade.men_after))
                for grade in each.grades
            ],
        }
        for each in found.changed[:LINES_SHOWN]
    ]  # fmt: skip


def _codes(found: differences.Differences) -> list[dict[str, str]]:
    words = {
        "new": text.pgettext("a code", "new"),
        "gone": text.pgettext("a code", "gone"),
        "renamed": text.pgettext("a code", "renamed"),
    }
    return [
        {
            "dimension": text.dimension(each.dimension),
            "code": each.code,
            "change": words[each.change],
            "before": each.before or "–",
            "after": each.after or "–",
        }
        for each in found.codes[:LINES_SHOWN]
    ]


def _wanted(
    warehouse: Warehouse, known: Sequence[releases.Listed], given: Mapping[str, str]
) -> tuple[tuple[str, str] | None, list[str]]:
    """The two releases asked for, and what had to give."""
    names = [release.name for release in known]
    chosen: dict[str, str | None] = {}
    notices = []
    for key in ("from", "to"):
        value = given.get(key) or None
        if value is not None and value not in names:
            if value in warehouse.withdrawn():
                raise warehouse.withdrawn()[value]
            notices.append(gettext("There is no release %(release)s.", release=value[:40]))
            value = None
        chosen[key] = value
    return releases.pair(warehouse, chosen["from"], chosen["to"]), notices


@text.one_locale()
def differences_page(warehouse: Warehouse, given: Mapping[str, str]) -> str:
    """What differs between two releases. Raises NoRelease on a server without any."""
    known = releases.listed(warehouse)
    wanted, notices = _wanted(warehouse, known, given)
    values: dict[str, Any] = {
        "found": None,
        "finding": gettext("There is only one release, so there is nothing to compare"),
    }
    if wanted is not None:
        found = files.compared(warehouse, *wanted)
        labels = warehouse.release(found.after.name).labels
        query = urlencode({"from": wanted[0], "to": wanted[1]})
        values = {
            "found": found,
            "finding": differences.finding(found),
            "changes": _changes(found, labels),
            "codes": _codes(found),
            "query": query,
        }
    return shell.render(
        "data_differences.html",
        **shell.frame(pages.DIFFERENCES.path, warehouse, warehouse.release()) | {"styles": STYLES},
        **values,
        title=values["finding"],
        notices=notices,
        releases=known,
        wanted=wanted or ("", ""),
        shown=LINES_SHOWN,
        number=text.number,
        date=text.date,
        named=gettext,
    )


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the pages and their files."""
    files.register(server, warehouse, reuse)

    @server.get(pages.DATA.path)
    def data() -> str:
        return data_page(warehouse, request.args.get("release"))

    @server.get(pages.DIFFERENCES.path)
    def data_differences() -> str:
        return differences_page(warehouse, request.args)
