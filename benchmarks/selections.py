"""What is asked: a few fixed selections that differ in what they cost, and an endless row that never repeats."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

from dashboard.answering import facets
from dashboard.selection import Selection, select
from dashboard.warehouse import Warehouse

SEED = 20260930
#: An option with fewer staff would make a view cheaper than the ones people look at.
POPULOUS = 200


def _known(warehouse: Warehouse, dimension: str, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the wanted codes that this release has, or else its first ones."""
    codes = warehouse.current().codes[dimension]
    return tuple(code for code in wanted if code in codes) or codes[: len(wanted)]


def fixed(warehouse: Warehouse) -> Mapping[str, Selection]:
    """Selections by what they are called in tables."""
    quarters = warehouse.current().codes["quarter"]
    old = quarters[min(8, len(quarters) - 1)]
    entities = _known(warehouse, "entity", ("UNDP", "UNHCR", "WFP"))
    (team,) = _known(warehouse, "unct", ("KEN",))
    (nationality,) = _known(warehouse, "nationality", ("FRA",))
    return {
        "no filter": Selection(),
        f"UNCT {team}": select(unct=team),
        "three entities, PH": select(entity=entities, category="PH"),
        f"nationality {nationality}": select(nationality=nationality),
        old: select(quarter=old),
    }


DIMENSIONS = ("entity", "category", "grade", "unct", "region", "headquarters", "age_group", "nationality")


def changing(warehouse: Warehouse, seed: int = SEED, dimensions: tuple[str, ...] = DIMENSIONS) -> Iterator[Selection]:
    """Selections without end and without repetition: one or two filters of one to three codes, sometimes an earlier
    quarter. Only options that many staff have, so that views are full.
    """
    offered = {
        name: [option.code for option in facet.options if (option.staff or 0) >= POPULOUS]
        for name, facet in facets(warehouse, Selection(), dimensions).items()
    }
    offered = {name: codes for name, codes in offered.items() if len(codes) > 1}
    quarters = warehouse.current().codes["quarter"]
    draw = random.Random(seed)
    seen: set[Selection] = set()
    while True:
        chosen = {
            name: draw.sample(offered[name], min(draw.choice((1, 1, 2, 3)), len(offered[name])))
            for name in draw.sample(sorted(offered), draw.choice((1, 2, 2)))
        }
        quarter = draw.choice(quarters[len(quarters) // 2 :]) if draw.random() < 0.3 else None
        selection = select(quarter=quarter, **chosen)
        if selection not in seen:
            seen.add(selection)
            yield selection
