"""Reads what an entity sent into tables of text: distinct values and, per row, which of them stands there.

Nothing is interpreted here beyond "this is text in a cell". What cannot be read is reported, not guessed.
"""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dashboard.ingest import contract, files, workbook
from dashboard.ingest.problems import ERROR, NOTE, Problem, Report

# Nothing is ever counted in a submission that would need more: a heading longer than this is no heading.
_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Values:
    """One column: its distinct values and, per row, the position of the row's value among them."""

    distinct: list[str]
    codes: np.ndarray


@dataclass(frozen=True, slots=True)
class Table:
    """One table as sent. `rows` are row numbers as a spreadsheet shows them; blank rows are left out."""

    kind: str
    file: str
    sheet: str
    columns: dict[str, Values]
    rows: np.ndarray


@dataclass(frozen=True, slots=True)
class Received:
    """A file as received."""

    name: str
    content: bytes
    sha256: str


def shown(text: str) -> str:
    """A value as it may stand in a message: short, and without an address of a person."""
    text = contract.EMAIL.sub("(e-mail address)", text)
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def receive(paths: Sequence[Path], report: Report) -> list[Received]:
    """The bytes of the files, unless they are too many or too large, which is reported."""
    if not paths:
        report.add(Problem(ERROR, "no-file", "there is no file", suggestion="name at least one CSV or XLSX file"))
        return []
    if len(paths) > contract.LIMIT_FILES:
        message = f"{len(paths)} files; at most {contract.LIMIT_FILES} make up a submission"
        report.add(Problem(ERROR, "too-large", message))
        return []
    total = sum(path.stat().st_size for path in paths)
    if total > contract.LIMIT_RECEIVED:
        message = f"{total:,} bytes received; at most {contract.LIMIT_RECEIVED:,} are accepted"
        suggestion = "compress the CSV with gzip, or give one row per combination with a headcount"
        report.add(Problem(ERROR, "too-large", message, file=paths[0].name, suggestion=suggestion))
        return []
    received = []
    for path in paths:
        content = path.read_bytes()
        received.append(Received(path.name, content, files.sha256(content)))
    return received


def tables(received: Sequence[Received], report: Report) -> list[Table]:
    """Every table in the files. Whatever cannot be read is reported with file, sheet and row."""
    found: list[Table] = []
    left = contract.LIMIT_UNPACKED
    for item in received:
        if not item.content:
            report.add(Problem(ERROR, "empty-file", "the file is empty", file=item.name))
        elif item.content.startswith(b"PK\x03\x04"):
            left -= _workbook(item, left, found, report)
        elif item.content.startswith(b"\xd0\xcf\x11\xe0"):
            message = "an old or an encrypted workbook"
            suggestion = "save it as .xlsx, without a password"
            report.add(Problem(ERROR, "wrong-format", message, file=item.name, suggestion=suggestion))
        else:
            left -= _csv(item, left, found, report)
    return found


def _workbook(item: Received, left: int, found: list[Table], report: Report) -> int:
    opened = workbook.read(item.name, item.content, left, report)
    if opened is None:
        return 0
    for sheet, rows in opened.sheets.items():
        kind = sheet.strip().casefold()
        if kind in contract.COLUMNS:
            table = _from_rows(kind, item.name, sheet, rows, report)
            if table is not None:
                found.append(table)
    return opened.unpacked


def _unpacked(item: Received, left: int, report: Report) -> bytes | None:
    """The text of a CSV file, which may be gzip-compressed; inflated no further than there is room."""
    if not item.content.startswith(b"\x1f\x8b"):
        return item.content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(item.content)) as file:
            content = file.read(left + 1)
    except (OSError, EOFError, zlib.error) as error:
        message = f"the gzip file cannot be unpacked: {error}"
        report.add(Problem(ERROR, "unreadable", message, file=item.name, suggestion="compress it again and resend"))
        return None
    if len(content) > left:
        message = f"it unpacks to more than {contract.LIMIT_UNPACKED:,} bytes"
        report.add(Problem(ERROR, "too-large", message, file=item.name))
        return None
    return content


def _csv(item: Received, left: int, found: list[Table], report: Report) -> int:
    content = _unpacked(item, left, report)
    if content is None:
        return 0
    size = len(content)
    table = _csv_table(item.name, content, report)
    if table is not None:
        found.append(table)
    return size


def _encoding_problem(name: str, content: bytes, report: Report) -> bool:
    right = "save it as CSV UTF-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        message = "the text is UTF-16"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, row=1, suggestion=right))
        return True
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        seen = content[error.start : error.start + 1].decode("latin-1")
        message = f"the text is not UTF-8; it may be Latin-1 or Windows-1252 ({seen!r} there)"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, row=row, suggestion=right))
        return True
    if b"\x00" in content:
        row = content.count(b"\n", 0, content.index(b"\x00")) + 1
        message = "the file holds zero bytes: it is no text, or its encoding is not UTF-8"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, row=row, suggestion=right))
        return True
    return False


def _csv_table(name: str, content: bytes, report: Report) -> Table | None:
    if _encoding_problem(name, content, report):
        return None
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        report.add(Problem(ERROR, "empty-file", "the file is empty", file=name))
        return None
    try:
        header = next(csv.reader(io.StringIO(content[:65536].decode("utf-8", "ignore"), newline="")), [])
    except csv.Error as error:
        report.add(Problem(ERROR, "unreadable", f"the heading cannot be read: {error}", file=name, row=1))
        return None
    if len(header) == 1:
        for mark, said in ((";", "a semicolon"), ("\t", "a tab"), ("|", "a bar")):
            if mark in header[0]:
                message = f"the columns are separated by {said}"
                right = "separate them by commas (CSV), or send XLSX"
                report.add(Problem(ERROR, "wrong-separator", message, file=name, row=1, suggestion=right))
                return None
    lines = max(content.count(b"\n"), content.count(b"\r"))
    if lines > contract.LIMIT_ROWS or len(header) > contract.LIMIT_COLUMNS:
        message = (
            f"the table has {lines:,} rows and {len(header):,} columns; "
            f"at most {contract.LIMIT_ROWS:,} and {contract.LIMIT_COLUMNS} are accepted"
        )
        right = "delete blank rows below the table, or give one row per combination with a headcount"
        report.add(Problem(ERROR, "too-large", message, file=name, suggestion=right))
        return None
    headings = _headings(header, name, "", report)
    if headings is None:
        return None
    if not content.endswith(b"\n"):
        content += b"\n"
    broken: list[tuple[int, int, str]] = []

    def keep(row: pa.csv.InvalidRow) -> str:
        broken.append((row.number, row.actual_columns, row.text))
        return "skip"

    text = pa.dictionary(pa.int32(), pa.string())
    try:
        read = pa.csv.read_csv(
            pa.py_buffer(content),
            # One thread, because only then rows have numbers; one block, so that one dictionary serves a column.
            pa.csv.ReadOptions(
                use_threads=False,
                block_size=max(len(content) + 1, 1024),
                column_names=headings,
                skip_rows_after_names=1,
            ),
            pa.csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=keep),
            pa.csv.ConvertOptions(column_types=dict.fromkeys(headings, text), strings_can_be_null=False),
        )
    except pa.ArrowInvalid as error:
        message = f"the table cannot be read: {shown(str(error).splitlines()[0])}"
        right = "look for a quotation mark that is not closed"
        report.add(Problem(ERROR, "unreadable", message, file=name, suggestion=right))
        return None
    wrong = np.array([number for number, _, _ in broken], dtype=np.int64)
    for number, columns, line in broken:
        if line.strip():
            message = f"the row has {columns} values, the heading {len(headings)}"
            right = "a value with a comma needs quotation marks"
            report.add(Problem(ERROR, "wrong-row", message, file=name, row=number, suggestion=right))
    if not broken and content.count(b'"') % 2:
        # Quotation marks come in pairs, those within a value too: the last value is what was left of the file.
        message = "a quotation mark is not closed"
        right = "the file may have been cut off; a quotation mark within a value is written twice"
        report.add(Problem(ERROR, "unreadable", message, file=name, suggestion=right))
        return None
    rows = np.delete(np.arange(2, read.num_rows + len(wrong) + 2), wrong - 2)
    columns = {}
    for heading, chunked in zip(headings, read.columns, strict=True):
        if chunked.num_chunks > 1:
            chunked = pa.chunked_array(chunked).unify_dictionaries()
        chunk = chunked.combine_chunks()
        if isinstance(chunk, pa.ChunkedArray):
            chunk = chunk.chunk(0)
        columns[heading] = Values(chunk.dictionary.to_pylist(), chunk.indices.to_numpy())
    return _finished(name, "", columns, rows, report)


def _from_rows(kind: str, name: str, sheet: str, cells: list[list[str]], report: Report) -> Table | None:
    if not cells or not any(text.strip() for row in cells for text in row):
        # An empty optional sheet is the same as none: the template brings them along.
        if kind == contract.STAFF:
            report.add(Problem(ERROR, "empty-file", "the sheet is empty", file=name, sheet=sheet))
        return None
    header = cells[0]
    width = max((n for n, text in enumerate(header, 1) if text.strip()), default=0)
    headings = _headings(header[:width], name, sheet, report)
    if headings is None:
        return None
    body = cells[1:]
    for number, row in enumerate(body, 2):
        if any(text.strip() for text in row[width:]):
            message = "a value stands beside the table, under no heading"
            report.add(Problem(ERROR, "wrong-row", message, file=name, sheet=sheet, row=number))
    columns = {}
    for position, heading in enumerate(headings):
        known: dict[str, int] = {}
        codes = np.fromiter(
            (known.setdefault(row[position], len(known)) for row in body), dtype=np.int32, count=len(body)
        )
        columns[heading] = Values(list(known), codes)
    return _finished(name, sheet, columns, np.arange(2, len(body) + 2), report, kind)


def _headings(header: Sequence[str], name: str, sheet: str, report: Report) -> list[str] | None:
    """The headings as the contract writes them, or None where they make reading pointless (reported)."""
    personal = [text for text in header if contract.is_personal(text)]
    for text in personal:
        message = f"the column {shown(text)!r} looks like an identifier of persons; nothing has been stored"
        right = "remove the column: the contract asks for no identifier"
        found = {"file": name, "sheet": sheet, "row": 1, "column": shown(text), "suggestion": right}
        report.add(Problem(ERROR, "personal-identifier", message, **found))
    if personal:
        return None
    headings = [contract.heading(text) for text in header]
    if not headings:
        message = "the first row is blank; it has to hold the headings of the columns"
        report.add(Problem(ERROR, "missing-column", message, file=name, sheet=sheet, row=1))
        return None
    for position, heading in enumerate(headings):
        if not heading:
            message = f"column {position + 1} has no heading"
            report.add(Problem(ERROR, "unknown-column", message, file=name, sheet=sheet, row=1))
        elif heading in headings[:position]:
            message = f"the column {heading} stands twice"
            found = {"file": name, "sheet": sheet, "row": 1, "column": heading}
            report.add(Problem(ERROR, "column-twice", message, **found))
    if not all(headings) or len(set(headings)) < len(headings):
        return None
    return headings


def _finished(
    name: str,
    sheet: str,
    columns: dict[str, Values],
    rows: np.ndarray,
    report: Report,
    kind: str | None = None,
) -> Table:
    """The table without blank rows, searched for addresses of persons."""
    blank = np.ones(len(rows), dtype=bool)
    for values in columns.values():
        blank &= np.array([not text.strip() for text in values.distinct], dtype=bool)[values.codes]
    if blank.any():
        columns = {heading: Values(values.distinct, values.codes[~blank]) for heading, values in columns.items()}
        rows = rows[~blank]
        found = {"file": name, "sheet": sheet}
        report.add(Problem(NOTE, "blank-rows", f"{int(blank.sum())} blank rows left out", **found))
    for heading, values in columns.items():
        addresses = [n for n, text in enumerate(values.distinct) if "@" in text and contract.EMAIL.search(text)]
        if addresses:
            hit = np.flatnonzero(np.isin(values.codes, addresses))
            problem = {
                "level": ERROR,
                "code": "personal-identifier",
                "message": "a value looks like an e-mail address; nothing has been stored",
                "file": name,
                "sheet": sheet,
                "column": heading,
                "suggestion": "remove it: the contract asks for no identifier",
            }
            report.add_rows(rows[hit], len(hit), problem)
    if kind is None:
        names = set(columns)
        if names == {"quarter", "reason"}:
            kind = contract.REVISIONS
        elif {"kind", "count"} <= names:
            kind = contract.MOVEMENTS
        else:
            kind = contract.STAFF
    return Table(kind, name, sheet, columns, rows)
