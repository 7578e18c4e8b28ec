"""Uniformed personnel in releases: from the code lists, the same in both files; and older releases without them."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
import samples
from older import OF_UNIFORMED, before_uniformed
from samples import row

from dashboard import codelists, ingest
from dashboard.ingest.store import fingerprint

FILES = ("internal.duckdb", "public.duckdb")
LISTS = ("uniformed_by_contributor.csv", "uniformed_by_mission.csv")
HELD = """
select u.as_of::varchar, y.code, c.code, r.code, m.code, u.women, u.men, u.flag, u.source from uniformed u
left join codes y on y.dimension = 'year' and y.id = u.year
left join codes c on c.dimension = 'contributor' and c.id = u.contributor
left join codes r on r.dimension = 'contributor_region' and r.id = u.contributor_region
left join codes m on m.dimension = 'mission' and m.id = u.mission
"""


def query(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(sql).fetchall()


def listed(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def changed(lists: codelists.CodeLists, folder: Path, old: str = "", new: str = "") -> codelists.CodeLists:
    """The code lists with something else in the list by contributor, or without both."""
    shutil.copytree(lists.folder, folder)
    if not old:
        for name in LISTS:
            (folder / name).unlink()
    else:
        path = folder / LISTS[0]
        content = path.read_text(encoding="utf-8")
        assert content.count(old) == 1
        path.write_text(content.replace(old, new), encoding="utf-8")
    return codelists.load(folder)


def test_both_files_hold_the_lists_row_for_row(send, publish, store, lists):
    send()
    made = publish()
    region = {each["code"]: each["region"] for each in listed(lists.folder, "countries.csv")}
    expected = [
        (each["as_of"], None, each["contributor"], region[each["contributor"]], None, int(each["women"]),
         int(each["men"]), "reported", each["source"])
        for each in listed(lists.folder, LISTS[0])
    ]  # fmt: skip
    expected += [
        (f"{each['year']}-12-31", each["year"], None, None, each["mission"], int(each["women"]), int(each["men"]),
         "approximate", each["source"])
        for each in listed(lists.folder, LISTS[1])
    ]  # fmt: skip
    for file in FILES:
        assert sorted(query(made.folder / file, HELD), key=str) == sorted(expected, key=str)
    assert made.manifest["content"]["uniformed"] == made.manifest["content"]["public.uniformed"]
    assert made.manifest["schema_version"] == "4"
    assert set(LISTS) <= set(made.manifest["inputs"]["codelists"])
    again = ingest.rebuild(store, made.name, secret=samples.SECRET)
    assert again.same and {"uniformed", "public.uniformed"} <= set(again.tables)


def test_no_submission_depends_on_them(send, publish, store, lists, tmp_path):
    """A figure corrected in the list changes the next release and makes no copy of a submission unfit."""
    send()
    first = publish()
    copy = next((store.folder / "normalised").rglob("*.parquet"))
    before = copy.stat().st_mtime_ns
    corrected = changed(lists, tmp_path / "lists", "2021-01-31,RWA,585,5793", "2021-01-31,RWA,586,5792")
    assert fingerprint(corrected) == fingerprint(lists)
    second = publish(codelists=corrected)
    assert copy.stat().st_mtime_ns == before
    differing = {
        name for name, content in first.manifest["content"].items() if second.manifest["content"][name] != content
    }
    assert differing == {"uniformed", "public.uniformed"}
    for made in (first, second):
        assert ingest.rebuild(store, made.name, secret=samples.SECRET).same


def made_before(send, publish, store, lists, tmp_path) -> ingest.ReleaseResult:
    """A release as it was made before there were these figures, in its place with its lists."""
    send()
    made = publish(codelists=changed(lists, tmp_path / "lists"))
    assert made.manifest["rows"]["uniformed"] == 0
    assert not query(made.folder / FILES[0], f"select * from codes where dimension in {OF_UNIFORMED}")
    before_uniformed(store.data_dir, tmp_path / "older")
    shutil.rmtree(made.folder)
    shutil.copytree(tmp_path / "older" / "releases" / made.name, made.folder)
    path = made.folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for table in ("uniformed", "public.uniformed"):
        del manifest["content"][table], manifest["rows"][table]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    return made


def test_an_older_release_is_made_again_as_it_was(send, publish, store, lists, tmp_path):
    made = made_before(send, publish, store, lists, tmp_path)
    again = ingest.rebuild(store, made.name, secret=samples.SECRET)
    assert again.same and "uniformed" not in again.tables and "codes" in again.tables
    # Nobody is served the public figures of that time any more, so they are not compared.
    assert not [table for table in again.tables if table.startswith("public.")]


def test_a_release_follows_an_older_one(send, publish, store, lists, tmp_path):
    """What did not change is the same in both; that there are more codes now is told."""
    old = made_before(send, publish, store, lists, tmp_path)
    send([row(quarter="2020Q1", headcount="4")], name="later.csv")
    new = publish("2020Q1", secret="a new secret for the new series of figures")
    assert new.manifest["disclosure"]["taken_over"] == {}
    assert new.manifest["rows"]["uniformed"] == 191
    found = ingest.diff(store.data_dir, old.name, new.name)
    assert {code.change for code in found.codes if code.dimension in OF_UNIFORMED} == {"new"}
    assert not [code for code in found.codes if code.dimension not in OF_UNIFORMED]
    assert not [entity for entity in found.entities if entity.quarter == "2019Q4"]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (LISTS[0], "2021-01-31,RWA,", "2021-01-31,RWX,", "contributor 'RWX' is not a known code"),
        (LISTS[0], "2021-01-31,RWA,", "2021-01-31,ALB,", "stands in line"),
        (LISTS[0], "2021-01-31,RWA,", "2021-01-30,RWA,", "is not that of the other contributors"),
        (LISTS[0], "2021-01-31,RWA,", "January,RWA,", "January"),
        (LISTS[0], "2021-01-31,RWA,585,", "2021-01-31,RWA,many,", "women 'many' is not a whole number"),
        (LISTS[1], "2018,UNSOM,United", "2018,UNSOM,Untied", "mission 'UNSOM' needs one name"),
        (LISTS[1], "2018,UNSOM,", "2018,UNSOS,", "stands in line"),
        (LISTS[1], "2018,UNSOM,", "MMXVIII,UNSOM,", "invalid literal"),
    ],
)
def test_a_list_that_cannot_be_is_named(lists, tmp_path, file, old, new, problem):
    shutil.copytree(lists.folder, tmp_path / "lists")
    path = tmp_path / "lists" / file
    content = path.read_text(encoding="utf-8")
    assert content.count(old) == 1
    path.write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(codelists.CodeListError, match=f"{file} line .*{problem}"):
        codelists.load(tmp_path / "lists")
