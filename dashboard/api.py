"""`/api/v1`: every question as JSON, CSV and XLSX with the query string of the page; health and metrics.

One door for people, pages and machines: the links under a figure lead here, and the answer is the figure's own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from dashboard import __version__, access, answering, installed, questions, telemetry, text
from dashboard.answer import REFUSED, Answer, ReleaseInfo
from dashboard.exports import csv, xlsx
from dashboard.exports import json as json_export
from dashboard.selection import (
    DIMENSIONS,
    FILTER_KEYS,
    MAX_QUERY,
    MAX_VALUES,
    Selection,
    SelectionError,
    check_size,
    from_pairs,
)
from dashboard.warehouse import NoRelease, OpenRelease, TooSlow, UnknownRelease, Warehouse, WithdrawnRelease

VERSION = "v1"
NO_RELEASE = "There is no release to answer from."
FORMATS: Mapping[str, tuple[str, Callable[[Answer], str | bytes]]] = {
    "json": ("application/json", json_export.text),
    "csv": ("text/csv; charset=utf-8", csv.text),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx.content),
}


_RELEASE = {"release": "pin a release, such as 2026Q3-r1; default: the one in service"}
_PAIR = {"from": "the older release; default: the one before", "to": "the newer release; default: the one in service"}
#: What there is besides questions: path, what it is, and the parameters it takes. Code lists are there for every
#: dimension; their path stands here with one of them.
OTHERS: tuple[tuple[str, str, Mapping[str, str]], ...] = (
    ("/codes/entity.csv", "The codes of a dimension, with what follows from each", _RELEASE),
    ("/codes/entity.json", "The codes of a dimension, with what follows from each", _RELEASE),
    ("/differences.csv", "What changed between two releases, by quarter and entity", _PAIR),
    ("/differences_by_grade.csv", "What changed between two releases, by quarter, entity and grade", _PAIR),
    ("/differences.json", "What changed between two releases", _PAIR),
    ("/complete.zip", "All tables and code lists of a release", _RELEASE),
    ("/search.json", "What has a name, by the beginnings of its words", {"q": "words, or a code"}),
    (
        "/compare.csv",
        "Up to four selections beside each other, with their differences from the first",
        {
            "s": "a selection as a query string, percent-encoded; repeat for several",
            "v.by": "the dimension they are broken down by; default: grade",
            **_RELEASE,
        },
    ),
)
#: JSON Schema of what is sent where there is no answer.
_LINK_SCHEMA = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "href": {"type": "string"}, "page": {"type": "string"}},
}
PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"description": "what is wrong, and what would be right", "type": "string"},
        "problems": {
            "description": "each value that is wrong",
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("key", "value", "wrong", "right")},
            },
        },
        "links": {"description": "what there is instead", "type": "array", "items": _LINK_SCHEMA},
    },
}
_IN_PATH = {
    "name": "dimension", "in": "path", "required": True, "description": "a dimension", "schema": {"type": "string"},
}  # fmt: skip


_BOM = {
    "name": "bom", "in": "query", "required": False, "schema": {"type": "string", "enum": ["1"]},
    "description": "1: begin the file with a byte order mark, for spreadsheets; any CSV file below this address has it",
}  # fmt: skip


def problem(status: int, title: str, detail: str, problems: Any = None, **further: Any) -> Response:
    """A problem description (RFC 9457) as a response; `links` lead to what there is instead."""
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if problems:
        body["problems"] = problems
    body |= {name: value for name, value in further.items() if value}
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    return response


def _link(title: str, path: str) -> dict[str, str]:
    """A link of a problem description; `path` is below the API."""
    return {"title": title, "href": f"{request.script_root}/api/{VERSION}{path}"}


#: Codes that a problem description names at most: an address may have hundreds.
NAMED = 20


def _no_such_code(release: OpenRelease, unknown: Sequence[tuple[str, str]]) -> Response:
    """That a selection names what the release does not have, and where what it has is listed."""
    listed = [
        {"key": key, "value": value, "wrong": f"not known in release {release.name}", "right": _codes_of(release, key)}
        for key, value in unknown[:NAMED]
    ]
    said = "; ".join(f"{each['key']}={each['value']} is {each['wrong']}" for each in listed[:5])
    more = f"; and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    links = [
        _link(f"The codes of {key}", f"/codes/{key}.json?release={release.name}")
        for key in dict.fromkeys(key for key, _ in unknown)
    ]
    return problem(404, "No such code", f"{said}{more}.", listed, links=links)


def _codes_of(release: OpenRelease, key: str) -> str:
    codes = release.codes.get(key, ())
    return "one of: " + ", ".join(codes) if len(codes) <= 100 else f"one of the {len(codes)} codes of its list"


def _not_shown_together(answer: Answer) -> Response:
    """That the rules let nothing answer this combination, and which near it are answered."""
    refused = json_export.content(answer)["refused"]
    links = [
        {
            "title": near["text"],
            "href": request.script_root + near["answer"],
            "page": request.script_root + near["page"],
        }
        for near in refused["nearest"]
    ]
    return problem(
        422,
        "Not shown together",
        refused["sentence"],
        reason=refused["reason"],
        dimensions=refused["dimensions"],
        release=answer.scope.release.name,
        audience=answer.scope.audience,
        method=request.script_root + text.METHOD,
        links=links,
    )


def refusal(error: Exception) -> Response | None:
    """The problem description of an error a visitor can mend (or must wait out); None for a fault of ours."""
    if isinstance(error, SelectionError):
        listed = [
            {"key": key, "value": value, "wrong": wrong, "right": right} for key, value, wrong, right in error.problems
        ]
        return problem(400, "The selection cannot be read", str(error), listed)
    if isinstance(error, WithdrawnRelease):
        return problem(410, "Withdrawn", str(error))
    if isinstance(error, UnknownRelease):
        said = f"There is no release {error}. /api/{VERSION}/ names the current one."
        return problem(404, "No such release", said, links=[_link("All releases", "/")])
    if isinstance(error, answering.UnknownQuestion):
        names = ", ".join(sorted(questions.load()))
        said = f"There is no question {error}. There are: {names}."
        return problem(404, "No such question", said, links=[_link("All questions", "/")])
    if isinstance(error, NoRelease):
        # Why is for operators, at /readyz: it names paths of this machine.
        return problem(503, "No release", str(error) if isinstance(error, NotForAudience) else NO_RELEASE)
    if isinstance(error, TooSlow):
        return problem(503, "Stopped", f"{error}; a narrower selection is quicker.")
    return None


class NotForAudience(NoRelease):
    """There are releases, but none has a file for this audience; the message is for visitors too."""


def _made_for(warehouse: Warehouse, name: str) -> bool:
    try:
        return (warehouse.settings.releases_dir / name / f"{warehouse.settings.audience}.duckdb").exists()
    except OSError:
        # It may not be looked at, which is said elsewhere.
        return True


def no_release(warehouse: Warehouse) -> NoRelease:
    """Why there is nothing to answer from, as far as it is for everybody to know."""
    names = warehouse.names()
    if names and not any(_made_for(warehouse, name) for name in names):
        return NotForAudience(_lacking(warehouse, names[-1]))
    return NoRelease(NO_RELEASE)


def _lacking(warehouse: Warehouse, name: str) -> str:
    audience = warehouse.settings.audience
    return (
        f"Release {name} holds no figures for the audience “{audience}”: its file {audience}.duckdb is missing. "
        "A release made anew has one"
    )


#: Folders at the beginning of a path, of a file that a message names.
_FOLDERS = re.compile(r"(?<![\w.])/(?:[^\s/'\":]+/)+")


def _problem(warehouse: Warehouse, found: str | None) -> str | None:
    """What keeps the release that should be in service from being it, in words that say what to do.

    Where the public can read it, without the folders of this machine; the log has them.
    """
    said = _why_not(warehouse, found)
    if said is None or warehouse.settings.audience != "public":
        return said
    data_dir = warehouse.settings.data_dir
    for folder in {str(data_dir), str(data_dir.resolve())}:
        said = said.replace(f"{folder}/", "")
    return _FOLDERS.sub("", said)


def _why_not(warehouse: Warehouse, found: str | None) -> str | None:
    if found is None:
        return None
    try:
        name = (warehouse.settings.releases_dir / "current").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return found
    missing = name in warehouse.names() and not _made_for(warehouse, name)
    return _lacking(warehouse, name) if missing else found


def _etag(warehouse: Warehouse, release: ReleaseInfo | OpenRelease, newer: str | None, query: str, *parts: str) -> str:
    # What a client sees depends on nothing else: a release file never changes. Notes and labels have a language.
    told = (
        release.name,
        release.published.isoformat(),
        newer or "",
        warehouse.settings.audience,
        installed.mark(),
        str(text.locale()),
        query,
        *parts,
    )
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


def _known(etag: str) -> bool:
    return request.if_none_match.contains_weak(etag)


def _tagged(response: Response, etag: str) -> Response:
    # Weak: one tag for the plain and the compressed form, so that a client that has either is told 304 before
    # anything is counted.
    response.set_etag(etag, weak=True)
    return response


def _listing(warehouse: Warehouse) -> dict[str, Any]:
    release = warehouse.current()
    base = f"{request.script_root}/api/{VERSION}"
    return {
        "release": release.name,
        "quarter": release.quarter,
        "published": release.published.isoformat(),
        "demonstration": release.demonstration,
        "audience": warehouse.settings.audience,
        "releases": warehouse.served(),
        "withdrawn": {name: {"at": gone.at, "reason": gone.reason} for name, gone in warehouse.withdrawn().items()},
        "filters": list(FILTER_KEYS),
        "limits": {
            "values_in_one_selection": MAX_VALUES,
            "characters": MAX_QUERY,
            "seconds_per_question": warehouse.settings.query_seconds,
        },
        "questions": [
            {
                "name": question.name,
                "question": question.text,
                "grain": question.grain,
                "population": question.population,
                "by": list(question.by),
                "filters": ["quarter", "release", *question.filters] if question.of_staff else ["release"],
                "links": {kind: f"{base}/{question.name}.{kind}" for kind in FORMATS},
            }
            for question in questions.load().values()
        ]
        + [
            {
                "name": "facets",
                "question": "How many staff does each option of a filter leave under the other filters?",
                "grain": "one row per option of each facet asked for with facet=<dimension>",
                "population": questions.STAFF,
                "by": [],
                "filters": ["quarter", "release", *DIMENSIONS],
                "links": {"json": f"{base}/facets.json"},
            }
        ],
        "others": [{"what": what, "link": f"{base}{path}"} for path, what, _ in OTHERS],
    }


def _openapi(warehouse: Warehouse) -> dict[str, Any]:
    """The API described in OpenAPI 3.1, from the same tables that answer."""

    def parameter(name: str, text: str, repeatable: bool) -> dict[str, Any]:
        schema = {"type": "array", "items": {"type": "string"}} if repeatable else {"type": "string"}
        return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}

    filters = [
        parameter("quarter", "as-of quarter, such as 2026Q3; default: the latest", False),
        parameter("release", "pin a release, such as 2026Q3-r1; default: the one in service", False),
        *(parameter(name, dimension.label, True) for name, dimension in DIMENSIONS.items()),
    ]
    errors = {
        status: {"description": text, "content": {"application/problem+json": {"schema": PROBLEM_SCHEMA}}}
        for status, text in (
            ("400", "unknown filter key, malformed value, or a selection that is too large"),
            ("404", "no such address or release"),
            ("410", "the release was withdrawn; the detail says why"),
            ("503", "no release in service, or the question was stopped"),
        )
    }
    of_questions = errors | {
        status: errors["404"] | {"description": text}
        for status, text in (
            ("404", "no such question or release, or a code that the release does not have; problems name it"),
            ("422", "a combination that is not shown, to protect individuals; links lead to those near it that are"),
        )
    }
    row = {"type": "object", "properties": json_export.ROW_SCHEMA}
    paths: dict[str, Any] = {}
    for question in questions.load().values():
        for kind, (mime, _) in FORMATS.items():
            schema: dict[str, Any] = {"type": "string"}
            if kind == "json":
                schema = {"type": "object", "properties": {"rows": {"type": "array", "items": row}}}
            answer = {"description": question.grain, "content": {mime.partition(";")[0]: {"schema": schema}}}
            paths[f"/{question.name}.{kind}"] = {
                "get": {
                    "operationId": f"{question.name}_{kind}",
                    "summary": question.text,
                    "parameters": [*filters, *([_BOM] if kind == "csv" else [])],
                    "responses": {"200": answer, **of_questions},
                }
            }
    paths["/facets.json"] = {
        "get": {
            "operationId": "facets_json",
            "summary": "Options of filters with the staff each would leave",
            "parameters": [parameter("facet", "a dimension; repeat for several", True), *filters],
            "responses": {"200": {"description": "options by facet"}, **errors},
        }
    }
    for path, what, names in OTHERS:
        paths[path.replace("entity", "{dimension}") if path.startswith("/codes/") else path] = {
            "get": {
                "operationId": path.strip("/").replace("/", "_").replace(".", "_"),
                "summary": what,
                "parameters": [
                    *([_IN_PATH] if path.startswith("/codes/") else []),
                    *(parameter(name, text, False) for name, text in names.items()),
                ],
                "responses": {"200": {"description": what}, **errors},
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Gender parity in the United Nations system",
            "version": __version__,
            "description": f"Audience: {warehouse.settings.audience}. A question that is not answered has another "
            "status than 200, in every format: 404 for a code that the release does not have, 422 for a combination "
            "that is not shown, each with a problem description (RFC 9457) that leads on. Rounded women and men have "
            "between which numbers they may be beside them: women_low, women_high, men_low, men_high.",
        },
        "servers": [{"url": f"{request.script_root}/api/{VERSION}"}],
        "paths": paths,
    }


def _facets(warehouse: Warehouse) -> Response:
    check_size(request.query_string.decode("latin-1"))
    pairs = list(request.args.items(multi=True))
    names = [value for key, value in pairs if key == "facet"]
    right = "one of: " + ", ".join(DIMENSIONS)
    unknown = [("facet", name[:80], "no such filter", right) for name in dict.fromkeys(names) if name not in DIMENSIONS]
    if unknown:
        raise SelectionError(unknown)
    selection = from_pairs((key, value) for key, value in pairs if key != "facet")
    # Named from here on, so that a release put in service meanwhile cannot give its name to another's counts.
    release = warehouse.release(selection.release)
    selection = replace(answering.canonical(release, selection), release=release.name)
    etag = _etag(warehouse, release, None, selection.to_query(), "facets", *sorted(set(names)))
    if _known(etag):
        return _tagged(Response(status=304), etag)
    found = answering.facets(warehouse, selection, names)
    body = {
        "release": release.name,
        "quarters": list(reversed(release.codes["quarter"])),
        "facets": {name: json_export.facet(facet) for name, facet in found.items()},
    }
    return _tagged(jsonify(body), etag)


def _answer(warehouse: Warehouse, name: str, kind: str) -> Response:
    if name != "facets" and name not in questions.load():
        raise answering.UnknownQuestion(name)
    kinds = ("json",) if name == "facets" else tuple(FORMATS)
    if kind not in kinds:
        return problem(404, "No such format", f"{name} comes as: {', '.join(kinds)}.")
    mime, write = FORMATS[kind]
    check_size(request.query_string.decode("latin-1"))
    selection = from_pairs(request.args.items(multi=True))
    release = warehouse.release(selection.release)
    in_service = warehouse.current().name
    asked = answering.understand(release, warehouse.settings.audience, selection)
    if asked.unknown and questions.load()[name].of_staff:
        return _no_such_code(release, asked.unknown)
    newer = in_service if in_service != release.name else None
    etag = _etag(warehouse, release, newer, asked.selection.to_query(), name, kind)
    if _known(etag):
        return _tagged(Response(status=304), etag)
    started = time.perf_counter()
    answer = answering.ask(warehouse, name, selection)
    telemetry.QUESTIONS.labels(name, warehouse.settings.audience).observe(time.perf_counter() - started)
    if answer.protection == REFUSED:
        return _not_shown_together(answer)
    body = json_export.text(answer, request.script_root) if kind == "json" else write(answer)
    response = Response(body, content_type=mime)
    if kind != "json":
        response.headers["Content-Disposition"] = f'attachment; filename="{file_name(answer, kind)}"'
    # By what the answer says of itself: another release may have been put in service since.
    said = answer.scope.release
    return _tagged(response, _etag(warehouse, said, said.newer, answer.selection.to_query(), name, kind))


def file_name(answer: Answer, kind: str) -> str:
    """A file name that says what is in it: question, quarter, release, audience, and that it is a demonstration."""
    scope = answer.scope
    demonstration = "-demonstration" if scope.demonstration else ""
    return f"parity-{answer.question}-{scope.time}-{scope.release.name}-{scope.audience}{demonstration}.{kind}"


def _ready(warehouse: Warehouse) -> tuple[dict[str, Any], int]:
    try:
        answer = answering.ask(warehouse, "headline", Selection())
    except (NoRelease, UnknownRelease, TooSlow) as error:
        return {
            "ready": False,
            "audience": warehouse.settings.audience,
            "problem": _problem(warehouse, str(error)),
        }, 503
    except Exception as error:
        identity = telemetry.report("readyz", error)
        return {"ready": False, "problem": f"the release in service cannot be asked; see error {identity}"}, 503
    release = answer.scope.release
    if not answer.scope.staff:
        return {"ready": False, "release": release.name, "problem": "the release in service counts nobody"}, 503
    age = dt.datetime.now(dt.UTC) - release.published
    body = {
        "ready": True,
        "release": release.name,
        "audience": answer.scope.audience,
        "published": release.published.isoformat(),
        "age_days": round(age.total_seconds() / 86400, 1),
        # A release that could not be put in service: an older one answers, which is for operators to know.
        "problem": _problem(warehouse, warehouse.problem),
    }
    return body, 200


_MARKED = re.compile(rb"(?:^|&)" + csv.MARKED.encode() + rb"(?=&|$)")


def _mark_files(server: Flask) -> None:
    """Give any CSV file below the API a byte order mark where its address asks for one, whatever else it asks for."""

    @server.before_request
    def asked() -> None:
        if request.path.startswith(f"/api/{VERSION}/") and request.path.endswith(".csv"):
            query = _MARKED.sub(b"", request.query_string).lstrip(b"&")
            g.marked = query != request.query_string
            request.query_string = query

    @server.after_request
    def mark(response: Response) -> Response:
        if g.get("marked") and response.status_code == 200 and response.mimetype == "text/csv":
            response.set_data(csv.BYTE_ORDER_MARK.encode() + response.get_data())
        return response


def register(server: Flask, warehouse: Warehouse) -> None:
    """Add the API, `/healthz`, `/readyz` and `/metrics` to the server."""
    _mark_files(server)

    @server.get(f"/api/{VERSION}/")
    def listing() -> Response:
        return jsonify(_listing(warehouse))

    @server.get(f"/api/{VERSION}/openapi.json")
    def openapi() -> Response:
        return jsonify(_openapi(warehouse))

    @server.get(f"/api/{VERSION}/facets.json")
    def facets() -> Response:
        return _facets(warehouse)

    @server.get(f"/api/{VERSION}/<name>.<kind>")
    def answer(name: str, kind: str) -> Response:
        return _answer(warehouse, name, kind)

    @server.get("/api/", defaults={"rest": ""})
    @server.get("/api/<path:rest>")
    def nowhere(rest: str) -> Response:
        return problem(404, "Nothing here", f"/api/{VERSION}/ lists all there is.")

    @server.get("/healthz")
    def healthz() -> Response:
        return jsonify({"healthy": True, "version": __version__})

    @server.get("/readyz")
    def readyz() -> tuple[Response, int]:
        body, status = _ready(warehouse)
        return jsonify(body), status

    @server.get("/metrics")
    def metrics() -> Response:
        if not access.may_read_metrics(request.environ, warehouse.settings):
            return problem(403, "Not for everybody", "Counts are for this machine and those in PARITY_METRICS_READERS.")
        if os.environ.get("PARITY_METRICS") == "off":
            return problem(404, "No counts", "This server has no place to keep counts in; its log says why.")
        return Response(
            telemetry.exposition(warehouse.settings.audience), content_type="text/plain; version=0.0.4; charset=utf-8"
        )


def failure(error: Exception) -> Response:
    """What a client of the API gets for any error: a problem description, never a traceback."""
    response = refusal(error)
    if response is not None:
        return response
    if isinstance(error, HTTPException):
        return problem(error.code or 500, error.name, error.description or error.name)
    identity = telemetry.report("api", error)
    return problem(500, "Our fault", f"This did not work; please report error {identity}.", error=identity)
