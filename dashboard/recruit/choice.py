"""What somebody chose in the form or the address, and what of it cannot be meant: a message for each field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from dashboard import text
from dashboard.plain import UNSAID, above, release_named
from dashboard.selection import (
    CODE,
    DIMENSIONS,
    FOLLOWS,
    QUARTER,
    Selection,
    check_size,
    select,
)
from dashboard.text import gettext
from dashboard.warehouse import OpenRelease, Warehouse

#: Fields of the form that are dimensions, coarser ones first: where two contradict each other, the finer one goes.
FIELDS = ("entity", "department", "unct", "duty_station", "category", "grade")
#: The field that follows from a finer one.
COARSER = {
    name: coarser[0] for name in FIELDS if (coarser := [each for each in FOLLOWS.get(name, ()) if each in FIELDS])
}

NEW, VACANT, WOMAN_LEAVES, MAN_LEAVES = "new", "vacant", "woman", "man"
POSTS = (VACANT, NEW, WOMAN_LEAVES, MAN_LEAVES)
HELD, OPEN = "held", "open"
ENTRIES = ("joined_women", "joined_men", "left_women", "left_men")
MOST_ENTERED = 999
MOST_POSTS, USUAL_POSTS = 10, 3
#: Of messages about things that are no field of this page, so many are shown.
MOST_NOTICES = 5


@dataclass(frozen=True)
class Choice:
    """What was chosen. `problems` are messages by field, `notices` those of no field; both leave the rest standing."""

    release: OpenRelease
    pinned: str | None = None
    quarter: str | None = None
    chosen: Mapping[str, str] = field(default_factory=dict)  # as the form shows it: what follows is filled in
    post: str = VACANT
    entries: Mapping[str, int] = field(default_factory=dict)
    posts: int = USUAL_POSTS
    vacancies: str = HELD
    printed: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)  # what was typed where it cannot be meant
    notices: tuple[str, ...] = ()

    @property
    def selection(self) -> Selection:
        """The choice as any page has it: without what follows from what is chosen."""
        implied = {COARSER[name] for name in self.chosen if name in COARSER}
        kept = {name: code for name, code in self.chosen.items() if name not in implied}
        return select(self.quarter, self.pinned, **kept)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The user's own entries as the address has them, without what goes without saying."""
        found = [("v.post", self.post)] if self.post != VACANT else []
        found += [(f"v.{name}", str(self.entries[name])) for name in ENTRIES if self.entries.get(name)]
        found += [("v.posts", str(self.posts))] if self.posts != USUAL_POSTS else []
        found += [("v.vacancies", self.vacancies)] if self.vacancies != HELD else []
        return found

    def query(self, printed: bool | None = None) -> str:
        """The one query string of this choice."""
        wanted = self.printed if printed is None else printed
        return urlencode([*self.selection.to_pairs(), *self.options, *([("v.print", "1")] if wanted else [])])

    def permalink(self) -> str:
        """The query string that leads to these very numbers whatever is published later."""
        quarter = self.quarter if self.quarter != self.release.quarter else None
        selection = Selection(quarter, self.release.name, self.selection.chosen)
        return urlencode([*selection.to_pairs(), *self.options])

    @property
    def joined(self) -> tuple[int, int]:
        """Women and men who joined since, as entered."""
        return self.entries.get("joined_women", 0), self.entries.get("joined_men", 0)

    @property
    def left(self) -> tuple[int, int]:
        """Women and men who left since, as entered."""
        return self.entries.get("left_women", 0), self.entries.get("left_men", 0)

    @property
    def entered(self) -> bool:
        """Whether anything was entered."""
        return any(self.entries.values())


class _Reading:
    """The fields of one query string, and what is wrong with them."""

    def __init__(self, query: str):
        self.given: dict[str, list[str]] = {}
        self.problems: dict[str, str] = {}
        self.written: dict[str, str] = {}
        self.notices: list[str] = []
        check_size(query)
        for key, value in parse_qsl(query, keep_blank_values=True):
            # An untouched field of a form is sent empty.
            if value.strip() and value.strip() not in self.given.setdefault(key, []):
                self.given[key].append(value.strip())

    def one(self, name: str) -> str | None:
        values = self.given.pop(name, [])
        if len(values) > 1:
            self.wrong(name, gettext("Choose one at a time. We took “%(code)s”.", code=values[0][:80]))
        return values[0] if values else None

    def wrong(self, name: str, message: str, written: str = "") -> None:
        self.problems.setdefault(name, message)
        if written:
            self.written[name] = written[:80]

    def number(self, name: str, low: int, high: int) -> int | None:
        value = self.one(f"v.{name}")
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) <= 6 and low <= int(value) <= high:
            return int(value)
        said = gettext("“%(value)s” is not a whole number from %(low)s to %(high)s.", value=value[:80],
                       low=text.number(low), high=text.number(high))  # fmt: skip
        self.wrong(name, said, value)
        return None

    def word(self, name: str, words: Iterable[str]) -> str | None:
        value = self.one(f"v.{name}")
        if value is None or value in words:
            return value
        self.wrong(name, gettext("“%(value)s” is not one of the choices.", value=value[:80]))
        return None


def _codes(release: OpenRelease, reading: _Reading) -> dict[str, str]:
    """The chosen codes that exist and agree with each other."""
    chosen: dict[str, str] = {}
    for name in FIELDS:
        code = reading.one(name)
        if code is None:
            continue
        known = (*release.codes.get(name, ()), *DIMENSIONS[name].groups)
        if not CODE.fullmatch(code) or code not in known or code in UNSAID:
            reading.wrong(
                name,
                gettext("“%(code)s” is not in release %(release)s. Please choose from the list.",
                        code=code[:80], release=release.name),
            )  # fmt: skip
        else:
            chosen[name] = code
    for finer, coarser in COARSER.items():
        if finer not in chosen:
            continue
        parent = above(release, finer, chosen[finer], coarser)
        wanted = chosen.get(coarser)
        if wanted is None or parent in DIMENSIONS[coarser].groups.get(wanted, (wanted,)):
            if parent is not None and parent not in UNSAID:
                chosen[coarser] = wanted or parent
            continue
        names = {
            "code": text.label(release.labels, finer, chosen[finer], short=True),
            "other": text.label(release.labels, coarser, wanted, short=True),
        }
        del chosen[finer]
        reading.wrong(
            finer, gettext("%(code)s is not in %(other)s, so we left it out. Please choose from the list.", **names)
        )
    return {name: chosen[name] for name in FIELDS if name in chosen}


def read(warehouse: Warehouse, query: str) -> Choice:
    """The choice of a query string: whatever it holds, a page can answer. Raises NoRelease where there is nothing."""
    reading = _Reading(query)
    release, pinned = release_named(warehouse, reading.one("release"), reading.notices)
    quarter = reading.one("quarter")
    if quarter is not None and (not QUARTER.fullmatch(quarter) or quarter not in release.codes["quarter"]):
        reading.notices.append(text.no_such_quarter(release.name, quarter[:80]))
        quarter = None
    chosen = _codes(release, reading)
    entries = {name: reading.number(name, 0, MOST_ENTERED) or 0 for name in ENTRIES}
    choice = Choice(
        release=release,
        pinned=pinned,
        quarter=None if quarter == release.quarter else quarter,
        chosen=chosen,
        post=reading.word("post", POSTS) or VACANT,
        entries=entries,
        posts=reading.number("posts", 1, MOST_POSTS) or USUAL_POSTS,
        vacancies=reading.word("vacancies", (HELD, OPEN)) or HELD,
        printed=reading.word("print", ("0", "1")) == "1",
        problems=reading.problems,
        written=reading.written,
    )
    for name, values in list(reading.given.items())[:MOST_NOTICES]:
        if not values:
            continue
        if name in DIMENSIONS:
            said = gettext("The filter %(filter)s has no effect on this page.", filter=text.dimension(name))
        else:
            said = gettext("“%(key)s” in the address has no effect on this page.", key=name[:80])
        reading.notices.append(said)
    return Choice(**{name: getattr(choice, name) for name in choice.__dataclass_fields__} | {
        "notices": tuple(reading.notices)
    })  # fmt: skip
