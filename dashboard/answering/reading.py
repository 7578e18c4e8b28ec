"""Reads what a plan needs from a release: the only module that runs SQL to answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from dashboard.answering.comparable import COMPARED, before
from dashboard.answering.planning import Protected
from dashboard.answering.understand import Asked
from dashboard.disclosure import Count
from dashboard.disclosure.policy import column_of
from dashboard.questions import Question
from dashboard.selection import TEMPORARY
from dashboard.warehouse import OpenRelease

#: Stands in `cells` and `withheld` where a key is not of the table, and for "any" in `withheld`.
ANY = 65535
FEWER, WITHHELD = "fewer", "withheld"
#: What exact tables are keyed by too, so that it is no secret where an entity has anybody.
EXACT_KEYS = ("entity", "category", "grade")


# -- exact cells -------------------------------------------------------------------------------------------------


def exact(asked: Asked, question: Question) -> Sequence[tuple]:
    """The rows of a question's SQL under the filters it has: ids of what it counts by, women, men, other, and more."""
    filtered = tuple(name for name in asked.filtered if name in question.filters)
    single = frozenset(name for name in filtered if len(asked.ids[name]) == 1)
    sql = question.rendered(filtered, not question.has_population, single)
    parameters = _parameters(asked, question)
    parameters |= {name: asked.ids[name][0] if name in single else asked.ids[name] for name in filtered}
    if "$temporary" in sql:
        parameters["temporary"] = asked.release.ids["appointment"].get(TEMPORARY, ANY)
    return asked.release.fetch(sql, parameters)


def _parameters(asked: Asked, question: Question) -> dict[str, Any]:
    ids = asked.release.ids["quarter"]
    values: dict[str, Any] = {"quarter": asked.now}
    for name, _, back in COMPARED:
        then = before(asked.release, asked.quarter, back)
        values[name] = None if then is None else ids[then]
    return {name: values[name] for name in question.parameters}


def existing(release: OpenRelease, quarter: int, keys: Sequence[str]) -> frozenset[tuple[int, ...]]:
    """The ids of some of EXACT_KEYS that hold anybody in a quarter: exact for every audience."""
    sql = (
        "select distinct entity, category, grade from w.staff_core "
        "where quarter = $quarter::usmallint and women + men > 0"
    )
    numbers = [EXACT_KEYS.index(key) for key in keys]

    def read() -> frozenset[tuple[int, ...]]:
        found = release.fetch(sql, {"quarter": quarter})
        return frozenset(tuple(row[number] for number in numbers) for row in found)

    return release.once(("existing", *keys, quarter), read)


# -- protected cells ---------------------------------------------------------------------------------------------


class Cells:
    """Cells of a protected table in some quarters, as one audience may see them."""

    def __init__(
        self,
        plan: Protected,
        rows: Iterable[tuple],
        withheld: Mapping[tuple[int, ...], Collection[tuple[int, ...]]],
        changed: Collection[tuple[int, int]],
    ):
        """`rows` are the quarter, the ids of the plan's keys, women and men; `withheld` holds groups that are not shown
        by the places of (quarter, *keys) that tell them apart; `changed` quarters and entities whose figures are others
        since the quarter was told.
        """
        self._protection, self._rounded = plan.table.protection, int(not plan.exact)
        self._shown = {row[:-2]: row[-2:] for row in rows}
        self._withheld = withheld
        self._changed = changed
        self._entity = plan.keys.index("entity") if "entity" in plan.keys else None
        self._exact = plan.exact

    def count(self, quarter: int, key: tuple[int, ...]) -> Count:
        """The cell of a quarter with these ids, in the order of the keys."""
        found = self._shown.get((quarter, *key))
        women, men, why = None, None, None
        if found is not None:
            women, men = found
        elif self._exact:
            women, men = 0, 0
        else:
            why = self._why(quarter, key)
        return Count(key, women, men, reason=why, protection=self._protection, rounded=self._rounded)

    def _why(self, quarter: int, key: tuple[int, ...]) -> str:
        """Why a cell is not shown: its group is not, or nothing is known of it but that it is under the floor."""
        whole = (quarter, *key)
        for places, groups in self._withheld.items():
            if tuple(whole[place] for place in places) in groups:
                return WITHHELD
        # Those not shown may be many by now.
        return WITHHELD if self._entity is not None and (quarter, key[self._entity]) in self._changed else FEWER


def cells(asked: Asked, plan: Protected, quarters: Sequence[int]) -> Cells:
    """The cells a plan needs, in these quarters (ids, in a row)."""
    read = _public if asked.audience == "public" else _internal
    return read(asked.release, plan, quarters)


def _changed(release: OpenRelease) -> frozenset[tuple[int, int]]:
    """Quarters and entities (ids) whose figures have changed since the quarter was told."""
    quarters, entities = release.ids["quarter"], release.ids["entity"]
    return release.once(
        ("changed",),
        lambda: frozenset(
            (quarters[quarter], entities[entity])
            for quarter, changed in release.changed_since.items()
            for entity in changed
        ),
    )


def _conditions(
    plan: Protected, columns: Mapping[str, str], quarters: Sequence[int]
) -> tuple[list[str], dict[str, Any]]:
    """Conditions on the quarter and on the keys that are filtered, with their parameters. `columns` says where keys
    stand.
    """
    if len(quarters) == 1:
        where, parameters = ["quarter = $quarter::usmallint"], {"quarter": quarters[0]}
    else:
        where = ["quarter between $first::usmallint and $last::usmallint"]
        parameters = {"first": min(quarters), "last": max(quarters)}
    narrowed = [key for key in columns if key in plan.filters]
    where += [f"list_contains(${key}::usmallint[], {columns[key]})" for key in narrowed]
    return where, parameters | {key: plan.filters[key] for key in narrowed}


# ruff: noqa: S608 - the text is made of names of dimensions, never of values.
def _public(release: OpenRelease, plan: Protected, quarters: Sequence[int]) -> Cells:
    """Cells of the public file, which has Resident Coordinators as a table of their own and not as a key."""
    columns = {key: "member" if key == plan.table.dimension else key for key in plan.keys if key != "rc"}
    where, parameters = _conditions(plan, columns, quarters)
    named = ", ".join(("quarter", *columns.values()))
    sql = f"select {named}, women, men from w.cells where tbl = $tbl::usmallint and {' and '.join(where)}"
    rows: Iterable[tuple] = release.fetch(sql, parameters | {"tbl": release.tables[plan.table.name]})
    if "rc" in plan.keys:
        place, yes = plan.keys.index("rc") + 1, release.ids["rc"]["yes"]
        rows = ((*row[:place], yes, *row[place:]) for row in rows)
    if plan.exact:
        return Cells(plan, rows, {}, ())
    return Cells(plan, rows, _withheld(release, plan, named, quarters), _changed(release))


def _withheld(
    release: OpenRelease, plan: Protected, columns: str, quarters: Sequence[int]
) -> Mapping[tuple[int, ...], set[tuple[int, ...]]]:
    """Row groups not shown, by the places of (quarter, *keys) that tell them apart."""
    sql = (
        f"select {columns} from w.withheld where tbl = $tbl::usmallint and "
        "(quarter between $first::usmallint and $last::usmallint or quarter = $any::usmallint)"
    )
    parameters = {"tbl": release.tables[plan.table.name], "first": min(quarters), "last": max(quarters), "any": ANY}
    found: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for row in release.fetch(sql, parameters):
        places = tuple(place for place, value in enumerate(row) if value != ANY)
        found.setdefault(places, set()).add(tuple(row[place] for place in places))
    return found


def _internal(release: OpenRelease, plan: Protected, quarters: Sequence[int]) -> Cells:
    """Cells of a personal dimension, which are made when a quarter is told, and the groups that are not broken down."""
    dimension = plan.table.dimension
    groups = {key: column_of(key) for key in plan.keys if key != dimension}
    columns = {key: groups.get(key, "member") for key in plan.keys}
    where, parameters = _conditions(plan, columns, quarters)
    cut = {"cut": "+".join(groups)}
    named = ", ".join(("quarter", *columns.values()))
    sql = (
        f"select {named}, women, men from w.personal_cells "
        f"where {' and '.join(where)} and cut = $cut and dimension = $dimension"
    )
    rows = release.fetch(sql, parameters | cut | {"dimension": dimension})
    # Of all in a group smaller than the floor "fewer" is true, whether it is broken down or not.
    where, parameters = _conditions(plan, groups, quarters)
    named = ", ".join(("quarter", *groups.values()))
    sql = (
        f"select {named} from w.personal_groups "
        f"where {' and '.join(where)} and cut = $cut and staff >= $floor and not {dimension}"
    )
    withheld = set(release.fetch(sql, parameters | cut | {"floor": release.policy.floor_person}))
    member = plan.keys.index(dimension) + 1
    places = tuple(place for place in range(len(plan.keys) + 1) if place != member)
    return Cells(plan, rows, {places: withheld}, _changed(release))
