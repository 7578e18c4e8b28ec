"""How figures that are rounded, too few to show, withheld or refused are drawn and tabled."""

import json

import plotly.graph_objects as go
from answers import KENYA, MIXED, QUARTER, breakdown, protected, refused, rounded, row, trend

from dashboard import figures
from dashboard.figures.dots import ordered
from dashboard.figures.layout import HATCHING, open_note
from dashboard.figures.multiples import by_code
from dashboard.figures.svg import drawing, span
from dashboard.figures.table import table
from dashboard.figures.tokens import LIGHT, contrast
from dashboard.pages import grades, parity_index
from dashboard.selection import select


def plain(sentence: str) -> str:
    return sentence.replace("\N{NO-BREAK SPACE}", " ")


def role(figure, name: str):
    return next((trace for trace in figure["data"] if trace.get("meta") == name), None)


def series(*shares):
    rows = []
    for place, pair in enumerate(shares):
        keys = {"quarter": f"2025Q{place + 1}", "basis": "all"}
        rows.append(rounded(keys, *pair) if pair else rounded(keys, None, None, reason="fewer", fewer_than=25))
    return protected("trend", ("quarter", "basis"), rows, KENYA)


HALVES = protected(
    "by_headquarters",
    ("headquarters",),
    [rounded({"headquarters": "hq"}, None, None, reason="fewer", fewer_than=5),
     rounded({"headquarters": "non-hq"}, 45, 75)],
    select(entity="UNDP"),
)  # fmt: skip
DRAWN = {
    "dots": figures.dots(MIXED),
    "composition": figures.composition(HALVES),
    "trend": figures.trend(series((30, 40), None, (35, 40), None)),
}


def test_plotly_takes_them_and_every_colour_is_a_token():
    for figure in DRAWN.values():
        go.Figure(figure)
        assert "NaN" not in json.dumps(figure)
    assert {HATCHING["color"], HATCHING["pattern"]["fgcolor"], HATCHING["line"]["color"]} <= set(LIGHT.values())
    assert contrast(HATCHING["pattern"]["fgcolor"], HATCHING["pattern"]["bgcolor"]) >= 3


def test_too_few_is_hatched_everywhere_and_never_a_mark():
    for figure in DRAWN.values():
        assert role(figure, "hatched")["marker"] == HATCHING
    dots = DRAWN["dots"]
    assert role(dots, "hatched")["customdata"] == ["D-2"]
    assert "D-2" not in role(dots, "marks")["customdata"]
    # The strip spans the axis: it may be anywhere, and is not zero.
    assert role(dots, "hatched")["x"] == [100]
    assert role(figures.dots(breakdown("grade", {"P-4": (5, 9)})), "hatched") is None


def test_what_is_withheld_is_not_hatched_as_few_are():
    assert role(figures.mirrored(MIXED), "hatched")["customdata"] == ["D-2"]
    held = protected("by_grade", ("grade",), MIXED.rows[1:], KENYA)
    for figure in (figures.mirrored(held), figures.dots(held), figures.diverging(held, held.rows, lambda row: "")):
        assert role(figure, "hatched") is None


def test_words_stand_beside_what_is_drawn():
    dots = DRAWN["dots"]
    names = dots["layout"]["yaxis"]["ticktext"]
    values = dict(zip(names, map(plain, role(dots, "values")["text"]), strict=True))
    counts = dict(zip(names, map(plain, role(dots, "counts")["text"]), strict=True))
    assert (values["P-4"], counts["P-4"]) == ("about 38 %", "about 45 of 120")
    assert (values["P-3"], counts["P-3"]) == ("", "about 10 of 15")
    assert (values["D-2"], counts["D-2"]) == ("", "fewer than 5")
    assert counts["D-1"] == "not shown"
    assert "not shown, to protect individuals" in [cells[-1].text for cells in table(MIXED, "").rows]


def test_one_place_after_all_numbers_and_before_withheld_and_missing():
    assert [row.keys["grade"] for row in ordered(MIXED)] == ["P-4", "P-3", "P-2", "D-2", "D-1", "P-5"]
    assert [cells[0].text for cells in table(MIXED, "").rows] == ["P-4", "P-3", "P-2", "D-2", "D-1", "P-5"]


def test_a_table_of_rounded_figures_says_so_in_its_headings():
    made = table(MIXED, "")
    heads = [cell.text for cell in made.columns]
    assert heads[1:5] == ["Women, about", "Men, about", "Staff, about", "Share of women, about"]
    rows = {cells[0].text: cells for cells in made.rows}
    assert [plain(cell.text) for cell in rows["P-4"][1:7]] == ["45", "75", "120", "38 %", "30 women", "below parity"]
    assert (rows["P-3"][5].text, rows["P-3"][6].text) == ("not clear", "not clear")
    few = rows["D-2"][1]
    assert (plain(few.text), few.span) == ("fewer than 5", 3)
    for cells in made.rows:
        assert sum(cell.span for cell in cells) == len(heads)


def test_a_table_of_exact_and_rounded_rows_says_about_where_it_is():
    rows = [*breakdown("grade", {"P-4": (45, 75)}).rows, rounded({"grade": "P-3"}, 10, 5)]
    made = table(protected("by_grade", ("grade",), rows, KENYA), "")
    assert made.columns[1].text == "Women"
    assert [plain(cells[1].text) for cells in made.rows] == ["45", "about 10"]


def test_a_trend_keeps_its_gaps():
    figure = DRAWN["trend"]
    line = role(figure, "marks")
    assert line["y"][1] is None and line["y"][3] is None and line["connectgaps"] is False
    assert role(figure, "hatched")["x"] == [1, 3]
    said = [plain(note["text"]) for note in figure["layout"]["annotations"]]
    assert "fewer than 25" in said and "<b>about 47 %</b>" in said
    assert len(table(series((30, 40), None), "").rows) == 2
    assert not figures.trend(series(None, None))["data"]


def test_behind_each_rounded_mark_is_drawn_where_its_share_may_be():
    dots = DRAWN["dots"]
    names, open_ = dots["layout"]["yaxis"]["ticktext"], role(dots, "open")
    # 39 to 51 women and 69 to 81 men; P-3 and P-2 have too few for a share.
    assert open_["x"] == [round(100 * 39 / 120, 3), round(100 * 51 / 120, 3), None]
    assert [names[place] for place in open_["y"][:2]] == ["P-4", "P-4"]
    assert open_["hoverinfo"] == "skip"
    hovers = dict(zip(role(dots, "marks")["customdata"], map(plain, role(dots, "marks")["text"]), strict=True))
    assert "between 32 % and 43 %" in hovers["P-4"]
    assert role(figures.dots(breakdown("grade", {"P-4": (45, 75)})), "open") is None


def test_a_trend_of_rounded_figures_is_a_band():
    figure = figures.trend(series((30, 40), (35, 40), None, (35, 45)))
    bands = [trace for trace in figure["data"] if trace.get("meta") == "open"]
    # One about the first two quarters, and one about the last, on its own.
    assert [len(band["x"]) for band in bands] == [4, 4]
    low, high = [24 / 70, 29 / 75], [36 / 70, 41 / 75]
    assert bands[0]["y"] == [round(100 * share, 3) for share in (*low, *reversed(high))]
    assert bands[0]["x"] == [0, 1, 1, 0]
    assert bands[1]["x"][0] < 3 < bands[1]["x"][1]
    bottom, top = figure["layout"]["yaxis"]["range"]
    assert bottom < min(min(band["y"]) for band in bands) and max(max(band["y"]) for band in bands) < top
    line = role(figure, "marks")
    assert "between 34 % and 52 %" in plain(line["text"][0])
    assert all(trace.get("meta") != "open" for trace in figures.trend(trend([0.4, 0.42]))["data"])


def test_small_lines_of_rounded_figures_are_bands():
    quarters = ["2026Q2", "2026Q3"]
    rows = [
        rounded({"quarter": quarter, "entity": "UNDP"}, women, 60)
        for quarter, women in zip(quarters, (40, 50), strict=True)
    ]
    rows += [row({"quarter": quarter, "entity": "WFP"}, 40, 60) for quarter in quarters]
    answer = protected("entity_trend", ("quarter", "entity"), rows, KENYA)
    found = list(by_code(answer.rows, "entity").values())
    figure = figures.multiples(answer, found, "entity", quarters, QUARTER)
    go.Figure(figure)
    band = role(figure, "open")
    # Two lows, two highs, and a gap to the next: of one entity, since the other is exact.
    assert len(band["x"]) == 5 and set(band["customdata"]) == {"UNDP"}
    # All of it is on the scale.
    heads = role(figure, "names")["y"]
    assert max(y for y in band["y"] if y is not None) < max(heads)


def test_drawings_of_plain_pages_have_areas_about_rounded_shares():
    line = {"a": [40.0, 42.0, None, 44.0]}
    assert not drawing(line, ["1", "2", "3", "4"]).areas
    ends = [(0.36, 0.44), (0.38, 0.46), None, (0.4, 0.58)]
    made = drawing(line, ["1", "2", "3", "4"], open_={"a": ends})
    # One about the first two steps, and one about the last, as wide as a part of a step.
    assert [len(corners.split()) for corners, _ in made.areas] == [4, 4]
    assert {name for _, name in made.areas} == {"a"}
    places = [tuple(map(float, corner.split(","))) for corners, _ in made.areas for corner in corners.split()]
    assert all(0 <= x <= 100 and 0 <= y <= made.height for x, y in places)
    # All that is open is on the scale.
    assert [said for _, said in made.scale] == ["30", "50", "60"]
    assert span((0.36, 0.445)) == ("36%", "8.5%") and span(None) is None


def test_one_sentence_says_what_is_shaded_wherever_something_is():
    assert open_note(DRAWN["dots"]) == open_note(DRAWN["trend"]) != ""
    assert open_note(DRAWN["composition"]) == open_note(figures.dots(breakdown("grade", {"P-4": (45, 75)}))) == ""


def test_a_bar_says_who_is_needed_only_where_that_is_clear():
    made = [rounded({"grade": "P-4"}, 45, 75), rounded({"grade": "P-3"}, 65, 55)]
    answer = protected("by_grade", ("grade",), made, KENYA)
    figure = figures.diverging(answer, made, lambda row: row.keys["grade"], lambda row: row.keys["grade"])
    (bars,) = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert list(bars["x"]) == [-30, 0]
    assert "not clear" in " ".join(map(plain, role(figure, "values")["text"]))


def test_a_refused_answer_is_no_empty_figure():
    figure = figures.dots(refused(select(unct="KEN", nationality="KEN"), KENYA))
    assert figure["data"] == [] and "cannot be combined" in figure["layout"]["annotations"][0]["text"]


def test_what_rounding_leaves_open_needs_neither_women_nor_men():
    """65 and 55 may be as many: no bar, last of all, and on neither side."""
    rows = [rounded({"grade": "P-4"}, 65, 55), rounded({"grade": "P-3"}, 90, 40), rounded({"grade": "P-2"}, 40, 95)]
    asked = protected("by_grade", ("grade",), rows, KENYA)
    assert [row.keys["grade"] for row in parity_index.cells(asked)] == ["P-2", "P-3", "P-4"]
    assert [row.keys["grade"] for row in parity_index.cells(asked, "men")] == ["P-3"]
    assert grades.by_gap(asked)["layout"]["yaxis"]["ticktext"] == ["P-4", "P-3", "P-2"]
    assert role(grades.by_gap(asked), "marks")["x"][0] == 0
    cells = [cell.text for cell in parity_index.table(asked, caption="", link=lambda *_: None).rows[0]]
    assert [plain(said) for said in cells[5:7]] == ["55 women", "about 25"]
    assert not parity_index.cells(protected("by_grade", ("grade",), rows[:1], KENYA), "women")
