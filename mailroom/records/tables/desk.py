"""Who in the post room has which item before them, and what somebody gave to a colleague because they did not know."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.records.tables.base import Base


class Taken(Base):
    """One person has the item before them, until they let go or are idle for too long."""

    __tablename__ = "taken"
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), primary_key=True)
    account: Mapped[str]
    taken_at: Mapped[datetime]
    last_active_at: Mapped[datetime]


class Referral(Base):
    """Somebody did not know what an item is and gave it to a colleague, named or not, with a note.

    It ends when somebody has settled the item; until then it is not offered again to whoever gave it away.
    """

    __tablename__ = "referral"
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), index=True)
    account: Mapped[str]
    colleague: Mapped[str | None] = mapped_column(index=True)
    note: Mapped[str]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
