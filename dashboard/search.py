"""The search box: what has a name here, found by the beginning of any of its words, and where it leads.

Only what the release of this audience names can be found, and nothing is counted: places that are protected have no
code in a public file, and so no entry. One index for each release and language; a page ships none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from dashboard import api, codelists, glossary, pages, shell, text
from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.folding import joined, split, without_apostrophes
from dashboard.hierarchy import Hierarchy
from dashboard.pages import methods
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, SelectionError, select
from dashboard.text import gettext
from dashboard.warehouse import OpenRelease, Warehouse

#: Codes that are no name of anything.
UNNAMED = frozenset({NOT_REPORTED, NOT_APPLICABLE, PLACE_BOUND})
#: Nobody types more; the rest is not looked at.
LONGEST, MOST_WORDS = 100, 8
#: So many are offered under the box, and so many stand on the page.
OFFERED, LISTED = 8, 50
#: Names of so many words at most are looked for within a query that names several things.
LONGEST_NAME = 6
#: Words that stand between names.
BETWEEN = frozenset({"in", "of", "at", "and", "the", "staff", "women", "men"})
#: What Before you recruit can be asked for.
POST = ("entity", "department", "unct", "duty_station", "category", "grade")


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


#: What there is to find, in the order in which equals are listed.
KINDS: Mapping[str, str] = {
    "selection": _("Selection"),
    "page": _("Page"),
    "entity": _("Entity"),
    "unct": _("Country team"),
    "grade": _("Grade"),
    "category": _("Category"),
    "region": _("Region"),
    "country": _("Country or territory"),
    "department": _("Department or mission"),
    "duty_station": _("Duty station"),
    "term": _("Term"),
}
_ORDER = {kind: place for place, kind in enumerate(KINDS)}
#: Dimension -> the address of a code of it.
_ADDRESSES: Mapping[str, str] = {
    "entity": "/entities/{code}",
    "unct": "/country-teams/{code}",
    "grade": "/?{query}",
    "category": "/grades?{query}",
    "region": "/?{query}",
    "country": "/?{query}",
    "department": "/?{query}",
    "duty_station": "/?{query}",
}
#: Parts of pages that people look for by other names than the page's.
_PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (_("Who has reported, by entity and quarter"), "/data#coverage", (_("coverage"), _("missing"), _("late"))),
    (_("Releases"), "/data#releases", (_("published"), _("history"))),
    (_("Downloads"), "/data#downloads", ("CSV", "XLSX", "JSON", "ZIP", _("files"))),
    (_("Data dictionary"), "/data#dictionary", (_("columns"),)),
    (_("Reuse and licence"), "/data#reuse", (_("terms"), _("copyright"))),
    (_("How to cite"), "/data#cite", (_("citation"),)),
    (_("Privacy"), "/data#privacy", (_("cookies"),)),
    (_("How we protect individuals"), "/methods#disclosure", (_("confidentiality"), _("rounding"))),
    (_("Glossary"), "/methods#glossary", (_("definitions"), _("meaning"))),
    (_("Demonstration data"), "/methods#demonstration", (_("model"),)),
    (_("Accessibility"), "/methods#accessibility", (_("keyboard"), "WCAG")),
)
#: Other words for pages.
_OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    "/recruit": (_("hiring"), _("vacancy"), _("appointment"), _("post")),
    "/parity-index": ("GPI", _("gap")),
    "/country-teams": ("UNCT", _("countries")),
    "/grades": (_("levels"), _("pipeline")),
    "/data": (_("download"), _("open data")),
    "/methods": (_("formulas"), _("definitions")),
}


# -- the index --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that can be found. `spellings` are its names without blanks, `words` all words that lead to it."""

    kind: str
    code: str
    title: str
    detail: str
    href: str
    spellings: tuple[str, ...]
    words: tuple[str, ...]


def _entry(
    kind: str, code: str, title: str, detail: str, href: str, names: Iterable[str], further: Iterable[str] = ()
) -> Entry:
    names = [name for name in names if name]
    # "dIvoire" is typed as well as "d Ivoire".
    spelt = [*names, *map(without_apostrophes, names)]
    words = dict.fromkeys(word for name in (*spelt, *further) for word in split(name))
    return Entry(kind, code, title, detail, href, tuple(dict.fromkeys(map(joined, spelt))), tuple(words))


def _codes(release: OpenRelease) -> Iterator[Entry]:
    labels, hierarchy = release.labels, Hierarchy(release)
    countries, owners = hierarchy.above("duty_station", "country"), hierarchy.above("department", "entity")
    teams = hierarchy.below("unct", "country")
    for kind, address in _ADDRESSES.items():
        for code in release.codes.get(kind, ()):
            if code in UNNAMED:
                continue
            name, short = text.label(labels, kind, code), text.label(labels, kind, code, short=True)
            title, detail, further = name, "", []
            if kind in ("entity", "grade"):
                title, detail = short, name if name != short else ""
            elif kind == "department":
                title, detail = code, name if name != code else ""
                further = [text.label(labels, "entity", owners[code], short=True)] if code in owners else []
            elif kind == "duty_station" and countries.get(code) not in (None, *UNNAMED):
                detail = text.label(labels, "country", countries[code])
                further = [detail]
            elif kind == "unct":
                # A team of several countries is looked for by each of them.
                further = [text.label(labels, "country", country) for country in teams.get(code, ())]
                detail = text.joined(further) if len(further) > 1 and len(further) < 5 else ""
            # Only codes that the release has are ever looked up, so that none of another release can be found.
            other = codelists.other_names(kind, code)
            yield _entry(kind, code, title, detail, address.format(code=code, query=urlencode({kind: code})),
                         (title, code, name, short, *other.own), (*further, *other.around))  # fmt: skip


def _places() -> Iterator[Entry]:
    for page in pages.ALL:
        if page.listed or page is pages.DIFFERENCES:
            name = gettext(page.name)
            further = [gettext(word) for word in _OTHER_WORDS.get(page.path, ())]
            yield _entry("page", "", name, "", page.path, (name,), further)
    for title, href, also in _PARTS:
        name = gettext(title)
        yield _entry("page", "", name, "", href, (name,), map(gettext, also))


def _terms(release: OpenRelease) -> Iterator[Entry]:
    values = methods.words(release.policy)
    for term in glossary.TERMS.values():
        names = [gettext(term.title, **values), *map(gettext, term.also)]
        yield _entry("term", "", names[0], "", term.address, names)


def index(release: OpenRelease) -> tuple[Entry, ...]:
    """All there is to find in a release, in the language of this request."""
    return release.once(("search", str(text.locale())), lambda: (*_places(), *_codes(release), *_terms(release)))


# -- finding ----------------------------------------------------------------------------------------------------


def _rank(entry: Entry, whole: str, words: list[str]) -> int | None:
    """How well an entry fits, the smaller the better; None where it does not.

    The whole name, then whole words of it, then beginnings: "UK" is the United Kingdom before it is Ukraine.
    """
    if whole in entry.spellings:
        return 0
    begins = any(spelling.startswith(whole) for spelling in entry.spellings)
    if not all(any(word.startswith(wanted) for word in entry.words) for wanted in words):
        # "p4" for P-4, "unwom" for UN Women.
        return 4 if begins else None
    if all(wanted in entry.words for wanted in words):
        return 1 if begins else 2
    return 3 if begins else 5 if entry.words[0].startswith(words[0]) else 6


def find(entries: Iterable[Entry], query: str) -> list[Entry]:
    """The entries that a query means, the best first: every word of it begins a word of theirs."""
    words = split(query[:LONGEST])[:MOST_WORDS]
    if not words:
        return []
    whole = "".join(words)
    found = []
    for place, entry in enumerate(entries):
        rank = _rank(entry, whole, words)
        if rank is not None:
            found.append((rank, _ORDER[entry.kind], place, entry))
    return [entry for *_, entry in sorted(found, key=lambda one: one[:3])]


def _parts(exact: Mapping[str, tuple[Entry, ...]], words: list[str]) -> list[Entry] | None:
    """The words of a query as names of different dimensions, one after another; None where some are no name."""
    found: list[Entry] = []
    while words:
        for length in range(min(len(words), LONGEST_NAME), 0, -1):
            there = {entry.kind for entry in found}
            named = [entry for entry in exact.get("".join(words[:length]), ()) if entry.kind not in there]
            if named:
                found.append(named[0])
                words = words[length:]
                break
        else:
            if words[0] not in BETWEEN:
                return None
            words = words[1:]
    return found if len(found) > 1 else None


def combined(release: OpenRelease, query: str) -> list[Entry]:
    """What a query means that names several things at once, "P-4 UNICEF Kenya": a selection, and the post in it."""
    exact = release.once(("search-exact", str(text.locale())), lambda: _exact(index(release)))
    found = _parts(exact, split(query[:LONGEST])[:MOST_WORDS])
    if not found:
        return []
    chosen = select(**{entry.kind: entry.code for entry in found})
    who = text.who(chosen, release.labels)
    title = who[:1].upper() + who[1:]
    results = [_entry("selection", "", title, "", f"/?{chosen.to_query()}", (title,))]
    if set(chosen.filtered) <= set(POST):
        title = gettext("Before you recruit: %(who)s", who=who)
        results.append(_entry("selection", "", title, "", f"{pages.RECRUIT.path}?{chosen.to_query()}", (title,)))
    return results


def _exact(entries: Iterable[Entry]) -> dict[str, tuple[Entry, ...]]:
    """Spelling -> what filters can choose by that name, in the order of KINDS."""
    found: dict[str, list[Entry]] = {}
    for entry in sorted(entries, key=lambda entry: _ORDER[entry.kind]):
        if entry.kind in _ADDRESSES:
            for spelling in entry.spellings:
                found.setdefault(spelling, []).append(entry)
    return {spelling: tuple(named) for spelling, named in found.items()}


def said(count: int, shown: int) -> str:
    """How many were found, in words."""
    if not count:
        return gettext("No results")
    if count > shown:
        return gettext("%(shown)s of %(count)s results", shown=text.number(shown), count=text.number(count))
    return text.ngettext("%(count)s result", "%(count)s results", count, count=text.number(count))


# -- the box and its page -----------------------------------------------------------------------------------------


def _offered(warehouse: Warehouse) -> Response:
    wrong = [(key[:80], value[:80], "no such filter", "q") for key, value in request.args.items() if key != "q"]
    if wrong:
        raise SelectionError(wrong)
    release = warehouse.release()
    query = request.args.get("q", "")
    found = [*combined(release, query), *find(index(release), query)]
    shown = found[:OFFERED]
    body: dict[str, Any] = {
        "release": release.name,
        "audience": warehouse.settings.audience,
        "count": len(found),
        "said": said(len(found), len(shown)),
        "results": [
            {
                "kind": entry.kind,
                "kind_label": gettext(KINDS[entry.kind]),
                "code": entry.code,
                "title": entry.title,
                "detail": entry.detail,
                "href": request.script_root + entry.href,
            }
            for entry in shown
        ],
    }
    return jsonify(body)


@text.one_locale()
def search_page(warehouse: Warehouse, query: str) -> str:
    """The results of a query as a page. Raises NoRelease on a server without a release."""
    release = warehouse.release()
    query = " ".join(query[:LONGEST].split())
    found = [*combined(release, query), *find(index(release), query)]
    shown = found[:LISTED]
    title = gettext("Search")
    if query:
        title = gettext("“%(query)s”: %(found)s", query=query, found=said(len(found), len(shown)).lower())
    return shell.render(
        "search.html",
        **shell.frame(pages.SEARCH.path, warehouse, release),
        title=title,
        searched=query,
        results=[(entry, gettext(KINDS[entry.kind])) for entry in shown],
    )


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the page of results and what the box asks while one types."""

    @server.get(pages.SEARCH.path)
    def search() -> str:
        return search_page(warehouse, request.args.get("q", ""))

    @server.get(f"/api/{api.VERSION}/search.json")
    @text.one_locale()
    def suggestions() -> Response:
        return _offered(warehouse)
