"""A store that may be away for a while: what is to be kept waits in a folder of this machine until it is back.

Before: the vault keeps something, and the service of the bucket does not answer. After: the bytes are durable here, can
be read here, and are handed on to the store when it is there again, each compared with what came to lie there. Within a
limit: over it nothing more is kept, and whoever brings something keeps it.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from storage.digest import copy_with_digest, digest_of
from storage.errors import KeyTaken, ObjectMissing, StorageError, StoreFull, StoreRefused, StoreUnavailable
from storage.store import ObjectStore, Protection, StoredObject

_LEAST_SECONDS, _MOST_SECONDS = 5.0, 45.0
"""How long a store that was away is not asked again by whoever has something to keep: time-outs cost each a minute.

Whoever hands on asks all the time, and what is kept goes there again as soon as that has succeeded. Where nothing can
wait here, since the limit is reached, nobody hands on, and whoever asks next finds that the store is back.
"""

_TIMES_ITS_ANSWER = 10
"""What is refused at once costs nobody anything, and is asked again soon."""


@dataclass(frozen=True, slots=True)
class HandedOn:
    """What became of something that waited.

    Attributes:
        stored: what lies in the store now.
        found: the digest of what lay in its place; None where nothing did.
        set_aside: where that can be found now.
    """

    stored: StoredObject
    found: str | None = None
    set_aside: str | None = None


class SpoolingStore:
    """Keeps objects in a store, or in one of this machine while that is away; see `ObjectStore`.

    Args:
        store: where objects belong.
        spool: of this machine, where they wait.
        most_bytes: that may wait there.
        machine: its name, so that others know where something waits.
    """

    def __init__(self, store: ObjectStore, spool: ObjectStore, most_bytes: int, machine: str) -> None:
        self._store = store
        self._spool = spool
        self._most_bytes = most_bytes
        self.machine = machine
        self._one_writer, self._one_asks = threading.Lock(), threading.Lock()
        self._away_until = 0.0

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        """See `ObjectStore.put_new`; `waits_on` says whether it waits here."""
        if self._is_away() or self.waits(key):
            return self._put_aside(key, source, sha256, StoreUnavailable(f"{key}: the store was away just now"))
        asked = time.monotonic()
        try:
            stored = self._store.put_new(key, source, sha256)
        except (StoreUnavailable, StoreRefused) as fault:
            self._away_until = _asked_again(asked, time.monotonic())
            return self._put_aside(key, source, sha256, fault)
        self._away_until = 0.0
        return stored

    def open(self, key: str, version: str | None = None) -> BinaryIO:
        """See `ObjectStore.open`."""
        try:
            return self._spool.open(key)
        except ObjectMissing:
            return self._store.open(key, version)

    def stat(self, key: str, version: str | None = None) -> StoredObject:
        """See `ObjectStore.stat`."""
        try:
            return self._here(self._spool.stat(key))
        except ObjectMissing:
            return self._store.stat(key, version)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`."""
        waiting = {stored.key: self._here(stored) for stored in self._spool.list(prefix)}
        yield from waiting.values()
        yield from (stored for stored in self._store.list(prefix) if stored.key not in waiting)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        self._store.delete(key)
        self._spool.delete(key)

    def set_aside(self, key: str) -> str | None:
        """See `ObjectStore.set_aside`: what waits here was digested on its way and is not what is meant."""
        return self._store.set_aside(key)

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:
        """See `ObjectStore.lock`: what waits here gets its lock with the store."""
        return None if self.waits(key) else self._store.lock(key, until, version)

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:
        """See `ObjectStore.hold`."""
        return False if self.waits(key) else self._store.hold(key, version, on=on)

    def clear_half_written(self, prefix: str, before: datetime) -> int:
        """See `ObjectStore.clear_half_written`: of the store; the spool clears up as it is opened."""
        return self._store.clear_half_written(prefix, before)

    def protection(self) -> Protection:
        """See `ObjectStore.protection`."""
        return self._store.protection()

    def waits(self, key: str) -> bool:
        """Return whether something waits here under this key; what is read under it is that, and not the store's."""
        try:
            self._spool.stat(key)
        except ObjectMissing:
            return False
        return True

    def waiting(self) -> Sequence[StoredObject]:
        """Return what waits here, the oldest first."""
        return sorted(map(self._here, self._spool.list()), key=lambda stored: stored.stored_at)

    def hand_on(self, key: str) -> HandedOn:
        """Put what waits here under this key into the store, and compare what came to lie there; it stays here, too.

        Raises:
            ObjectMissing: nothing waits here under this key.
            StorageError: the store is still away, or keeps other bytes than it was sent.
        """
        with tempfile.NamedTemporaryFile() as file, self._spool.open(key) as waiting:
            sha256, _ = copy_with_digest(waiting, file)
            file.flush()
            handed_on = self._put(key, Path(file.name), sha256)
        if self._digest_there(key, handed_on.stored.version) != sha256:
            raise StoreUnavailable(f"{key}: the store keeps other bytes than it was sent")
        self._away_until = 0.0
        return handed_on

    def let_go(self, key: str) -> None:
        """Forget what waited here, once it is on record where it lies now."""
        self._spool.delete(key)

    def _is_away(self) -> bool:
        """Return whether the store is taken for away; of all who come when it is to be asked again, one asks."""
        with self._one_asks:
            now = time.monotonic()
            if not self._away_until or now < self._away_until:
                return now < self._away_until
            self._away_until = now + _MOST_SECONDS
            return False

    def _put(self, key: str, file: Path, sha256: str) -> HandedOn:
        try:
            return HandedOn(self._store.put_new(key, file, sha256))
        except KeyTaken:
            found = self._digest_there(key)
            aside = self._store.set_aside(key)
            return HandedOn(self._store.put_new(key, file, sha256), found, aside)

    def _digest_there(self, key: str, version: str | None = None) -> str:
        with self._store.open(key, version) as kept:
            return digest_of(kept)[0]

    def _put_aside(self, key: str, source: Path, sha256: str | None, fault: StorageError) -> StoredObject:
        with self._one_writer:
            waiting = sum(stored.size for stored in self._spool.list())
            if waiting + source.stat().st_size > self._most_bytes:
                full = f"The spool for what waits holds {waiting >> 20} MB and takes no more (s3.spool_megabytes)"
                raise StoreFull(f"{fault}. {full}") from fault
            return self._here(self._spool.put_new(key, source, sha256))

    def _here(self, stored: StoredObject) -> StoredObject:
        return StoredObject(stored.key, stored.size, stored.stored_at, waits_on=self.machine)


def _asked_again(asked: float, answered: float) -> float:
    """Return when a store that was away is to be asked again."""
    return answered + min(max((answered - asked) * _TIMES_ITS_ANSWER, _LEAST_SECONDS), _MOST_SECONDS)
