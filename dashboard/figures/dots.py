"""The dot plot: the default figure for shares of women, one row a level or entity."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import Figure, Line, row_layout, text_traces
from dashboard.figures.tokens import LIGHT
from dashboard.settings import FEW
from dashboard.text import gettext

#: A figure is read at a glance up to about this many rows; the table always has all of them.
MOST_ROWS = {"grade": 22}
#: The reference data have 38 organizations, and everyone looks for their own first: all are drawn.
MOST_ROWS_ELSE = 42
#: With fewer rows than this, a figure has room for those too small to judge as well.
WORTH_A_FIGURE = 3
ROW_HEIGHT, DENSE_ROW_HEIGHT, DENSE_FROM = 28, 23, 16


def ordered(answer: Answer) -> list[Row]:
    """The rows in the order people read them: entities by share of women, everything else in the order of its list.

    Rows with nobody are left out; rows without figures come last and say why.
    """
    key = answer.by[0]
    with_figures = [row for row in answer.rows if row.staff]
    without = [row for row in answer.rows if row.staff is None]
    if key == "entity":
        with_figures.sort(key=lambda row: (-(row.share_women or 0), row.keys[key]))
    return with_figures + without


def drawn(answer: Answer) -> list[Row]:
    """The rows a figure has room for: of many grades the ladder and then those with most staff, in list order."""
    rows = ordered(answer)
    key = answer.by[0]
    judged = [row for row in rows if (row.staff or 0) >= FEW]
    if key == "grade" and len(judged) >= WORTH_A_FIGURE:
        # A grade of one or two people is 0 or 100 %: a mark at the edge that says nothing.
        rows = judged
    most = MOST_ROWS.get(key, MOST_ROWS_ELSE)
    if len(rows) <= most:
        return rows

    def weight(row: Row) -> tuple[bool, int]:
        on_ladder = key == "grade" and text.LADDER.fullmatch(row.keys[key]) is not None and (row.staff or 0) >= 25
        return on_ladder, row.staff or 0

    kept = {id(row) for row in sorted(rows, key=weight, reverse=True)[:most]}
    return [row for row in rows if id(row) in kept]


def line(answer: Answer, row: Row) -> Line:
    """A row in words."""
    key = answer.by[0]
    code = row.keys[key]
    name = text.label(answer, key, code, short=True)
    if row.women is None or row.men is None or not row.staff:
        return Line(name, "–", text.reason(row.reason), code)
    counts = gettext("%(women)s of %(staff)s", women=text.number(row.women), staff=text.number(row.staff))
    return Line(name, text.percent(row.women, row.men), counts, code)


def hover(answer: Answer, row: Row, words: Line) -> str:
    """What a pointer on the mark reads: the words of the row, in full."""
    name = text.label(answer, answer.by[0], words.code)
    if not row.staff:
        return f"{name}: {words.counts}"
    return f"{name}<br>{words.value}, {words.counts}: {text.status(row.status)}"


def _marks(answer: Answer, rows: Sequence[Row], lines: Sequence[Line]) -> list[Figure]:
    places = [place for place, row in enumerate(rows) if row.share_women is not None]
    shares = [round(100 * (rows[place].share_women or 0), 3) for place in places]
    # Guides as a trace: grid lines would run on through the columns of text.
    guides: Figure = {
        "type": "scatter",
        "mode": "lines",
        "meta": "guides",
        "x": [x for _ in rows for x in (0, 100, None)],
        "y": [y for place in range(len(rows)) for y in (place, place, None)],
        "line": {"color": LIGHT["line"], "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    stems: Figure = {
        "type": "scatter",
        "mode": "lines",
        "meta": "stems",
        "x": [x for share in shares for x in (50, share, None)],
        "y": [y for place in places for y in (place, place, None)],
        "line": {"color": LIGHT["women"], "width": 2.5},
        "opacity": 0.4,
        "hoverinfo": "skip",
        "showlegend": False,
    }
    # Too few to judge: an open mark, so that shape and not colour says so.
    inside = [LIGHT["paper"] if rows[place].status == text.TOO_FEW else LIGHT["women"] for place in places]
    marks: Figure = {
        "type": "scatter",
        "mode": "markers",
        "meta": "marks",
        "x": shares,
        "y": places,
        "marker": {"size": 12, "color": inside, "line": {"color": LIGHT["women"], "width": 2}},
        "customdata": [lines[place].code for place in places],
        "text": [hover(answer, rows[place], lines[place]) for place in places],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
        "showlegend": False,
    }
    return [guides, stems, marks]


def dots(answer: Answer) -> Figure:
    """Share of women by the answer's one dimension: outlined band, 50 % line, one mark a row, counts written at it."""
    rows = drawn(answer)
    if not rows:
        return empty(text.empty_title(answer))
    lines = [line(answer, row) for row in rows]
    layout, right = row_layout(lines, DENSE_ROW_HEIGHT if len(rows) >= DENSE_FROM else ROW_HEIGHT)
    return {"data": [*_marks(answer, rows, lines), *text_traces(lines, right)], "layout": layout}


def left_out(answer: Answer) -> int:
    """How many rows only the table has."""
    return len(ordered(answer)) - len(drawn(answer))
