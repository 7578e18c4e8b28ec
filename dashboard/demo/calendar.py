"""Quarters as whole numbers: 2017Q4 is 4 * 2017 + 3, so that differences are spans of quarters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

#: The first and last quarter of the demonstration data (issue: 36 quarters).
FIRST, LAST = "2017Q4", "2026Q3"
#: The five quarters that are released, so that history, differences and rollback are real.
RELEASED = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")


def number(quarter: str) -> int:
    """`2017Q4` -> 8071."""
    year, part = quarter.split("Q")
    return 4 * int(year) + int(part) - 1


def name(quarter: int) -> str:
    """8071 -> `2017Q4`."""
    return f"{quarter // 4}Q{quarter % 4 + 1}"


def span(first: str, last: str) -> tuple[str, ...]:
    """All quarters from first to last, both included."""
    return tuple(name(n) for n in range(number(first), number(last) + 1))


def day_after(quarter: str) -> datetime:
    """Midnight (UTC) after the last day of the quarter."""
    following = number(quarter) + 1
    return datetime(following // 4, following % 4 * 3 + 1, 1, tzinfo=UTC)


def days_later(quarter: str, days: float) -> datetime:
    """So many days after the quarter's end."""
    return day_after(quarter) + timedelta(days=days)
