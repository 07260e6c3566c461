"""Tries whether the service could change the log of custody, and undoes the trial: a promise that is not kept is told.

Before: `grants.py` has taken the right away (PostgreSQL), the first migration has put triggers there (SQLite). After:
`mailroom check` and `mailroom migrate` say what was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from mailroom.records import custody
from mailroom.records.grants import NEVER_CHANGED
from mailroom.records.session import NO_SUCH_RIGHT
from mailroom.records.tables import Base

_TRIED = "check"


def changes_allowed(session: Session) -> list[str]:
    """Return the changes of what is written down once that could be made; none where all is well.

    Args:
        session: a writing unit of work, which the caller does not commit.
    """
    if session.get_bind().dialect.name == "sqlite":
        event = custody.record(session, _TRIED, _TRIED, actor=_TRIED, at=datetime.now(UTC))
        changes = _of_one_event(event.id)
    else:
        session.execute(text("SET LOCAL lock_timeout = '2s'"))  # what is allowed would wait for all that goes on
        changes = _of_no_row()
    return [change for change in changes if not _refused(session, change)]


def _of_one_event(event_id: str) -> Iterator[str]:
    """SQLite knows no roles: a trigger refuses, and only where there is a row."""
    yield f"UPDATE custody_event SET actor = actor WHERE id = '{event_id}'"  # noqa: S608  # an id that we have made
    yield f"DELETE FROM custody_event WHERE id = '{event_id}'"  # noqa: S608


def _of_no_row() -> Iterator[str]:
    """PostgreSQL refuses a role that has not the right before it looks for rows."""
    for table in NEVER_CHANGED:
        column = next(iter(Base.metadata.tables[table].columns)).name
        yield f'UPDATE {table} SET "{column}" = "{column}" WHERE false'  # noqa: S608  # names of ours
        yield f"TRUNCATE {table} CASCADE"
        yield f"ALTER TABLE {table} DISABLE TRIGGER USER"
        if table != "custody_pending":  # what has its number waits no more
            yield f"DELETE FROM {table} WHERE false"  # noqa: S608
    yield "SET LOCAL session_replication_role = replica"


def _refused(session: Session, change: str) -> bool:
    try:
        with session.begin_nested() as trial:
            session.execute(text(change))
            trial.rollback()
    except DatabaseError as fault:
        state = getattr(fault.orig, "sqlstate", None)
        return state in (None, NO_SUCH_RIGHT)  # SQLite names none: there the trigger has spoken
    return False
