"""What a reader waits for in Chromium: a click until all figures are redrawn, and a first visit until all stand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import Aim, Part, Table, median, percentile
from benchmarks.served import CALLBACK, Client, Drawing, Served, ServerFailed, server
from dashboard.selection import select
from dashboard.warehouse import Warehouse

TITLE = "click to all figures redrawn, and cold load, in Chromium on this machine"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
CLICKS, QUICK_CLICKS = 20, 6
LOADS, QUICK_LOADS = 5, 2
CLICK, LOAD, WEIGHT = 120.0, 1.2, 1.2
VIEWPORT = {"width": 1280, "height": 900}

#: Watches the content of the page: when it changed last, which figures changed since, and what was clicked when.
WATCH = """
(() => {
  const seen = (window.benchmark = { last: 0, clicked: 0, figures: new Set(), plots: 0, posted: null });
  // The page sends a copy of what Dash asks, whose body the browser does not tell of afterwards.
  const plain = window.fetch.bind(window);
  window.fetch = (resource, options) => {
    if (seen.posted === null && resource instanceof Request && resource.url.endsWith(CALLBACK)) {
      seen.posted = "";
      resource.clone().text().then((body) => (seen.posted = body));
    }
    return plain(resource, options);
  };
  const start = () => {
    const watch = new MutationObserver((all) => {
      // dcc.Graph marks a plot as pending for 100 ms when its panel has changed height: nothing is to be seen of it.
      const changes = all.filter(({ attributeName, target }) =>
        attributeName !== "class" || !target.classList.contains("js-plotly-plot"));
      if (changes.length) seen.last = performance.now();
      for (const { target } of changes) {
        const element = target.nodeType === 1 ? target : target.parentElement;
        const panel = element && element.closest("[data-panel]");
        if (panel && element.closest(".plot")) seen.figures.add(panel.dataset.panel);
      }
    });
    watch.observe(document.getElementById("content"), {
      subtree: true, childList: true, attributes: true, characterData: true,
    });
    document.addEventListener("change", (event) => {
      if (!event.target.matches("#filters input[type=checkbox]")) return;
      Object.assign(seen, { last: 0, plots: 0, clicked: seen.down || performance.now() });
      seen.figures.clear();
      document.querySelectorAll(".js-plotly-plot").forEach((plot) => {
        if (plot.benchmarked || !plot.on) return;
        plot.benchmarked = true;
        plot.on("plotly_afterplot", () => {
          seen.plots += 1;
          seen.last = performance.now();
        });
      });
    }, true);
    // The time of the click itself, which comes before the change it makes.
    document.addEventListener("click", (event) => (seen.down = event.timeStamp), true);
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
""".replace("CALLBACK", json.dumps(CALLBACK))
#: All figures stand, and nothing has changed for so long.
QUIET = 350
STANDS = f"""(count) => {{
  const plots = [...document.querySelectorAll(".js-plotly-plot")];
  return plots.length === count && plots.every((plot) => plot.querySelector(".main-svg")) &&
    !document.querySelector(".dash-graph--pending, ._dash-loading") &&
    [...document.querySelectorAll(".panel:not([hidden]) .panel-words")].every((words) => words.childElementCount) &&
    window.benchmark.last > 0 && performance.now() - window.benchmark.last > {QUIET};
}}"""
REDRAWN = f"""(count) => window.benchmark.plots >= count && performance.now() - window.benchmark.last > {QUIET}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    path = os.environ.get("PARITY_CHROMIUM", "/usr/bin/chromium")
    if not Path(path).exists():
        raise ServerFailed(f"there is no Chromium at {path} (PARITY_CHROMIUM says where it is)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def _load(browser: Browser, served: Served, count: int) -> dict[str, float]:
    """One first visit with an empty cache: seconds, megabytes over the wire, requests."""
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(WATCH)
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    sizes: list[float] = []
    failed: list[str] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    page.goto(served.address, wait_until="commit")
    page.wait_for_function(STANDS, arg=count, timeout=30_000)
    times = page.evaluate(
        """() => ({
          stands: window.benchmark.last,
          words: (performance.getEntriesByName("first-contentful-paint")[0] || {}).startTime || null,
        })"""
    )
    context.close()
    return {
        "seconds": times["stands"] / 1e3,
        "words": (times["words"] or 0) / 1e3,
        "megabytes": sum(sizes) / 1e6,
        "requests": len(sizes),
        "errors": len(failed),
    }


def _click(page: Page, facet: str, code: str, count: int) -> float:
    page.locator(f'#filters details[data-facet="{facet}"] input[value="{code}"]').click()
    page.wait_for_function(REDRAWN, arg=count, timeout=15_000)
    seen = page.evaluate("() => ({...window.benchmark, figures: [...window.benchmark.figures]})")
    return seen["last"] - seen["clicked"]


def clicks(
    browser: Browser, served: Served, drawing: Drawing, most: int, facet: str = "entity"
) -> tuple[list[float], list[str], bool]:
    """(milliseconds of each click on a filter of the page, errors, whether the browser posts what `views` posts)."""
    count = len(drawing.panels)
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(WATCH)
    page = context.new_page()
    errors: list[str] = []

    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(served.address + drawing.path, wait_until="commit")
    page.wait_for_function(STANDS, arg=count, timeout=30_000)
    page.locator(f'#filters details[data-facet="{facet}"] > summary').click()
    boxes = page.locator(f'#filters details[data-facet="{facet}"] input[type=checkbox]')
    boxes.first.wait_for()
    codes = [box.get_attribute("value") or "" for box in boxes.all()][: most // 2]
    page.wait_for_timeout(QUIET)
    page.evaluate("() => (window.benchmark.posted = null)")
    # Ticked one after the other, then cleared one after the other: no view occurs twice in a row.
    taken = [_click(page, facet, code, len(drawing.shown)) for code in (*codes, *codes)]
    posted = json.loads(page.evaluate("() => window.benchmark.posted") or "{}")
    context.close()
    wanted = drawing.body(select(**{facet: codes[0]}))
    # The number that a page gives to its question is its own.
    wanted["inputs"][0]["value"]["turn"] = posted["inputs"][0]["value"]["turn"] if posted else None
    same = {key: posted.get(key) for key in wanted} == wanted
    return taken, errors, same


def run(warehouse: Warehouse, data_dir: Path, quick: bool) -> Part:
    """Measure, and set it beside the aims."""
    del warehouse
    with server(data_dir) as served, chromium() as browser:
        client = Client(served.port)
        drawing = Drawing(client)
        client.close()
        count = len(drawing.panels)
        _load(browser, served, count)  # so that the server has compressed and the system has read everything once
        loads = [_load(browser, served, count) for _ in range(QUICK_LOADS if quick else LOADS)]
        taken, errors, same = clicks(browser, served, drawing, QUICK_CLICKS if quick else CLICKS)
        version = browser.version
    part = Part("browser", TITLE)
    part.tables.append(
        Table(
            f"{count} figures, Chromium {version}, {len(taken)} clicks and {len(loads)} first visits",
            ("", "median", "p95 or largest", "unit"),
            [
                ("click on a filter until all figures are redrawn", median(taken), percentile(taken, 0.95), "ms"),
                ("first visit until the first words stand",
                 median([load["words"] for load in loads]), max(load["words"] for load in loads), "s"),
                ("first visit until all figures stand",
                 median([load["seconds"] for load in loads]), max(load["seconds"] for load in loads), "s"),
                ("transferred on a first visit",
                 median([load["megabytes"] for load in loads]), max(load["megabytes"] for load in loads), "MB"),
                ("requests on a first visit",
                 int(median([load["requests"] for load in loads])), int(max(load["requests"] for load in loads)), ""),
            ],
        )
    )  # fmt: skip
    failures = len(errors) + int(sum(load["errors"] for load in loads))
    part.aims = [
        Aim("click", "click to all figures redrawn, p50", median(taken), "ms", CLICK),
        Aim("load", "cold load until all figures stand, median", median([x["seconds"] for x in loads]), "s", LOAD),
        Aim("weight", "transferred on a cold load", median([x["megabytes"] for x in loads]), "MB", WEIGHT),
        Aim("browser errors", "errors in the browser", failures, "", 0),
    ]
    part.notes.append(
        "The browser posts what the part `views` posts." if same
        else "The browser posts something other than the part `views` does: that part needs mending."
    )  # fmt: skip
    part.notes += sorted(set(errors))
    part.figures |= {"click": median(taken), "version": version}
    return part
