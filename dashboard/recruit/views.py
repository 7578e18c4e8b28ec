"""The page itself: its options, its drawings and its two layouts, the page and the printed record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard import pages, plain, shell, text
from dashboard.figures.layout import band_label
from dashboard.figures.svg import drawing, span, spot
from dashboard.hierarchy import Hierarchy
from dashboard.plain import Field, Listed, Listing, above, by_name, categories, codes, entities, grades, listed, style
from dashboard.recruit import facts as fact
from dashboard.recruit import record, words
from dashboard.recruit.choice import (
    ENTRIES,
    FIELDS,
    HELD,
    MOST_ENTERED,
    MOST_POSTS,
    OPEN,
    POSTS,
    Choice,
    read,
)
from dashboard.selection import DIMENSIONS
from dashboard.text import gettext
from dashboard.warehouse import Warehouse

PATH = pages.RECRUIT.path
STYLES = (*plain.STYLES, "recruit.css")
SCRIPT = "recruit.js"


# -- what can be chosen -------------------------------------------------------------------------------------------


def _listed(choice: Choice, name: str, pairs: Iterable[tuple[str, str]]) -> list[Listed]:
    return listed(pairs, choice.chosen.get(name))


def _split(choice: Choice, name: str, pairs: Sequence[tuple[str, str]], first: frozenset[str]) -> list[Listing]:
    """Those in `first` before the others, under headings; all in one list where none or all are."""
    entity = choice.chosen.get("entity", "")
    ahead = [pair for pair in pairs if pair[0] in first]
    behind = [pair for pair in pairs if pair[0] not in first]
    if not ahead or not behind:
        return [Listing("", _listed(choice, name, pairs))]
    unit = text.label(choice.release.labels, "entity", entity, short=True)
    return [
        Listing(gettext("Where %(entity)s has staff", entity=unit), _listed(choice, name, ahead)),
        Listing(gettext("Elsewhere"), _listed(choice, name, behind)),
    ]


def _entities(choice: Choice) -> list[Listing]:
    return [Listing("", _listed(choice, "entity", entities(choice.release)))]


def _departments(choice: Choice) -> list[Listing]:
    """Departments of the chosen entity; nothing where it reports none."""
    release, entity = choice.release, choice.chosen.get("entity")
    if entity is None:
        return []
    own = Hierarchy(release).below("entity", "department").get(entity, ())
    pairs = [
        (code, f"{code} – {text.label(release.labels, 'department', code)}")
        for code in codes(release, "department")
        if code in own
    ]
    return [Listing("", _listed(choice, "department", sorted(pairs)))] if pairs else []


def _teams(choice: Choice, staffed: Mapping[str, frozenset[str]]) -> list[Listing]:
    return _split(choice, "unct", by_name(choice.release, "unct"), staffed.get("unct", frozenset()))


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _stations(choice: Choice, staffed: Mapping[str, frozenset[str]]) -> list[Listing]:
    """Duty stations of the chosen team, or all: by country, those where the entity has staff before all others."""
    release = choice.release
    stations = codes(release, "duty_station")
    team = choice.chosen.get("unct")
    if team is not None:
        of_team = [code for code in stations if above(release, "duty_station", code, "unct") == team]
        pairs = sorted(((code, text.label(release.labels, "duty_station", code)) for code in of_team), key=_by_name)
        return _split(choice, "duty_station", pairs, staffed.get("duty_station", frozenset()))
    by_country: dict[str, list[tuple[str, str]]] = {}
    for code in stations:
        country = above(release, "duty_station", code, "country") or ""
        name = text.label(release.labels, "country", country) if country else ""
        by_country.setdefault(name, []).append((code, text.label(release.labels, "duty_station", code)))
    found = []
    first = staffed.get("duty_station", frozenset())
    if first:
        unit = text.label(release.labels, "entity", choice.chosen["entity"], short=True)
        ahead = [
            (code, gettext("%(station)s, %(country)s", station=name, country=country))
            for country, pairs in by_country.items()
            for code, name in pairs
            if code in first
        ]
        heading = gettext("Where %(entity)s has staff", entity=unit)
        found.append(Listing(heading, _listed(choice, "duty_station", sorted(ahead, key=_by_name))))
    for country in sorted(by_country, key=str.casefold):
        rest = [pair for pair in by_country[country] if pair[0] not in first]
        if rest:
            found.append(Listing(country, _listed(choice, "duty_station", sorted(rest, key=_by_name))))
    return found


def _categories(choice: Choice) -> list[Listing]:
    return [Listing("", _listed(choice, "category", categories(choice.release)))]


def _grades(warehouse: Warehouse, choice: Choice) -> list[Listing]:
    """Grades by category; where an entity is chosen those at which it has anybody, the others after them."""
    release = choice.release
    category = choice.chosen.get("category")
    members = DIMENSIONS["category"].groups.get(category, (category,)) if category else codes(release, "category")
    staffed = fact.staffed_grades(warehouse, choice)
    found, others = [], []
    for code in members:
        of_category = grades(release, str(code))
        used = [grade for grade in of_category if not staffed or grade in staffed]
        others += [grade for grade in of_category if grade not in used]
        name = text.label(release.labels, "category", str(code), short=True)
        if used:
            found.append(Listing(name, _listed(choice, "grade", [(grade, grade) for grade in used])))
    if others:
        unit = text.label(release.labels, "entity", choice.chosen["entity"], short=True)
        heading = gettext("Not used by %(entity)s today", entity=unit)
        found.append(Listing(heading, _listed(choice, "grade", [(grade, grade) for grade in others])))
    return found


def fields(warehouse: Warehouse, choice: Choice) -> list[Field]:
    """The selects of the form; the department only where the entity reports any."""
    staffed = fact.staffed_places(warehouse, choice)
    lists = {
        "entity": (gettext("Entity"), gettext("All entities"), _entities(choice)),
        "department": (gettext("Department or mission"), gettext("All departments"), _departments(choice)),
        "unct": (gettext("Country team (UNCT)"), gettext("All places"), _teams(choice, staffed)),
        "duty_station": (
            gettext("Duty station"),
            gettext("All of the country team") if "unct" in choice.chosen else gettext("All duty stations"),
            _stations(choice, staffed),
        ),
        "category": (gettext("Category"), gettext("All categories"), _categories(choice)),
        "grade": (gettext("Grade"), gettext("All grades"), _grades(warehouse, choice)),
    }
    return [
        Field(name, label, every, found, choice.problems.get(name, ""))
        for name in FIELDS
        for label, every, found in [lists[name]]
        if found or name in choice.problems
    ]


# -- the page -----------------------------------------------------------------------------------------------------


def _posts(choice: Choice) -> list[dict[str, Any]]:
    return [{"value": post, "name": gettext(words.POST_NAMES[post]), "chosen": post == choice.post} for post in POSTS]


def _entries(choice: Choice) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "label": gettext(words.ENTRY_NAMES[name]),
            "value": choice.written.get(name) or (choice.entries.get(name) or ""),
            "problem": choice.problems.get(name, ""),
        }
        for name in ENTRIES
    ]


def _cases(facts: fact.Facts) -> list[dict[str, Any]]:
    chosen = fact.leaver(facts.choice.post)
    return [
        {
            "name": words.case(outcome.post),
            "woman": words.balance(outcome.woman),
            "man": words.balance(outcome.man),
            "chosen": fact.leaver(outcome.post) == chosen,
        }
        for outcome in facts.outcomes
    ]


def _courses(facts: fact.Facts) -> dict[str, Any]:
    named = [{"key": course.name, "name": words.course_name(course, facts)} for course in facts.courses]
    lines = []
    for posts in range(1, MOST_POSTS + 1):
        cells = [words.balance(course.after[posts], facts.about) for course in facts.courses]
        if cells and all(cells):
            lines.append({"posts": text.number(posts), "cells": cells, "chosen": posts == facts.choice.posts})
    shares = {}
    for course in facts.courses:
        balances = [words.balance(after, facts.about) for after in course.after]
        shares[course.name] = [one.women if one else None for one in balances]
    labels = [text.number(posts) for posts in range(MOST_POSTS + 1)]
    return {"named": named, "lines": lines, "drawing": drawing(shares, labels) if lines else None}


def _tiles(facts: fact.Facts) -> list[words.Line]:
    """The figures in large beneath the bar."""
    found = words.index(facts.stands)[:1]
    if facts.outcomes:
        outcome = next(one for one in facts.outcomes if fact.leaver(one.post) == fact.leaver(facts.choice.post))
        woman, man = words.balance(outcome.woman), words.balance(outcome.man)
        if woman and man:
            found.append(words.this_post(facts, woman, man))
    ago = words.year_ago(facts)
    return [*found, *([ago] if ago else [])]


def _values(warehouse: Warehouse, choice: Choice) -> dict[str, Any]:
    """Everything the templates draw."""
    facts = fact.gather(warehouse, choice)
    stands = facts.stands
    settings = warehouse.settings
    history = words.history(facts)
    permalink = f"{PATH}?{choice.permalink()}"
    whole = record.address(settings, permalink)
    answer = stands.answer
    row = stands.row
    return {
        "choice": choice,
        "facts": facts,
        "sentence": words.sentence(stands),
        "scope": words.scope(facts),
        "notes": words.notes(facts),
        "protection": words.protection(facts),
        "ladder": words.ladder(facts),
        "method": text.METHOD,
        "bar": {
            "share": spot(100 * row.share_women) if row.share_women is not None else None,
            "women": words.women(row),
            "men": words.men(row),
            "alternative": words.bar(stands),
            "band": band_label(),
            "about": text.is_about(row),
        }
        if row.women is not None and row.staff
        else None,
        "tiles": _tiles(facts),
        "index": words.index(stands),
        "rule": words.rule(stands),
        "fields": fields(warehouse, choice),
        "posts": _posts(choice),
        "entries": _entries(choice),
        "entered": words.entered(choice),
        "cases": _cases(facts),
        "no_balance": words.no_balance(facts),
        "based_on": words.title(stands.group, answer),
        "as_of": text.date(answer.scope.as_of),
        "next_posts": words.next_posts(facts),
        "no_next_posts": words.no_next_posts(facts),
        "assumptions": words.assumptions(facts) if facts.courses else [],
        "courses": _courses(facts),
        "comparisons_title": words.comparisons_title(facts),
        "comparisons": [(line, spot(line.mark), span(line.open)) for line in words.comparisons(facts)],
        "history": history,
        "history_drawing": drawing(
            {"w": [line.mark for line in history]},
            [line.name for line in history],
            open_={"w": [line.open for line in history]},
        ),
        "permalink": permalink,
        "whole_address": whole,
        "qr": record.qr(whole) if whole and choice.printed else "",
        "policy": record.policy(settings, choice.chosen.get("entity")),
        "today": text.date(dt.datetime.now(dt.UTC).date()),
        "newer": answer.scope.release.newer,
        "newest_query": Choice(choice.release, chosen=choice.chosen, post=choice.post, entries=choice.entries).query(),
        "query": choice.query(printed=False),
        "print_query": choice.query(printed=True),
        "limits": {"entered": MOST_ENTERED, "posts": MOST_POSTS},
        "vacancies": (
            (HELD, gettext("held by staff who leave"), choice.vacancies == HELD),
            (OPEN, gettext("vacant or new"), choice.vacancies == OPEN),
        ),
    }


@text.one_locale()
def page(warehouse: Warehouse, choice: Choice) -> str:
    """The page of a choice, or its record. Raises NoRelease on a server without one."""
    values = _values(warehouse, choice)
    frame = shell.frame(PATH, warehouse, choice.release, choice.query())
    template = "recruit_record.html" if choice.printed else "recruit.html"
    return shell.render(
        template, **frame, **values, title=values["sentence"].rstrip("."), style=style(*STYLES), script=SCRIPT
    )


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the page."""
    # A file that cannot be read is told in the log when the server starts, and not only to the first who prints.
    record.policy(warehouse.settings, None)

    @server.get(PATH)
    def recruit_page() -> str | Response:
        given = request.query_string.decode("latin-1")
        choice = read(warehouse, given)
        wanted = choice.query()
        # Equal choices have one address; a message needs the address that it is about.
        if given != wanted and not choice.problems and not choice.notices:
            return redirect(f"{request.script_root}{PATH}{'?' if wanted else ''}{wanted}")
        return page(warehouse, choice)
