"""One rule of comparability through the public doors: pages, files and the API of a release with breaks and gaps."""

from __future__ import annotations

import csv
import html
import io
import re
from urllib.parse import quote

import pytest
from oracle import BREAKS, Oracle
from served import CALLBACK, OPEN, serve

from dashboard import pages


@pytest.fixture(scope="module")
def oracle(broken_dir):
    return Oracle(broken_dir, "2026Q3-r1", breaks=BREAKS)


@pytest.fixture(scope="module")
def clients(broken_dir):
    return {audience: serve(broken_dir, audience=audience) for audience in ("internal", "public")}


@pytest.fixture(scope="module")
def client(clients):
    return clients["internal"]


def plain(markup: str) -> str:
    said = html.unescape(re.sub(r"<[^>]*>", " ", markup)).replace("\N{NO-BREAK SPACE}", " ")
    return " ".join(said.split())


def panels(client, address: str) -> dict[str, tuple[str, str, dict | None]]:
    """What a page's panels say: title and scope, what stands below with its table, and the figure."""
    path, _, query = address.partition("?")
    at = pages.find(path)
    tables = [panel.id for panel in at.page.panels]
    page = {"path": path, "search": f"?{query}", "tables": tables}
    opened = {
        "output": OPEN,
        "outputs": [{"id": "panels", "property": "children"}, {"id": "opened", "property": "data"}],
        "inputs": [{"id": "page", "property": "data", "value": page}],
        "changedPropIds": ["page.data"],
        "parsedChangedPropsIds": ["page.data"],
    }
    response = client.post(CALLBACK, json=opened).json["response"]
    figures: dict[str, dict] = {}

    def find(part) -> None:
        if isinstance(part, list):
            for each in part:
                find(each)
        elif isinstance(part, dict):
            props = part.get("props", {})
            if isinstance(props.get("id"), dict) and "figure" in props:
                figures[props["id"]["panel"]] = props["figure"]
            find(props.get("children"))

    find(response["panels"]["children"])
    return {
        name: (plain(said["words"]), plain(said["below"]), figures.get(name))
        for name, said in response["opened"]["data"]["panels"].items()
    }


def lines(client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).text, newline="")))


def marks(figure: dict, meta: str) -> list[str]:
    """The quarters that have a mark of this kind."""
    return [
        quarter
        for trace in figure["data"]
        if trace.get("meta") == meta
        for quarter, share in zip(trace["customdata"], trace["y"], strict=True)
        if share is not None
    ]


def headline(client, address: str) -> str:
    return plain(re.search(r"<h1.*?</h1>.{0,3000}", client.get(address).text, re.DOTALL)[0])


def test_no_page_tells_a_change_over_a_series_break(client, oracle):
    """UN has a break between these two quarters, and so have WIPO and UPU."""
    assert {"UN", "WIPO", "UPU"}.isdisjoint(oracle.same("2026Q3", "2025Q3"))
    found = panels(client, "/entities?entity=UN&v.by=change")
    assert found["slope"][0].startswith("Share of women then and now: nothing to show")
    assert re.search(r"UN Secretariat .* – ", found["ranking"][1])
    assert " points" not in found["ranking"][1]
    assert found["lines"][0].startswith("No entity with at least 25 staff can be compared with 2025Q2")
    assert "no comparable earlier figure" in headline(client, "/?entity=UN") or "in a year" not in headline(
        client, "/?entity=UN"
    )
    whole = panels(client, "/entities?v.by=change")
    for name in ("ranking", "slope"):
        assert not re.search(r"most in (UN|WIPO|UPU|IAEA|ISA) ", whole[name][0])


def test_changes_say_of_how_many_entities_they_are(client, oracle):
    title = panels(client, "/entities?v.by=change")["ranking"][0]
    told = re.match(
        r"The share of women rose in (\d+) and fell in (\d+) of (\d+) comparable entities with at least 25 staff since "
        r"2025Q3",
        title,
    )
    up = down = count = 0
    for entity in oracle.same("2026Q3", "2025Q3"):
        (women, men), (women_then, men_then) = (
            oracle.total({"entity": [entity]}, quarter) for quarter in ("2026Q3", "2025Q3")
        )
        if min(women + men, women_then + men_then) < 25:
            continue
        moved = 100 * (women / (women + men) - women_then / (women_then + men_then))
        up, down, count = up + (moved >= 0.05), down + (moved <= -0.05), count + 1
    assert told and tuple(map(int, told.groups())) == (up, down, count)


def test_a_trend_is_told_on_the_newest_side_of_a_break(client):
    title, below, figure = panels(client, "/entities/UN")["trend"]
    assert "since 2025Q4" in title and "2025Q2" not in title
    assert "A series break at 2025Q4: figures before it cannot be compared" in below
    assert marks(figure, "marks") == ["2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    assert any(note["text"] == "series break" for note in figure["layout"]["annotations"])
    told = lines(client, "/api/v1/trend.csv?entity=UN")
    assert [line["quarter"] for line in told if line["basis"] == "same-entities"] == marks(figure, "marks")
    assert [line["quarter"] for line in told if line["series_break"] == "true" and line["basis"] == "all"] == ["2025Q4"]


def test_partial_and_carried_quarters_are_hollow_flagged_and_in_no_title(client):
    for entity, state, words in (("IAEA", "partial", "partly reported"), ("UPU", "carried", "carried forward")):
        title, below, figure = panels(client, f"/entities/{entity}")["trend"]
        finding = title.partition(" Share of women over time")[0]
        assert finding.partition(", the last quarter it reported in full")[0].endswith("in 2026Q2")
        assert "2026Q3" not in finding
        assert "2026Q3" in marks(figure, "hollow") and "2026Q3" not in marks(figure, "marks")
        assert f"Left out of the line and of changes – {words}: 2026Q3" in below
        told = {(line["basis"], line["quarter"]): line for line in lines(client, f"/api/v1/trend.csv?entity={entity}")}
        assert told["all", "2026Q3"]["flag"] == state
        assert ("same-entities", "2026Q3") not in told


@pytest.mark.parametrize(("entity", "quarters"), [("ISA", ["2026Q3"]), ("UPU", ["2025Q2"])])
def test_what_is_not_submitted_is_unknown_and_not_zero(clients, entity, quarters):
    for audience, client in clients.items():
        for beside in ("", "&category=PH", "&region=europe", "&nationality=KEN"):
            told = lines(client, f"/api/v1/trend.csv?entity={entity}{beside}")
            for line in told if told[0].get("quarter") else ():
                if line["quarter"] in quarters:
                    assert (line["women"], line["men"], line["staff"], line["share_women"]) == ("",) * 4
                    assert line["reason"] == line["flag"] == "not-submitted", (audience, beside)
                else:
                    assert line["reason"] != "not-submitted"
    # The table says it once, and not that a part was reported.
    _title, below, _figure = panels(clients["internal"], f"/entities/{entity}")["trend"]
    assert re.search(rf"{quarters[0]} – – – – [\d.]+ % not submitted(?!;)", below)
    # Nor are there groups "fewer than 12" of it.
    for audience, client in clients.items():
        for question in ("by_age_group", "by_unct", "by_grade"):
            told = lines(client, f"/api/v1/{question}.csv?entity={entity}&quarter={quarters[0]}")
            assert [line["reason"] for line in told] == ["not-submitted"], (audience, question)


def test_counts_of_entities_leave_out_who_is_carried_or_partial_and_name_them(client, oracle):
    for address, panel in (("/", "by_entity"), ("/entities?v.by=gap", "ranking")):
        title, below, _figure = panels(client, address)[panel]
        assert "Left out of counts of entities and of changes – " in below
        assert "carried forward: UPU" in below and "partly reported: IAEA" in below
    title = panels(client, "/")["by_entity"][0]
    shares = {}
    for (entity,), (women, men) in oracle.count(("entity",), {}, "2026Q3").items():
        if oracle.own_for(entity, "2026Q3") and women + men >= 5:
            low = 100 * women < 47 * (women + men) and abs(women - men) > 1
            shares[entity] = low
    told = re.match(r"(\d+) of (\d+) entities are below parity", title)
    if told:
        assert tuple(map(int, told.groups())) == (sum(shares.values()), len(shares))
    else:
        assert sum(shares.values()) <= 3
    for entity, words in (("UPU", "carried forward"), ("IAEA", "partly reported")):
        assert re.match(rf"{entity}: [\d.]+ % women \({words}\)", panels(client, f"/?entity={entity}")["by_entity"][0])


def test_partly_reported_is_said_so(client):
    said = headline(client, "/?entity=IAEA")
    assert "partly reported" in said and "100 % of staff" not in said
    assert "Reported in part, so not all staff are counted: IAEA" in said
    assert "; 1 of them in part" in headline(client, "/")
    assert "; 1 of them in part" in panels(client, "/")["coverage"][0]
    assert "; 1 of them in part" in panels(client, "/entities/IAEA")["history"][0]
    assert "; 1 of them in part" in plain(client.get("/data").text)


def test_titles_say_of_whom_they_speak(client):
    absent = panels(client, "/country-teams/KEN?entity=UNDP&entity=UNICEF")["absent"][0]
    assert absent.startswith("UNDP and UNICEF have staff here")
    nobody = panels(client, "/country-teams/KEN?entity=UNDP&department=OCHA")["absent"][0]
    assert nobody.startswith("Nobody matches these filters")
    whole = panels(client, "/country-teams/KEN")["absent"][0]
    assert re.match(r"\d+ of \d+ entities with figures ha(s|ve) no staff here", whole)
    for query in ("department=OCHA&department=DSS", "department=OCHA", "department=OCHA&entity=UN"):
        found = panels(client, f"/entities?{query}")["reporting"]
        assert found[0].startswith("The one entity in this selection has reported")
        assert [line["entity"] for line in lines(client, f"/api/v1/coverage.csv?{query}")] == ["UN"]
        assert "has no effect" not in found[1]
    assert len(lines(client, "/api/v1/coverage.csv?department=not-reported")) > 1


def test_two_quarters_with_a_break_between_are_not_set_apart(client):
    address = "/compare?s=quarter%3D2025Q3%26entity%3DUN&s=entity%3DUN"
    said = plain(client.get(address, follow_redirects=True).text)
    assert "nothing here can be compared like for like between the two quarters" in said
    assert "points apart" not in said


@pytest.mark.parametrize(
    "scope", ["entity=UN", "entity=UPU", "entity=IAEA", "entity=UNDP", "entity=UN&entity=UNDP", ""]
)
@pytest.mark.parametrize("then", ["2025Q2", "2025Q4"])
def test_the_file_of_a_comparison_has_no_difference_that_is_an_artefact(clients, oracle, scope, then):
    """Of all, where no entity can be compared; of an entity's own row, where that one cannot be."""
    of = "&".join(each for each in (scope, f"quarter={then}") if each)
    chosen = [each.partition("=")[2] for each in scope.split("&") if each] or sorted(oracle.entities)
    for audience, client in clients.items():
        told = lines(client, f"/api/v1/compare.csv?s={quote(of)}&s={quote(scope)}&v.by=entity")
        for line in (line for line in told if line["scope"] == "B" and line["part"] != "trend"):
            shared = chosen if line["part"] == "total" else [line["code"]]
            if not any(oracle.alone(entity, "2026Q3", then) for entity in shared):
                assert line["difference"] in ("", "not-comparable", "few"), (audience, line)
                assert line["difference_points"] == line["difference_women"] == line["difference_staff"] == ""
            elif line["women"] and min(int(line["staff"]), 5) == 5:
                assert line["difference"] in ("exact", "few", ""), line
        kinds = {line["difference"] for line in told}
        assert ("not-comparable" in kinds) == any(
            not oracle.alone(entity, "2026Q3", then) and {oracle.state.get((entity, each)) for each in ("2026Q3", then)}
            <= {"reported", "carried", "partial"} for entity in chosen
        )  # fmt: skip


def test_a_year_ago_before_a_break_is_said_not_to_be_comparable(client):
    said = plain(client.get("/recruit?entity=WIPO&grade=P-4", follow_redirects=True).text)
    assert "not comparable with the figures for 2026Q3 (series break)" in said
    said = plain(client.get("/recruit?entity=UPU&grade=P-4", follow_redirects=True).text)
    assert "not comparable with the figures for 2026Q3 (carried forward)" in said
    said = plain(client.get("/recruit?entity=UNDP&grade=P-4", follow_redirects=True).text)
    assert "A year ago" in said and "not comparable" not in said
