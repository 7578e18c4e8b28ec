"""What must be true of hidden counts, given sums of them: bounds on whole numbers, tightened until nothing changes.

A lattice is made of nodes (vectors of groups: all countries, all countries by grade, ...) and links that say "these
groups are the sums of those". Each group carries bounds on its women, its men and both together. A link tells the
sum from its parts, and each part from the sum and the other parts; women, men and both tell one another. Bounds only
ever tighten and every step holds for whatever the truth is, so they end at the same fixed point in whichever order,
and the truth is within them.

Why this subsumes differencing: if selections A and B of the lattice differ by a small group C, then A is the sum of
B's groups and C, that is of groups which are parts of a common finer node; what the link makes of C is just "A minus
the rest", with the uncertainty of both. The pairs need not be listed, and chains of such differences are followed to
any depth.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

#: Counts are whole numbers held as doubles (exact to 2**53), since numpy adds groups in doubles anyway.
Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: No upper bound known: above any count, and small enough for sums of millions of them to be exact.
FREE = float(1 << 30)
WOMEN, MEN, BOTH = 0, 1, 2
#: With fewer than this share of a link's groups changed, only those are done again.
_FEW = 0.3


class AttackError(ValueError):
    """What is published cannot come from these records; the message names the table."""


class Node:
    """A vector of groups with bounds `lo` and `hi`, each of shape (3, size): women, men, both."""

    __slots__ = ("hi", "lo", "name", "size", "stamp")

    def __init__(self, name: str, size: int) -> None:
        self.name = name
        self.size = size
        self.lo: Floats = np.zeros((3, size))
        self.hi: Floats = np.full((3, size), FREE)
        self.stamp: npt.NDArray[np.int64] = np.ones(size, np.int64)


class Link:
    """`parent[code[i]]` holds the i-th group of `child` (of `only`, if not all of `child` is meant)."""

    __slots__ = ("child", "code", "only", "parent", "seen")

    def __init__(self, child: Node, parent: Node, code: Index, only: Index | None) -> None:
        self.child = child
        self.parent = parent
        self.code = np.ascontiguousarray(code, np.intp)
        self.only = only
        self.seen = 0


class Lattice:
    """Nodes and links, from fine to coarse in the order in which they were made."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.links: list[Link] = []
        self.tick = 1
        self.sweeps = 0
        #: Where asked for (a list): sums whose parts became certain together, as (how many, sum, parts).
        self.told: list[tuple[int, Node, Node, Index]] | None = None

    def node(self, name: str, size: int) -> Node:
        """A new node of so many groups, nothing known of them."""
        node = Node(name, size)
        self.nodes.append(node)
        return node

    def link(self, child: Node, parent: Node, code: Index, only: Index | None = None) -> None:
        """Say that groups of `parent` are sums of groups of `child`: every group of `parent` of at least one."""
        self.links.append(Link(child, parent, code, only))

    def know(self, node: Node, at: Index | slice, row: int, lo: object = None, hi: object = None) -> None:
        """Add knowledge about some groups of a node: at least `lo`, at most `hi`."""
        changed = np.zeros(node.size, bool)
        part = np.zeros(node.lo[row, at].shape, bool)
        if lo is not None:
            before = node.lo[row, at]
            after = np.maximum(before, lo)
            part |= after > before
            node.lo[row, at] = after
        if hi is not None:
            before = node.hi[row, at]
            after = np.minimum(before, hi)
            part |= after < before
            node.hi[row, at] = after
        changed[at] = part
        node.stamp[changed] = self.tick + 1

    def propagate(self, most_sweeps: int = 1000) -> int:
        """Tighten until nothing changes; says how many sweeps it took."""
        self.tick += 2
        for node in self.nodes:
            _together(node, slice(None), self.tick)
        for sweep in range(1, most_sweeps + 1):
            done = False
            for link in self.links:
                done |= self._follow(link)
            for link in reversed(self.links):
                done |= self._follow(link)
            if not done:
                self.sweeps += sweep
                return sweep
        raise RuntimeError("bounds keep changing")  # pragma: no cover - they are whole numbers and finite

    def save(self) -> list[tuple[Floats, Floats]]:
        """The bounds as they are now, to start again from."""
        return [(node.lo.copy(), node.hi.copy()) for node in self.nodes]

    def restore(self, saved: Iterable[tuple[Floats, Floats]]) -> None:
        """Back to saved bounds, which must have been a fixed point."""
        for node, (lo, hi) in zip(self.nodes, saved, strict=True):
            node.lo[:] = lo
            node.hi[:] = hi
            node.stamp[:] = 0
        for link in self.links:
            link.seen = 0
        self.tick = 1

    def _follow(self, link: Link) -> bool:
        """Make the two ends of a link agree where one of them changed; whether there was anything to do."""
        child, parent, code, only = link.child, link.parent, link.code, link.only
        stamp = child.stamp if only is None else child.stamp[only]
        flags = parent.stamp > link.seen
        moved = stamp > link.seen
        if moved.any():
            flags[code[moved]] = True
        if not flags.any():
            return False
        self.tick += 2
        inner: Index | slice
        outer: Index | slice
        if flags.sum() > _FEW * parent.size:
            outer, groups = slice(None), code
            inner = slice(None) if only is None else only
        else:
            outer = np.flatnonzero(flags)
            chosen = np.flatnonzero(flags[code])
            groups = (np.cumsum(flags) - 1)[code[chosen]]
            inner = chosen if only is None else only[chosen]
        count = parent.size if isinstance(outer, slice) else len(outer)
        low, high = child.lo[:, inner], child.hi[:, inner]
        least = np.empty((3, count))
        most = np.empty((3, count))
        for row in range(3):
            least[row] = np.bincount(groups, low[row], count)
            most[row] = np.bincount(groups, high[row], count)
        _tighten(parent, outer, least, most, self.tick)
        _together(parent, outer, self.tick)
        above = parent.hi[:, outer] - least
        below = most - parent.lo[:, outer]
        # A part is at most its sum less the least of the others, and at least its sum less the most of the others.
        open_ = (child.lo[:BOTH, inner] < child.hi[:BOTH, inner]) if self.told is not None else None
        _tighten(child, inner, high - below[:, groups], low + above[:, groups], self.tick)
        if self.told is not None and open_ is not None:
            self._note(link, inner, groups, open_)
        _together(child, inner, self.tick + 1)
        link.seen = self.tick
        self.tick += 1
        return True

    def _note(self, link: Link, inner: Index | slice, groups: Index, open_: Mask) -> None:
        """Remember the sum of this link most of whose parts became certain at once."""
        low, high = link.child.lo[:BOTH, inner], link.child.hi[:BOTH, inner]
        closed = (open_ & (low == high) & (low > 0)).any(axis=0)
        if self.told is None or not closed.any():
            return
        count = np.bincount(groups[closed])
        most = int(count.argmax())
        parts = np.flatnonzero(closed & (groups == most))
        self.told.append((int(count[most]), link.parent, link.child, np.arange(link.child.size)[inner][parts]))


def _tighten(node: Node, at: Index | slice, least: Floats, most: Floats, tick: int) -> None:
    low, high = node.lo[:, at], node.hi[:, at]
    changed = ((least > low) | (most < high)).any(axis=0)
    if not changed.any():
        return
    low, high = np.maximum(least, low), np.minimum(most, high)
    if (low > high).any():
        # No counts agree with all that is known; bounds would run away from each other for ever.
        raise AttackError(f"{node.name}: what is published does not agree with itself")
    node.lo[:, at] = low
    node.hi[:, at] = high
    _stamp(node, at, changed, tick)


def _stamp(node: Node, at: Index | slice, changed: Mask, tick: int) -> None:
    if isinstance(at, slice):
        node.stamp[changed] = tick
    else:
        node.stamp[at[changed]] = tick


def _together(node: Node, at: Index | slice, tick: int) -> None:
    """Women, men and both tell one another."""
    low, high = node.lo[:, at], node.hi[:, at]
    least, most = np.empty_like(low), np.empty_like(high)
    least[BOTH] = low[WOMEN] + low[MEN]
    most[BOTH] = high[WOMEN] + high[MEN]
    np.maximum(least[BOTH], low[BOTH], out=least[BOTH])
    np.minimum(most[BOTH], high[BOTH], out=most[BOTH])
    for one, other in ((WOMEN, MEN), (MEN, WOMEN)):
        least[one] = least[BOTH] - high[other]
        most[one] = most[BOTH] - low[other]
    _tighten(node, at, least, most, tick)
