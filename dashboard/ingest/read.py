"""Reads what an entity sent into tables of text: distinct values and, per row, which of them stands there.

Nothing is interpreted here beyond how a file is written and where its table is. What cannot be read is reported, not
guessed. Files of strangers are read in a child process with limits, unless they are too small to do harm.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.ingest import apart, contract, files, headings, shape, text_file, workbook
from dashboard.ingest.problems import ERROR, NOTE, Problem, Report, shown
from dashboard.ingest.shape import Table, Values

__all__ = ["Received", "Table", "Values", "receive", "shown", "tables"]

#: Text of no more than this cannot make a reader take more memory than any process has.
_HARMLESS = 4 * 1024 * 1024
_SEPARATED_BY = {";": "a semicolon", "\t": "a tab", "|": "a bar"}


@dataclass(frozen=True, slots=True)
class Received:
    """A file as received."""

    name: str
    content: bytes
    sha256: str


@dataclass
class _Found:
    """What came of one file: its tables, what had to be said, and how many bytes it unpacked to."""

    report: Report
    tables: list[Table] = field(default_factory=list)
    unpacked: int = 0


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
        if path.name.startswith(("~$", ".~lock.")):
            message = "this is the mark a program leaves beside a workbook that is open, not the workbook"
            right = (
                f"close the workbook and send {path.name.removeprefix('~$').removeprefix('.~lock.').removesuffix('#')}"
            )
            report.add(Problem(ERROR, "wrong-format", message, file=path.name, suggestion=right))
            continue
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
            continue
        if _is_something_else(item, report):
            continue
        came = _limited(item, left, report)
        if came is not None:
            report.take(came.report)
            found += came.tables
            left -= came.unpacked
    return found


def _limited(item: Received, left: int, report: Report) -> _Found | None:
    """One file, read in a child process unless it is harmless."""
    listed = report.listed

    def work() -> _Found:
        came = _Found(Report(listed=listed))
        if _is_archive(item.content):
            _workbook(item, left, came)
        else:
            _csv(item, left, came)
        return came

    if not _is_archive(item.content) and not item.content.startswith(b"\x1f\x8b") and len(item.content) <= _HARMLESS:
        return work()
    if (
        item.content.startswith(b"\x1f\x8b")
        and (size := _unpacked_size(item.content)) is not None
        and size <= _HARMLESS
    ):
        return work()
    try:
        return apart.apart(work)
    except apart.Exhausted as exhausted:
        message = f"reading it takes {exhausted}: it was not read"
        right = "delete what is not the table and save it again, or send CSV"
        report.add(Problem(ERROR, "too-large", message, file=item.name, suggestion=right))
        return None


def _is_archive(content: bytes) -> bool:
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _unpacked_size(content: bytes) -> int | None:
    """How many bytes a gzip file unpacks to, if that is harmless; None if it is more, or if it cannot be said."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            size = len(file.read(_HARMLESS + 1))
    except (OSError, EOFError, zlib.error):
        return 0
    return size if size <= _HARMLESS else None


#: How files begin that are neither tables of text nor workbooks: what they are, and what to do.
_OTHERS = (
    (b"%PDF", "this is a PDF", "send the table itself, as .xlsx or CSV"),
    (b"{\\rtf", "this is a text document (.rtf)", "send the table itself, as .xlsx or CSV"),
    (b"7z\xbc\xaf", "this is an archive (.7z)", "unpack it and send the files themselves"),
    (b"Rar!", "this is an archive (.rar)", "unpack it and send the files themselves"),
    (b"\x89PNG", "this is a picture", "send the table itself, as .xlsx or CSV"),
    (b"\xff\xd8\xff", "this is a picture", "send the table itself, as .xlsx or CSV"),
    (b"PAR1", "this is a Parquet file", "send .xlsx or CSV"),
    (b"SQLite format", "this is a database", "send .xlsx or CSV"),
)
_WEB_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|table|head|body|meta)", re.IGNORECASE)
_XML = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<\?xml", re.IGNORECASE)
_SHEET_SAVED_AS = "open it and save it as .xlsx (Excel workbook) or as CSV UTF-8"


def _is_something_else(item: Received, report: Report) -> bool:
    """True, with a problem in the report, if a file is plainly neither CSV nor XLSX, whatever its name."""
    said = None
    content = item.content
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            said = ("the workbook is encrypted", "open it, remove its password, and save it as .xlsx")
        else:
            said = ("an old workbook (.xls) or an encrypted one", "save it as .xlsx, without a password")
    elif _WEB_PAGE.match(content[:512]):
        said = ("this is a web page, as some systems export it under the name .xls", _SHEET_SAVED_AS)
    elif _XML.match(content[:512]):
        said = ("this is XML, no CSV and no XLSX", _SHEET_SAVED_AS)
    elif content.lstrip()[:1] in (b"{", b"[") and b'"' in content[:200] and not content.startswith(b"{\\rtf"):
        said = ("this is JSON", "send the table itself, as .xlsx or CSV")
    else:
        said = next(((what, right) for begin, what, right in _OTHERS if content.startswith(begin)), None)
    if said is None:
        return False
    report.add(Problem(ERROR, "wrong-format", said[0], file=item.name, suggestion=said[1]))
    return True


def _renamed(item: Received, came: _Found, endings: tuple[str, ...], what: str) -> None:
    if not item.name.casefold().endswith(endings):
        message = f"the file is {what}, whatever its name says, and was read as that"
        came.report.add(Problem(NOTE, "reading", message, file=item.name))


def _workbook(item: Received, left: int, came: _Found) -> None:
    opened = workbook.read(item.name, item.content, left, came.report)
    if opened is None:
        return
    _renamed(item, came, (".xlsx",), "a workbook (XLSX)")
    came.unpacked = opened.unpacked
    for kind, sheet in opened.sheets:
        table = shape.table(sheet.cells, item.name, sheet.name, sheet.about, came.report, kind)
        if table is not None:
            came.tables.append(table)
        elif kind == contract.STAFF:
            # An empty optional sheet is the same as none: the template brings them along.
            problem = Problem(ERROR, "empty-file", "the sheet is empty", file=item.name, sheet=sheet.name)
            came.report.add(problem)


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


def _csv(item: Received, left: int, came: _Found) -> None:
    content = _unpacked(item, left, came.report)
    if content is None:
        return
    came.unpacked = len(content)
    text = text_file.decoded(item.name, content, came.report)
    if text is None:
        return
    if item.name.casefold().endswith((".xlsx", ".xlsm", ".xls", ".ods", ".xlsb")):
        _renamed(item, came, (), "text (CSV)")
    table = _csv_table(item.name, text, came.report)
    if table is not None:
        came.tables.append(table)


def _csv_table(name: str, text: str, report: Report) -> Table | None:
    if not text.strip():
        report.add(Problem(ERROR, "empty-file", "the file is empty", file=name))
        return None
    right = "look for a quotation mark that is not closed; one within a value is written twice"
    try:
        said = text_file.separated(name, text, headings.rows_with_headings, report)
        # The quick way takes memory that the limits of a child process do not know how to give.
        plain = shape.plain_grid(said.text, said.separator) if len(said.text) <= _HARMLESS else None
        cells = plain or shape.grid(said.rows(), with_lengths=True)
    except csv.Error as error:
        message = f"the table cannot be read: {error}"
        report.add(Problem(ERROR, "unreadable", message, file=name, suggestion=right))
        return None
    except shape.TooLarge as error:
        message = f"the table has {error}; at most {contract.LIMIT_ROWS:,} and {contract.LIMIT_COLUMNS} are accepted"
        smaller = "delete blank rows below the table, or give one row per combination with a headcount"
        report.add(Problem(ERROR, "too-large", message, file=name, suggestion=smaller))
        return None
    except ValueError as error:
        report.add(Problem(ERROR, "unreadable", str(error), file=name, suggestion=f"the file may be cut off; {right}"))
        return None
    if len(cells.columns) == 1:
        first = next(text for text in cells.columns[0].distinct if text.strip())
        for mark, called in _SEPARATED_BY.items():
            if mark in first:
                message = f"the columns are separated by {called}, and their headings are not those of the contract"
                right = "columns are " + ", ".join(column.name for column in contract.STAFF_COLUMNS)
                report.add(Problem(ERROR, "wrong-separator", message, file=name, row=1, suggestion=right))
                return None
    return shape.table(cells, name, "", shape.Sheet(), report)
