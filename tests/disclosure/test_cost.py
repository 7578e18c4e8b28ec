"""What protection costs on the real head-counts by organization and station."""

from __future__ import annotations

import numpy as np

from dashboard.disclosure import policy as policies
from dashboard.ingest import cost

POLICY = policies.load()


def test_shares_of_real_head_counts_are_near_the_truth_and_rounded_statuses_would_not_be() -> None:
    errors, statuses, wrong = [], 0, 0
    for cells in cost.real_cells().values():
        found = cost.tried(cells, POLICY.floor_place, POLICY.base, POLICY.share_from, POLICY.status_from)
        staff = [women + men for _, women, men in cells]
        over = [count for count in staff if count >= POLICY.floor_place]
        # Shown is what reaches the floor, less what rounds to nobody.
        assert len(over) / len(staff) - 0.02 <= found.shown <= len(over) / len(staff)
        assert found.statuses == sum(count >= POLICY.status_from for count in staff)
        errors += found.errors
        statuses, wrong = statuses + found.statuses, wrong + found.rounded_wrong
    assert len(errors) > 1_000
    assert np.percentile(errors, 95) <= 3
    # Which is why a status is made of the true numbers.
    assert wrong > statuses / 20


def test_what_is_tried_of_a_few_cells() -> None:
    found = cost.tried([("one", 2, 2), ("two", 40, 60), ("three", 20, 20)], 5, 5, 75, 25)
    assert found == cost.Tried(2 / 3, 140 / 144, [0.0], 2, 0)
    assert found.worst == 0
    assert cost.tried([], 5, 5, 75).worst == 0
