"""Answers made of protected cells: read as a release tells them, put together member by member.

The same for both audiences: a plan names the keys of the cells, every combination of members that the filters allow is
one part, and a row is the sum of its parts. A cell is in the release file or may not be shown. All are made when a
release tells a quarter, so that one cell has one rounded value for everybody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from operator import contains
from typing import NamedTuple

from dashboard.disclosure import EXACT, ROUNDED, Policy, Table
from dashboard.disclosure.plan import Plan
from dashboard.hierarchy import Hierarchy
from dashboard.selection import FOLLOWS, NOT_APPLICABLE, NOT_REPORTED
from dashboard.warehouse import OpenRelease

#: Stands in `cells` and `withheld` where a key is not of the table, and for "any" in `withheld`.
ANY = 65535
FEWER, WITHHELD = "fewer", "withheld"
_KEY_COLUMNS = ("entity", "category", "grade")


class TooManyParts(ValueError):
    """A sum over more chosen members than the policy allows."""


class Part(NamedTuple):
    """One cell: counts of women and men that may be shown, or why not."""

    women: int | None
    men: int | None
    reason: str | None


class ProtectedRow(NamedTuple):
    """A row put together of cells: `keys` are ids in the order of the question's dimensions."""

    keys: tuple[int, ...]
    women: int | None
    men: int | None
    reason: str | None
    left_out: tuple[str, ...]
    protection: str = ROUNDED
    least: int | None = None  # the floor it is under where that is another than its table's
    rounded: int = 1  # how many rounded cells are in its sum, each of which may be wrong by the policy's error


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cells: their table, and the chosen ids of every filtered dimension (those that are implied included)."""

    table: Table
    keys: tuple[str, ...]
    filters: Mapping[str, Sequence[int]]


def _existing(release: OpenRelease, quarter: int) -> frozenset[tuple[int, int, int]]:
    """(entity, category, grade) that hold anybody in a quarter: exact for every audience."""

    def read() -> frozenset[tuple[int, int, int]]:
        sql = (
            "select distinct entity, category, grade from w.staff_core "
            "where quarter = $quarter::usmallint and women + men > 0"
        )
        return frozenset(release.fetch(sql, {"quarter": quarter}))

    return release.once(("existing", quarter), read)


def members(release: OpenRelease, wanted: Wanted, dimension: str, only: frozenset[int] | None = None) -> list[int]:
    """Ids of a key that the filters let through, in code order: chosen ones, or all there are."""
    chosen = wanted.filters.get(dimension)
    ids: Iterable[int] = sorted(chosen) if chosen is not None else range(len(release.codes.get(dimension, ())))
    if only is not None:
        ids = [number for number in ids if number in only]
    return Hierarchy(release).within(dimension, list(ids), wanted.filters)


# -- reading cells -----------------------------------------------------------------------------------------------


class Reader:
    """Cells of a table in some quarters, as one audience may see them."""

    def __init__(
        self,
        wanted: Wanted,
        cells: Mapping[tuple[int, ...], Part],
        withheld: Mapping[tuple[int, ...], Collection[tuple[int, ...]]] | None = None,
        changed: Collection[tuple[int, int]] = (),
    ):
        self._cells = cells
        self._withheld = withheld or {}
        self._changed = changed
        self._entity = wanted.keys.index("entity") if "entity" in wanted.keys else None
        self._exact = wanted.table.protection == EXACT

    def part(self, quarter: int, key: tuple[int, ...]) -> Part:
        """The cell of a quarter with these ids, in the order of the keys."""
        found = self._cells.get((quarter, *key))
        if found is not None:
            return found
        if self._exact:
            return Part(0, 0, None)
        for places, groups in self._withheld.items():
            if tuple((quarter, *key)[place] for place in places) in groups:
                return Part(None, None, WITHHELD)
        if self._entity is not None and (quarter, key[self._entity]) in self._changed:
            return Part(None, None, WITHHELD)
        return Part(None, None, FEWER)


def read(release: OpenRelease, policy: Policy, audience: str, wanted: Wanted, quarters: Sequence[int]) -> Reader:
    """The cells wanted, in these quarters (ids, in a row)."""
    if audience == "public":
        return _read_public(release, wanted, quarters)
    return _read_internal(release, policy, wanted, quarters)


def _column(wanted: Wanted, key: str) -> str:
    return "member" if key == wanted.table.dimension else key


def _quarters(quarters: Sequence[int]) -> tuple[str, dict[str, int]]:
    if len(quarters) == 1:
        return "quarter = $quarter::usmallint", {"quarter": quarters[0]}
    condition = "quarter between $first::usmallint and $last::usmallint"
    return condition, {"first": min(quarters), "last": max(quarters)}


# ruff: noqa: S608 - the text is made of names of dimensions, never of values.
def _read_public(release: OpenRelease, wanted: Wanted, quarters: Sequence[int]) -> Reader:
    columns = ["quarter", *(_column(wanted, key) for key in wanted.keys if key != "rc")]
    when, parameters = _quarters(quarters)
    parameters["tbl"] = release.tables[wanted.table.name]
    narrowed = [key for key in wanted.keys if key in wanted.filters and key != "rc"]
    where = [f"list_contains(${key}::usmallint[], {_column(wanted, key)})" for key in narrowed]
    chosen = {key: wanted.filters[key] for key in narrowed}
    sql = f"select {', '.join(columns)}, women, men from w.cells where tbl = $tbl::usmallint and {when}"
    rows = release.fetch(" and ".join((sql, *where)), {**parameters, **chosen})
    width = len(columns)
    cells = {}
    rc = wanted.keys.index("rc") + 1 if "rc" in wanted.keys else None
    yes = release.ids["rc"]["yes"] if rc is not None else None
    for row in rows:
        key = row[:width] if rc is None else (*row[:rc], yes, *row[rc:width])
        cells[key] = Part(*row[width:], None)
    if wanted.table.protection == EXACT:
        return Reader(wanted, cells)
    return Reader(wanted, cells, _withheld(release, wanted, columns, quarters), _changed(release, wanted, quarters))


def _withheld(release: OpenRelease, wanted: Wanted, columns: Sequence[str], quarters: Sequence[int]) -> Mapping:
    """Row groups not shown, by the places of (quarter, *keys) that tell them apart."""
    sql = (
        f"select {', '.join(columns)} from w.withheld where tbl = $tbl::usmallint and "
        "(quarter between $first::usmallint and $last::usmallint or quarter = $any::usmallint)"
    )
    parameters = {"tbl": release.tables[wanted.table.name], "first": min(quarters), "last": max(quarters), "any": ANY}
    found: dict[tuple[int, ...], set[tuple[int, ...]]] = {}
    for row in release.fetch(sql, parameters):
        places = tuple(place for place, value in enumerate(row) if value != ANY)
        found.setdefault(places, set()).add(tuple(row[place] for place in places))
    return found


def _read_internal(release: OpenRelease, policy: Policy, wanted: Wanted, quarters: Sequence[int]) -> Reader:
    """Cells of a personal dimension, which are made when a quarter is told, and the groups that are not broken down."""
    dimension = wanted.table.dimension
    others = [key for key in wanted.keys if key != dimension]
    slots = {key: key if key in _KEY_COLUMNS else "place" for key in others} | {dimension: "member"}
    when, parameters = _quarters(quarters)
    parameters |= {"cut": "+".join(others), "dimension": dimension}
    where = [when, "cut = $cut", "dimension = $dimension"]
    for key, column in slots.items():
        if key in wanted.filters:
            where.append(f"list_contains(${key}::usmallint[], {column})")
            parameters[key] = wanted.filters[key]
    columns = ", ".join(slots[key] for key in wanted.keys)
    sql = f"select quarter, {columns}, women, men from w.personal_cells where {' and '.join(where)}"
    cells = {tuple(key): Part(women, men, None) for *key, women, men in release.fetch(sql, parameters)}
    place = wanted.keys.index(dimension) + 1
    kept = tuple(number for number in range(len(wanted.keys) + 1) if number != place)
    withheld = {kept: _not_broken_down(release, policy, wanted, quarters, slots)}
    return Reader(wanted, cells, withheld, _changed(release, wanted, quarters))


def _not_broken_down(
    release: OpenRelease, policy: Policy, wanted: Wanted, quarters: Sequence[int], slots: Mapping[str, str]
) -> set[tuple[int, ...]]:
    """Groups by quarter and keys but the personal one. Of all in a group smaller than the floor "fewer" is true."""
    dimension = wanted.table.dimension
    others = [key for key in wanted.keys if key != dimension]
    when, parameters = _quarters(quarters)
    parameters |= {"cut": "+".join(others), "floor": policy.floor_person}
    where = [when, "cut = $cut", "staff >= $floor", f"not {dimension}"]
    for key in others:
        if key in wanted.filters:
            where.append(f"list_contains(${key}::usmallint[], {slots[key]})")
            parameters[key] = wanted.filters[key]
    columns = ", ".join(("quarter", *(slots[key] for key in others)))
    sql = f"select {columns} from w.personal_groups where {' and '.join(where)}"
    return set(release.fetch(sql, parameters))


def _changed(release: OpenRelease, wanted: Wanted, quarters: Sequence[int]) -> frozenset[tuple[int, int]]:
    """Quarters and entities whose figures have changed since the quarter was told: those not shown may be many now."""
    if "entity" not in wanted.keys:
        return frozenset()
    when, parameters = _quarters(quarters)
    return frozenset(release.fetch(f"select quarter, entity from w.changed_since where {when}", parameters))


# -- putting rows together ---------------------------------------------------------------------------------------


def rows(
    release: OpenRelease,
    policy: Policy,
    audience: str,
    wanted: Wanted,
    by: Sequence[str],
    quarters: Sequence[int],
    only: Mapping[str, frozenset[int]] | None = None,
) -> dict[int, list[ProtectedRow]]:
    """Rows by quarter (ids), grouped by dimensions of `by`, in code order; every member there is has its row.

    `only` narrows the members of a key. Raises TooManyParts where a row would be the sum of more parts than allowed.
    """
    lists = [members(release, wanted, key, (only or {}).get(key)) for key in wanted.keys]
    _count_parts(release, policy, wanted, by, lists)
    reader = read(release, policy, audience, wanted, quarters)
    above = [None if name in wanted.keys else _way(release, wanted, name) for name in by]
    places = [wanted.keys.index(name) if name in wanted.keys else -1 for name in by]
    exact = wanted.table.protection == EXACT
    unnamed = [_unnamed(release, name) for name in by]
    found: dict[int, list[ProtectedRow]] = {}
    for quarter in quarters:
        grouped: dict[tuple[int, ...], list[tuple[tuple[int, ...], Part]]] = {}
        exists = _exists(release, wanted, quarter)
        for key in product(*lists):
            if exists is not None and not exists(key):
                continue
            group = tuple(key[place] if way is None else way(key) for place, way in zip(places, above, strict=True))
            if None not in group:
                grouped.setdefault(group, []).append((key, reader.part(quarter, key)))
        found[quarter] = [
            row
            for row in (_sum(release, policy, wanted, group, grouped[group]) for group in sorted(grouped))
            if (row.women is not None or not any(map(contains, unnamed, row.keys)))
            # Known zeros have no row, as in exact answers.
            and (row.women or row.men or not exact)
        ]
    return found


def adds_up(release: OpenRelease, policy: Policy, wanted: Wanted, by: Sequence[str]) -> bool:
    """Whether no row would be the sum of more parts than allowed."""
    try:
        _count_parts(release, policy, wanted, by, [members(release, wanted, key) for key in wanted.keys])
    except TooManyParts:
        return False
    return True


def _count_parts(
    release: OpenRelease, policy: Policy, wanted: Wanted, by: Sequence[str], lists: Sequence[Sequence[int]]
) -> None:
    if wanted.table.protection == EXACT:
        return
    parts = 1
    for name, ids in zip(wanted.keys, lists, strict=True):
        if name in by:
            continue
        above = next((parent for parent in FOLLOWS.get(name, ()) if parent in by), None)
        # A row of what follows from a member is the sum of those members alone that it follows from.
        table = None if above is None else Hierarchy(release).ids_above(name, above)
        parts *= max(Counter(None if table is None else table[number] for number in ids).values(), default=1)
    if parts > policy.parts_at_most:
        raise TooManyParts(parts)


def _way(release: OpenRelease, wanted: Wanted, name: str):
    """How to get from the ids of the keys to the id of a dimension that follows from one of them."""
    child = next(key for key in wanted.keys if name in FOLLOWS.get(key, ()))
    place, table = wanted.keys.index(child), Hierarchy(release).ids_above(child, name)
    return lambda key: table[key[place]]


def _exists(release: OpenRelease, wanted: Wanted, quarter: int):
    """A condition on keys: the entity has anybody at this grade or in this category, which is no secret."""
    if wanted.table.protection == EXACT or not set(wanted.keys) & set(_KEY_COLUMNS):
        return None
    names = [name for name in _KEY_COLUMNS if name in wanted.keys]
    places = [wanted.keys.index(name) for name in names]
    numbers = [_KEY_COLUMNS.index(name) for name in names]
    whole = _existing(release, quarter)
    if "appointment" in wanted.keys:
        return None  # temporary staff are not in the exact tables
    there = release.once(
        ("there", *names, quarter), lambda: {tuple(one[number] for number in numbers) for one in whole}
    )
    return lambda key: tuple(key[place] for place in places) in there


def _unnamed(release: OpenRelease, name: str) -> frozenset[int]:
    """Ids that stand for what is not reported or does not apply: these have a row only with figures."""
    ids = release.ids[name]
    return frozenset(ids[code] for code in (NOT_REPORTED, NOT_APPLICABLE) if code in ids)


def _sum(
    release: OpenRelease,
    policy: Policy,
    wanted: Wanted,
    group: tuple[int, ...],
    parts: Sequence[tuple[tuple[int, ...], Part]],
) -> ProtectedRow:
    exact = wanted.table.protection == EXACT
    if not exact and len(parts) > policy.parts_at_most:
        raise TooManyParts(len(parts))
    shown = [part for _, part in parts if part.reason is None]
    if len(parts) == 1:
        part = parts[0][1]
        return ProtectedRow(
            group, part.women, part.men, part.reason, (), wanted.table.protection, rounded=int(not exact)
        )
    left_out = tuple(_named(release, wanted, key) for key, part in parts if part.reason is not None)
    if not shown:
        reason = WITHHELD if any(part.reason == WITHHELD for _, part in parts) else FEWER
        return ProtectedRow(group, None, None, reason, left_out)
    women, men = sum(part.women or 0 for part in shown), sum(part.men or 0 for part in shown)
    rounded = 0 if exact else len(shown)
    return ProtectedRow(group, women, men, None, left_out, wanted.table.protection, rounded=rounded)


def _named(release: OpenRelease, wanted: Wanted, key: tuple[int, ...]) -> str:
    """A part by its codes: "unct=KEN grade=P-4"."""
    return " ".join(f"{name}={release.codes[name][number]}" for name, number in zip(wanted.keys, key, strict=True))


def wanted_of(plan: Plan, filters: Mapping[str, Sequence[int]]) -> Wanted:
    """The cells a plan needs under the chosen ids of the filtered dimensions. Raises ValueError for a plan without."""
    if plan.table is None:
        raise ValueError("this plan needs no protected cells")
    return Wanted(plan.table, plan.keys, filters)


def about(policy: Policy, count: int) -> int:
    """A head-count derived of rounded ones, to the nearest multiple of the base (halves up)."""
    return (2 * count + policy.base) // (2 * policy.base) * policy.base


__all__ = ["ANY", "FEWER", "ROUNDED", "WITHHELD", "ProtectedRow", "TooManyParts", "about", "rows", "wanted_of"]
