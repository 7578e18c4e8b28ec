"""Answers made by hand, for what is drawn from them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard import measures
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Note, Possible, ReleaseInfo, Row, Scope
from dashboard.answering.rows import about
from dashboard.disclosure.policy import Policy, load
from dashboard.selection import Selection, select

QUARTER = "2026Q3"
AS_OF = dt.date(2026, 9, 30)
LABELS: Mapping[str, Mapping[str, str]] = {
    "entity": {
        "UNDP": "United Nations Development Programme",
        "WFP": "World Food Programme",
        "UN": "United Nations Secretariat",
        "UNICEF": "United Nations Children's Fund",
    },
    "grade": {"P-4": "Professional, level 4", "D-2": "Director, level 2"},
    "category": {"P": "Professional and Director", "GS": "General Service and related"},
    "unct": {"KEN": "Kenya"},
    "age_group": {"30-34": "30 to 34"},
}


def row(keys: Mapping[str, str], women: int | None, men: int | None, flag: str = "reported", **more: Any) -> Row:
    """A row with its measures worked out."""
    reason = more.pop("reason", None)
    if women is None or men is None:
        return Row(keys, None, None, None, None, None, None, None, reason, flag, AS_OF, more)
    return Row(
        keys,
        women,
        men,
        women + men,
        measures.share_women(women, men),
        measures.index_growth(women, men),
        measures.index_replacement(women, men),
        measures.status(women, men),
        reason or (None if women + men else "nobody"),
        flag,
        AS_OF,
        more,
    )


def series(by: Sequence[str], rows: Sequence[Row], quarter: str) -> dict[str, str]:
    """When the series began that each entity's own figures of the quarter belong to: with its last break, or 2017Q4."""
    if "entity" not in by:
        return {"UN": "2017Q4"}
    own = {
        row.keys["entity"]: "2017Q4"
        for row in rows
        if row.keys.get("quarter", quarter) == quarter and row.flag not in ("carried", "partial")
    }
    for row in sorted(rows, key=lambda row: row.keys.get("quarter", quarter)):
        if row.extra.get("series_break") and row.keys["entity"] in own:
            own[row.keys["entity"]] = row.keys.get("quarter", quarter)
    return own


def answer(
    question: str,
    by: Sequence[str],
    rows: Sequence[Row],
    selection: Selection | None = None,
    notes: Sequence[Note] = (),
    **scope: Any,
) -> Answer:
    """An answer around these rows."""
    values: dict[str, Any] = {
        "population": "regular",
        "quarter": QUARTER,
        "as_of": AS_OF,
        "entities": 38,
        "entities_expected": 38,
        "carried": (),
        "partial": (),
        "not_submitted": (),
        "share_reported": 1.0,
        "dimension_coverage": {},
        "release": ReleaseInfo("2026Q3-r1", QUARTER, dt.datetime(2026, 11, 15, tzinfo=dt.UTC), True),
        "audience": "internal",
        "women": sum(row.women or 0 for row in rows),
        "men": sum(row.men or 0 for row in rows),
        "staff": sum(row.staff or 0 for row in rows),
        "same_entities": {"same-entities": 36},
    } | scope
    values.setdefault("series", series(by, rows, values["quarter"]))
    pinned = (selection or select()).pinned("2026Q3-r1", QUARTER)
    return Answer(question, tuple(by), pinned, Scope(**values), EXACT, tuple(notes), tuple(rows), LABELS)


def headline(women: int, men: int, selection: Selection | None = None, *more: Row, **extra: Any) -> Answer:
    """A headline answer of these counts now; `more` rows compare."""
    now = row({"quarter": QUARTER, "basis": "all"}, women, men, **extra)
    return answer("headline", ("quarter", "basis"), (now, *more), selection)


def breakdown(key: str, counts: Mapping[str, tuple[int | None, int | None]], **more: Any) -> Answer:
    """A breakdown by one dimension."""
    return answer(f"by_{key}", (key,), [row({key: code}, *pair) for code, pair in counts.items()], **more)


def trend(shares: Sequence[float], others: Sequence[float] | None = None, staff: int = 1000) -> Answer:
    """A trend of these shares of the same entities, and of all of them (the same where not given)."""
    rows = []
    for place, (same, everyone) in enumerate(zip(shares, others or shares, strict=True)):
        quarter = f"{2017 + (place + 3) // 4}Q{(place + 3) % 4 + 1}"
        for basis, share in (("same-entities", same), ("all", everyone)):
            women = round(staff * share)
            rows.append(row({"quarter": quarter, "basis": basis}, women, staff - women))
    return answer("trend", ("quarter", "basis"), rows)


#: The levels of the mock-up in shared/design.
LADDER = {
    "USG": (88, 91),
    "D-2": (242, 331),
    "D-1": (810, 1002),
    "P-5": (3120, 3718),
    "P-4": (6234, 6302),
    "P-3": (6715, 6088),
    "P-2": (3022, 2098),
    "P-1": (122, 91),
}


#: By how much a rounded count is wrong at most in these answers.
ERROR = 6


def _wrong_by(policy: Policy, error: int) -> Policy:
    return next(made for offset in range(error + 1) if (made := replace(policy, offset=offset)).error == error)


#: Thresholds of its own, so that a change of the policy is no change of the words.
POLICY = replace(
    _wrong_by(replace(load(), base=5), ERROR),
    floor_place=5,
    floor_person=12,
    series_from=25,
    share_from=50,
    parts_at_most=10,
)


def rounded(keys: Mapping[str, str], women: int | None, men: int | None, **more: Any) -> Row:
    """A protected row: counts to the base with what may be derived of them, or why there are none.

    As a release has it: `parts` cells were rounded and added up, and a status or an index there is only where all that
    the counts may stand for has it.
    """
    left_out, parts = more.pop("left_out", ()), more.pop("parts", 1)
    if women is None or men is None:
        return row(keys, None, None, **more)._replace(protection=ROUNDED, left_out=left_out)
    made = row(keys, women, men, **more)
    possible = Possible(POLICY.possible(women, parts), POLICY.possible(men, parts))
    gap = None if measures.needed_between(*possible) is None else measures.index_growth(women, men)
    return made._replace(
        index_growth=gap,
        index_replacement=None if gap is None else about(POLICY, gap // 2),
        share_women=made.share_women if (women + men) ** 2 >= POLICY.share_from**2 * parts else None,
        status=None if left_out else measures.status_between(*possible),
        reason=None,
        protection=ROUNDED,
        left_out=left_out,
        possible=possible,
    )


def protected(question: str, by: Sequence[str], rows: Sequence[Row], selection: Selection, **more: Any) -> Answer:
    """A rounded answer to the public."""
    more.setdefault("audience", "public")
    tables = more.pop("tables", ("unct+grade",))
    made = answer(question, by, rows, selection, **more)
    return replace(made, protection=ROUNDED, policy=POLICY, tables=tables)


def refused(selection: Selection, *nearest: Selection, reason: str = "personal-by-place", **more: Any) -> Answer:
    """A refused answer to the public, with answers near it."""
    note = Note("refused", {"reason": reason, "dimensions": ("grade", *selection.filtered)})
    made = answer("by_grade", ("grade",), (), selection, [note], women=None, men=None, staff=None,
                  **{"audience": "public"} | more)  # fmt: skip
    return replace(made, protection=REFUSED, policy=POLICY, nearest=nearest)


KENYA = select(unct="KEN")
#: A protected breakdown with everything that can be: a share, counts only, none for three reasons.
MIXED = protected(
    "by_grade",
    ("grade",),
    [
        rounded({"grade": "D-2"}, None, None, reason="fewer", fewer_than=5),
        rounded({"grade": "D-1"}, None, None, reason="withheld"),
        rounded({"grade": "P-5"}, None, None, reason="not-submitted"),
        rounded({"grade": "P-4"}, 45, 75),
        rounded({"grade": "P-3"}, 10, 5),
        rounded({"grade": "P-2"}, 15, 15),
    ],
    KENYA,
)
