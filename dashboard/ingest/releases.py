"""Releases: made beside, checked, renamed, and put in service by replacing a pointer. Also back, compared, made again.

releases/
current                 one line: the release in service; replaced by rename
history.jsonl           what was made and put in service, when; names in it are never used again
lock                    held by whoever makes a release or moves the pointer
2026Q3-r1/              internal.duckdb, public.duckdb, manifest.json; never changed once it has this name
2026Q3-r2.building/     what was being made when a process was killed; removed by the next one
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import json
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from dashboard import codelists as codelists_module
from dashboard.codelists import CodeLists
from dashboard.disclosure import policy as policy_module
from dashboard.disclosure import rounding
from dashboard.disclosure.policy import Policy
from dashboard.ingest import attacks, contract, corrections, files, movers, plausibility, public, source
from dashboard.ingest.build import FILE, SCHEMA_VERSION, TABLES, build, content_of, run_checks
from dashboard.ingest.choose import CARRIED, NOT_SUBMITTED, PARTIAL, REPORTED, Choice, choose
from dashboard.ingest.problems import ERROR, NOTE, WARNING, Fault, InputError, Problem, Refused, Report
from dashboard.ingest.progress import Progress, Silent
from dashboard.ingest.store import Store, Submission, list_files
from dashboard.ingest.told import Before
from dashboard.selection import RELEASE

MANIFEST = "manifest.json"
CURRENT = "current"
BUILDING = ".building"
#: The two files of a release. A server opens one of them, by its audience.
FILES = (FILE, public.FILE)


@dataclass(frozen=True, slots=True)
class ReleaseResult:
    """A release that has been made and put in service."""

    name: str
    folder: Path
    manifest: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """A release on disk. `problem` says what is wrong with it, if anything."""

    name: str
    current: bool
    manifest: Mapping[str, Any] = field(repr=False)
    problem: str | None = None


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


def _folder(data_dir: Path) -> Path:
    return Path(data_dir) / "releases"


def order(name: str) -> tuple[str, int]:
    """Sorts names of releases: r10 after r9."""
    return name[:6], int(name.rpartition("r")[2])


def names(data_dir: Path) -> list[str]:
    """Names of the releases on disk, oldest first."""
    folder = _folder(data_dir)
    if not folder.is_dir():
        return []
    return sorted((path.name for path in folder.iterdir() if RELEASE.fullmatch(path.name)), key=order)


def current_release(data_dir: Path) -> str | None:
    """The release in service, None when there is none. Raises Fault when the pointer names no release on disk."""
    try:
        name = (_folder(data_dir) / CURRENT).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None
    if not RELEASE.fullmatch(name) or not (_folder(data_dir) / name).is_dir():
        right = "put one in service with: parity rollback RELEASE"
        raise Fault(f"the pointer {_folder(data_dir) / CURRENT} names no release: {name[:40]!r}; {right}")
    return name


def manifest_of(data_dir: Path, name: str) -> dict[str, Any]:
    """The manifest of a release. Raises InputError if there is no such release, Fault if it is damaged."""
    known = names(data_dir)
    if name not in known:
        raise InputError(f"there is no release {name}; there are: {', '.join(known) or 'none'}")
    try:
        return json.loads((_folder(data_dir) / name / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        raise Fault(f"the manifest of {name} cannot be read: {error}") from error


def damage(data_dir: Path, name: str) -> str | None:
    """What is wrong with the files of a release beside its manifest, None if nothing."""
    try:
        manifest = manifest_of(data_dir, name)
        if missing := set(FILES) - set(manifest["files"]):
            return f"{', '.join(sorted(missing))} is not in the manifest: made by an older version"
        for file, expected in manifest["files"].items():
            path = _folder(data_dir) / name / file
            if path.stat().st_size != expected["bytes"]:
                return f"{file} has {path.stat().st_size} bytes, not {expected['bytes']}"
            if files.sha256_of_file(path) != expected["sha256"]:
                return f"{file} does not have the checksum of the manifest"
    except (Fault, OSError, KeyError, TypeError) as error:
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
        found.append(ReleaseInfo(name, name == in_service, manifest, problem))
    return found


# -- making one --


def _history(data_dir: Path, event: str, name: str, at: dt.datetime) -> None:
    path = _folder(data_dir) / "history.jsonl"
    with path.open("ab") as file:
        file.write(json.dumps({"at": at.isoformat(), "event": event, "name": name}).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _next_name(data_dir: Path, quarter: str) -> str:
    folder = _folder(data_dir)
    used = {name for name in names(data_dir) if name.startswith(quarter)}
    history = folder / "history.jsonl"
    if history.exists():
        for line in history.read_bytes().splitlines():
            try:
                used.add(str(json.loads(line)["name"]))
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a full disk
    numbers = [order(name)[1] for name in used if name.startswith(f"{quarter}-r") and RELEASE.fullmatch(name)]
    return f"{quarter}-r{max(numbers, default=0) + 1}"


def _point(data_dir: Path, name: str) -> None:
    files.write(_folder(data_dir) / CURRENT, f"{name}\n".encode())


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
    published_at: dt.datetime | None = None,
    progress: Progress | None = None,
) -> ReleaseResult:
    """Make a release of all quarters up to this one and put it in service.

    Public figures are rounded by the `secret`, which is to be the one of the releases before; `new_secret` is the
    reason why it is another. Demonstration figures need none. `accepted_warnings` maps a warning's code, or
    code:entity, to the reason why the release is made all the same.
    Raises Refused with a report for warnings that are not accepted and corrections that do not fit, InputError when
    there is nothing to release, Fault or OSError when the system fails; in every case the old release stays in
    service and nothing else is left that counts.
    """
    progress = progress or Silent()
    if not contract.is_quarter(quarter):
        raise InputError(f"{quarter!r} is not a quarter; written like 2026Q3")
    folder = _folder(store.data_dir)
    published = _utc(published_at)
    with files.locked(folder / "lock"):
        for left in folder.glob(f"*{BUILDING}"):
            shutil.rmtree(left)
        submissions = store.submissions()
        choices = choose(submissions, quarter, codelists)
        if not any(choice.quarter == quarter and choice.state in (REPORTED, PARTIAL) for choice in choices):
            raise InputError(f"there is no submission for {quarter}: nothing to release")
        entries = corrections.load(store.data_dir, codelists)
        report = warn(choices, quarter, submissions, codelists)
        accepted = _accept(report, accepted_warnings or {})
        policy = policy_module.load()
        secret = _secret(secret, choices)
        demonstration = _demonstration(choices)
        earlier = _earlier(store.data_dir, demonstration)
        _same_secret(secret, earlier, new_secret)
        if not demonstration:
            _secret_of_no_older_series(store.data_dir, secret)
            _secret_of_no_other_rounding(secret, earlier, policy)
        before = _before(store.data_dir, demonstration, policy, {choice.quarter for choice in choices})
        name = _next_name(store.data_dir, quarter)
        files.step("release:chosen")
        building = folder / f"{name}{BUILDING}"
        building.mkdir()
        try:
            manifest = _make(
                building,
                name,
                quarter,
                choices,
                submissions,
                entries,
                store,
                codelists,
                policy,
                secret,
                earlier,
                before,
                published,
                progress,
            )
            if new_secret:
                manifest["disclosure"]["new_secret"] = new_secret.strip()
            manifest["warnings"] = accepted
            manifest["notes"] = [problem.message for problem in report.problems if problem.level == NOTE]
            files.write(building / MANIFEST, files.as_json(manifest))
            for file in FILES:
                files.sync_file(building / file)
            files.sync_folder(building)
            files.step("release:manifest-written")
            # Before the rename: a name that has been seen is never given again.
            _history(store.data_dir, "made", name, published)
            building.rename(folder / name)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
        files.sync_folder(folder)
        files.step("release:renamed")
        _point(store.data_dir, name)
        files.step("release:in-service")
    return ReleaseResult(name, folder / name, manifest)


_HOW = (
    "make one once with: python -c 'import secrets; print(secrets.token_hex(32))', "
    "keep it safe and give it to every release as PARITY_SECRET: public figures are rounded by it"
)


def _secret(secret: str | None, choices: Sequence[Choice]) -> str:
    """The secret to round by. Demonstration figures have one of their own; real ones are refused without, or with that.

    Raises InputError saying how to make one.
    """
    real = any(
        choice.submission is not None and choice.submission.manifest["origin"] != "demonstration" for choice in choices
    )
    if not real:
        return secret or rounding.DEMONSTRATION_SECRET
    if not secret:
        raise InputError(f"there is no secret; {_HOW}")
    if secret == rounding.DEMONSTRATION_SECRET:
        raise InputError(f"the secret of demonstrations is public and cannot protect real figures; {_HOW}")
    if len(secret) < rounding.LEAST_SECRET:
        raise InputError(f"the secret has {len(secret)} characters, {rounding.LEAST_SECRET} are the least; {_HOW}")
    return secret


def _demonstration(choices: Sequence[Choice]) -> bool:
    return any(
        choice.submission is not None and choice.submission.manifest["origin"] == "demonstration" for choice in choices
    )


def _earlier(data_dir: Path, demonstration: bool) -> list[attacks.Earlier]:
    """The releases of the same series that are whole, the newest first. Demonstrations tell nothing of real figures."""
    found = []
    for name in reversed(_as_made(data_dir)):
        try:
            manifest = manifest_of(data_dir, name)
        except Fault:
            continue
        if _same_series(manifest, demonstration) and damage(data_dir, name) is None:
            found.append(attacks.Earlier(_folder(data_dir) / name, manifest["disclosure"]))
            if len(found) == attacks.KNOWN_RELEASES:
                break
    return found


def _before(data_dir: Path, demonstration: bool, policy: Policy, quarters: Collection[str]) -> Before:
    """Where quarters were told before: in the newest release of the series that has them, under this policy.

    Under another policy all quarters are told again, by its rules. Raises Fault where all that have a quarter are
    damaged, or where a quarter is missing and what a release has told cannot be read.
    """
    folders: dict[str, Path] = {}
    said: dict[str, Mapping[str, Any]] = {}
    damaged: list[tuple[str, str, set[str]]] = []
    unread: list[str] = []
    for name in reversed(_as_made(data_dir)):
        missing = set(quarters) - folders.keys()
        if not missing:
            break
        try:
            manifest = manifest_of(data_dir, name)
        except Fault as error:
            unread.append(str(error))
            continue
        if not _same_series(manifest, demonstration) or manifest["disclosure"]["policy"] != policy.to_json():
            continue
        known = manifest["disclosure"]["quarters"]
        found = missing & known.keys()
        if found and (wrong := damage(data_dir, name)):
            damaged.append((name, wrong, found))
            continue
        folders |= dict.fromkeys(found, _folder(data_dir) / name)
        said |= {quarter: known[quarter] for quarter in found}
    for name, wrong, found in damaged:
        if lost := sorted(found - folders.keys()):
            raise Fault(
                f"{name}, which told {', '.join(lost)}, is damaged ({wrong}): restore its folder from a backup. Told "
                "again from what is submitted now, protected figures could show where the people are whom a correction "
                "is about"
            )
    # The last quarter is to be told now; any other may have been told by a release that cannot be read.
    if unread and set(quarters) - folders.keys() - {max(quarters)}:
        raise Fault(f"it is not known which quarters were told: {unread[0]}; restore it from a backup")
    return Before(folders, said)


def _same_series(manifest: Mapping[str, Any], demonstration: bool) -> bool:
    """Whether a release is of a series: a release of an older layout rounds in another way, and is of another."""
    of_layout = manifest.get("schema_version") == SCHEMA_VERSION and "disclosure" in manifest
    return of_layout and manifest.get("demonstration") == demonstration


def _before_again(data_dir: Path, manifest: Mapping[str, Any]) -> Before:
    """What a release took over when it was made. Raises InputError where that has gone, Fault where it is damaged."""
    folders = {}
    for quarter, name in manifest["disclosure"].get("taken_over", {}).items():
        folders[quarter] = _folder(data_dir) / name
    for name in sorted({folder.name for folder in folders.values()}):
        if name not in names(data_dir):
            raise InputError(f"{manifest['name']} took quarters over from {name}, which is not there any more")
        if wrong := damage(data_dir, name):
            raise Fault(f"{manifest['name']} took quarters over from {name}, which cannot be read: {wrong}")
    return Before(folders)


def _as_made(data_dir: Path) -> list[str]:
    """Names of the releases on disk in the order in which they were made, which a rollback or a clock do not change."""
    known = names(data_dir)
    made: dict[str, int] = {}
    history = _folder(data_dir) / "history.jsonl"
    if history.exists():
        for number, line in enumerate(history.read_bytes().splitlines()):
            try:
                entry = json.loads(line)
                if entry["event"] == "made":
                    made[str(entry["name"])] = number
            except (ValueError, KeyError, TypeError):
                continue  # the last line of a full disk
    return sorted(known, key=lambda name: (made.get(name, -1), order(name)))


def _same_secret(secret: str, earlier: Sequence[attacks.Earlier], new_secret: str | None) -> None:
    """Raises InputError if the secret is not the one of the release before, and nobody says why."""
    if new_secret is not None and not new_secret.strip():
        raise InputError("the reason for a new secret is empty; say why, it stays on record")
    if earlier and earlier[0].disclosure["secret"] != rounding.fingerprint(secret) and new_secret is None:
        raise InputError(
            f"the secret is not the one {earlier[0].folder.name} was made with: every rounded figure would change, and "
            "two roundings tell more than one; find the old secret, or if it is lost or known to others: "
            "--new-secret REASON"
        )


def _secret_of_no_older_series(data_dir: Path, secret: str) -> None:
    """Raises InputError if real figures were released with this secret under a policy that rounded in another way."""
    for name in reversed(_as_made(data_dir)):
        try:
            manifest = manifest_of(data_dir, name)
        except Fault:
            continue
        older = manifest.get("schema_version") != SCHEMA_VERSION and not manifest.get("demonstration")
        if older and manifest.get("disclosure", {}).get("secret") == rounding.fingerprint(secret):
            raise InputError(
                f"{name} was made with this secret under an older disclosure policy; two ways of rounding by one "
                f"secret tell more than one, so the figures of today's policy need a new secret: {_HOW}"
            )


def _secret_of_no_other_rounding(secret: str, earlier: Sequence[attacks.Earlier], policy: Policy) -> None:
    """Raises InputError if the release before was rounded in another way by this secret."""
    if not earlier or earlier[0].disclosure["secret"] != rounding.fingerprint(secret):
        return
    then = policy_module.from_json(earlier[0].disclosure["policy"])
    if (then.base, then.offset) != (policy.base, policy.offset):
        raise InputError(
            f"{earlier[0].folder.name} was rounded to multiples of {then.base} with numbers up to {then.offset}; two "
            f"ways of rounding by one secret tell more than one, so the policy of today needs a new secret: {_HOW}"
        )


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
    name: str,
    quarter: str,
    choices: Sequence[Choice],
    submissions: Sequence[Submission],
    entries: Sequence[corrections.Correction],
    store: Store,
    codelists: CodeLists,
    policy: Policy,
    secret: str,
    earlier: Sequence[attacks.Earlier],
    before: Before,
    published: dt.datetime,
    progress: Progress,
) -> dict[str, Any]:
    """Build and check the files, keep the code lists, and return the manifest."""
    used = {choice.submission.id: choice.submission for choice in choices if choice.submission is not None}
    demonstration = _demonstration(choices)
    meta = {
        "name": name,
        "quarter": quarter,
        "published": published.isoformat(),
        "schema_version": SCHEMA_VERSION,
        "demonstration": "true" if demonstration else "false",
        "policy_version": policy.version,
        "code_version": importlib.metadata.version("parity-dashboard"),
    }
    built = build(
        building,
        choices,
        store=store,
        codelists=codelists,
        policy=policy,
        secret=secret,
        corrections=entries,
        meta=meta,
        before=before,
        progress=progress,
    )
    files.step("release:internal-checked")
    progress.say("what the public may see, and what an attacker makes of it")
    made = public.write(building / FILE, building / public.FILE, before=before, earlier=earlier)
    moved = {} if quarter in before else movers.between_quarters(building / FILE, building / public.FILE, [quarter])
    files.step("release:public-written")
    checks = check_public(building, progress)
    files.step("release:checked")
    newest: dict[str, int] = {}
    for submission in submissions:
        newest[submission.entity] = max(newest.get(submission.entity, 0), submission.sequence)
    return {
        **meta,
        "demonstration": demonstration,
        "files": {
            file: {"bytes": (building / file).stat().st_size, "sha256": files.sha256_of_file(building / file)}
            for file in FILES
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
            "codelists": _keep_lists(store, codelists),
        },
        "corrections": [entry.to_dict() for entry in built.corrected],
        # For lists of releases: how many are counted in its quarter (public: the exact tables have them).
        "staff": _staff(building / FILE),
        "rows": {**built.rows, **_public(made.rows)},
        "content": {**built.content, **_public(content_of(building / public.FILE, public.TABLES))},
        "checks": [*built.checks, *(f"public.{name}" for name in checks)],
        "disclosure": {
            "policy": policy.to_json(),
            "policy_version": policy.version,
            "secret": rounding.fingerprint(secret),
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


def _keep_lists(store: Store, codelists: CodeLists) -> dict[str, str]:
    """Keep the code lists a release was made with, by content, so that it can be made again."""
    kept = {}
    for name, path in list_files(codelists).items():
        content = path.read_bytes()
        kept[name] = files.sha256(content)
        if not store.object_path(kept[name]).exists():
            files.write(store.object_path(kept[name]), content)
    return kept


def warn(choices: Sequence[Choice], quarter: str, submissions: Sequence[Submission], codelists: CodeLists) -> Report:
    """What looks wrong in the quarter to be released: warnings, which need a reason, and notes, which do not."""
    # Every warning by itself: one that is not listed could not be accepted, and would pass without a reason.
    report = Report(quarter=quarter, listed=None)
    by_place = {(choice.entity, choice.quarter): choice for choice in choices}
    ever = {submission.entity for submission in submissions}
    stations = {}
    never = []
    for choice in choices:
        if choice.quarter != quarter:
            continue
        if choice.state == NOT_SUBMITTED:
            if choice.entity in ever:
                message = f"{choice.entity} has no figures for {quarter}, and none recent enough to be carried forward"
                report.add(Problem(WARNING, plausibility.MISSING_ENTITY, message, value=choice.entity))
            else:
                never.append(choice.entity)
        elif choice.state == CARRIED:
            message = f"{choice.entity} has not submitted; its figures of {choice.source_quarter} are carried forward"
            report.add(Problem(NOTE, "carried", message))
        elif choice.submission is not None:
            for said in choice.submission.manifest.get("warnings", ()):
                if said["code"] in plausibility.OF_FILES:
                    message = f"{choice.entity}: {said['message']}"
                    report.add(Problem(WARNING, said["code"], message, value=choice.entity))
            now = choice.submission.quarters[quarter]
            stations[choice.entity] = now["stations"]
            before = by_place.get((choice.entity, contract.next_quarter(quarter, -1)))
            if before is not None and before.submission is not None:
                then = before.submission.quarters[before.source_quarter]
                for problem in plausibility.compare(
                    choice.entity, quarter, now, before.source_quarter, then, codelists
                ):
                    report.add(Problem(WARNING, problem.code, problem.message, value=choice.entity))
    if never:
        report.add(Problem(NOTE, "never-submitted", f"{len(never)} have never submitted: {', '.join(never)}"))
    for problem in plausibility.counted_twice(quarter, stations):
        report.add(Problem(WARNING, problem.code, problem.message, value=problem.value))
    return report


def _accept(report: Report, accepted: Mapping[str, str]) -> list[dict[str, str]]:
    """The warnings with the reason each was accepted for. Raises Refused while one is not."""
    refusal = Report(quarter=report.quarter, listed=None)
    for given, reason in accepted.items():
        if given.partition(":")[0] not in plausibility.RELEASE_WARNINGS:
            known = ", ".join(plausibility.RELEASE_WARNINGS)
            message = f"{given!r} is not a warning of a release"
            refusal.add(Problem(ERROR, "unknown-warning", message, suggestion=f"one of {known}"))
        elif not reason.strip():
            message = f"the reason to accept {given} is empty"
            refusal.add(Problem(ERROR, "unknown-warning", message, suggestion="say why; it stays on record"))
    kept = []
    for problem in report.problems:
        if problem.level != WARNING:
            continue
        reason = accepted.get(f"{problem.code}:{problem.value}", accepted.get(problem.code, ""))
        if reason.strip():
            kept.append({"code": problem.code, "message": problem.message, "reason": reason.strip()})
        else:
            right = f'--accept-warning {problem.code}="reason", or {problem.code}:{problem.value}="reason"'
            refusal.add(Problem(ERROR, problem.code, problem.message, value=problem.value, suggestion=right))
    if not refusal.ok:
        raise Refused(refusal)
    return kept


# -- after it is made --


def rollback(data_dir: Path, name: str, *, at: dt.datetime | None = None) -> str | None:
    """Put another release in service; nothing is removed. Returns the one that was in service, None if none was.

    Raises InputError if there is no such release or it is of an older policy, Fault if its files are damaged.
    """
    with files.locked(_folder(data_dir) / "lock"):
        if manifest_of(data_dir, name).get("schema_version") != SCHEMA_VERSION:
            raise InputError(
                f"{name} cannot be put in service: it was made under an older disclosure policy, whose public figures "
                "are served no more"
            )
        wrong = damage(data_dir, name)
        if wrong:
            raise Fault(f"{name} cannot be put in service: {wrong}")
        try:
            before = current_release(data_dir)
        except Fault:
            before = None
        _history(data_dir, "put in service", name, _utc(at))
        files.step("rollback:begin")
        _point(data_dir, name)
        files.step("rollback:in-service")
    return before


def rebuild(store: Store, name: str, *, secret: str | None = None, progress: Progress | None = None) -> Rebuilt:
    """Make a release again, from the raw files its manifest names, and compare; nothing is kept of it.

    Raises InputError when a raw file was purged (with the reason given then) or an input has gone.
    """
    manifest = manifest_of(store.data_dir, name)
    if "disclosure" not in manifest:
        raise InputError(f"{name} was made by an older version, which had no public file")
    considered = manifest["inputs"]["considered"]
    submissions = [known for known in store.submissions() if known.sequence <= considered.get(known.entity, 0)]
    with tempfile.TemporaryDirectory(prefix="rebuild-", dir=_folder(store.data_dir)) as temporary:
        place = Path(temporary)
        lists = codelists_module.load(_lists_again(store, manifest, place / "codelists"))
        choices = choose(submissions, manifest["quarter"], lists)
        used = {choice.submission.id for choice in choices if choice.submission is not None}
        if gone := sorted(set(manifest["inputs"]["submissions"]) ^ used):
            raise InputError(f"{name} was made from other submissions than are there: {', '.join(gone[:5])}")
        for submission_id, said in manifest["inputs"]["submissions"].items():
            if files.sha256_of_file(store.manifest_path(submission_id)) != said["manifest"]:
                raise Fault(f"the manifest of submission {submission_id} has changed since {name} was made")
        secret = _secret(secret, choices)
        if rounding.fingerprint(secret) != manifest["disclosure"]["secret"]:
            raise InputError(f"the secret is not the one {name} was made with")
        entries = [corrections.from_dict(entry) for entry in manifest["corrections"]]
        before = _before_again(store.data_dir, manifest)
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
    problem = damage(store.data_dir, name)
    held: Mapping[str, str] = {}
    try:
        folder = _folder(store.data_dir) / name
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
        name = current_release(data_dir)
        if name is None:
            raise InputError("there is no release to attack")
        internal, shown = _folder(data_dir) / name / FILE, _folder(data_dir) / name / public.FILE
    else:
        raise InputError("give the folder of a release, or its two files")
    for path in (internal, shown):
        if not path.is_file():
            raise InputError(f"there is no file {path}")
    earlier: list[attacks.Earlier] = []
    if internal.parent.parent == _folder(data_dir) and internal.parent.name in names(data_dir):
        order_made = _as_made(data_dir)
        manifest = manifest_of(data_dir, internal.parent.name)
        before = set(order_made[: order_made.index(internal.parent.name)])
        earlier = [
            known for known in _earlier(data_dir, bool(manifest.get("demonstration"))) if known.folder.name in before
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


def counts_by_level(report: Report) -> Counter[str]:
    """How many errors, warnings and notes."""
    counts: Counter[str] = Counter()
    for (level, _), count in report.counts.items():
        counts[level] += count
    return counts
