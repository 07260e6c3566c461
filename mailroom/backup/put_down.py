"""What a store says of the objects that a restore puts into it, until there are records that it can be put down on.

Before: a restore begins with the objects. After: the records are there, and say where each object lies now.
"""

from __future__ import annotations

from storage.damage import Damage
from storage.store import StoredObject
from storage.whereabouts import Whereabouts


class PutDown:
    """A register (`storage/whereabouts.py`) that keeps what differs from an object in a folder."""

    def __init__(self) -> None:
        self.told: dict[str, StoredObject] = {}

    def whereabouts(self, key: str) -> Whereabouts:
        """See `Register.whereabouts`."""
        stored = self.told.get(key)
        return Whereabouts(stored.version, stored.waits_on) if stored else Whereabouts()

    def kept(self, stored: StoredObject, sha256: str) -> None:  # noqa: ARG002  # the records know the digest
        """See `Register.kept`."""
        if stored.version or stored.waits_on:
            self.told[stored.key] = stored

    def damaged(self, damage: Damage) -> None:
        """See `Register.damaged`: whoever restores is told what is wrong with an object in any event."""

    def put_right(self, damage: Damage, stored: StoredObject, set_aside: str | None) -> None:  # noqa: ARG002
        """See `Register.put_right`: it lies there as it should."""
        self.kept(stored, damage.sha256)
