"""Hands on to the store what waits in this machine's spool because the store was away when it came.

Before: `storage/spool.py` kept it here, the item is on the ledger and goes its way. After: it lies in the store,
compared, and that is on record; only then is it forgotten here. Interrupted at any point it is done again.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import timedelta

from mailroom.duties.kept_in_words import objects
from mailroom.duties.slots import sole
from mailroom.records.alarms import settle_alarm
from mailroom.records.damages import By, note_damage, note_mended
from mailroom.records.kept_objects import note_handed_on
from mailroom.records.tables import KeptObject
from mailroom.services import Services
from storage.damage import Copy, Damage
from storage.laps import Moment
from storage.spool import HandedOn, SpoolingStore
from storage.store import StoredObject

_SUBJECT = "the store of originals"
_SLICE_SECONDS = 5.0
_NEW = timedelta(hours=1)


def hand_on(services: Services) -> int:
    """Hand on for a few seconds; return how many objects that were. An alarm says what waits while it is away."""
    spool = services.vault.spool
    if spool is None:
        return 0
    with sole(services.settings.data / "slots", "spool") as ours:
        return _hand_on_all(spool, services) if ours else 0


def _hand_on_all(spool: SpoolingStore, services: Services) -> int:
    until, lap = time.monotonic() + _SLICE_SECONDS, services.vault.laps.handing_on
    waiting = {_place(one): one for one in spool.waiting() if _is_put_down(one, services)}
    all_of_them, places = len(waiting), sorted(waiting)
    for place in lap.over(lambda after: [one for one in places if after is None or one > after], lambda place: place):
        with lap.borne():
            _put_down(spool.hand_on(waiting[place].key), services)
            spool.let_go(waiting[place].key)
            del waiting[place]
        if time.monotonic() > until:
            break
    if lap.first or not waiting:
        sentence = _away(waiting.values(), lap.first) if lap.first else None
        settle_alarm(services.records, _SUBJECT, sentence, services.now())
    return all_of_them - len(waiting)


def _place(waiting: StoredObject) -> Moment:
    return waiting.stored_at, waiting.key


def _is_put_down(waiting: StoredObject, services: Services) -> bool:
    """Return whether it is on record that this waits: what is being kept this moment will be, and what is old never."""
    with services.records.look() as session:
        return session.get(KeptObject, waiting.key) is not None or waiting.stored_at < services.now() - _NEW


def _put_down(what: HandedOn, services: Services) -> None:
    """Put down where the object lies; where something else lay in its place, that was damage and is mended."""
    key, now = what.stored.key, services.now()
    with services.records.work() as session:
        note_handed_on(session, what.stored)
        kept = session.get(KeptObject, key)
        if kept is not None and what.found is not None:
            note_damage(session, Damage(key, kept.sha256, Copy.FIRST, what.found), now)
            note_mended(session, (key, Copy.FIRST), what.set_aside, now, By.SAME_BYTES)
        session.commit()


def _away(waiting: Collection[StoredObject], fault: Exception) -> str:
    megabytes = sum(one.size for one in waiting) / (1 << 20)
    return (
        f"Waiting on this machine until the store of originals takes it: {objects(len(waiting))} ({megabytes:.1f} MB). "
        f"What comes in is kept here up to s3.spool_megabytes. {fault}. All is handed on by itself once it does."
    )
