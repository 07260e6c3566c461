"""Legal holds on record: the one in force on an item, which of many items are under one, and all that are in force.

Before: an auditor has put an item under hold. After: whoever sees the item sees that nothing of it may be destroyed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.records.tables import Item, LegalHold
from mailroom.records.visibility import visible_to

PLACED, LIFTED = "legal_hold_placed", "legal_hold_lifted"
"""The kinds of events that stand for a hold that was put on, and one that was lifted."""


def hold_in_force(session: Session, item_id: str) -> LegalHold | None:
    """Return the hold on an item that nobody has lifted, or None."""
    query = select(LegalHold).where(LegalHold.item_id == item_id, LegalHold.lifted_at.is_(None))
    return session.scalars(query).first()


def under_hold(session: Session, item_ids: Iterable[str]) -> frozenset[str]:
    """Return those of these items that are under hold."""
    query = select(LegalHold.item_id).where(LegalHold.item_id.in_(list(item_ids)), LegalHold.lifted_at.is_(None))
    return frozenset(session.scalars(query))


def holds_of(session: Session, item_id: str) -> Sequence[LegalHold]:
    """Return all holds that there ever were on an item, the oldest first."""
    query = select(LegalHold).where(LegalHold.item_id == item_id)
    return session.scalars(query.order_by(LegalHold.placed_at)).all()


def holds_in_force(session: Session, viewer: Viewer, most: int) -> Sequence[tuple[LegalHold, Item]]:
    """Return the holds that nobody has lifted on items that the viewer may see, the newest first."""
    query = select(LegalHold, Item).join(Item, Item.id == LegalHold.item_id)
    query = query.where(LegalHold.lifted_at.is_(None), visible_to(viewer))
    newest = LegalHold.placed_at.desc(), LegalHold.item_id
    return [(hold, item) for hold, item in session.execute(query.order_by(*newest).limit(most))]
