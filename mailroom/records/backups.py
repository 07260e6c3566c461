"""What the log of custody says of the mailroom as a whole: that all of it was copied, and that it was made of a copy.

Before: `mailroom/backup/` has taken a backup or made a mailroom of one. After: an auditor sees who copied everything
and when, alarms know how old the last backup is, and whatever leaves the house knows of which items a mailroom that was
lost may have sent something already.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.records import custody
from mailroom.records.tables import CustodyDetail, CustodyEvent

_BACKED_UP = "backed_up"
_DRILLED = "drilled"
_RESTORED = "restored"
_OURS = CustodyEvent.item_id == custody.OF_THE_MAILROOM


@dataclass(frozen=True, slots=True)
class BackedUp:
    """That a backup was taken: of what moment, and how many things it should have held were not to be had."""

    at: datetime
    faults: int


@dataclass(frozen=True, slots=True)
class Restored:
    """That this mailroom was made of a backup.

    Attributes:
        at: when; what was taken in before was in the backup.
        taken_at: the moment of the backup.
        log_size: events with a number in the log of the backup: what was signed beyond is of the log that was lost.
        signature: of these three, in hexadecimal, by the key that signs heads: whoever owns the database could else
            call any head one of a lost log. Empty where the key was not at hand.
    """

    at: datetime
    taken_at: datetime
    log_size: int
    signature: str = ""

    @property
    def statement(self) -> bytes:
        """What is signed; no head begins so."""
        moments = (moment.astimezone(UTC).isoformat() for moment in (self.taken_at, self.at))
        return "\n".join(["restored", *moments, str(self.log_size)]).encode()


def note_backed_up(session: Session, actor: str, at: datetime, told: Mapping[str, Any]) -> None:
    """Put down that a backup was taken."""
    custody.record(session, custody.OF_THE_MAILROOM, _BACKED_UP, actor=actor, at=at, details=told)


def note_drilled(session: Session, actor: str, at: datetime, told: Mapping[str, Any]) -> None:
    """Put down that a backup was restored for trial, and what came of it."""
    custody.record(session, custody.OF_THE_MAILROOM, _DRILLED, actor=actor, at=at, details=told)


def note_restored(session: Session, actor: str, restored: Restored) -> None:
    """Put down that the mailroom was made of a backup."""
    told = {"taken_at": restored.taken_at.isoformat(), "log_size": restored.log_size, "signature": restored.signature}
    custody.record(session, custody.OF_THE_MAILROOM, _RESTORED, actor=actor, at=restored.at, details=told)


def last_backup(session: Session) -> BackedUp | None:
    """Return the last backup that was taken; None where none ever was."""
    rows = select(CustodyEvent.at, CustodyDetail.details).join(CustodyDetail)
    newest = rows.where(_OURS, CustodyEvent.kind == _BACKED_UP).order_by(CustodyEvent.position.desc()).limit(1)
    found = session.execute(newest).first()
    return BackedUp(found.at, found.details["faults"]) if found else None


def restorations(session: Session) -> Sequence[Restored]:
    """Return how often the mailroom was made of a backup, oldest first; what nobody here wrote down so is left out."""
    rows = select(CustodyEvent.at, CustodyDetail.details).join(CustodyDetail)
    rows = rows.where(_OURS, CustodyEvent.kind == _RESTORED).order_by(CustodyEvent.position)
    return [one for at, told in session.execute(rows) for one in _read_restored(at, told)]


def _read_restored(at: datetime, told: Mapping[str, Any]) -> Iterator[Restored]:
    with suppress(KeyError, TypeError, ValueError):
        bytes.fromhex(told["signature"])
        yield Restored(at, datetime.fromisoformat(told["taken_at"]), int(told["log_size"]), told["signature"])


def was_restored_since(session: Session, moment: datetime) -> bool:
    """Return whether the mailroom was made of a backup after this moment."""
    newest = _last(session, _RESTORED)
    return newest is not None and newest >= moment


def _last(session: Session, kind: str) -> datetime | None:
    return session.scalar(select(func.max(CustodyEvent.at)).where(_OURS, CustodyEvent.kind == kind))
