"""Acknowledgements as rows: planned by the stage, held, then sent or printed by a duty and a person.

`outgoing.py` names the states on the way out. A plan that was taken back may be followed by a new one; a reply that was
taken back (`replies.py`) is written anew by a person or not at all.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from mailroom.records.items import new_id
from mailroom.records.outgoing import CAN_BE_TAKEN_BACK
from mailroom.records.replies import take_back_replies
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


def count_mails_to(
    session: Session, address: str | None, since: datetime, *, besides: str, planned: bool = True
) -> int:
    """Count the mails that went to the address since then, or will go there, those for one item left out.

    Args:
        session: a look at the records.
        address: in whatever letters, small or capital.
        since: from when on.
        besides: id of an item whose mails are not counted.
        planned: whether those count that have not gone yet.
    """
    query = select(func.count()).where(
        func.lower(Acknowledgement.address) == (address or "").lower(),
        Acknowledgement.state.in_(("held", "sending", "sent") if planned else ("sending", "sent")),
        Acknowledgement.not_before >= since,
        Acknowledgement.item_id != besides,
    )
    return (session.scalar(query) or 0) if address else 0


def take_back(session: Session, item_id: str, reason: str) -> None:
    """Take back what has not gone out yet, waiting letters and replies included: what they were made from changes."""
    row = acknowledgement_of(session, item_id)
    if row is not None and row.state in CAN_BE_TAKEN_BACK:
        row.state, row.reason = "replaced", reason
    take_back_replies(session, item_id, reason)
