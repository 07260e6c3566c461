"""The wrapped data keys of the objects of a backup, in a file beside their list, for whoever reads them from there.

Before: the records of one moment are copied, with these keys among them. After: objects can be put back before there
are records, sealed by the keys that they had. Nobody reads any without a master key, which no backup holds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import cached_property
from pathlib import Path

from sqlalchemy.orm import Session

from mailroom.records.data_keys import Wrapped, all_wrapped, refuse_without
from storage.data_keys import DataKey, MasterKeys
from storage.sealing import new_key

DATA_KEYS = "data-keys.sqlite"

_MAKE = """CREATE TABLE IF NOT EXISTS data_key (
key TEXT PRIMARY KEY, wrapped BLOB NOT NULL, size INTEGER NOT NULL, master TEXT NOT NULL, made INTEGER NOT NULL)"""
_PUT = "INSERT OR REPLACE INTO data_key VALUES (?, ?, ?, ?, ?)"
_AT_ONCE = 500


def write_data_keys(session: Session, file: Path) -> None:
    """Write down the data keys of these records; no file where there are none."""
    with closing(sqlite3.connect(file)) as there:
        there.execute(_MAKE)
        rows = ((one.key, one.wrapped, one.size, one.master, 0) for one in all_wrapped(session))
        written = there.executemany(_PUT, rows).rowcount
        there.commit()
    if written <= 0:
        file.unlink()


class KeysOfBackup:
    """The data keys of a backup, and those that are made while it is put back; see `storage.data_keys.DataKeys`.

    Args:
        backup: its folder.
        working: the file in which they are kept until they are on record; what was broken off goes on with it.
        masters: what wraps them.
    """

    def __init__(self, backup: Path, working: Path, masters: MasterKeys) -> None:
        self._backup = backup / DATA_KEYS
        self._working = working
        self._masters = masters

    def find(self, key: str) -> DataKey | None:
        """See `DataKeys.find`."""
        row = self._rows.execute("SELECT wrapped, master, size FROM data_key WHERE key = ?", (key,)).fetchone()
        return None if row is None else DataKey(self._masters.unwrap(row[0], row[1]), row[2])

    def make(self, key: str, size: int) -> DataKey:
        """See `DataKeys.make`."""
        secret = new_key()
        master, wrapped = self._masters.wrap(secret)
        self._rows.execute(_PUT, (key, wrapped, size, master, 1))
        return DataKey(secret, size)

    def resize(self, key: str, size: int) -> None:
        """See `DataKeys.resize`."""
        self._rows.execute("UPDATE data_key SET size = ? WHERE key = ?", (size, key))

    def sizes(self, keys: Iterable[str]) -> Mapping[str, int]:
        """See `DataKeys.sizes`."""
        asked = "SELECT key, size FROM data_key WHERE key = ?"
        return dict(row for key in keys for row in self._rows.execute(asked, (key,)))

    def made(self) -> Iterator[Wrapped]:
        """Yield those that are not in the backup."""
        for row in self._rows.execute("SELECT key, wrapped, size, master FROM data_key WHERE made"):
            yield Wrapped(*row)

    def forget(self) -> None:
        """Let the file go: all is on record."""
        self._rows.close()
        self._working.unlink()

    @cached_property
    def _rows(self) -> sqlite3.Connection:
        rows = sqlite3.connect(f"{self._working.resolve().as_uri()}", isolation_level=None, uri=True)
        rows.execute(_MAKE)
        if self._backup.exists():
            rows.execute("ATTACH ? AS backup", (_only_read(self._backup),))
            rows.execute("INSERT OR REPLACE INTO data_key SELECT * FROM backup.data_key")
            rows.execute("DETACH backup")
        return rows


def keys_of(backup: Path, working: Path, masters: MasterKeys | None) -> KeysOfBackup | None:
    """Return the data keys of a backup; None where nothing in it is encrypted, nor is to be.

    Raises:
        Misconfigured: something in it is encrypted by a master key that is not at hand.
    """
    refuse_without(_masters_of(backup / DATA_KEYS), masters)
    return None if masters is None else KeysOfBackup(backup, working, masters)


def _masters_of(file: Path) -> list[str]:
    if not file.exists():
        return []
    with closing(sqlite3.connect(_only_read(file), uri=True)) as there:
        return [name for (name,) in there.execute("SELECT DISTINCT master FROM data_key")]


def _only_read(file: Path) -> str:
    return f"{file.resolve().as_uri()}?mode=ro&immutable=1"
