"""XLSX: the table on the first sheet; scope, notes and citation on the second. Text is never taken for a formula."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import xlsxwriter

from dashboard import text
from dashboard.answer import EXACT, UNIFORMED, Answer
from dashboard.exports import columns
from dashboard.figures.tokens import LIGHT
from dashboard.text import gettext

#: Widest a column is set, in characters.
WIDEST = 48


def _cell(value: Any) -> Any:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else columns.plain(value)


def about(answer: Answer) -> list[tuple[str, str]]:
    """The second sheet: what the first one counts, and how to cite it."""
    scope = answer.scope
    query = answer.selection.to_query()
    page = "/uniformed" if scope.population == UNIFORMED else "/"
    address = f"{page}?{query}" if query else page
    lines = [
        (gettext("Question"), answer.question),
        (gettext("Scope"), text.scope_line(answer, leaving=True)),
        (gettext("Selection"), query),
        (gettext("Release"), scope.release.name),
        (gettext("Published"), scope.release.published.isoformat()),
        (gettext("Audience"), scope.audience),
        (gettext("Notice"), text.audience(scope)),
        (gettext("Demonstration data"), gettext("yes") if scope.demonstration else gettext("no")),
        (gettext("Protection"), answer.protection),
    ]
    lines += [(gettext("Note"), sentence) for sentence in text.notes(answer)]
    # Of uniformed personnel no index is formed: parity is not what is aimed at.
    if scope.population != UNIFORMED:
        lines.append(
            (
                gettext("Gender Parity Index"),
                gettext(
                    "A head-count. index_growth: how many more women (or men) are needed for equal numbers, if the "
                    "number of men (or women) stays the same. index_replacement: how many posts would have to change "
                    "hands for equal numbers, if the total stays the same."
                ),
            )
        )
    if answer.protection != EXACT:
        lines.append((gettext("Method"), text.METHOD))
    today = dt.datetime.now(dt.UTC).date()
    lines.append((gettext("Citation"), text.citation(answer, text.scope_line(answer), address, today)))
    return lines


def content(answer: Answer) -> bytes:
    """The answer as a workbook."""
    stream = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(stream, options)
    # The same answer gives the same bytes but for the day of citation.
    book.set_properties({"title": answer.question, "created": answer.scope.release.published.replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bottom": 1, "bottom_color": LIGHT["line"], "text_wrap": True})
    share, wrap, bold = (
        book.add_format({"num_format": "0.0 %"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
        book.add_format({"bold": True, "valign": "top"}),
    )
    sheet = book.add_worksheet("table")
    names, records = columns.table(answer)
    scope = columns.scope(answer)
    widths = [len(name) for name in names]
    for column, name in enumerate(names):
        sheet.write_string(0, column, name, head)
    for line, record in enumerate(records, start=1):
        values = record | scope
        for column, name in enumerate(names):
            value = _cell(values.get(name))
            if value is None:
                continue
            widths[column] = max(widths[column], min(len(str(value)), 60) if name != "share_women" else 6)
            if isinstance(value, int | float):
                sheet.write_number(line, column, value, share if name == "share_women" else None)
            else:
                sheet.write_string(line, column, str(value))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, min(width + 2, WIDEST))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(records), len(names) - 1)
    second = book.add_worksheet("about")
    second.set_column(0, 0, 24)
    second.set_column(1, 1, 100)
    for line, (name, value) in enumerate(about(answer)):
        second.write_string(line, 0, name, bold)
        second.write_string(line, 1, value, wrap)
    book.close()
    return stream.getvalue()
