import json
import math

import plotly.graph_objects as go
import pytest
from answers import LADDER, answer, breakdown, row, trend

from dashboard import figures
from dashboard.figures.dots import MOST_ROWS, drawn, left_out
from dashboard.figures.table import table
from dashboard.figures.tokens import TOKENS
from dashboard.figures.trend import notes as trend_notes
from dashboard.selection import select

NBSP = "\N{NO-BREAK SPACE}"


def coverage(**states: str):
    rows = [
        row({"entity": entity}, None if state == "not-submitted" else 40, None if state == "not-submitted" else 60,
            state=state.removesuffix("-late"), late=state.endswith("-late"), source_quarter="2026Q3")
        for entity, state in states.items()
    ]  # fmt: skip
    return answer("coverage", ("entity",), rows)


DRAWN = {
    "dots": figures.dots(breakdown("grade", LADDER)),
    "dots with a gap": figures.dots(breakdown("entity", {"UNDP": (5, 9), "WFP": (None, None), "UN": (2, 1)})),
    "one dot": figures.dots(breakdown("grade", {"P-4": (9, 14)})),
    "no dot": figures.dots(breakdown("grade", {})),
    "trend": figures.trend(trend([0.44 + 0.002 * n for n in range(36)])),
    "two lines": figures.trend(trend([0.44, 0.46, 0.48], [0.42, 0.46, 0.49])),
    "one point": figures.trend(trend([0.5])),
    "no trend": figures.trend(trend([])),
    "composition": figures.composition(breakdown("headquarters", {"hq": (51, 49), "non-hq": (8, 95)})),
    "reporting": figures.reporting(coverage(UNDP="reported", WFP="reported-late", UN="not-submitted", WMO="carried")),
    "empty": figures.empty("Nothing"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_plotly_takes_every_figure(name: str):
    figure = DRAWN[name]
    go.Figure(figure)
    # go.Figure lets these pass, and a browser draws nothing: numbers that are none, and axes that are nowhere.
    assert "NaN" not in json.dumps(figure)
    layout = figure["layout"]
    for trace in figure["data"]:
        axis = trace.get("xaxis", "x").replace("x", "xaxis", 1)
        assert axis in layout
        numbers = [value for value in (*trace["x"], *trace["y"]) if isinstance(value, float)]
        assert all(math.isfinite(value) for value in numbers)
        assert len(trace["x"]) == len(trace["y"])


@pytest.mark.parametrize("name", DRAWN)
def test_every_colour_is_a_token_so_that_dark_mode_finds_it(name: str):
    light = {pair[0] for pair in TOKENS.values()}

    def colours(value):
        if isinstance(value, dict):
            for inner in value.values():
                yield from colours(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from colours(inner)
        elif isinstance(value, str) and value.startswith(("#", "rgb")):
            yield value

    assert set(colours(DRAWN[name])) <= light


def column(figure, role: str) -> list[str]:
    return next(trace["text"] for trace in figure["data"] if trace.get("meta") == role)


def test_a_dot_has_its_share_and_its_counts_written_at_it():
    figure = DRAWN["dots"]
    assert column(figure, "values")[1] == f"42.2{NBSP}%"
    assert column(figure, "counts")[1] == "242 of 573"
    assert figure["layout"]["yaxis"]["ticktext"] == list(LADDER)
    marks = next(trace for trace in figure["data"] if trace.get("meta") == "marks")
    assert marks["customdata"] == list(LADDER)
    assert marks["x"][1] == pytest.approx(100 * 242 / 573, abs=0.001)


def test_the_band_is_outlined_and_named_and_the_half_has_its_line():
    strip, half = DRAWN["dots"]["layout"]["shapes"]
    assert (strip["x0"], strip["x1"], half["x0"], half["x1"]) == (47, 53, 50, 50)
    assert strip["line"]["width"] == 1
    assert f"47–53{NBSP}%" in DRAWN["dots"]["layout"]["annotations"][0]["text"]


def test_entities_are_sorted_by_share_and_those_without_figures_say_why():
    asked = answer(
        "by_entity",
        ("entity",),
        [
            row({"entity": "UNU"}, None, None, reason="not-submitted"),
            row({"entity": "WFP"}, 45, 55),
            row({"entity": "UNDP"}, 55, 45),
        ],
    )
    figure = figures.dots(asked)
    assert figure["layout"]["yaxis"]["ticktext"] == ["UNDP", "WFP", "UNU"]
    assert column(figure, "counts")[2] == "not submitted"
    assert [cells[0].text for cells in table(asked, "").rows] == ["UNDP", "WFP", "UNU"]


def test_too_few_to_judge_is_an_open_mark():
    figure = figures.dots(breakdown("entity", {"UNDP": (20, 20), "WFP": (2, 1)}))
    marks = next(trace for trace in figure["data"] if trace.get("meta") == "marks")
    colours = dict(zip(marks["customdata"], marks["marker"]["color"], strict=True))
    assert colours["WFP"] == TOKENS["paper"][0] and colours["UNDP"] == TOKENS["women"][0]


def test_of_many_grades_the_ladder_stays_and_the_table_has_all():
    counts = LADDER | {f"G-{n}": (3000, 3000) for n in range(30)} | {"SG": (0, 1)}
    asked = breakdown("grade", counts)
    grades = [row.keys["grade"] for row in drawn(asked)]
    assert len(grades) == MOST_ROWS["grade"]
    assert set(LADDER) <= set(grades) and "SG" not in grades
    assert len(table(asked, "").rows) == len(counts) == len(grades) + left_out(asked)


def test_figure_and_table_have_the_same_numbers():
    asked = breakdown("grade", LADDER)
    figure = figures.dots(asked)
    cells = table(asked, "").rows
    assert [row[4].text for row in cells] == column(figure, "values")
    assert [f"{row[1].text} of {row[3].text}" for row in cells] == column(figure, "counts")


def test_table_links_narrow_the_selection():
    asked = breakdown("grade", {"P-4": (5, 5)}, selection=select(entity="UNDP"))
    rows = table(asked, "", lambda dimension, code: f"/?{dimension}={code}").rows
    assert rows[0][0].href == "/?grade=P-4"


def test_a_second_line_is_drawn_only_where_it_says_something_else():
    assert len(DRAWN["trend"]["data"]) == 2
    assert len(DRAWN["two lines"]["data"]) == 3
    assert trend_notes(trend([0.44, 0.46], [0.42, 0.46])) and not trend_notes(trend([0.44, 0.46]))
    columns = [cell.text for cell in table(trend([0.44, 0.46], [0.42, 0.46]), "").columns]
    assert "Share in all entities" in columns


def test_a_series_break_is_marked():
    asked = trend([0.44, 0.46])
    broken = [*asked.rows[:2], row(asked.rows[2].keys, 460, 540, "break", series_break=True), asked.rows[3]]
    figure = figures.trend(answer("trend", ("quarter", "basis"), broken))
    assert any(note["text"] == "series break" for note in figure["layout"]["annotations"])


def test_trend_runs_from_oldest_to_newest_and_the_table_the_other_way():
    asked = trend([0.44, 0.46, 0.48])
    line = next(trace for trace in figures.trend(asked)["data"] if trace.get("meta") == "marks")
    assert line["customdata"] == ["2017Q4", "2018Q1", "2018Q2"]
    assert [cells[0].text for cells in table(asked, "").rows] == ["2018Q2", "2018Q1", "2017Q4"]


def test_reporting_counts_each_entity_once_and_shows_zeros():
    figure = DRAWN["reporting"]
    bars = next(trace for trace in figure["data"] if trace.get("meta") == "bars")
    assert bars["x"] == [1, 1, 0, 1, 1]
    assert column(figure, "values")[2] == "0 entities"
    assert column(figure, "counts")[4] == "not counted"
