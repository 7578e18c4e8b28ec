"""The files of the data page, below `/api/v1`: code lists, differences between releases, all of a release at once."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from flask import Flask, Response, jsonify, request, send_file

from dashboard import api, installed, questions, text
from dashboard.answer import Answer
from dashboard.answering import ask
from dashboard.exports import csv as csv_export
from dashboard.hierarchy import Hierarchy
from dashboard.holdings import differences, releases, sources
from dashboard.holdings.archive import Archive, Busy
from dashboard.selection import DIMENSIONS, FOLLOWS, RELEASE, Selection, SelectionError
from dashboard.settings import Settings
from dashboard.text import gettext
from dashboard.warehouse import OpenRelease, Warehouse

CSV, JSON = "csv", "json"
CODES = "codes"
DIFFERENCES, BY_GRADE = "differences", "differences_by_grade"
COMPLETE = "complete.zip"

# -- code lists -----------------------------------------------------------------------------------------------------


def lists(release: OpenRelease) -> list[str]:
    """The dimensions whose codes this release lists, in the order of the filter panel, then what else it has."""
    return [name for name in dict.fromkeys((*DIMENSIONS, *release.codes)) if release.codes.get(name)]


def code_list(release: OpenRelease, dimension: str) -> list[dict[str, Any]]:
    """The codes of a dimension as this audience's file has them: in display order, with what follows from each."""
    hierarchy = Hierarchy(release)
    follows = {name: hierarchy.ids_above(dimension, name) for name in FOLLOWS.get(dimension, ())}
    found = []
    for number, code in enumerate(release.codes[dimension]):
        line = {"dimension": dimension, "code": code, "name": text.label(release.labels, dimension, code)}
        for name, above in follows.items():
            place = above[number]
            line[name] = None if place is None else release.codes[name][place]
        found.append(line | {"order": number + 1})
    return found


def _table(lines: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    for line in lines:
        writer.writerow({name: csv_export.neutral(value) for name, value in line.items() if value is not None})
    return stream.getvalue()


def _attached(body: str | bytes, mime: str, name: str) -> Response:
    response = Response(body, content_type=mime)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _notice(settings: Settings) -> str:
    return text.audience_notice(settings.audience)


def _codes_csv(release: OpenRelease, dimension: str, settings: Settings) -> str:
    about = {"release": release.name, "audience": settings.audience, "notice": _notice(settings)}
    columns = ["dimension", "code", "name", *FOLLOWS.get(dimension, ()), "order", *about]
    return _table(({**line, **about} for line in code_list(release, dimension)), columns)


def _codes(warehouse: Warehouse, dimension: str, kind: str) -> Response:
    release = warehouse.release(_release("release"))
    known = lists(release)
    if dimension not in known:
        return api.problem(404, "No such list", f"There is no list of {dimension[:80]}. There are: {', '.join(known)}.")
    if kind == JSON:
        body = {
            "dimension": dimension,
            "release": release.name,
            "audience": warehouse.settings.audience,
            "notice": _notice(warehouse.settings),
            "codes": [{k: v for k, v in line.items() if k != "dimension"} for line in code_list(release, dimension)],
        }
        return jsonify(body)
    name = f"parity-codes-{dimension}-{release.name}-{warehouse.settings.audience}.csv"
    return _attached(_codes_csv(release, dimension, warehouse.settings), "text/csv; charset=utf-8", name)


# -- differences ----------------------------------------------------------------------------------------------------


def _release(key: str) -> str | None:
    """A release named in the query string. Raises SelectionError for what cannot be the name of one."""
    value = request.args.get(key) or None
    if value is not None and not RELEASE.fullmatch(value):
        raise SelectionError([(key, value[:80], "not a release", "written like 2026Q3-r1")])
    return value


def compared(warehouse: Warehouse, before: str, after: str) -> differences.Differences:
    """The differences between two releases, worked out once for each pair. Raises UnknownRelease."""
    release = warehouse.release(after)
    # What was worked out is remembered, and must not be told of one that has been withdrawn since.
    warehouse.release(before)

    def asking(question: str, name: str) -> Answer:
        return ask(warehouse, question, Selection(release=name))

    return release.once(("differences", before), lambda: differences.between(asking, before, release.name))


_BEFORE_AFTER = ("women_before", "women_after", "men_before", "men_after")


def _differences(warehouse: Warehouse, grain: str, kind: str) -> Response:
    for key in request.args:
        if key not in ("from", "to"):
            raise SelectionError([(key[:80], request.args[key][:80], "no such filter", "one of: from, to")])
    before, after = _release("from"), _release("to")
    for name in (before, after):
        if name is not None:
            # First of all: one that is withdrawn says so, whatever else there is to compare.
            warehouse.release(name)
    wanted = releases.pair(warehouse, before, after)
    if wanted is None:
        return api.problem(404, "Nothing to compare", "There is one release only.")
    found = compared(warehouse, *wanted)
    audience = warehouse.settings.audience
    about = {
        "from": found.before.name,
        "to": found.after.name,
        "audience": audience,
        "notice": _notice(warehouse.settings),
        "demonstration": found.after.demonstration,
    }
    lines = differences.lines(found) if grain == DIFFERENCES else differences.grade_lines(found)
    labels = {code: text.label(warehouse.release(found.after.name).labels, "entity", code) for code in
              {line["entity"] for line in lines}}  # fmt: skip
    if kind == JSON:
        return jsonify(
            about
            | {
                "same": found.same,
                "sentence": differences.finding(found),
                "quarters_added": [quarter.quarter for quarter in found.added],
                "quarters_removed": [quarter.quarter for quarter in found.removed],
                "entities": [{**line, "entity_label": labels[line["entity"]]} for line in lines],
                "grades": differences.grade_lines(found),
                "codes": [
                    {"dimension": c.dimension, "code": c.code, "change": c.change, "before": c.before, "after": c.after}
                    for c in found.codes
                ],
            }
        )
    more = ("state_before", "state_after", "revised_before", "revised_after", "grades")
    columns = ["quarter", "entity", "entity_label", *(() if grain == DIFFERENCES else ("grade",)), *_BEFORE_AFTER,
               *(more if grain == DIFFERENCES else ()), *about]  # fmt: skip
    body = _table(({**line, "entity_label": labels[line["entity"]], **about} for line in lines), columns)
    demonstration = "-demonstration" if found.after.demonstration else ""
    name = f"parity-{grain}-{found.before.name}-{found.after.name}-{audience}{demonstration}.csv"
    return _attached(body, "text/csv; charset=utf-8", name)


# -- everything at once ---------------------------------------------------------------------------------------------


def read_me(release: OpenRelease, settings: Settings, reuse: str) -> str:
    """What stands beside the files: whose they are, what they are of, and what they may be used for."""
    lines = [
        gettext("Gender parity in the United Nations system: all tables of release %(release)s.", release=release.name),
        gettext("Published %(date)s. %(notice)s.", date=text.date(release.published), notice=_notice(settings)),
    ]
    if release.demonstration:
        lines.append(
            gettext("Demonstration data: they must not be quoted as facts about the staff of the United Nations.")
        )
    lines += [
        "",
        gettext("Reuse: %(terms)s", terms=reuse),
        "",
        gettext("tables/ has one file for each question, as the site gives it; codes/ has the lists of codes."),
        gettext(
            "All files are CSV in UTF-8 without a byte order mark. Excel on Windows garbles such a file when it is "
            "opened by a double click: open it with Data, From Text/CSV, or take each table for Excel from the site."
        ),
        gettext("What the columns mean: %(address)s", address=f"{settings.canonical_url}/data#dictionary"),
        "",
        *(f"{question.name}.csv: {question.text}" for question in questions.load().values()),
        "",
        gettext("Sources of the reference data:"),
        *(f"{', '.join(source.files)}: {source.origin} ({source.licence})" for source in sources.sources()),
    ]
    return "\r\n".join([*lines, ""])


def complete(warehouse: Warehouse, release: OpenRelease, reuse: Callable[[Settings, bool], str]) -> bytes:
    """A ZIP of every table and list of a release: each the very file that its link gives."""
    settings = warehouse.settings
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:

        def put(name: str, body: str) -> None:
            # A date of the release, not of now: the same release gives the same bytes.
            info = zipfile.ZipInfo(name, release.published.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, body)

        put("README.txt", read_me(release, settings, reuse(settings, release.demonstration)))
        for question in questions.load():
            put(f"tables/{question}.csv", csv_export.text(ask(warehouse, question, Selection(release=release.name))))
        for dimension in lists(release):
            put(f"codes/{dimension}.csv", _codes_csv(release, dimension, settings))
    return stream.getvalue()


def _complete(warehouse: Warehouse, kept: Archive, reuse: Callable[[Settings, bool], str]) -> Response:
    release = warehouse.release(_release("release"))
    settings = warehouse.settings
    # Made once and kept on disk, one at a time: it takes seconds, and a visitor must not be able to have all of it
    # counted again and again, of one release or of all in turn.
    what = f"{release.name}-{settings.audience}-{text.locale()}"
    terms = reuse(settings, release.demonstration)
    of = (installed.mark(), release.published.isoformat(), settings.canonical_url, terms)
    try:
        found = kept.zip(what, of, lambda: complete(warehouse, release, reuse))
    except Busy:
        said = "This file is put together once, and others are before you. Please try again in some seconds."
        response = api.problem(503, "Being put together", said)
        response.headers["Retry-After"] = "10"
        return response
    demonstration = "-demonstration" if release.demonstration else ""
    name = f"parity-complete-{release.name}-{settings.audience}{demonstration}.zip"
    if isinstance(found, bytes):
        return _attached(found, "application/zip", name)
    response = send_file(found, "application/zip", as_attachment=True, download_name=name, etag=False)
    response.set_etag(found.stem.rpartition("-")[2], weak=True)
    return response.make_conditional(request, accept_ranges=True, complete_length=found.stat().st_size)


def register(server: Flask, warehouse: Warehouse, reuse: Callable[[Settings, bool], str]) -> None:
    """Add the files. `reuse` says on what terms figures may be used again."""
    kept = Archive(warehouse.settings.data_dir / "cache")

    @server.get(f"/api/{api.VERSION}/{CODES}/<dimension>.<kind>")
    def codes(dimension: str, kind: str) -> Response:
        if kind not in (CSV, JSON):
            return api.problem(404, "No such format", f"Code lists come as: {CSV}, {JSON}.")
        return _codes(warehouse, dimension, kind)

    @server.get(f"/api/{api.VERSION}/{DIFFERENCES}.{CSV}")
    def differences_csv() -> Response:
        return _differences(warehouse, DIFFERENCES, CSV)

    @server.get(f"/api/{api.VERSION}/{BY_GRADE}.{CSV}")
    def differences_by_grade_csv() -> Response:
        return _differences(warehouse, BY_GRADE, CSV)

    @server.get(f"/api/{api.VERSION}/{DIFFERENCES}.{JSON}")
    def differences_json() -> Response:
        return _differences(warehouse, DIFFERENCES, JSON)

    @server.get(f"/api/{api.VERSION}/{COMPLETE}")
    def complete_file() -> Response:
        return _complete(warehouse, kept, reuse)
