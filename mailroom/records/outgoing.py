"""Messages to a sender on their way out, acknowledgements and replies alike.

States: `withheld` (nothing is sent, with the reason), `held` (may still be taken back), `undone` (a person wants none,
for good), `replaced` (what it was made from has changed; a new plan follows), `sending` (the intent, committed before
the mail server is called), `sent`, `to_print` (a letter waits for a person's word), `printed`, `failed` (it will never
go; a person must write).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.records.tables import Acknowledgement, Reply

Message = TypeVar("Message", Acknowledgement, Reply)

CAN_BE_TAKEN_BACK = frozenset({"held", "to_print"})
"""States in which nothing has left the house yet."""

ON_THEIR_WAY = frozenset({"held", "sending", "to_print"})
"""States in which a message is still to go out."""

WENT_OUT = frozenset({"sent", "printed"})
"""States in which the sender has it, or has it by the next post."""


def due_to_go(session: Session, kind: type[Message], now: datetime, most: int = 100) -> Sequence[str]:
    """Return ids of messages whose time to be taken back is over, or whose sending was interrupted."""
    query = select(kind.id).where(kind.state.in_(("held", "sending")), kind.not_before <= now)
    return session.scalars(query.order_by(kind.not_before).limit(most)).all()


def waiting_for_print(session: Session, kind: type[Message]) -> Sequence[Message]:
    """Return letters that wait for a person's word, oldest first."""
    query = select(kind).where(kind.state == "to_print")
    return session.scalars(query.order_by(kind.not_before)).all()
