"""Whatever a visitor of the public server follows or asks, nothing comes out that is not in the public file.

Two arguments, one behind the other. The server answers byte for byte the same where there is no internal file at all:
every count, percentage, alt text, tag and error message is made of the public file. And every row it emits is a row of
that file, or the sum of the rows of it that the selection chooses.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
import re
import shutil
from collections import defaultdict, deque
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlsplit

import duckdb
import openpyxl
import pytest
from disclosure_oracle import CORE, FOLLOWS, GROUPS, PERSONAL, REFERENCE, UNSAID, Disclosure, parents
from flask.testing import FlaskClient
from served import CALLBACK, opening, redrawing, serve

from dashboard import questions
from dashboard.selection import DIMENSIONS, from_query

QUESTIONS = questions.load()
COUNTING = [
    name for name, question in QUESTIONS.items() if question.has_population and not {"basis", "kind"} & set(question.by)
]

#: What is told of the data themselves, and what has a name.
ABOUT = ("/data", "/data/differences", "/search?q=ken", "/api/v1/search.json?q=un", "/api/v1/differences.json")
#: Scopes side by side: exact, rounded, of another quarter, and refused.
COMPARED = "/compare?s=&s=unct%3DKEN&s=quarter%3D2025Q3%26age_group%3D30-34&s=unct%3DKEN%26age_group%3D30-34"


class File:
    """A public file read naively: rows of the exact core and of each protected table, with codes."""

    def __init__(self, path: Path):
        with duckdb.connect(str(path), read_only=True) as connection:
            self.codes: dict[str, list[str]] = defaultdict(list)
            for name, code in connection.execute("select dimension, code from codes order by dimension, id").fetchall():
                self.codes[name].append(code)
            core = ("quarter", "entity", "department", "category", "grade", "rc")
            self.core = [
                {name: self.codes[name][number] for name, number in zip(core, row, strict=False)}
                | {"women": row[-2], "men": row[-1]}
                for row in connection.execute(f"select {', '.join(core)}, women, men from staff_core").fetchall()
            ]
            self.protection: dict[str, str] = {}
            self.cells: dict[str, list[dict]] = {}
            for number, name, protection in connection.execute("select id, name, protection from tables").fetchall():
                self.protection[name] = protection
                keys = name.split("+")
                columns = ["member", *(key for key in keys[1:] if key != "rc")]
                self.cells[name] = [
                    {key: self.codes[key][value] for key, value in zip(keys, values, strict=False)}
                    | ({"rc": "yes"} if "rc" in keys else {})
                    | {"quarter": self.codes["quarter"][quarter], "women": women, "men": men}
                    for quarter, *values, women, men in connection.execute(
                        f"select quarter, {', '.join(columns)}, women, men from cells where tbl = ?", [number]
                    ).fetchall()
                ]
            self.coverage = connection.execute("select women, men from coverage").fetchall()
            self.movements = connection.execute("select count(*) from movements").fetchone()[0]
        self.parents = parents()
        with (REFERENCE / "departments.csv").open(encoding="utf-8", newline="") as file:
            self.place_bound = {row["code"] for row in csv.DictReader(file) if row["place_bound"] == "1"}

    def code(self, row: dict, name: str) -> str | None:
        """The code of a row in a dimension: its own, or what follows from it."""
        if name in row:
            return row[name]
        for finer, coarser in FOLLOWS.items():
            if name in coarser and finer in row:
                return self.parents.get((finer, row[finer], name))
        return None

    def sums(self, keys: dict[str, str], chosen: dict[str, set[str]], quarter: str) -> set[tuple[int, int, int]]:
        """All that a row of these keys, under this choice, may say: (women, men, parts) by each way to make it."""
        wanted = {name: {code} for name, code in keys.items()}
        for name, codes in chosen.items():
            wanted[name] = wanted[name] & codes if name in wanted else codes

        def fits(row: dict) -> bool:
            return row["quarter"] == quarter and all(self.code(row, name) in codes for name, codes in wanted.items())

        found = set()
        by_core = set(wanted) <= CORE
        if by_core:
            women, men, _ = self._sum(row for row in self.core if fits(row))
            found.add((women, men, 0))
        for name, cells in self.cells.items():
            table = set(name.split("+"))
            known = table | {coarser for finer in table for coarser in FOLLOWS.get(finer, ())}
            if not set(wanted) <= known or not self._needed(table, set(wanted)):
                continue
            women, men, parts = self._sum(row for row in cells if fits(row))
            if self.protection[name] == "exact":
                parts = 0
            found.add((women, men, parts))
            if "department" in table and by_core:
                exact = self._sum(row for row in self.core if fits(row))
                found.add((women + exact[0], men + exact[1], parts))
        return found

    @staticmethod
    def _needed(table: set[str], wanted: set[str]) -> bool:
        """Whether each key of a table is asked for, itself or by what follows from it: else cells would be added up
        over what nobody chose.
        """
        return all(key in wanted or set(FOLLOWS.get(key, ())) & wanted for key in table)

    @staticmethod
    def _sum(rows) -> tuple[int, int, int]:
        women = men = parts = 0
        for row in rows:
            women, men, parts = women + row["women"], men + row["men"], parts + 1
        return women, men, parts


@pytest.fixture(scope="module")
def alone(small_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the public files of the small demonstration, and nothing else."""
    folder = tmp_path_factory.mktemp("alone")
    source = small_dir / "releases"
    for release in [entry for entry in source.iterdir() if entry.is_dir()]:
        target = folder / "releases" / release.name
        target.mkdir(parents=True)
        for name in ("public.duckdb", "manifest.json"):
            shutil.copy(release / name, target / name)
    shutil.copy(source / "current", folder / "releases" / "current")
    return folder


@pytest.fixture(scope="module")
def public(alone: Path) -> FlaskClient:
    """A public server that could not read an internal file if it wanted to."""
    return serve(alone, audience="public")


@pytest.fixture(scope="module")
def beside(small_dir: Path) -> FlaskClient:
    """A public server in a directory where the internal files lie beside."""
    return serve(small_dir, audience="public")


@pytest.fixture(scope="module")
def file(alone: Path) -> File:
    release = (alone / "releases" / "current").read_text(encoding="utf-8").strip()
    return File(alone / "releases" / release / "public.duckdb")


class Links(HTMLParser):
    """Addresses a page names, and all the words it has: text, titles, alternative texts, data."""

    def __init__(self):
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("href", "src", "action") and value]


def inside(address: str) -> str | None:
    """An address on this server as path and query; None for another server or a place in the page."""
    parts = urlsplit(unescape(address))
    if parts.netloc not in ("", "localhost") or parts.scheme not in ("", "http") or not parts.path.startswith("/"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def addresses_in(value) -> list[str]:
    """All addresses in the strings of a JSON value, also those of links in pieces of a page."""
    if isinstance(value, dict):
        return [found for item in value.values() for found in addresses_in(item)]
    if isinstance(value, list):
        return [found for item in value for found in addresses_in(item)]
    if not isinstance(value, str):
        return []
    if "href=" in value:
        links = Links()
        links.feed(value)
        return links.found
    return [value] if value.startswith("/") and "\n" not in value else []


def crawl(client: FlaskClient, drawn: random.Random, start: list[str], most: int):
    """Visit what is linked, breadth first; of a page with very many links, some. Yields (address, response)."""
    seen, queue = set(start), deque(start)
    while queue and most:
        address = queue.popleft()
        most -= 1
        response = client.get(address)
        yield address, response
        found: list[str] = []
        if response.mimetype == "text/html":
            links = Links()
            links.feed(response.text)
            found = links.found
            if "?" in address or address == "/":
                # What the page's script asks for: panels, headline and words come this way.
                search = address.partition("?")[2]
                for body in (opening, redrawing):
                    answered = client.post(
                        CALLBACK, data=json.dumps(body(f"?{search}" if search else "")), content_type="application/json"
                    )
                    yield f"{CALLBACK} {body.__name__} {search}", answered
                    if answered.status_code == 200:
                        found += addresses_in(answered.json)
        elif response.mimetype in ("application/json", "application/problem+json"):
            found = addresses_in(response.json)
        links = [link for link in dict.fromkeys(map(inside, found)) if link and link not in seen]
        drawn.shuffle(links)
        for link in links[:25]:
            seen.add(link)
            queue.append(link)


def choices(file: File, drawn: random.Random, count: int):
    """Queries: each dimension and each pair of them, and three now and then, with codes that occur and that do not."""
    shapes = [
        *[(name,) for name in DIMENSIONS],
        *itertools.combinations(DIMENSIONS, 2),
        *[tuple(drawn.sample(list(DIMENSIONS), 3)) for _ in range(60)],
    ]
    quarters = file.codes["quarter"]
    yield ""
    for _ in range(count):
        pairs = []
        for name in drawn.choice(shapes):
            codes = drawn.choices(
                [*file.codes[name], *(["PH"] if name == "category" else [])], k=drawn.choice([1, 1, 1, 2, 12])
            )
            if name != "rc" and drawn.random() < 0.5:
                # Of a shown cell, so that there is something to say.
                table = drawn.choice([table for table in file.cells if name in table.split("+") and file.cells[table]])
                codes = [row[name] for row in drawn.choices(file.cells[table], k=2)]
            if len(codes) > 1:
                # The departments that are one in the exact tables are asked for by name, or as that one.
                codes = [code for code in codes if code != "place-bound"]
            pairs += [(name, "yes" if name == "rc" and drawn.random() < 0.7 else code) for code in sorted(set(codes))]
        if drawn.random() < 0.3:
            pairs.append(("quarter", drawn.choice(quarters)))
        yield "&".join(f"{name}={quote(code)}" for name, code in pairs)


def chosen_of(answer: dict) -> dict[str, set[str]]:
    """The selection an answer says it is of, groups spelled out."""
    return {
        name: {member for code in codes for member in GROUPS.get((name, code), (code,))}
        for name, codes in answer["selection"].items()
        if name not in ("quarter", "release")
    }


def rows_are_in_the_file(file: File, answer: dict) -> int:
    """Every row of a counting question is of the public file; how many had figures."""
    quarter, chosen = answer["scope"]["quarter"], chosen_of(answer)
    told = 0
    scope = answer["scope"]
    rows = [*answer["rows"]]
    if scope["staff"]:
        rows.append({"women": scope["women"], "men": scope["men"], "staff": scope["staff"], "total": True})
    for row in rows:
        keys = {} if row.get("total") else {name: row[name] for name in answer["by"] if name in DIMENSIONS}
        for name, code in keys.items():
            assert code in file.codes[name]
        if row["women"] is None:
            assert (row["men"], row["staff"]) == (None, None)
            assert row.get("share_women") is row.get("index_growth") is row.get("status") is None
            continue
        told += 1
        assert row["staff"] == row["women"] + row["men"]
        then = row.get("quarter", quarter)
        possible = file.sums(keys, chosen, then)
        assert any((row["women"], row["men"]) == (women, men) and parts <= 10 for women, men, parts in possible), (
            answer["question"], answer["query"], keys, row["women"], row["men"], possible,
        )  # fmt: skip
    return told


def same_everywhere(public: FlaskClient, beside: FlaskClient, address: str):
    """The answer, after seeing that an internal file beside it would not have changed a byte of it or of its tag."""
    one, other = public.get(address), beside.get(address)
    assert one.status_code == other.status_code
    assert one.data == other.data or one.mimetype.endswith("sheet"), address
    assert one.headers.get("ETag") == other.headers.get("ETag")
    return one


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_every_combination_of_the_api(public, beside, file, seed):
    drawn = random.Random(seed)
    told = asked = refused = 0
    for query in choices(file, drawn, 150 if seed == 1 else 1200):
        name = drawn.choice(COUNTING)
        response = same_everywhere(public, beside, f"/api/v1/{name}.json?{query}")
        asked += 1
        if response.status_code == 422:
            assert "rows" not in response.json and response.json["audience"] == "public"
            refused += 1
            continue
        assert response.status_code == 200, (name, query, response.text[:500])
        answer = response.json
        assert answer["audience"] == "public"
        told += rows_are_in_the_file(file, answer)
        personal = {name for name in (*chosen_of(answer), *answer["by"]) if name in PERSONAL}
        if personal and answer["rows"]:
            assert answer["protection"] == "rounded"
            assert all((row["women"] or 0) % 5 == 0 and (row["men"] or 0) % 5 == 0 for row in answer["rows"])
    # Questions by two dimensions are refused more often than answered.
    assert told > asked / 4
    assert asked / 10 < refused < asked


def test_headline_and_trend_are_of_the_file(public, beside, file):
    drawn = random.Random(11)
    told = 0
    for query in choices(file, drawn, 60):
        for name in ("headline", "trend"):
            answer = same_everywhere(public, beside, f"/api/v1/{name}.json?{query}").json
            if answer.get("status") == 422:
                continue
            chosen = chosen_of(answer)
            if set(chosen) <= CORE and not (set(chosen) & {"department"}):
                # Over entities comparable between two quarters: sums of the exact core, held elsewhere.
                continue
            for row in answer["rows"]:
                if row["women"] is not None:
                    possible = file.sums({}, chosen, row["quarter"])
                    assert (row["women"], row["men"]) in {pair[:2] for pair in possible} | {(0, 0)}, (query, row)
                    told += 1
    assert told > 25


def test_files_say_what_the_api_says(public, file):
    """CSV and XLSX: the same rows, the same gaps."""
    drawn = random.Random(5)
    for query in itertools.islice(choices(file, drawn, 60), 40):
        name = drawn.choice([*COUNTING, "headline", "trend"])
        said = public.get(f"/api/v1/{name}.json?{query}").json
        if said.get("status") == 422:
            assert {public.get(f"/api/v1/{name}.{kind}?{query}").status_code for kind in ("csv", "xlsx")} == {422}
            continue
        counted = [(row["women"], row["men"], row["staff"]) for row in said["rows"]]
        text = public.get(f"/api/v1/{name}.csv?{query}").text
        listed = list(csv.DictReader(io.StringIO(text, newline="")))
        found = [
            tuple(None if row[column] in ("", None) else int(row[column]) for column in ("women", "men", "staff"))
            for row in listed
            if row.get("women") is not None
        ]
        assert found[: len(counted)] == counted
        assert all(row == (None,) * 3 for row in found[len(counted) :])
        book = openpyxl.load_workbook(io.BytesIO(public.get(f"/api/v1/{name}.xlsx?{query}").data))
        numbers = {
            value
            for sheet in book.worksheets
            for row in sheet.iter_rows(values_only=True)
            for value in row
            if isinstance(value, int) and not isinstance(value, bool) and value > 12
        }
        stated = set(re.findall(r"\d+", json.dumps(said)))
        assert {str(number) for number in numbers} <= stated | {str(number) for number in (25, 50)}


def test_facets_tell_what_is_in_the_file(public, beside, file):
    drawn = random.Random(8)
    told = hidden = 0
    for query in choices(file, drawn, 150):
        name = drawn.choice(list(DIMENSIONS))
        answer = same_everywhere(public, beside, f"/api/v1/facets.json?facet={name}&{query}")
        assert answer.status_code == 200
        pairs = [pair for pair in parse_qsl(query) if pair[0] not in ("quarter", name)]
        selection = from_query("&".join(f"{key}={quote(code)}" for key, code in pairs))
        chosen = {key: set(selection.members(key)) for key in selection.filtered}
        chosen = {key: codes for key, codes in chosen.items() if codes != set(file.codes[key]) - {"TA"}}
        quarter = dict(parse_qsl(query)).get("quarter", file.codes["quarter"][-1])
        for option in answer.json["facets"][name]["options"]:
            groups = GROUPS.get((name, option["code"]))
            assert groups or option["code"] in file.codes[name]
            if option["staff"] is None:
                hidden += 1
            elif option["staff"]:
                codes = groups or (option["code"],)
                possible = file.sums({}, chosen | {name: set(codes)}, quarter)
                assert option["staff"] in {women + men for women, men, _ in possible}, (name, query, option, possible)
                told += 1
    assert told > 25
    assert hidden > 50


@pytest.mark.parametrize("pages", [50, pytest.param(150, marks=pytest.mark.slow)])
def test_a_crawl_of_every_link_needs_no_internal_file(public, beside, file, pages):
    """Follow what a visitor could follow; then ask the other server the same."""
    drawn = random.Random(4)
    visited = 0
    for address, response in crawl(
        public,
        drawn,
        ["/", "/methods", *ABOUT, "/api/v1/", "/?unct=KEN", "/?age_group=30-34&unct=KEN", COMPARED],
        pages,
    ):
        assert response.status_code < 500, address
        visited += 1
        if address.startswith(CALLBACK):
            _, kind, search = address.split(" ", 2)
            body = {"opening": opening, "redrawing": redrawing}[kind](f"?{search}" if search else "")
            other = beside.post(CALLBACK, data=json.dumps(body), content_type="application/json")
        else:
            other = beside.get(address)
        assert other.status_code == response.status_code, address
        if not response.mimetype.endswith("sheet") and address != "/metrics":
            assert other.data == response.data, address
        assert other.headers.get("ETag") == response.headers.get("ETag"), address
        if (response.status_code == 200 and response.mimetype == "text/html") or address.startswith("/api/v1/"):
            codes_are_public(file, address, response)
        if address.startswith("/api/v1/") and ".json" in address and "rows" in (response.json or {}):
            answer = response.json
            if answer["question"] in COUNTING:
                rows_are_in_the_file(file, answer)
    assert visited > pages


def values_of(book: bytes) -> list[list[tuple]]:
    """All cells of a workbook."""
    return [list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(io.BytesIO(book)).worksheets]


def codes_are_public(file: File, address: str, response) -> None:
    """Links choose codes of the public file only, or such as the visitor sent."""
    if not response.mimetype.startswith("text/") and not response.is_json:
        return
    asked = {code for _, code in parse_qsl(urlsplit(address).query)}
    for link in re.findall(r"[?&;]([a-z_]+)=([A-Za-z0-9+._-]+)", unescape(response.text)):
        name, code = link
        if name in DIMENSIONS and code not in asked:
            code = code.rstrip(".")  # the end of a sentence
            assert code in file.codes[name] or (name, code) in GROUPS, (address, link)


def test_errors_tell_no_counts(public, beside):
    """What is wrong with a request is told from the request alone."""
    constant = {"400", "404", "405", "413", "600", "8000", "1", "4", "2026"}
    for address in [
        "/api/v1/by_unct.json?nope=1", "/api/v1/by_unct.json?unct=%3Cb%3E", "/api/v1/nope.json?unct=KEN",
        "/api/v1/by_unct.pdf?unct=KEN", "/api/v1/by_unct.json?release=2026Q3-r77", "/api/v1/trend.json?quarter=2026Q9",
        "/api/v1/facets.json?facet=nope", "/api/v1/", "/nowhere", "/?release=2026Q3-r77",
        "/api/v1/by_unct.json?quarter=2026Q3&quarter=2025Q2", "/api/v2/by_unct.json",
    ]:  # fmt: skip
        response = same_everywhere(public, beside, address)
        if response.status_code < 400 or response.mimetype == "text/html":
            continue
        sent = set(re.findall(r"\d+", address))
        told = set(re.findall(r"\d+", response.json["detail"] + json.dumps(response.json.get("problems", ""))))
        assert told <= sent | constant | {"3"}, (address, told)


def test_an_unknown_code_says_nothing_of_others(public):
    """A place that nobody is at and one that does not exist are told apart by the code list alone."""
    for name in ("unct", "duty_station", "nationality", "department"):
        answer = public.get(f"/api/v1/headline.json?{name}=NO-SUCH")
        assert answer.status_code == 404
        assert [problem["value"] for problem in answer.json["problems"]] == ["NO-SUCH"]
        listed = {entry["code"] for entry in public.get(f"/api/v1/codes/{name}.json").json["codes"]}
        said = answer.json["problems"][0]["right"]
        assert said.startswith(f"one of the {len(listed)} codes") or set(said.split(": ")[1].split(", ")) == listed
        assert "rows" not in answer.json and "scope" not in answer.json


def test_zero_rounded_to_zero_and_too_few_look_the_same(small_dir, public):
    """Of three cells - nobody, some rounded to nobody, some under the floor - the rows differ in their codes only."""
    release = (small_dir / "releases" / "current").read_text(encoding="utf-8").strip()
    oracle = Disclosure(small_dir / "releases" / release / "internal.duckdb", None, "x" * 32)
    answer = public.get("/api/v1/by_country.json").json
    # What the attacker made withhold looks different, and says nothing of how many they are.
    hidden = [row for row in answer["rows"] if row["reason"] == "fewer" and row["country"] not in UNSAID]
    true = defaultdict(int)
    for row in oracle.rows(oracle.quarter):
        true[row["country"]] += row["women"] + row["men"] if row["appointment"] != "TA" else 0
    assert {bool(true[row["country"]]) for row in hidden} == {False, True}
    looks = {
        json.dumps({key: row[key] for key in row if not key.startswith("country")}, sort_keys=True) for row in hidden
    }
    assert len(looks) == 1
    order = [row["country"] for row in answer["rows"]]
    listed = [code for code in oracle.codes["country"] if code in order]
    assert [code for code in order if code in {row["country"] for row in hidden}] == [
        code for code in listed if code in {row["country"] for row in hidden}
    ]
    facet = public.get("/api/v1/facets.json?facet=country").json["facets"]["country"]["options"]
    few = {
        json.dumps({key: option[key] for key in ("staff", "fewer_than", "said")})
        for option in facet
        if option["staff"] is None and option["fewer_than"] is not None
    }
    assert len(few) == 1
