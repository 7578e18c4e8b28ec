"""What comes back from a question: the only thing figures, tables, exports, the API and sentences are drawn from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from dashboard.disclosure.policy import EXACT as EXACT
from dashboard.disclosure.policy import ROUNDED as ROUNDED
from dashboard.disclosure.policy import Policy
from dashboard.questions import UNIFORMED as UNIFORMED
from dashboard.selection import Selection

REFUSED = "refused"

#: Why a value is null, or why nothing came back: different words, different codes in exports.
REASONS = (
    "not-participant",
    "not-submitted",
    "fewer",  # protected: zero, rounded to zero or under the floor; `extra["fewer_than"]` says which floor
    "withheld",  # protected: not shown, since it could identify individuals; says nothing of how many they are
    "not-collected",
    "nothing-matches",
    "unknown-code",
    "nobody",
    "not-in-release",  # the release was made before there were such data
)
#: How a row's figures came to be.
FLAGS = ("reported", "carried", "partial", "not-submitted", "revised", "break", "approximate")
#: Made approximate by who keeps the figures: never said without "about".
APPROXIMATE = "approximate"


class Possible(NamedTuple):
    """What rounded counts of women and of men may stand for: the least and the most heads of each."""

    women: tuple[int, int]
    men: tuple[int, int]


class Row(NamedTuple):
    """One row of an answer. `keys` are codes of the dimensions grouped by; counts are None where `reason` says why.

    Where `protection` is ROUNDED, women, men and staff are multiples of the policy's base and `possible` says what they
    may stand for; what is derived is formed from these alone and is "about", a status or an index is given only where
    all that is possible has it, and `left_out` names the chosen members that are not in the sum ("unct=KEN grade=P-4").

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
    protection: str = EXACT
    left_out: tuple[str, ...] = ()
    possible: Possible | None = None


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

    population: (
        str  # "regular" (appointments of one year or more), "temporary", "mixed"; or UNIFORMED, who are no staff
    )
    quarter: str
    as_of: dt.date
    entities: int | None  # with figures in this selection's quarter, carried ones included; None: not of entities
    entities_expected: int | None  # participating in the quarter
    carried: tuple[str, ...]
    partial: tuple[str, ...]  # reported for this very quarter, and not all of their staff
    not_submitted: tuple[str, ...]
    share_reported: float | None  # share of staff that their own entity reported for this very quarter
    dimension_coverage: Mapping[str, float]  # share of staff whose value is known, for dimensions where it is not all
    release: ReleaseInfo
    audience: str
    women: int | None  # the total of the selection; None where it may not be shown, or nothing can be counted
    men: int | None
    staff: int | None
    protection: str = EXACT  # of this total
    left_out: tuple[str, ...] = ()  # chosen members that are not in this total, since they may not be shown
    same_entities: Mapping[str, int] = field(default_factory=dict)  # basis -> how many entities like for like
    #: Entity -> when the series began that its figures belong to, of entities in scope whose figures are their own and
    #: whole. Two answers can be compared in the entities that have the same beginning in both; see `comparable`.
    series: Mapping[str, str] = field(default_factory=dict)
    source: str = ""  # who published the figures, where that is not the release itself
    possible: Possible | None = None  # what this total may stand for, where it is rounded

    @property
    def demonstration(self) -> bool:
        """Whether these figures are modelled. Those on uniformed personnel are real, whatever release they stand in."""
        return self.release.demonstration and self.population != UNIFORMED

    @property
    def time(self) -> str:
        """What stands in names of files for the time: the quarter, or the day where figures follow none."""
        return self.as_of.isoformat() if self.population == UNIFORMED else self.quarter


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
    nearest: tuple[Selection, ...] = ()  # where the combination is refused: selections near it that are not
    policy: Policy | None = None  # the thresholds its protected rows were made under
    tables: tuple[str, ...] = ()  # names of the protected tables that answered ("unct+grade")
