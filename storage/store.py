"""What every object store can do: keep bytes once under a key and give them back.

Before: the vault, which chooses keys and checks digests. After: `local.py`, `memory.py` and whatever else is listed in
`storage.BUILTIN`; `tests/contracts/test_object_store.py` proves each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Protocol

from storage.errors import BadKey

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}(/[A-Za-z0-9][A-Za-z0-9._-]{0,199})*")
_LONGEST_KEY = 512

SET_ASIDE = "set-aside/"
"""What the keys begin with of what was taken out of the way in a store that keeps no versions."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One kept object.

    Attributes:
        key: where it lies.
        size: bytes.
        stored_at: when it was written (aware, UTC), by the clock of the store.
        version: what the store calls these very bytes where it keeps several versions under a key, else None.
        waits_on: the machine in whose spool it waits until its store is there again; None where it lies in the store.
        locked_until: until when its version cannot be destroyed; None where nothing is known to forbid that.
    """

    key: str
    size: int
    stored_at: datetime
    version: str | None = None
    waits_on: str | None = None
    locked_until: datetime | None = None


class Protection(StrEnum):
    """What keeps an object from being destroyed by whoever has the account of the mailroom."""

    NOTHING = "nothing"
    VERSIONS = "versions"
    """What is written over or deleted leaves an older version behind, which can be destroyed."""
    LOCK = "lock"
    """A version under a lock cannot be destroyed before its term ends."""


class ObjectStore(Protocol):
    """Keeps bytes under keys, each written once; built from one string that says where (a folder, an address).

    All calls may also raise `BadKey`, `StoreUnavailable`, `StoreFull` or `StoreRefused`.
    """

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        """Copy the file `source` to `key`, durably and all or nothing; the source is left as it is.

        A key that holds equal bytes already is success. Where `sha256` is given, the bytes are digested on their
        way and nothing becomes visible unless it agrees.

        Raises:
            KeyTaken: the key holds other bytes.
            SourceChanged: the bytes do not have the digest `sha256`.
            OSError: the source cannot be opened.
        """
        ...

    def open(self, key: str, version: str | None = None) -> BinaryIO:
        """Return the bytes for reading from the start; the caller closes.

        Where `version` is given, and the store keeps versions, they are those of that version, whatever lies over it.

        Raises:
            ObjectMissing: nothing is kept there.
        """
        ...

    def stat(self, key: str, version: str | None = None) -> StoredObject:
        """Return what is kept under `key`: the newest of its versions unless one is named.

        Raises:
            ObjectMissing: nothing is kept there.
        """
        ...

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Yield every object whose key starts with `prefix`, in no promised order, half-written ones never."""
        ...

    def delete(self, key: str) -> None:
        """Destroy the object, durably; success also where there is none, so that it can be done twice.

        Raises:
            StoreRefused: it is locked.
        """
        ...

    def set_aside(self, key: str) -> str | None:
        """Take what lies under `key` out of the way without destroying it, so that the key is free.

        Returns:
            Where it can be found, for people; None where nothing lay there.
        """
        ...

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:
        """Have what lies there locked until then at least; a lock that lasts longer stays as it is.

        Returns:
            Until when it is locked now; None where this store locks nothing.
        """
        ...

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:
        """Put what lies there under legal hold, which has no end, or lift that; it leaves a lock as it is.

        Returns:
            Whether this store has done it; False where it holds nothing.
        """
        ...

    def clear_half_written(self, prefix: str, before: datetime) -> int:
        """Destroy what writing that broke off left behind: of keys that start so, begun before this moment.

        Returns:
            How many pieces of writing that were.
        """
        ...

    def protection(self) -> Protection:
        """Return what protects objects here, found out by trial and never by what the store says of itself."""
        ...


def check_key(key: str) -> None:
    """Refuse a key that some store could not keep or that could lead out of its folder.

    Raises:
        BadKey: not letters, digits, `.`, `_`, `-` in parts divided by `/`, each beginning with a letter or digit,
            no part over 200 characters, 512 in all.
    """
    if len(key) > _LONGEST_KEY or not _KEY.fullmatch(key):
        raise BadKey(f"not a key of an object store: {key[:80]!r}")
