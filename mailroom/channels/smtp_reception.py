"""What is answered to mail: whether it is wanted, where it is kept, and what becomes of it at the door.

Before: `smtp_conversation.py` has read a command or a whole message. After: the answer is known, and where it is yes,
the message is in the vault and on the ledger. Every other answer leaves the message with the server in front, which
comes again after a 4xx and tells the sender after a 5xx; a message that is refused for good has its line on the ledger.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailroom.channels.attempt import attempt
from mailroom.channels.smtp_body import Fault, MessageBody
from mailroom.channels.smtp_settings import SmtpSettings
from mailroom.domain import ways
from mailroom.domain.capture import Capture, Channel, Deliver, Refusal, Refuse
from mailroom.domain.errors import Transient
from mailroom.records.session_log import DELIVERED, SessionLog

_MEGABYTE = 1 << 20
_MOST_RECIPIENTS = 1000
_NULL = "<>"
_OURS = "smtp-"
_SENT_BY_SOMEBODY = re.compile(rb"^(?:received|message-id)[ \t]*:", re.IGNORECASE | re.MULTILINE)
"""Header fields by which the same message sent again differs from the same delivery made again."""

_COME_AGAIN = "451 4.3.0 It cannot be taken in just now. Come again later."
NO_ROOM = "452 4.3.1 There is no room for it just now. Come again later."
_BARE = "550 5.6.0 A line of it ends with CR or LF alone (RFC 5321 section 2.3.8). Nothing of it was taken in."

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reception:
    """Answers for the mailroom; `handle_` methods are called by aiosmtpd, which looks at every member of it first.

    It has no slots, because the Python of Debian 12 (3.11.2) cannot be asked for the members of one that has.

    Attributes:
        settings: of the listener.
        deliver: the door.
        refuse: the door's book of what was not taken in.
        spool: an existing folder on the vault's own disk.
        log: where answers are written down.
        now: the time of day.
    """

    settings: SmtpSettings
    deliver: Deliver
    refuse: Refuse
    spool: Path
    log: SessionLog
    now: Callable[[], datetime]

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's own name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        """Ask for another time where there is no room."""
        if shutil.disk_usage(self.spool).free < self.settings.least_free_bytes:
            _log.warning("smtp: nothing is taken in: there is no room (intake.least_free_megabytes)")
            return NO_ROOM
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        options: Sequence[str],
    ) -> str:
        """Refuse addresses that are not ours: nothing is passed on from here."""
        if not self.settings.routes.is_ours(address):
            return "550 5.1.1 This address is not one of ours."
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Enough recipients for one message. Send it again for the others."
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    def body(self) -> MessageBody:
        """Return a place for a message in the spool.

        Raises:
            OSError: the spool cannot be written.
        """
        return MessageBody(self.spool / f"{_OURS}{secrets.token_hex(16)}", self.settings.most_bytes)

    async def answer(self, body: MessageBody, envelope: Envelope, client: str) -> str:
        """Take in what was sent, or say why not; whatever happens, the answer is written down before it is given."""
        at, source = self.now(), _source_of(body, envelope)
        return await self._answer_by(lambda: self._decide(body, envelope, source, at), client, source, body.size, at)

    async def refuse_announced(self, size: int, sender: str, client: str) -> str:
        """Refuse a message for the size that it is said to have; the ledger knows of it before its server does."""
        at, source = self.now(), f"{DELIVERED}{secrets.token_hex(32)}"
        decide = partial(self._refuse_size, size, _sender_of(sender), source, at)
        return await self._answer_by(decide, client, source, size, at)

    async def _answer_by(self, decide: Callable[[], str], client: str, source: str, size: int, at: datetime) -> str:
        answered = await asyncio.to_thread(attempt, decide)
        if isinstance(answered, Exception):
            _log.error("smtp: a message was neither taken in nor refused", exc_info=answered)
            answered = _COME_AGAIN
        return self._written_down(answered, client, source, size, at)

    def _decide(self, body: MessageBody, envelope: Envelope, source: str, received_at: datetime) -> str:
        sender = _sender_of(envelope.mail_from)
        match body.fault:
            case Fault.NOT_WRITTEN:
                return NO_ROOM
            case Fault.TOO_LARGE:
                return self._refuse_size(body.size, sender, source, received_at)
            case Fault.BARE:
                sentence = "A line of this e-mail ended with CR or LF alone; its server was told so."
                self.refuse(Refusal(Channel.EMAIL, source, received_at, sender, sentence, body.size))
                return _BARE
            case None:
                return self._accept(body, envelope, source, received_at)

    def _accept(self, body: MessageBody, envelope: Envelope, source: str, received_at: datetime) -> str:
        body.keep()
        capture = Capture(
            spooled=body.target,
            channel=Channel.EMAIL,
            source=source,
            received_at=received_at,
            file_name="message.eml",
            proven_sender=_sender_of(envelope.mail_from),
            hints=self.settings.routes.hints_of(envelope.rcpt_tos),
            way=ways.address(self.settings.routes.mailbox_of(envelope.rcpt_tos)),
        )
        try:
            receipt = self.deliver(capture)
        except Transient as fault:
            _log.warning("smtp: nothing is taken in: %s", fault)
            return _COME_AGAIN
        return f"250 2.0.0 Taken in{' before' if receipt.redelivered else ''} as {receipt.reference}"

    def _refuse_size(self, size: int, sender: str, source: str, received_at: datetime) -> str:
        most = self.settings.most_bytes // _MEGABYTE
        sentence = f"This e-mail has {size // _MEGABYTE} MB; up to {most} MB are taken in. Its server was told so."
        self.refuse(Refusal(Channel.EMAIL, source, received_at, sender, sentence, size))
        return f"552 5.3.4 Larger than {most} MB. Send less, or by post."

    def _written_down(self, answer: str, client: str, source: str, size: int, at: datetime) -> str:
        noted = attempt(lambda: self.log.note(at, client, source, size, int(answer[:3])))
        if isinstance(noted, Exception):
            _log.error("smtp: an answer could not be written down", exc_info=noted)
            return _COME_AGAIN if answer.startswith("2") else answer  # what nobody can prove was not accepted
        return answer


def _sender_of(address: str | None) -> str:
    return "" if address in {None, _NULL} else str(address)


def _source_of(body: MessageBody, envelope: Envelope) -> str:
    """Return what names this delivery: a server that heard no answer makes the same one again, byte for byte.

    A message that says neither which way it came nor what it is called may be sent twice and be two.
    """
    head = body.begins.partition(b"\r\n\r\n")[0]
    if body.fault is not None or not _SENT_BY_SOMEBODY.search(head):
        return f"{DELIVERED}{secrets.token_hex(32)}"
    told = "\0".join([envelope.mail_from or "", *sorted(envelope.rcpt_tos), body.sha256])
    return f"{DELIVERED}{hashlib.sha256(told.encode('utf-8', 'surrogateescape')).hexdigest()}"
