"""Staff on temporary appointments of a dozen entities: a population of its own, in addition to the real head-counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dashboard.demo import calendar
from dashboard.demo.inputs import traits
from dashboard.demo.people import FEMALE, MALE, History, age_group

#: A temporary appointment lasts less than a year: here three quarters (assumption).
LASTS = 3
#: Grades of temporary staff and their mix (assumption), and women among them. In 2011 they were 46.2 % in the
#: professional categories (A/67/347), five points more than among regular staff.
GRADES = {"P-4": 12, "P-3": 26, "P-2": 20, "G-6": 12, "G-5": 18, "G-4": 12}
WOMEN = 0.52
#: Position of the appointment TA in the writer's list.
TEMPORARY = 3


@dataclass(frozen=True)
class Temporary:
    """Rows of temporary staff."""

    rows: Callable[[str, int], dict[str, np.ndarray] | None]


def make(history: History, rng: np.random.Generator) -> Temporary:
    """Temporary staff beside regular posts: a share of those of the same entity, in the same stations."""
    posts = history.posts
    grades = np.repeat([posts.grades.index(g) for g in GRADES], list(GRADES.values()))
    local = {posts.grades.index(g) for g in GRADES if g.startswith("G")}
    found: dict[str, dict[str, np.ndarray]] = {}
    international = np.unique(history.people.nationality[: history.people.count])
    national = {c: i for i, c in enumerate(history.nationalities)}
    for number, entity in enumerate(posts.entities):
        share = traits()[entity].temporary
        if not share:
            continue
        beside = np.flatnonzero((posts.entity == number) & posts.is_open.any(1) & ~posts.coordinator)
        beside = np.sort(rng.choice(beside, max(int(len(beside) * share), 1), replace=False))
        # Each place is held by one person after another; six terms of a place repeat in another order of people.
        terms = (len(beside), len(posts.quarters) // LASTS + 2)
        grade = rng.choice(grades, len(beside))
        is_local = np.isin(grade, list(local))
        host = np.array([national.get(c, -1) for c in posts.countries])[posts.country[beside]]
        nationality = rng.choice(international, terms)
        at_home = is_local & (host >= 0)
        nationality[at_home] = host[at_home][:, None]
        found[entity] = {
            "post": beside,
            "phase": rng.integers(0, LASTS, len(beside)),
            "grade": grade,
            "sex": np.where(rng.random(terms) < WOMEN, FEMALE, MALE),
            "birth": calendar.number(posts.quarters[0]) - rng.integers(4 * 24, 4 * 50, terms),
            "nationality": nationality,
        }

    def rows(entity: str, quarter: int) -> dict[str, np.ndarray] | None:
        own = found.get(entity)
        if own is None:
            return None
        term = (quarter + own["phase"]) // LASTS
        here = np.flatnonzero(posts.is_open[own["post"], quarter])
        term, post = term[here], own["post"][here]
        # Later terms have later births, so that temporary staff as a whole do not grow old.
        age = calendar.number(posts.quarters[0]) + quarter - own["birth"][here, term] - term * LASTS
        size = len(here)
        return {
            "department": posts.department[post],
            "duty_station": posts.station[post],
            "grade": own["grade"][here],
            "sex": own["sex"][here, term].astype(np.int64),
            "age_group": age_group(age),
            "nationality": own["nationality"][here, term].astype(np.int64),
            "appointment": np.full(size, TEMPORARY),
            "rc": np.zeros(size, np.int64),
        }

    return Temporary(rows)
