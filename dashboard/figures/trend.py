"""The trend: share of women by quarter, like for like, against the parity band."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import SMALL, TEXT, Figure, band_label, band_shapes
from dashboard.figures.tokens import LIGHT
from dashboard.text import gettext

HEIGHT = 264
#: The line of all entities is drawn only where it would tell something else (points).
WORTH_A_LINE = 0.1
#: A label of a quarter needs about this many quarters of room on either side, of 36 on a panel.
LABEL_ROOM_QUARTERS = 5


def _ticks(count: int) -> list[int]:
    """Places of quarters that get a label: the first, the last and evenly in between."""
    if count <= 1:
        return [0]
    steps = max(1, min(4, (count - 1) // LABEL_ROOM_QUARTERS))
    return sorted({round(step * (count - 1) / steps) for step in range(steps + 1)})


def _step(span: float) -> int:
    return next((step for step in (1, 2, 5, 10) if span / step <= 8), 25)


def _shares(rows: Sequence[Row]) -> list[float]:
    return [round(100 * (row.share_women or 0), 3) for row in rows]


def beside(answer: Answer) -> list[Row]:
    """The rows of the second line, of all entities, where it would tell something else than the first; else none."""
    rows, basis = text.trend_rows(answer)
    if basis == "all":
        return []
    shares = {row.keys["quarter"]: row.share_women or 0 for row in rows}
    found = [row for row in answer.rows if row.keys["basis"] == "all" and row.staff and row.keys["quarter"] in shares]
    found.sort(key=lambda row: row.keys["quarter"])
    apart = (abs((row.share_women or 0) - shares[row.keys["quarter"]]) for row in found)
    return found if 100 * max(apart, default=0) >= WORTH_A_LINE else []


def notes(answer: Answer) -> Sequence[str]:
    """What the lines are, where there are two."""
    return (gettext("Dotted: all entities of each quarter."),) if beside(answer) else ()


def trend(answer: Answer) -> Figure:
    """Share of women by quarter; the band, the 50 % line, and the value at both ends in words."""
    rows, _basis = text.trend_rows(answer)
    if not rows:
        return empty(text.empty_title(answer))
    place = {row.keys["quarter"]: number for number, row in enumerate(rows)}
    shares = _shares(rows)
    everyone = beside(answer)
    others = _shares(everyone)
    seen = shares + others
    low, high = max(0.0, min(*seen, 46.0) - 1.5), min(100.0, max(*seen, 54.0) + 1.5)
    last = len(rows) - 1

    def said(row: Row) -> str:
        share = text.percent(row.women or 0, row.men or 0)
        counts = gettext("%(women)s of %(staff)s", women=text.number(row.women or 0), staff=text.number(row.staff or 0))
        remark = "" if row.flag == "reported" else f"<br>{text.flag(row.flag)}"
        return f"{row.keys['quarter']}: {share}, {counts}{remark}"

    line: Figure = {
        "type": "scatter",
        "mode": "lines" if last else "markers",
        "meta": "marks",
        "x": list(range(len(rows))),
        "y": shares,
        "line": {"color": LIGHT["women"], "width": 2.8},
        "marker": {"color": LIGHT["women"], "size": 10},
        "customdata": [row.keys["quarter"] for row in rows],
        "text": [said(row) for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
        "showlegend": False,
    }
    ends = sorted({0, last})
    points: Figure = {
        "type": "scatter",
        "mode": "markers",
        "x": ends,
        "y": [shares[end] for end in ends],
        "marker": {"color": LIGHT["women"], "size": 9},
        "hoverinfo": "skip",
        "cliponaxis": False,
        "showlegend": False,
    }
    rising = shares[last] >= shares[0]
    annotations = [
        {
            "text": f"<b>{text.percent(rows[last].women or 0, rows[last].men or 0)}</b>",
            "x": last,
            "y": shares[last],
            "xanchor": "left",
            "xshift": 10,
            "showarrow": False,
            "font": {"size": TEXT, "color": LIGHT["women-text"]},
        },
        {
            "text": band_label(),
            "xref": "x domain",
            "x": 0.01,
            "y": 53,
            "xanchor": "left",
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
        },
    ]
    if last:
        annotations.append(
            {
                "text": text.percent(rows[0].women or 0, rows[0].men or 0),
                "x": 0,
                "y": shares[0],
                "xanchor": "left",
                "yanchor": "top" if rising else "bottom",
                "yshift": -6 if rising else 6,
                "showarrow": False,
                "font": {"size": SMALL, "color": LIGHT["muted"]},
            }
        )
    shapes = band_shapes("y")
    for number, row in enumerate(rows):
        if row.flag == "break":
            shapes.append(
                {
                    "type": "line",
                    "xref": "x",
                    "x0": number,
                    "x1": number,
                    "yref": "y domain",
                    "y0": 0,
                    "y1": 1,
                    "line": {"color": LIGHT["neutral"], "width": 1, "dash": "dash"},
                    "layer": "below",
                }
            )
            annotations.append(
                {
                    "text": text.flag("break"),
                    "x": number,
                    "yref": "y domain",
                    "y": 0,
                    "yanchor": "bottom",
                    "xanchor": "right",
                    "textangle": -90,
                    "showarrow": False,
                    "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
                }
            )
    traces = [line, points]
    if everyone:
        traces.insert(
            0,
            {
                "type": "scatter",
                "mode": "lines",
                "x": [place[row.keys["quarter"]] for row in everyone],
                "y": others,
                "line": {"color": LIGHT["neutral"], "width": 1.4, "dash": "dot"},
                "text": [said(row) for row in everyone],
                "hoverinfo": "skip",
                "showlegend": False,
            },
        )
    ticks = _ticks(len(rows))
    few = sorted({0, last})
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 46, "r": 72, "t": 12, "b": 30, "autoexpand": False},
            "xaxis": {
                "range": [-0.3, last + 0.3] if last else [-1, 1],
                "tickvals": ticks,
                "ticktext": [rows[tick].keys["quarter"] for tick in ticks],
                "tickfont": {"size": SMALL, "color": LIGHT["muted"]},
                "ticks": "outside",
                "tickcolor": LIGHT["line"],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": {
                "range": [low, high],
                "dtick": _step(high - low),
                "ticksuffix": f"{text.NBSP}%",
                "tickfont": {"size": SMALL, "color": LIGHT["muted"]},
                "gridcolor": LIGHT["line"],
                "showgrid": True,
                "zeroline": False,
                "fixedrange": True,
            },
            "shapes": shapes,
            "annotations": annotations,
            "showlegend": False,
            "hovermode": "x",
            "dragmode": False,
            "meta": {"narrow": {"xaxis": {"tickvals": few, "ticktext": [rows[tick].keys["quarter"] for tick in few]}}},
        },
    }
