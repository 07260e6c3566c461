"""Answers by e-mail through the council's own mail server, as RFC 3834 asks of automatic replies.

The envelope sender is empty and the message says that it was made by a machine, so that nothing answers it; header
values never hold a line break.
"""

from __future__ import annotations

import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from mailroom.domain.errors import Cause, NeedsPerson, Transient
from mailroom.ports import Message

_PERMANENT = 500
_SECONDS = 30


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
            with smtplib.SMTP(self._host, self._port, timeout=_SECONDS) as server:
                server.send_message(mail, from_addr="", to_addrs=[message.address])
        except smtplib.SMTPRecipientsRefused as refused:
            code, _ = next(iter(refused.recipients.values()))
            raise _fault(code) from refused
        except smtplib.SMTPResponseException as refused:
            raise _fault(refused.smtp_code) from refused
        except (OSError, smtplib.SMTPException) as fault:
            raise Transient(f"the mail server {self._host} cannot be reached: {fault}") from fault


def compose(message: Message, sender: str, now: datetime) -> EmailMessage:
    """Return the mail that carries the message.

    Raises:
        NeedsPerson: the address or subject holds a line break or NUL.
    """
    if any(character in message.address + message.subject for character in "\r\n\0"):
        raise NeedsPerson(Cause.CONFLICT, "The sender's address holds characters that no address has. Write by post.")
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.address
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message.message_id
    mail["Auto-Submitted"] = "auto-replied"
    mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(message.text)
    return mail


def _fault(code: int) -> Exception:
    if code < _PERMANENT:
        return Transient(f"the mail server says: not now ({code})")
    sentence = f"The mail server refuses the sender's address for good ({code}). Write by post."
    return NeedsPerson(Cause.CONFLICT, sentence)
