"""The releases on disk: which there are, which is in service, and whether their files are what their manifests say.

releases/
current                 one line: the release in service; replaced by rename
2026Q3-r1/              internal.duckdb, public.duckdb, manifest.json; never changed once it has this name
withdrawn/              2026Q3-r1.json: why a release is shown to nobody any more; its folder stays
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dashboard.ingest import files, history, public
from dashboard.ingest.build import FILE
from dashboard.ingest.problems import Fault, InputError
from dashboard.selection import RELEASE

MANIFEST = "manifest.json"
CURRENT = "current"
WITHDRAWN = "withdrawn"
#: The two files of a release. A server opens one of them, by its audience.
FILES = (FILE, public.FILE)


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release on disk. `problem` says what is wrong with it, `withdrawn` why it is shown to nobody; None if not."""

    name: str
    current: bool
    manifest: Mapping[str, Any] = field(repr=False)
    problem: str | None = None
    withdrawn: str | None = None


def folder(data_dir: Path) -> Path:
    """Where releases are."""
    return Path(data_dir) / "releases"


def order(name: str) -> tuple[str, int]:
    """Sorts names of releases: r10 after r9."""
    return name[:6], int(name.rpartition("r")[2])


def names(data_dir: Path) -> list[str]:
    """Names of the releases on disk, oldest first."""
    place = folder(data_dir)
    if not place.is_dir():
        return []
    return sorted((path.name for path in place.iterdir() if RELEASE.fullmatch(path.name)), key=order)


def current_release(data_dir: Path) -> str | None:
    """The release in service, None when there is none. Raises Fault when the pointer names no release on disk."""
    try:
        name = (folder(data_dir) / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not RELEASE.fullmatch(name) or not (folder(data_dir) / name).is_dir():
        right = "put one in service with: parity rollback RELEASE"
        raise Fault(f"the pointer {folder(data_dir) / CURRENT} names no release: {name[:40]!r}; {right}")
    return name


def manifest_of(data_dir: Path, name: str) -> dict[str, Any]:
    """The manifest of a release. Raises InputError if there is no such release, Fault if it is damaged."""
    known = names(data_dir)
    if name not in known:
        raise InputError(f"there is no release {name}; there are: {', '.join(known) or 'none'}")
    try:
        manifest = json.loads((folder(data_dir) / name / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise Fault(f"the manifest of {name} cannot be read: {error}") from error
    if not isinstance(manifest, dict):
        raise Fault(f"the manifest of {name} cannot be read: it is no object")
    return manifest


def damage(data_dir: Path, name: str) -> str | None:
    """What is wrong with the files of a release beside its manifest, None if nothing."""
    try:
        manifest = manifest_of(data_dir, name)
        if missing := set(FILES) - set(manifest["files"]):
            return f"{', '.join(sorted(missing))} is not in the manifest: made by an older version"
        for file, expected in manifest["files"].items():
            path = folder(data_dir) / name / file
            if path.stat().st_size != expected["bytes"]:
                return f"{file} has {path.stat().st_size} bytes, not {expected['bytes']}"
            if files.sha256_of_file(path) != expected["sha256"]:
                return f"{file} does not have the checksum of the manifest"
    except (Fault, OSError, KeyError, TypeError, AttributeError) as error:
        return str(error)
    return None


def releases(data_dir: Path) -> list[ReleaseInfo]:
    """All releases on disk, oldest first, and which is in service."""
    try:
        in_service = current_release(data_dir)
    except Fault:
        in_service = None
    found = []
    for name in names(data_dir):
        problem = damage(data_dir, name)
        try:
            manifest: Mapping[str, Any] = manifest_of(data_dir, name)
        except Fault:
            manifest = {}
        found.append(ReleaseInfo(name, name == in_service, manifest, problem, withdrawn(data_dir, name)))
    return found


def as_made(data_dir: Path) -> list[str]:
    """Names of the releases on disk in the order in which they were made, which a rollback or a clock do not change."""
    made = history.order_made(data_dir)
    return sorted(names(data_dir), key=lambda name: (made.get(name, -1), order(name)))


def next_name(data_dir: Path, quarter: str) -> str:
    """The name of the next release of a quarter: none that was ever given, nor one that the pointer names."""
    used = {*names(data_dir), *history.names_used(data_dir)}
    with contextlib.suppress(OSError):
        used.add((folder(data_dir) / CURRENT).read_text(encoding="utf-8", errors="replace").strip())
    numbers = [order(name)[1] for name in used if name.startswith(f"{quarter}-r") and RELEASE.fullmatch(name)]
    return f"{quarter}-r{max(numbers, default=0) + 1}"


def point(data_dir: Path, name: str) -> None:
    """Put a release in service. Raises OSError."""
    files.write(folder(data_dir) / CURRENT, f"{name}\n".encode())


# -- withdrawn --


def mark(data_dir: Path, name: str) -> Path:
    """Where it stands that a release is withdrawn."""
    return folder(data_dir) / WITHDRAWN / f"{name}.json"


def withdrawn(data_dir: Path, name: str) -> str | None:
    """Why a release is withdrawn, None if it is not. A mark that cannot be read withdraws too."""
    try:
        said = json.loads(mark(data_dir, name).read_bytes())
        return str(said["reason"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError):
        return "the mark that says why cannot be read"
