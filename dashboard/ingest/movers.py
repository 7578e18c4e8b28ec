"""Looks for movers in releases as a reader would who keeps every table: who came or left between two quarters?

Everybody knows how many of an entity and grade came and left, and what everybody is shown of places and persons.
Signed-in staff know besides at which place, and are shown persons by place as well. Each quarter is told once
(`ingest.told`), so there is nothing to compare between two releases of one, but after a change of policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from dashboard.disclosure import attack_movers
from dashboard.disclosure.attack_input import RowGroups, packed16
from dashboard.disclosure.attack_movers import AROUND, Guess, Seen, Verdict
from dashboard.disclosure.policy import ROUNDED, Policy
from dashboard.ingest import attacks, cells, groups, told
from dashboard.ingest.source import Source, attach

#: What is looked for, the finest first: a station lies in one country, one team, one region.
CHAINS: Sequence[tuple[str, ...]] = (
    ("duty_station", "country", "unct", "region"),
    ("age_group",),
    ("nationality", "nationality_region", "regional_group"),
    ("appointment",),
)
#: What signed-in staff know of somebody who came or left, beside entity and grade.
PLACES = ("duty_station", "country", "unct", "region", "headquarters", "department")
#: By which a mover is known to everybody.
GROUP = ("entity", "grade")


class Cell(NamedTuple):
    """One cell of one quarter: what is true, what tells its draw from others, and what is shown of it.

    `told` is False where nothing is said of the cell, not even that it is under its floor.
    """

    heads: tuple[int, int]
    content: tuple[int, int]
    group: int
    told: bool
    seen: Seen


@dataclass
class Rounded:
    """The cells of one table and quarter, sorted by group and member, and what is shown of them."""

    keys: tuple[str, ...]
    packed: npt.NDArray[np.uint64] = field(repr=False)
    columns: Mapping[str, npt.NDArray] = field(repr=False)
    codes: Sequence[str] = field(repr=False)
    _known: dict[int, dict[str, Cell]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, keys: tuple[str, ...], true: Mapping[str, npt.NDArray], shown: cells.Columns, hidden: RowGroups | None,
        codes: Sequence[str],
    ) -> Rounded:  # fmt: skip
        """From the true cells (columns of `keys` and of `Cell`, "member" the code's id) and those that are shown.

        `hidden` are rows of which nothing is said, where `true` does not have it as a column "told".
        """
        packed = packed16([true[name] for name in (*keys, "member")], len(true["member"]))
        order = np.argsort(packed, kind="stable")
        packed = packed[order]
        true = {name: column[order] for name, column in true.items()}
        of_shown = packed16([shown[name] for name in (*keys, "member")], len(shown["member"]))
        at_shown = np.argsort(of_shown)
        at, some = groups.places_of(of_shown[at_shown], packed)
        women, men = (
            np.where(some, shown[sex][at_shown][at], 0) if len(of_shown) else np.zeros(len(packed), np.int64)
            for sex in cells.SEXES
        )
        names = ("member", "women", "men", "women_content", "men_content", "group")
        clear = true["told"] if hidden is None else ~cells.inside(true, hidden)
        seen = {"told": clear, "some": some, "shown_women": women, "shown_men": men}
        return cls(keys, packed, {name: true[name] for name in names} | seen, codes)

    def cells(self, group: int) -> dict[str, Cell]:
        """By member, the cells of a group with these packed keys."""
        if group not in self._known:
            self._known[group] = self._cells(group)
        return self._known[group]

    def _cells(self, group: int) -> dict[str, Cell]:
        low, high = np.searchsorted(self.packed, np.array([group << 16, (group + 1) << 16], np.uint64))
        rows = zip(*(column[low:high].tolist() for column in self.columns.values()), strict=True)
        return {
            self.codes[member]: Cell(
                (women, men), (of_women, of_men), content, told_, (shown_women, shown_men) if some else None
            )
            for member, women, men, of_women, of_men, content, told_, some, shown_women, shown_men in rows
        }


@dataclass
class Sheet:
    """What is told of one quarter, with what is true: tables by name, those of signed-in staff too."""

    source: Source
    tables: Mapping[str, Rounded] = field(repr=False)
    #: By entity that gives movements, how many came, left or were promoted, by grade.
    movements: Mapping[str, Mapping[str, int]] = field(repr=False)
    #: The rows of staff_core, and those of staff, as ids.
    core: cells.Columns = field(repr=False)
    staff: cells.Columns = field(repr=False)
    _people: dict[str, dict[tuple[str, str], dict[str, tuple[int, int]]]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, source: Source, quarter: str) -> Sheet:
        """Read a quarter of the release that told it, whose files are attached as `i` and `p`."""
        number = source.ids["quarter"][quarter]
        rows = source.rows(number)
        movements: dict[str, dict[str, int]] = {}
        for entity, grade, heads in connection.execute(_MOVEMENTS, [number]).fetchall():
            movements.setdefault(source.by_id["entity"][entity], {})[source.by_id["grade"][grade]] = heads
        tables = dict(_of_places(connection, source, quarter, rows.core))
        tables |= _of_persons(connection, source, number, rows.core, rows.staff)
        return cls(source, tables, movements, rows.core, rows.staff)

    def cells(self, table: str, of: Mapping[str, str]) -> dict[str, Cell]:
        """By member, the cells of the group that people of these codes are in."""
        if table not in self.tables:
            return {}
        found = self.tables[table]
        numbers = [self.source.ids[name].get(of[name], -1) for name in found.keys]
        if -1 in numbers:
            return {}
        group = 0
        for number in numbers:
            group = group << 16 | number
        return found.cells(group)

    def people(self, dimension: str) -> Mapping[tuple[str, str], Mapping[str, tuple[int, int]]]:
        """By entity and grade, the women and men of each member of a dimension that has any: what is true."""
        if dimension not in self._people:
            rows = self.core
            if dimension not in rows:
                regular = self.staff["appointment"] != self.source.codes.temporary
                rows = {name: self.staff[name][regular] for name in (*GROUP, dimension, *cells.SEXES)}
            sums = cells.Sums(
                [rows[name] for name in (*GROUP, dimension)], [rows[sex].astype(np.int64) for sex in cells.SEXES]
            )
            named = [
                [self.source.by_id[name][number] for number in sums.key(at).tolist()]
                for at, name in enumerate((*GROUP, dimension))
            ]
            found: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
            for entity, grade, member, women, men in zip(*named, *(one.tolist() for one in sums.sums), strict=True):
                if women + men:
                    found.setdefault((entity, grade), {})[member] = women, men
            self._people[dimension] = found
        return self._people[dimension]

    def at(self, entity: str, grade: str) -> dict[tuple[str, ...], tuple[int, int]]:
        """Women and men of an entity and grade, by all of `PLACES`."""
        ids = self.source.ids
        return self._at.get((ids["entity"].get(entity, -1), ids["grade"].get(grade, -1)), {})

    @cached_property
    def _at(self) -> dict[tuple[int, int], dict[tuple[str, ...], tuple[int, int]]]:
        found: dict[tuple[int, int], dict[tuple[str, ...], tuple[int, int]]] = {}
        columns = [self.core[name].tolist() for name in (*GROUP, *cells.SEXES, *PLACES)]
        by_id = [self.source.by_id[name] for name in PLACES]
        for entity, grade, women, men, *places in zip(*columns, strict=True):
            here = found.setdefault((entity, grade), {})
            place = tuple(codes[number] for codes, number in zip(by_id, places, strict=True))
            known = here.get(place, (0, 0))
            here[place] = known[0] + women, known[1] + men
        return found


_MOVEMENTS = "select entity, grade, sum(women + men)::bigint from i.movements where quarter = $1 group by all"


def _of_places(
    connection: duckdb.DuckDBPyConnection, source: Source, quarter: str, core: cells.Columns
) -> Iterator[tuple[str, Rounded]]:
    number = source.ids["quarter"][quarter]
    shown = attacks.read_public(connection, source, quarter)
    at = {name: which for which, name in enumerate(source.policy.tables())}
    for found in cells.Quarter(number, core, source.codes, source.policy).tables():
        table = found.table
        if table.protection == ROUNDED and table.dimension in CHAINS[0]:
            cells_, hidden = shown.of(at[table.name], number)
            rows = zip(*(hidden[name].tolist() for name in cells.GROUP), strict=True)
            codes = source.by_id[table.dimension]
            yield table.name, Rounded.of(table.keys[1:], found.columns, cells_, RowGroups.of(rows), codes)


def _of_persons(
    connection: duckdb.DuckDBPyConnection, source: Source, number: int, core: cells.Columns, staff: cells.Columns
) -> dict[str, Rounded]:
    """The tables of persons by name, for signed-in staff: everybody is shown the same or less."""
    shown = {
        (dimension, cut): (packed, found)
        for dimension in groups.PERSONAL
        for cut, packed, found in groups.broken_down(connection, source.policy, number, dimension)
    }
    tables = {}
    for one in groups.members(core, staff, source.codes, source.policy):
        if (one.dimension, one.cut) not in shown:
            continue
        packed, found = shown[one.dimension, one.cut]
        keys = groups.cuts(source.policy)[one.cut]
        slots = groups.slots(keys)
        true = dict(one.keys) | dict(zip(cells.SEXES, one.heads, strict=True))
        true |= {f"{sex}_content": content for sex, content in zip(cells.SEXES, one.contents, strict=True)}
        true["group"] = one.group_contents[one.of]
        true["told"] = np.isin(packed16([one.keys[name] for name in keys], len(one.of)), packed)
        named = {name: found[slot] for slot, name in slots.items()}
        named |= {name: found[name] for name in ("member", *cells.SEXES)}
        name = groups.internal_name(one.dimension, one.cut)
        tables[name] = Rounded.of(keys, true, named, None, source.by_id[one.dimension])
    return tables


@dataclass(frozen=True, slots=True)
class Mover:
    """One person of a sex (0 women, 1 men) who came (1) to or left (-1) an entity and grade; `at` is the true cell.

    `of` has the codes by which it is known who moved: entity, category and grade, and for signed-in staff places.
    """

    sex: int
    step: int
    at: str
    of: Mapping[str, str]


def single_movers(before: Sheet, after: Sheet, dimension: str) -> Iterator[Mover]:
    """Entities and grades, with staff on both sides, of whom one person in all came or left.

    Where an entity gives movements, these must tell so; else the exact tables seem to.
    """
    category = after.source.follows("grade", "category")
    sides = before.people(dimension), after.people(dimension)
    for entity, grade in sorted(sides[0].keys() & sides[1].keys()):
        early, late = (side[entity, grade] for side in sides)
        changed = [member for member in early.keys() | late.keys() if early.get(member) != late.get(member)]
        # Where there is one cell only, exact tables tell it.
        if len(changed) != 1 or len(early.keys() | late.keys()) == 1 or grade not in category:
            continue
        (member,) = changed
        women, men = (new - old for old, new in zip(early.get(member, (0, 0)), late.get(member, (0, 0)), strict=True))
        if after.movements.get(entity, {grade: 1}).get(grade, 0) == 1 and abs(women) + abs(men) == 1:
            of = {"entity": entity, "grade": grade, "category": category[grade]}
            yield Mover(0 if women else 1, women + men, member, of | _place(before, after, entity, grade))


def _place(before: Sheet, after: Sheet, entity: str, grade: str) -> dict[str, str]:
    """Where somebody of an entity and grade came or left, by the exact figures that signed-in staff see."""
    sides = before.at(entity, grade), after.at(entity, grade)
    changed = [place for place in sides[0].keys() | sides[1].keys() if sides[0].get(place) != sides[1].get(place)]
    return dict(zip(PLACES, changed[0], strict=True)) if len(changed) == 1 else {}


def _parents(before: Sheet, after: Sheet, dimension: str) -> Mapping[str, str]:
    """What each member of the finest dimension of a chain lies in, of those who left and of those who came too."""
    chain = next(one for one in CHAINS if dimension in one)
    return {**before.source.follows(chain[0], dimension), **after.source.follows(chain[0], dimension)}


#: What identifies a cell before and after: the same people are the same cell under every label.
_People = tuple[tuple[int, int] | None, tuple[int, int] | None]


@dataclass
class _Sights:
    """What is seen of the same people on either side, by what they are drawn by: the same draw counts once."""

    before: dict[int, Seen] = field(default_factory=dict)
    after: dict[int, Seen] = field(default_factory=dict)


def guess(
    before: Sequence[Sheet], after: Sequence[Sheet], mover: Mover, chain: Sequence[str], *, inside: bool = False
) -> dict[str, Guess]:
    """The guess at one mover in each dimension of a chain; sheets in time, the move between the two sides.

    All tables help in which this is the only move, and all quarters around in which a cell stays as it is. With
    `inside`, the tables that signed-in staff see of persons by place too.
    """
    policy = after[0].source.policy
    cuts = groups.cuts(policy) if inside else groups.PUBLIC_CUTS
    named = [
        (groups.internal_name(dimension, cut), dimension)
        for dimension in chain
        for cut, keys in cuts.items()
        if all(key in mover.of for key in keys)
    ]
    sides = before[::-1], after
    near = [side[0].people(chain[0])[mover.of["entity"], mover.of["grade"]] for side in sides]
    members = sorted(near[0].keys() | near[1].keys())
    sizes = [sum(sum(heads.get(member, (0, 0))) for heads in near) for member in members]
    parents = {dimension: _parents(before[-1], after[0], dimension) for dimension in chain}
    #: For each candidate, the cells it is in.
    seen: list[dict[_People, _Sights]] = [{} for _ in members]
    for table, dimension in named:
        found = [[sheet.cells(table, mover.of) for sheet in side] for side in sides]
        if not _alone(found[0][0], found[1][0], mover):
            continue
        for at, member in enumerate(members):
            code = parents[dimension][member]
            ends = [side[0].get(code) for side in found]
            people: _People = tuple(None if cell is None else cell.content for cell in ends)
            sights = seen[at].setdefault(people, _Sights())
            for side, of_people, known in zip(found, people, (sights.before, sights.after), strict=True):
                known.update(_sights(side, code, of_people))
    ratios = [[_ratio(policy, one, mover, chain) for one in of_one.values()] for of_one in seen]
    return {
        dimension: attack_movers.guess(
            sizes, ratios, [parents[dimension][member] for member in members], parents[dimension][mover.at]
        )
        for dimension in chain
    }


def _sights(
    side: Sequence[Mapping[str, Cell]], code: str, people: tuple[int, int] | None
) -> Iterator[tuple[int, Seen]]:
    """What is seen of the same people in the quarters of a side, by what it is drawn by.

    Nothing where others are there, or where nothing is told.
    """
    for quarter, cells_ in enumerate(side):
        cell = cells_.get(code)
        if cell is None:
            if people is None:
                # Nobody looks like as few; there is nothing to draw.
                yield -1 - quarter, None
        elif cell.told and cell.content == people:
            yield cell.group, cell.seen


def _ratio(policy: Policy, sights: _Sights, mover: Mover, chain: Sequence[str]) -> float:
    """How much more likely these sights are if the mover is among these people. Lasting numbers of places stay."""
    early, late = list(sights.before.values()), list(sights.after.values())
    floor, lasting = policy.floor(chain[0]), chain == CHAINS[0]
    return attack_movers.likelihood(policy, floor, early, late, mover.sex, mover.step, lasting=lasting)


def _alone(before: Mapping[str, Cell], after: Mapping[str, Cell], mover: Mover) -> bool:
    """Whether the group changed by this mover and nobody else."""
    changed = [
        code
        for code in before.keys() | after.keys()
        if (before[code].content if code in before else None) != (after[code].content if code in after else None)
    ]
    if len(changed) != 1:
        return False
    heads = [side[changed[0]].heads if changed[0] in side else (0, 0) for side in (before, after)]
    steps = [heads[1][sex] - heads[0][sex] for sex in (0, 1)]
    return steps[mover.sex] == mover.step and not steps[1 - mover.sex]


class Found:
    """What came of many guesses, by dimension, and by dimension and audience for signed-in staff."""

    def __init__(self) -> None:
        self.guesses: dict[str, list[Guess]] = {}

    def look(self, before: Sequence[Sheet], after: Sequence[Sheet]) -> None:
        """Guess at everybody who moved between two sides."""
        for chain in CHAINS:
            for mover in single_movers(before[-1], after[0], chain[0]):
                self._add(guess(before, after, mover, chain), "")
                if chain != CHAINS[0] and "duty_station" in mover.of:
                    self._add(guess(before, after, mover, chain, inside=True), ", internal")

    def _add(self, said: Mapping[str, Guess], audience: str) -> None:
        for dimension, one in said.items():
            # A dimension in which the group has one cell only is no secret.
            if one.size < 1:
                self.guesses.setdefault(f"{dimension}{audience}", []).append(one)

    def said(self) -> dict[str, Verdict]:
        """The verdicts, of dimensions in which anybody moved."""
        return {name: attack_movers.verdict(found) for name, found in self.guesses.items()}


def between_quarters(internal: Path, public: Path, quarters: Sequence[str] = ()) -> dict[str, Verdict]:
    """Look for movers into these quarters of a release (all, if none are named), from the quarters around.

    What was true of a quarter stands in the release that told it, beside this one; where that is not there any more,
    this one's figures are taken for it.
    """
    found = Found()
    with ExitStack() as stack:
        opened: dict[tuple[Path, Path], tuple[duckdb.DuckDBPyConnection, Source]] = {}

        def sheet(quarter: str, files: tuple[Path, Path]) -> Sheet:
            if files not in opened:
                connection = stack.enter_context(duckdb.connect(":memory:"))
                attach(connection, files[0], "i")
                attach(connection, files[1], "p")
                opened[files] = connection, Source.of(connection)
            return Sheet.of(*opened[files], quarter)

        where = told.where(internal, public)
        order = list(where)
        wanted = [at for at, quarter in enumerate(order) if not quarters or quarter in quarters]
        sheets: dict[int, Sheet] = {}
        for at in wanted:
            around = range(max(0, at - AROUND), min(len(order), at + AROUND))
            sheets = {one: sheets.get(one) or sheet(order[one], where[order[one]]) for one in around}
            if at:
                before, after = ([sheets[one] for one in around if (one < at) == early] for early in (True, False))
                found.look(before, after)
    return found.said()
