"""What the attacks on places and on people share: groups of a lattice with their keys, and what tables tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.disclosure.attack_input import ANY, KEYS, AttackError, Cells, Certain, Edition, Ints, RowGroups
from dashboard.disclosure.bounds import BOTH, MEN, WOMEN, Floats, Index, Lattice, Mask, Node
from dashboard.disclosure.policy import Policy

#: A protected cell holds so many of one sex, 1 to this.
SMALL = 5
_SEXES = ((WOMEN, "women"), (MEN, "men"))


def pack(columns: Sequence[Ints]) -> Ints:
    """One number for each row, the same for rows that agree in all columns. Values are -1 or more."""
    key = np.zeros(len(columns[0]), np.int64)
    span = 1
    for column in columns:
        wide = int(column.max(initial=-1)) + 2
        span *= wide
        if span >= 1 << 62:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
            span = (int(key.max(initial=0)) + 1) * wide
        key = key * wide + (column + 1)
    return key


def distinct(key: Ints) -> tuple[Index, Index]:
    """Positions of one row for each value of the key, and for each row which value it has; in the order of values."""
    size = int(key.max(initial=-1)) + 1
    if size <= 24 * len(key) + 1024:
        # Few enough values to mark each of them: about twice as fast as sorting.
        first = np.full(size, -1, np.int64)
        first[key[::-1]] = np.arange(len(key) - 1, -1, -1)
        there = first >= 0
        code = np.cumsum(there) - 1
        return first[there], code[key]
    _, first, code = np.unique(key, return_index=True, return_inverse=True)
    return first, code


def heads(code: Index, size: int, truth: Floats) -> Floats:
    """Sums of women, men and both by group."""
    return np.stack([np.bincount(code, truth[row], size) for row in range(3)])


@dataclass(eq=False)
class Groups:
    """A node of the lattice with the keys of its groups, the truth (to be attacked) and what it is called."""

    node: Node
    columns: dict[str, Ints]
    truth: Floats

    @property
    def size(self) -> int:
        """How many groups."""
        return self.node.size


class Model:
    """A lattice under construction."""

    def __init__(self) -> None:
        self.lattice = Lattice()
        self.groups: list[Groups] = []

    def add(self, name: str, columns: dict[str, Ints], truth: Floats) -> Groups:
        """Groups that are the sums of none so far."""
        groups = Groups(self.lattice.node(name, truth.shape[1]), columns, truth)
        self.groups.append(groups)
        return groups

    def coarsen(
        self,
        name: str,
        by: Sequence[str],
        source: Groups,
        *others: Groups,
        only: Mask | None = None,
        carry: Iterable[str] = (),
        also: Sequence[Mask | None] = (),
    ) -> Groups:
        """Groups of `source` by some of its columns, linked to it and to `others` that are as fine or finer.

        `only`: those groups of the source that are meant; `also` the same for the others. Columns to `carry` are kept
        where they follow from the new groups.
        """
        chosen = None if only is None or only.all() else np.flatnonzero(only)
        columns = {key: values if chosen is None else values[chosen] for key, values in source.columns.items()}
        truth = source.truth if chosen is None else source.truth[:, chosen]
        first, code = distinct(pack([columns[key] for key in by]) if by else np.zeros(truth.shape[1], np.int64))
        kept = {key: columns[key][first] for key in by}
        for key in carry:
            if key in columns and key not in kept:
                value = columns[key][first]
                if (value[code] == columns[key]).all():
                    kept[key] = value
        found = self.add(name, kept, heads(code, len(first), truth))
        self.lattice.link(source.node, found.node, code, chosen)
        for number, other in enumerate(others):
            self.link(other, found, by, also[number] if number < len(also) else None)
        return found

    def link(self, child: Groups, parent: Groups, by: Sequence[str], only: Mask | None = None) -> None:
        """Say that `parent` is the sum of `child`, whose groups agree with it in the columns `by`."""
        chosen = None if only is None or only.all() else np.flatnonzero(only)
        fine = [child.columns[key] if chosen is None else child.columns[key][chosen] for key in by]
        coarse = [parent.columns[key] for key in by]
        count = child.size if chosen is None else len(chosen)
        both = [np.concatenate(pair) for pair in zip(fine, coarse, strict=True)]
        _, code = distinct(pack(both) if both else np.zeros(count + parent.size, np.int64))
        where = np.full(int(code.max()) + 1, -1, np.int64)
        where[code[count:]] = np.arange(parent.size)
        self.lattice.link(child.node, parent.node, where[code[:count]], chosen)

    def exact(self, groups: Groups) -> None:
        """Women and men of these groups are known."""
        for row in range(3):
            self.lattice.know(groups.node, slice(None), row, groups.truth[row], groups.truth[row])

    def tells(
        self,
        groups: Groups,
        keys: Mapping[str, Ints],
        at: Index | slice,
        cells: Cells,
        withheld: RowGroups | None,
        floor: int,
        policy: Policy,
    ) -> int:
        """What a rounded table tells of the groups `at` whose keys as the table names them are `keys`; how many cells
        it shows.
        """
        name = groups.node.name
        size = len(next(iter(keys.values())))
        mine = _codes([keys.get(key) for key in KEYS], size)
        theirs = _codes([getattr(cells, key) if key in keys else None for key in KEYS], len(cells))
        order = np.argsort(theirs)
        theirs = theirs[order]
        if len(theirs) and (theirs[1:] == theirs[:-1]).any():
            raise AttackError(f"{name}: a cell stands there twice")
        held = np.zeros(size, bool) if withheld is None else _held(keys, size, withheld)
        place = np.searchsorted(theirs, mine)
        place[place == len(theirs)] = 0
        shown = theirs[place] == mine if len(theirs) else np.zeros(size, bool)
        if shown.sum() != len(theirs):
            raise AttackError(f"{name}: {len(theirs) - int(shown.sum())} cells are shown of groups without staff")
        shown &= ~held
        position = order[place[shown]]
        index = np.arange(groups.size)[at]
        # What is said of a cell follows from its rounded numbers, so these and their error are all there is to know.
        off, both = float(policy.error), float(policy.error_together)
        lattice, node = self.lattice, groups.node
        rounded = np.stack([np.asarray(cells.women)[position], np.asarray(cells.men)[position]]).astype(np.float64)
        seen = index[shown]
        # A count of zero is shown as zero: a sex that is shown has somebody.
        low, high = rounded - off, rounded + off
        persons = rounded.sum(axis=0)
        fewest, most_of_both = persons - both, persons + both
        least = np.maximum(low, rounded > 0)
        for row in (WOMEN, MEN):
            lattice.know(node, seen, row, least[row], high[row])
        # Offsets are at most so much: a cell that is shown has the floor less both.
        lattice.know(node, seen, BOTH, np.maximum(fewest, floor - 2 * policy.offset), most_of_both)
        fewer = index[~shown & ~held]
        # Under the floor is what is so as rounded (multiples of the base together below it), or with its offsets.
        most = float((floor - 1) // policy.base * policy.base)
        for row in (WOMEN, MEN):
            lattice.know(node, fewer, row, None, max(most + off, floor - 1 + policy.offset))
        lattice.know(node, fewer, BOTH, None, max(most + both, floor - 1 + 2 * policy.offset))
        return len(seen)

    def check(self) -> None:
        """The truth must be within the bounds: else what is published cannot come from these records."""
        for groups in self.groups:
            node = groups.node
            wrong = (node.lo > groups.truth) | (node.hi < groups.truth)
            if wrong.any():
                at = int(np.flatnonzero(wrong.any(axis=0))[0])
                keys = {key: int(values[at]) for key, values in groups.columns.items()}
                raise AttackError(f"{node.name}: what is published does not agree with the records at {keys}")


def protected(groups: Groups, row: int) -> Mask:
    """Groups with 1 to 5 of this sex."""
    return (groups.truth[row] >= 1) & (groups.truth[row] <= SMALL)


def certain(groups: Groups, row: int) -> Mask:
    """Protected groups whose bounds have met."""
    return protected(groups, row) & (groups.node.lo[row] == groups.node.hi[row])


def named(
    groups: Groups, table: str, quarter: int, keys: Mapping[str, Ints], at: Iterable[int], row: int, why: Iterable[str]
) -> list[Certain]:
    """Groups of a table as `Certain` values."""
    sex = _SEXES[row][1]
    found = []
    for index, reason in zip(at, why, strict=True):
        values = [int(keys[key][index]) if key in keys else ANY for key in KEYS]
        found.append(Certain(table, quarter, *values, sex, int(groups.truth[row][index]), reason))
    return found


def _codes(columns: Sequence[Ints | None], size: int) -> Ints:
    """The four keys of cells as one number; the same whatever else is in the table."""
    code = np.zeros(size, np.uint64)
    for column in columns:
        code = code << np.uint64(16)
        if column is not None:
            code = code | np.asarray(column).astype(np.uint64)
    return code


def _held(keys: Mapping[str, Ints], size: int, groups: RowGroups) -> Mask:
    """Which cells are in withheld row groups."""
    held = np.zeros(size, bool)
    table = np.stack([getattr(groups, key) for key in KEYS])
    fixed = table != ANY
    pattern = fixed[0] * 8 + fixed[1] * 4 + fixed[2] * 2 + fixed[3]
    for shape in np.unique(pattern):
        rows = pattern == shape
        used = [i for i, key in enumerate(KEYS) if shape >> (3 - i) & 1]
        if any(KEYS[i] not in keys for i in used):
            raise AttackError(f"withheld row groups name a key that the table has not: {KEYS}")
        if not used:
            return np.ones(size, bool)
        mine = _codes([keys[KEYS[i]] for i in used], size)
        held |= np.isin(mine, _codes([table[i][rows] for i in used], int(rows.sum())))
    return held


@dataclass(frozen=True, eq=False)
class Told:
    """Editions of one quarter stacked: each version of an entity is an unknown of its own, told by some editions.

    `version` of each row of `columns`; `entity` of each version; `current[edition, version]`.
    """

    editions: tuple[Edition, ...]
    columns: dict[str, Ints]
    truth: Floats
    entity: Ints
    current: Mask


def stack(editions: Sequence[Edition], names: Sequence[str]) -> Told:
    """Bring editions of one quarter together; the first is the one attacked. Editions that say the same again are
    left out, and so are versions of an entity that several editions agree on.
    """
    kept: list[Edition] = []
    seen = set()
    for edition in editions:
        digest = (edition.records.digest(), edition.published.digest(), _listed(edition))
        if digest not in seen:
            seen.add(digest)
            kept.append(edition)
    versions: dict[tuple[int, bytes], int] = {}
    pieces: list[tuple[Edition, Index, Ints]] = []
    per_edition = []
    for edition in kept:
        records = edition.records
        order = np.lexsort(
            [records.column(name) for name in ("men", "women", *reversed(names))] + [records.column("entity")]
        )
        entity = records.entity[order]
        starts = np.flatnonzero(np.r_[True, entity[1:] != entity[:-1]]) if len(entity) else np.zeros(0, np.int64)
        ends = np.r_[starts[1:], len(entity)]
        if len(kept) > 1:
            table = np.stack([records.column(name)[order] for name in (*names, "women", "men")], axis=1)
        mine = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            content = table[start:end].tobytes() if len(kept) > 1 else b""
            key = (int(entity[start]), content)
            if key not in versions:
                versions[key] = len(versions)
                pieces.append((edition, order[start:end], np.full(end - start, versions[key])))
            mine.append(versions[key])
        per_edition.append(mine)
    current = np.zeros((len(kept), len(versions)), bool)
    for number, mine in enumerate(per_edition):
        current[number, mine] = True
    columns = {
        name: np.concatenate([edition.records.column(name)[rows] for edition, rows, _ in pieces])
        if pieces
        else np.zeros(0, np.int64)
        for name in names
    }
    columns["version"] = np.concatenate([version for _, _, version in pieces]) if pieces else np.zeros(0, np.int64)
    sexes = [
        np.concatenate([edition.records.column(name)[rows] for edition, rows, _ in pieces]).astype(np.float64)
        if pieces
        else np.zeros(0)
        for name in ("women", "men")
    ]
    truth = np.stack([*sexes, sexes[0] + sexes[1]])
    return Told(tuple(kept), columns, truth, np.array([key[0] for key in versions], np.int64), current)


def _listed(edition: Edition) -> tuple[object, ...]:
    return tuple((name, tuple(groups.rows())) for name, groups in sorted(edition.published.withheld.items()))


def crossed(left: Ints, right: Ints) -> tuple[Index, Index]:
    """All pairs of rows of two sides whose keys agree (keys of both sides are packed alike)."""
    order = np.argsort(right, kind="stable")
    ordered = right[order]
    start = np.searchsorted(ordered, left, "left")
    count = np.searchsorted(ordered, left, "right") - start
    total = int(count.sum())
    one = np.repeat(np.arange(len(left)), count)
    within = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
    return one, order[np.repeat(start, count) + within]
