"""The product under a path of a site, in a browser: everything it loads, asks for and leads to is under that path."""

import re

import pytest
from conftest import serving, visiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(small_dir, tmp_path_factory):
    log = tmp_path_factory.mktemp("site") / "log"
    with serving(small_dir, log, PARITY_URL="http://localhost/parity") as address:
        yield f"{address}/parity"


def test_a_visit_stays_under_the_path(site, contexts):
    # Anything that is asked for elsewhere fails the visit.
    with visiting(site, contexts) as make:
        visit = make()
        visit.go("/")
        before = visit.callbacks()
        visit.open("category")
        visit.page.locator("details[data-facet=category] .option input").first.check()
        visit.page.wait_for_function("location.search.includes('category=')")
        visit.drawn()
        assert visit.callbacks() > before
        assert visit.page.url.startswith(f"{site}/?category=")
        # A table that is asked for when it is opened.
        visit.page.locator("#panel-by_grade [data-show=table]").click()
        visit.page.locator("#panel-by_grade .panel-table tbody tr").first.wait_for()
        link = visit.page.locator("#panel-by_grade .tools a", has_text="CSV").first.get_attribute("href")
        assert link.startswith("/parity/api/v1/by_grade.csv")
        # To another page, with the selection; and to the page of a code.
        visit.page.locator("header a", has_text="Entities").first.click()
        visit.page.wait_for_url(re.compile(r"/parity/entities\?category="))
        visit.drawn()
        visit.page.locator("#panel-ranking [data-show=table], .panel [data-show=table]").first.click()
        visit.page.locator(".panel-table tbody a").first.click()
        visit.page.wait_for_url(re.compile(r"/parity/entities/[A-Z]"))
        visit.drawn()
        visit.page.go_back()
        visit.page.wait_for_url(re.compile(r"/parity/entities\?category="))


def test_maps_and_the_search_box_too(site, contexts):
    with visiting(site, contexts) as make:
        visit = make()
        visit.go("/country-teams")
        visit.page.locator("form[data-search] input[type=search]").first.fill("kenya")
        found = visit.page.locator("form.search .offers a").first
        found.wait_for()
        assert found.get_attribute("href").startswith("/parity/")
