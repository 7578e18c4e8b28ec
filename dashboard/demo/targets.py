"""How many women each group of posts should have at each quarter, such that published percentages come out.

A group is the posts of one entity, kind of unit, level and headquarters or field. A first guess follows the published
shares by level of 2013 and what is assumed of each entity; then every published series is met in turn by shifting the
groups it is made of (on the logit scale), until all hold at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.demo.headcounts import rounded
from dashboard.demo.inputs import LEVELS, curve, table, target_curves, traits
from dashboard.demo.posts import COORDINATOR, MISSION, SECURITY, Posts

#: Rounds of adjustment; the largest miss is far under 0.1 points well before that.
ROUNDS = 120
#: No group is steered outside these shares: small ones would become single-sex otherwise.
NARROWEST, WIDEST = 0.1, 0.9
#: Entities of fewer staff are rounded as a whole.
SMALL = 400
#: How much of the difference between levels is left: all of it in 2013, less as senior levels caught up (assumption,
#: chosen so that D-1 and P-5 of the Secretariat in 2023 need little further change).
FLATTENING = {"2013Q4": 1.0, "2019Q4": 0.75, "2023Q4": 0.6, "2026Q3": 0.5}
#: Women's share in locally recruited work before fitting (assumption).
LOCAL = {"FS": 0.28, "NPO": 0.47, "GH": 0.58, "GL": 0.45}


@dataclass(frozen=True)
class Constraint:
    """The share of women over `members` should be `wanted`; it is reached by shifting `moved`."""

    name: str
    members: np.ndarray
    moved: np.ndarray
    wanted: np.ndarray


def logit(share: np.ndarray | float) -> np.ndarray:
    """Log odds."""
    return np.log(share) - np.log1p(-np.asarray(share))


def sizes(posts: Posts) -> np.ndarray:
    """Groups x quarters: open posts."""
    count = np.zeros((len(posts.groups), len(posts.quarters)), np.int64)
    for q in range(len(posts.quarters)):
        count[:, q] = np.bincount(posts.group[posts.is_open[:, q]], minlength=len(posts.groups))
    return count


def constraints(posts: Posts) -> list[Constraint]:
    """Every series that is steered, those that matter most last."""
    entity, kind, level, hq = posts.groups.T
    hq = hq.astype(bool)
    wanted = target_curves(posts.quarters)
    ph = level < LEVELS.index("FS")
    rc = kind == COORDINATOR
    local = level >= LEVELS.index("NPO")
    fs = level == LEVELS.index("FS")

    def of(code: str) -> np.ndarray:
        return entity == posts.entities.index(code) if code in posts.entities else np.zeros(len(entity), bool)

    un, free = of("UN"), ~rc & (kind != SECURITY)
    p5, d1 = level == LEVELS.index("P5"), level == LEVELS.index("D1")
    found = [
        Constraint("rc", rc, rc, wanted["rc"]),
        Constraint("un-dss", un & (kind == SECURITY), un & (kind == SECURITY), wanted["un-dss"]),
        Constraint("un-fs", un & fs, un & fs & free, wanted["un-fs"]),
        Constraint("un-missions", un & (kind == MISSION), un & (kind == MISSION) & local, wanted["un-missions"]),
    ]
    for code in posts.entities:
        points = traits()[code].all_staff
        if points:
            # After the last assumed date the entity goes on rising a little.
            series = curve({**points, "2026Q3": min(points["2024Q4"] + 0.004, 0.68)}, posts.quarters)
            found.append(Constraint(f"all-{code}", of(code), of(code) & local, series))
    found += [
        Constraint("un-d1", un & d1, un & d1 & free, wanted["un-d1"]),
        Constraint("un-p5", un & p5, un & p5 & free, wanted["un-p5"]),
        Constraint("unicef-p5", of("UNICEF") & p5, of("UNICEF") & p5, wanted["unicef-p5"]),
        Constraint("un-ph", un & ph, un & ph & free, wanted["un-ph"]),
        Constraint("iaea-ph", of("IAEA") & ph, of("IAEA") & ph, wanted["iaea-ph"]),
        Constraint("wfp-ph", of("WFP") & ph, of("WFP") & ph & ~rc, wanted["wfp-ph"]),
        Constraint("system-ph-hq", ph & hq, ph & hq & free, wanted["system-ph-hq"]),
        Constraint("system-ph", ph, ph & ~hq & free, wanted["system-ph"]),
    ]
    return [c for c in found if c.moved.any() and c.members.any()]


def _first_guess(posts: Posts) -> np.ndarray:
    """Groups x quarters, on the logit scale."""
    entity, kind, level, hq = posts.groups.T
    published = np.array([float(row["women_2013"]) / 100 for row in table("level_shares.csv")])
    flatter = curve(FLATTENING, posts.quarters)
    middle = logit(0.418)  # the published total of 2013
    own = np.array([float(logit(traits()[code].ph_2019) - logit(0.453)) for code in posts.entities])
    guess = np.empty((len(entity), len(posts.quarters)))
    ladder = np.append(logit(published) - middle, np.zeros(len(LEVELS) - len(published)))
    guess[:] = logit(0.453) + ladder[level][:, None] * flatter + own[entity][:, None]
    for name, share in LOCAL.items():
        guess[level == LEVELS.index(name)] = logit(share)
    guess[hq == 1] += 0.12
    guess[kind == MISSION] -= 0.35
    guess[kind == SECURITY] -= 0.9
    return guess


def shares(posts: Posts, count: np.ndarray) -> np.ndarray:
    """Groups x quarters: the share of women wanted, as fractions."""
    guess = _first_guess(posts)
    series = constraints(posts)
    for _ in range(ROUNDS):
        for c in series:
            share = np.clip(1 / (1 + np.exp(-guess)), NARROWEST, WIDEST)
            total = count[c.members].sum(0)
            miss = c.wanted * total - (count[c.members] * share[c.members]).sum(0)
            slope = (count[c.moved] * (share * (1 - share))[c.moved]).sum(0)
            guess[c.moved] += np.clip(np.where(slope > 0, miss / np.maximum(slope, 1e-9), 0), -0.4, 0.4)
    return np.clip(1 / (1 + np.exp(-guess)), NARROWEST, WIDEST)


def women(posts: Posts, rng: np.random.Generator) -> np.ndarray:
    """Groups x quarters: women wanted, whole numbers whose sums over the blocks below are the wanted sums."""
    count = sizes(posts)
    exact = shares(posts, count) * count
    entity, kind, level, hq = posts.groups.T
    ph = level < LEVELS.index("FS")
    # Blocks: professional staff at headquarters and in the field, system-wide; the rest by entity and kind of unit.
    block = np.where(ph, np.where(hq == 1, -1, -2), entity * 4 + kind)
    # In a small entity a rounding matters: it is one block, professional staff and others together.
    small = np.array([count[entity == e].sum(0).max() < SMALL for e in range(len(posts.entities))])
    block = np.where(small[entity], 1000 + entity, block)
    block[kind == COORDINATOR] = -3
    thresholds = rng.uniform(0.25, 0.75, len(entity))
    whole = np.zeros_like(count)
    for name in np.unique(block):
        own = np.flatnonzero(block == name)
        for q in range(count.shape[1]):
            whole[own, q] = rounded(exact[own, q], thresholds[own], round(float(exact[own, q].sum())))
    return np.clip(whole, 0, count)
