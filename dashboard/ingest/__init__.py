"""From submission files to releases: contract, check, submit, release. Knows neither the web nor who reads releases."""

from dashboard.ingest.diff import Difference, between, diff
from dashboard.ingest.kept import ReleaseInfo, current_release
from dashboard.ingest.plausibility import RELEASE_WARNINGS
from dashboard.ingest.problems import Fault, InputError, Problem, Refused, Report
from dashboard.ingest.progress import Progress, Shown, Silent
from dashboard.ingest.releases import (
    Rebuilt,
    Rehearsal,
    ReleaseResult,
    attack,
    rebuild,
    rehearse,
    release,
    releases,
    rollback,
    withdraw_release,
)
from dashboard.ingest.store import Store, Submission, Withdrawal, check, purge, submit, withdraw
from dashboard.ingest.template import Template, template

__all__ = [
    "RELEASE_WARNINGS",
    "Difference",
    "Fault",
    "InputError",
    "Problem",
    "Progress",
    "Rebuilt",
    "Refused",
    "Rehearsal",
    "ReleaseInfo",
    "ReleaseResult",
    "Report",
    "Shown",
    "Silent",
    "Store",
    "Submission",
    "Template",
    "Withdrawal",
    "attack",
    "between",
    "check",
    "current_release",
    "diff",
    "purge",
    "rebuild",
    "rehearse",
    "release",
    "releases",
    "rollback",
    "submit",
    "template",
    "withdraw",
    "withdraw_release",
]
