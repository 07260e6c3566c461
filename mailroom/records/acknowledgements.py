"""Acknowledgements as rows: planned by the stage, held, then sent or printed by a duty and a person.

States: `withheld` (nothing is sent, with the reason), `held` (may still be taken back), `undone` (a person wants none,
for good), `replaced` (what it was made from has changed; a new plan follows), `sending` (the intent, committed before
the mail server is called), `sent`, `to_print` (a letter waits for a person's word), `printed`, `failed` (it will never
go; a person must write).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mailroom.records.items import new_id
from mailroom.records.tables import Acknowledgement

TO_BE_PLANNED_ANEW = frozenset({"withheld", "held", "replaced"})
"""States in which a new plan may take the place of the old one."""

_OF_ITEM = select(Acknowledgement).where(Acknowledgement.item_id == bindparam("item_id"))


def put_acknowledgement(session: Session, new: Acknowledgement) -> None:
    """Put the plan down, in place of one that has not gone out; what went out or a person has undone stays."""
    old = acknowledgement_of(session, new.item_id)
    if old is not None and old.state not in TO_BE_PLANNED_ANEW:
        return
    if old is not None:
        session.delete(old)
        session.flush()
    new.id = new_id()
    session.add(new)


def acknowledgement_of(session: Session, item_id: str) -> Acknowledgement | None:
    """Return the item's acknowledgement, or None where none was planned yet."""
    return session.scalars(_OF_ITEM, {"item_id": item_id}).first()


def count_mails_to(session: Session, address: str | None, since: datetime, *, besides: str) -> int:
    """Count the mails that went or will go to the address since then, those for one item left out."""
    query = select(func.count()).where(
        Acknowledgement.address == address,
        Acknowledgement.state.in_(("held", "sending", "sent")),
        Acknowledgement.not_before >= since,
        Acknowledgement.item_id != besides,
    )
    return (session.scalar(query) or 0) if address else 0


def take_back(session: Session, item_id: str, reason: str) -> None:
    """Take back what has not gone out yet, a waiting letter included, so that a new plan can take its place."""
    row = acknowledgement_of(session, item_id)
    if row is not None and row.state in ("held", "to_print"):
        row.state, row.reason = "replaced", reason


def due_to_go(session: Session, now: datetime, most: int = 100) -> Sequence[str]:
    """Return ids of acknowledgements whose time to be taken back is over, or whose sending was interrupted."""
    query = select(Acknowledgement.id).where(
        Acknowledgement.state.in_(("held", "sending")), Acknowledgement.not_before <= now
    )
    return session.scalars(query.order_by(Acknowledgement.not_before).limit(most)).all()


def waiting_for_print(session: Session) -> Sequence[Acknowledgement]:
    """Return letters that wait for a person's word, oldest first."""
    query = select(Acknowledgement).where(Acknowledgement.state == "to_print")
    return session.scalars(query.order_by(Acknowledgement.not_before)).all()
