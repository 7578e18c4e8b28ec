"""What may be subtracted: pure, and the only place of this page where two rows meet.

Of exact rows the difference is exact. Of rounded ones it is "about", and none at all where rounding alone could have
made it. Where one of them is not known, of few people, or a sum that leaves somebody out, there is no difference.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dashboard import measures, ranges
from dashboard.answer import Row
from dashboard.settings import FEW

#: A difference between an exact count and a rounded one is told to the nearest of these.
COARSE = 5
#: Kinds of differences, as files have them.
DIFFERENCE, ABOUT, UNCLEAR, TOO_FEW, NONE = "exact", "about", "no-clear-difference", "few", "none"
#: Of two quarters between which no figure of the scopes can be compared like for like.
NOT_COMPARABLE = "not-comparable"


@dataclass(frozen=True)
class Figure:
    """A row, and whether what it shows is all it counts: a sum that leaves some out may be anything."""

    row: Row
    whole: bool = True

    @property
    def known(self) -> bool:
        """Whether there are counts to subtract."""
        return self.row.women is not None and self.row.men is not None and self.whole

    @property
    def rounded(self) -> bool:
        """Whether its counts are rounded."""
        return self.row.possible is not None


@dataclass(frozen=True)
class Apart:
    """A difference: its kind, and its value where it has one (points as a float, persons as whole ones)."""

    kind: str
    value: float | None = None


def figure(row: Row) -> Figure:
    """A row, to be subtracted."""
    return Figure(row, not row.left_out)


def points(first: Figure, other: Figure) -> Apart:
    """How many percentage points more women are of the other than of the first."""
    if not first.known or not other.known or not first.row.staff or not other.row.staff:
        return Apart(NONE)
    if any(not one.rounded and (one.row.staff or 0) < FEW for one in (first, other)):
        return Apart(TOO_FEW)
    shares = [measures.share_women(one.row.women or 0, one.row.men or 0) for one in (first, other)]
    if any(one.row.share_women is None for one in (first, other)):
        return Apart(TOO_FEW)  # rounded, and too few for a share
    apart = (shares[1] or 0) - (shares[0] or 0)
    if not first.rounded and not other.rounded:
        return Apart(DIFFERENCE, 100 * apart)
    if not ranges.apart(ranges.share(first.row), ranges.share(other.row)) or not round(100 * abs(apart)):
        return Apart(UNCLEAR)
    return Apart(ABOUT, round(100 * apart))


def heads(first: Figure, other: Figure, name: str) -> Apart:
    """How many more women, men or staff (`name`) the other has than the first."""
    if not first.known or not other.known:
        return Apart(NONE)
    apart = getattr(other.row, name) - getattr(first.row, name)
    if not first.rounded and not other.rounded:
        return Apart(DIFFERENCE, apart)
    if not ranges.apart(ranges.heads(first.row, name), ranges.heads(other.row, name)):
        return Apart(UNCLEAR)
    # Beside an exact count a rounded one is no more exact.
    whole = (2 * abs(apart) + COARSE) // (2 * COARSE) * COARSE
    return Apart(ABOUT, whole if apart > 0 else -whole)


@dataclass(frozen=True)
class Widest:
    """The largest difference that can be told between any two of several, their places, and the kinds of the
    differences between all of them: of such as cannot be told, one may be larger.
    """

    apart: Apart
    one: int
    other: int
    kinds: frozenset[str]

    @property
    def of_all(self) -> bool:
        """Whether no two are further apart: all differences are known, and exactly."""
        return self.kinds == {DIFFERENCE}


def widest(figures: Sequence[Figure], barred: Collection[tuple[int, int]] = ()) -> Widest:
    """The largest difference of shares between any two that can be told; else why there is none. `barred`: places of
    two, in order, that cannot be compared.
    """
    found = [
        (Apart(NOT_COMPARABLE) if (place, beside) in barred else points(one, other), place, beside)
        for place, one in enumerate(figures)
        for beside, other in enumerate(figures)
        if place < beside
    ]
    kinds = frozenset(each[0].kind for each in found)
    told = [each for each in found if each[0].kind in (DIFFERENCE, ABOUT)]
    if told:
        return Widest(*max(told, key=lambda each: abs(each[0].value or 0)), kinds)
    why = next((kind for kind in (UNCLEAR, TOO_FEW, NOT_COMPARABLE) if kind in kinds), NONE)
    return Widest(Apart(why), 0, 0, kinds)
