"""Overview: how is the system doing?"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import figures, text
from dashboard.answer import Answer
from dashboard.figures.dots import left_out
from dashboard.figures.trend import notes as trend_notes
from dashboard.pages.page import Page, Panel
from dashboard.text import ngettext


def _(message: str) -> str:
    """Marks a string for the catalogue; it is translated where it is drawn, never at import."""
    return message


def _rows_left_out(answer: Answer) -> Sequence[str]:
    count = left_out(answer)
    if not count:
        return ()
    return (
        ngettext(
            "%(count)s more row is in the table. The figure shows those with the most staff.",
            "%(count)s more rows are in the table. The figure shows those with the most staff.",
            count,
            count=text.number(count),
        ),
    )


PAGE = Page(
    path="/",
    name=_("Overview"),
    columns=(
        (
            Panel(
                "by_grade",
                "by_grade",
                _("Share of women by grade"),
                figures.dots,
                text.breakdown_title,
                drill="grade",
                notes=_rows_left_out,
            ),
            Panel(
                "by_category",
                "by_category",
                _("Share of women by category"),
                figures.dots,
                text.breakdown_title,
                drill="category",
            ),
            Panel(
                "by_headquarters",
                "by_headquarters",
                _("At headquarters and elsewhere"),
                figures.composition,
                text.headquarters_title,
                drill="headquarters",
            ),
            Panel(
                "coverage",
                "coverage",
                _("Who has reported"),
                figures.reporting,
                text.coverage_title,
                tells_all=True,
            ),
        ),
        (
            Panel(
                "trend",
                "trend",
                _("Share of women over time"),
                figures.trend,
                text.trend_title,
                drill="quarter",
                notes=trend_notes,
            ),
            Panel(
                "by_entity",
                "by_entity",
                _("Share of women by entity"),
                figures.dots,
                text.breakdown_title,
                drill="entity",
                notes=_rows_left_out,
            ),
        ),
    ),
)
