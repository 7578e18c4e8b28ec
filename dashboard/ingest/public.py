"""Writes the public file of a release from its internal one: only what may be shown, and nothing to be hidden later.

DuckDB counts heads and contents; Python draws which way each shown number is rounded (disclosure.rounding). What is
counted on the way stays in memory and in temporary tables: the file itself has never held a row that is not shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from dashboard import measures
from dashboard.disclosure import rounding
from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.disclosure.policy import EXACT, ROUNDED, Policy, Table
from dashboard.disclosure.policy import from_json as policy_from_json
from dashboard.selection import PERSONAL, TEMPORARY

SQL = Path(__file__).parent / "sql"
FILE = "public.duckdb"
#: All there may be in a public file; a check compares. `meta` says when and by what it was made.
TABLES = (
    *("codes", "coverage", "movements", "staff_core", "staff_core_change", "tables", "cells", "withheld"),
    "other_shown",
)
#: Of a key that a table does not have; in `withheld`, of a key that is meant whatever it is.
ANY = 65535
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

    def without(self, dimension: str) -> str:
        """A condition on a column of this dimension, always true if nothing is protected."""
        ids = self.ids.get(dimension)
        return f"{dimension} not in ({', '.join(map(str, sorted(ids)))})" if ids else "true"


@dataclass
class Counted:
    """Cells as counted, by column: keys with the ids of the internal file, true heads, contents, and what is allowed.

    `allowed` is False where the rules for groups of persons withhold the breakdown.
    """

    columns: dict[str, npt.NDArray]

    def __len__(self) -> int:
        return len(self.columns["tbl"])

    def __getitem__(self, name: str) -> npt.NDArray:
        return self.columns[name]

    def where(self, chosen: npt.NDArray) -> Counted:
        """The chosen ones."""
        return Counted({name: column[chosen] for name, column in self.columns.items()})


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
        _codes(connection, protected)
        connection.execute("set variable other_from = $1", [policy.other_from])
        connection.execute((SQL / "public_core.sql").read_text(encoding="utf-8"))
        _tables(connection, policy)
        quarters = [row[0] for row in connection.execute("select id from codes where dimension = 'quarter'").fetchall()]
        counted = count(connection, policy, protected, quarters)
        _shown(connection, policy, counted, meta["rounding_key"])
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


def _codes(connection: duckdb.DuckDBPyConnection, protected: Protected) -> None:
    """The code lists without protected places, ids counted anew, and what internal ids become.

    `member_ids(dimension, id, becomes)` are the members of tables; `department_ids(id, becomes)` those of the exact
    tables, where all place-bound departments are one.
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
    connection.execute("create temp table member_ids (dimension varchar, id usmallint, becomes usmallint)")
    dimension, ids, new = zip(*becomes, strict=True)
    _insert(connection, "member_ids", pa.table({"dimension": list(dimension), "id": ids, "becomes": new}))
    connection.execute(
        "create temp table department_ids as "  # noqa: S608 - names and numbers of ours
        f"select all_of.id, case when bound.id is not null then {together} else member_ids.becomes end as becomes "
        "from (select id from i.codes where dimension = 'department') as all_of "
        f"left join ({_BOUND}) as bound on all_of.id = bound.id "
        "left join member_ids on member_ids.dimension = 'department' and all_of.id = member_ids.id"
    )


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


def count(
    connection: duckdb.DuckDBPyConnection, policy: Policy, protected: Protected, quarters: Sequence[int]
) -> Counted:
    """Count the cells of all public tables in some quarters: those of exact tables, and the ones from the floor up."""
    connection.execute(
        "create or replace temp table counted (tbl usmallint, quarter usmallint, member usmallint, entity usmallint, "
        "category usmallint, grade usmallint, women integer, men integer, women_content ubigint, men_content ubigint, "
        "allowed boolean)"
    )
    keys = {
        (dimension, number): key
        for dimension, number, key in connection.execute("select dimension, id, key from i.code_keys").fetchall()
    }
    connection.execute("set variable women_key = $1::hugeint", [keys["sex", 0]])
    connection.execute("set variable men_key = $1::hugeint", [keys["sex", 1]])
    wanted: dict[str, list[tuple[int, Table]]] = {}
    for number, table in enumerate(policy.tables().values()):
        wanted.setdefault(table.dimension, []).append((number, table))
    chosen = f"quarter in ({', '.join(map(str, quarters))})"
    for dimension, tables in wanted.items():
        if not quarters:
            break
        if tables[0][1].kind == PERSONAL:
            _personal_base(connection, dimension, chosen)
        else:
            _place_base(connection, dimension, chosen, protected)
        for number, table in tables:
            _roll_up(connection, number, table, policy)
    found = connection.execute("select * from counted").to_arrow_table()
    connection.execute("drop table if exists base")
    connection.execute("drop table counted")
    return Counted({name: found[name].to_numpy() for name in found.column_names})


def _place_base(connection: duckdb.DuckDBPyConnection, dimension: str, chosen: str, protected: Protected) -> None:
    only = f"department in ({_BOUND})" if dimension == "department" else "true"
    entity = f"{ANY}::usmallint" if dimension == "department" else "entity"
    connection.execute(
        f"""
        create or replace temp table base as
        select
            quarter, {dimension} as member, {entity} as entity, category, grade, rc = rcs.id as rc,
            sum(women)::bigint as women, sum(men)::bigint as men,
            sum(women::hugeint * key) as women_records, sum(men::hugeint * key) as men_records
        from i.staff_core
        cross join (select id from i.codes where dimension = 'rc' and code = 'yes') as rcs
        where {chosen} and {only} and {protected.without(dimension)}
        group by all
        """  # noqa: S608 - names and numbers of ours
    )


def _personal_base(connection: duckdb.DuckDBPyConnection, dimension: str, chosen: str) -> None:
    # What is derived from a nationality is rounded by the keys of the nationalities.
    keyed = "nationality" if dimension in ("nationality_region", "regional_group") else dimension
    regular = "true" if dimension == "appointment" else "appointment <> temporary.id"
    connection.execute(
        f"""
        create or replace temp table base as
        with cells as (
            select
                quarter, {dimension} as member, {keyed} as keyed, entity, category, grade,
                sum(women)::bigint as women, sum(men)::bigint as men,
                sum(women::hugeint * key) as women_records, sum(men::hugeint * key) as men_records
            from i.staff
            cross join (select id from i.codes where dimension = 'appointment' and code = '{TEMPORARY}') as temporary
            where {chosen} and {regular}
            group by all
        )
        select
            cells.quarter, cells.member, cells.entity, cells.category, cells.grade, false as rc,
            sum(cells.women)::bigint as women, sum(cells.men)::bigint as men,
            sum(cells.women_records + cells.women::hugeint * keys.key) as women_records,
            sum(cells.men_records + cells.men::hugeint * keys.key) as men_records
        from cells
        inner join i.code_keys as keys on keys.dimension = '{keyed}' and cells.keyed = keys.id
        group by all
        """  # noqa: S608 - names of ours
    )


def _roll_up(connection: duckdb.DuckDBPyConnection, number: int, table: Table, policy: Policy) -> None:
    """One public table from the base of its dimension."""
    has = {name: name if name in table.keys else f"{ANY}::usmallint" for name in ("entity", "category", "grade")}
    group = ", ".join(("quarter", "member", *(name for name in has if name in table.keys)))
    heads = "" if table.floor else "having sum(women) + sum(men) > 0"
    cells = f"""
        select
            quarter, member, {has["entity"]} as entity, {has["category"]} as category, {has["grade"]} as grade,
            sum(women) as women, sum(men) as men,
            ((sum(women_records) + sum(women) * getvariable('women_key')) % {rounding.MODULUS}::hugeint)::ubigint
            as women_content,
            ((sum(men_records) + sum(men) * getvariable('men_key')) % {rounding.MODULUS}::hugeint)::ubigint
            as men_content
        from base
        where {"rc" if "rc" in table.keys else "true"}
        group by {group}
        {heads}
    """  # noqa: S608 - names and numbers of ours
    if table.kind != PERSONAL:
        connection.execute(
            f"insert into counted select {number}, *, true from ({cells}) where women + men >= {table.floor}"  # noqa: S608
        )
        return
    outside = [name for name in ("entity", "category", "grade") if name in table.keys]
    using = ", ".join(("quarter", *outside))
    # The temporary member is of another population: no part of what a group is known to be.
    regular = "true"
    if table.dimension == "appointment":
        regular = f"member <> (select id from i.codes where dimension = 'appointment' and code = '{TEMPORARY}')"
    connection.execute(
        f"""
        insert into counted
        with cells as materialized ({cells}),

        groups as (
            select
                {using},
                coalesce(sum(women) filter (where {regular}), 0) as women,
                coalesce(sum(men) filter (where {regular}), 0) as men,
                coalesce(max(women) filter (where {regular}), 0) as most_women,
                coalesce(max(men) filter (where {regular}), 0) as most_men
            from cells
            group by {using}
        )

        select
            {number}, cells.*,
            least(groups.women, groups.men) >= {policy.least_of_each_sex}
            and groups.women - groups.most_women >= {policy.others_at_least}
            and groups.men - groups.most_men >= {policy.others_at_least} as allowed
        from cells
        inner join groups using ({using})
        where cells.women + cells.men >= {table.floor}
        """  # noqa: S608 - names and numbers of ours
    )


# -- showing --


def rounded(counted: Counted, tables: Sequence[Table], key: str, base: int) -> tuple[npt.NDArray, npt.NDArray]:
    """Women and men as shown: as counted in exact tables, else rounded; each different content is drawn for once."""
    protected = np.array([table.protection == ROUNDED for table in tables])[counted["tbl"]]
    shown = []
    for sex in ("women", "men"):
        heads = counted[sex].astype(np.int64)
        at = np.flatnonzero(protected & (heads % base != 0))
        contents, first, which = np.unique(counted[f"{sex}_content"][at], return_index=True, return_inverse=True)
        drawn = rounding.round_counts(key, heads[at][first], contents.tolist(), base)
        heads[at] = drawn[which]
        shown.append(heads)
    return shown[0], shown[1]


def statuses(women: npt.NDArray, men: npt.NDArray, least: int) -> pa.Array:
    """The parity status of true counts, null under a head-count."""
    pairs, which = np.unique(women.astype(np.int64) << 32 | men.astype(np.int64), return_inverse=True)
    found = [
        measures.status(pair >> 32, pair & 0xFFFFFFFF) if (pair >> 32) + (pair & 0xFFFFFFFF) >= least else None
        for pair in pairs.tolist()
    ]
    return pa.array(found, pa.string()).take(pa.array(which))


def _shown(connection: duckdb.DuckDBPyConnection, policy: Policy, counted: Counted, key: str) -> None:
    """Write `cells` and `withheld`."""
    tables = list(policy.tables().values())
    women, men = rounded(counted, tables, key, policy.base)
    # A cell that rounds to nobody looks like any under the floor.
    some = women + men > 0
    show = some & counted["allowed"]
    columns: dict[str, Any] = {name: counted[name][show] for name in CELL}
    columns |= {"women": women[show].astype(np.int32), "men": men[show].astype(np.int32)}
    columns["status"] = statuses(counted["women"][show], counted["men"][show], policy.status_from)
    dimensions = [table.dimension for table in tables]
    connection.register("shown", pa.table(columns))
    connection.execute(
        f"""
        insert into cells
        select
            shown.tbl, shown.quarter, member_ids.becomes as member, shown.entity, shown.category, shown.grade,
            shown.women, shown.men, shown.status
        from shown
        inner join (select unnest({dimensions!r}) as dimension, unnest(range({len(tables)})) as tbl) as dimensions
            on shown.tbl = dimensions.tbl
        inner join member_ids on dimensions.dimension = member_ids.dimension and shown.member = member_ids.id
        order by shown.tbl, shown.quarter, member, shown.entity, shown.category, shown.grade
        """  # noqa: S608 - names of ours
    )
    connection.unregister("shown")
    hidden = counted.where(some & ~counted["allowed"])
    groups = {name: hidden[name] for name in CELL if name != "member"}
    connection.register("hidden", pa.table(groups))
    connection.execute(
        f"insert into withheld select distinct tbl, quarter, {ANY} as member, entity, category, grade from hidden "  # noqa: S608
        "order by all"
    )
    connection.unregister("hidden")


def exact_tables(policy: Policy) -> Iterable[Table]:
    """The tables whose cells are as counted."""
    return (table for table in policy.tables().values() if table.protection == EXACT)
