"""The attack on one personal dimension, with those that follow from it (nationality tells its region).

Atoms are the staff of an entity in a grade of one kind; the exact core tells the sums over all kinds. The internal
audience is another matter: see `attack_inside`.

The attacker is given which kinds an entity has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dashboard.disclosure.attack_input import ANY, Certain, Edition, Ints, RowGroups, Withheld, joined
from dashboard.disclosure.attack_model import (
    Groups,
    Model,
    certain,
    crossed,
    distinct,
    named,
    pack,
    protected,
    stack,
)
from dashboard.disclosure.bounds import MEN, WOMEN, Mask
from dashboard.disclosure.policy import Policy

LEVELS = ("", "category", "grade")


@dataclass(eq=False)
class _Cut:
    """One way of cutting the records into groups: (all or entity) x (all, category or grade)."""

    entity: bool
    level: str
    edition: int
    #: Group of each class of records.
    group: Ints
    parents: list[int] = field(default_factory=list)
    nodes: dict[str, Groups] = field(default_factory=dict)

    def table(self, dimension: str) -> str:
        """What the table is called."""
        return "+".join(key for key in (dimension, "entity" if self.entity else "", self.level) if key)


class People:
    """The lattice of one quarter and dimension, ready to be attacked with one withheld list after another."""

    def __init__(self, editions: Sequence[Edition], policy: Policy, dimension: str) -> None:
        self.policy = policy
        self.quarter = editions[0].records.quarter
        self.dimension = dimension
        self.dimensions = (dimension, *editions[0].records.coarser)
        self.told = stack(editions, ("entity", "category", "grade", "member", *self.dimensions[1:]))
        self.model = Model()
        self._cuts()
        self._nodes()
        self.base = {
            (number, name, row): certain(groups, row)
            for number, cut in enumerate(self.cuts)
            for name, groups in cut.nodes.items()
            for row in (WOMEN, MEN)
        }
        self.saved = self.model.lattice.save()

    def _member(self, dimension: str) -> str:
        return "member" if dimension == self.dimension else dimension

    def _cuts(self) -> None:
        columns = self.told.columns
        names = ("version", "category", "grade")
        first, row_cell = distinct(pack([columns[name] for name in names]))
        cells = {name: columns[name][first] for name in names}
        cuts: list[_Cut] = []
        at: dict[tuple[bool, str, int], int] = {}
        editions = len(self.told.editions)
        for level in LEVELS:
            for entity in (False, True):
                for edition in range(1 if entity else editions):
                    keys = [key for key in ("version" if entity else "", level) if key]
                    packed = pack([cells[key] for key in keys]) if keys else np.zeros(len(first), np.int64)
                    cut = _Cut(entity, level, edition, distinct(packed)[1])
                    above = LEVELS[LEVELS.index(level) - 1] if level else None
                    fathers = [(False, level, number) for number in range(editions)] if entity else []
                    fathers += [] if above is None else [(entity, above, edition)]
                    cut.parents = [at[father] for father in fathers]
                    at[entity, level, edition] = len(cuts)
                    cuts.append(cut)
        # Records in the same groups whichever way they are cut are one class.
        code = cells["version"]
        for cut in cuts:
            code = distinct(pack([code, cut.group]))[1]
        rep, code = distinct(code)
        for cut in cuts:
            cut.group = cut.group[rep]
        self.cuts = cuts
        self.classes = {name: values[rep] for name, values in cells.items()}
        self.row_class = code[row_cell]

    def _nodes(self) -> None:
        columns, truth, model = self.told.columns, self.told.truth, self.model
        dims = [self._member(name) for name in self.dimensions]
        first = np.unique(pack([columns[key] for key in ("version", *dims)]), return_index=True)[1]
        support = {key: columns[key][first] for key in ("version", *dims)}
        self.kinds = np.bincount(support["version"], minlength=len(self.told.entity))
        left, right = crossed(self.classes["version"], support["version"])
        atoms = {"class": left} | {key: support[key][right] for key in dims}
        both = pack([np.concatenate([atoms[key], self.row_class if key == "class" else columns[key]])
                     for key in atoms])  # fmt: skip
        order = np.argsort(both[: len(left)])
        where = order[np.searchsorted(both[: len(left)], both[len(left) :], sorter=order)]
        heads = np.stack([np.bincount(where, truth[row], len(left)) for row in range(3)])
        self.atoms = model.add("atoms", atoms, heads)
        model.exact(model.coarsen("core", ["class"], self.atoms, carry=()))
        children: dict[int, list[int]] = {}
        for number, cut in enumerate(self.cuts):
            for parent in cut.parents:
                children.setdefault(parent, []).append(number)
        for number in range(len(self.cuts) - 1, -1, -1):
            cut = self.cuts[number]
            for index, name in enumerate(self.dimensions):
                key = self._member(name)
                sources = [self.cuts[child].nodes[name] for child in children.get(number, [])] or [self.atoms]
                if index:
                    # The finer dimension of the same cut tells all that is to be told.
                    sources.append(cut.nodes[self.dimension])
                masks: list[Mask | None] = []
                for source in sources:
                    source.columns["cut"] = cut.group[source.columns["class"]]
                    now = self.told.current[cut.edition][self.classes["version"][source.columns["class"]]]
                    masks.append(None if cut.entity else now)
                found = model.coarsen(cut.table(name), ["cut", key], *sources, only=masks[0], also=masks[1:])
                # Any class of a group stands for it: all agree on what the group is.
                source = sources[0]
                chosen = np.arange(source.size) if masks[0] is None else np.flatnonzero(masks[0])
                pick, _ = distinct(pack([source.columns[one][chosen] for one in ("cut", key)]))
                found.columns["class"] = source.columns["class"][chosen[pick]]
                if not index:
                    for dim in dims[1:]:
                        found.columns[dim] = source.columns[dim][chosen[pick]]
                cut.nodes[name] = found
                if not index:
                    total = model.coarsen("sum of " + cut.table(name), ["cut"], found)
                    model.exact(total)
                else:
                    model.link(found, total, ["cut"])

        model.lattice.propagate()

    def _keys(self, cut: _Cut, name: str) -> dict[str, Ints]:
        groups = cut.nodes[name]
        keys = {"member": groups.columns[self._member(name)]}
        rep = groups.columns["class"]
        if cut.entity:
            keys["entity"] = self.told.entity[self.classes["version"][rep]]
        if cut.level:
            keys[cut.level] = self.classes[cut.level][rep]
        return keys

    def run(self, withheld: Withheld) -> tuple[int, list[Certain]]:
        """Attack with the rounded tables, less what is withheld: cells shown, and cells certain beyond the baseline."""
        model = self.model
        model.lattice.restore(self.saved)
        shown = 0
        for cut in self.cuts:
            for name in self.dimensions:
                for number, edition in enumerate(self.told.editions):
                    if not cut.entity and number != cut.edition:
                        continue
                    count = self._tell(cut, name, edition, number, withheld)
                    shown += count if number == 0 else 0
        model.lattice.propagate()
        model.check()
        return shown, self._found()

    def _tell(self, cut: _Cut, name: str, edition: Edition, number: int, withheld: Withheld) -> int:
        table = cut.table(name)
        cells = edition.published.cells.get(table)
        if cells is None:
            return 0
        groups, keys = cut.nodes[name], self._keys(cut, name)
        at = np.flatnonzero(self.told.current[number][self.classes["version"][groups.columns["class"]]])
        lists = [edition.published.withheld] + ([withheld] if number == 0 else [])
        rows = joined(*({table: each[table]} for each in lists if table in each)).get(table)
        keys = {key: values[at] for key, values in keys.items()}
        floor = self.policy.floor_person
        return self.model.tells(groups, keys, at, cells, rows, floor, self.policy)

    def _found(self) -> list[Certain]:
        found: list[Certain] = []
        for number, cut in enumerate(self.cuts):
            if cut.edition:
                continue
            for name, groups in cut.nodes.items():
                now = self._now(groups)
                for row in (WOMEN, MEN):
                    hit = certain(groups, row) & ~self.base[number, name, row] & now
                    if not hit.any():
                        continue
                    at = np.flatnonzero(hit)
                    why = [""] * len(at)
                    found += named(groups, cut.table(name), self.quarter, self._keys(cut, name), at.tolist(), row, why)
        return found

    def _now(self, groups: Groups) -> Mask:
        return self.told.current[0][self.classes["version"][groups.columns["class"]]]

    def attacked(self) -> int:
        """How many protected cells there are, women and men each one."""
        return sum(
            int((protected(groups, row) & self._now(groups)).sum())
            for cut in self.cuts
            if not cut.edition
            for groups in cut.nodes.values()
            for row in (WOMEN, MEN)
        )

    def excepted(self) -> list[Certain]:
        """Protected cells that the core tells by itself, with what kinds an entity has."""
        found: list[Certain] = []
        for number, cut in enumerate(self.cuts):
            if cut.edition:
                continue
            for name, groups in cut.nodes.items():
                for row in (WOMEN, MEN):
                    at = np.flatnonzero(self.base[number, name, row] & self._now(groups))
                    one = self.kinds[self.classes["version"][groups.columns["class"][at]]] == 1
                    why = ["single-member" if single and cut.entity else "core" for single in one]
                    found += named(groups, cut.table(name), self.quarter, self._keys(cut, name), at.tolist(), row, why)
        return found

    def withhold(self, found: Sequence[Certain], wide: int) -> dict[str, RowGroups]:
        """Groups not to be broken down, for cells that are certain: that group; then by all dimensions attacked
        together; then the entity, or that grade or category, in all tables.
        """
        rows: dict[str, set[tuple[int, int, int, int]]] = {}
        for cell in found:
            keys = cell.table.split("+")[1:]
            names = [cell.table.split("+")[0]] if not wide else self.dimensions
            for name in names:
                rows.setdefault("+".join((name, *keys)), set()).add((ANY, cell.entity, cell.category, cell.grade))
                if wide < 2:
                    continue
                if wide > 2:
                    # Nothing else does: the dimension is not broken down at all.
                    for entity in ("", "entity"):
                        for level in LEVELS:
                            every = "+".join(key for key in (name, entity, level) if key)
                            rows.setdefault(every, set()).add((ANY, ANY, ANY, ANY))
                    continue
                for level in LEVELS:
                    every = "+".join(key for key in (name, "entity", level) if key)
                    rows.setdefault(every, set()).add((ANY, cell.entity, ANY, ANY))
        return {name: RowGroups.of(values) for name, values in sorted(rows.items())}
