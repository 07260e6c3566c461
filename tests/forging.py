"""Changes the records behind the program's back, as whoever owns the database could: no guard, no foreign key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, make_url, text

from mailroom.records.session import Records

_GUARDS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%~_no~_%' ESCAPE '~'"


@contextmanager
def unguarded(records: Records) -> Iterator[Connection]:
    """Give a connection that may change anything; what it did is committed when the block ends."""
    with _sqlite(records) if records.embedded else _server(records) as connection:
        yield connection


@contextmanager
def _sqlite(records: Records) -> Iterator[Connection]:
    with records.connection() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN")
        for (guard,) in connection.exec_driver_sql(_GUARDS).all():
            connection.exec_driver_sql(f"DROP TRIGGER {guard}")
        yield connection
        connection.commit()
        connection.exec_driver_sql("PRAGMA foreign_keys=ON")


@contextmanager
def _server(records: Records) -> Iterator[Connection]:
    owner = create_engine(make_url(records.url).set(username="postgres"))
    try:
        with owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            yield connection
    finally:
        owner.dispose()
