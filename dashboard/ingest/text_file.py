"""Reads CSV as it comes out of spreadsheets: other encodings, separators and line ends, each said as a note."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dashboard.ingest.problems import ERROR, NOTE, Problem, Report

#: Separators and what they are called; the first one is that of the contract.
SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
#: Rows that are looked at to find out how a file is written.
SAMPLE = 60
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[,;\t|]*\r*\n', re.IGNORECASE)
#: A value of its own at the end of the text: where it is found within another, a quotation mark was never closed.
_END = "\u0003end of the file\u0003"
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a file and how its values are separated."""

    text: str
    separator: str

    def rows(self) -> Iterator[list[str]]:
        """The rows. Raises csv.Error where they cannot be told, ValueError where a quotation mark is not closed."""
        rows = _rows(self.text, self.separator)
        before: list[str] | None = None
        for row in rows:
            if before is not None:
                yield before
            before = row
        if before != [_END]:
            raise ValueError("a quotation mark is not closed")


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    end = "" if text.endswith(("\n", "\r")) else "\n"
    # newline="": every kind of line end, an old Macintosh's too.
    lines = io.StringIO(f"{text}{end}{_END}", newline="")
    return csv.reader(lines, delimiter=separator)


def decoded(name: str, content: bytes, report: Report) -> str | None:
    """The text of a file; None, with the reason in the report, where its encoding cannot be told."""

    def note(message: str) -> None:
        report.add(Problem(NOTE, "reading", message, file=name))

    for mark, encoding, called in (
        (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
        (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
        (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
        (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    ):
        if content.startswith(mark):
            return _wide(name, content, encoding, called, note, report)
    if b"\x00" in content[:4096] and len(content) % 2 == 0:
        # Without its mark: every other byte of ordinary text is zero.
        for encoding, zeros in (("utf-16-le", content[1:4096:2]), ("utf-16-be", content[0:4096:2])):
            if zeros.count(0) > 0.9 * len(zeros):
                return _wide(name, content, encoding, "UTF-16", note, report)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        text = _windows(name, content, error, report)
        if text is None:
            return None
    if "\x00" in text:
        row = content.count(b"\n", 0, content.index(b"\x00")) + 1
        message = "the file holds zero bytes: it is no text, or its encoding is not UTF-8"
        right = "save it as CSV UTF-8"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, row=row, suggestion=right))
        return None
    return _tidied(text)


def _tidied(text: str) -> str:
    # Byte order marks, of which two programs may have set one each; the mark of an end of file of older systems.
    text = text.lstrip("\ufeff").rstrip("\x1a")
    return text.replace("\r\r\n", "\r\n") if "\r\r\n" in text else text


def _wide(
    name: str, content: bytes, encoding: str, called: str, note: Callable[[str], None], report: Report
) -> str | None:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        message = f"the text begins as {called} and goes on as something else ({error.reason})"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, suggestion="save it as CSV UTF-8"))
        return None
    if "\x00" in text:
        message = f"the text is {called} and holds zero bytes"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, suggestion="save it as CSV UTF-8"))
        return None
    note(f"the text is {called} and was read as that")
    return _tidied(text)


def _windows(name: str, content: bytes, error: UnicodeDecodeError, report: Report) -> str | None:
    """The text as Windows-1252, if every byte is a letter there and none looks like UTF-8."""
    right = "save it as CSV UTF-8"
    row = content.count(b"\n", 0, error.start) + 1
    seen = content[error.start : error.start + 1].decode("latin-1")
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        message = f"the text is not UTF-8 and not Windows-1252 ({seen!r} there)"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, row=row, suggestion=right))
        return None
    if re.search(rb"[\xc3-\xf4][\x80-\xbf]", content[: error.start]):
        message = f"the text begins as UTF-8 and goes on as something else ({seen!r} there)"
        report.add(Problem(ERROR, "wrong-encoding", message, file=name, row=row, suggestion=right))
        return None
    words = list(dict.fromkeys(re.findall(r"[^,;\t|\"\r\n]*[^\x00-\x7f][^,;\t|\"\r\n]*", text)))
    shown = ", ".join(repr(word.strip()[:40]) for word in words[:_SHOWN])
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    message = f"the text is not UTF-8 and was read as Windows-1252: {shown}{more}"
    report.add(Problem(NOTE, "reading", message, file=name, suggestion="look whether these values are right"))
    return text


def separated(name: str, text: str, known: Callable[[list[list[str]]], int], report: Report) -> Text:
    """How the values of a text are separated: the separator by which most headings are found.

    `known` says of some rows how many headings are among them.
    """

    def note(message: str) -> None:
        report.add(Problem(NOTE, "reading", message, file=name))

    if found := _SEPARATOR_LINE.match(text):
        text = text[found.end() :]
        note("the first line says how values are separated and was left out; rows are counted without it")
        separator = found[1] if found[1] in SEPARATORS else ","
        return _said(Text(text, separator), note)
    best = max(SEPARATORS, key=lambda separator: known(_sample(text, separator)))
    if known(_sample(text, best)):
        return _said(Text(text, best), note)
    whole = [row[0] for row in _sample(text, ",") if len(row) == 1]
    inner = "\n".join(whole)
    if text.lstrip().startswith('"') and whole:
        best = max(SEPARATORS, key=lambda separator: known(_sample(inner, separator)))
        if known(_sample(inner, best)):
            note("each line stands in quotation marks as a whole; its values were read from within")
            lines = [",".join(row) if len(row) != 1 else row[0] for row in Text(text, "\x1f").rows()]
            return _said(Text("\n".join(lines) + "\n", best), note)
    return Text(text, ",")


def _said(text: Text, note: Callable[[str], None]) -> Text:
    if text.separator != ",":
        note(f"the columns are separated by {SEPARATORS[text.separator]}")
    return text


def _sample(text: str, separator: str) -> list[list[str]]:
    """The first rows; those that cannot be told are left for the reading of the whole to say."""
    rows = []
    try:
        for row in _rows(text[: 1 << 17], separator):
            rows.append(row)
            if len(rows) == SAMPLE:
                break
    except csv.Error:
        pass
    return [row for row in rows if row != [_END]]
