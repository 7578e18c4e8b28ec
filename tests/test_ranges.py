"""What rounded counts leave open, held against all that they may stand for, one by one."""

from __future__ import annotations

import random
from itertools import product

import pytest
from answers import ERROR, rounded, row

from dashboard import measures, ranges, text

#: Counts as they are shown; of zero and few, of many, near each other and far apart.
SHOWN = [(0, 5), (5, 0), (5, 5), (10, 15), (15, 10), (45, 75), (60, 55), (100, 95), (0, 40)]


def may_be(count: int) -> range:
    """All that a shown count may stand for: who is shown is there."""
    return range(max(count - ERROR, 1 if count else 0), count + ERROR + 1)


@pytest.mark.parametrize("shown", SHOWN)
def test_a_range_goes_from_the_least_to_the_most_there_may_be(shown: tuple[int, int]) -> None:
    made = rounded({}, *shown)
    true = list(product(*map(may_be, shown)))
    assert ranges.women(made) == (min(w for w, _ in true), max(w for w, _ in true))
    assert ranges.men(made) == (min(m for _, m in true), max(m for _, m in true))
    assert ranges.heads(made, "staff") == (min(w + m for w, m in true), max(w + m for w, m in true))
    assert ranges.gap(made) == (min(m - w for w, m in true), max(m - w for w, m in true))
    assert ranges.index(made) == (min(abs(m - w) for w, m in true), max(abs(m - w) for w, m in true))
    shares = [w / (w + m) for w, m in true if w + m]
    assert ranges.share(made) == (min(shares), max(shares))
    assert ranges.open_share(made) == (ranges.share(made) if made.share_women is not None else None)


@pytest.mark.parametrize("shown", SHOWN)
def test_of_an_exact_row_a_range_is_one_number(shown: tuple[int, int]) -> None:
    made = row({}, *shown)
    for of in (ranges.women, ranges.men, ranges.share, ranges.gap, ranges.index):
        low, high = of(made)
        assert low == high
    assert ranges.needed(made) == measures.needed(*shown) and ranges.open_share(made) is None
    assert not ranges.open_index(made)


def test_status_index_and_share_of_a_rounded_row_say_the_same() -> None:
    """N12: no row is above parity and short of women, and each is what all that it may stand for are."""
    said = set()
    for women, men in product(range(0, 400, 5), repeat=2):
        made = rounded({}, women, men)
        needed = ranges.needed(made)
        if made.status in (text.BELOW, text.ABOVE):
            assert needed == {text.BELOW: "women", text.ABOVE: "men"}[made.status], (women, men)
        ends = [(w, m) for w, m in product((may_be(women)[0], may_be(women)[-1]), (may_be(men)[0], may_be(men)[-1]))]
        # The index is there where it is clear whom it counts, and nowhere else.
        assert ranges.open_index(made) == (needed is None)
        assert made.index_growth == (abs(women - men) if needed else None)
        assert (made.index_replacement is None) == (needed is None)
        if needed:
            assert {measures.needed(*pair) for pair in ends} == {needed}, (women, men)
        if made.status:
            assert {measures.status(*pair) for pair in ends} == {made.status}, (women, men)
            said.add(made.status)
        if made.share_women is not None and made.status == text.BELOW:
            assert women / (women + men) < 0.47
    assert said == {text.BELOW, text.PARITY, text.ABOVE}


def test_what_is_clearly_most_is_most_whatever_is_true() -> None:
    dice = random.Random(5)
    told = 0
    for _ in range(400):
        shown = [(dice.randrange(5, 60, 5), dice.randrange(5, 60, 5)) for _ in range(3)]
        rows = [rounded({"grade": str(place)}, *pair) for place, pair in enumerate(shown)]
        true = [(dice.choice(may_be(women)), dice.choice(may_be(men))) for women, men in shown]
        staff = [women + men for women, men in true]

        def of(one):
            return ranges.heads(one, "staff")

        first = ranges.first_ones(rows, of)
        assert any(staff[rows.index(each)] == max(staff) for each in first)
        for place, each in enumerate(rows):
            if ranges.clearly_most(each, rows, of):
                told += 1
                assert staff[place] == max(staff) and first == [each]
            if ranges.clearly_least(each, rows, of):
                assert staff[place] == min(staff)
        if ranges.apart(of(rows[0]), of(rows[1])):
            assert (staff[0] - staff[1]) * (sum(shown[0]) - sum(shown[1])) > 0
    assert told > 40


def test_a_sum_that_leaves_some_out_may_be_more_or_less_than_it_shows() -> None:
    def staff(one):
        return ranges.heads(one, "staff")

    large, small = rounded({}, 100, 100), rounded({}, 5, 5)
    part = small._replace(left_out=("unct=ALB",))
    assert ranges.clearly_most(large, [large, small], staff) and ranges.first_ones([large, small], staff) == [large]
    assert not ranges.clearly_most(large, [large, part], staff)
    assert not ranges.clearly_least(part, [large, part], staff)
    assert ranges.first_ones([large, part], staff) == [large, part]


@pytest.mark.parametrize("shown", SHOWN)
def test_a_range_in_whole_per_cent_holds_the_range_and_no_whole_per_cent_more(shown: tuple[int, int]) -> None:
    made = rounded({}, *shown)
    (least, most), (low, high) = ranges.per_cent(made), ranges.share(made)
    assert least <= 100 * low + 1e-9 < least + 1 and most - 1 < 100 * high + 1e-9 <= most + 1e-6
