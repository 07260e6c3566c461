"""Makes locks on originals longer while their matter is open, never beyond what the settings allow, and settles holds.

Before: an original was locked at its receipt for a short term, since nobody knew yet what it was. After: it is locked
for as long as its case is open; how long then is for the rule of its type.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from mailroom.journey.hold_in_store import settle_holds
from mailroom.records.alarms import settle_alarm
from mailroom.records.locks import locks_that_end, locks_that_ended, note_lock
from mailroom.records.tables import KeptObject
from mailroom.services import Services
from mailroom.settings import BucketOf, Settings
from storage.errors import StorageError
from storage.laps import Moment

_SUBJECT = "locks on originals"
_AT_ONCE = 500
_SLICE_SECONDS = 5.0
_LOOKED_BACK = timedelta(days=60)
_YEAR = timedelta(days=365)


def keep_locked(services: Services) -> int:
    """Make longer what ends within half a term, and settle holds; return how many locks were looked after.

    An alarm says so where a store refuses, until it does not any more; one refusal keeps no other from its lock.
    """
    told = bucket_that_locks(services.settings)
    if told is None:
        return 0
    with suppress(StorageError, OSError):  # the alarm says it
        settle_holds(services)
    extended = _extend_all(told, services)
    laps = services.vault.laps
    first = laps.holding.first or laps.locking.first
    if first or (laps.holding.sound and laps.locking.sound):
        sentence = f"Locks cannot be made longer now: {first}." if first else None
        settle_alarm(services.records, _SUBJECT, sentence, services.now())
    return extended


def bucket_that_locks(settings: Settings) -> BucketOf | None:
    """Return the settings of the bucket whose locks are looked after, the first store's before the second's."""
    if settings.parts.store == "s3" and settings.s3.lock:
        return settings.s3
    second = settings.second_copy
    return second.s3 if second.store == "s3" and second.s3.lock else None


def ended_locks(services: Services) -> list[str]:
    """Return a sentence for each lock that has ended though its matter is open."""
    told = bucket_that_locks(services.settings)
    if told is None:
        return []
    now = services.now()
    with services.records.look() as session:
        ended = locks_that_ended(session, now, now - told.lock_years_at_most * _YEAR, _AT_ONCE)
    return [f"{one.key}: its lock ended on {one.locked_until:%d %B %Y} though its case is open" for one in ended]


def new_end(kept: KeptObject, now: datetime, told: BucketOf) -> datetime:
    """Return until when an object is to be locked: a term from now, but no longer than may be from its receipt."""
    return min(now + timedelta(days=told.lock_days), kept.stored_at + told.lock_years_at_most * _YEAR)


def _extend_all(told: BucketOf, services: Services) -> int:
    now, extended, lap = services.now(), 0, services.vault.laps.locking
    until = time.monotonic() + _SLICE_SECONDS
    for kept in lap.over(lambda after: _due(after, told, services), lambda kept: (kept.locked_until or now, kept.key)):
        with lap.borne():
            _extend(kept, new_end(kept, now, told), services)
            extended += 1
        if time.monotonic() > until:
            break
    return extended


def _due(after: Moment | None, told: BucketOf, services: Services) -> Sequence[KeptObject]:
    now = services.now()
    soon = now + timedelta(days=told.lock_days) / 2
    kept_since = soon - told.lock_years_at_most * _YEAR
    with services.records.look() as session:
        return locks_that_end(session, (now - _LOOKED_BACK, soon), kept_since, after, _AT_ONCE)


def _extend(kept: KeptObject, until: datetime, services: Services) -> None:
    end = services.vault.copies.lock(kept.key, until)
    with services.records.work() as session:
        note_lock(session, kept.key, end)
        session.commit()
