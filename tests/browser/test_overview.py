"""What only a browser can show of the Overview."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.request

import pytest
from accessibility import violations
from conftest import PANELS

pytestmark = pytest.mark.browser

STEM_COLOUR = (
    "document.querySelector('#panel-by_category .js-plotly-plot').data.find(t => t.meta === 'stems').line.color"
)
SIZES = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]


def eventually(page, expression: str, wanted) -> None:
    """Wait until an expression has this value. Not by `wait_for_function`, whose eval the page's policy forbids."""
    for _ in range(100):
        if page.evaluate(expression) == wanted:
            return
        page.wait_for_timeout(50)
    assert page.evaluate(expression) == wanted


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_axe_finds_nothing(visit, width: int, scheme: str):
    # axe is put into the page as a script element's text, which the page's own policy forbids, as it should.
    here = visit(width, scheme, bypass_csp=True).go("/?category=PH")
    if width == 320:
        here.page.click(".filters-fold")
    here.open("entity")
    here.page.click("#panel-by_grade [data-show=table]")
    assert violations(here.page) == []
    here.page.click("#panel-by_grade [data-cite]")
    assert violations(here.page) == []


@pytest.mark.parametrize("path", ["/methods", "/no-such-page", "/?nonsense=1&grade=P-99"])
def test_axe_finds_nothing_on_other_pages(visit, path: str):
    here = visit(bypass_csp=True)
    here.page.goto(here.address + path)
    here.page.wait_for_load_state("networkidle")
    assert violations(here.page) == []
    here.complaints.clear() if "no-such" in path else None


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_nothing_is_wider_than_the_screen(visit, width: int, scheme: str):
    here = visit(width, scheme).go("/")
    assert here.page.evaluate("document.documentElement.scrollWidth") <= width
    for panel in PANELS:
        texts = here.page.evaluate(
            """id => [...document.querySelectorAll(`#panel-${id} .js-plotly-plot text`)]
               .filter(e => e.textContent && e.getBoundingClientRect().width)
               .map(e => [e.textContent, e.getBoundingClientRect().left, e.getBoundingClientRect().right])""",
            panel,
        )
        box = here.page.locator(f"#panel-{panel}").bounding_box()
        assert texts
        for text, left, right in texts:
            assert left >= box["x"] - 1 and right <= box["x"] + box["width"] + 1, f"{panel}: {text} is cut off"


def test_the_policy_is_sent_and_allows_no_code_from_text(visit):
    here = visit()
    response = here.page.goto(here.address + "/")
    policy = response.headers["content-security-policy"]
    assert "unsafe-eval" not in policy and re.search(r"script-src 'self'", policy)
    here.drawn()
    assert not any("plotly.min.js" in url for url in here.requests), "Dash's own copy of plotly was asked for"


def test_words_come_before_script(visit):
    here = visit(java_script_enabled=False)
    here.page.goto(here.address + "/?category=PH")
    assert "Professional and higher staff" in here.page.inner_text("h1")
    assert here.page.locator("dl.figures dt").count() == 4
    # Playwright switches scripts off without Chromium's parser knowing, so noscript is there but not shown.
    assert "The figures below need JavaScript" in here.page.content()
    assert not [url for url in here.requests if "_dash" in url and "suites" not in url]


def test_a_page_is_opened_with_one_question_and_changed_with_one(visit):
    here = visit().go("/")
    assert here.callbacks() == 1
    here.open("category")
    here.page.check("details[data-facet=category] input[value=GS]")
    here.page.wait_for_url("**category=GS")
    here.drawn()
    assert here.callbacks() == 2


def test_a_filter_changes_figures_address_words_and_can_be_taken_back(visit):
    here = visit().go("/")
    page = here.page

    def seen() -> tuple[str, str, str, int]:
        counts = page.evaluate("document.querySelector('#panel-by_grade .js-plotly-plot').data.at(-1).text.join()")
        chips = page.locator("button.chip").count()
        return here.query, page.inner_text("h1"), counts, chips

    first = seen()
    here.open("category")
    page.check("details[data-facet=category] input[value=PH]")
    page.locator("button.chip").wait_for()
    here.drawn()
    second = seen()
    assert second[0] == "category=PH" and second[3] == 1
    assert all(one != other for one, other in zip(first, second, strict=True))
    assert page.evaluate("document.activeElement.value") == "PH", "the focus jumped"
    assert "women" in page.inner_text("#status")
    assert page.inner_text("details[data-facet=category] .facet-state") == "1 chosen"

    here.open("headquarters")
    page.check("details[data-facet=headquarters] input[value=hq]")
    page.locator("button.chip >> nth=1").wait_for()
    here.drawn()
    assert here.query == "category=PH&headquarters=hq"

    page.go_back()
    page.locator("button.chip >> nth=1").wait_for(state="detached")
    here.drawn()
    assert seen() == second
    assert not page.is_checked("details[data-facet=headquarters] input[value=hq]")
    page.go_back()
    page.locator("button.chip").wait_for(state="detached")
    here.drawn()
    assert seen() == first
    page.go_forward()
    page.locator("button.chip").wait_for()
    here.drawn()
    assert seen() == second

    page.click("button.chip")
    page.locator("button.chip").wait_for(state="detached")
    assert here.query == ""


def test_a_group_gives_way_to_its_members_and_comes_back(visit):
    here = visit().go("/?category=PH")
    here.open("category")
    box = "details[data-facet=category] input[value={}]"
    assert here.page.is_checked(box.format("SENIOR")) and here.page.is_checked(box.format("P"))
    here.page.uncheck(box.format("SENIOR"))
    here.page.wait_for_url("**category=P")
    here.drawn()
    assert not here.page.is_checked(box.format("PH"))
    here.page.check(box.format("SENIOR"))
    here.page.wait_for_url("**category=PH")


def test_reset_all_leaves_nothing(visit):
    here = visit().go("/?category=PH&headquarters=hq&quarter=2026Q2")
    here.page.click("text=Reset all")
    here.page.locator("button.chip").first.wait_for(state="detached")
    here.drawn()
    assert here.query == ""
    assert here.page.input_value("#quarter") == here.page.get_attribute("#quarter", "data-latest")


def test_the_quarter_is_part_of_the_selection(visit):
    here = visit().go("/")
    before = here.page.locator("#quarter option").nth(1).inner_text()
    here.page.select_option("#quarter", before)
    here.page.wait_for_url(f"**quarter={before}")
    here.page.locator(".chip-fixed", has_text=before).wait_for()
    here.drawn()
    href = here.page.get_attribute("#panel-by_grade .tools a[href*='.csv']", "href")
    assert href is not None and f"quarter={before}" in href


def test_long_lists_can_be_searched_and_selected_as_shown(visit):
    here = visit().go("/")
    here.open("grade")
    facet = here.page.locator("details[data-facet=grade]")
    facet.locator("input[type=search]").fill("professional, level")
    shown = facet.locator(".option:visible").count()
    assert 0 < shown < facet.locator(".option").count()
    facet.locator(".facet-all").click()
    here.page.locator("button.chip").first.wait_for()
    here.drawn()
    assert len(re.findall("grade=", here.query)) == shown
    assert facet.locator("input[type=search]").input_value() == "professional, level"
    facet.locator(".facet-clear").click()
    here.page.locator("button.chip").first.wait_for(state="detached")
    assert here.query == ""


def test_a_click_on_a_mark_does_what_the_link_in_the_table_does(visit):
    here = visit().go("/")
    page = here.page
    page.click("#panel-by_category [data-show=table]")
    link = page.locator("#panel-by_category tbody th a").nth(1)
    href = link.get_attribute("href")
    page.click("#panel-by_category [data-show=figure]")
    page.locator("#panel-by_category").scroll_into_view_if_needed()
    mark = page.locator("#panel-by_category .js-plotly-plot .point").nth(1)
    box = mark.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 3, y)
    page.mouse.move(x, y)
    page.locator("#panel-by_category .hoverlayer .hovertext").wait_for()
    page.mouse.click(x, y)
    page.locator("button.chip").wait_for()
    assert f"/?{here.query}" == href
    page.go_back()
    page.locator("button.chip").wait_for(state="detached")
    here.drawn()
    page.click("#panel-by_category [data-show=table]")
    page.locator("#panel-by_category tbody th a").nth(1).click()
    page.locator("button.chip").wait_for()
    assert f"/?{here.query}" == href


def test_figure_table_csv_and_api_have_the_same_numbers(visit):
    here = visit().go("/?category=PH")
    page = here.page
    for panel, key in (("by_grade", "grade"), ("by_category", "category"), ("by_entity", "entity")):
        page.click(f"#panel-{panel} [data-show=table]")
        page.locator(f"#panel-{panel} tbody tr").first.wait_for()
        rows = page.locator(f"#panel-{panel} tbody tr").all()
        table = {tuple(cell.inner_text() for cell in row.locator("td").all()[:3]) for row in rows}
        figure = set(page.evaluate(f"document.querySelector('#panel-{panel} .js-plotly-plot').data.at(-1).text"))
        assert figure and figure <= {f"{women} of {staff}" for women, _, staff in table} | {"not submitted"}

        def load(kind: str, panel=panel) -> str:
            href = page.locator(f"#panel-{panel} .tools a[href*='.{kind}']").get_attribute("href")
            with urllib.request.urlopen(here.address + href) as response:
                return response.read().decode("utf-8-sig")

        by_csv = list(csv.DictReader(io.StringIO(load("csv"))))
        by_json = json.loads(load("json"))["rows"]
        assert [row[key] for row in by_csv] == [row[key] for row in by_json]
        counted = {
            (f"{int(row['women']):,}", f"{int(row['men']):,}", f"{int(row['staff']):,}")
            for row in by_csv
            if row["staff"] and int(row["staff"])
        }
        assert counted == {row for row in table if row[2] != "–"}


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_can_leave_the_page(visit, kind: str, tmp_path):
    here = visit(scheme="dark").go("/?category=PH")
    with here.page.expect_download() as download:
        here.page.click(f"#panel-by_grade [data-picture={kind}]")
    path = tmp_path / f"picture.{kind}"
    download.value.save_as(path)
    assert download.value.suggested_filename.endswith(f".{kind}")
    if kind == "png":
        assert path.read_bytes().startswith(b"\x89PNG")
    else:
        said = plain(path.read_text(encoding="utf-8"))
        for part in ("demonstration data", "not for public release", "Category: Professional and higher"):
            assert part in said
        assert "rgb(75, 29, 120)" in said, "not in light colours"
        assert plain(here.page.inner_text("#panel-by_grade h2"))[:20] in said


def test_the_workbook_can_be_downloaded(visit):
    here = visit().go("/")
    with here.page.expect_download() as download:
        here.page.click("#panel-by_entity .tools a[href*='.xlsx']")
    assert re.fullmatch(r"parity-by_entity-\d{4}Q\d-.*-internal-demonstration\.xlsx", download.value.suggested_filename)


def test_a_citation_has_a_whole_address_where_its_source_has_one_too(visit):
    here = visit().go("/uniformed")
    said = here.page.locator(".panel .citation").all_text_contents()
    assert said and all(f"{here.address}/uniformed?release=" in each for each in said)


def test_a_citation_leads_to_the_same_numbers(visit):
    here = visit().go("/?category=PH")
    headline = here.page.inner_text("h1")
    here.page.click("#panel-by_grade [data-cite]")
    said = here.page.inner_text("#panel-by_grade .citation")
    link = re.search(r"(http\S+)", said).group(1)
    assert "release=" in link and "quarter=" in link and "category=PH" in link
    here.page.keyboard.press("Escape")
    assert here.page.evaluate("document.activeElement.hasAttribute('data-cite')")
    here.page.goto(link)
    here.drawn()
    assert here.page.inner_text("h1") == headline


def test_what_cannot_be_meant_is_said_and_the_page_still_works(visit):
    here = visit().go("/?nonsense=1&category=PH&quarter=yesterday")
    said = here.page.inner_text("#headline")
    assert "nonsense=1" in said and "quarter=yesterday" in said
    assert here.query == "category=PH"
    assert "Professional and higher" in here.page.inner_text("h1")


def test_an_unknown_code_is_an_explicit_empty_state(visit):
    here = visit().go("/?grade=P-99")
    assert here.page.inner_text("h1").startswith("Nothing to show: Grade “P-99” is not known")
    assert "is not known" in here.page.inner_text("#panel-by_grade")


def test_everything_can_be_reached_and_used_by_keyboard(visit):
    here = visit().go("/")
    page = here.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")  # Copy link
    assert page.evaluate("'copyPath' in document.activeElement.dataset")
    walked = []
    for _ in range(80):
        page.keyboard.press("Tab")
        keep = page.evaluate("document.activeElement.dataset.keep || ''")
        if not keep and walked:
            break
        walked.append(keep)
    tools = [
        f"{tool}-{panel}"
        for panel in PANELS
        for tool in ("figure", "table", "xlsx", "csv", "png", "svg", "api", "term", "cite")
    ]
    terms = [f"term-{name}" for name in ("women", "men", "share", "index")]
    assert walked == [*terms, *tools], "exactly the tools of each panel take the focus, and plotly takes none"

    page.locator("[data-keep=table-by_grade]").focus()
    page.keyboard.press("Enter")
    assert page.get_attribute("[data-keep=table-by_grade]", "aria-pressed") == "true"
    page.locator("#panel-by_grade table").wait_for()

    page.locator("details[data-facet=category] > summary").focus()
    page.keyboard.press("Enter")
    page.locator("details[data-facet=category] .option").first.wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.locator("button.chip").wait_for()
    here.drawn()
    assert page.is_visible("#panel-by_grade table"), "the switch keeps its place when figures are drawn anew"
    page.locator("button.chip").focus()
    page.keyboard.press("Enter")
    page.locator("button.chip").wait_for(state="detached")
    assert page.evaluate("document.activeElement !== document.body"), "the focus fell off the page"


def test_names_and_roles(visit):
    here = visit().go("/?category=PH")
    page = here.page
    page.click("#panel-by_grade [data-show=table]")
    assert page.locator("h1").count() == 1
    for role, name in (
        ("banner", None), ("navigation", "Pages"), ("main", None), ("complementary", "Filters"), ("contentinfo", None),
        ("button", "Remove filter Category: Professional and higher"),
        ("link", "Skip to content"),
    ):  # fmt: skip
        locator = page.get_by_role(role, name=name) if name else page.get_by_role(role)
        assert locator.count() == 1, role
    images = page.locator("[role=img]:visible")
    assert images.count() == len(PANELS) - 1  # one is shown as its table
    for image in images.all():
        assert image.get_attribute("aria-label").startswith("Figure: ")
    snapshot = page.locator("#panel-by_category").aria_snapshot()
    assert re.search(r'heading ".+" \[level=2\]', snapshot)
    assert 'button "Figure" [pressed]' in snapshot and 'button "Table"' in snapshot
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.title().startswith("Women are ")


def test_targets_are_large_enough(visit):
    here = visit(390).go("/?category=PH")
    here.page.click(".filters-fold")
    here.open("category")
    here.page.click("#panel-by_grade [data-show=table]")
    small = here.page.evaluate(
        """() => [...document.querySelectorAll('main button, main a, summary, .option, select, .filters a')]
           .filter(e => e.getClientRects().length && !e.closest('p'))
           .filter(e => e.getBoundingClientRect().height < 24)
           .map(e => e.outerHTML.slice(0, 120))"""
    )
    assert small == []


def test_figures_follow_the_colour_scheme_and_the_width(visit):
    here = visit(1280, "light").go("/")
    assert here.page.evaluate(STEM_COLOUR) == "#4B1D78"
    here.page.emulate_media(color_scheme="dark")
    eventually(here.page, STEM_COLOUR, "#7C4DFF")
    here.page.set_viewport_size({"width": 320, "height": 800})
    here.page.wait_for_timeout(500)
    assert here.page.evaluate("document.documentElement.scrollWidth") <= 320
    assert here.page.evaluate("document.querySelector('#panel-by_entity .js-plotly-plot').layout.width") < 320


def test_nothing_moves_for_those_who_asked_for_that(visit):
    here = visit(reduced_motion="reduce").go("/")
    moving = here.page.evaluate("getComputedStyle(document.querySelector('.panel-figure')).transitionDuration")
    assert moving in ("0s", "0s, 0s")


def test_it_prints_light_and_without_its_controls(visit):
    here = visit(scheme="dark").go("/")
    here.page.emulate_media(media="print")
    eventually(here.page, STEM_COLOUR, "#4B1D78")
    assert not here.page.is_visible(".filters") and not here.page.is_visible("#panel-by_grade .tools")
    assert here.page.is_visible("#panel-by_grade .js-plotly-plot") and here.page.is_visible("h1")
