"""Mails each alarm once to those whom `alarms.to` names, where a mail server is set."""

from __future__ import annotations

import logging

from mailroom.domain.acknowledging import Way
from mailroom.domain.errors import NeedsPerson, Transient
from mailroom.ports import Message, Reply
from mailroom.records.alarms import alarms_raised
from mailroom.records.tables import Alarm
from mailroom.services import Services

_log = logging.getLogger(__name__)


def mail_alarms(services: Services) -> int:
    """Mail what has not been mailed; return how many alarms that were."""
    reply = services.replies.get(Way.EMAIL)
    if reply is None or not services.settings.alarms.to:
        return 0
    with services.records.look() as session:
        new = [alarm for alarm in alarms_raised(session) if alarm.mailed_at is None]
    return sum(_mail(alarm, reply, services) for alarm in new)


def _mail(alarm: Alarm, reply: Reply, services: Services) -> bool:
    """Send first, note afterwards: after a crash in between it is mailed again, which is better than not at all."""
    domain = services.settings.acknowledge.sender.rpartition("@")[2]
    for number, address in enumerate(services.settings.alarms.to):
        message = Message(
            message_id=f"<alarm-{alarm.id}-{int(alarm.raised_at.timestamp())}-{number}@{domain}>",
            address=address,
            subject=f"Mailroom alarm: {alarm.subject}",
            text=f"{alarm.sentence}\n\nRaised {alarm.raised_at:%d %B %Y %H:%M} UTC. See `mailroom status`.\n",
            answers=False,
        )
        try:
            reply.send(message)
        except (Transient, NeedsPerson) as fault:
            _log.warning("alarm not mailed", extra={"alarm": alarm.id, "why": type(fault).__name__})
            return False
    with services.records.work() as session:
        session.get_one(Alarm, alarm.id).mailed_at = services.now()
        session.commit()
    return True
