"""Small multiples: one small line a code, all on one scale, as many beside each other as there is room for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import comparable, ranges, text
from dashboard.answer import Answer, Row
from dashboard.figures.empty import empty
from dashboard.figures.layout import OPEN, OPEN_ROLE, SMALL, Figure, band_label
from dashboard.figures.tokens import LIGHT
from dashboard.figures.trend import hover
from dashboard.settings import FEW, PARITY_BAND
from dashboard.text import NBSP, gettext

#: Of a field one unit is the width of its line, and one its height; further fields begin so many units on, and the
#: words above a line take so much of that. assets/figures.js counts fields by these.
ACROSS, DOWN, HEAD = 1.12, 1.62, 0.42
#: Columns where nobody asks the browser, and pixels of a row of fields.
COLUMNS, ROW_HEIGHT = 3, 92
_LEFT, _TOP, _FOOT = 40, 22, 30


@dataclass(frozen=True)
class Series:
    """The rows of one code in the order of time, and the rows' places in time by quarter."""

    code: str
    rows: Sequence[Row]

    def at(self, quarter: str) -> Row | None:
        """The row of a quarter."""
        return next((row for row in reversed(self.rows) if row.keys["quarter"] == quarter), None)


def told(row: Row) -> bool:
    """Whether a row has a share worth drawing: of fewer than FEW people one is 0 or 100 %."""
    return row.share_women is not None and (text.is_about(row) or (row.staff or 0) >= FEW)


def _scale(series: Sequence[Series]) -> tuple[int, int]:
    """The ends of the one scale in per cent: whole tens around all that is drawn, and the band."""
    rows = [row for each in series for row in each.rows if told(row)]
    shares = [100 * (row.share_women or 0) for row in rows]
    shares += [100 * share for row in rows for share in ranges.open_share(row) or ()]
    low, high = PARITY_BAND
    return (
        10 * math.floor(min([*shares, low - 3]) / 10),
        10 * math.ceil(max([*shares, high + 3]) / 10),
    )


class _Grid:
    """Where things of a field stand: local places in it (0 to 1 both ways) to places of the whole figure."""

    def __init__(self, low: int, high: int, quarters: Sequence[str]):
        self.low, self.high = low, high
        self.last = max(len(quarters) - 1, 1)
        self.places = {quarter: number for number, quarter in enumerate(quarters)}

    def x(self, field: int, local: float) -> float:
        return round(field % COLUMNS * ACROSS + local, 4)

    def y(self, field: int, share: float) -> float:
        local = (share - self.low) / (self.high - self.low)
        return round(-(field // COLUMNS) * DOWN - HEAD - 1 + local, 4)

    def head(self, field: int) -> float:
        return round(-(field // COLUMNS) * DOWN - HEAD / 2, 4)

    def when(self, quarter: str) -> float:
        return self.places[quarter] / self.last


def _across(grid: _Grid, count: int, share: float, colour: str) -> Figure:
    """A line at the same share through every field."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for field in range(count) for x in (grid.x(field, 0), grid.x(field, 1), None)],
        "y": [y for field in range(count) for y in (grid.y(field, share), grid.y(field, share), None)],
        "line": {"color": LIGHT[colour], "width": 1},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _band(grid: _Grid, count: int) -> Figure:
    low, high = PARITY_BAND
    corners = ((0, low), (1, low), (1, high), (0, high), (0, low))
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [x for field in range(count) for x in (*(grid.x(field, at) for at, _ in corners), None)],
        "y": [y for field in range(count) for y in (*(grid.y(field, share) for _, share in corners), None)],
        "fill": "toself",
        "fillcolor": LIGHT["band"],
        "line": {"color": LIGHT["band-edge"], "width": 0.5, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _said(name: str, row: Row) -> str:
    return f"{name}, {row.keys['quarter']}<br>{hover(row)}"


class _Marks:
    """Points of one look, gathered over all fields; None parts lines."""

    def __init__(self) -> None:
        self.x: list[float | None] = []
        self.y: list[float | None] = []
        self.codes: list[str] = []
        self.said: list[str] = []
        self.sizes: list[int] = []

    def add(self, x: float | None, y: float | None, code: str, said: str = "", size: int = 0) -> None:
        self.x.append(x)
        self.y.append(y)
        self.codes.append(code)
        self.said.append(said)
        self.sizes.append(size)

    def trace(self, mode: str, **look: object) -> Figure:
        return {
            "type": "scatter",
            "mode": mode,
            "x": self.x,
            "y": self.y,
            "connectgaps": False,
            "customdata": self.codes,
            "text": self.said,
            "hovertemplate": "%{text}<extra></extra>",
            "cliponaxis": False,
            "showlegend": False,
            **look,
        }


Point = tuple[float, float, Row]


#: Half of the width of a band about a single quarter, of the width of a line.
_ALONE = 0.02


def _open(run: Sequence[Point], grid: _Grid, field: int, code: str, bands: _Marks) -> None:
    """What rounding leaves open about a line: the least and the most share of each of its quarters, as one outline."""
    ends = [(x, ends) for x, _, row in run if (ends := ranges.open_share(row)) is not None]
    if len(ends) == 1:
        ends = [(ends[0][0] - _ALONE, ends[0][1]), (ends[0][0] + _ALONE, ends[0][1])]
    if ends:
        for x, (low, _) in ends:
            bands.add(x, grid.y(field, 100 * low), code)
        for x, (_, high) in reversed(ends):
            bands.add(x, grid.y(field, 100 * high), code)
        bands.add(None, None, code)


def _close(run: list[Point], code: str, name: str, lines: _Marks, points: _Marks) -> None:
    """End a line. One of a single point would not be drawn: it becomes a mark."""
    for x, y, _ in run:
        lines.add(x, y, code)
    if len(run) == 1:
        points.add(*run[0][:2], code, _said(name, run[0][2]), 4)
    lines.add(None, None, code)
    run.clear()


def _lines(answer: Answer, key: str, series: Sequence[Series], grid: _Grid, now: str) -> list[Figure]:
    """Lines of what was reported for its own quarter; what was carried forward or is in part stands apart, hollow; a
    series break parts a line and is marked.
    """
    # Lines have no words of their own: a pointer finds them at their ends, and the table has the numbers.
    lines, hollow, points, breaks, bands = _Marks(), _Marks(), _Marks(), _Marks(), _Marks()
    for field, each in enumerate(series):
        name = text.label(answer, key, each.code, short=True)
        by_quarter = {row.keys["quarter"]: row for row in each.rows}
        run: list[Point] = []

        def end(run: list[Point] = run, code: str = each.code, name: str = name, field: int = field) -> None:
            _open(run, grid, field, code, bands)
            _close(run, code, name, lines, points)

        for quarter in grid.places:
            row = by_quarter.get(quarter)
            if row is None or not told(row):
                end()
                continue
            x, y = grid.x(field, grid.when(quarter)), grid.y(field, 100 * (row.share_women or 0))
            if row.extra.get("series_break"):
                end()
                between = grid.x(field, max(grid.when(quarter) - 0.5 / grid.last, 0))
                for share in (grid.low, grid.high):
                    breaks.add(between, grid.y(field, share), each.code)
                breaks.add(None, None, each.code)
            if comparable.own(row) or text.is_about(row):
                run.append((x, y, row))
            else:
                end()
                hollow.add(x, y, each.code, _said(name, row))
        end()
        last = by_quarter.get(now)
        if last is not None and told(last) and (comparable.own(last) or text.is_about(last)):
            x, y = grid.x(field, grid.when(now)), grid.y(field, 100 * (last.share_women or 0))
            points.add(x, y, each.code, _said(name, last), 7)
    found = [
        {
            **lines.trace("lines", meta="marks", line={"color": LIGHT["women"], "width": 1.8}, hoverinfo="none"),
            "text": None,
            "hovertemplate": None,
        },
        points.trace("markers", marker={"color": LIGHT["women"], "size": points.sizes}),
    ]
    if bands.x:
        look = {"color": LIGHT["women"], "width": 0}
        band = bands.trace("lines", meta=OPEN_ROLE, fill="toself", fillcolor=LIGHT["women"], line=look, opacity=OPEN)
        found.insert(0, band | {"hoverinfo": "skip", "hovertemplate": None, "text": None})
    if breaks.x:
        look = {"color": LIGHT["neutral"], "width": 1, "dash": "dash"}
        found.insert(0, breaks.trace("lines", line=look, hoverinfo="skip") | {"hovertemplate": None})
    if hollow.x:
        ring = {"size": 5, "color": LIGHT["paper"], "line": {"color": LIGHT["neutral"], "width": 1.2}}
        found.append(hollow.trace("markers", marker=ring))
    return found


def _words(role: str, texts: Sequence[str], x: Sequence[float], y: Sequence[float], position: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "text",
        "meta": role,
        "x": list(x),
        "y": list(y),
        "text": list(texts),
        "textposition": position,
        "textfont": {"size": SMALL, "color": LIGHT["ink"]},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def multiples(answer: Answer, series: Sequence[Series], key: str, quarters: Sequence[str], now: str) -> Figure:
    """One small line of the share of women for each of these codes, in the order given: band, 50 % line, and the share
    of the quarter shown, in words.
    """
    series = [each for each in series if any(told(row) for row in each.rows)]
    if not series:
        return empty(text.empty_title(answer))
    low, high = _scale(series)
    grid, count = _Grid(low, high, quarters), len(series)
    rows = math.ceil(count / COLUMNS)
    latest = [each.at(now) for each in series]
    fields = range(count)
    heads = [grid.head(field) for field in fields]
    names = [text.label(answer, key, each.code, short=True) for each in series]
    values = [
        "–" if row is None or not row.staff else text.share(row) if told(row) else text.counts(row) for row in latest
    ]
    ends = [f"{low}{NBSP}%", f"{high}{NBSP}%"]
    span = quarters[0] if len(quarters) == 1 else gettext("%(first)s–%(last)s", first=quarters[0], last=quarters[-1])
    return {
        "data": [
            _band(grid, count),
            _across(grid, count, 50, "control"),
            _across(grid, count, low, "line"),
            *_lines(answer, key, series, grid, now),
            _words("names", names, [grid.x(field, 0) for field in fields], heads, "middle right"),
            _words("values", values, [grid.x(field, 1) for field in fields], heads, "middle left"),
        ],
        "layout": {
            "height": _TOP + ROW_HEIGHT * rows + _FOOT,
            "margin": {"l": _LEFT, "r": 10, "t": _TOP, "b": _FOOT, "autoexpand": False},
            "xaxis": {
                # A little wider than the lines: what stands beyond the end of an axis is not drawn.
                "range": [-0.01, round(COLUMNS * ACROSS - ACROSS + 1.01, 4)],
                "tickvals": [round(column * ACROSS + 0.5, 4) for column in range(COLUMNS)],
                "ticktext": [span] * COLUMNS,
                "tickangle": 0,
                "tickfont": {"size": SMALL - 1, "color": LIGHT["muted"]},
                "ticklabeloverflow": "allow",
                "ticks": "",
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "yaxis": {
                "range": [round(-rows * DOWN, 4), 0],
                "tickvals": [round(-row * DOWN - HEAD - 1 + at, 4) for row in range(rows) for at in (0, 1)],
                "ticktext": ends * rows,
                "tickfont": {"size": SMALL - 1, "color": LIGHT["muted"]},
                "ticklabeloverflow": "allow",
                "ticks": "",
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "shapes": [],
            "annotations": [
                {
                    # Translators: %(band)s is "parity band 47–53 %", %(half)s is "50 %".
                    "text": gettext("Strip: %(band)s; line: %(half)s", band=band_label(), half=text.percent_of(50)),
                    "xref": "paper",
                    "x": 0,
                    "yref": "paper",
                    "y": 1,
                    "xanchor": "left",
                    "yanchor": "bottom",
                    "yshift": 4,
                    "showarrow": False,
                    "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
                }
            ],
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            # For the browser, which sets as many fields beside each other as its width has room for.
            "meta": {"fields": {"count": count, "columns": COLUMNS, "across": ACROSS, "down": DOWN, "row": ROW_HEIGHT}},
        },
    }


def by_code(rows: Sequence[Row], key: str) -> Mapping[str, Series]:
    """The rows of an answer by quarter and a key, which come in the order of time, as one series a code."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.keys[key], []).append(row)
    return {code: Series(code, of) for code, of in found.items()}
