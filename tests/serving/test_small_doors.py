"""Doors beside the pages: addresses nearly right, encodings, counts, readiness, and what may be missing."""

import contextlib
import os
import re
import tempfile
from pathlib import Path

import pytest
from served import serve

from dashboard.factory import create_app
from dashboard.settings import Settings, public_view

CONFIGURATION = Path(__file__).resolve().parent.parent.parent / "gunicorn.conf.py"


# -- addresses nearly right ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [("/recruit/", "/recruit"), ("/grades/?entity=UNDP&v.by=gap", "/grades?entity=UNDP&v.by=gap"),
     ("/entities/undp", "/entities/UNDP"), ("/entities/undp/", "/entities/UNDP"), ("/methods/", "/methods"),
     ("/country-teams/ken?grade=P-4", "/country-teams/KEN?grade=P-4"), ("/data/differences/", "/data/differences"),
     ("/search/?q=kenya", "/search?q=kenya")],
)  # fmt: skip
def test_an_address_that_is_nearly_one_of_ours_leads_there(client, asked, leads_to):
    response = client.get(asked)
    assert (response.status_code, response.headers["Location"]) == (308, leads_to)
    assert client.get(leads_to).status_code in (200, 302)


@pytest.mark.parametrize("asked", ["/entities/nope", "/entities/nope/", "/nowhere/",
                                   "/Entities/UNDP"])  # fmt: skip
def test_one_that_is_not_stays_not_found(client, asked):
    response = client.get(asked)
    while response.status_code == 308:
        assert re.match(r"/(?!/)", response.headers["Location"].removeprefix("http://localhost"))
        response = client.get(response.headers["Location"])
    assert response.status_code == 404


# -- encodings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "sent"),
    [("gzip;q=0", None), ("gzip;q=0, br;q=0", None), ("br;q=0, gzip", "gzip"), ("gzip;q=0, br", "br"), ("*;q=0", None),
     ("identity", None), ("gzip;q=0.0", None), ("", None), ("gzip", "gzip"), ("gzip;q=0.5", "gzip")],
)  # fmt: skip
def test_an_encoding_that_is_not_wanted_is_not_sent(client, said, sent):
    for path in ("/", "/api/v1/by_entity.json", "/assets/style.css"):
        response = client.get(path, headers={"Accept-Encoding": said})
        assert response.status_code == 200
        # Files are not compressed by every server that takes them.
        expected = (sent, None) if path.startswith("/assets/") else (sent,)
        assert response.headers.get("Content-Encoding") in expected, path


# -- counts ----------------------------------------------------------------------------------------------------


def test_each_view_tells_its_own_counts(small_dir):
    settings = Settings(data_dir=small_dir, public_port=8051)
    internal, public = (create_app(each).server.test_client() for each in (settings, public_view(settings)))
    internal.get("/api/v1/by_regional_group.json")
    public.get("/api/v1/by_headquarters.json")
    told = {name: client.get("/metrics").text for name, client in (("internal", internal), ("public", public))}
    assert 'question="by_regional_group"' in told["internal"]
    assert 'question="by_regional_group",' not in told["public"] and 'audience="internal"' not in told["public"]
    assert 'question="by_headquarters"' in told["public"]
    assert 'audience="public"' not in told["internal"]


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [("127.0.0.1", {}, 200), ("::1", {}, 200), ("203.0.113.5", {}, 403), ("10.0.0.7", {}, 200), ("10.0.1.7", {}, 403),
     ("127.0.0.1", {"X-Forwarded-For": "203.0.113.5"}, 403), ("127.0.0.1", {"Forwarded": "for=203.0.113.5"}, 403),
     ("10.0.0.7", {"X-Forwarded-For": "127.0.0.1"}, 200), ("", {}, 403)],
)  # fmt: skip
def test_counts_are_for_this_machine_and_those_that_are_named(small_dir, peer, headers, status):
    from ipaddress import ip_network

    client = serve(small_dir, audience="public", metrics_readers=(ip_network("10.0.0.0/24"),))
    response = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
    assert response.status_code == status
    assert ("parity_requests" in response.text) == (status == 200)


# -- readiness -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("audience", ["internal", "public"])
def test_the_public_is_not_told_where_files_are(tmp_path, two, audience):
    empty = tmp_path / "a folder" / "data"
    for data_dir, damage in ((empty, None), (two.data_dir, "current"), (two.data_dir, "file")):
        if damage == "current":
            (data_dir / "releases" / "current").unlink()
            (data_dir / "releases" / "current").mkdir()
        if damage == "file":
            (data_dir / "releases" / "current").rmdir()
            two.put(two.new)
            (two.folder(two.new) / f"{audience}.duckdb").unlink()
            (two.folder(two.new) / f"{audience}.duckdb").mkdir()
        client = serve(data_dir, audience=audience)
        said = client.get("/readyz").json["problem"]
        assert said, damage
        if audience == "public":
            assert str(tmp_path) not in said and not re.search(r"(^|[\s'\"(])/", said), said


# -- read-only -------------------------------------------------------------------------------------------------


class Log:
    def __init__(self):
        self.said = []

    def warning(self, message, *values):
        self.said.append(message % values)


class Master:
    def __init__(self):
        self.log = Log()


@pytest.mark.parametrize("memory", [True, False], ids=["memory can be written", "nothing can be written"])
def test_a_machine_that_can_only_be_read_serves(monkeypatch, tmp_path, small_dir, memory):
    for name in [name for name in os.environ if name.startswith(("PARITY_", "PROMETHEUS_"))]:
        monkeypatch.delenv(name)
    configuration: dict = {}
    exec(compile(CONFIGURATION.read_text(encoding="utf-8"), str(CONFIGURATION), "exec"), configuration)
    make = tempfile.mkdtemp

    def only_memory(suffix=None, prefix=None, where=None):
        if where is None or not memory:
            raise OSError(30, "Read-only file system")
        return make(suffix, prefix, tmp_path)

    monkeypatch.setattr(tempfile, "mkdtemp", only_memory)
    # Undone at the end, whatever is set below.
    monkeypatch.setenv("PARITY_METRICS", "")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    master = Master()
    configuration["_counts"](master)
    response = serve(small_dir).get("/healthz")
    assert response.status_code == 200
    if memory:
        assert Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]).parent == tmp_path
        assert master.log.said == []
    else:
        (said,) = master.log.said
        assert "/metrics" in said and "Read-only file system" in said
        with contextlib.suppress(KeyError):
            del os.environ["PROMETHEUS_MULTIPROC_DIR"]
        response = serve(small_dir).get("/metrics")
        assert (response.status_code, response.mimetype) == (404, "application/problem+json")
