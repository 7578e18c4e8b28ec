"""For drawn selections both audiences are answered what the naive disclosure oracle says, row for row."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from disclosure_oracle import (
    EXACT,
    FEWER,
    POLICY,
    REFUSED,
    ROUNDED,
    UNSAID,
    WITHHELD,
    Disclosure,
    Expected,
    Verdict,
    oracle_of,
)  # fmt: skip
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle import before

from dashboard import measures, questions
from dashboard.answer import REFUSED as ANSWER_REFUSED
from dashboard.answer import Answer, Row
from dashboard.answering import ask, facets
from dashboard.exports import json
from dashboard.selection import DIMENSIONS, PERSONAL, PLACE, select
from dashboard.settings import AUDIENCES, Settings
from dashboard.warehouse import Warehouse

BASE = POLICY["rounding"]["base"]
SERIES_FROM, SHARE_FROM = POLICY["derived"]["series_from"], POLICY["derived"]["share_from"]
COUNTING = [
    name
    for name, question in questions.load().items()
    if question.has_population and not {"quarter", "basis", "kind"} & set(question.by)
]
#: Dimensions that go together more often than chance would have it, so that most draws are answered.
SHAPES = [
    *[(name,) for name in DIMENSIONS],
    *[(name, "entity") for name, dimension in DIMENSIONS.items() if dimension.kind in (PLACE, PERSONAL)],
    *[(name, level) for name, one in DIMENSIONS.items() if one.kind != "core" for level in ("category", "grade")],
    *[(name, "entity", "grade") for name, one in DIMENSIONS.items() if one.kind in (PLACE, PERSONAL)],
    ("rc", "unct"), ("rc", "region"), ("department", "grade"), ("department", "entity"), ("department", "category"),
    ("country", "region"), ("country", "unct"), ("duty_station", "country"), ("duty_station", "region", "entity"),
    ("nationality", "nationality_region"), ("nationality", "regional_group", "entity"), ("unct", "region"),
    ("age_group", "unct"), ("appointment", "headquarters", "grade"), ("nationality", "duty_station", "entity"),
    ("age_group", "department"), ("department", "entity", "age_group"), ("grade", "category", "unct"),
    ("rc", "department"), ("rc", "age_group"), ("rc", "unct", "entity"),
]  # fmt: skip


def warehouses_of(data_dir: Path) -> dict[str, Warehouse]:
    return {audience: Warehouse(Settings(data_dir=data_dir, audience=audience)) for audience in AUDIENCES}


@pytest.fixture(scope="module")
def oracle(small_dir: Path) -> Disclosure:
    return oracle_of(small_dir)


@pytest.fixture(scope="module")
def warehouses(small_dir: Path) -> dict[str, Warehouse]:
    return warehouses_of(small_dir)


def draw_choice(random: random.Random, oracle: Disclosure, quarter: str) -> dict[str, list[str]]:
    """A choice of codes, mostly of such as occur, in dimensions that mostly go together."""
    names = list(random.choice(SHAPES)) if random.random() < 0.85 else random.sample(list(DIMENSIONS), 3)
    names = [name for name in names if random.random() < 0.6]
    rows = oracle.rows(quarter)
    chosen: dict[str, list[str]] = {}
    for name in names:
        if name == "rc" and random.random() < 0.8:
            chosen[name] = ["yes"]
            continue
        count = random.choice([1, 1, 1, 2, 3, 11])
        # Of cells, so that the big ones come up more often; now and then of the code list, where most are nobody.
        pool = [row[name] for row in random.choices(rows, k=count)] if random.random() < 0.8 else oracle.codes[name]
        chosen[name] = sorted(set(random.choices(pool, k=count)))
    if "category" in chosen and random.random() < 0.3:
        chosen["category"] = ["PH"]
    return chosen


def status_of_all(women: tuple[int, int], men: tuple[int, int]) -> str | None:
    """The status that all head-counts from the least to the most have, if it is one, and of enough to have any."""
    found = {
        measures.status(one, other)
        for one in range(women[0], women[1] + 1)
        for other in {men[0], (men[0] + men[1]) // 2, men[1]}
    }
    return found.pop() if len(found) == 1 and found != {measures.TOO_FEW} else None


def right_measures(row: Row, expected: Expected) -> None:
    """What is derived: of true numbers where these are shown, else of the numbers shown and how wrong they may be."""
    women, men = row.women, row.men
    assert row.staff == women + men
    if expected.shown == EXACT:
        assert row.protection == EXACT
        assert row.status == measures.status(women, men)
        assert row.share_women == measures.share_women(women, men)
        assert (row.index_growth, row.index_replacement) == (abs(women - men), abs(women - men) // 2)
        assert row.left_out == ()
        return
    assert row.protection == ROUNDED
    cells = len([part for part in expected.parts if part.shown == ROUNDED])
    assert row.share_women == (women / (women + men) if (women + men) ** 2 >= SHARE_FROM**2 * cells else None)
    (least, most), (fewest, many) = expected.possible
    if most < fewest or many < least:
        assert row.index_growth == abs(women - men)
        assert row.index_replacement % BASE == 0
        assert abs(row.index_replacement - abs(women - men) / 2) <= BASE / 2
    else:
        assert row.index_growth is row.index_replacement is None
    assert row.possible == expected.possible
    assert row.status == (None if row.left_out else status_of_all(*expected.possible))
    if row.status is not None and not [part for part in expected.parts if part.women is None]:
        assert row.status == measures.status(*expected.true)
    for (least, most), true in zip(expected.possible, expected.shown_true, strict=True):
        assert least <= true <= most
    # Named are those of whom somebody could be: the core, which is exact, tells where there is nobody.
    unseen = [part for part in expected.parts if part.women is None]
    assert len([part for part in unseen if not part.nobody]) <= len(row.left_out) <= len(unseen)


def same(row: Row, expected: Expected, *floors: int) -> None:
    """A row says what the oracle says."""
    if expected.shown in (EXACT, ROUNDED):
        assert (row.women, row.men) == expected.counts
        right_measures(row, expected)
        return
    assert (row.women, row.men, row.staff, row.share_women, row.status) == (None,) * 5
    assert (row.index_growth, row.index_replacement) == (None, None)
    if row.reason == "not-submitted":
        assert expected.true == (0, 0)
        return
    kinds = {part.shown for part in expected.parts}
    if any(part.either for part in expected.parts):
        kinds |= {FEWER, WITHHELD}
    assert row.reason in kinds
    if row.reason == FEWER:
        assert row.extra["fewer_than"] in floors
    else:
        assert "fewer_than" not in row.extra
    assert "other" not in row.extra


def compare(answer: Answer, verdict: Verdict) -> None:
    """The whole answer against the oracle's."""
    if verdict.kind == REFUSED:
        assert (answer.protection, answer.rows) == (ANSWER_REFUSED, ()), verdict.why
        assert answer.nearest
        return
    assert answer.protection != ANSWER_REFUSED, verdict
    found = {tuple(row.keys[key] for key in answer.by): row for row in answer.rows}
    assert len(found) == len(answer.rows)
    silent = {key for key, row in found.items() if row.reason == "not-submitted" and key not in verdict.rows}
    assert set(found) - silent <= set(verdict.rows)
    # What is not known of people may go unsaid where it is nobody that may be told of.
    unsaid = {key for key, row in verdict.rows.items() if row.counts is None and set(key) & set(UNSAID)}
    assert set(verdict.rows) - verdict.optional - unsaid <= set(found)
    personal = verdict.table is not None and any(name in PERSONAL_NAMES for name in verdict.table.split("+"))
    for key in set(found) - silent:
        same(found[key], verdict.rows[key], 12 if personal else 5)
    if any(row.protection == ROUNDED for row in answer.rows):
        assert answer.protection == ROUNDED


PERSONAL_NAMES = {name for name, dimension in DIMENSIONS.items() if dimension.kind == PERSONAL}


def check(
    warehouses: dict[str, Warehouse],
    oracle: Disclosure,
    name: str,
    chosen: dict[str, list[str]],
    quarter: str,
    audience: str,
) -> Verdict:
    """Ask, and hold the answer and the total of its scope against the oracle."""
    answer = ask(warehouses[audience], name, select(quarter, **chosen))
    by = questions.load()[name].by
    verdict = oracle.verdict(by, chosen, quarter, audience)
    compare(answer, verdict)
    total = oracle.verdict((), chosen, quarter, audience)
    scope = answer.scope
    if scope.staff is not None:
        row = total.rows.get(())
        told = (0, 0) if row is None else row.counts
        assert total.kind != REFUSED
        assert (scope.women, scope.men) == told
        assert scope.staff == scope.women + scope.men
        assert scope.protection == (EXACT if row is None else row.shown)
    else:
        assert (scope.women, scope.men) == (None, None)
        assert verdict.kind == REFUSED or total.kind == REFUSED or () not in total.rows or total.rows[()].counts is None
    return verdict


careful = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@careful
@given(
    seed=st.integers(0, 2**32),
    audience=st.sampled_from(["public", "public", "internal"]),
    name=st.sampled_from(COUNTING),
)
def test_every_counting_question_is_answered_as_the_rules_say(warehouses, oracle, seed, audience, name):
    drawn = random.Random(seed)
    quarter = drawn.choice(oracle.codes["quarter"])
    check(warehouses, oracle, name, draw_choice(drawn, oracle, quarter), quarter, audience)


@careful
@given(seed=st.integers(0, 2**32), audience=st.sampled_from(["public", "public", "internal"]))
def test_headline_and_trend_are_answered_as_the_rules_say(warehouses, oracle, seed, audience):
    drawn = random.Random(seed)
    now = drawn.choice(oracle.codes["quarter"])
    chosen = draw_choice(drawn, oracle, now)
    check_trend(warehouses, oracle, chosen, now, audience)


def enough(expected: Expected) -> bool:
    """Whether a development may be told, by the numbers shown."""
    return sum(expected.counts) >= SERIES_FROM


def check_trend(warehouses, oracle, chosen, now, audience) -> None:
    verdict = oracle.verdict((), chosen, now, audience)
    selection = select(now, **chosen)
    headline = ask(warehouses[audience], "headline", selection)
    trend = ask(warehouses[audience], "trend", selection)
    if verdict.kind == REFUSED:
        for answer in (headline, trend):
            assert (answer.protection, answer.rows) == (ANSWER_REFUSED, ())
        return
    if verdict.table is not None:
        # Over which entities a place or persons change, nobody can say: it is over all of them, and is said to be.
        assert {row.keys["basis"] for row in (*headline.rows, *trend.rows)} <= {"all"}
        for answer in (headline, trend):
            if len(answer.rows) > 1:
                assert "changing-entities" in [note.code for note in answer.notes]
    rows = {row.keys["quarter"]: row for row in headline.rows if row.keys["basis"] == "all"}
    assert set(rows) <= {now, before(now, 1), before(now, 4)}
    for then, row in rows.items():
        expected = oracle.verdict((), chosen, then, audience).rows.get(())
        if then == now and expected is not None:
            same(row, expected, 5, 12)
        elif row.women is not None:
            # A change is told of enough people only.
            assert expected.shown == EXACT or enough(expected)
            same(row, expected)
    if () in verdict.rows and () not in verdict.optional:
        assert now in rows
    found = {row.keys["quarter"]: row for row in trend.rows if row.keys["basis"] == "all"}
    for quarter in oracle.codes["quarter"]:
        if quarter > now:
            assert quarter not in found
            continue
        then = oracle.verdict((), chosen, quarter, audience)
        expected = then.rows.get(())
        row = found.get(quarter)
        if row is not None and row.women is not None and (row.women or row.men):
            assert (row.women, row.men) == expected.counts
            assert row.protection == expected.shown
        if expected is not None and expected.shown == EXACT:
            assert row is not None
            assert row.women is not None
        elif row is not None and row.women is not None:
            # Points of a trend are of enough people to tell a movement from the rounding.
            assert enough(expected)


@careful
@given(seed=st.integers(0, 2**32), audience=st.sampled_from(["public", "public", "internal"]))
def test_each_entity_over_time_is_answered_as_the_rules_say(warehouses, oracle, seed, audience):
    drawn = random.Random(seed)
    now = drawn.choice(oracle.codes["quarter"])
    chosen = draw_choice(drawn, oracle, now)
    answer = ask(warehouses[audience], "entity_trend", select(now, **chosen))
    verdict = oracle.verdict(("entity",), chosen, now, audience)
    if verdict.kind == REFUSED:
        assert (answer.protection, answer.rows) == (ANSWER_REFUSED, ())
        return
    found = {(row.keys["quarter"], row.keys["entity"]): row for row in answer.rows}
    assert len(found) == len(answer.rows)
    for quarter in oracle.codes["quarter"]:
        rows = oracle.verdict(("entity",), chosen, quarter, audience).rows if quarter <= now else {}
        shown = {entity: row for (when, entity), row in found.items() if when == quarter}
        assert quarter <= now or not shown
        for entity, row in shown.items():
            expected = rows.get((entity,))
            if row.women is None:
                assert row.reason == "not-submitted" or expected is None or expected.shown != EXACT
            elif row.women or row.men:
                assert (row.women, row.men, row.protection) == (*expected.counts, expected.shown)
                # Points of a development are of enough people to tell a movement from the rounding.
                assert expected.shown == EXACT or enough(expected)
        for (entity,), expected in rows.items():
            if expected.shown == EXACT and any(expected.counts):
                assert shown[entity].women is not None


def test_the_oracle_refuses_answers_and_hides(oracle):
    """What it says of a few selections whose answer is plain, so that it cannot agree by refusing everything."""
    quarter = oracle.quarter

    def kind(by, audience="public", **chosen):
        return oracle.verdict(by, {name: [code] for name, code in chosen.items()}, quarter, audience).kind

    assert kind(("entity", "grade"), rc="no") == EXACT
    assert kind(("unct",)) == kind((), unct="KEN") == kind(("grade",), unct="KEN") == ROUNDED
    assert kind(("category",), unct="KEN", entity="UN") == ROUNDED
    assert kind((), unct="KEN", rc="yes") == kind((), region="africa", rc="yes") == EXACT
    assert kind(("region",)) == kind((), region="africa") == kind(("headquarters",)) == ROUNDED
    assert kind(("category",), region="africa") == kind(("region",), grade="P-4") == ROUNDED
    assert kind(("grade",), unct="KEN", entity="UN") == kind(("duty_station",), entity="UN", grade="P-4") == REFUSED
    assert kind(("region",), entity="UN", grade="P-4") == kind(("regional_group",), entity="UN", grade="P-4") == REFUSED
    assert kind(("nationality_region",), "internal", entity="UN", grade="P-4") == REFUSED
    assert kind(("country",), region="africa") == kind(("age_group",), grade="P-4", category="P") == ROUNDED
    assert kind(("region",), headquarters="hq") == kind((), unct="KEN", rc="no") == kind(("rc",), unct="KEN") == REFUSED
    assert kind(("age_group",), unct="KEN") == kind(("age_group",), nationality="FRA") == REFUSED
    assert (
        kind(("age_group",), "internal", unct="KEN")
        == kind(("age_group",), "internal", entity="UN", grade="P-4")
        == ROUNDED
    )
    assert kind(("age_group",), "internal", unct="KEN", grade="P-4") == REFUSED
    assert kind(("age_group",), "internal", unct="KEN", entity="UN") == REFUSED
    assert kind(("age_group",), "internal", unct="KEN", headquarters="hq") == REFUSED
    assert kind(("age_group",), "internal", rc="yes") == REFUSED
    assert kind(("duty_station", "entity"), "internal", unct="KEN", grade="P-4", rc="no") == EXACT
    shown = {row.shown for row in oracle.verdict(("unct",), {}, quarter, "public").rows.values()}
    assert {ROUNDED, FEWER} <= shown
    few = {"entity": ["ICJ"], "grade": ["D-1"]}
    alike = {row.shown for row in oracle.verdict(("age_group",), few, quarter, "internal").rows.values()}
    assert alike == {WITHHELD}


@pytest.mark.slow
def test_the_whole_demonstration_is_answered_as_the_rules_say(demo_dir):
    oracle, warehouses = oracle_of(demo_dir), warehouses_of(demo_dir)
    drawn = random.Random(20260930)
    kinds = {audience: [] for audience in AUDIENCES}
    for quarter in (oracle.quarter, "2019Q4"):
        for number in range(25):
            audience = "internal" if number % 3 == 0 else "public"
            chosen = draw_choice(drawn, oracle, quarter)
            kinds[audience].append(check(warehouses, oracle, drawn.choice(COUNTING), chosen, quarter, audience).kind)
        oracle.forget()
    for found in kinds.values():
        assert {EXACT, ROUNDED, REFUSED} <= set(found)


def test_a_total_names_whom_it_leaves_out_and_a_group_of_options_leaves_out_nobody(warehouses: dict[str, Warehouse]):
    """Sums that nobody could take for whole: the scope says who is missing, the filter panel gives no such sum."""
    public = warehouses["public"]
    teams = [code for code in public.release().codes["unct"] if not code.startswith("not-")]
    partial = 0
    for one, other in pairwise(teams):
        asked = ask(public, "headline", select(unct=[one, other]))
        assert asked.scope.left_out == next(iter(asked.rows)).left_out or asked.scope.staff is None
        assert json.content(asked)["scope"]["left_out"] == list(asked.scope.left_out)
        partial += bool(asked.scope.left_out)
        options = {
            option.code: option.staff for option in facets(public, select(unct=[one]), ["category"])["category"].options
        }
        parts = [options[code] for code in DIMENSIONS["category"].groups["PH"] if code in options]
        assert options["PH"] == (None if None in parts else sum(parts))
    assert partial


def test_a_refused_choice_of_departments_is_offered_what_can_be_answered_without_the_rest(warehouses):
    """Only place-bound departments are parts of a rounded sum: however many others are chosen, they make none."""
    public = warehouses["public"]
    release = public.current()
    exact = [code for code in release.codes["department"] if code not in release.place_bound]
    several = [*sorted(release.place_bound)[:2], *exact[: release.policy.parts_at_most]]
    assert len(several) > release.policy.parts_at_most
    chosen = select(department=several, nationality="KEN")
    refused, nearer = ask(public, "headline", chosen), chosen.without("nationality")
    assert refused.protection == ANSWER_REFUSED
    assert ask(public, "headline", nearer).protection != ANSWER_REFUSED
    assert nearer.chosen in [each.chosen for each in refused.nearest]
