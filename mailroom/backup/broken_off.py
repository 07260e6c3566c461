"""What a person is told where a backup cannot be taken, or is broken off: why, what to do, and what there still is.

Before: `take.py` asks for room, and copies. After: nobody takes what was broken off for a backup; the last finished one
lies where it lay.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError

from mailroom.backup.records_copy import NotCopied
from mailroom.backup.shelf import Shelf, free_bytes
from mailroom.domain.errors import MailroomError, Transient
from mailroom.services import Services
from storage.errors import StorageError

_MEGABYTE = 1 << 20


def ask_for_room(shelf: Shelf, needed: int, services: Services) -> None:
    """Refuse where there is too little room for so many bytes.

    Raises:
        MailroomError: there is.
    """
    reserve = services.settings.intake.least_free_megabytes * _MEGABYTE
    same_disk = shelf.root.stat().st_dev == services.settings.data.stat().st_dev
    free = free_bytes(shelf.root) - (reserve if same_disk else 0)
    if free < needed:
        raise MailroomError(
            f"The backup needs {_in_megabytes(needed)} MB in {shelf.root}, and {_in_megabytes(max(0, free))} are free. "
            "Make room, keep fewer (backup.keep), or name another folder."
        )


@contextmanager
def sentences(shelf: Shelf) -> Iterator[None]:
    """Have whatever breaks a backup off said to a person, and which backup there still is.

    Raises:
        Transient: it was broken off.
    """
    try:
        yield
    except StorageError as fault:
        told = f"The backup was broken off: the store of originals cannot be read now ({fault})."
        raise Transient(f"{told} {_what_is_left(shelf)}") from fault
    except (sqlite3.Error, DatabaseError, NotCopied) as fault:
        told = f"The backup was broken off: the records cannot be copied now ({_cause(fault)})."
        raise Transient(f"{told} {_what_is_left(shelf)}") from fault
    except OSError as fault:
        full = " Make room" if fault.errno in (errno.ENOSPC, errno.EDQUOT) else " See to the disk"
        told = f"The backup was broken off: {shelf.root} cannot be written ({fault.strerror or fault})."
        told = f"{told}{full}; the next backup goes on with what was copied."
        raise Transient(f"{told} {_what_is_left(shelf)}") from fault


def _what_is_left(shelf: Shelf) -> str:
    finished = shelf.finished()
    return f"The last finished backup is {finished[-1].name}." if finished else "There is no finished backup there."


def _cause(fault: Exception) -> str:
    return str(fault.orig if isinstance(fault, DatabaseError) else fault)


def _in_megabytes(size: int) -> int:
    return -(-size // _MEGABYTE)
