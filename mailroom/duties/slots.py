"""Worker slots: stable names that one process at a time holds, so that what a dead one had in hand is found again.

A slot is held by a lock on a file in the data directory; the kernel lets go of it when the process dies, however it
dies. The name holds the host's, so that machines that share a database never share a slot.
"""

from __future__ import annotations

import fcntl
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
        slots: how many workers may run on this machine at once.
    """
    for number in range(1, slots + 1):
        with (folder / f"worker-{number}.lock").open("a") as file:
            if _lock(file):
                yield f"worker@{socket.gethostname()}-{number}"
                return
    yield None


@contextmanager
def sole(folder: Path, name: str) -> Iterator[bool]:
    """Give True while this process alone holds the name, False where another does."""
    with (folder / f"{name}.lock").open("a") as file:
        yield _lock(file)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
