"""Going through many objects, round after round, so that what a store will not do of one keeps nobody from the others.

Before: a duty has many objects to hand on, copy, lock or hold. After: all is done that a store would do, and the first
thing that it would not is known. Several refusals in a row may be a store that is away: the round ends there, and the
next one goes on behind them. So a store that is away is asked a few times a round, and not for each of a million, and
objects that can never be done cost the others a round at most. After the last one the next lap begins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from storage.errors import StorageError, StoreRefused, StoreUnavailable

_IN_A_ROW = 3

Place = TypeVar("Place")
Thing = TypeVar("Thing")
Moment = tuple[datetime, str]
"""When something was, or is, and the key of the object."""


class Lap(Generic[Place]):
    """Where a round begins, and what was refused.

    Attributes:
        after: the place of what was asked last; None where the next round begins a lap.
        first: the first fault of this round; None where there was none.
    """

    def __init__(self) -> None:
        self.after: Place | None = None
        self.first: StorageError | OSError | None = None
        self._in_a_row = 0
        self._refused = False

    @property
    def sound(self) -> bool:
        """Whether a lap has come to its end in which nothing was refused."""
        return self.after is None and not self._refused

    def over(self, due: Callable[[Place | None], Sequence[Thing]], place: Callable[[Thing], Place]) -> Iterator[Thing]:
        """Yield what is due in this round; whoever leaves it early goes on there in the next one.

        Args:
            due: returns the first that are due behind a place, in the order of their places.
            place: of one of them.
        """
        self.first, self._in_a_row = None, 0
        found = due(self.after)
        if not found and self.after is not None:
            self.after, found = None, due(None)
        self._refused = self._refused and self.after is not None
        for one in found:
            self.after = place(one)
            yield one
            if self._in_a_row >= _IN_A_ROW:
                return
        if not found or not due(self.after):
            self.after = None

    @contextmanager
    def borne(self) -> Iterator[None]:
        """Do something to one object; what is said against it is kept for later."""
        try:
            yield
        except (StorageError, OSError) as fault:
            self.first, self._refused = self.first or fault, True
            self._in_a_row = self._in_a_row + 1 if _may_be_away(fault) else 0
        else:
            self._in_a_row = 0

    def tell(self) -> None:
        """Raise the first fault of this round, where there was one.

        Raises:
            StorageError: it.
            OSError: it.
        """
        if self.first is not None:
            raise self.first


class Laps:
    """The laps of all who go through the objects of a vault, for as long as the process lives."""

    def __init__(self) -> None:
        self.handing_on: Lap[Moment] = Lap()
        self.copying: Lap[Moment] = Lap()
        self.locking: Lap[Moment] = Lap()
        self.holding: Lap[str] = Lap()


def _may_be_away(fault: Exception) -> bool:
    """Return whether a fault says nothing about the object: whoever misses one, or finds another there, has looked."""
    return isinstance(fault, (StoreUnavailable, StoreRefused))
