"""Walks over every object on record, reads each copy to its end, and looks for what nobody knows of.

Before: nothing happened for a long time, and disks forget. After: what is damaged or gone is on record before anybody
needs it (`mend.py` puts it back), and it is known when all was last found whole. The walk keeps to its hours, remembers
where it stopped and goes on there the next night.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from mailroom.domain.sla import LONDON
from mailroom.duties.slots import sole
from mailroom.records.kept_objects import objects_after, on_record
from mailroom.records.tables import KeptObject, WalkRow
from mailroom.records.walks import NOTHING, OBJECTS, STRANGERS, the_walk
from mailroom.services import Services
from storage.damage import Copy
from storage.errors import StorageError
from storage.store import SET_ASIDE

SLOT = "scrub"
"""What whoever walks holds, so that no two of a machine do."""

_AT_ONCE = 50
_MOST_NAMED = 100
_NEW = timedelta(hours=1)
"""Younger than this it may be about to be put on record."""

_SLICE_SECONDS = 5.0
"""How long a duty walks before it looks whether it is to stop."""

_HEX = "0123456789abcdef"
_WHERE_STRANGERS_LIE = (
    *(f"originals/{first}{second}/" for first in _HEX for second in _HEX),
    *(f"renditions/{first}" for first in _HEX),
    "heads/",
)


def scrub_by_night(services: Services) -> None:
    """Walk on for a few seconds where it is the time for it; a store that does not answer now is for others to say."""
    told = services.settings.scrub
    began = _beginning_of_the_night(services)
    if began is None or services.now() >= began + timedelta(minutes=told.minutes):
        return
    with services.records.look() as session:
        walk = the_walk(session)
        rests = walk.looking_for == NOTHING and walk.ended_at is not None and walk.ended_at >= began
    if not rests:
        with suppress(StorageError), sole(services.settings.data / "slots", SLOT) as ours:
            if ours:
                walk_on(services, _SLICE_SECONDS)


def walk_on(services: Services, seconds: float, *, from_the_beginning: bool = False) -> bool:
    """Walk on from where the last walk stopped; return whether it has come to its end. Whoever calls holds `SLOT`.

    Args:
        services: the bundle.
        seconds: for how long; a step is taken in any case.
        from_the_beginning: whether to leave a walk that was begun, and begin anew.

    Raises:
        StorageError: a store is not there; what was walked before is on record.
    """
    until = time.monotonic() + seconds
    if from_the_beginning or _stands_at_its_end(services):
        _begin(services)
    while True:
        _take_a_step(services)
        if (ended := _stands_at_its_end(services)) or time.monotonic() >= until:
            return ended


def _beginning_of_the_night(services: Services) -> datetime | None:
    """Return when the hours of the walk began that last for this moment, if they do."""
    told, now = services.settings.scrub, services.now()
    if not told.minutes:
        return None
    today = datetime.combine(now.astimezone(LONDON), told.begins, LONDON)
    return today if today <= now else today - timedelta(days=1)


def _stands_at_its_end(services: Services) -> bool:
    with services.records.look() as session:
        return the_walk(session).looking_for == NOTHING


def _begin(services: Services) -> None:
    with services.records.work() as session:
        walk = session.merge(the_walk(session, lock=True))
        walk.began_at, walk.looking_for, walk.position = services.now(), OBJECTS, ""
        walk.checked, walk.overlaid, walk.strangers, walk.strangers_counted = 0, [], [], 0
        session.commit()


def _take_a_step(services: Services) -> None:
    with services.records.look() as session:
        walk = the_walk(session)
    if walk.looking_for == OBJECTS:
        _look_at_objects(walk, services)
    else:
        _look_for_strangers(walk, services)


def _look_at_objects(walk: WalkRow, services: Services) -> None:
    with services.records.look() as session:
        objects = objects_after(session, walk.position, _AT_ONCE)
    overlaid = [one.key for one in objects if not _look_at(one, services)]
    with services.records.work() as session:
        row = the_walk(session, lock=True)
        if row.position == walk.position and row.looking_for == OBJECTS:  # another machine may have walked here, too
            row.checked += len(objects)
            row.overlaid = [*row.overlaid, *overlaid][:_MOST_NAMED]
            row.position = objects[-1].key if objects else ""
            row.looking_for = OBJECTS if objects else STRANGERS
        session.commit()


def _look_at(kept: KeptObject, services: Services) -> bool:
    """Read each copy of an object; return whether nobody has put anything over it."""
    copies = services.vault.copies
    if copies.waits_elsewhere(kept.waits_on):
        return True
    present = [Copy.FIRST, *([Copy.SECOND] if copies.doubled and kept.copied_at else [])]
    whole = [copy for copy in present if copies.check(copy, kept.sha256, kept.key) is None]
    return all(copies.newest_is_ours(copy, kept.key) for copy in whole)


def _look_for_strangers(walk: WalkRow, services: Services) -> None:
    place = int(walk.position or 0)
    found = list(_strangers(_WHERE_STRANGERS_LIE[place], services))
    with services.records.work() as session:
        row = the_walk(session, lock=True)
        if row.position == walk.position and row.looking_for == STRANGERS:
            row.strangers = [*row.strangers, *found][:_MOST_NAMED]
            row.strangers_counted += len(found)
            row.position = str(place + 1)
            if place + 1 == len(_WHERE_STRANGERS_LIE):
                row.looking_for, row.position = NOTHING, ""
                row.ended_at, row.whole_since = services.now(), row.began_at
        session.commit()


def _strangers(prefix: str, services: Services) -> Iterable[str]:
    """Return what lies in the store and is not on record; it is told and never deleted."""
    old = services.now() - _NEW
    batch: list[str] = []
    for stored in services.vault.objects(prefix):
        if stored.stored_at < old and not stored.waits_on and not stored.key.startswith(SET_ASIDE):
            batch.append(stored.key)
        if len(batch) == _AT_ONCE:
            yield from _unknown(batch, services)
            batch = []
    yield from _unknown(batch, services)


def _unknown(keys: list[str], services: Services) -> list[str]:
    with services.records.look() as session:
        known = on_record(session, keys)
    return [key for key in keys if key not in known]
