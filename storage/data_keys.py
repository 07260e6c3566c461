"""The data keys of objects, one for each, as whoever keeps them knows them.

Before: an object is to be put into an encrypting store, or read from one (`encrypted.py`). After: its data key is
known, and was durable, wrapped by a key that lies elsewhere, before the first byte that it sealed was put. Whoever
destroys a wrapped key has destroyed what it sealed, wherever copies of that lie and whatever lock is on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DataKey:
    """The data key of one object.

    Attributes:
        secret: as age writes a private key.
        size: of the object, in plain bytes.
    """

    secret: str = field(repr=False)
    size: int


class DataKeys(Protocol):
    """Keeps data keys by the keys of the objects that they seal.

    All calls but `sizes` may raise `StoreRefused`: the key that wraps them is not to be had.
    """

    def find(self, key: str) -> DataKey | None:
        """Return the data key of an object; None where it has none: it lies in plain, or nowhere."""
        ...

    def make(self, key: str, size: int) -> DataKey:
        """Return a new data key, durable when this returns; that which is there where somebody was quicker."""
        ...

    def resize(self, key: str, size: int) -> None:
        """Put down that another object lies there now, of this size in plain bytes."""
        ...

    def sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        """Return how many plain bytes those of the objects have that have a data key."""
        ...


class MasterKeys(Protocol):
    """The keys that wrap the data keys of objects; they lie outside the store and the records."""

    @property
    def name(self) -> str:
        """The public half of the one that wraps: `age1...`."""
        ...

    @property
    def names(self) -> Sequence[str]:
        """The public halves of all, that one first."""
        ...

    def wrap(self, secret: str) -> tuple[str, bytes]:
        """Return the name of the one that wraps, and a data key wrapped by it."""
        ...

    def unwrap(self, wrapped: bytes, name: str) -> str:
        """Return a data key that the one of this name has wrapped.

        Raises:
            StoreRefused: that one is not there, or what was wrapped is damaged.
        """
        ...
