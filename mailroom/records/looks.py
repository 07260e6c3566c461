"""Looks at an item as its chain of custody has them: who had it before them, when somebody last looked and what for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records.tables import CustodyDetail, CustodyEvent

VIEWED = "viewed"
"""The kind of event that stands for an opening of the item."""

AHEAD = "loaded_ahead"
"""The kind of event that stands for an item that was sent to somebody's screen and not shown there."""

DRAWN, NOT_DRAWN = "drawn", "not_drawn"
"""The kinds of events that stand for a mail that was drawn, or could not be, because somebody looked at it so."""

FETCHED = "original_fetched"
STATED = "purpose_stated"
EVIDENCE = "evidence_made"
"""The kind of event that stands for an evidence bundle with the item in it; its details have the contents' digest."""

EXPORTED = "exported"
"""The kind of event that stands for an export with the item in it."""

LOOKS = (VIEWED, FETCHED, EVIDENCE, EXPORTED)
"""Kinds of events by which somebody has seen what is in an item."""

_NOT_PEOPLE = ("machine:%", "channel:%")


def last_look(session: Session, item_id: str, actor: str) -> tuple[datetime, str | None] | None:
    """Return when this account last looked at the item or said why it would, and the purpose that was put down then.

    None where it never has; the purpose is None where the details of the event were erased.
    """
    query = select(CustodyEvent.at, CustodyDetail.details)
    query = query.outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    of_theirs = CustodyEvent.item_id == item_id, CustodyEvent.actor == actor, CustodyEvent.kind.in_((*LOOKS, STATED))
    row = session.execute(query.where(*of_theirs).order_by(CustodyEvent.position.desc()).limit(1)).first()
    return (row.at, (row.details or {}).get("purpose")) if row else None


def last_opened(session: Session, item_id: str, actor: str, kind: str = VIEWED) -> datetime | None:
    """Return when this account last opened the item's page, or had it loaded ahead where that kind is asked for."""
    openings = (CustodyEvent.item_id == item_id, CustodyEvent.actor == actor, CustodyEvent.kind == kind)
    return session.scalar(select(CustodyEvent.at).where(*openings).order_by(CustodyEvent.position.desc()).limit(1))


def people_who_had_it(session: Session, *item_ids: str) -> Sequence[tuple[str, int, datetime]]:
    """Return who looked at or did something with these items: account name, how often, when last; earliest first.

    Whoever had it loaded ahead and never saw it is not among them.
    """
    query = select(CustodyEvent.actor, func.count(), func.max(CustodyEvent.at))
    query = query.where(CustodyEvent.item_id.in_(item_ids), CustodyEvent.kind != AHEAD)
    query = query.where(*(~CustodyEvent.actor.like(name) for name in _NOT_PEOPLE))
    rows = session.execute(query.group_by(CustodyEvent.actor).order_by(func.min(CustodyEvent.at)))
    return [(actor, times, last) for actor, times, last in rows]
