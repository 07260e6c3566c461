from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from database_server import ON_SQLITE
from sqlalchemy import event
from sqlalchemy.engine import Engine

from mailroom.bootstrap.ways_in import folder_channels
from mailroom.domain.capture import Channel
from mailroom.duties.silent_channels import silent_channels
from mailroom.records.alarms import alarms_raised
from mailroom.records.tables import Alarm, ReceiptRow
from mailroom.services import Services
from mailroom.settings import ImapMailbox, Mailbox, Settings

LONG_AGO = timedelta(days=30)
Step = Callable[[timedelta], None]


def came(way: str, services: Services, *hours_ago: float) -> None:
    """Put the door's line down for something that came so many hours ago."""
    with services.records.work() as session:
        for hours in hours_ago:
            moment = services.now() - timedelta(hours=hours)
            line = {"channel": Channel.EMAIL, "source": f"{way}@{moment.isoformat()}", "item_id": "", "way": way}
            session.add(ReceiptRow(**line, taken_at=moment))
        session.commit()


def came_for_weeks(way: str, services: Services) -> None:
    """Three times on each day, at 8:00, 9:00 and 10:00, the last time just now; at weekends, too."""
    came(way, services, *(24 * day + hour for day in range(29) for hour in (0, 1, 2)))


def raised(services: Services) -> list[Alarm]:
    with services.records.look() as session:
        return list(alarms_raised(session))


def look(services: Services) -> list[str]:
    silent_channels(services, services.now() - LONG_AGO)
    return [alarm.subject for alarm in raised(services)]


@pytest.fixture
def others(services: Services) -> Services:
    """A council with a mailbox, and an address behind the server in front."""
    settings: Settings = services.settings
    box = ImapMailbox(host="imap.harrowdale.example", user="contact")
    imap = settings.imap.model_copy(update={"mailboxes": {"contact": box}})
    mail = settings.mail.model_copy(update={"mailboxes": {"Planning@harrowdale.example": Mailbox()}})
    return replace(services, settings=settings.model_copy(update={"imap": imap, "mail": mail}))


def test_each_way_in_is_watched_by_itself_and_heard_again(others: Services, step: Step) -> None:
    ways = ["folder:post", "mailbox:contact", "address:planning@harrowdale.example", "address:"]
    for way in ways:
        came_for_weeks(way, others)
    step(timedelta(days=3))
    assert sorted(look(others)) == [
        "silence of mail to our other addresses",
        "silence of mail to planning@harrowdale.example",
        "silence of the folder post",
        "silence of the mailbox contact",
    ]
    for way in ways[:3]:
        came(way, others, 0)
    assert look(others) == ["silence of mail to our other addresses"]


def test_the_alarm_says_since_when_what_is_usual_and_what_to_do(services: Services, step: Step) -> None:
    came_for_weeks("folder:post", services)
    step(timedelta(days=3))
    assert look(services) == ["silence of the folder post"]
    (alarm,) = raised(services)
    assert "since Monday 16 November 2026, 10:00: 24 working hours" in alarm.sentence
    assert "silent for 7 working hours at most" in alarm.sentence
    assert "Check that what writes to in/post is switched on" in alarm.sentence


def test_the_folders_are_called_as_they_are_watched(services: Services) -> None:
    assert [channel._settings.way for channel in folder_channels(services)] == ["folder:post", "folder:fax"]


def test_it_stays_raised_while_nothing_comes_however_long(services: Services, step: Step) -> None:
    came_for_weeks("folder:post", services)
    step(timedelta(days=3))
    look(services)
    step(timedelta(days=90))
    assert look(services) == ["silence of the folder post"]


def test_a_service_that_was_just_started_calls_nobody_silent(services: Services, step: Step) -> None:
    came_for_weeks("folder:post", services)
    step(timedelta(days=3))
    started_at: datetime = services.now()
    assert silent_channels(services, started_at) == 0
    step(timedelta(hours=1))
    assert silent_channels(services, started_at) == 1


def test_what_nobody_watches_any_more_is_not_silent(services: Services, step: Step) -> None:
    came_for_weeks("folder:post", services)
    step(timedelta(days=3))
    assert look(services) != []
    told = services.settings.silence.model_copy(update={"watch": False})
    assert look(replace(services, settings=services.settings.model_copy(update={"silence": told}))) == []


def test_another_alarm_is_left_alone(services: Services) -> None:
    with services.records.work() as session:
        session.add(Alarm(subject="mailbox contact", sentence="It fails.", raised_at=services.now()))
        session.commit()
    assert look(services) == ["mailbox contact"]


@ON_SQLITE  # a server chooses by how much there is
def test_all_that_it_asks_of_the_ledger_stands_in_an_index(services: Services, step: Step) -> None:
    came_for_weeks("folder:post", services)
    step(timedelta(days=3))
    asked: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, _x: object, _many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", note)
    look(services)
    event.remove(Engine, "before_cursor_execute", note)
    of_the_ledger = {pair for pair in asked if "FROM receipt" in pair[0]}
    assert len({statement for statement, _ in of_the_ledger}) == 2
    with services.records.connection() as connection:
        for statement, parameters in of_the_ledger:
            (plan,) = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert "COVERING INDEX receipt_by_way" in str(plan[3])
