"""The attack of the internal audience on one personal dimension: everything but the kind of staff is exact for it.

Groups of records are all or one place x all or one entity x all grades, a category or a grade. The rules break only
some of them down; the others tell nothing of their kinds. So the lattice holds the groups that are broken down, each
by kind, and for each of them and each way of dividing it further the rest: those of its records that are in no
divided group. A rest is the difference of answers that can be had, and is attacked like a cell. What is not followed
are the overlaps of groups neither of which contains the other.

The attacker is given which kinds an entity has, and knows every sum over all kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dashboard.disclosure.attack_input import ANY, Cells, Certain, Edition, Ints, RowGroups, Withheld, packed16
from dashboard.disclosure.attack_model import Groups, Model, certain, crossed, distinct, pack, protected
from dashboard.disclosure.bounds import MEN, WOMEN
from dashboard.disclosure.policy import Policy

LEVELS = ("", "category", "grade")
#: From coarse to fine.
_PLACES = ("", "region", "headquarters", "unct", "country", "duty_station", "department")
_SEXES = ((WOMEN, "women"), (MEN, "men"))


@dataclass(eq=False)
class _Cut:
    """One way of cutting the records into groups."""

    place: str
    entity: bool
    level: str
    #: Group of each cell of the exact data, all groups.
    group: Ints
    #: One cell of each group.
    first: Ints
    parents: list[_Cut]
    #: By dimension: the group of each cell where it is broken down, else -1.
    kept: dict[str, Ints] = field(default_factory=dict)
    nodes: dict[str, Groups] = field(default_factory=dict)
    #: Equal for groups of different cuts that hold the same cells.
    names: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))

    def table(self, dimension: str) -> str:
        """What the table is called."""
        return "+".join(key for key in (dimension, self.place, "entity" if self.entity else "", self.level) if key)


class Inside:
    """The lattice of one quarter and dimension as the internal audience sees it."""

    def __init__(self, editions: Sequence[Edition], policy: Policy, dimension: str) -> None:
        if len(editions) > 1:
            raise ValueError("the internal audience sees one release at a time")
        self.records, self.published = editions[0].records, editions[0].published
        self.policy, self.dimension = policy, dimension
        self.dimensions = (dimension, *self.records.coarser)
        self.model = Model()
        self.cuts: list[_Cut] = []
        self._cut()
        self.rests: list[tuple[str, _Cut, Groups]] = []
        self._nodes()
        self.model.lattice.propagate()
        self.base = {id(groups): [certain(groups, row) for row in (WOMEN, MEN)] for groups in self.model.groups}
        self.saved = self.model.lattice.save()

    def _member(self, dimension: str) -> Ints:
        return self.records.column("member" if dimension == self.dimension else dimension)

    def _cut(self) -> None:
        records = self.records
        places = [place for place in _PLACES if not place or place in self.policy.internal_places]
        names = ("entity", *places[1:], "category", "grade")
        first, self.cell = distinct(pack([records.column(name) for name in names]))
        self.cells = {name: records.column(name)[first] for name in names}
        # Sums of these tell which groups hold the same cells, whatever they are called.
        chance = np.random.default_rng(0)
        self.cell_names = chance.integers(0, 1 << 63, len(first), np.uint64)
        for level in LEVELS:
            for place in places:
                for entity in (False, True):
                    # A place by itself: with entity or level, differences tell.
                    if place and (level or entity):
                        continue
                    keys = [key for key in (place, "entity" if entity else "", level) if key]
                    packed = packed16([self.cells[key] for key in keys], len(first))
                    _, one, group = np.unique(packed, return_index=True, return_inverse=True)
                    cut = _Cut(place, entity, level, group, one, [])
                    for dimension in self.dimensions:
                        broken = self.published.broken_down.get(cut.table(dimension), np.zeros(0, np.uint64))
                        cut.kept[dimension] = np.where(np.isin(packed, broken), group, -1)
                    order = np.argsort(group, kind="stable")
                    starts = np.searchsorted(group[order], np.arange(len(one)))
                    # Unsigned numbers wrap around.
                    cut.names = np.add.reduceat(self.cell_names[order], starts)
                    self.cuts.append(cut)
        for cut in self.cuts:
            # Whatever groups of another cut this one's lie in: found from the cells, not from a hierarchy.
            for other in self.cuts:
                if other is not cut and (_within(cut, other) >= 0).any():
                    cut.parents.append(other)

    def _nodes(self) -> None:
        for cut in self.cuts:
            for number, name in enumerate(self.dimensions):
                if not (cut.kept[name] >= 0).any():
                    continue
                groups = cut.nodes[name] = self._groups(cut.table(name), cut.kept[name], name)
                if number and self.dimension in cut.nodes:
                    finer = cut.nodes[self.dimension]
                    there = np.isin(finer.columns["group"], cut.kept[name][cut.kept[name] >= 0])
                    finer.columns[name] = self._follow(finer, name)
                    self.model.link(*self._as(finer, groups, name), only=there)
        for cut in self.cuts:
            for name in self.dimensions:
                for parent in cut.parents:
                    self._divide(cut, parent, name)

    def _as(self, finer: Groups, coarser: Groups, name: str) -> tuple[Groups, Groups, tuple[str, str]]:
        coarser.columns[name] = coarser.columns["member"]
        return finer, coarser, ("group", name)

    def _follow(self, finer: Groups, name: str) -> Ints:
        member, parent = self._member(self.dimension), self._member(name)
        table = np.full(int(member.max(initial=0)) + 1, -1, np.int64)
        table[member] = parent
        return table[finer.columns["member"]]

    def _groups(self, title: str, group: Ints, name: str) -> Groups:
        """Groups of cells by kind (-1: cells of none), with their sums over all kinds, which are exact."""
        records, member = self.records, self._member(name)
        own = np.flatnonzero(group >= 0)
        pairs, _ = distinct(pack([group[own], self.cells["entity"][own]]))
        pairs = own[pairs]
        kinds, _ = distinct(pack([records.entity, member]))
        both = np.concatenate([self.cells["entity"][pairs], records.entity[kinds]])
        left, right = crossed(both[: len(pairs)], both[len(pairs) :])
        ids, members = group[pairs][left], member[kinds][right]
        first = distinct(pack([ids, members]))[0]
        ids, members = ids[first], members[first]
        rows = np.flatnonzero(group[self.cell] >= 0)
        key = pack([np.concatenate([ids, group[self.cell[rows]]]), np.concatenate([members, member[rows]])])
        order = np.argsort(key[: len(ids)])
        where = order[np.searchsorted(key[: len(ids)], key[len(ids) :], sorter=order)]
        women = np.bincount(where, records.women[rows], len(ids))
        men = np.bincount(where, records.men[rows], len(ids))
        found = self.model.add(title, {"group": ids, "member": members}, np.stack([women, men, women + men]))
        self.model.exact(self.model.coarsen("sum of " + title, ["group"], found))
        return found

    def _divide(self, cut: _Cut, parent: _Cut, name: str) -> None:
        """Say that each group is the sum of those it is divided into and the rest."""
        own, above = cut.kept[name], parent.kept[name]
        if name not in parent.nodes or name not in cut.nodes:
            return
        # Groups that lie partly in one group and partly in another tell nothing of either by subtraction.
        own = np.where(_within(cut, parent)[cut.group] >= 0, own, -1)
        inside = (own >= 0) & (above >= 0)
        if not inside.any():
            return
        divided = np.zeros(int(parent.group.max()) + 1, bool)
        divided[above[inside]] = True
        part = (above >= 0) & divided[above]
        shift = int(cut.group.max()) + 1
        cover = np.where(part, np.where(own >= 0, own, above + shift), -1)
        title = f"{parent.table(name)} less {cut.table(name)}"
        groups = self._groups(title, cover, name)
        ids = groups.columns["group"]
        whole = np.full(shift + len(divided), -1, np.int64)
        whole[cover[part]] = above[part]
        groups.columns["parent"] = whole[ids]
        mine, other = cut.nodes[name], parent.nodes[name]
        # The divided groups are those of the finer cut.
        same = np.flatnonzero(ids < shift)
        self._equal(groups, same, mine)
        key = pack(
            [
                np.concatenate([groups.columns["parent"], other.columns["group"]]),
                np.concatenate([groups.columns["member"], other.columns["member"]]),
            ]
        )
        count = groups.size
        order = np.argsort(key[count:])
        code = order[np.searchsorted(key[count:], key[:count], sorter=order)]
        # Kinds that no part can have are not there; groups that are not divided stay as they are.
        self._sum(groups, other, code)
        self.rests.append((title, parent, groups))
        groups.columns["rest"] = (ids >= shift).astype(np.int64)

    def _equal(self, cover: Groups, at: Ints, fine: Groups) -> None:
        key = pack(
            [
                np.concatenate([cover.columns["group"][at], fine.columns["group"]]),
                np.concatenate([cover.columns["member"][at], fine.columns["member"]]),
            ]
        )
        order = np.argsort(key[len(at) :])
        where = order[np.searchsorted(key[len(at) :], key[: len(at)], sorter=order)]
        self._sum(cover, fine, where, at)

    def _sum(self, child: Groups, parent: Groups, code: Ints, only: Ints | None = None) -> None:
        """Link, where only some groups of the parent have parts: those are the parent of a node between."""
        used, dense = np.unique(code, return_inverse=True)
        if len(used) == parent.size:
            self.model.lattice.link(child.node, parent.node, dense, only)
            return
        between = self.model.lattice.node(f"part of {parent.node.name}", len(used))
        self.model.lattice.link(child.node, between, dense, only)
        self.model.lattice.link(parent.node, between, np.arange(len(used)), used)

    def run(self, withheld: Withheld) -> tuple[int, list[Certain]]:
        """Attack with everything that can be asked: cells shown, and cells and rests certain beyond the baseline."""
        model, policy = self.model, self.policy
        model.lattice.restore(self.saved)
        shown = 0
        for cut in self.cuts:
            for name in self.dimensions:
                cells = self.published.cells.get(cut.table(name))
                if cells is None:
                    continue
                if name not in cut.nodes:
                    if len(cells):
                        raise ValueError(f"{cut.table(name)}: no group of it is broken down")
                    continue
                groups = cut.nodes[name]
                keys = self._keys(cut, groups)
                # One column for the level, so that there is one for the place.
                asked = {"member": keys["member"]}
                given: dict[str, Ints | None] = {"member": cells.member}
                for slot, key in (("entity", "entity"), ("category", cut.level), ("grade", "place")):
                    if key in keys:
                        asked[slot] = keys[key]
                        given[slot] = getattr(cells, key)
                if len(cells):
                    there = Cells(women=cells.women, men=cells.men, **given)
                else:
                    there = Cells(women=cells.women, men=cells.men, **{slot: np.zeros(0, np.int64) for slot in asked})
                rows = _asked(withheld.get(cut.table(name)), cut.level)
                shown += model.tells(groups, asked, slice(None), there, rows, policy.floor_person, policy)
        model.lattice.propagate()
        model.check()
        return shown, self._found()

    def _keys(self, cut: _Cut, groups: Groups, group: str = "group") -> dict[str, Ints]:
        cell = cut.first[groups.columns[group]]
        keys = {"member": groups.columns["member"]}
        if cut.place:
            keys["place"] = self.cells[cut.place][cell]
        if cut.entity:
            keys["entity"] = self.cells["entity"][cell]
        if cut.level:
            keys[cut.level] = self.cells[cut.level][cell]
        return keys

    def _found(self, base: bool = False) -> list[Certain]:
        found: list[Certain] = []

        def add(table: str, groups: Groups, keys: dict[str, Ints], why: str, mask: Ints | None) -> None:
            for row, sex in _SEXES:
                hit = self.base[id(groups)][row] if base else certain(groups, row) & ~self.base[id(groups)][row]
                if mask is not None:
                    hit = hit & (mask > 0)
                for at in np.flatnonzero(hit).tolist():
                    values = [int(keys[key][at]) if key in keys else ANY
                              for key in ("member", "entity", "category", "grade")]  # fmt: skip
                    place = int(keys["place"][at]) if "place" in keys else ANY
                    count = int(groups.truth[row][at])
                    found.append(Certain(table, self.records.quarter, *values, sex, count, why, place))

        for cut in self.cuts:
            for name, groups in cut.nodes.items():
                add(cut.table(name), groups, self._keys(cut, groups), "core" if base else "", None)
        for title, parent, groups in self.rests:
            keys = self._keys(parent, groups, "parent")
            add(title, groups, keys, "core" if base else "rest", groups.columns["rest"])
        return found

    def attacked(self) -> int:
        """How many protected cells and rests there are, women and men each one."""
        count = sum(
            int(protected(groups, row).sum()) for cut in self.cuts for groups in cut.nodes.values() for row, _ in _SEXES
        )
        return count + sum(
            int((protected(groups, row) & (groups.columns["rest"] > 0)).sum())
            for _, _, groups in self.rests
            for row, _ in _SEXES
        )

    def excepted(self) -> list[Certain]:
        """Cells and rests that are told by the exact sums and by what kinds an entity has."""
        return self._found(base=True)

    def withhold(self, found: Sequence[Certain], wide: int) -> dict[str, RowGroups]:
        """Groups not to be broken down, for cells that are certain: that group, and of a rest the one it is left of,
        under whichever names the same records go; then by all dimensions attacked together; then also those it is
        divided into; then the whole entity or place. The first column of these rows is the place.
        """
        rows: dict[str, set[tuple[int, int, int, int]]] = {}
        by_table = {cut.table(""): cut for cut in self.cuts}
        for cell in found:
            titles = [title.split("+") for title in cell.table.split(" less ")]
            cut = by_table["+".join(titles[0][1:])]
            for one in [titles[0][0]] if not wide else self.dimensions:
                if wide > 3:
                    # Nothing else does: the dimension is not broken down at all.
                    for every in self.cuts:
                        rows.setdefault(every.table(one), set()).add((ANY, ANY, ANY, ANY))
                    continue
                inside = np.ones(len(self.cell_names), bool)
                levels = (cut.level,) if cut.level else ()
                for key in (*((cut.place,) if cut.place else ()), *(("entity",) if cut.entity else ()), *levels):
                    value = getattr(cell, "place" if key == cut.place else key)
                    inside &= self.cells[key] == value
                name = self.cell_names[inside].sum()
                chosen = [(other, np.flatnonzero(other.names == name)) for other in self.cuts]
                if wide > 1 and len(titles) > 1:
                    less = by_table["+".join(titles[1][1:])]
                    chosen.append((less, np.unique(less.group[inside])))
                if wide > 2:
                    chosen += [(other, np.unique(other.group[inside])) for other in self.cuts if other.entity]
                for other, groups in chosen:
                    for group in groups.tolist():
                        first = other.first[group]
                        row = [self.cells[key][first] if use else ANY
                               for key, use in ((other.place, other.place), ("entity", other.entity),
                                                ("category", other.level == "category"),
                                                ("grade", other.level == "grade"))]  # fmt: skip
                        rows.setdefault(other.table(one), set()).add(tuple(int(value) for value in row))
        return {name: RowGroups.of(values) for name, values in sorted(rows.items())}


def _asked(groups: RowGroups | None, level: str) -> RowGroups | None:
    """Row groups with the place first as those of cells with the level third and the place last."""
    if groups is None:
        return None
    blank = np.full(len(groups), ANY)
    return RowGroups(blank, groups.entity, getattr(groups, level) if level else blank, groups.member)


def _within(cut: _Cut, other: _Cut) -> Ints:
    """For each group of a cut the larger group of another that all of its cells lie in; -1 if there is none."""
    found = other.group[cut.first]
    whole = np.ones(len(found), bool)
    whole[cut.group[other.group != found[cut.group]]] = False
    return np.where(whole & (other.names[found] != cut.names), found, -1)
