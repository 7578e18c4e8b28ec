"""`ask(warehouse, question, selection) -> Answer`: the one path from a selection to everything that is shown."""

from __future__ import annotations

import calendar
import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from dashboard import disclosure, measures, questions
from dashboard.answer import REFUSED, Answer, Note, ReleaseInfo, Row, Scope
from dashboard.disclosure import Counted
from dashboard.selection import (
    DIMENSIONS,
    NOT_APPLICABLE,
    NOT_REPORTED,
    TEMPORARY,
    Selection,
    full_choice_is_none,
)
from dashboard.warehouse import Coverage, OpenRelease, Warehouse

#: Which columns of `coverage` tell how completely a dimension is known.
KNOWN_BY = {
    "department": "department",
    "age_group": "age_group",
    "rc": "rc",
    "nationality": "nationality",
    "nationality_region": "nationality",
    "regional_group": "nationality",
    "appointment": "appointment",
}
QUARTERS_A_YEAR = 4
#: An id no code has.
NO_ID = 65535


class UnknownQuestion(LookupError):
    """There is no question of that name."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A selection as one release understands it: ids instead of codes, and what could not be understood."""

    selection: Selection
    release: OpenRelease
    filtered: tuple[str, ...]
    ids: Mapping[str, Sequence[int]]
    unknown: tuple[tuple[str, str], ...]
    impossible: bool  # a dimension or the quarter was filtered by unknown codes only: nothing can match


@lru_cache(maxsize=1024)
def last_day(quarter: str) -> dt.date:
    """The last day of a quarter written like 2026Q3."""
    year, month = int(quarter[:4]), 3 * int(quarter[5])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def offered(release: OpenRelease, dimension: str) -> tuple[str, ...]:
    """The codes a selection can choose in a dimension of this release, in display order."""
    return release.codes.get(dimension, ())


def canonical(release: OpenRelease, selection: Selection) -> Selection:
    """The selection in the one form equal selections share: choosing all there is equals choosing nothing, and the
    release's own quarter goes without saying.
    """
    members = {name: offered(release, name) for name in selection.filtered}
    if "appointment" in members:
        members["appointment"] = tuple(code for code in members["appointment"] if code != TEMPORARY)
    selection = full_choice_is_none(selection, members)
    return replace(selection, quarter=None) if selection.quarter == release.quarter else selection


def _understand(release: OpenRelease, selection: Selection) -> _Asked:
    selection = canonical(release, selection)
    quarter = selection.quarter or release.quarter
    unknown = [] if quarter in release.ids["quarter"] else [("quarter", quarter)]
    impossible = bool(unknown)
    ids: dict[str, list[int]] = {}
    for name in selection.filtered:
        table = release.ids.get(name, {})
        codes = selection.members(name)
        ids[name] = [table[code] for code in codes if code in table]
        unknown += [(name, code) for code in codes if code not in table]
        impossible = impossible or not ids[name]
    pinned = selection.pinned(release.name, quarter)
    return _Asked(pinned, release, selection.filtered, ids, tuple(unknown), impossible)


# -- same entities ----------------------------------------------------------------------------------------------


def _quarters_before(release: OpenRelease, quarter: str, count: int) -> str | None:
    place = release.ids["quarter"][quarter] - count
    return release.codes["quarter"][place] if place >= 0 else None


def same_entities(release: OpenRelease, now: str, then: str | None) -> frozenset[str]:
    """Entities whose figures can be compared between two quarters: both are their own reports for those very quarters
    (not carried forward, not partial) and no series break lies between them.

    A change over a changing set of entities is an artefact, so every change is computed over this set.
    """
    if then is None:
        return frozenset()
    return release.once(("same", now, then), lambda: _same_entities(release, now, then))


def _same_entities(release: OpenRelease, now: str, then: str) -> frozenset[str]:
    order = release.ids["quarter"]
    reported = [{row.entity for row in release.coverage[each] if row.state == "reported"} for each in (now, then)]
    broken = {
        row.entity
        for quarter, place in order.items()
        if order[then] < place <= order[now]
        for row in release.coverage[quarter]
        if row.series_break
    }
    return frozenset(reported[0] & reported[1] - broken)


def same_throughout(release: OpenRelease, now: str) -> frozenset[str]:
    """Entities for a trend up to `now`: figures in every quarter, their own in the first and the last, and no break."""
    return release.once(("throughout", now), lambda: _same_throughout(release, now))


def _same_throughout(release: OpenRelease, now: str) -> frozenset[str]:
    quarters = release.codes["quarter"][: release.ids["quarter"][now] + 1]
    with_figures = [
        {row.entity for row in release.coverage[quarter] if row.state != "not-submitted"} for quarter in quarters
    ]
    return same_entities(release, now, quarters[0]).intersection(*with_figures)


# -- scope ------------------------------------------------------------------------------------------------------


def _in_scope(asked: _Asked, quarter: str) -> list[Coverage]:
    """Coverage rows of the entities the selection lets through: chosen, or owners of the departments chosen."""
    wanted = set(asked.selection.members("entity")) if "entity" in asked.filtered else None
    departments = set(asked.selection.members("department"))
    if departments and not departments & {NOT_REPORTED, NOT_APPLICABLE}:
        owners = _owners(asked.release)
        owning = {owners[code] for code in departments if code in owners}
        wanted = owning if wanted is None else wanted & owning
    return [row for row in asked.release.coverage.get(quarter, ()) if wanted is None or row.entity in wanted]


def _owners(release: OpenRelease) -> Mapping[str, str]:
    """Department -> the entity it belongs to."""
    query = "select code, attributes::varchar from w.codes where dimension = $dimension"

    def read() -> dict[str, str]:
        listed = release.fetch(query, {"dimension": "department"})
        return {code: entity for code, text in listed if (entity := json.loads(text).get("entity"))}

    return release.once(("owners",), read)


def _known(
    asked: _Asked, question: questions.Question, audience: str, name: str, covered: Sequence[Coverage], rows
) -> float:
    """Share of the staff a selection is about whose value in a dimension is known; its own filter is taken off."""
    if set(asked.filtered) <= {"entity", name}:
        staff = sum(row.staff for row in covered)
        return sum(row.known[KNOWN_BY[name]] for row in covered) / staff if staff else 1.0
    if name in question.by and name not in asked.filtered:
        counts = [(row.keys[name], row.staff or 0) for row in rows]
    else:
        # Entities know how many they cannot tell of all their staff; how many of these, only the cells do.
        whole = _understand(asked.release, asked.selection.without(name))
        if whole.impossible:
            return 1.0
        table = asked.release.codes[name]
        shown = _count(whole, _question(f"by_{name}"), audience)
        counts = [(table[row.keys[0]], (row.women or 0) + (row.men or 0)) for row in shown.rows]
    staff = sum(count for _, count in counts)
    return sum(count for code, count in counts if code != NOT_REPORTED) / staff if staff else 1.0


def _last_known_staff(release: OpenRelease, entity: str, quarter: str) -> int:
    for earlier in reversed(release.codes["quarter"][: release.ids["quarter"][quarter]]):
        for row in release.coverage[earlier]:
            if row.entity == entity and row.staff:
                return row.staff
    return 0


def _population(selection: Selection) -> str:
    chosen = selection.codes("appointment")
    if TEMPORARY not in chosen:
        return "regular"
    return "temporary" if chosen == (TEMPORARY,) else "mixed"


def _scope(asked: _Asked, question: questions.Question, audience: str, newer: str | None, rows: Sequence[Row]) -> Scope:
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    covered = _in_scope(asked, quarter)
    with_figures = [row for row in covered if row.state != "not-submitted"]
    missing = tuple(row.entity for row in covered if row.state == "not-submitted")
    own = sum(row.staff for row in with_figures if row.state != "carried")
    total = sum(row.staff for row in with_figures)
    total += sum(_last_known_staff(release, entity, quarter) for entity in missing)
    incomplete = {}
    for name in dict.fromkeys((*question.by, *asked.filtered)):
        # Where every entity tells all of it there is nothing to look up (temporary staff are not in the coverage).
        whole = all(row.known[KNOWN_BY[name]] == row.staff for row in with_figures) if name in KNOWN_BY else True
        if not whole or (name in KNOWN_BY and "appointment" in asked.filtered):
            share = _known(asked, question, audience, name, with_figures, rows)
            if share < 1:
                incomplete[name] = share
    counted = [row for row in rows if row.staff is not None and _is_of_now(row, quarter)]
    women, men = sum(row.women or 0 for row in counted), sum(row.men or 0 for row in counted)
    same = {}
    if "basis" in question.by and quarter in release.ids["quarter"]:
        wanted = {row.entity for row in covered}
        for basis, entities in _bases(release, quarter).items():
            same[basis] = len(wanted & entities)
    return Scope(
        population=_population(asked.selection),
        quarter=quarter,
        as_of=last_day(quarter),
        entities=len(with_figures),
        entities_expected=len(covered),
        carried=tuple(row.entity for row in with_figures if row.state == "carried"),
        not_submitted=missing,
        share_reported=own / total if total else None,
        dimension_coverage=incomplete,
        release=ReleaseInfo(release.name, release.quarter, release.published, release.demonstration, newer),
        audience=audience,
        women=women,
        men=men,
        staff=women + men,
        same_entities=same,
    )


def _is_of_now(row: Row, quarter: str) -> bool:
    """Whether a row counts towards the selection's own total (a stock: one quarter, one basis)."""
    return row.keys.get("quarter", quarter) == quarter and row.keys.get("basis", "all") == "all"


# -- rows -------------------------------------------------------------------------------------------------------


def _bases(release: OpenRelease, quarter: str) -> dict[str, frozenset[str]]:
    return {
        "previous-quarter": same_entities(release, quarter, _quarters_before(release, quarter, 1)),
        "previous-year": same_entities(release, quarter, _quarters_before(release, quarter, QUARTERS_A_YEAR)),
        "same-entities": same_throughout(release, quarter),
    }


def _parameters(asked: _Asked, question: questions.Question) -> dict[str, Any]:
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    ids = release.ids["quarter"]
    values: dict[str, Any] = {"quarter": ids[quarter]}
    for name, back in (("previous_quarter", 1), ("previous_year", QUARTERS_A_YEAR)):
        then = _quarters_before(release, quarter, back)
        values[name] = None if then is None else ids[then]
    return {name: values[name] for name in question.parameters}


def _add(totals: dict[Any, list[int]], key: Any, row: Sequence[int]) -> None:
    total = totals.setdefault(key, [0, 0, 0])
    for place in range(3):
        total[place] += row[place]


def _comparison(asked: _Asked, fetched: Iterable[tuple]) -> list[Counted]:
    """All entities now, and now and then over the entities comparable with the quarter and the year before."""
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    ids = release.ids["quarter"]
    spans = [("all", ids[quarter], ids[quarter], None)]
    bases = _bases(release, quarter)
    for basis, back in (("previous-quarter", 1), ("previous-year", QUARTERS_A_YEAR)):
        then = _quarters_before(release, quarter, back)
        if then is not None:
            spans.append((basis, ids[quarter], ids[then], bases[basis]))
    totals: dict[tuple[str, int], list[int]] = {}
    entities = release.codes["entity"]
    for number, entity, *counts in fetched:
        for basis, now, then_number, same in spans:
            if number in (now, then_number) and (same is None or entities[entity] in same):
                _add(totals, (basis, -number), counts)
    return [Counted((-number, basis), *totals[basis, number]) for basis, number in sorted(totals)]


def _cumulation(asked: _Asked, fetched: Iterable[tuple]) -> list[Counted]:
    """Changes summed up to each quarter: over all entities, and over the same ones throughout."""
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    same = same_throughout(release, quarter)
    entities = release.codes["entity"]
    steps: dict[tuple[str, int], list[int]] = {}
    for number, entity, *counts in fetched:
        _add(steps, ("all", number), counts)
        if entities[entity] in same:
            _add(steps, ("same-entities", number), counts)
    rows = []
    for basis in dict.fromkeys(basis for basis, _ in sorted(steps)):
        total = [0, 0, 0]
        begun = False
        for number in range(release.ids["quarter"][quarter] + 1):
            step = steps.get((basis, number))
            begun = begun or step is not None
            if step is not None:
                total = [one + other for one, other in zip(total, step, strict=True)]
            if begun:
                rows.append(Counted((number, basis), *total))
    return rows


_FOLDS = {"comparison": _comparison, "cumulation": _cumulation}


def _count(
    asked: _Asked, question: questions.Question, audience: str, all_populations: bool = False
) -> disclosure.Shown:
    """Counted rows of a question, after the disclosure rules: the only place where cells are read."""
    filtered = tuple(name for name in asked.filtered if name in question.filters)
    sql = question.rendered(filtered, all_populations or not question.has_population)
    parameters = _parameters(asked, question) | {name: asked.ids[name] for name in filtered}
    if "$temporary" in sql:
        parameters["temporary"] = asked.release.ids["appointment"].get(TEMPORARY, NO_ID)
    fetched = asked.release.fetch(sql, parameters)
    if question.fold is not None:
        rows = _FOLDS[question.fold](asked, fetched)
    else:
        width = len(question.by)
        rows = [Counted(row[:width], row[width], row[width + 1], row[width + 2], row[width + 3 :]) for row in fetched]
    return disclosure.apply(rows, question.by, asked.filtered, audience)


def _flags(asked: _Asked, quarter: str) -> tuple[str, dict[str, str]]:
    """The flag of a row over all entities in scope, and of each entity's own row, for one quarter."""
    if "entity" in asked.filtered or "department" in asked.filtered:
        return _flags_now(asked, quarter)
    return asked.release.once(("flags", quarter), lambda: _flags_now(asked, quarter))


def _flags_now(asked: _Asked, quarter: str) -> tuple[str, dict[str, str]]:
    by_entity = {}
    for row in _in_scope(asked, quarter):
        flag = row.state if row.state in ("carried", "partial") else "reported"
        if flag == "reported" and (row.series_break or row.revised):
            flag = "break" if row.series_break else "revised"
        by_entity[row.entity] = "partial" if row.state == "not-submitted" else flag
    states = set(by_entity.values())
    if not states & {"carried", "partial"}:
        return "reported", by_entity
    return ("carried" if states == {"carried"} else "partial"), by_entity


def _row(
    keys: Mapping[str, str],
    women: int | None,
    men: int | None,
    reason: str | None,
    flag: str,
    as_of: dt.date,
    extra,
) -> Row:
    if women is None or men is None:
        return Row(keys, None, None, None, None, None, None, None, reason, flag, as_of, extra)
    return Row(
        keys=keys,
        women=women,
        men=men,
        staff=women + men,
        share_women=measures.share_women(women, men),
        index_growth=measures.index_growth(women, men),
        index_replacement=measures.index_replacement(women, men),
        status=measures.status(women, men),
        reason=reason if women + men else reason or "nobody",
        flag=flag,
        as_of=as_of,
        extra=extra,
    )


_COVERAGE_EXTRA = (
    "state",
    "revised",
    "late",
    "series_break",
    "source_quarter",
    "submission",
    "submitted_at",
    "reason",
)


def _rows(asked: _Asked, question: questions.Question, shown: disclosure.Shown) -> list[Row]:
    release = asked.release
    now = asked.selection.quarter or release.quarter
    tables = [release.codes.get(key) if key != "basis" else None for key in question.by]
    flags: dict[str, tuple[str, dict[str, str]]] = {}
    rows = []
    for counted in shown.rows:
        keys = {
            key: value if table is None else table[value]
            for key, table, value in zip(question.by, tables, counted.keys, strict=True)
        }
        quarter = keys.get("quarter", now)
        if quarter not in flags:
            flags[quarter] = _flags(asked, quarter)
        overall, by_entity = flags[quarter]
        extra: dict[str, Any] = {} if counted.other is None else {"other": counted.other}
        reason = None
        women, men = counted.women, counted.men
        if counted.extra:
            extra |= dict(zip(_COVERAGE_EXTRA, counted.extra, strict=True))
            if extra["source_quarter"] is not None:
                extra["source_quarter"] = release.codes["quarter"][extra["source_quarter"]]
            if extra["state"] == "not-submitted":
                reason, women, men = "not-submitted", None, None
        flag = by_entity.get(keys["entity"], overall) if "entity" in keys else overall
        if keys.get("basis", "all") != "all":
            flag = "reported"  # like for like holds reported figures only
        rows.append(_row(keys, women, men, reason, flag, last_day(quarter), extra))
    if question.by == ("entity",) and not counted_coverage(question):
        rows += _missing_entities(asked, rows, now)
    return rows


def counted_coverage(question: questions.Question) -> bool:
    """Whether a question is about reporting itself, so that entities without figures are among its rows already."""
    return question.name.startswith("coverage")


def _missing_entities(asked: _Asked, rows: Iterable[Row], quarter: str) -> list[Row]:
    """Rows for entities in scope that have sent nothing: unknown, which is not zero."""
    present = {row.keys["entity"] for row in rows}
    return [
        _row({"entity": row.entity}, None, None, "not-submitted", "partial", last_day(quarter), {})
        for row in _in_scope(asked, quarter)
        if row.state == "not-submitted" and row.entity not in present
    ]


# -- the doors --------------------------------------------------------------------------------------------------


def _question(name: str) -> questions.Question:
    try:
        return questions.load()[name]
    except KeyError as error:
        raise UnknownQuestion(name) from error


def ask(warehouse: Warehouse, question_name: str, selection: Selection) -> Answer:
    """The answer to a question over a selection, from the release it pins or the one in service.

    Raises UnknownQuestion, UnknownRelease, NoRelease or TooSlow. Codes the release does not know, filters the
    question's data do not have and selections that match nobody are answers with notes, not errors.
    """
    question = _question(question_name)
    release = warehouse.release(selection.release)
    in_service = warehouse.current().name
    audience = warehouse.settings.audience
    asked = _understand(release, selection)
    beside = [name for name in asked.filtered if name not in question.filters]
    not_collected = [] if question.ignores_others else beside
    notes = [Note("unknown-code", {"dimension": name, "value": code}) for name, code in asked.unknown]
    notes += [Note("not-collected", {"dimension": name}) for name in not_collected]
    if question.ignores_others:
        notes += [Note("filter-ignored", {"dimension": name}) for name in beside]
    protection = disclosure.EXACT
    rows: list[Row] = []
    if not asked.impossible and not not_collected:
        shown = _count(asked, question, audience)
        protection = shown.protection
        rows = _rows(asked, question, shown) if protection != REFUSED else []
    newer = in_service if in_service != release.name else None
    scope = _scope(asked, question, audience, newer, rows)
    # Where nobody in scope has figures, it is not known whether anything matches: the note below says who sent none.
    if not rows and not notes and scope.entities:
        notes.append(Note("nothing-matches"))
    if scope.carried:
        notes.append(Note("carried", {"entities": scope.carried}))
    if scope.not_submitted:
        notes.append(Note("not-submitted", {"entities": scope.not_submitted}))
    notes += [
        Note("incomplete-dimension", {"dimension": name, "share": share})
        for name, share in scope.dimension_coverage.items()
    ]
    if newer:
        notes.append(Note("newer-release", {"release": newer}))
    return Answer(
        question=question.name,
        by=question.by,
        selection=asked.selection,
        scope=scope,
        protection=protection,
        notes=tuple(notes),
        rows=tuple(rows),
        labels=release.labels,
    )


class Option(NamedTuple):
    """One option of a facet: how many staff the rest of the selection leaves it; None where that may not be told."""

    code: str
    label: str
    staff: int | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One dimension of the filter panel under a selection; every member of the code list has its option."""

    dimension: str
    options: tuple[Option, ...]


def facets(warehouse: Warehouse, selection: Selection, dimensions: Iterable[str]) -> dict[str, Facet]:
    """Options and counts of these dimensions under a selection, each with its own filter taken off.

    Raises KeyError for a name that is no dimension, and what `ask` raises.
    """
    release = warehouse.release(selection.release)
    found = {}
    for name in dict.fromkeys(dimensions):
        dimension = DIMENSIONS[name]
        asked = _understand(release, selection.without(name))
        counts: dict[str, int] = {}
        if not asked.impossible:
            # The facet of appointments offers temporary ones too, though nothing else counts them unasked.
            shown = _count(asked, _question(f"by_{name}"), warehouse.settings.audience, name == "appointment")
            table = release.codes[name]
            counts = {table[row.keys[0]]: (row.women or 0) + (row.men or 0) for row in shown.rows}
        chosen = set(canonical(release, selection).codes(name))
        labels = release.labels.get(name, {})
        options = [
            Option(
                group,
                labels.get(group, group),
                sum(counts.get(member, 0) for member in members),
                group in chosen,
            )
            for group, members in dimension.groups.items()
        ]
        grouped = {member for group, members in dimension.groups.items() if group in chosen for member in members}
        options += [
            Option(code, labels.get(code, code), counts.get(code, 0), code in chosen or code in grouped)
            for code in offered(release, name)
            if code not in (NOT_REPORTED, NOT_APPLICABLE) or counts.get(code) or code in chosen
        ]
        found[name] = Facet(name, tuple(options))
    return found
