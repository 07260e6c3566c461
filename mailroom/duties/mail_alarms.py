"""Mails each alarm once to each of those whom `alarms.to` names, where a mail server is set.

It is mailed again when it is raised anew or has another cause, but nobody has more than some mails a day about one
subject: what comes and goes would fill a mailbox.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select

from mailroom.domain.acknowledging import Way
from mailroom.domain.alarm_words import plain_subject
from mailroom.domain.errors import NeedsPerson, Transient, Unanswered, Unreachable
from mailroom.duties.mail_out import note_fault, note_let_in
from mailroom.ports import Message, Reply
from mailroom.records.alarms import alarms_raised
from mailroom.records.tables import Alarm, AlarmMail
from mailroom.services import Services

_MOST_A_DAY = 6
_A_DAY = timedelta(days=1)

_log = logging.getLogger(__name__)


def mail_alarms(services: Services) -> int:
    """Mail what has not been mailed; return how many alarms need no more mailing."""
    reply = services.replies.get(Way.EMAIL)
    if reply is None or not services.settings.alarms.to:
        return 0
    with services.records.look() as session:
        new = [alarm for alarm in alarms_raised(session) if alarm.mailed_at is None]
    try:
        return sum(_mail(alarm, reply, services) for alarm in new)
    except Unreachable as fault:
        _log.warning("alarms not mailed", extra={"why": type(fault).__name__})
        note_fault(fault, services)
        return 0


def _mail(alarm: Alarm, reply: Reply, services: Services) -> bool:
    """Mail the alarm to everybody who has not had it; return whether that is all of them."""
    addresses = [address for address in services.settings.alarms.to if address not in _told(alarm, services)]
    due = [address for address in addresses if not _had_enough(alarm, address, services)]
    told = [address for address in due if _send(alarm, address, reply, services)]
    if told != addresses:
        return False
    with services.records.work() as session:
        row = session.get_one(Alarm, alarm.id)
        if row.raised_at == alarm.raised_at:  # otherwise it was raised anew meanwhile, and that is to be mailed
            row.mailed_at = services.now()
        session.commit()
    return True


def _told(alarm: Alarm, services: Services) -> Sequence[str]:
    query = select(AlarmMail.address).where(AlarmMail.alarm_id == alarm.id, AlarmMail.raised_at == alarm.raised_at)
    with services.records.look() as session:
        return session.scalars(query).all()


def _had_enough(alarm: Alarm, address: str, services: Services) -> bool:
    """Return whether the alarm waits for another hour: it was raised and mailed often since yesterday."""
    query = select(func.count()).where(AlarmMail.alarm_id == alarm.id, AlarmMail.address == address)
    with services.records.look() as session:
        mailed = session.scalar(query.where(AlarmMail.raised_at > services.now() - _A_DAY)) or 0
    return mailed >= _MOST_A_DAY


def _send(alarm: Alarm, address: str, reply: Reply, services: Services) -> bool:
    """Send first, note afterwards: after a crash in between it is mailed again, which is better than not at all.

    What the server refuses for good, and what may have gone out, is not tried again: a mail every half minute helps
    nobody.
    """
    try:
        reply.send(_message(alarm, address, services))
        note_let_in(services)
    except Unreachable:
        raise
    except Transient as fault:
        _log.warning("alarm not mailed", extra={"alarm": alarm.id, "why": type(fault).__name__})
        return False
    except (NeedsPerson, Unanswered) as fault:
        _log.warning("alarm not mailed, not tried again", extra={"alarm": alarm.id, "why": type(fault).__name__})
    with services.records.work() as session:
        session.merge(AlarmMail(alarm_id=alarm.id, raised_at=alarm.raised_at, address=address))
        session.commit()
    return True


def _message(alarm: Alarm, address: str, services: Services) -> Message:
    domain = services.settings.acknowledge.sender.rpartition("@")[2]
    number = services.settings.alarms.to.index(address)
    return Message(
        message_id=f"<alarm-{alarm.id}-{int(alarm.raised_at.timestamp())}-{number}@{domain}>",
        address=address,
        subject=f"Mailroom alarm: {plain_subject(alarm.subject)}",
        text=f"{alarm.sentence}\n\nRaised {alarm.raised_at:%d %B %Y %H:%M} UTC. See `mailroom status`.\n",
        answers=False,
    )
