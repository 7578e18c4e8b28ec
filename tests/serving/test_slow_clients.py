"""Clients that send half a request, send it slowly, or do not hang up: nobody else notices."""

import contextlib
import json
import socket
import time

import pytest
from served import CALLBACK, Gunicorn, redrawing

from dashboard import reading
from dashboard.settings import MAX_BODY

pytestmark = pytest.mark.slow

HALF = b"GET /api/v1/headline.json HTTP/1.1\r\nHost: localhost\r\nX-Half: "
HALF_A_BODY = (
    b"POST " + CALLBACK.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 500\r\n\r\n{"
)
IN_PIECES = HALF_A_BODY.replace(b"Content-Length: 500", b"Transfer-Encoding: chunked")
EXPECTING = HALF_A_BODY.replace(b"\r\n\r\n{", b"\r\nExpect: 100-continue\r\n\r\n")
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def server(small_dir, tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Gunicorn(small_dir, tmp_path_factory.mktemp("slow") / "log", PARITY_PUBLIC_PORT=str(port)) as running:
        running.public = port
        yield running


@contextlib.contextmanager
def held(ports, sent: bytes, each: int):
    """So many connections to each of these ports, on which this much was sent and no more."""
    with contextlib.ExitStack() as stack:
        for port in ports:
            for _ in range(each):
                one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
                one.sendall(sent)
        time.sleep(0.3)
        yield


def slowest(server) -> float:
    taken = []
    for port in (server.port, server.public) * 6:
        started = time.monotonic()
        assert server.get("/api/v1/headline.json", port=port)[0] == 200
        taken.append(time.monotonic() - started)
    return max(taken)


UNFINISHED = {
    "nothing": b"", "a word": b"GET", "half": HALF, "half a body": HALF_A_BODY, "in pieces": IN_PIECES,
    "expecting": EXPECTING, "not hung up": WHOLE,
}  # fmt: skip


@pytest.mark.parametrize("sent", UNFINISHED.values(), ids=UNFINISHED)
def test_who_does_not_finish_keeps_nobody_else_waiting(server, sent):
    with held((server.port, server.public), sent, 24):
        assert slowest(server) < 2


def test_more_of_them_than_a_worker_holds_keep_nobody_out(server):
    with held((server.port, server.public), HALF, 2 * reading.MOST_READING + 20):
        assert slowest(server) < 3


def test_half_a_request_is_given_up_however_slowly_it_goes_on(server):
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        one.sendall(HALF)
        one.settimeout(0.5)
        answer = None
        while answer is None and time.monotonic() - started < 3 * reading.READ_SECONDS:
            with contextlib.suppress(TimeoutError):
                answer = one.recv(1000)
            if answer is None:
                one.sendall(b"x")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert reading.READ_SECONDS - 1 < time.monotonic() - started < reading.READ_SECONDS + 4


def test_headers_without_end_are_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        one.sendall(HALF)
        answer = None
        for _ in range(100):
            # Refused, and with what was sent since still unread: then there is no answer to be had.
            with contextlib.suppress(ConnectionError, TimeoutError):
                one.sendall(b"x" * 1000)
                one.settimeout(0.01)
                answer = one.recv(1000)
    assert answer in (None, b"") or answer.startswith(b"HTTP/1.1 431 ")
    assert slowest(server) < 2


def test_a_request_in_small_pieces_is_answered(server):
    body = json.dumps(redrawing()).encode()
    request = (
        b"POST " + CALLBACK.encode() + b" HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\ncontent-length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        for start in range(0, len(request), 97):
            one.sendall(request[start : start + 97])
        received = b"".join(iter(lambda: one.recv(65536), b""))
    head, _, content = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert json.loads(content)["response"]["drawn"]


def test_requests_sent_ahead_are_answered_in_turn(server):
    asked = WHOLE.replace(b"Connection: close\r\n", b"")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        # Two and a half at once, the rest of the third later.
        one.sendall(asked * 2 + WHOLE[:30])
        time.sleep(0.3)
        one.sendall(WHOLE[30:])
        received = b"".join(iter(lambda: one.recv(65536), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 3


def test_who_waits_to_be_told_to_go_on_is_told(server):
    body = json.dumps(redrawing()).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        one.sendall(EXPECTING.replace(b"500", str(len(body)).encode()))
        assert one.recv(100).startswith(b"HTTP/1.1 100 ")
        one.sendall(body)
        received = one.recv(100)
        while b" 200 OK" not in received:
            piece = one.recv(65536)
            assert piece, received
            received += piece


def test_a_body_that_is_too_long_is_refused_before_it_is_sent(server):
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as one:
        one.sendall(HALF_A_BODY.replace(b"500", str(MAX_BODY + 1).encode()))
        received = b"".join(iter(lambda: one.recv(65536), b""))
    assert received.startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - started < 2


def test_a_header_says_nothing_of_the_path(server):
    """gunicorn believes SCRIPT_NAME and PATH_INFO of a proxy on this machine unless it is told not to."""
    for name in ("SCRIPT_NAME", "Script-Name", "PATH_INFO", "X-Forwarded-Prefix", "X-Script-Name"):
        status, _, body = server.get("/", headers={name: "/elsewhere"})
        assert status == 200, name
        assert b"/elsewhere" not in body, name


def test_the_server_stops_at_once_though_somebody_is_asking(small_dir, tmp_path):
    with Gunicorn(small_dir, tmp_path / "log") as server, held((server.port,), b"", 5):
        started = time.monotonic()
        server.process.terminate()
        assert server.process.wait(30) == 0
        assert time.monotonic() - started < 8
    assert "Traceback" not in server.log.read_text(encoding="utf-8")
