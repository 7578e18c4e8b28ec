"""The filter panel's options: how many staff each leaves of the rest of a selection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from dashboard.answer import EXACT, REFUSED, ROUNDED
from dashboard.answering.counting import breakdown, exact
from dashboard.answering.planning import Exact, Refused, plan
from dashboard.answering.reading import FEWER
from dashboard.answering.understand import Asked, canonical, offered, question, understand
from dashboard.selection import DIMENSIONS, NOT_APPLICABLE, NOT_REPORTED, Selection
from dashboard.warehouse import OpenRelease, Warehouse


class Option(NamedTuple):
    """One option of a facet: how many staff the rest of the selection leaves it; None where that may not be told.

    Then `fewer_than` is the floor it is under, or None where no count can be given at all.
    """

    code: str
    label: str
    staff: int | None
    chosen: bool
    fewer_than: int | None = None


@dataclass(frozen=True, slots=True)
class Facet:
    """One dimension of the filter panel under a selection; every member of the code list has its option."""

    dimension: str
    options: tuple[Option, ...]
    protection: str = EXACT  # of its counts; REFUSED where the other filters leave none that may be shown


@dataclass(frozen=True, slots=True)
class _Counted:
    """Staff by code of a dimension, floors of those that are under one, and how protected the counts are."""

    staff: dict[str, int | None]
    floors: dict[str, int]
    protection: str


def facets(warehouse: Warehouse, selection: Selection, dimensions: Iterable[str]) -> dict[str, Facet]:
    """Options and counts of these dimensions under a selection, each with its own filter taken off.

    Raises KeyError for a name that is no dimension, and what `ask` raises.
    """
    release = warehouse.release(selection.release)
    whole = canonical(release, selection)
    found = {}
    for name in dict.fromkeys(dimensions):
        # A name that is no dimension stops here.
        groups = DIMENSIONS[name].groups
        asked = understand(release, warehouse.settings.audience, selection.without(name))
        counted = _Counted({}, {}, EXACT) if asked.impossible else _counted(asked, name)
        chosen = set(whole.codes(name))
        grouped = {member for group, members in groups.items() if group in chosen for member in members}
        options = [
            *_groups(release, name, counted, chosen),
            *_codes(release, name, counted, chosen, grouped),
        ]
        found[name] = Facet(name, tuple(options), counted.protection)
    return found


def _groups(release: OpenRelease, name: str, counted: _Counted, chosen: set[str]) -> list[Option]:
    """The options that stand for several codes."""
    labels = release.labels.get(name, {})
    return [
        Option(
            group,
            labels.get(group, group),
            _together([counted.staff.get(member, 0) for member in members], counted.protection),
            group in chosen,
        )
        for group, members in DIMENSIONS[name].groups.items()
    ]


def _codes(release: OpenRelease, name: str, counted: _Counted, chosen: set[str], grouped: set[str]) -> list[Option]:
    """An option for each code; of those that say why a value is missing only with staff, or chosen."""
    labels, none = release.labels.get(name, {}), 0 if counted.protection == EXACT else None
    return [
        Option(
            code,
            labels.get(code, code),
            counted.staff.get(code, none),
            code in chosen or code in grouped,
            counted.floors.get(code),
        )
        for code in offered(release, name)
        if code not in (NOT_REPORTED, NOT_APPLICABLE) or counted.staff.get(code) or code in chosen
    ]


def _together(counts: Sequence[int | None], protection: str) -> int | None:
    """The count of a group of options: None if any of its parts is, since nobody could say whom the sum leaves out, or
    nothing may be counted.
    """
    if protection == REFUSED or any(count is None for count in counts):
        return None
    return sum(count or 0 for count in counts)


def _counted(asked: Asked, name: str) -> _Counted:
    asking, table = question(f"by_{name}"), asked.release.codes[name]
    # The facet of appointments offers temporary ones too, though nothing else counts them unasked.
    planned = plan(asked, asking, all_populations=name == "appointment")
    if isinstance(planned, Refused):
        return _Counted({}, {}, REFUSED)
    if isinstance(planned, Exact):
        rows = exact(asked, asking)
        return _Counted({table[row.keys[0]]: (row.women or 0) + (row.men or 0) for row in rows}, {}, EXACT)
    staff: dict[str, int | None] = {}
    floors: dict[str, int] = {}
    for row in breakdown(asked, asking, planned):
        code = table[row.keys[0]]
        staff[code] = None if row.women is None or row.men is None else row.women + row.men
        if row.reason == FEWER:
            floors[code] = planned.table.floor
    return _Counted(staff, floors, EXACT if planned.exact and not planned.mixed else ROUNDED)
