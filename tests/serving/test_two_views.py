"""Two audiences under a real gunicorn: which files a process holds, which port shows what, who gets in."""

import http.client
import json
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from served import ROOT, Gunicorn, point

# A server is started for most of them.
pytestmark = pytest.mark.slow

V1 = "/api/v1"
MARK = "qzsomebodyqz"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def held(process: int) -> set[str]:
    """Release files a process has open or mapped."""
    found = {str(file.readlink()) for file in Path(f"/proc/{process}/fd").iterdir() if file.is_symlink()}
    found |= set(re.findall(r"/\S+", Path(f"/proc/{process}/maps").read_text()))
    return {Path(name).name for name in found if ".duckdb" in Path(name).name}


def asked_of_every_worker(server: Gunicorn) -> None:
    """Pages, figures, files and facets, often enough that no worker is left out."""
    for _ in range(10):
        for path in (
            "/",
            f"{V1}/by_grade.json",
            f"{V1}/by_unct.csv",
            f"{V1}/trend.json",
            f"{V1}/facets.json?facet=unct",
        ):
            assert server.get(path)[0] == 200, path


def test_a_public_server_holds_no_internal_file(small_dir, tmp_path):
    """By default, on every address, and whatever it is asked."""
    with Gunicorn(small_dir, tmp_path / "log", PARITY_AUDIENCE="", PARITY_HOST="0.0.0.0") as server:
        releases = json.loads(server.get(f"{V1}/")[2])["releases"]
        asked_of_every_worker(server)
        for release in releases:
            for path in (f"/?release={release}", f"{V1}/by_grade.xlsx?release={release}"):
                for _ in range(4):
                    assert server.get(path, headers={"X-Forwarded-User": MARK, "Host": "any.example"})[0] == 200
        server.get(f"{V1}/by_grade.json?release=../internal&audience=internal")
        for process in (server.process.pid, *server.workers()):
            assert held(process) <= {"public.duckdb"}
        assert [held(worker) for worker in server.workers()] == [{"public.duckdb"}] * 2


def test_the_files_of_an_internal_server_can_be_seen(small_dir, tmp_path):
    """Or the test above would prove nothing."""
    with Gunicorn(small_dir, tmp_path / "log") as server:
        asked_of_every_worker(server)
        assert [held(worker) for worker in server.workers()] == [{"internal.duckdb"}] * 2


def views(server: Gunicorn, port: int) -> tuple[str, str]:
    return tuple(json.loads(server.get(f"{V1}/", port=which)[2])["audience"] for which in (server.port, port))


LIES = {
    "Host": "127.0.0.1:{port}",
    "X-Forwarded-Host": "127.0.0.1:{port}",
    "X-Forwarded-Port": "{port}",
    "Forwarded": "host=127.0.0.1:{port}",
    "Server-Port": "{port}",
    "SERVER_PORT": "{port}",
    "X-Forwarded-User": MARK,
    "Script-Name": "",
}


def test_a_desk_has_two_views_and_no_visitor_raises_one(small_dir, tmp_path):
    public_port = free_port()
    with Gunicorn(small_dir, tmp_path / "log", PARITY_PUBLIC_PORT=str(public_port)) as server:
        for _ in range(6):
            assert views(server, public_port) == ("internal", "public")
        lies = {name: value.format(port=server.port) for name, value in LIES.items()}
        for path in (f"{V1}/?audience=internal", f"http://127.0.0.1:{server.port}{V1}/"):
            for headers in (lies, *({name: value} for name, value in lies.items())):
                status, _, body = server.get(path, port=public_port, headers=headers)
                assert status == 200
                assert json.loads(body)["audience"] == "public"
        # Nor is the name of the other port a way in: the socket decides.
        assert (
            json.loads(server.get(f"{V1}/", headers={"Host": f"127.0.0.1:{public_port}"})[2])["audience"] == "internal"
        )
        page = server.get("/?entity=UNDP")[2].decode()
        assert f'<a href="http://127.0.0.1:{public_port}/?entity=UNDP" data-follow>See what the public sees</a>' in page
        page = server.get("/?entity=UNDP", port=public_port)[2].decode()
        assert (
            f'<a href="http://127.0.0.1:{server.port}/?entity=UNDP" data-follow>Back to the internal view</a>' in page
        )
        # Configuration and workers are read anew; both sockets stay.
        before = set(server.workers())
        server.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + 60
        while before & set(server.workers()) or len(server.workers()) != 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert views(server, public_port) == ("internal", "public")
    assert "Traceback" not in server.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_where_the_second_port_is_taken_the_first_view_is_served(small_dir, tmp_path, host):
    with socket.create_server((host, 0)) as taken:
        port = taken.getsockname()[1]
        with Gunicorn(small_dir, tmp_path / "log", PARITY_PUBLIC_PORT=str(port)) as server:
            page = server.get("/")[2].decode()
            assert "not for public release" in page
            assert "See what the public sees" not in page
            said = server.log.read_text(encoding="utf-8")
            assert f"What the public sees is not shown: port {port} cannot be had" in said
            assert "PARITY_PUBLIC_PORT" in said
            # Not even when its settings are read anew.
            before = set(server.workers())
            server.process.send_signal(signal.SIGHUP)
            deadline = time.monotonic() + 60
            while before & set(server.workers()) or len(server.workers()) != 2:
                assert time.monotonic() < deadline
                time.sleep(0.1)
            assert "See what the public sees" not in server.get("/")[2].decode()


def refused(data_dir: Path, *arguments: str, **environment: str) -> str:
    """What gunicorn says when it does not start."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "PARITY_DATA_DIR": str(data_dir),
        "PARITY_AUDIENCE": "internal",
    } | environment
    done = subprocess.run(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_internal_figures_are_not_served_to_a_network(tmp_path):
    said = refused(tmp_path, PARITY_HOST="0.0.0.0")
    assert "Not started: PARITY_HOST is '0.0.0.0'" in said
    assert "PARITY_USER_HEADER=X-Forwarded-User" in said
    port = str(free_port())
    for address in (f"0.0.0.0:{port}", f"unix:{tmp_path}/socket"):
        said = refused(tmp_path, "--bind", address, PARITY_PORT=port)
        assert "Not started: internal figures are shown on this machine only" in said


NOT_MEANT = [
    ("PARITY_WORKERS", "0"), ("PARITY_TIMEOUT", "30s"), ("PARITY_MEMORY_LIMIT", "lots"),
    ("PARITY_NEXT_RELEASE", "03/02/2027"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), NOT_MEANT)
def test_a_setting_that_cannot_be_meant_is_named_at_the_start(tmp_path, name, value):
    said = refused(tmp_path, **{name: value})
    assert said.startswith(f"Not started: {name} is '{value}'; ")


def test_behind_a_proxy_only_the_signed_in_get_in_and_nobody_is_named(small_dir, tmp_path):
    # On Linux all of 127.0.0.0/8 is this machine: a proxy and somebody who is none, each with an address.
    sign_in = {"PARITY_USER_HEADER": "X-Forwarded-User", "PARITY_USER_PROXIES": "127.0.0.2"}
    environment = {"PARITY_HOST": "0.0.0.0", "PARITY_PUBLIC_PORT": "", **sign_in}
    with Gunicorn(small_dir, tmp_path / "log", **environment) as server:

        def status(source: str, path: str, **headers: str) -> int:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30, source_address=(source, 0))
            try:
                connection.request(
                    "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
                )
                response = connection.getresponse()
                response.read()
                return response.status
            finally:
                connection.close()

        for path in ("/", f"{V1}/by_grade.json", "/readyz"):
            assert status("127.0.0.2", path, X_Forwarded_User=MARK) == 200
            assert status("127.0.0.2", path) == 403
            assert status("127.0.0.1", path, X_Forwarded_User=MARK, X_Forwarded_For="127.0.0.2") == 403
        # The same name with underscores is another header, which gunicorn drops.
        raw = (
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX_Forwarded_User: "
            + MARK.encode()
            + b"\r\nConnection: close\r\n\r\n"
        )
        assert b"403" in server.raw(raw).split(b"\r\n")[0]
        # A line of the PROXY protocol is not believed either.
        assert b"200" not in server.raw(b"PROXY TCP4 127.0.0.2 127.0.0.1 1 2\r\n" + raw).split(b"\r\n")[0]
    assert MARK not in server.log.read_text(encoding="utf-8")


def test_a_public_server_follows_to_the_first_release_it_has_a_file_of(small_dir, tmp_path):
    data_dir = tmp_path / "data"
    shutil.copytree(small_dir, data_dir)
    name = (data_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    files = {file: file.with_suffix(".away") for file in data_dir.glob("releases/*/public.duckdb")}
    for file, away in files.items():
        file.rename(away)
    with Gunicorn(data_dir, tmp_path / "log", PARITY_AUDIENCE="public") as server:
        for path in ("/readyz", "/", f"{V1}/headline.json"):
            status, _, body = server.get(path)
            assert status == 503
            assert b"public.duckdb is missing" in body
        assert all(held(worker) == set() for worker in server.workers())
        for file, away in files.items():
            away.rename(file)
        point(data_dir, name)
        deadline = time.monotonic() + 30
        while {server.get("/readyz")[0] for _ in range(8)} != {200}:
            assert time.monotonic() < deadline
            time.sleep(0.2)
