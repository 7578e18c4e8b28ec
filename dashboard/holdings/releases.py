"""Which releases there are for this audience, as their manifests say it; no file of figures is opened for the list."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboard.ask import ask
from dashboard.selection import Selection
from dashboard.warehouse import Warehouse


@dataclass(frozen=True)
class Listed:
    """A release as a list tells of it. `staff` is None where its manifest is older than that."""

    name: str
    quarter: str
    published: dt.datetime
    policy_version: str
    demonstration: bool
    in_service: bool
    staff: int | None = None


@lru_cache(maxsize=256)
def _manifest(path: Path, _modified: int) -> dict[str, Any]:
    """What a list needs of a manifest. A manifest names every submission and is long; it never changes."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    needed = ("quarter", "published", "policy_version", "demonstration", "files")
    return {"staff": whole.get("staff"), **{name: whole[name] for name in needed}}


def listed(warehouse: Warehouse) -> list[Listed]:
    """All releases that this audience can ask, newest first. Raises NoRelease where none is in service."""
    settings = warehouse.settings
    current = warehouse.current().name
    found = []
    for name in reversed(warehouse.served()):
        path = settings.releases_dir / name / "manifest.json"
        try:
            said = _manifest(path, path.stat().st_mtime_ns)
            if f"{settings.audience}.duckdb" not in said["files"]:
                continue
            published = dt.datetime.fromisoformat(said["published"])
        except (OSError, ValueError, LookupError, TypeError):
            # A damaged release cannot be asked; who runs the server hears of it elsewhere.
            continue
        staff = said["staff"]
        if staff is None and name == current:
            # Releases made before manifests had it; this one is open anyway.
            staff = ask(warehouse, "headline", Selection()).scope.staff
        found.append(
            Listed(
                name, said["quarter"], published, str(said["policy_version"]), said["demonstration"], name == current,
                staff,
            )
        )  # fmt: skip
    return found


def pair(warehouse: Warehouse, before: str | None, after: str | None) -> tuple[str, str] | None:
    """The two releases to compare: as asked for, else the one in service with the one before it. None where there is
    only one.
    """
    names = [release.name for release in listed(warehouse)]
    if len(names) < 2:
        return None
    current = warehouse.current().name
    if after is None:
        after = current if current in names else names[0]
        if after == before:
            after = names[0] if names[0] != before else names[1]
    if before is None:
        earlier = names[names.index(after) + 1 :] if after in names else []
        before = earlier[0] if earlier else next(name for name in names if name != after)
    return before, after
