"""Hot folders: scanners, fax servers and people put files there; each is taken in once, when it is whole.

Before: a file appears. After: the door has accepted it and it lies under `taken/`. A file is copied, never moved, into
the spool; only the door's receipt moves the source, and a crash in between leads to a redelivery that the door knows
by its source identity. Nothing is deleted and nothing is overwritten.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mailroom.channels.attempt import attempt
from mailroom.channels.folder_layout import readable
from mailroom.channels.folder_look import look_at
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.folder_steps import FolderSteps
from mailroom.channels.incomplete import IncompleteFile, IncompleteReport, NoticeBoard
from mailroom.channels.sighting import (
    Sighting,
    Stamp,
    Step,
    failed,
    next_step,
    seconds_until_due,
    seen,
    sentence_to_show,
)
from mailroom.channels.spool import SourceChanging, clear_leftovers
from mailroom.channels.waking import SteadyClock, rest, woken_by_events
from mailroom.domain.capture import Deliver
from mailroom.domain.errors import MailroomError, Transient

_log = logging.getLogger(__name__)
_NEVER = threading.Event()


class FolderChannel:
    """Watches one hot folder and all folders in it.

    Args:
        settings: where and how.
        deliver: the door.
        spool: an existing folder on the vault's own disk; several channels may share it.
        report: where files that cannot be taken in are shown.
    """

    def __init__(self, settings: FolderSettings, deliver: Deliver, spool: Path, report: IncompleteReport) -> None:
        self._settings = settings
        self._steps = FolderSteps(settings, deliver, spool)
        self._spool = spool
        self._board = NoticeBoard(report)
        self._sightings: dict[Path, Sighting] = {}
        self._closed: dict[Path, IncompleteFile] = {}

    def run(self, stop: threading.Event) -> None:
        """Take files in until `stop` is set, woken by the file system and at least every `poll_seconds`.

        Raises:
            OSError: the spool cannot be read at the start.
        """
        clear_leftovers(self._spool)
        clock = SteadyClock()
        with woken_by_events(self._settings.path, wanted=self._settings.use_events) as wake:
            while not stop.is_set():
                wake.clear()
                self.scan_once(clock.now(), stop)
                rest(self._pause(clock.now()), stop, wake)

    def scan_once(self, now: datetime, stop: threading.Event = _NEVER) -> int:
        """Look once at everything and do what is due; return how many files were accepted and moved.

        Args:
            now: the present moment (aware); waiting is counted between the moments given here.
            stop: ends the pass after the file at hand.
        """
        look = look_at(self._settings.path)
        self._note_closed(look.closed, now)
        self._sightings = {path: sighting for path, sighting in self._sightings.items() if path in look.files}
        taken = 0
        for relative, stamp in sorted(look.files.items(), key=lambda file: (file[1].mtime_ns, file[0])):
            if stop.is_set():
                break
            taken += self._attend(relative, stamp, now)
        self._board.show_exactly(self._to_show(now))
        return taken

    def _pause(self, now: datetime) -> float:
        """Return the seconds until a file is due for its next step, or until the folder is to be looked at anyway."""
        due = (seconds_until_due(sighting, now, self._settings) for sighting in self._sightings.values())
        return min([self._settings.poll_seconds, *due])

    def _attend(self, relative: Path, stamp: Stamp, now: datetime) -> bool:
        """Do with one file whatever is due; return True when it is accepted and moved."""
        sighting: Sighting | None = seen(self._sightings.get(relative), stamp, now)
        while sighting is not None and (step := next_step(sighting, now, self._settings)) is not Step.WAIT:
            sighting = self._try(step, relative, sighting, now)
        if sighting is not None:
            self._sightings[relative] = sighting
            return False
        self._sightings.pop(relative, None)
        self._board.may_be_shown(self._whole_path(relative))
        return True

    def _try(self, step: Step, relative: Path, sighting: Sighting, now: datetime) -> Sighting | None:
        outcome = attempt(lambda: self._steps.do(step, relative, sighting, now))
        if not isinstance(outcome, Exception):
            return outcome
        if isinstance(outcome, SourceChanging):
            return replace(sighting, last_change=now, verdict=None)
        _log.warning(
            "%s: file %s: step %s failed (%s): %s",
            self._settings.channel,
            _mark(relative),
            step.name,
            type(outcome).__name__,
            outcome if isinstance(outcome, Transient) else f"error {getattr(outcome, 'errno', None)}",
        )
        return failed(sighting, _sentence(outcome, sighting), now, self._settings)

    def _note_closed(self, closed: dict[Path, str], now: datetime) -> None:
        for path in closed.keys() - self._closed.keys():
            _log.error("%s: folder %s cannot be read: %s", self._settings.channel, _mark(path), closed[path])
        self._closed = {
            path: self._closed.get(path)
            or self._notice(path, 0, now, now, f"Nothing in here can be taken in: {reason}.")
            for path, reason in closed.items()
        }

    def _to_show(self, now: datetime) -> Iterator[IncompleteFile]:
        yield from self._closed.values()
        for relative, known in self._sightings.items():
            sentence = sentence_to_show(known, now, self._settings)
            if sentence:
                path = self._settings.path / relative
                yield self._notice(path, known.stamp.size, known.first_seen, known.last_change, sentence)

    def _notice(self, path: Path, size: int, first_seen: datetime, last_change: datetime, text: str) -> IncompleteFile:
        return IncompleteFile(self._settings.channel, readable(path), size, first_seen, last_change, text)

    def _whole_path(self, relative: Path) -> str:
        return readable(self._settings.path / relative)


def _mark(path: Path) -> str:
    """Return what stands for a path in the log: file names may hold people's names."""
    return hashlib.sha256(readable(path).encode()).hexdigest()[:12]


def _sentence(fault: Exception, sighting: Sighting) -> str:
    if isinstance(fault, MailroomError):
        reason = str(fault)
    elif isinstance(fault, OSError):
        reason = f"{fault.strerror or type(fault).__name__}."
    else:
        reason = "The service could not take it in."
    done = (
        "It was accepted, but cannot be moved to the folder of taken files" if sighting.accepted else "Not taken in yet"
    )
    return f"{done}: {reason} It is tried again by itself."
