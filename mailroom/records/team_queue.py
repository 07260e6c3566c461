"""Who has had an item before them: a question to its chain of custody in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records.tables import CustodyEvent

_NOT_PEOPLE = ("machine:%", "channel:%")


def people_who_had_it(session: Session, item_id: str) -> Sequence[tuple[str, int, datetime]]:
    """Return who looked at or did something with the item: account name, how often, when last; earliest first."""
    query = select(CustodyEvent.actor, func.count(), func.max(CustodyEvent.at))
    query = query.where(CustodyEvent.item_id == item_id, *(~CustodyEvent.actor.like(name) for name in _NOT_PEOPLE))
    rows = session.execute(query.group_by(CustodyEvent.actor).order_by(func.min(CustodyEvent.at)))
    return [(actor, times, last) for actor, times, last in rows]
