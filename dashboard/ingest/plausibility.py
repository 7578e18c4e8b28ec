"""Warnings: what is allowed and looks wrong. Each comes with the numbers it was found by."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from dashboard.codelists import CodeLists
from dashboard.ingest.contract import quarter_number
from dashboard.ingest.problems import WARNING, Problem
from dashboard.ingest.words import counted

#: Share of staff that leaves in an ordinary quarter, and about as many join (convention: 14 per cent a year, the upper
#: end of what UN organizations publish; a data owner may know better).
TURNOVER_A_QUARTER = 0.035
#: Below this many persons no change is worth a question (design: max(3, three standard deviations)).
LEAST_CHANGE = 3
#: From this many staff a grade that is empty now has vanished rather than run out (convention).
VANISHED_FROM = 3
#: With 50 staff the chance that in a quarter nobody leaves and nobody joins is 3 per cent: (1 - 0.035) ** 100.
UNCHANGED_FROM = 50
#: Two entities with the same women and men in every grade at a place are a coincidence among few; among this many staff
#: in this many grades it is worth a question (convention).
SAME_STAFF_FROM = 15
SAME_STAFF_GRADES = 4

LARGE_CHANGE = "large-change"
GRADE_VANISHED = "grade-vanished"
SWAPPED = "women-men-swapped"
UNCHANGED = "unchanged"
COUNTED_TWICE = "counted-twice"
MISSING_ENTITY = "missing-entity"
#: Of files rather than of figures: they go along with a submission, and a release needs a reason for each.
HIDDEN_ROWS, ROWS_TWICE = "hidden-rows", "rows-twice"
OF_FILES = (HIDDEN_ROWS, ROWS_TWICE)
#: What a release may have to be made in spite of, each with a reason.
RELEASE_WARNINGS = (LARGE_CHANGE, GRADE_VANISHED, SWAPPED, UNCHANGED, COUNTED_TWICE, MISSING_ENTITY, *OF_FILES)

Grades = Mapping[str, list[int]]


def expected_change(staff: int, quarters: int = 1) -> float:
    """How large a change ordinary turnover makes: max(3, three standard deviations).

    Leavers and joiners are taken as two independent binomial numbers of the same rate, so their difference has twice
    the variance of one.
    """
    deviation = math.sqrt(2 * staff * quarters * TURNOVER_A_QUARTER * (1 - TURNOVER_A_QUARTER))
    return max(LEAST_CHANGE, 3 * deviation)


def categories(grades: Grades, codelists: CodeLists) -> dict[str, list[int]]:
    """Category -> women, men, other."""
    sums: dict[str, list[int]] = {}
    for grade, counts in grades.items():
        try:
            category = codelists.category_of(grade)
        except KeyError:
            # Accepted before the grade left the list. The release says so when it reads the figures again.
            category = grade
        known = sums.setdefault(category, [0, 0, 0])
        for position, count in enumerate(counts):
            known[position] += count
    return sums


def compare(
    entity: str,
    quarter: str,
    now: Mapping,
    earlier: str,
    then: Mapping,
    codelists: CodeLists,
) -> Iterator[Problem]:
    """What looks wrong in an entity's figures beside its own earlier ones (both as a manifest keeps them)."""
    apart = quarter_number(quarter) - quarter_number(earlier)
    now_sums, then_sums = categories(now["grades"], codelists), categories(then["grades"], codelists)
    about = f"{entity} {quarter}"
    swapped = set()
    for category in sorted(set(now_sums) & set(then_sums)):
        (women, men, _), (women_then, men_then, _) = now_sums[category], then_sums[category]
        near = expected_change(max(women_then, men_then), apart)
        crossed = abs(women - men_then) <= near and abs(men - women_then) <= near
        if crossed and abs(women - women_then) > near and abs(men - men_then) > near:
            swapped.add(category)
            message = (
                f"{about}, {category}: {counted(women, 'woman', 'women')} and {counted(men, 'man', 'men')}, after "
                f"{counted(women_then, 'woman', 'women')} and {counted(men_then, 'man', 'men')} "
                f"in {earlier}: they look swapped"
            )
            yield Problem(WARNING, SWAPPED, message, value=category, suggestion="look at the column sex")
    for category in sorted(set(now_sums) | set(then_sums)):
        if category in swapped:
            continue
        for position, one, sex in ((0, "woman", "women"), (1, "man", "men")):
            count = now_sums.get(category, [0, 0, 0])[position]
            before = then_sums.get(category, [0, 0, 0])[position]
            usual = expected_change(before, apart)
            if abs(count - before) > usual:
                message = (
                    f"{about}, {category}: {counted(count, one, sex)} after {before:,} in {earlier}, a change of "
                    f"{count - before:+,} where ordinary turnover explains {usual:.0f}"
                )
                yield Problem(WARNING, LARGE_CHANGE, message, value=f"{category} {sex}", suggestion="say why, if so")
    for grade, counts in then["grades"].items():
        if sum(counts) >= VANISHED_FROM and not sum(now["grades"].get(grade, (0,))):
            message = f"{about}: nobody at {grade}, after {sum(counts)} in {earlier}"
            yield Problem(WARNING, GRADE_VANISHED, message, value=grade, suggestion="look for another spelling")
    staff = sum(sum(counts) for counts in now["grades"].values())
    if staff >= UNCHANGED_FROM and now["content"] == then["content"]:
        message = f"{about}: all figures of {staff:,} staff are those of {earlier}"
        yield Problem(WARNING, UNCHANGED, message, suggestion="look whether the right extract was sent")


def counted_twice(
    quarter: str, stations: Mapping[str, Mapping[str, list]], entity: str | None = None
) -> Iterator[tuple[Problem, str, str]]:
    """Places where two entities have the same staff by grade and sex; `stations` is entity -> as a manifest keeps it.

    With `entity`, only pairs it is part of. A problem and the two entities each.
    """
    seen: dict[tuple, str] = {}
    for other in sorted(stations, key=lambda name: (name == entity, name)):
        for station, (staff, digest) in sorted(stations[other].items()):
            first = seen.setdefault((station, staff, digest), other)
            if first != other and (entity is None or entity == other):
                message = (
                    f"{first} and {other} report the same {staff} staff by grade and sex at {station} in {quarter}: "
                    "perhaps they are counted twice"
                )
                right = "ask the two entities"
                yield Problem(WARNING, COUNTED_TWICE, message, value=station, suggestion=right), first, other
