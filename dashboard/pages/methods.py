"""The methods page: worked examples, computed by what computes the figures, so that the page cannot say otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import glossary, text
from dashboard.disclosure import rounding
from dashboard.disclosure.policy import Policy
from dashboard.selection import DIMENSIONS
from dashboard.settings import CARRY_FORWARD_QUARTERS, FEW, PARITY_BAND
from dashboard.text import gettext

#: An invented group in three parts, each (department, station, grade, women, men).
PARTS = (
    ("FIELD", "NBO", "P-3", 13, 17),
    ("FIELD", "NBO", "P-4", 7, 11),
    ("FIELD", "NBO", "P-5", 1, 2),
)


@dataclass(frozen=True)
class Rounded:
    """A line of the worked example: what is there, and what is shown of it."""

    name: str
    true: str
    shown: str
    total: bool = False


def _shown(women: int, men: int, contents: Sequence[int], policy: Policy) -> str:
    if women + men < policy.floor_place:
        return text.fewer_than(policy.floor_place)
    key = rounding.rounding_key(rounding.DEMONSTRATION_SECRET)
    return text.about(_counts(*rounding.round_pair(key, (women, men), contents, policy.base)))


def _counts(women: int, men: int) -> str:
    return gettext("%(women)s women, %(men)s men", women=text.number(women), men=text.number(men))


def example(policy: Policy) -> list[Rounded]:
    """One place rounded grade by grade and as a whole, under a release's policy and the published demonstration secret.

    The content of the whole is the sum of the contents of its parts, and its rounding is its own.
    """
    secret = rounding.DEMONSTRATION_SECRET
    sexes = [rounding.code_key(secret, "sex", code) for code in ("F", "M")]
    found, whole = [], [0, 0]
    for department, station, grade, women, men in PARTS:
        record = rounding.record_key(secret, "EXAMPLE", department, station, grade, "no")
        contents = [count * (record + sex) % rounding.MODULUS for count, sex in zip((women, men), sexes, strict=True)]
        whole = [one + other for one, other in zip(whole, contents, strict=True)]
        found.append(Rounded(grade, _counts(women, men), _shown(women, men, contents, policy)))
    women, men = sum(part[3] for part in PARTS), sum(part[4] for part in PARTS)
    together = _shown(women, men, [content % rounding.MODULUS for content in whole], policy)
    return [*found, Rounded(gettext("All three"), _counts(women, men), together, total=True)]


def odds(policy: Policy) -> dict[str, str]:
    """How often an odd number is rounded up, in words of the page."""
    count, base = 13, policy.base
    rest = count % base
    values = {"count": count, "up": count - rest + base, "down": count - rest, "times": rest}
    return {name: text.number(value) for name, value in values.items()}


def thresholds(policy: Policy) -> dict[str, str]:
    """The numbers and lists of a release's policy, as the sentences of the page need them."""
    numbers = {
        name: text.number(getattr(policy, name))
        for name in (
            "base",
            "floor_place",
            "floor_person",
            "least_of_each_sex",
            "others_at_least",
            "status_from",
            "share_from",
            "change_from",
            "parts_at_most",
            "other_from",
        )
    }
    lists = {
        name: text.joined(text.dimension(key).lower() if key != "unct" else text.dimension(key) for key in keys)
        for name, keys in (
            ("core", policy.core),
            ("place", [key for key in policy.place if DIMENSIONS[key].kind == "place"]),
            ("person", [key for key in policy.person if DIMENSIONS[key].in_panel]),
        )
    }
    return numbers | lists | {"version": policy.version}


def words(policy: Policy) -> dict[str, str]:
    """All numbers and lists that terms and sentences may name: thresholds, the band and other conventions."""
    low, high = PARITY_BAND
    return thresholds(policy) | {
        "low": text.number(low),
        "high": text.number(high),
        "few": text.number(FEW),
        "carry": text.number(CARRY_FORWARD_QUARTERS),
    }


@dataclass(frozen=True)
class Explained:
    """A term as the page shows it; `see` are (words, address) of further terms."""

    anchor: str
    title: str
    meaning: str
    see: tuple[tuple[str, str], ...]


def terms(policy: Policy) -> list[tuple[str, list[Explained]]]:
    """The glossary: groups of terms with what they mean, under a release's policy."""
    values = words(policy)

    def title(term: glossary.Term) -> str:
        return gettext(term.title, **values)

    return [
        (
            gettext(group.title),
            [
                Explained(
                    term.anchor,
                    title(term),
                    gettext(term.meaning, **values),
                    tuple((title(glossary.TERMS[name]), f"#{glossary.TERMS[name].anchor}") for name in term.see),
                )
                for term in group.terms
            ],
        )
        for group in glossary.GROUPS
    ]
