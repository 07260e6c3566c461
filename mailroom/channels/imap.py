"""Mail that lies in a mailbox: each message is taken in once, and moved away only when it is ours to keep.

Before: a mail server has put a message into the mailbox. After: the door has accepted it, and it lies in the folder of
what was taken. What was copied is written down before the door is asked (`records/mailbox_messages.py`), so that a
crash, a second worker, or a server that numbers its messages anew ends in one item all the same.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from mailroom.channels.attempt import attempt
from mailroom.channels.imap_mailbox import Mailbox, Seen, SignInRefused, opened
from mailroom.channels.imap_settings import ImapSettings
from mailroom.channels.imap_sign_in import NothingToShow
from mailroom.channels.return_path import return_path_of
from mailroom.channels.spool import clear_leftovers
from mailroom.domain import ways
from mailroom.domain.capture import Capture, Channel, Deliver
from mailroom.records.mailbox_counts import MailboxCounts
from mailroom.records.mailbox_messages import Copy, MailboxMessages
from mailroom.records.session_log import YES, SessionLog

_OURS = "imap-"
_LONGEST_PAUSE = 300.0
_FIRST_PAUSE = 1.0
_LEFT = "{0.left} of {0.seen} messages are not taken in; they are tried again. The log of the service says why."

_log = logging.getLogger(__name__)


class _NotGiven(Exception):
    """The server does not give a message that it lists; it gives the others."""


class _NoRoom(Exception):
    """The machine has too little room; the server and the mailbox are well."""


class Board(Protocol):
    """Where it is shown how a mailbox fares."""

    def failing(self, mailbox: str, sentence: str) -> None:
        """Show that mail of this mailbox is not taken in, and why."""

    def well(self, mailbox: str) -> None:
        """Show nothing any more."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one look at a mailbox came to; `seen` is the server's own count, and the sum of the three that follow.

    Attributes:
        seen: messages that lay there.
        taken: of them, those that are ours now, or were before.
        gone: those that somebody else took away meanwhile.
        left: those that could not be taken in; they are tried again.
        came: messages that came meanwhile, of which the server will not tell once more.
    """

    seen: int
    taken: int
    gone: int
    left: int
    came: int = 0


class ImapChannel:
    """Takes mail out of one mailbox.

    Args:
        settings: of the mailbox.
        deliver: the door.
        spool: an existing folder on the vault's own disk.
        messages: what was copied from this mailbox, and what became of it.
        counts: where it is put down what the server counts.
        log: where it is written down what was taken, before it is moved away.
        board: where it is shown how the mailbox fares.
    """

    def __init__(
        self,
        settings: ImapSettings,
        deliver: Deliver,
        spool: Path,
        messages: MailboxMessages,
        counts: MailboxCounts,
        log: SessionLog,
        board: Board,
    ) -> None:
        self._settings = settings
        self._deliver = deliver
        self._spool = spool
        self._messages = messages
        self._counts = counts
        self._log = log
        self._board = board
        self._stumbled_over: set[int] = set()
        self._failing_since: float | None = None
        self._pause = _FIRST_PAUSE

    def run(self, stop: threading.Event) -> None:
        """Take mail in until `stop` is set; a server that is gone is tried again with growing pauses."""
        clear_leftovers(self._spool)
        while not stop.is_set():
            try:
                with opened(self._settings) as mailbox:
                    self._stay(mailbox, stop)
            except (SignInRefused, OSError, IMAPClientError) as fault:
                self._note_fault(fault)
                stop.wait(self._pause)
                self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            except _NoRoom as fault:
                self._note_no_room(fault)
                stop.wait(self._settings.poll_seconds)

    def take_all(self, mailbox: Mailbox, stop: threading.Event) -> Round:
        """Take in what lies in the mailbox now; one message that cannot be taken in holds up no other.

        Args:
            mailbox: opened.
            stop: once it is set the rest is left for another time.

        Raises:
            OSError, IMAPClientError: the server is gone.
            _NoRoom: there is no room for more.
        """
        counts = {"taken": 0, "gone": 0, "left": 0}
        # those over which the connection was lost come last: a server may hang up over the same one each time
        lying = sorted(mailbox.messages(), key=lambda message: message.uid in self._stumbled_over)
        known = self._messages.taken(mailbox.validity)
        for message in lying:
            self._refuse_when_full()
            counts[self._deal_with(message, known, mailbox, stop)] += 1
        on_ledger, still_lying = self._counts.on_ledger(mailbox.validity), mailbox.numbers()
        if not stop.is_set():
            self._counts.note(on_ledger, still_lying, counts["left"], mailbox.count_taken())
        self._messages.forget_gone(mailbox.validity, still_lying, all_met=not counts["left"])
        came = len(still_lying - {message.uid for message in lying})
        return Round(seen=len(lying), came=came, **counts)

    def _stay(self, mailbox: Mailbox, stop: threading.Event) -> None:
        while not stop.is_set():
            found = self.take_all(mailbox, stop)
            self._pause = _FIRST_PAUSE  # not before: a server may let us in and hang up over a message each time
            if stop.is_set() or (found.came and not found.left):
                continue
            if found.left:
                self._board.failing(self._settings.name, _LEFT.format(found))
                stop.wait(self._settings.poll_seconds)
            else:
                self._failing_since = None
                self._board.well(self._settings.name)
                mailbox.wait(stop)

    def _deal_with(self, message: Seen, known: AbstractSet[int], mailbox: Mailbox, stop: threading.Event) -> str:
        if stop.is_set():
            return "left"
        return self._put_away(message, mailbox) if message.uid in known else self._take(message, mailbox)

    def _take(self, message: Seen, mailbox: Mailbox) -> str:
        target = self._spool / f"{_OURS}{secrets.token_hex(16)}"
        try:
            sha256 = self._copy(message, mailbox, target)
            if sha256 is None:
                return "gone"
            copy = Copy(mailbox.validity, message.uid, sha256, message.arrived_at)
            accepted = attempt(lambda: self._hand_in(copy, target))
        except _NotGiven as fault:
            accepted = fault
        finally:
            target.unlink(missing_ok=True)
        if isinstance(accepted, Exception):
            _log.error("imap: a message of %s was not taken in", self._settings.name, exc_info=accepted)
            return "left"
        return self._put_away(message, mailbox) if accepted else "taken"

    def _copy(self, message: Seen, mailbox: Mailbox, target: Path) -> str | None:
        self._stumbled_over.add(message.uid)
        try:
            sha256 = mailbox.copy(message.uid, target)
        except IMAPClientAbortError:
            raise
        except IMAPClientError as fault:
            raise _NotGiven(f"the server does not give message {message.uid}: {fault}") from fault
        self._stumbled_over.discard(message.uid)
        return sha256

    def _hand_in(self, copy: Copy, target: Path) -> bool:
        """Hand the copy in at the door; return whether it is ours to move away, and no other worker's."""
        settings, source, size = self._settings, self._messages.source_of(copy), target.stat().st_size
        capture = Capture(
            spooled=target,
            channel=Channel.EMAIL,
            source=source,
            received_at=copy.arrived_at,
            file_name="message.eml",
            proven_sender=return_path_of(target) if settings.return_path_is_proven else None,
            hints=settings.hints,
            way=ways.mailbox(settings.name),
        )
        self._deliver(capture)
        self._log.note(datetime.now(UTC), settings.name, source, size, YES)
        return self._messages.note_taken(copy)

    def _put_away(self, message: Seen, mailbox: Mailbox) -> str:
        """Move it away; where that fails it stays, taken and known to be, and is moved the next time."""
        if not self._settings.taken:
            return "taken"
        moved = attempt(lambda: mailbox.put_away(message.uid))
        if isinstance(moved, OSError):
            raise moved
        if isinstance(moved, Exception):
            _log.warning("imap: a message of %s is taken in, but not moved away: %s", self._settings.name, moved)
        return "taken"

    def _refuse_when_full(self) -> None:
        if shutil.disk_usage(self._spool).free < self._settings.least_free_bytes:
            raise _NoRoom("there is no room (intake.least_free_megabytes)")

    def _note_no_room(self, fault: _NoRoom) -> None:
        """Note it in the log alone: one alarm for the whole machine says it, and the server is not to blame."""
        _log.warning("imap: no mail is taken out of %s: %s", self._settings.name, fault)
        self._failing_since = None
        self._board.well(self._settings.name)

    def _note_fault(self, fault: Exception) -> None:
        where = f"{self._settings.host}, port {self._settings.port}"
        _log.warning("imap: no mail is taken out of %s (%s): %s", self._settings.name, where, fault)
        now = time.monotonic()
        self._failing_since = now if self._failing_since is None else self._failing_since
        if isinstance(fault, SignInRefused) or now - self._failing_since >= self._settings.alarm_after_seconds:
            self._board.failing(self._settings.name, f"No mail is taken out of it at {where}: {_in_words(fault)}.")


def _in_words(fault: Exception) -> str:
    """Return what is wrong; whatever breaks on the way is one cause, its details in brackets (`alarm_words.py`)."""
    on_the_way = isinstance(fault, OSError | IMAPClientAbortError) and not isinstance(fault, NothingToShow)
    return f"it cannot be reached now ({fault})" if on_the_way else str(fault)
