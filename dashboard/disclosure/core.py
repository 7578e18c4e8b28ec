"""Rows of exact dimensions pass here before anything is made of them.

"Other or not disclosed" (X) is the exception among exact figures, because an exact 1 would disclose a person's gender
identity: it leaves here system-wide only, and from a number up. Figures over the same entities are not system-wide:
subtracted from all, they would tell of the few entities left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.disclosure.policy import EXACT, Policy


class Counted(NamedTuple):
    """A row as counted: keys are ids in the order of the question's `by`; counts are exact and not yet shown."""

    keys: tuple[Any, ...]
    women: int | None
    men: int | None
    other: int | None
    extra: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What may leave: rows whose `other` is None wherever it may not be shown, and the protection that was applied."""

    rows: Sequence[Counted]
    protection: str


def apply(
    rows: Sequence[Counted],
    by: tuple[str, ...],
    filtered: tuple[str, ...],
    policy: Policy,
    other_shown: Mapping[int, int] | None = None,
) -> Shown:
    """Apply the rules to exactly counted rows of dimensions that are exact for the audience.

    `by` and `filtered` name the dimensions a question groups by and the selection filters by: together they decide
    whether a row is system-wide. `other_shown` (quarter id -> count) stands in where the cells hold no "other" at all,
    as in a public file.
    """
    system_wide = not filtered and set(by) <= {"quarter", "basis"}
    basis = by.index("basis") if "basis" in by else None
    quarter = by.index("quarter") if "quarter" in by else None

    def other(row: Counted) -> int | None:
        if not system_wide or (basis is not None and row.keys[basis] != "all"):
            return None
        if other_shown is not None:
            return None if quarter is None else other_shown.get(row.keys[quarter])
        return row.other if row.other is not None and row.other >= policy.other_from else None

    shown = [
        Counted(row.keys, row.women, row.men, other(row), row.extra)
        for row in rows
        # A row that holds nobody but X would tell of them by being there.
        if row.women or row.men or not row.other
    ]
    return Shown(rows=shown, protection=EXACT)
