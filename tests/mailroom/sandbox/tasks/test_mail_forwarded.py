"""Mail that one person passes on to another: whose it was, and what proves when it came to us first."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from mailroom.sandbox.tasks.mail_forwarded import forwarded

OWN = ["harrowdale.example", "relay.provider.example"]
JO = {"name": "Jo Bell", "address": "jo@example.org"}
NOBODY = {"name": "", "address": ""}
STORE = "from mx.harrowdale.example by store.harrowdale.example; Mon, 2 Nov 2026 09:00:05 +0100"
FRONT = "from mail.example.org by mx.harrowdale.example; Mon, 2 Nov 2026 09:00:00 +0100"
FOREIGN = "from laptop by mail.example.org; Mon, 2 Nov 2026 08:59:00 +0100"
UNPROVEN = {"first_arrival": None, "proven": False, "sender": JO}


def mail(*received: str, sender: str = "Jo Bell <jo@example.org>", text: str = "Hello") -> EmailMessage:
    made = EmailMessage()
    for line in received:
        made["Received"] = line
    made["From"], made["Subject"] = sender, "Bins"
    made.set_content(text)
    return made


def passing_on(*attached: EmailMessage, sender: str = "officer@harrowdale.example") -> EmailMessage:
    made = mail(sender=sender, text="For you.")
    for one in attached:
        made.add_attachment(one)
    return made


def read(message: EmailMessage, text: str = "") -> dict[str, Any] | None:
    return forwarded(message_from_bytes(message.as_bytes(), policy=policy.compat32), text, OWN)


@pytest.mark.parametrize(
    ("received", "moment"),
    [
        ((STORE, FRONT, FOREIGN), "2026-11-02T08:00:05+00:00"),
        ((FRONT, FOREIGN), "2026-11-02T08:00:00+00:00"),
        (("by relay.provider.example; Mon, 2 Nov 2026 09:00:00 -0000",), "2026-11-02T09:00:00+00:00"),
    ],
)
def test_the_topmost_line_of_our_own_servers_proves_the_first_arrival(received: tuple[str, ...], moment: str) -> None:
    assert read(passing_on(mail(*received))) == {"first_arrival": moment, "proven": True, "sender": JO}


@pytest.mark.parametrize(
    "received",
    [
        (),
        (FOREIGN,),
        (FOREIGN, FRONT),  # a mail of ours that came back from outside: our line is that of its going out
        ("from a by mx.harrowdale.example.evil.example; Mon, 2 Nov 2026 09:00:00 +0000",),
        ("from a (by mx.harrowdale.example) by mail.example.org; Mon, 2 Nov 2026 09:00:00 +0000",),
        ("from a by mx.harrowdale.example",),
        ("from a by mx.harrowdale.example; yesterday",),
        ("from a by mx.harrowdale.example; Mon, 99 Nov 2026 09:00:00 +0000",),
        ("from a by mx.harrowdale.example; Mon, 2 Nov 99999999999 09:00:00 +0000",),
        ("from a by mx.harrowdale.example; Fri, 31 Dec 9999 23:59:59 -2359",),
        ("from a by mx.harrowdale.example; " + "9" * 50_000,),
    ],
)
def test_anything_else_proves_nothing(received: tuple[str, ...]) -> None:
    assert read(passing_on(mail(*received))) == UNPROVEN


def test_of_several_the_earliest_counts_and_all_must_be_proven() -> None:
    late = FRONT.replace(" 2 Nov", " 9 Nov")
    found = read(passing_on(mail(late), mail(FRONT)))
    assert found is not None
    assert (found["first_arrival"], found["proven"]) == ("2026-11-02T08:00:00+00:00", True)
    found = read(passing_on(mail(FRONT), mail(FOREIGN)))
    assert found is not None
    assert (found["first_arrival"], found["proven"]) == ("2026-11-02T08:00:00+00:00", False)


def test_through_the_hands_of_several_of_us_the_first_counts() -> None:
    first = passing_on(mail(FRONT))
    first["Received"] = STORE.replace(" 2 Nov", " 9 Nov")
    assert read(passing_on(first)) == {"first_arrival": "2026-11-02T08:00:00+00:00", "proven": True, "sender": JO}


@pytest.mark.parametrize(
    "text",
    [
        "See below.\n\n-----Original Message-----\nFrom: Jo Bell <jo@example.org>\nSent: 2 November\nTo: Us\n\nBins",
        "Begin forwarded message:\n\n> From: Jo Bell <jo@example.org>\n> Subject: Bins\n",
        "---------- Forwarded message ---------\nFrom: *Jo Bell* <jo@example.org>\nDate: Mon\n",
        "-------- Original Message --------\nSubject: Bins\nFrom: Jo Bell [mailto:jo@example.org]\n",
    ],
)
def test_a_mail_within_the_text_is_known_and_proves_nothing(text: str) -> None:
    assert read(mail(sender="officer@harrowdale.example"), text) == UNPROVEN


def test_without_a_mark_it_takes_the_subject_to_know_one() -> None:
    text = "See below.\n\nFrom: Jo Bell <jo@example.org>\nSent: 2 November 2026 09:00\nTo: Council\n\nBins"
    message = mail(sender="officer@harrowdale.example")
    assert read(message, text) is None
    message.replace_header("Subject", "FW: Bins")
    assert read(message, text) == UNPROVEN


def test_one_that_was_sent_on_unchanged_proves_nothing() -> None:
    message = mail(FRONT)
    message["Resent-From"] = "officer@harrowdale.example"
    assert read(message) == UNPROVEN


def test_none_of_us_stands_as_the_sender() -> None:
    found = read(passing_on(mail(FRONT, sender="Kim <kim@harrowdale.example>")))
    assert found is not None
    assert found["sender"] == NOBODY


@pytest.mark.parametrize("text", ["Dear Sir", "I forwarded the message:", "From: here\nto there", "-" * 20_000, ""])
def test_an_ordinary_mail_passes_nothing_on(text: str) -> None:
    assert read(mail(), text) is None


def test_a_report_of_a_mail_server_passes_nothing_on() -> None:
    report = passing_on(mail(FRONT))
    report.as_bytes()  # which chooses a boundary
    report.replace_header("Content-Type", f"multipart/report; boundary={report.get_boundary()}")
    assert read(report) is None
