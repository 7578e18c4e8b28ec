"""What was measured on: enough to read the figures by, and nothing that names a machine."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import platform
import re
import resource
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

PACKAGES = ("duckdb", "dash", "plotly", "flask", "gunicorn", "numpy")


def _first(path: str, pattern: str) -> str | None:
    try:
        found = re.search(pattern, Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return None
    return found.group(1).strip() if found else None


def describe() -> dict[str, str]:
    """Date, processor, memory, load and versions, as they are now."""
    found = {"date": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")}
    try:
        found["cores"] = str(len(os.sched_getaffinity(0)))
    except AttributeError:
        found["cores"] = str(os.cpu_count())
    found["processor"] = _first("/proc/cpuinfo", r"^model name\s*:\s*(.+)$") or platform.machine()
    kilobytes = _first("/proc/meminfo", r"^MemTotal:\s*(\d+)")
    if kilobytes:
        found["memory"] = f"{int(kilobytes) / 1e6:.0f} GB"
    with contextlib.suppress(OSError):
        found["load before"] = f"{os.getloadavg()[0]:.1f}"
    found["system"] = f"{platform.system()} {platform.machine()}"
    found["Python"] = platform.python_version()
    return found | {name: metadata.version(name) for name in PACKAGES}


def _busy_seconds() -> float | None:
    """Processor seconds that everything on this machine has used, without those spent waiting."""
    line = _first("/proc/stat", r"^cpu\s+(.+)$")
    if line is None:
        return None
    numbers = [int(number) for number in line.split()]
    # user, nice, system, (idle, waiting,) interrupts, soft interrupts, stolen by other machines; the rest is in user.
    return (sum(numbers[:3]) + sum(numbers[5:8])) / os.sysconf("SC_CLK_TCK")


def _own_seconds() -> float:
    """Processor seconds of this process and of all it has started and seen the end of."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def watch_others() -> Callable[[], float | None]:
    """Begin to watch; what is returned tells which share of the processors others have used since then, or None."""
    busy, own, started = _busy_seconds(), _own_seconds(), time.perf_counter()

    def share() -> float | None:
        now = _busy_seconds()
        if now is None or busy is None:
            return None
        others = (now - busy) - (_own_seconds() - own)
        return max(0.0, others / ((time.perf_counter() - started) * (os.cpu_count() or 1)))

    return share
