"""Releases: what is in them, beside a naive reading of what was accepted; back, compared and made again."""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import json
import random
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb
import pytest
import samples
from samples import row, rows
from stores import publishing_from, sending_to

from dashboard import codelists as codelists_module
from dashboard import ingest, text
from dashboard.answering import ask
from dashboard.codelists import CodeLists
from dashboard.ingest import build, codes, contract, public
from dashboard.ingest.figures import LAYOUT, Figures, Unfit
from dashboard.selection import select
from dashboard.settings import AUDIENCES, CARRY_FORWARD_QUARTERS, Settings
from dashboard.warehouse import Warehouse

DIMENSIONS = (
    *("quarter", "entity", "department", "category", "grade", "unct", "country", "duty_station", "region"),
    *("headquarters", "age_group", "rc", "nationality", "nationality_region", "regional_group", "appointment"),
)


def table(folder: Path, name: str, keys: Sequence[str]) -> Counter:
    """A table of a release with codes for ids: keys -> (women, men, other), each key once."""
    with duckdb.connect(folder / "internal.duckdb", read_only=True) as connection:
        codes = {
            (dimension, number): code
            for dimension, number, code in connection.execute("select dimension, id, code from codes").fetchall()
        }
        columns = ", ".join((*keys, "women", "men", "other"))
        found = {}
        for values in connection.execute(f"select {columns} from {name}").fetchall():
            key = tuple(codes[name, number] for name, number in zip(keys, values[: len(keys)], strict=True))
            assert key not in found
            found[key] = values[len(keys) :]
        return found


def query(folder: Path, sql: str) -> list[tuple]:
    with duckdb.connect(folder / "internal.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def naive(lists: CodeLists, accepted: Mapping[tuple[str, str], list[dict[str, str]]], last: str) -> dict:
    """What `staff` has to be: a loop over rows and quarters. `accepted` is (entity, quarter) -> the rows that count."""
    first = min(quarter for _, quarter in accepted)
    cells: dict[tuple, list[int]] = {}
    for entity in {entity for entity, _ in accepted}:
        quarter = first
        while quarter <= last:
            source = quarter
            for _ in range(CARRY_FORWARD_QUARTERS):
                if (entity, source) not in accepted:
                    source = contract.next_quarter(source, -1)
            for values in accepted.get((entity, source), []):
                station, grade, nationality = values["duty_station"], values["grade"], values["nationality"]
                country = lists.country_of(station)
                derived = {
                    **values,
                    "quarter": quarter,
                    "category": lists.category_of(grade),
                    "country": country,
                    "unct": lists.unct_of(country),
                    "region": lists.region_of(country),
                    "headquarters": lists.headquarters_of(entity, station),
                    "nationality_region": lists.nationality_region_of(nationality),
                    "regional_group": lists.regional_group_of(nationality),
                }
                cell = cells.setdefault(tuple(derived[name] for name in DIMENSIONS), [0, 0, 0])
                cell["FMX".index(values["sex"])] += int(values["headcount"])
            quarter = contract.next_quarter(quarter)
    return {key: tuple(counts) for key, counts in cells.items() if any(counts)}


def drawn(lists: CodeLists, entity: str, quarter: str, count: int, seed: int) -> list[dict[str, str]]:
    """Rows of random codes; every third value of an optional dimension is missing in one of the two ways."""
    chance = random.Random(f"{entity} {quarter} {seed}")
    grades = [member.code for member in lists.members("grade") if lists.grade_allowed(entity, member.code)]
    open_ = [m.code for m in lists.departments_of(entity) if lists.department_open(m.code, quarter)][:5]

    def pick(dimension: str) -> str:
        members = [member.code for member in lists.members(dimension)]
        return chance.choice([*members[:20], *["not-reported", "not-applicable"] * 5])

    found = {}
    for _ in range(count):
        values = row(
            quarter=quarter,
            entity=entity,
            department=chance.choice([*open_, "not-reported"]) if open_ else "not-applicable",
            duty_station=chance.choice(["KEN-nairobi", "CHE-geneva", "USA-new-york", "XKX-pristina", "not-reported"]),
            grade=chance.choice(grades),
            sex=chance.choice("FFMMX"),
            age_group=pick("age_group"),
            nationality=pick("nationality"),
            appointment=pick("appointment"),
            rc=pick("rc"),
            headcount=str(chance.randrange(9)),
        )
        found[tuple(values[name] for name in samples.DIMENSIONS)] = values
    return list(found.values())


@pytest.fixture(scope="module")
def history_made(lists, tmp_path_factory):
    """Three entities over seven quarters: late, revised, resubmitted, left out. Not to be written to."""
    store = ingest.Store(tmp_path_factory.mktemp("history") / "var")
    send = sending_to(store, store.data_dir.parent, lists)
    accepted: dict[tuple[str, str], list[dict[str, str]]] = {}
    for number in range(7):
        quarter = contract.next_quarter("2018Q1", number)
        for entity in ("UN", "UPU", "UNDP"):
            # UPU reports twice and then no more; UNDP leaves one quarter out and begins late.
            if (entity == "UPU" and number > 1) or (entity == "UNDP" and number in (0, 4)):
                continue
            accepted[entity, quarter] = drawn(lists, entity, quarter, 25, 1)
            send(accepted[entity, quarter], name=f"{entity}.csv")
    late = dt.datetime(2019, 12, 1, tzinfo=dt.UTC)
    accepted["UNDP", "2019Q2"] = drawn(lists, "UNDP", "2019Q2", 25, 2)
    send(accepted["UNDP", "2019Q2"], name="again.csv", received_at=late, partial="no field offices")
    accepted["UN", "2018Q4"] = drawn(lists, "UN", "2018Q4", 25, 3)
    accepted["UN", "2019Q3"] = drawn(lists, "UN", "2019Q3", 25, 3)
    revised = [*accepted["UN", "2018Q4"], *accepted["UN", "2019Q3"]]
    send(revised, name="revised.csv", revise={"2018Q4": "a department was left out"}, received_at=late)
    return accepted, publishing_from(store, lists)("2019Q3")


@pytest.fixture
def history(history_made, store):
    """A copy of it in the store of this test: what was accepted, and the release made of it."""
    accepted, made = history_made
    shutil.copytree(made.folder.parent.parent, store.data_dir)
    return copy.deepcopy(accepted), dataclasses.replace(made, folder=store.data_dir / "releases" / made.name)


def test_staff_is_what_was_accepted_row_for_row(history, lists):
    accepted, made = history
    staff = table(made.folder, "staff", DIMENSIONS)
    expected = naive(lists, accepted, "2019Q3")
    assert staff == expected and len(staff) > 300


def test_changes_add_up_to_staff(history):
    _, made = history
    staff = table(made.folder, "staff", DIMENSIONS)
    sums: dict[tuple, list[int]] = {}
    changes = table(made.folder, "staff_change", DIMENSIONS)
    rebuilt = {}
    for quarter in sorted({key[0] for key in staff} | {key[0] for key in changes}):
        for (at, *cell), counts in changes.items():
            if at == quarter:
                known = sums.setdefault(tuple(cell), [0, 0, 0])
                for position, count in enumerate(counts):
                    known[position] += count
        rebuilt |= {(quarter, *cell): tuple(counts) for cell, counts in sums.items() if any(counts)}
    assert rebuilt == staff
    assert all(any(counts) for counts in changes.values())


def test_coverage_says_where_figures_come_from(history, lists):
    accepted, made = history
    sql = """
        select quarters.code, entities.code, state, revised, late, "break", sources.code, submission, reason,
            staff, women, men, other, temporary, nationality_known
        from coverage
        inner join codes as quarters on quarters.dimension = 'quarter' and quarters.id = coverage.quarter
        inner join codes as entities on entities.dimension = 'entity' and entities.id = coverage.entity
        left join codes as sources on sources.dimension = 'quarter' and sources.id = coverage.source_quarter
    """
    found = {(quarter, entity): values for quarter, entity, *values in query(made.folder, sql)}
    assert len(found) == 7 * len(lists.members("entity"))
    said = {place: tuple(values[:7]) for place, values in found.items()}
    again = "figures of 2018Q2"
    assert said["2018Q1", "UN"] == ("reported", False, False, False, "2018Q1", "UN/2018Q1/0001", None)
    assert said["2018Q4", "UN"] == (
        *("reported", True, False, False, "2018Q4", "UN/2019Q3/0008", "a department was left out"),
    )
    assert said["2018Q1", "UNDP"] == ("not-submitted", False, False, False, None, None, "no submission")
    assert said["2019Q1", "UNDP"][0] == "carried" and said["2019Q1", "UNDP"][4] == "2018Q4"
    assert said["2019Q2", "UNDP"] == ("partial", True, False, False, "2019Q2", "UNDP/2019Q2/0006", "no field offices")
    assert said["2019Q2", "UPU"][0] == "carried" and again in said["2019Q2", "UPU"][6]
    assert said["2019Q3", "UPU"][0] == "not-submitted"
    for (entity, quarter), table_ in accepted.items():
        regular = [values for values in table_ if values["appointment"] != "TA"]

        def persons(sexes: str, chosen: list[dict[str, str]]) -> int:
            return sum(int(values["headcount"]) for values in chosen if values["sex"] in sexes)

        known = [values for values in regular if values["nationality"] != "not-reported"]
        temporary = [values for values in table_ if values["appointment"] == "TA"]
        assert tuple(found[quarter, entity][7:]) == (
            *(persons(sexes, regular) for sexes in ("FM", "F", "M", "X")),
            persons("FM", temporary),
            persons("FM", known),
        )


def test_a_late_first_submission_is_late(send, publish):
    send(received_at=dt.datetime(2020, 2, 14, tzinfo=dt.UTC))
    isa = {"entity": "ISA", "duty_station": "JAM-kingston"}
    send([row(**isa)], name="isa.csv", received_at=dt.datetime(2020, 2, 15, tzinfo=dt.UTC))
    made = publish()
    assert query(made.folder, "select submission, late from coverage where submission is not null order by all") == [
        ("ISA/2019Q4/0001", True),
        ("UPU/2019Q4/0001", False),
    ]


def test_a_series_break_is_marked_where_the_code_lists_have_it(send, publish, lists):
    (known, *_) = lists.series_breaks
    for quarter in (known.quarter, contract.next_quarter(known.quarter)):
        send([row(entity=known.entity, quarter=quarter)])
    folder = publish(contract.next_quarter(known.quarter)).folder
    assert query(folder, 'select "break" from coverage where submission is not null order by quarter') == [
        (True,),
        (False,),
    ]


def test_movements_come_along(store, lists, tmp_path, publish):
    staff = samples.write_csv(tmp_path / "staff.csv", rows())
    line = {"quarter": "2019Q4", "entity": "UPU", "grade": "P4", "sex": "F", "kind": "appointed", "count": "2"}
    moved = samples.write_csv(tmp_path / "m.csv", [line, line | {"sex": "X", "count": "1"}, line | {"grade": "G-6"}])
    at = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
    ingest.submit(store, [staff, moved], codelists=lists, received_at=at, durable=False)
    found = table(publish().folder, "movements", ("quarter", "entity", "department", "grade", "category", "kind"))
    place = ("2019Q4", "UPU", "not-applicable")
    assert found == {(*place, "P-4", "P", "appointed"): (2, 0, 1), (*place, "G-6", "GS", "appointed"): (2, 0, 0)}


def test_the_manifest_tells_what_went_in(history, store):
    _, made = history
    manifest = json.loads((made.folder / "manifest.json").read_bytes())
    assert manifest == json.loads(json.dumps(made.manifest))
    for submission_id, said in manifest["inputs"]["submissions"].items():
        assert set(said["files"].values()) == {
            item["sha256"] for item in store.submission(submission_id).manifest["files"]
        }
    assert "UNDP/2019Q2/0005" not in manifest["inputs"]["submissions"]  # superseded
    assert manifest["files"]["internal.duckdb"]["bytes"] == (made.folder / "internal.duckdb").stat().st_size
    assert manifest["rows"]["staff"] == query(made.folder, "select count(*) from staff")[0][0]
    checks = [*build.CHECKS.glob("*.sql"), *public.CHECKS.glob("*.sql")]
    assert len(manifest["checks"]) == len(checks) > 15
    meta = dict(query(made.folder, "select key, value from meta"))
    assert meta["name"] == manifest["name"] == "2019Q3-r1" and meta["demonstration"] == "false"


def test_rows_stand_in_order(history):
    _, made = history
    keys = "quarter, entity, unct, grade, duty_station, department, age_group, nationality, appointment, rc"
    stored = query(made.folder, f"select {keys} from staff")
    assert stored == sorted(stored)


def test_a_demonstration_is_said_to_be_one(send, publish):
    send(origin="demonstration")
    made = publish()
    assert made.manifest["demonstration"] is True
    assert dict(query(made.folder, "select key, value from meta"))["demonstration"] == "true"


def test_the_same_inputs_give_the_same_release(history, store, publish):
    _, made = history
    assert publish("2019Q3").manifest["content"] == made.manifest["content"]
    assert ingest.rebuild(store, made.name, secret=samples.SECRET).same


def test_later_quarters_and_submissions_do_not_change_a_rebuild(history, store, send, lists):
    _, made = history
    send(drawn(lists, "UN", "2019Q3", 25, 9), name="more.csv")
    send(drawn(lists, "UN", "2019Q4", 25, 9), name="more.csv")
    assert ingest.rebuild(store, made.name, secret=samples.SECRET).same


def test_a_rebuild_notices_what_was_changed(history, store):
    _, made = history
    with duckdb.connect(made.folder / "internal.duckdb") as connection:
        connection.execute("update staff set women = women + 1 where rowid = 7")
    again = ingest.rebuild(store, made.name, secret=samples.SECRET)
    assert (not again.same and "checksum" in again.problem) or "bytes" in again.problem
    said, held, made_again = again.tables["staff"]
    assert said == made_again != held


def test_a_rebuild_says_why_it_cannot(history, store):
    _, made = history
    ingest.purge(store, "UN/2018Q2/0002", "retention rule")
    with pytest.raises(ingest.InputError, match="retention rule"):
        ingest.rebuild(store, made.name, secret=samples.SECRET)
    # What was released stays, and so does what the next release needs.
    assert ingest.releases(store.data_dir)[0].problem is None


def test_normalised_copies_can_be_made_again(history, store, publish):
    _, made = history
    copies = sorted((store.folder / "normalised").rglob("*.parquet"))
    copies[0].write_bytes(copies[0].read_bytes()[:-20])
    copies[1].write_bytes(b"")
    shutil.rmtree(copies[-1].parent)
    assert publish("2019Q3").manifest["content"] == made.manifest["content"]


@pytest.mark.parametrize("damage", ["layout", "content", "junk"])
def test_a_copy_of_another_version_or_damaged_is_made_again_wherever_it_is_read(
    store, send, publish, lists, tmp_path, damage, monkeypatch
):
    submission = send()
    path = store.normalised_path(submission.id, "2019Q4")
    figures, _ = Figures.read(path)
    whole = ingest.template(tmp_path / "whole.xlsx", "UPU", "2020Q1", codelists=lists, store=store)
    if damage == "junk":
        path.write_bytes(b"PAR1 no more")
    else:
        with monkeypatch.context() as patch:
            if damage == "layout":
                patch.setattr("dashboard.ingest.figures.LAYOUT", "1")
            notes = {"content": "another" if damage == "content" else figures.content(), "codelists": "x"}
            figures.write(path, "UPU", codes.of(lists), notes)
    with pytest.raises(Unfit):
        Figures.read(path)
    made = ingest.template(tmp_path / "undp.xlsx", "UPU", "2020Q1", codelists=lists, store=store)
    assert (made.rows, made.prefilled_from) == (whole.rows, "2019Q4")
    assert Figures.read(path)[0].content() == figures.content()


def test_a_change_of_how_ids_are_packed_is_another_layout():
    # A copy packed in another way would be read as other people: raise the number in LAYOUT with anything else.
    assert LAYOUT.startswith("3 ") and len(LAYOUT.split()[1]) == 16


def changed_lists(lists: CodeLists, folder: Path, file: str, old: str, new: str) -> CodeLists:
    shutil.copytree(lists.folder, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return codelists_module.load(folder)


def test_figures_follow_the_code_lists_even_where_raw_files_are_gone(history, store, lists, tmp_path, publish):
    _, made = history
    ingest.purge(store, "UN/2018Q2/0002", "retention rule")
    # A new first member moves the ids of all the others.
    other = changed_lists(lists, tmp_path / "lists", "nationalities.csv", "AFG,Afghanistan", "AFG,A Afghanistan")
    again = ingest.release(
        store,
        "2019Q3",
        codelists=other,
        secret=samples.SECRET,
        accepted_warnings=dict.fromkeys(ingest.RELEASE_WARNINGS, "a test"),
    )
    assert table(again.folder, "staff", DIMENSIONS) == table(made.folder, "staff", DIMENSIONS)
    difference = ingest.diff(store.data_dir, made.name, again.name)
    assert [(item.dimension, item.code, item.change) for item in difference.codes] == [
        ("nationality", "AFG", "changed")
    ]
    assert difference.entities == ()


def test_a_code_that_has_gone_stops_the_release(send, store, lists, tmp_path, publish):
    send([row(age_group="65plus")])
    other = changed_lists(lists, tmp_path / "lists", "age_groups.csv", "65plus,65 and over,10\n", "")
    with pytest.raises(ingest.Refused) as refused:
        ingest.release(store, "2019Q4", codelists=other, secret=samples.SECRET)
    assert [problem.code for problem in refused.value.report.errors] == ["submission-outdated"]
    assert ingest.current_release(store.data_dir) is None


def test_diff_tells_what_changed(history, store, send, publish, lists):
    accepted, made = history
    changed = [dict(values) for values in accepted["UN", "2019Q3"]]
    regular = next(n for n, values in enumerate(changed) if values["sex"] == "F")
    changed[regular]["headcount"] = str(int(changed[regular]["headcount"]) + 5)
    send(changed, name="diff.csv", received_at=dt.datetime(2019, 12, 2, tzinfo=dt.UTC))
    after = publish("2019Q3")
    difference = ingest.diff(store.data_dir, made.name, after.name)
    (item,) = difference.entities
    assert (item.quarter, item.entity, item.cells) == ("2019Q3", "UN", 1)
    assert (item.women_after - item.women_before, item.men_after - item.men_before) == (5, 0)
    women = sum(int(values["headcount"]) for values in changed if values["sex"] == "F")
    assert item.women_after == women
    assert difference.codes == () and not difference.same
    assert ingest.diff(store.data_dir, made.name, made.name).same


def test_diff_of_another_quarter(history, store, send, publish, lists):
    _, made = history
    send(drawn(lists, "UN", "2019Q4", 25, 9), name="more.csv")
    after = publish("2019Q4")
    found = {(item.quarter, item.entity) for item in ingest.diff(store.data_dir, made.name, after.name).entities}
    assert found == {("2019Q4", "UN"), ("2019Q4", "UNDP")}  # reported and carried forward


def test_names_are_never_used_again(send, publish, store):
    send()
    assert [publish().name for _ in range(3)] == ["2019Q4-r1", "2019Q4-r2", "2019Q4-r3"]
    shutil.rmtree(store.data_dir / "releases" / "2019Q4-r3")
    assert publish().name == "2019Q4-r4"


def test_rollback_moves_the_pointer_only(send, publish, store):
    send()
    first, second = publish(), publish()
    files = {path: path.read_bytes() for path in second.folder.iterdir()}
    assert ingest.rollback(store.data_dir, first.name) == second.name
    assert ingest.current_release(store.data_dir) == first.name
    assert {path: path.read_bytes() for path in second.folder.iterdir()} == files
    with pytest.raises(ingest.InputError, match="2019Q4-r1, 2019Q4-r2"):
        ingest.rollback(store.data_dir, "2019Q4-r9")
    (first.folder / "internal.duckdb").write_bytes(b"short")
    ingest.rollback(store.data_dir, second.name)
    with pytest.raises(ingest.Fault, match="cannot be put in service"):
        ingest.rollback(store.data_dir, first.name)
    assert ingest.current_release(store.data_dir) == second.name
    assert [item.problem is None for item in ingest.releases(store.data_dir)] == [False, True]


@pytest.mark.parametrize("content", [b"", b"2019Q4-r7\n", b"../../x", b"\xff\xfe\x00", b"2019Q4-r1"])
def test_a_corrupt_pointer_is_said_and_can_be_repaired(send, publish, store, content):
    send()
    name = publish().name
    (store.data_dir / "releases" / "current").write_bytes(content)
    if content.strip() == name.encode():
        assert ingest.current_release(store.data_dir) == name
        return
    with pytest.raises(ingest.Fault, match="rollback"):
        ingest.current_release(store.data_dir)
    assert [item.current for item in ingest.releases(store.data_dir)] == [False]
    ingest.rollback(store.data_dir, name)
    assert ingest.current_release(store.data_dir) == name


def test_nothing_to_release(store, publish, send):
    with pytest.raises(ingest.Refused, match="no submission for 2019Q4"):
        publish()
    send()
    with pytest.raises(ingest.Refused):
        publish("2020Q1")  # carried forward only
    with pytest.raises(ingest.InputError):
        publish("2020-Q1")
    assert ingest.releases(store.data_dir) == []


def test_warnings_have_to_be_accepted_with_a_reason(send, store, lists):
    send([row(headcount="60")])
    send([row(quarter="2020Q1", headcount="90")])

    def make(**accepted):
        return ingest.release(store, "2020Q1", codelists=lists, secret=samples.SECRET, accepted_warnings=accepted)

    for accepted in ({}, {"unchanged": "another"}, {"large-change:UNDP": "another"}):
        with pytest.raises(ingest.Refused) as refused:
            make(**accepted)
        (problem,) = refused.value.report.errors
        assert problem.code == "large-change" and "90 women after 60" in problem.message
    with pytest.raises(ingest.Refused) as refused:
        make(**{"large-changes": "a spelling mistake"})
    assert "unknown-warning" in {problem.code for problem in refused.value.report.errors}
    assert ingest.releases(store.data_dir) == []
    made = make(**{"large-change:UPU": "a unit was taken over"})
    (warning,) = made.manifest["warnings"]
    assert (warning["code"], warning["reason"]) == ("large-change", "a unit was taken over")


def test_no_warning_passes_without_a_reason_however_many_there_are(send, store, lists):
    """A report lists 20 of a kind; the 21st entity with a large change once was released without being accepted."""
    entities = [
        member.code
        for member in lists.members("entity")
        if lists.entity_open(member.code, "2019Q4") and lists.grade_allowed(member.code, "P-4")
    ][:25]
    assert len(entities) == 25
    for entity in entities:
        place = {"entity": entity, "department": "not-reported"}
        send([row(headcount="60", **place)])
        send([row(quarter="2020Q1", headcount="90", **place)])
    with pytest.raises(ingest.Refused) as refused:
        ingest.release(store, "2020Q1", codelists=lists, secret=samples.SECRET)
    assert len(refused.value.report.errors) == 25
    asked = {f"large-change:{entity}": "asked" for entity in entities[:20]}
    with pytest.raises(ingest.Refused) as refused:
        ingest.release(store, "2020Q1", codelists=lists, secret=samples.SECRET, accepted_warnings=asked)
    assert [problem.value for problem in refused.value.report.errors] == sorted(entities[20:])
    asked |= dict.fromkeys([f"large-change:{entity}" for entity in entities[20:]], "asked too")
    made = ingest.release(store, "2020Q1", codelists=lists, secret=samples.SECRET, accepted_warnings=asked)
    assert [warning["reason"] for warning in made.manifest["warnings"]].count("asked too") == 5


def test_missing_but_carried_is_a_note_and_too_old_is_a_warning(send, store, publish):
    isa = {"entity": "ISA", "duty_station": "JAM-kingston"}
    send([row(**isa)], name="isa.csv")
    for number in range(1, 6):
        send([row(quarter=contract.next_quarter("2019Q4", number))])
    made = publish("2020Q4", accepted_warnings={})
    assert "ISA has not submitted; its figures of 2019Q4 are carried forward" in made.manifest["notes"]
    with pytest.raises(ingest.Refused) as refused:
        publish("2021Q1", accepted_warnings={})
    assert [problem.code for problem in refused.value.report.errors] == ["missing-entity"]


def test_the_same_staff_twice_is_a_warning_of_the_release(send, publish):
    for entity in ("UPU", "ISA"):
        table_ = [row(entity=entity, grade=grade, headcount="5") for grade in ("P-5", "P-4", "P-3", "G-6")]
        send(table_, name=f"{entity}.csv")
    with pytest.raises(ingest.Refused) as refused:
        publish(accepted_warnings={})
    assert [problem.code for problem in refused.value.report.errors] == ["counted-twice"]


def test_every_check_can_fail(history, tmp_path):
    """A release spoilt in one way each: the check that is there for it finds it."""
    _, made = history
    spoilt = {
        "unknown_ids": "update staff set grade = 999 where rowid = 3",
        "codes_without_gaps": "delete from codes where dimension = 'grade' and id = 5",
        "empty_cells": "update staff set women = 0, men = 0, other = 0 where rowid = 3",
        "order_of_cells": "insert into staff select * from staff where rowid = 3",
        "changes_add_up": "update staff_change set men = men + 1 where rowid = 3",
        "coverage_equals_staff": "update coverage set women = women + 1 where rowid = 20",
        "coverage_is_whole": "delete from coverage where rowid = 20",
        "submissions_equal_staff": "update accepted set women = women + 1 where rowid = 3",
        "rows_equal_submissions": "update accepted_cells set cells = cells + 1 where rowid = 3",
        "movements_are_reported": "insert into movements values (0, 0, 0, 0, 0, 9, 1, 0, 0)",
        "quarters_in_a_row": "delete from coverage where quarter = 2",
        "core_equals_staff": "update staff_core set men = men + 1 where rowid = 3",
        "uniformed_is_whole": "update uniformed set mission = 0 where rowid = 3",
        "groups_are_whole": "update personal_groups set staff = staff + 1 where rowid = 3",
    }
    assert set(spoilt) == {path.stem for path in build.CHECKS.glob("*.sql")}
    more = (
        "delete from personal_groups where rowid = 3",
        "insert into personal_groups select quarter, 'unct+entity', * exclude (quarter, cut) from personal_groups "
        "where rowid = 3",
        "insert into personal_groups select * from personal_groups where rowid = 3",
        "update personal_groups set age_group = true where staff < 24",
        "update personal_groups set regional_group = true where not nationality",
    )
    for name, sql in (*spoilt.items(), *(("groups_are_whole", sql) for sql in more)):
        path = tmp_path / f"{name}.duckdb"
        shutil.copyfile(made.folder / "internal.duckdb", path)
        check = (build.CHECKS / f"{name}.sql").read_text(encoding="utf-8")
        with duckdb.connect(path) as connection:
            # What a build compares with; here made of the figures, so that they agree until they are spoilt.
            connection.execute(
                "create temp table accepted as select quarter, entity, "
                "case when kinds.code = 'TA' then 'temporary' else grades.code end as grade, "
                "sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other from staff "
                "join codes as grades on grades.dimension = 'grade' and grades.id = grade "
                "join codes as kinds on kinds.dimension = 'appointment' and kinds.id = appointment "
                "group by all"
            )
            connection.execute(
                "create temp table accepted_cells as select quarter, entity, count(*)::integer as cells from staff "
                "group by all"
            )
            assert connection.execute(check).fetchall() == [], name
            connection.execute(sql)
            assert connection.execute(check).fetchall(), name


@pytest.mark.parametrize("audience", AUDIENCES)
def test_quarters_that_nobody_has_sent_are_released_as_unknown(send, publish, store, audience):
    """IAEA of 2001 and of 2011: figures are carried forward for a year, and then there are none for eight."""
    for quarter in ("2001Q4", "2011Q4"):
        send(rows(entity="IAEA", quarter=quarter, duty_station="AUT-vienna"), name=f"{quarter}.csv")
    made = publish("2011Q4")
    assert publish("2011Q4").name == "2011Q4-r2"
    states = Counter(state for (state,) in query(made.folder, "select state from coverage where staff is not null"))
    assert states["reported"] == 2 and states["carried"] == 4
    warehouse = Warehouse(Settings(data_dir=store.data_dir, audience=audience))
    told = {
        (row.keys["basis"], row.keys["quarter"]): row for row in ask(warehouse, "trend", select(entity="IAEA")).rows
    }
    gap = [quarter for basis, quarter in told if basis == "all" and "2003Q1" <= quarter <= "2011Q3"]
    assert len(gap) == 35
    assert {(told["all", quarter].women, told["all", quarter].reason) for quarter in gap} == {(None, "not-submitted")}
    assert [quarter for basis, quarter in told if basis == "same-entities"] == ["2001Q4", "2011Q4"]
    assert ask(warehouse, "by_grade", select("2005Q1")).rows == ()
    assert text.headline(ask(warehouse, "headline", select("2005Q1"))).startswith("No figures for 2005Q1")


def test_figures_that_come_late_for_a_quarter_that_had_none_are_released(send, publish):
    """The attacker then knows an edition in which there was nobody, beside one in which there is somebody."""
    for quarter in ("2018Q2", "2019Q4"):
        send(rows(entity="IAEA", quarter=quarter, duty_station="AUT-vienna"), name=f"{quarter}.csv")
    send(rows(entity="UPU", quarter="2017Q4"), name="others.csv")
    publish()
    (silent,) = query(publish().folder, "select count(*) from coverage where staff = 0 and state = 'not-submitted'")[0]
    assert silent
    for quarter in ("2019Q3", "2017Q1"):
        send(rows(entity="IAEA", quarter=quarter, duty_station="AUT-vienna"), name=f"late {quarter}.csv")
    assert publish().name == "2019Q4-r3"


def test_a_failed_check_keeps_the_old_release(send, publish, store, tmp_path, monkeypatch):
    send()
    first = publish()
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "always.sql").write_text("select 'wrong' as what, 7 as place")
    monkeypatch.setattr(build, "CHECKS", tmp_path / "checks")
    with pytest.raises(ingest.Fault, match=r"always: \('wrong', 7\)"):
        publish()
    assert ingest.current_release(store.data_dir) == first.name
    assert [item.name for item in ingest.releases(store.data_dir)] == [first.name]
    assert sorted(path.name for path in first.folder.parent.iterdir()) == [
        "2019Q4-r1",
        "current",
        "history.jsonl",
        "lock",
    ]


def test_release_infos_are_plain(send, publish, store):
    send()
    publish()
    (info,) = ingest.releases(store.data_dir)
    assert dataclasses.asdict(info)["manifest"]["name"] == info.name and info.current
