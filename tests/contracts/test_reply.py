"""What every way to answer a sender must keep; each entry of `BUILTIN` is taken through it by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailroom import plugins
from mailroom.domain.errors import NeedsPerson, Transient, Unanswered
from mailroom.ports import Message, Reply
from mailroom.replies import BUILTIN
from mailroom.replies.email_reply import EmailReply
from mailroom.replies.relay import Relay

MESSAGE = Message(
    "<1.acknowledge@harrowdale.example>",
    "mary@example.org",
    "We have received your request: HD-26-000001-L",
    "Thank you. Diolch \u0175.\n.\nFrom us\n",
)
LINES = "Mary Bell\n12 Hill Road\nHarrowdale\nHD2 3AB"
SENDER = "no-reply@harrowdale.example"
Server = Any


def email(port: int) -> Reply:
    return EmailReply(Relay("127.0.0.1", port), SENDER)


def letter(_port: int) -> Reply:
    place = plugins.find("mailroom.replies", "letter", BUILTIN)
    made: Reply = place("Harrowdale", ("Civic Hall",), "01632 960100", lambda: datetime(2026, 11, 16, tzinfo=UTC))
    return made


MAKERS: dict[str, tuple[Callable[[int], Reply], str]] = {
    "email": (email, "mary@example.org"),
    "letter": (letter, LINES),
}


@pytest.fixture(params=sorted(BUILTIN))
def way(request: pytest.FixtureRequest, mail_server: Server) -> tuple[Reply, str]:
    make, address = MAKERS[request.param]
    return make(mail_server.port), address


def test_a_message_goes_out_or_comes_back_as_a_document(way: tuple[Reply, str], mail_server: Server) -> None:
    reply, address = way
    made = reply.send(Message(MESSAGE.message_id, address, MESSAGE.subject, MESSAGE.text))
    assert (made is None) == bool(mail_server.taken)
    assert made is None or made.startswith(b"%PDF-")


def test_an_address_of_nothing_is_for_a_person(way: tuple[Reply, str], mail_server: Server) -> None:
    reply, _ = way
    with pytest.raises(NeedsPerson):
        reply.send(Message(MESSAGE.message_id, "", MESSAGE.subject, MESSAGE.text))
    assert not mail_server.taken


def test_a_mail_says_that_a_machine_sent_it_and_has_no_return_path(mail_server: Server) -> None:
    email(mail_server.port).send(MESSAGE)
    (envelope,) = mail_server.taken
    (mail,) = mail_server.mails()
    assert (envelope.mail_from, envelope.rcpt_tos) == ("<>", ["mary@example.org"])
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert (mail["From"], mail["To"], mail["Message-ID"]) == (SENDER, "mary@example.org", MESSAGE.message_id)
    assert mail["Date"]
    assert mail.get_payload(decode=True).decode().replace("\r\n", "\n") == MESSAGE.text


def test_a_mail_that_answers_nobody_says_so(mail_server: Server) -> None:
    email(mail_server.port).send(replace(MESSAGE, answers=False))
    (envelope,) = mail_server.taken
    assert (envelope.mail_from, mail_server.mails()[0]["Auto-Submitted"]) == ("<>", "auto-generated")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "mary@example.org\r\nBcc: all@example.org"),
        ("address", "mary@example.org\nRCPT TO:<all@example.org>"),
        ("address", "mary\0@example.org"),
        ("subject", "Hello\r\nBcc: all@example.org"),
        ("subject", "Hello\rBcc: all@example.org"),
        ("subject", "Hello\nBcc: all@example.org"),
        ("subject", "Hello\0"),
        ("reply_to", "team@harrowdale.example\r\nBcc: all@example.org"),
        ("reply_to", "team@harrowdale.example\0"),
        ("message_id", "<1@harrowdale.example>\nBcc: all@example.org"),
    ],
)
def test_no_line_can_be_slipped_into_the_head(mail_server: Server, field: str, value: str) -> None:
    changes: dict[str, Any] = {field: value}
    forged = replace(MESSAGE, **changes)
    with pytest.raises(NeedsPerson):
        email(mail_server.port).send(forged)
    assert not mail_server.taken


@pytest.mark.parametrize(
    "address",
    [
        "mary@example.org, all@example.org",
        "mary",
        "@",
        "<>",
        "\u0175@example.org",
        "mary@\u0175.example",
        '"a b"@example.org',
        "a" * 400 + "@example.org",
        "mary@example.org>",
        "mary@[127.0.0.1",
    ],
)
def test_a_strange_address_reaches_nobody_else_and_breaks_nothing(mail_server: Server, address: str) -> None:
    try:
        email(mail_server.port).send(Message(MESSAGE.message_id, address, MESSAGE.subject, MESSAGE.text))
    except NeedsPerson:
        assert not mail_server.taken
    else:
        (envelope,) = mail_server.taken
        assert len(envelope.rcpt_tos) == 1


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("RCPT", "450 4.2.1 greylisted", Transient),
        ("RCPT", "550 5.1.1 no such user", NeedsPerson),
        ("DATA", "452 4.3.1 no room", Transient),
        ("DATA", "554 5.7.1 refused", NeedsPerson),
        ("MAIL", "451 4.3.0 try later", Transient),
        ("MAIL", "550 5.7.1 no null senders here", Transient),
        ("DATA", "421 4.3.2 closing", Transient),
    ],
)
def test_not_now_is_told_from_never(mail_server: Server, command: str, answer: str, error: type[Exception]) -> None:
    mail_server.says[command] = answer
    with pytest.raises(error):
        email(mail_server.port).send(MESSAGE)
    assert not mail_server.taken


def test_a_server_that_is_down_is_waited_for(closed_port: int) -> None:
    with pytest.raises(Transient):
        email(closed_port).send(MESSAGE)


def test_what_is_said_after_the_message_was_taken_changes_nothing(mail_server: Server) -> None:
    mail_server.says["QUIT"] = "421 too busy to say good-bye"
    email(mail_server.port).send(MESSAGE)
    assert len(mail_server.taken) == 1


def test_a_line_that_is_cut_before_the_answer_leaves_it_open_whether_it_went(mail_server: Server) -> None:
    mail_server.says["DATA"] = "cut"
    with pytest.raises(Unanswered):
        email(mail_server.port).send(MESSAGE)
