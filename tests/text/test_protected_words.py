"""What is said of figures that are rounded, too few to show, withheld or refused."""

from dataclasses import replace

import pytest
from answers import KENYA, MIXED, answer, headline, protected, refused, rounded, row
from babel import Locale

from dashboard import text
from dashboard.answer import Row
from dashboard.selection import select


def plain(sentence: str) -> str:
    return sentence.replace("\N{NO-BREAK SPACE}", " ")


def now(*rows: Row, selection=KENYA, **more):
    return protected("headline", ("quarter", "basis"), rows, selection, tables=("unct",), **more)


def at(quarter: str, women: int | None, men: int | None, **more) -> Row:
    return rounded({"quarter": quarter, "basis": "all"}, women, men, **more)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (at("2026Q3", 45, 75),
         "About 45 of about 120 staff in Kenya are women (about 38 %): below parity"),
        # From 47 % to 53 % and a little more: at parity, or above it.
        (at("2026Q3", 60, 55), "About 60 of about 115 staff in Kenya are women (about 52 %)"),
        (at("2026Q3", 500, 500), "About 500 of about 1,000 staff in Kenya are women (about 50 %): parity"),
        (at("2026Q3", 5, 35), "About 5 of about 40 staff in Kenya are women: below parity"),
        (at("2026Q3", 10, 5), "About 10 of about 15 staff in Kenya are women"),
        (at("2026Q3", None, None, reason="fewer", fewer_than=5), "Staff in Kenya: fewer than 5"),
        (at("2026Q3", None, None, reason="withheld"),
         "Staff in Kenya: not shown, to protect individuals"),
    ],
)  # fmt: skip
def test_the_headline_of_protected_figures(row: Row, said: str):
    asked = now(row)
    assert plain(text.headline(asked, None, KENYA)) == said
    line = plain(text.headline_scope(asked))
    assert "About" in line or "total not shown" in line


def test_changes_that_rounding_could_make_are_no_clear_changes():
    asked = now(at("2026Q3", 45, 75), at("2026Q2", 35, 65), at("2025Q3", 30, 60))
    women, men, share, index = text.figures(asked)
    assert [plain(detail) for detail in women.details] == ["no clear change since 2026Q2", "about +15 since 2025Q3"]
    assert [plain(detail) for detail in men.details] == ["no clear change since 2026Q2", "about +15 since 2025Q3"]
    assert (plain(women.value), plain(share.value), plain(index.value), index.unit) == (
        "about 45", "about 38 %", "about 30", "women",
    )  # fmt: skip
    few = text.figures(now(at("2026Q3", 10, 5)))
    assert few[2].value == "–" and few[2].details == ("shown from about 50 staff",)
    assert (few[3].value, few[3].details, few[3].unit) == (
        "not clear", ("rounding hides whether women or men are fewer",), "",
    )  # fmt: skip


def test_a_sum_that_leaves_out_others_than_before_has_no_clear_change():
    asked = now(at("2026Q3", 45, 75, left_out=("unct=KEN",)), at("2025Q3", 5, 5))
    assert text.figures(asked)[0].details == ("no clear change since 2025Q3",)


def test_of_an_index_it_is_said_whom_it_counts_only_where_that_is_clear():
    assert plain(text.index(rounded({"grade": "P-4"}, 45, 75))) == "about 30 women"
    assert plain(text.index(rounded({"grade": "P-4"}, 75, 45))) == "about 30 men"
    # Both may be 63 and 57, or 57 and 63.
    assert text.index(rounded({"grade": "P-4"}, 65, 55)) == "not clear"
    assert plain(text.index(rounded({"grade": "P-4"}, 70, 55))) == "about 15 men"


@pytest.mark.parametrize(
    ("women", "men", "said"),
    [
        (45, 75, "about 38 %; between 32 % and 43 %"),
        # Twelve hundred people: a share is known to less than a point.
        (600, 600, "about 50 %; between 49 % and 51 %"),
    ],
)
def test_a_rounded_share_says_between_which_it_may_be(women: int, men: int, said: str):
    row = rounded({"grade": "P-4"}, women, men)
    assert plain(text.with_range(row, text.share(row))) == said
    exact = at("2026Q3", women, men)._replace(possible=None)
    assert text.with_range(exact, "x") == "x"


def test_a_rounded_share_does_not_contradict_its_status():
    # 46.6 %: clearly below the band, and "about 47 %" would be in it.
    row = rounded({"grade": "P-4"}, 2330, 2670)
    assert row.status == "below" and plain(text.share(row)) == "about 46.6 %"


def test_rounded_rows_say_about_and_why_there_is_no_status():
    p4, p3 = MIXED.rows[3], MIXED.rows[4]
    assert [plain(text.count(p4, name)) for name in ("women", "men", "staff")] == ["about 45", "about 75", "about 120"]
    assert plain(text.share(p4)) == "about 38 %" and text.share(p3) == "–"
    assert plain(text.counts(p3)) == "about 10 of 15"
    assert plain(text.index(p3)) == "not clear"
    assert text.judged(MIXED, p4) == "below parity"
    assert text.judged(MIXED, p3) == "status not clear from rounded figures"
    assert text.judged(MIXED, p3, under_heading=True) == "not clear"
    part = rounded({"grade": "P-4"}, 45, 75, left_out=("unct=ALB",))
    assert text.judged(MIXED, part) == "no status, because the sum leaves some out"
    assert text.judged(MIXED, part, under_heading=True) == "none for a sum"


def test_too_few_has_one_wording_and_one_place():
    few, withheld = MIXED.rows[0], MIXED.rows[1]
    assert plain(text.why(few)) == "fewer than 5"
    assert text.why(withheld) == "not shown, to protect individuals"
    several = few._replace(left_out=("unct=KEN", "unct=ALB"))
    assert plain(text.why(several)) == "fewer than 5 each"
    places = [text.place(row) for row in (MIXED.rows[3], few, withheld, MIXED.rows[2])]
    assert places == sorted(places) and len(set(places)) == 4


def test_a_sum_names_whom_it_leaves_out():
    row = rounded({"grade": "P-4"}, 10, 10, left_out=("unct=KEN grade=P-4",))
    said = plain(text.left_out(MIXED, row))
    assert said.startswith("without Kenya (fewer than 5")
    whole = rounded({"quarter": "2026Q3", "basis": "all"}, 10, 10, left_out=("grade=P-4 unct=KEN",))
    assert plain(text.left_out(MIXED, whole)).startswith("without P-4 staff in Kenya (fewer than 5")


def test_sums_of_rounded_parts_are_told_by_their_range():
    rows = [rounded({"grade": "P-4"}, 45, 75), rounded({"grade": "D-2"}, 40, 40), rounded({"grade": "P-3"}, 5, 5)]
    several = protected("by_grade", ("grade",), rows, select(unct=["KEN", "ALB"]))
    assert plain(text.breakdown_title(several)) == "P-4: about 38 % women, below parity"
    assert plain(text.breakdown_title(replace(several, rows=several.rows[:1]))) == "P-4: about 38 % women, below parity"
    assert (
        text.breakdown_title(replace(several, rows=several.rows[2:]))
        == "Rounded figures do not show whether women are at parity here"
    )


def test_what_is_withheld_is_not_said_to_be_few():
    few = rounded({"grade": "D-2"}, None, None, reason="fewer", fewer_than=5)
    held = rounded({"grade": "D-1"}, None, None, reason="withheld")
    assert text.empty_title(protected("by_grade", ("grade",), [few], KENYA)) == "Too few staff to show"
    assert (
        text.empty_title(protected("by_grade", ("grade",), [few, held], KENYA)) == "Not shown, to protect individuals"
    )
    # Beside two people at a grade, a grade that is not shown may be of any size.
    exact_few = [row({"grade": "P-1"}, 1, 1), held]
    said = text.breakdown_title(protected("by_grade", ("grade",), exact_few, KENYA))
    assert said == "Rounded figures do not show whether women are at parity here"


def test_the_status_line_says_that_a_sum_leaves_some_out():
    part = now(at("2026Q3", 45, 75, left_out=("unct=ALB",)))
    assert plain(text.said(part)[0]) == (
        "38 entities, about 120 staff, about 38 % women (without groups that are not shown)"
    )
    assert "without" not in text.said(now(at("2026Q3", 45, 75)))[0]


def test_titles_say_about():
    assert plain(text.breakdown_title(MIXED)) == "P-4: about 38 % women, below parity"
    series = [at("2025Q3", 20, 40), at("2026Q3", 35, 40)]
    moved = protected("trend", ("quarter", "basis"), [at("2025Q3", 55, 100), series[1]], KENYA)
    assert plain(text.trend_title(moved)) == "No clear change since 2025Q3: women are about 47 %"
    far = protected("trend", ("quarter", "basis"), [at("2025Q3", 50, 100), at("2026Q3", 100, 100)], KENYA)
    assert plain(text.trend_title(far)) == "Women were about 33 % in 2025Q3 and are about 50 % in 2026Q3"
    before = protected("trend", ("quarter", "basis"), [at("2025Q2", 50, 100), at("2025Q3", 50, 100)], KENYA)
    assert plain(text.trend_title(before)) == "No clear change from 2025Q2 to 2025Q3: women were about 33 %"
    still = protected("trend", ("quarter", "basis"), [series[1]._replace(keys=series[0].keys), series[1]], KENYA)
    assert plain(text.trend_title(still)) == "No clear change since 2025Q3: women are about 47 %"


def test_notes_say_what_was_done_and_where_it_does_not_add_up():
    said = " ".join(plain(sentence) for sentence in text.notes(MIXED))
    assert "women and men are each rounded to about the nearest 5, and may be off by up to 6" in said
    assert "Small differences and small changes mean nothing" in said
    assert "sum of several" not in said
    several = replace(MIXED, rows=(rounded({"grade": "P-4"}, 45, 75, parts=2), *MIXED.rows[4:]))
    assert "Sums of several groups may be off by more." in plain(text.rounded_note(several))
    assert "For groups of fewer than 5, we show no counts" in said
    assert "2 grades have no status, because rounding leaves it open." in said
    assert "Parts may not add up to the total" in said
    assert "whatever their size" in said
    person = replace(MIXED, tables=("age_group+grade",))
    assert "For groups of fewer than 12" in plain(text.rounded_note(person))
    series = protected("trend", ("quarter", "basis"), [at("2025Q3", 35, 40), at("2026Q3", 35, 40)], KENYA)
    said = " ".join(text.notes(series))
    assert "these change over time" in said and "add up" not in said
    assert not text.protection_notes(answer("by_grade", ("grade",), ()))


REASONS = ("resident-coordinators", "several-personal", "personal-by-place", "several-places", "place-bound",
           "too-many-parts", "not-listed")  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_every_refusal_says_which_and_why(reason: str):
    asked = refused(select(unct="KEN", nationality="KEN"), KENYA, reason=reason)
    said = text.refused(asked)
    assert said.startswith("Not shown together: Grade, Country team (UNCT) and Nationality. ")
    others = [text.refused(refused(KENYA, reason=other)).partition(". ")[2] for other in REASONS if other != reason]
    assert said.partition(". ")[2] not in others
    assert text.headline(asked) == "These filters cannot be combined"
    assert said in text.summary(asked, "x") and said in text.notes(asked)


def test_answers_near_a_refused_one_are_links_of_the_view():
    asked = refused(select(unct="KEN", nationality="KEN"), KENYA.pinned("2026Q3-r1", "2026Q3"))
    (near,) = text.nearest(asked, select())
    assert near.text == "Without the filter Nationality: staff in Kenya"
    assert near.query == "unct=KEN"
    assert text.nearest(asked)[0].query == "release=2026Q3-r1&quarter=2026Q3&unct=KEN"


def test_what_leaves_names_its_audience():
    exact = headline(45, 75)
    assert text.scope_line(exact, leaving=True).endswith("Internal: not for public release")
    public = replace(exact, scope=replace(exact.scope, audience="public"))
    assert text.scope_line(public, leaving=True).endswith("Public figures, protected: see /methods#disclosure")
    assert "rounded to protect individuals" in plain(text.scope_line(MIXED))


def test_the_text_alternative_counts_what_is_hatched():
    assert plain(text.summary(MIXED, "Title")).endswith("1 row is hatched: fewer than 5.")


@pytest.mark.parametrize("language", ["fr", "ar", "ru", "zh", "es"])
def test_protected_words_follow_the_locale(language: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(text, "get_locale", lambda: Locale(language))
    assert text.notes(MIXED) and text.breakdown_title(MIXED) and text.refused(refused(KENYA))
    assert text.ngettext("%(count)s row", "%(count)s rows", 2, count="2") in ("2 row", "2 rows")


def test_left_out_members_without_a_name_stay_codes():
    row = rounded({"grade": "P-4"}, 10, 10, left_out=("something",))
    assert "something" in text.left_out(MIXED, row)
