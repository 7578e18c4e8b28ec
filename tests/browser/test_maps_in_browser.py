"""Maps as a visitor meets them: drawn, pointed at, done without, taken along."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PLOT = "#panel-map .js-plotly-plot"
MAPS = ("/country-teams", "/nationality")


def at(page: Page, longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place of the map is on the screen."""
    page.locator("#panel-map").scroll_into_view_if_needed()
    return tuple(
        page.evaluate(
            f"""([lon, lat]) => {{
                const plot = document.querySelector({PLOT!r});
                const [x, y] = plot._fullLayout.geo._subplot.projection([lon, lat]);
                const box = plot.querySelector(".main-svg").getBoundingClientRect();
                return [box.left + x, box.top + y];
            }}""",
            [longitude, latitude],
        )
    )


def point(page: Page, name: str, longitude: float, latitude: float) -> tuple[float, float]:
    """Move the pointer there as a hand does, and wait until it is told what is there; where it is on the screen."""
    x, y = at(page, longitude, latitude)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    page.locator("#panel-map .hoverlayer .hovertext", has_text=re.compile(f"^{name}")).wait_for()
    return x, y


def stands(page: Page, code: str) -> tuple[float, float]:
    """Longitude and latitude of a point."""
    return tuple(
        page.evaluate(
            """([selector, code]) => {
                const marks = document.querySelector(selector).data.find((trace) => trace.meta === "marks");
                const place = marks.customdata.indexOf(code);
                return [marks.lon[place], marks.lat[place]];
            }""",
            [PLOT, code],
        )
    )


def leads(page: Page, which: str) -> str:
    """Where a link of the map's table leads; the map is back in sight afterwards."""
    page.click("#panel-map [data-show=table]")
    href = page.locator(f"#panel-map tbody th a{which}").get_attribute("href")
    page.click("#panel-map [data-show=figure]")
    return href


@pytest.mark.parametrize("path", MAPS)
@pytest.mark.parametrize("width", [320, 1280])
def test_the_map_is_drawn_and_fits(visit, path: str, width: int):
    here = visit(width).go(path)
    page = here.page
    assert page.locator(f"{PLOT} .choroplethlocation").count() > 100
    assert page.locator(f"{PLOT} .scatterlayer .point").count() > 30
    drawn = page.locator(f"{PLOT} .layer.land path, {PLOT} .choroplethlayer").first.bounding_box()
    panel = page.locator("#panel-map").bounding_box()
    assert drawn["x"] >= panel["x"] - 1 and drawn["x"] + drawn["width"] <= panel["x"] + panel["width"] + 1
    assert drawn["width"] > panel["width"] * 0.5
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Outlines once, and nothing of another host: that, every visit is checked for.
    assert sum("world_110m.json" in url for url in here.requests) == 1
    assert sum("plotly-maps" in url for url in here.requests) == 1


def test_a_click_on_an_area_or_a_point_opens_the_team_as_its_link_does(visit):
    here = visit().go("/country-teams")
    page = here.page
    hrefs = {code: leads(page, f"[href^='/country-teams/{code}']") for code in ("KEN", "XKX")}
    page.mouse.click(*point(page, "Kenya", 37.9, 0.5))
    page.wait_for_url(f"**{hrefs['KEN']}")
    page.go_back()
    here.drawn()
    # Kosovo has no outline; its point is a way as good.
    page.mouse.click(*point(page, "Kosovo", *stands(page, "XKX")))
    page.wait_for_url(f"**{hrefs['XKX']}")


def test_a_click_on_a_nationality_narrows_and_back_widens(visit):
    here = visit().go("/nationality")
    page = here.page
    href = leads(page, "[href*='nationality=BRA']")
    page.mouse.click(*point(page, "Brazil", -52, -10))
    page.locator("button.chip").wait_for()
    assert f"/nationality?{here.query}" == href
    here.drawn()
    assert page.evaluate(f"document.querySelector({PLOT!r}).data[0].locations") == ["BRA"]
    page.go_back()
    page.locator("button.chip").wait_for(state="detached")


def test_without_a_pointer_the_table_is_searched_and_its_links_lead_on(visit):
    here = visit().go("/country-teams")
    page = here.page
    page.locator("#panel-map [data-show=table]").focus()
    page.keyboard.press("Enter")
    page.locator("#panel-map tbody a").first.wait_for()
    field = page.locator("#panel-map [data-search-table]")
    field.focus()
    # Tonga has no row of its own: it is named beneath its team.
    page.keyboard.type("tonga")
    assert page.locator("#panel-map tbody tr:visible").count() == 1
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#panel-map tbody a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/country-teams/fiji-multi-country")


def test_the_wheel_scrolls_the_page_and_not_the_map(visit):
    here = visit().go("/country-teams")
    page = here.page
    before = page.evaluate(f"document.querySelector({PLOT!r})._fullLayout.geo._subplot.projection.scale()")
    x, y = at(page, 20, 10)
    top = page.evaluate("scrollY")
    page.mouse.move(x, y)
    page.mouse.wheel(0, 300)
    page.wait_for_function("top => scrollY > top", arg=top)
    page.mouse.down()
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    after = page.evaluate(f"document.querySelector({PLOT!r})._fullLayout.geo._subplot.projection.scale()")
    assert after == before
    assert page.evaluate(f"document.querySelector({PLOT!r})._fullLayout.geo.projection.rotation.lon") == 11


def test_dark_mode_and_paper_have_colours_of_their_own(visit):
    here = visit(scheme="dark").go("/country-teams")
    colour = f"document.querySelector({PLOT!r})._fullLayout.geo.landcolor"
    assert here.page.evaluate(colour) == "#232930"
    here.page.emulate_media(media="print")
    here.page.wait_for_timeout(300)
    assert here.page.evaluate(colour) == "#EEF0F3"


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_of_a_map_can_be_taken_along(visit, kind: str, tmp_path: Path):
    here = visit(390, "dark").go("/country-teams")
    page = here.page
    page.wait_for_timeout(300)
    with page.expect_download() as started:
        page.click(f"#panel-map [data-picture={kind}]")
    started.value.save_as(tmp_path / "map")
    picture = (tmp_path / "map").read_bytes()
    assert started.value.suggested_filename.endswith(f".{kind}")
    if kind == "png":
        assert picture.startswith(b"\x89PNG") and len(picture) > 40_000
    else:
        drawn = picture.decode("utf-8")
        assert drawn.count("choroplethlocation") > 100
        assert re.search(r"country\s+teams", drawn) and "Women under 40" in drawn
        assert "not for public release" in drawn
        assert re.search(r"do not imply\s.*endorsement", re.sub(r"<[^>]+>", " ", drawn), re.DOTALL)
        assert "#232930" not in drawn and "rgb(35, 41, 48)" not in drawn, "pictures are light"


def test_a_part_of_the_world_is_larger(visit):
    here = visit(390).go("/country-teams")
    page = here.page
    kenya = f"document.querySelector({PLOT!r})._fullLayout.geo._subplot.projection"
    length = f"(() => {{ const p = {kenya}; return p([40, 0])[0] - p([35, 0])[0]; }})()"
    whole = page.evaluate(length)
    page.select_option("[name='v.map']", "africa")
    page.wait_for_url("**v.map=africa")
    here.drawn()
    page.wait_for_function(f"whole => {length} > 3 * whole", arg=whole)
    point(page, "Kenya", 37.9, 0.5)
