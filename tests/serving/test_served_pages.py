"""Every page for both audiences: each of its panels is drawn under every view option and under odd filters."""

from __future__ import annotations

import csv
import json
import re
from html import unescape

import pytest
from served import CALLBACK, OPEN, REDRAW, ROOT, serve

from dashboard import pages, questions
from dashboard.disclosure.policy import load as load_policy

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


def tables_of(path: str) -> list[str]:
    return [panel.id for panel in pages.find(path).page.panels]


def body(path: str, search: str, opens: bool, panels=()) -> dict:
    figures = [{"id": {"type": "figure", "panel": panel}, "property": "figure"} for panel in panels]
    written = {"id": "opened" if opens else "drawn", "property": "data"}
    source = "page" if opens else "selection"
    return {
        "output": OPEN if opens else REDRAW,
        "outputs": [{"id": "panels", "property": "children"}, written] if opens else [figures, written],
        "inputs": [
            {"id": source, "property": "data", "value": {"path": path, "search": search, "tables": tables_of(path)}}
        ],
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


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("path", pages.samples())
def test_a_table_asked_for_alone_is_the_one_that_comes_with_its_figure(clients, path, audience):
    client = clients[audience]
    for query in ("", "entity=UNDP&grade=P-4", "unct=KEN&headquarters=non-hq"):
        whole = client.post(CALLBACK, json=body(path, f"?{query}", opens=True)).json["response"]["opened"]["data"]
        asked = body(path, f"?{query}", opens=True)
        asked["inputs"][0]["value"]["tables"] = []
        without = client.post(CALLBACK, json=asked).json["response"]["opened"]["data"]
        assert set(whole["panels"]) == set(without["panels"])
        for name, panel in without["panels"].items():
            later = re.search(r' data-later="([^"]*)"', panel["below"])
            if later is None:
                assert panel["below"] == whole["panels"][name]["below"]
                continue
            found = client.get(unescape(later[1]))
            assert found.status_code == 200
            place = panel["below"].replace(later[0], "", 1).partition('aria-labelledby="title-')
            before, after = place[2].split(">\n", 1)
            drawn = f"{place[0]}{place[1]}{before}>\n{found.text}{after}"
            assert drawn == whole["panels"][name]["below"], (name, query)
            wrong = unescape(later[1]).replace("of=", "of=1999Q1-r1&was=")
            assert client.get(wrong).status_code == 409
    for wrong in ("/_tables/none?path=/", "/_tables/by_grade?path=/none", "/_tables/by_grade"):
        assert client.get(wrong).status_code == 404


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
NO_PAGES = ("/api/", "/assets/", "/_dash", "/_reload", "/_favicon", "/_tables", "/healthz", "/readyz", "/metrics")


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
            for worse in ("a/b", "%3Cscript%3E", "..%2F..", "x" * 200):
                assert clients["public"].get(page.path.replace(pages.CODE, worse)).status_code == 404
            # A slash too many is no code: it leads to the list.
            assert clients["public"].get(page.path.replace(pages.CODE, "")).status_code == 308


def test_unknown_view_options_are_left_out_and_said(clients):
    said = clients["internal"].get("/entities?v.by=beauty&v.colour=red").text
    assert "“v.by=beauty”" in said and "“v.colour=red”" in said
    assert clients["internal"].get("/entities?v.by=gap").text.count("checked") == 1


def test_every_page_has_a_name_and_every_panel_a_question(clients):
    assert len({page.path for page in pages.PAGES}) == len(pages.PAGES)
    for page in pages.PAGES:
        names = [panel.id for panel in page.panels]
        assert len(set(names)) == len(names), page.path
        assert {panel.question for panel in page.panels} <= set(questions.load())
        assert not page.of_codes or page.sample


def test_places_by_entity_and_grade_are_sent_to_signed_in_staff_only(clients):
    """No public table has them; what the public is sent of a team are rounded counts."""
    panels = {
        audience: client.post(CALLBACK, json=body("/country-teams/KEN", "", opens=True)).json["response"]["opened"][
            "data"
        ]["panels"]
        for audience, client in clients.items()
    }
    assert "matrix" in panels["internal"] and "matrix" not in panels["public"]
    sent = json.dumps(panels["public"], ensure_ascii=False)
    counts = re.findall(r"about\W+(\d[\d,]*)\W+of\W+(?:about\W+)?(\d[\d,]*)", sent)
    assert counts
    for women, staff in counts:
        assert int(women.replace(",", "")) % 5 == 0 and int(staff.replace(",", "")) % 5 == 0


def test_peers_chosen_by_hand_stand_in_the_address_and_nothing_else_does(clients):
    client = clients["internal"]

    def query(search: str) -> str:
        return client.post(CALLBACK, json=body("/entities/UNDP", f"?{search}", opens=True)).json["response"]["opened"][
            "data"
        ]["query"]

    chosen = "v.peers=hand&v.peer=UNICEF&v.peer=WFP"
    assert query(chosen) == query("v.peer=WFP&v.peers=hand&v.peer=UNICEF&v.peer=WFP") == chosen
    assert query("v.peers=hand&v.peer=UNDP&v.peer=NOPE&v.peer=%3Cb%3E&v.peer=WFP") == "v.peers=hand&v.peer=WFP"
    assert query("v.peers=size&v.peer=WFP") == "v.peers=size"
    many = [f"v.peer={code}" for code in ("FAO", "IAEA", "ICAO", "ILO", "IMO", "ITU", "UPU")]
    assert query("v.peers=hand&" + "&".join(many)) == "v.peers=hand&" + "&".join(many[:6])
    page = client.get("/entities/UNDP?v.peers=hand&v.peer=NOPE&v.peer=%3Cb%3E&v.peer=WFP").text
    assert "“v.peer=NOPE”" in page and "“v.peer=&lt;b&gt;”" in page and "<b>”" not in page
    boxes = re.findall(r'name="v\.peer" value="(\w+)"( checked)?', page)
    assert ("WFP", " checked") in boxes and "UNDP" not in dict(boxes)
    assert "“v.peer=WFP”" in client.get("/entities/UNDP?v.peers=size&v.peer=WFP").text


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("peers", ["size", "kind", "hand&v.peer=WFP&v.peer=UNICEF"])
def test_peers_are_named_and_drawn_for_both_audiences(clients, audience, peers):
    for filters in ("", "&grade=P-4", "&unct=KEN", "&quarter=2025Q2", "&age_group=30-34", "&grade=P-99"):
        search = f"?v.peers={peers}{filters}"
        written = clients[audience].post(CALLBACK, json=body("/entities/UNDP", search, opens=True)).json
        panel = written["response"]["opened"]["data"]["panels"]["trend"]
        assert "could not be drawn" not in panel["words"], search
        drawn = "not shown" not in panel["words"] and "nothing to show" not in panel["words"]
        assert ("Dashed line:" in panel["below"]) == drawn, search
    whole = clients[audience].post(CALLBACK, json=body("/entities/UNDP", f"?v.peers={peers}", opens=True)).json
    assert "peers:" in whole["response"]["opened"]["data"]["panels"]["trend"]["words"]


def test_a_department_opens_and_what_makes_no_sense_for_it_is_gone(clients):
    for audience in AUDIENCES:
        client = clients[audience]
        whole = client.post(CALLBACK, json=body("/entities/UN", "", opens=True)).json["response"]["opened"]["data"]
        assert {"departments", "levels", "history"} <= set(whole["panels"])
        for name in ("departments", "levels"):
            assert 'href="/entities/UN?department=OCHA"' in whole["panels"][name]["below"], (audience, name)
        first = client.get("/entities/UN?department=OCHA").text
        headline = first.partition("<h1>")[2].partition("</h1>")[0]
        assert "Office for the Coordination of Humanitarian Affairs" in headline and "UN Secretariat" not in headline
        assert "Before you recruit in OCHA" in first and "s=entity%3DUN%26department%3DOCHA" in first
        response = client.post(CALLBACK, json=body("/entities/UN", "?department=OCHA", opens=True))
        part = response.json["response"]["opened"]["data"]["panels"]
        assert {"by_grade", "gaps", "trend"} <= set(part)
        assert not {"departments", "levels", "history"} & set(part)
        assert ({"by_place", "furthest", "by_age", "by_headquarters"} <= set(part)) == (audience == "internal")
        for panel in part.values():
            assert 'class="refused"' not in panel["below"]
        # All panels of the page are there to be shown when a filter wants them.
        assert response.text.count('"data-panel"') == len(pages.find("/entities/UN").page.panels)


def test_departments_by_grade_are_exact_but_for_places_which_the_public_gets_rounded(clients):
    def counts(audience):
        rows = clients[audience].get("/api/v1/department_by_grade.json?entity=UN").json["rows"]
        return {(row["department"], row["grade"]): (row["women"], row["men"]) for row in rows}

    with (ROOT / "data" / "reference" / "departments.csv").open(encoding="utf-8", newline="") as file:
        bound = {row["code"] for row in csv.DictReader(file) if row["place_bound"] == "1"}
    exact, told, policy = counts("internal"), counts("public"), load_policy()
    assert bound & {department for department, _ in exact}
    assert {key: pair for key, pair in told.items() if key[0] not in bound} == {
        key: pair for key, pair in exact.items() if key[0] not in bound
    }
    for key, pair in told.items():
        if key[0] in bound and pair != (None, None):
            assert all(count % 5 == 0 for count in pair) and sum(pair) >= 5, key
            # No further from the truth than is said.
            wrong = [count - true for count, true in zip(pair, exact[key], strict=True)]
            assert max(map(abs, wrong)) <= policy.error and abs(sum(wrong)) <= policy.error_together, key


def test_what_a_click_narrows_follows_the_view(clients):
    def drill(path: str, search: str, panel: str) -> tuple[str, str]:
        written = clients["internal"].post(CALLBACK, json=body(path, search, opens=False)).json
        found = written["response"]["drawn"]["data"]["panels"][panel]
        return found["drill"], found["lead"]

    assert drill("/parity-index", "", "cells") == ("duty_station", "")
    assert drill("/parity-index", "?v.by=entity", "cells") == ("entity", "")
    assert drill("/entities/UNDP", "", "by_place") == ("unct", "/country-teams/<code>")
    assert drill("/entities/UNDP", "?v.place=country", "by_place") == ("country", "")


def test_an_answer_says_what_it_answers_and_what_an_open_page_has_to_follow(clients):
    def told(**more) -> dict:
        asked = body("/entities/UNDP", "?category=P", opens=True)
        asked["inputs"][0]["value"] |= more
        return clients["internal"].post(CALLBACK, json=asked).json["response"]["opened"]["data"]

    first = told(turn=7)
    name = first["release"]
    assert (first["asked"], first["turn"]) == ("?category=P", 7)
    frame = first["frame"]
    assert frame["quarters"][0] == frame["latest"] == name[:6] and frame["quarters"] == sorted(frame["quarters"])[::-1]
    assert name in frame["published"] and "not for public release" in frame["banner"]
    assert frame["several"] and all("<legend>" in options for options in frame["several"].values())
    assert told(of="2001Q1-r1", turn=8)["frame"] == frame
    assert told(of=name)["frame"] is None and told(turn="x")["turn"] is None
