"""What the policy derives from its numbers, worked out from what rounding may do."""

from __future__ import annotations

import dataclasses
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.disclosure import policy as policies

POLICY = policies.load()


def rounded_up_and_down(count: int, base: int, offset: int) -> set[int]:
    """All that one count may be shown as: two small numbers are added above zero, the sum goes up or down."""
    found = set()
    for lasting, passing in product(range(-offset, offset + 1), repeat=2):
        value = 0 if count == 0 else max(max(count + lasting, 0) + passing, 0)
        found |= {value // base * base, -(-value // base) * base}
    return found


@pytest.mark.parametrize(("base", "offset"), [(5, 2), (5, 0), (1, 0), (3, 1), (10, 4)])
def test_what_a_shown_count_may_stand_for_is_all_that_may_be_shown_so(base: int, offset: int) -> None:
    """No count is outside the range, and none near its ends is in it for nothing."""
    policy = dataclasses.replace(POLICY, base=base, offset=offset)
    counts: dict[int, set[int]] = {}
    for count in range(200):
        for shown in rounded_up_and_down(count, base, offset):
            counts.setdefault(shown, set()).add(count)
    for shown, true in counts.items():
        if shown > 150:
            continue
        least, most = policy.possible(shown)
        assert (least, most) == (min(true), max(true)), shown
        assert most - shown == policy.error == base - 1 + 2 * offset


@given(parts=st.lists(st.integers(0, 60), min_size=1, max_size=10), data=st.data())
def test_a_sum_of_rounded_cells_may_be_wrong_by_each(parts: list[int], data) -> None:
    """The parts of a sum are each wrong by the error of one, and whoever is shown is there."""
    shown = [
        data.draw(st.sampled_from(sorted(rounded_up_and_down(count, POLICY.base, POLICY.offset)))) for count in parts
    ]
    least, most = POLICY.possible(sum(shown), len(parts))
    assert least <= sum(parts) <= most
    assert POLICY.possible(sum(parts), 0) == (sum(parts), sum(parts)), "an exact sum stands for itself"


def test_thresholds_follow_from_the_error() -> None:
    """Two numbers of which either may be wrong by the error differ by twice of it though nothing changed."""
    error = POLICY.error
    # What is left of a group beside a rounded count, less what that may be wrong, is nobody or the floor at least.
    assert POLICY.rest_at_least - error >= POLICY.floor_place
    assert POLICY.others_at_least > 2 * error
    assert POLICY.nested_at_least >= POLICY.floor_person
    assert POLICY.least_of_each_sex >= POLICY.floor_person
    assert POLICY.offset < POLICY.base, "or a passing number could undo the lasting one and the rounding"


@pytest.mark.parametrize(
    "name", ["base", "floor_place", "nested_at_least", "rest_at_least", "series_from", "share_from"]
)
def test_a_policy_without_a_number_says_which(name: str, tmp_path) -> None:
    text = policies.FILE.read_text(encoding="utf-8")
    for key, value in (("nested_at_least", 12), ("rest_at_least", 13), ("series_from", 25), ("share_from", 100)):
        if name == key:
            broken = text.replace(f"{key} = {value}", f"{key} = 0")
            assert broken != text
            (tmp_path / "disclosure.toml").write_text(broken)
            with pytest.raises(policies.PolicyError, match=f"{key} is 0"):
                policies.load(tmp_path / "disclosure.toml")
    (tmp_path / "less.toml").write_text("\n".join(line for line in text.splitlines() if not line.startswith(
        {"floor_place": "place =", "base": "base ="}.get(name, f"{name} ="))))  # fmt: skip
    with pytest.raises(policies.PolicyError, match="is missing"):
        policies.load(tmp_path / "less.toml")


@pytest.mark.parametrize("offset", ["-1", "2.5", "true", '"two"'])
def test_an_offset_is_a_head_count(offset: str, tmp_path) -> None:
    text = policies.FILE.read_text(encoding="utf-8").replace("offset = 2", f"offset = {offset}")
    (tmp_path / "disclosure.toml").write_text(text)
    with pytest.raises(policies.PolicyError, match=r"offset is .*; a head-count from 0 up"):
        policies.load(tmp_path / "disclosure.toml")
