"""What a visitor can make the server remember, and how much can be had for one request."""

import json
import tracemalloc

import pytest
from served import CALLBACK, opening, redrawing, serve

from dashboard import answering, warehouse
from dashboard.factory import create_app
from dashboard.selection import MAX_QUERY, MAX_VALUES, select
from dashboard.settings import Settings
from dashboard.warehouse import Lately, Warehouse, weigh

TOO_MANY = "&".join(f"entity=E{number}" for number in range(MAX_VALUES + 1))
TOO_LONG = "entity=" + "&entity=".join("E" * 78 + str(number) for number in range(10, 99))


def invented(turn: int, count: int = 300) -> str:
    return "?" + "&".join(f"entity=X{turn}-{number}" for number in range(count))


@pytest.mark.parametrize("query", [TOO_MANY, TOO_LONG + "&" + TOO_LONG], ids=["values", "length"])
@pytest.mark.parametrize(
    "path",
    ["/", "/grades", "/recruit", "/compare", "/api/v1/compare.csv", "/api/v1/by_grade.csv", "/api/v1/facets.json"],
)
def test_a_selection_that_is_too_large_is_refused(client, path, query):
    assert len(query) > MAX_QUERY or query.count("&") >= MAX_VALUES
    response = client.get(f"{path}?{query}")
    assert response.status_code == 400
    assert "at most" in response.text
    # What was sent is not sent back.
    assert len(response.text) < 20_000


@pytest.mark.parametrize("body", [opening, redrawing])
def test_so_it_is_in_a_callback(client, body):
    response = client.post(CALLBACK, json=body("?" + TOO_MANY))
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert len(response.data) < 1000


def test_codes_that_nobody_has_are_not_remembered(small_dir):
    client = serve(small_dir)
    assert client.post(CALLBACK, json=redrawing(invented(0))).status_code == 200
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for turn in range(1, 13):
            assert client.post(CALLBACK, json=redrawing(invented(turn))).status_code == 200
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # A dozen of them, which used to leave a megabyte each.
    assert after - before < 2_000_000


def test_an_answer_is_not_many_times_as_long_as_its_question(small_dir):
    app = create_app(Settings(data_dir=small_dir))
    client = app.server.test_client()
    codes = app.warehouse.current().codes["duty_station"]
    plain = len(client.post(CALLBACK, json=redrawing()).data)
    for search in (invented(0, 400), "?" + "&".join(f"duty_station={code}" for code in codes[:-1])[:7900]):
        body = redrawing(search)
        response = client.post(CALLBACK, json=body)
        assert response.status_code == 200
        # Each panel has some links with the whole selection in them, and no row of a table.
        assert len(response.data) < plain + 60 * len(json.dumps(body)), search[:40]


def test_what_is_remembered_is_bounded_in_bytes(small_dir):
    remembering = Warehouse(Settings(data_dir=small_dir))
    release = remembering.current()
    release.answers.limit(400_000)
    release.fetched.limit(200_000)
    for grade in release.codes["grade"]:
        for question in ("by_entity", "trend", "by_duty_station", "headline"):
            answering.ask(remembering, question, select(grade=grade))
    assert 100_000 < release.answers.weight <= 400_000
    assert 50_000 < release.fetched.weight <= 200_000


def test_a_release_that_somebody_pins_remembers_less(two):
    remembering = Warehouse(Settings(data_dir=two.data_dir))
    pinned = remembering.release(two.new)
    for grade in pinned.codes["grade"]:
        for question in ("by_entity", "trend", "by_entity", "entity_by_grade_history"):
            answering.ask(remembering, question, select(grade=grade, release=two.new))
    assert pinned.answers.weight <= warehouse.PINNED_SHARE * warehouse.ANSWERED_REMEMBERED


def test_weights_are_about_what_python_takes(small):
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        rows = [
            (number, f"a code of some length {number}", number / 7, ("x" * 40, str(number))) for number in range(4000)
        ]
        taken = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert 0.5 * taken < weigh(rows) < 2 * taken
    answer = answering.ask(small, "by_grade", select())
    assert weigh(answer.rows) > 500 * len(answer.rows)


def test_the_oldest_goes_first_and_what_is_too_large_is_not_kept():
    lately = Lately(10_000)
    lately.keep("large", "x", 3_000)
    assert lately.get("large") is None
    for key in range(8):
        lately.keep(key, str(key), 2_000)
        lately.get(0)
    assert lately.weight <= 10_000
    assert [key for key in range(8) if lately.get(key)] == [0, 5, 6, 7]
