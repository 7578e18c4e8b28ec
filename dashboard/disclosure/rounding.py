"""Rounding that tells nothing and never flickers: at random, without bias, and fixed by what is in a cell.

The content of a cell is the sum over its records of head-count x (key of the record + key of the sex + keys of the
personal codes asked for), modulo 2**64. Equal cells have equal contents whatever they are called, in whichever quarter
and for whomever; the draw is an HMAC of the content under a key of the release series, so nobody without the key can
tell which way a number was rounded. Being a sum, a content can be counted by a database like the heads themselves.

Women and men of a cell are rounded as a pair: where both could be taken down, or both up, by more than the base
together, the men take the draw of the women the other way round. Each of the two stays without bias. Drawn apart, they
told of a cell whose head-count is published elsewhere: of 8 staff, of whom none are left after rounding, 4 are women
and 4 men. Withholding such cells told as much, since nothing else made them be withheld.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

#: Characters a secret has at least; `python -c "import secrets; print(secrets.token_hex(32))"` makes one.
LEAST_SECRET = 32
#: Of demonstration releases, whose figures are about nobody: the same on every machine, so that pictures agree.
DEMONSTRATION_SECRET = "demonstration figures are modelled and tell on nobody"  # noqa: S105
MODULUS = 1 << 64


def _digest(key: bytes, *parts: str) -> bytes:
    return hmac.digest(key, "\n".join(parts).encode(), hashlib.sha256)


def record_key(secret: str, entity: str, department: str, duty_station: str, grade: str, rc: str) -> int:
    """The key of a record, from the codes of its exact dimensions (not the quarter), in 0..2**64-1."""
    return int.from_bytes(_digest(secret.encode(), "record", entity, department, duty_station, grade, rc)[:8], "big")


def code_key(secret: str, dimension: str, code: str) -> int:
    """The key of a personal code, or of a sex (dimension "sex", code F or M), in 0..2**64-1."""
    return int.from_bytes(_digest(secret.encode(), "code", dimension, code)[:8], "big")


def rounding_key(secret: str) -> str:
    """The key of the draws, as hexadecimal digits: all that a release file needs of the secret."""
    return _digest(secret.encode(), "rounding").hex()


def fingerprint(secret: str) -> str:
    """Tells one secret from another without giving it away."""
    return _digest(secret.encode(), "fingerprint").hex()[:16]


@lru_cache(maxsize=1 << 20)
def draw(key: str, content: int) -> float:
    """A number in [0, 1) fixed by the key and the content of a cell."""
    digest = hmac.digest(bytes.fromhex(key), content.to_bytes(8, "big"), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") / MODULUS


def round_pair(key: str, counts: Sequence[int], contents: Sequence[int], base: int) -> tuple[int, int]:
    """Women and men of one cell as shown: each to a multiple of the base, up with probability (count mod base) / base;
    both together are wrong by the base at most.
    """
    rest = [count % base for count in counts]
    up = [
        bool(left) and draw(key, content % MODULUS) < left / base for left, content in zip(rest, contents, strict=True)
    ]
    if all(rest) and sum(rest) != base:
        up[1] = 1 - draw(key, contents[0] % MODULUS) < rest[1] / base
    women, men = (count - left + base * more for count, left, more in zip(counts, rest, up, strict=True))
    return women, men


def round_pairs(
    key: str, counts: npt.NDArray[np.integer], contents: npt.NDArray[np.uint64], base: int
) -> npt.NDArray[np.int64]:
    """`round_pair` for many cells at once: counts and contents of shape (2, cells), women first."""
    heads = np.array(counts, dtype=np.int64)
    rest = heads % base
    drawn = np.zeros(heads.shape)
    pair = (rest > 0).all(axis=0) & (rest.sum(axis=0) != base)
    for sex, wanted in enumerate((rest[0] > 0, (rest[1] > 0) & ~pair)):
        at = np.flatnonzero(wanted)
        distinct, which = np.unique(contents[sex][at], return_inverse=True)
        drawn[sex][at] = _draws(key, distinct.tolist())[which]
    drawn[1][pair] = 1 - drawn[0][pair]
    return heads - rest + base * (drawn < rest / base)


def _draws(key: str, contents: Iterable[int]) -> npt.NDArray[np.float64]:
    """`draw` for many contents. An HMAC made of two hashes begun once, since setting one up costs more than hashing."""
    block = bytes.fromhex(key).ljust(64, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    digests = bytearray()
    for content in contents:
        first, second = inner.copy(), outer.copy()
        first.update(content.to_bytes(8, "big"))
        second.update(first.digest())
        digests += second.digest()[:8]
    return np.frombuffer(bytes(digests), ">u8") / float(MODULUS)
