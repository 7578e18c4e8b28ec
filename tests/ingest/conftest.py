"""A store of one's own for each test, and the code lists once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import samples
from stores import publishing_from, sending_to

from dashboard import ingest
from dashboard.codelists import CodeLists


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
    return sending_to(store, tmp_path, lists)


@pytest.fixture
def publish(store: ingest.Store, lists: CodeLists) -> Callable[..., ingest.ReleaseResult]:
    """Make a release, accepting every warning."""
    return publishing_from(store, lists)
