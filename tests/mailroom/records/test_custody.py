"""The chain of custody: whatever is changed in it afterwards is found."""

from __future__ import annotations

import random
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from database_server import ON_BOTH, ON_SQLITE
from forging import unguarded
from sqlalchemy import event, text
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError

from mailroom.records import custody
from mailroom.records.custody_faults import faults_in_chains
from mailroom.records.session import Records

NOW = datetime(2026, 11, 16, 10, tzinfo=UTC)
ITEMS = ("a" * 32, "b" * 32)
TABLES = ("custody_event", "custody_number")
_ROOM = {"details_digest": 64, "previous": 64, "hash": 64, "salt": 32}
"""Columns that have no room for one letter more."""


@pytest.fixture
def chain(records: Records) -> Records:
    """Two items with four events each, all numbered."""
    with records.work() as session:
        for position in range(4):
            for item_id in ITEMS:
                at = NOW + timedelta(seconds=position)
                details = {"pages": position, "words": ["x", None]}
                custody.record(session, item_id, f"kind_{position}", actor="machine:x", at=at, details=details)
        custody.number_new_events(session)
        session.commit()
    return records


def change(records: Records, *statements: str) -> None:
    """Change the tables behind the program's back; `@item` is the first item, `@2` the id of its second event."""
    with unguarded(records) as connection:
        for statement in statements:
            event = "(SELECT id FROM custody_event WHERE item_id=@item AND position=\\1)"
            sql = re.sub("@([0-9]+)", event, statement).replace("@item", repr(ITEMS[0])).replace(":", "\\:")
            assert connection.execute(text(sql)).rowcount, statement


def faults(records: Records) -> list[str]:
    with records.look() as session:
        return list(faults_in_chains(session))


def test_a_chain_that_nobody_touched_is_whole(chain: Records) -> None:
    assert faults(chain) == []


def test_events_that_are_not_numbered_yet_are_no_fault(records: Records) -> None:
    with records.work() as session:
        custody.record(session, ITEMS[0], "received", actor="channel:post", at=NOW)
        session.commit()
        assert custody.count_not_numbered(session) == 1
    assert faults(records) == []


EDITS = {
    "the kind of an event": "UPDATE custody_event SET kind='viewed' WHERE id=@2",
    "who did it": "UPDATE custody_event SET actor='somebody' WHERE id=@1",
    "when it was done": "UPDATE custody_event SET at='2026-11-17 10:00:00.000000' WHERE id=@4",
    "which original": "UPDATE custody_event SET original='c' WHERE id=@3",
    "whose it is": "UPDATE custody_event SET item_id='c' WHERE id=@4",
    "its place": "UPDATE custody_event SET position=9 WHERE id=@4",
    "the digest of its details": "UPDATE custody_event SET details_digest='d' WHERE id=@2",
    "its own hash": "UPDATE custody_event SET hash='e' WHERE id=@4",
    "its link": "UPDATE custody_event SET previous='e' WHERE id=@2",
    "its name": "UPDATE custody_event SET id='other' WHERE id=@2",
    "a moment that is none": "UPDATE custody_event SET at='one day' WHERE id=@2",
    "the details": "UPDATE custody_detail SET details='{\"pages\": 7}' WHERE event_id=@2",
    "details that are none": "UPDATE custody_detail SET details='{' WHERE event_id=@2",
    "the salt": "UPDATE custody_detail SET salt='0' WHERE event_id=@2",
    "the details of another": "UPDATE custody_detail SET details='{}', salt='x' WHERE event_id=@4",
    "a hash of the log": "UPDATE custody_number SET hash='f' WHERE number=3",
    "the last hash of the log": "UPDATE custody_number SET hash='f' WHERE number=8",
    "which event has a number": "UPDATE custody_number SET event_id='other' WHERE event_id=@2",
    "a number": "UPDATE custody_number SET number=99 WHERE number=8",
}


_REFUSED_BY_A_SERVER = {EDITS["a moment that is none"], EDITS["details that are none"]}


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS.keys())
def test_an_edit_is_found(chain: Records, statement: str) -> None:
    if not chain.embedded and statement in _REFUSED_BY_A_SERVER:
        with pytest.raises(DataError):
            change(chain, statement)
        return
    change(chain, statement)
    assert faults(chain)


@pytest.mark.parametrize("position", [1, 2, 3, 4])
def test_an_event_that_was_deleted_is_found(chain: Records, position: int) -> None:
    change(chain, "DELETE FROM custody_event WHERE id=@?".replace("?", str(position)))
    assert faults(chain)


@pytest.mark.parametrize("number", [1, 4, 8])
def test_a_number_that_was_deleted_is_found(chain: Records, number: int) -> None:
    change(chain, "DELETE FROM custody_number WHERE number=?".replace("?", str(number)))
    assert faults(chain)


def test_an_event_deleted_with_its_number_is_found_by_those_that_follow(chain: Records) -> None:
    change(
        chain,
        "DELETE FROM custody_number WHERE event_id=@3",
        "DELETE FROM custody_event WHERE id=@3",
    )
    assert len(faults(chain)) >= 2


def test_a_whole_item_taken_out_of_the_middle_of_the_log_is_found(chain: Records) -> None:
    change(
        chain,
        "DELETE FROM custody_number WHERE event_id IN (SELECT id FROM custody_event WHERE item_id=@item)",
        "DELETE FROM custody_event WHERE item_id=@item",
    )
    assert faults(chain)


def test_an_event_that_was_put_in_is_found(chain: Records) -> None:
    change(
        chain,
        "INSERT INTO custody_event (id, item_id, position, kind, actor, at, original, details_digest, previous, hash) "
        "SELECT 'f00', item_id, 5, kind, actor, at, original, details_digest, previous, hash "
        "FROM custody_event WHERE id=@4",
    )
    assert faults(chain)


def test_two_events_that_changed_places_are_found(chain: Records) -> None:
    change(
        chain,
        "UPDATE custody_event SET position=99 WHERE id=@2",
        "UPDATE custody_event SET position=2 WHERE id=@3",
        "UPDATE custody_event SET position=3 WHERE item_id=@item AND position=99",
    )
    assert faults(chain)


def test_two_numbers_that_changed_places_are_found(chain: Records) -> None:
    change(
        chain,
        "UPDATE custody_number SET number=99 WHERE number=2",
        "UPDATE custody_number SET number=2 WHERE number=3",
        "UPDATE custody_number SET number=3 WHERE number=99",
    )
    assert faults(chain)


def test_an_event_taken_off_the_waiting_list_is_found(records: Records) -> None:
    with records.work() as session:
        custody.record(session, ITEMS[0], "received", actor="channel:post", at=NOW)
        session.commit()
    change(records, "DELETE FROM custody_pending")
    assert faults(records) == ["global log: 1 events have neither a number nor a place in the waiting list"]


@pytest.mark.parametrize("seed", range(25))
def test_a_random_change_of_a_random_column_is_found(chain: Records, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311  # a seeded choice of what to spoil
    table, key, columns = dice.choice(
        [
            ("custody_event", "id", ("id", "item_id", "kind", "actor", "details_digest", "previous", "hash")),
            ("custody_number", "number", ("event_id", "hash")),
            ("custody_detail", "event_id", ("salt",)),
        ]
    )
    column = dice.choice(columns)
    spoilt = repr("f" * _ROOM[column]) if column in _ROOM else f"{column} || 'x'"
    statement = "UPDATE % SET $ = ? WHERE # = (SELECT # FROM % ORDER BY # LIMIT 1 OFFSET !)"
    for sign, word in zip("%$?#!", (table, column, spoilt, key, str(dice.randrange(8))), strict=True):
        statement = statement.replace(sign, word)
    change(chain, statement)
    assert faults(chain)


def test_erasing_details_leaves_a_chain_that_still_verifies(chain: Records) -> None:
    with chain.work() as session:
        for item_id in ITEMS:
            custody.record(session, item_id, custody.ERASED, actor="machine:dispose", at=NOW)
        session.commit()
    change(chain, "DELETE FROM custody_detail WHERE event_id IN (SELECT id FROM custody_event WHERE position < 5)")
    assert faults(chain) == []


def test_details_that_are_gone_without_a_word_are_found(chain: Records) -> None:
    change(chain, "DELETE FROM custody_detail WHERE event_id=@2")
    assert faults(chain) == [f"item {ITEMS[0]}: the details of event 2 (kind_1) are gone"]


def test_an_erasure_excuses_only_what_came_before_it(chain: Records) -> None:
    with chain.work() as session:
        custody.record(session, ITEMS[0], custody.ERASED, actor="machine:dispose", at=NOW)
        custody.record(session, ITEMS[0], "viewed", actor="ada", at=NOW)
        session.commit()
    change(chain, "DELETE FROM custody_detail WHERE event_id=@2", "DELETE FROM custody_detail WHERE event_id=@6")
    assert faults(chain) == [f"item {ITEMS[0]}: the details of event 6 (viewed) are gone"]


@ON_BOTH
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash='x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_what_was_written(records: Records, table: str, statement: str) -> None:
    with records.work() as session:
        custody.record(session, ITEMS[0], "received", actor="channel:post", at=NOW)
        custody.number_new_events(session)
        session.commit()
    why = "append-only" if records.embedded else "permission denied"
    with records.work() as session, pytest.raises((IntegrityError, ProgrammingError), match=why):
        session.execute(text(statement.format(table)))


def test_numbers_follow_on_without_a_gap_however_many_rounds_it_takes(records: Records) -> None:
    with records.work() as session:
        for position in range(5):
            custody.record(session, ITEMS[0], "viewed", actor="a.auditor", at=NOW + timedelta(seconds=position))
        rounds = [custody.number_new_events(session, most=2) for _ in range(4)]
        session.commit()
    assert rounds == [2, 2, 1, 0]
    assert faults(records) == []


def test_the_salt_keeps_equal_details_from_having_equal_digests() -> None:
    assert custody.digest_of_details("a", {"x": 1}) != custody.digest_of_details("b", {"x": 1})


@ON_SQLITE  # a server plans by what it has counted
def test_to_number_what_waits_no_event_is_read_that_has_its_number(chain: Records) -> None:
    with chain.work() as session:
        custody.record(session, ITEMS[0], "viewed", actor="ada", at=NOW)
        connection = session.connection()
        asked: list[tuple[str, tuple[object, ...]]] = []
        event.listen(connection, "before_cursor_execute", lambda *told: asked.append((told[2], told[3])))
        custody.number_new_events(session)
        questions = [(words, values) for words, values in asked if words.startswith("SELECT")]
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {words}", values).all() for words, values in questions]
    steps = [str(step[-1]) for plan in plans for step in plan]
    assert any(step.startswith("SEARCH custody_event") for step in steps)
    assert not any(step.startswith("SCAN custody_event") for step in steps)


@ON_BOTH
def test_two_sequencers_at_once_number_each_event_once(records: Records) -> None:
    for position in range(40):
        with records.work() as session:
            custody.record(session, ITEMS[position % 2], "viewed", actor="ada", at=NOW + timedelta(seconds=position))
            session.commit()
    faulty: list[Exception] = []

    def number() -> None:
        try:
            for _ in range(20):
                with records.work() as session:
                    custody.number_new_events(session, most=2)
                    session.commit()
        except Exception as fault:  # noqa: BLE001  # whatever it was, the test says it
            faulty.append(fault)

    threads = [threading.Thread(target=number) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faulty == []
    assert faults(records) == []
    with records.look() as session:
        assert custody.count_not_numbered(session) == 0
