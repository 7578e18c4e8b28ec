"""The dashboard under gunicorn, as in production, and a client that sends what a browser sends."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import brotli
from flask_compress.flask_compress import compression  # zstd comes with Python from 3.14 on, before from a package

from dashboard.selection import Selection

ROOT = Path(__file__).resolve().parent.parent
CALLBACK = "/_dash-update-component"
WORKERS = 2
#: What a browser accepts from a server behind https.
ENCODINGS = "gzip, deflate, br, zstd"
#: The sentence of a panel that could not be drawn leads to an id to report.
FAILED = b"report error"


class ServerFailed(RuntimeError):
    """The server did not start; the message ends with what it said."""


@dataclass(frozen=True)
class Served:
    """A server that answers: where it listens, and the processes it works with."""

    port: int
    process: int

    @property
    def address(self) -> str:
        """The address for a browser."""
        return f"http://127.0.0.1:{self.port}"

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        return [
            int(number) for number in Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        ]

    def memory(self) -> list[dict[str, float]]:
        """Resident and proportional memory of each worker in megabytes; empty where the system does not tell."""
        found = []
        try:
            for worker in self.workers():
                lines = Path(f"/proc/{worker}/smaps_rollup").read_text().splitlines()[1:]
                sizes = {line.split(":")[0]: int(line.split()[1]) / 1000 for line in lines}
                found.append({"rss": sizes["Rss"], "pss": sizes["Pss"]})
        except OSError:
            return []
        return found


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def server(data_dir: Path, audience: str = "internal") -> Iterator[Served]:
    """Serve this data directory to this audience with the configuration of production, every worker with its release
    open.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARITY_")}
    environment |= {
        "PARITY_HOST": "127.0.0.1",
        "PARITY_PORT": str(port),
        "PARITY_DATA_DIR": str(data_dir),
        "PARITY_WORKERS": str(WORKERS),
        "PARITY_AUDIENCE": audience,
        "PARITY_PUBLIC_PORT": "off",
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            served = Served(port, process.pid)
            if not _answers(served, process):
                said.seek(0)
                raise ServerFailed("the server does not answer; it said:\n" + said.read()[-2000:])
            yield served
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(served: Served, process: subprocess.Popen[Any], patience: float = 60) -> bool:
    end = time.monotonic() + patience
    ready = 0
    # One connection stays with one worker, so several are needed to wake every worker.
    while time.monotonic() < end and process.poll() is None:
        try:
            status = Client(served.port).get("/readyz")[0]
            ready = ready + 1 if status == 200 else 0
            if ready >= 8 * WORKERS:
                return True
        except OSError:
            ready = 0
        if not ready:
            time.sleep(0.2)
    return False


def decoded(content: bytes, encoding: str | None) -> bytes:
    """The content of a response without its compression."""
    if encoding == "zstd":
        return compression.zstd.decompress(content)
    if encoding == "br":
        return brotli.decompress(content)
    if encoding == "gzip":
        return gzip.decompress(content)
    if encoding == "deflate":
        return zlib.decompress(content)
    return content


class Client:
    """One browser's connection, kept open; opened anew when the server closes it."""

    def __init__(self, port: int, encodings: str = ENCODINGS):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._encodings = encodings

    def request(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes, str | None]:
        """(status, content as sent, its encoding)."""
        headers = {"Accept-Encoding": self._encodings}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            # A connection that rested longer than the server keeps it.
            self._connection.close()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        return response.status, response.read(), response.getheader("Content-Encoding")

    def get(self, path: str) -> tuple[int, bytes]:
        """(status, content without compression)."""
        status, content, encoding = self.request("GET", path)
        return status, decoded(content, encoding)

    def post(self, path: str, body: Any) -> tuple[int, bytes]:
        """(status, content without compression)."""
        status, content, encoding = self.request("POST", path, json.dumps(body).encode())
        return status, decoded(content, encoding)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def _find(node: Any, wanted: str) -> Iterator[dict[str, Any]]:
    """Ids of components of one type in a Dash layout."""
    if isinstance(node, dict):
        identity = node.get("id")
        if isinstance(identity, dict) and identity.get("type") == wanted:
            yield identity
        for value in node.values():
            yield from _find(value, wanted)
    elif isinstance(node, list):
        for value in node:
            yield from _find(value, wanted)


class Drawing:
    """The drawing callback as a browser calls it, learned from what the server says of itself."""

    def __init__(self, client: Client, path: str = "/"):
        self.path = path
        self._turns = count(1)
        callbacks = json.loads(client.get("/_dash-dependencies")[1])
        opening = self._callback(callbacks, "page")
        self._redraw = self._callback(callbacks, "selection")
        body = {
            "output": opening["output"],
            "outputs": [self._single(part) for part in opening["output"].strip(".").split("...")],
            **self._inputs("page", {"path": path, "search": ""}),
        }
        status, content = client.post(CALLBACK, body)
        if status != 200:
            raise ServerFailed(f"opening the page got status {status}")
        opened = json.loads(content)
        self.panels = [identity["panel"] for identity in _find(opened, "figure")]
        written = opened["response"]["opened"]["data"]
        #: Without those that only another view or audience of the page has: they are there, hidden, and never redrawn.
        self.shown = [panel for panel in self.panels if panel in written["panels"]]
        self.release = written["release"]
        figures = [{"id": {"type": "figure", "panel": panel}, "property": "figure"} for panel in self.panels]
        self._outputs = [
            figures if part.startswith("{") else self._single(part)
            for part in self._redraw["output"].strip(".").split("...")
        ]

    @staticmethod
    def _callback(callbacks: list[dict[str, Any]], store: str) -> dict[str, Any]:
        found = [
            callback
            for callback in callbacks
            if [entry["id"] for entry in callback["inputs"]] == [store] and not callback["clientside_function"]
        ]
        if len(found) != 1:
            raise ServerFailed(f"{len(found)} callbacks listen to {store!r}: the benchmark knows one")
        return found[0]

    @staticmethod
    def _single(part: str) -> dict[str, Any]:
        identity, _, attribute = part.rpartition(".")
        return {"id": identity, "property": attribute}

    @staticmethod
    def _inputs(store: str, value: Any) -> dict[str, Any]:
        name = f"{store}.data"
        return {
            "inputs": [{"id": store, "property": "data", "value": value}],
            "changedPropIds": [name],
            "parsedChangedPropsIds": [name],
        }

    def body(self, selection: Selection) -> dict[str, Any]:
        """What a browser posts when the selection has become this one."""
        query = urlencode(selection.to_pairs())
        value = {
            "path": self.path,
            "search": f"?{query}" if query else "",
            "tables": [],
            "of": self.release,
            "turn": next(self._turns),
        }
        return {"output": self._redraw["output"], "outputs": self._outputs, **self._inputs("selection", value)}

    def fault(self, status: int, content: bytes) -> str | None:
        """What is wrong with a response (without its compression), or None."""
        if status != 200:
            return f"status {status}"
        if FAILED in content:
            return "a panel could not be drawn"
        figures = json.loads(content)["response"]
        drawn = [key for key, value in figures.items() if "figure" in value]
        return None if len(drawn) == len(self.shown) else f"{len(drawn)} of {len(self.shown)} figures"
