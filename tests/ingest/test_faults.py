"""Killed at each step, or with a full disk: the old state stays in service, and the next run goes through."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
import samples
from samples import row, rows

from dashboard import ingest
from dashboard.ingest import files

ROOT = Path(__file__).resolve().parents[2]
#: Runs one command with all steps announced, and dies without a word at the one it is told.
SCRIPT = """
import datetime as dt, os, signal, sys
from pathlib import Path
from dashboard import codelists, ingest
from dashboard.ingest import files

data_dir, deadly, what, *arguments = sys.argv[1:]
seen = 0

def step(name):
    print(name, flush=True)
    if name == deadly:
        os.kill(os.getpid(), signal.SIGKILL)

files.step = step
store, lists = ingest.Store(Path(data_dir)), codelists.load()
if what == "submit":
    paths = list(map(Path, arguments))
    at = dt.datetime(2020, 2, 1)
    ingest.submit(store, paths, codelists=lists, received_at=at, replace="a test")
elif what == "release":
    ingest.release(store, arguments[0], codelists=lists, secret=os.environ["PARITY_SECRET"])
elif what == "rehearse":
    ingest.rehearse(store, arguments[0], codelists=lists, secret=os.environ["PARITY_SECRET"])
elif what == "withdraw-release":
    ingest.withdraw_release(store.data_dir, arguments[0], "a test", instead=arguments[1])
elif what == "withdraw":
    ingest.withdraw(store, *arguments, "a test", codelists=lists)
elif what == "rollback":
    ingest.rollback(store.data_dir, arguments[0])
elif what == "purge":
    ingest.purge(store, arguments[0], "a test")
"""
SUBMIT = ["begin", "checked", "object-written", "normalised-written", "accepted"]
RELEASE = [
    "chosen",
    "sources-ready",
    "figures-written",
    "written",
    "internal-checked",
    "public-written",
    "checked",
    "manifest-written",
    "renamed",
    "entered",
    "in-service",
]


def run(data_dir: Path, deadly: str, *arguments: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(data_dir), deadly, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    if deadly:
        assert done.returncode == -9 and done.stdout.split()[-1] == deadly, done.stderr
    else:
        assert done.returncode == 0, done.stderr
    return done


def figures(store: ingest.Store) -> dict[str, dict[str, str]]:
    """What counts as accepted, freshly read: id -> content hash by quarter."""
    return {
        known.id: {quarter: said["content"] for quarter, said in known.quarters.items()}
        for known in ingest.Store(store.data_dir).submissions()
    }


@pytest.mark.parametrize("deadly", SUBMIT)
def test_a_killed_submit_leaves_nothing_or_the_whole(store, send, tmp_path, deadly):
    send(rows(3))
    before = figures(store)
    path = samples.write_csv(tmp_path / "new.csv", rows())
    run(store.data_dir, f"submit:{deadly}", "submit", str(path))
    after = figures(store)
    assert set(after) - set(before) == ({"UPU/2019Q4/0002"} if deadly == "accepted" else set())
    assert {name: after[name] for name in before} == before
    # Nothing is in the way of trying again.
    run(store.data_dir, "", "submit", str(path))
    contents = {said["2019Q4"] for name, said in figures(store).items() if name != "UPU/2019Q4/0001"}
    assert len(contents) == 1


def test_every_step_of_a_submit_is_tried(store, tmp_path):
    path = samples.write_csv(tmp_path / "new.csv", rows())
    assert run(store.data_dir, "", "submit", str(path)).stdout.split() == [f"submit:{name}" for name in SUBMIT]


@pytest.mark.parametrize("deadly", RELEASE)
def test_a_killed_release_leaves_the_old_one_or_the_new_one(store, send, publish, deadly):
    send(rows(3))
    old = publish().name
    send(rows())
    run(store.data_dir, f"release:{deadly}", "release", "2019Q4")
    new = "2019Q4-r2"
    assert ingest.current_release(store.data_dir) == (new if deadly == "in-service" else old)
    whole = {item.name for item in ingest.releases(store.data_dir)}
    stands = ("renamed", "entered", "in-service")
    assert whole == ({old, new} if deadly in stands else {old})
    assert all(item.problem is None for item in ingest.releases(store.data_dir))
    # The next one goes through, uses no name again and removes what was left.
    done = publish().name
    assert done not in {old, new} if deadly in stands else done != old
    assert ingest.current_release(store.data_dir) == done
    assert not list((store.data_dir / "releases").glob("*.building"))


def test_every_step_of_a_release_is_tried(store, send):
    send()
    assert run(store.data_dir, "", "release", "2019Q4").stdout.split() == [f"release:{name}" for name in RELEASE]


@pytest.mark.parametrize("deadly", ["chosen", "public-written"])
def test_a_killed_dry_run_leaves_what_the_next_release_removes(store, send, publish, deadly):
    send()
    old = publish().name
    run(store.data_dir, f"release:{deadly}", "rehearse", "2019Q4")
    assert [item.name for item in ingest.releases(store.data_dir)] == [old]
    assert publish().name == "2019Q4-r2" and not list((store.data_dir / "releases").glob("*.building"))


@pytest.mark.parametrize("deadly", ["begin", "other-in-service", "marked"])
def test_a_killed_withdrawal_of_a_release_is_run_again(store, send, publish, deadly):
    send()
    first, second = publish().name, publish().name
    run(store.data_dir, f"withdraw:{deadly}", "withdraw-release", second, first)
    shown = {item.name: item.withdrawn for item in ingest.releases(store.data_dir)}
    assert shown == {first: None, second: "a test" if deadly == "marked" else None}
    assert ingest.current_release(store.data_dir) == (second if deadly == "begin" else first)
    if deadly != "marked":
        again = {"instead": first} if deadly == "begin" else {}
        assert ingest.withdraw_release(store.data_dir, second, "again", **again) == first
    assert publish().manifest["disclosure"]["taken_over"] == {"2019Q4": second}


def test_a_withdrawal_that_was_killed_before_the_pointer_moved_is_finished(store, send, publish):
    """The only release: its mark stands, and the pointer names it still."""
    send()
    name = publish().name
    mark = store.data_dir / "releases" / "withdrawn" / f"{name}.json"
    files.write(mark, files.as_json({"name": name, "at": "2020-02-01", "reason": "a test"}))
    assert ingest.withdraw_release(store.data_dir, name, "a test") is None
    assert ingest.current_release(store.data_dir) is None


def test_a_killed_withdrawal_of_a_quarter_is_on_record(store, send):
    send()
    run(store.data_dir, "withdraw:written", "withdraw", "UPU", "2019Q4")
    assert ingest.Store(store.data_dir).newest("UPU") == {}
    assert not list(store.folder.rglob("*.new"))


@pytest.mark.parametrize("deadly", ["begin", "in-service"])
def test_a_killed_rollback_leaves_one_of_the_two(store, send, publish, deadly):
    send()
    first, second = publish().name, publish().name
    run(store.data_dir, f"rollback:{deadly}", "rollback", first)
    assert ingest.current_release(store.data_dir) == (first if deadly == "in-service" else second)


@pytest.mark.parametrize("deadly", ["tombstone-written", "removed"])
def test_a_killed_purge_is_on_record(store, send, deadly):
    submission = send()
    run(store.data_dir, f"purge:{deadly}", "purge", submission.id)
    (item,) = submission.manifest["files"]
    assert store.tombstone_path(item["sha256"]).exists()
    ingest.purge(store, submission.id, "again")
    assert not store.object_path(item["sha256"]).exists()


@pytest.mark.parametrize("deadly", [f"submit:{name}" for name in SUBMIT[1:4]])
def test_a_full_disk_while_submitting(store, send, monkeypatch, deadly):
    send(rows(3))
    before = figures(store)

    def full(name: str) -> None:
        if name == deadly:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "step", full)
    with pytest.raises(OSError, match="No space left"):
        send(rows())
    assert figures(store) == before
    monkeypatch.undo()
    assert send(rows()).sequence == 2


def test_a_disk_that_fills_while_a_file_is_written(tmp_path, monkeypatch):
    path = tmp_path / "current"
    files.write(path, b"old")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(path, b"new")
    assert [item.name for item in tmp_path.iterdir()] == ["current"] and path.read_bytes() == b"old"


@pytest.mark.parametrize("deadly", [f"release:{name}" for name in RELEASE[:8]])
def test_a_full_disk_while_releasing(store, send, publish, monkeypatch, deadly):
    send()
    old = publish().name

    def full(name: str) -> None:
        if name == deadly:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files, "step", full)
    with pytest.raises(OSError, match="No space left"):
        publish()
    monkeypatch.undo()
    assert ingest.current_release(store.data_dir) == old
    assert [item.name for item in ingest.releases(store.data_dir)] == [old]
    assert not list((store.data_dir / "releases").glob("*.building"))


def test_writers_wait_for_each_other(store, tmp_path):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    running = []
    for number, entity in enumerate(("UPU", "UPU", "ISA")):
        path = samples.write_csv(tmp_path / f"{number}.csv", [row(entity=entity, headcount=str(number + 1))])
        command = [sys.executable, "-c", SCRIPT, str(store.data_dir), "", "submit", str(path)]
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL))
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert sorted(figures(store)) == ["ISA/2019Q4/0001", "UPU/2019Q4/0001", "UPU/2019Q4/0002"]
