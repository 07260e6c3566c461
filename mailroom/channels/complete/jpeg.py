"""JPEG: segments up to the start of a scan, then picture data up to the end-of-image marker.

Rules: ITU-T T.81 (1992), B.1.1 (markers; in picture data a byte FF is followed by 00 or by a restart marker) and B.2.
A thumbnail inside a segment has an end marker of its own, therefore segments are stepped over, not searched.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, UNKNOWN, Completeness, incomplete, read_at

_START_OF_IMAGE_BYTES = 2
_CHUNK_BYTES = 1 << 16
_MOST_MARKERS = 100_000
_STOPS = "The JPEG image stops before its end."
_START_OF_SCAN = 0xDA
_END_OF_IMAGE = 0xD9
_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}
_MARKER_IN_PICTURE_DATA = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


def judge_jpeg(stream: BinaryIO, size: int) -> Completeness:
    """Judge a file that begins with a JPEG's start-of-image marker; what follows the end is ignored.

    Unknown where there are more markers than a glance may cost.
    """
    place: int | None = _START_OF_IMAGE_BYTES
    for _ in range(_MOST_MARKERS):
        if place is None or place + 2 > size:
            return incomplete(_STOPS)
        lead, marker, *length = read_at(stream, place, 4).ljust(2, b"\0")
        if lead != 0xFF:
            return incomplete(_STOPS)
        if marker == _END_OF_IMAGE:
            return COMPLETE
        place = _after(stream, place, marker, bytes(length))
    return UNKNOWN


def _after(stream: BinaryIO, place: int, marker: int, length: bytes) -> int | None:
    """Return where the next marker stands, or None where the file ends before it."""
    if marker == 0xFF:
        return place + 1
    if marker in _WITHOUT_LENGTH:
        return place + 2
    end = place + 2 + int.from_bytes(length)
    return _next_marker(stream, end) if marker == _START_OF_SCAN else end


def _next_marker(stream: BinaryIO, start: int) -> int | None:
    while chunk := read_at(stream, start, _CHUNK_BYTES):
        found = _MARKER_IN_PICTURE_DATA.search(chunk)
        if found:
            return start + found.start()
        # one byte is read again, in case a marker is cut by the border
        start += max(len(chunk) - 1, 1)
    return None
