"""What happened to an item, as the desk tells it: events of its chain of custody without the looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records.looks import AHEAD, DRAWN, LOOKS, NOT_DRAWN, STATED
from mailroom.records.tables import CustodyDetail, CustodyEvent

_DECIDED = ("settled", "rerouted", "added_to_case")
_LOOKS = (*LOOKS, STATED, AHEAD, DRAWN, NOT_DRAWN)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event: when, who (an account or `machine:STAGE`), what kind, and its details where they are not erased."""

    at: datetime
    actor: str
    kind: str
    details: Mapping[str, Any]


def happened_since(session: Session, item_id: str, account: str) -> list[Happening]:
    """Return what happened after this person last looked at the item or did something with it, oldest first."""
    seen = select(func.max(CustodyEvent.position)).where(CustodyEvent.item_id == item_id, CustodyEvent.actor == account)
    return _changes(session, item_id, after=session.scalar(seen) or 0)


def happened_since_decision(session: Session, item_id: str, account: str) -> list[Happening]:
    """Return what happened after this person last decided what becomes of the item; nothing where they never did."""
    theirs = (CustodyEvent.item_id == item_id, CustodyEvent.actor == account, CustodyEvent.kind.in_(_DECIDED))
    decided = session.scalar(select(func.max(CustodyEvent.position)).where(*theirs))
    return _changes(session, item_id, after=decided) if decided else []


def last_happenings(session: Session, item_id: str, most: int) -> list[Happening]:
    """Return the newest changes of the item, oldest first."""
    return _changes(session, item_id)[-most:]


def _changes(session: Session, item_id: str, after: int = 0) -> list[Happening]:
    query = select(CustodyEvent.at, CustodyEvent.actor, CustodyEvent.kind, CustodyDetail.details)
    query = query.outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
    changes = (
        CustodyEvent.item_id == item_id,
        CustodyEvent.position > after,
        CustodyEvent.kind.not_in(_LOOKS),
    )
    rows: Sequence[Any] = session.execute(query.where(*changes).order_by(CustodyEvent.position)).all()
    return [Happening(at, actor, kind, details or {}) for at, actor, kind, details in rows]
