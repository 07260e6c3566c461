"""What whoever has the vault knows of where an object lies, and what the vault tells them when it finds it damaged.

Before: an object was kept, and its place put on record. After: the vault reads that very version, or the second copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from storage.damage import Copy, Damage
from storage.store import StoredObject


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where an object lies.

    Attributes:
        version: of the first copy, where its store keeps versions.
        waits_on: the machine in whose spool it waits until the store is there again.
        copied: whether there is a second copy.
        copy_version: of the second copy, where its store keeps versions.
    """

    version: str | None = None
    waits_on: str | None = None
    copied: bool = False
    copy_version: str | None = None

    def version_in(self, copy: Copy) -> str | None:
        """Return the version of one of the two copies."""
        return self.version if copy is Copy.FIRST else self.copy_version


class Register(Protocol):
    """Where objects lie, as it stands on record."""

    def whereabouts(self, key: str) -> Whereabouts:
        """Return where the object lies; the defaults for one that is not on record."""
        ...

    def kept(self, stored: StoredObject, sha256: str) -> None:
        """Put on record where an object with this digest was kept, unless it is on record already."""
        ...

    def damaged(self, damage: Damage) -> None:
        """Put on record that a copy is not what was kept."""
        ...

    def put_right(self, damage: Damage, stored: StoredObject, set_aside: str | None) -> None:
        """Put on record that it is again, since the same bytes came once more, and where that is which lay there."""
        ...


class NoRegister:
    """Knows of nothing: for a vault by itself, whose objects all lie in its one store."""

    def whereabouts(self, key: str) -> Whereabouts:  # noqa: ARG002  # it knows of none
        """See `Register.whereabouts`."""
        return Whereabouts()

    def kept(self, stored: StoredObject, sha256: str) -> None:
        """See `Register.kept`."""

    def damaged(self, damage: Damage) -> None:
        """See `Register.damaged`."""

    def put_right(self, damage: Damage, stored: StoredObject, set_aside: str | None) -> None:
        """See `Register.put_right`."""
