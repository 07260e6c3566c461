"""PDF: an end mark near the end, and a `startxref` that points to a cross-reference inside the file.

Rules: ISO 32000-1:2008, 7.5.5 (file trailer), 7.5.6 (incremental updates), 7.5.8 (cross-reference streams) and Annex F
(linearized files, which have an end mark near their beginning as well). Readers accept a header anywhere in the first
1024 bytes (Annex H, note 13) and offsets counted from it.
"""

from __future__ import annotations

import re
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, Completeness, incomplete, read_at

HEADER_WITHIN = 1024
_TAIL_BYTES = 16 * 1024
_END_OF_FILE = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF")
_OBJECT = re.compile(rb"\d{1,10}\s+\d{1,5}\s+obj\b")
_CROSS_REFERENCE = re.compile(rb"\s*xref\b|\s*" + _OBJECT.pattern)
_TRAILER = re.compile(rb"\btrailer\b|/XRef\b")
_LINEARIZED = re.compile(rb"/Linearized\b[^>]{0,200}?/L\s+(\d{1,12})|/L\s+(\d{1,12})[^>]{0,200}?/Linearized\b")


def judge_pdf(stream: BinaryIO, size: int) -> Completeness:
    """Judge a file whose head holds `%PDF-`."""
    head = read_at(stream, 0, HEADER_WITHIN)
    promised = _promised_length(head)
    if promised > size:
        return incomplete(f"The PDF says that it has {promised} bytes, of which {size} are there.")
    tail = read_at(stream, max(0, size - _TAIL_BYTES), _TAIL_BYTES)
    ends = list(_END_OF_FILE.finditer(tail))
    if not ends:
        return incomplete("The PDF stops before its end mark.")
    if _OBJECT.search(tail, ends[-1].end()):
        return incomplete("The PDF stops inside an addition after its first end.")
    offset = int(ends[-1].group(1))
    if _stands_at(stream, offset, head) or (not promised and _stands_before(stream, offset, tail[: ends[-1].start()])):
        return COMPLETE
    return incomplete("The end of the PDF points to a table of contents that is not there.")


def _stands_at(stream: BinaryIO, offset: int, head: bytes) -> bool:
    places = (offset, offset + head.index(b"%PDF-"))
    return any(_CROSS_REFERENCE.match(read_at(stream, place, 64)) for place in places)


def _stands_before(stream: BinaryIO, offset: int, before_the_end: bytes) -> bool:
    """Say whether the table is there though the pointer misses it: edited by hand, or sent with changed line ends.

    Where the pointer leads to nothing at all, the file has a hole that is still to be filled.
    """
    pointed_at = read_at(stream, offset, 64).strip(b"\0")
    return bool(pointed_at and _TRAILER.search(before_the_end))


def _promised_length(head: bytes) -> int:
    found = _LINEARIZED.search(head)
    return int(found.group(1) or found.group(2)) if found else 0
