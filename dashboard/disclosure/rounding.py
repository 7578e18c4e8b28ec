"""Rounding that tells nothing and never flickers: at random, without bias, and fixed by what is in a cell.

The content of a cell is the sum over its records of head-count x (key of the record + key of the sex + keys of the
personal codes asked for), modulo 2**64. Equal cells have equal contents whatever they are called, in whichever quarter
and for whomever; the draw is an HMAC of the content under a key of the release series, so nobody without the key can
tell which way a number was rounded. Being a sum, a content can be counted by a database like the heads themselves.
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


def round_count(key: str, count: int, content: int, base: int) -> int:
    """`count` (heads of one sex) rounded to a multiple of `base`: up with probability (count mod base) / base."""
    rest = count % base
    if not rest:
        return count
    return count - rest + (base if draw(key, content % MODULUS) < rest / base else 0)


def round_counts(key: str, counts: Sequence[int] | npt.NDArray, contents: Iterable[int], base: int) -> npt.NDArray:
    """`round_count` for many cells at once; counts and contents in the same order."""
    heads = np.array(counts, dtype=np.int64)
    rest = heads % base
    drawn = _draws(key, (content % MODULUS for content, left in zip(contents, rest.tolist(), strict=True) if left))
    odd = np.flatnonzero(rest)
    heads -= rest
    heads[odd] += base * (drawn < rest[odd] / base)
    return heads


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
