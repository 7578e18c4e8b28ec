"""The code lists hold together, survive the warts of their sources, and say what is wrong when broken."""

from __future__ import annotations

import csv
import importlib.util
import random
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import codelists

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "data" / "sources"
REFERENCE = ROOT / "data" / "reference"
STAFF_2019 = 114_119


def _build_module():
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "data" / "build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build_reference = _build_module()


@cache
def lists() -> codelists.CodeLists:
    return codelists.load()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def names_of(dimension: str) -> dict[str, str]:
    return {member.code: member.name for member in lists().members(dimension)}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the lists that a test may break."""
    return Path(shutil.copytree(REFERENCE, tmp_path / "reference"))


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of the sources that a test may change."""
    return Path(shutil.copytree(SOURCES, tmp_path / "sources"))


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")


# -- the lists as a whole --


def test_committed_lists_are_what_the_sources_give():
    command = [sys.executable, str(ROOT / "data" / "build_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_check_shows_the_line_that_differs(copy, capsys):
    replace(copy / "regions.csv", "oceania,Oceania", "oceania,Australasia")
    (copy / "extra.csv").write_text("code\n")
    assert build_reference.main(["--check", "--reference", str(copy)]) == 1
    shown = capsys.readouterr().out
    assert "-oceania,Australasia,5\n+oceania,Oceania,5\n" in shown
    assert "not built from any source: extra.csv" in shown


@pytest.mark.parametrize("path", sorted(REFERENCE.glob("*.csv")), ids=lambda path: path.name)
def test_file_form(path):
    content = path.read_bytes()
    assert content.endswith(b"\n") and b"\r" not in content and not content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(content.decode("utf-8").splitlines()))
    assert {len(row) for row in rows} == {len(rows[0])}
    assert len({tuple(row) for row in rows}) == len(rows)


def test_every_list_is_documented():
    text = (REFERENCE / "README.md").read_text(encoding="utf-8")
    for path in REFERENCE.glob("*.csv"):
        assert f"`{path.name}`" in text, path.name
        for column in read(path)[0]:
            assert f"`{column}`" in text, (path.name, column)
    text = (SOURCES / "README.md").read_text(encoding="utf-8")
    for path in SOURCES.rglob("*.csv"):
        assert f"`{path.relative_to(SOURCES).as_posix()}`" in text, path.name


def test_dimensions_and_sizes():
    sizes = {dimension: len(lists().members(dimension)) for dimension in lists().dimensions}
    assert sizes == {
        "entity": 38,
        "department": 132,
        "duty_station": 968,
        "country": 250,
        "unct": 132,
        "region": 5,
        "headquarters": 2,
        "category": 5,
        "grade": 85,
        "age_group": 10,
        "rc": 2,
        "nationality": 201,
        "nationality_region": 5,
        "regional_group": 5,
        "appointment": 4,
        "sex": 3,
    }


def test_members_are_unique_and_in_order():
    for dimension in lists().dimensions:
        members = lists().members(dimension)
        assert len({member.code for member in members}) == len(members)
        assert [member.order for member in members] == list(range(1, len(members) + 1))
        assert all(member.name for member in members)


def test_loading_twice_gives_the_same():
    for dimension in lists().dimensions:
        assert codelists.load().members(dimension) == lists().members(dimension)


# -- spellings --


def spellings():
    pairs = [
        (dimension, member.code, text)
        for dimension in lists().dimensions
        for member in lists().members(dimension)
        for text in (member.code, *member.aliases)
    ]
    return st.sampled_from(pairs)


@settings(max_examples=300, deadline=None)
@given(drawn=spellings(), seed=st.integers(), around=st.text(" \t\u00a0", max_size=3))
def test_every_spelling_is_understood_whatever_its_case_and_blanks(drawn, seed, around):
    dimension, code, text = drawn
    chance = random.Random(seed)
    mixed = "".join(chance.choice((letter.upper(), letter.lower())) for letter in text)
    assert lists().normalise(dimension, around + mixed.replace(" ", "  ") + around) == code


def test_no_spelling_means_two_things():
    # Counted from the files, not through the loader that is meant to refuse them.
    for file in ("entities", "departments", "grades", "duty_stations", "appointments"):
        meant = defaultdict(set)
        for row in read(REFERENCE / f"{file}.csv"):
            for text in (row["code"], *filter(None, row["aliases"].split("|"))):
                meant[" ".join(text.split()).lower()].add(row["code"])
        assert {text: codes for text, codes in meant.items() if len(codes) > 1} == {}, file


@pytest.mark.parametrize(
    ("dimension", "text", "code"),
    [
        ("entity", "UN WOMEN", "UNWOMEN"),
        ("entity", "un women", "UNWOMEN"),
        ("entity", "UNWTO", "UNTOURISM"),
        ("entity", "UN Tourism", "UNTOURISM"),
        ("department", "OSC SEA", "OSC-SEA"),
        ("department", "POE-S.SUDAN", "POE-S-SUDAN"),
        ("grade", "P4", "P-4"),
        ("grade", "NOD", "NO-D"),
        ("grade", "GS6", "G-6"),
        ("grade", "GS-6", "G-6"),
        ("grade", "g6", "G-6"),
        ("grade", "FS5", "FS-5"),
        ("grade", "D1", "D-1"),
        ("grade", "IOM_UG", "IOM-UG"),
        ("grade", "P-9", None),
        ("grade", "", None),
        ("duty_station", "mar-RABAT", "MAR-rabat"),
        ("duty_station", "Istanbul, Turkey", "TUR-istanbul"),
        ("duty_station", "Istanbul, Türkiye", "TUR-istanbul"),
        ("duty_station", "Rabat", None),
        ("appointment", "STA", "TA"),
        ("appointment", "Continuous", "CS"),
        ("appointment", "IOM_RC", None),
        ("sex", "f", "F"),
        ("nationality", "not-reported", None),
    ],
)
def test_normalise(dimension, text, code):
    assert lists().normalise(dimension, text) == code


def test_a_department_is_looked_for_in_its_entity():
    assert lists().normalise("department", "unv", entity="UNDP") == "UNV"
    assert lists().normalise("department", "UNV", entity="UN") is None
    assert lists().normalise("department", "UNV") == "UNV"


def test_nearest():
    assert lists().nearest("grade", "P-9")[0] in {"P-1", "P-2", "P-3", "P-4", "P-5", "P-6", "P-7"}
    assert lists().nearest("duty_station", "Istambul")[0] == "TUR-istanbul"
    assert lists().nearest("entity", "UNICFE") == lists().nearest("entity", "UNICFE", n=3)
    assert lists().nearest("entity", "UNICFE")[0] == "UNICEF"
    assert lists().nearest("entity", "UNICFE", n=1) == ["UNICEF"]
    assert lists().nearest("grade", "§§§§§§§§") == []


# -- places --


def test_132_teams_serve_162_countries():
    served = [code for team in lists().members("unct") for code in team.attributes["countries"].split("|")]
    assert len(lists().members("unct")) == 132
    assert len(served) == len(set(served)) == 162
    for team in lists().members("unct"):
        countries = team.attributes["countries"].split("|")
        assert all(lists().unct_of(country) == team.code for country in countries)
        assert (team.attributes["multi_country"] == "1") == (len(countries) > 1)
        assert (team.code == countries[0]) == (len(countries) == 1)
    multi = [team for team in lists().members("unct") if team.attributes["multi_country"] == "1"]
    assert sorted(len(team.attributes["countries"].split("|")) for team in multi) == [3, 4, 5, 5, 9, 10]
    assert lists().unct_of("XKX") == "XKX" and lists().unct_of("CHE") == "not-applicable"


def test_real_head_counts_are_kept_pair_by_pair():
    expected: Counter[tuple[str, str]] = Counter()
    for row in read(SOURCES / "ceb_staff_by_duty_station_2019.csv"):
        country = "XKX" if row["country"].startswith("Kosovo") else row["iso3"]
        entity = lists().normalise("entity", row["organization"])
        station = lists().normalise("duty_station", f"{row['duty_station']}, {row['country']}")
        assert entity is not None and lists().country_of(station) == country
        expected[entity, station] += int(row["staff"])
    rows = read(REFERENCE / "headcount_by_station.csv")
    assert {(row["entity"], row["duty_station"]): int(row["staff"]) for row in rows} == expected
    assert len(rows) == len(expected) and expected.total() == STAFF_2019
    assert {row["quarter"] for row in rows} == {"2019Q4"}
    assert {station for _, station in expected} == set(names_of("duty_station"))


def test_totals_by_organization_are_those_of_the_source():
    def by_entity(rows, column):
        totals = Counter()
        for row in rows:
            totals[lists().normalise("entity", row[column])] += int(row["staff"])
        return totals

    source = [r for r in read(SOURCES / "ceb_staff_by_organization.csv") if r["as_of"] == "2019-12-31"]
    departments = [r for r in read(REFERENCE / "headcount_by_department.csv") if r["quarter"] == "2019Q4"]
    stations = read(REFERENCE / "headcount_by_station.csv")
    expected = by_entity(source, "organization")
    assert expected.total() == STAFF_2019 and None not in expected
    assert by_entity(departments, "entity") == by_entity(stations, "entity") == expected


def test_kosovo_has_one_code():
    stations = [m for m in lists().members("duty_station") if m.attributes["country"] == "XKX"]
    codes = {member.code for member in stations}
    assert codes == {
        "XKX-kosovska-mitrovica",
        "XKX-pec",
        "XKX-presevo",
        "XKX-pristina",
        "XKX-zvecan",
    }
    staff = [r for r in read(REFERENCE / "headcount_by_station.csv") if r["duty_station"] in codes]
    assert sum(int(row["staff"]) for row in staff) == 382
    mitrovica = {r["entity"]: r["staff"] for r in staff if r["duty_station"] == "XKX-kosovska-mitrovica"}
    assert mitrovica == {"UN": "54", "UNHCR": "1"}
    assert lists().normalise("duty_station", "SRB-pristina") == "XKX-pristina"
    assert lists().region_of("XKX") == "europe"


def test_a_station_called_other_names_its_country():
    other = [member for member in lists().members("duty_station") if "Other" in member.name]
    assert [(member.code, member.name) for member in other] == [("MMR-other", "Other (Myanmar)")]


def test_city_codes_are_no_key_and_keys_are():
    stations = lists().members("duty_station")
    shared = Counter(m.attributes["ceb_city_code"] for m in stations)
    assert max(shared.values()) > 1
    for member in stations:
        assert member.code.startswith(f"{member.attributes['country']}-")
        assert member.code.isascii() and member.code[4:] == member.code[4:].lower()


def test_coordinates_are_on_earth():
    for dimension in ("duty_station", "country"):
        for member in lists().members(dimension):
            latitude, longitude = member.attributes["latitude"], member.attributes["longitude"]
            assert (latitude == "") == (longitude == "")
            if latitude:
                assert -90 <= float(latitude) <= 90 and -180 <= float(longitude) <= 180
    placed = [m for m in lists().members("duty_station") if m.attributes["latitude"]]
    assert len(placed) > 900


def test_places_lead_from_station_to_region():
    station = "MAR-rabat"
    country = lists().country_of(station)
    assert (country, lists().unct_of(country)) == ("MAR", "MAR")
    assert (lists().subregion_of(country), lists().region_of(country)) == ("northern-africa", "africa")
    region_of = {member.code: member.attributes["region"] for member in lists().subregions}
    for member in lists().members("country"):
        if member.code != "ATA":
            assert region_of[lists().subregion_of(member.code)] == lists().region_of(member.code)


def test_every_entity_has_a_headquarters_with_staff():
    staffed = {(r["entity"], r["duty_station"]) for r in read(REFERENCE / "headcount_by_station.csv")}
    pairs = {(r["entity"], r["duty_station"]) for r in read(REFERENCE / "headquarters.csv")}
    assert {entity for entity, _ in pairs} == set(names_of("entity"))
    assert pairs <= staffed
    assert lists().is_headquarters("UNDP", "USA-new-york")
    assert not lists().is_headquarters("WHO", "USA-new-york")
    assert lists().headquarters_of("WHO", "CHE-geneva") == "hq"
    assert lists().headquarters_of("WHO", "KEN-nairobi") == "non-hq"
    assert lists().headquarters_of("WHO", "not-reported") == "not-reported"


# -- entities and departments --


def test_one_organization_twice_in_a_year():
    rows = read(REFERENCE / "headcount_by_department.csv")
    at = {(r["quarter"], r["entity"], r["department"]): int(r["staff"]) for r in rows}
    assert len(at) == len(rows)
    # WHO and UNDP in 2019: two parts of one total. UNFCCC in 2018: one total printed twice.
    assert at["2019Q4", "WHO", "UNITAID"] == 91
    assert at["2019Q4", "WHO", "UNITAID"] + at["2019Q4", "WHO", "not-applicable"] == 8351
    assert at["2019Q4", "UNDP", "UNV"] == 246
    assert at["2019Q4", "UNDP", "UNV"] + at["2019Q4", "UNDP", "not-applicable"] == 6894
    assert at["2018Q4", "UNFCCC", "not-applicable"] == 370


def test_departments_are_those_of_the_source():
    present = defaultdict(dict)
    for row in read(SOURCES / "ceb_staff_by_organization.csv"):
        if row["organization"] == "UN" and row["as_of"] >= "2017":
            code = lists().normalise("department", row["entity"], entity="UN")
            assert code is not None, row["entity"]
            present[f"{row['as_of'][:4]}Q4"][code] = int(row["staff"])
    assert {quarter: len(codes) for quarter, codes in present.items()}["2019Q4"] == 112
    for quarter, staff in present.items():
        opened = {m.code for m in lists().departments_of("UN") if lists().department_open(m.code, quarter)}
        assert opened == set(staff), quarter
        rows = read(REFERENCE / "headcount_by_department.csv")
        kept = {r["department"]: int(r["staff"]) for r in rows if (r["quarter"], r["entity"]) == (quarter, "UN")}
        assert kept == staff, quarter
    assert [m.code for m in lists().departments_of("UNDP")] == ["UNV"]
    assert lists().departments_of("FAO") == ()
    assert lists().entity_of("UNITAID") == "WHO"


def test_place_bound_departments():
    for code in ("UNMISS", "MONUSCO", "UNFICYP", "UNAMA", "UNIFIL", "MINUSMA", "UNTSO"):
        assert lists().place_bound(code), code
    for code in ("DESA", "OCHA", "OHCHR", "UNEP", "DOS", "UNITAID", "not-reported", "not-applicable"):
        assert not lists().place_bound(code), code


def test_departments_open_and_close():
    assert lists().department_open("DM", "2018Q4") and not lists().department_open("DM", "2019Q1")
    assert not lists().department_open("DMSPC", "2018Q4") and lists().department_open("DMSPC", "2019Q1")
    assert lists().entity_open("UNDP", "2017Q4") and lists().entity_open("UNDP", "2026Q3")


def test_a_dated_entity_is_open_only_between_its_quarters(copy):
    replace(copy / "entities.csv", "Convention on Climate Change (secretariat),,", "X,2018Q2,2020Q1")
    dated = codelists.load(copy)
    open_in = [q for q in ("2018Q1", "2018Q2", "2020Q1", "2020Q2") if dated.entity_open("UNFCCC", q)]
    assert open_in == ["2018Q2", "2020Q1"]


# -- grades, appointments, nationalities --


def test_grades_run_from_the_most_senior_down():
    codes = [member.code for member in lists().members("grade")]
    expected = [
        "SG",
        "DSG",
        "USG",
        "ASG",
        "D-2",
        "D-1",
        "P-7",
        "P-1",
        "FS-7",
        "FS-1",
        "NO-E",
        "NO-A",
        "G-7",
        "G-1",
    ]
    assert [code for code in codes if code in expected] == expected


def test_every_category_is_one_block_of_grades():
    blocks = [lists().category_of(member.code) for member in lists().members("grade")]
    changes = [blocks[0]] + [b for a, b in pairwise(blocks) if a != b]
    assert changes == [member.code for member in lists().members("category")]
    senior = {m.code for m in lists().members("grade") if lists().category_of(m.code) == "SENIOR"}
    assert senior == {"SG", "DSG", "USG", "ASG", "UG", "E-1", "E-2", "IOM-UG", "ICSC-CHAIR"}
    assert lists().category_groups["PH"] == ("SENIOR", "P")


def test_grade_sets():
    assert lists().grade_allowed("UN", "FS-5") and not lists().grade_allowed("WHO", "FS-5")
    assert lists().grade_allowed("IOM", "E-1") and not lists().grade_allowed("UNDP", "E-1")
    for entity in lists().members("entity"):
        for grade in ("USG", "UG", "D-2", "P-4", "NO-B", "G-6"):
            assert lists().grade_allowed(entity.code, grade)
        assert not lists().grade_allowed(entity.code, "MGM-8")


def test_every_current_grade_of_the_source_is_known():
    for row in read(SOURCES / "ceb_codes_grades.csv"):
        if row["obsolete"] == "0":
            assert lists().normalise("grade", row["grade"]) is not None, row["grade"]


def test_appointments():
    codes = {member.code: lists().population_of(member.code) for member in lists().members("appointment")}
    assert codes == {"PM": "regular", "CS": "regular", "FT": "regular", "TA": "temporary"}


def test_193_member_states_in_five_groups():
    groups = Counter(lists().regional_group_of(member.code) for member in lists().members("nationality"))
    outside = groups.pop("not-applicable")
    assert groups == {
        "african": 54,
        "asia-pacific": 54,
        "eastern-european": 23,
        "grulac": 33,
        "weog": 29,
    }
    assert groups.total() == 193 and outside == 8
    assert lists().regional_group_of("TUR") == "weog"
    assert lists().regional_group_of("PSE") == "not-applicable"
    assert lists().nationality_region_of("TUR") == "asia"
    assert lists().nationality_region_of("not-reported") == "not-reported"


def test_unknown_codes_raise():
    with pytest.raises(KeyError):
        lists().category_of("P-9")
    with pytest.raises(KeyError):
        lists().country_of("Rabat")


# -- published figures --


def test_published_figures_use_our_codes():
    rows = read(REFERENCE / "published.csv")
    keys = Counter(
        tuple(r[k] for k in ("as_of", "entity", "category", "grade", "location_type", "measure")) for r in rows
    )
    assert max(keys.values()) == 1
    for row in rows:
        assert "FLAG" not in row["note"]
        assert row["entity"] in {"", *names_of("entity")}
        assert row["category"] in {"", "PH", *names_of("category")}
        assert row["grade"] in {"", *names_of("grade")}
        assert row["location_type"] in {"", "hq", "non-hq"}
        if row["grade"]:
            assert row["category"] == lists().category_of(row["grade"])
    system = {
        (r["as_of"][:4], r["location_type"]): float(r["value"])
        for r in rows
        if (r["entity"], r["category"], r["grade"], r["measure"]) == ("", "PH", "", "women_pct")
    }
    assert [system[year, ""] for year in ("2017", "2019", "2021", "2023", "2025")] == [
        44.2,
        45.3,
        47.0,
        48.8,
        50.4,
    ]
    assert (system["2019", "hq"], system["2021", "hq"]) == (49.5, 51.3)


def test_series_breaks_lie_in_the_period_of_the_demonstration():
    assert {(b.entity, b.quarter) for b in lists().series_breaks} == {("ICJ", "2018Q4")}
    assert all(b.quarter >= "2017Q4" for b in lists().series_breaks)


# -- what breaks, and how it is said --


def test_byte_order_mark_and_carriage_returns_are_survived(copy):
    for path in copy.glob("*.csv"):
        text = path.read_text(encoding="utf-8").replace("\n", "\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))
    for dimension in lists().dimensions:
        assert codelists.load(copy).members(dimension) == lists().members(dimension)


def test_the_build_survives_a_byte_order_mark(sources):
    for path in sources.rglob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert build_reference.Build(sources).tables() == build_reference.Build().tables()


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "problem"),
    [
        ("regions.csv", "asia,Asia,3", "africa,Asia,3", 4, "stands in line 2 already"),
        ("regions.csv", "asia,Asia,3", "asia,,3", 4, "must not be empty"),
        ("regions.csv", "asia,Asia,3", "asia,Asia,2", 4, "stands in line 3 already"),
        ("regions.csv", "asia,Asia,3", "asia,Asia,third", 4, "not a whole number"),
        ("regions.csv", "asia,Asia,3", "asia,Asia,3,x", 4, "4 fields where the header has 3"),
        ("regions.csv", "asia,Asia,3", 'asia,"Asia"x,3', 4, "expected"),
        ("regions.csv", "asia,Asia,3", "not-reported,Asia,3", 4, "missing values"),
        ("regions.csv", "code,name,order", "code,name,rank", 1, "column order is missing"),
        ("categories.csv", "SENIOR,Senior", "TOP,Senior", None, "'SENIOR' is not a known code"),
        ("departments.csv", "UN,ATSMT", "UNX,ATSMT", 3, "entity 'UNX' is not a known code"),
        ("departments.csv", "UN,ATSMT", "UN,ACABQ-SEC", 3, "stands in line 2 already"),
        ("departments.csv", "Monitoring Team,0,,,", "Monitoring Team,0,2019,,", 3, "not a quarter"),
        ("departments.csv", "Monitoring Team,0,,,", "Monitoring Team,0,2020Q1,2019Q4,", 3, "opened is after"),
        ("departments.csv", "Monitoring Team,0,,,", "Monitoring Team,yes,,,", 3, "place_bound 'yes'"),
        ("departments.csv", "Monitoring Team,0,,,", "Monitoring Team,0,,,DESA", None, "also means"),
        ("grades.csv", 'D-2,"Director, level 2",P,', 'D-2,"Director, level 2",Q,', None, "category 'Q'"),
        ("appointments.csv", "PM,Permanent,1,regular", "PM,Permanent,1,usual", 2, "population 'usual'"),
        ("headquarters.csv", "FAO,ITA-rome", "FAO,ITA-roma", None, "duty_station 'ITA-roma'"),
        ("headquarters.csv", "FAO,ITA-rome,Seat of the organization\n", "", None, "FAO has no headquarters"),
        ("uncts.csv", "AGO,Angola,0,AGO", "AGO,Angola,0,AFG", 3, "served by AFG already"),
        ("countries.csv", "AGO,Angola,AGO,", "AGO,Angola,not-applicable,", 4, "uncts.csv says 'AGO'"),
        (
            "countries.csv",
            "AGO,Angola,AGO,sub-saharan-africa,africa",
            "AGO,Angola,AGO,sub-saharan-africa,x",
            4,
            "'x'",
        ),
        ("nationalities.csv", "AGO,Angola", "AGX,Angola", None, "code 'AGX' is not a known code"),
        ("duty_stations.csv", "MAR-rabat,Rabat,MAR", "MAR-rabat,Rabat,MOR", None, "country 'MOR'"),
        ("entities.csv", "FAO,Food", "not-applicable,Food", None, "missing values"),
        ("series_breaks.csv", "ICJ,2018Q4", "ICJ,2018", None, "not a quarter"),
        ("series_breaks.csv", "ICJ,2018Q4", "ICX,2018Q4", 2, "entity 'ICX'"),
        ("series_breaks.csv", "ICJ,2018Q4", "ICJ,2018Q4,once\nICJ,2018Q4", 3, "stands in line 2 already"),
        ("subregions.csv", "Central Asia,asia", "Central Asia,asien", 3, "region 'asien'"),
        ("category_groups.csv", "SENIOR|P", "SENIOR|Q", 2, "members 'Q'"),
        ("entities.csv", "common|icsc", "common|icse", None, "grade_sets 'icse'"),
        ("uncts.csv", "AGO,Angola,0,AGO", "AGO,Angola,0,AGO|ZZZ", 3, "countries 'ZZZ'"),
        ("countries.csv", "AGO,Angola,AGO,sub-saharan-africa", "AGO,Angola,AGO,sub", 4, "subregion 'sub'"),
        ("headquarters.csv", "FAO,ITA-rome", "FAQ,ITA-rome", 3, "entity 'FAQ'"),
        ("headquarters.csv", "IAEA,AUT-seibersdorf", "IAEA,AUT-vienna", 5, "stands in line 4 already"),
        (
            "nationalities.csv",
            "AGO,Angola,africa,sub-saharan-africa,african",
            "AGO,Angola,africa,sub-saharan-africa,a",
            4,
            "'a'",
        ),
    ],
)
def test_a_broken_list_is_named_with_its_line(copy, file, old, new, line, problem):
    replace(copy / file, old, new)
    with pytest.raises(codelists.CodeListError, match="line") as caught:
        codelists.load(copy)
    assert problem in str(caught.value)
    if line is not None:
        assert (caught.value.file, caught.value.line) == (file, line)


def test_a_missing_or_empty_or_wrongly_encoded_list_is_named(copy):
    path = copy / "regions.csv"
    content = path.read_bytes()
    for broken, problem in (
        (b"", "column code"),
        (b"code,name,order\n", "empty"),
        (b"\xff\xfe", "not UTF-8"),
    ):
        path.write_bytes(broken)
        with pytest.raises(codelists.CodeListError, match=r"regions\.csv line \d+: .*" + problem):
            codelists.load(copy)
    path.unlink()
    with pytest.raises(codelists.CodeListError, match=r"regions\.csv .* missing"):
        codelists.load(copy)
    path.write_bytes(content)
    codelists.load(copy)


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("curated/entities.csv", "UNICC,UNICC,", "UNICC,ICC,", "'UNICC' is not in"),
        ("curated/departments.csv", "UN,CNMC,CNMC,", "UN,CNMX,CNMC,", "CNMC"),
        ("curated/grades.csv", "NO-E,NOE,", "NO-E,,", "NOE"),
        ("curated/multi_country_teams.csv", "\n26,", "\n27,", "26"),
        ("curated/headcount_repeats.csv", ",368,", ",369,", "no longer found"),
        ("curated/headcount_readings.csv", ",246,", ",247,", "no longer found"),
        ("curated/appointments.csv", "|WAE|", "|WAF|", "WAF"),
        ("curated/published_mapping.csv", "entity,UNDSS,left-out\n", "", "UNDSS"),
        (
            "ceb_codes_grades.csv",
            "NOE,National Professional Officer Level E,National",
            "NOE,X,General",
            "NO-E",
        ),
    ],
)
def test_the_build_stops_when_a_source_is_not_what_it_was(sources, file, old, new, problem):
    replace(sources / file, old, new)
    with pytest.raises(build_reference.BuildError, match=problem):
        build_reference.Build(sources).tables()


def test_two_stations_with_one_key_are_not_merged_in_silence(sources):
    path = sources / "ceb_staff_by_duty_station_2019.csv"
    text = path.read_text(encoding="utf-8")
    first = next(line for line in text.splitlines() if ",Rabat,FAO," in line)
    path.write_text(text + first.replace(",Rabat,", ",RABAT.,") + "\n", encoding="utf-8")
    with pytest.raises(build_reference.BuildError, match="MAR-rabat"):
        build_reference.Build(sources).tables()


def test_nothing_refers_to_a_folder_outside_the_project():
    files = [*SOURCES.rglob("*"), *REFERENCE.rglob("*"), ROOT / "data" / "build_reference.py"]
    for path in files:
        if path.is_file() and path.suffix in {".csv", ".md", ".py"}:
            text = path.read_text(encoding="utf-8")
            assert "../" + "shared" not in text and "/work" + "/" not in text, path
