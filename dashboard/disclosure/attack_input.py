"""What the attacker is given and what it reports: values of plain numpy arrays, easy to fill from a database.

Ids are those of the release; `ANY` stands where a key is not of a table, or, in row groups, where any value is meant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import numpy.typing as npt

from dashboard.disclosure.bounds import AttackError as AttackError

Ints = npt.NDArray[np.integer]

#: No key of this table (cells), or whatever it is (row groups): the largest unsigned 16 bit number.
ANY = 65535
#: Keys of a cell beside the table: `member` is the id in the protected dimension.
KEYS = ("member", "entity", "category", "grade")


def packed16(columns: Sequence[Ints], size: int) -> npt.NDArray[np.uint64]:
    """Keys of at most 16 bits each in one number, the first the most significant; 0 where there is none."""
    packed = np.zeros(size, np.uint64)
    for column in columns:
        packed = packed << np.uint64(16) | np.asarray(column).astype(np.uint64)
    return packed


def _ints(values: object) -> Ints:
    return np.ascontiguousarray(values, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Records:
    """Heads of one quarter, counted by the columns below; rows may repeat. Columns of no use to an attack may be left
    out (places for the public personal tables, `member` for the places).
    """

    quarter: int
    entity: Ints
    category: Ints
    grade: Ints
    women: Ints
    men: Ints
    #: Id of a place-bound department, else -1.
    sub: Ints | None = None
    #: 1 for Resident Coordinators, else 0.
    rc: Ints | None = None
    unct: Ints | None = None
    country: Ints | None = None
    duty_station: Ints | None = None
    region: Ints | None = None
    headquarters: Ints | None = None
    #: Id of the department, for the internal audience.
    department: Ints | None = None
    #: Id in the personal dimension attacked.
    member: Ints | None = None
    #: Ids in dimensions that follow from `member`, whose tables are attacked together with it: for the dimension
    #: "nationality" also "nationality_region" and "regional_group".
    coarser: Mapping[str, Ints] = field(default_factory=dict)
    #: Sum of the contents of the women and men of a row (unsigned 64 bit), where tables are to be made of it.
    women_content: npt.NDArray[np.uint64] | None = None
    men_content: npt.NDArray[np.uint64] | None = None

    def __post_init__(self) -> None:
        size = len(self.entity)
        for entry in fields(self):
            value = getattr(self, entry.name)
            if entry.name == "quarter":
                continue
            if entry.name == "coarser":
                object.__setattr__(self, "coarser", {name: _ints(values) for name, values in value.items()})
                continue
            if value is None:
                if entry.name not in ("department", "member", "women_content", "men_content"):
                    missing = -1 if entry.name == "sub" else 0
                    object.__setattr__(self, entry.name, np.full(size, missing, np.int64))
                continue
            value = np.ascontiguousarray(value, np.uint64 if entry.name.endswith("_content") else np.int64)
            if len(value) != size:
                raise ValueError(f"{entry.name} has {len(value)} rows and entity {size}")
            object.__setattr__(self, entry.name, value)

    def __len__(self) -> int:
        return len(self.entity)

    def column(self, name: str) -> Ints:
        """The column of this name; ValueError if it was left out."""
        values = self.coarser.get(name) if name in self.coarser else getattr(self, name)
        if values is None:
            raise ValueError(f"the records have no {name}")
        return values

    def digest(self) -> bytes:
        """Tells these records from others."""
        plain = (getattr(self, entry.name) for entry in fields(self) if entry.name not in ("quarter", "coarser"))
        return _digest((*plain, *(value for pair in sorted(self.coarser.items()) for value in pair)))


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells that a rounded table shows in one quarter. Key columns that the table has not may be None; `women` and
    `men` are rounded.
    """

    women: Ints
    men: Ints
    member: Ints | None = None
    entity: Ints | None = None
    category: Ints | None = None
    grade: Ints | None = None
    #: The place, in tables of the internal audience that have one ("age_group+unct").
    place: Ints | None = None

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if value is None:
                continue
            value = _ints(value)
            if len(value) != len(self.women):
                raise ValueError(f"{entry.name} has {len(value)} cells and women {len(self.women)}")
            object.__setattr__(self, entry.name, value)

    def __len__(self) -> int:
        return len(self.women)


@dataclass(frozen=True, eq=False)
class RowGroups:
    """Rows that a table does not show at all ("withheld"); columns of one length, ANY where whatever it is is meant."""

    member: Ints
    entity: Ints
    category: Ints
    grade: Ints

    @classmethod
    def of(cls, rows: Iterable[tuple[int, int, int, int]]) -> RowGroups:
        """Row groups from (member, entity, category, grade) tuples, sorted and each once."""
        table = np.array(sorted(set(rows)), np.int64).reshape(-1, 4)
        return cls(*(np.ascontiguousarray(table[:, i]) for i in range(4)))

    def rows(self) -> list[tuple[int, int, int, int]]:
        """As (member, entity, category, grade) tuples."""
        return list(
            zip(self.member.tolist(), self.entity.tolist(), self.category.tolist(), self.grade.tolist(), strict=True)
        )

    def __len__(self) -> int:
        return len(self.member)


#: Withheld row groups by name of a table. Those of places hold in all quarters.
Withheld = Mapping[str, RowGroups]


def joined(*several: Withheld) -> dict[str, RowGroups]:
    """All row groups of several lists."""
    rows: dict[str, set[tuple[int, int, int, int]]] = {}
    for withheld in several:
        for table, groups in withheld.items():
            rows.setdefault(table, set()).update(groups.rows())
    return {table: RowGroups.of(found) for table, found in sorted(rows.items())}


@dataclass(frozen=True, eq=False)
class Published:
    """The rounded side of a release in one quarter: `cells` has one entry for each rounded table that is published,
    also where it shows no cell; a table that is not there tells nothing. Cells inside withheld row groups are ignored,
    so `cells` may hold what would be shown without withholding.
    """

    cells: Mapping[str, Cells]
    withheld: Withheld = field(default_factory=dict)
    #: For the internal audience: the groups that a table breaks down, their keys packed as by `packed16`, sorted.
    broken_down: Mapping[str, npt.NDArray[np.uint64]] = field(default_factory=dict)

    def digest(self) -> bytes:
        """Tells the cells from others; without the withheld ones, since withholding more is never less safe."""
        parts: list[object] = []
        for name in sorted(self.cells):
            cells = self.cells[name]
            parts.append(name)
            parts.extend(getattr(cells, entry.name) for entry in fields(cells))
        return _digest(parts)


@dataclass(frozen=True, eq=False)
class Edition:
    """One quarter as one release told it: what was true of it then and what was shown of it."""

    records: Records
    published: Published


@dataclass(frozen=True, eq=False)
class Task:
    """One attack: this quarter as told now and by earlier releases, for places or for one personal dimension.

    `audience` "public" or "internal" (personal dimensions only; needs all places and `department` in the records).
    """

    now: Edition
    earlier: tuple[Edition, ...] = ()
    #: "" for places, or the personal dimension that `member` belongs to.
    dimension: str = ""
    audience: str = "public"

    def digest(self, version: str = "") -> str:
        """What the outcome depends on, beside the withheld list: the same digest need not be attacked again under a
        list that holds at least what it held then. `version` is the one of the policy.
        """
        parts: list[object] = [version, self.audience, self.dimension]
        for edition in (self.now, *self.earlier):
            parts += [edition.records.digest(), edition.published.digest()]
        return _digest(parts).hex()


@dataclass(frozen=True, slots=True)
class Certain:
    """A protected cell that the attacker is certain of. `why` is a code for excepted ones, else empty."""

    table: str
    quarter: int
    member: int
    entity: int
    category: int
    grade: int
    sex: str  # "women" or "men"
    count: int
    why: str = ""  # "single-location", "single-member", "core"; "rest" where what is left between groups is certain
    place: int = ANY  # of the internal audience


@dataclass(frozen=True)
class Result:
    """What came of one attack."""

    quarter: int
    dimension: str
    audience: str
    digest: str
    #: Protected cells (rounded tables, a sex count of 1 to 5, women and men each one).
    attacked: int
    #: Cells that the rounded tables show.
    shown: int
    #: Certain without any rounded table: excepted.
    excepted: tuple[Certain, ...]
    #: Certain because of the rounded tables; empty after `protect`.
    certain: tuple[Certain, ...]
    #: Row groups withheld on the way, beside those given.
    withheld: Withheld = field(default_factory=dict)
    rounds: int = 0
    seconds: float = 0.0
    #: Tables of which nothing is shown in this quarter, because nothing less did. Not in `withheld`, whose row groups
    #: are withheld in all quarters.
    whole: tuple[str, ...] = ()


def _digest(parts: Iterable[object]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        if part is None:
            digest.update(b"\0none")
        elif isinstance(part, bytes):
            digest.update(part)
        elif isinstance(part, str):
            digest.update(b"\0str" + part.encode())
        else:
            digest.update(b"\0arr" + np.ascontiguousarray(part, np.int64).tobytes())
    return digest.digest()
