"""Problems found in a submission, and the report that holds them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.ingest.persons import EMAIL

ERROR, WARNING, NOTE = "error", "warning", "note"
#: How many problems of one code and table are listed one by one; the rest are counted.
LISTED = 20
_LONGEST_SHOWN = 80
#: What is wrong is told from its root: what stops a file from being read, then its columns, then what they speak of,
#: then single values; what may follow from those comes last.
_ROOTS = (
    "personal-identifier",
    ("no-file", "empty-file", "too-large", "unreadable", "wrong-format", "wrong-encoding", "wrong-separator"),
    ("missing-sheet", "unknown-sheet", "missing-table"),
    ("missing-column", "unknown-column", "column-twice", "headcount-missing"),
    ("wrong-entity", "entity-not-open", "wrong-quarter", "revision-without-rows"),
    "formula",
    "wrong-row",
    "total-row",
)


def _root(code: str) -> int:
    for number, codes in enumerate(_ROOTS):
        if code == codes or (isinstance(codes, tuple) and code in codes):
            return number
    return len(_ROOTS) + (code == "duplicate-row")


def shown(text: str) -> str:
    """A value as it may stand in a message: short, and without an address of a person."""
    text = EMAIL.sub("(e-mail address)", text[:4000])
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def runs(rows: Sequence[int], most: int = 6) -> str:
    """Row numbers as a person would say them: `2-5, 9` and, where there are many, how they go on."""
    parts: list[list[int]] = []
    for row in rows:
        if parts and row == parts[-1][1] + 1:
            parts[-1][1] = row
        elif not parts or row != parts[-1][1]:
            parts.append([row, row])
    said = [str(first) if first == last else f"{first}-{last}" for first, last in parts[:most]]
    return ", ".join(said) + (", …" if len(parts) > most else "")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (error), looks wrong (warning) or was understood in a way worth saying (note).

    `row` is the (first) row as a spreadsheet numbers it: the first line of a file is row 1. The same problem in many
    rows is told once: `rows` says which they are, `count` how many.
    """

    level: str
    code: str
    message: str
    file: str = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    suggestion: str = ""
    rows: str = ""
    count: int = 1

    def where(self) -> str:
        """File, sheet, row and column as far as they are known."""
        row = self.row and f"row {self.row}"
        if self.count > 1 and self.rows:
            row = f"rows {self.rows} ({self.count:,} rows)"
        parts = [self.file, self.sheet and f"sheet {self.sheet}", row, self.column]
        return ", ".join(str(part) for part in parts if part)


@dataclass
class Report:
    """All that a check found. `problems` lists at most `listed` per code and table; `counts` counts all of them."""

    problems: list[Problem] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    entity: str | None = None
    quarter: str | None = None
    #: Rows of staff that were read: without titles, blank rows, notes and totals; two where women and men share one.
    rows: int = 0
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    listed: int | None = LISTED
    _listed: Counter[tuple[str, str, str]] = field(default_factory=Counter, repr=False)

    @property
    def ok(self) -> bool:
        """True if nothing stands against accepting the submission; warnings and notes do not."""
        return not any(level == ERROR for level, _ in self.counts)

    @property
    def errors(self) -> list[Problem]:
        """The listed errors."""
        return [problem for problem in self.problems if problem.level == ERROR]

    @property
    def warnings(self) -> list[Problem]:
        """The listed warnings."""
        return [problem for problem in self.problems if problem.level == WARNING]

    def add(self, problem: Problem, count: int = 1) -> None:
        """Count a problem, and list it unless enough of its kind are listed."""
        self.counts[problem.level, problem.code] += count
        key = (problem.code, problem.file, problem.sheet)
        if self.listed is None or self._listed[key] < self.listed:
            self._listed[key] += 1
            self.problems.append(problem)

    def add_rows(self, rows: Iterable[int], total: int, problem: Mapping[str, Any]) -> None:
        """The same problem in many rows: told once, counted for each."""
        if not total:
            return
        numbers = [int(row) for row in rows]
        said = {"row": numbers[0], "rows": runs(numbers) if total > 1 else "", "count": total}
        self.add(Problem(**{**problem, **said}), total)

    def take(self, other: Report) -> None:
        """Add what another report found, as if it had been found here."""
        self.problems += other.problems
        self.counts += other.counts
        self._listed += other._listed

    def sort(self) -> None:
        """Errors first, root causes before what may follow from them, then by place."""
        levels = {ERROR: 0, WARNING: 1, NOTE: 2}
        self.problems.sort(
            key=lambda p: (levels[p.level], _root(p.code), p.file, p.sheet, p.row or 0, p.column, p.code)
        )

    def more(self) -> dict[str, int]:
        """Per code, how many problems are counted and not listed."""
        listed: Counter[tuple[str, str]] = Counter()
        for problem in self.problems:
            listed[problem.level, problem.code] += problem.count
        return {code: n - listed[level, code] for (level, code), n in self.counts.items() if n > listed[level, code]}

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, for machines."""
        return {
            "ok": self.ok,
            "entity": self.entity,
            "quarter": self.quarter,
            "rows": self.rows,
            "counts": [{"level": level, "code": code, "count": n} for (level, code), n in sorted(self.counts.items())],
            "problems": [asdict(problem) for problem in self.problems],
            "totals": self.totals,
        }


class Refused(ValueError):
    """A submission or a release that is not accepted; `report` says why, problem by problem."""

    def __init__(self, report: Report):
        self.report = report
        first = next(iter(report.errors or report.problems), None)
        total = sum(n for (level, _), n in report.counts.items() if level == ERROR)
        errors = f"{total:,} error{'' if total == 1 else 's'}"
        super().__init__(f"refused, {errors}; the first: {first.message}" if first else "refused")


class InputError(ValueError):
    """What was asked for cannot be done as asked (exit code 1); the message says what would be right."""


class Fault(RuntimeError):
    """Something of ours went wrong, not of the input (exit code 2): a check of a release failed, a file is damaged."""
