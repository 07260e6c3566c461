"""Answers by e-mail through the council's own mail server, as RFC 3834 asks of automatic replies.

The envelope sender is empty and the message says that it was made by a machine, so that nothing answers it; header
values never hold a line break.
"""

from __future__ import annotations

import re
import smtplib
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailroom.domain.errors import Cause, NeedsPerson, RefusedForGood, Transient, Unanswered
from mailroom.ports import Message
from mailroom.replies.relay import Relay, connected, in_one_line, may_be_of_us, not_there, refusal_of_us, takes_none

_PERMANENT = 500
_NOT_AS_US = re.compile(r"53[0458] |5\d\d (5\.7\.(3|30|57|60|8|9)|5\.2\.252) ")
"""Whoever has signed in may not send so, or has not: RFC 4954 section 6, and what Exchange Online says after DATA."""

_NOT_IN_A_HEAD = re.compile(r"[\r\n\0]")
_PLAIN_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w.-]{1,189}", re.ASCII)
"""One mailbox of at most 254 characters (RFC 5321 sections 4.1.2 and 4.5.3.1), without quotes or comments."""


class EmailReply:
    """Sends by SMTP.

    Args:
        relay: the server that takes our mail.
        sender: what stands in the From header.
    """

    def __init__(self, relay: Relay, sender: str) -> None:
        self._relay = relay
        self._sender = sender

    def send(self, message: Message) -> None:
        """Send it; see `mailroom.ports.Reply`."""
        mail = compose(message, self._sender, datetime.now().astimezone())
        with connected(self._relay) as server:
            try:
                server.sendmail("", [message.address], mail.as_bytes(policy=SMTP))
            except smtplib.SMTPRecipientsRefused as refused:
                code, said = next(iter(refused.recipients.values()))
                raise self._of_us(code, said, server) or _fault(code) from refused
            except smtplib.SMTPDataError as refused:
                raise self._refused_at_the_end(refused) from refused
            except smtplib.SMTPSenderRefused as refused:
                raise self._sender_refused(refused) from refused
            except (OSError, smtplib.SMTPException) as fault:
                raise Unanswered(f"the mail server broke off: {fault}") from fault

    def _sender_refused(self, refused: smtplib.SMTPSenderRefused) -> Transient:
        """Return what is to be said where our envelope sender is refused, which is that of all our mail."""
        said = in_one_line(refused.smtp_code, refused.smtp_error)
        if refused.smtp_code < _PERMANENT:
            return Transient(f"the mail server says: not now ({said})")
        return takes_none(self._relay, said)

    def _refused_at_the_end(self, refused: smtplib.SMTPDataError) -> Exception:
        """Return what is to be said where the message is refused: some servers look at who has signed in then only."""
        said = in_one_line(refused.smtp_code, refused.smtp_error)
        return takes_none(self._relay, said) if _NOT_AS_US.match(said) else _fault(refused.smtp_code)

    def _of_us(self, code: int, said: bytes, server: smtplib.SMTP) -> Transient | None:
        """Return what is to be said where the refusal of an address is meant for us; None where it is of that address.

        Who has not signed in is often told so at the address, in the words in which one that is not wanted is refused.
        So the server is asked of another address, too, before it is believed of this one.
        """
        if not may_be_of_us(code, said):
            return None
        try:
            against = refusal_of_us(server)
        except (OSError, smtplib.SMTPException) as fault:
            return not_there(self._relay, fault)
        return takes_none(self._relay, against) if against else None


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
