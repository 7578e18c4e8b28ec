"""Writing files so that a reader sees the old content or the new, and a killed process leaves nothing else."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def step(name: str) -> None:
    """Called before and after everything that reaches the disk; tests replace it to kill the process there."""


def sha256(content: bytes) -> str:
    """SHA-256 of some bytes, as hex."""
    return hashlib.sha256(content).hexdigest()


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file's content survive a power cut."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def write(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file in full beside its place, then move it there. Nothing is left behind when writing fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def keep(path: Path, content: bytes, sha: str, *, durable: bool = True) -> None:
    """Write a file that is named by its content, unless it is there and whole: one that a disk cut short is mended."""
    if not path.exists() or sha256_of_file(path) != sha:
        write(path, content, durable=durable)


def as_json(value: Any) -> bytes:
    """JSON as it is kept on disk: sorted, so that equal content is equal bytes."""
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that the system releases when the process ends, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
