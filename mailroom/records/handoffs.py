"""Handoffs: one row for each time an item is offered to a team, until it is accepted or returned.

Where the newest release of one lies stays noted there, also after it was taken back; the earlier ones stand in the
item's `handed_over` events. A wish to take back is a row of its own, one for an item, until it is carried out
(`journey/withdraw_release.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailroom.records.items import new_id
from mailroom.records.tables import Handoff, Item, Withdrawal

UNDER_WAY = frozenset({"offered", "accepted"})
"""States in which the team has the item; the others are `returned` and `withdrawn`."""

_LAST = select(Handoff).where(Handoff.item_id == bindparam("item_id")).order_by(Handoff.number.desc()).limit(1)


def last_handoff(session: Session, item_id: str) -> Handoff | None:
    """Return the newest handoff of the item, or None."""
    return session.scalars(_LAST, {"item_id": item_id}).first()


def handoff_under_way(session: Session, item_id: str, team: str) -> Handoff | None:
    """Return the newest handoff when it is to this team and neither returned nor withdrawn."""
    last = last_handoff(session, item_id)
    return last if last is not None and _is_under_way(last, team) else None


def _is_under_way(handoff: Handoff, team: str) -> bool:
    return handoff.team == team and handoff.state in UNDER_WAY


def put_handoff(session: Session, item_id: str, team: str, released_to: str | None, now: datetime) -> Handoff:
    """Offer the item to the team, unless that is under way already; an offer to another team is withdrawn.

    Where nothing is released this time, what was released before stays on record.
    """
    last = last_handoff(session, item_id)
    if last is not None and _is_under_way(last, team):
        last.released_to = released_to or last.released_to
        _put_on_desk(session, item_id, last)
        return last
    if last is not None and last.state == "offered":
        last.state, last.answered_at = "withdrawn", now
    handoff = Handoff(
        id=new_id(),
        item_id=item_id,
        number=last.number + 1 if last is not None else 1,
        team=team,
        state="offered",
        offered_at=now,
        released_to=released_to,
    )
    session.add(handoff)
    _put_on_desk(session, item_id, handoff)
    return handoff


def note_desk(session: Session, item_id: str) -> None:
    """Put down on the item which team has it before it now; whatever changes a handoff ends with this."""
    _put_on_desk(session, item_id, last_handoff(session, item_id))


def _put_on_desk(session: Session, item_id: str, last: Handoff | None) -> None:
    item = session.get_one(Item, item_id)
    item.desk = last.team if last is not None and _lies_before_them(item, last) else None


def _lies_before_them(item: Item, last: Handoff) -> bool:
    """Whether the team has something to do with it: a message in a case only until somebody has seen it."""
    if item.is_contact:
        return last.state == "offered"
    return last.state in UNDER_WAY and item.case is not None and item.case.closed_at is None


def withdraw_handoff(session: Session, item_id: str, now: datetime) -> Handoff | None:
    """Take the item back from the team that has it; returns that handoff, or None where no team has it."""
    last = last_handoff(session, item_id)
    if last is None or last.state not in UNDER_WAY:
        return None
    last.state, last.answered_at = "withdrawn", now
    note_desk(session, item_id)
    return last


def withdraw_offer(session: Session, item_id: str, now: datetime) -> None:
    """Take back what was offered to a team and not accepted."""
    last = last_handoff(session, item_id)
    if last is not None and last.state == "offered":
        withdraw_handoff(session, item_id, now)


def ask_withdrawal(session: Session, item_id: str, now: datetime) -> None:
    """Wish that no released copy of the item lies in any team's folder, one put there a moment ago included."""
    wish = withdrawal_of(session, item_id)
    if wish is None:
        session.add(Withdrawal(item_id=item_id, asked_at=now, spared=None))
    else:
        wish.asked_at, wish.spared = now, None
    session.flush()


def withdrawal_of(session: Session, item_id: str) -> Withdrawal | None:
    """Return the wish to take the item's released copies back, or None where there is none."""
    return session.get(Withdrawal, item_id, populate_existing=True)


def withdrawals(session: Session, most: int = 100) -> Sequence[str]:
    """Return ids of items whose released copies are still to be taken back, oldest wish first."""
    return session.scalars(select(Withdrawal.item_id).order_by(Withdrawal.asked_at).limit(most)).all()
