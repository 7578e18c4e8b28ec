"""From submission files to releases: contract, check, submit, release. Knows neither the web nor who reads releases."""

from dashboard.ingest.plausibility import RELEASE_WARNINGS
from dashboard.ingest.problems import InputError, Problem, Refused, Report
from dashboard.ingest.progress import Progress, Shown, Silent
from dashboard.ingest.store import Store, Submission, check, purge, submit

__all__ = [
    "RELEASE_WARNINGS",
    "InputError",
    "Problem",
    "Progress",
    "Refused",
    "Report",
    "Shown",
    "Silent",
    "Store",
    "Submission",
    "check",
    "purge",
    "submit",
]
