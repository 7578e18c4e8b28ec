"""Clocks: repetitions within a time, and how much of an answer is spent inside the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from dashboard.warehouse import OpenRelease, Warehouse


@dataclass(frozen=True)
class Effort:
    """How long to repeat one measurement: until the seconds are over, within the least and the most repetitions."""

    seconds: float
    least: int
    most: int

    def rounds(self) -> Iterator[int]:
        """Numbers of repetitions."""
        end = time.perf_counter() + self.seconds
        for number in range(self.most):
            if number >= self.least and time.perf_counter() > end:
                return
            yield number


def milliseconds(call: Callable[[], Any]) -> tuple[float, float, Any]:
    """(wall time, processor time of this thread, result) of one call."""
    processor, started = time.thread_time(), time.perf_counter()
    result = call()
    ended = time.perf_counter()
    return (ended - started) * 1e3, (time.thread_time() - processor) * 1e3, result


def forget(warehouse: Warehouse) -> None:
    """Nothing asked before is remembered: what is measured is the asking."""
    release = warehouse.current()
    release.fetched.clear()
    release.answers.clear()


class Stopwatch:
    """Milliseconds spent inside one function since `reset`."""

    def __init__(self) -> None:
        self.spent = 0.0
        self._depth = 0

    def reset(self) -> float:
        """Start again from zero; what was there."""
        spent, self.spent = self.spent, 0.0
        return spent

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with this watch running while it runs; what it calls of itself counts once."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._depth += 1
            started = time.perf_counter()
            try:
                return function(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.spent += (time.perf_counter() - started) * 1e3

        return timed


@contextmanager
def watched(**functions: tuple[Any, str]) -> Iterator[Mapping[str, Stopwatch]]:
    """Stopwatches around functions given as (owner, attribute name), for the length of a block. One thread only."""
    watches = {name: Stopwatch() for name in functions}
    originals = {name: getattr(owner, attribute) for name, (owner, attribute) in functions.items()}
    for name, (owner, attribute) in functions.items():
        setattr(owner, attribute, watches[name].around(originals[name]))
    try:
        yield watches
    finally:
        for name, (owner, attribute) in functions.items():
            setattr(owner, attribute, originals[name])


#: The one place where cells are read.
DATABASE = (OpenRelease, "fetch")
