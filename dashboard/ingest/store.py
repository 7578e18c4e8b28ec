"""The store: raw files untouched, one manifest per accepted submission, normalised copies that can be made again.

    submissions/
      lock                                  held by whoever writes
      objects/ab/<sha256>                   raw files and code lists, named by their content
      tombstones/<sha256>.json              what was removed from objects, when and why
      accepted/UNDP/2026Q3/0012.json        manifest; writing it is what accepts a submission
      normalised/UNDP/2026Q3/0012/2026Q3.staff.parquet    derived

Numbers count up per entity, so that which of two submissions is newer does not depend on a clock. Manifests are
written once and never changed.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.codelists import CodeLists
from dashboard.ingest import codes, contract, files, plausibility, read
from dashboard.ingest.check import Checked, examine
from dashboard.ingest.figures import Figures, Unfit
from dashboard.ingest.problems import WARNING, InputError, Refused, Report
from dashboard.settings import CARRY_FORWARD_QUARTERS

MANIFEST_FORMAT = 1
ORIGINS = ("real", "demonstration")


@dataclass(frozen=True, slots=True)
class Submission:
    """An accepted submission, as its manifest tells."""

    entity: str
    quarter: str
    sequence: int
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its name: `UNDP/2026Q3/0012`."""
        return f"{self.entity}/{self.quarter}/{self.sequence:04d}"

    @property
    def received_at(self) -> dt.datetime:
        """When it was received (UTC)."""
        return dt.datetime.fromisoformat(self.manifest["received_at"])

    @property
    def quarters(self) -> Mapping[str, Mapping[str, Any]]:
        """Quarter -> what the manifest keeps of its figures, so that checks need not read them."""
        return self.manifest["quarters"]


class Store:
    """Accepted submissions under `<data_dir>/submissions`. Making one creates nothing."""

    def __init__(self, data_dir: Path):
        self.data_dir = Path(data_dir)
        self.folder = self.data_dir / "submissions"
        self._read: dict[Path, Submission] = {}

    # -- where things are --

    @property
    def lock_path(self) -> Path:
        """Held while something is written."""
        return self.folder / "lock"

    def object_path(self, sha: str) -> Path:
        """Where a raw file is kept."""
        return self.folder / "objects" / sha[:2] / sha

    def tombstone_path(self, sha: str) -> Path:
        """Where it is said that a raw file was removed."""
        return self.folder / "tombstones" / f"{sha}.json"

    def manifest_path(self, submission_id: str) -> Path:
        """Where a submission's manifest is."""
        return self.folder / "accepted" / f"{submission_id}.json"

    def normalised_path(self, submission_id: str, quarter: str, table: str = contract.STAFF) -> Path:
        """Where a submission's figures of a quarter are."""
        return self.folder / "normalised" / submission_id / f"{quarter}.{table}.parquet"

    # -- reading --

    def submission(self, submission_id: str) -> Submission:
        """The submission of that name. Raises InputError if there is none."""
        path = self.manifest_path(submission_id)
        if not re.fullmatch(r"[A-Z0-9-]+/\d{4}Q[1-4]/\d+", submission_id) or not path.exists():
            raise InputError(f"there is no submission {submission_id}; ids look like UNDP/2026Q3/0001")
        return self._submission(path)

    def _submission(self, path: Path) -> Submission:
        # Manifests never change, so one that was read need not be read again.
        known = self._read.get(path)
        if known is None:
            manifest = json.loads(path.read_bytes())
            known = Submission(manifest["entity"], manifest["quarter"], manifest["sequence"], manifest)
            self._read[path] = known
        return known

    def of_entity(self, entity: str) -> list[Submission]:
        """All accepted submissions of an entity, oldest first."""
        return sorted(
            (self._submission(path) for path in self._manifests(self.folder / "accepted" / entity)),
            key=lambda submission: submission.sequence,
        )

    def _manifests(self, folder: Path) -> Iterator[Path]:
        if folder.is_dir():
            for quarter in sorted(folder.iterdir()):
                if contract.is_quarter(quarter.name):
                    yield from (path for path in quarter.glob("[0-9]*.json"))

    def entities(self) -> list[str]:
        """Entities with an accepted submission."""
        folder = self.folder / "accepted"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def submissions(self) -> list[Submission]:
        """All accepted submissions, by entity and then oldest first."""
        return [submission for entity in self.entities() for submission in self.of_entity(entity)]

    def newest(self, entity: str) -> dict[str, Submission]:
        """Quarter -> the newest accepted submission of the entity that speaks of it."""
        return {quarter: submission for submission in self.of_entity(entity) for quarter in submission.quarters}

    def entities_of_quarter(self, quarter: str) -> list[Submission]:
        """The newest submission of each entity made for this quarter (earlier quarters revised by it aside)."""
        found = []
        for entity in self.entities():
            folder = self.folder / "accepted" / entity / quarter
            paths = sorted(folder.glob("[0-9]*.json")) if folder.is_dir() else []
            if paths:
                found.append(self._submission(paths[-1]))
        return found

    def raw(self, submission: Submission) -> list[read.Received]:
        """The raw files of a submission. Raises InputError when one has been purged, with the reason given then."""
        received = []
        for item in submission.manifest["files"]:
            path = self.object_path(item["sha256"])
            if not path.exists():
                raise InputError(self._gone(submission, item))
            content = path.read_bytes()
            if files.sha256(content) != item["sha256"]:
                raise OSError(f"{path} does not have the content its name says; restore it from a backup")
            received.append(read.Received(item["name"], content, item["sha256"]))
        return received

    def _gone(self, submission: Submission, item: Mapping[str, str]) -> str:
        tombstone = self.tombstone_path(item["sha256"])
        if tombstone.exists():
            said = json.loads(tombstone.read_bytes())
            return f"{item['name']} of {submission.id} was purged on {said['at'][:10]}: {said['reason']}"
        return f"{item['name']} of {submission.id} is missing ({item['sha256']}) and there is no tombstone"

    # -- derived copies --

    def normalise_again(self, submission: Submission, codelists: CodeLists, folder: Path | None = None) -> Checked:
        """Make the normalised copies of a submission from its raw files, under these code lists.

        Raises Refused if the files no longer pass (a code has left its list), InputError if one was purged.
        """
        manifest = submission.manifest
        reasons = {quarter: said["reason"] for quarter, said in submission.quarters.items() if said["reason"]}
        checked = examine(
            self.raw(submission),
            codelists=codelists,
            report=Report(),
            today=submission.received_at.date(),
            entity=submission.entity,
            quarter=submission.quarter,
            revise=reasons,
            partial=manifest["partial"],
            accepted=manifest.get("readings", {}),
        )
        if not checked.report.ok:
            raise Refused(checked.report)
        self._write_normalised(submission.id, checked, codelists, durable=False, folder=folder)
        return checked

    def _write_normalised(
        self, submission_id: str, checked: Checked, codelists: CodeLists, *, durable: bool, folder: Path | None = None
    ) -> None:
        lists = fingerprint(codelists)
        for table, by_quarter in ((contract.STAFF, checked.figures), (contract.MOVEMENTS, checked.movements)):
            for quarter, figures in by_quarter.items():
                path = self.normalised_path(submission_id, quarter, table)
                if folder is not None:
                    path = folder / submission_id / path.name
                path.parent.mkdir(parents=True, exist_ok=True)
                beside = path.with_suffix(".new")
                notes = {"content": figures.content(), "codelists": lists}
                try:
                    figures.write(beside, checked.entity, codes.of(codelists), notes)
                    if durable:
                        files.sync_file(beside)
                    beside.replace(path)
                except BaseException:
                    beside.unlink(missing_ok=True)
                    raise


_fingerprints: dict[Path, tuple[CodeLists, str]] = {}
#: Files beside the lists that decide nothing about a submission or a release.
_NO_LISTS = ("country_aliases.csv", "headcount_by_department.csv", "headcount_by_station.csv", "published.csv")
#: Files a release depends on and no submission does.
_OF_RELEASES = ("uniformed_by_contributor.csv", "uniformed_by_mission.csv")


def list_files(codelists: CodeLists) -> dict[str, Path]:
    """The files of the code lists that a release depends on, by name."""
    return {path.name: path for path in sorted(codelists.folder.glob("*.csv")) if path.name not in _NO_LISTS}


def fingerprint(codelists: CodeLists) -> str:
    """A hash of all code lists a submission is read by: the same lists, the same hash."""
    known = _fingerprints.get(codelists.folder)
    if known is None or known[0] is not codelists:
        digest = hashlib.sha256()
        for name, path in list_files(codelists).items():
            if name in _OF_RELEASES:
                continue
            digest.update(f"{name} {files.sha256_of_file(path)}\n".encode())
        known = (codelists, digest.hexdigest())
        _fingerprints[codelists.folder] = known
    return known[1]


def _kept(checked: Checked, codelists: CodeLists) -> dict[str, dict[str, Any]]:
    """What a manifest keeps of the figures: enough for later checks not to read them."""
    kept = {}
    for quarter, figures in checked.figures.items():
        movements = checked.movements.get(quarter)
        kept[quarter] = {
            "content": figures.content(),
            "combinations": len(figures.counts[0]),
            "grades": figures.grades(codelists),
            "temporary": list(figures.temporary(codelists)),
            "stations": figures.stations(plausibility.SAME_STAFF_FROM, plausibility.SAME_STAFF_GRADES),
            "movements": None if movements is None else movements.content(),
            "reason": checked.reasons.get(quarter) if quarter != checked.quarter else None,
        }
    return kept


def _warn(store: Store, checked: Checked, kept: Mapping[str, Mapping], codelists: CodeLists, report: Report) -> None:
    """Warnings of a submission that is sound, beside what was accepted before."""
    newest = store.newest(checked.entity)
    for quarter, now in sorted(kept.items()):
        for back in range(1, CARRY_FORWARD_QUARTERS + 1):
            earlier = contract.next_quarter(quarter, -back)
            # A quarter revised by the same submission is compared as revised.
            then = kept.get(earlier) or (newest[earlier].quarters[earlier] if earlier in newest else None)
            if then is not None:
                for problem in plausibility.compare(checked.entity, quarter, now, earlier, then, codelists):
                    report.add(problem)
                break
    quarter = checked.quarter
    if quarter in kept and kept[quarter]["stations"]:
        others = {
            other.entity: other.quarters[quarter]["stations"]
            for other in store.entities_of_quarter(quarter)
            if other.entity != checked.entity
        }
        for problem in plausibility.counted_twice(
            quarter, {**others, checked.entity: kept[quarter]["stations"]}, checked.entity
        ):
            report.add(problem)
    report.sort()


def _last_stations(store: Store, codelists: CodeLists, entity: str) -> list[str]:
    """The duty stations of an entity in the newest quarter it has sent: by them, a bare name of a city is read."""
    newest = store.newest(entity)
    if not newest:
        return []
    quarter = max(newest)
    try:
        figures, _ = Figures.read(store.normalised_path(newest[quarter].id, quarter))
    except (FileNotFoundError, Unfit):
        try:
            figures = store.normalise_again(newest[quarter], codelists).figures[quarter]
        except (InputError, Refused):
            return []
    return figures.columns["duty_station"][0]


def _check(
    paths: Sequence[Path],
    codelists: CodeLists,
    store: Store | None,
    today: dt.date | None,
    **expected: Any,
) -> tuple[Checked, list[read.Received], dict[str, dict[str, Any]]]:
    report = Report()
    received = read.receive([Path(path) for path in paths], report)
    today = today or dt.datetime.now(dt.UTC).date()
    if not report.ok:
        return Checked(report), received, {}
    stations = None if store is None else functools.partial(_last_stations, store, codelists)
    checked = examine(received, codelists=codelists, report=report, today=today, stations=stations, **expected)
    kept = _kept(checked, codelists) if report.ok else {}
    if store is not None and report.ok:
        _warn(store, checked, kept, codelists, report)
    return checked, received, kept


def check(
    paths: Sequence[Path],
    *,
    codelists: CodeLists,
    store: Store | None = None,
    entity: str | None = None,
    quarter: str | None = None,
    revise: Mapping[str, str] | None = None,
    partial: str | None = None,
    today: dt.date | None = None,
) -> Report:
    """Every problem of a submission at once; nothing is stored.

    With a store, figures are also compared with what was accepted before (warnings). `entity` and `quarter` say what
    is expected; without them, what most rows speak of. OSError when a file cannot be read.
    """
    checked, _, _ = _check(
        paths, codelists, store, today, entity=entity, quarter=quarter, revise=revise, partial=partial
    )
    return checked.report


def submit(
    store: Store,
    paths: Sequence[Path],
    *,
    codelists: CodeLists,
    note: str = "",
    entity: str | None = None,
    quarter: str | None = None,
    revise: Mapping[str, str] | None = None,
    partial: str | None = None,
    origin: str = "real",
    received_at: dt.datetime | None = None,
    durable: bool = True,
) -> Submission:
    """Check a submission and keep it: raw files, normalised copies and, last, the manifest that makes it accepted.

    Killed anywhere, it leaves nothing that counts, or the whole. `durable=False` leaves out waiting for the disk, for
    data that can be generated again. Raises Refused with the report if there is an error, OSError if the disk fails.
    """
    if origin not in ORIGINS:
        raise ValueError(f"origin is {origin!r}; one of {', '.join(ORIGINS)}")
    received_at = received_at or dt.datetime.now(dt.UTC)
    if received_at.tzinfo is None:
        received_at = received_at.replace(tzinfo=dt.UTC)
    files.step("submit:begin")
    with files.locked(store.lock_path):
        # Under the lock, so that warnings are about the same past that the number follows.
        checked, received, kept = _check(
            paths,
            codelists,
            store,
            received_at.astimezone(dt.UTC).date(),
            entity=entity,
            quarter=quarter,
            revise=revise,
            partial=partial,
        )
        report = checked.report
        if not report.ok:
            raise Refused(report)
        files.step("submit:checked")
        for item in received:
            path = store.object_path(item.sha256)
            if not path.exists():
                files.write(path, item.content, durable=durable)
            files.step("submit:object-written")
        sequence = max((known.sequence for known in store.of_entity(checked.entity)), default=0) + 1
        manifest = {
            "format": MANIFEST_FORMAT,
            "entity": checked.entity,
            "quarter": checked.quarter,
            "sequence": sequence,
            "received_at": received_at.astimezone(dt.UTC).isoformat(),
            "origin": origin,
            "note": note,
            "partial": partial,
            "files": [{"name": item.name, "sha256": item.sha256, "bytes": len(item.content)} for item in received],
            "codelists": fingerprint(codelists),
            "quarters": kept,
            "readings": checked.readings,
            "warnings": [
                {"code": problem.code, "value": problem.value, "message": problem.message}
                for problem in report.problems
                if problem.level == WARNING
            ],
        }
        submission = Submission(checked.entity, checked.quarter, sequence, manifest)
        store._write_normalised(submission.id, checked, codelists, durable=durable)
        files.step("submit:normalised-written")
        files.write(store.manifest_path(submission.id), files.as_json(manifest), durable=durable)
        files.step("submit:accepted")
    return submission


def purge(store: Store, what: str, reason: str, *, at: dt.datetime | None = None) -> list[str]:
    """Remove raw files under a retention rule or on request: one by its hash, or all of a submission by its id.

    A tombstone with hash, time and reason stays, and so do the figures of releases that were made from it; what can
    no longer be done is to make them again from the raw file. Returns the hashes. Raises InputError if there is
    nothing of that name or no reason.
    """
    if not reason.strip():
        raise InputError("a purge needs a reason: it stays on record")
    hashes: Iterable[str]
    if re.fullmatch(r"[0-9a-f]{64}", what):
        hashes = [what]
        if not store.object_path(what).exists():
            raise InputError(f"there is no raw file {what}")
    else:
        submission = store.submission(what)
        hashes = [item["sha256"] for item in submission.manifest["files"] if store.object_path(item["sha256"]).exists()]
    with files.locked(store.lock_path):
        users: dict[str, list[str]] = {}
        for submission in store.submissions():
            for item in submission.manifest["files"]:
                users.setdefault(item["sha256"], []).append(submission.id)
        for sha in hashes:
            if sha not in users:
                raise InputError(f"{sha} is no raw file of a submission")
            tombstone = {
                "sha256": sha,
                "at": (at or dt.datetime.now(dt.UTC)).isoformat(),
                "reason": reason.strip(),
                "submissions": users[sha],
            }
            # First the tombstone: killed in between, the purge is on record and can be run again.
            files.write(store.tombstone_path(sha), files.as_json(tombstone))
            files.step("purge:tombstone-written")
            store.object_path(sha).unlink()
            files.step("purge:removed")
    return list(hashes)
