"""Ids of codes as a release has them, and what follows from a code. The same code lists give the same ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.ingest import contract
from dashboard.selection import DIMENSIONS, NOT_APPLICABLE, NOT_REPORTED

#: Codes for missing values, by the dimensions that can have them.
_BOTH = (NOT_REPORTED, NOT_APPLICABLE)
CAN_MISS: Mapping[str, tuple[str, ...]] = {
    "department": _BOTH,
    "unct": _BOTH,
    "country": (NOT_REPORTED,),
    "duty_station": (NOT_REPORTED,),
    "region": _BOTH,
    "headquarters": (NOT_REPORTED,),
    "age_group": _BOTH,
    "rc": _BOTH,
    "nationality": _BOTH,
    "nationality_region": _BOTH,
    "regional_group": _BOTH,
    "appointment": _BOTH,
}
NAMES = {NOT_REPORTED: "Not reported", NOT_APPLICABLE: "Not applicable"}
KIND_NAMES = {
    "appointed": "Appointed",
    "promoted-in": "Promoted into the grade",
    "promoted-out": "Promoted out of the grade",
    "separated": "Separated",
}
#: Dimensions of a staff row besides quarter and entity, in the order a release is sorted by.
SORTED_BY = ("unct", "grade", "duty_station", "department", "age_group", "nationality", "appointment", "rc")
DERIVED = ("category", "country", "region", "headquarters", "nationality_region", "regional_group")
#: Bits of each id where several are packed into one integer, as sql/staff.sql, sql/movements.sql and
#: sql/staff_change.sql unpack them: a list that outgrows its bits has to be widened in all four places.
BITS: Mapping[str, int] = {
    "entity": 8,
    "unct": 10,
    "grade": 8,
    "duty_station": 12,
    "department": 10,
    "age_group": 5,
    "nationality": 9,
    "appointment": 4,
    "rc": 3,
    "category": 4,
    "country": 10,
    "region": 4,
    "headquarters": 3,
    "nationality_region": 4,
    "regional_group": 4,
    "kind": 3,
}


def pack(names: Sequence[str], ids: Mapping[str, np.ndarray]) -> np.ndarray:
    """One integer for several ids, the first name in the highest bits: it sorts as they do."""
    packed = np.zeros(len(ids[names[0]]), dtype=np.uint64)
    for name in names:
        packed = packed << np.uint64(BITS[name]) | ids[name].astype(np.uint64)
    return packed


def unpack(names: Sequence[str], packed: np.ndarray) -> dict[str, np.ndarray]:
    """The inverse of pack."""
    ids = {}
    for name in reversed(names):
        ids[name] = (packed & np.uint64((1 << BITS[name]) - 1)).astype(np.int64)
        packed = packed >> np.uint64(BITS[name])
    return ids


@dataclass(frozen=True)
class Codes:
    """Ids by dimension and code. Raises ValueError when a list has outgrown its bits."""

    codelists: CodeLists
    ids: Mapping[str, Mapping[str, int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ids = {}
        for dimension in DIMENSIONS:
            codes = [member.code for member in self.members(dimension)]
            ids[dimension] = {code: number for number, code in enumerate([*codes, *CAN_MISS.get(dimension, ())])}
        for dimension, names in self.uniformed.items():
            ids[dimension] = {code: number for number, code in enumerate(names)}
        ids["kind"] = {kind: number for number, kind in enumerate(contract.KINDS)}
        for dimension, bits in BITS.items():
            if len(ids[dimension]) > 1 << bits:
                raise ValueError(f"the list {dimension} has outgrown {bits} bits: see dashboard/ingest/codes.py")
        object.__setattr__(self, "ids", ids)

    def members(self, dimension: str) -> Sequence:
        """The members of a dimension in the order of their ids."""
        members = self.codelists.members(dimension)
        # Entities and departments are looked up by code; the other lists have an order of their own.
        return sorted(members, key=lambda member: member.code) if dimension == "entity" else members

    @cached_property
    def uniformed(self) -> Mapping[str, Mapping[str, str]]:
        """The codes of uniformed personnel, whom no dimension of staff describes: dimension -> code -> name.

        Contributing countries and their regions in the order of their lists; without the dataset, none.
        """
        lists = self.codelists
        countries = {row.contributor for row in lists.uniformed if row.contributor is not None}
        regions = {lists.region_of(code) for code in countries}
        years = {str(row.as_of.year) for row in lists.uniformed if row.mission is not None}
        found = {
            "contributor": {each.code: each.name for each in lists.members("country") if each.code in countries},
            "contributor_region": {each.code: each.name for each in lists.members("region") if each.code in regions},
            "mission": lists.missions,
            "year": {year: year for year in sorted(years)},
        }
        return {dimension: names for dimension, names in found.items() if names}

    def rows(self, quarters: Sequence[str]) -> Iterator[tuple[str, int, str, str, Mapping[str, str]]]:
        """The table `codes`: dimension, id, code, name, attributes."""
        for number, quarter in enumerate(quarters):
            yield "quarter", number, quarter, quarter, {}
        for dimension in DIMENSIONS:
            members = {member.code: member for member in self.members(dimension)}
            for code, number in self.ids[dimension].items():
                member = members.get(code)
                if member is None:
                    yield dimension, number, code, NAMES[code], {}
                else:
                    name = self._stations[code] if dimension == "duty_station" else member.name
                    yield dimension, number, code, name, dict(member.attributes)
        for dimension, names in self.uniformed.items():
            for code, name in names.items():
                yield dimension, self.ids[dimension][code], code, name, {}
        for kind, number in self.ids["kind"].items():
            yield "kind", number, kind, KIND_NAMES[kind], {}

    def to_ids(self, dimension: str, codes: Sequence[str]) -> np.ndarray:
        """Ids of some codes. KeyError for a code that is not in the list."""
        known = self.ids[dimension]
        return np.array([known[code] for code in codes], dtype=np.uint16)

    @cached_property
    def _stations(self) -> Mapping[str, str]:
        """What duty stations are called: with the country where several have one name, such as Tripoli."""
        stations = self.codelists.members("duty_station")
        often = Counter(station.name for station in stations)
        countries = {country.code: country.name for country in self.codelists.members("country")}
        return {
            station.code: station.name
            if often[station.name] == 1
            else f"{station.name}, {countries[self.codelists.country_of(station.code)]}"
            for station in stations
        }

    @cached_property
    def _country_of(self) -> Mapping[str, str]:
        return {code: self.codelists.country_of(code) for code in self.ids["duty_station"]}

    def derived(
        self, entity: str, columns: Mapping[str, tuple[list[str], np.ndarray]]
    ) -> dict[str, tuple[list[str], np.ndarray]]:
        """What follows from the codes of an entity's rows, in the same shape as they have (codes and positions)."""
        lists = self.codelists
        grades, grade = columns["grade"]
        stations, station = columns["duty_station"]
        nations, nation = columns["nationality"]
        countries = [self._country_of[code] for code in stations]
        return {
            "category": ([lists.category_of(code) for code in grades], grade),
            "country": (countries, station),
            "unct": ([lists.unct_of(code) for code in countries], station),
            "region": ([lists.region_of(code) for code in countries], station),
            "headquarters": ([lists.headquarters_of(entity, code) for code in stations], station),
            "nationality_region": ([lists.nationality_region_of(code) for code in nations], nation),
            "regional_group": ([lists.regional_group_of(code) for code in nations], nation),
        }


@cache
def of(codelists: CodeLists) -> Codes:
    """The ids of some code lists, made once."""
    return Codes(codelists)
