"""Whose figures can be compared: coverage given, entities and quarters expected."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from answers import answer, row

from dashboard import comparable, figures, text
from dashboard.figures.table import table
from dashboard.figures.trend import looks

QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
#: A state a letter, quarter by quarter: reported, carried, partial, not submitted; a capital: with a break; "-": not
#: taking part.
LETTERS = {"r": "reported", "c": "carried", "p": "partial", "n": "not-submitted"}


def series(**states: str):
    coverage = {quarter: [] for quarter in QUARTERS}
    for entity, letters in states.items():
        for quarter, letter in zip(QUARTERS, letters, strict=True):
            if letter != "-":
                one = SimpleNamespace(entity=entity, state=LETTERS[letter.lower()], series_break=letter.isupper())
                coverage[quarter].append(one)
    return comparable.series(QUARTERS, coverage)


@pytest.mark.parametrize(
    ("states", "compared"),
    [
        ("rrrrr", True),
        ("rcpnr", True),  # what lies between makes no difference to a change
        ("rrrrc", False),
        ("rrrrp", False),
        ("rrrrn", False),
        ("crrrr", False),
        ("prrrr", False),
        ("-rrrr", False),
        ("rRrrr", False),
        ("rrrrR", False),
        ("rCrrr", False),  # a break in a quarter carried forward is one
        ("Rrrrr", True),  # a break before both
    ],
)
def test_between_two_quarters(states, compared):
    found = series(A=states)
    assert comparable.shared(found[0], found[-1]) == ({"A"} if compared else set())
    assert comparable.shared(found[-1], found[0]) == comparable.shared(found[0], found[-1])


@pytest.mark.parametrize(
    ("states", "entities", "told"),
    [
        ({"A": "rrrrr", "B": "rrrrr"}, "AB", QUARTERS),
        # Who was once carried, partial, missing or has a break is left out where others were not.
        ({"A": "rrrrr", "B": "rrcrr", "C": "rrrpr", "D": "rnrrr", "E": "rrRrr", "F": "-rrrr"}, "A", QUARTERS),
        # Of one alone the quarters that are not its own are left out.
        ({"A": "rrprr"}, "A", ("2025Q3", "2025Q4", "2026Q2", "2026Q3")),
        ({"A": "rrrcc"}, "A", QUARTERS[:3]),
        ({"A": "rrcnn"}, "A", QUARTERS[:2]),
        ({"A": "rrRrr"}, "A", QUARTERS[2:]),
        ({"A": "rrCrr"}, "A", QUARTERS[3:]),
        ({"A": "--rrr"}, "A", QUARTERS[2:]),
        # Of several: who reported last, and when all of these did.
        ({"A": "rrrrc", "B": "rrprc"}, "AB", ("2025Q3", "2025Q4", "2026Q2")),
        ({"A": "rrprr", "B": "rrrrn"}, "A", ("2025Q3", "2025Q4", "2026Q2", "2026Q3")),
        ({"A": "cccnn"}, "", ()),
        ({}, "", ()),
    ],
)
def test_throughout(states, entities, told):
    found = comparable.line(QUARTERS, series(**states))
    assert (found.entities, found.quarters) == (frozenset(entities), told)


def test_only_the_entities_asked_for_are_told():
    found = series(A="rrrrr", B="rrprr")
    assert comparable.line(QUARTERS, found, {"B"}) == comparable.line(QUARTERS, series(B="rrprr"))
    assert comparable.line(QUARTERS, found, set()) == comparable.Line()


def test_quarters_after_and_before():
    assert [comparable.quarter_after("2026Q3", steps) for steps in (0, 1, 2, -3, -4, -20)] == [
        "2026Q3", "2026Q4", "2027Q1", "2025Q4", "2025Q3", "2021Q3",
    ]  # fmt: skip


def development(*quarters, protected=False, **scope):
    """A trend of one entity: (women, men, flag, whether a break); None: not submitted. Like for like where exact."""
    rows = []
    began = max([at for at, one in enumerate(quarters) if one and one[2].endswith("break")], default=0)
    for at, (quarter, one) in enumerate(zip(QUARTERS, quarters, strict=True)):
        keys = {"quarter": quarter, "basis": "all"}
        if one is None:
            rows.append(row(keys, None, None, "not-submitted", reason="not-submitted"))
            continue
        women, men, flag = one
        extra = {"series_break": True} if flag.endswith("break") else {}
        flag = flag.removesuffix("+break")
        rows.append(row(keys, women, men, flag, **extra))
        if at >= began and flag not in ("carried", "partial") and not protected:
            rows.append(row({**keys, "basis": "same-entities"}, women, men, flag, **extra))
    last = quarters[-1]
    own = {"UPU": "2025Q3"} if last and last[2] not in ("carried", "partial") else {}
    given = {"entities": 1, "entities_expected": 1, "series": own} | scope
    return answer("trend", ("quarter", "basis"), rows, **given)


def trace(figure, meta):
    found = [each for each in figure["data"] if each.get("meta") == meta]
    return [
        quarter
        for each in found
        for quarter, share in zip(each["customdata"], each["y"], strict=True)
        if share is not None
    ]


@pytest.mark.parametrize("protected", [False, True])
def test_a_partial_quarter_within_is_beside_the_line(protected):
    asked = development(
        (40, 60, "reported"), (41, 59, "reported"), (90, 10, "partial"), (43, 57, "reported"), (44, 56, "reported"),
        protected=protected,
    )  # fmt: skip
    figure = figures.trend(asked)
    assert trace(figure, "marks") == ["2025Q3", "2025Q4", "2026Q2", "2026Q3"]
    assert trace(figure, "hollow") == ["2026Q1"]
    assert text.trend_title(asked) == "Up 4.0 points since 2025Q3; below the parity band throughout"
    assert any("Hollow marks" in said for said in looks(asked))
    assert "Left out of the line and of changes – partly reported: 2026Q1." in text.notes(asked)
    assert not any("like with like" in said for said in text.notes(asked))
    assert [line[-1].text for line in table(asked, "").rows] == ["", "", "partly reported", "", ""]


@pytest.mark.parametrize("protected", [False, True])
def test_what_follows_the_last_quarter_of_its_own_is_in_no_title(protected):
    asked = development(
        (60, 90, "reported"), (62, 88, "revised"), (20, 80, "carried"), None, None, protected=protected,
    )  # fmt: skip
    assert text.trend_title(asked) == ("Up 1.3 points since 2025Q3, until 2025Q4: the last quarter it reported in full")
    figure = figures.trend(asked)
    assert trace(figure, "marks") == ["2025Q3", "2025Q4"] and trace(figure, "hollow") == ["2026Q1"]
    assert (
        "Left out of the line and of changes – carried forward: 2026Q1; not submitted: 2026Q2 to 2026Q3."
        in text.notes(asked)
    )  # fmt: skip
    assert [line[0].text for line in table(asked, "").rows] == list(reversed(QUARTERS))


@pytest.mark.parametrize("protected", [False, True])
def test_before_a_break_there_is_another_line(protected):
    asked = development(
        (20, 80, "reported"), (20, 80, "reported"), (20, 80, "carried+break"), (48, 52, "reported"),
        (50, 50, "reported"), protected=protected,
    )  # fmt: skip
    figure = figures.trend(asked)
    assert trace(figure, "marks") == ["2026Q2", "2026Q3"] and trace(figure, "hollow") == ["2026Q1"]
    assert any(note["text"] == "series break" for note in figure["layout"]["annotations"])
    assert text.trend_title(asked) == "Up 2.0 points since 2026Q2; within the parity band throughout"
    assert any("The thin line is before the series break." in said for said in looks(asked))
    assert any("A series break at 2026Q1" in said for said in text.notes(asked))


def test_of_an_entity_that_never_reported_itself_no_change_is_told():
    asked = development(*[(45, 55, "partial")] * 5)
    assert text.trend_title(asked).replace("\N{NO-BREAK SPACE}", " ") == "2026Q3: 45.0 % women (partly reported)"
    figure = figures.trend(asked)
    assert not trace(figure, "marks") and trace(figure, "hollow") == list(QUARTERS)


def test_of_entities_that_cannot_be_compared_no_change_is_told():
    rows = [row({"quarter": each, "basis": "all"}, 40 + at, 60 - at) for at, each in enumerate(QUARTERS)]
    asked = answer("trend", ("quarter", "basis"), rows, entities=3, entities_expected=3)
    assert text.trend_title(asked).replace("\N{NO-BREAK SPACE}", " ") == "2026Q3: 44.0 % women"
    assert any("Not like for like" in said for said in text.notes(asked))


def test_carried_and_partial_entities_are_in_no_count_and_are_named():
    rows = [
        row({"entity": code}, women, 100 - women, flag)
        for code, women, flag in (
            ("UNDP", 40, "reported"), ("WFP", 39, "revised"), ("UN", 38, "break"), ("UNICEF", 37, "reported"),
            ("UPU", 10, "carried"), ("IAEA", 11, "partial"), ("FAO", 50, "reported"),
        )
    ]  # fmt: skip
    asked = answer("by_entity", ("entity",), rows)
    assert text.breakdown_title(asked).replace("\N{NO-BREAK SPACE}", " ") == (
        "4 of 5 entities are below parity, UNICEF furthest at 37.0 %"
    )
    assert "Left out of counts of entities and of changes – carried forward: UPU; partly reported: IAEA." in text.notes(
        asked
    )
    marks = next(each for each in figures.dots(asked)["data"] if each.get("meta") == "marks")
    hollow = {
        code for code, inside in zip(marks["customdata"], marks["marker"]["color"], strict=True) if inside == "#FFFFFF"
    }
    assert hollow == {"UPU", "IAEA"}
    only = answer("by_entity", ("entity",), rows[4:6])
    assert text.breakdown_title(only) == "No entity here has reported enough staff in full to judge parity"
    alone = answer("by_entity", ("entity",), rows[4:5])
    assert text.breakdown_title(alone).replace("\N{NO-BREAK SPACE}", " ") == "UPU: 10.0 % women (carried forward)"
    # Of its grades that says nothing: they are of one entity, and no count of entities.
    grades = answer("by_grade", ("grade",), [row({"grade": "P-4"}, 10, 90, "carried")])
    assert text.breakdown_title(grades).replace("\N{NO-BREAK SPACE}", " ") == "P-4: 10.0 % women, below parity"
