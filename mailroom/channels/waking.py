"""When to look again: a clock that never jumps, events of the file system, and a rest that ends early for either.

Events only shorten the wait; a folder is looked at every so often in any event, as network shares send none.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

_log = logging.getLogger(__name__)
_BREATH_SECONDS = 0.05
_LONGEST_UNTIL_STOPPED = 0.5
# not the opening and closing of files that are only read: that is no news
_WAKING: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirMovedEvent, FileClosedEvent, FileCreatedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip


class SteadyClock:
    """Tells the time as it was at the start plus the time passed since: a corrected system clock ends no wait."""

    def __init__(self) -> None:
        self._started = datetime.now(UTC)
        self._counter = time.monotonic()

    def now(self) -> datetime:
        """Return the present moment in UTC."""
        return self._started + timedelta(seconds=time.monotonic() - self._counter)


@contextmanager
def woken_by_events(folder: Path, *, wanted: bool) -> Iterator[threading.Event]:
    """Give an event that is set whenever something is written in the folder; it stays unset where that cannot be had.

    Args:
        folder: with all folders in it.
        wanted: False to get an event that is never set.
    """
    wake = threading.Event()
    if not wanted:
        yield wake
        return
    observer = Observer()
    observer.start()
    try:
        observer.schedule(_Waker(wake), str(folder), recursive=True, event_filter=_WAKING)
    except OSError as fault:
        _log.warning("no events for a hot folder (error %s): it is polled only", fault.errno)
    try:
        yield wake
    finally:
        observer.stop()
        observer.join()


def rest(seconds: float, stop: threading.Event, wake: threading.Event) -> None:
    """Wait, until stopped or woken; a breath at least, so that a storm of events is one wake-up."""
    end = time.monotonic() + seconds
    stop.wait(min(seconds, _BREATH_SECONDS))
    while not stop.is_set() and not wake.is_set() and (left := end - time.monotonic()) > 0:
        wake.wait(min(left, _LONGEST_UNTIL_STOPPED))


class _Waker(FileSystemEventHandler):
    """Turns every event into one and the same wake-up."""

    def __init__(self, wake: threading.Event) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:  # noqa: ARG002 - the signature is the library's
        """Wake."""
        self._wake.set()
