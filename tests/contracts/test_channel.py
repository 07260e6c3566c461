"""The contract of every way in: nothing is let go before the door has it, and nothing comes in twice.

A channel joins by a class beside these and its name in `WAYS_IN`: how things get to its source, and how one round of
it is run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest
from mailbox_server import PASSWORD, Dovecot

from mailroom.channels.folder import FolderChannel
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.imap import ImapChannel
from mailroom.channels.imap_mailbox import opened
from mailroom.channels.imap_settings import ImapSettings, Security
from mailroom.channels.imap_sign_in import ByPassword
from mailroom.channels.incomplete import IncompleteFile
from mailroom.domain.capture import Capture, Deliver, Receipt
from mailroom.domain.errors import Transient
from mailroom.records.mailbox_messages import MailboxMessages
from mailroom.records.session import Records
from mailroom.records.session_log import SessionLog


class WayIn(Protocol):
    """A channel with its source, as the tests drive it."""

    def put(self, content: bytes) -> None:
        """Have one thing arrive at the source."""

    def run(self) -> None:
        """Run one round, late enough for whatever the last one put off."""

    def restart(self) -> None:
        """Begin anew with nothing remembered, as after a crash of the process."""

    def waiting(self) -> int:
        """Return how many things still lie at the source."""


class FolderWayIn:
    """A hot folder, looked at twice a round, an hour later each time."""

    def __init__(self, place: Path, deliver: Deliver) -> None:
        self._hot, self._spool = place / "hot", place / "spool"
        self._hot.mkdir()
        self._spool.mkdir()
        self._deliver = deliver
        self._now = datetime(2026, 11, 20, 9, tzinfo=UTC)
        self._put = 0
        self.restart()

    def put(self, content: bytes) -> None:
        self._put += 1
        (self._hot / f"{self._put}.txt").write_bytes(content)

    def run(self) -> None:
        for _ in range(2):
            self._now += timedelta(hours=1)
            self._channel.scan_once(self._now)

    def restart(self) -> None:
        self._channel = FolderChannel(FolderSettings(self._hot), self._deliver, self._spool, self)

    def waiting(self) -> int:
        return len([path for path in self._hot.iterdir() if path.is_file()])

    def report(self, file: IncompleteFile) -> None:
        pass

    def report_cleared(self, path: str) -> None:
        pass


class MailboxWayIn:
    """A mailbox on a real server; a new connection for each round."""

    def __init__(self, place: Path, deliver: Deliver, records: Records, server: Dovecot) -> None:
        self._place, self._deliver, self._records, self._server = place, deliver, records, server
        self._user = server.new_user()
        self._settings = ImapSettings(
            name="contact",
            host="127.0.0.1",
            port=server.tls,
            security=Security.TLS,
            user=self._user,
            sign_in=ByPassword(PASSWORD),
            authority=server.authority,
            least_free_bytes=0,
        )
        (place / "spool").mkdir()
        self.restart()

    def put(self, content: bytes) -> None:
        with self._server.client(self._user) as client:
            client.append("INBOX", content)

    def run(self) -> None:
        with opened(self._settings) as mailbox:
            self._channel.take_all(mailbox, threading.Event())

    def restart(self) -> None:
        messages = MailboxMessages("contact", self._records, lambda: datetime.now(UTC))
        log = SessionLog(self._place, "imap")
        self._channel = ImapChannel(self._settings, self._deliver, self._place / "spool", messages, log, self)

    def waiting(self) -> int:
        with self._server.client(self._user) as client:
            return int(client.select_folder("INBOX", readonly=True)[b"EXISTS"])

    def failing(self, mailbox: str, sentence: str) -> None:
        pass

    def well(self, mailbox: str) -> None:
        pass


WAYS_IN = ("folder", "mailbox")


class Killed(BaseException):
    """The process is gone."""


class Door:
    """Accepts by source identity, as the real one does; can be told to fail before or after it has accepted."""

    def __init__(self) -> None:
        self.items: dict[str, bytes] = {}
        self.captures: list[Capture] = []
        self.before: Callable[[bytes], object] = lambda _content: None
        self.after: Callable[[bytes], object] = lambda _content: None

    def deliver(self, capture: Capture) -> Receipt:
        content = capture.spooled.read_bytes()
        self.captures.append(capture)
        self.before(content)
        known = capture.source in self.items
        self.items[capture.source] = content
        capture.spooled.unlink()
        self.after(content)
        return Receipt(capture.source, f"HD-26-{len(self.items):06d}", redelivered=known)

    def contents(self) -> list[bytes]:
        return sorted(self.items.values())


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture(params=WAYS_IN)
def way_in(request: pytest.FixtureRequest, tmp_path: Path, door: Door) -> WayIn:
    if request.param == "folder":
        return FolderWayIn(tmp_path, door.deliver)
    records, server = request.getfixturevalue("records"), request.getfixturevalue("mailbox_server")
    return MailboxWayIn(tmp_path, door.deliver, records, server)


def fail_with(fault: BaseException) -> Callable[[bytes], object]:
    def fail(_content: bytes) -> object:
        raise fault

    return fail


def test_what_arrives_is_handed_in_once_byte_for_byte(way_in: WayIn, door: Door) -> None:
    way_in.put(b"a letter\r\n\x01\xff")  # no NUL: mail servers may not hand one on (RFC 3501 section 9)
    way_in.run()
    way_in.run()
    assert door.contents() == [b"a letter\r\n\x01\xff"]
    assert len(door.captures) == 1
    assert way_in.waiting() == 0


def test_a_capture_says_when_it_was_received(way_in: WayIn, door: Door) -> None:
    way_in.put(b"a letter")
    way_in.run()
    assert door.captures[0].received_at.tzinfo is not None
    assert door.captures[0].received_at <= datetime.now(UTC)
    assert door.captures[0].defect is None


def test_the_source_keeps_it_until_the_door_has_answered(way_in: WayIn, door: Door) -> None:
    lying_there: list[int] = []
    door.after = lambda _content: lying_there.append(way_in.waiting())
    way_in.put(b"a letter")
    way_in.run()
    assert lying_there == [1]
    assert way_in.waiting() == 0


@pytest.mark.parametrize("fault", [Transient("no room"), OSError(5, "broken"), RuntimeError("not foreseen")])
def test_what_the_door_does_not_take_stays_and_is_tried_again(way_in: WayIn, door: Door, fault: Exception) -> None:
    way_in.put(b"a letter")
    door.before = fail_with(fault)
    way_in.run()
    assert door.items == {}
    assert way_in.waiting() == 1
    door.before = lambda _content: None
    way_in.run()
    assert door.contents() == [b"a letter"]
    assert way_in.waiting() == 0


def test_one_thing_the_door_does_not_take_holds_up_no_other(way_in: WayIn, door: Door) -> None:
    def refuse_the_second(content: bytes) -> None:
        if content == b"letter 2":
            raise Transient("not this one")

    door.before = refuse_the_second
    for number in range(1, 6):
        way_in.put(b"letter %d" % number)
    way_in.run()
    assert door.contents() == [b"letter 1", b"letter 3", b"letter 4", b"letter 5"]
    assert way_in.waiting() == 1


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_at_the_door_neither_loses_nor_doubles(way_in: WayIn, door: Door, moment: str) -> None:
    way_in.put(b"a letter")
    setattr(door, moment, fail_with(Killed()))
    with pytest.raises(Killed):
        way_in.run()
    assert way_in.waiting() == 1
    setattr(door, moment, lambda _content: None)
    way_in.restart()
    way_in.run()
    assert door.contents() == [b"a letter"]
    assert way_in.waiting() == 0


def test_equal_bytes_that_arrive_twice_are_two_deliveries(way_in: WayIn, door: Door) -> None:
    way_in.put(b"the same letter")
    way_in.put(b"the same letter")
    way_in.run()
    assert door.contents() == [b"the same letter"] * 2
