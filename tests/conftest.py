"""What tests share: one small and one whole demonstration, each built once a session through the production ingest."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings

from dashboard import codelists
from dashboard.answering import ask
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse

sys.path.insert(0, str(Path(__file__).resolve().parent))

# The same examples in every run; PARITY_TEST_EXAMPLES=new looks for others.
settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("new", print_blob=True)
settings.load_profile(os.environ.get("PARITY_TEST_EXAMPLES", "same"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what runs in `make prove` alone, where that is not what was asked for."""
    if "prove" in (config.option.markexpr or ""):
        return
    alone = [item for item in items if any(mark.kwargs.get("only") for mark in item.iter_markers("prove"))]
    if alone:
        config.hook.pytest_deselected(items=alone)
        items[:] = [item for item in items if item not in alone]


def _once(folder: Path, name: str, build: Callable[[Path], object]) -> Path:
    """`folder/name`, built by whichever test process comes first while the others wait."""
    target = folder / name
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "releases" / "current").exists():
            build(target)
    return target


@pytest.fixture(scope="session")
def session_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this test session share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def lists() -> codelists.CodeLists:
    """The code lists of the repository."""
    return codelists.load()


@pytest.fixture(scope="session")
def small_dir(session_dir: Path, lists: codelists.CodeLists) -> Path:
    """A data directory with a small demonstration (about 5,000 rows); not to be written to."""
    from dashboard import demo

    return _once(session_dir, "small", lambda target: demo.build_small(target, codelists=lists))


@pytest.fixture(scope="session")
def broken_dir(session_dir: Path, lists: codelists.CodeLists) -> Path:
    """A data directory with the small demonstration as it would be with the oracle's BREAKS; not to be written to."""
    from oracle import BREAKS

    from dashboard import demo

    breaks = tuple(codelists.SeriesBreak(entity, quarter, "of a test") for entity, quarter in sorted(BREAKS))
    broken = replace(lists, series_breaks=breaks)
    return _once(session_dir, "broken", lambda target: demo.build_small(target, codelists=broken))


@pytest.fixture(scope="session")
def demo_dir(session_dir: Path, lists: codelists.CodeLists) -> Path:
    """A data directory with the whole demonstration; PARITY_TEST_DEMO names one that is there already."""
    from dashboard import demo

    if os.environ.get("PARITY_TEST_DEMO"):
        return Path(os.environ["PARITY_TEST_DEMO"])
    return _once(session_dir, "demo", lambda target: demo.build(target, codelists=lists))


@pytest.fixture
def small(small_dir: Path) -> Iterator[Warehouse]:
    """The small demonstration, as a process sees it."""
    yield Warehouse(Settings(data_dir=small_dir))


@pytest.fixture
def answer(small: Warehouse):
    """Ask the small demonstration: answer(question, selection)."""
    return lambda question, selection: ask(small, question, selection)
