"""Looks for addresses at which every kind of claim is made, and writes them to tests/text/claims_met.txt.

To be run after a change of what is protected or said: `python -m tools.meet_claims DATA_DIR [DRAWS]`, with the whole
demonstration in DATA_DIR. Addresses of before stay while they meet a kind that no other has met; then selections are
drawn. What is met by none is printed: it belongs in the list RARE of tests/text/test_claims.py, with its reason.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "text")]

from claims import KINDS, MET  # noqa: E402 - found by the line above
from drawn import Draws, sentences  # noqa: E402
from oracle import BREAKS  # noqa: E402
from test_claims import AUDIENCES, problem  # noqa: E402
from truth import Truth  # noqa: E402

from dashboard import codelists, demo  # noqa: E402
from dashboard.settings import Settings  # noqa: E402
from dashboard.warehouse import Warehouse  # noqa: E402

FILE = TESTS / "text" / "claims_met.txt"
WHOLE, SMALL = "demo", "broken"


def main(data_dir: Path, draws: int) -> None:
    """Look in both demonstrations and audiences until every kind is met, or so many selections were drawn of each."""
    lists = codelists.load()
    breaks = tuple(codelists.SeriesBreak(entity, quarter, "of a test") for entity, quarter in sorted(BREAKS))
    with tempfile.TemporaryDirectory() as folder:
        demo.build_small(Path(folder), codelists=replace(lists, series_breaks=breaks))
        places = {}
        for which, where in ((WHOLE, data_dir), (SMALL, Path(folder))):
            name = (where / "releases" / "current").read_text(encoding="utf-8").strip()
            truth = Truth(where / "releases" / name / "internal.duckdb")
            for audience in AUDIENCES:
                places[which, audience] = truth, Warehouse(Settings(data_dir=where, audience=audience))
        head = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line or line.startswith("#")]
        kept: list[tuple[str, str, str]] = []
        met: set[str] = set()
        every = {kind.template for kind in KINDS}
        for which, audience, address in (*_before(), *_drawn(places, draws)):
            if every <= met:
                break
            new = _kinds(*places[which, audience], address) - met
            if new:
                met |= new
                kept.append((which, audience, address))
        lines = [" ".join(one) for one in sorted(kept)]
        FILE.write_text("\n".join([*head, *lines]) + "\n", encoding="utf-8")
    print(f"{len(kept)} addresses; met by none:")
    print("\n".join(sorted(every - met)))


def _before() -> Iterator[tuple[str, str, str]]:
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            which, audience, address = line.split(" ")
            yield which, audience, address


def _drawn(places: dict[tuple[str, str], tuple[Truth, Warehouse]], draws: int) -> Iterator[tuple[str, str, str]]:
    """One selection of each place in turn."""
    each = {place: Draws(truth, 77) for place, (truth, _) in places.items()}
    for _ in range(draws):
        for (which, audience), one in each.items():
            yield which, audience, one.address()


def _kinds(truth: Truth, warehouse: Warehouse, address: str) -> set[str]:
    """The kinds of claims that are made at an address, and true."""
    found: set[str] = set()
    for said in sentences(warehouse, address):
        MET.clear()
        if not problem(truth, said):
            found |= set(MET)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1500)
