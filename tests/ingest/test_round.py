"""A publisher's quarter: nothing is replaced in silence, all that is missing is said at once, and what is wrong can be
withdrawn.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import openpyxl
import pytest
import samples
from click.testing import CliRunner
from flask.testing import FlaskClient
from samples import row, rows

from dashboard import cli, ingest
from dashboard.factory import create_app
from dashboard.ingest import corrections
from dashboard.settings import AUDIENCES, Settings
from dashboard.warehouse import Warehouse, WithdrawnRelease

AT = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
MOVED = {"quarter": "2019Q4", "entity": "UPU", "grade": "P-4", "sex": "F", "kind": "appointed", "count": "2"}


class Client(FlaskClient):
    """A client that reads every answer to its end, so that files are closed behind it."""

    def open(self, *args, **kwargs):
        return super().open(*args, buffered=True, **kwargs)


@pytest.fixture
def parity(store):
    def run(*arguments: str | Path, code: int = 0) -> str:
        done = CliRunner().invoke(cli.parity, [*map(str, arguments), "--data-dir", str(store.data_dir)])
        assert done.exit_code == code, (done.output, done.exception)
        assert "Traceback" not in done.output and "the system failed" not in done.output
        return done.output

    return run


def query(folder: Path, sql: str, file: str = "internal.duckdb") -> list[tuple]:
    with duckdb.connect(folder / file, read_only=True) as connection:
        return connection.execute(sql).fetchall()


# -- templates --


def test_a_template_of_a_quarter_that_is_not_over_says_so(lists, tmp_path):
    made = ingest.template(tmp_path / "t.xlsx", "UPU", "2020Q1", codelists=lists, today=dt.date(2020, 3, 30))
    (warning,) = made.warnings
    assert warning.startswith("2020Q1 is not over until 31 March 2020")
    after = ingest.template(tmp_path / "t.xlsx", "UPU", "2020Q1", codelists=lists, today=dt.date(2020, 3, 31))
    assert after.warnings == () and after.correction_of is None


def test_a_correction_starts_from_the_accepted_rows_and_movements(parity, store, lists, tmp_path):
    staff, moved = samples.write_csv(tmp_path / "s.csv", rows()), samples.write_csv(tmp_path / "m.csv", [MOVED])
    parity("submit", staff, moved)
    path = tmp_path / "again.xlsx"
    said = parity("template", "--entity", "UPU", "--quarter", "2019Q4", "-o", path)
    assert "warning: UPU 2019Q4 is accepted already as UPU/2019Q4/0001" in said and "--replace" in said
    assert "6 rows and 1 row of movements as accepted with UPU/2019Q4/0001, to be corrected" in said
    # As it is, it is what is accepted: nothing is replaced.
    same = parity("check", path)
    assert "accepted-already: UPU 2019Q4 is accepted already as UPU/2019Q4/0001" in same
    assert "with the same figures" in same and "good: 0 errors, 1 warning" in same
    book = openpyxl.load_workbook(path)
    line = next(cells for cells in book["staff"].iter_rows(min_row=2) if cells[5].value == "F")
    line[10].value += 1
    book.save(path)
    before = sum(int(values["headcount"]) for values in rows() if values["sex"] == "F")
    refused = parity("submit", path, code=1)
    assert f"women {before} -> {before + 1}, men 12 -> 12" in refused and '--replace "reason"' in refused
    assert "movements" not in refused
    assert len(ingest.Store(store.data_dir).submissions()) == 1
    accepted = parity("submit", path, "--replace", "one woman\u202e was left out")
    assert f"women {before} -> {before + 1}" in accepted and "accepted as UPU/2019Q4/0002" in accepted
    newest = ingest.Store(store.data_dir).newest("UPU")["2019Q4"]
    assert newest.manifest["replaces"] == "one woman was left out" and newest.quarters["2019Q4"]["movements"]


# -- nothing is replaced in silence --


def test_what_is_replaced_is_said_beside_every_other_problem(store, lists, send, tmp_path):
    send()

    def check(table, **options):
        path = samples.write_csv(tmp_path / "new.csv", table)
        return ingest.check([path], codelists=lists, store=store, today=AT.date(), **options)

    report = check([*rows(5), row(grade="P-9")])
    assert {problem.code for problem in report.errors} == {"unknown-code", "replaces"}
    report = check(rows(5))
    (problem,) = report.errors
    assert problem.code == "replaces" and "women 9 -> 7, men 12 -> 12, other or not disclosed 1 -> 1" in problem.message
    assert "UPU/2019Q4/0001, of 30 January 2020" in problem.message
    assert check(rows(5), replace=" ").errors and check(rows(5), replace="two left").ok
    assert check(rows(5), replace="\u200b\u202e").errors, "what nobody can read is no reason"
    # Another combination with the same sums is another figure.
    moved = [row(**(values | {"nationality": "FRA"})) if n == 0 else values for n, values in enumerate(rows())]
    assert "the same numbers, of other combinations" in check(moved).errors[0].message
    # A quarter that is revised has its reason already, and shows what becomes of it.
    report = check([*rows(3), *rows(4, quarter="2019Q3")], revise={"2019Q3": "late"}, replace="again")
    assert report.ok and [problem.code for problem in report.warnings].count("replaces") == 1
    # What is declared partial now is another statement, though the figures are the same.
    assert [problem.code for problem in check(rows(), partial="no field offices").errors] == ["replaces"]


def test_movements_that_would_be_lost_are_said(store, lists, tmp_path):
    staff, moved = samples.write_csv(tmp_path / "s.csv", rows()), samples.write_csv(tmp_path / "m.csv", [MOVED])
    ingest.submit(store, [staff, moved], codelists=lists, received_at=AT, durable=False)
    report = ingest.check([staff], codelists=lists, store=store, today=AT.date())
    assert "the same staff; its movements are lost" in report.errors[0].message


def test_a_reason_to_replace_nothing_is_said(store, lists, tmp_path):
    path = samples.write_csv(tmp_path / "s.csv", rows())
    report = ingest.check([path], codelists=lists, store=store, today=AT.date(), replace="a mistake")
    assert report.ok and [problem.code for problem in report.warnings] == ["nothing-to-replace"]


# -- what is missing is one list --


def everything(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_is_missing_for_a_release_is_one_list(send, store, parity, monkeypatch):
    send([row(headcount="60")])
    send([row(quarter="2020Q1", headcount="90")])
    entry = "UPU,2019Q4,grade=P-4,women,3,4,,one left out,A. Reviewer"
    (store.data_dir / corrections.FILE).write_text(",".join(corrections.COLUMNS) + f"\n{entry}\n")
    monkeypatch.delenv("PARITY_SECRET")
    for arguments in (("--dry-run",), ()):
        said = parity("release", "2020Q1", *arguments, code=1)
        assert "Not released: 3 things are missing" in said
        numbered = [line.partition(":")[0] for line in said.splitlines() if line[:1].isdigit()]
        assert numbered == ["1. secret", "2. large-change", "3. correction"]
    assert not [path for path in (store.data_dir / "releases").iterdir() if path.name != "lock"]
    said = json.loads(parity("release", "2020Q1", "--dry-run", "--format", "json", code=1))
    assert (said["ok"], said["manifest"], said["would_be"]) == (False, None, "2020Q1-r1")
    assert "1. no-submission: there is no submission for 2021Q1" in parity("release", "2021Q1", code=1)


def test_a_dry_run_does_everything_and_keeps_nothing(send, store, parity):
    send([row(headcount="60"), row(sex="M", headcount="60")])
    parity("release", "2019Q4")
    send([row(quarter="2020Q1", headcount="90"), row(quarter="2020Q1", sex="M", headcount="60")])
    send([row(headcount="61"), row(sex="M", headcount="60")])
    before = everything(store.data_dir)
    said = parity("release", "2020Q1", "--dry-run", code=1)
    # A reason is missing; what it is for is seen all the same.
    assert "2020Q1 UPU: 1 cell, women 0 -> 90, men 0 -> 60" in said
    assert "2019Q4 UPU: 1 cell, women 60 -> 61, men 60 -> 60" in said
    assert "the checks pass" in said and "Not released: 1 thing is missing" in said
    accept = ("--accept-warning", "large-change:UPU=a unit came over")
    said = parity("release", "2020Q1", "--dry-run", *accept)
    assert "nothing is missing: the release would be 2020Q1-r1; nothing was put in service" in said
    assert everything(store.data_dir) == before
    assert ingest.current_release(store.data_dir) == "2019Q4-r1"
    said = json.loads(parity("release", "2020Q1", "--dry-run", *accept, "--format", "json"))
    assert said["ok"] and len(said["difference"]["entities"]) == 2 and said["manifest"]["name"] == "2020Q1-r1"


def test_an_accepted_warning_stays_accepted_while_its_submission_is_the_same(send, publish, store, lists):
    send([row(headcount="60")])
    send([row(quarter="2020Q1", headcount="90")])
    first = publish("2020Q1", accepted_warnings={"large-change:UPU": "a unit came over"})
    made = publish("2020Q1", accepted_warnings={})
    (warning,) = made.manifest["warnings"]
    assert (warning["reason"], warning["accepted_in"]) == ("a unit came over", first.name)
    assert warning["submissions"] == ["UPU/2019Q4/0001", "UPU/2020Q1/0002"]
    # Also through the one that took it over.
    assert publish("2020Q1", accepted_warnings={}).manifest["warnings"][0]["accepted_in"] == first.name
    # Of another submission it is asked again, though the numbers are the same.
    send([row(quarter="2020Q1", headcount="90", nationality="FRA")])
    with pytest.raises(ingest.Refused) as refused:
        publish("2020Q1", accepted_warnings={})
    assert [problem.code for problem in refused.value.report.errors] == ["large-change"]


def test_a_reason_of_a_release_that_is_withdrawn_is_asked_again(send, publish, store):
    send([row(headcount="60")])
    send([row(quarter="2020Q1", headcount="90")])
    first = publish("2020Q1", accepted_warnings={"large-change:UPU": "a unit came over"})
    ingest.withdraw_release(store.data_dir, first.name, "it did not")
    with pytest.raises(ingest.Refused):
        publish("2020Q1", accepted_warnings={})


# -- withdrawn: a quarter of an entity --

PEOPLE = [
    *(row(sex=sex, grade=grade, headcount="30") for sex in "FM" for grade in ("P-3", "P-4")),
    *(row(entity="IMO", duty_station="GBR-london", sex=sex, headcount="40") for sex in "FM"),
]
TOLD = """
    select tables.name, codes.code, cells.entity, women, men
    from cells
    join tables on tables.id = tbl
    join codes on codes.dimension = 'quarter' and codes.id = cells.quarter
    where protection = 'rounded'
    order by all
"""


def test_a_withdrawn_quarter_of_an_entity_is_left_out_and_nothing_is_told_anew(send, publish, store, parity, lists):
    send([values for values in PEOPLE if values["entity"] == "UPU"])
    send([values for values in PEOPLE if values["entity"] == "IMO"], name="imo.csv")
    first = publish()
    number = [member.code for member in sorted(lists.members("entity"), key=lambda one: one.code)].index("UPU")
    before = query(first.folder, TOLD, "public.duckdb")
    assert [cell for cell in before if cell[2] == number]
    said = parity("withdraw", "UPU/2019Q4", "--reason", "sent without \u202eclearance")
    assert "UPU 2019Q4 is withdrawn" in said and "2019Q4-r1 still has it" in said
    made = publish()
    coverage = dict(
        query(made.folder, "select code, (state, staff, reason)::varchar from coverage join codes on id = entity "
              "and dimension = 'entity' where code in ('UPU', 'IMO')")
    )  # fmt: skip
    assert "not-submitted" in coverage["UPU"] and "withdrawn: sent without clearance" in coverage["UPU"]
    assert "reported" in coverage["IMO"]
    # Exact figures are without it; of what was told, only what is of the entity itself is gone.
    assert query(made.folder, f"select count(*) from staff_core where entity = {number}", "public.duckdb") == [(0,)]
    after = query(made.folder, TOLD, "public.duckdb")
    assert after == [cell for cell in before if cell[2] != number] and len(after) < len(before)
    assert query(made.folder, f"select count(*) from personal_cells where entity = {number}") == [(0,)]
    assert made.manifest["disclosure"]["taken_over"] == {"2019Q4": first.name}
    assert made.manifest["inputs"]["withdrawn"]["UPU/2019Q4"]["reason"] == "sent without clearance"
    for name in (first.name, made.name):
        assert ingest.rebuild(ingest.Store(store.data_dir), name, secret=samples.SECRET).same
    # Sent again it counts; what was told of it stays away, since it was told of other people perhaps.
    send([values for values in PEOPLE if values["entity"] == "UPU"])
    again = publish()
    assert query(again.folder, f"select sum(women) from staff_core where entity = {number}") == [(60,)]
    assert query(again.folder, TOLD, "public.duckdb") == after


def test_what_was_told_of_a_withdrawn_quarter_stays_away_though_a_release_lacks_the_quarter(send, publish, lists):
    people = [values for values in PEOPLE if values["entity"] == "UPU"]
    send([{**values, "quarter": "2019Q3"} for values in people])
    submission = send(people)
    first = publish()
    number = [member.code for member in sorted(lists.members("entity"), key=lambda one: one.code)].index("UPU")
    mine = [cell for cell in query(first.folder, TOLD, "public.duckdb") if cell[2] == number]
    assert {cell[1] for cell in mine} == {"2019Q3", "2019Q4"}
    store = ingest.Store(first.folder.parent.parent)
    ingest.withdraw(store, "UPU", "2019Q3", "a mistake", codelists=lists)
    # Nobody else has sent anything for it: the first quarter is the next one.
    assert publish().manifest["disclosure"]["taken_over"] == {"2019Q4": first.name}
    send([{**values, "quarter": "2019Q3"} for values in people])
    made = publish()
    assert made.manifest["disclosure"]["taken_over"] == {"2019Q3": first.name, "2019Q4": "2019Q4-r2"}
    after = [cell for cell in query(made.folder, TOLD, "public.duckdb") if cell[2] == number]
    assert after == [cell for cell in mine if cell[1] == "2019Q4"]
    assert ingest.rebuild(store, made.name, secret=samples.SECRET).same and submission.sequence == 2


def test_what_was_carried_forward_from_a_withdrawn_quarter_stays_away_too(send, publish, store, lists):
    people = {name: [values for values in PEOPLE if values["entity"] == name] for name in ("UPU", "IMO")}
    send(people["UPU"])
    send([{**values, "quarter": "2020Q1"} for values in people["IMO"]], name="imo.csv")
    first = publish("2020Q1")
    number = [member.code for member in sorted(lists.members("entity"), key=lambda one: one.code)].index("UPU")
    mine = [cell for cell in query(first.folder, TOLD, "public.duckdb") if cell[2] == number]
    assert {cell[1] for cell in mine} == {"2019Q4", "2020Q1"}
    ingest.withdraw(store, "UPU", "2019Q4", "of another year", codelists=lists)
    # Also where it has sent the later quarter itself since: that was told from what it took back.
    for table in (None, [{**values, "quarter": "2020Q1"} for values in people["UPU"]]):
        if table:
            send(table, name="late.csv")
        made = publish("2020Q1")
        told = query(made.folder, TOLD, "public.duckdb")
        assert told and not [cell for cell in told if cell[2] == number]
        assert query(made.folder, f"select count(*) from personal_cells where entity = {number}") == [(0,)]
        assert ingest.rebuild(ingest.Store(store.data_dir), made.name, secret=samples.SECRET).same


def test_what_cannot_be_withdrawn_is_said(send, publish, store, parity):
    send()
    assert "there are no accepted figures of IMO for 2019Q4" in parity(
        "withdraw", "IMO/2019Q4", "--reason", "x", code=1
    )
    assert "needs a reason" in parity("withdraw", "UPU/2019Q4", "--reason", "\u200b", code=1)
    parity("withdraw", "upu/2019Q4", "--reason", "a mistake")
    assert "there are no accepted figures of UPU" in parity("withdraw", "UPU/2019Q4", "--reason", "x", code=1)
    said = parity("release", "2019Q4", code=1)
    assert "there is no submission for 2019Q4 (that of UPU is withdrawn)" in said
    # What it is compared with, and what a template starts from, is gone as well.
    assert store.newest("UPU") == {} and store.entities_of_quarter("2019Q4") == []
    (path,) = (store.folder / "withdrawn").rglob("*.json")
    path.write_text("{")
    with pytest.raises(ingest.Fault, match="not known what is withdrawn"):
        publish()


# -- withdrawn: a release --


def served(store: ingest.Store, audience: str):
    server = create_app(Settings(data_dir=store.data_dir, audience=audience)).server
    server.test_client_class = Client
    return server.test_client()


def test_addresses_of_a_withdrawn_release_say_so(send, publish, store, parity):
    send()
    first, second = publish().name, publish().name
    clients = {audience: served(store, audience) for audience in AUDIENCES}
    pinned = [
        *("/", "/entities", "/recruit", "/compare", "/data"),
        *("/api/v1/headline.json", "/api/v1/by_grade.csv", "/api/v1/by_grade.xlsx", "/api/v1/facets.json"),
        *("/api/v1/codes/entity.csv", "/api/v1/complete.zip"),
    ]
    addresses = [f"{path}?release={first}" for path in pinned]
    addresses += [f"/data/differences?from={first}", f"/api/v1/differences.csv?from={first}&to={second}"]
    for client in clients.values():
        assert {client.get(address).status_code for address in addresses} == {200}
    parity("withdraw", first, "--reason", "figures of <another> year")
    for audience, client in (*clients.items(), *((name, served(store, name)) for name in AUDIENCES)):
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 410, (audience, address)
            said = response.get_json()["detail"] if "/api/" in address else response.text
            assert f"Release {first} was withdrawn on " in said, address
            assert ("figures of <another> year" if "/api/" in address else "&lt;another&gt;") in said
        listing = client.get("/api/v1/").get_json()
        assert listing["releases"] == [second]
        assert listing["withdrawn"][first]["reason"] == "figures of <another> year"
        page = client.get("/data")
        assert page.status_code == 200 and f"{first} was withdrawn on" in page.text
        assert client.get("/api/v1/headline.json").get_json()["release"]["name"] == second
    assert f"{first}" in parity("releases") and "WITHDRAWN: figures of <another> year" in parity("releases")
    assert "it is withdrawn" in parity("rollback", first, code=1)
    assert "was withdrawn" in parity("query", "headline", "--where", f"release={first}", code=1)
    assert "is withdrawn already" in parity("withdraw", first, "--reason", "again", code=1)
    # What it told is taken over still.
    assert publish().manifest["disclosure"]["taken_over"]["2019Q4"] == second


def test_the_release_in_service_is_withdrawn_for_another_one(send, publish, store, parity):
    send()
    first, second = publish().name, publish().name
    client = served(store, "public")
    assert client.get("/api/v1/headline.json").get_json()["release"]["name"] == second
    assert f"--instead {first}" in parity("withdraw", second, "--reason", "wrong", code=1)
    assert "cannot stand instead of itself" in parity(
        "withdraw", second, "--reason", "wrong", "--instead", second, code=1
    )
    assert f"{first} is in service" in parity("withdraw", second, "--reason", "wrong", "--instead", first)
    assert client.get("/api/v1/headline.json").get_json()["release"]["name"] == first
    assert client.get(f"/?release={second}").status_code == 410
    # The last one leaves nothing in service, also on a running server.
    assert "no release is in service" in parity("withdraw", first, "--reason", "wrong too")
    assert client.get("/api/v1/headline.json").status_code == 503
    with pytest.raises(WithdrawnRelease):
        Warehouse(Settings(data_dir=store.data_dir)).release(first)
    assert served(store, "internal").get("/").status_code == 503
    # And the next release goes on from what they told.
    made = publish()
    assert made.manifest["disclosure"]["taken_over"] == {"2019Q4": second}
    assert client.get("/api/v1/headline.json").get_json()["release"]["name"] == made.name


def test_a_reason_may_speak_of_a_release_that_is_not_there(send, publish, store):
    send()
    first, second = publish().name, publish().name
    ingest.withdraw_release(store.data_dir, second, "see 2019Q4-r3, or 2019Q4-r9999", instead=first)
    assert publish().name == "2019Q4-r3"


def test_a_rehearsal_says_all_it_found_where_nothing_can_be_compared(send, publish, store, parity, monkeypatch):
    send()
    first = publish()
    monkeypatch.setenv("PARITY_SECRET", samples.SECRET)
    accept = [part for name in ingest.RELEASE_WARNINGS for part in ("--accept-warning", f"{name}=a test")]
    pointer = store.data_dir / "releases" / "current"
    pointer.write_text("nothing of ours\n")
    said = parity("release", "2019Q4", "--dry-run", *accept)
    assert "nothing stays certain" in said and "no release is in service to compare with" in said
    pointer.write_text(f"{first.name}\n")

    def unreadable(*_):
        raise ingest.Fault("the releases cannot be compared: cut short")

    monkeypatch.setattr(ingest, "between", unreadable)
    said = parity("release", "2019Q4", "--dry-run", *accept)
    assert "nothing stays certain" in said and "cannot be compared: cut short" in said
    assert "the release would be 2019Q4-r2" in said


def test_a_mark_that_cannot_be_read_withdraws(send, publish, store):
    send()
    first, _ = publish().name, publish()
    mark = store.data_dir / "releases" / "withdrawn" / f"{first}.json"
    mark.parent.mkdir()
    for content in (b"", b"[]", b"{"):
        mark.write_bytes(content)
        response = served(store, "public").get(f"/api/v1/headline.json?release={first}")
        assert response.status_code == 410 and "the reason cannot be read" in response.get_json()["detail"]
        with pytest.raises(ingest.InputError, match="withdrawn"):
            ingest.rollback(store.data_dir, first)
