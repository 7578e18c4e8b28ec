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
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from drawn import Said
from oracle import MISSING, REFERENCE, _list, before
from truth import Truth

FEW, LOW, HIGH = 5, 47, 53
SHARE_FROM, LARGE, NAMED_FROM = 100, 0.01, 25
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
    """A sentence, whom it is about, and the truth."""

    said: Said
    place: int
    truth: Truth

    @property
    def answer(self):
        return self.said.answers[self.place]

    def beside(self, place: int) -> Case:
        return Case(self.said, place, self.truth)

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
        known = self.codes(self.key) if self.key else {}

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

    # -- shares --

    def share(self, said: str, key: Key) -> None:
        """What is printed as the share, or the counts, of a cell."""
        self.figure(said, self.true.get(key, (0, 0)), self.shown.get(key))

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
        if row.left_out:
            sentence = self.said.sentence
            need("without" in sentence, f"a sum without {row.left_out}")
            quarter = row.keys.get("quarter", self.quarter)
            for member in row.left_out:
                chosen = {name: (code,) for name, code in (part.split("=", 1) for part in member.split(" "))}
                less = together(self.truth.count((), self.chosen | chosen, quarter).values())
                pair = pair[0] - less[0], pair[1] - less[1]
        possible(row, pair)


def possible(row, pair: Pair) -> None:
    """That true counts are among those that a rounded row may stand for; sums leave out what is under a floor."""
    if row.possible is None:
        need((row.women, row.men) == pair, f"{row}: {pair}")
    else:
        for (least, most), true in zip(row.possible, pair, strict=True):
            need(least <= true <= most, f"{row.possible}: {pair}")


# -- patterns -----------------------------------------------------------------------------------------------------

SHARE = r"(?:about )?(?:[\d.,]+ %|[\d,]+ of [\d,]+)"
PARTS = {
    "number": r"[\d,]+", "share": SHARE, "quarter": r"\d{4}Q[1-4]", "points": r"[\d.,]+",
    "change": r"(?:[+\N{MINUS SIGN}][\d.]+ points|no change)", "members": rf"[\d,]+ (?:{'|'.join(each for pair in (*NOUNS.values(), ('group', 'groups')) for each in pair)})",
    "verdict": r"parity(?: overall, but .+)?|below parity|above the parity band",
    "heads": r"[+\N{MINUS SIGN}][\d,]+", "counts": r"[\d,]+ wom[ae]n of [\d,]+", "sex": "woman|women|man|men",
    "needed": r"(?:about )?[\d,]+ (?:woman|women|man|men)", "last": "the last quarter.+",
    "rest": ".*?", "name": r".+?",
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
        return kind
    return None


# -- nothing to tell ----------------------------------------------------------------------------------------------


@claim("These filters cannot be combined here", "These filters cannot be combined", silent=True)
def refused(case):
    need(case.answer.protection == "refused", "not refused")


@claim("Nobody matches these filters", "No staff match these filters", silent=True)
def nobody(case):
    need(not sum(case.total), f"{case.total}")


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
    need(set(case.truth.states(case.chosen, case.quarter).values()) == {"not-submitted"}, "submitted")


def _shown(case) -> list[Key]:
    """What has figures that are shown, of what has a name and the panel is about."""
    on_ladder = case.said.panel == "pipeline"
    return [
        key
        for key, row in case.shown.items()
        if row.women is not None and row.staff and not set(key) & set(MISSING)
        and (not on_ladder or LADDER.fullmatch(row.keys["grade"]))
    ]  # fmt: skip


@claim("Too few staff to show", silent=True)
def too_few_to_show(case):
    need(not _shown(case), "some are shown")


@claim("Not shown, to protect individuals", "{who}: not shown, to protect individuals",
       "{who}: fewer than {least:number}", "{who}: fewer than {least:number} each", silent=True)  # fmt: skip
def withheld(case, who=None, least=None):
    need(not _shown(case), "some are shown")


@claim("Not collected together with these filters", "A filter names something this release does not know", silent=True)
def not_collected(case):
    pass


@claim("Too few staff to judge parity", silent=True)
def too_few_to_judge(case):
    need(not case.judged, f"{case.judged}")


@claim("Rounded figures here leave open whether women are at parity", "No net or gross gap is formed of rounded figures",
       "Rounded figures leave open at which grade most women and most men are",
       "Rounded figures leave open which entities have nobody here", silent=True)  # fmt: skip
def too_rounded(case):
    need(any(row.protection == "rounded" for row in case.answer.rows), "exact")


@claim("No entity here has reported enough staff in full to judge parity", silent=True)
def none_in_full(case):
    need(not case.judged, f"{case.judged}")


# -- breakdowns by one dimension ----------------------------------------------------------------------------------


@claim(
    "{names} are at parity", "All {members:members} are at parity", "All {members:members} with a status are at parity"
)
def at_parity(case, names=None, members=None):
    if names is not None:
        for key in case.members(names):
            need(status(*case.true.get(key, (0, 0))) == "parity", f"{key}: {case.true.get(key)}")
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
    "None below parity; {name} is furthest above it, at {printed:share}",
    "None below parity; above it is {among}, at {printed:share}",
    "Of {members:members} with a status, none is below parity; {name} is furthest above it, at {printed:share}",
    "Of {members:members} with a status, none is below parity; {among} is above it, at {printed:share}",
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
        need(key in case.of("above"), among)


@claim("{name} alone is below parity, at {printed:share}",
       "Of {members:members} with a status, {name} alone is below parity, at {printed:share}")  # fmt: skip
def alone_below(case, name, printed, members=None):
    key = case.code(name)
    if members is None:
        need(case.every, "not all have a status")
    else:
        need(case.count_of(members) == len(case.judged), f"{case.judged}")
    need(case.of("below") == {key}, f"{case.of('below')}")
    case.share(printed, key)


@claim("{finding}, {name} furthest at {printed:share}", "{finding}, {among} at {printed:share} among them",
       "{finding}; of the larger ones {large} is furthest, at {printed:share}",
       "{finding}; of the larger ones {large} are furthest, at {printed:share}")  # fmt: skip
def furthest_below(case, finding, printed, name=None, among=None, large=None):
    sentence = case.said.sentence.replace("\N{NO-BREAK SPACE}", " ")
    said = name or among or large
    if not case.key:
        raise Unfit(said)
    # Names have commas of their own: the finding ends where names begin.
    whole_ = f"{finding}, {said}" if large is None else said
    parts = [(finding, said)] if large is not None else [
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
    if finding == "All below parity":
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


@claim("All below parity", "All {members:members} are below parity", "All {members:members} with a status are below parity",
       "{number:number} of {members:members} are below parity", "{number:number} of {members:members} with a status are below parity",
       "Of {members:members} with a status, {names} are below parity", "{names} are below parity")  # fmt: skip
def some_below(case, **_):
    below(case, case.said.sentence.replace("\N{NO-BREAK SPACE}", " "))


@claim("{name}: {printed:share} women, {verdict}", "{name}: {women:number} of {staff:number} are women, {verdict}")
def one_judged(case, name, verdict, printed=None, women=None, staff=None):
    key = case.code(name)
    case.share(printed or f"{women} of {staff}", key)
    need(
        {"below parity": "below", "at parity": "parity", "above parity": "above"}[verdict] == status(*case.true[key]),
        verdict,
    )


@claim("{name}: {printed:share} women")
def one_share(case, name, printed):
    case.share(printed, case.code(name))


@claim("{name}: {printed:share} women ({flag})")
def one_not_own(case, name, printed, flag):
    key = case.code(name)
    case.share(printed, key)
    need(case.truth.state[key[0], case.quarter] == FLAGS.get(flag), flag)


@claim("Women are {printed:share} in {name} and {other_printed:share} in {other}",
       "From {printed:share} women in {name} to {other_printed:share} in {other}, of those shown")  # fmt: skip
def two_shares(case, printed, name, other_printed, other):
    first, last = case.code(name), case.code(other)
    case.share(printed, first)
    case.share(other_printed, last)
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
            need({case.code(name)[0] for name in re.split(r", | and ", here)} == {key[0] for key in same}, f"{same}")
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
        women, men = row.possible or ((row.women,) * 2, (row.men,) * 2)
        ends.append((women[0] / (women[0] + men[1]), women[1] / (women[1] + men[0])))
    # No wider than the rounding makes it.
    need(whole(low) + 1 > 100 * min(end[0] for end in ends), f"{ends}")
    need(whole(high) - 1 < 100 * max(end[1] for end in ends), f"{ends}")


# -- at headquarters ----------------------------------------------------------------------------------------------


@claim("Women are {hq:share} at headquarters, {rest:share} elsewhere", "All at headquarters: {hq:share} women",
       "All at headquarters: women are {hq:share}", "Nobody at headquarters: {rest:share} women elsewhere",
       "Nobody at headquarters: women are {rest:share} elsewhere", "At headquarters women are {hq:share}",
       "Outside headquarters women are {rest:share}")  # fmt: skip
def headquarters(case, hq=None, rest=None):
    if case.key != "headquarters":
        raise Unfit(hq or rest)
    if hq:
        case.share(hq, ("hq",))
    if rest:
        case.share(rest, ("non-hq",))
    if case.said.sentence.startswith("All at"):
        need(set(case.true) == {("hq",)}, f"{case.true}")
    if case.said.sentence.startswith("Nobody"):
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


@claim("{moved} (without groups that are not shown)")
def of_those_shown(case, moved):
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
                break
            except Untrue as error:
                errors.append(str(error))
        else:
            raise Untrue(f"{said}: {errors}")


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
    if why == "the last quarter it reported in full itself":
        (entity,) = case.truth.expected(case.chosen, case.quarter)
        own = [
            quarter
            for quarter in case.truth.quarters
            if quarter <= case.quarter and case.truth.own_for(entity, quarter)
        ]
        need(own[-1] == last, f"{own[-1]}")
    elif why == "the last quarter any of them reported in full itself":
        asked = case.truth.asked_of(case.chosen)
        own = [quarter for quarter in case.truth.quarters if quarter <= case.quarter
               and any(case.truth.own_for(entity, quarter) for entity in asked)]  # fmt: skip
        need(own[-1] == last, f"{own[-1]}")
    elif why == "the last quarter with anybody here":
        later = [q for q in case.truth.quarters if last < q <= case.quarter]
        there = {key[0] for key in case.truth.count(("quarter",), case.chosen)}
        need(not there & set(later), f"{there & set(later)}")
    else:
        raise Unfit(why)


@claim("Up {points:points} points since {quarter:quarter}", "Down {points:points} points since {quarter:quarter}",
       "No change since {quarter:quarter}")  # fmt: skip
def moved_points(case, quarter, points=None):
    _trend(case)
    quarters, pairs, _rows = _line(case)
    need(quarters[0] == quarter, f"first: {quarters[0]}")
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
    quarters, pairs, _rows = _line(case)
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
    case.figure(now, pairs[shown[-1]], rows[shown[-1]])


@claim("{quarter:quarter}: {printed:share} women")
def one_quarter(case, quarter, printed):
    _trend(case)
    _quarters, pairs, rows = _line(case)
    case.figure(printed, pairs[quarter], rows[quarter])


@claim("{quarter:quarter}: {printed:share} women ({flag})")
def one_quarter_not_own(case, quarter, printed, flag):
    _trend(case)
    (entity,) = case.truth.expected(case.chosen, case.quarter)
    need(case.truth.state[entity, quarter] == FLAGS[flag], flag)
    rows = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "all"}
    case.figure(printed, together(case.truth.count((), case.chosen, quarter).values()), rows[quarter])


@claim("{quarter:quarter}, the last quarter it reported in full itself: {printed:share} women")
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


@claim("The one entity in this selection has not reported: figures carried forward",
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
       "Reported for {count:number} quarter, and not late", "Reported for {own:number} of {count:number} quarter, never late",
       "Reported for {own:number} of {count:number} quarter, late for {late:number}")  # fmt: skip
def history(case, count, own=None, late="0"):
    (entity,) = case.chosen["entity"]
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
    "{count:number} are the largest, with {staff:number} staff each",
)
def several_largest(case, staff, names=None, count=None):
    sizes = {key: sum(pair) for key, pair in _all_cells(case).items()}
    most = {key for key, size in sizes.items() if size == max(sizes.values())}
    need(max(sizes.values()) == whole(staff) and not case.rounded, f"{most}")
    need(len(most) == whole(count) if count else set(case.members(names)) == most, f"{most}")


@claim("Rounded figures leave open which is the largest", silent=True)
def none_largest(case):
    need(case.rounded, "exact")


@claim("{names} need most: {needed:number} more each for equal numbers")
def some_need_most(case, names, needed):
    gaps_ = {key: abs(men - women) for key, (women, men) in _all_cells(case).items()}
    need(max(gaps_.values()) == whole(needed) and not case.rounded, f"{gaps_}")
    need(set(case.members(names)) == {key for key, each in gaps_.items() if each == max(gaps_.values())}, f"{gaps_}")


@claim(
    "{name} is the largest, with {staff:number} staff", "{name} is the largest shown, with about {staff:number} staff"
)
def largest(case, name, staff):
    key = _member(case, name)
    if case.shown[key].possible is None:
        need(sum(case.true[key]) == whole(staff), f"{case.true[key]}")
    else:
        case.possible(case.shown[key], case.true[key])
        need(case.shown[key].staff == whole(staff), "as shown")
    shown = {other for other in _all_cells(case) if other in case.shown and case.shown[other].staff}
    if "shown" not in case.said.sentence:
        shown = set(_all_cells(case))
    need(all(sum(case.true[other]) < sum(case.true[key]) for other in shown - {key}), "another is as large")


@claim(
    "{name} has about {staff:number} staff; none shown has clearly more",
    "{name} has {staff:number} staff; none shown has clearly more",
)
def none_larger(case, name, staff):
    key = _member(case, name)
    row = case.shown[key]
    case.possible(row, case.true[key])
    need(row.staff == whole(staff), f"{row}")


@claim("{name} needs most: {needed:needed} more", "{name} needs most: {needed:needed} more for equal numbers",
       "Of the groups shown {name} needs most: {needed:needed} more")  # fmt: skip
def needs_most(case, name, needed):
    key = _member(case, name)
    _gap(case, key, needed)
    cells = _all_cells(case)
    if case.said.sentence.startswith("Of the groups shown"):
        cells = {other: pair for other, pair in cells.items() if case.shown.get(other) and case.shown[other].staff}
    side = case.said.options.get("needed", "all")
    if side != "all":
        cells = {other: pair for other, pair in cells.items() if (pair[1] > pair[0]) == (side == "women")}
    own = abs(case.true[key][1] - case.true[key][0])
    for other, (women, men) in cells.items():
        need(other == key or abs(men - women) < own, f"{other} needs {men - women}")


@claim("{name} needs {needed:needed} more; no group shown needs clearly more")
def none_needs_more(case, name, needed):
    _gap(case, _member(case, name), needed)


@claim("No clear difference between women and men in any group shown", "Women are clearly needed in no group shown",
       "Men are clearly needed in no group shown")  # fmt: skip
def no_clear_need(case):
    sides = {"W": ("women",), "M": ("men",)}.get(case.said.sentence[0], ("women", "men"))
    for key, row in case.shown.items():
        if row.possible is None or row.left_out or key[-1] in MISSING:
            continue
        (least, most), (fewest, many) = row.possible
        need(not ("women" in sides and most < fewest) and not ("men" in sides and many < least), f"{row}")
    need(
        not any(row.possible is None and row.staff and row.men != row.women for row in case.shown.values()),
        "exact rows",
    )


@claim("Equal numbers of women and men in every entity shown", "Equal numbers everywhere", "Equal numbers in every cell that is shown",
       "Equal numbers at every level")  # fmt: skip
def equal_everywhere(case):
    need(all(women == men for women, men in _all_cells(case).values()), "not equal")


@claim("Nowhere are women needed for equal numbers", "Nowhere are men needed for equal numbers")
def nowhere(case):
    women = "women needed" in case.said.sentence
    need(
        not any((pair[1] > pair[0]) if women else (pair[0] > pair[1]) for pair in _all_cells(case).values()),
        "somewhere",
    )


@claim("Most are needed in {count:number} places at once: {needed:number} each",
       "{count:number} cells are furthest from equal numbers, by {needed:number} each",
       "{count:number} cell is furthest from equal numbers, {needed:number} each")  # fmt: skip
def several_need_most(case, count, needed):
    side = case.said.options.get("needed", "all")
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


@claim("Of the groups shown women are clearly needed in {women:number}, men in {men:number}")
def cells_clearly_needing(case, women, men):
    down = 0 if case.by == ("entity", "grade") else len(case.by) - 1
    found = {"women": 0, "men": 0}
    for key, row in case.shown.items():
        if key[down] in MISSING or not row.staff or row.left_out:
            continue
        case.possible(row, case.true.get(key, (0, 0)))
        least, fewest = (row.women, row.men) if row.possible is None else (row.possible.women[1], row.possible.men[1])
        low, high = (row.women, row.men) if row.possible is None else (row.possible.women[0], row.possible.men[0])
        true = case.true.get(key, (0, 0))
        if least < high:
            need(true[0] < true[1], f"{key}: {true}")
            found["women"] += 1
        elif fewest < low:
            need(true[1] < true[0], f"{key}: {true}")
            found["men"] += 1
    need(found == {"women": whole(women), "men": whole(men)}, f"{found}")


@claim("Women are {printed:share} in every entity", "Women are {printed:share} in every age group")
def same_share(case, printed):
    for key in case.named:
        case.share(printed, key)
    need(len({share(pair) for pair in case.named.values()}) == 1, "different")


@claim("The share of women is highest in {name}, at {printed:share}, of teams with at least {least:number} staff",
       "The share of women is highest in {name}, at {printed:share}, of teams shown with at least {least:number} staff")  # fmt: skip
def highest(case, name, printed, least):
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
        if entity in same and then and min(sum(pair), sum(then)) >= NAMED_FROM:
            found[entity] = 100 * (share(pair) - share(then))
    return found


@claim("Nothing comparable to set it against", silent=True)
def nothing_comparable(case):
    if len(case.said.answers) < 2:
        return
    same = case.truth.same(case.quarter, case.beside(1).quarter)
    if any(answer.protection != "exact" for answer in case.said.answers):
        return
    need(not [key for key in case.true if key[0] in same and key in case.beside(1).true], "comparable")


@claim("No entity with at least {least:number} staff can be compared with {quarter:quarter}", silent=True)
def no_entity_comparable(case, least, quarter):
    need(whole(least) == NAMED_FROM, least)
    if case.rounded:
        return
    if case.answer.question == "entity_trend":
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
    need(_prints(points.split()[0].lstrip("+"), moves[code]), f"{moves[code]}")


@claim(
    "The share of women rose in {up:number} and fell in {down:number} of {count:number} comparable entities with at least {least:number} staff since {quarter:quarter}"
)
def gained(case, up, down, count, least, quarter):
    moves = _moves(case)
    need(case.beside(1).quarter == quarter and whole(least) == NAMED_FROM, quarter)
    found = sum(each >= 0.05 for each in moves.values()), sum(each <= -0.05 for each in moves.values()), len(moves)
    need(found == (whole(up), whole(down), whole(count)), f"{found}")


@claim("{name} alone has at least {least:number} staff and can be compared with {quarter:quarter}: {points:change}")
def gained_alone(case, name, least, quarter, points):
    need(whole(least) == NAMED_FROM, least)
    moves, (code,) = _moves(case), case.code(name)
    need(list(moves) == [code] and case.beside(1).quarter == quarter, f"{moves}")
    need(
        abs(moves[code]) < 0.05 if points == "no change" else _prints(points.split()[0].lstrip("+"), moves[code]),
        f"{moves}",
    )


@claim(
    "In none of {count:number} comparable entities with at least {least:number} staff has the share of women changed since {quarter:quarter}"
)
def gained_nowhere(case, count, least, quarter):
    need(whole(least) == NAMED_FROM, least)
    moves = _moves(case)
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


@claim("The share of women is as it was in {quarter:quarter} in all {count:number} comparable entities with at least {least:number} staff",
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
    exactly(then, case.truth.count(("entity",), case.chosen, quarter)[code,])
    exactly(now, case.truth.count(("entity",), case.chosen, case.quarter)[code,])


@claim(
    "{count:number} entity has enough staff here for a line",
    "{count:number} entities have enough staff here for a line",
    "No entity has enough staff here for a line",
    "No entity is shown with shares for a line",
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


@claim("{needed:needed} more would make the numbers equal; no level offsets another",
       "{needed:needed} more would make the numbers equal; level by level it takes {gross:number} women and men",
       "Equal numbers in all, yet level by level it takes {gross:number} women and men",
       "Equal numbers in all, yet level by level it takes {gross:number} woman or man")  # fmt: skip
def gaps(case, needed=None, gross=None):
    cells = case.true.values()
    net, all_ = sum(men - women for women, men in cells), sum(abs(men - women) for women, men in cells)
    if needed is None:
        need(net == 0, f"{net}")
    else:
        side, number = _needs(needed)
        need(number == abs(net) and (net > 0) == (side == "women"), f"{net}")
    need(all_ == (whole(gross) if gross else abs(net)), f"{all_}")


@claim("Level by level it takes as many for equal numbers as {when}",
       "Level by level it takes {count:number} fewer for equal numbers than {when}",
       "Level by level it takes {count:number} more for equal numbers than {when}")  # fmt: skip
def gaps_before(case, when, count=None):
    then = before(case.quarter, {"a year ago": 4, "five years ago": 20}[when])
    same = case.truth.same(case.quarter, then) & case.truth.asked_of(case.chosen)
    gross = []
    for quarter in (then, case.quarter):
        cells = {}
        for (entity, grade), (women, men) in case.truth.count(("entity", "grade"), case.chosen, quarter).items():
            if entity in same:
                cells[grade] = cells.get(grade, 0) + men - women
        gross.append(sum(map(abs, cells.values())))
    moved = gross[1] - gross[0]
    need(moved == (0 if count is None else whole(count) * (1 if " more for" in case.said.sentence else -1)), f"{gross}")


@claim("There is no comparable earlier quarter", silent=True)
def no_earlier(case):
    pass


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


@claim("The share of women falls from no grade to the next",
       "The share of women does not fall from {pairs}; other grades have too few staff",
       "Of {count:number} pairs of neighbouring grades with enough staff the share of women falls in none")  # fmt: skip
def falls_nowhere(case, pairs=None, count=None):
    falls, every = _falls(case)
    if pairs:
        need(_steps(pairs) == set(falls), f"{set(falls)}")
    elif count:
        need(len(falls) == whole(count), f"{len(falls)}")
    else:
        need(every and not case.rounded, "not all can be compared")
    need(falls and all(each <= 0 for each in falls.values()), f"{falls}")


@claim("Of neighbouring grades with enough staff the share of women falls most from {lower} ({low:share}) to {upper} ({high:share})",
       "The share of women falls most from {lower} ({low:share}) to {upper} ({high:share})",
       "Of neighbouring grades with a share women’s falls most from {lower} ({low:share}) to {upper} ({high:share})",
       "The share of women falls from {lower} ({low:share}) to {upper} ({high:share})")  # fmt: skip
def falls_most(case, lower, low, upper, high):
    cells, rows = _grades(case), _grade_rows(case)
    case.figure(low, cells[lower,], rows[lower])
    case.figure(high, cells[upper,], rows[upper])
    falls, every = _falls(case)
    own = falls[lower, upper]
    need(own > 0, f"{own}")
    if "most" in case.said.sentence:
        need(all(pair == (lower, upper) or other < own for pair, other in falls.items()), f"{falls}")
        if not case.said.sentence.startswith("Of"):
            need(every and not case.rounded, "not all can be compared")


@claim("Of neighbouring grades with enough staff the share of women falls most, and equally, from {pairs}",
       "The share of women falls most, and equally, from {pairs}")  # fmt: skip
def falls_most_equally(case, pairs):
    falls, every = _falls(case)
    most = max(falls.values())
    need(_steps(pairs) == {pair for pair, each in falls.items() if abs(each - most) < 1e-12} and most > 0, f"{falls}")
    need(every or case.said.sentence.startswith("Of"), "not all can be compared")


@claim("No clear fall in the share of women between neighbouring grades with a share: {pairs}")
def falls_not_clearly(case, pairs):
    falls, _every = _falls(case)
    need(_steps(pairs) == set(falls), f"{set(falls)}")
    rows = _grade_rows(case)
    for lower, upper in falls:
        ends = []
        for code in (lower, upper):
            (least, most), (fewest, many) = rows[code].possible or (((rows[code].women,) * 2), ((rows[code].men,) * 2))
            ends.append((least / (least + many), most / (most + fewest)))
        need(ends[0][0] <= ends[1][1], f"{lower} to {upper}: {ends}")


@claim(
    "Too few staff at neighbouring grades to compare",
    "No neighbouring grades are shown with shares to compare",
    silent=True,
)
def falls_unknown(case):
    need(not _falls(case)[0], f"{_falls(case)[0]}")


def _most(case, side: int, grades: set[str]) -> set[str]:
    cells = _grades(case)
    most = max(cells[code,][side] for code in grades)
    return {code for code in grades if cells[code,][side] == most}


@claim(
    "Of the grades shown most women are at {women}, most men at {men}", "Most women are at {women}, most men at {men}"
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
        else:
            need(most == codes and not case.rounded, f"{most} {codes}")


@claim("Most women and most men are at {grade}")
def both_most_at(case, grade):
    most_at(case, grade, grade)


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


@claim("{count:number} nationality is shown, and rounded figures leave its status open",
       "{count:number} nationalities are shown, and rounded figures leave the status of each open",
       "No country team shown has a status", "No nationality shown has a status", silent=True)  # fmt: skip
def nobody_judged(case, count=None):
    if case.rounded:
        need(not case.judged, f"{case.judged}")


@claim(
    "Women are below parity in {below:number}, at parity in {parity:number} and above it in {above:number} of {judged:number} nationality with a status",
    "Women are below parity in {below:number}, at parity in {parity:number} and above it in {above:number} of {judged:number} nationalities with a status",
    "Women are below parity in {below:number} of {judged:number} country teams, at parity in {parity:number} and above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams with a status, at parity in {parity:number} and above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams, {there:number} of them in {region}; at parity in {parity:number}, above it in {above:number}",
    "Women are below parity in {below:number} of {judged:number} country teams with a status, {there:number} of them in {region}; at parity in {parity:number}, above it in {above:number}",
)
def tally(case, below, parity, above, judged, there=None, region=None):
    found = len(case.of("below")), len(case.of("parity")), len(case.of("above")), len(case.judged)
    need(found == tuple(map(whole, (below, parity, above, judged))), f"{found}")
    need("with a status" in case.said.sentence or case.every, "not all have a status")
    if region:
        code = next(code for code, name in case.truth.names["region"].items() if name == region)
        regions = case.truth.regions_of_teams()
        need(whole(there) == sum(regions[key[0]] == {code} for key in case.of("below")), f"{there} in {region}")


@claim("Women are below parity in all {count:number} country teams with a status",
       "All {count:number} country teams with a status are at parity",
       "Women are above the parity band in all {count:number} country teams with a status")  # fmt: skip
def tally_all(case, count):
    wanted = "parity" if case.said.sentence.startswith("All") else "below" if "below" in case.said.sentence else "above"
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
    need(len(case.judged) == whole(count), f"{len(case.judged)}")
    shares = [100 * share(case.true[key]) for key in case.judged]
    need(whole(under) <= sum(each < whole(low) for each in shares), "under")
    need(whole(over) <= sum(each > whole(high) for each in shares), "over")
    if not case.rounded:
        need(
            (whole(under), whole(over)) == (sum(e < whole(low) for e in shares), sum(e > whole(high) for e in shares)),
            f"{shares}",
        )


@claim("In {count:number} nationality with a status women are neither clearly under {low:number} % nor over {high:number} %",
       "In none of {count:number} nationalities with a status are women clearly under {low:number} % or over {high:number} %")  # fmt: skip
def none_far(case, count, low, high):
    need(len(case.judged) == whole(count), f"{len(case.judged)}")
    if not case.rounded:
        shares = [100 * share(case.true[key]) for key in case.judged]
        need(all(whole(low) <= each <= whole(high) for each in shares), f"{shares}")


@claim("{count:number} entity has cells that are shown", "{count:number} entities have cells that are shown")
def cells_shown(case, count):
    need(len({key[0] for key, row in case.shown.items() if row.staff}) == whole(count), count)


@claim("{count:number} entity has staff here, at {grades:number} grades", "{count:number} entities have staff here, at {grades:number} grades",
       "{count:number} entity has staff here, at {grades:number} grade", "{count:number} entities have staff here, at {grades:number} grade")  # fmt: skip
def cells_there(case, count, grades):
    found = len({key[0] for key in case.true}), len({key[1] for key in case.true})
    need(found == (whole(count), whole(grades)), f"{found}")


def _here_and_there(case) -> tuple[set[str], set[str]]:
    """Entities with staff here, and with staff under the same filters in the whole system."""
    there = {key[0] for key in case.beside(1).true}
    return {key[0] for key in case.true}, there


@claim("{name} has no such staff here, and has elsewhere", "{name} has such staff here", "{name} has no staff here",
       "{name} has staff here")  # fmt: skip
def one_here(case, name):
    here, there = _here_and_there(case)
    (code,) = case.beside(1).code(name, "entity")
    need(there == {code}, f"{there}")
    need((code in here) == ("has no " not in case.said.sentence), f"{here}")


@claim("All {of:number} entities with such staff have some here", "{names} have staff here",
       "All {of:number} entities asked for that have figures have staff here", "All {of:number} entities with figures have staff here")  # fmt: skip
def all_here(case, of=None, names=None):
    here, there = _here_and_there(case)
    if names:
        codes = {key[0] for key in case.members(names)}
        need(codes <= here, f"{here}")
        return
    need(there <= here and len(there) == whole(of), f"{there - here}")


@claim("{count:number} of {of:number} entities with such staff has none here", "{count:number} of {of:number} entities with such staff have none here",
       "{count:number} of {of:number} entities asked for that have figures has no staff here",
       "{count:number} of {of:number} entities asked for that have figures have no staff here",
       "{count:number} of {of:number} entities with figures has no staff here", "{count:number} of {of:number} entities with figures have no staff here")  # fmt: skip
def some_absent(case, count, of):
    here, there = _here_and_there(case)
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
       "{count:number} country team has a Resident Coordinator; for {missing:number} none is reported",
       "{count:number} country teams have a Resident Coordinator; for {missing:number} none is reported")  # fmt: skip
def coordinators(case, count="0", missing=None):
    there = {key[0] for key in case.true} - set(MISSING)
    need(len(there) == whole(count), f"{len(there)}")
    teams = {key[0] for key, row in case.beside(1).shown.items() if key[0] not in MISSING}
    if missing or count != "0":
        need(len(teams - there) == whole(missing or "0"), f"{len(teams - there)}")


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
    inner = Case(Said(**{**case.said.__dict__, "sentence": finding}), 1, case.truth)
    if judge(inner, finding) is None:
        raise Unfit(finding)


# -- the headline -------------------------------------------------------------------------------------------------


def _is_headline(case, who) -> Pair:
    """The true total a headline is about, whose filters have to be in its words."""
    if case.answer.question != "headline":
        raise Unfit("not a headline")
    for name, codes in case.said.selection.chosen:
        if len(codes) == 1 and name not in ("headquarters", "rc"):
            owned = name == "entity" and "department" in case.chosen
            need(owned or case.name(name, codes[0]) in who, f"{name}={codes[0]} is not in {who}")
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
    if found := re.fullmatch(rf"(above the band|below it) at {count}(?:, among them (\S+?)(?: to (\S+))?)?", said):
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


@claim("One person is counted among {who}: a woman", "One person is counted among {who}: a man")
def headline_of_one(case, who):
    need(_is_headline(case, who) == ((1, 0) if case.said.sentence.endswith("woman") else (0, 1)), f"{case.total}")


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
        shares, verdict = f"{shares}: {verdict}", ""
    rest = shares
    for one, pair, row in sides:
        found = re.search(SHARE, rest)
        need(found, f"no share of {row}")
        one.figure(found[0], pair, row)
        rest = rest[found.end() :]
        if counts := re.match(r"[^%]*?\(([\d,]+ of [\d,]+)\)(?= and |, |$)", rest):
            one.figure(counts[1], pair, row)
            rest = rest[counts.end() :]
    need(len(sides) + (left.count("; ") + 1 if left else 0) >= len(case.said.answers) or not left, left)
    if verdict:
        _apart(sides, verdict)


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
    if verdict == "too few to compare":
        need(not told, "some can be compared")
    elif verdict == "no clear difference":
        need(rounded, "exact")
    elif verdict == "no difference":
        need(all(abs(share(one[1]) - share(other[1])) < 0.0005 for one, other in told), "different")
    elif found := re.fullmatch(r"(up to |two of them )?(about )?(?:([\d.]+)|less than 1) points? apart", verdict):
        if found[2]:
            shown = [abs(share((a[2].women, a[2].men)) - share((b[2].women, b[2].men))) for a, b in told
                     if share(a[1]) != share(b[1])]  # fmt: skip
            need(any(round(100 * each) == int(found[3]) for each in shown), f"{shown}")
            return
        most = 100 * max(abs(share(one[1]) - share(other[1])) for one, other in told
                         if one[2].possible is None and other[2].possible is None)  # fmt: skip
        need(_prints(found[3], most) if found[3] else 0 < most < 1, f"{most}")
    else:
        raise Unfit(verdict)


@claim("Compare", "Nothing to compare: {left}", silent=True)
def nothing_compared(case, left=None):
    need(not _compared(case), "some have figures")


@claim("{heading}: of {count:number} that can be compared the share of women is higher in {other} at {more:number}, in {first} at {less:number}",
       "{heading}: of {count:number} that can be compared the share of women is clearly higher in {other} at {more:number}, in {first} at {less:number}")  # fmt: skip
def compared_by(case, heading, count, other, more, first, less):
    one, two = case, case.beside(1)
    rounded = "clearly" in case.said.sentence
    found, higher, lower = 0, 0, 0
    for key in {*one.shown, *two.shown}:
        rows = one.shown.get(key), two.shown.get(key)
        pairs = one.true.get(key, (0, 0)), two.true.get(key, (0, 0))
        if not rounded:
            if all(sum(pair) >= FEW for pair in pairs):
                found += 1
                higher += share(pairs[1]) > share(pairs[0])
                lower += share(pairs[1]) < share(pairs[0])
        elif all(
            row is not None
            and row.share_women is not None
            and not row.left_out
            and (row.possible is not None or row.staff >= FEW)
            for row in rows
        ):
            found += 1
            higher += share(pairs[1]) > share(pairs[0])
            lower += share(pairs[1]) < share(pairs[0])
    if one.quarter != two.quarter:
        need(whole(more) <= higher and whole(less) <= lower and whole(count) <= found, f"{higher} {lower} {found}")
        return
    need(found == whole(count), f"{found} can be compared")
    if rounded:
        need(whole(more) <= higher and whole(less) <= lower, f"{higher} {lower}")
    else:
        need((whole(more), whole(less)) == (higher, lower), f"{higher} {lower}")


@claim("Grade by grade", "Category by category", "Entity by entity", "Region by region", "At headquarters and elsewhere",
       "Age group by age group", "By region of nationality", silent=True)  # fmt: skip
def compared_by_nothing(case):
    pass


# -- before a post is filled --------------------------------------------------------------------------------------


def _post(case) -> tuple[Pair, object]:
    """The truth of the group that the sentence is about, and its row."""
    if case.said.panel != "recruit":
        raise Unfit("not a post")
    chosen = {name: (code,) for name, code in case.said.options.items()}
    pair = together(case.truth.count((), chosen, case.quarter).values())
    return pair, case.said.selection


@claim("{at}, {counts} staff are women ({printed:share}): {verdict}.", "{at}, {counts} staff is a woman ({printed:share}): {verdict}.",
       "{at}, {counts} staff are women: {verdict}.", "{at}, {counts} staff is a woman: {verdict}.",
       "{at}, {counts} staff are women ({printed:share}). These figures are rounded, and leave open whether that is parity.",
       "{at}, {counts} staff are women. These figures are rounded, and leave open whether that is parity.")  # fmt: skip
def post(case, at, counts, printed=None, verdict=None):
    pair, row = _post(case)
    counts = re.fullmatch(r".*?((?:about )?[\d,]+ of (?:about )?[\d,]+)", counts)[1]
    said = f"about {counts.replace('about ', '')}" if "about" in counts else counts
    case.figure(said, pair, row)
    if printed:
        case.figure(printed, pair, row)
    if verdict:
        words = {"below parity": "below", "at parity": "parity", "above parity": "above", "too few to judge": "few"}
        need(
            words.get(verdict) == status(*pair) or (row.possible is not None and verdict not in words),
            f"{verdict}: {pair}",
        )


@claim("{at} there is one member of staff, a woman: too few to judge.", "{at} there is one member of staff, a man: too few to judge.",
       "{at} there is nobody at the moment: an exact zero.")  # fmt: skip
def post_of_one(case, at):
    pair, _row = _post(case)
    need(
        pair == ((0, 0) if "nobody" in case.said.sentence else (1, 0) if "woman" in case.said.sentence else (0, 1)),
        f"{pair}",
    )


@claim("{at} nothing is known: figures for {quarter:quarter} were not submitted.", silent=True)
def post_unknown(case, at, quarter):
    chosen = {name: (code,) for name, code in case.said.options.items()}
    need(set(case.truth.states(chosen, quarter).values()) == {"not-submitted"}, "submitted")


@claim("{at}: {why}.", silent=True)
def post_not_shown(case, at, why):
    _pair, row = _post(case)
    need(row.women is None, f"{row}")


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
            possible(row, case.total)
    temporary = "temporary appointments" in population
    chosen = case.chosen.get("appointment", ())
    need(temporary == ("TA" in chosen), population)
    need(("one year or more" in population) == (chosen != ("TA",)), population)


@claim("Staff on {population}", "total not shown", "rounded to protect individuals", silent=True)
def scope_words(case, population=None):
    _tile(case, "scope")


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
       "{heads:heads} since {quarter:quarter} in {entities:members}, like for like",
       "unchanged since {quarter:quarter} in {entities:members}, like for like")  # fmt: skip
def tile_change(case, quarter, heads="0", entities=None):
    _tile(case, "women", "men")
    then, now = _since(case, quarter, entities)
    side = 0 if case.said.panel == "women" else 1
    need(now[side] - then[side] == whole(heads), f"{then} {now}")


@claim("about {heads:heads} since {quarter:quarter}", "no clear change since {quarter:quarter}")
def tile_change_rounded(case, quarter, heads=None):
    _tile(case, "women", "men")
    rows = {row.keys["quarter"]: row for row in case.answer.rows if row.keys["basis"] == "all"}
    need(rows[case.quarter].possible is not None, "exact")
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
        if row.possible is not None and not row.left_out:
            need((true[0] < true[1]) == (women < men) and true[0] != true[1], f"{true}")


@claim("not clear", "rounding leaves open which of the two are fewer", "no comparable figure a quarter ago",
       "nothing comparable to set it against", "more for equal numbers", "given from about {least:number} staff", "–",
       "about {other:number} others or not disclosed are not in the share", silent=True)  # fmt: skip
def tile_words(case, **_):
    _tile(case, "women", "men", "share", "index")


@claim("{printed:share}")
def tile_share(case, printed):
    _tile(case, "share")
    (row,) = case.shown.values()
    if row.left_out:
        exactly(printed.removeprefix("about "), (row.women, row.men))
    else:
        case.figure(printed, case.total, row)


@claim("equal numbers", "more for equal numbers, or {posts:number} post to change hands",
       "more for equal numbers, or {posts:number} posts to change hands",
       "{gross:number} women and men when each grade is taken by itself",
       "{gross:number} woman or man when each grade is taken by itself")  # fmt: skip
def tile_index(case, posts=None, gross=None):
    _tile(case, "index")
    women, men = case.total
    if gross:
        cells = case.truth.count(("grade",), case.chosen, case.quarter).values()
        need(sum(abs(m - w) for w, m in cells) == whole(gross), f"{cells}")
    else:
        need(abs(men - women) // 2 == whole(posts or "0"), f"{women}, {men}")


@claim("{points:change} since {quarter:quarter} (like for like{of:rest})", "{points:change} in a year (like for like{of:rest})",
       "{points:change} since {quarter:quarter}, {year:change} in a year (like for like{of:rest})")  # fmt: skip
def tile_points(case, points, of, quarter=None, year=None):
    _tile(case, "share")
    if quarter is None:
        quarter, points, year = None, None, points
    entities = of.removeprefix(", ").split(" and ") if of.startswith(", ") else [None]
    for said, then, which in ((points, quarter, 0), (year, before(case.quarter, 4), -1)):
        if said is None:
            continue
        old, new = _since(case, then, entities[which])
        moved = 100 * (share(new) - share(old))
        need(abs(moved) < 0.05 if said == "no change" else _prints(said.split()[0].lstrip("+"), moved), f"{moved}")


# -- uniformed personnel ------------------------------------------------------------------------------------------


def _uniformed(case) -> dict[str, Pair]:
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
       "Women are {printed:share} of all; the targets for {year:number} run from {low:share} to {high:share}")  # fmt: skip
def uniformed(case, printed, staff=None, day=None, year=None, low=None, high=None):
    total = together(_uniformed(case).values())
    exactly(printed, total)
    need(staff is None or whole(staff) == sum(total), f"{total}")
    need(low is None or (low, high) == ("15 %", "30 %"), f"{low} {high}")


@claim("Among the {count:number} largest contributors women are {low:share} ({at_low}) to {high:share} ({at_high})",
       "Where most women come from, their share is {low:share} ({at_low}) to {high:share} ({at_high})")  # fmt: skip
def contributors(case, low, at_low, high, at_high, count="20"):
    pairs = _uniformed(case)
    size = sum if case.said.sentence.startswith("Among") else (lambda pair: pair[0])
    first = sorted(pairs, key=lambda name: (-size(pairs[name]), -sum(pairs[name]), name))[: whole(count)]
    ends = min(share(pairs[name]) for name in first), max(share(pairs[name]) for name in first)
    need((share(pairs[at_low]), share(pairs[at_high])) == ends and {at_low, at_high} <= set(first), f"{ends}")
    exactly(low, pairs[at_low])
    exactly(high, pairs[at_high])


@claim("Of contributors of {least:number} and more, {name} has the highest share: {printed:share}")
def contributor_highest(case, least, name, printed):
    pairs = {each: pair for each, pair in _uniformed(case).items() if sum(pair) >= whole(least)}
    exactly(printed, pairs[name])
    need(all(share(pair) < share(pairs[name]) for each, pair in pairs.items() if each != name), "another is as high")


@claim("By region of the countries women are {low:share} ({at_low}) to {high:share} ({at_high})")
def contributor_regions(case, low, at_low, high, at_high):
    pairs = _uniformed(case)
    need(share(pairs[at_low]) == min(map(share, pairs.values())), "lowest")
    need(share(pairs[at_high]) == max(map(share, pairs.values())), "highest")
    exactly(low, pairs[at_low])
    exactly(high, pairs[at_high])


@claim("Women were {now:share} in {last:number} and {then:share} in {first:number}, all missions together")
def missions(case, now, last, then, first):
    pairs = _uniformed(case)
    need((min(pairs), max(pairs)) == (first, last), f"{list(pairs)}")
    exactly(now.removeprefix("about "), pairs[last])
    exactly(then.removeprefix("about "), pairs[first])
