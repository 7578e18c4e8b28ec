"""The contract (`dashboard.contract`) as it is read: headings and quarters."""

from __future__ import annotations

import calendar
import datetime as dt
import re

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
from dashboard.contract import OTHER_SHEETS as OTHER_SHEETS
from dashboard.contract import REVISION_COLUMNS as REVISION_COLUMNS
from dashboard.contract import REVISIONS as REVISIONS
from dashboard.contract import SEXES as SEXES
from dashboard.contract import STAFF as STAFF
from dashboard.contract import STAFF_COLUMNS as STAFF_COLUMNS
from dashboard.contract import Column as Column
from dashboard.ingest.persons import is_personal as is_personal
from dashboard.selection import QUARTER


def heading(text: str) -> str:
    """A column heading as the contract writes it: "Duty Station" is duty_station."""
    # No heading is longer than this, and a hostile one could be 4 MB.
    return re.sub(r"[\s-]+", "_", text[:200].strip().casefold())


def is_quarter(text: str) -> bool:
    """True if the text is a quarter such as 2026Q3."""
    return QUARTER.fullmatch(text) is not None


def quarter_number(quarter: str) -> int:
    """Quarters since year 0, so that quarters can be subtracted."""
    return int(quarter[:4]) * 4 + int(quarter[5]) - 1


def quarter_of_number(number: int) -> str:
    """The inverse of quarter_number."""
    return f"{number // 4}Q{number % 4 + 1}"


#: A quarter longer ago than this is a slip of the pen: nobody holds figures by sex, grade and place that old.
OLDEST_YEARS = 25


def next_quarter(quarter: str, steps: int = 1) -> str:
    """The quarter so many after this one; negative steps go back."""
    return quarter_of_number(quarter_number(quarter) + steps)


def last_day(quarter: str) -> dt.date:
    """The day a quarter's staff are counted on."""
    year, month = int(quarter[:4]), int(quarter[5]) * 3
    return dt.date(year, month, calendar.monthrange(year, month)[1])
