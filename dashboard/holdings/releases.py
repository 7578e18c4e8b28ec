"""Which releases there are for this audience, as their manifests say it; no file of figures is opened for the list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from dashboard.answering import ask
from dashboard.selection import Selection
from dashboard.warehouse import Warehouse, manifest


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


def listed(warehouse: Warehouse) -> list[Listed]:
    """All releases that this audience can ask, newest first. Raises NoRelease where none is in service."""
    settings = warehouse.settings
    current = warehouse.current().name
    found = []
    for name in reversed(warehouse.served()):
        try:
            said = manifest(settings.releases_dir / name)
            if f"{settings.audience}.duckdb" not in said["files"]:
                continue
            release = Listed(
                name, said["quarter"], dt.datetime.fromisoformat(said["published"]), str(said["policy_version"]),
                said["demonstration"], name == current, said.get("staff"),
            )  # fmt: skip
        except (OSError, ValueError, LookupError, TypeError):
            # A damaged release cannot be asked; who runs the server hears of it elsewhere.
            continue
        if release.staff is None and release.in_service:
            # Releases made before manifests had it; this one is open anyway.
            release = replace(release, staff=ask(warehouse, "headline", Selection()).scope.staff)
        found.append(release)
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
