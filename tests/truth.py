"""The true cells of a whole release, for predicates: the oracle's rules over `internal.duckdb`, read by plain SQL.

`oracle.Oracle` loops over the raw submissions and is too slow for a whole demonstration; what it says of who reported
and of what can be compared is said here by the same lines. That the cells of a release are those of its submissions is
tested in `test_answers`. Nothing here knows how a sentence is made.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache, cached_property
from pathlib import Path

import duckdb
from oracle import GROUPS, Oracle, _list, before


def _as_told(internal: Path) -> duckdb.DuckDBPyConnection:
    """The tables of a release, with the staff of quarters whose figures have changed since from those that told them.

    Ids are the same in all releases of a demonstration.
    """
    connection = duckdb.connect(":memory:")
    connection.execute(f"attach '{internal}' as now (read_only)")
    told_by: dict[str, list[int]] = defaultdict(list)
    for quarter, release in connection.execute(
        "select distinct quarter, release from now.told join now.changed_since using (quarter)"
    ).fetchall():
        told_by[release].append(quarter)
    elsewhere = [quarter for quarters in told_by.values() for quarter in quarters]
    parts = [f"select * from now.staff where not list_contains({elsewhere}::usmallint[], quarter)"]
    for number, (release, quarters) in enumerate(sorted(told_by.items())):
        connection.execute(f"attach '{internal.parent.parent / release / internal.name}' as told_{number} (read_only)")
        parts.append(f"select * from told_{number}.staff where list_contains({quarters}::usmallint[], quarter)")
    connection.execute(f"create view staff as {' union all '.join(parts)}")
    for table in ("codes", "coverage", "movements", "changed_since"):
        connection.execute(f"create view {table} as select * from now.{table}")
    return connection


class Truth(Oracle):
    """All staff of one release by the codes of any dimensions, and what is known about who reported."""

    def __init__(self, internal: Path, *, told: bool = False):
        """With `told`, each quarter is as the release that told it had it: rounded figures are made of that."""
        self.internal = internal
        self.connection = _as_told(internal) if told else duckdb.connect(str(internal), read_only=True)
        self.ids: dict[str, dict[str, int]] = defaultdict(dict)
        self.codes: dict[str, dict[int, str]] = defaultdict(dict)
        self.names: dict[str, dict[str, str]] = defaultdict(dict)
        for name, number, code, label in self.connection.execute(
            "select dimension, id, code, name from codes"
        ).fetchall():
            self.ids[name][code], self.codes[name][number] = number, code
            self.names[name][code] = label
        self.quarters = sorted(self.ids["quarter"])
        self.quarter = self.quarters[-1]
        self.entities = dict.fromkeys(self.ids["entity"])
        self.state: dict[tuple[str, str], str] = {}
        self.late: dict[tuple[str, str], bool] = {}
        self.size: dict[tuple[str, str], int] = {}
        self.breaks = set()
        rows = self.connection.execute('select quarter, entity, state, late, "break", staff from coverage').fetchall()
        for quarter, entity, state, late, broken, staff in rows:
            key = self.codes["entity"][entity], self.codes["quarter"][quarter]
            self.state[key], self.late[key], self.size[key] = state, late, staff or 0
            if broken:
                self.breaks.add(key)
        self.region_of, self.category, self.station_of = {}, {}, {}
        self.owner = {row["code"]: row["entity"] for row in _list("departments")}
        self._counted: dict[tuple, dict[tuple, tuple[int, int]]] = {}
        self._same: dict[tuple[str, str], set[str]] = {}

    @cached_property
    def as_told(self) -> Truth:
        """The same, quarters as they were told; itself where nothing has changed since."""
        changed = self.connection.execute("select count(*) from changed_since").fetchone()[0]
        return Truth(self.internal, told=True) if changed else self

    def _pairs(self, one: str, other: str) -> list[tuple[str, str]]:
        found = self.connection.execute(f"select distinct {one}, {other} from staff").fetchall()
        return [(self.codes[one][a], self.codes[other][b]) for a, b in found]

    @cache  # noqa: B019 - as long as the tests run
    def regions_of_teams(self) -> dict[str, set[str]]:
        """Country team -> the regions its people are in."""
        found = defaultdict(set)
        for team, region in self._pairs("unct", "region"):
            found[team].add(region)
        return found

    def where(self, chosen: dict[str, tuple[str, ...]], quarter: str | None) -> str:
        said = [f"quarter = {self.ids['quarter'][quarter]}"] if quarter else []
        for name, codes in chosen.items():
            members = {member for code in codes for member in GROUPS.get((name, code), (code,))}
            known = [str(self.ids[name][code]) for code in members if code in self.ids[name]]
            said.append(f"{name} in ({', '.join(known)})" if known else "false")
        if "appointment" not in chosen and "TA" in self.ids["appointment"]:
            said.append(f"appointment <> {self.ids['appointment']['TA']}")
        return " and ".join(said) or "true"

    def count(self, by, chosen, quarter=None) -> dict[tuple, tuple[int, int]]:
        """Women and men by the codes of `by`, of one quarter or (where `by` has it) of each."""
        key = tuple(by), tuple(sorted((name, tuple(codes)) for name, codes in chosen.items())), quarter
        if key not in self._counted:
            if len(self._counted) > 2000:
                self._counted.clear()
            keys = "".join(f"{name}, " for name in by)
            grouped = f" group by {', '.join(by)}" if by else ""
            rows = self.connection.execute(
                f"select {keys}sum(women), sum(men) from staff where {self.where(chosen, quarter)}{grouped}"
            ).fetchall()
            self._counted[key] = {
                tuple(self.codes[name][value] for name, value in zip(by, row, strict=False)): (
                    int(row[-2]),
                    int(row[-1]),
                )
                for row in rows
                if (row[-2] or 0) + (row[-1] or 0)
            }
        return self._counted[key]

    def others(self, quarter: str) -> int:
        """Who is other or not disclosed in a quarter, system-wide."""
        sql = f"select sum(other) from staff where {self.where({}, quarter)}"
        return int(self.connection.execute(sql).fetchone()[0] or 0)

    def moved(self, chosen, quarter: str) -> dict[str, tuple[int, int]]:
        """Women and men by kind of movement, over the four quarters up to one."""
        wanted = [str(self.ids["quarter"][code]) for code in (before(quarter, back) for back in range(4))
                  if code in self.ids["quarter"]]  # fmt: skip
        if set(chosen) - {"entity", "department", "category", "grade"}:
            return {}
        where = " and ".join(part for part in self.where(chosen, None).split(" and ") if "appointment" not in part)
        rows = self.connection.execute(
            f"select kind, sum(women), sum(men) from movements where quarter in ({', '.join(wanted)})"
            f" and {where or 'true'} group by kind"
        ).fetchall()
        return {self.codes["kind"][kind]: (int(women), int(men)) for kind, women, men in rows}

    def same(self, now: str, then: str) -> set[str]:
        key = now, then
        if key not in self._same:
            self._same[key] = super().same(now, then)
        return self._same[key]

    def expected(self, chosen, quarter: str) -> set[str]:
        """The entities asked of that take part in a quarter."""
        return {entity for entity in self.asked_of(chosen) if (entity, quarter) in self.state}

    def states(self, chosen, quarter: str) -> dict[str, str]:
        return {entity: self.state[entity, quarter] for entity in self.expected(chosen, quarter)}

    def over_time(self, chosen, entities: set[str]) -> dict[str, tuple[int, int]]:
        """Quarter -> women and men of these entities."""
        found: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (quarter, entity), (women, men) in self.count(("quarter", "entity"), chosen).items():
            if entity in entities:
                found[quarter][0] += women
                found[quarter][1] += men
        return {quarter: (women, men) for quarter, (women, men) in found.items()}
