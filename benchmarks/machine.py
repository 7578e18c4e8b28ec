"""What was measured on: enough to read the figures by, and nothing that names a machine."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import platform
import re
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
