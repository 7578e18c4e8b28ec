"""Over which entities a release's figures can be compared, quarters back, by the one rule of `dashboard.comparable`."""

from __future__ import annotations

from dashboard import comparable as rule
from dashboard.answering.understand import Asked
from dashboard.questions import Question
from dashboard.warehouse import OpenRelease

QUARTERS_A_YEAR = 4
#: What a question may compare with: its parameter, the basis of such rows, and how many quarters back that is.
COMPARED = (
    ("previous_quarter", "previous-quarter", 1),
    ("previous_year", "previous-year", QUARTERS_A_YEAR),
    ("five_years_before", "five-years", 5 * QUARTERS_A_YEAR),
)


def before(release: OpenRelease, quarter: str, count: int) -> str | None:
    """The quarter so many before another; None where the release does not reach back that far."""
    place = release.ids["quarter"][quarter] - count
    return release.codes["quarter"][place] if place >= 0 else None


def own_figures(release: OpenRelease, quarter: str) -> rule.Series:
    """Entities whose figures for a quarter are their own, each with the series they belong to."""
    found = release.once(("series",), lambda: rule.series(release.codes["quarter"], release.coverage))
    place = release.ids["quarter"].get(quarter)
    return {} if place is None else found[place]


def same_entities(release: OpenRelease, now: str, then: str | None) -> frozenset[str]:
    """Entities whose figures can be compared between two quarters."""
    if then is None:
        return frozenset()
    return release.once(("same", now, then), lambda: rule.shared(own_figures(release, now), own_figures(release, then)))


def line(asked: Asked) -> rule.Line:
    """What the development of a selection is told of, like for like."""
    release, wanted = asked.release, asked.entities()

    def make() -> rule.Line:
        quarters = release.codes["quarter"][: asked.now + 1]
        return rule.line(quarters, [own_figures(release, each) for each in quarters], wanted)

    return release.once(("line", asked.quarter), make) if wanted is None else make()


def compared(question: Question) -> list[tuple[str, int]]:
    """The bases a question compares on, each with the number of quarters it goes back."""
    return [(basis, back) for parameter, basis, back in COMPARED if parameter in question.against]


def bases(asked: Asked, question: Question) -> dict[str, frozenset[str]]:
    """Over which entities each basis of a question is counted: those like for like."""
    found = {
        basis: same_entities(asked.release, asked.quarter, before(asked.release, asked.quarter, back))
        for basis, back in compared(question) or [(basis, back) for _, basis, back in COMPARED[:2]]
    }
    return found if question.apart else found | {rule.SAME: line(asked).entities}
