"""Runs the attacker on the files of a release: reads what it is to know, and says what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
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
from dashboard.ingest import cells, groups, told
from dashboard.ingest.cells import ANY
from dashboard.ingest.problems import Fault, InputError
from dashboard.ingest.source import GROUP, Rows, Source, attach
from dashboard.ingest.words import counted
from dashboard.selection import PERSONAL

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


#: What to do where withholding does not help; never another secret or other thresholds until one passes.
_NOT_A_DRAW = (
    "Neither another secret nor other thresholds are a way out: what is shown elsewhere tells it, or the rules have a "
    "fault. Nothing is put in service; the release that is in service stays. Report this "
    "sentence with the output of `parity release --dry-run`; docs/operations.md says what to do meanwhile"
)


def protect(
    source: Source,
    shown: cells.Shown,
    groups: Mapping[str, RowGroups],
    earlier: Sequence[Earlier],
    digests: Mapping[str, str],
) -> tuple[dict[str, RowGroups], dict[str, dict[str, Any]]]:
    """Withhold until nothing is certain in the quarters that have a digest: those that a release tells.

    Returns all row groups withheld, and by quarter what came of it. Raises InputError if something stays certain.
    """
    # The newest first: what it takes to mend it mends most of the older ones.
    wanted = [quarter for quarter in reversed(source.quarters) if quarter in digests]
    tasks = _tasks(source, shown, earlier, digests, wanted)
    workers = 2 if len(wanted) >= WORTH_TWO and len(shown.cells["tbl"]) >= WORTH_TWO_CELLS else 1
    try:
        outcome = attack.attack_quarters(tasks, source.policy, withheld=groups, workers=workers, mend=True)
    except AttackError as error:
        raise Fault(f"the public tables do not show what was counted: {error}") from error
    if outcome.certain:
        first = outcome.certain[0]
        raise InputError(
            f"the attacker stays certain of {counted(len(outcome.certain), 'cell')} of 1 to 5, the first in "
            f"{first.table} of {source.quarters[first.quarter]}, whatever is withheld of it. {_NOT_A_DRAW}"
        )
    found: dict[str, dict[str, Any]] = {}
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
    before = _Before(source, earlier)
    for quarter in quarters:
        number = source.ids["quarter"][quarter]
        rows = source.rows(number)
        editions_told = before.told(quarter, digests[quarter])
        for dimension in DIMENSIONS:
            now = Edition(records(rows, source.codes, dimension), published(source, shown, number, dimension))
            editions = tuple(
                Edition(records(known, source.codes, dimension), published(source, cut, number, dimension))
                for known, cut in editions_told
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
            files = told.where(release.folder / "internal.duckdb", release.folder / "public.duckdb")[quarter]
            for path, name in zip(files, "ip", strict=True):
                attach(connection, path, name)
            old = Source.of(connection)
            rows = old.rows(old.ids["quarter"][quarter])
            ids = {name: _becomes(self._source, name, codes) for name, codes in old.by_id.items()}
            number = self._source.ids["quarter"][quarter]
            renamed = [
                {name: ids[name][column] if name in ids else column for name, column in columns.items()}
                for columns in (rows.core, rows.staff)
            ]
            # The same rows of the same file, under the names of today.
            return Rows(number, *renamed, rows.digest), read_public(connection, self._source, quarter)


def _becomes(source: Source, dimension: str, codes: Sequence[str]) -> np.ndarray:
    # Codes that have gone since get numbers of their own, above all known ones.
    known = dict(source.ids.get(dimension, {}))
    return np.array([known.setdefault(code, len(known)) for code in codes], np.uint16)


def read_public(
    connection: duckdb.DuckDBPyConnection, source: Source, quarter: str, *, of_all: bool = True
) -> cells.Shown:
    """What a public file attached as `p` shows and withholds of a quarter, in the ids of an internal one.

    With `of_all`, also what it withholds of all quarters.
    """
    codes: dict[str, list[str]] = {}
    for dimension, code in connection.execute("select dimension, code from p.codes order by dimension, id").fetchall():
        codes.setdefault(dimension, []).append(code)
    ids = {name: _becomes(source, name, found) for name, found in codes.items()}
    tables = {name: at for at, name in enumerate(source.policy.tables())}
    old = connection.execute("select name, keys[1] from p.tables order by id").fetchall()
    dimensions = [dimension for _, dimension in old]
    tbl = np.array([tables.get(name, ANY) for name, _ in old], np.uint16)
    at = codes["quarter"].index(quarter)
    number = source.ids["quarter"][quarter]
    wanted = [at, ANY] if of_all else [at]
    found = []
    for table in ("cells", "withheld"):
        query = f"select * from p.{table} where list_contains($1::usmallint[], quarter)"  # noqa: S608 - names of ours
        rows = connection.execute(query, [wanted]).to_arrow_table()
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

    A quarter that another release told is attacked as it was told there. With `inside`, what one of the internal
    audience could tell of age, nationality and appointment. With `plain`, what the figures of this release would tell
    if they were published exactly with cells under 5 hidden. Raises Fault if the two files do not belong together.
    """
    with ExitStack() as stack:
        where = told.where(internal, public)
        if unknown := set(quarters) - set(where):
            raise InputError(f"there is no quarter {', '.join(sorted(unknown))} in {internal}")
        own = _opened(stack, internal, public)
        source = Source.of(own)
        changed = {source.quarters[row[0]] for row in own.execute("select quarter from i.changed_since").fetchall()}
        told_by = dict(own.execute(_TOLD_BY).fetchall())
        wanted = [quarter for quarter in where if not quarters or quarter in quarters]
        # What it was told from is not known any more.
        lost = {
            quarter: told_by[quarter]
            for quarter in wanted
            if not plain and quarter in changed and where[quarter] == (internal, public)
        }
        wanted = [quarter for quarter in wanted if quarter not in lost]
        policy = _plain_policy(source.policy) if plain else source.policy

        def tasks() -> Iterator[Task]:
            opened = {(internal, public): source}
            for quarter in wanted:
                files = (internal, public) if plain else where[quarter]
                if files not in opened:
                    opened[files] = Source.of(_opened(stack, *files))
                mine = opened[files]
                number = mine.ids["quarter"][quarter]
                rows = mine.rows(number)
                if inside:
                    yield from (_inside(mine, rows, dimension) for dimension in DIMENSIONS if dimension)
                    continue
                shown = read_public(mine.connection, mine, quarter)
                editions = () if plain else _Before(mine, earlier).told(quarter, rows.digest)
                for dimension in DIMENSIONS:
                    true = records(rows, mine.codes, dimension)
                    tables = published(mine, shown, number, dimension)
                    if plain:
                        tables = attack.tables.plain(true, policy, dimension)
                    before = tuple(
                        Edition(records(known, mine.codes, dimension), published(mine, cut, number, dimension))
                        for known, cut in editions
                    )
                    yield Task(now=Edition(true, tables), earlier=before, dimension=dimension, audience="public")

        try:
            outcome = attack.attack_quarters(tasks(), policy, workers=2 if len(wanted) >= WORTH_TWO else 1, mend=False)
        except AttackError as error:
            raise Fault(f"{public} does not show what {internal} holds: {error}") from error
        withheld = own.execute("select count(*) from p.withheld where quarter = $1", [ANY]).fetchone()[0]
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
            # Told by a release that is not here, from figures that have changed since.
            "left_out": lost,
            "plain": plain,
            "inside": inside,
            "withheld": 0 if plain or inside else withheld,
            "attacks": by_kind,
            "certain": len(outcome.certain),
            "tables": dict(sorted(tables_of.items(), key=lambda item: -item[1])),
        }


_TOLD_BY = """
    select codes.code, told.release
    from i.told
    inner join i.codes on codes.dimension = 'quarter' and told.quarter = codes.id
"""


def _opened(stack: ExitStack, internal: Path, public: Path) -> duckdb.DuckDBPyConnection:
    connection = stack.enter_context(duckdb.connect(":memory:"))
    attach(connection, internal, "i")
    attach(connection, public, "p")
    return connection


def inside(source: Source, quarter: str) -> tuple[dict[str, dict[str, Any]], attack.Withheld]:
    """Attack what signed-in staff see of a quarter, and withhold groups until nothing is certain.

    Returns what came of it by kind of attack, and the groups that had to go, by internal table. Raises InputError where
    nothing helps.
    """
    rows = source.rows(source.ids["quarter"][quarter])
    said: dict[str, dict[str, Any]] = {}
    withheld: attack.Withheld = {}
    for dimension in DIMENSIONS:
        if dimension:
            result = attack.protect(_inside(source, rows, dimension), source.policy)
            if result.certain:
                raise InputError(
                    f"signed-in staff could be certain of {counted(len(result.certain), 'count')} of 1 to 5, the first "
                    f"in {result.certain[0].table} of {quarter}, whatever is withheld of it. {_NOT_A_DRAW}"
                )
            said[name_of(dimension, "internal")] = {
                **dict(zip(_NUMBERS, _numbers(result), strict=True)),
                # Groups not broken down because of it, and tables of which nothing is shown.
                "withheld": sum(len(groups) for groups in result.withheld.values()),
                "whole": list(result.whole),
            }
            withheld = attack.joined(withheld, result.withheld)
            # Tables of which nothing is shown: that of all staff together, say, or all there are of a dimension.
            withheld = attack.joined(withheld, dict.fromkeys(result.whole, RowGroups.of([(ANY,) * len(GROUP)])))
    return said, withheld


def _inside(source: Source, rows: Rows, dimension: str) -> Task:
    """One personal dimension to the internal audience, for which places and departments are exact."""
    codes = source.codes
    staff = {name: column[rows.staff["appointment"] != codes.temporary] for name, column in rows.staff.items()}
    bound = np.isin(staff["department"], list(codes.place_bound))
    true = Records(
        quarter=rows.number,
        member=staff[dimension],
        coarser={name: staff[name] for name in DIMENSIONS[dimension]},
        sub=np.where(bound, staff["department"].astype(np.int64), -1),
        rc=(staff["rc"] == codes.rc).astype(np.int64),
        **{name: staff[name] for name in ("entity", "category", "grade", "department", *_PLACES, "women", "men")},
    )
    shown: dict[str, Cells] = {}
    broken: dict[str, np.ndarray] = {}
    for name in (dimension, *DIMENSIONS[dimension]):
        for cut, packed, found in groups.broken_down(source.connection, source.policy, rows.number, name):
            table = groups.internal_name(name, cut)
            broken[table] = packed
            if name == "appointment":
                regular = found["member"] != codes.temporary
                found = {key: column[regular] for key, column in found.items()}
            named = {slot: found[slot] for slot in groups.slots(groups.cuts(source.policy)[cut])}
            shown[table] = Cells(women=found["women"], men=found["men"], member=found["member"], **named)
    return Task(now=Edition(true, Published(shown, broken_down=broken)), dimension=dimension, audience="internal")


_NUMBERS = ("attacked", "shown", "excepted", "certain", "seconds")


def _numbers(result: Result) -> tuple[float, ...]:
    return result.attacked, result.shown, len(result.excepted), len(result.certain), round(result.seconds, 2)


def _plain_policy(policy: Policy) -> Policy:
    """No rounding; cells under 5 hidden."""
    return replace(policy, base=1, offset=0, floor_place=5, floor_person=5)
