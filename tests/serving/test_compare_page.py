"""The page `/compare` and its file as they are served: without script, from one address, in both audiences."""

from __future__ import annotations

import csv
import html
import io
import re
import string
from urllib.parse import parse_qsl, quote, urlsplit

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import serve
from test_public_crawl import same_everywhere

from dashboard import pages
from dashboard.compare.choice import BREAKDOWNS
from dashboard.selection import DIMENSIONS

TWO = "/compare?s=entity%3DUNDP%26grade%3DP-4&s=entity%3DUNICEF%26grade%3DP-4"
FOUR = "/compare?s=&s=quarter%3D2025Q3&s=unct%3DKEN&s=entity%3DUNDP%26age_group%3D30-34"
SAMPLES = [f"/compare?{query}" if query else "/compare" for query in pages.COMPARE.samples]
MARK = "qzvisitorqz"


@pytest.fixture(scope="module", params=["internal", "public"])
def visitor(request, small_dir):
    return request.param, serve(small_dir, audience=request.param)


def finding(page: str) -> str:
    return html.unescape(re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)[1]).replace("\N{NO-BREAK SPACE}", " ")


def followed(client, address: str) -> str:
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200
    return response.text


def links(page: str) -> list[str]:
    return [
        html.unescape(link)
        for link in re.findall(r'href="([^"]+)"', page.partition("<main")[2].partition("</main>")[0])
    ]


@pytest.mark.parametrize("address", SAMPLES)
def test_samples_are_canonical_and_answer(visitor, address):
    _, client = visitor
    response = client.get(address)
    assert response.status_code == 200 and "<h1>" in response.text
    assert 'class="notice"' not in response.text


def test_the_first_response_has_the_finding_and_its_styles(visitor):
    _, client = visitor
    page = client.get(TWO).text
    assert re.match(r"Women are [\d.]+ % of P-4 staff of UNDP .*and [\d.]+ % of P-4 staff of UNICEF.*: ", finding(page))
    assert not re.search(r"<link[^>]+stylesheet", page)
    assert "<style" in page and ".sides" in page
    assert page.count('class="symbol"') > 4 and 'role="img"' in page


def test_a_selection_that_comes_along_is_the_first_scope(visitor):
    _, client = visitor
    response = client.get("/compare?grade=P-4&entity=UNDP")
    assert response.status_code == 302
    assert response.headers["Location"] == "/compare?s=entity%3DUNDP%26grade%3DP-4"
    page = client.get(response.headers["Location"]).text
    assert "Compare with" in page and 'name="at" value="2"' in page
    # What lies near is one click away.
    near = [link for link in links(page) if link.startswith("/compare?s=entity%3DUNDP%26grade%3DP-4&s=")]
    assert "/compare?s=entity%3DUNDP%26grade%3DP-4&s=grade%3DP-4" in near
    assert all(client.get(link).status_code == 200 for link in near)


def test_the_form_adds_and_changes_a_scope_without_script(visitor):
    _, client = visitor
    page = client.get("/compare?s=entity%3DUNDP").text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    fields = re.findall(r'<select id="(\w+)"', page)
    assert fields[:6] == ["entity", "unct", "region", "category", "grade", "quarter"]
    sent = {**dict.fromkeys(fields, ""), **{k: html.unescape(v) for k, v in hidden.items()}, "entity": "UNICEF"}
    response = client.get("/compare", query_string=sent)
    assert response.headers["Location"] == "/compare?s=entity%3DUNDP&s=entity%3DUNICEF"
    # The form of a scope has what it has chosen, several codes of one filter and those without a select included.
    changing = client.get("/compare?s=entity%3DUNDP%26entity%3DUNICEF%26department%3DUNV&v.edit=1").text
    assert re.search(r'<option value="UNDP,UNICEF" selected>as now: UNDP and UNICEF', changing)
    assert re.search(r'<input type="checkbox" name="department" value="UNV" checked>', changing)
    assert "Change A" in changing
    sent = {"s": "entity=UNDP&entity=UNICEF&department=UNV", "at": "1", "entity": "UNDP,UNICEF", "grade": "P-4"}
    response = client.get("/compare", query_string=sent)
    assert response.headers["Location"] == "/compare?s=entity%3DUNDP%26entity%3DUNICEF%26grade%3DP-4"


def test_where_a_scope_may_not_be_shown_others_near_it_are(visitor):
    _, client = visitor
    page = followed(client, "/compare?s=entity%3DUNDP&s=entity%3DUNDP%26unct%3DKEN%26age_group%3D30-34")
    if "not shown" in finding(page):
        near = [link for link in links(page) if link == "/compare?s=entity%3DUNDP&s=entity%3DUNDP%26unct%3DKEN"]
        assert near and client.get(near[0]).status_code == 200
    hidden = followed(client, "/compare?s=&s=unct%3DKEN%26age_group%3D30-34%26rc%3Dyes")
    assert "You can see instead:" in hidden and 'class="near"' in hidden
    again = re.search(r'class="near">.*?href="([^"]+)"', hidden, re.DOTALL)[1]
    assert client.get(html.unescape(again)).status_code == 200


def test_four_are_the_most_and_there_is_no_form_for_a_fifth(visitor):
    _, client = visitor
    page = client.get(FOUR).text
    assert "<form" not in page.partition("<main")[2] and "Remove one to add another" in page
    assert "<form" in client.get(f"{FOUR}&v.edit=2").text.partition("<main")[2]
    more = client.get(f"{FOUR}&s=grade%3DP-4")
    assert more.status_code == 200 and "You can compare up to 4. Left out: P-4 staff" in html.unescape(more.text)


def test_every_link_of_a_scope_leads_somewhere(visitor):
    _, client = visitor
    page = client.get(FOUR).text
    found = [link for link in links(page) if link.startswith("/")]
    assert {"/", "/entities/UNDP?age_group=30-34", "/country-teams/KEN", "/?quarter=2025Q3"} <= set(found)
    assert "/api/v1/by_grade.csv?unct=KEN&bom=1" in found and "/api/v1/trend.csv?bom=1" in found
    for link in dict.fromkeys(found):
        response = client.get(link.partition("#")[0])
        assert response.status_code == 200, link
    for link in (link for link in found if link.startswith("/compare")):
        assert client.get(link.partition("#")[0]).status_code == 200, f"{link} is not canonical"


@pytest.mark.parametrize("by", BREAKDOWNS)
def test_every_breakdown_is_drawn(visitor, by):
    _, client = visitor
    response = client.get(FOUR if by == "grade" else f"{FOUR}&v.by={by}")
    assert response.status_code == 200
    assert 'aria-current="true"' in response.text
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/v1{FOUR.replace('?', '.csv?')}&v.by={by}").text)))
    assert {row["by"] for row in rows if row["part"] == "level"} == {by}


def test_what_cannot_be_meant_is_said_and_the_page_works(visitor):
    _, client = visitor
    page = client.get("/compare?s=entity%3D%3Cb%3E&s=entity%3DNOPE&s=entity%3DUNDP&v.by=beauty&colour=red").text
    said = html.unescape(page)
    assert "<b>" not in page.replace("<br>", "")
    assert "A: We could not use “entity=<b>” in the address" in said and "“beauty” is not one of the choices." in said
    assert "“colour” in the address has no effect on this page." in said
    assert "no such code in this release" in said
    assert 'Entity “NOPE” is not known in release' in said  # fmt: skip


def test_an_older_release_is_pinned_for_all_and_a_newer_one_offered(visitor, small_dir):
    _, client = visitor
    page = client.get("/compare?release=2026Q2-r1&s=entity%3DUNDP&s=").text
    assert "Show release 2026Q3-r1" in page and "You are looking at an older release, " in page
    assert "/compare?s=entity%3DUNDP&s=" in links(page)
    kept = [link for link in links(page) if link.startswith(("/compare?", "/entities/", "/api/", "/?"))]
    pinned = [link for link in kept if "release=2026Q2-r1" in link]
    assert len(pinned) == len(kept) - 1, "all but the link to the newer one"
    assert 'name="release" value="2026Q2-r1"' in page


def test_a_link_to_these_numbers_shows_them_and_pins_the_release(visitor):
    _, client = visitor
    page = client.get(TWO).text
    link = html.unescape(re.search(r'href="([^"]+)" data-copy>', page)[1])
    assert link == TWO.replace("?", "?release=2026Q3-r1&")
    assert finding(client.get(link).text) == finding(page)
    assert f"{link} (accessed " in html.unescape(page)


def test_headers_and_no_cookie(visitor):
    audience, client = visitor
    for address in (TWO, TWO.replace("/compare?", "/api/v1/compare.csv?")):
        response = client.get(address)
        assert response.status_code == 200 and "Set-Cookie" not in response.headers
        kept = "public, max-age=0, must-revalidate" if audience == "public" else "private, no-store"
        assert response.headers["Cache-Control"] == kept
        if audience == "public":
            again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
            assert again.status_code == 304
    name = response.headers["Content-Disposition"]
    assert name == f'attachment; filename="parity-compare-2026Q3-2026Q3-r1-{audience}-demonstration.csv"'


def test_the_file_is_one_tidy_table_that_names_its_audience(visitor):
    audience, client = visitor
    rows = list(csv.DictReader(io.StringIO(client.get(FOUR.replace("/compare?", "/api/v1/compare.csv?")).text)))
    assert {row["part"] for row in rows} == {"total", "level", "trend"}
    assert {row["audience"] for row in rows} == {audience}
    assert all(row["notice"] and row["release"] == "2026Q3-r1" and row["demonstration"] == "true" for row in rows)
    assert {row["quarter"] for row in rows if row["scope"] == "B" and row["part"] == "total"} == {"2025Q3"}
    for row in rows:
        query = dict(parse_qsl(row["scope_query"]))
        assert query["release"] == "2026Q3-r1"
        if row["women"] == "":
            assert row["reason"] and not row["difference_points"]


def test_the_file_refuses_what_cannot_be_meant(visitor):
    _, client = visitor
    response = client.get("/api/v1/compare.csv?s=entity%3D%3Cb%3E")
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
    assert "<b>" in response.json["detail"]
    assert client.get("/api/v1/compare.csv").text.startswith("part,scope,")


def test_all_of_it_is_small(visitor):
    _, client = visitor
    page = client.get(FOUR, headers={"Accept-Encoding": "br"})
    assert b"<h1>" in brotli.decompress(page.data)
    assert len(page.data) < 30_000


def test_the_public_page_is_made_of_the_public_file_alone(small_dir, tmp_path):
    """Byte for byte the same where there is no internal file at all."""
    import shutil

    for release in (small_dir / "releases").iterdir():
        target = tmp_path / "releases" / release.name
        if release.is_dir():
            target.mkdir(parents=True)
            for name in ("public.duckdb", "manifest.json"):
                shutil.copy(release / name, target / name)
    shutil.copy(small_dir / "releases" / "current", tmp_path / "releases" / "current")
    alone, beside = serve(tmp_path, audience="public"), serve(small_dir, audience="public")
    for address in (*SAMPLES, TWO, FOUR, *(f"{FOUR}&v.by={by}" for by in BREAKDOWNS)):
        same_everywhere(alone, beside, address)
        same_everywhere(alone, beside, address.replace("/compare", "/api/v1/compare.csv", 1))


# -- whatever anybody sends -------------------------------------------------------------------------------------------

words = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "entity=UNDP", "grade=P-4&grade=D-1", "quarter=2025Q3", f"<{MARK}>", "category=PH", "%", "\0",
                     "entity=NOPE", "unct=KEN&age_group=30-34", "rc=yes", "appointment=TA", "release=2026Q3-r1", "é",
                     "x" * 90, "v.sort=gap", "entity=UNDP,UNICEF"]),
)  # fmt: skip
keys = st.one_of(
    st.sampled_from(["s", "s", "s", "s", "at", "v.by", "v.edit", "release", *DIMENSIONS, "quarter", "v.", "nope"]),
    st.text(max_size=20),
)
queries = st.one_of(
    st.lists(st.tuples(keys, words), max_size=7).map(
        lambda pairs: "&".join(f"{quote(k, errors='replace')}={quote(v, errors='replace')}" for k, v in pairs)
    ),
    st.text(alphabet=string.printable.translate({ord(c): None for c in "\r\n\t\x0b\x0c #"}), max_size=80),
)


@settings(
    max_examples=60, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(query=queries)
def test_any_address_is_answered_and_leads_to_one_that_stays(visitor, query, said_in_log):
    _, client = visitor
    response = client.get(f"/compare?{query}")
    if response.status_code == 302:
        location = response.headers["Location"]
        assert urlsplit(location).path == "/compare"
        response = client.get(location)
        assert response.status_code == 200, "an address that is canonical is redirected no more"
    assert response.status_code == 200 and "<h1>" in response.text
    assert f"<{MARK}>" not in response.text and MARK not in said_in_log()
    file = client.get(f"/api/v1/compare.csv?{query}")
    assert file.status_code in (200, 400) and MARK not in said_in_log()
