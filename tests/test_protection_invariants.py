"""What must hold of all that is protected: one cell has one rounded value, whenever and by whomever it is seen.

The files of a release are held against the naive oracle cell by cell; what follows from the rules is then also looked
for among answers, where it could get lost on the way.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import defaultdict
from pathlib import Path

import duckdb
import pytest
from disclosure_oracle import (
    ANY,
    EXACT,
    PERSONAL,
    POLICY,
    ROUNDED,
    TEMPORARY,
    UNSAID,
    WITHHELD,
    Disclosure,
    oracle_of,
    release_folder,
)  # fmt: skip

from dashboard.answering import ask
from dashboard.factory import create_app
from dashboard.selection import select
from dashboard.settings import AUDIENCES, Settings
from dashboard.warehouse import Warehouse

SHARE_FROM = POLICY["derived"]["share_from"]


@pytest.fixture(scope="module")
def oracle(small_dir: Path) -> Disclosure:
    return oracle_of(small_dir)


@pytest.fixture(scope="module")
def warehouses(small_dir: Path):
    return {audience: Warehouse(Settings(data_dir=small_dir, audience=audience)) for audience in AUDIENCES}


class Public:
    """The protected tables of a public file, spelled out: (table, quarter) -> codes -> (women, men)."""

    def __init__(self, path: Path):
        with duckdb.connect(str(path), read_only=True) as connection:
            self.codes = {
                (name, number): code
                for name, number, code in connection.execute("select dimension, id, code from codes").fetchall()
            }
            self.tables = {
                number: (name, keys)
                for number, name, keys in connection.execute("select id, name, keys from tables").fetchall()
            }
            cells = connection.execute(
                "select tbl, quarter, member, entity, category, grade, women, men from cells"
            ).fetchall()
            hidden = connection.execute("select tbl, quarter, member, entity, category, grade from withheld").fetchall()
        self.cells: dict[tuple[str, str], dict[tuple[str, ...], tuple[int, int]]] = defaultdict(dict)
        for table, quarter, *ids, women, men in cells:
            name, codes = self._spelled(table, ids)
            at = self.cells[name, self.codes["quarter", quarter]]
            assert codes not in at, "a cell is there twice"
            at[codes] = women, men
        #: (table, quarter or None) -> codes, with None for any
        self.withheld = defaultdict(set)
        for table, quarter, *ids in hidden:
            name, codes = self._spelled(table, ids, wild=True)
            self.withheld[name, None if quarter == ANY else self.codes["quarter", quarter]].add(codes)

    def _spelled(self, table: int, ids: list[int], wild: bool = False) -> tuple[str, tuple[str | None, ...]]:
        name, keys = self.tables[table]
        by_column = dict(zip(("member", "entity", "category", "grade"), ids, strict=True))
        columns = ["member", *keys[1:]] if "rc" not in keys else ["member"]
        used = set(columns)
        assert all(number == ANY for column, number in by_column.items() if column not in used)
        found = []
        for key, column in zip(keys, columns, strict=False):
            number = by_column[column]
            assert wild or number != ANY
            found.append(None if number == ANY else self.codes[key, number])
        if "rc" in keys:
            found.append("yes")
        return name, tuple(found)


def holds(public: Public, oracle: Disclosure, quarter: str) -> None:
    """The public file has of this quarter the cells the rules show, with their values, and no other."""
    names = {name for name, _ in oracle.tables.values()}
    assert {name for name, _ in public.tables.values()} == names
    for name in sorted(names):
        true = oracle.table(name, quarter)
        shown = {codes: part for codes, part in true.items() if part.women is not None}
        found = public.cells.get((name, quarter), {})
        assert found == {codes: (part.women, part.men) for codes, part in shown.items()}, name


def all_listed(public: Public, oracle: Disclosure, quarter: str) -> None:
    """Whoever is not broken down is listed as such, whatever a breakdown would have shown: or the list would tell."""
    for name, _ in oracle.tables.values():
        if name.split("+")[0] not in PERSONAL:
            continue
        keys = name.split("+")
        # Of whom the figures have changed since, what is not shown is withheld without a list.
        true = {
            codes: part
            for codes, part in oracle.table(name, quarter).items()
            if (quarter, dict(zip(keys, codes, strict=True)).get("entity")) not in oracle.changed
        }
        groups = {codes[1:] for codes, part in true.items() if part.shown == WITHHELD and not part.either}
        listed = {
            codes[1:] for at in (None, quarter) for codes in public.withheld.get((name, at), ()) if codes[0] is None
        }
        if len(keys) > 1 and (None,) * len(keys) in public.withheld.get((name, quarter), ()):
            continue  # the attacker made withhold the whole table
        assert groups <= listed, name
        fine = {codes[1:] for codes, part in true.items() if part.shown != WITHHELD}
        # What holds for all quarters the attacker made withhold, for the sake of another one perhaps.
        own = {codes[1:] for codes in public.withheld.get((name, quarter), ()) if codes[0] is None}
        assert not fine & own, name


def test_the_public_file_has_what_the_rules_show_and_nothing_else(small_dir, oracle):
    public = Public(release_folder(small_dir) / "public.duckdb")
    for quarter in oracle.codes["quarter"]:
        holds(public, oracle, quarter)
    assert {quarter for _, quarter in public.cells} == set(oracle.codes["quarter"])


def test_groups_that_are_not_broken_down_are_all_listed(small_dir, oracle):
    public = Public(release_folder(small_dir) / "public.duckdb")
    for quarter in oracle.codes["quarter"]:
        all_listed(public, oracle, quarter)


def test_the_public_file_has_no_other_columns_or_codes(small_dir, oracle):
    """No column for a place or a person beside exact figures, no key, no name of a submission."""
    with duckdb.connect(str(release_folder(small_dir) / "public.duckdb"), read_only=True) as connection:
        columns = defaultdict(set)
        for table, column in connection.execute(
            "select table_name, column_name from information_schema.columns"
        ).fetchall():
            columns[table].add(column)
        assert set(columns) == {
            "codes", "coverage", "movements", "meta", "staff_core", "staff_core_change", "tables", "cells", "withheld",
            "other_shown", "told", "changed_since", "uniformed",
        }  # fmt: skip
        assert columns["told"] == {"quarter", "release"} and columns["changed_since"] == {"quarter", "entity"}
        core = {"quarter", "entity", "department", "category", "grade", "rc", "women", "men", "other"}
        assert columns["staff_core"] == columns["staff_core_change"] == core
        assert columns["movements"] == core - {"rc"} | {"kind"}
        meta = dict(connection.execute("select key, value from meta").fetchall())
        assert "rounding_key" not in meta
        assert oracle.draws.hex() not in json.dumps(meta)
        for table in ("staff_core", "staff_core_change", "movements"):
            assert connection.execute(f"select count(*) from {table} where other <> 0").fetchone() == (0,)
            bound = connection.execute(
                f"select count(*) from {table} join codes on dimension = 'department' and id = department "
                "where attributes->>'place_bound' = '1' and code <> 'place-bound'"
            ).fetchone()
            assert bound == (0,)
        assert connection.execute("select count(*) from coverage where submission is not null").fetchone() == (0,)


def test_equal_contents_in_equal_groups_are_rounded_alike_in_all_tables_and_quarters(small_dir, oracle):
    """Labels, levels and quarters: wherever the same people are a cell of the same group, they are the same numbers."""
    public = Public(release_folder(small_dir) / "public.duckdb")
    values: dict[tuple, set[tuple[int, ...]]] = defaultdict(set)
    seen: dict[tuple, set[tuple[str, str]]] = defaultdict(set)
    for (name, quarter), cells in public.cells.items():
        if oracle.tables[frozenset(name.split("+"))][1] == EXACT:
            continue
        contents = oracle.contents(name, quarter)
        for codes, cell in cells.items():
            values[contents[codes]].add(cell)
            seen[contents[codes]].add((name, quarter))
    assert {content: found for content, found in values.items() if len(found) > 1} == {}
    several = [places for places in seen.values() if len({name for name, _ in places}) > 1]
    unmoved = [places for places in seen.values() if len({quarter for _, quarter in places}) > 1]
    assert several
    assert unmoved, "groups that stay the same from one quarter to the next must be there to be looked at"


def test_what_a_release_tells_of_a_quarter_all_later_ones_tell(small_dir, oracle):
    """Whatever was revised or sent late in between: what moved would be where the people are whom it is about."""
    releases = small_dir / "releases"
    folders = sorted((folder for folder in releases.iterdir() if folder.is_dir()), key=lambda folder: folder.name)
    assert len(folders) > 1 and oracle.changed
    same = 0
    for old, new in itertools.pairwise(folders):
        before, after = (Public(folder / "public.duckdb") for folder in (old, new))
        for (name, quarter), cells in before.cells.items():
            if oracle.tables[frozenset(name.split("+"))][1] == EXACT:
                continue
            later = after.cells.get((name, quarter), {})
            # What is withheld of all quarters may have become more.
            assert later == {codes: cells[codes] for codes in later}, (name, quarter)
            gone = after.withheld[name, None] - before.withheld[name, None]
            assert set(cells) == set(later) or gone, (name, quarter)
            same += len(later)
    assert same > 1_000


def overlapping(oracle: Disclosure, quarter: str) -> list[tuple[str, tuple[str, ...], int]]:
    """Groups broken down that leave 1 to 11 of a sex beside groups inside them that are broken down as well."""
    least = POLICY["person_groups"]["nested_at_least"]
    heads = [row for row in oracle.told_rows(quarter) if row["appointment"] != TEMPORARY and row["women"] + row["men"]]
    kept = oracle.kept_groups(quarter)
    found = []
    for dimension in ("age_group", "nationality", "appointment"):
        groups: dict[str, dict[tuple[str, ...], set[int]]] = defaultdict(lambda: defaultdict(set))
        for cut in {cut for cut, _, _ in kept}:
            keys = cut.split("+") if cut else []
            for number, row in enumerate(heads):
                codes = tuple(row[key] for key in keys)
                if kept[cut, codes, dimension]:
                    groups[cut][codes].add(number)
        for cut, by_codes in groups.items():
            for codes, people in by_codes.items():
                for other, inner in groups.items():
                    inside = [one for one in inner.values() if one < people] if other != cut else []
                    if not inside:
                        continue
                    rest = people - set().union(*inside)
                    for sex in ("women", "men"):
                        count = sum(heads[number][sex] for number in rest)
                        if 0 < count < least:
                            found.append((cut, codes, count))
    return found


def test_no_group_broken_down_leaves_a_few_beside_those_inside_it(oracle):
    """Else the difference of two breakdowns would be that of a few: by all groups of one kind inside another."""
    kept = 0
    for quarter in oracle.codes["quarter"]:
        assert overlapping(oracle, quarter) == []
        kept += sum(oracle.kept_groups(quarter).values())
    assert kept > 100


def test_groups_give_way_only_to_groups_inside_or_around_them(oracle):
    """Whatever is large and mixed enough and yet not broken down would leave a few beside another group."""
    least = POLICY["person_groups"]["nested_at_least"]
    without_cause, given_way = [], 0
    for quarter in oracle.codes["quarter"][:-1]:
        heads = [
            row for row in oracle.told_rows(quarter) if row["appointment"] != TEMPORARY and row["women"] + row["men"]
        ]
        kept = oracle.kept_groups(quarter)
        people: dict[tuple[str, tuple[str, ...]], set[int]] = defaultdict(set)
        for cut in {cut for cut, _, _ in kept}:
            keys = cut.split("+") if cut else []
            for number, row in enumerate(heads):
                people[cut, tuple(row[key] for key in keys)].add(number)
        for cut in {cut for cut, _, _ in kept}:
            enough = oracle.large_enough(cut.split("+") if cut else [], "age_group", quarter)
            for codes, (fine, _, _) in enough.items():
                if not fine or kept[cut, codes, "age_group"]:
                    continue
                given_way += 1
                mine = people[cut, codes]
                near = [other for at, other in people.items() if at != (cut, codes) and (other < mine or mine < other)]
                # Beside one other group, or beside any union of those inside the larger one.
                unions = []
                for other in {at[0] for at in people if at[0] != cut}:
                    inside = [group for at, group in people.items() if at[0] == other and group < mine]
                    unions += [(mine, set().union(*inside))] if inside else []
                for large in near:
                    if mine < large:
                        beside = [group for at, group in people.items() if at[0] == cut and group < large]
                        unions.append((large, set().union(*beside)))
                        # Or beside one group and all of another kind outside of it, whichever of these it is.
                        for other in {at[0] for at in people} - {cut, ""}:
                            apart = [group for at, group in people.items()
                                     if at[0] == other and group < large and not group & mine]  # fmt: skip
                            unions += [(large, mine.union(*apart))] if apart else []
                            unions += [
                                (large, one.union(*(group for group in beside if not group & one))) for one in apart
                            ]
                rests = [mine ^ other for other in near] + [large - union for large, union in unions]
                small = any(
                    0 < sum(heads[number][sex] for number in rest) < least for rest in rests for sex in ("women", "men")
                )
                if not small:
                    without_cause.append((quarter, cut, codes))
    assert given_way
    assert len(without_cause) <= given_way // 10


def counts(answer, codes=None):
    """Women and men of the one row of these keys; None where they are not shown."""
    rows = [row for row in answer.rows if codes is None or tuple(row.keys[key] for key in answer.by) == codes]
    assert len(rows) <= 1
    return None if not rows or rows[0].women is None else (rows[0].women, rows[0].men)


def headline(warehouse, quarter, **chosen):
    return counts(ask(warehouse, "headline", select(quarter, **chosen)), (quarter, "all"))


def test_one_cell_along_every_path(warehouses, oracle):
    """By filter, by breakdown, by filter and breakdown, from the entity's side and from the place's."""
    public, quarter, drawn = warehouses["public"], oracle.quarter, random.Random(3)
    compared = 0
    for dimension in ("unct", "country", "duty_station", "department", "age_group", "nationality", "appointment"):
        for row in ask(public, f"by_{dimension}", select(quarter)).rows:
            code = row.keys[dimension]
            if row.women is None or code in UNSAID:
                continue
            value = (row.women, row.men)
            assert headline(public, quarter, **{dimension: code}) == value
            narrowed = ask(public, f"by_{dimension}", select(quarter, **{dimension: code}))
            assert counts(narrowed, (code,)) == value
            compared += 1
    assert compared > 50
    crossed = 0
    for dimension in ("unct", "country", "duty_station", "age_group"):
        by_entity = {
            entity: ask(public, f"by_{dimension}", select(quarter, entity=entity))
            for entity in {row["entity"] for row in oracle.rows(quarter)}
        }
        codes = sorted({row[dimension] for row in oracle.rows(quarter)} - set(UNSAID))
        for code in drawn.sample(codes, min(8, len(codes))):
            for row in ask(public, "by_entity", select(quarter, **{dimension: code})).rows:
                entity = row.keys["entity"]
                value = None if row.women is None else (row.women, row.men)
                if entity in by_entity:
                    assert counts(by_entity[entity], (code,)) == value
                if value:
                    assert headline(public, quarter, **{dimension: code, "entity": entity}) == value
                    crossed += 1
    assert crossed > 10


def test_one_cell_under_every_label(warehouses, oracle):
    """A country that is all of its team, a station all of its country, a nationality all of its region."""
    public, compared = warehouses["public"], 0
    for quarter in oracle.codes["quarter"][-2:]:
        people: dict[frozenset, set[tuple[str, str]]] = defaultdict(set)
        for dimension in ("unct", "country", "duty_station", "nationality", "nationality_region", "regional_group"):
            cells = defaultdict(set)
            for number, row in enumerate(oracle.rows(quarter)):
                if row["appointment"] != TEMPORARY and row["women"] + row["men"]:
                    cells[row[dimension]].add(number)
            for code, rows in cells.items():
                family = "place" if dimension in ("unct", "country", "duty_station") else "person"
                people[family, frozenset(rows)].add((dimension, code))
        for labels in people.values():
            values = {headline(public, quarter, **{dimension: code}) for dimension, code in labels}
            # A personal cell may be withheld under one label for what the others of that breakdown tell.
            assert len(values - {None}) <= 1
            compared += len(labels) > 1
    assert compared > 10


def test_one_cell_for_every_audience(warehouses, oracle):
    compared = 0
    for quarter in oracle.codes["quarter"][-2:]:
        for dimension in sorted(PERSONAL):
            for chosen in ({}, {"entity": "UN"}, {"category": "P"}, {"grade": "P-4"}, {"entity": "UNDP"}):
                one, other = (
                    ask(warehouses[audience], f"by_{dimension}", select(quarter, **chosen))
                    for audience in ("public", "internal")
                )
                seen = [
                    {row.keys[dimension]: (row.women, row.men, row.reason) for row in each.rows}
                    for each in (one, other)
                ]
                assert seen[0] == seen[1]
                compared += len([row for row in one.rows if row.women is not None])
    assert compared > 20


def test_sums_over_chosen_members_are_the_sums_of_what_is_shown(warehouses, oracle):
    drawn = random.Random(7)
    public, quarter, compared = warehouses["public"], oracle.quarter, 0
    alone = {row.keys["country"]: row for row in ask(public, "by_country", select(quarter)).rows}
    shown = [code for code, row in alone.items() if row.women is not None and code in oracle.codes["country"]]
    for _ in range(20):
        codes = drawn.sample(shown, min(len(shown), drawn.randint(2, 4))) + drawn.sample(sorted(alone), 2)
        answer = ask(public, "headline", select(quarter, country=sorted(set(codes))))
        parts = [alone[code] for code in set(codes) if alone[code].women is not None]
        row = next(row for row in answer.rows if row.keys["basis"] == "all")
        assert (row.women, row.men) == (sum(part.women for part in parts), sum(part.men for part in parts))
        assert row.status is None
        compared += 1
    assert compared


@pytest.mark.parametrize("audience", ["public", "internal"])
def test_choosing_all_is_choosing_none_at_the_api(small_dir, audience):
    server = create_app(Settings(data_dir=small_dir, audience=audience)).server
    client = server.test_client()
    for dimension in ("entity", "department", "category", "grade", "unct", "region", "headquarters", "age_group",
                      "nationality_region", "appointment", "rc"):  # fmt: skip
        facet = client.get("/api/v1/facets.json", query_string={"facet": dimension}).json["facets"][dimension]
        listed = [option["code"] for option in facet["options"]]
        with duckdb.connect(str(release_folder(small_dir) / f"{audience}.duckdb"), read_only=True) as connection:
            codes = [
                code
                for (code,) in connection.execute("select code from codes where dimension = ?", [dimension]).fetchall()
                if code != TEMPORARY
            ]
        assert set(listed) - {TEMPORARY, "PH"} <= set(codes)
        for question in ("by_grade", f"by_{dimension}", "headline", "by_unct"):
            path = f"/api/v1/{question}.json"
            everything = client.get(path, query_string=[(dimension, code) for code in codes])
            nothing = client.get(path)
            assert everything.status_code == 200
            assert everything.json == nothing.json
            assert everything.headers["ETag"] == nothing.headers["ETag"]


# -- the whole demonstration -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.prove(only=True)
def test_the_whole_public_file_has_what_the_rules_show_and_figures_are_near_the_truth(demo_dir):
    """Shares shown of places are within 3 points at the 95th percentile. The small one is looked at in every run."""
    oracle = oracle_of(demo_dir)
    public = Public(release_folder(demo_dir) / "public.duckdb")
    off = []
    for quarter in ("2019Q4", oracle.quarter):
        holds(public, oracle, quarter)
        all_listed(public, oracle, quarter)
        for name, protection in oracle.tables.values():
            if protection != ROUNDED:
                continue
            true = oracle.table(name, quarter)
            for codes, (women, men) in public.cells[name, quarter].items():
                real_women, real_men = true[codes].true
                if name.split("+")[0] not in PERSONAL and women + men >= SHARE_FROM:
                    off.append(abs(100 * women / (women + men) - 100 * real_women / (real_women + real_men)))
        oracle.forget()
    off.sort()
    assert len(off) > 1000
    assert off[int(0.95 * len(off))] <= 3
