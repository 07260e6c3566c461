"""The ways in as their contract drives them: how things get to the source of each, and how one round of it is run.

Before: a test has a door and an empty folder. After: it puts letters to the source, and runs rounds.
"""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from mailbox_server import PASSWORD, Dovecot
from postfix_in_front import Postfix

from mailroom.channels.folder import FolderChannel
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.imap import ImapChannel
from mailroom.channels.imap_mailbox import opened
from mailroom.channels.imap_settings import ImapSettings, Security
from mailroom.channels.imap_sign_in import ByPassword
from mailroom.channels.incomplete import IncompleteFile
from mailroom.channels.mail_routes import MailRoutes
from mailroom.channels.smtp import SmtpChannel
from mailroom.channels.smtp_reception import Reception
from mailroom.channels.smtp_settings import Protocol as Spoken
from mailroom.channels.smtp_settings import SmtpSettings
from mailroom.domain.capture import Capture, Deliver, Hints, Receipt, Refusal
from mailroom.records.mailbox_counts import MailboxCounts
from mailroom.records.mailbox_messages import MailboxMessages
from mailroom.records.session import Records
from mailroom.records.session_log import YES, Answered, SessionLog, answers_in

_SECONDS = 60


class WayIn(Protocol):
    """A channel with its source, as the tests drive it.

    Attributes:
        way: what it is called on the ledger, so that it is noticed when it falls silent.
    """

    way: str

    def put(self, content: bytes) -> None:
        """Have one thing arrive at the source."""

    def run(self) -> None:
        """Run one round, late enough for whatever the last one put off."""

    def restart(self) -> None:
        """Begin anew with nothing remembered, as after a crash of the process."""

    def waiting(self) -> int:
        """Return how many things still lie at the source."""

    def letter_in(self, captured: bytes) -> bytes:
        """Return what was put, of what was captured: servers add lines of their own."""


class FolderWayIn:
    """A hot folder, looked at twice a round, an hour later each time."""

    way = "folder:post"

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
        self._channel = FolderChannel(FolderSettings(self._hot, way=self.way), self._deliver, self._spool, self)

    def waiting(self) -> int:
        return len([path for path in self._hot.iterdir() if path.is_file()])

    def letter_in(self, captured: bytes) -> bytes:
        return captured

    def report(self, file: IncompleteFile) -> None:
        pass

    def report_cleared(self, path: str) -> None:
        pass


class MailboxWayIn:
    """A mailbox on a real server; a new connection for each round."""

    way = "mailbox:contact"

    def __init__(self, place: Path, deliver: Deliver, records: Records, server: Dovecot) -> None:
        self._place, self._deliver, self._records, self._server = place, deliver, records, server
        self._user = server.new_user()
        self._settings = ImapSettings(
            name="contact",
            host="127.0.0.1",
            port=server.tls,
            security=Security.TLS,
            user=self._user,
            sign_in=ByPassword(lambda: PASSWORD),
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
        counts = MailboxCounts("contact", self._records, lambda: datetime.now(UTC))
        log = SessionLog(self._place, "imap")
        spool = self._place / "spool"
        self._channel = ImapChannel(self._settings, self._deliver, spool, messages, counts, log, self)

    def waiting(self) -> int:
        with self._server.client(self._user) as client:
            return int(client.select_folder("INBOX", readonly=True)[b"EXISTS"])

    def letter_in(self, captured: bytes) -> bytes:
        return captured

    def failing(self, mailbox: str, sentence: str) -> None:
        pass

    def well(self, mailbox: str) -> None:
        pass


class MailWayIn:
    """A mail server in front; for one round of ours somebody listens, and whatever waits is offered to them."""

    way = "address:contact@harrowdale.example"

    def __init__(self, place: Path, deliver: Deliver, server: Postfix, spoken: Spoken) -> None:
        self._place, self._deliver, self._server = place, deliver, server
        routes = MailRoutes(mailboxes={"contact@harrowdale.example": Hints()})
        self._settings = SmtpSettings("127.0.0.1", server.door, spoken, routes, least_free_bytes=0)
        (place / "spool").mkdir()
        server.forget_all()
        self.restart()

    def put(self, content: bytes) -> None:
        with closing(smtplib.SMTP("127.0.0.1", self._server.port, timeout=_SECONDS)) as client:
            client.sendmail("ann@client.example", ["contact@harrowdale.example"], b"Subject: Post\r\n\r\n" + content)

    def run(self) -> None:
        waiting, before = self.waiting(), len(self._answers())
        with self._listening():
            self._until(lambda: self._killed or len({line.source for line in self._answers()[before:]}) == waiting)
            accepted = len({line.source for line in self._answers()[before:] if line.answer == YES})
            self._until(lambda: self._killed or self.waiting() == waiting - accepted)
        if self._killed:
            raise self._killed.pop()

    def restart(self) -> None:
        log = SessionLog(self._place, "smtp")
        reception = Reception(
            self._settings, self._at_the_door, _refuse, self._place / "spool", log, lambda: datetime.now(UTC)
        )
        self._channel = SmtpChannel(reception)
        self._killed: list[BaseException] = []

    def waiting(self) -> int:
        return self._server.waiting()

    def letter_in(self, captured: bytes) -> bytes:
        return captured.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n")

    def _at_the_door(self, capture: Capture) -> Receipt:
        try:
            return self._deliver(capture)
        except Exception:
            raise
        except BaseException as killed:
            self._killed.append(killed)
            raise

    def _answers(self) -> list[Answered]:
        return list(answers_in(self._place))

    @contextmanager
    def _listening(self) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._channel.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            if self._killed:
                self._cut_all()
            stop.set()
            thread.join()

    def _cut_all(self) -> None:
        """A process that is gone has no connections."""
        for conversation in self._channel._conversations:
            if conversation.transport is not None:
                conversation.loop.call_soon_threadsafe(conversation.transport.abort)

    def _until(self, true: Callable[[], object]) -> None:
        end = time.monotonic() + _SECONDS
        while not true():
            assert time.monotonic() < end, f"it did not come about: {self._server.log}"
            self._server.try_again()
            time.sleep(0.1)


def _refuse(refusal: Refusal) -> str:
    raise AssertionError(f"{refusal.sentence} Nothing that the tests put is to be refused.")
