"""The three things done to a file in a hot folder: look into it, hand it in at the door, move it away.

Before: `sighting.next_step` says which is due. After: each returns what is known then; the channel goes on from there.
Every step may fail and be done again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from mailroom.channels.complete.judge import completeness
from mailroom.channels.folder_layout import TAKEN, arrival_of, readable
from mailroom.channels.folder_settings import FolderSettings
from mailroom.channels.sighting import Sighting, Step, is_unfinished, seen
from mailroom.channels.spool import Spooled, spool_copy, stamp_of
from mailroom.domain.capture import Capture, Deliver

_log = logging.getLogger(__name__)


class FolderSteps:
    """Does steps for the files of one hot folder.

    Args:
        settings: of the folder.
        deliver: the door.
        spool: folder for copies on the vault's own disk.
    """

    def __init__(self, settings: FolderSettings, deliver: Deliver, spool: Path) -> None:
        self._settings = settings
        self._deliver = deliver
        self._spool = spool

    def do(self, step: Step, relative: Path, sighting: Sighting, now: datetime) -> Sighting | None:
        """Do one step with the file; return what is known then, None once it has been moved away.

        Raises:
            SourceChanging: somebody writes to it.
            OSError: it cannot be read, copied or moved.
            Exception: whatever the door raises; then nothing was accepted.
        """
        act: Callable[[Path, Sighting, datetime], Sighting | None]
        act = {Step.JUDGE: self._judge, Step.TAKE: self._take, Step.MOVE: self._move}[step]
        return act(relative, sighting, now)

    def _judge(self, relative: Path, sighting: Sighting, _now: datetime) -> Sighting:
        return replace(sighting, verdict=completeness(self._settings.path / relative))

    def _take(self, relative: Path, sighting: Sighting, _now: datetime) -> Sighting:
        spooled = spool_copy(self._settings.path / relative, self._spool, sighting.stamp)
        try:
            receipt = self._deliver(self._capture(relative, sighting, spooled))
        finally:
            spooled.path.unlink(missing_ok=True)
        _log.info("%s: accepted as item %s", self._settings.channel, receipt.item_id)
        return replace(sighting, accepted=True, failures=0, next_try=None, trouble="")

    def _capture(self, relative: Path, sighting: Sighting, spooled: Spooled) -> Capture:
        size, mtime_ns = sighting.stamp.size, sighting.stamp.mtime_ns
        # the calendar's time, which may be corrected while we run; the moments of sightings only measure waiting
        arrival = arrival_of(relative, mtime_ns / 1e9, self._settings.pattern, datetime.now(UTC))
        return Capture(
            spooled=spooled.path,
            channel=self._settings.channel,
            source=f"{readable(self._settings.path / relative)}|{size}|{mtime_ns}|{spooled.sha256}",
            received_at=arrival.received_at,
            receipt_assumed=arrival.assumed,
            file_name=readable(Path(relative.name)),
            hints=arrival.hints,
            way=self._settings.way,
            defect=sighting.verdict.sentence if sighting.verdict and is_unfinished(sighting) else None,
        )

    def _move(self, relative: Path, sighting: Sighting, now: datetime) -> Sighting | None:
        """Move an accepted file under `taken/`; what was written to it since is other post, and it stays."""
        source = self._settings.path / relative
        stamp = stamp_of(source.lstat())
        if stamp != sighting.stamp:
            return seen(sighting, stamp, now)
        place = _reserve(self._settings.path / TAKEN / relative)
        try:
            source.replace(place)
        except OSError:
            # a network disk may have moved it and lost the answer; then this is no reservation any more
            if source.exists():
                place.unlink()
            raise
        return None


def _reserve(wanted: Path) -> Path:
    """Create an empty file of this name, or of the first free one with a number, and return its path.

    The move then replaces nothing but this reservation, whoever else moves files at the same time. A crash in between
    leaves an empty file there.
    """
    wanted.parent.mkdir(parents=True, exist_ok=True)
    numbered = (wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}") for number in count(2))
    return next(place for place in chain([wanted], numbered) if _created(place))


def _created(place: Path) -> bool:
    try:
        place.touch(exist_ok=False)
    except FileExistsError:
        return False
    return True
