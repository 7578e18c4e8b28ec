"""People who hold the posts: they join, rise, grow older and leave, quarter by quarter.

Who leaves is drawn; who follows is steered: among those who enter a group of posts in a quarter, as many are women as
it takes to reach the group's target (`targets.women`), as far as there are posts to fill. So published percentages
come out while every quarter follows from the one before.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from dashboard.codelists import CodeLists
from dashboard.demo import calendar
from dashboard.demo.inputs import LEVELS, table, traits
from dashboard.demo.posts import Posts

FEMALE, MALE, OTHER = 0, 1, 2
SEXES = ("F", "M", "X")
#: Share of staff recorded as other or not disclosed (assumption: nothing is published).
OTHER_SHARE = 0.001
#: Quarters in post before a promotion (assumption: one year).
SENIORITY = 4
#: Ages, in quarters: nobody joins younger; retirement at 65 (staff rules); a few stay on, senior officials longer.
YOUNGEST, RETIREMENT, EXTENDED, SENIOR_RETIREMENT = 4 * 20 + 2, 4 * 65, 4 * 67, 4 * 72
EXTENDED_SHARE = 0.02
#: From 60 on early retirement adds to turnover (assumption).
EARLY, EARLY_RATE = 4 * 60, 0.02
#: Staff with a continuing or permanent appointment leave this much less often (assumption).
SETTLED = 0.55
#: Permanent appointments stopped being given in mid-2009 (ST/SGB/2009/10); continuing ones take some years.
LAST_PERMANENT = calendar.number("2009Q2")
CONTINUING_AFTER = (20, 44)
NEVER = 32767
PERMANENT, CONTINUING, FIXED, TEMPORARY = "PM", "CS", "FT", "TA"
#: Local recruitment: who is a national of the country of the duty station (assumption).
LOCAL_NATIONALS = {True: 0.62, False: 0.97}

APPOINTED, PROMOTED_IN, PROMOTED_OUT, SEPARATED = range(4)
KINDS = ("appointed", "promoted-in", "promoted-out", "separated")


@dataclass
class People:
    """One row a person; `post_since` is the quarter in which the present post was taken up."""

    sex: np.ndarray
    birth: np.ndarray
    nationality: np.ndarray
    settled_from: np.ndarray
    permanent: np.ndarray
    extended: np.ndarray
    post_since: np.ndarray
    count: int = 0

    @classmethod
    def room_for(cls, capacity: int) -> People:
        """Empty, with room for so many."""
        small, flag = np.zeros(capacity, np.int16), np.zeros(capacity, bool)
        return cls(
            np.zeros(capacity, np.int8),
            small.copy(),
            small.copy(),
            small.copy(),
            flag.copy(),
            flag.copy(),
            small.copy(),
        )


@dataclass
class History:
    """What happened: who held which post at each quarter (-1: nobody), and every movement."""

    posts: Posts
    people: People
    nationalities: list[str]
    holder: np.ndarray
    #: Columns: quarter (index), kind, post, person. Moves between departments of one entity are in neither kind.
    movements: np.ndarray
    wanted: np.ndarray


@dataclass
class _Level:
    """Numbers of `ages.csv`, by level."""

    now: np.ndarray
    joining: np.ndarray
    spread: np.ndarray
    separation: np.ndarray
    promotion: np.ndarray


def _levels() -> _Level:
    rows = {row["level"]: row for row in table("ages.csv")}
    columns = ("mean_now", "mean_joining", "spread", "separation", "promotion")
    return _Level(*(np.array([float(rows[level][c]) for level in LEVELS]) for c in columns))


def _feeders(grades: list[str]) -> np.ndarray:
    """For each grade the grade below it, from which people are promoted; -1 where there is none."""
    special = {"USG": "ASG", "ASG": "D-2", "UG": "D-2", "D-2": "D-1", "D-1": "P-5"}
    below = {"NO-E": "NO-D", "NO-D": "NO-C", "NO-C": "NO-B", "NO-B": "NO-A"}
    ladders = [["P-5", "P-4", "P-3", "P-2", "P-1"], [f"FS-{n}" for n in range(7, 0, -1)]]
    ladders += [[f"{letter}-{n}" for n in range(7, 0, -1)] for letter in ("G", "S", "TC")]
    for ladder in ladders:
        below |= dict(itertools.pairwise(ladder))
    below |= special
    number = {g: i for i, g in enumerate(grades)}
    return np.array([number[below[g]] if g in below else -1 for g in grades])


def age_group(age: np.ndarray) -> np.ndarray:
    """Number of the age group, from an age in quarters: under 25, 25 to 29 ... 60 to 64, 65 and over."""
    return np.clip((age // 4 - 20) // 5, 0, 9)


def pairs(left: np.ndarray, right: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Positions in left and right that are matched, at random, one to one and with equal keys."""

    def ranked(keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        order = np.lexsort((rng.random(len(keys)), keys))
        found = keys[order]
        start = np.searchsorted(found, found, side="left")
        return order, found * 2**20 + (np.arange(len(found)) - start)

    if not len(left) or not len(right):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    a, a_keys = ranked(left.astype(np.int64))
    b, b_keys = ranked(right.astype(np.int64))
    _, i, j = np.intersect1d(a_keys, b_keys, assume_unique=True, return_indices=True)
    return a[i], b[j]


@dataclass
class _Simulation:
    posts: Posts
    wanted: np.ndarray
    codelists: CodeLists
    rng: np.random.Generator
    other_share: float
    people: People = field(init=False)
    holder: np.ndarray = field(init=False)
    log: list[np.ndarray] = field(default_factory=list)
    #: Part of a person still to be recorded X.
    owed: float = 0.0

    def __post_init__(self) -> None:
        posts = self.posts
        self.first = calendar.number(posts.quarters[0])
        # Room: everyone at the start, and a turnover of up to 4 % a quarter after.
        self.people = People.room_for(int(len(posts) * (1.2 + 0.045 * len(posts.quarters))) + 100)
        self.holder = np.full((len(posts), len(posts.quarters)), -1, np.int32)
        self.now = np.full(len(posts), -1, np.int32)
        self.level = _levels()
        self.feeder = _feeders(posts.grades)
        self.by_grade = [np.flatnonzero((posts.grade == g) & ~posts.coordinator) for g in range(len(posts.grades))]
        self.by_level = [np.flatnonzero(posts.level == level) for level in range(len(LEVELS))]
        self.level_of_grade = np.full(len(posts.grades), -1)
        self.level_of_grade[posts.grade[~posts.coordinator]] = posts.level[~posts.coordinator]
        local = posts.level >= LEVELS.index("NPO")
        # Local staff rise in their own country, international staff anywhere in their entity.
        self.pool = posts.entity * 1000 + np.where(local, posts.country + 1, 0)
        self.local = local
        self.turnover = np.array([traits()[e].turnover for e in posts.entities])
        self.continuing = np.array([traits()[e].continuing for e in posts.entities])
        self._nationalities()
        self._families()

    def _nationalities(self) -> None:
        self.nationalities = [m.code for m in self.codelists.members("nationality")]
        number = {code: i for i, code in enumerate(self.nationalities)}
        weights = np.ones(len(self.nationalities))
        for row in table("nationality_weights.csv"):
            weights[number[row["nationality"]]] = float(row["weight"])
        # Nationals of places that are no Member State are not drawn at random.
        groups = [self.codelists.regional_group_of(code) for code in self.nationalities]
        weights[[g == "not-applicable" for g in groups]] = 0
        self.world = np.cumsum(weights) / weights.sum()
        self.national = np.array([number.get(c, -1) for c in self.posts.countries])

    def _families(self) -> None:
        """Departments that follow one another share a family; Resident Coordinators moved as one."""
        posts = self.posts
        family = {row["department"]: row["family"] for row in table("lineage.csv")}
        names = sorted(set(family.values()))
        number = np.array([names.index(family[d]) + 1 if d in family else 0 for d in posts.departments])
        un = np.array([e == "UN" for e in posts.entities])
        key = number[posts.department] * un[posts.entity]
        self.family = np.where(key > 0, (key * 2000 + posts.station) * 100 + posts.grade, -1)
        # Only where a department ceased by the code list do people go along; a mission that ends sends them home.
        closed = [
            d in family and bool(self.codelists.member("department", d).attributes["closed"]) for d in posts.departments
        ]
        self.ceases = np.array(closed)[posts.department] | posts.coordinator
        self.family[posts.coordinator] = 10**9 + posts.country[posts.coordinator]

    def _record(self, quarter: int, kind: int, where: np.ndarray, who: np.ndarray) -> None:
        if len(where):
            size = len(where)
            columns = (np.full(size, quarter), np.full(size, kind), where, who)
            self.log.append(np.stack(columns, axis=1).astype(np.int32))

    def _join(self, where: np.ndarray, sex: np.ndarray, quarter: int, initial: bool) -> np.ndarray:
        """New people for these posts."""
        rng, people, posts = self.rng, self.people, self.posts
        size = len(where)
        who = np.arange(people.count, people.count + size)
        people.count += size
        now = self.first + quarter
        people.sex[who] = sex
        self._undisclosed(who[sex == MALE])
        level = posts.level[where]
        mean = (self.level.now if initial else self.level.joining)[level]
        age = rng.normal(mean, self.level.spread[level]) * 4
        oldest = np.where(level == 0, SENIOR_RETIREMENT - 8, RETIREMENT - (2 if initial else 12))
        youngest = np.where(level <= 3, 4 * 36, np.where(level <= 5, 4 * 28, YOUNGEST))
        age = np.clip(age, youngest + rng.integers(0, 12, size), oldest - rng.integers(0, 8, size)).astype(np.int64)
        people.birth[who] = now - age
        people.extended[who] = rng.random(size) < EXTENDED_SHARE
        # Service so far: those there at the start joined at some time since 28 or so.
        served = (
            (rng.random(size) ** 1.4 * np.maximum(age - 4 * 28, 1)).astype(np.int64) if initial else np.zeros(size, int)
        )
        joined = now - served
        people.post_since[who] = now - np.minimum(served, rng.integers(0, 24, size)) if initial else now
        gets = rng.random(size) < self.continuing[posts.entity[where]] * 1.3
        people.permanent[who] = gets & (joined <= LAST_PERMANENT)
        after = joined + rng.integers(*CONTINUING_AFTER, size)
        people.settled_from[who] = np.where(gets & (level > 0), after, NEVER)
        people.nationality[who] = self._draw_nationality(where)
        self.now[where] = who
        return who

    def _undisclosed(self, men: np.ndarray) -> None:
        """Every so many of those who join is recorded X; taken from the men, so that the women wanted are met."""
        self.owed += 2 * self.other_share * len(men)  # men are about half of those who join
        some = min(int(self.owed), len(men))
        self.owed -= some
        self.people.sex[self.rng.permutation(men)[:some]] = OTHER

    def _draw_nationality(self, where: np.ndarray) -> np.ndarray:
        rng, posts = self.rng, self.posts
        size = len(where)
        drawn = np.searchsorted(self.world, rng.random(size), side="right")
        host = self.national[posts.country[where]]
        # International staff away from headquarters are rarely nationals of the country: draw again once.
        again = (drawn == host) & ~posts.headquarters[where]
        drawn[again] = np.searchsorted(self.world, rng.random(again.sum()), side="right")
        hq = posts.headquarters[where]
        national = rng.random(size) < np.where(hq, LOCAL_NATIONALS[True], LOCAL_NATIONALS[False])
        return np.where(self.local[where] & national & (host >= 0), host, drawn)

    def _women_here(self, chosen: np.ndarray) -> np.ndarray:
        """Women now, by group, among these posts."""
        held = chosen[self.now[chosen] >= 0]
        women = held[self.people.sex[self.now[held]] == FEMALE]
        return np.bincount(self.posts.group[women], minlength=len(self.posts.groups))

    def _sexes(self, entrants: np.ndarray, level: int, quarter: int) -> np.ndarray:
        """The sex of each entrant, such that each group comes as near its target as it can."""
        group = self.posts.group[entrants]
        need = self.wanted[:, quarter] - self._women_here(self.by_level[level])
        order = np.lexsort((self.rng.random(len(entrants)), group))
        ordered = group[order]
        rank = np.arange(len(order)) - np.searchsorted(ordered, ordered, side="left")
        sex = np.empty(len(entrants), np.int8)
        sex[order] = np.where(rank < need[ordered], FEMALE, MALE)
        return sex

    def start(self) -> None:
        """Everyone there at the first quarter."""
        posts = self.posts
        there = np.flatnonzero(posts.is_open[:, 0])
        sex = np.empty(len(posts), np.int8)
        for level, chosen in enumerate(self.by_level):
            chosen = chosen[posts.is_open[chosen, 0]]
            sex[chosen] = self._sexes(chosen, level, 0)
        self._join(there, sex[there], 0, initial=True)
        self._pin(there)
        self.holder[:, 0] = self.now

    def _pin(self, there: np.ndarray) -> None:
        """The two best known posts are held by people everyone knows to be a man (SG) and a woman (DSG)."""
        for post in there[self.posts.pinned[there]]:
            secretary_general = self.posts.grades[self.posts.grade[post]] == "SG"
            self.people.sex[self.now[post]] = MALE if secretary_general else FEMALE
            self.people.birth[self.now[post]] = calendar.number("1949Q2" if secretary_general else "1961Q1")
            self.people.nationality[self.now[post]] = self.nationalities.index("PRT" if secretary_general else "NGA")

    def step(self, quarter: int) -> None:
        """One quarter on."""
        posts, rng = self.posts, self.rng
        is_open = posts.is_open[:, quarter]
        held = self.now >= 0
        closing = np.flatnonzero(held & ~is_open)
        leaving = self._leavers(np.flatnonzero(held & is_open & ~posts.pinned), quarter)
        self._record(quarter, SEPARATED, leaving, self.now[leaving])
        self.now[leaving] = -1
        displaced = self.now[closing]
        self.now[closing] = -1
        self._transfer(closing, displaced, quarter, is_open)
        for level in range(len(LEVELS)):
            self._fill(level, quarter, is_open, rng)
        self.holder[:, quarter] = self.now

    def _leavers(self, where: np.ndarray, quarter: int) -> np.ndarray:
        posts, people = self.posts, self.people
        who = self.now[where]
        level = posts.level[where]
        now = self.first + quarter
        age = now - people.birth[who].astype(np.int64)
        settled = people.settled_from[who] <= now
        rate = self.level.separation[level] * self.turnover[posts.entity[where]] * np.where(settled, SETTLED, 1.0)
        rate += np.where(age >= EARLY, EARLY_RATE, 0)
        limit = np.where(level == 0, SENIOR_RETIREMENT, np.where(people.extended[who], EXTENDED, RETIREMENT))
        return where[(self.rng.random(len(where)) < rate) | (age >= limit)]

    def _transfer(self, closing: np.ndarray, displaced: np.ndarray, quarter: int, is_open: np.ndarray) -> None:
        """Those whose unit is renamed, merged or moved go with it; the others leave."""
        posts = self.posts
        vacant = np.flatnonzero(is_open & (self.now < 0) & ~posts.is_open[:, quarter - 1])
        going = np.flatnonzero((self.family[closing] >= 0) & self.ceases[closing])
        arriving = vacant[self.family[vacant] >= 0]
        i, j = pairs(self.family[closing[going]], self.family[arriving], self.rng)
        gone, taken = going[i], arriving[j]
        self.now[taken] = displaced[gone]
        changes = posts.entity[closing[gone]] != posts.entity[taken]
        self._record(quarter, SEPARATED, closing[gone][changes], displaced[gone][changes])
        self._record(quarter, APPOINTED, taken[changes], displaced[gone][changes])
        stay = np.ones(len(closing), bool)
        stay[gone] = False
        self._record(quarter, SEPARATED, closing[stay], displaced[stay])

    def _fill(self, level: int, quarter: int, is_open: np.ndarray, rng: np.random.Generator) -> None:
        """Vacant posts of a level: first promotions within it, then promotions into it, then appointments."""
        posts, people = self.posts, self.people
        chance = self.level.promotion[level]
        own_grades = [g for g in range(len(posts.grades)) if self.level_of_grade[g] == level]
        for grade in own_grades:
            feeder = self.feeder[grade]
            if feeder >= 0 and self.level_of_grade[feeder] == level:
                vacant = self.by_grade[grade]
                vacant = vacant[is_open[vacant] & (self.now[vacant] < 0)]
                vacant = vacant[rng.random(len(vacant)) < chance]
                self._promote(vacant, feeder, quarter, None)
        entrants = self.by_level[level]
        entrants = entrants[is_open[entrants] & (self.now[entrants] < 0)]
        if not len(entrants):
            return
        sex = self._sexes(entrants, level, quarter)
        feeder = np.where(posts.coordinator[entrants], -1, self.feeder[posts.grade[entrants]])
        crossing = (feeder >= 0) & (rng.random(len(entrants)) < chance)
        for grade in np.unique(feeder[crossing]):
            if self.level_of_grade[grade] != level:
                chosen = crossing & (feeder == grade)
                self._promote(entrants[chosen], int(grade), quarter, sex[chosen])
        left = self.now[entrants] < 0
        who = self._join(entrants[left], sex[left], quarter, initial=False)
        people.post_since[who] = self.first + quarter
        self._record(quarter, APPOINTED, entrants[left], who)

    def _promote(
        self,
        vacant: np.ndarray,
        feeder: int,
        quarter: int,
        sex: np.ndarray | None,
    ) -> None:
        posts, people = self.posts, self.people
        below = self.by_grade[feeder]
        below = below[self.now[below] >= 0]
        who = self.now[below]
        ready = people.post_since[who] <= self.first + quarter - SENIORITY
        if sex is not None:
            # Steering knows women and men; those recorded X rise within their level only.
            ready &= people.sex[who] != OTHER
        below, who = below[ready], who[ready]
        vacant_keys, below_keys = self.pool[vacant] * 2, self.pool[below] * 2
        if sex is not None:
            vacant_keys, below_keys = vacant_keys + sex, below_keys + people.sex[who]
        i, j = pairs(vacant_keys, below_keys, self.rng)
        rising, left, taken = who[j], below[j], vacant[i]
        self.now[left] = -1
        self.now[taken] = rising
        people.post_since[rising] = self.first + quarter
        self._record(quarter, PROMOTED_OUT, left, rising)
        self._record(quarter, PROMOTED_IN, taken, rising)
        assert (posts.entity[left] == posts.entity[taken]).all()


def simulate(
    posts: Posts,
    wanted: np.ndarray,
    codelists: CodeLists,
    rng: np.random.Generator,
    *,
    other_share: float = OTHER_SHARE,
    progress: Callable[[int, int], None] | None = None,
) -> History:
    """Run all quarters."""
    simulation = _Simulation(posts, wanted, codelists, rng, other_share)
    simulation.start()
    for quarter in range(1, len(posts.quarters)):
        simulation.step(quarter)
        if progress:
            progress(quarter, len(posts.quarters))
    log = np.concatenate(simulation.log) if simulation.log else np.empty((0, 4), np.int32)
    return History(posts, simulation.people, simulation.nationalities, simulation.holder, log, wanted)


def attained(history: History) -> dict[str, np.ndarray]:
    """Women and women-or-men by group and quarter, as simulated: for looking at the steering."""
    posts = history.posts
    found: dict[str, np.ndarray] = defaultdict(lambda: np.zeros((len(posts.groups), len(posts.quarters)), np.int64))
    for q in range(len(posts.quarters)):
        held = np.flatnonzero(history.holder[:, q] >= 0)
        sex = history.people.sex[history.holder[held, q]]
        for name, chosen in (("women", sex == FEMALE), ("known", sex != OTHER)):
            found[name][:, q] = np.bincount(posts.group[held[chosen]], minlength=len(posts.groups))
    return dict(found)
