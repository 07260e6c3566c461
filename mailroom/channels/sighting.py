"""What is known of one file in a hot folder, and what to do with it next: decisions only, no disk.

Before: `folder.py` looks at the folder. After: it does what `next_step` says, and comes back with what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from mailroom.channels.complete.verdict import Completeness, Wholeness
from mailroom.channels.folder_settings import FolderSettings


class Step(Enum):
    """What to do with a file."""

    WAIT = auto()
    JUDGE = auto()
    TAKE = auto()
    MOVE = auto()


@dataclass(frozen=True, slots=True)
class Stamp:
    """What changes when somebody writes to a file: its size in bytes and its time in nanoseconds since 1970."""

    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """One file in a hot folder, as this run of the service has seen it.

    Attributes:
        stamp: as last seen.
        first_seen: by this run of the service (aware).
        last_change: when it was last seen to change.
        verdict: whether it is whole, for this stamp; None while nobody has looked.
        accepted: the door has it; it only has to be moved away.
        failures: in a row, since the last change.
        next_try: not before this moment, where something failed.
        trouble: what failed last, for a clerk.
    """

    stamp: Stamp
    first_seen: datetime
    last_change: datetime
    verdict: Completeness | None = None
    accepted: bool = False
    failures: int = 0
    next_try: datetime | None = None
    trouble: str = ""


def seen(before: Sighting | None, stamp: Stamp, now: datetime) -> Sighting:
    """Return what is known after a further look; a change makes everything but the first look void."""
    if before is None:
        return Sighting(stamp, first_seen=now, last_change=now)
    if before.stamp == stamp:
        return before
    return Sighting(stamp, first_seen=before.first_seen, last_change=now)


def failed(before: Sighting, sentence: str, now: datetime, settings: FolderSettings) -> Sighting:
    """Return what is known after a step failed."""
    failures = before.failures + 1
    return replace(before, failures=failures, next_try=now + settings.pause_after(failures), trouble=sentence)


def next_step(sighting: Sighting, now: datetime, settings: FolderSettings) -> Step:
    """Say what to do: quiet first, then whole by its bytes, or unfinished for so long that it is taken as it is."""
    if sighting.next_try is not None and now < sighting.next_try:
        return Step.WAIT
    if sighting.accepted:
        return Step.MOVE
    quiet = now - sighting.last_change
    if quiet < timedelta(seconds=settings.quiet_seconds):
        return Step.WAIT
    if sighting.verdict is None:
        return Step.JUDGE
    if is_unfinished(sighting) and quiet < timedelta(seconds=settings.accept_incomplete_after):
        return Step.WAIT
    return Step.TAKE


def seconds_until_due(sighting: Sighting, now: datetime, settings: FolderSettings) -> float:
    """Return how long to wait until `next_step` may say something else than to wait, 0 or more."""
    quiet_at = sighting.last_change + timedelta(seconds=settings.quiet_seconds)
    unfinished_at = sighting.last_change + timedelta(seconds=settings.accept_incomplete_after)
    due_at = unfinished_at if is_unfinished(sighting) else quiet_at
    return max(0.0, (max(due_at, sighting.next_try or due_at) - now).total_seconds())


def is_unfinished(sighting: Sighting) -> bool:
    """Return whether its bytes say that something is missing."""
    return sighting.verdict is not None and sighting.verdict.wholeness is Wholeness.INCOMPLETE


def sentence_to_show(sighting: Sighting, now: datetime, settings: FolderSettings) -> str | None:
    """Return what the post room should read, None while the file has not been lying there for long.

    The time runs from the first look, not from the last change, so that a file that is touched for ever is shown too.
    """
    if now - sighting.first_seen < timedelta(seconds=settings.incomplete_after):
        return None
    if sighting.trouble:
        return sighting.trouble
    if sighting.verdict is not None and sighting.verdict.sentence:
        return sighting.verdict.sentence
    return "The file is still being written to."
