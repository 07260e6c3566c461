"""Which items a team has before it, and who has looked at an item: questions of the desk in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.records.handoffs import UNDER_WAY
from mailroom.records.post_room_queue import WITH_ITS_LINE
from mailroom.records.tables import Case, CustodyEvent, Handoff, Item
from mailroom.records.visibility import visible_to

_NOT_PEOPLE = ("machine:%", "channel:%")


def open_in_team(session: Session, team: str, viewer: Viewer) -> Sequence[tuple[Item, Case, Handoff]]:
    """Return what the team has been offered or has accepted and not closed, of items that the viewer may see."""
    query = select(Item, Case, Handoff).join(Case, Case.id == Item.case_id).join(Handoff, Handoff.item_id == Item.id)
    query = query.where(Handoff.team == team, Handoff.state.in_(UNDER_WAY), Case.closed_at.is_(None))
    query = query.where(visible_to(viewer)).options(*WITH_ITS_LINE).order_by(Item.received_at)
    rows = session.execute(query)
    return [(item, case, handoff) for item, case, handoff in rows]


def people_who_had_it(session: Session, item_id: str) -> Sequence[tuple[str, int, datetime]]:
    """Return who looked at or did something with the item: account name, how often, when last; earliest first."""
    query = select(CustodyEvent.actor, func.count(), func.max(CustodyEvent.at))
    query = query.where(CustodyEvent.item_id == item_id, *(~CustodyEvent.actor.like(name) for name in _NOT_PEOPLE))
    rows = session.execute(query.group_by(CustodyEvent.actor).order_by(func.min(CustodyEvent.at)))
    return [(actor, times, last) for actor, times, last in rows]
