"""Follows every link inside the Markdown files: the file must exist, and so must the heading in it.

Links to other sites are left alone, so that the check needs no network and says the same every day.
What is not tracked by git does not count as existing: a clone would not have it.

usage: python -m tools.check_links [FILE...]
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parent.parent


def tokens(path: Path) -> list[Token]:
    """What a Markdown file consists of."""
    return MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))


def inline(stream: list[Token]) -> Iterator[tuple[int, Token]]:
    """Every inline token with the line its block begins on."""
    for token in stream:
        for child in token.children or ():
            yield (token.map[0] + 1 if token.map else 1), child


def anchors(path: Path) -> set[str]:
    """The fragments that headings and explicit ids of a Markdown file offer, named as GitHub names them."""
    stream = tokens(path)
    found: set[str] = set()
    for heading, content in pairwise(stream):
        if heading.type != "heading_open":
            continue
        text = "".join(child.content for child in content.children or () if child.type != "html_inline")
        slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        unique, count = slug, 0
        while unique in found:
            count += 1
            unique = f"{slug}-{count}"
        found.add(unique)
    html = [token.content for token in stream if token.type == "html_block"]
    html += [child.content for _, child in inline(stream) if child.type == "html_inline"]
    for piece in html:
        found.update(re.findall(r"""\b(?:id|name)=["']([^"']+)["']""", piece))
    return found


def targets(path: Path) -> Iterator[tuple[int, str]]:
    """Every link and image of a Markdown file with its line."""
    stream = tokens(path)
    for line, token in inline(stream):
        target = token.attrGet("href") or token.attrGet("src")
        if target:
            yield line, str(target)
    html = [(line, token) for line, token in inline(stream) if token.type == "html_inline"]
    html += [(token.map[0] + 1 if token.map else 1, token) for token in stream if token.type == "html_block"]
    for line, token in html:
        for target in re.findall(r"""\b(?:href|src)=["']([^"']+)["']""", token.content):
            yield line, target


def problems(path: Path, tracked: set[Path], root: Path) -> Iterator[tuple[int, str]]:
    """What is wrong with the links of one file."""
    for line, target in targets(path):
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        place = path if not parts.path else (path.parent / unquote(parts.path))
        place = place.resolve()
        if not place.is_relative_to(root):
            yield line, f"{target} leads out of the repository"
        elif not (place in tracked or any(place in known.parents for known in tracked)):
            yield line, f"{target} is not in the repository"
        elif parts.fragment and place.suffix == ".md" and unquote(parts.fragment) not in anchors(place):
            yield line, f"{target}: {place.name} has no such heading"


def main() -> int:
    """Check the named files, or every Markdown file that git knows; 0 when all is well."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    tracked = {ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).exists()}
    chosen = [Path(name).resolve() for name in sys.argv[1:]] or sorted(tracked)
    files = [path for path in chosen if path.suffix == ".md"]
    count = 0
    for path in files:
        for line, problem in problems(path, tracked, ROOT):
            count += 1
            print(f"{path.relative_to(ROOT)}:{line}: {problem}")
    print(f"{len(files)} Markdown files, {count} broken links")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
