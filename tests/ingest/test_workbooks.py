"""Workbooks: the same rows as CSV mean the same, and what could surprise is refused."""

from __future__ import annotations

import datetime as dt
import io
import os
import re
import signal
import subprocess
import sys
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
from dashboard.ingest import apart, contract, workbook
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
        # Equal rows, by which a list of persons is known from a table that has lost its head-counts.
        sent = [sent[0], *sent]
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
    assert [(p.code, p.sheet, p.row, p.column) for p in report.errors] == [("formula", "staff", 4, "headcount")]


def test_a_formula_on_the_summary_is_no_matter(tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    book = openpyxl.load_workbook(path)
    book.create_sheet("summary")["A1"] = "=2+2"
    book.save(path)
    assert check(path).ok


def test_sheets_that_are_not_part_of_the_contract(tmp_path):
    two = check(samples.write_xlsx(tmp_path / "a.xlsx", Sheet1=rows(), Sheet2=rows()))
    assert codes_found(two) == {"missing-sheet"}
    assert "2 sheets have its headings: 'Sheet1', 'Sheet2'" in two.errors[0].message
    again = check(samples.write_xlsx(tmp_path / "again.xlsx", staff=rows(), Sheet2=rows()))
    assert [(problem.code, problem.sheet) for problem in again.errors] == [("unknown-sheet", "Sheet2")]
    other = [{"colour": "red", "taste": "sour", "size": "5"}]
    assert codes_found(check(samples.write_xlsx(tmp_path / "o.xlsx", staff=rows(), other=other))) == {"unknown-sheet"}
    remarks = check(
        samples.write_xlsx(tmp_path / "r.xlsx", staff=rows(), remarks=[{"as discussed": "in May"}], Sheet3=[])
    )
    assert remarks.ok and [problem.sheet for problem in remarks.problems] == ["Sheet3", "remarks"]
    people = [{"Name": "Jane Doe"}]
    found = check(samples.write_xlsx(tmp_path / "b.xlsx", staff=rows(), people=people))
    assert codes_found(found) == {"personal-identifier"} and "Jane" not in str(found.to_dict())
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
    capitals = samples.write_xlsx(tmp_path / "c.xlsx", staff=rows())
    with zipfile.ZipFile(capitals, "a") as archive:
        archive.writestr("XL/VBAPROJECT.BIN", b"macro")
    assert "has macros" in check(capitals).errors[0].message
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


def test_names_of_parts_in_another_case_are_the_same_parts(tmp_path):
    """The parser takes them in any case: its sheet would else be neither measured nor searched for formulas."""
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    rewritten(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"sheet1.xml", b"SHEET1.xml"))
    assert check(path).ok
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(rb'(r="K3"[^<>]*>)<v>', rb"\1<f>2+3</f><v>", xml))
    assert codes_found(check(path)) == {"formula"}
    rewritten(path, "xl/_rels/workbook.xml.rels", lambda xml: xml.replace(b"SHEET1.xml", b"sheet9.xml"))
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


# -- what would take all memory --


def with_sheet(path: Path, body: bytes, strings: bytes | None = None) -> Path:
    """A workbook whose sheet `staff` holds this instead of its rows, and whose shared texts are these."""
    samples.write_xlsx(path, staff=rows())
    rewritten(
        path, "xl/worksheets/sheet1.xml", lambda xml: re.sub(rb"(?s)<sheetData>.*</sheetData>", lambda _: body, xml)
    )
    if strings is not None:
        rewritten(path, "xl/sharedStrings.xml", lambda _: strings)
    return path


def corner(path: Path) -> Path:
    """6 KB with a cell in the far corner, in single quotes."""
    cells = b"<row r='1'><c r='A1'><v>1</v></c></row><row r='249999'><c r='XFD249999'><v>1</v></c></row>"
    return with_sheet(path, b"<sheetData>" + cells + b"</sheetData>")


def long_text(path: Path, letters: int) -> Path:
    """One shared text used 120,000 times."""
    line = "".join(f'<c r="{column}{{0}}" t="s"><v>0</v></c>' for column in "ABCDEFGHIJ")
    lines = "".join(f'<row r="{number}">{line.replace("{0}", str(number))}</row>' for number in range(1, 12_001))
    head = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="120000" uniqueCount="1">'
    strings = f"{head}<si><t>{'x' * letters}</t></si></sst>".encode()
    return with_sheet(path, f"<sheetData>{lines}</sheetData>".encode(), strings)


def test_small_workbooks_that_would_take_all_memory_are_refused_under_a_limit(tmp_path):
    """In a process that may have 1 GB in all, as the command is run: nothing aborts, and good files are read."""
    hostile = [
        corner(tmp_path / "corner.xlsx"),
        long_text(tmp_path / "long.xlsx", 1_000_000),
        long_text(tmp_path / "longest-allowed.xlsx", 32_000),
    ]
    assert all(path.stat().st_size < 1_000_000 for path in hostile)
    good = samples.write_xlsx(tmp_path / "good.xlsx", staff=rows())
    program = f"""
import datetime as dt, resource, sys
from pathlib import Path
resource.setrlimit(resource.RLIMIT_AS, ({1024**3}, {1024**3}))
from dashboard import codelists, ingest
lists = codelists.load()
for name in sys.argv[1:]:
    report = ingest.check([Path(name)], codelists=lists, today=dt.date(2020, 2, 1))
    print(report.ok, *[problem.code for problem in report.errors])
"""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, [*hostile, good])],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["False too-large"] * 3 + ["True"]


def test_what_ends_the_reader_or_takes_its_time_ends_nothing_else(monkeypatch):
    def eat() -> None:
        kept = []
        while True:
            kept.append(bytearray(1 << 24))

    with pytest.raises(apart.Exhausted, match="MB of memory"):
        apart.apart(eat)
    with pytest.raises(apart.Exhausted):
        apart.apart(lambda: os.kill(os.getpid(), signal.SIGKILL))
    with pytest.raises(ZeroDivisionError):
        apart.apart(lambda: 1 // 0)
    monkeypatch.setattr(apart, "SECONDS", 1)

    def spin() -> None:
        while True:
            pass

    with pytest.raises(apart.Exhausted, match="seconds"):
        apart.apart(spin)
    assert apart.apart(lambda: 42) == 42


# -- what is kept with the file and not read --


def test_a_pivot_of_the_contract_is_kept_and_one_of_persons_is_not(tmp_path):
    definition = "<pivotCacheDefinition><cacheFields>{}</cacheFields></pivotCacheDefinition>"
    fields = "".join(f'<cacheField name="{name}"/>' for name in ("quarter", "grade", "headcount"))
    for name, more, good in (("a.xlsx", "", True), ("b.xlsx", '<cacheField name="Surname"/>', False)):
        path = samples.write_xlsx(tmp_path / name, staff=rows())
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("xl/pivotCache/pivotCacheDefinition1.xml", definition.format(fields + more))
        assert check(path).ok is good


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/embeddings/Microsoft_Excel_Sheet1.xlsx", b"PK"),
        ("xl/model/item.data", b"any"),
        ("xl/threadedComments/threadedComment1.xml", b"<ThreadedComments/>"),
        ("xl/drawings/drawing1.xml", b"<d><a:t xmlns:a='a'>Index number 123</a:t></d>"),
        ("xl/drawings/drawing2.xml", b"<d><a:t xmlns:a='a'>ask jane.doe&#64;example.org</a:t></d>"),
        ("docProps/custom.xml", b"<p>jane.doe@example.org</p>"),
        ("customXml/item1.xml", "<p>jane.doe@example.org</p>".encode("utf-16")),
    ],
)
def test_persons_in_parts_that_are_not_read_are_refused_and_the_part_is_named(tmp_path, part, content):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, content)
    report = check(path)
    assert [problem.code for problem in report.errors] == ["personal-identifier"]
    assert part.casefold() in report.errors[0].message and "jane" not in str(report.to_dict())


def test_hidden_rows_and_lists_sent_twice_need_a_reason_at_the_release(store, lists, publish, tmp_path):
    path = samples.write_xlsx(tmp_path / "a.xlsx", staff=rows())
    rewritten(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'<row r="3"', b'<row r="3" hidden="1"'))
    at = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
    ingest.submit(store, [path], codelists=lists, received_at=at, durable=False)
    with pytest.raises(ingest.Refused, match="1 hidden row holds 5 staff"):
        publish("2019Q4", accepted_warnings={})
    publish("2019Q4", accepted_warnings={"hidden-rows:UPU": "filtered by grade, and meant"})


def test_a_bare_name_of_a_city_is_read_by_what_the_entity_sent_last_and_stays_read(store, lists, tmp_path, send):
    named = rows(quarter="2020Q1", duty_station="Bern")
    path = samples.write_csv(tmp_path / "named.csv", named)
    today = dt.date(2020, 5, 1)
    before = ingest.check([path], codelists=lists, store=store, today=today)
    assert [problem.code for problem in before.errors] == ["unknown-code"]
    assert "UPU had nobody there in its last submission" in before.errors[0].message
    assert "CHE-bern (Switzerland)" in before.errors[0].suggestion
    send(rows())
    after = ingest.check([path], codelists=lists, store=store, today=today)
    assert after.ok and "'Bern' was read as CHE-bern (6 rows)" in [problem.message for problem in after.problems]
    accepted = send(named, name="named.csv")
    # What was read then stays read, whatever the entity sends later.
    send(rows(quarter="2020Q2", duty_station="CHE-geneva"))
    again = store.normalise_again(accepted, lists)
    assert again.figures["2020Q1"].columns["duty_station"][0] == ["CHE-bern"]
