"""A link and a citation can be copied wherever the page is served: with https, without it, and where it is refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

#: What a page without https finds, and one whose browser refuses.
CLIPBOARDS = {
    "none": "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });",
    "refused": "Clipboard.prototype.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));",
}
BY_HAND = "Document.prototype.execCommand = () => false;"
#: What was copied, as the older way of copying has it.
HEARD = """document.addEventListener("copy", () => {
  window.heard = getSelection().toString() || document.activeElement.value;
});"""
SELECTED = "getSelection().toString()"


@pytest.fixture(params=CLIPBOARDS)
def without(request, visit):
    """without(by_hand) opens a browser whose pages cannot use the clipboard; by hand not in the older way either."""

    def make(by_hand: bool = False, width: int = 1280):
        here = visit(width)
        here.page.add_init_script(CLIPBOARDS[request.param] + HEARD + (BY_HAND if by_hand else ""))
        return here

    return make


def test_link_and_citation_are_copied_without_a_clipboard(without):
    here = without().go("/?entity=UNDP")
    page = here.page
    link = page.locator("[data-copy-path]")
    link.click()
    expect(link).to_have_text("Copied")
    assert page.evaluate("window.heard").startswith(f"{here.address}/?") and "release=" in page.evaluate("window.heard")
    assert page.inner_text("#status") == "Copied"
    expect(link).to_have_text("Copy link")
    page.click("#panel-by_grade [data-cite]")
    page.click("#panel-by_grade [data-copy-citation]")
    expect(page.locator("#panel-by_grade [data-copy-citation]")).to_have_text("Copied")
    assert page.evaluate("window.heard") == page.inner_text("#panel-by_grade .citation")


@pytest.mark.parametrize("width", [390, 1280])
def test_what_cannot_be_copied_is_selected_and_it_is_said(without, width):
    here = without(by_hand=True, width=width).go("/?entity=UNDP")
    page = here.page
    for _ in range(2):
        page.click("[data-copy-path]")
        field = page.locator(".to-copy input")
        expect(field).to_be_focused()
    assert page.inner_text(".to-copy") == "Selected: copy it now"
    chosen = field.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
    assert chosen == field.input_value() and "release=" in chosen
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#panel-by_grade [data-cite]")
    button = page.locator("#panel-by_grade [data-copy-citation]")
    button.click()
    expect(button).to_have_text("Selected: copy it now")
    assert page.evaluate(SELECTED).strip() == page.inner_text("#panel-by_grade .citation")


def test_plain_pages_copy_or_select_too(without):
    here = without(by_hand=True).plain("/data")
    page = here.page
    page.click("[data-copies=citation]")
    expect(page.locator("[data-copies=citation]")).to_have_text("Selected: copy it now")
    assert page.evaluate(SELECTED).strip() == page.inner_text("#citation")


@pytest.mark.parametrize("path", ["/recruit?entity=UNDP&grade=P-4", "/compare?s=entity%3DUNDP&s=entity%3DUNICEF"])
def test_a_link_that_cannot_be_copied_is_followed(without, path):
    page = without(by_hand=True).plain(path).page
    page.click("a[data-copy]")
    page.wait_for_url("**release=*")


def test_with_a_clipboard_nothing_is_selected(visit):
    here = visit()
    here.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = here.go("/").page
    page.click("[data-copy-path]")
    expect(page.locator("[data-copy-path]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith(f"{here.address}/?")
    assert page.locator(".to-copy").count() == 0
