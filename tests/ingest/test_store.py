"""Accepted submissions: kept untouched, superseded, never overwritten; warnings beside what was accepted before."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest
import samples
from samples import row, rows

from dashboard import ingest
from dashboard.ingest import plausibility


def test_raw_files_are_kept_as_they_came(store, send, tmp_path):
    submission = send(name="staff.csv.gz", note="first")
    content = (tmp_path / "staff.csv.gz").read_bytes()
    sha = hashlib.sha256(content).hexdigest()
    assert submission.manifest["files"] == [{"name": "staff.csv.gz", "sha256": sha, "bytes": len(content)}]
    assert store.object_path(sha).read_bytes() == content
    assert submission.id == "UPU/2019Q4/0001" and submission.manifest["note"] == "first"
    assert ingest.Store(store.data_dir).submission(submission.id).manifest == submission.manifest


def test_a_later_submission_supersedes_and_nothing_is_overwritten(store, send):
    first = send(rows(6))
    before = {path: path.read_bytes() for path in store.folder.rglob("*") if path.is_file()}
    second = send(rows(3))
    assert (second.id, store.newest("UPU")["2019Q4"].id) == ("UPU/2019Q4/0002",) * 2
    assert all(path.read_bytes() == content for path, content in before.items())
    assert store.of_entity("UPU")[0].manifest == first.manifest


def test_numbers_count_over_quarters_so_that_newest_needs_no_clock(store, send):
    send(rows(), received_at=dt.datetime(2021, 1, 1, tzinfo=dt.UTC))
    revising = send(
        [*rows(3), *rows(3, quarter="2020Q1")],
        revise={"2019Q4": "again"},
        received_at=dt.datetime(2020, 5, 1, tzinfo=dt.UTC),
    )
    assert revising.id == "UPU/2020Q1/0002"
    assert {quarter: known.id for quarter, known in store.newest("UPU").items()} == {
        "2019Q4": "UPU/2020Q1/0002",
        "2020Q1": "UPU/2020Q1/0002",
    }
    assert revising.quarters["2019Q4"]["reason"] == "again"


def test_refused_leaves_nothing(store, send):
    with pytest.raises(ingest.Refused) as refused:
        send([row(grade="P-9")])
    assert not refused.value.report.ok
    with pytest.raises(ingest.Refused):
        send([row() | {"Name": "Jane Doe"}])
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == ["lock"]


def warnings(submission: ingest.Submission) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for warning in submission.manifest["warnings"]:
        found.setdefault(warning["code"], []).append(warning["message"])
    return found


def test_ordinary_turnover_is_no_warning(send):
    send([row(headcount="100"), row(sex="M", headcount="120")])
    # max(3, 3 * sqrt(2 * 100 * 0.035 * 0.965)) = 7.8 women, 8.5 men
    later = send([row(quarter="2020Q1", headcount="107"), row(quarter="2020Q1", sex="M", headcount="112")])
    assert warnings(later) == {}


def test_a_large_change_is_a_warning_with_its_numbers(send):
    send([row(headcount="100"), row(sex="M", headcount="120")])
    later = send([row(quarter="2020Q1", headcount="108"), row(quarter="2020Q1", sex="M", headcount="120")])
    assert list(warnings(later)) == ["large-change"]
    (message,) = warnings(later)["large-change"]
    assert "108 women after 100 in 2019Q4" in message and "+8" in message and "explains 8" in message


def test_small_groups_may_change_by_three():
    assert plausibility.expected_change(0) == plausibility.expected_change(10) == 3
    assert plausibility.expected_change(100) == pytest.approx(7.797, abs=0.001)
    assert plausibility.expected_change(100, 4) == pytest.approx(2 * 7.797, abs=0.001)


def test_a_vanished_grade(send):
    send([row(headcount="4"), row(grade="P-3", headcount="4"), row(grade="P-2", headcount="2")])
    later = send([row(quarter="2020Q1", headcount="6")])
    assert len(warnings(later)["grade-vanished"]) == 1
    assert "nobody at P-3, after 4 in 2019Q4" in warnings(later)["grade-vanished"][0]


def test_women_and_men_swapped(send):
    send([row(headcount="60"), row(sex="M", headcount="140")])
    later = send([row(quarter="2020Q1", headcount="139"), row(quarter="2020Q1", sex="M", headcount="62")])
    assert list(warnings(later)) == ["women-men-swapped"]


def test_unchanged_figures(send):
    send([row(headcount="60")])
    assert list(warnings(send([row(quarter="2020Q1", headcount="60")]))) == ["unchanged"]
    assert warnings(send([row(quarter="2020Q2", headcount="59")])) == {}
    small = {"entity": "ISA", "duty_station": "JAM-kingston", "headcount": "40"}
    send([row(**small)], name="isa.csv")
    assert warnings(send([row(quarter="2020Q1", **small)], name="isa.csv")) == {}


def test_the_same_staff_of_two_entities(send):
    def staff(entity: str, women: str) -> list[dict[str, str]]:
        return [row(entity=entity, grade=grade, headcount=women) for grade in ("P-5", "P-4", "P-3", "G-6")]

    send(staff("UPU", "5"))
    assert warnings(send(staff("ISA", "6"), name="isa.csv")) == {}
    twice = warnings(send(staff("IMO", "5"), name="imo.csv"))
    assert list(twice) == ["counted-twice"] and "UPU and IMO report the same 20 staff" in twice["counted-twice"][0]


def test_a_purge_leaves_a_tombstone(store, send):
    submission = send()
    (sha,) = ingest.purge(store, submission.id, "kept for five years", at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC))
    assert not store.object_path(sha).exists()
    tombstone = json.loads(store.tombstone_path(sha).read_bytes())
    assert tombstone == {
        "sha256": sha,
        "at": "2026-01-02T00:00:00+00:00",
        "reason": "kept for five years",
        "submissions": [submission.id],
    }
    with pytest.raises(ingest.InputError, match="purged on 2026-01-02: kept for five years"):
        store.raw(submission)
    assert ingest.purge(store, submission.id, "again") == []
    for what, reason in ((sha, "again"), ("UPU/2019Q4/0099", "x"), ("../../etc/passwd", "x"), (submission.id, " ")):
        with pytest.raises(ingest.InputError):
            ingest.purge(store, what, reason)


def test_code_lists_kept_for_a_release_are_not_purged_as_raw_files(store, send, publish):
    send()
    sha = next(iter(publish().manifest["inputs"]["codelists"].values()))
    with pytest.raises(ingest.InputError, match="no raw file of a submission"):
        ingest.purge(store, sha, "a mistake")
    assert store.object_path(sha).exists()


def test_files_named_alike_in_one_submission(store, tmp_path, lists):
    (tmp_path / "a").mkdir()
    one = samples.write_csv(tmp_path / "staff.csv", rows(3))
    two = samples.write_csv(tmp_path / "a" / "staff.csv", rows()[3:])
    at = dt.datetime(2020, 2, 1, tzinfo=dt.UTC)
    submission = ingest.submit(store, [one, two], codelists=lists, received_at=at, durable=False)
    assert submission.quarters["2019Q4"]["combinations"] == 5
    checked = store.normalise_again(submission, lists)
    assert checked.figures["2019Q4"].content() == submission.quarters["2019Q4"]["content"]
