"""What a part of the benchmarks hands back, and how it is written: plain text, Markdown, JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

Cell = str | float | int | bool | None


@dataclass(frozen=True)
class Table:
    """Rows under a title; `in_document` says whether docs/performance.md carries it too."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]
    in_document: bool = True


@dataclass(frozen=True)
class Aim:
    """One number that was aimed at: its key, what it is, what was obtained, and the bound."""

    key: str
    text: str
    value: float
    unit: str
    bound: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the value is on the right side of the bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


@dataclass
class Part:
    """Everything one part found."""

    name: str
    title: str
    tables: list[Table] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    others: float | None = None  # share of the processors that other programs used meanwhile
    figures: dict[str, Any] = field(default_factory=dict)  # for other parts to compare with; not printed

    def as_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "part": self.name,
            "tables": [asdict(table) for table in self.tables],
            "aims": [asdict(aim) | {"met": aim.met} for aim in self.aims],
            "notes": self.notes,
            "others": self.others,
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, so that it is a value that occurred."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle value (of the lower half for an even count)."""
    return percentile(values, 0.5)


def written(cell: Cell) -> str:
    """A cell as people read it: about three digits, yes and no, nothing for None."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}"
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 100 else f"{cell:.1f}" if abs(cell) >= 10 else f"{cell:.2f}"
    return cell


def _numeric(table: Table, column: int) -> bool:
    cells = [row[column] for row in table.rows if row[column] is not None]
    return bool(cells) and all(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in cells)


def plain(table: Table) -> Iterator[str]:
    """A table for a terminal."""
    cells = [[written(cell) for cell in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.columns, *cells, strict=True)]
    right = [_numeric(table, number) for number in range(len(table.columns))]

    def line(row: Sequence[str]) -> str:
        laid = zip(row, widths, right, strict=True)
        return "  ".join(text.rjust(width) if flush else text.ljust(width) for text, width, flush in laid).rstrip()

    yield table.title
    yield line(table.columns)
    yield "  ".join("-" * width for width in widths)
    yield from map(line, cells)


def markdown(table: Table) -> Iterator[str]:
    """A table for a document."""

    def line(row: Sequence[str]) -> str:
        return "| " + " | ".join(row) + " |"

    yield line(table.columns)
    yield line(["---:" if _numeric(table, number) else "---" for number in range(len(table.columns))])
    for row in table.rows:
        yield line([written(cell) for cell in row])


def aims_table(aims: Sequence[Aim]) -> Table:
    """Every aim beside what was obtained."""
    return Table(
        "Aims",
        ("measured", "obtained", "aim", "unit", "met"),
        [
            (aim.text, written(aim.value), ("at least " if aim.at_least else "at most ") + written(aim.bound),
             aim.unit, aim.met)
            for aim in aims
        ],
    )  # fmt: skip


def print_part(part: Part) -> None:
    """Everything one part found, on standard output."""
    print(f"\n== {part.name}: {part.title} ==", flush=True)
    for table in (*part.tables, *([aims_table(part.aims)] if part.aims else [])):
        print()
        print("\n".join(plain(table)))
    for note in part.notes:
        print(f"\n{note}")
    print(flush=True)
