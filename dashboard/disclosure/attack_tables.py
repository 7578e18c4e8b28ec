"""Tables as a release makes them, straight from records: for the internal audience, whose tables stand in no file, and
to show that the attacker finds what a plain "hide under 5" would tell.
"""

from __future__ import annotations

import numpy as np

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
    """Rounded tables with floors and the group rules; nothing withheld for places. Needs the contents of the rows."""
    withheld = groups_not_broken_down(records, dimension, policy) if dimension else {}
    cells = {}
    for table in tables_of(policy, dimension, records):
        keys, heads, contents = _counted(records, table, dimension)
        there = heads.sum(axis=0) >= max(table.floor, 1)
        if table.name in withheld:
            there &= ~_in_groups(keys, withheld[table.name])
        rounded = round_pairs(rounding_key, heads[:, there], contents[:, there], policy.base)
        cells[table.name] = _shown(table, keys, there, heads, rounded, policy.status_from)
    return Published(cells, withheld)


def rounded_by(records: Records, policy: Policy, seed: int, dimension: str = "") -> Published:
    """`release` without contents or key: each cell is rounded by chance, for tests."""
    chance = np.random.default_rng(seed)
    contents = chance.integers(0, 1 << 63, size=(2, len(records)), dtype=np.uint64)
    return release(_with(records, contents), policy, "00" * 32, dimension)


def internal(records: Records, policy: Policy, rounding_key: str, dimension: str) -> Published:
    """What the internal audience can be told of a personal dimension: for all places or by one place dimension, for all
    entities or by entity, for all grades, by category or by grade; only of groups that the rules break down.
    """
    cells = {}
    for name in (dimension, *records.coarser):
        for place in ("", *policy.internal_places):
            for entity in ("", "entity"):
                for level in ("", "category", "grade"):
                    if (place == "department" and not entity) or (
                        place and (level or (entity and place != "department"))
                    ):
                        continue
                    keys = tuple(key for key in (name, place, entity, level) if key)
                    cells["+".join(keys)] = _internal(records, policy, rounding_key, dimension, keys)
    return Published(cells)


def _internal(records: Records, policy: Policy, rounding_key: str, dimension: str, keys: tuple[str, ...]) -> Cells:
    member = records.column("member" if keys[0] == dimension else keys[0])
    columns = {key: records.column(key) for key in keys[1:]}
    group = _code(list(columns.values()), len(records))
    kept, _ = broken_down(group, member, records.women, records.men, policy)
    rows = np.flatnonzero(kept[group])
    first, code = distinct(pack([group[rows], member[rows]]))
    order = np.argsort(code, kind="stable")
    starts = np.searchsorted(code[order], np.arange(len(first)))
    if not len(first):
        return Cells(women=np.zeros(0, np.int64), men=np.zeros(0, np.int64))
    if records.women_content is None or records.men_content is None:
        raise ValueError("the records have no contents")
    heads = _summed((records.women, records.men), rows[order], starts)
    there = heads.sum(axis=0) >= policy.floor_person
    contents = _summed((records.women_content, records.men_content), rows[order], starts)
    rounded = round_pairs(rounding_key, heads[:, there], contents[:, there], policy.base)
    seen = (rounded[0] + rounded[1]) > 0
    at = rows[first][there][seen]
    named = {("place" if key in policy.internal_places else key): values[at] for key, values in columns.items()}
    return Cells(women=rounded[0][seen], men=rounded[1][seen], member=member[at], **named)


def _summed(columns: tuple[np.ndarray, np.ndarray], rows: Ints, starts: Ints) -> np.ndarray:
    """Sums by group of women and men, or of their contents (unsigned numbers wrap around)."""
    return np.stack([np.add.reduceat(column[rows], starts) for column in columns])


def plain(records: Records, policy: Policy, dimension: str = "", least: int = 5) -> Published:
    """The same tables as they were published before there were rules: exact, with cells under 5 persons hidden.

    The attacker reads a shown number as a multiple of the base up to base - 1 off; for exact ones give it a policy
    whose base is 1 (`plain_policy`).
    """
    cells = {}
    for table in tables_of(policy, dimension, records):
        keys, heads, _ = _counted(records, table, dimension)
        there = heads.sum(axis=0) >= least
        cells[table.name] = _shown(table, keys, there, heads, heads[:, there], policy.status_from)
    return Published(cells)


def groups_not_broken_down(records: Records, dimension: str, policy: Policy) -> dict[str, RowGroups]:
    """The groups that public personal tables do not break down: too few of one sex, or too few others than the
    largest kind of one sex. They are known to everybody, so they are row groups withheld whole.
    """
    held = {}
    for table in tables_of(policy, dimension, records):
        keys = [column(records, key, dimension) for key in table.keys[1:]]
        group = _code(keys, len(records))
        member = column(records, table.dimension, dimension)
        kept, first = broken_down(group, member, records.women, records.men, policy)
        rows = np.flatnonzero(~kept)
        values = {key: values[first[rows]] for key, values in zip(table.keys[1:], keys, strict=True)}
        blank = np.full(len(rows), ANY)
        held[table.name] = RowGroups(blank, *(values.get(key, blank) for key in ("entity", "category", "grade")))
    return {name: groups for name, groups in held.items() if len(groups)}


def broken_down(group: Ints, member: Ints, women: Ints, men: Ints, policy: Policy) -> tuple[Mask, Ints]:
    """Which groups (0, 1, ... as in `group`) are broken down, and for each the position of one of its rows."""
    size = int(group.max(initial=-1)) + 1
    first = np.zeros(size, np.int64)
    first[group[::-1]] = np.arange(len(group) - 1, -1, -1)
    one, cell = distinct(pack([group, member]))
    kept = np.ones(size, bool)
    for heads in (women, men):
        total = np.bincount(group, heads, size)
        most = np.zeros(size)
        np.maximum.at(most, group[one], np.bincount(cell, heads, len(one)))
        kept &= (total >= policy.least_of_each_sex) & (total - most >= policy.others_at_least)
    return kept, first


def _with(records: Records, contents: np.ndarray) -> Records:
    values = {name: getattr(records, name) for name in records.__dataclass_fields__}
    return Records(**values | {"women_content": contents[0], "men_content": contents[1]})


def _code(columns: list[Ints], size: int) -> Ints:
    return distinct(pack(columns))[1] if columns else np.zeros(size, np.int64)


def _counted(records: Records, table: Table, dimension: str) -> tuple[dict[str, Ints], np.ndarray, np.ndarray]:
    """Keys, women and men, and their contents by cell."""
    columns = [column(records, key, dimension) for key in table.keys]
    rows = np.flatnonzero(columns[0] >= 0)
    key = pack([values[rows] for values in columns])
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.r_[True, key[order][1:] != key[order][:-1]]) if len(key) else np.zeros(0, np.int64)
    at = rows[order[starts]]
    keys = {("member" if i == 0 else name): columns[i][at] for i, name in enumerate(table.keys)}
    if not len(key):
        return keys, np.zeros((2, 0), np.int64), np.zeros((2, 0), np.uint64)
    heads = np.stack([np.add.reduceat(values[rows][order], starts) for values in (records.women, records.men)])
    contents = np.zeros((2, len(starts)), np.uint64)
    for row, values in enumerate((records.women_content, records.men_content)):
        if values is not None:
            # Unsigned numbers wrap around: the sum is modulo 2**64, as contents are.
            contents[row] = np.add.reduceat(values[rows][order], starts)
    return keys, heads, contents


def _in_groups(keys: dict[str, Ints], groups: RowGroups) -> Mask:
    names = [name for name in ("entity", "category", "grade") if name in keys]
    if not names:
        return np.ones(len(keys["member"]), bool)
    size = len(keys["member"])
    both = pack([np.concatenate([keys[name], getattr(groups, name)]) for name in names])
    return np.isin(both[:size], both[size:])


def _shown(
    table: Table, keys: dict[str, Ints], there: Mask, heads: np.ndarray, rounded: np.ndarray, status_from: int
) -> Cells:
    women, men = heads[0][there], heads[1][there]
    persons = women + men
    parity = ((47 * persons <= 100 * women) & (100 * women <= 53 * persons)) | (abs(women - men) <= 1)
    status = np.where(parity, "parity", np.where(women < men, "below", "above"))
    status = np.where(persons >= status_from, status, "")
    seen = (rounded[0] + rounded[1]) > 0
    return Cells(
        women=rounded[0][seen],
        men=rounded[1][seen],
        status=status[seen],
        **{name: values[there][seen] for name, values in keys.items()},
    )
