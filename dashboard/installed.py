"""Tells one state of the installed program from another, for what is kept of its answers: files and tags."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
QUERIES = PACKAGE.parent / "queries"
#: What an answer is worded and counted by.
PARTS = ("*.py", "*.sql", "*.html", "*.mo")


@cache
def mark() -> str:
    """A digest of the program's own files: another one wherever an answer could have become another.

    A version would have to be raised for every change of a query or a sentence, and be forgotten once.
    """
    digest = hashlib.sha256()
    for folder in (PACKAGE, QUERIES):
        for path in sorted(path for part in PARTS for path in folder.rglob(part)):
            digest.update(f"{path.relative_to(folder)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
