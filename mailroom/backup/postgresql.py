"""The records of a PostgreSQL, copied by `pg_dump` and brought back by `pg_restore`, the programs of its own client.

Before: `take.py` wants the records of one moment. After: the dump and the session that says what they name share one
exported snapshot. The programs must be at least as new as the server: what is missing or too old is said in a sentence.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL, Engine, create_engine, inspect, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from mailroom.backup.manifest import Unusable
from mailroom.backup.records_copy import NotCopied, Tell
from mailroom.domain.errors import Misconfigured
from mailroom.records.session import Records

_DEBIAN = Path("/usr/lib/postgresql")
_SCRATCH = "mailroom_drill_"
_TELLING = 400


class PostgresqlCopy:
    """Copies a database of a PostgreSQL.

    Args:
        url: where it is, as a role that may read all of it.
    """

    kind: Literal["sqlite", "postgresql"] = "postgresql"
    file_name = "mailroom.pgdump"

    def __init__(self, url: str) -> None:
        self._url = make_url(url)

    def size(self) -> int:
        """See `RecordsCopy.size`."""
        with self._connected() as engine, engine.connect() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)

    @contextmanager
    def copied(self, target: Path, tell: Tell) -> Iterator[Session]:
        """See `RecordsCopy.copied`."""
        with self._connected(isolation_level="REPEATABLE READ") as engine, engine.connect() as connection:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            tell("records", 0, 1)
            self._dump(target, str(snapshot))
            tell("records", 1, 1)
            with Session(connection) as session:
                yield session

    def is_empty(self) -> bool:
        """See `RecordsCopy.is_empty`."""
        with self._connected() as engine:
            return not inspect(engine).get_table_names()

    @contextmanager
    def made_of(self, copy: Path) -> Iterator[Records]:
        """See `RecordsCopy.made_of`: all of the dump is put in by one transaction."""
        self._put_in(copy, self._url)
        with closing(Records(_written(self._url))) as records:
            yield records

    @contextmanager
    def tried(self, copy: Path, scratch: Path) -> Iterator[Records]:  # noqa: ARG002  # the server has its own disk
        """See `RecordsCopy.tried`: in a database of its own, which the role must be allowed to make."""
        name = f"{_SCRATCH}{secrets.token_hex(6)}"
        self._make_scratch(name)
        try:
            there = self._url.set(database=name)
            self._put_in(copy, there)
            with closing(Records(_written(there))) as records:
                yield records
        finally:
            self._on_the_server(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _make_scratch(self, name: str) -> None:
        try:
            for old in self._scratch_databases():  # of a drill that was killed
                self._on_the_server(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
            self._on_the_server(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except DBAPIError as fault:
            advice = "Give the role of MAILROOM_DATABASE_ADMIN_URL the right CREATEDB"
            raise Misconfigured(
                f"No scratch database can be made for a drill ({_first_line(fault)}). {advice}."
            ) from fault

    def _scratch_databases(self) -> Sequence[str]:
        with self._connected() as engine, engine.connect() as connection:
            wanted = text("SELECT datname FROM pg_database WHERE starts_with(datname, :ours)")
            return connection.scalars(wanted, {"ours": _SCRATCH}).all()

    def _on_the_server(self, statement: str) -> None:
        with self._connected(isolation_level="AUTOCOMMIT") as engine, engine.connect() as connection:
            connection.execute(text(statement))

    def _dump(self, target: Path, snapshot: str) -> None:
        told = ("--format=custom", f"--snapshot={snapshot}", f"--file={target}", f"--dbname={_place(self._url)}")
        try:
            self._call("pg_dump", *told)
        except Unusable as fault:
            if os.strerror(errno.ENOSPC) in str(fault):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from fault
            raise NotCopied(str(fault)) from fault

    def _put_in(self, copy: Path, there: URL) -> None:
        told = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        self._call("pg_restore", *told, f"--dbname={_place(there)}", str(copy))

    def _call(self, program: str, *told: str) -> None:
        environment = {**os.environ, "LC_ALL": "C"} | ({"PGPASSWORD": self._url.password} if self._url.password else {})
        found = self._program(program)
        done = subprocess.run(  # noqa: S603  # a program of the system, and our own arguments
            [found, *told], env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Unusable(f"{program} failed: {done.stderr.strip()[-_TELLING:]}")

    def _program(self, name: str) -> str:
        """Return the newest program of this name, which must know what the server writes."""
        found = [str(place) for place in sorted(_DEBIAN.glob(f"*/bin/{name}"), key=_version_in_path)]
        program = found[-1] if found else shutil.which(name)
        server = self._server_version()
        needed = f"Install the client of PostgreSQL {server} (on Debian postgresql-client-{server})"
        if program is None:
            raise Misconfigured(f"{name} is not installed, and the records cannot be copied without it. {needed}.")
        version = _version_of(program)
        if version < server:
            raise Misconfigured(f"{name} is of PostgreSQL {version}, and the server is {server}. {needed} or newer.")
        return program

    def _server_version(self) -> int:
        with self._connected() as engine, engine.connect() as connection:
            return int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000

    @contextmanager
    def _connected(self, **options: str) -> Iterator[Engine]:
        engine = create_engine(self._url, hide_parameters=True, **options)
        try:
            yield engine
        finally:
            engine.dispose()


def _place(url: URL) -> str:
    """Return where the database is as the programs are told; the password goes by the environment, unseen by others."""
    query = {key: str(value) for key, value in url.query.items()}
    known = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **query}
    return make_conninfo("", **{key: value for key, value in known.items() if value is not None})


def _written(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _version_in_path(place: Path) -> float:
    try:
        return float(place.parts[-3])
    except ValueError:
        return 0.0


def _version_of(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = re.search(r"\) (\d+)", said)
    return int(found[1]) if found else 0


def _first_line(fault: DBAPIError) -> str:
    return str(fault.orig).splitlines()[0] if str(fault.orig) else type(fault).__name__
