"""Words of messages: numbers with their nouns, and reasons without signs that nobody sees."""

from __future__ import annotations

import unicodedata

#: Signs without a glyph that belong to the spelling of words: of Persian and Indic scripts, and of emoji.
_JOINERS = "\u200c\u200d"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 error", "2 errors", "1 woman"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: list[str], most: int = 8) -> str:
    """Words as a sentence has them, the last ones counted where there are many."""
    shown = words if len(words) <= most else [*words[:most], f"{len(words) - most:,} more"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def plain(text: str) -> str:
    """A text that a person gave as a reason, in one line and without control and direction marks: it is published, and
    such a mark would turn around or hide what stands beside it.
    """
    spaced = "".join(
        " " if sign.isspace() or unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in text
    )
    kept = (sign for sign in spaced if sign in _JOINERS or unicodedata.category(sign) not in ("Cf", "Cs", "Co", "Cn"))
    return " ".join("".join(kept).split())
