"""What protection costs: the share of cells and of staff shown, and how far what is shown is from the truth.

`python -m dashboard.ingest.cost DATA_DIR` writes `docs/disclosure.md` from the release in service in that directory,
and from the real head-counts by entity and duty station, so that whoever owns the data can choose the thresholds.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import duckdb
import numpy as np

from dashboard import codelists, measures
from dashboard.disclosure import policy as policies
from dashboard.disclosure import rounding
from dashboard.disclosure.attack_movers import Verdict
from dashboard.disclosure.policy import EXACT, Policy, Table
from dashboard.ingest import movers
from dashboard.ingest.kept import current_release, manifest_of
from dashboard.ingest.problems import InputError
from dashboard.selection import PERSONAL

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "disclosure.md"
REAL = Path(__file__).resolve().parents[2] / "data" / "reference" / "headcount_by_station.csv"
#: Thresholds that the second part tries beside those of the policy.
FLOORS = (3, 5, 10, 12, 20)
BASES = (3, 5, 10)
#: The real head-counts have no sex: it is drawn with this chance of a woman, the system-wide share of the end of 2019
#: (published figures), always in the same way.
WOMEN = 0.449
SEED = 20191231
#: Key that stands for "not of this table".
ANY = 65535


@dataclass(frozen=True, slots=True)
class Cost:
    """One public table in one quarter. Shares are of cells with anybody in them, and of their staff."""

    table: Table
    cells: int
    shown: float
    under: float
    withheld: float
    staff_shown: float
    errors: np.ndarray  # of the shares of women shown, in percentage points
    statuses: int  # that the numbers shown leave no doubt of
    wrong: int  # of these, those that the true numbers do not have


def costs(internal: Path, public: Path) -> tuple[str, Policy, list[Cost]]:
    """The costs of every table of a release's last quarter: (quarter, policy, costs). Raises duckdb.Error."""
    with duckdb.connect() as connection:
        for name, path in (("i", internal), ("p", public)):
            connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as {name} (read_only)")
        meta = dict(connection.execute("select key, value from p.meta").fetchall())
        policy = policies.from_json(meta["policy"])
        quarter = connection.execute(
            "select id from p.codes where dimension = 'quarter' and code = ?", [meta["quarter"]]
        ).fetchone()[0]
        ids = dict(connection.execute("select name, id from p.tables").fetchall())
        found = [_cost(connection, policy, table, ids[table.name], quarter) for table in policy.tables().values()]
    return meta["quarter"], policy, found


# ruff: noqa: S608 - the text is made of names of dimensions, never of values.
def _cost(connection: duckdb.DuckDBPyConnection, policy: Policy, table: Table, tbl: int, quarter: int) -> Cost:
    keys = [key for key in table.keys if key != "rc"]
    source = "i.staff" if table.kind == PERSONAL else "i.staff_core"
    where = ["s.quarter = ?"]
    if table.kind == PERSONAL and table.dimension != "appointment":
        where.append("s.appointment <> (select id from i.codes where dimension = 'appointment' and code = 'TA')")
    if table.dimension == "department":
        where.append("(d.attributes->>'place_bound') = '1'")
    if "rc" in table.keys:
        where.append("s.rc = (select id from i.codes where dimension = 'rc' and code = 'yes')")
    # Ids of the two files differ where a place is not in the public one: codes are what they share.
    joined = " ".join(
        f"join i.codes k{number} on k{number}.dimension = '{key}' and k{number}.id = s.{key} "
        f"left join p.codes q{number} on q{number}.dimension = '{key}' and q{number}.code = k{number}.code"
        for number, key in enumerate(keys)
    )
    department = "join i.codes d on d.dimension = 'department' and d.id = s.department"
    public_ids = ", ".join(f"q{number}.id as {_column(table, key)}" for number, key in enumerate(keys))
    matched = " and ".join(f"c.{_column(table, key)} = t.{_column(table, key)}" for key in keys)
    hidden = " and ".join(
        f"(w.{_column(table, key)} = {ANY} or w.{_column(table, key)} = t.{_column(table, key)})" for key in keys
    )
    rows = connection.execute(
        f"""with truth as (
            select {public_ids}, sum(s.women)::bigint as women, sum(s.men)::bigint as men
            from {source} s {department} {joined} where {" and ".join(where)}
            group by all having sum(s.women + s.men) > 0
        )
        select t.women, t.men, c.women, c.men,
            exists (select 1 from p.withheld w where w.tbl = {tbl} and w.quarter in (?, {ANY}) and {hidden})
        from truth t left join p.cells c on c.tbl = {tbl} and c.quarter = ? and {matched}""",
        [quarter, quarter, quarter],
    ).fetchall()
    staff = sum(row[0] + row[1] for row in rows)
    shown = [row for row in rows if row[2] is not None]
    withheld = sum(1 for row in rows if row[2] is None and row[4])
    errors = [
        100 * abs(row[2] / (row[2] + row[3]) - row[0] / (row[0] + row[1]))
        for row in shown
        if row[2] + row[3] >= (1 if table.protection == EXACT else policy.share_from)
    ]
    rounded = int(table.protection != EXACT)
    given = [
        (measures.status_between(policy.possible(row[2], rounded), policy.possible(row[3], rounded)), row)
        for row in shown
    ]
    statuses = [(status, row) for status, row in given if status is not None]
    count = max(len(rows), 1)
    return Cost(
        table=table,
        cells=len(rows),
        shown=len(shown) / count,
        under=(len(rows) - len(shown) - withheld) / count,
        withheld=withheld / count,
        staff_shown=sum(row[0] + row[1] for row in shown) / max(staff, 1),
        errors=np.array(errors),
        statuses=len(statuses),
        wrong=sum(1 for status, row in statuses if status != measures.status(row[0], row[1])),
    )


def _column(table: Table, key: str) -> str:
    return "member" if key == table.dimension else key


# -- real head-counts --------------------------------------------------------------------------------------------


def real_cells() -> Mapping[str, list[tuple[str, int, int]]]:
    """The real head-counts of the last year-end by table: (codes, women drawn, men drawn)."""
    lists = codelists.load()
    with REAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    last = max(row["quarter"] for row in rows)
    random = Random(SEED)  # noqa: S311 - a simulation
    tables: dict[str, dict[tuple[str, ...], list[int]]] = {}
    for row in rows:
        if row["quarter"] != last:
            continue
        staff = int(row["staff"])
        women = sum(random.random() < WOMEN for _ in range(staff))
        country = lists.country_of(row["duty_station"])
        team = lists.unct_of(country)
        places = {"duty_station": row["duty_station"], "country": country, "unct": team}
        for place, code in places.items():
            for name, key in ((place, (code,)), (f"{place}+entity", (code, row["entity"]))):
                cell = tables.setdefault(name, {}).setdefault(key, [0, 0])
                cell[0] += women
                cell[1] += staff - women
    return {name: [("|".join(key), *counts) for key, counts in cells.items()] for name, cells in tables.items()}


@dataclass(frozen=True, slots=True)
class Tried:
    """What comes of real head-counts under one policy. Shares are of cells and of their staff."""

    shown: float
    staff_shown: float
    errors: Sequence[float]  # of the shares of women shown, in percentage points
    statuses: int  # that the numbers shown leave no doubt of
    wrong: int  # of these, those that the true numbers do not have
    plain_wrong: int  # of all cells shown, those whose rounded numbers, taken as they are, have another status

    @property
    def worst(self) -> float:
        """95th percentile of the errors."""
        return float(np.percentile(self.errors, 95)) if self.errors else 0.0


def tried(cells: Sequence[tuple[str, int, int]], policy: Policy) -> Tried:
    """Round cells (code, women, men) as a release would, and hold what is shown against the truth."""
    secret = rounding.DEMONSTRATION_SECRET
    heads = np.array([counts for _, *counts in cells], np.int64).reshape(-1, 2).T
    contents = [[rounding.code_key(secret, sex, code) for code, _, _ in cells] for sex in "FM"]
    about = rounding.round_pairs(
        rounding.rounding_key(secret),
        heads,
        np.array(contents, np.uint64).reshape(heads.shape),
        # Of one quarter by itself nobody has moved: which cells are drawn anew together makes no difference.
        np.zeros(len(cells), np.uint64),
        policy.base,
        policy.offset,
        policy.floor_place,
    )
    found = [
        (tuple(true), tuple(shown))
        for true, shown in zip(heads.T.tolist(), about.T.tolist(), strict=True)
        if sum(shown)
    ]
    errors = [
        100 * abs(shown[0] / sum(shown) - true[0] / sum(true))
        for true, shown in found
        if sum(shown) >= policy.share_from
    ]
    given = [(measures.status_between(*map(policy.possible, shown)), measures.status(*true)) for true, shown in found]
    return Tried(
        shown=len(found) / max(len(cells), 1),
        staff_shown=sum(sum(true) for true, _ in found) / max(int(heads.sum()), 1),
        errors=errors,
        statuses=sum(status is not None for status, _ in given),
        wrong=sum(status is not None and status != true for status, true in given),
        plain_wrong=sum(measures.status(*shown) != measures.status(*true) for true, shown in found),
    )


# -- the document ------------------------------------------------------------------------------------------------


def document(quarter: str, policy: Policy, found: Sequence[Cost], attack: Mapping, moved: Mapping[str, Verdict]) -> str:
    """`docs/disclosure.md` as text.

    `attack` is what the release's manifest says of the attacker, `moved` what guesses at movers come to.
    """
    parts = [_INTRODUCTION.format(quarter=quarter, policy=policy), _table_of(found), "", _errors(found, policy)]
    parts += [
        "",
        _ATTACK,
        "",
        *_attacked(attack),
        "",
        _MOVED,
        "",
        *_moved(moved),
        "",
        _REAL.format(women=100 * WOMEN),
        "",
        *_real(policy),
    ]
    return "\n".join(parts).rstrip() + "\n"


def _moved(moved: Mapping[str, Verdict]) -> list[str]:
    lines = [
        "| dimension | movers | guessed right | by size alone | standard deviations above | believed in by over 90 % |",
        "| --- |" + " ---: |" * 5,
    ]
    for dimension, said in moved.items():
        lines.append(
            f"| `{dimension}` | {said.movers:,} | {said.right:,} | {said.expected:,.1f} | {said.excess:+.1f} "
            f"| {said.sure:,} |"
        )
    return lines


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table_of(found: Iterable[Cost]) -> str:
    lines = [
        "| table | protection | cells with staff | shown | under the floor | withheld | staff in cells shown |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for cost in found:
        floor = "exact" if cost.table.protection == EXACT else f"rounded, floor {cost.table.floor}"
        lines.append(
            f"| `{cost.table.name}` | {floor} | {cost.cells:,} | {_percent(cost.shown)} | {_percent(cost.under)} "
            f"| {_percent(cost.withheld)} | {_percent(cost.staff_shown)} |"
        )
    return "\n".join(lines)


def _errors(found: Iterable[Cost], policy: Policy) -> str:
    lines = [
        f"Shares are shown from a rounded head-count of {policy.share_from} up; a status where all numbers that the "
        "rounded ones may stand for have it.",
        "",
        "| table | shares shown | 95th percentile of the error | largest error | statuses given | wrong |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    rounded = [cost for cost in found if cost.table.protection != EXACT]
    for cost in rounded:
        worst, largest = ("", "")
        if len(cost.errors):
            worst, largest = f"{np.percentile(cost.errors, 95):.1f} points", f"{cost.errors.max():.1f} points"
        lines.append(
            f"| `{cost.table.name}` | {len(cost.errors):,} | {worst} | {largest} | {cost.statuses:,} | {cost.wrong:,} |"
        )
    places = [cost.errors for cost in rounded if cost.table.kind != PERSONAL]
    together = np.concatenate(places) if places else np.zeros(0)
    if len(together):
        lines += [
            "",
            f"Over all place tables together: {len(together):,} shares shown, 95th percentile of the error "
            f"{np.percentile(together, 95):.1f} points.",
        ]
    return "\n".join(lines)


def _attacked(attack: Mapping) -> list[str]:
    said = {
        "attacked": "protected counts of 1 to 5 attacked, all quarters",
        "certain": "of these certain",
        "excepted": "told by exact tables and published head-counts alone, and so excepted",
        "shown": "cells shown, all quarters",
        "withheld": "row groups withheld",
        "tables": "tables they are in",
    }
    lines = ["| | |", "| --- | ---: |"]
    return lines + [f"| {words} | {attack[name]:,} |" for name, words in said.items() if name in attack]


def _real(policy: Policy) -> list[str]:
    cells = real_cells()
    lines = [
        "| table | cells | " + " | ".join(f"floor {floor}" for floor in FLOORS) + " |",
        "| --- | ---: |" + " ---: |" * len(FLOORS),
    ]
    for name, rows in cells.items():
        found = [tried(rows, replace(policy, floor_place=floor)) for floor in FLOORS]
        shares = " | ".join(f"{_percent(one.shown)} of cells, {_percent(one.staff_shown)} of staff" for one in found)
        lines.append(f"| `{name}` | {len(rows):,} | {shares} |")
    lines += [
        "",
        "As the policy is. A status is given where the rounded numbers leave no doubt of it, so none is wrong; how "
        "many cells would have a wrong one if it were made of the rounded numbers as they are stands beside.",
        "",
        "| table | rounded | under the floor | staff in cells shown | shares shown | 95th percentile of the error "
        "| largest error | statuses given | wrong | wrong if of rounded numbers |",
        "| --- |" + " ---: |" * 9,
    ]
    for name, rows in cells.items():
        one = tried(rows, policy)
        lines.append(
            f"| `{name}` | {_percent(one.shown)} | {_percent(1 - one.shown)} | {_percent(one.staff_shown)} "
            f"| {len(one.errors):,} | {one.worst:.1f} points | {max(one.errors, default=0):.1f} points "
            f"| {one.statuses:,} | {one.wrong:,} | {one.plain_wrong:,} |"
        )
    lines += [
        "",
        f"Error of the shares shown (95th percentile), at floor {policy.floor_place}, by base of the rounding and by "
        "the rounded head-count from which a share is shown:",
        "",
    ]
    froms = (50, policy.share_from, 200)
    columns = [(base, least) for base in BASES for least in froms]
    lines += [
        "| table | " + " | ".join(f"base {base}, from {least}" for base, least in columns) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for name, rows in cells.items():
        errors = " | ".join(
            f"{tried(rows, replace(policy, base=base, share_from=least)).worst:.1f}" for base, least in columns
        )
        lines.append(f"| `{name}` | {errors} |")
    return lines


_INTRODUCTION = """# What protection shows and what it costs

Written by `python -m dashboard.ingest.cost DATA_DIR` from a release of the demonstration data (its last quarter is
{quarter}, policy version {policy.version}); made again after every change of `data/reference/disclosure.toml`. The
rules are explained in plain words on the page Methods; why they are as they are stands in `decisions.md`.

Two files make a release. The internal one holds the cells. The public one holds entity, department, category, grade
and Resident Coordinator exactly in any combination (departments bound to one place together), and the tables below:
nothing else exists in it. A cell is under the floor if women and men together are fewer than {policy.floor_place}
(places) or {policy.floor_person} (age, nationality, appointment), either as rounded or once the lasting numbers have
been added; zero and what is rounded to zero look the same. Each quarter is told once and never revised. A count of
women, or of men, is wrong by up to {policy.error}, and women and men of a cell together by up to
{policy.error_together}. Withheld are row groups that could identify somebody by what else is known.

## Cells and staff by table

"""
_ATTACK = """## What the attacker found

Every release is attacked before it is put in service: bounds are drawn from all public tables together, with what
organizations publish of their head-counts by duty station. The numbers of all quarters, each as it was attacked when
it was told:"""
_MOVED = """## What guesses at movers come to

The exact tables and the movements tell that one person of an organization's grade came or left. The attacker guesses
where: how likely is what was shown of a cell before and after if the mover was in it, beside how likely if not, with
all tables that the mover is alone in and the quarters on both sides? A guess is fair if it is right no more often than
the size of the guessed cell alone would have it. "Internal" is signed-in staff, who know besides at which place it was
and see persons by place. Two releases of one quarter tell nothing: what is shown of it stays, unless the policy has
changed. Over all quarters:"""
_REAL = """## The same rules on real head-counts

The head-counts by entity and duty station of 31 December 2019 are real (`data/reference/headcount_by_station.csv`);
their sex is not published and drawn here with {women:.1f} % women. Share of cells and of staff that would be shown by
floor:"""


def main(data_dir: Path) -> Path:
    """Write the document from the release in service in `data_dir`. Raises InputError if there is none."""
    name = current_release(data_dir)
    if name is None:
        raise InputError(f"there is no release in {data_dir}")
    folder = Path(data_dir) / "releases" / name
    quarter, policy, found = costs(folder / "internal.duckdb", folder / "public.duckdb")
    attack = manifest_of(Path(data_dir), name)["disclosure"]["attack"]
    moved = movers.between_quarters(folder / "internal.duckdb", folder / "public.duckdb")
    DOCUMENT.write_text(document(quarter, policy, found, attack, moved), encoding="utf-8")
    return DOCUMENT


if __name__ == "__main__":
    print(main(Path(sys.argv[1])))  # noqa: T201 - a command
