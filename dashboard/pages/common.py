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
            "women": gettext("No group shown clearly needs women"),
            "men": gettext("No group shown clearly needs men"),
        }.get(side, gettext("No clear difference between women and men in any group shown"))
    most = max(clear, key=lambda row: row.index_growth or 0)
    values = {"name": name(most), "needed": text.index(most)}
    if ranges.clearly_most(most, there, needed):
        return gettext("Of the groups shown, %(name)s needs most: %(needed)s", **values)
    return gettext("%(name)s needs %(needed)s; no group shown clearly needs more", **values)


def most_needed(rows: Sequence[Row], name: Callable[[Row], str]) -> str:
    """Which of exact rows, those that need most first, needs most women or men; several where they need as many."""
    first = [row for row in rows if row.index_growth == rows[0].index_growth]
    if len(first) == 1:
        return gettext("%(name)s needs most: %(needed)s for equal numbers", name=name(first[0]),
                       needed=text.index(first[0]))  # fmt: skip
    values = {"needed": text.number(first[0].index_growth or 0), "count": text.number(len(first))}
    if len(first) > text.NAMES_IN_A_SENTENCE:
        return most_alike(len(first), first[0].index_growth or 0)
    return gettext("%(names)s need most: %(needed)s each for equal numbers",
                   names=text.joined(map(name, first)), **values)  # fmt: skip


def most_alike(count: int, needed: int) -> str:
    """That so many rows all need most, as many each."""
    # Translators: %(needed)s is a number of women or men.
    return ngettext("%(count)s groups need most: %(needed)s woman or man each",
                    "%(count)s groups need most: %(needed)s women or men each", needed,
                    count=text.number(count), needed=text.number(needed))  # fmt: skip


def protected(answer: Answer) -> bool:
    """Whether some rows are rounded or not shown, so that only what is shown can be spoken of."""
    return any(text.is_about(row) for row in answer.rows)


def largest(answer: Answer, rows: Sequence[Row], name: Callable[[Row], str]) -> str:
    """Which of the rows shown, largest first, has most staff; of rounded ones as far as their roundings let that be
    said.
    """
    if protected(answer):
        return _largest_of_rounded(answer, rows, name)
    first = [row for row in rows if row.staff == rows[0].staff]
    values = {"name": name(rows[0]), "staff": text.count(rows[0], "staff"), "count": text.number(len(first))}
    if len(first) == 1:
        return gettext("%(name)s is the largest, with %(staff)s staff", **values)
    if len(first) > text.NAMES_IN_A_SENTENCE:
        if answer.by[-1] == "unct":
            return gettext("%(count)s country teams are the largest, with %(staff)s staff each", **values)
        return gettext("%(count)s entities are the largest, with %(staff)s staff each", **values)
    return gettext(
        "%(names)s are the largest, with %(staff)s staff each", names=text.joined(map(name, first)), **values
    )


def _largest_of_rounded(answer: Answer, rows: Sequence[Row], name: Callable[[Row], str]) -> str:
    of_teams = answer.by[-1] == "unct"
    whole = [row for row in rows if not row.left_out]
    if not whole:
        if of_teams:
            return gettext("Rounded figures do not show which country team is the largest")
        return gettext("Rounded figures do not show which entity is the largest")
    first = whole[0]
    values = {"name": name(first), "staff": text.count(first, "staff")}
    if ranges.clearly_most(first, rows, lambda row: ranges.heads(row, "staff")):
        if of_teams:
            return gettext("%(name)s is the largest country team shown, with %(staff)s staff", **values)
        return gettext("%(name)s is the largest entity shown, with %(staff)s staff", **values)
    if of_teams:
        return gettext("%(name)s has %(staff)s staff; no country team shown clearly has more", **values)
    return gettext("%(name)s has %(staff)s staff; no entity shown clearly has more", **values)


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
    gross, number = text.number(found.gross), abs(found.net)
    if not found.net:
        return gettext("Equal numbers overall, but %(gross)s women or men are needed counting each level separately",
                       gross=gross)  # fmt: skip
    values = {"count": text.number(number), "gross": gross}
    if found.gross == number:
        return (
            ngettext("%(count)s more woman is needed for equal numbers; no level offsets another",
                     "%(count)s more women are needed for equal numbers; no level offsets another", number, **values)
            if found.net > 0
            else ngettext("%(count)s more man is needed for equal numbers; no level offsets another",
                          "%(count)s more men are needed for equal numbers; no level offsets another", number, **values)
        )  # fmt: skip
    return (
        ngettext("%(count)s more woman is needed for equal numbers; %(gross)s women or men, counting each level "
                 "separately",
                 "%(count)s more women are needed for equal numbers; %(gross)s women or men, counting each level "
                 "separately",
                 number, **values)
        if found.net > 0
        else ngettext("%(count)s more man is needed for equal numbers; %(gross)s women or men, counting each level "
                      "separately",
                      "%(count)s more men are needed for equal numbers; %(gross)s women or men, counting each level "
                      "separately",
                      number, **values)
    )  # fmt: skip


def gaps_notes(answer: Answer, rows: Sequence[Row]) -> list[str]:
    """Why net and gross differ, or why there are none."""
    if gaps(rows) is None:
        return [
            gettext("Net and gross gaps are not calculated from rounded figures, because the rounding would add up.")
        ]
    return [
        gettext(
            "Net: more women than men at one level offset fewer at another. Gross: each level on its own. The goal is "
            "parity at every level."
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
    said = [gettext("Each cell shows the share of women, and below it women of all staff. A dash means no staff.")]
    if all_about(answer):
        said = [
            gettext("All numbers are rounded. Each cell shows the share of women if there are enough staff for one, "
                    "and below it women of all staff.")
        ]  # fmt: skip
    floor = next((row.extra.get("fewer_than") for row in answer.rows if row.reason == "fewer"), None)
    if floor is not None:
        said.append(
            # Translators: %(fewer)s is "fewer than 5", of which "<5" is short.
            gettext("“<%(floor)s” means %(fewer)s, or none.", floor=text.number(floor), fewer=text.fewer_than(floor))
        )
    if any(row.reason == "withheld" or ranges.floors_together(row) for row in answer.rows):
        said.append(gettext("“…” means not shown, whatever its size."))
    if any(map(ranges.partial, answer.rows)):
        said.append(gettext("“%(mark)s” means a sum without chosen groups that are not shown.", mark=PARTIAL))
    return said
