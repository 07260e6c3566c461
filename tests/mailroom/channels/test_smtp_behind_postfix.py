"""Mail through a real server in front: whatever fails between it and us, each message is one item, and none is lost."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from postfix_in_front import Postfix, postfix

from mailroom.bootstrap.mail import mail_routes
from mailroom.bootstrap.places import spool_of
from mailroom.bootstrap.ways_in import door
from mailroom.channels.smtp import SmtpChannel
from mailroom.channels.smtp_reception import Reception
from mailroom.channels.smtp_settings import Protocol, SmtpSettings
from mailroom.domain.capture import Capture, Receipt
from mailroom.domain.errors import Transient
from mailroom.duties.reconcile import reconcile
from mailroom.journey.refuse import refuse
from mailroom.records.session_log import SessionLog, answers_in
from mailroom.records.tables import Item
from mailroom.services import Services

_SECONDS = 60
MESSAGE = (
    "Message-ID: <{number}@client.example>\r\nFrom: ann@client.example\r\nTo: contact@harrowdale.example\r\n"
    "Subject: Refund\r\n\r\nPlease refund my council tax.\r\n"
)


@dataclass
class Sink:
    """What goes out to the world."""

    got: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.got.append(envelope)
        return "250 OK"


@dataclass
class Front:
    """The server in front, the listener behind it, and what it does at the door."""

    server: Postfix
    channel: SmtpChannel
    outside: Sink
    behave: Callable[[Capture], Receipt] | None = None
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None

    def open(self) -> None:
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.channel.run, args=(self.stop,))
        self.thread.start()

    def close(self) -> None:
        self.stop.set()
        if self.thread is not None:
            self.thread.join()

    def send(self, number: int = 1, padding: int = 0) -> None:
        with closing(smtplib.SMTP("127.0.0.1", self.server.port, timeout=_SECONDS)) as client:
            body = MESSAGE.format(number=number) + ("x" * 70 + "\r\n") * (padding // 72)
            client.sendmail("ann@client.example", ["contact@harrowdale.example"], body)


def until(true: Callable[[], object], meanwhile: Callable[[], None] = lambda: None) -> None:
    end = time.monotonic() + _SECONDS
    while not true():
        assert time.monotonic() < end, "it did not come about"
        meanwhile()
        time.sleep(0.2)


@pytest.fixture
def front(services: Services, closed_ports: Callable[[int], list[int]]) -> Iterator[Front]:
    listen, ours, out = closed_ports(3)
    settings = SmtpSettings(
        "127.0.0.1", ours, Protocol.LMTP, mail_routes(services), most_bytes=1 << 20, least_free_bytes=1
    )
    in_front: Front

    def at_the_door(capture: Capture) -> Receipt:
        return (in_front.behave or door(services))(capture)

    log = SessionLog(services.settings.data, "smtp")
    refused = partial(refuse, services=services)
    reception = Reception(settings, at_the_door, refused, spool_of(services), log, services.now)
    sink = Sink()
    outside = Controller(sink, hostname="127.0.0.1", port=out, data_size_limit=0)
    outside.start()
    with postfix(listen, ours, out) as server:
        in_front = Front(server, SmtpChannel(reception), sink)
        in_front.open()
        yield in_front
        in_front.close()
    outside.stop()
    found = reconcile(services)
    assert (found["difference"], found["missing"]) == (0, [])


def answers(services: Services) -> list[int]:
    return [line.answer for line in answers_in(services.settings.data)]


def test_each_message_is_an_item_with_the_line_that_the_server_in_front_added(
    front: Front, services: Services, items: Callable[[], list[Item]]
) -> None:
    for number in range(20):
        front.send(number)
    until(lambda: len(items()) == 20)
    with services.records.look() as session:
        (original,) = session.get_one(Item, items()[0].id).originals
        with services.vault.open(original.sha256) as stream:
            content = stream.read()
    assert b"by mx.harrowdale.example (Postfix)" in content
    assert content.endswith(b"\r\n\r\nPlease refund my council tax.\r\n")
    assert {item.proven_sender for item in items()} == {"ann@client.example"}


def test_the_log_of_the_server_in_front_is_held_against_the_ledger(
    front: Front, services: Services, items: Callable[[], list[Item]]
) -> None:
    for number in range(3):
        front.send(number)
    until(lambda: len(items()) == 3 and front.server.waiting() == 0)
    found = reconcile(services, front.server.home / "mail.log")
    assert found["missing"] == []
    assert (found["against"]["listed"], found["against"]["found"]) == (3, 3)


def test_what_could_not_be_taken_in_comes_again_until_it_can(
    front: Front, services: Services, items: Callable[[], list[Item]]
) -> None:
    def shut(_capture: Capture) -> Receipt:
        raise Transient("no room")

    front.behave = shut
    front.send()
    until(lambda: 451 in answers(services))
    assert items() == []
    front.behave = None
    until(items, front.server.try_again)
    assert len(items()) == 1


def test_what_came_while_nobody_listened_is_taken_in_afterwards(front: Front, items: Callable[[], list[Item]]) -> None:
    front.close()
    for number in range(3):
        front.send(number)
    until(lambda: "Connection refused" in front.server.log)
    front.open()
    until(lambda: len(items()) == 3, front.server.try_again)


def test_an_answer_that_is_lost_after_acceptance_makes_no_second_item(
    front: Front, services: Services, items: Callable[[], list[Item]]
) -> None:
    taken = []

    def forgets(capture: Capture) -> Receipt:
        taken.append(door(services)(capture))
        if len(taken) == 1:
            raise RuntimeError("the line breaks here")
        return taken[-1]

    front.behave = forgets
    front.send()
    until(lambda: 250 in answers(services), front.server.try_again)
    assert len(items()) == 1
    assert [receipt.redelivered for receipt in taken] == [False, True]


def test_a_message_over_the_limit_that_we_name_is_not_even_offered_and_its_sender_is_told(
    front: Front, items: Callable[[], list[Item]]
) -> None:
    front.send(padding=2 << 20)
    until(lambda: front.outside.got)
    (report,) = front.outside.got
    assert (report.mail_from, report.rcpt_tos) == ("<>", ["ann@client.example"])
    assert b"exceeds size limit 1048576" in (report.original_content or b"")
    assert items() == []
