"""Diverging bars: how many women (to the left) or men (to the right) are needed for equal numbers, in heads."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import HATCHING, SMALL, Figure, Line, row_layout, shortened, text_traces
from dashboard.figures.tokens import LIGHT
from dashboard.text import gettext

ROW_HEIGHT = 26


def diverging(
    answer: Answer, rows: Sequence[Row], name: Callable[[Row], str], code: Callable[[Row], str] = lambda row: ""
) -> Figure:
    """One bar a row, in the order given; the number needed and the counts are written beside it."""
    wanted = [row for row in rows if row.staff or row.reason in text.PROTECTED]
    if not any(row.staff for row in wanted):
        return empty(text.empty_title(answer))
    lines = [
        Line(name(row), text.index(row), text.counts(row), code(row))
        if row.women is not None
        else Line(name(row), "", text.why(row, short=True), code(row))
        for row in wanted
    ]
    # Where rounding leaves open which of the two are fewer there is no bar: it would say so.
    gaps = [(row.women or 0) - (row.men or 0) if row.index_growth else 0 for row in wanted]
    longest = max(map(abs, gaps)) or 1
    layout, right = row_layout(cut := [shortened(line) for line in lines], ROW_HEIGHT, band=False)
    layout["xaxis"] = {
        "range": [-1.05 * longest, 1.05 * longest],
        "domain": layout["xaxis"]["domain"],
        "showticklabels": False,
        "showgrid": False,
        "zeroline": True,
        "zerolinecolor": LIGHT["ink"],
        "zerolinewidth": 1,
        "fixedrange": True,
    }
    layout["annotations"] = [
        {
            "text": words,
            "x": 0,
            "xshift": shift,
            "xanchor": anchor,
            "yref": "paper",
            "y": 1,
            "yanchor": "bottom",
            "yshift": 4,
            "showarrow": False,
            "font": {"size": SMALL, "color": LIGHT[colour]},
        }
        for words, shift, anchor, colour in (
            (gettext("women"), -6, "right", "women-text"),
            (gettext("men"), 6, "left", "men-text"),
        )
    ]
    hovers = [
        f"{line.name}: {text.why(row)}"
        if row.women is None
        else f"{line.name}<br>{line.value}: {line.counts}, {text.judged(answer, row)}".rstrip(", ")
        for line, row in zip(lines, wanted, strict=True)
    ]
    bars: Figure = {
        "type": "bar",
        "orientation": "h",
        "meta": "marks",
        "x": gaps,
        "y": list(range(len(wanted))),
        "width": 0.4,
        "marker": {"color": [LIGHT["women"] if gap < 0 else LIGHT["men"] for gap in gaps], "line": {"width": 0}},
        "customdata": [line.code for line in lines],
        "hovertext": hovers,
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }
    hatched = [place for place, row in enumerate(wanted) if row.reason == "fewer"]
    strips: Figure = {
        "type": "bar",
        "orientation": "h",
        "meta": "hatched",
        "x": [2 * longest] * len(hatched),
        "base": [-longest] * len(hatched),
        "y": hatched,
        "width": 0.42,
        "marker": HATCHING,
        "customdata": [lines[place].code for place in hatched],
        "hovertext": [hovers[place] for place in hatched],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }
    return {"data": [*([strips] if hatched else []), bars, *text_traces(cut, right)], "layout": layout}
