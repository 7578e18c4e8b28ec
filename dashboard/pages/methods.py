"""The methods page: worked examples, computed by what computes the figures, so that the page cannot say otherwise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard import glossary, text
from dashboard.disclosure import rounding
from dashboard.disclosure.policy import Policy
from dashboard.selection import DIMENSIONS
from dashboard.settings import CARRY_FORWARD_QUARTERS, FEW, PARITY_BAND
from dashboard.text import gettext, ngettext

#: An invented grade at three duty stations, each (code, name, women, men).
PARTS = (
    ("KEN-nairobi", "Nairobi", 17, 15),
    ("CHE-geneva", "Geneva", 9, 12),
    ("THA-bangkok", "Bangkok", 1, 2),
)
GRADE = "P-4"


@dataclass(frozen=True)
class Rounded:
    """A line of the worked example: what is there, what is shown of it, and what is shown once a woman has joined at
    one of the stations.
    """

    name: str
    true: str
    shown: str
    later: str


#: Where a woman joins in the example, so that the grade is drawn anew at all stations.
JOINED = "Geneva"


def _counts(women: int, men: int) -> str:
    return gettext(
        "%(women)s, %(men)s",
        women=ngettext("%(count)s woman", "%(count)s women", women, count=text.number(women)),
        men=ngettext("%(count)s man", "%(count)s men", men, count=text.number(men)),
    )


def _heads(joined: bool) -> np.ndarray:
    """Women (first) and men of the parts, and of all of them together."""
    heads = np.array([(women + (joined and name == JOINED), men) for _, name, women, men in PARTS], np.int64).T
    return _with_sum(heads)


def _with_sum(pairs: np.ndarray) -> np.ndarray:
    return np.concatenate([pairs, pairs.sum(axis=1, keepdims=True, dtype=pairs.dtype)], axis=1)


def _shown(policy: Policy, joined: bool) -> list[str]:
    """What is shown of each station, and then of all of them together."""
    secret, heads = rounding.DEMONSTRATION_SECRET, _heads(joined)
    records = [rounding.record_key(secret, "EXAMPLE", "not-applicable", station, GRADE, "no") for station, *_ in PARTS]
    sexes = [rounding.code_key(secret, "sex", code) for code in "FM"]
    keys = np.array([[(record + sex) % rounding.MODULUS for record in records] for sex in sexes], np.uint64)
    contents = _with_sum(heads[:, :-1].astype(np.uint64) * keys)
    shown = rounding.round_pairs(
        rounding.rounding_key(secret),
        heads,
        contents,
        # The group is the grade: all who are at these stations.
        np.full(heads.shape[1], contents[:, -1].sum(dtype=np.uint64), np.uint64),
        policy.base,
        policy.offset,
        policy.floor_place,
        _with_sum(np.where(heads[:, :-1] > 0, keys, 0)),
    )
    return [
        text.about(_counts(women, men)) if women + men else text.fewer_than(policy.floor_place)
        for women, men in shown.T.tolist()
    ]


def example(policy: Policy) -> list[Rounded]:
    """One grade rounded station by station and as a whole, under a release's policy and the published demonstration
    secret, before and after a woman joins.
    """
    names = [*(name for _, name, _, _ in PARTS), gettext("All three")]
    before, later = _shown(policy, joined=False), _shown(policy, joined=True)
    return [
        Rounded(name, _counts(women, men), now, then)
        for name, (women, men), now, then in zip(names, _heads(joined=False).T.tolist(), before, later, strict=True)
    ]


def thresholds(policy: Policy) -> dict[str, str]:
    """The numbers and lists of a release's policy, as the sentences of the page need them."""
    numbers = {
        name: text.number(getattr(policy, name))
        for name in (
            "base",
            "offset",
            "error",
            "error_together",
            "floor_place",
            "floor_person",
            "least_of_each_sex",
            "others_at_least",
            "nested_at_least",
            "rest_at_least",
            "series_from",
            "share_from",
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
