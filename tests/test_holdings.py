"""What is in the data: coverage, differences and dictionary against naive readings of the same releases."""

from __future__ import annotations

import csv
import io
import itertools
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from answers import answer, row
from older import before_uniformed, put_in_service
from oracle import Oracle

from dashboard import contract, ingest, questions
from dashboard.answering import ask
from dashboard.exports import csv as csv_export
from dashboard.factory import create_app
from dashboard.holdings import coverage, dictionary, differences, files, releases, sources, views
from dashboard.selection import DIMENSIONS, Selection
from dashboard.settings import Settings
from dashboard.warehouse import UnknownRelease, Warehouse

AUDIENCES = ("internal", "public")
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", params=AUDIENCES)
def warehouse(request, small_dir):
    return Warehouse(Settings(data_dir=small_dir, audience=request.param))


@pytest.fixture(scope="module")
def names(small_dir):
    return sorted(path.name for path in (small_dir / "releases").iterdir() if path.is_dir())


def between(warehouse, before, after):
    return differences.between(lambda question, name: ask(warehouse, question, Selection(release=name)), before, after)


# -- coverage ---------------------------------------------------------------------------------------------------------


def naive_coverage(path: Path) -> dict[tuple[str, str], tuple[str, set[str]]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        codes = {
            (name, number): code
            for name, number, code in connection.execute("select dimension, id, code from codes").fetchall()
        }
        rows = connection.execute('select quarter, entity, state, revised, late, "break" from coverage').fetchall()
    return {
        (codes["entity", entity], codes["quarter", quarter]): (
            state,
            {name for name, there in (("revised", revised), ("late", late), ("break", series_break)) if there},
        )
        for quarter, entity, state, revised, late, series_break in rows
    }


def test_the_matrix_says_what_the_release_holds_and_the_submissions_mean(warehouse, small_dir):
    release = warehouse.current().name
    matrix = coverage.matrix(ask(warehouse, "coverage_history", Selection()))
    found = {
        (line.code, stand.quarter): (stand.state, set(stand.marks)) for line in matrix.lines for stand in line.stands
    }
    assert found == naive_coverage(small_dir / "releases" / release / f"{warehouse.settings.audience}.duckdb")
    oracle = Oracle(small_dir, release)
    for (entity, quarter), (state, _) in found.items():
        assert state == oracle.state.get((entity, quarter), "not-participant")
    assert len(found) == len(matrix.lines) * len(matrix.quarters) and matrix.quarters[0] == oracle.quarter
    assert sum(count for _, count in matrix.years) == len(matrix.quarters)


def test_every_state_is_counted_once_and_the_legend_has_a_sign_of_its_own_for_each(warehouse):
    matrix = coverage.matrix(ask(warehouse, "coverage_history", Selection()))
    legend = {line.code: line for line in matrix.legend}
    assert sum(legend[state].all for state in coverage.STATES) == len(matrix.lines) * len(matrix.quarters)
    assert sum(legend[state].newest for state in coverage.STATES) == len(matrix.lines)
    assert len({line.sign for line in legend.values()}) == len(legend)
    assert all(line.name and line.meaning for line in legend.values())
    counted = Counter(stand.state for line in matrix.lines for stand in line.stands)
    assert {state: legend[state].all for state in coverage.STATES if legend[state].all} == dict(counted)
    own, part = matrix.reporting[0]
    assert own == legend["reported"].newest + legend["partial"].newest
    assert part == len(matrix.lines) - legend["not-participant"].newest


def history(*stands, entity="UNDP"):
    return answer(
        "coverage_history",
        ("quarter", "entity"),
        [row({"quarter": quarter, "entity": entity}, 1, 1, **extra) for quarter, extra in stands],
    )


def stand(state, **more):
    return {"state": state, "revised": False, "late": False, "series_break": False, "source_quarter": None} | more


def test_reasons_stand_together_where_neighbours_have_the_same():
    made = history(
        ("2026Q3", stand("not-submitted")),
        ("2026Q2", stand("carried", source_quarter="2025Q4")),
        ("2026Q1", stand("carried", source_quarter="2025Q4")),
        ("2025Q4", stand("reported", revised=True, late=True)),
        ("2025Q3", stand("reported")),
    )
    (line,) = coverage.matrix(made).lines
    assert coverage.reasons(line) == [
        ("2026Q3", "not submitted"),
        ("2026Q1 to 2026Q2", "figures from 2025Q4 carried forward"),
        ("2025Q4", "reported, revised, late"),
    ]
    assert [each.sign for each in line.stands] == ["✕", "C", "C", "RL", "✓"]
    assert line.exceptions == 4


def test_a_remark_of_the_entity_is_kept_and_one_of_the_program_is_said_in_words():
    rows = history(("2026Q3", stand("partial"))).rows
    told = replace(
        history(), rows=(rows[0]._replace(extra=rows[0].extra | {"reason": "<b>field offices left out</b>"}),)
    )
    (line,) = coverage.matrix(told).lines
    assert coverage.reasons(line) == [("2026Q3", "partly reported: <b>field offices left out</b>")]
    own = replace(history(), rows=(rows[0]._replace(extra=stand("not-submitted") | {"reason": "no submission"}),))
    assert coverage.reasons(coverage.matrix(own).lines[0]) == [("2026Q3", "not submitted")]


def test_findings_of_coverage():
    assert coverage.finding(coverage.matrix(history(("2026Q3", stand("reported"))))) == (
        "The one entity that takes part has reported for 2026Q3"
    )
    assert coverage.finding(coverage.matrix(history(("2026Q3", stand("carried"))))) == (
        "The one entity that takes part has not reported for 2026Q3"
    )
    assert coverage.finding(coverage.matrix(history())) == "Nobody has reported yet"
    rows = [*history(("2026Q3", stand("reported"))).rows, *history(("2026Q3", stand("carried")), entity="WFP").rows]
    two = answer("coverage_history", ("quarter", "entity"), rows)
    assert coverage.finding(coverage.matrix(two)) == "1 of 2 entities that take part have reported for 2026Q3"
    assert coverage.finding(coverage.matrix(history(("2026Q3", stand("partial"))))) == (
        "The one entity that takes part has reported in part for 2026Q3"
    )
    rows[1:] = history(("2026Q3", stand("partial")), entity="WFP").rows
    two = answer("coverage_history", ("quarter", "entity"), rows)
    assert coverage.finding(coverage.matrix(two)) == (
        "All 2 entities that take part have reported for 2026Q3; 1 of them in part"
    )


# -- differences ------------------------------------------------------------------------------------------------------


def naive_differences(small_dir: Path, before: str, after: str) -> dict[tuple[str, str], dict[str, tuple]]:
    """(quarter, entity) -> grade -> (women before, after, men before, after), of all that differ."""
    old, new = (Oracle(small_dir, name) for name in (before, after))
    found: dict = {}
    for quarter in sorted({*old.quarters, *new.quarters}):
        counts = [each.count(("entity", "grade"), {}, quarter) for each in (old, new)]
        for entity, grade in {*counts[0], *counts[1]}:
            pairs = [count.get((entity, grade), (0, 0)) for count in counts]
            if pairs[0] != pairs[1]:
                told = (pairs[0][0], pairs[1][0], pairs[0][1], pairs[1][1])
                found.setdefault((quarter, entity), {})[grade] = told
    return found


@pytest.mark.parametrize("pair", [(0, 1), (1, 2), (0, 2), (2, 0)])
def test_differences_are_those_a_naive_reader_of_the_submissions_finds(warehouse, small_dir, names, pair):
    before, after = (names[place] for place in pair)
    found = between(warehouse, before, after)
    expected = naive_differences(small_dir, before, after)
    told = {
        (each.quarter, each.entity): {
            grade.grade: (grade.women_before, grade.women_after, grade.men_before, grade.men_after)
            for grade in each.grades
        }
        for each in found.unequal
        if each.grades
    }
    assert told == expected
    oracles = [Oracle(small_dir, name) for name in (before, after)]
    for each in found.unequal:
        women_before, men_before = (
            oracles[0].total({"entity": [each.entity]}, each.quarter) if each.quarter in oracles[0].quarters else (0, 0)
        )
        women_after, men_after = (
            oracles[1].total({"entity": [each.entity]}, each.quarter) if each.quarter in oracles[1].quarters else (0, 0)
        )
        assert (each.women_before, each.men_before) == (women_before, men_before)
        assert (each.women_after, each.men_after) == (women_after, men_after)
    assert [quarter.quarter for quarter in found.added] == sorted(
        set(oracles[1].quarters) - set(oracles[0].quarters), reverse=True
    )
    assert {each.quarter for each in found.changed} <= set(oracles[0].quarters) & set(oracles[1].quarters)


def test_the_command_line_says_the_same_numbers(warehouse, small_dir, names):
    for before, after in itertools.combinations(names, 2):
        told = {(each.quarter, each.entity): each for each in between(warehouse, before, after).unequal}
        listed = {(each.quarter, each.entity): each for each in ingest.diff(small_dir, before, after).entities}
        assert {place for place, each in told.items() if each.figures} <= set(listed)
        for place, each in listed.items():
            counts = (each.women_before, each.women_after, each.men_before, each.men_after)
            if place in told:
                here = told[place]
                assert counts == (here.women_before, here.women_after, here.men_before, here.men_after)
                assert each.state_before in (here.state_before, None)
                assert each.state_after in (here.state_after, None)
            else:
                # Places, ages and the like may differ where no grade does.
                assert (each.women_before, each.men_before) == (each.women_after, each.men_after)


def test_a_correction_that_moves_people_between_grades_only_is_seen(warehouse, names):
    found = between(warehouse, names[0], names[1])
    moved = [each for each in found.changed if each.grades and each.women_before == each.women_after]
    assert moved, "the demonstration has one"
    assert all(each.figures for each in moved)


def test_both_audiences_see_the_same_differences(small_dir, names):
    one, other = (Warehouse(Settings(data_dir=small_dir, audience=audience)) for audience in AUDIENCES)
    assert between(one, names[0], names[1]).unequal == between(other, names[0], names[1]).unequal


def test_a_release_does_not_differ_from_itself(warehouse, names):
    found = between(warehouse, names[0], names[0])
    assert found.same and not found.unequal
    assert differences.finding(found) == f"Nothing differs between {names[0]} and {names[0]}"
    assert not differences.lines(found) and not differences.grade_lines(found)


def test_codes_that_are_new_gone_or_renamed_are_told():
    told = history(("2026Q3", stand("reported")))
    grades = answer("entity_by_grade_history", ("quarter", "entity", "grade"), [])
    labels = {**told.labels, "entity": {"UNDP": "Another name", "NEW": "New one"}}
    found = differences.compare((told, grades), (replace(told, labels=labels), grades))
    assert {(each.code, each.change) for each in found.codes} == {
        ("UNDP", "renamed"), ("NEW", "new"), ("WFP", "gone"), ("UN", "gone"), ("UNICEF", "gone"),
    }  # fmt: skip
    assert "changes 5 codes" in differences.finding(found) and not found.same


def test_words_of_differences():
    assert differences.change(39, 42) == "39 → 42 (+3)"
    assert differences.change(5, 5) == "5"
    assert differences.state("reported", True) == "reported, revised"
    assert differences.state(None, False) == "–"


def test_only_the_state_can_differ():
    grades = answer("entity_by_grade_history", ("quarter", "entity", "grade"), [])
    old, new = (history(("2026Q3", stand(state))) for state in ("carried", "reported"))
    found = differences.compare((old, grades), (new, grades))
    (each,) = found.changed
    assert not each.figures and (each.state_before, each.state_after) == ("carried", "reported")
    assert differences.finding(found).endswith("changes the state of 1 quarterly report")


def test_what_a_release_adds_and_revises_is_named(warehouse, names):
    found = between(warehouse, names[0], names[1])
    quarter = differences.Quarter("2026Q3", 1, 1, 1)
    same = replace(found, added=(quarter,), removed=(), changed=(), codes=())
    assert differences.finding(same) == f"Compared with {names[0]}, {names[1]} adds 2026Q3"
    changed = differences.Changed("2026Q2", "FAO", 1, 2, 3, 3, "reported", "reported", False, True)
    revised = replace(same, changed=(changed,))
    assert differences.finding(revised).endswith("adds 2026Q3 and revises FAO for 2026Q2")
    assert differences.finding(replace(revised, changed=(changed, changed))).endswith("and revises 2 quarterly reports")
    assert "adds 4 quarters" in differences.finding(replace(same, added=(quarter,) * 4))


# -- releases ---------------------------------------------------------------------------------------------------------


def test_releases_are_listed_newest_first_with_what_their_manifests_say(warehouse, names):
    found = releases.listed(warehouse)
    assert [each.name for each in found] == names[::-1]
    assert [each.name for each in found if each.in_service] == [warehouse.current().name]
    for each in found:
        assert each.quarter == each.name[:6] and each.demonstration and each.policy_version
        assert each.staff == ask(warehouse, "headline", Selection(release=each.name)).scope.staff


def test_the_newest_is_compared_with_the_one_before_unless_asked_otherwise(warehouse, names):
    assert releases.pair(warehouse, None, None) == (names[1], names[2])
    assert releases.pair(warehouse, None, names[1]) == (names[0], names[1])
    assert releases.pair(warehouse, names[0], None) == (names[0], names[2])
    assert releases.pair(warehouse, names[2], None) == (names[2], names[1])
    assert releases.pair(warehouse, names[1], names[1]) == (names[1], names[1])
    assert releases.pair(warehouse, None, names[0])[1] == names[0]
    for pair in ((names[0], "2030Q1-r1"), ("2030Q1-r1", names[0])):
        with pytest.raises(UnknownRelease):
            files.compared(warehouse, *pair)


@pytest.fixture(scope="module")
def after_an_older_one(small_dir, names, tmp_path_factory):
    """A data directory whose first release was made under older rules of protection."""
    earlier, data_dir = (tmp_path_factory.mktemp(name) for name in ("earlier", "after"))
    shutil.copytree(small_dir / "releases", earlier / "releases")
    put_in_service(earlier, names[0])
    before_uniformed(earlier, data_dir)
    for name in names[1:]:
        shutil.copytree(small_dir / "releases" / name, data_dir / "releases" / name)
    put_in_service(data_dir, names[-1])
    return data_dir


def test_public_releases_of_older_rules_are_neither_listed_nor_served(after_an_older_one, names):
    """Signed-in staff see them still: what is exact for them is as exact as it was."""
    for audience, expected in (("public", names[1:]), ("internal", names)):
        settings = Settings(data_dir=after_an_older_one, audience=audience)
        warehouse = Warehouse(settings)
        assert [each.name for each in releases.listed(warehouse)] == expected[::-1]
        assert releases.pair(warehouse, None, expected[0])[0] in expected
        client = create_app(settings).server.test_client()
        assert client.get("/api/v1/").json["releases"] == expected
        page = client.get("/data").text
        assert all((f"release={name}" in page or name in page) == (name in expected) for name in names)
        for address in ("headline.json", "by_grade.csv", "complete.zip", "codes/grade.csv"):
            status = client.get(f"/api/v1/{address}?release={names[0]}").status_code
            assert status == (200 if names[0] in expected else 404), address
        status = client.get(f"/api/v1/differences.csv?from={names[0]}&to={names[-1]}").status_code
        assert status == (200 if names[0] in expected else 404)
        page = client.get(f"/?release={names[0]}").text
        assert (f"There is no release {names[0]}" in page) == (names[0] not in expected)


# -- dictionary -------------------------------------------------------------------------------------------------------


def test_every_column_of_the_contract_is_explained():
    tables = dictionary.submission()
    assert set(tables) == set(contract.COLUMNS)
    for table, columns in contract.COLUMNS.items():
        entries = tables[table]
        assert [entry.name for entry in entries] == [column.name for column in columns]
        for column, entry in zip(columns, entries, strict=True):
            assert entry.meaning and entry.values and entry.needed
            assert (entry.needed == "yes") == column.needed
            assert all(code in entry.values for code in column.missing)
            assert (entry.codes == column.name) == (column.name in DIMENSIONS)


def test_every_column_of_every_file_is_explained(warehouse):
    entries = {entry.name: entry for entry in dictionary.received()}
    for name in questions.load():
        for query in (Selection(), Selection(chosen=(("age_group", ("30-34",)), ("nationality", ("KEN",))))):
            header = next(csv.reader(io.StringIO(csv_export.text(ask(warehouse, name, query)))))
            missing = [column for column in header if column not in entries or not entries[column].meaning]
            assert not missing, name
    assert all(entry.meaning and entry.values for entry in entries.values()), [
        name for name, entry in entries.items() if not entry.meaning
    ]


# -- files ------------------------------------------------------------------------------------------------------------


def test_code_lists_are_the_release_s_own(warehouse):
    release = warehouse.current()
    assert sorted(files.lists(release)) == sorted(release.codes)
    for dimension in files.lists(release):
        listed = files.code_list(release, dimension)
        assert [line["code"] for line in listed] == list(release.codes[dimension])
        assert [line["order"] for line in listed] == list(range(1, len(listed) + 1))
        for line in listed:
            assert line["name"]
            for above in files.FOLLOWS.get(dimension, ()):
                assert line[above] is None or line[above] in release.codes[above]


def test_what_follows_from_a_code_is_what_the_code_lists_say(warehouse, lists):
    release = warehouse.current()
    for line in files.code_list(release, "duty_station"):
        if line["code"] != "not-reported":
            assert line["country"] == lists.country_of(line["code"])
            assert line["unct"] in (lists.unct_of(line["country"]), None)
    for line in files.code_list(release, "grade"):
        if line["code"] not in ("not-reported", "not-applicable"):
            assert line["category"] == lists.category_of(line["code"])


def test_sources_are_read_from_where_they_are_written():
    listed = {file for source in sources.sources() for file in source.files}
    assert listed == {path.name for path in (ROOT / "data" / "sources").glob("*.csv")}
    assert all(source.licence and source.origin and source.as_of for source in sources.sources())
    assert any(source.licence.startswith("ODC-PDDL") for source in sources.sources())


def test_reuse_is_the_operator_s_to_state():
    silent, stated = Settings(Path("x")), Settings(Path("x"), reuse="CC BY 4.0, https://example.org/terms")
    assert "No licence has been set yet" in views.reuse(silent, demonstration=False)
    assert views.reuse(stated, demonstration=False) == "CC BY 4.0, https://example.org/terms"
    for settings in (silent, stated):
        assert "demonstration data" in views.reuse(settings, demonstration=True)
    assert '<a href="https://example.org/terms">' in views._with_links(stated.reuse)
    assert "&lt;b&gt;" in views._with_links("<b> terms")
