"""Mirrored bars: women to the left, men to the right, and between them the share, since bars alone hide who leads."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.dots import hover, line
from dashboard.figures.empty import empty
from dashboard.figures.layout import (
    AXIS_ROOM,
    HATCHING,
    LABEL_ROOM,
    SMALL,
    TEXT,
    WIDE_CHARACTER,
    Figure,
    Line,
    band_label,
    band_shapes,
    pixels,
)
from dashboard.figures.tokens import LIGHT
from dashboard.text import gettext

ROW_HEIGHT = 36
#: Room beyond the longest bar for its number, as a multiple of that bar.
BEYOND, BEYOND_NARROW = 1.9, 4.2
#: A character of a name where room is scarce, in pixels.
TIGHT_CHARACTER = 6.9
WINGS = ((0.0, 0.35), (0.39, 0.61), (0.65, 1.0))


def _wing(rows: Sequence[Row], lines: Sequence[Line], hovers: Sequence[str], sex: str) -> Figure:
    values = [(row.women if sex == "women" else row.men) or 0 for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "meta": "marks",
        "x": values,
        "y": list(range(len(rows))),
        "xaxis": "x2" if sex == "women" else "x3",
        "width": 0.56,
        "marker": {"color": LIGHT[sex], "line": {"width": 0}},
        "customdata": [words.code for words in lines],
        "text": ["" if row.women is None else text.number(value) for row, value in zip(rows, values, strict=True)],
        "textposition": "outside",
        "textfont": {"size": SMALL, "color": LIGHT["ink"]},
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "hovertext": list(hovers),
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _shares(rows: Sequence[Row], lines: Sequence[Line], hovers: Sequence[str]) -> list[Figure]:
    places = [place for place, row in enumerate(rows) if row.share_women is not None]
    written = [text.share(row, bare=True) if row.women is not None else text.why(row, short=True) for row in rows]
    # Under the floor, and nothing else: what is withheld may be large.
    hatched = [place for place, row in enumerate(rows) if row.reason == "fewer"]
    found: list[Figure] = []
    if hatched:
        found.append(
            {
                "type": "bar",
                "orientation": "h",
                "meta": "hatched",
                "x": [100] * len(hatched),
                "y": [place + 0.16 for place in hatched],
                "width": 0.3,
                "marker": HATCHING,
                "customdata": [lines[place].code for place in hatched],
                "hovertext": [hovers[place] for place in hatched],
                "hovertemplate": "%{hovertext}<extra></extra>",
                "showlegend": False,
            }
        )
    found.append(
        {
            "type": "scatter",
            "mode": "markers",
            "meta": "marks",
            "x": [round(100 * (rows[place].share_women or 0), 3) for place in places],
            "y": [place + 0.16 for place in places],
            "marker": {
                "size": 10,
                "color": [LIGHT["paper"] if rows[place].status == text.TOO_FEW else LIGHT["ink"] for place in places],
                "line": {"color": LIGHT["ink"], "width": 2},
            },
            "customdata": [lines[place].code for place in places],
            "text": [hovers[place] for place in places],
            "hovertemplate": "%{text}<extra></extra>",
            "cliponaxis": False,
            "showlegend": False,
        }
    )
    found.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": [50] * len(rows),
            "y": [place - 0.22 for place in range(len(rows))],
            "text": written,
            "textposition": "middle center",
            "textfont": {"size": SMALL, "color": LIGHT["ink"]},
            "cliponaxis": False,
            "hoverinfo": "skip",
            "showlegend": False,
        }
    )
    return found


def _heading(words: str, place: tuple[float, float], anchor: str, colour: str) -> Figure:
    at = {"right": place[1], "left": place[0], "center": sum(place) / 2}[anchor]
    return {
        "text": words,
        "xref": "paper",
        "x": at,
        "xanchor": anchor,
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "yshift": 4,
        "showarrow": False,
        "font": {"size": SMALL, "color": colour},
    }


def _headings(titles: Sequence[str]) -> list[Figure]:
    return [
        _heading(titles[0], WINGS[0], "right", LIGHT["women-text"]),
        _heading(titles[1], WINGS[1], "center", LIGHT["muted"]),
        _heading(titles[2], WINGS[2], "left", LIGHT["men-text"]),
        {
            "text": band_label(),
            "xref": "paper",
            "x": 0.5,
            "yref": "paper",
            "y": 0,
            "yshift": -2,
            "yanchor": "top",
            "showarrow": False,
            "font": {"size": SMALL - 1, "color": LIGHT["muted"]},
        },
    ]


def mirrored(answer: Answer, rows: Sequence[Row] | None = None) -> Figure:
    """Head-counts mirrored, one row a member in the order given, with the share of women in the middle."""
    key = answer.by[-1]
    wanted = [row for row in (answer.rows if rows is None else rows) if row.staff or row.reason in text.PROTECTED]
    if not any(row.staff for row in wanted):
        return empty(text.empty_title(answer))
    lines = [line(answer, row, key) for row in wanted]
    hovers = [hover(answer, row, words, key) for row, words in zip(wanted, lines, strict=True)]
    longest = max(max(row.women or 0, row.men or 0) for row in wanted) or 1
    rounded = all(text.is_about(row) for row in wanted if row.women is not None)
    names = [words.name for words in lines]
    titles = [gettext("Women"), gettext("Share"), gettext("Men")]
    if rounded:
        titles = [text.about(title[:1].lower() + title[1:]) for title in titles]
        titles = [title[:1].upper() + title[1:] for title in titles]
    plain = [gettext("Women"), gettext("Share"), gettext("Men")]
    hidden: Figure = {"visible": False, "fixedrange": True, "anchor": "y"}
    shapes = band_shapes()
    return {
        "data": [
            *_shares(wanted, lines, hovers),
            _wing(wanted, lines, hovers, "women"),
            _wing(wanted, lines, hovers, "men"),
        ],
        "layout": {
            "height": AXIS_ROOM + ROW_HEIGHT * len(wanted) + LABEL_ROOM,
            "margin": {
                "l": min(max(pixels(names, WIDE_CHARACTER) + 12, 48), 190),
                "r": 4,
                "t": AXIS_ROOM,
                "b": LABEL_ROOM,
                "autoexpand": False,
            },
            "xaxis": {"domain": list(WINGS[1]), "range": [0, 100], **hidden},
            "xaxis2": {"domain": list(WINGS[0]), "range": [BEYOND * longest, 0], **hidden},
            "xaxis3": {"domain": list(WINGS[2]), "range": [0, BEYOND * longest], **hidden},
            "yaxis": {
                "anchor": "free",
                "position": 0,
                "range": [len(wanted) - 0.5, -0.5],
                "tickvals": list(range(len(wanted))),
                "ticktext": names,
                "tickfont": {"size": TEXT, "color": LIGHT["ink"]},
                "ticklabeloverflow": "allow",
                "ticks": "",
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            "shapes": shapes,
            "annotations": _headings(titles),
            "showlegend": False,
            "barmode": "overlay",
            "hovermode": "closest",
            "dragmode": False,
            "meta": {
                "narrow": {
                    # That figures are rounded stands beneath; the number beside a bar needs the room.
                    "annotations": _headings(plain),
                    "margin": {"l": min(pixels(names, TIGHT_CHARACTER) + 10, 190)},
                    "xaxis2": {"range": [BEYOND_NARROW * longest, 0]},
                    "xaxis3": {"range": [0, BEYOND_NARROW * longest]},
                }
            },
        },
    }
