"""Writes the file of a release: a function of chosen submissions, code lists and corrections, and of nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.codelists import CodeLists, Uniformed
from dashboard.disclosure import rounding
from dashboard.disclosure.policy import Policy
from dashboard.ingest import attacks, contract, files, groups, told
from dashboard.ingest import codes as code_ids
from dashboard.ingest import source as source_module
from dashboard.ingest.choose import PARTIAL, REPORTED, Choice
from dashboard.ingest.corrections import Correction, not_found, touched
from dashboard.ingest.figures import LAYOUT, Figures, MovementFigures, Unfit
from dashboard.ingest.problems import ERROR, Fault, InputError, Problem, Refused, Report
from dashboard.ingest.progress import Progress, Silent
from dashboard.ingest.source import Source
from dashboard.ingest.store import Store, fingerprint
from dashboard.ingest.told import Before
from dashboard.ingest.words import counted

SQL = Path(__file__).parent / "sql"
CHECKS = Path(__file__).resolve().parent.parent.parent / "queries" / "_checks"
FILE = "internal.duckdb"
SCHEMA_VERSION = "4"
#: Tables whose rows make up a release; `meta` says when and by what it was made.
TABLES = (
    *("codes", "code_keys", "staff", "staff_change", "staff_core", "staff_core_change", "movements", "coverage"),
    *("personal_groups", "personal_cells", "other_shown", *told.TABLES, "uniformed"),
)
#: Tables of numbers and plain words only, in either file: hashed by column, which is fast.
BY_COLUMN = (
    *("staff", "staff_change", "staff_core", "staff_core_change", "movements", "personal_groups", "personal_cells"),
    *("cells", "withheld", "other_shown"),
)
#: Personal dimensions whose codes have keys; what is derived from a nationality is rounded by the nationality's.
KEYED = ("age_group", "nationality", "appointment")
#: What a record's key is made of, in the order in which sql/record_places.sql packs it.
RECORD = ("entity", "duty_station", "department", "grade", "rc")
#: DuckDB's own memory; with Arrow and Python on top a release of four million rows stays under 1.5 GB.
MEMORY = "800MB"


@dataclass(frozen=True, slots=True)
class Built:
    """What came of a build: rows and content hash by table, and which checks were made."""

    rows: Mapping[str, int]
    content: Mapping[str, str]
    checks: Sequence[str]
    corrected: Sequence[Correction]
    #: What signed-in staff could tell of the last quarter: numbers by kind of attack; none where it was told before.
    inside: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """Where the figures of a release are, corrections applied, and what of it does not fit (`report`)."""

    paths: Mapping[tuple[str, str, str], Path]
    sources: Sequence[_Source]
    corrections: Sequence[Correction]
    report: Report


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of figures: where it is, for which quarter and entity, and what its manifest says is in it."""

    choice: Choice
    path: Path
    content: str
    grades: Mapping[str, Sequence[int]]
    temporary: Sequence[int]
    combinations: int


def build(
    folder: Path,
    choices: Sequence[Choice],
    *,
    store: Store,
    codelists: CodeLists,
    policy: Policy,
    secret: str,
    corrections: Sequence[Correction] = (),
    meta: Mapping[str, str] | None = None,
    before: Before | None = None,
    normalised: Path | None = None,
    gathered: Gathered | None = None,
    progress: Progress | None = None,
) -> Built:
    """Write `internal.duckdb` into an existing folder, and check it.

    `policy` is kept in the file, and of the `secret` the keys that are made with it: rounded figures follow from both.
    `before` says which quarters other releases have told, which are taken over from them.
    With `normalised`, every submission is read again from its raw files into that folder, instead of from the store's
    normalised copies; `gathered` is what `gather` found. Raises Refused for a correction or a submission that no longer
    fits, Fault when a check fails or DuckDB cannot write, OSError when the disk fails.
    """
    progress = progress or Silent()
    work = folder / "work"
    choices = sorted(choices, key=lambda choice: (choice.quarter, choice.entity))
    quarters = sorted({choice.quarter for choice in choices})
    if gathered is None:
        gathered = gather(folder, choices, store, codelists, corrections, normalised, progress)
    if not gathered.report.ok:
        raise Refused(gathered.report)
    paths, sources, corrections = gathered.paths, gathered.sources, gathered.corrections
    try:
        files.step("release:sources-ready")
        with duckdb.connect(":memory:") as connection:
            source_module.attach(connection, folder / FILE, "i", read_only=False)
            connection.execute("use i")
            connection.execute(f"set memory_limit = '{MEMORY}'")
            connection.execute("set temp_directory = ?", [str(work / "spill")])
            connection.execute("set autoinstall_known_extensions = false")
            connection.execute("set preserve_insertion_order = true")
            kept = {
                **(meta or {}),
                "audience": "internal",
                "policy": policy.to_json(),
                "rounding_key": rounding.rounding_key(secret),
            }
            built = _write(connection, sources, choices, quarters, paths, codelists, secret, kept, progress)
            inside = _tell(connection, sources, before or Before(), progress)
            built |= {
                table: connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608
                for table in (groups.TABLE, groups.CELLS, "other_shown", *told.TABLES)
            }
            files.step("release:written")
            checks = run_checks(connection, CHECKS, progress)
            content = {table: _content(connection, table) for table in TABLES}
            for table in ("accepted", "accepted_cells", "chosen"):
                connection.execute(f"drop table if exists {table}")
            connection.execute("checkpoint")
    except duckdb.Error as error:
        raise Fault(f"the release could not be written: {str(error).splitlines()[0]}") from error
    shutil.rmtree(work)
    return Built(built, content, checks, corrections, inside)


# -- where the figures are --


def gather(
    folder: Path,
    choices: Sequence[Choice],
    store: Store,
    codelists: CodeLists,
    corrections: Sequence[Correction] = (),
    normalised: Path | None = None,
    progress: Progress | None = None,
) -> Gathered:
    """Find the figures of these choices and apply the corrections, in `work` below an existing folder.

    Everything that does not fit is in the report: submissions as well as corrections. Raises Fault for a copy that is
    damaged inside, OSError when the disk fails, InputError where `normalised` is given and a raw file was purged.
    """
    work = folder / "work"
    work.mkdir()
    report = Report(listed=None)
    choices = sorted(choices, key=lambda choice: (choice.quarter, choice.entity))
    last = max((choice.quarter for choice in choices), default="")
    # Later quarters are another release's business; an earlier one than any finds nothing, and says so.
    corrections = [entry for entry in corrections if entry.quarter <= last]
    paths, again = _fitting_copies(choices, store, codelists, normalised, report, progress or Silent())
    sources = _sources(choices, paths, again, codelists)
    unfit = {
        (choice.entity, choice.source_quarter)
        for choice in choices
        if choice.submission is not None and not _has_path(choice, paths)
    }
    sources = _corrected(sources, corrections, work, codelists, unfit, report)
    return Gathered(paths, sources, corrections, report)


def _has_path(choice: Choice, paths: Mapping[tuple[str, str, str], Path]) -> bool:
    return (choice.submission.id, choice.source_quarter, contract.STAFF) in paths  # type: ignore[union-attr]


def _fitting_copies(
    choices: Sequence[Choice],
    store: Store,
    codelists: CodeLists,
    normalised: Path | None,
    report: Report,
    progress: Progress,
) -> tuple[dict[tuple[str, str, str], Path], dict[tuple[str, str], Figures]]:
    """(submission, quarter, table) -> a normalised copy made under these code lists, made anew where there is none.

    Also the figures of what was made anew: other code lists may read a spelling differently than its manifest says.
    A submission that does not fit is in the report, and not among the copies.
    """
    lists = fingerprint(codelists)
    wanted: dict[str, dict[tuple[str, str], str]] = {}
    submissions = {}
    for choice in choices:
        if choice.submission is None:
            continue
        submissions[choice.submission.id] = choice.submission
        kept = choice.submission.quarters[choice.source_quarter]
        by_table = wanted.setdefault(choice.submission.id, {})
        by_table[choice.source_quarter, contract.STAFF] = kept["content"]
        if kept["movements"] and choice.state in (REPORTED, PARTIAL):
            by_table[choice.source_quarter, contract.MOVEMENTS] = kept["movements"]
    paths = {}
    again: dict[tuple[str, str], Figures] = {}
    for submission_id, by_table in progress.over(wanted.items(), "reading submissions"):
        submission = submissions[submission_id]
        folder = store.folder / "normalised" if normalised is None else normalised
        places = {key: folder / submission_id / f"{key[0]}.{key[1]}.parquet" for key in by_table}
        if normalised is not None or not all(_fits(places[key], by_table[key], lists) for key in by_table):
            try:
                checked = store.normalise_again(submission, codelists, normalised)
                again.update({(submission_id, quarter): figures for quarter, figures in checked.figures.items()})
            except Refused as refused:
                for problem in refused.report.errors[:3]:
                    message = f"{submission_id} does not fit the present code lists: {problem.message}"
                    report.add(Problem(ERROR, "submission-outdated", message, problem.file, problem.sheet, problem.row))
                continue
            except InputError:
                if normalised is not None:
                    raise
                if not _renumber(submission_id, submission.entity, places, codelists, lists, report):
                    continue
        for (quarter, table), place in places.items():
            paths[submission_id, quarter, table] = place
    return paths, again


def _fits(path: Path, content: str, lists: str) -> bool:
    """True if a copy is whole, of this content (or of what the raw files mean under these lists), with these ids."""
    try:
        notes = pq.read_metadata(path).metadata or {}
    except (OSError, pa.ArrowException):
        return False
    wanted = {b"layout": LAYOUT, b"codelists": lists, b"content": content}
    return all(notes.get(key) == value.encode() for key, value in wanted.items())


def _renumber(
    submission_id: str,
    entity: str,
    places: Mapping[tuple[str, str], Path],
    codelists: CodeLists,
    lists: str,
    report: Report,
) -> bool:
    """Give copies of a submission whose raw files were purged the ids of these code lists. False if one is unfit."""
    fit = True
    for (_, table), place in places.items():
        kind = Figures if table == contract.STAFF else MovementFigures
        try:
            figures, notes = kind.read(place)
            kept = {"content": notes["content"], "codelists": lists}
            beside = place.with_suffix(".new")
            figures.write(beside, entity, code_ids.of(codelists), kept)
            beside.replace(place)
        except (OSError, Unfit, KeyError) as error:
            message = f"{submission_id} was purged, and its normalised copy does not fit: {error}"
            report.add(Problem(ERROR, "submission-outdated", message))
            fit = False
    return fit


def _sources(
    choices: Sequence[Choice],
    paths: Mapping[tuple[str, str, str], Path],
    again: Mapping[tuple[str, str], Figures],
    codelists: CodeLists,
) -> list[_Source]:
    sources = []
    for choice in choices:
        if choice.submission is None or not _has_path(choice, paths):
            continue
        path = paths[choice.submission.id, choice.source_quarter, contract.STAFF]
        figures = again.get((choice.submission.id, choice.source_quarter))
        if figures is not None:
            sources.append(_counted(choice, path, figures, codelists))
        else:
            kept = choice.submission.quarters[choice.source_quarter]
            sources.append(
                _Source(choice, path, kept["content"], kept["grades"], kept["temporary"], kept["combinations"])
            )
    return sources


def _counted(choice: Choice, path: Path, figures: Figures, codelists: CodeLists) -> _Source:
    grades, temporary = figures.grades(codelists), figures.temporary(codelists)
    return _Source(choice, path, figures.content(), grades, temporary, len(figures.counts[0]))


def _corrected(
    sources: Sequence[_Source],
    corrections: Sequence[Correction],
    work: Path,
    codelists: CodeLists,
    unfit: Collection[tuple[str, str | None]],
    report: Report,
) -> list[_Source]:
    """Sources with the corrections applied; every entry that does not find what it expects is in the report.

    What is `unfit` (entity and quarter) cannot be corrected, and is in the report already.
    """
    replaced: dict[tuple[str, str], _Source] = {}
    for entity, quarter in sorted(touched(corrections)):
        entries = [entry for entry in corrections if (entry.entity, entry.quarter) == (entity, quarter)]
        source = next(
            (source for source in sources if (source.choice.entity, source.choice.source_quarter) == (entity, quarter)),
            None,
        )
        if (entity, quarter) in unfit:
            continue
        if source is None:
            for entry in entries:
                report.add(not_found(entry, "there are no figures of this entity and quarter"))
            continue
        try:
            figures, notes = Figures.read(source.path)
        except Unfit as error:
            raise Fault(f"{error}; remove {source.path} and release again") from error
        for entry in entries:
            try:
                figures = figures.corrected(entry)
            except InputError as error:
                report.add(not_found(entry, str(error)))
        path = work / f"{entity}.{quarter}.corrected.parquet"
        figures.write(path, entity, code_ids.of(codelists), {**notes, "content": figures.content()})
        replaced[entity, quarter] = _counted(source.choice, path, figures, codelists)
    found = []
    for source in sources:
        new = replaced.get((source.choice.entity, source.choice.source_quarter))
        # A quarter that is carried forward from a corrected one is corrected too.
        found.append(source if new is None else replace(new, choice=source.choice))
    return found


# -- writing --


def _sql(name: str) -> str:
    return (SQL / f"{name}.sql").read_text(encoding="utf-8")


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    connection.register("rows_to_insert", rows)
    connection.execute(f"insert into {table} by name select * from rows_to_insert")  # noqa: S608 - names of ours
    connection.unregister("rows_to_insert")


def _set_files(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], quarters: Sequence[int], entities: Sequence[int]
) -> None:
    connection.execute("set variable files = ?", [[str(path) for path in paths]])
    connection.execute("set variable quarters = $1::usmallint[]", [list(quarters)])
    connection.execute("set variable entities = $1::usmallint[]", [list(entities)])


def _write(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[_Source],
    choices: Sequence[Choice],
    quarters: Sequence[str],
    paths: Mapping[tuple[str, str, str], Path],
    codelists: CodeLists,
    secret: str,
    meta: Mapping[str, str],
    progress: Progress,
) -> dict[str, int]:
    codes = code_ids.of(codelists)
    entity_ids = codes.ids["entity"]
    quarter_ids = {quarter: number for number, quarter in enumerate(quarters)}
    connection.execute(_sql("schema"))
    dimension, ids, code, name, attributes = zip(*codes.rows(quarters), strict=True)
    as_json = [json.dumps(dict(item), ensure_ascii=False, sort_keys=True) for item in attributes]
    _insert(
        connection,
        "codes",
        pa.table(
            {
                "dimension": list(dimension),
                "id": pa.array(ids, pa.uint16()),
                "code": list(code),
                "name": list(name),
                "attributes": as_json,
            }
        ),
    )
    _code_keys(connection, codes, secret)
    progress.say(f"writing figures of {counted(len(sources), 'quarter of an entity', 'quarters of entities')}")
    if sources:
        _set_files(
            connection,
            [source.path for source in sources],
            [quarter_ids[source.choice.quarter] for source in sources],
            [entity_ids[source.choice.entity] for source in sources],
        )
        _record_keys(connection, codes, secret)
        # Keys are what is looked up in, however few the figures are: the other way round would lose their order.
        connection.execute(_sql("staff"))
        connection.execute("drop table record_keys")
    moved = [
        (choice, paths[choice.submission.id, choice.quarter, contract.MOVEMENTS])
        for choice in choices
        if choice.submission is not None
        and (choice.submission.id, choice.quarter, contract.MOVEMENTS) in paths
        and choice.state in (REPORTED, PARTIAL)
    ]
    if moved:
        _set_files(
            connection,
            [path for _, path in moved],
            [quarter_ids[choice.quarter] for choice, _ in moved],
            [entity_ids[choice.entity] for choice, _ in moved],
        )
        connection.execute(_sql("movements"))
    files.step("release:figures-written")
    change = _sql("staff_change")
    for number in progress.over(range(len(quarters)), "changes between quarters"):
        # There is nothing before the first quarter; no quarter has the id 65535.
        connection.execute(change, {"quarter": number, "before": number - 1 if number else 65535})
    for table in ("staff_core", "staff_core_change"):
        connection.execute(_sql(table))
    _coverage(connection, choices, quarter_ids, entity_ids, codelists)
    _accepted(connection, sources, quarter_ids, entity_ids)
    _uniformed(connection, codes)
    _insert(connection, "meta", pa.table({"key": list(meta), "value": list(meta.values())}))
    counts = {}
    for table in TABLES:
        counts[table] = connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608
    return counts


def _tell(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[_Source], before: Before, progress: Progress
) -> Mapping[str, Mapping[str, Any]]:
    """Make what is shown of persons, and of those other or not disclosed, in quarters that nobody has told, take over
    what others have told, and attack what signed-in staff would see of the last quarter. Returns what came of that.
    """
    source = Source.of(connection)
    told.take_over(connection, before, FILE)
    new = [number for number, quarter in enumerate(source.quarters) if quarter not in before]
    for number in progress.over(new, "groups that may be broken down"):
        rows = source.columns(number)
        decided = groups.decided(*rows, source.codes, source.policy, source.meta["rounding_key"])
        for table, columns in zip((groups.TABLE, groups.CELLS), decided, strict=True):
            quarter = np.full(len(columns["cut"]), number, np.uint16)
            _insert(connection, table, pa.table({"quarter": quarter, **columns}))
    _other(connection, source, new)
    contents = [(one.choice.quarter, source.ids["entity"][one.choice.entity], one.content) for one in sources]
    told.record(connection, source.meta["name"], source.ids["quarter"], contents, before)
    if source.quarters[-1] in before:
        return {}
    said, withheld = attacks.inside(source, source.quarters[-1])
    groups.withhold(connection, source.policy, len(source.quarters) - 1, withheld)
    return said


def _other(connection: duckdb.DuckDBPyConnection, source: Source, quarters: Sequence[int]) -> None:
    """Other or not disclosed in these quarters, rounded by their content and that of all staff, from the floor up."""
    women, men, other = (int(key) for key in source.codes.keys["sex"])
    policy = source.policy
    for quarter, count, content, records in connection.execute(_sql("other_content"), [women, men, other]).fetchall():
        if quarter not in quarters:
            continue
        shown = rounding.round_pairs(
            source.meta["rounding_key"],
            np.array([[count], [0]]),
            np.array([[int(content) % rounding.MODULUS], [0]], np.uint64),
            np.array([int(records) % rounding.MODULUS], np.uint64),
            policy.base,
            policy.offset,
            policy.other_from,
        )
        if shown[0][0]:
            connection.execute("insert into other_shown values ($1, $2)", [quarter, int(shown[0][0])])


def _code_keys(connection: duckdb.DuckDBPyConnection, codes: code_ids.Codes, secret: str) -> None:
    """Keys of the personal codes that records have, and of women, men, and other or not disclosed."""
    rows = [("sex", number, rounding.code_key(secret, "sex", sex)) for number, sex in enumerate("FMX")]
    for dimension in KEYED:
        for code, number in codes.ids[dimension].items():
            rows.append((dimension, number, rounding.code_key(secret, dimension, code)))
    dimension, ids, keys = zip(*rows, strict=True)
    table = {"dimension": list(dimension), "id": pa.array(ids, pa.uint16()), "key": pa.array(keys, pa.uint64())}
    _insert(connection, "code_keys", pa.table(table))


def _record_keys(connection: duckdb.DuckDBPyConnection, codes: code_ids.Codes, secret: str) -> None:
    """The temporary table `record_keys`: tens of thousands of records, made once, for millions of rows to find."""
    places = connection.execute(_sql("record_places")).to_arrow_table()["place"]
    parts = code_ids.unpack(RECORD, places.to_numpy())
    by_id = [list(codes.ids[name]) for name in RECORD]
    order = [RECORD.index(name) for name in ("entity", "department", "duty_station", "grade", "rc")]
    keys = np.fromiter(
        (
            rounding.record_key(secret, *(by_id[at][record[at]] for at in order))
            for record in zip(*(parts[name].tolist() for name in RECORD), strict=True)
        ),
        dtype=np.uint64,
        count=len(places),
    )
    connection.register("rows_to_insert", pa.table({"place": places, "key": pa.array(keys)}))
    connection.execute("create temp table record_keys as select * from rows_to_insert")
    connection.unregister("rows_to_insert")


def _coverage(
    connection: duckdb.DuckDBPyConnection,
    choices: Sequence[Choice],
    quarter_ids: Mapping[str, int],
    entity_ids: Mapping[str, int],
    codelists: CodeLists,
) -> None:
    breaks = {(known.entity, known.quarter) for known in codelists.series_breaks}
    small = pa.uint16()
    # A source can be older than the first quarter of the release only if it is no quarter of it, which choose excludes.
    chosen = pa.table(
        {
            "quarter": pa.array([quarter_ids[choice.quarter] for choice in choices], small),
            "entity": pa.array([entity_ids[choice.entity] for choice in choices], small),
            "state": [choice.state for choice in choices],
            "revised": [choice.revised for choice in choices],
            "late": [choice.late for choice in choices],
            "break": [(choice.entity, choice.quarter) in breaks for choice in choices],
            "source_quarter": pa.array(
                [None if choice.source_quarter is None else quarter_ids[choice.source_quarter] for choice in choices],
                small,
            ),
            "submission": pa.array(
                [None if choice.submission is None else choice.submission.id for choice in choices], pa.string()
            ),
            "submitted_at": pa.array(
                [
                    None
                    if choice.submission is None
                    else choice.submission.received_at.astimezone(dt.UTC).replace(tzinfo=None)
                    for choice in choices
                ],
                pa.timestamp("us"),
            ),
            "reason": pa.array([choice.reason for choice in choices], pa.string()),
        }
    )
    connection.register("rows_to_insert", chosen)
    connection.execute("create temp table chosen as select * from rows_to_insert")
    connection.unregister("rows_to_insert")
    connection.execute(_sql("coverage"))


def _uniformed(connection: duckdb.DuckDBPyConnection, codes: code_ids.Codes) -> None:
    """Military and police personnel, as the code lists have them: no submission adds to them."""
    lists = codes.codelists
    rows = lists.uniformed
    small = pa.uint16()

    def ids(dimension: str, of: Callable[[Uniformed], str | None]) -> pa.Array:
        known = codes.ids.get(dimension, {})
        return pa.array([None if (code := of(row)) is None else known[code] for row in rows], small)

    table = {
        "as_of": pa.array([row.as_of for row in rows], pa.date32()),
        "year": ids("year", lambda row: row.mission and str(row.as_of.year)),
        "contributor": ids("contributor", lambda row: row.contributor),
        "contributor_region": ids(
            "contributor_region", lambda row: row.contributor and lists.region_of(row.contributor)
        ),
        "mission": ids("mission", lambda row: row.mission),
        "women": pa.array([row.women for row in rows], pa.int32()),
        "men": pa.array([row.men for row in rows], pa.int32()),
        # Averages over months of a year, each rounded by who keeps them: never said without "about".
        "flag": pa.array(["reported" if row.mission is None else "approximate" for row in rows], pa.string()),
        "source": pa.array([row.source for row in rows], pa.string()),
    }
    _insert(connection, "uniformed", pa.table(table))


def _accepted(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[_Source],
    quarter_ids: Mapping[str, int],
    entity_ids: Mapping[str, int],
) -> None:
    """What the manifests say the figures are, for the checks to compare with."""
    lines = []
    cells = []
    for source in sources:
        place = (quarter_ids[source.choice.quarter], entity_ids[source.choice.entity])
        cells.append((*place, source.combinations))
        for grade, counts in (*source.grades.items(), ("temporary", source.temporary)):
            if any(counts):
                lines.append((*place, grade, *counts))
    connection.execute(
        "create temp table accepted (quarter usmallint, entity usmallint, grade varchar, "
        "women integer, men integer, other integer)"
    )
    connection.execute("create temp table accepted_cells (quarter usmallint, entity usmallint, cells integer)")
    if lines:
        columns = zip(*lines, strict=True)
        names = ("quarter", "entity", "grade", *contract.COUNTS)
        _insert(connection, "accepted", pa.table(dict(zip(names, map(list, columns), strict=True))))
        columns = zip(*cells, strict=True)
        _insert(
            connection,
            "accepted_cells",
            pa.table(dict(zip(("quarter", "entity", "cells"), map(list, columns), strict=True))),
        )


# -- checking --


def run_checks(connection: duckdb.DuckDBPyConnection, folder: Path, progress: Progress) -> list[str]:
    """Run every check of a folder; each row of each is a failure. Raises Fault naming all that failed."""
    failed = []
    made = []
    for path in progress.over(sorted(folder.glob("*.sql")), "checking the release"):
        rows = connection.execute(path.read_text(encoding="utf-8")).fetchmany(4)
        made.append(path.stem)
        if rows:
            more = " and more" if len(rows) == 4 else ""
            failed.append(f"{path.stem}: {', '.join(map(str, rows[:3]))}{more}")
    if not made:
        raise Fault(f"no checks found in {folder}")
    if failed:
        raise Fault("the release fails its checks: " + "; ".join(failed))
    return made


def _content(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """A hash of a table's rows in their order, column by column, whatever the blocks they are fetched in."""
    digests: dict[str, hashlib.blake2b] = {}
    query = f'select * from "{table}"'  # noqa: S608 - names of ours
    if table in BY_COLUMN:
        reader = connection.execute(query).to_arrow_reader(1_000_000)
        for batch in reader:
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                digest = digests.setdefault(name, hashlib.blake2b(digest_size=20))
                digest.update(_bytes(column))
    else:
        rows = connection.execute(query)
        digest = digests.setdefault("rows", hashlib.blake2b(digest_size=20))
        while chunk := rows.fetchmany(10_000):
            digest.update("\n".join(map(repr, chunk)).encode() + b"\n")
    whole = hashlib.blake2b(digest_size=20)
    for name, digest in sorted(digests.items()):
        whole.update(f"{name} {digest.hexdigest()}\n".encode())
    return whole.hexdigest()


def _bytes(column: pa.Array) -> bytes:
    if pa.types.is_string(column.type):
        # No word holds a zero byte, so that the end of each is told.
        return "".join(f"{word}\0" for word in column.to_pylist()).encode()
    return column.to_numpy(zero_copy_only=False).tobytes()


def content_of(path: Path, tables: Sequence[str] = TABLES) -> dict[str, str]:
    """The content hashes of a release file's tables. Raises Fault if it cannot be read."""
    try:
        with duckdb.connect(path, read_only=True) as connection:
            return {table: _content(connection, table) for table in tables}
    except duckdb.Error as error:
        raise Fault(f"{path} cannot be read: {str(error).splitlines()[0]}") from error
