"""The worked examples of the method, and what must hold for any head-counts."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard import measures

head_counts = st.integers(min_value=0, max_value=50_000)


@pytest.mark.parametrize(
    ("women", "men", "growth", "replacement"),
    [(41, 59, 18, 9), (4, 7, 3, 1), (8, 7, 1, 0), (469, 531, 62, 31), (0, 0, 0, 0), (0, 5, 5, 2)],
)
def test_index_in_both_readings(women, men, growth, replacement):
    assert measures.index_growth(women, men) == growth
    assert measures.index_replacement(women, men) == replacement


@pytest.mark.parametrize(
    ("women", "men", "status"),
    [
        (0, 0, None),
        (2, 2, "few"),
        (4, 0, "few"),
        (2, 3, "parity"),  # a difference of one person: no head-count of five lies inside the band
        (1, 4, "below"),
        (4, 1, "above"),
        (41, 59, "below"),
        (47, 53, "parity"),
        (53, 47, "parity"),
        (54, 46, "above"),
        (469, 531, "below"),  # 46.9 % prints as 47 % but is outside the band
        (470, 530, "parity"),
        (531, 469, "above"),
        (8, 7, "parity"),
        (7, 9, "below"),
    ],
)
def test_status_from_integers(women, men, status):
    assert measures.status(women, men) == status


def test_posts_to_parity_status():
    assert measures.posts_to_parity_status(41, 59) == 6
    assert measures.posts_to_parity_status(469, 531) == 1
    assert measures.posts_to_parity_status(50, 50) == 0


def test_net_and_gross_gap_over_levels():
    levels = [(60, 40), (95, 105), (80, 120), (40, 60), (8, 12), (2, 4)]
    assert measures.gaps(levels) == measures.Gaps(net=56, gross=96)


def test_share_is_a_fraction_or_nothing():
    assert measures.share_women(41, 59) == 0.41
    assert measures.share_women(0, 0) is None


@pytest.mark.parametrize("women, men", [(-1, 3), (3, -1)])
def test_negative_head_counts_are_refused(women, men):
    for function in (measures.status, measures.share_women, measures.posts_to_parity_status):
        with pytest.raises(ValueError, match="negative"):
            function(women, men)


def test_needed_names_the_fewer_sex():
    assert measures.needed(41, 59) == "women"
    assert measures.needed(59, 41) == "men"
    assert measures.needed(50, 50) is None


@pytest.mark.parametrize(
    ("women", "men", "needed"),
    [((4, 9), (10, 16), "women"), ((4, 10), (10, 16), None), ((11, 17), (0, 10), "men"), ((5, 5), (5, 5), None)],
)
def test_needed_between_is_what_all_need(women, men, needed):
    assert measures.needed_between(women, men) == needed


def test_change_is_of_the_share_in_points():
    change = measures.change((45, 55), (40, 60))
    assert (change.women, change.men) == (5, -5)
    assert change.points == pytest.approx(5.0)
    assert measures.change((45, 55), (0, 0)).points is None


@pytest.mark.parametrize(
    ("women", "men", "decimals"),
    [
        (41, 59, 1),  # from 100 staff up
        (21, 22, 0),  # 49 %, at parity: the whole number agrees
        (9, 14, 0),
        (0, 0, 0),
        (46, 53, 0),  # 46 %, below: agrees
        (20, 23, 1),  # 46.5 % would print as 47 % and yet is below
        (7, 8, 0),  # 47 %, at parity
        (2, 3, 1),  # 40 % and yet at parity, by the rule of one person
        (46, 47, 0),  # 49 %
        (45, 46, 0),
        (49, 48, 0),  # 51 %, at parity
    ],
)
def test_decimals_never_let_a_printed_share_contradict_the_status(women, men, decimals):
    assert measures.percent_decimals(women, men) == decimals


@given(head_counts, head_counts)
def test_decimals_property(women, men):
    staff = women + men
    if not staff or staff >= 100:
        return
    if measures.percent_decimals(women, men) == 0:
        whole = round(100 * women / staff)
        status = measures.status(women, men)
        if status in ("below", "parity", "above"):
            assert status == ("below" if whole < 47 else "above" if whole > 53 else "parity")


@given(head_counts, head_counts)
def test_sexes_are_treated_alike(women, men):
    mirror = {"below": "above", "above": "below"}
    status = measures.status(women, men)
    assert measures.status(men, women) == mirror.get(status, status)
    assert measures.index_growth(women, men) == measures.index_growth(men, women)
    assert measures.gap(women, men) == -measures.gap(men, women)


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_posts_to_parity_status_is_the_smallest_that_works(women, men):
    fewer, more = sorted((women, men))
    posts = measures.posts_to_parity_status(women, men)
    assert posts <= measures.index_replacement(women, men)

    def fine(moved: int) -> bool:
        w, m = fewer + moved, more - moved
        return 47 * (w + m) <= 100 * w <= 53 * (w + m) or abs(w - m) <= 1

    assert fine(posts)
    assert posts == 0 or not fine(posts - 1)


@given(st.lists(st.tuples(head_counts, head_counts), max_size=20))
def test_gross_gap_is_at_least_the_net_one(levels):
    gaps = measures.gaps(levels)
    assert gaps.gross >= abs(gaps.net)
    assert gaps.net == sum(men for _, men in levels) - sum(women for women, _ in levels)


@given(
    women=st.tuples(st.integers(0, 60), st.integers(0, 22)),
    men=st.tuples(st.integers(0, 60), st.integers(0, 22)),
)
@example(women=(2, 1), men=(3, 0))
@example(women=(3, 0), men=(2, 0))
@example(women=(0, 4), men=(0, 0))
@settings(max_examples=1_000)
def test_a_status_between_is_the_one_that_all_head_counts_have(women, men):
    """By brute force over all head-counts there may be."""
    (least_women, more_women), (least_men, more_men) = women, men
    found = {
        measures.status(w, m)
        for w in range(least_women, least_women + more_women + 1)
        for m in range(least_men, least_men + more_men + 1)
    }
    expected = found.pop() if len(found) == 1 and not found & {"few", None} else None
    said = measures.status_between((least_women, least_women + more_women), (least_men, least_men + more_men))
    assert said == expected


def test_a_status_between_of_exact_numbers_is_their_status():
    for women in range(60):
        for men in range(60):
            said = measures.status_between((women, women), (men, men))
            assert said == (measures.status(women, men) if women + men >= 5 else None)
