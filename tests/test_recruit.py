"""Before you recruit: its arithmetic, its ladder, and every number on its page against the naive oracles."""

from __future__ import annotations

import html
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from answers import KENYA, protected, rounded
from disclosure_oracle import EXACT, REFUSED, ROUNDED, Disclosure, oracle_of
from oracle import Oracle, before

from dashboard import measures
from dashboard.disclosure.policy import load as load_policy
from dashboard.factory import create_app
from dashboard.recruit import choice as choices
from dashboard.recruit import facts as fact
from dashboard.recruit import words
from dashboard.settings import AUDIENCES, Settings
from dashboard.warehouse import Warehouse

# -- arithmetic -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "appointed", "leaving", "after"),
    [
        ((9, 14), "women", None, (10, 14)),
        ((9, 14), "men", None, (9, 15)),
        ((9, 14), "women", "men", (10, 13)),
        ((9, 14), "men", "men", (9, 14)),
        ((9, 14), "women", "women", (9, 14)),
        ((9, 14), "men", "women", (8, 15)),
        ((0, 3), "women", "women", None),
        ((0, 0), "men", None, (0, 1)),
    ],
)
def test_the_balance_after_an_appointment(counts, appointed, leaving, after):
    assert measures.after_appointment(*counts, appointed, leaving) == after


def test_people_who_joined_or_left_since():
    assert measures.with_entries(9, 14, (1, 0), (0, 2)) == (10, 12)
    assert measures.with_entries(1, 14, (0, 0), (2, 0)) is None
    with pytest.raises(ValueError, match="negative"):
        measures.with_entries(1, 1, (-1, 0), (0, 0))


@pytest.mark.parametrize(("posts", "women", "staff", "portion"), [(3, 9, 23, 1), (1, 1, 2, 1), (10, 41, 100, 4),
                                                                  (5, 0, 7, 0), (5, 7, 7, 5)])  # fmt: skip
def test_a_portion_is_of_whole_people(posts, women, staff, portion):
    assert measures.portion(posts, women, staff) == portion


def test_vacancies_of_posts_that_are_held_keep_the_size():
    # Of 9 women and 14 men one woman and two men leave.
    assert measures.after_vacancies(9, 14, 3, 3) == (11, 12)
    assert measures.after_vacancies(9, 14, 3, 0) == (8, 15)
    assert measures.after_vacancies(9, 14, 3, 3, held=False) == (12, 14)
    assert measures.after_vacancies(1, 1, 3, 0) is None
    for women in range(7):
        for men in range(7):
            for posts in range(women + men + 1):
                for appointed in range(posts + 1):
                    after = measures.after_vacancies(women, men, posts, appointed)
                    assert after is not None and min(after) >= 0 and sum(after) == women + men


def test_the_worked_example_of_the_measures():
    # 41 women and 59 men: 18 women by growth, 9 posts by replacement, 6 until at parity.
    assert measures.index_growth(41, 59) == 18
    assert measures.index_replacement(41, 59) == 9
    assert measures.posts_to_parity_status(41, 59) == 6


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def oracle(small_dir: Path) -> Oracle:
    release = (small_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    return Oracle(small_dir, release)


@pytest.fixture(scope="module")
def disclosure(small_dir: Path) -> Disclosure:
    return oracle_of(small_dir)


@pytest.fixture(scope="module")
def warehouses(small_dir: Path) -> dict[str, Warehouse]:
    return {audience: Warehouse(Settings(data_dir=small_dir, audience=audience)) for audience in AUDIENCES}


@pytest.fixture(scope="module")
def pages(small_dir: Path):
    clients = {
        audience: create_app(Settings(data_dir=small_dir, audience=audience)).server.test_client()
        for audience in AUDIENCES
    }

    def get(audience: str, query: str) -> str:
        response = clients[audience].get(f"/recruit?{query}", follow_redirects=True, buffered=True)
        assert response.status_code == 200
        return response.get_data(as_text=True)

    return get


def plain(markup: str) -> str:
    said = html.unescape(re.sub(r"<[^>]*>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(said.split())


def table(page: str, name: str) -> list[list[str]]:
    """Cells of the body of a table, in words."""
    found = re.search(rf"{name}.*?<tbody>(.*?)</tbody>", page, re.DOTALL)
    if not found:
        return []
    return [
        [plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr[^>]*>(.*?)</tr>", found[1], re.DOTALL)
    ]


def sentence(page: str) -> str:
    return plain(re.search(r'<h2 id="sentence">(.*?)</h2>', page, re.DOTALL)[1])


def drawn(oracle: Oracle, seed: int) -> dict[str, str]:
    """A choice such as somebody makes: about people there are, mostly."""
    dice = random.Random(seed)
    row = dice.choice([row for row in oracle.staff if row["quarter"] == oracle.quarter])
    names = [name for name in ("entity", "unct", "grade") if dice.random() < 0.8]
    if dice.random() < 0.25:
        names = [name for name in names if name != "unct"] + ["duty_station"]
    if dice.random() < 0.2 and "grade" in names:
        names = [name for name in names if name != "grade"] + ["category"]
    if dice.random() < 0.15:
        names = [name for name in names if name != "entity"] + ["department"]
    chosen = {name: row[name] for name in names}
    if "grade" in chosen and dice.random() < 0.15:
        chosen["grade"] = dice.choice(sorted(oracle.category))
    return {name: code for name, code in chosen.items() if code not in ("not-reported", "not-applicable")}


def truth(oracle: Oracle, chosen: dict[str, str], quarter: str) -> str:
    """Counts as the page has to write them, for who sees all of them."""
    women, men = oracle.total({name: [code] for name, code in chosen.items()}, quarter)
    return f"{women:,} of {women + men:,}" if women + men else "no staff"


def shown(disclosure: Disclosure, chosen: dict[str, str], quarter: str) -> set[str]:
    """Counts as the page may write them for the public."""
    verdict = disclosure.verdict((), {name: [code] for name, code in chosen.items()}, quarter, "public")
    if verdict.kind == REFUSED:
        return {"not shown together in public"}
    row = verdict.rows.get(())
    if row is None:
        return {"no staff"}
    either = {"no staff"} if () in verdict.optional else set()
    if row.counts is None:
        return {"fewer than 5", "not shown, to protect individuals"} | either
    women, men = row.counts
    said = f"{women:,} of {women + men:,}"
    return {said if row.shown == EXACT else f"about {said}"}


@pytest.mark.parametrize("seed", range(24))
def test_every_number_is_the_oracles_internal(seed, oracle, warehouses, pages):
    chosen = drawn(oracle, seed)
    choice = choices.read(warehouses["internal"], "&".join(f"{name}={code}" for name, code in chosen.items()))
    assert not choice.problems
    facts = fact.gather(warehouses["internal"], choice)
    page = pages("internal", choice.query())
    total = oracle.total({name: [code] for name, code in chosen.items()}, oracle.quarter)
    women, men = total
    said = sentence(page)
    assert len(facts.ladder) == 1
    if women + men > 1:
        assert f"{women:,} of {women + men:,} staff" in said
    rows = table(page, '<table class="strips">')
    assert len(rows) == len(facts.comparisons)
    for row, comparison in zip(rows, facts.comparisons, strict=True):
        assert row[3] == truth(oracle, comparison.cell.group.chosen, oracle.quarter), row
        if row[3] != "no staff":
            w, m = oracle.total({k: [v] for k, v in comparison.cell.group.chosen.items()}, oracle.quarter)
            assert abs(float(row[2].rstrip(" %")) - 100 * w / (w + m)) <= 0.5 + 1e-9
    quarters = [before(oracle.quarter, back) for back in range(7, -1, -1)]
    for row in table(page, 'id="past-table"'):
        assert row[0] in quarters
        # A quarter without a submission counts nobody in the records, and is not said to have nobody.
        expected = truth(oracle, chosen, row[0])
        assert row[2] == expected or (expected, row[2]) == ("no staff", "not submitted")
    cases = table(page, '<table class="cases">')
    for row, (left_women, left_men) in zip(cases, ((0, 0), (1, 0), (0, 1)), strict=True):
        for cell, (woman, man) in zip(row[1:], ((1, 0), (0, 1)), strict=True):
            w, m = women - left_women + woman, men - left_men + man
            if women < left_women or men < left_men:
                assert cell == "nobody here to leave it"
            else:
                assert f"{w:,} of {w + m:,}" in cell or cell.endswith("no staff")
    for row in table(page, '<table class="vacancies">'):
        posts = int(row[0])
        leaving = int(posts * women / (women + men) + 0.5)
        for cell, hired in zip(row[1:3], (posts, 0), strict=True):
            assert f"{women - leaving + hired:,} of {women + men:,}" in cell


@pytest.mark.parametrize("seed", range(24))
def test_every_number_is_the_oracles_public(seed, oracle, disclosure, warehouses, pages):
    chosen = drawn(oracle, seed)
    choice = choices.read(warehouses["public"], "&".join(f"{name}={code}" for name, code in chosen.items()))
    assert not choice.problems
    facts = fact.gather(warehouses["public"], choice)
    page = pages("public", choice.query())
    for row, comparison in zip(table(page, '<table class="strips">'), facts.comparisons, strict=True):
        assert row[3] in shown(disclosure, comparison.cell.group.chosen, oracle.quarter), row
    # The page stands on the first rung of which a share or status may be given, and on no other.
    for cell in facts.ladder[:-1]:
        verdict = disclosure.verdict(
            (), {name: [code] for name, code in cell.group.chosen.items()}, oracle.quarter, "public"
        )
        there = None if verdict.kind == REFUSED else verdict.rows[()].counts
        if there is not None:
            assert sum(there) < disclosure.policy["derived"]["share_from"]
            # What the shown numbers may stand for has several statuses, or may be too few to judge.
            error = load_policy().error
            women, men = (range(max(count - error, min(count, 1)), count + error + 1) for count in there)
            statuses = {measures.status(w, m) for w in women for m in men}
            assert len(statuses) > 1 or statuses <= {measures.TOO_FEW, None}
    stands = facts.stands
    if stands.row.staff and stands.row.protection == ROUNDED:
        said = sentence(page)
        assert f"about {stands.row.women:,} of about {stands.row.staff:,} staff" in said
        assert not table(page, '<table class="cases">')
        for row in table(page, '<table class="vacancies">'):
            assert all(re.fullmatch(r"about \d+ %", cell) for cell in row[1:]), row
    elif stands.row.staff and stands.row.staff > 1:
        assert f"{stands.row.women:,} of {stands.row.staff:,} staff" in sentence(page)
    for row in table(page, 'id="past-table"'):
        true = disclosure.verdict((), {k: [v] for k, v in stands.group.chosen.items()}, row[0], "public")
        allowed = shown(disclosure, stands.group.chosen, row[0])
        if oracle.silent(row[0], {k: [v] for k, v in stands.group.chosen.items()}):
            assert row[2] == "not submitted"
            continue
        # Of a development quarters under 25 are not told apart.
        allowed |= {"not submitted"} if allowed == {"no staff"} else set()
        assert row[2] in allowed or (true.kind == ROUNDED and row[2] == "fewer than 25")


def test_the_ladder_goes_down_in_the_order_of_the_rules(warehouses):
    choice = choices.read(warehouses["public"], "entity=UNDP&unct=KEN&grade=P-4")
    assert [group.chosen for group in fact.rungs(choice)] == [
        {"entity": "UNDP", "unct": "KEN", "grade": "P-4"},
        {"entity": "UNDP", "unct": "KEN", "category": "P"},
        {"unct": "KEN", "grade": "P-4"},
        {"entity": "UNDP", "grade": "P-4"},
        {"grade": "P-4"},
    ]


@pytest.mark.parametrize(
    ("grade", "feeder"),
    [("P-4", "P-3"), ("D-1", "P-5"), ("ASG", "D-2"), ("P-1", None), ("G-6", "G-5"), ("NO-A", None), ("G-1", None)],
)
def test_the_feeder_is_the_next_grade_down_its_ladder(warehouses, grade, feeder):
    staffed = ["ASG", "D-2", "D-1", "P-5", "P-4", "P-3", "P-2", "P-1", "NO-B", "NO-A", "G-6", "G-5", "G-1", "TC-8"]
    assert fact.feeder_of(warehouses["internal"].release(), grade, staffed) == feeder


# -- the address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "grade=P-4&entity=UNDP&category=P",
        "entity=UNDP&department=&unct=&duty_station=&category=P&grade=P-4&v.post=vacant&v.posts=3",
        "grade=P-4&entity=UNDP&v.vacancies=held&v.left_men=0",
    ],
)
def test_equal_choices_have_one_address(warehouses, query):
    choice = choices.read(warehouses["internal"], query)
    assert choice.query() == "entity=UNDP&grade=P-4"
    assert choices.read(warehouses["internal"], choice.query()).query() == choice.query()


def test_what_cannot_be_meant_is_said_at_its_field_and_the_rest_answers(warehouses):
    query = "entity=UNDPP&grade=P-4&category=GS&unct=KEN&duty_station=JOR-amman&v.left_women=-3&v.posts=99&foo=1&rc=yes"
    choice = choices.read(warehouses["internal"], query)
    assert set(choice.problems) == {"entity", "grade", "duty_station", "left_women", "posts"}
    assert len(choice.notices) == 2
    assert choice.chosen == {"unct": "KEN", "category": "GS"}
    assert fact.gather(warehouses["internal"], choice).stands.row.staff


def test_entries_count_in_balances_and_nowhere_else(warehouses, oracle):
    chosen = max(
        oracle.count(("entity", "grade"), {}, oracle.quarter).items(), key=lambda item: sum(item[1])
    )  # the largest
    (entity, grade), (women, men) = chosen
    query = f"entity={entity}&grade={grade}&v.joined_women=2&v.left_men=1"
    facts = fact.gather(warehouses["internal"], choices.read(warehouses["internal"], query))
    assert (facts.stands.row.women, facts.stands.row.men) == (women, men)
    assert facts.base == (women + 2, men - 1)
    assert words.entered(facts.choice) == "Your entry: 2 women joined and 1 man left."


def test_more_cannot_have_left_than_there_are(warehouses):
    choice = choices.read(warehouses["internal"], "entity=UNDP&grade=SG&v.left_women=5")
    facts = fact.gather(warehouses["internal"], choice)
    assert facts.base is None and "entries" in words.no_balance(facts)


# -- words of rounded figures -----------------------------------------------------------------------------------------


def cell(women: int | None, men: int | None, **more) -> fact.Cell:
    made = rounded({"quarter": "2026Q3", "basis": "all"}, women, men, **more)
    answered = protected("headline", ("quarter", "basis"), [made], KENYA)
    return fact.Cell(fact.Group(place=("unct", "KEN"), level=("grade", "P-4")), made, answered)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((45, 75), "At P-4 in Kenya, about 45 of about 120 staff are women (about 38 %): below parity."),
        ((60, 55), "At P-4 in Kenya, about 60 of about 115 staff are women (about 52 %). These figures are rounded, "
                   "so it is not clear whether that is parity."),
        ((10, 15), "At P-4 in Kenya, about 10 of about 25 staff are women. These figures are rounded, so it is not "
                   "clear whether that is parity."),
        ((5, 40), "At P-4 in Kenya, about 5 of about 45 staff are women: below parity."),
    ],
)  # fmt: skip
def test_the_sentence_gives_a_status_only_where_rounding_leaves_no_other(counts, said):
    assert words.sentence(cell(*counts)).replace("\N{NO-BREAK SPACE}", " ") == said
    assert "certain despite the rounding" in words.rule(cell(*counts))[-1]


def test_the_index_of_rounded_counts_says_who_is_fewer_or_that_it_is_not_clear():
    growth, replacement = words.index(cell(45, 75))
    assert growth.value.replace("\N{NO-BREAK SPACE}", " ") == "about 30 women"
    assert replacement.value.replace("\N{NO-BREAK SPACE}", " ") == "about 15 posts"
    (open_,) = words.index(cell(60, 55))
    assert (open_.value, open_.detail) == ("not clear", "rounding hides whether women or men are fewer")
    # With neither a share nor a status there is nothing to say of a balance.
    assert not cell(10, 15).judged and words.index(cell(10, 15)) == []


def test_a_row_beside_others_has_what_rounding_leaves_open():
    one = cell(45, 75)
    assert words.compared("Kenya", one.answer, one.row).open == (39 / 120, 51 / 120)
    few = cell(10, 15)
    line = words.compared("Kenya", few.answer, few.row)
    assert (line.open, line.status) == (None, "not clear")


def test_what_is_withheld_is_not_told_as_so_few(warehouses):
    known = fact.gather(warehouses["public"], choices.read(warehouses["public"], "grade=P-4"))
    for reason, said in (("withheld", "its figures to the public, whatever their size"), ("fewer", "for so few")):
        ladder = (cell(None, None, reason=reason, fewer_than=5), known.stands)
        told = words.protection(replace(known, subject=ladder[0], ladder=ladder))
        assert said in told and ("for so few" in told) == (reason == "fewer")


def test_what_follows_from_rounded_counts_is_said_to_be_no_more_certain(warehouses):
    exact = fact.gather(warehouses["public"], choices.read(warehouses["public"], "grade=P-4"))
    assert not any("rounded" in said for said in words.assumptions(exact))
    rough = replace(exact, about=True, ladder=(cell(45, 75),), history=(cell(45, 75).row,))
    assert (
        "Based on rounded counts: today’s share may be anywhere from 32 % to 43 %, and what we work out from it is "
        "no more " in (" ".join(words.assumptions(rough)).replace("\N{NO-BREAK SPACE}", " "))
    )
    assert any(note.startswith("Shading shows the range a share may fall in") for note in words.notes(rough))
    assert not any(note.startswith("Shading") for note in words.notes(exact))


def test_this_post_says_who_is_appointed_for_which_share(warehouses):
    facts = fact.gather(warehouses["internal"], choices.read(warehouses["internal"], "grade=P-4"))
    woman, man = words.balance((9, 8)), words.balance((8, 9))
    line = words.this_post(facts, woman, man)
    assert line.detail.replace("\N{NO-BREAK SPACE}", " ") == "53 % if a woman is appointed, 47 % if a man is"
    same = words.this_post(facts, words.balance((50_001, 50_000)), words.balance((50_000, 50_001)))
    assert same.detail == "whether a woman (50,001 of 100,001) or a man (50,000 of 100,001) is appointed"


def test_how_many_are_in_post_is_said_where_too_few_can_leave(warehouses):
    facts = fact.gather(warehouses["internal"], choices.read(warehouses["internal"], "grade=P-4&v.posts=5"))
    said = {
        (2, 1): "Only 3 people are in post here. Choose fewer posts, or ones that are vacant or new.",
        (1, 0): "Only 1 person is in post here. Choose fewer posts, or ones that are vacant or new.",
        (0, 0): "Nobody is in post here. Choose posts that are vacant or new.",
    }
    for base, sentence in said.items():
        assert words.no_next_posts(replace(facts, base=base, courses=())) == sentence
