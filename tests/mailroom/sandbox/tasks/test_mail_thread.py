"""What a mail says of the mails before it is read as loosely as it is written, and within bounds."""

from __future__ import annotations

from email import message_from_bytes
from email.message import Message

import pytest

from mailroom.sandbox.tasks.mail_thread import MOST_NAMED, thread_of


def mail(*lines: str) -> Message:
    return message_from_bytes("\r\n".join([*lines, "", "Hello"]).encode())


def report(about: str, *, kind: str = "text/rfc822-headers", action: str = "failed") -> Message:
    return mail(
        'Content-Type: multipart/report; boundary="b"; report-type=delivery-status',
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.org",
        "",
        "Original-Recipient: rfc822;jane@example.org",
        "Final-Recipient: rfc822;jane@inside.example.org",
        f"Action: {action}",
        "Status: 5.2.2",
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox",
        "  is full",
        "",
        "--b",
        f"Content-Type: {kind}",
        "",
        "Subject: Your letter",
        f"Message-ID: {about}",
        "",
        "--b--",
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ("", [])),
        (["Message-ID: <1@a>"], ("<1@a>", [])),
        (["Message-Id:", " <1@a>"], ("<1@a>", [])),
        (["In-Reply-To: <1@a>"], ("", ["<1@a>"])),
        (["In-Reply-To: Your message of Monday <1@a>"], ("", ["<1@a>"])),
        (["References: <1@a>\r\n\t<2@a> <3@a>", "In-Reply-To: <3@a>"], ("", ["<1@a>", "<2@a>", "<3@a>"])),
        (["Message-ID: 1@a", "References: 2@a"], ("", [])),
        (["Message-ID: <" + "x" * 300 + "@a>"], ("", [])),
        (["Message-ID: <a\x00b\u202e@a>"], ("<ab@a>", [])),
    ],
)
def test_names_stand_between_angle_brackets(lines: list[str], expected: tuple[str, list[str]]) -> None:
    found = thread_of(mail(*lines))
    assert (found["message_id"], found["answers"]) == expected


def test_of_many_references_the_newest_are_followed() -> None:
    many = " ".join(f"<{number}@example.org>" for number in range(5000))
    answers = thread_of(mail(f"References: {many}"))["answers"]
    assert answers == [f"<{number}@example.org>" for number in range(5000 - MOST_NAMED, 5000)]


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_report_names_the_mail_that_was_not_delivered(kind: str) -> None:
    assert thread_of(report("<1@council.example>", kind=kind))["bounced"] == {
        "message_id": "<1@council.example>",
        "recipient": "jane@example.org",
        "status": "5.2.2",
        "diagnostic": "552 5.2.2 mailbox is full",
    }


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_what_was_not_refused_for_good_is_no_bounce(action: str) -> None:
    assert thread_of(report("<1@council.example>", action=action))["bounced"] is None


def test_a_report_that_names_no_mail_or_has_no_parts_is_none() -> None:
    assert thread_of(report(""))["bounced"] is None
    assert thread_of(mail("Content-Type: multipart/report; boundary=b"))["bounced"] is None
