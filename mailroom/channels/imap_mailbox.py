"""A mailbox as its server shows it: which messages lie there, a copy of one, and where to put it when it is ours.

Before: `imap.py` wants to look. After: it has a list of messages, or a message in the spool. Nothing here decides. No
name or password leaves this machine before the way is encrypted and the server has shown who it is.
"""

from __future__ import annotations

import hashlib
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailroom.channels.imap_settings import ImapSettings, Security
from mailroom.channels.spool import written_through
from mailroom.domain.mailbox_count import TakenFolder
from mailroom.domain.untrusted import why_untrusted

_PIECE = 1 << 20
_AT_A_TIME = 500
_ONE_IDLE = 20
"""Seconds after which a server is asked anew to tell. What it says in one breath with its answer to being asked lies in
the library's buffer, where no waiting sees it, until the asking ends; and routers forget quiet connections."""
_STOPPED_AFTER = 1.0


class SignInRefused(Exception):
    """The server does not know the user or the password, or cannot be trusted; trying again changes nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A message that lies in the mailbox.

    Attributes:
        uid: its number, good as long as the mailbox keeps its UIDVALIDITY (RFC 3501 section 2.3.1.1).
        arrived_at: INTERNALDATE: when it came into the mailbox.
    """

    uid: int
    arrived_at: datetime


class Mailbox:
    """One folder of mail, opened.

    Args:
        client: signed in.
        settings: of the mailbox.
    """

    def __init__(self, client: IMAPClient, settings: ImapSettings) -> None:
        self._client = client
        self._settings = settings
        told = client.select_folder(settings.folder, readonly=not settings.taken)
        self.validity = int(told[b"UIDVALIDITY"])
        """Another than the last time: the numbers of messages mean nothing any more."""
        self._can_move = b"MOVE" in client.capabilities()
        self._can_tell = settings.use_idle and b"IDLE" in client.capabilities()

    def numbers(self) -> set[int]:
        """Return the UIDs of what lies there."""
        return set(self._client.search(["UNDELETED"]))

    def messages(self) -> Sequence[Seen]:
        """Return what lies there, oldest number first; whether somebody has opened it already plays no part."""
        uids = sorted(self.numbers())
        seen: list[Seen] = []
        for start in range(0, len(uids), _AT_A_TIME):
            told = self._client.fetch(uids[start : start + _AT_A_TIME], ["INTERNALDATE"])
            seen += [Seen(uid, told[uid][b"INTERNALDATE"]) for uid in sorted(told)]
        return seen

    def copy(self, uid: int, target: Path) -> str | None:
        """Copy a message to a new file, piece by piece, and force it to disk; it is not marked as read.

        Returns:
            Its SHA-256 in hexadecimal, or None where the message is gone meanwhile.

        Raises:
            OSError: the file cannot be written, or the server is gone.
        """
        digest = hashlib.sha256()
        with written_through(target) as file:
            for piece in self._pieces(uid):
                if piece is None:
                    return None
                digest.update(piece)
                file.write(piece)
        return digest.hexdigest()

    def put_away(self, uid: int) -> None:
        """Move a message to the folder of what was taken, which is made where it is missing."""
        try:
            self._move(uid)
        except IMAPClientError:
            if self._client.folder_exists(self._settings.taken):
                raise
            with suppress(IMAPClientError):  # another worker was faster
                self._client.create_folder(self._settings.taken)
            self._move(uid)

    def has_taken_folder(self) -> bool:
        """Return whether the folder of what was taken is there already."""
        return bool(self._client.folder_exists(self._settings.taken))

    def count_taken(self) -> TakenFolder | None:
        """Return what the server counts in the folder of what was taken; None where it cannot be counted."""
        if not (self._settings.taken and self._settings.taken_is_ours_alone):
            return None
        try:
            told = self._client.folder_status(self._settings.taken, ["MESSAGES", "UIDVALIDITY"])
        except IMAPClientAbortError:
            raise
        except IMAPClientError:  # it is made when the first message is moved
            return None
        return TakenFolder(int(told[b"UIDVALIDITY"]), int(told[b"MESSAGES"]))

    def wait(self, stop: threading.Event) -> None:
        """Wait until the server tells of something new, or it is time to look, or `stop` is set."""
        if not self._can_tell:
            stop.wait(self._settings.poll_seconds)
            return
        seconds = 1  # whatever came while the last look was taken is told of at once, and lies in that buffer
        while not stop.is_set() and not self._told_within(seconds, stop):
            seconds = _ONE_IDLE

    def _told_within(self, seconds: int, stop: threading.Event) -> bool:
        told: list[Any] = []
        self._client.idle()
        try:
            for _ in range(round(seconds / _STOPPED_AFTER)):
                if told or stop.is_set():
                    break
                told = self._client.idle_check(timeout=_STOPPED_AFTER)
        finally:
            _, at_the_end = self._client.idle_done()
        return bool(told or at_the_end)

    def _move(self, uid: int) -> None:
        if self._can_move:
            self._client.move([uid], self._settings.taken)
            return
        self._client.copy([uid], self._settings.taken)
        self._client.delete_messages([uid])
        self._client.uid_expunge([uid])

    def _pieces(self, uid: int) -> Iterator[bytes | None]:
        start = 0
        while True:
            answer: dict[bytes, Any] = self._client.fetch([uid], [f"BODY.PEEK[]<{start}.{_PIECE}>"]).get(uid, {})
            piece = answer.get(b"BODY[]<%d>" % start)
            if piece is None and start == 0:
                yield None
                return
            yield piece or b""
            if len(piece or b"") < _PIECE:
                return
            start += _PIECE


@contextmanager
def opened(settings: ImapSettings) -> Iterator[Mailbox]:
    """Give the mailbox, signed in.

    Raises:
        SignInRefused: whoever runs the mailroom must mend something.
        OSError, IMAPClientError: the server cannot be reached, or says no for now.
    """
    trusted = ssl.create_default_context(cafile=str(settings.authority) if settings.authority else None)
    with _connected(settings, trusted) as client:
        _sign_in(client, settings)
        yield Mailbox(client, settings)


@contextmanager
def _connected(settings: ImapSettings, trusted: ssl.SSLContext) -> Iterator[IMAPClient]:
    from_the_start = settings.security is Security.TLS
    seconds = SocketTimeout(connect=settings.timeout_seconds, read=settings.timeout_seconds)
    try:
        client = IMAPClient(settings.host, settings.port, ssl=from_the_start, ssl_context=trusted, timeout=seconds)
        client.normalise_times = False  # it would drop the time zone otherwise
        if not from_the_start:
            client.starttls(trusted)
    except ssl.SSLCertVerificationError as fault:
        where = f"imap.mailboxes.{settings.name}"
        raise SignInRefused(why_untrusted(fault, f"{where}.host", f"{where}.authority_file")) from fault
    try:
        yield client
    finally:
        with suppress(OSError, IMAPClientError):
            client.logout()
        with suppress(OSError):
            client.shutdown()


def _sign_in(client: IMAPClient, settings: ImapSettings) -> None:
    try:
        settings.sign_in.to(client, settings.user)
    except LoginError as fault:
        advice = f"correct user and password or token in imap.mailboxes.{settings.name}"
        raise SignInRefused(f"it does not let {settings.user} in: {advice}") from fault
