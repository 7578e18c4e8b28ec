"""Makes tables of staff as entities send them, and says naively what they mean."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import xlsxwriter

COLUMNS = (
    "quarter",
    "entity",
    "department",
    "duty_station",
    "grade",
    "sex",
    "age_group",
    "nationality",
    "appointment",
    "rc",
    "headcount",
)
#: What releases of tests are rounded by.
SECRET = "of tests only, forty characters or more"
#: A combination without quarter, entity and headcount, as it is kept.
DIMENSIONS = COLUMNS[2:10]
BASE = {
    "quarter": "2019Q4",
    "entity": "UPU",
    "department": "not-applicable",
    "duty_station": "CHE-bern",
    "grade": "P-4",
    "sex": "F",
    "age_group": "40-44",
    "nationality": "KEN",
    "appointment": "FT",
    "rc": "no",
    "headcount": "3",
}
#: A plausible small entity: 6 combinations.
VARIED = (
    {},
    {"sex": "M", "headcount": "5"},
    {"grade": "P-3", "headcount": "4"},
    {"grade": "G-6", "sex": "M", "headcount": "7", "nationality": "CHE"},
    {"grade": "D-1", "sex": "X", "headcount": "1"},
    {"grade": "G-5", "headcount": "2", "appointment": "TA"},
)


def row(**changed: str) -> dict[str, str]:
    """One row of the staff table."""
    return BASE | changed


def rows(count: int = 6, **changed: str) -> list[dict[str, str]]:
    """The first rows of a plausible entity."""
    return [row(**(dict(varied) | changed)) for varied in VARIED[:count]]


def csv_text(table: Sequence[Mapping[str, str]], columns: Sequence[str] | None = None) -> str:
    """A table as CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(columns or table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return out.getvalue()


def write_csv(path: Path, table: Sequence[Mapping[str, str]]) -> Path:
    """A table as a CSV file, compressed if its name says so."""
    content = csv_text(table).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def write_xlsx(path: Path, **sheets: Sequence[Mapping[str, str]]) -> Path:
    """Tables as the sheets of a workbook, head-counts as numbers."""
    with xlsxwriter.Workbook(str(path)) as book:
        for name, table in sheets.items():
            sheet = book.add_worksheet(name)
            if table:
                sheet.write_row(0, 0, list(table[0]))
            for number, values in enumerate(table, 1):
                for position, heading in enumerate(table[0]):
                    value = values[heading]
                    number_like = heading in ("headcount", "count") and value.isdecimal()
                    sheet.write(number, position, int(value) if number_like else value)
    return path


def meant(table: Iterable[Mapping[str, str]]) -> Counter:
    """Naively: (quarter, entity, dimensions but sex) and sex -> persons, for rows whose values are codes already."""
    persons: Counter = Counter()
    for values in table:
        key = tuple(values.get(name, "not-reported") for name in ("quarter", "entity", *DIMENSIONS))
        persons[key] += int(values.get("headcount", "1"))
    return +persons
