"""A steady copy of the records while others write: the way of SQLite, and what every way can do.

Before: the service goes on writing. After: a file holds the records of one moment, and a session reads that very moment
to say what they name. SQLite is copied page by page within one reading transaction, which holds up no writer;
PostgreSQL has its own programs (`postgresql.py`).
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import quote

from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session

from mailroom.backup.manifest import Unusable
from mailroom.domain.errors import MailroomError
from mailroom.records.session import Records, sqlite_url

Tell = Callable[[str, int, int], None]
"""Told what is being done, how far it is and how far it goes; it may raise to break off."""

_PAGES_AT_ONCE = 2048
_LOCK_SECONDS = 30


class NotCopied(MailroomError):
    """The records cannot be copied now; the sentence says why."""


class RecordsCopy(Protocol):
    """How the records of one kind of database are copied, and made of a copy again."""

    kind: Literal["sqlite", "postgresql"]
    file_name: str

    def size(self) -> int:
        """Return how many bytes a copy takes at the most."""
        ...

    def copied(self, target: Path, tell: Tell) -> AbstractContextManager[Session]:
        """Copy the records to this file, and give a session that reads what was copied.

        Raises:
            Misconfigured: a program that it takes is missing or too old.
            NotCopied: it was broken off.
            OSError: the file cannot be written.
        """
        ...

    def is_empty(self) -> bool:
        """Return whether there are no records yet where they are to be."""
        ...

    def made_of(self, copy: Path) -> AbstractContextManager[Records]:
        """Give records made of a copy where they are to be; they are there for others when the block ends.

        Raises:
            Unusable: the copy is damaged.
        """
        ...

    def tried(self, copy: Path, scratch: Path) -> AbstractContextManager[Records]:
        """Give records made of a copy in a scratch place, which is gone with the block.

        Raises:
            Unusable: the copy is damaged.
        """
        ...


class SqliteCopy:
    """Copies the file of an embedded database.

    Args:
        url: where it is.
    """

    kind: Literal["sqlite", "postgresql"] = "sqlite"
    file_name = "mailroom.sqlite"

    def __init__(self, url: str) -> None:
        self._file = Path(make_url(url).database or "")

    def size(self) -> int:
        """See `RecordsCopy.size`: what is in the log of writing may yet come to the file."""
        return sum(file.stat().st_size for file in self._file.parent.glob(f"{self._file.name}*"))

    @contextmanager
    def copied(self, target: Path, tell: Tell) -> Iterator[Session]:
        """See `RecordsCopy.copied`."""
        self._copy(target, tell)
        engine = create_engine(f"sqlite:///file:{quote(str(target.absolute()))}?mode=ro&immutable=1&uri=true")
        try:
            with Session(engine) as session:
                yield session
        finally:
            engine.dispose()

    def is_empty(self) -> bool:
        """See `RecordsCopy.is_empty`."""
        return not self._file.exists()

    @contextmanager
    def made_of(self, copy: Path) -> Iterator[Records]:
        """See `RecordsCopy.made_of`: the file gets its name last."""
        making = self._file.with_name(f".{self._file.name}.restoring")
        for leftover in making.parent.glob(f"{making.name}*"):
            leftover.unlink()
        with closing(_sqlite_from(copy, making)) as records:
            yield records
        making.rename(self._file)

    @contextmanager
    def tried(self, copy: Path, scratch: Path) -> Iterator[Records]:
        """See `RecordsCopy.tried`."""
        with closing(_sqlite_from(copy, scratch / self.file_name)) as records:
            yield records

    def _copy(self, target: Path, tell: Tell) -> None:
        with (
            closing(sqlite3.connect(self._file, timeout=_LOCK_SECONDS, isolation_level=None)) as here,
            closing(sqlite3.connect(target)) as there,
        ):
            here.execute("BEGIN")
            here.execute(
                "SELECT count(*) FROM sqlite_master"
            ).fetchone()  # from here on it is the records of one moment
            here.backup(
                there, pages=_PAGES_AT_ONCE, progress=lambda _, left, total: tell("records", total - left, total)
            )
            here.execute("COMMIT")
            there.execute("PRAGMA journal_mode=DELETE")  # one file, which can be read where nothing can be written


def _sqlite_from(copy: Path, target: Path) -> Records:
    shutil.copyfile(copy, target)
    with closing(sqlite3.connect(target)) as made:
        try:
            found = made.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as fault:
            found = str(fault)
    if found != "ok":
        raise Unusable(f"The records in the backup are damaged inside: {found}.")
    return Records(sqlite_url(target))
