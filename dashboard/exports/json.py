"""JSON: the answer of the API."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from dashboard import codelists, ranges
from dashboard import text as words
from dashboard.answer import EXACT, FLAGS, REASONS, REFUSED, ROUNDED, Answer, Row
from dashboard.exports import columns
from dashboard.selection import DIMENSIONS

_NUMBER = {"type": ["integer", "null"]}
#: JSON Schema of the properties every row has besides its grouping columns.
ROW_SCHEMA: dict[str, Any] = {
    "women": _NUMBER,
    "men": _NUMBER,
    "women_low": {"description": "the least number of women that a rounded one stands for", **_NUMBER},
    "women_high": {"description": "the largest number of women that a rounded one stands for", **_NUMBER},
    "men_low": {"description": "the least number of men that a rounded one stands for", **_NUMBER},
    "men_high": {"description": "the largest number of men that a rounded one stands for", **_NUMBER},
    "staff": {"description": "women + men", **_NUMBER},
    "share_women": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "index_growth": {
        "description": "more of the fewer sex needed, if the other stays as it is; null where rounding leaves open "
        "which of the two are fewer",
        **_NUMBER,
    },
    "index_replacement": {"description": "posts to change hands at constant size", **_NUMBER},
    "status": {
        "description": "of rounded counts only where rounding leaves no other open",
        "type": ["string", "null"],
        "enum": ["below", "parity", "above", "few", None],
    },
    "reason": {"description": "why a value is null", "type": ["string", "null"], "enum": [*REASONS, None]},
    "fewer_than": {"description": "the floor, where reason is fewer; null for a sum of several parts", **_NUMBER},
    "protection": {
        "description": "rounded: women, men and what is derived of them are about",
        "type": "string",
        "enum": [EXACT, ROUNDED],
    },
    "left_out": {
        "description": "chosen members that are not in this sum, since they may not be shown",
        "type": "array",
        "items": {"type": "string"},
    },
    "flag": {"type": "string", "enum": list(FLAGS)},
    "as_of": {"type": "string", "format": "date"},
}


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value


def content(answer: Answer, root: str = "") -> dict[str, Any]:
    """The answer as an object of plain values; `root` is the path of the product on its site."""
    scope = answer.scope
    release = scope.release
    return {
        "question": answer.question,
        "release": {
            "name": release.name,
            "quarter": release.quarter,
            "published": release.published.isoformat(),
            "demonstration": release.demonstration,
            "newer": release.newer,
        },
        "audience": scope.audience,
        "notice": words.audience(scope),
        "selection": {
            "quarter": answer.selection.quarter,
            "release": answer.selection.release,
            **{name: list(codes) for name, codes in answer.selection.chosen},
        },
        "query": answer.selection.to_query(),
        "scope": {
            "population": scope.population,
            "quarter": scope.quarter,
            "as_of": scope.as_of.isoformat(),
            "entities": scope.entities,
            "entities_expected": scope.entities_expected,
            "carried": list(scope.carried),
            "partial": list(scope.partial),
            "not_submitted": list(scope.not_submitted),
            "share_reported": scope.share_reported,
            "dimension_coverage": dict(scope.dimension_coverage),
            "same_entities": dict(scope.same_entities),
            "women": scope.women,
            "men": scope.men,
            "staff": scope.staff,
            **columns.between(scope.possible),
            "protection": scope.protection,
            "left_out": list(scope.left_out),
            "demonstration": scope.demonstration,
            "source": scope.source or None,
            "sentence": words.scope_line(answer, leaving=True),
        },
        "protection": answer.protection,
        "method": None if answer.protection == EXACT else root + words.METHOD,
        "notes": [
            {"code": note.code, "values": _plain(note.values), "sentence": words.note_sentence(note, answer)}
            for note in (*answer.notes, *words.protection_notes(answer))
        ],
        "by": list(answer.by),
        "rows": [_row(answer, row) for row in columns.rows(answer)],
    } | ({"refused": _refused(answer)} if answer.protection == REFUSED else {})


def _row(answer: Answer, row: Row) -> dict[str, Any]:
    return _plain(columns.record(answer, row)) | {"fewer_than": ranges.floor(row)}


def _refused(answer: Answer) -> dict[str, Any]:
    """Why there is no answer, and where there are some."""
    said = next((note.values for note in answer.notes if note.code == REFUSED), {})
    return {
        "reason": said.get("reason"),
        "dimensions": list(said.get("dimensions", ())),
        "sentence": words.refused(answer),
        "nearest": [
            {"text": near["nearest"], "page": near["nearest_page"], "answer": near["nearest_answer"]}
            for near in columns.nearest(answer)
        ],
    }


def text(answer: Answer, root: str = "") -> str:
    """The answer as JSON text; `root` is the path of the product on its site."""
    return json.dumps(content(answer, root), ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _said(option: Any, protection: str) -> str:
    """What stands beside an option: its count, in the words that figures have for it."""
    if option.staff is not None:
        said = words.number(option.staff)
        return words.about(said) if protection == ROUNDED else said
    return words.fewer_than(option.fewer_than) if option.fewer_than else ""


def facet(facet: Any) -> dict[str, Any]:
    """A facet of the filter panel (answering.facets.Facet) as an object of plain values."""
    dimension = DIMENSIONS[facet.dimension]
    return {
        "label": words.dimension(facet.dimension),
        "kind": dimension.kind,
        "protected": facet.protection != EXACT,
        "protection": facet.protection,
        "note": {
            ROUNDED: words.gettext("Counts are rounded to protect individuals."),
            REFUSED: words.gettext("Counts are protected: with these filters none can be shown."),
        }.get(facet.protection, ""),
        "options": [
            {
                "code": option.code,
                # Where people use the code as the name, both: a search finds either.
                "label": option.code
                if facet.dimension in words.CODE_IS_NAME
                else words.label({facet.dimension: {option.code: option.label}}, facet.dimension, option.code),
                "name": option.label if facet.dimension in words.CODE_IS_NAME else "",
                # Spellings, former and short names: a search in the panel finds what the search box finds.
                "also": [name for names in codelists.other_names(facet.dimension, option.code) for name in names],
                "staff": option.staff,
                "fewer_than": option.fewer_than,
                "said": _said(option, facet.protection),
                "chosen": option.chosen,
            }
            for option in facet.options
        ],
    }
