"""The public file of a release: beside a naive making of it, closed, and the same cell the same figure everywhere."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy as np
import pytest
import samples
from disclosure_oracle import PERSONAL as PERSONAL_DIMENSIONS
from disclosure_oracle import Disclosure
from hypothesis import given
from hypothesis import strategies as st
from samples import row

from dashboard import codelists, ingest
from dashboard.answering import ask
from dashboard.disclosure import attack, rounding
from dashboard.disclosure import policy as policy_module
from dashboard.disclosure.attack_input import Certain, Result, RowGroups
from dashboard.disclosure.policy import Policy
from dashboard.ingest import cells, public
from dashboard.ingest.problems import Fault
from dashboard.selection import select
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

ANY = 65535


def query(folder: Path, sql: str, file: str = "public.duckdb") -> list[tuple]:
    with duckdb.connect(folder / file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def by_id(folder: Path, file: str) -> dict[tuple[str, int], str]:
    rows = query(folder, "select dimension, id, code from codes", file)
    return {(dimension, number): code for dimension, number, code in rows} | {
        (dimension, ANY): None for dimension, *_ in rows
    }


def shown(folder: Path) -> dict[tuple, tuple]:
    """(table, quarter, member, entity, category, grade) by code -> (women, men)."""
    codes = by_id(folder, "public.duckdb")
    found = {}
    sql = (
        "select t.name, t.keys[1], c.quarter, c.member, c.entity, c.category, c.grade, c.women, c.men "
        'from cells c join "tables" t on t.id = c.tbl'
    )
    for name, dimension, quarter, member, entity, category, grade, *values in query(folder, sql):
        key = (
            name,
            codes["quarter", quarter],
            codes[dimension, member],
            codes["entity", entity],
            codes["category", category],
            codes["grade", grade],
        )
        assert key not in found
        found[key] = tuple(values)
    return found


def naive(folder: Path, secret: str) -> tuple[dict[tuple, tuple], set[tuple]]:
    """What the file has to show by the oracle, and which groups it has to withhold in single quarters."""
    oracle = Disclosure(folder / "internal.duckdb", folder / "public.duckdb", secret)
    cells_, groups = {}, set()
    for quarter in oracle.codes["quarter"]:
        for keys, (name, _) in oracle.tables.items():
            first, *others = name.split("+")

            def key(member: str | None, codes: dict[str, str], name: str = name, quarter: str = quarter) -> tuple:
                return (name, quarter, member, *(codes.get(level) for level in ("entity", "category", "grade")))

            for codes, part in oracle.table(name, quarter).items():
                if part.women is not None:
                    cells_[key(codes[0], dict(zip(others, codes[1:], strict=True)))] = part.women, part.men
            if first in PERSONAL_DIMENSIONS:
                for codes, (fine, *_) in oracle.groups([first, *others], first, quarter).items():
                    if not fine:
                        groups.add(key(None, dict(zip(others, codes, strict=True))))
            elif first in ("region", "headquarters") and "entity" in keys:
                groups |= {key(None, {"entity": entity}) for entity in oracle.without_rest(first, quarter)}
    return cells_, groups


def withheld(folder: Path) -> tuple[set[tuple], set[tuple]]:
    """Groups withheld in single quarters, and row groups the attacker made withhold (in all quarters), by code."""
    codes = by_id(folder, "public.duckdb")
    persons, places = set(), set()
    sql = (
        "select t.name, t.keys[1], w.quarter, w.member, w.entity, w.category, w.grade from withheld w "
        'join "tables" t on t.id = w.tbl'
    )
    for name, dimension, quarter, member, *rest in query(folder, sql):
        key = (
            name,
            codes["quarter", quarter],
            codes[dimension, member],
            *(codes[kind, number] for kind, number in zip(("entity", "category", "grade"), rest, strict=True)),
        )
        (places if quarter == ANY else persons).add(key)
    return persons, places


def newest(data_dir: Path) -> Path:
    return data_dir / "releases" / ingest.current_release(data_dir)


def test_the_file_is_what_a_naive_making_gives(small_dir):
    folder = newest(small_dir)
    expected, groups = naive(folder, rounding.DEMONSTRATION_SECRET)
    assert withheld(folder)[0] == groups and len(groups) > 100
    found = shown(folder)
    assert found == expected and len(found) > 2_000


def test_temporary_staff_alone_at_a_grade_are_no_group(send, publish):
    """Their group was looked for among those of regular staff: none was found, or that of another grade taken."""
    regular = [row(grade=grade, sex=sex, headcount="40") for grade in ("G-4", "P-4") for sex in "FM"]
    alone = [row(grade=grade, sex=sex, headcount="30", appointment="TA") for grade in ("G-6", "P-5") for sex in "FM"]
    send([*regular, *alone])
    folder = publish().folder
    grades = {key[5] for key in shown(folder) if key[0] in ("appointment+grade", "appointment+entity+grade")}
    assert not grades & {"G-6", "P-5"}
    expected, groups = naive(folder, samples.SECRET)
    assert shown(folder) == expected and withheld(folder)[0] == groups


def others(folder: Path, file: str = "public.duckdb") -> dict[str, int]:
    """Other or not disclosed as a file shows them, by quarter."""
    sql = "select code, other from other_shown join codes on dimension = 'quarter' and id = quarter order by quarter"
    return dict(query(folder, sql, file))


def test_other_or_not_disclosed_is_rounded_alike_in_both_files(small_dir):
    for folder in sorted((small_dir / "releases").glob("*-r?")):
        oracle = Disclosure(folder / "internal.duckdb", None, rounding.DEMONSTRATION_SECRET)
        expected = {quarter: oracle.other_shown(quarter) for quarter in oracle.codes["quarter"]}
        told = {quarter: count for quarter, count in expected.items() if count is not None}
        assert others(folder) == others(folder, "internal.duckdb") == told and told


def test_nothing_can_be_read_between_two_editions_of_a_quarter(send, publish, store):
    """A revision of one entity told where its people are, and how many of them are neither women nor men: 108 became
    109, and a station moved. What was told of a quarter stays, and so does what signed-in staff are told of persons.
    """

    def staff(entity: str, station: str, women: int, other: int) -> list[dict[str, str]]:
        place = {"entity": entity, "duty_station": station}
        return [
            *(row(sex=sex, headcount="40", nationality=nation, **place) for sex in "FM" for nation in ("KEN", "CHE")),
            row(sex="F", headcount=str(women), grade="P-5", **place), row(sex="X", headcount=str(other), **place),
        ]  # fmt: skip

    send(staff("ISA", "JAM-kingston", 12, 54), name="isa.csv")
    send(staff("UPU", "CHE-bern", 12, 54), name="upu.csv")
    first = publish()
    persons = "select * from personal_cells order by all"
    before = shown(first.folder), withheld(first.folder), others(first.folder), query(first.folder, persons, INTERNAL)
    assert all(before)
    assert query(first.folder, "select * from changed_since") == []
    for women, other in ((13, 54), (12, 55), (40, 54), (0, 0)):
        send(staff("UPU", "CHE-bern", women, other), name="upu.csv", revise={"2019Q4": "counted again"})
        later = publish()
        folder = later.folder
        told = shown(folder), withheld(folder), others(folder), query(folder, persons, INTERNAL)
        assert told == before
        # What is exact is that of today, and whose figures are others is said.
        assert query(folder, "select women from coverage where staff > 0 order by entity") == [(92,), (80 + women,)]
        assert query(folder, _CHANGED) == query(folder, _CHANGED, INTERNAL) == [("2019Q4", "UPU", first.name)]
        assert ingest.rebuild(store, later.name, secret=samples.SECRET).same
    # As it was sent first: nothing is another.
    send(staff("UPU", "CHE-bern", 12, 54), name="upu.csv", revise={"2019Q4": "it was right"})
    assert query(publish().folder, _CHANGED) == []


INTERNAL = "internal.duckdb"
_CHANGED = """
    select quarters.code, entities.code, told.release
    from changed_since
    inner join told using (quarter)
    inner join codes as quarters on quarters.dimension = 'quarter' and changed_since.quarter = quarters.id
    inner join codes as entities on entities.dimension = 'entity' and changed_since.entity = entities.id
"""


def test_whoever_was_sent_late_is_in_the_next_quarter_and_not_few_in_this(send, publish):
    def staff(entity: str, station: str, quarter: str) -> list[dict[str, str]]:
        place = {"entity": entity, "duty_station": station, "quarter": quarter}
        return [row(sex=sex, headcount="40", nationality=nation, **place) for sex in "FM" for nation in ("KEN", "CHE")]

    send(staff("ISA", "JAM-kingston", "2019Q4"), name="isa.csv")
    publish()
    send(staff("UPU", "CHE-bern", "2019Q4"), name="upu.csv")
    later = publish()
    named = {(name, quarter, member) for name, quarter, member, *_ in shown(later.folder)}
    assert ("country", "2019Q4", "JAM") in named and ("country", "2019Q4", "CHE") not in named
    # An answer does not take who is not there for few.
    warehouse = Warehouse(Settings(data_dir=later.folder.parent.parent, audience="public"))
    answer = ask(warehouse, "by_country", select(entity=["UPU"]))
    assert {row.reason for row in answer.rows} == {"withheld"}
    (note,) = [note for note in answer.notes if note.code == "as-told"]
    assert note.values == {"entities": ("UPU",), "releases": ("2019Q4-r1",)}
    send(staff("ISA", "JAM-kingston", "2020Q1"), name="isa.csv")
    send(staff("UPU", "CHE-bern", "2020Q1"), name="upu.csv")
    named = {(name, quarter, member) for name, quarter, member, *_ in shown(publish("2020Q1").folder)}
    assert ("country", "2020Q1", "CHE") in named and ("country", "2019Q4", "CHE") not in named


def test_regions_of_an_entity_that_is_nearly_all_in_one_are_withheld(send, publish):
    """Whoever has the entity's exact totals and the one region has the few in the others: PAHO's women in a region."""

    def staff(entity: str, station: str, women: int, men: int, grade: str = "P-4") -> list[dict[str, str]]:
        place = {"entity": entity, "duty_station": station, "grade": grade}
        return [row(sex="F", headcount=str(women), **place), row(sex="M", headcount=str(men), **place)]

    send([*staff("PAHO", "USA-washington", 300, 280), *staff("PAHO", "CHE-geneva", 3, 40)], name="paho.csv")
    many = [*staff("UNDP", "USA-new-york", 300, 280), *staff("UNDP", "CHE-geneva", 60, 60)]
    send([values | {"department": "not-reported"} for values in many], name="undp.csv")
    folder = publish().folder
    found, persons = shown(folder), withheld(folder)[0]
    for level in ("", "+category"):
        of = {entity: [key for key in found if key[0] == f"region+entity{level}" and key[3] == entity]
              for entity in ("PAHO", "UNDP")}  # fmt: skip
        assert of["PAHO"] == [] and of["UNDP"]
        assert (f"region+entity{level}", "2019Q4", None, "PAHO", None, None) in persons
        assert not [key for key in persons if key[0] == f"region+entity{level}" and key[3] == "UNDP"]
    # What all entities have in a region is far from one entity, and goes on being told.
    assert [key for key in found if key[0] == "region"]
    oracle = Disclosure(folder / "internal.duckdb", None, samples.SECRET)
    assert oracle.without_rest("region", "2019Q4") == {"PAHO"}


def test_both_files_say_the_same_of_a_release_and_the_key_is_in_one(small_dir):
    folder = newest(small_dir)
    internal = dict(query(folder, "select key, value from meta", "internal.duckdb"))
    told = dict(query(folder, "select key, value from meta"))
    assert internal.pop("audience") == "internal" and told.pop("audience") == "public"
    assert internal.pop("rounding_key") == rounding.rounding_key(rounding.DEMONSTRATION_SECRET)
    assert internal == told
    content = (folder / "public.duckdb").read_bytes()
    assert rounding.rounding_key(rounding.DEMONSTRATION_SECRET).encode() not in content
    submissions = query(
        folder, "select distinct submission from coverage where submission is not null", "internal.duckdb"
    )
    assert submissions and all(name.encode() not in content for (name,) in submissions)


def test_cells_stand_in_order(small_dir):
    keys = "tbl, quarter, member, entity, category, grade"
    stored = query(newest(small_dir), f"select {keys} from cells")
    assert stored == sorted(stored) and len(set(stored)) == len(stored)


def test_a_cell_has_one_figure_in_every_release_table_and_quarter(small_dir):
    """Content decides: wherever cells, and the groups they are in, are the same people, so is what is shown."""
    by_content: dict[tuple, set[tuple]] = defaultdict(set)
    for name in ("2026Q1-r1", "2026Q2-r1", "2026Q3-r1"):
        folder = small_dir / "releases" / name
        oracle = Disclosure(folder / "internal.duckdb", None, rounding.DEMONSTRATION_SECRET)
        contents: dict[tuple[str, str], dict] = {}
        for (table, quarter, *key), value in shown(folder).items():
            if "rc" in table:
                continue
            if (table, quarter) not in contents:
                contents[table, quarter] = oracle.contents(table, quarter)
            codes = tuple(code for code in key if code is not None)
            by_content[contents[table, quarter][codes]].add(value)
    assert all(len(values) == 1 for values in by_content.values())
    assert len(by_content) > 1_000


def test_a_quarter_is_taken_over_and_new_ones_are_told(send, publish, store, lists):
    def staff(quarter: str, women: int) -> list[dict[str, str]]:
        return [
            row(quarter=quarter, grade=grade, sex=sex, headcount=str(women), nationality=nation, age_group=age)
            for grade, sex, nation, age in itertools.product(
                ("P-3", "P-4", "G-5"), "FM", ("KEN", "CHE", "FRA"), ("30-34", "40-44")
            )
        ]

    send(staff("2019Q3", 7))
    send(staff("2019Q4", 8))
    first = publish()
    said = first.manifest["disclosure"]
    assert said["taken_over"] == {} and set(said["quarters"]) == {"2019Q3", "2019Q4"}
    again = publish()
    assert again.manifest["disclosure"]["taken_over"] == dict.fromkeys(("2019Q3", "2019Q4"), first.name)
    assert again.manifest["disclosure"]["quarters"] == said["quarters"]
    assert shown(again.folder) == shown(first.folder)
    send([*staff("2020Q1", 8), *staff("2019Q3", 9)], revise={"2019Q3": "some were forgotten"})
    third = publish("2020Q1")
    assert third.manifest["disclosure"]["taken_over"] == dict.fromkeys(("2019Q3", "2019Q4"), again.name)
    old, new = shown(first.folder), shown(third.folder)
    assert {key: value for key, value in new.items() if key[1] != "2020Q1"} == old
    expected, _ = naive(third.folder, samples.SECRET)
    assert new == expected
    # Nobody came and nobody went: the same cells, the same figures.
    assert {key[2:]: value for key, value in new.items() if key[1] == "2020Q1"} == {
        key[2:]: value for key, value in new.items() if key[1] == "2019Q4"
    }
    assert ingest.rebuild(store, third.name, secret=samples.SECRET).same


def test_figures_of_a_quarter_keep_their_codes_whatever_ids_they_get(send, publish, lists, tmp_path):
    """A new first duty station gives all others another id; what was told before is taken over by code."""
    people = [
        row(sex=sex, duty_station=station, nationality=nation, grade=grade, headcount="20")
        for sex, station, nation, grade in itertools.product(
            "FM", ("CHE-bern", "KEN-nairobi"), ("KEN", "CHE", "FRA"), ("P-3", "P-4")
        )
    ]
    send(people)
    first = publish()
    shutil.copytree(lists.folder, tmp_path / "lists")
    path = tmp_path / "lists" / "duty_stations.csv"
    heading, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(f"{heading}\nABW-aaa,Aaa,ABW,,,,\n{rest}", encoding="utf-8")
    more = codelists.load(tmp_path / "lists")
    send([{**values, "quarter": "2020Q1"} for values in people])
    later = publish("2020Q1", codelists=more)
    assert query(first.folder, _OF_STATIONS, INTERNAL) == query(later.folder, _OF_STATIONS, INTERNAL) != []
    stations = "select id from codes where dimension = 'duty_station' and code = 'KEN-nairobi'"
    assert query(first.folder, stations) != query(later.folder, stations)
    old = shown(first.folder)
    assert {key: value for key, value in shown(later.folder).items() if key[1] == "2019Q4"} == old
    assert [key for key in old if key[0] == "duty_station"]
    assert ingest.rebuild(ingest.Store(later.folder.parent.parent), later.name, secret=samples.SECRET).same


_OF_STATIONS = """
    select quarters.code, stations.code as station, members.code as member, cells.women, cells.men
    from personal_cells as cells
    inner join codes as quarters on quarters.dimension = 'quarter' and cells.quarter = quarters.id
    inner join codes as stations on cells.cut = stations.dimension and cells.place = stations.id
    inner join codes as members on cells.dimension = members.dimension and cells.member = members.id
    where cells.cut = 'duty_station' and quarters.code = '2019Q4'
    order by all
"""


def test_what_has_gone_is_not_told_again(send, publish, store):
    """A quarter whose telling is damaged waits for a backup; what was told from figures that are gone is not judged."""
    people = [row(sex=sex, headcount="30") for sex in "FM"]
    send(people)
    first = publish()
    send([*people, row(grade="P-5", headcount="20")], revise={"2019Q4": "some were forgotten"})
    second = publish()
    assert ingest.rebuild(store, second.name, secret=samples.SECRET).same
    found = ingest.attack(store.data_dir)
    assert found["quarters"] == ["2019Q4"] and found["left_out"] == {} and found["certain"] == 0
    path = second.folder / "internal.duckdb"
    path.write_bytes(path.read_bytes()[:-1])
    # The first has told it too, and is whole.
    assert publish().manifest["disclosure"]["taken_over"] == {"2019Q4": first.name}
    away = store.data_dir / "away"
    first.folder.rename(away)
    found = ingest.attack(store.data_dir)
    assert found["quarters"] == [] and found["left_out"] == {"2019Q4": first.name}
    with pytest.raises(ingest.InputError, match="took quarters over from 2019Q4-r1, which is not there any more"):
        ingest.rebuild(store, "2019Q4-r3", secret=samples.SECRET)
    for name in ("2019Q4-r2", "2019Q4-r3"):
        damaged = store.data_dir / "releases" / name / "public.duckdb"
        damaged.write_bytes(damaged.read_bytes()[:-1])
    with pytest.raises(Fault, match=r"2019Q4-r3, which told 2019Q4, is damaged.*restore its folder from a backup"):
        publish()
    away.rename(first.folder)
    assert publish().manifest["disclosure"]["taken_over"] == {"2019Q4": first.name}


def test_a_quarter_is_not_told_again_because_a_manifest_cannot_be_read(send, publish):
    send()
    first = publish()
    manifest = first.folder / "manifest.json"
    content = manifest.read_bytes()
    manifest.write_bytes(content[:-20])
    send([row(quarter="2020Q1")])
    with pytest.raises(Fault, match=r"not known which quarters were told.*2019Q4-r1"):
        publish("2020Q1")
    manifest.write_bytes(content)
    assert publish("2020Q1").manifest["disclosure"]["taken_over"] == {"2019Q4": first.name}


def test_another_rounding_needs_another_secret(send, publish, monkeypatch):
    send()
    first = publish()
    other = dataclasses.replace(policy_module.load(), offset=1)
    monkeypatch.setattr(policy_module, "load", lambda: other)
    with pytest.raises(ingest.Refused, match=r"2019Q4-r1 was rounded to multiples of 5 with numbers up to 2"):
        publish()
    with pytest.raises(ingest.Refused, match="not the one 2019Q4-r1 was made with"):
        publish(secret="another one of forty characters and a few")
    made = publish(secret="another one of forty characters and a few", new_secret="another policy")
    # By other rules all quarters are told again.
    assert made.manifest["disclosure"]["taken_over"] == {} and first.name == "2019Q4-r1"


def test_movers_are_looked_for_from_what_a_quarter_was_told_from(send, publish):
    """One woman was in Nairobi when the quarter was told; by today's figures nobody ever was."""

    def staff(quarter: str, *more: dict[str, str]) -> list[dict[str, str]]:
        return [*(row(quarter=quarter, sex=sex, headcount="30") for sex in "FM"), *more]

    send(staff("2019Q4", row(duty_station="KEN-nairobi", headcount="1")))
    publish()
    send(staff("2019Q4"), revise={"2019Q4": "she was in Bern"})
    assert publish().manifest["disclosure"]["movers"] == {}
    send(staff("2020Q1"))
    said = publish("2020Q1").manifest["disclosure"]["movers"]
    assert {name: said[name]["movers"] for name in ("duty_station", "country", "region")} == {
        "duty_station": 1, "country": 1, "region": 1,
    }  # fmt: skip


def protected(monkeypatch: pytest.MonkeyPatch, *codes: str, **changed) -> Policy:
    policy = dataclasses.replace(policy_module.load(), presence_protected=codes, **changed)
    monkeypatch.setattr(policy_module, "load", lambda: policy)
    return policy


def _place(station: str, **changed: str) -> list[dict[str, str]]:
    return [
        row(duty_station=station, grade=grade, sex=sex, headcount="20", **changed)
        for grade, sex in itertools.product(("P-3", "P-4", "G-5"), "FM")
    ]


def test_protected_places_exist_in_public_only_as_their_region(send, publish, store, monkeypatch):
    protected(monkeypatch, "KEN-mombasa", "AFG")
    unama = {"entity": "UN", "department": "UNAMA"}
    send([*_place("CHE-geneva", entity="UN", department="OCHA"), *_place("AFG-kabul", **unama)], name="un.csv")
    send([*_place("CHE-bern"), *_place("KEN-mombasa"), row(duty_station="KEN-nairobi", headcount="9")])
    folder = publish().folder
    named = {(dimension, code) for dimension, code in query(folder, "select dimension, code from codes")}
    for place in (("duty_station", "AFG-kabul"), ("country", "AFG"), ("unct", "AFG"), ("department", "UNAMA")):
        assert place not in named, place
    # Most of the staff in the country are in the protected station, so the country is not shown either.
    assert {("duty_station", "KEN-mombasa"), ("country", "KEN"), ("unct", "KEN")}.isdisjoint(named)
    assert ("duty_station", "CHE-bern") in named and ("nationality", "AFG") in named
    assert not {code for _, code in named if code.startswith("AFG-")}
    found = shown(folder)
    asia = found["region", "2019Q4", "asia", None, None, None]
    # Three grades of 20 women and 20 men each: rounded, and in the region that is all there is of the place.
    assert all(abs(count - 60) <= 8 for count in asia)
    attributes = " ".join(
        text for (text,) in query(folder, "select attributes from codes where dimension <> 'nationality'")
    )
    assert "AFG" not in attributes and "KEN" not in attributes
    ids = query(folder, "select dimension, max(id) + 1 - count(*) from codes group by dimension")
    assert all(gap == 0 for _, gap in ids)
    assert ingest.rebuild(store, folder.name, secret=samples.SECRET).same


def test_a_listed_station_that_does_not_dominate_leaves_its_country(send, publish, monkeypatch):
    protected(monkeypatch, "KEN-mombasa")
    send([*_place("KEN-nairobi"), *_place("KEN-nairobi", nationality="CHE"), row(duty_station="KEN-mombasa")])
    named = {code for (code,) in query(publish().folder, "select code from codes where dimension <> 'nationality'")}
    assert "KEN" in named and "KEN-nairobi" in named and "KEN-mombasa" not in named


def test_a_place_that_becomes_protected_is_not_taken_over(send, publish, store, monkeypatch):
    """Once a listed station has more than half of a country's staff, the country is no longer named in any quarter."""
    protected(monkeypatch, "KEN-mombasa")
    places = [*_place("KEN-nairobi"), *_place("CHE-bern"), row(duty_station="KEN-mombasa")]
    send(places)
    first = publish()
    assert ("country", "2019Q4", "KEN", None, None, None) in shown(first.folder)
    later = [*_place("CHE-bern"), *_place("KEN-mombasa"), row(duty_station="KEN-nairobi")]
    send([{**values, "quarter": "2020Q1"} for values in later])
    made = publish("2020Q1")
    members = {member for _, _, member, *_ in shown(made.folder)}
    assert "CHE" in members and "KEN" not in {
        member for name, _, member, *_ in shown(made.folder) if name.startswith("country")
    }
    assert {key for key in shown(made.folder) if key[1] == "2019Q4"} < set(shown(first.folder))
    assert ingest.rebuild(store, made.name, secret=samples.SECRET).same


def test_coverage_tells_no_more_than_the_cells(small_dir, send, publish):
    some = [
        row(grade=grade, sex=sex, age_group=age, headcount="13")
        for grade, sex, age in itertools.product(("P-3", "P-4"), "FM", ("30-34", "40-44", "not-reported"))
    ]
    send([*some, *(row(sex=sex, nationality="CHE", headcount="17") for sex in "FM")])
    seen = 0
    for folder in (newest(small_dir), publish().folder):
        found = shown(folder)
        persons, _ = withheld(folder)
        codes = by_id(folder, "public.duckdb")
        sql = (
            "select quarter, entity, staff, age_group_known, nationality_known, appointment_known, other, temporary, "
            "submission, submitted_at from coverage"
        )
        changed = set(query(folder, "select quarter, entity from changed_since"))
        for quarter, entity, staff, *known, other, temporary, submission, at in query(folder, sql):
            assert other is None and temporary is None and submission is None
            assert at is None or (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
            place = (codes["quarter", quarter], codes["entity", entity])
            for dimension, count in zip(("age_group", "nationality", "appointment"), known, strict=True):
                name = f"{dimension}+entity"
                unknown = found.get((name, place[0], "not-reported", place[1], None, None))
                if (quarter, entity) in changed:
                    assert count is None or staff == 0
                elif count is None:
                    assert (name, place[0], None, place[1], None, None) in persons
                elif count and count != staff:
                    assert unknown is not None and count == staff - unknown[0] - unknown[1]
                    seen += 1
    assert seen


def test_every_public_check_can_fail(small_dir, tmp_path):
    """A public file spoilt in one way each: the check that is there for it finds it."""
    folder = newest(small_dir)
    cell = "tbl = (select id from tables where name = '{}') and quarter = (select max(quarter) from cells)"
    spoilt = {
        "closed_list": "create table staff as select 1 as quarter",
        "codes_without_gaps": "delete from codes where dimension = 'grade' and id = 5",
        "core_equals_internal": "update staff_core set women = women + 1 where rowid = 3",
        "exact_tables_equal_internal": f"update cells set men = men + 1 where {cell.format('region+rc')}",
        "nobody_other": "update other_shown set other = other + 10",
        "persons_near_truth": f"update cells set men = men + 15 where {cell.format('age_group')}",
        "places_near_truth": f"update cells set men = men + 15 where {cell.format('unct+entity')}",
        "protected_places": (
            'update meta set value = replace(value, \'"presence_protected": []\', \'"presence_protected": ["CHE"]\') '
            "where key = 'policy'"
        ),
        "rounded_to_base": f"update cells set men = men + 1 where {cell.format('unct+entity')}",
        "unknown_ids": f"update cells set member = 9999 where {cell.format('country')}",
        "uniformed_equals_internal": "update uniformed set women = women + 1 where rowid = 3",
        "withheld_is_not_shown": (
            "insert into withheld select tbl, 65535, member, entity, 65535, 65535 from cells "
            f"where {cell.format('unct+entity')} limit 1"
        ),
    }
    assert set(spoilt) == {path.stem for path in public.CHECKS.glob("*.sql")}
    # Every table and column that could tell of somebody other, of a submission, or of a count not rounded as published.
    other = (
        "update staff_core set other = 1 where rowid = 3",
        "update staff_core_change set other = -1 where rowid = 3",
        "update movements set other = 1 where rowid = 3",
        "update coverage set other = 0 where rowid = 3",
        "update coverage set temporary = 0 where rowid = 3",
        "update coverage set submission = 'a1' where rowid = 3",
        "update coverage set submitted_at = submitted_at + interval 1 minute where submitted_at is not null",
        "update other_shown set other = other + 1",
        "update other_shown set other = other + 5",
        "update other_shown set other = 0",
        "delete from other_shown where quarter = (select max(quarter) from other_shown)",
        "insert into other_shown select * from other_shown limit 1",
        "delete from meta where key = 'policy'",
        "update meta set value = replace(value, '\"offset\"', '\"once offset\"') where key = 'policy'",
    )
    for name, sql in (*spoilt.items(), *(("nobody_other", sql) for sql in other)):
        path = tmp_path / f"{name}.duckdb"
        shutil.copyfile(folder / "public.duckdb", path)
        check = (public.CHECKS / f"{name}.sql").read_text(encoding="utf-8")
        with duckdb.connect(path) as connection:
            connection.execute(f"attach '{folder / 'internal.duckdb'}' as i (read_only)")
            assert connection.execute(check).fetchall() == [], name
            connection.execute(sql.replace("from tables", 'from "tables"'))
            assert connection.execute(check).fetchall(), (name, sql)


def test_a_failed_check_of_the_public_file_keeps_the_old_release(send, publish, store, tmp_path, monkeypatch):
    send()
    first = publish()
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "always.sql").write_text("select 'wrong' as what, 7 as place")
    monkeypatch.setattr(public, "CHECKS", tmp_path / "checks")
    with pytest.raises(Fault, match=r"always: \('wrong', 7\)"):
        publish()
    assert ingest.current_release(store.data_dir) == first.name


@pytest.mark.parametrize("file", ["internal.duckdb", "public.duckdb"])
def test_damage_of_either_file_is_noticed(send, publish, store, file):
    send()
    made = publish()
    path = made.folder / file
    path.write_bytes(path.read_bytes()[:-1])
    (item,) = ingest.releases(store.data_dir)
    assert item.problem is not None and file in item.problem
    with pytest.raises(Fault, match="cannot be put in service"):
        ingest.rollback(store.data_dir, made.name)
    path.unlink()
    assert ingest.releases(store.data_dir)[0].problem is not None


def test_a_release_of_one_file_is_damaged(send, publish, store):
    send()
    made = publish()
    manifest = json.loads((made.folder / "manifest.json").read_bytes())
    del manifest["files"]["public.duckdb"]
    (made.folder / "manifest.json").write_text(json.dumps(manifest))
    assert "public.duckdb" in ingest.releases(store.data_dir)[0].problem


def test_a_rebuild_notices_what_was_changed_in_public(send, publish, store):
    send([row(grade=grade, sex=sex, headcount="30") for grade in ("P-3", "P-4") for sex in "FM"])
    made = publish()
    assert ingest.rebuild(store, made.name, secret=samples.SECRET).same
    with duckdb.connect(made.folder / "public.duckdb") as connection:
        connection.execute("update cells set women = women + 5 where rowid = 0")
    again = ingest.rebuild(store, made.name, secret=samples.SECRET)
    said, held, made_again = again.tables["public.cells"]
    assert not again.same and said == made_again != held


@given(
    groups=st.lists(st.tuples(*(st.sampled_from((0, 1, 2, ANY)) for _ in range(4))), max_size=6),
    rows=st.lists(st.tuples(*(st.sampled_from((0, 1, 2)) for _ in range(4))), max_size=30),
)
def test_what_is_inside_a_row_group(groups, rows):
    names = ("member", "entity", "category", "grade")
    columns = {name: np.array([values[at] for values in rows], np.uint16) for at, name in enumerate(names)}
    found = cells.inside(columns, RowGroups.of(groups))
    for values, inside in zip(rows, found.tolist(), strict=True):
        assert inside == any(all(a in (ANY, b) for a, b in zip(group, values, strict=True)) for group in groups)


def test_an_attacker_who_stays_certain_stops_the_release(send, publish, store, monkeypatch):
    send()
    first = publish()
    cell = Certain("unct+entity", 0, 3, 4, ANY, ANY, "women", 2)

    def certain(tasks, policy, **options):
        results = [Result(task.now.records.quarter, task.dimension, "public", "", 9, 9, (), (cell,)) for task in tasks]
        return attack.Outcome(tuple(results), {})

    monkeypatch.setattr(attack, "attack_quarters", certain)
    # What was told before is not attacked once more.
    assert publish().manifest["disclosure"]["attack"]["certain"] == 0
    send([row(headcount="9", quarter="2020Q1")])
    with pytest.raises(ingest.InputError, match="certain of 4 cells of 1 to 5"):
        publish("2020Q1")
    assert ingest.current_release(store.data_dir) != first.name and len(ingest.releases(store.data_dir)) == 2


def test_signed_in_staff_who_could_be_certain_stop_the_release(send, publish, store, monkeypatch):
    """Where no group that is not broken down helps, it is the rules that have to be mended."""
    send()
    cell = Certain("age_group+entity+grade", 0, 3, 4, ANY, 7, "men", 4)
    protected = attack.protect

    def certain(task, policy, withheld=None):
        found = protected(task, policy, withheld)
        return dataclasses.replace(found, certain=(cell,)) if task.audience == "internal" else found

    monkeypatch.setattr(attack, "protect", certain)
    with pytest.raises(ingest.InputError, match="signed-in staff could be certain of 1 count of 1 to 5"):
        publish()
    assert ingest.current_release(store.data_dir) is None


def test_what_the_attacker_of_signed_in_answers_found_is_not_broken_down(send, publish, monkeypatch, lists):
    """Neither a group nor all groups of a kind, all staff together included; of other dimensions all stay."""
    nations, ages = ("KEN", "CHE", "FRA", "IND"), ("30-34", "35-39", "40-44", "45-49")
    people = [
        row(sex=sex, grade=grade, nationality=nation, age_group=age, headcount="20")
        for sex, grade, nation, age in itertools.product("FM", ("P-3", "P-4"), nations, ages)
    ]
    send(people)
    broken_down = "select cut, sum(age_group::int), sum(nationality::int), sum(regional_group::int) "
    broken_down += "from personal_groups where quarter = (select max(quarter) from told) group by cut order by cut"
    before = query(publish().folder, broken_down, "internal.duckdb")
    assert {cut: counts[0] for cut, *counts in before}[""] == 1
    assert all(counts[1] for _, *counts in before)
    grade = [member.code for member in lists.members("grade")].index("P-3")
    protected = attack.protect

    def found(task, policy, withheld=None):
        result = protected(task, policy, withheld)
        if task.audience == "internal" and task.dimension == "age_group":
            return dataclasses.replace(result, whole=("age_group", "age_group+entity", "age_group+country"))
        if task.audience == "internal" and task.dimension == "nationality":
            groups = RowGroups.of([(ANY, ANY, ANY, grade)])
            return dataclasses.replace(result, withheld={"nationality+grade": groups})
        return result

    monkeypatch.setattr(attack, "protect", found)
    send([{**values, "quarter": "2020Q1"} for values in people])
    folder = publish("2020Q1").folder
    after = query(folder, broken_down, "internal.duckdb")
    expected = []
    for cut, ages_shown, nations_shown, groups_shown in before:
        ages_shown = 0 if cut in ("", "entity", "country") else ages_shown
        less = 1 if cut == "grade" else 0
        expected.append((cut, ages_shown, nations_shown - less, groups_shown - less))
    assert after == expected
    # Nor are there cells of them, for anybody.
    gone = "select count(*) from personal_cells where quarter = 1 and dimension = 'age_group' and cut = 'entity'"
    assert query(folder, gone, "internal.duckdb") == [(0,)]
    assert not [key for key in shown(folder) if key[:2] == ("age_group+entity", "2020Q1")]
    assert [key for key in shown(folder) if key[:2] == ("age_group+entity", "2019Q4")]


def test_how_many_are_known_is_not_told_where_a_whole_table_is_withheld(send, publish, monkeypatch):
    send([row(sex=sex, age_group=age, headcount="20") for sex in "FM" for age in ("30-34", "40-44", "not-reported")])
    attacked = attack.attack_quarters

    def withholding(tasks, policy, *, withheld, **options):
        new = {"age_group+entity": RowGroups.of([(ANY, ANY, ANY, ANY)])}
        return attacked(tasks, policy, withheld=attack.joined(withheld, new), **options)

    monkeypatch.setattr(attack, "attack_quarters", withholding)
    sql = "select distinct age_group_known from coverage where staff > 0"
    assert query(publish().folder, sql) == [(None,)]


def test_what_was_withheld_stays_withheld(send, publish, store, monkeypatch, lists):
    people = [row(grade=grade, sex=sex, headcount="20") for grade in ("P-3", "P-4") for sex in "FM"]
    send(people)
    attacked = attack.attack_quarters
    entity = sorted(member.code for member in lists.members("entity")).index("UPU")
    station = [member.code for member in lists.members("duty_station")].index("CHE-bern")

    def withholding(tasks, policy, *, withheld, **options):
        new = {"duty_station+entity+category": RowGroups.of([(station, entity, ANY, ANY)])}
        return attacked(tasks, policy, withheld=attack.joined(withheld, new), **options)

    table = "duty_station+entity+category"
    monkeypatch.setattr(attack, "attack_quarters", withholding)
    first = publish()
    assert first.manifest["disclosure"]["withheld"][table] == [["CHE-bern", "UPU", None, None]]
    assert not [key for key in shown(first.folder) if key[0] == table and key[2] == "CHE-bern"]
    monkeypatch.undo()
    monkeypatch.setenv("PARITY_SECRET", samples.SECRET)
    send([{**values, "quarter": "2020Q1"} for values in people])
    later = publish("2020Q1")
    assert later.manifest["disclosure"]["taken_over"] == {"2019Q4": first.name}
    assert (table, None, "CHE-bern", "UPU", None, None) in withheld(later.folder)[1]
    assert not [key for key in shown(later.folder) if key[0] == table and key[2] == "CHE-bern"]
    assert ingest.rebuild(store, later.name, secret=samples.SECRET).same


def test_the_attack_is_clean_and_can_fail(small_dir):
    found = ingest.attack(small_dir)
    assert found["certain"] == 0 and found["withheld"] and len(found["quarters"]) == 6
    manifest = json.loads((newest(small_dir) / "manifest.json").read_bytes())
    said = manifest["disclosure"]["attack"]
    assert said["certain"] == 0 and said["attacked"] == sum(kind["attacked"] for kind in found["attacks"].values())
    plain = ingest.attack(small_dir, plain=True)
    assert plain["certain"] > 1_000
    folder = newest(small_dir)
    both = [folder / "public.duckdb", folder / "internal.duckdb"]
    assert ingest.attack(small_dir, both, quarters=["2026Q3"])["certain"] == 0
    with pytest.raises(ingest.InputError, match="no quarter 1999Q1"):
        ingest.attack(small_dir, [folder], quarters=["1999Q1"])
    with pytest.raises(ingest.InputError, match="there is no file"):
        ingest.attack(small_dir, [folder.parent])
    swapped = [folder / "public.duckdb", small_dir / "releases" / "2026Q1-r1" / "internal.duckdb"]
    with pytest.raises((ingest.Fault, ingest.InputError)):
        ingest.attack(small_dir, swapped, quarters=["2026Q3"])
