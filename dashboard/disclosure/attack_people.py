"""The attack on one personal dimension, with those that follow from it (nationality tells its region).

For the public, atoms are the staff of an entity in a grade of one kind; the exact core tells the sums over all kinds.
For the internal audience everything but the kind is exact. There, groups that are not broken down tell nothing of
their kinds, so records that are in the same broken-down groups cannot be told apart and are taken together: what can
be known of one kind among them follows from their sum. This keeps two million atoms down to some ten thousand, and
what is left over between the groups, a difference of two answers, is a group of the lattice that is attacked as well.

The attacker is given which kinds an entity has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dashboard.disclosure.attack_input import ANY, Cells, Certain, Edition, Ints, RowGroups, Withheld, joined
from dashboard.disclosure.attack_model import (
    Groups,
    Model,
    _held,
    certain,
    crossed,
    distinct,
    named,
    pack,
    protected,
    stack,
)
from dashboard.disclosure.attack_tables import broken_down
from dashboard.disclosure.bounds import MEN, WOMEN, Mask
from dashboard.disclosure.policy import Policy

LEVELS = ("", "category", "grade")
#: Coarser places that may follow from a place.
_COARSER = {
    "country": ("unct", "region"),
    "duty_station": ("country", "headquarters"),
    "unct": ("region",),
    "region": (),
    "headquarters": (),
    "department": (),
}


@dataclass(eq=False)
class _Cut:
    """One way of cutting the records into groups: (all or one place) x (all or entity) x (all, category or grade)."""

    place: str
    entity: bool
    level: str
    edition: int
    keys: tuple[str, ...]
    #: Group of each class of records.
    group: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    parents: list[int] = field(default_factory=list)
    #: By dimension: which groups are broken down (internal audience).
    kept: dict[str, Mask] = field(default_factory=dict)
    nodes: dict[str, Groups] = field(default_factory=dict)

    def table(self, dimension: str) -> str:
        """What the table is called."""
        return "+".join(key for key in (dimension, self.place, "entity" if self.entity else "", self.level) if key)


class People:
    """The lattice of one quarter and dimension, ready to be attacked with one withheld list after another."""

    def __init__(self, editions: Sequence[Edition], policy: Policy, dimension: str, audience: str) -> None:
        self.policy = policy
        self.internal = audience == "internal"
        self.quarter = editions[0].records.quarter
        self.places = tuple(policy.internal_places) if self.internal else ()
        if self.internal and len(editions) > 1:
            raise ValueError("the internal audience sees one release at a time")
        self.dimension = dimension
        self.dimensions = (dimension, *editions[0].records.coarser)
        self.told = stack(editions, ("entity", "category", "grade", *self.places, "member", *self.dimensions[1:]))
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
        columns, truth = self.told.columns, self.told.truth
        names = ("version", *self.places, "category", "grade")
        first, row_cell = distinct(pack([columns[name] for name in names]))
        cells = {name: columns[name][first] for name in names}
        cuts: list[_Cut] = []
        at: dict[tuple[str, bool, str, int], int] = {}
        chain = [""] + [place for place in ("region", "headquarters", "unct", "country", "duty_station", "department")
                        if place in self.places]  # fmt: skip
        for level in LEVELS:
            for place in chain:
                for entity in (False, True):
                    if place == "department" and not entity:
                        continue
                    for edition in range(1 if entity else len(self.told.editions)):
                        keys = tuple(key for key in (place, "version" if entity else "", level) if key)
                        cut = _Cut(place, entity, level, edition, keys)
                        own = pack([cells[key] for key in keys]) if keys else np.zeros(len(first), np.int64)
                        raw_first, raw = distinct(own)
                        fathers = [(place, entity, LEVELS[max(LEVELS.index(level) - 1, 0)], edition)]
                        fathers += (
                            [(place, False, level, number) for number in range(len(self.told.editions))]
                            if (entity)
                            else []
                        )
                        fathers += [("", entity, level, edition)]
                        for other in _COARSER.get(place, ()):
                            if other in self.places and (cells[other][raw_first][raw] == cells[other]).all():
                                fathers.append((other, entity, level, edition))
                        cut.parents = sorted({at[father] for father in fathers if father in at})
                        kept = np.ones(len(raw_first), bool)
                        if self.internal:
                            kept[:] = False
                            for dimension in self.dimensions:
                                mask, _ = broken_down(
                                    raw[row_cell], columns[self._member(dimension)], truth[WOMEN], truth[MEN],
                                    self.policy,
                                )  # fmt: skip
                                cut.kept[dimension] = mask
                                kept |= mask
                        mark = kept[raw]
                        parts = [np.where(mark, raw, -1)]
                        parts += [np.where(mark, -1, cuts[parent].group) for parent in cut.parents]
                        ids = distinct(pack(parts))[1]
                        for dimension, mask in cut.kept.items():
                            again = np.zeros(int(ids.max(initial=-1)) + 1, bool)
                            again[ids] = mask[raw]
                            cut.kept[dimension] = again
                        cut.group = ids
                        at[place, entity, level, edition] = len(cuts)
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
        whole = cut.group[groups.columns["class"]]
        if self.internal:
            at = np.flatnonzero(cut.kept[name][whole])
            if cut.place:
                keys["place"] = self.classes[cut.place][groups.columns["class"]]
            rows = None
        else:
            at = np.flatnonzero(self.told.current[number][self.classes["version"][groups.columns["class"]]])
            lists = [edition.published.withheld] + ([withheld] if number == 0 else [])
            rows = joined(*({table: each[table]} for each in lists if table in each)).get(table)
        keys = {key: values[at] for key, values in keys.items()}
        place = keys.pop("place", None)
        open_ = at if rows is None else at[~_held(keys, len(at), rows)]
        for row in (WOMEN, MEN):
            # A group that is broken down has so many others than any one kind.
            sums = np.bincount(whole, groups.truth[row])[whole[open_]]
            most = np.maximum(sums - self.policy.others_at_least, 0)
            self.model.lattice.know(groups.node, open_, row, None, most)
        if self.internal:
            # One column for the level, so that there is one for the place.
            level = keys.get(cut.level) if cut.level else None
            keys = {"member": keys["member"], "entity": keys.get("entity"), "category": level, "grade": place}
            keys = {key: values for key, values in keys.items() if values is not None}
            cells = Cells(
                women=cells.women,
                men=cells.men,
                status=cells.status,
                member=cells.member,
                entity=cells.entity,
                category=getattr(cells, cut.level) if cut.level else None,
                grade=cells.place,
            )
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
                    rest = (
                        ~cut.kept[name][cut.group[groups.columns["class"][at]]]
                        if self.internal
                        else np.zeros(len(at), bool)
                    )
                    why = ["rest" if one else "" for one in rest]
                    found += named(groups, cut.table(name), self.quarter, self._keys(cut, name), at.tolist(), row, why)
        return found

    def _now(self, groups: Groups) -> Mask:
        return self.told.current[0][self.classes["version"][groups.columns["class"]]]

    def attacked(self) -> int:
        """How many protected cells there are, women and men each one, left-over groups of the lattice included."""
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
                for level in LEVELS:
                    every = "+".join(key for key in (name, "entity", level) if key)
                    rows.setdefault(every, set()).add((ANY, cell.entity, ANY, ANY))
        return {name: RowGroups.of(values) for name, values in sorted(rows.items())}
