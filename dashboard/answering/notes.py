"""What a reader of an answer must know: codes with the values their sentences need."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.answer import REFUSED, ROUNDED, Note, Row, Scope
from dashboard.answering.planning import Exact, Plan, Protected, Refused
from dashboard.answering.reading import WITHHELD
from dashboard.answering.rows import of_coverage
from dashboard.answering.understand import Asked
from dashboard.disclosure import plan as plans
from dashboard.questions import Question

#: Of codes that a release does not have, so many are told of.
UNKNOWN_TOLD = 10


def not_asked(asked: Asked, question: Question) -> list[str]:
    """The dimensions filtered by that a question does not have."""
    beside = [name for name in asked.filtered if name not in question.filters]
    if of_coverage(question) and asked.owners() is not None:
        # Reporting is of whole entities: a department brings its own into scope.
        return [name for name in beside if name != "department"]
    return beside


def of_selection(asked: Asked, question: Question) -> list[Note]:
    """What of the selection is not known, and what makes no difference."""
    code = "filter-ignored" if question.ignores_others else "not-collected"
    notes = [Note("unknown-code", {"dimension": name, "value": value}) for name, value in asked.unknown[:UNKNOWN_TOLD]]
    return notes + [Note(code, {"dimension": name}) for name in not_asked(asked, question)]


def of_answer(
    asked: Asked, question: Question, plan: Plan | None, rows: Sequence[Row], scope: Scope, protection: str
) -> list[Note]:
    """All notes of an answer. `plan` is None where nothing was asked of the release."""
    notes = of_selection(asked, question)
    if isinstance(plan, Refused):
        needed = plans.needed(question.by, asked.filtered)
        notes.append(Note("refused", {"reason": plan.reason, "dimensions": needed}))
    # Where nobody in scope has figures, it is not known whether anything matches: the note below says who sent none.
    # Nor where the total may not be told.
    untold = scope.protection == ROUNDED and scope.staff is None
    if not rows and not notes and scope.entities and not untold:
        notes.append(Note("nothing-matches"))
    if question.fold and protection != REFUSED and not isinstance(plan, Exact) and rows:
        notes.append(Note("changing-entities"))
    if protection == ROUNDED and isinstance(plan, Protected):
        notes.append(Note("rounded", {"base": asked.release.policy.base, "table": plan.table.name}))
        if any(row.reason == WITHHELD for row in rows):
            notes.append(Note("withheld"))
        notes += _as_told(asked, rows)
    for code, entities in (
        ("carried", scope.carried),
        ("partial", scope.partial),
        ("not-submitted", scope.not_submitted),
    ):
        if entities:
            notes.append(Note(code, {"entities": entities}))
    notes += [
        Note("incomplete-dimension", {"dimension": name, "share": share})
        for name, share in scope.dimension_coverage.items()
    ]
    if scope.release.newer:
        notes.append(Note("newer-release", {"release": scope.release.newer}))
    return notes


def _as_told(asked: Asked, rows: Sequence[Row]) -> list[Note]:
    """Whose figures have changed since those of places and persons were told, of the quarters that have rows."""
    release = asked.release
    entities: set[str] = set()
    releases: set[str] = set()
    for quarter in {row.keys.get("quarter", asked.quarter) for row in rows} & release.changed_since.keys():
        here = {row.entity for row in asked.covered(quarter)} & set(release.changed_since[quarter])
        if here:
            entities |= here
            releases.add(release.told_by[quarter])
    if not entities:
        return []
    return [Note("as-told", {"entities": tuple(sorted(entities)), "releases": tuple(sorted(releases))})]
