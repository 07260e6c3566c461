"""TIFF and BigTIFF: every page's directory and all picture data it points to lie inside the file.

Rules: TIFF 6.0 (Adobe, 1992), section 2 (header, directory, entry), tags StripOffsets, StripByteCounts, TileOffsets,
TileByteCounts and JPEGInterchangeFormat(Length); BigTIFF: 8-byte offsets and counts. A scanner that adds pages one by
one leaves a file that looks whole after each page: only waiting for quiet can tell those apart.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from mailroom.channels.complete.verdict import COMPLETE, UNKNOWN, Completeness, incomplete, read_at

_OFFSETS_AND_LENGTHS = {273: 279, 324: 325, 513: 514}
_CODES = {3: "H", 4: "I", 13: "I", 16: "Q"}
_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_COMPRESSION = 259
_NOT_COMPRESSED = 1
_NEVER_ALL_ZERO_BYTES = 512
_MOST_VALUES = 2_000_000


@dataclass(frozen=True, slots=True)
class _Layout:
    """How numbers stand in this file: byte order, and the widths that tell TIFF from BigTIFF."""

    order: str
    count: str
    offset: str
    entry: struct.Struct
    first: int


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
        return _judge_pages(_Reader(stream), size)
    except struct.error:
        return incomplete("The TIFF file stops inside its list of pages.")
    except _CannotTell:
        return UNKNOWN


def _judge_pages(reader: _Reader, size: int) -> Completeness:
    seen: set[int] = set()
    place = reader.layout.first
    # a chain that comes back to a page is damaged, but nothing of it is still to come
    while place not in seen and (place or not seen):
        seen.add(place)
        entries, following = reader.directory(place)
        if not place or not entries:
            return incomplete("The TIFF file has a page whose description has not been written yet.")
        end = _furthest_byte(reader, entries)
        if end > size:
            return incomplete(f"The TIFF file stops inside the picture of page {len(seen)}.")
        if place == reader.layout.first and _ends_in_a_hole(reader, end, entries):
            return incomplete("The TIFF file ends in empty space that nothing has been written to yet.")
        place = following
    return COMPLETE


def _furthest_byte(reader: _Reader, entries: dict[int, _Entry]) -> int:
    """Return the offset after the last byte that one page needs."""
    ends = [reader.end_of_values(entry) for entry in entries.values()]
    for offsets_tag, lengths_tag in _OFFSETS_AND_LENGTHS.items():
        if offsets_tag in entries:
            offsets, lengths = (reader.values(entries.get(tag)) for tag in (offsets_tag, lengths_tag))
            pieces = [(offset, length) for offset, length in zip(offsets, lengths, strict=False) if offset]
            if not all(length for _, length in pieces):
                raise _CannotTell
            ends += [offset + length for offset, length in pieces]
    return max(ends)


def _ends_in_a_hole(reader: _Reader, end: int, entries: dict[int, _Entry]) -> bool:
    """Say whether space was reserved but not written, as a copy over a network does; compressed data show it."""
    if _COMPRESSION not in entries or _NOT_COMPRESSED in reader.values(entries[_COMPRESSION]):
        return False
    tail = read_at(reader.stream, max(0, end - _NEVER_ALL_ZERO_BYTES), min(end, _NEVER_ALL_ZERO_BYTES))
    return not tail.strip(b"\0")


class _Reader:
    """Reads a file's numbers, and not too many: a hostile file can describe the same bytes over and over.

    Its methods raise struct.error where the file ends before a number.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.layout = _layout_of(read_at(stream, 0, 16))
        self._values_left = _MOST_VALUES

    def directory(self, place: int) -> tuple[dict[int, _Entry], int]:
        """Return the entries of the page at `place`, by tag, and where the next page is (0: nowhere)."""
        layout = self.layout
        number = self._number(place, layout.count)
        self._spend(number)
        first = place + struct.calcsize(layout.order + layout.count)
        table = read_at(self.stream, first, number * layout.entry.size)
        read = (_Entry(*layout.entry.unpack_from(table, index * layout.entry.size)) for index in range(number))
        entries = {entry.tag: entry for entry in read}
        return entries, self._number(first + number * layout.entry.size, layout.offset)

    def values(self, entry: _Entry | None) -> tuple[int, ...]:
        """Return an entry's numbers."""
        if entry is None or entry.kind not in _CODES:
            raise _CannotTell
        self._spend(entry.count)
        form = f"{self.layout.order}{entry.count}{_CODES[entry.kind]}"
        if not self.end_of_values(entry):
            return struct.unpack_from(form, entry.value)
        return struct.unpack(form, read_at(self.stream, self._pointer(entry), struct.calcsize(form)))

    def end_of_values(self, entry: _Entry) -> int:
        """Return the offset after values that lie outside their entry, 0 where they lie inside."""
        length = entry.count * _BYTES.get(entry.kind, 0)
        return 0 if length <= len(entry.value) else self._pointer(entry) + length

    def _pointer(self, entry: _Entry) -> int:
        return int(struct.unpack(self.layout.order + self.layout.offset, entry.value)[0])

    def _number(self, place: int, code: str) -> int:
        form = self.layout.order + code
        return int(struct.unpack(form, read_at(self.stream, place, struct.calcsize(form)))[0])

    def _spend(self, values: int) -> None:
        self._values_left -= values + 1
        if self._values_left < 0:
            raise _CannotTell


def _layout_of(head: bytes) -> _Layout:
    order = "<" if head.startswith(b"II") else ">"
    if head[2:4].strip(b"\0") == b"*":
        return _Layout(order, "H", "I", struct.Struct(order + "HHI4s"), struct.unpack_from(order + "I", head, 4)[0])
    return _Layout(order, "Q", "Q", struct.Struct(order + "HHQ8s"), struct.unpack_from(order + "Q", head, 8)[0])
