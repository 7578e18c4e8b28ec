"""Compare: its addresses, its differences, its words, and every number of its page and file against the oracles."""

from __future__ import annotations

import csv
import html
import io
import math
import random
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from answers import LABELS, POLICY, QUARTER, answer, breakdown, headline, protected, refused, rounded, row, trend
from disclosure_oracle import EXACT, REFUSED, ROUNDED, Disclosure, oracle_of
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import Oracle, before

from dashboard import measures, plain
from dashboard.answer import Note
from dashboard.compare import choice as choices
from dashboard.compare import differences, export, facts, words
from dashboard.compare.differences import Apart, Figure
from dashboard.factory import create_app
from dashboard.selection import DIMENSIONS, Selection, select
from dashboard.settings import AUDIENCES, Settings
from dashboard.warehouse import Warehouse

# -- the address ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def warehouses(small_dir: Path) -> dict[str, Warehouse]:
    return {audience: Warehouse(Settings(data_dir=small_dir, audience=audience)) for audience in AUDIENCES}


@pytest.fixture(scope="module")
def inside(warehouses) -> Warehouse:
    return warehouses["internal"]


def address(*scopes: str, **options: str) -> str:
    named = {name.replace("_", "."): value for name, value in options.items()}
    return "&".join([*(f"s={quote(scope, safe='')}" for scope in scopes), *(f"{k}={v}" for k, v in named.items())])


def drawn_selections(release):
    """Strategy for selections with codes that there are and that there are not."""
    dimension = st.sampled_from(list(DIMENSIONS))

    def codes(name: str):
        known = [*release.codes.get(name, ()), *DIMENSIONS[name].groups, "NOPE"]
        return st.tuples(st.just(name), st.lists(st.sampled_from(known), min_size=1, max_size=3))

    chosen = st.lists(dimension.flatmap(codes), max_size=3).map(dict)
    quarter = st.sampled_from([None, *release.codes["quarter"]])
    return st.builds(lambda found, when: select(when, **found), chosen, quarter)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_an_address_is_read_as_it_was_written(inside, data):
    release = inside.release()
    scopes = data.draw(st.lists(drawn_selections(release), max_size=4))
    by = data.draw(st.sampled_from([None, *choices.BREAKDOWNS]))
    pinned = data.draw(st.sampled_from(["", f"release={release.name}"]))
    edit = data.draw(st.sampled_from(["", "v.edit=1", "v.edit=2"]))
    written = "&".join(filter(None, [pinned, address(*(s.to_query() for s in scopes)), by and f"v.by={by}", edit]))
    choice = choices.read(inside, written)
    again = choices.read(inside, choice.query())
    assert again.query() == choice.query() and again.notices == ()
    assert (again.scopes, again.by, again.pinned, again.edit) == (choice.scopes, choice.by, choice.pinned, choice.edit)
    assert choices.read(inside, choice.permalink()).scopes == choice.scopes
    assert choices.read(inside, choice.permalink()).pinned == release.name


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("entity=UNDP&grade=P-4", "s=entity%3DUNDP%26grade%3DP-4"),
        # The form: an empty one is all staff there are; `at` says which scope it is about.
        ("at=1&entity=&grade=&quarter=", "s="),
        ("s=entity%3DUNDP&at=2&entity=UNICEF&unct=&category=&grade=", "s=entity%3DUNDP&s=entity%3DUNICEF"),
        ("s=entity%3DUNDP&s=entity%3DWFP&at=1&entity=UNICEF", "s=entity%3DUNICEF&s=entity%3DWFP"),
        ("at=1&entity=UNDP,UNICEF&grade=P-4&category=P", "s=entity%3DUNDP%26entity%3DUNICEF%26grade%3DP-4"),
        ("s=grade%3DP-4%26entity%3DUNDP&v.by=region", "s=entity%3DUNDP%26grade%3DP-4"),
        ("s=entity%3DUNDP&v.by=grade", "s=entity%3DUNDP"),
        ("s=category%3DP%26category%3DSENIOR", "s=category%3DPH"),
        ("s=quarter%3D2026Q3", "s="),
        ("s=quarter%3D2025Q3", "s=quarter%3D2025Q3"),
        ("v.edit=3&s=&s=entity%3DUNDP", "s=&s=entity%3DUNDP"),
    ],
)
def test_equal_comparisons_have_one_address(inside, query, wanted):
    choice = choices.read(inside, query)
    assert (choice.query(), choice.notices) == (wanted, ())


@pytest.mark.parametrize(
    ("query", "scopes", "said"),
    [
        ("s=entity%3DUNDP&s=entity%3DUNDP&s=", 2, "Staff of UNDP: you chose this twice, so it is shown once."),
        ("&".join(f"s=grade%3DP-{n}" for n in range(1, 6)), 4, "You can compare up to 4. Left out: P-5 staff."),
        ("s=entity%3DUNDP%26colour%3Dred", 1, "A: We could not use “colour=red” in the address"),
        ("s=&s=entity%3D%3Cb%3E", 1, "B: We could not use “entity=<b>” in the address"),
        ("s=quarter%3D1999Q1", 1, "A: Release 2026Q3-r1 has no figures for 1999Q1"),
        ("s=release%3D2026Q3-r1%26entity%3DUNDP", 1, "a comparison has one release"),
        ("release=2026Q3-r99&s=", 1, "There is no release 2026Q3-r99"),
        ("s=&v.by=beauty", 1, "“beauty” is not one of the choices."),
        ("s=&colour=red", 1, "“colour” in the address has no effect on this page."),
        ("s=&at=2&entity=%3Cb%3E&grade=P-4", 2, "We could not use “<b>”: it is not a code of the filter Entity."),
        ("at=1&quarter=1999Q1", 1, "no figures for 1999Q1"),
    ],
)
def test_what_cannot_be_meant_is_said_and_the_rest_stands(inside, query, scopes, said):
    choice = choices.read(inside, query)
    assert len(choice.scopes) == scopes
    assert any(said in notice for notice in choice.notices), choice.notices
    facts.gather(inside, choice)


def test_links_of_a_scope_keep_the_others(inside):
    choice = choices.read(inside, "s=entity%3DUNDP&s=entity%3DUNICEF&s=grade%3DP-4&v.by=category")
    assert choice.without(1) == "s=entity%3DUNDP&s=grade%3DP-4&v.by=category"
    assert choice.first(2) == "s=grade%3DP-4&s=entity%3DUNDP&s=entity%3DUNICEF&v.by=category"
    assert choice.editing(0).endswith("&v.edit=1")
    assert choice.broken_down("grade") == "s=entity%3DUNDP&s=entity%3DUNICEF&s=grade%3DP-4"


# -- differences ------------------------------------------------------------------------------------------------------


def exact(women: int, men: int) -> Figure:
    return Figure(row({}, women, men))


def about(women: int, men: int, parts: int = 1) -> Figure:
    return Figure(rounded({}, women, men, parts=parts))


@pytest.mark.parametrize(
    ("first", "other", "kind", "value"),
    [
        (exact(41, 59), exact(50, 50), "exact", 9.0),
        (exact(50, 50), exact(41, 59), "exact", -9.0),
        (exact(1, 4), exact(4, 1), "exact", 60.0),
        (exact(1, 3), exact(50, 50), "few", None),
        (exact(0, 0), exact(50, 50), "none", None),
        (Figure(row({}, None, None)), exact(50, 50), "none", None),
        (about(400, 600), exact(500, 500), "about", 10),
        (about(400, 600), about(500, 500), "about", 10),
        # Of a hundred each share may be 6 points off.
        (about(45, 55), about(55, 45), "no-clear-difference", None),
        (about(40, 60), about(55, 45), "about", 15),
        (about(40, 60, parts=2), about(55, 45), "no-clear-difference", None),
        (about(45, 55), exact(500, 500), "no-clear-difference", None),
        (about(45, 55), exact(550, 450), "about", 10),
        (about(10, 15), about(400, 600), "few", None),
        (replace(about(400, 600), whole=False), about(500, 500), "none", None),
        (about(400, 600), exact(2, 1), "few", None),
    ],
)
def test_points_between_two_rows(first, other, kind, value):
    found = differences.points(first, other)
    assert found.kind == kind
    assert found.value == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize(
    ("first", "other", "name", "found"),
    [
        (exact(41, 59), exact(50, 40), "women", Apart("exact", 9)),
        (exact(41, 59), exact(50, 40), "men", Apart("exact", -19)),
        (exact(0, 0), exact(3, 0), "staff", Apart("exact", 3)),
        (about(40, 60), about(50, 60), "women", Apart("no-clear-difference")),
        (about(40, 60), about(55, 60), "women", Apart("about", 15)),
        (about(40, 60), about(60, 60), "staff", Apart("no-clear-difference")),
        (about(40, 60), about(65, 60), "staff", Apart("about", 25)),
        (about(40, 60, parts=3), about(65, 60), "women", Apart("about", 25)),
        (about(40, 60, parts=3), about(60, 60), "women", Apart("no-clear-difference")),
        (exact(38, 60), about(50, 60), "women", Apart("about", 10)),
        (about(50, 60), exact(38, 60), "women", Apart("about", -10)),
        (exact(45, 60), about(50, 60), "women", Apart("no-clear-difference")),
        (exact(40, 60), Figure(rounded({}, None, None, reason="fewer")), "women", Apart("none")),
    ],
)
def test_heads_between_two_rows(first, other, name, found):
    assert differences.heads(first, other, name) == found


@given(counts=st.tuples(*[st.integers(75, 2000)] * 4), offs=st.tuples(*[st.integers(-POLICY.error, POLICY.error)] * 4))
def test_a_difference_that_is_told_of_rounded_counts_is_one(counts, offs):
    """Whatever rounding did, the truth differs, and in that direction."""
    shown, true = counts, [count + off for count, off in zip(counts, offs, strict=True)]
    found = differences.points(about(*shown[:2]), about(*shown[2:]))
    if found.kind == differences.ABOUT:
        apart = true[2] * (true[0] + true[1]) - true[0] * (true[2] + true[3])
        assert apart * found.value > 0
    for place, name in ((0, "women"), (1, "men")):
        heads = differences.heads(about(*shown[:2]), about(*shown[2:]), name)
        if heads.kind == differences.ABOUT:
            assert (true[place + 2] - true[place]) * heads.value > 0


def test_sums_are_off_by_as_much_as_their_parts_and_none_where_somebody_is_left_out():
    several = rounded({"quarter": QUARTER, "basis": "all"}, 90, 90, parts=3)
    assert several.possible.women == (72, 108)
    assert differences.figure(several) == Figure(several) and differences.figure(several).rounded
    assert not differences.figure(several._replace(left_out=("unct=ALB",))).known
    exact_one = headline(40, 60).rows[0]
    assert differences.figure(exact_one) == Figure(exact_one) and not differences.figure(exact_one).rounded


# -- words ------------------------------------------------------------------------------------------------------------

UNDP, UNICEF, KENYA = select(entity="UNDP"), select(entity="UNICEF"), select(unct="KEN")
RELEASE = SimpleNamespace(
    labels=LABELS, quarter=QUARTER, name="2026Q3-r1",
    codes={"quarter": ["2025Q3", QUARTER], "grade": ["D-2", "P-4"], "unct": ["KEN"]},
)  # fmt: skip


def side(selection: Selection, asked, letter: str = "A", by_grade=None, over_time=None) -> facts.Side:
    now = next((one for one in asked.rows if one.keys.get("basis") == "all"), None)
    return facts.Side(
        letter, selection, selection.quarter or QUARTER, asked, now or plain.without_figures(asked),
        by_grade or breakdown("grade", {}), over_time or trend([0.4, 0.42]),
    )  # fmt: skip


def compared(*pairs) -> facts.Facts:
    """Facts of (selection, headline) pairs, as if nothing overlapped."""
    sides = tuple(side(scope, asked, "ABCD"[place]) for place, (scope, asked) in enumerate(pairs))
    choice = choices.Choice(RELEASE, scopes=tuple(scope for scope, _ in pairs))
    return facts.Facts(choice, sides, (), (), (), (), ())


def of(selection: Selection, women: int | None, men: int | None, **more):
    if women is None:
        hidden = rounded({"quarter": QUARTER, "basis": "all"}, None, None, **more)
        return selection, protected("headline", ("quarter", "basis"), [hidden], selection)
    return selection, headline(women, men, selection)


def rough(selection: Selection, women: int, men: int):
    made = rounded({"quarter": QUARTER, "basis": "all"}, women, men)
    return selection, protected("headline", ("quarter", "basis"), [made], selection)


def nothing(selection: Selection, *notes: Note, **scope):
    return selection, answer("headline", ("quarter", "basis"), (), selection, notes, **scope)


def plain_text(said: str) -> str:
    return said.replace("\N{NO-BREAK SPACE}", " ")


NONE = nothing(UNICEF, Note("nothing-matches"))
MISSING = nothing(UNICEF, entities=0, not_submitted=("UNICEF",))


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ((), "Compare"),
        ((of(UNDP, 451, 549),), "Women are 45.1 % of staff of UNDP"),
        ((of(UNDP, 451, 549), of(UNICEF, 520, 480)),
         "Women are 45.1 % of staff of UNDP and 52.0 % of staff of UNICEF: 6.9 points apart"),
        ((of(UNDP, 451, 549), of(UNICEF, 451, 549)),
         "Women are 45.1 % of staff of UNDP and 45.1 % of staff of UNICEF: no difference"),
        ((of(UNDP, 21, 22), of(UNICEF, 520, 480)),
         "Women are 49 % of staff of UNDP (21 of 43) and 52.0 % of staff of UNICEF: 3 points apart"),
        ((of(UNDP, 20, 20), of(UNICEF, 503, 500)),
         "Women are 50 % of staff of UNDP (20 of 40) and 50.1 % of staff of UNICEF: less than 1 point apart"),
        ((of(UNDP, 9, 11), of(UNICEF, 5, 5)),
         "Women are 45 % of staff of UNDP (9 of 20) and 50 % of staff of UNICEF (5 of 10): 5 points apart"),
        ((of(UNDP, 1, 0), of(UNICEF, 520, 480)),
         "Women are 1 of 1 staff of UNDP and 52.0 % of staff of UNICEF: too few to compare"),
        ((of(UNDP, 451, 549), NONE),
         "Women are 45.1 % of staff of UNDP, with nothing to compare: staff of UNICEF – no staff (confirmed zero)"),
        ((of(UNDP, 451, 549), MISSING),
         "Women are 45.1 % of staff of UNDP, with nothing to compare: staff of UNICEF – not submitted"),
        ((of(UNDP, 451, 549), of(UNICEF, 520, 480), of(KENYA, None, None, reason="fewer", fewer_than=5)),
         "Women are 45.1 % of staff of UNDP and 52.0 % of staff of UNICEF: 6.9 points apart. Without figures: staff in "
         "Kenya – fewer than 5"),
        ((of(KENYA, None, None, reason="withheld"), NONE),
         "Nothing to compare: staff in Kenya – not shown, to protect individuals; staff of UNICEF – no staff "
         "(confirmed zero)"),
        ((of(UNDP, 451, 549), (KENYA, refused(KENYA))),
         "Women are 45.1 % of staff of UNDP, with nothing to compare: staff in Kenya – not shown together in public"),
        ((of(UNDP, 451, 549), nothing(UNICEF, Note("unknown-code", {"dimension": "entity", "value": "UNICEF"}))),
         "Women are 45.1 % of staff of UNDP, with nothing to compare: staff of UNICEF – no such code in this release"),
        ((of(UNDP, 451, 549), rough(KENYA, 350, 650)),
         "Women are 45.1 % of staff of UNDP and about 35 % of staff in Kenya: about 10 points apart"),
        ((of(UNDP, 451, 549), rough(KENYA, 45, 55)),
         "Women are 45.1 % of staff of UNDP and about 45 % of staff in Kenya: no clear difference"),
        ((of(UNDP, 451, 549), rough(KENYA, 10, 15)),
         "Women are 45.1 % of staff of UNDP and about 10 of 25 staff in Kenya: too few to compare"),
        ((of(UNDP, 451, 549), of(UNICEF, 520, 480), of(select(grade="P-4"), 480, 520)),
         "Women are 45.1 % of staff of UNDP, 52.0 % of staff of UNICEF and 48.0 % of P-4 staff: up to 6.9 "
         "points apart"),
        # The rounded one may be further from each of the others than these are apart.
        ((of(UNDP, 451, 549), of(UNICEF, 520, 480), rough(KENYA, 50, 50)),
         "Women are 45.1 % of staff of UNDP, 52.0 % of staff of UNICEF and about 50 % of staff in Kenya: two of them "
         "6.9 points apart"),
        ((rough(UNDP, 200, 800), rough(UNICEF, 500, 500), rough(KENYA, 45, 55)),
         "Women are about 20 % of staff of UNDP, about 50 % of staff of UNICEF and about 45 % of staff in Kenya: two "
         "of them about 30 points apart"),
        ((of(UNDP, 451, 549), of(UNICEF, 451, 549), rough(KENYA, 45, 55)),
         "Women are 45.1 % of staff of UNDP, 45.1 % of staff of UNICEF and about 45 % of staff in Kenya: no clear "
         "difference"),
        ((of(UNDP, 451, 549), of(select("2025Q3", entity="UNDP"), 440, 560)),
         "Women are 45.1 % of staff of UNDP in 2026Q3 and 44.0 % of staff of UNDP in 2025Q3: 1.1 points apart"),
    ],
)  # fmt: skip
def test_the_finding_in_every_case(pairs, said):
    pairs = [
        (scope, replace(asked, rows=tuple(r._replace(keys={"quarter": scope.quarter or QUARTER, "basis": "all"})
                                          for r in asked.rows))) if asked.rows else (scope, asked)
        for scope, asked in pairs
    ]  # fmt: skip
    assert plain_text(words.finding(compared(*pairs))) == said


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (exact(451, 549), exact(520, 480), "+6.9 points"),
        (exact(520, 480), exact(451, 549), "−6.9 points"),
        (exact(4510, 5490), exact(4511, 5489), "no difference"),
        (exact(20, 20), exact(503, 500), "under 1 point higher"),
        (exact(503, 500), exact(20, 20), "under 1 point lower"),
        (exact(9, 11), exact(11, 9), "+10 points"),
        (exact(49, 51), exact(25, 25), "+1 point"),
        (exact(4, 4), exact(9, 9), "no difference"),
        (about(350, 650), exact(451, 549), "about +10 points"),
        (about(450, 550), exact(451, 549), "no clear difference"),
        (exact(1, 1), exact(451, 549), "too few"),
        (exact(0, 0), exact(451, 549), "–"),
    ],
)
def test_a_difference_of_shares_in_a_cell(first, other, said):
    assert plain_text(words.points(differences.points(first, other), first, other)) == said


def test_the_widest_difference_is_the_largest_that_can_be_told():
    # The highest is rounded, and its difference from the lowest could be the rounding; that of the others is exact.
    found = differences.widest([exact(470, 530), about(50, 50), exact(490, 510)])
    assert (found.apart.kind, found.apart.value, {found.one, found.other}) == ("exact", pytest.approx(2.0), {0, 2})
    assert not found.of_all
    found = differences.widest([exact(300, 700), about(40, 60), exact(450, 550)])
    assert (found.apart.kind, found.apart.value, {found.one, found.other}) == ("exact", pytest.approx(15.0), {0, 2})
    assert differences.widest([exact(300, 700), exact(400, 600), exact(450, 550)]).of_all
    assert differences.widest([about(45, 55), about(50, 50), exact(1, 1)]).apart == Apart("no-clear-difference")
    assert differences.widest([exact(1, 1), exact(2, 1)]).apart == Apart("few")
    assert differences.widest([exact(450, 550)]).apart == Apart("none")


def cells(found: facts.Facts, key: str) -> list[str]:
    line = next(line for line in words.table(found) if line.key == key)
    return [plain_text(f"{cell.said} ({cell.detail})" if cell.detail else cell.said) for cell in line.cells]


def test_the_table_has_a_difference_for_each_scope_but_the_first():
    found = compared(of(UNDP, 451, 549), of(UNICEF, 520, 480), rough(KENYA, 350, 650))
    assert cells(found, "women") == ["451", "520", "+69", "about 350", "about −100"]
    assert cells(found, "staff") == ["1,000", "1,000", "0", "about 1,000", "no clear difference"]
    assert cells(found, "share_women") == ["45.1 %", "52.0 %", "+6.9 points", "about 35 %", "about −10 points"]
    assert cells(found, "status") == ["below parity", "at parity", "", "below parity", ""]
    assert cells(found, "index_growth") == ["98 women", "40 men", "", "about 300 women", ""]
    assert cells(found, "index_replacement") == ["49 posts", "20 posts", "", "about 150 posts", ""]
    assert cells(found, "change")[4].startswith("") and "not given for rounded figures" in cells(found, "change")[3]


def test_the_table_says_why_there_is_nothing():
    found = compared(of(UNDP, 1, 0), NONE, of(KENYA, None, None, reason="fewer", fewer_than=5), MISSING)
    assert cells(found, "women") == ["1", "0", "−1", "fewer than 5", "–", "not submitted", "–"]
    assert cells(found, "share_women") == ["100 %", "–", "–", "–", "–", "–", "–"]
    assert cells(found, "status") == ["too few to judge", "–", "", "–", "", "–", ""]
    assert cells(found, "index_replacement") == ["0 posts", "–", "", "–", "", "–", ""]


def test_a_change_is_like_for_like_and_says_of_whom():
    year = [row({"quarter": q, "basis": "previous-year"}, *counts)
            for q, counts in (("2025Q3", (400, 600)), (QUARTER, (430, 570)))]  # fmt: skip
    asked = headline(451, 549, UNDP, *year)
    asked = replace(asked, scope=replace(asked.scope, same_entities={"previous-year": 36}))
    found = side(UNDP, asked)
    cell = words.change(found)
    assert plain_text(cell.said) == "+3.0 points" and plain_text(cell.detail) == "since 2025Q3 (36 comparable entities)"
    few = headline(9, 11, UNDP, *[one._replace(women=w, men=m, staff=w + m) for one, (w, m) in
                                  zip(year, ((10, 10), (9, 11)), strict=True)])  # fmt: skip
    assert plain_text(words.change(side(UNDP, few)).said) == "women −1, men +1"
    carried = replace(asked, scope=replace(asked.scope, carried=("UNDP",), entities=1))
    assert (words.change(side(UNDP, carried)).said, words.change(side(UNDP, carried)).detail) == (
        "–", "figures carried forward",
    )  # fmt: skip
    assert words.change(side(UNDP, headline(451, 549))).detail == "no comparable figure a year before"


def test_parts_of_one_another_have_no_difference_in_heads():
    found = compared(of(select(), 4510, 5490), of(UNDP, 520, 480))
    part = replace(found, within=((found.sides[1], found.sides[0]),), nested=((found.sides[0], found.sides[1]),))
    assert cells(part, "women")[2] == "–" and cells(found, "women")[2] == "−3,990"
    assert cells(part, "share_women")[2] == "+6.9 points"
    assert "B is part of A: everyone counted in B is also counted in A." in words.notes(part)
    both = replace(found, overlapping=((found.sides[0], found.sides[1]),))
    assert any("A and B are not separate groups" in note for note in words.notes(both))


def test_quarters_of_other_entities_say_so():
    found = compared(of(UNDP, 451, 549), of(select("2025Q3"), 440, 560))
    one, other = found.sides
    several = ("A", "B", "C", "D")
    cases = {
        (several, ()): "With figures in 2025Q3 only: 4 entities.",
        ((), ("ITU",)): "With figures in 2026Q3 only: ITU.",
        (("WFP",), ("ITU",)): "in 2025Q3 only: WFP. With figures in 2026Q3 only: ITU.",
    }
    for (gone, new), said in cases.items():
        notes = words.notes(replace(found, spans=(facts.Span(other, one, gone, new, 30, 30),)))
        assert any(said in note and "do not cover the same entities" in note for note in notes), notes
    notes = words.notes(replace(found, spans=(facts.Span(other, one, (), (), 29, 30),)))
    assert any("29 of 30 entities can be compared like for like between 2025Q3 and 2026Q3. The other has" in note
               for note in notes)  # fmt: skip
    notes = words.notes(replace(found, spans=(facts.Span(other, one, ("WFP",), (), 28, 30),)))
    assert any("28 of 30 entities" in note and "The others have" in note for note in notes)
    assert any("in 2025Q3 only: WFP." in note for note in notes)
    notes = words.notes(replace(found, spans=(facts.Span(other, one, (), (), 30, 30),)))
    assert not any("like for like" in note for note in notes)
    assert any("Staff are counted on the last day of each quarter" in note for note in notes)


def test_of_quarters_that_cannot_be_compared_no_difference_is_formed():
    found = compared(of(UNDP, 451, 549), of(select("2025Q3", entity="UNDP"), 440, 560))
    one, other = found.sides
    assert cells(found, "women")[2] == "−11" and cells(found, "share_women")[2] == "−1.1 points"
    broken = replace(found, spans=(facts.Span(other, one, (), (), 0, 1),))
    for key in ("women", "men", "staff", "share_women"):
        assert cells(broken, key)[2] == "not comparable"
    assert words.finding(broken).endswith(": nothing here can be compared like for like between the two quarters")
    assert any("we give no difference, because the one entity they share" in note
               for note in words.notes(broken))  # fmt: skip
    total = list(export.records(broken))[1]
    assert (total["difference"], total["difference_points"]) == ("not-comparable", None)
    assert [total[f"difference_{name}"] for name in ("women", "men", "staff")] == [None] * 3
    # A third scope of the same quarter as the first can be compared with that one alone.
    three = compared(of(UNDP, 451, 549), of(select("2025Q3", entity="UNDP"), 440, 560), of(UNICEF, 520, 480))
    one, other, third = three.sides
    spans = (facts.Span(other, one, (), (), 0, 1), facts.Span(other, third, (), (), 0, 1))
    assert plain_text(words.finding(replace(three, spans=spans))).endswith(": two of them 6.9 points apart")
    assert differences.widest([exact(1, 9), exact(9, 1)], [(0, 1)]).apart == Apart("not-comparable")


def test_a_breakdown_row_by_row():
    counts = {"D-2": (242, 331), "P-4": (6234, 6302)}
    first = side(UNDP, headline(451, 549), "A", breakdown("grade", counts))
    other = side(UNICEF, headline(451, 549), "B", breakdown("grade", {"P-4": (2, 1)}))
    hidden = side(KENYA, headline(451, 549), "C", protected(
        "by_grade", ("grade",), [rounded({"grade": "D-2"}, None, None, reason="fewer", fewer_than=5),
                                 rounded({"grade": "P-4"}, 450, 550)], KENYA))  # fmt: skip
    gone = side(KENYA, headline(451, 549), "D", refused(KENYA))
    choice = choices.Choice(RELEASE, scopes=(UNDP, UNICEF, KENYA, KENYA))
    found = facts.Facts(choice, (first, other, hidden, gone), ("D-2", "P-4"), (), (), (), ())

    def said(code: str) -> list[tuple[str, str, str]]:
        return [
            (plain_text(s.share), plain_text(s.counts), plain_text(s.less)) for s in words.level(found, code).shares
        ]

    assert said("D-2") == [
        ("42.2 %", "242 of 573", ""),
        ("–", "no staff", "–"),
        ("–", "fewer than 5", "–"),
        ("–", "", "–"),
    ]
    assert said("P-4") == [
        ("49.7 %", "6,234 of 12,536", ""), ("67 %", "2 of 3", "too few"),
        ("about 45 %", "about 450 of 1,000", "about −5 points"), ("–", "", "–"),
    ]  # fmt: skip
    assert [words.column(each) for each in found.sides] == ["women", "women", "women", "not shown together in public"]
    assert any("D: Not shown together: Grade and Country team (UNCT)." in note for note in words.breakdown_notes(found))
    assert words.breakdown_title(found) == "Grade by grade"
    two = facts.Facts(choice, (first, hidden), ("D-2", "P-4"), (), (), (), ())
    assert words.breakdown_title(two) == (
        "Grade by grade: of 1 that can be compared, the share of women is clearly higher in C for 0 and in A for 1"
    )


def test_lines_say_what_they_are():
    alone = trend([0.4])
    points = [rounded({"quarter": quarter, "basis": "all"}, 400, 600) for quarter in ("2025Q3", QUARTER)]
    rough_line = protected("trend", ("quarter", "basis"), points, KENYA)
    sides = (
        side(UNDP, headline(451, 549), "A"), side(UNICEF, headline(451, 549), "B"),
        side(KENYA, headline(451, 549), "C", None, rough_line), side(UNDP, headline(451, 549), "D", None, alone),
    )  # fmt: skip
    found = facts.Facts(choices.Choice(RELEASE), sides, (), (), (), (), ())
    notes = words.trend_notes(found)
    assert "A and B compare like with like: the same entities in every quarter since 2017Q4." in notes
    assert "C is rounded. Each quarter counts the entities that have figures for it." in notes
    assert "D has too few quarters with shares for a line." in notes
    ends = words.trend_ends(found)
    assert [end.letter for end in ends] == ["A", "B", "C"]
    assert (plain_text(ends[0].moved), plain_text(ends[2].moved)) == ("+2.0 points", "no clear difference")
    quarters, lines, open_ = facts.trends(sides)
    assert set(lines) == {"a", "b", "c"} and all(len(line) == len(quarters) for line in lines.values())
    # Where rounding leaves a share open, it is drawn: of C alone.
    assert set(open_) == {"c"} and len(open_["c"]) == len(quarters)
    assert open_["c"][-1] == (394 / 1000, 406 / 1000)
    assert open_["c"][0] is None


# -- who is in which --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle(small_dir: Path) -> Oracle:
    release = (small_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    return Oracle(small_dir, release)


@pytest.fixture(scope="module")
def disclosure(small_dir: Path) -> Disclosure:
    return oracle_of(small_dir)


def test_what_is_said_of_parts_and_people_in_common_is_true(inside, oracle):
    """Against every row of the raw submissions."""
    release, dice = inside.release(), random.Random(3)
    staff = [one for one in oracle.staff if one["quarter"] == oracle.quarter]
    names = ("entity", "department", "category", "grade", "unct", "country", "duty_station", "region", "appointment")
    told = {"part": 0, "apart": 0}
    for _ in range(400):
        pair = []
        base = dice.choice(staff)
        for _side in range(2):
            person = base if dice.random() < 0.7 else dice.choice(staff)
            chosen = {name: {person[name], dice.choice(staff)[name]} if dice.random() < 0.2 else {person[name]}
                      for name in dice.sample(names, dice.choice([0, 1, 1, 2]))}  # fmt: skip
            pair.append({name: sorted(codes) for name, codes in chosen.items()})
        one, other = (select(**chosen) for chosen in pair)
        inside_of = [[oracle.lets_through(person, chosen) for person in staff] for chosen in pair]
        if facts.contains(release, one, other):
            told["part"] += 1
            assert not any(there and not here for here, there in zip(*inside_of, strict=True)), (one, other)
        if facts.apart(release, one, other):
            told["apart"] += 1
            assert not any(here and there for here, there in zip(*inside_of, strict=True)), (one, other)
    assert told["part"] > 50 and told["apart"] > 15


@pytest.mark.parametrize(
    ("whole", "part", "within"),
    [
        (select(), select(entity="UNDP"), True),
        (select(category="P"), select(grade="P-4"), True),
        (select(category="PH"), select(grade=["P-4", "D-1"]), True),
        (select(category="GS"), select(grade="P-4"), False),
        (select(unct="KEN"), select(duty_station="KEN-nairobi", grade="P-4"), True),
        (select(entity="UNDP"), select(grade="P-4"), False),
        (select(), select(appointment="TA"), False),
        (select(entity="UNDP"), select(entity="NOPE"), False),
    ],
)
def test_a_part_of_a_whole(inside, whole, part, within):
    assert facts.contains(inside.release(), whole, part) is within


# -- every number -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(small_dir: Path):
    clients = {
        audience: create_app(Settings(data_dir=small_dir, audience=audience)).server.test_client()
        for audience in AUDIENCES
    }

    def get(audience: str, path: str) -> str:
        response = clients[audience].get(path, follow_redirects=True, buffered=True)
        assert response.status_code == 200, response.text[:300]
        return response.get_data(as_text=True)

    return get


def drawn(oracle: Oracle, seed: int) -> tuple[list[tuple[dict[str, list[str]], str]], str]:
    """Two to four scopes such as somebody compares, as (codes, quarter), and what they are broken down by."""
    dice = random.Random(seed)
    found = []
    for _ in range(dice.choice([2, 2, 3, 4])):
        person = dice.choice([one for one in oracle.staff if one["quarter"] == oracle.quarter])
        names = dice.choice([
            (), ("entity",), ("entity", "grade"), ("entity", "unct"), ("unct",), ("unct", "category"), ("region",),
            ("entity", "unct", "grade"), ("age_group",), ("entity", "age_group"), ("grade",), ("country",),
            ("duty_station",), ("headquarters",), ("nationality_region", "grade"), ("unct", "age_group"),
        ])  # fmt: skip
        chosen = {name: [person[name]] for name in names if person[name] not in ("not-reported", "not-applicable")}
        if "unct" in chosen and dice.random() < 0.2:
            chosen["unct"] = sorted({*chosen["unct"], dice.choice(oracle.staff)["unct"]} - {"not-reported"})
        quarter = oracle.quarter if dice.random() < 0.7 else before(oracle.quarter, dice.choice([1, 4]))
        if (chosen, quarter) not in found:
            found.append((chosen, quarter))
    return found, dice.choice(choices.BREAKDOWNS)


def written(scopes, by: str, latest: str) -> str:
    queries = [
        "&".join([*([f"quarter={quarter}"] if quarter != latest else []),
                  *(f"{name}={code}" for name, codes in chosen.items() for code in codes)])
        for chosen, quarter in scopes
    ]  # fmt: skip
    return address(*queries, v_by=by)


def said_of(line: dict[str, str]) -> tuple[int, int] | None:
    return None if line["women"] == "" else (int(line["women"]), int(line["men"]))


def check_row(line: dict[str, str], expected, optional: bool = False) -> None:
    """A line of the file against what the naive rules say of it (None: there is nobody)."""
    counts = said_of(line)
    if expected is None:
        assert counts == (0, 0) and line["reason"] == "nobody", line
        return
    if expected.counts is None:
        assert counts is None or (optional and counts == (0, 0)), line
        assert line["reason"].startswith(("fewer-than", "withheld")) or (optional and line["reason"] == "nobody"), line
        return
    assert counts == expected.counts, (line, expected)
    assert line["protection"] == (EXACT if expected.shown == EXACT else ROUNDED)
    # What rounded numbers are said to stand for holds the truth, and so does a status that is made of them.
    women, men = expected.true
    if expected.shown == ROUNDED:
        assert int(line["women_low"]) <= women <= int(line["women_high"]), (line, expected)
        assert int(line["men_low"]) <= men <= int(line["men_high"]), (line, expected)
    else:
        assert line["women_low"] == line["men_high"] == ""
    if line["status"] and not line["left_out"]:
        assert line["status"] == measures.status(women, men), (line, expected)


def check_difference(line: dict[str, str], first, other) -> None:
    """A difference against the truth: exact ones are it, and "about" at least has its direction."""
    true = [None if one is None else one.true for one in (first, other)]
    if not line["difference"] or None in true:
        assert line["difference_points"] == ""
        return
    (w1, m1), (w2, m2) = true
    for name, apart in (("women", w2 - w1), ("men", m2 - m1), ("staff", w2 + m2 - w1 - m1)):
        told = line[f"difference_{name}"]
        if told and first.shown == other.shown == EXACT:
            assert int(told) == apart
        elif told:
            assert int(told) * apart > 0 and int(told) % 5 == 0
            assert abs(int(told) - apart) <= 2 * POLICY.error * (len(first.parts) + len(other.parts))
    if line["difference"] == "exact":
        assert first.shown == other.shown == EXACT and min(w1 + m1, w2 + m2) >= 5
        assert float(line["difference_points"]) == pytest.approx(100 * (w2 / (w2 + m2) - w1 / (w1 + m1)), abs=1e-3)
    elif line["difference"] == "about":
        assert ROUNDED in (first.shown, other.shown)
        apart = w2 * (w1 + m1) - w1 * (w2 + m2)
        assert apart * float(line["difference_points"]) > 0
        wrong = abs(float(line["difference_points"]) - 100 * apart / ((w1 + m1) * (w2 + m2)))
        assert wrong < (POLICY.error + 1) * (math.sqrt(len(first.parts)) + math.sqrt(len(other.parts)))
    else:
        assert line["difference"] in ("few", "no-clear-difference") and line["difference_points"] == ""


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("seed", range(24))
def test_every_number_of_the_file_and_the_page_is_the_oracles(seed, audience, oracle, disclosure, warehouses, served):
    scopes, by = drawn(oracle, seed)
    query = written(scopes, by, oracle.quarter)
    choice = choices.read(warehouses[audience], query)
    assert not choice.notices and len(choice.scopes) == len(scopes)
    text = served(audience, f"/api/v1/compare.csv?{choice.query()}")
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    totals = [line for line in lines if line["part"] == "total"]
    assert [line["scope"] for line in totals] == list("ABCD"[: len(scopes)])
    wholes = [disclosure.verdict((), chosen, quarter, audience) for chosen, quarter in scopes]
    for line, verdict in zip(totals, wholes, strict=True):
        if verdict.kind == REFUSED:
            assert said_of(line) is None and line["reason"] in ("refused", "withheld"), line
        else:
            check_row(line, verdict.rows.get(()), () in verdict.optional)
        expected = wholes[0].rows.get(()), verdict.rows.get(())
        if line["scope"] != "A":
            check_difference(line, *expected)
        assert line["audience"] == audience and line["release"] == f"{oracle.quarter}-r1"
    # Levels.
    verdicts = [disclosure.verdict((by,), chosen, quarter, audience) for chosen, quarter in scopes]
    levels: dict[str, dict[str, dict[str, str]]] = {}
    for line in (line for line in lines if line["part"] == "level"):
        levels.setdefault(line["code"], {})[line["scope"]] = line
    for code, of_scopes in levels.items():
        for letter, line in of_scopes.items():
            verdict = verdicts["ABCD".index(letter)]
            if verdict.kind == REFUSED:
                assert said_of(line) is None and line["reason"] == "refused"
                continue
            check_row(line, verdict.rows.get((code,)), (code,) in verdict.optional)
            if letter != "A":
                check_difference(line, verdicts[0].rows.get((code,)), verdict.rows.get((code,)))
    for verdict in verdicts:
        for key, expected in verdict.rows.items():
            if expected.counts and sum(expected.counts):
                assert key[0] in levels, (key, by)
    check_trends([line for line in lines if line["part"] == "trend"], scopes, oracle, disclosure, audience)
    check_page(served(audience, f"/compare?{choice.query()}"), totals, levels)


def check_trends(lines, scopes, oracle: Oracle, disclosure: Disclosure, audience: str) -> None:
    for line in lines:
        chosen, now = scopes["ABCD".index(line["scope"])]
        verdict = disclosure.verdict((), chosen, line["quarter"], audience)
        if verdict.kind == EXACT:
            entities, quarters = oracle.told(now, chosen) if line["basis"] == "same-entities" else (None, [])
            assert entities is None or line["quarter"] in quarters, line
            assert said_of(line) == oracle.total(chosen, line["quarter"], entities), line
        elif said_of(line) is not None:
            assert line["basis"] == "all" and said_of(line) == verdict.rows[()].counts, line


def plain_html(markup: str) -> str:
    said = html.unescape(re.sub(r"<[^>]*>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(said.split())


def body(page: str, name: str) -> list[list[str]]:
    """Cells of the body of a table, in words; drawings are empty."""
    found = re.search(rf'<table class="{name}.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    if not found:
        return []
    return [
        [plain_html(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL)]
        for line in re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    ]


def check_page(page: str, totals, levels) -> None:
    """The tables of the page say what the file says."""
    table = {line[0].split(" more for")[0].split(" posts to")[0]: line[1:] for line in body(page, "measures")}
    # The first scope has one column, each other its own and its difference.
    places = [0, *range(1, 2 * len(totals) - 1, 2)]
    for total, place in zip(totals, places, strict=True):
        counts = said_of(total)
        for name, column in (("Women", "women"), ("Men", "men"), ("Staff", "staff")):
            said = table[name][place]
            if counts is None:
                assert not re.search(r"\d{2}", said.replace("fewer than 12", "")), said
            else:
                expected = f"{int(total[column]):,}"
                assert said == (expected if total["protection"] == EXACT else f"about {expected}")
        if place:
            said, points = table["Share of women"][place + 1], total["difference_points"]
            if points and said.startswith("under 1 point"):
                assert 0 < abs(float(points)) < 1 and said.endswith("more" if float(points) > 0 else "less")
            elif points:
                number = re.search(r"\d+(\.\d+)?", said)
                assert (number is None) == (said == "no difference")
                assert number is None or abs(float(number[0]) - abs(float(points))) <= 0.51
                assert ("−" in said) == (float(points) < 0) or number is None
            else:
                assert said in ("–", "too few", "no clear difference")
    rows = body(page, "levels")
    assert len(rows) == len(levels)
    for cells, of_scopes in zip(rows, levels.values(), strict=True):
        for place, line in zip([2, *range(3, 2 * len(totals) + 1, 2)], of_scopes.values(), strict=True):
            counts = said_of(line)
            if counts and sum(counts):
                women, staff = f"{counts[0]:,}", f"{sum(counts):,}"
                about_ = "about " if line["protection"] == ROUNDED else ""
                assert cells[place].endswith(f"{about_}{women} of {staff}"), (cells, line)
            else:
                assert not re.search(r"\d of \d", cells[place])


def test_changes_in_a_year_are_the_oracles(inside, oracle, served):
    text = served("internal", "/api/v1/compare.csv?s=&s=entity%3DUNDP&s=grade%3DP-4")
    then = before(oracle.quarter, 4)
    same = oracle.same(oracle.quarter, then)
    told = 0
    scopes = ({}, {"entity": ["UNDP"]}, {"grade": ["P-4"]})
    for line, chosen in zip(csv.DictReader(io.StringIO(text, newline="")), scopes, strict=False):
        if not line["change_since"]:
            continue
        told += 1
        now, earlier = oracle.total(chosen, oracle.quarter, same), oracle.total(chosen, then, same)
        assert line["change_since"] == then
        assert (int(line["change_women"]), int(line["change_men"])) == (now[0] - earlier[0], now[1] - earlier[1])
    assert told
    choice = choices.read(inside, "s=&s=entity%3DUNDP")
    assert [record["part"] for record in export.records(facts.gather(inside, choice))][:2] == ["total", "total"]
