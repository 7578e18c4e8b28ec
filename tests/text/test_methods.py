"""The worked example of the page Methods is what a release would show, and says what its sentences say."""

from __future__ import annotations

import re

from dashboard.disclosure.policy import load
from dashboard.pages import methods

POLICY = load()


def _numbers(said: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", said)]


def test_the_example_is_wrong_by_no_more_than_the_page_says() -> None:
    lines = methods.example(POLICY)
    assert [line.name for line in lines] == ["Nairobi", "Geneva", "Bangkok", "All three"]
    for line in lines:
        women, men = _numbers(line.true)
        for shown, more in ((line.shown, 0), (line.later, line.name in (methods.JOINED, "All three"))):
            if "fewer" in shown:
                assert women + more + men <= POLICY.floor_place + 2 * POLICY.offset
                continue
            about = _numbers(shown)
            assert all(not number % POLICY.base for number in about)
            wrong = about[0] - women - more, about[1] - men
            assert max(map(abs, wrong)) <= POLICY.error
            assert abs(sum(wrong)) <= POLICY.error_together


def test_the_example_shows_that_what_moves_does_not_tell_who_came() -> None:
    lines = {line.name: line for line in methods.example(POLICY)}
    moved = [name for name, line in lines.items() if line.shown != line.later]
    assert moved and methods.JOINED not in moved
    assert any("fewer" in line.shown + line.later for line in lines.values())


def test_the_page_says_by_how_much_figures_are_wrong_at_most() -> None:
    said = methods.thresholds(POLICY)
    assert (said["error"], said["error_together"]) == (str(POLICY.error), str(POLICY.error_together))
