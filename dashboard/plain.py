"""What plain pages share: their styles, the options of their selects, and rows for what an answer has not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from dashboard import shell, text
from dashboard.answer import REFUSED, Answer, Row
from dashboard.disclosure.plan import PLACE_BOUND
from dashboard.hierarchy import Hierarchy
from dashboard.selection import DIMENSIONS, NOT_APPLICABLE, NOT_REPORTED
from dashboard.warehouse import OpenRelease, UnknownRelease, Warehouse

#: Styles of every plain page with a form; its own come after them.
STYLES = (*shell.STYLES, "plain.css")
#: Codes that are no place or unit anybody would choose.
UNSAID = (NOT_REPORTED, NOT_APPLICABLE, PLACE_BOUND)
#: Longer names are cut in lists, where the code or the beginning tells them apart.
NAME_AT_MOST = 64


@cache
def style(*names: str) -> str:
    """The styles of a page, to stand in it: one request less before the first words."""
    lines = []
    for name in names:
        for line in (shell.ASSETS / name).read_text(encoding="utf-8").splitlines():
            stripped = line.strip()
            if stripped and not (stripped.startswith("/*") and stripped.endswith("*/")):
                lines.append(stripped)
    return "\n".join(lines)


def release_named(warehouse: Warehouse, name: str | None, notices: list[str]) -> tuple[OpenRelease, str | None]:
    """The release that an address pins, and its name; the current one and a notice where there is none such."""
    if name is None:
        return warehouse.release(), None
    try:
        return warehouse.release(name), name
    except UnknownRelease:
        notices.append(text.no_such_release(name[:80]))
        return warehouse.release(), None


# -- what can be chosen -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """An option of a select."""

    code: str
    name: str
    chosen: bool


@dataclass(frozen=True)
class Listing:
    """A group of options; without a label they stand in the list itself."""

    label: str
    options: Sequence[Listed]


@dataclass(frozen=True)
class Field:
    """A select of a form, with what is wrong with it."""

    name: str
    label: str
    every: str  # what no choice means
    lists: Sequence[Listing]
    problem: str = ""


def listed(pairs: Iterable[tuple[str, str]], chosen: str | None) -> list[Listed]:
    """Options from codes and names."""
    return [Listed(code, _cut(said), code == chosen) for code, said in pairs]


def _cut(name: str) -> str:
    return name if len(name) <= NAME_AT_MOST else name[: NAME_AT_MOST - 1].rstrip() + "…"


def codes(release: OpenRelease, dimension: str) -> list[str]:
    """The codes of a dimension that somebody would choose."""
    return [code for code in release.codes.get(dimension, ()) if code not in UNSAID]


def entities(release: OpenRelease) -> list[tuple[str, str]]:
    """Entities by the names people use, with their full ones."""
    found = []
    for code in codes(release, "entity"):
        short, whole = (
            text.label(release.labels, "entity", code, short=True),
            text.label(release.labels, "entity", code),
        )
        found.append((code, short if short == whole else f"{short} – {whole}"))
    return found


def by_name(release: OpenRelease, dimension: str) -> list[tuple[str, str]]:
    """Codes with their names, in the order of the names."""
    pairs = ((code, text.label(release.labels, dimension, code)) for code in codes(release, dimension))
    return sorted(pairs, key=lambda pair: pair[1].casefold())


def categories(release: OpenRelease) -> list[tuple[str, str]]:
    """Categories and groups of them."""
    wanted = [*DIMENSIONS["category"].groups, *codes(release, "category")]
    return [(code, text.label(release.labels, "category", code, short=True)) for code in wanted]


def grades(release: OpenRelease, category: str) -> list[str]:
    """The grades of a category."""
    return [grade for grade in codes(release, "grade") if above(release, "grade", grade, "category") == category]


def above(release: OpenRelease, child: str, code: str, parent: str) -> str | None:
    """The code that follows from a finer one: the country team of a duty station."""
    return Hierarchy(release).above(child, parent).get(code)


# -- rows ---------------------------------------------------------------------------------------------------------


def without_figures(answer: Answer) -> Row:
    """The row that an answer has not: refused, of unknown codes, not submitted, or an exact zero."""
    as_of, notes = answer.scope.as_of, {note.code for note in answer.notes}
    if answer.protection == REFUSED:
        return Row({}, None, None, None, None, None, None, None, REFUSED, "reported", as_of)
    for reason in ("unknown-code", "not-collected"):
        if reason in notes:
            return Row({}, None, None, None, None, None, None, None, reason, "reported", as_of)
    if not answer.scope.entities:
        return Row({}, None, None, None, None, None, None, None, "not-submitted", "not-submitted", as_of)
    return Row({}, 0, 0, 0, None, 0, 0, None, "nobody", "reported", as_of)
