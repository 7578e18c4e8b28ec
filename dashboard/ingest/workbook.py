"""Reads XLSX workbooks without being surprised: by size, by formulas, by what stands in parts that nobody looks at.

Everything in a workbook is kept for ever once it is accepted, so everything in it is searched for persons. What cannot
be searched, such as an embedded file, is refused.
"""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

import python_calamine

from dashboard.ingest import contract, headings, persons, shape
from dashboard.ingest.problems import ERROR, NOTE, Problem, Report, shown

#: Parts of an archive; the template has about 15.
_MOST_PARTS = 500
#: The longest text a spreadsheet program lets into a cell.
_LONGEST_TEXT = 32_767
#: A heading on a sheet that is not read, alone in its row and beside others.
_LONGEST_HEADING, _LONGEST_AMONG_OTHERS = 30, 100
_MOST_WORDS = 12
#: From so many cells in a row a sheet holds a table and not notes.
_TABLE_FROM = 3
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
#: Parts with copies of rows, or with things nobody here can look into: beginning of the path, what it is, what to do.
_REFUSED_PARTS = (
    ("xl/persons/", "names the people who commented", "remove the comments and save as a new workbook"),
    ("xl/threadedcomments/", "holds comments with their authors", "remove the comments"),
    ("xl/embeddings/", "is an embedded file, which cannot be searched for persons", "remove the embedded file"),
    ("xl/activex/", "is a control, which cannot be searched for persons", "remove the control"),
    ("xl/model/", "is a data model with copies of other tables", "remove the data model"),
    ("xl/revisions/", "is a history of changes with old values", "stop sharing the workbook and save it again"),
)
_PIVOT, _LINKS, _MEDIA = "xl/pivotcache/", "xl/externallinks/", "xl/media/"
#: Parts whose texts are values of sheets, searched with their rows.
_SHEET_TEXTS = ("xl/worksheets/", "xl/sharedstrings.xml")


@dataclass(slots=True)
class _Part:
    """What one sheet's XML says beside the values that are read."""

    rows: int = 0
    columns: int = 0
    hidden: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    #: (row, column) -> a formula with its sign, or what stands in place of a value that cannot be calculated.
    instead: dict[tuple[int, int], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneSheet:
    """A sheet that is read: its cells, and what it says beside them."""

    name: str
    cells: shape.Grid
    about: shape.Sheet


@dataclass(frozen=True, slots=True)
class Workbook:
    """The sheets of a workbook that are read, by the kind of their table, and how many bytes it unpacked to."""

    sheets: list[tuple[str, OneSheet]]
    unpacked: int


class _Malformed(ValueError):
    """A part that is no XML, or more than XML."""


def _inflate(archive: zipfile.ZipFile, left: int) -> dict[str, bytes] | None:
    """All parts, inflated and counted; None when there is no room. The directory may lie, so both are looked at.

    Names are compared as every reader does: in any case, and with either slash.
    """
    parts = archive.infolist()
    names = [part.filename.replace("\\", "/").casefold() for part in parts]
    if len(set(names)) < len(parts):
        raise zipfile.BadZipFile("two parts have the same name")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > left:
        return None
    inflated = {}
    for name, part in zip(names, parts, strict=True):
        with archive.open(part) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            return None
        inflated[name] = content
    return inflated


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _elements(xml: bytes) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a small part, without their namespaces."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: found.append((_local(name), attributes))
    _parse(parser, xml)
    return iter(found)


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise _Malformed("a part declares a document type")

    parser.StartDoctypeDeclHandler = refuse
    return parser


def _parse(parser: expat.XMLParserType, xml: bytes) -> None:
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise _Malformed(f"a part is no XML ({expat.errors.messages[error.code]})") from None


def _relations(parts: Mapping[str, bytes], of: str) -> dict[str, str]:
    """Id -> path of what a part refers to."""
    folder, _, file = of.rpartition("/")
    found = {}
    for name, attributes in _elements(parts.get(f"{folder}/_rels/{file}.rels", b"<none/>")):
        if name == "Relationship":
            target = attributes.get("Target", "").replace("\\", "/")
            path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
            found[attributes.get("Id", "")] = path.casefold()
    return found


def _sheets_of(parts: Mapping[str, bytes]) -> dict[str, tuple[bytes, bool]]:
    """Sheet name -> its XML and whether it is shown."""
    relations = _relations(parts, "xl/workbook.xml")
    found = {}
    for name, attributes in _elements(parts["xl/workbook.xml"]):
        if name == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            shown_ = attributes.get("state", "visible") == "visible"
            found[attributes.get("name", "")] = (parts.get(relations.get(relation, ""), b""), shown_)
    return found


def column_number(letters: str) -> int:
    """The number of a column, from 1: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _look_through(xml: bytes) -> _Part:
    """What a sheet says beside its values. Cells with a format and no value take no part."""
    part = _Part()
    parser = _parser()
    parser.buffer_text = True
    row = column = 0
    error = False
    text: list[str] = []
    names: dict[str, str] = {}

    def place() -> None:
        part.rows = max(part.rows, row)
        part.columns = max(part.columns, column)

    def listen(into: str) -> None:
        text.clear()
        parser.CharacterDataHandler = text.append

        def end(name: str) -> None:
            if _local(name) == into:
                parser.CharacterDataHandler = None
                parser.EndElementHandler = None
                said = "".join(text).strip()
                if into == "f":
                    part.instead[row, column] = f"={said}"
                else:
                    part.instead.setdefault((row, column), said)

        parser.EndElementHandler = end

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, error
        local = names.get(name)
        if local is None:
            local = names[name] = _local(name)
        if local == "c":
            at = _PLACE.fullmatch(attributes.get("r", ""))
            if at is not None:
                column, row = column_number(at[1]), int(at[2])
            else:
                column += 1
            error = attributes.get("t") == "e"
        elif local in ("v", "t"):
            place()
            if error and local == "v":
                listen("v")
        elif local == "f":
            place()
            listen("f")
        elif local == "row":
            row = int(attributes["r"]) if attributes.get("r", "").isdigit() else row + 1
            column = 0
            if attributes.get("hidden") in ("1", "true"):
                part.hidden.add(row)
        elif local == "mergeCell":
            at = _RANGE.fullmatch(attributes.get("ref", ""))
            if at is not None and at[3]:
                part.merged.append((int(at[2]), column_number(at[1]), int(at[4]), column_number(at[3])))

    parser.StartElementHandler = start
    _parse(parser, xml)
    return part


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def read(name: str, content: bytes, left: int, report: Report) -> Workbook | None:
    """The sheets of a workbook; None when it cannot be taken, with the reason in the report.

    `left` is how many unpacked bytes the submission may still have. To be called with limits on memory and time: what
    the reader of values makes of a workbook is its own business.
    """

    def refuse(code: str, message: str, suggestion: str = "", sheet: str = "") -> None:
        report.add(Problem(ERROR, code, message, file=name, sheet=sheet, suggestion=suggestion))

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(part.flag_bits & 1 for part in archive.infolist()):
                refuse("wrong-format", "the workbook is encrypted", "save it without a password")
                return None
            parts = _inflate(archive, left)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        refuse("unreadable", f"the workbook cannot be unpacked: {error}", "save it again and resend")
        return None
    if parts is None:
        refuse("too-large", f"it unpacks to more than {contract.LIMIT_UNPACKED:,} bytes")
        return None
    if "xl/workbook.xml" not in parts:
        refuse("wrong-format", *_what_it_is(parts))
        return None
    if any(path.endswith(("vbaproject.bin", "vbadata.xml")) for path in parts):
        refuse("wrong-format", "the workbook has macros", "save it as .xlsx, without macros")
        return None
    try:
        return _read(name, content, parts, report)
    except _Malformed as error:
        refuse("unreadable", f"the workbook cannot be read: {error}", "save it again and resend")
    except shape.TooLarge as error:
        message = f"a sheet has {error}; at most {contract.LIMIT_ROWS:,} and {contract.LIMIT_COLUMNS} are accepted"
        refuse("too-large", message, "delete stray cells beyond the table")
    except (python_calamine.CalamineError, ValueError, OSError, KeyError, OverflowError) as error:
        refuse("unreadable", f"the workbook cannot be read: {error}", "save it again and resend")
    return None


def _what_it_is(parts: Mapping[str, bytes]) -> tuple[str, str]:
    """What an archive is that is no XLSX workbook, and what to do about it."""
    as_xlsx = "open it and save it as .xlsx (Excel workbook) or as CSV UTF-8"
    if "xl/workbook.bin" in parts:
        return "this is a binary workbook (.xlsb)", as_xlsx
    kind = parts.get("mimetype", b"")
    if b"opendocument.spreadsheet" in kind or "content.xml" in parts:
        return "this is an OpenDocument spreadsheet (.ods)", as_xlsx
    if "word/document.xml" in parts:
        return "this is a text document (.docx)", "send the table as .xlsx or CSV"
    if "ppt/presentation.xml" in parts:
        return "this is a presentation (.pptx)", "send the table as .xlsx or CSV"
    if any(path.endswith(".iwa") for path in parts):
        return "this is a Numbers spreadsheet", "export it as .xlsx or CSV"
    if any(path.endswith((".csv", ".xlsx", ".csv.gz")) for path in parts):
        return "this is an archive with files in it", "unpack it and send the files themselves"
    return "this is no XLSX workbook", "send CSV or XLSX"


def _read(name: str, content: bytes, parts: dict[str, bytes], report: Report) -> Workbook | None:
    def refuse(code: str, message: str, suggestion: str = "", sheet: str = "") -> None:
        report.add(Problem(ERROR, code, message, file=name, sheet=sheet, suggestion=suggestion))

    sheets = _sheets_of(parts)
    _search_parts(name, parts, report)
    about: dict[str, _Part] = {}
    good = True
    for sheet, (xml, _) in sheets.items():
        if not xml:
            # Another reader may still find it, with nothing of it looked at here.
            refuse("unreadable", "the sheet is not where the workbook says", "save it again and resend", sheet)
            good = False
            continue
        about[sheet] = part = _look_through(xml)
        if part.rows > contract.LIMIT_ROWS + 1 or part.columns > contract.LIMIT_COLUMNS:
            message = (
                f"the sheet reaches to row {part.rows:,} and column {part.columns:,}; "
                f"at most {contract.LIMIT_ROWS:,} and {contract.LIMIT_COLUMNS} are accepted"
            )
            refuse("too-large", message, "delete stray cells beyond the table", sheet)
            good = False
    if not good:
        return None
    longest = _longest_text(parts)
    if longest > _LONGEST_TEXT:
        message = f"a cell holds {longest:,} letters, more than a spreadsheet lets in ({_LONGEST_TEXT:,})"
        refuse("too-large", message, "delete the text")
        return None
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    read = {
        sheet: OneSheet(sheet, _cells(book, sheet, part), shape.Sheet(frozenset(part.hidden), tuple(part.merged)))
        for sheet, part in about.items()
    }
    kinds = _kinds(name, read, {sheet: shown_ for sheet, (_, shown_) in sheets.items()}, report)
    for sheet, one in read.items():
        if sheet not in kinds:
            _search(name, sheet, one.cells, report)
    for sheet, kind in kinds.items():
        if kind == contract.STAFF:
            _search_strings(name, read[sheet].cells, parts, report)
    return Workbook([(kind, read[sheet]) for sheet, kind in kinds.items()], sum(map(len, parts.values())))


def _longest_text(parts: Mapping[str, bytes]) -> int:
    """How many letters the longest shared text has: one of 40 MB used in every row would be copied for each."""
    xml = parts.get("xl/sharedstrings.xml", b"")
    if len(xml) <= _LONGEST_TEXT:
        return 0
    parser = _parser()
    longest = now = 0

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal now
        if _local(name) == "si":
            now = 0

    def letters(text: str) -> None:
        nonlocal now, longest
        now += len(text)
        longest = max(longest, now)

    parser.StartElementHandler = start
    parser.CharacterDataHandler = letters
    _parse(parser, xml)
    return longest


def _cells(book: python_calamine.CalamineWorkbook, sheet: str, part: _Part) -> shape.Grid:
    """The cells of a sheet as text, row by row; formulas and errors stand as what they are."""
    found = book.get_sheet_by_name(sheet)
    instead: dict[int, dict[int, str]] = {}
    for (row, column), text in part.instead.items():
        instead.setdefault(row, {})[column] = text
    last = max(instead, default=0)

    def rows() -> Iterator[list[str]]:
        left = (found.start or (0, 0))[1]
        top = (found.start or (0, 0))[0]
        number = 0
        for values in found.iter_rows():
            number += 1
            texts = [_text(value) for value in values]
            # The reader leaves out empty columns before the first value.
            if number > top:
                texts = [""] * left + texts
            yield _with(texts, instead.get(number))
        for row in range(number + 1, last + 1):
            yield _with([], instead.get(row))

    return shape.grid(rows())


def _with(texts: list[str], instead: Mapping[int, str] | None) -> list[str]:
    for column, text in (instead or {}).items():
        texts += [""] * (column - len(texts))
        texts[column - 1] = text
    return texts


# -- which sheets are read --


def _kinds(name: str, read: Mapping[str, OneSheet], visible: Mapping[str, bool], report: Report) -> dict[str, str]:
    """Sheet -> kind of table, for those that are read. Every other sheet is told about."""
    kinds = {}
    others = []
    for sheet in read:
        folded = " ".join(sheet.split()).casefold()
        if folded in contract.COLUMNS:
            kinds[sheet] = folded
        elif folded not in contract.OTHER_SHEETS:
            others.append(sheet)
    with_headings = {sheet for sheet in others if shape.heading_row(read[sheet].cells) is not None}
    staff = [sheet for sheet in others if sheet in with_headings and _is_staff(read[sheet].cells)]
    if contract.STAFF not in kinds.values():
        if len(staff) == 1:
            (sheet,) = staff
            kinds[sheet] = contract.STAFF
            others.remove(sheet)
            message = (
                f"there is no sheet {contract.STAFF}; the sheet {sheet!r}, the only one with its headings, was read"
            )
            report.add(Problem(NOTE, "reading", message, file=name, sheet=sheet))
        else:
            listed = ", ".join(repr(sheet) for sheet in staff)
            message = (
                f"there is no sheet {contract.STAFF}, and {len(staff)} sheets have its headings: {listed}"
                if staff
                else f"there is no sheet {contract.STAFF}; found: {', '.join(read) or 'none'}"
            )
            right = f"name the sheet with the figures {contract.STAFF}"
            report.add(Problem(ERROR, "missing-sheet", message, file=name, suggestion=right))
            if staff:
                return kinds
    for sheet in others:
        _left_out(name, sheet, read[sheet].cells, sheet in with_headings, visible[sheet], report)
    return kinds


def _is_staff(cells: shape.Grid) -> bool:
    row = shape.heading_row(cells)
    names = {headings.meaning(text) for text in cells.row(row)} if row is not None else set()
    return "grade" in names and "kind" not in names


def _left_out(name: str, sheet: str, cells: shape.Grid, has_headings: bool, visible: bool, report: Report) -> None:
    """A sheet the contract does not have: left out if it holds nothing that could be meant for us, else refused."""
    widest = max(
        (sum(bool(text.strip()) for text in cells.row(row)) for row in range(min(cells.count, 200))), default=0
    )
    right = "remove it; sheets are " + ", ".join(contract.COLUMNS)
    if has_headings:
        message = f"the sheet {sheet} has headings of the contract and is not part of it"
        report.add(Problem(ERROR, "unknown-sheet", message, file=name, sheet=sheet, suggestion=right))
    elif visible and widest >= _TABLE_FROM:
        message = f"the sheet {sheet} is not part of the contract and holds a table"
        report.add(Problem(ERROR, "unknown-sheet", message, file=name, sheet=sheet, suggestion=right))
    else:
        what = "empty" if not widest else "hidden" if not visible else "not part of the contract"
        message = f"the sheet {sheet} is {what} and was left out"
        report.add(Problem(NOTE, "reading", message, file=name, sheet=sheet))


# -- what is kept with the file and not read --


def _search(name: str, sheet: str, cells: shape.Grid, report: Report) -> None:
    """Look for persons where no figures are read; the other sheets are searched with their headings and rows."""
    right = "remove the column: the contract asks for no identifier"
    meanings = {
        position
        for position, column in enumerate(cells.columns)
        if cells.count and column.distinct[column.codes[0]].strip().casefold() == "meaning"
    }
    for position, column in enumerate(cells.columns):
        for number, text in enumerate(column.distinct):
            if persons.address_in(text):
                row = int((column.codes == number).argmax()) + 1
                message = "a value looks like an e-mail address; nothing has been stored"
                report.add(Problem(ERROR, "personal-identifier", message, file=name, sheet=sheet, row=row))
            if position in meanings or not _may_be_heading(text):
                continue
            row = int((column.codes == number).argmax())
            among = sum(bool(other.strip()) for other in cells.row(row)) > 1
            perhaps = persons.is_count_or_person(text)
            below = [column.distinct[code] for code in column.codes[row + 1 : row + 200]]
            personal = persons.is_personal(text) or perhaps
            if personal and (among or len(text) <= _LONGEST_HEADING) and not (perhaps and persons.are_heads(below)):
                message = "a heading looks like an identifier of persons; nothing has been stored"
                report.add(
                    Problem(
                        ERROR, "personal-identifier", message, file=name, sheet=sheet, row=row + 1, suggestion=right
                    )
                )


def _search_strings(name: str, cells: shape.Grid, parts: Mapping[str, bytes], report: Report) -> None:
    """Shared texts that no cell shows any more, and readings beside them, are kept with the file too."""
    if any(level == ERROR and code == "personal-identifier" for level, code in report.counts):
        return
    if any(persons.address_in(text) for column in cells.columns for text in column.distinct):
        return
    text = html.unescape(parts.get(_SHEET_TEXTS[1], b"").decode("utf-8", "replace"))
    if persons.address_in(text):
        message = f"the part {_SHEET_TEXTS[1]} holds something like an e-mail address that no sheet shows"
        right = "save the sheet staff alone as a new workbook"
        report.add(Problem(ERROR, "personal-identifier", message, file=name, suggestion=right))


def _may_be_heading(text: str) -> bool:
    """Sentences, as in "read me", are no headings."""
    text = text.strip()
    return 0 < len(text) <= _LONGEST_AMONG_OTHERS and not text.endswith(".") and len(text.split()) <= _MOST_WORDS


def _search_parts(name: str, parts: Mapping[str, bytes], report: Report) -> None:
    """Look for persons in every part but the sheets: caches, comments, text boxes, properties, names, links."""

    def refuse(path: str, message: str, suggestion: str) -> None:
        message = f"the part {path} {message}; nothing has been stored"
        report.add(Problem(ERROR, "personal-identifier", message, file=name, suggestion=suggestion))

    pictures = 0
    for path, content in sorted(parts.items()):
        if path.endswith("/"):
            continue
        known = next((said for beginning, *said in _REFUSED_PARTS if path.startswith(beginning)), None)
        if known is not None and not path.endswith(".rels"):
            refuse(path, *known)
            continue
        if path.startswith(_PIVOT):
            _search_pivot(path, content, refuse)
            continue
        if path.startswith(_LINKS) and not path.endswith(".rels") and _has(content, ("cell", "v")):
            refuse(path, "keeps cells of another workbook", "break the links to other workbooks")
            continue
        if path.startswith(_MEDIA):
            pictures += 1
            continue
        if not path.startswith(_SHEET_TEXTS[1]):
            _search_text(path, content, refuse)
    if pictures:
        said = f"{pictures} pictures are" if pictures > 1 else "1 picture is"
        report.add(Problem(NOTE, "reading", f"{said} kept with the file and was not looked at", file=name))


_Refuse = Callable[[str, str, str], None]


def _search_pivot(path: str, content: bytes, refuse: _Refuse) -> None:
    """A pivot table keeps a copy of all rows it was made of; harmless only where they are the contract's."""
    try:
        fields = [attributes.get("name", "") for name, attributes in _elements(content) if name == "cacheField"]
    except _Malformed:
        fields = ["?"]
    right = "remove the pivot table, or save the sheet staff alone as a new workbook"
    foreign = [text for text in fields if headings.meaning(text) is None]
    if foreign:
        refuse(path, f"is a pivot table's copy of rows with a column {_harmless(foreign[0])}", right)
    elif persons.address_in(html.unescape(content.decode("utf-8", "replace"))):
        refuse(path, "is a pivot table's copy of rows and holds something like an e-mail address", right)


def _harmless(heading: str) -> str:
    return repr(shown(heading))


def _has(content: bytes, names: tuple[str, ...]) -> bool:
    try:
        return any(name in names for name, _ in _elements(content))
    except _Malformed:
        return True


def _search_text(path: str, content: bytes, refuse: _Refuse) -> None:
    """E-mail addresses in any part; in text boxes and comments headings of persons too."""
    is_sheet = path.startswith(_SHEET_TEXTS[0])
    text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    if "@" in text or "&#" in text:
        if is_sheet:
            # Values are searched with their rows: here it is headers, footers, choices and links.
            begin, end = text.find("sheetData"), text.rfind("sheetData>")
            text = text[:begin] + text[end:] if 0 <= begin < end else text
        if persons.address_in(html.unescape(text)):
            refuse(path, "holds something like an e-mail address", _REMEDIES.get(path, _remedy(path)))
            return
    if path.startswith("xl/drawings/") and path.endswith(".xml"):
        said = [html.unescape(found) for found in re.findall(r"<(?:\w+:)?t\b[^<>]*>([^<]*)<", text)]
        if any(len(words) <= _LONGEST_HEADING and persons.is_personal(words) for words in said):
            refuse(path, "is a text box that speaks of persons", "remove the text box")


_REMEDIES = {
    "docprops/core.xml": "remove it in the properties of the file (File, Info)",
    "docprops/app.xml": "remove it in the properties of the file (File, Info)",
    "docprops/custom.xml": "remove it in the properties of the file (File, Info)",
    "xl/workbook.xml": "remove the defined name (Formulas, Name Manager)",
}


def _remedy(path: str) -> str:
    if "comment" in path:
        return "remove the comments: the contract asks for no identifier"
    if path.startswith(_SHEET_TEXTS[0]) and not path.endswith(".rels"):
        return "remove it from headers, footers, choices and hints of the sheet"
    if path.endswith(".rels"):
        return "remove the link"
    return "remove it, or save the sheet staff alone as a new workbook"
