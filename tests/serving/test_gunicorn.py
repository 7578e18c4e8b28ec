"""What only a real server with real workers can show."""

import json
import re
import signal
import time
from pathlib import Path

import pytest
from served import CALLBACK, Gunicorn, redrawing

from dashboard.settings import MAX_BODY

# Two servers are started besides the shared one.
pytestmark = pytest.mark.slow

MARK = "qzvisitorqz"


@pytest.fixture(scope="module")
def server(small_dir, tmp_path_factory):
    with Gunicorn(small_dir, tmp_path_factory.mktemp("gunicorn") / "log") as running:
        yield running


def status_of(answer: bytes) -> int:
    return int(re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)[1])


MALFORMED = {
    "no http": b"hello\r\n\r\n",
    "no such method": b"FETCH\x00 / HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "no such version": b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "null in the path": b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "long line": b"GET /?entity=" + MARK.encode() * 2000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: b\r\n" * 200 + b"\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + MARK.encode() * 2000 + b"\r\n\r\n",
    "header without colon": b"GET / HTTP/1.1\r\nHost: localhost\r\n" + MARK.encode() + b"\r\n\r\n",
    "two lengths": b"POST " + CALLBACK.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "length not a number": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
}


@pytest.mark.parametrize("kind", MALFORMED)
def test_what_is_not_http_is_refused(server, kind):
    answer = server.raw(MALFORMED[kind])
    assert 400 <= status_of(answer) < 500 or status_of(answer) in (501, 505)
    assert b"Traceback" not in answer
    assert server.get("/healthz")[0] == 200


@pytest.mark.parametrize("path", ["//evil.example/x", "/%2e%2e/%2e%2e/etc/passwd", "/assets/%2e%2e/app.py",
                                  "/\\evil.example", "/assets//etc/passwd", "/api//v1/headline.json"])  # fmt: skip
def test_odd_paths_lead_nowhere_else(server, path):
    status, headers, body = server.get(path)
    assert status in (301, 308, 404)
    target = headers.get("location", "/")
    assert target.startswith("/") or target.startswith(f"http://127.0.0.1:{server.port}/")
    assert b"root:" not in body
    assert b"create_app" not in body


def test_a_body_over_the_limit_is_refused_however_it_is_sent(server):
    told = {"Content-Type": "application/json"}
    body = json.dumps(redrawing()).encode()
    assert server.get(CALLBACK, "POST", body=b"x" * (MAX_BODY + 1), headers=told)[0] == 413
    # In pieces, of which nobody says how many come: cut at the limit it would be read as if it were whole.
    pieces = [body, *[b" " * 8192] * 4]
    assert server.get(CALLBACK, "POST", body=iter(pieces), headers=told)[0] == 411
    status, _, answer = server.get(CALLBACK, "POST", body=body, headers=told)
    assert status == 200
    assert json.loads(answer)["response"]["drawn"]


def test_answers_say_nothing_of_the_machine(server):
    for path in ("/", "/api/v1/headline.json", "/nowhere"):
        headers = server.get(path)[1]
        assert headers.get("server", "gunicorn") == "gunicorn"
        assert not {"x-powered-by", "set-cookie", "server-timing"} & set(headers)


def test_metrics_add_up_over_the_workers(server):
    def counted() -> float:
        metrics = server.get("/metrics")[2].decode()
        pattern = r'^parity_question_seconds_count\{audience="internal",question="by_region"\} ([\d.]+)'
        return float(found[1]) if (found := re.search(pattern, metrics, re.MULTILINE)) else 0

    before = counted()
    for _ in range(20):
        assert server.get("/api/v1/by_region.json")[0] == 200
    # Whichever worker is asked, it tells of both.
    assert {counted() - before for _ in range(6)} == {20}


def test_the_log_is_json_and_says_nothing_of_visitors(server):
    own = {"User-Agent": MARK, "Referer": f"http://{MARK}.example", "Cookie": MARK, "X-Forwarded-For": "203.0.113.77"}
    for path in (f"/?v.note={MARK}", f"/api/v1/headline.json?{MARK}=1", f"/api/v1/by_grade.csv?entity={MARK}"):
        server.get(path, headers=own)
    server.get(CALLBACK, "POST", body=json.dumps({"output": MARK}), headers={**own, "Content-Type": "application/json"})
    server.get(CALLBACK, "POST", body=MARK, headers={**own, "Content-Type": "application/json"})
    status, headers, _ = server.get("/%22%0a{%22forged%22:1}")
    assert status == 404
    deadline = time.monotonic() + 10
    while headers["x-request-id"] not in server.log.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline, "the request is not in the log"
        time.sleep(0.05)
    log = server.log.read_text(encoding="utf-8")
    assert MARK not in log
    assert "203.0.113.77" not in log
    assert "127.0.0.1 " not in log
    told = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert any(line.get("request") == headers["x-request-id"] for line in told)
    # A line of the access log is one of ours, whatever the path of the request.
    assert all("forged" not in line for line in told)


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_left_behind(small_dir, tmp_path):
    with Gunicorn(small_dir, tmp_path / "log", TMPDIR=str(tmp_path)) as server:
        killed = server.workers()[0]
        last, found = time.monotonic() + 30, set()
        while not found:
            # A worker has its counts from its first request on, and which of them answers is chance.
            assert time.monotonic() < last
            server.get("/healthz")
            held = Path(f"/proc/{killed}/maps").read_text(encoding="utf-8")
            found = {Path(folder) for folder in re.findall(r"(/\S+/parity-metrics-\w+)/", held)}
        (counts,) = found
        assert counts.is_dir()
        server.kill(killed)
        deadline = time.monotonic() + 30
        while killed in server.workers() or len(server.workers()) != 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for _ in range(20):
            assert server.get("/api/v1/headline.json")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
    assert not counts.exists()
    assert list(tmp_path.glob("parity-metrics-*")) == []
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


def test_without_a_release_the_server_starts_and_follows(tmp_path, two):
    data_dir = tmp_path / "empty"
    data_dir.mkdir()
    with Gunicorn(data_dir, tmp_path / "log") as server:
        assert server.get("/")[0] == 503
        assert server.get("/readyz")[0] == 503
        (two.data_dir / "releases").rename(data_dir / "releases")
        # Both workers, at once.
        assert {server.get("/api/v1/headline.json")[0] for _ in range(20)} == {200}
