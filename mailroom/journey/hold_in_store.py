"""Puts legal holds onto the objects of the items that are under one, in every store that can, and lifts them again.

Before: an auditor has put an item under hold, or lifted that. After: the store destroys nothing of it, lock or no lock.
A store that is away is asked again by the clock (`duties/locks.py`).
"""

from __future__ import annotations

from collections.abc import Collection

from mailroom.records.locks import holds_to_change, note_held, originals_of
from mailroom.services import Services
from storage.laps import Lap


def settle_holds(services: Services) -> int:
    """Put on and lift what is due; return how many objects a store holds or has let go of.

    Raises:
        StorageError: a store is away, or refuses one of them; what it does not refuse is done.
    """
    with services.records.look() as session:
        to_hold, to_lift = holds_to_change(session)
    return _settle_all(to_hold, to_lift, services, services.vault.laps.holding)


def settle_holds_on(item_id: str, services: Services) -> int:
    """Put on and lift what is due of one item, at once, however far the round of all the others has come.

    Raises:
        StorageError: as `settle_holds`.
    """
    with services.records.look() as session:
        (to_hold, to_lift), theirs = holds_to_change(session), originals_of(session, item_id)
    return _settle_all(to_hold & theirs, to_lift & theirs, services, Lap())


def _settle_all(to_hold: Collection[str], to_lift: Collection[str], services: Services, lap: Lap[str]) -> int:
    keys, changed = sorted({*to_hold, *to_lift}), 0
    for key in lap.over(lambda after: [one for one in keys if after is None or one > after], str):
        with lap.borne():
            changed += _settle(key, services, on=key in to_hold)
    lap.tell()
    return changed


def _settle(key: str, services: Services, *, on: bool) -> bool:
    if not services.vault.copies.hold(key, on=on):
        return False
    with services.records.work() as session:
        note_held(session, key, held=on)
        session.commit()
    return True
