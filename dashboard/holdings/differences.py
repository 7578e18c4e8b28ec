"""What changed from one release to another: compared are answers to the same questions, pinned to either release.

Both questions are of exact figures (entities as a whole, and by grade), so the public sees the same differences as
signed-in staff. Protected tables are left out: they follow from these figures and from places, and what a rounded
number did between two releases tells nothing that a reader could use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dashboard import text
from dashboard.answer import Answer, ReleaseInfo
from dashboard.text import gettext, ngettext

#: The questions compared; asked over everything, up to the last quarter of each release.
BY_ENTITY, BY_GRADE = "coverage_history", "entity_by_grade_history"
#: Lists of codes that are compared by name: quarters are told apart from these.
NOT_LISTED = ("quarter", "kind", "year")


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade of an entity in a quarter whose figures differ."""

    quarter: str
    entity: str
    grade: str
    women_before: int
    women_after: int
    men_before: int
    men_after: int


@dataclass(frozen=True, slots=True)
class Changed:
    """An entity in a quarter that both releases have, of which something differs: its figures, or how they came."""

    quarter: str
    entity: str
    women_before: int
    women_after: int
    men_before: int
    men_after: int
    state_before: str | None
    state_after: str | None
    revised_before: bool
    revised_after: bool
    grades: tuple[Grade, ...] = ()

    @property
    def figures(self) -> bool:
        """Whether a number differs, be it at a grade only."""
        return bool(self.grades) or (self.women_before, self.men_before) != (self.women_after, self.men_after)


@dataclass(frozen=True, slots=True)
class Quarter:
    """A quarter that one of the two releases has: entities with figures in it, and their women and men."""

    quarter: str
    entities: int
    women: int
    men: int


@dataclass(frozen=True, slots=True)
class Code:
    """A code that is new, gone or renamed."""

    dimension: str
    code: str
    change: str  # "new", "gone" or "renamed"
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Differences:
    """Everything in which `after` differs from `before`."""

    before: ReleaseInfo
    after: ReleaseInfo
    added: tuple[Quarter, ...]
    removed: tuple[Quarter, ...]
    changed: tuple[Changed, ...]
    codes: tuple[Code, ...]
    unequal: tuple[Changed, ...]  # as `changed`, with those of quarters that one release has: what files list

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.added or self.removed or self.changed or self.codes)


@dataclass(frozen=True)
class _Known:
    """Women, men, state and whether revised, of an entity in a quarter; figures of its grades."""

    women: int
    men: int
    state: str | None
    revised: bool
    grades: Mapping[str, tuple[int, int]]


_NOTHING = _Known(0, 0, None, False, {})


def _known(by_entity: Answer, by_grade: Answer) -> dict[tuple[str, str], _Known]:
    grades: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
    for row in by_grade.rows:
        place = row.keys["quarter"], row.keys["entity"]
        grades.setdefault(place, {})[row.keys["grade"]] = (row.women or 0, row.men or 0)
    return {
        (row.keys["quarter"], row.keys["entity"]): _Known(
            row.women or 0,
            row.men or 0,
            row.extra.get("state"),
            bool(row.extra.get("revised")),
            grades.get((row.keys["quarter"], row.keys["entity"]), {}),
        )
        for row in by_entity.rows
    }


def _quarters(known: Mapping[tuple[str, str], _Known], only: set[str]) -> tuple[Quarter, ...]:
    found = []
    for quarter in sorted(only, reverse=True):
        inside = [each for (when, _), each in known.items() if when == quarter and each.women + each.men]
        found.append(Quarter(quarter, len(inside), sum(e.women for e in inside), sum(e.men for e in inside)))
    return tuple(found)


def _changed(quarter: str, entity: str, old: _Known, new: _Known) -> Changed:
    levels = [
        Grade(quarter, entity, grade, *_pairs(old.grades.get(grade, (0, 0)), new.grades.get(grade, (0, 0))))
        for grade in dict.fromkeys((*old.grades, *new.grades))
        if old.grades.get(grade, (0, 0)) != new.grades.get(grade, (0, 0))
    ]
    counts = _pairs((old.women, old.men), (new.women, new.men))
    return Changed(quarter, entity, *counts, old.state, new.state, old.revised, new.revised, tuple(levels))


def _pairs(old: tuple[int, int], new: tuple[int, int]) -> tuple[int, int, int, int]:
    """Women before and after, men before and after."""
    return old[0], new[0], old[1], new[1]


def _codes(before: Answer, after: Answer) -> tuple[Code, ...]:
    found = []
    for dimension in dict.fromkeys((*before.labels, *after.labels)):
        if dimension in NOT_LISTED:
            continue
        old, new = before.labels.get(dimension, {}), after.labels.get(dimension, {})
        for code in sorted({*old, *new}):
            if code not in old:
                found.append(Code(dimension, code, "new", None, new[code]))
            elif code not in new:
                found.append(Code(dimension, code, "gone", old[code], None))
            elif old[code] != new[code]:
                found.append(Code(dimension, code, "renamed", old[code], new[code]))
    return tuple(found)


def compare(before: tuple[Answer, Answer], after: tuple[Answer, Answer]) -> Differences:
    """The differences between the answers of two releases to BY_ENTITY and BY_GRADE. Pure."""
    old, new = _known(*before), _known(*after)
    old_quarters, new_quarters = ({quarter for quarter, _ in known} for known in (old, new))
    unequal = []
    for quarter, entity in sorted({*old, *new}, key=lambda place: (-int(place[0][:4]), -int(place[0][5]), place[1])):
        was, becomes = old.get((quarter, entity), _NOTHING), new.get((quarter, entity), _NOTHING)
        if was != becomes:
            unequal.append(_changed(quarter, entity, was, becomes))
    both = old_quarters & new_quarters
    return Differences(
        before=before[0].scope.release,
        after=after[0].scope.release,
        added=_quarters(new, new_quarters - old_quarters),
        removed=_quarters(old, old_quarters - new_quarters),
        changed=tuple(each for each in unequal if each.quarter in both),
        codes=_codes(before[0], after[0]),
        unequal=tuple(unequal),
    )


def between(ask: Callable[[str, str], Answer], before: str, after: str) -> Differences:
    """The differences between two releases by name; `ask(question, release)` answers over all of a release."""
    old, new = ((ask(BY_ENTITY, name), ask(BY_GRADE, name)) for name in (before, after))
    return compare(old, new)


# -- in words ---------------------------------------------------------------------------------------------------


def finding(found: Differences) -> str:
    """What differs, as a sentence."""
    names = {"before": found.before.name, "after": found.after.name}
    if found.same:
        return gettext("Nothing differs between %(before)s and %(after)s", **names)
    parts = []
    if found.added:
        parts.append(gettext("adds %(quarters)s", quarters=_quarters_said(found.added)))
    if found.removed:
        parts.append(gettext("leaves out %(quarters)s", quarters=_quarters_said(found.removed)))
    revised = [each for each in found.changed if each.figures]
    if len(revised) == 1:
        # Translators: "revises FAO for 2026Q2".
        parts.append(gettext("revises %(entity)s for %(quarter)s", entity=revised[0].entity,
                             quarter=revised[0].quarter))  # fmt: skip
    elif revised:
        # Translators: a quarterly report is what one entity sends for one quarter.
        parts.append(gettext("revises %(count)s quarterly reports", count=text.number(len(revised))))
    others = len(found.changed) - len(revised)
    if others:
        # Translators: the state is how figures were obtained: "reported", "carried forward".
        parts.append(
            ngettext("changes the state of %(count)s quarterly report",
                     "changes the state of %(count)s quarterly reports", others, count=text.number(others))
        )  # fmt: skip
    if found.codes:
        count = len(found.codes)
        parts.append(ngettext("changes %(count)s code", "changes %(count)s codes", count, count=text.number(count)))
    # Translators: %(what)s is what the later release does: "adds 2026Q3 and revises FAO for 2026Q2".
    return gettext("Compared with %(before)s, %(after)s %(what)s", what=text.joined(parts), **names)


def _quarters_said(quarters: Sequence[Quarter]) -> str:
    """Quarters by name in order of time, or how many they are."""
    if len(quarters) > text.NAMES_IN_A_SENTENCE:
        return ngettext("%(count)s quarter", "%(count)s quarters", len(quarters), count=text.number(len(quarters)))
    return text.joined(sorted(each.quarter for each in quarters))


def state(code: str | None, revised: bool) -> str:
    """How figures came to be, in words; "–" where the release has no such quarter."""
    if code is None:
        return "–"
    said = text.state(code)
    return gettext("%(state)s, %(flag)s", state=said, flag=text.flag("revised")) if revised else said


def change(before: int, after: int) -> str:
    """A change of a head-count: "39 → 42 (+3)", or the number where it is the same."""
    if before == after:
        return text.number(after)
    return gettext("%(before)s → %(after)s (%(change)s)", before=text.number(before), after=text.number(after),
                   change=text.signed(after - before))  # fmt: skip


def lines(found: Differences) -> list[dict[str, Any]]:
    """A line an entity and quarter, for files."""
    return [
        {name: value for name, value in asdict(each).items() if name != "grades"} | {"grades": len(each.grades)}
        for each in found.unequal
    ]


def grade_lines(found: Differences) -> list[dict[str, Any]]:
    """A line an entity, quarter and grade, for files."""
    return [asdict(grade) for each in found.unequal for grade in each.grades]
