"""What may be subtracted: pure, and the only place of this page where two rows meet.

Of exact rows the difference is exact. Of rounded ones it is "about", and none at all where rounding alone could have
made it. Where one of them is not known, of few people, or a sum that leaves somebody out, there is no difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import measures
from dashboard.answer import EXACT, Answer, Row
from dashboard.selection import DIMENSIONS
from dashboard.settings import FEW

#: Kinds of differences, as files have them.
DIFFERENCE, ABOUT, UNCLEAR, TOO_FEW, NONE = "exact", "about", "no-clear-difference", "few", "none"


@dataclass(frozen=True)
class Figure:
    """A row and how far its women, or its men, may be from the truth: 0 where exact, None where that is not known."""

    row: Row
    slack: int | None = 0
    least: int = 0  # persons: a difference of rounded figures under it is none
    base: int = 1  # what counts are multiples of, where they are rounded

    @property
    def known(self) -> bool:
        """Whether there are counts to subtract."""
        return self.row.women is not None and self.row.men is not None and self.slack is not None


@dataclass(frozen=True)
class Apart:
    """A difference: its kind, and its value where it has one (points as a float, persons as whole ones)."""

    kind: str
    value: float | None = None


def figure(answer: Answer, row: Row) -> Figure:
    """A row of an answer with how far rounding may have moved it."""
    if row.protection == EXACT or row.women is None or answer.policy is None:
        return Figure(row)
    if row.left_out:
        return Figure(row, None)
    parts = 1
    for name in answer.selection.filtered:
        parts *= max(len(answer.selection.members(name)), 1) if name in DIMENSIONS and name not in row.keys else 1
    return Figure(row, parts * (answer.policy.base - 1), answer.policy.change_from, answer.policy.base)


def points(first: Figure, other: Figure) -> Apart:
    """How many percentage points more women are of the other than of the first."""
    if not first.known or not other.known or not first.row.staff or not other.row.staff:
        return Apart(NONE)
    rounded = bool(first.slack or other.slack)
    if any(not one.slack and (one.row.staff or 0) < FEW for one in (first, other)):
        return Apart(TOO_FEW)
    shares = [measures.share_women(one.row.women or 0, one.row.men or 0) for one in (first, other)]
    if any(one.row.share_women is None for one in (first, other)):
        return Apart(TOO_FEW)  # rounded, and too few for a share
    apart = (shares[1] or 0) - (shares[0] or 0)
    if not rounded:
        return Apart(DIFFERENCE, 100 * apart)
    # One count up and the other down by all that rounding can: a share moves by so many of its staff.
    swing = sum((one.slack or 0) / (one.row.staff or 1) for one in (first, other))
    least = max(first.least, other.least) / min(first.row.staff or 1, other.row.staff or 1)
    if abs(apart) <= swing or abs(apart) < least or not round(100 * abs(apart)):
        return Apart(UNCLEAR)
    return Apart(ABOUT, round(100 * apart))


def heads(first: Figure, other: Figure, name: str) -> Apart:
    """How many more women, men or staff (`name`) the other has than the first."""
    if not first.known or not other.known:
        return Apart(NONE)
    apart = getattr(other.row, name) - getattr(first.row, name)
    slack = (first.slack or 0) + (other.slack or 0)
    if not slack:
        return Apart(DIFFERENCE, apart)
    # Staff are women and men, each rounded by itself.
    swing = 2 * slack if name == "staff" else slack
    if abs(apart) < max(first.least, other.least, swing + 1):
        return Apart(UNCLEAR)
    # Beside an exact count a rounded one is no more exact.
    base = max(first.base, other.base)
    whole = (2 * abs(apart) + base) // (2 * base) * base
    return Apart(ABOUT, whole if apart > 0 else -whole)


def widest(figures: Sequence[Figure]) -> tuple[Apart, int, int]:
    """The largest difference of shares between any two that can be told, and their places; else why there is none."""
    found = [
        (points(one, other), place, beside)
        for place, one in enumerate(figures)
        for beside, other in enumerate(figures)
        if place < beside
    ]
    told = [each for each in found if each[0].kind in (DIFFERENCE, ABOUT)]
    if told:
        return max(told, key=lambda each: abs(each[0].value or 0))
    kinds = {each[0].kind for each in found}
    return Apart(next((kind for kind in (UNCLEAR, TOO_FEW) if kind in kinds), NONE)), 0, 0
