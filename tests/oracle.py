"""An independent, naive answer to every question: loops over rows of the raw submissions, no SQL, no arrays.

It shares no code with the product except the code lists' files, which it reads itself. Slow on purpose: every line is
meant to be seen to be right.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import defaultdict
from pathlib import Path

REFERENCE = Path(__file__).resolve().parent.parent / "data" / "reference"
MISSING = ("not-reported", "not-applicable")
#: Series breaks of the small demonstration with breaks: (entity, quarter).
BREAKS = {("UN", "2025Q4"), ("WIPO", "2026Q1"), ("UPU", "2025Q4"), ("IAEA", "2026Q3"), ("ISA", "2025Q3")}
GROUPS = {("category", "PH"): ("SENIOR", "P")}


def _list(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _by_alias(name: str) -> dict[str, str]:
    found = {}
    for row in _list(name):
        for spelling in [row["code"], *row["aliases"].split("|")]:
            found[spelling.strip().lower()] = row["code"]
    return found


def quarters_between(first: str, last: str) -> list[str]:
    found, year, number = [], int(first[:4]), int(first[5])
    while f"{year}Q{number}" <= last:
        found.append(f"{year}Q{number}")
        year, number = (year + 1, 1) if number == 4 else (year, number + 1)
    return found


def before(quarter: str, count: int) -> str:
    number = int(quarter[:4]) * 4 + int(quarter[5]) - 1 - count
    return f"{number // 4}Q{number % 4 + 1}"


class Oracle:
    """All staff of one release, one dict a raw row, and what is known about who reported."""

    CARRY = 4

    def __init__(
        self, data_dir: Path, release: str, only: str | None = None, breaks: set[tuple[str, str]] | None = None
    ):
        """`only`: read just this quarter (no carrying forward, no comparing), for data too many to loop over. `breaks`:
        series breaks, (entity, quarter), in place of those of the code lists.
        """
        self.quarter = only or release[:6]
        self.category = {row["code"]: row["category"] for row in _list("grades")}
        self.country = {row["code"]: row["country"] for row in _list("duty_stations")}
        self.countries = {row["code"]: row for row in _list("countries")}
        self.headquarters = {(row["entity"], row["duty_station"]) for row in _list("headquarters")}
        self.nationality = {row["code"]: row for row in _list("nationalities")}
        self.owner = {row["code"]: row["entity"] for row in _list("departments")}
        self.departments_of = {row["entity"] for row in _list("departments")}
        self.entities = {row["code"]: row for row in _list("entities")}
        self.breaks = {(row["entity"], row["quarter"]) for row in _list("series_breaks")} if breaks is None else breaks
        self.spelling = {
            name: _by_alias(file)
            for name, file in (
                ("entity", "entities"),
                ("department", "departments"),
                ("duty_station", "duty_stations"),
                ("grade", "grades"),
                ("appointment", "appointments"),
            )
        }
        manifest = json.loads((data_dir / "releases" / release / "manifest.json").read_text(encoding="utf-8"))
        considered = manifest["inputs"]["considered"]  # entity -> how many of its submissions there were by then
        self.own: dict[tuple[str, str], list[dict]] = {}  # (entity, quarter) -> rows of the newest submission
        self.partial: dict[tuple[str, str], bool] = {}
        newest: dict[tuple[str, str], int] = {}
        for path in sorted((data_dir / "submissions" / "accepted").glob("*/*/*.json")):
            submission = json.loads(path.read_text(encoding="utf-8"))
            if submission["sequence"] > considered.get(submission["entity"], 0):
                continue
            if only and only not in submission["quarters"]:
                continue
            for quarter, rows in self._read(data_dir, submission).items():
                key = submission["entity"], quarter
                if only and quarter != only:
                    continue
                if submission["sequence"] > newest.get(key, 0) and quarter <= self.quarter:
                    newest[key] = submission["sequence"]
                    self.own[key] = rows
                    self.partial[key] = bool(submission["partial"]) and quarter == submission["quarter"]
        self.quarters = quarters_between(min(quarter for _, quarter in self.own), self.quarter)
        self.staff = []
        self.state: dict[tuple[str, str], str] = {}
        for entity, row in self.entities.items():
            for quarter in self.quarters:
                if (row["opened"] and quarter < row["opened"]) or (row["closed"] and quarter > row["closed"]):
                    continue
                self._place(entity, quarter)

    def _place(self, entity: str, quarter: str) -> None:
        for back in range(self.CARRY + 1):
            source = (entity, before(quarter, back))
            if source in self.own:
                state = "carried" if back else "partial" if self.partial[source] else "reported"
                self.state[entity, quarter] = state
                self.staff += [{**row, "quarter": quarter} for row in self.own[source]]
                return
        self.state[entity, quarter] = "not-submitted"

    def _read(self, data_dir: Path, submission: dict) -> dict[str, list[dict]]:
        found = defaultdict(list)
        for item in submission["files"]:
            raw = (data_dir / "submissions" / "objects" / item["sha256"][:2] / item["sha256"]).read_bytes()
            content = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
            for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")):
                if "grade" in row and "duty_station" in row:
                    found[row["quarter"]].append(self._whole(row))
        return found

    def _whole(self, raw: dict[str, str]) -> dict:
        row = {}
        for name in ("entity", "department", "duty_station", "grade", "appointment"):
            value = raw.get(name)
            if value in MISSING:
                row[name] = value
            elif value is not None:
                row[name] = self.spelling[name][value.strip().lower()]
        row.setdefault("department", "not-reported" if row["entity"] in self.departments_of else "not-applicable")
        row.setdefault("appointment", "not-reported")
        for name in ("age_group", "nationality", "rc"):
            row[name] = raw.get(name) or "not-reported"
        row["sex"], row["headcount"] = raw["sex"], int(raw.get("headcount") or 1)
        row["category"] = self.category[row["grade"]]
        station = row["duty_station"]
        country = station if station in MISSING else self.country[station]
        row["country"] = country
        row["unct"] = country if country in MISSING else self.countries[country]["unct"]
        row["region"] = country if country in MISSING else self.countries[country]["region"]
        is_headquarters = (row["entity"], station) in self.headquarters
        row["headquarters"] = station if station in MISSING else "hq" if is_headquarters else "non-hq"
        nation = row["nationality"]
        row["nationality_region"] = nation if nation in MISSING else self.nationality[nation]["region"]
        row["regional_group"] = nation if nation in MISSING else self.nationality[nation]["regional_group"]
        return row

    # -- answering --

    def lets_through(self, row: dict, chosen: dict[str, list[str]]) -> bool:
        for name, codes in chosen.items():
            members = {member for code in codes for member in GROUPS.get((name, code), (code,))}
            if row[name] not in members:
                return False
        return "appointment" in chosen or row["appointment"] != "TA"

    def count(self, by: tuple[str, ...], chosen: dict[str, list[str]], quarter: str) -> dict[tuple, tuple[int, int]]:
        """Women and men by the codes of `by`, of one quarter."""
        found: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0])
        for row in self.staff:
            if row["quarter"] == quarter and self.lets_through(row, chosen):
                found[tuple(row[name] for name in by)]["FMX".index(row["sex"])] += row["headcount"]
        return {key: (women, men) for key, (women, men, _) in found.items() if women or men}

    def same(self, now: str, then: str) -> set[str]:
        """Entities that reported for both quarters themselves, wholly, with no break between."""
        if then not in self.quarters:
            return set()
        between = [quarter for quarter in self.quarters if then < quarter <= now]
        return {
            entity
            for entity in self.entities
            if self.state.get((entity, now)) == "reported"
            and self.state.get((entity, then)) == "reported"
            and not any((entity, quarter) in self.breaks for quarter in between)
        }

    def asked_of(self, chosen: dict[str, list[str]]) -> set[str]:
        """The entities a choice is about: those chosen, and owners of the departments chosen."""
        entities = set(chosen.get("entity", self.entities))
        departments = chosen.get("department", [])
        if departments and not any(code in MISSING for code in departments):
            entities &= {self.owner[code] for code in departments if code in self.owner}
        return entities

    def alone(self, entity: str, now: str, then: str) -> bool:
        """Whether one entity's figures of two quarters can be compared."""
        return entity in self.same(*sorted((now, then), reverse=True)) if now != then else self.own_for(entity, now)

    def own_for(self, entity: str, quarter: str) -> bool:
        """Whether an entity reported for a quarter itself and wholly."""
        return self.state.get((entity, quarter)) == "reported"

    def told(self, now: str, chosen: dict[str, list[str]]) -> tuple[set[str], list[str]]:
        """What a development up to `now` is told of: entities, and the quarters of its line.

        Those comparable in each quarter, in all quarters. If nobody is: those with a report of their own for the last
        quarter that any has one for, in the quarters in which all of these can be compared with it.
        """
        known = [quarter for quarter in self.quarters if quarter <= now]
        asked = self.asked_of(chosen)
        always = set()
        for entity in asked:
            if all(self.alone(entity, quarter, now) for quarter in known):
                always.add(entity)
        if always:
            return always, known
        for last in reversed(known):
            there = {entity for entity in asked if self.own_for(entity, last)}
            if there:
                line = []
                for quarter in known:
                    if quarter <= last and all(self.alone(entity, quarter, last) for entity in there):
                        line.append(quarter)
                return there, line
        return set(), []

    def silent(self, quarter: str, chosen: dict[str, list[str]]) -> bool:
        """Whether entities asked of take part in a quarter, and none of them has figures for it."""
        states = [self.state[entity, quarter] for entity in self.asked_of(chosen) if (entity, quarter) in self.state]
        return bool(states) and set(states) == {"not-submitted"}

    def total(self, chosen: dict[str, list[str]], quarter: str, entities: set[str] | None = None) -> tuple[int, int]:
        women = men = 0
        for (entity,), (w, m) in self.count(("entity",), chosen, quarter).items():
            if entities is None or entity in entities:
                women, men = women + w, men + m
        return women, men
