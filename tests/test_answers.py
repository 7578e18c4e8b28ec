"""For drawn selections every question answers what the naive oracle counts; and what must hold among answers."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import BREAKS, Oracle, before

from dashboard import comparable, disclosure, figures, measures, questions, text
from dashboard.answer import ROUNDED
from dashboard.answering import ask, canonical, facets
from dashboard.answering.understand import last_day
from dashboard.exports import csv as csv_export
from dashboard.exports import json as json_export
from dashboard.exports import xlsx as xlsx_export
from dashboard.pages import common
from dashboard.selection import DIMENSIONS, PERSONAL, select
from dashboard.settings import Settings
from dashboard.warehouse import UnknownRelease, Warehouse

COUNTING = [
    name
    for name, question in questions.load().items()
    if question.has_population and not {"quarter", "basis", "kind"} & set(question.by)
]


#: Dimensions that are exact for the internal audience; answers by the others are rounded, and tested apart.
EXACT_DIMENSIONS = [name for name, dimension in DIMENSIONS.items() if dimension.kind != PERSONAL]
COUNTING_EXACTLY = [name for name in COUNTING if set(questions.load()[name].by) <= set(EXACT_DIMENSIONS)]


@pytest.fixture(scope="module")
def warehouse(small_dir):
    return Warehouse(Settings(data_dir=small_dir))


@pytest.fixture(scope="module")
def oracle(small_dir, warehouse):
    return Oracle(small_dir, warehouse.current().name)


@pytest.fixture(scope="module")
def drawn(oracle):
    """A strategy for selections: codes that occur, codes that do not, and codes that do not exist."""

    def codes(name):
        occurring = sorted({row[name] for row in oracle.staff})
        known = [*occurring, *(["PH"] if name == "category" else [])]
        return st.lists(st.sampled_from(known), min_size=1, max_size=4, unique=True)

    chosen = st.dictionaries(st.sampled_from(EXACT_DIMENSIONS), st.none(), max_size=3)
    return chosen.flatmap(
        lambda names: st.tuples(
            st.sampled_from([None, *oracle.quarters]), st.fixed_dictionaries({name: codes(name) for name in names})
        )
    )


def oracle_choice(warehouse, selection):
    """What the oracle is asked: the selection as written, except that choosing everything is choosing nothing."""
    return {name: list(codes) for name, codes in canonical(warehouse.current(), selection).chosen}


careful = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@careful
@given(data=st.data())
def test_every_counting_question_equals_the_oracle(data, warehouse, oracle, drawn):
    quarter, chosen = data.draw(drawn)
    name = data.draw(st.sampled_from(COUNTING_EXACTLY))
    selection = select(quarter, **chosen)
    answer = ask(warehouse, name, selection)
    expected = oracle.count(answer.by, oracle_choice(warehouse, selection), quarter or oracle.quarter)
    found = {
        tuple(row.keys[key] for key in answer.by): (row.women, row.men) for row in answer.rows if row.women is not None
    }
    assert found == expected
    assert answer.scope.staff == sum(women + men for women, men in expected.values())
    for row in answer.rows:
        if row.women is not None:
            assert row.staff == row.women + row.men
            assert row.index_growth == abs(row.women - row.men)
            assert row.status == measures.status(row.women, row.men)


@careful
@given(data=st.data())
def test_headline_and_trend_equal_the_oracle(data, warehouse, oracle, drawn):
    quarter, chosen = data.draw(drawn)
    selection = select(quarter, **chosen)
    now = quarter or oracle.quarter
    choice = oracle_choice(warehouse, selection)
    found = {
        (row.keys["basis"], row.keys["quarter"]): (row.women, row.men)
        for row in ask(warehouse, "headline", selection).rows
    }
    expected = {("all", now): oracle.total(choice, now)}
    for basis, back in (("previous-quarter", 1), ("previous-year", 4)):
        then = before(now, back)
        same = oracle.same(now, then)
        for each in (now, then):
            expected[basis, each] = oracle.total(choice, each, same) if each in oracle.quarters else (0, 0)
    assert found == {key: value for key, value in expected.items() if any(value)}

    check_development(warehouse, oracle, selection, choice, now)


def check_development(warehouse, oracle, selection, choice, now):
    """The rows of a trend, and whether title and figure speak of what can be compared and of nothing else."""
    answer = ask(warehouse, "trend", selection)
    rows = {(row.keys["basis"], row.keys["quarter"]): row for row in answer.rows}
    known = [each for each in oracle.quarters if each <= now]
    entities, line = oracle.told(now, choice)
    counts = {each: oracle.total(choice, each) for each in known}
    for each in known if any(map(any, counts.values())) else ():
        row = rows.get(("all", each))
        if oracle.silent(each, choice):
            assert (row.women, row.men, row.staff, row.reason, row.flag) == (
                None, None, None, "not-submitted", "not-submitted"
            )  # fmt: skip
            continue
        assert ((row.women, row.men) if row else (0, 0)) == counts[each]
        states = {oracle.state[one, each] for one in oracle.asked_of(choice) if (one, each) in oracle.state}
        if row and len(states) == 1 and states <= {"carried", "partial"} and len(oracle.asked_of(choice)) == 1:
            assert row.flag in states
    same = {each: oracle.total(choice, each, entities) for each in line}
    told = {quarter: (row.women, row.men) for (basis, quarter), row in rows.items() if basis == "same-entities"}
    assert {each: count for each, count in told.items() if any(count)} == {
        each: count for each, count in same.items() if any(count)
    }
    assert set(told) <= set(line)
    # What the figure joins and the title speaks of.
    development = comparable.development(answer)
    if any(map(any, same.values())):
        assert [row.keys["quarter"] for row in development.line] == [each for each in line if any(same[each])]
        assert development.alike
        for row in development.hollow:
            assert row.keys["quarter"] not in line
        joined = next((trace for trace in figures.trend(answer)["data"] if trace.get("meta") == "marks"), None)
        drawn = {x for x, y in zip(joined["customdata"], joined["y"], strict=True) if y is not None}
        assert drawn == {each for each in line if any(same[each])}
        since = re.search(r"since (\d{4}Q\d)", text.trend_title(answer))
        if since:
            assert since[1] in line and same[since[1]] != (0, 0)
    elif len(oracle.asked_of(choice)) > 1:
        assert not re.search(r"since|Up|Down|No change", text.trend_title(answer))


@pytest.fixture(scope="module")
def broken(broken_dir):
    """A release with series breaks, and what is naively known of it."""
    warehouse = Warehouse(Settings(data_dir=broken_dir))
    return warehouse, Oracle(broken_dir, warehouse.current().name, breaks=BREAKS)


@careful
@given(data=st.data())
def test_nothing_is_compared_over_a_series_break(data, broken, drawn):
    warehouse, oracle = broken
    quarter, chosen = data.draw(drawn)
    now = quarter or oracle.quarter
    if data.draw(st.booleans()):
        chosen = {"entity": [data.draw(st.sampled_from(sorted({row["entity"] for row in oracle.staff})))]}
    selection = select(quarter, **chosen)
    choice = oracle_choice(warehouse, selection)
    check_development(warehouse, oracle, selection, choice, now)
    # Between any two quarters, on any page.
    then = data.draw(st.sampled_from(oracle.quarters))
    answers = [ask(warehouse, "by_entity", replace(selection, quarter=each)) for each in (now, then)]
    expected = {one for one in oracle.asked_of(choice) if oracle.alone(one, now, then)}
    assert comparable.between(*answers) == comparable.between(*reversed(answers)) == expected
    counted = common.compared(*answers)
    for code, (old, row) in counted.items():
        assert code in expected
        assert (old.women, old.men) == oracle.total({**choice, "entity": [code]}, then)
        assert (row.women, row.men) == oracle.total({**choice, "entity": [code]}, now)
    assert set(counted) == {
        one for one in expected if all(any(oracle.total({**choice, "entity": [one]}, each)) for each in (now, then))
    }
    # A count of entities is of those that reported for the quarter themselves, and says who else is shown.
    judged = [row for row in answers[0].rows if row.staff and comparable.counts(row)]
    assert {row.keys["entity"] for row in judged} == {
        one
        for one in oracle.asked_of(choice)
        if oracle.own_for(one, now) and any(oracle.total({**choice, "entity": [one]}, now))
    }
    below = sum(measures.status(row.women, row.men) == measures.BELOW for row in judged)
    title = text.breakdown_title(answers[0])
    told = re.match(r"(\d+) of (\d+) entities are below parity", title)
    if told:
        enough = [row for row in judged if measures.status(row.women, row.men) != measures.TOO_FEW]
        assert (int(told[1]), int(told[2])) == (below, len(enough))
    others = [row for row in answers[0].rows if row.staff and row not in judged]
    note = " ".join(text.notes(answers[0]))
    for row in others:
        assert text.label(answers[0], "entity", row.keys["entity"], short=True) in note


@careful
@given(data=st.data())
def test_each_entity_over_time_equals_the_oracle(data, warehouse, oracle, drawn):
    quarter, chosen = data.draw(drawn)
    selection = select(quarter, **chosen)
    now = quarter or oracle.quarter
    choice = oracle_choice(warehouse, selection)
    found = {(row.keys["quarter"], row.keys["entity"]): row for row in ask(warehouse, "entity_trend", selection).rows}
    expected = {
        (each, entity): count
        for each in oracle.quarters
        if each <= now
        for (entity,), count in oracle.count(("entity",), choice, each).items()
    }
    assert set(expected) <= set(found)
    for (each, entity), row in found.items():
        state = oracle.state[entity, each]
        if state == "not-submitted":
            assert (row.women, row.reason) == (None, "not-submitted")
            continue
        assert (row.women, row.men) == expected.get((each, entity), (0, 0))
        assert row.flag in ((state,) if state != "reported" else ("reported", "revised", "break"))
        assert bool(row.extra.get("series_break")) == ((entity, each) in oracle.breaks)


@careful
@given(data=st.data())
def test_breakdowns_add_up_to_the_headline_and_exports_agree(data, warehouse, drawn):
    quarter, chosen = data.draw(drawn)
    selection = select(quarter, **chosen)
    headline = ask(warehouse, "headline", selection).scope
    name = data.draw(st.sampled_from(COUNTING_EXACTLY))
    answer = ask(warehouse, name, selection)
    assert (answer.scope.women, answer.scope.men) == (headline.women, headline.men)

    counted = [(row.women, row.men, row.staff) for row in answer.rows]
    from_json = [(row["women"], row["men"], row["staff"]) for row in json.loads(json_export.text(answer))["rows"]]
    assert from_json == counted

    def whole(text):
        return int(text) if text != "" else None

    if answer.rows:
        from_csv = [
            (whole(row["women"]), whole(row["men"]), whole(row["staff"]))
            for row in csv.DictReader(io.StringIO(csv_export.text(answer), newline=""))
        ]
        assert from_csv == counted


def test_workbook_has_the_same_numbers(warehouse):
    import openpyxl

    answer = ask(warehouse, "by_grade", select())
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx_export.content(answer))).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    places = [header.index(name) for name in ("women", "men", "staff")]
    found = [tuple(row[place] for place in places) for row in rows]
    assert found == [(row.women, row.men, row.staff) for row in answer.rows]


@careful
@given(data=st.data())
def test_facets_count_what_choosing_the_option_would_leave(data, warehouse, drawn):
    quarter, chosen = data.draw(drawn)
    selection = select(quarter, **chosen)
    name = data.draw(st.sampled_from(EXACT_DIMENSIONS))
    facet = facets(warehouse, selection, [name])[name]
    option = data.draw(st.sampled_from(facet.options))
    chosen_alone = selection.with_codes(name, [option.code])
    assert ask(warehouse, "headline", chosen_alone).scope.staff == option.staff
    codes = [each.code for each in facet.options]
    assert len(codes) == len(set(codes))


def test_choosing_every_option_equals_choosing_none(warehouse):
    for name in DIMENSIONS:
        codes = [code for code in warehouse.current().codes[name] if code != "TA"]
        everything = ask(warehouse, "by_grade", select(**{name: codes}))
        assert everything.selection == ask(warehouse, "by_grade", select()).selection


def test_coverage_says_how_every_entity_came_to_its_figures(warehouse, oracle):
    rows = {row.keys["entity"]: row for row in ask(warehouse, "coverage", select()).rows}
    now = oracle.quarter
    assert {entity: row.extra["state"] for entity, row in rows.items()} == {
        entity: state for (entity, quarter), state in oracle.state.items() if quarter == now
    }
    for entity, row in rows.items():
        if row.extra["state"] == "not-submitted":
            assert (row.women, row.reason) == (None, "not-submitted")
        else:
            assert (row.women, row.men) == oracle.total({"entity": [entity]}, now)


def test_an_entity_that_sent_nothing_is_unknown_and_not_zero(warehouse, oracle):
    missing = [
        entity
        for (entity, quarter), state in oracle.state.items()
        if (quarter, state) == (oracle.quarter, "not-submitted")
    ]
    assert missing, "the small demonstration must have one"
    answer = ask(warehouse, "by_entity", select())
    for entity in missing:
        row = next(row for row in answer.rows if row.keys["entity"] == entity)
        assert (row.women, row.men, row.staff, row.reason) == (None, None, None, "not-submitted")
    assert set(missing) == set(answer.scope.not_submitted)


@careful
@given(data=st.data())
def test_the_comparison_of_grades_equals_the_oracle(data, warehouse, oracle, drawn):
    quarter, chosen = data.draw(drawn)
    selection = select(quarter, **chosen)
    now = quarter or oracle.quarter
    choice = oracle_choice(warehouse, selection)
    expected = {("all", now, *grade): count for grade, count in oracle.count(("grade",), choice, now).items()}
    for basis, back in (("previous-year", 4), ("five-years", 20)):
        then = before(now, back)
        same = sorted(oracle.same(now, then))
        for each in (now, then) if same and then in oracle.quarters else ():
            entities = sorted(set(same) & set(choice.get("entity", same)))
            counted = oracle.count(("grade",), {**choice, "entity": entities}, each) if entities else {}
            expected |= {(basis, each, *grade): count for grade, count in counted.items()}
    found = {
        (row.keys["basis"], row.keys["quarter"], row.keys["grade"]): (row.women, row.men)
        for row in ask(warehouse, "grade_comparison", selection).rows
    }
    assert found == expected


def test_unknown_codes_are_an_empty_answer_that_says_so(warehouse):
    answer = ask(warehouse, "by_grade", select(entity="NOPE"))
    assert answer.rows == ()
    assert ("unknown-code", {"dimension": "entity", "value": "NOPE"}) in [
        (note.code, note.values) for note in answer.notes
    ]
    partly = ask(warehouse, "by_grade", select(entity=["NOPE", "UN"]))
    assert partly.scope.staff == ask(warehouse, "by_grade", select(entity="UN")).scope.staff
    assert [note.code for note in partly.notes if note.code == "unknown-code"]


def test_unknown_quarter_and_release(warehouse):
    assert ask(warehouse, "by_grade", select("1999Q1")).rows == ()
    with pytest.raises(UnknownRelease):
        ask(warehouse, "by_grade", select(release="1999Q1-r1"))


def test_a_pinned_release_goes_on_answering_its_own_figures(warehouse):
    old, *_, new = warehouse.names()
    answer = ask(warehouse, "headline", select(release=old))
    assert answer.scope.release.name == old
    assert answer.scope.release.newer == new
    assert answer.scope.quarter == old[:6]
    assert ask(warehouse, "headline", select()).scope.release.newer is None


def test_temporary_staff_are_another_population(warehouse, oracle):
    everybody = ask(warehouse, "by_appointment", select())
    assert everybody.scope.population == "regular"
    assert "TA" not in [row.keys["appointment"] for row in everybody.rows]
    temporary = ask(warehouse, "headline", select(appointment="TA"))
    assert temporary.scope.population == "temporary"
    women, men = oracle.total({"appointment": ["TA"]}, oracle.quarter)
    assert temporary.scope.protection == ROUNDED
    if temporary.scope.staff is None:
        assert women + men < 12 + 2 * 8
    else:
        assert abs(temporary.scope.women - women) <= 8 and abs(temporary.scope.men - men) <= 8


def test_other_or_not_disclosed_never_leaves_with_a_breakdown(warehouse):
    for name in questions.load():
        for row in ask(warehouse, name, select(entity="UN")).rows:
            assert "other" not in row.extra


def test_other_or_not_disclosed_is_not_told_of_the_entities_that_like_for_like_leaves_out():
    """All less the comparable ones would be those of the one or two entities left out, exactly."""
    counted = [
        disclosure.Count((5, basis), 300, 300, other) for basis, other in (("all", 20), ("previous-quarter", 18))
    ]
    shown = disclosure.apply(counted, ("quarter", "basis"), (), {5: 20}).rows
    assert [row.other for row in shown] == [20, None]


def test_what_is_known_of_a_personal_dimension_is_said_of_whole_entities(warehouse, oracle):
    """Never of the staff selected: how many of a small group have told their age is no more to be had than the ages."""

    def known(entities):
        staff = [
            row
            for row in oracle.staff
            if row["quarter"] == oracle.quarter
            and row["sex"] in "FM"
            and row["appointment"] != "TA"
            and (not entities or row["entity"] in entities)
        ]
        total = sum(row["headcount"] for row in staff)
        return sum(row["headcount"] for row in staff if row["nationality"] != "not-reported") / total

    for entities in ((), ("UN",), ("UN", "UNDP")):
        for question, more in (
            ("by_nationality", {}),
            ("by_nationality", {"unct": "KEN"}),
            ("by_grade", {"nationality": "KEN"}),
            ("trend", {"nationality": "KEN"}),
        ):
            chosen = {**more, **({"entity": entities} if entities else {})}
            scope = ask(warehouse, question, select(**chosen)).scope
            assert scope.dimension_coverage.get("nationality", 1) == pytest.approx(known(entities)), chosen


def test_departments_bring_their_entity_into_scope(warehouse):
    """A department of an entity that has reported is not "partly reported" because another entity is late."""
    whole = ask(warehouse, "by_department", select(entity="UN"))
    answer = ask(warehouse, "by_entity", select(department="OCHA"))
    assert (answer.scope.entities, answer.scope.entities_expected) == (1, 1)
    assert [row.keys["entity"] for row in answer.rows] == ["UN"]
    assert answer.scope.carried == whole.scope.carried and answer.scope.not_submitted == ()
    assert {row.flag for row in ask(warehouse, "by_grade", select(department="OCHA")).rows} == {
        row.flag for row in whole.rows
    }
    assert ask(warehouse, "headline", select(department="OCHA", entity="UNDP")).scope.entities == 0
    everybody = ask(warehouse, "headline", select())
    unsaid = ask(warehouse, "headline", select(department="not-reported"))
    assert unsaid.scope.entities == everybody.scope.entities


def test_movements_refuse_filters_they_do_not_have(warehouse):
    answer = ask(warehouse, "movements", select(nationality="FRA"))
    assert answer.rows == ()
    assert "not-collected" in [note.code for note in answer.notes]
    assert ask(warehouse, "movements", select()).rows


def test_as_of_is_the_last_day_of_the_quarter(warehouse):
    answer = ask(warehouse, "headline", select())
    assert answer.scope.as_of == last_day(answer.scope.quarter)
    assert {str(last_day(f"2024Q{number}")) for number in (1, 2, 3, 4)} == {
        "2024-03-31",
        "2024-06-30",
        "2024-09-30",
        "2024-12-31",
    }


def test_cells_of_the_release_file_equal_the_submissions_row_for_row(small_dir, warehouse, oracle):
    import duckdb

    dimensions = list(DIMENSIONS)
    expected = Counter()
    for row in oracle.staff:
        expected[(row["quarter"], *(row[name] for name in dimensions), row["sex"])] += row["headcount"]
    release = warehouse.current()
    tables = [release.codes["quarter"], *(release.codes[name] for name in dimensions)]
    found = Counter()
    path = small_dir / "releases" / release.name / "internal.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = ", ".join(["quarter", *dimensions, "women", "men", "other"])
        for *ids, women, men, other in connection.execute(f"select {columns} from staff").fetchall():
            cell = tuple(table[number] for table, number in zip(tables, ids, strict=True))
            for sex, count in (("F", women), ("M", men), ("X", other)):
                if count:
                    found[(*cell, sex)] += count
    assert found == Counter({cell: count for cell, count in expected.items() if count})


@pytest.mark.slow
def test_one_quarter_of_the_whole_demonstration_equals_the_oracle(demo_dir):
    whole = Warehouse(Settings(data_dir=demo_dir))
    quarter = "2019Q4"
    oracle = Oracle(demo_dir, whole.current().name, only=quarter)
    for chosen in ({}, {"unct": ["KEN"]}, {"entity": ["UNDP", "WFP"], "category": ["PH"]}):
        for name in COUNTING_EXACTLY:
            answer = ask(whole, name, select(quarter, **chosen))
            expected = oracle.count(answer.by, chosen, quarter)
            found = {
                tuple(row.keys[key] for key in answer.by): (row.women, row.men)
                for row in answer.rows
                if row.women is not None
            }
            assert found == expected, (name, chosen)
    women, men = oracle.total({}, quarter)
    others = sum(row["headcount"] for row in oracle.staff if row["sex"] == "X" and row["appointment"] != "TA")
    assert women + men + others == 114_119


def test_nothing_is_said_to_match_nobody_where_nobody_has_sent_figures(warehouse, oracle):
    missing = sorted(
        entity
        for (entity, quarter), state in oracle.state.items()
        if (quarter, state) == (oracle.quarter, "not-submitted")
    )
    codes = [note.code for note in ask(warehouse, "by_grade", select(entity=missing[0])).notes]
    assert "not-submitted" in codes
    assert "nothing-matches" not in codes
    matched = ask(warehouse, "by_grade", select(entity="UNDP", country="XKX", rc="yes"))
    assert "nothing-matches" in [note.code for note in matched.notes]
