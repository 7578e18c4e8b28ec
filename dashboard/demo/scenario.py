"""What is simulated: everything, or a small part of it for tests, through the same code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.demo import calendar, headcounts, people, posts, schedule, targets, temporary, write
from dashboard.demo.inputs import table
from dashboard.selection import NOT_APPLICABLE

SEED = 20171231
SMALL_FIRST = "2025Q2"
#: In the small demonstration the three last quarters are released.
SMALL_RELEASED = 3
#: Thirty times the share of the full one: a page that shows this group from 12 up must have 12.
SMALL_OTHER = 0.03
#: Country teams with a Resident Coordinator in the small demonstration.
SMALL_TEAMS = 10


@dataclass(frozen=True)
class Scenario:
    """A simulated history with what turns it into files, and the order in which they are sent."""

    history: people.History
    writer: write.Writer
    plan: schedule.Schedule


def full(
    codelists: CodeLists,
    seed: int = SEED,
    quarters: tuple[str, ...] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Scenario:
    """All entities. The seed decides everything that is drawn."""
    quarters = quarters or calendar.span(calendar.FIRST, calendar.LAST)
    rng = np.random.default_rng(seed)
    staff = headcounts.full(codelists, quarters, rng)
    return _from(codelists, staff, rng, "behaviour.csv", calendar.RELEASED, people.OTHER_SHARE, progress)


def small(codelists: CodeLists, seed: int = SEED) -> Scenario:
    """A few entities in six quarters, with every state a page must show."""
    quarters = calendar.span(SMALL_FIRST, calendar.LAST)
    rng = np.random.default_rng(seed)
    staff = _scaled(headcounts.full(codelists, quarters, rng), rng)
    return _from(codelists, staff, rng, "behaviour_small.csv", quarters[-SMALL_RELEASED:], SMALL_OTHER, None)


def _from(
    codelists: CodeLists,
    staff: headcounts.Headcounts,
    rng: np.random.Generator,
    behaviour: str,
    released: tuple[str, ...],
    other_share: float,
    progress: Callable[[int, int], None] | None,
) -> Scenario:
    made = posts.make(codelists, staff, rng)
    wanted = targets.women(made, rng)
    history = people.simulate(made, wanted, codelists, rng, other_share=other_share, progress=progress)
    writer = write.Writer(codelists, history, temporary.make(history, rng))
    return Scenario(history, writer, schedule.plan(staff.quarters, made.entities, released, rng, file=behaviour))


def _scaled(staff: headcounts.Headcounts, rng: np.random.Generator) -> headcounts.Headcounts:
    """Some entities and departments, shrunk to the sizes of `data/demo/small.csv`; large stations stay."""
    chosen: list[int] = []
    counts: list[np.ndarray] = []
    for row in table("small.csv"):
        department = row["department"] or NOT_APPLICABLE
        cells = np.array([
            i for i in range(len(staff.entity))
            if staff.entity[i] == row["entity"] and staff.department[i] == department
        ])  # fmt: skip
        exact = staff.staff[cells] * (int(row["staff"]) / staff.staff[cells].sum(0).mean())
        thresholds = rng.uniform(0.2, 0.6, len(cells))
        whole = np.floor(exact + thresholds[:, None]).astype(np.int64)
        if department == "RCS":
            coordinators = np.flatnonzero(staff.coordinators[cells].all(1))
            whole[:] = np.where(staff.coordinators[cells].any(1)[:, None], 0, whole)
            whole[coordinators[:: max(len(coordinators) // SMALL_TEAMS, 1)][:SMALL_TEAMS]] = 1
        some = whole.any(1)
        chosen += cells[some].tolist()
        counts += list(whole[some])
    kept = np.stack(counts)
    return headcounts.Headcounts(
        staff.quarters,
        [staff.entity[i] for i in chosen],
        [staff.department[i] for i in chosen],
        [staff.station[i] for i in chosen],
        kept,
        np.minimum(staff.coordinators[chosen], kept),
    )
