"""Moves all that is kept to the second store: copies what has none, reads both to their end, and says what to change.

Before: the settings name the new store as that of second copies, and the service runs as ever. After: both hold
everything; when the settings are exchanged, so are the records (`records/store_places.py`). Nothing is deleted.
Interrupted at any point it goes on: what was copied is on record.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from mailroom.domain.errors import MailroomError, Misconfigured, Transient
from mailroom.duties.mend import mend
from mailroom.duties.scrub import SLOT, walk_on
from mailroom.duties.second_copy import copy_what_has_none
from mailroom.duties.slots import one_after_another
from mailroom.records.damages import not_mended
from mailroom.records.kept_objects import count_objects, newest_objects
from mailroom.services import Services
from storage.damage import Copy
from storage.errors import StorageError

_NO_END = 10.0**9
_WITHOUT_PROGRESS_SECONDS = 60.0
_LOOKED_AT = 20


def copy_all(services: Services, tell: Callable[[int, int], None]) -> int:
    """Copy until everything has a second copy; return how many objects there are.

    Args:
        services: the bundle.
        tell: called with how many have one, of how many.

    Raises:
        Misconfigured: there is no second store.
        Transient: nothing could be copied for a minute.
    """
    if not services.vault.copies.doubled:
        raise Misconfigured("second_copy.store: name the store to move to there. The service goes on with the old one.")
    left, since = -1, time.monotonic()
    while True:
        copy_what_has_none(services)
        with services.records.look() as session:
            counts = count_objects(session)
        missing = counts.not_copied + counts.waiting
        tell(counts.objects - missing, counts.objects)
        if not missing:
            return counts.objects
        left, since = (left, since) if missing == left else (missing, time.monotonic())
        if time.monotonic() - since > _WITHOUT_PROGRESS_SECONDS:
            raise Transient(f"{missing} objects could not be copied for a minute: `mailroom status` shows why.")
        time.sleep(0.2)


def prove_all(services: Services) -> None:
    """Read both copies of everything to their end.

    Raises:
        MailroomError: something is not what was kept and could not be put back.
        Transient: a store is away.
    """
    try:
        with one_after_another(services.settings.data / "slots", SLOT):
            walk_on(services, _NO_END, from_the_beginning=True)
    except StorageError as fault:
        raise Transient(f"Not everything was read: {fault}. Call it again once the store is there.") from fault
    mend(services)
    with services.records.look() as session:
        standing = len(not_mended(session))
    if standing:
        raise MailroomError(f"{standing} copies are not what was kept: `mailroom scrub` names them. Nothing is moved.")


def prove_same(services: Services) -> int:
    """Look that the store of the settings holds what was kept last; return how many objects were looked at.

    Raises:
        MailroomError: it does not.
    """
    with services.records.look() as session:
        objects = newest_objects(session, _LOOKED_AT)
    for one in objects:
        try:
            ours = services.vault.copies.holds(Copy.FIRST, one.sha256, one.key)
        except StorageError as fault:
            raise MailroomError(f"The store of the settings cannot be read: {fault}.") from fault
        if not ours:
            raise MailroomError(f"The store of the settings is another one: it does not hold {one.key} as it was kept.")
    return len(objects)
