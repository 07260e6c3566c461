"""A Merkle tree over the log of custody: one hash stands for all events so far, and a short proof for one of them.

Before: the sequencer has given events their numbers. After: a signed head says what the log was on a day; who has it
can be shown that an event is in it, and that a later log only added to it (`merkle_paths.py`). Pure; RFC 6962 section
2.1, whose trees RFC 9162 keeps, with SHA-256. Hashes are 32 bytes.
"""

from __future__ import annotations

import hashlib
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
    def can_be(self) -> bool:
        """Whether there are as many full trees as a tree of its size has, each with a whole hash.

        Other trees could have the same root: all of it as one, or with bytes moved from one hash to the next.
        """
        return len(self.full) == self.size.bit_count() and all(len(one) == len(EMPTY) for one in self.full)

    @property
    def root(self) -> bytes:
        """The hash of the whole."""
        if not self.full:
            return EMPTY
        whole = self.full[-1]
        for left in reversed(self.full[:-1]):
            whole = joined(left, whole)
        return whole


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1
