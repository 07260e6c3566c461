"""What one person settled, newest first: which of it stands still, and what of it they settled together.

Before: `desk/post_room.py` has put a person's decision down. After: the desk shows them their day, and what they may
take back. What they may not see any more is left out inside the query.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from mailroom.domain.access import Viewer
from mailroom.domain.decision import DecidedBy
from mailroom.domain.items import ItemState
from mailroom.records.tables import CustodyDetail, CustodyEvent, DecisionRow, Document, Item
from mailroom.records.visibility import visible_to


@dataclass(frozen=True, slots=True)
class Settled:
    """An item as somebody settled it last; `stands` where that is in force and the item needs nobody again."""

    item: str
    reference: str
    proven_sender: str | None
    case_type: str
    team: str
    at: datetime
    stands: bool


def settled_by(session: Session, viewer: Viewer, since: datetime, *, first: int = 0, most: int) -> list[Settled]:
    """Return what this viewer settled from that moment on: each item once, as they settled it last.

    Args:
        session: a look at the records.
        viewer: who settled it, and asks.
        since: from when on.
        first: how many to pass over.
        most: how many at the most.
    """
    theirs = (DecisionRow.actor == viewer.name, DecisionRow.decided_at >= since)
    newest = select(Document.item_id, func.max(DecisionRow.id).label("decision"))
    newest = newest.join(Document, Document.id == DecisionRow.document_id)
    newest = newest.where(*theirs, DecisionRow.decided_by == DecidedBy.PERSON, DecisionRow.settled.is_(True))
    last = newest.group_by(Document.item_id).subquery()
    later = aliased(DecisionRow)
    changed = exists().where(later.document_id == DecisionRow.document_id, later.id > DecisionRow.id)
    stands = ((Item.state != ItemState.EXCEPTION) & ~changed).label("stands")
    of_item = (Item.id, Item.reference, Item.proven_sender)
    query = select(*of_item, DecisionRow.case_type, DecisionRow.team, DecisionRow.decided_at, stands)
    query = query.join(last, last.c.item_id == Item.id).join(DecisionRow, DecisionRow.id == last.c.decision)
    query = query.where(visible_to(viewer)).order_by(DecisionRow.decided_at.desc(), DecisionRow.id.desc())
    return [Settled(*row) for row in session.execute(query.offset(first).limit(most))]


def settled_together(session: Session, item_ids: Collection[str], account: str) -> dict[str, str]:
    """Return in which act this account settled these items last, by item; those settled alone are left out."""
    query = select(CustodyEvent.item_id, CustodyDetail.details)
    query = query.join(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    theirs = (CustodyEvent.item_id.in_(item_ids), CustodyEvent.kind == "settled", CustodyEvent.actor == account)
    acts = {
        item_id: details.get("together")
        for item_id, details in session.execute(query.where(*theirs).order_by(CustodyEvent.position))
    }
    return {item_id: act for item_id, act in acts.items() if act}
