"""Bars: the composition of a few groups as women | men, and how many entities have reported."""

from __future__ import annotations

from dashboard import text
from dashboard.answer import Answer, Row
from dashboard.figures.dots import hover, line, ordered
from dashboard.figures.empty import empty
from dashboard.figures.layout import (
    AXIS_ROOM,
    LABEL_ROOM,
    SMALL,
    TEXT,
    Figure,
    Line,
    band_note,
    band_shapes,
    hatched,
    row_layout,
    share_axis,
    shortened,
    text_traces,
)
from dashboard.figures.tokens import LIGHT
from dashboard.text import gettext, ngettext

ROW_HEIGHT, COVERAGE_ROW_HEIGHT = 62, 30
#: Below this share a number does not fit inside its part of a bar on a phone; it is written above the bar anyway.
ROOM_FOR_TEXT = 0.3


def _words(row: Row, women: bool) -> str:
    count = (row.women if women else row.men) or 0
    said = text.heads("women" if women else "men", count)
    return text.about(said) if text.is_about(row) else said


def _part(answer: Answer, rows: list[Row], lines: list[Line], sex: str) -> Figure:
    women = sex == "women"
    # Where there are too few for a share the bar stays empty, and its words stand above it.
    shares = [0.0 if row.share_women is None else row.share_women if women else 1 - row.share_women for row in rows]
    words = [_words(row, women) for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "meta": "marks",
        "x": [round(100 * share, 3) for share in shares],
        "y": list(range(len(rows))),
        "width": 0.42,
        "marker": {"color": LIGHT[sex], "line": {"width": 0}},
        "customdata": [words_.code for words_ in lines],
        "text": [word if share >= ROOM_FOR_TEXT else "" for word, share in zip(words, shares, strict=True)],
        "textposition": "inside",
        "insidetextanchor": "start" if women else "end",
        "insidetextfont": {"size": SMALL, "color": LIGHT[f"on-{sex}"]},
        "textangle": 0,
        "constraintext": "none",
        "hovertext": [hover(answer, row, words_) for row, words_ in zip(rows, lines, strict=True)],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _above(texts: list[str], at: float, position: str, colour: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "text",
        "x": [at] * len(texts),
        "y": [place - 0.36 for place in range(len(texts))],
        "text": texts,
        "textposition": position,
        "textfont": {"size": TEXT, "color": colour},
        "cliponaxis": False,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def composition(answer: Answer) -> Figure:
    """100 % bars women | men with the 50 % line, for a few groups; names and shares stand above their bars."""
    rows = [row for row in ordered(answer) if row.staff or row.reason in text.PROTECTED]
    if not rows:
        return empty(text.empty_title(answer))
    lines = [line(answer, row) for row in rows]
    said = [
        words.counts
        if words.value in ("", "–")
        else gettext("%(share)s, %(counts)s", share=words.value, counts=words.counts)
        for words in lines
    ]
    few = [place for place, row in enumerate(rows) if row.reason == "fewer"]
    strips = [
        hatched(few, [hover(answer, rows[place], lines[place]) for place in few], [lines[place].code for place in few])
    ]
    return {
        "data": [
            *(strips if few else ()),
            _part(answer, rows, lines, "women"),
            _part(answer, rows, lines, "men"),
            _above([shortened(words).name for words in lines], 0, "middle right", LIGHT["ink"]),
            _above(said, 100, "middle left", LIGHT["ink"]),
        ],
        "layout": {
            "height": AXIS_ROOM + ROW_HEIGHT * len(rows) + LABEL_ROOM,
            # The outermost tick labels are centred on the ends of the bars and need room beyond them.
            "margin": {"l": 14, "r": 20, "t": AXIS_ROOM, "b": LABEL_ROOM, "autoexpand": False},
            "barmode": "stack",
            "xaxis": share_axis(),
            "yaxis": {
                "range": [len(rows) - 0.6, -0.62],
                "visible": False,
                "fixedrange": True,
            },
            "shapes": _outlined(len(rows)),
            "annotations": [band_note()],
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
            "meta": {},
        },
    }


def _outlined(count: int) -> list[Figure]:
    """The band and the 50 % line at each bar only, so that they do not cross the words above the next one."""
    shapes = []
    for place in range(count):
        for shape in band_shapes(filled=False):
            shapes.append(shape | {"yref": "y", "y0": place - 0.26, "y1": place + 0.26})
    return shapes


STATES = ("reported", "late", "partial", "carried", "not-submitted")


def _state(row: Row) -> str:
    state = str(row.extra.get("state") or "not-submitted")
    return "late" if state == "reported" and row.extra.get("late") else state


def reporting(answer: Answer) -> Figure:
    """How many entities have reported, and how: states in words, entities as bars, their share of staff beside."""
    if not answer.rows:
        return empty(text.empty_title(answer))
    names = {
        "reported": gettext("Reported"),
        "late": gettext("Reported late"),
        "partial": gettext("Partly reported"),
        "carried": gettext("Carried forward"),
        "not-submitted": gettext("Not submitted"),
    }
    total = sum(row.staff or 0 for row in answer.rows)
    lines, counts = [], []
    for state in STATES:
        rows = [row for row in answer.rows if _state(row) == state]
        staff = sum(row.staff or 0 for row in rows)
        entities = ngettext("%(count)s entity", "%(count)s entities", len(rows), count=text.number(len(rows)))
        share = gettext("%(share)s of staff", share=text.fraction(staff / total)) if total and rows and staff else ""
        if rows and state == "not-submitted":
            share = gettext("not counted")
        lines.append(Line(names[state], entities, share, state))
        counts.append(len(rows))
    layout, right = row_layout(lines, COVERAGE_ROW_HEIGHT, band=False)
    layout["xaxis"] = {
        "range": [0, max(counts) or 1],
        "domain": layout["xaxis"]["domain"],
        "visible": False,
        "fixedrange": True,
    }
    layout["margin"] |= {"t": 4, "b": 4}
    layout["height"] = COVERAGE_ROW_HEIGHT * len(lines) + 8
    bars: Figure = {
        "type": "bar",
        "orientation": "h",
        "meta": "bars",
        "x": counts,
        "y": list(range(len(lines))),
        "width": 0.5,
        "marker": {"color": LIGHT["neutral"], "line": {"width": 0}},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    return {"data": [bars, *text_traces(lines, right)], "layout": layout}
