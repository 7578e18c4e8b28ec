"""Names as they are compared when somebody looks for one: the one rule of search box, filters and tables.

`assets/names.js` is the same rule in the browser, and a test holds the two together.
"""

from __future__ import annotations

import re
import unicodedata

#: Letters that no decomposition turns into those people type instead.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss", "ς": "σ"}
)
_WORD = re.compile(r"[^\W_]+")
#: Signs that people type for an apostrophe: of a typewriter, of phones in several languages, letters that look like it.
_APOSTROPHES = re.compile(r"['’‘‛ʼʻ`´′]")


def folded(words: str) -> str:
    """Words as they are compared: without accents, without regard to case.

    Never by the language of the reader: in Turkish a small I has no dot, and "unicef" would not be UNICEF.
    """
    plain = unicodedata.normalize("NFKD", words).lower().translate(_LETTERS)
    return "".join(letter for letter in plain if not unicodedata.category(letter).startswith("M"))


def split(words: str) -> list[str]:
    """The words of a text as they are compared: "Côte d’Ivoire" is cote, d, ivoire."""
    return _WORD.findall(folded(words))


def joined(words: str) -> str:
    """A text without anything between its letters: "P-4" and "P 4" are p4, "UN WOMEN" is unwomen."""
    return "".join(split(words))


def without_apostrophes(words: str) -> str:
    """A text whose apostrophes are left out, as "dIvoire" is typed: its words are others than those of `split`."""
    return _APOSTROPHES.sub("", words)
