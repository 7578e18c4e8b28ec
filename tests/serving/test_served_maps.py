"""Pages with a map bring what it is drawn with, and other pages do not pay for it."""

from __future__ import annotations

import json

import pytest
from served import CALLBACK, serve
from test_served_pages import body

from dashboard import pages

AUDIENCES = ("internal", "public")
MAPS = "plotly-maps.min.js"


def graphs(children) -> list[dict]:
    """The configurations of all figures in what a callback answers."""
    if isinstance(children, list):
        return [found for child in children for found in graphs(child)]
    if not isinstance(children, dict):
        return []
    own = [children["props"]["config"]] if children.get("type") == "Graph" else []
    return own + graphs(children.get("props", {}).get("children"))


@pytest.fixture(scope="module", params=AUDIENCES)
def client(small_dir, request):
    return serve(small_dir, audience=request.param)


@pytest.mark.parametrize("path", pages.samples())
def test_only_pages_with_a_map_load_what_maps_need(client, path: str):
    page = pages.find(path).page
    first = client.get(path).text
    assert (MAPS in first) == page.maps
    if page.maps:
        scripts = (
            first.index('<script src="/assets/plotly/plotly-base'),
            first.index('<script src="/assets/plotly/plotly-maps'),
        )
        assert scripts[0] < scripts[1] < first.index('<script src="/assets/figures.js')


def test_outlines_come_from_here_and_may_be_kept(client):
    response = client.post(CALLBACK, json=body("/country-teams", "", opens=True))
    configs = graphs(response.json["response"]["panels"]["children"])
    assert configs
    addresses = {config["topojsonURL"] for config in configs}
    assert len(addresses) == 1
    # plotly adds a slash and the name of what it wants.
    address = f"{addresses.pop()}/world_110m.json"
    assert address.startswith("/assets/maps/")
    outlines = client.get(address)
    assert outlines.status_code == 200
    assert "immutable" in outlines.headers["Cache-Control"]
    assert set(json.loads(outlines.text)["objects"]) == {"countries", "land"}


def test_a_map_says_the_same_as_its_table_and_its_question(client):
    response = client.post(CALLBACK, json=body("/country-teams", "", opens=True))
    written = response.json["response"]["opened"]["data"]["panels"]["map"]
    for code in ("KEN", "XKX"):
        assert f'href="/country-teams/{code}' in written["below"]
    assert "do not imply official endorsement or acceptance by the United Nations" in written["below"]
    assert "It is a map of the world" in written["alternative"] and "hatched" not in written["alternative"]
