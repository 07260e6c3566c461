"""A PostgreSQL of one's own on loopback, which gives each test a database: one role owns it, another works in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest
from free_ports import free_port

_PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
_AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
_IN_MEMORY = Path("/dev/shm")  # noqa: S108  # where files cost least; a folder of our own is made in it
_FOR_THE_MOMENT = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else Path("/tmp")  # noqa: S108
_NUMBERS = count(1)
ADMIN, SERVICE = "mailroom_admin", "mailroom"
_TESTS_SEE = f"ALTER ROLE {SERVICE} SET search_path = public, dbos"
"""The engine's tables without their schema, as tests name them on SQLite."""


ON_BOTH = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
"""Marks a test of what the two databases could do differently."""

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class PostgreSql:
    """One that runs; it is trusted by everybody on loopback, and keeps nothing when the power goes."""

    def __init__(self, port: int, home: Path) -> None:
        self._port = port
        self._home = home

    def start(self) -> None:
        """Start it, and wait until it answers."""
        told = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self._home} -c fsync=off -c max_connections=300"
        _run("pg_ctl", "-D", str(self._home / "data"), "-w", "-l", str(self._home / "log"), "-o", told, "start")

    def stop(self) -> None:
        """Stop it as a crash would, whatever is being written."""
        _run("pg_ctl", "-D", str(self._home / "data"), "-w", "-m", "immediate", "stop")

    def url(self, database: str, role: str = SERVICE) -> str:
        """Return the URL of a database, as the mailroom is told it."""
        return f"postgresql+psycopg://{role}@127.0.0.1:{self._port}/{database}"

    def settings(self, database: str) -> dict[str, str]:
        """Return what a mailroom that may migrate is told of a database."""
        return {"DATABASE_URL": self.url(database), "DATABASE_ADMIN_URL": self.url(database, ADMIN)}

    def create(self, template: str = "template1", name: str = "") -> str:
        """Make a database like this one; return its name."""
        name = name or f"mailroom{next(_NUMBERS)}"
        self.tell(f"CREATE DATABASE {name} OWNER {ADMIN} TEMPLATE {template}")
        return name

    def drop(self, database: str) -> None:
        """Take a database away, whoever is still in it."""
        self.tell(f"DROP DATABASE {database} WITH (FORCE)")

    def tell(self, *statements: str, database: str = "postgres") -> None:
        """Have the server's own superuser say these statements."""
        at = f"host=127.0.0.1 port={self._port} user=postgres dbname={database}"
        with psycopg.connect(at, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def postgresql(below: Path = _FOR_THE_MOMENT) -> Iterator[PostgreSql]:
    """Start one whose files lie below this folder; it is gone with the block."""
    home = Path(tempfile.mkdtemp(prefix="pg", dir=below))
    if _AS_NOBODY:
        os.chown(home, 65534, 65534)
    place = ("-D", str(home / "data"), "--auth=trust", "--username=postgres")
    _run("initdb", *place, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    server = PostgreSql(free_port(), home)
    server.start()
    try:
        server.tell(f"CREATE ROLE {ADMIN} LOGIN CREATEDB", f"CREATE ROLE {SERVICE} LOGIN", _TESTS_SEE)
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _run(program: str, *told: str) -> None:
    command = [*_AS_NOBODY, str(_PROGRAMS / program), *told]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/")
