"""Keeps queries/ in order: each file says what it answers, holds one statement, and is written alike.

The header is what the rest is generated from (disclosure rules, documentation, API), so a file without one
is not a question. Words are told apart by DuckDB's own lexer: the SQL linters there are stop at lambdas and
list comprehensions, and a query that DuckDB runs must never fail for a linter's lack of grammar.

usage: python -m tools.lint_sql [--fix] [FOLDER]
"""

import argparse
import re
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = ("question", "grain")
LINE_LENGTH = 120


def header(sql: str) -> dict[str, str]:
    """Read the `-- key: value` lines that a file begins with."""
    found: dict[str, str] = {}
    for line in sql.splitlines():
        if not line.startswith("--"):
            break
        key, colon, value = line[2:].strip().partition(":")
        if colon and key.isidentifier():
            found[key] = value.strip()
    return found


def shouted(sql: str) -> list[tuple[int, int]]:
    """Where (from, to, in bytes) a keyword or a bare name has capitals in it."""
    view = sql.encode("utf-8")  # the lexer counts bytes
    tokens = duckdb.tokenize(sql)
    ends = [start for start, _ in tokens[1:]] + [len(view)]
    found = []
    for (start, kind), end in zip(tokens, ends, strict=True):
        if kind not in (duckdb.token_type.keyword, duckdb.token_type.identifier):
            continue
        # A name in quotation marks begins with one, and so is left as it is.
        word = re.match(rb"[\w\x80-\xff]*", view[start:end])[0]
        if word != word.lower():
            found.append((start, start + len(word)))
    return found


def quietened(sql: str) -> str:
    """The same SQL with those words in lower case and no blanks at the ends of lines."""
    view = bytearray(sql.encode("utf-8"))
    for start, end in shouted(sql):
        view[start:end] = view[start:end].lower()
    return "\n".join(line.rstrip() for line in view.decode("utf-8").rstrip().split("\n")) + "\n"


def problems(sql: str, *, question: bool) -> list[str]:
    """Everything that is wrong with one file, as sentences. `question` is false for what only prepares."""
    found = []
    if question:
        said = header(sql)
        found += [f"its first lines have no `-- {key}: ...`" for key in REQUIRED if not said.get(key)]
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        return [*found, f"DuckDB cannot read it: {' '.join(str(error).split())}"]
    if question and len(statements) != 1:
        found.append(f"it holds {len(statements)} statements, one is wanted")
    view = sql.encode("utf-8")
    for start, end in shouted(sql):
        line = view.count(b"\n", 0, start) + 1
        found.append(f"line {line}: {view[start:end].decode()} is not in lower case")
    for number, line in enumerate(sql.split("\n"), start=1):
        if len(line) > LINE_LENGTH:
            found.append(f"line {number}: longer than {LINE_LENGTH} characters")
        if "\t" in line:
            found.append(f"line {number}: a tab; indent by four blanks")
        if line != line.rstrip():
            found.append(f"line {number}: blanks at the end")
    if not sql.endswith("\n") or sql.endswith("\n\n"):
        found.append("it does not end with exactly one line end")
    return found


def main() -> int:
    """Lint what is there; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "queries")
    parser.add_argument("--fix", action="store_true", help="repair capitals and ends of lines")
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.sql"))
    count = 0
    for path in files:
        sql = path.read_text(encoding="utf-8")
        if options.fix and (fixed := quietened(sql)) != sql:
            path.write_text(fixed, encoding="utf-8")
            sql = fixed
        question = "_setup" not in path.relative_to(options.folder).parts
        for problem in problems(sql, question=question):
            count += 1
            print(f"{path}: {problem}")
    print(f"{len(files)} SQL files, {count} problems")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
