"""What comes back from a question: the only thing figures, tables, exports, the API and sentences are drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from dashboard.selection import Selection

EXACT, ROUNDED, REFUSED = "exact", "rounded", "refused"

#: Why a value is null, or why nothing came back: different words, different codes in exports.
REASONS = (
    "not-participant",
    "not-submitted",
    "protected",
    "not-collected",
    "nothing-matches",
    "unknown-code",
    "nobody",
)
#: How a row's figures came to be.
FLAGS = ("reported", "carried", "partial", "revised", "break")


class Row(NamedTuple):
    """One row of an answer. `keys` are codes of the dimensions grouped by; counts are None where `reason` says why.

    A tuple and not a dataclass: an answer may have thousands, and these are made four times as fast.
    """

    keys: Mapping[str, str]
    women: int | None
    men: int | None
    staff: int | None
    share_women: float | None
    index_growth: int | None
    index_replacement: int | None
    status: str | None
    reason: str | None
    flag: str
    as_of: dt.date
    extra: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """Which release answered. `newer` names the release in service where the question pinned an older one."""

    name: str
    quarter: str
    published: dt.datetime
    demonstration: bool
    newer: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is counted: printed under every figure and carried by every export."""

    population: str  # "regular" (appointments of one year or more), "temporary" or "mixed"
    quarter: str
    as_of: dt.date
    entities: int  # with figures in this selection's quarter, carried ones included
    entities_expected: int  # participating in the quarter
    carried: tuple[str, ...]
    not_submitted: tuple[str, ...]
    share_reported: float | None  # share of staff that their own entity reported for this very quarter
    dimension_coverage: Mapping[str, float]  # share of staff whose value is known, for dimensions where it is not all
    release: ReleaseInfo
    audience: str
    women: int
    men: int
    staff: int
    same_entities: Mapping[str, int] = field(default_factory=dict)  # basis -> how many entities like for like


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader must know: a code (for exports and tests) with the values its sentence needs."""

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question over one selection, by one release, for one audience."""

    question: str
    by: tuple[str, ...]
    selection: Selection
    scope: Scope
    protection: str
    notes: tuple[Note, ...]
    rows: tuple[Row, ...]
    labels: Mapping[str, Mapping[str, str]]  # dimension -> code -> name in English; translated where it is drawn
