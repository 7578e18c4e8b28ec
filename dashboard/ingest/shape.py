"""Finds the table in what people send: its headings under titles, its rows between notes, blank lines and totals.

What can be read in one way only is read, and each such reading is a note; what could mean two things is an error.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice, repeat, zip_longest
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from dashboard.ingest import contract, headings, persons, spellings
from dashboard.ingest.problems import ERROR, NOTE, Problem, Report, shown

#: Rows that are taken apart together.
_AT_ONCE = 4096
#: Rows among which the headings are looked for.
_TITLES = 60
#: Columns that hold numbers of people.
_COUNTS = ("headcount", "count", headings.WOMEN, headings.MEN, headings.OTHER, headings.TOTAL)
_TOTALS = frozenset(
    spellings.folded(word)
    for word in [
        "total",
        "totals",
        "grand total",
        "sub total",
        "subtotal",
        "sum",
        "all",
        "overall",
        "total general",
        "total général",
        "ensemble",
        "somme",
        "suma",
        "suma total",
        "всего",
        "итого",
        "المجموع",
        "الإجمالي",
        "合计",
        "总计",
        "小计",
        "total staff",
        "all staff",
        "both",
        "both sexes",
        "sum total",
    ]
)
_TOTAL_BEGINS = ("total ", "sub total ", "subtotal ", "grand total ", "итого ", "всего ")
#: A row of one cell longer than this is a sentence.
_SENTENCE = 20


class TooLarge(Exception):
    """A table with more rows or columns than are accepted; the message says how many."""


@dataclass(frozen=True, slots=True)
class Values:
    """One column: its distinct values and, per row, the position of the row's value among them."""

    distinct: list[str]
    codes: np.ndarray


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells as they stand in a file. `lengths`: how many values each row has; None where rows have no length."""

    columns: list[Values]
    count: int
    lengths: np.ndarray | None = None

    def row(self, number: int) -> list[str]:
        """The texts of a row."""
        return [column.distinct[column.codes[number]] for column in self.columns]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a workbook says of a sheet beside its values: hidden rows, and cells that were made one."""

    hidden: frozenset[int] = frozenset()
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column, from 1


@dataclass(frozen=True, slots=True)
class Table:
    """One table as sent. `rows` are row numbers as a spreadsheet shows them; rows that hold nothing are left out.

    `unknown` are headings the contract does not have. `spoiled` are columns that something was said about already:
    nobody needs to hear that they are missing. `hidden` says of each row whether it is hidden.
    """

    kind: str
    file: str
    sheet: str
    columns: dict[str, Values]
    rows: np.ndarray
    heading_row: int = 1
    unknown: tuple[str, ...] = ()
    spoiled: frozenset[str] = frozenset()
    hidden: np.ndarray | None = None


class _Numbers(dict[str, int]):
    """The distinct values of a column, numbered as they come; blank is the first."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def grid(rows: Iterable[Sequence[str]], *, with_lengths: bool = False) -> Grid:
    """Rows as columns of distinct values; blank cells at the end of rows take no room. Raises TooLarge."""
    known: list[_Numbers] = []
    codes: list[array] = []
    lengths = array("i")
    rows = iter(rows)
    # Column by column within a block of rows: ten times as fast as cell by cell.
    while block := list(islice(rows, _AT_ONCE)):
        count = len(lengths)
        if count + len(block) > contract.LIMIT_ROWS + 1:
            raise TooLarge(f"more than {contract.LIMIT_ROWS:,} rows")
        lengths.extend(map(len, block))
        if max(lengths[count:]) > len(codes):
            end = max(map(_filled, block))
            if end > contract.LIMIT_COLUMNS:
                raise TooLarge(f"{end:,} columns")
            while len(codes) < end:
                known.append(_Numbers({"": 0}))
                codes.append(array("i", bytes(4 * count)))
            block = [row[: len(codes)] for row in block]
        columns = list(zip_longest(*block, fillvalue=""))
        for column, of, texts in zip(codes, known, columns, strict=False):
            column.extend(map(of.__getitem__, texts))
        for column in codes[len(columns) :]:
            column.extend(repeat(0, len(block)))
    values = [Values(list(of), np.array(column, dtype=np.int32)) for of, column in zip(known, codes, strict=True)]
    return Grid(values, len(lengths), np.array(lengths, dtype=np.int32) if with_lengths else None)


def plain_grid(text: str, separator: str) -> Grid | None:
    """The cells of a text without quotation marks and blank lines, all of whose lines have as many values; None where
    another has to look.

    Nearly every file is one, and Arrow takes a quarter of the time for it that `grid` takes.
    """
    width = text[: text.find("\n") + 1].count(separator) + 1
    if any(mark in text for mark in ('"', "\n\n", "\n\r", "\r\r")) or not 2 <= width <= contract.LIMIT_COLUMNS:
        return None
    content, names = text.encode(), [str(number) for number in range(width)]
    try:
        read = pa_csv.read_csv(
            pa.py_buffer(content),
            pa_csv.ReadOptions(use_threads=False, block_size=len(content) + 1024, column_names=names),
            pa_csv.ParseOptions(delimiter=separator, quote_char=False, ignore_empty_lines=False),
            pa_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.dictionary(pa.int32(), pa.string())), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # a line of another length
        return None
    if read.num_rows > contract.LIMIT_ROWS + 1:
        return None
    columns = []
    for chunked in read.columns:
        one = chunked.chunk(0) if chunked.num_chunks == 1 else chunked.unify_dictionaries().combine_chunks()
        # A copy: merged cells are written into it.
        columns.append(Values(one.dictionary.to_pylist(), one.indices.to_numpy(zero_copy_only=False).astype(np.int32)))
    if any(len(value) > csv.field_size_limit() for column in columns for value in column.distinct):
        return None
    while columns and not any(value.strip() for value in columns[-1].distinct):
        columns.pop()
    return Grid(columns, read.num_rows, np.full(read.num_rows, width, dtype=np.int32))


def _filled(row: Sequence[str]) -> int:
    """How many cells a row has without blank ones at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return end


def heading_row(cells: Grid) -> int | None:
    """The row of headings, from 0; None where there is none that can be told."""
    for number in range(min(cells.count, _TITLES)):
        if headings.recognised(cells.row(number)):
            return number
    return None


@dataclass
class _Shaping:
    """One table while its rows and columns are sorted out."""

    cells: Grid
    name: str
    sheet: str
    about: Sheet
    report: Report
    top: int
    columns: dict[str, int] = field(default_factory=dict)  # what it means -> position
    unknown: list[str] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)

    def say(self, level: str, code: str, message: str, **more: Any) -> None:
        self.report.add(Problem(level, code, message, file=self.name, sheet=self.sheet, **more))

    def say_rows(self, rows: np.ndarray, level: str, code: str, message: str, **more: Any) -> None:
        """A problem of some rows, given from 0."""
        where = {"level": level, "code": code, "message": message, "file": self.name, "sheet": self.sheet}
        self.report.add_rows(rows + 1, len(rows), where | more)

    def body(self, position: int) -> Values:
        column = self.cells.columns[position]
        return Values(column.distinct, column.codes[self.top + 1 :])

    def is_blank(self, position: int) -> np.ndarray:
        """Of each row below the headings, whether the cell is blank."""
        column = self.body(position)
        return np.array([not text.strip() for text in column.distinct], dtype=bool)[column.codes]

    def texts(self, position: int) -> list[str]:
        """The distinct values below the heading."""
        column = self.body(position)
        return [column.distinct[number] for number in np.unique(column.codes)]


def table(cells: Grid, name: str, sheet: str, about: Sheet, report: Report, kind: str | None = None) -> Table | None:
    """The table of some cells, and what had to be said about it; None where there is none."""
    filled = np.zeros(cells.count, dtype=bool)
    for column in cells.columns:
        filled |= np.array([bool(text.strip()) for text in column.distinct], dtype=bool)[column.codes]
    if not filled.any():
        return None
    found = heading_row(cells)
    top = int(np.flatnonzero(filled)[0]) if found is None else found
    shaping = _Shaping(cells, name, sheet, about, report, top)
    _addresses(shaping)
    if found is not None and filled[:top].any():
        titles = int(filled[:top].sum())
        said = f"{titles} rows of titles above them" if titles > 1 else "1 row of titles above them"
        shaping.say(NOTE, "reading", f"the headings stand in row {top + 1}; {said} left out")
    elif top:
        shaping.say(NOTE, "reading", f"the headings stand in row {top + 1}")
    kind = _columns(shaping, kind)
    kept = _rows(shaping, filled[top + 1 :])
    return _finished(shaping, kind, kept)


# -- columns --


def _columns(shaping: _Shaping, kind: str | None) -> str:
    """What each column means; the kind of the table."""
    row = shaping.cells.row(shaping.top)
    meanings: list[str | None] = []
    numbered = bool(row) and _is_running_number(shaping, row[0])
    for position, text in enumerate(row):
        if not text.strip() or (numbered and position == 0):
            meanings.append(None)
            continue
        perhaps = persons.is_count_or_person(text)
        heads = perhaps and persons.are_heads(shaping.texts(position))
        if (perhaps or persons.is_personal(text)) and not heads:
            said = shown(text)
            message = f"the column {said!r} looks like an identifier of persons; nothing has been stored"
            right = "remove the column: the contract asks for no identifier"
            shaping.say(ERROR, "personal-identifier", message, row=shaping.top + 1, column=said, suggestion=right)
            meanings.append(None)
            if perhaps:
                shaping.spoiled.add("headcount")
            continue
        meaning = headings.meaning(text) or ("headcount" if heads else None)
        meanings.append(meaning or "?")
    kind = kind or _kind(meanings)
    _without_headings(shaping, row, numbered)
    meanings = _counts(shaping, kind, row, meanings)
    read_as = []
    names = {column.name for column in contract.COLUMNS[kind]} | {*headings.PIVOTED, headings.TOTAL}
    for position, (text, meaning) in enumerate(zip(row, meanings, strict=True)):
        if meaning is None:
            continue
        if meaning not in names:
            if all(not value.strip() for value in shaping.texts(position)):
                shaping.say(NOTE, "reading", f"the column {shown(text)!r} is empty and was left out")
            else:
                shaping.unknown.append(text[: headings.LONGEST])
        elif meaning in shaping.columns:
            first = row[shaping.columns[meaning]]
            same = contract.heading(first) == contract.heading(text)
            both = f"the columns {shown(first)!r} and {shown(text)!r} both say {meaning}"
            message = f"the column {meaning} stands twice" if same else both
            shaping.say(
                ERROR, "column-twice", message, row=shaping.top + 1, column=meaning, suggestion="leave one of them"
            )
        else:
            shaping.columns[meaning] = position
            if not headings.is_as_written(text, meaning):
                read_as.append(f"{shown(text)!r} as {meaning}")
    if read_as:
        shaping.say(NOTE, "reading", f"headings were read: {', '.join(read_as)}", row=shaping.top + 1)
    return kind


def _kind(meanings: Sequence[str | None]) -> str:
    names = {name for name in meanings if name}
    if names == {"quarter", "reason"}:
        return contract.REVISIONS
    return contract.MOVEMENTS if "kind" in names else contract.STAFF


def _counts(shaping: _Shaping, kind: str, row: Sequence[str], meanings: list[str | None]) -> list[str | None]:
    """Which columns hold heads: a head-count, or women and men side by side, with or without their sum."""
    name = "count" if kind == contract.MOVEMENTS else "headcount"
    meanings = [name if meaning == "headcount" else meaning for meaning in meanings]
    sexes = [meaning for meaning in meanings if meaning in headings.PIVOTED]
    if "sex" in meanings:
        for position, meaning in enumerate(meanings):
            if meaning in headings.PIVOTED:
                message = (
                    f"the column {shown(row[position])!r} says how many {meaning} there are, and the column sex says "
                    "whom a row counts: it may be the head-count of each row, or of women or men only"
                )
                right = f"name the column {name}, or leave out sex and give women and men"
                shaping.say(
                    ERROR, "two-readings", message, row=shaping.top + 1, column=shown(row[position]), suggestion=right
                )
                meanings[position] = None
                shaping.spoiled.add(name)
        if name not in meanings and headings.TOTAL in meanings:
            meanings[meanings.index(headings.TOTAL)] = name
    elif sexes and not {headings.WOMEN, headings.MEN} <= set(sexes):
        other = headings.MEN if headings.WOMEN in sexes else headings.WOMEN
        message = f"there is a column for {sexes[0]} and none for {other}"
        shaping.say(ERROR, "missing-column", message, row=shaping.top + 1, column=other)
        meanings = [None if meaning in headings.PIVOTED else meaning for meaning in meanings]
        shaping.spoiled |= {"sex", name}
    elif sexes and name in meanings and headings.TOTAL not in meanings:
        meanings[meanings.index(name)] = headings.TOTAL
    return ["?" if meaning == headings.TOTAL and not sexes else meaning for meaning in meanings]


def _without_headings(shaping: _Shaping, row: Sequence[str], numbered: bool) -> None:
    """Columns under no heading: empty ones and a running number are left out, others are not the contract's.

    `numbered` says whether the first column numbers the rows, under whatever heading.
    """
    named = [position for position, text in enumerate(row) if text.strip()]
    last = max(named, default=-1)
    empty = 0
    for position, text in enumerate(row):
        running = numbered and position == 0
        if text.strip() and not running:
            continue
        blank = shaping.is_blank(position)
        if blank.all() and not text.strip():
            empty += position < last or shaping.cells.lengths is not None
        elif running:
            shaping.say(NOTE, "reading", f"column {position + 1} numbers the rows and was left out")
        elif position > last and shaping.cells.lengths is not None:
            continue  # told with the length of the row
        elif position > last:
            message = "a value stands beside the table, under no heading"
            rows = np.flatnonzero(~blank) + shaping.top + 1
            shaping.say_rows(rows, ERROR, "wrong-row", message)
        else:
            made_one = any(
                top <= shaping.top + 1 <= bottom and left <= position + 1 <= right and left < right
                for top, left, bottom, right in shaping.about.merged
            )
            message = f"column {position + 1} has no heading"
            if made_one:
                message += f": the cell was merged with that of {shown(row[position - 1]) or 'the column before'!r}"
            shaping.say(
                ERROR, "unknown-column", message, row=shaping.top + 1, suggestion="give each column its own heading"
            )
    lengths = shaping.cells.lengths
    if lengths is not None:
        empty += max(0, int(lengths[shaping.top]) - len(row))
    if empty:
        said = f"{empty} empty columns" if empty > 1 else "1 empty column"
        shaping.say(NOTE, "reading", f"{said} left out")


def _is_running_number(shaping: _Shaping, heading: str) -> bool:
    """True of the first column if it does nothing but number the rows, under no heading or under #."""
    if spellings.folded(heading) not in (
        "",
        "#",
        "unnamed: 0",
        "unnamed 0",
        "s/n",
        "s n",
        "row",
        "index",
        "no",
    ):
        return False
    column = shaping.body(0)
    values = [column.distinct[code].strip().removesuffix(".0") for code in column.codes]
    values = [value for value in values if value]
    return len(values) > 1 and any(values == [str(n) for n in range(first, first + len(values))] for first in (0, 1))


def _addresses(shaping: _Shaping) -> None:
    row = shaping.cells.row(shaping.top)
    for position, column in enumerate(shaping.cells.columns):
        addresses = [number for number, text in enumerate(column.distinct) if persons.address_in(text)]
        if addresses:
            rows = np.flatnonzero(np.isin(column.codes, addresses))
            name = row[position]
            shaping.say_rows(
                rows,
                ERROR,
                "personal-identifier",
                "a value looks like an e-mail address; nothing has been stored",
                column=headings.meaning(name) or shown(name),
                suggestion="remove it: the contract asks for no identifier",
            )


# -- rows --


def _rows(shaping: _Shaping, filled: np.ndarray) -> np.ndarray:
    """The rows below the headings that hold figures, from 0 at the first of them."""
    if (~filled).any():
        blank = int((~filled).sum())
        shaping.say(NOTE, "blank-rows", f"{blank} blank rows left out" if blank > 1 else "1 blank row left out")
    keep = filled.copy()
    _merged(shaping)
    _repeated_headings(shaping, keep)
    _notes(shaping, keep)
    _totals(shaping, keep)
    _lengths(shaping, keep)
    return np.flatnonzero(keep)


def _merged(shaping: _Shaping) -> None:
    """A cell that stands for several rows has its value in each of them; heads cannot be shared out."""
    by_position = {position: name for name, position in shaping.columns.items()}
    filled: dict[str, list[str]] = {}
    for top, left, bottom, right in sorted(shaping.about.merged):
        name = by_position.get(left - 1)
        if (
            left != right
            or top == bottom
            or top - 1 <= shaping.top
            or name is None
            or left > len(shaping.cells.columns)
        ):
            continue
        column = shaping.cells.columns[left - 1]
        bottom = min(bottom, shaping.cells.count)
        if top > shaping.cells.count or not column.distinct[column.codes[top - 1]].strip():
            continue
        text = shown(column.distinct[column.codes[top - 1]])
        if name in _COUNTS:
            each = f"may be {text} in each of rows {top}-{bottom}, or {text} for all of them together"
            shaping.say(
                ERROR,
                "two-readings",
                f"the merged cell with {text!r} {each}",
                row=top,
                column=name,
                suggestion="unmerge the cells and give every row its number",
            )
        else:
            filled.setdefault(name, []).append(f"{text!r} in rows {top}-{bottom}")
        # A head-count too: what is said once need not be said again as an empty cell.
        column.codes[top:bottom] = column.codes[top - 1]
    for name, said in filled.items():
        listed = ", ".join(said[:5]) + (f" and {len(said) - 5} more" if len(said) > 5 else "")
        shaping.say(NOTE, "reading", f"merged cells were read as the same value in every row: {listed}", column=name)


def _repeated_headings(shaping: _Shaping, keep: np.ndarray) -> None:
    same = keep.copy()
    for position in shaping.columns.values():
        column = shaping.cells.columns[position]
        same &= column.codes[shaping.top + 1 :] == column.codes[shaping.top]
    if shaping.columns and same.any():
        keep &= ~same
        rows = np.flatnonzero(same) + shaping.top + 1
        shaping.say_rows(rows, NOTE, "reading", "the headings stand here again and were left out")


def _notes(shaping: _Shaping, keep: np.ndarray) -> None:
    """Rows with one cell that is a sentence: sources, footnotes, signatures."""
    number = np.zeros(len(keep), dtype=np.int32)
    for position in range(len(shaping.cells.columns)):
        number += ~shaping.is_blank(position)
    names = {position: name for name, position in shaping.columns.items()}
    if len(shaping.columns) < 3:
        return
    first = min(shaping.columns.values())
    found = []
    for row in np.flatnonzero(keep & (number == 1)):
        texts = shaping.cells.row(int(row) + shaping.top + 1)
        position, text = next((place, text) for place, text in enumerate(texts) if text.strip())
        if position <= first and names.get(position) not in _COUNTS and _is_sentence(text, names.get(position)):
            found.append(int(row))
            keep[row] = False
    if found:
        texts = [shown(next(t for t in shaping.cells.row(row + shaping.top + 1) if t.strip())) for row in found]
        listed = "; ".join(repr(text) for text in dict.fromkeys(texts[:3]))
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        shaping.say_rows(
            np.array(found) + shaping.top + 1, NOTE, "reading", f"rows of text were left out: {listed}{more}"
        )


def _is_sentence(text: str, name: str | None) -> bool:
    text = spellings.visible(text)
    if spellings.folded(text) in _TOTALS or spellings.folded(text).startswith(_TOTAL_BEGINS):
        return False
    if text[:1] in "#*([†‡¹":
        return True
    if name == "quarter":
        return (spellings.quarter(text)[0] is None and not any(letter.isdigit() for letter in text)) or " " in text
    return len(text) > _SENTENCE or text.endswith((".", ":")) or ": " in text


def _totals(shaping: _Shaping, keep: np.ndarray) -> None:
    """Rows that add others up are never counted."""
    counts = {name: position for name, position in shaping.columns.items() if name in _COUNTS}
    dimensions = [position for name, position in shaping.columns.items() if name not in _COUNTS and name != "reason"]
    total = np.zeros(len(keep), dtype=bool)
    blanks = np.zeros(len(keep), dtype=np.int32)
    for position in dimensions:
        column = shaping.body(position)
        said = [spellings.folded(text[:60]) for text in column.distinct]
        flags = [text in _TOTALS or text.startswith(_TOTAL_BEGINS) for text in said]
        total |= np.array(flags, dtype=bool)[column.codes]
        blanks += shaping.is_blank(position)
    heads = None
    if counts:
        heads = np.zeros(len(keep), dtype=np.int64)
        parts = [name for name in counts if name != headings.TOTAL] or list(counts)
        for name in parts:
            column = shaping.body(counts[name])
            marks = spellings.Marks.of(column.distinct)
            numbers = [
                spellings.number(text, name, marks, contract.LIMIT_COUNT * 100)[0] if text.strip() else 0
                for text in column.distinct
            ]
            heads += np.maximum(np.array(numbers, dtype=np.int64), 0)[column.codes]
        if len(dimensions) > 2:
            # Half a row without a word for it: a total if it is one.
            above = np.concatenate([[0], np.cumsum(np.where(keep & ~total, heads, 0))[:-1]])
            rows_above = np.concatenate([[0], np.cumsum(keep & ~total)[:-1]])
            total |= (blanks * 2 >= len(dimensions)) & (rows_above > 1) & (heads > 0) & (heads == above)
    total &= keep
    if not total.any():
        return
    keep &= ~total
    for row in np.flatnonzero(total):
        said = ""
        texts = [shaping.cells.columns[place].distinct for place in counts.values()]
        codes = [shaping.cells.columns[place].codes[row + shaping.top + 1] for place in counts.values()]
        formula = next((of[code] for of, code in zip(texts, codes, strict=True) if of[code].startswith("=")), None)
        if formula is not None:
            said = f" ({shown(formula)})"
        elif heads is not None:
            above = int(heads[:row][keep[:row]].sum())
            said = f" ({heads[row]:,} = the sum above)" if above == heads[row] else f" ({heads[row]:,})"
        shaping.say(
            ERROR,
            "total-row",
            f"row {row + shaping.top + 2} looks like a total{said}",
            row=int(row) + shaping.top + 2,
            suggestion="remove it: totals are made from the rows",
        )


def _lengths(shaping: _Shaping, keep: np.ndarray) -> None:
    """Rows of a CSV file with more or fewer values than there are headings."""
    lengths = shaping.cells.lengths
    if lengths is None or not shaping.columns:
        return
    width = max(position for position, text in enumerate(shaping.cells.row(shaping.top)) if text.strip()) + 1
    short = keep & (lengths[shaping.top + 1 :] < width)
    long = np.zeros(len(keep), dtype=bool)
    for position in range(width, len(shaping.cells.columns)):
        long |= ~shaping.is_blank(position)
    for number in np.unique(lengths[shaping.top + 1 :][short | (long & keep)]):
        wrong = (short | (long & keep)) & (lengths[shaping.top + 1 :] == number)
        values = "1 value" if number == 1 else f"{number} values"
        right = "a value with the separator in it needs quotation marks"
        shaping.say_rows(
            np.flatnonzero(wrong) + shaping.top + 1,
            ERROR,
            "wrong-row",
            f"the row has {values}, the heading {width}",
            suggestion=right,
        )
        keep &= ~wrong


# -- the whole --


def _finished(shaping: _Shaping, kind: str, kept: np.ndarray) -> Table:
    columns = {}
    for name, position in shaping.columns.items():
        body = shaping.body(position)
        columns[name] = Values(body.distinct, body.codes[kept])
    rows = kept + shaping.top + 2
    hidden = None
    if shaping.about.hidden:
        hidden = np.isin(rows, list(shaping.about.hidden))
    sexes = [name for name in headings.PIVOTED if name in columns]
    if sexes and "sex" not in columns:
        columns, rows, hidden = _side_by_side(shaping, kind, columns, rows, hidden, sexes)
    return Table(
        kind=kind,
        file=shaping.name,
        sheet=shaping.sheet,
        columns=columns,
        rows=rows,
        heading_row=shaping.top + 1,
        unknown=tuple(shaping.unknown),
        spoiled=frozenset(shaping.spoiled),
        hidden=hidden,
    )


def _side_by_side(
    shaping: _Shaping,
    kind: str,
    columns: dict[str, Values],
    rows: np.ndarray,
    hidden: np.ndarray | None,
    sexes: Sequence[str],
) -> tuple[dict[str, Values], np.ndarray, np.ndarray | None]:
    """Women and men side by side, as a row each."""
    name = "count" if kind == contract.MOVEMENTS else "headcount"
    of = {sex: columns.pop(sex) for sex in sexes}
    total = columns.pop(headings.TOTAL, None)
    if total is not None:
        _sums_are_right(shaping, of, total, rows)
    times = len(sexes)
    made = {other: Values(values.distinct, np.repeat(values.codes, times)) for other, values in columns.items()}
    made["sex"] = Values([headings.PIVOTED[sex] for sex in sexes], np.tile(np.arange(times, dtype=np.int32), len(rows)))
    distinct: dict[str, int] = {}
    codes = np.zeros((len(rows), times), dtype=np.int32)
    for place, values in enumerate(of.values()):
        translate = [distinct.setdefault(text, len(distinct)) for text in values.distinct]
        codes[:, place] = np.array(translate, dtype=np.int32)[values.codes]
    made[name] = Values(list(distinct), codes.reshape(-1))
    before, after = len(rows), len(rows) * times
    said = f"{before:,} rows were read as {after:,}" if before != 1 else f"1 row was read as {after}"
    shaping.say(NOTE, "reading", f"{' and '.join(sexes)} stand side by side: {said}")
    return made, np.repeat(rows, times), None if hidden is None else np.repeat(hidden, times)


def _sums_are_right(shaping: _Shaping, of: dict[str, Values], total: Values, rows: np.ndarray) -> None:
    """A total beside women and men is left out where it is their sum."""

    def numbers(values: Values) -> np.ndarray:
        marks = spellings.Marks.of(values.distinct)
        read = [spellings.number(text, "", marks, contract.LIMIT_COUNT)[0] for text in values.distinct]
        return np.array(read, dtype=np.int64)[values.codes]

    parts = [numbers(values) for values in of.values()]
    sums = numbers(total)
    sound = np.logical_and.reduce([part >= 0 for part in parts])
    wrong = sound & (sum(parts) != sums)
    if wrong.any():
        message = f"the total is not the sum of {' and '.join(of)}"
        shaping.say_rows(rows[wrong] - 1, ERROR, "two-readings", message, column=headings.TOTAL)
    elif sound.all():
        shaping.say(NOTE, "reading", f"the column of totals is the sum of {' and '.join(of)} and was left out")
