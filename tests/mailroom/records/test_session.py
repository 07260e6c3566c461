"""The unit of work: nothing is written unless it is committed, and two writers queue at the start."""

from __future__ import annotations

import sqlite3
import statistics
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from database_server import ON_BOTH, ON_SQLITE
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError

from mailroom.domain.capture import Channel
from mailroom.records import custody
from mailroom.records.alarms import alarms_raised, clear_alarm, raise_alarm
from mailroom.records.custody_faults import faults_in_chains
from mailroom.records.incomplete import IncompleteRows
from mailroom.records.items import due_again
from mailroom.records.session import Records, may_lock
from mailroom.records.tables import Alarm, Counter, CustodyDetail, CustodyPending, IncompleteSource

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
_NEXT_LOOK = 0.05
"""Seconds, far below what SQLite would sleep before it looks again."""


def counters(records: Records) -> list[str]:
    with records.look() as session:
        return list(session.scalars(select(Counter.series)))


def test_nothing_is_written_unless_it_is_committed(records: Records) -> None:
    with records.work() as session:
        session.add(Counter(series="a", value=1))
        session.flush()
    assert counters(records) == []


def test_an_error_in_the_middle_rolls_back(records: Records) -> None:
    def fail() -> None:
        with records.work() as session:
            session.add(Counter(series="a", value=1))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert counters(records) == []


def test_what_is_committed_stays(records: Records) -> None:
    with records.work() as session:
        session.add(Counter(series="a", value=1))
        session.commit()
    assert counters(records) == ["a"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 30_000)]
)
def test_every_connection_is_durable_and_strict(records: Records, pragma: str, value: object) -> None:
    for unit in (records.work, records.look):
        with unit() as session:
            assert session.execute(text(f"PRAGMA {pragma}")).scalar() == value


@ON_BOTH
def test_foreign_keys_are_kept(records: Records) -> None:
    with records.work() as session, pytest.raises(IntegrityError):
        session.execute(insert(CustodyPending).values(event_id="nothing"))


@ON_SQLITE
def test_a_writing_unit_of_work_has_the_lock_from_its_first_word(records: Records, data: Path) -> None:
    with records.work() as session:
        session.scalars(select(Counter)).all()
        other = sqlite3.connect(data / "mailroom.sqlite", timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


@ON_BOTH
def test_a_reading_unit_of_work_hinders_no_writer_and_sees_a_steady_picture(records: Records) -> None:
    with records.look() as looking:
        assert looking.scalars(select(Counter)).all() == []
        with records.work() as session:
            session.add(Counter(series="a", value=1))
            session.commit()
        assert looking.scalars(select(Counter)).all() == []


@ON_BOTH
def test_two_writers_queue_and_neither_fails(records: Records) -> None:
    def add(series: str) -> None:
        with records.work() as session:
            session.scalars(select(Counter)).all()
            time.sleep(0.05)
            session.add(Counter(series=series, value=1))
            session.commit()

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(counters(records)) == list("abcd")


@ON_BOTH
def test_moments_come_back_in_utc(records: Records, now: Callable[[], datetime]) -> None:
    in_paris = datetime(2026, 11, 16, 11, 0, 0, 5, tzinfo=timezone(timedelta(hours=1)))
    with records.work() as session:
        raise_alarm(session, "x", "y", in_paris)
        session.commit()
    with records.look() as session:
        (alarm,) = alarms_raised(session)
        assert (alarm.raised_at, alarm.raised_at.tzinfo) == (in_paris, UTC)


def test_a_moment_without_a_zone_is_refused(records: Records) -> None:
    with records.work() as session, pytest.raises(StatementError, match="time zone"):
        raise_alarm(session, "x", "y", NOW.replace(tzinfo=None))


@ON_BOTH
def test_an_error_of_the_database_does_not_repeat_what_was_being_written(records: Records) -> None:
    with records.work() as session, pytest.raises((OperationalError, ProgrammingError)) as fault:
        session.execute(text("INSERT INTO nowhere VALUES (:letter)"), {"letter": "Dear Xanthippe"})
    assert "Xanthippe" not in str(fault.value)


def test_an_alarm_is_one_row_until_it_is_cleared_and_raised_again(records: Records) -> None:
    later = NOW + timedelta(hours=1)
    with records.work() as session:
        raise_alarm(session, "x", "2 items wait.", NOW)
        raise_alarm(session, "x", "3 items wait.", later)
        assert [(a.sentence, a.raised_at) for a in alarms_raised(session)] == [("3 items wait.", NOW)]
        clear_alarm(session, "x", later)
        session.flush()
        assert list(alarms_raised(session)) == []
        raise_alarm(session, "x", "3 items wait.", later)
        assert [(a.sentence, a.raised_at) for a in alarms_raised(session)] == [("3 items wait.", later)]


@ON_SQLITE
def test_a_writer_begins_as_soon_as_the_one_before_has_ended(records: Records) -> None:
    assert statistics.median(_seconds_late(records) for _ in range(5)) < _NEXT_LOOK


def _seconds_late(records: Records) -> float:
    """Return how long after the end of one unit of work another one begins that has waited for it."""
    begun: list[float] = []

    def write() -> None:
        with records.work() as session:
            session.execute(select(Counter))
            begun.append(time.perf_counter())

    waiting = threading.Thread(target=write)
    with records.work() as session:
        session.execute(select(Counter))
        waiting.start()
        time.sleep(0.24)  # SQLite by itself looks after 228 ms, and then again after 328
        session.commit()
        ended = time.perf_counter()
    waiting.join()
    return begun[0] - ended


@ON_SQLITE
def test_a_unit_of_work_that_breaks_down_keeps_nobody_from_writing(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailroom.records.session._BUSY_SECONDS", 0.1)
    with pytest.raises(ProgrammingError), records.work() as session:  # noqa: PT012  # its end is what fails
        session.execute(select(Counter))
        session.connection().connection.driver_connection.close()  # type: ignore[union-attr]
    for name in "ab":
        with records.work() as session:
            session.add(Counter(series=name, value=1))
            session.commit()
    assert counters(records) == ["a", "b"]


@ON_BOTH
@pytest.mark.parametrize(
    ("words", "kept"),
    [("A\x00B", "A\N{SYMBOL FOR NULL}B"), ("A\udc80B", "A\N{REPLACEMENT CHARACTER}B"), ("\N{CLINKING BEER MUGS}",) * 2],
)
def test_words_that_no_database_takes_are_kept_with_a_sign_in_their_place(
    records: Records, words: str, kept: str
) -> None:
    with records.work() as session:
        raise_alarm(session, words, words, NOW)
        details = {words: [words, {"\\u0000": words}], "as it is": r"\u0000"}
        custody.record(session, "a" * 32, "received", actor="channel:email", at=NOW, details=details)
        session.commit()
    with records.look() as session:
        (alarm,) = alarms_raised(session)
        assert (alarm.subject, alarm.sentence) == (kept, kept)
        assert session.scalars(select(CustodyDetail.details)).one() == {
            kept: [kept, {"\\u0000": kept}],
            "as it is": r"\u0000",
        }
        assert list(faults_in_chains(session)) == []


@ON_BOTH
def test_a_file_of_more_than_two_gigabytes_is_shown(records: Records) -> None:
    rows = IncompleteRows(records)
    rows.show("in/post/film.pdf", Channel.POST, 5_000_000_000, NOW, NOW, "It is too large.")
    with records.look() as session:
        assert session.scalars(select(IncompleteSource.size)).one() == 5_000_000_000


@ON_BOTH
def test_the_date_of_a_moment_is_that_of_utc(records: Records) -> None:
    with records.work() as session:
        raise_alarm(session, "x", "y", datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
        assert str(session.scalar(select(func.date(Alarm.raised_at)))) == "2026-07-01"


@ON_BOTH
def test_a_reading_unit_of_work_locks_nothing(records: Records) -> None:
    with records.look() as looking, records.work() as working:
        assert (may_lock(looking), may_lock(working)) == (False, True)
        assert due_again(looking, NOW) == due_again(working, NOW) == []
