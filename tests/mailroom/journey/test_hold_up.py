"""What something outside holds up waits in its row, for longer each time, and people are told in time and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from mailroom.domain.capture import Receipt
from mailroom.domain.errors import Cause, Misconfigured, Transient
from mailroom.journey.hold_up import PATIENCE, hold_up, pause_after
from mailroom.records.items import make_exception
from mailroom.records.tables import Alarm, Item
from mailroom.services import Services

AWAY = Transient("The release folder of Revenues cannot be written.")


@pytest.fixture
def item_id(deliver: Callable[..., Receipt]) -> str:
    return deliver(b"Dear Sir").item_id


def row(services: Services, item_id: str) -> Item:
    with services.records.look() as session:
        return session.get_one(Item, item_id)


def alarms(services: Services) -> dict[str, str]:
    with services.records.look() as session:
        return {alarm.subject: alarm.sentence for alarm in session.scalars(select(Alarm))}


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (10_000, 300)])
def test_the_pause_doubles_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert pause_after(attempts) == timedelta(seconds=seconds)


def test_the_row_says_until_when_it_waits_and_for_what(services: Services, item_id: str) -> None:
    for attempt in (1, 2):
        hold_up(item_id, "unpack", 1, AWAY, services)
        held = row(services, item_id)
        assert (held.attempts, held.not_before) == (attempt, services.now() + pause_after(attempt))
    assert (held.state, held.run, held.next_stage, held.problem) == ("waiting", 1, "unpack", str(AWAY))


def test_an_exception_keeps_the_sentence_that_a_person_reads(services: Services, item_id: str) -> None:
    with services.records.work() as session:
        item = session.get_one(Item, item_id)
        make_exception(item, Cause.EMPTY, "Ask for it again.", next_stage="open_case", now=services.now())
        session.commit()
    hold_up(item_id, "open_case", 1, AWAY, services)
    assert (row(services, item_id).problem, row(services, item_id).attempts) == ("Ask for it again.", 1)


def test_a_run_that_was_overtaken_holds_nothing_up(services: Services, item_id: str) -> None:
    hold_up(item_id, "unpack", 2, AWAY, services)
    assert (row(services, item_id).attempts, row(services, item_id).not_before) == (0, None)


def test_people_are_told_after_a_few_attempts_once_for_all_items_of_a_stage(
    services: Services, deliver: Callable[..., Receipt]
) -> None:
    for item_id in [deliver(b"Dear Sir").item_id for _ in range(3)]:
        for _ in range(PATIENCE - 1):
            hold_up(item_id, "unpack", 1, AWAY, services)
    assert alarms(services) == {}
    hold_up(item_id, "unpack", 1, AWAY, services)
    assert alarms(services) == {"waiting:unpack": f"Items wait to be opened. {AWAY}"}


def test_each_team_has_an_alarm_of_its_own_about_its_release_folder(
    services: Services, deliver: Callable[..., Receipt]
) -> None:
    for team in ("revenues", "planning"):
        item_id = deliver(b"Dear Sir").item_id
        with services.records.work() as session:
            session.execute(update(Item).where(Item.id == item_id).values(next_stage="hand_over", team=team))
            session.commit()
        for _ in range(PATIENCE):
            hold_up(item_id, "hand_over", 1, AWAY, services)
    assert alarms(services).keys() == {"waiting:hand_over:revenues", "waiting:hand_over:planning"}


def test_a_wrong_setting_is_told_at_once(services: Services, item_id: str) -> None:
    hold_up(item_id, "unpack", 1, Misconfigured("ocr.tessdata: there is none."), services)
    assert alarms(services) == {"misconfigured:unpack": "Items wait to be opened. ocr.tessdata: there is none."}


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (
            OperationalError("UPDATE page SET text", {"text": "Dear Sir"}, Exception("database is locked")),
            "The records cannot be read or written now: database is locked.",
        ),
        (
            OSError(28, "No space left on device", "/data/Mary Bell.pdf"),
            "The machine is at its end: No space left on device.",
        ),
    ],
    ids=["database", "disk"],
)
def test_neither_statements_nor_file_names_are_told(
    services: Services, item_id: str, fault: Exception, told: str
) -> None:
    hold_up(item_id, "unpack", 1, fault, services)
    assert row(services, item_id).problem == told
