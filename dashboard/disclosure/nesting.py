"""Which groups of staff may be broken down beside each other.

Age, nationality and appointment are shown of groups of staff: all, an entity, a grade of it, a country, a station.
Where one group lies wholly within another, whoever subtracts the one breakdown from the other has that of the rest:
of a country with a single woman outside its capital, her age. So a group and what is left of it without the groups
inside it must both be large enough, or one of them is not broken down.

Nesting is found from the people and not from a hierarchy: all of a small entity may sit at one station.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.integer]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Family:
    """One way to divide all staff into groups that share nobody, such as by country.

    `code` holds the group of each cell, numbered from 0; `women` and `men` the heads of each group.
    """

    name: str
    code: Ints
    women: Ints
    men: Ints
    #: Whether signed-in staff alone see these groups broken down.
    internal: bool

    @classmethod
    def of(cls, name: str, code: Ints, women: Ints, men: Ints, *, internal: bool) -> Family:
        """A family from the group, women and men of each cell."""
        size = int(code.max(initial=-1)) + 1
        return cls(name, code, _sums(code, women, size), _sums(code, men, size), internal)

    @property
    def size(self) -> int:
        """How many groups."""
        return len(self.women)

    @property
    def staff(self) -> Ints:
        """Women and men of each group."""
        return self.women + self.men


def broken_down(families: Mapping[str, Family], women: Ints, men: Ints, least: int, nested: int) -> dict[str, Mask]:
    """Which groups of each family may be broken down.

    `women` and `men` are the heads of each cell. A group has at least `least` women and as many men. What remains of a
    group without groups inside it that share nobody (all of one family, or of one and then of another, or one group and
    all of another family outside of it) has nobody of a sex, or at least `nested`. Where it does not, groups that only
    signed-in staff see go first, then the smaller ones.
    """
    kept = {name: (family.women >= least) & (family.men >= least) for name, family in families.items()}
    within = {
        (inner, outer): _within(families[inner], families[outer])
        for inner in families
        for outer in families
        if inner != outer
    }
    found = True
    while found:
        found = False
        for outer in families.values():
            for chain in _chains(families, outer):
                found |= _mend(families, kept, within, outer, chain, (women, men), nested)
            for first, second in _beside(families, outer):
                found |= _mend_one(kept, within, outer, first, second, nested)
    return kept


def _chains(families: Mapping[str, Family], outer: Family) -> Iterator[tuple[Family, ...]]:
    """Families to divide the groups of another by: each by itself, then a place and an entity, either first."""
    others = [family for family in families.values() if family is not outer]
    yield from ((family,) for family in others)
    for first in others:
        for second in others:
            if first.internal != second.internal and "entity" in (first.name + second.name):
                yield first, second


def _beside(families: Mapping[str, Family], outer: Family) -> Iterator[tuple[Family, Family]]:
    """A family to take one group of, and another whose groups outside of that are taken too: entities and places."""
    others = [family for family in families.values() if family is not outer]
    for first in others:
        for second in others:
            if (first.name == "entity" and second.internal) or (first.internal and second.name == "entity"):
                yield first, second


def _mend_one(
    kept: dict[str, Mask],
    within: Mapping[tuple[str, str], Ints],
    outer: Family,
    first: Family,
    second: Family,
    nested: int,
) -> bool:
    """Take groups away until one group of `first` and all of `second` outside of it leave no rest that is too small."""
    changed = False
    pairs = np.unique(first.code.astype(np.int64) * second.size + second.code)
    of_first, of_second = pairs // second.size, pairs % second.size
    above, beside = within[first.name, outer.name], within[second.name, outer.name]
    while True:
        mine = kept[first.name] & (above >= 0)
        mine[mine] = kept[outer.name][above[mine]]
        inside = kept[second.name] & (beside >= 0)
        inside[inside] = kept[outer.name][beside[inside]]
        # Of the second family, those in the same group of `outer` that share somebody with each group of the first.
        touched = inside[of_second] & mine[of_first] & (beside[of_second] == above[of_first])
        small = np.zeros(first.size, bool)
        for whole, heads, others in (
            (outer.women, first.women, second.women), (outer.men, first.men, second.men)
        ):  # fmt: skip
            taken = _sums(beside[inside], others[inside], outer.size)
            shared = _sums(of_first[touched], others[of_second[touched]], first.size)
            rest = whole[above] - heads - taken[above] + shared
            small |= mine & (rest > 0) & (rest < nested)
        # With nothing of the second family outside of it, it is one group inside another.
        some = np.bincount(beside[inside], minlength=outer.size)
        here = np.bincount(of_first[touched], minlength=first.size)
        small &= some[above] > here
        if not small.any():
            return changed
        changed = True
        group = int(np.flatnonzero(small)[0])
        outside = inside & (beside == above[group])
        outside[of_second[touched & (of_first == group)]] = False
        one = np.zeros(first.size, bool)
        one[group] = True
        _drop(kept, within, outer, int(above[group]), [(first, one), (second, outside)])


def _within(inner: Family, outer: Family) -> Ints:
    """For each group of `inner` the larger group of `outer` that all of it lies in; -1 where there is none."""
    first = np.full(inner.size, -1, np.int64)
    first[inner.code] = outer.code
    whole = np.ones(inner.size, bool)
    whole[inner.code[first[inner.code] != outer.code]] = False
    found = np.where(whole, first, -1)
    # The same people under two names are the same answer.
    return np.where((found >= 0) & (outer.staff[found] > inner.staff), found, -1)


def _mend(
    families: Mapping[str, Family],
    kept: dict[str, Mask],
    within: Mapping[tuple[str, str], Ints],
    outer: Family,
    chain: tuple[Family, ...],
    heads: tuple[Ints, Ints],
    nested: int,
) -> bool:
    """Take groups away until no rest of a group of `outer` is too small; says whether any had to go."""
    changed = False
    while True:
        covered = np.zeros(len(outer.code), bool)
        used: list[tuple[Family, Mask]] = []
        for family in chain:
            above = within[family.name, outer.name]
            inside = kept[family.name] & (above >= 0)
            inside[inside] = kept[outer.name][above[inside]]
            if used:
                inside[family.code[covered]] = False
            if not inside.any():
                break
            covered |= inside[family.code]
            used.append((family, inside))
        if len(used) < len(chain):
            return changed
        divided = np.zeros(outer.size, bool)
        for family, inside in used:
            divided[within[family.name, outer.name][inside]] = True
        rests = [_sums(outer.code[~covered], column[~covered], outer.size) for column in heads]
        small = np.zeros(outer.size, bool)
        for rest in rests:
            small |= (rest > 0) & (rest < nested)
        small &= divided
        if not small.any():
            return changed
        changed = True
        for group in np.flatnonzero(small).tolist():
            _drop(kept, within, outer, group, used)


def _drop(
    kept: dict[str, Mask],
    within: Mapping[tuple[str, str], Ints],
    outer: Family,
    group: int,
    used: list[tuple[Family, Mask]],
) -> None:
    """Break down one group less: one that signed-in staff alone see if there is one, else the smallest inner one."""
    inner = [(family, np.flatnonzero(inside & (within[family.name, outer.name] == group))) for family, inside in used]
    inner = [(family, groups) for family, groups in inner if len(groups)]
    internal = [(family, groups) for family, groups in inner if family.internal]
    if not internal and outer.internal:
        kept[outer.name][group] = False
        return
    family, groups = min(internal or inner, key=lambda one: int(one[0].staff[one[1]].min()))
    kept[family.name][groups[int(family.staff[groups].argmin())]] = False


def _sums(code: Ints, column: Ints, size: int) -> Ints:
    return np.bincount(code, column, size).astype(np.int64)


__all__ = ["Family", "broken_down"]
