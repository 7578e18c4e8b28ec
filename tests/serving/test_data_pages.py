"""The pages `/data` and `/data/differences` and the files that go with them, as they are served to both audiences."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient
from served import serve

from dashboard import glossary, pages, questions
from dashboard.holdings import coverage

V1 = "/api/v1"


@pytest.fixture(scope="module", params=["internal", "public"])
def visitor(request, small_dir) -> tuple[str, FlaskClient]:
    return request.param, serve(small_dir, audience=request.param)


@pytest.fixture(scope="module")
def names(small_dir) -> list[str]:
    return sorted(path.name for path in (small_dir / "releases").iterdir() if path.is_dir())


class Page(HTMLParser):
    """Ids and links of a page, and the cells of its first table."""

    def __init__(self, text: str):
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.rows: list[list[tuple[str, dict, str]]] = []
        self._tables = 0
        self._cell: tuple[str, dict] | None = None
        self._said = ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        if said.get("id"):
            self.ids.append(said["id"])
        if tag == "a" and said.get("href"):
            self.links.append(said["href"])
        self._tables += tag == "table"
        if self._tables == 1 and tag == "tr":
            self.rows.append([])
        if self._tables == 1 and tag in ("td", "th"):
            self._cell, self._said = (tag, said), ""

    def handle_data(self, data):
        self._said += data

    def handle_endtag(self, tag):
        if self._cell and tag == self._cell[0]:
            self.rows[-1].append((*self._cell, " ".join(self._said.split())))
            self._cell = None


def test_the_matrix_has_every_entity_and_quarter_in_words_with_headers(visitor):
    _, client = visitor
    page = Page(client.get("/data").text)
    answer = client.get(f"{V1}/coverage_history.json").json["rows"]
    quarters = sorted({row["quarter"] for row in answer}, reverse=True)
    years, named = page.rows[0], page.rows[1]
    assert [cell[1]["abbr"] for cell in named] == quarters and all(cell[1]["scope"] == "col" for cell in named)
    assert sum(int(cell[1]["colspan"]) for cell in years[1:]) == len(quarters)
    assert all(cell[1]["scope"] == "colgroup" for cell in years[1:])
    states = {(row["entity"], row["quarter"]): row for row in answer}
    body = page.rows[2:-1]
    assert len(body) == len({row["entity"] for row in answer})
    words = {"reported": "reported", "carried": "carried forward", "partial": "partly reported",
             "not-submitted": "not submitted", "not-participant": "does not take part"}  # fmt: skip
    for head, *cells in body:
        assert head[0] == "th" and head[1]["scope"] == "row"
        for quarter, (_, _, said) in zip(quarters, cells, strict=True):
            row = states[head[2], quarter]
            assert words[row["state"]] in said
            assert ("revised" in said) == bool(row["revised"]) and ("late" in said) == bool(row["late"])
        assert f"/entities/{head[2]}" in page.links
    assert page.rows[-1][0][2] == "Reported"


def test_what_is_linked_within_is_there_and_what_is_linked_elsewhere_answers(visitor):
    _, client = visitor
    page = Page(client.get("/data").text)
    assert len(set(page.ids)) == len(page.ids)
    assert {"coverage", "releases", "downloads", "dictionary", "codes", "reuse", "cite", "privacy"} <= set(page.ids)
    for link in dict.fromkeys(page.links):
        parts = urlsplit(link)
        if parts.path in ("", "/data") and parts.fragment:
            assert parts.fragment in page.ids, link
        elif not parts.netloc and not re.search(r"\.(xlsx|json)\?", link):
            assert client.get(link).status_code == 200, link
    for question in questions.load():
        assert any(f"{V1}/{question}.csv?release=" in link for link in page.links)


def test_footer_leads_to_reuse_and_privacy_from_every_page(visitor):
    _, client = visitor
    for path in [*pages.addresses(), "/nowhere"]:
        text = client.get(path).text
        assert 'href="/data#reuse"' in text and 'href="/data#privacy"' in text, path
        assert 'action="/search"' in text and "og:site_name" in text, path


def test_a_release_can_be_pinned_and_one_that_is_not_there_is_said(visitor, names):
    _, client = visitor
    old = client.get(f"/data?release={names[0]}").text
    assert (
        f"older release, {names[0]}." in old and f"Show release {names[-1]}" in old and f"{names[0]}, published" in old
    )
    assert f"{V1}/by_grade.csv?release={names[0]}" in old
    for wrong in ("2030Q1-r1", "%3Cscript%3E", "x" * 300):
        response = client.get(f"/data?release={wrong}")
        assert response.status_code == 200 and "You are looking at the current one" in response.text
        assert "<script>" not in response.text.partition("<main")[2].partition("</main>")[0]


def test_citation_names_release_audience_and_address(small_dir, names):
    client = serve(small_dir, audience="public", canonical_url="https://parity.example")
    text = client.get("/data").text
    cited = re.search(r'id="citation" class="citation">([^<]+)<', text)[1]
    for part in (names[-1], "Demonstration data", f"https://parity.example/data?release={names[-1]}", "accessed"):
        assert part in cited
    assert 'data-copies="citation"' in text


def test_reuse_terms_are_the_operator_s(small_dir):
    silent, stated = serve(small_dir), serve(small_dir, reuse="CC BY 4.0 <b> https://example.org/t")
    assert "No licence has been set yet. Ask before reusing." in silent.get("/data").text
    text = stated.get("/data").text
    assert '<a href="https://example.org/t">' in text and "CC BY 4.0 &lt;b&gt;" in text
    for client in (silent, stated):
        assert "must not quote them as facts" in client.get("/data").text


# -- differences ------------------------------------------------------------------------------------------------------


def test_the_newest_is_compared_with_the_one_before(visitor, names):
    _, client = visitor
    text = client.get("/data/differences").text
    assert f"Compared with {names[-2]}, {names[-1]} adds {names[-1][:6]}" in text
    assert client.get("/data/differences?from=&to=").text == text


def test_differences_of_two_releases_as_page_csv_and_json(visitor, names):
    audience, client = visitor
    query = f"from={names[0]}&to={names[1]}"
    said = client.get(f"{V1}/differences.json?{query}").json
    assert (said["from"], said["to"], said["audience"]) == (names[0], names[1], audience)
    listed = list(csv.DictReader(io.StringIO(client.get(f"{V1}/differences.csv?{query}").text, newline="")))
    assert [(row["quarter"], row["entity"], int(row["women_after"])) for row in listed] == [
        (row["quarter"], row["entity"], row["women_after"]) for row in said["entities"]
    ]
    assert {row["audience"] for row in listed} == {audience}
    grades = list(csv.DictReader(io.StringIO(client.get(f"{V1}/differences_by_grade.csv?{query}").text, newline="")))
    assert len(grades) == len(said["grades"]) > 0
    text = client.get(f"/data/differences?{query}").text
    assert said["sentence"] in text
    for row in said["entities"]:
        if row["quarter"] not in said["quarters_added"] and row["women_before"] != row["women_after"]:
            assert f"{row['women_before']} → {row['women_after']} (" in text


def test_nothing_differs_is_a_clear_sentence(visitor, names):
    _, client = visitor
    text = client.get(f"/data/differences?from={names[0]}&to={names[0]}").text
    assert f"<h1>Nothing differs between {names[0]} and {names[0]}</h1>" in text
    assert client.get(f"{V1}/differences.json?from={names[0]}&to={names[0]}").json["same"] is True


@pytest.mark.parametrize("query", ["from=2030Q1-r1", "to=%3Cb%3E", "from=x&to=y", "from=" + "9" * 400])
def test_releases_that_are_not_there_are_said(visitor, query):
    _, client = visitor
    response = client.get(f"/data/differences?{query}")
    assert response.status_code == 200 and "There is no release" in response.text and "<b>" not in response.text
    assert client.get(f"{V1}/differences.csv?{query}").status_code in (400, 404)


def test_the_files_refuse_what_they_do_not_know(visitor):
    _, client = visitor
    assert client.get(f"{V1}/differences.csv?entity=UNDP").status_code == 400
    assert client.get(f"{V1}/codes/planet.csv").status_code == 404
    assert client.get(f"{V1}/codes/entity.pdf").status_code == 404
    assert client.get(f"{V1}/codes/entity.csv?release=2030Q1-r1").status_code == 404
    assert client.get(f"{V1}/complete.zip?release=now").status_code == 400
    assert client.get(f"{V1}/differences_by_grade.json").status_code == 404


def test_one_release_alone_has_nothing_to_be_compared_with(small_dir, tmp_path, names):
    (tmp_path / "releases").mkdir()
    (tmp_path / "releases" / names[-1]).symlink_to(small_dir / "releases" / names[-1])
    (tmp_path / "releases" / "current").write_text(names[-1], encoding="utf-8")
    client = serve(tmp_path)
    assert "so there is nothing to compare" in client.get("/data/differences").text
    assert "/data/differences" not in client.get("/data").text
    assert client.get(f"{V1}/differences.json").status_code == 404


def test_a_server_without_a_release_says_so(tmp_path):
    client = serve(tmp_path)
    for path in ("/data", "/data/differences", "/search?q=undp"):
        response = client.get(path)
        assert response.status_code == 503 and "<h1>" in response.text
    for path in ("codes/entity.csv", "differences.json", "complete.zip", "search.json?q=undp"):
        assert client.get(f"{V1}/{path}").status_code == 503


# -- files ------------------------------------------------------------------------------------------------------------


def test_all_of_a_release_is_the_very_files_of_its_links(visitor, names):
    audience, client = visitor
    response = client.get(f"{V1}/complete.zip")
    assert response.mimetype == "application/zip"
    assert f"{names[-1]}-{audience}-demonstration.zip" in response.headers["Content-Disposition"]
    archive = zipfile.ZipFile(io.BytesIO(response.data))
    assert archive.testzip() is None
    listed = archive.namelist()
    assert len(listed) == len(set(listed))
    assert {f"tables/{name}.csv" for name in questions.load()} <= set(listed)
    for name in listed:
        kind, _, file = name.partition("/")
        if file:
            link = f"{V1}/{'codes/' if kind == 'codes' else ''}{file}?release={names[-1]}"
            assert archive.read(name) == client.get(link).data, name
    told = archive.read("README.txt").decode("utf-8")
    assert "Demonstration data" in told and names[-1] in told and "Reuse:" in told
    assert ("not for public release" in told) == (audience == "internal")
    assert client.get(f"{V1}/complete.zip").data == response.data
    other = client.get(f"{V1}/complete.zip?release={names[0]}")
    assert names[0] in zipfile.ZipFile(io.BytesIO(other.data)).read("README.txt").decode("utf-8")


def test_code_lists_say_whose_they_are(visitor):
    audience, client = visitor
    listed = list(csv.DictReader(io.StringIO(client.get(f"{V1}/codes/duty_station.csv").text, newline="")))
    assert {row["audience"] for row in listed} == {audience}
    codes = client.get(f"{V1}/codes/duty_station.json").json
    assert codes["audience"] == audience and len(codes["codes"]) == len(listed) > 900
    assert not {"women", "men", "staff", "headcount"} & set(listed[0])


# -- words in place ---------------------------------------------------------------------------------------------------


def test_every_term_is_on_the_methods_page_and_every_link_to_one_is_sound(visitor):
    _, client = visitor
    page = Page(client.get("/methods").text)
    assert len(set(page.ids)) == len(page.ids)
    assert {term.anchor for term in glossary.TERMS.values()} <= set(page.ids)
    assert all(link[1:] in page.ids for link in page.links if link.startswith("#"))
    assert "%(" not in client.get("/methods").text
    for path in [*pages.addresses(), "/search?q=parity"]:
        for link in Page(client.get(path).text).links:
            if link.startswith("/methods#"):
                assert link.partition("#")[2] in page.ids, (path, link)


def test_the_worked_examples_are_those_of_the_domain(visitor):
    _, client = visitor
    text = client.get("/methods").text.partition('id="examples"')[2]
    for counts, *cells in (
        ("41 women, 59 men", "41.0", "18", "9", "6", "below parity"),
        ("4 women, 7 men", "36", "3", "1", "1", "below parity"),
        ("8 women, 7 men", "53", "1", "0", "0", "at parity"),
        ("469 women, 531 men", "46.9", "62", "31", "1", "below parity"),
        ("2 women, 2 men", "50", "0", "0", "0", "too few to judge"),
    ):
        line = text.partition(f">{counts}</th>")[2].partition("</tr>")[0]
        assert re.findall(r">([^<]+)</td>", line) == [
            f"{cells[0]}\N{NO-BREAK SPACE}%", *cells[1:]
        ], counts  # fmt: skip
    assert '<td class="number">+56</td><td class="number">96</td>' in text
    assert "10 women, 13 men (43\N{NO-BREAK SPACE}%): below parity" in text


def test_panels_tiles_and_headings_lead_to_what_their_words_mean(visitor):
    _, client = visitor
    text = client.get("/").text
    for term in ("staff", "share", "index"):
        assert f'href="{glossary.TERMS[term].address}"' in text
    for page in pages.PAGES:
        for panel in page.panels:
            assert glossary.of_heading(panel.heading).name in glossary.TERMS


def test_signs_of_coverage_are_words_not_colours():
    assert set(coverage.SIGNS) == {*coverage.STATES, *coverage.MARKS} == set(coverage.MEANINGS)


def test_links_choose_codes_of_this_audience_only(visitor):
    _, client = visitor
    entities = {row["code"] for row in client.get(f"{V1}/codes/entity.json").json["codes"]}
    for link in Page(client.get("/data").text).links:
        if link.startswith("/entities/"):
            assert link.removeprefix("/entities/") in entities
        assert {key for key, _ in parse_qsl(urlsplit(link).query)} <= {"release", "from", "to", "s", "bom"}, link
