"""A store in memory, for tests and for trying things out: gone with the process."""

from __future__ import annotations

import io
import threading
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256 as sha256_of
from pathlib import Path
from typing import BinaryIO

from storage.errors import KeyTaken, ObjectMissing, SourceChanged
from storage.store import SET_ASIDE, Protection, StoredObject, check_key


class MemoryStore:
    """Keeps objects in a dictionary; meets the whole contract but durability.

    Args:
        location: not used; every store is built from one string.
    """

    def __init__(self, location: str = "") -> None:
        self.location = location
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[bytes, StoredObject]] = {}

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        """See `ObjectStore.put_new`."""
        check_key(key)
        content = source.read_bytes()
        if sha256 is not None and sha256_of(content).hexdigest() != sha256:
            raise SourceChanged(f"the source of {key} does not have the promised digest")
        with self._lock:
            new = (content, StoredObject(key, len(content), datetime.now(UTC)))
            kept, stored = self._kept.setdefault(key, new)
        if kept != content:
            raise KeyTaken(f"{key} holds other bytes")
        return stored

    def open(self, key: str, version: str | None = None) -> BinaryIO:  # noqa: ARG002  # there is one of each
        """See `ObjectStore.open`."""
        return io.BytesIO(self._find(key)[0])

    def stat(self, key: str, version: str | None = None) -> StoredObject:  # noqa: ARG002
        """See `ObjectStore.stat`."""
        return self._find(key)[1]

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`."""
        with self._lock:
            found = [stored for key, (_, stored) in self._kept.items() if key.startswith(prefix)]
        yield from found

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        check_key(key)
        with self._lock:
            self._kept.pop(key, None)

    def set_aside(self, key: str) -> str | None:
        """See `ObjectStore.set_aside`."""
        check_key(key)
        with self._lock:
            lying = self._kept.pop(key, None)
            if lying is None:
                return None
            content, stored = lying
            aside = f"{SET_ASIDE}{key}.{uuid.uuid4().hex[:8]}"
            self._kept[aside] = (content, replace(stored, key=aside))
        return aside

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:  # noqa: ARG002
        """See `ObjectStore.lock`: nothing is locked here."""
        self.stat(key)
        return None

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:  # noqa: ARG002
        """See `ObjectStore.hold`: nothing is held here."""
        self.stat(key)
        return False

    def clear_half_written(self, prefix: str, before: datetime) -> int:  # noqa: ARG002
        """See `ObjectStore.clear_half_written`: nothing is ever half written here."""
        return 0

    def protection(self) -> Protection:
        """See `ObjectStore.protection`."""
        return Protection.NOTHING

    def _find(self, key: str) -> tuple[bytes, StoredObject]:
        check_key(key)
        with self._lock:
            if key not in self._kept:
                raise ObjectMissing(f"nothing is kept under {key}")
            return self._kept[key]
