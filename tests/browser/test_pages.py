"""What every page must pass in a browser. The pages are the product's own list, so that a new one cannot escape."""

from __future__ import annotations

import pytest
from accessibility import violations

from dashboard import pages

pytestmark = pytest.mark.browser

ADDRESSES = pages.samples()
PLAIN = [path for path in pages.addresses() if path not in ADDRESSES]
#: One look of each size and colours in every run, the other two before a release.
SIZES = [
    (320, "dark"),
    (1280, "light"),
    pytest.param(320, "light", marks=pytest.mark.prove(only=True)),
    pytest.param(1280, "dark", marks=pytest.mark.prove(only=True)),
]
#: What is lower than a finger needs. Links within a sentence are as high as its lines.
TOO_SMALL = """() => [...document.querySelectorAll('main button, main a, summary, nav a, .option, select')]
    .filter(e => e.getClientRects().length && !e.closest('p, .notes'))
    .filter(e => e.getBoundingClientRect().height < 24)
    .map(e => e.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(("width", "scheme"), SIZES)
@pytest.mark.parametrize("path", ADDRESSES)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(visit, path: str, width: int, scheme: str):
    # axe is put into the page as a script element's text, which the page's own policy forbids, as it should.
    here = visit(width, scheme, bypass_csp=True).go(path)
    page = here.page
    assert page.locator("h1").count() == 1 and page.inner_text("h1")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for panel in here.panels:
        box = page.locator(f"#panel-{panel}").bounding_box()
        texts = page.evaluate(
            """id => [...document.querySelectorAll(`#panel-${id} .js-plotly-plot text`)]
               .filter(e => e.textContent && e.getBoundingClientRect().width)
               .map(e => [e.textContent, e.getBoundingClientRect().left, e.getBoundingClientRect().right])""",
            panel,
        )
        for text, left, right in texts:
            assert left >= box["x"] - 1 and right <= box["x"] + box["width"] + 1, f"{panel}: {text} is cut off"
    if (width, scheme) not in ((320, "dark"), (1280, "light")):
        return  # tables have one look at each width, and their colours those of the words above
    for button in page.locator("[data-show=table]").all():
        button.click()
    page.wait_for_load_state("networkidle")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "scheme"), SIZES)
@pytest.mark.parametrize("path", PLAIN)
def test_plain_pages_pass_axe_at_every_size(visit, path: str, width: int, scheme: str):
    page = visit(width, scheme, bypass_csp=True).plain(path).page
    assert page.locator("h1").count() == 1 and page.inner_text("h1")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PLAIN)
def test_everything_on_a_plain_page_can_be_reached_by_keyboard_and_hit_by_a_finger(visit, path: str):
    page = visit(390).plain(path).page
    small = page.evaluate(TOO_SMALL)
    assert small == []
    within = "main :is(a[href], button, input:not([type=hidden]), select, summary)"
    expected = page.locator(f"{within}:visible").count()
    radios = page.evaluate(
        """selector => { const all = [...document.querySelectorAll(selector)].filter(e => e.type === "radio");
           return all.length - new Set(all.map(e => e.name)).size; }""",
        within,
    )
    page.locator("#content").focus()
    reached = 0
    for _ in range(3000):
        page.keyboard.press("Tab")
        if page.evaluate("!document.activeElement.closest('main')"):
            break
        reached += page.evaluate("selector => document.activeElement.matches(selector)", within)
    assert reached == expected - radios, "one of a group of choices is a stop, the others are reached by arrows"


@pytest.mark.parametrize("path", PLAIN)
def test_plain_pages_say_the_same_without_script(visit, path: str):
    with_script, without = visit().plain(path), visit(java_script_enabled=False).plain(path)
    words = [here.page.inner_text("h1") for here in (with_script, without)]
    assert words[0] == words[1] != ""


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_tool_can_be_reached_by_keyboard_and_plotly_takes_no_stop(visit, path: str):
    here = visit().go(path)
    page = here.page
    expected = page.locator("#react-entry-point .tools a:visible, #react-entry-point .tools button:visible").count()
    page.locator("#content").focus()
    reached, foreign = 0, []
    for _ in range(1500):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => { const e = document.activeElement; return [!!e.closest('.tools'), !!e.closest('.js-plotly-plot'),
               !!e.closest('footer')]; }"""
        )
        reached += where[0]
        foreign += [where] if where[1] else []
        if where[2]:
            break
    assert reached == expected and not foreign


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_page_says_itself_without_script(visit, path: str):
    here = visit(java_script_enabled=False)
    response = here.page.goto(here.address + path)
    assert response.status == 200
    assert here.page.inner_text("h1") and here.page.title().startswith(here.page.inner_text("h1")[:20])
    assert "The figures below need JavaScript" in here.page.content()


@pytest.mark.parametrize("path", ADDRESSES)
def test_targets_are_large_enough_and_a_filter_changes_the_page(visit, path: str):
    here = visit(390).go(path)
    small = here.page.evaluate(TOO_SMALL)
    assert small == []
    if pages.find(path).page.apart:
        # Not of staff: there is nothing to filter by.
        assert here.page.locator(".filters, #filters").count() == 0
        return
    here.page.click(".filters-fold")
    here.open("category")
    here.page.check("details[data-facet=category] input[value=P]")
    here.page.locator("button.chip").first.wait_for()
    here.drawn()
    assert "category=P" in here.query


def test_a_code_nobody_knows_is_no_page_and_the_list_is_offered(visit):
    for at in (page for page in pages.PAGES if page.of_codes):
        here = visit()
        response = here.page.goto(here.address + at.path.replace(pages.CODE, "NOPE"))
        assert response.status == 404
        link = at.path.partition(f"/{pages.CODE}")[0]
        assert here.page.locator(f"main a[href='{link}']").count() == 1
        here.complaints.clear()


@pytest.mark.parametrize("path", [at for at in ADDRESSES if pages.find(at).page.options])
def test_a_view_option_stands_in_the_address_and_survives_filters(visit, path: str):
    here = visit().go(path)
    page = here.page
    option = pages.find(path).page.options[0]
    name, value = f"v.{option.name}", option.values[1]
    if len(option.choices) > 5:
        page.select_option(f"[name='{name}']", value)
    else:
        page.check(f"[name='{name}'][value='{value}']")
    page.wait_for_url(f"**{name}={value}")
    here.drawn()
    if not pages.find(path).page.apart:
        here.open("category")
        page.check("details[data-facet=category] input[value=P]")
        page.locator("button.chip").first.wait_for()
        here.drawn()
        assert here.query.endswith(f"category=P&{name}={value}")
        page.click("button.chip")
        page.locator("button.chip").first.wait_for(state="detached")
        assert here.query == f"{name}={value}"
        page.go_back()
        page.go_back()
        page.wait_for_url(f"**{name}={value}")
    page.go_back()
    here.drawn()
    assert here.query == ""
    control = page.locator(f"[name='{name}']").first
    assert control.input_value() == option.default if len(option.choices) > 5 else control.is_checked()
