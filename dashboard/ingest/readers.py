"""Whether the user that a server runs as can read a release: a umask of 077 makes one that nobody else can."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from dashboard.ingest.problems import ERROR, NOTE, Problem

UNREADABLE = "not-readable"
_RIGHT = "make it with `umask 022`, and open the folder: chmod -R go+rX RELEASES"


def problems(building: Path, server_user: str | None) -> Iterator[Problem]:
    """What stands against reading a release that is made in this folder, which nothing has been written into yet.

    With a user: an error for each folder on the way, or the files, that this user cannot read (by owner, group and
    mode; access lists are not looked at). Without: a note where nobody but the owner can read what is made here.
    """
    probe = building / "probe"
    probe.write_bytes(b"")
    try:
        if server_user:
            yield from _for_user(probe, server_user)
            return
        modes = [path.stat().st_mode for path in (building, probe)]
    finally:
        probe.unlink()
    if any(not mode & (stat.S_IRGRP | stat.S_IROTH) for mode in modes):
        owner = pwd_name(building.stat().st_uid)
        message = f"only {owner} can read this release: a server that runs as another user could not"
        right = f"{_RIGHT.replace('RELEASES', str(building.parent))}; PARITY_SERVER_USER names the user to check for"
        yield Problem(NOTE, UNREADABLE, f"{message} ({right})")


def pwd_name(number: int) -> str:
    """The name of a user, or its number where it has none."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def _for_user(probe: Path, name: str) -> Iterator[Problem]:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        right = "PARITY_SERVER_USER is the user that the server runs as on this machine; leave it away elsewhere"
        yield Problem(ERROR, UNREADABLE, f"there is no user {name!r} on this machine", suggestion=right)
        return
    groups = set(os.getgrouplist(name, user.pw_gid))
    for path in (*reversed(probe.parents), probe):
        wanted = stat.S_IROTH if path == probe else stat.S_IXOTH
        if path in (probe.parent, probe.parent.parent):
            wanted |= stat.S_IROTH
        if not _allowed(path.stat(), user.pw_uid, groups, wanted):
            what = "the files of the release" if path == probe else f"the folder {path}"
            if path == probe.parent:
                what = "the folder of the release"
            right = _RIGHT.replace("RELEASES", str(probe.parent.parent))
            yield Problem(ERROR, UNREADABLE, f"{name}, whom the server runs as, cannot read {what}", suggestion=right)


def _allowed(status: os.stat_result, user: int, groups: set[int], wanted: int) -> bool:
    """`wanted` is bits as they are for others."""
    if user == 0:
        return True
    if status.st_uid == user:
        wanted <<= 6
    elif status.st_gid in groups:
        wanted <<= 3
    return status.st_mode & wanted == wanted
