"""Carries on with taking back released copies until none lies where it should not.

Before: a person has routed an item elsewhere, marked or returned it, and the copy could not be deleted at once, or the
machine went down in between. After: it is gone, or an alarm names the folder that must be made writable.
"""

from __future__ import annotations

import logging

from mailroom.domain.errors import Transient
from mailroom.journey.withdraw_release import withdraw_release
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.handoffs import withdrawals
from mailroom.services import Services

ALARM = "withdrawal"
"""The subject of the alarm about copies that cannot be taken back."""

_log = logging.getLogger(__name__)


def withdraw_releases(services: Services) -> int:
    """Take back what is still to be taken back; return how many items that is done for."""
    with services.records.look() as session:
        asked = withdrawals(session)
    if not asked:
        return 0
    faults = [fault for item_id in asked if (fault := _withdraw(item_id, services))]
    with services.records.work() as session:
        if faults:
            raise_alarm(session, ALARM, faults[0], services.now())
        else:
            clear_alarm(session, ALARM, services.now())
        session.commit()
    return len(asked) - len(faults)


def _withdraw(item_id: str, services: Services) -> str | None:
    """Return what is in the way, or None where it is done."""
    try:
        withdraw_release(item_id, services)
    except Transient as fault:
        _log.warning("released copy is still there", extra={"item": item_id})
        return str(fault)
    return None
