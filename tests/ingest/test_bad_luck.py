"""Half-written lines, lost folders, cut files: no name and no telling is given twice in silence, and it is said."""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from samples import row
from stores import publishing_from, sending_to

from dashboard import ingest
from dashboard.ingest import files, history, kept
from dashboard.ingest.choose import choose
from dashboard.ingest.problems import Fault
from dashboard.ingest.readers import problems as unreadable
from dashboard.ingest.words import counted, plain

# -- the history --


def events(store: ingest.Store) -> list[tuple[str, str]]:
    found = []
    for line in (store.data_dir / "releases" / "history.jsonl").read_bytes().splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        found.append((entry["event"], entry["name"]))
    return found


def test_a_half_written_last_line_swallows_nothing(store, send, publish):
    """r2 was given again: the line of r2 had been written behind a half one, and its folder was gone."""
    send()
    publish()
    log = store.data_dir / "releases" / "history.jsonl"
    log.write_bytes(log.read_bytes() + b'{"at": "2019-12-')
    assert publish().name == "2019Q4-r2"
    assert ("made", "2019Q4-r2") in events(store) and ("put in service", "2019Q4-r2") in events(store)
    shutil.rmtree(store.data_dir / "releases" / "2019Q4-r2")
    (store.data_dir / "submissions" / "releases.jsonl").unlink()
    ingest.rollback(store.data_dir, "2019Q4-r1")
    assert publish().name == "2019Q4-r3"


@pytest.mark.parametrize(
    "left", [b'{"at": "2020-01-01", "event": "made", "name": "2019Q4-r7"', b"2019Q4-r7\x00\xff", b"[]\n1\n"]
)
def test_a_name_in_a_line_that_cannot_be_read_counts_as_used(store, send, publish, left):
    send()
    publish()
    log = store.data_dir / "releases" / "history.jsonl"
    log.write_bytes(log.read_bytes() + left)
    assert publish().name == ("2019Q4-r8" if b"r7" in left else "2019Q4-r2")


def test_the_name_that_the_pointer_has_is_not_given_again(store, send, publish):
    send()
    (store.data_dir / "releases").mkdir(parents=True)
    (store.data_dir / "releases" / "current").write_text("2019Q4-r5\n")
    assert publish().name == "2019Q4-r6"


def test_a_rollback_that_failed_is_not_recorded_as_done(store, send, publish, monkeypatch):
    send()
    first, second = publish().name, publish().name

    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(kept, "point", full)
        with pytest.raises(OSError, match="No space left"):
            ingest.rollback(store.data_dir, first)
    assert events(store)[-1] == ("put in service", second)
    assert ingest.current_release(store.data_dir) == second
    # Nor is one that was done called a failure without saying that it was done.
    with monkeypatch.context() as patch:
        patch.setattr(history, "record", full)
        with pytest.raises(Fault, match=f"{first} is in service, but this could not be written down: No space left"):
            ingest.rollback(store.data_dir, first)
    assert ingest.current_release(store.data_dir) == first


# -- releases that are lost --


def test_a_lost_folder_of_releases_is_said_and_refused(store, send, publish):
    """It gave other figures under the old names."""
    send()
    send([row(quarter="2020Q1", headcount="4")])
    first = publish("2020Q1")
    releases = store.data_dir / "releases"
    away = releases.rename(store.data_dir / "away")
    send([row(quarter="2020Q1", headcount="5")])
    for lost_because in (None, " "):
        with pytest.raises(Fault, match=r"2020Q1-r1, which told 2019Q4 and 2020Q1, is not in .*--releases-lost"):
            publish("2020Q1", releases_lost=lost_because)
    assert ingest.releases(store.data_dir) == [] and ingest.current_release(store.data_dir) is None
    # From a backup all goes on.
    shutil.rmtree(releases)
    away.rename(releases)
    made = publish("2020Q1")
    assert made.name == "2020Q1-r2" and set(made.manifest["disclosure"]["taken_over"].values()) == {first.name}


def test_without_any_copy_one_goes_on_with_a_reason_and_new_names(store, send, publish):
    send()
    send([row(quarter="2020Q1", headcount="4")])
    publish("2020Q1")
    shutil.rmtree(store.data_dir / "releases")
    send([row(quarter="2020Q1", headcount="5")])
    with pytest.raises(ingest.Refused, match="the secret is not the one 2020Q1-r1 was made with"):
        publish("2020Q1", releases_lost="the disk burnt", secret="another secret, which is also long enough")
    made = publish("2020Q1", releases_lost="the disk burnt")
    assert made.name == "2020Q1-r2"
    assert made.manifest["disclosure"]["told_again"] == {
        "reason": "the disk burnt",
        "quarters": {
            "2019Q4": {"release": "2020Q1-r1", "same": True},
            "2020Q1": {"release": "2020Q1-r1", "same": False},
        },
    }
    assert any("2020Q1 was told by 2020Q1-r1, which is lost" in note for note in made.manifest["notes"])
    # And it is asked once.
    assert publish("2020Q1").manifest["disclosure"]["taken_over"] == {"2019Q4": made.name, "2020Q1": made.name}


def test_a_lost_release_that_another_has_taken_over_is_no_matter(store, send, publish):
    send()
    publish()
    second = publish()
    shutil.rmtree(store.data_dir / "releases" / "2019Q4-r1")
    assert publish().manifest["disclosure"]["taken_over"] == {"2019Q4": second.name}
    # Of the one that is left and lost, it is.
    for name in ("2019Q4-r2", "2019Q4-r3"):
        shutil.rmtree(store.data_dir / "releases" / name)
    with pytest.raises(Fault, match="2019Q4-r1, which told 2019Q4"):
        publish()


def test_the_last_quarter_is_not_told_again_because_its_manifest_cannot_be_read(store, send, publish):
    send()
    manifest = publish().folder / "manifest.json"
    for content in (b"[]", b"{", b""):
        manifest.write_bytes(content)
        with pytest.raises(Fault, match=r"not known which quarters were told.*2019Q4-r1"):
            publish()
    assert [item.problem is not None for item in ingest.releases(store.data_dir)] == [True]


def test_releases_of_before_the_ledger_are_entered(store, send, publish):
    send()
    publish()
    ledger = store.data_dir / "submissions" / "releases.jsonl"
    entered = ledger.read_bytes()
    ledger.unlink()
    send([row(quarter="2020Q1")])
    publish("2020Q1")
    assert ledger.read_bytes().startswith(entered)


# -- raw files --


@pytest.mark.parametrize("left", [b"", b"cut"])
def test_a_raw_file_cut_short_is_mended_by_sending_it_again(store, send, left):
    first = send()
    (item,) = first.manifest["files"]
    whole = store.object_path(item["sha256"]).read_bytes()
    store.object_path(item["sha256"]).write_bytes(left)
    with pytest.raises(OSError, match="restore it from a backup, or send"):
        store.raw(first)
    send()
    assert store.object_path(item["sha256"]).read_bytes() == whole
    assert store.raw(first)[0].content == whole


def test_code_lists_cut_short_are_mended_by_the_next_release(store, send, publish):
    send()
    sha = next(iter(publish().manifest["inputs"]["codelists"].values()))
    store.object_path(sha).write_bytes(b"")
    publish()
    assert files.sha256_of_file(store.object_path(sha)) == sha


# -- who can read a release --


@pytest.fixture
def open_store() -> Iterator[ingest.Store]:
    """A store that everybody can get to: folders of tests are their user's own."""
    with tempfile.TemporaryDirectory(dir="/tmp", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield ingest.Store(Path(folder) / "var")


def test_release_looks_whether_the_servers_user_can_read_it(open_store, lists, tmp_path):
    sending_to(open_store, tmp_path, lists)()
    publish = publishing_from(open_store, lists)
    old = os.umask(0o077)
    try:
        with pytest.raises(ingest.Refused) as refused:
            publish(server_user="nobody")
        errors = refused.value.report.errors
        cannot = "nobody, whom the server runs as, cannot read"
        assert [problem.message.removeprefix(cannot) for problem in errors] == [
            f" the folder {open_store.data_dir / 'releases'}",
            " the folder of the release",
            " the files of the release",
        ]
        assert "umask 022" in errors[0].suggestion
        # Without knowing the user, it is a note.
        assert any("a server that runs as another user could not" in note for note in publish().manifest["notes"])
        shutil.rmtree(open_store.data_dir / "releases")
        (open_store.data_dir / "submissions" / "releases.jsonl").unlink()
        os.umask(0o022)
        made = publish(server_user="nobody")
        assert not any("could not" in note for note in made.manifest["notes"])
    finally:
        os.umask(old)


def test_a_server_user_that_is_not_there_is_said(tmp_path):
    (problem,) = unreadable(tmp_path, "no-such-user-here")
    assert "there is no user 'no-such-user-here'" in problem.message and list(tmp_path.iterdir()) == []


def test_what_root_reads_needs_no_mode(tmp_path):
    tmp_path.chmod(stat.S_IRWXU)
    assert list(unreadable(tmp_path, "root")) == []


# -- words --


@pytest.mark.parametrize(
    ("given", "kept_"),
    [
        ("a \u202egnorw\u202c unit", "a gnorw unit"),
        ("two\nlines\tand\x00a\x1b[31m sign", "two lines and a [31m sign"),
        ("\u2067\ufeff hidden\u200b \u200f", "hidden"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u2028 \x07", ""),
        ("tag\U000e0041\U000e0042s", "tags"),
    ],
)
def test_reasons_are_kept_without_control_and_direction_marks(given, kept_):
    assert plain(given) == kept_


def test_no_mark_of_a_reason_is_published(store, send, publish, lists):
    send(partial="no \u202efield\u202c offices\x1b[2J")
    manifest = store.submissions()[0].manifest
    assert manifest["partial"] == "no field offices [2J"
    # Nor of one that was accepted before reasons were cleaned.
    path = store.manifest_path(store.submissions()[0].id)
    path.write_bytes(files.as_json({**manifest, "partial": "no \u202efield\u202c offices"}))
    (choice,) = [one for one in choose(ingest.Store(store.data_dir).submissions(), "2019Q4", lists) if one.submission]
    assert choice.reason == "no field offices"


def test_a_reason_of_marks_alone_is_none(send):
    with pytest.raises(ingest.Refused, match="partial is empty"):
        send(partial="\u202e\u200b")


def test_one_is_singular():
    assert [counted(1, "woman", "women"), counted(2, "woman", "women")] == ["1 woman", "2 women"]
    assert [counted(1, "error"), counted(0, "error"), counted(1200, "row")] == ["1 error", "0 errors", "1,200 rows"]
