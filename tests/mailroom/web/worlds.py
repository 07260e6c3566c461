"""The records of the house as they were, put back in milliseconds: a file is copied, or a database on a server."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

from database_server import PostgreSql

from mailroom.records.session import Records


class Worlds(Protocol):
    """Keeps the records as they are under a name, and puts them back."""

    def keep(self, world: str) -> None: ...

    def put_back(self, world: str) -> None: ...


class WorldsInFiles:
    """Those of records in a file.

    Args:
        live: the file that is worked with.
        folder: where the copies lie.
    """

    def __init__(self, live: Path, folder: Path) -> None:
        self._live = live
        self._folder = folder

    def keep(self, world: str) -> None:
        """Copy the records as they are."""
        self._copy(self._live, self._folder / f"{world}.sqlite")

    def put_back(self, world: str) -> None:
        """Have the records as they were."""
        self._copy(self._folder / f"{world}.sqlite", self._live)

    @staticmethod
    def _copy(source: Path, target: Path) -> None:
        with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
            here.backup(there)


class WorldsOnServer:
    """Those of records on a server, each a database; who is connected meanwhile connects again by themselves.

    Args:
        records: what is worked with.
        server: on which they are.
    """

    def __init__(self, records: Records, server: PostgreSql) -> None:
        self._records = records
        self._server = server
        self._live = records.url.rpartition("/")[2]
        self._kept: dict[str, str] = {}

    def keep(self, world: str) -> None:
        """Copy the records as they are."""
        self._records.close()  # nobody may be connected to what is copied, and no page is served yet
        self._kept[world] = self._server.create(self._live)

    def put_back(self, world: str) -> None:
        """Have the records as they were; whoever asks for a page meanwhile is cut off, and keeps no connection."""
        self._server.drop(self._live)
        self._server.create(self._kept[world], self._live)
