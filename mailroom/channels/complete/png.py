"""PNG: a chain of chunks that ends with IEND. Rules: W3C PNG (third edition), 5.3 chunk layout, 11.2.5 IEND."""

from __future__ import annotations

import struct
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, UNKNOWN, Completeness, incomplete, read_at

_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type, checksum
_MOST_CHUNKS = 200_000


def judge_png(stream: BinaryIO, size: int) -> Completeness:
    """Judge a file that begins with the PNG signature; what follows IEND is ignored.

    Unknown where there are more chunks than a glance may cost.
    """
    place = _SIGNATURE_BYTES
    for _ in range(_MOST_CHUNKS):
        frame = read_at(stream, place, 8)
        if place + _CHUNK_FRAME_BYTES > size or len(frame) < 8 or not frame[4:].isalpha():
            return incomplete("The PNG image stops before its end.")
        length, name = struct.unpack(">I4s", frame)
        place += _CHUNK_FRAME_BYTES + length
        if name == b"IEND" and place <= size:
            return COMPLETE
    return UNKNOWN
