"""A line for each way by which mail comes: when it was looked at, what waits there, what came last, what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from mailroom.desk.mail_ways import MailWay, mail_ways
from mailroom.domain import ways
from mailroom.domain.capture import Channel, Receipt
from mailroom.records.alarms import raise_alarm
from mailroom.records.mailbox_counts import MailboxCounts
from mailroom.services import Services
from mailroom.settings import ImapMailbox, Mailbox

Deliver = Callable[..., Receipt]


@pytest.fixture
def with_mail(services: Services) -> Services:
    """With two mailboxes, and mail handed over by LMTP, some of it to an address with a hint."""
    told = services.settings
    boxes = {name: ImapMailbox(host="imap", user=name) for name in ("contact", "planning")}
    changed = {
        "imap": told.imap.model_copy(update={"mailboxes": boxes}),
        "smtp": told.smtp.model_copy(update={"port": 2525, "protocol": "lmtp"}),
        "mail": told.mail.model_copy(update={"mailboxes": {"Planning@harrowdale.example": Mailbox(team="planning")}}),
    }
    return replace(services, settings=told.model_copy(update=changed))


def by_name(services: Services) -> dict[str, MailWay]:
    return {way.name: way for way in mail_ways(services)}


def test_without_mail_there_is_nothing_to_say(services: Services) -> None:
    assert mail_ways(services) == []


def test_what_was_never_looked_at_says_so(with_mail: Services) -> None:
    found = by_name(with_mail)
    assert list(found) == ["LMTP, port 2525", "mailbox contact", "mailbox planning"]
    port, box = found["LMTP, port 2525"], found["mailbox contact"]
    assert (port.looked_at, port.waiting, port.last_mail, port.problems) == (None, None, None, ())
    assert (box.looked_at, box.waiting, box.last_mail) == (None, None, None)
    assert box.problems == ("It has never been looked through: the service does that when it runs.",)


def test_a_mailbox_says_what_waits_there_and_when_it_was_looked_at(
    with_mail: Services, deliver: Deliver, now: Callable[[], datetime]
) -> None:
    counts = MailboxCounts("contact", with_mail.records, now)
    ledger = replace(counts.on_ledger(7), known={1, 2})
    counts.note(ledger, lying={1, 2, 3, 4, 5}, left=0, taken=None)
    deliver(b"From: a@b.example\r\n\r\nHello\r\n", channel=Channel.EMAIL, way=ways.mailbox("contact"))
    found = by_name(with_mail)["mailbox contact"]
    assert (found.looked_at, found.waiting, found.last_mail, found.problems) == (now(), 3, now(), ())


def test_the_port_knows_the_newest_mail_to_any_address(
    with_mail: Services, deliver: Deliver, now: Callable[[], datetime], step: Callable[[timedelta], None]
) -> None:
    deliver(b"a", channel=Channel.EMAIL, way=ways.address(""))
    step(timedelta(hours=1))
    deliver(b"b", channel=Channel.EMAIL, way=ways.address("planning@harrowdale.example"))
    newest = now()
    step(timedelta(hours=1))
    deliver(b"c", channel=Channel.EMAIL, way=ways.mailbox("contact"))
    assert by_name(with_mail)["LMTP, port 2525"].last_mail == newest


def test_what_is_wrong_stands_beside_the_way_that_it_is_wrong_with(
    with_mail: Services, now: Callable[[], datetime]
) -> None:
    with with_mail.records.work() as session:
        raise_alarm(session, "mailbox planning", "The server does not answer.", now())
        raise_alarm(session, ways.silence_of(ways.mailbox("contact")), "Nothing has come in.", now())
        raise_alarm(session, ways.silence_of(ways.address("planning@harrowdale.example")), "Silent.", now())
        session.commit()
    found = by_name(with_mail)
    assert found["mailbox planning"].problems == ("The server does not answer.",)
    assert found["mailbox contact"].problems == ("Nothing has come in.",)
    assert found["LMTP, port 2525"].problems == ("Silent.",)
