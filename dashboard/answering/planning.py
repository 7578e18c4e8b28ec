"""Asked -> Exact, Protected or Refused: what may answer a question under the filters it has, for the audience."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.answering.understand import Asked
from dashboard.disclosure import EXACT, Table
from dashboard.disclosure import plan as plans
from dashboard.hierarchy import Hierarchy
from dashboard.questions import Question
from dashboard.selection import DIMENSIONS, FOLLOWS, PERSONAL, TEMPORARY, Selection

#: Why a sum over more chosen members than the policy allows is refused.
TOO_MANY = "too-many-parts"


@dataclass(frozen=True, slots=True)
class Exact:
    """Exact cells answer, whole."""


@dataclass(frozen=True, slots=True)
class Protected:
    """Cells of a protected table answer, member by member.

    `keys` are those of the cells, with the ids of each that count (`members`, in code order); `filters` holds the ids
    chosen of every filtered dimension. `mixed`: only the place-bound departments come from the table, all others are
    exact.
    """

    table: Table
    keys: tuple[str, ...]
    members: tuple[Sequence[int], ...]
    filters: Mapping[str, Sequence[int]]
    mixed: bool

    @property
    def exact(self) -> bool:
        """Whether the cells of the table are exact, though it lists only some."""
        return self.table.protection == EXACT


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing may answer; `reason` is the code of the rule that stands against it."""

    reason: str


Plan = Exact | Protected | Refused


def plan(asked: Asked, question: Question, all_populations: bool = False) -> Plan:
    """What may answer a question; `all_populations` counts temporary staff though no appointment is chosen."""
    release = asked.release
    filtered = [name for name in asked.filtered if name in question.filters]
    departments = asked.selection.members("department")
    found = plans.plan(
        release.policy,
        asked.audience,
        [name for name in question.by if name in DIMENSIONS],
        filtered,
        rc=asked.selection.members("rc"),
        departments=departments,
        place_bound=release.place_bound,
        unlike=Hierarchy(release).unlike({name: asked.ids[name] for name in filtered}),
    )
    if found.refused:
        return Refused(found.reason)
    if found.table is None:
        return Exact()
    if not question.has_population:
        # Reporting and movements are tables of their own, without protected cells.
        bound = not release.place_bound.isdisjoint(departments)
        return Refused("place-bound") if bound or not found.mixed else Exact()
    if found.table.kind == PERSONAL and "personal_groups" in release.lacks:
        # Which groups may be broken down was not decided when it was made, and its rules were others.
        return Refused("older-policy")
    members = _members(asked, found, all_populations)
    protected = Protected(found.table, found.keys, members, asked.ids, found.mixed)
    return Refused(TOO_MANY) if _too_many_parts(asked, question, protected) else protected


def _members(asked: Asked, found: plans.Plan, all_populations: bool) -> tuple[Sequence[int], ...]:
    """Of each key the ids that count: chosen ones, or all there are, in code order."""
    release, hierarchy = asked.release, Hierarchy(asked.release)
    lists = []
    for key in found.keys:
        chosen, codes = asked.ids.get(key), release.codes.get(key, ())
        ids: Sequence[int] = sorted(chosen) if chosen is not None else range(len(codes))
        if key == "department" and found.mixed:
            ids = [number for number in ids if codes[number] in release.place_bound]
        if key == "appointment" and chosen is None and not all_populations:
            ids = [number for number in ids if codes[number] != TEMPORARY]
        lists.append(hierarchy.within(key, ids, asked.ids))
    return tuple(lists)


def _too_many_parts(asked: Asked, question: Question, plan: Protected) -> bool:
    """Whether a row would be the sum of more rounded cells than the policy allows."""
    if plan.exact:
        return False
    parts = 1
    for name, ids in zip(plan.keys, plan.members, strict=True):
        if name in question.by:
            continue
        above = next((parent for parent in FOLLOWS.get(name, ()) if parent in question.by), None)
        # A row of what follows from a member is the sum of those members alone that it follows from.
        table = None if above is None else Hierarchy(asked.release).ids_above(name, above)
        parts *= max(Counter(None if table is None else table[number] for number in ids).values(), default=1)
    return parts > asked.release.policy.parts_at_most


def nearest(asked: Asked, question: Question) -> tuple[Selection, ...]:
    """Where nothing may answer: selections with fewer filters that may be answered."""

    def may(kept: tuple[str, ...]) -> bool:
        return not isinstance(plan(asked.only(kept), question), Refused)

    return tuple(
        asked.only([name for name in asked.filtered if name not in dropped]).selection
        for dropped in plans.nearest(may, asked.filtered)
    )
