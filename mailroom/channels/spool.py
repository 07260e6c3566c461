"""Copies a file into the spool, on the vault's own disk, and proves that nobody wrote to it meanwhile.

Before: a channel has decided to take the file. After: the capture carries the copy; the source stays as it is until
the door has answered.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from mailroom.channels.sighting import Stamp

_OURS = "folder-"
_OF_CHANNELS = (_OURS, "smtp-", "imap-")
_LEFTOVER_SECONDS = 24 * 3600


class SourceChanging(Exception):
    """The file changed before or while it was copied, or is no ordinary file; nothing was spooled."""


@dataclass(frozen=True, slots=True)
class Spooled:
    """A durable copy: where it lies and the SHA-256 of its bytes in hexadecimal."""

    path: Path
    sha256: str


def spool_copy(source: Path, spool: Path, expected: Stamp) -> Spooled:
    """Copy the file and force the copy to disk.

    Args:
        source: the file; a link is not followed.
        spool: an existing folder on the vault's disk.
        expected: the stamp with which it was judged.

    Raises:
        SourceChanging: its stamp is or becomes another.
        OSError: it cannot be read, or the spool cannot be written.
    """
    target = spool / f"{_OURS}{uuid.uuid4().hex}"
    # a pipe put there in the meantime must not hang us
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        try:
            sha256 = _copy(stream, target, expected)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    return Spooled(target, sha256)


@contextmanager
def written_through(target: Path) -> Iterator[BinaryIO]:
    """Give a new file to write to; what was written is forced to disk at the end.

    Raises:
        OSError: the spool cannot be written.
    """
    with target.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    sync_folder(target.parent)


def clear_leftovers(spool: Path) -> None:
    """Delete copies that a crash left behind a day or more ago; their sources still have what they were copied from."""
    oldest = time.time() - _LEFTOVER_SECONDS
    for leftover in (path for begins in _OF_CHANNELS for path in spool.glob(f"{begins}*")):
        with suppress(FileNotFoundError):  # another channel starts at the same time
            if leftover.stat().st_mtime < oldest:
                leftover.unlink()


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp in a file's status."""
    return Stamp(status.st_size, status.st_mtime_ns)


def _copy(stream: BinaryIO, target: Path, expected: Stamp) -> str:
    _refuse_a_change(stream, expected)
    with target.open("x+b") as copy:
        shutil.copyfileobj(stream, copy, 1 << 20)
        copy.flush()
        os.fsync(copy.fileno())
        copied = copy.tell()
        copy.seek(0)
        sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
    _refuse_a_change(stream, expected)
    if copied != expected.size:
        raise SourceChanging
    sync_folder(target.parent)
    return sha256


def _refuse_a_change(stream: BinaryIO, expected: Stamp) -> None:
    status = os.fstat(stream.fileno())
    if not stat.S_ISREG(status.st_mode) or stamp_of(status) != expected:
        raise SourceChanging


def sync_folder(folder: Path) -> None:
    """Force to disk which files the folder has.

    Raises:
        OSError: the disk does not take it.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
