"""The door: what it accepts is stored, numbered and on the ledger; anything short of that leaves nothing behind."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from database_server import ON_BOTH
from sqlalchemy import func, select

from mailroom.domain.capture import Capture, Channel, Hints, Receipt
from mailroom.domain.errors import Transient
from mailroom.domain.receipt_date import believable
from mailroom.journey.receive import receive
from mailroom.records.session import Records
from mailroom.records.tables import CustodyDetail, CustodyEvent, Item, Original, ReceiptRow
from mailroom.services import Services
from storage.errors import StoreFull, StoreRefused, StoreUnavailable
from storage.vault import original_key

Make = Callable[..., Capture]
Deliver = Callable[..., Receipt]
LETTER = b"Dear Sir\n\nMy bin was missed.\n"


def rows(services: Services) -> dict[str, int]:
    with services.records.look() as session:
        kinds = (ReceiptRow, Item, Original, CustodyEvent)
        return {kind.__tablename__: session.scalar(select(func.count()).select_from(kind)) or 0 for kind in kinds}


def item_of(services: Services, receipt: Receipt) -> Item:
    with services.records.look() as session:
        return session.get_one(Item, receipt.item_id)


def test_what_is_accepted_is_stored_numbered_on_the_ledger_and_enqueued(services: Services, deliver: Deliver) -> None:
    receipt = deliver(LETTER, channel=Channel.FAX, hints=Hints(team="revenues"), proven_sender="a@example.org")
    item = item_of(services, receipt)
    assert (item.channel, item.hint_team, item.proven_sender, item.run) == ("fax", "revenues", "a@example.org", 1)
    assert receipt.reference == item.reference == "HD-26-000001-L"
    assert (item.state, item.next_stage) == ("waiting", "unpack")
    assert services.queue.alive([(item.id, 1)]) == {(item.id, 1)}
    with services.vault.open(hashlib.sha256(LETTER).hexdigest()) as original:
        assert original.read() == LETTER
    assert rows(services) == {"receipt": 1, "item": 1, "original": 1, "custody_event": 1}


def test_the_spooled_file_is_gone_once_accepted(services: Services, capture: Make) -> None:
    taken = capture(LETTER)
    receive(taken, services)
    assert not taken.spooled.exists()


def test_a_delivery_seen_twice_is_one_item(services: Services, capture: Make) -> None:
    first = receive(capture(LETTER, source="imap:7:12"), services)
    again = capture(LETTER, source="imap:7:12")
    second = receive(again, services)
    assert (second.item_id, second.redelivered, first.redelivered) == (first.item_id, True, False)
    assert not again.spooled.exists()
    assert rows(services)["item"] == 1


def test_equal_bytes_delivered_anew_are_an_item_of_their_own_that_names_the_first(
    services: Services, deliver: Deliver
) -> None:
    first, second, third = deliver(LETTER), deliver(LETTER), deliver(LETTER)
    assert [second.repeat_of, third.repeat_of] == [first.reference, first.reference]
    assert item_of(services, third).repeat_of == first.item_id
    assert not second.redelivered
    assert first.repeat_of is None


def test_an_empty_file_is_accepted_too(deliver: Deliver) -> None:
    assert deliver(b"").reference


class _FullVault:
    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def keep(self, path: Path) -> None:
        raise self._fault


@pytest.mark.parametrize("fault", [StoreFull("full"), StoreUnavailable("away"), StoreRefused("no rights")])
def test_a_vault_that_cannot_keep_it_leaves_nothing_on_the_ledger(
    services: Services, capture: Make, fault: Exception
) -> None:
    taken = capture(LETTER)
    vault: Any = _FullVault(fault)
    with pytest.raises(Transient):
        receive(taken, replace(services, vault=vault))
    assert rows(services) == {"receipt": 0, "item": 0, "original": 0, "custody_event": 0}
    assert taken.spooled.read_bytes() == LETTER


def test_too_little_room_takes_nothing_in(services: Services, capture: Make) -> None:
    greedy = services.settings.intake.model_copy(update={"least_free_megabytes": 1 << 40})
    settings = services.settings.model_copy(update={"intake": greedy})
    taken = capture(LETTER)
    with pytest.raises(Transient, match="Make room"):
        receive(taken, replace(services, settings=settings))
    assert taken.spooled.exists()
    assert not any(path.is_file() for path in (services.settings.data / "vault").rglob("originals/*/*"))


def test_a_database_out_of_reach_is_told_as_something_that_passes(services: Services, capture: Make) -> None:
    broken = Records("sqlite:////nowhere/mailroom.sqlite")
    taken = capture(LETTER)
    with pytest.raises(Transient, match="nothing is taken in"):
        receive(taken, replace(services, records=broken))
    assert taken.spooled.exists()


def test_a_commit_that_fails_enqueues_nothing_and_can_be_tried_again(
    services: Services, capture: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = capture(LETTER, source="once")

    def no_room(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(services.queue, "enqueue", no_room)
        with pytest.raises(OSError, match="No space"):
            receive(taken, services)
    assert rows(services)["item"] == 0
    receipt = receive(taken, services)
    assert (receipt.redelivered, receipt.repeat_of, rows(services)["item"]) == (False, None, 1)


def test_a_letter_whose_bytes_lie_damaged_in_the_store_is_taken_in_and_puts_them_right(
    services: Services, capture: Make
) -> None:
    first = receive(capture(LETTER), services)
    place = services.settings.data / "vault" / original_key(hashlib.sha256(LETTER).hexdigest())
    place.chmod(0o600)
    place.write_bytes(b"something else")
    receive(capture(LETTER), services)
    assert place.read_bytes() == LETTER
    assert rows(services)["item"] == 2
    with services.records.look() as session:
        told = [event.kind for event in session.query(CustodyEvent).filter_by(item_id=first.item_id)]
    assert told == ["received", "damage_found", "mended"]


NOW = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("received_at", "believed"),
    [
        (NOW, True),
        (NOW - timedelta(days=400), True),
        (datetime(2026, 11, 16, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 16, 23, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 17, 0, 0, tzinfo=UTC), False),
        (datetime(2027, 1, 1, tzinfo=UTC), False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (datetime(2000, 1, 1, tzinfo=UTC), False),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))), False),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=12))), False),
    ],
)
def test_a_date_of_receipt_after_today_or_decades_back_is_not_believed(
    capture: Make, received_at: datetime, believed: bool
) -> None:
    found = believable(capture(LETTER, received_at=received_at), NOW)
    assert (found.received_at, found.receipt_assumed) == ((received_at, False) if believed else (NOW, True))


def test_today_is_the_day_in_london(capture: Make) -> None:
    late_in_june = datetime(2026, 6, 15, 23, 30, tzinfo=UTC)
    tomorrow_noon = datetime(2026, 6, 16, 11, 0, tzinfo=UTC)
    assert believable(capture(LETTER, received_at=tomorrow_noon), late_in_june).received_at == tomorrow_noon


def test_the_absurd_date_stays_on_record_in_the_chain_of_custody(services: Services, deliver: Deliver) -> None:
    receipt = deliver(LETTER, received_at=datetime(1980, 1, 1, tzinfo=UTC))
    item = item_of(services, receipt)
    assert (item.received_at, item.receipt_assumed) == (services.now(), True)
    with services.records.look() as session:
        details = session.scalars(select(CustodyDetail)).one().details
    assert details["said"].startswith("1980-01-01")
    assert details["assumed"] is True


@contextmanager
def _last_of_the_year(services: Services) -> Iterator[Services]:
    moments = iter([datetime(2026, 12, 31, 23, 59, tzinfo=UTC), *[datetime(2027, 1, 1, tzinfo=UTC)] * 9])
    yield replace(services, now=lambda: next(moments))


def test_references_begin_anew_with_the_year(services: Services, capture: Make) -> None:
    with _last_of_the_year(services) as turning:
        first = receive(capture(LETTER), turning)
        second = receive(capture(LETTER), turning)
    assert first.reference.startswith("HD-26-000001-")
    assert second.reference.startswith("HD-27-000001-")


@ON_BOTH
def test_one_delivery_that_comes_in_twice_at_once_is_one_item(services: Services, capture: Make) -> None:
    twice = [capture(LETTER, source="mailbox 1, message 7") for _ in range(2)]
    gate, receipts = threading.Barrier(2), []

    def hand_in(one: Capture) -> None:
        gate.wait()
        receipts.append(receive(one, services))

    threads = [threading.Thread(target=hand_in, args=(one,)) for one in twice]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 2
    assert len({receipt.item_id for receipt in receipts}) == 1
    assert rows(services)["item"] == 1
