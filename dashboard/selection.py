"""What is counted: the table of dimensions and the frozen, hashable Selection that lives in the URL.

A dimension is one row of DIMENSIONS; everything else (filter panel, API keys, SQL predicate, chips, dictionary) is
derived from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import parse_qsl, urlencode

NOT_REPORTED, NOT_APPLICABLE = "not-reported", "not-applicable"
CORE, PLACE, PERSONAL = "core", "place", "personal"


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension. `kind` drives disclosure; `groups` maps a group code to its members (PH = SENIOR and P).

    `parents` names the dimensions that follow from a code of this one, each with the column of its code list that says
    which code (a grade has its category); None: no list says it, it is what everything below a code lies in (a country
    team lies in the region that all its countries lie in). `FOLLOWS` adds what follows from the parents.
    """

    name: str
    label: str
    plural: str
    kind: str
    groups: Mapping[str, tuple[str, ...]]
    in_panel: bool = True
    parents: Mapping[str, str | None] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)


def _dimension(
    name: str,
    label: str,
    plural: str,
    kind: str,
    in_panel: bool = True,
    parents: Mapping[str, str | None] = MappingProxyType({}),
    **groups: tuple[str, ...],
):
    return Dimension(name, label, plural, kind, groups, in_panel, parents)


#: In the order of the filter panel. `quarter` and `release` are not here: they take one value and are not a filter set.
DIMENSIONS: Mapping[str, Dimension] = {
    dimension.name: dimension
    for dimension in (
        _dimension("entity", _("Entity"), _("entities"), CORE),
        _dimension("department", _("Department or mission"), _("departments"), CORE, parents={"entity": "entity"}),
        _dimension("category", _("Category"), _("categories"), CORE, PH=("SENIOR", "P")),
        _dimension("grade", _("Grade"), _("grades"), CORE, parents={"category": "category"}),
        _dimension("unct", _("Country team (UNCT)"), _("country teams"), PLACE, parents={"region": None}),
        _dimension(
            "country", _("Country or territory"), _("countries"), PLACE, parents={"unct": "unct", "region": "region"}
        ),
        _dimension("duty_station", _("Duty station"), _("duty stations"), PLACE, parents={"country": "country"}),
        _dimension("region", _("Region"), _("regions"), PLACE),
        _dimension("headquarters", _("Headquarters"), _("headquarters"), PLACE),
        _dimension("age_group", _("Age group"), _("age groups"), PERSONAL),
        _dimension("rc", _("Resident Coordinator"), _("Resident Coordinators"), CORE),
        _dimension(
            "nationality",
            _("Nationality"),
            _("nationalities"),
            PERSONAL,
            parents={"nationality_region": "region", "regional_group": "regional_group"},
        ),
        _dimension("nationality_region", _("Region of nationality"), _("regions of nationality"), PERSONAL, False),
        _dimension("regional_group", _("Regional group of nationality"), _("regional groups"), PERSONAL, False),
        _dimension("appointment", _("Appointment"), _("appointments"), PERSONAL),
    )
}


def _follows() -> dict[str, tuple[str, ...]]:
    def of(name: str) -> tuple[str, ...]:
        parents = DIMENSIONS[name].parents
        return tuple(dict.fromkeys((*parents, *(above for parent in parents for above in of(parent)))))

    return {name: above for name in DIMENSIONS if (above := of(name))}


#: What follows from a code of a dimension, the nearest first: a duty station has its country, and with it a country
#: team and a region. Whether a station is a headquarters depends on the entity, so that does not follow.
FOLLOWS: Mapping[str, tuple[str, ...]] = _follows()
#: The other way: what a code of a dimension is made of, such as the teams, countries and stations of a region.
FINER: Mapping[str, tuple[str, ...]] = {
    name: finer for name in DIMENSIONS if (finer := tuple(each for each in FOLLOWS if name in FOLLOWS[each]))
}

#: Temporary appointments are another population: never in the default one (convention of the system-wide reports).
TEMPORARY = "TA"

QUARTER = re.compile(r"(?:19|20)\d\dQ[1-4]")
RELEASE = re.compile(r"(?:19|20)\d\dQ[1-4]-r[1-9]\d{0,3}")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,79}")
#: No honest selection is larger: pages write no address longer than 6,000 characters, and servers and proxies pass none
#: longer than these. A larger one is a mistake or an attack, and is refused rather than understood in part.
MAX_VALUES, MAX_QUERY = 600, 8000


class SelectionError(ValueError):
    """A query string that cannot be meant. `problems` are (key, value, what is wrong, what would be right)."""

    def __init__(self, problems: Iterable[tuple[str, str, str, str]]):
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{key}={value}: {wrong}; {right}" for key, value, wrong, right in self.problems))


class TooLarge(SelectionError):
    """A query string larger than any that can be meant: nothing of it is answered."""


def check_size(query: str) -> None:
    """Raise TooLarge for a query string that is larger than any that can be meant."""
    if len(query) > MAX_QUERY:
        right = f"at most {MAX_QUERY} characters"
        raise TooLarge([("query", query[:40], "too long", right)])
    if query.count("&") >= MAX_VALUES:
        raise TooLarge([("query", query[:40], "too many values", f"at most {MAX_VALUES} in one selection")])


@dataclass(frozen=True, slots=True)
class Selection:
    """A canonical choice: `chosen` holds, in DIMENSIONS order, each filtered dimension with its sorted unique codes."""

    quarter: str | None = None
    release: str | None = None
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def codes(self, dimension: str) -> tuple[str, ...]:
        """The codes as written in the URL for a dimension; empty means no filter."""
        return dict(self.chosen).get(dimension, ())

    def members(self, dimension: str) -> tuple[str, ...]:
        """The codes with groups spelled out (PH -> P, SENIOR)."""
        groups = DIMENSIONS[dimension].groups
        return tuple(sorted({member for code in self.codes(dimension) for member in groups.get(code, (code,))}))

    @property
    def filtered(self) -> tuple[str, ...]:
        """Names of the dimensions this selection filters by."""
        return tuple(name for name, _ in self.chosen)

    def with_codes(self, dimension: str, codes: Iterable[str]) -> Selection:
        """The same selection with this dimension's choice replaced; no codes means no filter."""
        kept = dict(self.chosen)
        kept[dimension] = tuple(codes)
        return replace(self, chosen=_canonical(kept))

    def without(self, dimension: str) -> Selection:
        """The same selection without a filter on this dimension."""
        return self.with_codes(dimension, ())

    def pinned(self, release: str, quarter: str) -> Selection:
        """The same selection with release and quarter spelled out, as a citation needs it."""
        return replace(self, release=release, quarter=quarter)

    def to_pairs(self) -> list[tuple[str, str]]:
        """(key, value) pairs in canonical order: release, quarter, then the dimensions in DIMENSIONS order."""
        pairs = [("release", self.release)] if self.release else []
        pairs += [("quarter", self.quarter)] if self.quarter else []
        return pairs + [(name, code) for name, codes in self.chosen for code in codes]

    def to_query(self) -> str:
        """The canonical query string without "?"; equal selections have equal strings."""
        return urlencode(self.to_pairs())


def _canonical(chosen: Mapping[str, Iterable[str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    canonical = []
    for name, dimension in DIMENSIONS.items():
        codes = set(chosen.get(name, ()))
        for group, members in dimension.groups.items():
            if group in codes or set(members) <= codes:
                codes = (codes - set(members)) | {group}
        if codes:
            canonical.append((name, tuple(sorted(codes))))
    return tuple(canonical)


def select(quarter: str | None = None, release: str | None = None, **chosen: Iterable[str] | str) -> Selection:
    """A canonical Selection from codes by dimension, for code and tests: `entity="UNDP", grade=["P-4", "P-5"]`."""
    unknown = set(chosen) - set(DIMENSIONS)
    if unknown:
        raise KeyError(f"no such dimension: {', '.join(sorted(unknown))}")
    lists = {name: (codes,) if isinstance(codes, str) else tuple(codes) for name, codes in chosen.items()}
    return Selection(quarter=quarter, release=release, chosen=_canonical(lists))


def from_pairs(pairs: Iterable[tuple[str, str]]) -> Selection:
    """A Selection from (key, value) pairs as a query string gives them; keys starting "v." (view options) are ignored.

    Raises SelectionError naming every unknown key and malformed value at once.
    Whether a well-formed code exists is the release's to say.
    """
    single: dict[str, str] = {}
    chosen: dict[str, list[str]] = {}
    problems: list[tuple[str, str, str, str]] = []
    for key, value in pairs:
        if key.startswith("v."):
            continue
        if key in ("quarter", "release"):
            pattern, example = (QUARTER, "2026Q3") if key == "quarter" else (RELEASE, "2026Q3-r1")
            if not pattern.fullmatch(value):
                problems.append((key, value[:80], f"not a {key}", f"written like {example}"))
            elif single.setdefault(key, value) != value:
                problems.append((key, value, f"more than one {key}", "one at a time"))
        elif key not in DIMENSIONS:
            problems.append((key[:80], value[:80], "no such filter", "one of: " + ", ".join(FILTER_KEYS)))
        elif not CODE.fullmatch(value):
            problems.append((key, value[:80], "not a code", "letters, digits and - . _ +"))
        else:
            chosen.setdefault(key, []).append(value)
    if problems:
        raise SelectionError(problems)
    return Selection(single.get("quarter"), single.get("release"), _canonical(chosen))


def from_query(query: str) -> Selection:
    """A Selection from a query string with or without "?". Raises SelectionError as from_pairs does."""
    check_size(query)
    try:
        pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise SelectionError([("", query[:80], "not a query string", "key=value pairs joined by &")]) from error
    return from_pairs(pairs)


#: Every key a query string may have, in canonical order.
FILTER_KEYS = ("quarter", "release", *DIMENSIONS)


def full_choice_is_none(selection: Selection, members: Mapping[str, Iterable[str]]) -> Selection:
    """The selection with every dimension dropped whose choice is all there is: all-members equals none.

    `members` gives, per dimension, the codes a release offers; for appointments without the temporary ones, which are
    another population.
    """
    for name in selection.filtered:
        offered = set(members.get(name, ()))
        if offered and offered == set(selection.members(name)):
            selection = selection.without(name)
    return selection
