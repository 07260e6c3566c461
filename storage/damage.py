"""What can be wrong with one of the two copies of an object, and what that is called.

Before: a copy was read and is not what was kept. After: it is an error to whoever reads, and on record for mending.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Copy(StrEnum):
    """Which of the two stores."""

    FIRST = "first"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Damage:
    """A copy that is not what was kept.

    Attributes:
        key: of the object.
        sha256: the digest that it must have.
        copy: which one.
        found: the digest that it has instead; None where it is missing.
    """

    key: str
    sha256: str
    copy: Copy
    found: str | None

    def __str__(self) -> str:
        """Return it in words."""
        where = "the store" if self.copy is Copy.FIRST else "the second copy"
        if self.found is None:
            return f"{self.key} is missing from {where}"
        return f"{self.key} has other bytes in {where} than were kept: digest {self.found}"
