"""On PostgreSQL the service's role adds to the log of custody and changes nothing in it; on SQLite triggers refuse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from database_server import ADMIN, PostgreSql
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from mailroom.domain.errors import Misconfigured
from mailroom.duties.log_guard import guard_in_words
from mailroom.records import custody
from mailroom.records.grants import NEVER_CHANGED, SERVICE_MAY, grant_to
from mailroom.records.guards import changes_allowed
from mailroom.records.search.shelves import AUDIENCES, SHELVES, name_of
from mailroom.records.session import Records
from mailroom.records.tables import Base, TreeHeadRow

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
ON_A_TABLE = {
    "change": "UPDATE {0} SET {1} = {1}",
    "delete": "DELETE FROM {0}",
    "empty": "TRUNCATE {0} CASCADE",
    "unguard": "ALTER TABLE {0} DISABLE TRIGGER ALL",
    "own": "ALTER TABLE {0} OWNER TO mailroom",
    "drop": "DROP TABLE {0} CASCADE",
}
WRITTEN_ONCE = {"custody_event": "actor", "custody_detail": "salt", "custody_number": "hash", "receipt": "item_id"}
FORBIDDEN = {
    **{
        f"{what} {table}": statement.format(table, column)
        for table, column in WRITTEN_ONCE.items()
        for what, statement in ON_A_TABLE.items()
    },
    "rewrite a head": "UPDATE tree_head SET text = 'forged'",
    "delete a head": "DELETE FROM tree_head",
    "put off triggers": "SET session_replication_role = replica",
    "replace the guard": "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT NULL'",
    "drop a guard": "DROP TRIGGER custody_event_no_change ON custody_event",
    "become the owner": f"SET ROLE {ADMIN}",
    "say what version it is": "UPDATE alembic_version SET version_num = '0001'",
    "make a table": "CREATE TABLE public.custody_event_2 (id int)",
}


@pytest.fixture(scope="module")
def written(
    new_database: Callable[[Path, str], AbstractContextManager[str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Records]:
    """As the service: a log with two events, one of them numbered, and a head."""
    data = tmp_path_factory.mktemp("written")
    with new_database(data, "postgresql") as url, closing(Records(url)) as records:
        with records.work() as session:
            custody.record(session, "a" * 32, "received", actor="channel:post", at=NOW)
            custody.number_new_events(session)
            custody.record(session, "a" * 32, "read", actor="machine:read", at=NOW)
            session.add(TreeHeadRow(size=1, full=[], text="signed", signed_at=NOW))
            session.commit()
        yield records


@pytest.fixture
def owner(written: Records, database_server: PostgreSql) -> Iterator[Records]:
    """The same records as the role that owns them."""
    with closing(Records(database_server.url(written.url.rpartition("/")[2], ADMIN))) as opened:
        yield opened


def test_every_table_has_a_line_that_says_what_the_service_may_do_with_it() -> None:
    index = {name_of(shelf, audience) for shelf in SHELVES for audience in AUDIENCES}
    assert set(SERVICE_MAY) == {*Base.metadata.tables, "alembic_version", *index}


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_service_cannot(written: Records, statement: str) -> None:
    with written.work() as session, pytest.raises(ProgrammingError) as fault:
        session.execute(text(statement))
    assert isinstance(fault.value.orig, psycopg.errors.InsufficientPrivilege)


def test_the_service_marks_a_head_as_sent_and_goes_on_numbering(written: Records) -> None:
    with written.work() as session:
        session.get_one(TreeHeadRow, 1).published_at = NOW
        assert custody.number_new_events(session) == 1
        session.commit()


def test_nothing_is_allowed_to_the_service_and_the_trial_leaves_nothing_behind(written: Records) -> None:
    with written.work() as session:
        assert changes_allowed(session) == []
        session.commit()
    assert "mailroom can add to the log of custody" in guard_in_words(written)
    with written.look() as session:
        assert session.scalar(text("SELECT count(*) FROM custody_event")) == 2


def test_an_owner_is_told_what_it_could_do_and_does_nothing(owner: Records) -> None:
    with owner.work() as session:
        allowed = changes_allowed(session)
        session.commit()
    assert {table for table in NEVER_CHANGED for change in allowed if f" {table} " in change} == set(NEVER_CHANGED)
    with pytest.raises(Misconfigured, match=rf"the role {ADMIN} could change what is written down once \(UPDATE"):
        guard_in_words(owner)
    with owner.look() as session:
        assert session.scalar(text("SELECT count(*) FROM custody_event")) == 2
        switched_off = "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%no_change' AND tgenabled <> 'O'"
        assert session.scalar(text(switched_off)) == 0


def test_a_right_that_somebody_gave_later_is_found_and_taken_back_by_a_migration(
    written: Records, owner: Records
) -> None:
    with owner.work() as session:
        session.execute(text("GRANT UPDATE ON custody_event TO mailroom"))
        session.execute(text("GRANT TRUNCATE ON receipt TO PUBLIC"))
        session.commit()
    with pytest.raises(Misconfigured, match=r"UPDATE custody_event .*1 more.*run `mailroom migrate`"):
        guard_in_words(written)
    with owner.connection() as connection:
        grant_to(connection, "mailroom")
        connection.commit()
    assert "change nothing" in guard_in_words(written)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_on_sqlite_a_trigger_refuses_and_is_missed_where_it_is_gone(records: Records) -> None:
    assert "refuses changes" in guard_in_words(records)
    with records.work() as session:
        session.execute(text("DROP TRIGGER custody_event_no_update"))
        session.commit()
    with pytest.raises(Misconfigured, match="the triggers that refuse them are gone"):
        guard_in_words(records)
    with records.look() as session:
        assert session.scalar(text("SELECT count(*) FROM custody_event")) == 0
