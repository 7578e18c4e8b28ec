"""Titles and figures of the further pages, from answers made by hand."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
from answers import answer, rounded, row

from dashboard.pages import common, entities, grades
from dashboard.text import NBSP

LEVELS = (("P-2", 60, 40), ("P-3", 95, 105), ("P-4", 80, 120), ("P-5", 40, 60), ("D-1", 8, 12), ("D-2", 2, 4))


def plain(said: str) -> str:
    return said.replace(NBSP, " ")


def by_grade(levels=LEVELS, **more):
    return answer("by_grade", ["grade"], [row({"grade": code}, women, men) for code, women, men in levels], **more)


def compared(now, a_year_ago=()):
    rows = [row({"quarter": "2026Q3", "basis": "all", "grade": code}, women, men) for code, women, men in now]
    for quarter, levels in (("2025Q3", a_year_ago), ("2026Q3", now if a_year_ago else ())):
        rows += [row({"quarter": quarter, "basis": "previous-year", "grade": code}, w, m) for code, w, m in levels]
    return answer("grade_comparison", ["quarter", "basis", "grade"], rows)


def test_net_and_gross_are_the_worked_example():
    found = by_grade()
    assert common.gaps(found.rows).net == 56 and common.gaps(found.rows).gross == 96
    said = common.gaps_title(found, found.rows)
    assert said == "56 women more would make the numbers equal; level by level it takes 96 women and men"


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([("P-2", 5, 5), ("P-3", 7, 7)], "Equal numbers at every level"),
        ([("P-2", 6, 5), ("P-3", 5, 6)], "Equal numbers in all, yet level by level it takes 2 women and men"),
        ([("P-2", 5, 6)], "1 woman more would make the numbers equal; no level offsets another"),
        ([("P-2", 0, 0)], "Nobody matches these filters"),
    ],
)
def test_gaps_in_every_case(levels, said):
    found = by_grade(levels)
    assert plain(common.gaps_title(found, found.rows)) == said


def test_of_rounded_rows_no_sum_is_formed():
    rows = [rounded({"grade": "P-2"}, 10, 30), rounded({"grade": "P-3"}, 25, 30)]
    found = answer("by_grade", ["grade"], rows)
    assert common.gaps(found.rows) is None
    assert plain(common.gaps_title(found, found.rows)) == "P-2 needs most: about 20 women more"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([("D-1", 40, 60), ("P-5", 50, 50), ("P-4", 60, 40)],
         "The share of women falls most, and equally, from P-4 to P-5 and P-5 to D-1"),
        ([("P-5", 45, 55), ("P-4", 60, 40)], "The share of women falls most from P-4 (60.0 %) to P-5 (45.0 %)"),
        ([("P-5", 60, 40), ("P-4", 50, 50)], "The share of women falls from no grade to the next"),
        ([("P-5", 6, 4), ("P-4", 5, 5)], "Too few staff at neighbouring grades to compare"),
        ([], "Nobody matches these filters"),
    ],
)  # fmt: skip
def test_where_the_pipeline_leaks(now, said):
    found = compared(now)
    assert plain(grades.pipeline_title(found)) == said
    go.Figure(grades.pipeline(found))


def test_the_table_of_the_pipeline_has_the_change_of_the_same_entities():
    found = compared([("P-5", 45, 55), ("P-4", 60, 40)], [("P-5", 40, 60), ("P-4", 60, 40)])
    table = grades.pipeline_table(found, caption="", link=lambda key, code: None)
    said = [[plain(cell.text) for cell in line] for line in table.rows]
    assert [line[6:8] for line in said] == [["−15.0 points", "+5.0 points"], ["–", "no change"]]


def by_entity(quarter, rows, **more):
    return answer("by_entity", ["entity"], [row({"entity": e}, w, m, **given) for e, w, m, given in rows],
                  quarter=quarter, **more)  # fmt: skip


def test_changes_are_of_entities_that_reported_both_times():
    now = by_entity("2026Q3", [("UNDP", 60, 40, {}), ("WFP", 40, 60, {}), ("UN", 50, 50, {"flag": "carried"})])
    then = by_entity("2025Q3", [("UNDP", 50, 50, {}), ("WFP", 45, 55, {}), ("UN", 40, 60, {})])
    assert plain(entities.change_title(now, then)) == (
        "The share of women rose in 1 entity and fell in 1 since 2025Q3, most in UNDP (+10.0 points)"
    )
    assert [r.keys["entity"] for r in entities.ranked(now, then, "change")] == ["UNDP", "WFP", "UN"]
    assert [r.keys["entity"] for r in entities.ranked(now, then, "gap")] == ["UNDP", "WFP", "UN"]
    figure = go.Figure(entities.steepest(now, then))
    assert len(figure.data) == 2
    assert entities.change_title(now, None) == "Nothing comparable to set it against"
    for by in ("share", "gap", "change", "size"):
        go.Figure(entities.ranking(now, then, by=by))
        assert entities.ranking_title(now, then, by=by)


def test_furthest_cells_one_tie_none():
    def cells(*counts):
        rows = [row({"grade": "P-4", "unct": f"T{at}"}, w, m) for at, (w, m) in enumerate(counts)]
        return answer("unct_by_grade", ["grade", "unct"], rows)

    assert plain(entities.furthest_title(cells((10, 30), (5, 6)))) == "P-4, T0 needs most: 20 women more"
    assert plain(entities.furthest_title(cells((1, 3), (3, 1)))).startswith("2 cells are furthest")
    assert entities.furthest_title(cells((3, 3))) == "Equal numbers in every cell that is shown"
    assert entities.furthest_title(cells()) == "Nobody matches these filters"
    go.Figure(entities.furthest(cells((10, 30))))
