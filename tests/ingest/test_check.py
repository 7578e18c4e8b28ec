"""Every kind of bad input gets its own code, with file, row, column, value and what would be right."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest
import samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import row, rows

from dashboard import codelists, ingest
from dashboard.ingest import contract

TODAY = dt.date(2020, 2, 1)


@pytest.fixture
def checked(tmp_path: Path, lists):
    def check(content: str | bytes, name: str = "staff.csv", **options) -> ingest.Report:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return ingest.check([path], codelists=lists, **{"today": TODAY} | options)

    return check


def found(report: ingest.Report) -> list[tuple]:
    return [(problem.code, problem.row, problem.column) for problem in report.errors]


def test_a_good_table_is_good_and_counted(checked):
    report = checked(samples.csv_text(rows()))
    assert report.ok and report.problems == []
    assert (report.entity, report.quarter) == ("UPU", "2019Q4")
    assert report.totals["2019Q4"] == {"women": 9, "men": 12, "other": 1, "temporary": 2, "combinations": 5}


#: What is changed in row 4 of a good table, and the one problem it makes there.
CORRUPTIONS = {
    "unknown grade": ({"grade": "P-9"}, "unknown-code", "grade"),
    "unknown station": ({"duty_station": "CHE-berne-x"}, "unknown-code", "duty_station"),
    "unknown nationality": ({"nationality": "ZZZ"}, "unknown-code", "nationality"),
    "unknown age group": ({"age_group": "40-45"}, "unknown-code", "age_group"),
    "unknown appointment": ({"appointment": "forever"}, "unknown-code", "appointment"),
    "unknown sex": ({"sex": "Female"}, "unknown-code", "sex"),
    "unknown rc": ({"rc": "1"}, "unknown-code", "rc"),
    "unknown entity": ({"entity": "UPUX"}, "unknown-code", "entity"),
    "grade of another entity": ({"grade": "FS-4"}, "grade-not-of-entity", "grade"),
    "department of another entity": ({"department": "OCHA"}, "department-of-other-entity", "department"),
    "missing value not accepted": ({"duty_station": "not-applicable"}, "unknown-code", "duty_station"),
    "another entity": ({"entity": "UNDP"}, "wrong-entity", "entity"),
    "blank code": ({"grade": ""}, "blank", "grade"),
    "blank of spaces": ({"nationality": "  "}, "blank", "nationality"),
    "blank headcount": ({"headcount": ""}, "blank-count", "headcount"),
    "negative headcount": ({"headcount": "-2"}, "negative-count", "headcount"),
    "fractional headcount": ({"headcount": "2.5"}, "fractional-count", "headcount"),
    "decimal comma": ({"headcount": "2,5"}, "fractional-count", "headcount"),
    "headcount of words": ({"headcount": "three"}, "not-a-number", "headcount"),
    "headcount in other digits": ({"headcount": "３"}, "not-a-number", "headcount"),
    "headcount too large": ({"headcount": "65536"}, "count-too-large", "headcount"),
    "headcount of a thousand digits": ({"headcount": "9" * 1000}, "count-too-large", "headcount"),
    "no quarter": ({"quarter": "2019-Q4"}, "wrong-quarter", "quarter"),
    "future quarter": ({"quarter": "2020Q1"}, "wrong-quarter", "quarter"),
    "earlier quarter without a reason": ({"quarter": "2019Q3"}, "wrong-quarter", "quarter"),
    "an e-mail address": ({"grade": "jane.doe@example.org"}, "personal-identifier", "grade"),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_one_corruption_gives_one_problem_at_its_place(checked, name):
    changed, code, column = CORRUPTIONS[name]
    table = rows()
    table[2] |= changed
    report = checked(samples.csv_text(table))
    # An address is also no code; both are said.
    assert (code, 4, column) in found(report)
    assert {row for _, row, _ in found(report)} == {4}
    assert len(report.errors) == 1 or code == "personal-identifier"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.sampled_from(sorted(CORRUPTIONS)), min_size=1, max_size=6),
    places=st.permutations(range(6)),
    gap=st.booleans(),
)
def test_all_corruptions_are_found_at_once(checked, names, places, gap):
    # Corruptions of the whole table's identity would change what the others are beside.
    names = [name for name in names if "entity" not in name or name == "another entity"]
    table = [row(grade=grade) for grade in ("P-5", "P-4", "P-3", "P-2", "G-5", "G-6", "G-7", "G-4", "NO-A", "NO-B")]
    expected = set()
    for name, place in zip(names, places, strict=False):
        changed, code, column = CORRUPTIONS[name]
        table[place] = table[place] | changed
        expected.add((code, place + 2 + (gap and place > 0), column))
    lines = samples.csv_text(table).splitlines(keepends=True)
    if gap:
        lines.insert(2, "\n")
    report = checked("".join(lines))
    assert expected <= set(found(report))
    assert {place for _, place, _ in expected} == {place for _, place, _ in found(report)}


def test_unknown_codes_name_the_nearest(checked):
    report = checked(samples.csv_text([row(grade="P-9"), row(entity="UPU", duty_station="CHE-bernn")]))
    suggestions = {problem.column: problem.suggestion for problem in report.errors}
    assert "P-" in suggestions["grade"] and "CHE-bern" in suggestions["duty_station"]


def test_accepted_spellings_are_read_and_noted(checked):
    report = checked(samples.csv_text([row(grade="P4"), row(grade="nod", sex="m"), row(grade="GS6", entity="upu")]))
    assert report.ok
    assert sorted(p.value for p in report.problems if p.code == "spelling") == ["GS6", "P4", "m", "nod", "upu"]


def test_spellings_of_one_code_are_one_combination(checked):
    report = checked(samples.csv_text([row(grade="P-4"), row(grade="P4")]))
    assert found(report) == [("duplicate-row", 3, "")]
    assert "row 2" in report.errors[0].message


def test_rows_without_headcount_are_persons(checked):
    table = [{key: value for key, value in row().items() if key != "headcount"}] * 3
    report = checked(samples.csv_text(table))
    assert report.ok and report.totals["2019Q4"]["women"] == 3


def test_a_department_that_was_closed(checked):
    report = checked(samples.csv_text([row(entity="UN", department="DPKO", duty_station="USA-new-york")]))
    assert found(report) == [("department-not-open", 2, "department")]


def test_missing_and_unknown_columns(checked):
    table = [{key: value for key, value in row().items() if key != "sex"} | {"dutystation2": "x"}]
    report = checked(samples.csv_text(table))
    assert found(report) == [("unknown-column", 1, "dutystation2"), ("missing-column", 1, "sex")]
    assert "duty_station" in report.errors[0].suggestion


def test_a_column_twice(checked):
    report = checked("quarter,entity,grade,Grade\n2019Q4,UPU,P-4,P-4\n")
    assert found(report) == [("column-twice", 1, "grade")]


HEADINGS = ["Name", "First name", "Nom", "Prénom", "Apellidos", "Index No", "staff_id", "E-mail", "Courriel", "DOB"]
HEADINGS += ["Date de naissance", "fecha de nacimiento", "Téléphone", "passport_number", "EmployeeID", "Matricule"]


@pytest.mark.parametrize("heading", HEADINGS)
def test_identifiers_of_persons_are_refused_and_not_repeated(checked, heading):
    report = checked(samples.csv_text([row() | {heading: "Jane Doe"}]))
    assert {problem.code for problem in report.errors} == {"personal-identifier"}
    assert "Jane" not in str(report.to_dict())


@pytest.mark.parametrize("heading", [*samples.COLUMNS, "department_name", "duty station name", "kind", "reason"])
def test_other_headings_are_not_taken_for_persons(heading):
    assert not contract.is_personal(heading)


def test_addresses_are_not_repeated(checked):
    report = checked(samples.csv_text([row(), row(grade="see jane.doe@example.org")]))
    assert ("personal-identifier", 3, "grade") in found(report)
    assert "jane.doe" not in str(report.to_dict())


ENCODED = {
    "UTF-16": ("wrong-encoding", lambda text: text.encode("utf-16")),
    "Latin-1": ("wrong-encoding", lambda text: text.replace("KEN", "Côte").encode("latin-1")),
    "zero bytes": ("wrong-encoding", lambda text: text.replace("KEN", "K\0N").encode()),
    "semicolons": ("wrong-separator", lambda text: text.replace(",", ";").encode()),
    "tabs": ("wrong-separator", lambda text: text.replace(",", "\t").encode()),
    "nothing": ("empty-file", lambda text: b""),
    "blank lines only": ("empty-file", lambda text: b"\n \n"),
    "heading only": ("empty-file", lambda text: text.splitlines()[0].encode()),
    "old workbook": ("wrong-format", lambda text: b"\xd0\xcf\x11\xe0" + b"x" * 100),
    "broken gzip": ("unreadable", lambda text: gzip.compress(text.encode())[:-9]),
    "no archive": ("unreadable", lambda text: b"PK\x03\x04" + b"x" * 100),
    "open quotation mark": ("wrong-row", lambda text: text.replace("P-4,F", '"P-4,F').encode()),
    "a value too many": ("wrong-row", lambda text: text.replace("P-4,F", "P-4,,F").encode()),
}


@pytest.mark.parametrize("name", ENCODED)
def test_files_that_cannot_be_read(checked, name):
    code, spoil = ENCODED[name]
    report = checked(spoil(samples.csv_text(rows())))
    assert not report.ok and code in {problem.code for problem in report.errors}


def test_a_byte_order_mark_and_crlf_are_survived(checked):
    report = checked(b"\xef\xbb\xbf" + samples.csv_text(rows()).replace("\n", "\r\n").encode())
    assert report.ok and report.problems == []


def test_line_breaks_in_values_do_not_shift_rows(checked):
    table = [row(grade="P-5"), row(grade="P-\n4"), row(grade="P-9")]
    assert [row for _, row, _ in found(checked(samples.csv_text(table)))] == [3, 4]


def test_too_large_as_received_and_unpacked(checked, monkeypatch):
    text = samples.csv_text(rows()).encode()
    monkeypatch.setattr(contract, "LIMIT_RECEIVED", len(text) - 1)
    assert found(checked(text)) == [("too-large", None, "")]
    monkeypatch.setattr(contract, "LIMIT_RECEIVED", len(text))
    assert checked(text).ok
    monkeypatch.setattr(contract, "LIMIT_UNPACKED", len(text) - 1)
    assert found(checked(gzip.compress(text))) == [("too-large", None, "")]
    monkeypatch.setattr(contract, "LIMIT_UNPACKED", len(text))
    assert checked(gzip.compress(text)).ok


def test_many_problems_are_counted_and_some_listed(checked):
    report = checked(samples.csv_text([row(grade=f"Q-{n % 3}", nationality="KEN") for n in range(5000)]))
    assert report.counts["error", "unknown-code"] == 5000
    assert len(report.errors) == 20 and report.more() == {"unknown-code": 4980}


def test_what_is_expected_is_compared(checked):
    text = samples.csv_text(rows())
    assert {code for code, *_ in found(checked(text, entity="UNDP"))} == {"wrong-entity"}
    assert {code for code, *_ in found(checked(text, quarter="2019Q3"))} == {"wrong-quarter"}
    assert found(checked(text, entity="nowhere"))[0][0] == "unknown-code"
    assert found(checked(text, partial=" "))[0][0] == "blank"
    assert checked(text, entity="UPU", quarter="2019Q4", partial="no field offices").ok


def test_revisions_need_a_reason_and_rows(checked, tmp_path, lists):
    table = [*rows(), *rows(quarter="2019Q3")]
    assert checked(samples.csv_text(table), revise={"2019Q3": "found a mistake"}).ok
    assert (
        found(checked(samples.csv_text(rows()), revise={"2019Q3": "found a mistake"}))[0][0] == "revision-without-rows"
    )
    assert not checked(samples.csv_text(table), revise={"2019Q3": " "}).ok
    reasons = samples.write_csv(tmp_path / "why.csv", [{"quarter": "2019Q3", "reason": "found a mistake"}])
    staff = samples.write_csv(tmp_path / "staff.csv", table)
    assert ingest.check([staff, reasons], codelists=lists, today=TODAY).ok


def test_movements(checked, tmp_path, lists):
    staff = samples.write_csv(tmp_path / "s.csv", rows())
    good = {"quarter": "2019Q4", "entity": "UPU", "grade": "P4", "sex": "F", "kind": "promoted-in", "count": "2"}

    def check(*table):
        return ingest.check([staff, samples.write_csv(tmp_path / "m.csv", table)], codelists=lists, today=TODAY)

    assert check(good).ok
    assert found(check(good, good | {"grade": "P-4"})) == [("duplicate-row", 3, "")]
    assert found(check(good | {"kind": "fired"})) == [("unknown-code", 2, "kind")]
    assert found(check(good | {"count": "-1"})) == [("negative-count", 2, "count")]
    alone = ingest.check([tmp_path / "m.csv"], codelists=lists, today=TODAY)
    assert "missing-table" in {code for code, *_ in found(alone)} or "negative-count" in {c for c, *_ in found(alone)}


def test_the_same_combination_in_two_files(tmp_path, lists):
    one, two = (samples.write_csv(tmp_path / name, rows()) for name in ("a.csv", "b.csv"))
    report = ingest.check([one, two], codelists=lists, today=TODAY)
    assert report.counts["error", "duplicate-row"] == 6
    assert {problem.file for problem in report.errors} == {"b.csv"}


def test_limits_of_rows_and_columns_hold_for_csv_too(tmp_path):
    heading = ",".join(samples.COLUMNS)
    long, wide = tmp_path / "long.csv", tmp_path / "wide.csv"
    long.write_text(heading + "\n" * (contract.LIMIT_ROWS + 2))
    wide.write_text(heading + "".join(f",c{number}" for number in range(contract.LIMIT_COLUMNS)) + "\n")
    for path in (long, wide):
        report = ingest.check([path], codelists=codelists.load())
        assert [problem.code for problem in report.errors] == ["too-large"]


def test_a_file_cut_off_within_quotation_marks_is_refused(tmp_path):
    path = samples.write_csv(tmp_path / "a.csv", rows(2))
    text = path.read_text().rstrip()
    path.write_text(f'{text[: text.rindex(",")]},"1')
    report = ingest.check([path], codelists=codelists.load())
    assert [problem.code for problem in report.errors] == ["unreadable"]
