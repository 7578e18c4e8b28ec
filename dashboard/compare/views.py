"""The page itself: its form, its drawings and its tables; and the file of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard import api, pages, plain, ranges, shell, text
from dashboard.compare import export, words
from dashboard.compare import facts as fact
from dashboard.compare.choice import (
    AT,
    BREAKDOWNS,
    BY,
    FIELDS,
    LEAST,
    LETTERS,
    MOST,
    SCOPE,
    TOGETHER,
    Choice,
    name,
    phrase,
    read,
)
from dashboard.compare.facts import Facts, Side
from dashboard.exports.csv import for_people
from dashboard.figures.svg import SHAPES, drawing, span, spot
from dashboard.pages import At
from dashboard.plain import Field, Listed, Listing, listed
from dashboard.selection import DIMENSIONS, Selection, select
from dashboard.text import gettext
from dashboard.warehouse import Warehouse

PATH = pages.COMPARE.path
FILE = f"{shell.API}/compare.csv"
STYLES = (*plain.STYLES, "compare.css")
#: Filters that are behind "More filters".
MORE = ("headquarters", "age_group", "nationality_region", "appointment", "rc")
#: Height of the first figure: of a row, and of what stands beneath all rows.
ROW, RAIL, FOOT = 42, 28, 22
#: From this share up the words stand before their mark.
BEFORE_FROM = 0.6
QUARTERS_A_YEAR = 4


def _address(query: str) -> str:
    return f"{PATH}?{query}" if query else PATH


# -- the form -----------------------------------------------------------------------------------------------------


def _options(choice: Choice, dimension: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (code, name) to choose from; without a heading they stand in the list itself."""
    release = choice.release
    if dimension == "entity":
        return [("", plain.entities(release))]
    if dimension == "category":
        return [("", plain.categories(release))]
    if dimension == "grade":
        return [
            (text.label(release.labels, "category", code, short=True), [(grade, grade) for grade in grades])
            for code in plain.codes(release, "category")
            if (grades := plain.grades(release, code))
        ]
    if dimension in ("unct", "region", "nationality_region"):
        return [("", plain.by_name(release, dimension))]
    pairs = [
        (code, text.label(release.labels, dimension, code, short=True)) for code in plain.codes(release, dimension)
    ]
    return [("", pairs)]


def _lists(choice: Choice, scope: Selection | None, dimension: str) -> list[Listing]:
    """The options of a field; several codes chosen are one option more."""
    codes = scope.codes(dimension) if scope else ()
    groups = _options(choice, dimension)
    offered = {code for _, pairs in groups for code, _ in pairs}
    lists = [Listing(heading, listed(pairs, codes[0] if len(codes) == 1 else None)) for heading, pairs in groups]
    if codes and (len(codes) > 1 or codes[0] not in offered):
        people = gettext("as now: %(names)s", names=_chosen(choice, dimension, codes))
        lists.insert(0, Listing("", [Listed(TOGETHER.join(codes), people, True)]))
    return lists


def _chosen(choice: Choice, dimension: str, codes: Sequence[str]) -> str:
    if len(codes) > text.NAMES_IN_A_SENTENCE:
        return gettext("%(count)s chosen", count=text.number(len(codes)))
    return text.joined(text.label(choice.release.labels, dimension, code, short=True) for code in codes)


def _every(dimension: str) -> str:
    return {
        "entity": gettext("All entities"),
        "unct": gettext("All country teams"),
        "region": gettext("All regions"),
        "category": gettext("All categories"),
        "grade": gettext("All grades"),
    }.get(dimension, gettext("All"))


def _fields(choice: Choice, scope: Selection | None, dimensions: Sequence[str]) -> list[Field]:
    return [
        Field(dimension, text.dimension(dimension), _every(dimension), _lists(choice, scope, dimension))
        for dimension in dimensions
    ]


def _quarters(choice: Choice, scope: Selection | None) -> Field:
    release = choice.release
    earlier = [(code, code) for code in reversed(release.codes["quarter"]) if code != release.quarter]
    chosen = scope.quarter if scope else None
    latest = gettext("Latest (%(quarter)s)", quarter=release.quarter)
    return Field("quarter", text.dimension("quarter"), latest, [Listing("", listed(earlier, chosen))])


def form(choice: Choice) -> dict[str, Any] | None:
    """The form: about one scope more, or about the one that is being changed; None where there are enough."""
    place = choice.edit
    if place is None and len(choice.scopes) >= MOST:
        return None
    # What is compared is most often the same but for one filter: a further scope starts as the last one is.
    scope = choice.scopes[-1 if place is None else place] if choice.scopes else None
    beside = [key for key in scope.filtered if key not in FIELDS + MORE] if scope else []
    kept = [
        (key, TOGETHER.join(scope.codes(key)), gettext("%(filter)s: %(names)s", filter=text.dimension(key),
                                                       names=_chosen(choice, key, scope.codes(key))))
        for key in beside
        if scope
    ]  # fmt: skip
    number = len(choice.scopes) if place is None else place
    if place is None and not choice.scopes:
        title = gettext("Choose who to compare")
    elif place is None and len(choice.scopes) < LEAST:
        title = gettext("Compare with")
    elif place is None:
        title = gettext("Add another")
    else:
        title = gettext("Change %(letter)s", letter=LETTERS[number])
    hidden = [("release", choice.pinned)] if choice.pinned else []
    hidden += [(SCOPE, other.to_query()) for other in choice.scopes]
    hidden += [(BY, choice.chosen_by)] if choice.chosen_by else []
    hidden.append((AT, str(number + 1)))
    more = _fields(choice, scope, MORE)
    return {
        "title": title,
        "changes": place is not None,
        "hint": gettext(
            "Starts as a copy of %(letter)s. Change what should differ.", letter=LETTERS[len(choice.scopes) - 1]
        )
        if place is None and choice.scopes
        else "",
        "fields": [*_fields(choice, scope, FIELDS), _quarters(choice, scope)],
        "more": more,
        "more_open": bool(scope and set(scope.filtered) & set(MORE)),
        "kept": kept,
        "hidden": hidden,
        "cancel": _address(choice.query(edit=False)),
    }


def _suggested(choice: Choice) -> list[tuple[str, str]]:
    """Comparisons that lie near: names and addresses; while there are fewer than two scopes."""
    release = choice.release
    quarters = release.codes["quarter"]
    if not choice.scopes:
        now, offices = Selection(), [select(headquarters=code) for code in ("hq", "non-hq")]
        pairs = [(now, _a_year_before(choice, now)), (select(category="PH"), select(category="GS")), tuple(offices)]
        return [
            (
                gettext(
                    "%(one)s and %(other)s",
                    one=name(release, one, (other,)),
                    other=phrase(release, other, (one,)),
                ),
                _address(choice.of([one, other])),
            )
            for one, other in pairs
            if one is not None and other is not None and len(quarters) > 1
        ]
    if len(choice.scopes) >= LEAST:
        return []
    scope = choice.scopes[0]
    near = [_a_year_before(choice, scope), *(scope.without(key) for key in scope.filtered)]
    if not scope.filtered:
        near.append(scope.with_codes("category", ["PH"]))
    return [
        (name(release, other, (scope,)), _address(choice.of([scope, other])))
        for other in dict.fromkeys(near)
        if other is not None and other != scope
    ]


def _a_year_before(choice: Choice, scope: Selection) -> Selection | None:
    quarters = choice.release.codes["quarter"]
    place = quarters.index(choice.quarter(scope)) - QUARTERS_A_YEAR
    return replace(scope, quarter=quarters[place]) if place >= 0 else None


# -- scopes -------------------------------------------------------------------------------------------------------


def _page_of(choice: Choice, scope: Selection) -> str:
    """The page that is a scope's own: of its entity or country team, or the overview."""
    linked = choice.linked(scope)
    for page in pages.PAGES:
        codes = scope.codes(page.fixed) if page.of_codes and page.fixed else ()
        if len(codes) == 1 and page.fixed and codes[0] in choice.release.ids[page.fixed]:
            at = At(page, codes[0])
            query = at.own(linked).to_query()
            return f"{at.path}?{query}" if query else at.path
    query = linked.to_query()
    return f"{pages.OVERVIEW.path}?{query}" if query else pages.OVERVIEW.path


def _files(choice: Choice, scope: Selection) -> list[dict[str, str]]:
    """Where each number of a scope comes from: its own answers, as files."""
    query = choice.linked(scope).to_query()
    after = f"?{query}" if query else ""
    asked = (
        ("headline", gettext("total")),
        (f"by_{choice.by}", text.dimension(choice.by).lower()),
        ("trend", gettext("trend")),
    )
    return [
        {"name": gettext("CSV: %(what)s", what=what), "href": for_people(f"{shell.API}/{question}.csv{after}")}
        for question, what in asked
    ]


def _near(choice: Choice, place: int, side: Side) -> list[tuple[str, str]]:
    """Where a scope may not be shown: others near it that may, each in its place."""
    found = []
    for said, near in zip(text.nearest(side.headline), side.headline.nearest, strict=True):
        instead = replace(near, quarter=side.selection.quarter, release=None)
        scopes = [instead if at == place else scope for at, scope in enumerate(choice.scopes)]
        # What is compared already is no other scope.
        if instead not in choice.scopes:
            found.append((said.text, _address(choice.of(scopes))))
    return found


def _side(facts: Facts, place: int) -> dict[str, Any]:
    choice, side = facts.choice, facts.sides[place]
    return {
        "letter": side.letter,
        "key": side.letter.lower(),
        "name": words.name(facts, side),
        "column": words.column(side),
        "scope": words.scope(side),
        "notes": words.side_notes(side),
        "near": _near(choice, place, side),
        "page": _page_of(choice, side.selection),
        "change": _address(choice.editing(place)),
        "remove": _address(choice.without(place)),
        "first": _address(choice.first(place)) if place else "",
        "edited": choice.edit == place,
        "files": _files(choice, side.selection),
    }


# -- drawings -----------------------------------------------------------------------------------------------------


def _rows(facts: Facts) -> dict[str, Any] | None:
    """The first figure: a row for each scope on one scale; None where no scope has a share."""
    if all(side.row.share_women is None for side in facts.sides):
        return None
    found = []
    for place, side in enumerate(facts.sides):
        share = side.row.share_women
        found.append(
            {
                "letter": side.letter,
                "key": side.letter.lower(),
                "height": place * ROW + RAIL,
                "above": place * ROW + RAIL - 14,
                "spot": spot(100 * share) if share is not None else None,
                "span": span(ranges.open_share(side.row)),
                # Beside its mark, on the side that has room.
                "before": share is not None and share > BEFORE_FROM,
                "said": _beside(side),
            }
        )
    return {"rows": found, "bottom": len(found) * ROW, "height": len(found) * ROW + FOOT}


def _beside(side: Side) -> str:
    row = side.row
    if row.women is None or not row.staff:
        return words.why(side.headline, row)
    if row.share_women is None:
        return gettext("%(counts)s: too few staff for a share", counts=text.counts(row))
    return gettext("%(share)s, %(counts)s", share=text.share(row), counts=text.counts(row))


def _levels(facts: Facts) -> list[dict[str, Any]]:
    found = []
    for code in facts.levels:
        level = words.level(facts, code)
        marks = [
            (share.letter.lower(), spot(share.mark), span(share.open))
            for share in level.shares
            if share.mark is not None
        ]
        # The first lies on top of the others.
        found.append({"name": level.name, "shares": level.shares, "marks": list(reversed(marks))})
    return found


def _breakdowns(choice: Choice) -> list[dict[str, Any]]:
    return [
        {"name": text.dimension(by), "href": _address(choice.broken_down(by)) + "#levels", "current": by == choice.by}
        for by in BREAKDOWNS
        if by in DIMENSIONS
    ]


# -- the page -----------------------------------------------------------------------------------------------------


def _values(warehouse: Warehouse, facts: Facts) -> dict[str, Any]:
    """Everything the templates draw."""
    choice = facts.choice
    settings = warehouse.settings
    permalink = _address(choice.permalink())
    quarters, lines, open_ = fact.trends(facts.sides)
    values: dict[str, Any] = {
        "choice": choice,
        "finding": words.finding(facts),
        "form": form(choice),
        "most": text.number(MOST),
        "suggested": _suggested(choice),
        "sides": [_side(facts, place) for place in range(len(facts.sides))],
        "newer": None,
    }
    if not facts.sides:
        return values
    scope = facts.sides[0].headline.scope
    today = dt.datetime.now(dt.UTC).date()
    return values | {
        "newer": scope.release.newer,
        "newest": _address(choice.newest()),
        "audience_line": text.audience(scope),
        "notes": words.notes(facts),
        "at_parity_means": text.at_parity_means(),
        "rows": _rows(facts),
        "alternative": words.alternative(facts),
        "table": words.table(facts),
        "breakdown": words.breakdown_title(facts),
        "by": text.dimension(choice.by),
        "breakdown_notes": words.breakdown_notes(facts),
        "breakdowns": _breakdowns(choice),
        "levels": _levels(facts),
        "trend": drawing(lines, quarters, height=170, open_=open_),
        "trend_ends": words.trend_ends(facts),
        "trend_notes": words.trend_notes(facts),
        "permalink": permalink,
        "file": f"{FILE}?{choice.permalink()}",
        "citation": words.citation(facts, settings.canonical_url + permalink, today),
        "shapes": SHAPES,
        "method": text.METHOD,
    }


@text.one_locale()
def page(warehouse: Warehouse, choice: Choice) -> str:
    """The page of a choice. Raises NoRelease on a server without one."""
    facts = fact.gather(warehouse, choice)
    values = _values(warehouse, facts)
    frame = shell.frame(PATH, warehouse, choice.release, choice.query())
    return shell.render("compare.html", **frame, **values, title=values["finding"], style=plain.style(*STYLES))


def file(warehouse: Warehouse, choice: Choice) -> Response:
    """The comparison as a file; an address that cannot be meant is refused, as everywhere below /api."""
    if choice.notices:
        listed_problems = [{"wrong": notice} for notice in choice.notices]
        return api.problem(400, "The comparison cannot be read", " ".join(choice.notices), listed_problems)
    facts = fact.gather(warehouse, choice)
    response = Response(export.content(facts), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{export.file_name(facts, warehouse.settings.audience)}"'
    )
    return response


def _given() -> str:
    return request.query_string.decode("latin-1")


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the page and its file."""

    @server.get(PATH)
    def compare_page() -> str | AnyResponse:
        choice = read(warehouse, _given())
        wanted = choice.query()
        # Equal choices have one address; a message needs the address that it is about.
        if _given() != wanted and not choice.notices:
            return redirect(request.script_root + _address(wanted))
        return page(warehouse, choice)

    @server.get(FILE)
    def compare_file() -> Response:
        return file(warehouse, read(warehouse, _given()))
