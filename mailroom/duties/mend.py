"""Puts back copies that are not what was kept, from the other copy, and says so; what cannot be put back is alarmed.

Before: a reader or the walk over all objects has met damage, and it is on record. After: the copy is what was kept, and
what lay in its place is set aside; or an alarm names the item and what to do. Each item's chain of custody says which.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from mailroom.records.alarms import clear_alarm, raise_alarm, settle_alarm
from mailroom.records.damages import By, count_mended, holders, note_mended, note_not_mended, to_be_mended
from mailroom.records.kept_objects import note_version
from mailroom.records.tables import DamageRow
from mailroom.records.walks import the_walk
from mailroom.services import Services
from storage.damage import Copy, Damage
from storage.errors import StorageError, VaultBreach

_AGAIN_AFTER = timedelta(minutes=10)
_AT_ONCE = 100
_MENDED = "originals that were put back"
_OF_ITEM, _OF_OBJECT = "custody:", "damage:"


def mend(services: Services) -> int:
    """Try to put back what is damaged and was not tried of late; return how many copies are whole again."""
    with services.records.look() as session:
        due = to_be_mended(session, services.now(), _AGAIN_AFTER, _AT_ONCE)
    mended = sum(_mend(row, services) for row in due)
    _settle_alarms(services, mended)
    return mended


def _mend(row: DamageRow, services: Services) -> bool:
    copies, copy = services.vault.copies, Copy(row.copy)
    try:
        if copies.check(copy, row.sha256, row.key) is None:
            stored, aside, by = None, None, By.SOMEBODY
        else:
            (stored, aside), by = copies.mend(copy, row.sha256, row.key), By.OTHER_COPY
    except StorageError as fault:
        _put_off(row, fault, services)
        return False
    with services.records.work() as session:
        if stored is not None:
            note_version(session, copy, stored)
        note_mended(session, (row.key, row.copy), aside, services.now(), by)
        for item in holders(session, row.key, row.sha256):
            clear_alarm(session, f"{_OF_ITEM}{item.id}", services.now())
        clear_alarm(session, f"{_OF_OBJECT}{row.key}", services.now())
        session.commit()
    return True


def _put_off(row: DamageRow, fault: StorageError, services: Services) -> None:
    with services.records.work() as session:
        note_not_mended(session, row, _why_not(fault, services), services.now())
        _alarm(session, row, services)
        session.commit()


def _why_not(fault: StorageError, services: Services) -> str:
    if not services.vault.copies.doubled:
        return "There is no second copy (second_copy.store)"
    if isinstance(fault, VaultBreach):
        return f"The other copy is no help: {fault}"
    return f"It cannot be put back now: {fault}"


def _alarm(session: Session, row: DamageRow, services: Services) -> None:
    """Raise an alarm for each item that a damaged copy belongs to."""
    row = session.get_one(DamageRow, (row.key, row.copy))
    wrong = Damage(row.key, row.sha256, Copy(row.copy), row.found)
    advice = "Bring it back to the same place from a backup; the mailroom looks again every ten minutes"
    told = f"{wrong}. {row.why_not}. {advice}. Until then rely on no copy of it."
    items = holders(session, row.key, row.sha256)
    for item in items:
        raise_alarm(session, f"{_OF_ITEM}{item.id}", f"Item {item.reference}: {told}", services.now())
    if not items:
        raise_alarm(session, f"{_OF_OBJECT}{row.key}", told, services.now())


def _settle_alarms(services: Services, mended: int) -> None:
    """Say that something had to be put back until a whole walk has met nothing more of it."""
    with services.records.look() as session:
        number = count_mended(session, the_walk(session).whole_since)
    if mended or not number:
        sentence = _put_back(number) if number else None
        settle_alarm(services.records, _MENDED, sentence, services.now())


def _put_back(number: int) -> str:
    copies = "copy" if number == 1 else "copies"
    return (
        f"Put back from the other store: {number} {copies} of originals or of what was made from them, damaged or "
        "gone; `mailroom scrub` names them. Find out what is wrong with the disk or the service before it happens "
        "again. This clears by itself when a walk over all has met nothing more."
    )
