"""Cells -> [Count]: rows put together of protected cells, member by member, the same for both audiences.

A plan names the keys of the cells, every combination of members that the filters allow is one part, and a row is the
sum of its parts. A cell is in the release file or may not be shown. All are made when a release tells a quarter, so
that one cell has one rounded value for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from operator import contains

from dashboard.answering.planning import Protected
from dashboard.answering.reading import EXACT_KEYS, FEWER, WITHHELD, cells, existing
from dashboard.answering.understand import Asked
from dashboard.disclosure import ROUNDED, Count
from dashboard.hierarchy import Hierarchy
from dashboard.selection import FOLLOWS, NOT_APPLICABLE, NOT_REPORTED
from dashboard.warehouse import OpenRelease

#: Ids of the keys of a cell.
Key = tuple[int, ...]


def rows(asked: Asked, plan: Protected, by: Sequence[str], quarters: Sequence[int]) -> dict[int, list[Count]]:
    """Rows by quarter (ids), grouped by dimensions of `by`, in code order; every member there is has its row."""
    release = asked.release
    read = cells(asked, plan, quarters)
    ways = [_way(release, plan, name) for name in by]
    unnamed = [_unnamed(release, name) for name in by]
    found: dict[int, list[Count]] = {}
    for quarter in quarters:
        grouped: dict[Key, list[Count]] = {}
        exists = _exists(release, plan, quarter)
        for key in product(*plan.members):
            if exists is not None and not exists(key):
                continue
            group = tuple(way(key) for way in ways)
            if None not in group:
                grouped.setdefault(group, []).append(read.count(quarter, key))
        found[quarter] = [
            row
            for row in (_sum(release, plan, group, grouped[group]) for group in sorted(grouped))
            if (row.women is not None or not any(map(contains, unnamed, row.keys)))
            # Known zeros have no row, as in exact answers.
            and (row.women or row.men or not plan.exact)
        ]
    return found


def _way(release: OpenRelease, plan: Protected, name: str) -> Callable[[Key], int | None]:
    """How to get from the ids of the keys to the id of a dimension that is one of them or follows from one."""
    if name in plan.keys:
        place = plan.keys.index(name)
        return lambda key: key[place]
    child = next(key for key in plan.keys if name in FOLLOWS.get(key, ()))
    place, table = plan.keys.index(child), Hierarchy(release).ids_above(child, name)
    return lambda key: table[key[place]]


def _exists(release: OpenRelease, plan: Protected, quarter: int) -> Callable[[Key], bool] | None:
    """A condition on keys: the entity has anybody at this grade or in this category, which is no secret."""
    names = [name for name in EXACT_KEYS if name in plan.keys]
    # Temporary staff are not in the exact tables.
    if plan.exact or not names or "appointment" in plan.keys:
        return None
    places = [plan.keys.index(name) for name in names]
    there = existing(release, quarter, names)
    return lambda key: tuple(key[place] for place in places) in there


def _unnamed(release: OpenRelease, name: str) -> frozenset[int]:
    """Ids that stand for what is not reported or does not apply: these have a row only with figures."""
    ids = release.ids[name]
    return frozenset(ids[code] for code in (NOT_REPORTED, NOT_APPLICABLE) if code in ids)


def _sum(release: OpenRelease, plan: Protected, group: Key, parts: Sequence[Count]) -> Count:
    """The row of a group: its one cell, or the sum of those that are shown, with the names of the others."""
    if len(parts) == 1:
        return parts[0] if parts[0].keys == group else parts[0]._replace(keys=group)
    shown = [part for part in parts if part.reason is None]
    left_out = tuple(_named(release, plan, part.keys) for part in parts if part.reason is not None)
    if not shown:
        reason = WITHHELD if any(part.reason == WITHHELD for part in parts) else FEWER
        return Count(group, None, None, reason=reason, left_out=left_out, protection=ROUNDED)
    return Count(
        group,
        sum(part.women or 0 for part in shown),
        sum(part.men or 0 for part in shown),
        left_out=left_out,
        protection=plan.table.protection,
        rounded=0 if plan.exact else len(shown),
    )


def _named(release: OpenRelease, plan: Protected, key: Key) -> str:
    """A part by its codes: "unct=KEN grade=P-4"."""
    return " ".join(f"{name}={release.codes[name][number]}" for name, number in zip(plan.keys, key, strict=True))
