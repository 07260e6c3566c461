"""Many proofs out of one walk over the log: which subtrees each proof needs is known before any of them is computed.

Before: `merkle.py` says what a tree and a proof are; its own proofs want all leaves in memory. After: an evidence
bundle names the events it holds, the log is read once from its first event, and only the hashes that some proof needs
are kept, so a bundle of a thousand events costs little more than one of one. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mailroom.domain.merkle import joined

Node = tuple[int, int]
"""A full subtree: its level, 0 for a single leaf, and its place among those of that level."""

Cover = tuple[Node, ...]
"""The full subtrees, from left to right, whose hashes folded from the right are one hash of a proof."""


def inclusion_covers(place: int, size: int) -> list[Cover]:
    """Return what the proof is made of that a leaf is in the tree, the lowest hash first.

    Args:
        place: of the leaf, from 0.
        size: leaves in the tree.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= place < size:
        raise IndexError(f"no leaf {place} in a tree of {size}")
    first, end, covers = 0, size, list[Cover]()
    while end - first > 1:
        middle = first + _split(end - first)
        if place < middle:
            covers.append(_cover(middle, end))
            end = middle
        else:
            covers.append(_cover(first, middle))
            first = middle
    return covers[::-1]


def consistency_covers(before: int, size: int) -> list[Cover]:
    """Return what the proof is made of that a tree only added to the one it was before.

    Raises:
        IndexError: it had no leaf then, or more than there are.
    """
    if not 0 < before <= size:
        raise IndexError(f"a tree of {size} leaves never had {before}")
    first, end, covers = 0, size, list[Cover]()
    while before < end:
        middle = first + _split(end - first)
        if before <= middle:
            covers.append(_cover(middle, end))
            end = middle
        else:
            covers.append(_cover(first, middle))
            first = middle
    if first:  # what is left is no whole old tree, whose root is known
        covers.append(_cover(first, end))
    return covers[::-1]


def gather(leaves: Iterable[bytes], wanted: Iterable[Node]) -> dict[Node, bytes]:
    """Return the hash of each full subtree that is wanted, from one walk over the leaves."""
    asked, found, waiting = frozenset(wanted), dict[Node, bytes](), list[bytes]()
    for place, leaf_hash in enumerate(leaves):
        level, at, whole = 0, place, leaf_hash
        if (level, at) in asked:
            found[level, at] = whole
        while at % 2:
            level, at, whole = level + 1, at >> 1, joined(waiting.pop(), whole)
            if (level, at) in asked:
                found[level, at] = whole
        waiting.append(whole)
    return found


def proof_of(covers: Sequence[Cover], found: Mapping[Node, bytes]) -> list[bytes]:
    """Return the hashes of a proof, once those of its subtrees are found."""
    return [_folded([found[node] for node in cover]) for cover in covers]


def _folded(hashes: Sequence[bytes]) -> bytes:
    whole = hashes[-1]
    for left in reversed(hashes[:-1]):
        whole = joined(left, whole)
    return whole


def _cover(first: int, end: int) -> Cover:
    """Return the full subtrees over these leaves, which begin where a tree of that size may begin."""
    nodes = []
    while first < end:
        level = (end - first).bit_length() - 1
        nodes.append((level, first >> level))
        first += 1 << level
    return tuple(nodes)


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)
