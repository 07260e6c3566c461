"""The database and the unit of work: nothing is written unless the caller says `commit`.

Every writing unit of work on SQLite begins IMMEDIATE, so that two writers queue for the lock at the start and never
fail at the end. `synchronous=FULL` because with NORMAL the last commits may be lost when the power goes, and a commit
is what we answer for.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from mailroom.records.search import follow
from mailroom.records.tables.storable import dump_json

NO_SUCH_RIGHT = "42501"
"""What PostgreSQL calls it where a role may not do what it was asked to."""

_LOOKS = "looks"
_BUSY_SECONDS = 30
_LOOK_EVERY = 0.2
_WAITS = {
    "connect_timeout": "10",
    "tcp_user_timeout": "30000",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
}
"""How long a server may take to answer a call, and to say that it lives where a connection stands. One whose machine is
gone says nothing at all: left to the system, a statement would wait for it for a quarter of an hour."""

_SCHEME = re.compile(r"^postgres(ql)?(\+\w+)?://")


class Records:
    """The records of one mailroom.

    Args:
        url: an SQLAlchemy URL, `sqlite:///PATH` or `postgresql+psycopg://...`.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.embedded = url.startswith("sqlite")
        self._engine = _sqlite_engine(url) if self.embedded else _server_engine(url)
        self._plain = self._engine.execution_options()
        self._work = sessionmaker(self._engine, expire_on_commit=False)
        self._look = sessionmaker(
            self._engine if self.embedded else _steady(self._engine), autoflush=False, info={_LOOKS: True}
        )
        event.listen(self._work, "before_flush", follow)
        if self.embedded:
            # Events of the sessions, as one of the engine's would have every statement look for listeners.
            event.listen(self._look, "after_begin", _begin_reading)
            turn = _Turn()
            event.listen(self._work, "after_begin", turn.take)
            event.listen(self._work, "after_commit", turn.give)
            event.listen(self._work, "after_transaction_end", turn.give_up)
            event.listen(self._plain, "begin", _begin_at_once)

    def work(self) -> Session:
        """Return a writing unit of work, a context manager that rolls back unless `commit` was called."""
        return self._work()

    def look(self) -> Session:
        """Return a reading unit of work: a steady view of what was committed when it began."""
        return self._look()

    def connection(self) -> Connection:
        """Return a plain connection, for migrations."""
        return self._plain.connect()

    def role(self) -> str:
        """Return as whom we work on a database server."""
        with self.connection() as connection:
            return connection.scalar(text("SELECT current_user")) or ""

    @contextmanager
    def sole(self, name: str) -> Iterator[Connection]:
        """Wait until nobody else on a database server holds this name, and hold it while the block runs.

        Yields the connection that holds it: what a killed process began there holds the name until it has ended.
        """
        # No transaction stays open and no statement waits meanwhile: an index that is made concurrently waits for both.
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            while not connection.scalar(select(func.pg_try_advisory_lock(_number_of(name)))):
                time.sleep(_LOOK_EVERY)
            try:
                yield connection
            finally:
                connection.execute(select(func.pg_advisory_unlock(_number_of(name))))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()


class _Turn:
    """Has the writers of this process begin one after another, whoever came first as a rule first.

    Left to itself SQLite has each of them sleep and look again, ever longer, while newcomers slip in: a mail server
    waited for its answer up to half a second so. Nothing depends on the turn but how long a writer waits.
    """

    def __init__(self) -> None:
        self._free = Lock()
        self._whose: Session | None = None

    def take(self, session: Session, transaction: SessionTransaction, connection: Connection) -> None:
        """Wait for the turn and begin."""
        if transaction.nested:  # a savepoint lies within a unit of work that has begun
            return
        self._free.acquire(timeout=_BUSY_SECONDS)  # who had it for longer broke down without an end: it is taken over
        self._whose = session
        _begin_at_once(connection)

    def give(self, session: Session) -> None:
        """Let the next one begin: all is on the disk."""
        if self._whose is session:
            self._whose = None
            self._free.release()

    def give_up(self, session: Session, transaction: SessionTransaction) -> None:
        """Let the next one begin where nothing was committed."""
        if transaction.parent is None:
            self.give(session)


def may_lock(session: Session) -> bool:
    """Return whether this unit of work may lock rows: a reading one sees what was so and keeps nobody waiting."""
    return _LOOKS not in session.info


def sqlite_url(path: Path) -> str:
    """Return the URL of the embedded database in this file."""
    return f"sqlite:///{path}"


def server_url(told: str) -> str:
    """Return the URL of a database server with the driver that we have, whichever way somebody has written it."""
    return _SCHEME.sub("postgresql+psycopg://", told)


def not_waiting_for_ever(url: str) -> str:
    """Return the URL of a database server so that whoever connects gives up on one that is gone; what it says stays."""
    made = make_url(url)
    return made.update_query_dict({**_WAITS, **made.query}).render_as_string(hide_password=False)


def _number_of(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"mailroom:{name}".encode()).digest()[:8], signed=True)


def _engine(url: str, **options: Any) -> Engine:  # noqa: ANN401  # the library's own options
    options |= {"json_serializer": dump_json, "hide_parameters": True}  # an error's text is logged: no letter in it
    return create_engine(url, **options)


def _server_engine(url: str) -> Engine:
    engine = _engine(not_waiting_for_ever(url), pool_pre_ping=True)
    event.listen(engine, "connect", _prepare_server)
    return engine


def _steady(engine: Engine) -> Engine:
    """PostgreSQL would show each statement of a reading unit of work what others have committed meanwhile."""
    return engine.execution_options(isolation_level="REPEATABLE READ")


def _sqlite_engine(url: str) -> Engine:
    engine = _engine(url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401  # a driver's connection
    connection.isolation_level = None  # we begin ourselves: Python's driver would begin too late
    for pragma in (f"busy_timeout={_BUSY_SECONDS * 1000}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_server(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401
    connection.execute("SET TIME ZONE 'UTC'")  # the date of a moment is that of UTC, whatever the server thinks
    connection.commit()


def _begin_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
