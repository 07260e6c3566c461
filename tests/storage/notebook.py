"""A register in memory, for a vault by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from storage.damage import Damage
from storage.store import StoredObject
from storage.whereabouts import Whereabouts


@dataclass
class Notebook:
    """A register in memory."""

    where: dict[str, Whereabouts] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)

    def whereabouts(self, key: str) -> Whereabouts:
        return self.where.get(key, Whereabouts())

    def kept(self, stored: StoredObject, sha256: str) -> None:
        self.where.setdefault(stored.key, Whereabouts(stored.version, stored.waits_on))

    def damaged(self, damage: Damage) -> None:
        self.damage.append(damage)

    def put_right(self, damage: Damage, stored: StoredObject, set_aside: str | None) -> None:
        self.where[stored.key] = Whereabouts(stored.version)
