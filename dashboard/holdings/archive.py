"""Files of a release that take seconds to make, kept on disk: each is made once, whoever asks, of whichever release.

They stand in `cache/` in the data directory, or, where this server may not write there, in a folder of its own that
goes with the process. What they are made of is in their names, so that nothing kept can be stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path


class Busy(RuntimeError):
    """Another file is being made just now, and enough visitors wait for it already."""


class Archive:
    """The kept files of one server."""

    #: Visitors who may wait while a file is made; each holds one of the server's threads.
    WAITING = 1

    def __init__(self, folder: Path):
        self._wanted = folder
        self._own: tempfile.TemporaryDirectory[str] | None = None
        self._making = threading.Lock()
        self._room = threading.BoundedSemaphore(1 + self.WAITING)

    def _folder(self) -> Path:
        with contextlib.suppress(OSError):
            self._wanted.mkdir(exist_ok=True)
            if os.access(self._wanted, os.W_OK | os.X_OK):
                return self._wanted
        if self._own is None:
            self._own = tempfile.TemporaryDirectory(prefix="parity-cache-")
        return Path(self._own.name)

    def zip(self, what: str, of: Sequence[str], make: Callable[[], bytes]) -> Path | bytes:
        """The ZIP called `what`, made of `of`: kept, or made now and kept. Where the disk is full, its bytes.

        Raises Busy while others are being made and waited for.
        """
        mark = hashlib.sha256("\n".join(of).encode()).hexdigest()[:16]
        path = self._folder() / f"{what}-{mark}.zip"
        if whole(path):
            return path
        if not self._room.acquire(blocking=False):
            raise Busy(what)
        try:
            with self._making, _alone(path.parent / "lock"):
                if whole(path):
                    return path
                content = make()
                try:
                    _write(path, content)
                except OSError:
                    return content
                for other in path.parent.glob(f"{what}-*.zip"):
                    if other != path:
                        other.unlink(missing_ok=True)
                return path
        finally:
            self._room.release()


def whole(path: Path) -> bool:
    """Whether a ZIP is there and not cut short: its list of contents stands at its end."""
    return zipfile.is_zipfile(path)


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One process at a time; without, where not even that can be written."""
    try:
        file = path.open("a")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
