"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TextIO, TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
#: Seconds between plain lines: a log should show life, not scroll.
EVERY = 5.0


class Progress(Protocol):
    """What long work calls."""

    def say(self, text: str) -> None:
        """A line about what begins now."""

    def over(self, items: Iterable[Item], text: str, total: int | None = None) -> Iterator[Item]:
        """The items, one after the other, with how far it is."""


class Silent:
    """No progress, for tests and for machines."""

    def say(self, text: str) -> None:
        """Nothing."""

    def over(self, items: Iterable[Item], text: str, total: int | None = None) -> Iterator[Item]:
        """The items."""
        yield from items


class Shown:
    """A bar on a terminal, otherwise plain lines; on standard error, so that results can be piped."""

    def __init__(self, stream: TextIO | None = None):
        self._stream = sys.stderr if stream is None else stream

    def say(self, text: str) -> None:
        """A line about what begins now."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def over(self, items: Iterable[Item], text: str, total: int | None = None) -> Iterator[Item]:
        """The items, with a bar or a line every few seconds."""
        if total is None:
            items = list(items)
            total = len(items)
        if self._stream.isatty():
            yield from tqdm(items, desc=text, total=total, file=self._stream, leave=False)
            return
        said = time.monotonic()
        self.say(f"{text}: {total}")
        for done, item in enumerate(items, 1):
            yield item
            if time.monotonic() - said > EVERY:
                said = time.monotonic()
                self.say(f"{text}: {done} of {total}")
