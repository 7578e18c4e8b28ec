"""Reads XLSX workbooks without being surprised: by size, by formulas, by a cell in the last corner of a sheet."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from dataclasses import dataclass

import python_calamine

from dashboard.ingest import contract
from dashboard.ingest.problems import ERROR, Problem, Report

# Bytes, not a parser: there is nothing to expand, and text in a cell cannot look like a tag (its < is escaped).
# No < in a tag and no start inside a word, or a hostile part would be gone through once per character.
_FORMULA = re.compile(rb'<(?:\w{1,40}:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"[^<>]*>\s*<(?:\w{1,40}:)?f[\s/>]')
_ANY_FORMULA = re.compile(rb"<(?:\w{1,40}:)?f[\s/>]")
_PLACE = re.compile(rb'<(?:\w{1,40}:)?c\b[^<>]*?\br="([A-Z]{1,3})(\d{1,7})"')
_ROW = re.compile(rb'<(?:\w{1,40}:)?row\b[^<>]*?\br="(\d{1,9})"')
_SHEET = re.compile(rb"<(?:\w{1,40}:)?sheet\b[^<>]*>")
_RELATION = re.compile(rb"<(?:\w{1,40}:)?Relationship\b[^<>]*>")
_ATTRIBUTE = re.compile(rb'(?<![\w:])([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
#: Parts of an archive; the template has about 15.
_MOST_PARTS = 500
#: Where a sheet that is not read may have headings, and how long one is.
_HEADING_ROWS = 10
_LONGEST_HEADING = 30


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a workbook as text, and how many bytes it unpacked to."""

    sheets: dict[str, list[list[str]]]
    unpacked: int


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode(): (double or single).decode("utf-8", "replace") for key, double, single in _ATTRIBUTE.findall(tag)
    }


def _inflate(archive: zipfile.ZipFile, left: int) -> dict[str, bytes] | None:
    """All parts, inflated and counted; None when there is no room. The directory may lie, so both are looked at."""
    parts = archive.infolist()
    if len({part.filename.casefold() for part in parts}) < len(parts):
        raise zipfile.BadZipFile("two parts have the same name")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > left:
        return None
    inflated = {}
    for part in parts:
        with archive.open(part) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            return None
        inflated[part.filename] = content
    return inflated


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Sheet name -> its XML."""
    relations = {}
    for tag in _RELATION.findall(parts.get("xl/_rels/workbook.xml.rels", b"")):
        attributes = _attributes(tag)
        target = attributes.get("Target", "")
        relations[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    found = {}
    for tag in _SHEET.findall(parts.get("xl/workbook.xml", b"")):
        attributes = _attributes(tag)
        name = attributes.get("name", "").replace("&amp;", "&")
        relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
        found[name] = parts.get(relations.get(relation, ""), b"")
    return found


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def read(name: str, content: bytes, left: int, report: Report) -> Workbook | None:
    """The sheets of a workbook; None when it cannot be taken, with the reason in the report.

    `left` is how many unpacked bytes the submission may still have.
    """

    def refuse(code: str, message: str, suggestion: str = "", sheet: str = "", row: int | None = None) -> None:
        report.add(Problem(ERROR, code, message, file=name, sheet=sheet, row=row, suggestion=suggestion))

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(part.flag_bits & 1 for part in archive.infolist()):
                refuse("wrong-format", "the workbook is encrypted", "save it without a password")
                return None
            parts = _inflate(archive, left)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        refuse("unreadable", f"the workbook cannot be unpacked: {error}", "save it again and resend")
        return None
    if parts is None:
        refuse("too-large", f"it unpacks to more than {contract.LIMIT_UNPACKED:,} bytes")
        return None
    if "xl/workbook.xml" not in parts:
        refuse("wrong-format", "this is no XLSX workbook", "send CSV or XLSX")
        return None
    if any(path.endswith("vbaProject.bin") for path in parts):
        refuse("wrong-format", "the workbook has macros", "save it as .xlsx, without macros")
        return None
    sheets = _sheet_parts(parts)
    good = _sheets_are_known(name, sheets, report)
    for sheet, xml in sheets.items():
        if not xml:
            # Another reader may still find it (it takes names in any case), with nothing of it looked at here.
            refuse("unreadable", "the sheet is not where the workbook says", "save it again and resend", sheet)
            good = False
    for sheet, xml in sheets.items():
        good = _sheet_is_sound(name, sheet, xml, report) and good
    if not good:
        return None
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        texts = {}
        for sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            texts[sheet] = [[_text(value) for value in row] for row in rows]
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        refuse("unreadable", f"the workbook cannot be read: {error}", "save it again and resend")
        return None
    for sheet, rows in texts.items():
        _search(name, sheet, rows, report)
    if any(contract.EMAIL.search(part.decode("utf-8", "replace")) for path, part in parts.items() if "comment" in path):
        message = "a comment holds something like an e-mail address; nothing has been stored"
        refuse("personal-identifier", message, "remove the comments: the contract asks for no identifier")
    return Workbook(texts, sum(map(len, parts.values())))


def _sheets_are_known(name: str, sheets: dict[str, bytes], report: Report) -> bool:
    known = [sheet.strip().casefold() for sheet in sheets]
    good = True
    if contract.STAFF not in known:
        message = f"there is no sheet {contract.STAFF}; found: {', '.join(sheets) or 'none'}"
        right = f"name the sheet with the figures {contract.STAFF}"
        report.add(Problem(ERROR, "missing-sheet", message, file=name, suggestion=right))
        good = False
    for sheet, folded in zip(sheets, known, strict=True):
        if folded not in contract.COLUMNS and folded not in contract.OTHER_SHEETS:
            message = f"the sheet {sheet} is not part of the contract"
            right = "remove it; sheets are " + ", ".join(contract.COLUMNS)
            report.add(Problem(ERROR, "unknown-sheet", message, file=name, sheet=sheet, suggestion=right))
            good = False
    return good


def _sheet_is_sound(name: str, sheet: str, xml: bytes, report: Report) -> bool:
    def refuse(code: str, message: str, **more: object) -> None:
        report.add(Problem(ERROR, code, message, file=name, sheet=sheet, **more))

    if b"\x00" in xml[:200] or b"<!DOCTYPE" in xml[:1000]:
        refuse("unreadable", "the sheet is not stored as plain UTF-8", suggestion="save the workbook again")
        return False
    rows = max((int(row) for row in _ROW.findall(xml)), default=0)
    places = _PLACE.findall(xml)
    rows = max([rows, *(int(row) for _, row in places)])
    columns = max((_column_number(letters) for letters in {letters for letters, _ in places}), default=0)
    if rows > contract.LIMIT_ROWS or columns > contract.LIMIT_COLUMNS:
        message = (
            f"the sheet reaches to row {rows:,} and column {columns:,}; "
            f"at most {contract.LIMIT_ROWS:,} and {contract.LIMIT_COLUMNS} are accepted"
        )
        refuse("too-large", message, suggestion="delete stray cells beyond the table")
        return False
    if sheet.strip().casefold() not in contract.COLUMNS or not _ANY_FORMULA.search(xml):
        return True
    cells = _FORMULA.findall(xml)
    if not cells:
        refuse("formula", "the sheet holds formulas", suggestion="paste the figures as values")
    for letters, row in cells:
        message = f"cell {letters.decode()}{row.decode()} is a formula"
        refuse("formula", message, row=int(row), column=letters.decode(), suggestion="paste it as a value")
    return False


def _search(name: str, sheet: str, rows: list[list[str]], report: Report) -> None:
    """Look for persons where no figures are read; the other sheets are searched with their headings and rows."""
    if sheet.strip().casefold() in contract.COLUMNS:
        return
    for number, row in enumerate(rows[:_HEADING_ROWS], 1):
        # Sentences, as in "read me", are no headings.
        for text in row:
            if len(text) <= _LONGEST_HEADING and contract.is_personal(text):
                message = "a heading looks like an identifier of persons; nothing has been stored"
                right = "remove the column: the contract asks for no identifier"
                problem = Problem(
                    ERROR, "personal-identifier", message, file=name, sheet=sheet, row=number, suggestion=right
                )
                report.add(problem)
    for number, row in enumerate(rows, 1):
        if any("@" in text and contract.EMAIL.search(text) for text in row):
            message = "a value looks like an e-mail address; nothing has been stored"
            report.add(Problem(ERROR, "personal-identifier", message, file=name, sheet=sheet, row=number))
