"""Each quarter's protected figures are told once.

What is shown of places and persons of a quarter is made when a release has that quarter for the first time. Every later
release of the series takes it over as it was, whatever has been corrected or sent late since: were it made again, what
is another then would tell where the people are who were corrected, for the exact tables say of which entity and grade
they are.

So that this is said where such figures stand, a release knows by which release each quarter was told, and whose figures
have become others since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from dashboard.ingest.source import attach

SQL = Path(__file__).parent / "sql"
#: The tables of an internal file about it: what each quarter was told from, and who has become another since.
TABLES = ("told", "told_of", "changed_since")


@dataclass(frozen=True)
class Before:
    """The quarters that other releases have told: for each the folder of a release that has it, and what that release's
    manifest says came of the attack on it. Also which quarters entities have taken back since, as (quarter, entity).
    """

    folders: Mapping[str, Path] = field(default_factory=dict)
    said: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    withdrawn: frozenset[tuple[str, str]] = frozenset()

    def by_folder(self) -> dict[Path, list[str]]:
        """The quarters to take from each folder, both in order."""
        found: dict[Path, list[str]] = {}
        for quarter, folder in sorted(self.folders.items()):
            found.setdefault(folder, []).append(quarter)
        return dict(sorted(found.items()))

    def __contains__(self, quarter: object) -> bool:
        return quarter in self.folders


def take_over(connection: duckdb.DuckDBPyConnection, before: Before, file: str) -> None:
    """Copy into the internal file attached as `i` what those of other releases tell of their quarters, under the ids of
    this one. What no longer has a code is left out.
    """
    for folder, quarters in before.by_folder().items():
        attach(connection, folder / file, "b")
        connection.execute((SQL / "renumbered.sql").read_text(encoding="utf-8"), {"quarters": quarters})
        connection.execute((SQL / "take_over.sql").read_text(encoding="utf-8"))
        connection.execute("drop table renumbered")
        connection.execute("detach b")
    # What an entity has taken back is not shown of it any more. That hides figures and tells none anew; those it is
    # part of stay as they were told.
    for quarter, entity in sorted(before.withdrawn):
        if quarter in before:
            values = {"quarter": quarter, "entity": entity}
            for statement in (SQL / "withdrawn.sql").read_text(encoding="utf-8").split(";"):
                if statement.strip():
                    connection.execute(statement, values)


def record(
    connection: duckdb.DuckDBPyConnection,
    release: str,
    quarters: Mapping[str, int],
    contents: Sequence[tuple[str, int, str]],
    before: Before,
) -> None:
    """Write down which quarters this release tells, from which figures, and whose figures of older ones have changed.

    `quarters` are ids by code, `contents` what tells an entity's figures of a quarter from others: (quarter, id of the
    entity, hash). Quarters told before are there already (`take_over`).
    """
    new = [number for quarter, number in quarters.items() if quarter not in before]
    rows = pa.table({"quarter": pa.array(new, pa.uint16()), "release": [release] * len(new)})
    connection.register("rows_to_insert", rows)
    connection.execute("insert into told by name select * from rows_to_insert order by quarter")
    connection.unregister("rows_to_insert")
    now = pa.table(
        {
            "quarter": pa.array([quarters[quarter] for quarter, _, _ in contents], pa.uint16()),
            "entity": pa.array([entity for _, entity, _ in contents], pa.uint16()),
            "content": pa.array([content for _, _, content in contents], pa.string()),
        }
    )
    connection.register("contents_now", now)
    connection.execute((SQL / "told_of.sql").read_text(encoding="utf-8"), {"release": release})
    connection.execute((SQL / "changed_since.sql").read_text(encoding="utf-8"))
    connection.unregister("contents_now")


def where(internal: Path, public: Path) -> dict[str, tuple[Path, Path]]:
    """By quarter of a release, in order, the internal and public file of the one that told it: these, or files of the
    same names in a folder beside theirs; where those are not there any more, these.
    """
    with duckdb.connect(internal, read_only=True) as connection:
        rows = connection.execute(_TOLD_BY).fetchall()
    found = {}
    for quarter, release, own in rows:
        others = [internal.parent.parent / release / path.name for path in (internal, public)]
        elsewhere = not own and all(path.is_file() for path in others)
        found[quarter] = tuple(others) if elsewhere else (internal, public)
    return found


def sources(internal: Path) -> list[tuple[str, str, str, str]]:
    """Of the quarters that a release itself told: quarter, entity, and quarter and submission its figures were from."""
    with duckdb.connect(internal, read_only=True) as connection:
        return connection.execute((SQL / "told_from.sql").read_text(encoding="utf-8")).fetchall()


_TOLD_BY = """
    select codes.code, told.release, told.release = meta.value
    from told
    inner join codes on codes.dimension = 'quarter' and told.quarter = codes.id
    cross join meta
    where meta.key = 'name'
    order by told.quarter
"""
