"""What pages share: rows of one basis, gaps by level, and the words for both."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from dashboard import comparable, measures, ranges, text
from dashboard.answer import Answer, Row
from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.figures.dots import on_ladder
from dashboard.figures.table import Cell
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
    """The answer without what is not reported or does not apply: nothing a title or a figure should be about. All
    departments bound to a place together are not one of them: they get no status.
    """
    rows = (row._replace(status=None) if row.keys[key] == PLACE_BOUND else row for row in named(answer.rows, key))
    return replace(answer, rows=tuple(rows))


def breakdown_title(answer: Answer) -> str:
    """The finding of a breakdown, told of what has a name."""
    return text.breakdown_title(of_named(answer, answer.by[0]))


def ladder(rows: Sequence[Row]) -> list[Row]:
    """The rows from Professional to the top, most senior first."""
    return [row for row in rows if on_ladder(row)]


def beside_ladder(rows: Sequence[Row]) -> list[Row]:
    """The rows of all other grades."""
    return [row for row in rows if not on_ladder(row)]


#: The letters a grade begins with: the grade below G-6 is G-5 and of no other ladder.
_LETTERS = re.compile(r"[A-Z]+")


def feeder(grade: str, staffed: Sequence[str], grades: Sequence[str]) -> str | None:
    """The grade that people are promoted from: the next one down the same ladder at which there is anybody.

    `grades` are those there are, most senior first. From the top to P-1 is one ladder; all others are told apart by
    their letters.
    """
    if grade not in grades:
        return None

    def same(code: str) -> bool:
        if text.LADDER.fullmatch(grade):
            return text.LADDER.fullmatch(code) is not None
        own, other = _LETTERS.match(grade), _LETTERS.match(code)
        return own is not None and other is not None and own[0] == other[0]

    lower = grades[grades.index(grade) + 1 :]
    return next((code for code in lower if code in staffed and same(code)), None)


def points(now: Row, then: Row | None) -> float | None:
    """The change of the share of women in percentage points, where both are known exactly."""
    if then is None or text.is_about(now) or text.is_about(then):
        return None
    if now.share_women is None or then.share_women is None:
        return None
    return 100 * (now.share_women - then.share_women)


def compared(answer: Answer, earlier: Answer | None) -> dict[str, tuple[Row, Row]]:
    """Entity -> its rows (then, now), of those with staff in both quarters whose figures can be compared."""
    if earlier is None:
        return {}
    old = {row.keys["entity"]: row for row in earlier.rows if row.staff}
    can = comparable.between(answer, earlier)
    return {
        code: (old[code], row)
        for row in answer.rows
        if row.staff and (code := row.keys["entity"]) in old and code in can
    }


def women_or_men(net: int) -> str:
    """A net gap (men minus women) in words: "777 men", "18 women", "0"."""
    if not net:
        return text.number(0)
    return text.heads("women" if net > 0 else "men", abs(net))


def gaps(rows: Sequence[Row]) -> measures.Gaps | None:
    """Net and gross gap over rows; None where any of them is rounded or not shown, since such sums would mislead."""
    if any(text.is_about(row) or row.reason in text.PROTECTED for row in rows):
        return None
    return measures.gaps((row.women or 0, row.men or 0) for row in rows)


def may_need(row: Row) -> bool:
    """Whether a row needs women or men, or rounding leaves open which: equal numbers need nobody."""
    return row.women is not None and row.index_growth != 0


def needs_most(rows: Sequence[Row], name: Callable[[Row], str], side: str = "all") -> str:
    """Which of rounded rows needs most women or men (of one `side`: most of these), as far as their roundings let that
    be said. Rows that are not shown may need more.
    """
    there = counted(rows)

    def needed(row: Row) -> ranges.Range:
        low, high = ranges.gap(row)
        return ranges.index(row) if side == "all" else (low, high) if side == "women" else (-high, -low)

    # Of a sum that leaves some out nothing is said.
    told = [row for row in there if not row.left_out]
    clear = [row for row in told if (ranges.needed(row) if side == "all" else needed(row)[0] > 0)]
    if not clear:
        return {
            "women": gettext("Women are clearly needed in no group shown"),
            "men": gettext("Men are clearly needed in no group shown"),
        }.get(side, gettext("No clear difference between women and men in any group shown"))
    most = max(clear, key=lambda row: row.index_growth or 0)
    values = {"name": name(most), "needed": text.index(most)}
    if ranges.clearly_most(most, there, needed):
        return gettext("Of the groups shown %(name)s needs most: %(needed)s more", **values)
    return gettext("%(name)s needs %(needed)s more; no group shown needs clearly more", **values)


def most_needed(rows: Sequence[Row], name: Callable[[Row], str]) -> str:
    """Which of exact rows, those that need most first, needs most women or men; several where they need as many."""
    first = [row for row in rows if row.index_growth == rows[0].index_growth]
    if len(first) == 1:
        return gettext("%(name)s needs most: %(needed)s more for equal numbers", name=name(first[0]),
                       needed=text.index(first[0]))  # fmt: skip
    values = {"needed": text.number(first[0].index_growth or 0), "count": text.number(len(first))}
    if len(first) > text.NAMES_IN_A_SENTENCE:
        return gettext("Most are needed in %(count)s places at once: %(needed)s each", **values)
    return gettext("%(names)s need most: %(needed)s more each for equal numbers",
                   names=text.joined(map(name, first)), **values)  # fmt: skip


def protected(answer: Answer) -> bool:
    """Whether some rows are rounded or not shown, so that only what is shown can be spoken of."""
    return any(text.is_about(row) for row in answer.rows)


def largest(answer: Answer, rows: Sequence[Row], name: Callable[[Row], str]) -> str:
    """Which of the rows shown, largest first, has most staff; of rounded ones as far as their roundings let that be
    said.
    """
    if protected(answer):
        return _largest_of_rounded(rows, name)
    first = [row for row in rows if row.staff == rows[0].staff]
    values = {"name": name(rows[0]), "staff": text.count(rows[0], "staff"), "count": text.number(len(first))}
    if len(first) == 1:
        return gettext("%(name)s is the largest, with %(staff)s staff", **values)
    if len(first) > text.NAMES_IN_A_SENTENCE:
        return gettext("%(count)s are the largest, with %(staff)s staff each", **values)
    return gettext(
        "%(names)s are the largest, with %(staff)s staff each", names=text.joined(map(name, first)), **values
    )


def _largest_of_rounded(rows: Sequence[Row], name: Callable[[Row], str]) -> str:
    whole = [row for row in rows if not row.left_out]
    if not whole:
        return gettext("Rounded figures leave open which is the largest")
    first = whole[0]
    values = {"name": name(first), "staff": text.count(first, "staff")}
    if ranges.clearly_most(first, rows, lambda row: ranges.heads(row, "staff")):
        return gettext("%(name)s is the largest shown, with %(staff)s staff", **values)
    return gettext("%(name)s has %(staff)s staff; none shown has clearly more", **values)


def gaps_title(answer: Answer, rows: Sequence[Row]) -> str:
    """What it takes in all, and level by level."""
    found = gaps(counted(rows) + [row for row in rows if row.reason in text.PROTECTED])
    if not counted(rows):
        return text.empty_title(answer)
    if found is None:
        # Of rounded figures no sum is formed: the level that needs most stands for them.
        key = answer.by[-1]
        return needs_most(named(rows, key) or rows, lambda row: text.label(answer, key, row.keys[key], short=True))
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
        return [gettext("Net and gross gaps are not calculated from rounded figures: they would add up the roundings.")]
    return [
        gettext(
            "Net: more women than men at one level make up for fewer at another. Gross: parity at every level, which "
            "is what is asked for."
        )
    ]


# -- matrices -----------------------------------------------------------------------------------------------------


def in_order(answer: Answer, dimension: str) -> list[str]:
    """The codes of a dimension that anybody shown has, in the order of its list, which the labels keep."""
    shown = {row.keys[dimension] for row in counted(answer.rows)}
    listed = [code for code in answer.labels.get(dimension, {}) if code in shown]
    return [*listed, *sorted(shown - set(listed))]


def all_about(answer: Answer) -> bool:
    """Whether all that is counted is rounded: then it is said once, and not in each cell."""
    rows = counted(answer.rows)
    return bool(rows) and all(text.is_about(row) for row in rows)


def matrix_cell(row: Row | None, bare: bool = False) -> Cell:
    """A cell of a matrix: the share with its counts beneath; nobody, too few and withheld each in a look of its own.

    `bare` leaves "about" out.
    """
    if row is None or (row.women is None and not row.reason):
        return Cell("–")
    if row.women is None:
        floor = ranges.floor(row)
        return Cell(f"<{text.number(floor)}" if row.reason == "fewer" and floor else "…")
    if not row.staff:
        return Cell("–")
    said = text.share(row, bare=bare)
    if said == "–":
        return Cell(marked(row, text.counts(row, bare)))
    return Cell(marked(row, said), name=text.counts(row, bare=True))


#: Stands at a cell of a matrix that is a sum without some of its members; in a table of rows a remark names them.
PARTIAL = "*"


def marked(row: Row, said: str) -> str:
    """What stands in a cell of a matrix, with a mark where it is a sum that leaves some out."""
    return said + PARTIAL if ranges.partial(row) else said


def matrix_notes(answer: Answer) -> list[str]:
    """How to read the cells of a matrix."""
    said = [gettext("Share of women, and beneath it women of all. A dash: nobody.")]
    if all_about(answer):
        said = [gettext("About: share of women where there are enough for one, and beneath it women of all.")]
    floor = next((row.extra.get("fewer_than") for row in answer.rows if row.reason == "fewer"), None)
    if floor is not None:
        said.append(
            gettext("“<%(floor)s”: %(fewer)s, or nobody.", floor=text.number(floor), fewer=text.fewer_than(floor))
        )
    if any(row.reason == "withheld" or ranges.floors_together(row) for row in answer.rows):
        said.append(gettext("“…”: not shown, whatever its size."))
    if any(map(ranges.partial, answer.rows)):
        said.append(gettext("“%(mark)s”: a sum without some of those chosen, which are not shown.", mark=PARTIAL))
    return said
