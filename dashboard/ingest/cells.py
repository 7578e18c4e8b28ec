"""The cells of the public tables of places: counted quarter by quarter, rounded and judged. Pure, over numpy arrays.

Those of persons are made for the internal file, from which the public one takes them (`ingest.groups`).

Everything that is said of a cell, that it is under a floor too, follows from its rounded numbers and from what is exact
for everybody.

A database takes ten times as long for the same sums: a quarter fits into a processor's cache, and numbers of 64 bits
that wrap around are just what a content is (disclosure.rounding).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dashboard.disclosure import rounding
from dashboard.disclosure.attack_input import ANY, RowGroups
from dashboard.disclosure.policy import LEVELS, ROUNDED, Policy, Table
from dashboard.selection import PERSONAL

SEXES = ("women", "men")
#: Keys of a cell, in the order in which a file has them.
KEYS = ("quarter", "member", "entity", "category", "grade")
#: What is derived from a nationality is rounded by the keys of nationalities.
KEYED_BY = {"nationality_region": "nationality", "regional_group": "nationality"}

Column = npt.NDArray
Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Codes:
    """What counting has to know of the ids of a release."""

    temporary: int
    rc: int
    place_bound: frozenset[int]
    #: (personal dimension or "sex", id) -> key, as columns by id.
    keys: Mapping[str, npt.NDArray[np.uint64]]
    #: Ids that do not exist in public, by dimension.
    protected: Mapping[str, frozenset[int]]


@dataclass(frozen=True)
class Cells:
    """Cells of one table and quarter that hold anybody, sorted by `KEYS`: true heads and contents, and the content of
    the group of each.
    """

    table: Table
    columns: Columns

    def __len__(self) -> int:
        return len(self.columns["women"])

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def where(self, chosen: Column) -> Cells:
        """Some of them."""
        return Cells(self.table, {name: column[chosen] for name, column in self.columns.items()})


class Sums:
    """Heads and records summed by keys of at most 16 bits each, sorted by them, the first key slowest."""

    def __init__(self, keys: Sequence[Column], sums: Sequence[Column]) -> None:
        packed = np.zeros(len(keys[0]), np.uint64)
        for key in keys:
            packed = packed << np.uint64(16) | key.astype(np.uint64)
        order = np.argsort(packed, kind="stable")
        packed = packed[order]
        starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1]))) if len(packed) else order
        self.packed = packed[starts]
        self.sums = [np.add.reduceat(column[order], starts) if len(starts) else column[:0] for column in sums]
        self.width = len(keys)

    def key(self, at: int) -> Column:
        """The key at this place."""
        shift = np.uint64(16 * (self.width - 1 - at))
        return (self.packed >> shift & np.uint64(0xFFFF)).astype(np.uint16)


@dataclass
class Quarter:
    """One quarter of a release, as counted: `core` the rows of staff_core."""

    number: int
    core: Columns
    codes: Codes
    policy: Policy

    @cached_property
    def _category_of(self) -> Column:
        found = np.zeros(int(self.core["grade"].max(initial=0)) + 1, np.uint16)
        found[self.core["grade"]] = self.core["category"]
        return found

    def tables(self, *protection: str) -> Iterable[Cells]:
        """The cells of all public tables of places that hold anybody, or of those of this protection."""
        made: dict[tuple, Sums] = {}
        for table in self.policy.tables().values():
            if table.kind != PERSONAL and (not protection or table.protection in protection):
                level = next((name for name in LEVELS if name in table.keys), None)
                sums = self._sums(table.dimension, "entity" in table.keys, level, "rc" in table.keys, made)
                yield self._cells(table, level, sums)

    # -- sums --

    def _sums(self, dimension: str, entity: bool, level: str | None, rc: bool, made: dict) -> Sums:
        """Keys in the order entity, level, member, so that groups of members lie together; coarse ones from finer."""
        name = (dimension, entity, level, rc)
        if name in made:
            return made[name]
        if (entity and level == "grade") or rc:
            sums = self._base(dimension, rc)
            if rc:
                sums = Sums([sums.key(2)], sums.sums)
        elif level == "grade":
            finer = self._sums(dimension, True, "grade", rc, made)
            sums = Sums([finer.key(1), finer.key(2)], finer.sums)
        elif level == "category":
            finer = self._sums(dimension, entity, "grade", rc, made)
            keys = [finer.key(at) for at in range(3 if entity else 2)]
            keys[-2] = self._category_of[keys[-2]]
            sums = Sums(keys, finer.sums)
        else:
            finer = self._sums(dimension, entity, "category", rc, made)
            keys = [finer.key(at) for at in range(3 if entity else 2)]
            del keys[-2]
            sums = Sums(keys, finer.sums)
        made[name] = sums
        return sums

    def _base(self, dimension: str, rc: bool) -> Sums:
        rows = self.core
        chosen = np.ones(len(rows["women"]), bool)
        if dimension == "department":
            chosen = np.isin(rows["department"], list(self.codes.place_bound))
        if hidden := self.codes.protected.get(dimension):
            chosen &= ~np.isin(rows[dimension], list(hidden))
        if rc:
            chosen &= rows["rc"] == self.codes.rc
        rows = {name: column[chosen] for name, column in rows.items()} if not chosen.all() else rows
        sex = self.codes.keys["sex"]
        supports = [np.where(rows[name] > 0, rows["key"] + sex[at], 0) for at, name in enumerate(("women", "men"))]
        return Sums([rows["entity"], rows["grade"], rows[dimension]], [*_heads(rows, np.uint64(0)), *supports])

    @cached_property
    def _of_groups(self) -> dict[tuple[str, ...], tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]]:
        """By keys before the member, the packed keys of groups and the contents of all staff in them, also of those in
        places that do not exist in public.
        """
        found = {}
        rows = self.core
        for entity in ((), ("entity",)):
            for level in ((), ("category",), ("grade",)):
                keys = [rows[name] for name in (*entity, *level)] or [np.zeros(len(rows["women"]), np.uint16)]
                sums = Sums(keys, _heads(rows, np.uint64(0)))
                women, men = self._contents(sums)
                found[(*entity, *level)] = sums.packed, women + men
        return found

    def _contents(self, sums: Sums) -> list[npt.NDArray[np.uint64]]:
        """The contents of the women and of the men of cells."""
        women, men, women_records, men_records, *_ = sums.sums
        sex = self.codes.keys["sex"]
        return [women_records + sex[0] * women.astype(np.uint64), men_records + sex[1] * men.astype(np.uint64)]

    # -- cells --

    def _cells(self, table: Table, level: str | None, sums: Sums) -> Cells:
        width = sums.width
        (women, men), supports = sums.sums[:2], sums.sums[4:]
        member = sums.key(width - 1)
        none = np.full(len(member), ANY, np.uint16)
        columns = {
            "quarter": np.full(len(member), self.number, np.uint16),
            "member": member,
            "entity": sums.key(0) if "entity" in table.keys else none,
            "category": none,
            "grade": none,
            "women": women,
            "men": men,
        }
        contents = self._contents(sums)
        columns["women_content"], columns["men_content"] = contents
        columns["women_support"], columns["men_support"] = supports
        if level is not None:
            columns[level] = sums.key(width - 2)
        # Groups are called by the keys that come before the member.
        packed, of_groups = self._of_groups[tuple(name for name in ("entity", level) if name in table.keys)]
        columns["group"] = of_groups[np.searchsorted(packed, sums.packed >> np.uint64(16))]
        cells = Cells(table, columns).where(women + men > 0)
        packed = np.zeros(len(cells), np.uint64)
        for name in ("member", "entity", level or "grade"):
            packed = packed << np.uint64(16) | cells[name].astype(np.uint64)
        return cells.where(np.argsort(packed, kind="stable"))


def personal(
    staff: Columns, codes: Codes, dimension: str, keys: Sequence[str]
) -> tuple[list[Column], list[npt.NDArray]]:
    """Keys (these, then the member) and heads with contents of the rows that a personal dimension is counted of.

    Temporary staff are another population, counted among appointments only.
    """
    keyed = KEYED_BY.get(dimension, dimension)
    rows = staff
    if dimension != "appointment":
        chosen = rows["appointment"] != codes.temporary
        rows = {name: column[chosen] for name, column in rows.items()}
    return [*(rows[key] for key in keys), rows[dimension]], _heads(rows, codes.keys[keyed][rows[keyed]])


def _heads(rows: Columns, personal: npt.NDArray[np.uint64] | np.uint64) -> list[Column]:
    women, men = rows["women"].astype(np.int64), rows["men"].astype(np.int64)
    key = rows["key"] + personal
    return [women, men, women.astype(np.uint64) * key, men.astype(np.uint64) * key]


@dataclass(frozen=True)
class Shown:
    """What is shown of many tables and quarters: `cells`, by number of a table (`tbl`), and the groups of persons that
    are not broken down (`hidden`). A row of `hidden` has ANY where whatever it is is meant.
    """

    cells: Columns
    hidden: Columns

    def of(self, tbl: int, quarter: int) -> tuple[Columns, Columns]:
        """Cells and hidden groups of one table and quarter."""
        wanted = np.array([tbl << 16 | quarter, (tbl << 16 | quarter) + 1], np.uint32)
        found = []
        for rows, (packed, order) in zip((self.cells, self.hidden), self._by_table, strict=True):
            chosen = order[slice(*np.searchsorted(packed, wanted))]
            found.append({name: column[chosen] for name, column in rows.items()})
        return found[0], found[1]

    @cached_property
    def _by_table(self) -> tuple[tuple[npt.NDArray[np.uint32], npt.NDArray[np.intp]], ...]:
        """For cells and hidden groups: table and quarter as one number, sorted, and the rows in that order.

        There are millions of rows in over two thousand tables and quarters: looking through all for each took longer
        than anything else that is done with them.
        """
        sorted_rows = []
        for rows in (self.cells, self.hidden):
            packed = rows["tbl"].astype(np.uint32) << 16 | rows["quarter"]
            order = np.argsort(packed, kind="stable")
            sorted_rows.append((packed[order], order))
        return tuple(sorted_rows)

    def renumbered(self, policy: Policy, ids: Mapping[str, Column]) -> Shown:
        """The same with other ids of members."""
        member = self.cells["member"].copy()
        for number, table in enumerate(policy.tables().values()):
            chosen = self.cells["tbl"] == number
            member[chosen] = ids[table.dimension][member[chosen]]
        return Shown({**self.cells, "member": member}, self.hidden)

    def without_tables(self, whole: Mapping[int, Collection[int]]) -> Shown:
        """The same without the cells of whole tables in single quarters: numbers of tables by number of a quarter."""
        whole = {quarter: tables for quarter, tables in whole.items() if tables}
        if not whole:
            return self
        gone = np.zeros(len(self.cells["tbl"]), bool)
        for quarter, tables in whole.items():
            gone |= (self.cells["quarter"] == quarter) & np.isin(self.cells["tbl"], list(tables))
        pairs = np.array([(tbl, quarter) for quarter, tables in whole.items() for tbl in tables], np.uint16)
        more = {"tbl": pairs[:, 0], "quarter": pairs[:, 1]}
        hidden = {
            name: np.concatenate([column, more.get(name, np.full(len(pairs), ANY, np.uint16))])
            for name, column in self.hidden.items()
        }
        return Shown({name: column[~gone] for name, column in self.cells.items()}, hidden)

    def without(self, groups: Mapping[int, RowGroups]) -> Shown:
        """The same without the cells in row groups, given by number of a table; these hold in all quarters."""
        kept = np.ones(len(self.cells["tbl"]), bool)
        starts = np.searchsorted(self.cells["tbl"], np.arange(int(self.cells["tbl"].max(initial=0)) + 2))
        for number, found in groups.items():
            if number + 1 < len(starts):
                part = slice(starts[number], starts[number + 1])
                kept[part] = ~inside({name: self.cells[name][part] for name in GROUP}, found)
        return Shown({name: column[kept] for name, column in self.cells.items()}, self.hidden)


def inside(keys: Columns, groups: RowGroups) -> Column:
    """Which rows are in one of the row groups."""
    found = np.zeros(len(keys["member"]), bool)
    columns = [np.asarray(getattr(groups, name)) for name in GROUP]
    patterns = sum((column == ANY).astype(int) << at for at, column in enumerate(columns))
    for pattern in np.unique(patterns) if len(groups) else ():
        chosen = patterns == pattern
        names = [(at, name) for at, name in enumerate(GROUP) if not pattern >> at & 1]
        wanted, had = np.zeros(int(chosen.sum()), np.uint64), np.zeros(len(found), np.uint64)
        for at, name in names:
            wanted = wanted << np.uint64(16) | columns[at][chosen].astype(np.uint64)
            had = had << np.uint64(16) | keys[name].astype(np.uint64)
        found |= np.isin(had, wanted)
    return found


GROUP = ("member", "entity", "category", "grade")
_SORTED = ("tbl", *KEYS)


def shown(policy: Policy, counted: Sequence[Cells], key: str) -> Shown:
    """Round what was counted in one quarter, and judge it by the rounded numbers."""
    numbers = {name: number for number, name in enumerate(policy.tables())}
    parts = sorted(counted, key=lambda part: numbers[part.table.name])
    tbl = np.array([numbers[part.table.name] for part in parts], np.uint16)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
    columns["tbl"] = np.repeat(tbl, [len(part) for part in parts])
    protected = np.array([table.protection == ROUNDED for table in policy.tables().values()])[columns["tbl"]]
    floors = np.array([table.floor for table in policy.tables().values()])[columns["tbl"]]
    heads = rounded(columns, protected, floors, key, policy)
    some = heads.sum(axis=0) > 0
    told = {name: columns[name][some] for name in _SORTED}
    told |= {sex: row[some].astype(np.int32) for sex, row in zip(SEXES, heads, strict=True)}
    result = Shown(told, {name: np.zeros(0, np.uint16) for name in _SORTED})
    for dimension in BY_ENTITY:
        name = f"{dimension}+entity"
        if name in numbers:
            mine = columns["tbl"] == numbers[name]
            true = {column: columns[column][mine] for column in ("entity", "women", "men")}
            result = _without_rest(policy, result, numbers, dimension, true)
    return result


#: Places of an entity of which one may be nearly all of it.
BY_ENTITY = ("region", "headquarters")


def _without_rest(policy: Policy, found: Shown, numbers: Mapping[str, int], dimension: str, true: Columns) -> Shown:
    """The same without the places of entities of which nearly nobody is left beside one of them.

    What an entity has in all is exact for everybody: less the rounded count of one place it tells how many the others
    can hold.
    """
    number = numbers[f"{dimension}+entity"]
    mine = found.cells["tbl"] == number
    entity = found.cells["entity"][mine]
    hidden = np.zeros(int(true["entity"].max(initial=0)) + 1, bool)
    for sex in ("women", "men"):
        whole = np.bincount(true["entity"], true[sex], len(hidden))
        hidden[entity[whole[entity] - found.cells[sex][mine] < policy.rest_at_least]] = True
    gone = np.flatnonzero(hidden).astype(np.uint16)
    tables = [at for name, at in numbers.items() if name.split("+")[:2] == [dimension, "entity"]]
    quarter = found.cells["quarter"][0] if len(found.cells["quarter"]) else 0
    kept = ~(np.isin(found.cells["tbl"], tables) & np.isin(found.cells["entity"], gone))
    more = {name: np.full(len(gone) * len(tables), ANY, np.uint16) for name in _SORTED}
    more |= {"tbl": np.repeat(np.array(tables, np.uint16), len(gone)), "entity": np.tile(gone, len(tables))}
    more["quarter"] = np.full(len(more["tbl"]), quarter, np.uint16)
    return Shown(
        {name: column[kept] for name, column in found.cells.items()},
        {name: np.concatenate([column, more[name]]) for name, column in found.hidden.items()},
    )


def together(parts: Sequence[Shown]) -> Shown:
    """Several, of different quarters, in the order of a file."""
    if not parts:
        none = {name: np.zeros(0, np.uint16) for name in _SORTED}
        return Shown({**none, **{sex: np.zeros(0, np.int32) for sex in ("women", "men")}}, none)
    found = []
    for rows in ("cells", "hidden"):
        columns = [getattr(part, rows) for part in parts]
        merged = {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}
        # Within a table and quarter all come from one part, in order.
        order = np.argsort(merged["tbl"].astype(np.uint32) << 16 | merged["quarter"], kind="stable")
        found.append({name: column[order] for name, column in merged.items()})
    return Shown(*found)


def rounded(columns: Columns, protected: Column, floors: Column, key: str, policy: Policy) -> Column:
    """Women and men (2, cells) as shown: rounded where `protected`, and nobody of either there under the floor."""
    heads = np.stack([columns[sex].astype(np.int64) for sex in SEXES])
    contents, supports = (np.stack([columns[f"{sex}_{what}"] for sex in SEXES]) for what in ("content", "support"))
    heads[:, protected] = rounding.round_pairs(
        key,
        heads[:, protected],
        contents[:, protected],
        columns["group"][protected],
        policy.base,
        policy.offset,
        floors[protected],
        supports[:, protected],
    )
    return heads
