"""Being asked to stop, by Ctrl-C or by whoever manages services.

Before: a long-running command has begun. After: it is woken, and closes in its own time. A handler of Python's that
sets an event is no way to do that: it runs between two steps of the very thread that waits, and where that holds the
event's lock just then, it waits for itself for ever; and a signal that comes a moment before a wait begins does not
end it. What the system writes into a pipe does neither.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType


def asked_to_stop() -> Callable[[], None]:
    """Let SIGINT and SIGTERM end nothing from now on; return what waits until one of them has come.

    To be called in the main thread, once in a process.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _do_nothing)

    def wait() -> None:
        os.read(reader, 1)

    return wait


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """The system has written into the pipe already."""
