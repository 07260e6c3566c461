"""Alarms by mail: each once to each address, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from mailroom.domain.errors import Cause, NeedsPerson, Transient, Unanswered, Unreachable
from mailroom.duties.mail_alarms import mail_alarms
from mailroom.ports import Message
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.services import Services

GOOD, BAD = "duty@harrowdale.example", "left@harrowdale.example"


@dataclass
class Post:
    """A way to answer that fails for one address as the test tells it to."""

    fault: Exception | None = None
    sent: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    tried: int = 0

    def send(self, message: Message) -> bytes | None:
        self.tried += 1
        if message.address == BAD and self.fault is not None:
            raise self.fault
        self.sent.append(message.address)
        self.messages.append(message)
        return None


@pytest.fixture
def post() -> Post:
    return Post()


@pytest.fixture
def services(services: Services, post: Post) -> Services:
    """With two addresses that alarms go to, and one alarm raised."""
    alarms = services.settings.alarms.model_copy(update={"to": (BAD, GOOD)})
    settings = services.settings.model_copy(update={"alarms": alarms})
    with services.records.work() as session:
        raise_alarm(session, "disk", "The disk is full.", services.now())
        session.commit()
    return replace(services, settings=settings, replies={"email": post})


def test_everybody_gets_it_once(services: Services, post: Post) -> None:
    assert [mail_alarms(services) for _ in range(3)] == [1, 0, 0]
    assert post.sent == [BAD, GOOD]


@pytest.mark.parametrize(
    "fault",
    [Transient("not now"), Unanswered("broke off"), NeedsPerson(Cause.CONFLICT, "no such mailbox")],
    ids=lambda fault: type(fault).__name__,
)
def test_a_bad_address_does_not_make_the_good_one_be_mailed_again(
    services: Services, post: Post, fault: Exception
) -> None:
    post.fault = fault
    for _ in range(3):
        mail_alarms(services)
    assert post.sent == [GOOD]
    assert post.tried == (4 if isinstance(fault, Transient) else 2)


def test_what_was_put_off_follows_once_it_can(services: Services, post: Post) -> None:
    post.fault = Transient("not now")
    assert mail_alarms(services) == 0
    post.fault = None
    assert (mail_alarms(services), post.sent) == (1, [GOOD, BAD])


def test_a_server_that_is_not_there_ends_the_round(services: Services, post: Post) -> None:
    post.fault = Unreachable("nobody there")
    assert (mail_alarms(services), post.tried) == (0, 1)


def test_an_alarm_that_is_raised_again_is_mailed_again(
    services: Services, post: Post, step: Callable[[timedelta], None]
) -> None:
    mail_alarms(services)
    step(timedelta(hours=1))
    with services.records.work() as session:
        clear_alarm(session, "disk", services.now())
        raise_alarm(session, "disk", "The disk is full again.", services.now())
        session.commit()
    assert mail_alarms(services) == 1
    assert post.sent == [BAD, GOOD] * 2


def renew(services: Services, sentence: str, subject: str = "disk") -> None:
    with services.records.work() as session:
        raise_alarm(session, subject, sentence, services.now())
        session.commit()


def test_another_cause_is_mailed_again_and_another_number_is_not(
    services: Services, post: Post, step: Callable[[timedelta], None]
) -> None:
    renew(services, "It cannot be reached at port 993.")
    mail_alarms(services)
    step(timedelta(minutes=1))
    renew(services, "It cannot be reached at port 143.")
    mail_alarms(services)
    assert post.sent == [BAD, GOOD]
    step(timedelta(minutes=1))
    renew(services, "It does not let housing in.")
    mail_alarms(services)
    assert post.sent == [BAD, GOOD] * 2
    assert "It does not let housing in." in post.messages[-1].text
    assert len({message.message_id for message in post.messages}) == 4


def test_what_comes_and_goes_is_mailed_some_times_a_day_and_the_last_of_it_on_the_next(
    services: Services, post: Post, step: Callable[[timedelta], None]
) -> None:
    for number in range(20):
        step(timedelta(minutes=5))
        renew(services, f"It {'is away' if number % 2 else 'lets nobody in'}.")
        mail_alarms(services)
    assert post.sent.count(GOOD) == 6
    step(timedelta(days=1))
    mail_alarms(services)
    assert post.sent.count(GOOD) == 7
    assert "It is away." in post.messages[-1].text


def test_the_subject_says_in_plain_words_what_it_is_about(services: Services, post: Post) -> None:
    renew(services, "Items wait to be opened. The store is away.", "waiting:unpack")
    mail_alarms(services)
    assert "Mailroom alarm: items wait to be opened" in {message.subject for message in post.messages}


def test_what_is_raised_anew_while_it_is_being_mailed_is_mailed_too(
    services: Services, post: Post, step: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    send = post.send

    def slowly(message: Message) -> None:
        send(message)
        step(timedelta(seconds=1))
        renew(services, "It does not let housing in.")

    monkeypatch.setattr(post, "send", slowly)
    mail_alarms(services)
    monkeypatch.setattr(post, "send", send)
    assert mail_alarms(services) == 1
    assert "It does not let housing in." in post.messages[-1].text
