"""The door: stores the original, numbers the item, starts its clock and sends it on its journey.

Before: a channel has spooled a whole file on the vault's disk. After: the bytes are in the vault (fsynced), and one
commit holds the line of the ledger, the item, the custody event and the job. Only then does the channel let go of its
source.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from mailroom.domain.capture import Capture, Receipt
from mailroom.domain.errors import Transient
from mailroom.domain.imported import WAY, Imported, Told
from mailroom.domain.receipt_date import believable
from mailroom.journey import JOURNEY
from mailroom.journey.room import why_no_room
from mailroom.records import custody
from mailroom.records.imports import keep_told
from mailroom.records.items import add_item, first_with_bytes, new_id, receipt_of
from mailroom.records.tables import Item, Original
from mailroom.services import Services
from storage.errors import StorageError, StoreFull
from storage.vault import Kept


def receive(capture: Capture, services: Services) -> Receipt:
    """Accept a capture: when this returns it is stored and on the ledger, and the spooled file is gone.

    Args:
        capture: what the channel took in.
        services: the bundle.

    Raises:
        Transient: nothing was accepted (no room, store or database out of reach); the channel keeps its source.
    """
    try:
        seen = _seen_before(capture, services) or _accept(capture, services)
    except OperationalError as fault:
        raise Transient(f"The records cannot be read or written now ({fault.orig}); nothing is taken in.") from fault
    capture.spooled.unlink(missing_ok=True)
    return seen


def _accept(capture: Capture, services: Services) -> Receipt:
    refuse_when_full(services)
    kept = keep_original(capture.spooled, services)
    try:
        return _write_down(capture, kept, services)
    except IntegrityError:  # the same delivery came in twice at once, and the other was faster
        seen = _seen_before(capture, services)
        if seen is None:
            raise
        return seen


def _seen_before(capture: Capture, services: Services) -> Receipt | None:
    with services.records.look() as session:
        return _redelivery(session, capture.source)


def _redelivery(session: Session, source: str) -> Receipt | None:
    line = receipt_of(session, source)
    item = session.get(Item, line.item_id) if line else None
    return Receipt(item.id, item.reference, redelivered=True) if item else None


def refuse_when_full(services: Services) -> None:
    """Return while there is room.

    Raises:
        Transient: there is too little for anything more.
    """
    why = why_no_room(services)
    if why is not None:
        raise Transient(why)


def keep_original(spooled: Path, services: Services) -> Kept:
    """Keep a spooled file as an original, durable when this returns.

    Raises:
        Transient: the store cannot take it now.
    """
    try:
        return services.vault.keep(spooled)
    except StoreFull as fault:
        raise Transient(f"{fault} Make room; intake goes on by itself.") from fault
    except StorageError as fault:
        raise Transient(f"The store cannot keep the original now: {fault}") from fault


def _write_down(capture: Capture, kept: Kept, services: Services) -> Receipt:
    now = services.now()
    said, capture = capture.received_at, believable(capture, now)
    with services.records.work() as session:
        redelivered = _redelivery(session, capture.source)
        if redelivered is not None:
            return redelivered
        first = first_with_bytes(session, kept.sha256)
        item = add_item(
            session,
            capture,
            prefix=services.settings.council.prefix,
            now=now,
            first_stage=JOURNEY[0],
            repeat_of=first.id if first else None,
        )
        session.add(_original(item, capture, kept, now))
        custody.record(
            session,
            item.id,
            "received",
            actor=f"channel:{WAY if capture.told else capture.channel}",
            at=now,
            original=kept.sha256,
            details={
                "size": kept.size,
                "received_at": capture.received_at.isoformat(),
                "said": said.isoformat(),
                "assumed": capture.receipt_assumed,
                "repeat_of": first.reference if first else None,
            },
        )
        if capture.told is not None:
            _note_told(session, item, capture.told, now)
        services.queue.enqueue(session, item.id, item.run)
        session.commit()
        return Receipt(item.id, item.reference, repeat_of=first.reference if first else None)


def _note_told(session: Session, item: Item, told: Told, now: datetime) -> None:
    item.imported = Imported.OPEN
    keep_told(session, item, told)
    custody.record(session, item.id, "imported", actor=told.by, at=now, details=told.as_event(Imported.OPEN))


def _original(item: Item, capture: Capture, kept: Kept, now: datetime) -> Original:
    return Original(
        id=new_id(),
        item_id=item.id,
        ordinal=1,
        sha256=kept.sha256,
        size=kept.size,
        key=kept.key,
        file_name=capture.file_name,
        stored_at=now,
    )
