"""Which groups may be broken down beside each other: no difference of two of them is that of a few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.disclosure import nesting
from dashboard.disclosure import policy as policies

POLICY = policies.load()
LEAST, NESTED = POLICY.least_of_each_sex, POLICY.nested_at_least
#: How staff are divided; only signed-in staff see the last three.
PUBLIC, INTERNAL = ("", "entity", "entity+grade"), ("country", "duty_station", "department")


def kept(
    cells: Sequence[tuple[Mapping[str, str], int, int]], internal: Sequence[str] = INTERNAL
) -> set[tuple[str, str]]:
    """The groups broken down, by family and name: cells are their groups by family, women and men."""
    names = sorted({name for groups, *_ in cells for name in groups} | {""})
    women, men = (np.array([cell[place] for cell in cells], np.int64) for place in (1, 2))
    families, codes = {}, {}
    for name in names:
        of = [groups.get(name, "all") for groups, *_ in cells]
        codes[name] = sorted(set(of))
        code = np.array([codes[name].index(one) for one in of])
        families[name] = nesting.Family.of(name, code, women, men, internal=name in internal)
    found = nesting.broken_down(families, women, men, LEAST, NESTED)
    return {(name, codes[name][at]) for name in names for at in np.flatnonzero(found[name]).tolist()}


def at(country: str, station: str, entity: str = "A", **more: str) -> dict[str, str]:
    return {"country": country, "duty_station": station, "entity": entity} | more


def test_one_woman_outside_the_capital() -> None:
    """2024Q4, Papua New Guinea: whoever had the country and Port Moresby had her age, so one of them goes."""
    staff = [
        (at("PNG", "PNG-port-moresby"), 40, 50),
        (at("PNG", "PNG-buka"), 1, 2),
        (at("KEN", "KEN-nairobi"), 60, 60),
        (at("KEN", "KEN-mombasa"), 30, 30),
        # Too few at either, so that all staff without the stations shown are more than those in Buka.
        (at("FRA", "FRA-paris"), 8, 20),
        (at("FRA", "FRA-lyon"), 8, 20),
    ]
    found = kept(staff)
    assert ("country", "PNG") in found
    assert ("duty_station", "PNG-port-moresby") not in found, "the larger of the two stays"
    assert {("country", "KEN"), ("duty_station", "KEN-nairobi"), ("duty_station", "KEN-mombasa")} <= found
    # Enough outside, or nobody of that sex there, and both stay.
    for outside in ((12, 12), (0, 12), (12, 0)):
        enough = kept([staff[0], (at("PNG", "PNG-buka"), *outside), *staff[2:]])
        assert {("country", "PNG"), ("duty_station", "PNG-port-moresby")} <= enough, outside
    # Eleven are too few, of either sex.
    for outside in ((11, 20), (20, 11), (0, 1)):
        few = kept([staff[0], (at("PNG", "PNG-buka"), *outside), *staff[2:]])
        assert ("duty_station", "PNG-port-moresby") not in few, outside


def test_the_same_people_under_two_names_are_both_broken_down() -> None:
    """Their difference is nobody, and both answers are the same."""
    found = kept(
        [
            (at("PNG", "PNG-port-moresby"), 40, 50),
            (at("KEN", "KEN-nairobi"), 60, 60),
            (at("KEN", "KEN-mombasa"), 30, 30),
        ]
    )
    assert {("country", "PNG"), ("duty_station", "PNG-port-moresby")} <= found


def test_what_everybody_sees_is_broken_down_before_what_signed_in_staff_see() -> None:
    """All of a small entity but one sit at one station: the entity stays, though the station is as large."""
    staff = [
        (at("NLD", "NLD-the-hague", "ICJ"), 50, 50),
        (at("CHE", "CHE-geneva", "ICJ"), 1, 0),
        (at("CHE", "CHE-geneva", "B"), 80, 80),
        (at("CHE", "CHE-bern", "B"), 70, 70),
    ]
    found = kept(staff)
    assert ("entity", "ICJ") in found
    assert {("country", "NLD"), ("duty_station", "NLD-the-hague")}.isdisjoint(found)
    # Where an entity is inside a country, it is the country that goes, though it is the larger one.
    inside = [
        (at("NLD", "NLD-the-hague", "ICJ"), 50, 50),
        (at("NLD", "NLD-delft", "B"), 2, 2),
        (at("CHE", "CHE-geneva", "B"), 80, 80),
    ]
    found = kept(inside)
    assert ("entity", "ICJ") in found
    assert ("country", "NLD") not in found


def test_no_union_of_groups_inside_one_leaves_a_few() -> None:
    """Two stations leave one woman of a country, though each by itself leaves enough."""
    staff = [
        (at("KEN", "KEN-nairobi"), 60, 60),
        (at("KEN", "KEN-mombasa"), 30, 30),
        (at("KEN", "KEN-kisumu"), 1, 0),
        (at("CHE", "CHE-geneva"), 90, 90),
    ]
    found = kept(staff)
    assert ("country", "KEN") in found
    stations = {("duty_station", "KEN-nairobi"), ("duty_station", "KEN-mombasa")} & found
    assert stations == {("duty_station", "KEN-nairobi")}, "the smaller one goes"


def test_a_few_left_of_all_by_public_groups_alone_take_the_smallest_away() -> None:
    """Everybody sees all staff and each entity: of one entity of fewer than twelve women all others must not tell."""
    found = kept([({"entity": "A"}, 50, 50), ({"entity": "B"}, 40, 40), ({"entity": "C"}, 3, 20)])
    assert ("", "all") in found
    assert ("entity", "A") in found
    assert {("entity", "B"), ("entity", "C")}.isdisjoint(found)


def test_one_entity_and_the_places_outside_of_it() -> None:
    """All staff less one entity and the station where it is not: a single woman of another entity at its station."""
    staff = [
        (at("PNG", "PNG-port-moresby", "A"), 40, 40),
        (at("PNG", "PNG-port-moresby", "B"), 1, 20),
        (at("KEN", "KEN-nairobi", "B"), 13, 20),
        (at("KEN", "KEN-nairobi", "C"), 60, 60),
        (at("FRA", "FRA-paris", "A"), 30, 30),
    ]
    found = kept(staff)
    assert {("entity", "A"), ("entity", "B"), ("", "all")} <= found
    assert ("duty_station", "KEN-nairobi") not in found and ("country", "KEN") not in found
    enough = kept([staff[0], (staff[1][0], 12, 20), *staff[2:]])
    assert {("duty_station", "KEN-nairobi"), ("country", "KEN")} <= enough


def test_small_groups_are_never_broken_down() -> None:
    assert kept([({"entity": "A"}, LEAST - 1, 90), ({"entity": "B"}, 90, 90)]) == {("", "all")} - {("entity", "A")}
    assert kept([({"entity": "A"}, LEAST, LEAST), ({"entity": "B"}, 90, 90)]) == {
        ("", "all"), ("entity", "A"), ("entity", "B"),
    }  # fmt: skip


CELLS = st.lists(
    st.tuples(
        *(st.integers(0, most) for most in (2, 1, 3, 1, 40, 40)),
    ),
    min_size=1,
    max_size=24,
)  # fmt: skip


@given(rows=CELLS)
@example(rows=[(0, 0, 0, 0, 20, 20), (0, 0, 1, 0, 20, 20), (0, 0, 2, 0, 1, 20), (1, 1, 0, 0, 20, 20)])
@settings(max_examples=300, deadline=None)
def test_no_difference_is_that_of_a_few(rows) -> None:
    """A group broken down, less all groups of one kind inside it, or of a place and an entity: nobody or twelve."""
    cells = [
        (
            {
                "entity": f"E{entity}",
                "entity+grade": f"E{entity}+G{grade}",
                "duty_station": f"S{station}",
                "country": f"C{station // 2}",
                "department": f"E{entity}-D{department}",
            },
            women,
            men,
        )
        for entity, grade, station, department, women, men in rows
        if women + men
    ]
    if not cells:
        return
    found = kept(cells)
    people = {
        (name, code): {number for number, (groups, *_) in enumerate(cells) if groups.get(name, "all") == code}
        for name, code in found
    }
    for (name, code), mine in people.items():
        assert min(sum(cells[number][sex] for number in mine) for sex in (1, 2)) >= LEAST
        inner = [name_of for name_of in (*PUBLIC, *INTERNAL) if name_of != name]
        unions = [
            [group for (other, _), group in people.items() if other == name_of and group < mine] for name_of in inner
        ]
        for parts in unions:
            if parts:
                check(cells, mine - set().union(*parts), (name, code))
        # One group, and all of another kind that share nobody with it: an entity and places, or the other way round.
        for one, two in (("entity", places) for places in INTERNAL):
            for first, second in ((one, two), (two, one)):
                if name in (first, second):
                    continue
                groups = {kind: [group for (of, _), group in people.items() if of == kind and group < mine]
                          for kind in (first, second)}  # fmt: skip
                for group in groups[first]:
                    outside = [other for other in groups[second] if not other & group]
                    if outside:
                        check(cells, mine - group.union(*outside), (name, code))
        # Any two groups of one kind, too: what both together leave.
        for parts in unions:
            for two in combinations(parts, 2):
                rest = mine - set().union(*two)
                assert not alone(cells, rest, [part for part in parts if part not in two]), (name, code)


def check(cells, rest: set[int], name) -> None:
    for sex in (1, 2):
        left = sum(cells[number][sex] for number in rest)
        assert left == 0 or left >= NESTED, (name, left)


def alone(cells, rest: set[int], others: list[set[int]]) -> bool:
    """Whether a few are left, and no other group that is broken down is among them: else they are not the few."""
    few = any(0 < sum(cells[number][sex] for number in rest) < NESTED for sex in (1, 2))
    return few and not any(other <= rest for other in others)


@given(rows=CELLS)
@settings(max_examples=100, deadline=None)
def test_it_does_not_matter_in_which_order_the_cells_are_given(rows) -> None:
    """A release made again breaks the same groups down."""
    cells = [
        ({"entity": f"E{entity}", "entity+grade": f"E{entity}+G{grade}", "duty_station": f"S{station}"}, women, men)
        for entity, grade, station, _, women, men in rows
    ]
    assert kept(cells) == kept(cells[::-1])
