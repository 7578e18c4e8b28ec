"""Where reference data come from, read from the file that says so to whoever works with them: one source of truth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

README = Path(__file__).resolve().parent.parent.parent / "data" / "sources" / "README.md"


@dataclass(frozen=True)
class Source:
    """One file, or several of one origin, brought from a public source."""

    files: tuple[str, ...]
    what: tuple[str, ...]
    as_of: str
    origin: str
    licence: str


def _plain(text: str) -> str:
    return text.replace("`", "").strip()


@cache
def sources() -> tuple[Source, ...]:
    """The table "Brought from public sources", files of one origin together. Empty where the file is not there."""
    try:
        lines = README.read_text(encoding="utf-8").partition("## Brought from public sources")[2].splitlines()
    except OSError:
        return ()
    found: list[Source] = []
    for line in lines:
        if line.startswith("## "):
            break
        cells = [_plain(cell) for cell in line.strip().strip("|").split("|")]
        if len(cells) != 5 or not re.search(r"\.csv$", cells[0]):
            continue
        file, what, as_of, origin, licence = cells
        if found and (origin == "the same" or origin.startswith("the same;") or origin == found[-1].origin):
            last = found.pop()
            same_time = as_of == last.as_of
            found.append(
                Source(
                    (*last.files, file), (*last.what, what), last.as_of if same_time else f"{last.as_of}; {as_of}",
                    last.origin if origin == last.origin else last.origin + origin.removeprefix("the same"),
                    last.licence,
                )
            )  # fmt: skip
        else:
            found.append(Source((file,), (what,), as_of, origin, licence))
    return tuple(found)
