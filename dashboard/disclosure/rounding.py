"""Rounding that neither tells a count nor that a count has changed.

The content of a cell is the sum over its records of head-count x (key of the record + key of the sex + keys of the
personal codes asked for), modulo 2**64. Equal cells have equal contents whatever they are called, in whichever quarter
and for whomever. The content of a group is the sum of the contents of all its cells: a group is whoever shares all
keys of a table but the protected one (all staff, an entity, an entity's grade). Being sums, contents can be counted by
a database like the heads themselves.

A count is shown in two steps, each drawn from a keyed pseudo-random function, so that nobody without the key can undo
either:

1. A lasting offset is added to a count above zero. However often a cell is seen, an average tells count plus offset,
   never the count. It is fixed by the support of the cell: for places, which records it has anybody of, not how many.
   Were it fixed by how many there are, the average of a cell would leap when somebody comes or leaves, and tell where.
   Personal cells have their content for a support: which records they have changes with nearly everybody.
2. A passing number of the same size is added, and the sum is rounded to a multiple of the base, up or down at random
   without bias: both by draws fixed by the content of the cell and that of its group. Whenever anybody of a group came
   or left, all its cells are drawn anew, so that a single number moved says nothing; and the same people
   look alike under every label. Without the passing number a count that is near a multiple of the base would nearly
   always look the same, and not when one more has come.

Each cell has draws of its own. With one draw for all cells of a place its many cells in which nobody moved told the
draw, and then the few in which somebody did told who (docs/decisions.md).

A cell is under a floor where women and men together are, as rounded or with their lasting numbers. Judged by the
rounded numbers alone, one person could be shown as 5, which tells of a place whose head-count is published; judged by
the true ones, that a cell is shown would tell of its true number.

Women and men of a cell are drawn as a pair: where both could be taken down, or both up, by more than the base
together, the men take the draw of the women the other way round. Each of the two stays without bias. Drawn apart, they
told of a cell whose head-count is published elsewhere: of 8 staff, of whom none are left after rounding, 4 are women
and 4 men.
"""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

#: Characters a secret has at least; `python -c "import secrets; print(secrets.token_hex(32))"` makes one.
LEAST_SECRET = 32
#: Of demonstration releases, whose figures are about nobody: the same on every machine, so that pictures agree.
DEMONSTRATION_SECRET = "demonstration figures are modelled and identify nobody"  # noqa: S105
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


@lru_cache(maxsize=64)
def _cipher(key: str, purpose: str) -> Cipher:
    """A keyed function of blocks of 16 bytes: one for each key and purpose, so that draws and offsets share nothing."""
    # Each block stands for itself and none is ever decrypted: a table of pseudo-random numbers, not a secret message.
    return Cipher(algorithms.AES256(_digest(bytes.fromhex(key), purpose)), modes.ECB())  # noqa: S305


def _random(key: str, purpose: str, first: npt.NDArray[np.uint64], second: npt.NDArray[np.uint64]) -> npt.NDArray:
    """Numbers of 64 bits fixed by two numbers each; all arrays have one shape."""
    blocks = np.stack((first.ravel(), second.ravel()), axis=1).astype("<u8")
    drawn = _cipher(key, purpose).encryptor().update(blocks.tobytes())
    return np.frombuffer(drawn, "<u8")[::2].reshape(first.shape)


def offsets(key: str, supports: npt.NDArray[np.uint64], most: int) -> npt.NDArray[np.int64]:
    """The lasting offsets of cells, from -most to most, each as likely, by the supports of the cells."""
    drawn = _random(key, "offset", supports, np.zeros_like(supports))
    return (drawn % np.uint64(2 * most + 1)).astype(np.int64) - most


def passing(key: str, contents: npt.NDArray[np.uint64], groups: npt.NDArray[np.uint64], most: int) -> npt.NDArray:
    """The numbers from -most to most that are added anew whenever a group changes, by contents of cells and groups."""
    return (_random(key, "passing", contents, groups) % np.uint64(2 * most + 1)).astype(np.int64) - most


def round_pairs(
    key: str,
    counts: npt.NDArray[np.integer],
    contents: npt.NDArray[np.uint64],
    groups: npt.NDArray[np.uint64],
    base: int,
    offset: int,
    floors: npt.ArrayLike = 0,
    supports: npt.NDArray[np.uint64] | None = None,
) -> npt.NDArray[np.int64]:
    """Women and men of cells as shown, none of both where the cell is under its floor.

    `counts` and `contents` have the shape (2, cells), women first; `groups` holds the content of each cell's group,
    `floors` one head-count for all cells or one for each, `supports` what the lasting number follows from where that is
    not the content, in the shape of the counts. A count of zero stays zero. A shown count is wrong by
    base - 1 + 2 * offset at most, women and men together by base + 4 * offset.
    """
    heads = np.array(counts, dtype=np.int64)
    contents = np.asarray(contents, np.uint64)
    of_groups = np.broadcast_to(np.asarray(groups, np.uint64), contents.shape)
    fixed = contents if supports is None else np.asarray(supports, np.uint64)
    some = heads > 0
    lasting = np.where(some, np.maximum(heads + offsets(key, fixed, offset), 0), 0)
    values = np.where(some, np.maximum(lasting + passing(key, contents, of_groups, offset), 0), 0)
    rest = values % base
    lots = _random(key, "draw", contents, of_groups)
    chance = (lots >> np.uint64(11)).astype(np.float64) / (1 << 53)
    pair = (rest > 0).all(axis=0) & (rest.sum(axis=0) != base)
    chance[1][pair] = 1 - chance[0][pair]
    shown = values - rest + base * ((rest > 0) & (chance < rest / base))
    shown[:, np.minimum(lasting.sum(axis=0), shown.sum(axis=0)) < floors] = 0
    return shown
