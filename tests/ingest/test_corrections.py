"""Corrections change what is released and nothing that was received, and fail loudly when they do not fit."""

from __future__ import annotations

import csv

import pytest
import samples
from samples import row
from test_releasing import DIMENSIONS, query, table

from dashboard import ingest
from dashboard.ingest.corrections import COLUMNS, FILE

PLACE = {"entity": "UPU", "quarter": "2019Q4", "reason": "typed into the wrong column", "reviewer": "A reviewer"}
MOVE = PLACE | {"where": "grade=P-4", "column": "duty_station", "expected": "CHE-bern", "corrected": "KEN-nairobi"}
MOVE |= {"staff": "8"}
COUNT = PLACE | {"where": "grade=P-3", "column": "women", "expected": "4", "corrected": "6"}


@pytest.fixture
def correct(store):
    def write(*entries: dict[str, str]) -> None:
        store.data_dir.mkdir(exist_ok=True)
        with (store.data_dir / FILE).open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, restval="")
            writer.writeheader()
            writer.writerows(entries)

    return write


def test_corrections_are_applied_and_recorded(send, publish, store, correct):
    submission = send()
    plain = table(publish().folder, "staff", DIMENSIONS)
    correct(MOVE, COUNT)
    made = publish()
    corrected = table(made.folder, "staff", DIMENSIONS)
    gone = {key: counts for key, counts in plain.items() if key not in corrected}
    assert {(key[4], key[7]): counts for key, counts in gone.items()} == {("P-4", "CHE-bern"): (3, 5, 0)}
    new = {(key[4], key[6], key[7]): counts for key, counts in corrected.items() if plain.get(key) != counts}
    assert new == {("P-4", "KEN", "KEN-nairobi"): (3, 5, 0), ("P-3", "CHE", "CHE-bern"): (6, 0, 0)}
    assert [entry["column"] for entry in made.manifest["corrections"]] == ["duty_station", "women"]
    assert ingest.rebuild(store, made.name, secret=samples.SECRET).same
    assert store.submission(submission.id).manifest == submission.manifest


def test_carried_figures_are_corrected_too(send, publish, store, correct):
    send()
    send([row(entity="ISA", duty_station="JAM-kingston", quarter="2020Q1")], name="isa.csv")
    correct(COUNT)
    folder = publish("2020Q1").folder
    assert query(folder, "select women from staff where women = 6 order by quarter") == [(6,), (6,)]


WRONG = {
    "staff": (MOVE | {"staff": "7"}, "8 staff are found, 7 are expected"),
    "value": (MOVE | {"expected": "KEN-nairobi", "corrected": "CHE-bern"}, "0 staff are found"),
    "count": (COUNT | {"expected": "5"}, "the head-count is 4, 5 is expected"),
    "rows": (COUNT | {"where": "appointment=FT"}, "4 rows are meant"),
    "no figures": (COUNT | {"quarter": "2019Q3"}, "there are no figures"),
    "entity": (COUNT | {"entity": "UPX"}, "is not the code of an entity"),
    "quarter": (COUNT | {"quarter": "soon"}, "is not a quarter"),
    "where": (COUNT | {"where": "sex=F"}, "where has 'sex'"),
    "code": (COUNT | {"where": "grade=P4"}, "'P4', which is not a code of grade"),
    "column": (COUNT | {"column": "country"}, "is none of"),
    "corrected": (COUNT | {"corrected": "-1"}, "is not a head-count"),
    "reviewer": (COUNT | {"reviewer": ""}, "a reason and a reviewer"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_entry_that_does_not_fit_stops_the_release(send, publish, store, correct, name):
    entry, message = WRONG[name]
    send()
    correct(COUNT | {"where": "grade=D-1", "column": "other", "expected": "1", "corrected": "2"}, entry)
    with pytest.raises(ingest.Refused) as refused:
        publish()
    problems = refused.value.report.errors
    assert [problem.row for problem in problems] == [3] and message in problems[0].message
    assert ingest.current_release(store.data_dir) is None


def test_an_entry_for_a_later_quarter_waits_for_its_release(send, publish, correct):
    send()
    correct(COUNT | {"quarter": "2020Q1"})
    assert publish().manifest["corrections"] == []


def test_a_file_without_its_columns(send, publish, store):
    send()
    (store.data_dir / FILE).write_text("entity,quarter\n")
    with pytest.raises(ingest.Refused, match="lacks the columns"):
        publish()
