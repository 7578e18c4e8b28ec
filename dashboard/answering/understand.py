"""Selection -> Asked: a selection as one release understands it, in ids, with what of it cannot be understood."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from dashboard import questions
from dashboard.hierarchy import Hierarchy
from dashboard.questions import Question
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, TEMPORARY, Selection, full_choice_is_none
from dashboard.warehouse import Coverage, OpenRelease


class UnknownQuestion(LookupError):
    """There is no question of that name."""


def question(name: str) -> Question:
    """The question of that name. Raises UnknownQuestion."""
    try:
        return questions.load()[name]
    except KeyError as error:
        raise UnknownQuestion(name) from error


@lru_cache(maxsize=1024)
def last_day(quarter: str) -> dt.date:
    """The last day of a quarter written like 2026Q3."""
    year, month = int(quarter[:4]), 3 * int(quarter[5])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


@dataclass(frozen=True, slots=True)
class Asked:
    """A selection that one audience asks a release for: ids instead of codes, and what could not be understood."""

    selection: Selection  # canonical, its release and quarter spelled out
    release: OpenRelease
    audience: str
    filtered: tuple[str, ...]
    ids: Mapping[str, Sequence[int]]  # of every filtered dimension
    unknown: tuple[tuple[str, str], ...]  # (dimension, code) that the release does not have
    impossible: bool  # a dimension or the quarter was filtered by unknown codes only: nothing can match

    @property
    def quarter(self) -> str:
        """The quarter asked for, written like 2026Q3."""
        return self.selection.quarter or self.release.quarter

    @property
    def now(self) -> int:
        """The id of that quarter. Raises KeyError where the release does not have it."""
        return self.release.ids["quarter"][self.quarter]

    def at(self, quarter: int) -> Asked:
        """The same in the quarter with this id."""
        return replace(self, selection=replace(self.selection, quarter=self.release.codes["quarter"][quarter]))

    def with_ids(self, dimension: str, ids: Sequence[int]) -> Asked:
        """The same with other ids of a filtered dimension, of those that are chosen."""
        return replace(self, ids={**self.ids, dimension: ids})

    def only(self, kept: Iterable[str]) -> Asked:
        """The same with the filters on these dimensions alone."""
        names = tuple(name for name in self.filtered if name in set(kept))
        selection = self.selection
        for name in selection.filtered:
            if name not in names:
                selection = selection.without(name)
        return replace(self, selection=selection, filtered=names, ids={name: self.ids[name] for name in names})

    def owners(self) -> set[str] | None:
        """The entities of the departments chosen; None where these are not of entities alone, or none are."""
        departments = set(self.selection.members("department"))
        if not departments or departments & {NOT_REPORTED, NOT_APPLICABLE}:
            return None
        known = Hierarchy(self.release).above("department", "entity")
        return {known[code] for code in departments if code in known}

    def entities(self) -> set[str] | None:
        """The entities the selection lets through: chosen, or owners of the departments chosen; None: all."""
        wanted = set(self.selection.members("entity")) if "entity" in self.filtered else None
        owning = self.owners()
        if owning is None:
            return wanted
        return owning if wanted is None else wanted & owning

    def covered(self, quarter: str) -> list[Coverage]:
        """How the figures of the entities the selection lets through came to be, in a quarter."""
        wanted = self.entities()
        return [row for row in self.release.coverage.get(quarter, ()) if wanted is None or row.entity in wanted]


def offered(release: OpenRelease, dimension: str) -> tuple[str, ...]:
    """The codes a selection can choose in a dimension of this release, in display order."""
    return release.codes.get(dimension, ())


def canonical(release: OpenRelease, selection: Selection) -> Selection:
    """The selection in the one form equal selections share: choosing all there is equals choosing nothing, and the
    release's own quarter goes without saying.
    """
    members = {name: offered(release, name) for name in selection.filtered}
    if "appointment" in members:
        members["appointment"] = tuple(code for code in members["appointment"] if code != TEMPORARY)
    selection = full_choice_is_none(selection, members)
    return replace(selection, quarter=None) if selection.quarter == release.quarter else selection


def understand(release: OpenRelease, audience: str, selection: Selection) -> Asked:
    """The selection as this release understands it; what it does not know is kept as `unknown`."""
    selection = canonical(release, selection)
    quarter = selection.quarter or release.quarter
    unknown = [] if quarter in release.ids["quarter"] else [("quarter", quarter)]
    impossible = bool(unknown)
    ids: dict[str, list[int]] = {}
    for name in selection.filtered:
        table = release.ids.get(name, {})
        codes = selection.members(name)
        ids[name] = [table[code] for code in codes if code in table]
        unknown += [(name, code) for code in codes if code not in table]
        impossible = impossible or not ids[name]
    pinned = selection.pinned(release.name, quarter)
    return Asked(pinned, release, audience, selection.filtered, ids, tuple(unknown), impossible)
