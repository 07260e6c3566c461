"""The chain of custody as rows: append-only, its details erasable; written by `records/custody.py` alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.records.tables.base import Base


class CustodyEvent(Base):
    """Who did what to which original when; append-only, each holding the hash of the event before it.

    `item_id` names the chain: an item's, or `account:` and the id of the account to which something was done.
    """

    __tablename__ = "custody_event"
    id: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[str]
    position: Mapped[int]
    kind: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    original: Mapped[str | None] = mapped_column(String(64))
    details_digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("item_id", "position"), Index("custody_by_kind", "kind", "item_id"))


class CustodyDetail(Base):
    """The erasable part of an event: its details and the salt of their digest."""

    __tablename__ = "custody_detail"
    event_id: Mapped[str] = mapped_column(ForeignKey("custody_event.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    details: Mapped[dict[str, Any]]


class CustodyNumber(Base):
    """The place of an event in the one global log, given by the sequencer; chained like the events."""

    __tablename__ = "custody_number"
    number: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("custody_event.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(64))


class TreeHeadRow(Base):
    """A signed head of the global log, one a day at most; `full` is the tree that the next one grows on from."""

    __tablename__ = "tree_head"
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    full: Mapped[list[Any]]
    text: Mapped[str]
    signed_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class CustodyPending(Base):
    """Events that wait for their place in the global log; written with the event, so none can be forgotten."""

    __tablename__ = "custody_pending"
    event_id: Mapped[str] = mapped_column(ForeignKey("custody_event.id"), primary_key=True)
