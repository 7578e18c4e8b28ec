"""The attack on places: atoms are the staff of an entity, or of one place-bound department of it, at one duty station
in one grade; above them stand the tables of the closed list, the exact core and CEB's head-counts.

The attacker is given which entities and place-bound departments are at which duty stations, and which grades an
entity has (among its place-bound departments together, and among the others); not which grades are where.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dashboard.disclosure.attack_input import ANY, Certain, Edition, Ints, RowGroups, Withheld, joined
from dashboard.disclosure.attack_model import Groups, Model, Told, certain, crossed, named, pack, protected, stack
from dashboard.disclosure.bounds import BOTH, MEN, WOMEN, Mask
from dashboard.disclosure.policy import EXACT, PLACE, ROUNDED, Policy, Table

#: From fine to coarse; a link follows wherever one follows from the other.
CHAIN = ("duty_station", "country", "unct", "region", "headquarters")
LEVELS = ("grade", "category", "")
_COLUMNS = ("entity", "sub", "rc", "category", "grade", "unct", "country", "duty_station", "region", "headquarters")
#: How wide to withhold. First what holds the same staff under other names; then the entity in the country and country
#: team as well and what a small place has altogether, or of a place its entities. Only then the region too, which holds
#: far more.
_SAME, _AROUND, _REGION = 0, 1, 2
#: Where the cell's own place does not do: all places of the entity in that grade or category, then in all, then at all
#: levels.
_WIDER, _WHOLE, _WIDEST = 3, 4, 5
#: A sum that tells so many parts at once is loosened before anything else; so many sums at a time.
_TOGETHER, _SUMS = 2, 12
#: The sum itself is not shown up to so many staff. Larger ones are worth more than any of their parts, of which one is
#: not shown then; it takes more parts for that.
_SMALL_SUM, _MANY = 100, 4


class Places:
    """The lattice of one quarter, ready to be attacked with one withheld list after another."""

    def __init__(self, editions: Sequence[Edition], policy: Policy) -> None:
        self.policy = policy
        self.told: Told = stack(editions, _COLUMNS)
        self.quarter = editions[0].records.quarter
        self.model = Model()
        #: By table keys in the order of the policy and, without entity, edition.
        self.by_keys: dict[tuple[str, str, str, int], Groups] = {}
        self._atoms()
        self._tables()
        self._know()
        self.tables = [
            table
            for table in policy.tables().values()
            if table.protection == ROUNDED
            and table.kind == PLACE
            and table.name in editions[0].published.cells
            and (table.dimension != "department" or ("department", "entity", "", 0) in self.by_keys)
        ]
        self.base = [[certain(self.groups(table, 0)[0], row) for row in (WOMEN, MEN)] for table in self.tables]
        self.saved = self.model.lattice.save()

    def _atoms(self) -> None:
        told = self.told
        columns = told.columns
        bound = (columns["sub"] >= 0).astype(np.int64)
        # Places with all that is said of them; where an entity is at one; which grades it has.
        sites = _unique(columns, ("version", "sub", "rc", *CHAIN))
        grades = _unique(columns | {"bound": bound}, ("version", "bound", "rc", "category", "grade"))
        sites["bound"] = (sites["sub"] >= 0).astype(np.int64)
        keys = ("version", "bound", "rc")
        both = pack([np.concatenate([sites[key], grades[key]]) for key in keys])
        left, right = crossed(both[: len(sites["bound"])], both[len(sites["bound"]) :])
        atoms = {key: values[left] for key, values in sites.items()}
        atoms |= {key: grades[key][right] for key in ("category", "grade")}
        keys = ("version", "sub", "rc", *CHAIN, "category", "grade")
        both = pack([np.concatenate([atoms[key], columns[key]]) for key in keys])
        count = len(left)
        order = np.argsort(both[:count])
        where = order[np.searchsorted(both[:count], both[count:], sorter=order)]
        truth = np.stack([np.bincount(where, told.truth[row], count) for row in range(3)])
        self.atoms = self.model.add("atoms", atoms, truth)

    def groups(self, table: Table, edition: int) -> tuple[Groups, dict[str, Ints], Mask | None]:
        """The groups of a table in an edition, their keys as the table names them, and which of them are of it."""
        level = table.keys[-1] if table.keys[-1] in LEVELS else ""
        by_entity = "entity" in table.keys or table.dimension == "department"
        groups = self.by_keys[table.dimension, "entity" if by_entity else "", level, 0 if by_entity else edition]
        keys = {"member": groups.columns["sub" if table.dimension == "department" else table.dimension]}
        if "entity" in table.keys:
            keys["entity"] = self.told.entity[groups.columns["version"]]
        if level:
            keys[level] = groups.columns[level]
        only = self.told.current[edition][groups.columns["version"]] if by_entity else None
        return groups, keys, None if only is None or only.all() else only

    def _tables(self) -> None:
        model, atoms = self.model, self.atoms
        editions = len(self.told.editions)
        fine: Groups = atoms
        for number, level in enumerate(LEVELS):
            for place in (*CHAIN, ""):
                by = [key for key in (place, "version", level) if key]
                carry = (*CHAIN, *(name for name in LEVELS[number + 1 :] if name))
                sources = [
                    groups
                    for groups in (self.by_keys.get((finer, "entity", level, 0)) for finer in _finer(place))
                    if groups is not None and (not place or place in groups.columns)
                ]
                if number:
                    sources.append(self.by_keys[place, "entity", LEVELS[number - 1], 0])
                if not sources:
                    sources = [fine]
                name = "+".join(key for key in (place, "entity", level) if key)
                self.by_keys[place, "entity", level, 0] = model.coarsen(name, by, *sources, carry=carry)
        for edition in range(editions):
            mark = f" (edition {edition})" if edition else ""
            for number, level in enumerate(LEVELS):
                for place in (*CHAIN, ""):
                    by = [key for key in (place, level) if key]
                    own = self.by_keys[place, "entity", level, 0]
                    only = self.told.current[edition][own.columns["version"]]
                    others = [
                        groups
                        for groups in (self.by_keys.get((finer, "", level, edition)) for finer in _finer(place))
                        if groups is not None and (not place or place in groups.columns)
                    ]
                    others = others if not place else others[:1]
                    if number:
                        others.append(self.by_keys[place, "", LEVELS[number - 1], edition])
                    name = ("+".join(by) or "all") + mark
                    carry = (*CHAIN, *(name for name in LEVELS[number + 1 :] if name))
                    self.by_keys[place, "", level, edition] = model.coarsen(
                        name, by, own, *others, only=only, carry=carry
                    )
        bound = atoms.columns["sub"] >= 0
        if bound.any():
            finer = None
            for level in LEVELS:
                by = [key for key in ("sub", "version", level) if key]
                name = "+".join(key for key in ("department", level) if key)
                carry = [key for key in LEVELS if key]
                found = (
                    model.coarsen(name, by, atoms, only=bound, carry=carry)
                    if finer is None
                    else model.coarsen(name, by, finer, carry=carry)
                )
                self.by_keys["department", "entity", level, 0] = finer = found

    def _know(self) -> None:
        """Everything that is exact, then the baseline."""
        model, atoms, policy = self.model, self.atoms, self.policy
        model.exact(model.coarsen("core", ("version", "bound", "rc", "category", "grade"), atoms))
        model.exact(self.by_keys["", "entity", "grade", 0])
        for edition in range(len(self.told.editions)):
            now = self.told.current[edition][atoms.columns["version"]]
            for table in policy.tables().values():
                if table.protection != EXACT:
                    continue
                if "rc" in table.keys:
                    only = now & (atoms.columns["rc"] == 1)
                    if only.any():
                        model.exact(model.coarsen(table.name, [table.dimension], atoms, only=only))
                else:
                    level = table.keys[-1] if table.keys[-1] in LEVELS else ""
                    model.exact(self.by_keys[table.dimension, "", level, edition])
        stations = self.by_keys["duty_station", "entity", "", 0]
        model.lattice.know(stations.node, slice(None), BOTH, stations.truth[BOTH], stations.truth[BOTH])
        model.lattice.propagate()
        self.single = np.bincount(stations.columns["version"], minlength=len(self.told.entity)) == 1

    def run(self, withheld: Withheld) -> tuple[int, list[Certain]]:
        """Attack with the rounded tables, less what is withheld: cells shown, and cells certain beyond the baseline."""
        model = self.model
        model.lattice.restore(self.saved)
        shown = 0
        for number, edition in enumerate(self.told.editions):
            for table in self.policy.tables().values():
                cells = edition.published.cells.get(table.name)
                if table.protection != ROUNDED or table.kind != PLACE or cells is None:
                    continue
                if table.dimension == "department" and ("department", "entity", "", 0) not in self.by_keys:
                    continue
                groups, keys, only = self.groups(table, number)
                at = slice(None) if only is None else np.flatnonzero(only)
                keys = keys if only is None else {key: values[only] for key, values in keys.items()}
                # What an earlier release showed it has shown: only its own list helps there.
                lists = [edition.published.withheld] + ([withheld] if number == 0 else [])
                rows = joined(*({table.name: each[table.name]} for each in lists if table.name in each))
                count = model.tells(groups, keys, at, cells, rows.get(table.name), table.floor, self.policy)
                shown += count if number == 0 else 0
        model.lattice.told = []
        model.lattice.propagate()
        self.sums = sorted(model.lattice.told, key=lambda one: -one[0])
        model.lattice.told = None
        model.check()
        found: list[Certain] = []
        for table, base in zip(self.tables, self.base, strict=True):
            groups, keys, only = self.groups(table, 0)
            for row in (WOMEN, MEN):
                hit = certain(groups, row) & ~base[row]
                if only is not None:
                    hit &= only
                at = np.flatnonzero(hit)
                found += named(groups, table.name, self.quarter, keys, at.tolist(), row, [""] * len(at))
        return shown, found

    def attacked(self) -> int:
        """How many protected cells there are, women and men each one."""
        count = 0
        for table in self.tables:
            groups, _, only = self.groups(table, 0)
            for row in (WOMEN, MEN):
                mask = protected(groups, row)
                count += int(mask.sum() if only is None else mask[only].sum())
        return count

    def excepted(self) -> list[Certain]:
        """Protected cells that the core and CEB's head-counts tell by themselves."""
        found: list[Certain] = []
        for table, base in zip(self.tables, self.base, strict=True):
            groups, keys, only = self.groups(table, 0)
            for row in (WOMEN, MEN):
                hit = base[row] if only is None else base[row] & only
                at = np.flatnonzero(hit)
                why = ["core"] * len(at)
                if "version" in groups.columns:
                    single = self.single[groups.columns["version"][at]]
                    why = ["single-location" if one else "core" for one in single]
                found += named(groups, table.name, self.quarter, keys, at.tolist(), row, why)
        return found

    def loosen(self, held: Withheld) -> tuple[dict[str, RowGroups], set[tuple[str, int, int, int]]]:
        """Where a sum told all its parts at once (each was as large as it could be, or as small), the sum is not shown.
        Where it is large or exact, or known without being shown, the part that is freest without rounded tables gives
        the others their freedom back: that entity is not shown by this place dimension, in this grade or category.

        Returns row groups, and whose parts they are to help: (table, member, category, grade).
        """
        where = {id(groups.node): (key, groups) for key, groups in self.by_keys.items()}
        rows: dict[str, set[tuple[int, int, int, int]]] = {}
        helped: set[tuple[str, int, int, int]] = set()
        over = [one for one in self.sums if one[0] >= _TOGETHER and id(one[2]) in where and id(one[1]) in where]
        # Sums over entities only: within one entity its own places are what is to be withheld.
        over = [one for one in over if where[id(one[2])][0][1] and not where[id(one[1])][0][1]]
        there = {table.name for table in self.tables}
        base = {id(node): bounds for node, bounds in zip(self.model.lattice.nodes, self.saved, strict=True)}
        for many, _, child, parts in over[:_SUMS]:
            (place, _, level, _), groups = where[id(child)]
            name = "+".join(key for key in (place, "entity", level) if key)
            if name not in there:
                continue
            known = (set(held[name].rows()) if name in held else set()) | rows.get(name, set())
            same = groups.columns[place] == groups.columns[place][parts[0]]
            if level:
                same &= groups.columns[level] == groups.columns[level][parts[0]]
            total = "+".join(key for key in (place, level) if key)
            kind = int(groups.columns[level][parts[0]]) if level else ANY
            kinds = (kind, ANY) if level == "category" else (ANY, kind)
            member = int(groups.columns[place][parts[0]])
            if total in there and groups.truth[BOTH][same].sum() <= _SMALL_SUM:
                row = (member, ANY, *kinds)
                if row not in rows.get(total, set()) and not (total in held and row in held[total].rows()):
                    rows.setdefault(total, set()).add(row)
                    helped.add((name, member, *kinds))
                    continue
            if many < _MANY:
                continue
            at = np.flatnonzero(same & self.told.current[0][groups.columns["version"]])
            low, high = base[id(child)]
            wide = (high - low)[:BOTH, at].sum(axis=0)
            for one in at[np.argsort(-wide)].tolist():
                row = (ANY, int(self.told.entity[groups.columns["version"][one]]), *kinds)
                if row not in known and (*row[:2], ANY, ANY) not in known:
                    rows.setdefault(name, set()).add(row)
                    helped.add((name, member, *kinds))
                    break
        return {name: RowGroups.of(values) for name, values in sorted(rows.items())}, helped

    def withhold(self, found: Sequence[Certain], wide: int) -> dict[str, RowGroups]:
        """Row groups to withhold, in all quarters, for cells that are certain."""
        columns = self.atoms.columns
        entity = self.told.entity[columns["version"]]
        now = self.told.current[0][columns["version"]]
        there = {table.name for table in self.tables}
        rows: dict[str, set[tuple[int, int, int, int]]] = {}
        done: set[tuple[str, int, int]] = set()
        if wide == _WIDEST + 1:
            # Nothing of the place, whichever entities and levels: who else is there may be what tells.
            for cell in found:
                place = self.policy.tables()[cell.table].keys[0]
                for table in self.tables:
                    if table.dimension == place:
                        rows.setdefault(table.name, set()).add((cell.member, ANY, ANY, ANY))
            return {name: RowGroups.of(values) for name, values in sorted(rows.items())}
        if wide > _WIDEST:
            # Nothing else does: the levels of these cells are not shown by place at all, in the end no level is.
            last = {table.name: table.keys[-1] if table.keys[-1] in LEVELS else "" for table in self.tables}
            levels = {last[cell.table] for cell in found} if wide == _WIDEST + 2 else set(LEVELS)
            return {name: RowGroups.of([(ANY, ANY, ANY, ANY)]) for name, level in last.items() if level in levels}
        for cell in found:
            keys = self.policy.tables()[cell.table].keys
            level = keys[-1] if keys[-1] in LEVELS else ""
            done_key = (cell.table, cell.member, cell.entity)
            if done_key in done:
                continue
            done.add(done_key)
            possible = now & (entity == cell.entity) if cell.entity != ANY else now
            mine = possible & (columns["sub" if keys[0] == "department" else keys[0]] == cell.member)
            if wide < _REGION and (wide or keys[0] != "department"):
                near = self._near(cell, level, mine, possible, wide) if keys[0] != "department" else ()
                for name, row in near:
                    if name in there:
                        rows.setdefault(name, set()).add(row)
                continue
            if cell.entity == ANY and (keys[0] != "department" or not wide):
                rows.setdefault(cell.table, set()).add((cell.member, ANY, ANY, ANY))
                if wide < _WIDER:
                    continue
                if wide >= _WIDEST:
                    # This grade or category is rare: not shown by place at all. A place: nor its country.
                    for table in self.tables:
                        last = table.keys[-1] if table.keys[-1] in LEVELS else ""
                        if level and last == level and table.dimension != "department":
                            rows.setdefault(table.name, set()).add((ANY, ANY, cell.category, cell.grade))
                        elif not level and table.dimension in (keys[0], *CHAIN[:3]):
                            values = np.unique(columns[table.dimension][mine]).tolist()
                            rows.setdefault(table.name, set()).update((value, ANY, ANY, ANY) for value in values)
                    continue
            held = [ANY] if cell.entity == ANY and keys[0] != "department" else np.unique(entity[mine]).tolist()
            levels = [level] if wide < _WIDEST else ["grade", "category", ""]
            for one in held:
                for place in CHAIN:
                    values = np.unique(columns[place][mine]).tolist()
                    for deep in levels:
                        name = "+".join(key for key in (place, "entity", deep) if key)
                        if name not in there:
                            continue
                        if one != ANY and wide >= _WIDER:
                            # First only in this grade or category.
                            own = (cell.category, cell.grade) if wide < _WHOLE else (ANY, ANY)
                            rows.setdefault(name, set()).add((ANY, one, *own))
                        elif one == ANY:
                            # In all entities: only this grade or category, the others are none of its business.
                            own = (cell.category, cell.grade) if deep == level else (ANY, ANY)
                            rows.setdefault(name, set()).update((value, ANY, *own) for value in values)
                        elif len(values) == 1:
                            rows.setdefault(name, set()).add((values[0], one, ANY, ANY))
            if wide >= _WIDER:
                subs = np.unique(columns["sub"][mine])
                for deep in levels:
                    name = "+".join(key for key in ("department", deep) if key)
                    if name in there:
                        rows.setdefault(name, set()).update((sub, ANY, ANY, ANY) for sub in subs[subs >= 0].tolist())
        return {name: RowGroups.of(values) for name, values in sorted(rows.items()) if values}

    def _near(
        self, cell: Certain, level: str, mine: Mask, possible: Mask, wide: int
    ) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
        """Row groups near a cell, for the first steps: (table, row group). `mine` are the atoms of the cell, `possible`
        those of its entity, or all.
        """
        for place in CHAIN:
            column = self.atoms.columns[place]
            values = np.unique(column[mine])
            if len(values) != 1:
                continue
            value = int(values[0])
            same = (possible & (column == value)).sum() == mine.sum()
            by_entity = "+".join(key for key in (place, "entity", level) if key)
            if cell.entity != ANY and (same or (wide == _AROUND and place in CHAIN[:3])):
                yield by_entity, (value, cell.entity, ANY, ANY)
                staff = self.atoms.truth[BOTH][column == value]
                if same and wide == _AROUND and staff.sum() <= _SMALL_SUM:
                    yield "+".join(key for key in (place, level) if key), (value, ANY, cell.category, cell.grade)
            elif cell.entity == ANY and same:
                yield "+".join(key for key in (place, level) if key), (value, ANY, ANY, ANY)
                if wide == _AROUND:
                    yield by_entity, (value, ANY, cell.category, cell.grade)


def _finer(place: str) -> tuple[str, ...]:
    """Place dimensions that could be as fine or finer, the coarsest first."""
    if not place:
        return ("headquarters", "region")
    if place == "headquarters":
        return ("duty_station",)
    return tuple(reversed(CHAIN[: CHAIN.index(place)]))


def _unique(columns: dict[str, Ints], keys: Sequence[str]) -> dict[str, Ints]:
    _, first = np.unique(pack([columns[key] for key in keys]), return_index=True)
    return {key: columns[key][first] for key in keys}
