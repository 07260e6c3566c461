"""Finds the file of a row below the folder of the index, and nowhere else.

Before: `row.py` has a path, which is data. After: the file is known to be an ordinary one that can be read, is not too
large, and has the digest that the row gives.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_MEGABYTE = 1 << 20
_OURS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
"""What is no fault of the file: there is no room for its copy."""


class FileFault(Exception):
    """The file of a row cannot be brought over; the message is for whoever made the index."""


def refuse_large(size: int, megabytes: int) -> None:
    """Return where a file is small enough.

    Raises:
        FileFault: it is too large.
    """
    if size > megabytes * _MEGABYTE:
        told = f"The file has {size // _MEGABYTE} MB, and {megabytes} are taken (limits.megabytes)."
        raise FileFault(f"{told} Raise the limit or leave the row out.")


@contextmanager
def reading(folder: Path, file: str, megabytes: int) -> Iterator[BinaryIO]:
    """Give the file, opened; a link that leads out of the folder is not followed.

    Raises:
        FileFault: it is not there, leads out, is none that can be read, is empty or too large.
    """
    path = _inside(folder, file)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe must not hang us
    except OSError as fault:
        raise FileFault(_why_not(fault)) from fault
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise FileFault("It is no file. Name the file itself.")
    with os.fdopen(descriptor, "rb") as stream:
        refuse_large(status.st_size, megabytes)
        try:
            yield stream
        except OSError as fault:
            if fault.errno in _OURS:
                raise
            raise FileFault(_why_not(fault)) from fault


def refuse_other_bytes(found: str, wanted: str | None) -> None:
    """Return where a file has the digest that its row gives, or the row gives none.

    Raises:
        FileFault: it has another.
    """
    if wanted is not None and found != wanted:
        raise FileFault(f"Its SHA-256 is {found}: the file is not the one that was written down. Copy it anew.")


def _inside(folder: Path, file: str) -> Path:
    try:
        path = (folder / file).resolve()
    except (OSError, RuntimeError, ValueError) as fault:
        raise FileFault("It is no path. Correct it.") from fault
    if not path.is_relative_to(folder.resolve()):
        raise FileFault("It leads out of the folder. Copy the file into it.")
    return path


def _why_not(fault: OSError) -> str:
    if isinstance(fault, FileNotFoundError | NotADirectoryError):
        return "There is no such file. Correct the path, or copy the file there."
    if isinstance(fault, PermissionError):
        return "It may not be read. Let the account that imports read it."
    return f"It cannot be read ({fault.strerror})."
