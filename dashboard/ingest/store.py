"""The store: raw files untouched, one manifest per accepted submission, normalised copies that can be made again.

    submissions/
      lock                                  held by whoever writes
      objects/ab/<sha256>                   raw files and code lists, named by their content
      tombstones/<sha256>.json              what was removed from objects, when and why
      accepted/UNDP/2026Q3/0012.json        manifest; writing it is what accepts a submission
      normalised/UNDP/2026Q3/0012/2026Q3.staff.parquet    derived
    withdrawn/UNDP/2026Q3/0012.json       what UNDP said of the quarter up to number 12 counts no more, and why
    releases.jsonl                        which release told which quarters (dashboard/ingest/history.py)

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
from dashboard.ingest.problems import ERROR, WARNING, Fault, InputError, Problem, Refused, Report
from dashboard.ingest.words import plain
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


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An entity's figures of a quarter that count no more: all its submissions up to this number."""

    entity: str
    quarter: str
    up_to: int
    reason: str
    at: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for manifests."""
        return {name: getattr(self, name) for name in ("entity", "quarter", "up_to", "reason", "at")}


def withdrawals_of(said: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], Withdrawal]:
    """By entity and quarter, the withdrawals that a release's manifest names."""
    found = (Withdrawal(**values) for values in said.values())
    return {(one.entity, one.quarter): one for one in found}


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

    def withdrawals(self) -> dict[tuple[str, str], Withdrawal]:
        """What is withdrawn, by entity and quarter; of several the newest. Raises Fault where one cannot be read."""
        found: dict[tuple[str, str], Withdrawal] = {}
        folder = self.folder / "withdrawn"
        for path in sorted(folder.glob("*/*/[0-9]*.json")):
            try:
                one = Withdrawal(**json.loads(path.read_bytes()))
            except (OSError, ValueError, TypeError) as error:
                # Read as if it were not there, the figures would be published again.
                raise Fault(f"{path} cannot be read, so it is not known what is withdrawn: {error}") from error
            found[one.entity, one.quarter] = one
        return found

    def newest(self, entity: str) -> dict[str, Submission]:
        """Quarter -> the newest accepted submission of the entity that speaks of it and is not withdrawn."""
        gone = {quarter: one.up_to for (of, quarter), one in self.withdrawals().items() if of == entity}
        return {
            quarter: submission
            for submission in self.of_entity(entity)
            for quarter in submission.quarters
            if submission.sequence > gone.get(quarter, 0)
        }

    def entities_of_quarter(self, quarter: str) -> list[Submission]:
        """The newest submission of each entity made for this quarter (earlier quarters revised by it aside)."""
        found = []
        gone = self.withdrawals()
        for entity in self.entities():
            folder = self.folder / "accepted" / entity / quarter
            paths = sorted(folder.glob("[0-9]*.json")) if folder.is_dir() else []
            if paths:
                newest = self._submission(paths[-1])
                withdrawn = gone.get((entity, quarter))
                if withdrawn is None or newest.sequence > withdrawn.up_to:
                    found.append(newest)
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
                raise OSError(
                    f"{path} does not have the content its name says; restore it from a backup, or send the file again"
                )
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
            "reason": plain(checked.reasons.get(quarter) or "") or None if quarter != checked.quarter else None,
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
        for problem, _, _ in plausibility.counted_twice(
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


#: Problems of a submission that takes the place of another.
REPLACES, NOTHING_TO_REPLACE, ACCEPTED_ALREADY = "replaces", "nothing-to-replace", "accepted-already"


def _replaced(
    store: Store, checked: Checked, kept: Mapping[str, Mapping], partial: str | None, why: str | None
) -> None:
    """Say what a submission would take the place of; the quarter it is for needs a reason, as revised ones have."""
    report, entity, main = checked.report, checked.entity, checked.quarter
    if entity is None or main is None:
        return
    accepted = store.newest(entity)
    for quarter in sorted({main, *kept} & accepted.keys()):
        known = accepted[quarter]
        then, now = known.quarters[quarter], kept.get(quarter)
        about = f"{entity} {quarter} is accepted already as {known.id}, of {text_date(known.received_at)}"
        was_partial = known.manifest["partial"] if known.quarter == quarter else None
        if now is not None and _same(then, now) and (quarter != main or was_partial == partial):
            report.add(Problem(WARNING, ACCEPTED_ALREADY, f"{about}, with the same figures", value=quarter))
            continue
        message = f"{about}; this takes its place" if now is None else f"{about}: {_before_and_after(then, now)}"
        if quarter == main and not why:
            report.add(Problem(ERROR, REPLACES, message, value=quarter, suggestion='say why: --replace "reason"'))
        else:
            report.add(Problem(WARNING, REPLACES, message, value=quarter))
    if why is not None and main not in accepted:
        message = f"--replace is given, but nothing of {entity} is accepted for {main}"
        report.add(Problem(WARNING, NOTHING_TO_REPLACE, message, value=main))
    report.sort()


def _same(then: Mapping, now: Mapping) -> bool:
    return then["content"] == now["content"] and then["movements"] == now["movements"]


def _before_and_after(then: Mapping, now: Mapping) -> str:
    sums = [
        [sum(counts[sex] for counts in kept["grades"].values()) + kept["temporary"][sex] for sex in range(3)]
        for kept in (then, now)
    ]
    names = ("women", "men", "other or not disclosed")
    parts = [f"{name} {before:,} -> {after:,}" for name, before, after in zip(names, *sums, strict=True)]
    if sums[0] == sums[1]:
        parts.append(
            "the same numbers, of other combinations" if then["content"] != now["content"] else "the same staff"
        )
    if then["movements"] != now["movements"]:
        gone, new = then["movements"] is not None, now["movements"] is not None
        parts.append(
            "its movements are replaced" if gone and new else f"its movements are {'added' if new else 'lost'}"
        )
    return "; ".join([", ".join(parts[:3]), *parts[3:]])


def text_date(moment: dt.datetime) -> str:
    """A day in words: 3 January 2027."""
    return f"{moment.day} {moment:%B %Y}"


def _check(
    paths: Sequence[Path],
    codelists: CodeLists,
    store: Store | None,
    today: dt.date | None,
    *,
    replace: str | None = None,
    **expected: Any,
) -> tuple[Checked, list[read.Received], dict[str, dict[str, Any]]]:
    report = Report()
    received = read.receive([Path(path) for path in paths], report)
    today = today or dt.datetime.now(dt.UTC).date()
    if not report.ok:
        return Checked(report), received, {}
    # Reasons are published: what is left of them without marks is what counts.
    replace = None if replace is None else plain(replace)
    if expected["partial"] is not None:
        expected["partial"] = plain(expected["partial"])
    expected["revise"] = {quarter: plain(reason) for quarter, reason in (expected["revise"] or {}).items()}
    stations = None if store is None else functools.partial(_last_stations, store, codelists)
    checked = examine(received, codelists=codelists, report=report, today=today, stations=stations, **expected)
    for quarter, reason in checked.reasons.items():
        if not plain(reason):
            report.add(Problem(ERROR, "blank", f"the reason to revise {quarter} is empty", value=quarter))
    kept = _kept(checked, codelists) if report.ok else {}
    if store is not None:
        if report.ok:
            _warn(store, checked, kept, codelists, report)
        # Also beside errors, so that all that is to be done is said at once.
        _replaced(store, checked, kept, expected.get("partial"), replace)
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
    replace: str | None = None,
    today: dt.date | None = None,
) -> Report:
    """Every problem of a submission at once; nothing is stored.

    With a store, figures are also compared with what was accepted before: with earlier quarters (warnings), and with
    what is accepted for this one, whose place it may take only for a reason (`replace`). `entity` and `quarter` say
    what is expected; without them, what most rows speak of. OSError when a file cannot be read.
    """
    checked, _, _ = _check(
        paths, codelists, store, today, replace=replace, entity=entity, quarter=quarter, revise=revise, partial=partial
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
    replace: str | None = None,
    origin: str = "real",
    received_at: dt.datetime | None = None,
    durable: bool = True,
) -> Submission:
    """Check a submission and keep it: raw files, normalised copies and, last, the manifest that makes it accepted.

    Killed anywhere, it leaves nothing that counts, or the whole. `durable=False` leaves out waiting for the disk, for
    data that can be generated again. What takes the place of accepted figures needs a reason (`replace`). Raises
    Refused with the report if there is an error, OSError if the disk fails.
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
            replace=replace,
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
            files.keep(store.object_path(item.sha256), item.content, item.sha256, durable=durable)
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
            "partial": None if partial is None else plain(partial),
            "replaces": None if replace is None else plain(replace),
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


def withdraw(
    store: Store, entity: str, quarter: str, reason: str, *, codelists: CodeLists, at: dt.datetime | None = None
) -> Withdrawal:
    """Take back what an entity has said of a quarter: from the next release on it is as if it had not been sent.

    Raw files, manifests and releases stay; a later submission counts again. Raises InputError if there is nothing of
    that entity and quarter to withdraw, or no reason.
    """
    said = plain(reason)
    if not said:
        raise InputError("a withdrawal needs a reason: it is published beside the entity's name")
    code = codelists.normalise("entity", entity) or entity
    with files.locked(store.lock_path):
        known = store.newest(code).get(quarter)
        if known is None:
            raise InputError(f"there are no accepted figures of {code} for {quarter} to withdraw")
        moment = (at or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
        withdrawal = Withdrawal(code, quarter, known.sequence, said, moment.isoformat())
        path = store.folder / "withdrawn" / code / quarter / f"{known.sequence:04d}.json"
        files.write(path, files.as_json(withdrawal.to_dict()))
        files.step("withdraw:written")
    return withdrawal


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
