"""The contract (`dashboard.contract`) as it is read: headings, quarters, and what tells a person apart."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata

from dashboard.contract import CELL as CELL
from dashboard.contract import COLUMNS as COLUMNS
from dashboard.contract import COUNTS as COUNTS
from dashboard.contract import KINDS as KINDS
from dashboard.contract import LIMIT_COLUMNS as LIMIT_COLUMNS
from dashboard.contract import LIMIT_COUNT as LIMIT_COUNT
from dashboard.contract import LIMIT_FILES as LIMIT_FILES
from dashboard.contract import LIMIT_RECEIVED as LIMIT_RECEIVED
from dashboard.contract import LIMIT_ROWS as LIMIT_ROWS
from dashboard.contract import LIMIT_UNPACKED as LIMIT_UNPACKED
from dashboard.contract import MISSING as MISSING
from dashboard.contract import MOVEMENT_CELL as MOVEMENT_CELL
from dashboard.contract import MOVEMENT_COLUMNS as MOVEMENT_COLUMNS
from dashboard.contract import MOVEMENTS as MOVEMENTS
from dashboard.contract import OPTIONAL as OPTIONAL
from dashboard.contract import OTHER_SHEETS as OTHER_SHEETS
from dashboard.contract import REVISION_COLUMNS as REVISION_COLUMNS
from dashboard.contract import REVISIONS as REVISIONS
from dashboard.contract import SEXES as SEXES
from dashboard.contract import STAFF as STAFF
from dashboard.contract import STAFF_COLUMNS as STAFF_COLUMNS
from dashboard.contract import Column as Column
from dashboard.selection import QUARTER

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
