"""The letters that were printed for an item, kept among its renditions."""

from __future__ import annotations

from sqlalchemy import select
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
