"""What an entity sends: tables, columns, limits. Plain values, for what takes submissions and for what describes them.

The same thing in words: docs/data-contract.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED

STAFF, MOVEMENTS, REVISIONS = "staff", "movements", "revisions"
#: Sheets of the template that hold no figures; they are not read, but they are searched for personal data.
OTHER_SHEETS = frozenset({"read me", "summary", "codes"})

#: As received and unpacked, all files of a submission together. The largest extract known (37,000 rows, one a person)
#: is 2.6 MB of CSV; a workbook of 159 KB was seen to unpack to 44 MB and take 400 MB of memory.
LIMIT_RECEIVED = 5 * 1024 * 1024
LIMIT_UNPACKED = 50 * 1024 * 1024
#: A workbook's cells are read as a rectangle: one stray cell in the last corner of a sheet would mean 17,000 million.
LIMIT_ROWS = 250_000
LIMIT_COLUMNS = 200
LIMIT_FILES = 20
#: Cells of a release are 16-bit integers; no group of one sex in one combination is that large.
LIMIT_COUNT = 65_535

KINDS = ("appointed", "promoted-in", "promoted-out", "separated")
SEXES = ("F", "M", "X")
MISSING = (NOT_REPORTED, NOT_APPLICABLE)


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, whether it must be there, and which codes for missing values it takes."""

    name: str
    needed: bool
    missing: tuple[str, ...] = ()


STAFF_COLUMNS = (
    Column("quarter", True),
    Column("entity", True),
    Column("department", False, MISSING),
    Column("duty_station", True, (NOT_REPORTED,)),
    Column("grade", True),
    Column("sex", True),
    Column("age_group", False, MISSING),
    Column("nationality", False, MISSING),
    Column("appointment", False, MISSING),
    Column("rc", False, MISSING),
    Column("headcount", False),
)
MOVEMENT_COLUMNS = (
    Column("quarter", True),
    Column("entity", True),
    Column("department", False, MISSING),
    Column("grade", True),
    Column("sex", True),
    Column("kind", True),
    Column("count", True),
)
REVISION_COLUMNS = (Column("quarter", True), Column("reason", True))
COLUMNS = {STAFF: STAFF_COLUMNS, MOVEMENTS: MOVEMENT_COLUMNS, REVISIONS: REVISION_COLUMNS}

#: What a combination of the staff table consists of, besides quarter and entity, once the sexes stand side by side.
CELL = ("department", "duty_station", "grade", "age_group", "nationality", "appointment", "rc")
MOVEMENT_CELL = ("department", "grade", "kind")
COUNTS = ("women", "men", "other")
