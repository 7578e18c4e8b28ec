"""`ask(warehouse, question, selection) -> Answer`: the one path from a selection to everything that is shown."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from dashboard import comparable, disclosure, measures, questions, uniformed
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Note, Possible, ReleaseInfo, Row, Scope
from dashboard.answering import protected
from dashboard.answering.protected import ProtectedRow, TooManyParts
from dashboard.disclosure import Counted
from dashboard.disclosure import plan as plans
from dashboard.disclosure.plan import PLACE_BOUND, Plan
from dashboard.hierarchy import Hierarchy
from dashboard.selection import (
    DIMENSIONS,
    NOT_APPLICABLE,
    NOT_REPORTED,
    PERSONAL,
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
#: What a question may compare with: its parameter, the basis of such rows, and how many quarters back that is.
COMPARED = (
    ("previous_quarter", "previous-quarter", 1),
    ("previous_year", "previous-year", QUARTERS_A_YEAR),
    ("five_years_before", "five-years", 5 * QUARTERS_A_YEAR),
)
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


def _own_figures(release: OpenRelease, quarter: str) -> comparable.Series:
    """Entities whose figures for a quarter are their own, each with the series they belong to."""
    found = release.once(("series",), lambda: comparable.series(release.codes["quarter"], release.coverage))
    place = release.ids["quarter"].get(quarter)
    return {} if place is None else found[place]


def same_entities(release: OpenRelease, now: str, then: str | None) -> frozenset[str]:
    """Entities whose figures can be compared between two quarters, by the one rule of `comparable`."""
    if then is None:
        return frozenset()
    return release.once(
        ("same", now, then), lambda: comparable.shared(_own_figures(release, now), _own_figures(release, then))
    )


def _line(asked: _Asked) -> comparable.Line:
    """What the development of a selection is told of, like for like."""
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    wanted = _wanted(asked)

    def make() -> comparable.Line:
        quarters = release.codes["quarter"][: release.ids["quarter"][quarter] + 1]
        return comparable.line(quarters, [_own_figures(release, each) for each in quarters], wanted)

    return release.once(("line", quarter), make) if wanted is None else make()


# -- scope ------------------------------------------------------------------------------------------------------


def _wanted(asked: _Asked) -> set[str] | None:
    """The entities the selection lets through: chosen, or owners of the departments chosen; None: all."""
    wanted = set(asked.selection.members("entity")) if "entity" in asked.filtered else None
    owning = _owning(asked)
    if owning is None:
        return wanted
    return owning if wanted is None else wanted & owning


def _owning(asked: _Asked) -> set[str] | None:
    """The entities of the departments chosen; None where these are not of entities alone, or none are."""
    departments = set(asked.selection.members("department"))
    if not departments or departments & {NOT_REPORTED, NOT_APPLICABLE}:
        return None
    known = Hierarchy(asked.release).above("department", "entity")
    return {known[code] for code in departments if code in known}


def _in_scope(asked: _Asked, quarter: str) -> list[Coverage]:
    """Coverage rows of the entities the selection lets through."""
    wanted = _wanted(asked)
    return [row for row in asked.release.coverage.get(quarter, ()) if wanted is None or row.entity in wanted]


def sizes(release: OpenRelease, quarter: str) -> Mapping[str, int]:
    """Entity -> all its staff in a quarter, of those with figures for it."""

    def read() -> dict[str, int]:
        return {row.entity: row.staff for row in release.coverage.get(quarter, ()) if row.staff}

    return release.once(("sizes", quarter), read)


def _known(
    asked: _Asked, question: questions.Question, audience: str, name: str, covered: Sequence[Coverage], rows
) -> float:
    """Share of the staff a selection is about whose value in a dimension is known; its own filter is taken off."""
    if set(asked.filtered) <= {"entity", name} or DIMENSIONS[name].kind == PERSONAL:
        # By entity even under narrower filters, where dimensions are personal: how many of a small group have told
        # their age is no more to be had than their ages.
        told = [row for row in covered if KNOWN_BY[name] in row.known]
        staff = sum(row.staff for row in told)
        return sum(row.known[KNOWN_BY[name]] for row in told) / staff if staff else 1.0
    if name in question.by and name not in asked.filtered:
        counts = [(row.keys[name], row.staff or 0) for row in rows]
    else:
        # Entities know how many they cannot tell of all their staff; how many of these, only the cells do.
        whole = _understand(asked.release, asked.selection.without(name))
        if whole.impossible:
            return 1.0
        table = asked.release.codes[name]
        if not _plan(whole, _question(f"by_{name}"), audience).exact:
            return 1.0
        shown = _count(whole, _question(f"by_{name}"))
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


def _scope(
    asked: _Asked,
    question: questions.Question,
    audience: str,
    newer: str | None,
    rows: Sequence[Row],
    total: ProtectedRow | None,
) -> Scope:
    """Who is counted. `total` is the selection's own where it is not the sum of the rows."""
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    covered = _in_scope(asked, quarter)
    with_figures = [row for row in covered if row.state != "not-submitted"]
    missing = tuple(row.entity for row in covered if row.state == "not-submitted")
    own = sum(row.staff for row in with_figures if row.state != "carried")
    all_staff = sum(row.staff for row in with_figures)
    all_staff += sum(_last_known_staff(release, entity, quarter) for entity in missing)
    incomplete = {}
    for name in dict.fromkeys((*question.by, *asked.filtered)):
        # Where every entity tells all of it there is nothing to look up (temporary staff are not in the coverage).
        whole = all(row.known.get(KNOWN_BY[name]) == row.staff for row in with_figures) if name in KNOWN_BY else True
        if not whole or (name in KNOWN_BY and "appointment" in asked.filtered):
            share = _known(asked, question, audience, name, with_figures, rows)
            if share < 1:
                incomplete[name] = share
    women: int | None
    men: int | None
    if total is None:
        counted = [row for row in rows if row.staff is not None and _is_of_now(row, quarter)]
        women, men = sum(row.women or 0 for row in counted), sum(row.men or 0 for row in counted)
    else:
        women, men = total.women, total.men
    same = {}
    if "basis" in question.by and total is None and quarter in release.ids["quarter"]:
        wanted = {row.entity for row in covered}
        for basis, entities in _bases(asked, question).items():
            same[basis] = len(wanted & entities)
    own_series = _own_figures(release, quarter)
    return Scope(
        population=_population(asked.selection),
        quarter=quarter,
        as_of=last_day(quarter),
        entities=len(with_figures),
        entities_expected=len(covered),
        carried=tuple(row.entity for row in with_figures if row.state == "carried"),
        partial=tuple(row.entity for row in with_figures if row.state == "partial"),
        not_submitted=missing,
        share_reported=own / all_staff if all_staff else None,
        dimension_coverage=incomplete,
        release=ReleaseInfo(release.name, release.quarter, release.published, release.demonstration, newer),
        audience=audience,
        women=women,
        men=men,
        staff=None if women is None or men is None else women + men,
        protection=EXACT if total is None or total.protection == EXACT else ROUNDED,
        left_out=() if total is None or total.women is None else total.left_out,
        same_entities=same,
        series={row.entity: own_series[row.entity] for row in covered if row.entity in own_series},
    )


def _is_of_now(row: Row, quarter: str) -> bool:
    """Whether a row counts towards the selection's own total (a stock: one quarter, one basis)."""
    return row.keys.get("quarter", quarter) == quarter and row.keys.get("basis", "all") == "all"


# -- rows -------------------------------------------------------------------------------------------------------


def _compared(question: questions.Question) -> list[tuple[str, int]]:
    """The bases a question compares on, each with the number of quarters it goes back."""
    return [(basis, back) for parameter, basis, back in COMPARED if parameter in question.against]


def _bases(asked: _Asked, question: questions.Question) -> dict[str, frozenset[str]]:
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    found = {
        basis: same_entities(release, quarter, _quarters_before(release, quarter, back))
        for basis, back in _compared(question) or [(basis, back) for _, basis, back in COMPARED[:2]]
    }
    return found if question.apart else found | {comparable.SAME: _line(asked).entities}


def _parameters(asked: _Asked, question: questions.Question) -> dict[str, Any]:
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    ids = release.ids["quarter"]
    values: dict[str, Any] = {"quarter": ids[quarter]}
    for name, _, back in COMPARED:
        then = _quarters_before(release, quarter, back)
        values[name] = None if then is None else ids[then]
    return {name: values[name] for name in question.parameters}


def _add(totals: dict[Any, list[int]], key: Any, row: Sequence[int]) -> None:
    total = totals.setdefault(key, [0, 0, 0])
    for place in range(3):
        total[place] += row[place]


def _summed_up(fetched: Iterable[tuple], quarters: Iterable[int]) -> list[tuple]:
    """Changes by quarter and what follows it, as what there was in these quarters; nobody has no row."""
    quarters = sorted(set(quarters))
    first = quarters[0]
    before: dict[tuple, tuple[int, int, int]] = {}
    later: list[tuple] = []
    # Most quarters lie before the first one wanted: their changes are added up once for all.
    for row in fetched:
        if row[0] > first:
            later.append(row)
            continue
        key, (women, men, other) = row[1:-3], row[-3:]
        known = before.get(key)
        before[key] = (women, men, other) if known is None else (known[0] + women, known[1] + men, known[2] + other)
    found = []
    for quarter in quarters:
        totals = {key: list(total) for key, total in before.items()}
        for row in later:
            if row[0] <= quarter:
                _add(totals, row[1:-3], row[-3:])
        found += [(quarter, *key, *total) for key, total in totals.items() if any(total)]
    return found


def _comparison(asked: _Asked, question: questions.Question, fetched: Iterable[tuple]) -> list[Counted]:
    """All entities now, and now and then over the entities comparable with each of the quarters compared with."""
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    ids = release.ids["quarter"]
    spans = [("all", ids[quarter], ids[quarter], None)]
    bases = _bases(asked, question)
    for basis, back in _compared(question):
        then = _quarters_before(release, quarter, back)
        if then is not None:
            spans.append((basis, ids[quarter], ids[then], bases[basis]))
    if question.of_changes:
        fetched = _summed_up(fetched, {number for _, *numbers, _ in spans for number in numbers})
    totals: dict[tuple, list[int]] = {}
    entities = release.codes["entity"]
    width = len(question.apart)
    for number, entity, *rest in fetched:
        for basis, now, then_number, same in spans:
            if number in (now, then_number) and (same is None or entities[entity] in same):
                _add(totals, (basis, -number, *rest[:width]), rest[width:])
    return [Counted((-key[1], key[0], *key[2:]), *totals[key]) for key in sorted(totals)]


def _cumulation(asked: _Asked, question: questions.Question, fetched: Iterable[tuple]) -> list[Counted]:
    """Changes summed up to each quarter: over all entities; and over the same ones, in the quarters that they can be
    compared in.
    """
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    line = _line(asked)
    ids, entities = release.ids["quarter"], release.codes["entity"]
    steps: dict[tuple[str, int], list[int]] = {}
    for number, entity, *counts in fetched:
        _add(steps, (comparable.ALL, number), counts)
        if entities[entity] in line.entities:
            _add(steps, (comparable.SAME, number), counts)
    rows = []
    told = {comparable.ALL: range(ids[quarter] + 1), comparable.SAME: [ids[each] for each in line.quarters]}
    begun = min((number for _, number in steps), default=None)
    for basis in sorted({basis for basis, _ in steps}):
        total = [0, 0, 0]
        wanted = set(told[basis])
        for number in range(ids[quarter] + 1):
            step = steps.get((basis, number))
            if step is not None:
                total = [one + other for one, other in zip(total, step, strict=True)]
            if number in wanted and begun is not None and number >= begun:
                rows.append(Counted((number, basis), *total))
    return rows


def _running(asked: _Asked, question: questions.Question, fetched: Iterable[tuple]) -> list[Counted]:
    """Changes summed up to each quarter, entity by entity; of quarters an entity has figures for, and no others."""
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    steps: dict[int, dict[int, list[int]]] = {}
    for number, entity, *counts in fetched:
        steps.setdefault(entity, {})[number] = counts
    reporting = release.once(("reporting",), lambda: _reporting(release))
    rows = []
    for entity, by_quarter in steps.items():
        total = [0, 0, 0]
        for number in range(min(by_quarter), release.ids["quarter"][quarter] + 1):
            step = by_quarter.get(number)
            if step is not None:
                total = [one + other for one, other in zip(total, step, strict=True)]
            if entity in reporting[number]:
                rows.append(Counted((number, entity), *total))
    return sorted(rows, key=_by_keys)


def _reporting(release: OpenRelease) -> list[frozenset[int]]:
    """By quarter, the entities (ids) with figures for it."""
    ids = release.ids["entity"]
    return [
        frozenset(ids[row.entity] for row in release.coverage.get(quarter, ()) if row.state != "not-submitted")
        for quarter in release.codes["quarter"]
    ]


_FOLDS = {"comparison": _comparison, "cumulation": _cumulation, "running": _running}


def _plan(asked: _Asked, question: questions.Question, audience: str) -> Plan:
    """What may answer a question under the filters it has, for this audience."""
    release = asked.release
    filtered = [name for name in asked.filtered if name in question.filters]
    found = plans.plan(
        release.policy,
        audience,
        [name for name in question.by if name in DIMENSIONS],
        filtered,
        rc=asked.selection.members("rc"),
        departments=asked.selection.members("department"),
        place_bound=release.place_bound,
        unlike=Hierarchy(release).unlike({name: asked.ids[name] for name in filtered}),
    )
    if found.table is not None and not question.has_population:
        # Reporting and movements are tables of their own, without protected cells.
        bound = not release.place_bound.isdisjoint(asked.selection.members("department"))
        return Plan(refused=True, reason="place-bound") if bound or not found.mixed else Plan()
    if found.table is not None and found.table.kind == PERSONAL and "personal_groups" in release.lacks:
        # Which groups may be broken down was not decided when it was made, and its rules were others.
        return Plan(refused=True, reason="older-policy")
    return found


def _count(asked: _Asked, question: questions.Question, all_populations: bool = False) -> disclosure.Shown:
    """Counted rows of a question whose dimensions are exact: the only place where such cells are read."""
    filtered = tuple(name for name in asked.filtered if name in question.filters)
    single = frozenset(name for name in filtered if len(asked.ids[name]) == 1)
    sql = question.rendered(filtered, all_populations or not question.has_population, single)
    parameters = _parameters(asked, question)
    parameters |= {name: asked.ids[name][0] if name in single else asked.ids[name] for name in filtered}
    if "$temporary" in sql:
        parameters["temporary"] = asked.release.ids["appointment"].get(TEMPORARY, NO_ID)
    fetched = asked.release.fetch(sql, parameters)
    if question.fold is not None:
        rows = _FOLDS[question.fold](asked, question, fetched)
    else:
        width = len(question.by)
        rows = [Counted(row[:width], row[width], row[width + 1], row[width + 2], row[width + 3 :]) for row in fetched]
        if "order by" not in question.sql:
            # In code order; sorting these few is cheaper here than to have it planned.
            rows.sort(key=_by_keys)
    release = asked.release
    return disclosure.apply(rows, question.by, asked.filtered, release.other_shown)


def _by_keys(row: Counted) -> tuple[Any, ...]:
    return row.keys


# -- protected rows -----------------------------------------------------------------------------------------------


def _protected(
    asked: _Asked,
    plan: Plan,
    by: Sequence[str],
    audience: str,
    quarters: Sequence[int],
    all_populations: bool = False,
) -> dict[int, list[ProtectedRow]]:
    """Rows of protected cells by quarter. Raises TooManyParts."""
    release = asked.release
    wanted = protected.wanted_of(plan, asked.ids)
    only = {}
    if plan.mixed:
        ids = release.ids["department"]
        only["department"] = frozenset(ids[code] for code in release.place_bound if code in ids)
    if "appointment" not in asked.filtered and not all_populations:
        only["appointment"] = frozenset(
            number for number, code in enumerate(release.codes["appointment"]) if code != TEMPORARY
        )
    return protected.rows(release, release.policy, audience, wanted, by, quarters, only)


def _snapshot(
    asked: _Asked, question: questions.Question, plan: Plan, audience: str, all_populations: bool = False
) -> list[ProtectedRow]:
    """Rows of a breakdown in the chosen quarter, the exact rows of departments that are no places among them."""
    release = asked.release
    quarter = release.ids["quarter"][asked.selection.quarter or release.quarter]
    found = _protected(asked, plan, question.by, audience, [quarter], all_populations)[quarter]
    if not plan.mixed:
        return found
    exact = _exact_departments(asked, question)
    if "department" in question.by:
        return sorted([*exact, *found])
    totals = {row.keys: row for row in exact}
    merged = []
    for row in found:
        beside = totals.pop(row.keys, None)
        if beside is not None and row.women is not None and row.men is not None:
            row = row._replace(women=row.women + beside.women, men=row.men + beside.men)
        elif beside is not None:
            left_out = row.left_out or _departments_left_out(asked)
            row = beside._replace(left_out=left_out, protection=ROUNDED)
        merged.append(row)
    return sorted([*merged, *totals.values()])


def _departments_left_out(asked: _Asked) -> tuple[str, ...]:
    return tuple(
        f"department={code}" for code in asked.selection.members("department") if code in asked.release.place_bound
    )


def _exact_departments(asked: _Asked, question: questions.Question) -> list[ProtectedRow]:
    """Exact rows of the departments that are no places: the chosen ones, or all with a row of their own."""
    release = asked.release
    bound = {release.ids["department"].get(code) for code in (*release.place_bound, PLACE_BOUND)}
    ids = dict(asked.ids)
    if "department" in ids:
        ids["department"] = [number for number in ids["department"] if number not in bound]
        if not ids["department"]:
            return []
    shown = _count(replace(asked, ids=ids), question)
    place = question.by.index("department") if "department" in question.by else None
    return [
        ProtectedRow(row.keys, row.women, row.men, None, (), EXACT, rounded=0)
        for row in shown.rows
        if row.women is not None and (place is None or row.keys[place] not in bound)
    ]


def _series(asked: _Asked, question: questions.Question, plan: Plan, audience: str) -> list[ProtectedRow]:
    """A protected development: by quarter and basis, all entities there are in each quarter, where enough are counted.

    Like for like would be a sum over the entities that can be compared, which no table holds.
    """
    release, quarter = asked.release, asked.selection.quarter or asked.release.quarter
    now = release.ids["quarter"][quarter]
    throughout = question.fold in ("cumulation", "running")
    if throughout:
        numbers = list(range(now + 1))
    else:
        numbers = [number for back in (0, *(back for _, back in _compared(question))) if (number := now - back) >= 0]
    apart = question.apart
    if plan.mixed:
        counted = _question(f"by_{apart[0]}") if apart else _whole()
        found = {number: _snapshot(_at(asked, number), counted, plan, audience) for number in numbers}
    elif throughout:
        found = _protected(asked, plan, apart, audience, numbers)
    else:
        found = {number: _protected(asked, plan, apart, audience, [number])[number] for number in numbers}
    # What is counted now stands by itself; what it is compared with must be enough for a comparison.
    return [
        (row if number == now and not throughout else _enough(release, row))._replace(
            keys=(number, *(("all",) if "basis" in question.by else ()), *row.keys)
        )
        for number in numbers
        for row in found[number]
    ]


def _at(asked: _Asked, quarter: int) -> _Asked:
    """The same in another quarter."""
    return replace(asked, selection=replace(asked.selection, quarter=asked.release.codes["quarter"][quarter]))


def _enough(release: OpenRelease, row: ProtectedRow) -> ProtectedRow:
    """The row if it counts enough staff for a development, else its refusal."""
    least = release.policy.series_from
    if row.women is None or row.men is None or row.protection == EXACT or row.women + row.men >= least:
        return row
    # A sum that leaves some out may be of more than it shows.
    reason = protected.WITHHELD if row.left_out else protected.FEWER
    return row._replace(women=None, men=None, reason=reason, least=least)


def _total(asked: _Asked, question: questions.Question, plan: Plan, audience: str) -> ProtectedRow | None:
    """The total of a selection where rows do not add up to it: exact if it may be, rounded by itself, or not shown."""
    release = asked.release
    quarter = release.ids["quarter"][asked.selection.quarter or release.quarter]
    headline = _question("headline")
    whole = _plan(asked, headline, audience)
    if whole.refused:
        return ProtectedRow((), None, None, protected.WITHHELD, ())
    if whole.table is None:
        rows = [row for row in _count(asked, headline).rows if row.keys[1] == "all" and row.keys[0] == quarter]
        women, men = sum(row.women or 0 for row in rows), sum(row.men or 0 for row in rows)
        return ProtectedRow((), women, men, None, (), EXACT, rounded=0)
    try:
        found = _snapshot(asked, _whole(), whole, audience)
    except TooManyParts:
        found = []
    return found[0] if found else ProtectedRow((), None, None, protected.WITHHELD, ())


@lru_cache(maxsize=1)
def _whole() -> questions.Question:
    """A breakdown by nothing: what `_total` asks."""
    sql = (
        "select sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other "
        "from selected($selection)"
    )
    return questions.parse("whole", f"-- question: How many?\n-- grain: one row\n-- by: \n{sql}")


def _answer_protected(asked: _Asked, question: questions.Question, plan: Plan, audience: str) -> list[Row]:
    release = asked.release
    rows = _series(asked, question, plan, audience) if question.fold else _snapshot(asked, question, plan, audience)
    now = asked.selection.quarter or release.quarter
    tables = [release.codes.get(key) if key != "basis" else None for key in question.by]
    flags: dict[str, tuple[str, dict[str, str]]] = {}
    found = []
    for row in rows:
        keys = {
            key: value if table is None else table[value]
            for key, table, value in zip(question.by, tables, row.keys, strict=True)
        }
        quarter = keys.get("quarter", now)
        if quarter not in flags:
            flags[quarter] = _flags(asked, quarter)
        overall, by_entity = flags[quarter]
        flag = by_entity.get(keys["entity"], overall) if "entity" in keys else overall
        found.append(_protected_row(release, plan, keys, row, flag, last_day(quarter)))
    return _as_reported(asked, question, found)


def _protected_row(
    release: OpenRelease, plan: Plan, keys: Mapping[str, str], row: ProtectedRow, flag: str, as_of: dt.date
) -> Row:
    policy = release.policy
    if row.women is None or row.men is None:
        extra = {}
        if row.reason == protected.FEWER:
            floor = plan.table.floor if plan.table is not None else policy.floor_place
            extra = {"fewer_than": row.least or floor}
        # Made in one go: an answer may have thousands of these.
        return Row(
            keys, None, None, None, None, None, None, None, row.reason, flag, as_of, extra, ROUNDED, row.left_out
        )
    made = _row(keys, row.women, row.men, None, flag, as_of, {})
    if row.protection == EXACT:
        return made
    staff = row.women + row.men
    women, men = policy.possible(row.women, row.rounded), policy.possible(row.men, row.rounded)
    gap = None if measures.needed_between(women, men) is None else measures.index_growth(row.women, row.men)
    return made._replace(
        # Errors of several cells even out in part: that of their sum grows with the root of their number.
        share_women=made.share_women if staff**2 >= policy.share_from**2 * row.rounded else None,
        # Only what the numbers shown say by themselves: no index where they leave open which of the two are fewer, no
        # status where they may have several, and none of a sum that leaves some out.
        index_growth=gap,
        index_replacement=None if gap is None else protected.about(policy, gap // 2),
        status=None if row.left_out else measures.status_between(women, men),
        reason=None,
        protection=ROUNDED,
        left_out=row.left_out,
        possible=Possible(women, men),
    )


def _nearest(asked: _Asked, question: questions.Question, audience: str) -> tuple[Selection, ...]:
    """Selections with fewer filters that may be answered."""

    def may(kept: tuple[str, ...]) -> bool:
        ids = {name: asked.ids[name] for name in kept}
        fewer = replace(asked, filtered=kept, ids=ids, selection=_only(asked.selection, kept))
        return _may(fewer, question, audience)

    return tuple(
        _only(asked.selection, [name for name in asked.filtered if name not in dropped])
        for dropped in plans.nearest(may, asked.filtered)
    )


def _only(selection: Selection, kept: Iterable[str]) -> Selection:
    for name in selection.filtered:
        if name not in kept:
            selection = selection.without(name)
    return selection


def _may(asked: _Asked, question: questions.Question, audience: str) -> bool:
    plan = _plan(asked, question, audience)
    if plan.refused:
        return False
    return plan.table is None or protected.adds_up(
        asked.release, asked.release.policy, protected.wanted_of(plan, asked.ids), _grouped(question)
    )


def _grouped(question: questions.Question) -> tuple[str, ...]:
    return tuple(name for name in question.by if name in DIMENSIONS)


def _flags(asked: _Asked, quarter: str) -> tuple[str, dict[str, str]]:
    """The flag of a row over all entities in scope, and of each entity's own row, for one quarter."""
    if "entity" in asked.filtered or "department" in asked.filtered:
        return _flags_now(asked, quarter)
    return asked.release.once(("flags", quarter), lambda: _flags_now(asked, quarter))


def _flags_now(asked: _Asked, quarter: str) -> tuple[str, dict[str, str]]:
    by_entity = {}
    for row in _in_scope(asked, quarter):
        flag = row.state if row.state in ("carried", "partial", "not-submitted") else "reported"
        if flag == "reported" and (row.series_break or row.revised):
            flag = "break" if row.series_break else "revised"
        by_entity[row.entity] = flag
    states = set(by_entity.values())
    if not states & {"carried", "partial", "not-submitted"}:
        return "reported", by_entity
    return (states.pop() if len(states) == 1 else "partial"), by_entity


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
    return _as_reported(asked, question, rows)


def counted_coverage(question: questions.Question) -> bool:
    """Whether a question is about reporting itself, so that entities without figures are among its rows already."""
    return question.name.startswith("coverage")


def _missing_entities(asked: _Asked, rows: Iterable[Row], quarter: str) -> list[Row]:
    """Rows for entities in scope that have sent nothing: unknown, which is not zero."""
    present = {row.keys["entity"] for row in rows}
    return [
        _row({"entity": row.entity}, None, None, "not-submitted", "not-submitted", last_day(quarter), {})
        for row in _in_scope(asked, quarter)
        if row.state == "not-submitted" and row.entity not in present
    ]


def _with_gaps(asked: _Asked, rows: Sequence[Row]) -> list[Row]:
    """Rows by quarter and entity as the coverage has them: what was not submitted is unknown and neither zero nor too
    few, and who takes no part in a quarter has no row for it.
    """
    release, now = asked.release, asked.selection.quarter or asked.release.quarter
    given = {(row.keys["quarter"], row.keys["entity"]): row for row in rows}
    entities = {entity for _, entity in given}
    found = []
    for quarter in release.codes["quarter"][: release.ids["quarter"][now] + 1]:
        for covered in _in_scope(asked, quarter):
            row = given.get((quarter, covered.entity))
            if covered.state == "not-submitted" and covered.entity in entities:
                keys = {"quarter": quarter, "entity": covered.entity}
                row = _row(keys, None, None, "not-submitted", "not-submitted", last_day(quarter), {})
            if row is not None:
                broken = {"series_break": True} if covered.series_break else {}
                found.append(row._replace(extra={**row.extra, **broken}) if broken else row)
    return found


def _as_reported(asked: _Asked, question: questions.Question, rows: Sequence[Row]) -> list[Row]:
    """Rows, exact or protected, as the coverage has them: what nobody in scope has submitted is unknown, and neither
    zero nor too few.
    """
    if counted_coverage(question):
        wanted = _wanted(asked)
        return [row for row in rows if wanted is None or row.keys["entity"] in wanted]
    if question.fold == "running":
        return _with_gaps(asked, rows)
    if question.fold == "cumulation":
        return _developed(asked, rows)
    quarter = asked.selection.quarter or asked.release.quarter
    if not question.has_population or not _unsubmitted(_in_scope(asked, quarter)):
        return _compared_rows(asked, rows) if question.fold == "comparison" else list(rows)
    # Without figures there are no groups to show: the note on who has not submitted says why.
    return [row for row in rows if row.keys.get("entity") is not None and row.reason == "not-submitted"]


def _unsubmitted(covered: Sequence[Coverage]) -> bool:
    """Whether entities take part and none of them has figures."""
    return bool(covered) and all(row.state == "not-submitted" for row in covered)


def _compared_rows(asked: _Asked, rows: Sequence[Row]) -> list[Row]:
    """Rows now and then, without those of all entities in an earlier quarter (protected ones) that none of the
    entities in scope can be compared with.
    """
    release, now = asked.release, asked.selection.quarter or asked.release.quarter
    wanted = _wanted(asked)

    def kept(row: Row) -> bool:
        then = row.keys["quarter"]
        if then == now or row.keys["basis"] != comparable.ALL:
            return True
        same = same_entities(release, now, then)
        return bool(same if wanted is None else same & wanted)

    return [row for row in rows if kept(row)]


def _developed(asked: _Asked, rows: Sequence[Row]) -> list[Row]:
    """Rows by quarter and basis: quarters that nobody in scope has submitted are unknown, those that nobody takes part
    in have no row, and series breaks are marked. Of one entity a row says how its figures came to be.
    """
    release, now = asked.release, asked.selection.quarter or asked.release.quarter
    if not rows:
        return []
    told = _line(asked).entities
    given: dict[str, list[Row]] = {}
    for row in rows:
        given.setdefault(row.keys["quarter"], []).append(row)
    found = []
    for quarter in release.codes["quarter"][: release.ids["quarter"][now] + 1]:
        covered = _in_scope(asked, quarter)
        if _unsubmitted(covered):
            keys = {"quarter": quarter, "basis": comparable.ALL}
            found.append(_row(keys, None, None, "not-submitted", "not-submitted", last_day(quarter), {}))
            continue
        alone = covered[0].entity if len(covered) == 1 else None
        broken = any(row.series_break and row.entity in (alone, *told) for row in covered)
        for row in given.get(quarter, ()) if covered else ():
            if broken:
                row = row._replace(extra={**row.extra, "series_break": True})
            found.append(row if alone is None else row._replace(flag=_flags(asked, quarter)[1][alone]))
    # As they came: by basis, and within it by quarter.
    return sorted(found, key=lambda row: row.keys["basis"])


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
    newer = in_service if in_service != release.name else None
    asked = _understand(release, selection)
    # Nothing else makes an answer, so one given of late still stands.
    key = question.name, asked.selection, newer
    found = release.answers.get(key)
    if found is None:
        found = _answer(asked, question, warehouse.settings.audience, newer)
        release.answers.keep(key, found, len(found.rows))
    return found


def _answer(asked: _Asked, question: questions.Question, audience: str, newer: str | None) -> Answer:
    release = asked.release
    if not question.of_staff:
        day = last_day(asked.selection.quarter or release.quarter)
        return uniformed.answer(release, question, asked.selection, audience, newer, day)
    beside = [name for name in asked.filtered if name not in question.filters]
    if counted_coverage(question) and _owning(asked) is not None:
        # Reporting is of whole entities: a department brings its own into scope.
        beside = [name for name in beside if name != "department"]
    not_collected = [] if question.ignores_others else beside
    notes = [Note("unknown-code", {"dimension": name, "value": code}) for name, code in asked.unknown]
    notes += [Note("not-collected", {"dimension": name}) for name in not_collected]
    if question.ignores_others:
        notes += [Note("filter-ignored", {"dimension": name}) for name in beside]
    protection = EXACT
    rows: list[Row] = []
    nearest: tuple[Selection, ...] = ()
    total = None
    plan = _plan(asked, question, audience)
    if not asked.impossible and not not_collected:
        try:
            if plan.refused:
                raise _Refused(plan.reason)
            if plan.table is None:
                rows = _rows(asked, question, _count(asked, question))
            else:
                rows = _answer_protected(asked, question, plan, audience)
                total = _total(asked, question, plan, audience)
                protection = ROUNDED if any(row.protection == ROUNDED for row in rows) else EXACT
        except (_Refused, TooManyParts) as refused:
            protection = REFUSED
            reason = str(refused) if isinstance(refused, _Refused) else "too-many-parts"
            notes.append(Note("refused", {"reason": reason, "dimensions": plans.needed(question.by, asked.filtered)}))
            nearest = _nearest(asked, question, audience)
            total = _total(asked, question, plan, audience)
    scope = _scope(asked, question, audience, newer, rows, total)
    # Where nobody in scope has figures, it is not known whether anything matches: the note below says who sent none.
    # Nor where the total may not be told.
    untold = scope.protection == ROUNDED and scope.staff is None
    if not rows and not notes and scope.entities and not untold:
        notes.append(Note("nothing-matches"))
    if question.fold and protection != REFUSED and not plan.exact and rows:
        notes.append(Note("changing-entities"))
    if protection == ROUNDED:
        notes.append(Note("rounded", {"base": release.policy.base, "table": plan.table.name if plan.table else ""}))
        if any(row.reason == protected.WITHHELD for row in rows):
            notes.append(Note("withheld"))
        notes += _as_told(asked, rows)
    if scope.carried:
        notes.append(Note("carried", {"entities": scope.carried}))
    if scope.partial:
        notes.append(Note("partial", {"entities": scope.partial}))
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
        nearest=nearest,
        policy=release.policy,
        tables=(plan.table.name,) if protection == ROUNDED and plan.table is not None else (),
    )


def _as_told(asked: _Asked, rows: Sequence[Row]) -> list[Note]:
    """Whose figures have changed since those of places and persons were told, of the quarters that have rows."""
    release = asked.release
    now = asked.selection.quarter or release.quarter
    entities: set[str] = set()
    releases: set[str] = set()
    for quarter in {row.keys.get("quarter", now) for row in rows} & release.changed_since.keys():
        here = {row.entity for row in _in_scope(asked, quarter)} & set(release.changed_since[quarter])
        if here:
            entities |= here
            releases.add(release.told_by[quarter])
    if not entities:
        return []
    return [Note("as-told", {"entities": tuple(sorted(entities)), "releases": tuple(sorted(releases))})]


class _Refused(Exception):
    """The rules let nothing answer; the message is the code of the reason."""


class Option(NamedTuple):
    """One option of a facet: how many staff the rest of the selection leaves it; None where that may not be told.

    Then `fewer_than` is the floor it is under, or None where no count can be given at all.
    """

    code: str
    label: str
    staff: int | None
    chosen: bool
    fewer_than: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """One dimension of the filter panel under a selection; every member of the code list has its option."""

    dimension: str
    options: tuple[Option, ...]
    protection: str = EXACT  # of its counts; REFUSED where the other filters leave none that may be shown


def facets(warehouse: Warehouse, selection: Selection, dimensions: Iterable[str]) -> dict[str, Facet]:
    """Options and counts of these dimensions under a selection, each with its own filter taken off.

    Raises KeyError for a name that is no dimension, and what `ask` raises.
    """
    release = warehouse.release(selection.release)
    found = {}
    for name in dict.fromkeys(dimensions):
        dimension = DIMENSIONS[name]
        asked = _understand(release, selection.without(name))
        counts, floors, protection = {}, {}, EXACT
        if not asked.impossible:
            counts, floors, protection = _facet(asked, name, warehouse.settings.audience)
        chosen = set(canonical(release, selection).codes(name))
        labels = release.labels.get(name, {})
        options = [
            Option(
                group,
                labels.get(group, group),
                _together([counts.get(member, 0) for member in members], protection),
                group in chosen,
            )
            for group, members in dimension.groups.items()
        ]
        grouped = {member for group, members in dimension.groups.items() if group in chosen for member in members}
        options += [
            Option(
                code,
                labels.get(code, code),
                counts.get(code, 0 if protection == EXACT else None),
                code in chosen or code in grouped,
                floors.get(code),
            )
            for code in offered(release, name)
            if code not in (NOT_REPORTED, NOT_APPLICABLE) or counts.get(code) or code in chosen
        ]
        found[name] = Facet(name, tuple(options), protection)
    return found


def _together(counts: Sequence[int | None], protection: str) -> int | None:
    """The count of a group of options: None if any of its parts is, since nobody could say whom the sum leaves out, or
    nothing may be counted.
    """
    if protection == REFUSED or any(count is None for count in counts):
        return None
    return sum(count or 0 for count in counts)


def _facet(asked: _Asked, name: str, audience: str) -> tuple[dict[str, int | None], dict[str, int], str]:
    """Staff by code of a dimension, floors of those that are under one, and how protected the counts are."""
    release = asked.release
    question = _question(f"by_{name}")
    table = release.codes[name]
    plan = _plan(asked, question, audience)
    if plan.refused:
        return {}, {}, REFUSED
    if plan.table is None:
        shown = _count(asked, question)
        return {table[row.keys[0]]: (row.women or 0) + (row.men or 0) for row in shown.rows}, {}, EXACT
    try:
        # The facet of appointments offers temporary ones too, though nothing else counts them unasked.
        rows = _snapshot(asked, question, plan, audience, name == "appointment")
    except TooManyParts:
        return {}, {}, REFUSED
    counts: dict[str, int | None] = {}
    floors: dict[str, int] = {}
    for row in rows:
        code = table[row.keys[0]]
        counts[code] = None if row.women is None or row.men is None else row.women + row.men
        if row.reason == protected.FEWER:
            floors[code] = plan.table.floor
    exact = plan.table.protection == EXACT and not plan.mixed
    return counts, floors, EXACT if exact else ROUNDED
