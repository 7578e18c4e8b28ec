"""CSV: one tidy table in UTF-8, machine-readable in every language of the page.

Programs get it without a byte order mark. A link that a person follows asks for one (`for_people`): without it, Excel
on Windows reads a file that is opened by a double click in the code page of the machine, and garbles "Côte d'Ivoire".
"""

from __future__ import annotations

import csv
import io
from typing import Any

from dashboard.answer import Answer
from dashboard.exports import columns

#: A spreadsheet takes a cell that begins like this for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
#: What a link adds to have a byte order mark, and the mark itself.
MARKED, BYTE_ORDER_MARK = "bom=1", "\ufeff"


def neutral(value: Any) -> Any:
    """A cell no spreadsheet can take for a formula.

    Codes cannot begin that way (selection.CODE), names come from our code lists and numbers are numbers; the reasons
    that entities write for late or partial figures are free text. An apostrophe in front makes any text stay text.
    """
    value = columns.plain(value)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def for_people(address: str) -> str:
    """The address of a CSV file as a page links to it."""
    return f"{address}{'&' if '?' in address else '?'}{MARKED}"


def text(answer: Answer) -> str:
    """The answer as CSV: a header, then a row each; an answer without rows says why, and a refused one what is near."""
    names, records = columns.table(answer)
    scope = columns.scope(answer)
    stream = io.StringIO()
    writer = csv.DictWriter(stream, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    for record in records:
        writer.writerow(
            {name: neutral(value) for name, value in (record | scope).items() if value is not None}  # None: empty
        )
    return stream.getvalue()
