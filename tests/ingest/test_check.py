"""Every kind of bad input gets its own code, with file, row, column, value and what would be right."""

from __future__ import annotations

import datetime as dt
import gzip
import time
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
    """Code, row and column of every error; what is told once of several rows is found in each of them."""
    return [(problem.code, row, problem.column) for problem in report.errors for row in rows_of(problem)]


def rows_of(problem: ingest.Problem) -> list[int | None]:
    """The rows of a problem, `2-4, 7` taken apart."""
    if not problem.rows:
        return [problem.row]
    ends = [part.partition("-") for part in problem.rows.split(", ")]
    return [row for first, _, last in ends for row in range(int(first), int(last or first) + 1)]


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
    "unknown sex": ({"sex": "U"}, "unknown-code", "sex"),
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
    "headcount with a footnote": ({"headcount": "3²"}, "not-a-number", "headcount"),
    "headcount too large": ({"headcount": "65536"}, "count-too-large", "headcount"),
    "headcount of a thousand digits": ({"headcount": "9" * 1000}, "count-too-large", "headcount"),
    "no quarter": ({"quarter": "fourth"}, "wrong-quarter", "quarter"),
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
    assert ("column-twice", 1, "grade") in found(report)


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
    "zero bytes": ("wrong-encoding", lambda text: text.replace("KEN", "K\0N").encode()),
    "nothing": ("empty-file", lambda text: b""),
    "blank lines only": ("empty-file", lambda text: b"\n \n"),
    "heading only": ("empty-file", lambda text: text.splitlines()[0].encode()),
    "old workbook": ("wrong-format", lambda text: b"\xd0\xcf\x11\xe0" + b"x" * 100),
    "broken gzip": ("unreadable", lambda text: gzip.compress(text.encode())[:-9]),
    "no archive": ("unreadable", lambda text: b"PK\x03\x04" + b"x" * 100),
    "open quotation mark": ("unreadable", lambda text: text.replace("P-4,F", '"P-4,F').encode()),
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
    report = checked(samples.csv_text(table))
    assert [row for _, row, _ in found(report)] == [4]
    assert "was read as P-4" in report.problems[-1].message


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
    assert len(report.errors) == 3 and report.more() == {}
    assert report.errors[0].rows == "2, 5, 8, 11, 14, 17, …" and report.errors[0].count == 1667
    report = checked(samples.csv_text([row(grade=f"Q-{n}") for n in range(100)]))
    assert len(report.errors) == 20 and report.more() == {"unknown-code": 80}


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


# -- readings --


def noted(report: ingest.Report) -> str:
    return "\n".join(problem.message for problem in report.problems if problem.level != "error")


def as_text(*lines: str) -> str:
    return "\n".join(("quarter,entity,duty_station,grade,sex,headcount", *lines)) + "\n"


WRITTEN = {
    "semicolons": (lambda text: text.replace(",", ";").encode(), "separated by semicolons"),
    "bars": (lambda text: text.replace(",", "|").encode(), "separated by bars"),
    "tabs in UTF-16 of the other order": (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "the text is UTF-16"),
    "UTF-16 without its mark": (lambda text: text.encode("utf-16-le"), "the text is UTF-16"),
    "two byte order marks": (lambda text: b"\xef\xbb\xbf" * 2 + text.encode(), ""),
    "a line for Excel": (lambda text: b"sep=,\r\n" + text.encode(), "the first line says how values are separated"),
    "another separator and a line for Excel": (
        lambda text: b"\xef\xbb\xbfsep=;\r\n" + text.replace(",", ";").encode(),
        "separated by semicolons",
    ),
    "comment lines": (lambda text: b"# from the personnel system\n# 30 December\n" + text.encode(), "stand in row 3"),
    "the headings of each page": (
        lambda text: (text + text.splitlines()[0] + "\n").encode(),
        "the headings stand here again",
    ),
    "a source below": (lambda text: (text + "\nSource: personnel system\n").encode(), "rows of text were left out"),
    "every value as text of a formula": (
        lambda text: text.replace("2019Q4", '"=""2019Q4"""').encode(),
        "was read as 2019Q4",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_files_that_can_be_read_in_one_way_are_read_and_it_is_said(checked, name):
    write, said = WRITTEN[name]
    report = checked(write(samples.csv_text(rows())))
    assert report.ok, report.errors
    assert report.totals["2019Q4"]["women"] == 9 and report.rows == 6
    assert said in noted(report)


def test_an_encoding_that_changes_half_way_is_refused(checked):
    text = samples.csv_text(rows())
    report = checked(text.encode() + "Côte".encode() + "Côte".encode("latin-1"))
    assert [problem.code for problem in report.errors] == ["wrong-encoding"]


def test_women_and_men_in_columns_with_their_total(checked):
    heading = "quarter,entity,duty_station,grade,F,M,Total\n"
    report = checked(heading + "2019Q4,UPU,CHE-bern,P-4,12,11,23\n2019Q4,UPU,CHE-bern,P-3,1,0,1\n")
    assert report.ok and report.totals["2019Q4"]["women"] == 13 and report.rows == 4
    assert "the column of totals is the sum of women and men" in noted(report)
    report = checked(heading + "2019Q4,UPU,CHE-bern,P-4,12,11,24\n")
    assert [problem.code for problem in report.errors] == ["two-readings"]
    assert "is not the sum" in report.errors[0].message
    report = checked("quarter,entity,duty_station,grade,women\n2019Q4,UPU,CHE-bern,P-4,12\n")
    assert [(problem.code, problem.column) for problem in report.errors] == [("missing-column", "men")]


@pytest.mark.parametrize(
    ("women", "men"),
    [("femmes", "hommes"), ("mujeres", "hombres"), ("женщины", "мужчины"), ("النساء", "الرجال"), ("女", "男")],
)
def test_women_and_men_in_columns_in_the_other_languages(checked, women, men):
    report = checked(f"quarter,entity,duty_station,grade,{women},{men}\n2019Q4,UPU,CHE-bern,P-4,12,11\n")
    assert report.ok and (report.totals["2019Q4"]["women"], report.totals["2019Q4"]["men"]) == (12, 11)


@pytest.mark.parametrize(
    "words", ["Femme Homme", "Mujer Hombre", "женский мужской", "أنثى ذكر", "女 男", "FEMALES MALES"]
)
def test_words_for_the_sexes(checked, words):
    women, men = words.split()
    report = checked(as_text(f"2019Q4,UPU,CHE-bern,P-4,{women},3", f"2019Q4,UPU,CHE-bern,P-4,{men},2"))
    assert report.ok and (report.totals["2019Q4"]["women"], report.totals["2019Q4"]["men"]) == (3, 2)


def test_h_is_a_man_unless_m_may_be_a_woman(checked):
    assert checked(as_text("2019Q4,UPU,CHE-bern,P-4,F,3", "2019Q4,UPU,CHE-bern,P-4,H,2")).totals["2019Q4"]["men"] == 2
    report = checked(as_text("2019Q4,UPU,CHE-bern,P-4,M,3", "2019Q4,UPU,CHE-bern,P-4,H,2"))
    assert "M in the same column would then be mujer" in report.errors[0].message


def test_what_parts_thousands_is_told_by_the_other_numbers(checked):
    lines = ['2019Q4,UPU,CHE-bern,P-4,F,"1,234"', "2019Q4,UPU,CHE-bern,P-3,F,{}"]
    assert "may be 1234 or 1.234" in checked(as_text(*lines).format(7)).errors[0].message
    assert checked(as_text(*lines).format("7.0")).totals["2019Q4"]["women"] == 1241
    assert [p.code for p in checked(as_text(*lines).format('"7,50"')).errors] == ["fractional-count"] * 2


def test_a_date_that_could_be_two_days_names_both(checked):
    report = checked(as_text("03/04/2019,UPU,CHE-bern,P-4,F,3"))
    assert "4 March 2019 or 3 April 2019" in report.errors[0].message
    assert (
        "which is not the last day of a quarter"
        in checked(as_text("2019-12-30,UPU,CHE-bern,P-4,F,3")).errors[0].message
    )
    assert checked(as_text("31 December 2019,UPU,CHE-bern,P-4,F,3")).ok


def test_parts_are_no_thousands(checked):
    lines = ["2019Q4,UPU,CHE-bern,P-4,F,2.0", '2019Q4,UPU,CHE-bern,P-3,F,"0,012"', '2019Q4,UPU,CHE-bern,P-2,F,"1,000"']
    report = checked(as_text(*lines))
    assert [(problem.code, problem.row) for problem in report.errors] == [("fractional-count", 3)]


@pytest.mark.parametrize(
    ("code", "written"),
    [("FRA", "FR Francia Франция فرنسا 法国"), ("RUS", "RU Russie Россия 俄罗斯"), ("SRB", "RS Сербия 塞尔维亚"),
     ("COD", "CD"), ("TLS", "TL"), ("BRA", "BR Brésil 巴西"), ("DEU", "DE Allemagne 德国"), ("GBR", "GB 英国")],
)  # fmt: skip
def test_names_of_countries_that_had_another_code_and_short_ones(checked, code, written):
    for name in written.split():
        report = checked(samples.csv_text([row(nationality=name)]))
        assert report.ok, (name, report.errors)
        assert f"was read as {code}" in noted(report), name


@pytest.mark.parametrize("heading", ["", "#", "No", "№", "Index"])
def test_a_running_number_is_left_out_under_its_usual_headings(checked, heading):
    lines = samples.csv_text(rows()).splitlines()
    numbered = [f"{heading},{lines[0]}", *(f"{number},{line}" for number, line in enumerate(lines[1:], 1))]
    report = checked("\n".join(numbered) + "\n")
    assert report.ok and report.totals["2019Q4"]["women"] == 9, report.errors
    assert [p.message for p in report.problems] == ["column 1 numbers the rows and was left out"]
    # Numbers that do not count the rows are of persons, or of nobody knows what.
    other = [f"{heading or 'Index'},{lines[0]}", *(f"{number * 7},{line}" for number, line in enumerate(lines[1:], 1))]
    assert not checked("\n".join(other) + "\n").ok


def test_lines_in_quotation_marks_that_end_nowhere_are_refused(checked):
    lines = [f'"{line}"' for line in as_text("2019Q4,UPU,CHE-bern,P-4,F,3", "2019Q4,UPU,CHE-bern,P-3,F,3").splitlines()]
    assert checked("\n".join(lines) + "\n").ok
    lines[-1] = lines[-1][:-1]
    assert [problem.code for problem in checked("\n".join(lines) + "\n").errors] == ["unreadable"]
    lines[-1] = '"' + "x" * 140_000 + '"'
    assert [problem.code for problem in checked("\n".join(lines) + "\n").errors] == ["unreadable"]


def test_a_total_is_not_called_right_where_its_parts_cannot_be_read(checked):
    report = checked("quarter,entity,duty_station,grade,F,M,Total\n2019Q4,UPU,CHE-bern,P-4,x,11,23\n")
    assert not report.ok and "is the sum" not in noted(report)


def test_a_line_too_long_for_a_block_is_read(checked):
    # The reader of before asked to "try to increase block size" here.
    report = checked(as_text("2019Q4,UPU,CHE-bern,P-4,F,3", "2019Q4,UPU,CHE-bern,P-3,F," + " " * 100_000 + "2"))
    assert report.ok and report.totals["2019Q4"]["women"] == 5


def test_a_heading_of_four_megabytes_takes_no_time(checked):
    started = time.process_time()
    report = checked("q" * 4_000_000 + ",entity\n2019Q4,UPU\n")
    assert not report.ok and time.process_time() - started < 2
    report = checked("quarter," + "x" * 120_000 + "\n2019Q4,UPU\n")
    assert not report.ok and time.process_time() - started < 4


def test_root_causes_come_first(checked):
    table = [row(duty_station="nowhere", headcount="x"), row(quarter="2019Q3", grade="P-3")]
    report = checked("Staff\n" + samples.csv_text([{"colour": "red"} | values for values in table]))
    assert [p.code for p in report.errors] == ["unknown-column", "wrong-quarter", "unknown-code", "not-a-number"]


@pytest.mark.parametrize("name", ["~$staff.xlsx", ".~lock.staff.xlsx#"])
def test_the_mark_of_an_open_workbook_is_named_as_that(checked, name):
    report = checked(b"\x05jane " + b"\0" * 100, name=name)
    assert [problem.code for problem in report.errors] == ["wrong-format"]
    assert "close the workbook and send staff.xlsx" in report.errors[0].suggestion
    assert "jane" not in str(report.to_dict())


OTHERS = {
    "PDF": b"%PDF-1.7 ...",
    "web page": b"\r\n<html><table><tr><td>quarter</td></tr></table></html>",
    "XML": b'<?xml version="1.0"?><Workbook/>',
    "JSON": b'[{"quarter": "2019Q4"}]',
}


@pytest.mark.parametrize("what", OTHERS)
def test_other_kinds_of_files_are_named_as_what_they_are(checked, what):
    report = checked(OTHERS[what], name="staff.xls")
    assert [problem.code for problem in report.errors] == ["wrong-format"]
    assert what in report.errors[0].message


def test_headings_that_mean_heads_or_persons_are_told_by_their_values(checked):
    base = [{name: value for name, value in values.items() if name != "headcount"} for values in rows()]
    for heading in ("Nombre", "Staff member", "Employees"):
        heads = checked(samples.csv_text([values | {heading: "2"} for values in base]))
        assert heads.ok and heads.totals["2019Q4"]["men"] == 4
        for value in ("Jane Doe", "900123"):
            report = checked(samples.csv_text([values | {heading: value} for values in base]))
            assert [problem.code for problem in report.errors] == ["personal-identifier"]
            assert value not in str(report.to_dict())


@pytest.mark.parametrize("heading", ["الاسم", "姓名", "工号", "Фамилия", "ФИО", "Имя и отчество", "Name and grade"])
def test_identifiers_of_persons_in_the_other_languages(heading):
    assert contract.is_personal(heading)


@pytest.mark.parametrize("heading", ["Nombre de femmes", "Name of entity", "Grade name", "工作地点名称", "название"])
def test_names_of_things_and_numbers_of_people_are_no_identifiers(heading):
    assert not contract.is_personal(heading)
