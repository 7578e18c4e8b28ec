"""The search box with a keyboard, at every size, and without script."""

from __future__ import annotations

import pytest
from accessibility import violations

pytestmark = pytest.mark.browser

FOCUSED = "document.activeElement.id || document.activeElement.getAttribute('href') || document.activeElement.tagName"


def offered(page) -> list[str]:
    page.locator(".offers a").first.wait_for()
    return page.locator(".offers a").evaluate_all("all => all.map(a => a.getAttribute('href'))")


def test_a_key_a_few_letters_and_enter_lead_to_an_entity(visit):
    page = visit().plain("/methods").page
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "site-search" and page.input_value("#site-search") == ""
    page.keyboard.type("unhcr")
    links = offered(page)
    assert links[0] == "/entities/UNHCR"
    assert page.inner_text(".offers [role=status]").endswith(("result", "results"))
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == "/entities/UNHCR"
    page.keyboard.press("Enter")
    page.wait_for_url("**/entities/UNHCR")


def test_arrows_tab_and_escape_move_among_what_is_offered(visit):
    page = visit().plain("/data").page
    page.focus("#site-search")
    page.keyboard.type("united")
    links = offered(page)
    assert len(links) == 8
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(FOCUSED) == links[1]
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == links[2]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(FOCUSED) == "site-search"
    page.keyboard.press("Escape")
    assert page.locator(".offers").is_hidden() and page.evaluate(FOCUSED) == "site-search"
    page.keyboard.type("x")
    page.keyboard.press("Backspace")
    offered(page)
    for _ in range(12):
        page.keyboard.press("Tab")
    assert page.locator(".offers").is_hidden(), "who goes on is not followed by it"


def test_enter_in_the_box_leads_to_the_page_of_results(visit):
    page = visit().plain("/").page
    page.keyboard.press("/")
    page.keyboard.type("p4")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=p4")
    assert page.inner_text("h1") == "“p4”: 1 result"
    page.locator(".results a").click()
    page.wait_for_url("**/?grade=P-4")


def test_the_key_is_for_who_is_not_typing_and_can_be_switched_off(visit):
    page = visit().plain("/recruit").page
    page.focus("#entity")
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "entity"
    page.goto(page.url.partition("/recruit")[0] + "/search")
    page.click("[data-shortcut] button")
    assert page.inner_text("[data-shortcut] button") == "Switch this key on"
    page.locator("#content").focus()
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "content"
    page.click("[data-shortcut] button")
    page.keyboard.press("/")
    assert page.evaluate(FOCUSED) == "site-search"


def test_without_script_the_form_answers(visit):
    page = visit(java_script_enabled=False).plain("/methods").page
    page.fill("#site-search", "nairobi")
    page.click(".search button")
    page.wait_for_url("**/search?q=nairobi")
    assert page.locator(".results a").first.get_attribute("href") == "/?duty_station=KEN-nairobi"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("path", ["/", "/recruit", "/nowhere"])
def test_what_is_offered_passes_axe_and_fits(visit, path, width, scheme):
    here = visit(width, scheme, bypass_csp=True)
    here.page.goto(here.address + path)
    here.page.wait_for_load_state("networkidle")
    here.page.fill("#site-search", "un")
    here.page.locator(".offers a").first.wait_for()
    # Of the frame alone: what lies under an open list is hidden on purpose, as long as it is open.
    assert violations(here.page, within="header.top") == []
    assert here.page.evaluate("document.documentElement.scrollWidth") <= width
    box = here.page.locator(".offers").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    if path == "/nowhere":
        here.complaints.clear()


def test_the_citation_is_copied_and_the_matrix_keeps_its_headers_in_sight(visit):
    here = visit(390)
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = here.plain("/data").page
    page.click("[data-copies=citation]")
    page.locator("[data-copies=citation]", has_text="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.inner_text("#citation")
    region = page.locator(".coverage")
    region.focus()
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.wait_for_timeout(300)
    assert region.evaluate("e => e.scrollTop") > 0, "it scrolls with a keyboard"
    top = region.bounding_box()["y"]
    head = page.locator(".coverage thead th").first.bounding_box()
    assert abs(head["y"] - top) <= 2 and head["x"] >= region.bounding_box()["x"] - 1
