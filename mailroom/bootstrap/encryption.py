"""The master keys, by which what is kept is encrypted: read from their file, refused where they do not open what is.

Before: `[encryption] key_file` names the file, or nothing does. After: the bundle has data keys, or none. The file is
one of age, a private key a line (`AGE-SECRET-KEY-1...`): the first one wraps, the others still open what they wrapped.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from mailroom.domain.errors import Misconfigured
from mailroom.records.data_keys import WITHOUT_KEYS, KeysOnRecord, masters_in_use, refuse_without
from mailroom.records.session import Records
from mailroom.settings import Settings
from storage.errors import StoreRefused
from storage.sealing import NotSealed, new_key, public_half, unwrap, wrap

_OURS_ALONE = 0o600


class MasterKeyFile:
    """The master keys in a file, read anew where it has changed: a running service knows a new one at once.

    Args:
        file: where they are.

    Raises:
        Misconfigured: it cannot be read, others can read it, or it holds no keys.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stamp, self._keys = _read(file)

    @property
    def name(self) -> str:
        """See `storage.data_keys.MasterKeys.name`."""
        return self.names[0]

    @property
    def names(self) -> Sequence[str]:
        """See `storage.data_keys.MasterKeys.names`."""
        return list(self._as_they_stand())

    def wrap(self, secret: str) -> tuple[str, bytes]:
        """See `storage.data_keys.MasterKeys.wrap`."""
        name = self.name
        return name, wrap(secret, name)

    def unwrap(self, wrapped: bytes, name: str) -> str:
        """See `storage.data_keys.MasterKeys.unwrap`."""
        master = self._as_they_stand().get(name)
        if master is None:
            raise StoreRefused(f"encryption.key_file: the master key {name} is not in {self._file}. Put it back there")
        try:
            return unwrap(wrapped, master)
        except NotSealed as fault:
            raise StoreRefused(f"a data key is not what {name} has wrapped ({fault}): take it from a backup") from fault

    def _as_they_stand(self) -> Mapping[str, str]:
        """Return the keys; where the file cannot be read any more those that were read, so that a service goes on."""
        try:
            if _stamp(self._file) != self._stamp:
                self._stamp, self._keys = _read(self._file)
        except (OSError, Misconfigured):
            return self._keys
        return self._keys


def master_keys(settings: Settings) -> MasterKeyFile | None:
    """Return the master keys; None where the settings name no file.

    Raises:
        Misconfigured: as `MasterKeyFile`, or the file lies where that lies which it opens.
    """
    if not settings.encryption.key_file:
        return None
    file = Path(settings.encryption.key_file)
    folders = {
        "MAILROOM_DATA": settings.data,
        "backup.folder": Path(settings.backup.folder or settings.data),
        "second_copy.folder": settings.data / settings.second_copy.folder,
    }
    for key, folder in folders.items():
        if file.resolve().is_relative_to(folder.resolve()):
            told = f"encryption.key_file: {file} lies in {folder} ({key}), beside what it opens and lost with it."
            raise Misconfigured(f"{told} Put it into another folder, and a copy of it into a safe.")
    return MasterKeyFile(file)


def data_keys(masters: MasterKeyFile | None, records: Records, now: Callable[[], datetime]) -> KeysOnRecord | None:
    """Return the data keys in the records; None where nothing is encrypted.

    Raises:
        Misconfigured: something is encrypted by a master key that is not at hand.
    """
    with records.look() as session:
        refuse_without(masters_in_use(session), masters)
    return None if masters is None else KeysOnRecord(records, masters, now)


def add_master_key(file: Path) -> str:
    """Put a new master key first in the file, made where it is missing; return its name.

    Raises:
        Misconfigured: what is there holds no keys, or the file cannot be written.
    """
    secret = new_key()
    name = public_half(secret)
    former = file.read_text("ascii", "replace") if file.exists() else ""
    if former:
        _keys_in(file, former)
    making = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OURS_ALONE), "w") as new:  # noqa: PTH123 - its rights
            new.write(f"# public key: {name}\n{secret}\n{former}")
            if former:
                _leave_to_its_owner(new.fileno(), file)
            new.flush()
            os.fsync(new.fileno())
        making.replace(file)
        _sync_folder_of(file)
    except OSError as fault:
        making.unlink(missing_ok=True)
        raise Misconfigured(f"{file} cannot be written ({fault.strerror}). Name a file in another folder.") from fault
    return name


def _leave_to_its_owner(new: int, file: Path) -> None:
    status = file.stat()
    os.fchmod(new, stat.S_IMODE(status.st_mode))
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        os.fchown(new, status.st_uid, status.st_gid)


def _sync_folder_of(file: Path) -> None:
    """Have the new file survive a power cut: something may be encrypted by it a moment later."""
    folder = os.open(file.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _stamp(file: Path) -> tuple[int, int, int]:
    status = file.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(file: Path) -> tuple[tuple[int, int, int], Mapping[str, str]]:
    try:
        stamp, text = _stamp(file), file.read_text("ascii", "replace")
        others = file.stat().st_mode & stat.S_IRWXO
    except FileNotFoundError as fault:
        made = "Where nothing is encrypted yet, `mailroom keys make FILE` makes one."
        raise Misconfigured(f"encryption.key_file: {file} is not there. {WITHOUT_KEYS}. {made}") from fault
    except OSError as fault:
        raise Misconfigured(f"encryption.key_file: {file} cannot be read ({fault.strerror}). Correct that.") from fault
    if others:
        raise Misconfigured(
            f"encryption.key_file: every account may read {file}. Take that right away: chmod o= {file}"
        )
    return stamp, _keys_in(file, text)


def _keys_in(file: Path, text: str) -> Mapping[str, str]:
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        keys = {public_half(line): line for line in lines}
    except ValueError as fault:
        told = f"encryption.key_file: a line of {file} is no key of age (AGE-SECRET-KEY-1...)."
        raise Misconfigured(f"{told} Take it from the copy of the file.") from fault
    if not keys:
        raise Misconfigured(f"encryption.key_file: {file} holds no key. {WITHOUT_KEYS}.")
    return keys
