"""What lies at a way in and cannot be taken in yet: told to whoever shows it, so that nothing lies forgotten.

Before: a channel sees that a file is not whole, cannot be read or was not accepted. After: the post room reads the
sentence on its screen until the file is finished, taken in or gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from mailroom.channels.attempt import attempt
from mailroom.domain.capture import Channel

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IncompleteFile:
    """One file or folder that holds something up.

    Attributes:
        channel: the way in.
        path: its whole path as text that can be stored; see `folder_layout.readable`.
        size: bytes at the moment, 0 for a folder.
        first_seen: when this run of the service first saw it (aware, UTC).
        last_change: when its size or time last changed, as far as this run saw.
        sentence: what is wrong, for a clerk.
    """

    channel: Channel
    path: str
    size: int
    first_seen: datetime
    last_change: datetime
    sentence: str


class IncompleteReport(Protocol):
    """Where such files are shown; both calls may come again for the same path, and may raise when it is down."""

    def report(self, file: IncompleteFile) -> None:
        """Show this, in place of what was shown for the same path."""
        ...

    def report_cleared(self, path: str) -> None:
        """Show nothing for this path any more; nothing may have been shown."""
        ...


class NoticeBoard:
    """Keeps the report in step with what a channel finds; what could not be told is told at the next look.

    Args:
        report: where it is shown.
    """

    def __init__(self, report: IncompleteReport) -> None:
        self._report = report
        self._shown: dict[str, IncompleteFile | None] = {}

    def may_be_shown(self, path: str) -> None:
        """Have the path cleared at the next `show_exactly`: an earlier run of the service may have shown it."""
        self._shown.setdefault(path, None)

    def show_exactly(self, files: Iterable[IncompleteFile]) -> None:
        """Report what is new or has changed, clear what is no longer among the files; raises nothing."""
        wanted = {file.path: file for file in files}
        for path in self._shown.keys() - wanted.keys():
            if self._told(partial(self._report.report_cleared, path)):
                del self._shown[path]
        for path, file in wanted.items():
            if self._shown.get(path) != file and self._told(partial(self._report.report, file)):
                self._shown[path] = file

    def _told(self, tell: Callable[[], None]) -> bool:
        fault = attempt(tell)
        if fault is not None:
            _log.warning("an unfinished file could not be reported (%s)", type(fault).__name__)
        return fault is None
