"""What follows from what in a release: a duty station lies in a country, a grade in a category.

`selection.DIMENSIONS` declares once which dimensions follow from which; here it is asked which codes do. A release
never changes, so everything is worked out once for each.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.selection import DIMENSIONS, FINER, FOLLOWS
from dashboard.warehouse import OpenRelease


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The hierarchy of one release. Codes are those of the release's file, which leaves out what its audience may not
    know of; `ids` are their places in it.
    """

    release: OpenRelease

    def ids_above(self, child: str, parent: str) -> Sequence[int | None]:
        """For each id of `child` the id of what follows from it in `parent`, None where nothing does.

        Raises KeyError where `parent` never follows from `child`.
        """
        return self.release.once(("above", child, parent), lambda: self._ids_above(child, parent))

    def _ids_above(self, child: str, parent: str) -> Sequence[int | None]:
        parents = DIMENSIONS[child].parents
        if parent not in parents:
            middle = next((name for name in parents if parent in FOLLOWS.get(name, ())), None)
            if middle is None:
                raise KeyError(f"{parent} does not follow from {child}")
            between, top = self.ids_above(child, middle), self.ids_above(middle, parent)
            return [None if number is None else top[number] for number in between]
        column = parents[parent]
        if column is None:
            return self._where_all_lie(child, parent)
        ids, said = self.release.ids[parent], self.attribute(child, column)
        # What is not reported has the same code everywhere.
        return [ids.get(said.get(code, code)) for code in self.release.codes[child]]

    def _where_all_lie(self, child: str, parent: str) -> Sequence[int | None]:
        """The one id of `parent` that everything below an id of `child` lies in; None where it lies in several."""
        finer = next(name for name in FINER[child] if parent in DIMENSIONS[name].parents)
        found: dict[int | None, set[int | None]] = {}
        for number, above in zip(self.ids_above(finer, child), self.ids_above(finer, parent), strict=True):
            found.setdefault(number, set()).add(above)
        return [
            next(iter(found[number])) if len(found.get(number, ())) == 1 else None
            for number in range(len(self.release.codes[child]))
        ]

    def attribute(self, dimension: str, name: str) -> Mapping[str, str]:
        """What the code list says of each code in one of its columns; codes of which it says nothing are left out."""
        sql = "select code, attributes::varchar from w.codes where dimension = $dimension order by id"

        def read() -> dict[str, str]:
            listed = self.release.fetch(sql, {"dimension": dimension})
            return {code: said for code, text in listed if text and (said := json.loads(text).get(name))}

        return self.release.once(("attribute", dimension, name), read)

    def above(self, child: str, parent: str) -> Mapping[str, str]:
        """Code of `child` -> the code of `parent` that follows from it; those that none follows from are left out."""

        def make() -> dict[str, str]:
            names = self.release.codes[parent]
            pairs = zip(self.release.codes[child], self.ids_above(child, parent), strict=True)
            return {code: names[number] for code, number in pairs if number is not None}

        return self.release.once(("codes above", child, parent), make)

    def below(self, parent: str, child: str) -> Mapping[str, tuple[str, ...]]:
        """Code of `parent` -> the codes of `child` that it follows from, in the order of their list; only those with
        any.
        """

        def make() -> dict[str, tuple[str, ...]]:
            found: dict[str, list[str]] = {}
            for code, above in self.above(child, parent).items():
                found.setdefault(above, []).append(code)
            return {above: tuple(codes) for above, codes in found.items()}

        return self.release.once(("codes below", parent, child), make)

    def within(self, child: str, ids: Sequence[int], filters: Mapping[str, Sequence[int]]) -> list[int]:
        """Those ids of `child` that lie in the ids chosen (`filters`) of every dimension that follows from it."""
        for parent in FOLLOWS.get(child, ()):
            chosen = filters.get(parent)
            if chosen is not None:
                table, allowed = self.ids_above(child, parent), set(chosen)
                ids = [number for number in ids if table[number] in allowed]
        return list(ids)

    def unlike(self, filters: Mapping[str, Sequence[int]]) -> frozenset[tuple[str, str]]:
        """(child, parent) pairs that do not follow for the ids chosen, though they do for others: staff in no country
        team are in all regions.
        """
        return frozenset(
            (child, parent)
            for child, chosen in filters.items()
            for parent, column in DIMENSIONS[child].parents.items()
            if column is None and any(self.ids_above(child, parent)[number] is None for number in chosen)
        )
