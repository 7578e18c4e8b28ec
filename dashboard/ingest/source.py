"""What the public file of a release is made from: its internal file, read quarter by quarter. Also earlier releases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np

from dashboard.disclosure.attack_input import RowGroups
from dashboard.disclosure.policy import Policy
from dashboard.disclosure.policy import from_json as policy_from_json
from dashboard.ingest import cells
from dashboard.ingest.cells import ANY
from dashboard.ingest.problems import Fault
from dashboard.selection import TEMPORARY

#: To be raised when the same figures would come out rounded, judged or attacked in another way.
VERSION = "3"
#: Dimensions in which places can be told, the more exact first.
PLACES = ("duty_station", "country", "unct", "department")
CORE_COLUMNS = (
    *("entity", "department", "category", "grade", "unct", "country", "duty_station", "region", "headquarters", "rc"),
    *("women", "men", "key"),
)
STAFF_COLUMNS = (*CORE_COLUMNS, "age_group", "nationality", "nationality_region", "regional_group", "appointment")
#: Row groups as a manifest keeps them: by table, codes in the order of `GROUP`, None for whatever it is.
Coded = Mapping[str, Sequence[Sequence[str | None]]]
GROUP = ("member", "entity", "category", "grade")


@dataclass(frozen=True, slots=True)
class Protected:
    """Ids of the internal file, by dimension, that do not exist in public."""

    ids: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True)
class Rows:
    """One quarter of the internal file: the columns of staff_core and of staff, and what tells them from others."""

    number: int
    core: cells.Columns
    staff: cells.Columns
    digest: str


@dataclass(frozen=True)
class Source:
    """An internal file that is attached as `i`."""

    connection: duckdb.DuckDBPyConnection
    policy: Policy
    meta: Mapping[str, str]
    by_id: Mapping[str, Sequence[str]]  # dimension -> codes by id
    ids: Mapping[str, Mapping[str, int]]
    protected: Protected
    codes: cells.Codes
    _lists: bytes

    @classmethod
    def of(cls, connection: duckdb.DuckDBPyConnection) -> Source:
        """Read what there is of codes and keys."""
        meta = dict(connection.execute("select key, value from i.meta").fetchall())
        policy = policy_from_json(meta["policy"])
        by_id: dict[str, list[str]] = {}
        for dimension, code in connection.execute(
            "select dimension, code from i.codes order by dimension, id"
        ).fetchall():
            by_id.setdefault(dimension, []).append(code)
        ids = {name: {code: number for number, code in enumerate(found)} for name, found in by_id.items()}
        keys: dict[str, list[int]] = {}
        for dimension, number, key in connection.execute(
            "select dimension, id, key from i.code_keys order by dimension, id"
        ).fetchall():
            if number != len(keys.setdefault(dimension, [])):
                raise Fault(f"the keys of {dimension} have a gap at {number}")
            keys[dimension].append(key)
        protected = protected_places(connection, policy)
        codes = cells.Codes(
            temporary=ids["appointment"][TEMPORARY],
            rc=ids["rc"]["yes"],
            place_bound=frozenset(row[0] for row in connection.execute(PLACE_BOUND_IDS).fetchall()),
            keys={dimension: np.array(found, np.uint64) for dimension, found in keys.items()},
            protected=protected.ids,
        )
        told = {
            "version": VERSION,
            "policy": meta["policy"],
            "rounding": hashlib.sha256(meta["rounding_key"].encode()).hexdigest(),
            "codes": {name: found for name, found in by_id.items() if name != "quarter"},
            "place_bound": sorted(codes.place_bound),
            "protected": {name: sorted(found) for name, found in protected.ids.items()},
        }
        lists = hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=16).digest()
        return cls(connection, policy, meta, by_id, ids, protected, codes, lists)

    @property
    def quarters(self) -> Sequence[str]:
        """The quarters of the release, by id."""
        return self.by_id["quarter"]

    def rows(self, number: int) -> Rows:
        """The rows of one quarter."""
        core, staff = self.columns(number)
        digest = hashlib.blake2b(self._lists, digest_size=16)
        for rows in (core, staff):
            for column in rows.values():
                digest.update(np.ascontiguousarray(column))
        return Rows(number, core, staff, digest.hexdigest())

    def columns(self, number: int) -> tuple[cells.Columns, cells.Columns]:
        """The columns of staff_core and of staff in one quarter."""
        return self.core(number), self._columns("staff", STAFF_COLUMNS, number)

    def core(self, number: int) -> cells.Columns:
        """The columns of staff_core in one quarter."""
        return self._columns("staff_core", CORE_COLUMNS, number)

    def _columns(self, table: str, columns: Sequence[str], number: int) -> cells.Columns:
        query = f"select {', '.join(columns)} from i.{table} where quarter = $1"  # noqa: S608 - names of ours
        found = self.connection.execute(query, [number]).to_arrow_table()
        return {name: found[name].to_numpy() for name in columns}

    def follows(self, child: str, parent: str) -> Mapping[str, str]:
        """What each code of a dimension that anybody has lies in, such as the country of a station."""
        if (child, parent) not in self._followed:
            self._followed[child, parent] = self._follows(child, parent)
        return self._followed[child, parent]

    @cached_property
    def _followed(self) -> dict[tuple[str, str], Mapping[str, str]]:
        return {}

    def _follows(self, child: str, parent: str) -> Mapping[str, str]:
        if child == parent:
            return {code: code for code in self.by_id[child]}
        table = "staff" if child in STAFF_COLUMNS[len(CORE_COLUMNS) :] else "staff_core"
        query = f"select distinct {child}, {parent} from i.{table}"  # noqa: S608 - names of ours
        rows = self.connection.execute(query).fetchall()
        return {self.by_id[child][low]: self.by_id[parent][high] for low, high in rows}

    def coded(self, groups: Mapping[str, RowGroups]) -> dict[str, list[list[str | None]]]:
        """Row groups as codes, for a manifest."""
        found = {}
        for table, rows in groups.items():
            names = (self.policy.tables()[table].dimension, "entity", "category", "grade")
            found[table] = [
                [None if number == ANY else self.by_id[name][number] for name, number in zip(names, row, strict=True)]
                for row in rows.rows()
            ]
        return found

    def groups(self, coded: Coded) -> dict[str, RowGroups]:
        """Row groups of a manifest as ids; what names a table or a code that has gone needs no withholding."""
        found = {}
        for table, rows in coded.items():
            if table not in self.policy.tables():
                continue
            names = (self.policy.tables()[table].dimension, "entity", "category", "grade")
            numbers = [
                tuple(
                    ANY if code is None else self.ids[name].get(code, -1) for name, code in zip(names, row, strict=True)
                )
                for row in rows
            ]
            found[table] = RowGroups.of(row for row in numbers if -1 not in row)
        return found


def attach(connection: duckdb.DuckDBPyConnection, path: Path, name: str, *, read_only: bool = True) -> None:
    """Attach a release file, to read it unless said otherwise."""
    mode = " (read_only)" if read_only else ""
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name}{mode}")


PLACE_BOUND_IDS = "select id from i.codes where dimension = 'department' and (attributes ->> 'place_bound') = '1'"


def protected_places(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Protected:
    """Places that exist in public only as their region.

    Listed ones; a country, country team or place-bound department that protected places hold more than a share of the
    staff of, in any quarter; and what lies within a protected country or country team.
    """
    ids: dict[str, set[int]] = {dimension: set() for dimension in PLACES}
    if not policy.presence_protected:
        return Protected({})
    listed = set(policy.presence_protected)
    for dimension, number, code in _places(connection):
        if code in listed:
            ids[dimension].add(number)
    # From the code lists, so that a place where nobody is now is not named either.
    numbers = {(dimension, code): number for dimension, number, code in _places(connection)}
    within = [
        (dimension, number, outer, numbers[outer, code])
        for dimension, outer in (("duty_station", "country"), ("country", "unct"))
        for number, code in connection.execute(
            "select id, attributes ->> $1 from i.codes where dimension = $2", [outer, dimension]
        ).fetchall()
        if (outer, code) in numbers
    ]
    bound = {row[0] for row in connection.execute(PLACE_BOUND_IDS).fetchall()}
    while True:
        before = sum(map(len, ids.values()))
        for dimension, number, outer, place in (*within, *within):
            if place in ids[outer]:
                ids[dimension].add(number)
        stations = ", ".join(map(str, sorted(ids["duty_station"]))) or "null"
        for dimension in ("country", "unct", "department"):
            dominated = connection.execute(
                f"""
                select distinct {dimension}
                from (
                    select
                        {dimension}, quarter, sum(women + men) as staff,
                        sum(women + men) filter (where duty_station in ({stations})) as hidden
                    from i.staff_core
                    group by {dimension}, quarter
                )
                where hidden > $share * staff
                """,  # noqa: S608 - names and numbers of ours
                {"share": policy.dominates_from},
            ).fetchall()
            found = {row[0] for row in dominated} - _missing(connection, dimension)
            ids[dimension] |= found & bound if dimension == "department" else found
        if sum(map(len, ids.values())) == before:
            return Protected({dimension: frozenset(found) for dimension, found in ids.items() if found})


def _places(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, str]]:
    return connection.execute(
        "select dimension, id, code from i.codes where dimension in ('duty_station', 'country', 'unct', 'department')"
    ).fetchall()


def _missing(connection: duckdb.DuckDBPyConnection, dimension: str) -> set[int]:
    query = "select id from i.codes where dimension = $1 and code in ('not-reported', 'not-applicable')"
    return {row[0] for row in connection.execute(query, [dimension]).fetchall()}
