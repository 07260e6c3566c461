"""Chooses the check by the first bytes of a file and gives its verdict."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mailroom.channels.complete.jpeg import judge_jpeg
from mailroom.channels.complete.office import judge_zip
from mailroom.channels.complete.pdf import HEADER_WITHIN, judge_pdf
from mailroom.channels.complete.png import judge_png
from mailroom.channels.complete.tiff import judge_tiff
from mailroom.channels.complete.verdict import UNKNOWN, Completeness, incomplete, read_at

Judge = Callable[[BinaryIO, int], Completeness]

_JUDGES: tuple[tuple[bytes, Judge], ...] = (
    (b"%PDF-", judge_pdf),
    (b"\xff\xd8\xff", judge_jpeg),
    (b"\x89PNG\r\n\x1a\n", judge_png),
    (b"II*\0", judge_tiff),
    (b"MM\0*", judge_tiff),
    (b"II+\0", judge_tiff),
    (b"MM\0+", judge_tiff),
    (b"PK\x03\x04", judge_zip),
    (b"PK\x05\x06", judge_zip),
)

_MAIL_HEADER = re.compile(rb"[!-9;-~]{1,76}:[ \t]|From ")


def completeness(path: Path) -> Completeness:
    """Judge one file, reading only what its format needs (a JPEG once through, of the others some kilobytes).

    It says nothing of whether the content is sound: a damaged file that is all there is complete.

    Raises:
        OSError: the file cannot be opened or read.
    """
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        head = read_at(stream, 0, HEADER_WITHIN)
        if not head:
            return incomplete("The file is empty.")
        if not head.strip(b"\0"):
            return incomplete("The file begins with empty space that nothing has been written to yet.")
        return _judge_for(head)(stream, size)


def _judge_for(head: bytes) -> Judge:
    for magic, judge in _JUDGES:
        if head.startswith(magic):
            return judge
        if magic.startswith(head):
            return _only_a_beginning
    return judge_pdf if b"%PDF-" in head and not _MAIL_HEADER.match(head) else _no_known_end


def _only_a_beginning(_stream: BinaryIO, size: int) -> Completeness:
    return incomplete(f"The file stops after its first {size} bytes.")


def _no_known_end(_stream: BinaryIO, _size: int) -> Completeness:
    return UNKNOWN
