"""Drawings of plain pages, as inline SVG: across they go by per cent, so they are as wide as their room."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboard import text
from dashboard.ranges import Range, runs
from dashboard.settings import PARITY_BAND

HALF = 50
#: Where lines begin and how wide they are, in per cent of the drawing: left of them stands the scale.
LEFT, WIDTH = 9, 86
#: With so many steps a mark at each of them would hide the line, and a label beneath each the others.
SPARSE_FROM = 16
#: So many labels stand beneath a long line.
LABELS = 4
#: Shapes around a place, told apart without colour: a disc, a square, a triangle, a diamond.
SHAPES: Mapping[str, str] = {
    "a": "M-6 0a6 6 0 1 0 12 0a6 6 0 1 0-12 0z",
    "b": "M-5-5h10v10h-10z",
    "c": "M0-7L6.5 5h-13z",
    "d": "M0-7.5L7.5 0L0 7.5L-7.5 0z",
}


def spot(per_cent: float | None) -> str | None:
    """A place on a scale of 100, as SVG writes it."""
    return None if per_cent is None else f"{per_cent:.2f}".rstrip("0").rstrip(".") + "%"


@dataclass(frozen=True)
class Drawing:
    """Lines over time or posts in a box of a fixed height."""

    height: float
    segments: Sequence[tuple[str, str, float, float, str]]  # from, to, height from, height to, class
    dots: Sequence[tuple[str, float, str]]  # across, height, class
    areas: Sequence[tuple[str, str]]  # corners as a polygon has them, across in hundredths of the drawing; class
    labels: Sequence[tuple[str, str]]  # across, text
    scale: Sequence[tuple[float, str]]  # height, text
    low: float  # heights of the band
    high: float
    half: float


def span(ends: Range | None) -> tuple[str, str] | None:
    """Where a range of shares (fractions) begins on a scale of 100 and how wide it is, as SVG writes it."""
    return None if ends is None else (str(spot(100 * ends[0])), str(spot(100 * (ends[1] - ends[0]))))


#: Half of the width of an area about a single step, of a step.
_ALONE = 0.3


def _corners(run: Sequence[tuple[float, Range]], step: float, up: Callable[[float], float]) -> str:
    # An area about the first or the last step alone ends with the lines.
    across = [min(max(LEFT + step * place, LEFT), LEFT + WIDTH) for place, _ in run]
    low = [f"{x:.2f},{up(ends[0])}" for x, (_, ends) in zip(across, run, strict=True)]
    high = [f"{x:.2f},{up(ends[1])}" for x, (_, ends) in zip(across, run, strict=True)]
    return " ".join((*low, *reversed(high)))


def drawing(
    lines: Mapping[str, Sequence[float | None]],
    labels: Sequence[str],
    height: float = 120,
    open_: Mapping[str, Sequence[Range | None]] | None = None,
) -> Drawing | None:
    """Shares of women (per cent) in equal steps, each line a class of its own; None where there is nothing to draw.

    Of long lines the ends are marked, and what stands alone; of short ones every step. `open_` has for the steps of a
    line which shares (fractions) rounding leaves open, which are drawn as an area.
    """
    open_ = open_ or {}
    known = [share for line in lines.values() for share in line if share is not None]
    if len(known) < 2:
        return None
    known += [100 * share for line in open_.values() for ends in line if ends is not None for share in ends]
    # Wide enough for the band and no wider than needed: whole tens, the band always in sight.
    bottom = max(0, int(min(*known, 45) // 10 * 10))
    top = min(100, -int(-max(*known, 55) // 10 * 10))

    def up(share: float) -> float:
        return round(8 + (top - share) / (top - bottom) * (height - 16), 1)

    count = max(len(line) for line in lines.values())
    step = WIDTH / max(count - 1, 1)
    across = [f"{LEFT + step * place:.2f}%" for place in range(count)]
    sparse = count >= SPARSE_FROM
    segments, dots = [], []
    for name, line in lines.items():
        for place, share in enumerate(line):
            if share is None:
                continue
            before = line[place - 1] if place else None
            after = line[place + 1] if place + 1 < len(line) else None
            if not sparse or before is None or after is None:
                dots.append((across[place], up(share), name))
            if before is not None:
                segments.append((across[place - 1], across[place], up(before), up(share), name))
    areas = [
        (_corners(run, step, up), name)
        for name, line in open_.items()
        for run in runs(([None if ends is None else (100 * ends[0], 100 * ends[1]) for ends in line]), _ALONE)
    ]
    beneath = list(zip(across, labels, strict=False))
    if sparse:
        kept = {round(number * (len(beneath) - 1) / (LABELS - 1)) for number in range(LABELS)}
        beneath = [pair for place, pair in enumerate(beneath) if place in kept]
    scale = [(up(share), text.number(share)) for share in (bottom, HALF, top)]
    low, high = PARITY_BAND
    return Drawing(height, segments, dots, areas, beneath, scale, up(low), up(high), up(HALF))
