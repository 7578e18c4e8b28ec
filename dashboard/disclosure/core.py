"""Rows of exact dimensions pass here before anything is made of them.

"Other or not disclosed" (X) is the exception among exact figures, because an exact 1 would disclose a person's gender
identity, and so would the difference of two exact numbers: it leaves here system-wide only, rounded when the release
was made, and from a number up. Figures over the same entities are not system-wide:
subtracted from all, they would tell of the few entities left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.disclosure.policy import EXACT


class Count(NamedTuple):
    """Women and men of one group of staff, or why they are not told: what answers are made of.

    A tuple and not a dataclass: an answer may have thousands, and these are made four times as fast.
    """

    keys: tuple[Any, ...]  # ids, in the order of the question's `by`
    women: int | None  # heads; None where `reason` says why
    men: int | None
    other: int | None = None  # neither women nor men; None where it may not be told
    extra: tuple[Any, ...] = ()  # what a question says of a row besides
    reason: str | None = None
    left_out: tuple[str, ...] = ()  # chosen members that are not in the sum ("unct=KEN grade=P-4")
    protection: str = EXACT
    rounded: int = 0  # how many rounded cells are in its sum, each of which may be wrong by the policy's error
    least: int | None = None  # the floor it is under where that is another than its table's


@dataclass(frozen=True, slots=True)
class Shown:
    """What may leave: rows whose `other` is None wherever it may not be shown, and the protection that was applied."""

    rows: Sequence[Count]
    protection: str


def apply(
    rows: Sequence[Count],
    by: tuple[str, ...],
    filtered: tuple[str, ...],
    other_shown: Mapping[int, int],
) -> Shown:
    """Apply the rules to exactly counted rows of dimensions that are exact for the audience.

    `by` and `filtered` name the dimensions a question groups by and the selection filters by: together they decide
    whether a row is system-wide. `other_shown` (quarter id -> rounded count) is what may be shown of those: where it
    may not, a quarter is not in it.
    """
    system_wide = not filtered and set(by) <= {"quarter", "basis"}
    basis = by.index("basis") if "basis" in by else None
    quarter = by.index("quarter") if "quarter" in by else None

    def other(row: Count) -> int | None:
        if not system_wide or quarter is None or (basis is not None and row.keys[basis] != "all"):
            return None
        return other_shown.get(row.keys[quarter])

    shown = [
        Count(row.keys, row.women, row.men, other(row), row.extra)
        for row in rows
        # A row that holds nobody but X would tell of them by being there.
        if row.women or row.men or not row.other
    ]
    return Shown(rows=shown, protection=EXACT)
