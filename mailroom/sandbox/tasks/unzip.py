"""What a ZIP archive holds, as files of their own; what is said of their sizes in it is not believed.

Before: `take_out` was given an archive that came with a mail. After: each file in it is looked into in turn. Names are
data: files are numbered, and no folder is made. What lies in the archive under a password is left there.
"""

from __future__ import annotations

import errno
import lzma
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mailroom.domain.errors import Cause
from mailroom.sandbox.errors import TaskRefused
from mailroom.sandbox.limits import MEGABYTE

_PIECE = 1 << 16
ENCRYPTED = 0x1
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
OF_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, ValueError, OSError)
"""What the library raises for an archive that is not whole or packed in a way that it does not know; OSError for bzip2
and for places that lie outside the file."""
_BEGINNING = 10 * MEGABYTE
"""Bytes up to which any file may be packed as tightly as it can be: a page of one colour packs very tightly."""


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """The most that an archive may hold: files, bytes when unpacked, and how many times its own size that may be."""

    files: int = 1000
    unpacked_bytes: int = 500 * MEGABYTE
    ratio: int = 100


def room_in(source: Path, limits: ArchiveLimits) -> int:
    """Return how many bytes an archive of this size may unpack to."""
    return min(limits.unpacked_bytes, max(_BEGINNING, limits.ratio * source.stat().st_size))


def _is_file(entry: zipfile.ZipInfo) -> bool:
    return not entry.is_dir()


def unzip(
    source: Path,
    file_of: Callable[[int], Path],
    limits: ArchiveLimits,
    is_wanted: Callable[[zipfile.ZipInfo], bool] = _is_file,
) -> tuple[list[str], list[str]]:
    """Write what the archive holds, each to the file of its number from 1; return their names, and those of the rest.

    Args:
        source: the archive.
        file_of: where the file of a number is written.
        limits: the most that it may hold.
        is_wanted: whether a member is one of those to be written.

    Raises:
        TaskRefused: it is damaged, or holds more than the limits.
    """
    names: list[str] = []
    left: list[str] = []
    room = room_in(source, limits)
    try:
        with zipfile.ZipFile(source) as archive:
            inside = [entry for entry in archive.infolist() if is_wanted(entry)]
            if len(inside) > limits.files:
                raise _refused(f"holds more than {limits.files} files")
            for entry in inside:
                if entry.flag_bits & ENCRYPTED:
                    left.append(entry.filename)
                    continue
                room -= _write(archive, entry, file_of(len(names) + 1), room)
                names.append(entry.filename)
    except OF_DAMAGE as fault:
        if isinstance(fault, OSError) and fault.errno in _NO_ROOM:
            raise
        raise TaskRefused(Cause.DAMAGED, f"This ZIP archive cannot be unpacked ({type(fault).__name__}).") from fault
    return names, left


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path, room: int) -> int:
    """Unpack one file, and return its size."""
    size = 0
    with archive.open(entry) as packed, target.open("wb") as file:
        while piece := packed.read(_PIECE):
            size += len(piece)
            if size > room:
                raise _refused("unpacks to more than any archive of its size should")
            file.write(piece)
    return size


def _refused(what: str) -> TaskRefused:
    return TaskRefused(Cause.TOO_LARGE, f"This ZIP archive {what}, so it was not opened. Open the original with care.")
