"""`deploy/nginx.conf`: what the documented front lets through, keeps, and keeps away."""

import contextlib
import json
import re
import socket
import threading
import time

import pytest
from served import CALLBACK, FRONT, Gunicorn, Nginx, free_port, redrawing

from dashboard.settings import MAX_BODY

pytestmark = pytest.mark.slow

PUBLIC = {"PARITY_AUDIENCE": "public", "PARITY_PUBLIC_PORT": ""}


@pytest.fixture(scope="module")
def server(two_once, tmp_path_factory):
    with Gunicorn(two_once.data_dir, tmp_path_factory.mktemp("behind") / "log", **PUBLIC) as running:
        yield running


@pytest.fixture
def front(server, tmp_path):
    with Nginx(tmp_path / "nginx", server.port) as running:
        yield running


def test_what_the_server_says_is_what_the_front_says(server, front):
    for path in ("/", "/api/v1/by_grade.json", "/api/v1/by_grade.csv", "/entities/UNDP", "/nowhere", "/healthz",
                 "/api/v1/by_grade.json?entity=NOPE", "/grades/"):  # fmt: skip
        status, headers, body = front.get(path)
        own_status, own, own_body = server.get(path)
        assert status == own_status, path
        # A page names the request it answers.
        assert body == own_body or path in ("/", "/entities/UNDP", "/nowhere"), path
        for name in ("etag", "content-type", "content-security-policy", "cache-control", "access-control-allow-origin"):
            assert headers.get(name) == own.get(name), (path, name)
    answer = front.get(CALLBACK, "POST", body=json.dumps(redrawing()), headers={"Content-Type": "application/json"})
    assert answer[0] == 200 and json.loads(answer[2])["response"]["drawn"]


def test_what_everybody_may_keep_is_asked_for_once_a_second_and_by_its_tag(front):
    path = "/api/v1/by_entity.json"
    kept = [front.get(path)[1]["x-cache"] for _ in range(20)]
    assert kept[0] == "MISS" and kept.count("HIT") >= 10
    # It counts in whole seconds.
    time.sleep(2.2)
    # Still what it was: the server is asked, and sends nothing.
    status, headers, body = front.get(path)
    assert (status, headers["x-cache"]) == (200, "REVALIDATED") and json.loads(body)["rows"]
    assert front.get(path, headers={"If-None-Match": headers["etag"]})[0] == 304


@pytest.mark.parametrize("path", ["/nowhere", "/api/v1/nonsense.json", "/healthz", "/api/v1/by_grade.json?entity=NOPE"])
def test_errors_and_what_holds_for_the_moment_are_not_kept(front, path):
    assert {front.get(path)[1]["x-cache"] for _ in range(4)} <= {"MISS", "EXPIRED", "BYPASS"}


def test_compressed_and_plain_are_kept_apart(front):
    for _ in range(2):
        assert front.get("/", headers={"Accept-Encoding": "gzip"})[1].get("content-encoding") == "gzip"
        assert "content-encoding" not in front.get("/")[1]


def test_internal_figures_are_kept_by_no_front(small_dir, tmp_path):
    with Gunicorn(small_dir, tmp_path / "log") as server, Nginx(tmp_path / "nginx", server.port) as front:
        for path in ("/", "/api/v1/by_entity.json"):
            told = [front.get(path, headers={"Host": "localhost"}) for _ in range(3)]
            assert {status for status, _, _ in told} == {200}
            assert {headers["x-cache"] for _, headers, _ in told} == {"MISS"}


def test_a_new_release_is_seen_through_it_at_once(two, tmp_path):
    with Gunicorn(two.data_dir, tmp_path / "log", **PUBLIC) as server, Nginx(tmp_path / "nginx", server.port) as front:

        def release() -> str:
            return json.loads(front.get("/api/v1/headline.json")[2])["release"]["name"]

        assert release() == two.old
        two.put(two.new)
        last = time.monotonic() + 5
        while release() != two.new:
            assert time.monotonic() < last
            time.sleep(0.1)


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_operators_is_not_told(front, path):
    assert front.get(path)[0] == 404


def test_what_is_too_large_does_not_pass(front):
    sent = {"Content-Type": "application/json"}
    assert front.get(CALLBACK, "POST", body=b"x" * (MAX_BODY + 1), headers=sent)[0] == 413
    assert front.get("/?" + "entity=UNDP&" * 1000)[0] in (400, 414)


def test_one_address_that_asks_too_much_is_told_to_wait_and_others_are_not(front):
    statuses: list[int] = []

    def ask() -> None:
        for _ in range(60):
            statuses.append(front.get("/healthz")[0])

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    others = [front.get("/api/v1/headline.json", source="127.0.0.9")[0] for _ in range(20)]
    for thread in threads:
        thread.join()
    assert set(others) == {200}
    # Unless this machine is so slow that it never was too much.
    assert set(statuses) <= {200, 429}
    assert statuses.count(200) >= 200


def test_more_connections_than_an_office_has_are_refused(server, tmp_path):
    """Each asks for much and takes nothing of it: the front holds it, and the server has long gone on."""

    def few(text: str) -> str:
        return text.replace("parity_connections 60", "parity_connections 5")

    large = b"GET /assets/plotly/plotly-base.min.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with Nginx(tmp_path / "few", server.port, few) as front, contextlib.ExitStack() as stack:
        for _ in range(5):
            one = stack.enter_context(socket.socket())
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            one.connect(("127.0.0.1", front.port))
            # Far more than the system keeps of it on its way.
            one.sendall(large * 40)
        last = time.monotonic() + 20
        while front.get("/healthz")[0] != 429:
            assert time.monotonic() < last
            time.sleep(0.1)
        assert front.get("/healthz", source="127.0.0.9")[0] == 200
        assert server.get("/healthz")[0] == 200


@pytest.mark.parametrize("sent", [b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ",
                                  b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500\r\n\r\n{"])  # fmt: skip
def test_half_sent_requests_never_reach_the_server(server, front, sent):
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", front.port), timeout=30))
            one.sendall(sent)
        started = time.monotonic()
        assert front.get("/api/v1/headline.json", source="127.0.0.9")[0] == 200
        assert server.get("/healthz")[0] == 200
        assert time.monotonic() - started < 5


@pytest.mark.parametrize("strips", [True, False], ids=["stripping", "passing on"])
def test_under_a_path_as_operations_md_has_it(two_once, tmp_path, strips):
    """The two ways that docs/operations.md gives, each with a page, its scripts, a callback and a file."""
    operations = (FRONT.parent.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    ways = re.findall(r"location /parity/ \{\n.*?\n\}", operations, re.DOTALL)
    assert len(ways) == 2
    way = next(way for way in ways if ("proxy_pass http://parity/;" in way) == strips)

    def under_a_path(text: str) -> str:
        return re.sub(r"location / \{\n.*?\n    \}", way, text, flags=re.DOTALL)

    port = free_port()
    settings = {**PUBLIC, "PARITY_URL": f"http://localhost:{port}/parity"}
    with (
        Gunicorn(two_once.data_dir, tmp_path / "log", **settings) as server,
        Nginx(tmp_path / "nginx", server.port, under_a_path) as front,
    ):
        page = front.get("/parity/")[2].decode()
        scripts = re.findall(r'<script src="([^"]+)"', page)
        assert len(scripts) > 8
        assert {front.get(script)[0] for script in scripts} == {200}
        sent = {"Content-Type": "application/json"}
        assert front.get("/parity" + CALLBACK, "POST", body=json.dumps(redrawing()), headers=sent)[0] == 200
        assert front.get("/parity/api/v1/by_grade.csv")[0] == 200
        assert front.get("/parity/entities/undp")[1]["location"].endswith("/parity/entities/UNDP")
        assert front.get("/parity/readyz")[0] == 404
