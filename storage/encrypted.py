"""A store whose objects are sealed, each by a data key of its own, before they go into another store.

Before: `bootstrap` was given master keys and puts this around each place where objects lie: bucket, spool, folder,
second copy. After: whoever has the place and not the keys has nothing. Digests and sizes are those of the plain bytes,
as everywhere; what lay in a place before it was sealed stays readable.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from storage.data_keys import DataKey, DataKeys
from storage.digest import digest_of
from storage.errors import KeyTaken, ObjectMissing, SourceChanged
from storage.sealing import opened, seal
from storage.store import SET_ASIDE, ObjectStore, Protection, StoredObject, check_key

_AT_ONCE = 500
_PUBLISHED = "heads/"
"""What is kept to be read by anybody, also where all keys are lost: it lies in plain."""


class EncryptingStore:
    """Keeps objects sealed in a store; see `ObjectStore`.

    Args:
        store: where the sealed bytes lie.
        keys: the data keys.
    """

    def __init__(self, store: ObjectStore, keys: DataKeys) -> None:
        self._store = store
        self._keys = keys

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        """See `ObjectStore.put_new`; the data key is durable before the first byte is put."""
        check_key(key)
        if key.startswith(_PUBLISHED):
            return self._store.put_new(key, source, sha256)
        data_key = self._keys.find(key)
        if data_key is None and self._holds(key):
            data_key = self._keys.find(key)  # whoever has put it this moment has put down its key before
            if data_key is None:
                return self._store.put_new(key, source, sha256)  # it lies there in plain, from before
        with tempfile.NamedTemporaryFile() as sealed, source.open("rb") as plain:
            data_key = data_key or self._keys.make(key, source.stat().st_size)
            digest, size = seal(plain, cast("BinaryIO", sealed), data_key.secret)
            if sha256 not in (None, digest):
                raise SourceChanged(f"the source of {key} does not have the promised digest")
            sealed.flush()
            try:
                stored = self._store.put_new(key, Path(sealed.name))
            except KeyTaken:
                return self._equal(key, digest)
        if size != data_key.size:
            self._keys.resize(key, size)
        return replace(stored, size=size)

    def open(self, key: str, version: str | None = None) -> BinaryIO:
        """See `ObjectStore.open`; what its data key does not open is given as it lies, and has another digest."""
        lying = self._store.open(key, version)
        data_key = self._data_key_of(key, lying)
        return lying if data_key is None else cast("BinaryIO", opened(lying, data_key.secret))

    def stat(self, key: str, version: str | None = None) -> StoredObject:
        """See `ObjectStore.stat`; what was set aside has the size of its sealed bytes."""
        return next(self._plainly([self._store.stat(key, version)]))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`; sizes as in `stat`."""
        found = iter(self._store.list(prefix))
        while some := list(islice(found, _AT_ONCE)):
            yield from self._plainly(some)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`; the data key stays, for there may be another copy."""
        self._store.delete(key)

    def set_aside(self, key: str) -> str | None:
        """See `ObjectStore.set_aside`."""
        return self._store.set_aside(key)

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:
        """See `ObjectStore.lock`."""
        return self._store.lock(key, until, version)

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:
        """See `ObjectStore.hold`."""
        return self._store.hold(key, version, on=on)

    def clear_half_written(self, prefix: str, before: datetime) -> int:
        """See `ObjectStore.clear_half_written`."""
        return self._store.clear_half_written(prefix, before)

    def protection(self) -> Protection:
        """See `ObjectStore.protection`."""
        return self._store.protection()

    def _holds(self, key: str) -> bool:
        try:
            self._store.stat(key)
        except ObjectMissing:
            return False
        return True

    def _equal(self, key: str, digest: str) -> StoredObject:
        """Return what lies there where its plain bytes are the same: sealed twice, they differ.

        Raises:
            KeyTaken: they are not.
        """
        with self.open(key) as lying:
            if digest_of(lying)[0] != digest:
                raise KeyTaken(f"{key} holds other bytes")
        return self.stat(key)

    def _data_key_of(self, key: str, lying: BinaryIO) -> DataKey | None:
        try:
            return self._keys.find(_kept_as(key))
        except BaseException:
            lying.close()
            raise

    def _plainly(self, found: Sequence[StoredObject]) -> Iterator[StoredObject]:
        sizes = self._keys.sizes([stored.key for stored in found])
        yield from (replace(stored, size=sizes.get(stored.key, stored.size)) for stored in found)


def _kept_as(key: str) -> str:
    """Return under which key that was sealed which lies here: what was set aside has another one since."""
    return key.removeprefix(SET_ASIDE).rpartition(".")[0] if key.startswith(SET_ASIDE) else key
