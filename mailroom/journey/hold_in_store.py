"""Puts legal holds onto the objects of the items that are under one, in every store that can, and lifts them again.

Before: an auditor has put an item under hold, or lifted that. After: the store destroys nothing of it, lock or no lock.
A store that is away is asked again by the clock (`duties/locks.py`).
"""

from __future__ import annotations

from mailroom.records.locks import holds_to_change, note_held
from mailroom.services import Services


def settle_holds(services: Services) -> int:
    """Put on and lift what is due; return how many objects a store holds or has let go of.

    Raises:
        StorageError: a store is away, or refuses.
    """
    with services.records.look() as session:
        to_hold, to_lift = holds_to_change(session)
    changed = 0
    for key in sorted(to_hold | to_lift):
        on = key in to_hold
        if services.vault.copies.hold(key, on=on):
            with services.records.work() as session:
                note_held(session, key, held=on)
                session.commit()
            changed += 1
    return changed
