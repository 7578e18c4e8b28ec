"""A filter change on every page, for both audiences: the server's time, and in a browser until all is drawn again."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.part_browser import chromium, clicks
from benchmarks.report import Aim, Part, Table, median, percentile
from benchmarks.selections import DIMENSIONS, SEED, changing
from benchmarks.served import CALLBACK, Client, Drawing, Served, decoded, server
from dashboard import pages
from dashboard.selection import Selection
from dashboard.settings import AUDIENCES
from dashboard.warehouse import Warehouse

TITLE = "one filter change on every page, for both audiences (gunicorn, no selection twice; a browser)"
VIEWS, QUICK_VIEWS, WARM = 60, 12, 10
CLICKS, QUICK_CLICKS = 10, 4
P50, CLICK = 15.0, 150.0


def _selections(warehouse: Warehouse, without: str | None, count: int) -> list[Selection]:
    dimensions = tuple(name for name in DIMENSIONS if name != without)
    return list(itertools.islice(changing(warehouse, SEED, dimensions), count))


def _filtered(warehouse: Warehouse, path: str, client: Client, count: int) -> tuple[list[float], list[str]]:
    """Milliseconds of redrawing a page with figures, and what went wrong."""
    drawing = Drawing(client, path)
    at = pages.find(path)
    taken, faults = [], []
    for number, selection in enumerate(_selections(warehouse, at.page.fixed if at else None, count + WARM)):
        body = json.dumps(drawing.body(selection)).encode()
        started = time.perf_counter()
        status, content, encoding = client.request("POST", CALLBACK, body)
        if number >= WARM:
            taken.append((time.perf_counter() - started) * 1e3)
        fault = drawing.fault(status, decoded(content, encoding))
        if fault:
            faults.append(f"{path}: {fault}")
    return taken, faults


def _plain(warehouse: Warehouse, page: pages.Plain, client: Client, count: int) -> tuple[list[float], list[str]]:
    """Milliseconds of a plain page: under changing selections where they go along, else as it is."""
    selections = _selections(warehouse, None, count + WARM) if page.follow else [Selection()] * (count + WARM)
    taken, faults = [], []
    for number, selection in enumerate(selections):
        query = selection.to_query() if page.follow else page.samples[number % len(page.samples)]
        address = page.path + (f"?{query}" if query else "")
        started = time.perf_counter()
        status, _, _ = client.request("GET", address)
        if number >= WARM:
            taken.append((time.perf_counter() - started) * 1e3)
        if status not in (200, 302):
            faults.append(f"{address}: status {status}")
    return taken, faults


def _click(browser: Browser, served: Served, client: Client, path: str, most: int) -> tuple[list[float], list[str]]:
    at = pages.find(path)
    facet = "category" if at is not None and at.page.fixed == "entity" else "entity"
    taken, errors, _ = clicks(browser, served, Drawing(client, path), most, facet)
    return taken, errors


def _pages() -> Iterator[tuple[str, pages.Plain | None]]:
    yield from ((path, None) for path in pages.samples())
    yield from ((page.path, page) for page in pages.PLAIN)


def run(warehouse: Warehouse, data_dir: Path, quick: bool) -> Part:
    """Measure, and set the slowest page beside the aims."""
    part = Part("pages", TITLE)
    views, most = (QUICK_VIEWS, QUICK_CLICKS) if quick else (VIEWS, CLICKS)
    servers: dict[tuple[str, str], float] = {}
    browsers: dict[tuple[str, str], float] = {}
    faults: list[str] = []
    for audience in AUDIENCES:
        rows = []
        with server(data_dir, audience) as served, chromium() as browser:
            client = Client(served.port)
            for path, plain in _pages():
                taken, wrong = (
                    _plain(warehouse, plain, client, views) if plain else _filtered(warehouse, path, client, views)
                )
                faults += wrong
                servers[audience, path] = median(taken)
                clicked: list[float] = []
                at = pages.find(path) if plain is None else None
                if at is not None and not at.page.apart:
                    clicked, wrong = _click(browser, served, client, path, most)
                    faults += wrong
                    browsers[audience, path] = median(clicked)
                rows.append((path, median(taken), percentile(taken, 0.95), median(clicked) if clicked else None))
            client.close()
        part.tables.append(
            Table(
                f"{audience}: a filter change, in milliseconds",
                ("page", "server p50", "server p95", "click to redrawn p50"),
                rows,
            )
        )
    slowest = max(servers, key=servers.__getitem__)
    latest = max(browsers, key=browsers.__getitem__)
    part.aims = [
        Aim("pages server", f"slowest page on the server, p50 ({slowest[1]}, {slowest[0]})", servers[slowest], "ms",
            P50),
        Aim("pages within", "pages on the server within that, of both audiences",
            100 * sum(cost <= P50 for cost in servers.values()) / len(servers), "%", 100, at_least=True),
        Aim("pages click", f"slowest page in a browser, p50 ({latest[1]}, {latest[0]})", browsers[latest], "ms", CLICK),
        Aim("pages clicks", "pages in a browser within that, of both audiences",
            100 * sum(cost <= CLICK for cost in browsers.values()) / len(browsers), "%", 100, at_least=True),
        Aim("pages errors", "errors on any page", len(faults), "", 0),
    ]  # fmt: skip
    part.notes += sorted(set(faults))[:10]
    part.figures |= {"servers": {"/".join(key): cost for key, cost in servers.items()}}
    return part
