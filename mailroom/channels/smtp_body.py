"""The data of one message, from the wire into the spool: block by block, never whole in memory.

Before: a conversation has answered DATA with 354 (`smtp_conversation.py`). After: the bytes as the sender wrote them
lie in the spool, forced to disk, or what is wrong with them is known; whatever was wrong, all of them were read, so
that the answer is the answer to this message.
"""

from __future__ import annotations

import hashlib
import os
from enum import Enum, auto
from pathlib import Path

from mailroom.channels.spool import sync_folder

_END = b"\r\n.\r\n"
_LINE_BREAK = b"\r\n"
_HEAD = 1 << 14


class Fault(Enum):
    """Why a message is not kept."""

    TOO_LARGE = auto()
    BARE = auto()
    NOT_WRITTEN = auto()


class MessageBody:
    """Takes what follows on DATA, takes the dots away that hide in it (RFC 5321 section 4.5.2), and finds its end.

    Lines must end with CR LF (RFC 5321 section 2.3.8). A CR or LF by itself is refused: servers that disagree on what
    ends a line can be made to see two messages where one was sent (SMTP smuggling, CVE-2023-51764).

    Args:
        target: a new file in the spool.
        most: bytes that a message may have.

    Attributes:
        target: see there.
        size: bytes so far, without the hiding dots.
        fault: what is wrong with it, else None.
        begins: the first bytes of it, enough to see its first header fields.
    """

    def __init__(self, target: Path, most: int) -> None:
        self.size = 0
        self.fault: Fault | None = None
        self.begins = b""
        self.target = target
        self._most = most
        self._file = target.open("xb")
        self._digest = hashlib.sha256()
        self._held = _LINE_BREAK  # a message may be nothing but its end
        self._is_first = True

    @property
    def sha256(self) -> str:
        """The SHA-256 of what was kept, in hexadecimal."""
        return self._digest.hexdigest()

    def feed(self, block: bytes) -> bytes | None:
        """Take a block; return what follows on the end of the message, None as long as that has not come."""
        waiting = self._held + block
        end = waiting.find(_END)
        if end >= 0:
            self._take(waiting[: end + len(_LINE_BREAK)])
            return waiting[end + len(_END) :]
        cut = _safe_cut(waiting)
        self._take(waiting[:cut])
        self._held = waiting[cut:]
        return None

    def keep(self) -> None:
        """Force what was taken to disk.

        Raises:
            OSError: the disk does not take it.
        """
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        sync_folder(self.target.parent)

    def drop(self) -> None:
        """Forget the message."""
        self._file.close()
        self.target.unlink(missing_ok=True)

    def _take(self, piece: bytes) -> None:
        if not piece:
            return
        breaks = piece.count(_LINE_BREAK)
        if breaks != piece.count(b"\r") or breaks != piece.count(b"\n"):
            self.fault = self.fault or Fault.BARE
        content = piece.replace(b"\r\n.", _LINE_BREAK)
        if self._is_first:  # the line break before the message is not part of it
            content, self._is_first = content.removeprefix(_LINE_BREAK), False
        self.begins += content[: max(0, _HEAD - len(self.begins))]
        self.size += len(content)
        if self.size > self._most:
            self.fault = self.fault or Fault.TOO_LARGE
        if self.fault is None:
            self._write(content)

    def _write(self, content: bytes) -> None:
        try:
            self._file.write(content)
        except OSError:
            self.fault = Fault.NOT_WRITTEN
        else:
            self._digest.update(content)


def _safe_cut(waiting: bytes) -> int:
    """Return up to where the bytes can be taken without cutting the end of the message or a hiding dot in two; pure."""
    cut = max(0, len(waiting) - len(_END) + 1)
    if waiting.endswith(_LINE_BREAK, 0, cut):
        return cut - len(_LINE_BREAK)
    return cut - 1 if waiting.endswith(b"\r", 0, cut) else cut
