"""Guesses at who moved: what the attacker makes of sights is what can be made of them, and planted leaks are found."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.disclosure import attack_movers, rounding
from dashboard.disclosure.policy import Policy, load

POLICY = load()
#: Nothing is added and nothing rounded.
EXACT = replace(POLICY, base=1, offset=0)
KEY = rounding.rounding_key("a secret of tests that is long enough")


def by_trying(before: list[list[int]], after: list[list[int]], step: int) -> float:
    """How much more likely sights are after a step: every lasting count and everything that may be added, tried."""
    base, most = POLICY.base, POLICY.offset
    chance: dict[int, int] = {}
    for passing, more in itertools.product(range(-most, most + 1), range(base)):
        chance[passing + more] = chance.get(passing + more, 0) + 1
    sums = []
    for change in (0, step):
        total = 0
        sights = len(before[0]) + len(after[0])
        for added in itertools.product(chance, repeat=sights):
            ways = math.prod(chance[one] for one in added)
            for early, late in zip(before, after, strict=True):
                shown = [*early, *late]
                ways *= sum(
                    all(
                        (count + (change if at >= len(early) else 0) + added[at]) // base * base == shown[at]
                        for at in range(sights)
                    )
                    for count in range(-5, 35)
                )
            total += ways
        sums.append(total)
    return sums[1] / sums[0] if sums[0] else (math.inf if sums[1] else 1.0)


@settings(deadline=None, max_examples=30)
@given(
    cells=st.lists(st.tuples(st.sampled_from((10, 15, 20)), st.sampled_from((10, 15, 20))), min_size=1, max_size=3),
    step=st.sampled_from((-1, 1)),
)
def test_the_likelihood_of_sights_is_that_of_all_that_may_explain_them(cells, step):
    sides = [([early], [late]) for early, late in cells]
    expected = by_trying([early for early, _ in sides], [late for _, late in sides], step)
    assert attack_movers.of_one_draw(POLICY, sides, step) == pytest.approx(expected)


def test_sights_that_only_a_step_explains_are_told_from_others():
    assert attack_movers.of_one_draw(EXACT, [([7], [8])], 1) == math.inf
    assert attack_movers.of_one_draw(EXACT, [([7], [7])], 1) == 0.0
    assert attack_movers.of_one_draw(POLICY, [([None], [None])], 1) == 1.0


def drawn_as_released(heads: list[int], place: int, edition: int) -> list[int]:
    """The cells of a place by the rules: lasting numbers by place and cell, one draw for all of them."""
    counts = np.array([heads, [0] * len(heads)])
    supports = np.array([[place * 100 + at for at in range(len(heads))]] * 2, np.uint64)
    drawn = np.full_like(supports, place + 7)
    shown = rounding.round_pairs(
        KEY, counts, drawn, np.full(len(heads), edition, np.uint64), POLICY.base, POLICY.offset, 0, supports
    )
    return shown[0].tolist()


def fixed_by_content(heads: list[int], place: int, edition: int) -> list[int]:
    """As figures once were: rounded by the cell alone, so that only a cell that changes moves."""
    counts = np.array([heads, [0] * len(heads)])
    contents = np.array([[place * 10_000 + at * 1_000 + count for at, count in enumerate(heads)]] * 2, np.uint64)
    shown = rounding.round_pairs(KEY, counts, contents, np.zeros(len(heads), np.uint64), POLICY.base, 0)
    return shown[0].tolist()


def drawn_apart(heads: list[int], place: int, edition: int) -> list[int]:
    """Each cell with a draw of its own: six tables of a place are six sights of a mover."""
    counts = np.array([heads, [0] * len(heads)])
    supports = np.array([[place * 100 + at for at in range(len(heads))]] * 2, np.uint64)
    shown = rounding.round_pairs(
        KEY, counts, supports, np.full(len(heads), edition, np.uint64), POLICY.base, POLICY.offset, 0, supports
    )
    return shown[0].tolist()


def exactly(heads: list[int], place: int, edition: int) -> list[int]:
    return heads


def guesses(policy: Policy, show: Callable[[list[int], int, int], list[int]], movers: int) -> attack_movers.Verdict:
    """One mover after another into one of eight places, with six tables of each seen before and after."""
    chance = random.Random(20261129)
    found = []
    for number in range(movers):
        sizes = [chance.randint(4, 40) for _ in range(8)]
        truth = chance.choices(range(8), weights=sizes)[0]
        ratios = []
        for place, size in enumerate(sizes):
            code = number * 8 + place
            heads = [size + chance.randint(0, 30) for _ in range(6)]
            later = [count + (place == truth) for count in heads]
            before, after = show(heads, code, 2 * number), show(later, code, 2 * number + 1)
            cells = [([early], [late]) for early, late in zip(before, after, strict=True)]
            ratios.append([attack_movers.of_one_draw(policy, cells, 1)])
        found.append(attack_movers.guess(sizes, ratios, [str(place) for place in range(8)], str(truth)))
    return attack_movers.verdict(found)


@pytest.mark.parametrize(("policy", "show"), [(EXACT, exactly), (replace(POLICY, offset=0), fixed_by_content)])
def test_planted_leaks_are_found(policy, show):
    said = guesses(policy, show, 80)
    assert said.leaks
    assert said.right > 2 * said.expected


def test_one_draw_for_a_place_tells_less_than_a_draw_for_each_of_its_tables():
    together, apart = (guesses(POLICY, show, 300) for show in (drawn_as_released, drawn_apart))
    assert not together.leaks
    assert together.sure <= 0.03 * together.movers
    # The attacker takes one draw for granted; even so what is drawn apart tells him more.
    assert apart.right - apart.expected > together.right - together.expected


def test_cells_of_one_label_count_together():
    said = attack_movers.guess([10, 10, 30], [[4.0], [4.0], [1.0]], ["A", "A", "B"], "A")
    assert said.right
    assert said.size == pytest.approx(0.4)
    assert said.belief == pytest.approx(80 / 110)


def test_a_verdict_counts_only_belief_that_size_alone_does_not_give():
    large = attack_movers.Guess(belief=0.95, size=0.93, right=True)
    told = attack_movers.Guess(belief=0.95, size=0.2, right=True)
    said = attack_movers.verdict([large, told])
    assert (said.movers, said.right, said.sure) == (2, 2, 1)
    assert said.to_dict()["expected"] == 1.1
