"""The search as it is served: a page without script, suggestions for the box, and nothing that is not public."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import serve

from dashboard import search


@pytest.fixture(scope="module", params=["internal", "public"])
def visitor(request, small_dir):
    return request.param, serve(small_dir, audience=request.param)


def test_suggestions_are_few_and_say_what_they_are(visitor):
    audience, client = visitor
    answer = client.get("/api/v1/search.json?q=united").json
    assert answer["audience"] == audience
    assert len(answer["results"]) == search.OFFERED < answer["count"]
    assert answer["said"] == f"{search.OFFERED} of {answer['count']} results"
    for result in answer["results"]:
        assert set(result) == {"kind", "kind_label", "code", "title", "detail", "href"}
        assert result["kind_label"] and result["title"] and client.get(result["href"]).status_code == 200
    assert len(json.dumps(answer)) < 4000
    assert client.get("/api/v1/search.json").json["results"] == []
    assert client.get("/api/v1/search.json?q=p-4").json["said"] == "1 result"
    assert client.get("/api/v1/search.json?q=zzz").json["said"] == "No results"
    assert client.get("/api/v1/search.json?query=x").status_code == 400


def test_the_page_lists_what_the_box_offers_and_more(visitor):
    _, client = visitor
    text = client.get("/search?q=kenya").text
    for result in client.get("/api/v1/search.json?q=kenya").json["results"]:
        assert f'href="{result["href"].replace("&", "&amp;")}"' in text
    assert 'value="kenya"' in text and "“kenya”" in text
    assert client.get("/search?q=united").text.count("<li><a href") <= search.LISTED + 30


def test_an_empty_search_says_what_can_be_found(visitor):
    _, client = visitor
    for query in ("", "?q=", "?q=%20%20"):
        text = client.get(f"/search{query}").text
        assert "<h1>Search</h1>" in text and "All entities" in text
    assert "No results. Try fewer words" in client.get("/search?q=zzzz").text


def test_public_results_may_be_kept_and_internal_ones_not(visitor):
    audience, client = visitor
    for path in ("/search?q=undp", "/api/v1/search.json?q=undp"):
        response = client.get(path)
        assert "Set-Cookie" not in response.headers
        kept = "public, max-age=0, must-revalidate" if audience == "public" else "private, no-store"
        assert response.headers["Cache-Control"] == kept


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.one_of(st.text(max_size=300), st.sampled_from(["<script>alert(1)</script>", '"><b>', "%00", "{{ 7*7 }}"]))
)
def test_any_query_is_answered_and_nothing_of_it_becomes_markup(visitor, query):
    _, client = visitor
    page = client.get("/search", query_string={"q": query})
    assert page.status_code == 200
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert "<script" not in main and "<b>" not in main
    answer = client.get("/api/v1/search.json", query_string={"q": query})
    assert answer.status_code == 200 and len(answer.json["results"]) <= search.OFFERED
