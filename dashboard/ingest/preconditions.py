"""What has to be there before a release is made: figures, a secret, reasons, what was told. All is found at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dashboard.codelists import CodeLists
from dashboard.disclosure import policy as policy_module
from dashboard.disclosure import rounding
from dashboard.disclosure.policy import Policy
from dashboard.ingest import attacks, contract, corrections, history, kept, plausibility, told
from dashboard.ingest.build import SCHEMA_VERSION
from dashboard.ingest.choose import CARRIED, NOT_SUBMITTED, PARTIAL, REPORTED, Choice, choose
from dashboard.ingest.problems import ERROR, NOTE, WARNING, Fault, InputError, Problem, Refused, Report
from dashboard.ingest.store import Store, Submission, Withdrawal
from dashboard.ingest.told import Before
from dashboard.ingest.words import counted, listed, plain


@dataclass(frozen=True, slots=True)
class Asked:
    """What whoever makes a release says beside the quarter."""

    secret: str | None = None
    new_secret: str | None = None
    accepted_warnings: Mapping[str, str] = field(default_factory=dict)
    releases_lost: str | None = None

    def __post_init__(self) -> None:
        # Reasons are published: what is left of them without marks that nobody sees is what counts.
        accepted = {given: plain(reason) for given, reason in self.accepted_warnings.items()}
        object.__setattr__(self, "accepted_warnings", accepted)
        for name in ("new_secret", "releases_lost"):
            if (reason := getattr(self, name)) is not None:
                object.__setattr__(self, name, plain(reason))


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a release is to be made of. What is missing for it is in `report`, as errors; where there are any, the rest
    may be incomplete.
    """

    quarter: str
    name: str
    choices: Sequence[Choice]
    submissions: Sequence[Submission]
    withdrawn: Mapping[tuple[str, str], Withdrawal]
    entries: Sequence[corrections.Correction]
    policy: Policy
    secret: str
    new_secret: str | None
    earlier: Sequence[attacks.Earlier]
    before: Before
    accepted: Sequence[Mapping[str, Any]]
    told_again: Mapping[str, Any]
    report: Report

    @property
    def demonstration(self) -> bool:
        """Whether any figure is of a demonstration."""
        return is_demonstration(self.choices)


def prepare(store: Store, quarter: str, *, codelists: CodeLists, asked: Asked) -> Prepared:
    """Look for everything a release needs; whatever is missing is one report.

    Raises InputError where the quarter is none, Fault where a release that is needed is damaged or lost, OSError.
    """
    if not contract.is_quarter(quarter):
        raise InputError(f"{quarter!r} is not a quarter; written like 2026Q3")
    data_dir = store.data_dir
    _know_what_stands(data_dir)
    report = Report(quarter=quarter, listed=None)

    def attempt(code: str, what: Callable[[], Any], instead: Any = None) -> Any:
        try:
            return what()
        except Refused as refused:
            for problem in refused.report.problems:
                report.add(problem)
        except InputError as error:
            report.add(Problem(ERROR, code, str(error)))
        return instead

    submissions = store.submissions()
    withdrawn = store.withdrawals()
    choices = choose(submissions, quarter, codelists, withdrawn)
    if not any(choice.quarter == quarter and choice.state in (REPORTED, PARTIAL) for choice in choices):
        of = [entity for entity, known in sorted(withdrawn) if known == quarter]
        why = f" (that of {listed(of)} is withdrawn)" if of else ""
        message = f"there is no submission for {quarter}{why}: nothing to release"
        report.add(Problem(ERROR, "no-submission", message))
    entries = attempt("correction", lambda: corrections.load(data_dir, codelists), ())
    policy = policy_module.load()
    demonstration = is_demonstration(choices)
    given = asked.secret
    secret = attempt("secret", lambda: secret_for(given, choices), "")
    earlier = earlier_of(data_dir, demonstration)
    if secret:
        if not demonstration:
            attempt("secret", lambda: _secret_of_no_other_rounding(secret, earlier, policy))
            attempt("secret", lambda: _secret_of_no_older_series(data_dir, secret))
        attempt("secret", lambda: _same_secret(data_dir, secret, earlier, asked.new_secret, demonstration))
    quarters = {choice.quarter for choice in choices}
    before, again = _before(data_dir, demonstration, policy, quarters, asked.releases_lost)
    warnings, about = warn(choices, quarter, submissions, codelists)
    for problem in warnings.problems:
        if problem.level == NOTE:
            report.add(problem)
    accepted, missing = _accept(warnings, about, asked.accepted_warnings, _accepted_before(data_dir, demonstration))
    for problem in missing:
        report.add(problem)
    for lost, (release, _) in again.get("quarters", {}).items():
        report.add(Problem(NOTE, "told-again", f"{lost} was told by {release}, which is lost, and is told again"))
    return Prepared(
        quarter=quarter,
        name=kept.next_name(data_dir, quarter),
        choices=choices,
        submissions=submissions,
        withdrawn=withdrawn,
        entries=entries,
        policy=policy,
        secret=secret,
        new_secret=asked.new_secret,
        earlier=earlier,
        before=replace(before, withdrawn=taken_back(data_dir, before.folders, withdrawn)),
        accepted=accepted,
        told_again=again,
        report=report,
    )


def _know_what_stands(data_dir: Path) -> None:
    """Enter into the ledger what stands on disk and is not in it: of an older version, or made when it was killed."""
    known = history.told(data_dir)
    for name in kept.as_made(data_dir):
        if name in known:
            continue
        try:
            manifest = kept.manifest_of(data_dir, name)
        except Fault:
            continue
        if manifest.get("schema_version") == SCHEMA_VERSION and "disclosure" in manifest:
            history.enter(data_dir, manifest)


_HOW = (
    "make one once with: python -c 'import secrets; print(secrets.token_hex(32))', "
    "keep it safe and give it to every release as PARITY_SECRET: public figures are rounded by it"
)


def secret_for(secret: str | None, choices: Sequence[Choice]) -> str:
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


def is_demonstration(choices: Sequence[Choice]) -> bool:
    """Whether any of these figures is of a demonstration."""
    return any(
        choice.submission is not None and choice.submission.manifest["origin"] == "demonstration" for choice in choices
    )


def earlier_of(data_dir: Path, demonstration: bool) -> list[attacks.Earlier]:
    """The releases of the same series that are whole, the newest first. Demonstrations tell nothing of real figures."""
    found = []
    for name in reversed(kept.as_made(data_dir)):
        try:
            manifest = kept.manifest_of(data_dir, name)
        except Fault:
            continue
        if same_series(manifest, demonstration) and kept.damage(data_dir, name) is None:
            found.append(attacks.Earlier(kept.folder(data_dir) / name, manifest["disclosure"]))
            if len(found) == attacks.KNOWN_RELEASES:
                break
    return found


def _before(
    data_dir: Path, demonstration: bool, policy: Policy, quarters: Collection[str], lost_because: str | None
) -> tuple[Before, dict[str, Any]]:
    """Where quarters were told before: in the newest release of the series that has them, under this policy.

    Under another policy all quarters are told again, by its rules. Raises Fault where all that have a quarter are
    damaged, where a quarter is missing and what a release has told cannot be read, and where the ledger has a release
    that told a quarter and is not there any more; `lost_because` is the reason to tell such a quarter again. Also
    returns that reason and, by quarter, the release that is lost and what it was told from.
    """
    folders: dict[str, Path] = {}
    said: dict[str, Mapping[str, Any]] = {}
    damaged: list[tuple[str, str, set[str]]] = []
    unread: dict[str, str] = {}
    for name in reversed(kept.as_made(data_dir)):
        missing = set(quarters) - folders.keys()
        if not missing:
            break
        try:
            manifest = kept.manifest_of(data_dir, name)
        except Fault as error:
            unread[name] = str(error)
            continue
        if not same_series(manifest, demonstration) or manifest["disclosure"]["policy"] != policy.to_json():
            continue
        known = manifest["disclosure"]["quarters"]
        found = missing & known.keys()
        if found and (wrong := kept.damage(data_dir, name)):
            damaged.append((name, wrong, found))
            continue
        folders |= dict.fromkeys(found, kept.folder(data_dir) / name)
        said |= {quarter: known[quarter] for quarter in found}
    missing = set(quarters) - folders.keys()
    for name, wrong, found in damaged:
        if lost := sorted(found & missing):
            raise Fault(
                f"{name}, which told {', '.join(lost)}, is damaged ({wrong}): restore its folder from a backup. Told "
                "again from what is submitted now, protected figures could show where the people are whom a correction "
                "is about"
            )
    for name, wrong in unread.items():
        # It may have told any quarter up to its own.
        if any(quarter <= name[:6] for quarter in missing):
            raise Fault(f"it is not known which quarters were told: {wrong}; restore it from a backup")
    series = {"demonstration": demonstration, "layout": SCHEMA_VERSION, "policy": policy.to_json()}
    gone = history.lost(data_dir, kept.names(data_dir), **series)
    gone = {quarter: found for quarter, found in sorted(gone.items()) if quarter in missing}
    if not gone:
        return Before(folders, said), {}
    if not (lost_because or "").strip():
        names = sorted({name for name, _ in gone.values()}, key=kept.order)
        raise Fault(
            f"{listed(names)}, which told {listed(list(gone))}, {'is' if len(names) == 1 else 'are'} not in "
            f"{kept.folder(data_dir)} any more: restore from a backup. Made without, the same names and quarters would "
            'get other figures. Where no copy is left: --releases-lost "reason" (docs/operations.md says what that '
            "gives away)"
        )
    return Before(folders, said), {"reason": str(lost_because).strip(), "quarters": gone}


def taken_back(
    data_dir: Path, folders: Mapping[str, Path], withdrawn: Mapping[tuple[str, str], Withdrawal]
) -> frozenset[tuple[str, str]]:
    """(quarter, entity) of what has been withdrawn since the release was made that a quarter is taken over from; also
    of later quarters that the figures were carried forward to when they were told.

    Also where it has been sent again: what was told of the entity was told from the figures that it took back. Releases
    made since the withdrawal have hidden it already, or told the quarter from what was sent again.
    """
    known = {name: kept.manifest_of(data_dir, name) for name in {folder.name for folder in folders.values()}}

    def before(folder: Path, entity: str, quarter: str) -> int:
        said = known[folder.name]["inputs"].get("withdrawn", {})
        return int(said.get(f"{entity}/{quarter}", {"up_to": 0})["up_to"])

    if not withdrawn:
        return frozenset()
    found = {
        (quarter, entity)
        for (entity, quarter), one in withdrawn.items()
        if quarter in folders and one.up_to > before(folders[quarter], entity, quarter)
    }
    for folder in sorted(set(folders.values())):
        by_teller = told.where(*(folder / file for file in kept.FILES))
        for teller in sorted({by_teller[quarter][0] for quarter in folders if folders[quarter] == folder}):
            for quarter, entity, source, submission in told.sources(teller):
                gone = withdrawn.get((entity, source))
                if folders.get(quarter) == folder and gone and int(submission.rpartition("/")[2]) <= gone.up_to:
                    found.add((quarter, entity))
    return frozenset(found)


def same_series(manifest: Mapping[str, Any], demonstration: bool) -> bool:
    """Whether a release is of a series: a release of an older layout rounds in another way, and is of another."""
    of_layout = manifest.get("schema_version") == SCHEMA_VERSION and "disclosure" in manifest
    return of_layout and manifest.get("demonstration") == demonstration


def _same_secret(
    data_dir: Path,
    secret: str,
    earlier: Sequence[attacks.Earlier],
    new_secret: str | None,
    demonstration: bool,
) -> None:
    """Raises InputError if the secret is not the one of the release before, and nobody says why."""
    if new_secret is not None and not new_secret.strip():
        raise InputError("the reason for a new secret is empty; say why, it stays on record")
    last = [(one.folder.name, one.disclosure["secret"]) for one in earlier[:1]]
    if not last:
        # Where the releases are lost, the ledger knows by which secret they were made.
        lost = [one for one in history.told(data_dir).values() if one.name not in kept.names(data_dir)]
        series = (demonstration, SCHEMA_VERSION)
        last = [(one.name, one.secret) for one in lost if (one.demonstration, one.layout) == series][-1:]
    if last and last[0][1] != rounding.fingerprint(secret) and new_secret is None:
        raise InputError(
            f"the secret is not the one {last[0][0]} was made with: every rounded figure would change, and "
            "two roundings tell more than one; find the old secret, or if it is lost or known to others: "
            "--new-secret REASON"
        )


def _secret_of_no_older_series(data_dir: Path, secret: str) -> None:
    """Raises InputError if real figures were released with this secret under a policy that rounded in another way."""
    for name in reversed(kept.as_made(data_dir)):
        try:
            manifest = kept.manifest_of(data_dir, name)
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


def warn(
    choices: Sequence[Choice], quarter: str, submissions: Sequence[Submission], codelists: CodeLists
) -> tuple[Report, Mapping[tuple[str, str], tuple[str, ...]]]:
    """What looks wrong in the quarter to be released: warnings, which need a reason, and notes, which do not.

    Also, by code and message of a warning, the submissions it is about.
    """
    # Every warning by itself: one that is not listed could not be accepted, and would pass without a reason.
    report = Report(quarter=quarter, listed=None)
    about: dict[tuple[str, str], tuple[str, ...]] = {}
    by_place = {(choice.entity, choice.quarter): choice for choice in choices}
    newest = {submission.entity: submission.id for submission in submissions}
    stations = {}
    never = []

    def add(code: str, message: str, value: str, *of: str) -> None:
        report.add(Problem(WARNING, code, message, value=value))
        about[code, message] = tuple(sorted(of))

    for choice in choices:
        if choice.quarter != quarter:
            continue
        if choice.state == NOT_SUBMITTED:
            if choice.entity in newest:
                message = f"{choice.entity} has no figures for {quarter}, and none recent enough to be carried forward"
                add(plausibility.MISSING_ENTITY, message, choice.entity, newest[choice.entity])
            else:
                never.append(choice.entity)
        elif choice.state == CARRIED:
            message = f"{choice.entity} has not submitted; its figures of {choice.source_quarter} are carried forward"
            report.add(Problem(NOTE, "carried", message))
        elif choice.submission is not None:
            for said in choice.submission.manifest.get("warnings", ()):
                if said["code"] in plausibility.OF_FILES:
                    add(said["code"], f"{choice.entity}: {said['message']}", choice.entity, choice.submission.id)
            now = choice.submission.quarters[quarter]
            stations[choice.entity] = now["stations"]
            before = by_place.get((choice.entity, contract.next_quarter(quarter, -1)))
            if before is not None and before.submission is not None:
                then = before.submission.quarters[before.source_quarter]
                for problem in plausibility.compare(
                    choice.entity, quarter, now, before.source_quarter, then, codelists
                ):
                    add(problem.code, problem.message, choice.entity, choice.submission.id, before.submission.id)
    if never:
        said = f"{counted(len(never), 'entity has', 'entities have')} never submitted: {', '.join(never)}"
        report.add(Problem(NOTE, "never-submitted", said))
    for problem, *pair in plausibility.counted_twice(quarter, stations):
        of = [by_place[entity, quarter].submission for entity in pair]
        add(problem.code, problem.message, problem.value, *(one.id for one in of if one is not None))
    return report, about


def _accepted_before(data_dir: Path, demonstration: bool) -> dict[tuple[str, str, tuple[str, ...]], tuple[str, str]]:
    """(code, message, submissions) -> the reason a warning was accepted for, and by which release."""
    found: dict[tuple[str, str, tuple[str, ...]], tuple[str, str]] = {}
    for name in reversed(kept.as_made(data_dir)):
        try:
            manifest = kept.manifest_of(data_dir, name)
        except Fault:
            continue
        # What was released and withdrawn may have been withdrawn for just that.
        if not same_series(manifest, demonstration) or kept.withdrawn(data_dir, name) is not None:
            continue
        for warning in manifest.get("warnings", ()):
            if "submissions" in warning:
                key = (warning["code"], warning["message"], tuple(warning["submissions"]))
                found.setdefault(key, (warning["reason"], warning.get("accepted_in") or name))
    return found


def _accept(
    report: Report,
    about: Mapping[tuple[str, str], tuple[str, ...]],
    accepted: Mapping[str, str],
    before: Mapping[tuple[str, str, tuple[str, ...]], tuple[str, str]],
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The warnings, each with the reason it is accepted for, now or for the same submissions before; the missing."""
    missing = []
    for given, reason in accepted.items():
        if given.partition(":")[0] not in plausibility.RELEASE_WARNINGS:
            known = ", ".join(plausibility.RELEASE_WARNINGS)
            message = f"{given!r} is not a warning of a release"
            missing.append(Problem(ERROR, "unknown-warning", message, suggestion=f"one of {known}"))
        elif not reason.strip():
            message = f"the reason to accept {given} is empty"
            missing.append(Problem(ERROR, "unknown-warning", message, suggestion="say why; it stays on record"))
    found = []
    for problem in report.problems:
        if problem.level != WARNING:
            continue
        of = about[problem.code, problem.message]
        entry = {"code": problem.code, "value": problem.value, "message": problem.message, "submissions": list(of)}
        reason = accepted.get(f"{problem.code}:{problem.value}", accepted.get(problem.code, "")).strip()
        if reason:
            found.append({**entry, "reason": reason})
        elif then := before.get((problem.code, problem.message, of)):
            found.append({**entry, "reason": then[0], "accepted_in": then[1]})
        else:
            right = f'--accept-warning {problem.code}:{problem.value}="reason", or {problem.code}="reason" for all'
            missing.append(Problem(ERROR, problem.code, problem.message, value=problem.value, suggestion=right))
    return found, missing
