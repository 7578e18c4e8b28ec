"""Files as people open them, in Excel by a double click and in pandas: no name garbled, none read as missing."""

from __future__ import annotations

import io
import json
import re

import pandas as pd
import pytest
from flask.testing import FlaskClient
from pandas._libs.parsers import STR_NA_VALUES

from dashboard import questions
from dashboard.factory import create_app
from dashboard.settings import Settings

MARK = "\ufeff".encode()


@pytest.fixture(scope="module", params=["internal", "public"])
def client(request, small_dir) -> FlaskClient:
    return create_app(Settings(data_dir=small_dir, audience=request.param)).server.test_client()


def listed(client: FlaskClient) -> list[str]:
    """The dimensions that have a list of codes."""
    page = client.get("/data").text
    return sorted(set(re.findall(r"/api/v1/codes/(\w+)\.csv", page)))


def test_pandas_loses_no_label(client):
    for name in questions.load():
        told = client.get(f"/api/v1/{name}.json").json
        if not told["rows"]:
            continue
        table = pd.read_csv(io.BytesIO(client.get(f"/api/v1/{name}.csv").data), low_memory=False)
        for key in told["by"]:
            assert not table[key].isna().any(), (name, key)
            label = f"{key}_label"
            if label not in table:
                continue
            assert not table[label].isna().any(), (name, label)
            # Labels are as good as codes to sum by: no two codes share one.
            assert table.groupby(label)[key].nunique().max() == 1, (name, label)
            if "staff" in table:
                summed = table.groupby(label)["staff"].sum().sum()
                assert summed == sum(row["staff"] or 0 for row in told["rows"]), name


def test_no_code_and_no_name_reads_as_missing(client):
    dimensions = listed(client)
    assert {"duty_station", "country", "department"} <= set(dimensions)
    for dimension in dimensions:
        codes = client.get(f"/api/v1/codes/{dimension}.json").json["codes"]
        table = pd.read_csv(io.BytesIO(client.get(f"/api/v1/codes/{dimension}.csv").data))
        assert not table[["code", "name"]].isna().any().any(), dimension
        assert list(table["name"].astype(str)) == [code["name"] for code in codes]
        wrong = [code for code in codes if {code["code"], code["name"]} & set(STR_NA_VALUES)]
        assert wrong == [], dimension
    stations = {code["name"] for code in client.get("/api/v1/codes/duty_station.json").json["codes"]}
    assert "NA" not in stations and ("NA, Afghanistan" in stations or len(stations) < 900), "31 stations are called NA"


def hrefs(client: FlaskClient, path: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'href="([^"]+)"', client.get(path).text)]


@pytest.mark.parametrize("path", ["/data", "/data/differences", "/compare?s=entity%3DUNDP&s=entity%3DUNICEF"])
def test_every_csv_file_that_a_page_links_to_begins_with_a_mark(client, path):
    files = [address for address in hrefs(client, path) if ".csv" in address]
    assert files or path == "/data/differences"
    for address in files:
        response = client.get(address)
        if response.status_code == 200:
            assert response.data.startswith(MARK) and not response.data.startswith(2 * MARK), address
            plain = client.get(re.sub(r"[?&]bom=1", "", address))
            assert response.data == MARK + plain.data, address


def test_programs_get_no_mark_and_the_listed_addresses_ask_for_none(client):
    listing = client.get("/api/v1/").json
    links = [question["links"]["csv"] for question in listing["questions"] if "csv" in question["links"]]
    links += [other["link"] for other in listing["others"] if other["link"].endswith(".csv")]
    assert len(links) > 30 and not any("bom" in link for link in links)
    for link in links[:4] + links[-4:]:
        assert not client.get(link).data.startswith(MARK), link


@pytest.mark.parametrize("query", ["bom=1", "entity=UNDP&bom=1", "bom=1&entity=UNDP", "entity=UNDP&bom=1&grade=P-4"])
def test_a_mark_changes_nothing_else(client, query):
    rest = "&".join(part for part in query.split("&") if part != "bom=1")
    marked, plain = client.get(f"/api/v1/by_grade.csv?{query}"), client.get(f"/api/v1/by_grade.csv?{rest}")
    assert marked.status_code == 200 and marked.data == MARK + plain.data
    assert marked.headers["Content-Disposition"] == plain.headers["Content-Disposition"]
    assert pd.read_csv(io.BytesIO(marked.data)).columns[0] == "grade"
    assert int(marked.headers["Content-Length"]) == len(marked.data)


@pytest.mark.parametrize(
    "path", ["by_grade.csv?bom=2", "by_grade.csv?bom=", "by_grade.json?bom=1", "by_grade.csv?xbom=1"]
)
def test_what_asks_for_no_mark_is_refused_as_before(client, path):
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 400 and not response.data.startswith(MARK)


def test_an_error_has_no_mark(client):
    response = client.get("/api/v1/by_grade.csv?bom=1&nonsense=1")
    assert response.status_code == 400 and json.loads(response.data)["status"] == 400


def test_excel_is_offered_first(client):
    page = client.get("/data").text
    rows = re.findall(r'<td class="files">(.*?)</td>', page)
    kinds = [re.findall(r">(\w+)</a>", row) for row in rows]
    assert ["Excel", "CSV", "JSON"] in kinds and all("CSV" in each for each in kinds)
    assert client.get("/api/v1/openapi.json").json["paths"]["/by_grade.csv"]["get"]["parameters"][-1]["name"] == "bom"
