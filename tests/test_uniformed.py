"""Uniformed personnel: answers equal the published rows one by one, and say everywhere what they are and are not."""

import csv
import datetime as dt
import io
import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from answers import answer as answer_of
from answers import row as row_of
from older import before_uniformed

from dashboard import questions, text
from dashboard.answer import APPROXIMATE, EXACT, REFUSED, UNIFORMED, Answer, Note
from dashboard.answering import ask
from dashboard.exports import csv as csv_export
from dashboard.exports import json as json_export
from dashboard.exports import plain
from dashboard.exports import xlsx as xlsx_export
from dashboard.pages import uniformed as page
from dashboard.selection import select
from dashboard.settings import PARITY_BAND, Settings
from dashboard.warehouse import CorruptRelease, NoRelease, Warehouse

DATA = Path(__file__).resolve().parent.parent / "data"
AUDIENCES = ("internal", "public")
BY_COUNTRY, BY_REGION, BY_MISSION = "uniformed_by_country", "uniformed_by_region", "uniformed_by_mission"
QUESTIONS = (BY_COUNTRY, BY_REGION, BY_MISSION)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


#: As they were brought here, before anything of ours read them.
BROUGHT = rows_of(DATA / "sources" / "dpo_uniformed_by_country_2021_01.csv")
BY_YEAR = rows_of(DATA / "sources" / "dpo_uniformed_by_mission_2018_2020_derived.csv")


@pytest.fixture(scope="module")
def warehouses(small_dir):
    return {audience: Warehouse(Settings(data_dir=small_dir, audience=audience)) for audience in AUDIENCES}


@pytest.fixture(scope="module", params=AUDIENCES)
def asked(request, warehouses):
    return lambda question, selection=None: ask(warehouses[request.param], question, selection or select())


# -- what is counted ----------------------------------------------------------------------------------------------


def test_by_country_is_the_published_table_row_for_row(asked):
    answer = asked(BY_COUNTRY)
    found = {row.keys["contributor"]: (row.women, row.men, row.staff) for row in answer.rows}
    assert found == {row["iso3"]: (int(row["women"]), int(row["men"]), int(row["total"])) for row in BROUGHT}
    assert (answer.scope.women, answer.scope.men, answer.scope.staff) == (5_763, 76_169, 81_932)
    for row in answer.rows:
        assert row.share_women == row.women / row.staff
        assert (row.as_of, row.flag, row.protection) == (dt.date(2021, 1, 31), "reported", EXACT)
    names = {row["iso3"]: row["entity"] for row in BROUGHT}
    assert text.label(answer, "contributor", "RWA") == names["RWA"]


def test_by_region_is_the_sum_of_its_countries(asked):
    region = {row["code"]: row["region"] for row in rows_of(DATA / "reference" / "countries.csv")}
    expected = defaultdict(lambda: [0, 0])
    for row in BROUGHT:
        expected[region[row["iso3"]]][0] += int(row["women"])
        expected[region[row["iso3"]]][1] += int(row["men"])
    answer = asked(BY_REGION)
    assert {row.keys["contributor_region"]: [row.women, row.men] for row in answer.rows} == expected
    assert (answer.scope.women, answer.scope.men) == (5_763, 76_169)


def test_by_mission_is_the_kept_table_row_for_row_and_counts_its_last_year(asked):
    answer = asked(BY_MISSION)
    found = {(row.keys["year"], row.keys["mission"]): (row.women, row.men) for row in answer.rows}
    assert found == {(row["as_of"][:4], row["entity"]): (int(row["women"]), int(row["men"])) for row in BY_YEAR}
    last = [row for row in BY_YEAR if row["as_of"] == "2020-12-31"]
    assert answer.scope.women == sum(int(row["women"]) for row in last)
    assert answer.scope.as_of == dt.date(2020, 12, 31)
    assert {row.flag for row in answer.rows} == {APPROXIMATE}


@pytest.mark.parametrize(
    "selection",
    [
        select("2018Q1"),
        select("1999Q1"),
        select(entity="UNDP", grade="P-4"),
        select(unct="KEN", age_group="30-34", nationality="KEN"),
        select(rc="yes", age_group="30-34"),
        select(grade="P-99"),
        select(appointment="TA"),
    ],
)
@pytest.mark.parametrize("question", QUESTIONS)
def test_filters_of_staff_change_nothing_and_are_named(asked, question, selection):
    whole, filtered = asked(question), asked(question, selection)
    assert filtered.rows == whole.rows
    assert (filtered.scope.women, filtered.scope.as_of) == (whole.scope.women, whole.scope.as_of)
    note = next(note for note in filtered.notes if note.code == "staff-filters")
    wanted = ["quarter"] * bool(selection.quarter) + list(selection.filtered)
    assert list(note.values["dimensions"]) == wanted
    said = text.note_sentence(note, filtered)
    assert all(text.dimension(name) in said for name in wanted) and "no effect" in said
    assert text.described(filtered) == "", "a filter that does nothing is not in force"
    assert not [note for note in text.notes(filtered) if "country team counts" in note]
    assert "staff-filters" not in [note.code for note in whole.notes]


def test_one_filter_or_several():
    def said(*names):
        return text.note_sentence(Note("staff-filters", {"dimensions": names}), made([]))

    assert said("grade") == "The filter Grade is about staff, so it has no effect here."
    assert said("entity", "grade") == "The filters Entity and Grade are about staff, so they have no effect here."


def test_only_questions_of_their_population_count_them(asked):
    ours = {name for name, question in questions.load().items() if not question.of_staff}
    assert ours == set(QUESTIONS)
    assert asked("headline").scope.population == "regular"


# -- what is said -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_they_are_stands_in_every_form(asked, question):
    """Real figures in a demonstration release: never marked as modelled, never said to be of entities or of parity."""
    answer = asked(question, select(entity="UNDP"))
    assert answer.scope.release.demonstration, "the release of these tests is one"
    assert not answer.scope.demonstration
    assert answer.scope.population == UNIFORMED
    assert answer.scope.entities is answer.scope.entities_expected is None
    assert {(row.index_growth, row.index_replacement, row.status) for row in answer.rows} == {(None, None, None)}
    day = "averages of each year from 2018 to 2020" if question == BY_MISSION else "31 Jan 2021"
    line = text.scope_line(answer, leaving=True)
    assert line.startswith("Military and police personnel, who are not staff") and day in line
    assert "source: DPO Peacekeeping" in line and text.audience(answer.scope) in line
    cited = text.citation(answer, "Title", "/uniformed", dt.date(2026, 11, 26))
    assert "who are not staff" in cited and day in cited and "Source: DPO Peacekeeping" in cited
    notes = text.notes(answer)
    assert any("are not staff" in note for note in notes) and any(note.startswith("Source: DPO") for note in notes)
    assert ("Approximate" in " ".join(notes)) == (question == BY_MISSION)

    lines = list(csv.DictReader(io.StringIO(csv_export.text(answer), newline="")))
    assert len(lines) == len(answer.rows)
    for row in lines:
        assert (row["population"], row["demonstration"]) == (UNIFORMED, "false")
        assert row["source"].startswith("DPO Peacekeeping") and row["status"] == row["index_growth"] == ""
        assert row["as_of"] == (f"{row['year']}-12-31" if question == BY_MISSION else "2021-01-31")
        assert row["flag"] == (APPROXIMATE if question == BY_MISSION else "reported")
    written = json.loads(json_export.text(answer))
    assert written["scope"]["demonstration"] is False and written["release"]["demonstration"] is True
    assert written["scope"]["entities"] is None and written["scope"]["source"].startswith("DPO Peacekeeping")
    assert [row["women"] for row in written["rows"]] == [row.women for row in answer.rows]
    book = openpyxl.load_workbook(io.BytesIO(xlsx_export.content(answer)))
    about = dict(row[:2] for row in book["about"].iter_rows(values_only=True) if row[0] != "Note")
    assert about["Demonstration data"] == "no" and about["Citation"].count("/uniformed") == 1
    assert "Gender Parity Index" not in about
    table = list(book["table"].iter_rows(values_only=True))
    assert [row[table[0].index("women")] for row in table[1:]] == [row.women for row in answer.rows]
    for said in (*notes, line, cited, plain.text(answer), csv_export.text(answer), json.dumps(about)):
        assert "emonstration data." not in said and "demonstration data ·" not in said
        assert "below parity" not in said and "entities" not in said


def test_averages_are_always_about(asked):
    row = next(row for row in asked(BY_MISSION).rows if (row.keys["year"], row.keys["mission"]) == ("2020", "MINUSMA"))
    assert text.share(row).replace(text.NBSP, " ") == "about 4.9 %"
    assert text.share(row, bare=True).replace(text.NBSP, " ") == "4.9 %"
    assert text.count(row, "women").replace(text.NBSP, " ") == "about 691"
    assert text.counts(row) == f"about{text.NBSP}691{text.NBSP}of{text.NBSP}14,073"
    assert text.judged(asked(BY_MISSION), row) == ""


def test_no_figure_holds_them_against_parity(asked):
    low, high = PARITY_BAND
    drawn = [page.regions(asked(BY_REGION)), page.missions(asked(BY_MISSION))]
    drawn += [page.contributors(asked(BY_COUNTRY), by) for by in page.BY.values]
    for figure in drawn:
        (strip,) = figure["layout"]["shapes"]
        assert (strip["x0"], strip["x1"]) == (15, 30) != (low, high)
        (note,) = figure["layout"]["annotations"]
        assert "targets for 2028" in note["text"] and "parity" not in json.dumps(figure["layout"])
        stems = next(trace for trace in figure["data"] if trace.get("meta") == "stems")
        assert set(stems["x"][::3]) == {0}
        marks = next(trace for trace in figure["data"] if trace.get("meta") == "marks")
        assert max(marks["x"]) <= figure["layout"]["xaxis"]["range"][1]


# -- what the page finds ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def published(warehouses):
    return ask(warehouses["public"], BY_COUNTRY, select())


def made(counts) -> Answer:
    """An answer on contributors with these (code, women, men)."""
    rows = [
        row_of({"contributor": code}, women, men, source="DPO")._replace(index_growth=None, status=None)
        for code, women, men in counts
    ]
    given = answer_of(BY_COUNTRY, ("contributor",), rows, population=UNIFORMED, as_of=dt.date(2021, 1, 31))
    return replace(given, labels={"contributor": {"AAA": "Aland", "BBB": "Beland", "CCC": "Celand"}})


def unbroken(said: str) -> str:
    return said.replace(text.NBSP, " ")


def test_the_headline(published):
    assert unbroken(page.headline(published)) == (
        "Women are 7.0 % of 81,932 military and police personnel (31 Jan 2021)"
    )
    assert page.headline(made([("AAA", 0, 5)])) == "No women among 5 military and police personnel (31 Jan 2021)"
    assert unbroken(page.headline(made([("AAA", 5, 0)]))).startswith("Women are 100 % of 5 ")
    assert page.headline(made([])) == "Release 2026Q3-r1 has no figures on uniformed personnel"
    values = {figure.name: figure for figure in page.headline_figures(published)}
    assert [figure.value for figure in values.values()] == ["5,763", "76,169", f"7.0{text.NBSP}%", "122"]
    assert values["countries"].details == ("16 without women",)
    assert page.headline_figures(made([])) == []


def test_ranking_is_total_and_the_share_of_few_is_not_drawn(published):
    for by, key in (
        ("size", lambda row: row.staff),
        ("share", lambda row: row.share_women),
        ("women", lambda row: row.women),
    ):
        values = [key(row) for row in page.ranked(published, by)]
        assert values == sorted(values, reverse=True) and len(values) == 122
    assert {row.staff >= 100 for row in page.drawn(published, "share")} == {True}
    assert len(page.drawn(published)) == page.LARGEST
    table = page.contributors_table(published, "share", caption="", link=lambda key, code: None)
    assert len(table.rows) == 122 and all(cell.href is None for cell in table.rows[0])
    tied = made([("CCC", 1, 9), ("BBB", 1, 9), ("AAA", 1, 9)])
    assert [row.keys["contributor"] for row in page.ranked(tied)] == ["AAA", "BBB", "CCC"]


@pytest.mark.parametrize(
    ("by", "counts", "said"),
    [
        ("size", [("AAA", 10, 990), ("BBB", 200, 800)], "Among the 2 largest contributors women are 1.0 % (Aland) to "),
        ("share", [("AAA", 10, 990), ("BBB", 9, 1)], "Women are 1.0 % of the personnel of Aland"),
        (
            "share",
            [("AAA", 10, 990), ("BBB", 99, 1)],
            "Among countries that contribute 100 people or more, Beland has the highest share",
        ),
        ("women", [("AAA", 10, 990), ("BBB", 9, 91)], "Where most women come from, their share is 1.0 % (Aland) to "),
        ("share", [("AAA", 1, 9)], "No contributor has 100 people or more"),
        ("size", [], "Nobody matches these filters"),
    ],
)
def test_titles_of_contributors(by, counts, said):
    answer = made(counts)
    assert unbroken(page.contributors_title(answer, by)).startswith(said)
    assert page.contributors(answer, by)["layout"]


def test_countries_without_women_are_counted_and_named(published):
    (said,) = [note for note in page.contributors_notes(published) if "no women" in note]
    without = [row for row in BROUGHT if row["women"] == "0"]
    persons = sum(int(row["total"]) for row in without)
    assert said.startswith(f"16 of 122 countries have no women among their personnel ({persons} people): Brunei")
    assert page.contributors_notes(made([("AAA", 0, 3), ("BBB", 1, 1)])) == [
        "1 of 2 countries has no women among its personnel: Aland."
    ]
    assert page.contributors_notes(made([("BBB", 1, 1)])) == []


def test_targets_are_said_and_held_against_no_country(published):
    table = page.targets_table(published, "", lambda key, code: None)
    assert [(row[0].text, unbroken(row[1].text)) for row in table.rows] == [
        ("Troops in contingents", "15 %"),
        ("Formed police units", "20 %"),
        ("Military observers and staff officers", "25 %"),
        ("Individual police officers", "30 %"),
        ("All together", "none"),
    ]
    assert unbroken(table.rows[-1][2].text) == "7.0 % (31 Jan 2021)"
    assert unbroken(page.targets_title(published)) == (
        "Women are 7.0 % of all personnel; the targets for 2028 range from 15 % to 30 %"
    )
    assert "do not show which target" in page.targets_notes(published)[0]
    assert len(page.targets_table(made([]), "", lambda key, code: None).rows) == 4


def test_missions_say_that_they_do_not_agree_with_what_was_published(warehouses):
    answer = ask(warehouses["public"], BY_MISSION, select())
    title = unbroken(page.missions_title(answer))
    assert title == "Women were about 6.6 % of all missions’ personnel in 2020 and about 4.9 % in 2018"
    assert any("about 5.9 %" in unbroken(note) and "5.6 %" in unbroken(note) for note in page.missions_notes(answer))
    one = replace(answer, rows=tuple(row for row in answer.rows if row.keys["year"] == "2020"))
    assert unbroken(page.missions_title(one)) == "Women were about 6.6 % of all missions’ personnel in 2020"
    assert "average of 2020" in text.scope_line(one)
    assert not [note for note in page.missions_notes(one) if "open circles" in note or "5.6" in note]
    table = page.missions_table(answer, "", lambda key, code: None)
    assert len(table.rows) == len({row["entity"] for row in BY_YEAR})
    by_code = {row[0].text: row for row in table.rows}
    assert [unbroken(cell.text) for cell in by_code["UNMIL"][1:]] == ["8", "70", "78", "10 %", "–", "–"]
    assert by_code["UNMIL"][0].name == "United Nations Mission in Liberia; counts for 2018"
    assert by_code["UNFICYP"][0].name == "United Nations Peacekeeping Force in Cyprus"
    none = replace(answer, rows=())
    assert page.missions(none)["data"] == [] and page.missions_title(none)


# -- releases made before -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def older_dir(small_dir, tmp_path_factory):
    """A data directory with a release that was made before there were these figures, under older rules."""
    data_dir = tmp_path_factory.mktemp("older")
    before_uniformed(small_dir, data_dir)
    return data_dir


@pytest.fixture(scope="module")
def older(older_dir):
    """What signed-in staff see of it."""
    return Warehouse(Settings(data_dir=older_dir))


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_older_release_says_that_they_are_not_in_it(older, question):
    answer = ask(older, question, select(entity="UNDP"))
    assert answer.rows == () and answer.scope.staff is answer.scope.women is None
    assert "not-in-release" in [note.code for note in answer.notes]
    name = answer.scope.release.name
    assert text.empty_title(answer) == f"Not in release {name}"
    assert any(note.startswith(f"Release {name} has no figures on uniformed personnel") for note in text.notes(answer))
    assert "2026" not in text.scope_line(answer).replace(name, ""), "there is no day it could be of"
    (row,) = csv.DictReader(io.StringIO(csv_export.text(answer), newline=""))
    assert (row["reason"], row["population"], row["demonstration"]) == ("not-in-release", UNIFORMED, "false")
    assert json.loads(json_export.text(answer))["rows"] == []
    assert xlsx_export.content(answer) and plain.text(answer)
    assert text.citation(answer, "Title", "/uniformed", dt.date(2026, 11, 26))


def test_an_older_release_answers_everything_else(older, warehouses):
    rows = ask(warehouses["internal"], "headline", select()).rows
    assert "other" in rows[0].extra
    # How many are other or not disclosed was not rounded then, and is not told of it.
    assert ask(older, "headline", select()).rows == tuple(row._replace(extra={}) for row in rows)


def test_an_older_release_tells_nothing_personal(older):
    """It does not know which groups may be broken down beside each other."""
    for question, chosen in (
        ("by_age_group", {}),
        ("by_nationality", {"unct": "KEN"}),
        ("by_grade", {"appointment": "FT"}),
        ("headline", {"age_group": "30-34", "entity": "UNDP"}),
        ("trend", {"regional_group": "african"}),
    ):
        answer = ask(older, question, select(**chosen))
        assert (answer.protection, answer.rows) == (REFUSED, ())
        assert answer.scope.staff is None or not {"age_group", "appointment", "regional_group"} & set(chosen)
        assert text.refused(answer) == (
            "This release was made under older protection rules. Age, nationality and appointment are shown in "
            "newer releases only."
        )
        # Nothing that is personal is near it either.
        personal = {"age_group", "nationality", "appointment", "regional_group"}
        assert not [near for near in answer.nearest if set(near.filtered) & personal]
        assert bool(answer.nearest) == (question not in ("by_age_group", "by_nationality"))
    assert ask(older, "by_unct", select(grade="P-4")).protection == EXACT


def test_public_figures_of_an_older_release_are_served_no_more(older_dir):
    with pytest.raises(NoRelease, match=r"older disclosure policy.*parity release QUARTER"):
        Warehouse(Settings(data_dir=older_dir, audience="public")).current()


def test_a_release_that_should_have_the_table_and_has_not_is_damaged(small_dir, tmp_path):
    before_uniformed(small_dir, tmp_path, version="3")
    warehouse = Warehouse(Settings(data_dir=tmp_path))
    with pytest.raises((NoRelease, CorruptRelease), match="uniformed"):
        warehouse.current()
