"""Connections to a database server for whoever cannot do without: while it is away they wait for it.

Before: the workflow engine has no connection. Left to itself it tries again after ever longer pauses, of up to a minute
and a half, and for ever: items would stand still long after the server is back, and a worker that is told to stop never
would. After: it has one within a second of the server's return, or is told to leave.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from typing import Any

from sqlalchemy import Dialect, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from mailroom.records.session import not_waiting_for_ever

_TRIED_EVERY = 1.0
_AT_MOST = 20
_IDLE_SECONDS = 60


class Leaving(Exception):
    """The server is away, and whoever waited for it has been told to stop: it is no fault of the database."""


def patient_engine(url: str, leaving: Event) -> Engine:
    """Return connections that wait for their server.

    Args:
        url: of the server.
        leaving: set when nobody is to wait any more.
    """
    made = create_engine(not_waiting_for_ever(url), pool_pre_ping=True, pool_size=_AT_MOST, max_overflow=0)
    event.listen(made, "do_connect", _waiting_unless(leaving))
    event.listen(made, "connect", _end_what_idles)
    return made


def _waiting_unless(leaving: Event) -> Callable[..., Any]:
    def connect(dialect: Dialect, _entry: ConnectionPoolEntry, where: list[Any], told: dict[str, Any]) -> Any:  # noqa: ANN401  # a driver's connection
        while True:
            try:
                return dialect.connect(*where, **told)
            except dialect.loaded_dbapi.OperationalError as fault:
                if leaving.wait(_TRIED_EVERY):
                    raise Leaving("The database is away, and the worker stops.") from fault

    return connect


def _end_what_idles(connection: Any, _entry: ConnectionPoolEntry) -> None:  # noqa: ANN401  # a driver's connection
    """Have the server let go of what a frozen worker has locked."""
    connection.execute(f"SET idle_in_transaction_session_timeout = '{_IDLE_SECONDS}s'")
    connection.commit()
