"""ZIP, and with it Word, Excel and OpenDocument: the directory of contents stands at the end.

Rules: PKWARE APPNOTE 6.3.10, 4.3.12 (central directory), 4.3.16 (end record, with a comment of up to 65 535 bytes).
"""

from __future__ import annotations

import struct
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, Completeness, incomplete, read_at

_END_RECORD = b"PK\x05\x06"
_END_RECORD_BYTES = 22
_LONGEST_COMMENT = 65_535
_DIRECTORY_ENTRY = b"PK\x01\x02"
_LARGER_THAN_THE_FIELD = 0xFFFFFFFF


def judge_zip(stream: BinaryIO, size: int) -> Completeness:
    """Judge a file that begins as a ZIP archive."""
    start = max(0, size - _END_RECORD_BYTES - _LONGEST_COMMENT)
    tail = read_at(stream, start, size - start)
    found = tail.rfind(_END_RECORD)
    record = tail[found : found + _END_RECORD_BYTES]
    if found < 0 or len(record) < _END_RECORD_BYTES:
        return incomplete("The office or ZIP file stops before its directory of contents.")
    entries, length, _offset, comment = struct.unpack("<10xHIIH", record)
    if found + _END_RECORD_BYTES + comment > len(tail):
        return incomplete("The office or ZIP file stops inside its closing comment.")
    directory = start + found - length
    if entries and length != _LARGER_THAN_THE_FIELD and not _begins_there(stream, directory):
        return incomplete("The directory of contents of the office or ZIP file is not where it should be.")
    return COMPLETE


def _begins_there(stream: BinaryIO, place: int) -> bool:
    return place >= 0 and read_at(stream, place, 4) == _DIRECTORY_ENTRY
