"""Problems found in a submission, and the report that holds them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

ERROR, WARNING, NOTE = "error", "warning", "note"
#: How many problems of one code and table are listed one by one; the rest are counted.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong (error), looks wrong (warning) or was understood in a way worth saying (note).

    `row` is the row as a spreadsheet numbers it: the heading is row 1.
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

    def where(self) -> str:
        """File, sheet, row and column as far as they are known."""
        parts = [self.file, self.sheet and f"sheet {self.sheet}", self.row and f"row {self.row}", self.column]
        return ", ".join(str(part) for part in parts if part)


@dataclass
class Report:
    """All that a check found. `problems` lists at most `listed` per code and table; `counts` counts all of them."""

    problems: list[Problem] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    entity: str | None = None
    quarter: str | None = None
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
        """The same problem in many rows: the first ones are listed, all are counted."""
        if not total:
            return
        added = 0
        for row in rows:
            if added == LISTED:
                break
            self.add(Problem(row=int(row), **problem))
            added += 1
        self.counts[problem["level"], problem["code"]] += total - added

    def sort(self) -> None:
        """Errors first, then by place, as a person would work through them."""
        levels = {ERROR: 0, WARNING: 1, NOTE: 2}
        self.problems.sort(key=lambda p: (levels[p.level], p.file, p.sheet, p.row or 0, p.column, p.code))

    def more(self) -> dict[str, int]:
        """Per code, how many problems are counted and not listed."""
        listed = Counter((problem.level, problem.code) for problem in self.problems)
        return {code: n - listed[level, code] for (level, code), n in self.counts.items() if n > listed[level, code]}

    def to_dict(self) -> dict[str, Any]:
        """The report as plain values, for machines."""
        return {
            "ok": self.ok,
            "entity": self.entity,
            "quarter": self.quarter,
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
