"""What stores would not do while one object after another is gone through: one refusal keeps nobody from the others.

Before: a duty has many objects to lock, hold, copy or hand on. After: all that a store would do is done, and the first
thing that it would not is known. Several in a row are a store that is away, which is asked again later.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import StorageError

_IN_A_ROW = 3


class Refusals:
    """Counts what was refused.

    Attributes:
        first: the first fault; None where there was none.
    """

    def __init__(self) -> None:
        self.first: StorageError | None = None
        self._in_a_row = 0

    @property
    def enough(self) -> bool:
        """Whether to leave the rest for later."""
        return self._in_a_row >= _IN_A_ROW

    @contextmanager
    def borne(self) -> Iterator[None]:
        """Do something to one object; what the store says against it is kept for later."""
        try:
            yield
        except StorageError as fault:
            self.first = self.first or fault
            self._in_a_row += 1
        else:
            self._in_a_row = 0

    def tell(self) -> None:
        """Raise the first fault, where there was one.

        Raises:
            StorageError: it.
        """
        if self.first is not None:
            raise self.first
