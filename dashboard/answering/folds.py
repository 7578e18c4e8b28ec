"""Rows by quarter and entity -> [Count]: what a question tells of several quarters, like for like where it says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dashboard import comparable as rule
from dashboard.answering.comparable import bases, before, compared, line
from dashboard.answering.reading import FEWER, WITHHELD
from dashboard.answering.understand import Asked
from dashboard.disclosure import EXACT, Count
from dashboard.questions import Question
from dashboard.warehouse import OpenRelease

#: Folds that tell of every quarter, and not of some that are compared.
THROUGHOUT = ("cumulation", "running")


def _add(totals: dict[Any, list[int]], key: Any, row: Sequence[int]) -> None:
    total = totals.setdefault(key, [0, 0, 0])
    for place in range(3):
        total[place] += row[place]


# -- exact rows --------------------------------------------------------------------------------------------------


def fold(asked: Asked, question: Question, fetched: Iterable[tuple]) -> list[Count]:
    """The rows of a question that folds: `fetched` are ids of the quarter, the entity and its other dimensions, then
    women, men and other.
    """
    return _FOLDS[question.fold or ""](asked, question, fetched)


def _summed_up(fetched: Iterable[tuple], quarters: Iterable[int]) -> list[tuple]:
    """Changes by quarter and what follows it, as what there was in these quarters; nobody has no row."""
    quarters = sorted(set(quarters))
    first = quarters[0]
    before_all: dict[tuple, tuple[int, int, int]] = {}
    later: list[tuple] = []
    # Most quarters lie before the first one wanted: their changes are added up once for all.
    for row in fetched:
        if row[0] > first:
            later.append(row)
            continue
        key, (women, men, other) = row[1:-3], row[-3:]
        known = before_all.get(key)
        before_all[key] = (women, men, other) if known is None else (known[0] + women, known[1] + men, known[2] + other)
    found = []
    for quarter in quarters:
        totals = {key: list(total) for key, total in before_all.items()}
        for row in later:
            if row[0] <= quarter:
                _add(totals, row[1:-3], row[-3:])
        found += [(quarter, *key, *total) for key, total in totals.items() if any(total)]
    return found


def _comparison(asked: Asked, question: Question, fetched: Iterable[tuple]) -> list[Count]:
    """All entities now, and now and then over the entities comparable with each of the quarters compared with."""
    release = asked.release
    ids = release.ids["quarter"]
    spans = [(rule.ALL, asked.now, asked.now, None)]
    same_of = bases(asked, question)
    for basis, back in compared(question):
        then = before(release, asked.quarter, back)
        if then is not None:
            spans.append((basis, asked.now, ids[then], same_of[basis]))
    if question.of_changes:
        fetched = _summed_up(fetched, {number for _, *numbers, _ in spans for number in numbers})
    totals: dict[tuple, list[int]] = {}
    entities = release.codes["entity"]
    width = len(question.apart)
    for number, entity, *rest in fetched:
        for basis, now, then_number, same in spans:
            if number in (now, then_number) and (same is None or entities[entity] in same):
                _add(totals, (basis, -number, *rest[:width]), rest[width:])
    return [Count((-key[1], key[0], *key[2:]), *totals[key]) for key in sorted(totals)]


def _cumulation(asked: Asked, question: Question, fetched: Iterable[tuple]) -> list[Count]:
    """Changes summed up to each quarter: over all entities; and over the same ones, in the quarters that they can be
    compared in.
    """
    alike = line(asked)
    ids, entities = asked.release.ids["quarter"], asked.release.codes["entity"]
    steps: dict[tuple[str, int], list[int]] = {}
    for number, entity, *counts in fetched:
        _add(steps, (rule.ALL, number), counts)
        if entities[entity] in alike.entities:
            _add(steps, (rule.SAME, number), counts)
    rows = []
    last = asked.now
    told = {rule.ALL: range(last + 1), rule.SAME: [ids[each] for each in alike.quarters]}
    begun = min((number for _, number in steps), default=None)
    for basis in sorted({basis for basis, _ in steps}):
        total = [0, 0, 0]
        wanted = set(told[basis])
        for number in range(last + 1):
            step = steps.get((basis, number))
            if step is not None:
                total = [one + other for one, other in zip(total, step, strict=True)]
            if number in wanted and begun is not None and number >= begun:
                rows.append(Count((number, basis), *total))
    return rows


def _running(asked: Asked, question: Question, fetched: Iterable[tuple]) -> list[Count]:
    """Changes summed up to each quarter, entity by entity; of quarters an entity has figures for, and no others."""
    release, last = asked.release, asked.now
    steps: dict[int, dict[int, list[int]]] = {}
    for number, entity, *counts in fetched:
        steps.setdefault(entity, {})[number] = counts
    reporting = release.once(("reporting",), lambda: _reporting(release))
    rows = []
    for entity, by_quarter in steps.items():
        total = [0, 0, 0]
        for number in range(min(by_quarter), last + 1):
            step = by_quarter.get(number)
            if step is not None:
                total = [one + other for one, other in zip(total, step, strict=True)]
            if entity in reporting[number]:
                rows.append(Count((number, entity), *total))
    return sorted(rows, key=by_keys)


def _reporting(release: OpenRelease) -> list[frozenset[int]]:
    """By quarter, the entities (ids) with figures for it."""
    ids = release.ids["entity"]
    return [
        frozenset(ids[row.entity] for row in release.coverage.get(quarter, ()) if row.state != "not-submitted")
        for quarter in release.codes["quarter"]
    ]


_FOLDS: Mapping[str, Callable[[Asked, Question, Iterable[tuple]], list[Count]]] = {
    "comparison": _comparison,
    "cumulation": _cumulation,
    "running": _running,
}


def by_keys(row: Count) -> tuple[Any, ...]:
    """In code order."""
    return row.keys


# -- protected rows ----------------------------------------------------------------------------------------------


def quarters(asked: Asked, question: Question) -> list[int]:
    """The quarters (ids) that a question which folds tells of; those it compares with after the one asked for."""
    if question.fold in THROUGHOUT:
        return list(range(asked.now + 1))
    return [number for back in (0, *(back for _, back in compared(question))) if (number := asked.now - back) >= 0]


def over_time(asked: Asked, question: Question, found: Mapping[int, Sequence[Count]]) -> list[Count]:
    """A protected development: by quarter and basis, all entities there are in each quarter, where enough are counted.

    `found` has the rows of each of `quarters`. Like for like would be a sum over the entities that can be compared,
    which no table holds.
    """
    basis = (rule.ALL,) if "basis" in question.by else ()
    # What is counted now stands by itself; what it is compared with must be enough for a comparison.
    alone = None if question.fold in THROUGHOUT else asked.now
    return [
        (row if number == alone else _enough(asked.release, row))._replace(keys=(number, *basis, *row.keys))
        for number, rows in found.items()
        for row in rows
    ]


def _enough(release: OpenRelease, row: Count) -> Count:
    """The row if it counts enough staff for a development, else its refusal."""
    least = release.policy.series_from
    if row.women is None or row.men is None or row.protection == EXACT or row.women + row.men >= least:
        return row
    # A sum that leaves some out may be of more than it shows.
    return row._replace(women=None, men=None, reason=WITHHELD if row.left_out else FEWER, least=least)
