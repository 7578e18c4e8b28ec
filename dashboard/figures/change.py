"""Figures of change: shares now beside those of earlier quarters, as dots in rows or as lines between two quarters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.dots import DENSE_FROM, DENSE_ROW_HEIGHT, ROW_HEIGHT, line, marks
from dashboard.figures.empty import empty
from dashboard.figures.layout import (
    SMALL,
    TEXT,
    Against,
    Figure,
    Line,
    band_shapes,
    row_layout,
    shortened,
    spread,
    text_traces,
)
from dashboard.figures.tokens import LIGHT

#: At most so many lines can be told apart by their labels.
MOST_LINES = 12
SLOPE_HEIGHT = 440
#: Labels of a slope need this much of its height each.
LABEL = 0.05
#: How far beyond the ends of the lines their labels stand, of the width between them.
ASIDE = 0.09


@dataclass(frozen=True)
class Earlier:
    """Rows of an earlier time by their code, the shape they are drawn in, and what they are, for hovers."""

    name: str
    symbol: str
    rows: Mapping[str, Row]


def dots_with_earlier(
    answer: Answer,
    rows: Sequence[Row],
    earlier: Sequence[Earlier],
    key: str,
    words: Callable[[Row, Line], Line] = lambda row, line: line,
    against: Against | None = None,
) -> Figure:
    """Share of women now, and open marks where it stood before; the rows in the order given.

    `words` may say something else beside a row than its share and its counts; `against` is another strip than the
    parity band.
    """
    if not any(row.staff for row in rows):
        return empty(text.empty_title(answer))
    lines = [words(row, shortened(line(answer, row, key))) for row in rows]
    height = DENSE_ROW_HEIGHT if len(rows) >= DENSE_FROM else ROW_HEIGHT
    layout, right = row_layout(lines, height, against=against)
    traces = marks(answer, rows, lines, key, against)
    before: list[Figure] = []
    for then in earlier:
        places = [
            (place, then.rows[row.keys[key]])
            for place, row in enumerate(rows)
            if row.keys[key] in then.rows and then.rows[row.keys[key]].share_women is not None
        ]
        before.append(
            {
                "type": "scatter",
                "mode": "markers",
                "meta": "earlier",
                "x": [round(100 * (row.share_women or 0), 3) for _, row in places],
                "y": [place for place, _ in places],
                "marker": {
                    "size": 9,
                    "symbol": then.symbol,
                    "color": LIGHT["paper"],
                    "line": {"color": LIGHT["neutral"], "width": 1.5},
                },
                "customdata": [row.keys[key] for _, row in places],
                "text": [
                    f"{text.label(answer, key, row.keys[key], short=True)}, {then.name}<br>"
                    f"{text.share_or_counts(row)}, {text.counts(row)}"
                    for _, row in places
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "cliponaxis": False,
                "showlegend": False,
            }
        )
    return {"data": [*traces[:-1], *before, traces[-1], *text_traces(lines, right)], "layout": layout}


def slope(answer: Answer, pairs: Sequence[tuple[Row, Row]], key: str, then: str, now: str) -> Figure:
    """Lines from an earlier quarter to this one, at most MOST_LINES, labelled at both ends and nowhere else."""
    pairs = [(old, new) for old, new in pairs if old.share_women is not None and new.share_women is not None]
    pairs = pairs[:MOST_LINES]
    if not pairs:
        return empty(text.empty_title(answer))
    shares = [(100 * (old.share_women or 0), 100 * (new.share_women or 0)) for old, new in pairs]
    low, high = min(46.0, *(min(pair) for pair in shares)) - 2, max(54.0, *(max(pair) for pair in shares)) + 2
    least = LABEL * (high - low)
    at_left = spread([pair[0] for pair in shares], least)
    at_right = spread([pair[1] for pair in shares], least)
    low, high = min(low, *at_left, *at_right) - 1, max(high, *at_left, *at_right) + 1
    traces: list[Figure] = []
    notes: list[Figure] = []
    for (old, new), (first, last), left, right in zip(pairs, shares, at_left, at_right, strict=True):
        up = last >= first
        name = text.label(answer, key, new.keys[key], short=True)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "meta": "marks",
                "x": [0, 1],
                "y": [round(first, 3), round(last, 3)],
                # Down is dashed: direction must not be told by the angle of a nearly flat line alone.
                "line": {"color": LIGHT["women" if up else "neutral"], "width": 2, "dash": "solid" if up else "dash"},
                "marker": {"color": LIGHT["women" if up else "neutral"], "size": 7},
                "customdata": [new.keys[key]] * 2,
                "text": [
                    f"{name}, {when}<br>{text.share(row)}, {text.counts(row)}"
                    for row, when in ((old, then), (new, now))
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "cliponaxis": False,
                "showlegend": False,
            }
        )
        for words, x, point, y, anchor, shift in (
            (text.share(old), 0, first, left, "right", -4),
            (f"{text.share(new)} {name}", 1, last, right, "left", 4),
        ):
            # Labels that had to make room are led back to their points.
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": [x, x - ASIDE if x == 0 else x + ASIDE],
                    "y": [round(point, 3), round(y, 3)],
                    "line": {"color": LIGHT["band-edge"], "width": 1},
                    "hoverinfo": "skip",
                    "cliponaxis": False,
                    "showlegend": False,
                }
            )
            notes.append(
                {
                    "text": words,
                    "x": x - ASIDE if x == 0 else x + ASIDE,
                    "y": y,
                    "xanchor": anchor,
                    "xshift": shift,
                    "showarrow": False,
                    "font": {"size": SMALL, "color": LIGHT["ink"]},
                }
            )
    return {
        "data": traces,
        "layout": {
            "height": SLOPE_HEIGHT,
            "margin": {"l": 64, "r": 150, "t": 30, "b": 12, "autoexpand": False},
            "xaxis": {
                "range": [-ASIDE, 1 + ASIDE],
                "side": "top",
                "tickvals": [0, 1],
                "ticktext": [then, now],
                "tickangle": 0,
                "tickfont": {"size": TEXT, "color": LIGHT["muted"]},
                "ticklabeloverflow": "allow",
                "gridcolor": LIGHT["line"],
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": {"range": [low, high], "visible": False, "fixedrange": True},
            "shapes": band_shapes("y"),
            "annotations": notes,
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "meta": {"narrow": {"margin": {"l": 48, "r": 144}, "xaxis": {"tickfont": {"size": SMALL - 2}}}},
        },
    }
