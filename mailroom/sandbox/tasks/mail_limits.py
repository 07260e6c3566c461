"""Counts what is in a mail on its raw bytes, before any parser sees it, and refuses what no honest mail holds.

Before: `read_message` has the file. After: it gives it to Python's parser, which takes minutes or gigabytes for some
mails of a few hundred kilobytes (python/cpython#136063) but is quick within these limits.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import IO

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE

_BOUNDARY = re.compile(rb'boundary(\*[^=]{0,8})?[ \t]*=[ \t]*(?:"([^"\r\n]+)"|([^"\s;]+))', re.IGNORECASE)
_MESSAGE_TYPE = re.compile(rb"^content-type[ \t]*:[ \t]*message/", re.IGNORECASE)
# What Python's parser takes for a line of a header; any other line ends it, with or without an empty one between.
_HEADER_LINE = re.compile(rb"From |[!-9;-~]*:|[\t ]")
_MULTIPART_TYPE = re.compile(rb"^content-type[ \t]*:[ \t]*multipart/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class MailLimits:
    """The most that a mail may hold: bytes, header fields and their bytes, parts, parts within parts.

    What Outlook packed (.msg, winmail.dat) is in memory several times while it is unpacked, so it may be smaller only.
    """

    message_bytes: int = 200 * MEGABYTE
    packed_bytes: int = 50 * MEGABYTE
    header_bytes: int = 256 * 1024
    one_header_bytes: int = 64 * 1024
    headers: int = 5000
    parts: int = 1000
    depth: int = 20


@dataclass(slots=True)
class MailCount:
    """What was found so far, over all parts of a mail."""

    header_bytes: int = 0
    longest_header: int = 0
    headers: int = 0
    parts: int = 1
    depth: int = 0


def count_mail(file: IO[bytes]) -> MailCount:
    """Count header fields, parts and nesting in one pass over the lines of a mail, of which one is in memory at a time.

    The file is closed.
    """
    scan = _Scan()
    # Python's parser ends a line at a bare carriage return, too: parts could hide behind them. So does this.
    with io.TextIOWrapper(file, "latin-1") as lines:
        for line in lines:
            scan.take(line.encode("latin-1"))
    return scan.count


def refuse_beyond(count: MailCount, limits: MailLimits) -> None:
    """Refuse a mail that holds more than the limits.

    Raises:
        TaskRefused: it does; the sentence names what is too much.
    """
    for found, most, what in (
        (count.header_bytes, limits.header_bytes, "bytes of headers"),
        (count.longest_header, limits.one_header_bytes, "bytes in one header"),
        (count.headers, limits.headers, "header lines"),
        (count.parts, limits.parts, "parts"),
        (count.depth, limits.depth, "parts inside one another"),
    ):
        if found > most:
            sentence = f"This e-mail has more than {most} {what}, so it was not opened. Open the original with care."
            raise TaskRefused(Cause.TOO_LARGE, sentence)


class _Scan:
    """Follows header sections and boundaries through the lines of a mail."""

    def __init__(self) -> None:
        self.count = MailCount()
        self._depth_of: dict[bytes, int] = {}
        self._depth = 0
        self._in_headers = True
        self._is_message = False
        self._lacks_boundary = False
        self._header_length = 0
        # Where a boundary cannot be read as simply as here (in pieces by RFC 2231, or folded), any line that begins
        # with two dashes may begin a part, and counts as one.
        self._any_dashes_part = False

    def take(self, line: bytes) -> None:
        if line.startswith(b"--") and self._begins_part(line[2:].rstrip()):
            self.count.parts += 1
            self._enter_section(self._depth)
        elif self._in_headers:
            self._take_header_line(line)

    def _begins_part(self, boundary: bytes) -> bool:
        if boundary in self._depth_of:
            self._depth = self._depth_of[boundary]
            return True
        return self._any_dashes_part

    def _take_header_line(self, line: bytes) -> None:
        if not _HEADER_LINE.match(line):
            self._end_headers()
            return
        self._header_length = self._header_length + len(line) if line[:1] in b" \t" else len(line)
        self.count.headers += line[:1] not in b" \t"
        self.count.header_bytes += len(line)
        self.count.longest_header = max(self.count.longest_header, self._header_length)
        self._is_message = self._is_message or bool(_MESSAGE_TYPE.match(line))
        self._lacks_boundary = self._lacks_boundary or bool(_MULTIPART_TYPE.match(line))
        self._note_boundaries(line)

    def _note_boundaries(self, line: bytes) -> None:
        for in_pieces, quoted, bare in _BOUNDARY.findall(line[: 64 * 1024]):
            self._depth_of[(quoted or bare).rstrip()] = self._depth + 1
            self._lacks_boundary = False
            self._any_dashes_part = self._any_dashes_part or bool(in_pieces)

    def _end_headers(self) -> None:
        self._any_dashes_part = self._any_dashes_part or self._lacks_boundary
        if self._is_message:
            self._enter_section(self._depth + 1)
        else:
            self._in_headers = False

    def _enter_section(self, depth: int) -> None:
        self._depth = depth
        self._in_headers = True
        self._is_message = False
        self._lacks_boundary = False
        self.count.depth = max(self.count.depth, depth)
