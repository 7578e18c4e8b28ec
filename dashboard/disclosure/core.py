"""The one place where disclosure rules act: every row of every answer passes here before anything is made of it.

For the internal audience all dimensions are exact today; "other or not disclosed" (X) is the exception, because an
exact 1 would disclose a person's gender identity: it leaves here system-wide only, and from 12 persons up. Figures
over the same entities are not system-wide: subtracted from all, they would tell of the few entities left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.disclosure.policy import EXACT
from dashboard.settings import OTHER_SHOWN_FROM


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


def apply(rows: Sequence[Counted], by: tuple[str, ...], filtered: tuple[str, ...], audience: str) -> Shown:
    """Apply the rules of this audience to counted rows.

    `by` and `filtered` name the dimensions a question groups by and the selection filters by: together they decide.
    Raises ValueError for an audience without rules, so that a new one cannot be served by mistake.
    """
    if audience != "internal":
        raise ValueError(f"no disclosure rules for audience {audience!r}")
    system_wide = not filtered and set(by) <= {"quarter", "basis"}
    basis = by.index("basis") if "basis" in by else None
    shown = [
        row
        if system_wide
        and (basis is None or row.keys[basis] == "all")
        and row.other is not None
        and row.other >= OTHER_SHOWN_FROM
        else Counted(row.keys, row.women, row.men, None, row.extra)
        for row in rows
        # A row that holds nobody but X would tell of them by being there.
        if row.women or row.men or not row.other
    ]
    return Shown(rows=shown, protection=EXACT)
