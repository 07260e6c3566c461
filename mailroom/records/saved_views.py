"""Searches that somebody saved under a name: their own, and those shared with a team they work in.

A view is what was typed, not what was found: whoever opens it sees what is theirs to see.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from mailroom.records.items import new_id
from mailroom.records.tables import SavedView
from mailroom.records.wanted import Order


def views_for(session: Session, account: str, teams: Collection[str]) -> Sequence[SavedView]:
    """Return somebody's own views and those of their teams, by name."""
    theirs = or_(SavedView.account == account, SavedView.team.in_(teams))
    return session.scalars(select(SavedView).where(theirs).order_by(func.lower(SavedView.name), SavedView.id)).all()


def number_of_views(session: Session, account: str) -> int:
    """Return how many views somebody has saved."""
    return session.scalar(select(func.count()).where(SavedView.account == account)) or 0


def put_view(
    session: Session,
    account: str,
    name: str,
    words: str,
    *,
    order: Order,
    everything: bool,
    team: str | None,
    now: datetime,
) -> SavedView:
    """Save a view, in place of the one of this name that the person has."""
    session.execute(delete(SavedView).where(SavedView.account == account, SavedView.name == name))
    view = SavedView(id=new_id(), account=account, name=name, words=words, order=order, saved_at=now)
    view.everything, view.team = everything, team
    session.add(view)
    return view


def remove_view(session: Session, account: str, view_id: str) -> str | None:
    """Remove a view that this person has saved; return its name, or None where it is not there or another's."""
    view = session.get(SavedView, view_id)
    if view is None or view.account != account:
        return None
    session.delete(view)
    return view.name
