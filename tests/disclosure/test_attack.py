"""The attacker against releases whose secrets are known, by hand and by the thousand."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.disclosure import attack as attacker
from dashboard.disclosure import policy as policies
from dashboard.disclosure.attack import ANY, Cells, Edition, Published, Records, RowGroups, Task, tables
from dashboard.disclosure.attack_inside import Inside
from dashboard.disclosure.attack_people import People
from dashboard.disclosure.attack_places import Places
from dashboard.disclosure.bounds import MEN, WOMEN, Lattice
from dashboard.disclosure.rounding import round_pairs

POLICY = policies.load()
#: Shown numbers are exact.
EXACTLY = dataclasses.replace(POLICY, base=1, offset=0)


def records(*rows: tuple[int, int, int, int, int], quarter: int = 0) -> Records:
    """(entity, grade, station, women, men): stations are countries and country teams, all in one region."""
    table = np.array(rows).reshape(-1, 5)
    entity, grade, station, women, men = table.T
    zero = np.zeros(len(table), np.int64)
    return Records(
        quarter=quarter, entity=entity, category=grade // 2, grade=grade, unct=station, country=station,
        duty_station=station, region=zero, headquarters=zero, women=women, men=men,
    )  # fmt: skip


def attack(data: Records, published: Published, policy: policies.Policy = POLICY, **options) -> attacker.Result:
    return attacker.attack(Task(Edition(data, published), **options), policy)


def told(result: attacker.Result) -> set[tuple[str, int, str, int]]:
    return {(cell.table, cell.member, cell.sex, cell.count) for cell in result.certain}


def test_a_sum_less_what_is_shown_is_found() -> None:
    """Differencing: exact margin of the entity, minus the one station that is shown exactly."""
    data = records((0, 0, 0, 40, 30), (0, 0, 1, 3, 9))
    exact = Cells(member=[0], entity=[0], women=[40], men=[30])
    result = attack(data, held("unct+entity", exact, [1]), EXACTLY)
    assert ("unct+entity", 1, "women", 3) in told(result)
    # Rounded, it cannot be told.
    rounded = Published({"unct+entity": Cells(member=[0, 1], entity=[0, 0], women=[40, 5], men=[30, 5])})
    assert told(attack(data, rounded)) == set()


def test_pairs_of_selections_that_differ_by_few_are_found() -> None:
    """Neither table alone tells: all entities at a station, less the other entity there, leaves two women."""
    data = records((0, 0, 0, 20, 20), (1, 0, 0, 2, 5), (0, 0, 1, 8, 30), (1, 0, 1, 50, 50), (1, 0, 2, 60, 60))
    at = held("unct", Cells(member=[0], women=[22], men=[25]), [1, 2])
    of = held("unct+entity", Cells(member=[0], entity=[0], women=[20], men=[20]), [1, 2])
    of.withheld["unct+entity"] = RowGroups.of([(0, 1, ANY, ANY), (1, ANY, ANY, ANY), (2, ANY, ANY, ANY)])
    assert told(attack(data, at, EXACTLY)) == set()
    assert told(attack(data, of, EXACTLY)) == set()
    both = Published({**at.cells, **of.cells}, {**at.withheld, **of.withheld})
    assert ("unct+entity", 0, "women", 2) in told(attack(data, both, EXACTLY))


def held(table: str, cells: Cells, members: list[int]) -> Published:
    """One table that shows some cells and withholds the rows of other members."""
    return Published({table: cells}, {table: RowGroups.of([(member, ANY, ANY, ANY) for member in members])})


def test_rounded_parts_above_their_sum_are_found() -> None:
    """A sum rounded down and parts rounded up leave one possibility."""
    lattice = Lattice()
    parts, total = lattice.node("parts", 2), lattice.node("total", 1)
    lattice.link(parts, total, np.zeros(2, np.intp))
    for row in (WOMEN, MEN):
        lattice.know(parts, slice(None), row, 6, 14)
        lattice.know(total, slice(None), row, 4, 12)
    lattice.propagate()
    assert parts.lo[WOMEN].tolist() == [6, 6]
    assert parts.hi[WOMEN].tolist() == [6, 6]


@pytest.mark.parametrize(("women", "men"), [(4, 4), (1, 1), (4, 9), (1, 6), (3, 4), (2, 1)])
def test_a_known_head_count_and_two_rounded_numbers_leave_a_choice(women: int, men: int) -> None:
    """Women and men rounded apart are now and then as far off as they can be, both in one direction: then the sum,
    which organizations publish, left one possibility. That such a cell was withheld told the same.
    """
    for other in (20, 23):
        data = records((0, 0, 0, other, other), (0, 1, 0, other, other), (0, 0, 1, women, men), (0, 1, 2, other, 31))
        for seed in range(40):
            result = attack(data, tables.rounded_by(data, POLICY, seed))
            assert not [cell for cell in result.certain if cell.table in ("duty_station+entity", "duty_station")], seed


def test_first_what_holds_the_same_staff_is_withheld_and_the_region_last() -> None:
    """A station that is all an entity has in a country: three names for one cell. Region and seats hold far more."""
    rows = [(0, 0, 0, 40, 30), (0, 0, 1, 3, 9), (0, 0, 2, 25, 25), (1, 0, 1, 80, 80), (1, 0, 0, 30, 30)]
    data = records(*rows)
    at_one = dataclasses.replace(data, country=np.array([0, 1, 1, 1, 0]), unct=np.array([0, 1, 1, 1, 0]))
    for known, names in ((data, {"duty_station", "country", "unct"}), (at_one, {"duty_station"})):
        model = Places([Edition(known, tables.rounded_by(known, POLICY, 2))], POLICY)
        cell = attacker.Certain("duty_station+entity", 0, 1, 0, ANY, ANY, "women", 3)
        steps = [model.withhold([cell], step) for step in range(3)]
        assert {table: groups.rows() for table, groups in steps[0].items()} == {
            f"{name}+entity": [(1, 0, ANY, ANY)] for name in names
        }
        assert set(steps[1]) == {"duty_station+entity", "country+entity", "unct+entity"}
        assert set(steps[2]) >= {"region+entity", "headquarters+entity"}
        of_all = attacker.Certain("duty_station", 0, 1, ANY, ANY, ANY, "women", 3)
        assert set(model.withhold([of_all], 0)) <= {"duty_station", "country", "unct"}


def test_one_location_is_excepted_and_listed() -> None:
    data = records((0, 0, 0, 3, 9), (1, 0, 0, 20, 20), (1, 0, 1, 20, 20))
    published = tables.rounded_by(data, POLICY, 1)
    result = attack(data, published)
    assert {(cell.entity, cell.why) for cell in result.excepted if cell.entity == 0} == {(0, "single-location")}
    assert not any(cell.entity == 0 for cell in result.certain)


def test_tables_that_cannot_be_are_refused() -> None:
    data = records((0, 0, 0, 40, 30), (0, 0, 1, 3, 9))
    with pytest.raises(attacker.AttackError, match="not agree"):
        attack(data, Published({"unct+entity": Cells(member=[0], entity=[0], women=[10], men=[30])}))
    with pytest.raises(attacker.AttackError, match="without staff"):
        attack(data, Published({"unct+entity": Cells(member=[7], entity=[0], women=[10], men=[30])}))


def test_an_earlier_release_is_remembered() -> None:
    """What an earlier one showed stays known, and its version of a revised entity is an unknown of its own."""
    now = records((0, 0, 0, 20, 20), (0, 0, 1, 2, 9), (1, 0, 0, 30, 30), (1, 0, 1, 30, 30))
    then = records((0, 0, 0, 20, 20), (0, 0, 1, 2, 9), (1, 0, 0, 31, 30), (1, 0, 1, 30, 30))
    cells = {"unct+entity": Cells(member=[0], entity=[0], women=[20], men=[20])}
    rest = {"unct+entity": RowGroups.of([(1, ANY, ANY, ANY), (0, 1, ANY, ANY)])}
    all_held = {"unct+entity": RowGroups.of([(ANY, ANY, ANY, ANY)])}
    hidden = Task(Edition(now, Published(cells, all_held)))
    assert attacker.attack(hidden, EXACTLY).certain == ()
    remembered = dataclasses.replace(hidden, earlier=(Edition(then, Published(cells, rest)),))
    assert ("unct+entity", 1, "women", 2) in told(attacker.attack(remembered, EXACTLY))


ROWS = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(0, 3), st.integers(0, 30), st.integers(0, 30)
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[:3],
)  # fmt: skip


@given(rows=ROWS, seed=st.integers(0, 1000), base=st.sampled_from([1, 2, 5]))
@settings(max_examples=25, deadline=None)
def test_bounds_hold_the_truth_and_withholding_never_tells_more(rows, seed: int, base: int) -> None:
    policy = dataclasses.replace(POLICY, base=base, offset=min(base - 1, POLICY.offset))
    data = records(*rows)
    published = tables.rounded_by(data, policy, seed)
    model = Places([Edition(data, published)], policy)
    _, found = model.run({})  # Raises AttackError if the truth is outside.
    withheld = model.withhold(found, 0)
    _, less = model.run(withheld)
    assert set(less) <= set(found)
    _, nothing = model.run({name: RowGroups.of([(ANY,) * 4]) for name in published.cells})
    assert nothing == []
    assert attacker.protect(Task(Edition(data, published)), policy).certain == ()


@given(rows=ROWS, seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_people_are_never_bounded_wrongly(rows, seed: int) -> None:
    entity, grade, member, women, men = np.array(rows).T
    data = Records(
        quarter=0, entity=entity, category=grade // 2, grade=grade, member=member, women=women, men=men,
        coarser={"nationality_region": member // 2},
    )  # fmt: skip
    policy = dataclasses.replace(POLICY, least_of_each_sex=1, others_at_least=1)
    published = tables.rounded_by(data, policy, seed, "nationality")
    People([Edition(data, published)], policy, "nationality").run({})
    task = Task(Edition(data, published), dimension="nationality")
    assert attacker.protect(task, policy).certain == ()


def shown_inside(data: Records, seed: int) -> Published:
    """All groups with a woman and a man, by nationality and region, in all tables that signed-in staff may see."""
    chance = np.random.default_rng(seed)
    cells, broken_down = {}, {}
    levels = [("entity",), ("category",), ("grade",), ("entity", "category"), ("entity", "grade"), ()]
    for cut in (*levels, *((place,) for place in POLICY.internal_places)):
        for name in ("nationality", "nationality_region"):
            member = data.column("member" if name == "nationality" else name)
            groups: dict[tuple[int, ...], dict[int, list[int]]] = {}
            for at in range(len(data)):
                group = groups.setdefault(tuple(int(data.column(key)[at]) for key in cut), {})
                heads = group.setdefault(int(member[at]), [0, 0])
                heads[0] += int(data.women[at])
                heads[1] += int(data.men[at])
            kept = {
                codes: group
                for codes, group in groups.items()
                if all(sum(heads[sex] for heads in group.values()) for sex in (0, 1))
            }
            rows = [(*codes, kind, *heads) for codes, group in sorted(kept.items()) for kind, heads in group.items()]
            columns = np.array(rows, np.int64).reshape(-1, len(cut) + 3).T
            contents = chance.integers(0, 1 << 63, (2, len(rows)), np.uint64)
            rounded = round_pairs(
                "00", columns[-2:], contents, np.zeros(len(rows), np.uint64), POLICY.base, POLICY.offset,
                POLICY.floor_person,
            )  # fmt: skip
            there = rounded.sum(axis=0) > 0
            slots = [("place" if key in POLICY.internal_places else key) for key in cut]
            named = {slot: columns[at][there] for at, slot in enumerate(slots)}
            table = "+".join((name, *cut))
            cells[table] = Cells(
                women=rounded[0][there], men=rounded[1][there], member=columns[len(cut)][there], **named
            )
            packed = [sum(code << 16 * (len(cut) - 1 - at) for at, code in enumerate(codes)) for codes in sorted(kept)]
            broken_down[table] = np.array(packed, np.uint64)
    return Published(cells, broken_down=broken_down)


@given(rows=ROWS, seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_internal_attack_is_never_wrong(rows, seed: int) -> None:
    entity, grade, member, women, men = np.array(rows).T
    chance = np.random.default_rng(seed)
    station = chance.integers(0, 3, len(rows))
    data = Records(
        quarter=0, entity=entity, category=grade // 2, grade=grade, member=member, women=women, men=men,
        duty_station=station, country=station // 2, department=grade % 2 + 2 * entity,
        coarser={"nationality_region": member // 2},
    )  # fmt: skip
    policy = dataclasses.replace(POLICY, least_of_each_sex=1, others_at_least=1)
    # Raises AttackError if the truth is outside.
    published = shown_inside(data, seed)
    Inside([Edition(data, published)], policy, "nationality").run({})
    task = Task(Edition(data, published), dimension="nationality", audience="internal")
    assert attacker.protect(task, policy).certain == ()


def test_where_no_group_helps_the_whole_table_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of real data was refused over one certain count of signed-in answers; another secret passed."""
    policy = dataclasses.replace(POLICY, least_of_each_sex=1, others_at_least=1)
    for seed in range(200):
        chance = np.random.default_rng(seed)
        keys = {name: chance.integers(0, most, 40) for name, most in (("entity", 2), ("grade", 4), ("member", 4))}
        data = Records(
            quarter=0, category=keys["grade"] // 2, women=chance.integers(0, 9, 40), men=chance.integers(0, 9, 40),
            duty_station=chance.integers(0, 3, 40), country=np.zeros(40, np.int64), department=keys["entity"],
            coarser={"nationality_region": keys["member"] // 2}, **keys,
        )  # fmt: skip
        task = Task(Edition(data, shown_inside(data, seed)), dimension="nationality", audience="internal")
        if attacker.attack(task, policy).certain:
            break
    else:
        pytest.fail("no data in which anything is certain")
    mended = attacker.protect(task, policy)
    assert mended.certain == () and mended.whole == () and any(len(rows) for rows in mended.withheld.values())
    # Where groups are of no help, a quarter without these tables is better than none.
    monkeypatch.setattr(Inside, "withhold", lambda self, found, wide: {})
    last = attacker.protect(task, policy)
    assert last.certain == () and set(last.whole) == set(task.now.published.cells)


def test_attacked_before_is_left_out() -> None:
    data = records((0, 0, 0, 40, 30), (0, 0, 1, 3, 9))
    task = Task(Edition(data, tables.rounded_by(data, POLICY, 1)))
    first = attacker.attack_quarters([task], POLICY, workers=1)
    assert not first.certain
    again = attacker.attack_quarters([task], POLICY, workers=1, withheld=first.withheld, known=first.digests)
    assert again.results == ()
    assert again.digests == first.digests


def demonstration(folder: Path, quarter: int) -> Records:
    """Places of one quarter of a release."""
    release = folder / "releases" / (folder / "releases" / "current").read_text().strip()
    with duckdb.connect(str(release / "internal.duckdb"), read_only=True) as connection:
        columns = connection.execute(
            """
            select entity, category, grade, unct, country, duty_station, region, headquarters,
                case json_extract_string(d.attributes, 'place_bound') when '1' then department::int else -1 end sub,
                (r.code = 'yes')::int as rc, sum(women)::int as women, sum(men)::int as men
            from staff_core
            join codes as d on d.dimension = 'department' and d.id = department
            join codes as r on r.dimension = 'rc' and r.id = rc
            where quarter = ? group by all
            """,
            [quarter],
        ).fetchnumpy()
    return Records(quarter=quarter, **columns)


@pytest.mark.slow
def test_the_demonstration_is_safe_and_plain_hiding_is_not(demo_dir: Path) -> None:
    data = demonstration(demo_dir, 35)
    plain = attack(data, tables.plain(data, POLICY), EXACTLY)
    assert len(plain.certain) > 10_000
    task = Task(Edition(data, tables.rounded_by(data, POLICY, 35)))
    result = attacker.protect(task, POLICY)
    assert result.attacked > 40_000
    assert 0 < len(result.excepted) < 1_000
    assert result.certain == ()
