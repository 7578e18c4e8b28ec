"""The `parity` command: exit codes, text and JSON; templates that pass the check they are written for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import openpyxl
import pytest
import samples
from click.testing import CliRunner
from samples import row, rows

from dashboard import cli, ingest


@pytest.fixture
def parity(tmp_path: Path):
    def run(*arguments: str | Path, code: int = 0) -> str:
        known = ["--data-dir", str(tmp_path / "var")] if arguments[0] in cli.parity.commands else []
        done = CliRunner().invoke(cli.parity, [*map(str, arguments), *known])
        assert done.exit_code == code, (done.output, done.exception)
        assert "Traceback" not in done.output
        return done.output

    return run


def as_json(text: str) -> dict:
    return json.loads(text)


def test_a_whole_quarter_by_hand(parity, tmp_path):
    staff = samples.write_csv(tmp_path / "staff.csv", rows())
    assert "good: 0 errors" in parity("check", staff)
    assert "accepted as UPU/2019Q4/0001" in parity("submit", staff, "--note", "by hand")
    assert "2019Q4-r1 is in service" in parity("release", "2019Q4")
    assert "2019Q4-r2 is in service" in parity("release", "2019Q4")
    assert re.search(r"^\* 2019Q4-r2", parity("releases"), re.M)
    assert "2019Q4-r1 is in service, 2019Q4-r2 no longer is" in parity("rollback", "2019Q4-r1")
    assert "no difference" in parity("diff", "2019Q4-r1", "2019Q4-r2")
    assert "the same in codes, code_keys, staff" in parity("rebuild", "2019Q4-r1")
    assert re.search(r"removed [0-9a-f]{64}", parity("purge", "UPU/2019Q4/0001", "--reason", "a test"))
    assert "a test" in parity("rebuild", "2019Q4-r1", code=1)


def test_json_is_one_value_in_every_case(parity, tmp_path):
    good = samples.write_csv(tmp_path / "good.csv", rows())
    bad = samples.write_csv(tmp_path / "bad.csv", [row(grade="P-9")])
    form = ("--format", "json")
    assert as_json(parity("check", good, *form))["ok"] is True
    report = as_json(parity("check", bad, *form, code=1))
    (problem,) = report["problems"]
    assert (problem["code"], problem["row"], problem["column"], problem["value"]) == ("unknown-code", 2, "grade", "P-9")
    assert as_json(parity("submit", bad, *form, code=1))["ok"] is False
    assert as_json(parity("release", "2019Q4", *form, code=1))["ok"] is False
    assert as_json(parity("submit", good, *form))["submission"] == "UPU/2019Q4/0001"
    assert as_json(parity("release", "2019Q4", *form))["release"] == "2019Q4-r1"
    assert [item["current"] for item in as_json(parity("releases", *form))["releases"]] == [True]
    assert as_json(parity("rebuild", "2019Q4-r1", *form))["ok"] is True
    assert as_json(parity("diff", "2019Q4-r1", "2019Q4-r1", *form))["same"] is True
    assert as_json(parity("rollback", "2019Q4-r1", *form))["release"] == "2019Q4-r1"
    assert as_json(parity("rollback", "2019Q4-r5", *form, code=1))["ok"] is False
    template = ("template", "--entity", "UPU", "--quarter", "2020Q1", "-o", tmp_path / "t.xlsx")
    assert as_json(parity(*template, *form))["prefilled_from"] == "2019Q4"
    assert as_json(parity("purge", "UPU/2019Q4/0001", "--reason", "x", *form))["removed"]


def test_revisions_and_partial_from_the_command_line(parity, tmp_path):
    staff = samples.write_csv(tmp_path / "staff.csv", [*rows(), *rows(quarter="2019Q3")])
    assert "without a reason" in parity("submit", staff, code=1)
    parity("submit", staff, "--revise", "2019Q3=found a mistake", "--partial", "no field offices")
    (submission,) = ingest.Store(tmp_path / "var").submissions()
    assert submission.quarters["2019Q3"]["reason"] == "found a mistake"
    assert submission.manifest["partial"] == "no field offices"
    parity("submit", staff, "--revise", "2019Q3", code=2)  # not understood
    parity("check", staff, "--entity", "UNDP", code=1)


def test_warnings_of_a_release_from_the_command_line(parity, tmp_path):
    for quarter, women in (("2019Q3", "60"), ("2019Q4", "90")):
        path = samples.write_csv(tmp_path / "staff.csv", [row(quarter=quarter, headcount=women)])
        said = parity("submit", path)
    assert "warning large-change" in said
    assert '--accept-warning large-change:UPU="reason", or large-change="reason"' in parity("release", "2019Q4", code=1)
    parity("release", "2019Q4", "--accept-warning", "large-change=a unit was taken over")
    parity("release", "2019Q4", "--accept-warning", "large-change", code=2)


def test_a_long_list_is_cut_and_counted(parity, tmp_path):
    path = samples.write_csv(tmp_path / "staff.csv", [row(grade="Q-1")] * 1254)
    said = parity("check", path, code=1)
    assert said.count("error unknown-code") == 1 and "rows 2-1255 (1,254 rows), grade: 'Q-1' is not a code" in said
    path = samples.write_csv(tmp_path / "staff.csv", [row(grade=f"Q-{number}") for number in range(1254)])
    said = parity("check", path, code=1)
    assert said.count("error unknown-code") == 20 and "and 1,234 more like this: unknown-code" in said


def test_the_input_is_at_fault_or_the_system(parity, tmp_path, monkeypatch):
    assert "there is no file" in parity("check", tmp_path / "none.csv", code=1)
    staff = samples.write_csv(tmp_path / "staff.csv", rows())

    def full(*_, **__):
        raise OSError(28, "No space left on device", "/var/x")

    monkeypatch.setattr(ingest, "submit", full)
    assert "No space left on device: /var/x" in parity("submit", staff, code=2)

    def surprise(*_, **__):
        raise RuntimeError("something nobody thought of")

    monkeypatch.setattr(ingest, "submit", surprise)
    assert "something nobody thought of" in parity("submit", staff, code=2)
    done = CliRunner().invoke(cli.parity, ["submit", str(staff), "--debug", "--data-dir", str(tmp_path)])
    assert isinstance(done.exception, RuntimeError)


def test_a_corrupt_pointer_is_the_systems_fault(parity, tmp_path):
    parity("submit", samples.write_csv(tmp_path / "staff.csv", rows()))
    parity("release", "2019Q4")
    (tmp_path / "var" / "releases" / "current").write_text("nonsense")
    assert "names no release" in parity("releases", code=2)
    parity("rollback", "2019Q4-r1")
    parity("releases")


def test_demonstration_data_never_supersede_real_ones(parity, tmp_path):
    parity("submit", samples.write_csv(tmp_path / "staff.csv", rows()))
    parity("release", "2019Q4")
    assert "real submissions (UPU/2019Q4/0001" in parity("demo", "--quick", code=1)
    assert "2019Q4-r1" in parity("demo", "--if-missing", "--format", "json")


def test_a_release_that_cannot_be_opened_is_the_systems_fault(parity, tmp_path):
    parity("submit", str(samples.write_csv(tmp_path / "a.csv", samples.rows())))
    parity("release", "2019Q4")
    path = next(tmp_path.rglob("internal.duckdb"))
    path.write_bytes(path.read_bytes()[:-1])
    parity("query", "headline", code=2)


@pytest.mark.parametrize("command", sorted(cli.parity.commands))
def test_every_command_has_help_and_formats(command):
    done = CliRunner().invoke(cli.parity, [command, "--help"])
    assert done.exit_code == 0 and "--format" in done.output
    assert len(done.output.split("Usage")[1].strip().splitlines()[2].strip()) > 10


def test_settings_come_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("PARITY_DATA_DIR", str(tmp_path / "elsewhere"))
    staff = samples.write_csv(tmp_path / "staff.csv", rows())
    assert CliRunner().invoke(cli.parity, ["submit", str(staff)]).exit_code == 0
    assert len(ingest.Store(tmp_path / "elsewhere").submissions()) == 1
    monkeypatch.setenv("PARITY_PORT", "many")
    assert CliRunner().invoke(cli.parity, ["releases"]).exit_code == 2


# -- templates --


@pytest.fixture
def template(parity, tmp_path):
    def make(entity: str = "UPU", quarter: str = "2020Q1") -> Path:
        path = tmp_path / f"{entity}-{quarter}.xlsx"
        parity("template", "--entity", entity, "--quarter", quarter, "-o", path)
        return path

    return make


def test_a_template_passes_the_check_as_it_is(parity, template, tmp_path):
    parity("submit", samples.write_csv(tmp_path / "staff.csv", rows()))
    path = template()
    said = parity("check", path)
    assert "UPU 2020Q1: 9 women, 12 men, 1 other" in said and "good: 0 errors, 0 warnings, 0 notes" in said
    parity("submit", path)
    first, second = ingest.Store(tmp_path / "var").submissions()
    assert second.quarters["2020Q1"]["content"] == first.quarters["2019Q4"]["content"]


def test_a_template_edited_and_saved_by_another_program(parity, template, tmp_path):
    parity("submit", samples.write_csv(tmp_path / "staff.csv", rows()))
    path = template()
    book = openpyxl.load_workbook(path)
    sheet = book["staff"]
    for line in sheet.iter_rows(min_row=2):
        line[0].value = "2019Q4"
    sheet.append([*list(row(grade="P-2").values())[:-1], 4])
    book.save(path)
    assert "UPU 2019Q4: 13 women, 12 men, 1 other" in parity("check", path, "--replace", "a test")


def test_a_template_has_choices_totals_and_the_change(parity, template, tmp_path):
    parity("submit", samples.write_csv(tmp_path / "staff.csv", rows()))
    book = openpyxl.load_workbook(template())
    assert book.sheetnames[0] == "staff"
    lists = {str(rule.sqref).split(":")[0]: rule for rule in book["staff"].data_validations.dataValidation}
    assert {"E2", "F2", "D2", "H2"} <= set(lists)
    area = re.fullmatch(r"codes!\$(\w+)\$2:\$(\w+)\$(\d+)", lists["E2"].formula1)
    grades = [cell.value for (cell,) in book["codes"][f"{area[1]}2:{area[2]}{area[3]}"]]
    assert "P-4" in grades and "FS-4" not in grades  # no grade of another entity
    summary = book["summary"]
    formulas = [cell.value for line in summary.iter_rows() for cell in line if str(cell.value).startswith("=")]
    assert any(formula.startswith("=SUMIFS(staff!") for formula in formulas)
    values = openpyxl.load_workbook(template(), data_only=True)["summary"]
    assert [cell.value for cell in values[5]][:8] == ["all grades", 9, 12, 1, 9, 12, 1, 0]


def test_a_first_template_is_empty_and_says_so(parity, template, tmp_path):
    path = template("ISA", "2019Q4")
    assert "empty-file" in parity("check", path, code=1)
    book = openpyxl.load_workbook(path)
    book["staff"].append(list(row(entity="ISA", duty_station="JAM-kingston").values()))
    book.save(path)
    parity("check", path)


def test_a_template_for_nobody(parity, tmp_path):
    def ask(entity: str, quarter: str) -> str:
        return parity("template", "--entity", entity, "--quarter", quarter, "-o", tmp_path / "t.xlsx", code=1)

    assert "nearest: UNICEF" in ask("UNICEFF", "2020Q1")
    assert "is not a quarter" in ask("UPU", "Q1 2020")
    assert not (tmp_path / "t.xlsx").exists()
