"""Bad luck on disk and in time: what is damaged stays out of service, and what serves goes on serving."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time

import duckdb
import pytest
from served import CALLBACK, describe, opening, redrawing, serve

from dashboard import questions
from dashboard import warehouse as warehouse_module
from dashboard.answering import ask
from dashboard.selection import select
from dashboard.settings import Settings
from dashboard.warehouse import NoRelease, OpenRelease, TooSlow, UnknownRelease, Warehouse

# -- damage on disk -------------------------------------------------------------------------------------------------


def truncated(folder):
    path = folder / "internal.duckdb"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def one_bit(folder):
    path = folder / "internal.duckdb"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def zeroes(folder):
    """As long as its manifest says, with that checksum, and not a database."""
    path = folder / "internal.duckdb"
    path.write_bytes(bytes(path.stat().st_size))
    describe(folder)


def manifest(text):
    return lambda folder: (folder / "manifest.json").write_text(text, encoding="utf-8")


def by_sql(statement):
    def damage(folder):
        with duckdb.connect(str(folder / "internal.duckdb")) as connection:
            connection.execute(statement)
        describe(folder)

    return damage


def endless(folder):
    """A file that cannot be read whoever asks: a link to itself. (Tests may run as root, who reads everything.)"""
    (folder / "internal.duckdb").unlink()
    (folder / "internal.duckdb").symlink_to("internal.duckdb")


def folder_instead(folder):
    (folder / "internal.duckdb").unlink()
    (folder / "internal.duckdb").mkdir()


DAMAGE = {
    "truncated file": truncated,
    "empty file": lambda folder: (folder / "internal.duckdb").write_bytes(b""),
    "one bit": one_bit,
    "not a database": zeroes,
    "file missing": lambda folder: (folder / "internal.duckdb").unlink(),
    "file unreadable": endless,
    "a folder instead of the file": folder_instead,
    "release missing": shutil.rmtree,
    "manifest missing": lambda folder: (folder / "manifest.json").unlink(),
    "manifest not JSON": manifest("{"),
    "manifest not text": lambda folder: (folder / "manifest.json").write_bytes(b"\xff\xfe\x00"),
    "manifest a list": manifest("[1]"),
    "manifest null": manifest("null"),
    "manifest without files": manifest('{"files": {}}'),
    "manifest of words": manifest('{"files": {"internal.duckdb": "large"}}'),
    "a table missing": by_sql("drop table staff_core"),
    "a column missing": by_sql("alter table coverage drop column rc_known"),
    "no meta": by_sql("delete from meta"),
    "schema unknown": by_sql("update meta set value = '999' where key = 'schema_version'"),
    "another release's file": by_sql("update meta set value = '1999Q1-r1' where key = 'name'"),
    "date unreadable": by_sql("update meta set value = 'soon' where key = 'published'"),
    "gap in the codes": by_sql("delete from codes where dimension = 'grade' and id = 1"),
    "coverage beyond the codes": by_sql("update coverage set entity = 9999"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_release_leaves_the_last_good_one_in_service(two, kind, said_in_log):
    client = serve(two.data_dir)
    before = client.get("/api/v1/headline.json").json
    DAMAGE[kind](two.folder(two.new))
    two.put(two.new)
    for _ in range(2):
        after = client.get("/api/v1/headline.json")
        assert after.status_code == 200
        assert after.json == before
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json["ready"], ready.json["release"]) == (200, True, two.old)
        assert two.new in ready.json["problem"]
    assert client.get("/").status_code == 200
    assert client.get(f"/api/v1/headline.json?release={two.new}").status_code == 404
    # Said once, not with every question.
    lines = [json.loads(line) for line in said_in_log().splitlines()]
    assert [line["event"] for line in lines].count("release not in service") == 1
    two.put(two.old)
    assert client.get("/readyz").json["problem"] is None


@pytest.mark.parametrize("kind", DAMAGE)
def test_starting_with_a_damaged_release_serves_the_newest_that_opens(two, kind):
    two.put(two.new)
    DAMAGE[kind](two.folder(two.new))
    client = serve(two.data_dir)
    assert client.get("/api/v1/headline.json").json["release"]["name"] == two.old
    ready = client.get("/readyz").json
    assert (ready["ready"], ready["release"]) == (True, two.old)
    assert two.new in ready["problem"]


POINTERS = {
    "empty": b"",
    "not a name": b"latest\n",
    "not text": b"\xff\xfe\x00\x01",
    "a way out": b"../../etc\n",
    "a release that is not there": b"2031Q1-r1\n",
    "two names": b"2026Q3-r1\n2026Q3-r2\n",
    "long": b"2026Q3-r1" * 10000,
}


@pytest.mark.parametrize("kind", POINTERS)
@pytest.mark.parametrize("running", [True, False], ids=["running", "starting"])
def test_a_damaged_pointer(two, kind, running):
    client = serve(two.data_dir)
    if running:
        client.get("/")
    (two.data_dir / "releases" / "current").write_bytes(POINTERS[kind])
    # A running server stays where it is; a starting one takes the newest that opens.
    served = two.old if running else two.new
    assert client.get("/api/v1/headline.json").json["release"]["name"] == served
    ready = client.get("/readyz").json
    assert (ready["ready"], ready["release"]) == (True, served)
    assert ready["problem"]
    assert len(ready["problem"]) < 500
    two.put(two.new)
    assert client.get("/api/v1/headline.json").json["release"]["name"] == two.new
    assert client.get("/readyz").json["problem"] is None


def test_with_nothing_that_opens_there_is_no_release_and_then_there_is(two):
    shutil.rmtree(two.folder(two.new))
    content = (two.folder(two.old) / "manifest.json").read_text(encoding="utf-8")
    (two.folder(two.old) / "manifest.json").unlink()
    client = serve(two.data_dir)
    assert client.get("/api/v1/headline.json").status_code == 503
    assert client.get("/").status_code == 503
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ready"]) == (503, False)
    assert two.old in ready.json["problem"]
    assert client.get("/healthz").status_code == 200
    (two.folder(two.old) / "manifest.json").write_text(content, encoding="utf-8")
    assert client.get("/api/v1/headline.json").status_code == 200


def test_what_was_not_published_is_not_served(two):
    """A release folder without a pointer is one in the making."""
    (two.data_dir / "releases" / "current").unlink()
    assert serve(two.data_dir).get("/api/v1/headline.json").status_code == 503


def test_a_release_that_was_mended_is_taken_without_publishing_again(two, monkeypatch, said_in_log):
    file = two.folder(two.new) / "internal.duckdb"
    content = file.read_bytes()
    truncated(two.folder(two.new))
    client = serve(two.data_dir)
    client.get("/")
    two.put(two.new)
    assert client.get("/readyz").json["release"] == two.old
    now = time.monotonic()
    monkeypatch.setattr(warehouse_module.time, "monotonic", lambda: now + 1e6)
    assert client.get("/readyz").json["release"] == two.old
    # Tried again, and not complained of again.
    assert said_in_log().count("release not in service") == 1
    file.write_bytes(content)
    # Not with every question: a large file would be read each time.
    assert client.get("/readyz").json["release"] == two.old
    monkeypatch.setattr(warehouse_module.time, "monotonic", lambda: now + 2e6)
    assert client.get("/readyz").json["release"] == two.new
    assert client.get("/readyz").json["problem"] is None


@pytest.mark.parametrize("place", [tenth / 10 for tenth in range(10)])
def test_one_bit_anywhere_is_noticed_before_anything_is_read(two, place):
    path = two.folder(two.new) / "internal.duckdb"
    content = bytearray(path.read_bytes())
    content[int(len(content) * place) + 5000] ^= 1
    path.write_bytes(content)
    two.put(two.new)
    opened = Warehouse(Settings(data_dir=two.data_dir))
    assert opened.current().name == two.old
    assert "checksum of its manifest" in opened.problem


def test_a_data_folder_that_goes_away_leaves_the_release_in_service(two, tmp_path):
    client = serve(two.data_dir)
    before = client.get("/api/v1/by_grade.json").json
    two.data_dir.rename(tmp_path / "elsewhere")
    assert client.get("/api/v1/by_grade.json").json == before
    assert client.get("/api/v1/by_nationality.json").status_code == 200
    ready = client.get("/readyz").json
    assert (ready["ready"], ready["release"]) == (True, two.old)
    assert ready["problem"]
    assert client.get(f"/api/v1/headline.json?release={two.new}").status_code == 404
    shutil.rmtree(tmp_path / "elsewhere")
    assert client.get("/api/v1/by_grade.json").json == before
    assert client.get("/").status_code == 200


def cut(path):
    os.truncate(path, path.stat().st_size // 3)


def scribbled(path):
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(12288)
        file.write(bytes(size - 12288))


@pytest.mark.parametrize("damage", [cut, scribbled])
def test_a_release_that_is_damaged_while_in_service_makes_way_for_the_newest_that_opens(two, damage):
    two.put(two.new)
    client = serve(two.data_dir)
    good = {name: client.get(f"/api/v1/{name}.json?release={two.old}").json["rows"] for name in questions.load()}
    client = serve(two.data_dir)
    before = client.get("/api/v1/headline.json").json
    damage(two.folder(two.new) / "internal.duckdb")
    failed = 0
    for name in questions.load():
        response = client.get(f"/api/v1/{name}.json")
        if response.status_code == 200 and response.json["release"]["name"] == two.old:
            assert response.json["rows"] == good[name]
        elif response.status_code == 200 and name == "headline":
            assert response.json == before
        # At most the first question to meet the damage is lost, and owns up to it.
        failed += response.status_code != 200
    assert failed <= 1
    ready = client.get("/readyz").json
    assert (ready["ready"], ready["release"]) == (True, two.old)
    assert two.new in ready["problem"]


def test_nobody_has_to_close_what_is_let_go(two):
    """A release that is asked while another takes its place still answers."""
    opened = Warehouse(Settings(data_dir=two.data_dir))
    release = opened.current()
    two.put(two.new)
    assert opened.current().name == two.new
    assert release.fetch("select count(*) > 0 from w.staff", {}) == [(True,)]


def test_there_is_no_release_where_there_is_none(tmp_path):
    with pytest.raises(NoRelease):
        Warehouse(Settings(data_dir=tmp_path)).current()


@pytest.mark.parametrize("body", [opening(), redrawing()])
def test_figures_without_a_release_are_no_answer_that_changes_nothing(tmp_path, body):
    response = serve(tmp_path).post(CALLBACK, json=body)
    # A page that is open says so then, and asks again.
    assert response.status_code == 503 and response.json["title"]


def test_pinned_releases_are_opened_and_let_go(small_dir):
    opened = Warehouse(Settings(data_dir=small_dir))
    names = opened.names()
    for name in (*names, *names):
        assert opened.release(name).name == name
    for missing in ("2031Q1-r1", f"{names[0][:6]}-r77"):
        with pytest.raises(UnknownRelease):
            opened.release(missing)


# -- time -------------------------------------------------------------------------------------------------------

#: Never done in the time of a test.
ENDLESS = "select count(*) from range(100000000) as a, range(100000000) as b where a.range % 7 = b.range % 11"


def test_a_question_that_takes_too_long_is_stopped_and_the_next_one_answered(two, monkeypatch):
    client = serve(two.data_dir, query_seconds=0.2)
    assert client.get("/api/v1/headline.json").status_code == 200
    real = OpenRelease.fetch

    def slow(release, sql, parameters):
        return real(release, ENDLESS, {}) if "group by grade" in sql else real(release, sql, parameters)

    monkeypatch.setattr(OpenRelease, "fetch", slow)
    started = time.monotonic()
    response = client.get("/api/v1/by_grade.json")
    assert 0.1 < time.monotonic() - started < 3
    assert (response.status_code, response.mimetype) == (503, "application/problem+json")
    assert "narrower" in response.json["detail"]
    assert client.get("/api/v1/headline.json").status_code == 200
    # One slow panel does not take the others with it.
    assert client.post(CALLBACK, json=opening()).status_code == 200
    monkeypatch.undo()
    assert client.get("/api/v1/by_grade.json").status_code == 200


def test_the_tiniest_allowance_never_breaks_anything(two):
    client = serve(two.data_dir, query_seconds=1e-6)
    statuses = {client.get(f"/api/v1/by_nationality.json?quarter={quarter}").status_code
                for quarter in ("2026Q3", "2026Q2", "2026Q1", "2025Q4") for _ in range(5)}  # fmt: skip
    assert statuses <= {200, 503}
    assert client.get("/readyz").status_code in (200, 503)
    assert client.get("/").status_code in (200, 503)
    assert client.get("/healthz").status_code == 200


def test_only_the_question_that_is_too_slow_is_stopped(two):
    opened = Warehouse(Settings(data_dir=two.data_dir, query_seconds=0.3)).current()
    stopped = []

    def forever():
        try:
            opened.fetch(ENDLESS, {})
        except TooSlow:
            stopped.append(time.monotonic())

    thread = threading.Thread(target=forever, daemon=True)
    thread.start()
    answered, last = 0, time.monotonic() + 30
    while thread.is_alive():
        assert time.monotonic() < last, "never stopped"
        assert opened.fetch("select 42 + $one", {"one": answered}) == [(42 + answered,)]
        answered += 1
    assert len(stopped) == 1
    assert answered > 20
    assert opened.fetch("select 1", {}) == [(1,)]


def test_a_question_may_take_the_time_it_is_allowed(two):
    opened = Warehouse(Settings(data_dir=two.data_dir, query_seconds=30)).current()
    size, taken = 1000, 0.0
    # Long enough for several looks at what is under way.
    while taken < 0.6:
        started = time.monotonic()
        sql = "select count(*) from range($size) as a, range(10000) as b where a.range % 7 <> b.range % 11"
        assert opened.fetch(sql, {"size": size})
        taken = time.monotonic() - started
        size *= 3


# -- processes and threads ----------------------------------------------------------------------------------------


def test_nothing_is_opened_before_the_first_question(two, monkeypatch):
    def opened(*_, **__):
        raise AssertionError("opened early")

    monkeypatch.setattr(duckdb, "connect", opened)
    threads = threading.active_count()
    client = serve(two.data_dir)
    Warehouse(Settings(data_dir=two.data_dir))
    assert client.get("/healthz").status_code == 200
    assert client.get("/_dash-layout").status_code == 200
    assert threading.active_count() == threads


FORKED = """
import os, sys
from pathlib import Path
from dashboard.factory import create_app
from dashboard.settings import Settings
server = create_app(Settings(data_dir=Path(sys.argv[1]), query_seconds=60)).server
children = []
for _ in range(2):
    child = os.fork()
    if child == 0:
        answer = server.test_client().get("/api/v1/headline.json")
        print(answer.status_code, answer.text, file=sys.stderr, flush=True)
        os._exit(0 if answer.status_code == 200 and answer.json["scope"]["staff"] > 0 else 1)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children])
"""


def test_workers_that_are_forked_from_a_made_application_answer(two):
    done = subprocess.run(
        [sys.executable, "-c", FORKED, str(two.data_dir)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "[0, 0]", done.stderr


def test_threads_asking_different_things_get_their_own_answers(small_dir):
    opened = Warehouse(Settings(data_dir=small_dir))
    release = opened.current()
    entities = [row.entity for row in release.coverage[release.quarter] if row.staff]
    asked = [
        (question, select(quarter, entity=entity))
        for question in ("by_grade", "by_nationality", "headline", "trend")
        for entity in entities
        for quarter in release.codes["quarter"][-2:]
    ]
    expected = [ask(opened, question, selection) for question, selection in asked]
    # Or a mix-up would not show.
    assert len({repr(answer.rows) for answer in expected}) > len(asked) * 0.8
    wrong, barrier = [], threading.Barrier(4)

    def work(number):
        barrier.wait()
        for turn in range(len(asked)):
            place = (turn * 7 + number * 13) % len(asked)
            question, selection = asked[place]
            try:
                if ask(opened, question, selection) != expected[place]:
                    wrong.append(asked[place])
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# -- what a connection can reach ------------------------------------------------------------------------------------

REFUSED = [
    "copy w.codes to '{folder}/out.csv'",
    "copy (select 1) to '{folder}/out.parquet' (format parquet)",
    "export database '{folder}/out'",
    "attach '{folder}/other.duckdb' as other",
    "attach ':memory:' as other; create table other.x as select * from read_csv('{folder}/secret.csv')",
    "select * from read_csv('{folder}/secret.csv')",
    "select * from '{folder}/secret.csv'",
    "select * from read_text('{folder}/secret.csv')",
    "select * from read_blob('/etc/hostname')",
    "select * from read_json('{folder}/secret.csv')",
    "select * from glob('{folder}/*')",
    "select * from 'http://127.0.0.1:9/x.csv'",
    "install httpfs",
    "load httpfs",
    "set threads = 8",
    "set enable_external_access = true",
    "set lock_configuration = false",
    "reset lock_configuration",
    "set memory_limit = '100GB'",
    "insert into w.meta values ('a', 'b')",
    "update w.staff set women = 0",
    "delete from w.codes",
    "create table w.mine (a integer)",
    "drop table w.staff",
    "create secret s (type s3)",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_a_release_s_connection_reaches_nothing_else(small_dir, tmp_path, statement):
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    release = Warehouse(Settings(data_dir=small_dir)).current()
    before = sorted(tmp_path.iterdir())
    with pytest.raises(duckdb.Error):
        release.fetch(statement.format(folder=tmp_path), {})
    assert sorted(tmp_path.iterdir()) == before


def test_a_path_with_a_quote_in_it_is_a_path(two, tmp_path):
    odd = tmp_path / 'it\'s; drop table "x" --'
    two.data_dir.rename(odd)
    assert Warehouse(Settings(data_dir=odd)).current().name == two.old
