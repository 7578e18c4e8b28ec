"""Releases as older versions made them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import duckdb

#: What policies had before there were two draws; those since have other thresholds.
OLD_POLICY = {"version": "3", "status_from": 25, "share_from": 75, "change_from": 10, "others_at_least": 9}
NEW_IN_POLICY = ("offset", "rest_at_least", "nested_at_least", "series_from")
SINCE_TWO_DRAWS = ("personal_groups", "personal_cells", "other_shown", "told", "told_of", "changed_since")
OF_UNIFORMED = ("contributor", "contributor_region", "mission", "year")


def before_uniformed(source: Path, data_dir: Path, version: str = "2") -> str:
    """The release in service there as one was made before there were figures on uniformed personnel, by the rules of
    protection of that time; its name.
    """
    name = (source / "releases" / "current").read_text(encoding="utf-8").strip()
    folder = data_dir / "releases" / name
    shutil.copytree(source / "releases" / name, folder)
    for path in folder.glob("*.duckdb"):
        with duckdb.connect(str(path)) as connection:
            connection.execute("drop table uniformed")
            if path.name == "internal.duckdb":
                for table in SINCE_TWO_DRAWS:
                    connection.execute(f"drop table {table}")
            else:
                connection.execute("drop table told")
                connection.execute("drop table changed_since")
                connection.execute("alter table cells add column status varchar")
            (policy,) = connection.execute("select value from meta where key = 'policy'").fetchone()
            old = {name: value for name, value in json.loads(policy).items() if name not in NEW_IN_POLICY}
            old = json.dumps(old | OLD_POLICY, sort_keys=True)
            connection.execute("update meta set value = $1 where key = 'policy'", [old])
            connection.execute("delete from codes where list_contains($1, dimension)", [list(OF_UNIFORMED)])
            connection.execute("update meta set value = $1 where key = 'schema_version'", [version])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["schema_version"] = version
    manifest["disclosure"]["policy"] = old
    for table in SINCE_TWO_DRAWS:
        manifest["content"].pop(table, None), manifest["rows"].pop(table, None)
    for path in folder.glob("*.duckdb"):
        content = path.read_bytes()
        manifest["files"][path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (data_dir / "releases" / "current").write_text(f"{name}\n", encoding="utf-8")
    return name


def put_in_service(data_dir: Path, name: str) -> None:
    """Name the release in service the way publishing does: a new pointer takes the place of the old one."""
    new = data_dir / "releases" / ".current.new"
    new.write_text(f"{name}\n", encoding="utf-8")
    new.replace(data_dir / "releases" / "current")


def a_quarter_before(source: Path, data_dir: Path) -> tuple[str, str]:
    """The release in service there, and in service here one as it was made a quarter before; their names."""
    name = (source / "releases" / "current").read_text(encoding="utf-8").strip()
    shutil.copytree(source / "releases" / name, data_dir / "releases" / name)
    with duckdb.connect(str(data_dir / "releases" / name / "internal.duckdb"), read_only=True) as connection:
        codes = "select id, code from codes where dimension = 'quarter' order by id desc limit 2"
        (last, _), (_, quarter) = connection.execute(codes).fetchall()
    before = f"{quarter}-r1"
    folder = data_dir / "releases" / before
    shutil.copytree(source / "releases" / name, folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for path in folder.glob("*.duckdb"):
        with duckdb.connect(str(path)) as connection:
            tables = connection.execute(
                "select table_name from information_schema.columns where column_name = 'quarter'"
            ).fetchall()
            for (table,) in tables:
                connection.execute(f"delete from {table} where quarter = $1", [last])
            connection.execute("delete from codes where dimension = 'quarter' and id = $1", [last])
            for key, value in (("name", before), ("quarter", quarter), ("published", "2026-07-20T00:00:00+00:00")):
                connection.execute("update meta set value = $2 where key = $1", [key, value])
        content = path.read_bytes()
        manifest["files"][path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest |= {"name": before, "quarter": quarter}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    put_in_service(data_dir, before)
    return before, name
