"""What Outlook packs into winmail.dat (TNEF), as a mail.

Before: `identify` saw its signature. After: `take_out` gives what is attached as files, and `read_message` has its text
where the mail around it has none. Read by [MS-OXTNEF]: a row of attributes, each with a level, an id and a length, of
which two hold properties of MAPI. Lengths are only ever believed as far as the bytes reach. (tnefparse is no more kept
up, takes time by the square of the attributes, and stops at a file that names no charset.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks.mail_limits import MailLimits
from mailroom.sandbox.tasks.mapi import (
    BODY,
    CHARSET_OF_TEXT,
    FILE,
    SHORT_NAME,
    SUBJECT,
    Attachment,
    MapiMessage,
    mail_of,
)

_HEAD = 6
_ATTRIBUTE = 9
_CHECKSUM = 2
_MESSAGE_PROPERTIES, _CHARSET = 0x9003, 0x9007
_NEXT_ATTACHMENT, _ATTACHMENT_PROPERTIES = 0x9002, 0x9005
_OF_MESSAGE = {0x8004: SUBJECT, 0x800C: BODY}
_OF_ATTACHMENT = {0x8010: SHORT_NAME, 0x800F: FILE}
_SIZES = dict.fromkeys((1, 2, 3, 4, 0xA, 0xB), 4) | dict.fromkeys((5, 6, 7, 0x14, 0x40), 8)
_GUID_SIZE = 16
_TEXT, _UNICODE, _FOLDER, _BINARY, _GUID = 0x001E, 0x001F, 0x000D, 0x0102, 0x0048
_OF_ANY_SIZE = frozenset({_TEXT, _UNICODE, _FOLDER, _BINARY})
_MANY = 0x1000
_NAMED = 0x8000
_MESSAGE_WITHIN = bytes.fromhex("0703020000000000c000000000000046")  # IID_IMessage, [MS-OXTNEF] 2.1.3.4.2
_DEEPEST = 5

_Values = dict[int, "bytes | str | int"]


def mail_of_winmail(content: bytes) -> Message:
    """Return the message in a file of TNEF as a mail.

    Raises:
        TaskRefused: it is damaged, or holds more than `MailLimits` allow.
    """
    try:
        return mail_of(_message(memoryview(content), 0))
    except ValueError as fault:
        sentence = "This Outlook attachment (winmail.dat) is damaged and cannot be read."
        raise TaskRefused(Cause.DAMAGED, f"{sentence} Ask the sender to send it again.") from fault


@dataclass(slots=True)
class _Found:
    """What was met so far of one message: its properties, and those of each attachment."""

    message: _Values = field(default_factory=dict)
    attachments: list[_Values] = field(default_factory=list)

    def take(self, name: int, data: memoryview) -> None:
        """Put down one attribute; what belongs to an attachment belongs to the last that began."""
        if name == _CHARSET:
            self.message.setdefault(CHARSET_OF_TEXT, int.from_bytes(data[:4], "little"))
        elif name in _OF_MESSAGE:
            self.message.setdefault(_OF_MESSAGE[name], bytes(data).rstrip(b"\0"))
        elif name == _MESSAGE_PROPERTIES:
            self.message |= _properties(data)
        elif name == _NEXT_ATTACHMENT:
            self.attachments.append({})
        elif self.attachments and name == _ATTACHMENT_PROPERTIES:
            self.attachments[-1] |= _properties(data)
        elif self.attachments and name in _OF_ATTACHMENT:
            value = bytes(data) if _OF_ATTACHMENT[name] == FILE else bytes(data).rstrip(b"\0")
            self.attachments[-1].setdefault(_OF_ATTACHMENT[name], value)


def _message(content: memoryview, depth: int) -> MapiMessage:
    found, limits = _Found(), MailLimits()
    for name, data in _attributes(content):
        found.take(name, data)
        if len(found.attachments) > limits.parts:
            raise _too_large(f"{limits.parts} parts")
    return MapiMessage(found.message, [_attachment(values, depth) for values in found.attachments])


def _attachment(values: _Values, depth: int) -> Attachment:
    """Return something attached; a message within begins with a sign and is a file of TNEF again."""
    content = values.get(FILE)
    if isinstance(content, bytes) and content.startswith(_MESSAGE_WITHIN):
        inside = _message(memoryview(content)[len(_MESSAGE_WITHIN) :], depth + 1) if depth < _DEEPEST else None
        return Attachment({**values, FILE: b""}, inside)
    return Attachment(values)


def _attributes(content: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the id and the data of each attribute, the last as far as it goes.

    Raises:
        ValueError: there is none.
    """
    place = _HEAD
    if len(content) < _HEAD + _ATTRIBUTE:
        raise ValueError("no attributes")
    while place + _ATTRIBUTE <= len(content):
        name, size = _number(content, place + 1, 2), _number(content, place + 5, 4)
        yield name, content[place + _ATTRIBUTE : place + _ATTRIBUTE + size]
        place += _ATTRIBUTE + size + _CHECKSUM


def _properties(content: memoryview) -> _Values:
    """Return the properties of MAPI in an attribute, up to one of an unknown type, of which nothing says the length."""
    found: _Values = {}
    place = 4
    for _ in range(_number(content, 0, 4)):
        if place + 4 > len(content):
            break
        kind, name = _number(content, place, 2), _number(content, place + 2, 2)
        place = _after_name(content, place + 4) if name >= _NAMED else place + 4
        values, place = _values(content, place, kind)
        if values is None:
            break
        if values and kind in {*_SIZES, *_OF_ANY_SIZE}:
            found[name] = _value(values[0], kind)
    return found


def _after_name(content: memoryview, place: int) -> int:
    """Return where a property goes on behind its own name, which is a number or a text."""
    is_text = _number(content, place + _GUID_SIZE, 4) == 1
    place += _GUID_SIZE + 4
    return place + 4 + (_padded(_number(content, place, 4)) if is_text else 0)


def _values(content: memoryview, place: int, kind: int) -> tuple[list[memoryview] | None, int]:
    """Return the values of a property and where the next begins; None for values of which the size is unknown."""
    single = kind & ~_MANY
    many = bool(kind & _MANY) or single in _OF_ANY_SIZE
    count = _number(content, place, 4) if many else 1
    place += 4 if many else 0
    values = []
    for _ in range(count):
        if place > len(content):
            break
        if single in _OF_ANY_SIZE:
            size, place = _number(content, place, 4), place + 4
        else:
            size = _GUID_SIZE if single == _GUID else _SIZES.get(single, 0)
        if not size and single not in _OF_ANY_SIZE:
            return None, place
        values.append(content[place : place + size])
        place += _padded(size)
    return values, place


def _value(value: memoryview, kind: int) -> bytes | str | int:
    if kind == _UNICODE:
        return bytes(value).decode("utf-16-le", "replace").rstrip("\0")
    if kind == _TEXT:
        return bytes(value).rstrip(b"\0")
    return bytes(value) if kind in _OF_ANY_SIZE else int.from_bytes(value, "little")


def _number(content: memoryview, place: int, size: int) -> int:
    return int.from_bytes(content[place : place + size], "little")


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4


def _too_large(what: str) -> TaskRefused:
    sentence = f"This Outlook attachment has more than {what}, so it was not opened. Open the original with care."
    return TaskRefused(Cause.TOO_LARGE, sentence)
