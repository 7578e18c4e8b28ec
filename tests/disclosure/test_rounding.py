"""Rounding by two draws: how wrong it can be, that it has no bias, and what it does not tell."""

from __future__ import annotations

import hmac
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from disclosure_oracle import POLICY, Disclosure
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.disclosure import policy as policies
from dashboard.disclosure import rounding

POLICY_OF_NOW = policies.load()
BASE, OFFSET = POLICY["rounding"]["base"], POLICY["rounding"]["offset"]
SECRET = "of tests only, forty characters or more"
KEY = rounding.rounding_key(SECRET)
CONTENT = st.integers(0, 2**64 - 1)
HEADS = st.integers(0, 400)


def shown(women, men, contents, group, key: str = KEY, floor: int = 0, supports=None) -> tuple[int, int]:
    """One cell as it is shown."""
    found = rounding.round_pairs(
        key,
        np.array([[women], [men]]),
        np.array([[contents[0]], [contents[1]]], np.uint64),
        np.array([group], np.uint64),
        BASE,
        OFFSET,
        floor,
        None if supports is None else np.array([[supports[0]], [supports[1]]], np.uint64),
    )
    return int(found[0][0]), int(found[1][0])


def many(women: int, men: int, count: int, *, seed: int = 1, same_supports: bool = False) -> np.ndarray:
    """Women and men of one cell as they are shown in so many groups, shape (2, count)."""
    chance = np.random.default_rng(seed)
    contents = chance.integers(0, 2**64, (2, count), np.uint64)
    groups = chance.integers(0, 2**64, count, np.uint64)
    heads = np.array([[women] * count, [men] * count])
    supports = np.array([[7] * count, [8] * count], np.uint64) if same_supports else None
    return rounding.round_pairs(KEY, heads, contents, groups, BASE, OFFSET, 0, supports)


@given(
    women=HEADS,
    men=HEADS,
    contents=st.tuples(CONTENT, CONTENT),
    supports=st.tuples(CONTENT, CONTENT),
    group=CONTENT,
    floor=st.sampled_from((0, 5, 12)),
)
@example(women=1, men=0, contents=(1, 2), supports=(3, 4), group=5, floor=5)
@settings(max_examples=400, deadline=None)
def test_a_shown_count_is_a_multiple_of_the_base_near_the_truth(women, men, contents, supports, group, floor):
    """Within base - 1 and twice the offset; women and men together within base and four times the offset."""
    one, other = shown(women, men, contents, group, floor=floor, supports=supports)
    assert one % BASE == other % BASE == 0
    if (one, other) == (0, 0):
        # Where nothing is shown there are few: fewer than the floor and its error, or what rounds to nobody.
        assert women + men < max(floor, BASE) + BASE + 4 * OFFSET
        return
    assert one + other >= floor
    for count, about in ((women, one), (men, other)):
        assert abs(about - count) <= BASE - 1 + 2 * OFFSET == POLICY_OF_NOW.error
        assert about == 0 or count > 0, "nobody is never shown as somebody"
        least, most = POLICY_OF_NOW.possible(about)
        assert least <= count <= most
    assert abs(one + other - women - men) <= BASE + 4 * OFFSET == POLICY_OF_NOW.error_together


def test_the_pair_is_as_wrong_as_the_bound_says_and_no_more():
    """Drawn apart, both could be wrong in one direction by twice the error of one."""
    worst = Counter()
    for women in range(8, 14):
        for men in range(8, 14):
            found = many(women, men, 20_000, seed=women * 100 + men)
            off = found - np.array([[women], [men]])
            worst["one"] = max(worst["one"], int(abs(off).max()))
            worst["both"] = max(worst["both"], int(abs(off.sum(axis=0)).max()))
    assert worst == {"one": POLICY_OF_NOW.error, "both": POLICY_OF_NOW.error_together}


@pytest.mark.parametrize("women", [12, 13, 14, 15, 16, 137])
@pytest.mark.parametrize("men", [12, 14, 60])
def test_neither_sex_is_rounded_with_a_bias(women, men):
    """Over many groups and cells the mean of each sex is the count, whatever is left over of the two."""
    found = many(women, men, 40_000)
    for count, about in ((women, found[0]), (men, found[1])):
        error = about.std() / np.sqrt(len(about))
        assert abs(about.mean() - count) < 5 * error


def test_the_mean_of_many_groups_is_the_count_with_its_lasting_number():
    """What a reader could average out of many quarters: not the count."""
    means = []
    for cell in range(40):
        supports = np.array([[cell] * 20_000, [cell + 1_000] * 20_000], np.uint64)
        chance = np.random.default_rng(cell)
        found = rounding.round_pairs(
            KEY, np.full((2, 20_000), 33), chance.integers(0, 2**64, (2, 20_000), np.uint64),
            chance.integers(0, 2**64, 20_000, np.uint64), BASE, OFFSET, 0, supports,
        )  # fmt: skip
        lasting = rounding.offsets(KEY, supports[:, :1], OFFSET)[:, 0]
        means += lasting.tolist()
        assert np.allclose(found.mean(axis=1) - 33, lasting, atol=0.15)
    assert set(means) == set(range(-OFFSET, OFFSET + 1))


def test_lasting_and_passing_numbers_are_each_as_likely():
    numbers = np.arange(50_000, dtype=np.uint64)
    for found in (
        rounding.offsets(KEY, numbers, OFFSET),
        rounding.passing(KEY, numbers, np.full_like(numbers, 9), OFFSET),
        rounding.passing(KEY, np.full_like(numbers, 9), numbers, OFFSET),
    ):
        counts = Counter(found.tolist())
        assert set(counts) == set(range(-OFFSET, OFFSET + 1))
        assert all(abs(count - 10_000) < 500 for count in counts.values())


def test_the_draws_have_nothing_to_do_with_one_another():
    """Lasting and passing numbers and the rounding: knowing one tells nothing of the others."""
    numbers = np.arange(50_000, dtype=np.uint64)
    zeros = np.zeros_like(numbers)
    lasting = rounding.offsets(KEY, numbers, OFFSET)
    passing = rounding.passing(KEY, numbers, zeros, OFFSET)
    pairs = Counter(zip(lasting.tolist(), passing.tolist(), strict=True))
    assert len(pairs) == (2 * OFFSET + 1) ** 2
    assert all(abs(count - 2_000) < 300 for count in pairs.values())
    other_key = rounding.rounding_key(SECRET + "!")
    assert abs((lasting == rounding.offsets(other_key, numbers, OFFSET)).mean() - 1 / (2 * OFFSET + 1)) < 0.02


@given(men=HEADS, contents=st.tuples(CONTENT, CONTENT), group=CONTENT)
@settings(max_examples=200, deadline=None)
def test_zero_stays_zero(men, contents, group):
    assert shown(0, men, contents, group)[0] == 0
    assert shown(men, 0, contents, group)[1] == 0
    assert shown(0, 0, contents, group) == (0, 0)


@given(cells=st.lists(st.tuples(HEADS, HEADS, CONTENT, CONTENT, CONTENT, CONTENT, CONTENT), min_size=1, max_size=30))
@settings(max_examples=100, deadline=None)
def test_the_same_people_are_the_same_number_wherever_they_stand(cells):
    """Under another label, beside other cells or all by itself: content and group decide, and the oracle agrees."""
    women, men, of_women, of_men, group, women_support, men_support = (
        np.array(x, np.uint64) for x in zip(*cells, strict=True)
    )
    heads = np.array([women, men]).astype(np.int64)
    contents, supports = np.array([of_women, of_men]), np.array([women_support, men_support])
    whole = rounding.round_pairs(KEY, heads, contents, group, BASE, OFFSET, 5, supports)
    backwards = rounding.round_pairs(
        KEY, heads[:, ::-1], contents[:, ::-1], group[::-1], BASE, OFFSET, 5, supports[:, ::-1]
    )
    assert (whole == backwards[:, ::-1]).all()
    oracle = naive()
    for at, (one, other, content_one, content_two, of_group, support_one, support_two) in enumerate(cells):
        alone = shown(one, other, (content_one, content_two), of_group, floor=5, supports=(support_one, support_two))
        assert tuple(whole[:, at].tolist()) == alone
        said = oracle.rounded((one, other), (content_one, content_two), (support_one, support_two), of_group, 5)
        assert alone == (said or (0, 0))


def naive() -> Disclosure:
    """The oracle's rounding by the secret of these tests; it needs no release."""
    oracle = Disclosure.__new__(Disclosure)
    oracle.policy, oracle.secret = POLICY, SECRET.encode()
    oracle.begin_draws()
    return oracle


def test_a_change_anywhere_in_a_group_draws_all_its_cells_anew():
    """So that a number that moved says nothing: those that did not change move as often as the one that did."""
    chance = np.random.default_rng(5)
    heads = chance.integers(3, 60, (2, 20_000))
    contents = chance.integers(0, 2**64, (2, 20_000), np.uint64)
    supports = chance.integers(0, 2**64, (2, 20_000), np.uint64)
    before, after = (
        rounding.round_pairs(KEY, heads, contents, np.full(20_000, group, np.uint64), BASE, OFFSET, 0, supports)
        for group in (2**63, 2**63 + 1)
    )
    unchanged = (before != after).mean()
    # One more woman in every cell: another content, and by the way of the number no more often another number.
    more = heads + np.array([[1], [0]])
    other_contents = contents + np.uint64(12_345)
    moved = rounding.round_pairs(
        KEY, more, other_contents, np.full(20_000, 2**63 + 1, np.uint64), BASE, OFFSET, 0, supports
    )
    changed = (before[0] != moved[0]).mean()
    assert unchanged > 0.4
    assert abs(changed - unchanged) < 0.06


@given(women=st.integers(20, 200), support=CONTENT, contents=st.lists(CONTENT, min_size=2, max_size=6, unique=True))
@settings(max_examples=100, deadline=None)
def test_the_lasting_number_stays_when_the_group_or_the_content_changes(women, support, contents):
    """It follows from the support alone: a step of it would tell that somebody came or left, and where."""
    number = int(rounding.offsets(KEY, np.array([[support]], np.uint64), OFFSET)[0][0])
    for one, other in pairwise(contents):
        for group in (one, other):
            # Whatever content and group are, what is shown is that count rounded, moved by the passing number.
            about, _ = shown(women, 0, (other, 0), group, supports=(support, 0))
            assert abs(about - women - number) <= BASE - 1 + OFFSET


def test_keys_are_of_their_own_kind_and_secret():
    """A record is no code and no sex; another secret gives other keys, and the key of a file is not the secret."""
    record = rounding.record_key(SECRET, "UN", "OCHA", "KEN-nairobi", "P-4", "no")
    keys = {
        record,
        rounding.record_key(SECRET, "UN", "OCHA", "KEN-nairobi", "P-4", "yes"),
        rounding.record_key(SECRET + "!", "UN", "OCHA", "KEN-nairobi", "P-4", "no"),
        rounding.code_key(SECRET, "sex", "F"),
        rounding.code_key(SECRET, "sex", "M"),
        rounding.code_key(SECRET, "age_group", "F"),
    }
    assert len(keys) == 6
    # Codes run together are no other record: they are written one below the other.
    assert rounding.record_key(SECRET, "A", "BC", "x", "y", "z") != rounding.record_key(
        SECRET, "AB", "C", "x", "y", "z"
    )
    assert SECRET not in KEY
    assert hmac.digest(SECRET.encode(), b"rounding", "sha256").hex() == KEY


def test_a_floor_is_judged_by_what_is_shown_and_by_the_lasting_number():
    """One person is never shown as five where five are the floor; and eight may look like fewer."""
    for staff in range(1, 5 - 2):
        assert (floored(staff, 0) == 0).all()
    hidden = {staff: (floored(staff, 0) == 0).mean() for staff in range(3, 14)}
    # Neither certainly hidden nor certainly shown: that a cell is told says little of how many there are.
    assert hidden[3] > hidden[4] > hidden[6] > 0
    assert hidden[5 + BASE + 2 * OFFSET - 1] == 0


def floored(women: int, men: int, count: int = 20_000) -> np.ndarray:
    """Women of a cell in many groups, as they are shown under the floor of places."""
    chance = np.random.default_rng(3)
    return rounding.round_pairs(
        KEY, np.array([[women] * count, [men] * count]), chance.integers(0, 2**64, (2, count), np.uint64),
        chance.integers(0, 2**64, count, np.uint64), BASE, OFFSET, 5,
    )[0]  # fmt: skip
