"""Alarms: one row for each thing that an administrator must look at, raised once until it is cleared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.alarm_words import same_cause
from mailroom.records.session import Records
from mailroom.records.tables import Alarm


def raise_alarm(session: Session, subject: str, sentence: str, now: datetime) -> None:
    """Raise the alarm for this subject, or renew its sentence where it is raised already.

    With another cause it counts as raised anew, so that whoever has mended the first one hears of the second.
    """
    alarm = session.scalars(select(Alarm).where(Alarm.subject == subject)).first()
    if alarm is None:
        session.add(Alarm(subject=subject, sentence=sentence, raised_at=now))
    else:
        if alarm.cleared_at is not None or not same_cause(alarm.sentence, sentence):
            alarm.raised_at, alarm.mailed_at, alarm.cleared_at = now, None, None
        alarm.sentence = sentence
    session.flush()


def clear_alarm(session: Session, subject: str, now: datetime) -> None:
    """Clear the alarm for this subject, if there is one."""
    alarm = session.scalars(select(Alarm).where(Alarm.subject == subject)).first()
    if alarm is not None and alarm.cleared_at is None:
        alarm.cleared_at = now


def settle_alarm(records: Records, subject: str, sentence: str | None, now: datetime) -> None:
    """Raise the alarm for this subject, or clear it where there is no sentence, in a unit of work of its own."""
    if sentence is None:
        with records.look() as session:
            if all(alarm.subject != subject for alarm in alarms_raised(session)):
                return
    with records.work() as session:
        if sentence:
            raise_alarm(session, subject, sentence, now)
        else:
            clear_alarm(session, subject, now)
        session.commit()


def alarms_raised(session: Session) -> Sequence[Alarm]:
    """Return the alarms that nobody has cleared, oldest first."""
    return session.scalars(select(Alarm).where(Alarm.cleared_at.is_(None)).order_by(Alarm.raised_at)).all()
