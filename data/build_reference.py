"""Build the code lists in `data/reference/` from the source files in `data/sources/`.

    python data/build_reference.py           write the lists
    python data/build_reference.py --check   fail, and say where, if the committed lists differ

Standard library only, so that a clone can check its lists before anything is installed.
Same sources, same bytes.
"""

from __future__ import annotations

import argparse
import csv
import difflib
import io
import json
import math
import re
import statistics
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

SOURCES = Path(__file__).parent / "sources"
# The outlines that the product's maps are drawn from (see tools/plotly).
OUTLINES = Path(__file__).parent.parent / "assets" / "maps" / "world_110m.json"
REFERENCE = Path(__file__).parent / "reference"

Row = dict[str, str]
Table = tuple[list[str], list[list[str]]]

KOSOVO = "XKX"
NOT_APPLICABLE = "not-applicable"
# In the totals of 2016 to 2018 only; the head-count by duty station of 2019, our base, does not have it.
ORGANIZATIONS_LEFT_OUT = {"ITLOS"}
FIRST_YEAR = 2017


class BuildError(ValueError):
    """A source says something the build was not written for."""


def read(folder: Path, name: str) -> list[Row]:
    """Rows of a source file; a byte order mark at its start is dropped."""
    with (folder / name).open(encoding="utf-8-sig", newline="") as handle:
        return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(handle)]


def slug(text: str) -> str:
    """ASCII, lower case, words joined by hyphens: "Cox's Bazar" gives "coxs-bazar"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower().replace("'", "")).strip("-")


def country_of(iso3: str, country: str) -> str:
    """ISO 3166 alpha-3 of a source row; for Kosovo, listed under SRB and XKX, the label decides."""
    return KOSOVO if country.startswith("Kosovo") else iso3


def station_code(iso3: str, country: str, station: str) -> str:
    """Our stable key of a duty station: `MAR-rabat`."""
    return f"{country_of(iso3, country)}-{slug(station)}"


def quarter_of(day: str) -> str:
    """The quarter an ISO date lies in."""
    return f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"


def next_quarter(quarter: str) -> str:
    """The quarter after this one."""
    year, number = int(quarter[:4]), int(quarter[5])
    return f"{year + 1}Q1" if number == 4 else f"{year}Q{number + 1}"


def degrees(text: str) -> str:
    """A coordinate with at most four decimals: a city, not a door."""
    return f"{float(text):.4f}".rstrip("0").rstrip(".") if text else ""


def joined(values: Iterable[str], code: str = "") -> str:
    """Aliases as one field: without blanks, repeats and the code itself, whatever their case."""
    seen = {code.casefold(), ""}
    kept = []
    for value in values:
        if value.casefold() not in seen:
            seen.add(value.casefold())
            kept.append(value)
    return "|".join(kept)


class Build:
    """All lists, from one folder of sources."""

    def __init__(self, sources: Path = SOURCES) -> None:
        self.sources = sources
        self.curated = sources / "curated"
        self.entity_rows = read(self.curated, "entities.csv")
        self.entity_by_label = {row["source_label"]: row["code"] for row in self.entity_rows}
        self.staff_rows = read(sources, "ceb_staff_by_duty_station_2019.csv")
        self.total_rows = [
            row
            for row in read(sources, "ceb_staff_by_organization.csv")
            if int(row["as_of"][:4]) >= FIRST_YEAR and row["organization"] not in ORGANIZATIONS_LEFT_OUT
        ]
        self.department_rows = read(self.curated, "departments.csv")
        self.names = self._country_names()

    def entity(self, label: str) -> str:
        """Our code of an organization as the source spells it."""
        try:
            return self.entity_by_label[label]
        except KeyError:
            raise BuildError(f"organization {label!r} is not in curated/entities.csv") from None

    def tables(self) -> dict[str, Table]:
        """File name -> (columns, rows) of everything that is built."""
        return {
            "entities.csv": self.entities(),
            "departments.csv": self.departments(),
            "categories.csv": self.categories(),
            "category_groups.csv": self.copied("category_groups.csv", ["code", "name", "members"]),
            "grades.csv": self.grades(),
            "duty_stations.csv": self.duty_stations(),
            "countries.csv": self.countries(),
            "country_aliases.csv": self.country_aliases(),
            "map_points.csv": self.map_points(),
            "regions.csv": self.regions(),
            "subregions.csv": self.subregions(),
            "uncts.csv": self.uncts(),
            "headquarters.csv": self.copied("headquarters.csv", ["entity", "duty_station", "source_note"]),
            "nationalities.csv": self.nationalities(),
            "regional_groups.csv": self.numbered("regional_groups.csv"),
            "age_groups.csv": self.numbered("age_groups.csv"),
            "appointments.csv": self.appointments(),
            "series_breaks.csv": self.copied("series_breaks.csv", ["entity", "quarter", "note"]),
            "published.csv": self.published(),
            "headcount_by_station.csv": self.headcount_by_station(),
            "headcount_by_department.csv": self.headcount_by_department(),
            "uniformed_by_contributor.csv": self.uniformed_by_contributor(),
            "uniformed_by_mission.csv": self.uniformed_by_mission(),
        }

    # -- lists that are ours --

    def copied(self, name: str, columns: list[str]) -> Table:
        """A curated list taken over as it is."""
        return columns, [[row[column] for column in columns] for row in read(self.curated, name)]

    def numbered(self, name: str) -> Table:
        """A curated list of codes and names whose order is that of the file."""
        rows = read(self.curated, name)
        return ["code", "name", "order"], [[r["code"], r["name"], str(n)] for n, r in enumerate(rows, 1)]

    def entities(self) -> Table:
        """The organizations of the 2019 head-count."""
        used = {self.entity(row["organization"]) for row in self.staff_rows}
        if unused := {row["code"] for row in self.entity_rows} - used:
            raise BuildError(f"curated entities without staff in the source: {sorted(unused)}")
        columns = ["code", "name", "opened", "closed", "aliases", "kind", "grade_sets"]
        rows = [
            [
                row["code"],
                row["name"],
                row["opened"],
                row["closed"],
                joined([row["source_label"], *row["aliases"].split("|")], row["code"]),
                row["kind"],
                row["grade_sets"],
            ]
            for row in self.entity_rows
        ]
        return columns, sorted(rows)

    def categories(self) -> Table:
        """Staff categories, most senior first."""
        rows = read(self.curated, "categories.csv")
        return (
            ["code", "name", "order", "groups"],
            [[row["code"], row["name"], str(n), row["groups"]] for n, row in enumerate(rows, 1)],
        )

    def grades(self) -> Table:
        """Grades, most senior first; every current grade of the CEB list must be there, in its own group."""
        group_of_category = {r["code"]: r["ceb_group"] for r in read(self.curated, "categories.csv")}
        ceb = {r["grade"]: r["group"] for r in read(self.sources, "ceb_codes_grades.csv") if r["obsolete"] == "0"}
        rows, found = [], set()
        for order, row in enumerate(read(self.curated, "grades.csv"), 1):
            source = row["ceb_grade"]
            if source:
                if ceb.get(source) != group_of_category[row["category"]]:
                    raise BuildError(f"grade {row['code']}: {source!r} is {ceb.get(source)!r} in the CEB list")
                found.add(source)
            aliases = joined([source, *row["aliases"].split("|")], row["code"])
            rows.append([row["code"], row["name"], row["category"], str(order), row["grade_set"], aliases])
        if missing := set(ceb) - found:
            raise BuildError(f"CEB grades without a place in curated/grades.csv: {sorted(missing)}")
        return ["code", "name", "category", "order", "grade_set", "aliases"], rows

    def appointments(self) -> Table:
        """Appointment types; CEB codes that say the same thing are aliases."""
        known = {row["code"] for row in read(self.sources, "ceb_codes_appointment_types.csv")}
        rows = []
        for order, row in enumerate(read(self.curated, "appointments.csv"), 1):
            codes = row["ceb_codes"].split("|")
            if unknown := set(codes) - known:
                raise BuildError(f"appointment {row['code']}: not in the CEB list: {sorted(unknown)}")
            aliases = [alias for alias in row["aliases"].split("|") if alias.casefold() != row["code"].casefold()]
            rows.append(
                [
                    row["code"],
                    row["name"],
                    str(order),
                    row["population"],
                    joined([*codes, *aliases], row["code"]),
                ]
            )
        return ["code", "name", "order", "population", "aliases"], rows

    # -- departments --

    def departments(self) -> Table:
        """Departments with the quarters between which the year-end lists show them.

        Opened is the first quarter after the last list without it, closed the last list with it; empty means
        open at the first or at the last list.
        """
        dates = sorted({row["as_of"] for row in self.total_rows})
        present: dict[str, set[str]] = defaultdict(set)
        for row in self.total_rows:
            if self.entity(row["organization"]) == "UN":
                present[row["entity"]].add(row["as_of"])
        labels = {row["label"] for row in self.department_rows if row["label"]}
        if labels != set(present):
            raise BuildError(f"departments of the source and ours differ: {sorted(labels ^ set(present))}")
        rows = []
        for row in self.department_rows:
            opened = closed = ""
            if row["label"]:
                seen = sorted(present[row["label"]])
                if before := [day for day in dates if day < seen[0]]:
                    opened = next_quarter(quarter_of(before[-1]))
                if seen[-1] != dates[-1]:
                    closed = quarter_of(seen[-1])
            aliases = joined([row["label"], *row["aliases"].split("|")], row["code"])
            rows.append([row["entity"], row["code"], row["name"], row["place_bound"], opened, closed, aliases])
        return ["entity", "code", "name", "place_bound", "opened", "closed", "aliases"], sorted(rows)

    def department(self, label: str) -> str:
        """Our code of a Secretariat department as the source spells it."""
        return next(row["code"] for row in self.department_rows if row["label"] == label)

    # -- places --

    def _country_names(self) -> dict[str, str]:
        names = {row["iso3"]: row["name"] for row in read(self.sources, "countries_iso_m49.csv")}
        return names | {row["iso3"]: row["name"] for row in read(self.curated, "country_names.csv")}

    def _coordinates(self, kind: str) -> dict[str, tuple[str, str]]:
        rows = read(self.curated, "coordinates.csv")
        return {r["code"]: (degrees(r["latitude"]), degrees(r["longitude"])) for r in rows if r["kind"] == kind}

    def _stations(self) -> dict[str, list[Row]]:
        """Source rows by station; two labels that give one key are an error, not merged in silence."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.staff_rows:
            found[station_code(row["iso3"], row["country"], row["duty_station"])].append(row)
        for code, rows in found.items():
            if len({row["duty_station"] for row in rows}) > 1:
                raise BuildError(f"{code}: several duty stations of the source share this key")
        return dict(sorted(found.items()))

    def duty_stations(self) -> Table:
        """One row for every place with staff in 2019."""
        corrected = self._coordinates("station")
        out = []
        for code, rows in self._stations().items():
            country, name = code[:3], rows[0]["duty_station"]
            # Of a place listed under two countries, the point given under its own country is the better one.
            rows = sorted(rows, key=lambda row: row["iso3"] != country)
            placed = next((row for row in rows if row["latitude"]), None)
            point = (degrees(placed["latitude"]), degrees(placed["longitude"])) if placed else ("", "")
            city_code = next((row["ceb_city_code"] for row in rows if row["ceb_city_code"]), "")
            labels = [self.names[country], *sorted({row["country"] for row in rows})]
            aliases = [f"{name}, {label}" for label in labels]
            aliases += [f"{iso3}-{slug(name)}" for iso3 in sorted({row["iso3"] for row in rows})]
            if name == "Other":
                name = f"Other ({self.names[country]})"
            out.append([code, name, country, city_code, *corrected.get(code, point), joined(aliases, code)])
        return ["code", "name", "country", "ceb_city_code", "latitude", "longitude", "aliases"], out

    def _points(self) -> dict[str, tuple[str, str]]:
        """A point for each country: its station with most staff, else the middle of its places."""
        listed: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for row in read(self.sources, "ceb_codes_duty_stations.csv"):
            if row["latitude"] and row["longitude"]:
                listed[row["iso3"]].append((float(row["latitude"]), float(row["longitude"])))
        points = {
            iso3: tuple(degrees(str(statistics.median(axis))) for axis in zip(*places, strict=True))
            for iso3, places in listed.items()
        }
        corrected = self._coordinates("station")
        staff: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for code, rows in self._stations().items():
            if placed := next((row for row in rows if row["latitude"] and code not in corrected), None):
                total = sum(int(row["staff"]) for row in rows)
                staff[code[:3]][(degrees(placed["latitude"]), degrees(placed["longitude"]))] += total
        points |= {iso3: max(counts, key=lambda p: (counts[p], p)) for iso3, counts in staff.items()}
        return points | self._coordinates("country")

    def _teams(self) -> dict[str, tuple[str, list[str]]]:
        """Code of a country team -> (name, countries)."""
        multi = {row["workspace_id"]: row for row in read(self.curated, "multi_country_teams.csv")}
        members: dict[str, list[str]] = defaultdict(list)
        for row in read(self.sources, "unct_workspaces.csv"):
            members[row["workspace_id"]].append(row["iso3"] or country_of("", row["country"]))
        if unnamed := {key for key, countries in members.items() if len(countries) > 1} ^ set(multi):
            raise BuildError(f"multi-country workspaces of the source and ours differ: {sorted(unnamed)}")
        teams = {}
        for workspace, countries in members.items():
            if row := multi.get(workspace):
                teams[row["code"]] = (f"{row['name']} (multi-country)", sorted(countries))
            else:
                teams[countries[0]] = (self.names[countries[0]], countries)
        return dict(sorted(teams.items()))

    def uncts(self) -> Table:
        """United Nations country teams and the countries they serve."""
        rows = [
            [code, name, str(int(len(countries) > 1)), "|".join(countries)]
            for code, (name, countries) in self._teams().items()
        ]
        return ["code", "name", "multi_country", "countries"], rows

    def _places(self) -> dict[str, tuple[str, str]]:
        """Country -> (sub-region, region) as M49 slugs."""
        places = {
            row["iso3"]: (slug(row["subregion"]) or NOT_APPLICABLE, slug(row["region"]) or NOT_APPLICABLE)
            for row in read(self.sources, "countries_iso_m49.csv")
        }
        return places | {KOSOVO: ("southern-europe", "europe")}

    def countries(self) -> Table:
        """Every ISO 3166 country or territory, and Kosovo."""
        team_of = {iso3: code for code, (_, members) in self._teams().items() for iso3 in members}
        points = self._points()
        rows = [
            [iso3, self.names[iso3], team_of.get(iso3, NOT_APPLICABLE), *place, *points.get(iso3, ("", ""))]
            for iso3, place in sorted(self._places().items())
        ]
        return ["code", "name", "unct", "subregion", "region", "latitude", "longitude"], rows

    def country_aliases(self) -> Table:
        """Former, short and abbreviated names of countries, which people look for."""
        columns, rows = self.copied("country_aliases.csv", ["code", "alias", "kind", "source"])
        if unknown := {row[0] for row in rows} - set(self.names):
            raise BuildError(f"curated/country_aliases.csv names no country: {sorted(unknown)}")
        return columns, rows

    def map_points(self) -> Table:
        """Where a point stands on a map for who has no area there, or too small a one; apart from other points."""
        sizes = area_diameters(json.loads(OUTLINES.read_text(encoding="utf-8")))
        members = {iso3 for _, countries in self._teams().values() for iso3 in countries}
        members |= {row[0] for row in self.nationalities()[1]}
        points = self._points()
        small = sorted(iso3 for iso3 in members if sizes.get(iso3, 0) < SMALLEST_AREA)
        if unplaced := [iso3 for iso3 in small if iso3 not in points]:
            raise BuildError(f"on no map, as they have neither area nor coordinates: {', '.join(unplaced)}")
        places = {iso3: projected(float(points[iso3][1]), float(points[iso3][0])) for iso3 in small}
        found = spread(places, frozenset(sizes))
        rows = []
        for iso3, place in sorted(found.items()):
            longitude, latitude = unprojected(*place)
            rows.append([iso3, f"{latitude:.2f}", f"{longitude:.2f}", str(int(iso3 in sizes))])
        return ["code", "latitude", "longitude", "area"], rows

    def regions(self) -> Table:
        """M49 regions, in alphabetical order."""
        names = sorted({row["region"] for row in read(self.sources, "countries_iso_m49.csv")} - {""})
        return ["code", "name", "order"], [[slug(name), name, str(n)] for n, name in enumerate(names, 1)]

    def subregions(self) -> Table:
        """M49 sub-regions."""
        pairs = {(r["subregion"], r["region"]) for r in read(self.sources, "countries_iso_m49.csv")} - {("", "")}
        return ["code", "name", "region"], sorted([slug(name), name, slug(region)] for name, region in pairs)

    def nationalities(self) -> Table:
        """Member States and the other current nationalities of the CEB list."""
        codes = {row["code"]: row["source_label"] for row in read(self.curated, "regional_groups.csv")}
        code_of_group = {label: code for code, label in codes.items()}
        group_of: dict[str, str] = {}
        for row in read(self.sources, "un_regional_groups.csv"):
            # Türkiye is in two groups and counted once: WEOG, its group for elections.
            if row["iso3"] not in group_of or row["regional_group"] == "WEOG":
                group_of[row["iso3"]] = code_of_group[row["regional_group"]]
        current = {row["iso3"] for row in read(self.sources, "ceb_codes_nationalities.csv") if row["obsolete"] == "0"}
        places = self._places()
        rows = []
        for iso3 in sorted((current | set(group_of)) - {""}):
            subregion, region = places[iso3]
            rows.append([iso3, self.names[iso3], region, subregion, group_of.get(iso3, NOT_APPLICABLE)])
        return ["code", "name", "region", "subregion", "regional_group"], rows

    # -- published figures --

    def published(self) -> Table:
        """Published figures that our own can be compared with, in our codes."""
        mapping = {(row["column"], row["text"]): row["code"] for row in read(self.curated, "published_mapping.csv")}

        def mapped(column: str, text: str) -> str:
            try:
                return mapping[(column, text)]
            except KeyError:
                raise BuildError(f"published {column} {text!r} is not in curated/published_mapping.csv") from None

        category_of = {row["code"]: row["category"] for row in read(self.curated, "grades.csv")}
        rows = []
        for row in read(self.sources, "published_women_percentages.csv"):
            entity, location = mapped("entity", row["entity"]), mapped("location_type", row["location_type"])
            category = mapped("category", row["category"])
            grade = mapped("grade", row["grade"]) if row["grade"] else "all"
            if "FLAG" in row["note"] or row["measure"] != "women_pct":
                continue
            if "left-out" in (entity, category, grade, location):
                continue
            measure = "women_pct"
            if category == "rc":
                category, measure = "all", "women_pct_rc"
            if row["coverage"].startswith("temporary"):
                measure = "women_pct_temporary"
            if grade.startswith("category:"):
                category, grade = grade.removeprefix("category:"), "all"
            elif grade != "all":
                category = category_of[grade]
            elif category == "by-grade-only":
                continue
            codes = ["" if code == "all" else code for code in (entity, category, grade, location)]
            note = "; ".join(filter(None, (row["coverage"], row["note"])))
            rows.append(
                [
                    row["as_of"],
                    *codes,
                    measure,
                    row["women_pct"],
                    row["women_pct_text"],
                    row["source_document"],
                    note,
                ]
            )
        for row in read(self.sources, "published_parity_and_rc_counts.csv"):
            measure = mapped("count_measure", row["measure"])
            value = row["value"] if row["value"].isdigit() else ""
            codes = ["", "", "", ""]
            rows.append([row["as_of"], *codes, measure, value, row["value"], row["source_document"], row["note"]])
        columns = ["as_of", "entity", "category", "grade", "location_type", "measure", "value", "text"]
        return [*columns, "source", "note"], sorted(rows)

    # -- real head-counts, the base of the demonstration --

    def headcount_by_station(self) -> Table:
        """Real staff by entity and duty station at 2019Q4."""
        counts: Counter[tuple[str, str, str]] = Counter()
        for row in self.staff_rows:
            station = station_code(row["iso3"], row["country"], row["duty_station"])
            counts[quarter_of(row["as_of"]), self.entity(row["organization"]), station] += int(row["staff"])
        rows = [[*key, str(staff)] for key, staff in sorted(counts.items())]
        return ["quarter", "entity", "duty_station", "staff"], rows

    def headcount_by_department(self) -> Table:
        """Real staff by entity, and by department where the source has them, at the ends of 2017 to 2019."""

        def key(row: Row, label: str) -> tuple[str, str, str, str]:
            return row["as_of"], row["organization"], label, row["staff"]

        repeats = {key(row, row["label"]) for row in read(self.curated, "headcount_repeats.csv")}
        readings = {key(row, ""): row["department"] for row in read(self.curated, "headcount_readings.csv")}
        counts: Counter[tuple[str, str, str]] = Counter()
        for row in self.total_rows:
            found = key(row, row["entity"])
            if found in repeats:
                repeats.discard(found)
                continue
            entity = self.entity(row["organization"])
            department = self.department(row["entity"]) if entity == "UN" else readings.pop(found, "")
            counts[quarter_of(row["as_of"]), entity, department or NOT_APPLICABLE] += int(row["staff"])
        if repeats or readings:
            raise BuildError(f"curated rows no longer found in the source: {sorted(repeats) + sorted(readings)}")
        rows = [[*key, str(staff)] for key, staff in sorted(counts.items())]
        return ["quarter", "entity", "department", "staff"], rows

    # -- military and police personnel, who are not staff --

    def uniformed_by_contributor(self) -> Table:
        """Uniformed women and men by the country that contributes them, as published."""
        rows = []
        for row in read(self.sources, "dpo_uniformed_by_country_2021_01.csv"):
            if int(row["women"]) + int(row["men"]) != int(row["total"]):
                raise BuildError(f"uniformed {row['iso3']}: women and men are not the total")
            rows.append([row["as_of"], row["iso3"], row["women"], row["men"], source_of(row)])
        return ["as_of", "contributor", "women", "men", "source"], sorted(rows)

    def uniformed_by_mission(self) -> Table:
        """Uniformed women and men by mission, averages of a year; a mission is named as the department of that code."""
        names = {row["code"]: row["name"] for row in self.department_rows}
        rows = []
        for row in read(self.sources, "dpo_uniformed_by_mission_2018_2020_derived.csv"):
            year = row["as_of"][:4]
            if row["period"] != f"average of monthly figures, {year}":
                raise BuildError(f"uniformed {row['entity']}: {row['period']!r} is not an average of {year}")
            if row["entity"] not in names:
                raise BuildError(f"uniformed: the mission {row['entity']!r} is not in curated/departments.csv")
            rows.append([year, row["entity"], names[row["entity"]], row["women"], row["men"], source_of(row)])
        return ["year", "mission", "name", "women", "men", "source"], sorted(rows)


def source_of(row: Row) -> str:
    """Where a row of a source was published: the document and its address."""
    return f"{row['source_document']}, {row['source_url']}"


# -- the map --

# Pixels of a map of the world; what is said in pixels below is so at this width.
MAP_WIDTH = 1000
# The meridian in the middle, so that the sheet is cut through the Bering Strait and no country.
MERIDIAN = 11.0
# An area of which a circle of the same size has a smaller diameter is hard to see and to hit.
SMALLEST_AREA = 4.5
# Points are moved so far apart that each can be hit: a mark is 8 wide.
APART = 7
_SCALE = MAP_WIDTH / (2 * math.pi * 0.8707)

Place = tuple[float, float]


def projected(longitude: float, latitude: float) -> Place:
    """Where a place stands on the map, in pixels from its middle, to the right and up (Natural Earth projection)."""
    turned = math.radians((longitude - MERIDIAN + 180) % 360 - 180)
    return _SCALE * turned * _along(math.radians(latitude)), _SCALE * _up(math.radians(latitude))


def unprojected(x: float, y: float) -> Place:
    """Longitude and latitude of a place on the map."""
    low, high = -math.pi / 2, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _up(middle) < y / _SCALE else (low, middle)
    longitude = math.degrees(x / _SCALE / _along(low)) + MERIDIAN
    return (longitude + 180) % 360 - 180, math.degrees(low)


def _along(p: float) -> float:
    p2 = p * p
    p4 = p2 * p2
    return 0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4))


def _up(p: float) -> float:
    p2 = p * p
    p4 = p2 * p2
    return p * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))


def outlines(topology: dict) -> dict[str, list[list[Place]]]:
    """Code -> the outer lines of its areas, as longitudes and latitudes (TopoJSON)."""
    step, start = topology["transform"]["scale"], topology["transform"]["translate"]
    lines = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * step[0] + start[0], y * step[1] + start[1]))
        lines.append(line)
    return {
        shape["id"]: [
            [place for number in rings[0] for place in (lines[number] if number >= 0 else lines[~number][::-1])]
            for rings in shape["arcs"]
        ]
        for shape in topology["objects"]["countries"]["geometries"]
    }


def area_diameters(topology: dict) -> dict[str, float]:
    """Code -> the diameter of a circle as large as its largest area on the map, in pixels."""
    found = {}
    for code, areas in outlines(topology).items():
        largest = 0.0
        for area in areas:
            places = [projected(*place) for place in area]
            pairs = zip(places, [*places[1:], places[0]], strict=True)
            # A line from one edge of the sheet to the other is none of the area.
            doubled = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs if abs(x1 - x0) < MAP_WIDTH / 2)
            largest = max(largest, abs(doubled) / 2)
        found[code] = math.sqrt(4 * largest / math.pi)
    return found


def spread(places: dict[str, Place], fixed: frozenset[str]) -> dict[str, Place]:
    """The places moved apart, each as little as it takes: neighbours push each other until none are too near.

    Those that are fixed stay where they are: they have an area, and must not end up in their neighbour's.
    """
    found = dict(sorted(places.items()))
    pairs = [(one, other) for one, other in combinations(found, 2) if not {one, other} <= fixed]
    for _ in range(500):
        moved = 0.0
        for one, other in pairs:
            (x0, y0), (x1, y1) = found[one], found[other]
            apart = math.hypot(x1 - x0, y1 - y0)
            if apart < APART - 0.01:
                across, up = ((x1 - x0) / apart, (y1 - y0) / apart) if apart else (1.0, 0.0)
                back = 0.0 if one in fixed else 1.0 if other in fixed else 0.5
                push = APART - apart
                found[one] = x0 - across * push * back, y0 - up * push * back
                found[other] = x1 + across * push * (1 - back), y1 + up * push * (1 - back)
                moved += push
        if not moved:
            return found
    raise BuildError("the points of the map find no places of their own")


def as_text(table: Table) -> str:
    """A table as CSV text: LF, header, quotes only where needed."""
    columns, rows = table
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def differences(texts: dict[str, str], folder: Path) -> list[str]:
    """Lines that say how the files in the folder differ from what is built; empty if they do not."""
    lines: list[str] = []
    for name, text in texts.items():
        path = folder / name
        # Bytes, not text: a byte order mark or CRLF in a committed list is a difference too.
        committed = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
        lines += difflib.unified_diff(
            committed.splitlines(keepends=True),
            text.splitlines(keepends=True),
            f"committed/{name}",
            f"built/{name}",
            n=0,
        )
    extra = {path.name for path in folder.glob("*.csv")} - set(texts)
    return lines + [f"not built from any source: {name}\n" for name in sorted(extra)]


def main(arguments: list[str] | None = None) -> int:
    """Write or check the lists; exit code 1 if a check finds a difference."""
    parser = argparse.ArgumentParser(description="Build the code lists in data/reference/ from data/sources/.")
    parser.add_argument("--check", action="store_true", help="compare with the committed lists, write nothing")
    parser.add_argument("--sources", type=Path, default=SOURCES, help="folder of source files")
    parser.add_argument("--reference", type=Path, default=REFERENCE, help="folder of code lists")
    chosen = parser.parse_args(arguments)
    texts = {name: as_text(table) for name, table in Build(chosen.sources).tables().items()}
    if chosen.check:
        lines = differences(texts, chosen.reference)
        sys.stdout.writelines(lines[:200])
        if lines:
            sys.stdout.write(f"{len(lines)} lines differ: run python data/build_reference.py and commit\n")
        return int(bool(lines))
    chosen.reference.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (chosen.reference / name).write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{len(texts)} lists written\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
