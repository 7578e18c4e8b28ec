"""Writes down what the product says at very many addresses, so that before and after a change can be compared.

    python -m tools.capture DATA_DIR FOLDER [--draws 200]      fills FOLDER
    python -m tools.capture --compare FOLDER OTHER             prints what differs; exit 1 where anything does

Captured are, for signed-in staff and for the public: every page with every value of each of its options, pages with
selections drawn at random (the same ones in every run), what their scripts are given to draw, every question of the
API as JSON and CSV, every list of options of a filter, and every file that a captured page links to. A change that is
to alter nothing leaves every byte as it was; one that alters words on purpose shows which. Take both captures on one
day: citations say when they were read.
"""

from __future__ import annotations

import argparse
import difflib
import gzip
import hashlib
import html
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))

from drawn import Draws  # noqa: E402 - found by the line above
from flask.testing import FlaskClient  # noqa: E402
from truth import Truth  # noqa: E402

from benchmarks.served import Drawing  # noqa: E402
from dashboard import pages, questions  # noqa: E402
from dashboard.factory import create_app  # noqa: E402
from dashboard.selection import DIMENSIONS, Selection  # noqa: E402
from dashboard.settings import Settings  # noqa: E402

AUDIENCES = ("internal", "public")
INDEX = "index.jsonl"
SEED = 20_261
#: Files that a page offers of its figures, by how their addresses end.
FILE = re.compile(r'href="(/[^"#]*\.(?:csv|json|xlsx|toml)(?:\?[^"#]*)?)"')
#: How many differing addresses are shown with their lines.
SHOWN = 20


class Folder:
    """A capture on disk: an index of addresses and, named by its digest, each thing that was said."""

    def __init__(self, path: Path):
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._lines: list[str] = []
        self._had: set[str] = set()

    def add(self, address: str, status: int, content: bytes) -> None:
        """Keep what was said at an address, once however often it is said."""
        digest = hashlib.sha256(content).hexdigest()
        if digest not in self._had:
            self._had.add(digest)
            (self.path / digest).write_bytes(gzip.compress(content, compresslevel=3, mtime=0))
        self._lines.append(json.dumps({"address": address, "status": status, "content": digest}) + "\n")

    def finish(self) -> None:
        """Write the index, which says what the capture holds."""
        (self.path / INDEX).write_text("".join(self._lines), encoding="utf-8")


class _Reader:
    """Asks the application as `Drawing` asks a server."""

    def __init__(self, client: FlaskClient):
        self.client = client

    def get(self, address: str) -> tuple[int, bytes]:
        response = self.client.get(address)
        return response.status_code, response.get_data()

    def post(self, address: str, body: Any) -> tuple[int, bytes]:
        response = self.client.post(address, json=body)
        return response.status_code, response.get_data()


def _addresses(draws: Draws, number: int) -> Iterator[str]:
    """Every page as it opens and with each value of each option, then drawn ones; the same in every run."""
    yield from pages.addresses()
    for page, path in zip(pages.PAGES, pages.samples(), strict=True):
        for option in page.options:
            yield from (f"{path}?{urlencode([(f'v.{option.name}', value)])}" for value in option.values[1:])
    yield from (draws.address() for _ in range(number))


def _capture(folder: Folder, audience: str, data_dir: Path, number: int) -> int:
    client = create_app(Settings(data_dir=data_dir, audience=audience)).server.test_client()
    reader = _Reader(client)
    release = (data_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    draws = Draws(Truth(data_dir / "releases" / release / "internal.duckdb"), SEED)
    done: set[str] = set()
    drawings: dict[str, Drawing] = {}

    def keep(address: str, status: int, content: bytes) -> None:
        done.add(address)
        folder.add(f"{audience} {address}", status, content)

    def visit(address: str) -> None:
        if address in done:
            return
        status, content = reader.get(address)
        keep(address, status, content)
        for link in FILE.findall(content.decode("utf-8", "replace")):
            file = html.unescape(link)
            if file not in done:
                keep(file, *reader.get(file))
        path, _, query = address.partition("?")
        at = pages.find(path)
        if at is None or status != 200:
            return
        if path not in drawings:
            drawings[path] = Drawing(reader, path)  # type: ignore[arg-type]
        body = drawings[path].body(Selection())
        value = body["inputs"][0]["value"]
        value["search"], value["turn"] = f"?{query}" if query else "", 1
        value["tables"] = drawings[path].panels
        keep(f"drawn {address}", *reader.post("/_dash-update-component", body))

    for address in _addresses(draws, number):
        visit(address)
    for name in questions.load():
        for each in range(max(2, number // 20)):
            query = draws.page().partition("?")[2] if each else ""
            query = "&".join(part for part in query.split("&") if part and not part.startswith("v."))
            for kind in ("json", "csv"):
                visit(f"/api/v1/{name}.{kind}" + (f"?{query}" if query else ""))
    for dimension in DIMENSIONS:
        visit(f"/api/v1/facets.json?{urlencode([('facet', dimension)])}")
    return len(done)


def capture(data_dir: Path, folder: Path, number: int) -> None:
    """Fill a folder with what the release in service says in both audiences."""
    kept = Folder(folder)
    for audience in AUDIENCES:
        print(f"{audience}: {_capture(kept, audience, data_dir, number):,} answers")
    kept.finish()


def _index(folder: Path) -> dict[str, tuple[int, str]]:
    lines = (json.loads(line) for line in (folder / INDEX).read_text(encoding="utf-8").splitlines())
    return {line["address"]: (line["status"], line["content"]) for line in lines}


def _lines(folder: Path, digest: str) -> list[str]:
    """What was said, in lines short enough to see what differs."""
    said = gzip.decompress((folder / digest).read_bytes()).decode("utf-8", "replace")
    return re.sub(r"(?<=[>}\],])(?=[<{\[\"])", "\n", said).splitlines()


def compare(before: Path, after: Path) -> int:
    """Print the addresses at which two captures differ, some of them with their lines; how many there are."""
    old, new = _index(before), _index(after)
    differing = [address for address in old if address in new and old[address] != new[address]]
    gone, come = [a for a in old if a not in new], [a for a in new if a not in old]
    for address in differing[:SHOWN]:
        print(f"== {address} ({old[address][0]}, {new[address][0]})")
        lines = difflib.unified_diff(_lines(before, old[address][1]), _lines(after, new[address][1]), lineterm="", n=0)
        print("\n".join(line[:300] for _, line in zip(range(12), lines, strict=False)))
    for word, addresses in (("differ", differing), ("are in the first only", gone), ("are in the second only", come)):
        print(f"{len(addresses):,} of {len(old):,} {word}")
    return len(differing) + len(gone) + len(come)


def main() -> int:
    """Capture or compare."""
    parser = argparse.ArgumentParser(prog="python -m tools.capture", description=__doc__)
    parser.add_argument("first", type=Path, metavar="DATA_DIR")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--draws", type=int, default=200, help="selections drawn for each audience")
    parser.add_argument("--compare", action="store_true", help="compare two folders")
    options = parser.parse_args()
    if options.compare:
        return 1 if compare(options.first, options.folder) else 0
    capture(options.first, options.folder, options.draws)
    return 0


if __name__ == "__main__":
    sys.exit(main())
