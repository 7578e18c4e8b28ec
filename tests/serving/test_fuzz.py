"""Whatever anybody sends: never a fault of ours, never a trace, never anything of the visitor in the log."""

import copy
import json
import re
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served import CALLBACK, opening, redrawing

from dashboard import questions
from dashboard.selection import DIMENSIONS, FILTER_KEYS
from dashboard.settings import MAX_BODY

#: In everything sent, so that it is known again wherever it turns up.
MARK = "qzvisitorqz"
#: Would be an element of the page if it were not escaped.
ELEMENT = f"<{MARK}>"
#: An honest answer over the small demonstration is far smaller.
MOST = 4_000_000

text = st.text(max_size=40)
marked = st.builds(lambda before, mark, after: before + mark + after, text, st.sampled_from([MARK, ELEMENT]), text)


@pytest.fixture(scope="module")
def codes(client):
    """Real codes of each filter, so that what is drawn also gets past the first check."""
    listing = client.get("/api/v1/").json
    facets = client.get("/api/v1/facets.json", query_string=[("facet", name) for name in DIMENSIONS]).json["facets"]
    found = {name: [option["code"] for option in facet["options"]][:12] for name, facet in facets.items()}
    return found | {"quarter": ["2026Q3", "2025Q2", "1999Q1"], "release": [*listing["releases"], "2026Q3-r4000"]}


def queries(codes):
    """Strategy for query strings: some that mean something, some that nearly do, and some that do not."""
    honest = st.sampled_from(list(codes)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(codes[name])))
    key = st.one_of(st.sampled_from([*FILTER_KEYS, "facet", "v.sort", "v.", ""]), marked, text)
    value = st.one_of(
        marked, text, st.sampled_from(["", "-", "PH", "TA", "not-reported", "2026Q5", "\0", "%", "é", "x" * 90])
    )
    pairs = st.lists(st.one_of(honest, honest, st.tuples(key, value)), max_size=6)
    written = pairs.map(lambda found: "&".join(f"{quoted(name)}={quoted(value)}" for name, value in found))
    raw = st.text(alphabet=string.printable.translate({ord(c): None for c in "\r\n\t\x0b\x0c #"}), max_size=80)
    return st.one_of(written, written, written, raw)


def quoted(word):
    return "".join(
        letter if letter in string.ascii_letters + string.digits + "-._" else
        "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
        for letter in word
    )  # fmt: skip


NAMES = [*questions.load(), "facets", "nonsense", "../headline", ""]
paths = st.one_of(
    st.sampled_from(["/", "/methods", "/healthz", "/readyz", "/metrics", "/api/v1/", "/api/v1",
                     "/api/v1/openapi.json"]),
    st.builds("/api/v1/{}.{}".format, st.sampled_from(NAMES),
              st.sampled_from(["json", "csv", "xlsx", "pdf", "JSON", ""])),
    st.sampled_from(["/assets/", "/assets/style.css", "/_dash-layout", "/_dash-dependencies", "/_reload-hash",
                     "/_dash-component-suites/dash/", "/_dash-component-suites/", CALLBACK, "/_favicon.ico"]),
    text.map(lambda found: "/" + quoted(found)),
    text.map(lambda found: "/api/" + quoted(found)),
    text.map(lambda found: "/_dash-component-suites/dash/" + quoted(found)),
)  # fmt: skip
plain = st.text(alphabet=[chr(number) for number in (*range(32, 127), *range(161, 256))], max_size=60)
headers = st.dictionaries(
    st.sampled_from(
        ["If-None-Match", "If-Match", "If-Modified-Since", "If-Range", "Range", "Accept", "Accept-Language",
         "Accept-Encoding", "Cookie", "Origin", "Referer", "User-Agent", "Authorization", "Content-Type",
         "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Request-Id",
         "X-HTTP-Method-Override", "Content-Encoding", "TE"]
    ),
    st.one_of(plain, plain.map(lambda found: found + MARK),
              st.sampled_from(["*", '""', 'W/"', '"a", W/"b"', "bytes=0-", "bytes=5-1,-9", "gzip;q=nan", "br, *;q=0",
                               "fr-CA;q=0.9,*", "xx" * 500, "_dash=1; a=b; =c", "Wed, 32 Foo 2026"])),
    max_size=5,
)  # fmt: skip
careful = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200
)


def is_sound(response):
    """What holds of every answer to anything."""
    assert response.status_code < 500, response.text[:500]
    if response.headers.get("Content-Encoding"):
        return
    body = response.data.decode("utf-8", "replace")
    assert len(body) < MOST
    assert "Traceback (most recent" not in body
    if response.mimetype == "text/html":
        assert ELEMENT not in body
    assert not {"Access-Control-Allow-Origin", "Set-Cookie"} & set(response.headers.keys())
    for value in response.headers.values():
        assert "\n" not in value
    if response.status_code >= 400 and response.request.method != "HEAD" and response.mimetype != "text/html":
        assert response.json["status"] == response.status_code


@careful
@given(data=st.data())
def test_any_address_with_any_query_and_headers(data, client, codes, said_in_log):
    method = data.draw(st.sampled_from(["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE"]))
    response = client.open(
        data.draw(paths), method=method, query_string=data.draw(queries(codes)), headers=data.draw(headers)
    )
    is_sound(response)
    assert MARK not in said_in_log()


@careful
@given(data=st.data())
def test_any_query_of_a_page_or_question(data, client, codes, said_in_log):
    path = data.draw(st.sampled_from(["/", *(f"/api/v1/{name}.json" for name in (*questions.load(), "facets"))]))
    response = client.get(path, query_string=data.draw(queries(codes)))
    is_sound(response)
    assert response.status_code in ((200,) if path == "/" else (200, 400, 404, 422))
    assert MARK not in said_in_log()


# -- bodies of callbacks --------------------------------------------------------------------------------------------

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), text, marked,
    st.sampled_from(["/", "?entity=UNDP", "panels", "selection.data", "ALL", "MATCH", "figure", "\0", "\ud800",
                     "x" * 5000, '{"panel":["ALL"],"type":"figure"}', "..a.b...c.d..", "__proto__", "a.b.c", 10**400]),
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(text, st.sampled_from(["id", "property", "value", "panel", "type", "path", "search"])),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


def places(value, path=()):
    """Where something could be changed in a body: the path to each thing in it."""
    found = [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += places(item, (*path, key))
    return found


def changed(draw, body):
    """A body with one thing in it replaced, left out, said twice, nested deeper or put elsewhere."""
    path = draw(st.sampled_from(places(body)))
    if not path:
        return draw(anything)
    body = copy.deepcopy(body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    last = path[-1]
    kind = draw(st.sampled_from(["replace", "replace", "replace", "leave out", "twice", "nest", "swap"]))
    if kind == "replace":
        holder[last] = draw(anything)
    elif kind == "leave out":
        del holder[last]
    elif kind == "twice":
        holder[last] = [holder[last]] * draw(st.integers(0, 30))
    elif kind == "nest":
        for _ in range(draw(st.integers(1, 60))):
            holder[last] = draw(st.sampled_from([lambda item: [item], lambda item: {"id": item}]))(holder[last])
    else:
        holder[last] = copy.deepcopy(body)
    return body


@st.composite
def bodies(draw, codes):
    body = draw(st.sampled_from([opening, redrawing]))("?" + draw(queries(codes)))
    for _ in range(draw(st.integers(0, 4))):
        if isinstance(body, dict | list):
            body = changed(draw, body)
    return body


def post(client, content, **options):
    return client.post(CALLBACK, data=content, content_type="application/json", **options)


@pytest.mark.slow
@careful
@given(data=st.data())
def test_any_change_to_a_real_body(data, client, codes, said_in_log):
    response = post(client, json.dumps(data.draw(bodies(codes))), headers=data.draw(headers))
    is_sound(response)
    assert response.status_code in (200, 204, 400, 413, 415)
    assert MARK not in said_in_log()


@careful
@given(body=anything)
def test_any_json_as_a_body(body, client, said_in_log):
    response = post(client, json.dumps(body))
    is_sound(response)
    assert response.status_code == 400
    assert MARK not in said_in_log()


NASTY = {
    "nothing": b"",
    "no json": b"{",
    "not text": b"\xff\xfe\x00",
    "deep lists": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"inputs":' * 20_000 + b"1" + b"}" * 20_000,
    "not a number": json.dumps(redrawing()).replace('"/"', "NaN").encode(),
    "a number of 100,000 digits": json.dumps(redrawing()).replace('"/"', "9" * 100_000).encode(),
    "half a pair": json.dumps(redrawing()).replace('"/"', '"\\ud800"').encode(),
    "unknown output": json.dumps(redrawing() | {"output": "nowhere.children"}).encode(),
    "output of a client's own callback": json.dumps(redrawing() | {"output": "page.data"}).encode(),
    "output not text": json.dumps(redrawing() | {"output": {"a": 1}}).encode(),
    "inputs not a list": json.dumps(redrawing() | {"inputs": {"id": "selection"}}).encode(),
    "no inputs": json.dumps(redrawing() | {"inputs": []}).encode(),
    "outputs of a stranger": json.dumps(
        redrawing() | {"outputs": [[{"id": {"type": "figure", "panel": ELEMENT}, "property": "figure"}], {}]}
    ).encode(),
    "too many outputs": json.dumps(
        redrawing() | {"outputs": [redrawing()["outputs"][0] * 300, redrawing()["outputs"][1]]}
    ).encode(),
    "a very long query": json.dumps(redrawing("?" + "entity=UNDP&" * 15_000)).encode(),
    "many values": json.dumps(redrawing("?" + "&".join(f"entity=E{number}" for number in range(1600)))).encode(),
    "null bytes": json.dumps(redrawing("?entity=\0\0&\0=\0")).encode(),
}


@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_body(client, name, said_in_log):
    response = post(client, NASTY[name])
    is_sound(response)
    assert response.status_code in (200, 204, 400, 411, 413)
    assert MARK not in said_in_log()
    # And the next visitor is served as ever.
    assert post(client, json.dumps(redrawing())).status_code == 200


@pytest.mark.parametrize("name", ["outputs of a stranger", "no json", "unknown output", "no inputs"])
def test_a_body_that_is_none_of_ours_is_its_sender_s_fault(client, name):
    assert post(client, NASTY[name]).status_code in (200, 400)
    response = post(client, NASTY["unknown output"])
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("path", [CALLBACK, "/api/v1/headline.json", "/"])
def test_a_body_over_the_limit_is_refused(client, path):
    response = client.post(path, data=b"x" * (MAX_BODY + 1), content_type="application/json")
    assert response.status_code == (413 if path == CALLBACK else 405)
    assert "Traceback" not in response.text
    # One byte less is looked at.
    just = json.dumps(redrawing()).encode()
    assert post(client, just + b" " * (MAX_BODY - len(just))).status_code == 200


ADDRESSES = [
    "/?entity=%FF%FE", "/?%00=%00", "/?" + "&" * 500, "/?entity", "/?entity=UNDP;DROP TABLE staff", "/?=&=&=",
    "/?quarter=2026Q3&quarter=", "/?release=2026Q3-r1%0d%0aSet-Cookie:a=b", "/?entity=" + "A" * 5000,
    f"/?entity=%3C{MARK}%3E", f"/?%3C{MARK}%3E=1", f"/%3C{MARK}%3E", f"/api/v1/%3C{MARK}%3E.json",
    f"/?release=%22%3E%3C{MARK}%3E", "/?" + "&".join(f"entity=E{number}" for number in range(590)),
    "/?category=PH&category=P&category=SENIOR&category=GS", "/?quarter=1950Q1", "/?quarter=2099Q4", "/?entity=NOPE",
    "/?appointment=TA", "/?rc=yes&appointment=TA&nationality=FRA", "/?release=2026Q3-r9999", "/?v.sort=%3Cscript%3E",
    "/api/v1/trend.json?quarter=1950Q1", "/%2e%2e/%2e%2e/etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_nasty_address(client, address, said_in_log):
    response = client.get(address)
    is_sound(response)
    if address.startswith("/?"):
        # A page says what it left out, and works.
        assert response.status_code == 200
        assert "<h1>" in response.text
    assert not re.search(r"Set-Cookie", str(response.headers))
    assert said_in_log() == ""
    # The same in the body of a callback.
    if "?" in address:
        body = json.dumps(redrawing("?" + address.partition("?")[2]))
        assert post(client, body).status_code == 200
    assert said_in_log() == ""
