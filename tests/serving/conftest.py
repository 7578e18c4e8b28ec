"""What tests of the served application share: applications on a release, and releases to tell apart."""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from served import point, reissue, serve

from dashboard import telemetry


@pytest.fixture(scope="module")
def client(small_dir: Path) -> FlaskClient:
    """A client of the application on the small demonstration, which no test here changes."""
    return serve(small_dir)


@dataclass(frozen=True)
class Two:
    """A data directory with two releases of one quarter that differ in their counts; `old` is in service."""

    data_dir: Path
    old: str
    new: str

    def put(self, name: str) -> None:
        point(self.data_dir, name)

    def folder(self, name: str) -> Path:
        return self.data_dir / "releases" / name


@pytest.fixture(scope="session")
def two_once(small_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Two:
    source, data_dir = small_dir / "releases", tmp_path_factory.mktemp("two")
    old = (source / "current").read_text(encoding="utf-8").strip()
    new = f"{old[:6]}-r9"
    shutil.copytree(source / old, data_dir / "releases" / old)
    # One more woman in every cell: hardly a count of one release is a count of the other.
    tables = ("staff", "staff_core", "staff_change", "staff_core_change", "coverage")
    reissue(data_dir, old, new, *(f"update {table} set women = women + 1" for table in tables))
    point(data_dir, old)
    return Two(data_dir, old, new)


@pytest.fixture
def two(two_once: Two, tmp_path: Path) -> Two:
    shutil.copytree(two_once.data_dir, tmp_path / "data")
    return Two(tmp_path / "data", two_once.old, two_once.new)


@pytest.fixture
def said_in_log() -> Iterator[Callable[[], str]]:
    """What the product has logged since, as its handler writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(telemetry.JsonLines())
    logger = logging.getLogger("dashboard")
    logger.addHandler(handler)
    yield stream.getvalue
    logger.removeHandler(handler)
