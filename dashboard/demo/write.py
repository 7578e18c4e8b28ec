"""Rows and files of submissions: the same history always gives the same bytes."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from dashboard.codelists import CodeLists
from dashboard.demo import calendar
from dashboard.demo.people import FEMALE, KINDS, MALE, SEXES, History, age_group
from dashboard.demo.temporary import Temporary
from dashboard.selection import NOT_REPORTED

#: Columns of a row after quarter and entity, and the bits each takes in a sort key.
COLUMNS = {
    "department": 8, "duty_station": 11, "grade": 7, "sex": 2, "age_group": 4, "nationality": 8, "appointment": 2,
    "rc": 1,
}  # fmt: skip
APPOINTMENTS = ("PM", "CS", "FT", "TA")
PERMANENT, CONTINUING, FIXED, TEMPORARY = range(4)
RC = ("no", "yes")
#: Faults an extract can have; each is corrected later (`data/demo/behaviour.csv`).
SMALL_STATIONS, SWAPPED, REGRADED = "small-stations", "swapped", "regraded"
#: A faulty extract leaves out the smallest stations, up to this share of staff.
LEFT_OUT = 0.07


@dataclass(frozen=True)
class Rows:
    """Staff rows of one entity and quarter: per column a number into `names`, and the head-count."""

    columns: dict[str, np.ndarray]
    headcount: np.ndarray


class Writer:
    """Turns a history into submission files."""

    def __init__(self, codelists: CodeLists, history: History, temporary: Temporary) -> None:
        self.codelists, self.history, self.temporary = codelists, history, temporary
        posts = history.posts
        ages = [m.code for m in codelists.members("age_group")]
        self.names: dict[str, list[str]] = {
            "department": [*posts.departments, NOT_REPORTED],
            "duty_station": posts.stations,
            "grade": posts.grades,
            "sex": list(SEXES),
            "age_group": ages,
            "nationality": history.nationalities,
            "appointment": list(APPOINTMENTS),
            "rc": list(RC),
        }
        self.posts_of = {e: np.flatnonzero(posts.entity == i) for i, e in enumerate(posts.entities)}
        log = history.movements
        order = np.argsort(posts.entity[log[:, 2]] * 1000 + log[:, 0], kind="stable")
        self.log = log[order]
        self.log_key = posts.entity[self.log[:, 2]] * 1000 + self.log[:, 0]

    def rows(
        self,
        entity: str,
        quarter: str,
        *,
        fault: str = "",
        without: tuple[str, ...] = (),
        unknown_department: int = 0,
    ) -> Rows:
        """The rows an entity reports; with a fault, as a faulty extract would have them."""
        history, posts = self.history, self.history.posts
        q = posts.quarters.index(quarter)
        now = calendar.number(quarter)
        own = self.posts_of[entity]
        own = own[history.holder[own, q] >= 0]
        who = history.holder[own, q]
        people = history.people
        settled = people.settled_from[who] <= now
        appointment = np.where(settled, np.where(people.permanent[who], PERMANENT, CONTINUING), FIXED)
        columns = {
            "department": posts.department[own],
            "duty_station": posts.station[own],
            "grade": posts.grade[own],
            "sex": people.sex[who].astype(np.int64),
            "age_group": age_group(now - people.birth[who].astype(np.int64)),
            "nationality": people.nationality[who].astype(np.int64),
            "appointment": appointment,
            "rc": posts.coordinator[own].astype(np.int64),
        }
        if unknown_department:
            # Which posts these are does not change from quarter to quarter.
            columns["department"] = np.where(
                own % 100 < unknown_department, len(posts.departments), columns["department"]
            )
        extra = self.temporary.rows(entity, q)
        if extra is not None:
            columns = {name: np.concatenate([column, extra[name]]) for name, column in columns.items()}
        columns = self._faulty(columns, fault)
        return self._grouped({name: column for name, column in columns.items() if name not in without})

    def _faulty(self, columns: dict[str, np.ndarray], fault: str) -> dict[str, np.ndarray]:
        if fault == SMALL_STATIONS:
            size = np.bincount(columns["duty_station"])
            order = np.argsort(size, kind="stable")
            lost = order[np.cumsum(size[order]) <= LEFT_OUT * size.sum()]
            kept = ~np.isin(columns["duty_station"], lost)
            return {name: column[kept] for name, column in columns.items()}
        grade = columns["grade"]
        if fault == SWAPPED:
            general = np.array([self.codelists.category_of(g) == "GS" for g in self.names["grade"]])[grade]
            sex = columns["sex"]
            other = np.where(sex == FEMALE, MALE, np.where(sex == MALE, FEMALE, sex))
            return columns | {"sex": np.where(general, other, sex)}
        if fault == REGRADED:
            higher, lower = self.names["grade"].index("P-4"), self.names["grade"].index("P-3")
            some = (grade == higher) & (columns["duty_station"] % 4 == 0)
            return columns | {"grade": np.where(some, lower, grade)}
        if fault:
            raise ValueError(f"unknown fault {fault!r} in behaviour.csv")
        return columns

    def _grouped(self, columns: dict[str, np.ndarray]) -> Rows:
        key = np.zeros(len(next(iter(columns.values()))), np.int64)
        for name, column in columns.items():
            key = (key << COLUMNS[name]) | column
        found, headcount = np.unique(key, return_counts=True)
        split: dict[str, np.ndarray] = {}
        for name in reversed(columns):
            split[name] = found & ((1 << COLUMNS[name]) - 1)
            found = found >> COLUMNS[name]
        return Rows({name: split[name] for name in columns}, headcount)

    def staff_csv(self, entity: str, parts: list[tuple[str, Rows]]) -> bytes:
        """A staff table, with one part per quarter."""
        tables = []
        for quarter, rows in parts:
            size = len(rows.headcount)
            arrays = [pa.array([quarter] * size), pa.array([entity] * size)]
            arrays += [self._names(name).take(pa.array(column)) for name, column in rows.columns.items()]
            tables.append(
                pa.table([*arrays, pa.array(rows.headcount)], names=["quarter", "entity", *rows.columns, "headcount"])
            )
        return _csv(pa.concat_tables(tables))

    def _names(self, name: str) -> pa.Array:
        return pa.array(self.names[name])

    def movements_csv(self, entity: str, quarter: str) -> bytes:
        """The movements of a quarter by department, grade, sex and kind; temporary staff do not count."""
        posts = self.history.posts
        q = posts.quarters.index(quarter)
        key = posts.entities.index(entity) * 1000 + q
        first, last = np.searchsorted(self.log_key, [key, key + 1])
        kind, where, who = self.log[first:last, 1:].T
        packed = posts.department[where].astype(np.int64)
        for column, bits in ((posts.grade[where], 7), (self.history.people.sex[who], 2), (kind, 2)):
            packed = (packed << bits) | column
        found, count = np.unique(packed, return_counts=True)
        columns = {
            "quarter": [quarter] * len(found),
            "entity": [entity] * len(found),
            "department": self._names("department").take(pa.array(found >> 11)),
            "grade": self._names("grade").take(pa.array((found >> 4) & 127)),
            "sex": self._names("sex").take(pa.array((found >> 2) & 3)),
            "kind": pa.array(KINDS).take(pa.array(found & 3)),
            "count": count,
        }
        return _csv(pa.table(columns))


def _csv(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pacsv.write_csv(table, sink, pacsv.WriteOptions(quoting_style="none", quoting_header="none"))
    return sink.getvalue()


def gzipped(content: bytes, level: int = 3) -> bytes:
    """As gzip would compress it, without a time or a name in the header: equal content, equal bytes."""
    squeeze = zlib.compressobj(level, zlib.DEFLATED, 31)
    return squeeze.compress(content) + squeeze.flush()
