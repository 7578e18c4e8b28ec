"""The one path from a selection to everything that is shown: `ask(warehouse, question, selection) -> Answer`.

An answer is made in one direction, each step in a module of its own: a selection is understood (`understand`), it is
decided what may answer (`planning`), cells are read (`reading`), put together (`parts`) and told of several quarters
(`folds`), which makes counts (`counting`); of counts come rows (`rows`), then who is counted (`scope`) and what a
reader must know (`notes`). `facets` counts the options of the filter panel by the same steps.
"""

from __future__ import annotations

from collections.abc import Iterable

from dashboard import uniformed
from dashboard.answer import EXACT, REFUSED, ROUNDED, Answer, Row
from dashboard.answering import notes, planning
from dashboard.answering.counting import count, total
from dashboard.answering.facets import facets
from dashboard.answering.planning import Protected, Refused
from dashboard.answering.rows import rows as rows_of
from dashboard.answering.scope import scope as scope_of
from dashboard.answering.understand import (
    Asked,
    UnknownQuestion,
    canonical,
    last_day,
    understand,
)
from dashboard.answering.understand import question as question_named
from dashboard.disclosure import Count
from dashboard.questions import Question
from dashboard.selection import Selection
from dashboard.warehouse import Warehouse, weigh

__all__ = ["UnknownQuestion", "ask", "ask_all", "canonical", "facets", "understand"]


def ask(warehouse: Warehouse, question_name: str, selection: Selection) -> Answer:
    """The answer to a question over a selection, from the release it pins or the one in service.

    Raises UnknownQuestion, UnknownRelease, NoRelease or TooSlow. Codes the release does not know, filters the
    question's data do not have and selections that match nobody are answers with notes, not errors.
    """
    question = question_named(question_name)
    release = warehouse.release(selection.release)
    in_service = warehouse.current().name
    newer = in_service if in_service != release.name else None
    asked = understand(release, warehouse.settings.audience, selection)
    # Nothing else makes an answer, so one given of late still stands.
    key = question.name, asked.selection, newer
    found = release.answers.get(key)
    if found is None:
        found = _answer(asked, question, newer)
        if not asked.unknown:
            # Codes that no release has can be invented without end. Labels and policy are the release's own.
            own = (key, found.rows, found.notes, found.scope, found.nearest)
            release.answers.keep(key, found, weigh(own))
    return found


def ask_all(warehouse: Warehouse, question_names: Iterable[str], selection: Selection) -> list[Answer]:
    """The answers to several questions over one selection, all of one release, whatever is published meanwhile.

    Raises what `ask` raises.
    """
    release = warehouse.release(selection.release)
    pinned = Selection(selection.quarter, release.name, selection.chosen)
    return [ask(warehouse, name, pinned) for name in question_names]


def _answer(asked: Asked, question: Question, newer: str | None) -> Answer:
    release = asked.release
    if not question.of_staff:
        return uniformed.answer(release, question, asked.selection, asked.audience, newer, last_day(asked.quarter))
    unanswerable = asked.impossible or (notes.not_asked(asked, question) and not question.ignores_others)
    plan = None if unanswerable else planning.plan(asked, question)
    rows: list[Row] = []
    whole: Count | None = None
    protection = EXACT
    if isinstance(plan, Refused):
        protection = REFUSED
    elif plan is not None:
        rows = rows_of(asked, question, count(asked, question, plan), plan)
        protection = ROUNDED if any(row.protection == ROUNDED for row in rows) else EXACT
    if isinstance(plan, Protected | Refused):
        whole = total(asked)
    scope = scope_of(asked, question, newer, rows, whole)
    return Answer(
        question=question.name,
        by=question.by,
        selection=asked.selection,
        scope=scope,
        protection=protection,
        notes=tuple(notes.of_answer(asked, question, plan, rows, scope, protection)),
        rows=tuple(rows),
        labels=release.labels,
        nearest=planning.nearest(asked, question) if isinstance(plan, Refused) else (),
        policy=release.policy,
        tables=(plan.table.name,) if protection == ROUNDED and isinstance(plan, Protected) else (),
    )
