"""Keeps a closed matter of an older system: original, index data and a closed case, in one commit, and no more.

Before: `bringing.py` has spooled the files of an entry. After: it is found, shown to whom it may be shown, and proven
like what came in here. Nobody is told, no clock runs, no team has it before it, no figure of the promise counts it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from mailroom.domain.capture import Capture, Receipt
from mailroom.domain.catalogue import UNSORTED
from mailroom.domain.errors import Transient
from mailroom.domain.imported import WAY, Imported, Told, decided_by_index
from mailroom.importing.row import Row
from mailroom.journey import JOURNEY
from mailroom.journey.classify import put_decision
from mailroom.journey.quarantine import Held, look_for_malware
from mailroom.journey.receive import keep_original, refuse_when_full
from mailroom.records import custody
from mailroom.records.cases import close, put_case
from mailroom.records.documents import NewDocument, replace_documents, set_fields
from mailroom.records.items import add_item, first_with_bytes, new_id, pass_on, receipt_of
from mailroom.records.search import index_text
from mailroom.records.tables import Item, Original
from mailroom.sandbox.tasks.identify import kind_of
from mailroom.services import Services

_HEAD = 1 << 12
_OLDEST_SERIES = 2000


@dataclass(frozen=True, slots=True)
class Matter:
    """A closed matter on its way over.

    Attributes:
        capture: what the door would be handed of it.
        told: what the index says of it.
        rows: its rows, the first of which says what it is.
        spooled: the file of each row.
    """

    capture: Capture
    told: Told
    rows: Sequence[Row]
    spooled: Sequence[Path]


def keep_closed(matter: Matter, services: Services) -> Receipt:
    """Keep a closed matter, once however often it is tried.

    Raises:
        Transient: nothing was kept, for want of room, or because store, database or scanner are out of reach.
    """
    refuse_when_full(services)
    originals = [_original(number, matter, services) for number in range(len(matter.rows))]
    held = look_for_malware(originals, 0, services)
    try:
        return _write_down(matter, originals, held, services)
    except IntegrityError:  # two commands bring the same over at once, and the other was faster
        with services.records.look() as session:
            known = _known(session, matter.capture.source)
        if known is None:
            raise
        return known
    except OperationalError as fault:
        raise Transient(f"The records cannot be read or written now ({fault.orig}); it is not brought over.") from fault


def _original(number: int, matter: Matter, services: Services) -> Original:
    path = matter.spooled[number]
    with path.open("rb") as file:
        kind = kind_of(file.read(_HEAD))
    kept = keep_original(path, services)
    return Original(
        id=new_id(),
        ordinal=number + 1,
        sha256=kept.sha256,
        size=kept.size,
        key=kept.key,
        media_type=kind.media_type,
        file_name=matter.rows[number].file_name,
        stored_at=services.now(),
    )


def _known(session: Session, source: str) -> Receipt | None:
    line = receipt_of(session, source)
    item = session.get(Item, line.item_id) if line else None
    return Receipt(item.id, item.reference, redelivered=True) if item else None


def _write_down(matter: Matter, originals: Sequence[Original], held: Held, services: Services) -> Receipt:
    with services.records.work() as session:
        known = _known(session, matter.capture.source)
        if known is not None:
            return known
        item = _put_item(session, matter, originals, services)
        _note_custody(session, item, matter, originals, held, services)
        _put_case(session, item, matter, services)
        session.commit()
        return Receipt(item.id, item.reference)


def _put_item(session: Session, matter: Matter, originals: Sequence[Original], services: Services) -> Item:
    now = services.now()
    first = first_with_bytes(session, originals[0].sha256)
    item = add_item(
        session,
        matter.capture,
        prefix=services.settings.council.prefix,
        now=now,
        first_stage=JOURNEY[0],
        repeat_of=first.id if first else None,
        year=_series(matter.capture.received_at, now),
    )
    item.imported = Imported.CLOSED
    for original in originals:
        original.item_id = item.id
        if original is not originals[0]:
            original.extract_of = originals[0].sha256
    session.add_all(originals)
    session.flush()
    pass_on(item, None, now)
    return item


def _series(received_at: datetime, now: datetime) -> int:
    """Return the year among whose numbers it is counted: an archive uses up none of this year's, but for its own."""
    return min(max(received_at.year, _OLDEST_SERIES), now.year)


def _note_custody(
    session: Session, item: Item, matter: Matter, originals: Sequence[Original], held: Held, services: Services
) -> None:
    now = services.now()
    for original in originals:
        details = {"size": original.size, "received_at": item.received_at.isoformat(), "said": None, "assumed": False}
        kind = "received" if original is originals[0] else "taken_out"
        told = details if original is originals[0] else {"from": originals[0].sha256}
        custody.record(session, item.id, kind, actor=f"channel:{WAY}", at=now, original=original.sha256, details=told)
    told = matter.told.as_event(Imported.CLOSED)
    custody.record(session, item.id, "imported", actor=matter.told.by, at=now, details=told)
    for original in [one for one in originals if one.id in held]:
        original.quarantined = held[original.id]
        found, digest = {"found": original.quarantined}, original.sha256
        custody.record(session, item.id, "quarantined", actor="machine:import", at=now, original=digest, details=found)


def _put_case(session: Session, item: Item, matter: Matter, services: Services) -> None:
    row, told, now = matter.rows[0], matter.told, services.now()
    service = services.catalogue.services[told.case_type or UNSORTED]
    decision = decided_by_index(told, service, sensitive=False, urgent=False)
    session.refresh(item, ["originals"])
    found = [NewDocument(original.id, original.media_type or "") for original in item.originals]
    documents = replace_documents(session, item, found, now)
    session.refresh(item, ["documents"])
    set_fields(session, documents[0].id, told.index_fields())
    put_decision(session, item, decision, actor=told.by, services=services)
    case = put_case(session, item, service.key, decision.team, f"team:{decision.team}", now)
    case.opened_at = item.received_at
    close(case, row.outcome, row.closed_at or now)
    index_text(session, item, f"{told.words()}\n{row.file_name}")
