"""Puts a second copy of everything that is kept into the other store, soon after it came and never in its way.

Before: something lies in the vault, and nothing waited for this. After: it lies in both stores; what does not yet is
known. Interrupted at any point it goes on: a copy that was put and is not on record is found there and compared.
"""

from __future__ import annotations

import time
from contextlib import suppress

from mailroom.duties.slots import sole
from mailroom.records.alarms import settle_alarm
from mailroom.records.kept_objects import note_copied, without_copy
from mailroom.records.tables import KeptObject
from mailroom.services import Services
from storage.errors import VaultBreach
from storage.refusals import Refusals

_SUBJECT = "second copies"
_AT_ONCE = 500
_SLICE_SECONDS = 5.0


def copy_what_has_none(services: Services, seconds: float = _SLICE_SECONDS) -> int:
    """Copy for a few seconds; return how many objects that were.

    A copy that is damaged is on record then, and `mend.py` sees to it; a store that is away raises an alarm.
    """
    if not services.vault.copies.doubled:
        return 0
    with sole(services.settings.data / "slots", "second-copy") as ours:
        return _copy(services, time.monotonic() + seconds) if ours else 0


def _copy(services: Services, until: float) -> int:
    copied, refusals = 0, Refusals()
    with services.records.look() as session:
        objects = without_copy(session, _AT_ONCE)
    for one in objects:
        with refusals.borne(), suppress(VaultBreach):
            copied += _copy_one(one, services)
        if refusals.enough or time.monotonic() > until:
            break
    first = refusals.first
    sentence = f"Second copies cannot be made now, and are made once they can be: {first}." if first else None
    settle_alarm(services.records, _SUBJECT, sentence, services.now())
    return copied


def _copy_one(kept: KeptObject, services: Services) -> int:
    stored = services.vault.copies.double(kept.sha256, kept.key)
    with services.records.work() as session:
        note_copied(session, stored, services.now())
        session.commit()
    return 1
