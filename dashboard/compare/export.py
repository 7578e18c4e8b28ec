"""The comparison as a file: every number of the page, made of the same answers and the same differences."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from dashboard import text
from dashboard.answer import REFUSED, Answer, Row
from dashboard.compare import differences, facts, words
from dashboard.compare.differences import Apart
from dashboard.compare.facts import Facts, Side
from dashboard.exports import columns
from dashboard.exports.csv import neutral

#: Which part of the page a line is of: a scope's total, a level of the breakdown, a point of the trend.
TOTAL, LEVEL, QUARTER = "total", "level", "trend"
SCOPE = ("part", "scope", "scope_name", "scope_query", "by", "code", "code_label", "quarter", "basis")
LESS = (
    "difference_from", "difference", "difference_points", "difference_women", "difference_men", "difference_staff",
)  # fmt: skip
CHANGE = ("change_since", "change_points", "change_women", "change_men", "change_entities")
NAMES = (*SCOPE, *columns.MEASURES, *LESS, *CHANGE, *columns.SCOPE)


def _value(apart: Apart) -> float | None:
    return None if apart.value is None else round(apart.value, 4)


def _less(found_: Facts, other: Side, level: str | None = None) -> dict[str, Any]:
    """A scope's difference from the first as the page has it, at a level or in all: its kind, and its values where it
    has any.
    """
    first = found_.sides[0]
    points = found_.points(first, other, level)
    found: dict[str, Any] = {
        "difference_from": first.letter,
        "difference": None if points.kind == differences.NONE else points.kind,
        "difference_points": _value(points),
    }
    if found_.counts_subtract(first, other):
        for name in ("women", "men", "staff"):
            value = _value(found_.heads(first, other, name, level))
            found[f"difference_{name}"] = None if value is None else int(value)
    return found


def _measures(answer: Answer, row: Row) -> dict[str, Any]:
    found = columns.measures(row)
    reason = "refused" if row.reason == REFUSED else columns.code(row)
    return found | {"reason": reason, "left_out": "; ".join(row.left_out) or None} | columns.scope(answer)


def _scope(choice_facts: Facts, side: Side, part: str) -> dict[str, Any]:
    return {
        "part": part,
        "scope": side.letter,
        "scope_name": words.name(choice_facts, side),
        "scope_query": choice_facts.choice.asked(side.selection).pinned(
            choice_facts.choice.release.name, side.quarter
        ).to_query(),
        "quarter": side.quarter,
    }  # fmt: skip


def records(found: Facts) -> Iterator[dict[str, Any]]:
    """The lines of the file: totals, then levels, then the points of the trends."""
    if not found.sides:
        return
    first = found.sides[0]
    for side in found.sides:
        line = _scope(found, side, TOTAL) | _measures(side.headline, side.row)
        if side is not first:
            line |= _less(found, side)
        change = facts.change_in_a_year(side)
        if change is not None:
            line |= {
                "change_since": change.then,
                "change_points": None if change.change.points is None else round(change.change.points, 4),
                "change_women": change.change.women,
                "change_men": change.change.men,
                "change_entities": change.entities,
            }
        yield line
    by = found.choice.by
    for code in found.levels:
        for side in found.sides:
            figure = side.level_figure(code)
            line = _scope(found, side, LEVEL) | _measures(side.breakdown, figure.row)
            line |= {"by": by, "code": code, "code_label": text.label(found.choice.release.labels, by, code)}
            if side is not first:
                line |= _less(found, side, code)
            yield line
    for side in found.sides:
        if side.trend.protection == REFUSED:
            continue
        for row in text.trend_rows(side.trend)[0]:
            line = _scope(found, side, QUARTER) | _measures(side.trend, row)
            yield line | {"quarter": row.keys["quarter"], "basis": row.keys["basis"]}


def content(found: Facts) -> str:
    """The comparison as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, NAMES, restval="", lineterminator="\r\n")
    writer.writeheader()
    for record in records(found):
        writer.writerow({name: neutral(value) for name, value in record.items() if value is not None})
    return stream.getvalue()


def file_name(found: Facts, audience: str) -> str:
    """A file name that says what is in it, as those of single answers do."""
    release = found.choice.release
    demonstration = "-demonstration" if release.demonstration else ""
    return f"parity-compare-{release.quarter}-{release.name}-{audience}{demonstration}.csv"
