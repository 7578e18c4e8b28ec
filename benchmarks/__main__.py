"""Measures the release in service: every question beside numpy, the filter panel, views under gunicorn, a browser, and
all of it on ten times the rows.

usage: python -m benchmarks [--quick] [--json FILE] [--write-docs] [PART...]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from benchmarks import (
    document,
    machine,
    part_browser,
    part_facets,
    part_pages,
    part_questions,
    part_scale,
    part_views,
)
from benchmarks.report import Part, Table, aims_table, plain, print_part
from dashboard.answering import ask
from dashboard.selection import Selection
from dashboard.settings import from_environment
from dashboard.warehouse import NoRelease, Warehouse

PARTS = ("questions", "facets", "views", "pages", "browser", "scale")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; by default all")
    parser.add_argument("--quick", action="store_true", help="few repetitions: whether it works, not what it costs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md (every part, not --quick)")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.parts = [name for name in PARTS if not options.parts or name in options.parts]
    if options.write_docs and (options.quick or len(options.parts) < len(PARTS)):
        parser.error("--write-docs takes a run of every part without --quick")
    return options


def _run(name: str, warehouse: Warehouse, quick: bool, done: dict[str, Part]) -> Part:
    folder = warehouse.settings.data_dir
    runs: dict[str, Callable[[], Part]] = {
        "questions": lambda: part_questions.run(warehouse, quick),
        "facets": lambda: part_facets.run(warehouse, quick),
        "views": lambda: part_views.run(warehouse, folder, quick),
        "pages": lambda: part_pages.run(warehouse, folder, quick),
        "browser": lambda: part_browser.run(warehouse, folder, quick),
        "scale": lambda: part_scale.run(warehouse, folder, quick, done),
    }
    return runs[name]()


def main() -> int:
    """Run the parts; 1 when one of them could not be run (a missed aim is a result, not a failure)."""
    options = _options()
    warehouse = Warehouse(from_environment(default_audience="internal"))
    try:
        scope = ask(warehouse, "headline", Selection()).scope
    except NoRelease as error:
        print(f"There is nothing to measure: {error}. `make demo` builds the demonstration.", file=sys.stderr)
        return 1
    measured_on = machine.describe()
    ((rows, quarters),) = warehouse.current().fetch("select count(*), count(distinct quarter) from w.staff", {})
    release = f"release {scope.release.name} ({rows:,} cells, {quarters} quarters, {scope.staff:,} staff in the last)"
    print(f"Measured: {release}")
    print("\n".join(plain(Table("On:", ("", "value"), list(measured_on.items())))))
    done: dict[str, Part] = {}
    failed = []
    for name in options.parts:
        started, others = time.perf_counter(), machine.watch_others()
        try:
            done[name] = _run(name, warehouse, options.quick, done)
        except Exception:
            # The other parts still have something to say.
            traceback.print_exc()
            failed.append(name)
            continue
        done[name].others = others()
        if done[name].others is not None:
            done[name].notes.append(f"Meanwhile others used {done[name].others:.0%} of the processors.")
        print_part(done[name])
        print(f"({name} took {time.perf_counter() - started:.0f} s)", flush=True)
    aims = [aim for part in done.values() for aim in part.aims]
    if len(done) > 1:
        print("\n== all ==\n")
        print("\n".join(plain(aims_table(aims))))
    if options.json:
        whole = {"machine": measured_on, "release": release, "parts": [part.as_json() for part in done.values()]}
        options.json.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    if options.write_docs and not failed:
        document.write(done, measured_on, release)
        print(f"\nWritten: {document.TARGET}")
    if failed:
        print(f"\nNot measured, see above: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
