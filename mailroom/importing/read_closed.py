"""Reads a closed matter that is here already, where that is asked for: its words, and its pages for the screen.

Before: `closed_matter.py` has kept it, and it is found by its index data. After: it is found by its words, too, and an
auditor sees its pages. Nobody waits for it: it is read in the process that brings the archive over, at the lowest
priority, and never stands in the queue of today's post. What cannot be read stays as it was; no person is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session, joinedload

from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import CustodyBreach, NeedsPerson
from mailroom.domain.imported import Told, decided_by_index
from mailroom.journey.classify import evidence_of, put_decision
from mailroom.journey.contents import Contents, look_inside
from mailroom.journey.read import read_document
from mailroom.records import custody
from mailroom.records.documents import DocumentReading, add_reading
from mailroom.records.items import item_with
from mailroom.records.search import index_item
from mailroom.records.tables import Document, Item
from mailroom.sandbox.errors import ChildDied
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents).joinedload(Document.original))


@dataclass(frozen=True, slots=True)
class _Read:
    document_id: str
    contents: Contents
    reading: DocumentReading


def read_closed(item_id: str, told: Told, services: Services) -> bool:
    """Read a closed matter, once; return whether its words are there.

    Args:
        item_id: which.
        told: what the index says of it.
        services: the bundle.

    Raises:
        Transient: store or records are out of reach.
    """
    with services.records.look() as session:
        item = session.scalars(_LOOKED_AT, {"item_id": item_id}).unique().one()
        documents = [one for one in item.documents if not one.original.quarantined]
        if any(document.text is not None for document in documents):
            return True
    found = [read for document in documents if (read := _read(document, services))]
    if found:
        _write_down(item_id, found, told, services)
    return bool(found)


def _read(document: Document, services: Services) -> _Read | None:
    try:
        contents = look_inside(document.original, {}, services)
        if contents.obstacle is not None:
            return None
        if contents.typed is not None:
            return _Read(document.id, contents, contents.typed)
        seen = Document(media_type=contents.media_type, page_count=contents.page_count, text=None)
        reading = read_document(seen, document.original, services)
    except (NeedsPerson, CustodyBreach, ChildDied):
        return None
    return _Read(document.id, contents, reading) if reading is not None else None


def _write_down(item_id: str, found: Sequence[_Read], told: Told, services: Services) -> None:
    now = services.now()
    with services.records.work() as session:
        item = session.scalars(_LOOKED_AT, {"item_id": item_id}).unique().one()
        for read in found:
            document = session.get_one(Document, read.document_id)
            document.media_type, document.headers = read.contents.media_type, read.contents.headers
            add_reading(session, document, read.reading, now)
        pages = [page for read in found for page in read.reading.pages]
        details = {"pages": len(pages), "made_by": sorted({page.made_by for page in pages})}
        custody.record(session, item_id, "read", actor="machine:import", at=now, details=details)
        session.expire(item)
        _be_as_sensitive_as_read(session, item, told, services)
        index_item(session, item, f"{evidence_of(item).text}\n{told.words()}")
        session.commit()


def _be_as_sensitive_as_read(session: Session, item: Item, told: Told, services: Services) -> None:
    """Where the index is silent and the words say that somebody may be at risk, only those named see it from now on."""
    if told.limited is not None or item.sensitivity is Sensitivity.LIMITED or item.case is None:
        return
    if not services.classifier.classify(evidence_of(item)).sensitive:
        return
    service = services.catalogue.services[item.case.case_type]
    decision = decided_by_index(replace(told, team=item.case.team), service, sensitive=True, urgent=False)
    put_decision(session, item, decision, actor="machine:import", services=services)
