"""Titles and figures of the further pages, from answers made by hand."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest
from answers import answer, rounded, row

from dashboard.pages import common, country_teams, entities, grades, parity_index, people, resident_coordinators
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
    unclear = answer("by_grade", ["grade"], [rounded({"grade": "P-2"}, 5, 10), rounded({"grade": "P-3"}, 0, 5)])
    assert common.gaps_title(unclear, unclear.rows) == "No clear difference between women and men at any level"
    assert grades.ladder_title(unclear) == "Too few staff at each grade to compare them"


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
    assert sum(trace.meta == "marks" for trace in figure.data) == 2
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


def by_unct(rows, **more):
    return answer("by_unct", ["unct"], [row({"unct": code}, women, men) for code, women, men in rows], **more)


def test_country_teams_ranked():
    found = by_unct([("KEN", 40, 60), ("SOM", 30, 10), ("not-applicable", 500, 500)])
    assert [each.keys["unct"] for each in country_teams.ranked(found, "size")] == ["KEN", "SOM"]
    assert plain(country_teams.title(found, "size")) == "Kenya is the largest, with 100 staff"
    assert plain(country_teams.title(found, "gap")).startswith(("Kenya needs most: 20", "SOM needs most: 20"))
    assert country_teams.title(found, "share").startswith("The share of women is highest in Kenya")
    for by in country_teams.BY.values:
        go.Figure(country_teams.figure(found, by))
    assert country_teams.title(by_unct([])) == "Nobody matches these filters"


def test_the_matrix_says_nobody_too_few_and_withheld_apart():
    def few(entity, grade, reason):
        return row({"entity": entity, "grade": grade}, None, None, reason=reason, fewer_than=5)._replace(
            protection="rounded"
        )

    rows = [
        rounded({"entity": "UNDP", "grade": "P-4"}, 40, 60),
        few("UNDP", "D-2", "fewer"),
        few("WFP", "P-4", "fewer"),
        rounded({"entity": "WFP", "grade": "D-2"}, 5, 5),
        few("UN", "P-4", "withheld"),
    ]
    found = answer("entity_by_grade", ["entity", "grade"], rows)
    table = country_teams.matrix_table(found, caption="", link=lambda key, code: None)
    said = {line[0].text: [(plain(cell.text), cell.name) for cell in line[1:]] for line in table.rows}
    assert set(said) == {"UNDP", "WFP"}
    assert ("<5", "") in said["UNDP"] and ("40 %", "40 of 100") in said["UNDP"]
    assert ("5 of 10", "") in said["WFP"]
    assert country_teams.matrix_title(found) == "2 entities have cells large enough to show"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("KEN", 1, 0)], "The Resident Coordinator is a woman"),
        ([("KEN", 0, 1)], "The Resident Coordinator is a man"),
        ([], "No Resident Coordinator is reported for this team"),
        ([("KEN", 1, 1)], "1 of 2 Resident Coordinators are women"),
    ],
)
def test_the_resident_coordinator_of_a_team(rows, said):
    found = by_unct(rows)
    assert country_teams.coordinator_title(found) == said
    assert len(country_teams.coordinator_table(found, caption="", link=lambda key, code: None).rows) == len(rows)


def test_entities_without_staff_here():
    here = answer("by_entity", ["entity"], [row({"entity": "UNDP"}, 3, 4)])
    system = answer("by_entity", ["entity"], [row({"entity": each}, 30, 40) for each in ("UNDP", "WFP")])
    assert country_teams.absent_title(here, system) == "1 entity has no staff here"
    assert country_teams.absent_title(system, system) == "Every entity has staff here"
    assert len(country_teams.absent_table(here, system, caption="", link=lambda key, code: None).rows) == 1


def index_cells(*cells):
    rows = [row({"category": "GS", "duty_station": f"S{at}"}, w, m) for at, (w, m) in enumerate(cells)]
    return answer("index_by_category_and_duty_station", ["category", "duty_station"], rows)


@pytest.mark.parametrize(
    ("cells", "side", "said"),
    [
        ([(10, 30), (30, 25)], "all", "S0, General Service needs most: 20 women more"),
        ([(10, 30), (30, 25)], "men", "S1, General Service needs most: 5 men more"),
        ([(10, 30)], "men", "Nowhere are men needed for equal numbers"),
        ([(30, 10)], "women", "Nowhere are women needed for equal numbers"),
        ([(10, 10)], "all", "Equal numbers everywhere"),
        ([(10, 30), (30, 10)], "all", "Most are needed in 2 places at once: 20 each"),
        ([], "all", "Nobody matches these filters"),
    ],
)
def test_the_parity_index_by_place(cells, side, said):
    found = index_cells(*cells)
    assert plain(parity_index.title(found, side)) == said
    go.Figure(parity_index.figure(found, side))
    table = parity_index.table(found, side, caption="", link=lambda key, code: None)
    assert len(table.rows) == len(parity_index.cells(found, side))


def test_both_readings_and_net_and_gross_of_the_index():
    found = index_cells((4, 7), (8, 7))
    table = parity_index.table(found, caption="", link=lambda key, code: None)
    assert [[cell.text for cell in line[6:8]] for line in table.rows] == [["3 women", "1"], ["1 man", "0"]]
    totals = parity_index.totals_table(found, caption="", link=lambda key, code: None)
    assert [cell.text for cell in totals.rows[0]] == ["General Service", "2 women", "4", "2"]


def test_teams_with_and_without_a_resident_coordinator():
    teams = by_unct([("KEN", 40, 60), ("SOM", 30, 10), ("UGA", 3, 1)])
    found = by_unct([("KEN", 1, 0), ("SOM", 0, 1)])
    assert resident_coordinators.teams_title(found, teams) == (
        "2 country teams have a Resident Coordinator; for 1 none is reported"
    )
    assert resident_coordinators.teams_title(teams, teams) == "3 country teams have a Resident Coordinator"
    assert resident_coordinators.teams_title(by_unct([]), teams) == "No Resident Coordinator is reported"
    table = resident_coordinators.teams_table(found, teams, caption="", link=lambda key, code: None)
    assert [line[1].text for line in table.rows] == ["none reported", "a woman", "a man"]


def by_age(*ages):
    return answer("by_age_group", ["age_group"], [rounded({"age_group": a}, w, m) for a, w, m in ages])


def test_ages_one_several_alike_protected():
    said = people.age_title(by_age(("30-34", 60, 40), ("50-54", 40, 60)))
    assert plain(said) == "Women are about 60 % of those aged 30 to 34, about 40 % of those aged 50-54"
    same = people.age_title(by_age(("30-34", 50, 50), ("50-54", 50, 50)))
    assert plain(same) == "Women are about 50 % in every age group"
    assert people.age_title(by_age()) == "Nobody matches these filters"
    few = row({"age_group": "30-34"}, None, None, reason="fewer", fewer_than=12)._replace(protection="rounded")
    assert people.age_title(answer("by_age_group", ["age_group"], [few])) == "Too few staff to show"
    go.Figure(people.by_age(by_age(("30-34", 60, 40), ("50-54", 40, 60))))


def test_of_nationalities_nothing_is_told_of_those_without_women_or_men():
    rows = [
        rounded({"nationality": "FRA"}, 40, 60, status="below"),
        rounded({"nationality": "KEN"}, 50, 50, status="parity"),
    ]
    few = row({"nationality": "NRU"}, None, None, reason="fewer", fewer_than=12)._replace(protection="rounded")
    found = answer("by_nationality", ["nationality"], [*rows, few])
    assert people.nationality_title(found) == "At parity: 1 of 2 nationalities large enough to judge; below: 1"
    assert any("is not told" in note for note in people.nationality_notes(found))
    assert [each.keys["nationality"] for each in people.ranked(found, "share")] == ["KEN", "FRA", "NRU"]
    for by in people.SORT.values:
        go.Figure(people.nationalities(found, by))
