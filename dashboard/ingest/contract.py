"""What an entity sends: tables, columns, limits. The same thing in words: docs/data-contract.md."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from dataclasses import dataclass

from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, QUARTER

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
#: Dimensions an entity may leave out, whose coverage a release states.
OPTIONAL = ("department", "age_group", "nationality", "appointment", "rc")
COUNTS = ("women", "men", "other")

# Words of column headings that mean a person is told apart, in English, French and Spanish. A heading is split into
# words; one of these, or one of the phrases, is enough. Refused before anything is stored.
_PERSONAL_WORDS = frozenset(
    word
    for line in (
        "name names fullname firstname lastname surname surnames forename initials index indexno email emails mail",
        "dob birth birthdate birthday phone telephone mobile passport matricule emplid pernr username login address",
        "nom noms prenom prenoms courriel naissance telephone passeport adresse",
        "nombre nombres apellido apellidos correo nacimiento telefono movil pasaporte direccion cedula dni",
    )
    for word in line.split(" ")
)
_PERSONAL_PHRASES = (
    "staff id",
    "staff no",
    "staff number",
    "staff member",
    "employee id",
    "employee no",
    "employee number",
    "employee",
    "personnel number",
    "personnel no",
    "national id",
    "id number",
    "laissez passer",
    "numero d agent",
    "numero de funcionario",
    "numero de empleado",
    "staffid",
    "employeeid",
)
#: "department name" tells of a place, not of a person.
_THINGS = frozenset(
    [
        "department",
        "duty",
        "station",
        "entity",
        "grade",
        "country",
        "unit",
        "office",
        "section",
        "division",
        "post",
        "city",
    ]
)

EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)


def heading(text: str) -> str:
    """A column heading as the contract writes it: "Duty Station" is duty_station."""
    return re.sub(r"[\s-]+", "_", text.strip().casefold())


def is_personal(text: str) -> bool:
    """True if a column heading reads like an identifier of a person."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    words = re.sub(r"[^a-z0-9]+", " ", plain.casefold()).split()
    if any(word in _PERSONAL_WORDS for word in words):
        return not (words[-1] in ("name", "nom", "nombre", "names") and _THINGS & set(words))
    joined = f" {' '.join(words)} "
    return "e mail" in joined or any(f" {phrase} " in joined for phrase in _PERSONAL_PHRASES)


def is_quarter(text: str) -> bool:
    """True if the text is a quarter such as 2026Q3."""
    return QUARTER.fullmatch(text) is not None


def quarter_number(quarter: str) -> int:
    """Quarters since year 0, so that quarters can be subtracted."""
    return int(quarter[:4]) * 4 + int(quarter[5]) - 1


def quarter_of_number(number: int) -> str:
    """The inverse of quarter_number."""
    return f"{number // 4}Q{number % 4 + 1}"


def next_quarter(quarter: str, steps: int = 1) -> str:
    """The quarter so many after this one; negative steps go back."""
    return quarter_of_number(quarter_number(quarter) + steps)


def last_day(quarter: str) -> dt.date:
    """The day a quarter's staff are counted on."""
    year, month = int(quarter[:4]), int(quarter[5]) * 3
    return dt.date(year, month, calendar.monthrange(year, month)[1])
