"""Names are compared without accents, case or a reader's language; countries are found by what people call them."""

from __future__ import annotations

import csv

import pytest

from dashboard import codelists, folding, search
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

#: As it is typed, and the words it is compared by.
SPELLINGS = [
    ("Côte d’Ivoire", ["cote", "d", "ivoire"]),
    ("COTE D'IVOIRE", ["cote", "d", "ivoire"]),
    ("Türkiye", ["turkiye"]),
    ("TÜRKİYE", ["turkiye"]),
    ("Iıİi", ["iiii"]),
    ("UNIDO", ["unido"]),
    ("Straße", ["strasse"]),
    ("Łódź, Ærø & Þingvellir", ["lodz", "aero", "thingvellir"]),
    ("ΟΔΟΣ", ["οδοσ"]),
    ("ﬁle № ²", ["file", "no", "2"]),
    ("किताब", ["कतब"]),
    ("P-4 / D_1", ["p", "4", "d", "1"]),
    ("’", []),
]


@pytest.mark.parametrize(("typed", "words"), SPELLINGS)
def test_names_are_compared_without_accents_and_case(typed, words):
    assert folding.split(typed) == words
    assert folding.joined(typed) == "".join(words)


@pytest.fixture(scope="module", params=["internal", "public"])
def entries(request, small_dir):
    return search.index(Warehouse(Settings(data_dir=small_dir, audience=request.param)).current())


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("Turkey", "TUR"),
        ("Swaziland", "SWZ"),
        ("ivory coast", "CIV"),
        ("Czech Republic", "CZE"),
        ("Burma", "MMR"),
        ("UK", "GBR"),
        ("USA", "USA"),
        ("Cape Verde", "CPV"),
        ("East Timor", "TLS"),
        ("south korea", "KOR"),
        ("DPRK", "PRK"),
        ("Côte d‘Ivoire", "CIV"),
    ],
)
def test_countries_are_found_by_former_and_short_names(entries, query, code):
    found = [(entry.kind, entry.code) for entry in search.find(entries, query)]
    countries = [named for kind, named in found if kind in ("country", "unct")]
    assert countries[0] == code, found[:5]
    assert found[0][0] in ("country", "unct"), "the country before its towns"


def test_whole_words_come_before_beginnings(entries):
    found = [entry.code for entry in search.find(entries, "UK") if entry.kind == "country"]
    assert found.index("GBR") < found.index("UKR")
    found = [entry.code for entry in search.find(entries, "guinea") if entry.kind == "country"]
    assert found[0] == "GIN" and set(found) >= {"GNB", "GNQ", "PNG"}
    ranks = [search._rank(entry, "un", ["un"]) for entry in search.find(entries, "un")]
    assert ranks == sorted(ranks) and len(set(ranks)) > 2


def test_every_alias_leads_to_its_country_and_says_where_it_comes_from(entries):
    known = {entry.code: entry for entry in entries if entry.kind == "country"}
    with (codelists.REFERENCE / "country_aliases.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100 and all(row["source"] for row in rows)
    for row in rows:
        if row["code"] in known:
            assert known[row["code"]] in search.find(entries, row["alias"])[:3], row["alias"]


def test_nationalities_and_teams_of_several_countries_have_the_names_too():
    assert "Turkey" in codelists.other_names("nationality", "TUR").own
    assert "Turkey" in codelists.other_names("unct", "TUR").own
    several = codelists.other_names("unct", "barbados-multi-country")
    assert not several.own and {"Dominica", "St Lucia"} <= set(several.around)
    assert codelists.other_names("country", "nowhere") == codelists.OtherNames()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("XXX,Nowhere,former,of a test", "'XXX' is not a known code"),
        ("TUR,Turkey,nickname,of a test", "'nickname' is not a known code"),
        ("TUR,Turkey,former,", "must not be empty"),
        ("TUR,Kenya,former,of a test", "means KEN already"),
        ("TUR,Turkey,former,of a test\nKEN,turkey,former,of a test", "means TUR already"),
    ],
)
def test_a_broken_list_of_aliases_says_where(tmp_path, line, said):
    (tmp_path / "countries.csv").write_bytes((codelists.REFERENCE / "countries.csv").read_bytes())
    (tmp_path / "country_aliases.csv").write_text(f"code,alias,kind,source\n{line}\n", encoding="utf-8")
    with pytest.raises(codelists.CodeListError, match=r"country_aliases\.csv line") as refused:
        codelists.country_aliases(tmp_path)
    assert said in str(refused.value)
