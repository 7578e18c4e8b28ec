"""Ten times the rows: what questions, facets and views cost on them, as a ratio."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import part_facets, part_questions, part_views, tenfold
from benchmarks.report import Aim, Part, Table
from dashboard.warehouse import Warehouse

TITLE = f"{tenfold.TIMES} times the rows"
AIM = 2.0
#: Below this a ratio says more about the clock than about the rows (ms).
LEAST = 0.2


def _mean(ratios: Iterable[float]) -> float:
    """The geometric mean: a ratio of 4 and one of 1/4 are no change together."""
    logarithms = [math.log(max(ratio, 1e-3)) for ratio in ratios]
    return math.exp(sum(logarithms) / len(logarithms))


def _questions(small: Mapping[str, Any], large: Mapping[str, Any]) -> tuple[Table, dict[tuple[str, str], float]]:
    ratios = {
        # Processor time: the two were not measured at the same moment.
        (said, name): large[said][name].processor / max(cost.processor, LEAST)
        for said, costs in small.items()
        for name, cost in costs.items()
        if cost and large[said][name]
    }
    rows = []
    for name in next(iter(small.values())):
        row: list[Any] = [name]
        for said in small:
            cost = large[said][name]
            row.append(f"{ratios[said, name]:.1f} ({cost.processor:.1f} ms)" if cost else "–")
        rows.append(row)
    return Table(
        "Questions: ratio of medians of processor time (and the median on ten times the rows)",
        ("question", *small),
        rows,
    ), ratios


def _views(small: Mapping[str, Any], large: Mapping[str, Any]) -> Table:
    rows: list[tuple[Any, ...]] = [
        (text, small[key], large[key], large[key] / small[key])
        for key, text in (
            ("p50", "one client, p50 (ms)"),
            ("p95", "one client, p95 (ms)"),
            ("rate", f"views/s at {part_views.CLIENTS} clients"),
        )
    ]
    if small["memory"] and large["memory"]:
        sizes = [max(worker["rss"] for worker in found["memory"]) for found in (small, large)]
        rows.append(("memory of a worker (MB)", *sizes, sizes[1] / sizes[0]))
    rows.append(("errors", len(small["faults"]), len(large["faults"]), None))
    return Table("Views", ("", "release", f"{tenfold.TIMES} times", "ratio"), rows)


def run(warehouse: Warehouse, data_dir: Path, quick: bool, before: Mapping[str, Part]) -> Part:
    """Measure on a release made for it, beside what `before` holds of the same run (measured now where it does not)."""
    small = dict(before)
    if "questions" not in small:
        small["questions"] = part_questions.run(warehouse, quick)
    if "facets" not in small:
        small["facets"] = part_facets.run(warehouse, quick)
    if "views" not in small:
        small["views"] = part_views.run(warehouse, data_dir, quick)
    release = warehouse.settings.releases_dir / warehouse.current().name
    part = Part("scale", TITLE)
    with tempfile.TemporaryDirectory(prefix="parity-tenfold-") as folder:
        started = time.perf_counter()
        rows = tenfold.build(release, Path(folder))
        passed = time.perf_counter() - started
        large = Warehouse(replace(warehouse.settings, data_dir=Path(folder)))
        questions = part_questions.measure(large, part_questions.QUICK if quick else part_questions.EFFORT)
        facets = part_facets.measure(large, part_facets.QUICK if quick else part_facets.EFFORT)
        views = part_views.measure(large, Path(folder), quick)
        size = (Path(folder) / "releases" / release.name / tenfold.FILE).stat().st_size
    part.tables.append(
        Table("Rows", ("table", "release", f"{tenfold.TIMES} times"),
              [(table, *counts) for table, counts in rows.items() if counts[0] != counts[1]])
    )  # fmt: skip
    table, ratios = _questions(small["questions"].figures["costs"], questions)
    part.tables.append(table)
    known = small["facets"].figures["costs"]
    facet_ratios = {key: cost[0] / max(known[key][0], LEAST) for key, cost in facets.items()}
    said = list(dict.fromkeys(said for said, _ in facets))
    names = list(dict.fromkeys(name for _, name in facets))
    part.tables.append(
        Table("Facets: ratio of medians (and the median on ten times the rows)", ("facet", *said),
              [(name, *(f"{facet_ratios[one, name]:.1f} ({facets[one, name][0]:.1f} ms)" for one in said))
               for name in names])
    )  # fmt: skip
    known_views = small["views"].figures
    part.tables += [_views(known_views, views), views["inside"]]
    slowest = max(ratios, key=ratios.__getitem__)
    part.aims = [
        Aim("scale questions", "questions, geometric mean of the ratios", _mean(ratios.values()), "times", AIM),
        Aim("scale slowest", f"question that grows most ({slowest[1]}, {slowest[0]})", ratios[slowest], "times", AIM),
        Aim("scale facets", "all facets at once, largest ratio",
            max(ratio for key, ratio in facet_ratios.items() if key[1] == "all"), "times", AIM),
        Aim("scale views", "one filter change, one client, p50", views["p50"] / known_views["p50"], "times", AIM),
        Aim("scale rate", "views a second, fewer by", known_views["rate"] / views["rate"], "times", AIM),
        Aim("scale errors", "errors", len(views["faults"]), "", 0),
    ]  # fmt: skip
    before_size = (release / tenfold.FILE).stat().st_size
    part.notes.append(
        f"The file grows from {before_size / 1e6:.0f} to {size / 1e6:.0f} MB; it was made in {passed:.0f} s."
    )
    part.notes.append("numpy counted the same women and men wherever it stands beside a question.")
    return part
