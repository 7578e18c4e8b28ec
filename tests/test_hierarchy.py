"""What follows from what, held against the code lists as they are written."""

import csv

import pytest

from dashboard.codelists import REFERENCE
from dashboard.hierarchy import Hierarchy
from dashboard.selection import DIMENSIONS, FINER, FOLLOWS
from dashboard.settings import Settings
from dashboard.warehouse import Warehouse


def written(file: str, column: str) -> dict[str, str]:
    """Code -> what a column of its list says, read without the loader."""
    with (REFERENCE / file).open(encoding="utf-8") as lines:
        return {line["code"]: line[column] for line in csv.DictReader(lines)}


STATIONS, TEAMS = written("duty_stations.csv", "country"), written("countries.csv", "unct")
REGIONS = written("countries.csv", "region")
WRITTEN = {
    ("department", "entity"): written("departments.csv", "entity"),
    ("grade", "category"): written("grades.csv", "category"),
    ("duty_station", "country"): STATIONS,
    ("duty_station", "unct"): {code: TEAMS[country] for code, country in STATIONS.items()},
    ("duty_station", "region"): {code: REGIONS[country] for code, country in STATIONS.items()},
    ("country", "unct"): TEAMS,
    ("country", "region"): REGIONS,
    ("nationality", "nationality_region"): written("nationalities.csv", "region"),
    ("nationality", "regional_group"): written("nationalities.csv", "regional_group"),
}


@pytest.fixture(params=["internal", "public"])
def hierarchy(request, small_dir):
    return Hierarchy(Warehouse(Settings(data_dir=small_dir, audience=request.param)).current())


def test_each_pair_that_follows_is_held_against_its_list():
    assert {(child, parent) for child, above in FOLLOWS.items() for parent in above} == {*WRITTEN, ("unct", "region")}
    assert all(child in FINER[parent] for child, parent in WRITTEN)


@pytest.mark.parametrize(("child", "parent"), WRITTEN)
def test_a_code_lies_in_what_its_list_says(hierarchy, child, parent):
    release, said = hierarchy.release, WRITTEN[child, parent]
    known = [code for code in release.codes[child] if code in said]
    assert known
    above = hierarchy.above(child, parent)
    # A public file leaves out what is protected.
    assert {code: above.get(code) for code in known} == {
        code: said[code] if said[code] in release.ids[parent] else None for code in known
    }
    for code, finer in hierarchy.below(parent, child).items():
        assert finer == tuple(each for each in release.codes[child] if above.get(each) == code)


def test_a_team_lies_in_a_region_where_all_its_countries_do(hierarchy):
    release, regions = hierarchy.release, hierarchy.above("unct", "region")
    several = []
    for team in release.codes["unct"]:
        found = {REGIONS[country] for country, of in TEAMS.items() if of == team and country in release.ids["country"]}
        if len(found) == 1 and found <= set(release.codes["region"]):
            assert regions[team] == found.pop()
        elif found:
            several.append(team)
            assert team not in regions
    # Countries without a team lie in all regions: there the region does not follow.
    assert "not-applicable" in several
    ids = release.ids["unct"]
    assert hierarchy.unlike({"unct": [ids["not-applicable"], ids["KEN"]]}) == {("unct", "region")}
    assert not hierarchy.unlike({"unct": [ids["KEN"]], "grade": [0]})


def test_within_keeps_what_lies_in_every_choice(hierarchy):
    release = hierarchy.release
    ids, everywhere = release.ids, range(len(release.codes["country"]))
    kenya = {"unct": [ids["unct"]["KEN"]]}
    assert hierarchy.within("country", everywhere, kenya) == [ids["country"]["KEN"]]
    assert hierarchy.within("country", everywhere, kenya | {"region": [ids["region"]["asia"]]}) == []
    assert hierarchy.within("country", everywhere, {"grade": [0]}) == list(everywhere)


def test_what_does_not_follow_is_not_asked(hierarchy):
    with pytest.raises(KeyError):
        hierarchy.above("grade", "region")
    assert set(FOLLOWS) == {name for name in DIMENSIONS if DIMENSIONS[name].parents}
