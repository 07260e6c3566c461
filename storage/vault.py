"""The vault: originals under their own SHA-256, checked on every read; renditions beside them.

Before: a channel has spooled a file and the door keeps it here. After: nothing reads an original but through this
module, so nothing can read one that is not what was received; `copies.py` has the second copy stand in for the first.
"""

from __future__ import annotations

import re
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from storage.copies import Copies
from storage.digest import digest_of
from storage.errors import KeyTaken
from storage.laps import Laps
from storage.spool import SpoolingStore
from storage.store import ObjectStore, Protection, StoredObject
from storage.whereabouts import NoRegister, Register

_SHA256 = re.compile(r"[0-9a-f]{64}")
_IN_MEMORY_BYTES = 1 << 23
_HEADS = "heads/"
_ORIGINALS = "originals/"
_RENDITIONS = "renditions/"
_LONGEST_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in the vault.

    Attributes:
        sha256: of the plain bytes, 64 lower-case hexadecimal digits.
        size: bytes.
        key: where it lies in the store.
    """

    sha256: str
    size: int
    key: str


def original_key(sha256: str) -> str:
    """Return the key of the original with this digest: 256 folders keep any one of them short.

    Raises:
        ValueError: not a SHA-256 in lower-case hexadecimal.
    """
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in lower-case hexadecimal")
    return f"{_ORIGINALS}{sha256[:2]}/{sha256}"


def head_key(size: int) -> str:
    """Return the key of the signed head of so many events."""
    return f"{_HEADS}{size:012}"


class Vault:
    """Keeps originals by digest and gives back nothing that has another one.

    Args:
        store: any object store.
        second: another one, for a second copy of all; None where there is none.
        register: where objects lie, as it stands on record; it is told what is kept and what is damaged.

    Attributes:
        copies: the two copies of each object, for whoever doubles, checks and mends them.
        spool: the store, where it is one that keeps things on this machine while it is away.
        laps: how far whoever goes through all objects has come.
    """

    def __init__(self, store: ObjectStore, second: ObjectStore | None = None, register: Register | None = None) -> None:
        self._store = store
        self._register = register or NoRegister()
        self.spool = store if isinstance(store, SpoolingStore) else None
        self.laps = Laps()
        self.copies = Copies(store, second, self._register, self.spool.machine if self.spool else None)

    def keep(self, path: Path) -> Kept:
        """Keep the file as an original, durable when this returns; equal bytes share one object.

        The name needs the digest before the first byte is written, so the file is read twice; the store digests what
        it writes and shows nothing unless both readings agree.

        Where other bytes lie under this name, they are damaged and set aside, and what was brought takes their place.

        Raises:
            StorageError: as `ObjectStore.put_new`; nothing was kept.
            OSError: the file cannot be read.
        """
        sha256, size = _digest_file(path)
        key = original_key(sha256)
        try:
            stored = self._store.put_new(key, path, sha256)
        except KeyTaken:
            stored = self._put_right(key, path, sha256)
        self._register.kept(stored, sha256)
        return Kept(sha256, size, key)

    def keep_rendition(self, key: str, path: Path) -> Kept:
        """Keep a derived file under `renditions/` and the given key, durable when this returns.

        A maker whose output differs from run to run puts something of the run into the key: keys are written once.

        Raises:
            KeyTaken: the key holds other bytes.
            StorageError: as `ObjectStore.put_new`; nothing was kept.
            OSError: the file cannot be read.
        """
        sha256, size = _digest_file(path)
        whole_key = f"{_RENDITIONS}{key}"
        stored = self._store.put_new(whole_key, path, sha256)
        self._register.kept(stored, sha256)
        return Kept(sha256, size, whole_key)

    def keep_head(self, size: int, path: Path) -> Kept:
        """Keep a signed head of the log of custody, durable when this returns.

        Args:
            size: events in the log that it is a head of.
            path: the signed text.

        Raises:
            KeyTaken: another head of as many events lies there.
            StorageError: as `ObjectStore.put_new`; nothing was kept.
        """
        sha256, bytes_ = _digest_file(path)
        key = head_key(size)
        stored = self._store.put_new(key, path, sha256)
        self._register.kept(stored, sha256)
        return Kept(sha256, bytes_, key)

    def heads(self) -> Iterator[tuple[str, bytes]]:
        """Yield the key and the bytes of every signed head that was kept.

        Raises:
            StorageError: the store cannot be read now.
        """
        for stored in self._store.list(_HEADS):
            with self._store.open(stored.key) as text:
                yield stored.key, text.read(_LONGEST_HEAD)

    def objects(self, prefix: str) -> Iterator[StoredObject]:
        """Yield what lies in the store under keys that start so.

        Raises:
            StorageError: the store cannot be read now.
        """
        return self._store.list(prefix)

    def clear_half_written(self, before: datetime) -> int:
        """Destroy what writing that broke off before this moment left in both stores; return how many pieces.

        Raises:
            StorageError: a store is away, or does not let us.
        """
        return sum(self.copies.clear_half_written(prefix, before) for prefix in (_ORIGINALS, _RENDITIONS, _HEADS))

    def protection(self) -> Protection:
        """Return what protects originals from being destroyed, found out by trial.

        Raises:
            StorageError: the store cannot be asked now.
        """
        return self._store.protection()

    def open(self, sha256: str, key: str | None = None) -> IO[bytes]:
        """Return the very bytes that were checked, from their start; the caller closes.

        They are copied out and digested first (in memory up to 8 MB, above that in a nameless temporary file), so what
        is read cannot change after the check.

        Args:
            sha256: the digest it must have.
            key: where it lies; by default the place of the original with this digest.

        Raises:
            VaultBreach: missing, or its digest is another, and no second copy stands in for it.
            StorageError: the store cannot be read now.
            OSError: reading broke off, or there is no room for the copy.
        """
        copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
        try:
            self._copy_checked(sha256, key, copy)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy

    def verified_copy(self, sha256: str, target: Path, key: str | None = None) -> Path:
        """Write the checked bytes to `target`, replacing what is there, and return it; wrong bytes never appear there.

        Args:
            sha256: the digest it must have.
            target: a file in an existing folder.
            key: where it lies; by default the place of the original with this digest.

        Raises:
            VaultBreach: missing, or its digest is another.
            StorageError: the store cannot be read now.
            OSError: reading broke off, or the target cannot be written.
        """
        unchecked = target.with_name(f".{uuid.uuid4().hex}")
        try:
            with unchecked.open("xb") as copy:
                self._copy_checked(sha256, key, copy)
            unchecked.replace(target)
        finally:
            unchecked.unlink(missing_ok=True)
        return target

    def _put_right(self, key: str, path: Path, sha256: str) -> StoredObject:
        damage = self.copies.damage_under(sha256, key).damage
        aside = self._store.set_aside(key)
        stored = self._store.put_new(key, path, sha256)
        self._register.put_right(damage, stored, aside)
        return stored

    def _copy_checked(self, sha256: str, key: str | None, target: IO[bytes]) -> None:
        self.copies.read(sha256, key if key is not None else original_key(sha256), target)


def _digest_file(path: Path) -> tuple[str, int]:
    with path.open("rb") as stream:
        return digest_of(stream)
