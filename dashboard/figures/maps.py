"""The map of the world: shares of women in a few classes around the parity band, small states as points."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard import ranges, text
from dashboard.answer import Answer, Row
from dashboard.codelists import MapPoint
from dashboard.figures.dots import hover, line
from dashboard.figures.empty import empty
from dashboard.figures.layout import NOMINAL_WIDTH, SMALL, TEXT, Figure
from dashboard.figures.tokens import LIGHT, MAP
from dashboard.settings import PARITY_BAND
from dashboard.text import NBSP, gettext

#: How far from 50 per cent a share is "far": as far as the classes beside the parity band go (convention).
FAR = 10
#: Upper ends of the classes in per cent, the last open. The band holds both its ends, the others the end nearer to it.
EDGES = (50 - FAR, *PARITY_BAND, 50 + FAR)
#: Classes besides those around parity: too few to judge or not shown, and nobody.
FEW, NOBODY = len(MAP), len(MAP) + 1

#: Outlines that belong to a country of another code: Taiwan Province of China, islands of Finland and Norway, and the
#: overseas departments of France. What else has no figures of its own has the colour of land.
BELONGING: Mapping[str, tuple[str, ...]] = {
    "CHN": ("TWN",),
    "FIN": ("ALA",),
    "FRA": ("GLP", "GUF", "MTQ", "REU"),
    "NOR": ("SJM",),
}

#: Pixels of a mark on a map 1,000 wide, as points are set apart for; its browser scales it.
MARK = 8
#: Degrees from which a point is so far from its place that a line has to lead to it.
FAR_OFF = 1
ROW = 24
#: Characters of a line that a pointer reads.
LONGEST_LINE = 36


@dataclass(frozen=True)
class Extent:
    """A part of the world: the meridian in its middle, how many degrees it goes to both sides, and its parallels."""

    middle: float
    across: float
    south: float
    north: float

    @property
    def zoom(self) -> float:
        """How much larger it is drawn than the whole world."""
        return 180 / self.across

    @property
    def aspect(self) -> float:
        """How much wider than high it is drawn."""
        widest = max(_along(latitude) for latitude in (self.south, self.north, min(max(0, self.south), self.north)))
        return 2 * math.radians(self.across) * widest / (_up(self.north) - _up(self.south))


def _along(latitude: float) -> float:
    """Natural Earth projection: how long a parallel is."""
    p2 = math.radians(latitude) ** 2
    p4 = p2 * p2
    return 0.8707 - 0.131979 * p2 + p4 * (-0.013791 + p4 * (0.003971 * p2 - 0.001529 * p4))


def _up(latitude: float) -> float:
    """Natural Earth projection: how far from the equator a parallel is."""
    p = math.radians(latitude)
    p2 = p * p
    p4 = p2 * p2
    return p * (1.007226 + p2 * (0.015085 + p4 * (-0.044475 + 0.028874 * p2 - 0.005916 * p4)))


#: Parts of the world a map can show. The whole is cut through the Bering Strait and leaves Antarctica out.
EXTENTS: Mapping[str, Extent] = {
    "world": Extent(11, 180, -56, 83.7),
    "africa": Extent(17, 44, -36, 38),
    "americas": Extent(-95, 66, -56, 66),
    "asia": Extent(88, 64, -12, 56),
    "europe": Extent(18, 44, 34, 71),
    "oceania": Extent(170, 62, -48, 22),
}


@dataclass(frozen=True)
class Shown:
    """What a map shows of one code: its row, and the countries whose areas and points have its colour."""

    row: Row
    countries: tuple[str, ...]
    beneath: str = ""  # which countries these are, where the code's name does not say so


def nobody(answer: Answer, key: str, code: str) -> Row:
    """The row of a code that an exact answer has none for."""
    return Row({key: code}, 0, 0, 0, None, 0, 0, None, "nobody", "reported", answer.scope.as_of)


def class_of(row: Row) -> int:
    """Which class a row is in. Where it has a status, the status decides what is parity: of few people one more or
    less may be parity outside of the band. A rounded row has one only where rounding leaves no other open, and is far
    from 50 per cent only where all that it may stand for is; without a status its class is not clear.
    """
    if row.women is None or row.staff is None:
        return FEW
    if not row.staff:
        return NOBODY
    if row.status not in (text.BELOW, text.PARITY, text.ABOVE):
        return FEW
    if row.status == text.PARITY:
        return 2
    # Integers, as everywhere: percentages are never compared.
    women, men = ranges.women(row), ranges.men(row)
    if row.status == text.BELOW:
        return 0 if 100 * women[1] < EDGES[0] * (women[1] + men[0]) else 1
    return 4 if 100 * women[0] > EDGES[-1] * (women[0] + men[1]) else 3


def counted(shown: Sequence[Shown]) -> Counter[int]:
    """How many there are in each class."""
    return Counter(class_of(each.row) for each in shown)


def names(shown: Sequence[Shown]) -> list[str]:
    """The classes in words, in their order. Of rounded figures those beside the band say no more than the status: how
    far from it is not clear.
    """
    # A span has the sign at its end only: "40 to under 47 %".
    below, _low, high, _above = map(text.number, EDGES)
    far_below, low_end, high_end, far_above = map(text.percent_of, EDGES)
    # Translators: here and below, slots are numbers, or percentages at the end of a span and alone: "40 to under 47 %".
    if any(each.row.possible for each in shown):
        return [
            gettext("Women clearly under %(share)s", share=far_below),
            gettext("Others below parity"),
            gettext("At parity"),
            gettext("Others above parity"),
            gettext("Women clearly over %(share)s", share=far_above),
            gettext("Not clear, or not shown"),
            gettext("No staff"),
        ]
    return [
        gettext("Women under %(share)s", share=far_below),
        gettext("%(from)s to under %(to)s", **{"from": below, "to": low_end}),
        gettext("At parity, %(low)s–%(high)s", low=_low, high=high_end),
        gettext("Over %(from)s to %(to)s", **{"from": high, "to": far_above}),
        gettext("Women over %(share)s", share=far_above),
        gettext("Too few to judge"),
        gettext("No staff"),
    ]


def _colours() -> list[str]:
    return [*(LIGHT[name] for name in MAP), LIGHT["neutral-soft"], LIGHT["paper"]]


@dataclass(frozen=True)
class _Entry:
    """What is drawn of one code, however many areas and points it has."""

    code: str
    class_: int
    said: str
    countries: tuple[str, ...]


def _entry(answer: Answer, key: str, each: Shown) -> _Entry:
    row = each.row
    class_ = class_of(row)
    return _Entry(row.keys[key], class_, _said(answer, key, each, class_), each.countries)


def _said(answer: Answer, key: str, each: Shown, class_: int) -> str:
    """What a pointer reads: the words of the row, and the countries of a team that has several."""
    row = each.row
    name = text.label(answer, key, row.keys[key])
    nobody_ = f"{name}: {text.reason('nobody')}"
    said = nobody_ if class_ == NOBODY else hover(answer, row, line(answer, row, key), key)
    if len(name) > LONGEST_LINE:
        said = said.replace(name, _wrapped(name), 1)
    return f"{said}<br>{_wrapped(each.beneath)}" if each.beneath else said


def _wrapped(names_: str) -> str:
    """Many names on lines of their own: a label is never wider than a telephone."""
    found = [""]
    for word in names_.split(" "):
        if found[-1] and len(found[-1]) + len(word) >= LONGEST_LINE:
            found.append(word)
        else:
            found[-1] = f"{found[-1]} {word}".strip()
    return "<br>".join(found)


def _areas(entries: Sequence[_Entry], points: Mapping[str, MapPoint], empty_ones: bool) -> Figure:
    """The areas of those with anybody, or of those with nobody, which are open and outlined."""
    found = [
        (area, each)
        for each in entries
        if (each.class_ == NOBODY) == empty_ones
        for country in each.countries
        for area in (country, *BELONGING.get(country, ()))
        if area not in points or points[area].area
    ]
    colours = _colours()
    steps = len(colours)
    edges = [at / steps for at in range(steps + 1)]
    return {
        "type": "choropleth",
        "meta": "areas",
        "locations": [area for area, _ in found],
        "z": [each.class_ for _, each in found],
        "zmin": -0.5,
        "zmax": steps - 0.5,
        # Steps, not a slope: between two classes there is nothing.
        "colorscale": [[round(edge, 6), colours[at]] for at in range(steps) for edge in (edges[at], edges[at + 1])],
        "showscale": False,
        "marker": {"line": {"color": LIGHT["control"] if empty_ones else LIGHT["paper"], "width": 0.6}},
        "customdata": [each.code for _, each in found],
        "text": [each.said for _, each in found],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverlabel": {"align": "left"},
    }


def _points(entries: Sequence[_Entry], points: Mapping[str, MapPoint]) -> list[Figure]:
    """Points for who has no area or too small a one, and lines from where they lie to points that stand elsewhere."""
    found = [(points[country], each) for each in entries for country in each.countries if country in points]
    moved = [point for point, _ in found if math.dist(point.at, point.of) > FAR_OFF]
    colours = _colours()
    classes = [each.class_ for _, each in found]
    leaders: Figure = {
        "type": "scattergeo",
        "meta": "leaders",
        "mode": "lines",
        "lat": [value for point in moved for value in (point.of[0], point.at[0], None)],
        "lon": [value for point in moved for value in (point.of[1], point.at[1], None)],
        "line": {"color": LIGHT["control"], "width": 0.8},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    marks: Figure = {
        "type": "scattergeo",
        "meta": "marks",
        "mode": "markers",
        "lat": [point.at[0] for point, _ in found],
        "lon": [point.at[1] for point, _ in found],
        "marker": {
            "size": MARK,
            "opacity": 1,
            "color": [colours[at] for at in classes],
            "line": {"color": [LIGHT["control"] if at == NOBODY else LIGHT["paper"] for at in classes], "width": 1},
        },
        "customdata": [each.code for _, each in found],
        "text": [each.said for _, each in found],
        "hovertemplate": "%{text}<extra></extra>",
        "hoverlabel": {"align": "left"},
        "showlegend": False,
    }
    return [leaders, marks]


def _heading(key: str) -> Figure:
    """What the numbers of the legend count."""
    words = {
        "unct": gettext("Share of women: country teams"),
        "nationality": gettext("Share of women: nationalities"),
    }
    return {
        "type": "scatter",
        "meta": "heading",
        "mode": "text",
        "x": [0],
        "y": [ROW // 2],
        "text": [words[key]],
        "textposition": "middle right",
        "textfont": {"size": SMALL, "color": LIGHT["muted"]},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _legend(shown: Sequence[Shown]) -> Figure:
    """The classes with a mark of their colour, and how many there are in each. Those of shares always, the others where
    there are any.
    """
    said, colours, tally = names(shown), _colours(), counted(shown)
    kept = [at for at in range(len(said)) if at < len(MAP) or tally[at]]
    return {
        "type": "scatter",
        "meta": "legend",
        "mode": "markers+text",
        "x": [8] * len(kept),
        "y": [ROW * place + ROW // 2 for place in range(1, len(kept) + 1)],
        "marker": {
            "symbol": "square",
            "size": 14,
            "color": [colours[at] for at in kept],
            "line": {"color": [LIGHT["control"] if at == NOBODY else colours[at] for at in kept], "width": 1},
        },
        "text": [
            # A space that no font leaves out keeps the words off their mark.
            NBSP + NBSP + gettext("%(class_)s: %(count)s", class_=said[at], count=text.number(tally[at]))
            for at in kept
        ],
        "textposition": "middle right",
        "textfont": {"size": TEXT, "color": LIGHT["ink"]},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def world(
    answer: Answer, key: str, shown: Sequence[Shown], points: Mapping[str, MapPoint], part: str = "world"
) -> Figure:
    """The world, or a part of it, in classes of the share of women; beneath it what the colours mean."""
    if not any(each.row.staff or each.row.reason in text.PROTECTED for each in shown):
        return empty(text.empty_title(answer))
    extent = EXTENTS[part]
    entries = [_entry(answer, key, each) for each in shown]
    legend = _legend(shown)
    below = ROW * (len(legend["x"]) + 1) + 12
    map_height = round(NOMINAL_WIDTH / extent.aspect)
    height = map_height + below
    split = round(below / height, 4)
    return {
        "data": [
            *(_areas(entries, points, empty_ones) for empty_ones in (False, True)),
            *_points(entries, points),
            _heading(key),
            legend,
        ],
        "layout": {
            "height": height,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0, "autoexpand": False},
            "geo": {
                "scope": "world",
                "resolution": 110,
                "projection": {"type": "natural earth", "rotation": {"lon": extent.middle}},
                "lonaxis": {"range": [extent.middle - extent.across, extent.middle + extent.across]},
                "lataxis": {"range": [extent.south, extent.north]},
                "domain": {"x": [0, 1], "y": [split, 1]},
                "bgcolor": "rgba(0,0,0,0)",
                "showland": True,
                "landcolor": LIGHT["band"],
                # Outlines of areas are those of the figures: lines between countries that are drawn for all would be
                # whole where the United Nations draws them dotted.
                "showcoastlines": False,
                "showcountries": False,
                "showframe": False,
            },
            # Pixels, to the right and down.
            "xaxis": {"domain": [0, 1], "range": [0, NOMINAL_WIDTH], "visible": False, "fixedrange": True},
            "yaxis": {"domain": [0, max(split - 0.01, 0.01)], "range": [below - 12, 0], "visible": False,
                      "fixedrange": True},
            "showlegend": False,
            "hovermode": "closest",
            # What is seen is what is hit: no more than two pixels around a point, so that none takes its neighbour's.
            "hoverdistance": 2,
            "dragmode": False,
            # For the browser, which gives the map its height, and the legend its columns or a place beside the map.
            "meta": {
                "map": {
                    "aspect": round(extent.aspect, 4),
                    "zoom": round(extent.zoom, 2),
                    "row": ROW,
                    "mark": MARK,
                }
            },
        },
    }  # fmt: skip
