"""A Merkle tree over the log of custody: one hash stands for all events so far, and a short proof for one of them.

Before: the sequencer has given events their numbers. After: a signed head says what the log was on a day; who has it
can be shown that an event is in it (inclusion), and that a later log only added to it (consistency). Pure; RFC 6962
section 2.1, whose trees RFC 9162 keeps, with SHA-256. Hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256().digest()
"""The hash of a tree of nothing."""


def leaf(content: bytes) -> bytes:
    """Return the hash of one entry; its prefix keeps an entry from passing for two others joined."""
    return hashlib.sha256(b"\0" + content).digest()


def joined(left: bytes, right: bytes) -> bytes:
    """Return the hash of two trees side by side."""
    return hashlib.sha256(b"\1" + left + right).digest()


@dataclass(slots=True)
class Growing:
    """A tree that grows by a leaf at a time; it remembers the full trees that it is made of, and no leaf.

    Attributes:
        size: leaves so far.
        full: the hashes of the full trees, the largest and first one first: one for each 1 in the binary size.
    """

    size: int = 0
    full: list[bytes] = field(default_factory=list)

    def add(self, leaf_hash: bytes) -> None:
        """Put a leaf behind the others."""
        self.full.append(leaf_hash)
        self.size += 1
        for _ in range(_trailing_zeros(self.size)):
            right, left = self.full.pop(), self.full.pop()
            self.full.append(joined(left, right))

    @property
    def root(self) -> bytes:
        """The hash of the whole."""
        if not self.full:
            return EMPTY
        whole = self.full[-1]
        for left in reversed(self.full[:-1]):
            whole = joined(left, whole)
        return whole


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


def is_included(leaf_hash: bytes, place: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether the proof shows the leaf at its place in the tree of this size and root (RFC 9162, 2.1.3.2)."""
    if not 0 <= place < size:
        return False
    at, last, found = place, size - 1, leaf_hash
    for beside in proof:
        if last == 0:
            return False
        if at % 2 or at == last:
            found = joined(beside, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = joined(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def consistency(leaves: Sequence[bytes], before: int) -> list[bytes]:
    """Return the proof that the tree of all these leaves only added to that of the first `before`.

    Raises:
        IndexError: it had none, or more than there are.
    """
    if not 0 < before <= len(leaves):
        raise IndexError(f"a tree of {len(leaves)} leaves never had {before}")
    return _consistency(leaves, before, is_known=True)


def is_consistent(before: int, old: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether the proof shows that a tree only added to the one it was before (RFC 9162, 2.1.4.2).

    Args:
        before: leaves of the old tree, at least one.
        old: its root.
        size: leaves of the tree now.
        root: its root.
        proof: as `consistency` gives it.
    """
    if before == size:
        return not proof and old == root
    if not 0 < before < size or not proof:
        return False
    path = [old, *proof] if before.bit_count() == 1 else list(proof)
    at, last = before - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    found_old = found = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            found_old, found = joined(beside, found_old), joined(beside, found)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            found = joined(found, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and found_old == old and found == root


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


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
