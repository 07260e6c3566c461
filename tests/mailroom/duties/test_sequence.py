from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select

from mailroom.domain.capture import Receipt
from mailroom.duties.sequence import sequence
from mailroom.records.custody_faults import faults_in_chains
from mailroom.records.tables import CustodyEvent, CustodyNumber
from mailroom.services import Services


def numbered(services: Services) -> list[tuple[int, str]]:
    query = select(CustodyNumber.number, CustodyEvent.item_id).join(CustodyEvent).order_by(CustodyNumber.number)
    with services.records.look() as session:
        return [(number, item_id) for number, item_id in session.execute(query)]


def test_events_are_numbered_in_the_order_in_which_they_happened(
    services: Services, deliver: Callable[..., Receipt], step: Callable[[timedelta], None]
) -> None:
    came = []
    for _ in range(5):
        came.append(deliver(b"Dear Council").item_id)
        step(timedelta(seconds=1))
    assert sequence(services) == 5
    assert numbered(services) == list(enumerate(came, start=1))


def test_a_second_time_there_is_nothing_to_number(services: Services, deliver: Callable[..., Receipt]) -> None:
    deliver(b"Dear Council")
    assert [sequence(services), sequence(services)] == [1, 0]


def test_two_sequencers_at_once_number_every_event_exactly_once(
    services: Services, deliver: Callable[..., Receipt]
) -> None:
    came = 0
    with ThreadPoolExecutor(4) as pool:
        for _ in range(10):
            deliver(b"Dear Council")
            came += sum(pool.map(sequence, [services] * 4))
    assert came == 10
    assert [number for number, _ in numbered(services)] == list(range(1, 11))
    with services.records.look() as session:
        assert list(faults_in_chains(session)) == []
