"""`verify` compares which originals an item has with what its chain of custody says it came with."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from forging import unguarded
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from mailroom.desk.correcting import correct_received
from mailroom.desk.joining import join
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.duties import verify as verifying
from mailroom.duties.heads import sign_now
from mailroom.duties.verify import verify
from mailroom.records import custody
from mailroom.records.custody_faults import faults_in_chains, faults_in_originals
from mailroom.records.tables import CustodyDetail, CustodyEvent, Item, Original, columns_of, table_of
from mailroom.services import Services
from storage.errors import StorageError, StoreUnavailable

Deliver = Callable[..., Receipt]
KINDS = (Item, Original, CustodyEvent)
CLERK = Viewer("noor", frozenset({Role.POST_ROOM}), named_for_limited=True)


@pytest.fixture
def change(services: Services) -> Callable[..., None]:
    """Changes the rows of an item's originals behind the back of everything that keeps count."""

    def set_columns(whose: str, /, **columns: object) -> None:
        with services.records.work() as session:
            session.execute(update(Original).where(Original.item_id == whose).values(**columns))
            session.commit()

    return set_columns


def test_what_was_received_is_whole(deliver: Deliver, services: Services) -> None:
    deliver(b"A letter.")
    deliver(b"A letter.")
    assert verify(services)["faults"] == []


def test_an_original_swapped_for_that_of_another_item_is_found(
    deliver: Deliver, services: Services, change: Callable[..., None]
) -> None:
    first, second = deliver(b"I owe you nothing.").item_id, deliver(b"I owe you all.").item_id
    with services.records.look() as session:
        other = session.get_one(Item, second).originals[0]
    change(first, sha256=other.sha256, key=other.key)
    faults = verify(services)["faults"]
    assert [fault.partition(":")[0] for fault in faults] == [f"item {first}"] * 2
    assert f"has the original {other.sha256}, with which it never came" in faults[1]


def test_an_original_given_to_another_item_is_found(
    deliver: Deliver, services: Services, change: Callable[..., None]
) -> None:
    first, second = deliver(b"One.").item_id, deliver(b"Another.").item_id
    change(first, item_id=second)
    faults = " ".join(verify(services)["faults"])
    assert (f"item {first}: it came with" in faults, f"item {second}: it has" in faults) == (True, True)


def test_a_joined_item_has_its_original_with_the_other(
    deliver: Deliver, travel: Callable[..., Item], services: Services, change: Callable[..., None]
) -> None:
    first, second, third = (travel(deliver(b"I enclose the papers, part %d." % n).item_id) for n in range(3))
    join(third.id, second.id, CLERK, services)
    travel(second.id)
    join(second.id, first.id, CLERK, services)
    assert verify(services)["faults"] == []
    change(first.id, item_id=third.id)
    assert len(verify(services)["faults"]) == 6


@pytest.mark.parametrize("begun", [False, True], ids=["before the view begins", "after the view began"])
def test_a_head_that_is_signed_while_it_verifies_is_no_fault(
    deliver: Deliver, services: Services, monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    deliver(b"A letter.")
    sign_now(services)

    def meanwhile(session: Session) -> Iterator[str]:
        if begun:
            yield from faults_in_chains(session)
        deliver(b"Another letter.")
        sign_now(services)
        if not begun:
            yield from faults_in_chains(session)

    monkeypatch.setattr(verifying, "faults_in_chains", meanwhile)
    assert verify(services)["faults"] == []
    monkeypatch.undo()
    assert (verify(services)["faults"], verify(services)["heads"]) == ([], 2)


def test_a_store_that_goes_away_while_it_verifies_has_lost_no_head(
    deliver: Deliver, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(b"A letter.")
    sign_now(services)
    heads = services.vault.heads
    answers = iter([[], StoreUnavailable("away")])

    def goes_away() -> Iterator[tuple[str, bytes]]:
        answer = next(answers, None)
        if isinstance(answer, StorageError):
            raise answer
        yield from heads() if answer is None else answer

    monkeypatch.setattr(services.vault, "heads", goes_away)
    assert verify(services)["faults"] == ["the signed heads in the store: away"]


@pytest.mark.parametrize("corrected", [False, True])
def test_a_date_of_receipt_that_was_changed_behind_the_chain_is_found(
    corrected: bool, deliver: Deliver, travel: Callable[..., Item], services: Services
) -> None:
    item = travel(deliver(b"Dear Council, I appeal in time.").item_id)
    if corrected:
        correct_received(item.id, item.received_at - timedelta(days=1), CLERK, services, reason="The stamp says so.")
    assert verify(services)["faults"] == []
    with services.records.work() as session:
        session.execute(update(Item).values(received_at=item.received_at + timedelta(days=30)))
        session.commit()
    (fault,) = verify(services)["faults"]
    assert fault.startswith(f"item {item.id}: by its chain of custody it was received at 2026-11-1")


def test_what_was_erased_is_told_though_the_chain_says_that_it_was(deliver: Deliver, services: Services) -> None:
    item_id = deliver(b"Forget me.").item_id
    assert "details_erased" not in verify(services)
    with services.records.work() as session:
        custody.record(session, item_id, custody.ERASED, actor="somebody", at=services.now())
        session.commit()
    with unguarded(services.records) as connection:
        whose = select(CustodyEvent.id).where(CustodyEvent.item_id == item_id, CustodyEvent.position == 1)
        connection.execute(delete(CustodyDetail).where(CustodyDetail.event_id.in_(whose)))
    found = verify(services)
    assert (found["details_erased"], found["faults"]) == (1, [])


def test_what_it_holds_in_memory_does_not_grow_with_the_archive(deliver: Deliver, services: Services) -> None:
    add_many(3000, deliver(b"The first.").item_id, services)
    tracemalloc.start()
    try:
        with services.records.look() as session:
            assert list(faults_in_originals(session)) == []
        assert sum(len(some) for some in verifying.originals_in_turn(services)) == 3001
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def add_many(number: int, like: str, services: Services) -> None:
    """Add so many items with an original each, as the chain of custody says."""
    with services.records.work() as session:
        item = session.get_one(Item, like)
        event = session.scalars(select(CustodyEvent).where(CustodyEvent.item_id == like)).one()
        columns = {kind: columns_of(row) for kind, row in zip(KINDS, (item, item.originals[0], event), strict=True)}
        for one in range(1, number + 1):
            name = f"{one:032x}"
            session.execute(insert(Item), columns[Item] | {"id": name, "reference": name, "number": one})
            session.execute(insert(Original), columns[Original] | {"id": name, "item_id": name, "sha256": name * 2})
            told = {"id": name, "item_id": name, "original": name * 2}
            session.execute(insert(table_of(CustodyEvent)), columns[CustodyEvent] | told)
        session.commit()
