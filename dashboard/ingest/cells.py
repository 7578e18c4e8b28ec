"""The cells of the public tables: counted quarter by quarter, judged and rounded. Pure, over plain numpy arrays.

A database takes ten times as long for the same sums: a quarter fits into a processor's cache, and numbers of 64 bits
that wrap around are just what a content is (disclosure.rounding).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from dashboard import measures
from dashboard.disclosure import rounding
from dashboard.disclosure.attack_input import ANY, RowGroups
from dashboard.disclosure.policy import LEVELS, ROUNDED, Policy, Table
from dashboard.selection import PERSONAL

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
    """Cells of one table and quarter that may be shown, sorted by `KEYS`: true heads and contents. `hidden`: the groups
    of persons whose breakdown the rules withhold, whatever is in it; which these are follows from what is public.
    """

    table: Table
    columns: Columns
    hidden: Columns

    def __len__(self) -> int:
        return len(self.columns["women"])

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]

    def where(self, chosen: Column) -> Cells:
        """Some of them."""
        return Cells(self.table, {name: column[chosen] for name, column in self.columns.items()}, self.hidden)


class _Sums:
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
        self._width = len(keys)

    def key(self, at: int) -> Column:
        """The key at this place."""
        shift = np.uint64(16 * (self._width - 1 - at))
        return (self.packed >> shift & np.uint64(0xFFFF)).astype(np.uint16)


@dataclass
class Quarter:
    """One quarter of a release, as counted: `core` the rows of staff_core, `staff` those of staff."""

    number: int
    core: Columns
    staff: Columns
    codes: Codes
    policy: Policy

    @cached_property
    def _category_of(self) -> Column:
        found = np.full(
            int(max(self.staff["grade"].max(initial=0), self.core["grade"].max(initial=0))) + 1, 0, np.uint16
        )
        for rows in (self.core, self.staff):
            found[rows["grade"]] = rows["category"]
        return found

    def tables(self) -> Iterable[Cells]:
        """The cells of all public tables, from the floor up; in exact tables all that hold anybody."""
        made: dict[tuple, _Sums] = {}
        for table in self.policy.tables().values():
            level = next((name for name in LEVELS if name in table.keys), None)
            sums = self._sums(table.dimension, "entity" in table.keys, level, "rc" in table.keys, made)
            yield self._cells(table, level, sums)

    def base(self, dimension: str) -> dict[str, Column]:
        """Members of a personal dimension by entity and grade: all that is public of persons follows from these."""
        sums = self._personal(dimension)
        entity, grade, member = (sums.key(at) for at in range(3))
        columns = {"entity": entity, "grade": grade, "member": member, "category": self._category_of[grade]}
        return {**columns, "women": sums.sums[0], "men": sums.sums[1]}

    # -- sums --

    def _sums(self, dimension: str, entity: bool, level: str | None, rc: bool, made: dict) -> _Sums:
        """Keys in the order entity, level, member, so that groups of members lie together; coarse ones from finer."""
        name = (dimension, entity, level, rc)
        if name in made:
            return made[name]
        if (entity and level == "grade") or rc:
            sums = self._base(dimension, rc)
            if rc:
                sums = _Sums([sums.key(2)], sums.sums)
        elif level == "grade":
            finer = self._sums(dimension, True, "grade", rc, made)
            sums = _Sums([finer.key(1), finer.key(2)], finer.sums)
        elif level == "category":
            finer = self._sums(dimension, entity, "grade", rc, made)
            keys = [finer.key(at) for at in range(3 if entity else 2)]
            keys[-2] = self._category_of[keys[-2]]
            sums = _Sums(keys, finer.sums)
        else:
            finer = self._sums(dimension, entity, "category", rc, made)
            keys = [finer.key(at) for at in range(3 if entity else 2)]
            del keys[-2]
            sums = _Sums(keys, finer.sums)
        made[name] = sums
        return sums

    def _base(self, dimension: str, rc: bool) -> _Sums:
        if dimension in self.codes.keys or dimension in KEYED_BY:
            return self._personal(dimension)
        rows = self.core
        chosen = np.ones(len(rows["women"]), bool)
        if dimension == "department":
            chosen = np.isin(rows["department"], list(self.codes.place_bound))
        if hidden := self.codes.protected.get(dimension):
            chosen &= ~np.isin(rows[dimension], list(hidden))
        if rc:
            chosen &= rows["rc"] == self.codes.rc
        rows = {name: column[chosen] for name, column in rows.items()} if not chosen.all() else rows
        return _Sums([rows["entity"], rows["grade"], rows[dimension]], _heads(rows, np.uint64(0)))

    def _personal(self, dimension: str) -> _Sums:
        rows = self.staff
        keyed = KEYED_BY.get(dimension, dimension)
        if dimension != "appointment":
            chosen = rows["appointment"] != self.codes.temporary
            rows = {name: column[chosen] for name, column in rows.items()}
        personal = self.codes.keys[keyed][rows[keyed]]
        return _Sums([rows["entity"], rows["grade"], rows[dimension]], _heads(rows, personal))

    # -- cells --

    def _cells(self, table: Table, level: str | None, sums: _Sums) -> Cells:
        width = sums._width
        women, men, women_records, men_records = sums.sums
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
            "women_content": women_records + self.codes.keys["sex"][0] * women.astype(np.uint64),
            "men_content": men_records + self.codes.keys["sex"][1] * men.astype(np.uint64),
        }
        if level is not None:
            columns[level] = sums.key(width - 2)
        chosen = women + men >= max(table.floor, 1)
        hidden = {name: column[:0] for name, column in columns.items() if name in KEYS}
        if table.kind == PERSONAL and len(member):
            starts, fine = self._broken_down(table, sums)
            chosen &= np.repeat(fine, np.diff(np.append(starts, len(member))))
            hidden = {name: columns[name][starts[~fine]] for name in hidden}
            hidden["member"] = np.full(len(hidden["entity"]), ANY, np.uint16)
        cells = Cells(table, columns, hidden).where(chosen)
        packed = np.zeros(len(cells), np.uint64)
        for name in ("member", "entity", level or "grade"):
            packed = packed << np.uint64(16) | cells[name].astype(np.uint64)
        return cells.where(np.argsort(packed, kind="stable"))

    def _broken_down(self, table: Table, sums: _Sums) -> tuple[Column, Column]:
        """Where groups start, and whether each is broken down: enough of each sex, and of others beside any member."""
        groups = sums.packed >> np.uint64(16)
        starts = np.flatnonzero(np.concatenate(([True], groups[1:] != groups[:-1])))
        fine = np.ones(len(starts), bool)
        for heads in sums.sums[:2]:
            if table.dimension == "appointment":
                # Temporary staff are another population: no part of what a group is known to be.
                heads = np.where(sums.key(sums._width - 1) == self.codes.temporary, 0, heads)
            whole = np.add.reduceat(heads, starts)
            most = np.maximum.reduceat(heads, starts)
            fine &= (whole >= self.policy.least_of_each_sex) & (whole - most >= self.policy.others_at_least)
        return starts, fine


def _heads(rows: Columns, personal: npt.NDArray[np.uint64] | np.uint64) -> list[Column]:
    women, men = rows["women"].astype(np.int64), rows["men"].astype(np.int64)
    key = rows["key"] + personal
    return [women, men, women.astype(np.uint64) * key, men.astype(np.uint64) * key]


@dataclass(frozen=True)
class Shown:
    """What is shown of many tables and quarters: `cells`, by number of a table (`tbl`), and the groups of persons that
    are not broken down (`hidden`), both sorted. A row of `hidden` has ANY where whatever it is is meant.
    """

    cells: Columns
    hidden: Columns

    def of(self, tbl: int, quarter: int) -> tuple[Columns, Columns]:
        """Cells and hidden groups of one table and quarter."""
        return tuple(
            {name: column[(rows["tbl"] == tbl) & (rows["quarter"] == quarter)] for name, column in rows.items()}
            for rows in (self.cells, self.hidden)
        )

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
    """Round and judge what was counted."""
    numbers = {name: number for number, name in enumerate(policy.tables())}
    parts = sorted(counted, key=lambda part: numbers[part.table.name])
    if not parts:
        none = dict.fromkeys(_SORTED, np.zeros(0, np.uint16))
        heads = dict.fromkeys(("women", "men"), np.zeros(0, np.int32))
        return Shown({**none, **heads, "status": np.zeros(0, object)}, none)
    tbl = np.array([numbers[part.table.name] for part in parts], np.uint16)
    columns = {name: np.concatenate([part[name] for part in parts]) for name in parts[0].columns}
    columns["tbl"] = np.repeat(tbl, [len(part) for part in parts])
    hidden = {name: np.concatenate([part.hidden[name] for part in parts]) for name in KEYS}
    hidden["tbl"] = np.repeat(tbl, [len(part.hidden["entity"]) for part in parts])
    protected = np.array([table.protection == ROUNDED for table in policy.tables().values()])[columns["tbl"]]
    women, men = rounded(columns, protected, key, policy.base)
    # A cell that rounds to nobody looks like any under the floor.
    some = women + men > 0
    told = {name: columns[name][some] for name in _SORTED}
    told |= {"women": women[some].astype(np.int32), "men": men[some].astype(np.int32)}
    told["status"] = statuses(columns["women"][some], columns["men"][some], policy.status_from)
    return Shown(told, {name: hidden[name] for name in _SORTED})


def together(parts: Sequence[Shown]) -> Shown:
    """Several, of different quarters, in the order of a file."""
    if len(parts) == 1:
        return parts[0]
    found = []
    for rows in ("cells", "hidden"):
        columns = [getattr(part, rows) for part in parts]
        merged = {name: np.concatenate([column[name] for column in columns]) for name in columns[0]}
        # Within a table and quarter all come from one part, in order.
        order = np.argsort(merged["tbl"].astype(np.uint32) << 16 | merged["quarter"], kind="stable")
        found.append({name: column[order] for name, column in merged.items()})
    return Shown(*found)


def rounded(columns: Columns, protected: Column, key: str, base: int) -> tuple[Column, Column]:
    """Women and men as shown: rounded where `protected`."""
    heads = np.stack([columns[sex].astype(np.int64) for sex in ("women", "men")])
    contents = np.stack([columns[f"{sex}_content"] for sex in ("women", "men")])
    heads[:, protected] = rounding.round_pairs(key, heads[:, protected], contents[:, protected], base)
    return heads[0], heads[1]


def statuses(women: Column, men: Column, least: int) -> npt.NDArray[np.object_]:
    """The parity status of true counts, None under a head-count."""
    found = np.full(len(women), None, object)
    at = np.flatnonzero(women + men >= least)
    pairs, which = np.unique(women[at].astype(np.int64) << 32 | men[at].astype(np.int64), return_inverse=True)
    said = np.array([measures.status(pair >> 32, pair & 0xFFFFFFFF) for pair in pairs.tolist()], object)
    if len(at):
        found[at] = said[which]
    return found
