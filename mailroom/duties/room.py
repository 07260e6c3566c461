"""Raises one alarm for the machine while there is too little room to take anything in, and clears it by itself.

Before: the disk fills, and each way in leaves what comes where it is. After: whoever can make room knows it.
"""

from __future__ import annotations

import logging
import socket

from mailroom.journey.room import why_no_room
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.services import Services

_SUBJECT = "room on the disk"

_log = logging.getLogger(__name__)


def watch_room(services: Services) -> None:
    """Raise the alarm or clear it."""
    sentence, subject = why_no_room(services), _subject(services)
    if sentence:
        _log.warning(sentence)
    with services.records.work() as session:
        if sentence:
            raise_alarm(session, subject, sentence, services.now())
        else:
            clear_alarm(session, subject, services.now())
        session.commit()


def _subject(services: Services) -> str:
    """Name the machine where there may be several: one that has room must not clear the alarm of one that has none."""
    return _SUBJECT if services.records.embedded else f"{_SUBJECT} of {socket.gethostname()}"
