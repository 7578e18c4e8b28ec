"""Does work on files of strangers in a child process with limits on memory and time, whatever the reader does.

A workbook of a few kilobytes can make a reader ask for gigabytes; a reader written in another language then ends its
process without an exception. Here it is a child that ends, and the file is refused.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

#: What the child may take beyond what the process has already; the largest workbook that is accepted takes a third.
MEMORY = 512 * 1024 * 1024
#: Seconds of work; the largest workbook that is accepted takes about 5. A busy machine may take longer over them.
SECONDS = 60
_WAITED = 10 * SECONDS

Result = TypeVar("Result")


class Exhausted(Exception):
    """The work took more memory or time than there is; the message says which."""


def apart(work: Callable[[], Result]) -> Result:
    """What `work` returns, done in a child process.

    Raises Exhausted when it takes more than MEMORY or SECONDS or ends its process, and what `work` raises.
    """
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Threads are not carried over, and the child uses nothing that another thread could hold a lock of.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    in_time = False
    try:
        answer, in_time = _read(reading)
    finally:
        os.close(reading)
        if not in_time:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if not in_time or (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU):
        raise Exhausted(f"more than {SECONDS} seconds")
    try:
        good, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    except (pickle.UnpicklingError, EOFError, IndexError):
        raise Exhausted(f"more than {MEMORY // 1024**2:,} MB of memory") from None
    if not good:
        raise value
    return value


def _read(reading: int) -> tuple[bytes, bool]:
    """Everything the child writes, and whether it was done in time."""
    until = time.monotonic() + _WAITED
    pieces = []
    while True:
        left = until - time.monotonic()
        ready, _, _ = select.select([reading], [], [], max(left, 0))
        if not ready:
            return b"", False
        piece = os.read(reading, 1 << 20)
        if not piece:
            return b"".join(pieces), True
        pieces.append(piece)


def _work(work: Callable[[], Result], writing: int) -> None:
    """The life of the child: nothing of the parent's is tidied up, and nothing of it is written twice."""
    try:
        # A reader that runs out of memory says so on standard error; the refusal says it better.
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        most = _size() + MEMORY
        if hard != resource.RLIM_INFINITY:
            most = min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        try:
            answer = pickle.dumps((True, work()), protocol=pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            os._exit(1)
        except Exception as error:
            answer = pickle.dumps((False, error))
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    except BaseException:
        # A panic of the reader is none of Exception.
        os._exit(1)


def _size() -> int:
    """The address space of this process in bytes; nothing is known of it where there is no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 8 * 1024**3
