"""The API and everything else an address can answer: shapes, tags, names, problems, headers, health."""

import base64
import csv
import datetime as dt
import hashlib
import io
import json
import re

import openpyxl
import pytest
from served import CALLBACK, opening, redrawing, serve

from dashboard import answering, pages, questions, shell
from dashboard.answer import FLAGS, REASONS
from dashboard.exports import columns
from dashboard.exports.json import ROW_SCHEMA
from dashboard.selection import DIMENSIONS, FILTER_KEYS, MAX_VALUES

V1 = "/api/v1"
QUESTIONS = list(questions.load())
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MIME = {"json": "application/json", "csv": "text/csv; charset=utf-8", "xlsx": XLSX}
DOCUMENTED = {
    "question", "release", "audience", "notice", "selection", "scope", "protection", "method", "notes", "rows",
}  # fmt: skip


# -- listing and description ------------------------------------------------------------------------------------


def test_listing_names_every_question_and_every_link_in_it_answers(client):
    listing = client.get(f"{V1}/").json
    assert [entry["name"] for entry in listing["questions"]] == [*QUESTIONS, "facets"]
    assert listing["release"] == listing["releases"][-1]
    assert listing["filters"] == list(FILTER_KEYS)
    assert listing["audience"] == "internal"
    assert listing["demonstration"] is True
    assert listing["limits"]["values_in_one_selection"] == MAX_VALUES
    for entry in listing["questions"]:
        assert entry["question"]
        assert entry["grain"]
        assert set(entry["by"]) <= set(DIMENSIONS) | set(questions.OTHER_KEYS)
        assert entry["population"] in (questions.STAFF, questions.UNIFORMED)
        assert set(entry["filters"]) <= set(FILTER_KEYS)
        for kind, address in entry["links"].items():
            response = client.get(address)
            assert (response.status_code, response.content_type) == (200, MIME[kind]), address


def test_every_pair_of_a_listed_release_and_question_answers(client):
    listing = client.get(f"{V1}/").json
    for release in listing["releases"]:
        for name in QUESTIONS:
            answer = client.get(f"{V1}/{name}.json?release={release}").json
            assert answer["release"]["name"] == release
            assert answer["release"]["newer"] == (None if release == listing["release"] else listing["release"])


TYPES = {"string", "integer", "number", "boolean", "array", "object", "null"}


def sound_schema(schema):
    """Whether a schema is one, as far as ours use the language."""
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    assert set(kinds) <= TYPES
    assert set(schema) <= {"type", "enum", "items", "properties", "description", "minimum", "maximum", "format"}
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        sound_schema(inner)


def test_openapi_is_well_formed_and_describes_what_is_served(client):
    description = client.get(f"{V1}/openapi.json").json
    assert re.fullmatch(r"3\.1\.\d", description["openapi"])
    assert description["info"]["title"]
    assert description["info"]["version"]
    (server,) = description["servers"]
    links = {
        link.removeprefix(server["url"])
        for entry in client.get(f"{V1}/").json["questions"]
        for link in entry["links"].values()
    }
    links |= {entry["link"].removeprefix(server["url"]) for entry in client.get(f"{V1}/").json["others"]}
    assert {path.format(dimension="entity") for path in description["paths"]} == links
    identities = []
    for path, methods in description["paths"].items():
        assert set(methods) == {"get"}
        operation = methods["get"]
        identities.append(operation["operationId"])
        assert operation["summary"]
        names = [(parameter["in"], parameter["name"]) for parameter in operation["parameters"]]
        assert len(names) == len(set(names))
        for parameter in operation["parameters"]:
            assert parameter["in"] == ("path" if "{" in path and parameter["name"] == "dimension" else "query")
            assert parameter["description"]
            sound_schema(parameter["schema"])
        question = path.strip("/").partition(".")[0] in questions.load()
        assert set(operation["responses"]) == {"200", "400", "404", "410", "503"} | ({"422"} if question else set())
        for status, response in operation["responses"].items():
            assert response["description"]
            for mime, content in response.get("content", {}).items():
                assert mime == "application/problem+json" or status == "200"
                sound_schema(content["schema"])
        said = operation["responses"]["200"].get("content")
        if said:
            assert client.get(server["url"] + path).mimetype in said
    assert len(identities) == len(set(identities))


def some_code(client, dimension):
    return client.get(f"{V1}/codes/{dimension}.json").json["codes"][0]["code"]


def test_no_filter_is_offered_that_the_api_refuses(client):
    example = {"quarter": "2026Q3", "bom": "1", "release": client.get(f"{V1}/").json["release"]}
    others = {entry["link"].removeprefix(V1) for entry in client.get(f"{V1}/").json["others"]}
    assert all(client.get(f"{V1}{path}").status_code == 200 for path in others)
    for path, methods in client.get(f"{V1}/openapi.json").json["paths"].items():
        if path.format(dimension="entity") in others:
            continue
        names = [parameter["name"] for parameter in methods["get"]["parameters"]]
        values = {name: "entity" if name == "facet" else example.get(name) or some_code(client, name) for name in names}
        assert set(FILTER_KEYS) <= set(names)
        # All of them at once are often not shown together; none of them is a mistake.
        assert client.head(f"{V1}{path}", query_string=values).status_code in (200, 422), path


# -- shapes -----------------------------------------------------------------------------------------------------


def conforms(value, schema):
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", type(None): "null"}
    found = names[type(value)]
    assert found in kinds or (found == "integer" and "number" in kinds), (value, schema)
    assert value in schema.get("enum", [value])
    if found == "array":
        for item in value:
            conforms(item, schema["items"])
    elif value is not None:
        assert schema.get("minimum", value) <= value <= schema.get("maximum", value)
    if schema.get("format") == "date":
        dt.date.fromisoformat(value)


@pytest.fixture(
    scope="module",
    params=["", "entity={entity}", "entity={entity}&grade=P-3&quarter={earlier}", "release={first}"],
)
def query(request, client):
    listing = client.get(f"{V1}/").json
    reported = [row["entity"] for row in client.get(f"{V1}/by_entity.json").json["rows"] if row["women"]]
    quarters = client.get(f"{V1}/facets.json").json["quarters"]
    return request.param.format(entity=reported[0], earlier=quarters[1], first=listing["releases"][0])


@pytest.mark.parametrize("name", QUESTIONS)
def test_json_has_the_documented_shape(client, name, query):
    response = client.get(f"{V1}/{name}.json?{query}")
    if response.status_code == 422:
        is_problem(response, 422)
        return
    assert response.status_code == 200
    answer = response.json
    assert set(answer) == DOCUMENTED | {"by", "query"}
    assert answer["question"] == name
    assert tuple(answer["by"]) == questions.load()[name].by
    assert answer["audience"] == "internal"
    assert answer["protection"] in ("exact", "rounded")
    assert answer["selection"]["release"] == answer["release"]["name"]
    assert answer["selection"]["quarter"] == answer["scope"]["quarter"]
    assert answer["scope"]["staff"] == answer["scope"]["women"] + answer["scope"]["men"]
    rounded = answer["scope"]["protection"] == "rounded" and answer["scope"]["staff"] is not None
    for sex in ("women", "men"):
        low, said, high = (answer["scope"][name] for name in (f"{sex}_low", sex, f"{sex}_high"))
        assert 0 <= low <= said < high if rounded else low is high is None
    for note in answer["notes"]:
        assert set(note) == {"code", "values", "sentence"}
        # A newer release is told by the release itself.
        assert note["sentence"] or note["code"] == "newer-release"
    keys = [key for name in answer["by"] for key in ([name] if name in columns.BARE else [name, f"{name}_label"])]
    assert answer["rows"] or answer["notes"]
    for row in answer["rows"]:
        assert list(row)[: len(keys)] == keys
        assert set(ROW_SCHEMA) <= set(row)
        for key in keys:
            assert isinstance(row[key], str)
        for measure, schema in ROW_SCHEMA.items():
            conforms(row[measure], schema)
        assert row["flag"] in FLAGS
        if row["women"] is None:
            assert row["reason"] in REASONS
            assert row["men"] is row["staff"] is row["share_women"] is row["index_growth"] is row["status"] is None
        else:
            assert row["staff"] == row["women"] + row["men"]
            # A share of few rounded people would say more than their counts do.
            assert (row["share_women"] is None) == (row["staff"] == 0) or row["protection"] == "rounded"
        for sex in ("women", "men"):
            low, high = row[f"{sex}_low"], row[f"{sex}_high"]
            if row["protection"] == "rounded" and row[sex] is not None:
                assert 0 <= low <= row[sex] < high
            else:
                assert low is high is None
    # The query an answer states gives the same answer.
    assert client.get(f"{V1}/{name}.json?{answer['query']}").json["rows"] == answer["rows"]


def sheet(content):
    (first, *_) = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets
    return [list(row) for row in first.iter_rows(values_only=True)]


@pytest.mark.parametrize("name", QUESTIONS)
def test_files_hold_the_rows_of_the_json(client, name, query):
    answer = client.get(f"{V1}/{name}.json?{query}").json
    if answer.get("status") == 422:
        for kind in ("csv", "xlsx"):
            assert client.get(f"{V1}/{name}.{kind}?{query}").json == answer
        return
    written = client.get(f"{V1}/{name}.csv?{query}")
    assert (written.status_code, written.content_type) == (200, MIME["csv"])
    records = list(csv.DictReader(io.StringIO(written.text, newline="")))
    workbook = client.get(f"{V1}/{name}.xlsx?{query}")
    assert (workbook.status_code, workbook.content_type) == (200, XLSX)
    cells = sheet(workbook.data)
    header = next(row for row in cells if "women" in row and "as_of" in row)
    assert [column for column in header if column] == list(records[0])
    assert {"release", "audience", "population", "demonstration"} <= set(records[0])
    assert {record["release"] for record in records} == {answer["release"]["name"]}
    if not answer["rows"]:
        assert [record["reason"] for record in records] != [""]
        return
    assert len(records) == len(answer["rows"]) == len(cells) - cells.index(header) - 1
    for record, row in zip(records, answer["rows"], strict=True):
        for key in (*answer["by"], "women", "men", "staff", "status", "reason", "flag", "as_of"):
            # A file has no column for the floor, so its reason names it.
            said = f"fewer-than-{row['fewer_than']}" if key == "reason" and row[key] == "fewer" else row[key]
            assert record[key] == ("" if said is None else str(said))


# -- facets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DIMENSIONS)
def test_a_facet_counts_what_its_question_counts(client, name):
    facets = client.get(f"{V1}/facets.json?facet={name}&category=P").json["facets"]
    assert list(facets) == [name]
    counted = {
        row[name]: row["staff"]
        for row in client.get(f"{V1}/by_{name}.json?category=P").json["rows"]
        if row["staff"] is not None
    }
    options = {option["code"]: option["staff"] for option in facets[name]["options"]}
    if name == "category":
        # Its own filter is taken off, or no other category could be chosen as well.
        assert options["GS"] > 0
    elif name == "appointment":
        # Temporary staff are offered, though nobody else counts them unasked.
        assert {code: staff for code, staff in options.items() if staff and code != "TA"} == counted
    else:
        assert {code: staff for code, staff in options.items() if staff} == counted
    chosen = {option["code"] for option in facets[name]["options"] if option["chosen"]}
    assert chosen == ({"P"} if name == "category" else set())


def test_facets_are_given_as_asked_for(client):
    assert client.get(f"{V1}/facets.json").json["facets"] == {}
    several = client.get(f"{V1}/facets.json?facet=grade&facet=entity&facet=grade").json
    assert list(several["facets"]) == ["grade", "entity"]
    assert several["quarters"] == sorted(several["quarters"], reverse=True)
    group = next(option for option in client.get(f"{V1}/facets.json?facet=category&category=PH").json["facets"][
        "category"]["options"] if option["code"] == "PH")  # fmt: skip
    assert group["chosen"]


# -- tags -------------------------------------------------------------------------------------------------------


def tag(client, address, **headers):
    return client.get(f"{V1}/{address}", headers=headers).headers["ETag"]


@pytest.mark.parametrize("address", ["by_grade.json?entity=UNDP", "by_grade.csv", "headline.xlsx",
                                     "facets.json?facet=grade"])  # fmt: skip
@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_what_a_client_has_already_is_not_sent_again(client, monkeypatch, address, encoding):
    first = client.get(f"{V1}/{address}", headers={"Accept-Encoding": encoding})
    mine = first.headers["ETag"]

    def counted(*_):
        raise AssertionError("asked for what the client has")

    monkeypatch.setattr(answering, "ask", counted)
    monkeypatch.setattr(answering, "facets", counted)
    for sent in (mine, mine.removeprefix("W/"), f'"other", {mine}', "*"):
        again = client.get(f"{V1}/{address}", headers={"If-None-Match": sent, "Accept-Encoding": encoding})
        assert (again.status_code, again.data) == (304, b""), sent
        assert again.headers["ETag"] == mine


def test_tags_tell_apart_all_that_differs_and_nothing_else(client):
    first, *_, last = client.get(f"{V1}/").json["releases"]
    quarter = last[:6]
    facet = client.get(f"{V1}/facets.json?facet=category").json["facets"]["category"]
    categories = [option["code"] for option in facet["options"]]
    different = [
        "by_grade.json", "by_grade.csv", "by_grade.xlsx", "by_category.json", "by_grade.json?entity=UNDP",
        "by_grade.json?entity=WFP", "by_grade.json?grade=P-3", f"by_grade.json?release={first}",
        "by_grade.json?quarter=2025Q4", "facets.json", "facets.json?facet=grade",
        "facets.json?facet=entity", "facets.json?facet=grade&entity=UNDP", f"facets.json?facet=grade&release={first}",
    ]  # fmt: skip
    tags = [tag(client, address) for address in different]
    assert len(set(tags)) == len(different)
    for one, same in (
        ("by_grade.json", f"by_grade.json?release={last}&quarter={quarter}"),
        ("by_grade.json?entity=UNDP&entity=WFP", "by_grade.json?entity=WFP&entity=UNDP&entity=WFP&v.sort=gap"),
        ("by_grade.json?category=SENIOR&category=P", "by_grade.json?category=PH"),
        ("by_grade.json", "by_grade.json?" + "&".join(f"category={code}" for code in categories)),
    ):
        assert tag(client, one) == tag(client, same)
        assert client.get(f"{V1}/{one}").json == client.get(f"{V1}/{same}").json


def test_a_new_release_has_new_tags_and_a_rollback_the_old_ones(two):
    client = serve(two.data_dir)
    before = tag(client, "by_grade.json")
    pinned = tag(client, f"by_grade.json?release={two.old}")
    two.put(two.new)
    after = client.get(f"{V1}/by_grade.json", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.json["release"]["name"] == two.new
    # A pinned answer now says that there is a newer one.
    assert pinned == before
    assert tag(client, f"by_grade.json?release={two.old}") not in (before, after.headers["ETag"])
    two.put(two.old)
    assert client.get(f"{V1}/by_grade.json", headers={"If-None-Match": before}).status_code == 304
    assert client.get(f"{V1}/by_grade.json", headers={"If-None-Match": after.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", ["by_grade.json", "facets.json?facet=grade"])
def test_a_release_put_in_service_while_answering_mixes_nothing(two, monkeypatch, address):
    client = serve(two.data_dir)
    expected = {name: client.get(f"{V1}/{address}{'&' if '?' in address else '?'}release={name}").json
                for name in (two.old, two.new)}  # fmt: skip
    name = "facets" if address.startswith("facets") else "ask"
    real = getattr(answering, name)

    def overtaken(*args):
        two.put(two.new)
        return real(*args)

    monkeypatch.setattr(answering, name, overtaken)
    answered = client.get(f"{V1}/{address}")
    monkeypatch.undo()
    body = answered.json
    if name == "facets":
        assert body == expected[body["release"]]
        return
    assert body["rows"] == expected[body["release"]["name"]]["rows"]
    two.put(two.old)
    # The tag is that of what was sent: it must not make a client keep one release's answer as another's.
    again = client.get(f"{V1}/{address}", headers={"If-None-Match": answered.headers["ETag"]})
    assert again.status_code == (304 if body["release"]["name"] == two.old else 200)


# -- file names -------------------------------------------------------------------------------------------------


def test_files_are_named_after_what_is_in_them(client):
    release = client.get(f"{V1}/").json["release"]
    for name in ("by_grade", "headline"):
        assert "Content-Disposition" not in client.get(f"{V1}/{name}.json").headers
        for kind in ("csv", "xlsx"):
            for query, quarter in (("", release[:6]), ("quarter=2025Q4&entity=UNDP", "2025Q4")):
                said = client.get(f"{V1}/{name}.{kind}?{query}").headers["Content-Disposition"]
                expected = f"parity-{name}-{quarter}-{release}-internal-demonstration.{kind}"
                assert said == f'attachment; filename="{expected}"'


# -- problems ---------------------------------------------------------------------------------------------------

PROBLEMS = [
    ("headline.json?planet=mars", 400, "planet"),
    ("headline.json?quarter=2026", 400, "quarter"),
    ("headline.json?quarter=2026Q3&quarter=2026Q2", 400, "more than one quarter"),
    ("headline.json?release=current", 400, "release"),
    ("headline.json?release=../../etc/passwd", 400, "release"),
    ("headline.json?entity=", 400, "entity"),
    ("headline.json?entity=%3Cscript%3E", 400, "entity"),
    ("headline.json?entity=%00", 400, "entity"),
    ("headline.json?entity=%FF", 400, "entity"),
    ("headline.csv?entity=a%20b", 400, "entity"),
    ("headline.xlsx?" + "grade=" + "P" * 81, 400, "grade"),
    ("facets.json?facet=planet", 400, "facet"),
    ("facets.json?facet=", 400, "facet"),
    ("headline.json?facet=grade", 400, "facet"),
    ("headline.json?release=2026Q3-r4321", 404, "2026Q3-r4321"),
    ("facets.json?release=1999Q1-r1&facet=grade", 404, "1999Q1-r1"),
    ("nonsense.json", 404, "by_grade"),
    ("nonsense.pdf", 404, "by_grade"),
    ("headline.pdf", 404, "json, csv, xlsx"),
    ("facets.csv", 404, "json"),
    ("headline", 404, V1),
    ("headline/rows", 404, V1),
    ("../v2/", 404, V1),
]


def is_problem(response, status):
    assert response.status_code == status
    assert response.mimetype == "application/problem+json"
    body = json.loads(response.data)
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in response.text
    return body


@pytest.mark.parametrize(("address", "status", "named"), PROBLEMS)
def test_what_cannot_be_meant_is_told_as_a_problem(client, address, status, named):
    body = is_problem(client.get(f"{V1}/{address}"), status)
    assert named in json.dumps(body)


def test_all_problems_of_a_selection_are_told_at_once(client):
    body = is_problem(client.get(f"{V1}/headline.json?planet=mars&quarter=soon&entity=%20&grade=P-3"), 400)
    assert [(entry["key"], entry["value"]) for entry in body["problems"]] == [
        ("planet", "mars"),
        ("quarter", "soon"),
        ("entity", " "),
    ]
    assert all(entry["wrong"] and entry["right"] for entry in body["problems"])


def test_caps(client):
    most = "&".join(f"entity=E{number}" for number in range(MAX_VALUES))
    # Understood, though there are no such entities; and no more of them are named than one can read.
    assert len(is_problem(client.get(f"{V1}/headline.json?{most}"), 404)["problems"]) == 20
    body = is_problem(client.get(f"{V1}/headline.json?{most}&entity=F"), 400)
    assert "too many values" in body["detail"]
    # What was sent is not thrown back at whatever length it has.
    long = client.get(f"{V1}/facets.json?facet={'x' * 5000}")
    assert "x" * 81 not in is_problem(long, 400)["detail"]


KINDS_OF_FILE = ("json", "csv", "xlsx")


@pytest.mark.parametrize("kind", KINDS_OF_FILE)
def test_a_code_that_the_release_does_not_have_is_not_found(client, kind):
    release = client.get(f"{V1}/").json["release"]
    response = client.get(f"{V1}/by_grade.{kind}?entity=UNDP&entity=NOPE&grade=p-3&quarter=1999Q1")
    body = is_problem(response, 404)
    assert [(each["key"], each["value"]) for each in body["problems"]] == [
        ("quarter", "1999Q1"), ("entity", "NOPE"), ("grade", "p-3"),
    ]  # fmt: skip
    assert "P-3" in body["problems"][2]["right"]
    assert release in body["detail"] and "NOPE" in body["detail"]
    for link in body["links"]:
        assert client.get(link["href"]).status_code == 200, link
    assert "Content-Disposition" not in response.headers


def test_a_filter_that_a_question_ignores_is_no_mistake(client):
    assert client.get(f"{V1}/uniformed_by_country.json?entity=NOPE").status_code == 200


@pytest.mark.parametrize("audience", ["internal", "public"])
@pytest.mark.parametrize("kind", KINDS_OF_FILE)
def test_a_combination_that_is_not_shown_says_what_is(small_dir, audience, kind):
    client = serve(small_dir, audience=audience)
    body = is_problem(client.get(f"{V1}/by_nationality.{kind}?age_group=30-34&grade=P-3"), 422)
    assert body["reason"] and body["audience"] == audience
    assert {"age_group", "nationality"} <= set(body["dimensions"])
    assert body["links"]
    for link in body["links"]:
        assert client.get(link["href"]).status_code == 200, link
        assert client.get(link["page"]).status_code == 200, link


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", [f"{V1}/", f"{V1}/headline.json", f"{V1}/nonsense.json", "/healthz", "/metrics"])
def test_nothing_but_reading_is_allowed(client, method, path):
    response = client.open(path, method=method, data=b"x")
    is_problem(response, 405)
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("path", [f"{V1}/headline.json", f"{V1}/by_grade.csv", "/", "/healthz", "/nowhere"])
def test_head_says_what_get_says_without_the_body(client, path):
    told, given = client.head(path), client.get(path)
    assert told.status_code == given.status_code
    assert told.data == b""
    assert told.headers["Content-Length"] == given.headers["Content-Length"]
    assert told.headers.get("ETag") == given.headers.get("ETag")


# -- pages that are not there -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/nowhere", "/overview/", "/static/x.js", "/assets/../app.py", "/assets/none.js",
                                  "/.git/config", "/favicon.ico", "/%2e%2e/%2e%2e/etc/passwd"])  # fmt: skip
def test_a_page_that_is_not_there_is_a_designed_404(client, path):
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert '<html lang="en"' in response.text
    assert "There is no such page" in response.text and "Check the address, or search above." in response.text
    assert 'href="/"' in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", ["os/path.js", "dash/nope.js", "dash/../dash.py", "plotly/__init__.py"])
def test_dash_serves_nothing_but_its_scripts(client, path):
    is_problem(client.get(f"/_dash-component-suites/{path}"), 404)


# -- headers ----------------------------------------------------------------------------------------------------

LARGE = b'{"output": "' + b"x" * (300 * 1024) + b'"}'
KINDS = {
    "page": ("GET", "/", {}, 200),
    "page with nonsense": ("GET", "/?planet=mars&entity=%00", {}, 200),
    "plain page": ("GET", "/methods", {}, 200),
    "listing": ("GET", f"{V1}/", {}, 200),
    "json": ("GET", f"{V1}/by_grade.json", {}, 200),
    "compressed": ("GET", f"{V1}/by_grade.json", {"headers": {"Accept-Encoding": "br"}}, 200),
    "csv": ("GET", f"{V1}/by_grade.csv", {}, 200),
    "xlsx": ("GET", f"{V1}/by_grade.xlsx", {}, 200),
    "facets": ("GET", f"{V1}/facets.json?facet=grade", {}, 200),
    "not modified": ("GET", f"{V1}/by_grade.json", {"headers": {"If-None-Match": "*"}}, 304),
    "redirect": ("GET", "/api/v1", {}, 308),
    "malformed": ("GET", f"{V1}/by_grade.json?planet=mars", {}, 400),
    "no such question": ("GET", f"{V1}/nonsense.json", {}, 404),
    "no such page": ("GET", "/nowhere", {}, 404),
    "not allowed": ("POST", f"{V1}/by_grade.json", {}, 405),
    "page not allowed": ("POST", "/", {}, 405),
    "other name": ("GET", "/", {"headers": {"Host": "parity.example"}}, 421),
    "options": ("OPTIONS", "/", {}, 200),
    "opening": ("POST", CALLBACK, {"json": opening()}, 200),
    "redrawing": ("POST", CALLBACK, {"json": redrawing("?entity=UNDP")}, 200),
    "no callback": ("POST", CALLBACK, {"json": {"output": "x.y"}}, 400),
    "no json": ("POST", CALLBACK, {"data": "{", "content_type": "application/json"}, 400),
    "not sent as json": ("POST", CALLBACK, {"data": "{}", "content_type": "text/plain"}, 415),
    "too large": ("POST", CALLBACK, {"data": LARGE, "content_type": "application/json"}, 413),
    "layout": ("GET", "/_dash-layout", {}, 200),
    "dependencies": ("GET", "/_dash-dependencies", {}, 200),
    "health": ("GET", "/healthz", {}, 200),
    "readiness": ("GET", "/readyz", {}, 200),
    "metrics": ("GET", "/metrics", {}, 200),
    "script": ("GET", "/assets/filters.js?v=1", {}, 200),
    "script of dash": ("GET", "/_dash-component-suites/dash/deps/react@18.v4_4_1m1.3.1.min.js", {}, 200),
}


@pytest.mark.parametrize("kind", KINDS)
def test_headers_of_every_kind_of_response(client, kind):
    method, path, options, status = KINDS[kind]
    response = client.open(path, method=method, **options)
    headers = response.headers
    assert response.status_code == status
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert re.fullmatch(r"'self'( 'sha256-[\w+/=]+')*", policy["script-src"])
    assert policy["connect-src"] == policy["form-action"] == policy["font-src"] == "'self'"
    assert policy["style-src"] == "'self' 'unsafe-inline'"
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Permissions-Policy"]
    assert re.fullmatch(r"[0-9a-f]{10}", headers["X-Request-Id"])
    # No cookie, no timings, no leave for other sites to read.
    assert not {"Set-Cookie", "Server-Timing", "Access-Control-Allow-Origin", "X-Powered-By"} & set(headers.keys())
    if kind.startswith("script"):
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
    else:
        assert headers["Cache-Control"] == "private, no-store"


def test_an_asset_asked_for_without_its_version_is_kept_for_an_hour(client):
    assert client.get("/assets/filters.js").headers["Cache-Control"] == "public, max-age=3600"


@pytest.mark.parametrize("path", ["/", "/methods", "/nowhere"])
def test_a_page_asks_for_nothing_but_its_own_versioned_files(client, path):
    page = client.get(path)
    policy = page.headers["Content-Security-Policy"]
    for address in re.findall(r'<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)="([^"]+)"', page.text):
        assert re.match(r"/(?!/)", address), address
        got = client.get(address)
        assert got.status_code == 200, address
        assert "immutable" in got.headers["Cache-Control"], address
    assert not re.search(r"\son\w+=|javascript:", page.text)
    for attributes, script in re.findall(r"<script\b([^>]*)>(.*?)</script>", page.text, re.DOTALL):
        if "src=" not in attributes and "application/json" not in attributes:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy, script[:80]


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("127.0.0.1:8050", 200), ("[::1]:8050", 200), ("LOCALHOST", 200), ("parity.example", 200),
     ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("localhost.evil.example:8050", 421), ("[::1", 421),
     ("a b", 421)],
)  # fmt: skip
def test_a_name_that_is_not_this_server_s_reads_no_internal_figures(small_dir, host, status):
    client = serve(small_dir, canonical_url="https://parity.example")
    for path in ("/", f"{V1}/headline.json", "/readyz"):
        assert client.get(path, headers={"Host": host}).status_code == status
    assert client.post(CALLBACK, json=opening(), headers={"Host": host}).status_code == status


# -- health -----------------------------------------------------------------------------------------------------


def test_health(client):
    assert client.get("/healthz").json["healthy"] is True
    ready = client.get("/readyz").json
    assert ready["ready"] is True
    assert ready["problem"] is None
    assert ready["release"] == client.get(f"{V1}/").json["release"]
    assert ready["age_days"] >= 0
    dt.datetime.fromisoformat(ready["published"])


def test_metrics_count_routes_and_questions_and_know_nothing_of_visitors(client):
    for path in (f"{V1}/by_grade.json?entity=UNDP", "/nowhere/at/all?who=me", f"{V1}/headline.json?planet=mars"):
        client.get(path, headers={"User-Agent": "secret-browser", "Referer": "http://secret-site.example/"})
    metrics = client.get("/metrics").text
    assert re.search(
        r'^parity_requests_total\{audience="internal",route="/api/v1/<name>\.<kind>",status="400"\} \d',
        metrics,
        re.MULTILINE,
    )
    assert re.search(
        r'^parity_question_seconds_count\{audience="internal",question="by_grade"\} \d', metrics, re.MULTILINE
    )
    for said in ("UNDP", "nowhere", "mars", "who=", "secret"):
        assert said not in metrics


# -- no release -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [True, False], ids=["empty folder", "no folder"])
def test_without_a_release_pages_say_how_to_load_one(tmp_path, two, made):
    data_dir = tmp_path / "var"
    if made:
        data_dir.mkdir()
    client = serve(data_dir)
    page = client.get("/")
    assert page.status_code == 503
    for command in ("make demo", "parity submit", "parity release"):
        assert command in page.text
    assert str(tmp_path) not in page.text
    assert client.get("/methods").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert client.get(f"{V1}/openapi.json").status_code == 200
    for path in ("", "headline.json", "headline.csv", "headline.xlsx", "facets.json?facet=grade", "x.json?planet=1"):
        response = client.get(f"{V1}/{path}")
        body = is_problem(response, 404 if path.startswith("x.json") else 503)
        assert str(tmp_path) not in json.dumps(body)
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ready"]) == (503, False)
    assert "no release" in ready.json["problem"]
    for body in (opening(), redrawing()):
        assert client.post(CALLBACK, json=body).status_code in (200, 204, 503)
    # Once there is one, it is served without a restart.
    data_dir.mkdir(exist_ok=True)
    (two.data_dir / "releases").rename(data_dir / "releases")
    assert client.get(f"{V1}/headline.json").json["release"]["name"] == two.old
    assert client.get("/readyz").json["ready"] is True


def test_layout_and_dependencies_hold_no_figures(client, tmp_path):
    empty = serve(tmp_path / "nothing")
    for path in ("/_dash-layout", "/_dash-dependencies", "/_reload-hash"):
        mine = client.get(path)
        assert mine.status_code == 200
        # The same whether or not there is anything to tell.
        assert mine.data == empty.get(path).data


# -- faults of our own ------------------------------------------------------------------------------------------


def fail(*_, **__):
    raise RuntimeError("boom, with a word from inside")


def test_a_fault_of_ours_has_an_id_that_leads_to_the_log(small_dir, monkeypatch, said_in_log):
    client = serve(small_dir)
    monkeypatch.setattr(answering, "ask", fail)
    response = client.get(f"{V1}/by_grade.json?entity=UNDP")
    body = is_problem(response, 500)
    assert "boom" not in response.text
    lines = [json.loads(line) for line in said_in_log().splitlines()]
    (line,) = [line for line in lines if line["event"] == "fault"]
    assert line["error"] == body["error"] == response.headers["X-Request-Id"]
    assert "boom" in line["trace"]
    assert "UNDP" not in said_in_log()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ready"]) == (503, False)
    assert "boom" not in ready.text
    monkeypatch.undo()
    assert client.get("/readyz").status_code == 200


def test_a_page_that_fails_is_a_designed_500_with_its_id(small_dir, monkeypatch, said_in_log):
    client = serve(small_dir)
    monkeypatch.setattr(answering, "canonical", fail)
    response = client.get("/?entity=UNDP")
    assert (response.status_code, response.mimetype) == (500, "text/html")
    identity = response.headers["X-Request-Id"]
    assert identity in response.text
    assert "boom" not in response.text
    assert identity in said_in_log()
    body = is_problem(client.post(CALLBACK, json=redrawing()), 500)
    assert body["error"] in said_in_log()
    # Even where the frame of the error page itself is what fails.
    monkeypatch.setattr(shell, "render", fail)
    response = client.get("/")
    assert (response.status_code, response.mimetype) == (500, "text/plain")
    assert response.headers["X-Request-Id"] in response.text
    assert "Content-Security-Policy" in response.headers


def test_a_panel_fails_alone(client, monkeypatch, said_in_log):
    real = answering.ask

    def partly(warehouse, name, selection):
        return fail() if name == "by_category" else real(warehouse, name, selection)

    monkeypatch.setattr(answering, "ask", partly)
    response = client.post(CALLBACK, json=redrawing())
    assert response.status_code == 200
    drawn = response.json["response"]
    said = {panel: drawn["drawn"]["data"]["panels"][panel] for panel in drawn["drawn"]["data"]["panels"]}
    assert set(said) == {panel.id for panel in pages.OVERVIEW.panels}
    identity = response.headers["X-Request-Id"]
    assert [panel for panel, words in said.items() if identity in json.dumps(words)] == ["by_category"]
    assert "boom" not in response.text
    assert identity in said_in_log()


FIGURES = re.compile(r'<dl class="figures">.*?</dl>', re.DOTALL)
RELEASE = re.compile(r"20\d\dQ\d-r\d")


def test_a_view_is_drawn_from_one_release(two, monkeypatch):
    """A release put in service while a page is drawn must not show beside the one before."""
    client = serve(two.data_dir)
    expected = {name: FIGURES.search(client.get(f"/?release={name}").text)[0] for name in (two.old, two.new)}
    real, asked = answering.ask, []

    def overtaken(warehouse, name, selection):
        asked.append(name)
        if len(asked) == 2:
            two.put(two.new)
        return real(warehouse, name, selection)

    monkeypatch.setattr(answering, "ask", overtaken)
    page = client.get("/").text
    assert len(asked) >= 2
    assert FIGURES.search(page)[0] in expected.values()
    for body in (opening(), redrawing()):
        two.put(two.old)
        asked.clear()
        response = client.post(CALLBACK, json=body).json["response"]
        assert len(asked) > 2
        panels = response["opened" if "opened" in response else "drawn"]["data"]["panels"]
        named = {panel: set(RELEASE.findall(words["words"])) for panel, words in panels.items()}
        assert len(set.union(*named.values())) == 1, named
