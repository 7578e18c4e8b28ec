"""Checks a submission against the contract and the code lists, and makes its normalised figures.

All problems are found at once. Values are looked at once per distinct value of a column, rows only where something is
wrong, so that 37,000 rows take little longer than 40.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.ingest import contract, spellings
from dashboard.ingest.figures import Figures, MovementFigures
from dashboard.ingest.lookups import Lookup, Lookups
from dashboard.ingest.plausibility import HIDDEN_ROWS, ROWS_TWICE
from dashboard.ingest.problems import ERROR, NOTE, WARNING, Problem, Report, shown
from dashboard.ingest.read import Received, Table, Values, tables
from dashboard.ingest.spellings import Wrong
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED

#: Problems with a file as such: nothing can be said of a table that could not be read.
_NOT_READ = ("no-file", "empty-file", "too-large", "unreadable", "wrong-format", "wrong-encoding", "wrong-separator")
_NOT_READ += ("missing-sheet",)
#: With fewer different rows, each of them standing twice is likely to be chance.
_TWICE_FROM = 3


@dataclass
class Checked:
    """What a check made of the files: the report, and, if there are no errors, the figures per quarter."""

    report: Report
    entity: str | None = None
    quarter: str | None = None
    figures: dict[str, Figures] = field(default_factory=dict)
    movements: dict[str, MovementFigures] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    #: Names of places that were read by what the entity sent last.
    readings: dict[str, str] = field(default_factory=dict)


@dataclass
class _Column:
    """One column of one table after looking its values up: per row the position in `codes`, -1 where it is wrong."""

    codes: list[str]
    positions: np.ndarray


@dataclass
class _Mapped:
    """A table whose values have been looked up."""

    table: Table
    columns: dict[str, _Column]
    counts: np.ndarray | None

    @property
    def good(self) -> np.ndarray:
        good = np.ones(len(self.table.rows), dtype=bool)
        for column in self.columns.values():
            good &= column.positions >= 0
        if self.counts is not None:
            good &= self.counts >= 0
        return good


class _Check:
    """One check: holds what every step needs."""

    def __init__(self, codelists: CodeLists, lookups: Lookups, today: dt.date, report: Report):
        self.codelists = codelists
        self.lookups = lookups
        self.today = today
        self.report = report

    # -- values of one column --

    def look_up(self, table: Table, heading: str, lookup: Lookup) -> _Column:
        """Every distinct value of a column once; rows only for what is wrong."""
        values = table.columns[heading]
        codes: dict[str, int] = {}
        positions = np.full(len(values.distinct) + 1, -1, dtype=np.int32)
        places = _Places(values)
        for number in places.used:
            text = values.distinct[number]
            code, wrong = lookup(text)
            if text.lstrip().startswith("=") and (code is None or wrong is not None):
                code, wrong = None, ("formula", f"{shown(text)!r} is a formula", "paste it as a value")
            if wrong is not None:
                self.value_problem(table, heading, text, places.of(number), wrong)
            elif code is not None:
                positions[number] = codes.setdefault(code, len(codes))
                if text.strip() != code.strip():
                    self.spelling(table, heading, text, code, len(places.of(number)))
        return _Column(list(codes), positions[values.codes])

    def value_problem(self, table: Table, heading: str, text: str, hit: np.ndarray, wrong: Wrong) -> None:
        """One wrong value, wherever it stands."""
        code, message, suggestion = wrong
        problem = {
            "level": ERROR,
            "code": code,
            "message": message,
            "file": table.file,
            "sheet": table.sheet,
            "column": heading,
            "value": shown(text),
            "suggestion": suggestion,
        }
        self.report.add_rows(table.rows[hit], len(hit), problem)

    def spelling(self, table: Table, heading: str, text: str, code: str, rows: int) -> None:
        """An accepted spelling was read as a code: worth a note, no more."""
        said = f"{rows:,} rows" if rows > 1 else "1 row"
        message = f"{shown(text)!r} was read as {code} ({said})"
        where = {"file": table.file, "sheet": table.sheet, "column": heading}
        self.report.add(Problem(NOTE, "spelling", message, value=shown(text), **where))

    def count_column(self, table: Table, heading: str) -> np.ndarray:
        """Whole numbers of 0 or more; -1 where a value is none."""
        values = table.columns[heading]
        parsed = np.full(len(values.distinct) + 1, -1, dtype=np.int64)
        places = _Places(values)
        marks = spellings.Marks.of(values.distinct[number] for number in places.used)
        for number in places.used:
            text = values.distinct[number]
            count, wrong = spellings.number(text, heading, marks, contract.LIMIT_COUNT)
            if wrong is not None:
                self.value_problem(table, heading, text, places.of(number), wrong)
                continue
            parsed[number] = count
            if text.strip() != str(count):
                self.spelling(table, heading, text, str(count), len(places.of(number)))
        return parsed[values.codes]

    # -- tables --

    def columns_are_right(self, table: Table) -> None:
        """Missing and unknown columns."""
        columns = contract.COLUMNS[table.kind]
        names = [column.name for column in columns]
        where = {"file": table.file, "sheet": table.sheet, "row": table.heading_row}
        missing = [
            column.name
            for column in columns
            if column.needed and column.name not in table.columns and column.name not in table.spoiled
        ]
        near = {
            heading: difflib.get_close_matches(contract.heading(heading), names, 1, 0.5) for heading in table.unknown
        }
        if len(missing) > 2:
            # Not a table with a slip in it, but one with other headings.
            said = f"the columns {', '.join(missing[:-1])} and {missing[-1]} are missing"
            right = "columns are " + ", ".join(names)
            self.report.add(Problem(ERROR, "missing-column", said, column=missing[0], suggestion=right, **where))
        else:
            for name in missing:
                message = f"the column {name} is missing"
                right = "columns are " + ", ".join(names)
                self.report.add(Problem(ERROR, "missing-column", message, column=name, suggestion=right, **where))
        for heading in table.unknown:
            right = f"nearest: {near[heading][0]}" if near[heading] else "columns are " + ", ".join(names)
            message = f"the {table.kind} table has no column {shown(heading)!r}"
            self.report.add(Problem(ERROR, "unknown-column", message, column=shown(heading), suggestion=right, **where))

    def headcount_is_not_lost(self, table: Table) -> None:
        """A table without head-counts is a list of persons, or one that lost its column; equal rows tell which."""
        if "headcount" in table.columns or "headcount" in table.spoiled or not len(table.rows) or not table.columns:
            return
        cells = np.stack([values.codes for values in table.columns.values()], axis=1)
        if len(np.unique(cells, axis=0)) < len(cells):
            return
        said = f"each of the {len(cells):,} rows is one person" if len(cells) > 1 else "the row is one person"
        message = f"there is no column headcount, and no two rows are equal: either {said}, or the column was lost"
        right = "add the column headcount, with 1 in each row if a row is a person"
        where = {"file": table.file, "sheet": table.sheet, "row": table.heading_row}
        self.report.add(Problem(ERROR, "headcount-missing", message, column="headcount", suggestion=right, **where))

    def hidden_rows(self, mapped: _Mapped) -> None:
        """Rows that a filter or a person has hidden are counted, and whoever sends them should know."""
        hidden = mapped.table.hidden
        if hidden is None or not hidden.any():
            return
        rows = np.unique(mapped.table.rows[hidden])
        counts = np.ones(len(hidden), dtype=np.int64) if mapped.counts is None else np.maximum(mapped.counts, 0)
        heads = int(counts[hidden].sum())
        said = f"{len(rows):,} hidden rows hold" if len(rows) > 1 else "1 hidden row holds"
        problem = {
            "level": WARNING,
            "code": HIDDEN_ROWS,
            "message": f"{said} {heads:,} staff; hidden rows are counted",
            "file": mapped.table.file,
            "sheet": mapped.table.sheet,
            "suggestion": "show all rows, and delete those that are not meant",
        }
        self.report.add_rows(rows, len(rows), problem)

    def persons_twice(self, mapped: Sequence[_Mapped]) -> None:
        """Equal rows are different people, unless every row stands twice: then a list may have been sent twice."""
        lists = [item for item in mapped if item.counts is None and len(item.table.rows)]
        names = [column.name for column in contract.STAFF_COLUMNS if all(column.name in item.columns for item in lists)]
        if not lists:
            return
        key, good, _ = _keys(lists, names)
        starts = np.cumsum([0, *(len(item.table.rows) for item in lists)])
        of_table = [np.sort(key[first:end][good[first:end]]) for first, end in pairwise(starts)]
        for number, item in enumerate(lists):
            for other in range(number):
                if len(of_table[number]) and np.array_equal(of_table[number], of_table[other]):
                    message = (
                        f"the {len(of_table[number]):,} rows are those of {_called(lists[other].table, item.table)} "
                        "again: if that is one list sent twice, everybody is counted twice"
                    )
                    self.say_twice(item.table, message)
                    return
        _, times = np.unique(key[good], return_counts=True)
        often = int(np.gcd.reduce(times)) if len(times) else 1
        if often > 1 and len(times) >= _TWICE_FROM:
            said = "twice" if often == 2 else f"{often} times"
            message = f"every row stands {said}: if that is one list sent {said}, everybody is counted {said}"
            self.say_twice(lists[0].table, message)

    def say_twice(self, table: Table, message: str) -> None:
        """Warn of a list of persons that stands twice."""
        right = "send it once; if they are different people, say so when the warning is accepted"
        self.report.add(Problem(WARNING, ROWS_TWICE, message, file=table.file, sheet=table.sheet, suggestion=right))

    def mapped(self, table: Table, entity: str | None) -> _Mapped:
        """Look up every column of a staff or movements table."""
        self.columns_are_right(table)
        columns: dict[str, _Column] = {}
        counts = None
        for column in contract.COLUMNS[table.kind]:
            name = column.name
            if name in ("headcount", "count"):
                if name in table.columns:
                    counts = self.count_column(table, name)
                continue
            if name not in table.columns:
                if not column.needed:
                    code = self.default(name, entity)
                    columns[name] = _Column([code], np.zeros(len(table.rows), dtype=np.int32))
                continue
            if name == "quarter":
                lookup: Lookup = spellings.quarter
            elif name == "sex":
                values = table.columns[name]
                lookup = self.lookups.sex(values.distinct[number] for number in _Places(values).used)
            elif name == "kind":
                lookup = self.lookups.fixed(contract.KINDS, name)
            elif name == "rc":
                lookup = self.lookups.fixed(("yes", "no", *column.missing), name, column.missing)
            elif name == "entity":
                lookup = self.entity_lookup(column, entity)
            else:
                lookup = self.lookups.coded(name, column, entity)
            columns[name] = self.look_up(table, name, lookup)
        return _Mapped(table, columns, counts)

    def default(self, name: str, entity: str | None) -> str:
        """What a missing optional column means."""
        if name == "department" and entity is not None and not self.codelists.departments_of(entity):
            return NOT_APPLICABLE
        return NOT_REPORTED

    def entity_lookup(self, column: contract.Column, entity: str | None) -> Lookup:
        """The lookup of the column entity: one submission speaks for one entity."""
        known = self.lookups.coded("entity", column, None)

        def lookup(text: str) -> tuple[str | None, Wrong | None]:
            code, wrong = known(text)
            if code is not None and entity is not None and code != entity:
                return None, ("wrong-entity", f"{code} stands in a submission of {entity}", "send it on its own")
            return code, wrong

        return lookup

    def main_entity(self, found: Sequence[Table]) -> str | None:
        """The entity most rows speak for."""
        rows: Counter[str] = Counter()
        known = self.lookups.coded("entity", contract.STAFF_COLUMNS[1], None)
        for table in found:
            values = table.columns.get("entity")
            if values is None:
                continue
            for number, n in enumerate(np.bincount(values.codes, minlength=len(values.distinct))):
                code = known(values.distinct[number])[0] if n else None
                if code is not None:
                    rows[code] += int(n)
        return max(rows, key=lambda code: (rows[code], code)) if rows else None

    def main_quarter(self, mapped: Sequence[_Mapped], reasons: Mapping[str, str]) -> str | None:
        """The quarter the submission is for: of those it does not say it revises, the one most rows speak of."""
        rows: Counter[str] = Counter()
        for item in mapped:
            column = item.columns.get("quarter")
            if column is not None:
                for code, n in zip(
                    column.codes, np.bincount(column.positions + 1, minlength=len(column.codes) + 1)[1:], strict=True
                ):
                    rows[code] += int(n)
        kept = {code: n for code, n in rows.items() if code not in reasons} or rows
        return max(kept, key=lambda code: (kept[code], code)) if kept else None

    def quarters_are_right(
        self, mapped: Sequence[_Mapped], entity: str | None, main: str | None, reasons: Mapping[str, str]
    ) -> None:
        """Every quarter is the main one or an earlier one with a reason, over, and one the entity existed in."""
        seen: set[str] = set()
        for item in mapped:
            column = item.columns.get("quarter")
            if column is None:
                continue
            for position, code in enumerate(column.codes):
                wrong = self.quarter_wrong(code, entity, main, reasons)
                seen.add(code)
                if wrong is not None:
                    hit = np.flatnonzero(column.positions == position)
                    problem = {
                        "level": ERROR,
                        "code": wrong[0],
                        "message": wrong[1],
                        "file": item.table.file,
                        "sheet": item.table.sheet,
                        "column": "quarter",
                        "value": code,
                        "suggestion": wrong[2],
                    }
                    self.report.add_rows(item.table.rows[hit], len(hit), problem)
        for quarter in sorted(set(reasons) - seen):
            message = f"{quarter} is named as revised, but no row speaks of it"
            self.report.add(Problem(ERROR, "revision-without-rows", message, value=quarter))

    def quarter_wrong(
        self, code: str, entity: str | None, main: str | None, reasons: Mapping[str, str]
    ) -> Wrong | None:
        """What is wrong with a well-formed quarter."""
        if contract.last_day(code) > self.today:
            return "wrong-quarter", f"{code} is not over yet on {self.today}", "head-counts are of its last day"
        if int(code[:4]) < self.today.year - contract.OLDEST_YEARS:
            ago = self.today.year - int(code[:4])
            return "wrong-quarter", f"{code} is {ago} years ago", "look at the year"
        if entity is not None and not self.codelists.entity_open(entity, code):
            member = self.codelists.member("entity", entity)
            dates = f"open from {member.attributes['opened'] or 'ever'} to {member.attributes['closed'] or 'now'}"
            return "entity-not-open", f"{entity} was not open in {code}", dates
        if main is None or code == main:
            return None
        if code > main:
            return "wrong-quarter", f"{code} stands in a submission for {main}", f"write {main}, or send it on its own"
        if code not in reasons:
            right = f'--revise {code}="reason", or a row in the table revisions; if that was not meant: {main}'
            return "wrong-quarter", f"{code} stands in a submission for {main} without a reason to revise it", right
        return None

    def departments_are_open(self, mapped: Sequence[_Mapped]) -> None:
        """No department is reported for a quarter in which it did not exist."""
        for item in mapped:
            quarters, departments = item.columns.get("quarter"), item.columns.get("department")
            if quarters is None or departments is None:
                continue
            for position, code in enumerate(departments.codes):
                if code in contract.MISSING:
                    continue
                for number, quarter in enumerate(quarters.codes):
                    if self.codelists.department_open(code, quarter):
                        continue
                    hit = np.flatnonzero((departments.positions == position) & (quarters.positions == number))
                    attributes = self.codelists.member("department", code).attributes
                    problem = {
                        "level": ERROR,
                        "code": "department-not-open",
                        "message": f"{code} was not open in {quarter}",
                        "file": item.table.file,
                        "sheet": item.table.sheet,
                        "column": "department",
                        "value": code,
                        "suggestion": f"open from {attributes['opened'] or 'ever'} to {attributes['closed'] or 'now'}",
                    }
                    self.report.add_rows(item.table.rows[hit], len(hit), problem)

    def duplicates(self, mapped: Sequence[_Mapped]) -> None:
        """With counts a combination stands once; without, equal rows are different people."""
        counted = [item for item in mapped if item.counts is not None]
        if not counted:
            return
        names = [column.name for column in contract.COLUMNS[counted[0].table.kind]]
        names = [name for name in names if all(name in item.columns for item in mapped)]
        key, good, _ = _keys(mapped, names)
        has_count = np.concatenate([np.full(len(item.table.rows), item.counts is not None) for item in mapped])
        order = np.argsort(key[good], kind="stable")
        where = np.flatnonzero(good)[order]
        sorted_key = key[where]
        again = np.flatnonzero(sorted_key[1:] == sorted_key[:-1]) + 1
        if not len(again):
            return
        starts = np.concatenate([[0], np.cumsum([len(item.table.rows) for item in mapped])])
        firsts = np.searchsorted(sorted_key, sorted_key[again], side="left")
        found = [
            (int(where[second]), int(where[first]))
            for first, second in zip(firsts, again, strict=True)
            if has_count[where[second]] or has_count[where[first]]
        ]

        def place(index: int) -> tuple[_Mapped, int]:
            number = int(np.searchsorted(starts, index, side="right")) - 1
            return mapped[number], int(mapped[number].table.rows[index - starts[number]])

        pairs: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        by_id = {id(item): item for item in mapped}
        for second, first in sorted(found):
            (item, row), (other, other_row) = place(second), place(first)
            pairs[id(item), id(other)].append((row, other_row))
        for (this, that), rows in pairs.items():
            table, other = by_id[this].table, by_id[that].table
            of = "" if other is table else f" of {_called(other, table)}"
            if len(rows) == 1:
                message = f"the same combination as row {rows[0][1]}{of}"
            else:
                said = ", ".join(f"row {row} as row {before}" for row, before in rows[:3])
                message = f"the same combinations as rows above{of}: {said}{', …' if len(rows) > 3 else ''}"
                message = message.replace(" as rows above of ", " as rows of ")
            problem = {"level": ERROR, "code": "duplicate-row", "message": message, "file": table.file}
            problem |= {"sheet": table.sheet, "suggestion": "add the counts up in one row"}
            self.report.add_rows([row for row, _ in rows], len(rows), problem)

    def reasons(self, found: Sequence[Table], revise: Mapping[str, str]) -> dict[str, str]:
        """Quarter -> why it is revised, from the command line and the table of revisions."""
        reasons = {}
        for quarter, reason in revise.items():
            code, wrong = spellings.quarter(quarter)
            if wrong is not None:
                self.report.add(Problem(ERROR, wrong[0], wrong[1], column="--revise", suggestion=wrong[2]))
            elif not reason.strip():
                self.report.add(Problem(ERROR, "blank", f"the reason to revise {code} is empty", column="--revise"))
            else:
                reasons[code] = reason.strip()
        for table in found:
            self.columns_are_right(table)
            if not {"quarter", "reason"} <= set(table.columns):
                continue
            self.look_up(table, "reason", _reason)
            quarters = self.look_up(table, "quarter", spellings.quarter)
            texts = table.columns["reason"]
            for position, text in zip(quarters.positions, texts.codes, strict=True):
                if position < 0 or not texts.distinct[text].strip():
                    continue
                code = quarters.codes[position]
                if reasons.setdefault(code, texts.distinct[text].strip()) != texts.distinct[text].strip():
                    message = f"two reasons are given to revise {code}"
                    self.report.add(Problem(ERROR, "duplicate-row", message, file=table.file, sheet=table.sheet))
        return reasons


class _Places:
    """Where the distinct values of a column stand."""

    def __init__(self, values: Values):
        self._values = values
        self._order: np.ndarray | None = None
        self._starts = np.zeros(0, dtype=np.int64)
        #: Positions of the distinct values that stand in a row; some stood in rows that were left out.
        self.used = np.flatnonzero(np.bincount(values.codes, minlength=len(values.distinct))).tolist()

    def of(self, number: int) -> np.ndarray:
        """The rows in which a value stands."""
        if self._order is None:
            self._order = np.argsort(self._values.codes, kind="stable")
            sizes = np.bincount(self._values.codes, minlength=len(self._values.distinct))
            self._starts = np.concatenate([[0], np.cumsum(sizes)])
        return self._order[self._starts[number] : self._starts[number + 1]]


def _called(table: Table, beside: Table) -> str:
    """What a table is called beside another: by its file, or by its sheet where the file is the same."""
    return f"sheet {table.sheet!r}" if table.file == beside.file and table.sheet else table.file


def _reason(text: str) -> tuple[str | None, Wrong | None]:
    return (text, None) if text.strip() else (None, ("blank", "reason is empty", "say why the quarter is revised"))


def _keys(
    mapped: Sequence[_Mapped], names: Sequence[str]
) -> tuple[np.ndarray, np.ndarray, dict[str, tuple[list[str], np.ndarray]]]:
    """One number per row for its combination, which rows are sound, and per column its codes (sorted) and positions."""
    total = sum(len(item.table.rows) for item in mapped)
    key = np.zeros(total, dtype=np.int64)
    good = np.concatenate([item.good for item in mapped]) if mapped else np.ones(0, dtype=bool)
    joined = {}
    for name in names:
        codes = sorted({code for item in mapped for code in item.columns[name].codes})
        place = {code: number for number, code in enumerate(codes)}
        parts = []
        for item in mapped:
            column = item.columns[name]
            # The last one is for position -1: a wrong value; its row is not sound and never used.
            translate = np.array([*(place[code] for code in column.codes), 0], dtype=np.int64)
            parts.append(translate[column.positions])
        positions = np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
        key = key * max(len(codes), 1) + positions
        joined[name] = (codes, positions)
    return key, good, joined


def examine(
    received: Sequence[Received],
    *,
    codelists: CodeLists,
    report: Report,
    today: dt.date,
    entity: str | None = None,
    quarter: str | None = None,
    revise: Mapping[str, str] | None = None,
    partial: str | None = None,
    stations: Callable[[str], Collection[str]] | None = None,
    accepted: Mapping[str, str] | None = None,
) -> Checked:
    """Check files that have been received; everything found goes into `report`.

    `stations` says which stations an entity had in its last submission: bare names of cities are read by them.
    `accepted` are the readings of a submission that was accepted before: what was read then stays read.
    """
    checked = Checked(report)
    lookups = Lookups(codelists, stations, accepted)
    check = _Check(codelists, lookups, today, report)
    found = tables(received, report)
    if entity is not None:
        known = codelists.normalise("entity", entity)
        if known is None:
            right = "nearest: " + ", ".join(codelists.nearest("entity", entity))
            report.add(Problem(ERROR, "unknown-code", f"{entity!r} is not an entity", value=entity, suggestion=right))
        entity = known
    if quarter is not None and not contract.is_quarter(quarter := quarter.strip().upper()):
        report.add(Problem(ERROR, "wrong-quarter", f"{quarter!r} is not a quarter", suggestion="written like 2026Q3"))
        quarter = None
    if partial is not None and not partial.strip():
        report.add(Problem(ERROR, "blank", "the reason why the submission is partial is empty", column="--partial"))
    entity = entity or check.main_entity(found)
    reasons = check.reasons([table for table in found if table.kind == contract.REVISIONS], revise or {})
    staff = [check.mapped(table, entity) for table in found if table.kind == contract.STAFF]
    movements = [check.mapped(table, entity) for table in found if table.kind == contract.MOVEMENTS]
    if accepted is None:
        for item in staff:
            check.headcount_is_not_lost(item.table)
    main = quarter or check.main_quarter(staff, reasons)
    if not staff and not any(level == ERROR and code in _NOT_READ for level, code in report.counts):
        message = "there is no staff table"
        report.add(Problem(ERROR, "missing-table", message, suggestion="send the staff table along"))
    for item in staff:
        if not len(item.table.rows):
            where = {"file": item.table.file, "sheet": item.table.sheet}
            report.add(Problem(ERROR, "empty-file", "the table has a heading and no rows", **where))
    check.quarters_are_right([*staff, *movements], entity, main, reasons)
    check.departments_are_open([*staff, *movements])
    check.duplicates(staff)
    check.duplicates(movements)
    check.persons_twice(staff)
    for item in staff:
        check.hidden_rows(item)
    checked.readings = lookups.readings
    checked.entity, checked.quarter, checked.reasons = entity, main, reasons
    report.entity, report.quarter = entity, main
    report.rows = sum(len(item.table.rows) for item in staff)
    if quarter is not None and staff and report.ok and main not in _quarters(staff):
        message = f"no row speaks of {quarter}"
        report.add(Problem(ERROR, "wrong-quarter", message, column="quarter", suggestion=f"write {quarter}"))
    if report.ok:
        _collect(checked, staff, movements, codelists)
    report.sort()
    return checked


def _quarters(mapped: Sequence[_Mapped]) -> set[str]:
    return {code for item in mapped for code in item.columns["quarter"].codes}


def _collect(checked: Checked, staff: Sequence[_Mapped], movements: Sequence[_Mapped], codelists: CodeLists) -> None:
    """The figures of each quarter, in canonical order."""
    for quarter, columns, counts in _by_quarter(staff, contract.CELL):
        figures = Figures.from_columns(columns, counts)
        if max((int(column.max(initial=0)) for column in figures.counts), default=0) > contract.LIMIT_COUNT:
            message = f"a combination of {quarter} has more than {contract.LIMIT_COUNT:,} staff"
            checked.report.add(Problem(ERROR, "count-too-large", message))
        checked.figures[quarter] = figures
        women, men, other = figures.sums()
        checked.report.totals[quarter] = {
            "women": women,
            "men": men,
            "other": other,
            "temporary": sum(figures.temporary(codelists)),
            "combinations": len(figures.counts[0]),
        }
    for quarter, columns, counts in _by_quarter(movements, contract.MOVEMENT_CELL):
        checked.movements[quarter] = MovementFigures.from_columns(columns, counts)
    for quarter in sorted(set(checked.movements) - set(checked.figures)):
        message = f"movements are given for {quarter}, but no staff"
        checked.report.add(Problem(ERROR, "wrong-quarter", message, value=quarter))


def _by_quarter(mapped: Sequence[_Mapped], cell: Sequence[str]):
    """(quarter, columns, counts by sex) of sound tables; columns are (sorted codes, positions) by name."""
    if not mapped or not sum(len(item.table.rows) for item in mapped):
        return
    _, _, joined = _keys(mapped, ["quarter", "sex", *cell])
    ones = [
        item.counts if item.counts is not None else np.ones(len(item.table.rows), dtype=np.int64) for item in mapped
    ]
    counts = np.concatenate(ones)
    quarters, quarter_of_row = joined["quarter"]
    sexes, sex_of_row = joined["sex"]
    for number, quarter in enumerate(quarters):
        rows = np.flatnonzero(quarter_of_row == number)
        by_sex = [
            np.where(sex_of_row[rows] == sexes.index(sex), counts[rows], 0)
            if sex in sexes
            else np.zeros(len(rows), dtype=np.int64)
            for sex in contract.SEXES
        ]
        yield quarter, {name: (joined[name][0], joined[name][1][rows]) for name in cell}, by_sex
