"""What the page knows: pure values, each from an answer of `ask`. Nothing here is a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import answering, comparable, measures, text
from dashboard.answer import EXACT, REFUSED, Answer, Row
from dashboard.pages import common
from dashboard.plain import above, without_figures
from dashboard.recruit.choice import HELD, MAN_LEAVES, MOST_POSTS, WOMAN_LEAVES, Choice
from dashboard.selection import NOT_APPLICABLE, NOT_REPORTED, Selection, select
from dashboard.warehouse import OpenRelease, Warehouse

QUARTERS_SHOWN = 8
QUARTERS_A_YEAR = 4
YEARS_OF_APPOINTMENTS = 2

UNITS = ("department", "entity")
PLACES = ("duty_station", "unct", "region")
LEVELS = ("grade", "category")


@dataclass(frozen=True)
class Group:
    """Some staff: of a unit, in a place, at a level; each a (dimension, code), or None for all there are."""

    unit: tuple[str, str] | None = None
    place: tuple[str, str] | None = None
    level: tuple[str, str] | None = None

    @property
    def chosen(self) -> dict[str, str]:
        """Dimension -> code."""
        return dict(part for part in (self.unit, self.place, self.level) if part)


@dataclass(frozen=True)
class Cell:
    """What is known of a group: its row (women and men may be None: `row.reason` says why) and whose answer it is."""

    group: Group
    row: Row
    answer: Answer

    @property
    def exact(self) -> bool:
        """Whether its counts are whole."""
        return self.row.women is not None and self.row.protection == EXACT

    @property
    def judged(self) -> bool:
        """Whether it says something of the balance: exact counts, or a share or status of rounded ones."""
        return self.exact or self.row.status is not None or self.row.share_women is not None


@dataclass(frozen=True)
class Comparison:
    """A group to compare with, by what it is to the choice: "subject", "team", "unit", "region", "system", "feeder"."""

    what: str
    cell: Cell


@dataclass(frozen=True)
class Outcome:
    """The balance after somebody is appointed to one post; None where nobody of that sex could leave it."""

    post: str
    woman: tuple[int, int] | None
    man: tuple[int, int] | None


@dataclass(frozen=True)
class Course:
    """One assumption on who fills vacancies. `share` is (women, all) of those it goes by; `after` the balance after 0,
    1, 2 ... posts, None where fewer hold posts than would leave.
    """

    name: str
    share: tuple[int, int]
    after: tuple[tuple[int, int] | None, ...]


@dataclass(frozen=True)
class Facts:
    """All of it. `subject` is what was chosen; `stands` the rung of the ladder that the page is about."""

    choice: Choice
    subject: Cell
    ladder: tuple[Cell, ...]  # from what was chosen to what it stands on
    comparisons: tuple[Comparison, ...]
    history: tuple[Row, ...]
    trend: Answer
    base: tuple[int, int] | None  # counts that balances after appointments go out from, entries included
    about: bool  # whether these are rounded
    outcomes: tuple[Outcome, ...]
    courses: tuple[Course, ...]
    appointed: tuple[int, int] | None  # women and men appointed over two years; None where movements are not reported
    feeder: Cell | None
    year_ago: Row | None
    year_alike: bool  # whether that can be compared with the quarter shown, where one entity's figures make both

    @property
    def stands(self) -> Cell:
        """The cell that the sentence, the bar and the balances are about."""
        return self.ladder[-1]


class Asking:
    """The questions of one page, each asked once and all of one release."""

    def __init__(self, warehouse: Warehouse, choice: Choice):
        self.warehouse, self.choice = warehouse, choice
        self._answers: dict[tuple[str, Selection], Answer] = {}

    def __call__(self, question: str, quarter: str | None = None, **chosen: str) -> Answer:
        """The answer to a question over these codes."""
        selection = select(quarter or self.choice.quarter, self.choice.release.name, **chosen)
        key = question, selection
        if key not in self._answers:
            self._answers[key] = answering.ask(self.warehouse, question, selection)
        return self._answers[key]

    def cell(self, group: Group) -> Cell:
        """What is known of a group. Grades of one unit and place come with one question, the feeder's among them."""
        chosen = group.chosen
        name, code = group.level or (None, None)
        if name in LEVELS and code in self.choice.release.ids[str(name)]:
            del chosen[str(name)]
            answer = self(f"by_{name}", **chosen)
            rows = [row for row in answer.rows if row.keys[str(name)] == code]
        else:
            answer = self("headline", **chosen)
            rows = [row for row in [text.now(answer)] if row is not None]
        return Cell(group, rows[0] if rows else without_figures(answer), answer)


# -- the ladder ---------------------------------------------------------------------------------------------------


def subject_of(choice: Choice) -> Group:
    """The group that was chosen: the finest unit, place and level."""

    def finest(names: Sequence[str]) -> tuple[str, str] | None:
        return next(((name, choice.chosen[name]) for name in names if name in choice.chosen), None)

    return Group(finest(UNITS), finest(PLACES), finest(LEVELS))


def rungs(choice: Choice) -> list[Group]:
    """The groups that may answer for what was chosen where that is protected, nearest first.

    entity x team x grade, entity x team x category, team x grade, entity x grade; a duty station gives way to its
    country team first, and a department to its entity. The last is exact for everybody.
    """
    asked = subject_of(choice)
    chosen = choice.chosen
    entity = ("entity", chosen["entity"]) if "entity" in chosen else None
    team = ("unct", chosen["unct"]) if "unct" in chosen else None
    level = asked.level
    category = ("category", chosen["category"]) if "category" in chosen else None
    wanted = [
        asked,
        Group(asked.unit, team, level) if team else None,
        Group(entity, asked.place, level) if entity else None,
        Group(entity, team, level) if entity and team else None,
        Group(entity, team, category) if entity and team and category else None,
        Group(None, team, level) if team else None,
        Group(None, team, category) if team and category and entity is None else None,
        Group(asked.unit, None, level),
        Group(entity, None, level),
        Group(None, None, level),
    ]
    return list(dict.fromkeys(group for group in wanted if group is not None))


def _ladder(asking: Asking) -> tuple[Cell, ...]:
    found = []
    for group in rungs(asking.choice):
        cell = asking.cell(group)
        found.append(cell)
        # Not protected but unknown: no other group would tell what this one has not sent.
        if cell.judged or cell.row.reason == "not-submitted":
            break
    return tuple(found)


# -- beside it ----------------------------------------------------------------------------------------------------


def feeder_of(release: OpenRelease, grade: str, staffed: Sequence[str]) -> str | None:
    """The grade below that people are promoted from; see `common.feeder`."""
    return common.feeder(grade, staffed, release.codes["grade"])


def _staffed(asking: Asking, entity: str | None) -> list[str]:
    """Grades at which an entity (or the system) has anybody: exact for everybody."""
    answer = asking("by_grade", **({"entity": entity} if entity else {}))
    return [row.keys["grade"] for row in answer.rows if row.staff]


def _comparisons(asking: Asking) -> list[Comparison]:
    choice = asking.choice
    asked = subject_of(choice)
    level = asked.level
    groups = [("subject", asked)]
    if asked.unit and asked.place and asked.place[0] == "duty_station" and "unct" in choice.chosen:
        groups.append(("unit-team", Group(asked.unit, ("unct", choice.chosen["unct"]), level)))
    if "unct" in choice.chosen:
        groups.append(("team", Group(None, ("unct", choice.chosen["unct"]), level)))
    elif asked.place:
        groups.append(("team", Group(None, asked.place, level)))
    groups += [("unit", Group((name, choice.chosen[name]), None, level)) for name in UNITS if name in choice.chosen]
    region = _region(asking)
    if region:
        groups.append(("region", Group(None, ("region", region), level)))
    groups.append(("system", Group(None, None, level)))
    grade = choice.chosen.get("grade")
    feeder = feeder_of(choice.release, grade, _staffed(asking, choice.chosen.get("entity"))) if grade else None
    if feeder:
        groups.append(("feeder", Group(asked.unit, asked.place, ("grade", feeder))))
        if asked.place and asked.unit:
            groups.append(("feeder", Group(asked.unit, None, ("grade", feeder))))
    unique = {group: what for what, group in reversed(groups)}
    found = [Comparison(what, asking.cell(group)) for what, group in groups if unique.pop(group, None)]
    # What was chosen says why it is not shown; of what is beside it that would be noise.
    return [one for one in found if one.what == "subject" or one.cell.row.reason != REFUSED]


def _region(asking: Asking) -> str | None:
    choice = asking.choice
    for name in ("duty_station", "unct"):
        if name in choice.chosen:
            code = above(choice.release, name, choice.chosen[name], "region")
            return None if code in (None, NOT_REPORTED, NOT_APPLICABLE) else code
    return None


def _history(asking: Asking, group: Group) -> tuple[Answer, tuple[Row, ...], Row | None, bool]:
    answer = asking("trend", **group.chosen)
    # Each quarter as it was: the counts of a group are looked up, not compared over a set of entities.
    rows = [row for row in answer.rows if row.keys["basis"] == comparable.ALL]
    then = comparable.quarter_after(answer.scope.quarter, -QUARTERS_A_YEAR)
    year_ago = next((row for row in rows if row.keys["quarter"] == then), None)
    alike = answer.scope.entities_expected != 1 or (
        year_ago is not None and any(comparable.reaches(answer.scope, one, year_ago) for one in answer.scope.series)
    )
    return answer, tuple(rows[-QUARTERS_SHOWN:]), year_ago, alike


def _appointed(asking: Asking, stands: Group) -> tuple[int, int] | None:
    """Women and men appointed at the level by the unit over two years, at all its places; None where not reported."""
    chosen = {name: code for name, code in stands.chosen.items() if name not in PLACES}
    release = asking.choice.release
    now = asking.choice.quarter or release.quarter
    place = release.ids["quarter"][now]
    women = men = 0
    known = False
    for year in range(YEARS_OF_APPOINTMENTS):
        at = place - year * QUARTERS_A_YEAR
        if at < 0:
            continue
        answer = asking("movements", release.codes["quarter"][at], **chosen)
        known = known or bool(answer.rows)
        for row in answer.rows:
            if row.keys["kind"] == "appointed":
                women, men = women + (row.women or 0), men + (row.men or 0)
    return (women, men) if known else None


# -- what an appointment does -------------------------------------------------------------------------------------


def leaver(post: str) -> str | None:
    """Who leaves a post, as `measures` has it."""
    return {WOMAN_LEAVES: "women", MAN_LEAVES: "men"}.get(post)


def outcomes(base: tuple[int, int], posts: Sequence[str]) -> tuple[Outcome, ...]:
    """The balance after appointing a woman or a man, for each kind of post."""
    return tuple(
        Outcome(
            post,
            measures.after_appointment(*base, "women", leaver(post)),
            measures.after_appointment(*base, "men", leaver(post)),
        )
        for post in posts
    )


def course(name: str, base: tuple[int, int], share: tuple[int, int], held: bool, most: int = MOST_POSTS) -> Course:
    """The balance after 0 to `most` vacancies if women among those appointed are as in `share`."""
    after = tuple(
        measures.after_vacancies(*base, posts, measures.portion(posts, *share), held) for posts in range(most + 1)
    )
    return Course(name, share, after)


def _courses(
    base: tuple[int, int], held: bool, feeder: Cell | None, appointed: tuple[int, int] | None
) -> tuple[Course, ...]:
    found = [course("women", base, (1, 1), held), course("men", base, (0, 1), held)]
    if feeder is not None and feeder.row.staff and feeder.row.women is not None:
        found.append(course("feeder", base, (feeder.row.women, feeder.row.staff), held))
    if appointed is not None and sum(appointed):
        found.append(course("appointed", base, (appointed[0], sum(appointed)), held))
    return tuple(found)


def _base(stands: Cell, choice: Choice) -> tuple[tuple[int, int] | None, bool]:
    """The counts that balances go out from, and whether they are rounded: then only where a share may be formed, and
    without entries, which rounding would swallow.
    """
    row = stands.row
    if row.women is None or row.men is None:
        return None, False
    if stands.exact:
        return measures.with_entries(row.women, row.men, choice.joined, choice.left), False
    return ((row.women, row.men), True) if row.share_women is not None else (None, True)


def gather(warehouse: Warehouse, choice: Choice) -> Facts:
    """Everything the page says of a choice."""
    asking = Asking(warehouse, choice)
    ladder = _ladder(asking)
    stands = ladder[-1]
    comparisons = _comparisons(asking)
    trend, history, year_ago, year_alike = _history(asking, stands.group)
    base, about = _base(stands, choice)
    feeders = [comparison.cell for comparison in comparisons if comparison.what == "feeder"]
    feeder = next((cell for cell in feeders if cell.row.staff and cell.judged), None)
    appointed = _appointed(asking, stands.group)
    return Facts(
        choice=choice,
        subject=ladder[0],
        ladder=ladder,
        comparisons=tuple(comparisons),
        history=history,
        trend=trend,
        base=base,
        about=about,
        # One appointment moves a rounded count by less than its rounding.
        outcomes=outcomes(base, ("vacant", WOMAN_LEAVES, MAN_LEAVES)) if base and not about else (),
        courses=_courses(base, choice.vacancies == HELD, feeder, appointed) if base else (),
        appointed=appointed,
        feeder=feeder,
        year_ago=year_ago,
        year_alike=year_alike,
    )


# -- what can be chosen -------------------------------------------------------------------------------------------


def staffed_places(warehouse: Warehouse, choice: Choice) -> dict[str, frozenset[str]]:
    """Country teams and duty stations where the chosen entity has staff; nothing where that may not be told apart."""
    entity = choice.chosen.get("entity")
    release = choice.release
    if entity is None or warehouse.settings.audience != "internal":
        return {}

    def look() -> dict[str, frozenset[str]]:
        asking = Asking(warehouse, Choice(release))
        return {
            name: frozenset(row.keys[name] for row in asking(f"by_{name}", entity=entity).rows if row.staff)
            for name in ("unct", "duty_station")
        }

    # Of the release's own quarter: at most one such list an entity.
    return release.once(("recruit places", entity), look)


def staffed_grades(warehouse: Warehouse, choice: Choice) -> frozenset[str]:
    """Grades at which the chosen entity has anybody: exact for everybody."""
    entity = choice.chosen.get("entity")
    if entity is None:
        return frozenset()
    release = choice.release
    look = lambda: frozenset(_staffed(Asking(warehouse, Choice(release)), entity))  # noqa: E731
    return release.once(("recruit grades", entity), look)
