"""What protection costs on the real head-counts by organization and station."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard.disclosure import policy as policies
from dashboard.ingest import cost

POLICY = policies.load()


def test_shares_of_real_head_counts_are_near_the_truth_and_no_status_is_wrong() -> None:
    errors, statuses, plain_wrong, cells_shown = [], 0, 0, 0.0
    for cells in cost.real_cells().values():
        found = cost.tried(cells, POLICY)
        staff = [women + men for _, women, men in cells]
        # Judged after rounding: what is well over the floor is shown, and what is well under it is not.
        assert sum(count > POLICY.floor_place + POLICY.error_together for count in staff) <= found.shown * len(staff)
        assert found.shown * len(staff) <= sum(count > POLICY.floor_place - 2 * POLICY.offset for count in staff)
        assert found.wrong == 0 < found.statuses
        errors += found.errors
        statuses, plain_wrong = statuses + found.statuses, plain_wrong + found.plain_wrong
        cells_shown += found.shown * len(cells)
    assert len(errors) > 900
    assert np.percentile(errors, 95) <= 3
    # Which is why a status is given only where the rounded numbers leave no doubt of it.
    assert plain_wrong > cells_shown / 5


def test_what_is_tried_of_a_few_cells() -> None:
    exact = replace(POLICY, base=1, offset=0, floor_place=5, share_from=75)
    found = cost.tried([("one", 2, 2), ("two", 40, 60), ("three", 20, 20)], exact)
    assert found == cost.Tried(2 / 3, 140 / 144, [0.0], 2, 0, 0)
    assert found.worst == 0
    assert cost.tried([], exact).worst == 0


def test_rounding_leaves_most_statuses_of_few_people_open() -> None:
    found = cost.tried([("few", 20, 20), ("many", 2000, 2000), ("clear", 20, 60)], POLICY)
    assert (found.shown, found.statuses, found.wrong) == (1, 2, 0)
