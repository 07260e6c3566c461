"""What one of our officers passes on counts from its first arrival, and the officer is nobody's customer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from sample_letters import DISCOUNT
from sqlalchemy import select

from mailroom.desk.correcting import correct_received
from mailroom.desk.item_page import open_item
from mailroom.desk.retrying import retry
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.duties.reconcile import reconcile
from mailroom.duties.verify import verify
from mailroom.records.documents import index_of
from mailroom.records.tables import Acknowledgement, CustodyEvent, Item
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
OFFICER = "officer@harrowdale.example"
KIM = Viewer("kim", frozenset({Role.POST_ROOM}), named_for_limited=True)
FIRST = datetime(2026, 11, 9, 8, 0, tzinfo=UTC)
OURS = "from mail.example.org by mx.harrowdale.example; Mon, 9 Nov 2026 08:00:00 +0000"
LETTER = DISCOUNT.decode()
UNCLEAR = "I enclose the papers."


def original(text: str = LETTER, received: str = OURS) -> EmailMessage:
    made = EmailMessage()
    made["Received"], made["From"], made["Subject"] = received, "Jo Bell <Jo@example.org>", "Council tax"
    made.set_content(text)
    return made


def attached(inner: EmailMessage, note: str = "Please deal with this.\n\nKind regards\n\nBob Officer\n") -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = OFFICER, "Fwd: Council tax", "<1@harrowdale.example>"
    made.set_content(note)
    made.add_attachment(inner)
    return made.as_bytes()


def quoted(text: str = LETTER) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = OFFICER, "Fwd: Council tax", "<2@harrowdale.example>"
    made.set_content(f"-----Original Message-----\nFrom: Jo Bell <jo@example.org>\nSent: 9 November 2026\n\n{text}")
    return made.as_bytes()


@pytest.fixture(autouse=True)
def sound(services: Services) -> Iterator[None]:
    yield
    assert verify(services)["faults"] == []
    assert (reconcile(services)["difference"], reconcile(services)["missing"]) == (0, [])


@pytest.fixture
def send(deliver: Deliver, travel: Travel) -> Callable[..., Item]:
    """Takes a mail in by mail and carries it to its end."""

    def carry(content: bytes, sender: str | None = OFFICER, channel: Channel = Channel.EMAIL) -> Item:
        return travel(deliver(content, channel=channel, proven_sender=sender).item_id)

    return carry


def started(item: Item) -> set[datetime]:
    assert item.case is not None
    return {clock.started_at for clock in item.case.clocks if clock.replaced_at is None}


def events(services: Services, item: Item) -> list[str]:
    with services.records.look() as session:
        return list(session.scalars(select(CustodyEvent.kind).where(CustodyEvent.item_id == item.id)))


def test_what_is_attached_counts_from_the_day_on_which_our_server_took_it_in(
    send: Callable[..., Item], services: Services
) -> None:
    item = send(attached(original()))
    assert (item.received_at, item.receipt_assumed) == (FIRST, False)
    assert FIRST in started(item)
    assert events(services, item).count("received_corrected") == 1


def test_what_nothing_proves_keeps_its_date_and_a_person_is_asked(
    send: Callable[..., Item], services: Services
) -> None:
    elsewhere = original(UNCLEAR, received=OURS.replace("mx.harrowdale", "mx"))
    for content in (quoted(UNCLEAR), attached(elsewhere)):
        item = send(content)
        assert (item.received_at, item.receipt_assumed) == (services.now(), True)
        assert open_item(item.id, KIM, services).asks_when
        assert events(services, item).count("first_arrival_unproven") == 1


def test_a_person_s_word_on_the_date_stands_when_it_is_read_again(
    send: Callable[..., Item], services: Services, travel: Travel
) -> None:
    item = send(quoted(UNCLEAR))
    correct_received(item.id, FIRST, KIM, services, reason="the officer says so")
    travel(item.id)
    retry(item.id, KIM, services, "unpack")
    again = travel(item.id)
    assert (again.received_at, again.receipt_assumed) == (FIRST, False)
    assert not open_item(item.id, KIM, services).asks_when


def test_the_day_that_was_assumed_can_be_confirmed(
    send: Callable[..., Item], services: Services, travel: Travel
) -> None:
    item = send(quoted(UNCLEAR))
    noon = services.now().replace(hour=12)
    assert "confirmed" in correct_received(item.id, noon, KIM, services, reason="it came today").sentence
    retry(item.id, KIM, services, "unpack")
    again = travel(item.id)
    assert (again.received_at, again.receipt_assumed) == (item.received_at, False)


def test_read_again_it_moves_no_further(send: Callable[..., Item], services: Services, travel: Travel) -> None:
    item = send(attached(original(UNCLEAR), note=UNCLEAR))
    retry(item.id, KIM, services, "unpack")
    assert travel(item.id).received_at == FIRST
    assert events(services, item).count("received_corrected") == 1


@pytest.mark.parametrize(
    ("sender", "channel"),
    [
        ("mary@example.org", Channel.EMAIL),
        ("officer@harrowdale.example.evil.example", Channel.EMAIL),
        ("", Channel.EMAIL),
        (None, Channel.EMAIL),
        (OFFICER, Channel.POST),
    ],
)
def test_what_anybody_else_passes_on_counts_from_today(
    send: Callable[..., Item], services: Services, sender: str | None, channel: Channel
) -> None:
    item = send(attached(original()), sender, channel)
    assert (item.received_at, item.receipt_assumed) == (services.now(), False)


def test_a_first_arrival_long_ago_is_asked_about(send: Callable[..., Item], services: Services) -> None:
    item = send(attached(original(received=OURS.replace("9 Nov", "9 Jul"))))
    assert (item.received_at, item.receipt_assumed) == (services.now(), True)


@pytest.mark.parametrize("content", [attached(original()), quoted()], ids=["attached", "quoted"])
def test_the_officer_is_told_nothing_and_is_not_the_customer(
    send: Callable[..., Item], services: Services, settle: Callable[[str, str], None], travel: Travel, content: bytes
) -> None:
    item_id = send(content).id
    settle(item_id, "council_tax_single_person_discount")
    item = travel(item_id)
    found = index_of(item)
    assert (found["sender_name"], found["email"]) == ("Jo Bell", "jo@example.org")
    assert item.proven_sender == OFFICER
    with services.records.look() as session:
        planned = session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == item.id)).one()
        assert planned.way == "none"
        assert "our own addresses" in (planned.reason or "")
