"""What only a browser can show of Compare: a keyboard builds one, shapes tell scopes apart, paper has all of it."""

from __future__ import annotations

import re

import pytest

pytestmark = pytest.mark.browser

FOUR = "/compare?s=&s=entity%3DUNDP&s=entity%3DUNICEF&s=category%3DP"


def focused(page) -> str:
    return page.evaluate("(e => e.id || e.textContent.trim())(document.activeElement)")


def tab_to(page, wanted: str, most: int = 120) -> None:
    """Press Tab until the focus is there."""
    for _ in range(most):
        if focused(page) == wanted:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached")


@pytest.mark.parametrize("script", [True, False])
def test_a_keyboard_builds_a_comparison_and_reads_the_difference(visit, script: bool):
    page = visit(java_script_enabled=script).plain("/compare").page
    tab_to(page, "entity")
    page.keyboard.type("UNDP")
    tab_to(page, "Show")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?s=entity%3DUNDP")
    tab_to(page, "entity")
    page.keyboard.type("UNICEF")
    tab_to(page, "Show")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?s=entity%3DUNDP&s=entity%3DUNICEF")
    assert re.search(r"staff of UNDP .* staff of UNICEF.*: .*(apart|no difference)", page.inner_text("h1"))
    # The difference stands in a cell of its own, under its heading, which a screen reader names.
    heads = [cell.strip() for cell in page.locator("table.measures thead th").all_inner_texts()]
    place = next(number for number, head in enumerate(heads) if head == "Difference (B − A)")
    cells = page.locator("table.measures tr.measure-share_women").locator("th, td").all_inner_texts()
    assert re.search(r"[+−]?\d+(\.\d)?\spoints?|under 1\spoint|no difference", cells[place])
    # Change the second into the whole system, put it first, and go back.
    tab_to(page, "Change B")
    page.keyboard.press("Enter")
    page.wait_for_url("**v.edit=2#form")
    tab_to(page, "entity")
    page.keyboard.type("All")
    tab_to(page, "Change")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?s=entity%3DUNDP&s=")
    tab_to(page, "Use as baseline B")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?s=&s=entity%3DUNDP")
    tab_to(page, "Remove B")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compare?s=")
    page.go_back()
    assert page.url.endswith("/compare?s=&s=entity%3DUNDP")


@pytest.mark.parametrize("width", [320, 1280])
def test_scopes_are_told_apart_by_shape_and_stand_on_one_scale(visit, width: int):
    page = visit(width).plain(FOUR).page
    shapes = page.eval_on_selector_all(".rows .mark", "all => all.map(e => e.getAttribute('d'))")
    assert len(set(shapes)) == len(shapes) == 4
    paints = page.eval_on_selector_all(
        ".rows .mark", "all => all.map(e => getComputedStyle(e).fill + getComputedStyle(e).stroke)"
    )
    assert len(set(paints)) == 4
    # Where a mark is drawn is what its row says.
    for row in page.locator("table.levels tbody tr").all()[:6]:
        box = row.locator(".strip svg").first.bounding_box()
        spots = row.locator(".strip .mark").evaluate_all(
            """all => all.map(e => [e.getAttribute('class').slice(-1),
                                   (r => r.x + r.width / 2)(e.getBoundingClientRect())])"""
        )
        said = dict(zip("abcd", row.locator("td.number:not(.less)").all_inner_texts(), strict=True))
        for key, x in spots:
            share = float(re.search(r"[\d.]+", said[key])[0])
            assert abs(100 * (x - box["x"]) / box["width"] - share) < 1, (key, said)


def test_a_link_is_copied_and_said(visit):
    here = visit()
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = here.plain(FOUR).page
    page.click("text=Link to these numbers")
    page.locator("#status", has_text="Copied").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "/compare?release=2026Q3-r1&s=&s=entity%3DUNDP" in copied
    assert page.url.endswith(FOUR)


def test_paper_has_the_figures_and_not_the_form(visit):
    page = visit().plain(FOUR).page
    page.emulate_media(media="print")
    assert page.locator("h1").is_visible() and page.locator("table.measures").is_visible()
    assert page.locator("table.levels").is_visible() and page.locator(".lines").is_visible()
    for hidden in (".form-panel", ".side-tools", ".by", "nav"):
        assert not page.locator(hidden).first.is_visible() if page.locator(hidden).count() else True
    assert page.pdf(prefer_css_page_size=True)[:5] == b"%PDF-"
