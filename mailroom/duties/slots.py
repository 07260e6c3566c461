"""Worker slots: stable names that one process at a time holds, so that what a dead one had in hand is found again.

A slot is held by a lock on a file in the data directory; the kernel lets go of it when the process dies, however it
dies. The name holds the host's and one that the data directory gave itself, so that machines that share a database, and
containers that bear one name, never share a slot.
"""

from __future__ import annotations

import fcntl
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def free_slot(folder: Path, slots: int) -> Iterator[str | None]:
    """Give the name of a slot that this process holds while the block runs, or None where all are taken.

    Args:
        folder: where the lock files lie.
        slots: how many workers may run on this machine beside the service's own.
    """
    for number in range(1, slots + 1):
        with (folder / f"worker-{number}.lock").open("a") as file:
            if _lock(file):
                yield slot_name(folder, str(number))
                return
    yield None


@contextmanager
def sole(folder: Path, name: str) -> Iterator[bool]:
    """Give True while this process alone holds the name, False where another does."""
    with (folder / f"{name}.lock").open("a") as file:
        yield _lock(file)


@contextmanager
def one_after_another(folder: Path, name: str) -> Iterator[None]:
    """Wait until no other process holds the name, and hold it while the block runs."""
    with (folder / f"{name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def slot_name(folder: Path, place: str, part: str = "worker") -> str:
    """Return what the engine and the heartbeats call the worker, or another part, in this place of this data directory.

    Args:
        folder: where the lock files lie.
        place: which of several.
        part: what it is that runs there.
    """
    return f"{part}@{socket.gethostname()}-{_own_name(folder)}-{place}"


def _own_name(folder: Path) -> str:
    file = folder / "name"
    with one_after_another(folder, "name"):
        if not file.exists():
            file.write_text(secrets.token_hex(4), encoding="ascii")
        return file.read_text(encoding="ascii")


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
