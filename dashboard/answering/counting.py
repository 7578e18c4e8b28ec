"""Plan -> [Count]: the counted rows of a question, of exact cells, of protected ones, or of both."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from dashboard import disclosure, questions
from dashboard.answering import parts, reading
from dashboard.answering.folds import by_keys, fold, over_time, quarters
from dashboard.answering.planning import Exact, Plan, Protected, Refused, plan
from dashboard.answering.reading import WITHHELD
from dashboard.answering.understand import Asked, question
from dashboard.disclosure import ROUNDED, Count
from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.questions import Question


def count(asked: Asked, asking: Question, planned: Plan) -> Sequence[Count]:
    """The rows of a question that the plan lets answer. Raises ValueError for one that it refuses."""
    if isinstance(planned, Refused):
        raise ValueError(f"refused: {planned.reason}")
    if isinstance(planned, Exact):
        return exact(asked, asking)
    return _development(asked, asking, planned) if asking.fold else breakdown(asked, asking, planned)


def exact(asked: Asked, asking: Question) -> Sequence[Count]:
    """Rows of a question whose dimensions are exact: all of them pass the disclosure rules here."""
    fetched = reading.exact(asked, asking)
    if asking.fold is not None:
        rows = fold(asked, asking, fetched)
    else:
        width = len(asking.by)
        rows = [Count(row[:width], row[width], row[width + 1], row[width + 2], row[width + 3 :]) for row in fetched]
        if "order by" not in asking.sql:
            # In code order; sorting these few is cheaper here than to have it planned.
            rows.sort(key=by_keys)
    return disclosure.apply(rows, asking.by, asked.filtered, asked.release.other_shown).rows


def breakdown(asked: Asked, asking: Question, planned: Protected) -> list[Count]:
    """Rows of a breakdown in the chosen quarter, the exact rows of departments that are no places among them."""
    found = parts.rows(asked, planned, asking.by, [asked.now])[asked.now]
    if not planned.mixed:
        return found
    beside = _exact_departments(asked, asking)
    if "department" in asking.by:
        return sorted([*beside, *found], key=by_keys)
    totals = {row.keys: row for row in beside}
    merged = [_together(asked, row, totals.pop(row.keys, None)) for row in found]
    return sorted([*merged, *totals.values()], key=by_keys)


def _together(asked: Asked, row: Count, beside: Count | None) -> Count:
    """A row of place-bound departments with the exact one of all others beside it."""
    if beside is None or beside.women is None or beside.men is None:
        return row
    if row.women is not None and row.men is not None:
        return row._replace(women=row.women + beside.women, men=row.men + beside.men)
    bound = (code for code in asked.selection.members("department") if code in asked.release.place_bound)
    left_out = row.left_out or tuple(f"department={code}" for code in bound)
    return beside._replace(left_out=left_out, protection=ROUNDED)


def _exact_departments(asked: Asked, asking: Question) -> list[Count]:
    """Exact rows of the departments that are no places: the chosen ones, or all with a row of their own."""
    ids = asked.release.ids["department"]
    bound = {ids.get(code) for code in (*asked.release.place_bound, PLACE_BOUND)}
    if "department" in asked.ids:
        asked = asked.with_ids("department", [number for number in asked.ids["department"] if number not in bound])
        if not asked.ids["department"]:
            return []
    place = asking.by.index("department") if "department" in asking.by else None
    return [
        # What is neither women nor men is told beside no protected row.
        row._replace(other=None)
        for row in exact(asked, asking)
        if row.women is not None and (place is None or row.keys[place] not in bound)
    ]


def _development(asked: Asked, asking: Question, planned: Protected) -> list[Count]:
    """Rows of a question that folds, of protected cells."""
    apart, wanted = asking.apart, quarters(asked, asking)
    if planned.mixed:
        counted = question(f"by_{apart[0]}") if apart else _whole()
        found = {number: breakdown(asked.at(number), counted, planned) for number in wanted}
    elif asking.fold == "comparison":
        found = {number: parts.rows(asked, planned, apart, [number])[number] for number in wanted}
    else:
        found = parts.rows(asked, planned, apart, wanted)
    return over_time(asked, asking, found)


@lru_cache(maxsize=1)
def _whole() -> Question:
    """A breakdown by nothing: all that a selection counts, in one row."""
    sql = (
        "select sum(women)::integer as women, sum(men)::integer as men, sum(other)::integer as other "
        "from selected($selection)"
    )
    return questions.parse("whole", f"-- question: How many?\n-- grain: one row\n-- by: \n{sql}")


def total(asked: Asked) -> Count:
    """The total of a selection where rows do not add up to it: exact if it may be, rounded by itself, or not shown."""
    headline = question("headline")
    planned = plan(asked, headline)
    if isinstance(planned, Exact):
        rows = [row for row in exact(asked, headline) if row.keys[:2] == (asked.now, "all")]
        return Count((), sum(row.women or 0 for row in rows), sum(row.men or 0 for row in rows))
    found = [] if isinstance(planned, Refused) else breakdown(asked, _whole(), planned)
    return found[0] if found else Count((), None, None, reason=WITHHELD, protection=ROUNDED)
