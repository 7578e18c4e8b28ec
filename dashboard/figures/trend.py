"""The trend: share of women by quarter, like for like, against the parity band."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboard import comparable, ranges, text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import (
    HATCHING,
    OPEN,
    OPEN_ROLE,
    SMALL,
    TEXT,
    Figure,
    band_label,
    band_shapes,
    pixels,
    spread,
)
from dashboard.figures.tokens import LIGHT
from dashboard.text import gettext

HEIGHT = 264
#: The line of all entities is drawn only where it would tell something else (points).
WORTH_A_LINE = 0.1
#: A quarter between two gaps is as wide as a mark, to each side, of the room of a quarter.
MARK_WIDE = 0.2
#: A label of a quarter needs about this many quarters of room on either side, of 36 on a panel.
LABEL_ROOM_QUARTERS = 5
#: Of the height of the plot, what a label at the end of a line needs.
LABEL_HEIGHT = 0.09


def ticks(count: int) -> list[int]:
    """Places of quarters that get a label: the first, the last and evenly in between."""
    if count <= 1:
        return [0]
    steps = max(1, min(4, (count - 1) // LABEL_ROOM_QUARTERS))
    return sorted({round(step * (count - 1) / steps) for step in range(steps + 1)})


def quarters_axis(rows: Sequence[Row]) -> Figure:
    """The axis along the bottom: a place for each quarter of these rows, some of them named."""
    last, marked = len(rows) - 1, ticks(len(rows))
    return {
        "range": [-0.3, last + 0.3] if last else [-1, 1],
        "tickvals": marked,
        "ticktext": [rows[tick].keys["quarter"] for tick in marked],
        "tickfont": {"size": SMALL, "color": LIGHT["muted"]},
        "ticklabeloverflow": "allow",
        "ticks": "outside",
        "tickcolor": LIGHT["line"],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }


def _step(span: float) -> int:
    return next((step for step in (1, 2, 5, 10) if span / step <= 8), 25)


def _shares(rows: Sequence[Row]) -> list[float | None]:
    return [None if row.share_women is None else round(100 * row.share_women, 3) for row in rows]


def quarters(answer: Answer) -> list[Row]:
    """A row a quarter, in order of time: those of the line, and those beside it (carried forward or partial, before a
    series break, not submitted, too few to show).
    """
    return comparable.development(answer).quarters


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
    """What the lines are where there are two, and marks that are in none."""
    said = [gettext("Dotted line: all entities with figures in each quarter.")] if beside(answer) else []
    return (*said, *looks(answer))


def looks(answer: Answer) -> Sequence[str]:
    """What the marks are that are in no line."""
    found = comparable.development(answer)
    said = []
    if found.hollow:
        said.append(gettext("Hollow marks are carried forward or partly reported, and not part of the line."))
    if found.apart:
        said.append(gettext("The thin line is before the series break."))
    return said


def _at_the_ends(rows: Sequence[Row], shares: Sequence[float | None], ends: Sequence[int]) -> list[Figure]:
    """The values at both ends, in words."""
    first, last = ends[0], ends[-1]
    rising = (shares[last] or 0) >= (shares[first] or 0)
    found: list[Figure] = [
        {
            "text": f"<b>{text.share(rows[last])}</b>",
            "x": last,
            "y": shares[last],
            "xanchor": "left",
            "xshift": 10,
            "showarrow": False,
            "font": {"size": TEXT, "color": LIGHT["women-text"]},
        }
    ]
    if last != first:
        found.append(
            {
                "text": text.share(rows[first]),
                "x": first,
                "y": shares[first],
                "xanchor": "left",
                "yanchor": "top" if rising else "bottom",
                "yshift": -6 if rising else 6,
                "showarrow": False,
                "font": {"size": SMALL, "color": LIGHT["muted"]},
            }
        )
    return found


def _hatched(rows: Sequence[Row], few: Sequence[int], low: float, high: float, said: Callable[[Row], str]) -> Figure:
    """Quarters that are too few to show, as a hatched strip at the foot: there, and not zero."""
    return {
        "type": "bar",
        "meta": "hatched",
        "x": list(few),
        "y": [0.06 * (high - low)] * len(few),
        "base": [low] * len(few),
        "width": 1,
        "marker": HATCHING,
        "customdata": [rows[number].keys["quarter"] for number in few],
        "hovertext": [said(rows[number]) for number in few],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _not_in_line(found: comparable.Development, place: Mapping[str, int], said: Callable[[Row], str]) -> list[Figure]:
    """Quarters that are in no change: hollow marks of what was carried forward or is in part, and a thin line of what
    was reported before a series break.
    """

    def trace(rows: Sequence[Row], mode: str, **look: object) -> Figure:
        return {
            "type": "scatter",
            "mode": mode,
            "x": [place[row.keys["quarter"]] for row in rows],
            "y": _shares(rows),
            "customdata": [row.keys["quarter"] for row in rows],
            "text": [said(row) for row in rows],
            "hovertemplate": "%{text}<extra></extra>",
            "cliponaxis": False,
            "showlegend": False,
            **look,
        }

    ring = {"size": 8, "color": LIGHT["paper"], "line": {"color": LIGHT["neutral"], "width": 1.5}}
    traces = []
    if found.apart:
        look = {"color": LIGHT["neutral"], "width": 1.4}
        mode = "lines" if len(found.apart) > 1 else "markers"
        traces.append(trace(found.apart, mode, line=look, marker={"color": LIGHT["neutral"], "size": 5}))
    if found.hollow:
        traces.append(trace(found.hollow, "markers", meta="hollow", marker=ring))
    return traces


def _open(rows: Sequence[Row]) -> list[Figure]:
    """What rounding leaves open, as a band about each run of quarters with shares: the least and the most share that
    the shown numbers may stand for.
    """
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "meta": OPEN_ROLE,
            "x": [place for place, _ in (*run, *reversed(run))],
            "y": [round(100 * low, 3) for _, (low, _) in run]
            + [round(100 * high, 3) for _, (_, high) in reversed(run)],
            "fill": "toself",
            "line": {"color": LIGHT["women"], "width": 0},
            "fillcolor": LIGHT["women"],
            "opacity": OPEN,
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for run in ranges.runs(map(ranges.open_share, rows), MARK_WIDE)
    ]


def hover(row: Row) -> str:
    """What a pointer reads of a quarter: its share and counts, what rounding leaves open, and how they came to be."""
    said = text.counts(row) if text.share(row) == "–" else f"{text.share(row)}, {text.counts(row)}"
    remark = "" if row.flag == "reported" else f"<br>{text.flag(row.flag)}"
    return f"{text.with_range(row, said)}{remark}"


def trend(answer: Answer) -> Figure:
    """Share of women by quarter; the band, the 50 % line, and the value at both ends in words."""
    found = comparable.development(answer)
    rows = found.quarters
    if not any(row.staff for row in rows):
        return empty(text.empty_title(answer))
    place = {row.keys["quarter"]: number for number, row in enumerate(rows)}
    # What cannot be compared has a place in time, and none in the line.
    compared = {row.keys["quarter"] for row in found.line}
    shares = [
        share if row.keys["quarter"] in compared else None for row, share in zip(rows, _shares(rows), strict=True)
    ]
    everyone = beside(answer)
    others = _shares([*everyone, *found.hollow, *found.apart])
    bands = _open(rows)
    seen = [share for share in shares + others if share is not None] + [y for band in bands for y in band["y"]]
    low, high = max(0.0, min(*seen, 46.0, 46.0) - 1.5), min(100.0, max(*seen, 54.0, 54.0) + 1.5)
    last = len(rows) - 1
    # The ends of the line: of a protected one its first and last quarters may have no share.
    told = [number for number, share in enumerate(shares) if share is not None]

    def said(row: Row) -> str:
        if not row.staff:
            return f"{row.keys['quarter']}: {text.why(row)}"
        return f"{row.keys['quarter']}: {hover(row)}"

    line: Figure = {
        "type": "scatter",
        # A protected line has gaps, and a point between two of them would not be drawn as a line.
        "mode": "lines" if last and len(told) == len(rows) else "lines+markers" if last else "markers",
        "connectgaps": False,
        "meta": "marks",
        "x": list(range(len(rows))),
        "y": shares,
        "line": {"color": LIGHT["women"], "width": 2.8},
        "marker": {"color": LIGHT["women"], "size": 10 if not last else 5},
        "customdata": [row.keys["quarter"] for row in rows],
        "text": [said(row) for row in rows],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
        "showlegend": False,
    }
    ends = sorted({told[0], told[-1]}) if told else []
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
    annotations: list[Figure] = [
        {
            "text": band_label(),
            "xref": "x domain",
            "x": 0.01,
            # At the edge of the band that the line does not begin at.
            "y": 47 if shares[0] is not None and shares[0] > 50 else 53,
            "xanchor": "left",
            "yanchor": "bottom" if shares[0] is not None and shares[0] > 50 else "top",
            "showarrow": False,
            "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
        },
    ]
    if ends:
        annotations += _at_the_ends(rows, shares, ends)
    shapes = band_shapes("y")
    for number, row in enumerate(rows):
        if row.extra.get("series_break"):
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
    traces = [*bands, line, points, *_not_in_line(found, place, said)]
    few = [number for number, row in enumerate(rows) if row.reason == "fewer"]
    if few:
        traces.insert(0, _hatched(rows, few, low, high, said))
        annotations.append(
            {
                "text": text.why(rows[few[0]]),
                "x": (few[0] + max(few[:1] + [number for at, number in enumerate(few) if number == few[0] + at])) / 2,
                "y": low + 0.07 * (high - low),
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
            }
        )
    if everyone:
        traces.insert(
            0,
            {
                "type": "scatter",
                "mode": "lines",
                "x": [place[row.keys["quarter"]] for row in everyone],
                "y": _shares(everyone),
                "line": {"color": LIGHT["neutral"], "width": 1.4, "dash": "dot"},
                "text": [said(row) for row in everyone],
                "hoverinfo": "skip",
                "showlegend": False,
            },
        )
    first_and_last = sorted({0, last})
    return {
        "data": traces,
        "layout": {
            "height": HEIGHT,
            # "about" in front of a share takes as much room again.
            "margin": {
                "l": 46,
                "r": 108 if any(map(text.is_about, rows)) else 72,
                "t": 12,
                "b": 30,
                "autoexpand": False,
            },
            "xaxis": quarters_axis(rows),
            "yaxis": {
                "range": [low, high],
                "dtick": _step(high - low),
                "ticksuffix": f"{text.NBSP}%",
                "tickfont": {"size": SMALL, "color": LIGHT["muted"]},
                "ticklabeloverflow": "allow",
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
            "meta": {
                "narrow": {
                    "xaxis": {
                        "tickvals": first_and_last,
                        "ticktext": [rows[tick].keys["quarter"] for tick in first_and_last],
                    }
                }
            },
        },
    }


@dataclass(frozen=True)
class Other:
    """Another set of staff whose development stands beside one: its name at the end of its line, and how that looks."""

    name: str
    answer: Answer
    dash: str = "dot"


def trend_against(answer: Answer, others: Sequence[Other]) -> Figure:
    """A trend, and beside it those of other sets of staff, each in a look of its own and named at its end."""
    figure = trend(answer)
    if not figure["data"]:
        return figure
    order = {row.keys["quarter"]: place for place, row in enumerate(quarters(answer))}
    ends = []
    for other in others:
        rows = [row for row in text.trend_rows(other.answer)[0] if row.share_women is not None]
        rows = [row for row in rows if row.keys["quarter"] in order]
        if not rows:
            continue
        shares = [round(100 * (row.share_women or 0), 3) for row in rows]
        figure["data"].insert(
            0,
            {
                "type": "scatter",
                "mode": "lines",
                "meta": "other",
                "x": [order[row.keys["quarter"]] for row in rows],
                "y": shares,
                "line": {"color": LIGHT["neutral"], "width": 1.6, "dash": other.dash},
                "hoverinfo": "skip",
                "cliponaxis": False,
                "showlegend": False,
            },
        )
        ends.append((f"{other.name} {text.share(rows[-1])}", order[rows[-1].keys["quarter"]], shares))
    if ends:
        _room_for(figure["layout"], answer, ends)
    return figure


def _first_aside(layout: Figure, own: Sequence[Row], begins: Sequence[float], near: float) -> None:
    """Write the first value on that side of its point where fewer other lines begin."""
    label = next((note for note in layout["annotations"] if "yshift" in note), None)
    if label is None or not own:
        return
    start = 100 * (own[0].share_women or 0)
    below = sum(0 <= start - share < near for share in begins)
    above = sum(0 < share - start < near for share in begins)
    under = label["yanchor"] == "top"
    if below > above if under else above > below:
        label |= {"yanchor": "bottom" if under else "top", "yshift": 6 if under else -6}


def _room_for(layout: Figure, answer: Answer, ends: Sequence[tuple[str, int, Sequence[float]]]) -> None:
    """Widen the axis to what else is drawn, and write its names at the ends of its lines, none over another."""
    axis = layout["yaxis"]
    seen = [share for _, _, shares in ends for share in shares]
    low, high = max(0.0, min(axis["range"][0], min(seen) - 1.5)), min(100.0, max(axis["range"][1], max(seen) + 1.5))
    own = [row for row in comparable.development(answer).line if row.share_women is not None]
    places = [shares[-1] for _, _, shares in ends] + [100 * (row.share_women or 0) for row in own[-1:]]
    least = LABEL_HEIGHT * (high - low)
    apart = spread(places, least)
    # The value of the line itself stays at its point; the others make room.
    shift = places[-1] - apart[-1] if own else 0.0
    apart = [place + shift for place in apart]
    axis["range"] = [min(low, *apart), max(high, *apart)]
    axis["dtick"] = _step(axis["range"][1] - axis["range"][0])
    _first_aside(layout, own, [shares[0] for _, x, shares in ends], 2 * least)
    for (said, x, _), y in zip(ends, apart, strict=False):
        layout["annotations"].append(
            {
                "text": said,
                "x": x,
                "y": y,
                "xanchor": "left",
                "xshift": 10,
                "showarrow": False,
                "font": {"size": SMALL, "color": LIGHT["muted"]},
            }
        )
    layout["margin"]["r"] = max(layout["margin"]["r"], 18 + pixels([said for said, _, _ in ends], 6.6))
