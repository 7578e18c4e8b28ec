"""What was made, put in service and withdrawn, and when: a line for each event, so that no name is ever given twice.

releases/history.jsonl          every event, in order
submissions/releases.jsonl      which release told which quarters; apart from releases, so that a lost folder is seen

Lines are only added. A line that a full disk or a power cut left half-written stands by itself: the next begins on a
line of its own, and a name in it counts as used.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.ingest import files
from dashboard.selection import RELEASE

MADE, IN_SERVICE, WITHDRAWN = "made", "put in service", "withdrawn"
HISTORY = Path("releases") / "history.jsonl"
LEDGER = Path("submissions") / "releases.jsonl"


@dataclass(frozen=True, slots=True)
class Told:
    """What the ledger keeps of a release: the quarters it told, and from what (a digest for each)."""

    name: str
    demonstration: bool
    layout: str
    policy: str
    secret: str
    quarters: Mapping[str, str]


def add(path: Path, entry: Mapping[str, Any]) -> None:
    """Add a line to a file of lines, on a line of its own whatever was left at its end. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(entry, ensure_ascii=False).encode() + b"\n"
    new = not path.exists()
    with path.open("ab+") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if new:
        files.sync_folder(path.parent)


def record(data_dir: Path, event: str, name: str, at: dt.datetime, **more: str) -> None:
    """Write down an event of a release. Raises OSError."""
    add(data_dir / HISTORY, {"at": at.isoformat(), "event": event, "name": name, **more})


def _lines(path: Path) -> list[tuple[Mapping[str, Any], bytes]]:
    """The lines of a file as they are, each with what it says; one that cannot be read says nothing."""
    found = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            entry = json.loads(line)
        except ValueError:
            entry = None  # the last line of a full disk
        found.append((entry if isinstance(entry, dict) else {}, line))
    return found


def names_used(data_dir: Path) -> set[str]:
    """Every name of a release that stands anywhere in what is kept of the past, half-written lines included."""
    used = set()
    for path in (data_dir / HISTORY, data_dir / LEDGER):
        for entry, line in _lines(path):
            # Reasons may speak of other releases; of a half line nobody knows what was its name.
            names = [str(entry["name"])] if "name" in entry else RELEASE.findall(line.decode("utf-8", "replace"))
            used.update(names)
    return used


def order_made(data_dir: Path) -> dict[str, int]:
    """Name of a release -> a number that grows in the order in which releases were made."""
    made: dict[str, int] = {}
    for path in (data_dir / HISTORY, data_dir / LEDGER):
        known = [
            str(entry["name"]) for entry, _ in _lines(path) if entry.get("event", MADE) == MADE and "name" in entry
        ]
        # Where the history was lost, the ledger has the order of what it knows.
        for name in known:
            made.setdefault(name, len(made))
    return made


def told(data_dir: Path) -> dict[str, Told]:
    """The releases that the ledger knows, by name."""
    found = {}
    for entry, _ in _lines(data_dir / LEDGER):
        try:
            found[str(entry["name"])] = Told(
                str(entry["name"]),
                bool(entry["demonstration"]),
                str(entry["layout"]),
                str(entry["policy"]),
                str(entry["secret"]),
                {str(quarter): str(digest) for quarter, digest in entry["tells"].items()},
            )
        except (KeyError, TypeError, AttributeError):
            continue
    return found


def enter(data_dir: Path, manifest: Mapping[str, Any]) -> None:
    """Enter a release that stands on disk into the ledger. Raises OSError."""
    said = manifest["disclosure"]
    tells = {q: one.get("digest", "") for q, one in said["quarters"].items() if q not in said.get("taken_over", {})}
    add(
        data_dir / LEDGER,
        {
            "name": manifest["name"],
            "at": manifest["published"],
            "demonstration": manifest["demonstration"],
            "layout": manifest["schema_version"],
            "policy": policy_mark(said["policy"]),
            "secret": said["secret"],
            "tells": tells,
        },
    )


def policy_mark(policy: str) -> str:
    """A policy in few characters: the same for equal ones."""
    return files.sha256(policy.encode())[:16]


def lost(
    data_dir: Path, on_disk: Collection[str], *, demonstration: bool, layout: str, policy: str
) -> dict[str, tuple[str, str]]:
    """Quarter -> the release that told it, which is not there any more, and the digest of what it was told from.

    Of the same series, layout and policy alone: under another policy quarters are told again anyway.
    """
    found = {}
    for release in told(data_dir).values():
        series = (release.demonstration, release.layout, release.policy)
        if release.name not in on_disk and series == (demonstration, layout, policy_mark(policy)):
            found |= {quarter: (release.name, digest) for quarter, digest in release.quarters.items()}
    return found
