"""Keeps queries/ in order: each file says what it answers, holds one statement, and is written alike.

The header is what the rest is generated from (disclosure rules, documentation, API), so a file without one
is not a question. Layout is sqlfluff's business; its rules stand in pyproject.toml.

usage: python -m tools.lint_sql [--fix] [FOLDER]
"""

import argparse
import subprocess
import sys
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parent.parent
HEADER = ("question", "grain")
KNOWN_KEYS = (*HEADER, "by", "note", "also", "order", "kind", "of")


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


def problems(path: Path, *, setup: bool) -> list[str]:
    """Everything that is wrong with one file, as sentences."""
    sql = path.read_text(encoding="utf-8")
    found = []
    if not setup:
        said = header(sql)
        for key in HEADER:
            if not said.get(key):
                found.append(f"its first lines have no `-- {key}: ...`")
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        return [*found, f"DuckDB cannot read it: {str(error).splitlines()[0]}"]
    if len(statements) != 1 and not setup:
        found.append(f"it holds {len(statements)} statements, one is wanted")
    if not sql.endswith("\n"):
        found.append("it does not end with a line end")
    return found


def main() -> int:
    """Lint what is there; 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "queries")
    parser.add_argument("--fix", action="store_true", help="let sqlfluff repair what it can")
    options = parser.parse_args()
    files = sorted(options.folder.rglob("*.sql"))
    if not files:
        print(f"No SQL in {options.folder.name}/")
        return 0
    failed = False
    for path in files:
        for problem in problems(path, setup="_setup" in path.relative_to(options.folder).parts):
            failed = True
            print(f"{path}: {problem}")
    command = [sys.executable, "-m", "sqlfluff", "fix" if options.fix else "lint", "--disable-progress-bar"]
    layout = subprocess.run([*command, *map(str, files)], cwd=ROOT, check=False)
    return int(failed or layout.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
