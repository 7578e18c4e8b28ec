"""What pages share: rows of one basis, gaps by level, and the words for both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard import measures, text
from dashboard.answer import Answer, Row
from dashboard.figures.dots import on_ladder
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED
from dashboard.text import gettext, ngettext


def counted(rows: Sequence[Row]) -> list[Row]:
    """The rows with anybody in them."""
    return [row for row in rows if row.staff]


def worth_showing(rows: Sequence[Row]) -> list[Row]:
    """The rows with figures, and after them those too few to show."""
    return [row for row in rows if row.staff] + sorted(
        (row for row in rows if row.reason in text.PROTECTED), key=text.place
    )


def named(rows: Sequence[Row], key: str) -> list[Row]:
    """The rows that are of something: not those where it is not reported or does not apply."""
    return [row for row in rows if row.keys[key] not in (NOT_REPORTED, NOT_APPLICABLE)]


def of_named(answer: Answer, key: str) -> Answer:
    """The answer without what is not reported or does not apply: nothing a title or a figure should be about."""
    return replace(answer, rows=tuple(named(answer.rows, key)))


def breakdown_title(answer: Answer) -> str:
    """The finding of a breakdown, told of what has a name."""
    return text.breakdown_title(of_named(answer, answer.by[0]))


def ladder(rows: Sequence[Row]) -> list[Row]:
    """The rows from Professional to the top, most senior first."""
    return [row for row in rows if on_ladder(row)]


def beside_ladder(rows: Sequence[Row]) -> list[Row]:
    """The rows of all other grades."""
    return [row for row in rows if not on_ladder(row)]


def points(now: Row, then: Row | None) -> float | None:
    """The change of the share of women in percentage points, where both are known exactly."""
    if then is None or text.is_about(now) or text.is_about(then):
        return None
    if now.share_women is None or then.share_women is None:
        return None
    return 100 * (now.share_women - then.share_women)


def women_or_men(net: int) -> str:
    """A net gap (men minus women) in words: "777 men", "18 women", "0"."""
    if not net:
        return text.number(0)
    if net > 0:
        return ngettext("%(count)s woman", "%(count)s women", net, count=text.number(net))
    return ngettext("%(count)s man", "%(count)s men", -net, count=text.number(-net))


def gaps(rows: Sequence[Row]) -> measures.Gaps | None:
    """Net and gross gap over rows; None where any of them is rounded or not shown, since such sums would mislead."""
    if any(text.is_about(row) or row.reason in text.PROTECTED for row in rows):
        return None
    return measures.gaps((row.women or 0, row.men or 0) for row in rows)


def least_clear(answer: Answer) -> int:
    """From which difference up two rounded head-counts differ by more than their rounding."""
    return answer.policy.change_from if answer.policy else text.CHANGE_FROM


def gaps_title(answer: Answer, rows: Sequence[Row]) -> str:
    """What it takes in all, and level by level."""
    found = gaps(counted(rows) + [row for row in rows if row.reason in text.PROTECTED])
    if not counted(rows):
        return text.empty_title(answer)
    if found is None:
        # Of rounded figures no sum is formed: the level that needs most stands for them.
        key = answer.by[-1]
        most = max(counted(named(rows, key)) or counted(rows), key=lambda row: row.index_growth or 0)
        if (most.index_growth or 0) < least_clear(answer):
            return gettext("No clear difference between women and men at any level")
        name = text.label(answer, key, most.keys[key], short=True)
        return gettext("%(name)s needs most: %(needed)s more", name=name, needed=text.index(most))
    if not found.gross:
        return gettext("Equal numbers at every level")
    gross = text.number(found.gross)
    if not found.net:
        return ngettext(
            "Equal numbers in all, yet level by level it takes %(gross)s woman or man",
            "Equal numbers in all, yet level by level it takes %(gross)s women and men",
            found.gross, gross=gross,
        )  # fmt: skip
    needed = women_or_men(found.net)
    if found.gross == abs(found.net):
        return gettext("%(needed)s more would make the numbers equal; no level offsets another", needed=needed)
    return gettext(
        "%(needed)s more would make the numbers equal; level by level it takes %(gross)s women and men",
        needed=needed, gross=gross,
    )  # fmt: skip


def gaps_notes(answer: Answer, rows: Sequence[Row]) -> list[str]:
    """Why net and gross differ, or why there are none."""
    if gaps(rows) is None:
        return [gettext("Of rounded figures no net or gross gap is formed: the sum would be of roundings.")]
    return [
        gettext(
            "Net: more women than men at one level make up for fewer at another. Gross: parity at every level, which "
            "is what is asked for."
        )
    ]
