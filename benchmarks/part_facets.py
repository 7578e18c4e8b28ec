"""Each facet of the filter panel opened alone, and all at once."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.report import Aim, Part, Table, median, percentile
from benchmarks.selections import fixed
from benchmarks.timing import DATABASE, Effort, forget, milliseconds, watched
from dashboard.answering import facets
from dashboard.selection import DIMENSIONS
from dashboard.warehouse import Warehouse

TITLE = "options and counts of the filter panel (ms, one thread, warm)"
EFFORT = Effort(seconds=0.3, least=12, most=40)
QUICK = Effort(seconds=0.05, least=4, most=8)
ALONE, TOGETHER = 5.0, 25.0
#: The last quarter alone decides little here: earlier ones have as many rows.
SELECTIONS = 4


def measure(warehouse: Warehouse, effort: Effort) -> dict[tuple[str, str], tuple[float, float, float, int]]:
    """(median, p95, median in the database, options) by selection and facet; "all" are those of the panel together."""
    in_panel = [name for name, dimension in DIMENSIONS.items() if dimension.in_panel]
    wanted: dict[str, Sequence[str]] = {name: [name] for name in in_panel} | {"all": in_panel}
    found = {}
    with watched(database=DATABASE) as watches:
        for said, selection in list(fixed(warehouse).items())[:SELECTIONS]:
            for name, names in wanted.items():
                options = sum(len(facet.options) for facet in facets(warehouse, selection, names).values())
                wall, database = [], []
                for _ in effort.rounds():
                    forget(warehouse)
                    watches["database"].reset()
                    call = lambda chosen=selection, names=names: facets(warehouse, chosen, names)  # noqa: E731
                    wall.append(milliseconds(call)[0])
                    database.append(watches["database"].reset())
                found[said, name] = (median(wall), percentile(wall, 0.95), median(database), options)
    return found


def run(warehouse: Warehouse, quick: bool) -> Part:
    """Measure, and set the slowest facet beside its aim."""
    found = measure(warehouse, QUICK if quick else EFFORT)
    part = Part("facets", TITLE)
    selections = list(dict.fromkeys(said for said, _ in found))
    names = list(dict.fromkeys(name for _, name in found))
    unfiltered = selections[0]
    part.tables.append(
        Table(
            "Facets by selection: median, and for the first p95 and the part spent in the database",
            ("facet", "options", unfiltered, "p95", "database", *selections[1:]),
            [
                (name, found[unfiltered, name][3], *found[unfiltered, name][:3],
                 *(found[said, name][0] for said in selections[1:]))
                for name in names
            ],
        )
    )  # fmt: skip
    alone = {key: cost[0] for key, cost in found.items() if key[1] != "all"}
    slowest = max(alone, key=alone.__getitem__)
    part.aims = [
        Aim("facet", f"slowest facet opened alone, median ({slowest[1]}, {slowest[0]})", alone[slowest], "ms", ALONE),
        Aim("facets", "all facets at once, slowest selection, median",
            max(cost[0] for key, cost in found.items() if key[1] == "all"), "ms", TOGETHER),
    ]  # fmt: skip
    part.figures["costs"] = found
    return part
