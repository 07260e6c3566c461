"""Who has an item before them, and what was given to a colleague: rows of the post room's own.

Before: somebody opens an exception. After: others are offered the next one, until that person lets go, settles it or is
idle for too long.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from mailroom.records.tables import Referral, Taken


def who_has(session: Session, item_id: str, idle_since: datetime) -> Taken | None:
    """Return who has the item; None where nobody has, or whoever had it was last active then or before."""
    taken = session.get(Taken, item_id, populate_existing=True)
    return taken if taken is not None and taken.last_active_at > idle_since else None


def put_taken(session: Session, item_id: str, account: str, now: datetime, idle_since: datetime) -> None:
    """Note that this person has the item from now on, or is still active on it."""
    taken = session.get(Taken, item_id, populate_existing=True)
    if taken is None:
        taken = Taken(item_id=item_id, account=account, taken_at=now, last_active_at=now)
        session.add(taken)
    if taken.account != account or taken.last_active_at <= idle_since:
        taken.account, taken.taken_at = account, now
    taken.last_active_at = now
    session.flush()


def let_go(session: Session, item_id: str, account: str | None = None) -> None:
    """Note that nobody has the item any more; with an account, only where it is that person who has it."""
    gone = delete(Taken).where(Taken.item_id == item_id)
    session.execute(gone if account is None else gone.where(Taken.account == account))


def let_all_go(session: Session, account: str) -> None:
    """Note that this person has no item any more."""
    session.execute(delete(Taken).where(Taken.account == account))


def add_referral(session: Session, item_id: str, account: str, colleague: str | None, note: str, now: datetime) -> None:
    """Note that this person gave the item to a colleague, or to whoever knows."""
    session.add(Referral(item_id=item_id, account=account, colleague=colleague, note=note, made_at=now))
    session.flush()


def referrals_of(session: Session, item_id: str) -> Sequence[Referral]:
    """Return what was said of the item by those who gave it away, oldest first."""
    return session.scalars(select(Referral).where(Referral.item_id == item_id).order_by(Referral.id)).all()


def given_on(session: Session, item_ids: Collection[str]) -> dict[str, Referral]:
    """Return the newest word of those who gave these items away, of what needs somebody still."""
    query = select(Referral).where(Referral.item_id.in_(item_ids), Referral.ended_at.is_(None)).order_by(Referral.id)
    return {referral.item_id: referral for referral in session.scalars(query)}


def end_referrals(session: Session, item_id: str, now: datetime) -> None:
    """Note that the item needs nobody any more."""
    going_on = update(Referral).where(Referral.item_id == item_id, Referral.ended_at.is_(None))
    session.execute(going_on.values(ended_at=now))
