"""Writes the public file of a release from its internal one: only what may be shown, and nothing to be hidden later.

What is counted on the way stays in memory and in temporary tables: the file itself has never held a row that is not
shown.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dashboard.disclosure.attack_input import RowGroups
from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.disclosure.policy import EXACT, Policy
from dashboard.ingest import attacks, cells, groups
from dashboard.ingest.cells import ANY
from dashboard.ingest.source import PLACE_BOUND_IDS, PLACES, Coded, Protected, Source, attach
from dashboard.ingest.told import Before

SQL = Path(__file__).parent / "sql"
FILE = "public.duckdb"
CHECKS = Path(__file__).resolve().parent.parent.parent / "queries" / "_checks_public"
#: All there may be in a public file; a check compares. `meta` says when and by what it was made.
TABLES = (
    *("codes", "coverage", "movements", "staff_core", "staff_core_change", "tables", "cells", "withheld"),
    *("other_shown", "told", "changed_since", "uniformed"),
)
PLACE_BOUND_NAME = "Missions and offices bound to one place, together"
#: What is said of a release in both files; the key of the rounding is in the internal one only.
META = (
    *("name", "quarter", "published", "schema_version", "demonstration", "policy", "policy_version"),
    "code_version",
)
KEYS = ("tbl", "quarter", "member", "entity", "category", "grade")
MEMORY = "800MB"


@dataclass(frozen=True, slots=True)
class Made:
    """What came of it: rows by table, and what the manifest keeps of the disclosure."""

    rows: Mapping[str, int]
    disclosure: Mapping[str, Any]


def write(
    internal: Path,
    target: Path,
    *,
    before: Before | None = None,
    earlier: Sequence[attacks.Earlier] = (),
    withheld: Coded | None = None,
    whole: Mapping[str, Sequence[str]] | None = None,
    attacked: bool = True,
    spill: Path | None = None,
) -> Made:
    """Write the public file beside an internal one, whose policy and keys it follows.

    `before` says which quarters other releases have told: what they show of them is taken over. `earlier` are releases
    of the same series, the newest first: what the newest withholds stays withheld, and the attacker knows what they
    told of a quarter that is told again. With `attacked` False only `withheld` and `whole` (tables of which nothing is
    shown in a quarter) count: a release made again withholds what it withheld. Raises InputError if the attacker is
    certain of anything in the end.
    """
    before = before or Before()
    began = time.monotonic()
    with duckdb.connect(target) as connection:
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute("set autoinstall_known_extensions = false")
        if spill is not None:
            connection.execute("set temp_directory = ?", [str(spill)])
        attach(connection, internal, "i")
        source = Source.of(connection)
        policy = source.policy
        connection.execute((SQL / "public_schema.sql").read_text(encoding="utf-8"))
        ids = _codes(connection, source.protected)
        connection.execute((SQL / "public_core.sql").read_text(encoding="utf-8"))
        _tables(connection, policy)
        newest = earlier[0] if earlier else None
        if withheld is None:
            withheld = newest.disclosure["withheld"] if newest is not None else {}
        digests: dict[str, str] = {}
        made: list[cells.Shown] = []
        for number, quarter in enumerate(source.quarters):
            if quarter in before:
                made.append(_exact(source, number))
            else:
                rows = source.rows(number)
                digests[quarter] = rows.digest
                counted = cells.Quarter(number, rows.core, source.codes, policy)
                made.append(cells.shown(policy, list(counted.tables()), source.meta["rounding_key"]))
                made.append(groups.public(connection, policy, number))
        shown = cells.together(made)
        made.clear()
        held = source.groups(withheld)
        attack: dict[str, Any] = {}
        if attacked:
            held, attack = attacks.protect(source, shown, held, earlier, digests)
        if whole is None:
            whole = {quarter: said["whole"] for quarter, said in attack.items() if "whole" in said}
        numbers = {name: number for number, name in enumerate(policy.tables())}
        shown = shown.without_tables(
            {
                source.ids["quarter"][quarter]: [numbers[name] for name in names]
                for quarter, names in whole.items()
                if quarter not in before
            }
        )
        taken = [
            _taken_over(source, folder / FILE, quarters, before.withdrawn)
            for folder, quarters in before.by_folder().items()
        ]
        shown = cells.together([shown, *taken]).renumbered(policy, ids)
        _write(connection, shown, _renumbered(policy, held, ids))
        connection.execute((SQL / "public_coverage.sql").read_text(encoding="utf-8"))
        told = {**{key: source.meta[key] for key in META if key in source.meta}, "audience": "public"}
        _insert(connection, "meta", pa.table({"key": list(told), "value": list(told.values())}))
        counts = {}
        for table in TABLES:
            counts[table] = connection.execute(f'select count(*) from "{table}"').fetchone()[0]  # noqa: S608
        connection.execute("detach i")
        connection.execute("checkpoint")
    said = {quarter: {"digest": digest, **attack.get(quarter, {})} for quarter, digest in digests.items()}
    disclosure = {
        "quarters": {quarter: said.get(quarter) or before.said.get(quarter, {}) for quarter in source.quarters},
        "taken_over": {quarter: folder.name for quarter, folder in sorted(before.folders.items())},
        "withheld": source.coded(held),
        "seconds": round(time.monotonic() - began, 1),
    }
    return Made(counts, disclosure)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("rows_to_insert", rows)
    connection.execute(f"insert into {table} select * from rows_to_insert")  # noqa: S608 - names of ours
    connection.unregister("rows_to_insert")


# -- codes --


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
        f"from department_rows left join ({PLACE_BOUND_IDS}) as bound on department_rows.id = bound.id"
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


# -- cells --


def _exact(source: Source, number: int) -> cells.Shown:
    """The exact tables of a quarter, which are those of today whenever it was told."""
    counted = cells.Quarter(number, source.core(number), source.codes, source.policy)
    return cells.shown(source.policy, list(counted.tables(EXACT)), source.meta["rounding_key"])


def _taken_over(
    source: Source, path: Path, quarters: Sequence[str], withdrawn: Collection[tuple[str, str]]
) -> cells.Shown:
    """What another release shows and withholds of its quarters, in the ids of the internal file.

    Of entities that have taken a quarter back (`withdrawn`: quarter and entity) nothing of their own is shown any more.
    """
    exact = [number for number, table in enumerate(source.policy.tables().values()) if table.protection == EXACT]
    parts = []
    with duckdb.connect(":memory:") as connection:
        attach(connection, path, "p")
        for quarter in quarters:
            # Row groups of all quarters are in the list of the release.
            found = attacks.read_public(connection, source, quarter, of_all=False)
            shown = ~np.isin(found.cells["tbl"], exact) & _known(source, found.cells)
            hidden = _known(source, found.hidden)
            gone = [
                source.ids["entity"][entity]
                for of, entity in withdrawn
                if of == quarter and entity in source.ids["entity"]
            ]
            shown &= ~np.isin(found.cells["entity"], gone)
            # Those known to be withheld already are said once.
            hidden &= ~np.isin(found.hidden["entity"], gone)
            if gone:
                parts.append(_of_entities(source, source.ids["quarter"][quarter], gone))
            parts.append(
                cells.Shown(
                    {name: column[shown] for name, column in found.cells.items()},
                    {name: column[hidden] for name, column in found.hidden.items()},
                )
            )
    return cells.together(parts)


def _of_entities(source: Source, quarter: int, entities: Sequence[int]) -> cells.Shown:
    """All rounded groups of these entities in a quarter, as withheld."""
    tables = [
        number
        for number, table in enumerate(source.policy.tables().values())
        if table.protection != EXACT and "entity" in table.keys
    ]
    rows = [(number, quarter, ANY, entity, ANY, ANY) for number in tables for entity in sorted(entities)]
    hidden = {name: np.array(column, np.uint16) for name, column in zip(KEYS, zip(*rows, strict=True), strict=True)}
    none = {name: np.zeros(0, np.uint16) for name in KEYS}
    counts = {name: np.zeros(0, np.int32) for name in ("women", "men")}
    return cells.Shown({**none, **counts}, hidden)


def _known(source: Source, rows: cells.Columns) -> np.ndarray:
    """Which rows may be named still: places come and go with the code lists, and become protected."""
    known = np.zeros(len(rows["member"]), bool)
    for number, table in enumerate(source.policy.tables().values()):
        mine = rows["tbl"] == number
        members = rows["member"][mine]
        named = members < len(source.by_id[table.dimension])
        known[mine] = (members == ANY) | named & ~np.isin(members, list(source.protected.ids.get(table.dimension, ())))
    for name in ("entity", "category", "grade"):
        known &= (rows[name] == ANY) | (rows[name] < len(source.by_id[name]))
    return known


def _renumbered(policy: Policy, groups: Mapping[str, RowGroups], ids: Mapping[str, np.ndarray]) -> dict[int, RowGroups]:
    """Row groups with the ids of the public file, by number of a table. A place that is protected is in no table."""
    found = {}
    for number, (name, table) in enumerate(policy.tables().items()):
        if name not in groups:
            continue
        becomes = ids[table.dimension]
        rows = [
            (ANY if member == ANY else int(becomes[member]), *others)
            for member, *others in groups[name].rows()
            if member == ANY or becomes[member] != ANY
        ]
        found[number] = RowGroups.of(rows)
    return found


def _write(connection: duckdb.DuckDBPyConnection, shown: cells.Shown, groups: Mapping[int, RowGroups]) -> None:
    """Write `cells` and `withheld`: what the attacker made withhold is withheld in all quarters."""
    shown = shown.without(groups)
    columns = {name: shown.cells[name] for name in (*KEYS, "women", "men")}
    _insert(connection, "cells", pa.table(columns))
    _insert(connection, "withheld", pa.table({name: shown.hidden[name] for name in KEYS}))
    rows = [(number, ANY, *row) for number, found in sorted(groups.items()) for row in found.rows()]
    if rows:
        columns = zip(*rows, strict=True)
        arrays = {name: pa.array(column, pa.uint16()) for name, column in zip(KEYS, columns, strict=True)}
        _insert(connection, "withheld", pa.table(arrays))
