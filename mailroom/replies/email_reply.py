"""Answers by e-mail through the council's own mail server, as RFC 3834 asks of automatic replies.

The envelope sender is empty and the message says that it was made by a machine, so that nothing answers it; header
values never hold a line break.
"""

from __future__ import annotations

import re
import smtplib
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailroom.domain.errors import Cause, NeedsPerson, RefusedForGood, Transient, Unanswered, Unreachable
from mailroom.ports import Message

_PERMANENT = 500
_SECONDS = 30
_NOT_IN_A_HEAD = re.compile(r"[\r\n\0]")
_PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,189}", re.ASCII)
"""One mailbox of at most 254 characters (RFC 5321 sections 4.1.2 and 4.5.3.1), without quotes or comments."""


class EmailReply:
    """Sends by SMTP.

    Args:
        host: mail server.
        port: its port.
        sender: what stands in the From header.
    """

    def __init__(self, host: str, port: int, sender: str) -> None:
        self._host = host
        self._port = port
        self._sender = sender

    def send(self, message: Message) -> None:
        """Send it; see `mailroom.ports.Reply`."""
        mail = compose(message, self._sender, datetime.now().astimezone())
        try:
            server = smtplib.SMTP(self._host, self._port, timeout=_SECONDS)
            server.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as fault:
            raise Unreachable(f"the mail server {self._host} cannot be reached: {fault}") from fault
        try:
            _transmit(server, mail, message.address)
        finally:
            with suppress(OSError, smtplib.SMTPException):  # what is said after the answer changes nothing
                server.quit()
            server.close()


def _transmit(server: smtplib.SMTP, mail: EmailMessage, address: str) -> None:
    try:
        server.sendmail("", [address], mail.as_bytes(policy=SMTP))
    except smtplib.SMTPRecipientsRefused as refused:
        code, _ = next(iter(refused.recipients.values()))
        raise _fault(code) from refused
    except smtplib.SMTPDataError as refused:
        raise _fault(refused.smtp_code) from refused
    except (smtplib.SMTPSenderRefused, smtplib.SMTPHeloError) as refused:  # a refusal of us: an administrator mends it
        raise Transient(f"the mail server refuses us: {refused}") from refused
    except (OSError, smtplib.SMTPException) as fault:
        raise Unanswered(f"the mail server broke off: {fault}") from fault


def compose(message: Message, sender: str, now: datetime) -> EmailMessage:
    """Return the mail that carries the message.

    Raises:
        NeedsPerson: the address is not a plain one, or a value of the head holds a line break or NUL.
    """
    values = (sender, message.subject, message.message_id, message.reply_to or "")
    if not _PLAIN_ADDRESS.fullmatch(message.address) or any(_NOT_IN_A_HEAD.search(value) for value in values):
        raise NeedsPerson(Cause.CONFLICT, "The sender's address is not one that we can write to. Write by post.")
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message.message_id
    if message.reply_to:
        mail["Reply-To"] = message.reply_to
    mail["Auto-Submitted"] = "auto-replied" if message.answers else "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text)
    return mail


def _fault(code: int) -> Exception:
    if code < _PERMANENT:
        return Transient(f"the mail server says: not now ({code})")
    sentence = f"The mail server refuses the sender's address for good ({code}). Write by post."
    return RefusedForGood(Cause.CONFLICT, sentence)
