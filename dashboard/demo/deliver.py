"""Sends a scenario in and releases it, through the same code as real submissions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from dashboard import ingest
from dashboard.codelists import CodeLists
from dashboard.demo.scenario import SEED, Scenario, full
from dashboard.demo.scenario import small as small_scenario
from dashboard.demo.schedule import Sending
from dashboard.demo.write import Writer, gzipped
from dashboard.disclosure import rounding

#: Why each warning is accepted: a release says so in its manifest.
ACCEPTED = dict.fromkeys(ingest.RELEASE_WARNINGS, "demonstration data: generated, with faults on purpose")
NOTE = "Demonstration data: generated, no real staff."
#: Submissions written ahead of the one being checked.
AHEAD = 12


def build(
    data_dir: Path,
    *,
    codelists: CodeLists,
    seed: int = SEED,
    quarters: tuple[str, ...] | None = None,
    progress: ingest.Progress | None = None,
) -> None:
    """Simulate all entities, send everything in and make five releases in `data_dir`."""
    progress = progress or ingest.Silent()
    progress.say("Simulating 36 quarters of staff")
    send(full(codelists, seed, quarters), data_dir, codelists=codelists, progress=progress)


def build_small(data_dir: Path, *, codelists: CodeLists, seed: int = SEED) -> None:
    """A small demonstration for tests: about 800 staff in six quarters, three releases, every state."""
    send(small_scenario(codelists, seed), data_dir, codelists=codelists, progress=ingest.Silent())


def send(scenario: Scenario, data_dir: Path, *, codelists: CodeLists, progress: ingest.Progress) -> None:
    """Send in what arrives, and release what is due, in the order of the dates."""
    store = ingest.Store(data_dir)
    data_dir.mkdir(parents=True, exist_ok=True)
    due = list(scenario.plan.releases)
    with tempfile.TemporaryDirectory(prefix=".demo-", dir=data_dir) as folder, ThreadPoolExecutor(1) as ahead:
        work = _written_ahead(scenario, Path(folder), ahead)
        for sending, paths in progress.over(work, "Sending in", total=len(scenario.plan.sendings)):
            while due and due[0][1] <= sending.received_at:
                _release(store, due.pop(0), codelists, progress)
            again = sending.quarter in store.newest(sending.entity)
            ingest.submit(
                store,
                paths,
                codelists=codelists,
                replace=(sending.note or "sent again") if again else None,
                note=f"{NOTE} {sending.note}".strip(),
                entity=sending.entity,
                quarter=sending.quarter,
                revise=sending.reasons,
                partial=sending.partial,
                origin="demonstration",
                received_at=sending.received_at,
                durable=False,
            )
            for path in paths:
                path.unlink()
        for last in due:
            _release(store, last, codelists, progress)


def _release(store: ingest.Store, due: tuple, codelists: CodeLists, progress: ingest.Progress) -> None:
    quarter, published_at = due
    progress.say(f"Releasing {quarter}")
    ingest.release(
        store,
        quarter,
        codelists=codelists,
        secret=rounding.DEMONSTRATION_SECRET,
        accepted_warnings=ACCEPTED,
        published_at=published_at,
    )


def files_of(writer: Writer, sending: Sending) -> dict[str, bytes]:
    """The files of one submission, by name."""
    parts = []
    for quarter, fault in sending.parts.items():
        rows = writer.rows(
            sending.entity,
            quarter,
            fault=fault,
            without=sending.without,
            unknown_department=sending.unknown_department,
        )
        parts.append((quarter, rows))
    stem = f"{sending.entity}-{sending.quarter}"
    found = {f"{stem}.csv.gz": gzipped(writer.staff_csv(sending.entity, parts))}
    for quarter in sending.movements:
        found[f"{stem}-movements-{quarter}.csv.gz"] = gzipped(writer.movements_csv(sending.entity, quarter))
    return found


def _written_ahead(scenario: Scenario, folder: Path, pool: ThreadPoolExecutor) -> Iterator[tuple[Sending, list[Path]]]:
    """Submissions with their files, written by another thread while the ones before are checked."""

    def write(number: int, sending: Sending) -> list[Path]:
        own = folder / str(number)
        own.mkdir()
        paths = []
        for name, content in files_of(scenario.writer, sending).items():
            paths.append(own / name)
            paths[-1].write_bytes(content)
        return paths

    numbered = iter(enumerate(scenario.plan.sendings))
    waiting: list[tuple[Sending, Future[list[Path]]]] = []

    def ask(count: int) -> None:
        for number, sending in islice(numbered, count):
            waiting.append((sending, pool.submit(write, number, sending)))

    ask(AHEAD)
    while waiting:
        sending, future = waiting.pop(0)
        ask(1)
        yield sending, future.result()
