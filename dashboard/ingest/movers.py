"""Looks for movers in a release as a reader would who keeps every table: between quarters, and between two editions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt

from dashboard.disclosure import attack_movers
from dashboard.disclosure.attack_input import RowGroups
from dashboard.disclosure.attack_movers import AROUND, AROUND_PLACES, Guess, Seen, Verdict
from dashboard.disclosure.policy import ROUNDED, Policy, Table
from dashboard.ingest import attacks, cells, groups
from dashboard.ingest.source import Source, attach
from dashboard.selection import PLACE

#: What is looked for, the finest first: a station lies in one country, one team, one region.
CHAINS: Sequence[tuple[str, ...]] = (
    ("duty_station", "country", "unct", "region"),
    ("age_group",),
    ("nationality", "nationality_region", "regional_group"),
    ("appointment",),
)


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

    packed: npt.NDArray[np.uint64] = field(repr=False)
    columns: Mapping[str, npt.NDArray] = field(repr=False)
    codes: Sequence[str] = field(repr=False)
    _known: dict[int, dict[str, Cell]] = field(default_factory=dict, repr=False)

    def cells(self, group: int) -> dict[str, Cell]:
        """By member, the cells of a group with these packed keys."""
        if group not in self._known:
            self._known[group] = self._cells(group)
        return self._known[group]

    def _cells(self, group: int) -> dict[str, Cell]:
        low, high = np.searchsorted(self.packed, [group << 16, (group + 1) << 16])
        rows = zip(*(column[low:high].tolist() for column in self.columns.values()), strict=True)
        return {
            self.codes[member]: Cell(
                (women, men), (of_women, of_men), content, told, (shown_women, shown_men) if some else None
            )
            for member, women, men, of_women, of_men, content, told, some, shown_women, shown_men in rows
        }


@dataclass
class Sheet:
    """What one edition tells of one quarter, with what is true."""

    source: Source
    tables: Mapping[str, Rounded] = field(repr=False)
    #: By entity that gives movements, how many came, left or were promoted, by grade.
    movements: Mapping[str, Mapping[str, int]] = field(repr=False)

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection, source: Source, quarter: str) -> Sheet:
        """Read a quarter of the release whose files are attached as `i` and `p`."""
        number = source.ids["quarter"][quarter]
        rows = source.rows(number)
        known = groups.read(connection, source.policy, number)
        shown = attacks.read_public(connection, source, quarter)
        at = {name: which for which, name in enumerate(source.policy.tables())}
        counted = cells.Quarter(number, rows.core, rows.staff, source.codes, source.policy, known)
        wanted = {name for chain in CHAINS for name in chain}
        movements: dict[str, dict[str, int]] = {}
        for entity, grade, heads in connection.execute(_MOVEMENTS, [number]).fetchall():
            movements.setdefault(source.by_id["entity"][entity], {})[source.by_id["grade"][grade]] = heads
        return cls(
            source,
            {
                found.table.name: _rounded(
                    found, *shown.of(at[found.table.name], number), source.by_id[found.table.dimension]
                )
                for found in counted.tables()
                if found.table.protection == ROUNDED and found.table.dimension in wanted
            },
            movements,
        )

    def cells(self, table: Table, entity: str, grade: str) -> dict[str, Cell]:
        """By member, the cells of the group that people of an entity and grade are in."""
        of = {"entity": self.source.ids["entity"].get(entity), "grade": self.source.ids["grade"].get(grade)}
        of["category"] = self.source.category_of.get(of["grade"])
        if table.name not in self.tables or None in of.values():
            return {}
        group = 0
        for name in table.keys[1:]:
            group = group << 16 | of[name]
        return self.tables[table.name].cells(group)


_MOVEMENTS = "select entity, grade, sum(women + men)::bigint from i.movements where quarter = $1 group by all"


def _packed(columns: Mapping[str, npt.NDArray], table: Table) -> npt.NDArray[np.uint64]:
    packed = np.zeros(len(columns["member"]), np.uint64)
    for name in (*table.keys[1:], "member"):
        packed = packed << np.uint64(16) | columns[name].astype(np.uint64)
    return packed


def _rounded(found: cells.Cells, shown: cells.Columns, hidden: cells.Columns, codes: Sequence[str]) -> Rounded:
    order = np.argsort(_packed(found.columns, found.table), kind="stable")
    columns = {name: column[order] for name, column in found.columns.items()}
    packed = _packed(columns, found.table)
    of_shown = _packed(shown, found.table)
    order = np.argsort(of_shown)
    of_shown = of_shown[order]
    at = np.minimum(np.searchsorted(of_shown, packed), max(len(of_shown) - 1, 0))
    some = of_shown[at] == packed if len(of_shown) else np.zeros(len(packed), bool)
    women, men = (
        np.where(some, shown[sex][order][at], 0) if len(of_shown) else np.zeros(len(packed), np.int64)
        for sex in ("women", "men")
    )
    rows = zip(*(hidden[name].tolist() for name in cells.GROUP), strict=True)
    told = ~cells.inside(columns, RowGroups.of(rows))
    names = ("member", "women", "men", "women_content", "men_content", "group")
    seen = {"told": told, "some": some, "shown_women": women, "shown_men": men}
    return Rounded(packed, {name: columns[name] for name in names} | seen, codes)


@dataclass(frozen=True, slots=True)
class Mover:
    """One person of a sex (0 women, 1 men) who came (1) to or left (-1) an entity and grade; `at` is the true cell."""

    entity: str
    grade: str
    sex: int
    step: int
    at: str


def _changes(before: Sheet, after: Sheet, table: Table) -> dict[tuple[str, str], list[tuple[str, int, int]]]:
    """By entity and grade, the members whose women or men changed, and by how many."""
    heads: dict[tuple[str, str, str], list[int]] = {}
    for sheet, sign in ((before, -1), (after, 1)):
        names = [sheet.source.by_id[name] for name in (*table.keys[1:], table.dimension)]
        rounded = sheet.tables[table.name]
        women, men = rounded.columns["women"].tolist(), rounded.columns["men"].tolist()
        for packed, of_women, of_men in zip(rounded.packed.tolist(), women, men, strict=True):
            key = names[0][packed >> 32], names[1][packed >> 16 & 0xFFFF], names[2][packed & 0xFFFF]
            change = heads.setdefault(key, [0, 0])
            change[0] += sign * of_women
            change[1] += sign * of_men
    found: dict[tuple[str, str], list[tuple[str, int, int]]] = {}
    for (entity, grade, member), (of_women, of_men) in heads.items():
        if of_women or of_men:
            found.setdefault((entity, grade), []).append((member, of_women, of_men))
    return found


def single_movers(before: Sheet, after: Sheet, dimension: str) -> Iterator[Mover]:
    """Entities and grades, shown on both sides, of whom one person in all came, left or was corrected.

    Where an entity gives movements, these must tell so; else the exact tables seem to.
    """
    corrected = before.source is not after.source
    table = before.source.policy.tables()[f"{dimension}+entity+grade"]
    for (entity, grade), changed in sorted(_changes(before, after, table).items()):
        member, women, men = changed[0]
        named = 1 if corrected else after.movements.get(entity, {grade: 1}).get(grade, 0)
        if named == 1 and len(changed) == 1 and abs(women) + abs(men) == 1:
            sides = before.cells(table, entity, grade), after.cells(table, entity, grade)
            # Where there is one cell only, exact tables tell it.
            if len(sides[0].keys() | sides[1].keys()) > 1 and all(sides):
                yield Mover(entity, grade, 0 if women else 1, women + men, member)


def _parents(source: Source, dimension: str) -> Mapping[str, str]:
    """What each member of the finest dimension of a chain lies in."""
    chain = next(one for one in CHAINS if dimension in one)
    return source.follows(chain[0], dimension)


#: What identifies a cell before and after: the same people are the same cell under every label.
_People = tuple[tuple[int, int] | None, tuple[int, int] | None]


def guess(before: Sequence[Sheet], after: Sequence[Sheet], mover: Mover, chain: Sequence[str]) -> dict[str, Guess]:
    """The guess at one mover in each dimension of a chain; sheets in time, the move between the two sides.

    All tables help in which this is the only move, and all quarters around in which a cell stays as it is.
    """
    policy = after[0].source.policy
    tables = [
        policy.tables()[name]
        for dimension in chain
        for cut in groups.PUBLIC_CUTS
        if (name := "+".join((dimension, *cut.split("+"))) if cut else dimension) in policy.tables()
    ]
    finest = policy.tables()[f"{chain[0]}+entity+grade"]
    sides = before[::-1], after
    near = [side[0].cells(finest, mover.entity, mover.grade) for side in sides]
    members = sorted(near[0].keys() | near[1].keys())
    sizes = [sum(sum(cells_[member].heads) for cells_ in near if member in cells_) for member in members]
    parents = {dimension: _parents(after[0].source, dimension) for dimension in chain}
    #: For each candidate, the cells it is in: the same people count once.
    seen: list[dict[_People, _Cell]] = [{} for _ in members]
    for table in tables:
        found = [[sheet.cells(table, mover.entity, mover.grade) for sheet in side] for side in sides]
        if not _alone(found[0][0], found[1][0], mover):
            continue
        for at, member in enumerate(members):
            code = parents[table.dimension][member]
            ends = [side[0].get(code) for side in found]
            people: _People = tuple(None if cell is None else cell.content for cell in ends)
            sights = [
                [_sight(cells_.get(code), of_people) for cells_ in side]
                for side, of_people in zip(found, people, strict=True)
            ]
            seen[at].setdefault(people, _Cell(table, *sights))
    ratios = [list(_ratios(policy, of_one.values(), mover)) for of_one in seen]
    return {
        dimension: attack_movers.guess(
            sizes, ratios, [parents[dimension][member] for member in members], parents[dimension][mover.at]
        )
        for dimension in chain
    }


class _Cell(NamedTuple):
    """A cell a mover may be in, and its sights on both sides, the next first: None where nothing is told of it."""

    table: Table
    before: Sequence[Cell | None]
    after: Sequence[Cell | None]


#: What nobody looks like: as few.
_NOBODY = Cell((0, 0), (0, 0), 0, True, None)


def _sight(cell: Cell | None, people: tuple[int, int] | None) -> Cell | None:
    """A sight of these people: None where others are there, or where nothing is told."""
    if cell is None:
        return _NOBODY if people is None else None
    return cell if cell.told and cell.content == people else None


def _ratios(policy: Policy, seen: Iterable[_Cell], mover: Mover) -> Iterator[float]:
    """How much more likely the sights of all cells that one candidate is in are if the mover is there."""
    of_places: dict[str, list[tuple[list[int | None], list[int | None]]]] = {}
    for table, before, after in seen:
        if table.kind == PLACE:
            sides = (
                [None if cell is None or cell.seen is None else cell.seen[mover.sex] for cell in side[:AROUND_PLACES]]
                for side in (before, after)
            )
            of_places.setdefault(table.dimension, []).append(tuple(sides))
            continue
        # The same draw counts once.
        early, late = (
            [*{cell.group: cell.seen for cell in side if cell is not None}.values()] for side in (before, after)
        )
        yield attack_movers.likelihood(policy, table.floor, early, late, mover.sex, mover.step)
    for cells_ in of_places.values():
        yield attack_movers.of_one_draw(policy, cells_, mover.step)


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
    """What came of many guesses, by dimension."""

    def __init__(self) -> None:
        self.guesses: dict[str, list[Guess]] = {name: [] for chain in CHAINS for name in chain}

    def look(self, before: Sequence[Sheet], after: Sequence[Sheet]) -> None:
        """Guess at everybody who moved between two sides."""
        for chain in CHAINS:
            for mover in single_movers(before[-1], after[0], chain[0]):
                for dimension, said in guess(before, after, mover, chain).items():
                    # A dimension in which the group has one cell only is no secret.
                    if said.size < 1:
                        self.guesses[dimension].append(said)

    def said(self) -> dict[str, Verdict]:
        """The verdicts, of dimensions in which anybody moved."""
        return {name: attack_movers.verdict(found) for name, found in self.guesses.items() if found}


#: So many corrected quarters are looked at, the latest first.
CORRECTED = 8


def look(
    internal: Path,
    public: Path,
    quarters: Sequence[str],
    digests: Mapping[str, str],
    earlier: Sequence[attacks.Earlier],
) -> dict[str, dict[str, dict[str, Any]]]:
    """Look for movers into quarters of a release, and for those corrected since the one before it: for a manifest.

    `digests` tell by quarter what its public cells follow from.
    """
    found = {"quarters": between_quarters(internal, public, quarters)}
    if earlier:
        before = earlier[0].quarters
        corrected = [name for name in digests if name in before and before[name]["digest"] != digests[name]]
        files = [(earlier[0].folder / internal.name, earlier[0].folder / public.name), (internal, public)]
        found["editions"] = between_editions(files, corrected[-CORRECTED:])
    return {
        kind: {dimension: said.to_dict() for dimension, said in verdicts.items()}
        for kind, verdicts in found.items()
        if verdicts
    }


def between_quarters(internal: Path, public: Path, quarters: Sequence[str] = ()) -> dict[str, Verdict]:
    """Look for movers into these quarters of a release (all, if none are named), from the quarters around."""
    found = Found()
    with duckdb.connect(":memory:") as connection:
        attach(connection, internal, "i")
        attach(connection, public, "p")
        source = Source.of(connection)
        wanted = [at for at, quarter in enumerate(source.quarters) if not quarters or quarter in quarters]
        sheets: dict[int, Sheet] = {}
        for at in wanted:
            around = range(max(0, at - AROUND), min(len(source.quarters), at + AROUND))
            sheets = {one: sheets.get(one) or Sheet.of(connection, source, source.quarters[one]) for one in around}
            if at:
                before, after = ([sheets[one] for one in around if (one < at) == early] for early in (True, False))
                found.look(before, after)
    return found.said()


def between_editions(files: Sequence[tuple[Path, Path]], quarters: Sequence[str]) -> dict[str, Verdict]:
    """Look for those corrected in these quarters between two editions: internal and public file, the earlier first."""
    found = Found()
    with duckdb.connect(":memory:") as one, duckdb.connect(":memory:") as other:
        sides = []
        for connection, (internal, public) in zip((one, other), files, strict=True):
            attach(connection, internal, "i")
            attach(connection, public, "p")
            sides.append((connection, Source.of(connection)))
        for quarter in quarters:
            before, after = (Sheet.of(connection, source, quarter) for connection, source in sides)
            found.look([before], [after])
    return found.said()
