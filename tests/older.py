"""Releases as older versions made them."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import duckdb

OF_UNIFORMED = ("contributor", "contributor_region", "mission", "year")


def before_uniformed(source: Path, data_dir: Path, version: str = "2") -> str:
    """The release in service there as one was made before there were figures on uniformed personnel; its name."""
    name = (source / "releases" / "current").read_text(encoding="utf-8").strip()
    folder = data_dir / "releases" / name
    shutil.copytree(source / "releases" / name, folder)
    for path in folder.glob("*.duckdb"):
        with duckdb.connect(str(path)) as connection:
            connection.execute("drop table uniformed")
            connection.execute("delete from codes where list_contains($1, dimension)", [list(OF_UNIFORMED)])
            connection.execute("update meta set value = $1 where key = 'schema_version'", [version])
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["schema_version"] = version
    for path in folder.glob("*.duckdb"):
        content = path.read_bytes()
        manifest["files"][path.name] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (data_dir / "releases" / "current").write_text(f"{name}\n", encoding="utf-8")
    return name
