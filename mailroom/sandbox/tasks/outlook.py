"""An Outlook message (.msg) as a mail.

Before: `identify` saw an OLE2 file with the properties of a message in it. After: `read_message` and `take_out` treat
it as they do a mail. By [MS-OXMSG] each property is a stream named by its id and type, or sixteen bytes in a list, and
each thing attached is a folder. Streams may share their bytes, so what is read is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any

import olefile

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.tasks import ole
from mailroom.sandbox.tasks.mail_limits import MailLimits
from mailroom.sandbox.tasks.mapi import FILE, Attachment, MapiMessage, Properties, mail_of

_STREAM = re.compile(r"__substg1\.0_([0-9A-F]{4})([0-9A-F]{4})", re.IGNORECASE)
_FIRST_RECIPIENT = "__recip_version1.0_#00000000"
_ATTACHED = "__attach_version1.0_#"
_FIXED = "__properties_version1.0"
_UNICODE, _TEXT, _BINARY, _FOLDER = 0x001F, 0x001E, 0x0102, 0x000D
_NUMBERS = {0x0003: 4, 0x000B: 2, 0x0014: 8, 0x0040: 8}
_HEAD_OF_FIXED = (32, 24, 8)  # before the list: of the uppermost message, of one inside, of an attachment
_DEEPEST = 5

_Where = tuple[str, ...]


def mail_of_outlook(source: Path) -> Message:
    """Return an Outlook message as a mail.

    Raises:
        TaskRefused: it is damaged, or holds more than `MailLimits` allow.
    """
    try:
        with ole.opened(source) as opened:
            return mail_of(_Reading(opened).message((), 0))
    except ole.OF_DAMAGE as fault:
        sentence = f"This Outlook message is damaged and cannot be read ({type(fault).__name__})."
        raise TaskRefused(Cause.DAMAGED, f"{sentence} Ask the sender to send it again.") from fault


@dataclass(slots=True)
class _Reading:
    """One file while it is read."""

    file: olefile.OleFileIO[Any]
    limits: MailLimits = field(default_factory=MailLimits)
    read: int = 0
    parts: int = 0
    inside: dict[_Where, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """List what lies in each folder."""
        for path in self.file.listdir(streams=True, storages=True):
            self.inside.setdefault(tuple(path[:-1]), []).append(path[-1])

    def message(self, where: _Where, depth: int) -> MapiMessage:
        """Return the message in a folder, with what is attached to it."""
        properties = self._properties(where, _HEAD_OF_FIXED[depth > 0])
        names = sorted(name for name in self.inside.get(where, ()) if name.startswith(_ATTACHED))
        recipient = self._properties((*where, _FIRST_RECIPIENT), _HEAD_OF_FIXED[2])
        return MapiMessage(properties, [self._attachment((*where, name), depth) for name in names], recipient)

    def _attachment(self, where: _Where, depth: int) -> Attachment:
        self.parts += 1
        if self.parts > self.limits.parts:
            raise _too_large(f"{self.limits.parts} parts")
        properties = self._properties(where, _HEAD_OF_FIXED[2])
        folder = f"__substg1.0_{FILE:04X}{_FOLDER:04X}"
        is_message = _FIXED in self.inside.get((*where, folder), ())
        inside = self.message((*where, folder), depth + 1) if is_message and depth < _DEEPEST else None
        return Attachment(properties, inside)

    def _properties(self, where: _Where, head: int) -> Properties:
        found: dict[int, bytes | str | int] = {}
        for name in self.inside.get(where, ()):
            if name == _FIXED:
                found |= dict(_numbers(self._bytes((*where, name)), head))
            elif stream := _STREAM.fullmatch(name):
                number, kind = int(stream[1], 16), int(stream[2], 16)
                if kind == _UNICODE:
                    found[number] = self._bytes((*where, name)).decode("utf-16-le", "replace").rstrip("\0")
                elif kind in {_TEXT, _BINARY}:
                    found[number] = self._bytes((*where, name))
        return found

    def _bytes(self, where: _Where) -> bytes:
        size = self.file.get_size(where)
        self.read += size
        if self.read > self.limits.packed_bytes:
            raise _too_large(f"{self.limits.packed_bytes >> 20} MB")
        content: bytes = self.file.openstream(where).read()
        if len(content) != size:
            raise ValueError("a stream is cut short")  # the library is content with what is left
        return content


def _numbers(content: bytes, head: int) -> Iterator[tuple[int, int]]:
    """Yield the properties that are numbers or times: type, id, flags and value, sixteen bytes each."""
    for place in range(head, len(content) - 15, 16):
        size = _NUMBERS.get(int.from_bytes(content[place : place + 2], "little"))
        if size:
            number = int.from_bytes(content[place + 2 : place + 4], "little")
            yield number, int.from_bytes(content[place + 8 : place + 8 + size], "little")


def _too_large(what: str) -> TaskRefused:
    sentence = f"This Outlook message has more than {what}, so it was not opened. Open the original with care."
    return TaskRefused(Cause.TOO_LARGE, sentence)
