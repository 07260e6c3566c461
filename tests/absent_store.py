"""A store of which a test says that it is away, or keeps something else than it is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path

from storage.errors import StorageError
from storage.memory import MemoryStore
from storage.store import StoredObject


class Absent(MemoryStore):
    """A store that can be away, or keep something else than it was sent."""

    fault: StorageError | None = None
    asked = 0
    instead: bytes | None = None
    meanwhile: Callable[[], object] | None = None
    """What somebody else does while this store is asked."""

    of: Collection[str] | None = None
    """The only keys that the fault is of; None: of all."""

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        self.asked += 1
        if self.meanwhile:
            act, self.meanwhile = self.meanwhile, None
            act()
        if self.fault and (self.of is None or key in self.of):
            raise self.fault
        if self.instead is not None:
            source.write_bytes(self.instead)
            return super().put_new(key, source)
        return super().put_new(key, source, sha256)
