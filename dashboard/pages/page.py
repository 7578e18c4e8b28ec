"""The shape of a page: what it asks, how it may be varied, and where it stands. Nothing here draws or asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard import text
from dashboard.answer import Answer
from dashboard.codelists import MapPoint
from dashboard.figures.table import Table
from dashboard.selection import Selection

#: Stands in an address for the code that fixes a dimension: /entities/<code>.
CODE = "<code>"
#: Keys of view options in an address begin so: they change how a page shows, never what is counted.
OPTION = "v."
QUARTERS_A_YEAR = 4


def no_notes(answer: Answer, *beside: Answer) -> Sequence[str]:
    """No notes but those of the answer."""
    return ()


@dataclass(frozen=True)
class Option:
    """A closed choice of how a page shows: (value, name) pairs, of which the first goes without saying.

    Names are marked for translation and translated when drawn; many choices are drawn as one list.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...]

    @property
    def default(self) -> str:
        """The value that no address spells out."""
        return self.choices[0][0]

    @property
    def values(self) -> tuple[str, ...]:
        """All values, the default first."""
        return tuple(value for value, _ in self.choices)


@dataclass(frozen=True)
class Several:
    """A choice of some codes of a dimension as to how a page shows: at most so many, and only where an option has the
    value of `under`, which stands for them.
    """

    name: str
    label: str
    dimension: str
    under: tuple[str, str]
    most: int


@dataclass(frozen=True)
class Seen:
    """The circumstances of a view that panels may depend on. `quarters` are those of the release, in order of time."""

    audience: str
    quarter: str
    quarters: tuple[str, ...]
    options: Mapping[str, str]
    code: str | None = None
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # dimension -> code -> name
    with_departments: frozenset[str] = frozenset()  # entities that have departments of their own
    owners: Mapping[str, str] = field(default_factory=dict)  # department -> its entity
    countries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # country team -> its countries
    regions: Mapping[str, str] = field(default_factory=dict)  # country team -> its region
    points: Mapping[str, MapPoint] = field(default_factory=dict)  # countries that are points on a map
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # codes of choices of several, by name
    kinds: Mapping[str, str] = field(default_factory=dict)  # entity -> what kind of entity it is
    sizes: Mapping[str, int] = field(default_factory=dict)  # entity -> all its staff in the quarter shown
    selection: Selection = field(default_factory=Selection)
    address: Callable[[Selection], str] = lambda selection: f"?{selection.to_query()}"  # of this page, for a selection

    def before(self, count: int) -> str | None:
        """The quarter so many before the one shown; None where the release does not reach back that far."""
        if self.quarter not in self.quarters:
            return None
        place = self.quarters.index(self.quarter) - count
        return self.quarters[place] if place >= 0 else None


@dataclass(frozen=True)
class Beside:
    """A further answer a panel is drawn from: a question over a selection made of the view's own (None: not asked).

    `name` is what it is, for the link to its file.
    """

    name: str
    question: str
    select: Callable[[Selection, Seen], Selection | None]


@dataclass(frozen=True)
class Panel:
    """One card with its words: what it asks, how it is drawn, and how its finding is told.

    `heading` is what it is about, shown while its finding is not known yet (marked for translation, translated when
    drawn); `drill` is the dimension or key that a click on a mark narrows, `lead` the page of a code it opens instead.
    Without a `figure` it is a table. `figure`, `title`, `notes` and `table` take the answer, and after it those
    `beside` it. `vary` gives the panel as view options want it (with the same id), `when` says whether a view has it.
    """

    id: str
    question: str
    heading: str
    figure: Callable[..., dict[str, Any]] | None
    title: Callable[..., str]
    drill: str | None = None
    notes: Callable[..., Sequence[str]] = field(default=no_notes)
    tells_all: bool = False  # whether notes true of the whole page are told here
    lead: str | None = None
    table: Callable[..., Table] | None = None  # (answer, *beside, caption=, link=)
    select: Callable[[Selection, Seen], Selection] | None = None  # the view's selection as this panel asks it
    beside: tuple[Beside, ...] = ()
    vary: Callable[[Panel, Seen], Panel] | None = None
    when: Callable[[Seen], bool] | None = None
    search: bool = False  # whether its table is long enough to be searched
    matrix: bool = False  # whether its table is wide: row headers stay in sight
    leaving: Callable[[], str] | None = None  # what a picture of it must say besides its scope
    alike: bool = True  # whether a development is told of the same entities throughout, and says so
    map: bool = False  # whether its figure is a map: the browser then needs more of plotly, and outlines


@dataclass(frozen=True)
class Finding:
    """A page's own headline: made of the answer to a question over the view's selection. `figures` are those beneath
    it, where they are not those of the staff selected.
    """

    question: str
    title: Callable[[Answer, Seen], str]
    figures: Callable[[Answer], Sequence[text.Figure]] | None = None


@dataclass(frozen=True)
class Page:
    """One page with figures: its address, its name in the navigation, and its panels.

    The columns stand one under the other where there is room for one only, so the first holds what matters more;
    `wide` panels stand above them and `after` below them, over the whole width. `fixed` is the dimension that the
    page's address chooses: by the code in it, or always `code`. Such a choice is a filter like any other to what is
    asked, and is not offered in the filter panel. `sample` is a code to try a page of codes with. A page `apart` is
    about a dataset that is not of staff: it has no filter panel, and of its finding alone its headline is made.
    """

    path: str
    name: str
    columns: tuple[tuple[Panel, ...], ...]
    wide: tuple[Panel, ...] = ()
    after: tuple[Panel, ...] = ()
    options: tuple[Option, ...] = ()
    several: tuple[Several, ...] = ()
    fixed: str | None = None
    code: str | None = None
    sample: str | None = None
    finding: Finding | None = None
    apart: bool = False
    links: Callable[[Seen], Sequence[tuple[str, str]]] | None = None  # (words, address) beneath the headline

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels there can be, in reading order."""
        return (*self.wide, *(panel for column in self.columns for panel in column), *self.after)

    @property
    def maps(self) -> bool:
        """Whether any of its figures is a map."""
        return any(panel.map for panel in self.panels)

    @property
    def of_codes(self) -> bool:
        """Whether its address has a code in it."""
        return CODE in self.path

    @property
    def listed(self) -> bool:
        """Whether it stands in the navigation."""
        return not self.of_codes

    @property
    def follow(self) -> bool:
        """Whether the selection goes along from and to it: to all pages with figures."""
        return True

    def shown(self, panels: Sequence[Panel], seen: Seen) -> tuple[Panel, ...]:
        """Those of its panels that this view has, as its options want them."""
        there = (panel for panel in panels if panel.when is None or panel.when(seen))
        return tuple(panel.vary(panel, seen) if panel.vary else panel for panel in there)


@dataclass(frozen=True)
class Plain:
    """A page of plain HTML, without Dash: its address and its name in the navigation (`listed`: whether it is there).

    `samples` are query strings that show all it can look like, for who looks at every page; `follow`: whether the
    selection goes along from and to it.
    """

    path: str
    name: str
    samples: tuple[str, ...] = ("",)
    follow: bool = False
    listed: bool = True


@dataclass(frozen=True)
class At:
    """Where somebody is: a page, and the code in its address."""

    page: Page
    code: str | None = None

    @property
    def path(self) -> str:
        """The address, without a query string."""
        return self.page.path.replace(CODE, self.code or "")

    def whole(self, selection: Selection) -> Selection:
        """What the page counts: the selection with the choice that its address makes."""
        if self.page.fixed is None or self.code is None:
            return selection
        return selection.with_codes(self.page.fixed, [self.code])

    def own(self, selection: Selection) -> Selection:
        """The selection without what the address says already."""
        return selection if self.page.fixed is None else selection.without(self.page.fixed)
