from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from forging import unguarded
from sqlalchemy import delete

from mailroom.domain.capture import Channel, Receipt
from mailroom.domain.items import ItemState
from mailroom.duties.reconcile import reconcile
from mailroom.records import custody
from mailroom.records.ledger import Days, lines
from mailroom.records.tables import Item, Original
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]


@pytest.fixture
def change(services: Services) -> Callable[[str, ItemState], None]:
    """Sets the state of an item behind the back of everything that keeps count."""

    def set_state(item_id: str, state: ItemState) -> None:
        with services.records.work() as session:
            session.get_one(Item, item_id).state = state
            session.commit()

    return set_state


def test_what_was_received_is_what_stands_in_the_states(deliver: Deliver, travel: Travel, services: Services) -> None:
    travel(deliver(b"Council tax refund\n\nPlease refund my council tax.").item_id)
    travel(deliver(b"I enclose the papers.").item_id)
    deliver(b"Still on its way.")
    deliver(b"Still on its way.", channel=Channel.FAX)
    found = reconcile(services)
    assert found["channels"] == {
        "fax": {"received": 1, "captured": 0, "waiting": 1, "exceptions": 0, "refused": 0},
        "post": {"received": 3, "captured": 1, "waiting": 1, "exceptions": 1, "refused": 0},
    }
    assert (found["difference"], found["missing"]) == (0, [])


def test_an_item_that_vanished_is_a_difference_and_is_named(deliver: Deliver, services: Services) -> None:
    gone = deliver(b"A letter.").item_id
    with unguarded(services.records) as connection:
        connection.execute(delete(Original).where(Original.item_id == gone))
        connection.execute(delete(Item).where(Item.id == gone))
    found = reconcile(services)
    assert found["difference"] == 1
    assert found["missing"] == [f"item {gone} is in the door's ledger and nowhere else"]


def test_a_part_that_vanished_is_named(deliver: Deliver, services: Services) -> None:
    item_id = deliver(b"A letter.").item_id
    with services.records.work() as session:
        custody.record(session, "a part", "made_by_split", actor="kim", at=services.now())
        custody.record(session, item_id, "viewed", actor="kim", at=services.now())
        session.commit()
    assert reconcile(services)["missing"] == ["item a part was made by a split and is not there"]


def test_an_item_without_an_original_is_named(deliver: Deliver, services: Services) -> None:
    receipt = deliver(b"A letter.")
    with unguarded(services.records) as connection:
        connection.execute(delete(Original).where(Original.item_id == receipt.item_id))
    assert reconcile(services)["missing"] == [f"{receipt.reference} has no original"]


@pytest.mark.parametrize("state", [ItemState.SPLIT, ItemState.JOINED])
def test_an_item_that_is_counted_no_more_without_an_event_is_a_difference(
    state: ItemState, deliver: Deliver, services: Services, change: Callable[[str, ItemState], None]
) -> None:
    change(deliver(b"A letter.").item_id, state)
    assert reconcile(services)["difference"] == 1


@pytest.mark.parametrize(
    ("state", "kind", "difference"),
    [
        (ItemState.SPLIT, "split", 0),
        (ItemState.JOINED, "joined_into", 0),
        (ItemState.WAITING, "split", -1),
        (ItemState.WAITING, "made_by_split", 1),
    ],
)
def test_the_events_of_splitting_and_joining_are_what_is_counted(
    state: ItemState,
    kind: str,
    difference: int,
    deliver: Deliver,
    services: Services,
    change: Callable[[str, ItemState], None],
) -> None:
    item_id = deliver(b"A letter.").item_id
    change(item_id, state)
    with services.records.work() as session:
        custody.record(session, item_id, kind, actor="kim", at=services.now())
        session.commit()
    assert reconcile(services)["difference"] == difference


@pytest.mark.parametrize(
    ("received_at", "day"),
    [
        (datetime(2026, 7, 13, 23, 30, tzinfo=UTC), date(2026, 7, 14)),
        (datetime(2026, 7, 13, 22, 59, tzinfo=UTC), date(2026, 7, 13)),
        (datetime(2026, 11, 13, 23, 59, tzinfo=UTC), date(2026, 11, 13)),
    ],
)
def test_a_day_of_the_ledger_is_a_day_in_london(
    received_at: datetime, day: date, deliver: Deliver, services: Services
) -> None:
    deliver(b"A letter.", received_at=received_at)
    with services.records.look() as session:
        assert lines(session, Days(day, day))["post"]["received"] == 1
        assert lines(session, Days(date(2026, 1, 1), date(2026, 1, 31))) == {}
