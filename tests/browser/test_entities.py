"""One entity in a browser: panels that come and go with a filter, peers chosen by hand, and many small lines."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def settled(here):
    here.page.wait_for_load_state("networkidle")
    return here.drawn()


def test_a_department_opens_in_place_and_the_panels_of_the_whole_come_back(visit):
    here = visit().go("/entities/UN?department=OCHA")
    assert {"by_grade", "trend"} <= set(here.panels) and not {"departments", "levels", "history"} & set(here.panels)
    here.page.click("button.chip")
    here.page.locator("#panel-departments").wait_for()
    settled(here)
    assert {"departments", "levels", "history"} <= set(here.panels)
    # Drawn while hidden, it has had no width of its own until now.
    plot, svg = (here.page.locator(f"#panel-departments .{name}").first for name in ("plot", "main-svg"))
    here.page.wait_for_function(
        "() => document.querySelector('#panel-departments .main-svg').getBoundingClientRect().width > 300"
    )
    assert abs(plot.bounding_box()["width"] - svg.bounding_box()["width"]) < 2
    here.page.locator("#panel-levels tbody a", has_text="OCHA").click()
    here.page.wait_for_url("**/entities/UN?department=OCHA")
    settled(here)
    assert "Humanitarian" in here.page.inner_text("h1") and "levels" not in here.panels


def test_peers_are_chosen_by_hand_with_the_keyboard_up_to_six(visit):
    here = visit().go("/entities/UNDP")
    page = here.page
    assert not page.locator(".view-several").is_visible()
    page.locator("[name='v.peers'][value=none]").focus()
    page.keyboard.press("ArrowLeft")  # the last of the choices
    page.locator(".view-several").wait_for()
    settled(here)
    page.locator("[name='v.peer']").first.focus()
    for count in range(1, 7):
        page.keyboard.press("Space")
        page.wait_for_function(
            "count => new URLSearchParams(location.search).getAll('v.peer').length === count", arg=count
        )
        settled(here)
        page.keyboard.press("Tab")
    assert page.locator("[name='v.peer']:disabled").count() == page.locator("[name='v.peer']").count() - 6
    assert "Dashed line: the peers you chose" in page.inner_text("#panel-trend .notes")
    page.go_back()
    settled(here)
    assert page.locator("[name='v.peer']:checked").count() == 5 and not page.locator("[name='v.peer']:disabled").count()


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_small_lines_stand_in_as_many_columns_as_fit_and_open_their_entity(visit, width):
    here = visit(width).go("/entities")
    found = here.page.evaluate(
        """() => {
          const plot = document.querySelector('#panel-lines .js-plotly-plot');
          const names = plot.data.find((trace) => trace.meta === 'names');
          return { columns: new Set(names.x.map((x) => x.toFixed(2))).size, names: names.text.length };
        }"""
    )
    assert found["columns"] == {320: 2, 390: 2, 1280: 5}[width] and found["names"] > 5
    line = here.page.locator("#panel-lines .scatterlayer .trace path.js-line").last
    line.scroll_into_view_if_needed()
    here.page.locator("#panel-lines [data-show=table]").click()
    here.page.locator("#panel-lines tbody a").first.click()
    here.page.wait_for_url("**/entities/*")
