"""Answers on military and police personnel: a dataset of its own, of countries and missions and never of staff.

It is published by others and real, so nothing here is protected, modelled or compared between quarters; filters of
staff say nothing of it and are told to be ignored. Parity is not what is aimed at, so there is no index and no status.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from dashboard import measures
from dashboard.answer import APPROXIMATE, EXACT, UNIFORMED, Answer, Note, ReleaseInfo, Row, Scope
from dashboard.questions import Question
from dashboard.selection import Selection
from dashboard.warehouse import OpenRelease

TABLE = "uniformed"


def answer(
    release: OpenRelease, question: Question, selection: Selection, audience: str, newer: str | None, day: dt.date
) -> Answer:
    """The answer to a question about uniformed personnel. `selection` has its release and quarter spelled out; `day`
    is the day it is of where there are no figures.
    """
    rows = [] if TABLE in release.lacks else _rows(release, question)
    return Answer(
        question=question.name,
        by=question.by,
        selection=selection,
        scope=_scope(release, selection, audience, newer, rows, day),
        protection=EXACT,
        notes=tuple(_notes(release, selection, rows, newer)),
        rows=tuple(rows),
        labels=release.labels,
        policy=release.policy,
    )


def _rows(release: OpenRelease, question: Question) -> list[Row]:
    found = []
    for *ids, women, men, _, as_of, flag, source in release.fetch(question.sql, {}):
        found.append(
            Row(
                keys={key: release.codes[key][number] for key, number in zip(question.by, ids, strict=True)},
                women=women,
                men=men,
                staff=women + men,
                share_women=measures.share_women(women, men),
                index_growth=None,
                index_replacement=None,
                status=None,
                reason=None,
                flag=flag,
                as_of=as_of,
                extra={"source": source},
            )
        )
    return found


def _scope(
    release: OpenRelease,
    selection: Selection,
    audience: str,
    newer: str | None,
    rows: Sequence[Row],
    day: dt.date,
) -> Scope:
    """What is counted: of several years the last, since averages of years do not add up to anything."""
    as_of = max((row.as_of for row in rows), default=None)
    counted = [row for row in rows if row.as_of == as_of]
    women, men = sum(row.women or 0 for row in counted), sum(row.men or 0 for row in counted)
    return Scope(
        population=UNIFORMED,
        quarter=selection.quarter or release.quarter,
        as_of=as_of or day,
        entities=None,
        entities_expected=None,
        carried=(),
        partial=(),
        not_submitted=(),
        share_reported=None,
        dimension_coverage={},
        release=ReleaseInfo(release.name, release.quarter, release.published, release.demonstration, newer),
        audience=audience,
        women=women if rows else None,
        men=men if rows else None,
        staff=women + men if rows else None,
        source="; ".join(dict.fromkeys(str(row.extra["source"]) for row in rows)),
    )


def _notes(release: OpenRelease, selection: Selection, rows: Sequence[Row], newer: str | None) -> list[Note]:
    notes = [Note("not-staff")]
    ignored = [*(["quarter"] if selection.quarter != release.quarter else []), *selection.filtered]
    if ignored:
        notes.append(Note("staff-filters", {"dimensions": tuple(ignored)}))
    if TABLE in release.lacks:
        notes.append(Note("not-in-release"))
    elif not rows:
        notes.append(Note("nothing-matches"))
    if any(row.flag == APPROXIMATE for row in rows):
        notes.append(Note("approximate"))
    notes += [Note("source", {"source": source}) for source in dict.fromkeys(row.extra["source"] for row in rows)]
    if newer:
        notes.append(Note("newer-release", {"release": newer}))
    return notes
