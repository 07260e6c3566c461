"""Raises one alarm for the machine while there is too little room to take anything in, and clears it by itself.

Before: the disk fills, and each way in leaves what comes where it is. After: whoever can make room knows it.
"""

from __future__ import annotations

import logging

from mailroom.journey.room import why_no_room
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.services import Services

_SUBJECT = "room on the disk"

_log = logging.getLogger(__name__)


def watch_room(services: Services) -> None:
    """Raise the alarm or clear it."""
    sentence = why_no_room(services)
    if sentence:
        _log.warning(sentence)
    with services.records.work() as session:
        if sentence:
            raise_alarm(session, _SUBJECT, sentence, services.now())
        else:
            clear_alarm(session, _SUBJECT, services.now())
        session.commit()
