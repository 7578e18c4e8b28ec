import csv as std_csv
import datetime as dt
import io
import json as std_json

import openpyxl
import pytest
from answers import LADDER, answer, breakdown, row, trend

from dashboard.answer import Note
from dashboard.exports import columns, csv, json, xlsx
from dashboard.selection import select

ASKED = breakdown("grade", LADDER | {"P-9": (0, 0)}, selection=select(entity="UNDP"))
COVERAGE = answer(
    "coverage",
    ("entity",),
    [
        row(
            {"entity": "UNDP"},
            5,
            7,
            state="reported",
            reason_given="=1+1",
            submitted_at=dt.datetime(2026, 10, 20, tzinfo=dt.UTC),
        ),
        row({"entity": "WFP"}, None, None, reason="not-submitted", state="not-submitted"),
    ],
)


def records(text: str) -> list[dict[str, str]]:
    return list(std_csv.DictReader(io.StringIO(text)))


def test_csv_is_one_tidy_table_with_its_scope_on_every_row():
    rows = records(csv.text(ASKED))
    assert len(rows) == len(LADDER) + 1
    assert list(rows[0]) == ["grade", "grade_label", *columns.MEASURES, *columns.SCOPE]
    assert rows[1]["grade"] == "D-2" and rows[1]["grade_label"] == "Director, level 2"
    assert (rows[1]["women"], rows[1]["men"], rows[1]["staff"]) == ("242", "331", "573")
    assert float(rows[1]["share_women"]) == 242 / 573
    assert {(r["release"], r["audience"], r["demonstration"]) for r in rows} == {("2026Q3-r1", "internal", "true")}
    assert rows[-1]["reason"] == "nobody" and rows[-1]["share_women"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_text_of_a_csv_is_a_formula(text: str):
    assert csv.neutral(text) == f"'{text}"
    assert csv.neutral(-1) == -1
    asked = answer("coverage", ("entity",), [row({"entity": "UNDP"}, 5, 7, state="reported", why=text)])
    assert f"'{text}" in records(csv.text(asked))[0]["why"].replace("\r\n", "\r")


def test_an_extra_named_like_a_measure_does_not_hide_it():
    asked = answer("coverage", ("entity",), [row({"entity": "UNDP"}, 5, 7, state="carried")])
    asked.rows[0].extra["reason"] = "payroll"  # type: ignore[index]
    record = columns.record(asked, asked.rows[0])
    assert record["reason"] is None and record["note_reason"] == "payroll"


@pytest.mark.parametrize(
    ("notes", "why"),
    [
        ([Note("nothing-matches")], "nothing-matches"),
        ([Note("unknown-code", {"dimension": "grade", "value": "P-9"})], "unknown-code"),
        ([Note("not-collected", {"dimension": "grade"})], "not-collected"),
    ],
)
def test_an_empty_file_says_why_it_is_empty(notes: list[Note], why: str):
    rows = records(csv.text(answer("by_grade", ("grade",), (), notes=notes)))
    assert [row["reason"] for row in rows] == [why]
    assert rows[0]["release"] == "2026Q3-r1"


def sheets(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def test_xlsx_has_the_same_cells_as_csv():
    book = sheets(xlsx.content(ASKED))
    lines = list(book["table"].iter_rows(values_only=True))
    found = records(csv.text(ASKED))
    assert list(lines[0]) == list(found[0])
    for line, record in zip(lines[1:], found, strict=True):
        for name, value in zip(lines[0], line, strict=True):
            if name == "share_women":
                assert value is None or value == pytest.approx(float(record[name]))
            else:
                assert ("" if value is None else str(value)) == record[name]


def test_xlsx_says_what_it_counts_and_how_to_cite_it():
    about = dict(sheets(xlsx.content(ASKED))["about"].iter_rows(values_only=True))
    assert "Entity: UNDP" in about["Scope"] and "demonstration data" in about["Scope"]
    assert about["Selection"] == "release=2026Q3-r1&quarter=2026Q3&entity=UNDP"
    assert "2026Q3-r1" in about["Citation"]


def test_xlsx_has_no_formula_and_no_link():
    for sheet in sheets(xlsx.content(COVERAGE)):
        for line in sheet.iter_rows():
            for cell in line:
                assert cell.data_type != "f" and cell.hyperlink is None


def test_json_is_the_object_of_the_api():
    said = std_json.loads(json.text(ASKED))
    for key in ("question", "release", "audience", "selection", "scope", "protection", "notes", "rows"):
        assert key in said
    assert said["release"]["name"] == "2026Q3-r1" and said["scope"]["demonstration"] is True
    assert said["selection"] == {"quarter": "2026Q3", "release": "2026Q3-r1", "entity": ["UNDP"]}
    first = said["rows"][1]
    assert set(json.ROW_SCHEMA) <= set(first)
    assert (first["grade"], first["women"], first["status"], first["as_of"]) == ("D-2", 242, "below", "2026-09-30")


def test_all_three_have_the_same_rows_for_every_shape_of_answer():
    for asked in (ASKED, COVERAGE, trend([0.44, 0.46, 0.48])):
        by_csv = records(csv.text(asked))
        by_json = std_json.loads(json.text(asked))["rows"]
        assert len(by_csv) == len(by_json) == sheets(xlsx.content(asked))["table"].max_row - 1
        for one, other in zip(by_csv, by_json, strict=True):
            for key in (*asked.by, "women", "men", "status", "reason", "flag", "as_of"):
                assert one[key] == ("" if other[key] is None else str(other[key]))


def test_what_was_not_submitted_is_no_exact_zero():
    nothing = answer(
        "by_grade", ("grade",), (), notes=[Note("nothing-matches")], entities=0, entities_expected=1,
        not_submitted=("UNU",),
    )  # fmt: skip
    assert columns.why_empty(nothing) == "not-submitted"
    assert "not-submitted" in csv.text(nothing)
