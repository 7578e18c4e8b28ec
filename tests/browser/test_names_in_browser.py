"""Names are looked for in filters and tables as in the search box, in every spelling and with any browser."""

from __future__ import annotations

import pytest
from conftest import Visit, visiting
from playwright.sync_api import expect

from dashboard import codelists, folding

pytestmark = pytest.mark.browser

#: What has to be compared alike beyond the names of the lists.
ODD = [
    "TÜRKİYE",
    "Iıİi",
    "Straße",
    "Łódź Ærø Þing ð Đ ħ",
    "ΟΔΟΣ ὈΔΥΣΣΕΎΣ",
    "ﬁle № ²",
    "किताब",
    "P-4_D/1",
    "’",
    "北京 １２",
]


def shown(here: Visit, facet: str, typed: str) -> list[str]:
    """The codes of the options that are left when this is typed into the search field of a facet."""
    here.page.fill(f"details[data-facet={facet}] .facet-search", typed)
    return here.page.locator(f"details[data-facet={facet}] .option:not([hidden])").evaluate_all(
        "all => all.map(row => row.dataset.code)"
    )


def test_server_and_browser_compare_names_by_one_rule(visit):
    lists = codelists.load()
    names = [text for name in lists.dimensions for each in lists.members(name) for text in (each.name, *each.aliases)]
    names += [alias for aliases in codelists.country_aliases().values() for alias in aliases]
    names += ODD
    page = visit().go("/").page
    found = page.evaluate("names => names.map(name => window.parityNames.split(name))", names)
    wrong = [(name, got) for name, got in zip(names, found, strict=True) if got != folding.split(name)]
    assert len(names) > 1500 and wrong == []


@pytest.mark.parametrize(
    ("facet", "typed", "code"),
    [
        ("unct", "Cote d'Ivoire", "CIV"),
        ("unct", "Côte d’Ivoire", "CIV"),
        ("unct", "cote divoire", "CIV"),
        ("unct", "Turkiye", "TUR"),
        ("unct", "TÜRKİYE", "TUR"),
        ("unct", "Turkey", "TUR"),
        ("unct", "ivory coast", "CIV"),
        ("unct", "Dominica", "barbados-multi-country"),
        ("nationality", "Swaziland", "SWZ"),
        ("nationality", "UK", "GBR"),
        ("nationality", "Iran", "IRN"),
        ("entity", "un women", "UNWOMEN"),
        ("entity", "childrens fund", "UNICEF"),
        ("entity", "UNWTO", "UNTOURISM"),
        ("grade", "p4", "P-4"),
    ],
)
def test_a_filter_finds_names_in_every_spelling(filters: Visit, facet, typed, code):
    assert code in shown(filters, facet, typed), typed
    assert filters.page.inner_text(f"details[data-facet={facet}] .facet-message") == ""


@pytest.fixture(scope="module")
def filters(server, contexts):
    """One page whose filters are open: what is typed into them changes nothing but what is shown."""
    with visiting(server, contexts) as make:
        here = make().go("/")
        for facet in ("unct", "nationality", "entity", "grade"):
            here.open(facet)
        yield here


def test_a_filter_says_where_nothing_is_called_so(filters: Visit):
    assert shown(filters, "unct", "zzzz") == []
    assert filters.page.inner_text("details[data-facet=unct] .facet-message") == "No results"
    assert len(shown(filters, "unct", "")) > 100


@pytest.mark.parametrize("language", ["tr", "az"])
def test_a_turkish_browser_finds_the_same(visit, language):
    here = visit(locale=f"{language}-{language.upper()}")
    # The language of a browser is set when it starts; here by hand, as such a browser has it.
    here.page.add_init_script(
        """for (const name of ["toLocaleLowerCase", "toLocaleUpperCase"]) {
             const native = String.prototype[name];
             String.prototype[name] = function (...languages) {
               return native.apply(this, languages.length ? languages : ["LANGUAGE"]);
             };
           }""".replace("LANGUAGE", language)
    )
    here.go("/")
    assert here.page.evaluate("'UNICEF'.toLocaleLowerCase()") == "unıcef"
    here.open("entity")
    assert shown(here, "entity", "unicef") == ["UNICEF"] and shown(here, "entity", "UNIDO") == ["UNIDO"]
    here.open("nationality")
    assert "IRN" in shown(here, "nationality", "iran")


def test_a_table_finds_names_in_every_spelling(visit):
    here = visit().go("/country-teams")
    panel = here.page.locator(".panel:has([data-search-table]):visible").first
    field = panel.locator("[data-search-table]")
    if not field.is_visible():
        panel.locator("[data-show=table]").click()
    panel.locator("tbody tr").first.wait_for()
    for typed, name in (("Turkiye", "Türkiye"), ("turkey", "Türkiye"), ("Cote d’Ivoire", "Côte d'Ivoire")):
        field.fill(typed)
        left = panel.locator("tbody tr:not([hidden])")
        expect(left).to_have_count(1)
        assert name in left.inner_text()
    field.fill("zzzz")
    assert panel.locator(".found").inner_text() == "No results"


def test_one_more_than_an_address_holds_is_unticked_again_and_it_is_said_why(visit):
    here = visit().go("/")
    page = here.page
    here.open("duty_station")
    boxes = "details[data-facet=duty_station] .option input"
    codes = page.locator(boxes).evaluate_all("all => all.map(box => box.value)")
    chosen: list[str] = []
    while len("&".join(f"duty_station={code}" for code in (*chosen, codes[len(chosen)]))) <= 6000:
        chosen.append(codes[len(chosen)])
    query = "&".join(f"duty_station={code}" for code in sorted(chosen))
    page.goto(f"{here.address}/?{query}")
    here.drawn()
    if not page.locator("details[data-facet=duty_station][open]").count():
        here.open("duty_station")
    expect(page.locator(f"{boxes}:checked")).to_have_count(len(chosen))
    before, asked = page.url, here.callbacks()
    one_more = page.locator(f'{boxes}[value="{codes[len(chosen) + 3]}"]')
    one_more.click()
    expect(one_more).not_to_be_checked()
    message = page.locator("details[data-facet=duty_station] .facet-message")
    assert "so nothing was added" in message.inner_text() and message.get_attribute("role") == "status"
    assert page.locator(f"{boxes}:checked").count() == len(chosen)
    assert page.inner_text("details[data-facet=duty_station] .facet-state") == f"{len(chosen)} chosen"
    assert page.url == before and here.callbacks() == asked
    # What fits again takes the sentence away.
    page.locator(f"{boxes}:checked").first.click()
    expect(message).to_have_text("")
    expect(page.locator(f"{boxes}:checked")).to_have_count(len(chosen) - 1)
    here.drawn()
