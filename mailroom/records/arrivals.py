"""When something came in by each way in, from the door's own ledger; read from an index alone.

Before: the door has put its lines down. After: `duties/silent_channels.py` knows what is usual, and `desk/hinted.py` by
which address an item came.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records.tables import ReceiptRow


def last_arrival(session: Session, way: str) -> datetime | None:
    """Return when something came in by this way for the last time; None where nothing ever has."""
    return session.scalar(select(func.max(ReceiptRow.taken_at)).where(ReceiptRow.way == way))


def arrivals(session: Session, way: str, since: datetime) -> Sequence[datetime]:
    """Return when something came in by this way from a moment on, oldest first."""
    query = select(ReceiptRow.taken_at).where(ReceiptRow.way == way, ReceiptRow.taken_at >= since)
    return session.scalars(query.order_by(ReceiptRow.taken_at)).all()


def way_of(session: Session, item_id: str) -> str:
    """Return the way that an item came by; empty where it is not known, as of what was made from another item."""
    return session.scalar(select(ReceiptRow.way).where(ReceiptRow.item_id == item_id).limit(1)) or ""
