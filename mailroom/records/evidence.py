"""What an evidence bundle takes from the records beside what the item's page shows: chains, all decisions, messages.

Before: the items of a bundle are known. After: `mailroom/evidence/` writes them down; nothing is left out here, and
what its maker may not see is left out there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.records.tables import (
    Acknowledgement,
    CaseNote,
    Correction,
    CustodyDetail,
    CustodyEvent,
    CustodyNumber,
    DecisionRow,
    Document,
    Handoff,
    Item,
    Original,
    Rendition,
    Reply,
)
from mailroom.records.visibility import visible_to

ChainRow = tuple[CustodyEvent, int | None, CustodyDetail | None]
"""An event, its number in the global log, and its details where they were not erased."""


def chain_of(session: Session, item_id: str) -> list[ChainRow]:
    """Return the events of an item, in their order."""
    query = (
        select(CustodyEvent, CustodyNumber.number, CustodyDetail)
        .outerjoin(CustodyNumber, CustodyNumber.event_id == CustodyEvent.id)
        .outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    )
    rows = session.execute(query.where(CustodyEvent.item_id == item_id).order_by(CustodyEvent.position))
    return [(event, number, detail) for event, number, detail in rows]


def joined_to(session: Session, item_id: str) -> list[Item]:
    """Return the items whose originals this one holds because they were joined to it, or to one of them."""
    found: list[Item] = []
    waiting = [item_id]
    while waiting:
        query = select(Item).where(Item.joined_into == waiting.pop()).order_by(Item.reference)
        joined = session.scalars(query).all()
        found += joined
        waiting += [one.id for one in joined]
    return found


def renditions_of(session: Session, item_id: str) -> Sequence[Rendition]:
    """Return what was made from the item's originals, in a fixed order."""
    order = (Rendition.kind, Rendition.page, Rendition.made_at, Rendition.id)
    return session.scalars(select(Rendition).where(Rendition.item_id == item_id).order_by(*order)).all()


def count_files(session: Session, item_ids: Collection[str]) -> int:
    """Return how many originals and renditions these items have."""
    counts = (select(func.count()).where(kind.item_id.in_(item_ids)) for kind in (Original, Rendition))
    return sum(session.scalar(count) or 0 for count in counts)


def decisions_of(session: Session, item_id: str) -> Sequence[DecisionRow]:
    """Return every decision on the item's documents, the oldest first: the last of each document is in force."""
    query = select(DecisionRow).join(Document).where(Document.item_id == item_id)
    return session.scalars(query.order_by(Document.ordinal, DecisionRow.id)).all()


def corrections_of(session: Session, item_id: str) -> Sequence[Correction]:
    """Return what people changed in the item, the oldest first."""
    return session.scalars(select(Correction).where(Correction.item_id == item_id).order_by(Correction.id)).all()


def handoffs_of(session: Session, item_id: str) -> Sequence[Handoff]:
    """Return how the item was offered to teams, the oldest first."""
    return session.scalars(select(Handoff).where(Handoff.item_id == item_id).order_by(Handoff.number)).all()


def messages_of(session: Session, item_id: str) -> list[Acknowledgement | Reply]:
    """Return every message to the sender, the one that it came in first."""
    told = session.scalars(select(Acknowledgement).where(Acknowledgement.item_id == item_id)).all()
    return [*told, *session.scalars(select(Reply).where(Reply.item_id == item_id).order_by(Reply.number))]


def notes_of(session: Session, case_id: str) -> Sequence[CaseNote]:
    """Return what officers wrote down about the case, the oldest first."""
    return session.scalars(select(CaseNote).where(CaseNote.case_id == case_id).order_by(CaseNote.id)).all()


def seen_among(session: Session, references: Collection[str], viewer: Viewer) -> set[str]:
    """Return those of these references whose items the viewer may see."""
    query = select(Item.reference).where(Item.reference.in_(references), visible_to(viewer))
    return set(session.scalars(query)) if references else set()
