"""Puts a second copy of everything that is kept into the other store, soon after it came and never in its way.

Before: something lies in the vault, and nothing waited for this. After: it lies in both stores; what does not yet is
known. Interrupted at any point it goes on: a copy that was put and is not on record is found there and compared.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

from mailroom.duties.slots import sole
from mailroom.records.alarms import settle_alarm
from mailroom.records.kept_objects import note_copied, without_copy
from mailroom.records.tables import KeptObject
from mailroom.services import Services
from storage.errors import VaultBreach
from storage.laps import Moment

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
    copied, lap = 0, services.vault.laps.copying
    for one in lap.over(lambda after: _due(after, services), lambda one: (one.stored_at, one.key)):
        with lap.borne(), suppress(VaultBreach):
            copied += _copy_one(one, services)
        if time.monotonic() > until:
            break
    if lap.first or lap.sound:
        sentence = (
            f"Second copies cannot be made now, and are made once they can be: {lap.first}." if lap.first else None
        )
        settle_alarm(services.records, _SUBJECT, sentence, services.now())
    return copied


def _due(after: Moment | None, services: Services) -> Sequence[KeptObject]:
    with services.records.look() as session:
        return without_copy(session, after, _AT_ONCE)


def _copy_one(kept: KeptObject, services: Services) -> int:
    stored = services.vault.copies.double(kept.sha256, kept.key)
    with services.records.work() as session:
        note_copied(session, stored, services.now())
        session.commit()
    return 1
