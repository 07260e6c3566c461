"""Writes an e-mail message as the mail server hands it over.

Before: the manifest names sender and subject, the letter is the body. After: one `.eml` file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

TO = "Harrowdale District Council <contact@harrowdale.example>"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The head of a message.

    Attributes:
        sender: name and address as in the From line.
        subject: the Subject line.
        attachment: name of the letter that is attached, or None.
        headers: further lines of the head.
    """

    sender: str
    subject: str
    attachment: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def message(envelope: Envelope, body: str, sent: datetime, number: int, picture: bytes | None = None) -> bytes:
    """Return the bytes of the message.

    Args:
        envelope: sender, subject and further headers.
        body: plain text.
        sent: moment of sending, aware.
        number: makes Message-ID and boundary unique within the sample post.
        picture: JPEG to attach, or None.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Received"] = f"from mx.example.org by mail.harrowdale.example with ESMTPS; {format_datetime(sent)}"
    mail["Message-ID"] = f"<sample-{number:04d}@mx.example.org>"
    mail["Date"] = format_datetime(sent)
    mail["From"] = envelope.sender
    mail["To"] = TO
    mail["Subject"] = envelope.subject
    for name, value in envelope.headers.items():
        mail[name] = value
    mail.set_content(body, cte="quoted-printable")
    if picture is not None:
        mail.add_attachment(picture, maintype="image", subtype="jpeg", filename="screenshot.jpg")
        mail.set_boundary(f"=_sample_{number:04d}")
    return mail.as_bytes()
