"""The objects that the records name: copied to a backup where they do not lie there yet, and put back from it.

Before: a snapshot of the records is taken, so all that it names is in the vault. After: the backup holds each under the
key that it has there, its digest checked on the way. An object that the vault has lost, and a backup has, is kept.
"""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.backup.manifest import digest_of_file
from mailroom.records.tables import DataKeyRow, Original, Rendition
from storage.data_keys import DataKeys
from storage.errors import StorageError, VaultBreach
from storage.sealing import MARK, opened, seal
from storage.vault import Vault, original_key

_RENDITIONS = "renditions/"
_FOLDER = "objects"
_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Named:
    """An object that the records name; `sealed` where it has a data key: then it is sealed by that in a backup, too."""

    key: str
    sha256: str
    size: int
    sealed: bool = False


def named_objects(session: Session) -> Iterator[Named]:
    """Yield each object once, in the order of the keys."""
    originals = select(Original.key, Original.sha256, Original.size)
    renditions = select(Rendition.key, Rendition.sha256, Rendition.size)
    named = originals.union(renditions).subquery()
    sealed = DataKeyRow.key.is_not(None)
    rows = select(named, sealed).outerjoin(DataKeyRow, DataKeyRow.key == named.c.key).order_by(named.c.key)
    for row in session.execute(rows).yield_per(_ROWS):
        yield Named(*row)


class Spool:
    """Objects in a nameless file: there may be millions of them.

    Args:
        folder: where there is room for it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = tempfile.TemporaryFile("w+", dir=folder)  # noqa: SIM115 - closed with this
        self.number = self.size = 0

    def add(self, one: Named) -> None:
        """Add an object."""
        self._file.write(f"{one.sha256} {one.size} {int(one.sealed)} {one.key}\n")
        self.number += 1
        self.size += one.size

    def __iter__(self) -> Iterator[Named]:
        """Yield all objects from the first one on."""
        self._file.seek(0)
        for line in self._file:
            sha256, size, sealed, key = line.split()
            yield Named(key, sha256, int(size), sealed == "1")

    def close(self) -> None:
        """Let the file go."""
        self._file.close()


def list_objects(session: Session, checksums: Path, spool: Spool) -> None:
    """Write all objects down: for `sha256sum -c`, and with their sizes for us."""
    with checksums.open("w", encoding="ascii") as file:
        for one in named_objects(session):
            file.write(f"{one.sha256}  {_FOLDER}/{one.key}\n")
            spool.add(one)


def listed_in(checksums: Path) -> Iterator[Named]:
    """Yield the objects of a backup; their sizes are not written there."""
    with checksums.open(encoding="ascii") as lines:
        for line in lines:
            sha256, _, path = line.rstrip("\n").partition("  ")
            yield Named(path.removeprefix(f"{_FOLDER}/"), sha256, 0)


def lies_in(objects: Path, one: Named, keys: DataKeys | None, *, read: bool) -> bool:
    """Return whether the backup holds this object already; its digest is asked for where it is to be `read`.

    What was copied in plain before it had a data key stays so, for earlier backups do not have that key.
    """
    place = objects / one.key
    if not place.is_file() or not (place.stat().st_size == one.size or (one.sealed and _is_sealed(place))):
        return False
    return not read or _digest_in(place, one.key, keys) == one.sha256


def copy_object(one: Named, objects: Path, vault: Vault, keys: DataKeys | None) -> str | None:
    """Copy an object into the backup, sealed where it has a data key.

    Returns:
        What is wrong with it where the vault cannot give it.

    Raises:
        StorageError: the store cannot be read now.
        OSError: the backup cannot be written.
    """
    place = objects / one.key
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        data_key = keys.find(one.key) if keys is not None and one.sealed else None
        if data_key is None:
            vault.verified_copy(one.sha256, place, key=one.key)
        else:
            _copy_sealed(one, place, vault, data_key.secret)
    except VaultBreach as fault:
        return f"object {one.key}: {fault}"
    return None


def put_back(
    listed: Iterable[Named], objects: Path, vault: Vault, keys: DataKeys | None, tell: Callable[[int], None]
) -> Iterator[str]:
    """Put objects of a backup into a vault, where equal ones may lie already; yield what is wrong with some of them.

    Raises:
        StorageError: the store cannot be written now.
    """
    for number, one in enumerate(listed, start=1):
        place = objects / one.key
        if not place.is_file():
            yield f"object {one.key} is missing from the backup"
        else:
            with _plain(place, one.key, keys) as file:
                yield from _put(one, file, vault)
        tell(number)


def _put(one: Named, file: Path, vault: Vault) -> Iterator[str]:
    found = digest_of_file(file)
    if found != one.sha256:
        yield f"object {one.key} in the backup is not what was kept: its digest is {found}"
    else:
        yield from _kept(one, file, vault)


def _kept(one: Named, place: Path, vault: Vault) -> Iterator[str]:
    try:
        if one.key == original_key(one.sha256):
            vault.keep(place)
        else:
            vault.keep_rendition(one.key.removeprefix(_RENDITIONS), place)
    except StorageError as fault:
        if fault.retry_helps:
            raise
        yield f"object {one.key} cannot be put back: {fault}"


def _is_sealed(place: Path) -> bool:
    with place.open("rb") as file:
        return file.read(len(MARK)) == MARK


def _digest_in(place: Path, key: str, keys: DataKeys | None) -> str:
    with _plain(place, key, keys) as file:
        return digest_of_file(file)


def _copy_sealed(one: Named, place: Path, vault: Vault, secret: str) -> None:
    unfinished = place.with_name(f".{uuid.uuid4().hex}")
    try:
        with vault.open(one.sha256, one.key) as plain, unfinished.open("xb") as sealed:
            seal(plain, sealed, secret)
        unfinished.replace(place)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _plain(place: Path, key: str, keys: DataKeys | None) -> Iterator[Path]:
    """Give a file with the plain bytes of an object of a backup, as it lies where its data key does not open it."""
    data_key = keys.find(key) if keys is not None else None
    if data_key is None:
        yield place
        return
    with opened(place.open("rb"), data_key.secret) as plain, tempfile.NamedTemporaryFile() as file:
        shutil.copyfileobj(plain, file)
        file.flush()
        yield Path(file.name)
