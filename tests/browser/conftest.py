"""A real server on the small demonstration, and a real browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PANELS = ("by_grade", "by_category", "by_headquarters", "coverage", "trend", "by_entity")


@contextmanager
def serving(data_dir: Path, log: Path, audience: str = "internal", **further: str) -> Iterator[str]:
    """The address of the product, served as in production from this data directory to one audience."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    environment = (
        os.environ
        | {
            "PARITY_DATA_DIR": str(data_dir),
            "PARITY_PORT": str(port),
            "PARITY_HOST": "127.0.0.1",
            "PARITY_AUDIENCE": audience,
            "PARITY_PUBLIC_PORT": "off",
            "WEB_CONCURRENCY": "1",
        }
        | further
    )
    gunicorn = Path(sys.executable).with_name("gunicorn")
    command = [gunicorn, "-c", "gunicorn.conf.py", "app:server"]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            assert process.poll() is None, log.read_text(encoding="utf-8")
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=2)
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def server(small_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small demonstration, served."""
    with serving(small_dir, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@pytest.fixture(scope="session")
def public_server(small_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The small demonstration, served to the public."""
    with serving(small_dir, tmp_path_factory.mktemp("server") / "log", "public") as address:
        yield address


@pytest.fixture(scope="session")
def whole_server(demo_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole demonstration, served."""
    with serving(demo_dir, tmp_path_factory.mktemp("server") / "log") as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("PARITY_CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        # Never skipped: a page nobody looked at is not a page that works. `make quick` leaves these tests out.
        pytest.fail(f"no browser at {path}; `make test` installs Chromium or says how (PARITY_CHROMIUM names another)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Visit:
    """A page as a visitor has it, and what happened on the way."""

    page: Page
    context: BrowserContext
    address: str
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def drawn(self) -> Visit:
        """Wait until every panel stands and nothing is being asked for."""
        self.page.locator(".panel .tools").first.wait_for(state="attached")
        for panel in self.panels:
            self.page.locator(f"#panel-{panel} .tools").wait_for(state="attached")
            if self.page.locator(f"#panel-{panel} .plot").count():
                self.page.locator(f"#panel-{panel} .js-plotly-plot .main-svg").first.wait_for(state="attached")
        self.page.wait_for_load_state("networkidle")
        self.page.locator("[data-dash-is-loading=true]").first.wait_for(state="detached")
        return self

    def go(self, path: str = "/") -> Visit:
        self.page.goto(self.address + path)
        return self.drawn()

    def plain(self, path: str) -> Visit:
        """Open a page of plain HTML."""
        response = self.page.goto(self.address + path)
        assert response is not None and response.status == 200, path
        self.page.wait_for_load_state("networkidle")
        return self

    @property
    def panels(self) -> list[str]:
        """The panels of the page, in reading order."""
        return self.page.locator("[data-panel]:not([hidden])").evaluate_all(
            "all => all.map(panel => panel.dataset.panel)"
        )

    @property
    def query(self) -> str:
        return self.page.url.partition("?")[2]

    def callbacks(self) -> int:
        """How many times figures have been asked for."""
        return sum("/_dash-update-component" in url for url in self.requests)

    def open(self, facet: str) -> None:
        self.page.click(f"details[data-facet={facet}] > summary")
        self.page.locator(f"details[data-facet={facet}] .option").first.wait_for()


@pytest.fixture(scope="session")
def contexts(chromium: Browser) -> Iterator[Contexts]:
    """Browser profiles that the tests of a process share."""
    pool = Contexts(chromium)
    yield pool
    pool.close()


class Contexts:
    """One browser profile for each kind of visitor.

    A profile keeps the product's scripts in its cache, as a visitor's browser does, so that they are fetched and
    compiled once and not for each of hundreds of visits. What a test changes of a profile is undone after it, and what
    a page remembers is of its tab alone and goes with it.
    """

    def __init__(self, chromium: Browser):
        self._chromium = chromium
        self._made: dict[tuple[object, ...], BrowserContext] = {}

    def get(self, server: str, width: int, scheme: str, **options: object) -> BrowserContext:
        """The profile of visitors to this address with a window so wide, these colours and these options."""
        key = (server, width, scheme, *sorted(options.items()))
        if key not in self._made:
            self._made[key] = self._chromium.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, accept_downloads=True, **options
            )
        return self._made[key]

    def close(self) -> None:
        """Close all profiles."""
        for context in self._made.values():
            context.close()


@pytest.fixture
def visit(server: str, contexts: Contexts) -> Iterator[Callable[..., Visit]]:
    """visit(width=..., scheme=...) opens a tab of its own; every one of them must be free of complaints."""
    with visiting(server, contexts) as make:
        yield make


@pytest.fixture
def visit_public(public_server: str, contexts: Contexts) -> Iterator[Callable[..., Visit]]:
    """The same, of what the public sees."""
    with visiting(public_server, contexts) as make:
        yield make


@pytest.fixture
def visit_whole(whole_server: str, contexts: Contexts) -> Iterator[Callable[..., Visit]]:
    """The same, of the whole demonstration."""
    with visiting(whole_server, contexts) as make:
        yield make


@contextmanager
def visiting(server: str, contexts: Contexts) -> Iterator[Callable[..., Visit]]:
    """Tabs on one address, and nothing to complain of in any of them."""
    made: list[Visit] = []
    there: dict[BrowserContext, set[Page]] = {}  # the tabs of others in each profile

    def make(width: int = 1280, scheme: str = "light", **options) -> Visit:
        context = contexts.get(server, width, scheme, **options)
        there.setdefault(context, set(context.pages))
        page = context.new_page()
        page.set_default_timeout(15000)
        visit = Visit(page, context, server)
        page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        page.on("request", lambda request: visit.requests.append(request.url))
        made.append(visit)
        return visit

    yield make
    complaints = [complaint for visit in made for complaint in visit.complaints]
    elsewhere = [
        url for visit in made for url in visit.requests if not url.startswith((server, "data:", "blob:", "about:"))
    ]
    cookies = [cookie for visit in made for cookie in visit.context.cookies()]
    for context, others in there.items():
        # Those that a page opened too. The next test finds the profile as this one did.
        for page in set(context.pages) - others:
            page.close()
        context.set_offline(False)
        context.clear_permissions()
        context.clear_cookies()
    assert not complaints and not elsewhere and not cookies
