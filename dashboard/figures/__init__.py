"""Answer -> plotly figure, as plain dicts made by pure functions; and the table that says the same.

Plain dicts because they build a thousand times faster than plotly's objects; a test passes each through `go.Figure`.
Colours are light values of `tokens`; fonts, backgrounds and dark mode are the browser's (assets/figures.js), which
also lays a figure out anew where it is narrow. For that, traces carry a role in `meta` and layouts say in `meta` how
many pixels their columns of text need.
"""

from dashboard.figures.bars import composition, reporting
from dashboard.figures.change import dots_with_earlier, slope
from dashboard.figures.counts import women_and_men
from dashboard.figures.diverging import diverging
from dashboard.figures.dots import dots
from dashboard.figures.empty import empty
from dashboard.figures.maps import world
from dashboard.figures.mirrored import mirrored
from dashboard.figures.multiples import multiples
from dashboard.figures.trend import Other, trend, trend_against

__all__ = [
    "Other",
    "composition",
    "diverging",
    "dots",
    "dots_with_earlier",
    "empty",
    "mirrored",
    "multiples",
    "reporting",
    "slope",
    "trend",
    "trend_against",
    "women_and_men",
    "world",
]
