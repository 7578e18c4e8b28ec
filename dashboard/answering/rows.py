"""[Count] -> [Row]: codes for ids, what is derived from counts, and what is unknown because nobody sent it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dashboard import comparable as rule
from dashboard import measures
from dashboard.answer import EXACT, ROUNDED, Possible, Row
from dashboard.answering.comparable import line, same_entities
from dashboard.answering.planning import Exact, Plan, Protected
from dashboard.answering.reading import FEWER
from dashboard.answering.understand import Asked, last_day
from dashboard.disclosure import Count, Policy
from dashboard.questions import Question
from dashboard.warehouse import Coverage, OpenRelease

NOT_SUBMITTED = "not-submitted"
#: What questions about reporting say of a row, in the order of their columns.
_COVERAGE_EXTRA = (
    "state",
    "revised",
    "late",
    "series_break",
    "source_quarter",
    "submission",
    "submitted_at",
    "reason",
)


def rows(asked: Asked, question: Question, counts: Iterable[Count], plan: Plan) -> list[Row]:
    """The rows of an answer, exact or protected."""
    release = asked.release
    floor = plan.table.floor if isinstance(plan, Protected) else release.policy.floor_place
    tables = [release.codes.get(key) if key != "basis" else None for key in question.by]
    flags: dict[str, tuple[str, dict[str, str]]] = {}
    found = []
    for count in counts:
        keys = {
            key: value if table is None else table[value]
            for key, table, value in zip(question.by, tables, count.keys, strict=True)
        }
        quarter = keys.get("quarter", asked.quarter)
        if quarter not in flags:
            flags[quarter] = _flags(asked, quarter)
        overall, by_entity = flags[quarter]
        flag = by_entity.get(keys["entity"], overall) if "entity" in keys else overall
        if keys.get("basis", rule.ALL) != rule.ALL:
            flag = "reported"  # like for like holds reported figures only
        found.append(_row(release, floor, keys, count, flag, last_day(quarter)))
    if isinstance(plan, Exact) and question.by == ("entity",) and not of_coverage(question):
        found += _missing_entities(asked, found)
    return _as_reported(asked, question, found)


def of_coverage(question: Question) -> bool:
    """Whether a question is about reporting itself, so that entities without figures are among its rows already."""
    return question.name.startswith("coverage")


# -- one row -----------------------------------------------------------------------------------------------------


def _row(release: OpenRelease, floor: int, keys: Mapping[str, str], count: Count, flag: str, as_of: dt.date) -> Row:
    extra: dict[str, Any] = {} if count.other is None else {"other": count.other}
    if count.extra:
        extra |= dict(zip(_COVERAGE_EXTRA, count.extra, strict=True))
        if extra["source_quarter"] is not None:
            extra["source_quarter"] = release.codes["quarter"][extra["source_quarter"]]
        if extra["state"] == NOT_SUBMITTED:
            return unknown(keys, NOT_SUBMITTED, flag, as_of, extra)
    if count.women is None or count.men is None:
        if count.reason == FEWER:
            extra["fewer_than"] = count.least or floor
        return unknown(keys, count.reason, flag, as_of, extra, count.protection, count.left_out)
    if count.protection == EXACT:
        return _exact(keys, count.women, count.men, flag, as_of, extra)
    return _rounded(release.policy, keys, count, flag, as_of, extra)


def unknown(
    keys: Mapping[str, str],
    reason: str | None,
    flag: str,
    as_of: dt.date,
    extra: Mapping[str, Any],
    protection: str = EXACT,
    left_out: tuple[str, ...] = (),
) -> Row:
    """A row without figures; `reason` says why."""
    return Row(keys, None, None, None, None, None, None, None, reason, flag, as_of, extra, protection, left_out)


def _not_submitted(keys: Mapping[str, str], quarter: str) -> Row:
    """A row of who has sent nothing: unknown, which is not zero."""
    return unknown(keys, NOT_SUBMITTED, NOT_SUBMITTED, last_day(quarter), {})


def _exact(keys: Mapping[str, str], women: int, men: int, flag: str, as_of: dt.date, extra: Mapping[str, Any]) -> Row:
    return Row(
        keys=keys,
        women=women,
        men=men,
        staff=women + men,
        share_women=measures.share_women(women, men),
        index_growth=measures.index_growth(women, men),
        index_replacement=measures.index_replacement(women, men),
        status=measures.status(women, men),
        reason=None if women + men else "nobody",
        flag=flag,
        as_of=as_of,
        extra=extra,
    )


def _rounded(
    policy: Policy, keys: Mapping[str, str], count: Count, flag: str, as_of: dt.date, extra: Mapping[str, Any]
) -> Row:
    """A row of rounded counts, with what the numbers shown say by themselves and no more."""
    shown_women, shown_men = count.women or 0, count.men or 0
    staff = shown_women + shown_men
    women, men = policy.possible(shown_women, count.rounded), policy.possible(shown_men, count.rounded)
    # No index where they leave open which of the two are fewer.
    clear = measures.needed_between(women, men) is not None
    gap = measures.index_growth(shown_women, shown_men) if clear else None
    # Errors of several cells even out in part: that of their sum grows with the root of their number.
    enough = staff**2 >= policy.share_from**2 * count.rounded
    return Row(
        keys=keys,
        women=shown_women,
        men=shown_men,
        staff=staff,
        share_women=measures.share_women(shown_women, shown_men) if enough else None,
        index_growth=gap,
        index_replacement=None if gap is None else about(policy, gap // 2),
        # No status where they may have several, and none of a sum that leaves some out.
        status=None if count.left_out else measures.status_between(women, men),
        reason=None,
        flag=flag,
        as_of=as_of,
        extra=extra,
        protection=ROUNDED,
        left_out=count.left_out,
        possible=Possible(women, men),
    )


def about(policy: Policy, count: int) -> int:
    """A head-count derived of rounded ones, to the nearest multiple of the base (halves up)."""
    return (2 * count + policy.base) // (2 * policy.base) * policy.base


# -- how figures came to be --------------------------------------------------------------------------------------


def _flags(asked: Asked, quarter: str) -> tuple[str, dict[str, str]]:
    """The flag of a row over all entities in scope, and of each entity's own row, for one quarter."""
    if "entity" in asked.filtered or "department" in asked.filtered:
        return _flags_of(asked.covered(quarter))
    return asked.release.once(("flags", quarter), lambda: _flags_of(asked.covered(quarter)))


def _flags_of(covered: Iterable[Coverage]) -> tuple[str, dict[str, str]]:
    by_entity = {}
    for row in covered:
        flag = row.state if row.state in ("carried", "partial", NOT_SUBMITTED) else "reported"
        if flag == "reported" and (row.series_break or row.revised):
            flag = "break" if row.series_break else "revised"
        by_entity[row.entity] = flag
    states = set(by_entity.values())
    if not states & {"carried", "partial", NOT_SUBMITTED}:
        return "reported", by_entity
    return (states.pop() if len(states) == 1 else "partial"), by_entity


# -- rows as the coverage has them -------------------------------------------------------------------------------


def _missing_entities(asked: Asked, found: Iterable[Row]) -> list[Row]:
    """Rows for entities in scope that have sent nothing and have none."""
    present = {row.keys["entity"] for row in found}
    return [
        _not_submitted({"entity": row.entity}, asked.quarter)
        for row in asked.covered(asked.quarter)
        if row.state == NOT_SUBMITTED and row.entity not in present
    ]


def _as_reported(asked: Asked, question: Question, found: Sequence[Row]) -> list[Row]:
    """Rows as the coverage has them: what nobody in scope has submitted is unknown, and neither zero nor too few."""
    if of_coverage(question):
        wanted = asked.entities()
        return [row for row in found if wanted is None or row.keys["entity"] in wanted]
    if question.fold == "running":
        return _with_gaps(asked, found)
    if question.fold == "cumulation":
        return _developed(asked, found)
    if not question.has_population or not _unsubmitted(asked.covered(asked.quarter)):
        return _compared_rows(asked, found) if question.fold == "comparison" else list(found)
    # Without figures there are no groups to show: the note on who has not submitted says why.
    return [row for row in found if row.keys.get("entity") is not None and row.reason == NOT_SUBMITTED]


def _unsubmitted(covered: Sequence[Coverage]) -> bool:
    """Whether entities take part and none of them has figures."""
    return bool(covered) and all(row.state == NOT_SUBMITTED for row in covered)


def _broken(row: Row) -> Row:
    """The row, marked as the first of a new series."""
    return row._replace(extra={**row.extra, "series_break": True})


def _with_gaps(asked: Asked, found: Sequence[Row]) -> list[Row]:
    """Rows by quarter and entity: what was not submitted is unknown and neither zero nor too few, and who takes no part
    in a quarter has no row for it.
    """
    given = {(row.keys["quarter"], row.keys["entity"]): row for row in found}
    entities = {entity for _, entity in given}
    filled = []
    for quarter in asked.release.codes["quarter"][: asked.now + 1]:
        for covered in asked.covered(quarter):
            row = given.get((quarter, covered.entity))
            if covered.state == NOT_SUBMITTED and covered.entity in entities:
                row = _not_submitted({"quarter": quarter, "entity": covered.entity}, quarter)
            if row is not None:
                filled.append(_broken(row) if covered.series_break else row)
    return filled


def _compared_rows(asked: Asked, found: Sequence[Row]) -> list[Row]:
    """Rows now and then, without those of all entities in an earlier quarter (protected ones) that none of the
    entities in scope can be compared with.
    """
    wanted = asked.entities()

    def kept(row: Row) -> bool:
        then = row.keys["quarter"]
        if then == asked.quarter or row.keys["basis"] != rule.ALL:
            return True
        same = same_entities(asked.release, asked.quarter, then)
        return bool(same if wanted is None else same & wanted)

    return [row for row in found if kept(row)]


def _developed(asked: Asked, found: Sequence[Row]) -> list[Row]:
    """Rows by quarter and basis: quarters that nobody in scope has submitted are unknown, those that nobody takes part
    in have no row, and series breaks are marked. Of one entity a row says how its figures came to be.
    """
    if not found:
        return []
    told = line(asked).entities
    given: dict[str, list[Row]] = {}
    for row in found:
        given.setdefault(row.keys["quarter"], []).append(row)
    filled = []
    for quarter in asked.release.codes["quarter"][: asked.now + 1]:
        covered = asked.covered(quarter)
        if _unsubmitted(covered):
            filled.append(_not_submitted({"quarter": quarter, "basis": rule.ALL}, quarter))
            continue
        alone = covered[0].entity if len(covered) == 1 else None
        broken = any(each.series_break and each.entity in (alone, *told) for each in covered)
        for row in given.get(quarter, ()) if covered else ():
            marked = _broken(row) if broken else row
            filled.append(marked if alone is None else marked._replace(flag=_flags(asked, quarter)[1][alone]))
    # As they came: by basis, and within it by quarter.
    return sorted(filled, key=lambda row: row.keys["basis"])
