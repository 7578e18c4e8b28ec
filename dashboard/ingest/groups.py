"""The tables `personal_groups` and `personal_cells` of a release: groups of staff, whether personal dimensions break
them down, and what is shown of their members.

One row for each group, and for each cell shown, of each quarter. Both are made once, when a quarter is told, so that
the public file, answers to signed-in staff and later releases all show the same.

A group is not broken down if it has too few women or men, if together with a group inside it it would tell of the few
who are in the one and not in the other (`disclosure.nesting`), if nearly all of its women or men are of one kind, or if
the attacker of signed-in answers is certain of somebody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dashboard.disclosure import nesting, rounding
from dashboard.disclosure.attack_input import ANY, RowGroups, packed16
from dashboard.disclosure.policy import GROUP_KEYS as KEYS
from dashboard.disclosure.policy import LEVELS, Policy, column_of
from dashboard.disclosure.policy import PERSONAL as OF_PERSONS
from dashboard.ingest import cells
from dashboard.ingest.cells import KEYED_BY, Column, Columns, Shown, Sums

TABLE, CELLS = "personal_groups", "personal_cells"
#: Personal dimensions whose codes have keys, and those that follow from a nationality.
KEYED = ("age_group", "nationality", "appointment")
PERSONAL = ("age_group", "nationality", "nationality_region", "regional_group", "appointment")
#: How staff are divided into groups that everybody sees broken down.
PUBLIC_CUTS: Mapping[str, tuple[str, ...]] = {
    "+".join(keys): keys for entity in ((), ("entity",)) for keys in (entity, *((*entity, level) for level in LEVELS))
}


def cuts(policy: Policy) -> dict[str, tuple[str, ...]]:
    """All ways to divide staff into groups, by name: the public ones, and places for signed-in staff."""
    return dict(PUBLIC_CUTS) | {place: (place,) for place in policy.internal_places}


def slots(keys: Sequence[str]) -> dict[str, str]:
    """Where the keys of a cut stand in the table."""
    return {column_of(key): key for key in keys}


def internal_name(dimension: str, cut: str) -> str:
    """What the table of a personal dimension by a cut is called; the closed list has those for everybody."""
    return f"{dimension}+{cut}" if cut else dimension


def _is_told(policy: Policy, dimension: str, cut: str) -> bool:
    """Whether anybody is shown this dimension by this cut."""
    return cut in policy.internal_places or internal_name(dimension, cut) in policy.tables()


@dataclass(frozen=True)
class Members:
    """The cells of a personal dimension by a cut, of groups that regular staff are in.

    `of` is the number of the group of each cell in `everybody`, `keys` are those of the cut, then the member, `heads`
    and `contents` are true and of shape (2, cells), and there is one of `group_contents` for each group.
    """

    dimension: str
    cut: str
    everybody: Sums
    of: npt.NDArray[np.intp]
    keys: Columns
    heads: npt.NDArray[np.int64]
    contents: npt.NDArray[np.uint64]
    group_contents: npt.NDArray[np.uint64]

    def rounded(self, policy: Policy, key: str, floor: int = 0) -> npt.NDArray[np.int64]:
        """Women and men as they are shown."""
        groups = self.group_contents[self.of]
        return rounding.round_pairs(key, self.heads, self.contents, groups, policy.base, policy.offset, floor)


def members(core: Columns, staff: Columns, codes: cells.Codes, policy: Policy) -> Iterator[Members]:
    """All cells of one quarter that anybody may be shown, by cut and dimension; a nationality before what follows from
    it. `core` and `staff` are the columns of staff_core and of staff.
    """
    core = _with_somebody(core)
    bases = {name: _bases(staff, codes, name) for name in KEYED}
    for cut, keys in cuts(policy).items():
        sums = {name: _of_cut(bases[name], keys) for name in KEYED}
        everybody = _groups(core, keys)
        contents = {name: _contents(sums[name], codes, everybody.packed) for name in KEYED}
        for dimension in PERSONAL:
            keyed = KEYED_BY.get(dimension, dimension)
            found = _followed(sums[keyed], dimension, staff, codes)
            packed = found.packed >> np.uint64(16)
            # Groups of temporary staff alone are none of those that may be broken down.
            at, there = places_of(everybody.packed, packed)
            named = {name: found.key(number)[there] for number, name in enumerate((*keys, "member"))}
            yield Members(
                dimension, cut, everybody, at[there], named, np.stack(found.sums[:2])[:, there],
                _cell_contents(found, codes)[:, there], contents[keyed],
            )  # fmt: skip


def decided(
    core: Columns, staff: Columns, codes: cells.Codes, policy: Policy, key: str
) -> tuple[dict[str, Column], dict[str, Column]]:
    """The rows of one quarter in the two tables, groups and cells, without the quarter. `core` and `staff` are the
    columns of staff_core and of staff, `key` is that of the rounding.
    """
    nested = _nested(_with_somebody(core), policy)
    found: list[dict[str, Column]] = []
    told: list[dict[str, Column]] = []
    for one in members(core, staff, codes, policy):
        if one.dimension == PERSONAL[0]:
            found.append(_row(one, cuts(policy)[one.cut]))
        rows = found[-1]
        open_ = nested[one.cut] & _mixed(one, codes, policy, key)
        # What follows from a nationality is shown only where nationalities are: it is their sum.
        rows[one.dimension] = open_ & rows.get(KEYED_BY.get(one.dimension, one.dimension), open_)
        if _is_told(policy, one.dimension, one.cut):
            told.append(_told(one, rows[one.dimension], policy, key))
    return tuple({name: np.concatenate([rows[name] for rows in all_]) for name in all_[0]} for all_ in (found, told))


def _row(one: Members, keys: Sequence[str]) -> dict[str, Column]:
    """The groups of a cut: their keys and size."""
    groups = one.everybody
    size = len(groups.packed)
    rows: dict[str, Column] = {"cut": np.full(size, one.cut, object)}
    for slot in KEYS:
        named = slots(keys).get(slot)
        rows[slot] = np.full(size, ANY, np.uint16) if named is None else groups.key(keys.index(named))
    women, men = groups.sums
    rows["staff"] = (women + men).astype(np.int32)
    return rows


def _told(one: Members, open_: npt.NDArray[np.bool_], policy: Policy, key: str) -> dict[str, Column]:
    """The cells that are shown of the groups that are broken down."""
    shown = one.rounded(policy, key, policy.floor_person)
    kept = open_[one.of] & (shown.sum(axis=0) > 0)
    size = int(kept.sum())
    rows: dict[str, Column] = {
        "dimension": np.full(size, one.dimension, object),
        "cut": np.full(size, one.cut, object),
        "member": one.keys["member"][kept],
    }
    named = slots([name for name in one.keys if name != "member"])
    for slot in KEYS:
        rows[slot] = one.keys[named[slot]][kept] if slot in named else np.full(size, ANY, np.uint16)
    return rows | {sex: counts[kept].astype(np.int32) for sex, counts in zip(cells.SEXES, shown, strict=True)}


def _with_somebody(core: Columns) -> Columns:
    some = core["women"].astype(np.int64) + core["men"] > 0
    return {name: column[some] for name, column in core.items()}


def places_of(
    known: npt.NDArray[np.uint64], wanted: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Where keys stand among known ones, which are sorted, and whether they are there."""
    at = np.minimum(np.searchsorted(known, wanted), max(len(known) - 1, 0))
    return at, known[at] == wanted if len(known) else np.zeros(len(wanted), bool)


def _groups(core: Columns, keys: Sequence[str]) -> Sums:
    columns = [core[name] for name in keys] or [np.zeros(len(core["women"]), np.uint16)]
    return Sums(columns, [core[sex].astype(np.int64) for sex in ("women", "men")])


def _nested(core: Columns, policy: Policy) -> dict[str, npt.NDArray[np.bool_]]:
    """By cut, which groups may be broken down beside the others."""
    women, men = (core[sex].astype(np.int64) for sex in ("women", "men"))
    families = {}
    for cut, keys in cuts(policy).items():
        packed = np.zeros(len(women), np.uint64)
        for name in keys:
            packed = packed << np.uint64(16) | core[name].astype(np.uint64)
        code = np.unique(packed, return_inverse=True)[1]
        families[cut] = nesting.Family.of(cut, code, women, men, internal=cut not in PUBLIC_CUTS)
    return nesting.broken_down(families, women, men, policy.least_of_each_sex, policy.nested_at_least)


class _Base:
    """Cells of a keyed personal dimension by the keys from which all cuts follow."""

    def __init__(self, keys: tuple[str, ...], sums: Sums) -> None:
        self.keys = keys
        self.sums = sums

    def column(self, name: str) -> Column:
        return self.sums.key(self.keys.index(name))


def _bases(staff: Columns, codes: cells.Codes, dimension: str) -> list[tuple[_Base, Mapping[str, Column]]]:
    """Cells by entity and grade, by station, and by department, each with what follows from its keys."""
    category = _follows(staff, "grade", "category")
    country, team, region = (_follows(staff, "duty_station", name) for name in ("country", "unct", "region"))
    found = []
    for keys, above in (
        (("entity", "grade"), {"category": ("grade", category)}),
        (
            ("duty_station", "headquarters"),
            {
                name: ("duty_station", table)
                for name, table in (("country", country), ("unct", team), ("region", region))
            },
        ),
        (("department",), {}),
    ):
        base = _Base((*keys, "member"), Sums(*cells.personal(staff, codes, dimension, keys)))
        columns = {name: base.column(name) for name in base.keys}
        columns |= {name: table[columns[child]] for name, (child, table) in above.items()}
        found.append((base, columns))
    return found


def _follows(staff: Columns, child: str, parent: str) -> Column:
    """For each id of `child` the id of `parent` that goes with it."""
    found = np.full(int(staff[child].max(initial=0)) + 1, ANY, np.uint16)
    found[staff[child]] = staff[parent]
    return found


def _of_cut(bases: Sequence[tuple[_Base, Mapping[str, Column]]], keys: Sequence[str]) -> Sums:
    """Heads and contents by the keys of a cut and the member."""
    base, columns = next(one for one in bases if set(keys) <= set(one[1]))
    return Sums([*(columns[name] for name in keys), columns["member"]], base.sums.sums)


def _followed(sums: Sums, dimension: str, staff: Columns, codes: cells.Codes) -> Sums:
    """The same cells by what follows from the member: the region of a nationality."""
    if dimension not in KEYED_BY:
        return sums
    above = _follows(staff, KEYED_BY[dimension], dimension)
    keys = [sums.key(at) for at in range(sums.width)]
    return Sums([*keys[:-1], above[keys[-1]]], sums.sums)


def _cell_contents(sums: Sums, codes: cells.Codes) -> npt.NDArray[np.uint64]:
    """Contents of the women and of the men of cells, shape (2, cells)."""
    sex = codes.keys["sex"]
    heads, records = sums.sums[:2], sums.sums[2:]
    return np.stack([records[row] + heads[row].astype(np.uint64) * sex[row] for row in (0, 1)])


def _contents(sums: Sums, codes: cells.Codes, groups: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The content of each group with these packed keys."""
    found = np.zeros(len(groups), np.uint64)
    at, there = places_of(groups, sums.packed >> np.uint64(16))
    np.add.at(found, at[there], _cell_contents(sums, codes).sum(axis=0, dtype=np.uint64)[there])
    return found


def _mixed(one: Members, codes: cells.Codes, policy: Policy, key: str) -> npt.NDArray[np.bool_]:
    """Which groups are left with others enough beside any one kind, by the rounded count of that kind.

    The size of a group is exact for those it is shown to, so the difference tells at most how many others there are.
    """
    shown = one.rounded(policy, key)
    # Temporary staff are no part of what a group is known to be.
    regular = one.keys["member"] != codes.temporary if one.dimension == "appointment" else slice(None)
    fine = np.ones(len(one.everybody.packed), bool)
    for row in (0, 1):
        most = np.zeros(len(fine), np.int64)
        np.maximum.at(most, one.of[regular], shown[row][regular])
        fine &= one.everybody.sums[row] - most >= policy.others_at_least
    return fine


# -- in a file --


def withhold(
    connection: duckdb.DuckDBPyConnection, policy: Policy, quarter: int, found: Mapping[str, RowGroups]
) -> None:
    """Break groups down no longer in a quarter: row groups by name of an internal table, the place first."""
    ways = cuts(policy)
    for table, groups in found.items():
        dimension, _, cut = table.partition("+")
        gone = (dimension, *(name for name, keyed in KEYED_BY.items() if keyed == dimension))
        for row in groups.rows():
            given = {
                slot: value for slot, value in zip(KEYS, row, strict=True) if value != ANY and slot in slots(ways[cut])
            }
            where = "".join(f" and {slot} = ${slot}" for slot in given)
            becomes = ", ".join(f"{name} = false" for name in gone)
            values = {"quarter": quarter, "cut": cut, **given}
            connection.execute(
                f"update i.{TABLE} set {becomes} where quarter = $quarter and cut = $cut{where}",  # noqa: S608
                values,
            )
            connection.execute(
                f"delete from i.{CELLS} where quarter = $quarter and cut = $cut{where} "  # noqa: S608
                "and list_contains($gone, dimension)",
                {**values, "gone": list(gone)},
            )


def broken_down(
    connection: duckdb.DuckDBPyConnection, policy: Policy, quarter: int, dimension: str
) -> Iterator[tuple[str, npt.NDArray[np.uint64], Columns]]:
    """By cut, the groups of a quarter that a personal dimension breaks down and the cells that are shown of them.

    From the file attached as `i`. Groups are named by their keys, packed and sorted.
    """
    for cut, keys in cuts(policy).items():
        if not _is_told(policy, dimension, cut):
            continue
        query = f"select {', '.join(KEYS)} from i.{TABLE} where quarter = $1 and cut = $2 and {dimension}"  # noqa: S608
        rows = connection.execute(query, [quarter, cut]).to_arrow_table()
        columns = {name: rows[slot].to_numpy() for slot, name in slots(keys).items()}
        packed = packed16([columns[name] for name in keys], len(rows))
        query = (
            f"select member, {', '.join(KEYS)}, women, men from i.{CELLS} "  # noqa: S608 - names of ours
            "where quarter = $1 and cut = $2 and dimension = $3"
        )
        rows = connection.execute(query, [quarter, cut, dimension]).to_arrow_table()
        yield cut, np.sort(packed), {name: rows[name].to_numpy() for name in rows.column_names}


def public(connection: duckdb.DuckDBPyConnection, policy: Policy, quarter: int) -> Shown:
    """What everybody is shown of persons in a quarter, from the file attached as `i`; of a table that breaks nothing
    down, that too.
    """
    numbers = [
        (number, table.dimension, "+".join(table.keys[1:]))
        for number, table in enumerate(policy.tables().values())
        if table.kind == OF_PERSONS
    ]
    tbl, dimensions, named = zip(*numbers, strict=True)
    tables = {"tbl": pa.array(tbl, pa.uint16()), "dimension": list(dimensions), "cut": list(named)}
    connection.register("personal_tables", pa.table(tables))
    found = []
    for query in (_PUBLIC_CELLS, _PUBLIC_HIDDEN):
        rows = connection.execute(query, [quarter]).to_arrow_table()
        found.append({name: rows[name].to_numpy() for name in rows.column_names})
    connection.unregister("personal_tables")
    return Shown(*found)


_PUBLIC_CELLS = f"""
    select tbl, quarter, member, entity, category, grade, women, men
    from i.{CELLS}
    inner join personal_tables using (dimension, cut)
    where quarter = $1
    order by all
"""  # noqa: S608 - names of ours
_PUBLIC_HIDDEN = f"""
    select tbl, quarter, {ANY}::usmallint as member, entity, category, grade
    from (
        unpivot (select quarter, cut, entity, category, grade, {", ".join(PERSONAL)} from i.{TABLE} where quarter = $1)
        on {", ".join(PERSONAL)}
        into name dimension value shown
    )
    inner join personal_tables using (dimension, cut)
    where not shown
    order by all
"""  # noqa: S608 - names of ours
