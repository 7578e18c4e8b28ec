"""The table that says what a figure says: the same answer, the same order, the same words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dashboard import codelists, glossary, text
from dashboard.answer import Answer, Row
from dashboard.figures.dots import ordered
from dashboard.figures.trend import Other, beside, quarters
from dashboard.text import gettext

#: Steps of shading of a heat map. The number always stands in the cell: colour alone says nothing.
SHADES = 4
#: Dimensions whose members are known by names that do not stand in the table: "Turkey" for Türkiye.
_RENAMED = ("country", "nationality", "contributor", "unct")
#: (dimension, code) -> address of the selection narrowed to that code, or None where it cannot be.
Link = Callable[[str, str], str | None]


@dataclass(frozen=True)
class Cell:
    """One cell: text, whether it is a number (set flush), where it leads, a name in full beside a code, over how many
    columns it goes, how it is shaded in a heat map ("women-3"; see SHADES), whether it is words among numbers, and by
    what other names its row is looked for.
    """

    text: str
    number: bool = False
    href: str | None = None
    name: str = ""
    span: int = 1
    shade: str = ""
    words: bool = False
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table in words. The first cell of each row is its header."""

    caption: str
    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


class _Numbers:
    """The cells of counts and shares. Where all of a table is rounded its headings say "about", else its cells do."""

    def __init__(self, rows: Sequence[Row]):
        counted = [text.is_about(row) for row in rows if row.women is not None]
        self.headings_say = bool(counted) and all(counted)

    def counts(self, row: Row) -> list[Cell]:
        """Women, men and staff; or one cell in their place where they are too few to show."""
        if row.reason == "fewer":
            return [Cell(text.why(row), number=True, span=3)]
        return [self.count(row, name) for name in ("women", "men", "staff")]

    def count(self, row: Row, name: str) -> Cell:
        return Cell(text.count(row, name, bare=self.headings_say), number=True)

    def share(self, row: Row) -> Cell:
        return Cell(text.share(row, bare=self.headings_say), number=True)

    def index(self, row: Row) -> Cell:
        return Cell(text.index(row, bare=self.headings_say), number=True)

    def heading(self, name: str, term: str = "") -> Cell:
        said = gettext("%(heading)s, about", heading=name) if self.headings_say else name
        return Cell(said, number=True, href=glossary.TERMS[term].address if term else None)


def also(dimension: str, code: str) -> tuple[str, ...]:
    """Other names by which a row of this code is looked for."""
    return tuple(name for names in codelists.other_names(dimension, code) for name in names if dimension in _RENAMED)


def _status_heading() -> Cell:
    return Cell(gettext("Status"), href=glossary.TERMS["status"].address)


def _remark(answer: Answer, row: Row) -> str:
    # Too few to show is said where the head-count would stand.
    parts = [text.reason(row.reason)] if row.reason and row.reason != "fewer" else []
    parts.append(text.left_out(answer, row))
    # Of a grade or a place, that one of many entities reported in part or not anew says nothing: who has reported
    # is a panel of its own.
    if row.flag != "reported" and (row.flag == "break" or {"entity", "department", "quarter"} & set(row.keys)):
        parts.append(text.flag(row.flag))
    return "; ".join(dict.fromkeys(part for part in parts if part))


def _breakdown(answer: Answer, caption: str, link: Link) -> Table:
    key = answer.by[0]
    numbers = _Numbers(answer.rows)
    rows = []
    for row in ordered(answer):
        code = row.keys[key]
        name = text.label(answer, key, code)
        short = text.label(answer, key, code, short=True) if key in text.CODE_IS_NAME else name
        rows.append(
            (
                Cell(short, href=link(key, code), name=name if name != short else "", also=also(key, code)),
                *numbers.counts(row),
                numbers.share(row),
                numbers.index(row),
                Cell(text.judged(answer, row, under_heading=True)),
                Cell(_remark(answer, row)),
            )
        )
    columns = (
        Cell(text.dimension(key)),
        *(
            numbers.heading(name)
            for name in (
                gettext("Women"),
                gettext("Men"),
                gettext("Staff"),
                gettext("Share of women"),
            )
        ),
        numbers.heading(gettext("Index (growth)"), "growth"),
        _status_heading(),
        Cell(gettext("Remarks")),
    )
    return _without_empty_last(Table(caption, columns, tuple(rows)))


def _without_empty_last(table: Table) -> Table:
    """Remarks are a column only where there is one."""
    if any(row[-1].text for row in table.rows):
        return table
    return Table(table.caption, table.columns[:-1], tuple(row[:-1] for row in table.rows))


def trend_table(answer: Answer, caption: str, link: Link, others: Sequence[Other] = ()) -> Table:
    """The quarters of a trend, the newest first, and the shares of what stands beside it."""
    rows = quarters(answer)
    aside = [{row.keys["quarter"]: row for row in text.trend_rows(other.answer)[0]} for other in others]
    numbers = _Numbers(rows)
    # A second column only where the figure has a second line.
    everyone = {row.keys["quarter"]: row for row in beside(answer)}
    lines = []
    for row in reversed(rows):
        quarter = row.keys["quarter"]
        cells = [
            Cell(quarter, href=link("quarter", quarter)),
            *numbers.counts(row),
            numbers.share(row),
        ]
        if everyone:
            cells.append(numbers.share(everyone[quarter]) if quarter in everyone else Cell("–", number=True))
        cells += [Cell(text.share(of[quarter]) if quarter in of else "–", number=True) for of in aside]
        cells.append(Cell(text.judged(answer, row, under_heading=True)))
        cells.append(Cell(_remark(answer, row)))
        lines.append(tuple(cells))
    names = [gettext("Women"), gettext("Men"), gettext("Staff"), gettext("Share of women")]
    if everyone:
        names.append(gettext("Share in all entities"))
    columns = (
        Cell(gettext("Quarter")),
        *(numbers.heading(name) for name in names),
        *(Cell(gettext("Share: %(name)s", name=other.name), number=True) for other in others),
        _status_heading(),
        Cell(gettext("Remarks")),
    )
    return _without_empty_last(Table(caption, columns, tuple(lines)))


def _coverage(answer: Answer, caption: str, link: Link) -> Table:
    total = sum(row.staff or 0 for row in answer.rows)
    numbers = _Numbers(())
    lines = []
    for row in answer.rows:
        code = row.keys["entity"]
        extra = row.extra
        remarks = []
        if extra.get("late"):
            remarks.append(gettext("late"))
        if extra.get("revised"):
            remarks.append(text.flag("revised"))
        if extra.get("series_break"):
            remarks.append(text.flag("break"))
        if extra.get("reason"):
            remarks.append(str(extra["reason"]))
        received = extra.get("submitted_at")
        lines.append(
            (
                Cell(code, href=link("entity", code), name=text.label(answer, "entity", code)),
                Cell(text.state(str(extra.get("state", "")))),
                Cell(str(extra.get("source_quarter") or "–")),
                numbers.count(row, "staff"),
                Cell(text.fraction((row.staff or 0) / total) if total and row.staff else "–", number=True),
                Cell(text.date(received) if received else "–"),
                Cell("; ".join(remarks)),
            )
        )
    columns = (
        Cell(gettext("Entity")),
        Cell(gettext("State")),
        Cell(gettext("Figures from")),
        Cell(gettext("Staff"), number=True),
        Cell(gettext("Share of staff"), number=True),
        Cell(gettext("Received")),
        Cell(gettext("Remarks")),
    )
    return _without_empty_last(Table(caption, columns, tuple(lines)))


@dataclass(frozen=True)
class Column:
    """A further column of a table of rows: its heading, and what stands in it."""

    heading: str
    cell: Callable[[Row], str]
    number: bool = True


def rows_table(
    answer: Answer,
    caption: str,
    rows: Sequence[Row],
    keys: Sequence[str],
    link: Link,
    further: Sequence[Column] = (),
    beneath: Callable[[Row], str] | None = None,
) -> Table:
    """The table of these rows in the order given: the names of their keys, what is counted, and further columns.

    The first key leads somewhere; `beneath` says what stands under it.
    """
    numbers = _Numbers(rows)

    def first(row: Row) -> Cell:
        code = row.keys[keys[0]]
        name = text.label(answer, keys[0], code)
        short = text.label(answer, keys[0], code, short=True) if keys[0] in text.CODE_IS_NAME else name
        under = beneath(row) if beneath else name if name != short else ""
        return Cell(short, href=link(keys[0], code), name=under, also=also(keys[0], code))

    lines = [
        (
            first(row),
            *(Cell(text.label(answer, key, row.keys[key], short=True)) for key in keys[1:]),
            *numbers.counts(row),
            numbers.share(row),
            numbers.index(row),
            *(Cell(column.cell(row), number=column.number) for column in further),
            Cell(text.judged(answer, row, under_heading=True)),
            Cell(_remark(answer, row)),
        )
        for row in rows
    ]
    names = (
        gettext("Women"),
        gettext("Men"),
        gettext("Staff"),
        gettext("Share of women"),
    )
    columns = (
        *(Cell(text.dimension(key)) for key in keys),
        *map(numbers.heading, names),
        numbers.heading(gettext("Index (growth)"), "growth"),
        *(Cell(column.heading, number=column.number) for column in further),
        _status_heading(),
        Cell(gettext("Remarks")),
    )
    return _without_empty_last(Table(caption, columns, tuple(lines)))


def table(answer: Answer, caption: str, link: Link = lambda dimension, code: None) -> Table:
    """The table of an answer, whatever its question."""
    if answer.question == "coverage":
        return _coverage(answer, caption, link)
    if "basis" in answer.by:
        return trend_table(answer, caption, link)
    return _breakdown(answer, caption, link)
