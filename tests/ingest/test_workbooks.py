"""Workbooks: the same rows as CSV mean the same, and what could surprise is refused."""

from __future__ import annotations

import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import openpyxl
import openpyxl.comments
import pytest
import samples
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import row, rows

from dashboard import codelists, ingest
from dashboard.ingest import contract, workbook
from dashboard.ingest.figures import Figures

TODAY = dt.date(2020, 2, 1)
LISTS = codelists.load()


def codes(dimension: str, *missing: str):
    return st.sampled_from([*[member.code for member in LISTS.members(dimension)][:40], *missing])


OPTIONAL = ("not-reported", "not-applicable")
GRADES = [member.code for member in LISTS.members("grade") if LISTS.grade_allowed("UPU", member.code)]
ROWS = st.fixed_dictionaries(
    {
        "quarter": st.just("2019Q4"),
        "entity": st.just("UPU"),
        "department": st.sampled_from(OPTIONAL),
        "duty_station": codes("duty_station", "not-reported"),
        "grade": st.sampled_from(GRADES),
        "sex": st.sampled_from("FMX"),
        "age_group": codes("age_group", *OPTIONAL),
        "nationality": codes("nationality", *OPTIONAL),
        "appointment": codes("appointment", *OPTIONAL),
        "rc": st.sampled_from(("yes", "no", *OPTIONAL)),
        "headcount": st.integers(0, 300).map(str),
    }
)
TABLES = st.lists(
    ROWS, min_size=1, max_size=12, unique_by=lambda values: tuple(values[name] for name in samples.DIMENSIONS)
)


def kept(store: ingest.Store, submission: ingest.Submission) -> dict[tuple, int]:
    """The normalised copy, naively unfolded into combinations with a sex."""
    figures, _ = Figures.read(store.normalised_path(submission.id, submission.quarter))
    persons = {}
    for number in range(len(figures.counts[0])):
        values = {name: texts[positions[number]] for name, (texts, positions) in figures.columns.items()}
        for sex, counts in zip("FMX", figures.counts, strict=True):
            if counts[number]:
                key = tuple((values | {"sex": sex})[name] for name in samples.DIMENSIONS)
                persons["2019Q4", "UPU", *key] = int(counts[number])
    return persons


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(table=TABLES, as_persons=st.booleans())
def test_csv_and_workbook_are_kept_alike_and_as_meant(tmp_path_factory, table, as_persons):
    folder = tmp_path_factory.mktemp("drawn")
    store = ingest.Store(folder)
    at = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
    options = {"codelists": LISTS, "received_at": at, "durable": False, "quarter": "2019Q4"}
    expected = samples.meant(table)
    sent = table
    if as_persons:
        sent = [
            {name: value for name, value in values.items() if name != "headcount"}
            for values in table
            for _ in range(int(values["headcount"]) % 4)
        ] or [{name: value for name, value in table[0].items() if name != "headcount"}]
        expected = samples.meant(sent)
    plain = ingest.submit(store, [samples.write_csv(folder / "a.csv.gz", sent)], **options)
    book = ingest.submit(store, [samples.write_xlsx(folder / "a.xlsx", staff=sent)], **options)
    assert kept(store, plain) == kept(store, book) == dict(expected)
    assert plain.quarters["2019Q4"]["content"] == book.quarters["2019Q4"]["content"]


def check(path: Path, **options) -> ingest.Report:
    return ingest.check([path], codelists=LISTS, **{"today": TODAY} | options)


def codes_found(report: ingest.Report) -> set[str]:
    return {problem.code for problem in report.errors}


def test_rows_and_sheets_are_named(tmp_path):
    table = rows()
    table[3]["grade"] = "P-9"
    report = check(samples.write_xlsx(tmp_path / "a.xlsx", staff=table))
    assert [(p.code, p.sheet, p.row, p.column) for p in report.errors] == [("unknown-code", "staff", 5, "grade")]


def test_movements_and_revisions_have_sheets(tmp_path):
    movement = {"quarter": "2019Q4", "entity": "UPU", "grade": "P-4", "sex": "F", "kind": "separated", "count": "1"}
    path = samples.write_xlsx(
        tmp_path / "a.xlsx",
        Staff=[*rows(), *rows(quarter="2019Q3")],
        movements=[movement],
        revisions=[{"quarter": "2019Q3", "reason": "two persons were left out"}],
    )
    assert check(path).ok
    bad = samples.write_xlsx(tmp_path / "b.xlsx", staff=rows(), movements=[movement | {"kind": "left"}])
    assert [(p.sheet, p.row, p.column) for p in check(bad).errors] == [("movements", 2, "kind")]


@pytest.mark.parametrize("tool", ["xlsxwriter", "openpyxl"])
def test_formulas_are_refused_where_figures_are_read(tmp_path, tool):
    path = tmp_path / "f.xlsx"
    if tool == "xlsxwriter":
        samples.write_xlsx(path, staff=rows())
        book = openpyxl.load_workbook(path)
    else:
        book = openpyxl.Workbook()
        book.active.title = "staff"
        for line in [list(row()), *[list(values.values()) for values in rows()]]:
            book.active.append(line)
    book["staff"]["K4"] = "=1+1"
    book.create_sheet("summary")["A1"] = "=2+2"
    book.save(path)
    report = check(path)
    assert [(p.code, p.sheet, p.row, p.column) for p in report.errors] == [("formula", "staff", 4, "K")]


def test_a_formula_on_the_summary_is_no_matter(tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    book = openpyxl.load_workbook(path)
    book.create_sheet("summary")["A1"] = "=2+2"
    book.save(path)
    assert check(path).ok


def test_sheets_that_are_not_part_of_the_contract(tmp_path):
    assert codes_found(check(samples.write_xlsx(tmp_path / "a.xlsx", Sheet1=rows()))) == {
        "missing-sheet",
        "unknown-sheet",
    }
    people = [{"Name": "Jane Doe"}]
    assert "unknown-sheet" in codes_found(check(samples.write_xlsx(tmp_path / "b.xlsx", staff=rows(), people=people)))
    hidden = [{"anything": "jane.doe@example.org"}]
    assert codes_found(check(samples.write_xlsx(tmp_path / "c.xlsx", staff=rows(), summary=hidden))) == {
        "personal-identifier"
    }


def test_a_value_beside_the_table(tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    book = openpyxl.load_workbook(path)
    book["staff"]["N3"] = "see below"
    book.save(path)
    assert [(p.code, p.row) for p in check(path).errors] == [("wrong-row", 3)]


def test_fractions_stay_fractions(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("staff")
        sheet.write_row(0, 0, list(row()))
        sheet.write_row(1, 0, [*list(row().values())[:-1], 2.5])
        sheet.write_row(2, 0, [*list(row(grade="P-5").values())[:-1], 2.0])
    assert [(p.code, p.row) for p in check(path).errors] == [("fractional-count", 2)]


def test_a_stray_cell_in_the_last_corner(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("staff")
        sheet.write_row(0, 0, list(row()))
        sheet.write(1_048_575, 16_383, "x")
    assert codes_found(check(path)) == {"too-large"}


def bomb(path: Path, lie: bool) -> Path:
    """A small archive that unpacks to more than is accepted; its directory may say it does not."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (contract.LIMIT_UNPACKED + 1))
    raw = content.getvalue()
    if lie:
        size = (contract.LIMIT_UNPACKED + 1).to_bytes(4, "little")
        assert raw.count(size) == 2
        raw = raw.replace(size, (1000).to_bytes(4, "little"))
    path.write_bytes(raw)
    return path


def test_archives_that_unpack_to_too_much(tmp_path, monkeypatch):
    # What the parser is given must have been counted: it may not be called at all.
    monkeypatch.setattr(workbook.python_calamine, "CalamineWorkbook", None)
    assert codes_found(check(bomb(tmp_path / "a.xlsx", lie=False))) == {"too-large"}
    assert codes_found(check(bomb(tmp_path / "b.xlsx", lie=True))) == {"unreadable"}


def test_macros_and_other_archives(tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"macro")
    assert codes_found(check(path)) == {"wrong-format"}
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        archive.writestr("readme.txt", b"no workbook")
    assert codes_found(check(tmp_path / "b.xlsx")) == {"wrong-format"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=300), at=st.integers(0, 6000), cut=st.booleans())
def test_damaged_workbooks_are_refused_and_never_a_crash(tmp_path, junk, at, cut):
    whole = samples.write_xlsx(tmp_path / "whole.xlsx", staff=rows()).read_bytes()
    at = min(at, len(whole))
    damaged = whole[:at] + junk + (b"" if cut else whole[at + len(junk) :])
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(damaged)
    report = check(path)
    assert report.ok or report.errors


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=400), st.text(max_size=400).map(str.encode)))
def test_any_bytes_are_refused_and_never_a_crash(tmp_path, content):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    assert not check(path).ok


def rewritten(path: Path, part: str, change) -> Path:
    """The workbook with one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert part in parts
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, change(content) if name == part else content)
    return path


def test_a_sheet_that_only_the_parser_would_find_is_refused(tmp_path):
    """The parser takes names of parts in any case: its sheet would be neither measured nor searched for formulas."""
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    rewritten(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"sheet1.xml", b"SHEET1.xml"))
    assert codes_found(check(path)) == {"unreadable"}


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused(tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/worksheets/Sheet1.xml", b"<worksheet/>")
    assert codes_found(check(path)) == {"unreadable"}


@pytest.mark.parametrize(
    ("part", "mark", "junk"),
    [
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<c "),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<row "),
        ("xl/workbook.xml", b"<sheets>", b"<sheet "),
        ("xl/workbook.xml", b"<sheets>", b"<sheet " + b"a" * 600_000 + b">"),
        ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<" + b"a" * 600_000),
    ],
)
def test_hostile_parts_take_no_longer_than_others(tmp_path, part, mark, junk):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    times = 200_000 if len(junk) < 10 else 1
    rewritten(path, part, lambda xml: xml.replace(mark, junk * times + mark))
    started = time.process_time()
    check(path)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("heading", ["Name", "Index number", "Date of birth"])
def test_headings_of_persons_on_sheets_that_are_not_read(tmp_path, heading):
    path = tmp_path / "a.xlsx"
    samples.write_xlsx(path, staff=rows())
    book = openpyxl.load_workbook(path)
    sheet = book.create_sheet("codes")
    sheet.append([heading, "post"])
    sheet.sheet_state = "hidden"
    book.save(path)
    report = check(path)
    assert codes_found(report) == {"personal-identifier"}


def test_an_address_in_a_comment_is_refused(tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    book = openpyxl.load_workbook(path)
    book["staff"]["B2"].comment = openpyxl.comments.Comment("ask jane.doe@example.org", "me")
    book.save(path)
    report = check(path)
    assert codes_found(report) == {"personal-identifier"}
    assert "jane" not in str(report.to_dict())
