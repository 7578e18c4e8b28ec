"""Every question over a few selections, beside numpy doing the same on the same rows in memory."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.floor import Counts, Floor, countable, prepare
from benchmarks.report import Aim, Part, Table, median, percentile
from benchmarks.selections import fixed
from benchmarks.timing import DATABASE, Effort, forget, milliseconds, watched
from dashboard import questions
from dashboard.answer import EXACT, Answer
from dashboard.answering import ask
from dashboard.warehouse import OpenRelease, Warehouse

TITLE = "every question, beside numpy over the same rows in memory (ms, one thread, warm)"
EFFORT = Effort(seconds=0.3, least=12, most=60)
QUICK = Effort(seconds=0.05, least=5, most=10)
#: What an answer may take: this much, and twice what numpy takes.
OVERHEAD, TIMES = 1.0, 2.0


@dataclass(frozen=True)
class Cost:
    """One question over one selection; times in milliseconds."""

    rows: int
    median: float
    p95: float
    database: float
    processor: float
    numpy: float | None  # None where numpy does not count this: rounded figures, and sums over like entities by grade

    @property
    def python(self) -> float:
        """What is not spent in the database: reading the selection, building the answer."""
        return self.median - self.database

    @property
    def allowed(self) -> float | None:
        """The aim for the median."""
        return None if self.numpy is None else OVERHEAD + TIMES * self.numpy

    @property
    def met(self) -> bool | None:
        """Whether the median is within the aim; None without one."""
        return None if self.allowed is None else self.median <= self.allowed


def counted(answer: Answer, release: OpenRelease) -> Counts:
    """Women and men of an answer by ids, without rows of nobody."""
    tables = [release.ids.get(key) for key in answer.by]
    return {
        tuple(
            row.keys[key] if table is None else table[row.keys[key]]
            for key, table in zip(answer.by, tables, strict=True)
        ): (row.women, row.men)
        for row in answer.rows
        if row.women or row.men
    }  # fmt: skip


def measure(warehouse: Warehouse, effort: Effort) -> dict[str, dict[str, Cost | None]]:
    """Costs by selection and question; None where the question does not take the selection's filters."""
    release = warehouse.release()
    floor = Floor(release)
    found: dict[str, dict[str, Cost | None]] = {}
    with watched(database=DATABASE) as watches:
        for said, selection in fixed(warehouse).items():
            found[said] = {}
            for name, question in questions.load().items():
                answer = ask(warehouse, name, selection)
                if any(note.code == "not-collected" for note in answer.notes):
                    found[said][name] = None
                    continue
                compute = None
                if answer.protection == EXACT and countable(question):
                    compute, counts = prepare(floor, warehouse, question, selection)
                    if counted(answer, release) != counts(compute()):
                        raise AssertionError(f"{name} over {said}: numpy counts differently")
                wall, database, processor, numpy = [], [], [], []
                for _ in effort.rounds():
                    # In turns, so that whatever else the machine does hits both alike.
                    forget(warehouse)
                    watches["database"].reset()
                    taken, of_thread, _ = milliseconds(lambda name=name, chosen=selection: ask(warehouse, name, chosen))
                    wall.append(taken)
                    processor.append(of_thread)
                    database.append(watches["database"].reset())
                    if compute is not None:
                        numpy.append(milliseconds(compute)[0])
                found[said][name] = Cost(
                    len(answer.rows), median(wall), percentile(wall, 0.95), median(database), median(processor),
                    median(numpy) if numpy else None,
                )  # fmt: skip
            floor.forget()
    return found


def _table(said: str, costs: dict[str, Cost | None]) -> Table:
    columns = ("question", "rows", "median", "p95", "database", "Python", "processor", "numpy", "allowed", "met")
    rows = [
        (name, cost.rows, cost.median, cost.p95, cost.database, cost.python, cost.processor, cost.numpy, cost.allowed,
         cost.met)
        if cost else (name, *[None] * 8, "no such filter")
        for name, cost in costs.items()
    ]  # fmt: skip
    return Table(f"Selection: {said}", columns, rows, in_document=False)


def _overview(found: dict[str, dict[str, Cost | None]]) -> Table:
    def cell(cost: Cost | None) -> str:
        if cost is None:
            return "–"
        if cost.allowed is None:
            return f"{cost.median:.1f}"
        return f"{cost.median:.1f} / {cost.allowed:.1f}" + ("" if cost.met else " (missed)")

    names = next(iter(found.values()))
    rows = [(name, *(cell(costs[name]) for costs in found.values())) for name in names]
    return Table("Median / what the aim allows, by selection", ("question", *found), rows)


def _split(found: dict[str, dict[str, Cost | None]]) -> Table:
    rows = []
    for said, costs in found.items():
        known = [cost for cost in costs.values() if cost and cost.numpy is not None]
        rows.append(
            (said, sum(cost.median for cost in known), sum(cost.database for cost in known),
             sum(cost.python for cost in known), sum(cost.numpy or 0 for cost in known),
             f"{sum(bool(cost.met) for cost in known)} of {len(known)}")
        )  # fmt: skip
    columns = ("selection", "median", "database", "Python", "numpy", "aim met")
    return Table("All questions that numpy counts too, together (sums of medians)", columns, rows)


def run(warehouse: Warehouse, quick: bool) -> Part:
    """Measure, and set every question beside its aim."""
    found = measure(warehouse, QUICK if quick else EFFORT)
    part = Part("questions", TITLE)
    part.tables += [_table(said, costs) for said, costs in found.items()]
    part.tables += [_overview(found), _split(found)]
    known = [cost for costs in found.values() for cost in costs.values() if cost and cost.numpy is not None]
    part.aims.append(
        Aim("questions", "questions over selections with a median of at most 1 ms and twice numpy's",
            100 * sum(bool(cost.met) for cost in known) / len(known), "%", 100, at_least=True)
    )  # fmt: skip
    busy = sum(cost.median for cost in known) / sum(cost.processor for cost in known)
    part.notes.append("numpy counted the same women and men wherever it stands beside a question.")
    part.notes.append(f"Wall time over processor time: {busy:.2f} (near 1 on a quiet machine).")
    part.figures["costs"] = found
    return part
