"""Which table may answer: from what a question groups by and a selection filters by, for one audience.

The dimensions of both together, less those that follow from others among them, are the keys of the cells an answer is
made of. Keys that are all exact for the audience are counted like any; keys that are a table of the closed list are
answered by that table, member by member; anything else is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from dashboard.disclosure.policy import EXACT, LEVELS, ROUNDED, Policy, Table
from dashboard.selection import DIMENSIONS, FOLLOWS, PERSONAL, PLACE

#: Department code that stands in the exact public tables for all place-bound departments together.
PLACE_BOUND = "place-bound"
YES = "yes"


@dataclass(frozen=True, slots=True)
class Plan:
    """How one combination is answered.

    `table` is None where exact cells of core (for the internal audience also place) dimensions answer; `keys` are then
    empty. `mixed`: only the place-bound departments come from `table`, all others are exact. `refused`: nothing may
    answer; `reason` says which rule stands against it.
    """

    table: Table | None = None
    keys: tuple[str, ...] = ()
    mixed: bool = False
    refused: bool = False
    reason: str = ""

    @property
    def exact(self) -> bool:
        """Whether exact cells answer, whole."""
        return self.table is None and not self.refused


def needed(by: Iterable[str], filtered: Iterable[str], unlike: Container[tuple[str, str]] = ()) -> tuple[str, ...]:
    """The dimensions a combination needs cells of, in the order of DIMENSIONS: less those that follow from others.

    `unlike` holds (child, parent) pairs that do not follow for the codes chosen: staff in no country team are in all
    regions.
    """
    asked = {name for name in (*by, *filtered) if name in DIMENSIONS}
    implied = {parent for name in asked for parent in FOLLOWS.get(name, ()) if (name, parent) not in unlike}
    return tuple(name for name in DIMENSIONS if name in asked - implied)


def plan(
    policy: Policy,
    audience: str,
    by: Sequence[str],
    filtered: Sequence[str],
    *,
    rc: Sequence[str] = (),
    departments: Iterable[str] = (),
    place_bound: frozenset[str] = frozenset(),
    unlike: Container[tuple[str, str]] = (),
) -> Plan:
    """The plan for dimensions grouped by and filtered by.

    `rc` and `departments` are the codes chosen in these two dimensions, `place_bound` the departments that count as
    places. Raises ValueError for an audience without rules, so that a new one cannot be served by mistake.
    """
    keys = needed(by, filtered, unlike)
    if audience == "internal":
        return _internal(policy, keys, {*by, *filtered})
    if audience != "public":
        raise ValueError(f"no disclosure rules for audience {audience!r}")
    bound = "department" in keys and ("department" in by or not place_bound.isdisjoint(departments))
    if set(keys) <= set(policy.core):
        if not bound:
            return Plan()
        table = _table(policy, keys)
        if table is not None:
            return Plan(table, keys, mixed=True)
        # Grouped by department, the place-bound ones stand together in one exact row.
        return Plan() if place_bound.isdisjoint(departments) else Plan(refused=True, reason="place-bound")
    if "rc" in keys and (tuple(rc) != (YES,) or "rc" in by):
        return Plan(refused=True, reason=_why(keys))
    table = _table(policy, keys)
    return Plan(refused=True, reason=_why(keys)) if table is None else Plan(table, keys)


def _table(policy: Policy, keys: tuple[str, ...]) -> Table | None:
    return next((table for table in policy.tables().values() if set(table.keys) == set(keys)), None)


def _internal(policy: Policy, keys: tuple[str, ...], asked: set[str]) -> Plan:
    personal = [name for name in keys if DIMENSIONS[name].kind == PERSONAL]
    if not personal:
        return Plan()
    rest = [name for name in keys if name not in personal]
    places = [name for name in rest if name in policy.internal_places]
    others = [name for name in rest if name not in places and name not in ("entity", *LEVELS)]
    # A place by itself: together with an entity or a level, differences of groups tell on single people.
    # (Staff in no department are of every entity: there the entity would not follow.)
    crossed = bool(places) and (len(rest) > 1 or {"department", "entity"} <= asked)
    if len(personal) > 1 or crossed or others:
        return Plan(refused=True, reason=_why(keys))
    ordered = (*personal, *rest)
    name = "+".join(ordered)
    if name in policy.person_not:
        return Plan(refused=True, reason=_why(keys))
    return Plan(Table(name, ordered, ROUNDED, PERSONAL, policy.floor_person), keys)


def _why(keys: Sequence[str]) -> str:
    """A code for the rule that stands against these keys; its sentence is in `text`."""
    personal = [name for name in keys if DIMENSIONS[name].kind == PERSONAL]
    places = [name for name in keys if DIMENSIONS[name].kind == PLACE]
    if "rc" in keys:
        return "resident-coordinators"
    if len(personal) > 1:
        return "several-personal"
    if personal and (places or "department" in keys):
        return "personal-by-place"
    return "several-places" if len(places) > 1 else "not-listed"


#: So many ways to a nearby answer are offered at most, each taking off so many filters at most (or all).
WAYS, OFF = 4, 3


def nearest(may: Callable[[tuple[str, ...]], bool], filtered: Sequence[str]) -> list[tuple[str, ...]]:
    """Which filters to take off, fewest first, so that an answer may be given.

    `may` says of the filters that stay (in the order of `filtered`) whether they may be answered.
    """
    found: list[tuple[str, ...]] = []
    for count in range(1, min(len(filtered), OFF) + 1):
        for dropped in combinations(filtered, count):
            enough = any(set(one) <= set(dropped) for one in found)
            if not enough and may(tuple(name for name in filtered if name not in dropped)):
                found.append(dropped)
    if not found and len(filtered) > OFF and may(()):
        found.append(tuple(filtered))
    return found[:WAYS]


__all__ = ["EXACT", "PLACE_BOUND", "Plan", "nearest", "needed", "plan"]
