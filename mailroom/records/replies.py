"""Replies as rows: put down by the desk, sent by a duty or printed by a person, kept with the case as they went out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records.outgoing import CAN_BE_TAKEN_BACK, ON_THEIR_WAY, WENT_OUT
from mailroom.records.tables import Reply


def replies_of(session: Session, item_id: str) -> Sequence[Reply]:
    """Return the replies to an item, the first first."""
    return session.scalars(select(Reply).where(Reply.item_id == item_id).order_by(Reply.number)).all()


def answer_on_its_way(session: Session, case_id: str) -> Reply | None:
    """Return the reply to any item of the case that is still to go out, or None; there is one at a time."""
    return session.scalars(select(Reply).where(Reply.case_id == case_id, Reply.state.in_(ON_THEIR_WAY))).first()


def reply_on_its_way(session: Session, item_id: str) -> Reply | None:
    """Return the reply to the item that is still to go out, or None."""
    return next((reply for reply in replies_of(session, item_id) if reply.state in ON_THEIR_WAY), None)


def take_back_replies(session: Session, item_id: str, reason: str) -> None:
    """Take back what has not gone out yet; its author finds the reason with it."""
    for reply in replies_of(session, item_id):
        if reply.state in CAN_BE_TAKEN_BACK:
            reply.state, reply.reason = "undone", reason


def newest_states(session: Session, item_ids: Sequence[str]) -> dict[str, str]:
    """Return the state of the newest reply to each of these items, by item; items without one are left out."""
    query = select(Reply.item_id, Reply.state).where(Reply.item_id.in_(item_ids)).order_by(Reply.number)
    return {row.item_id: row.state for row in session.execute(query)}


def last_gone(session: Session, item_ids: Sequence[str], templates: Collection[str]) -> dict[str, datetime]:
    """Return when the newest message of these templates went out about each of these items; the others are left out."""
    gone = (Reply.item_id.in_(item_ids), Reply.template.in_(templates), Reply.state.in_(WENT_OUT))
    query = select(Reply.item_id, func.max(Reply.sent_at).label("gone_at")).where(*gone).group_by(Reply.item_id)
    return {row.item_id: row.gone_at for row in session.execute(query) if row.gone_at is not None}
