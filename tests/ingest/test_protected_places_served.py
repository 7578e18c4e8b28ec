"""Places where it is sensitive that anybody is there: the public finds and downloads no name of theirs."""

from __future__ import annotations

import dataclasses
import io
import itertools
import re
import zipfile

import pytest
from samples import row

from dashboard.disclosure import policy as policy_module
from dashboard.factory import create_app
from dashboard.settings import Settings

#: Words that name the places, as people would search for them.
NAMES = ("Kabul", "AFG-kabul", "UNAMA", "Mombasa", "KEN-mombasa", "Afghanistan", "AFG")


def place(station: str, **changed: str) -> list[dict[str, str]]:
    return [
        row(duty_station=station, grade=grade, sex=sex, headcount="20", **changed)
        for grade, sex in itertools.product(("P-3", "P-4", "G-5"), "FM")
    ]


@pytest.fixture
def clients(send, publish, store, monkeypatch):
    policy = dataclasses.replace(policy_module.load(), presence_protected=("KEN-mombasa", "AFG"))
    monkeypatch.setattr(policy_module, "load", lambda: policy)
    send([*place("CHE-geneva", entity="UN", department="OCHA"), *place("AFG-kabul", entity="UN", department="UNAMA")],
         name="un.csv")  # fmt: skip
    send([*place("CHE-bern"), *place("KEN-mombasa"), row(duty_station="KEN-nairobi", headcount="9")])
    publish()
    made = {}
    for audience in ("internal", "public"):
        server = create_app(Settings(data_dir=store.data_dir, audience=audience)).server
        made[audience] = server.test_client()
    return made


def test_neither_search_nor_code_lists_nor_files_name_a_protected_place(clients):
    told = re.compile("kabul|unama|mombasa|afghanistan", re.IGNORECASE)
    for name in NAMES:
        assert clients["internal"].get("/api/v1/search.json", query_string={"q": name}).json["count"], name
        answer = clients["public"].get("/api/v1/search.json", query_string={"q": name}).json
        assert answer["count"] == 0, (name, answer)
        page = clients["public"].get("/search", query_string={"q": name}).text
        # What a visitor typed is repeated in the box and in the headline, and nowhere else.
        assert not told.search(page.partition("</h1>")[2]), name
    listed = clients["public"].get("/api/v1/").json
    assert listed["audience"] == "public"
    for dimension in ("duty_station", "country", "unct", "department", "region", "entity", "grade", "headquarters"):
        for kind in ("csv", "json"):
            body = clients["public"].get(f"/api/v1/codes/{dimension}.{kind}").text
            assert not told.search(body), dimension
    for path in ("/data", "/api/v1/entity_by_grade_history.csv", "/api/v1/coverage_history.json"):
        assert not told.search(clients["public"].get(path).text), path
    archive = zipfile.ZipFile(io.BytesIO(clients["public"].get("/api/v1/complete.zip").data))
    for name in archive.namelist():
        # People of a nationality are no place. Missions with contributed military and police are published as such.
        if not re.search("nationality|uniformed|mission", name):
            found = told.search(archive.read(name).decode("utf-8"))
            assert not found, (name, found)
    inside = zipfile.ZipFile(io.BytesIO(clients["internal"].get("/api/v1/complete.zip").data))
    assert "Kabul" in inside.read("codes/duty_station.csv").decode("utf-8")
