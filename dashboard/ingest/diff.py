"""What differs between two releases: changed cells by quarter and entity, and changes of the code lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from dashboard.ingest import contract
from dashboard.ingest.build import FILE
from dashboard.ingest.kept import folder, manifest_of
from dashboard.ingest.problems import Fault
from dashboard.selection import TEMPORARY

SQL = Path(__file__).parent / "sql"
#: Dimensions a cell is told by; the others follow from these.
BASE = ("quarter", "entity", *contract.CELL)


@dataclass(frozen=True, slots=True)
class ChangedEntity:
    """One quarter and entity whose figures differ. Head-counts are of the population that everything else counts (no
    temporary appointments); `cells` are all that differ, temporary ones included.
    """

    quarter: str
    entity: str
    cells: int
    women_before: int
    women_after: int
    men_before: int
    men_after: int
    state_before: str | None
    state_after: str | None


@dataclass(frozen=True, slots=True)
class ChangedCode:
    """One code that is new, gone, or says something else."""

    dimension: str
    code: str
    change: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything in which `after` differs from `before`. Cells that only one release has a quarter for are counted."""

    before: str
    after: str
    entities: tuple[ChangedEntity, ...]
    codes: tuple[ChangedCode, ...]

    @property
    def same(self) -> bool:
        """True if no figure and no code differs."""
        return not self.entities and not self.codes

    def to_dict(self) -> Mapping[str, Any]:
        """Plain values, for machines."""
        return {
            "before": self.before,
            "after": self.after,
            "same": self.same,
            "entities": [asdict(changed) for changed in self.entities],
            "codes": [asdict(changed) for changed in self.codes],
        }


def diff(data_dir: Path, before: str, after: str) -> Difference:
    """Compare two releases. Raises InputError if there is no such release, Fault if one cannot be read."""
    for name in (before, after):
        manifest_of(data_dir, name)
    return between(folder(data_dir) / before, folder(data_dir) / after, before, after)


def between(old: Path, new: Path, before: str, after: str) -> Difference:
    """Compare the releases in two folders, called `before` and `after`. Raises Fault if one cannot be read."""
    try:
        with duckdb.connect(":memory:") as connection:
            for place, label in ((old, "old"), (new, "new")):
                path = str(place / FILE).replace("'", "''")
                connection.execute(f"attach '{path}' as {label} (read_only)")
            codes = connection.execute(_sql("diff_codes")).fetchall()
            ids = {dimension: _ids(connection, dimension) for dimension in BASE}
            for dimension, (_, translated) in ids.items():
                connection.execute(f"set variable ids_{dimension} = $1::usmallint[]", [translated])
            # Cells of temporary staff are compared, and left out of the head-counts.
            temporary = ids["appointment"][0].index(TEMPORARY) if TEMPORARY in ids["appointment"][0] else None
            connection.execute("set variable temporary = $1::integer", [temporary])
            connection.execute(_sql("diff_cells"))
            figures = connection.execute(_sql("diff_figures")).fetchall()
            states = [_states(connection, label) for label in ("old", "new")]
    except duckdb.Error as error:
        raise Fault(f"the releases cannot be compared: {str(error).splitlines()[0]}") from error
    quarters, entities = ids["quarter"][0], ids["entity"][0]
    changed = []
    for quarter, entity, *counts in figures:
        place = (quarters[quarter], entities[entity])
        changed.append(ChangedEntity(*place, *map(int, counts), *(known.get(place) for known in states)))
    return Difference(before, after, tuple(changed), tuple(ChangedCode(*row) for row in codes))


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _ids(connection: duckdb.DuckDBPyConnection, dimension: str) -> tuple[list[str], list[int]]:
    """All codes of a dimension, the older release's first, and the positions among them of the newer one's."""
    query = "select code from {}.codes where dimension = $1 order by id"
    old, new = (
        [code for (code,) in connection.execute(query.format(label), [dimension]).fetchall()]
        for label in ("old", "new")
    )
    place = {code: number for number, code in enumerate(old)}
    translated = [place.setdefault(code, len(place)) for code in new]
    return list(place), translated


def _states(connection: duckdb.DuckDBPyConnection, label: str) -> dict[tuple[str, str], str]:
    """(quarter, entity) -> how its figures were obtained."""
    query = (
        "select quarters.code, entities.code, coverage.state from {0}.coverage "
        "inner join {0}.codes as quarters on quarters.dimension = 'quarter' and coverage.quarter = quarters.id "
        "inner join {0}.codes as entities on entities.dimension = 'entity' and coverage.entity = entities.id"
    )
    return {(quarter, entity): state for quarter, entity, state in connection.execute(query.format(label)).fetchall()}
