"""Protected rows in files: one code for too few, the protection on every row, the audience on every file."""

import csv as std_csv
import io
import json as std_json
from dataclasses import dataclass

import openpyxl
from answers import KENYA, MIXED, answer, breakdown, protected, refused, rounded

from dashboard.answer import EXACT, REFUSED, ROUNDED
from dashboard.exports import columns, csv, json, plain, xlsx
from dashboard.selection import select

REFUSED_ANSWER = refused(select(unct="KEN", nationality="KEN"), KENYA)


def records(text: str) -> list[dict[str, str]]:
    return list(std_csv.DictReader(io.StringIO(text)))


def test_csv_has_one_code_for_too_few_and_no_counts():
    rows = {row["grade"]: row for row in records(csv.text(MIXED))}
    assert list(rows) == ["P-4", "P-3", "P-2", "D-2", "D-1", "P-5"]
    few = rows["D-2"]
    assert few["reason"] == "fewer-than-5" and not any(few[name] for name in ("women", "men", "staff", "share_women"))
    assert rows["D-1"]["reason"] == "withheld"
    assert {row["protection"] for row in rows.values()} == {ROUNDED}
    assert {row["notice"] for row in rows.values()} == {"Public figures, protected: see /methods#disclosure"}
    assert "fewer_than" not in few


def test_several_parts_under_a_floor_are_together_under_none():
    parts = ("unct=KEN", "unct=ALB")
    few = rounded({"grade": "D-2"}, None, None, reason="fewer", fewer_than=5, left_out=parts)
    several = protected("by_grade", ("grade",), [few], KENYA)
    assert [row["reason"] for row in records(csv.text(several))] == ["fewer"]
    (said,) = std_json.loads(json.text(several))["rows"]
    assert (said["reason"], said["fewer_than"], said["left_out"]) == ("fewer", None, list(parts))


def test_files_say_between_which_numbers_rounded_ones_may_be():
    names = ("women_low", "women_high", "men_low", "men_high")
    rows = {row["grade"]: row for row in records(csv.text(MIXED))}
    assert [rows["P-4"][name] for name in names] == ["39", "51", "69", "81"]
    # A cell that shows anybody holds somebody, and one that shows nobody may.
    assert [rows["P-3"][name] for name in names] == ["4", "16", "1", "11"]
    assert not any(rows["D-2"][name] or rows["D-1"][name] for name in names)
    said = {row["grade"]: row for row in std_json.loads(json.text(MIXED))["rows"]}
    assert [said["P-4"][name] for name in names] == [39, 51, 69, 81]
    assert [said["D-2"][name] for name in names] == [None] * 4
    # An index says whom it counts only where that is clear.
    assert (said["P-4"]["index_growth"], said["P-4"]["index_replacement"]) == (30, 15)
    assert (said["P-3"]["index_growth"], said["P-3"]["index_replacement"]) == (None, None)
    several = protected("by_grade", ("grade",), [rounded({"grade": "P-4"}, 45, 75, parts=2)], KENYA)
    assert [records(csv.text(several))[0][name] for name in names] == ["33", "57", "63", "87"]
    exact = answer("by_grade", ("grade",), breakdown("grade", {"P-4": (45, 75)}).rows)
    assert not any(records(csv.text(exact))[0][name] for name in names)
    assert {*names} <= set(json.ROW_SCHEMA)


def test_xlsx_and_json_say_the_same():
    book = openpyxl.load_workbook(io.BytesIO(xlsx.content(MIXED)))
    lines = list(book["table"].iter_rows(values_only=True))
    made = [{name: "" if value is None else str(value) for name, value in zip(lines[0], line, strict=True)}
            for line in lines[1:]]  # fmt: skip
    found = records(csv.text(MIXED))
    assert [{k: v for k, v in row.items() if k != "share_women"} for row in made] == [
        {k: v for k, v in row.items() if k != "share_women"} for row in found
    ]
    about = dict(book["about"].iter_rows(values_only=True))
    assert about["Notice"].startswith("Public figures") and about["Method"] == "/methods#disclosure"
    said = std_json.loads(json.text(MIXED))
    assert [(row["grade"], row["reason"], row["fewer_than"]) for row in said["rows"]][3] == ("D-2", "fewer", 5)
    assert all(row["protection"] == ROUNDED and row["left_out"] == [] for row in said["rows"])
    assert {"rounded", "parts", "withheld"} <= {note["code"] for note in said["notes"]}
    assert said["method"] == "/methods#disclosure" and said["notice"].startswith("Public figures")
    assert all(note["sentence"] for note in said["notes"])


def test_whom_a_sum_leaves_out_goes_along():
    row = rounded({"grade": "P-4"}, 10, 10, left_out=("unct=KEN grade=P-4", "unct=ALB grade=P-4"))
    asked = protected("by_grade", ("grade",), [row], select(unct=["KEN", "ALB", "AGO"]))
    assert records(csv.text(asked))[0]["left_out"] == "unct=KEN grade=P-4; unct=ALB grade=P-4"
    assert std_json.loads(json.text(asked))["rows"][0]["left_out"] == ["unct=KEN grade=P-4", "unct=ALB grade=P-4"]


def test_internal_files_say_that_they_are():
    asked = answer("by_grade", ("grade",), [])
    assert records(csv.text(asked))[0]["notice"] == "Internal: not for public release"
    assert std_json.loads(json.text(asked))["notice"] == "Internal: not for public release"


def test_a_refused_answer_is_no_empty_table():
    (row,) = records(csv.text(REFUSED_ANSWER))
    assert "women" not in row and row["reason"] == REFUSED
    assert row["why"].startswith("Not shown together")
    assert row["nearest_answer"] == "/api/v1/by_grade.json?release=2026Q3-r1&quarter=2026Q3&unct=KEN"
    said = std_json.loads(json.text(REFUSED_ANSWER))
    assert said["protection"] == REFUSED and said["rows"] == []
    assert said["refused"]["reason"] == "personal-by-place"
    assert said["refused"]["nearest"][0]["page"] == "/?release=2026Q3-r1&quarter=2026Q3&unct=KEN"
    assert "refused" not in std_json.loads(json.text(MIXED))
    lines = list(openpyxl.load_workbook(io.BytesIO(xlsx.content(REFUSED_ANSWER)))["table"].iter_rows(values_only=True))
    assert lines[0][: len(columns.REFUSAL)] == columns.REFUSAL and lines[1][0] == REFUSED
    assert "Without the filter Nationality" in plain.text(REFUSED_ANSWER)
    alone = refused(select(unct="KEN", nationality="KEN"))
    assert len(records(csv.text(alone))) == 1


def test_a_terminal_says_it_in_the_same_words():
    said = plain.text(MIXED).replace("\N{NO-BREAK SPACE}", " ")
    assert "about 45" in said and "fewer than 5" in said and "not clear" in said


@dataclass
class Option:
    code: str
    label: str
    staff: int | None
    chosen: bool = False
    fewer_than: int | None = None


@dataclass
class Facet:
    dimension: str
    options: tuple[Option, ...]
    protection: str


def test_facets_have_the_same_look_and_keep_their_order():
    options = (Option("KEN", "Kenya", 120), Option("ALB", "Albania", None, fewer_than=5), Option("AGO", "Angola", None))
    said = json.facet(Facet("unct", options, ROUNDED))
    assert [option["code"] for option in said["options"]] == ["KEN", "ALB", "AGO"]
    assert [option["said"].replace("\N{NO-BREAK SPACE}", " ") for option in said["options"]] == [
        "about 120", "fewer than 5", "",
    ]  # fmt: skip
    assert said["options"][1]["staff"] is None and said["options"][1]["fewer_than"] == 5
    assert "rounded" in said["note"] and said["protected"]
    assert "none can be shown" in json.facet(Facet("unct", options[2:], REFUSED))["note"]
    exact = json.facet(Facet("grade", (Option("P-4", "Professional", 0),), EXACT))
    assert exact["options"][0]["said"] == "0" and not exact["protected"] and not exact["note"]
