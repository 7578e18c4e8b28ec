"""Guesses at who moved: what the attacker makes of sights is what can be made of them, and planted leaks are found."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache

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


def by_trying(before: list[tuple[int, int]], after: list[tuple[int, int]], step: int, *, lasting: bool) -> float:
    """How much more likely sights of women and men are after a step of the women: all that may explain them, tried.

    Of each count with its lasting number, all passing numbers and all ways to round are tried. Where a mover brings
    another lasting number, all pairs of an old and a new one are.
    """
    most = POLICY.offset
    kinds = range(-most, most + 1)
    moves = [0] if lasting else [new - old for old in kinds for new in kinds]
    # What is shown is wrong by the passing number and the rounding.
    counts = range(15 - most - POLICY.base, 25 + most + POLICY.base)
    sums = []
    for steps in ([0], [step + move for move in moves]):
        total = 0.0
        for women, men in itertools.product(counts, counts):
            early = math.prod(chance_of(women, men, seen) for seen in before)
            if early:
                late = sum(math.prod(chance_of(women + more, men, seen) for seen in after) for more in steps)
                total += early * late / len(steps)
        sums.append(total)
    return sums[1] / sums[0] if sums[0] else (math.inf if sums[1] else 1.0)


@cache
def chance_of(women: int, men: int, seen: tuple[int, int]) -> float:
    """How often two counts with their lasting numbers are shown as these, by the rules of a pair."""
    base, most = POLICY.base, POLICY.offset
    found = 0.0
    for passing in itertools.product(range(-most, most + 1), repeat=2):
        value = women + passing[0], men + passing[1]
        rest = value[0] % base, value[1] % base
        pair = 0 not in rest and sum(rest) != base
        # Lots in the middle of each part of the base: rests are whole parts of it.
        for lot in range(base):
            others = [base - 1 - lot] if pair else range(base)
            for other in others:
                shown = tuple(
                    one - left + (base if chance < left else 0)
                    for one, left, chance in zip(value, rest, (lot, other), strict=True)
                )
                found += (shown == seen) / base / len(others)
    return found / (2 * most + 1) ** 2


SEEN = st.tuples(st.sampled_from((15, 20, 25)), st.sampled_from((15, 20)))


@settings(deadline=None, max_examples=12)
@given(
    before=st.lists(SEEN, min_size=1, max_size=2), after=st.lists(SEEN, min_size=1, max_size=2),
    step=st.sampled_from((-1, 1)), lasting=st.booleans(),
)  # fmt: skip
def test_the_likelihood_of_sights_is_that_of_all_that_may_explain_them(before, after, step, lasting):
    expected = by_trying(before, after, step, lasting=lasting)
    said = attack_movers.likelihood(POLICY, 0, before, after, 0, step, lasting=lasting)
    assert said == pytest.approx(expected, rel=1e-6)


def test_sights_that_only_a_step_explains_are_told_from_others():
    assert attack_movers.likelihood(EXACT, 0, [(7, 9)], [(8, 9)], 0, 1, lasting=True) == math.inf
    assert attack_movers.likelihood(EXACT, 0, [(7, 9)], [(7, 9)], 0, 1, lasting=True) == 0.0
    assert attack_movers.likelihood(POLICY, 5, [None], [None], 0, 1, lasting=True) == 1.0


def drawn_as_released(heads: list[int], place: int, edition: int) -> list[int]:
    """Cells by the rules: lasting numbers by place and cell, draws of their own for each, anew in each edition."""
    counts = np.array([heads, [0] * len(heads)])
    supports = np.array([[place * 100 + at for at in range(len(heads))]] * 2, np.uint64)
    shown = rounding.round_pairs(
        KEY, counts, supports, np.full(len(heads), edition, np.uint64), POLICY.base, POLICY.offset, 0, supports
    )
    return shown[0].tolist()


def fixed_by_content(heads: list[int], place: int, edition: int) -> list[int]:
    """As figures once were: rounded by the cell alone, so that only a cell that changes moves."""
    counts = np.array([heads, [0] * len(heads)])
    contents = np.array([[place * 10_000 + at * 1_000 + count for at, count in enumerate(heads)]] * 2, np.uint64)
    shown = rounding.round_pairs(KEY, counts, contents, np.zeros(len(heads), np.uint64), POLICY.base, 0)
    return shown[0].tolist()


def exactly(heads: list[int], place: int, edition: int) -> list[int]:
    return heads


def guesses(
    policy: Policy, show: Callable[[list[int], int, int], list[int]], movers: int, tables: int
) -> attack_movers.Verdict:
    """One mover after another into one of eight places, with so many tables of each seen before and after."""
    chance = random.Random(20261129)
    found = []
    for number in range(movers):
        sizes = [chance.randint(4, 40) for _ in range(8)]
        truth = chance.choices(range(8), weights=sizes)[0]
        ratios = []
        for place, size in enumerate(sizes):
            code = number * 8 + place
            heads = [size + 8 + chance.randint(0, 30) for _ in range(tables)]
            later = [count + (place == truth) for count in heads]
            before, after = show(heads, code, 2 * number), show(later, code, 2 * number + 1)
            ratios.append(
                [
                    attack_movers.likelihood(policy, 0, [(early, 0)], [(late, 0)], 0, 1, lasting=True)
                    for early, late in zip(before, after, strict=True)
                ]
            )
        found.append(attack_movers.guess(sizes, ratios, [str(place) for place in range(8)], str(truth)))
    return attack_movers.verdict(found)


@pytest.mark.parametrize(("policy", "show"), [(EXACT, exactly), (replace(POLICY, offset=0), fixed_by_content)])
def test_planted_leaks_are_found(policy, show):
    said = guesses(policy, show, 80, tables=6)
    assert said.leaks
    assert said.right > 2 * said.expected


def test_six_tables_of_the_same_people_tell_far_more_than_one():
    """Why a quarter is told once: two editions of it would be six tables in which nobody else has moved."""
    one, six = (guesses(POLICY, drawn_as_released, 400, tables=tables) for tables in (1, 6))
    assert one.sure == 0
    assert six.leaks
    assert six.right - six.expected > 1.5 * (one.right - one.expected)


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
