"""The calibration report: what was published beside what a finished demonstration release says.

`python -m dashboard.demo.report DATA_DIR` writes `docs/demo-data.md` from the release in service in that directory.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from dashboard import codelists as lists
from dashboard.codelists import CodeLists
from dashboard.demo import calendar
from dashboard.demo.headcounts import RC_MOVED
from dashboard.demo.inputs import real_by_department, real_by_station, table, target_curves, traits
from dashboard.demo.people import OTHER_SHARE

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "demo-data.md"
#: Points within which system-wide figures must be met, and those of single entities (few staff, whole per cents).
SYSTEM_WITHIN, ENTITY_WITHIN = 0.5, 1.0
#: Figures that are steered but do not stand in `data/reference/published.csv`, which has no such groups.
GROUPS = {
    "un-missions": ("UN, field missions, all staff", "d.place_bound and c.entity = 'UN'"),
    "un-dss": ("UN, Department of Safety and Security, all staff", "c.department = 'DSS'"),
}
#: Published rows that are facts of code lists or of the real dashboard, and so are not modelled.
NOT_MODELLED = {
    "countries_and_territories_served": "a fact of the code lists (`data/reference/uncts.csv`)",
    "resident_coordinator_offices": "a fact of the code lists (`data/reference/uncts.csv`)",
    "participating_entities": "all 38 entities with real head-counts take part in the demonstration",
    "resident_coordinator_nationalities": "nationality is not calibrated",
}


@dataclass(frozen=True)
class Line:
    """One published figure beside the one obtained; `within` is the bound on the difference (None: none is set)."""

    figure: str
    as_of: str
    quarter: str
    published: float
    obtained: float
    within: float | None
    source: str
    unit: str = "%"
    text: str = ""

    @property
    def difference(self) -> float:
        """Obtained minus published."""
        return self.obtained - self.published

    @property
    def met(self) -> bool:
        """True if the figure is within its bound, as printed: both to one decimal."""
        return self.within is None or abs(round(self.difference, 1)) <= self.within


def current(data_dir: Path) -> Path:
    """The internal file of the release in service."""
    releases = data_dir / "releases"
    return releases / (releases / "current").read_text().strip() / "internal.duckdb"


def opened(database: Path, codelists: CodeLists) -> duckdb.DuckDBPyConnection:
    """A connection with the view `cells`: the regular population of the release in codes instead of numbers."""
    connection = duckdb.connect(":memory:")
    connection.execute("set enable_progress_bar = false")
    connection.execute(f"attach '{database}' as release (read_only)")
    names = ("quarter", "entity", "department", "category", "grade", "duty_station", "headquarters", "rc",
             "nationality", "appointment", "age_group")  # fmt: skip
    joins = "\n".join(f"join release.codes as k_{n} on k_{n}.dimension = '{n}' and k_{n}.id = s.{n}" for n in names)
    columns = ", ".join(f"k_{n}.code as {n}" for n in names)
    connection.execute("create table departments (code varchar, place_bound boolean)")
    bound = [(m.code, codelists.place_bound(m.code)) for m in codelists.members("department")]
    connection.executemany("insert into departments values (?, ?)", bound)
    connection.execute(
        f"create table everyone as select {columns}, women, men, other from release.staff as s {joins}"  # noqa: S608
    )
    connection.execute("create view cells as select * from everyone where appointment <> 'TA'")
    return connection


def quarter_of(as_of: str) -> str:
    """The last quarter that had ended by a date."""
    day = date.fromisoformat(as_of)
    number = 4 * day.year + (day.month - 1) // 3
    ended = calendar.day_after(calendar.name(number)).date()
    return calendar.name(number if (ended - day).days == 1 else number - 1)


def _share(connection: duckdb.DuckDBPyConnection, quarter: str, where: str) -> float:
    query = f"""
        select 100.0 * sum(women) / sum(women + men) from cells as c
        left join departments as d on d.code = c.department
        where c.quarter = ? and ({where})"""  # noqa: S608
    found = connection.execute(query, [quarter]).fetchone()[0]
    return float("nan") if found is None else float(found)


def _one(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> float:
    return float(connection.execute(query, values).fetchone()[0] or 0)


def at_parity(connection: duckdb.DuckDBPyConnection, quarter: str) -> int:
    """Entities where at least half of all staff are women, as UN news counts them."""
    query = """select count(*) from (select entity from cells where quarter = ?
               group by entity having sum(women) >= sum(men))"""
    return int(_one(connection, query, quarter))


def calibration(connection: duckdb.DuckDBPyConnection, codelists: CodeLists) -> list[Line]:
    """Every published figure from the end of 2017 on, beside what the release says."""
    quarters = {row[0] for row in connection.execute("select distinct quarter from cells").fetchall()}
    lines = []
    for row in table("published.csv", codelists.folder):
        quarter = quarter_of(row["as_of"])
        if row["as_of"] < "2017-12-31" or quarter not in quarters:
            continue
        line = _line(connection, codelists, row, quarter)
        if line:
            lines.append(line)
    for row in table("targets.csv"):
        if row["target"] in GROUPS and row["kind"] == "published" and row["quarter"] in quarters:
            label, where = GROUPS[row["target"]]
            obtained = _share(connection, row["quarter"], where)
            published = float(row["women_pct"])
            lines.append(
                Line(label, "", row["quarter"], published, obtained, ENTITY_WITHIN, row["note"], text=f"{published:g}")
            )
    return lines


def _line(
    connection: duckdb.DuckDBPyConnection, codelists: CodeLists, row: dict[str, str], quarter: str
) -> Line | None:
    measure, entity = row["measure"], row["entity"]
    more = {"source": row["source"], "as_of": row["as_of"], "quarter": quarter, "text": row["text"]}
    if measure == "women_pct":
        parts = ["true"]
        label = [entity or "System"]
        if entity:
            parts.append(f"c.entity = '{entity}'")
        if row["category"]:
            members = codelists.category_groups.get(row["category"], (row["category"],))
            parts.append("c.category in ({})".format(", ".join(f"'{m}'" for m in members)))
            label.append(_CATEGORIES.get(row["category"], row["category"]))
        else:
            label.append("all staff")
        if row["grade"]:
            parts.append(f"c.grade = '{row['grade']}'")
            label[-1] = row["grade"]
        if row["location_type"]:
            parts.append(f"c.headquarters = '{row['location_type']}'")
            label.append("headquarters" if row["location_type"] == "hq" else "non-headquarters")
        obtained = _share(connection, quarter, " and ".join(parts))
        within = ENTITY_WITHIN if entity else SYSTEM_WITHIN
        return Line(", ".join(label), published=float(row["value"]), obtained=obtained, within=within, **more)
    if measure == "entities_at_parity":
        label = "Entities with at least 50 % women among all staff"
        return Line(
            label, published=float(row["value"]), obtained=at_parity(connection, quarter), within=0, unit="", **more
        )
    if measure == "resident_coordinators":
        query = "select sum(women + men + other) from cells where quarter = ? and rc = 'yes'"
        obtained = _one(connection, query, quarter)
        label = "Resident Coordinators"
        return Line(label, published=float(row["value"]), obtained=obtained, within=1, unit="", **more)
    if measure == "resident_coordinator_parity":
        # Published as "reached": half and half, first at the end of that quarter.
        obtained = _share(connection, calendar.name(calendar.number(quarter) + 1), "c.rc = 'yes'")
        label = "Resident Coordinators, women (parity reached)"
        more["quarter"] = calendar.name(calendar.number(quarter) + 1)
        return Line(label, published=50.0, obtained=obtained, within=ENTITY_WITHIN, **more)
    return None


_CATEGORIES = {"PH": "Professional and higher", "FS": "Field Service", "GS": "General Service"}


@dataclass(frozen=True)
class Exactness:
    """Real head-counts at 2019Q4 beside those of the release."""

    staff: int
    pairs: int
    pairs_equal: int
    departments: int
    departments_equal: int
    totals: int
    totals_equal: int


def exactness(connection: duckdb.DuckDBPyConnection, codelists: CodeLists) -> Exactness:
    """Compares head-counts (women, men and other) with the real tables."""

    def counts(columns: str, quarter: str) -> dict[tuple[str, ...], int]:
        query = f"select {columns}, sum(women + men + other) from cells where quarter = ? group by all"  # noqa: S608
        return {tuple(row[:-1]): int(row[-1]) for row in connection.execute(query, [quarter]).fetchall()}

    real = real_by_station(codelists)
    found = counts("entity, duty_station", "2019Q4")
    departments = {(e, d): n for (q, e, d), n in real_by_department(codelists).items() if q == "2019Q4"}
    by_department = counts("entity, department", "2019Q4")
    totals: dict[tuple[str, str], int] = {}
    for (quarter, entity, _), n in real_by_department(codelists).items():
        totals[quarter, entity] = totals.get((quarter, entity), 0) + n
    by_entity = {(q, e): n for q in ("2017Q4", "2018Q4", "2019Q4") for (e,), n in counts("entity", q).items()}
    return Exactness(
        staff=sum(found.values()),
        pairs=len(real),
        pairs_equal=sum(found.get(key) == n for key, n in real.items()) - sum(key not in real for key in found),
        departments=len(departments),
        departments_equal=sum(by_department.get(key) == n for key, n in departments.items()),
        totals=len(totals),
        totals_equal=sum(by_entity.get(key) == n for key, n in totals.items()),
    )


def render(database: Path, codelists: CodeLists) -> str:
    """The whole report as Markdown."""
    connection = opened(database, codelists)
    parts = [_INTRODUCTION, _exact(exactness(connection, codelists)), _calibrated(calibration(connection, codelists))]
    parts += [_trend(connection), _levels(connection), _growth(connection), _reporting(connection), _assumptions()]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


_INTRODUCTION = """
# Demonstration data and how near they come

**These are demonstration data.** No row describes a real person. Staff by organization and duty station on 31
December 2019 are real (CEB personnel statistics); sex, grade, age, nationality, appointment and who is a
Resident Coordinator are modelled, because no public table has them. The model is steered so that the
percentages which *are* published come out. Everything built from these data says so. This page is written by
`python -m dashboard.demo.report DATA_DIR` from a finished release; do not edit it.

| real | modelled |
| --- | --- |
| staff by organization and duty station, 2019Q4 (every pair) | every other quarter of a duty station |
| staff by department of the Secretariat, 2017Q4, 2018Q4, 2019Q4 | at which duty station a department's staff are |
| staff by organization, 2017Q4, 2018Q4, 2019Q4 | growth after 2019 (`data/demo/growth.csv`) |
| published percentages of women, counts of entities at parity | sex by entity, grade and place, to give these |
| code lists | grade, age group, nationality, appointment, Resident Coordinator, movements |
| | who reports what, late, again, in part or not at all (`data/demo/behaviour.csv`) |

Persons are simulated over 36 quarters: they are appointed, promoted, grow older, retire or leave. Who leaves is
drawn at random from a fixed seed; the sex of those who follow is chosen such that each group (entity, level,
headquarters or field) moves along a target. So quarters are consistent with each other, and movements agree
with the change in staff.
"""


def _wrapped(text: str, indent: str = "") -> str:
    """Prose in lines of a readable length."""
    return textwrap.fill(text, 115, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def _grid(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" for _ in head) + " |"]
    return "\n".join([*lines, *("| " + " | ".join(str(cell) for cell in row) + " |" for row in rows)])


def _exact(exact: Exactness) -> str:
    rows = [
        ("staff of the regular population, 2019Q4", f"{114119:,}", f"{exact.staff:,}"),
        ("pairs of organization and duty station, 2019Q4", f"{exact.pairs:,}", f"{exact.pairs_equal:,} equal"),
        ("departments (Secretariat, UNV, Unitaid), 2019Q4", exact.departments, f"{exact.departments_equal} equal"),
        ("totals by organization, 2017Q4, 2018Q4, 2019Q4", exact.totals, f"{exact.totals_equal} equal"),
    ]
    return "## Real head-counts\n\n" + _grid(("what", "real", "in the release"), rows)


def _calibrated(lines: list[Line]) -> str:
    rows = []
    for line in lines:
        digits = 1 if line.unit else 0
        rows.append((
            line.figure, line.quarter, line.text, f"{line.obtained:.{digits}f}", f"{line.difference:+.{digits}f}",
            f"{line.within:g}" if line.within is not None else "", "yes" if line.met else "**no**", line.source,
        ))  # fmt: skip
    head = ("figure", "quarter", "published", "obtained", "difference", "bound", "met", "source")
    left = _grid(("published figure", "why it is not calibrated"), [(f"`{k}`", v) for k, v in NOT_MODELLED.items()])
    return (
        "## Published beside obtained\n\nPer cent women unless a count is meant, regular population (appointments of "
        f"one year or more). A date inside a quarter is compared with the quarter that had ended by then. Bounds: "
        f"{SYSTEM_WITHIN} points for the system, {ENTITY_WITHIN:g} for one entity, whose figures are mostly printed as "
        'whole or "around" per cents.\n\n' + _grid(head, rows) + "\n\n" + left
    )


def _trend(connection: duckdb.DuckDBPyConnection) -> str:
    names = [row[0] for row in connection.execute("select distinct quarter from cells order by 1").fetchall()]
    chosen = [q for q in names if q.endswith("Q4") or q == names[-1]]
    wanted = target_curves(tuple(chosen))
    ph = "c.category in ('SENIOR', 'P')"
    hq, field = f"{ph} and c.headquarters = 'hq'", f"{ph} and c.headquarters = 'non-hq'"
    rows = []
    for i, quarter in enumerate(chosen):
        staff = _one(connection, "select sum(women + men + other) from cells where quarter = ?", quarter)
        temporary = _one(
            connection,
            "select sum(women + men + other) from everyone where quarter = ? and appointment = 'TA'",
            quarter,
        )
        rows.append((
            quarter, f"{staff:,.0f}", f"{temporary:,.0f}", f"{_share(connection, quarter, 'true'):.1f}",
            f"{_share(connection, quarter, ph):.1f}", f"{100 * wanted['system-ph'][i]:.1f}",
            f"{_share(connection, quarter, hq):.1f}", f"{_share(connection, quarter, field):.1f}",
            at_parity(connection, quarter),
        ))  # fmt: skip
    head = ("quarter", "staff", "temporary", "women, all", "women, professional and higher", "its target",
            "headquarters", "non-headquarters", "entities at 50 % or more")  # fmt: skip
    return "## Year by year\n\nTargets between published dates lie on straight lines.\n\n" + _grid(head, rows)


def _levels(connection: duckdb.DuckDBPyConnection) -> str:
    published = {row["level"]: row["women_2013"] for row in table("level_shares.csv")}
    filters = {
        "SEN": "c.category = 'SENIOR'", "D2": "c.grade = 'D-2'", "D1": "c.grade = 'D-1'", "P5": "c.grade = 'P-5'",
        "P4": "c.grade = 'P-4'", "P3": "c.grade = 'P-3'", "P2": "c.grade in ('P-2', 'P-1')",
    }  # fmt: skip
    rows = []
    for level, where in filters.items():
        shares = [f"{_share(connection, q, where):.1f}" for q in ("2017Q4", "2019Q4", "2023Q4", "2025Q4")]
        rows.append((level, published[level], *shares))
    return (
        "## By level\n\nShares by level were last published for the end of 2013 (total 41.8). They are moved up to "
        "each quarter's total, and the distance between levels shrinks (assumption in `dashboard/demo/targets.py`), as "
        "the Secretariat's D-1 and P-5 of 2023 ask for.\n\n"
        + _grid(("level", "published, 2013", "2017Q4", "2019Q4", "2023Q4", "2025Q4"), rows)
    )


def _growth(connection: duckdb.DuckDBPyConnection) -> str:
    growth = table("growth.csv")
    of = {name: [t.entity for t in traits().values() if t.growth == name] for name in (r["growth"] for r in growth)}
    dates = [key for key in growth[0] if key != "growth"]
    rows = [(r["growth"], *(r[d] for d in dates), ", ".join(of[r["growth"]])) for r in growth]
    paths = table("department_path.csv")
    missions = _grid(("department", "quarter", "index", "note"), [tuple(r.values()) for r in paths])
    return (
        "## Growth after 2019 (our assumption, not a fact)\n\nIndex of staff, 2019Q4 = 1; straight lines between. "
        "Departments of the Secretariat that ended follow a path of their own (index against the quarter before it "
        "starts); the dates are those of their mandates.\n\n"
        + _grid(("path", *dates, "entities"), rows)
        + "\n\n"
        + missions
    )


def _reporting(connection: duckdb.DuckDBPyConnection) -> str:
    counts = connection.execute(
        """select state, count(*), count(*) filter (late), count(*) filter (revised) from release.coverage
           group by 1 order by 1"""
    ).fetchall()
    rows = [
        (r["kind"], r["entity"], r["first"], r["last"] if r["last"] != r["first"] else "", r["fault"], r["reason"])
        for r in table("behaviour.csv")
    ]
    return (
        "## Who reports what (invented, so that every state a page must show exists)\n\n"
        + _grid(("kind", "entity", "from", "to", "what", "reason given"), rows)
        + "\n\nEntity-quarters in the release by state:\n\n"
        + _grid(("state", "entity-quarters", "late", "revised"), counts)
    )


def _assumptions() -> str:
    before = calendar.name(calendar.number(RC_MOVED) - 1)
    senders = ", ".join(t.entity for t in traits().values() if t.movements)
    temporary = ", ".join(t.entity for t in traits().values() if t.temporary)
    items = [
        "**Departments at duty stations**: plausible shares (`data/demo/placement.csv`), fitted to the "
        "two real margins by iterative proportional fitting and rounded so that both stay exact.",
        "**Resident Coordinators**: one at the capital of each country team where the Secretariat has "
        f"staff (129; 130 from 2020 on). Until {before} they are "
        "staff of UNDP, then of the Resident Coordinator System.",
        "**UNV and Unitaid**: their totals are known for 2019 only; before, they have the same part of UNDP and WHO.",
        "**Grades**: mixes by kind of unit and place (`structure.csv`, `levels.csv`); posts keep their "
        "grade, persons move between them.",
        "**Turnover, promotion and age by level**: `ages.csv`; retirement at 65.",
        "**Women's share**: targets by published series and by entity (`targets.csv`, `entities.csv`, "
        "columns `ph_2019`, `all_*`; the latter chosen so that 5, 27 and 28 entities are at 50 % or "
        "more). No group is steered outside 10 to 90 %.",
        f"**Sex X**: {100 * OTHER_SHARE:.1f} % of staff.",
        "**Nationality**: local staff mostly of the country they serve in, international staff drawn "
        "with weights (`nationality_weights.csv`).",
        "**Appointments**: fixed-term; permanent for some who joined before mid-2009; continuing for "
        "some after five to eleven years.",
        f"**Temporary staff** come in addition to the real head-counts: {temporary}.",
        f"**Movements** are sent by {senders}; the Secretariat from 2019Q2 on, because the reform of "
        "January 2019 moved people between departments that no longer exist. They count the regular "
        "population.",
    ]
    return "## Assumptions\n\n" + "\n".join(_wrapped(f"- {item}", "  ") for item in items)


def main(arguments: list[str]) -> int:
    """Write the report of the release in service in a data directory."""
    codelists = lists.load()
    DOCUMENT.write_text(render(current(Path(arguments[0])), codelists), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
