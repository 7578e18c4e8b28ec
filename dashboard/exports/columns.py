"""The columns every export has, in one place, so that CSV, XLSX and JSON cannot drift apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dashboard import text
from dashboard.answer import Answer, Row

#: What a row measures; names are the API's and never translated.
MEASURES = (
    "women",
    "men",
    "staff",
    "share_women",
    "index_growth",
    "index_replacement",
    "status",
    "reason",
    "flag",
    "as_of",
)
#: What a row was computed from; on each row, so that a file stays one tidy table.
SCOPE = ("release", "audience", "population", "demonstration")
#: Keys whose codes need no name beside them.
BARE = ("quarter", "basis", "kind")


def keys(answer: Answer) -> list[str]:
    """Grouping columns: each code, then its name."""
    return [column for key in answer.by for column in ((key,) if key in BARE else (key, f"{key}_label"))]


def scope(answer: Answer) -> dict[str, Any]:
    """The values of SCOPE."""
    return {
        "release": answer.scope.release.name,
        "audience": answer.scope.audience,
        "population": answer.scope.population,
        "demonstration": answer.scope.release.demonstration,
    }


def record(answer: Answer, row: Row) -> dict[str, Any]:
    """A row as column -> value: keys with names, measures, extras."""
    values: dict[str, Any] = {}
    for key in answer.by:
        code = row.keys.get(key)
        values[key] = code
        if key not in BARE:
            values[f"{key}_label"] = None if code is None else text.label(answer, key, code)
    values |= {name: getattr(row, name) for name in MEASURES}
    for name, value in row.extra.items():
        # An extra that is called like a measure (a submission's own reason) must not hide it.
        values[f"note_{name}" if name in MEASURES else name] = value
    return values


def extra_names(answer: Answer) -> list[str]:
    """The columns of `record` beyond keys and measures."""
    return list(
        dict.fromkeys(f"note_{name}" if name in MEASURES else name for row in answer.rows for name in row.extra)
    )


def why_empty(answer: Answer) -> str | None:
    """The reason code of an answer without rows; None where there are rows."""
    if answer.rows:
        return None
    if answer.protection == "refused":
        return "protected"
    if text.no_figures(answer):
        return "not-submitted"
    codes = [note.code for note in answer.notes]
    return next((code for code in ("unknown-code", "not-collected") if code in codes), "nothing-matches")


def plain(value: Any) -> Any:
    """A value as files write it: dates in ISO 8601, truth as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return str(value)
    return value
