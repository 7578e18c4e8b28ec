"""Which submission a release takes each entity's figures from, quarter by quarter. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.codelists import CodeLists
from dashboard.ingest import contract
from dashboard.ingest.store import Submission, Withdrawal
from dashboard.ingest.words import plain
from dashboard.settings import CARRY_FORWARD_QUARTERS

REPORTED, CARRIED, PARTIAL = "reported", "carried", "partial"
NOT_SUBMITTED, NOT_PARTICIPANT = "not-submitted", "not-participant"

#: Days after the end of a quarter from which on a submission is late (convention: the middle of the next quarter).
LATE_AFTER = dt.timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one entity's figures for one quarter come from."""

    quarter: str
    entity: str
    state: str
    submission: Submission | None = None
    source_quarter: str | None = None
    revised: bool = False
    late: bool = False
    reason: str | None = None


def choose(
    submissions: Sequence[Submission],
    quarter: str,
    codelists: CodeLists,
    withdrawn: Mapping[tuple[str, str], Withdrawal] | None = None,
) -> list[Choice]:
    """A choice for every entity and quarter, from the first quarter anyone has figures for up to `quarter`.

    The newest accepted submission that speaks of a quarter counts. A missing quarter takes the last figures before it,
    at most CARRY_FORWARD_QUARTERS quarters old. An entity takes part from its opening to its closing in the code list.
    What is `withdrawn` (by entity and quarter) is as if it had not been sent, and says why.
    """
    withdrawn = withdrawn or {}
    speaking: dict[tuple[str, str], list[Submission]] = {}
    for submission in sorted(submissions, key=lambda known: (known.entity, known.sequence)):
        for spoken in submission.quarters:
            gone = withdrawn.get((submission.entity, spoken))
            if spoken <= quarter and (gone is None or submission.sequence > gone.up_to):
                speaking.setdefault((submission.entity, spoken), []).append(submission)
    if not speaking:
        return []
    first = min(spoken for _, spoken in speaking)
    count = contract.quarter_number(quarter) - contract.quarter_number(first) + 1
    choices = []
    for entity in sorted(member.code for member in codelists.members("entity")):
        for number in range(count):
            choices.append(_choice(entity, contract.next_quarter(first, number), speaking, codelists, withdrawn))
    return choices


def _choice(
    entity: str,
    quarter: str,
    speaking: Mapping[tuple[str, str], Sequence[Submission]],
    codelists: CodeLists,
    withdrawn: Mapping[tuple[str, str], Withdrawal],
) -> Choice:
    if not codelists.entity_open(entity, quarter):
        return Choice(quarter, entity, NOT_PARTICIPANT)
    known = speaking.get((entity, quarter))
    gone = withdrawn.get((entity, quarter))
    none = "no submission" if gone is None else f"withdrawn: {gone.reason}"
    if known:
        newest, oldest = known[-1], known[0]
        own = newest.quarter == quarter
        partial = newest.manifest["partial"] if own else None
        # Submissions accepted before reasons were cleaned may have marks in theirs.
        reason = plain(partial or newest.quarters[quarter]["reason"] or "") or None
        late = oldest.received_at.date() > contract.last_day(quarter) + LATE_AFTER
        state = PARTIAL if partial else REPORTED
        return Choice(quarter, entity, state, newest, quarter, len(known) > 1 or gone is not None, late, reason)
    for back in range(1, CARRY_FORWARD_QUARTERS + 1):
        earlier = contract.next_quarter(quarter, -back)
        if (entity, earlier) in speaking:
            newest = speaking[entity, earlier][-1]
            return Choice(quarter, entity, CARRIED, newest, earlier, reason=f"{none}; figures of {earlier}")
    return Choice(quarter, entity, NOT_SUBMITTED, reason=none)
