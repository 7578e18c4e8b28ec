"""Finds the questions in `queries/`, reads their headers, and renders their SQL for a choice of filters.

A question file is static SQL. Four words in it stand for the selection, and only here is it known what they become:

- `selected($selection)`: the cells of the chosen quarter that the filters let through;
- `selected_then($selection)`: the same for the chosen quarter, the one a year and the one five years before;
- `changed($selection)`: quarter-to-quarter differences up to the chosen quarter;
- `filtered($selection)`: the filters alone, as a condition, for tables of another grain.

Where neither the question nor the filters touch a personal dimension, the words read the tables `staff_core` and
`staff_core_change`: the same people without the personal columns, regular population only, in a quarter of the rows.

They become predicates only on the dimensions a selection filters by, with every value a typed parameter: the text
depends on *which* dimensions are filtered, never on values, so there are few texts and nothing to inject. Untyped
parameters would keep DuckDB from pruning row groups, and a predicate on each unfiltered dimension costs planning time
(figures in docs/decisions.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from dashboard.selection import DIMENSIONS, PERSONAL

FOLDER = Path(__file__).resolve().parent.parent / "queries"

#: Parameters a question may use besides the filters; `ask` provides those a question names.
PARAMETERS = ("quarter", "previous_quarter", "previous_year", "five_years_before")
#: Ways in which `ask` adds up rows counted by quarter and entity: to rows by quarter and basis, or (running) to rows by
#: quarter and entity.
FOLDS_BY_BASIS = ("comparison", "cumulation")
FOLDS = (*FOLDS_BY_BASIS, "running")
#: Stands in for a filter on appointments where none was chosen: temporary staff are another population.
POPULATION = "population"
#: Keys that are no dimensions: what a row compares, the kind of a movement, and what uniformed personnel are told by.
OTHER_KEYS = ("quarter", "basis", "kind", "year", "contributor", "contributor_region", "mission")
#: Who is counted: staff, whom the filters choose among, or military and police personnel, of whom they say nothing.
STAFF, UNIFORMED = "staff", "uniformed"

_HEADER = re.compile(r"^-- (\w+): (.*)$")
_WORD = re.compile(r"\b(selected|selected_then|changed|filtered)\(\$selection\)")


class QuestionError(ValueError):
    """A question file says something that cannot be: a missing header, an unknown dimension."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its name (the file's), its text, its grain, the keys it groups by and the SQL as written."""

    name: str
    text: str
    grain: str
    by: tuple[str, ...]
    filters: tuple[str, ...]  # dimensions it can be filtered by
    ignores_others: bool  # a filter on another dimension does not change the answer (else there is none)
    sql: str
    parameters: tuple[str, ...]
    against: tuple[str, ...]  # the quarters it compares with, by their parameters
    fold: str | None  # one of FOLDS: its SQL counts by quarter and entity, and `ask` adds that up
    population: str = STAFF

    @property
    def counted_by(self) -> tuple[str, ...]:
        """The keys its SQL groups by."""
        return self.by if self.fold is None else tuple(dict.fromkeys(("quarter", "entity", *self.apart)))

    @property
    def of_changes(self) -> bool:
        """Whether its SQL reads quarter-to-quarter changes, and not what there is in a quarter."""
        return "changed($selection)" in self.sql

    @property
    def apart(self) -> tuple[str, ...]:
        """The dimensions of its answer: what it groups by besides quarter and basis."""
        return tuple(key for key in self.by if key not in OTHER_KEYS)

    @property
    def of_staff(self) -> bool:
        """Whether quarters and filters of staff say anything of what it asks."""
        return self.population == STAFF

    @property
    def has_population(self) -> bool:
        """Whether it counts staff, who are of one population or another (reporting and movements are not)."""
        return "appointment" in self.filters

    def rendered(
        self, filtered: tuple[str, ...], all_populations: bool = False, single: frozenset[str] = frozenset()
    ) -> str:
        """The SQL for a selection that filters by these dimensions; `all_populations` counts temporary staff too.

        Of the dimensions in `single` one code is chosen: their parameter is that code and not a list.
        """
        personal = any(name in DIMENSIONS and DIMENSIONS[name].kind == PERSONAL for name in (*self.by, *filtered))
        regular = "appointment" not in filtered and not all_populations
        columns = tuple(dict.fromkeys(("quarter", *self.counted_by, "women", "men", "other")))
        if not personal and regular:
            return _render(self.sql, filtered, "_core", columns, single)
        return _render(self.sql, (*filtered, POPULATION) if regular else filtered, "", columns, single)


def predicate(filtered: tuple[str, ...], single: frozenset[str] = frozenset()) -> str:
    """The condition that lets a selection's cells through: the only one on dimensions in the whole product."""

    def condition(name: str) -> str:
        if name == POPULATION:
            return "appointment <> $temporary::usmallint"
        # An equality is cheaper to plan and to scan than a list of one.
        return f"{name} = ${name}::usmallint" if name in single else f"list_contains(${name}::usmallint[], {name})"

    return " and ".join(map(condition, filtered)) or "true"


# ruff: noqa: S608 - the text is made of dimension names from the table of dimensions, never of values.
@lru_cache(maxsize=512)
def _render(sql: str, filtered: tuple[str, ...], core: str, columns: tuple[str, ...], single: frozenset[str]) -> str:
    where = predicate(filtered, single)
    # Only what the question reads: planning takes time for every column named.
    named = ", ".join(columns)

    def at(quarter: str) -> str:
        return f"select {named} from w.staff{core} where quarter = ${quarter}::usmallint and {where}"

    tables = {
        "selected": f"({at('quarter')})",
        # Three scans and not one with `in`: only an equality prunes row groups.
        "selected_then": f"({at('quarter')} union all {at('previous_year')} union all {at('five_years_before')})",
        "changed": f"(select {named} from w.staff{core}_change where quarter <= $quarter::usmallint and {where})",
        "filtered": f"({where})",
    }
    return _WORD.sub(lambda match: tables[match.group(1)], sql)


def parse(name: str, content: str) -> Question:
    """A Question from the content of its file. Raises QuestionError saying what its header lacks."""
    header: dict[str, str] = {}
    last = ""
    lines = content.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("--"):
            body = "\n".join(lines[number:]).strip()
            break
        match = _HEADER.match(line)
        if match:
            last = match.group(1)
            header[last] = match.group(2).strip()
        elif last == "grain" and line.startswith("--   "):
            header[last] += " " + line[2:].strip()
    else:
        raise QuestionError(f"{name}: there is no SQL under the header")
    missing = {"question", "grain", "by"} - set(header)
    if missing:
        raise QuestionError(f"{name}: the header lacks {', '.join(sorted(missing))}")
    by = tuple(header["by"].split())
    filters = tuple(header["filters"].split()) if "filters" in header else tuple(DIMENSIONS)
    population = header.get("population", STAFF)
    if population not in (STAFF, UNIFORMED):
        raise QuestionError(f"{name}: no such population: {population}")
    if population == UNIFORMED:
        filters = ()
    unknown = [key for key in by if key not in DIMENSIONS and key not in OTHER_KEYS]
    unknown += [key for key in filters if key not in DIMENSIONS]
    if unknown:
        raise QuestionError(f"{name}: no such dimension: {', '.join(unknown)}")
    expanded = _WORD.sub(lambda match: f"{match.group(0)} $quarter" if match.group(1) != "filtered" else "", body)
    if "selected_then(" in body:
        expanded += " $previous_year $five_years_before"
    if header.get("fold") not in (None, *FOLDS):
        raise QuestionError(f"{name}: no such fold: {header['fold']}; there are {', '.join(FOLDS)}")
    if (header.get("fold") in FOLDS_BY_BASIS) != ("basis" in by):
        raise QuestionError(f"{name}: a basis needs a fold, one of {', '.join(FOLDS_BY_BASIS)}")
    if header.get("fold") == "running" and by != ("quarter", "entity"):
        raise QuestionError(f"{name}: a running sum is by quarter and entity")
    against = tuple(header["against"].split()) if "against" in header else ()
    used = set(re.findall(r"\$(\w+)", expanded)) - {"selection"}
    unknown = sorted({*used, *against} - set(PARAMETERS))
    if unknown:
        raise QuestionError(f"{name}: unknown parameters: {', '.join(unknown)}")
    against = against or tuple(parameter for parameter in PARAMETERS[1:] if parameter in used)
    return Question(
        name=name,
        text=header["question"],
        grain=header["grain"],
        by=by,
        filters=filters,
        ignores_others=header.get("others") == "ignored" or population == UNIFORMED,
        sql=body,
        parameters=tuple(parameter for parameter in PARAMETERS if parameter in used),
        against=against,
        fold=header.get("fold"),
        population=population,
    )


@lru_cache(maxsize=4)
def load(folder: Path = FOLDER) -> Mapping[str, Question]:
    """All questions by name, read once. Raises QuestionError for a file that is not one."""
    files = sorted(folder.glob("*.sql"))
    if not files:
        raise QuestionError(f"no questions in {folder}")
    return MappingProxyType({path.stem: parse(path.stem, path.read_text(encoding="utf-8")) for path in files})
