"""On paper nothing is lost: a table wider than the page is printed in blocks of columns, upright and across."""

from __future__ import annotations

import io
import re
import unicodedata
from collections import Counter

import pytest
from conftest import Visit
from pypdf import PdfReader

pytestmark = pytest.mark.browser

#: The counts beneath a share: "3 of 5".
SHARE = re.compile(r"\b\d+ of \d+\b")
#: Headings and cells of the tables that are shown.
HEADINGS = "main table:visible thead th"
CELLS = """() => [...document.querySelectorAll('main .panel-table table, main .wide table')]
  .filter(table => table.offsetParent)
  .flatMap(table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.textContent)))"""


def plain(text: str) -> str:
    """A text without blanks, and without the ligatures that a font has for some letters."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def printed(here: Visit, landscape: bool = False, size: str = "A4") -> PdfReader:
    return PdfReader(io.BytesIO(here.page.pdf(format=size, landscape=landscape, print_background=True)))


def words(reader: PdfReader) -> str:
    return plain("".join(page.extract_text() for page in reader.pages))


def tables(here: Visit) -> Visit:
    """Show every panel of the page as its table."""
    for button in here.page.locator("[data-show=table]:visible").all():
        button.click()
        here.page.wait_for_load_state("networkidle")
    return here


@pytest.mark.parametrize("size", ["A4", "Letter"])
def test_a_matrix_is_printed_whole(visit_whole, size):
    here = visit_whole().go("/country-teams/KEN")
    matrix = here.page.locator(".matrix table").first
    grades = matrix.locator("thead th").all_inner_texts()
    rows = matrix.locator("tbody tr").count()
    shares = Counter(SHARE.findall("|".join(matrix.locator("tbody td").all_inner_texts())))
    assert len(grades) > 30
    for landscape in (False, True):
        reader = printed(here, landscape, size)
        told = words(reader)
        assert [grade for grade in grades if plain(grade) not in told] == [], landscape
        found = Counter(SHARE.findall("\n".join(page.extract_text() for page in reader.pages)))
        assert not {share: count for share, count in shares.items() if found[share] < count}, landscape
        # Each block says whose row it is.
        assert told.count(plain(matrix.locator("tbody th").first.inner_text())) >= 2
        assert "Scrollssideways" not in told
    # The page itself is as it was.
    assert matrix.is_visible() and here.page.locator(".on-paper").count() == 0
    assert matrix.locator("tbody tr").count() == rows


@pytest.mark.parametrize("path", ["/", "/entities", "/entities/UNDP", "/parity-index", "/nationality"])
def test_no_page_loses_a_column(visit, path):
    here = tables(visit().go(path))
    headings = [text for text in here.page.locator(HEADINGS).all_inner_texts() if text.strip()]
    cells = Counter(plain(text) for row in here.page.evaluate(CELLS) for text in row[1:] if text.strip())
    assert len(headings) > 5
    for landscape in (False, True):
        told = words(printed(here, landscape))
        assert [text for text in headings if plain(text) not in told] == [], landscape
        assert [text for text in cells if text not in told] == [], landscape


def test_blocks_are_of_the_rows_that_are_shown(visit_whole):
    here = visit_whole().go("/country-teams/KEN")
    panel = here.page.locator(".panel:has(.matrix)").first
    left = panel.locator("tbody tr").count() - 3
    panel.locator("tbody").evaluate("body => [...body.rows].slice(0, 3).forEach(row => (row.hidden = true))")
    here.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    blocks = {kind: panel.locator(f".on-paper .{kind} table").all() for kind in ("upright", "across")}
    assert len(blocks["upright"]) > len(blocks["across"]) > 0
    for table in (*blocks["upright"], *blocks["across"]):
        assert table.locator("tbody tr").count() == left
    assert here.page.locator(".on-paper [id], .on-paper [data-keep]").count() == 0
    here.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert here.page.locator(".on-paper, .is-cut").count() == 0


def test_a_wide_figure_is_printed_smaller(visit):
    here = visit(1280).go("/country-teams")
    wide = here.page.locator(".plot").evaluate_all("all => all.filter(plot => plot.clientWidth > 700).length")
    assert wide, "a figure that is wider than the paper"
    here.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    here.page.emulate_media(media="print")
    here.page.set_viewport_size({"width": 703, "height": 1000})
    beyond = here.page.locator(".plot").evaluate_all(
        "all => all.filter(p => p.querySelector('.main-svg')?.getBoundingClientRect().right > innerWidth).length"
    )
    assert beyond == 0
