import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from answers import LABELS, LADDER, answer, breakdown, headline, row, trend
from babel import Locale

from dashboard import text
from dashboard.answer import Note
from dashboard.selection import select


@pytest.mark.parametrize(
    ("women", "men", "printed"),
    [
        (0, 0, "–"),
        (21, 22, "49 %"),
        (9, 14, "39 %"),
        (11, 11, "50 %"),
        (469, 531, "46.9 %"),
        (20353, 19721, "50.8 %"),
        (7, 8, "47 %"),
        (41, 46, "47 %"),
        (4696, 5304, "46.96 %"),  # one decimal would print 47.0 % for what is below parity
        (53004, 46996, "53.00 %"),
        (1, 0, "100 %"),
    ],
)
def test_shares_print_as_the_counts_allow(women: int, men: int, printed: str):
    assert text.percent(women, men) == printed.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("value", "printed"),
    [(1.0, "100 %"), (0.0, "0 %"), (0.99999, "99.9 %"), (0.00001, "0.1 %"), (0.9823, "98.2 %"), (None, "–")],
)
def test_all_is_said_of_all_only(value: float | None, printed: str):
    assert text.fraction(value) == printed.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("value", "printed"), [(0.31, "+0.3 points"), (-1.06, "−1.1 points"), (0.04, "no change"), (None, "–")]
)
def test_changes_have_their_sign(value: float | None, printed: str):
    assert text.points(value).replace("\N{NO-BREAK SPACE}", " ") == printed


def test_head_counts_and_dates_are_unambiguous():
    assert text.number(20353) == "20,353"
    assert [text.signed(value) for value in (212, -40, 0)] == ["+212", "−40", "0"]
    assert text.date(dt.date(2026, 9, 30)) == "30 Sep 2026"


def plain(sentence: str) -> str:
    return sentence.replace("\N{NO-BREAK SPACE}", " ")


PH = select(category="PH")


@pytest.mark.parametrize(
    ("women", "men", "selection", "said"),
    [
        (20353, 19721, PH, "Women are 50.8 % of Professional and higher staff: parity"),
        (41, 59, select(), "Women are 41.0 % of staff in the United Nations system: below parity"),
        (600, 400, select(entity="UNDP"), "Women are 60.0 % of staff of UNDP: above the parity band"),
        (9, 14, select(entity="UNDP", unct="KEN", grade="P-4"),
         "9 of 23 P-4 staff of UNDP in Kenya are women (39 %): below parity"),
        (1, 9, select(grade="P-4"), "1 of 10 P-4 staff is a woman (10 %): below parity"),
        (1, 0, select(grade="P-4"), "One woman and no men among P-4 staff"),
        (0, 1, select(grade="P-4"), "One man and no women among P-4 staff"),
        (1, 2, select(grade="P-4"), "1 woman and 2 men among P-4 staff: too few to judge parity"),
        (2, 1, select(grade="P-4"), "2 women and 1 man among P-4 staff: too few to judge parity"),
        (2, 2, select(grade="P-4"), "2 women and 2 men among P-4 staff: too few to judge parity"),
        (0, 7, select(grade="P-4"), "No women among the 7 P-4 staff"),
        (7, 0, select(grade="P-4"), "All 7 P-4 staff are women"),
        (21, 21, select(entity=["UNDP", "WFP"]), "As many women as men among staff of UNDP and WFP: 21 each"),
        (4696, 5304, select(), "Women are 46.96 % of staff in the United Nations system: below parity"),
        (50, 60, select(entity=["A", "B", "C", "D"], age_group="30-34"),
         "Women are 45.5 % of staff of 4 entities (age group: 30 to 34): below parity"),
    ],
)  # fmt: skip
def test_the_headline_is_true_in_every_case(women: int, men: int, selection, said: str):
    assert plain(text.headline(headline(women, men, selection), None, selection)) == said


def test_parity_overall_names_what_it_hides():
    women, men = (sum(pair[place] for pair in LADDER.values()) for place in (0, 1))
    by_grade = breakdown("grade", LADDER)
    said = plain(text.headline(headline(women, men, PH), by_grade, PH))
    assert said == ("Women are 50.8 % of Professional and higher staff: parity overall, but not from P-5 to D-2")
    one = breakdown("grade", LADDER | {"D-1": (900, 900), "P-5": (3400, 3400)})
    assert "but not at D-2" in text.headline(headline(women, men, PH), one, PH)
    scattered = breakdown("grade", LADDER | {"D-1": (900, 900)})
    assert "but below it at 2 of 8 grades" in text.headline(headline(women, men, PH), scattered, PH)
    none = breakdown("grade", {"P-4": (500, 500), "P-3": (500, 500)})
    assert text.headline(headline(1000, 1001, PH), none, PH).endswith(": parity")


def test_nobody_and_unknown_codes_are_said_in_words():
    assert text.headline(answer("headline", ("quarter", "basis"), ())) == "No staff match these filters"
    assert text.headline(headline(0, 0)) == "No staff match these filters"
    note = Note("unknown-code", {"dimension": "grade", "value": "P-9"})
    said = text.headline(answer("headline", ("quarter", "basis"), (), notes=[note]))
    assert said == "Nothing to show: Grade “P-9” is not known in release 2026Q3-r1."


def test_the_four_figures_compare_like_with_like():
    then = [
        row({"quarter": "2026Q2", "basis": "previous-quarter"}, 400, 520),
        row({"quarter": "2026Q3", "basis": "previous-quarter"}, 410, 500),
        row({"quarter": "2025Q3", "basis": "previous-year"}, 380, 520),
        row({"quarter": "2026Q3", "basis": "previous-year"}, 410, 500),
    ]
    women, men, share, index = text.figures(headline(410, 590, None, *then, other=15))
    assert (women.value, women.details) == ("410", ("+10 since 2026Q2",))
    assert (men.value, men.details) == ("590", ("−20 since 2026Q2",))
    assert plain(share.value) == "41.0 %"
    assert plain(share.details[0]) == "+1.6 points since 2026Q2, +2.8 points in a year (like for like)"
    assert plain(share.details[1]) == "about 15 recorded as other or not disclosed are not in the share"
    assert (index.value, index.unit) == ("180", "women")
    assert index.details == ("needed for equal numbers, or 90 posts filled by women instead of men",)


def test_without_anything_comparable_no_change_is_made_up():
    women, _men, share, _index = text.figures(headline(410, 590))
    assert women.details == ("no comparable figure for the quarter before",)
    assert share.details == ("no comparable earlier figure",)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        (LADDER, "P-5, D-1 and D-2 are below parity, D-2 furthest at 42.2 %"),
        ({"P-4": (50, 50), "P-3": (50, 51)}, "P-4 and P-3 are at parity"),
        ({"P-4": (60, 40), "P-3": (50, 50)}, "None is below parity; P-4 is furthest above it, at 60.0 %"),
        ({"P-4": (30, 70), "P-3": (50, 50)}, "Only P-4 is below parity, at 30.0 %"),
        ({"P-4": (2, 1)}, "Too few staff to judge parity"),
        ({"P-4": (9, 14)}, "P-4: 9 of 23 are women, below parity"),
        ({}, "Nobody matches these filters"),
        ({"P-4": (0, 0)}, "Nobody matches these filters"),
        ({f"P-{n}": (400, 600) for n in range(1, 6)} | {"D-1": (0, 6)},
         "All 6 grades are below parity"),
        ({f"P-{n}": (400 - n, 600) for n in range(1, 6)} | {"D-1": (0, 6), "D-2": (5, 5)},
         "6 of 7 grades are below parity; of the larger ones, P-5 is furthest, at 39.7 %"),
        ({f"P-{n}": (400, 600) for n in range(1, 3)} | {"P-3": (450, 550), "P-4": (450, 550), "D-1": (0, 6)},
         "All 5 grades are below parity; of the larger ones, P-1 and P-2 are furthest, at 40.0 %"),
        ({"P-4": (30, 70), "P-3": (30, 70), "P-2": (50, 50)},
         "P-3 and P-4 are below parity, P-4 and P-3 furthest at 30.0 %"),
        ({"P-4": (60, 40), "P-3": (60, 40), "P-2": (50, 50)},
         "None is below parity; P-4 is among those above it, at 60.0 %"),
    ],
)  # fmt: skip
def test_a_breakdown_is_titled_by_its_finding(counts: dict, said: str):
    assert plain(text.breakdown_title(breakdown("grade", counts))) == said


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ([0.442, 0.46, 0.48, 0.508], "Up 6.6 points since 2017Q4; within the parity band since 2018Q2"),
        ([0.44, 0.43, 0.42], "Down 2.0 points since 2017Q4; below the parity band throughout"),
        ([0.5, 0.5], "No change since 2017Q4; within the parity band throughout"),
        ([0.5], "2017Q4: 50.0 % women"),
        ([], "Nobody matches these filters"),
    ],
)
def test_a_trend_is_titled_by_how_far_it_came(shares: list[float], said: str):
    assert plain(text.trend_title(until_its_end(trend(shares)))) == said


def until_its_end(answer):
    last = answer.rows[-1].keys["quarter"] if answer.rows else answer.scope.quarter
    return replace(answer, scope=replace(answer.scope, quarter=last))


def test_a_trend_of_a_few_people_is_told_in_counts():
    assert text.trend_title(until_its_end(trend([0.4, 0.6], staff=10))) == "Women: 4 of 10 in 2017Q4, 6 of 10 in 2018Q1"


def test_a_trend_that_stops_before_the_quarter_says_so():
    found = trend([0.44, 0.46])
    assert plain(text.trend_title(found)) == (
        "Up 2.0 points since 2017Q4, until 2018Q1: the last quarter with staff here"
    )
    for count, said in ((1, "the last quarter it reported in full"),
                        (3, "the last quarter any of them reported in full")):  # fmt: skip
        gone = replace(found, scope=replace(found.scope, series={}, entities_expected=count))
        assert plain(text.trend_title(gone)) == f"Up 2.0 points since 2017Q4, until 2018Q1: {said}"


def test_what_was_not_submitted_is_no_zero():
    nothing = answer("headline", ("quarter", "basis"), (), entities=0, entities_expected=1, not_submitted=("UNU",))
    assert text.headline(nothing) == "No figures for 2026Q3: not submitted by UNU"
    assert text.empty_title(nothing) == "Not submitted for this quarter"
    assert "a gap in the data, not a zero" in text.note_sentence(Note("nothing-matches"), nothing)
    assert "not submitted" in text.headline_scope(nothing)


def test_a_change_over_fewer_entities_than_its_figure_says_over_how_many():
    then, now = ({"quarter": quarter, "basis": "previous-quarter"} for quarter in ("2026Q2", "2026Q3"))
    more = (row(now, 380, 390), row(then, 400, 420))
    told = headline(400, 410, None, *more)
    told = replace(told, scope=replace(told.scope, entities=37, same_entities={"previous-quarter": 33}))
    women, _men, share, _index = text.figures(told)
    assert plain(women.details[0]).endswith("20 since 2026Q2 (33 comparable entities)")
    assert "(33 comparable entities)" in share.details[0]


def test_parity_by_one_person_and_those_not_judged_are_explained():
    found = text.notes(breakdown("grade", {"P-4": (5, 6), "P-3": (500, 500), "D-1": (1, 1)}))
    assert "1 grade has fewer than 5 staff and gets no status." in found
    assert "P-4 counts as at parity: the difference is one person." in found


def test_resident_coordinators_have_a_name_in_sentences():
    coordinators = select(rc=["yes"], headquarters=["non-hq"])
    assert text.who(coordinators, LABELS) == (
        "Resident Coordinators in the United Nations system (outside headquarters)"
    )


def test_one_person_in_a_group_is_told_as_one_person():
    told = breakdown("headquarters", {"hq": (1, 0), "non-hq": (2, 5)})
    assert text.headquarters_title(told) == "Women are 1 of 1 at headquarters, 2 of 7 elsewhere"


def test_headquarters_and_coverage_titles():
    both = breakdown("headquarters", {"hq": (51, 49), "non-hq": (452, 548)})
    assert plain(text.headquarters_title(both)) == "Women are 51.0 % at headquarters, 45.2 % elsewhere"
    here = breakdown("headquarters", {"hq": (51, 49)})
    assert plain(text.headquarters_title(here)) == "All staff are at headquarters: 51.0 % women"
    states = [row({"entity": code}, 5, 5, state=state) for code, state in (("UNDP", "reported"), ("WFP", "carried"))]
    said = text.coverage_title(answer("coverage", ("entity",), states, share_reported=0.982))
    assert plain(said) == "1 of 2 entities have reported, with 98.2 % of staff"
    assert text.coverage_title(answer("coverage", ("entity",), states[:1])) == (
        "The one entity in this selection has reported"
    )


def test_the_scope_says_who_when_and_whence_and_what_leaves_the_page_says_more():
    asked = breakdown("grade", LADDER, selection=select(entity="UNDP"))
    line = plain(text.scope_line(asked))
    assert line == (
        "Staff on appointments of one year or more · 30 Sep 2026 · 38 entities · 2026Q3-r1 · demonstration data"
    )
    leaving = plain(text.scope_line(asked, leaving=True))
    assert "Entity: UNDP" in leaving and leaving.endswith("demonstration data · Internal: not for public release")
    cited = plain(text.citation(asked, "Title", "/?release=2026Q3-r1", dt.date(2026, 11, 20)))
    for part in ("Title", "2026Q3-r1", "Entity: UNDP", "30 Sep 2026", "Demonstration data", "accessed 20 Nov 2026"):
        assert part in cited


def test_notes_have_a_sentence_for_every_code():
    notes = [
        Note("unknown-code", {"dimension": "entity", "value": "X"}),
        Note("not-collected", {"dimension": "age_group"}),
        Note("filter-ignored", {"dimension": "grade"}),
        Note("nothing-matches"),
        Note("carried", {"entities": ("UPU", "WMO")}),
        Note("not-submitted", {"entities": ("UNU",)}),
        Note("incomplete-dimension", {"dimension": "nationality", "share": 0.98}),
    ]
    said = [plain(sentence) for sentence in text.notes(answer("by_grade", ("grade",), (), notes=notes))]
    assert len(said) == len(notes)
    assert said[4] == "Carried forward from an earlier quarter: UPU and WMO (2 entities)."
    assert said[6] == "Nationality is known for 98.0 % of staff."
    country = answer("by_grade", ("grade",), (), select(unct="KEN"))
    assert "including those of headquarters and regional offices" in text.notes(country)[0]


def test_reasons_flags_and_statuses_all_have_words_of_their_own():
    from dashboard.answer import FLAGS, REASONS

    for words, codes in (
        (text.reason, REASONS),
        (text.flag, FLAGS),
        (text.status, ("below", "parity", "above", "few")),
    ):
        said = [words(code) for code in codes]
        assert all(said) and len(set(said)) == len(said)


def test_chips_take_one_filter_off():
    chips = text.chips(select(entity=["UNDP", "WFP"], category="PH", unct="KEN"), LABELS)
    assert [chip.text for chip in chips] == [
        "Entity: UNDP",
        "Entity: WFP",
        "Category: Professional and higher",
        "Country team (UNCT): Kenya",
    ]
    assert chips[0].name == "Remove filter Entity: UNDP"
    assert [(chip.key, chip.code) for chip in chips][:3] == [("entity", "UNDP"), ("entity", "WFP"), ("category", "PH")]
    many = text.chips(select(entity=[f"E{n}" for n in range(9)]), LABELS)
    assert [(chip.text, chip.key, chip.code) for chip in many] == [("Entity: 9 chosen", "entity", "")]


@pytest.mark.parametrize("language", ["fr", "ar", "ru", "zh", "es"])
def test_numbers_and_lists_follow_the_locale(language: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text, "get_locale", lambda: Locale(language))
    calls: list[Callable[[], str]] = [
        lambda: text.number(1234567),
        lambda: text.percent(508, 492),
        lambda: text.date(dt.date(2026, 9, 30)),
        lambda: text.joined(["A", "B", "C"]),
        lambda: text.headline(headline(508, 492)),
        lambda: text.breakdown_title(breakdown("grade", LADDER)),
    ]
    assert all(call() for call in calls)
    if language == "fr":
        assert text.percent(508, 492).startswith("50,8")
