"""The page itself: its options, its drawings and its two layouts, the page and the printed record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from dashboard import pages, protected, shell, text
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
    UNSAID,
    Choice,
    above,
    read,
)
from dashboard.selection import DIMENSIONS
from dashboard.text import gettext
from dashboard.warehouse import Warehouse

PATH = pages.RECRUIT.path
STYLES = (*shell.STYLES, "recruit.css")
SCRIPT = "recruit.js"
#: Longer names are cut in lists, where the code or the beginning tells them apart.
NAME_AT_MOST = 64


# -- what can be chosen -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """An option of a select."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Listing:
    """A group of options; without a label they stand in the list itself."""

    label: str
    options: Sequence[Listed]


def _cut(name: str) -> str:
    return name if len(name) <= NAME_AT_MOST else name[: NAME_AT_MOST - 1].rstrip() + "…"


def _listed(choice: Choice, name: str, pairs: Iterable[tuple[str, str]]) -> list[Listed]:
    chosen = choice.chosen.get(name)
    return [Listed(code, _cut(said), code == chosen) for code, said in pairs]


def _codes(choice: Choice, name: str) -> list[str]:
    return [code for code in choice.release.codes.get(name, ()) if code not in UNSAID]


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
    labels = choice.release.labels
    pairs = []
    for code in _codes(choice, "entity"):
        short, whole = text.label(labels, "entity", code, short=True), text.label(labels, "entity", code)
        pairs.append((code, short if short == whole else f"{short} – {whole}"))
    return [Listing("", _listed(choice, "entity", pairs))]


def _departments(choice: Choice) -> list[Listing]:
    """Departments of the chosen entity; nothing where it reports none."""
    release, entity = choice.release, choice.chosen.get("entity")
    if entity is None:
        return []
    owners = protected.parents(release, "department", "entity")
    wanted = release.ids["entity"][entity]
    pairs = [
        (code, f"{code} – {text.label(release.labels, 'department', code)}")
        for code in _codes(choice, "department")
        if owners[release.ids["department"][code]] == wanted
    ]
    return [Listing("", _listed(choice, "department", sorted(pairs)))] if pairs else []


def _teams(choice: Choice, staffed: Mapping[str, frozenset[str]]) -> list[Listing]:
    labels = choice.release.labels
    pairs = sorted(((code, text.label(labels, "unct", code)) for code in _codes(choice, "unct")), key=_by_name)
    return _split(choice, "unct", pairs, staffed.get("unct", frozenset()))


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _stations(choice: Choice, staffed: Mapping[str, frozenset[str]]) -> list[Listing]:
    """Duty stations of the chosen team, or all: by country, those where the entity has staff before all others."""
    release = choice.release
    codes = _codes(choice, "duty_station")
    team = choice.chosen.get("unct")
    if team is not None:
        of_team = [code for code in codes if above(release, "duty_station", code, "unct") == team]
        pairs = sorted(((code, text.label(release.labels, "duty_station", code)) for code in of_team), key=_by_name)
        return _split(choice, "duty_station", pairs, staffed.get("duty_station", frozenset()))
    by_country: dict[str, list[tuple[str, str]]] = {}
    for code in codes:
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
    labels = choice.release.labels
    codes = [*DIMENSIONS["category"].groups, *_codes(choice, "category")]
    pairs = [(code, text.label(labels, "category", code, short=True)) for code in codes]
    return [Listing("", _listed(choice, "category", pairs))]


def _grades(warehouse: Warehouse, choice: Choice) -> list[Listing]:
    """Grades by category; where an entity is chosen those at which it has anybody, the others after them."""
    release = choice.release
    category = choice.chosen.get("category")
    members = DIMENSIONS["category"].groups.get(category, (category,)) if category else _codes(choice, "category")
    staffed = fact.staffed_grades(warehouse, choice)
    found, others = [], []
    for code in members:
        grades = [grade for grade in _codes(choice, "grade") if above(release, "grade", grade, "category") == code]
        used = [grade for grade in grades if not staffed or grade in staffed]
        others += [grade for grade in grades if grade not in used]
        name = text.label(release.labels, "category", str(code), short=True)
        if used:
            found.append(Listing(name, _listed(choice, "grade", [(grade, grade) for grade in used])))
    if others:
        unit = text.label(release.labels, "entity", choice.chosen["entity"], short=True)
        heading = gettext("Not used by %(entity)s today", entity=unit)
        found.append(Listing(heading, _listed(choice, "grade", [(grade, grade) for grade in others])))
    return found


@dataclass(frozen=True)
class Field:
    """A select of the form, with what is wrong with it."""

    name: str
    label: str
    every: str  # what no choice means
    lists: Sequence[Listing]
    problem: str


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


# -- drawings -----------------------------------------------------------------------------------------------------


def _spot(per_cent: float | None) -> str | None:
    """A place on a scale of 100, as SVG writes it."""
    return None if per_cent is None else f"{per_cent:.2f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True)
class Drawing:
    """Lines over time or posts in a box of a fixed height; across it goes by per cent, so it is as wide as its room."""

    height: float
    segments: Sequence[tuple[str, str, float, float, str]]  # from, to, height from, height to, class
    dots: Sequence[tuple[str, float, str]]  # across, height, class
    labels: Sequence[tuple[str, str]]  # across, text
    scale: Sequence[tuple[float, str]]  # height, text
    low: float  # heights of the band
    high: float
    half: float


def drawing(lines: Mapping[str, Sequence[float | None]], labels: Sequence[str], height: float = 120) -> Drawing | None:
    """Shares of women (per cent) in equal steps, each line a class of its own; None where there is nothing to draw."""
    known = [share for line in lines.values() for share in line if share is not None]
    if len(known) < 2:
        return None
    # Wide enough for the band and no wider than needed: whole tens, the band always in sight.
    bottom = max(0, int(min(*known, 45) // 10 * 10))
    top = min(100, -int(-max(*known, 55) // 10 * 10))

    def up(share: float) -> float:
        return round(8 + (top - share) / (top - bottom) * (height - 16), 1)

    count = max(len(line) for line in lines.values())
    step = 86 / max(count - 1, 1)
    across = [f"{9 + step * place:.2f}%" for place in range(count)]
    segments, dots = [], []
    for name, line in lines.items():
        for place, share in enumerate(line):
            if share is None:
                continue
            dots.append((across[place], up(share), name))
            before = line[place - 1] if place else None
            if before is not None:
                segments.append((across[place - 1], across[place], up(before), up(share), name))
    scale = [(up(share), text.number(share)) for share in (bottom, 50, top)]
    return Drawing(height, segments, dots, list(zip(across, labels, strict=False)), scale, up(47), up(53), up(50))


# -- the page -----------------------------------------------------------------------------------------------------


@cache
def _style() -> str:
    """The styles of the page, to stand in it: one request less before the first words."""
    lines = []
    for name in STYLES:
        for line in (shell.ASSETS / name).read_text(encoding="utf-8").splitlines():
            stripped = line.strip()
            if stripped and not (stripped.startswith("/*") and stripped.endswith("*/")):
                lines.append(stripped)
    return "\n".join(lines)


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
            name = gettext("This post: %(case)s", case=words.case(facts.choice.post).lower())
            if woman.share == man.share:
                detail = gettext("whoever is appointed, woman (%(woman)s) or man (%(man)s)", woman=woman.counts,
                                 man=man.counts)  # fmt: skip
                found.append(words.Line(name, woman.share, detail))
            else:
                value = gettext("%(woman)s or %(man)s", woman=woman.share, man=man.share)
                found.append(words.Line(name, value, gettext("if a woman, if a man is appointed")))
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
            "share": _spot(100 * row.share_women) if row.share_women is not None else None,
            "women": words.women(row),
            "men": words.men(row),
            "alternative": words.bar(stands),
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
        "comparisons": [(line, _spot(line.mark)) for line in words.comparisons(facts)],
        "history": history,
        "history_drawing": drawing({"w": [line.mark for line in history]}, [line.name for line in history]),
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
        template, **frame, **values, title=values["sentence"].rstrip("."), style=_style(), script=SCRIPT
    )


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the page."""

    @server.get(PATH)
    def recruit_page() -> str | Response:
        given = request.query_string.decode("latin-1")
        choice = read(warehouse, given)
        wanted = choice.query()
        # Equal choices have one address; a message needs the address that it is about.
        if given != wanted and not choice.problems and not choice.notices:
            return redirect(f"{PATH}{'?' if wanted else ''}{wanted}")
        return page(warehouse, choice)
