"""The dot plot: the default figure for shares of women, one row a level or entity."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import comparable, ranges, text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import OPEN, OPEN_ROLE, Against, Figure, Line, hatched, row_layout, text_traces
from dashboard.figures.tokens import LIGHT
from dashboard.settings import FEW

#: A figure is read at a glance up to about this many rows; the table always has all of them.
MOST_ROWS = {"grade": 22}
#: The reference data have 38 organizations, and everyone looks for their own first: all are drawn.
MOST_ROWS_ELSE = 42
#: With fewer rows than this, a figure has room for those too small to judge as well.
WORTH_A_FIGURE = 3
ROW_HEIGHT, DENSE_ROW_HEIGHT, DENSE_FROM = 28, 23, 16


def ordered(answer: Answer) -> list[Row]:
    """The rows in the order people read them: entities by share of women, everything else in the order of its list.

    Rows with nobody are left out. Rows without figures come last and say why, those too few to show first, in the
    order of their list: a place among them tells nothing of how few they are.
    """
    key = answer.by[0]
    with_figures = [row for row in answer.rows if row.staff]
    without = sorted((row for row in answer.rows if row.staff is None), key=text.place)
    if key == "entity":
        with_figures.sort(key=lambda row: (row.share_women is None, -(row.share_women or 0), row.keys[key]))
    return with_figures + without


def on_ladder(row: Row) -> bool:
    """Whether a row is of a grade from Professional to the top."""
    return text.LADDER.fullmatch(row.keys["grade"]) is not None


def drawn(answer: Answer) -> list[Row]:
    """The rows a figure has room for: of many grades the ladder and then those with most staff, in list order."""
    rows = ordered(answer)
    key = answer.by[0]
    judged = [row for row in rows if (row.staff or 0) >= FEW]
    if key == "grade" and len(judged) >= WORTH_A_FIGURE:
        # A grade of one or two people is 0 or 100 %: a mark at the edge that says nothing. What is too few to show is
        # drawn for the ladder, whose grades readers look for.
        rows = [row for row in rows if (row.staff or 0) >= FEW or (row.reason in text.PROTECTED and on_ladder(row))]
    most = MOST_ROWS.get(key, MOST_ROWS_ELSE)
    if len(rows) <= most:
        return rows

    def weight(row: Row) -> tuple[bool, int]:
        return key == "grade" and on_ladder(row) and (row.staff or 0) >= 25, row.staff or 0

    kept = {id(row) for row in sorted(rows, key=weight, reverse=True)[:most]}
    return [row for row in rows if id(row) in kept]


def line(answer: Answer, row: Row, key: str = "") -> Line:
    """A row in words, named by a key of it (the first of the answer's)."""
    key = key or answer.by[0]
    code = row.keys[key]
    name = text.label(answer, key, code, short=True)
    if row.women is None or row.men is None or not row.staff:
        return Line(name, "" if row.reason == "fewer" else "–", text.why(row, short=True), code)
    # Of too few for a share the counts say it all: a column of dashes would take their room.
    share = text.share(row)
    return Line(name, "" if share == "–" and text.is_about(row) else share, text.counts(row), code)


def hover(answer: Answer, row: Row, words: Line, key: str = "") -> str:
    """What a pointer on the mark reads: the words of the row, in full."""
    name = text.label(answer, key or answer.by[0], words.code)
    if not row.staff:
        return f"{name}: {text.why(row)}"
    said = text.with_range(row, ", ".join(part for part in (words.value, words.counts) if part))
    # A line each: the words of rounded figures are long, and a label should fit beside its mark.
    remark = "" if comparable.counts(row) else text.flag(row.flag)
    return "<br>".join(part for part in (name, said, text.judged(answer, row), remark) if part)


def _open(rows: Sequence[Row]) -> list[Figure]:
    """A bar behind each mark of a rounded row, over all the shares that it may have; no trace where there is none."""
    found = [(place, ends) for place, row in enumerate(rows) if (ends := ranges.open_share(row)) is not None]
    if not found:
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "meta": OPEN_ROLE,
            "x": [x for _, (low, high) in found for x in (round(100 * low, 3), round(100 * high, 3), None)],
            "y": [y for place, _ in found for y in (place, place, None)],
            "line": {"color": LIGHT["women"], "width": 10},
            "opacity": OPEN,
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]


def marks(
    answer: Answer, rows: Sequence[Row], lines: Sequence[Line], key: str = "", against: Against | None = None
) -> list[Figure]:
    """Guides, stems and marks of rows (the marks last), hatched where they are too few to show."""
    stand_off, end = (0, against.to) if against else (50, 100)
    places = [place for place, row in enumerate(rows) if row.share_women is not None]
    shares = [round(100 * (rows[place].share_women or 0), 3) for place in places]
    tracks = [place for place, row in enumerate(rows) if row.reason != "fewer"]
    # Guides as a trace: grid lines would run on through the columns of text.
    guides: Figure = {
        "type": "scatter",
        "mode": "lines",
        "meta": "guides",
        "x": [x for _ in tracks for x in (0, end, None)],
        "y": [y for place in tracks for y in (place, place, None)],
        "line": {"color": LIGHT["line"], "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    stems: Figure = {
        "type": "scatter",
        "mode": "lines",
        "meta": "stems",
        "x": [x for share in shares for x in (stand_off, share, None)],
        "y": [y for place in places for y in (place, place, None)],
        "line": {"color": LIGHT["women"], "width": 2.5},
        "opacity": 0.4,
        "hoverinfo": "skip",
        "showlegend": False,
    }
    open_ = _open(rows)
    # Too few to judge, or in no count of entities: an open mark, so that shape and not colour says so.
    inside = [
        LIGHT["paper"] if rows[place].status == text.TOO_FEW or not comparable.counts(rows[place]) else LIGHT["women"]
        for place in places
    ]
    dots_: Figure = {
        "type": "scatter",
        "mode": "markers",
        "meta": "marks",
        "x": shares,
        "y": places,
        "marker": {"size": 12, "color": inside, "line": {"color": LIGHT["women"], "width": 2}},
        "customdata": [lines[place].code for place in places],
        "text": [hover(answer, rows[place], lines[place], key) for place in places],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
        "showlegend": False,
    }
    few = [place for place, row in enumerate(rows) if row.reason == "fewer"]
    if not few:
        return [guides, *open_, stems, dots_]
    # Beneath the guides and marks of the others.
    hovers = [hover(answer, rows[place], lines[place], key) for place in few]
    return [hatched(few, hovers, [lines[place].code for place in few]), guides, *open_, stems, dots_]


def dots(answer: Answer) -> Figure:
    """Share of women by the answer's one dimension: outlined band, 50 % line, one mark a row, counts written at it."""
    rows = drawn(answer)
    if not rows:
        return empty(text.empty_title(answer))
    lines = [line(answer, row) for row in rows]
    layout, right = row_layout(lines, DENSE_ROW_HEIGHT if len(rows) >= DENSE_FROM else ROW_HEIGHT)
    return {"data": [*marks(answer, rows, lines), *text_traces(lines, right)], "layout": layout}


def left_out(answer: Answer) -> int:
    """How many rows only the table has."""
    return len(ordered(answer)) - len(drawn(answer))
