"""Plain text: an answer as a table on a terminal, with its title, scope and notes around it."""

from __future__ import annotations

from dashboard import text as words
from dashboard.answer import REFUSED, Answer, Row
from dashboard.exports import columns

_GAP = "  "


def _cells(answer: Answer, row: Row) -> list[str]:
    record = columns.record(answer, row)
    names = [str(record[name]) for name in columns.keys(answer)]
    if row.women is None or row.men is None:
        return [*names, "", "", "", "", words.why(row)]
    share = words.share(row) if row.staff else ""
    counts = [words.count(row, name) for name in ("women", "men", "staff")]
    said = words.judged(answer, row) or words.reason(row.reason)
    return [*names, *counts, share, said if row.flag == "reported" else f"{said} ({words.flag(row.flag)})"]


def text(answer: Answer) -> str:
    """The answer as aligned text: what was asked over whom, the rows, and what a reader must know."""
    names = columns.keys(answer)
    header = [*names, "women", "men", "staff", "share", "status"]
    lines = [header, *(_cells(answer, row) for row in columns.rows(answer))]
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    left = {*range(len(names)), len(header) - 1}
    table = [
        _GAP.join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    said = [words.scope_line(answer, leaving=True), *words.notes(answer)]
    if answer.protection == REFUSED:
        # No rows, and not because there are none.
        return "\n".join([*said, *(f"- {near.text}: ?{near.query}" for near in words.nearest(answer)), ""])
    return "\n".join([*table, "", *said, ""])
