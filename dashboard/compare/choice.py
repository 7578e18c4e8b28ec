"""What is compared: up to four selections in one address, and what of that address cannot be meant.

Each `s` is a whole selection as any page's address has it, percent-encoded; `release` stands once, for all of them.
Filters that stand in the address by themselves are one selection more: the form sends them, and so does whoever comes
from another page. `at` says which one the form has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from dashboard import answering, plain, shell, text
from dashboard.selection import CODE, DIMENSIONS, FOLLOWS, QUARTER, Selection, check_size, select
from dashboard.text import gettext
from dashboard.warehouse import OpenRelease, Warehouse

SCOPE, AT, BY, EDIT = "s", "at", "v.by", "v.edit"
LEAST, MOST = 2, 4
LETTERS = "ABCD"
#: What scopes may be broken down by; the first goes without saying, unless all scopes are at one grade.
BREAKDOWNS = ("grade", "category", "entity", "region", "headquarters", "age_group", "nationality_region")
AT_ONE_GRADE = "region"
#: Filters with a select of their own.
FIELDS = ("entity", "unct", "region", "category", "grade")
#: Codes of one dimension that the form sends as one value: it has a select where an address can have several.
TOGETHER = ","
#: Fields of the form that follow from finer ones: it shows the category beside the grade.
IMPLYING = tuple((finer, coarser) for finer in FIELDS for coarser in FOLLOWS.get(finer, ()) if coarser in FIELDS)
#: Of messages so many are shown.
MOST_NOTICES = 8


@dataclass(frozen=True)
class Choice:
    """What is compared. The selections are canonical, without a release, and without the quarter of the release."""

    release: OpenRelease
    pinned: str | None = None
    scopes: tuple[Selection, ...] = ()
    chosen_by: str | None = None  # None: what goes without saying
    edit: int | None = None  # the place of the scope that the form is about; None: of one more
    notices: tuple[str, ...] = ()

    @property
    def by(self) -> str:
        """What the scopes are broken down by."""
        return self.chosen_by or usual_breakdown(self.scopes)

    def quarter(self, scope: Selection) -> str:
        """The quarter that a scope is of."""
        return scope.quarter or self.release.quarter

    def asked(self, scope: Selection) -> Selection:
        """A scope as it is asked: of the one release."""
        return replace(scope, release=self.release.name)

    def linked(self, scope: Selection) -> Selection:
        """A scope as other pages have it: pinned if this page is."""
        return replace(scope, release=self.pinned)

    def query(self, edit: bool = True) -> str:
        """The one query string of this choice; without `edit` that of what it shows."""
        return self._written(self.pinned, self.scopes, self.chosen_by, self.edit if edit else None)

    def permalink(self) -> str:
        """The query string that leads to these very numbers whatever is published later."""
        return self._written(self.release.name, self.scopes, self.chosen_by, None)

    def newest(self) -> str:
        """The query string of the same in the release in service."""
        return self._written(None, self.scopes, self.chosen_by, None)

    def of(self, scopes: Sequence[Selection]) -> str:
        """The query string of other scopes, broken down as these if that was chosen."""
        return self._written(self.pinned, scopes, self.chosen_by, None)

    def without(self, place: int) -> str:
        """The query string without a scope."""
        return self.of([scope for at, scope in enumerate(self.scopes) if at != place])

    def first(self, place: int) -> str:
        """The query string with a scope put first: the others are compared with it."""
        return self.of(
            [self.scopes[place], *(scope for at, scope in enumerate(self.scopes) if at != place)],
        )

    def editing(self, place: int) -> str:
        """The query string with the form about a scope."""
        return self._written(self.pinned, self.scopes, self.chosen_by, place)

    def broken_down(self, by: str) -> str:
        """The query string broken down by something else."""
        return self._written(self.pinned, self.scopes, by, None)

    @staticmethod
    def _written(release: str | None, scopes: Sequence[Selection], by: str | None, edit: int | None) -> str:
        pairs = [("release", release)] if release else []
        pairs += [(SCOPE, replace(scope, release=None).to_query()) for scope in scopes]
        pairs += [(BY, by)] if by and by != usual_breakdown(scopes) else []
        pairs += [(EDIT, str(edit + 1))] if edit is not None else []
        return urlencode(pairs)


def usual_breakdown(scopes: Sequence[Selection]) -> str:
    """What goes without saying: grades, or where all scopes are at one grade, places."""
    at_one = scopes and all(len(scope.members("grade")) == 1 for scope in scopes)
    return AT_ONE_GRADE if at_one else BREAKDOWNS[0]


class _Reading:
    """The parts of one query string."""

    def __init__(self, query: str):
        self.notices: list[str] = []
        self.scopes: list[str] = []
        self.own: list[tuple[str, str]] = []  # filters by themselves
        self.options: dict[str, str] = {}
        self.unknown: list[str] = []
        check_size(query)
        for key, value in parse_qsl(query, keep_blank_values=True):
            if key == SCOPE:
                self.scopes.append(value)
            elif key in DIMENSIONS or key == "quarter":
                codes = value.split(TOGETHER) if key in DIMENSIONS else [value]
                # An untouched field of a form is sent empty.
                self.own += [(key, code.strip()) for code in codes if code.strip()]
            elif key in ("release", AT, BY, EDIT):
                if value.strip():
                    self.options.setdefault(key, value.strip())
            elif key not in self.unknown:
                self.unknown.append(key)

    def number(self, key: str) -> int | None:
        """A place among the scopes, counted from 0; None where there is none."""
        value = self.options.get(key)
        if value is None:
            return None
        if value.isascii() and value.isdigit() and len(value) <= 2 and int(value):
            return int(value) - 1
        return -1


def _scope(release: OpenRelease, reading: _Reading, query: str, letter: str) -> Selection:
    """One selection in its canonical form; what of it cannot be meant is left out and said."""
    found = shell.read(query)
    said = list(found.notices)
    selection = found.selection
    if selection.release is not None:
        said.append(gettext("We could not use “release=%(release)s” for one side only: a comparison has one release.",
                            release=selection.release))  # fmt: skip
    if selection.quarter is not None and selection.quarter not in release.codes["quarter"]:
        said.append(text.no_such_quarter(release.name, selection.quarter))
        selection = replace(selection, quarter=None)
    reading.notices += [gettext("%(scope)s: %(notice)s", scope=letter, notice=notice) for notice in said]
    return replace(answering.canonical(release, selection), release=None)


def _own(release: OpenRelease, reading: _Reading) -> Selection:
    """The selection of the filters that stand by themselves: of those that cannot be meant it is said."""
    kept, quarter = [], None
    for key, value in reading.own:
        if key == "quarter" and QUARTER.fullmatch(value) and value in release.codes["quarter"]:
            quarter = quarter or value
        elif key == "quarter":
            reading.notices.append(text.no_such_quarter(release.name, value[:80]))
        elif CODE.fullmatch(value):
            kept.append((key, value))
        else:
            # Translators: %(filter)s is the name of a filter: "Grade".
            reading.notices.append(gettext("We could not use “%(value)s”: it is not a code of the filter %(filter)s.",
                                           value=value[:80], filter=text.dimension(key)))  # fmt: skip
    chosen: dict[str, list[str]] = {}
    for key, value in kept:
        chosen.setdefault(key, []).append(value)
    selection = replace(answering.canonical(release, select(quarter, **chosen)), release=None)
    return _without_implied(release, selection)


def _without_implied(release: OpenRelease, selection: Selection) -> Selection:
    """Without what follows from something finer in the form."""
    for finer, coarser in IMPLYING:
        fine = selection.members(finer)
        if not fine or coarser not in selection.filtered or any(code not in release.ids[finer] for code in fine):
            continue
        if {plain.above(release, finer, code, coarser) for code in fine} <= set(selection.members(coarser)):
            selection = selection.without(coarser)
    return selection


def _unique(release: OpenRelease, reading: _Reading, scopes: Sequence[Selection]) -> list[Selection]:
    found: list[Selection] = []
    for scope in scopes:
        if scope in found:
            reading.notices.append(
                # Translators: %(who)s is who is counted: "P-4 staff of UNDP".
                gettext("%(who)s: you chose this twice, so it is shown once.", who=name(release, scope, others=scopes))
            )
        else:
            found.append(scope)
    if len(found) > MOST:
        left = text.joined(name(release, scope, others=scopes) for scope in found[MOST:])
        reading.notices.append(
            # Translators: %(names)s are groups of people: "P-4 staff of UNDP and P-4 staff of UNICEF".
            gettext("You can compare up to %(most)s. Left out: %(names)s.", most=text.number(MOST), names=left)
        )
    return found[:MOST]


def name(release: OpenRelease, scope: Selection, others: Sequence[Selection] = ()) -> str:
    """A scope as the name of a column: "P-4 staff of UNDP"; with its quarter where not all are of one."""
    said = phrase(release, scope, others)
    return said[:1].upper() + said[1:]


def phrase(release: OpenRelease, scope: Selection, others: Sequence[Selection] = ()) -> str:
    """The same after other words."""
    people = text.who(scope, release.labels)
    quarters = {other.quarter or release.quarter for other in (*others, scope)}
    if len(quarters) < 2:
        return people
    return gettext("%(who)s, %(quarter)s", who=people, quarter=scope.quarter or release.quarter)


def read(warehouse: Warehouse, query: str) -> Choice:
    """The choice of a query string: whatever it holds, a page can answer. Raises NoRelease where there is nothing."""
    reading = _Reading(query)
    release, pinned = plain.release_named(warehouse, reading.options.get("release"), reading.notices)
    letters = [*LETTERS, *("…" for _ in reading.scopes)]
    scopes = [
        _scope(release, reading, written, letter)
        for written, letter in zip(reading.scopes[: 2 * MOST], letters, strict=False)
    ]
    at = reading.number(AT)
    # The form sends its place, and then empty fields are a choice too: all staff there are.
    if reading.own or at is not None:
        own = _own(release, reading)
        if at is not None and 0 <= at < len(scopes):
            scopes[at] = own
        else:
            scopes.append(own)
    scopes = _unique(release, reading, scopes)
    by = reading.options.get(BY)
    if by is not None and by not in BREAKDOWNS:
        reading.notices.append(gettext("“%(value)s” is not one of the choices.", value=by[:80]))
        by = None
    edit = reading.number(EDIT)
    reading.notices += [
        gettext("“%(key)s” in the address has no effect on this page.", key=key[:80]) for key in reading.unknown
    ]
    return Choice(
        release=release,
        pinned=pinned,
        scopes=tuple(scopes),
        chosen_by=None if by == usual_breakdown(scopes) else by,
        edit=edit if edit is not None and 0 <= edit < len(scopes) else None,
        notices=tuple(dict.fromkeys(reading.notices))[:MOST_NOTICES],
    )
