"""Titles and figures of the further pages, from answers made by hand."""

from __future__ import annotations

from dataclasses import replace

import plotly.graph_objects as go
import pytest
from answers import answer, refused, rounded, row, trend

from dashboard.pages import common, country_teams, entities, grades, parity_index, people, resident_coordinators
from dashboard.pages.page import Seen
from dashboard.selection import select
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
    assert said == "56 more women are needed for equal numbers; 96 women or men, counting each level separately"


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        ([("P-2", 5, 5), ("P-3", 7, 7)], "Equal numbers at every level"),
        (
            [("P-2", 6, 5), ("P-3", 5, 6)],
            "Equal numbers overall, but 2 women or men are needed counting each level separately",
        ),
        ([("P-2", 5, 6)], "1 more woman is needed for equal numbers; no level offsets another"),
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
    said = "P-2 needs about 20 women; no group shown clearly needs more"
    assert plain(common.gaps_title(found, found.rows)) == said
    unclear = answer("by_grade", ["grade"], [rounded({"grade": "P-2"}, 5, 10), rounded({"grade": "P-3"}, 0, 5)])
    assert common.gaps_title(unclear, unclear.rows) == "No clear difference between women and men in any group shown"
    assert grades.ladder_title(unclear) == "Of the grades shown, most women are at P-3 or P-2, most men at P-3 or P-2"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([("D-1", 40, 60), ("P-5", 50, 50), ("P-4", 60, 40)],
         "The share of women falls most, and equally, from P-4 to P-5 and P-5 to D-1"),
        ([("P-5", 45, 55), ("P-4", 60, 40)], "The share of women falls most from P-4 (60.0 %) to P-5 (45.0 %)"),
        ([("P-5", 60, 40), ("P-4", 50, 50)], "The share of women does not fall from any grade to the next"),
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
        "The share of women rose in 1 and fell in 1 of 2 comparable entities with at least 25 staff since 2025Q3, "
        "most in UNDP (+10.0 points)"
    )
    assert [r.keys["entity"] for r in entities.ranked(now, then, "change")] == ["UNDP", "WFP", "UN"]
    assert [r.keys["entity"] for r in entities.ranked(now, then, "gap")] == ["UNDP", "WFP", "UN"]
    figure = go.Figure(entities.steepest(now, then))
    assert sum(trace.meta == "marks" for trace in figure.data) == 2
    alike = by_entity("2025Q3", [("UNDP", 50, 50, {}), ("WFP", 30, 70, {})])
    assert plain(entities.change_title(now, alike)) == (
        "The share of women rose in 2 and fell in 0 of 2 comparable entities with at least 25 staff since 2025Q3"
    )
    assert entities.change_title(now, None) == "No comparable earlier figures"
    for by in ("share", "gap", "change", "size"):
        go.Figure(entities.ranking(now, then, by=by))
        assert entities.ranking_title(now, then, by=by)


def test_what_an_entity_has_reported_is_of_the_quarters_it_took_part_in():
    def history(*states):
        rows = [
            row({"quarter": f"{2020 + at}Q1", "entity": "UNDP"}, 1, 1, state=state) for at, state in enumerate(states)
        ]
        return entities.history_title(answer("coverage_history", ["quarter", "entity"], rows))

    assert history("reported", "reported") == "Reported for all 2 quarters, never late"
    assert history("not-participant", "reported", "reported") == "Reported for all 2 quarters, never late"
    assert history("reported", "partial") == "Reported for all 2 quarters, never late; 1 of them in part"
    assert history("reported") == "Reported for 1 quarter, on time"
    assert history("carried") == "Has not reported for the one quarter it took part in"
    assert history("reported", "carried") == "Reported for 1 of 2 quarters, never late"


def test_changes_are_told_within_one_series_and_of_enough_staff():
    small = [("UNDP", 12, 10, {}), ("WFP", 11, 10, {})]
    now, then = by_entity("2026Q3", small), by_entity("2025Q3", small)
    assert entities.change_title(now, then) == "No entity with at least 25 staff can be compared with 2025Q3"
    now, then = by_entity("2026Q3", [("UNDP", 60, 40, {})]), by_entity("2025Q3", [("UNDP", 50, 50, {})])
    assert plain(entities.change_title(now, then)) == (
        "Only UNDP has at least 25 staff and can be compared with 2025Q3: +10.0 points"
    )
    broken = replace(now, scope=replace(now.scope, series={"UNDP": "2026Q1"}))
    assert entities.change_title(broken, then) == "No comparable earlier figures"
    assert (
        entities.ranking_table(broken, then, by="change", caption="", link=lambda key, code: None).rows[0][6].text
        == "–"
    )
    assert not entities.slope_table(broken, then, caption="", link=lambda key, code: None).rows
    (earlier,) = (one for one in entities.ranking(broken, then, by="change")["data"] if one.get("meta") == "earlier")
    assert not earlier["x"]


def test_furthest_cells_one_tie_none():
    def cells(*counts):
        rows = [row({"grade": "P-4", "unct": f"T{at}"}, w, m) for at, (w, m) in enumerate(counts)]
        return answer("unct_by_grade", ["grade", "unct"], rows)

    assert plain(entities.furthest_title(cells((10, 30), (5, 6)))) == "P-4, T0 needs most: 20 women"
    assert plain(entities.furthest_title(cells((1, 3), (3, 1)))).startswith("2 cells are furthest")
    assert entities.furthest_title(cells((3, 3))) == "Equal numbers in every cell shown"
    assert entities.furthest_title(cells()) == "Nobody matches these filters"
    go.Figure(entities.furthest(cells((10, 30))))


def by_unct(rows, **more):
    return answer("by_unct", ["unct"], [row({"unct": code}, women, men) for code, women, men in rows], **more)


def test_country_teams_ranked():
    found = by_unct([("KEN", 40, 60), ("SOM", 30, 10), ("not-applicable", 500, 500)])
    assert [each.keys["unct"] for each in country_teams.ranked(found, "size")] == ["KEN", "SOM"]
    assert plain(country_teams.title(found, "size")) == "Kenya is the largest, with 100 staff"
    assert plain(country_teams.title(found, "gap")) == "Kenya and SOM need most: 20 each for equal numbers"
    assert (
        country_teams.title(found, "share").partition("staff, ")[2].startswith("the share of women is highest in Kenya")
    )
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


def test_cells_that_leave_some_out_are_marked_and_none_is_called_small_that_may_be_large():
    keys = {"entity": "UNDP", "grade": "P-4"}, {"entity": "WFP", "grade": "P-4"}, {"entity": "UN", "grade": "P-4"}
    rows = [
        rounded(keys[0], 40, 60, left_out=("unct=ALB",)),
        rounded(keys[1], 30, 80),
        rounded(keys[2], None, None, reason="fewer", fewer_than=5, left_out=("unct=ALB", "unct=KEN")),
    ]
    found = replace(answer("entity_by_grade", ["entity", "grade"], rows), protection="rounded")
    cells = [common.matrix_cell(each, bare=True).text for each in rows]
    assert [plain(said) for said in cells] == ["40 %*", "27 %", "…"]
    notes = common.matrix_notes(found)
    assert "“*” means a sum without chosen groups that are not shown." in notes
    assert "“…” means not shown, whatever its size." in notes
    heat = parity_index.heat_table(found, "", lambda *_: None)
    assert {plain(cell.text) for line in heat.rows for cell in line[1:]} == {"20 women*", "50 women"}
    assert any(note.startswith("“*”") for note in parity_index.heat_notes(found))
    assert not any("*" in note for note in common.matrix_notes(replace(found, rows=tuple(rows[1:2]))))


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
    assert country_teams.absent_title(here, system) == "1 of 2 entities with figures has no staff here"
    assert country_teams.absent_title(system, system) == "UNDP and WFP have staff here"
    many = answer("by_entity", ["entity"], [row({"entity": each}, 30, 40) for each in ("UNDP", "WFP", "UN", "ILO")])
    assert country_teams.absent_title(many, many) == "All 4 entities with figures have staff here"
    level = select(unct="KEN", grade="P-4")
    assert country_teams.absent_title(replace(many, selection=level), many) == (
        "All 4 entities with such staff have some here"
    )
    assert country_teams.absent_title(replace(here, selection=level), many) == (
        "3 of 4 entities with such staff have none here"
    )
    nobody = answer("by_entity", ["entity"], [], level)
    assert country_teams.absent_title(nobody, nobody) == "Nobody matches these filters"
    assert len(country_teams.absent_table(here, system, caption="", link=lambda key, code: None).rows) == 1


def index_cells(*cells):
    rows = [row({"category": "GS", "duty_station": f"S{at}"}, w, m) for at, (w, m) in enumerate(cells)]
    return answer("index_by_category_and_duty_station", ["category", "duty_station"], rows)


@pytest.mark.parametrize(
    ("cells", "side", "said"),
    [
        ([(10, 30), (30, 25)], "all", "S0, General Service needs most: 20 women"),
        ([(10, 30), (30, 25)], "men", "S1, General Service needs most: 5 men"),
        ([(10, 30)], "men", "No group needs men for equal numbers"),
        ([(30, 10)], "women", "No group needs women for equal numbers"),
        ([(10, 10)], "all", "Equal numbers everywhere"),
        ([(10, 30), (30, 10)], "all", "2 groups need most: 20 women or men each"),
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
        "2 country teams have a Resident Coordinator; 1 more has none reported"
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
    assert plain(same) == "No clear difference: women are between 44 and 56 % in each of 2 age groups with a share"
    assert people.age_title(by_age()) == "Nobody matches these filters"
    few = row({"age_group": "30-34"}, None, None, reason="fewer", fewer_than=12)._replace(protection="rounded")
    assert people.age_title(answer("by_age_group", ["age_group"], [few])) == "Too few staff to show"
    go.Figure(people.by_age(by_age(("30-34", 60, 40), ("50-54", 40, 60))))


def test_of_nationalities_nothing_is_told_of_those_without_women_or_men():
    rows = [
        rounded({"nationality": "FRA"}, 40, 60),
        rounded({"nationality": "KEN"}, 50, 50),
    ]
    few = row({"nationality": "NRU"}, None, None, reason="fewer", fewer_than=12)._replace(protection="rounded")
    found = answer("by_nationality", ["nationality"], [*rows, few])
    assert people.nationality_title(found) == (
        "Of 1 nationality with a status, women are at parity in 0, below it in 1 and above it in 0"
    )
    assert any("we do not publish" in note for note in people.nationality_notes(found))
    assert [each.keys["nationality"] for each in people.ranked(found, "share")] == ["KEN", "FRA", "NRU"]
    for by in people.SORT.values:
        go.Figure(people.nationalities(found, by))


# -- small multiples ----------------------------------------------------------------------------------------------


def over_time(*entities_, **more):
    """Entities as (code, counts by quarter, flags by quarter); None is a quarter not submitted."""
    quarters = ("2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
    rows = []
    for code, counts, flags in entities_:
        for quarter, pair in zip(quarters[-len(counts) :], counts, strict=True):
            keys = {"quarter": quarter, "entity": code}
            if pair is None:
                rows.append(row(keys, None, None, reason="not-submitted", flag="not-submitted"))
            else:
                given = flags.get(quarter, "reported")
                extra = {"series_break": True} if given == "break" else {}
                rows.append(row(keys, *pair, flag=given, **extra))
    return answer("entity_trend", ["quarter", "entity"], rows, **more)


STEADY = [(40, 60)] * 7


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([[(40, 60), (45, 55)], [(50, 50), (40, 60)]],
         "Since 2026Q2 the share of women rose in 1 and fell in 1 of 2 comparable entities with at least 25 staff"),
        ([[(40, 60), (45, 55)], [(50, 50), (60, 40)]],
         "The share of women has risen since 2026Q2 in all 2 comparable entities with at least 25 staff"),
        ([[(40, 60), (35, 65)], [(50, 50), (40, 60)]],
         "The share of women has fallen since 2026Q2 in all 2 comparable entities with at least 25 staff"),
        ([[(40, 60), (40, 60)], [(50, 50), (50, 50)]],
         "The share of women is the same as in 2026Q2 in all 2 comparable entities with at least 25 staff"),
        ([[(40, 60), (45, 55)]], "UNDP: women were 40.0 % in 2026Q2 and are 45.0 %"),
        ([[(4, 6), (5, 5)]], "No entity with at least 25 staff can be compared with 2026Q2"),
        ([[(1, 1), (2, 1)]], "No entity has enough staff here for a line"),
        ([[None, None]], "Nobody matches these filters"),
        ([], "Nobody matches these filters"),
    ],
)  # fmt: skip
def test_in_how_many_entities_the_share_rose(counts, said):
    found = over_time(*((code, each, {}) for code, each in zip(("UNDP", "WFP"), counts, strict=False)))
    assert plain(entities.lines_title(found)) == said
    go.Figure(entities.small_lines(found))
    table = entities.lines_table(found, caption="", link=lambda key, code: None)
    assert len({len(line) for line in (table.columns, *table.rows)}) == 1
    entities.lines_notes(found)


def test_what_is_not_an_entitys_own_is_in_no_line_and_a_break_parts_it():
    found = over_time(
        ("UNDP", STEADY, {"2025Q3": "carried", "2026Q3": "carried"}),
        ("WFP", STEADY, {"2025Q4": "break"}),
        ("UN", [(30, 70), (30, 70), None, (31, 69), (31, 69), (32, 68), (33, 67)], {}),
    )
    assert plain(entities.lines_title(found)) == "UN Secretariat: women were 30.0 % in 2025Q1 and are 33.0 %"
    figure = entities.small_lines(found)
    go.Figure(figure)
    line = next(trace for trace in figure["data"] if trace.get("meta") == "marks")
    runs, run = [], []
    for x, code in zip(line["x"], line["customdata"], strict=True):
        if x is None:
            runs += [(code, len(run))] if run else []
            run = []
        else:
            run.append(x)
    # Sorted by the gap: UN needs most. A carried quarter, a missing one and a break part a line.
    assert runs == [("UN", 2), ("UN", 4), ("UNDP", 2), ("UNDP", 3), ("WFP", 3), ("WFP", 4)]
    hollow = [t for t in figure["data"] if t["mode"] == "markers" and "line" in t["marker"]]
    assert [trace["customdata"] for trace in hollow] == [["UNDP", "UNDP"]]
    notes = entities.lines_notes(found)
    assert any("Hollow" in note for note in notes) and any("break" in note for note in notes)
    assert any("not submitted" in note for note in notes)
    remarks = {line[0].text: line[-1].text for line in
               entities.lines_table(found, caption="", link=lambda key, code: None).rows}  # fmt: skip
    assert remarks["UNDP"] == "carried forward: 2025Q3 and 2026Q3"
    assert remarks["WFP"] == "series break: 2025Q4" and remarks["UN Secretariat"] == "not submitted: 2025Q3"


def test_a_single_quarter_between_gaps_is_a_mark():
    found = over_time(("UNDP", [None, (40, 60), None], {}))
    figure = entities.small_lines(found)
    marks = [t for t in figure["data"] if t["mode"] == "markers"]
    assert [trace["customdata"] for trace in marks] == [["UNDP"]]


def test_small_lines_of_rounded_figures_tell_no_change():
    def few(quarter, entity):
        return rounded({"quarter": quarter, "entity": entity}, None, None, reason="fewer", fewer_than=25)

    rows = [rounded({"quarter": q, "entity": "UNDP"}, 60, 40) for q in ("2026Q2", "2026Q3")]
    rows += [few(q, "WFP") for q in ("2026Q2", "2026Q3")]
    found = answer("entity_trend", ["quarter", "entity"], rows)
    assert entities.lines_title(found) == "1 entity has enough staff here for a line"
    assert any(note.startswith("1 entity without figures") for note in entities.lines_notes(found))
    only = answer("entity_trend", ["quarter", "entity"], rows[2:])
    assert entities.lines_title(only) == "Too few staff to show"
    assert not entities.small_lines(only)["data"]


def test_fields_stand_in_rows_and_columns_that_the_browser_can_count():
    found = over_time(*((code, STEADY, {}) for code in ("UNDP", "WFP", "UN", "UNICEF", "FAO")))
    figure = entities.small_lines(found)
    meta = figure["layout"]["meta"]["fields"]
    names = next(trace for trace in figure["data"] if trace.get("meta") == "names")
    fields = [int(-y / meta["down"]) * meta["columns"] + int(x / meta["across"] + 1e-3)
              for x, y in zip(names["x"], names["y"], strict=True)]  # fmt: skip
    assert fields == list(range(meta["count"])) == [0, 1, 2, 3, 4]


# -- peers --------------------------------------------------------------------------------------------------------


def seen(code="UNDP", **more):
    values = {
        "audience": "internal", "quarter": "2026Q3", "quarters": ("2026Q3",), "code": code,
        "options": {"peers": "none", "place": "unct"}, "several": {"peer": ()},
        "kinds": {"UNDP": "fund-programme", "WFP": "fund-programme", "FAO": "specialised-agency", "ICJ": "other",
                  "ITC": "other"},
        "sizes": {"UNDP": 100, "WFP": 200, "FAO": 90, "ICJ": 1, "ITC": 1000, "UPU": 99, "ITU": 101, "IMO": 50},
    } | more  # fmt: skip
    return Seen(**values)


def with_peers(how, hand=(), **more):
    return seen(options={"peers": how, "place": "unct"}, several={"peer": tuple(hand)}, **more)


@pytest.mark.parametrize(
    ("how", "found", "said"),
    [
        (with_peers("none"), (), ""),
        (with_peers("size"), ("FAO", "IMO", "ITU", "UPU", "WFP"),
         "Dashed line: the 5 entities closest in number of staff, taken together (FAO, IMO, ITU, UPU and WFP)."),
        (with_peers("size", code="UNU"), (),
         "It has no figures for this quarter, so its size cannot be compared."),
        (with_peers("kind"), ("WFP",), "Dashed line: the other funds and programmes (1), taken together: WFP."),
        (with_peers("kind", code="FAO"), (), "There is no other entity of its kind to compare it with."),
        (with_peers("kind", code="ICJ"), (), "There is no other entity of its kind to compare it with."),
        (with_peers("hand", ("WFP", "FAO")), ("FAO", "WFP"),
         "Dashed line: the peers you chose, taken together (FAO and WFP)."),
        (with_peers("hand"), (), "You have not chosen any peers yet. Tick them above."),
    ],
)  # fmt: skip
def test_who_the_peers_are(how, found, said):
    assert entities.peers(how) == found
    assert entities.peers_said(how) == said


def test_a_trend_against_the_system_and_peers_is_told_drawn_and_tabled():
    own, system, group = trend([0.40, 0.42]), trend([0.45, 0.46]), trend([0.41, 0.425])
    assert plain(entities.system_title(own, system, group)).endswith("(system: 46.0 %; peers: 42.5 %)")
    assert plain(entities.system_title(own, system)).endswith("(system: 46.0 %)")
    figure = entities.system_trend(own, system, group)
    go.Figure(figure)
    assert [trace["line"]["dash"] for trace in figure["data"] if trace.get("meta") == "other"] == ["dash", "dot"]
    ends = {note["text"]: note["y"] for note in figure["layout"]["annotations"] if "%" in note["text"]}
    peers, own_end = ends["peers 42.5\u00a0%"], ends["<b>42.0\u00a0%</b>"]
    assert peers - own_end > 0.5, "labels at the ends make room for each other"
    table = entities.system_table(own, system, group, caption="", link=lambda key, code: None)
    assert [cell.text for cell in table.columns][5:7] == ["Share: system", "Share: peers"]
    assert [plain(cell.text) for cell in table.rows[0]][4:7] == ["42.0 %", "46.0 %", "42.5 %"]
    assert any("Dashed: X" in note for note in entities.system_notes(own, system, group, said="Dashed: X"))
    nobody = answer("trend", ("quarter", "basis"), [])
    said = entities.system_notes(own, system, nobody, said="Dashed: X")
    assert "The peers have no staff that match these filters, or are not shown." in said
    assert plain(entities.system_title(own, system, nobody)).endswith("(system: 46.0 %)")


# -- departments --------------------------------------------------------------------------------------------------


def departments(rows, selection=None):
    return answer("department_by_grade", ["department", "grade"], rows, selection)


def test_departments_by_grade_with_their_totals_and_what_is_protected():
    cells = [
        row({"department": "OCHA", "grade": "P-4"}, 30, 20),
        row({"department": "OCHA", "grade": "D-2"}, 1, 0),
        rounded({"department": "UNMISS", "grade": "P-4"}, 30, 70),
        rounded({"department": "UNMISS", "grade": "D-2"}, None, None, reason="fewer", fewer_than=5),
        rounded({"department": "UNFICYP", "grade": "P-4"}, None, None, reason="fewer", fewer_than=5),
    ]
    totals = answer(
        "by_department", ["department"],
        [row({"department": "OCHA"}, 31, 20), rounded({"department": "UNMISS"}, 30, 70)],
    )  # fmt: skip
    found = departments(cells, select(category="PH"))
    table = entities.levels_table(found, totals, caption="", link=lambda key, code: f"?{key}={code}")
    said = {line[0].text: [(plain(cell.text), cell.name) for cell in line[1:]] for line in table.rows}
    assert list(said) == ["UNMISS", "OCHA"], "those with most staff first; too few to show are not in it"
    assert table.rows[0][0].href == "?department=UNMISS"
    assert [cell.text for cell in table.columns] == ["Department or mission", "All of these", "P-4", "D-2"]
    assert said["OCHA"] == [("61 %", "31 of 51"), ("60 %", "30 of 50"), ("100 %", "1 of 1")]
    assert said["UNMISS"] == [("about 30 %", "30 of 100"), ("about 30 %", "30 of 100"), ("<5", "")]
    assert plain(entities.levels_title(found, totals)).startswith("Professional and higher: Only UNMISS is below")
    assert any("departments in one place" in note for note in entities.levels_notes(found, totals))
    assert entities.levels_title(departments([]), totals) == "Nobody matches these filters"


def test_of_which_panels_make_sense_for_a_department():
    whole, part = seen("UN", selection=select(entity="UN")), seen("UN", selection=select(entity="UN", department="X"))
    public = seen("UN", selection=part.selection, audience="public")
    assert entities.placed(whole) and entities.placed(part) and not entities.placed(public)
    assert entities.whole(whole) and not entities.whole(part)
    owners = {"X": "UN", "Y": "UN", "Z": "WHO"}
    many = {"with_departments": frozenset({"UN", "WHO"}), "owners": owners}
    assert entities.of_many_departments(seen("UN", **many)) and not entities.of_many_departments(seen("WHO", **many))
    assert not entities.of_departments(seen("UN", selection=part.selection, **many))


# -- the gap before -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ([("P-4", 40, 60), ("P-5", 60, 40)], [("P-4", 30, 70), ("P-5", 60, 40)],
         "The gap, grade by grade, fell by 20 in a year"),
        ([("P-4", 40, 60)], [("P-4", 45, 55)], "The gap, grade by grade, rose by 10 in a year"),
        ([("P-4", 40, 60)], [("P-4", 60, 40)], "The gap, grade by grade, is the same as a year ago"),
        ([("P-4", 40, 60)], [], "There is no comparable earlier quarter"),
        ([], [], "Nobody matches these filters"),
    ],
)  # fmt: skip
def test_the_gap_then_and_now(now, then, said):
    found = compared(now, then)
    assert grades.before_title(found) == said
    table = grades.before_table(found, caption="", link=lambda key, code: None)
    assert len(table.rows) == (4 if then else 1 if now else 0)
    grades.before_notes(found)


def test_the_gap_before_is_that_of_the_same_entities():
    found = compared([("P-4", 40, 60), ("P-5", 60, 40)], [("P-4", 30, 70), ("P-5", 60, 40)])
    rows = [[plain(cell.text) for cell in line[1:]] for line in
            grades.before_table(found, caption="", link=lambda key, code: None).rows]  # fmt: skip
    assert rows == [
        ["0", "40", "50.0 %"],
        ["20 women", "60", "45.0 %"],
        ["0", "40", "50.0 %"],
        ["−20", "−20", "+5.0 points"],
    ]


def test_of_rounded_grades_no_gap_is_compared():
    rows = [rounded({"quarter": q, "basis": "all", "grade": "P-4"}, 40, 60) for q in ("2025Q3", "2026Q3")]
    found = answer("grade_comparison", ["quarter", "basis", "grade"], rows)
    assert grades.before_title(found) == "Net and gross gaps are not calculated from rounded figures"
    assert [cell.text for cell in grades.before_table(found, caption="", link=lambda k, c: None).rows[0][1:3]] == [
        "–",
        "–",
    ]


def test_the_feeder_grade_is_the_next_one_down_with_anybody():
    order = ["ASG", "D-2", "D-1", "P-5", "NO-B", "NO-A", "G-7", "G-6", "G-5"]
    assert common.feeder("D-2", ["D-1", "P-5"], order) == "D-1"
    assert common.feeder("D-2", ["P-5"], order) == "P-5"
    assert common.feeder("P-5", order, order) is None
    assert common.feeder("G-7", ["G-5", "NO-A"], order) == "G-5"
    assert common.feeder("NO-B", order, order) == "NO-A"
    assert common.feeder("X-1", order, order) is None


def test_movements_stand_beside_the_feeder_grade():
    moved = answer("movements", ["kind", "grade"], [row({"kind": "promoted-in", "grade": "P-4"}, 3, 2)])
    moved = replace(moved, labels={"grade": {"P-5": "", "P-4": "", "P-3": ""}})
    staff = by_grade([("P-4", 40, 60), ("P-3", 60, 40)])
    table = grades.movements_table(moved, staff, caption="", link=lambda key, code: None)
    assert table.columns[2].text == "Women at the grade below"
    assert plain(table.rows[0][2].text) == "P-3: 60.0 %"


def test_what_is_said_of_movements_follows_the_answer_and_not_who_asks():
    staff, mission = by_grade([("P-4", 40, 60)]), select(department="UNMISS")
    for audience in ("public", "internal"):
        none = answer("movements", ["kind", "grade"], [], mission, audience=audience)
        assert grades.movements_title(none, staff) == "No movements reported for this selection"
        held = refused(mission, reason="place-bound", audience=audience)
        assert grades.movements_title(held, staff) == "These filters cannot be combined here"
    left = answer("movements", ["kind", "grade"], [row({"kind": "separated", "grade": "P-4"}, 1, 2)], mission)
    assert grades.movements_title(left, staff) == "Nobody was appointed or promoted in four quarters"


# -- the heat map -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([(10, 30), (30, 25)], "Women are needed in 1 cell, men in 1"),
        ([(10, 30), (10, 30), (30, 25)], "Women are needed in 2 cells, men in 1"),
        ([(10, 30)], "Women are needed in the one cell that is not equal"),
        ([(10, 30), (1, 2)], "Women are needed in all 2 cells that are not equal"),
        ([(30, 10)], "Men are needed in the one cell that is not equal"),
        ([(30, 10), (2, 1)], "Men are needed in all 2 cells that are not equal"),
        ([(10, 10)], "Equal numbers everywhere"),
        ([], "Nobody matches these filters"),
    ],
)
def test_the_heat_map_says_how_many_cells_need_whom(cells, said):
    found = index_cells(*cells)
    assert parity_index.heat_title(found) == said
    table = parity_index.heat_table(found, caption="", link=lambda key, code: None)
    assert len(table.rows) == sum(women != men for women, men in cells)
    parity_index.heat_notes(found)


def test_cells_of_the_heat_map_are_shaded_by_their_gap_and_say_it():
    found = index_cells((0, 64), (0, 16), (4, 0), (1, 0), (5, 5))
    table = parity_index.heat_table(found, caption="", link=lambda key, code: None)
    assert [(line[0].text, line[1].text, line[1].shade) for line in table.rows] == [
        ("S0", "64 women", "women-4"),
        ("S1", "16 women", "women-3"),
        ("S2", "4 men", "men-2"),
        ("S3", "1 man", "men-1"),
    ]
    assert table.rows[0][1].name == "0 of 64"


def test_level_by_level_the_heat_map_is_of_entities_by_grades():
    rows = [row({"entity": "UNDP", "grade": "P-4"}, 10, 30), row({"entity": "WFP", "grade": "D-2"}, 1, 0)]
    table = parity_index.heat_table(answer("entity_by_grade", ["entity", "grade"], rows), caption="",
                                    link=lambda key, code: None)  # fmt: skip
    assert [cell.text for cell in table.columns] == ["Entity", "P-4", "D-2"]
    assert [[cell.text for cell in line] for line in table.rows] == [["UNDP", "20 women", "–"], ["WFP", "–", "1 man"]]


# -- Resident Coordinators over time ------------------------------------------------------------------------------


def coordinators(*counts):
    quarters = ("2026Q1", "2026Q2", "2026Q3")[-len(counts) or 3 :]
    rows = [row({"quarter": q, "basis": "all"}, *pair) for q, pair in zip(quarters, counts, strict=False)]
    return answer("trend", ["quarter", "basis"], rows)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([(60, 70), (66, 64)], "66 of 130 are women in 2026Q3; 60 of 130 in 2026Q2"),
        ([(66, 64)], "2026Q3: 66 of 130 are women"),
        ([(65, 65), (65, 65)], "65 of 130 are women in 2026Q3; 65 of 130 in 2026Q2"),
        ([], "Nobody matches these filters"),
    ],
)
def test_women_and_men_among_resident_coordinators_over_time(counts, said):
    found = coordinators(*counts)
    assert resident_coordinators.counts_title(found) == said
    figure = resident_coordinators.counts(found)
    go.Figure(figure)
    table = resident_coordinators.counts_table(found, caption="", link=lambda key, code: None)
    assert [line[0].text for line in table.rows] == ["2026Q3", "2026Q2"][: len(counts)]
    if not counts:
        return
    women, men = figure["data"]
    assert (women["y"], men["y"]) == ([w for w, _ in counts], [m for _, m in counts])
    assert women["line"]["dash"] != men["line"]["dash"], "not by colour alone"
    ends = {note["text"]: note["y"] for note in figure["layout"]["annotations"] if "<b>" in note["text"]}
    high, low = sorted(ends.values(), reverse=True)
    assert len(ends) == 2 and high - low > 5, "labels make room for each other"


def test_among_many_grades_those_of_a_few_people_are_left_out_of_the_heat_map_and_counted():
    rows = [row({"entity": "UNDP", "grade": f"P-{at}"}, 10, 30) for at in range(12)]
    rare = row({"entity": "UNDP", "grade": "SG"}, 1, 0)
    found = answer("entity_by_grade", ["entity", "grade"], [*rows, rare])
    table = parity_index.heat_table(found, caption="", link=lambda key, code: None)
    assert len(table.columns) == 13 and "SG" not in [cell.text for cell in table.columns]
    assert any(note.startswith("1 grade with fewer than 25 staff") for note in parity_index.heat_notes(found))
    few = answer("entity_by_grade", ["entity", "grade"], [rows[0], rare])
    assert "SG" in [cell.text for cell in parity_index.heat_table(few, caption="", link=lambda k, c: None).columns]


@pytest.mark.parametrize(
    ("key", "codes", "counts", "said"),
    [
        ("unct", ("KEN", "SOM"), ((100, 200), (10, 20)), "KEN is the largest country team shown, with about 300 staff"),
        (
            "unct",
            ("KEN", "SOM"),
            ((20, 25), (20, 20)),
            "KEN has about 45 staff; no country team shown clearly has more",
        ),
        ("entity", ("UNDP", "WFP"), ((100, 200), (10, 20)), "UNDP is the largest entity shown, with about 300 staff"),
        ("entity", ("UNDP", "WFP"), ((20, 25), (20, 20)), "UNDP has about 45 staff; no entity shown clearly has more"),
    ],
)
def test_of_rounded_rows_the_largest_is_called_what_it_is(key, codes, counts, said):
    rows = [rounded({key: code}, *pair) for code, pair in zip(codes, counts, strict=True)]
    assert plain(common.largest(answer(f"by_{key}", [key], rows), rows, lambda row: row.keys[key])) == said


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (((10, 60), (60, 10), (60, 10)), "Women are clearly needed in 1 cell shown, men in 2"),
        (((10, 60), (10, 60), (30, 30)), "Women are clearly needed in 2 cells shown, men in none"),
        (((60, 10), (30, 30)), "Men are clearly needed in 1 cell shown, women in none"),
        (((30, 30),), "No clear difference between women and men in any group shown"),
    ],
)
def test_rounded_cells_are_counted_in_words_of_their_number(cells, said):
    rows = [rounded({"category": "P", "unct": f"T{n}"}, *pair) for n, pair in enumerate(cells)]
    found = answer("index_by_category_and_unct", ["category", "unct"], rows)
    assert plain(parity_index.heat_title(found)) == said
