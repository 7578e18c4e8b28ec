"""Runs the attacker on the files of a release: reads what it is to know, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from dashboard.disclosure import attack
from dashboard.disclosure.attack_input import (
    AttackError,
    Cells,
    Edition,
    Published,
    Records,
    Result,
    RowGroups,
    Task,
)
from dashboard.disclosure.policy import ROUNDED, Policy
from dashboard.ingest import cells, groups
from dashboard.ingest.cells import ANY
from dashboard.ingest.problems import Fault, InputError
from dashboard.ingest.source import GROUP, Rows, Source, attach
from dashboard.selection import PERSONAL, PLACE

#: How many releases back somebody has kept.
KNOWN_RELEASES = 8
#: What is attacked together: places, and personal dimensions with those that follow from them.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "": (),
    "age_group": (),
    "nationality": ("nationality_region", "regional_group"),
    "appointment": (),
}
#: A second process takes a second to start: so many quarters and cells it takes to be worth it.
WORTH_TWO, WORTH_TWO_CELLS = 3, 100_000
ADDED = ("women_added", "men_added")
_PLACES = ("unct", "country", "duty_station", "region", "headquarters")


@dataclass(frozen=True, slots=True)
class Earlier:
    """A release made before, of the same series."""

    folder: Path
    disclosure: Mapping[str, Any]  # of its manifest

    @property
    def quarters(self) -> Mapping[str, Mapping[str, Any]]:
        """By quarter, the digest of all that its public cells follow from, and what came of the attack on them."""
        return self.disclosure["quarters"]


def protect(
    source: Source,
    shown: cells.Shown,
    groups: Mapping[str, RowGroups],
    earlier: Sequence[Earlier],
    digests: Mapping[str, str],
    carried: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, RowGroups], dict[str, dict[str, Any]]]:
    """Withhold until nothing is certain. Returns all row groups withheld, and by quarter what came of it.

    Quarters in `carried` were attacked when another release was made. Raises Fault if something stays certain.
    """
    # The newest first: what it takes to mend it mends most of the older ones.
    wanted = [quarter for quarter in reversed(source.quarters) if quarter not in carried]
    tasks = _tasks(source, shown, earlier, digests, wanted)
    workers = 2 if len(wanted) >= WORTH_TWO and len(shown.cells["tbl"]) >= WORTH_TWO_CELLS else 1
    try:
        outcome = attack.attack_quarters(tasks, source.policy, withheld=groups, workers=workers, mend=True)
    except AttackError as error:
        raise Fault(f"the public tables do not show what was counted: {error}") from error
    if outcome.certain:
        first = outcome.certain[0]
        raise Fault(
            f"the attacker stays certain of {len(outcome.certain):,} cells of 1 to 5, the first in {first.table} of "
            f"{source.quarters[first.quarter]}: nothing is released"
        )
    found: dict[str, dict[str, Any]] = {quarter: dict(said) for quarter, said in carried.items()}
    for result in outcome.results:
        said = found.setdefault(source.quarters[result.quarter], {"attacks": {}})
        said["attacks"][name_of(result.dimension, result.audience)] = dict(zip(_NUMBERS, _numbers(result), strict=True))
        if result.whole:
            # Nothing of these tables is shown in this quarter.
            said["whole"] = sorted({*said.get("whole", ()), *result.whole})
    return dict(outcome.withheld), found


def name_of(dimension: str, audience: str) -> str:
    """What an attack is called in a manifest."""
    return dimension or "places" if audience == "public" else f"{dimension}, internal"


def _tasks(
    source: Source,
    shown: cells.Shown,
    earlier: Sequence[Earlier],
    digests: Mapping[str, str],
    quarters: Sequence[str],
) -> Iterator[Task]:
    before = _Before(source, earlier[:KNOWN_RELEASES])
    for quarter in quarters:
        number = source.ids["quarter"][quarter]
        rows = source.rows(number)
        told = before.told(quarter, digests[quarter])
        for dimension in DIMENSIONS:
            now = Edition(records(rows, source.codes, dimension), published(source, shown, number, dimension))
            editions = tuple(
                Edition(records(known, source.codes, dimension), published(source, cut, number, dimension))
                for known, cut in told
            )
            yield Task(now=now, earlier=editions, dimension=dimension, audience="public")


class _Before:
    """What earlier releases told of a quarter, in the ids of this one."""

    def __init__(self, source: Source, earlier: Sequence[Earlier]) -> None:
        self._source = source
        self._earlier = earlier

    def told(self, quarter: str, digest: str) -> list[tuple[Rows, cells.Shown]]:
        """Each different telling once; what is told the same now is no news."""
        seen = {digest}
        found = []
        for release in self._earlier:
            said = release.quarters.get(quarter)
            if said is not None and said["digest"] not in seen:
                seen.add(said["digest"])
                found.append(self._read(release, quarter))
        return found

    def _read(self, release: Earlier, quarter: str) -> tuple[Rows, cells.Shown]:
        with duckdb.connect(":memory:") as connection:
            attach(connection, release.folder / "internal.duckdb", "i")
            attach(connection, release.folder / "public.duckdb", "p")
            old = Source.of(connection)
            rows = old.rows(old.ids["quarter"][quarter])
            ids = {name: _becomes(self._source, name, codes) for name, codes in old.by_id.items()}
            number = self._source.ids["quarter"][quarter]
            renamed = [
                {name: ids[name][column] if name in ids else column for name, column in columns.items()}
                for columns in (rows.core, rows.staff)
            ]
            drawn = _with_draws(old, rows, read_public(connection, old, quarter)).cells
            # The same rows of the same file, under the names of today.
            shown = read_public(connection, self._source, quarter)
            added = {name: drawn[name] for name in ADDED}
            return Rows(number, *renamed, rows.digest), cells.Shown({**shown.cells, **added}, shown.hidden)


def _with_draws(source: Source, rows: Rows, shown: cells.Shown) -> cells.Shown:
    """What a public file shows of a quarter, with what was added to the counts: it follows from the internal file."""
    known = groups.read(source.connection, source.policy, rows.number)
    counted = cells.Quarter(rows.number, rows.core, rows.staff, source.codes, source.policy, known)
    made = cells.shown(source.policy, list(counted.tables()), source.meta["rounding_key"]).cells
    added = {name: np.zeros(len(shown.cells["tbl"]), np.int32) for name in ADDED}
    for number, table in enumerate(source.policy.tables().values()):
        if table.protection != ROUNDED:
            continue
        mine = np.flatnonzero(shown.cells["tbl"] == number)
        theirs = np.flatnonzero(made["tbl"] == number)
        wanted, there = (
            _packed({name: columns[name][at] for name in ("member", *table.keys[1:])})
            for columns, at in ((shown.cells, mine), (made, theirs))
        )
        order = np.argsort(there)
        at = np.searchsorted(there[order], wanted)
        if len(wanted) and (at.max() == len(there) or (there[order][at] != wanted).any()):
            raise AttackError(f"{table.name}: cells are shown that are not to be")
        for name in ADDED:
            added[name][mine] = made[name][theirs][order][at]
    return cells.Shown({**shown.cells, **added}, shown.hidden)


def _packed(columns: cells.Columns) -> np.ndarray:
    packed = np.zeros(len(columns["member"]), np.uint64)
    for column in columns.values():
        packed = packed << np.uint64(16) | column.astype(np.uint64)
    return packed


def _becomes(source: Source, dimension: str, codes: Sequence[str]) -> np.ndarray:
    # Codes that have gone since get numbers of their own, above all known ones.
    known = dict(source.ids.get(dimension, {}))
    return np.array([known.setdefault(code, len(known)) for code in codes], np.uint16)


def read_public(connection: duckdb.DuckDBPyConnection, source: Source, quarter: str) -> cells.Shown:
    """What a public file attached as `p` shows and withholds of a quarter, in the ids of an internal one."""
    codes: dict[str, list[str]] = {}
    for dimension, code in connection.execute("select dimension, code from p.codes order by dimension, id").fetchall():
        codes.setdefault(dimension, []).append(code)
    ids = {name: np.append(_becomes(source, name, found), ANY) for name, found in codes.items()}
    tables = {name: at for at, name in enumerate(source.policy.tables())}
    old = connection.execute("select name, keys[1] from p.tables order by id").fetchall()
    dimensions = [dimension for _, dimension in old]
    tbl = np.array([tables.get(name, ANY) for name, _ in old], np.uint16)
    at = codes["quarter"].index(quarter)
    number = source.ids["quarter"][quarter]
    found = []
    for table in ("cells", "withheld"):
        query = f"select * from p.{table} where quarter in ($1, {ANY})"  # noqa: S608 - names of ours
        rows = connection.execute(query, [at]).to_arrow_table()
        columns = {name: rows[name].to_numpy(zero_copy_only=False).copy() for name in rows.column_names}
        member = columns["member"]
        for which in np.unique(columns["tbl"]).tolist():
            chosen = (columns["tbl"] == which) & (member != ANY)
            member[chosen] = ids[dimensions[which]][member[chosen]]
        for name in ("entity", "category", "grade"):
            filled = columns[name] != ANY
            columns[name][filled] = ids[name][columns[name][filled]]
        columns["tbl"] = tbl[columns["tbl"]]
        columns["quarter"] = np.full(len(member), number, np.uint16)
        order = np.argsort(columns["tbl"], kind="stable")
        found.append({name: column[order] for name, column in columns.items()})
    return cells.Shown(*found)


def records(rows: Rows, codes: cells.Codes, dimension: str) -> Records:
    """What is true of a quarter, as the attacker takes it: of places, or of a personal dimension."""
    if not dimension:
        core = rows.core
        bound = np.isin(core["department"], list(codes.place_bound))
        return Records(
            quarter=rows.number,
            sub=np.where(bound, core["department"].astype(np.int64), -1),
            rc=(core["rc"] == codes.rc).astype(np.int64),
            **{name: core[name] for name in ("entity", "category", "grade", *_PLACES, "women", "men")},
        )
    # Temporary staff are a population apart, of which nothing exact is known.
    staff = {name: column[rows.staff["appointment"] != codes.temporary] for name, column in rows.staff.items()}
    return Records(
        quarter=rows.number,
        member=staff[dimension],
        coarser={name: staff[name] for name in DIMENSIONS[dimension]},
        **{name: staff[name] for name in ("entity", "category", "grade", "women", "men")},
    )


def published(source: Source, shown: cells.Shown, number: int, dimension: str) -> Published:
    """What is shown of a quarter, of places or of a personal dimension and what follows from it."""
    mine = (dimension, *DIMENSIONS[dimension])
    tables: dict[str, Cells] = {}
    withheld: dict[str, RowGroups] = {}
    for at, table in enumerate(source.policy.tables().values()):
        if table.protection != ROUNDED or (table.dimension not in mine if dimension else table.kind == PERSONAL):
            continue
        found, hidden = shown.of(at, number)
        if dimension == "appointment":
            regular = found["member"] != source.codes.temporary
            found = {name: column[regular] for name, column in found.items()}
        keys = {"member": found["member"], **{name: found[name] for name in table.keys[1:]}}
        if table.kind == PLACE and set(ADDED) <= found.keys():
            # Whoever knows how many some cells of a place hold can find out its one draw: it is held for known.
            keys |= {name: found[name] for name in ADDED}
        tables[table.name] = Cells(women=found["women"], men=found["men"], **keys)
        rows = list(zip(*(hidden[name].tolist() for name in GROUP), strict=True))
        # What does not exist in public is not under the floor: it is not told.
        rows += [(member, ANY, ANY, ANY) for member in source.protected.ids.get(table.dimension, ())]
        if rows:
            withheld[table.name] = RowGroups.of(rows)
    return Published(tables, withheld)


def summary(disclosure: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers of the attack over all quarters, those of quarters taken over included."""
    sums = dict.fromkeys(("attacked", "shown", "excepted", "certain"), 0)
    for said in disclosure["quarters"].values():
        for numbers in said.get("attacks", {}).values():
            for name in sums:
                sums[name] += numbers[name]
    withheld = {table: len(rows) for table, rows in sorted(disclosure["withheld"].items()) if rows}
    return {**sums, "withheld": sum(withheld.values()), "tables": len(withheld), "seconds": disclosure["seconds"]}


def alone(
    internal: Path,
    public: Path,
    *,
    earlier: Sequence[Earlier] = (),
    plain: bool = False,
    inside: bool = False,
    quarters: Sequence[str] = (),
) -> dict[str, Any]:
    """Attack a release as it stands, mending nothing. Says by kind of attack what it found, and what is certain.

    With `inside`, what one of the internal audience could tell of age, nationality and appointment from answers, which
    are made as they are asked for and know no list of what is withheld. With `plain`, what the same figures would tell
    if they were published exactly with cells under 5 hidden. Raises Fault if the two files do not belong together.
    """
    with duckdb.connect(":memory:") as connection:
        attach(connection, internal, "i")
        attach(connection, public, "p")
        source = Source.of(connection)
        if unknown := set(quarters) - set(source.quarters):
            raise InputError(f"there is no quarter {', '.join(sorted(unknown))} in {internal}")
        wanted = [quarter for quarter in source.quarters if not quarters or quarter in quarters]
        policy = _plain_policy(source.policy) if plain else source.policy
        digests: dict[str, str] = {}

        def tasks() -> Iterator[Task]:
            before = _Before(source, () if plain or inside else earlier[:KNOWN_RELEASES])
            for quarter in wanted:
                number = source.ids["quarter"][quarter]
                rows = source.rows(number)
                digests[quarter] = rows.digest
                if inside:
                    yield from (_inside(source, rows, dimension) for dimension in DIMENSIONS if dimension)
                    continue
                shown = _with_draws(source, rows, read_public(connection, source, quarter))
                told = before.told(quarter, rows.digest)
                for dimension in DIMENSIONS:
                    true = records(rows, source.codes, dimension)
                    tables = published(source, shown, number, dimension)
                    if plain:
                        tables = attack.tables.plain(true, policy, dimension)
                    editions = tuple(
                        Edition(records(known, source.codes, dimension), published(source, cut, number, dimension))
                        for known, cut in told
                    )
                    yield Task(now=Edition(true, tables), earlier=editions, dimension=dimension, audience="public")

        try:
            outcome = attack.attack_quarters(tasks(), policy, workers=2 if len(wanted) >= WORTH_TWO else 1, mend=False)
        except AttackError as error:
            raise Fault(f"{public} does not show what {internal} holds: {error}") from error
        withheld = connection.execute("select count(*) from p.withheld where quarter = $1", [ANY]).fetchone()[0]
        by_kind: dict[str, dict[str, Any]] = {}
        for result in outcome.results:
            said = by_kind.setdefault(name_of(result.dimension, result.audience), dict.fromkeys(_NUMBERS, 0))
            for name, number in zip(_NUMBERS, _numbers(result), strict=True):
                said[name] = round(said[name] + number, 2)
        tables_of: dict[str, int] = {}
        for cell in outcome.certain:
            tables_of[cell.table] = tables_of.get(cell.table, 0) + 1
        return {
            "release": source.meta["name"],
            "quarters": wanted,
            "plain": plain,
            "inside": inside,
            "withheld": 0 if plain or inside else withheld,
            "attacks": by_kind,
            "certain": len(outcome.certain),
            "tables": dict(sorted(tables_of.items(), key=lambda item: -item[1])),
            "digests": digests,
        }


@dataclass(frozen=True, slots=True)
class InsideResult:
    """What signed-in staff could tell of a quarter: numbers by kind of attack, and which groups had to go for it."""

    said: Mapping[str, Mapping[str, Any]]
    withheld: Mapping[str, RowGroups]


def inside(source: Source, quarter: str) -> InsideResult:
    """Attack what signed-in staff see of a quarter, and withhold groups until nothing is certain.

    Raises Fault where nothing helps.
    """
    number = source.ids["quarter"][quarter]
    rows = source.rows(number)
    said: dict[str, dict[str, Any]] = {}
    withheld: attack.Withheld = {}
    for dimension in DIMENSIONS:
        if dimension:
            result = attack.protect(_inside(source, rows, dimension), source.policy)
            if result.certain:
                raise Fault(
                    f"signed-in staff could be certain of {len(result.certain):,} counts of 1 to 5, the first in "
                    f"{result.certain[0].table} of {quarter}: nothing is released"
                )
            said[name_of(dimension, "internal")] = dict(zip(_NUMBERS, _numbers(result), strict=True))
            withheld = attack.joined(withheld, result.withheld)
            # Tables of which nothing is shown: that of all staff together, say, or all there are of a dimension.
            withheld = attack.joined(withheld, dict.fromkeys(result.whole, RowGroups.of([(ANY,) * len(GROUP)])))
    return InsideResult(said, withheld)


def _inside(source: Source, rows: Rows, dimension: str) -> Task:
    """One personal dimension to the internal audience, for which places and departments are exact."""
    codes = source.codes
    staff = {name: column[rows.staff["appointment"] != codes.temporary] for name, column in rows.staff.items()}
    keys = staff["key"] + codes.keys[dimension][staff[dimension]]
    bound = np.isin(staff["department"], list(codes.place_bound))
    true = Records(
        quarter=rows.number,
        member=staff[dimension],
        coarser={name: staff[name] for name in DIMENSIONS[dimension]},
        sub=np.where(bound, staff["department"].astype(np.int64), -1),
        rc=(staff["rc"] == codes.rc).astype(np.int64),
        women_content=staff["women"].astype(np.uint64) * (keys + codes.keys["sex"][0]),
        men_content=staff["men"].astype(np.uint64) * (keys + codes.keys["sex"][1]),
        **{name: staff[name] for name in ("entity", "category", "grade", "department", *_PLACES, "women", "men")},
    )
    known = groups.read(source.connection, source.policy, rows.number)
    broken = {}
    for name in (dimension, *DIMENSIONS[dimension]):
        for cut, packed in known.packed.items():
            open_ = known.shown[cut, name]
            contents = known.content[cut, dimension]
            broken["+".join(key for key in (name, cut) if key)] = packed[open_], contents[open_]
    tables = attack.tables.internal(true, source.policy, source.meta["rounding_key"], dimension, broken)
    return Task(now=Edition(true, tables), dimension=dimension, audience="internal")


_NUMBERS = ("attacked", "shown", "excepted", "certain", "seconds")


def _numbers(result: Result) -> tuple[float, ...]:
    return result.attacked, result.shown, len(result.excepted), len(result.certain), round(result.seconds, 2)


def _plain_policy(policy: Policy) -> Policy:
    """No rounding; cells under 5 hidden."""
    return replace(policy, base=1, offset=0, floor_place=5, floor_person=5)
