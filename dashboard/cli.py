"""The `parity` command: templates, checks, submissions and releases from a terminal or a script.

Exit code 0: good. 1: the input is at fault. 2: the system is at fault, or the command was not understood. Results go
to standard output, as text or (`--format json`) as one JSON value; progress and errors go to standard error.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from dashboard import codelists, ingest, settings
from dashboard.codelists import CodeListError
from dashboard.ingest.problems import ERROR, NOTE
from dashboard.ingest.words import counted, listed


def _environment() -> settings.Settings:
    try:
        return settings.from_environment(default_audience="internal")
    except settings.SettingsError as error:
        raise ingest.Fault(str(error)) from error


def _secret() -> str | None:
    """The secret public figures are rounded by; never an option, which other users of the machine could read."""
    return os.environ.get("PARITY_SECRET", "").strip() or None


def _say(text: str) -> None:
    click.echo(text)


def _json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def _pairs(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Options given as KEY=VALUE."""
    pairs = {}
    for value in values:
        key, equals, text = value.partition("=")
        if not equals or not key.strip() or not text.strip():
            raise click.BadParameter(f"{value!r} is not written like {parameter.metavar}")
        pairs[key.strip()] = text.strip()
    return pairs


def _selected(_: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> list[tuple[str, str]]:
    """Filters given as KEY=VALUE, of which the same may come several times."""
    pairs = []
    for value in values:
        key, equals, code = value.partition("=")
        if not equals or not key.strip() or not code.strip():
            raise click.BadParameter(f"{value!r} is not written like {parameter.metavar}")
        pairs.append((key.strip(), code.strip()))
    return pairs


#: What did not happen, where the input is at fault.
NOT_DONE = {
    "release": "Not released",
    "rollback": "Not put in service",
    "withdraw": "Not withdrawn",
    "submit": "Not accepted",
    "purge": "Not purged",
}


def _command(group: click.Group, name: str, forms: tuple[str, ...] = ("text", "json")) -> Callable:
    """A subcommand with the options and the error handling that all of them share."""

    def decorate(function: Callable[..., None]) -> click.Command:
        @click.option(
            "--format", "form", type=click.Choice(forms), default="text", show_default=True, help="Form of the result."
        )
        @click.option(
            "--data-dir",
            type=click.Path(file_okay=False, path_type=Path),
            help="Where submissions and releases are; by default PARITY_DATA_DIR, else ./var.",
        )
        @click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
        @functools.wraps(function)
        def run(*, form: str, data_dir: Path | None, debug: bool, **options: Any) -> None:
            try:
                data_dir = (data_dir or _environment().data_dir).absolute()
                function(form=form, data_dir=data_dir, **options)
            except (ingest.Refused, ingest.InputError) as error:
                if debug:
                    raise
                _refused(error, form, NOT_DONE.get(name, "error"))
                sys.exit(1)
            except (ingest.Fault, CodeListError, OSError, MemoryError) as error:
                if debug:
                    raise
                _failed(error, form)
                sys.exit(2)
            except click.exceptions.Exit:
                raise
            except click.ClickException:
                raise
            except Exception as error:
                # Whatever was not thought of: one line for the person, the traceback on request.
                if debug:
                    raise
                _failed(error, form)
                sys.exit(2)

        return group.command(name)(run)

    return decorate


def _refused(error: ingest.Refused | ingest.InputError, form: str, not_done: str) -> None:
    if isinstance(error, ingest.Refused) and not_done == NOT_DONE["release"]:
        _missing(error.report, form)
    elif isinstance(error, ingest.Refused):
        _report(error.report, form)
    elif form == "json":
        _json({"ok": False, "error": str(error)})
    else:
        click.echo(f"{not_done}: {error}", err=True)


def _missing(report: ingest.Report, form: str) -> None:
    """What is missing for a release, as one list."""
    if form == "json":
        _json(report.to_dict())
        return
    errors = [problem for problem in report.problems if problem.level == ERROR]
    things = counted(len(errors), "thing is missing", "things are missing")
    click.echo(f"Not released: {things}", err=True)
    for number, problem in enumerate(errors, 1):
        where = problem.where()
        _say(f"{number}. {problem.code}: {f'{where}: ' if where else ''}{problem.message}")
        if problem.suggestion:
            _say(f"   {problem.suggestion}")


def _failed(error: BaseException, form: str) -> None:
    message = str(error) or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        message = f"{error.strerror}{f': {error.filename}' if error.filename else ''}"
    if form == "json":
        _json({"ok": False, "fault": message})
    click.echo(f"the system failed: {message} (--debug shows where)", err=True)


def _report(report: ingest.Report, form: str) -> None:
    """A report as text: every listed problem on a line of its own, then how many more there are."""
    if form == "json":
        _json(report.to_dict())
        return
    for problem in report.problems:
        where = problem.where()
        line = f"{problem.level} {problem.code}: {f'{where}: ' if where else ''}{problem.message}"
        _say(line + (f" ({problem.suggestion})" if problem.suggestion else ""))
    for code, count in sorted(report.more().items()):
        _say(f"and {count:,} more like this: {code}")
    for quarter, totals in sorted(report.totals.items()):
        numbers = f"{counted(totals['women'], 'woman', 'women')}, {counted(totals['men'], 'man', 'men')}, "
        numbers += f"{totals['other']:,} other or not disclosed"
        _say(f"{report.entity} {quarter}: {numbers}; of these {totals['temporary']:,} on temporary appointments")
    errors = sum(count for (level, _), count in report.counts.items() if level == ERROR)
    notes = sum(count for (level, _), count in report.counts.items() if level == NOTE)
    warnings = sum(report.counts.values()) - errors - notes
    counts = ", ".join(counted(n, word) for n, word in ((errors, "error"), (warnings, "warning"), (notes, "note")))
    _say(f"{'good' if report.ok else 'refused'}: {counts}")


def _progress(form: str) -> ingest.Progress:
    return ingest.Silent() if form == "json" else ingest.Shown()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="parity-dashboard")
def parity() -> None:
    """Quarterly figures of women and men in: checked, kept, released."""


files_argument = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
entity_option = click.option("--entity", help="The entity that is expected, such as UNDP.")
quarter_option = click.option("--quarter", help="The quarter that is expected, such as 2026Q3.")
revise_option = click.option(
    "--revise",
    multiple=True,
    callback=_pairs,
    metavar="QUARTER=REASON",
    help="An earlier quarter is revised; repeatable.",
)
replace_option = click.option(
    "--replace", metavar="REASON", help="This takes the place of accepted figures of the same quarter, and why."
)
partial_option = click.option("--partial", metavar="REASON", help="The submission does not cover all staff, and why.")


def _exist(files: tuple[Path, ...]) -> None:
    for path in files:
        if not path.is_file():
            raise ingest.InputError(f"there is no file {path}")


@_command(parity, "template")
@click.option("--entity", required=True, help="For which entity, such as UNDP.")
@click.option("--quarter", required=True, help="For which quarter, such as 2026Q4.")
@click.option("-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), help="XLSX to write.")
def template(form: str, data_dir: Path, entity: str, quarter: str, output: Path) -> None:
    """Write a workbook to fill in, with the entity's last accepted quarter in it; of an accepted one, to correct it."""
    made = ingest.template(output, entity, quarter, codelists=codelists.load(), store=ingest.Store(data_dir))
    if form == "json":
        _json(
            {
                "ok": True,
                "file": str(output),
                "prefilled_from": made.prefilled_from,
                "correction_of": made.correction_of,
                "rows": made.rows,
                "movements": made.movements,
                "warnings": list(made.warnings),
            }
        )
        return
    for warning in made.warnings:
        _say(f"warning: {warning}")
    rows = counted(made.rows, "row")
    if made.correction_of:
        moved = f" and {counted(made.movements, 'row')} of movements" if made.movements else ""
        _say(f"{output}: {rows}{moved} as accepted with {made.correction_of}, to be corrected")
    elif made.prefilled_from:
        _say(f"{output}: {rows} of {made.prefilled_from}, to be brought up to date")
    else:
        _say(f"{output}: empty, since nothing of {entity} has been accepted yet")


@_command(parity, "check")
@files_argument
@entity_option
@quarter_option
@revise_option
@replace_option
@partial_option
def check(
    form: str,
    data_dir: Path,
    files: tuple[Path, ...],
    entity: str | None,
    quarter: str | None,
    revise: Mapping[str, str],
    replace: str | None,
    partial: str | None,
) -> None:
    """Find every problem of a submission at once; nothing is stored."""
    _exist(files)
    report = ingest.check(
        files,
        codelists=codelists.load(),
        store=ingest.Store(data_dir),
        entity=entity,
        quarter=quarter,
        revise=revise,
        replace=replace,
        partial=partial,
    )
    _report(report, form)
    if not report.ok:
        sys.exit(1)


@_command(parity, "submit")
@files_argument
@entity_option
@quarter_option
@revise_option
@replace_option
@partial_option
@click.option("--note", default="", help="A note that is kept with the submission.")
def submit(
    form: str,
    data_dir: Path,
    files: tuple[Path, ...],
    entity: str | None,
    quarter: str | None,
    revise: Mapping[str, str],
    replace: str | None,
    partial: str | None,
    note: str,
) -> None:
    """Check a submission and, if there is no error, accept it. It takes the place of earlier ones for the same quarter
    only with a reason (--replace).
    """
    _exist(files)
    submission = ingest.submit(
        ingest.Store(data_dir),
        files,
        codelists=codelists.load(),
        entity=entity,
        quarter=quarter,
        revise=revise,
        replace=replace,
        partial=partial,
        note=note,
    )
    if form == "json":
        _json({"ok": True, "submission": submission.id, "warnings": submission.manifest["warnings"]})
        return
    for warning in submission.manifest["warnings"]:
        _say(f"warning {warning['code']}: {warning['message']}")
    _say(f"accepted as {submission.id} ({', '.join(sorted(submission.quarters))})")


@_command(parity, "release")
@click.argument("quarter")
@click.option(
    "--accept-warning",
    multiple=True,
    callback=_pairs,
    metavar="CODE=REASON",
    help="Release in spite of a warning (CODE, or CODE:ENTITY), and why; repeatable.",
)
@click.option("--new-secret", metavar="REASON", help="PARITY_SECRET is not the one of the releases before, and why.")
@click.option("--releases-lost", metavar="REASON", help="Go on without releases of which no copy is left, and why.")
@click.option("--dry-run", is_flag=True, help="Do everything and say what it comes to, but put nothing in service.")
def release(
    form: str,
    data_dir: Path,
    quarter: str,
    accept_warning: Mapping[str, str],
    new_secret: str | None,
    releases_lost: str | None,
    dry_run: bool,
) -> None:
    """Make a release of all quarters up to QUARTER and put it in service.

    It has two files, one for each audience. Public figures are rounded by the secret in PARITY_SECRET, and attacked.
    With --dry-run also how it would differ from the release in service.
    """
    options: dict[str, Any] = {
        "codelists": codelists.load(),
        "secret": _secret(),
        "new_secret": new_secret,
        "accepted_warnings": accept_warning,
        "releases_lost": releases_lost,
        "server_user": os.environ.get("PARITY_SERVER_USER", "").strip() or None,
        "progress": _progress(form),
    }
    if dry_run:
        _rehearsed(data_dir, quarter, form, options)
        return
    made = ingest.release(ingest.Store(data_dir), quarter, **options)
    if form == "json":
        _json({"ok": True, "release": made.name, "manifest": made.manifest})
        return
    _notes(made.manifest)
    _say(_disclosure(made.manifest))
    rows, checks = made.manifest["rows"]["staff"], len(made.manifest["checks"])
    _say(f"{made.name} is in service: {counted(rows, 'row')}, {counted(checks, 'check')}")


def _rehearsed(data_dir: Path, quarter: str, form: str, options: Mapping[str, Any]) -> None:
    """Say what a release would come to. Exit code 1 while something is missing."""
    try:
        current = ingest.current_release(data_dir)
    except ingest.Fault:
        current = None  # as for `release`, which puts another in its place

    compared_with = "no release is in service to compare with"

    def look(folder: Path) -> ingest.Difference | None:
        nonlocal compared_with
        if current is None:
            return None
        try:
            return ingest.between(data_dir / "releases" / current, folder, current, quarter)
        except ingest.Fault as error:
            compared_with = str(error)  # what else was found is not lost for it
            return None

    found = ingest.rehearse(ingest.Store(data_dir), quarter, look=look, **options)
    if form == "json":
        _json(
            {
                **found.report.to_dict(),
                "would_be": found.name,
                "manifest": found.manifest,
                "difference": None if found.seen is None else found.seen.to_dict(),
            }
        )
    else:
        if found.manifest is not None:
            _notes(found.manifest)
            _say(_disclosure(found.manifest))
            _say(f"the checks pass ({len(found.manifest['checks']):,}), and nothing stays certain")
            if found.seen is not None:
                _say(f"beside {current}, which is in service:")
                _difference(found.seen)
            else:
                _say(compared_with)
        if found.report.ok:
            _say(f"nothing is missing: the release would be {found.name}; nothing was put in service")
        else:
            _missing(found.report, form)
    if not found.report.ok:
        sys.exit(1)


def _notes(manifest: Mapping[str, Any]) -> None:
    for note in manifest["notes"]:
        _say(f"note: {note}")
    for warning in manifest["warnings"]:
        if "accepted_in" in warning:
            _say(f"accepted with {warning['accepted_in']} ({warning['reason']}): {warning['message']}")


def _disclosure(manifest: Mapping[str, Any]) -> str:
    """What the public can see of a release, and what came of the attack on it."""
    said, attack = manifest["disclosure"], manifest["disclosure"]["attack"]
    inside = said["inside"].values()
    return (
        f"public: {counted(manifest['rows']['public.cells'], 'cell')} under policy {said['policy_version']}; "
        f"{counted(attack['attacked'], 'cell')} of 1 to 5 attacked, {attack['certain']:,} certain, "
        f"{attack['excepted']:,} excepted because exact figures tell them; "
        f"{counted(attack['withheld'], 'group')} of rows withheld in {counted(attack['tables'], 'table')}; "
        f"{len(said['taken_over']):,} of {len(said['quarters']):,} quarters taken over; "
        f"internal answers of the last quarter: {sum(one['attacked'] for one in inside):,} attacked, "
        f"{sum(one['certain'] for one in inside):,} certain, "
        f"{counted(sum(one.get('withheld', 0) for one in inside), 'group')} withheld for that; "
        f"{attack['seconds']:.1f} s" + "".join(f"\n{line}" for line in _movers(said["movers"]))
    )


def _movers(found: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """What guesses at movers come to, a line for each dimension."""
    for dimension, said in found.items():
        yield (
            f"movers between quarters, {dimension}: {said['right']:,} of {said['movers']:,} guesses right, "
            f"{said['expected']:,.1f} by the size of the cells alone ({said['excess']:+.1f} standard deviations); "
            f"{said['sure']:,} believed in by more than 90 %"
        )


@_command(parity, "releases")
def releases(form: str, data_dir: Path) -> None:
    """List the releases, oldest first; * marks the one in service."""
    found = ingest.releases(data_dir)
    try:
        ingest.current_release(data_dir)
        pointer = None
    except ingest.Fault as fault:
        pointer = str(fault)
    if form == "json":
        kept = ("quarter", "published", "demonstration", "rows")
        rows = [
            {
                "name": item.name,
                "current": item.current,
                "problem": item.problem,
                "withdrawn": item.withdrawn,
                **{key: item.manifest.get(key) for key in kept},
            }
            for item in found
        ]
        _json({"ok": pointer is None, "problem": pointer, "releases": rows})
    else:
        for item in found:
            mark = "*" if item.current else " "
            rows = item.manifest.get("rows", {}).get("staff", 0)
            said = f"{mark} {item.name}  {str(item.manifest.get('published', ''))[:19]}  {counted(rows, 'row')}"
            said += "  demonstration" if item.manifest.get("demonstration") else ""
            said += f"  WITHDRAWN: {item.withdrawn}" if item.withdrawn is not None else ""
            _say(said + (f"  DAMAGED: {item.problem}" if item.problem else ""))
        if not found:
            _say("no releases yet")
        if pointer is not None:
            click.echo(pointer, err=True)
    if pointer is not None:
        sys.exit(2)


@_command(parity, "rollback")
@click.argument("name", metavar="RELEASE")
def rollback(form: str, data_dir: Path, name: str) -> None:
    """Put another release in service; none is removed."""
    before = ingest.rollback(data_dir, name)
    if form == "json":
        _json({"ok": True, "release": name, "before": before})
    else:
        _say(f"{name} is in service" + (f", {before} no longer is" if before and before != name else ""))


@_command(parity, "withdraw")
@click.argument("what", metavar="RELEASE|ENTITY/QUARTER")
@click.option("--reason", required=True, help="Why; it is published.")
@click.option("--instead", metavar="RELEASE", help="What is put in service where the release in service is withdrawn.")
def withdraw(form: str, data_dir: Path, what: str, reason: str, instead: str | None) -> None:
    """Withdraw a release, such as 2026Q3-r1, or what an entity has sent for a quarter, such as UNDP/2026Q3.

    Addresses of a withdrawn release answer that it is withdrawn, and why. A withdrawn quarter of an entity is left out
    of the next release. Nothing is removed, and what places and persons were told of is not told anew.
    """
    entity, slash, quarter = what.partition("/")
    if not slash:
        current = ingest.withdraw_release(data_dir, what, reason, instead=instead)
        if form == "json":
            _json({"ok": True, "withdrawn": what, "in_service": current})
        else:
            _say(f"{what} is withdrawn; {f'{current} is in service' if current else 'no release is in service'}")
        return
    if instead is not None:
        raise click.UsageError("--instead is for a release; a quarter of an entity is left out of the next one")
    store = ingest.Store(data_dir)
    gone = ingest.withdraw(store, entity, quarter, reason, codelists=codelists.load())
    holding = [
        item.name for item in ingest.releases(data_dir) if item.withdrawn is None and _holds(store, item.manifest, gone)
    ]
    if form == "json":
        _json({"ok": True, "withdrawn": gone.to_dict(), "releases_with_it": holding})
        return
    _say(f"{gone.entity} {gone.quarter} is withdrawn: the next release is made without it")
    if holding:
        _say(f"{listed(holding)} still {'has' if len(holding) == 1 else 'have'} it; once the next release is made:")
        for name in holding:
            _say(f'  parity withdraw {name} --reason "..."')


def _holds(store: ingest.Store, manifest: Mapping[str, Any], gone: ingest.Withdrawal) -> bool:
    """Whether a release was made with the figures that are withdrawn."""
    used = manifest.get("inputs", {}).get("submissions", {})
    return gone.quarter <= str(manifest.get("quarter", "")) and any(
        one.id in used and gone.quarter in one.quarters and one.sequence <= gone.up_to
        for one in store.of_entity(gone.entity)
    )


@_command(parity, "rebuild")
@click.argument("name", metavar="RELEASE")
def rebuild(form: str, data_dir: Path, name: str) -> None:
    """Make RELEASE again from the raw files and say whether the figures are the same; changes nothing."""
    made = ingest.rebuild(ingest.Store(data_dir), name, secret=_secret(), progress=_progress(form))
    different = {table: hashes for table, hashes in made.tables.items() if len(set(hashes)) > 1}
    if form == "json":
        _json({"ok": made.same, "release": name, "different": different, "problem": made.problem})
    elif made.same:
        _say(f"{name}: the same in {', '.join(made.tables)}")
    else:
        for table, (said, held, again) in different.items():
            _say(f"{name} {table}: manifest {said[:12]}, file {(held or 'unreadable')[:12]}, made again {again[:12]}")
        if made.problem:
            _say(f"{name}: {made.problem}")
    if not made.same:
        sys.exit(2)


@_command(parity, "diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
def diff(form: str, data_dir: Path, before: str, after: str) -> None:
    """Say what differs in release B from release A: figures by quarter and entity, and code lists."""
    found = ingest.diff(data_dir, before, after)
    if form == "json":
        _json(found.to_dict())
        return
    _difference(found)


def _difference(found: ingest.Difference) -> None:
    """Changed figures by quarter and entity, then code lists, then how many."""
    for item in found.entities:
        state = (
            "" if item.state_before == item.state_after else f"  {item.state_before or 'none'} -> {item.state_after}"
        )
        _say(
            f"{item.quarter} {item.entity}: {counted(item.cells, 'cell')}, women {item.women_before:,} -> "
            f"{item.women_after:,}, men {item.men_before:,} -> {item.men_after:,}{state}"
        )
    for item in found.codes:
        _say(f"code {item.dimension} {item.code}: {item.change}")
    quarters = counted(len(found.entities), "quarter of an entity", "quarters of entities")
    _say("no difference" if found.same else f"{quarters}, {counted(len(found.codes), 'code')}")


@_command(parity, "purge")
@click.argument("what", metavar="SHA256|SUBMISSION")
@click.option("--reason", required=True, help="Why; it stays on record.")
def purge(form: str, data_dir: Path, what: str, reason: str) -> None:
    """Remove raw files, by hash or of a submission such as UNDP/2026Q3/0001; a tombstone stays."""
    removed = ingest.purge(ingest.Store(data_dir), what, reason)
    if form == "json":
        _json({"ok": True, "removed": removed})
    else:
        for sha in removed:
            _say(f"removed {sha}")
        if not removed:
            _say("nothing left to remove")


@_command(parity, "attack")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--quarter", "quarters", multiple=True, help="Only this quarter, such as 2026Q3; repeatable.")
@click.option("--plain", is_flag=True, help='What a release that only hides cells "under 5" would give away.')
@click.option("--inside", is_flag=True, help="What the internal audience could tell of age, nationality, appointment.")
def attack(
    form: str, data_dir: Path, files: tuple[Path, ...], quarters: tuple[str, ...], plain: bool, inside: bool
) -> None:
    """Try what can be told of single people from the public file, with all else that is public.

    FILES is the folder of a release, or its internal and its public file; by default the release in service. Exit
    code 1 if anything is certain, or if guesses at who moved are right far more often than by chance.
    """
    if plain and inside:
        raise click.UsageError("--plain and --inside are two different attacks")
    given = [path.absolute() for path in files]
    found = ingest.attack(data_dir, given, plain=plain, inside=inside, quarters=quarters)
    if form == "json":
        _json({"ok": not found["certain"], **found})
    else:
        what = f"{counted(found['withheld'], 'group')} of rows withheld"
        if plain or inside:
            what = "if it only hid cells under 5" if plain else "answers to the internal audience"
        _say(f"{found['release']}: {counted(len(found['quarters']), 'quarter')}, {what}")
        for kind, said in found["attacks"].items():
            _say(
                f"{kind}: {said['attacked']:,} cells of 1 to 5 attacked with {said['shown']:,} shown; certain of "
                f"{said['certain']:,}; {said['excepted']:,} excepted because exact figures tell them; "
                f"{said['seconds']:.1f} s"
            )
        for table, count in found["tables"].items():
            _say(f"certain in {table}: {count:,}")
        for quarter, release in found["left_out"].items():
            _say(f"{quarter} is left out: {release} told it, which is not here, and its figures have changed since")
        for line in _movers(found.get("movers", {})):
            _say(line)
        if not found["quarters"]:
            _say("nothing was attacked")
        else:
            certain = counted(found["certain"], "cell is certain", "cells are certain")
            _say("nothing is certain" if not found["certain"] else certain)
    leaks = [said for said in found.get("movers", {}).values() if said["leaks"]]
    if found["certain"] or leaks:
        sys.exit(1)


@_command(parity, "query", forms=("text", "csv", "json"))
@click.argument("question", required=False)
@click.option(
    "--where",
    metavar="FILTER=CODE",
    multiple=True,
    callback=_selected,
    help="What is counted, such as entity=UNDP or quarter=2025Q4; may be repeated.",
)
def query(form: str, data_dir: Path, question: str | None, where: list[tuple[str, str]]) -> None:
    """Ask QUESTION of the release in service (or release=...); without one, list the questions."""
    # Not at the top: whoever submits and releases needs nothing of what answers.
    from dashboard import answering, questions
    from dashboard.exports import csv, plain
    from dashboard.exports import json as json_export
    from dashboard.selection import SelectionError, from_pairs
    from dashboard.warehouse import NoRelease, UnknownRelease, Warehouse, WithdrawnRelease

    if question is None:
        listed = {name: known.text for name, known in questions.load().items()}
        width = max(map(len, listed))
        _json(listed) if form == "json" else _say("\n".join(f"{name:{width}}  {text}" for name, text in listed.items()))
        return
    try:
        settled = dataclasses.replace(_environment(), data_dir=data_dir)
        answer = answering.ask(Warehouse(settled), question, from_pairs(where))
    except SelectionError as error:
        raise ingest.InputError(str(error)) from error
    except answering.UnknownQuestion as error:
        near = difflib.get_close_matches(question, questions.load(), 3) or sorted(questions.load())
        raise ingest.InputError(f"there is no question {question!r}; perhaps: {', '.join(near)}") from error
    except WithdrawnRelease as error:
        raise ingest.InputError(str(error)) from error
    except UnknownRelease as error:
        raise ingest.InputError(f"there is no release {error}; `parity releases` lists them") from error
    except NoRelease as error:
        if ingest.releases(data_dir):
            raise ingest.Fault(str(error)) from error
        raise ingest.InputError(f"{error}; `parity demo` or `parity release` makes one") from error
    writers = {"text": plain.text, "csv": csv.text, "json": json_export.text}
    click.echo(writers[form](answer), nl=form == "json")


@_command(parity, "demo")
@click.option("--if-missing", is_flag=True, help="Only if there is no release yet.")
@click.option("--quick", is_flag=True, help="Six quarters of some 800 staff, in seconds.")
def demo(form: str, data_dir: Path, if_missing: bool, quick: bool) -> None:
    """Generate demonstration submissions and release them, through the same code as real ones."""
    if if_missing and ingest.current_release(data_dir) is not None:
        if form == "json":
            _json({"ok": True, "built": False, "release": ingest.current_release(data_dir)})
        return
    real = [known.id for known in ingest.Store(data_dir).submissions() if known.manifest["origin"] != "demonstration"]
    if real:
        raise ingest.InputError(
            f"{data_dir} holds real submissions ({real[0]} and so on), which demonstration data would supersede; "
            "give another --data-dir"
        )
    # Not at the top: the generator is of no use to who loads real submissions.
    from dashboard import demo as demonstration

    if quick:
        demonstration.build_small(data_dir, codelists=codelists.load())
    else:
        demonstration.build(data_dir, codelists=codelists.load(), progress=_progress(form))
    if form == "json":
        _json({"ok": True, "built": True, "release": ingest.current_release(data_dir)})
    else:
        _say(f"{ingest.current_release(data_dir)} is in service")


def main() -> None:
    """Run the command."""
    parity()


if __name__ == "__main__":
    main()
