"""What is due goes out once, through a real mail server."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailroom.desk.correcting import correct
from mailroom.desk.letters import letters_to_print
from mailroom.desk.post_room import mark_sensitive
from mailroom.desk.printing import print_letters
from mailroom.desk.timeline import timeline
from mailroom.domain.access import Role, Viewer
from mailroom.domain.capture import Receipt
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Cause, NeedsPerson, Transient, Unreachable
from mailroom.domain.items import ItemState
from mailroom.duties.send_acknowledgements import send_acknowledgements
from mailroom.journey.not_by_mail import REFUSED_BEFORE
from mailroom.ports import Message
from mailroom.records.acknowledgements import acknowledgement_of, take_back
from mailroom.records.alarms import alarms_raised
from mailroom.records.tables import Acknowledgement, Alarm, Item
from mailroom.replies.email_reply import EmailReply
from mailroom.replies.relay import Relay
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
    reply = EmailReply(Relay("127.0.0.1", mail_server.port), told.sender)
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
    assert row(mailing, item).state == "replaced"


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
    monkeypatch.setattr("mailroom.duties.send_due.due_to_go", lambda *_: due)
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


def test_what_the_mail_server_refuses_for_good_waits_as_a_letter_and_says_why(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    mail_server.says["RCPT"] = "550 no such user"
    step(HELD)
    assert send_acknowledgements(mailing) == 1
    refused = row(mailing, item)
    why = "The mail server refuses the sender's address for good (550). Write by post."
    assert (refused.state, refused.way, refused.reason) == ("to_print", "letter", why)
    (line,) = letters_to_print(KIM, mailing)
    assert (line["reference"], line["not_by_mail"]) == (item.reference, why)
    step(HELD)
    assert send_acknowledgements(mailing) == 0


def test_the_case_tells_that_our_message_was_refused(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    mail_server.says["RCPT"] = "550 no such user"
    step(HELD)
    send_acknowledgements(mailing)
    told = [entry for entry in timeline(item.reference, KIM, mailing) if entry.kind == "acknowledgement_refused"]
    assert [entry.sentence for entry in told] == ["Our message was refused by the mail server."]


def test_a_refused_message_that_was_printed_counts_as_told_by_letter(
    mailing: Services, item: Item, step: Step, mail_server: Server, tmp_path: Path
) -> None:
    mail_server.says["RCPT"] = "550 no such user"
    step(HELD)
    send_acknowledgements(mailing)
    for field, value in (("sender_address", "2 Chapel Fold, Little Wending"), ("sender_postcode", "HD3 9QS")):
        correct(item.reference, field, value, KIM, mailing)
    (printed,) = print_letters([item.reference], KIM, tmp_path / "out", mailing)
    assert "file" in printed, printed
    (told,) = [entry for entry in timeline(item.reference, KIM, mailing) if entry.kind == "acknowledged"]
    assert told.sentence == "The sender was told by letter that it came in."
    assert letters_to_print(KIM, mailing) == []


def test_a_refused_message_that_is_planned_anew_is_a_letter_from_the_start(
    mailing: Services, item: Item, step: Step, mail_server: Server, travel: Travel
) -> None:
    mail_server.says["RCPT"] = "550 no such user"
    step(HELD)
    send_acknowledgements(mailing)
    correct(item.reference, "sender_name", "Joan Bell", KIM, mailing)
    travel(item.id, using=mailing)
    anew = row(mailing, item)
    assert (anew.state, anew.way, anew.reason) == ("held", "letter", REFUSED_BEFORE)
    assert "Joan Bell" in anew.text


def test_what_was_made_limited_while_the_server_refused_it_is_withheld(
    mailing: Services, item: Item, step: Step
) -> None:
    step(HELD)
    refusing = _Meanwhile(lambda: mark_sensitive(item.id, KIM, mailing, reason="r"), NeedsPerson(Cause.CONFLICT, "No."))
    send_acknowledgements(replace(mailing, replies={"email": refusing}))
    assert row(mailing, item).state == "withheld"


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


KIM = Viewer("kim", frozenset({Role.POST_ROOM}))


class _Meanwhile:
    """A slow mail server that takes nothing, while somebody acts on the item."""

    def __init__(self, act: Callable[[], object], answer: Exception | None = None) -> None:
        self._act = act
        self._answer = answer or Transient("not now")

    def send(self, message: Message) -> None:
        self._act()
        raise self._answer


def test_nothing_goes_out_for_what_was_marked_as_limited_while_it_was_being_sent(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    step(HELD)
    slow = _Meanwhile(lambda: mark_sensitive(item.id, KIM, mailing, reason="r"))
    send_acknowledgements(replace(mailing, replies={"email": slow}))
    assert row(mailing, item).state == "withheld"
    step(HELD)
    send_acknowledgements(mailing)
    assert not mail_server.taken


@pytest.mark.parametrize("state", ["held", "sending"])
@pytest.mark.parametrize(
    "changed",
    [
        {"sensitivity": Sensitivity.LIMITED},
        {"settled": False},
        {"state": ItemState.SPLIT},
        {"state": ItemState.JOINED},
    ],
    ids=str,
)
def test_the_item_is_looked_at_again_before_its_message_goes(
    mailing: Services, item: Item, step: Step, mail_server: Server, changed: dict[str, Any], state: str
) -> None:
    with mailing.records.work() as session:
        for name, value in changed.items():
            setattr(session.get_one(Item, item.id), name, value)
        session.get_one(Acknowledgement, row(mailing, item).id).state = state
        session.commit()
    step(HELD)
    send_acknowledgements(mailing)
    found = row(mailing, item)
    assert (found.state, bool(found.reason), found.maybe_twice) == ("withheld", True, state == "sending")
    assert not mail_server.taken


class _Away:
    """A mail server that cannot be reached."""

    def __init__(self) -> None:
        self.tried = 0

    def send(self, message: Message) -> None:
        self.tried += 1
        raise Unreachable("nobody listens")


@pytest.fixture
def three(mailing: Services, item: Item, deliver: Deliver, travel: Travel) -> list[Item]:
    """Three complaints whose acknowledgements are held."""
    others = ["al@example.org", "bo@example.org"]
    more = [travel(deliver(LETTER + a.encode(), proven_sender=a).item_id, using=mailing) for a in others]
    return [item, *more]


def test_a_mail_server_that_cannot_be_reached_is_tried_once_a_round(
    mailing: Services, three: list[Item], step: Step
) -> None:
    step(HELD)
    away = _Away()
    assert send_acknowledgements(replace(mailing, replies={"email": away})) == 0
    assert away.tried == 1
    assert [row(mailing, item).state for item in three] == ["held"] * 3
    assert send_acknowledgements(mailing) == 2


def test_a_real_server_that_is_down_counts_as_one_that_cannot_be_reached(
    mailing: Services, three: list[Item], step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(HELD)
    tried = []

    def counted(host: str, port: int, **_named: object) -> smtplib.SMTP:
        tried.append((host, port))
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("mailroom.replies.email_reply.smtplib.SMTP", counted)
    send_acknowledgements(mailing)
    assert len(tried) == 1


class _Slow:
    """A mail server that takes seven seconds for each message."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self.sent = 0

    def send(self, message: Message) -> None:
        self.sent += 1
        self._step(timedelta(seconds=7))


def test_a_round_ends_when_its_time_is_over_and_the_next_one_goes_on(
    mailing: Services, three: list[Item], step: Step
) -> None:
    step(HELD)
    slow = _Slow(step)
    assert send_acknowledgements(replace(mailing, replies={"email": slow})) == 2
    assert send_acknowledgements(replace(mailing, replies={"email": slow})) == 1
    assert slow.sent == 3


class _Broken:
    """A way to answer that fails at its first message as nobody has foreseen."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, message: Message) -> None:
        self.sent += 1
        if self.sent == 1:
            raise KeyError("what nobody has foreseen")


def test_a_message_that_fails_unforeseen_does_not_keep_back_those_behind_it(
    mailing: Services, three: list[Item], step: Step
) -> None:
    step(HELD)
    assert send_acknowledgements(replace(mailing, replies={"email": _Broken()})) == 2


def test_a_mail_that_was_planned_before_the_mail_server_was_taken_away_becomes_a_letter(
    mailing: Services, services: Services, item: Item, step: Step
) -> None:
    step(HELD)
    send_acknowledgements(services)
    assert row(mailing, item).state == "to_print"


def test_what_two_workers_planned_at_once_is_counted_again_before_it_goes(
    mailing: Services, deliver: Deliver, travel: Travel, step: Step, mail_server: Server
) -> None:
    items = [
        travel(deliver(LETTER + str(number).encode(), proven_sender="jo@example.org").item_id, using=mailing)
        for number in range(7)
    ]
    with mailing.records.work() as session:
        for one in session.scalars(select(Acknowledgement)):
            one.way, one.state, one.address = "email", "held", "jo@example.org"
            one.subject, one.text = "We have it", "Thank you."
        session.commit()
    step(HELD)
    send_acknowledgements(mailing)
    assert len(mail_server.taken) == 5
    states = sorted(row(mailing, one).state for one in items)
    assert states == [*["sent"] * 5, *["withheld"] * 2]


def test_a_server_that_takes_nothing_of_ours_raises_an_alarm_and_no_message_is_given_up(
    mailing: Services, item: Item, step: Step, mail_server: Server
) -> None:
    step(HELD)
    mail_server.says["RCPT"] = "554 5.7.1 <mail.example>: Client host rejected: Access denied"
    for _ in range(3):
        assert send_acknowledgements(mailing) == 0
        step(timedelta(minutes=1))
    waiting = row(mailing, item)
    assert (waiting.state, waiting.attempts, waiting.reason) == ("held", 0, None)
    (alarm,) = raised(mailing)
    assert (alarm.subject, "takes no mail of ours: 554 5.7.1" in alarm.sentence) == ("mail out", True)
    mail_server.says.clear()
    step(timedelta(minutes=10))
    assert send_acknowledgements(mailing) == 1
    assert (row(mailing, item).state, raised(mailing)) == ("sent", [])


def raised(services: Services) -> list[Alarm]:
    with services.records.look() as session:
        return list(alarms_raised(session))
