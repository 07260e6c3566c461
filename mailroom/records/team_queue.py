"""Which items the post room has before it, and who has looked at an item: questions of the desk in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from mailroom.domain.access import Viewer
from mailroom.domain.items import ItemState
from mailroom.records.tables import Case, CustodyEvent, Document, Item
from mailroom.records.visibility import visible_to

_WITH_ITS_LINE = (
    selectinload(Item.originals),
    selectinload(Item.documents).selectinload(Document.fields),
    selectinload(Item.documents).selectinload(Document.decisions),
    selectinload(Item.case).selectinload(Case.clocks),
)
_NOT_PEOPLE = ("machine:%", "channel:%")


def exceptions(session: Session, viewer: Viewer) -> Sequence[Item]:
    """Return the exceptions that the viewer may see."""
    query = select(Item).where(Item.state == ItemState.EXCEPTION, visible_to(viewer))
    return session.scalars(query.options(*_WITH_ITS_LINE)).all()


def people_who_had_it(session: Session, item_id: str) -> Sequence[tuple[str, int, datetime]]:
    """Return who looked at or did something with the item: account name, how often, when last; earliest first."""
    query = select(CustodyEvent.actor, func.count(), func.max(CustodyEvent.at))
    query = query.where(CustodyEvent.item_id == item_id, *(~CustodyEvent.actor.like(name) for name in _NOT_PEOPLE))
    rows = session.execute(query.group_by(CustodyEvent.actor).order_by(func.min(CustodyEvent.at)))
    return [(actor, times, last) for actor, times, last in rows]
