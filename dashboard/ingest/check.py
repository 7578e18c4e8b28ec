"""Checks a submission against the contract and the code lists, and makes its normalised figures.

All problems are found at once. Values are looked at once per distinct value of a column, rows only where something is
wrong, so that 37,000 rows take little longer than 40.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.ingest import contract
from dashboard.ingest.figures import Figures, MovementFigures
from dashboard.ingest.problems import ERROR, LISTED, NOTE, Problem, Report
from dashboard.ingest.read import Received, Table, Values, shown, tables
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED

_WHOLE = re.compile(r"\d+")
_MINUS = re.compile(r"-\d+(?:\.0*)?")
_DECIMAL = re.compile(r"-?\d*[.,]\d+")


@dataclass
class Checked:
    """What a check made of the files: the report, and, if there are no errors, the figures per quarter."""

    report: Report
    entity: str | None = None
    quarter: str | None = None
    figures: dict[str, Figures] = field(default_factory=dict)
    movements: dict[str, MovementFigures] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


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


#: What is wrong with one value: code, message, suggestion. None: nothing.
_Wrong = tuple[str, str, str]
_Lookup = Callable[[str], tuple[str | None, _Wrong | None]]


class _Check:
    """One check: holds what every step needs."""

    def __init__(self, codelists: CodeLists, today: dt.date, report: Report):
        self.codelists = codelists
        self.today = today
        self.report = report

    # -- values of one column --

    def look_up(self, table: Table, heading: str, lookup: _Lookup) -> _Column:
        """Every distinct value of a column once; rows only for what is wrong."""
        values = table.columns[heading]
        codes: dict[str, int] = {}
        positions = np.full(len(values.distinct) + 1, -1, dtype=np.int32)
        for number in _used(values):
            text = values.distinct[number]
            code, wrong = lookup(text)
            if wrong is not None:
                self.value_problem(table, heading, values, number, wrong)
            elif code is not None:
                positions[number] = codes.setdefault(code, len(codes))
                if code != text:
                    self.spelling(table, heading, values, number, code)
        return _Column(list(codes), positions[values.codes])

    def value_problem(self, table: Table, heading: str, values: Values, number: int, wrong: _Wrong) -> None:
        """One wrong value, wherever it stands."""
        hit = np.flatnonzero(values.codes == number)
        code, message, suggestion = wrong
        problem = {
            "level": ERROR,
            "code": code,
            "message": message,
            "file": table.file,
            "sheet": table.sheet,
            "column": heading,
            "value": shown(values.distinct[number]),
            "suggestion": suggestion,
        }
        self.report.add_rows(table.rows[hit[:LISTED]], len(hit), problem)

    def spelling(self, table: Table, heading: str, values: Values, number: int, code: str) -> None:
        """An accepted spelling was read as a code: worth a note, no more."""
        rows = int(np.count_nonzero(values.codes == number))
        if values.distinct[number].strip() != code:
            message = f"{shown(values.distinct[number])!r} was read as {code} ({rows} rows)"
            where = {"file": table.file, "sheet": table.sheet, "column": heading}
            self.report.add(Problem(NOTE, "spelling", message, value=shown(values.distinct[number]), **where))

    def nearest(self, dimension: str, text: str) -> str:
        """The codes most like a text, unless so many are wrong already that nobody would read them."""
        if self.report.counts[ERROR, "unknown-code"] > LISTED:
            return ""
        found = self.codelists.nearest(dimension, shown(text))
        return f"nearest: {', '.join(found)}" if found else ""

    def coded(self, dimension: str, column: contract.Column, entity: str | None) -> _Lookup:
        """The lookup of a column with a code list."""
        lists = self.codelists

        def lookup(text: str) -> tuple[str | None, _Wrong | None]:
            plain = text.strip()
            if not plain:
                right = " or ".join(column.missing) if column.missing else "give the code"
                return None, ("blank", f"{column.name} is empty", right)
            if plain in column.missing:
                return plain, None
            code = lists.normalise(dimension, plain, entity)
            if code is None:
                message = f"{shown(plain)!r} is not a code of {dimension}"
                if dimension == "department" and lists.normalise(dimension, plain) is not None:
                    owner = lists.entity_of(lists.normalise(dimension, plain))
                    return None, ("department-of-other-entity", f"{shown(plain)!r} is a department of {owner}", "")
                if plain in contract.MISSING:
                    return None, ("unknown-code", f"{plain} is not accepted in {column.name}", "give the code")
                return None, ("unknown-code", message, self.nearest(dimension, plain))
            if dimension == "grade" and entity is not None and not lists.grade_allowed(entity, code):
                right = "grade sets of the entity: " + ", ".join(lists.grade_sets_of(entity))
                return None, ("grade-not-of-entity", f"{code} is no grade that {entity} uses", right)
            return code, None

        return lookup

    def fixed(self, allowed: Sequence[str], name: str) -> _Lookup:
        """The lookup of a column with a few fixed words."""

        def lookup(text: str) -> tuple[str | None, _Wrong | None]:
            plain = text.strip()
            if not plain:
                return None, ("blank", f"{name} is empty", "one of " + ", ".join(allowed))
            folded = {word.casefold(): word for word in allowed}.get(plain.casefold())
            if folded is None:
                message = f"{shown(plain)!r} is not accepted in {name}"
                return None, ("unknown-code", message, "one of " + ", ".join(allowed))
            return folded, None

        return lookup

    def quarter_text(self, text: str) -> tuple[str | None, _Wrong | None]:
        """The lookup of the column quarter."""
        plain = text.strip().upper()
        if not plain:
            return None, ("blank", "quarter is empty", "written like 2026Q3")
        if not contract.is_quarter(plain):
            return None, ("wrong-quarter", f"{shown(text)!r} is not a quarter", "written like 2026Q3")
        return plain, None

    def count_column(self, table: Table, heading: str) -> np.ndarray:
        """Whole numbers of 0 or more; -1 where a value is none."""
        values = table.columns[heading]
        parsed = np.full(len(values.distinct) + 1, -1, dtype=np.int64)
        for number in _used(values):
            count, wrong = _count(values.distinct[number], heading)
            if wrong is not None:
                self.value_problem(table, heading, values, number, wrong)
            else:
                parsed[number] = count
        return parsed[values.codes]

    # -- tables --

    def columns_are_right(self, table: Table) -> None:
        """Missing and unknown columns."""
        columns = contract.COLUMNS[table.kind]
        names = [column.name for column in columns]
        where = {"file": table.file, "sheet": table.sheet, "row": 1}
        for column in columns:
            if column.needed and column.name not in table.columns:
                message = f"the column {column.name} is missing"
                right = "columns are " + ", ".join(names)
                self.report.add(
                    Problem(ERROR, "missing-column", message, column=column.name, suggestion=right, **where)
                )
        for heading in table.columns:
            if heading not in names:
                near = difflib.get_close_matches(heading, names, n=1, cutoff=0.5)
                right = f"nearest: {near[0]}" if near else "columns are " + ", ".join(names)
                message = f"the {table.kind} table has no column {shown(heading)!r}"
                self.report.add(
                    Problem(ERROR, "unknown-column", message, column=shown(heading), suggestion=right, **where)
                )

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
                lookup: _Lookup = self.quarter_text
            elif name == "sex":
                lookup = self.fixed(contract.SEXES, name)
            elif name == "kind":
                lookup = self.fixed(contract.KINDS, name)
            elif name == "rc":
                lookup = self.fixed(("yes", "no", *column.missing), name)
            elif name == "entity":
                lookup = self.entity_lookup(column, entity)
            else:
                lookup = self.coded(name, column, entity)
            columns[name] = self.look_up(table, name, lookup)
        return _Mapped(table, columns, counts)

    def default(self, name: str, entity: str | None) -> str:
        """What a missing optional column means."""
        if name == "department" and entity is not None and not self.codelists.departments_of(entity):
            return NOT_APPLICABLE
        return NOT_REPORTED

    def entity_lookup(self, column: contract.Column, entity: str | None) -> _Lookup:
        """The lookup of the column entity: one submission speaks for one entity."""
        known = self.coded("entity", column, None)

        def lookup(text: str) -> tuple[str | None, _Wrong | None]:
            code, wrong = known(text)
            if code is not None and entity is not None and code != entity:
                return None, ("wrong-entity", f"{code} stands in a submission of {entity}", "send it on its own")
            return code, wrong

        return lookup

    def main_entity(self, found: Sequence[Table]) -> str | None:
        """The entity most rows speak for."""
        rows: Counter[str] = Counter()
        for table in found:
            values = table.columns.get("entity")
            if values is None:
                continue
            for number, n in enumerate(np.bincount(values.codes, minlength=len(values.distinct))):
                code = self.codelists.normalise("entity", values.distinct[number]) if n else None
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
                    self.report.add_rows(item.table.rows[hit[:LISTED]], len(hit), problem)
        for quarter in sorted(set(reasons) - seen):
            message = f"{quarter} is named as revised, but no row speaks of it"
            self.report.add(Problem(ERROR, "revision-without-rows", message, value=quarter))

    def quarter_wrong(
        self, code: str, entity: str | None, main: str | None, reasons: Mapping[str, str]
    ) -> _Wrong | None:
        """What is wrong with a well-formed quarter."""
        if contract.last_day(code) > self.today:
            return "wrong-quarter", f"{code} is not over yet on {self.today}", "head-counts are of its last day"
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
                    self.report.add_rows(item.table.rows[hit[:LISTED]], len(hit), problem)

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

        def place(index: int) -> tuple[Table, int]:
            number = int(np.searchsorted(starts, index, side="right")) - 1
            return mapped[number].table, int(mapped[number].table.rows[index - starts[number]])

        for second, first in sorted(found)[: LISTED * len(mapped)]:
            table, row = place(second)
            other, other_row = place(first)
            at = f"row {other_row}" if other is table else f"row {other_row} of {other.file}"
            message = f"the same combination as {at}"
            right = "add the counts up in one row"
            where_ = {"file": table.file, "sheet": table.sheet, "row": row, "suggestion": right}
            self.report.add(Problem(ERROR, "duplicate-row", message, **where_))
        self.report.counts[ERROR, "duplicate-row"] += max(0, len(found) - LISTED * len(mapped))

    def reasons(self, found: Sequence[Table], revise: Mapping[str, str]) -> dict[str, str]:
        """Quarter -> why it is revised, from the command line and the table of revisions."""
        reasons = {}
        for quarter, reason in revise.items():
            code, wrong = self.quarter_text(quarter)
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
            quarters = self.look_up(table, "quarter", self.quarter_text)
            texts = table.columns["reason"]
            for position, text in zip(quarters.positions, texts.codes, strict=True):
                if position < 0 or not texts.distinct[text].strip():
                    continue
                code = quarters.codes[position]
                if reasons.setdefault(code, texts.distinct[text].strip()) != texts.distinct[text].strip():
                    message = f"two reasons are given to revise {code}"
                    self.report.add(Problem(ERROR, "duplicate-row", message, file=table.file, sheet=table.sheet))
        return reasons


def _used(values: Values) -> list[int]:
    """Positions of the distinct values that stand in a row; some stood in blank rows only."""
    return np.flatnonzero(np.bincount(values.codes, minlength=len(values.distinct))).tolist()


def _reason(text: str) -> tuple[str | None, _Wrong | None]:
    return (text, None) if text.strip() else (None, ("blank", "reason is empty", "say why the quarter is revised"))


def _count(text: str, heading: str) -> tuple[int, _Wrong | None]:
    plain = text.strip()
    right = "a whole number, 0 or more"
    if not plain:
        return -1, ("blank-count", f"{heading} is empty", f"{right}; nothing unknown is taken for 0")
    if _WHOLE.fullmatch(plain) and plain.isascii():
        if len(plain) <= 9 and int(plain) <= contract.LIMIT_COUNT:
            return int(plain), None
        return -1, ("count-too-large", f"{heading} is above {contract.LIMIT_COUNT:,}", right)
    if _MINUS.fullmatch(plain):
        return -1, ("negative-count", f"{heading} is negative", right)
    if _DECIMAL.fullmatch(plain):
        return -1, ("fractional-count", f"{heading} is not a whole number", right)
    return -1, ("not-a-number", f"{heading} {shown(plain)!r} is not a number", right)


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
) -> Checked:
    """Check files that have been received; everything found goes into `report`."""
    checked = Checked(report)
    check = _Check(codelists, today, report)
    found = tables(received, report)
    if entity is not None:
        known = codelists.normalise("entity", entity)
        if known is None:
            right = "nearest: " + ", ".join(codelists.nearest("entity", entity))
            report.add(Problem(ERROR, "unknown-code", f"{entity!r} is not an entity", value=entity, suggestion=right))
        entity = known
    if quarter is not None and not contract.is_quarter(quarter):
        report.add(Problem(ERROR, "wrong-quarter", f"{quarter!r} is not a quarter", suggestion="written like 2026Q3"))
        quarter = None
    if partial is not None and not partial.strip():
        report.add(Problem(ERROR, "blank", "the reason why the submission is partial is empty", column="--partial"))
    entity = entity or check.main_entity(found)
    reasons = check.reasons([table for table in found if table.kind == contract.REVISIONS], revise or {})
    staff = [check.mapped(table, entity) for table in found if table.kind == contract.STAFF]
    movements = [check.mapped(table, entity) for table in found if table.kind == contract.MOVEMENTS]
    main = quarter or check.main_quarter(staff, reasons)
    if not staff and report.ok:
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
    checked.entity, checked.quarter, checked.reasons = entity, main, reasons
    report.entity, report.quarter = entity, main
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
