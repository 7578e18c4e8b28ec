"""The attacker who looks for movers: where is the one person who came or left?

The exact tables and the movements tell how many women and men of an entity and grade came and left. Somebody who knows
that just one did asks which cell of a protected table moved: her station, his nationality. Cells do not tell it as a
certainty, so this attacker goes by likelihood: for every cell the mover may be in, how likely is what was shown before
and after if that cell lost or gained one, and how likely if nothing in it moved? With the sizes of the cells as what
is believed beforehand, that makes a belief for each.

A guess is fair game if it is right no more often than the size of the guessed cell alone would have it: most people
move where most people are.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dashboard.disclosure.policy import Policy

Floats = npt.NDArray[np.float64]
#: Women and men of a cell as shown, or None where it is under its floor.
Seen = tuple[int, int] | None
#: A belief of more than this is a claim to know.
SURE = 0.9
#: A sight that nothing else explains counts for so much.
MOST = 1e12
#: Standard deviations: chance comes so far once in 30,000 times.
LEAK = 4.0
#: Quarters looked at on either side of a move.
AROUND = 4


@dataclass(frozen=True, slots=True)
class Guess:
    """What came of one mover: belief in the guessed cell, its share of the group, and whether it is the right one."""

    belief: float
    size: float
    right: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of many: movers, how many guesses are right, how many the size of the guessed cells would have right.

    `excess` is the difference in standard deviations; `sure` how many were believed in by more than `SURE`.
    """

    movers: int
    right: int
    expected: float
    excess: float
    sure: int

    @property
    def leaks(self) -> bool:
        """Whether guesses are right so often that chance cannot explain it."""
        return self.excess > LEAK

    def to_dict(self) -> dict[str, float]:
        """The numbers as a manifest keeps them."""
        rounded = {"expected": round(self.expected, 1), "excess": round(self.excess, 2)}
        return {**asdict(self), **rounded, "leaks": self.leaks}


@lru_cache(maxsize=1 << 16)
def _sights(women: int, men: int, base: int, offset: int, floor: int) -> dict[Seen, float]:
    """How likely each sight of a cell is, by its women and men with their lasting numbers."""
    passing = [
        [max(heads + more, 0) for more in range(-offset, offset + 1)] if heads else [0] for heads in (women, men)
    ]
    found: dict[Seen, float] = {}
    for of_women in passing[0]:
        for of_men in passing[1]:
            for shown, chance in _rounded(of_women, of_men, base).items():
                seen = None if min(sum(shown), women + men) < floor else shown
                found[seen] = found.get(seen, 0.0) + chance / len(passing[0]) / len(passing[1])
    return found


@lru_cache(maxsize=1 << 16)
def _rounded(women: int, men: int, base: int) -> dict[tuple[int, int], float]:
    """How likely each pair of rounded numbers is."""
    rest = women % base, men % base
    down = women - rest[0], men - rest[1]
    up = rest[0] / base, rest[1] / base
    if all(rest) and sum(rest) != base:
        # Women and men are drawn as a pair, one the other way round.
        both = max(0.0, up[0] + up[1] - 1)
        cases = {(1, 1): both, (1, 0): up[0] - both, (0, 1): up[1] - both, (0, 0): 1 - up[0] - up[1] + both}
    else:
        cases = {(one, two): (up[0] if one else 1 - up[0]) * (up[1] if two else 1 - up[1])
                 for one in (0, 1) for two in (0, 1)}  # fmt: skip
    return {(down[0] + base * one, down[1] + base * two): chance for (one, two), chance in cases.items()}


@lru_cache(maxsize=1 << 16)
def _grid(seen: Seen, lows: tuple[int, int], size: tuple[int, int], policy: Policy, floor: int) -> Floats:
    """How likely a sight is for all values of a cell from `lows` up, shape `size`: women by men."""
    return np.array(
        [
            [
                _sights(lows[0] + one, lows[1] + two, policy.base, policy.offset, floor).get(seen, 0.0)
                for two in range(size[1])
            ]
            for one in range(size[0])
        ]
    )


def likelihood(
    policy: Policy, floor: int, before: Sequence[Seen], after: Sequence[Seen], sex: int, step: int, *, lasting: bool
) -> float:
    """How much more likely these sights of a cell are if one came (step 1) or left (-1) in between.

    `sex` is 0 for women, 1 for men. Sights of one side are of the same people, each drawn anew. `lasting` says whether
    the lasting number stays when somebody moves: that of a place does. 1 where the sights tell nothing.
    """
    told = [seen for seen in (*before, *after) if seen is not None]
    if not told:
        return 1.0
    wide = policy.error + 1
    lows = tuple(max(0, min(seen[row] for seen in told) - wide) for row in (0, 1))
    size = tuple(max(seen[row] for seen in told) + wide + 1 - lows[row] for row in (0, 1))
    sides = []
    for sights in (before, after):
        chance = np.ones(size)
        for seen in sights:
            chance = chance * _grid(seen, lows, size, policy, floor)
        sides.append(chance)
    still = float((sides[0] * sides[1]).sum())
    moved = float((sides[0] * _moved(sides[1], sex, step, 0 if lasting else policy.offset)).sum())
    if still == 0.0:
        # Something in it did move, whether this or another.
        return math.inf if moved else 1.0
    return moved / still


def _moved(chance: Floats, sex: int, step: int, offset: int) -> Floats:
    """How likely the sights after a move are, by the values before it: one more or less, and another lasting number of
    up to this offset.
    """
    found = np.zeros_like(chance)
    kinds = range(-offset, offset + 1)
    for old in kinds:
        for new in kinds:
            found += np.roll(chance, old - new - step, axis=sex)
    return found / len(kinds) ** 2


def guess(sizes: Sequence[int], ratios: Sequence[Sequence[float]], labels: Sequence[str], truth: str) -> Guess:
    """The guess for one mover, by label.

    One item for each cell the mover may be in: its heads before and after, how much more likely each sight is if the
    mover is in it, and what it is called; cells of one label count together. `truth` is the right label.
    """
    names = sorted(set(labels))
    at = np.array([names.index(label) for label in labels])
    heads = np.array(sizes, float)
    weights = heads * np.array([math.prod(min(ratio, MOST) for ratio in of_one) for of_one in ratios])
    if not weights.sum():
        weights = heads
    size, belief = (np.bincount(at, one / one.sum(), len(names)) for one in (heads, weights))
    best = int(belief.argmax())
    return Guess(float(belief[best]), float(size[best]), names[best] == truth)


def verdict(guesses: Iterable[Guess]) -> Verdict:
    """What many guesses come to."""
    found = list(guesses)
    right = sum(one.right for one in found)
    expected = sum(one.size for one in found)
    deviation = math.sqrt(sum(one.size * (1 - one.size) for one in found))
    excess = (right - expected) / deviation if deviation else 0.0
    return Verdict(len(found), right, expected, excess, sum(one.belief > SURE and one.size <= SURE for one in found))
