"""A message as Outlook keeps it, made into the mail that it would be, so that it is read by the same rules as any mail.

Before: `outlook` or `tnef` has found its properties. After: `read_message` and `take_out` treat it as they do a mail.
Properties are those of [MS-OXPROPS], by their ids. All of it is data from outside: a line feed in a name would be a
header of its own, so headers are built from single lines only.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime

from mailroom.domain.errors import NeedsPerson
from mailroom.sandbox.tasks.charsets import decode, for_display
from mailroom.sandbox.tasks.rtf_text import rtf_text, unpack_rtf

SUBJECT, BODY, HTML, RTF = 0x0037, 0x1000, 0x1013, 0x1009
SENT, DELIVERED, SHOWN_TO = 0x0039, 0x0E06, 0x0E04
MESSAGE_ID, REFERENCES, ANSWERS = 0x1035, 0x1039, 0x1042
FILE, TITLE, LONG_NAME, SHORT_NAME, MIME_TYPE, CONTENT_ID = 0x3701, 0x3001, 0x3707, 0x3704, 0x370E, 0x3712
CHARSET_OF_TEXT, CHARSET_OF_HTML = 0x3FFD, 0x3FDE
_ADDRESSES = (0x5D02, 0x0065, 0x5D01, 0x0C1F)
_NAMES = (0x0042, 0x0C1A)
_OF_RECIPIENT = (0x39FE, 0x3003)

_MOST_OF_A_HEADER = 1000
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,100}", re.ASCII)
_UNREAD = "(The text of this message is damaged and could not be read.)"
_NOT_WHOLE = ("multipart/", "message/")
_CHARSETS = {65001: "utf-8", 20127: "ascii", 28591: "latin-1", 28605: "iso-8859-15"}
_FIRST_TICK = datetime(1601, 1, 1, tzinfo=UTC)

Properties = Mapping[int, bytes | str | int]


@dataclass(frozen=True, slots=True)
class Attachment:
    """Something attached: its properties, and the message that it is, where it is one."""

    properties: Properties
    inside: MapiMessage | None = None


@dataclass(frozen=True, slots=True)
class MapiMessage:
    """A message as Outlook keeps it.

    Attributes:
        properties: what it says of itself.
        attachments: in their order.
        recipient: what it says of the first of those that it is for.
    """

    properties: Properties
    attachments: Sequence[Attachment] = ()
    recipient: Properties = field(default_factory=dict)


def mail_of(message: MapiMessage, level: int = 0) -> Message:
    """Return the message as a mail; pure, so that what is taken out of it has the same bytes each time.

    Args:
        message: the message.
        level: how many messages it lies in.
    """
    mail = MIMEMultipart("mixed", boundary=f"=_of_level_{level}")  # what is encoded in base64 cannot hold this
    for name, value in _head_of(message).items():
        if value:
            mail[name] = value
    for body in _bodies(message.properties):
        mail.attach(body)
    charset = {CHARSET_OF_TEXT: message.properties.get(CHARSET_OF_TEXT, 1252)}
    for attachment in message.attachments:
        mail.attach(_part_of(Attachment({**charset, **attachment.properties}, attachment.inside), level))
    return mail


def _head_of(message: MapiMessage) -> dict[str, str]:
    said, to = message.properties, message.recipient
    return {
        "From": _mailbox(_first(said, _NAMES), _first(said, _ADDRESSES, "@")),
        "To": _mailbox(line(to, TITLE) or line(said, SHOWN_TO), _first(to, _OF_RECIPIENT, "@")),
        "Subject": _encoded(line(said, SUBJECT)),
        "Date": _date(said.get(SENT) or said.get(DELIVERED)),
        "Message-ID": _encoded(line(said, MESSAGE_ID)),
        "References": _encoded(line(said, REFERENCES)),
        "In-Reply-To": _encoded(line(said, ANSWERS)),
    }


def _encoded(value: str) -> str:
    return Header(value, "ascii" if value.isascii() else "utf-8").encode()


def line(properties: Properties, name: int) -> str:
    """Return a text property on one line, fit to be shown; empty where there is none."""
    return " ".join(for_display(_text(properties, name)[:_MOST_OF_A_HEADER]).split())


def _first(properties: Properties, names: Sequence[int], sign: str = "") -> str:
    """Return the first of these properties that is there and has the sign: Exchange's own addresses have no @."""
    return next((found for name in names if (found := line(properties, name)) and sign in found), "")


def _mailbox(name: str, address: str) -> str:
    """Return name and address as a header has them, the one encoded apart from the other."""
    if not name and not address:
        return ""
    address = address.strip("<>") if address.isascii() else ""
    said = name.replace('"', "'").replace("\\", "")
    return f'"{said}" <{address}>' if said.isascii() else f"{_encoded(said)} <{address}>"


def _date(ticks: bytes | str | int | None) -> str:
    """Return a time, which Windows counts in tenths of microseconds since 1601, as mail writes it."""
    try:
        return format_datetime(_FIRST_TICK + timedelta(microseconds=int(ticks or 0) // 10)) if ticks else ""
    except (OverflowError, ValueError):
        return ""


def _text(properties: Properties, name: int, charset: int = CHARSET_OF_TEXT) -> str:
    """Return a property as text; what came as bytes is in the charset that another property names by its number."""
    value = properties.get(name, "")
    if isinstance(value, bytes):
        number = properties.get(charset, 1252)
        return decode(value, _CHARSETS.get(int(number), f"cp{number}")) if isinstance(number, int) else decode(value)
    return value if isinstance(value, str) else ""


def _bodies(properties: Properties) -> list[Message]:
    """Return the text and the HTML of a message; the text of its RTF where it has neither."""
    text, html = _text(properties, BODY), _text(properties, HTML, CHARSET_OF_HTML)
    packed = properties.get(RTF)
    if not text.strip() and not html.strip() and isinstance(packed, bytes):
        text = _text_of_rtf(packed)
    found = {"plain": text, "html": html}
    return [MIMEText(for_display(words), kind, "utf-8") for kind, words in found.items() if words.strip()]


def _text_of_rtf(packed: bytes) -> str:
    try:
        return rtf_text(unpack_rtf(packed))
    except NeedsPerson:
        return _UNREAD


def _part_of(attachment: Attachment, level: int) -> Message:
    name = _first(attachment.properties, (LONG_NAME, SHORT_NAME, TITLE))
    part: Message
    if attachment.inside is not None:
        part = MIMEMessage(mail_of(attachment.inside, level + 1))
    else:
        part = _file(attachment.properties, name)
    content_id = line(attachment.properties, CONTENT_ID)
    is_within = bool(content_id) and part.get_content_maintype() == "image"
    if is_within and content_id.isascii():
        part["Content-ID"] = f"<{content_id}>"
    part.add_header("Content-Disposition", "inline" if is_within else "attachment", filename=("utf-8", "", name))
    return part


def _file(properties: Properties, name: str) -> MIMEBase:
    content = properties.get(FILE, b"")
    declared = line(properties, MIME_TYPE).lower() or mimetypes.guess_type(name)[0] or ""
    if not _MEDIA_TYPE.fullmatch(declared) or declared.startswith(_NOT_WHOLE):
        declared = "application/octet-stream"
    part = MIMEApplication(content if isinstance(content, bytes) else b"", "octet-stream")
    part.set_type(declared)
    return part
