from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.domain.capture import Channel, Receipt, Refusal
from mailroom.domain.errors import Misconfigured
from mailroom.domain.mailbox_count import TakenFolder
from mailroom.duties.reconcile import reconcile
from mailroom.journey.refuse import refuse
from mailroom.records.alarms import raise_alarm
from mailroom.records.mailbox_counts import MailboxCounts, OnLedger
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.settings import ImapMailbox

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)


def message(number: int) -> bytes:
    return f"Message-ID: <{number}@client.example>\r\nSubject: Refund\r\n\r\nPlease refund it.\r\n".encode()


@pytest.fixture
def mails(deliver: Deliver, travel: Travel) -> Callable[..., list[Receipt]]:
    """Takes mails in, and opens each."""

    def take(*numbers: int) -> list[Receipt]:
        came = [deliver(message(number), channel=Channel.EMAIL, file_name="message.eml") for number in numbers]
        for receipt in came:
            travel(receipt.item_id, until="classify")
        return came

    return take


@pytest.fixture
def with_mailbox(services: Services) -> Services:
    imap = services.settings.imap.model_copy(
        update={"mailboxes": {"contact": ImapMailbox(host="imap", user="contact")}}
    )
    return replace(services, settings=services.settings.model_copy(update={"imap": imap}))


def test_a_list_of_names_is_held_against_the_ledger(
    mails: Callable[..., list[Receipt]], services: Services, tmp_path: Path
) -> None:
    mails(1, 2)
    names = tmp_path / "names.txt"
    names.write_text("<1@client.example>\n<3@client.example>\n2@client.example\ntwo words\n")
    found = reconcile(services, names)
    assert found["missing"] == ["message <3@client.example> stands in line 2 of names.txt and is not on the ledger"]
    assert found["against"] == {"listed": 4, "found": 2, "not_comparable": 1, "nameless": 0}


def test_a_log_is_held_against_the_ledger_by_what_we_answered(
    mails: Callable[..., list[Receipt]], services: Services, tmp_path: Path
) -> None:
    (first, second) = mails(1, 1)
    log = tmp_path / "mail.log"
    line = "mx postfix/lmtp[7]: 79795ECA21E: to=<us@harrowdale.example>, status=sent (250 2.0.0 Taken in as {})\n"
    log.write_text("".join(line.format(one) for one in (first.reference, second.reference, "HD-26-999999-X")))
    found = reconcile(services, log)
    assert found["missing"] == [
        "item HD-26-999999-X (message without a name) stands in line 3 of mail.log and is not on the ledger"
    ]
    assert (found["against"]["listed"], found["against"]["found"]) == (3, 2)


def test_mails_that_are_not_opened_yet_are_said_to_have_no_name(
    deliver: Deliver, services: Services, tmp_path: Path
) -> None:
    deliver(message(1), channel=Channel.EMAIL, file_name="message.eml")
    names = tmp_path / "names.txt"
    names.write_text("<1@client.example>\n")
    found = reconcile(services, names)
    assert (len(found["missing"]), found["against"]["nameless"]) == (1, 1)


def test_a_long_list_is_compared_to_its_end(
    mails: Callable[..., list[Receipt]], services: Services, tmp_path: Path
) -> None:
    mails(1)
    names = tmp_path / "names.txt"
    names.write_text("<1@client.example>\n" * 1700 + "<2@client.example>\n")
    found = reconcile(services, names)
    assert len(found["missing"]) == 1
    assert found["against"]["found"] == 1700


def test_a_list_that_is_not_there_is_said(services: Services, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="Name the list"):
        reconcile(services, tmp_path / "gone.txt")


@pytest.mark.parametrize(
    "content",
    [b"SQLite format 3\0\x10\0\x01\x01\0", b"Dear Sir\n\nPlease write to jo@client.example.\n", b"apple\npear\nplum\n"],
)
def test_a_file_that_is_neither_a_list_nor_a_log_is_refused(services: Services, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(Misconfigured, match="other is neither a list of Message-IDs nor a log of Postfix"):
        reconcile(services, tmp_path / "other")


def test_an_empty_list_names_nothing(services: Services, tmp_path: Path) -> None:
    (tmp_path / "names.txt").touch()
    assert reconcile(services, tmp_path / "names.txt")["against"]["listed"] == 0


def test_what_was_refused_is_named_with_the_reason(services: Services) -> None:
    assert "refused" not in reconcile(services)
    refusal = Refusal(Channel.EMAIL, "smtp:1", MONDAY, "jo@client.example", "This e-mail has 170 MB.", 170 << 20)
    reference = refuse(refusal, services)
    (told,) = reconcile(services)["refused"]
    assert told == {
        "reference": reference,
        "channel": "email",
        "received_at": MONDAY.isoformat(),
        "why": "This e-mail has 170 MB.",
    }


def test_a_mailbox_that_fails_says_why_its_count_is_no_newer(with_mailbox: Services) -> None:
    MailboxCounts("contact", with_mailbox.records, with_mailbox.now).note(
        OnLedger(0, frozenset()), frozenset(), 0, TakenFolder(1, 0)
    )
    assert reconcile(with_mailbox)["mailboxes"]["contact"]["problem"] is None
    with with_mailbox.records.work() as session:
        raise_alarm(session, "mailbox contact", "No mail is taken out of it.", MONDAY)
        session.commit()
    assert reconcile(with_mailbox)["mailboxes"]["contact"]["problem"] == "No mail is taken out of it."


def test_what_a_server_counts_is_held_against_the_ledger_and_named_by_its_mailbox(with_mailbox: Services) -> None:
    counts = MailboxCounts("contact", with_mailbox.records, with_mailbox.now)
    counts.note(OnLedger(0, frozenset()), frozenset(), 0, TakenFolder(1, 0))
    assert reconcile(with_mailbox)["missing"] == []
    counts.note(OnLedger(5, frozenset({9})), frozenset({9}), 0, TakenFolder(1, 6))
    (sentence,) = reconcile(with_mailbox)["missing"]
    assert "in the mailbox contact the folder of what was taken held 2 more messages on 16 November 2026" in sentence
    counts.note(OnLedger(5, frozenset()), frozenset(), 0, TakenFolder(1, 1))
    found = reconcile(with_mailbox)
    assert found["missing"] == []
    assert found["mailboxes"]["contact"] == {
        "counted_at": with_mailbox.now().isoformat(),
        "in_mailbox": 0,
        "not_taken_in": 0,
        "in_taken_folder": 1,
        "on_ledger": 5,
        "deleted_since": 4,
        "more_than_taken_in": 0,
        "problem": None,
    }


def test_a_mailbox_that_is_no_longer_ours_is_not_counted(services: Services) -> None:
    MailboxCounts("gone", services.records, services.now).note(OnLedger(0, frozenset()), frozenset({1}), 1, None)
    found = reconcile(services)
    assert found["missing"] == []
    assert "mailboxes" not in found
