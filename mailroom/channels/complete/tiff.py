"""TIFF and BigTIFF: every page's directory and all picture data it points to lie inside the file.

Rules: TIFF 6.0 (Adobe, 1992), section 2 (header, directory, entry), tags StripOffsets, StripByteCounts, TileOffsets,
TileByteCounts and JPEGInterchangeFormat(Length); BigTIFF: 8-byte offsets and counts. A scanner that adds pages one by
one leaves a file that looks whole after each page: only waiting for quiet can tell those apart.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, UNKNOWN, Completeness, incomplete, read_at

_OFFSETS_AND_LENGTHS = {273: 279, 324: 325, 513: 514}
_CODES = {3: "H", 4: "I", 13: "I", 16: "Q"}
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_COMPRESSION = 259
_NOT_COMPRESSED = 1
_NEVER_ALL_ZERO_BYTES = 512
_MOST_PAGES = 100_000
_MOST_PIECES = 4_000_000


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers stand in this file: byte order, and the widths that tell TIFF from BigTIFF."""

    order: str
    count: str
    offset: str
    entry_bytes: int
    first: int

    def number(self, code: str, content: bytes) -> int:
        """Return one number; raise struct.error where the bytes end before it."""
        return int(struct.unpack_from(self.order + code, content)[0])


@dataclass(frozen=True, slots=True)
class _Entry:
    """One directory entry: what it is, and its values' type, number and bytes (or where these lie)."""

    tag: int
    kind: int
    count: int
    value: bytes


class _CannotTell(Exception):
    """The file does not say how long its data are, or asks for more looking than a glance at its bytes may cost."""


def judge_tiff(stream: BinaryIO, size: int) -> Completeness:
    """Judge a file that begins as TIFF or BigTIFF; unknown where it does not say enough."""
    try:
        layout = _layout_of(read_at(stream, 0, 16))
        return _judge_pages(stream, size, layout)
    except struct.error:
        return incomplete("The TIFF file stops inside its list of pages.")
    except _CannotTell:
        return UNKNOWN


def _layout_of(head: bytes) -> _Layout:
    order = "<" if head.startswith(b"II") else ">"
    if head[2:4].strip(b"\0") == b"*":
        return _Layout(order, "H", "I", 12, struct.unpack_from(order + "I", head, 4)[0])
    return _Layout(order, "Q", "Q", 20, struct.unpack_from(order + "Q", head, 8)[0])


def _judge_pages(stream: BinaryIO, size: int, layout: _Layout) -> Completeness:
    seen: set[int] = set()
    place = layout.first
    # a chain that comes back to a page is damaged, but nothing of it is still to come
    while place not in seen and (place or not seen):
        seen.add(place)
        if len(seen) > _MOST_PAGES:
            raise _CannotTell
        entries, following = _read_directory(stream, place, layout)
        if not place or not entries:
            return incomplete("The TIFF file has a page whose description has not been written yet.")
        end = _furthest_byte(stream, entries, layout)
        if end > size:
            return incomplete(f"The TIFF file stops inside the picture of page {len(seen)}.")
        if place == layout.first and _ends_in_a_hole(stream, end, entries, layout):
            return incomplete("The TIFF file ends in empty space that nothing has been written to yet.")
        place = following
    return COMPLETE


def _ends_in_a_hole(stream: BinaryIO, end: int, entries: dict[int, _Entry], layout: _Layout) -> bool:
    """Say whether space was reserved but not written, as a copy over a network does; compressed data show it."""
    if _COMPRESSION not in entries or layout.number("H", entries[_COMPRESSION].value) == _NOT_COMPRESSED:
        return False
    tail = read_at(stream, max(0, end - _NEVER_ALL_ZERO_BYTES), min(end, _NEVER_ALL_ZERO_BYTES))
    return not tail.strip(b"\0")


def _read_directory(stream: BinaryIO, place: int, layout: _Layout) -> tuple[dict[int, _Entry], int]:
    width = struct.calcsize(layout.order + layout.count)
    number = layout.number(layout.count, read_at(stream, place, width))
    if number > 0xFFFF:
        raise _CannotTell
    table = read_at(stream, place + width, number * layout.entry_bytes)
    entries = {entry.tag: entry for entry in _entries(table, number, layout)}
    after = place + width + number * layout.entry_bytes
    following = read_at(stream, after, struct.calcsize(layout.order + layout.offset))
    return entries, layout.number(layout.offset, following)


def _entries(table: bytes, number: int, layout: _Layout) -> Iterator[_Entry]:
    form = struct.Struct(f"{layout.order}HH{layout.offset}{struct.calcsize('=' + layout.offset)}s")
    for index in range(number):
        yield _Entry(*form.unpack_from(table, index * layout.entry_bytes))


def _furthest_byte(stream: BinaryIO, entries: dict[int, _Entry], layout: _Layout) -> int:
    """Return the offset after the last byte that one page needs."""
    ends = [_end_of_values(entry, layout) for entry in entries.values()]
    for offsets_tag, lengths_tag in _OFFSETS_AND_LENGTHS.items():
        if offsets_tag in entries:
            offsets = _values(stream, entries.get(offsets_tag), layout)
            lengths = _values(stream, entries.get(lengths_tag), layout)
            pieces = [(offset, length) for offset, length in zip(offsets, lengths, strict=False) if offset]
            if not all(length for _, length in pieces):
                raise _CannotTell
            ends += [offset + length for offset, length in pieces]
    return max(ends)


def _end_of_values(entry: _Entry, layout: _Layout) -> int:
    """Return the offset after values that lie outside their entry, 0 where they lie inside."""
    length = entry.count * _BYTES.get(entry.kind, 0)
    return 0 if length <= len(entry.value) else layout.number(layout.offset, entry.value) + length


def _values(stream: BinaryIO, entry: _Entry | None, layout: _Layout) -> tuple[int, ...]:
    if entry is None or entry.kind not in _CODES or entry.count > _MOST_PIECES:
        raise _CannotTell
    form = f"{layout.order}{entry.count}{_CODES[entry.kind]}"
    if not _end_of_values(entry, layout):
        return struct.unpack_from(form, entry.value)
    return struct.unpack(form, read_at(stream, layout.number(layout.offset, entry.value), struct.calcsize(form)))
