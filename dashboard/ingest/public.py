"""Writes the public file of a release from its internal one: only what may be shown, and nothing to be hidden later.

DuckDB counts heads and contents; Python draws which way each shown number is rounded (disclosure.rounding). What is
counted on the way stays in memory and in temporary tables: the file itself has never held a row that is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.disclosure.policy import Policy
from dashboard.disclosure.policy import from_json as policy_from_json
from dashboard.ingest import cells
from dashboard.ingest.cells import ANY
from dashboard.ingest.problems import Fault
from dashboard.selection import TEMPORARY

SQL = Path(__file__).parent / "sql"
FILE = "public.duckdb"
#: All there may be in a public file; a check compares. `meta` says when and by what it was made.
TABLES = (
    *("codes", "coverage", "movements", "staff_core", "staff_core_change", "tables", "cells", "withheld"),
    "other_shown",
)
PLACE_BOUND_NAME = "Missions and offices bound to one place, together"
#: What is said of a release in both files; the keys of the rounding are in the internal one only.
META = (
    *("name", "quarter", "published", "schema_version", "demonstration", "policy", "policy_version"),
    "code_version",
)
#: Dimensions in which places can be told, the more exact first.
PLACES = ("duty_station", "country", "unct", "department")
CELL = ("tbl", "quarter", "member", "entity", "category", "grade")
MEMORY = "800MB"


@dataclass(frozen=True, slots=True)
class Protected:
    """Ids of the internal file, by dimension, that do not exist in public."""

    ids: Mapping[str, frozenset[int]]


def write(internal: Path, target: Path, *, memory: str = MEMORY, spill: Path | None = None) -> dict[str, int]:
    """Write the public file beside an internal one, whose policy and keys it follows. Returns rows by table."""
    with duckdb.connect(target) as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        connection.execute("set autoinstall_known_extensions = false")
        if spill is not None:
            connection.execute("set temp_directory = ?", [str(spill)])
        connection.execute(f"attach '{str(internal).replace(chr(39), chr(39) * 2)}' as i (read_only)")
        meta = dict(connection.execute("select key, value from i.meta").fetchall())
        policy = policy_from_json(meta["policy"])
        connection.execute((SQL / "public_schema.sql").read_text(encoding="utf-8"))
        protected = protected_places(connection, policy)
        ids = _codes(connection, protected)
        connection.execute("set variable other_from = $1", [policy.other_from])
        connection.execute((SQL / "public_core.sql").read_text(encoding="utf-8"))
        _tables(connection, policy)
        quarters = [row[0] for row in connection.execute("select id from codes where dimension = 'quarter'").fetchall()]
        codes = codes_of(connection, protected)
        counted: list[cells.Cells] = []
        for quarter in quarters:
            core = rows_of(connection, "staff_core", CORE_COLUMNS, quarter)
            staff = rows_of(connection, "staff", STAFF_COLUMNS, quarter)
            counted.extend(cells.Quarter(quarter, core, staff, codes, policy).tables())
        _show(connection, policy, counted, meta["rounding_key"], ids)
        connection.execute((SQL / "public_coverage.sql").read_text(encoding="utf-8"))
        kept = {**{key: meta[key] for key in META if key in meta}, "audience": "public"}
        rows = pa.table({"key": list(kept), "value": list(kept.values())})
        _insert(connection, "meta", rows)
        counts = {}
        for table in TABLES:
            counts[table] = connection.execute(f'select count(*) from "{table}"').fetchone()[0]  # noqa: S608
        connection.execute("detach i")
        connection.execute("checkpoint")
    return counts


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table, order: str = "") -> None:
    connection.register("rows_to_insert", rows)
    connection.execute(f"insert into {table} select * from rows_to_insert {order}")  # noqa: S608 - names of ours
    connection.unregister("rows_to_insert")


# -- codes --


def protected_places(connection: duckdb.DuckDBPyConnection, policy: Policy) -> Protected:
    """Places that exist in public only as their region.

    Listed ones; a country, country team or place-bound department that protected places hold more than a share of the
    staff of, in any quarter; and what lies within a protected country or country team.
    """
    ids: dict[str, set[int]] = {dimension: set() for dimension in PLACES}
    if not policy.presence_protected:
        return Protected({})
    listed = set(policy.presence_protected)
    for dimension, number, code in connection.execute(
        "select dimension, id, code from i.codes where dimension in ('duty_station', 'country', 'unct', 'department')"
    ).fetchall():
        if code in listed:
            ids[dimension].add(number)
    inside = connection.execute("select distinct duty_station, country, unct from i.staff_core").fetchall()
    bound = {row[0] for row in connection.execute(_BOUND).fetchall()}
    while True:
        before = sum(map(len, ids.values()))
        for station, country, unct in inside:
            if unct in ids["unct"]:
                ids["country"].add(country)
            if country in ids["country"]:
                ids["duty_station"].add(station)
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


_BOUND = "select id from i.codes where dimension = 'department' and (attributes ->> 'place_bound') = '1'"


def _missing(connection: duckdb.DuckDBPyConnection, dimension: str) -> set[int]:
    query = "select id from i.codes where dimension = $1 and code in ('not-reported', 'not-applicable')"
    return {row[0] for row in connection.execute(query, [dimension]).fetchall()}


def _codes(connection: duckdb.DuckDBPyConnection, protected: Protected) -> dict[str, np.ndarray]:
    """The code lists without protected places, ids counted anew. Returns what internal ids become, by dimension.

    The temporary table `department_ids(id, becomes)` is of the exact tables, where all place-bound departments are one.
    """
    rows = connection.execute(
        "select dimension, id, code, name, attributes::varchar from i.codes order by rowid"
    ).fetchall()
    hidden_codes = {
        code
        for dimension, number, code, *_ in rows
        if number in protected.ids.get(dimension, ()) and dimension in PLACES
    }
    kept: list[tuple[str, int, str, str, str]] = []
    becomes: list[tuple[str, int, int]] = []
    used: dict[str, int] = {}
    for dimension, number, code, name, attributes in rows:
        if number in protected.ids.get(dimension, ()):
            continue
        new = used[dimension] = used.get(dimension, -1) + 1
        kept.append((dimension, new, code, name, _told(attributes, hidden_codes)))
        becomes.append((dimension, number, new))
    together = used["department"] + 1
    last = max(at for at, row in enumerate(kept) if row[0] == "department")
    kept.insert(last + 1, ("department", together, PLACE_BOUND, PLACE_BOUND_NAME, "{}"))
    dimension, ids, code, name, attributes = zip(*kept, strict=True)
    table = {
        "dimension": list(dimension),
        "id": pa.array(ids, pa.uint16()),
        "code": list(code),
        "name": list(name),
        "attributes": list(attributes),
    }
    _insert(connection, "codes", pa.table(table))
    ids: dict[str, np.ndarray] = {}
    for dimension in used:
        numbers = [(old, new) for name, old, new in becomes if name == dimension]
        ids[dimension] = np.full(max(old for old, _ in numbers) + 1, ANY, np.uint16)
        for old, new in numbers:
            ids[dimension][old] = new
    departments = pa.table({"id": range(len(ids["department"])), "becomes": ids["department"]})
    connection.register("department_rows", departments)
    connection.execute(
        "create temp table department_ids as select department_rows.id, "  # noqa: S608 - names and numbers of ours
        f"case when bound.id is not null then {together} else department_rows.becomes end as becomes "
        f"from department_rows left join ({_BOUND}) as bound on department_rows.id = bound.id"
    )
    connection.unregister("department_rows")
    return ids


def _told(attributes: str, hidden: set[str]) -> str:
    """Attributes of a code without the codes of protected places that a country team or a station may name."""
    if not hidden:
        return attributes
    known: dict[str, Any] = json.loads(attributes)
    for name in ("countries", "country", "unct"):
        if name in known:
            known[name] = "|".join(code for code in known[name].split("|") if code not in hidden)
    return json.dumps(known, ensure_ascii=False, sort_keys=True)


def _tables(connection: duckdb.DuckDBPyConnection, policy: Policy) -> None:
    tables = list(policy.tables().values())
    rows = {
        "id": pa.array(range(len(tables)), pa.uint16()),
        "name": [table.name for table in tables],
        "keys": [list(table.keys) for table in tables],
        "protection": [table.protection for table in tables],
        "floor": pa.array([table.floor for table in tables], pa.uint16()),
    }
    _insert(connection, '"tables"', pa.table(rows))


# -- counting --

CORE_COLUMNS = (
    *("entity", "department", "category", "grade", "unct", "country", "duty_station", "region", "headquarters", "rc"),
    *("women", "men", "key"),
)
STAFF_COLUMNS = (*CORE_COLUMNS, "age_group", "nationality", "nationality_region", "regional_group", "appointment")


def codes_of(connection: duckdb.DuckDBPyConnection, protected: Protected) -> cells.Codes:
    """What counting has to know of the ids of the internal file."""
    ids = {
        (dimension, code): number
        for dimension, number, code in connection.execute("select dimension, id, code from i.codes").fetchall()
    }
    keys: dict[str, list[int]] = {}
    for dimension, number, key in connection.execute(
        "select dimension, id, key from i.code_keys order by dimension, id"
    ).fetchall():
        if number != len(keys.setdefault(dimension, [])):
            raise Fault(f"the keys of {dimension} have a gap at {number}")
        keys[dimension].append(key)
    return cells.Codes(
        temporary=ids["appointment", TEMPORARY],
        rc=ids["rc", "yes"],
        place_bound=frozenset(row[0] for row in connection.execute(_BOUND).fetchall()),
        keys={dimension: np.array(found, np.uint64) for dimension, found in keys.items()},
        protected=protected.ids,
    )


def rows_of(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str], quarter: int) -> cells.Columns:
    """The rows of one quarter of the internal file, by column."""
    query = f"select {', '.join(columns)} from i.{table} where quarter = $1"  # noqa: S608 - names of ours
    found = connection.execute(query, [quarter]).to_arrow_table()
    return {name: found[name].to_numpy() for name in columns}


def _show(
    connection: duckdb.DuckDBPyConnection, policy: Policy, counted: Sequence[cells.Cells], key: str, ids: Mapping
) -> None:
    """Write `cells` and `withheld` of tables counted quarter by quarter."""
    tables = {table.name: number for number, table in enumerate(policy.tables().values())}
    parts = sorted((part for part in counted if len(part)), key=lambda part: tables[part.table.name])
    if not parts:
        return
    columns = cells.joined(parts)
    lengths = [len(part) for part in parts]
    columns["tbl"] = np.repeat(np.array([tables[part.table.name] for part in parts], np.uint16), lengths)
    columns["member"] = np.concatenate([ids[part.table.dimension][part["member"]] for part in parts])
    protected = cells.is_rounded(policy.tables().values())[columns["tbl"]]
    women, men = cells.rounded(columns, protected, key, policy.base)
    # A cell that rounds to nobody looks like any under the floor.
    some = women + men > 0
    show = some & columns["allowed"]
    shown = {name: columns[name][show] for name in CELL}
    shown |= {"women": women[show].astype(np.int32), "men": men[show].astype(np.int32)}
    status = cells.statuses(columns["women"][show], columns["men"][show], policy.status_from)
    _insert(connection, "cells", pa.table({**shown, "status": pa.array(status, pa.string())}))
    hidden = some & ~columns["allowed"]
    groups = {name: columns[name][hidden] for name in CELL if name != "member"}
    connection.register("hidden", pa.table(groups))
    connection.execute(
        f"insert into withheld select distinct tbl, quarter, {ANY} as member, entity, category, grade from hidden "  # noqa: S608
        "order by all"
    )
    connection.unregister("hidden")
