"""The letters that were printed for an item, kept among its renditions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from mailroom.records.tables import Acknowledgement, Rendition, Reply

LETTER = "letter"
"""Kind of the rendition that a printed acknowledgement is kept as; a reply's has its number behind it."""


def kind_of(row: Acknowledgement | Reply) -> str:
    """Return the kind of the rendition that the letter is kept as."""
    return f"{LETTER}-{row.number}" if isinstance(row, Reply) else LETTER


def letter_of(session: Session, row: Acknowledgement | Reply) -> Rendition | None:
    """Return what was kept of a letter when it was printed, or None."""
    query = select(Rendition).where(Rendition.item_id == row.item_id, Rendition.kind == kind_of(row))
    return session.scalars(query.order_by(Rendition.made_at.desc()).limit(1)).first()


def letters_since(session: Session, item_id: str, since: datetime) -> Sequence[Rendition]:
    """Return what was kept of the item's letters that were printed from that moment on, in order."""
    is_letter = or_(Rendition.kind == LETTER, Rendition.kind.startswith(f"{LETTER}-"))
    query = select(Rendition).where(Rendition.item_id == item_id, is_letter, Rendition.made_at >= since)
    return session.scalars(query.order_by(Rendition.made_at, Rendition.kind)).all()
