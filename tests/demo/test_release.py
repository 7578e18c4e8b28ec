"""The finished releases: every state a page must show, and published figures."""

import csv
from pathlib import Path

import duckdb
import pytest

from dashboard.codelists import CodeLists
from dashboard.demo import report


@pytest.fixture(scope="module")
def small_release(small_dir: Path, lists: CodeLists) -> duckdb.DuckDBPyConnection:
    return report.opened(report.current(small_dir), lists)


def _column(connection: duckdb.DuckDBPyConnection, query: str) -> set:
    return {row[0] for row in connection.execute(query).fetchall()}


def test_every_state_is_there(small_release: duckdb.DuckDBPyConnection, small_dir: Path) -> None:
    one = _column(small_release, "select distinct state from release.coverage")
    assert {"reported", "carried", "partial", "not-submitted"} <= one
    latest = """select state from release.coverage where quarter =
                (select max(id) from release.codes where dimension = 'quarter')"""
    assert {"reported", "carried", "partial", "not-submitted"} <= _column(small_release, latest)
    assert _column(small_release, "select bool_or(late) from release.coverage") == {True}
    assert _column(small_release, "select bool_or(revised) from release.coverage") == {True}
    for name in ("age_group", "nationality", "appointment", "department"):
        assert "not-reported" in _column(small_release, f"select {name} from everyone"), name
    assert "not-applicable" in _column(small_release, "select department from everyone")
    assert "TA" in _column(small_release, "select appointment from everyone")
    assert {"yes", "no"} <= _column(small_release, "select rc from everyone")
    assert _column(small_release, "select count(distinct kind) from release.movements") == {4}
    assert len(list((small_dir / "releases").glob("2026Q*"))) >= 2


def test_some_are_other_or_not_disclosed(small_release: duckdb.DuckDBPyConnection) -> None:
    by_quarter = small_release.execute("select sum(other) from cells group by quarter").fetchall()
    assert all(row[0] >= 12 for row in by_quarter)


def test_a_later_submission_changes_history(small_dir: Path, lists: CodeLists) -> None:
    def staff(release: str) -> int:
        connection = report.opened(small_dir / "releases" / release / "internal.duckdb", lists)
        query = "select sum(women + men + other) from cells where entity = 'UNICEF' and quarter = '2026Q1'"
        return connection.execute(query).fetchone()[0]

    assert staff("2026Q1-r1") < staff("2026Q2-r1")


@pytest.mark.slow
def test_published_figures_come_out(demo_dir: Path, lists: CodeLists) -> None:
    connection = report.opened(report.current(demo_dir), lists)
    lines = report.calibration(connection, lists)
    missed = [
        f"{line.figure} {line.quarter}: {line.published} -> {line.obtained:.2f}" for line in lines if not line.met
    ]
    assert not missed
    exact = report.exactness(connection, lists)
    assert exact.staff == 114_119
    assert exact.pairs_equal == exact.pairs == 3_513
    assert exact.departments_equal == exact.departments
    assert exact.totals_equal == exact.totals


@pytest.mark.slow
def test_no_published_figure_is_left_out_silently(demo_dir: Path, lists: CodeLists) -> None:
    lines = report.calibration(report.opened(report.current(demo_dir), lists), lists)
    compared = {(line.as_of, line.source, line.published) for line in lines}
    with (lists.folder / "published.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["as_of"] >= "2017-12-31" and row["measure"] not in report.NOT_MODELLED:
                published = float(row["value"] or 50)
                assert (row["as_of"], row["source"], published) in compared, row


@pytest.mark.slow
def test_system_figures_are_within_half_a_point(demo_dir: Path, lists: CodeLists) -> None:
    for line in report.calibration(report.opened(report.current(demo_dir), lists), lists):
        if line.figure.startswith("System"):
            assert abs(line.difference) <= 0.5, line
