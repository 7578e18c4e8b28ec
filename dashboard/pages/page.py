"""The shape of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.answer import Answer


def no_notes(answer: Answer) -> Sequence[str]:
    """No notes but those of the answer."""
    return ()


@dataclass(frozen=True)
class Panel:
    """One figure with its words: what it asks, how it is drawn, and how its finding is told.

    `heading` is what it is about, shown while its finding is not known yet (marked for translation, translated when
    drawn); `drill` is the dimension or key that a click on a mark narrows.
    """

    id: str
    question: str
    heading: str
    figure: Callable[[Answer], dict[str, Any]]
    title: Callable[[Answer], str]
    drill: str | None = None
    notes: Callable[[Answer], Sequence[str]] = field(default=no_notes)
    tells_all: bool = False  # whether notes true of the whole page are told here


@dataclass(frozen=True)
class Page:
    """One page with figures: its address, its name in the navigation, and its panels in two columns.

    The columns stand one under the other where there is room for one only, so the first holds what matters more.
    """

    path: str
    name: str
    columns: tuple[tuple[Panel, ...], ...]

    @property
    def panels(self) -> tuple[Panel, ...]:
        """All panels, in reading order."""
        return tuple(panel for column in self.columns for panel in column)
