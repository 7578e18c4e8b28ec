"""Releases: made beside, checked, renamed, and put in service by replacing a pointer. Also back, compared, made again.

releases/
current                 one line: the release in service; replaced by rename
history.jsonl           what was made, put in service and withdrawn, when; names in it are never used again
lock                    held by whoever makes a release or moves the pointer
2026Q3-r1/              internal.duckdb, public.duckdb, manifest.json; never changed once it has this name
2026Q3-r2.building/     what was being made when a process was killed; removed by the next one
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dashboard import codelists as codelists_module
from dashboard.codelists import CodeLists
from dashboard.disclosure import policy as policy_module
from dashboard.disclosure import rounding
from dashboard.ingest import attacks, corrections, files, history, kept, movers, plausibility, public, readers, source
from dashboard.ingest.build import FILE, SCHEMA_VERSION, TABLES, Gathered, build, content_of, gather, run_checks
from dashboard.ingest.choose import choose

# The package gives it this module's name, which would hide it otherwise.
from dashboard.ingest.kept import releases as releases
from dashboard.ingest.preconditions import Asked, Prepared, earlier_of, prepare, secret_for, taken_back
from dashboard.ingest.problems import NOTE, Fault, InputError, Refused, Report
from dashboard.ingest.progress import Progress, Silent
from dashboard.ingest.store import Store, Withdrawal, list_files, withdrawals_of
from dashboard.ingest.told import Before
from dashboard.ingest.words import listed, plain

BUILDING = ".building"


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """A release that has been made and put in service."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What making a release would come to: its name, what is missing, and where nothing but reasons was missing, the
    manifest it would have and what a look at its files gave.
    """

    name: str
    report: Report
    manifest: Mapping[str, Any] | None = None
    seen: Any = None


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What making a release again gave: per table the hash its manifest names, what its file has, what was made now."""

    name: str
    tables: Mapping[str, tuple[str, str | None, str]]
    problem: str | None = None

    @property
    def same(self) -> bool:
        """True if manifest, file and what was made now agree in every table."""
        return self.problem is None and all(len(set(hashes)) == 1 for hashes in self.tables.values())


# -- making one --


def _utc(at: dt.datetime | None) -> dt.datetime:
    at = at or dt.datetime.now(dt.UTC)
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)


def release(
    store: Store,
    quarter: str,
    *,
    codelists: CodeLists,
    secret: str | None = None,
    new_secret: str | None = None,
    accepted_warnings: Mapping[str, str] | None = None,
    releases_lost: str | None = None,
    server_user: str | None = None,
    published_at: dt.datetime | None = None,
    progress: Progress | None = None,
) -> ReleaseResult:
    """Make a release of all quarters up to this one and put it in service.

    Public figures are rounded by the `secret`, which is to be the one of the releases before; `new_secret` is the
    reason why it is another. Demonstration figures need none. `accepted_warnings` maps a warning's code, or
    code:entity, to the reason why the release is made all the same; a reason that was given for the same submissions
    before still holds. `releases_lost` is the reason to go on without releases of which no copy is left, `server_user`
    who has to be able to read the release.
    Raises Refused with a report of everything that is missing, InputError when the quarter is none or the figures
    cannot be released safely, Fault or OSError when the system fails; in every case the old release stays in service
    and nothing else is left that counts.
    """
    asked = Asked(secret, new_secret, accepted_warnings or {}, releases_lost)
    published = _utc(published_at)
    progress = progress or Silent()
    with _being_made(store, quarter, codelists, asked, server_user, progress) as (ready, gathered, building):
        if not ready.report.ok:
            raise Refused(ready.report)
        manifest = _make(building, ready, gathered, store, codelists, published, progress, keep=True)
        files.write(building / kept.MANIFEST, files.as_json(manifest))
        for file in kept.FILES:
            files.sync_file(building / file)
        files.sync_folder(building)
        files.step("release:manifest-written")
        # Before the rename: a name that has been seen is never given again.
        history.record(store.data_dir, history.MADE, ready.name, published)
        folder = kept.folder(store.data_dir)
        building.rename(folder / ready.name)
        files.sync_folder(folder)
        files.step("release:renamed")
        history.enter(store.data_dir, manifest)
        files.step("release:entered")
        _put_in_service(store.data_dir, ready.name, published, "release:in-service")
    return ReleaseResult(ready.name, folder / ready.name, manifest)


def rehearse(
    store: Store,
    quarter: str,
    *,
    codelists: CodeLists,
    secret: str | None = None,
    new_secret: str | None = None,
    accepted_warnings: Mapping[str, str] | None = None,
    releases_lost: str | None = None,
    server_user: str | None = None,
    look: Callable[[Path], Any] | None = None,
    progress: Progress | None = None,
) -> Rehearsal:
    """Everything that `release` does, the checks and the attack included, but nothing is kept or put in service.

    Where only reasons for warnings are missing it goes on without them, so that one sees what they would be for. `look`
    is given the folder while it is there. Raises what `release` raises, but for what `report` says.
    """
    asked = Asked(secret, new_secret, accepted_warnings or {}, releases_lost)
    progress = progress or Silent()
    with _being_made(store, quarter, codelists, asked, server_user, progress) as (ready, gathered, building):
        if any(problem.code not in plausibility.RELEASE_WARNINGS for problem in ready.report.errors):
            return Rehearsal(ready.name, ready.report)
        manifest = _make(building, ready, gathered, store, codelists, _utc(None), progress, keep=False)
        return Rehearsal(ready.name, ready.report, manifest, look(building) if look is not None else None)


@contextmanager
def _being_made(
    store: Store, quarter: str, codelists: CodeLists, asked: Asked, server_user: str | None, progress: Progress
) -> Iterator[tuple[Prepared, Gathered, Path]]:
    """What a release is to be made of and the folder it is made in, which goes unless it has been renamed."""
    folder = kept.folder(store.data_dir)
    with files.locked(folder / "lock"):
        for left in folder.glob(f"*{BUILDING}"):
            shutil.rmtree(left)
        ready = prepare(store, quarter, codelists=codelists, asked=asked)
        files.step("release:chosen")
        building = folder / f"{ready.name}{BUILDING}"
        building.mkdir()
        try:
            for problem in readers.problems(building, server_user):
                ready.report.add(problem)
            gathered = gather(building, ready.choices, store, codelists, ready.entries, progress=progress)
            for problem in gathered.report.problems:
                ready.report.add(problem)
            yield ready, gathered, building
        finally:
            shutil.rmtree(building, ignore_errors=True)


def _put_in_service(data_dir: Path, name: str, at: dt.datetime, step: str) -> None:
    """Move the pointer, and only then say so: what failed must not stand in the history as done."""
    kept.point(data_dir, name)
    files.step(step)
    try:
        history.record(data_dir, history.IN_SERVICE, name, at)
    except OSError as error:
        said = f"{error.strerror or error}: {history.HISTORY}"
        raise Fault(f"{name} is in service, but this could not be written down: {said}") from error


def _before_again(
    data_dir: Path,
    manifest: Mapping[str, Any],
    withdrawn: Mapping[tuple[str, str], Withdrawal],
) -> Before:
    """What a release took over when it was made. Raises InputError where that has gone, Fault where it is damaged."""
    folders = {}
    for quarter, name in manifest["disclosure"].get("taken_over", {}).items():
        folders[quarter] = kept.folder(data_dir) / name
    for name in sorted({folder.name for folder in folders.values()}):
        if name not in kept.names(data_dir):
            raise InputError(f"{manifest['name']} took quarters over from {name}, which is not there any more")
        if wrong := kept.damage(data_dir, name):
            raise Fault(f"{manifest['name']} took quarters over from {name}, which cannot be read: {wrong}")
    return Before(folders, withdrawn=taken_back(data_dir, folders, withdrawn))


def _told_again(ready: Prepared, quarters: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Which quarters of lost releases are told again, why, and whether from the figures they were told from then."""
    found = {
        quarter: {"release": release, "same": quarters[quarter].get("digest") == digest}
        for quarter, (release, digest) in ready.told_again["quarters"].items()
    }
    return {"reason": ready.told_again["reason"], "quarters": found}


def check_public(folder: Path, progress: Progress | None = None) -> list[str]:
    """Run every check of the public file of a release beside its internal one. Raises Fault naming all that failed."""
    try:
        with duckdb.connect(folder / public.FILE, read_only=True) as connection:
            source.attach(connection, folder / FILE, "i")
            return run_checks(connection, public.CHECKS, progress or Silent())
    except duckdb.Error as error:
        raise Fault(f"the public file cannot be checked: {str(error).splitlines()[0]}") from error


def _public(by_table: Mapping[str, Any]) -> dict[str, Any]:
    return {f"public.{table}": value for table, value in by_table.items()}


def _make(
    building: Path,
    ready: Prepared,
    gathered: Gathered,
    store: Store,
    codelists: CodeLists,
    published: dt.datetime,
    progress: Progress,
    *,
    keep: bool,
) -> dict[str, Any]:
    """Build and check the files, and return the manifest; with `keep` the code lists are kept for a rebuild."""
    choices, quarter, policy, before = ready.choices, ready.quarter, ready.policy, ready.before
    used = {choice.submission.id: choice.submission for choice in choices if choice.submission is not None}
    meta = {
        "name": ready.name,
        "quarter": quarter,
        "published": published.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "demonstration": "true" if ready.demonstration else "false",
        "policy_version": policy.version,
        "code_version": importlib.metadata.version("parity-dashboard"),
    }
    built = build(
        building,
        choices,
        store=store,
        codelists=codelists,
        policy=policy,
        secret=ready.secret,
        meta=meta,
        before=before,
        gathered=gathered,
        progress=progress,
    )
    files.step("release:internal-checked")
    progress.say("what the public may see, and what an attacker makes of it")
    made = public.write(building / FILE, building / public.FILE, before=before, earlier=ready.earlier)
    moved = {} if quarter in before else movers.between_quarters(building / FILE, building / public.FILE, [quarter])
    files.step("release:public-written")
    checks = check_public(building, progress)
    files.step("release:checked")
    newest: dict[str, int] = {}
    for submission in ready.submissions:
        newest[submission.entity] = max(newest.get(submission.entity, 0), submission.sequence)
    return {
        **meta,
        "demonstration": ready.demonstration,
        "files": {
            file: {"bytes": (building / file).stat().st_size, "sha256": files.sha256_of_file(building / file)}
            for file in kept.FILES
        },
        "inputs": {
            "submissions": {
                submission.id: {
                    "manifest": files.sha256_of_file(store.manifest_path(submission.id)),
                    "files": {item["name"]: item["sha256"] for item in submission.manifest["files"]},
                }
                for submission in used.values()
            },
            # Superseded submissions decide what is called revised or late, so these too are part of the input.
            "considered": newest,
            "withdrawn": {f"{one.entity}/{one.quarter}": one.to_dict() for one in ready.withdrawn.values()},
            "codelists": _lists(store, codelists, keep),
        },
        "warnings": list(ready.accepted),
        "notes": [problem.message for problem in ready.report.problems if problem.level == NOTE],
        "corrections": [entry.to_dict() for entry in built.corrected],
        # For lists of releases: how many are counted in its quarter (public: the exact tables have them).
        "staff": _staff(building / FILE),
        "rows": {**built.rows, **_public(made.rows)},
        "content": {**built.content, **_public(content_of(building / public.FILE, public.TABLES))},
        "checks": [*built.checks, *(f"public.{name}" for name in checks)],
        "disclosure": {
            "policy": policy.to_json(),
            "policy_version": policy.version,
            "secret": rounding.fingerprint(ready.secret),
            **({"new_secret": ready.new_secret.strip()} if ready.new_secret else {}),
            **({"told_again": _told_again(ready, made.disclosure["quarters"])} if ready.told_again else {}),
            **made.disclosure,
            # What signed-in staff could tell of the last quarter.
            "inside": built.inside,
            "attack": attacks.summary(made.disclosure),
            # What guesses at who came or left come to.
            "movers": {dimension: said.to_dict() for dimension, said in moved.items()},
        },
    }


def _staff(path: Path) -> int:
    """Women and men of a release's own quarter."""
    with duckdb.connect(str(path), read_only=True) as connection:
        query = "select sum(staff) from coverage where quarter = (select max(quarter) from coverage)"
        return int(connection.execute(query).fetchone()[0])  # type: ignore[index]


def _lists(store: Store, codelists: CodeLists, keep: bool) -> dict[str, str]:
    """The code lists a release is made with, by content, kept so that it can be made again."""
    found = {}
    for name, path in list_files(codelists).items():
        content = path.read_bytes()
        found[name] = files.sha256(content)
        if keep:
            files.keep(store.object_path(found[name]), content, found[name])
    return found


# -- after it is made --


def rollback(data_dir: Path, name: str, *, at: dt.datetime | None = None) -> str | None:
    """Put another release in service; nothing is removed. Returns the one that was in service, None if none was.

    Raises InputError if there is no such release, it is of an older policy or withdrawn, Fault if its files are damaged
    or the pointer moved and this could not be written down.
    """
    with files.locked(kept.folder(data_dir) / "lock"):
        _can_serve(data_dir, name)
        try:
            before = kept.current_release(data_dir)
        except Fault:
            before = None
        files.step("rollback:begin")
        _put_in_service(data_dir, name, _utc(at), "rollback:in-service")
    return before


def _can_serve(data_dir: Path, name: str) -> None:
    """Raises InputError or Fault where a release cannot be put in service."""
    if kept.manifest_of(data_dir, name).get("schema_version") != SCHEMA_VERSION:
        raise InputError(
            f"{name} cannot be put in service: it was made under an older disclosure policy, whose public figures "
            "are served no more"
        )
    if (reason := kept.withdrawn(data_dir, name)) is not None:
        raise InputError(f"{name} cannot be put in service: it is withdrawn ({reason})")
    if wrong := kept.damage(data_dir, name):
        raise Fault(f"{name} cannot be put in service: {wrong}")


def withdraw_release(
    data_dir: Path, name: str, reason: str, *, instead: str | None = None, at: dt.datetime | None = None
) -> str | None:
    """Show a release to nobody any more: its addresses say that it is withdrawn, and why. Its folder stays, since later
    releases take over what it told, and what was published once is never told anew.

    `instead` is put in service where it is the one in service; it may only be missing where there is no other. Returns
    the release in service afterwards. Raises InputError if there is no such release, no reason, or no `instead`.
    """
    said = plain(reason)
    if not said:
        raise InputError("a withdrawal needs a reason: it is published where the release was")
    moment = _utc(at)
    with files.locked(kept.folder(data_dir) / "lock"):
        if name not in kept.names(data_dir):
            raise InputError(f"there is no release {name}; there are: {', '.join(kept.names(data_dir)) or 'none'}")
        try:
            current = kept.current_release(data_dir)
        except Fault:
            current = None
        if (before := kept.withdrawn(data_dir, name)) is not None and current != name:
            # Killed before the pointer was moved, it is not done yet.
            raise InputError(f"{name} is withdrawn already: {before}")
        if current == name:
            if instead is None and (others := [other for other in _can_be_served(data_dir) if other != name]):
                raise InputError(
                    f"{name} is in service; say which is to be instead: --instead {others[-1]}"
                    + (f" (or {listed(others[:-1])})" if others[:-1] else "")
                )
            if instead == name:
                raise InputError(f"{name} cannot stand instead of itself")
            if instead is not None:
                _can_serve(data_dir, instead)
        elif instead is not None:
            raise InputError(f"{name} is not in service, so nothing has to be put in service instead")
        files.step("withdraw:begin")
        if instead is not None:
            # First: killed in between, the old release is out of service and the command can be run again.
            _put_in_service(data_dir, instead, moment, "withdraw:other-in-service")
            current = instead
        content = {"name": name, "at": moment.isoformat(), "reason": said}
        files.write(kept.mark(data_dir, name), files.as_json(content))
        files.step("withdraw:marked")
        if current == name:
            (kept.folder(data_dir) / kept.CURRENT).unlink()
            current = None
        history.record(data_dir, history.WITHDRAWN, name, moment, reason=said)
    return current


def _can_be_served(data_dir: Path) -> list[str]:
    found = []
    for name in kept.names(data_dir):
        try:
            _can_serve(data_dir, name)
        except (InputError, Fault):
            continue
        found.append(name)
    return found


def rebuild(store: Store, name: str, *, secret: str | None = None, progress: Progress | None = None) -> Rebuilt:
    """Make a release again, from the raw files its manifest names, and compare; nothing is kept of it.

    Raises InputError when a raw file was purged (with the reason given then) or an input has gone.
    """
    manifest = kept.manifest_of(store.data_dir, name)
    if "disclosure" not in manifest:
        raise InputError(f"{name} was made by an older version, which had no public file")
    considered = manifest["inputs"]["considered"]
    submissions = [known for known in store.submissions() if known.sequence <= considered.get(known.entity, 0)]
    with tempfile.TemporaryDirectory(prefix="rebuild-", dir=kept.folder(store.data_dir)) as temporary:
        place = Path(temporary)
        lists = codelists_module.load(_lists_again(store, manifest, place / "codelists"))
        withdrawn = withdrawals_of(manifest["inputs"].get("withdrawn", {}))
        choices = choose(submissions, manifest["quarter"], lists, withdrawn)
        used = {choice.submission.id for choice in choices if choice.submission is not None}
        if gone := sorted(set(manifest["inputs"]["submissions"]) ^ used):
            raise InputError(f"{name} was made from other submissions than are there: {', '.join(gone[:5])}")
        for submission_id, said in manifest["inputs"]["submissions"].items():
            if files.sha256_of_file(store.manifest_path(submission_id)) != said["manifest"]:
                raise Fault(f"the manifest of submission {submission_id} has changed since {name} was made")
        secret = secret_for(secret, choices)
        if rounding.fingerprint(secret) != manifest["disclosure"]["secret"]:
            raise InputError(f"the secret is not the one {name} was made with")
        entries = [corrections.from_dict(entry) for entry in manifest["corrections"]]
        before = _before_again(store.data_dir, manifest, withdrawn)
        (place / "made").mkdir()
        built = build(
            place / "made",
            choices,
            store=store,
            codelists=lists,
            policy=policy_module.from_json(manifest["disclosure"]["policy"]),
            secret=secret,
            corrections=entries,
            meta={"name": name},
            before=before,
            normalised=place / "normalised",
            progress=progress,
        )
        again = dict(built.content)
        # Public files of an older policy are rounded in another way, and are served no more: they are not made again.
        if manifest["schema_version"] == SCHEMA_VERSION:
            # The list of what is withheld is what the attack came to; the figures are made without looking at others.
            withheld = manifest["disclosure"]["withheld"]
            whole = {quarter: said.get("whole", ()) for quarter, said in manifest["disclosure"]["quarters"].items()}
            files_made = (place / "made" / FILE, place / "made" / public.FILE)
            public.write(*files_made, before=before, withheld=withheld, whole=whole, attacked=False)
            again |= _public(content_of(place / "made" / public.FILE, public.TABLES))
        # A release made before a table was added is compared in those it has.
        again = {table: content for table, content in again.items() if table in manifest["content"]}
    problem = kept.damage(store.data_dir, name)
    held: Mapping[str, str] = {}
    try:
        folder = kept.folder(store.data_dir) / name
        held = content_of(folder / FILE, [table for table in TABLES if table in again])
        shown = [table for table in public.TABLES if f"public.{table}" in again]
        held = {**held, **_public(content_of(folder / public.FILE, shown))}
    except Fault as error:
        problem = problem or str(error)
    tables = {table: (manifest["content"][table], held.get(table), again[table]) for table in again}
    return Rebuilt(name, tables, problem)


def attack(
    data_dir: Path,
    given: Sequence[Path] = (),
    *,
    plain: bool = False,
    inside: bool = False,
    quarters: Sequence[str] = (),
) -> dict[str, Any]:
    """Run the attacker alone: on the release in service, on the folder of one, or on an internal and a public file.

    `plain` and `inside` as in attacks.alone; without them movers are looked for as well. Raises InputError if the
    files are not there, Fault if they cannot be read or do not belong together.
    """
    if len(given) == 2:
        internal, shown = sorted(given, key=lambda path: path.name != FILE)
    elif len(given) == 1:
        internal, shown = given[0] / FILE, given[0] / public.FILE
    elif not given:
        name = kept.current_release(data_dir)
        if name is None:
            raise InputError("there is no release to attack")
        internal, shown = kept.folder(data_dir) / name / FILE, kept.folder(data_dir) / name / public.FILE
    else:
        raise InputError("give the folder of a release, or its two files")
    for path in (internal, shown):
        if not path.is_file():
            raise InputError(f"there is no file {path}")
    earlier: list[attacks.Earlier] = []
    if internal.parent.parent == kept.folder(data_dir) and internal.parent.name in kept.names(data_dir):
        order_made = kept.as_made(data_dir)
        manifest = kept.manifest_of(data_dir, internal.parent.name)
        before = set(order_made[: order_made.index(internal.parent.name)])
        earlier = [
            known for known in earlier_of(data_dir, bool(manifest.get("demonstration"))) if known.folder.name in before
        ]
    try:
        found = attacks.alone(internal, shown, earlier=earlier, plain=plain, inside=inside, quarters=quarters)
        if plain or inside:
            return found
        moved = movers.between_quarters(internal, shown, found["quarters"]) if found["quarters"] else {}
        return found | {"movers": {dimension: said.to_dict() for dimension, said in moved.items()}}
    except (duckdb.Error, KeyError) as error:
        raise Fault(f"{internal.parent} cannot be attacked: {str(error).splitlines()[0]}") from error


def _lists_again(store: Store, manifest: Mapping[str, Any], folder: Path) -> Path:
    folder.mkdir(parents=True)
    for file, sha in manifest["inputs"]["codelists"].items():
        path = store.object_path(sha)
        if not path.exists():
            raise InputError(f"the code list {file} that {manifest['name']} was made with is missing ({sha})")
        shutil.copyfile(path, folder / file)
    return folder
