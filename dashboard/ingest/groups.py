"""The table `personal_groups` of a release: groups of staff, and whether personal dimensions break them down.

One row for each group of each quarter, with what its members are rounded by. It is decided when a release is made, so
that the public file and the answers to signed-in staff break the same groups down.

A group is not broken down if it has too few women or men, if together with a group inside it it would tell of the few
who are in the one and not in the other (`disclosure.nesting`), if nearly all of its women or men are of one kind, or if
the attacker of signed-in answers is certain of somebody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
import numpy.typing as npt

from dashboard.disclosure import nesting, rounding
from dashboard.disclosure.attack_input import ANY, RowGroups
from dashboard.disclosure.policy import LEVELS, Policy
from dashboard.ingest import cells
from dashboard.ingest.cells import KEYED_BY, Column, Columns, Groups, Sums

TABLE = "personal_groups"
#: Personal dimensions whose codes have keys, and those that follow from a nationality.
KEYED = ("age_group", "nationality", "appointment")
PERSONAL = ("age_group", "nationality", "nationality_region", "regional_group", "appointment")
#: Where the keys of a group stand.
KEYS = ("place", "entity", "category", "grade")
#: How staff are divided into groups that everybody sees broken down.
PUBLIC_CUTS: Mapping[str, tuple[str, ...]] = {
    "+".join(keys): keys for entity in ((), ("entity",)) for keys in (entity, *((*entity, level) for level in LEVELS))
}


def cuts(policy: Policy) -> dict[str, tuple[str, ...]]:
    """All ways to divide staff into groups, by name: the public ones, and places for signed-in staff."""
    return dict(PUBLIC_CUTS) | {place: (place,) for place in policy.internal_places}


def slots(keys: Sequence[str]) -> dict[str, str]:
    """Where the keys of a cut stand in the table: a place in `place`, the others under their own name."""
    return {(key if key in KEYS else "place"): key for key in keys}


def decided(core: Columns, staff: Columns, codes: cells.Codes, policy: Policy, key: str) -> dict[str, Column]:
    """The rows of one quarter, without the quarter: `core` and `staff` as in `cells.Quarter`, `key` of the rounding."""
    some = core["women"].astype(np.int64) + core["men"] > 0
    core = {name: column[some] for name, column in core.items()}
    nested = _nested(core, policy)
    bases = {name: _bases(staff, codes, name) for name in KEYED}
    found: list[dict[str, Column]] = []
    for cut, keys in cuts(policy).items():
        sums = {name: _of_cut(bases[name], keys) for name in KEYED}
        everybody = _groups(core, keys)
        rows: dict[str, Column] = {"cut": np.full(len(everybody.packed), cut, object)}
        for slot in KEYS:
            named = slots(keys).get(slot)
            rows[slot] = (
                np.full(len(everybody.packed), ANY, np.uint16) if named is None else everybody.key(keys.index(named))
            )
        women, men = everybody.sums
        rows["staff"] = (women + men).astype(np.int32)
        for name in KEYED:
            rows[f"{name}_content"] = _contents(sums[name], codes, name, everybody.packed)
        for dimension in PERSONAL:
            members = _followed(sums[KEYED_BY.get(dimension, dimension)], dimension, staff, codes)
            keyed = KEYED_BY.get(dimension, dimension)
            contents = rows[f"{keyed}_content"]
            open_ = nested[cut] & _mixed(members, everybody, contents, codes, policy, key, dimension)
            # What follows from a nationality is shown only where nationalities are: it is their sum.
            rows[dimension] = open_ & rows.get(keyed, open_)
        found.append(rows)
    return {name: np.concatenate([rows[name] for rows in found]) for name in found[0]}


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


def _contents(sums: Sums, codes: cells.Codes, dimension: str, wanted: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The content of each group with these packed keys."""
    packed = sums.packed >> np.uint64(16)
    found = np.zeros(len(wanted), np.uint64)
    at = np.searchsorted(wanted, packed)
    # Groups of temporary staff alone are none of those that may be broken down.
    there = (at < len(wanted)) & (wanted[np.minimum(at, len(wanted) - 1)] == packed)
    np.add.at(found, at[there], _cell_contents(sums, codes).sum(axis=0, dtype=np.uint64)[there])
    return found


def _mixed(
    sums: Sums,
    everybody: Sums,
    contents: npt.NDArray[np.uint64],
    codes: cells.Codes,
    policy: Policy,
    key: str,
    dimension: str,
) -> npt.NDArray[np.bool_]:
    """Which groups are left with others enough beside any one kind, by the rounded count of that kind.

    The size of a group is exact for those it is shown to, so the difference tells at most how many others there are.
    """
    packed = sums.packed >> np.uint64(16)
    at = np.searchsorted(everybody.packed, packed)
    there = (at < len(everybody.packed)) & (everybody.packed[np.minimum(at, len(everybody.packed) - 1)] == packed)
    if dimension == "appointment":
        # Temporary staff are no part of what a group is known to be.
        there &= sums.key(sums.width - 1) != codes.temporary
    at = at[there]
    heads = np.stack(sums.sums[:2])[:, there]
    shown = rounding.round_pairs(
        key, heads, _cell_contents(sums, codes)[:, there], contents[at], policy.base, policy.offset
    )
    fine = np.ones(len(everybody.packed), bool)
    for row in (0, 1):
        most = np.zeros(len(fine), np.int64)
        np.maximum.at(most, at, shown[row])
        fine &= everybody.sums[row] - most >= policy.others_at_least
    return fine


# -- in a file --


def withhold(
    connection: duckdb.DuckDBPyConnection, policy: Policy, quarter: int, found: Mapping[str, RowGroups]
) -> None:
    """Break groups down no longer in a quarter: row groups by name of an internal table, the place first."""
    ways = cuts(policy)
    for table, groups in found.items():
        dimension, _, cut = table.partition("+")
        for row in groups.rows():
            given = {
                slot: value for slot, value in zip(KEYS, row, strict=True) if value != ANY and slot in slots(ways[cut])
            }
            where = "".join(f" and {slot} = ${slot}" for slot in given)
            gone = (dimension, *(name for name, keyed in KEYED_BY.items() if keyed == dimension))
            becomes = ", ".join(f"{name} = false" for name in gone)
            connection.execute(
                f"update i.{TABLE} set {becomes} where quarter = $quarter and cut = $cut{where}",  # noqa: S608
                {"quarter": quarter, "cut": cut, **given},
            )


def read(connection: duckdb.DuckDBPyConnection, policy: Policy, quarter: int) -> Groups:
    """The groups of one quarter, from the file attached as `i`."""
    columns = ", ".join((*KEYS, *(f"{name}_content" for name in KEYED), *PERSONAL))
    packed: dict[str, npt.NDArray[np.uint64]] = {}
    content: dict[tuple[str, str], npt.NDArray[np.uint64]] = {}
    shown: dict[tuple[str, str], npt.NDArray[np.bool_]] = {}
    for cut, keys in cuts(policy).items():
        query = f"select {columns} from i.{TABLE} where quarter = $1 and cut = $2"  # noqa: S608 - names of ours
        rows = connection.execute(query, [quarter, cut]).to_arrow_table()
        key = np.zeros(len(rows), np.uint64)
        by_name = {name: slot for slot, name in slots(keys).items()}
        for name in keys:
            key = key << np.uint64(16) | rows[by_name[name]].to_numpy().astype(np.uint64)
        order = np.argsort(key)
        packed[cut] = key[order]
        for name in KEYED:
            content[cut, name] = rows[f"{name}_content"].to_numpy()[order]
        for name in PERSONAL:
            shown[cut, name] = rows[name].to_numpy(zero_copy_only=False)[order]
    return Groups(packed, content, shown)
