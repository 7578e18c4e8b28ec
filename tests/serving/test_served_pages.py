"""Every page for both audiences: each of its panels is drawn under every view option and under odd filters."""

from __future__ import annotations

import re

import pytest
from served import CALLBACK, OPEN, REDRAW, serve

from dashboard import pages, questions

AUDIENCES = ("internal", "public")
#: Nothing, a quarter long ago, few people, what may not be combined, and what no release knows.
SELECTIONS = (
    "",
    "quarter=2018Q1",
    "entity=UNDP&grade=P-4",
    "unct=KEN",
    "unct=KEN&headquarters=non-hq",
    "nationality=KEN&age_group=30-34",
    "rc=yes&age_group=30-34",
    "grade=P-99",
    "entity=UNU",
)


@pytest.fixture(scope="module")
def clients(small_dir):
    return {audience: serve(small_dir, audience=audience) for audience in AUDIENCES}


def body(path: str, search: str, opens: bool, panels=()) -> dict:
    figures = [{"id": {"type": "figure", "panel": panel}, "property": "figure"} for panel in panels]
    written = {"id": "opened" if opens else "drawn", "property": "data"}
    source = "page" if opens else "selection"
    return {
        "output": OPEN if opens else REDRAW,
        "outputs": [{"id": "panels", "property": "children"}, written] if opens else [figures, written],
        "inputs": [{"id": source, "property": "data", "value": {"path": path, "search": search}}],
        "changedPropIds": [f"{source}.data"],
        "parsedChangedPropsIds": [f"{source}.data"],
    }


def views(path: str) -> list[str]:
    """Query strings: each selection, and each value of each view option."""
    page = pages.find(path).page
    options = [f"v.{option.name}={value}" for option in page.options for value in option.values]
    return [*SELECTIONS, *options, *(f"unct=KEN&{option}" for option in options)]


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("path", pages.samples())
def test_every_panel_is_drawn_in_every_view(clients, path, audience):
    client = clients[audience]
    at = pages.find(path)
    for query in views(path):
        first = client.get(f"{path}?{query}")
        assert first.status_code == 200 and "could not be drawn" not in first.text, query
        response = client.post(CALLBACK, json=body(path, f"?{query}", opens=True))
        assert response.status_code == 200, query
        assert "could not be drawn" not in response.text, (query, response.text)
        written = response.json["response"]["opened"]["data"]
        assert set(written["panels"]) <= {panel.id for panel in at.page.panels}
        for panel in written["panels"].values():
            assert "<h2" in panel["words"]
        drawn = {panel.id for panel in at.page.panels if panel.figure} & set(written["panels"])
        again = client.post(CALLBACK, json=body(path, f"?{query}", opens=False, panels=sorted(drawn)))
        assert again.status_code == 200
        assert again.json["response"]["drawn"]["data"]["panels"] == written["panels"], (
            "drawn anew it says something else"
        )


@pytest.mark.parametrize("path", pages.samples())
def test_the_code_of_a_page_is_a_filter_like_any_other(clients, path):
    at = pages.find(path)
    if at.code is None:
        return
    written = (
        clients["internal"]
        .post(CALLBACK, json=body(path, "?category=P", opens=True))
        .json["response"]["opened"]["data"]
    )
    assert written["query"] == "category=P", "the path says the rest"
    first = next(iter(written["panels"].values()))
    assert f"{at.page.fixed}={at.code}" in first["below"]
    headline = clients["internal"].get(f"/?{at.page.fixed}={at.code}&category=P").text
    whole = clients["internal"].get(f"{path}?category=P").text
    figures = [text.partition('<dl class="figures">')[2].partition("</dl>")[0] for text in (headline, whole)]
    assert figures[0] == figures[1] != ""
    again = clients["internal"].get(f"{path}?{at.page.fixed}=ELSE&category=P").text
    assert again.partition("<h1>")[2].partition("</h1>")[0] == whole.partition("<h1>")[2].partition("</h1>")[0]


#: What is served and is no page for people.
NO_PAGES = ("/api/", "/assets/", "/_dash", "/_reload", "/_favicon", "/healthz", "/readyz", "/metrics")


def test_every_page_that_is_served_is_on_the_list_of_pages(clients):
    """So that who looks at all of them (accessibility, crawlers, search) misses none."""
    served = {
        rule.rule
        for rule in clients["internal"].application.url_map.iter_rules()
        if "GET" in rule.methods and not rule.rule.startswith(NO_PAGES)
    }
    assert served == {page.path for page in pages.PLAIN} | {"/", "/<path:path>"}, "the last two are Dash's"
    for path in pages.addresses():
        assert clients["public"].get(path).status_code == 200, path


def test_unknown_codes_are_not_found_and_the_list_is_offered(clients):
    for page in pages.PAGES:
        if page.of_codes:
            response = clients["public"].get(page.path.replace(pages.CODE, "NOPE"))
            assert response.status_code == 404
            assert f'href="{page.path.partition("/" + pages.CODE)[0]}"' in response.text
            for worse in ("", "a/b", "%3Cscript%3E", "..%2F..", "x" * 200):
                assert clients["public"].get(page.path.replace(pages.CODE, worse)).status_code == 404


def test_unknown_view_options_are_left_out_and_said(clients):
    said = clients["internal"].get("/entities?v.by=beauty&v.colour=red").text
    assert "“v.by=beauty”" in said and "“v.colour=red”" in said
    assert clients["internal"].get("/entities?v.by=gap").text.count("checked") == 2


def test_every_page_has_a_name_and_every_panel_a_question(clients):
    assert len({page.path for page in pages.PAGES}) == len(pages.PAGES)
    for page in pages.PAGES:
        names = [panel.id for panel in page.panels]
        assert len(set(names)) == len(names), page.path
        assert {panel.question for panel in page.panels} <= set(questions.load())
        assert not page.of_codes or page.sample


def test_public_pages_send_no_counts_of_single_people(clients):
    """Cells of a team by entity and grade are rounded in the table as they are in the file."""
    written = clients["public"].post(CALLBACK, json=body("/country-teams/KEN", "", opens=True)).json
    below = written["response"]["opened"]["data"]["panels"]["matrix"]["below"]
    table = below.partition("<tbody>")[2].partition("</tbody>")[0]

    for women, staff in re.findall(r"(\d[\d,]*) of (\d[\d,]*)", table):
        assert int(women.replace(",", "")) % 5 == 0 and int(staff.replace(",", "")) % 5 == 0
