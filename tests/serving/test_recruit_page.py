"""The page `/recruit` as it is served: without script, small, and safe to hold."""

import json
import re

import brotli
import pytest
from served import serve

SENTENCE = re.compile(r'<h2 id="sentence">([^<]+)</h2>')
#: All that a first visit transfers: the page with its styles in it, its one script and the icon.
BUDGET = 100_000


def followed(client, address: str, **headers: str):
    """The answer at the end of redirections, of which there is one at most."""
    response = client.get(address, headers=headers)
    return client.get(response.headers["Location"], headers=headers) if response.status_code == 302 else response


@pytest.fixture(scope="module", params=["internal", "public"])
def visitor(request, small_dir):
    return request.param, serve(small_dir, audience=request.param)


def test_the_first_response_has_the_sentence_and_its_styles(visitor):
    _, client = visitor
    page = client.get("/recruit?entity=UNDP&grade=P-4").get_data(as_text=True)
    assert re.search(r"^At P-4 in UNDP, [\d,]+ of [\d,]+ staff are women \([\d.]+.%\): \w+ parity\.$",
                     SENTENCE.search(page)[1])  # fmt: skip
    # Nothing stands between the page and its first words.
    assert not re.search(r"<link[^>]+stylesheet", page)
    before = page.partition('id="sentence"')[0]
    assert all("defer" in tag for tag in re.findall(r"<script[^>]*>", before))
    assert "<style" in page and "--women" in page


@pytest.mark.parametrize("query", ["", "?entity=UNICEF&unct=KEN&grade=P-4", "?entity=UN", "?entity=UNHCR&v.print=1"])
def test_all_of_it_is_under_100_kb(visitor, query):
    _, client = visitor
    whole = 0
    page = followed(client, f"/recruit{query}", **{"Accept-Encoding": "br"})
    whole += len(page.data)
    text = brotli.decompress(page.data).decode("utf-8")
    for address in {*re.findall(r'(?:src|href)="(/assets/[^"]+)"', text)}:
        response = client.get(address, headers={"Accept-Encoding": "br"})
        assert response.status_code == 200
        whole += len(response.data)
    assert whole < BUDGET / 2, whole


def test_headers_and_no_cookie(visitor):
    audience, client = visitor
    response = client.get("/recruit?entity=UNDP&grade=P-4")
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "unsafe-eval" not in response.headers["Content-Security-Policy"]
    kept = "public, max-age=0, must-revalidate" if audience == "public" else "private, no-store"
    assert response.headers["Cache-Control"] == kept
    if audience == "public":
        again = client.get("/recruit?entity=UNDP&grade=P-4", headers={"If-None-Match": response.headers["ETag"]})
        assert again.status_code == 304


def test_equal_choices_lead_to_one_address(visitor):
    _, client = visitor
    form = (
        "/recruit?entity=UNDP&department=&unct=&duty_station=&category=P&grade=P-4&v.post=man&v.joined_women=&v.posts=3"
    )
    response = client.get(form)
    assert response.status_code == 302
    assert response.headers["Location"] == "/recruit?entity=UNDP&grade=P-4&v.post=man"
    assert client.get(response.headers["Location"]).status_code == 200


def test_what_cannot_be_meant_is_said_beside_its_field(visitor):
    audience, client = visitor
    page = client.get("/recruit?entity=<b>&unct=KEN&grade=P-4&v.left_men=many").get_data(as_text=True)
    assert "<b>" not in page
    for name in ("entity", "left_men"):
        assert re.search(rf'id="{name}"[^>]*aria-invalid="true" aria-describedby="wrong-{name}"', page)
        assert f'id="wrong-{name}"' in page
    assert ("Kenya" if audience == "internal" else "P-4") in SENTENCE.search(page)[1]


@pytest.mark.parametrize("query", ["?%ff", "?=&&=", "?v.posts=1e9", "?entity=%00", "?grade=P-4" * 300, "?v.print=x"])
def test_any_address_is_answered(visitor, query):
    _, client = visitor
    assert followed(client, f"/recruit{query}").status_code == 200


def test_the_record_names_its_audience_and_pins_its_release(visitor, small_dir):
    audience, client = visitor
    release = (small_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    page = client.get("/recruit?entity=UNDP&grade=P-4&v.print=1").get_data(as_text=True)
    assert ("Internal: not for public release." in page) == (audience == "internal")
    assert f"http://localhost/recruit?release={release}&amp;entity=UNDP&amp;grade=P-4" in page
    assert 'class="segno"' in page
    assert "Policy:" not in page and "Relevant unit:" not in page and "Demonstration data" in page
    address = f"/recruit?release={release}&entity=UNDP&grade=P-4"
    assert SENTENCE.search(client.get(address).get_data(as_text=True))


def test_a_name_that_a_visitor_sends_stands_on_no_record(small_dir):
    client = serve(small_dir, audience="public")
    page = client.get("/recruit?v.print=1", headers={"Host": "elsewhere.example"}).get_data(as_text=True)
    assert "elsewhere" not in page and "segno" not in page
    named = serve(small_dir, audience="public", canonical_url="https://parity.example")
    page = named.get("/recruit?v.print=1", headers={"Host": "elsewhere.example"}).get_data(as_text=True)
    assert "https://parity.example/recruit?release=" in page and "segno" in page


def test_policy_and_unit_are_configuration(small_dir, tmp_path):
    (tmp_path / "releases").symlink_to(small_dir / "releases")
    (tmp_path / "recruitment.toml").write_text(
        '[default]\nunit = "The department"\n[entity.UNDP]\npolicy = "https://example.org/policy"\n'
        '[entity.UNFPA]\npolicy = "javascript:alert(1)"\n',
        encoding="utf-8",
    )
    client = serve(tmp_path)
    page = client.get("/recruit?entity=UNDP&v.print=1").get_data(as_text=True)
    assert 'href="https://example.org/policy"' in page and "The department" in page
    assert "javascript:" not in client.get("/recruit?entity=UNFPA&v.print=1").get_data(as_text=True)
    (tmp_path / "recruitment.toml").write_text("not = [toml", encoding="utf-8")
    assert "Policy:" not in client.get("/recruit?entity=UNDP&v.print=1").get_data(as_text=True)


CONFIGURED = '[default]\nunit = "The department"\n'


@pytest.mark.parametrize("written", [b"\xef\xbb\xbf" + CONFIGURED.encode(), CONFIGURED.replace("\n", "\r\n").encode()],
                         ids=["byte order mark", "line ends of Windows"])  # fmt: skip
def test_configuration_is_read_as_editors_save_it(small_dir, tmp_path, written):
    (tmp_path / "releases").symlink_to(small_dir / "releases")
    (tmp_path / "recruitment.toml").write_bytes(written)
    assert "The department" in serve(tmp_path).get("/recruit?entity=UNDP&v.print=1").get_data(as_text=True)


@pytest.mark.parametrize(
    ("written", "said"),
    [(CONFIGURED.replace('"', "”").encode(), "recruitment.toml, line 2: ” is a quotation mark of texts"),
     (b"[default]\nunit = 'x'\npolicy = oops\n", "recruitment.toml, line 3: "),
     (b"[default]\nunit = '\xe9'\n", "recruitment.toml, line 2: this is not UTF-8"),
     (CONFIGURED.encode("utf-16"), "recruitment.toml, line 1: this is not UTF-8"),
     (b"[default]\nunit = 'x'\npolicy = [", "recruitment.toml, line 3: ")],
)  # fmt: skip
def test_configuration_that_cannot_be_read_is_told_at_the_start_with_its_line(tmp_path, said_in_log, written, said):
    (tmp_path / "recruitment.toml").write_bytes(written)
    serve(tmp_path)
    problems = [json.loads(line).get("problem", "") for line in said_in_log().splitlines()]
    assert any(problem.startswith(said) for problem in problems), problems
