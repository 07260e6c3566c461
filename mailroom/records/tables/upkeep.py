"""What the service itself keeps: numbers given out, unfinished files, mail in hand, alarms, workers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.domain.capture import Channel
from mailroom.records.tables.base import LARGE, Base


class Counter(Base):
    """The last number given out in a series, for instance the references of a year."""

    __tablename__ = "counter"
    series: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class IncompleteSource(Base):
    """Something seen at a way in that is not whole yet: visible until it is finished, taken or gone."""

    __tablename__ = "incomplete_source"
    path: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[Channel]
    size: Mapped[int] = mapped_column(LARGE)
    first_seen: Mapped[datetime]
    last_change: Mapped[datetime]
    sentence: Mapped[str]


class MailboxMessage(Base):
    """A message that was copied from a mailbox, by the mailbox, its UIDVALIDITY and its UID there."""

    __tablename__ = "mailbox_message"
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    validity: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    uid: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[str]
    sha256: Mapped[str]
    arrived_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]


class MailboxCountRow(Base):
    """What was counted in a mailbox at the end of the last look; `domain/mailbox_count.py` says what it means."""

    __tablename__ = "mailbox_count"
    mailbox: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    lying: Mapped[int]
    left: Mapped[int]
    taken: Mapped[int]
    taken_validity: Mapped[int | None] = mapped_column(BigInteger)
    not_moved: Mapped[int]
    accepted: Mapped[int]
    lowest: Mapped[int]


class Alarm(Base):
    """Something an administrator must look at; raised once for its subject until it is cleared."""

    __tablename__ = "alarm"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(unique=True)
    sentence: Mapped[str]
    raised_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class AlarmMail(Base):
    """One address that an alarm needs not be mailed to any more; raised again, it is mailed again."""

    __tablename__ = "alarm_mail"
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    raised_at: Mapped[datetime] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(primary_key=True)


class WorkerSlot(Base):
    """A place for one worker; its heartbeat tells the others that it lives."""

    __tablename__ = "worker_slot"
    name: Mapped[str] = mapped_column(primary_key=True)
    heartbeat_at: Mapped[datetime]
