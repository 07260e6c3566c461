"""The two copies of an object: each read with its digest checked, and one standing in for the other and mending it.

Before: the vault wants the bytes of a digest, or a duty looks after all there are. After: whoever asked has bytes that
were checked, and a copy that is not what was kept is on record. Nothing that is damaged is destroyed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from storage.damage import Copy, Damage
from storage.digest import copy_with_digest
from storage.errors import KeyTaken, ObjectMissing, StorageError, StoreUnavailable, VaultBreach
from storage.store import ObjectStore, Protection, StoredObject
from storage.whereabouts import Register, Whereabouts


class Copies:
    """Reads, doubles and mends objects by their digest.

    Args:
        first: the store.
        second: another one that has a copy of all; None where there is none.
        register: where each object lies, and who is told of damage.
        machine: the name of this one, in whose spool something may wait.
    """

    def __init__(
        self, first: ObjectStore, second: ObjectStore | None, register: Register, machine: str | None = None
    ) -> None:
        self._stores = {Copy.FIRST: first} | ({Copy.SECOND: second} if second is not None else {})
        self._register = register
        self._machine = machine

    @property
    def doubled(self) -> bool:
        """Whether there is a second store."""
        return Copy.SECOND in self._stores

    def waits_elsewhere(self, machine: str | None) -> bool:
        """Return whether what waits on a machine waits on another one than this."""
        return machine not in (None, self._machine)

    def read(self, sha256: str, key: str, target: IO[bytes]) -> None:
        """Write the checked bytes to `target`; where the first copy cannot be had, those of the second.

        Raises:
            VaultBreach: no copy is what was kept.
            StorageError: the store cannot be read now.
        """
        where = self._register.whereabouts(key)
        try:
            self._read(Copy.FIRST, sha256, key, where, target)
        except StorageError as fault:
            if not (self.doubled and where.copied):
                raise
            self._read_second(sha256, key, where, target, instead_of=fault)

    def check(self, copy: Copy, sha256: str, key: str) -> Damage | None:
        """Read a copy to its end; return what is wrong with it, which is on record then, or None.

        Raises:
            StorageError: the store cannot be read now.
        """
        try:
            self._read(copy, sha256, key, self._register.whereabouts(key), None)
        except VaultBreach as breach:
            return breach.damage
        return None

    def holds(self, copy: Copy, sha256: str, key: str) -> bool:
        """Return whether a store holds these bytes; where it does not that may be another store, and is no damage.

        Raises:
            StorageError: the store cannot be read now.
        """
        try:
            with self._stores[copy].open(key, self._register.whereabouts(key).version_in(copy)) as source:
                return copy_with_digest(source, None)[0] == sha256
        except ObjectMissing:
            return False

    def clear_half_written(self, prefix: str, before: datetime) -> int:
        """Destroy what writing that broke off left in both stores; return how many pieces of it.

        Raises:
            StorageError: a store is away, or does not let us.
        """
        return sum(store.clear_half_written(prefix, before) for store in self._stores.values())

    def protection(self, copy: Copy) -> Protection:
        """Return what protects the objects of a store from being destroyed, found out by trial.

        Raises:
            StorageError: the store cannot be asked now.
        """
        return self._stores[copy].protection()

    def lock(self, key: str, until: datetime) -> datetime | None:
        """Have both copies locked until then at least; return until when both are, None where neither is ever.

        Raises:
            StorageError: a store is away, or does not lock this.
        """
        where = self._register.whereabouts(key)
        ends = [self._stores[copy].lock(key, until, where.version_in(copy)) for copy in self._having(where)]
        return min((end for end in ends if end is not None), default=None)

    def hold(self, key: str, *, on: bool) -> bool:
        """Put both copies under legal hold or lift it; return whether a store could.

        Raises:
            StorageError: a store is away, or does not hold this.
        """
        where = self._register.whereabouts(key)
        done = [self._stores[copy].hold(key, where.version_in(copy), on=on) for copy in self._having(where)]
        return any(done)

    def damage_under(self, sha256: str, key: str) -> VaultBreach:
        """Return the breach that other bytes lie where an object was to be put; it is on record then."""
        return self._taken(Copy.FIRST, sha256, key)

    def newest_is_ours(self, copy: Copy, key: str) -> bool:
        """Return whether the version on record is the newest under its key; nobody but us should put any over it.

        Raises:
            StorageError: the store cannot be asked now.
        """
        version = self._register.whereabouts(key).version_in(copy)
        if version is None:
            return True
        try:
            return self._stores[copy].stat(key).version == version
        except ObjectMissing:
            return False

    def double(self, sha256: str, key: str) -> StoredObject:
        """Put a second copy of what is kept, checked on its way.

        Raises:
            VaultBreach: neither is the first copy what was kept, or the second store has other bytes there.
            StorageError: a store is not there now.
        """
        with self._from(Copy.FIRST, sha256, key) as file:
            try:
                return self._stores[Copy.SECOND].put_new(key, file, sha256)
            except KeyTaken as taken:
                raise self._taken(Copy.SECOND, sha256, key) from taken

    def mend(self, copy: Copy, sha256: str, key: str) -> tuple[StoredObject, str | None]:
        """Put back a copy by the other one; return what is kept now, and where that lies which lay there.

        Raises:
            VaultBreach: the other one is not what was kept either.
            StorageError: a store is not there now, or there is no other copy.
        """
        if not (self.doubled and (copy is Copy.SECOND or self._register.whereabouts(key).copied)):
            raise ObjectMissing(f"{key} has no second copy")
        other = Copy.SECOND if copy is Copy.FIRST else Copy.FIRST
        with self._from(other, sha256, key) as file:
            aside = self._stores[copy].set_aside(key)
            return self._stores[copy].put_new(key, file, sha256), aside

    def _having(self, where: Whereabouts) -> list[Copy]:
        """Return the copies that there are."""
        return [copy for copy in self._stores if copy is Copy.FIRST or where.copied]

    @contextmanager
    def _from(self, copy: Copy, sha256: str, key: str) -> Iterator[Path]:
        """Give a file with the checked bytes of one copy."""
        with tempfile.NamedTemporaryFile() as file:
            self._read(copy, sha256, key, self._register.whereabouts(key), file)
            file.flush()
            yield Path(file.name)

    def _read_second(
        self, sha256: str, key: str, where: Whereabouts, target: IO[bytes], instead_of: StorageError
    ) -> None:
        target.seek(0)
        target.truncate()
        try:
            self._read(Copy.SECOND, sha256, key, where, target)
        except StorageError:
            raise instead_of from None

    def _read(self, copy: Copy, sha256: str, key: str, where: Whereabouts, target: IO[bytes] | None) -> None:
        try:
            source = self._stores[copy].open(key, where.version_in(copy))
        except ObjectMissing:
            if copy is Copy.FIRST and self.waits_elsewhere(where.waits_on):
                waits = f"{key} waits in the spool of {where.waits_on} until the store is there again; it is no breach"
                raise StoreUnavailable(waits) from None
            raise self._breach(copy, sha256, key) from None
        with source:
            found, _ = copy_with_digest(source, target)
        if found != sha256:
            raise self._breach(copy, sha256, key, found)

    def _taken(self, copy: Copy, sha256: str, key: str) -> VaultBreach:
        with self._stores[copy].open(key) as lying:
            return self._breach(copy, sha256, key, copy_with_digest(lying, None)[0])

    def _breach(self, copy: Copy, sha256: str, key: str, found: str | None = None) -> VaultBreach:
        damage = Damage(key, sha256, copy, found)
        self._register.damaged(damage)
        return VaultBreach(str(damage), damage)
