"""The disclosure policy: every threshold, class and list, read from one file and kept by every release."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboard.selection import CORE, DIMENSIONS, PERSONAL, PLACE

FILE = Path(__file__).resolve().parent.parent.parent / "data" / "reference" / "disclosure.toml"

EXACT, ROUNDED = "exact", "rounded"
#: Levels a protected dimension is crossed with.
LEVELS = ("category", "grade")
#: Where the keys of a group of staff stand in the tables `personal_groups` and `personal_cells`.
GROUP_KEYS = ("place", "entity", *LEVELS)


class PolicyError(ValueError):
    """The policy says something that cannot be; the message names the place and what would be right."""


def column_of(key: str) -> str:
    """Where a key of a group of staff stands: a place in `place`, the others under their own name."""
    return key if key in GROUP_KEYS else "place"


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the closed list. `keys`: the protected dimension first, then entity, then category or grade."""

    name: str
    keys: tuple[str, ...]
    protection: str  # EXACT or ROUNDED
    kind: str  # PLACE or PERSONAL: of the protected dimension
    floor: int  # persons; 0 for an exact table

    @property
    def dimension(self) -> str:
        """The protected dimension."""
        return self.keys[0]


@dataclass(frozen=True)
class Policy:
    """Thresholds are head-counts; see data/reference/disclosure.toml for what each is for."""

    version: str
    base: int
    offset: int
    floor_place: int
    floor_person: int
    least_of_each_sex: int
    others_at_least: int
    rest_at_least: int
    nested_at_least: int
    series_from: int
    share_from: int
    parts_at_most: int
    other_from: int
    core: tuple[str, ...]
    exact: tuple[str, ...]
    place: tuple[str, ...]
    place_not: tuple[str, ...]
    person: tuple[str, ...]
    person_not: tuple[str, ...]
    internal_places: tuple[str, ...]
    presence_protected: tuple[str, ...]
    dominates_from: float

    def to_json(self) -> str:
        """The policy as one line of JSON, for a release to keep."""
        return json.dumps(asdict(self), sort_keys=True)

    @property
    def spread(self) -> int:
        """By how much a count is moved at most before it is rounded: by a lasting and by a passing number."""
        return 2 * self.offset

    @property
    def error(self) -> int:
        """By how much a rounded count of women, or of men, is wrong at most."""
        return self.base - 1 + self.spread

    @property
    def error_together(self) -> int:
        """By how much women and men of one rounded cell together are wrong at most: they are drawn as a pair."""
        return self.base + 2 * self.spread

    def possible(self, shown: int, parts: int = 1) -> tuple[int, int]:
        """The least and the most heads a rounded count may stand for; a sum of several cells is wrong by each.

        A cell that shows anybody holds somebody: a count of zero is never rounded up.
        """
        if parts == 0:
            return shown, shown
        return max(shown - parts * self.error, min(shown, 1)), shown + parts * self.error

    def tables(self) -> Mapping[str, Table]:
        """The closed list of public tables by name, exact ones first."""
        return _tables(self)

    def floor(self, dimension: str) -> int:
        """The head-count under which a rounded cell of this dimension shows neither sex."""
        return self.floor_person if DIMENSIONS[dimension].kind == PERSONAL else self.floor_place


@lru_cache(maxsize=8)
def _tables(policy: Policy) -> Mapping[str, Table]:
    found: dict[str, Table] = {}
    for name in policy.exact:
        keys = tuple(name.split("+"))
        found[name] = Table(name, keys, EXACT, PLACE, 0)
    for dimensions, without, kind, floor in (
        (policy.place, policy.place_not, PLACE, policy.floor_place),
        (policy.person, policy.person_not, PERSONAL, policy.floor_person),
    ):
        for dimension in dimensions:
            for entity in ((), ("entity",)):
                for level in ((), *((level,) for level in LEVELS)):
                    keys = (dimension, *entity, *level)
                    name = "+".join(keys)
                    if name not in without:
                        found[name] = Table(name, keys, ROUNDED, kind, floor)
    return found


def from_json(text: str) -> Policy:
    """The policy a release kept. Raises PolicyError if it is none.

    What an older release's policy did not have yet is taken from the file of today: nothing that depends on it is
    served from such a release.
    """
    try:
        values: dict[str, Any] = json.loads(text)
        if "offset" not in values:
            values = asdict(load()) | {name: value for name, value in values.items() if name in Policy.__annotations__}
        return Policy(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise PolicyError(f"not a disclosure policy: {error}") from error


@lru_cache(maxsize=4)
def load(path: Path = FILE) -> Policy:
    """The policy in a file. Raises PolicyError naming the line of thought that does not hold, OSError if unreadable."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyError(f"{path.name}: {error}") from error
    try:
        public, groups, derived = content["public"], content["person_groups"], content["derived"]
        policy = Policy(
            version=str(content["version"]),
            base=content["rounding"]["base"],
            offset=content["rounding"]["offset"],
            floor_place=content["floors"]["place"],
            floor_person=content["floors"]["person"],
            least_of_each_sex=groups["least_of_each_sex"],
            others_at_least=groups["others_at_least"],
            rest_at_least=content["entity_places"]["rest_at_least"],
            nested_at_least=groups["nested_at_least"],
            series_from=derived["series_from"],
            share_from=derived["share_from"],
            parts_at_most=derived["parts_at_most"],
            other_from=content["other"]["shown_from"],
            core=tuple(public["core"]),
            exact=tuple(public["exact"]),
            place=tuple(public["place"]["dimensions"]),
            place_not=tuple(public["place"]["not"]),
            person=tuple(public["person"]["dimensions"]),
            person_not=tuple(public["person"]["not"]),
            internal_places=tuple(content["internal"]["places"]),
            presence_protected=tuple(content["presence"]["protected"]),
            dominates_from=float(content["presence"]["dominates_from"]),
        )
    except KeyError as error:
        raise PolicyError(f"{path.name}: {error.args[0]} is missing") from error
    except (TypeError, ValueError) as error:
        raise PolicyError(f"{path.name}: {error}") from error
    _check(policy, path.name)
    return policy


def _check(policy: Policy, file: str) -> None:
    numbers = ("base", "floor_place", "floor_person", "least_of_each_sex", "others_at_least", "series_from")
    numbers += ("share_from", "parts_at_most", "other_from", "rest_at_least", "nested_at_least")
    for name in numbers:
        value = getattr(policy, name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise PolicyError(f"{file}: {name} is {value!r}; a head-count from 1 up is expected")
    if not isinstance(policy.offset, int) or isinstance(policy.offset, bool) or policy.offset < 0:
        raise PolicyError(f"{file}: offset is {policy.offset!r}; a head-count from 0 up is expected")
    if not 0 < policy.dominates_from <= 1:
        raise PolicyError(
            f"{file}: dominates_from is {policy.dominates_from!r}; a share above 0 and up to 1 is expected"
        )
    kinds = {"core": (CORE,), "place": (PLACE, CORE), "person": (PERSONAL,), "internal_places": (PLACE, CORE)}
    for name, allowed in kinds.items():
        for dimension in getattr(policy, name):
            if dimension not in DIMENSIONS or DIMENSIONS[dimension].kind not in allowed:
                raise PolicyError(f"{file}: {dimension!r} cannot stand in the list of {name} dimensions")
    for dimension, entry in DIMENSIONS.items():
        if entry.kind == PERSONAL and dimension in policy.core:
            raise PolicyError(f"{file}: {dimension} is personal and cannot be exact")
    for name in (*policy.exact, *policy.place_not, *policy.person_not):
        unknown = [key for key in name.split("+") if key not in DIMENSIONS]
        if unknown:
            raise PolicyError(f"{file}: no such dimension in {name!r}: {', '.join(unknown)}")
        if name in policy.exact and any(DIMENSIONS[key].kind == PERSONAL for key in name.split("+")):
            raise PolicyError(f"{file}: {name!r} is personal and cannot be exact")
