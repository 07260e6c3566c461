"""PNG: a chain of chunks that ends with IEND. Rules: W3C PNG (third edition), 5.3 chunk layout, 11.2.5 IEND."""

from __future__ import annotations

import struct
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, Completeness, incomplete, read_at

_SIGNATURE_BYTES = 8
_CHUNK_FRAME_BYTES = 12  # length, type, checksum


def judge_png(stream: BinaryIO, size: int) -> Completeness:
    """Judge a file that begins with the PNG signature; what follows IEND is ignored."""
    place = _SIGNATURE_BYTES
    while place + _CHUNK_FRAME_BYTES <= size:
        frame = read_at(stream, place, 8)
        if len(frame) < 8 or not frame[4:].isalpha():
            break
        length, name = struct.unpack(">I4s", frame)
        place += _CHUNK_FRAME_BYTES + length
        if name == b"IEND" and place <= size:
            return COMPLETE
    return incomplete("The PNG image stops before its end.")
