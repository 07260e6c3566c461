"""Where the mailrooms of these tests are: each in a data directory, its records in a file there or on a server."""

from __future__ import annotations

import shutil
from pathlib import Path

from database_server import ADMIN, PostgreSql

from mailroom.records.session import Records, sqlite_url

CONFIG = Path(__file__).parents[3] / "config"


class Mailrooms:
    """Finds the records of each by its data directory.

    Args:
        server: that gives each a database of its own; without one the records are a file of the directory.
    """

    def __init__(self, server: PostgreSql | None) -> None:
        self.embedded = server is None
        self._server = server
        self._databases: dict[Path, str] = {}

    def told(self, data: Path) -> dict[str, str]:
        """Return what the environment says of the one in this directory, which may still have to be made."""
        named = {"DATA": str(data), "CONFIG": str(CONFIG), "DATABASE_URL": "", "DATABASE_ADMIN_URL": ""}
        if self._server is not None:
            name = self._databases.get(data) or self._databases.setdefault(data, self._server.create())
            named |= self._server.settings(name)
        return {f"MAILROOM_{key}": value for key, value in named.items()}

    def copy(self, data: Path, target: Path) -> Path:
        """Make another one like this in a directory of its own, which a test may spoil."""
        if self._server is not None:
            self._databases[target] = self._server.create(self._databases[data])
        return Path(shutil.copytree(data, target))

    def records(self, data: Path) -> Records:
        """Open the records of the one in this directory, as the role that owns them."""
        if self._server is None:
            return Records(sqlite_url(data / "mailroom.sqlite"))
        return Records(self._server.url(self._databases[data], ADMIN))
