"""The code lists of `data/reference/`: members, accepted spellings, and what follows from a code.

`load()` reads and checks the whole folder; nothing happens at import. A list that is broken (a column
missing, a code twice, a spelling that means two things, a reference to nothing) raises CodeListError with
the file and the line. Keep the result: it is immutable and safe to share between threads.
"""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from dashboard.selection import DIMENSIONS, NOT_APPLICABLE, NOT_REPORTED

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"

#: Codes that say why a value is missing. They are members of no list and pass unchanged through every lookup.
MISSING = frozenset({NOT_REPORTED, NOT_APPLICABLE})

HQ, NON_HQ = "hq", "non-hq"
QUARTER = re.compile(r"\d{4}Q[1-4]")
#: How alike (difflib) a suggestion has to be; below it "did you mean" is noise.
LIKENESS = 0.5

#: Dimensions whose members are so few and so fixed that a file would add nothing: (code, name).
FIXED = {
    "headquarters": ((HQ, "Headquarters"), (NON_HQ, "Non-headquarters")),
    "rc": (("yes", "Resident Coordinators"), ("no", "Other staff")),
    "sex": (("F", "Women"), ("M", "Men"), ("X", "Other or not disclosed")),
}


class CodeListError(ValueError):
    """A code list that cannot be used; the message names the file and the line."""

    def __init__(self, file: str, line: int, problem: str) -> None:
        super().__init__(f"{file} line {line}: {problem}")
        self.file, self.line, self.problem = file, line, problem


@dataclass(frozen=True, slots=True)
class Member:
    """One code of a dimension; `order` is its place in lists, `attributes` other columns of its file."""

    code: str
    name: str
    order: int
    attributes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SeriesBreak:
    """A quarter from which on an entity's figures are not comparable with those before."""

    entity: str
    quarter: str
    note: str


@dataclass(frozen=True, slots=True)
class Uniformed:
    """Military and police personnel of one contributing country on a day, or of one mission over a year (its average).

    They are not staff: a dataset of its own, which no submission adds to. `contributor` or `mission` is None.
    """

    as_of: dt.date
    contributor: str | None
    mission: str | None
    women: int
    men: int
    source: str


def spelling(text: str) -> str:
    """The form in which spellings are compared: trimmed, single spaces, case folded."""
    return " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


@dataclass(frozen=True, eq=False)
class CodeLists:
    """All code lists. An unknown code raises KeyError; a missing value (`not-reported`) stays one."""

    folder: Path
    category_groups: Mapping[str, tuple[str, ...]]
    series_breaks: tuple[SeriesBreak, ...]
    uniformed: tuple[Uniformed, ...]
    missions: Mapping[str, str]
    subregions: tuple[Member, ...]
    _members: Mapping[str, tuple[Member, ...]]
    _by_code: Mapping[str, Mapping[str, Member]]
    _by_spelling: Mapping[str, Mapping[str, str]]
    _headquarters: frozenset[tuple[str, str]]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Names of the dimensions that have a list."""
        return tuple(self._members)

    def members(self, dimension: str) -> tuple[Member, ...]:
        """Every member of a dimension, in display order."""
        return self._members[dimension]

    def member(self, dimension: str, code: str) -> Member:
        """The member with exactly this code; KeyError if there is none."""
        return self._by_code[dimension][code]

    def normalise(self, dimension: str, text: str, entity: str | None = None) -> str | None:
        """The code that an accepted spelling stands for, whatever its case; None if it stands for none.

        With an entity, only that entity's departments count. Whether an entity uses a grade is another
        question (`grade_allowed`), so that "unknown" and "not yours" can be told apart.
        """
        code = self._by_spelling[dimension].get(spelling(text))
        if code is not None and entity is not None and dimension == "department":
            owner = self.normalise("entity", entity)
            return code if self._by_code["department"][code].attributes["entity"] == owner else None
        return code

    def nearest(self, dimension: str, text: str, n: int = 3) -> list[str]:
        """Up to n codes whose code, alias or name is most like the text, the best first."""
        wanted = spelling(text)
        matcher = difflib.SequenceMatcher(autojunk=False)
        matcher.set_seq2(wanted)
        best: dict[str, float] = {}
        spellings = [*self._by_spelling[dimension].items()]
        spellings += [(spelling(member.name), member.code) for member in self._members[dimension]]
        for candidate, code in spellings:
            matcher.set_seq1(candidate)
            floor = max(LIKENESS, best.get(code, 0.0))
            # The two quick ratios are upper bounds and spare most of the slow ones.
            if matcher.real_quick_ratio() >= floor and matcher.quick_ratio() >= floor:
                ratio = matcher.ratio()
                if ratio >= floor:
                    best[code] = ratio
        order = self._by_code[dimension]
        return sorted(best, key=lambda code: (-best[code], order[code].order))[:n]

    # What follows from a code. None of these is ever taken from a submission.

    def category_of(self, grade: str) -> str:
        """The staff category of a grade."""
        return self._above("grade", grade, "category")

    def country_of(self, station: str) -> str:
        """The country of a duty station."""
        return self._above("duty_station", station, "country")

    def unct_of(self, country: str) -> str:
        """The country team that serves a country; `not-applicable` where there is none."""
        return self._above("country", country, "unct")

    def region_of(self, country: str) -> str:
        """The M49 region of a country; `not-applicable` for Antarctica."""
        return self._above("country", country, "region")

    def subregion_of(self, country: str) -> str:
        """The M49 sub-region of a country; `not-applicable` for Antarctica."""
        return self._attribute("country", country, "subregion")

    def nationality_region_of(self, nationality: str) -> str:
        """The M49 region of a nationality."""
        return self._above("nationality", nationality, "nationality_region")

    def regional_group_of(self, nationality: str) -> str:
        """The regional group of a nationality; `not-applicable` for who is not a Member State."""
        return self._above("nationality", nationality, "regional_group")

    def population_of(self, appointment: str) -> str:
        """`regular` or `temporary`."""
        return self._attribute("appointment", appointment, "population")

    def entity_of(self, department: str) -> str:
        """The entity a department belongs to."""
        return self._above("department", department, "entity")

    def place_bound(self, department: str) -> bool:
        """True if a department gives its country or region of operation away; False for a missing value."""
        return self._attribute("department", department, "place_bound") == "1"

    def is_headquarters(self, entity: str, station: str) -> bool:
        """True if the station is a headquarters of the entity."""
        return (entity, station) in self._headquarters

    def headquarters_of(self, entity: str, station: str) -> str:
        """`hq` or `non-hq`; a missing station stays missing."""
        if station in MISSING:
            return station
        return HQ if self.is_headquarters(entity, station) else NON_HQ

    def departments_of(self, entity: str) -> tuple[Member, ...]:
        """The departments of an entity, closed ones included; empty for most entities."""
        return tuple(m for m in self._members["department"] if m.attributes["entity"] == entity)

    def grade_sets_of(self, entity: str) -> tuple[str, ...]:
        """The grade sets an entity uses."""
        return tuple(self._attribute("entity", entity, "grade_sets").split("|"))

    def grade_allowed(self, entity: str, grade: str) -> bool:
        """True if the grade is of a set the entity uses."""
        return self._attribute("grade", grade, "grade_set") in self.grade_sets_of(entity)

    def entity_open(self, entity: str, quarter: str) -> bool:
        """True if the entity existed on the last day of the quarter."""
        return self._open("entity", entity, quarter)

    def department_open(self, department: str, quarter: str) -> bool:
        """True if the department existed on the last day of the quarter."""
        return self._open("department", department, quarter)

    def _attribute(self, dimension: str, code: str, name: str) -> str:
        return code if code in MISSING else self._by_code[dimension][code].attributes[name]

    def _above(self, dimension: str, code: str, parent: str) -> str:
        """What follows from a code, by the column that the table of dimensions names."""
        column = DIMENSIONS[dimension].parents[parent]
        if column is None:
            raise KeyError(f"no list says which {parent} a code of {dimension} has")
        return self._attribute(dimension, code, column)

    def _open(self, dimension: str, code: str, quarter: str) -> bool:
        attributes = self._by_code[dimension][code].attributes
        opened, closed = attributes["opened"], attributes["closed"]
        # Quarters sort as text; empty means open at all times known.
        return (not opened or opened <= quarter) and (not closed or quarter <= closed)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row and where it stands."""

    file: str
    number: int
    values: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    def wrong(self, problem: str) -> CodeListError:
        return CodeListError(self.file, self.number, problem)


def _read(folder: Path, file: str, columns: str) -> list[_Line]:
    """Rows of a list with these columns; a byte order mark and CRLF are survived, blank lines are not."""
    wanted = columns.split()
    try:
        # utf-8-sig: a list that went through a spreadsheet comes back with a byte order mark.
        text = (folder / file).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise CodeListError(file, 0, "the file is missing") from None
    except UnicodeDecodeError as error:
        raise CodeListError(file, 0, f"not UTF-8 ({error.reason} at byte {error.start})") from None
    # newline="": only CR and LF end a line, so that the numbers in messages are those an editor shows.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header = next(reader, [])
    if missing := [column for column in wanted if column not in header]:
        raise CodeListError(file, 1, f"column {', '.join(missing)} is missing; found {', '.join(header) or 'none'}")
    lines = []
    for row in _rows(reader, file):
        if len(row) != len(header):
            raise CodeListError(file, reader.line_num, f"{len(row)} fields where the header has {len(header)}")
        values = {name: value.strip() for name, value in zip(header, row, strict=True)}
        lines.append(_Line(file, reader.line_num, MappingProxyType(values)))
    if not lines:
        raise CodeListError(file, 1, "the list is empty")
    return lines


def _rows(reader: Any, file: str) -> Iterator[list[str]]:
    """The rows of a reader; what csv cannot read is an error of the list."""
    try:
        yield from reader
    except csv.Error as error:
        raise CodeListError(file, reader.line_num, str(error)) from None


def _folded(name: str) -> str:
    """A name as readers look it up: Åland under A, Côte d'Ivoire under C."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()


def _number(line: _Line, column: str) -> int:
    if not line[column].isdigit():
        raise line.wrong(f"{column} {line[column]!r} is not a whole number")
    return int(line[column])


def _index(
    lines: Iterable[_Line], key: Callable[[_Line], object], keep: str = ""
) -> tuple[tuple[Member, ...], dict[str, str]]:
    """Members in the order of the key, and the code of each accepted spelling."""
    seen: dict[str, _Line] = {}
    spellings: dict[str, str] = {}
    for line in lines:
        code = line["code"]
        if not code or not line["name"]:
            raise line.wrong("code and name must not be empty")
        if code in MISSING:
            raise line.wrong(f"{code} is a code for missing values, not a member")
        if code in seen:
            raise line.wrong(f"code {code} stands in line {seen[code].number} already")
        seen[code] = line
    ordered = sorted(seen.values(), key=key)
    members = []
    for order, line in enumerate(ordered, 1):
        aliases = tuple(filter(None, line.values.get("aliases", "").split("|")))
        attributes = MappingProxyType({name: line[name] for name in keep.split()})
        members.append(Member(line["code"], line["name"], order, attributes, aliases))
    for member in members:
        for text in (member.code, *member.aliases):
            known = spellings.setdefault(spelling(text), member.code)
            if known != member.code:
                raise seen[member.code].wrong(f"spelling {text!r} of {member.code} also means {known}")
    return tuple(members), spellings


def _refer(lines: Iterable[_Line], column: str, known: Iterable[str], *, also: Iterable[str] = ()) -> None:
    """Every value of a column, or every part of it between bars, is a known code."""
    allowed = {*known, *also}
    for line in lines:
        for code in line[column].split("|"):
            if code not in allowed:
                raise line.wrong(f"{column} {code!r} is not a known code")


def _unique(lines: Iterable[_Line], *columns: str) -> None:
    seen: dict[tuple[str, ...], int] = {}
    for line in lines:
        key = tuple(line[column] for column in columns)
        if key in seen:
            raise line.wrong(f"{', '.join(key)} stands in line {seen[key]} already")
        seen[key] = line.number


def _check_quarters(lines: Iterable[_Line], *columns: str) -> None:
    for line in lines:
        for column in columns:
            if line[column] and not QUARTER.fullmatch(line[column]):
                raise line.wrong(f"{column} {line[column]!r} is not a quarter such as 2026Q3")
        if len(columns) == 2 and all(line[c] for c in columns) and line[columns[0]] > line[columns[1]]:
            raise line.wrong(f"{columns[0]} is after {columns[1]}")


def _check_teams(uncts: list[_Line], countries: list[_Line]) -> None:
    """The two directions of team and country agree."""
    team_of: dict[str, str] = {}
    for line in uncts:
        for country in line["countries"].split("|"):
            if country in team_of:
                raise line.wrong(f"country {country} is served by {team_of[country]} already")
            team_of[country] = line["code"]
    for line in countries:
        if line["unct"] != team_of.get(line["code"], NOT_APPLICABLE):
            raise line.wrong(f"unct {line['unct']!r}, but uncts.csv says {team_of.get(line['code'])!r}")


def _uniformed(folder: Path, countries: Iterable[str]) -> tuple[tuple[Uniformed, ...], dict[str, str]]:
    """Uniformed personnel by contributor and by mission, and the names of the missions by code."""
    by_contributor = _there(folder, "uniformed_by_contributor.csv", "as_of contributor women men source")
    by_mission = _there(folder, "uniformed_by_mission.csv", "year mission name women men source")
    _refer(by_contributor, "contributor", countries)
    _unique(by_contributor, "contributor")
    _unique(by_mission, "year", "mission")
    rows = []
    for line in (*by_contributor, *by_mission):
        try:
            day = dt.date(int(line["year"]), 12, 31) if "year" in line.values else dt.date.fromisoformat(line["as_of"])
        except ValueError as error:
            raise line.wrong(str(error)) from None
        if rows and line in by_contributor and day != rows[0].as_of:
            raise line.wrong(f"as_of {day} is not that of the other contributors, {rows[0].as_of}")
        if not line["source"]:
            raise line.wrong("source must not be empty")
        counts = _number(line, "women"), _number(line, "men")
        found = (line.values.get("contributor"), line.values.get("mission"))
        rows.append(Uniformed(day, *found, *counts, line["source"]))
    names: dict[str, str] = {}
    for line in by_mission:
        if not line["mission"] or names.setdefault(line["mission"], line["name"]) != line["name"] or not line["name"]:
            raise line.wrong(f"mission {line['mission']!r} needs one name")
    return tuple(rows), dict(sorted(names.items()))


def _there(folder: Path, file: str, columns: str) -> list[_Line]:
    """Rows of a list that the folders of releases made before it do not have."""
    return _read(folder, file, columns) if (folder / file).exists() else []


def load(folder: Path | None = None) -> CodeLists:
    """Read and check all code lists of a folder, by default the project's own."""
    folder = REFERENCE if folder is None else folder
    entities = _read(folder, "entities.csv", "code name opened closed aliases kind grade_sets")
    departments = _read(folder, "departments.csv", "entity code name place_bound opened closed aliases")
    categories = _read(folder, "categories.csv", "code name order groups")
    groups = _read(folder, "category_groups.csv", "code name members")
    grades = _read(folder, "grades.csv", "code name category order grade_set aliases")
    stations = _read(folder, "duty_stations.csv", "code name country ceb_city_code latitude longitude aliases")
    countries = _read(folder, "countries.csv", "code name unct subregion region latitude longitude")
    regions = _read(folder, "regions.csv", "code name order")
    subregions = _read(folder, "subregions.csv", "code name region")
    uncts = _read(folder, "uncts.csv", "code name multi_country countries")
    headquarters = _read(folder, "headquarters.csv", "entity duty_station source_note")
    nationalities = _read(folder, "nationalities.csv", "code name region subregion regional_group")
    regional_groups = _read(folder, "regional_groups.csv", "code name order")
    age_groups = _read(folder, "age_groups.csv", "code name order")
    appointments = _read(folder, "appointments.csv", "code name order population aliases")
    breaks = _read(folder, "series_breaks.csv", "entity quarter note")

    def by_order(line: _Line) -> int:
        return _number(line, "order")

    def by_name(line: _Line) -> tuple[str, str]:
        return _folded(line["name"]), line["code"]

    def by_code(line: _Line) -> str:
        return line["code"]

    point = "latitude longitude"
    indexed = {
        "entity": _index(entities, by_code, "opened closed kind grade_sets"),
        "department": _index(departments, by_code, "entity place_bound opened closed"),
        "duty_station": _index(stations, by_name, f"country ceb_city_code {point}"),
        "country": _index(countries, by_name, f"unct subregion region {point}"),
        "unct": _index(uncts, by_name, "multi_country countries"),
        "region": _index(regions, by_order),
        "category": _index(categories, by_order, "groups"),
        "grade": _index(grades, by_order, "category grade_set"),
        "age_group": _index(age_groups, by_order),
        "nationality": _index(nationalities, by_name, "region subregion regional_group"),
        "nationality_region": _index(regions, by_order),
        "regional_group": _index(regional_groups, by_order),
        "appointment": _index(appointments, by_order, "population"),
    }
    subregion_members, _ = _index(subregions, by_code, "region")
    members = {dimension: found for dimension, (found, _) in indexed.items()}
    spellings = {dimension: found for dimension, (_, found) in indexed.items()}
    for dimension, pairs in FIXED.items():
        members[dimension] = tuple(Member(code, name, n) for n, (code, name) in enumerate(pairs, 1))
        spellings[dimension] = {spelling(code): code for code, _ in pairs}
    codes = {dimension: {member.code: member for member in found} for dimension, found in members.items()}

    for lines in (regions, categories, grades, age_groups, regional_groups, appointments):
        _unique(lines, "order")
    _refer(departments, "entity", codes["entity"])
    _refer(departments, "place_bound", ("0", "1"))
    _refer(entities, "grade_sets", {line["grade_set"] for line in grades})
    _refer(categories, "groups", {line["code"] for line in groups}, also=("",))
    _refer(groups, "members", codes["category"])
    _refer(grades, "category", codes["category"])
    _refer(stations, "country", codes["country"])
    _refer(subregions, "region", codes["region"])
    for lines in (countries, nationalities):
        _refer(lines, "region", codes["region"], also=(NOT_APPLICABLE,))
        _refer(lines, "subregion", {line["code"] for line in subregions}, also=(NOT_APPLICABLE,))
    _refer(uncts, "countries", codes["country"])
    _refer(nationalities, "code", codes["country"])
    _refer(nationalities, "regional_group", codes["regional_group"], also=(NOT_APPLICABLE,))
    _refer(headquarters, "entity", codes["entity"])
    _refer(headquarters, "duty_station", codes["duty_station"])
    _unique(headquarters, "entity", "duty_station")
    _refer(appointments, "population", ("regular", "temporary"))
    _refer(breaks, "entity", codes["entity"])
    _unique(breaks, "entity", "quarter")
    _check_quarters(breaks, "quarter")
    for lines in (entities, departments):
        _check_quarters(lines, "opened", "closed")
    _check_teams(uncts, countries)
    pairs = frozenset((line["entity"], line["duty_station"]) for line in headquarters)
    uniformed, missions = _uniformed(folder, codes["country"])
    seats = {entity for entity, _ in pairs}
    for line in entities:
        if line["code"] not in seats:
            raise line.wrong(f"entity {line['code']} has no headquarters in headquarters.csv")

    return CodeLists(
        folder=folder,
        category_groups=MappingProxyType({g["code"]: tuple(g["members"].split("|")) for g in groups}),
        series_breaks=tuple(SeriesBreak(b["entity"], b["quarter"], b["note"]) for b in breaks),
        uniformed=uniformed,
        missions=MappingProxyType(missions),
        subregions=subregion_members,
        _members=MappingProxyType(members),
        _by_code=MappingProxyType(codes),
        _by_spelling=MappingProxyType(spellings),
        _headquarters=pairs,
    )


class OtherNames(NamedTuple):
    """What a code is looked for by besides its code and its name: its own other names, and those of what it lies in or
    consists of.
    """

    own: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


#: What somebody knows an alias of a country by.
ALIAS_KINDS = ("former", "short", "abbreviation")


def country_aliases(folder: Path | None = None) -> Mapping[str, tuple[str, ...]]:
    """Country -> its former, short and abbreviated names. For finding only: no submission is read by them, and like
    points of the map they are of the program and not of a release.
    """
    folder = REFERENCE if folder is None else folder
    countries = _read(folder, "countries.csv", "code name")
    lines = _read(folder, "country_aliases.csv", "code alias kind source")
    _refer(lines, "code", (line["code"] for line in countries))
    _refer(lines, "kind", ALIAS_KINDS)
    meant = {spelling(line[column]): line["code"] for line in countries for column in ("code", "name")}
    found: dict[str, list[str]] = {}
    for line in lines:
        if not line["alias"] or not line["source"]:
            raise line.wrong("alias and source must not be empty")
        known = meant.get(spelling(line["alias"]))
        if known is not None:
            raise line.wrong(f"alias {line['alias']!r} of {line['code']} means {known} already")
        meant[spelling(line["alias"])] = line["code"]
        found.setdefault(line["code"], []).append(line["alias"])
    return MappingProxyType({code: tuple(aliases) for code, aliases in found.items()})


def other_names(dimension: str, code: str) -> OtherNames:
    """What a code of the project's own lists is looked for by; nothing for a code they do not have."""
    return _other_names().get((dimension, code), OtherNames())


@cache
def _other_names() -> Mapping[tuple[str, str], OtherNames]:
    lists, countries = load(), country_aliases()
    found: dict[tuple[str, str], OtherNames] = {}
    for name in ("entity", "department", "grade", "appointment"):
        found |= {(name, member.code): OtherNames(member.aliases) for member in lists.members(name) if member.aliases}
    for name in ("country", "nationality", "contributor"):
        found |= {(name, code): OtherNames(aliases) for code, aliases in countries.items()}
    for station in lists.members("duty_station"):
        found["duty_station", station.code] = OtherNames(
            station.aliases, countries.get(station.attributes["country"], ())
        )
    for team in lists.members("unct"):
        members = team.attributes["countries"].split("|")
        aliases = tuple(alias for member in members for alias in countries.get(member, ()))
        several = tuple(lists.member("country", member).name for member in members)
        found["unct", team.code] = OtherNames(aliases) if len(members) == 1 else OtherNames((), (*several, *aliases))
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True)
class MapPoint:
    """Where a point stands on a map for a country too small to be seen there: as (latitude, longitude), the point and
    the place it stands for, which differ where points are moved apart. `area`: whether it has an area on the map too.
    """

    at: tuple[float, float]
    of: tuple[float, float]
    area: bool


def map_points(folder: Path | None = None) -> Mapping[str, MapPoint]:
    """Country -> its point, for those that have one; all others are areas. Of the program and not of a release: where
    a country lies does not depend on when figures were published, nor on who may see them.
    """
    folder = REFERENCE if folder is None else folder
    countries = {line["code"]: line for line in _read(folder, "countries.csv", "code latitude longitude")}
    lines = _read(folder, "map_points.csv", "code latitude longitude area")
    _refer(lines, "code", countries)
    _refer(lines, "area", ("0", "1"))
    _unique(lines, "code")
    return MappingProxyType(
        {line["code"]: MapPoint(_place(line), _place(countries[line["code"]]), line["area"] == "1") for line in lines}
    )


def _place(line: _Line) -> tuple[float, float]:
    try:
        latitude, longitude = float(line["latitude"]), float(line["longitude"])
    except ValueError:
        raise line.wrong(f"{line['code']} has no coordinates") from None
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise line.wrong(f"the coordinates of {line['code']} are nowhere on Earth")
    return latitude, longitude
