"""The product under a path of a site: behind a proxy that takes the path away, and behind one that does not."""

import html
import json
import re

import pytest
from served import CALLBACK, Client, opening, redrawing, serve

from dashboard import pages
from dashboard.factory import create_app
from dashboard.mounted import inside, under
from dashboard.settings import Settings, public_view

ROOT = "/parity"
V1 = "/api/v1"
#: Any attribute whose value begins as an address of the product does.
ADDRESS = re.compile(r'\s[\w-]+="(/[^"]*)"')


class Behind:
    """A client that asks for addresses of the site, through a proxy that takes the path away or does not."""

    def __init__(self, data_dir, strips: bool, root: str = ROOT):
        self._client = serve(data_dir, canonical_url=f"https://example.org{root}")
        self._strips, self._root = strips, root

    def open(self, method, address, **options):
        assert address.startswith(f"{self._root}/"), f"{address} is not of the product"
        asked = address.removeprefix(self._root) if self._strips else address
        return self._client.open(asked, method=method, **options)

    def get(self, address, **options):
        return self.open("GET", address, **options)

    def post(self, address, **options):
        return self.open("POST", address, **options)


@pytest.fixture(scope="module", params=[True, False], ids=["stripping", "passing on"])
def site(request, small_dir):
    return Behind(small_dir, request.param)


def own(markup: str) -> set[str]:
    """The addresses in HTML that lead to this site."""
    found = {html.unescape(address) for address in ADDRESS.findall(markup)}
    return {address for address in found if not address.startswith("//")}


@pytest.mark.parametrize(
    "path", [*pages.addresses(), "/nowhere", "/?planet=mars", "/recruit?unct=KEN&grade=P-4&v.print=1"]
)
def test_every_address_of_a_page_is_under_the_path(site, path):
    page = site.get(ROOT + path)
    if page.status_code == 302:
        page = site.get(page.headers["Location"])
    found = own(page.text)
    assert f"{ROOT}/" in found
    assert not {address for address in found if not address.startswith(f"{ROOT}/")}
    assert not re.search(r'"/(api|assets|_dash|_tables)\b', page.text)
    assert "https://example.org/parity/" in page.text or page.status_code == 404
    for address in found:
        if re.match(rf"{ROOT}/(assets|_dash-component-suites)/", address):
            assert site.get(address).status_code == 200, address


def test_what_pages_lead_to_answers(site):
    seen = set()
    for path in (
        "/",
        "/entities/UNDP",
        "/data",
        "/methods",
        "/compare?s=entity%3DUNDP&s=entity%3DUNICEF",
        "/search?q=undp",
    ):
        for address in own(site.get(ROOT + path).text):
            at = address.partition("#")[0]
            if at not in seen and len(seen) < 150 and not at.endswith(".zip"):
                seen.add(at)
                assert site.get(at).status_code in (200, 302), address
    assert len(seen) > 60


@pytest.mark.parametrize("body", [opening, redrawing])
def test_figures_are_asked_for_and_lead_on(site, body):
    asked = body("?entity=UNDP")
    for given in asked["inputs"]:
        given["value"]["path"] = f"{ROOT}/entities/UNDP"
    answer = site.post(ROOT + CALLBACK, json=asked)
    assert answer.status_code == 200
    written = answer.json["response"]["opened" if body is opening else "drawn"]["data"]
    # The page that was asked for, not the overview.
    assert "UNDP" in written["headline"]
    text = written["headline"] + "".join(part["words"] + part["below"] for part in written["panels"].values())
    found = own(text)
    assert len(found) > 10
    assert all(address.startswith(f"{ROOT}/") for address in found)
    for address in sorted(found)[:12]:
        assert site.get(address.partition("#")[0]).status_code == 200, address
    leads = {part["lead"] for part in written["panels"].values()} - {""}
    assert all(lead.startswith(f"{ROOT}/") for lead in leads)
    # Tables that are asked for later.
    later = [address for address in found if "/_tables/" in address]
    if later:
        assert all(address.startswith(f"{ROOT}/") for address in own(site.get(later[0]).text))


def test_maps_find_their_outlines(site):
    asked = opening()
    asked["inputs"][0]["value"]["path"] = f"{ROOT}/country-teams"
    said = json.dumps(site.post(ROOT + CALLBACK, json=asked).json)
    (outlines,) = set(re.findall(r'"topojsonURL": "([^"]+)"', said))
    assert site.get(f"{outlines}/world_110m.json").status_code == 200


def test_the_browser_is_told_where_callbacks_are(site):
    config = json.loads(re.search(r'id="_dash-config"[^>]*>(.*?)</script>', site.get(f"{ROOT}/").text)[1])
    assert config["requests_pathname_prefix"] == f"{ROOT}/"
    words = re.search(r'"api":"([^"]+)"', site.get(f"{ROOT}/").text)[1]
    assert words == ROOT + V1


def test_the_api_leads_to_itself(site):
    listing = site.get(f"{ROOT}{V1}/").json
    links = [link for entry in listing["questions"] for link in entry["links"].values()]
    for link in (*links[:6], *(other["link"] for other in listing["others"] if not other["link"].endswith(".zip"))):
        assert site.get(link).status_code == 200, link
    (server,) = site.get(f"{ROOT}{V1}/openapi.json").json["servers"]
    assert server["url"] == ROOT + V1
    for address in ("by_grade.csv?entity=NOPE", "by_nationality.csv?age_group=30-34"):
        problem = site.get(f"{ROOT}{V1}/{address}")
        assert problem.status_code in (404, 422)
        for link in problem.json["links"]:
            assert site.get(link["href"]).status_code == 200
    for found in site.get(f"{ROOT}{V1}/search.json?q=undp").json["results"]:
        assert site.get(found["href"].partition("#")[0]).status_code == 200


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [("/grades/", "/grades"), ("/entities/undp", "/entities/UNDP"), ("/recruit/?unct=KEN", "/recruit?unct=KEN"),
     ("/compare?s=entity%3DUNDP&at=9", None), ("/api/v1", "/api/v1/")],
)  # fmt: skip
def test_redirects_stay_under_the_path(site, asked, leads_to):
    response = site.get(ROOT + asked)
    if leads_to is not None:
        assert response.status_code == 308
        location = response.headers["Location"].removeprefix("http://localhost")
        assert location == ROOT + leads_to
    elif response.status_code == 302:
        assert response.headers["Location"].startswith(f"{ROOT}/")


def test_the_path_alone_leads_to_the_overview(small_dir):
    client = serve(small_dir, canonical_url="https://example.org/parity")
    response = client.get("/parity?entity=UNDP")
    assert (response.status_code, response.headers["Location"]) == (308, "/parity/?entity=UNDP")
    # A page that only begins alike is another.
    assert client.get("/parity-index").status_code == client.get("/parity/parity-index").status_code == 200


def test_tags_and_compression_are_of_what_is_sent(small_dir):
    client = serve(small_dir, canonical_url="https://example.org/parity", audience="public")
    first = client.get("/parity/", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    again = client.get("/parity/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert serve(small_dir, audience="public").get("/").headers["ETag"] != first.headers["ETag"]


def test_the_public_view_beside_it_stands_at_its_own_top(small_dir):
    settings = Settings(data_dir=small_dir, canonical_url="https://example.org/parity", public_port=8051)
    other = create_app(public_view(settings)).server
    other.test_client_class = Client
    assert 'href="/grades"' in other.test_client().get("/").text


def test_nothing_but_addresses_is_changed():
    said = (
        '<a href="/x">/y href="/z" </a><p title="/no">src=&#34;/no</p><a href="//elsewhere"></a><a href="https://e/">'
    )
    assert under(said, "/p") == (
        '<a href="/p/x">/y href="/p/z" </a><p title="/no">src=&#34;/no</p><a href="//elsewhere"></a><a href="https://e/">'
    )
    assert under(said, "") == said
    assert [inside(path, "/p") for path in ("/p", "/p/", "/p/x", "/px", "/")] == ["/", "/", "/x", "/px", "/"]
