"""The page on uniformed personnel and its files as they are served, to both audiences and of an older release."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape

import pytest
from older import before_uniformed
from served import CALLBACK, opening, serve

from dashboard.pages.uniformed import PAGE as UNIFORMED

AUDIENCES = ("internal", "public")
PAGE = "/uniformed"
FILTERS = "entity=UNDP&grade=P-99&quarter=2026Q2"


@pytest.fixture(scope="module", params=AUDIENCES)
def client(request, small_dir):
    return serve(small_dir, audience=request.param)


@pytest.fixture(scope="module")
def older(small_dir, tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("older")
    return data_dir, before_uniformed(small_dir, data_dir)


def opened(client, search: str = "") -> dict:
    body = json.loads(json.dumps(opening(search)))
    tables = [panel.id for panel in UNIFORMED.panels]
    body["inputs"][0]["value"] |= {"path": PAGE, "tables": tables}
    response = client.post(CALLBACK, json=body)
    assert response.status_code == 200
    return response.json["response"]["opened"]["data"]


def said(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", html)).replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_says_what_is_counted_before_any_script(client):
    text = client.get(PAGE).text
    words = said(text)
    assert "Women are 7.0 % of 81,932 military and police personnel (31 Jan 2021)" in words
    assert "Military and police personnel, who are not staff · 31 Jan 2021" in words
    assert "Demonstration data." not in words, "they are real, whatever release they stand in"
    assert "Demonstration data." in said(client.get("/").text)
    assert 'id="filters"' not in text and 'id="quarter"' not in text, "no filter that would do nothing"
    assert 'id="filters"' in client.get("/age").text
    assert "parity band" not in words and "below parity" not in words
    assert text.count('aria-current="page"') == 1


def test_filters_travel_past_it(client):
    words = said(client.get(f"{PAGE}?{FILTERS}").text)
    assert "The filters Quarter, Entity and Grade are about staff, so they have no effect here." in words
    assert "7.0 % of 81,932" in words
    # They go along to the next page.
    assert "/grades?quarter=2026Q2&amp;entity=UNDP&amp;grade=P-99" in client.get(f"{PAGE}?{FILTERS}").text
    with_filters, without = opened(client, f"?{FILTERS}"), opened(client)
    for panel in without["panels"]:
        tables = [written["panels"][panel]["below"].partition("<tbody>")[2].partition("</tbody>")[0]
                  for written in (with_filters, without)]  # fmt: skip
        assert tables[0] == tables[1] != ""
        assert with_filters["panels"][panel]["words"] == without["panels"][panel]["words"]


def test_every_panel_names_its_source_and_nothing_is_marked_as_modelled(client):
    for panel in opened(client)["panels"].values():
        below = said(panel["below"])
        assert "Source: DPO Peacekeeping" in below and "who are not staff" in said(panel["words"])
        stamp = re.search(r'data-stamp="([^"]*)"', panel["below"])
        for leaving in (stamp[1] if stamp else "", re.search(r'class="citation"[^>]*>([^<]*)', panel["below"])[1]):
            assert "emonstration" not in leaving
            assert not leaving or ("not staff" in leaving and "DPO Peacekeeping" in leaving)


@pytest.mark.parametrize("name", ["uniformed_by_country", "uniformed_by_region", "uniformed_by_mission"])
def test_files_are_named_by_their_own_day(client, name):
    response = client.get(f"/api/v1/{name}.csv?{FILTERS}")
    day = "2020-12-31" if name.endswith("mission") else "2021-01-31"
    named = re.search(r'filename="([^"]+)"', response.headers["Content-Disposition"])[1]
    assert named.startswith(f"parity-{name}-{day}-2026Q3-r") and "demonstration" not in named
    assert named.endswith(("-internal.csv", "-public.csv"))
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert {row["demonstration"] for row in rows} == {"false"}
    tag = response.headers["ETag"]
    assert client.get(f"/api/v1/{name}.csv?{FILTERS}", headers={"If-None-Match": tag}).status_code == 304


def test_the_listing_says_that_they_are_another_population(client):
    listed = {entry["name"]: entry for entry in client.get("/api/v1/").json["questions"]}
    assert listed["uniformed_by_country"]["population"] == "uniformed"
    assert listed["uniformed_by_country"]["filters"] == ["release"]
    assert listed["by_grade"]["population"] == "staff"


def test_view_options_change_the_order_and_nothing_else(client):
    tables = {}
    for by in ("size", "share", "women"):
        panel = opened(client, f"?v.by={by}")["panels"]["contributors"]
        tables[by] = re.findall(r"<tr><th scope=\"row\">([^<]+)", panel["below"])
    assert len(set(map(tuple, tables.values()))) == 3
    assert len({tuple(sorted(names)) for names in tables.values()}) == 1
    assert tables["size"][:2] == ["Bangladesh", "Rwanda"] and tables["women"][0] == "Ethiopia"
    assert "no such choice" in said(client.get(f"{PAGE}?v.by=beauty").text)


def test_an_older_release_says_in_words_that_they_are_not_in_it(older):
    data_dir, name = older
    client = serve(data_dir, audience="internal")
    words = said(client.get(f"{PAGE}?entity=UNDP").text)
    assert f"Release {name} has no figures on uniformed personnel" in words
    assert f"Release {name} has no figures on uniformed personnel: they were added later." in words
    assert "could not be drawn" not in words and "Demonstration data." not in words
    panels = opened(client)["panels"]
    assert "The targets for 2028 range from 15 % to 30 %" in said(panels.pop("targets")["words"])
    for panel in panels.values():
        assert "nothing to show" in said(panel["words"])
    assert client.get("/api/v1/uniformed_by_country.json").json["rows"] == []
    assert "reason" in client.get("/api/v1/uniformed_by_country.csv").text
    assert client.get("/readyz").status_code == 200
    assert client.get("/").status_code == 200


def test_the_public_is_not_served_an_older_release(older):
    data_dir, name = older
    client = serve(data_dir, audience="public")
    answer = client.get(PAGE)
    assert answer.status_code == 503
    assert "The figures are not available right now" in said(answer.text)
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert name in ready.text and "older disclosure policy" in ready.text
