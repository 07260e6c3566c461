"""What is due goes out once, through a real mail server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailroom.domain.capture import Receipt
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.ports import Message
from mailroom.records.acknowledgements import acknowledgement_of, take_back
from mailroom.records.tables import Acknowledgement, Item
from mailroom.replies.email_reply import EmailReply
from mailroom.services import Services

Deliver = Callable[..., Receipt]
Travel = Callable[..., Item]
Step = Callable[[timedelta], None]
Server = Any
LETTER = b"Dear Sir\n\nI make a formal complaint about my missed bin.\n\nYours faithfully\nJo Bell\n"
HELD = timedelta(minutes=10)


@pytest.fixture
def mailing(services: Services, mail_server: Server) -> Services:
    """The bundle with a mail server."""
    told = services.settings.acknowledge.model_copy(update={"smtp_host": "127.0.0.1", "smtp_port": mail_server.port})
    settings = services.settings.model_copy(update={"acknowledge": told})
    reply = EmailReply("127.0.0.1", mail_server.port, told.sender)
    return replace(services, settings=settings, replies={**services.replies, "email": reply})


@pytest.fixture
def item(mailing: Services, deliver: Deliver, travel: Travel) -> Item:
    """A complaint whose acknowledgement is held."""
    return travel(deliver(LETTER, proven_sender="jo@example.org").item_id, using=mailing)


def row(services: Services, item: Item) -> Acknowledgement:
    with services.records.look() as session:
        found = acknowledgement_of(session, item.id)
        assert found is not None
        return found


def test_it_is_held_for_ten_minutes_and_then_sent_once(
    mailing: Services, item: Item, step: Step, mail_server: Server, travel: Travel
) -> None:
    step(HELD - timedelta(seconds=1))
    assert send_acknowledgements(mailing) == 0
    step(timedelta(seconds=1))
    assert send_acknowledgements(mailing) == 1
    step(timedelta(days=1))
    assert send_acknowledgements(mailing) == 0
    (mail,) = mail_server.mails()
    assert item.reference in mail["Subject"]
    assert mail["Message-ID"] == f"<{item.id}.acknowledge@harrowdale.example>"
    sent = row(mailing, item)
    assert (sent.state, sent.maybe_twice, sent.attempts) == ("sent", False, 1)
    case = travel(item.id).case
    assert case is not None
    assert {c.name for c in case.clocks if c.met_at} >= {"acknowledge_one_working_day", "complaint_acknowledge_5wd"}


def test_what_was_taken_back_is_not_sent(mailing: Services, item: Item, step: Step, mail_server: Server) -> None:
    with mailing.records.work() as session:
        take_back(session, item.id, "wrong kind")
        session.commit()
    step(HELD)
    assert send_acknowledgements(mailing) == 0
    assert not mail_server.taken
    assert row(mailing, item).state == "undone"


class _Dying:
    """A worker that dies while it sends: before the mail server has it, or after."""

    def __init__(self, real: EmailReply, *, after: bool) -> None:
        self._real = real
        self._after = after

    def send(self, message: Message) -> None:
        if self._after:
            self._real.send(message)
        raise KeyboardInterrupt


@pytest.mark.parametrize("after", [True, False])
def test_after_a_crash_in_between_it_is_sent_once_more_and_marked(
    mailing: Services, item: Item, step: Step, mail_server: Server, after: bool
) -> None:
    step(HELD)
    real: Any = mailing.replies["email"]
    with pytest.raises(KeyboardInterrupt):
        send_acknowledgements(replace(mailing, replies={"email": _Dying(real, after=after)}))
    assert row(mailing, item).state == "sending"
    step(HELD)
    assert send_acknowledgements(mailing) == 1
    sent = row(mailing, item)
    assert (sent.state, sent.maybe_twice) == ("sent", True)
    assert len(mail_server.taken) == (2 if after else 1)
    assert len({mail["Message-ID"] for mail in mail_server.mails()}) == 1


def test_after_two_crashes_nobody_tries_a_third_time(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    real: Any = mailing.replies["email"]
    for _ in range(2):
        step(HELD)
        with pytest.raises(KeyboardInterrupt):
            send_acknowledgements(replace(mailing, replies={"email": _Dying(real, after=True)}))
    for _ in range(3):
        step(HELD)
        send_acknowledgements(mailing)
    assert len(mail_server.taken) == 2
    assert (row(mailing, item).state, row(mailing, item).maybe_twice) == ("to_print", True)


def test_an_answer_that_never_came_counts_like_a_crash(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    mail_server.says["DATA"] = "cut"
    for _ in range(5):
        step(HELD)
        send_acknowledgements(mailing)
    assert len(mail_server.taken) == 2
    assert (row(mailing, item).state, row(mailing, item).maybe_twice) == ("to_print", True)


class _Twin:
    """A mail server's slowness in which another worker does the same duty."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self.sent = 0

    def send(self, message: Message) -> None:
        self.sent += 1
        send_acknowledgements(replace(self._services, replies={"email": self}))


def test_a_second_worker_leaves_alone_what_the_first_is_sending(mailing: Services, item: Item, step: Step) -> None:
    step(HELD)
    twin = _Twin(mailing)
    send_acknowledgements(replace(mailing, replies={"email": twin}))
    assert twin.sent == 1
    assert (row(mailing, item).state, row(mailing, item).maybe_twice) == ("sent", False)


def test_two_workers_that_saw_it_due_at_the_same_moment_send_it_once(
    mailing: Services, item: Item, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(HELD)
    due = [row(mailing, item).id]
    monkeypatch.setattr("mailroom.duties.send_acknowledgements.due_to_go", lambda *_: due)
    twin = _Twin(mailing)
    send_acknowledgements(replace(mailing, replies={"email": twin}))
    assert (twin.sent, row(mailing, item).state) == (1, "sent")


def test_a_server_that_says_not_now_is_asked_again_after_a_pause_however_often(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    mail_server.says["RCPT"] = "450 greylisted"
    for _ in range(4):
        step(HELD)
        assert send_acknowledgements(mailing) == 0
        assert send_acknowledgements(mailing) == 0
    assert (row(mailing, item).state, row(mailing, item).attempts) == ("held", 0)
    mail_server.says.clear()
    step(HELD)
    send_acknowledgements(mailing)
    assert (row(mailing, item).state, row(mailing, item).maybe_twice) == ("sent", False)


def test_one_that_must_wait_does_not_hold_up_those_behind_it(
    mailing: Services, item: Item, deliver: Deliver, travel: Travel, step: Step, mail_server: Server
) -> None:
    step(timedelta(seconds=1))
    second = travel(deliver(LETTER + b"2", proven_sender="al@example.org").item_id, using=mailing)
    mail_server.says["RCPT"] = "450 greylisted"
    step(HELD - timedelta(seconds=1))
    send_acknowledgements(mailing)
    mail_server.says.clear()
    step(timedelta(seconds=1))
    assert send_acknowledgements(mailing) == 1
    assert (row(mailing, item).state, row(mailing, second).state) == ("held", "sent")


def test_a_refusal_for_good_is_for_a_person(mailing: Services, item: Item, step: Step, mail_server: Server) -> None:
    mail_server.says["RCPT"] = "550 no such user"
    step(HELD)
    assert send_acknowledgements(mailing) == 1
    assert (row(mailing, item).state, row(mailing, item).reason) == (
        "failed",
        "The mail server refuses the sender's address for good (550). Write by post.",
    )
    step(HELD)
    assert send_acknowledgements(mailing) == 0


def test_a_letter_waits_for_a_person_to_print_it(
    services: Services, deliver: Deliver, travel: Travel, step: Step, mail_server: Server
) -> None:
    item = travel(deliver(LETTER, proven_sender="jo@example.org").item_id)
    assert row(services, item).way == "letter"
    step(HELD)
    assert send_acknowledgements(services) == 1
    assert row(services, item).state == "to_print"
    assert not mail_server.taken


def test_the_stage_itself_sends_nothing(mailing: Services, item: Item, mail_server: Server) -> None:
    assert row(mailing, item).state == "held"
    assert not mail_server.taken
