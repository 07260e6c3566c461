"""Objects as files in a folder of a local disk, each visible only once it is whole and durable.

A new object is written under `.incoming` on the same disk, forced to disk, and then linked to its place; a link never
replaces anything, so writing once is kept by the file system itself, between threads, processes and crashes.
"""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.digest import copy_with_digest, digest_of
from storage.errors import KeyTaken, ObjectMissing, SourceChanged, StoreFull, StoreRefused, StoreUnavailable
from storage.store import SET_ASIDE, Protection, StoredObject, check_key

_LEFTOVER_SECONDS = 24 * 3600
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NOT_POSSIBLE = {errno.EEXIST, errno.EOPNOTSUPP, errno.ENAMETOOLONG, errno.EISDIR, errno.ENOTDIR}


def _no_step(_name: str) -> None:
    """Stand in where no test wants to interrupt."""


class LocalStore:
    """Keeps objects as read-only files below one folder; the folder is made where it is missing.

    Args:
        location: the folder. It needs a file system with hard links.
        at_step: called with the name of each step of `put_new` once it is done: `made`, `written`, `synced`,
            `linked`, `folder_synced`. Tests stop the process there.

    Raises:
        StoreUnavailable, StoreFull, StoreRefused: the folder cannot be made or used.
    """

    def __init__(self, location: str | Path, at_step: Callable[[str], None] = _no_step) -> None:
        self._root = Path(location)
        self._incoming = self._root / ".incoming"
        self._at_step = at_step
        self._durable_folders: set[Path] = set()
        with _faults_told_apart("the store's folder"):
            _make_folder(self._root)
            self._make_durable(self._incoming)
            self._clear_leftovers(time.time() - _LEFTOVER_SECONDS)

    def put_new(self, key: str, source: Path, sha256: str | None = None) -> StoredObject:
        """See `ObjectStore.put_new`."""
        place = self._place(key)
        with source.open("rb") as stream, _faults_told_apart(key):
            incoming = self._incoming / uuid.uuid4().hex
            try:
                digest = self._write(stream, incoming)
                if sha256 not in (None, digest):
                    raise SourceChanged(f"the source of {key} does not have the promised digest")
                self._link(incoming, place, digest)
            finally:
                incoming.unlink(missing_ok=True)
        return self.stat(key)

    def open(self, key: str, version: str | None = None) -> BinaryIO:  # noqa: ARG002  # there is one of each
        """See `ObjectStore.open`."""
        with _faults_told_apart(key):
            try:
                return self._place(key).open("rb")
            except FileNotFoundError:
                raise ObjectMissing(f"nothing is kept under {key}") from None

    def stat(self, key: str, version: str | None = None) -> StoredObject:  # noqa: ARG002
        """See `ObjectStore.stat`."""
        with _faults_told_apart(key):
            try:
                status = self._place(key).stat()
            except FileNotFoundError:
                raise ObjectMissing(f"nothing is kept under {key}") from None
        return StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list`."""
        start = prefix.rpartition("/")[0]
        if start:
            check_key(start)
        for folder, subfolders, names in os.walk(self._root / start, onerror=_stop_the_walk):
            here = self._key_of(Path(folder))
            subfolders[:] = [name for name in subfolders if _may_lead_to(prefix, f"{here}{name}/")]
            for name in names:
                key = f"{here}{name}"
                if key.startswith(prefix):
                    with suppress(ObjectMissing):  # destroyed since the folder was read
                        yield self.stat(key)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        place = self._place(key)
        with _faults_told_apart(key):
            place.unlink(missing_ok=True)
            if place.parent.exists():
                _sync_folder(place.parent)

    def set_aside(self, key: str) -> str | None:
        """See `ObjectStore.set_aside`: it is moved within the folder, which destroys nothing."""
        place = self._place(key)
        aside = self._root / f"{SET_ASIDE}{key}.{uuid.uuid4().hex[:8]}"
        with _faults_told_apart(key):
            self._make_durable(aside.parent)
            try:
                place.rename(aside)
            except FileNotFoundError:
                return None
            _sync_folder(aside.parent)
            _sync_folder(place.parent)
        return str(aside)

    def lock(self, key: str, until: datetime, version: str | None = None) -> datetime | None:  # noqa: ARG002
        """See `ObjectStore.lock`: nothing is locked here."""
        self.stat(key)
        return None

    def hold(self, key: str, version: str | None = None, *, on: bool) -> bool:  # noqa: ARG002
        """See `ObjectStore.hold`: nothing is held here."""
        self.stat(key)
        return False

    def clear_half_written(self, prefix: str, before: datetime) -> int:  # noqa: ARG002  # no key is on it yet
        """See `ObjectStore.clear_half_written`."""
        with _faults_told_apart("the store's folder"):
            return self._clear_leftovers(before.timestamp())

    def protection(self) -> Protection:
        """See `ObjectStore.protection`: whoever owns a file can delete it."""
        return Protection.NOTHING

    def _key_of(self, folder: Path) -> str:
        """Return what the keys of the files in this folder begin with."""
        return "" if folder == self._root else f"{folder.relative_to(self._root).as_posix()}/"

    def _place(self, key: str) -> Path:
        check_key(key)
        return self._root / key

    def _write(self, source: BinaryIO, incoming: Path) -> str:
        with incoming.open("xb") as target:
            self._at_step("made")
            digest, _ = copy_with_digest(source, target)
            target.flush()
            os.fchmod(target.fileno(), 0o440)
            self._at_step("written")
            os.fsync(target.fileno())
        self._at_step("synced")
        return digest

    def _link(self, incoming: Path, place: Path, digest: str) -> None:
        self._make_durable(place.parent)
        try:
            os.link(incoming, place)
        except FileExistsError:
            with place.open("rb") as kept:
                if digest_of(kept)[0] != digest:
                    raise KeyTaken(f"{place.name} holds other bytes") from None
        self._at_step("linked")
        # also where it was there before: whoever linked it may have been stopped before this line
        _sync_folder(place.parent)
        self._at_step("folder_synced")

    def _make_durable(self, folder: Path) -> None:
        """Make a folder inside the store and force the names on its path to disk, once in the life of this store."""
        if folder in self._durable_folders and folder.is_dir():
            return
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        for parent in folder.parents:
            if parent.is_relative_to(self._root):
                _sync_folder(parent)
        self._durable_folders.add(folder)

    def _clear_leftovers(self, before: float) -> int:
        """Delete what was written last before this moment; young ones may be another process's, still being written."""
        cleared = 0
        for leftover in self._incoming.iterdir():
            with suppress(FileNotFoundError):
                if leftover.stat().st_mtime < before:
                    leftover.unlink()
                    cleared += 1
        return cleared


@contextmanager
def _faults_told_apart(what: str) -> Iterator[None]:
    """Turn the operating system's errors into those of this workshop."""
    try:
        yield
    except OSError as fault:
        reason = f"{what}: {fault.strerror or fault}"
        if fault.errno in _FULL:
            raise StoreFull(reason) from fault
        if fault.errno in _NOT_ALLOWED | _NOT_POSSIBLE:
            raise StoreRefused(reason) from fault
        raise StoreUnavailable(reason) from fault


def _may_lead_to(prefix: str, folder: str) -> bool:
    """Return whether keys that start with the prefix can lie in this folder."""
    hidden = folder.rstrip("/").rpartition("/")[2].startswith(".")
    return not hidden and (folder.startswith(prefix) or prefix.startswith(folder))


def _stop_the_walk(fault: OSError) -> None:
    # a folder that is not there lists as empty; one that cannot be read must not look as if it were
    if not isinstance(fault, FileNotFoundError):
        raise StoreUnavailable(f"listing: {fault.strerror}") from fault


def _make_folder(folder: Path) -> None:
    """Make the folder and its missing parents, each of which survives a power cut."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(mode=0o750, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
