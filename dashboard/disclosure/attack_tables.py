"""Tables straight from records: as a release makes them, for tests, and to show that the attacker finds what a plain
"hide under 5" would tell.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dashboard.disclosure.attack_input import ANY, Cells, Ints, Published, Records, RowGroups
from dashboard.disclosure.attack_model import distinct, pack
from dashboard.disclosure.bounds import Mask
from dashboard.disclosure.policy import PERSONAL, PLACE, ROUNDED, Policy, Table
from dashboard.disclosure.rounding import round_pairs

_COLUMN = {"department": "sub"}


def tables_of(policy: Policy, dimension: str, records: Records) -> list[Table]:
    """The rounded public tables about places, or about a personal dimension and those that follow from it."""
    mine = {dimension, *records.coarser}
    return [
        table
        for table in policy.tables().values()
        if table.protection == ROUNDED
        and (table.kind == PLACE if not dimension else table.kind == PERSONAL and table.dimension in mine)
    ]


def column(records: Records, key: str, dimension: str) -> Ints:
    """The column of a table's key: the protected dimension's members stand in `member`, departments in `sub`."""
    if dimension and key == dimension:
        return records.column("member")
    return records.column(_COLUMN.get(key, key))


def release(records: Records, policy: Policy, rounding_key: str, dimension: str = "") -> Published:
    """Rounded tables with floors and, of persons, without the groups that are not broken down. Needs the contents of
    the rows. What two groups tell together is not looked at here.
    """
    withheld = groups_not_broken_down(records, dimension, policy) if dimension else {}
    cells = {}
    for table in tables_of(policy, dimension, records):
        keys, heads, contents, groups = _counted(records, table, dimension)
        rounded = round_pairs(rounding_key, heads, contents, groups, policy.base, policy.offset, table.floor)
        there = rounded.sum(axis=0) > 0
        if table.name in withheld:
            there &= ~_in_groups(keys, withheld[table.name])
        cells[table.name] = _shown(keys, there, rounded)
    return Published(cells, withheld)


def rounded_by(records: Records, policy: Policy, seed: int, dimension: str = "") -> Published:
    """`release` without contents or key: each cell is rounded by chance, for tests."""
    chance = np.random.default_rng(seed)
    contents = chance.integers(0, 1 << 63, size=(2, len(records)), dtype=np.uint64)
    return release(_with(records, contents), policy, "00" * 32, dimension)


def plain(records: Records, policy: Policy, dimension: str = "", least: int = 5) -> Published:
    """The same tables as they were published before there were rules: exact, with cells under 5 persons hidden.

    The attacker reads a shown number as one that is wrong by the policy's error; for exact ones give it a policy whose
    base is 1 and whose offset is 0.
    """
    cells = {}
    for table in tables_of(policy, dimension, records):
        keys, heads, _, _ = _counted(records, table, dimension)
        cells[table.name] = _shown(keys, heads.sum(axis=0) >= least, heads)
    return Published(cells)


def groups_not_broken_down(records: Records, dimension: str, policy: Policy) -> dict[str, RowGroups]:
    """The groups that public personal tables do not break down because they have too few of one sex. They are known to
    everybody, so they are row groups withheld whole.
    """
    held = {}
    for table in tables_of(policy, dimension, records):
        keys = [column(records, key, dimension) for key in table.keys[1:]]
        group = _code(keys, len(records))
        first, _ = distinct(group)
        women, men = (np.bincount(group, heads) for heads in (records.women, records.men))
        rows = np.flatnonzero(np.minimum(women, men) < policy.least_of_each_sex)
        values = {key: values[first[rows]] for key, values in zip(table.keys[1:], keys, strict=True)}
        blank = np.full(len(rows), ANY)
        held[table.name] = RowGroups(blank, *(values.get(key, blank) for key in ("entity", "category", "grade")))
    return {name: groups for name, groups in held.items() if len(groups)}


def _with(records: Records, contents: np.ndarray) -> Records:
    values = {name: getattr(records, name) for name in records.__dataclass_fields__}
    return Records(**values | {"women_content": contents[0], "men_content": contents[1]})


def _code(columns: list[Ints], size: int) -> Ints:
    return distinct(pack(columns))[1] if columns else np.zeros(size, np.int64)


def _counted(
    records: Records, table: Table, dimension: str
) -> tuple[dict[str, Ints], np.ndarray, np.ndarray, npt.NDArray[np.uint64]]:
    """Keys, women and men, their contents and that of the group, by cell."""
    columns = [column(records, key, dimension) for key in table.keys]
    rows = np.flatnonzero(columns[0] >= 0)
    key = pack([values[rows] for values in columns])
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.r_[True, key[order][1:] != key[order][:-1]]) if len(key) else np.zeros(0, np.int64)
    at = rows[order[starts]]
    keys = {("member" if i == 0 else name): columns[i][at] for i, name in enumerate(table.keys)}
    if not len(key):
        return keys, np.zeros((2, 0), np.int64), np.zeros((2, 0), np.uint64), np.zeros(0, np.uint64)
    heads = np.stack([np.add.reduceat(values[rows][order], starts) for values in (records.women, records.men)])
    contents = np.zeros((2, len(starts)), np.uint64)
    whole = np.zeros(len(starts), np.uint64)
    group = _code(columns[1:], len(records))
    for row, values in enumerate((records.women_content, records.men_content)):
        if values is not None:
            # Unsigned numbers wrap around: the sum is modulo 2**64, as contents are.
            contents[row] = np.add.reduceat(values[rows][order], starts)
            # Of all in the group, in places that are not in the table too.
            sums = np.zeros(int(group.max()) + 1, np.uint64)
            np.add.at(sums, group, values)
            whole += sums[group[at]]
    return keys, heads, contents, whole


def _in_groups(keys: dict[str, Ints], groups: RowGroups) -> Mask:
    names = [name for name in ("entity", "category", "grade") if name in keys]
    if not names:
        return np.ones(len(keys["member"]), bool)
    size = len(keys["member"])
    both = pack([np.concatenate([keys[name], getattr(groups, name)]) for name in names])
    return np.isin(both[:size], both[size:])


def _shown(keys: dict[str, Ints], there: Mask, heads: np.ndarray) -> Cells:
    seen = there & (heads.sum(axis=0) > 0)
    return Cells(women=heads[0][seen], men=heads[1][seen], **{name: values[seen] for name, values in keys.items()})
