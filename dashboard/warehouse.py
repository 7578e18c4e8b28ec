"""Which release is in service, and the only reader of release files.

A release file is immutable and has a name of its own; publishing renames a pointer. The pointer is looked at (one
`stat`) for every question, so running servers follow within a question. A release is opened in an in-memory database
with `attach (read_only)`, after which the connection can reach nothing else on the machine. Nothing is opened before a
question is asked: a connection that crosses a fork crashes the worker.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import os
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from dashboard.disclosure import policy
from dashboard.disclosure.policy import Policy
from dashboard.selection import RELEASE
from dashboard.settings import Settings

#: Versions that can be read, the oldest first.
SCHEMA_VERSIONS = ("2", "3", "4")
#: Older public files were made under a policy that does not protect enough: they are served no more.
PUBLIC_SINCE = 4
#: What questions read; looked for on opening, since a file without one of them would fail question by question.
CORE_TABLES = ("codes", "coverage", "movements", "staff_core", "staff_core_change")
TABLES = {
    "internal": (*CORE_TABLES, "staff", "staff_change"),
    "public": (*CORE_TABLES, "cells", "changed_since", "other_shown", "tables", "told", "withheld"),
}
#: Tables that older releases do not have, and the version they came with. Questions of them are answered "not in this
#: release" there.
SINCE = {
    "internal": {
        "uniformed": "3",
        **dict.fromkeys(("personal_groups", "personal_cells", "other_shown", "told", "changed_since"), "4"),
    },
    "public": {"uniformed": "3"},
}
#: Releases kept open besides the one in service, for pinned links. Each costs a connection and its code lists.
PINNED_OPEN = 3
#: Bytes of late that the release in service remembers as rows fetched, and as answers. Pages ask for the same again and
#: again: another page under the same filters, the way back, the whole system beside one entity. An older release that
#: somebody pins has PINNED_SHARE of that.
ROWS_REMEMBERED, ANSWERED_REMEMBERED, PINNED_SHARE = 6_000_000, 12_000_000, 0.2
#: A release that could not be opened is tried again after so many seconds: a disk that was away comes back, and an
#: operator who mends a file should not have to publish again.
RETRY_SECONDS = 10.0
#: The optimizers of DuckDB that pay for themselves here: filters and column choices reach the scan, and statistics keep
#: it from row groups that hold nothing. Each of the other thirty costs planning time (benchmarks: `questions`).
OPTIMIZERS = ("filter_pushdown", "unused_columns", "statistics_propagation")
#: What DuckDB says when a file changed under it, or when it will answer nothing more on this connection.
BROKEN = (duckdb.IOException, duckdb.SerializationException, duckdb.FatalException, duckdb.InternalException)

_CANNOT_READ = "cannot be read by the user that this server runs as (docs/operations.md: umask)"
#: What is seen of a pointer that may not be looked at.
_CANNOT_LOOK = (0, 0, 0)

log = logging.getLogger(__name__)


class NoRelease(LookupError):
    """There is nothing to answer from: no release has been made, or none can be opened."""


class UnknownRelease(LookupError):
    """A selection pins a release that does not exist here (any more)."""


class WithdrawnRelease(LookupError):
    """A selection pins a release that is shown to nobody any more; the message says why, and is for visitors."""

    def __init__(self, name: str, at: str, reason: str):
        super().__init__(f"Release {name} was withdrawn{f' on {at}' if at else ''}: {reason}")
        self.name, self.at, self.reason = name, at, reason


class TooSlow(TimeoutError):
    """A question took longer than the settings allow and was stopped."""


class CorruptRelease(RuntimeError):
    """A release file is not what its manifest says, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one entity's figures for one quarter came to be (the release's table `coverage`, with codes)."""

    quarter: str
    entity: str
    state: str
    revised: bool
    late: bool
    series_break: bool
    source_quarter: str | None
    submission: str | None
    submitted_at: dt.datetime | None
    reason: str | None
    women: int
    men: int
    known: Mapping[str, int]  # optional dimension -> staff whose value is known; not there where it may not be told

    @property
    def staff(self) -> int:
        """Women and men."""
        return self.women + self.men


@dataclass(frozen=True)
class OpenRelease:
    """A release that can be asked: its code lists and coverage in memory, its cells behind a cursor per call."""

    name: str
    quarter: str
    published: dt.datetime
    demonstration: bool
    codes: Mapping[str, tuple[str, ...]]  # dimension -> codes by id
    ids: Mapping[str, Mapping[str, int]]  # dimension -> code -> id
    labels: Mapping[str, Mapping[str, str]]  # dimension -> code -> name
    coverage: Mapping[str, tuple[Coverage, ...]]  # quarter -> participating entities, in code order
    policy: Policy  # the disclosure policy it was made under
    tables: Mapping[str, int]  # public file: name of a protected table -> its id in `cells`
    other_shown: Mapping[int, int]  # quarter id -> "other or not disclosed" as it is shown, system-wide
    told_by: Mapping[str, str]  # quarter -> the release whose figures of places and persons it still has
    changed_since: Mapping[str, tuple[str, ...]]  # quarter -> entities whose figures are others than they were then
    place_bound: frozenset[str]  # departments that count as places
    lacks: frozenset[str]  # tables that came after this release was made
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    watch: Watch = field(repr=False)
    lost: Callable[[OpenRelease], None] = field(repr=False)  # told when the file turns out to be damaged
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)
    fetched: Lately = field(default_factory=lambda: Lately(ROWS_REMEMBERED), repr=False)
    answers: Lately = field(default_factory=lambda: Lately(ANSWERED_REMEMBERED), repr=False)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """`make()`, made once per release: for what follows from its coverage alone. Keys must be few."""
        if key not in self.memo:
            self.memo[key] = make()
        return self.memo[key]

    def fetch(self, sql: str, parameters: Mapping[str, Any]) -> Sequence[tuple]:
        """Rows of one statement, not to be changed: those of late are remembered, since a release never changes.

        Raises TooSlow when it is stopped for taking longer than the settings allow.
        """
        named = (
            (name, tuple(value) if isinstance(value, list) else value) for name, value in sorted(parameters.items())
        )
        key = sql, *named
        rows = self.fetched.get(key)
        if rows is None:
            rows = self._fetch(sql, parameters)
            self.fetched.keep(key, rows, weigh((key, rows)))
        return rows

    def _fetch(self, sql: str, parameters: Mapping[str, Any]) -> list[tuple]:
        """On a cursor of its own: a connection shared by threads mixes up answers."""
        cursor = self.connection.cursor()
        try:
            with self.watch.over(cursor):
                return cursor.execute(sql, parameters).fetchall()
        except duckdb.InterruptException as error:
            raise TooSlow("the question took too long and was stopped") from error
        except BROKEN:
            self.lost(self)
            raise
        finally:
            cursor.close()


#: Items of a sequence that are weighed for all of it.
WEIGHED = 16


def weigh(value: Any) -> int:
    """About how many bytes of memory a value takes with all that is in it.

    Of a long sequence some are weighed and stand for all: rows of a table are much alike.
    """
    if isinstance(value, str | bytes | int | float | None | dt.date):
        return sys.getsizeof(value)
    own = sys.getsizeof(value)
    inner: Sequence[Any]
    if isinstance(value, Mapping):
        inner = (*value, *value.values())
    elif isinstance(value, tuple | list | set | frozenset):
        inner = value if isinstance(value, tuple | list) else tuple(value)
    else:
        inner = [getattr(value, each.name) for each in fields(value)] if is_dataclass(value) else ()
    if len(inner) > WEIGHED:
        some = inner[:: -(-len(inner) // WEIGHED)]
        return own + sum(map(weigh, some)) * len(inner) // len(some)
    return own + sum(map(weigh, inner))


class Lately:
    """What was asked for of late, up to so many bytes in all; what was not asked for longest goes first."""

    def __init__(self, most: int):
        self._most = most
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._weight = 0
        self._lock = threading.Lock()

    @property
    def weight(self) -> int:
        """Bytes that are kept."""
        return self._weight

    def get(self, key: Any) -> Any:
        """What is remembered under this key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def keep(self, key: Any, value: Any, weight: int) -> None:
        """Remember a value of so many bytes, its key included, unless it would take the place of all others."""
        # What the book-keeping itself takes.
        weight += 200
        if weight > self._most // 4:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = value, weight
            self._weight += weight
            self._drop()

    def limit(self, most: int) -> None:
        """Remember no more than so many bytes from now on."""
        with self._lock:
            self._most = most
            self._drop()

    def _drop(self) -> None:
        while self._weight > self._most:
            _, (_, gone) = self._kept.popitem(last=False)
            self._weight -= gone

    def clear(self) -> None:
        """Forget everything, for who measures what asking costs."""
        with self._lock:
            self._kept.clear()
            self._weight = 0


class Watch:
    """Stops questions that run too long: one thread for all, since a timer each would cost more than most answers."""

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._deadlines: dict[int, tuple[float, duckdb.DuckDBPyConnection]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def over(self, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Interrupt `cursor` if the block takes longer than allowed."""
        key = id(cursor)
        with self._lock:
            self._deadlines[key] = (time.monotonic() + self._seconds, cursor)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="parity-watch", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._deadlines.pop(key, None)

    def _run(self) -> None:
        while True:
            time.sleep(min(0.25, self._seconds / 4))
            now = time.monotonic()
            with self._lock:
                # Under the lock, so that a cursor is never interrupted after its question has been answered.
                for deadline, cursor in self._deadlines.values():
                    if now > deadline:
                        cursor.interrupt()


def _open(folder: Path, settings: Settings, watch: Watch, lost: Callable[[OpenRelease], None]) -> OpenRelease:
    """Open the release in `folder` for this audience. Raises CorruptRelease saying what is wrong with it."""
    try:
        files = manifest(folder)["files"]
        path = folder / f"{settings.audience}.duckdb"
        if path.name not in files:
            raise CorruptRelease(f"{folder.name}: this release has no {path.name}, which the audience needs")
        expected = files[path.name]
        if path.stat().st_size != expected["bytes"]:
            raise CorruptRelease(f"{folder.name}: {path.name} has {path.stat().st_size} bytes, not {expected['bytes']}")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected["sha256"]:
                raise CorruptRelease(f"{folder.name}: {path.name} does not have the checksum of its manifest")
        return _read(folder.name, path, settings, watch, lost)
    except PermissionError as error:
        raise CorruptRelease(f"{folder.name} {_CANNOT_READ}") from error
    except (OSError, ValueError, LookupError, TypeError, AttributeError, duckdb.Error) as error:
        # With its kind: a KeyError says no more than the key.
        raise CorruptRelease(f"{folder.name}: {type(error).__name__}: {error}") from error


def withdrawn(releases: Path, name: str) -> WithdrawnRelease | None:
    """That a release is withdrawn, None if it is not. A mark that cannot be read withdraws too."""
    try:
        said = json.loads((releases / "withdrawn" / f"{name}.json").read_bytes())
        return WithdrawnRelease(name, str(said["at"])[:10], str(said["reason"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, LookupError, TypeError):
        return WithdrawnRelease(name, "", "the reason cannot be read")


#: What is read of a manifest. The whole names every submission, and is long.
_OF_MANIFEST = ("schema_version", "quarter", "published", "policy_version", "demonstration", "staff", "files")


def manifest(folder: Path) -> Mapping[str, Any]:
    """What a release's folder says it holds, without opening a file of figures; older ones do not say all of it.

    Raises OSError, ValueError or TypeError where it cannot be read.
    """
    path = folder / "manifest.json"
    return _manifest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _manifest(path: Path, _modified: int) -> Mapping[str, Any]:
    whole = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(whole, dict):
        raise TypeError(f"{path.parent.name}: the manifest is no object")
    return MappingProxyType({name: whole[name] for name in _OF_MANIFEST if name in whole})


def _plan_briefly(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave out of planning what questions over one table gain nothing from: it took longer than reading the rows."""
    known = [name for (name,) in connection.execute("select name from duckdb_optimizers()").fetchall()]
    connection.execute("set disabled_optimizers = ?", [",".join(name for name in known if name not in OPTIMIZERS)])


def _read(name: str, path: Path, settings: Settings, watch: Watch, lost: Callable[[OpenRelease], None]) -> OpenRelease:
    connection = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as w (read_only)")
    # One thread a question: workers answer in parallel, and one person's question must not take all cores.
    connection.execute("set threads = 1")
    # Two keys of a question (entity and quarter, category and station) together still index a plain array.
    connection.execute("set perfect_ht_threshold = 16")
    _plan_briefly(connection)
    connection.execute("set memory_limit = ?", [settings.memory_limit])
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    meta = dict(connection.execute("select key, value from w.meta").fetchall())
    if meta["name"] != name:
        raise CorruptRelease(f"{name}: the file is that of the release {meta['name']}")
    if meta["schema_version"] not in SCHEMA_VERSIONS:
        raise CorruptRelease(f"{name}: schema version {meta['schema_version']} is not known to this product")
    public = settings.audience == "public"
    version = int(meta["schema_version"])
    if public and version < PUBLIC_SINCE:
        raise CorruptRelease(
            f"{name}: made under an older disclosure policy, whose public figures are served no more; "
            "make a release under the present one: parity release QUARTER"
        )
    since = SINCE[settings.audience]
    lacks = {table for table, first in since.items() if version < int(first)}
    for table in (*TABLES[settings.audience], *(set(since) - lacks)):
        connection.execute(f"select * from w.{table} limit 0")  # noqa: S608 - names from the list above
    codes: dict[str, list[str]] = {}
    labels: dict[str, dict[str, str]] = {}
    bound: list[str] = []
    for dimension, number, code, label, place_bound in connection.execute(
        "select dimension, id, code, name, attributes->>'place_bound' from w.codes order by dimension, id"
    ).fetchall():
        if number != len(codes.setdefault(dimension, [])):
            raise CorruptRelease(f"{name}: the ids of {dimension} have a gap at {number}")
        codes[dimension].append(code)
        labels.setdefault(dimension, {})[code] = label
        if place_bound == "1":
            bound.append(code)
    other = "select quarter, other from w.other_shown"
    return OpenRelease(
        name=name,
        quarter=meta["quarter"],
        published=dt.datetime.fromisoformat(meta["published"]),
        demonstration=meta["demonstration"] == "true",
        codes=MappingProxyType({dimension: tuple(values) for dimension, values in codes.items()}),
        ids=MappingProxyType(
            {dimension: {code: number for number, code in enumerate(values)} for dimension, values in codes.items()}
        ),
        labels=MappingProxyType(labels),
        coverage=_coverage(connection, codes["quarter"], codes["entity"]),
        policy=policy.from_json(meta["policy"]),
        tables=dict(connection.execute("select name, id from w.tables").fetchall()) if public else {},
        other_shown={} if "other_shown" in lacks else dict(connection.execute(other).fetchall()),
        told_by={} if "told" in lacks else dict(connection.execute(_TOLD_BY).fetchall()),
        changed_since={} if "changed_since" in lacks else dict(connection.execute(_CHANGED_SINCE).fetchall()),
        place_bound=frozenset(bound),
        lacks=frozenset(lacks),
        connection=connection,
        watch=watch,
        lost=lost,
    )


_TOLD_BY = """
    select codes.code, told.release
    from w.told
    inner join w.codes on codes.dimension = 'quarter' and told.quarter = codes.id
"""
_CHANGED_SINCE = """
    select quarters.code, list(entities.code order by entities.code)
    from w.changed_since as changed
    inner join w.codes as quarters on quarters.dimension = 'quarter' and changed.quarter = quarters.id
    inner join w.codes as entities on entities.dimension = 'entity' and changed.entity = entities.id
    group by quarters.code
"""


def _coverage(
    connection: duckdb.DuckDBPyConnection, quarters: Sequence[str], entities: Sequence[str]
) -> Mapping[str, tuple[Coverage, ...]]:
    optional = ("department", "age_group", "nationality", "appointment", "rc")
    by_quarter: dict[str, list[Coverage]] = {quarter: [] for quarter in quarters}
    for row in connection.execute(
        'select quarter, entity, state, revised, late, "break", source_quarter, submission, submitted_at, reason, '
        "women, men, department_known, age_group_known, nationality_known, appointment_known, rc_known from w.coverage "
        "where state <> 'not-participant' order by quarter, entity"
    ).fetchall():
        quarter, entity, state, revised, late, series_break, source, submission, at, reason, women, men = row[:12]
        by_quarter[quarters[quarter]].append(
            Coverage(
                quarter=quarters[quarter],
                entity=entities[entity],
                state=state,
                revised=bool(revised),
                late=bool(late),
                series_break=bool(series_break),
                source_quarter=None if source is None else quarters[source],
                submission=submission,
                submitted_at=at,
                reason=reason,
                women=women or 0,
                men=men or 0,
                known={name: value for name, value in zip(optional, row[12:], strict=True) if value is not None},
            )
        )
    return MappingProxyType({quarter: tuple(rows) for quarter, rows in by_quarter.items()})


class Warehouse:
    """The releases under `settings.releases_dir`, as one process sees them. Making one opens nothing."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._watch = Watch(settings.query_seconds)
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None  # the pointer's (inode, modified, size) when last read
        self._current: OpenRelease | None = None
        self._pinned: OrderedDict[str, OpenRelease] = OrderedDict()
        self._problem: str | None = None
        self._retry_at = 0.0

    @property
    def problem(self) -> str | None:
        """Why the release in service is not the one the pointer names, or None. For `/readyz` and the log."""
        return self._problem

    def current(self) -> OpenRelease:
        """The release in service. Raises NoRelease when there is none that can be opened.

        A pointer to a release that cannot be opened leaves the last good one in service.
        """
        pointer = self.settings.releases_dir / "current"
        try:
            status = os.stat(pointer)  # noqa: PTH116 - on every question: a Path method costs four times as much
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        except FileNotFoundError:
            seen = None
        except OSError:
            # There, but not for the user this server runs as.
            seen = _CANNOT_LOOK
        if seen == self._seen and self._current is not None and not self._due():
            return self._current
        with self._lock:
            if seen != self._seen or self._current is None or self._due():
                self._follow(pointer, seen)
            if self._current is None:
                raise NoRelease(self._problem or f"no release in {self.settings.releases_dir}")
            return self._current

    def open_early(self) -> None:
        """Open the release in service ahead of the first question; that there is none is no fault yet."""
        try:
            self.current().fetch("select 1 where $ready", {"ready": True})
        except NoRelease as error:
            log.warning("nothing in service yet", extra={"problem": str(error)})

    def _due(self) -> bool:
        """Whether it is time to try again what the pointer names."""
        return self._problem is not None and time.monotonic() >= self._retry_at

    def _follow(self, pointer: Path, seen: tuple[int, int, int] | None) -> None:
        """Move to the release the pointer names; where that fails, stay (on starting: take the newest that opens)."""
        problem = None
        if self._current is not None and withdrawn(self.settings.releases_dir, self._current.name):
            self._current = None
        try:
            name = pointer.read_text(encoding="utf-8").strip()
            if not RELEASE.fullmatch(name):
                raise CorruptRelease(f"the pointer {pointer.name} names no release: {name[:40]!r}")
            if self._current is None or self._current.name != name:
                self._current = self._open(name)
        except (OSError, UnicodeDecodeError, CorruptRelease) as error:
            problem = self._unreadable(error) if isinstance(error, PermissionError) else str(error)
            if self._current is None:
                if seen is None:
                    problem = f"no release yet in {self.settings.releases_dir}"
                else:
                    self._current = self._newest_that_opens()
            if problem != self._problem and (self._current is not None or seen is not None):
                log.error("release not in service", extra={"problem": problem})
        # With nothing in service the pointer is looked at again next time.
        self._seen = seen if self._current is not None else None
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._problem = problem

    def _unreadable(self, error: PermissionError) -> str:
        """What cannot be read, without where it is on this machine."""
        try:
            what = Path(str(error.filename)).relative_to(self.settings.data_dir)
        except ValueError:
            what = Path("releases")
        return f"{what} {_CANNOT_READ}"

    def _open(self, name: str) -> OpenRelease:
        if (gone := withdrawn(self.settings.releases_dir, name)) is not None:
            raise CorruptRelease(str(gone))
        return _open(self.settings.releases_dir / name, self.settings, self._watch, self._lose)

    def _lose(self, release: OpenRelease) -> None:
        """Let go of a release whose file was damaged while it was open: the next question opens what is sound."""
        with self._lock:
            if self._current is release:
                self._current = self._seen = None
            if self._pinned.get(release.name) is release:
                del self._pinned[release.name]

    def _newest_that_opens(self) -> OpenRelease | None:
        for name in reversed(self.names()):
            try:
                return self._open(name)
            except CorruptRelease as error:
                log.warning("release cannot be opened", extra={"problem": str(error)})
        return None

    def names(self) -> list[str]:
        """Names of all releases on disk, oldest first."""
        try:
            found = [entry.name for entry in self.settings.releases_dir.iterdir() if RELEASE.fullmatch(entry.name)]
        except OSError:
            return []
        return sorted(found, key=lambda name: (name[:6], int(name.rpartition("r")[2])))

    def served(self) -> list[str]:
        """Names of the releases that this audience may be served, oldest first; a damaged one says so when opened."""
        return [name for name in self.names() if self._serves(name)]

    def withdrawn(self) -> dict[str, WithdrawnRelease]:
        """The releases that are withdrawn, by name, oldest first."""
        found = {name: withdrawn(self.settings.releases_dir, name) for name in self.names()}
        return {name: gone for name, gone in found.items() if gone is not None}

    def _serves(self, name: str) -> bool:
        folder = self.settings.releases_dir / name
        if withdrawn(self.settings.releases_dir, name) is not None:
            return False
        try:
            if not (folder / f"{self.settings.audience}.duckdb").exists():
                return False
            return self.settings.audience != "public" or int(manifest(folder)["schema_version"]) >= PUBLIC_SINCE
        except (OSError, ValueError, LookupError, TypeError):
            return True

    def release(self, name: str | None = None) -> OpenRelease:
        """The release of that name, or the one in service. Raises WithdrawnRelease, UnknownRelease, NoRelease."""
        if name is not None and RELEASE.fullmatch(name):
            gone = withdrawn(self.settings.releases_dir, name)
            if gone is not None:
                with self._lock:
                    self._pinned.pop(name, None)
                raise gone
        current = self.current()
        if name is None or name == current.name:
            return current
        with self._lock:
            if name in self._pinned:
                self._pinned.move_to_end(name)
                return self._pinned[name]
            if not RELEASE.fullmatch(name) or not (self.settings.releases_dir / name).is_dir():
                raise UnknownRelease(name)
            try:
                opened = self._open(name)
            except CorruptRelease as error:
                log.error("pinned release cannot be opened", extra={"problem": str(error)})
                raise UnknownRelease(name) from error
            opened.fetched.limit(int(PINNED_SHARE * ROWS_REMEMBERED))
            opened.answers.limit(int(PINNED_SHARE * ANSWERED_REMEMBERED))
            self._pinned[name] = opened
            while len(self._pinned) > PINNED_OPEN:
                # Not closed here: another thread may be asking it; it goes when the last question is done.
                self._pinned.popitem(last=False)
            return opened
