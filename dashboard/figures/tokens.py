"""The one palette: figures, style sheet and scripts take their colours from here.

`python -m dashboard.figures.tokens` writes assets/tokens.css and assets/tokens.js; a test fails when they are stale
and computes every contrast. Figures are drawn with the light values; the browser swaps them for the dark ones.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent.parent / "assets"

#: Name -> (light, dark). Values must differ from each other within a theme where a figure uses them: the browser
#: tells colours apart by their light value alone.
TOKENS: dict[str, tuple[str, str]] = {
    "paper": ("#FFFFFF", "#14171B"),
    "ink": ("#1B1F24", "#ECEFF2"),
    "muted": ("#5A6470", "#A9B3BE"),
    "line": ("#D9DEE4", "#343B44"),
    "control": ("#6B7480", "#8A95A1"),
    "band": ("#EEF0F3", "#232930"),
    "band-edge": ("#9AA3AE", "#66717D"),
    "women": ("#4B1D78", "#7C4DFF"),
    "men": ("#D17C00", "#FFCC80"),
    "women-text": ("#4B1D79", "#B79CFF"),
    "men-text": ("#A35F00", "#FFCC80"),
    "on-women": ("#FFFFFE", "#FFFFFF"),
    "on-men": ("#1B1F23", "#14171B"),
    "link": ("#17407A", "#9CC3FF"),
    "notice": ("#FFF6E3", "#2B2413"),
    "notice-edge": ("#F0DBA8", "#5C4A1D"),
    "neutral": ("#4A545F", "#97A2AE"),
    "neutral-soft": ("#B4BCC5", "#4D5762"),
    # Classes of a map, from far below parity to far above it: the hues of men and of women with a third between.
    "map-far-below": ("#7F4400", "#B96A14"),
    "map-below": ("#D27D06", "#FFC46B"),
    "map-parity": ("#1B8A84", "#35B8AE"),
    "map-above": ("#9A78D0", "#B9A2FF"),
    "map-far-above": ("#4B1D77", "#7A4BF0"),
}

#: The classes of a map in their order.
MAP = ("map-far-below", "map-below", "map-parity", "map-above", "map-far-above")

LIGHT = {name: pair[0] for name, pair in TOKENS.items()}
DARK = {name: pair[1] for name, pair in TOKENS.items()}

#: What must be told apart from what: (colour, background, least contrast). 4.5 for text, 3 for marks and large text.
CONTRASTS = (
    ("ink", "paper", 4.5),
    ("muted", "paper", 4.5),
    ("muted", "band", 4.5),
    ("link", "paper", 4.5),
    ("link", "notice", 4.5),
    ("ink", "notice", 4.5),
    ("women-text", "paper", 4.5),
    ("men-text", "paper", 4.5),
    ("on-women", "women", 4.5),
    ("on-men", "men", 4.5),
    ("women", "paper", 3.0),
    ("men", "paper", 3.0),
    ("women", "men", 3.0),
    ("control", "paper", 3.0),
    ("neutral", "paper", 3.0),
    ("women", "band", 3.0),
    *((name, "paper", 3.0) for name in MAP),
)


def luminance(colour: str) -> float:
    """Relative luminance of a #RRGGBB colour (WCAG 2.2)."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2), from 1 to 21."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def css() -> str:
    """The content of assets/tokens.css."""

    def block(values: dict[str, str], indent: str) -> str:
        return "".join(f"{indent}--{name}: {value};\n" for name, value in values.items())

    return (
        "/* Written by `python -m dashboard.figures.tokens`; edit dashboard/figures/tokens.py instead. */\n"
        ":root {\n  color-scheme: light dark;\n" + block(LIGHT, "  ") + "}\n"
        "@media screen and (prefers-color-scheme: dark) {\n  :root {\n" + block(DARK, "    ") + "  }\n}\n"
    )


def script() -> str:
    """The content of assets/tokens.js: light value -> dark value, which is all that figures need."""
    swaps = json.dumps(dict(sorted(TOKENS.values())), indent=2)
    return (
        "// Written by `python -m dashboard.figures.tokens`; edit dashboard/figures/tokens.py instead.\n"
        '"use strict";\n'
        f"window.parityDark = {swaps};\n"
    )


def main() -> int:
    """Write both files."""
    (ASSETS / "tokens.css").write_text(css(), encoding="utf-8")
    (ASSETS / "tokens.js").write_text(script(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
