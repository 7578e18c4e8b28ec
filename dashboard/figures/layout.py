"""What figures have in common: the parity band, the 50 % line, and rows of text beside or above marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboard import text
from dashboard.figures.tokens import LIGHT
from dashboard.settings import PARITY_BAND
from dashboard.text import NBSP, gettext

Figure = dict[str, Any]

#: Pixels a character needs at the two sizes of text in figures, in the widest of common system fonts.
WIDE_CHARACTER, SMALL_CHARACTER = 7.6, 7.2
TEXT, SMALL = 13, 12
#: The width figures are laid out for where nobody asks the browser (tests, previews).
NOMINAL_WIDTH = 440
AXIS_ROOM, LABEL_ROOM = 28, 24
#: How everything is filled that is there and too few to show.
HATCHING: Figure = {
    "color": LIGHT["paper"],
    "line": {"color": LIGHT["control"], "width": 1},
    "pattern": {
        "shape": "/",
        "fgcolor": LIGHT["control"],
        "bgcolor": LIGHT["paper"],
        "size": 7,
        "solidity": 0.15,
        "fillmode": "overlay",
    },
}


@dataclass(frozen=True)
class Line:
    """One row of a figure: its name, the value written at it, the counts beside that, and the code a click chooses."""

    name: str
    value: str
    counts: str
    code: str


#: A name beside a row is cut here: the table and what a pointer reads have it whole.
LONGEST_NAME = 27


def shortened(line: Line) -> Line:
    """The row with a name that leaves room for its numbers."""
    if len(line.name) <= LONGEST_NAME:
        return line
    return replace(line, name=line.name[: LONGEST_NAME - 1].rstrip(" ,") + "…")


def pixels(texts: Sequence[str], character: float) -> int:
    """Room for the longest of these texts."""
    return round(max((len(text) for text in texts), default=0) * character)


@dataclass(frozen=True)
class Against:
    """What shares in rows are held against: a strip from `low` to `high` per cent with its name, and how far the axis
    goes. Where it is not the parity band, there is no line at 50 % either: marks stand off from 0.
    """

    low: int
    high: int
    name: str
    to: int = 100


def band_shapes(axis: str = "x", filled: bool = True, strip: tuple[int, int] = PARITY_BAND) -> list[Figure]:
    """The parity band as an outlined strip, and the line at 50 %, across the whole plot; of another strip, it alone."""
    low, high = strip
    other = "y" if axis == "x" else "x"
    across = {f"{other}ref": f"{other} domain" if axis == "y" else "paper", f"{other}0": 0, f"{other}1": 1}
    shape: Figure = {
        "type": "rect",
        f"{axis}ref": axis,
        f"{axis}0": low,
        f"{axis}1": high,
        **across,
        "line": {"color": LIGHT["band-edge"], "width": 1, "dash": "dot"},
        "layer": "below" if filled else "above",
    }
    if filled:
        shape["fillcolor"] = LIGHT["band"]
    if strip != PARITY_BAND:
        return [shape]
    half = {
        "type": "line",
        f"{axis}ref": axis,
        f"{axis}0": 50,
        f"{axis}1": 50,
        **across,
        "line": {"color": LIGHT["ink"], "width": 1},
        "layer": "below" if filled else "above",
    }
    return [shape, half]


#: What draws where rounding leaves a share open: how strongly it is filled, and the role by which a figure says so.
OPEN, OPEN_ROLE = 0.18, "open"


def open_note(figure: Figure) -> str:
    """What the shaded parts of a figure are; empty where it has none."""
    if all(trace.get("meta") != OPEN_ROLE for trace in figure["data"]):
        return ""
    return text.shaded()


def band_label() -> str:
    """The name of the strip, written in every figure that has it."""
    low, high = PARITY_BAND
    # Translators: %(low)s is a number and %(high)s a percentage: "parity band 47–53 %".
    return gettext("parity band %(low)s–%(high)s", low=text.number(low), high=text.percent_of(high))


def band_note(against: Against | None = None) -> Figure:
    """The name of the strip beneath the plot."""
    return {
        "text": against.name if against else band_label(),
        "xref": "x",
        "x": (against.low + against.high) / 2 if against else 50,
        "yref": "paper",
        "y": 0,
        "yshift": -2,
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
    }


def hatched(rows: Sequence[float], hovers: Sequence[str], codes: Sequence[str], width: float = 0.42) -> Figure:
    """The one look of what is too few to show: a hatched strip over the whole axis, since it may lie anywhere; never
    a mark at zero. Hatching and not colour, so that print and forced colours keep it.
    """
    return {
        "type": "bar",
        "orientation": "h",
        "meta": "hatched",
        "x": [100] * len(rows),
        "y": list(rows),
        "width": width,
        "marker": HATCHING,
        "customdata": list(codes),
        "hovertext": list(hovers),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def share_axis(to: int = 100) -> Figure:
    """0 to 100 % along the top, or to less."""
    ticks = [at * to // 4 for at in range(5)]
    return {
        "range": [0, to],
        "side": "top",
        "tickvals": ticks,
        "ticktext": [f"{at}{NBSP}%" if at in (0, to) else str(at) for at in ticks],
        "tickangle": 0,
        "tickfont": {"size": SMALL, "color": LIGHT["muted"]},
        "ticklabeloverflow": "allow",
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def text_traces(lines: Sequence[Line], right: int) -> list[Figure]:
    """The columns of text of a row figure, each one trace: names (drawn only where narrow), values and counts.

    They stand on a second x axis that counts pixels, so that columns keep their width at any width of the figure.
    """
    places = list(range(len(lines)))

    def column(role: str, texts: list[str], at: float, position: str, size: int, colour: str, shown: bool) -> Figure:
        return {
            "type": "scatter",
            "mode": "text",
            "meta": role,
            "x": [at] * len(lines),
            "y": places,
            "xaxis": "x2",
            "text": texts,
            "textposition": position,
            "textfont": {"size": size, "color": colour},
            "cliponaxis": False,
            "hoverinfo": "skip",
            "showlegend": False,
            "visible": shown,
        }

    return [
        column("names", [line.name for line in lines], 0, "middle right", TEXT, LIGHT["ink"], False),
        column("values", [line.value for line in lines], 10, "middle right", TEXT, LIGHT["ink"], True),
        column("counts", [line.counts for line in lines], right, "middle left", SMALL, LIGHT["muted"], True),
    ]


def row_layout(
    lines: Sequence[Line], row_height: int, band: bool = True, against: Against | None = None
) -> tuple[Figure, int]:
    """The layout of a row figure, and the pixels its right-hand columns take. `against` stands for the parity band."""
    left = min(max(pixels([line.name for line in lines], WIDE_CHARACTER) + 12, 48), 190)
    right = (
        10
        + pixels([line.value for line in lines], WIDE_CHARACTER)
        + 14
        + pixels([line.counts for line in lines], SMALL_CHARACTER)
    )
    split = max(0.35, 1 - right / (NOMINAL_WIDTH - left))
    count = max(len(lines), 1)
    height = AXIS_ROOM + row_height * count + LABEL_ROOM
    layout: Figure = {
        "height": height,
        "margin": {"l": left, "r": 0, "t": AXIS_ROOM, "b": LABEL_ROOM, "autoexpand": False},
        "xaxis": share_axis(against.to if against else 100) | {"domain": [0, round(split, 4)]},
        "xaxis2": {
            "domain": [round(split, 4), 1],
            "range": [0, right],
            "visible": False,
            "fixedrange": True,
            "anchor": "y",
        },
        "yaxis": {
            "range": [count - 0.5, -0.5],
            "tickvals": list(range(len(lines))),
            "ticktext": [line.name for line in lines],
            "tickfont": {"size": TEXT, "color": LIGHT["ink"]},
            # Plotly measures every label to hide those that do not fit; all of ours do.
            "ticklabeloverflow": "allow",
            "ticks": "",
            "ticklabelstandoff": 8,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
        "shapes": band_shapes(strip=(against.low, against.high) if against else PARITY_BAND) if band else [],
        "annotations": [],
        "showlegend": False,
        "barmode": "overlay",
        "hovermode": "closest",
        "dragmode": False,
        # For the browser, which measures the texts and lays the rows out at its own width.
        "meta": {"rows": len(lines), "band": band},
    }
    if band:
        layout["annotations"] = [band_note(against)]
    return layout, right


def spread(values: Sequence[float], least: float) -> list[float]:
    """Places near these values, in their order, that are at least so far apart."""
    order = sorted(range(len(values)), key=lambda at: values[at])
    placed = [values[at] for at in order]
    for _ in range(200):
        moved = False
        for number in range(1, len(placed)):
            short = least - (placed[number] - placed[number - 1])
            if short > 1e-6:
                placed[number - 1] -= short / 2
                placed[number] += short / 2
                moved = True
        if not moved:
            break
    found = [0.0] * len(values)
    for number, at in enumerate(order):
        found[at] = placed[number]
    return found
