"""Question files: what their headers must say, and what their words become."""

import pytest

from dashboard import questions
from dashboard.selection import DIMENSIONS

HEADER = "-- question: Who?\n-- grain: one row\n-- by: grade\n"


def test_every_question_of_the_api_is_there():
    breakdowns = """entity department category grade unct country duty_station region headquarters age_group rc
    nationality appointment"""
    expected = {f"by_{name}" for name in breakdowns.split()}
    expected |= {"headline", "trend", "entity_by_grade", "index_by_category_and_duty_station", "coverage", "movements"}
    assert expected <= set(questions.load())


def test_every_dimension_has_its_breakdown():
    for name in DIMENSIONS:
        assert questions.load()[f"by_{name}"].by == (name,)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("select 1", "lacks by, grain, question"),
        ("-- question: Who?\n-- by: grade\nselect 1", "lacks grain"),
        (HEADER.replace("grade", "colour") + "select 1", "no such dimension: colour"),
        (HEADER + "-- filters: shade\nselect 1", "no such dimension: shade"),
        (HEADER + "-- population: ghosts\nselect 1", "no such population: ghosts"),
        (HEADER + "select $password", "unknown parameters: password"),
        (HEADER + "-- fold: origami\nselect 1", "no such fold: origami"),
        (HEADER + "-- fold: cumulation\nselect 1", "a basis needs a fold"),
        (HEADER + "-- fold: running\nselect 1", "by quarter and entity"),
        (HEADER, "no SQL"),
    ],
)
def test_a_file_that_is_no_question_is_refused(content, said):
    with pytest.raises(questions.QuestionError, match=said):
        questions.parse("wrong", content)


def test_text_depends_on_which_dimensions_are_filtered_and_never_on_values():
    question = questions.load()["by_grade"]
    sql = question.rendered(("entity", "nationality"))
    assert "list_contains($entity::usmallint[], entity)" in sql
    assert "from w.staff where" in sql
    assert "appointment <> $temporary::usmallint" in sql


def test_personal_columns_are_read_only_where_they_are_asked_for():
    load = questions.load()
    assert "w.staff_core " in load["by_grade"].rendered(("entity", "unct"))
    assert "w.staff " in load["by_grade"].rendered(("age_group",))
    assert "w.staff " in load["by_nationality"].rendered(())
    assert "w.staff " in load["by_grade"].rendered((), all_populations=True)
    assert "w.staff_core_change " in load["trend"].rendered(())


def test_filters_of_staff_say_nothing_of_another_population():
    asked = questions.load()["uniformed_by_country"]
    assert not asked.of_staff and asked.filters == () and asked.ignores_others and not asked.has_population
    assert questions.load()["by_grade"].of_staff


def test_no_folder_of_questions_is_an_error(tmp_path):
    with pytest.raises(questions.QuestionError, match="no questions"):
        questions.load(tmp_path)
