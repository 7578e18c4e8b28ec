"""The public file of a release: beside a naive making of it, closed, and the same cell the same figure everywhere."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import shutil
from collections import defaultdict
from pathlib import Path

import duckdb
import numpy as np
import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st
from samples import row

from dashboard import ingest, measures
from dashboard.disclosure import attack, rounding
from dashboard.disclosure import policy as policy_module
from dashboard.disclosure.attack_input import Certain, Result, RowGroups
from dashboard.disclosure.policy import PERSONAL, Policy, from_json
from dashboard.ingest import cells, public
from dashboard.ingest.problems import Fault

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
    """(table, quarter, member, entity, category, grade) by code -> (women, men, status)."""
    codes = by_id(folder, "public.duckdb")
    found = {}
    sql = (
        "select t.name, t.keys[1], c.quarter, c.member, c.entity, c.category, c.grade, c.women, c.men, c.status "
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
    """What the file has to show and which groups it has to withhold: one person group after the other."""
    policy = from_json(dict(query(folder, "select key, value from meta"))["policy"])
    codes = by_id(folder, "internal.duckdb")
    columns = (
        *("quarter", "entity", "department", "category", "grade", "unct", "country", "duty_station", "region"),
        *("headquarters", "age_group", "rc", "nationality", "nationality_region", "regional_group", "appointment"),
    )
    bound = {
        code
        for code, attributes in query(folder, "select code, attributes from codes where dimension = 'department'")
        if json.loads(attributes).get("place_bound") == "1"
    }
    people = []
    for *ids, women, men in query(folder, f"select {', '.join(columns)}, women, men from staff", "internal.duckdb"):
        values = {name: codes[name, number] for name, number in zip(columns, ids, strict=True)}
        record = rounding.record_key(
            secret, values["entity"], values["department"], values["duty_station"], values["grade"], values["rc"]
        )
        people.append((values, record, women, men))
    key = rounding.rounding_key(secret)
    sexes = [rounding.code_key(secret, "sex", sex) for sex in "FM"]
    cells_, groups = {}, set()
    for table in policy.tables().values():
        found: dict[tuple, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        members: dict[tuple, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for values, record, women, men in people:
            temporary = values["appointment"] == "TA"
            if temporary and table.dimension != "appointment":
                continue
            if table.dimension == "department" and values["department"] not in bound:
                continue
            if "rc" in table.keys and values["rc"] != "yes":
                continue
            personal = 0
            if table.kind == PERSONAL:
                keyed = (
                    "nationality" if table.dimension in ("nationality_region", "regional_group") else table.dimension
                )
                personal = rounding.code_key(secret, keyed, values[keyed])
            group = (
                values["quarter"],
                *(values[name] if name in table.keys else None for name in ("entity", "category", "grade")),
            )
            member = values[table.dimension]
            cell = found[group[0], member, *group[1:]]
            for sex, count in enumerate((women, men)):
                cell[sex] += count
                cell[2 + sex] += count * (record + sexes[sex] + personal)
                if not temporary:
                    members[group][member][sex] += count
                else:
                    members[group][member][sex] += 0
        refused = set()
        if table.kind == PERSONAL:
            for group, of in members.items():
                for sex in (0, 1):
                    whole, most = sum(n[sex] for n in of.values()), max(n[sex] for n in of.values())
                    if whole < policy.least_of_each_sex or whole - most < policy.others_at_least:
                        refused.add(group)
        groups |= {(table.name, group[0], None, *group[1:]) for group in refused}
        for (quarter, member, *rest), (women, men, *contents) in found.items():
            if women + men < max(table.floor, 1) or (quarter, *rest) in refused:
                continue
            status = measures.status(women, men) if women + men >= policy.status_from else None
            told = [women, men]
            if table.protection == "rounded":
                told = rounding.round_pair(key, (women, men), contents, policy.base)
            if any(told):
                cells_[table.name, quarter, member, *rest] = (*told, status)
    return cells_, groups


def withheld(folder: Path) -> tuple[set[tuple], set[tuple]]:
    """Groups of persons (by quarter), and row groups the attacker made withhold (in all quarters), by code."""
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


def hidden(key: tuple, places: set[tuple]) -> bool:
    name, _, *rest = key
    return any(
        name == table and all(given is None or given == had for given, had in zip(group, rest, strict=True))
        for table, _, *group in places
    )


def newest(data_dir: Path) -> Path:
    return data_dir / "releases" / ingest.current_release(data_dir)


def test_the_file_is_what_a_naive_making_gives(small_dir):
    folder = newest(small_dir)
    expected, groups = naive(folder, rounding.DEMONSTRATION_SECRET)
    persons, places = withheld(folder)
    assert persons == groups and len(groups) > 100
    found = shown(folder)
    expected = {key: value for key, value in expected.items() if not hidden(key, places)}
    assert found == expected and len(found) > 2_000


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
    """Content decides: wherever women, men, records and personal codes are the same, so is what is shown."""
    by_content: dict[tuple, set[tuple]] = defaultdict(set)
    for name in ("2026Q1-r1", "2026Q2-r1", "2026Q3-r1"):
        folder = small_dir / "releases" / name
        with duckdb.connect() as connection:
            from dashboard.ingest.source import Source, attach

            attach(connection, folder / "internal.duckdb", "i")
            source = Source.of(connection)
            counted = []
            for number in range(len(source.quarters)):
                rows = source.rows(number)
                counted.extend(cells.Quarter(number, rows.core, rows.staff, source.codes, source.policy).tables())
        found = shown(folder)
        tables = source.policy.tables()
        for part in counted:
            if tables[part.table.name].protection == "exact":
                continue
            for at in range(len(part)):
                kinds = ((part.table.dimension, "member"), ("entity",) * 2, ("category",) * 2, ("grade",) * 2)
                ids = [(kind, int(part[column][at])) for kind, column in kinds]
                codes = [None if number == ANY else source.by_id[kind][number] for kind, number in ids]
                value = found.get((part.table.name, source.quarters[int(part["quarter"][at])], *codes))
                if value is not None:
                    contents = (int(part["women_content"][at]), int(part["men_content"][at]))
                    by_content["pair", *contents, int(part["women"][at]), int(part["men"][at])].add(value[:2])
                    by_content["women", contents[0], int(part["women"][at])].add(value[:1])
    assert all(len(values) == 1 for values in by_content.values())
    assert len(by_content) > 1_000


def test_a_quarter_that_is_the_same_is_taken_over_and_a_revised_one_is_not(send, publish, store, lists):
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
    assert said["taken_over"] == 0 and set(said["quarters"]) == {"2019Q3", "2019Q4"}
    again = publish()
    assert again.manifest["disclosure"]["taken_over"] == 2
    assert shown(again.folder) == shown(first.folder)
    send([*staff("2020Q1", 8), *staff("2019Q3", 9)], revise={"2019Q3": "some were forgotten"})
    third = publish("2020Q1")
    assert third.manifest["disclosure"]["taken_over"] == 1
    old, new = shown(first.folder), shown(third.folder)
    assert {key: value for key, value in new.items() if key[1] == "2019Q4"} == {
        key: value for key, value in old.items() if key[1] == "2019Q4"
    }
    expected, _ = naive(third.folder, samples.SECRET)
    places = withheld(third.folder)[1]
    assert new == {key: value for key, value in expected.items() if not hidden(key, places)}
    # Nobody came and nobody went: the same cells, the same figures.
    assert {key[2:]: value for key, value in new.items() if key[1] == "2020Q1"} == {
        key[2:]: value for key, value in new.items() if key[1] == "2019Q4"
    }
    assert ingest.rebuild(store, third.name, secret=samples.SECRET).same


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
    assert ("region", "2019Q4", "asia", None, None, None) in found or any(key[0] == "region" for key in found)
    total = sum(women + men for (table, *_), (women, men, _) in found.items() if table == "region")
    assert total == 6 * 20 * 4 + 9
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
        for quarter, entity, staff, *known, other, temporary, submission, at in query(folder, sql):
            assert other is None and temporary is None and submission is None
            assert at is None or (at.hour, at.minute, at.second, at.microsecond) == (0, 0, 0, 0)
            place = (codes["quarter", quarter], codes["entity", entity])
            for dimension, count in zip(("age_group", "nationality", "appointment"), known, strict=True):
                name = f"{dimension}+entity"
                unknown = found.get((name, place[0], "not-reported", place[1], None, None))
                if count is None:
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
        "exact_tables_equal_internal": f"update cells set men = men + 1 where {cell.format('region')}",
        "nobody_other": "update coverage set other = 3 where rowid = 2",
        "persons_near_truth": f"update cells set men = men + 5 where {cell.format('age_group')}",
        "places_near_truth": f"update cells set men = men + 5 where {cell.format('unct+entity')}",
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
    for name, sql in spoilt.items():
        path = tmp_path / f"{name}.duckdb"
        shutil.copyfile(folder / "public.duckdb", path)
        check = (public.CHECKS / f"{name}.sql").read_text(encoding="utf-8")
        with duckdb.connect(path) as connection:
            connection.execute(f"attach '{folder / 'internal.duckdb'}' as i (read_only)")
            assert connection.execute(check).fetchall() == [], name
            connection.execute(sql.replace("from tables", 'from "tables"'))
            assert connection.execute(check).fetchall(), name


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


def test_many_are_rounded_as_one_is():
    key = rounding.rounding_key(samples.SECRET)
    chance = random.Random(3)
    counts = [(chance.randrange(60), chance.randrange(60)) for _ in range(20_000)]
    contents = [(chance.randrange(1 << 64), chance.randrange(1 << 64)) for _ in counts]
    together = rounding.round_pairs(key, np.array(counts).T, np.array(contents, np.uint64).T, 5).T.tolist()
    assert together == [list(rounding.round_pair(key, n, c, 5)) for n, c in zip(counts, contents, strict=True)]
    off: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    for count, about in zip(counts, together, strict=True):
        one, other = (rounded - true for rounded, true in zip(about, count, strict=True))
        assert max(abs(one), abs(other)) < 5 and abs(one + other) <= 5
        off[count[0] % 5, count[1] % 5].append((one, other))
    # Either sex evens out, whatever is left over of the two.
    assert len(off) == 25
    for rests, errors in off.items():
        for sex in (0, 1):
            assert abs(sum(error[sex] for error in errors)) / len(errors) < 0.35, rests


def test_an_attacker_who_stays_certain_stops_the_release(send, publish, store, monkeypatch):
    send()
    first = publish()
    cell = Certain("unct+entity", 0, 3, 4, ANY, ANY, "women", 2)

    def certain(tasks, policy, **options):
        results = [Result(task.now.records.quarter, task.dimension, "public", "", 9, 9, (), (cell,)) for task in tasks]
        return attack.Outcome(tuple(results), {})

    monkeypatch.setattr(attack, "attack_quarters", certain)
    # The same figures once more are not attacked once more.
    assert publish().manifest["disclosure"]["attack"]["certain"] == 0
    send([row(headcount="9")])
    with pytest.raises(Fault, match="certain of 4 cells of 1 to 5"):
        publish()
    assert ingest.current_release(store.data_dir) != first.name and len(ingest.releases(store.data_dir)) == 2


def test_signed_in_staff_who_could_be_certain_stop_the_release(send, publish, store, monkeypatch):
    """Internal answers know no list of what is withheld, so there it is the rules that have to be mended."""
    send()
    cell = Certain("age_group+entity+grade", 0, 3, 4, ANY, 7, "men", 4)
    attacked = attack.attack

    def certain(task, policy, withheld=None):
        found = attacked(task, policy, withheld)
        return dataclasses.replace(found, certain=(cell,)) if task.audience == "internal" else found

    monkeypatch.setattr(attack, "attack", certain)
    with pytest.raises(Fault, match="signed-in staff could be certain of 1 counts of 1 to 5"):
        publish()
    assert ingest.current_release(store.data_dir) is None


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
        new = {"duty_station+entity+grade": RowGroups.of([(station, entity, ANY, ANY)])}
        return attacked(tasks, policy, withheld=attack.joined(withheld, new), **options)

    table = "duty_station+entity+grade"
    monkeypatch.setattr(attack, "attack_quarters", withholding)
    first = publish()
    assert first.manifest["disclosure"]["withheld"][table] == [["CHE-bern", "UPU", None, None]]
    assert not [key for key in shown(first.folder) if key[0] == table and key[2] == "CHE-bern"]
    monkeypatch.undo()
    monkeypatch.setenv("PARITY_SECRET", samples.SECRET)
    send([{**values, "quarter": "2020Q1"} for values in people])
    later = publish("2020Q1")
    assert later.manifest["disclosure"]["taken_over"] == 1
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
