"""Maps: classes, colours, words, and that every country can be reached."""

from __future__ import annotations

import csv
import importlib.util
import json
import math
from dataclasses import replace
from pathlib import Path

import plotly.graph_objects as go
import pytest
from answers import POLICY, QUARTER, answer, protected, refused, rounded, row
from plotly.offline import get_plotlyjs_version

from dashboard import codelists, pages
from dashboard.answer import Answer, Row
from dashboard.codelists import CodeListError, map_points
from dashboard.figures import maps, tokens
from dashboard.pages import country_teams, people
from dashboard.pages import maps as map_panels
from dashboard.pages.page import Seen
from dashboard.selection import select
from dashboard.settings import PARITY_BAND
from dashboard.text import NBSP

ROOT = Path(__file__).resolve().parent.parent.parent
SERVED = {
    "KEN": ("KEN",),
    "SOM": ("SOM",),
    "XKX": ("XKX",),
    "fiji-multi-country": ("FJI", "KIR", "TON"),
    "not-applicable": ("USA",),
}
LABELS = {
    "unct": {"KEN": "Kenya", "SOM": "Somalia", "XKX": "Kosovo", "fiji-multi-country": "Fiji (multi-country)"},
    "country": {"KEN": "Kenya", "SOM": "Somalia", "FJI": "Fiji", "KIR": "Kiribati", "TON": "Tonga"},
    "nationality": {"KEN": "Kenya", "CHN": "China"},
}


def plain(said: str) -> str:
    return said.replace(NBSP, " ")


def seen(**more) -> Seen:
    options = {"by": "size", "map": "world"}
    return Seen("internal", QUARTER, (QUARTER,), options, countries=SERVED, points=map_points(), **more)


def teams(*rows: Row, **more) -> Answer:
    return replace(answer("by_unct", ["unct"], rows, **more), labels=LABELS)


def team(code: str, women: int, men: int) -> Row:
    return row({"unct": code}, women, men)


def nationals(*rows: Row) -> Answer:
    return replace(protected("by_nationality", ["nationality"], rows, select()), labels=LABELS)


def panel_of(page, view: Seen):
    (found,) = [panel for panel in page.shown(page.panels, view) if panel.map]
    return found


def part(figure, role: str) -> list:
    return [trace for trace in figure["data"] if trace["meta"] == role]


def drawn_codes(figure) -> dict[str, str]:
    """Country -> the code that a click on its area chooses."""
    return {
        place: code
        for trace in part(figure, "areas")
        for place, code in zip(trace["locations"], trace["customdata"], strict=True)
    }


# -- every country can be reached ---------------------------------------------------------------------------------


def build_reference():
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "data" / "build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def topology() -> dict:
    return json.loads((ROOT / "assets" / "maps" / "world_110m.json").read_text(encoding="utf-8"))


def wanted() -> set[str]:
    """Countries of country teams, and nationalities."""
    found = set()
    for file, of_whom in (("countries.csv", "unct"), ("nationalities.csv", "code")):
        with (ROOT / "data" / "reference" / file).open(encoding="utf-8", newline="") as lines:
            found |= {line["code"] for line in csv.DictReader(lines) if line[of_whom] != "not-applicable"}
    return found


def test_each_code_has_one_shape_and_antarctica_has_none():
    shapes = [shape["id"] for shape in topology()["objects"]["countries"]["geometries"]]
    assert len(shapes) == len(set(shapes)) > 180
    assert "ATA" not in shapes
    assert set(topology()["objects"]) == {"countries", "land"}
    assert topology()["plotly"] == get_plotlyjs_version(), "make plotly"


def test_every_territory_of_a_team_and_every_nationality_has_an_area_or_a_point():
    areas, points = {shape["id"] for shape in topology()["objects"]["countries"]["geometries"]}, map_points()
    assert len(wanted()) > 200
    assert wanted() - areas - set(points) == set()
    assert {code for code, point in points.items() if point.area} == set(points) & areas
    assert not points["XKX"].area, "the outlines do not draw Kosovo"
    assert not set(points) - wanted()


def _inside(place: tuple[float, float], ring: list[tuple[float, float]]) -> bool:
    x, y = place
    crossed = False
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            crossed = not crossed
    return crossed


def test_no_area_lies_wholly_beneath_points_and_no_point_beneath_others():
    """On a map 1,000 pixels wide. What lies in one place of a point cannot be hit by it."""
    build = build_reference()
    radius = maps.MARK / 2
    marks = {code: build.projected(point.at[1], point.at[0]) for code, point in map_points().items()}
    hidden = []
    for code, rings in build.outlines(topology()).items():
        if code in marks or code not in wanted():
            continue
        free = 0
        for ring in ([build.projected(*place) for place in ring] for ring in rings):
            xs, ys = [x for x, _ in ring], [y for _, y in ring]
            step = max((max(xs) - min(xs)) / 24, 0.4)
            for across in range(25):
                for up in range(25):
                    place = min(xs) + across * step, min(ys) + up * step
                    if _inside(place, ring) and all(math.dist(place, mark) > radius for mark in marks.values()):
                        free += 1
        if not free:
            hidden.append(code)
    assert not hidden
    # Two marks of 8 pixels that are 6 apart can both be hit.
    close = {
        tuple(sorted((one, other)))
        for one in marks
        for other in marks
        if one < other and math.dist(marks[one], marks[other]) < radius + 2
    }
    assert not close


def test_a_line_leads_to_a_point_that_stands_apart_from_its_place():
    view = seen()
    everyone = [maps.Shown(team(code, 40, 60), (code,)) for code in ("KNA", "FJI")]
    (leaders,) = part(maps.world(teams(), "unct", everyone, view.points), "leaders")
    saint_kitts = view.points["KNA"]
    assert list(zip(leaders["lat"], leaders["lon"], strict=True)) == [saint_kitts.of, saint_kitts.at, (None, None)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("NOPE,1,1,0", "not a known code"),
        ("FJI,1,1,yes", "not a known code"),
        ("FJI,x,1,0", "no coordinates"),
        ("FJI,91,1,0", "nowhere on Earth"),
        ("FJI,1,1,0\nFJI,1,1,0", "stands in line 2 already"),
    ],
)
def test_a_broken_list_of_points_names_its_line(tmp_path, line: str, problem: str):
    (tmp_path / "countries.csv").write_bytes((codelists.REFERENCE / "countries.csv").read_bytes())
    (tmp_path / "map_points.csv").write_text(f"code,latitude,longitude,area\n{line}\n", encoding="utf-8")
    with pytest.raises(CodeListError, match=problem):
        map_points(tmp_path)


# -- classes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("women", "men", "expected"),
    [
        (399, 601, 0),
        (40, 60, 1),
        (4699, 5301, 1),
        (47, 53, 2),
        (53, 47, 2),
        (5301, 4699, 3),
        (60, 40, 3),
        (601, 399, 4),
        (4, 3, 2),  # 57 %, yet one person from equality
        (0, 9, 0),
        (9, 0, 4),
        (1, 3, maps.FEW),
        (0, 0, maps.NOBODY),
    ],
)
def test_classes_of_exact_rows_agree_with_the_status(women: int, men: int, expected: int):
    found = row({"unct": "KEN"}, women, men)
    assert maps.class_of(found) == expected
    assert (expected == 2) == (found.status == "parity")


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (rounded({"unct": "KEN"}, 500, 500), 2),
        # With a share, and without a status: it may be on either side of an edge of the band.
        (rounded({"unct": "KEN"}, 50, 50), maps.FEW),
        (rounded({"unct": "KEN"}, 45, 55), maps.FEW),
        # Far from half only where all that it may stand for is.
        (rounded({"unct": "KEN"}, 30, 70), 0),
        (rounded({"unct": "KEN"}, 35, 65), 1),
        (rounded({"unct": "KEN"}, 70, 30), 4),
        (rounded({"unct": "KEN"}, 65, 35), 3),
        # Too few for a share, and clear all the same.
        (rounded({"unct": "KEN"}, 5, 40), 0),
        (rounded({"unct": "KEN"}, 15, 20), maps.FEW),
        (rounded({"unct": "KEN"}, 5, 10), maps.FEW),
        # A sum that leaves some out.
        (rounded({"unct": "KEN"}, 30, 70, left_out=("country=KEN",)), maps.FEW),
        (rounded({"unct": "KEN"}, None, None, reason="fewer", fewer_than=5), maps.FEW),
        (rounded({"unct": "KEN"}, None, None, reason="withheld"), maps.FEW),
    ],
)
def test_classes_of_rounded_rows(made: Row, expected: int):
    assert maps.class_of(made) == expected


def test_classes_lie_around_the_parity_band():
    assert maps.EDGES[1:3] == PARITY_BAND
    assert list(maps.EDGES) == sorted(maps.EDGES)
    assert len(maps.EDGES) == len(tokens.MAP) - 1


#: Vision with each of the three cones missing (Machado, Oliveira, Fernandes 2009, severity 1), over linear RGB.
DEFICIENCIES = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def _lab(colour: str, matrix) -> tuple[float, float, float]:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    red, green, blue = (min(max(sum(m * c for m, c in zip(line, linear, strict=True)), 0), 1) for line in matrix)
    x, y, z = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
@pytest.mark.parametrize("theme", ["LIGHT", "DARK"])
def test_colours_of_classes_are_told_apart_by_everybody(theme: str, deficiency: str):
    values = getattr(tokens, theme)
    names = [*tokens.MAP, "neutral-soft", "paper", "band"]
    seen_as = {name: _lab(values[name], DEFICIENCIES[deficiency]) for name in names}
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            # Land and paper differ little on purpose: neither says anything.
            least = 4 if {one, other} == {"paper", "band"} else 18
            assert math.dist(seen_as[one], seen_as[other]) >= least, (one, other)


# -- the figure ---------------------------------------------------------------------------------------------------


def everything() -> Answer:
    """Teams in several classes, one of several countries."""
    return teams(
        team("KEN", 40, 60), team("XKX", 3, 1), team("fiji-multi-country", 65, 35), team("not-applicable", 9, 9)
    )


def test_every_country_of_a_team_has_its_colour_and_leads_to_it():
    figure = panel_of(country_teams.PAGE, seen()).figure(everything())
    go.Figure(figure)
    codes = drawn_codes(figure)
    assert codes == {"KEN": "KEN", "FJI": "fiji-multi-country", "SOM": "SOM"}
    (marks,) = part(figure, "marks")
    # Kosovo, and of the multi-country team Fiji (which has a small area too), Kiribati and Tonga.
    assert sorted(marks["customdata"]) == ["XKX", *["fiji-multi-country"] * 3]
    assert set(marks["marker"]["color"]) == {tokens.LIGHT["neutral-soft"], tokens.LIGHT["map-far-above"]}
    said = dict(zip(marks["customdata"], marks["text"], strict=True))
    assert "Fiji, Kiribati and Tonga" in said["fiji-multi-country"]
    assert plain(said["fiji-multi-country"]).startswith("Fiji (multi-country)<br>65.0 %, 65 of 100<br>above parity")


def test_the_table_says_what_the_map_shows():
    panel = panel_of(country_teams.PAGE, seen())
    table = panel.table(everything(), caption="", link=lambda key, code: f"/{code}")
    rows = {line[0].href: line for line in table.rows}
    assert list(rows) == ["/fiji-multi-country", "/KEN", "/XKX", "/SOM"], "by name"
    assert rows["/fiji-multi-country"][0].name == "Fiji, Kiribati and Tonga"
    at = [cell.text for cell in table.columns].index("On the map")
    said = {href: plain(line[at].text) for href, line in rows.items()}
    assert said == {
        "/KEN": "40 to under 47 %",
        "/XKX": "Too few to judge",
        "/fiji-multi-country": "Women over 60 %",
        "/SOM": "No staff",
    }


def test_the_legend_counts_teams_and_adds_up():
    figure = panel_of(country_teams.PAGE, seen()).figure(everything())
    (legend,) = part(figure, "legend")
    assert [plain(text).strip() for text in legend["text"]] == [
        "Women under 40 %: 0",
        "40 to under 47 %: 1",
        "At parity, 47–53 %: 0",
        "Over 53 to 60 %: 0",
        "Women over 60 %: 1",
        "Too few to judge: 1",
        "No staff: 1",
    ]
    assert legend["marker"]["color"][-1] == tokens.LIGHT["paper"]
    assert legend["marker"]["line"]["color"][-1] == tokens.LIGHT["control"]


def test_colours_are_steps_of_the_tokens():
    figure = panel_of(country_teams.PAGE, seen()).figure(everything())
    colours = [*(tokens.LIGHT[name] for name in tokens.MAP), tokens.LIGHT["neutral-soft"], tokens.LIGHT["paper"]]
    for trace in part(figure, "areas"):
        scale = trace["colorscale"]
        assert [colour for _, colour in scale] == [each for colour in colours for each in (colour, colour)]
        for value in range(len(colours)):
            at = (value - trace["zmin"]) / (trace["zmax"] - trace["zmin"])
            left = [colour for edge, colour in scale if edge <= at][-1]
            right = next(colour for edge, colour in scale if edge >= at)
            assert left == right == colours[value]


def test_only_teams_a_filter_lets_through_can_have_nobody():
    panel = panel_of(country_teams.PAGE, seen(regions={"KEN": "africa", "SOM": "africa", "XKX": "europe"}))
    for selection, there in (
        (select(unct=["KEN", "SOM"]), {"KEN", "SOM"}),
        (select(region="africa"), {"KEN", "SOM"}),
        (select(country="KEN"), {"KEN"}),
        (select(duty_station="KEN-nairobi"), {"KEN"}),
        (select(grade="P-4"), {"KEN", "SOM", "FJI"}),
    ):
        figure = panel.figure(teams(team("KEN", 40, 60), selection=selection))
        assert set(drawn_codes(figure)) == there
        assert ("XKX" in part(figure, "marks")[0]["customdata"]) == ("FJI" in there)


def test_a_place_that_does_not_exist_in_public_is_land_like_any_other():
    view = replace(seen(), audience="public", countries={"KEN": ("KEN",)})
    rows = [rounded({"unct": "KEN"}, 40, 60)]
    found = replace(protected("by_unct", ["unct"], rows, select()), labels=LABELS)
    panel = panel_of(country_teams.PAGE, view)
    figure = panel.figure(found)
    assert set(drawn_codes(figure)) == {"KEN"} and not part(figure, "marks")[0]["customdata"]
    words = f"{figure} {panel.title(found)} {panel.notes(found)} {panel.table(found, caption='', link=lambda *_: None)}"
    assert "SOM" not in words and "Somalia" not in words


def test_protected_rows_have_one_look_and_rounded_ones_say_about():
    rows = [
        rounded({"nationality": "CHN"}, 35, 65),
        rounded({"nationality": "KEN"}, 30, 5),
        rounded({"nationality": "SGP"}, 5, 10),
        rounded({"nationality": "NRU"}, None, None, reason="fewer", fewer_than=12),
        rounded({"nationality": "TUV"}, None, None, reason="withheld"),
        rounded({"nationality": "not-reported"}, 50, 50),
    ]
    panel = panel_of(people.NATIONALITY, seen())
    found = nationals(*rows)
    figure = panel.figure(found)
    go.Figure(figure)
    codes = drawn_codes(figure)
    assert codes == {"CHN": "CHN", "TWN": "CHN", "KEN": "KEN"}
    (areas, _) = part(figure, "areas")
    assert any(
        plain(text).startswith("China<br>about 35 %, about 35 of 100; between 29 % and 41 %<br>below parity")
        for text in areas["text"]
    )
    (marks,) = part(figure, "marks")
    assert set(marks["marker"]["color"]) == {tokens.LIGHT["neutral-soft"]}
    (legend,) = part(figure, "legend")
    assert [plain(text).strip() for text in legend["text"]] == [
        "Women clearly under 40 %: 0",
        "Others below parity: 1",
        "At parity: 0",
        "Others above parity: 0",
        "Women clearly over 60 %: 1",
        "Not clear, or not shown: 3",
    ]
    assert any(
        note.startswith("Colours show the parity status. Areas whose status is not clear")
        for note in panel.notes(found)
    )
    assert not [text for text in legend["text"] if "No staff" in text], "nobody may not be told from too few"


@pytest.mark.parametrize("extent", maps.EXTENTS)
def test_every_part_of_the_world_is_a_valid_figure(extent: str):
    view = replace(seen(), options={"by": "size", "map": extent})
    panel = panel_of(country_teams.PAGE, view)
    figure = panel.figure(everything())
    go.Figure(figure)
    assert figure["layout"]["height"] > 150
    (said,) = [note for note in panel.notes(everything()) if "whole world" in note] or [None]
    assert (said is None) == (extent == "world")
    assert extent in map_panels.PART.values


def test_a_part_of_the_world_is_as_wide_and_high_as_it_is_drawn():
    assert maps.EXTENTS["world"].aspect == pytest.approx(2.2, abs=0.15)
    # The same parallels, half as far to the sides.
    whole, half = maps.Extent(0, 180, -40, 40), maps.Extent(0, 90, -40, 40)
    assert whole.aspect == pytest.approx(2 * half.aspect)
    # North of the equator the southern edge is the longest.
    assert maps.Extent(0, 10, 40, 60).aspect < maps.Extent(0, 10, 0, 20).aspect


@pytest.mark.parametrize("page", [country_teams.PAGE, people.NATIONALITY])
def test_an_answer_without_figures_says_why(page):
    panel = panel_of(page, seen())
    nothing = answer(panel.question, [panel.drill], [], selection=select(unct="KEN") if panel.drill != "unct" else None)
    if panel.drill == "unct":
        nothing = replace(nothing, scope=replace(nothing.scope, entities=0, not_submitted=("UNDP",)))
    assert panel.figure(nothing)["data"] == []
    assert panel.title(nothing)
    no = replace(refused(select(unct="KEN")), question=panel.question, by=(panel.drill,), policy=POLICY)
    assert panel.figure(no)["data"] == [] and panel.notes(no) == []
    assert panel.title(no) == "These filters cannot be combined here"
    few = protected(panel.question, [panel.drill],
                    [rounded({panel.drill: "KEN"}, None, None, reason="fewer", fewer_than=5)], select())  # fmt: skip
    go.Figure(panel.figure(few))
    assert panel.figure(few)["data"], "grey is drawn"
    assert panel.title(few) == "Too few staff to show"


# -- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("KEN", 40, 60), ("SOM", 50, 50), ("XKX", 60, 40)],
         "Women are below parity in 1 of 3 country teams, at parity in 1 and above it in 1"),
        ([("KEN", 40, 60), ("SOM", 50, 50), ("XKX", 2, 1)],
         "Women are below parity in 1 of 2 country teams with a status, at parity in 1 and above it in 0"),
        ([("KEN", 40, 60), ("SOM", 30, 70)], "Women are below parity in all 2 country teams with a status"),
        ([("KEN", 50, 50), ("SOM", 51, 49)], "All 2 country teams with a status are at parity"),
        ([("KEN", 70, 30), ("SOM", 60, 40)],
         "Women are above the parity band in all 2 country teams with a status"),
        ([("KEN", 40, 60)], "One country team has a status: Kenya is below parity (40.0 %)"),
        ([("KEN", 1, 2)], "No country team shown has a status"),
        ([("KEN", 0, 0)], "Nobody matches these filters"),
        ([], "Nobody matches these filters"),
    ],
)  # fmt: skip
def test_the_title_of_the_map_of_teams(rows, said: str):
    found = teams(*(team(*each) for each in rows))
    assert plain(panel_of(country_teams.PAGE, seen()).title(found)) == said


def test_the_title_says_where_most_teams_below_parity_are():
    rows = [team(f"T{at}", 40, 60) for at in range(6)] + [team("KEN", 50, 50)]
    regions = {"T0": "africa", "T1": "africa", "T2": "africa", "T3": "asia", "T4": "asia", "KEN": "asia"}
    found = replace(teams(*rows), labels={**LABELS, "region": {"africa": "Africa", "asia": "Asia"}})

    def said(**more: str) -> str:
        return panel_of(country_teams.PAGE, seen(regions=regions | more)).title(found)

    assert said() == "Women are below parity in 6 of 7 country teams, at parity in 1 and above it in 0", (
        "half is not most"
    )
    assert said(T3="africa") == (
        "Women are below parity in 6 of 7 country teams, 4 of them in Africa; at parity in 1, above it in 0"
    )
    one_region = dict.fromkeys(regions | {"T5": ""}, "africa")
    assert "Africa" not in panel_of(country_teams.PAGE, seen(regions=one_region)).title(found)
    unjudged = replace(found, rows=(*found.rows, team("SOM", 1, 1)))
    view = seen(regions=regions | {"T3": "africa"})
    assert "6 of 7 country teams with a status, 4 of them in Africa; " in (
        panel_of(country_teams.PAGE, view).title(unjudged)
    )
    few = replace(found, rows=found.rows[:3] + found.rows[-1:])
    assert panel_of(country_teams.PAGE, seen(regions=regions)).title(few).startswith("Women are below parity in 3 of 4")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("CHN", 30, 70), ("KEN", 70, 30), ("FRA", 50, 50)],
         "Of 2 nationalities with a status, women are clearly under 40 % in 1 and over 60 % in 1"),
        ([("CHN", 50, 50), ("KEN", 45, 55)], "No nationality shown has a status"),
        ([("CHN", 450, 550)],
         "In 1 nationality with a status, women are neither clearly under 40 % nor over 60 %"),
        ([("CHN", 450, 550), ("KEN", 550, 450)],
         "In none of 2 nationalities with a status are women clearly under 40 % or over 60 %"),
        ([("CHN", 50, 50)], "No nationality shown has a status"),
        ([("CHN", 30, 70)],
         "Of 1 nationality with a status, women are clearly under 40 % in 1 and over 60 % in 0"),
        ([("CHN", 70, 30)], "Of 1 nationality with a status, women are clearly under 40 % in 0 and over 60 % in 1"),
        ([("CHN", 30, 70), ("KEN", 50, 50)],
         "Of 1 nationality with a status, women are clearly under 40 % in 1 and over 60 % in 0"),
        ([("CHN", 70, 30), ("KEN", 50, 50)],
         "Of 1 nationality with a status, women are clearly under 40 % in 0 and over 60 % in 1"),
        ([("CHN", 15, 15)], "No nationality shown has a status"),
        ([], "No figures are shown here"),
    ],
)  # fmt: skip
def test_the_title_of_the_map_of_nationalities(rows, said: str):
    found = nationals(*(rounded({"nationality": code}, women, men) for code, women, men in rows))
    panel = panel_of(people.NATIONALITY, seen())
    assert plain(panel.title(found)) == said
    assert panel.title(found) != people.nationality_title(found) or not rows


@pytest.mark.parametrize("page", [country_teams.PAGE, people.NATIONALITY])
def test_the_united_nations_disclaimer_stands_beneath_every_map(page):
    panel = panel_of(page, seen())
    said = " ".join(panel.notes(answer(panel.question, [panel.drill], [])))
    assert (
        "The boundaries and names shown and the designations used on this map do not imply official endorsement or "
        "acceptance by the United Nations." in said
    )
    for named in ("resolution 1244 (1999)", "Jammu and Kashmir", "Abyei area", "Falkland Islands (Malvinas)"):
        assert named in said


def test_pages_with_a_map_are_those_that_load_it():
    assert {page.path for page in pages.PAGES if page.maps} >= {"/country-teams", "/nationality"}
    assert not pages.OVERVIEW.maps
    for page in pages.PAGES:
        for panel in page.panels:
            assert not panel.map or (panel.search and panel.drill), "the table is the way of who cannot point"
