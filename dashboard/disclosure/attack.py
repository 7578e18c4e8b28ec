"""The attacker: what can somebody be certain of who knows everything that is public, and uses all of it at once?

Interface (all values are in `attack_input`, plain numpy arrays, filled by whoever reads the files):

    records = Records(quarter=35, entity=..., sub=..., rc=..., category=..., grade=..., unct=..., country=...,
                      duty_station=..., region=..., headquarters=..., women=..., men=...)
        One quarter of `staff_core` (or of `staff` with `member=` for a personal dimension, and `department=` for the
        internal audience), summed over what is not asked for. `sub`: id of a place-bound department, else -1.
    published = Published(cells={"unct+grade": Cells(member=..., grade=..., women=..., men=...), ...},
                          withheld={"unct+grade": RowGroups.of(rows)})
        One entry in `cells` for each rounded table, empty ones too. Cells may be those before withholding.
    task = Task(now=Edition(records, published), earlier=(Edition(...), ...), dimension="" or "nationality",
                audience="public" or "internal")
        Earlier releases' records and tables of the same quarter; identical ones cost nothing.

    attack(task, policy, withheld) -> Result            one attack, nothing withheld beyond what is given
    protect(task, policy, withheld) -> Result           withholds until nothing is certain; Result.withheld is new
    attack_quarters(tasks, policy, withheld=..., known=digests, workers=2, mend=True) -> Outcome
        All of them, in two processes where that pays; `Outcome.withheld` is the whole list (given and new, by table),
        `Outcome.certain` is to be empty or the release fails. Tasks whose digest is in `known` are skipped: with the
        policy's version the digest fixes everything but the withheld list, and withholding more is never less safe.
        `tasks` may be an iterator: quarters are then read while others are being attacked.

    tables.release(records, policy, rounding_key, dimension="") -> Published      tables as a release makes them, for
        tests; tables.plain(records, policy, dimension="") -> Published     "hide under 5", nothing else
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass

from dashboard.disclosure import attack_tables as tables
from dashboard.disclosure.attack_input import (
    ANY,
    AttackError,
    Cells,
    Certain,
    Edition,
    Published,
    Records,
    Result,
    RowGroups,
    Task,
    Withheld,
    joined,
)
from dashboard.disclosure.attack_inside import Inside
from dashboard.disclosure.attack_people import People
from dashboard.disclosure.attack_places import Places
from dashboard.disclosure.policy import Policy

__all__ = [
    "ANY",
    "AttackError",
    "Cells",
    "Certain",
    "Edition",
    "Outcome",
    "Published",
    "Records",
    "Result",
    "RowGroups",
    "Task",
    "Withheld",
    "attack",
    "attack_quarters",
    "joined",
    "protect",
    "tables",
]

#: More rounds do not help: by then everything that could be told of the entity is withheld.
MOST_ROUNDS = 32
#: Rounds in which sums are loosened before cells are withheld.
LOOSENING = 6


@dataclass(frozen=True)
class Outcome:
    """What came of all attacks of a release."""

    results: tuple[Result, ...]
    #: The whole list: given, and found necessary.
    withheld: Withheld
    #: Digests of the tasks left out because they were attacked before.
    skipped: tuple[str, ...] = ()

    @property
    def attacked(self) -> int:
        """Protected cells attacked."""
        return sum(result.attacked for result in self.results)

    @property
    def certain(self) -> tuple[Certain, ...]:
        """Cells that are certain because of what is published; a release that has any fails."""
        return tuple(cell for result in self.results for cell in result.certain)

    @property
    def digests(self) -> frozenset[str]:
        """Of all tasks that are safe under `withheld`; for the next release to leave out."""
        return frozenset((*self.skipped, *(result.digest for result in self.results if not result.certain)))


def attack(task: Task, policy: Policy, withheld: Withheld | None = None) -> Result:
    """Attack one quarter with what is published of it, less what is withheld."""
    return _attack(task, policy, withheld or {}, rounds=1)


def protect(task: Task, policy: Policy, withheld: Withheld | None = None) -> Result:
    """Attack one quarter and withhold until nothing is certain; `Result.withheld` is what that took. `certain` is
    empty unless nothing helps, because an earlier release has shown it.

    For the internal audience row groups are groups not broken down, and `member` of a row group is the place.
    """
    return _attack(task, policy, withheld or {}, rounds=MOST_ROUNDS)


def _attack(task: Task, policy: Policy, withheld: Withheld, rounds: int) -> Result:
    started = time.perf_counter()
    # An edition from before anybody had sent figures for the quarter has nothing to set another against.
    editions = (task.now, *(edition for edition in task.earlier if len(edition.records.entity)))
    if not len(task.now.records.entity):
        # A quarter that nobody has sent figures for: there is nothing to find.
        return Result(
            quarter=task.now.records.quarter, dimension=task.dimension, audience=task.audience,
            digest=task.digest(policy.to_json()), attacked=0, shown=0, excepted=(), certain=(), withheld={}, rounds=0,
            seconds=time.perf_counter() - started,
        )  # fmt: skip
    model: Inside | People | Places
    if task.audience == "internal":
        model = Inside(editions, policy, task.dimension)
    else:
        model = People(editions, policy, task.dimension) if task.dimension else Places(editions, policy)
    new: dict[str, RowGroups] = {}
    before = {name: set(groups.rows()) for name, groups in withheld.items()}
    wide: dict[tuple[str, int, int, int, int, int], int] = {}
    done = 0
    everything = {name: {_ALL} for name in task.now.published.cells}
    while True:
        done += 1
        shown, found = model.run(joined(withheld, new))
        if not found or done > rounds or rounds == 1:
            break
        more: _Rows = {}
        left: Sequence[Certain] = found
        if isinstance(model, Places) and done <= LOOSENING:
            loosened, helped = model.loosen(joined(withheld, new))
            more = {name: set(groups.rows()) for name, groups in loosened.items()}
            # What these help is looked at again before more of it goes.
            left = [one for one in found if (one.table, one.member, one.category, one.grade) not in helped]
        for name, rows in _more(model, left, before, wide).items():
            more.setdefault(name, set()).update(rows)
        if not more or done == rounds:
            # The last resort: a quarter without these tables, rather than one that is not released over a coincidence.
            more = {name: rows - before.get(name, set()) for name, rows in everything.items()}
            more = {name: rows for name, rows in more.items() if rows}
        if not more:
            break
        for name, rows in more.items():
            before.setdefault(name, set()).update(rows)
        new = joined(new, {name: RowGroups.of(rows) for name, rows in more.items()})
    whole = tuple(sorted(name for name, groups in new.items() if _ALL in groups.rows()))
    new = {name: RowGroups.of(rows) for name, groups in new.items() if (rows := set(groups.rows()) - {_ALL})}
    return Result(
        quarter=task.now.records.quarter,
        dimension=task.dimension,
        audience=task.audience,
        digest=task.digest(policy.to_json()),
        attacked=model.attacked(),
        shown=shown,
        excepted=tuple(model.excepted()),
        certain=tuple(found),
        withheld=new,
        rounds=done,
        seconds=time.perf_counter() - started,
        whole=whole,
    )


#: The row group of all rows.
_ALL = (ANY, ANY, ANY, ANY)
_Rows = dict[str, set[tuple[int, int, int, int]]]


def _more(
    model: Inside | People | Places,
    found: Sequence[Certain],
    before: _Rows,
    wide: dict[tuple[str, int, int, int, int, int], int],
) -> _Rows:
    """What to withhold for cells that are certain. Each cell for itself: where all of its own is withheld already and
    it is certain again, more has to go (`wide` says how much did so far), which would be a waste for the others.
    """
    more: _Rows = {}
    for cell in {
        (one.table, one.place, one.member, one.entity, one.category, one.grade): one for one in found
    }.values():
        key = (cell.table, cell.place, cell.member, cell.entity, cell.category, cell.grade)
        for step in range(wide.get(key, 0), MOST_ROUNDS):
            asked = model.withhold([cell], step)
            rows = {name: set(groups.rows()) - before.get(name, set()) for name, groups in asked.items()}
            if any(rows.values()):
                wide[key] = step
                for name, new in rows.items():
                    if new:
                        more.setdefault(name, set()).update(new)
                break
    return more


def attack_quarters(
    tasks: Iterable[Task],
    policy: Policy,
    *,
    withheld: Withheld | None = None,
    known: AbstractSet[str] = frozenset(),
    workers: int | None = None,
    mend: bool = True,
    progress: Callable[[Result], None] | None = None,
) -> Outcome:
    """Attack many quarters. With `mend` each is protected, and the lists that takes are brought together: withholding
    only takes knowledge away, so a quarter that was safe stays safe under the list of another.
    """
    given = dict(withheld or {})
    skipped: list[str] = []
    workers = min(2, os.cpu_count() or 1) if workers is None else workers
    run = protect if mend else attack
    wanted = _wanted(tasks, policy, known, skipped)
    results: list[Result] = []
    collected = given
    if workers < 2:
        for task in wanted:
            results.append(run(task, policy, collected))
            collected = joined(collected, results[-1].withheld)
            if progress:
                progress(results[-1])
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, mp_context=context) as pool:
            waiting: set[Future[Result]] = set()
            for task in (*_first(wanted, workers + 1), *()):
                waiting.add(pool.submit(run, task, policy, collected))
            while waiting:
                ready, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in ready:
                    results.append(future.result())
                    collected = joined(collected, results[-1].withheld)
                    if progress:
                        progress(results[-1])
                for task in _first(wanted, workers + 1 - len(waiting)):
                    waiting.add(pool.submit(run, task, policy, collected))
    results.sort(key=lambda result: (result.audience, result.dimension, result.quarter))
    return Outcome(tuple(results), collected, tuple(skipped))


def _wanted(tasks: Iterable[Task], policy: Policy, known: AbstractSet[str], skipped: list[str]) -> Iterator[Task]:
    for task in tasks:
        digest = task.digest(policy.to_json()) if known else ""
        if digest in known:
            skipped.append(digest)
        else:
            yield task


def _first(tasks: Iterator[Task], count: int) -> Sequence[Task]:
    found = []
    for _ in range(count):
        task = next(tasks, None)
        if task is None:
            break
        found.append(task)
    return found
