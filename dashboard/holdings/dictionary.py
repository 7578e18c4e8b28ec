"""The data dictionary: what every column means, for the contract as it is and for the files as they are written.

Names, order, need and codes come from `contract`, from the table of dimensions and from the exports; only meanings are
written here, and a test fails for a column that has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard import contract, questions, text
from dashboard.answering.comparable import COMPARED
from dashboard.exports import columns
from dashboard.exports.json import ROW_SCHEMA
from dashboard.selection import DIMENSIONS, NOT_APPLICABLE, NOT_REPORTED
from dashboard.text import gettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


@dataclass(frozen=True)
class Entry:
    """A column: its name, what it means, the values it takes (`codes`: the list that has them), and whether it must
    be there.
    """

    name: str
    meaning: str
    values: str
    codes: str | None = None
    needed: str = ""


#: What columns of a submission mean.
SENT: Mapping[str, str] = {
    "quarter": _("The quarter on whose last day staff are counted."),
    "entity": _("The entity that reports: its code, or another accepted spelling."),
    "department": _("The department, office or mission, if the entity has any."),
    "duty_station": _("Where the post is. It determines country, country team and region, which are never sent."),
    "grade": _("The grade of the post. It determines the category, which is never sent."),
    "sex": _("F (women), M (men), X (other or not disclosed)."),
    "age_group": _("Age on the last day of the quarter, in bands of five years."),
    "nationality": _("Nationality, as an ISO 3166 code of three letters."),
    "appointment": _("Kind of appointment. Staff on temporary appointments are counted separately."),
    "rc": _("Whether the person is the Resident Coordinator."),
    "headcount": _("How many staff share all these codes. Without this column, each row is one person."),
    "kind": _("What happened: appointed, promoted into or out of the grade, or separated."),
    "count": _("How often it happened in the quarter."),
    "reason": _("Why figures for this quarter are sent again."),
}
#: What columns of files and answers mean, besides dimensions and their names.
RECEIVED: Mapping[str, str] = {
    "quarter": _("The quarter on whose last day staff are counted."),
    "basis": _("Which entities a row counts: all of them, or those that can be compared."),
    "kind": _("What happened: appointed, promoted into or out of the grade, or separated."),
    "year": _("The year of figures on uniformed personnel."),
    "women": _("Head-count of women."),
    "men": _("Head-count of men."),
    "women_low": _("The smallest number of women that a rounded number may stand for. Empty for exact figures."),
    "women_high": _("The largest number of women that a rounded number may stand for. Empty for exact figures."),
    "men_low": _("The smallest number of men that a rounded number may stand for. Empty for exact figures."),
    "men_high": _("The largest number of men that a rounded number may stand for. Empty for exact figures."),
    "staff": _("Women and men together."),
    "share_women": _("Women divided by women and men, from 0 to 1."),
    "index_growth": _(
        "Gender Parity Index, growth: how many more women (or men) are needed if the number of men (or women) stays "
        "the same. For rounded counts it is their difference. Empty if rounding hides which are needed."
    ),
    "index_replacement": _(
        "Gender Parity Index, replacement: how many posts would have to change hands, if the total stays the same. "
        "Empty if growth is empty."
    ),
    "status": _("Parity status, judged on exact head-counts. Rounded counts have one only if it is certain."),
    "reason": _("Why there is no number. In text files, the code includes the floor, like fewer-than-5."),
    "fewer_than": _("The floor that the number is below, if the reason is “fewer”. In JSON only."),
    "protection": _("Whether the row is exact, or rounded to protect individuals."),
    "left_out": _("Chosen groups that are not in this sum, because they may not be shown."),
    "flag": _("How the figures were obtained."),
    "as_of": _("The day on which staff are counted."),
    "other": _("Other or not disclosed, rounded. For the whole system only, and only if there are enough of them."),
    "state": _("Whether and how the entity reported for the quarter."),
    "revised": _("Whether figures for the quarter were sent again."),
    "late": _("Whether they were first sent late."),
    "series_break": _("Whether figures from this quarter on cannot be compared with earlier ones."),
    "source_quarter": _("The quarter of the figures: an earlier one if they are carried forward."),
    "submission": _("The submission they were taken from. For signed-in staff only."),
    "submitted_at": _("When it was received. For the public, the day only."),
    "note_reason": _("The entity’s own remark on these figures."),
    "source": _("Where figures on uniformed personnel come from."),
    "release": _("The release that answered."),
    "audience": _("Who the file is for."),
    "notice": _("The same in words."),
    "population": _("Who is counted: staff on appointments of one year or more, on temporary appointments, or both."),
    "demonstration": _("Whether these are demonstration data."),
    "why": _("Why these filters cannot be combined, in words. Only if they cannot."),
    "nearest": _("A similar answer that can be shown, in words. Only if filters cannot be combined."),
    "nearest_page": _("The same as a page."),
    "nearest_answer": _("The same as a file."),
}
#: Values of columns that are no dimension: what the exports write.
_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "state": ("reported", "carried", "partial", "not-submitted", "not-participant"),
    "audience": ("internal", "public"),
    "population": ("regular", "temporary", "mixed"),
}
_TRUTH = ("revised", "late", "series_break", "demonstration")
_EXTRAS = ("other", "state", "revised", "late", "series_break", "source_quarter", "submission", "submitted_at",
           "note_reason", "source")  # fmt: skip


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(values)


def _sent_values(column: contract.Column, table: str) -> tuple[str, str | None]:
    """The values a column of a submission takes, and the list that has them."""
    missing = _listed(column.missing)
    if column.name == "quarter":
        return gettext("written like 2026Q3"), None
    if column.name == "sex":
        return _listed(contract.SEXES), None
    if column.name == "kind":
        return _listed(contract.KINDS), None
    if column.name in ("headcount", "count"):
        return gettext("a whole number from 0 to %(most)s", most=text.number(contract.LIMIT_COUNT)), None
    if column.name in DIMENSIONS:
        said = gettext("a code of the list")
        return gettext("%(values)s; or %(missing)s", values=said, missing=missing) if missing else said, column.name
    return gettext("text"), None


def _needed(column: contract.Column) -> str:
    if column.needed:
        return gettext("yes")
    if column.name == "headcount":
        return gettext("no; if missing, 1")
    if column.name == "department":
        return gettext(
            "no; if missing, %(some)s, or %(none)s if the entity has none", some=NOT_REPORTED, none=NOT_APPLICABLE
        )
    return gettext("no; if missing, %(code)s", code=NOT_REPORTED)


def submission() -> dict[str, list[Entry]]:
    """Table -> its columns, as an entity sends them."""
    return {
        table: [
            Entry(column.name, gettext(SENT.get(column.name, "")), *_sent_values(column, table), needed=_needed(column))
            for column in listed
        ]
        for table, listed in contract.COLUMNS.items()
    }


def _schema_values(name: str) -> str:
    schema = ROW_SCHEMA[name]
    if "enum" in schema:
        return _listed(tuple(value for value in schema["enum"] if value is not None))
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    first = next(kind for kind in kinds if kind != "null")
    said = {
        "integer": gettext("a whole number"),
        "number": gettext("a number"),
        "array": gettext("a list, separated by semicolons in text files"),
        "string": gettext("a date, written like 2026-09-30") if schema.get("format") == "date" else gettext("text"),
    }[first]
    return gettext("%(values)s; or empty", values=said) if "null" in kinds else said


def _received_values(name: str) -> str:
    if name in ROW_SCHEMA:
        return _schema_values(name)
    if name in ("quarter", "source_quarter"):
        return gettext("written like 2026Q3")
    if name == "basis":
        return _listed(("all", "same-entities", *(basis for _, basis, _ in COMPARED)))
    if name == "kind":
        return _listed(contract.KINDS)
    if name == "other":
        return gettext("a whole number; or empty")
    if name in _TRUTH:
        return "true, false"
    return _listed(_WRITTEN[name]) if name in _WRITTEN else gettext("text")


def received() -> list[Entry]:
    """The columns of files and answers: what rows are by, what they measure, and where they come from."""
    found = []
    for name in DIMENSIONS:
        found.append(Entry(name, gettext("%(dimension)s, as a code.", dimension=text.dimension(name)),
                           gettext("a code of the list"), name))  # fmt: skip
        if name not in columns.BARE:
            found.append(Entry(f"{name}_label", gettext("The name of that code, in the language of the page."),
                               gettext("text")))  # fmt: skip
    others = dict.fromkeys(key for question in questions.load().values() for key in question.by)
    for name in others:
        if name in DIMENSIONS or name in columns.BARE:
            continue
        found.append(Entry(name, gettext("%(dimension)s, as a code.", dimension=text.dimension(name)),
                           gettext("a code of the list"), name))  # fmt: skip
        found.append(Entry(f"{name}_label", gettext("The name of that code, in the language of the page."),
                           gettext("text")))  # fmt: skip
    names = [*columns.BARE, *columns.MEASURES, "fewer_than", *_EXTRAS, *columns.SCOPE, *columns.REFUSAL]
    names += [name for name in ROW_SCHEMA if name not in names]
    for name in dict.fromkeys(names):
        found.append(Entry(name, gettext(RECEIVED[name]) if name in RECEIVED else "", _received_values(name)))
    return found
