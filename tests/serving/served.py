"""Ways to serve, publish and ask in these tests."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
from flask.testing import FlaskClient

from dashboard import pages
from dashboard.factory import create_app
from dashboard.settings import Settings

CALLBACK = "/_dash-update-component"
OPEN = "..panels.children...opened.data.."
REDRAW = '..{"panel":["ALL"],"type":"figure"}.figure...drawn.data..'

#: Every table of the Overview, open or not.
TABLES = [panel.id for panel in pages.OVERVIEW.panels]


class Client(FlaskClient):
    """A client that reads every answer to its end, as browsers do, so that files are closed behind it."""

    def open(self, *args, **kwargs):
        return super().open(*args, buffered=True, **kwargs)


def serve(data_dir: Path, **settings) -> FlaskClient:
    """A client of a new application on this data directory."""
    server = create_app(Settings(data_dir=data_dir, **settings)).server
    server.test_client_class = Client
    return server.test_client()


def point(data_dir: Path, name: str) -> None:
    """Put a release in service the way publishing does: a new pointer takes the old one's place."""
    new = data_dir / "releases" / ".current.new"
    new.write_text(f"{name}\n", encoding="utf-8")
    new.replace(data_dir / "releases" / "current")


def describe(folder: Path) -> None:
    """Make the manifest of a release say what its files are."""
    manifest = folder / "manifest.json"
    said = json.loads(manifest.read_text(encoding="utf-8"))
    for path in folder.glob("*.duckdb"):
        said["files"][path.name] = {
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
    manifest.write_text(json.dumps(said), encoding="utf-8")


def reissue(data_dir: Path, old: str, new: str, *changes: str) -> None:
    """A release like an older one, changed by SQL, under a name of its own. A change is made in each of its files that
    has the table.
    """
    releases = data_dir / "releases"
    shutil.copytree(releases / old, releases / new)
    made = set()
    for path in (releases / new).glob("*.duckdb"):
        with duckdb.connect(str(path)) as connection:
            connection.execute("update meta set value = ? where key = 'name'", [new])
            for change in changes:
                with contextlib.suppress(duckdb.CatalogException):
                    connection.execute(change)
                    made.add(change)
    assert made == set(changes)
    describe(releases / new)


def opening(search: str = "") -> dict:
    """The body with which a browser opens a page."""
    return {
        "output": OPEN,
        "outputs": [{"id": "panels", "property": "children"}, {"id": "opened", "property": "data"}],
        "inputs": [{"id": "page", "property": "data", "value": {"path": "/", "search": search, "tables": TABLES}}],
        "changedPropIds": ["page.data"],
        "parsedChangedPropsIds": ["page.data"],
    }


def redrawing(search: str = "") -> dict:
    """The body with which a browser asks for all figures anew."""
    figures = [{"id": {"type": "figure", "panel": panel.id}, "property": "figure"} for panel in pages.OVERVIEW.panels]
    return {
        "output": REDRAW,
        "outputs": [figures, {"id": "drawn", "property": "data"}],
        "inputs": [{"id": "selection", "property": "data", "value": {"path": "/", "search": search, "tables": TABLES}}],
        "changedPropIds": ["selection.data"],
        "parsedChangedPropsIds": ["selection.data"],
    }


ROOT = Path(__file__).resolve().parent.parent.parent


class Gunicorn:
    """A real server with two workers on a free port of this machine; what it writes goes to `log`."""

    def __init__(self, data_dir: Path, log: Path, **environment: str):
        self.port = free_port()
        self.log = log
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PARITY_", "PROMETHEUS_"))}
        own |= {"PARITY_DATA_DIR": str(data_dir), "PARITY_PORT": str(self.port), "PARITY_WORKERS": "2"}
        own |= {"PARITY_AUDIENCE": "internal", "PARITY_PUBLIC_PORT": "off"} | environment
        with log.open("wb") as written:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"],
                cwd=ROOT, env=own, stdout=written, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def __enter__(self) -> Gunicorn:
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)

    def _wait(self) -> None:
        last = time.monotonic() + 60
        while True:
            try:
                if len(self.workers()) == 2 and self.get("/healthz")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > last:
                raise AssertionError(f"no server: {self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        master = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def kill(self, worker: int) -> None:
        """Kill one of the workers, as a machine that runs out of memory would."""
        assert worker in self.workers()
        os.kill(worker, signal.SIGKILL)

    def connect(self, port: int | None = None) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=30)

    def get(
        self, path: str, method: str = "GET", *, port: int | None = None, **options
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by lower-case name, and body, over a connection of its own."""
        return exchange(self.connect(port), method, path, **options)

    def raw(self, content: bytes) -> bytes:
        """What the server answers to these very bytes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(content)
            connection.shutdown(socket.SHUT_WR)
            received = b""
            while piece := connection.recv(65536):
                received += piece
            return received


FRONT = ROOT / "deploy" / "nginx.conf"


class Nginx:
    """nginx in front of a server, as `deploy/nginx.conf` has it but for its port, its upstream and its cache."""

    def __init__(self, folder: Path, upstream: int, change: Callable[[str], str] = lambda text: text):
        self.path = os.environ.get("PARITY_NGINX") or shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        if self.path is None or not Path(self.path).exists():
            # Never skipped: a front that nobody tried is none. `make quick` leaves these tests out.
            raise AssertionError("no nginx: `make test` installs it or says how (PARITY_NGINX names another)")
        self.port = free_port()
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        site = FRONT.read_text(encoding="utf-8")
        for shipped, here in (
            ("listen 80;", f"listen 127.0.0.1:{self.port};"),
            ("server 127.0.0.1:8050;", f"server 127.0.0.1:{upstream};"),
            ("proxy_cache_path /var/cache/nginx/parity ", f"proxy_cache_path {folder}/cache "),
        ):
            assert site.count(shipped) == 1, shipped
            site = site.replace(shipped, here)
        (folder / "site.conf").write_text(change(site), encoding="utf-8")
        # Its workers are the same user, who may read this folder.
        user = "user root;" if os.geteuid() == 0 else ""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log warn;\n"
            f"events {{ worker_connections 2048; }}\n"
            f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n",
            encoding="utf-8",
        )

    def __enter__(self) -> Nginx:
        command = [
            str(self.path),
            "-e",
            f"{self.folder}/error.log",
            "-p",
            str(self.folder),
            "-c",
            f"{self.folder}/nginx.conf",
        ]
        tried = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60, check=False)
        assert tried.returncode == 0, tried.stderr
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        last = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < last, "nginx does not start"
                time.sleep(0.05)

    def __exit__(self, *_) -> None:
        self.process.terminate()
        self.process.wait(30)

    def get(self, path: str, method: str = "GET", *, source: str = "127.0.0.1", **options):
        """Status, headers by lower-case name, and body; from another address of this machine if need be."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        return exchange(connection, method, path, **options)


def exchange(
    connection: http.client.HTTPConnection, method: str, path: str, **options
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers by lower-case name, and body of the one request of a connection."""
    try:
        connection.request(method, path, **options)
        response = connection.getresponse()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    finally:
        connection.close()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
