"""From submission files to releases: contract, check, submit, release. Knows neither the web nor who reads releases."""

from dashboard.ingest.diff import Difference, diff
from dashboard.ingest.plausibility import RELEASE_WARNINGS
from dashboard.ingest.problems import Fault, InputError, Problem, Refused, Report
from dashboard.ingest.progress import Progress, Shown, Silent
from dashboard.ingest.releases import (
    Rebuilt,
    ReleaseInfo,
    ReleaseResult,
    attack,
    current_release,
    rebuild,
    release,
    releases,
    rollback,
)
from dashboard.ingest.store import Store, Submission, check, purge, submit
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
    "ReleaseInfo",
    "ReleaseResult",
    "Report",
    "Shown",
    "Silent",
    "Store",
    "Submission",
    "Template",
    "attack",
    "check",
    "current_release",
    "diff",
    "purge",
    "rebuild",
    "release",
    "releases",
    "rollback",
    "submit",
    "template",
]
