"""Two who act on items of one case at the same moment on PostgreSQL: one waits for the other, and neither fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from database_server import ON_POSTGRESQL
from sample_letters import DISCOUNT
from sqlalchemy import event, text

from mailroom.desk.acting import Refused
from mailroom.desk.adding import add
from mailroom.desk.joining import join
from mailroom.desk.minding import write_note
from mailroom.desk.post_room import reroute
from mailroom.desk.returning import return_item
from mailroom.desk.taking import next_for
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.journey.travel import advance
from mailroom.records.tables import Item
from mailroom.services import Services

pytestmark = ON_POSTGRESQL
_WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def case(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services
) -> tuple[Item, Item]:
    """The item that a case was opened for, and a message in it that the case's team has."""
    host = go_on(deliver(DISCOUNT).item_id)
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "jane@client.example", "The lease"
    mail.set_content("Dear Council, here is the lease.")
    message = go_on(deliver(mail.as_bytes(), channel=Channel.EMAIL, proven_sender="jane@client.example").item_id)
    add(message.id, host.reference, clerk, services)
    return host, go_on(message.id)


@contextmanager
def stopping_at_its_case(
    services: Services, thread: threading.Thread, reached: threading.Event, before: int = 0
) -> Iterator[None]:
    """Hold this thread where it is about to lock a case, until another one waits for it or half a second is over.

    Before that it locks cases so many times, its own.
    """
    let_through = [None] * before

    def stop(_connection: Any, _cursor: Any, statement: str, *_told: Any) -> None:  # noqa: ANN401  # the library's own
        if threading.current_thread() is not thread or reached.is_set() or not _locks_a_case(statement):
            return
        if let_through:
            let_through.pop()
            return
        reached.set()
        end = time.monotonic() + 0.5
        while time.monotonic() < end and not waiting(services):
            time.sleep(0.01)

    engine = services.records._engine
    event.listen(engine, "before_cursor_execute", stop)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", stop)


def _locks_a_case(statement: str) -> bool:
    return "FROM case_file" in statement and "FOR UPDATE" in statement


def waiting(services: Services) -> bool:
    with services.records.look() as session:
        return bool(session.scalar(text(_WAITING)))


def host_returned(host: Item, sam: Viewer, services: Services) -> None:
    return_item(host.id, "another_team", sam, services)


def host_carried(host: Item, sam: Viewer, services: Services) -> None:
    with services.records.look() as session:
        item = session.get_one(Item, host.id)
    assert item.next_stage == "open_case"
    advance(item.id, item.run, services)


@pytest.mark.parametrize("other", [host_returned, host_carried])
def test_one_acts_on_a_message_while_the_other_moves_its_case(
    case: tuple[Item, Item], other: Callable[..., None], clerk: Viewer, services: Services
) -> None:
    host, message = case
    sam = Viewer("sam", frozenset({Role.BACK_OFFICE}), frozenset({"revenues", "benefits"}))
    if other is host_carried:
        reroute(host.id, clerk, services, team="benefits", reason="theirs")
    faults: list[Exception] = []

    def guarded(act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as fault:  # noqa: BLE001  # a deadlock, for instance
            faults.append(fault)

    reached = threading.Event()
    first = threading.Thread(target=guarded, args=(lambda: write_note(message.id, "Rang.", sam, services),))
    second = threading.Thread(target=guarded, args=(lambda: other(host, sam, services),))
    with stopping_at_its_case(services, first, reached):
        first.start()
        assert reached.wait(10)
        second.start()
        first.join()
        second.join()
    assert faults == []


@pytest.fixture
def two_alone(
    deliver: Callable[..., Receipt], go_on: Callable[[str], Item], clerk: Viewer, services: Services
) -> tuple[Item, Item]:
    """Two items, settled, each in a case of its own."""
    one, other = (go_on(deliver(DISCOUNT + b"%d" % number).item_id) for number in range(2))
    return one, other


def added(one: Item, other: Item, clerk: Viewer, services: Services) -> None:
    add(one.id, other.reference, clerk, services)


def joined(one: Item, other: Item, clerk: Viewer, services: Services) -> None:
    join(one.id, other.reference, clerk, services)


@pytest.mark.parametrize(("act", "before"), [(added, 2), (joined, 0)])
def test_two_who_bring_two_items_together_crosswise(
    two_alone: tuple[Item, Item], act: Callable[..., None], before: int, clerk: Viewer, services: Services
) -> None:
    one, other = two_alone
    faults: list[Exception] = []

    def guarded(*items: Item) -> None:
        try:
            act(*items, clerk, services)
        except Exception as fault:  # noqa: BLE001  # a deadlock, for instance
            faults.append(fault)

    reached = threading.Event()
    first = threading.Thread(target=guarded, args=(one, other))
    second = threading.Thread(target=guarded, args=(other, one))
    with stopping_at_its_case(services, first, reached, before):
        first.start()
        assert reached.wait(10)
        second.start()
        first.join()
        second.join()
    assert all(isinstance(fault, Refused) for fault in faults), faults
    assert len(faults) <= 1


def test_an_exception_that_somebody_acts_on_at_this_moment_is_waited_for_and_not_passed_over(
    unclear: Item, clerk: Viewer, services: Services
) -> None:
    given: list[str | None] = []
    asks = threading.Thread(target=lambda: given.append(next_for(clerk, services).item))
    with services.records.work() as session:
        session.get_one(Item, unclear.id, with_for_update=True)
        asks.start()
        while asks.is_alive() and not waiting(services):
            time.sleep(0.01)
    asks.join(10)
    assert given == [unclear.id]
