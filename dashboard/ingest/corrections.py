"""Reviewed corrections: what a release changes in accepted figures, and what each change expects to find.

`<data_dir>/corrections.csv`, columns: entity, quarter, where, column, expected, corrected, staff, reason, reviewer.
`where` narrows the rows down (`duty_station=KEN-nairobi grade=P-4`); `column` is a dimension, whose value `expected`
becomes `corrected` for exactly `staff` persons, or `women`, `men` or `other`, whose number `expected` becomes
`corrected` in the one row that is meant. An entry that does not find what it expects stops the release.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from dashboard.codelists import CodeLists
from dashboard.ingest import contract
from dashboard.ingest.problems import ERROR, InputError, Problem, Refused, Report

FILE = "corrections.csv"
COLUMNS = ("entity", "quarter", "where", "column", "expected", "corrected", "staff", "reason", "reviewer")


@dataclass(frozen=True, slots=True)
class Correction:
    """One entry; `row` is its row in the file."""

    row: int
    entity: str
    quarter: str
    where: tuple[tuple[str, str], ...]
    column: str
    expected: str
    corrected: str
    staff: int | None
    reason: str
    reviewer: str

    def to_dict(self) -> dict:
        """Plain values, as a release's manifest keeps them."""
        return {**asdict(self), "where": [list(pair) for pair in self.where]}


def from_dict(entry: dict) -> Correction:
    """The inverse of Correction.to_dict."""
    return Correction(**{**entry, "where": tuple((name, code) for name, code in entry["where"])})


def load(data_dir: Path, codelists: CodeLists) -> list[Correction]:
    """The entries of the corrections file, none if there is no file. Raises Refused naming every entry at fault."""
    path = data_dir / FILE
    if not path.exists():
        return []
    report = Report()
    try:
        reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
        entries = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{FILE} cannot be read: {error}") from error
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise InputError(f"{FILE} lacks the columns {', '.join(missing)}; it has {', '.join(COLUMNS)}")
    found = []
    for row, entry in enumerate(entries, 2):
        values = {name: (entry[name] or "").strip() for name in COLUMNS}
        wrong = _wrong(values, codelists)
        for message in wrong:
            report.add(Problem(ERROR, "correction", message, file=FILE, row=row))
        if not wrong:
            where = tuple(tuple(part.split("=", 1)) for part in values["where"].split())
            staff = int(values["staff"]) if values["staff"] else None
            found.append(Correction(row, **{**values, "where": where, "staff": staff}))
    if not report.ok:
        raise Refused(report)
    return found


def _wrong(values: dict[str, str], codelists: CodeLists) -> list[str]:
    """All that is wrong with one entry, before any figures are looked at."""

    def known(dimension: str, code: str) -> bool:
        return code in contract.MISSING or codelists.normalise(dimension, code) == code

    wrong = [
        f"{name} is empty" for name in ("entity", "quarter", "column", "expected", "corrected") if not values[name]
    ]
    if len(values["reason"]) < 3 or not values["reviewer"]:
        wrong.append("a correction needs a reason and a reviewer")
    if codelists.normalise("entity", values["entity"]) != values["entity"]:
        wrong.append(f"{values['entity']!r} is not the code of an entity")
    if not contract.is_quarter(values["quarter"]):
        wrong.append(f"{values['quarter']!r} is not a quarter")
    for part in values["where"].split():
        name, _, code = part.partition("=")
        if name not in contract.CELL:
            wrong.append(f"where has {name!r}; dimensions are {', '.join(contract.CELL)}")
        elif not known(name, code):
            wrong.append(f"where has {code!r}, which is not a code of {name}")
    if values["column"] in contract.CELL:
        for name in ("expected", "corrected"):
            if not known(values["column"], values[name]):
                wrong.append(f"{name} {values[name]!r} is not a code of {values['column']}")
        if not values["staff"].isdecimal():
            wrong.append("staff is the number of persons that are expected to be corrected")
    elif values["column"] in contract.COUNTS:
        for name in ("expected", "corrected"):
            if not values[name].isdecimal() or int(values[name]) > contract.LIMIT_COUNT:
                wrong.append(f"{name} {values[name]!r} is not a head-count")
        if values["staff"]:
            wrong.append("staff stays empty when a head-count is corrected")
    else:
        wrong.append(f"column {values['column']!r} is none of {', '.join((*contract.CELL, *contract.COUNTS))}")
    return wrong


def not_found(correction: Correction, message: str) -> Problem:
    """The problem of an entry that does not find what it expects."""
    where = " ".join(f"{name}={code}" for name, code in correction.where)
    return Problem(
        ERROR,
        "correction",
        f"{correction.entity} {correction.quarter} {where} {correction.column}={correction.expected}: {message}",
        file=FILE,
        row=correction.row,
        column=correction.column,
        value=correction.expected,
        suggestion="remove the entry if the entity has sent it right since, or review it again",
    )


def touched(corrections: Sequence[Correction]) -> set[tuple[str, str]]:
    """(entity, quarter) pairs that are corrected."""
    return {(correction.entity, correction.quarter) for correction in corrections}
