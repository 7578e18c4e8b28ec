"""How these tests submit tables to a store and make releases of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import samples

from dashboard import ingest
from dashboard.codelists import CodeLists
from dashboard.ingest.contract import last_day


def sending_to(store: ingest.Store, folder: Path, lists: CodeLists) -> Callable[..., ingest.Submission]:
    """How a table is submitted, written as a file in this folder first."""

    def submit(table: list[dict[str, str]] | None = None, name: str = "staff.csv", **options) -> ingest.Submission:
        table = samples.rows() if table is None else table
        path = samples.write_csv(folder / name, table)
        newest = max(values["quarter"] for values in table)
        at = dt.datetime.combine(last_day(newest) + dt.timedelta(days=30), dt.time(9), dt.UTC)
        if newest in store.newest(table[0]["entity"]):
            options = {"replace": "a test"} | options
        return ingest.submit(store, [path], codelists=lists, **{"received_at": at, "durable": False} | options)

    return submit


def publishing_from(store: ingest.Store, lists: CodeLists) -> Callable[..., ingest.ReleaseResult]:
    """How a release is made, accepting every warning."""

    def make(quarter: str = "2019Q4", **options) -> ingest.ReleaseResult:
        accepted = dict.fromkeys(ingest.RELEASE_WARNINGS, "a test")
        settled = {"accepted_warnings": accepted, "secret": samples.SECRET, "codelists": lists}
        return ingest.release(store, quarter, **settled | options)

    return make
