"""What the search box finds, in both audiences: names, codes and usual spellings, and where they lead."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard import codelists, pages, search
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse


@pytest.fixture(scope="module", params=["internal", "public"])
def entries(request, small_dir):
    return search.index(Warehouse(Settings(data_dir=small_dir, audience=request.param)).current())


def first(entries, query):
    found = search.find(entries, query)
    return (found[0].kind, found[0].code or found[0].href) if found else None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("UNDP", ("entity", "UNDP")),
        ("undp", ("entity", "UNDP")),
        ("UN WOMEN", ("entity", "UNWOMEN")),
        ("un women", ("entity", "UNWOMEN")),
        ("UNWTO", ("entity", "UNTOURISM")),
        ("world food", ("entity", "WFP")),
        ("P-4", ("grade", "P-4")),
        ("p4", ("grade", "P-4")),
        ("p 4", ("grade", "P-4")),
        ("GS6", ("grade", "G-6")),
        ("kenya", ("unct", "KEN")),
        ("turkiye", ("unct", "TUR")),
        ("TÜRKIYE", ("unct", "TUR")),
        ("cote d'ivoire", ("unct", "CIV")),
        ("Côte d’Ivoire", ("unct", "CIV")),
        ("cote divoire", ("unct", "CIV")),
        ("nairobi", ("duty_station", "KEN-nairobi")),
        ("nairobi kenya", ("duty_station", "KEN-nairobi")),
        ("general service", ("category", "GS")),
        ("ocha", ("department", "OCHA")),
        ("africa", ("region", "africa")),
        ("before you", ("page", "/recruit")),
        ("hiring", ("page", "/recruit")),
        ("data", ("page", "/data")),
        ("licence", ("page", "/data#reuse")),
        ("net and gross", ("term", "/methods#term-net-gross")),
        ("series break", ("term", "/methods#term-break")),
        ("barbados", ("country", "BRB")),
        ("geneva switzerland", ("duty_station", "CHE-geneva")),
    ],
)
def test_what_people_type_finds_what_they_mean(entries, query, expected):
    assert first(entries, query) == expected


@pytest.mark.parametrize("query", ["", "   ", "-", "’", "zzzz", "qqq www", "%", "(((", "\x00"])
def test_nothing_is_found_where_nothing_is_called_so(entries, query):
    assert search.find(entries, query) == []


def test_every_member_of_every_list_is_found_by_its_code_and_by_its_name(entries, lists):
    for entry in entries:
        for wanted in filter(None, (entry.code, entry.title)):
            assert entry in search.find(entries, wanted), (entry.kind, wanted)


def test_small_states_are_found(entries):
    for name in ("Tuvalu", "Nauru", "Monaco", "Niue", "Kiribati", "Saint Kitts"):
        assert any(entry.kind in ("country", "unct") for entry in search.find(entries, name)), name


def test_exact_before_beginning_before_within(entries):
    found = search.find(entries, "un")
    assert found[0].code == "UN"
    ranks = [search._rank(entry, "un", ["un"]) for entry in found]
    assert ranks == sorted(ranks)


def test_an_entry_leads_to_a_page_that_is_there(entries):
    paths = {page.path for page in pages.ALL} | {"/api/v1/"}
    for entry in entries:
        path = entry.href.partition("#")[0].partition("?")[0]
        assert path in paths or pages.find(path) is not None, entry


def test_nothing_unsaid_and_no_nationality_is_an_entry(entries):
    assert not {entry.code for entry in entries} & {"not-reported", "not-applicable", "place-bound"}
    assert {entry.kind for entry in entries} | {"selection"} == set(search.KINDS)


def test_only_what_a_release_names_can_be_found(small_dir):
    release = Warehouse(Settings(data_dir=small_dir, audience="public")).current()
    for entry in search.index(release):
        if entry.code:
            assert entry.code in release.codes[entry.kind]


def test_aliases_are_those_of_the_code_lists(lists: codelists.CodeLists, entries):
    for member in lists.members("entity"):
        for alias in member.aliases:
            assert any(entry.code == member.code for entry in search.find(entries, alias)), alias


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=200))
def test_any_text_is_a_query(entries, query):
    found = search.find(entries, query)
    words = search.split(query[: search.LONGEST])[: search.MOST_WORDS]
    whole = "".join(words)
    for entry in found[:50]:
        assert all(any(word.startswith(wanted) for word in entry.words) for wanted in words) or any(
            spelling.startswith(whole) for spelling in entry.spellings
        )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_beginning_of_any_word_is_enough(entries, data):
    entry = data.draw(st.sampled_from(entries))
    word = data.draw(st.sampled_from(entry.words))
    part = word[: data.draw(st.integers(1, len(word)))]
    assert entry in search.find(entries, part.upper() if data.draw(st.booleans()) else part)


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_several_names_together_are_a_selection(small_dir, audience):
    release = Warehouse(Settings(data_dir=small_dir, audience=audience)).current()

    def told(query):
        return [(entry.title, entry.href) for entry in search.combined(release, query)]

    post = [
        ("P-4 staff of UNICEF in Kenya", "/?entity=UNICEF&grade=P-4&unct=KEN"),
        ("Before you recruit: P-4 staff of UNICEF in Kenya", "/recruit?entity=UNICEF&grade=P-4&unct=KEN"),
    ]
    for query in ("P-4 UNICEF Kenya", "unicef p4 kenya", "Kenya, UNICEF: P4", "P-4 in UNICEF Kenya", "UNICEF KEN P 4"):
        assert told(query) == post, query
    assert told("UN Women general service") == [
        ("General Service staff of UN Women", "/?entity=UNWOMEN&category=GS"),
        ("Before you recruit: General Service staff of UN Women", "/recruit?entity=UNWOMEN&category=GS"),
    ]
    assert told("undp nairobi")[0][1] == "/?entity=UNDP&duty_station=KEN-nairobi"
    # What recruits know nothing of has one link only.
    assert [href for _, href in told("UNDP Africa")] == ["/?entity=UNDP&region=africa"]
    for single in ("Kenya", "UNDP", "UN Women", "undp xyz", "P-4", "", "in of the", "UNDP UNICEF"):
        assert told(single) == [], single
