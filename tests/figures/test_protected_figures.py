"""How figures that are rounded, too few to show, withheld or refused are drawn and tabled."""

import json

import plotly.graph_objects as go
from answers import KENYA, MIXED, breakdown, protected, refused, rounded

from dashboard import figures
from dashboard.figures.dots import ordered
from dashboard.figures.layout import HATCHING
from dashboard.figures.table import table
from dashboard.figures.tokens import LIGHT, contrast
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
     rounded({"headquarters": "non-hq"}, 45, 75, status="below")],
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


def test_words_stand_beside_what_is_drawn():
    dots = DRAWN["dots"]
    names = dots["layout"]["yaxis"]["ticktext"]
    values = dict(zip(names, map(plain, role(dots, "values")["text"]), strict=True))
    counts = dict(zip(names, map(plain, role(dots, "counts")["text"]), strict=True))
    assert (values["P-4"], counts["P-4"]) == ("about 38 %", "about 45 of 120")
    assert (values["P-3"], counts["P-3"]) == ("", "about 10 of 15")
    assert (values["D-2"], counts["D-2"]) == ("", "fewer than 5")
    assert counts["D-1"] == "not shown"
    assert "not shown: it could tell on single people" in [cells[-1].text for cells in table(MIXED, "").rows]


def test_one_place_after_all_numbers_and_before_withheld_and_missing():
    assert [row.keys["grade"] for row in ordered(MIXED)] == ["P-4", "P-3", "P-2", "D-2", "D-1", "P-5"]
    assert [cells[0].text for cells in table(MIXED, "").rows] == ["P-4", "P-3", "P-2", "D-2", "D-1", "P-5"]


def test_a_table_of_rounded_figures_says_so_in_its_headings():
    made = table(MIXED, "")
    heads = [cell.text for cell in made.columns]
    assert heads[1:5] == ["Women, about", "Men, about", "Staff, about", "Share of women, about"]
    rows = {cells[0].text: cells for cells in made.rows}
    assert [plain(cell.text) for cell in rows["P-4"][1:7]] == ["45", "75", "120", "38 %", "30 women", "below parity"]
    assert rows["P-3"][6].text == "only from 25 staff"
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


def test_a_refused_answer_is_no_empty_figure():
    figure = figures.dots(refused(select(unct="KEN", nationality="KEN"), KENYA))
    assert figure["data"] == [] and "cannot be combined" in figure["layout"]["annotations"][0]["text"]
