"""Thousands of mixed requests, then the attacks on memory and by slow clients, on a real server behind nginx.

`make test` runs a short version on the small demonstration, `make prove` 12,000 requests on the whole one.
"""

import contextlib
import json
import random
import socket
import statistics
import threading
import time
from pathlib import Path

import pytest
from served import CALLBACK, Gunicorn, Nginx, free_port, opening, redrawing

from dashboard import pages, questions
from dashboard.selection import MAX_VALUES
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

pytestmark = pytest.mark.slow

#: Of a worker's memory, in MB: what it has at most with whatever is asked of it.
MOST = 350
HALF = b"GET /api/v1/headline.json HTTP/1.1\r\nHost: localhost\r\nX-Half: "
FILTERS = ("entity", "category", "grade", "unct", "duty_station", "region", "age_group", "rc", "nationality")

PLAIN = (
    "/data", "/recruit?unct=KEN&grade=P-4", "/search?q=p-4", "/methods", "/nowhere", "/api/v1/search.json?q=nai",
    "/compare?s=entity%3DUNDP&s=entity%3DUNICEF",
)  # fmt: skip


def unlimited(text: str) -> str:
    """The limits of one address would keep the requests of this test apart by minutes."""
    return text.replace("rate=50r/s", "rate=100000r/s").replace("parity_connections 60", "parity_connections 2000")


class Asking:
    """Requests as many visitors make them, drawn at random from the codes of a release, and what came of them."""

    def __init__(self, data_dir: Path, seed: int):
        release = Warehouse(Settings(data_dir=data_dir, audience="public")).current()
        self.codes = {name: release.codes.get(name, ()) for name in FILTERS}
        self.quarters = release.codes["quarter"]
        self.names = list(questions.load())
        self.releases = Warehouse(Settings(data_dir=data_dir, audience="public")).served()
        self.drawn = random.Random(seed)
        self.lock = threading.Lock()
        self.statuses: dict[int, int] = {}
        self.seconds: list[float] = []

    def query(self) -> str:
        pick = self.drawn
        pairs = [
            (name, code)
            for name in pick.sample(FILTERS, pick.choice([0, 1, 1, 1, 2, 3]))
            if self.codes[name]
            for code in pick.sample(self.codes[name], min(len(self.codes[name]), pick.choice([1, 1, 1, 2, 5, 30])))
        ]
        if pick.random() < 0.2:
            pairs.append(("quarter", pick.choice(self.quarters)))
        if pick.random() < 0.05:
            pairs.append(("release", pick.choice(self.releases)))
        if pick.random() < 0.05:
            pairs.append(("entity", f"INVENTED{pick.randrange(10**9)}"))
        return "&".join(f"{key}={code.replace('+', '%2B')}" for key, code in pairs)

    def draw(self) -> tuple[str, str, bytes | None]:
        """Method, address and body of a request."""
        pick, query = self.drawn, self.query()
        kind = pick.random()
        if kind < 0.35:
            body = pick.choice([opening, redrawing])(f"?{query}")
            body["inputs"][0]["value"]["path"] = pick.choice(pages.samples()) if "panels" in body["output"] else "/"
            if pick.random() < 0.7:
                body["inputs"][0]["value"]["tables"] = []
            return "POST", CALLBACK, json.dumps(body).encode()
        if kind < 0.5:
            return "GET", f"{pick.choice(pages.samples())}?{query}", None
        if kind < 0.85:
            form = pick.choice(["json", "json", "csv", "csv", "xlsx"])
            return "GET", f"/api/v1/{pick.choice(self.names)}.{form}?{query}", None
        if kind < 0.92:
            return "GET", f"/api/v1/facets.json?facet={pick.choice(FILTERS)}&{query}", None
        return "GET", pick.choice(PLAIN), None

    def ask(self, front: Nginx, count: int, clients: int) -> None:
        """So many requests by so many clients at a time."""
        left = iter(range(count))

        def client() -> None:
            while True:
                with self.lock:
                    if next(left, None) is None:
                        return
                    method, address, body = self.draw()
                started = time.monotonic()
                status, _, _ = front.get(
                    address, method, body=body, headers={"Content-Type": "application/json"} if body else {}
                )
                with self.lock:
                    self.seconds.append(time.monotonic() - started)
                    self.statuses[status] = self.statuses.get(status, 0) + 1

        threads = [threading.Thread(target=client) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def memory(server: Gunicorn) -> list[float]:
    """What each worker takes, in MB, of memory that is its own."""
    found = []
    for worker in server.workers():
        status = Path(f"/proc/{worker}/status").read_text(encoding="utf-8")
        sizes = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if line.startswith("Rss")}
        found.append(int(sizes["RssAnon"]) / 1024)
    return found


@contextlib.contextmanager
def slow_clients(ports: tuple[int, ...], each: int):
    with contextlib.ExitStack() as stack:
        for port in ports:
            for _ in range(each):
                one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
                one.sendall(HALF)
        yield


def invented(turn: int, count: int = 380) -> str:
    return "?" + "&".join(f"entity=INVENTED{turn}-{number}" for number in range(count))


def endure(data_dir: Path, folder: Path, requests: int, attacks: int, clients: int) -> dict[str, object]:
    """What a server makes of all that, one after the other; figures for who wants to see them."""
    public = free_port()
    told: dict[str, object] = {}
    with (
        Gunicorn(data_dir, folder / "log", PARITY_PUBLIC_PORT=str(public)) as server,
        Nginx(folder / "nginx", public, unlimited) as front,
    ):
        workers = server.workers()
        asking = Asking(data_dir, 10)
        started = time.monotonic()
        asking.ask(front, requests, clients)
        told["requests"] = f"{requests} in {time.monotonic() - started:.0f} s, {asking.statuses}"
        told["after requests"] = memory(server)
        # The attack on memory: many invented codes, in the largest questions that are taken and in larger ones.
        sent = {"Content-Type": "application/json"}
        for turn in range(attacks):
            body = json.dumps(redrawing(invented(turn))).encode()
            assert server.get(CALLBACK, "POST", body=body, headers=sent)[0] in (200, 400)
            body = json.dumps(redrawing(invented(turn, MAX_VALUES + 1))).encode()
            assert front.get(CALLBACK, "POST", body=body, headers=sent)[0] == 400
        told["after invented codes"] = memory(server)
        # Slow clients on both ports and on nginx, while others ask.
        honest = Asking(data_dir, 11)
        with slow_clients((server.port, public, front.port), 60):
            honest.ask(front, max(requests // 20, 60), min(clients, 4))
            for port in (server.port, public):
                assert server.get("/api/v1/headline.json", port=port)[0] == 200
        told["after slow clients"] = memory(server)
        told["p95"] = statistics.quantiles(honest.seconds, n=20)[-1]
        told["statuses"] = honest.statuses
        assert server.workers() == workers, "a worker was replaced"
        assert json.loads(server.get("/readyz")[2])["ready"]
    log = (folder / "log").read_text(encoding="utf-8", errors="replace")
    assert "Traceback" not in log and '"event": "fault"' not in log
    for asked in (asking, honest):
        assert set(asked.statuses) <= {200, 302, 404, 422}, asked.statuses
    return told


def test_a_short_run(small_dir, tmp_path):
    told = endure(small_dir, tmp_path, 250, 12, 4)
    assert max(told["after requests"] + told["after invented codes"] + told["after slow clients"]) < MOST, told


@pytest.mark.prove(only=True)
def test_twelve_thousand_requests_and_both_attacks(demo_dir, tmp_path):
    told = endure(demo_dir, tmp_path, 12_000, 400, 6)
    print(json.dumps(told, default=str, indent=1))
    assert max(told["after requests"] + told["after invented codes"] + told["after slow clients"]) < MOST, told
    assert told["p95"] < 1, told
