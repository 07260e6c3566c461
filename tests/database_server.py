"""A PostgreSQL of one's own on loopback, which gives each test a database."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import psycopg

_PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"))
_AS_NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") if os.geteuid() == 0 else ()
_NUMBERS = count(1)


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

    def url(self, database: str) -> str:
        """Return the URL of a database, as the mailroom is told it."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{database}"

    def create(self) -> str:
        """Make a database; return its name."""
        name = f"mailroom{next(_NUMBERS)}"
        at = f"host=127.0.0.1 port={self._port} user=postgres dbname=postgres"
        with psycopg.connect(at, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name


@contextmanager
def postgresql() -> Iterator[PostgreSql]:
    """Start one; it is gone with the block."""
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))
    if _AS_NOBODY:
        os.chown(home, 65534, 65534)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    place = ("-D", str(home / "data"), "--auth=trust", "--username=postgres")
    _run("initdb", *place, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    server = PostgreSql(port, home)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _run(program: str, *told: str) -> None:
    command = [*_AS_NOBODY, str(_PROGRAMS / program), *told]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=60, cwd="/")
