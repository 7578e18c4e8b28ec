"""What rounded counts leave open: ranges of heads, shares and gaps, and when one is clearly more than another.

Every function takes a row. Of an exact row a range is one number twice; of a rounded one it goes from the least to the
most that its shown numbers may stand for. Nothing here knows true numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dashboard import measures
from dashboard.answer import Row

#: The least and the most that something may be.
Range = tuple[float, float]


def women(row: Row) -> tuple[int, int]:
    """How many women a row may stand for."""
    return row.possible.women if row.possible else (row.women or 0, row.women or 0)


def men(row: Row) -> tuple[int, int]:
    """How many men a row may stand for."""
    return row.possible.men if row.possible else (row.men or 0, row.men or 0)


def heads(row: Row, name: str) -> tuple[int, int]:
    """How many women, men or staff (`name`) a row may stand for."""
    if name == "staff":
        (least, most), (fewest, many) = women(row), men(row)
        return least + fewest, most + many
    return women(row) if name == "women" else men(row)


def partial(row: Row) -> bool:
    """Whether a row is a sum that leaves some of those chosen out."""
    return bool(row.left_out) and row.women is not None


def floors_together(row: Row) -> bool:
    """Whether a row without figures stands for several parts, each under a floor: together they are under none."""
    return row.reason == "fewer" and len(row.left_out) > 1


def floor(row: Row) -> int | None:
    """The floor that a row is under; None where it is under none."""
    return None if floors_together(row) else row.extra.get("fewer_than")


def share(row: Row) -> Range:
    """From which to which share of women, as fractions; from 0 to 1 where there may be nobody."""
    (least, most), (fewest, many) = women(row), men(row)
    return (least / (least + many) if least + many else 0.0, most / (most + fewest) if most + fewest else 1.0)


def per_cent(row: Row) -> tuple[int, int]:
    """The same in whole per cent: the least rounded down, the most rounded up."""
    # By integers: of 29 in 100 a float would make 28.
    (least, most), (fewest, many) = women(row), men(row)
    return (
        100 * least // (least + many) if least + many else 0,
        -(-100 * most // (most + fewest)) if most + fewest else 100,
    )


def open_share(row: Row) -> Range | None:
    """From which to which share of women a row that shows one may have, where rounding leaves it open; else None."""
    return share(row) if row.possible is not None and row.share_women is not None else None


def runs(line: Iterable[Range | None], alone: float) -> Iterator[list[tuple[float, Range]]]:
    """Ranges without a gap between them, each with its place in the line, as they are drawn as one area; a single one
    reaches so far (`alone`) to both sides of its place.
    """
    run: list[tuple[float, Range]] = []
    for place, ends in enumerate([*line, None]):
        if ends is not None:
            run.append((place, ends))
        elif run:
            yield run if len(run) > 1 else [(run[0][0] + aside, run[0][1]) for aside in (-alone, alone)]
            run = []


def gap(row: Row) -> tuple[int, int]:
    """From which to which number of men less women."""
    (least, most), (fewest, many) = women(row), men(row)
    return fewest - most, many - least


def index(row: Row) -> tuple[int, int]:
    """From which to which number of women, or men, for equal numbers."""
    low, high = gap(row)
    if low > 0 or high < 0:
        return min(abs(low), abs(high)), max(abs(low), abs(high))
    return 0, max(abs(low), abs(high))


def needed(row: Row) -> str | None:
    """Which sex is clearly needed, "women" or "men"; None at equal numbers and where rounding leaves it open."""
    return measures.needed_between(women(row), men(row))


def open_index(row: Row) -> bool:
    """Whether rounding leaves open which of the two are fewer, so that a row with counts has no index."""
    return row.possible is not None and row.index_growth is None


def apart(one: Range, other: Range) -> bool:
    """Whether two ranges have nothing in common, so that what they stand for is clearly different."""
    return one[1] < other[0] or other[1] < one[0]


def clearly_most(row: Row, rows: Iterable[Row], range_of: Callable[[Row], Range]) -> bool:
    """Whether none of the other rows may have as much as this one. A sum that leaves some out may be anything."""
    known = [row, *rows]
    return not any(each.left_out for each in known) and all(
        each is row or range_of(each)[1] < range_of(row)[0] for each in known
    )


def clearly_least(row: Row, rows: Iterable[Row], range_of: Callable[[Row], Range]) -> bool:
    """Whether none of the other rows may have as little as this one. A sum that leaves some out may be anything."""
    known = [row, *rows]
    return not any(each.left_out for each in known) and all(
        each is row or range_of(each)[0] > range_of(row)[1] for each in known
    )


def first_ones(rows: Iterable[Row], range_of: Callable[[Row], Range]) -> list[Row]:
    """The rows that may have most: none of the others has clearly more. Of exact rows those that have most; always
    sums that leave some out, which may have more than they show.
    """
    known = list(rows)
    best = max((range_of(row)[0] for row in known), default=0)
    return [row for row in known if row.left_out or range_of(row)[1] >= best]
