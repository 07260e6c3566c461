"""Roots and proofs of a tree from all its leaves, as RFC 6962 section 2.1 defines them: what ours are held against."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mailroom.domain.merkle import Growing


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the hash of the tree over these leaves."""
    tree = Growing()
    for one in leaves:
        tree.add(one)
    return tree.root


def inclusion(leaves: Sequence[bytes], place: int) -> list[bytes]:
    """Return the proof that a leaf is in the tree: the hashes beside its way up, the lowest first.

    Args:
        leaves: all of the tree.
        place: of the leaf, from 0.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= place < len(leaves):
        raise IndexError(f"no leaf {place} in a tree of {len(leaves)}")
    if len(leaves) == 1:
        return []
    middle = _split(len(leaves))
    if place < middle:
        return [*inclusion(leaves[:middle], place), root_of(leaves[middle:])]
    return [*inclusion(leaves[middle:], place - middle), root_of(leaves[:middle])]


def consistency(leaves: Sequence[bytes], before: int) -> list[bytes]:
    """Return the proof that the tree of all these leaves only added to that of the first `before`.

    Raises:
        IndexError: it had none, or more than there are.
    """
    if not 0 < before <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves never had {before}")
    return _consistency(leaves, before, is_known=True)


def _consistency(leaves: Sequence[bytes], before: int, *, is_known: bool) -> list[bytes]:
    """Go down to where the old tree ends; `is_known` while what is on the left is the old tree, whose root is known."""
    if before == len(leaves):
        return [] if is_known else [root_of(leaves)]
    middle = _split(len(leaves))
    if before <= middle:
        return [*_consistency(leaves[:middle], before, is_known=is_known), root_of(leaves[middle:])]
    return [*_consistency(leaves[middle:], before - middle, is_known=False), root_of(leaves[:middle])]


def _split(size: int) -> int:
    """Return the largest power of two below the size."""
    return 1 << ((size - 1).bit_length() - 1)
