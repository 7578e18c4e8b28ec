"""What a server makes of a release that it cannot read, or whose manifest is no manifest; and files it keeps of one."""

from __future__ import annotations

import errno
import io
import os
import threading
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from stores import publishing_from, sending_to

from dashboard import ingest, installed
from dashboard.factory import create_app
from dashboard.holdings import archive
from dashboard.settings import AUDIENCES, Settings


class Client(FlaskClient):
    """A client that reads every answer to its end, so that files are closed behind it."""

    def open(self, *args, **kwargs):
        return super().open(*args, buffered=True, **kwargs)


def served(data_dir: Path, audience: str = "public"):
    server = create_app(Settings(data_dir=data_dir, audience=audience)).server
    server.test_client_class = Client
    return server.test_client()


@pytest.fixture
def forbidden(monkeypatch):
    """Makes paths unreadable for this process, whoever it runs as."""
    paths: set[Path] = set()

    def refuse(path) -> None:
        path = Path(path)
        if paths & {path, *path.parents}:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    for owner, name in ((os, "stat"), (os, "open"), (os, "scandir"), (os, "listdir"), (Path, "open"), (Path, "stat")):
        real = getattr(owner, name)

        def guarded(path=".", *arguments, real=real, **options):
            if isinstance(path, str | Path):
                refuse(path)
            return real(path, *arguments, **options)

        monkeypatch.setattr(owner, name, guarded)
    return paths


@pytest.mark.parametrize("what", [".", "current", "2019Q4-r1", "2019Q4-r1/manifest.json"])
def test_a_release_that_may_not_be_read_is_not_called_missing(send, publish, store, forbidden, what):
    """Made under umask 077 and served by another user, /readyz said "no release yet"."""
    send()
    publish()
    forbidden.add(store.data_dir / "releases" / what)
    response = served(store.data_dir).get("/readyz")
    said = response.get_json()
    # Without the pointer alone, the newest release serves, and what is wrong is said.
    assert (response.status_code, said["ready"]) == ((200, True) if what == "current" else (503, False))
    assert "cannot be read by the user that this server runs as" in said["problem"]
    assert str(store.data_dir) not in said["problem"]
    forbidden.clear()
    assert served(store.data_dir).get("/readyz").get_json()["problem"] is None


@pytest.mark.parametrize("content", [b"[]", b'"x"', b'{"files": [], "schema_version": []}'])
@pytest.mark.parametrize("which", [0, 1])
def test_a_manifest_that_is_none_is_never_a_fault_of_a_page(two_releases, content, which):
    data_dir, names = two_releases
    path = data_dir / "releases" / names[which] / "manifest.json"
    whole = path.read_bytes()
    path.write_bytes(content)
    try:
        client = served(data_dir)
        pinned = f"/api/v1/headline.json?release={names[which]}"
        for address in ("/data", "/api/v1/", "/readyz", "/data/differences", pinned):
            assert client.get(address).status_code < 500, address
    finally:
        path.write_bytes(whole)


@pytest.fixture(scope="module")
def two_releases(lists, tmp_path_factory):
    store = ingest.Store(tmp_path_factory.mktemp("two") / "var")
    sending_to(store, store.data_dir.parent, lists)()
    publish = publishing_from(store, lists)
    return store.data_dir, [publish().name for _ in range(2)]


# -- the ZIP of everything --


def test_the_zip_of_each_release_is_made_once_for_all_servers(two_releases, monkeypatch):
    """Asked for in turn, old releases were made anew each time."""
    data_dir, names = two_releases
    made = []
    real = archive._write

    def count(path, content):
        made.append(path.name)
        real(path, content)

    monkeypatch.setattr(archive, "_write", count)
    clients = [served(data_dir, audience) for audience in AUDIENCES]
    sent = {}
    for _ in range(2):
        for name in names:
            for client in (*clients, served(data_dir, "public")):
                response = client.get(f"/api/v1/complete.zip?release={name}")
                assert response.status_code == 200 and response.mimetype == "application/zip"
                file = response.headers["Content-Disposition"]
                assert name in file and sent.setdefault(file, response.data) == response.data
    assert len(sent) == len(made) == 4 == len(set(made))
    known = {"If-None-Match": response.headers["ETag"]}
    assert client.get(f"/api/v1/complete.zip?release={names[1]}", headers=known).status_code == 304
    # Another program may say it in another way: neither its tag nor the kept file stands for what it says.
    monkeypatch.setattr(installed, "mark", lambda: "another program")
    assert client.get(f"/api/v1/complete.zip?release={names[1]}", headers=known).status_code == 200 and len(made) == 5
    monkeypatch.undo()
    # A file cut short by a full disk is made again.
    for path in (data_dir / "cache").glob("*.zip"):
        path.write_bytes(path.read_bytes()[:100])
    response = clients[0].get(f"/api/v1/complete.zip?release={names[0]}")
    assert response.data == sent[response.headers["Content-Disposition"]]


def packed(text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr("a", text)
    return stream.getvalue()


def test_a_kept_zip_is_of_what_it_was_made_of(tmp_path):
    kept = archive.Archive(tmp_path / "cache")
    first = kept.zip("r1", ["1"], lambda: packed("one"))
    assert kept.zip("r1", ["1"], lambda: pytest.fail("made again")) == first
    second = kept.zip("r1", ["2"], lambda: packed("two"))
    assert second != first and not first.exists() and second.read_bytes() == packed("two")
    other = kept.zip("r2", ["1"], lambda: packed("other"))
    assert second.exists() and other.exists()


def test_where_the_cache_cannot_be_written_another_folder_serves(tmp_path, monkeypatch):
    kept = archive.Archive(tmp_path / "cache")
    monkeypatch.setattr(archive.os, "access", lambda *_: False)
    found = kept.zip("r1", ["1"], lambda: packed("one"))
    assert not found.is_relative_to(tmp_path) and found.read_bytes() == packed("one")
    assert kept.zip("r1", ["1"], lambda: pytest.fail("made again")) == found
    kept._own.cleanup()


def test_on_a_full_disk_a_visitor_gets_the_bytes(tmp_path, monkeypatch):
    def full(self, content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    kept = archive.Archive(tmp_path / "cache")
    monkeypatch.setattr(Path, "write_bytes", full)
    assert kept.zip("r1", ["1"], lambda: packed("one")) == packed("one")
    assert not list((tmp_path / "cache").glob("*.zip")) and not list((tmp_path / "cache").glob(".*"))


def test_visitors_do_not_wait_in_a_row(tmp_path):
    """While one file is made one more may wait; others are told to come back, so that threads are left for pages."""
    kept = archive.Archive(tmp_path / "cache")
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> bytes:
        begun.set()
        assert go_on.wait(30)
        return packed("one")

    found = []
    threads = [threading.Thread(target=lambda: found.append(kept.zip("r1", ["1"], slowly)))]
    threads[0].start()
    assert begun.wait(30)
    threads.append(threading.Thread(target=lambda: found.append(kept.zip("r1", ["1"], lambda: pytest.fail("twice")))))
    threads[1].start()
    while kept._room._value:
        threading.Event().wait(0.01)
    with pytest.raises(archive.Busy):
        kept.zip("r2", ["1"], lambda: packed("two"))
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert len(found) == 2 and found[0] == found[1]
    assert kept.zip("r2", ["1"], lambda: packed("two")).exists()
