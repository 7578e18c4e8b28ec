"""A store of one's own for each test, and the code lists once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
import samples

from dashboard import ingest
from dashboard.codelists import CodeLists
from dashboard.ingest.contract import last_day


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command reads."""
    monkeypatch.setenv("PARITY_SECRET", samples.SECRET)


@pytest.fixture
def store(tmp_path: Path) -> ingest.Store:
    return ingest.Store(tmp_path / "var")


@pytest.fixture
def send(store: ingest.Store, tmp_path: Path, lists: CodeLists) -> Callable[..., ingest.Submission]:
    """Submit a table; received 30 days after the quarter unless said otherwise."""

    def submit(table: list[dict[str, str]] | None = None, name: str = "staff.csv", **options) -> ingest.Submission:
        table = samples.rows() if table is None else table
        path = samples.write_csv(tmp_path / name, table)
        newest = max(values["quarter"] for values in table)
        at = dt.datetime.combine(last_day(newest) + dt.timedelta(days=30), dt.time(9), dt.UTC)
        return ingest.submit(store, [path], codelists=lists, **{"received_at": at, "durable": False} | options)

    return submit


@pytest.fixture
def publish(store: ingest.Store, lists: CodeLists) -> Callable[..., ingest.ReleaseResult]:
    """Make a release, accepting every warning."""

    def make(quarter: str = "2019Q4", **options) -> ingest.ReleaseResult:
        accepted = dict.fromkeys(ingest.RELEASE_WARNINGS, "a test")
        settled = {"accepted_warnings": accepted, "secret": samples.SECRET, "codelists": lists}
        return ingest.release(store, quarter, **settled | options)

    return make
