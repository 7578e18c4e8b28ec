"""The figure of an answer without figures."""

from __future__ import annotations

from dashboard.figures.layout import TEXT, Figure
from dashboard.figures.tokens import LIGHT


def empty(sentence: str) -> Figure:
    """A figure that says why there is none."""
    return {
        "data": [],
        "layout": {
            "height": 64,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "autoexpand": False},
            "xaxis": {"visible": False, "fixedrange": True, "range": [0, 1]},
            "yaxis": {"visible": False, "fixedrange": True, "range": [0, 1]},
            "annotations": [
                {
                    "text": sentence,
                    "xref": "paper",
                    "yref": "paper",
                    "x": 0,
                    "y": 0.5,
                    "xanchor": "left",
                    "align": "left",
                    "showarrow": False,
                    "font": {"size": TEXT, "color": LIGHT["muted"]},
                }
            ],
            "dragmode": False,
            "meta": {},
        },
    }
