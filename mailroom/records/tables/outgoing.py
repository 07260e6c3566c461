"""Messages to a sender as rows: the one that says it came in, and the replies that a team writes.

Both go the same way out (`records/outgoing.py` names the states), so both have the same columns for it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.records.tables.base import Base


class Outgoing:
    """What every message needs on its way out: intent, address, words, and how far it has come."""

    id: Mapped[str] = mapped_column(primary_key=True)
    way: Mapped[str]
    state: Mapped[str] = mapped_column(index=True)
    address: Mapped[str | None]
    subject: Mapped[str]
    text: Mapped[str]
    reason: Mapped[str | None]
    not_before: Mapped[datetime]
    message_id: Mapped[str] = mapped_column(unique=True)
    attempts: Mapped[int] = mapped_column(default=0)
    maybe_twice: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime | None]


class Acknowledgement(Outgoing, Base):
    """The message to the sender that it came in: held for undo, then sent, printed or withheld with the reason."""

    __tablename__ = "acknowledgement"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), unique=True)


class Reply(Outgoing, Base):
    """What a team answers, as it goes out: kept for ever, with who wrote it and what it does to the case.

    `outcome` closes the case when the reply has gone out, `promised_for` promises the full answer for that day; both
    take effect at the moment of `sent_at`.
    """

    __tablename__ = "reply"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"))
    number: Mapped[int]
    case_id: Mapped[str] = mapped_column(ForeignKey("case_file.id"), index=True)
    template: Mapped[str]
    reply_to: Mapped[str | None]
    author: Mapped[str]
    written_at: Mapped[datetime]
    outcome: Mapped[str | None]
    promised_for: Mapped[date | None]

    __table_args__ = (UniqueConstraint("item_id", "number"),)
