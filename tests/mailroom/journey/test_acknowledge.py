"""Whether the sender is told, what the message says and how long it is held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailroom.desk.correcting import correct_received
from mailroom.desk.letters import undo_acknowledgement
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Channel, Receipt
from mailroom.ports import Message
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.items import start_again
from mailroom.records.tables import Acknowledgement, Item
from mailroom.replies.email_reply import compose
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
Step = Callable[[timedelta], None]
AT_RISK = b"Dear Sir\n\nThe child next door is left alone at night and has bruises. I am worried for her.\n\nJo Bell\n"


@pytest.fixture(autouse=True)
def _mail_server(services: Services) -> None:
    """A mail server is set, so that proven addresses are answered by mail."""
    object.__setattr__(services.settings.acknowledge, "smtp_host", "localhost")


def planned(services: Services, item: Item) -> Acknowledgement:
    with services.records.look() as session:
        found = acknowledgement_of(session, item.id)
        assert found is not None
        return found


def test_a_proven_address_is_answered_by_mail_after_ten_minutes(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode(), channel=Channel.EMAIL, proven_sender="mary@example.org").item_id)
    row = planned(services, item)
    assert (row.way, row.state, row.address) == ("email", "held", "mary@example.org")
    assert row.not_before == services.now() + timedelta(minutes=10)
    assert row.message_id == f"<{item.id}.acknowledge@harrowdale.example>"


def test_the_message_greets_the_sender_gives_reference_and_dates_and_no_word_of_the_letter(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode(), proven_sender="mary@example.org").item_id)
    row = planned(services, item)
    told = row.subject + row.text
    assert item.reference in row.subject
    assert "Monday 16 November 2026" in row.text
    assert "Tuesday 15 December 2026" in row.text
    assert row.text.startswith("Dear Mary Bell\n\n")
    for word in ("refuse", "contracts", "Hill Road", "HD2 3AB"):
        assert word not in told


def test_a_complainant_is_told_when_they_will_hear_although_the_clock_of_the_answer_has_not_begun(
    services: Services, deliver: Deliver, travel: Travel
) -> None:
    letter = b"Dear Sir\n\nI make a formal complaint about my missed bin.\n\nYours faithfully\nJo Bell\n"
    item = travel(deliver(letter, proven_sender="jo@example.org").item_id)
    row = planned(services, item)
    assert item.case is not None
    assert item.case.case_type == "complaint_stage_1"
    assert "We will write to you by Monday 23 November 2026" in row.text


def test_a_letter_in_welsh_is_answered_in_welsh_with_welsh_dates(
    services: Services, deliver: Deliver, travel: Travel, settle: Callable[[str, str], None]
) -> None:
    letter = (
        "Annwyl Syr\n\nRwyf yn gofyn am yr holl gontractau ar gyfer y gwasanaeth casglu ac am y gost yn ystod y "
        "flwyddyn. Diolch yn fawr i chi.\n"
    )
    item = travel(deliver(letter.encode(), proven_sender="mair@example.org").item_id)
    settle(item.id, "foi")
    row = planned(services, travel(item.id))
    assert "16 Tachwedd 2026" in row.text
    assert "15 Rhagfyr 2026" in row.text
    assert "Monday" not in row.text


def test_a_sender_named_on_the_page_gets_a_letter_and_an_address_on_the_page_no_mail(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    letter = foi_letter.replace("Dear Sir", "mary@example.org\n\nDear Sir").replace(
        "12 Hill Road", "Mary Bell\n12 Hill Road"
    )
    row = planned(services, travel(deliver(letter.encode()).item_id))
    assert (row.way, row.address) == ("letter", None)


def assert_unanswered(services: Services, item: Item) -> None:
    with services.records.look() as session:
        row = acknowledgement_of(session, item.id)
    assert row is None or (row.way, row.state, row.text) == ("none", "withheld", "")


def mail(text: str, *headers: str) -> bytes:
    lines = ["From: mary@example.org", "To: us@example.org", "Subject: Freedom of information request", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n" + text).encode()


LOOPING = [f"Received: from a by b{number}" for number in range(51)]


@pytest.mark.parametrize(
    "headers",
    [
        ["Auto-Submitted: auto-replied"],
        ["Auto-Submitted: auto-generated"],
        ["Precedence: bulk"],
        ["Precedence: junk"],
        ["Precedence: list"],
        ["List-Id: <list.example.org>"],
        ["Return-Path: <>"],
        ["MIME-Version: 1.0", "Content-Type: multipart/report; report-type=delivery-status; boundary=b"],
        LOOPING,
    ],
    ids=lambda headers: headers[-1],
)
def test_a_machine_or_a_list_is_never_answered(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, headers: list[str]
) -> None:
    item = travel(deliver(mail(foi_letter, *headers), channel=Channel.EMAIL, proven_sender="mary@example.org").item_id)
    assert_unanswered(services, item)


def test_what_has_come_a_long_way_and_no_further_is_answered(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    content = mail(foi_letter, *LOOPING[1:])
    item = travel(deliver(content, channel=Channel.EMAIL, proven_sender="mary@example.org").item_id)
    assert planned(services, item).way == "email"


def test_a_machine_s_message_that_somebody_attaches_does_not_make_them_one(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    carrying = EmailMessage()
    carrying["From"], carrying["Subject"] = "mary@example.org", "Freedom of information request"
    carrying.set_content(foi_letter)
    newsletter = EmailMessage()
    newsletter["List-Id"], newsletter["Precedence"] = "<list.example.org>", "bulk"
    newsletter.set_content("Our news.")
    carrying.add_attachment(newsletter)
    known = {"channel": Channel.EMAIL, "proven_sender": "mary@example.org"}
    item = travel(deliver(carrying.as_bytes(), **known).item_id)
    assert planned(services, item).way == "email"


def test_our_own_acknowledgement_that_comes_back_is_not_answered(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    ours = Message("<1.acknowledge@other.example>", "us@harrowdale.example", "We have it", foi_letter)
    content = compose(ours, "council@other.example", services.now()).as_bytes()
    item = travel(deliver(content, channel=Channel.EMAIL, proven_sender="council@other.example").item_id)
    assert_unanswered(services, item)


def test_nothing_that_a_stranger_signs_with_turns_the_greeting_into_a_message_of_theirs(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str
) -> None:
    for signature in ("Visit evil.example now", "https://evil.example/", "Call 0906 1234567", "mary@evil.example"):
        content = mail(foi_letter.replace("Mary Bell", signature))
        item = travel(deliver(content, channel=Channel.EMAIL, proven_sender=f"x{len(signature)}@example.org").item_id)
        row = planned(services, item)
        assert row.way == "email"
        assert "evil" not in row.subject + row.text
        assert "0906" not in row.subject + row.text


@pytest.mark.parametrize(
    "address",
    [
        "contact@harrowdale.example",
        "",
        "somebody@harrowdale.example",
        "NO-REPLY@harrowdale.example",
        "planning@harrowdale.example",
        "noreply@shop.example",
    ],
)
def test_our_own_addresses_and_those_that_nobody_reads_are_never_answered(
    services: Services, deliver: Deliver, travel: Travel, foi_letter: str, address: str
) -> None:
    item = travel(deliver(mail(foi_letter), channel=Channel.EMAIL, proven_sender=address).item_id)
    assert (planned(services, item).way, planned(services, item).state) == ("none", "withheld")


def test_the_sixth_message_of_a_day_to_one_address_is_not_sent(
    services: Services, deliver: Deliver, travel: Travel, step: Step, foi_letter: str
) -> None:
    def another(number: int) -> str:
        text = foi_letter.replace("refuse", f"refuse {number}").encode()
        return planned(services, travel(deliver(text, proven_sender="mary@example.org").item_id)).way

    assert [another(number) for number in range(6)] == [*["email"] * 5, "none"]
    shouted = foi_letter.replace("refuse", "rubbish").encode()
    assert planned(services, travel(deliver(shouted, proven_sender="Mary@Example.ORG").item_id)).way == "none"
    step(timedelta(days=1, hours=1))
    assert another(7) == "email"


@pytest.mark.parametrize("content", [AT_RISK, b"Dear Sir\n\nThank you for the other day.\n"], ids=["limited", "unsure"])
def test_nothing_is_planned_for_what_is_limited_or_unsettled(
    services: Services, deliver: Deliver, travel: Travel, content: bytes
) -> None:
    item = travel(deliver(content, proven_sender="mary@example.org").item_id)
    with services.records.look() as session:
        row = acknowledgement_of(session, item.id)
    assert row is None or (row.way, row.state) == ("none", "withheld")


def test_a_second_run_plans_anew_but_leaves_alone_what_has_gone_out(
    services: Services, deliver: Deliver, travel: Travel, step: Step, foi_letter: str
) -> None:
    item = travel(deliver(foi_letter.encode(), proven_sender="mary@example.org").item_id)
    first = planned(services, item)
    again(services, item)
    step(timedelta(minutes=1))
    second = planned(services, travel(item.id))
    assert (second.id != first.id, second.message_id) == (True, first.message_id)
    with services.records.work() as session:
        session.get_one(Acknowledgement, second.id).state = "sent"
        session.commit()
    again(services, item)
    third = planned(services, travel(item.id))
    assert (third.id, third.state) == (second.id, "sent")


def test_what_a_person_has_undone_stays_undone_whatever_is_corrected_later(
    services: Services, deliver: Deliver, travel: Travel, step: Step, foi_letter: str
) -> None:
    kim = Viewer("kim", frozenset({Role.POST_ROOM}))
    item = travel(deliver(foi_letter.encode(), proven_sender="mary@example.org").item_id)
    undo_acknowledgement(item.id, kim, services)
    step(timedelta(minutes=1))
    correct_received(item.id, services.now() - timedelta(days=1), kim, services, reason="stamp on the envelope")
    assert planned(services, travel(item.id)).state == "undone"
    again(services, item)
    assert planned(services, travel(item.id)).state == "undone"


def test_what_was_replaced_is_planned_anew(
    services: Services, deliver: Deliver, travel: Travel, step: Step, foi_letter: str
) -> None:
    kim = Viewer("kim", frozenset({Role.POST_ROOM}))
    item = travel(deliver(foi_letter.encode(), proven_sender="mary@example.org").item_id)
    correct_received(item.id, services.now() - timedelta(days=1), kim, services, reason="stamp on the envelope")
    assert planned(services, item).state == "replaced"
    row = planned(services, travel(item.id))
    assert (row.state, "Sunday 15 November 2026" in row.text) == ("held", True)


def again(services: Services, item: Item) -> None:
    with services.records.work() as session:
        start_again(session.get_one(Item, item.id), "acknowledge", services.now())
        session.commit()
