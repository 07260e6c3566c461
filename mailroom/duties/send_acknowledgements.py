"""Sends the acknowledgements whose time to be taken back is over, or puts the letter into the print queue.

A mail server cannot tell that it has had a message before, so the intent is committed first and the Message-ID is made
from item and stage. After a crash in between it is sent once more at the most, and the row says that it may have gone
out twice; a third time nobody tries.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from mailroom.domain.acknowledging import Way
from mailroom.domain.errors import NeedsPerson, Transient, Unanswered
from mailroom.journey.sender_told import note_told
from mailroom.ports import Message
from mailroom.records.acknowledgements import due_to_go
from mailroom.records.tables import Acknowledgement
from mailroom.services import Services

ACTOR = "machine:acknowledge"
_MOST_ATTEMPTS = 2
_OURS_FOR = timedelta(minutes=5)
"""How long a message that somebody is sending is left alone by all others; longer than a mail server may take."""

_log = logging.getLogger(__name__)


def send_acknowledgements(services: Services) -> int:
    """Send or queue what is due; return how many acknowledgements moved on."""
    with services.records.look() as session:
        due = due_to_go(session, services.now())
    return sum(_send(acknowledgement_id, services) for acknowledgement_id in due)


def _send(acknowledgement_id: str, services: Services) -> bool:
    message = _intend(acknowledgement_id, services)
    if message is None:
        return True
    try:
        services.replies[Way.EMAIL].send(message)
    except Unanswered as fault:
        _log.warning("acknowledgement may be out", extra={"id": acknowledgement_id, "why": type(fault).__name__})
        return False
    except Transient as fault:
        _log.warning("acknowledgement waits", extra={"id": acknowledgement_id, "why": type(fault).__name__})
        _note(acknowledgement_id, "held", None, services)
        return False
    except NeedsPerson as fault:
        _note(acknowledgement_id, "failed", fault.sentence, services)
        return True
    _note(acknowledgement_id, "sent", None, services)
    return True


def _intend(acknowledgement_id: str, services: Services) -> Message | None:
    """Commit that it is about to go and return the message; None where nothing is mailed."""
    now = services.now()
    with services.records.work() as session:
        row = session.get_one(Acknowledgement, acknowledgement_id, with_for_update=True)
        if row.state not in ("held", "sending") or row.not_before > now:
            return None
        interrupted = row.state == "sending"
        row.maybe_twice = row.maybe_twice or interrupted
        mailed = row.way == Way.EMAIL and row.attempts < _MOST_ATTEMPTS
        row.state = "sending" if mailed else "to_print"
        row.attempts += mailed
        row.not_before = now + _OURS_FOR if mailed else row.not_before
        session.commit()
        return Message(row.message_id, row.address or "", row.subject, row.text) if mailed else None


def _note(acknowledgement_id: str, state: str, reason: str | None, services: Services) -> None:
    now = services.now()
    with services.records.work() as session:
        row = session.get_one(Acknowledgement, acknowledgement_id, with_for_update=True)
        row.state, row.reason = state, reason
        if state == "held":
            row.attempts -= 1  # the mail server says that it has not taken it
        if state == "sent":
            row.sent_at = now
            note_told(session, row, ACTOR, services)
        session.commit()
