"""A release with ten times the rows of another: every cell ten times, at ten duty stations.

Sums grow tenfold too. A copy keeps the country of its cell while its station moves on by a tenth of the list of
stations in order of their countries, which is further than the stations of any country reach: so no two copies fall on
one cell, and tables of the same people with fewer columns stay in step. Nationality and age move as well.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb

from dashboard.selection import DIMENSIONS

TIMES = 10
FILE = "internal.duckdb"
#: Tables of cells; those of them that a release has are copied tenfold, all others as they are.
CELLS = ("staff", "staff_change", "staff_core", "staff_core_change")
COUNTS = ("women", "men", "other")
MOVED = ("nationality", "age_group")
SORTED_FIRST = ("quarter", "entity", "unct", "grade", "duty_station", "department")


class NotTenfold(RuntimeError):
    """Two copies of cells fell together: the release is not what it should be."""


def _columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = 'small' and table_name = ?"
        " order by column_index",
        [table],
    ).fetchall()
    return dict(rows)


def _moves(connection: duckdb.DuckDBPyConnection) -> None:
    """Where each copy of a station goes."""
    connection.execute(
        f"""
        create temp table moves as
        with known as (select duty_station, min(country) as country from small.staff group by duty_station),
        stations as (
            select id, row_number() over (order by country nulls last, id) - 1 as place, count(*) over () as size
            from small.codes left join known on duty_station = id where dimension = 'duty_station'
        )
        select here.id as station, copy, there.id as moved
        from stations as here, range({TIMES}) as copies(copy)
        inner join stations as there on there.place = (here.place + copy * (here.size // {TIMES})) % here.size
        """
    )


def _copy_cells(connection: duckdb.DuckDBPyConnection, table: str, sizes: dict[str, int]) -> None:
    columns = _columns(connection, table)
    moved = {
        name: f"(({name}::integer + copy * {max(1, sizes[name] // TIMES)}) % {sizes[name]})::{kind} as {name}"
        for name, kind in columns.items()
        if name in MOVED
    }
    moved["duty_station"] = f"moved::{columns['duty_station']} as duty_station"
    chosen = ", ".join(moved.get(name, name) for name in columns)
    rest = [name for name in columns if name not in SORTED_FIRST and name not in COUNTS]
    order = ", ".join([name for name in SORTED_FIRST if name in columns] + rest)
    connection.execute(f"create table {table} as select * from small.{table} limit 0")
    quarters = connection.execute(f"select distinct quarter from small.{table} order by quarter").fetchall()
    for (quarter,) in quarters:
        connection.execute(
            f"insert into {table} select {chosen} from small.{table}"
            f" inner join moves on duty_station = station where quarter = {quarter} order by {order}"
        )
    # Every quarter is made alike, so the last one stands for all.
    keys = ", ".join(name for name in columns if name not in COUNTS)
    last = f"from {table} where quarter = {quarters[-1][0]}"
    ((rows, distinct),) = connection.execute(
        f"select (select count(*) {last}), (select count(*) from (select distinct {keys} {last}))"
    ).fetchall()
    if rows != distinct:
        raise NotTenfold(f"{table}: {rows - distinct} of {rows} cells fell together")


def build(release: Path, target: Path) -> dict[str, tuple[int, int]]:
    """Write a data directory whose release in service is that of the folder `release`, tenfold.

    Rows by table, before and after. Raises NotTenfold.
    """
    folder = target / "releases" / release.name
    folder.mkdir(parents=True)
    path = folder / FILE
    rows = {}
    with duckdb.connect(path, config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute(f"attach '{str(release / FILE).replace(chr(39), chr(39) * 2)}' as small (read_only)")
        connection.execute("set memory_limit = '3GB'")
        connection.execute("set temp_directory = ?", [str(target / "spill")])
        tables = [
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'small' order by table_name"
            ).fetchall()
        ]
        sizes = dict(connection.execute("select dimension, count(*) from small.codes group by dimension").fetchall())
        _moves(connection)
        for table in tables:
            if table in CELLS:
                _copy_cells(connection, table, sizes)
            else:
                columns = _columns(connection, table)
                grown = table in ("coverage", "movements")
                chosen = ", ".join(
                    f'("{name}" * {TIMES})::{kind} as "{name}"' if grown and _is_count(name, kind) else f'"{name}"'
                    for name, kind in columns.items()
                )
                connection.execute(f"create table {table} as select {chosen} from small.{table}")
            ((before, after),) = connection.execute(
                f"select (select count(*) from small.{table}), (select count(*) from {table})"
            ).fetchall()
            rows[table] = (before, after)
        connection.execute("detach small")
        connection.execute("checkpoint")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"] = {FILE: {"bytes": path.stat().st_size, "sha256": digest}}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (folder.parent / "current").write_text(release.name + "\n", encoding="utf-8")
    return rows


def _is_count(name: str, kind: str) -> bool:
    """Whether a column counts people; dimensions and quarters are numbers too."""
    return name not in DIMENSIONS and (
        name in (*COUNTS, "staff", "temporary") or (name.endswith("_known") and kind == "INTEGER")
    )
