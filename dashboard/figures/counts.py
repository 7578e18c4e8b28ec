"""Women and men in heads over time: two lines from zero, named and counted at both ends."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import SMALL, TEXT, Figure, pixels, spread
from dashboard.figures.tokens import LIGHT
from dashboard.figures.trend import quarters_axis
from dashboard.text import ngettext

HEIGHT = 240
#: Of the height of the plot, what a label at the end of a line needs.
LABEL_HEIGHT = 0.1
#: Room above the higher line.
HEADROOM = 1.15


def _said(sex: str, count: int) -> str:
    if sex == "women":
        return ngettext("%(count)s woman", "%(count)s women", count, count=text.number(count))
    return ngettext("%(count)s man", "%(count)s men", count, count=text.number(count))


def women_and_men(answer: Answer, rows: Sequence[Row]) -> Figure:
    """Two lines over the quarters of these rows, in the order given; men's dashed, so that not colour alone tells."""
    if not any(row.staff for row in rows):
        return empty(text.empty_title(answer))
    last = len(rows) - 1
    high = max(max(row.women or 0, row.men or 0) for row in rows) * HEADROOM
    traces: list[Figure] = []
    for sex, dash in (("women", "solid"), ("men", "dash")):
        counts = [row.women if sex == "women" else row.men for row in rows]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines" if last else "markers",
                "meta": "marks",
                "x": list(range(len(rows))),
                "y": counts,
                "line": {"color": LIGHT[sex], "width": 2.6, "dash": dash},
                "marker": {"color": LIGHT[sex], "size": 10},
                "customdata": [row.keys["quarter"] for row in rows],
                "text": [
                    f"{row.keys['quarter']}: {_said(sex, count or 0)}" for row, count in zip(rows, counts, strict=True)
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "cliponaxis": False,
                "showlegend": False,
            }
        )
    notes: list[Figure] = []
    words: list[str] = []
    for at in sorted({0, last}):
        ends = [(sex, (rows[at].women if sex == "women" else rows[at].men) or 0) for sex in ("women", "men")]
        # The one that is more stands above, also where both are equal.
        places = spread([count + (0.001 if sex == "women" else 0) for sex, count in ends], LABEL_HEIGHT * high)
        for (sex, count), y in zip(ends, places, strict=True):
            said = _said(sex, count) if at == last else text.number(count)
            words += [said] if at == last else []
            notes.append(
                {
                    "text": f"<b>{said}</b>" if at == last else said,
                    "x": at,
                    "y": max(y, 0),
                    "xanchor": "left" if at == last else "right",
                    "xshift": 10 if at == last else -8,
                    "showarrow": False,
                    "font": {"size": TEXT if at == last else SMALL, "color": LIGHT[f"{sex}-text"]},
                }
            )
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT,
            "margin": {"l": 40, "r": 22 + pixels(words, 8.6), "t": 12, "b": 30, "autoexpand": False},
            "xaxis": quarters_axis(rows),
            "yaxis": {
                "range": [0, high],
                "showticklabels": False,
                "gridcolor": LIGHT["line"],
                "zeroline": True,
                "zerolinecolor": LIGHT["control"],
                "fixedrange": True,
            },
            "shapes": [],
            "annotations": notes,
            "showlegend": False,
            "hovermode": "x",
            "dragmode": False,
            "meta": {
                "narrow": {
                    "xaxis": {
                        "tickvals": sorted({0, last}),
                        "ticktext": [rows[tick].keys["quarter"] for tick in sorted({0, last})],
                    }
                }
            },
        },
    }
