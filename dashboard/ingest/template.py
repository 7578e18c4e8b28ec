"""A workbook to fill in: last quarter's figures, drop-downs from the code lists, totals that follow while typing.

Formulas stand on the summary sheet only; the sheets that are read hold none, and a check refuses any it finds there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter

from dashboard.codelists import CodeLists
from dashboard.ingest import contract, files
from dashboard.ingest.figures import Figures, MovementFigures, Unfit
from dashboard.ingest.problems import InputError
from dashboard.ingest.store import Store, Submission

#: Rows that have drop-downs and are counted by the summary, beyond those that are prefilled.
SPARE_ROWS = 2000

_INSTRUCTIONS = (
    "How to fill in this workbook",
    "",
    "1. Sheet staff: bring the rows up to the last day of the quarter. A row is a combination with its headcount.",
    "2. The column quarter already names the new quarter. Remove rows that no longer exist, add rows that are new.",
    "3. Every cell takes a code; the sheet codes lists them, and the cells offer them. Nothing may stay empty:",
    "   not-reported (we do not say) and not-applicable (there is none) are codes, and different.",
    "4. Figures are values. A formula on the sheets staff, movements or revisions is refused.",
    "5. No names, numbers, addresses or dates of birth of persons, on any sheet: the workbook would be refused.",
    "6. Sheet movements (optional): appointments, promotions and separations of the quarter.",
    "7. Sheet revisions (optional): earlier quarters that this workbook also gives, each with a reason.",
    "8. Sheet summary: totals, and how they differ from the quarter the rows came from. Look there before sending.",
    "",
    "Check it with: parity check FILE.xlsx",
)


@dataclass(frozen=True, slots=True)
class Template:
    """What was written: how many rows, from which quarter they are and, where that is accepted already, from which
    submission; and what whoever fills it in should know before.
    """

    path: Path
    rows: int
    prefilled_from: str | None
    correction_of: str | None = None
    movements: int = 0
    warnings: tuple[str, ...] = ()


def template(
    path: Path,
    entity: str,
    quarter: str,
    *,
    codelists: CodeLists,
    store: Store | None = None,
    today: dt.date | None = None,
) -> Template:
    """Write a template for an entity and quarter, prefilled with its last accepted quarter before; where the quarter is
    accepted already, with its own rows and movements, to be corrected.

    Raises InputError for an unknown entity or quarter, or when the entity is not open in it.
    """
    code = codelists.normalise("entity", entity)
    if code is None:
        near = ", ".join(codelists.nearest("entity", entity))
        raise InputError(f"{entity!r} is not an entity; nearest: {near or 'none'}")
    if not contract.is_quarter(quarter):
        raise InputError(f"{quarter!r} is not a quarter; written like 2026Q4")
    if not codelists.entity_open(code, quarter):
        raise InputError(f"{code} is not open in {quarter}")
    today = today or dt.datetime.now(dt.UTC).date()
    warnings = []
    if contract.last_day(quarter) > today:
        over = f"{contract.last_day(quarter):%d %B %Y}".lstrip("0")
        warnings.append(f"{quarter} is not over until {over}: head-counts are of that day, and no check passes before")
    accepted = None if store is None else store.newest(code).get(quarter)
    if accepted is not None:
        warnings.append(
            f"{code} {quarter} is accepted already as {accepted.id}: these are its rows, to be corrected; "
            'what is sent takes their place, with a reason (--replace "reason")'
        )
    earlier, rows = _last_rows(code, quarter, codelists, store)
    moved = _movements(accepted, quarter, codelists, store)
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    # Text that starts with = or http stays text: a template must not carry anything that runs.
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    try:
        with xlsxwriter.Workbook(str(beside), options) as book:
            _write(book, code, quarter, earlier, rows, moved, codelists)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    files.step("template:written")
    correction_of = None if accepted is None else accepted.id
    return Template(path, len(rows), earlier, correction_of, len(moved), tuple(warnings))


def _last_rows(
    entity: str, quarter: str, codelists: CodeLists, store: Store | None
) -> tuple[str | None, list[list[Any]]]:
    """The rows of the last accepted quarter up to this one, as the staff table has them."""
    newest = {} if store is None else store.newest(entity)
    earlier = max((known for known in newest if known <= quarter), default=None)
    if earlier is None:
        return None, []
    submission = newest[earlier]
    path = store.normalised_path(submission.id, earlier)
    try:
        figures, _ = Figures.read(path)
    except (FileNotFoundError, Unfit):
        figures = store.normalise_again(submission, codelists).figures[earlier]
    fixed = {"quarter": quarter, "entity": entity}
    return earlier, _as_rows(figures, fixed, [column.name for column in contract.STAFF_COLUMNS], "headcount")


def _movements(accepted: Submission | None, quarter: str, codelists: CodeLists, store: Store | None) -> list[list[Any]]:
    """The movements that were accepted with a quarter: sent without them, a correction would take them away."""
    if accepted is None or store is None or not accepted.quarters[quarter]["movements"]:
        return []
    path = store.normalised_path(accepted.id, quarter, contract.MOVEMENTS)
    try:
        figures, _ = MovementFigures.read(path)
    except (FileNotFoundError, Unfit):
        figures = store.normalise_again(accepted, codelists).movements[quarter]
    fixed = {"quarter": quarter, "entity": accepted.entity}
    return _as_rows(figures, fixed, [column.name for column in contract.MOVEMENT_COLUMNS], "count")


def _as_rows(figures: Figures, fixed: dict[str, str], names: Sequence[str], count: str) -> list[list[Any]]:
    """A row for each combination and sex that has somebody, in the columns of a table of the contract."""
    rows = []
    columns = {name: [codes[n] for n in positions] for name, (codes, positions) in figures.columns.items()}
    for number in range(len(figures.counts[0])):
        for sex, counts in zip(contract.SEXES, figures.counts, strict=True):
            if counts[number]:
                values = {name: texts[number] for name, texts in columns.items()}
                values |= {**fixed, "sex": sex, count: int(counts[number])}
                rows.append([values[name] for name in names])
    return rows


def _choices(entity: str, quarter: str, codelists: CodeLists) -> dict[str, list[tuple[str, str]]]:
    """Per column, the codes an entity may use in a quarter, with their names."""
    missing = [(code, "") for code in contract.MISSING]

    def listed(dimension: str) -> list[tuple[str, str]]:
        return [(member.code, member.name) for member in codelists.members(dimension)]

    departments = [
        (member.code, member.name)
        for member in codelists.departments_of(entity)
        if codelists.department_open(member.code, quarter)
    ]
    return {
        "department": departments + missing,
        "duty_station": listed("duty_station") + missing[:1],
        "grade": [pair for pair in listed("grade") if codelists.grade_allowed(entity, pair[0])],
        "sex": listed("sex"),
        "age_group": listed("age_group") + missing,
        "nationality": listed("nationality") + missing,
        "appointment": listed("appointment") + missing,
        "rc": listed("rc") + missing,
        "kind": [(kind, "") for kind in contract.KINDS],
    }


def _write(
    book: xlsxwriter.Workbook,
    entity: str,
    quarter: str,
    earlier: str | None,
    rows: Sequence[Sequence[Any]],
    moved: Sequence[Sequence[Any]],
    codelists: CodeLists,
) -> None:
    bold = book.add_format({"bold": True, "bottom": 1})
    wrapped = book.add_format({"text_wrap": True})
    title = book.add_format({"bold": True, "font_size": 14})
    # The sheet that is to be filled in comes first: it is what opens.
    staff = book.add_worksheet(contract.STAFF)
    movements = book.add_worksheet(contract.MOVEMENTS)
    revisions = book.add_worksheet(contract.REVISIONS)
    summary = book.add_worksheet("summary")
    read_me = book.add_worksheet("read me")
    codes = book.add_worksheet("codes")

    ranges = {}
    for number, (column, pairs) in enumerate(_choices(entity, quarter, codelists).items()):
        codes.write_row(0, 2 * number, [column, "meaning"], bold)
        for row, (code, name) in enumerate(pairs, 1):
            codes.write_row(row, 2 * number, [code, name])
        letter = xlsxwriter.utility.xl_col_to_name(2 * number)
        ranges[column] = f"=codes!${letter}$2:${letter}${len(pairs) + 1}"
    codes.freeze_panes(1, 0)

    last = max(len(rows), len(moved)) + SPARE_ROWS
    for sheet, columns in ((staff, contract.STAFF_COLUMNS), (movements, contract.MOVEMENT_COLUMNS)):
        for number, column in enumerate(columns):
            sheet.write_string(0, number, column.name, bold)
            if column.name in ranges:
                sheet.data_validation(1, number, last, number, {"validate": "list", "source": ranges[column.name]})
            elif column.name in ("headcount", "count"):
                rule = {
                    "validate": "integer",
                    "criteria": ">=",
                    "value": 0,
                    "error_message": "A whole number, 0 or more",
                }
                sheet.data_validation(1, number, last, number, rule)
            elif column.name == "entity":
                sheet.data_validation(1, number, last, number, {"validate": "list", "source": [entity]})
        sheet.set_column(0, len(columns) - 1, 15)
        sheet.freeze_panes(1, 0)
    revisions.write_row(0, 0, [column.name for column in contract.REVISION_COLUMNS], bold)
    revisions.set_column(1, 1, 80)
    for number, values in enumerate(rows, 1):
        staff.write_row(number, 0, values)
    for number, values in enumerate(moved, 1):
        movements.write_row(number, 0, values)
    staff.autofilter(0, 0, max(len(rows), 1), len(contract.STAFF_COLUMNS) - 1)

    for number, text in enumerate(_INSTRUCTIONS):
        read_me.write_string(number, 0, text, title if number == 0 else wrapped)
    read_me.set_column(0, 0, 110)
    _summary(summary, bold, title, entity, quarter, earlier, rows, codelists, last)


def _summary(
    sheet: Any,
    bold: Any,
    title: Any,
    entity: str,
    quarter: str,
    earlier: str | None,
    rows: Sequence[Sequence[Any]],
    codelists: CodeLists,
    last: int,
) -> None:
    """Totals by grade and sex that follow the sheet staff, beside those of the quarter it was filled from."""
    names = [column.name for column in contract.STAFF_COLUMNS]

    def column(name: str) -> str:
        letter = xlsxwriter.utility.xl_col_to_name(names.index(name))
        return f"staff!${letter}$2:${letter}${last + 1}"

    before: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (row[names.index("grade")], row[names.index("sex")])
        before[key] = before.get(key, 0) + row[names.index("headcount")]
    sheet.write_string(0, 0, f"{entity} {quarter}", title)
    said = f"Compared with {earlier}" if earlier else "Nothing to compare with: this is the first quarter"
    if earlier == quarter:
        said = f"Compared with {earlier} as it was accepted"
    sheet.write_string(1, 0, said)
    heading = ["grade", "women", "men", "other", "women before", "men before", "other before", "change"]
    sheet.write_row(3, 0, heading, bold)
    grades = [grade for grade, _ in _choices(entity, quarter, codelists)["grade"]]
    first = 5
    for number, grade in enumerate(grades, first):
        sheet.write_string(number, 0, grade)
        for position, sex in enumerate(contract.SEXES):
            value = before.get((grade, sex), 0)
            formula = f'=SUMIFS({column("headcount")},{column("grade")},$A{number + 1},{column("sex")},"{sex}")'
            # The value is what a reader sees who does not calculate: right as long as nothing was changed.
            sheet.write_formula(number, 1 + position, formula, None, value)
            sheet.write_number(number, 4 + position, value)
        change = f"=SUM(B{number + 1}:D{number + 1})-SUM(E{number + 1}:G{number + 1})"
        sheet.write_formula(number, 7, change, None, 0)
    end = first + len(grades)
    sheet.write_string(4, 0, "all grades", bold)
    for position in range(7):
        letter = xlsxwriter.utility.xl_col_to_name(1 + position)
        values = [before.get((grade, sex), 0) for grade in grades for sex in (contract.SEXES[position % 3],)]
        total = sum(values) if position < 6 else 0
        sheet.write_formula(4, 1 + position, f"=SUM({letter}{first + 1}:{letter}{end})", bold, total)
    sheet.write_string(end + 1, 0, "rows with a headcount")
    sheet.write_formula(end + 1, 1, f"=COUNT({column('headcount')})", None, len(rows))
    everything = sum(row[names.index("headcount")] for row in rows)
    sheet.write_string(end + 2, 0, "headcount without one of these grades or sexes")
    sheet.write_formula(end + 2, 1, f"=SUM({column('headcount')})-SUM(B5:D5)", None, everything - sum(before.values()))
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, 7, 14)
    sheet.freeze_panes(5, 1)
