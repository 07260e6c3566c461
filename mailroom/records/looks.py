"""Looks at an item as its chain of custody has them: when somebody last looked, and what for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.records.happenings import VIEWED
from mailroom.records.tables import CustodyDetail, CustodyEvent

FETCHED = "original_fetched"
STATED = "purpose_stated"
LOOKS = (VIEWED, FETCHED)
"""Kinds of events by which somebody has seen what is in an item."""


def last_look(session: Session, item_id: str, actor: str) -> tuple[datetime, str | None] | None:
    """Return when this account last looked at the item or said why it would, and the purpose that was put down then.

    None where it never has; the purpose is None where the details of the event were erased.
    """
    query = select(CustodyEvent.at, CustodyDetail.details)
    query = query.outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    of_theirs = CustodyEvent.item_id == item_id, CustodyEvent.actor == actor, CustodyEvent.kind.in_((*LOOKS, STATED))
    row = session.execute(query.where(*of_theirs).order_by(CustodyEvent.position.desc()).limit(1)).first()
    return (row.at, (row.details or {}).get("purpose")) if row else None
