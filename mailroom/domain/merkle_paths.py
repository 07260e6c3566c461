"""Many proofs out of a few days of the log: which subtrees each proof needs is known before any of them is computed.

Before: `merkle.py` says what a tree is. Proofs are those of RFC 6962: that an event is in it (inclusion), and that it
only added to an earlier one (consistency). After: an evidence bundle names the events it holds. Each signed head knows
the full trees that it is made of, and between two heads lies a day. So only those days are read in which a subtree ends
that some proof needs and no head knows: those of the events, and some twenty for the way to the newest head, however
long the log is. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from mailroom.domain.merkle import joined

Node = tuple[int, int]
"""A full subtree: its level, 0 for a single leaf, and its place among those of that level."""

Cover = tuple[Node, ...]
"""The full subtrees, from left to right, whose hashes folded from the right are one hash of a proof."""

Leaves = Callable[[int, int], Iterable[bytes]]
"""Gives the hashes of the leaves behind a number of them and up to another."""


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


def gather(wanted: Iterable[Node], heads: Mapping[int, Sequence[bytes]], leaves: Leaves) -> dict[Node, bytes]:
    """Return the hash of each full subtree that is wanted.

    Args:
        wanted: subtrees of the greatest tree.
        heads: the full trees that earlier trees were made of, by their sizes, and those of the greatest.
        leaves: gives the leaves behind a place and up to another one, and is asked for few of them.
    """
    asked = frozenset(wanted)
    known = {node: one for size, full in heads.items() for node, one in zip(_cover(0, size), full, strict=True)}
    found = {node: known[node] for node in asked & known.keys()}
    for first, last in _between_heads(asked - found.keys(), heads):
        found.update(_grown(leaves(first, last), first, heads.get(first, ()), asked))
    return found


def _between_heads(wanted: Iterable[Node], heads: Iterable[int]) -> list[tuple[int, int]]:
    """Return between which two heads each of these subtrees ends, in order and each pair once."""
    sizes = [0, *sorted(heads)]
    after = {bisect_left(sizes, (at + 1) << level) for level, at in wanted}
    return [(sizes[number - 1], sizes[number]) for number in sorted(after)]


def _grown(
    leaves: Iterable[bytes], size: int, full: Sequence[bytes], asked: Collection[Node]
) -> Iterator[tuple[Node, bytes]]:
    """Have a tree of this size grow by these leaves, and yield what was asked for of what becomes full by that."""
    waiting = list(full)
    for place, leaf_hash in enumerate(leaves, start=size):
        level, at, whole = 0, place, leaf_hash
        if (level, at) in asked:
            yield (level, at), whole
        while at % 2:
            level, at, whole = level + 1, at >> 1, joined(waiting.pop(), whole)
            if (level, at) in asked:
                yield (level, at), whole
        waiting.append(whole)


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
