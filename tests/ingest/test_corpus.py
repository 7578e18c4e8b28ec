"""Files as people have them: what is right for each was decided by the rule of the data contract before it was read.

`corpus/expected.csv` says of each file the exit code, how many rows are read, women, men and others (where it is
accepted), what has to be said of how it was read, and the first thing that is wrong. `few/` is of
UNIDO, `many/` of UPU.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard import cli, ingest
from dashboard.ingest import shape, text_file

CORPUS = Path(__file__).parent / "corpus"
#: A day on which 2026Q3 is over and 2026Q4 is not.
TODAY = dt.date(2026, 11, 15)
with (CORPUS / "expected.csv").open(encoding="utf-8", newline="") as _file:
    EXPECTED = {row["file"]: row for row in csv.DictReader(_file)}


@pytest.fixture
def parity(lists, monkeypatch, tmp_path):
    """The command, on that day, with the code lists read once."""
    monkeypatch.setattr(cli.codelists, "load", lambda: lists)
    monkeypatch.setattr(cli.ingest, "check", functools.partial(ingest.check, today=TODAY))

    def run(*files: Path, form: str = "json") -> tuple[int, str]:
        arguments = ["check", *map(str, files), "--format", form, "--data-dir", str(tmp_path / "var")]
        done = CliRunner().invoke(cli.parity, arguments)
        assert "Traceback" not in done.output
        return done.exit_code, done.stdout

    return run


def test_every_file_has_an_expectation_and_every_expectation_a_file():
    files = {str(path.relative_to(CORPUS)) for path in CORPUS.glob("*/*")}
    assert files == set(EXPECTED) and len(files) > 170


@pytest.mark.parametrize("file", EXPECTED)
def test_each_file_is_read_or_refused_as_the_rule_says(parity, file):
    wanted = EXPECTED[file]
    code, said = parity(CORPUS / file)
    report = json.loads(said)
    by_level = {
        level: [problem["message"] for problem in report["problems"] if problem["level"] == level]
        for level in ("error", "warning", "note")
    }
    assert code == int(wanted["exit"]), by_level
    assert report["rows"] == int(wanted["rows"]), by_level
    readings = [reading for reading in wanted["readings"].split("|") if reading]
    noted = by_level["warning"] + by_level["note"]
    for reading in readings:
        assert any(reading in message for message in noted), (reading, noted)
    if code:
        assert wanted["first"] in by_level["error"][0], by_level["error"]
        assert report["totals"] == {}
    else:
        totals = report["totals"]["2026Q3"]
        assert [totals[name] for name in ("women", "men", "other")] == [int(n) for n in wanted["heads"].split()]
        # What is right is not spoken of, and of the rest nothing is said that does not hold.
        assert all(any(reading in message for reading in readings) for message in noted), noted


def test_the_quick_way_of_reading_text_reads_what_the_other_reads():
    quick = 0
    for file in sorted(CORPUS.glob("*/*.csv")):
        try:
            text = file.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            continue
        for separator in text_file.SEPARATORS:
            plain = shape.plain_grid(text, separator)
            if plain is None:
                continue
            quick += 1
            other = shape.grid(text_file.Text(text, separator).rows(), with_lengths=True)
            assert (plain.count, len(plain.columns)) == (other.count, len(other.columns)), file.name
            assert [plain.row(number) for number in range(plain.count)] == [
                other.row(number) for number in range(other.count)
            ], file.name
            assert (plain.lengths == other.lengths).all(), file.name
    assert quick > 50


def test_a_problem_of_a_thousand_rows_is_told_once_with_its_rows(parity):
    _, said = parity(CORPUS / "many" / "u08-thousand-rows-na.csv", form="text")
    lines = [line for line in said.splitlines() if line.startswith("error")]
    assert len(lines) == 4
    assert all("rows 2-1001 (1,000 rows)" in line for line in lines)


def test_all_problems_of_a_workbook_are_told_at_once_the_formula_among_them(parity):
    _, said = parity(CORPUS / "few" / "20-dates-formula.xlsx")
    problems = json.loads(said)["problems"]
    found = {
        (problem["code"], problem["row"], problem["column"]) for problem in problems if problem["level"] == "error"
    }
    assert found == {
        ("formula", 4, "headcount"),
        ("fractional-count", 3, "headcount"),
        ("unknown-code", 4, "grade"),
    }


def test_a_list_of_persons_in_two_files_is_a_warning(parity):
    code, said = parity(CORPUS / "many" / "22-persons.csv", CORPUS / "many" / "22-persons-copy.csv")
    report = json.loads(said)
    assert (code, report["totals"]["2026Q3"]["women"]) == (0, 32)
    (warning,) = [problem for problem in report["problems"] if problem["level"] == "warning"]
    assert warning["code"] == "rows-twice" and "22-persons.csv again" in warning["message"]


def test_a_list_of_persons_copied_below_itself_is_a_warning(parity, tmp_path):
    text = (CORPUS / "many" / "22-persons.csv").read_text()
    heading, *body = text.splitlines(keepends=True)
    twice = tmp_path / "twice.csv"
    twice.write_text(heading + "".join(body) * 2)
    report = json.loads(parity(twice)[1])
    assert [problem["code"] for problem in report["problems"]] == ["rows-twice"]
    assert "every row stands twice" in report["problems"][0]["message"]


def test_no_message_repeats_a_name_or_an_address(parity):
    for file in sorted(CORPUS.glob("many/[px]*")):
        said = parity(file)[1]
        assert not re.search(r"Invented|Imagined|x\.y@|Ann\b", said), file.name
