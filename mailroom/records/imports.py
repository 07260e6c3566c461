"""What was brought over from an older system: what its index says of open work, and how much of that is under way.

Before: `importing/` hands a row in. After: `classify` sorts the item by it, and `acknowledge` tells the sender or not.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.imported import Imported, Told, told_from
from mailroom.domain.items import ItemState
from mailroom.records.tables import Item, ReceiptRow, ToldRow


def keep_told(session: Session, item: Item, told: Told) -> None:
    """Put down what the index says of an item that goes on its journey, in the caller's unit of work."""
    session.add(ToldRow(item_id=item.id, told=told.as_kept()))


def told_of(session: Session, item: Item) -> Told | None:
    """Return what the index says of an open item that was brought over; None of any other."""
    row = session.get(ToldRow, item.id) if item.imported == Imported.OPEN else None
    return told_from(row.told) if row is not None else None


def under_way(session: Session) -> int:
    """Count the items from an older system that are carried now; those that wait for something outside are not."""
    moving = (Item.state == ItemState.WAITING, Item.next_stage.is_not(None), Item.attempts == 0)
    return session.scalar(select(func.count()).where(*moving, Item.imported == Imported.OPEN)) or 0


def known_among(session: Session, sources: Collection[str]) -> set[str]:
    """Return those of the sources of which an item is here."""
    return set(session.scalars(select(ReceiptRow.source).where(ReceiptRow.source.in_(sources))))
