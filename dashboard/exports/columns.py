"""The columns every export has, in one place, so that CSV, XLSX and JSON cannot drift apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dashboard import ranges, text
from dashboard.answer import REFUSED, ROUNDED, Answer, Possible, Row

#: What a row measures; names are the API's and never translated.
MEASURES = (
    "women",
    "men",
    "women_low",
    "women_high",
    "men_low",
    "men_high",
    "staff",
    "share_women",
    "index_growth",
    "index_replacement",
    "status",
    "reason",
    "protection",
    "left_out",
    "flag",
    "as_of",
)
#: What a row was computed from; on each row, so that a file stays one tidy table.
SCOPE = ("release", "audience", "notice", "population", "demonstration")
#: Where the API answers; links in files lead there.
API = "/api/v1"
#: Extras that are told otherwise: the floor in the reason.
TOLD = ("fewer_than",)
#: The columns of a refused answer, which is no table of figures and must not look like an empty one.
REFUSAL = ("reason", "why", "nearest", "nearest_page", "nearest_answer")
#: Keys whose codes need no name beside them.
BARE = ("quarter", "basis", "kind", "year")


def keys(answer: Answer) -> list[str]:
    """Grouping columns: each code, then its name."""
    return [column for key in answer.by for column in ((key,) if key in BARE else (key, f"{key}_label"))]


def scope(answer: Answer) -> dict[str, Any]:
    """The values of SCOPE."""
    return {
        "release": answer.scope.release.name,
        "audience": answer.scope.audience,
        "notice": text.audience(answer.scope),
        "population": answer.scope.population,
        "demonstration": answer.scope.demonstration,
    }


def measures(row: Row) -> dict[str, Any]:
    """The values of MEASURES: between which numbers rounded women and men may be, where they are rounded."""
    values: dict[str, Any] = {name: getattr(row, name, None) for name in MEASURES}
    return values | between(row.possible)


def between(possible: Possible | None) -> dict[str, int | None]:
    """Between which numbers rounded women and men may be; empty where they are exact, or not shown."""
    found: dict[str, int | None] = dict.fromkeys(("women_low", "women_high", "men_low", "men_high"))
    for name, (low, high) in (possible._asdict() if possible else {}).items():
        found[f"{name}_low"], found[f"{name}_high"] = low, high
    return found


def record(answer: Answer, row: Row) -> dict[str, Any]:
    """A row as column -> value: keys with names, measures, extras."""
    values: dict[str, Any] = {}
    for key in answer.by:
        code = row.keys.get(key)
        values[key] = code
        if key not in BARE:
            values[f"{key}_label"] = None if code is None else text.label(answer, key, code)
    values |= measures(row)
    for name, value in row.extra.items():
        if name in TOLD:
            continue
        # An extra that is called like a measure (a submission's own reason) must not hide it.
        values[f"note_{name}" if name in MEASURES else name] = value
    return values


def extra_names(answer: Answer) -> list[str]:
    """The columns of `record` beyond keys and measures."""
    return list(
        dict.fromkeys(
            f"note_{name}" if name in MEASURES else name
            for row in answer.rows
            for name in row.extra
            if name not in TOLD
        )
    )


def rows(answer: Answer) -> list[Row]:
    """The rows in the order of every export: as answered, but those too few to show and withheld after all numbers of
    a protected answer, so that a place tells nothing.
    """
    if answer.protection != ROUNDED:
        return list(answer.rows)
    return sorted(answer.rows, key=text.place)


def code(row: Row) -> str | None:
    """The reason of a row as tables of text have it: one code for zero, rounded to zero and under the floor."""
    least = ranges.floor(row)
    return f"fewer-than-{least}" if row.reason == "fewer" and least else row.reason


def table(answer: Answer) -> tuple[list[str], list[dict[str, Any]]]:
    """The one table of CSV and XLSX: its columns and its lines; an answer without rows says why."""
    if answer.protection == REFUSED:
        return [*REFUSAL, *SCOPE], _refusal(answer)
    names = [*keys(answer), *MEASURES, *extra_names(answer), *SCOPE]
    lines = [
        record(answer, row) | {"reason": code(row), "left_out": "; ".join(row.left_out) or None} for row in rows(answer)
    ]
    return names, lines or [{"reason": why_empty(answer), "as_of": answer.scope.as_of}]


def nearest(answer: Answer) -> list[dict[str, str]]:
    """Answers near a refused one, as links: in words, to the page and to this question's own answer."""
    return [
        {
            "nearest": near.text,
            "nearest_page": f"/?{near.query}" if near.query else "/",
            "nearest_answer": f"{API}/{answer.question}.json" + (f"?{near.query}" if near.query else ""),
        }
        for near in text.nearest(answer)
    ]


def _refusal(answer: Answer) -> list[dict[str, Any]]:
    told = {"reason": why_empty(answer), "why": text.refused(answer)}
    return [told | near for near in nearest(answer)] or [told]


def why_empty(answer: Answer) -> str | None:
    """The reason code of an answer without rows; None where there are rows."""
    if answer.rows:
        return None
    if answer.protection == REFUSED:
        return REFUSED
    if text.no_figures(answer):
        return "not-submitted"
    codes = [note.code for note in answer.notes]
    return next(
        (code for code in ("unknown-code", "not-collected", "not-in-release") if code in codes), "nothing-matches"
    )


def plain(value: Any) -> Any:
    """A value as files write it: dates in ISO 8601, truth as true and false."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return str(value)
    return value
