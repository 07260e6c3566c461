"""The letter that was printed for an item, kept among its renditions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.records.tables import Item, Rendition

LETTER = "letter"
"""Kind of the rendition that a printed letter is kept as."""


def letter_of(session: Session, item: Item) -> Rendition | None:
    """Return the newest letter that was made for the item, or None."""
    query = select(Rendition).where(Rendition.item_id == item.id, Rendition.kind == LETTER)
    return session.scalars(query.order_by(Rendition.made_at.desc()).limit(1)).first()
