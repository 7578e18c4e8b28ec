"""What every title and headline claims, as a predicate over the true cells of a release.

A claim is a pattern of the English sentence and a function that is given what stands in its places. The function knows
the true cells (`truth.Truth`) and which rows are shown to whoever reads the sentence, never how the sentence was made:
names, shares and statuses are read and worked out here anew. A sentence that no pattern fits is not known, which the
property test counts as false.
"""

# Patterns of sentences are read more easily on one line.
# ruff: noqa: E501

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from drawn import Said
from oracle import GROUPS, MISSING, REFERENCE, _list, before
from truth import Truth

FEW, LOW, HIGH = 5, 47, 53
SHARE_FROM, LARGE, NAMED_FROM, RANKED_FROM = 100, 0.01, 25, 50
#: Rounding as the methods page states it: two numbers from -OFFSET to OFFSET are added, and the sum is taken to a
#: multiple of BASE. So a sex is wrong by 8 at most, and women and men of a cell together by 13.
BASE, OFFSET = 5, 2
ERROR, ERROR_TOGETHER = BASE - 1 + 2 * OFFSET, BASE + 4 * OFFSET
#: Floors of places, and of age, nationality and appointment.
FLOORS = (5, 12)
#: More names than this are counted and not listed.
LISTED = 3
#: Edges of the classes of a map, in per cent, and the year of the targets for uniformed personnel.
EDGES, TARGETS_OF = (40, 60), "2028"
OTHERS_FROM, LARGEST_CONTRIBUTORS = 12, 20
LADDER = re.compile(r"SG|DSG|USG|ASG|D-[12]|P-[1-7]")
#: Code of all departments together that are bound to a place: no department.
TOGETHER = "place-bound"
Key = tuple[str, ...]
Pair = tuple[int, int]

NAMES = {
    "category": {
        "PH": "Professional and higher", "SENIOR": "Senior", "P": "Professional", "FS": "Field Service",
        "NPO": "National Professional", "GS": "General Service",
    },
    "headquarters": {"hq": "Headquarters", "non-hq": "Elsewhere"},
    "entity": {"UN": "UN Secretariat", "UNWOMEN": "UN Women", "UNTOURISM": "UN Tourism"},
}  # fmt: skip
NOUNS = {
    "grade": ("grade", "grades"), "entity": ("entity", "entities"), "category": ("category", "categories"),
    "unct": ("country team", "country teams"), "country": ("country", "countries"),
    "duty_station": ("duty station", "duty stations"), "department": ("department", "departments"),
    "region": ("region", "regions"), "age_group": ("age group", "age groups"),
    "nationality": ("nationality", "nationalities"),
}  # fmt: skip
FLAGS = {"carried forward": "carried", "partly reported": "partial"}
#: How a filter stands in brackets behind the people it is about, and how many members are counted.
ASIDES = {
    ("headquarters", "hq"): "at headquarters", ("headquarters", "non-hq"): "outside headquarters",
    ("rc", "yes"): "Resident Coordinators only", ("rc", "no"): "without Resident Coordinators",
}  # fmt: skip
HEADINGS = {
    "entity": "entity", "department": "department or mission", "category": "category", "grade": "grade",
    "unct": "country team (unct)", "country": "country or territory", "duty_station": "duty station",
    "region": "region", "headquarters": "headquarters", "age_group": "age group", "rc": "resident coordinator",
    "nationality": "nationality", "nationality_region": "region of nationality",
    "regional_group": "regional group of nationality", "appointment": "appointment",
}  # fmt: skip
PLURALS = {name: plural for name, (_one, plural) in NOUNS.items()} | {
    "headquarters": "headquarters", "rc": "Resident Coordinators", "regional_group": "regional groups",
    "nationality_region": "regions of nationality", "appointment": "appointments",
}  # fmt: skip


class Untrue(AssertionError):
    """A claim that the true cells do not bear out."""


class Unfit(Exception):
    """A pattern that fits the letters of a sentence and not its names."""


def need(holds: object, why: str = "") -> None:
    """The predicate of a claim: raises where it does not hold."""
    if not holds:
        raise Untrue(why)


def status(women: int, men: int) -> str | None:
    """Parity status, by the rule as the methods page states it."""
    staff = women + men
    if not staff:
        return None
    if staff < FEW:
        return "few"
    if abs(women - men) <= 1 or LOW * staff <= 100 * women <= HIGH * staff:
        return "parity"
    return "below" if women < men else "above"


def share(pair: Pair) -> float:
    return pair[0] / (pair[0] + pair[1])


def together(pairs: Iterable[Pair]) -> Pair:
    known = list(pairs)
    return sum(pair[0] for pair in known), sum(pair[1] for pair in known)


def listed(names: Iterable[str], last: str = "and") -> str:
    """Names in a row: "D-1, D-2 and P-5"."""
    *others, end = names
    return f"{', '.join(others)} {last} {end}" if others else end


Span = tuple[tuple[int, int], tuple[int, int]]


def span(row, cells: int = 1) -> Span:
    """How many women and men a row may stand for, by the published error of so many rounded cells. Somebody is there
    where anybody is shown.
    """
    if row.possible is None:
        return (row.women, row.women), (row.men, row.men)
    error = cells * ERROR
    women, men = ((max(shown - error, min(shown, 1)), shown + error) for shown in (row.women, row.men))
    return women, men


def shares(found: Span) -> tuple[float, float]:
    """The least and the most share of women in a span."""
    (least, most), (fewest, many) = found
    return (least / (least + many) if least + many else 0.0, most / (most + fewest) if most + fewest else 1.0)


def needs(found: Span) -> tuple[int, int]:
    """The least and the most men less women in a span."""
    (least, most), (fewest, many) = found
    return fewest - most, many - least


def overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def whole(said: str) -> int:
    return int(said.replace(",", "").replace("\N{MINUS SIGN}", "-").replace("+", ""))


def _prints(said: str, value: float) -> bool:
    """Whether a number in per cent (or points) rounds to what is printed, at its number of decimals."""
    decimals = len(said.partition(".")[2])
    return abs(float(said.replace(",", "").replace("\N{MINUS SIGN}", "-")) - value) <= 0.5 * 10**-decimals + 1e-9


def exactly(said: str, pair: Pair, why: str = "") -> None:
    """A share or counts, as of exact figures."""
    if found := re.fullmatch(r"([\d.,]+) %", said):
        need(sum(pair) and _prints(found[1], 100 * share(pair)), f"{said}: {pair} {why}")
    elif found := re.fullmatch(r"([\d,]+) of ([\d,]+)", said):
        need((whole(found[1]), whole(found[2])) == (pair[0], sum(pair)), f"{said}: {pair} {why}")
    else:
        raise Unfit(said)


@dataclass
class Case:
    """A sentence, whom it is about, and the truth: of rounded figures, as their quarters were told."""

    said: Said
    place: int
    release: Truth

    @cached_property
    def truth(self) -> Truth:
        rounded = self.answer.protection == "rounded" or any(row.protection == "rounded" for row in self.answer.rows)
        return self.release.as_told if rounded else self.release

    @property
    def answer(self):
        return self.said.answers[self.place]

    def beside(self, place: int) -> Case:
        return Case(self.said, place, self.release)

    @cached_property
    def by(self) -> tuple[str, ...]:
        return tuple(name for name in self.answer.by if name not in ("basis", "kind"))

    @cached_property
    def key(self) -> str:
        return self.by[0] if len(self.by) == 1 else ""

    @cached_property
    def chosen(self) -> dict[str, tuple[str, ...]]:
        return dict(self.answer.selection.chosen)

    @property
    def quarter(self) -> str:
        return self.answer.scope.quarter

    @cached_property
    def true(self) -> dict[Key, Pair]:
        """The true cells of what the answer is by, as far as the panel is about them."""
        found = self.truth.count(self.by, self.chosen, self.quarter)
        on_ladder = (
            {"ladder": True, "others": False}.get(self.said.panel) if self.said.address.startswith("/grades") else None
        )
        return found if on_ladder is None else {
            key: pair for key, pair in found.items() if bool(LADDER.fullmatch(key[0])) == on_ladder
        }  # fmt: skip

    @cached_property
    def total(self) -> Pair:
        return together(self.truth.count((), self.chosen, self.quarter).values())

    @cached_property
    def shown(self) -> dict[Key, object]:
        """The rows that are shown, of the quarter and of all entities."""
        return {
            tuple(row.keys[name] for name in self.by): row
            for row in self.answer.rows
            if row.keys.get("basis", "all") == "all"
            and row.keys.get("quarter", self.quarter) == self.quarter
            and self._about(row)
        }

    def _about(self, row) -> bool:
        """Whether a row is one that the panel is about: on the page of grades two panels share the grades."""
        on_ladder = (
            {"ladder": True, "others": False}.get(self.said.panel) if self.said.address.startswith("/grades") else None
        )
        return on_ladder is None or bool(LADDER.fullmatch(row.keys["grade"])) == on_ladder

    @cached_property
    def rounded(self) -> bool:
        if self.answer.scope.audience == "public" and "department" in self.by:
            return True  # those bound to a place are shown by few filters
        return any(row.possible is not None or row.reason in ("fewer", "withheld") for row in self.answer.rows)

    def counted(self, key: Key) -> bool:
        """Whether a cell may be counted: figures of entities that are carried forward or partial may not."""
        if "entity" not in self.by:
            return True
        return self.truth.own_for(key[self.by.index("entity")], self.quarter)

    @cached_property
    def named(self) -> dict[Key, Pair]:
        """The true cells of what has a name and may be counted."""
        return {key: pair for key, pair in self.true.items() if self.counted(key) and not set(key) & set(MISSING)}

    @cached_property
    def judged(self) -> dict[Key, str]:
        """Which members have a status, and their true one. Of rounded rows those for which one is shown."""
        found = {key: status(*pair) for key, pair in self.named.items()}
        if self.rounded:
            with_one = {
                key
                for key, row in self.shown.items()
                if row.status in ("below", "parity", "above")
                and self.counted(key)
                and not set(key) & {*MISSING, TOGETHER}
            }
            for key in with_one:
                need(found.get(key) == self.shown[key].status, f"status of {key}: {self.true.get(key)}")
            return {key: found[key] for key in with_one}
        return {key: said for key, said in found.items() if said != "few"}

    def of(self, wanted: str) -> set[Key]:
        return {key for key, said in self.judged.items() if said == wanted}

    @property
    def every(self) -> bool:
        """Whether all members there truly are have a status."""
        return set(self.judged) == set(self.named)

    # -- names --

    def name(self, dimension: str, code: str, short: bool = True) -> str:
        if code == "not-reported":
            return "not reported"
        if code == "not-applicable":
            return "not applicable"
        if short and code in NAMES.get(dimension, ()):
            return NAMES[dimension][code]
        if dimension in ("entity", "grade") and short:
            return code
        return self.truth.names[dimension].get(code, code)

    def codes(self, dimension: str) -> dict[str, str]:
        """Name -> code, of what there is here."""
        place = self.by.index(dimension) if dimension in self.by else None
        there = {key[place] for key in (*self.true, *self.shown)} if place is not None else self.truth.ids[dimension]
        return {self.name(dimension, code): code for code in there}

    def code(self, said: str, dimension: str | None = None) -> Key:
        """The key of a member by its name."""
        dimension = dimension or self.key
        found = re.fullmatch(r"(.+) \((carried forward|partly reported)\)", said)
        if found:
            said = found[1]
        if dimension == "quarter" or dimension not in self.by or said not in self.codes(dimension):
            raise Unfit(said)
        code = self.codes(dimension)[said]
        if found:
            need(self.truth.state[code, self.quarter] == FLAGS[found[2]], said)
        return (code,)

    def members(self, said: str) -> list[Key]:
        """The keys of names in a row: "D-1, D-2 and P-5"."""
        known = dict(self.codes(self.key)) if self.key else {}
        if self.key == "entity" and self.said.panel == "ranking":
            # In the ranking it is said of a name that its figures are not of this quarter, or not whole.
            for name, code in list(known.items()):
                flag = next((f for f, each in FLAGS.items() if each == self.truth.state.get((code, self.quarter))), "")
                if flag:
                    known[f"{name} ({flag})"] = known.pop(name)

        def read(rest: str) -> list[Key] | None:
            if rest in known:
                return [(known[rest],)]
            for name, code in known.items():
                for between in (", ", " and ", " or "):
                    if rest.startswith(name + between):
                        others = read(rest[len(name + between) :])
                        if others is not None:
                            return [(code,), *others]
            return None

        found = read(said)
        if found is None:
            raise Unfit(said)
        return found

    def cell(self, said: str) -> Key:
        """The key of a cell by the names of its keys, in either order."""
        for order in (self.by, tuple(reversed(self.by))):
            found = self._cell(said, order)
            if found is not None:
                return tuple(found[name] for name in self.by)
        raise Unfit(said)

    def _cell(self, said: str, order: tuple[str, ...]) -> dict[str, str] | None:
        first, *rest = order
        known = self.codes(first)
        if not rest:
            return {first: known[said]} if said in known else None
        for name, code in known.items():
            if said.startswith(f"{name}, "):
                found = self._cell(said[len(name) + 2 :], tuple(rest))
                if found is not None:
                    return {first: code} | found
        return None

    def count_of(self, said: str) -> int:
        """The number in "4 grades", which has to be of what the answer is by."""
        number, _, noun = said.partition(" ")
        need(noun in NOUNS.get(self.key, ("group", "groups")), f"{said} of {self.key}")
        need((whole(number) == 1) == (noun == NOUNS.get(self.key, ("group", "groups"))[0]), said)
        return whole(number)

    def who(self, chosen) -> str:
        """The people of a selection as a sentence has to name them: "P-4 staff of UNDP in Kenya"."""
        left = dict(chosen)

        def names(name: str) -> str:
            codes = left.pop(name)
            if len(codes) > LISTED:
                return f"{len(codes)} {PLURALS[name]}"
            return listed(self.name(name, code) for code in codes)

        def first(*dimensions: str) -> str:
            return next((names(name) for name in dimensions if name in left), "")

        level, unit = first("grade", "category"), first("department", "entity")
        place = first("duty_station", "unct", "country", "region")
        people = f"{level} staff" if level else "staff"
        if not level and left.get("rc") == ("yes",):
            people = "Resident Coordinators"
            del left["rc"]
        said = people + (f" of {unit}" if unit else "") + (f" in {place}" if place else "")
        if said == people and not level:
            said = f"{people} in the United Nations system"
        asides = [
            ASIDES.get((name, codes[0])) if len(codes) == 1 and (name, codes[0]) in ASIDES
            else f"{HEADINGS[name]}: {names(name)}" for name, codes in list(left.items())
        ]  # fmt: skip
        return f"{said} ({'; '.join(asides)})" if asides else said

    def about_whom(self, said: str, chosen, row=None) -> None:
        """That words name the people of a selection, and whom a sum leaves out."""
        if found := re.fullmatch(r"(.+), without (.+) \((?:fewer than (\d+)|too few to show), or not shown\),?", said):
            said, names, floor = found.groups()
            need(row is not None and row.left_out, f"nobody is left out of {row}")
            need(floor is None or int(floor) in FLOORS, floor)
            wanted = []
            for member in row.left_out:
                part = dict(each.split("=", 1) for each in member.split(" "))
                # What the row is of need not be said of what it leaves out.
                apart = {name: code for name, code in part.items() if name not in row.keys} or part
                of_one = [self.name(name, code) for name, code in apart.items()]
                people = self.who({name: (code,) for name, code in apart.items()})
                wanted.append(of_one[0] if len(of_one) == 1 else people)
            need(names == listed(wanted), f"{names!r} are left out, not {wanted}")
        else:
            need(row is None or not row.left_out, f"left out: {row and row.left_out}")
        wanted = self.who(self._without_owner(chosen))
        # A sentence begins with a capital letter.
        need(said in (wanted, wanted[:1].upper() + wanted[1:]), f"{said!r}, not {wanted!r}")

    def _without_owner(self, chosen) -> dict[str, tuple[str, ...]]:
        """A selection without the entity, where all departments chosen are its own: their names say it."""
        found = dict(chosen)
        departments, entities = found.get("department", ()), found.get("entity", ())
        if departments and {self.truth.owner.get(code) for code in departments} == {*entities}:
            del found["entity"]
        return found

    # -- what rounding leaves open --

    def span(self, row) -> Span:
        """How many women and men a row may stand for: worked out from the published error, and held against what the
        row says of itself.
        """
        if row.possible is None:
            return span(row)
        cells, rest = divmod(row.possible[0][1] - row.women, ERROR)
        # None at all where exact departments are left, and all of those that are bound to a place are left out.
        least = 0 if row.left_out and "department" in self.chosen else 1
        need(cells >= least and not rest, f"{row.possible} of {row.women}, {row.men}")
        several = any(len(codes) > 1 or (name, codes[0]) in GROUPS for name, codes in self.chosen.items())
        need(cells <= 1 or several, f"{cells} cells in {row}")
        need(span(row, cells) == tuple(row.possible), f"{row.possible}, not {span(row, cells)}")
        return span(row, cells)

    def own(self, key: Key, said: str) -> None:
        """That an entity named in a ranking is said to be carried forward or partly reported where it is."""
        if self.key == "entity":
            state = self.truth.state.get((key[0], self.quarter))
            flag = next((word for word, each in FLAGS.items() if each == state), None)
            need((f"({flag})" in said) if flag else not said.endswith(")"), f"{said} is {state}")

    # -- shares --

    def share(self, said: str, key: Key) -> None:
        """What is printed as the share, or the counts, of a cell."""
        self.figure(said, self.true.get(key, (0, 0)), self.shown.get(key))

    def figure_of(self, row, pair: Pair) -> None:
        """That a row shows a pair of true counts."""
        need(row.possible is not None or (row.women, row.men) == pair, f"{row}: {pair}")
        self.possible(row, pair)

    def figure(self, said: str, pair: Pair, row) -> None:
        """What is printed of a pair of true counts that this row shows."""
        if not said.startswith("about "):
            need(row is not None and row.possible is None, f"{said} of {row}")
            exactly(said, pair)
            return
        need(row is not None and row.possible is not None, f"{said} of {row}")
        self.possible(row, pair)
        exactly(said.removeprefix("about "), (row.women, row.men), "as shown")

    def possible(self, row, pair: Pair) -> None:
        """That true counts are among those that a rounded row may stand for. A sum that leaves some out has to say so,
        and is then of the others.
        """
        found = self.span(row)
        if row.left_out:
            sentence = self.said.sentence
            need("without" in sentence, f"a sum without {row.left_out}")
            quarter = row.keys.get("quarter", self.quarter)
            for member in row.left_out:
                chosen = {name: (code,) for name, code in (part.split("=", 1) for part in member.split(" "))}
                less = together(self.truth.count((), self.chosen | chosen, quarter).values())
                pair = pair[0] - less[0], pair[1] - less[1]
        for (least, most), true in zip(found, pair, strict=True):
            need(least <= true <= most, f"{found}: {pair}")
        if row.possible is not None:
            cells = (found[0][1] - row.women) // ERROR
            need(abs(row.women + row.men - sum(pair)) <= cells * ERROR_TOGETHER, f"{row.women + row.men}: {pair}")


# -- patterns -----------------------------------------------------------------------------------------------------

SHARE = r"(?:about )?(?:[\d.,]+ %|[\d,]+ of [\d,]+)"
PARTS = {
    "number": r"[\d,]+", "share": SHARE, "quarter": r"\d{4}Q[1-4]", "points": r"[\d.,]+",
    "change": r"(?:[+\N{MINUS SIGN}][\d.]+ points|no change)", "members": rf"[\d,]+ (?:{'|'.join(each for pair in (*NOUNS.values(), ('group', 'groups')) for each in pair)})",
    "verdict": r"parity(?: overall, but .+)?|below parity|above the parity band",
    "heads": r"[+\N{MINUS SIGN}][\d,]+", "counts": r"[\d,]+ wom[ae]n of [\d,]+", "sex": "woman|women|man|men",
    "needed": r"(?:about )?[\d,]+ (?:woman|women|man|men)", "last": "the last quarter.+",
    "rest": ".*?", "name": r".+?", "comparable": r"[\d,]+ comparable entit(?:y|ies)",
    "alike": r"like for like|[\d,]+ comparable entit(?:y|ies)",
    "groups": "|".join(each for pair in NOUNS.values() for each in pair), "both": "Women|Men", "none": r"none|[\d,]+",
    "cells": r"[\d,]+ cells?", "sexes": "woman or man|women or men",
    "more": r"[\d,]+ more (?:woman is|women are|man is|men are)", "more_teams": r"[\d,]+ more (?:has|have)",
    "posts": r"[\d,]+ posts?", "those": "(?:a )?(?:woman|women|man|men)",
}  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """A kind of claim: its pattern, its predicate, and whether it says nothing of the figures."""

    name: str
    template: str
    pattern: re.Pattern
    holds: Callable
    silent: bool


KINDS: list[Kind] = []
#: Template -> how many sentences, or parts of sentences, were judged to be true by it.
MET: Counter[str] = Counter()


def claim(*templates: str, silent: bool = False):
    """Registers a predicate for sentences. Places are written {name:part}, parts as in PARTS; "name" goes without."""

    def register(function):
        for template in templates:
            pattern = ""
            for text, place in re.findall(r"([^{]*)(?:\{([^}]*)\})?", template):
                pattern += re.escape(text)
                if place:
                    name, _, part = place.partition(":")
                    pattern += f"(?P<{name}>{PARTS[part or 'name']})"
            KINDS.append(Kind(function.__name__, template, re.compile(pattern), function, silent))
        return function

    return register


def judge(case: Case, sentence: str) -> Kind | None:
    """The kind of claim a sentence makes; None where none is known. Raises Untrue where it does not hold."""
    sentence = sentence.replace("\N{NO-BREAK SPACE}", " ")
    for kind in KINDS:
        found = kind.pattern.fullmatch(sentence)
        if not found:
            continue
        try:
            kind.holds(case, **found.groupdict())
        except Unfit:
            continue
        except (LookupError, ValueError, StopIteration) as error:
            # Something named is not there, or nothing is there of which most or least could be said.
            raise Untrue(f"{type(error).__name__}: {error}") from error
        MET[kind.template] += 1
        return kind
    return None


# -- nothing to tell ----------------------------------------------------------------------------------------------


@claim("These filters cannot be combined here", "These filters cannot be combined", silent=True)
def refused(case):
    need(case.answer.protection == "refused", "not refused")
    need(not case.answer.rows, "there are figures")


@claim("Nobody matches these filters", "No staff match these filters", silent=True)
def nobody(case):
    need(not sum(case.total), f"{case.total}")
    need(not case.truth.silent(case.quarter, case.chosen), "not submitted is not nobody")


@claim("No figures are shown here", silent=True)
def nothing_here(case):
    need(not _shown(case), "some are shown")
    scope = case.answer.scope
    # Of exact figures too where the total may not be told: whether anybody matches is then not known.
    need(case.answer.protection == "rounded" or (scope.protection == "rounded" and scope.staff is None), "nothing held")


@claim("None of the staff selected are counted here", silent=True)
def nobody_here(case):
    there = {key for key in case.true if not set(key) & set(MISSING)}
    if case.said.panel == "pipeline":
        there = _ladder(case)
    need(sum(case.total) and not there, f"{there}")


@claim("Not submitted for this quarter", "No figures for {quarter:quarter}: not submitted by {names}", silent=True)
def not_submitted(case, quarter=None, names=None):
    states = case.truth.states(case.chosen, case.quarter)
    need(set(states.values()) == {"not-submitted"}, "submitted")
    need(quarter in (None, case.quarter), f"{quarter} is not {case.quarter}")
    if names is not None:
        wanted = [case.name("entity", code) for code in states]
        said = f"{len(wanted)} entities" if len(wanted) > LISTED else None
        need(names == said if said else set(re.split(r", | and ", names)) == set(wanted), f"{wanted}")


def _shown(case) -> list[Key]:
    """What has figures that are shown, of what has a name and the panel is about."""
    on_ladder = case.said.panel == "pipeline"
    return [
        key
        for key, row in case.shown.items()
        if row.women is not None and row.staff and not set(key) & set(MISSING)
        and (not on_ladder or LADDER.fullmatch(row.keys["grade"]))
    ]  # fmt: skip


def _hidden(case, reason: str) -> list:
    """The rows that are not shown for a reason."""
    return [row for row in case.answer.rows if row.reason == reason]


@claim("Too few staff to show", silent=True)
def too_few_to_show(case):
    need(not _shown(case) and _hidden(case, "fewer"), "some are shown, or none is too few")
    for key, row in case.shown.items():
        if row.reason == "fewer" and not row.left_out:
            need(sum(case.true.get(key, (0, 0))) < max(FLOORS) + ERROR_TOGETHER, f"{key}: {case.true.get(key)}")


@claim("Not shown, to protect individuals", "{who}: not shown, to protect individuals",
       "{who}: fewer than {least:number}", "{who}: fewer than {least:number} each", silent=True)  # fmt: skip
def withheld(case, who=None, least=None):
    need(not _shown(case) and _hidden(case, "withheld" if least is None else "fewer"), "some are shown, or not so")
    if who is not None:
        case.about_whom(who, case.said.selection.chosen)
    if least is not None:
        (row,) = case.shown.values()
        several = len(row.left_out) > 1
        need(several == case.said.sentence.endswith("each"), f"{row.left_out}")
        # Under the floor are the rounded numbers.
        most = (whole(least) - 1 + ERROR_TOGETHER) * max(len(row.left_out), 1)
        need(whole(least) in FLOORS and sum(case.total) <= most, f"{least}: {case.total}")


@claim("Not collected together with these filters", silent=True)
def not_collected(case):
    need(case.answer.question == "movements", case.answer.question)
    need(set(case.chosen) - {"entity", "department", "category", "grade"}, f"{set(case.chosen)}")


@claim("A filter has a value that is not in this release", silent=True)
def not_known(case):
    asked = {(name, code) for name, codes in case.said.selection.chosen for code in codes}
    need(any(code not in case.truth.ids[name] and (name, code) not in GROUPS for name, code in asked), f"{asked}")


@claim("Nothing to show: {filter} “{code}” is not known in release {quarter:quarter}-{revision}.", silent=True)
def nothing_to_show(case, filter, code, quarter, revision):
    asked = {(HEADINGS[name], each) for name, codes in case.said.selection.chosen for each in codes}
    need((filter.lower(), code) in asked and quarter == case.truth.quarter, f"{asked} of {case.truth.quarter}")
    need(case.answer.scope.release.name == f"{quarter}-{revision}", f"{quarter}-{revision}")
    not_known(case)
    need(not any(code in ids for name, ids in case.truth.ids.items() if HEADINGS.get(name) == filter.lower()), code)


@claim("Too few staff to judge parity", silent=True)
def too_few_to_judge(case):
    need(not case.judged and case.named, f"{case.judged}")


@claim("Rounded figures do not show whether women are at parity here", silent=True)
def left_open_by_rounding(case):
    need(case.rounded and not case.judged, f"{case.judged}")
    there = [row for row in case.shown.values() if row.share_women is not None and not row.left_out]
    need(not [row for row in there if not set(row.keys.values()) & {*MISSING}], f"{there}")


@claim("Net and gross gaps are not calculated from rounded figures", silent=True)
def no_gap_formed(case):
    need(any(row.possible is not None or row.reason in ("fewer", "withheld") for row in case.shown.values()), "exact")


@claim("Rounded figures do not show which grade has most women and which most men", silent=True)
def most_at_unknown(case):
    there = {row.keys["grade"]: row for row in case.shown.values() if row.staff}
    left_out = any(row.left_out for row in there.values())
    many = max(len(_may_have_most(case, there, side)) for side in (0, 1))
    need(case.rounded and (left_out or many > LISTED), f"{many}")


@claim("Rounded figures do not show which entities have no staff here", silent=True)
def nobody_here_unknown(case):
    rows = (*case.answer.rows, *case.said.answers[1].rows)
    need(any(row.possible is not None or row.reason in ("fewer", "withheld") for row in rows), "exact")


@claim("No entity here has reported enough staff in full to judge parity", silent=True)
def none_in_full(case):
    need("entity" in case.by and not case.judged, f"{case.judged}")
    need(len(case.true) > 1 and not all(map(case.counted, case.true)), "all have reported")


# -- breakdowns by one dimension ----------------------------------------------------------------------------------


@claim(
    "{names} are at parity", "All {members:members} are at parity", "All {members:members} with a status are at parity"
)
def at_parity(case, names=None, members=None):
    if names is not None:
        need(set(case.members(names)) == set(case.judged) == case.of("parity"), f"{case.judged}")
        return
    need(case.count_of(members) == len(case.judged) == len(case.of("parity")), f"{case.judged}")
    if "with a status" not in case.said.sentence:
        need(case.every, "not all have a status")


def _furthest(case, name, keys, printed):
    """Of these the share of one, or of several alike, is furthest from parity."""
    named = case.members(name)
    for key in named:
        case.share(printed, key)
        need(key in keys, f"{name} is not among {keys}")
        need(share(case.true[key]) == share(case.true[named[0]]), f"{named} are not alike")
    for other in keys - set(named):
        need(
            abs(share(case.true[other]) - 0.5) < abs(share(case.true[key]) - 0.5),
            f"{other}: {case.true[other]} as {case.true[key]}",
        )


@claim(
    "None is below parity; {name} is furthest above it, at {printed:share}",
    "None is below parity; {among} is among those above it, at {printed:share}",
    "Of {members:members} with a status, none is below parity; {name} is furthest above it, at {printed:share}",
    "Of {members:members} with a status, none is below parity; {among} is among those above it, at {printed:share}",
)
def none_below(case, printed, name=None, among=None, members=None):
    if members is None:
        need(case.every, "not all have a status")
    else:
        need(case.count_of(members) == len(case.judged), f"{case.judged}")
    need(not case.of("below"), f"{case.of('below')}")
    if name is not None:
        _furthest(case, name, case.of("above"), printed)
    else:
        key = case.code(among)
        case.share(printed, key)
        need(key in case.of("above") and len(case.of("above")) > 1, among)


@claim("Only {name} is below parity, at {printed:share}",
       "Of {members:members} with a status, only {name} is below parity, at {printed:share}")  # fmt: skip
def alone_below(case, name, printed, members=None):
    key = case.code(name)
    if members is None:
        need(case.every, "not all have a status")
    else:
        need(case.count_of(members) == len(case.judged), f"{case.judged}")
    need(case.of("below") == {key}, f"{case.of('below')}")
    case.share(printed, key)


@claim("{finding}, {name} furthest at {printed:share}", "{finding}, including {among} at {printed:share}",
       "{finding}; of the larger ones, {large} is furthest, at {printed:share}",
       "{finding}; of the larger ones, {large} are furthest, at {printed:share}")  # fmt: skip
def furthest_below(case, finding, printed, name=None, among=None, large=None):
    sentence = case.said.sentence.replace("\N{NO-BREAK SPACE}", " ")
    said = name or among or large
    if not case.key:
        raise Unfit(said)
    # Names have commas of their own: the finding ends where names begin.
    whole_ = f"{finding}, {said}"
    parts = [(finding, said)] if name is None else [
        (whole_[: place.start()], whole_[place.end() :]) for place in re.finditer(", ", whole_)
    ]  # fmt: skip
    for finding, said in parts:
        try:
            case.members(said)
            below(case, finding)
            break
        except Unfit:
            continue
    else:
        raise Unfit(sentence)
    keys = case.of("below")
    if among is not None:
        case.share(printed, case.code(said))
        need(case.code(said) in keys, sentence)
        return
    if large is not None:
        least = max(
            SHARE_FROM, LARGE * sum(sum(pair) for key, pair in case.true.items() if not set(key) & set(MISSING))
        )
        keys = {key for key in keys if sum(case.true[key]) >= least}
    _furthest(case, said, keys, printed)


def below(case, finding):
    """How many, or which, are below parity."""
    if finding == "All are below parity":
        need(case.every and case.judged and case.of("below") == set(case.judged), f"{case.judged}")
    elif found := re.fullmatch(r"All ([\d,]+ [a-z ]+?)( with a status)? are below parity", finding):
        need(case.count_of(found[1]) == len(case.judged) == len(case.of("below")), f"{case.judged}")
        need(found[2] or case.every, "not all have a status")
    elif found := re.fullmatch(r"([\d,]+) of ([\d,]+ [a-z ]+?)( with a status)? are below parity", finding):
        need(case.count_of(found[2]) == len(case.judged), f"{len(case.judged)}")
        need(whole(found[1]) == len(case.of("below")), f"{case.of('below')}")
        need(found[3] or case.every, "not all have a status")
    elif found := re.fullmatch(r"(?:Of ([\d,]+ [a-z ]+?) with a status, )?(.+) are below parity", finding):
        need(set(case.members(found[2])) == case.of("below"), f"{case.of('below')}")
        if found[1]:
            need(case.count_of(found[1]) == len(case.judged), f"{len(case.judged)}")
        else:
            need(case.every, "not all have a status")
    else:
        raise Unfit(finding)


@claim("All {members:members} are below parity", "All {members:members} with a status are below parity",
       "{number:number} of {members:members} are below parity", "{number:number} of {members:members} with a status are below parity",
       "Of {members:members} with a status, {names} are below parity", "{names} are below parity")  # fmt: skip
def some_below(case, **_):
    below(case, case.said.sentence.replace("\N{NO-BREAK SPACE}", " "))


@claim("{name}: {printed:share} women, {verdict}", "{name}: {women:number} of {staff:number} are women, {verdict}")
def one_judged(case, name, verdict, printed=None, women=None, staff=None):
    key = case.code(name)
    need(set(case.judged) == {key}, f"{case.judged}")
    case.share(printed or f"{women} of {staff}", key)
    need(
        {"below parity": "below", "at parity": "parity", "above parity": "above"}[verdict] == status(*case.true[key]),
        verdict,
    )


@claim("{name}: {printed:share} women")
def one_share(case, name, printed):
    key = case.code(name)
    case.share(printed, key)
    need(not case.judged, f"{case.judged}")
    others = {
        each for each, row in case.shown.items() if row.share_women is not None and not row.left_out and row.staff
    }
    need({each for each in others if not set(each) & {*MISSING}} == {key}, f"{others}")


@claim("{name}: {printed:share} women ({flag})")
def one_not_own(case, name, printed, flag):
    if flag not in FLAGS:
        raise Unfit(flag)
    key = case.code(name)
    case.share(printed, key)
    need(case.truth.state[key[0], case.quarter] == FLAGS.get(flag), flag)
    need({each for each, row in case.shown.items() if row.staff} == {key}, f"{case.shown}")


@claim("Women are {printed:share} in {name} and {other_printed:share} in {other}",
       "From {printed:share} women in {name} to {other_printed:share} in {other}, of those shown")  # fmt: skip
def two_shares(case, printed, name, other_printed, other):
    first, last = case.code(name), case.code(other)
    case.share(printed, first)
    case.share(other_printed, last)
    if case.said.panel == "ranking":
        case.own(first, name)
        case.own(last, other)
    shares = {key: share(pair) for key, pair in case.true.items() if not set(key) & set(MISSING)}
    need(shares[first] != shares[last], "equal")
    if not case.rounded or case.said.sentence.startswith("From"):
        shown = {key for key, row in case.shown.items() if row.staff and row.women is not None} & set(shares)
        top, bottom = max(shares[key] for key in shown), min(shares[key] for key in shown)
        need((shares[first], shares[last]) == (top, bottom), f"{top} {bottom}")
        for end, own in ((top, first), (bottom, last)):
            need([key for key in shown if shares[key] == end] == [own], f"several have {end}")
    else:
        printed, other_printed = (float(re.search(r"[\d.]+", text)[0]) for text in (printed, other_printed))
        need((printed > other_printed) == (shares[first] > shares[last]), f"{shares[first]} {shares[last]}")
        need(printed != other_printed, "printed alike")


@claim("From {printed:share} women in {names} to {other_printed:share} in {others}")
def from_to(case, printed, names, other_printed, others):
    """The ends of a ranking: all that have the highest share, and all that have the lowest."""
    need(not case.rounded, "rounded")
    shares = {key: share(pair) for key, pair in case.true.items()}
    for said, here, end in ((printed, names, max(shares.values())), (other_printed, others, min(shares.values()))):
        same = {key for key, each in shares.items() if each == end}
        if found := re.fullmatch(r"([\d,]+) entities", here):
            need(whole(found[1]) == len(same), f"{same}")
        else:
            named = {name: case.code(name) for name in re.split(r", | and ", here)}
            need(set(named.values()) == same and len(named) <= LISTED, f"{same}")
            for name, key in named.items():
                case.own(key, name)
        for key in same:
            case.share(said, key)


@claim(
    "No clear difference: women are between {low:number} and {high:number} % in each of {members:members} with a share"
)
def between(case, low, high, members):
    rows = {key: row for key, row in case.shown.items() if row.share_women is not None and not row.left_out}
    rows = {key: row for key, row in rows.items() if not set(key) & set(MISSING)}
    need(case.count_of(members) == len(rows), f"{rows}")
    ends = []
    for key, row in rows.items():
        need(whole(low) <= 100 * share(case.true[key]) <= whole(high), f"{key}: {case.true[key]}")
        ends.append(shares(case.span(row)))
    need(len(ends) > 1 and all(overlap(one, other) for one in ends for other in ends), f"clearly different: {ends}")
    # As wide as the rounding makes it, and no wider.
    # To so many places, since 100 * 0.56 is a little more than 56 in floating point.
    need(whole(low) == math.floor(round(100 * min(end[0] for end in ends), 9)), f"{ends}")
    need(whole(high) == math.ceil(round(100 * max(end[1] for end in ends), 9)), f"{ends}")


# -- at headquarters ----------------------------------------------------------------------------------------------


@claim("Women are {hq:share} at headquarters, {rest:share} elsewhere", "All staff are at headquarters: {hq:share} women",
       "All staff are at headquarters: women are {hq:share}", "No staff at headquarters: {rest:share} women elsewhere",
       "No staff at headquarters: women are {rest:share} elsewhere", "At headquarters women are {hq:share}",
       "Outside headquarters women are {rest:share}")  # fmt: skip
def headquarters(case, hq=None, rest=None):
    if case.key != "headquarters":
        raise Unfit(hq or rest)
    if case.said.sentence.startswith(("At headquarters", "Outside")):
        # Of one side alone only where the other is not known.
        need(
            len([key for key, row in case.shown.items() if row.staff and key[0] not in MISSING]) == 1, "both are shown"
        )
    if hq:
        case.share(hq, ("hq",))
    if rest:
        case.share(rest, ("non-hq",))
    if case.said.sentence.startswith("All staff"):
        need(set(case.true) == {("hq",)}, f"{case.true}")
    if case.said.sentence.startswith("No staff"):
        need(set(case.true) == {("non-hq",)}, f"{case.true}")


# -- over time ----------------------------------------------------------------------------------------------------


def _line(case) -> tuple[list[str], dict[str, Pair], dict[str, object]]:
    """The quarters a development is told of, true counts in each, and the rows that show them."""
    entities, quarters = case.truth.told(case.quarter, case.chosen)
    alike = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "same-entities"}
    everyone = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "all"}
    alone = len(case.truth.expected(case.chosen, case.quarter)) == 1
    if alike or (alone and entities):
        pairs = case.truth.over_time(case.chosen, entities)
        rows = alike or everyone
    else:
        quarters = [quarter for quarter in case.truth.quarters if quarter <= case.quarter]
        pairs = {key[0]: pair for key, pair in case.truth.count(("quarter",), case.chosen).items()}
        rows = everyone
    return [quarter for quarter in quarters if quarter in pairs], pairs, rows


def _trend(case) -> None:
    if "quarter" not in case.answer.by or "basis" not in case.answer.by:
        raise Unfit("not a development")


def _told_alike(case, quarters: list[str], rows: dict[str, object]) -> None:
    """That a change is told of the same entities, and up to the quarter asked for where nothing else is said."""
    entities, _quarters = case.truth.told(case.quarter, case.chosen)
    alike = any(row.keys["basis"] == "same-entities" for row in rows.values())
    need(alike or (len(case.truth.expected(case.chosen, case.quarter)) == 1 and entities), "not like for like")
    sentence = case.said.sentence.replace("\N{NO-BREAK SPACE}", " ")
    need("last quarter" in sentence or quarters[-1] == case.quarter, f"{quarters[-1]} is not {case.quarter}")


@claim("{moved} (without groups that are not shown)")
def of_those_shown(case, moved):
    need(any(row.left_out for row in case.answer.rows), "none is left out")
    if judge(case, moved) is None:
        raise Unfit(moved)


@claim("{moved} (system: {system:share}; peers: {peers:share})", "{moved} (system: {system:share})",
       "{moved} (system: {system:share}, without groups that are not shown)",
       "{moved} (system: {system:share}; peers: {peers:share}; without groups that are not shown)")  # fmt: skip
def beside_others(case, moved, system, peers=None):
    _trend(case)
    kind = judge(case, moved)
    if kind is None:
        raise Unfit(moved)
    quarters, _pairs, own = _line(case)
    left_out = False
    shown = [quarter for quarter in quarters if quarter in own and own[quarter].women is not None]
    last = re.findall(r"\d{4}Q[1-4]", moved)
    for place, said in ((1, system), (2, peers)):
        if said is None:
            continue
        other = case.beside(place)
        _quarters, others, rows = _line(other)
        fits = [quarter for quarter in _quarters if quarter in rows and rows[quarter].women is not None]
        # The last quarter up to the end of the line beside which it stands.
        ends = shown[-1] if not last or case.quarter not in last else case.quarter
        fits = [quarter for quarter in fits if quarter <= ends]
        need(fits, "nothing beside")
        errors = []
        for quarter in fits[-1:]:
            try:
                other.figure(said, others[quarter], rows[quarter])
                left_out |= bool(rows[quarter].left_out)
                break
            except Untrue as error:
                errors.append(str(error))
        else:
            raise Untrue(f"{said}: {errors}")
    ending = re.search(r"[;,] without groups that are not shown\)$", case.said.sentence)
    need(left_out == bool(ending), f"left out: {left_out}")


@claim("{moved}; within the parity band since {since:quarter}", "{moved}; below the parity band since {since:quarter}",
       "{moved}; above the parity band since {since:quarter}", "{moved}; within the parity band throughout",
       "{moved}; below the parity band throughout", "{moved}; above the parity band throughout")  # fmt: skip
def in_the_band(case, moved, since=None):
    _trend(case)
    kind = judge(case, moved)
    if kind is None:
        raise Unfit(moved)
    quarters, pairs, _rows = _line(case)
    verdict = re.search(
        r"; (within|below|above) the parity band", case.said.sentence.replace("\N{NO-BREAK SPACE}", " ")
    )[1]
    wanted = {"within": "parity", "below": "below", "above": "above"}[verdict]
    held = quarters if since is None else [quarter for quarter in quarters if quarter >= since]
    need(all(status(*pairs[quarter]) == wanted for quarter in held), f"{[(q, pairs[q]) for q in held]}")
    if since is not None:
        need(since in quarters, since)
        earlier = [quarter for quarter in quarters if quarter < since]
        need(earlier and status(*pairs[earlier[-1]]) != wanted, f"{since}")


@claim("{moved}, until {last:quarter}: {why:last}", "{moved}, {why:last}")
def until(case, moved, why, last=None):
    _trend(case)
    kind = judge(case, moved) if why.startswith("the last quarter") else None
    if kind is None:
        raise Unfit(moved)
    quarters, _pairs, _rows = _line(case)
    last = last or re.findall(r"\d{4}Q[1-4]", moved)[-1]
    need(quarters[-1] == last < case.quarter, f"{quarters[-1]}")
    if why == "the last quarter it reported in full":
        (entity,) = case.truth.expected(case.chosen, case.quarter)
        own = [
            quarter
            for quarter in case.truth.quarters
            if quarter <= case.quarter and case.truth.own_for(entity, quarter)
        ]
        need(own[-1] == last, f"{own[-1]}")
    elif why == "the last quarter any of them reported in full":
        asked = case.truth.asked_of(case.chosen)
        own = [quarter for quarter in case.truth.quarters if quarter <= case.quarter
               and any(case.truth.own_for(entity, quarter) for entity in asked)]  # fmt: skip
        need(own[-1] == last, f"{own[-1]}")
    elif why == "the last quarter with staff here":
        later = [q for q in case.truth.quarters if last < q <= case.quarter]
        there = {key[0] for key in case.truth.count(("quarter",), case.chosen)}
        need(not there & set(later), f"{there & set(later)}")
    else:
        raise Unfit(why)


@claim("Up {points:points} points since {quarter:quarter}", "Down {points:points} points since {quarter:quarter}",
       "No change since {quarter:quarter}")  # fmt: skip
def moved_points(case, quarter, points=None):
    _trend(case)
    quarters, pairs, rows = _line(case)
    need(quarters[0] == quarter, f"first: {quarters[0]}")
    _told_alike(case, quarters, rows)
    change = 100 * (share(pairs[quarters[-1]]) - share(pairs[quarter]))
    if points is None:
        need(abs(change) < 0.05, f"{change}")
    else:
        need(_prints(points, abs(change)), f"{change}")
        need((change > 0) == ("Up " in case.said.sentence), f"{change}")


@claim(
    "Women: {women_then:number} of {staff_then:number} in {then:quarter}, {women:number} of {staff:number} in {now:quarter}"
)
def moved_heads(case, women_then, staff_then, then, women, staff, now):
    _trend(case)
    quarters, pairs, rows = _line(case)
    _told_alike(case, quarters, rows)
    need((quarters[0], quarters[-1]) == (then, now), f"{quarters[0]} {quarters[-1]}")
    exactly(f"{women_then} of {staff_then}", pairs[then])
    exactly(f"{women} of {staff}", pairs[now])


@claim("Women were {then:share} in {first:quarter} and are {now:share} in {last:quarter}",
       "Women were {then:share} in {first:quarter} and {now:share} in {last:quarter}")  # fmt: skip
def moved_rounded(case, then, first, now, last):
    _trend(case)
    _quarters, pairs, rows = _line(case)
    case.figure(then, pairs[first], rows[first])
    case.figure(now, pairs[last], rows[last])
    shown = [quarter for quarter in _quarters if quarter in rows and rows[quarter].women is not None]
    need((shown[0], shown[-1]) == (first, last), f"{shown[0]} {shown[-1]}")
    if " and are " in case.said.sentence:
        need(last == case.quarter, f"{last} is not {case.quarter}")
    before_, after = (share((rows[quarter].women, rows[quarter].men)) for quarter in (first, last))
    need((before_ < after) == (share(pairs[first]) < share(pairs[last])), f"{pairs[first]} {pairs[last]}")


@claim("No clear change since {first:quarter}: women are {now:share}",
       "No clear change from {first:quarter} to {last:quarter}: women were {now:share}")  # fmt: skip
def no_clear_change(case, first, now, last=None):
    _trend(case)
    _quarters, pairs, rows = _line(case)
    shown = [quarter for quarter in _quarters if quarter in rows and rows[quarter].women is not None]
    need(shown[0] == first, f"{shown[0]}")
    need(shown[-1] == (last or case.quarter), f"women are {now} of {shown[-1]}")
    need(last != case.quarter, "women are, and not were")
    case.figure(now, pairs[shown[-1]], rows[shown[-1]])
    ends = [rows[quarter] for quarter in (shown[0], shown[-1])]
    need(all(row.possible is not None for row in ends), "exact")
    if ends[0].left_out == ends[1].left_out:
        need(overlap(*(shares(case.span(row)) for row in ends)), f"clearly changed: {ends}")


@claim("{quarter:quarter}: {printed:share} women")
def one_quarter(case, quarter, printed):
    _trend(case)
    quarters, pairs, rows = _line(case)
    shown = [each for each in quarters if each in rows and rows[each].women is not None]
    need(shown[-1] == quarter, f"the last is {shown[-1]}")
    case.figure(printed, pairs[quarter], rows[quarter])


@claim("{quarter:quarter}: {printed:share} women ({flag})")
def one_quarter_not_own(case, quarter, printed, flag):
    _trend(case)
    if flag not in FLAGS:
        raise Unfit(flag)
    (entity,) = case.truth.expected(case.chosen, case.quarter)
    need(case.truth.state[entity, quarter] == FLAGS.get(flag), flag)
    need(_line(case)[0] == [], "there are quarters of its own")
    there = [key[0] for key in case.truth.count(("quarter",), case.chosen) if key[0] <= case.quarter]
    need(max(there) == quarter, f"the newest is {max(there)}")
    rows = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "all"}
    case.figure(printed, together(case.truth.count((), case.chosen, quarter).values()), rows[quarter])


@claim("{quarter:quarter}, the last quarter it reported in full: {printed:share} women")
def one_quarter_last(case, quarter, printed):
    one_quarter(case, quarter, printed)
    (entity,) = case.truth.expected(case.chosen, case.quarter)
    own = [each for each in case.truth.quarters if each <= case.quarter and case.truth.own_for(entity, each)]
    need(own[-1] == quarter, f"{own[-1]}")


# -- who has reported ---------------------------------------------------------------------------------------------


@claim("{sentence}; {part:number} of them in part")
def in_part(case, sentence, part):
    kind = judge(case, sentence)
    if kind is None:
        raise Unfit(sentence)
    if case.answer.question in ("coverage", "headline"):
        states = case.truth.states(case.chosen, case.quarter).values()
    else:
        (entity,) = case.chosen["entity"]
        states = [
            state for (each, quarter), state in case.truth.state.items() if each == entity and quarter <= case.quarter
        ]
    need(list(states).count("partial") == whole(part), part)


@claim("The one entity in this selection has not reported; figures are carried forward",
       "The one entity in this selection has not reported", "The one entity in this selection has reported in part",
       "The one entity in this selection has reported")  # fmt: skip
def one_reporting(case):
    states = list(case.truth.states(case.chosen, case.quarter).values())
    wanted = {"forward": "carried", "not reported": "not-submitted", "in part": "partial"}
    said = next((state for end, state in wanted.items() if case.said.sentence.endswith(end)), "reported")
    need(states == [said], f"{states}")


@claim("All {count:number} entities have reported", "Both entities have reported",
       "None of {count:number} entities has reported",
       "{own:number} of {count:number} entities have reported, with {printed:share} of staff")  # fmt: skip
def reporting(case, count="2", own=None, printed=None):
    states = case.truth.states(case.chosen, case.quarter)
    reported = {entity for entity, state in states.items() if state in ("reported", "partial")}
    none = case.said.sentence.startswith("None")
    need(len(states) == whole(count), f"{len(states)}")
    need(len(reported) == (0 if none else whole(own or count)), f"{len(reported)}")
    if printed:
        sizes = {}
        for entity in states:
            known = [q for q in case.truth.quarters if q <= case.quarter and case.truth.size.get((entity, q))]
            sizes[entity] = case.truth.size[entity, known[-1]] if known else 0
        number = float(re.search(r"[\d.]+", printed)[0])
        exact = 100 * sum(sizes[entity] for entity in reported) / sum(sizes.values())
        need(abs(number - exact) <= 0.05 + 1e-9 or (exact > 99.9 and number == 99.9), f"{printed}: {exact}")


@claim("Reported for all {count:number} quarters, never late", "Reported for {own:number} of {count:number} quarters, never late",
       "Reported for {own:number} of {count:number} quarters, late for {late:number}",
       "Reported for {count:number} quarter, on time", "Reported for one quarter, late",
       "Has not reported for the one quarter it took part in", "Has not reported for any of {count:number} quarters")  # fmt: skip
def history(case, count="1", own=None, late="0"):
    (entity,) = case.chosen["entity"]
    if case.said.sentence.startswith("Has not reported"):
        own = "0"
    elif case.said.sentence.startswith("Reported for one quarter, late"):
        late = "1"
    states = {quarter: state for (each, quarter), state in case.truth.state.items()
              if each == entity and quarter <= case.quarter}  # fmt: skip
    need(len(states) == whole(count), f"{len(states)}")
    reported = sum(state in ("reported", "partial") for state in states.values())
    need(reported == whole(own or count), f"{reported}")
    need(sum(case.truth.late[entity, quarter] for quarter in states) == whole(late), late)


# -- rankings -----------------------------------------------------------------------------------------------------


def _needs(said: str) -> tuple[str, int]:
    number, noun = said.removeprefix("about ").rsplit(" ", 1)
    return ("women" if noun in ("woman", "women") else "men"), whole(number)


def _side(case) -> str:
    """Of whom the most is asked for: a panel of the page on the index can be told to be about one sex alone."""
    of_cells = case.said.panel == "cells" and case.said.address.startswith("/parity-index")
    return case.said.options.get("needed", "all") if of_cells else "all"


def _gap(case, key: Key, said: str) -> None:
    """That so many of a sex are needed in a cell."""
    side, number = _needs(said)
    women, men = case.true.get(key, (0, 0))
    need((men > women) == (side == "women") and men != women, f"{said}: {women}, {men}")
    row = case.shown[key]
    if said.startswith("about "):
        need(row.possible is not None, said)
        case.possible(row, (women, men))
        need(number == abs(row.men - row.women), f"{said}: {row}")
        low, high = needs(case.span(row))
        need((low > 0) if side == "women" else (high < 0), f"not clear: {row}")
    else:
        need(row.possible is None and number == abs(men - women), f"{said}: {women}, {men}")


def _all_cells(case) -> dict[Key, Pair]:
    """The cells a ranking is of: those with a name, and at places: with the last of its keys known."""
    last = len(case.by) - 1
    return {key: pair for key, pair in case.true.items() if key[last] not in MISSING}


def _member(case, name: str) -> Key:
    return case.code(name) if case.key else case.cell(name)


@claim(
    "{names} are the largest, with {staff:number} staff each",
    "{count:number} {groups:groups} are the largest, with {staff:number} staff each",
)
def several_largest(case, staff, names=None, count=None, groups=None):
    _of_groups(case, groups)
    sizes = {key: sum(pair) for key, pair in _all_cells(case).items()}
    most = {key for key, size in sizes.items() if size == max(sizes.values())}
    need(max(sizes.values()) == whole(staff) and not case.rounded, f"{most}")
    need(len(most) == whole(count) if count else set(case.members(names)) == most, f"{most}")


def _of_groups(case, groups: str | None) -> None:
    """That what is ranked is called what it is."""
    need(groups is None or groups in NOUNS[case.key], f"{groups} of {case.key}")


def _ranked_rows(case) -> list:
    """The rows with figures of what a ranking is of."""
    return [row for key, row in case.shown.items() if row.staff and key[-1] not in MISSING]


@claim("Rounded figures do not show which {groups:groups} is the largest", silent=True)
def none_largest(case, groups):
    _of_groups(case, groups)
    there = _ranked_rows(case)
    need(case.rounded and there and all(row.left_out for row in there), f"{there}")


@claim("{names} need most: {needed:number} each for equal numbers")
def some_need_most(case, names, needed):
    gaps_ = {key: abs(men - women) for key, (women, men) in _all_cells(case).items()}
    need(max(gaps_.values()) == whole(needed) and not case.rounded, f"{gaps_}")
    need(set(case.members(names)) == {key for key, each in gaps_.items() if each == max(gaps_.values())}, f"{gaps_}")


@claim(
    "{name} is the largest, with {staff:number} staff",
    "{name} is the largest {groups:groups} shown, with about {staff:number} staff",
    "{name} is the largest {groups:groups} shown, with {staff:number} staff",
)
def largest(case, name, staff, groups=None):
    key = _member(case, name)
    _of_groups(case, groups)
    if case.said.panel == "ranking":
        case.own(key, name)
    if case.shown[key].possible is None:
        need(sum(case.true[key]) == whole(staff), f"{case.true[key]}")
    else:
        case.possible(case.shown[key], case.true[key])
        need(case.shown[key].staff == whole(staff), "as shown")
    shown = {other for other in _all_cells(case) if other in case.shown and case.shown[other].staff}
    if "shown" not in case.said.sentence:
        shown = set(_all_cells(case))
    else:
        need(case.rounded, "all are shown")
    need(all(sum(case.true[other]) < sum(case.true[key]) for other in shown - {key}), "another is as large")


@claim(
    "{name} has about {staff:number} staff; no {groups:groups} shown clearly has more",
    "{name} has {staff:number} staff; no {groups:groups} shown clearly has more",
)
def none_larger(case, name, staff, groups):
    key = _member(case, name)
    _of_groups(case, groups)
    row = case.shown[key]
    case.possible(row, case.true[key])
    need(row.staff == whole(staff), f"{row}")
    need((row.possible is not None) == ("about" in case.said.sentence), f"{row}")
    most = sum(end[1] for end in case.span(row))
    for other in _ranked_rows(case):
        if other is not row and not other.left_out:
            need(sum(end[0] for end in case.span(other)) <= most, f"clearly more: {other}")


@claim("Of the groups shown, {name} needs most: {needed:needed}", "{name} needs most: {needed:needed}",
       "{name} needs most: {needed:needed} for equal numbers")  # fmt: skip
def needs_most(case, name, needed):
    key = _member(case, name)
    if case.said.panel == "ranking":
        case.own(key, name)
    _gap(case, key, needed)
    cells = _all_cells(case)
    need(case.said.sentence.startswith("Of the groups shown") == case.rounded, "of those shown alone")
    if case.said.sentence.startswith("Of the groups shown"):
        cells = {other: pair for other, pair in cells.items() if case.shown.get(other) and case.shown[other].staff}
    side = _side(case)
    if side != "all":
        cells = {other: pair for other, pair in cells.items() if (pair[1] > pair[0]) == (side == "women")}
    own = abs(case.true[key][1] - case.true[key][0])
    for other, (women, men) in cells.items():
        need(other == key or abs(men - women) < own, f"{other} needs {men - women}")


@claim("{name} needs {needed:needed}; no group shown clearly needs more")
def none_needs_more(case, name, needed):
    key = _member(case, name)
    _gap(case, key, needed)
    side = _side(case)

    def most_and_least(row) -> tuple[int, int]:
        low, high = needs(case.span(row))
        if side == "all":
            return max(abs(low), abs(high)), 0 if low <= 0 <= high else min(abs(low), abs(high))
        return (high, low) if side == "women" else (-low, -high)

    most = most_and_least(case.shown[key])[0]
    for row in _ranked_rows(case):
        need(row.left_out or most_and_least(row)[1] <= most, f"needs clearly more: {row}")


@claim("No clear difference between women and men in any group shown", "No group shown clearly needs women",
       "No group shown clearly needs men")  # fmt: skip
def no_clear_need(case):
    one = case.said.sentence.rpartition(" needs ")[2] if " needs " in case.said.sentence else ""
    sides = (one,) if one else ("women", "men")
    for key, row in case.shown.items():
        if not row.staff or row.left_out or key[-1] in MISSING:
            continue
        low, high = needs(case.span(row))
        need(not ("women" in sides and low > 0) and not ("men" in sides and high < 0), f"{row}")
    need(_side(case) == (one or "all"), f"{case.said.options}")
    need(case.rounded, "exact")


@claim("Every entity shown has equal numbers of women and men", "Equal numbers everywhere", "Equal numbers in every cell shown",
       "Equal numbers at every level")  # fmt: skip
def equal_everywhere(case):
    # Levels are those of all staff, in a place or not.
    cells = case.true if case.said.sentence.endswith("level") else _all_cells(case)
    need(not case.rounded and cells, "rounded, or none")
    need(all(women == men for women, men in cells.values()), "not equal")


@claim("No group needs women for equal numbers", "No group needs men for equal numbers")
def nowhere(case):
    women = "needs women" in case.said.sentence
    need(_side(case) == ("women" if women else "men"), f"{case.said.options}")
    need(not case.rounded and _all_cells(case), "rounded, or none")
    need(
        not any((pair[1] > pair[0]) if women else (pair[0] > pair[1]) for pair in _all_cells(case).values()),
        "somewhere",
    )


@claim("{count:number} groups need most: {needed:number} {sexes:sexes} each",
       "{count:number} cells are furthest from equal numbers, by {needed:number} each")  # fmt: skip
def several_need_most(case, count, needed, sexes=None):
    side = _side(case)
    gaps = [abs(men - women) for women, men in _all_cells(case).values()
            if side == "all" or (men > women) == (side == "women")]  # fmt: skip
    need(max(gaps) == whole(needed) and gaps.count(max(gaps)) == whole(count), f"{max(gaps)}: {gaps.count(max(gaps))}")
    need(not case.rounded, "rounded")


@claim("Women are needed in the one cell that is not equal", "Women are needed in all {women:number} cells that are not equal",
       "Men are needed in the one cell that is not equal", "Men are needed in all {men:number} cells that are not equal",
       "Women are needed in {women:number} cell, men in {men:number}", "Women are needed in {women:number} cells, men in {men:number}")  # fmt: skip
def cells_needing(case, women=None, men=None):
    sentence = case.said.sentence
    if women is None and men is None:
        women, men = ("1", "0") if sentence.startswith("Women") else ("0", "1")
    down = 0 if case.by == ("entity", "grade") else len(case.by) - 1
    cells = [pair for key, pair in case.true.items() if key[down] not in MISSING]
    found = sum(m > w for w, m in cells), sum(w > m for w, m in cells)
    need(found == (whole(women or "0"), whole(men or "0")), f"{found}")


@claim("{first:both} are clearly needed in {most:cells} shown, {second:sex} in {rest:none}")
def cells_clearly_needing(case, first, most, second, rest):
    need({first.lower(), second} == {"women", "men"}, f"{first}, {second}")
    counts = {first.lower(): most.split()[0], second: rest.replace("none", "0")}
    women, men = counts["women"], counts["men"]
    down = 0 if case.by == ("entity", "grade") else len(case.by) - 1
    found = {"women": 0, "men": 0}
    for key, row in case.shown.items():
        if key[down] in MISSING or not row.staff or row.left_out:
            continue
        case.possible(row, case.true.get(key, (0, 0)))
        low, high = needs(case.span(row))
        true = case.true.get(key, (0, 0))
        if low > 0:
            need(true[0] < true[1], f"{key}: {true}")
            found["women"] += 1
        elif high < 0:
            need(true[1] < true[0], f"{key}: {true}")
            found["men"] += 1
    need(found == {"women": whole(women), "men": whole(men)}, f"{found}")


@claim("Women are {printed:share} in every entity", "Women are {printed:share} in every age group")
def same_share(case, printed):
    need(case.key == ("entity" if "entity" in case.said.sentence else "age_group") and not case.rounded, case.key)
    cells = {key: pair for key, pair in case.true.items() if not set(key) & set(MISSING)}
    for key in cells:
        case.share(printed, key)
    need(len({share(pair) for pair in cells.values()}) == 1, "different")


@claim("Among teams with at least {least:number} staff, the share of women is highest in {name}, at {printed:share}",
       "Among teams shown with at least {least:number} staff, the share of women is highest in {name}, at {printed:share}")  # fmt: skip
def highest(case, name, printed, least):
    need(whole(least) == RANKED_FROM, least)
    need((" shown " in case.said.sentence) == case.rounded, "of those shown alone")
    if found := re.fullmatch(r"([\d,]+) teams alike", name):
        large = {key: share(pair) for key, pair in _all_cells(case).items() if sum(pair) >= whole(least)}
        keys = [key for key, each in large.items() if each == max(large.values())]
        need(len(keys) == whole(found[1]), f"{keys}")
    else:
        keys = case.members(name)
    key = keys[0]
    for each in keys:
        case.share(printed, each)
        need(
            sum(case.true[each]) >= whole(least) and share(case.true[each]) == share(case.true[key]),
            f"{case.true[each]}",
        )
    for other, pair in _all_cells(case).items():
        if " shown " in case.said.sentence and not (case.shown.get(other) and case.shown[other].staff):
            continue
        if other not in keys and sum(pair) >= whole(least):
            need(share(pair) < share(case.true[key]), f"{other}: {pair}")


def _moves(case) -> dict[str, float] | None:
    """Entity -> points since the earlier quarter, of those that can be compared and have staff enough in both."""
    earlier = case.beside(1)
    same = case.truth.same(case.quarter, earlier.quarter)
    found = {}
    for (entity,), pair in case.true.items():
        then = earlier.true.get((entity,))
        rows = case.shown.get((entity,)), earlier.shown.get((entity,))
        if any(row and row.protection == "rounded" for row in rows):
            continue  # told apart: what moved may be the rounding
        if entity in same and then and min(sum(pair), sum(then)) >= NAMED_FROM:
            found[entity] = 100 * (share(pair) - share(then))
    apart = any(row.protection == "rounded" for answer in (case.answer, earlier.answer) for row in answer.rows)
    ending = case.said.sentence.endswith("(without entities whose figures are rounded or not shown)")
    need(ending == (apart and bool(found)), "who is left out")
    return found


@claim("{moved} (without entities whose figures are rounded or not shown)")
def of_exact_ones(case, moved):
    if judge(case, moved) is None:
        raise Unfit(moved)


@claim("No comparable earlier figures", silent=True)
def nothing_comparable(case):
    if len(case.said.answers) < 2:
        # The release does not reach back so far.
        back = int(case.said.options["since"])
        need(min(case.truth.quarters) > before(case.quarter, back), "there is an earlier quarter")
        return
    earlier = case.beside(1)
    same = case.truth.same(case.quarter, earlier.quarter)
    if any(answer.protection != "exact" for answer in case.said.answers):
        both = {key for key, row in case.shown.items() if row.staff} & {
            key for key, row in earlier.shown.items() if row.staff
        }
    else:
        both = set(case.true) & set(earlier.true)
    need(not [key for key in both if key[0] in same], "comparable")


@claim("We give no change for rounded figures", silent=True)
def no_change_of_rounded(case):
    need(case.rounded or case.beside(1).rounded, "exact")


@claim("No entity with at least {least:number} staff can be compared with {quarter:quarter}", silent=True)
def no_entity_comparable(case, least, quarter):
    need(whole(least) == NAMED_FROM, least)
    if case.answer.question == "entity_trend":
        need(min(row.keys["quarter"] for row in case.answer.rows) == quarter, quarter)
        need(not _developed(case), f"{_developed(case)}")
    else:
        need(case.beside(1).quarter == quarter and not _moves(case), f"{_moves(case)}")


@claim("{gained}, most in {name} ({points:change})")
def gained_most(case, gained, name, points):
    if judge(case, gained) is None:
        raise Unfit(gained)
    (code,) = case.code(name)
    moves = _moves(case)
    need(all(each == code or moves[each] < moves[code] for each in moves), "another moved as far")
    need(moves[code] >= 0.05 and _prints(points.split()[0].lstrip("+"), moves[code]), f"{moves[code]}")


@claim(
    "The share of women rose in {up:number} and fell in {down:number} of {count:number} comparable entities with at least {least:number} staff since {quarter:quarter}"
)
def gained(case, up, down, count, least, quarter):
    moves = _moves(case)
    need(case.beside(1).quarter == quarter and whole(least) == NAMED_FROM, quarter)
    found = sum(each >= 0.05 for each in moves.values()), sum(each <= -0.05 for each in moves.values()), len(moves)
    need(found == (whole(up), whole(down), whole(count)), f"{found}")


@claim("Only {name} has at least {least:number} staff and can be compared with {quarter:quarter}: {points:change}")
def gained_alone(case, name, least, quarter, points):
    need(whole(least) == NAMED_FROM, least)
    moves, (code,) = _moves(case), case.code(name)
    need(list(moves) == [code] and case.beside(1).quarter == quarter, f"{moves}")
    need(
        abs(moves[code]) < 0.05 if points == "no change" else _prints(points.split()[0].lstrip("+"), moves[code]),
        f"{moves}",
    )


@claim(
    "The share of women has not changed since {quarter:quarter} in any of {count:number} comparable entities with at least {least:number} staff"
)
def gained_nowhere(case, count, least, quarter):
    need(whole(least) == NAMED_FROM, least)
    moves = _moves(case)
    need(case.beside(1).quarter == quarter, quarter)
    need(len(moves) == whole(count) and all(abs(each) < 0.05 for each in moves.values()), f"{moves}")


def _developed(case) -> dict[str, float]:
    """Entity -> points since the first quarter of the answer, of those that can be compared and have staff enough."""
    first = min(row.keys["quarter"] for row in case.answer.rows)
    if first == case.quarter:
        return {}
    same = case.truth.same(case.quarter, first)
    then, now = (case.truth.count(("entity",), case.chosen, quarter) for quarter in (first, case.quarter))
    return {
        entity: 100 * (share(now[entity,]) - share(then[entity,]))
        for entity in same
        if (entity,) in then and (entity,) in now and min(sum(then[entity,]), sum(now[entity,])) >= NAMED_FROM
    }


@claim("The share of women is the same as in {quarter:quarter} in all {count:number} comparable entities with at least {least:number} staff",
       "The share of women has risen since {quarter:quarter} in all {count:number} comparable entities with at least {least:number} staff",
       "The share of women has fallen since {quarter:quarter} in all {count:number} comparable entities with at least {least:number} staff",
       "Since {quarter:quarter} the share of women rose in {up:number} and fell in {down:number} of {count:number} comparable entities with at least {least:number} staff")  # fmt: skip
def developed(case, quarter, count, least, up=None, down=None):
    need(whole(least) == NAMED_FROM, least)
    moves = _developed(case)
    risen, fallen = sum(each >= 0.05 for each in moves.values()), sum(each <= -0.05 for each in moves.values())
    need(min(row.keys["quarter"] for row in case.answer.rows) == quarter, quarter)
    if "has risen" in case.said.sentence:
        up, down = count, "0"
    elif "has fallen" in case.said.sentence:
        up, down = "0", count
    need(
        (risen, fallen, len(moves)) == (whole(up or "0"), whole(down or "0"), whole(count)),
        f"{risen} {fallen} {len(moves)}",
    )


@claim("{name}: women were {then:share} in {quarter:quarter} and are {now:share}")
def developed_alone(case, name, then, quarter, now):
    (code,) = case.code(name, "entity")
    need(set(_developed(case)) == {code}, f"{_developed(case)}")
    need(min(row.keys["quarter"] for row in case.answer.rows) == quarter, quarter)
    exactly(then, case.truth.count(("entity",), case.chosen, quarter)[code,])
    exactly(now, case.truth.count(("entity",), case.chosen, case.quarter)[code,])


@claim(
    "{count:number} entity has enough staff here for a line",
    "{count:number} entities have enough staff here for a line",
    "No entity has enough staff here for a line",
    "No entity shown has shares for a line",
    silent=True,
)
def lines(case, count="0"):
    drawn = {
        row.keys["entity"]
        for row in case.answer.rows
        if row.share_women is not None and (row.possible is not None or row.staff >= FEW)
    }
    need(len(drawn) == whole(count), f"{drawn}")


# -- gaps ---------------------------------------------------------------------------------------------------------


@claim("{needed:more} needed for equal numbers; no level offsets another",
       "{needed:more} needed for equal numbers; {gross:number} women or men, counting each level separately",
       "Equal numbers overall, but {gross:number} women or men are needed counting each level separately")  # fmt: skip
def gaps(case, needed=None, gross=None):
    cells = case.true.values()
    net, all_ = sum(men - women for women, men in cells), sum(abs(men - women) for women, men in cells)
    if needed is None:
        need(net == 0, f"{net}")
    else:
        side, number = _needs(re.sub(" more | (is|are)$", " ", needed).strip())
        need(number == abs(net) and (net > 0) == (side == "women"), f"{net}")
    need(all_ == (whole(gross) if gross else abs(net)), f"{all_}")


@claim("The gap, grade by grade, is the same as {when} ago",
       "The gap, grade by grade, fell by {count:number} in {when}",
       "The gap, grade by grade, rose by {count:number} in {when}")  # fmt: skip
def gaps_before(case, when, count=None):
    then = before(case.quarter, {"a year": 4, "five years": 20}[when])
    same = case.truth.same(case.quarter, then) & case.truth.asked_of(case.chosen)
    gross = []
    for quarter in (then, case.quarter):
        cells = {}
        for (entity, grade), (women, men) in case.truth.count(("entity", "grade"), case.chosen, quarter).items():
            if entity in same:
                cells[grade] = cells.get(grade, 0) + men - women
        gross.append(sum(map(abs, cells.values())))
    moved = gross[1] - gross[0]
    need(moved == (0 if count is None else whole(count) * (1 if " rose by " in case.said.sentence else -1)), f"{gross}")


@claim("There is no comparable earlier quarter", silent=True)
def no_earlier(case):
    now = case.truth.count(("entity",), case.chosen, case.quarter)
    for back in (4, 20):
        then = before(case.quarter, back)
        same = case.truth.same(case.quarter, then)
        earlier = case.truth.count(("entity",), case.chosen, then) if then in case.truth.ids["quarter"] else {}
        need(not [key for key in (*now, *earlier) if key[0] in same], f"{then} can be compared")


# -- grades -------------------------------------------------------------------------------------------------------


def _ladder(case) -> list[str]:
    """Grades from Professional to the top at which there truly is anybody, most senior first."""
    order = list(case.truth.ids["grade"])
    grades = {code for (code,) in _grades(case)}
    return [code for code in order if code in grades and LADDER.fullmatch(code)]


def _grades(case) -> dict[Key, Pair]:
    return case.truth.count(("grade",), case.chosen, case.quarter)


def _grade_rows(case) -> dict[str, object]:
    return {
        row.keys["grade"]: row
        for row in case.answer.rows
        if row.keys.get("basis", "all") == "all" and row.keys.get("quarter", case.quarter) == case.quarter
    }


def _falls(case) -> tuple[dict[tuple[str, str], float], bool]:
    """(lower, upper) neighbours that can be compared -> by how much the share of women falls; and whether all can."""
    cells, ladder, rows = _grades(case), _ladder(case), _grade_rows(case)
    if case.rounded:
        ladder = [code for code in case.truth.ids["grade"] if LADDER.fullmatch(code) and code in rows
                  and (rows[code].staff or rows[code].reason in ("fewer", "withheld"))]  # fmt: skip
        enough = {code for code in ladder if rows[code].share_women is not None and not rows[code].left_out
                  and (rows[code].staff or 0) >= NAMED_FROM}  # fmt: skip
    else:
        enough = {code for code in ladder if sum(cells[code,]) >= NAMED_FROM}
    pairs = list(zip(ladder[1:], ladder[:-1], strict=True))
    told = [(lower, upper) for lower, upper in pairs if lower in enough and upper in enough]
    return {(lower, upper): share(cells[lower,]) - share(cells[upper,]) for lower, upper in told}, len(told) == len(
        pairs
    )


def _steps(said: str) -> set[tuple[str, str]]:
    return {(lower, upper) for lower, upper in re.findall(r"(\S+?) to ([^\s,]+)", said)}


@claim("The share of women does not fall from any grade to the next",
       "The share of women does not fall from {pairs}; other grades have too few staff",
       "The share of women does not fall between any of {count:number} pairs of neighbouring grades with enough staff")  # fmt: skip
def falls_nowhere(case, pairs=None, count=None):
    falls, every = _falls(case)
    if pairs:
        need(_steps(pairs) == set(falls), f"{set(falls)}")
    elif count:
        need(len(falls) == whole(count), f"{len(falls)}")
    else:
        need(every and not case.rounded, "not all can be compared")
    need(falls and all(each <= 0 for each in falls.values()), f"{falls}")


@claim("Among neighbouring grades with enough staff, the share of women falls most from {lower} ({low:share}) to {upper} ({high:share})",
       "The share of women falls most from {lower} ({low:share}) to {upper} ({high:share})",
       "Among neighbouring grades with a share, that of women falls most from {lower} ({low:share}) to {upper} ({high:share})",
       "The share of women falls from {lower} ({low:share}) to {upper} ({high:share})")  # fmt: skip
def falls_most(case, lower, low, upper, high):
    cells, rows = _grades(case), _grade_rows(case)
    case.figure(low, cells[lower,], rows[lower])
    case.figure(high, cells[upper,], rows[upper])
    falls, every = _falls(case)
    own = falls[lower, upper]
    need(own > 0, f"{own}")
    # Of rounded figures a fall is told where it is clear, and of exact ones the largest.
    need(shares(case.span(rows[lower]))[0] > shares(case.span(rows[upper]))[1], f"not clear: {rows[lower]}")
    need("most" in case.said.sentence or case.rounded, "exact")
    need(("with a share" in case.said.sentence) <= case.rounded, "exact")
    if "most" in case.said.sentence:
        need(all(pair == (lower, upper) or other < own for pair, other in falls.items()), f"{falls}")
        if not case.said.sentence.startswith("Among"):
            need(every and not case.rounded, "not all can be compared")


@claim("Among neighbouring grades with enough staff, the share of women falls most, and equally, from {pairs}",
       "The share of women falls most, and equally, from {pairs}")  # fmt: skip
def falls_most_equally(case, pairs):
    falls, every = _falls(case)
    most = max(falls.values())
    need(_steps(pairs) == {pair for pair, each in falls.items() if abs(each - most) < 1e-12} and most > 0, f"{falls}")
    need(every or case.said.sentence.startswith("Among"), "not all can be compared")


@claim("No clear fall in the share of women between the grades that can be compared: {pairs}")
def falls_not_clearly(case, pairs):
    falls, _every = _falls(case)
    need(_steps(pairs) == set(falls), f"{set(falls)}")
    rows = _grade_rows(case)
    need(case.rounded and falls, "exact, or none")
    for lower, upper in falls:
        ends = [shares(case.span(rows[code])) for code in (lower, upper)]
        need(ends[0][0] <= ends[1][1], f"{lower} to {upper}: {ends}")


@claim(
    "Too few staff at neighbouring grades to compare",
    "No two neighbouring grades have shares to compare",
    silent=True,
)
def falls_unknown(case):
    need(not _falls(case)[0], f"{_falls(case)[0]}")


def _may_have_most(case, rows: dict[str, object], side: int) -> set[str]:
    """The grades at which, by what rounding leaves open, there may be most women (0) or men (1)."""
    ends = {code: case.span(row)[side] for code, row in rows.items()}
    least = max(low for low, _high in ends.values())
    return {code for code, (_low, high) in ends.items() if high >= least}


def _most(case, side: int, grades: set[str]) -> set[str]:
    cells = _grades(case)
    most = max(cells[code,][side] for code in grades)
    return {code for code in grades if cells[code,][side] == most}


@claim(
    "Of the grades shown, most women are at {women}, most men at {men}", "Most women are at {women}, most men at {men}"
)
def most_at(case, women, men):
    grades = set(_ladder(case))
    shown = case.said.sentence.startswith("Of the grades shown")
    if shown:
        rows = _grade_rows(case)
        grades = {code for code in grades if code in rows and rows[code].staff}
    for side, said in enumerate((women, men)):
        codes = set(re.split(r", | and | or ", said))
        most = _most(case, side, grades)
        if shown:
            need(most <= codes, f"{most} not all in {codes}")
            wanted = _may_have_most(case, {code: rows[code] for code in grades}, side)
            need(wanted == codes and case.rounded, f"{wanted}, not {codes}")
        else:
            need(most == codes and not case.rounded, f"{most} {codes}")


@claim("Most women and most men are at {grade}")
def both_most_at(case, grade):
    most_at(case, grade, grade)


@claim("No movements are shown for this selection", silent=True)
def movements_not_shown(case):
    need(not case.answer.rows and case.answer.scope.audience == "public", "some are shown")
    need("department" in case.chosen, "no department")


@claim("No movements reported for this selection", "Nobody was appointed or promoted in four quarters", silent=True)
def no_movements(case):
    moved = case.truth.moved(case.chosen, case.quarter)
    need(not sum(map(sum, (moved.get("appointed", (0, 0)), moved.get("promoted-in", (0, 0))))), f"{moved}")


@claim("Women are {appointed:share} of those appointed and {promoted:share} of those promoted in four quarters",
       "Women: {appointed:share} appointed, {promoted:share} promoted in four quarters")  # fmt: skip
def movements(case, appointed, promoted):
    moved = case.truth.moved(case.chosen, case.quarter)
    exactly(appointed, moved.get("appointed", (0, 0)))
    exactly(promoted, moved.get("promoted-in", (0, 0)))


# -- ages, nationalities, teams -----------------------------------------------------------------------------------


@claim("Women are {most:share} of those aged {young}, {least:share} of those aged {old}")
def ages(case, most, young, least, old):
    if case.key != "age_group":
        raise Unfit(young)
    for said, names in ((most, young), (least, old)):
        for key in case.members(names):
            case.share(said, key)
    top, bottom = set(case.members(young)), set(case.members(old))
    keys = {key for key in case.true if not set(key) & set(MISSING)}
    shares = {key: share(case.true[key]) for key in keys}
    if not case.rounded:
        need(top == {key for key in keys if shares[key] == max(shares.values())}, f"{shares}")
        need(bottom == {key for key in keys if shares[key] == min(shares.values())}, f"{shares}")
    else:
        need(min(shares[key] for key in top) > max(shares[key] for key in bottom), f"{shares}")


@claim("{count:number} nationality is shown; its rounded figures do not show its status",
       "{count:number} nationalities are shown; their rounded figures do not show their status",
       "No country team shown has a status", "No nationality shown has a status", silent=True)  # fmt: skip
def nobody_judged(case, count=None):
    need(not case.judged, f"{case.judged}")
    there = [key for key, row in case.shown.items() if row.staff and not set(key) & set(MISSING)]
    need(there and (count is None or len(there) == whole(count)), f"{len(there)}")
    need((case.key == "nationality") == ("nationalit" in case.said.sentence), case.key)


@claim(
    "Of {judged:number} nationality with a status, women are at parity in {parity:number}, below it in {below:number} and above it in {above:number}",
    "Of {judged:number} nationalities with a status, women are at parity in {parity:number}, below it in {below:number} and above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams, at parity in {parity:number} and above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams with a status, at parity in {parity:number} and above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams, {there:number} of them in {region}; at parity in {parity:number}, above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams with a status, {there:number} of them in {region}; at parity in {parity:number}, above it in {above:number}",
)
def tally(case, below, parity, above, judged, there=None, region=None):
    found = len(case.of("below")), len(case.of("parity")), len(case.of("above")), len(case.judged)
    need((case.key == "nationality") == ("nationalit" in case.said.sentence), case.key)
    need(found == tuple(map(whole, (below, parity, above, judged))), f"{found}")
    need("with a status" in case.said.sentence or case.every, "not all have a status")
    if region:
        code = next(code for code, name in case.truth.names["region"].items() if name == region)
        regions = case.truth.regions_of_teams()
        need(whole(there) == sum(regions[key[0]] == {code} for key in case.of("below")), f"{there} in {region}")


@claim("Women are below parity in all {count:number} country teams with a status",
       "Women are above the parity band in all {count:number} country teams with a status")  # fmt: skip
def tally_all(case, count):
    # That all are at parity is said in the words of every breakdown.
    wanted = "below" if "below" in case.said.sentence else "above"
    need(len(case.judged) == len(case.of(wanted)) == whole(count), f"{case.judged}")


@claim("One country team has a status: {name} is {verdict} ({printed:share})")
def tally_one(case, name, verdict, printed):
    key = case.code(name)
    case.share(printed, key)
    need(set(case.judged) == {key}, f"{case.judged}")
    need(
        {"below parity": "below", "at parity": "parity", "above parity": "above"}[verdict] == case.judged[key], verdict
    )


@claim("Of {count:number} nationality with a status, women are clearly under {low:number} % in {under:number} and over {high:number} % in {over:number}",
       "Of {count:number} nationalities with a status, women are clearly under {low:number} % in {under:number} and over {high:number} % in {over:number}")  # fmt: skip
def far(case, count, low, under, high, over):
    need(len(case.judged) == whole(count) and (whole(low), whole(high)) == EDGES, f"{len(case.judged)}")
    need((whole(under), whole(over)) == _clearly_far(case), f"{_clearly_far(case)}")


def _clearly_far(case) -> tuple[int, int]:
    """How many of those with a status are clearly under the lowest edge, and over the highest; truly so, too."""
    under, over = set(), set()
    for key in case.judged:
        low, high = shares(case.span(case.shown[key]))
        if 100 * high < EDGES[0]:
            under.add(key)
        if 100 * low > EDGES[1]:
            over.add(key)
    need(all(100 * share(case.true[key]) < EDGES[0] for key in under), f"{under}")
    need(all(100 * share(case.true[key]) > EDGES[1] for key in over), f"{over}")
    return len(under), len(over)


@claim("In {count:number} nationality with a status, women are neither clearly under {low:number} % nor over {high:number} %",
       "In none of {count:number} nationalities with a status are women clearly under {low:number} % or over {high:number} %")  # fmt: skip
def none_far(case, count, low, high):
    need(len(case.judged) == whole(count) and (whole(low), whole(high)) == EDGES, f"{len(case.judged)}")
    need(_clearly_far(case) == (0, 0), f"{_clearly_far(case)}")


@claim("{count:number} entity has staff here, at {grades:number} grade", "{count:number} entity has staff here, at {grades:number} grades",
       "{count:number} entities have staff here, at {grades:number} grade", "{count:number} entities have staff here, at {grades:number} grades")  # fmt: skip
def cells_there(case, count, grades):
    found = len({key[0] for key in case.true}), len({key[1] for key in case.true})
    need(found == (whole(count), whole(grades)), f"{found}")


def _here_and_there(case) -> tuple[set[str], set[str]]:
    """Entities with staff here, and with staff under the same filters in the whole system."""
    there = {key[0] for key in case.beside(1).true}
    return {key[0] for key in case.true}, there


@claim("{name} has such staff elsewhere, but not here", "{name} has such staff here", "{name} has no staff here",
       "{name} has staff here")  # fmt: skip
def one_here(case, name):
    here, there = _here_and_there(case)
    (code,) = case.beside(1).code(name, "entity")
    need(there == {code}, f"{there}")
    need((code in here) == (not re.search("has no |not here", case.said.sentence)), f"{here}")
    need(bool(set(case.chosen) - {"unct", "entity"}) == ("such staff" in case.said.sentence), "of whom")


@claim("All {of:number} entities with such staff have some here", "{names} have staff here",
       "All {of:number} chosen entities with figures have staff here", "All {of:number} entities with figures have staff here")  # fmt: skip
def all_here(case, of=None, names=None):
    here, there = _here_and_there(case)
    if names:
        codes = {key[0] for key in case.members(names)}
        need(codes == here == there, f"{here} of {there}")
        return
    filtered = set(case.chosen) - {"unct", "entity"}
    need(bool(filtered) == ("such staff" in case.said.sentence), f"{filtered}")
    need(("chosen" in case.said.sentence) == ("entity" in case.chosen and not filtered), "of whom")
    need(there <= here and len(there) == whole(of), f"{there - here}")


@claim("{count:number} of {of:number} entities with such staff has none here", "{count:number} of {of:number} entities with such staff have none here",
       "{count:number} of {of:number} chosen entities with figures has no staff here",
       "{count:number} of {of:number} chosen entities with figures have no staff here",
       "{count:number} of {of:number} entities with figures has no staff here", "{count:number} of {of:number} entities with figures have no staff here")  # fmt: skip
def some_absent(case, count, of):
    here, there = _here_and_there(case)
    filtered = set(case.chosen) - {"unct", "entity"}
    need(bool(filtered) == ("such staff" in case.said.sentence), f"{filtered}")
    need(("chosen" in case.said.sentence) == ("entity" in case.chosen and not filtered), "of whom")
    need((len(there - here), len(there)) == (whole(count), whole(of)), f"{len(there - here)} of {len(there)}")


@claim("No Resident Coordinator is reported for this team", "The Resident Coordinator is a woman", "The Resident Coordinator is a man",
       "{printed:share} Resident Coordinators are women")  # fmt: skip
def coordinator(case, printed=None):
    sentence = case.said.sentence
    if printed:
        exactly(printed, case.total)
    else:
        need(
            case.total == ((0, 0) if sentence.startswith("No ") else (1, 0) if "woman" in sentence else (0, 1)),
            f"{case.total}",
        )


@claim("No Resident Coordinator is reported", "{count:number} country team has a Resident Coordinator",
       "{count:number} country teams have a Resident Coordinator",
       "{count:number} country team has a Resident Coordinator; {missing:more_teams} none reported",
       "{count:number} country teams have a Resident Coordinator; {missing:more_teams} none reported")  # fmt: skip
def coordinators(case, count="0", missing=None):
    there = {key[0] for key in case.true} - set(MISSING)
    need(len(there) == whole(count), f"{len(there)}")
    # A team of which no figure is shown is a team all the same.
    teams = {key[0] for key, row in case.beside(1).shown.items() if key[0] not in MISSING}
    need({key[0] for key in case.beside(1).true} - set(MISSING) <= teams, f"{teams}")
    if missing or count != "0":
        need(len(teams - there) == whole((missing or "0").split()[0]), f"{len(teams - there)}")


@claim(
    "{now:share} are women in {last:quarter}; {before_:share} in {first:quarter}",
    "{last:quarter}: {now:share} are women",
)
def coordinators_over_time(case, now, last, before_=None, first=None):
    pairs = {key[0]: pair for key, pair in case.truth.count(("quarter",), case.chosen).items()}
    quarters = sorted(quarter for quarter in pairs if quarter <= case.quarter)
    need((quarters[0], quarters[-1]) == (first or last, last), f"{quarters}")
    rows = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "all"}
    case.figure(now, pairs[last], rows[last])
    if before_:
        case.figure(before_, pairs[first], rows[first])


@claim("{level}: {finding}")
def level(case, level, finding):
    if case.answer.question != "department_by_grade" or level not in NAMES["category"].values():
        raise Unfit(level)
    need(NAMES["category"][case.chosen["category"][0]] == level and len(case.chosen["category"]) == 1, level)
    inner = Case(Said(**{**case.said.__dict__, "sentence": finding}), 1, case.release)
    if judge(inner, finding) is None:
        raise Unfit(finding)


# -- the headline -------------------------------------------------------------------------------------------------


def _is_headline(case, who) -> Pair:
    """The true total a headline is about, whose filters have to be its words and no others."""
    if case.answer.question != "headline":
        raise Unfit("not a headline")
    (row,) = case.shown.values()
    case.about_whom(who, case.said.selection.chosen, row)
    return case.total


def _verdict(case, said: str, pair: Pair) -> None:
    verdict, _, exception = said.partition(", but ")
    wanted = {"parity": "parity", "parity overall": "parity", "below parity": "below", "above the parity band": "above"}
    need(status(*pair) == wanted[verdict], f"{said}: {pair}")
    if exception:
        _exception(case.beside(1), exception)
    elif verdict == "parity" and case.said.answers[1].protection != "refused":
        grades = case.beside(1)
        # What is called parity without more is not below at most grades.
        need(not (grades.of("below") or grades.of("above")) or len(grades.judged) < 2, f"{grades.judged}")


def _exception(case, said: str) -> None:
    """What "parity overall" hides, of grades."""
    count = r"([\d,]+) of (the )?([\d,]+) grades( with a status)?"
    if found := re.fullmatch(rf"(above the band|below it) at {count}(?:, including (\S+?)(?: to (\S+))?)?", said):
        side, number, _the, grades, qualified, low, high = found.groups()
        need(qualified or case.every, "not all have a status")
        need(len(case.judged) == whole(grades), f"{len(case.judged)}")
        need(len(case.of("below" if side == "below it" else "above")) == whole(number), f"{case.judged}")
        if side == "above the band":
            need(not case.of("below"), f"{case.of('below')}")
        run = _run(case, low, high or low) if low else []
    elif found := re.fullmatch(r"not (?:at (\S+)|from (\S+) to (\S+))", said):
        need(case.every, "not all have a status")
        run = _run(case, found[1] or found[2], found[1] or found[3])
        need({(code,) for code in run} == case.of("below"), f"{case.of('below')}")
    else:
        raise Unfit(said)
    need(all(case.judged.get((code,)) == "below" for code in run), f"{run}")


def _run(case, low: str, high: str) -> list[str]:
    """The grades of the ladder between two, at which there is anybody to judge."""
    order = [code for code in case.truth.ids["grade"] if LADDER.fullmatch(code)]
    inside = order[order.index(high) : order.index(low) + 1]
    need(low in inside and high in inside, f"{low} {high}")
    return [code for code in inside if (code,) in case.judged]


@claim("One woman and no men among {who}", "One man and no women among {who}")
def headline_of_one(case, who):
    need(_is_headline(case, who) == ((1, 0) if case.said.sentence.startswith("One woman") else (0, 1)), f"{case.total}")


@claim("{women:number} women and {men:number} men among {who}: too few to judge parity",
       "{women:number} woman and {men:number} men among {who}: too few to judge parity",
       "{women:number} women and {men:number} man among {who}: too few to judge parity",
       "{women:number} woman and {men:number} man among {who}: too few to judge parity")  # fmt: skip
def headline_of_few(case, women, men, who):
    need(_is_headline(case, who) == (whole(women), whole(men)) and sum(case.total) < FEW, f"{case.total}")


@claim("No women among the {staff:number} {who}", "All {staff:number} {who} are women")
def headline_of_one_sex(case, staff, who):
    need(
        _is_headline(case, who) == ((0, whole(staff)) if case.said.sentence.startswith("No") else (whole(staff), 0)),
        f"{case.total}",
    )


@claim(
    "As many women as men among {who} ({women:number} each): {verdict:verdict}",
    "As many women as men among {who}: {women:number} each",
)
def headline_of_equals(case, who, women, verdict="parity"):
    need(_is_headline(case, who) == (whole(women), whole(women)), f"{case.total}")
    _verdict(case, verdict, case.total)


@claim("Women are {printed:share} of {who}: {verdict:verdict}", "{women:number} of {staff:number} {who} are women ({printed:share}): {verdict:verdict}",
       "{women:number} of {staff:number} {who} is a woman ({printed:share}): {verdict:verdict}")  # fmt: skip
def headline(case, printed, who, verdict, women=None, staff=None):
    total = _is_headline(case, who)
    (row,) = case.shown.values()
    need(row.possible is None, "rounded")
    exactly(printed, total)
    if women is not None:
        exactly(f"{women} of {staff}", total)
    _verdict(case, verdict, total)


@claim("About {women:number} of about {staff:number} {who} are women ({printed:share}): {verdict:verdict}",
       "About {women:number} of about {staff:number} {who} are women: {verdict:verdict}",
       "About {women:number} of about {staff:number} {who} are women ({printed:share})",
       "About {women:number} of about {staff:number} {who} are women")  # fmt: skip
def rounded_headline(case, women, staff, who, printed=None, verdict=None):
    total = _is_headline(case, who)
    (row,) = case.shown.values()
    case.figure(f"about {women} of {staff}", total, row)
    if printed:
        case.figure(printed, total, row)
    if verdict:
        need(not row.left_out, f"a verdict on a sum without {row.left_out}")
        _verdict(case, verdict, total)


# -- scopes compared ----------------------------------------------------------------------------------------------


def _compared(case) -> list[tuple[Case, Pair, object]]:
    """The scopes of a comparison that have figures: the truth of each, and the row that shows it."""
    if case.said.panel not in ("compare", "compare-by"):
        raise Unfit("not a comparison")
    found = []
    for place in range(len(case.said.answers)):
        one = case.beside(place)
        row = next((row for row in one.answer.rows
                    if row.keys["basis"] == "all" and row.keys["quarter"] == one.quarter), None)  # fmt: skip
        if row is not None and row.women is not None and row.staff:
            found.append((one, one.total, row))
    return found


@claim("Women are {shares}")
def compared(case, shares):
    sides = _compared(case)
    shares, _, left = shares.partition(". Without figures: ")
    shares, _, left = (shares, "", left) if left else shares.partition(", with nothing to compare: ")
    shares, _, verdict = shares.rpartition(": ") if len(sides) > 1 else (shares, "", "")
    if verdict and not re.search(r"apart$|difference$|too few to compare$|compared like", verdict):
        shares, verdict = f"{shares}: {verdict}" if shares else verdict, ""
    several = len({case.beside(place).quarter for place in range(len(case.said.answers))}) > 1
    rest = shares
    for number, (one, pair, row) in enumerate(sides):
        found = re.match(SHARE, rest)
        need(found, f"no share of {row} in {rest!r}")
        one.figure(found[0], pair, row)
        # Names have commas of their own: who is meant is what the selection is called, and no more.
        rest = rest[found.end() :].removeprefix(" of ").removeprefix(" ")
        whom = one.who(one.chosen) + (f" in {one.quarter}" if several else "")
        need(rest.startswith(whom), f"{rest!r} is not of {whom!r}")
        rest = rest[len(whom) :]
        if without := re.match(r", without (.+?) \((?:fewer than \d+|too few to show), or not shown\)", rest):
            one.about_whom(f"{one.who(one.chosen)}{without[0]}", one.chosen, row)
            rest = rest[without.end() :]
        else:
            need(not row.left_out, f"left out: {row.left_out}")
        if counts := re.match(r" \(((?:about )?[\d,]+ of [\d,]+)\)", rest):
            one.figure(counts[1], pair, row)
            rest = rest[counts.end() :]
        between = "" if number == len(sides) - 1 else " and " if number == len(sides) - 2 else ", "
        need(rest.startswith(between), f"{rest!r} after {whom!r}")
        rest = rest[len(between) :]
    need(not rest, f"{rest!r} is of nobody")
    _left_out_of_comparison(case, sides, left, several)
    if len(sides) > 1:
        _apart(sides, verdict)


def _left_out_of_comparison(case, sides, left: str, several: bool) -> None:
    """That those without figures are named, with the reason why, and nobody else."""
    there = {one.place for one, _pair, _row in sides}
    missing = [case.beside(place) for place in range(len(case.said.answers)) if place not in there]
    said = left.split("; ") if left else []
    rest = left
    for number, one in enumerate(missing):
        whom = one.who(one.chosen) + (f" in {one.quarter}" if several else "")
        need(rest.startswith(f"{whom} – "), f"{rest!r} is not of {whom!r}")
        rest = rest[len(whom) + 3 :]
        why, _, rest = rest.partition("; ") if number < len(missing) - 1 else (rest, "", "")
        _why_missing(one, why)
    need(not rest and (bool(missing) == bool(said)), f"{left!r} of {len(missing)}")


def _why_missing(one: Case, why: str) -> None:
    """That a reason why a scope has no figures is the right one."""
    row = next(
        (row for row in one.answer.rows if row.keys["basis"] == "all" and row.keys["quarter"] == one.quarter), None
    )
    if why == "no staff (confirmed zero)":
        need(not sum(one.total) and not one.truth.silent(one.quarter, one.chosen), f"{one.total}")
    elif why in ("not shown together", "not shown together in public"):
        need(one.answer.protection == "refused", "not refused")
        need(("public" in why) == (one.answer.scope.audience == "public"), "for whom")
    elif why == "not submitted":
        need(one.truth.silent(one.quarter, one.chosen), "submitted")
    elif why == "not shown, to protect individuals":
        need(row is not None and row.reason == "withheld", f"{row}")
    elif found := re.fullmatch(r"fewer than (\d+)(?: each)?", why):
        need(row is not None and row.reason == "fewer" and int(found[1]) in FLOORS, f"{row}")
        most = (int(found[1]) - 1 + ERROR_TOGETHER) * max(len(row.left_out), 1)
        need(sum(one.total) <= most, f"{one.total}")
    elif why == "no such code in this release":
        need(any(code not in one.truth.ids[name] for name, codes in one.chosen.items() for code in codes), "known")
    elif why == "nothing matches these filters":
        need(not sum(one.total), f"{one.total}")
    else:
        raise Unfit(why)


def _alike(one: Case, other: Case) -> bool:
    """Whether figures of two scopes can be compared: in one quarter always, else where they share such entities."""
    if one.quarter == other.quarter:
        return True
    late, early = sorted((one, other), key=lambda case: case.quarter, reverse=True)
    both = [set(case.truth.expected(case.chosen, case.quarter)) for case in (late, early)]
    there = both[0] & both[1]
    return not there or bool(there & one.truth.same(late.quarter, early.quarter))


def _apart(sides, verdict: str) -> None:
    """How far the shares of scopes are apart."""
    pairs = [(one, other) for place, one in enumerate(sides) for other in sides[place + 1 :]]
    if verdict.startswith("nothing here can be compared"):
        need(not any(_alike(one[0], other[0]) for one, other in pairs), "some can be compared")
        return
    rounded = any(row.possible is not None for _, _, row in sides)
    told = [
        (one, other) for one, other in pairs if _alike(one[0], other[0])
        if all((sum(pair) >= FEW and row.possible is None) or (row.share_women is not None and row.possible is not None
               and not row.left_out) for _, pair, row in (one, other))
    ]  # fmt: skip
    spans = [shares(one[0].span(one[2])) for one in sides]
    places = {id(one): place for place, one in enumerate(sides)}

    def clear(one, other) -> bool:
        if one[2].possible is None and other[2].possible is None:
            return abs(share(one[1]) - share(other[1])) >= 0.0005
        apart_ = abs(share((one[2].women, one[2].men)) - share((other[2].women, other[2].men)))
        return not overlap(spans[places[id(one)]], spans[places[id(other)]]) and round(100 * apart_) > 0

    if not verdict:
        need(not told, "nothing is said of a difference")
        return
    several = len(sides) > 2 and verdict.endswith("apart")
    # That no two are further apart is known only where all can be told, and exactly.
    of_all = len(told) == len(pairs) and not rounded
    need(verdict.startswith("up to ") == (several and of_all), verdict)
    need(verdict.startswith("two of them ") == (several and not of_all), verdict)
    if verdict == "too few to compare":
        need(not told, "some can be compared")
    elif verdict == "no clear difference":
        need(rounded and told and not any(clear(*pair) for pair in told), f"{spans}")
    elif verdict == "no difference":
        need(all(abs(share(one[1]) - share(other[1])) < 0.0005 for one, other in told), "different")
    elif found := re.fullmatch(r"(up to |two of them )?(about )?(?:([\d.]+)|less than 1) points? apart", verdict):
        if found[2]:
            shown = [abs(share((a[2].women, a[2].men)) - share((b[2].women, b[2].men))) for a, b in told
                     if clear(a, b)]  # fmt: skip
            need(all(share(a[1]) != share(b[1]) for a, b in told if clear(a, b)), "alike")
            need(abs(100 * max(shown) - int(found[3])) <= 0.5 + 1e-9, f"{shown}")
            return
        need(all((one[2].possible is None and other[2].possible is None) or not clear(one, other)
                 or share(one[1]) != share(other[1]) for one, other in told), "alike")  # fmt: skip
        most = 100 * max(abs(share(one[1]) - share(other[1])) for one, other in told
                         if one[2].possible is None and other[2].possible is None)  # fmt: skip
        need(_prints(found[3], most) if found[3] else 0 < most < 1, f"{most}")
    else:
        raise Unfit(verdict)


@claim("Compare", "Nothing to compare: {left}", silent=True)
def nothing_compared(case, left=None):
    need(not _compared(case), "some have figures")
    if left is not None:
        quarters = {case.beside(place).quarter for place in range(len(case.said.answers))}
        _left_out_of_comparison(case, [], left, len(quarters) > 1)
    else:
        need(not case.said.answers, "there are scopes")


@claim("{heading}: of {count:number} that can be compared, the share of women is higher in {other} for {more:number} and in {first} for {less:number}",
       "{heading}: of {count:number} that can be compared, the share of women is clearly higher in {other} for {more:number} and in {first} for {less:number}")  # fmt: skip
def compared_by(case, heading, count, other, more, first, less):
    one, two = case, case.beside(1)
    need((first, other) == ("A", "B") and len(case.said.answers) == 2, f"{first} {other}")
    need(BROKEN_DOWN[heading] == case.key, f"{heading} by {case.key}")
    rounded = "clearly" in case.said.sentence
    found, higher, lower = 0, 0, 0
    for key in {*one.shown, *two.shown}:
        apart = _level(one, two, key)
        if apart is not None:
            found += 1
            higher += apart > 0
            lower += apart < 0
    need(rounded == _rounding_tells(one, two), f"{one.rounded} {two.rounded}")
    need((whole(count), whole(more), whole(less)) == (found, higher, lower), f"{found} {higher} {lower}")


#: Heading of a comparison -> the dimension it is by.
BROKEN_DOWN = {
    "Grade by grade": "grade", "Category by category": "category", "Entity by entity": "entity",
    "Region by region": "region", "At headquarters and elsewhere": "headquarters",
    "By age group": "age_group", "By region of nationality": "nationality_region",
}  # fmt: skip


def _level(one: Case, two: Case, key: Key) -> float | None:
    """How much higher the share of women is in the second of two scopes, at a level that can be compared; 0 where
    rounding leaves it open.
    """
    if one.quarter != two.quarter:
        late, early = sorted((one.quarter, two.quarter), reverse=True)
        if one.key == "entity" and key[0] not in one.truth.same(late, early):
            return None
        if one.key != "entity" and not _alike(one, two):
            return None
    rows, pairs = [], []
    for case in (one, two):
        row = case.shown.get(key)
        if row is None or row.women is None or not row.staff or row.left_out:
            return None
        if row.share_women is None or (row.possible is None and row.staff < FEW):
            return None
        case.figure_of(row, case.true.get(key, (0, 0)))
        rows.append(row)
        pairs.append(case.true[key])
    apart = share(pairs[1]) - share(pairs[0])
    if all(row.possible is None for row in rows):
        return apart
    ends = [shares(case.span(row)) for case, row in zip((one, two), rows, strict=True)]
    printed = share((rows[1].women, rows[1].men)) - share((rows[0].women, rows[0].men))
    if overlap(*ends) or not round(100 * abs(printed)):
        return 0
    need((printed > 0) == (apart > 0), f"{key}: {pairs}")
    return apart


def _rounding_tells(one: Case, two: Case) -> bool:
    """Whether any level that is compared is rounded in one of two scopes."""
    return any(
        _level(one, two, key) is not None and any(case.shown[key].possible is not None for case in (one, two))
        for key in {*one.shown, *two.shown}
    )


@claim("Grade by grade", "Category by category", "Entity by entity", "Region by region", "At headquarters and elsewhere",
       "By age group", "By region of nationality", silent=True)  # fmt: skip
def compared_by_nothing(case):
    need(case.said.panel == "compare-by", case.said.panel)
    by = BROKEN_DOWN[case.said.sentence]
    need(all(not answer.by or answer.by == (by,) for answer in case.said.answers), f"by {by}")
    if len(case.said.answers) == 2:
        one, two = case, case.beside(1)
        need(not any(_level(one, two, key) for key in {*one.shown, *two.shown}), "some differ")


# -- before a post is filled --------------------------------------------------------------------------------------


def _post(case) -> tuple[Pair, object]:
    """The truth of the group that the sentence is about, and its row."""
    if case.said.panel != "recruit":
        raise Unfit("not a post")
    pair = together(case.truth.count((), _of_post(case), case.quarter).values())
    return pair, case.said.selection


def _of_post(case) -> dict[str, tuple[str, ...]]:
    return {name: (code,) for name, code in case.said.options.items()}


def _at_post(case, at: str) -> None:
    """That a sentence is set where the group is: "At P-4 in UNICEF Kenya"."""
    at, _, without = at.partition(", without ")
    row = case.said.selection
    need(bool(without) == bool(row.left_out and row.women is not None), f"left out: {row.left_out}")
    of = {name: case.name(name, codes[0]) for name, codes in _of_post(case).items()}
    unit = of.get("department", of.get("entity", ""))
    place = next((of[name] for name in ("duty_station", "unct", "country", "region") if name in of), "")
    parted = "," in place or " " in unit.replace("UN ", "")
    where = (f"{unit} in {place}" if parted else f"{unit} {place}") if unit and place else unit or place
    where = where or "the United Nations system"
    start = (
        f"At {of['grade']} in "
        if "grade" in of
        else f"In the category {of['category']} in "
        if "category" in of
        else "In "
    )
    need(at == start + where, f"{at!r}, not {start + where!r}")


@claim("{at}, {counts} staff are women ({printed:share}): {verdict}.", "{at}, {counts} staff is a woman ({printed:share}): {verdict}.",
       "{at}, {counts} staff are women: {verdict}.", "{at}, {counts} staff is a woman: {verdict}.",
       "{at}, {counts} staff are women ({printed:share}). These figures are rounded, so it is not clear whether that is parity.",
       "{at}, {counts} staff are women. These figures are rounded, so it is not clear whether that is parity.")  # fmt: skip
def post(case, at, counts, printed=None, verdict=None):
    pair, row = _post(case)
    # What stands before the counts may be read as a part of them: names have commas.
    before_, _, counts = f"{at}, {counts}".rpartition(", ")
    _at_post(case, before_)
    counts = re.fullmatch(r".*?((?:about )?[\d,]+ of (?:about )?[\d,]+)", counts)[1]
    said = f"about {counts.replace('about ', '')}" if "about" in counts else counts
    case.figure(said, pair, row)
    if printed:
        case.figure(printed, pair, row)
    if verdict:
        words = {"below parity": "below", "at parity": "parity", "above parity": "above", "too few to judge": "few"}
        if verdict in words:
            need(words[verdict] == status(*pair) and (row.possible is None or row.status), f"{verdict}: {pair}")
        else:
            need(verdict == "no status, because the sum leaves some out" and row.left_out, verdict)
    elif "not clear whether" in case.said.sentence:
        low, high = (100 * end for end in shares(case.span(row)))
        sure = high < LOW or low > HIGH or (low >= LOW and high <= HIGH)
        need(row.possible is not None and (row.left_out or not sure), f"{low} to {high}")


@claim("{at} there is one member of staff, a woman: too few to judge.", "{at} there is one member of staff, a man: too few to judge.",
       "{at} there are no staff (confirmed zero).")  # fmt: skip
def post_of_one(case, at):
    pair, _row = _post(case)
    _at_post(case, at)
    need(not case.truth.silent(case.quarter, _of_post(case)), "not submitted")
    need(
        pair == ((0, 0) if "no staff" in case.said.sentence else (1, 0) if "woman" in case.said.sentence else (0, 1)),
        f"{pair}",
    )


@claim("{at}, figures for {quarter:quarter} were not submitted.", silent=True)
def post_unknown(case, at, quarter):
    _at_post(case, at)
    need(quarter == case.quarter and case.truth.silent(case.quarter, _of_post(case)), "submitted")


@claim("{at}: {why}.", silent=True)
def post_not_shown(case, at, why):
    pair, row = _post(case)
    _at_post(case, at)
    need(row.women is None, f"{row}")
    if found := re.fullmatch(r"fewer than (\d+)(?: each)?", why):
        most = (int(found[1]) - 1 + ERROR_TOGETHER) * max(len(row.left_out), 1)
        need(row.reason == "fewer" and int(found[1]) in FLOORS and sum(pair) <= most, f"{why}: {pair}")
    else:
        reasons = {"not shown, to protect individuals": "withheld", "not shown together": "refused"}
        need(reasons[why] == row.reason, f"{why}: {row.reason}")


# -- beneath the headline -----------------------------------------------------------------------------------------


def _tile(case, *names: str) -> None:
    if case.said.panel not in names:
        raise Unfit(case.said.panel)


@claim(
    "{printed:counts} staff on {population}", "About {women:number} women of about {staff:number} staff on {population}"
)
def scope_counts(case, population, printed=None, women=None, staff=None):
    _tile(case, "scope")
    (row,) = case.shown.values()
    if printed:
        need(row.possible is None, f"{row}")
        exactly(re.sub(" wom[ae]n of ", " of ", printed), case.total)
    else:
        need(row.possible is not None and (row.women, row.staff) == (whole(women), whole(staff)), f"{row}")
        if not row.left_out:
            case.possible(row, case.total)
    _population(case, population)


def _population(case, population: str) -> None:
    """That words name the appointments counted: temporary ones only where they were chosen."""
    temporary = "temporary appointments" in population
    chosen = case.chosen.get("appointment", ())
    need(temporary == ("TA" in chosen), population)
    need(("one year or more" in population) == (chosen != ("TA",)), population)


@claim("Staff on {population}", "total not shown", "rounded to protect individuals", silent=True)
def scope_words(case, population=None):
    _tile(case, "scope")
    rows = list(case.shown.values())
    if population is not None:
        _population(case, population)
        need(not any(row.staff for row in rows), f"{rows}")
    elif case.said.sentence.startswith("rounded"):
        need(any(row.possible is not None for row in rows), f"{rows}")
    else:
        refused = case.answer.protection == "refused"
        need(refused or any(row.reason in ("fewer", "withheld") for row in rows), f"{rows}")


@claim("{own:number} of {count:number} entity reporting", "{own:number} of {count:number} entities reporting",
       "{own:number} of {count:number} entity reporting ({printed:share} of staff)",
       "{own:number} of {count:number} entities reporting ({printed:share} of staff)")  # fmt: skip
def scope_reporting(case, own, count, printed=None):
    _tile(case, "scope")
    reporting(case, count, own, printed)


@claim("figures carried forward from an earlier quarter", "figures not submitted", "partly reported")
def scope_of_one(case):
    _tile(case, "scope")
    wanted = {"figures carried": "carried", "figures not": "not-submitted", "partly repo": "partial"}
    states = set(case.truth.states(case.chosen, case.quarter).values())
    need(states == {state for start, state in wanted.items() if case.said.sentence.startswith(start)}, f"{states}")


def _since(case, then: str, entities: str | None) -> tuple[Pair, Pair]:
    """The totals of two quarters over the entities that can be compared, of which there are so many."""
    same = case.truth.same(case.quarter, then) & set(case.truth.expected(case.chosen, case.quarter))
    counted = {e for e, state in case.truth.states(case.chosen, case.quarter).items() if state != "not-submitted"}
    need(len(same) == (whole(entities.split()[0]) if entities else len(counted)), f"{len(same)} of {len(counted)}")
    pairs = [case.truth.over_time(case.chosen, same).get(quarter, (0, 0)) for quarter in (then, case.quarter)]
    return pairs[0], pairs[1]


@claim("{heads:heads} since {quarter:quarter}", "unchanged since {quarter:quarter}",
       "{heads:heads} since {quarter:quarter} ({entities:comparable})",
       "unchanged since {quarter:quarter} ({entities:comparable})")  # fmt: skip
def tile_change(case, quarter, heads="0", entities=None):
    _tile(case, "women", "men")
    need(quarter == before(case.quarter, 1), quarter)
    then, now = _since(case, quarter, entities)
    side = 0 if case.said.panel == "women" else 1
    need(now[side] - then[side] == whole(heads), f"{then} {now}")


@claim("about {heads:heads} since {quarter:quarter}", "no clear change since {quarter:quarter}")
def tile_change_rounded(case, quarter, heads=None):
    _tile(case, "women", "men")
    rows = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "all"}
    need(rows[case.quarter].possible is not None, "exact")
    need(quarter in (before(case.quarter, 1), before(case.quarter, 4)), quarter)
    ends = [case.span(rows[each])[0 if case.said.panel == "women" else 1] for each in (quarter, case.quarter)]
    clear = rows[quarter].left_out == rows[case.quarter].left_out and not overlap(*ends)
    need(clear == bool(heads), f"{ends}")
    if heads:
        then, now = (together(case.truth.count((), case.chosen, each).values()) for each in (quarter, case.quarter))
        side = 0 if case.said.panel == "women" else 1
        moved = getattr(rows[case.quarter], case.said.panel) - getattr(rows[quarter], case.said.panel)
        need(moved == whole(heads) and (moved > 0) == (now[side] > then[side]), f"{then} {now}")


@claim("{value:number}", "about {value:number}", "about {value:number} {unit:sex}", "{value:number} {unit:sex}")
def tile_value(case, value, unit=None):
    (row,) = case.shown.values()
    women, men = case.total if row.possible is None else (row.women, row.men)
    need((row.possible is not None) == case.said.sentence.startswith("about"), f"{row}")
    wanted = {"women": women, "men": men, "index": abs(men - women)}
    need(case.said.panel in wanted and wanted[case.said.panel] == whole(value), f"{women}, {men}")
    if case.said.panel == "index":
        true = case.total
        need(
            (unit or "").startswith(("wom" if women < men else "m") if women != men else ""), f"{unit}: {women}, {men}"
        )
        if row.possible is not None:
            low, high = needs(case.span(row))
            need(low > 0 or high < 0, f"not clear: {row}")
            need(row.left_out or ((true[0] < true[1]) == (women < men) and true[0] != true[1]), f"{true}")


@claim("not clear", "rounding hides whether women or men are fewer", silent=True)
def tile_not_clear(case):
    _tile(case, "index")
    (row,) = case.shown.values()
    low, high = needs(case.span(row))
    need(row.possible is not None and low <= 0 <= high, f"{low} to {high}")


def _nothing_since(case, back: int) -> None:
    """That no entity of the selection can be compared with so many quarters ago, or has nobody there then and now."""
    then = before(case.quarter, back)
    same = case.truth.same(case.quarter, then)
    there = case.truth.count(("quarter", "entity"), case.chosen)
    for quarter in (then, case.quarter):
        if not any(key[0] == quarter and key[1] in same for key in there):
            return
    raise Untrue(f"{then} can be compared")


@claim("no comparable figure for the quarter before", silent=True)
def tile_no_quarter(case):
    _tile(case, "women", "men")
    _nothing_since(case, 1)


@claim("no comparable earlier figure", silent=True)
def tile_nothing_comparable(case):
    _tile(case, "share")
    _nothing_since(case, 1)
    _nothing_since(case, 4)


@claim("needed for equal numbers", silent=True)
def tile_more(case):
    _tile(case, "index")
    (row,) = case.shown.values()
    need(row.possible is not None or abs(row.men - row.women) == 1, f"{row}")


@claim("shown from about {least:number} staff", "–", silent=True)
def tile_no_share(case, least=None):
    _tile(case, "share")
    (row,) = case.shown.values()
    need(row.share_women is None and row.possible is not None, f"{row}")
    need(least is None or whole(least) == SHARE_FROM, f"{least}")
    # A sum of several cells takes more than one cell does: 100 times the root of their number.
    need(row.staff < SHARE_FROM or case.span(row)[0][1] - row.women > ERROR, f"{row}")


@claim("about {other:number} recorded as other or not disclosed are not in the share", silent=True)
def tile_others(case, other):
    _tile(case, "share")
    need(not case.chosen and whole(other) % BASE == 0 and whole(other) >= OTHERS_FROM, other)
    need(abs(case.truth.others(case.quarter) - whole(other)) <= ERROR, f"{other}: {case.truth.others(case.quarter)}")


@claim("{printed:share}")
def tile_share(case, printed):
    _tile(case, "share")
    (row,) = case.shown.values()
    if row.left_out:
        exactly(printed.removeprefix("about "), (row.women, row.men))
    else:
        case.figure(printed, case.total, row)


@claim("equal numbers", "needed for equal numbers, or {posts:posts} filled by {sex:those} instead of {other:those}",
       "{gross:number} if every grade had to be equal")  # fmt: skip
def tile_index(case, posts=None, gross=None, sex=None, other=None):
    _tile(case, "index")
    women, men = case.total
    if sex:
        sexes = ("a woman", "a man") if posts == "1 post" else ("women", "men")
        need((sex, other) == sexes[:: 1 if women < men else -1], f"{sex}, {other}: {women}, {men}")
    if gross:
        cells = case.truth.count(("grade",), case.chosen, case.quarter).values()
        need(sum(abs(m - w) for w, m in cells) == whole(gross), f"{cells}")
    else:
        need(abs(men - women) // 2 == whole((posts or "0").split()[0]), f"{women}, {men}")


@claim("{points:change} since {quarter:quarter} ({of:alike})", "{points:change} in a year ({of:alike})",
       "{points:change} since {quarter:quarter}, {year:change} in a year ({of:alike})")  # fmt: skip
def tile_points(case, points, of, quarter=None, year=None):
    _tile(case, "share")
    entities = None if of == "like for like" else of
    if quarter is None:
        quarter, points, year = None, None, points
    need(quarter in (None, before(case.quarter, 1)), f"{quarter} is not the quarter before {case.quarter}")
    for said, then in ((points, quarter), (year, before(case.quarter, 4))):
        if said is None:
            continue
        old, new = _since(case, then, entities)
        moved = 100 * (share(new) - share(old))
        need(abs(moved) < 0.05 if said == "no change" else _prints(said.split()[0].lstrip("+"), moved), f"{moved}")


# -- uniformed personnel ------------------------------------------------------------------------------------------


def uniformed_cells(case) -> dict[str, Pair]:
    """What was published, by the last of the answer's keys; of missions by year too."""
    question = case.answer.question
    if not question.startswith("uniformed"):
        raise Unfit(question)
    folder = REFERENCE.parent / "sources"
    found: dict[str, list[Pair]] = {}
    if question == "uniformed_by_mission":
        with (folder / "dpo_uniformed_by_mission_2018_2020_derived.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                found.setdefault(row["as_of"][:4], []).append((int(row["women"]), int(row["men"])))
    else:
        regions = {
            row["code"]: case.truth.names["region"].get(row["region"], row["region"]) for row in _list("countries")
        }
        with (folder / "dpo_uniformed_by_country_2021_01.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                name = row["entity"] if question == "uniformed_by_country" else regions[row["iso3"]]
                found.setdefault(name, []).append((int(row["women"]), int(row["men"])))
    return {name: together(pairs) for name, pairs in found.items()}


@claim("Women are {printed:share} of {staff:number} military and police personnel ({day})",
       "Women are {printed:share} of all personnel; the targets for {year:number} range from {low:share} to {high:share}")  # fmt: skip
def uniformed(case, printed, staff=None, day=None, year=None, low=None, high=None):
    total = together(uniformed_cells(case).values())
    exactly(printed, total)
    need(staff is None or whole(staff) == sum(total), f"{total}")
    need(low is None or (low, high, year) == ("15 %", "30 %", TARGETS_OF), f"{low} {high} {year}")
    need(day is None or day == "31 Jan 2021", f"{day}")


@claim("Among the {count:number} largest contributors women are {low:share} ({at_low}) to {high:share} ({at_high})",
       "Where most women come from, their share is {low:share} ({at_low}) to {high:share} ({at_high})")  # fmt: skip
def contributors(case, low, at_low, high, at_high, count="20"):
    pairs = uniformed_cells(case)
    size = sum if case.said.sentence.startswith("Among") else (lambda pair: pair[0])
    need(whole(count) == min(LARGEST_CONTRIBUTORS, len(pairs)), f"{count} of {len(pairs)}")
    first = sorted(pairs, key=lambda name: (-size(pairs[name]), -sum(pairs[name]), name))[: whole(count)]
    ends = min(share(pairs[name]) for name in first), max(share(pairs[name]) for name in first)
    need((share(pairs[at_low]), share(pairs[at_high])) == ends and {at_low, at_high} <= set(first), f"{ends}")
    exactly(low, pairs[at_low])
    exactly(high, pairs[at_high])


@claim("Among countries that contribute {least:number} people or more, {name} has the highest share: {printed:share}")
def contributor_highest(case, least, name, printed):
    pairs = {each: pair for each, pair in uniformed_cells(case).items() if sum(pair) >= whole(least)}
    need(whole(least) == SHARE_FROM, least)
    exactly(printed, pairs[name])
    need(all(share(pair) < share(pairs[name]) for each, pair in pairs.items() if each != name), "another is as high")


@claim("By region, women are {low:share} ({at_low}) to {high:share} ({at_high})")
def contributor_regions(case, low, at_low, high, at_high):
    pairs = uniformed_cells(case)
    need(share(pairs[at_low]) == min(map(share, pairs.values())), "lowest")
    need(share(pairs[at_high]) == max(map(share, pairs.values())), "highest")
    exactly(low, pairs[at_low])
    exactly(high, pairs[at_high])


@claim("Women were {now:share} of all missions’ personnel in {last:number} and {then:share} in {first:number}")
def missions(case, now, last, then, first):
    pairs = uniformed_cells(case)
    need((min(pairs), max(pairs)) == (first, last), f"{list(pairs)}")
    exactly(now.removeprefix("about "), pairs[last])
    exactly(then.removeprefix("about "), pairs[first])
