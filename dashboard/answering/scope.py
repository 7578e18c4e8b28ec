"""Who is counted: how many, of which entities, how their figures came to be, and how much is known of dimensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.answer import EXACT, ROUNDED, Possible, ReleaseInfo, Row, Scope
from dashboard.answering.comparable import bases, own_figures
from dashboard.answering.counting import exact
from dashboard.answering.planning import Exact, plan
from dashboard.answering.understand import Asked, last_day, question, understand
from dashboard.disclosure import Count
from dashboard.questions import Question
from dashboard.selection import DIMENSIONS, NOT_REPORTED, PERSONAL, TEMPORARY, Selection
from dashboard.warehouse import Coverage, OpenRelease

#: Which columns of `coverage` tell how completely a dimension is known.
KNOWN_BY = {
    "department": "department",
    "age_group": "age_group",
    "rc": "rc",
    "nationality": "nationality",
    "nationality_region": "nationality",
    "regional_group": "nationality",
    "appointment": "appointment",
}


def sizes(release: OpenRelease, quarter: str) -> Mapping[str, int]:
    """Entity -> all its staff in a quarter, of those with figures for it."""

    def read() -> dict[str, int]:
        return {row.entity: row.staff for row in release.coverage.get(quarter, ()) if row.staff}

    return release.once(("sizes", quarter), read)


def scope(asked: Asked, asking: Question, newer: str | None, rows: Sequence[Row], total: Count | None) -> Scope:
    """Who is counted. `total` is the selection's own where it is not the sum of the rows; `newer` names the release in
    service where an older one answers.
    """
    release, quarter = asked.release, asked.quarter
    covered = asked.covered(quarter)
    with_figures = [row for row in covered if row.state != "not-submitted"]
    women, men = _heads(asked, rows) if total is None else (total.women, total.men)
    own_series = own_figures(release, quarter)
    return Scope(
        population=_population(asked.selection),
        quarter=quarter,
        as_of=last_day(quarter),
        entities=len(with_figures),
        entities_expected=len(covered),
        carried=tuple(row.entity for row in with_figures if row.state == "carried"),
        partial=tuple(row.entity for row in with_figures if row.state == "partial"),
        not_submitted=tuple(row.entity for row in covered if row.state == "not-submitted"),
        share_reported=_share_reported(release, quarter, covered),
        dimension_coverage=_incomplete(asked, asking, with_figures, rows),
        release=ReleaseInfo(release.name, release.quarter, release.published, release.demonstration, newer),
        audience=asked.audience,
        women=women,
        men=men,
        staff=None if women is None or men is None else women + men,
        protection=EXACT if total is None or total.protection == EXACT else ROUNDED,
        left_out=() if total is None or total.women is None else total.left_out,
        possible=_possible(release, total),
        same_entities=_like_for_like(asked, asking, covered) if total is None else {},
        series={row.entity: own_series[row.entity] for row in covered if row.entity in own_series},
    )


def _heads(asked: Asked, rows: Sequence[Row]) -> tuple[int, int]:
    """Women and men of the rows that count towards the selection's own total: a stock, so of one quarter and basis."""
    counted = [
        row
        for row in rows
        if row.staff is not None
        and row.keys.get("quarter", asked.quarter) == asked.quarter
        and row.keys.get("basis", "all") == "all"
    ]
    return sum(row.women or 0 for row in counted), sum(row.men or 0 for row in counted)


def _possible(release: OpenRelease, total: Count | None) -> Possible | None:
    """Between which numbers a rounded total may be."""
    if total is None or total.protection == EXACT or total.women is None or total.men is None:
        return None
    return Possible(*(release.policy.possible(shown, total.rounded) for shown in (total.women, total.men)))


def _population(selection: Selection) -> str:
    chosen = selection.codes("appointment")
    if TEMPORARY not in chosen:
        return "regular"
    return "temporary" if chosen == (TEMPORARY,) else "mixed"


def _share_reported(release: OpenRelease, quarter: str, covered: Sequence[Coverage]) -> float | None:
    """The share of staff that their own entity reported for this very quarter; None where there are none."""
    own = sum(row.staff for row in covered if row.state not in ("carried", "not-submitted"))
    everybody = sum(
        _last_known_staff(release, row.entity, quarter) if row.state == "not-submitted" else row.staff
        for row in covered
    )
    return own / everybody if everybody else None


def _last_known_staff(release: OpenRelease, entity: str, quarter: str) -> int:
    for earlier in reversed(release.codes["quarter"][: release.ids["quarter"][quarter]]):
        for row in release.coverage[earlier]:
            if row.entity == entity and row.staff:
                return row.staff
    return 0


def _like_for_like(asked: Asked, asking: Question, covered: Sequence[Coverage]) -> dict[str, int]:
    """Over how many of the entities in scope each basis of a question is counted."""
    if "basis" not in asking.by or asked.quarter not in asked.release.ids["quarter"]:
        return {}
    wanted = {row.entity for row in covered}
    return {basis: len(wanted & entities) for basis, entities in bases(asked, asking).items()}


def _incomplete(asked: Asked, asking: Question, covered: Sequence[Coverage], rows: Sequence[Row]) -> dict[str, float]:
    """Share of staff whose value is known, of the dimensions grouped or filtered by in which it is not all."""
    incomplete = {}
    for name in dict.fromkeys((*asking.by, *asked.filtered)):
        if name not in KNOWN_BY:
            continue
        # Where every entity tells all of it there is nothing to look up (temporary staff are not in the coverage).
        whole = all(row.known.get(KNOWN_BY[name]) == row.staff for row in covered)
        if not whole or "appointment" in asked.filtered:
            share = _known(asked, asking, name, covered, rows)
            if share < 1:
                incomplete[name] = share
    return incomplete


def _known(asked: Asked, asking: Question, name: str, covered: Sequence[Coverage], rows: Sequence[Row]) -> float:
    """Share of the staff a selection is about whose value in a dimension is known; its own filter is taken off."""
    if set(asked.filtered) <= {"entity", name} or DIMENSIONS[name].kind == PERSONAL:
        # By entity even under narrower filters, where dimensions are personal: how many of a small group have told
        # their age is no more to be had than their ages.
        told = [row for row in covered if KNOWN_BY[name] in row.known]
        staff = sum(row.staff for row in told)
        return sum(row.known[KNOWN_BY[name]] for row in told) / staff if staff else 1.0
    if name in asking.by and name not in asked.filtered:
        counts = [(row.keys[name], row.staff or 0) for row in rows]
    else:
        # Entities know how many they cannot tell of all their staff; how many of these, only the cells do.
        whole = understand(asked.release, asked.audience, asked.selection.without(name))
        breakdown = question(f"by_{name}")
        if whole.impossible or not isinstance(plan(whole, breakdown), Exact):
            return 1.0
        table = asked.release.codes[name]
        counts = [(table[row.keys[0]], (row.women or 0) + (row.men or 0)) for row in exact(whole, breakdown)]
    staff = sum(count for _, count in counts)
    return sum(count for code, count in counts if code != NOT_REPORTED) / staff if staff else 1.0
