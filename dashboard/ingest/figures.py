"""Figures of one entity and quarter as they are kept: combinations of codes with women, men and other, in one order.

The order and the hash depend on the content only: not on row order, spellings or file format, so that two submissions
can be compared and a copy can be told from its original.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.codelists import CodeLists
from dashboard.ingest import contract
from dashboard.ingest.codes import BITS, DERIVED, SORTED_BY, Codes, pack, unpack
from dashboard.ingest.corrections import Correction
from dashboard.ingest.problems import InputError

#: Layout of the normalised copies: a number to raise when their columns or notes change, and what decides how ids are
#: packed. A copy of another layout is made again from the raw files wherever it would have been read.
_PACKED = repr((dict(BITS), SORTED_BY, DERIVED, contract.MOVEMENT_CELL)).encode()
LAYOUT = "3 " + hashlib.blake2b(_PACKED, digest_size=8).hexdigest()


class Unfit(ValueError):
    """A normalised copy that cannot be used: of another layout, or not what it says it holds."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Staff by combination. `columns` are sorted codes and positions per dimension; `counts` women, men, other."""

    columns: dict[str, tuple[list[str], np.ndarray]]
    counts: tuple[np.ndarray, np.ndarray, np.ndarray]

    CELL: ClassVar[tuple[str, ...]] = contract.CELL
    SORT: ClassVar[tuple[str, ...]] = SORTED_BY
    DERIVED: ClassVar[tuple[str, ...]] = DERIVED

    @classmethod
    def from_columns(
        cls, columns: Mapping[str, tuple[Sequence[str], np.ndarray]], by_sex: Sequence[np.ndarray]
    ) -> Self:
        """Add up rows of the same combination; combinations with nobody are left out."""
        key = np.zeros(len(by_sex[0]), dtype=np.int64)
        for name in cls.CELL:
            codes, positions = columns[name]
            key = key * max(len(codes), 1) + positions
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        counts = [np.bincount(inverse, weights=column, minlength=len(first)).astype(np.int64) for column in by_sex]
        kept = (counts[0] + counts[1] + counts[2]) > 0
        first = first[kept]
        used: dict[str, tuple[list[str], np.ndarray]] = {}
        for name in cls.CELL:
            codes, positions = columns[name]
            present, ranks = np.unique(positions[first], return_inverse=True)
            used[name] = ([codes[position] for position in present], ranks.astype(np.int32))
        women, men, other = (column[kept] for column in counts)
        return cls(used, (women, men, other))

    def sums(self) -> tuple[int, int, int]:
        """Women, men, other."""
        return tuple(int(column.sum()) for column in self.counts)

    def content(self) -> str:
        """A hash of the content (BLAKE2b: DuckDB's own has no contract across versions)."""
        digest = hashlib.blake2b(digest_size=20)
        for name in self.CELL:
            codes, positions = self.columns[name]
            digest.update(f"{name}\n{len(positions)}\n{'|'.join(codes)}\n".encode())
            digest.update(positions.astype("<i4").tobytes())
        for column in self.counts:
            digest.update(column.astype("<i8").tobytes())
        return digest.hexdigest()

    def _is_temporary(self, codelists: CodeLists) -> np.ndarray:
        codes, positions = self.columns["appointment"]
        flags = np.array([codelists.population_of(code) == "temporary" for code in codes], dtype=bool)
        return flags[positions] if len(codes) else np.zeros(0, dtype=bool)

    def temporary(self, codelists: CodeLists) -> tuple[int, int, int]:
        """Women, men and other on temporary appointments."""
        flags = self._is_temporary(codelists)
        return tuple(int(column[flags].sum()) for column in self.counts)

    def grades(self, codelists: CodeLists) -> dict[str, list[int]]:
        """Grade -> women, men, other of the regular population."""
        regular = ~self._is_temporary(codelists)
        codes, positions = self.columns["grade"]
        sums = [
            np.bincount(positions[regular], weights=column[regular], minlength=len(codes)).astype(int)
            for column in self.counts
        ]
        return {code: [int(column[n]) for column in sums] for n, code in enumerate(codes)}

    def stations(self, smallest: int, levels: int) -> dict[str, list]:
        """Duty station -> staff and a fingerprint of who is there by grade and sex, where that is telling enough."""
        stations, at = self.columns["duty_station"]
        grades, of = self.columns["grade"]
        if not len(at):
            return {}
        size = len(stations) * len(grades)
        cells = at.astype(np.int64) * len(grades) + of
        women, men, other = (
            np.bincount(cells, weights=column, minlength=size).astype(np.int64).reshape(len(stations), len(grades))
            for column in self.counts
        )
        staff = women + men + other
        telling = (staff.sum(axis=1) >= smallest) & ((staff > 0).sum(axis=1) >= levels)
        found = {}
        for number in np.flatnonzero(telling):
            if stations[number] in contract.MISSING:
                continue
            lines = [
                f"{grades[n]} {women[number, n]} {men[number, n]} {other[number, n]}"
                for n in np.flatnonzero(staff[number])
            ]
            digest = hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
            found[stations[number]] = [int(staff[number].sum()), digest]
        return found

    def corrected(self, entry: Correction) -> Self:
        """The figures with one correction applied. Raises InputError when they are not what it expects."""
        meant = np.ones(len(self.counts[0]), dtype=bool)
        conditions = list(entry.where)
        if entry.column in self.CELL:
            conditions.append((entry.column, entry.expected))
        for name, code in conditions:
            codes, positions = self.columns[name]
            meant &= positions == codes.index(code) if code in codes else np.zeros(len(meant), dtype=bool)
        counts = [column.copy() for column in self.counts]
        columns = dict(self.columns)
        if entry.column in self.CELL:
            staff = int(sum(column[meant].sum() for column in counts))
            if staff != entry.staff:
                raise InputError(f"{staff} staff are found, {entry.staff} are expected")
            codes, positions = columns[entry.column]
            texts = codes if entry.corrected in codes else [*codes, entry.corrected]
            order = sorted(range(len(texts)), key=texts.__getitem__)
            rank = np.empty(len(texts), dtype=np.int64)
            rank[order] = np.arange(len(texts))
            moved = np.where(meant, texts.index(entry.corrected), positions)
            columns[entry.column] = ([texts[number] for number in order], rank[moved])
        else:
            if meant.sum() != 1:
                raise InputError(f"{int(meant.sum())} rows are meant, exactly one is expected")
            column = counts[contract.COUNTS.index(entry.column)]
            if int(column[meant][0]) != int(entry.expected):
                raise InputError(f"the head-count is {int(column[meant][0])}, {entry.expected} is expected")
            column[meant] = int(entry.corrected)
        return type(self).from_columns(columns, counts)

    def with_derived(self, entity: str, codes: Codes) -> dict[str, tuple[list[str], np.ndarray]]:
        """The columns as a release has them: as sent, and what follows from them."""
        return {**self.columns, **codes.derived(entity, self.columns)}

    def write(self, path: Path, entity: str, codes: Codes, notes: Mapping[str, str]) -> None:
        """Write the figures as Parquet, with the ids and in the order of a release.

        Looking up text for millions of rows, or decoding twenty columns of a thousand small files, would be most of
        the time a release takes: ids are packed into two integers a row. The codes behind them stand in the metadata,
        so that the file can be read without the code lists it was made with.
        """
        columns = self.with_derived(entity, codes)
        ids = {
            name: codes.to_ids(name, texts)[positions] if len(texts) else np.zeros(0, dtype=np.uint16)
            for name, (texts, positions) in columns.items()
        }
        cell = pack(self.SORT, ids)
        order = np.argsort(cell)
        arrays = {"cell": pa.array(cell[order]), "derived": pa.array(pack(self.DERIVED, ids)[order].astype(np.uint32))}
        for name, column in zip(contract.COUNTS, self.counts, strict=True):
            arrays[name] = pa.array(column[order].astype(np.uint16))
        said = {
            name: dict(zip(map(str, codes.to_ids(name, texts).tolist()), texts, strict=True))
            for name, (texts, _) in self.columns.items()
        }
        table = pa.table(arrays)
        options = {"compression": "zstd", "use_dictionary": False, "store_schema": False, "write_statistics": False}
        with pq.ParquetWriter(path, table.schema, **options) as writer:
            writer.write_table(table)
            # The schema's own metadata would be left out together with the schema.
            writer.add_key_value_metadata({**notes, "layout": LAYOUT, "entity": entity, "codes": json.dumps(said)})

    @classmethod
    def read(cls, path: Path) -> tuple[Self, dict[str, str]]:
        """The figures of a file that `write` wrote, and its notes.

        Raises Unfit if the file is damaged or of another layout, OSError if there is none.
        """
        try:
            # As a file object: given a path, Arrow looks for a dataset around it.
            with path.open("rb") as file:
                opened = pq.ParquetFile(file)
                notes = {key.decode(): value.decode() for key, value in (opened.metadata.metadata or {}).items()}
                if notes.get("layout") != LAYOUT:
                    raise Unfit(f"{path.name} has the layout {notes.get('layout')}, not {LAYOUT}")
                figures = cls._unpacked(opened.read(), json.loads(notes["codes"]))
        except (pa.ArrowException, LookupError, ValueError, TypeError) as error:
            raise error if isinstance(error, Unfit) else Unfit(f"{path.name} cannot be read: {error}") from error
        if figures.content() != notes.get("content"):
            raise Unfit(f"{path.name} does not hold what it says")
        return figures, notes

    @classmethod
    def _unpacked(cls, table: pa.Table, said: Mapping[str, Mapping[str, str]]) -> Self:
        ids = unpack(cls.SORT, table["cell"].to_numpy())
        columns = {}
        for name in cls.CELL:
            texts = sorted(said[name].values())
            place = {text: number for number, text in enumerate(texts)}
            translate = np.zeros(1 + max(map(int, said[name]), default=0), dtype=np.int64)
            for number, text in said[name].items():
                translate[int(number)] = place[text]
            columns[name] = (texts, translate[ids[name]])
        by_sex = [table[name].to_numpy().astype(np.int64) for name in contract.COUNTS]
        return cls.from_columns(columns, by_sex)


@dataclass(frozen=True, slots=True)
class MovementFigures(Figures):
    """Movements by department, grade and kind."""

    CELL: ClassVar[tuple[str, ...]] = contract.MOVEMENT_CELL
    SORT: ClassVar[tuple[str, ...]] = contract.MOVEMENT_CELL
    DERIVED: ClassVar[tuple[str, ...]] = ("category",)

    def with_derived(self, entity: str, codes: Codes) -> dict[str, tuple[list[str], np.ndarray]]:
        """The columns as a release has them."""
        grades, positions = self.columns["grade"]
        return {**self.columns, "category": ([codes.codelists.category_of(code) for code in grades], positions)}
