"""Takes the day's backup by the clock, and raises an alarm while the last one is too old.

Before: `[backup] folder` names a place. After: there is a backup of each day, or whoever can mend it knows why not. A
service that is stopped breaks it off; the next one goes on with what was copied.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from mailroom.backup.records_copy import RecordsCopy
from mailroom.backup.shelf import Busy, prepared
from mailroom.backup.take import take_backup
from mailroom.domain.errors import MailroomError
from mailroom.domain.sla import LONDON, local_date
from mailroom.records.alarms import clear_alarm, raise_alarm
from mailroom.records.backups import BackedUp, last_backup
from mailroom.services import Services

ACTOR = "machine:backup"
_SUBJECT = "backup"

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The service is asked to stop."""


def is_due(last: datetime | None, now: datetime, hour: int) -> bool:
    """Return whether the day's backup is to be taken now; the first one is at once.

    Args:
        last: when the last one was taken.
        now: the time of day.
        hour: from which hour in London on.
    """
    return last is None or (local_date(last) < local_date(now) and now.astimezone(LONDON).hour >= hour)


def take_daily_backup(services: Services, copy: RecordsCopy, is_stopping: Callable[[], bool]) -> None:
    """Take the day's backup where it is due, and say by an alarm where there is none that can be relied on."""
    told = services.settings.backup
    if not told.folder:
        return
    with services.records.look() as session:
        last = last_backup(session)
    broke_off = ""
    try:
        if is_due(last.at if last else None, services.now(), told.hour):
            broke_off = _take(services, copy, is_stopping)
    finally:  # whatever else goes wrong is in the log, and the age of the last one is told all the same
        _watch(services, broke_off)


def _take(services: Services, copy: RecordsCopy, is_stopping: Callable[[], bool]) -> str:
    """Take it; return why it was broken off."""

    def tell(_what: str, _done: int, _total: int) -> None:
        if is_stopping():
            raise _Stopped

    try:
        shelf = prepared(Path(services.settings.backup.folder), services.settings.data)
        taken = take_backup(services, shelf, copy, ACTOR, tell, thorough=False)
    except (_Stopped, Busy):
        return ""
    except MailroomError as fault:
        _log.warning("no backup was taken: %s", fault)
        return str(fault)
    _log.info("backup taken", extra={"folder": taken.folder.name, "objects": taken.new_objects})
    return ""


def _watch(services: Services, broke_off: str) -> None:
    with services.records.work() as session:
        sentence = _sentence(last_backup(session), services, broke_off)
        if sentence:
            raise_alarm(session, _SUBJECT, sentence, services.now())
        else:
            clear_alarm(session, _SUBJECT, services.now())
        session.commit()


def _sentence(last: BackedUp | None, services: Services, broke_off: str) -> str:
    """Return what is wrong with the backups; nothing where nothing is."""
    oldest = services.now() - timedelta(hours=services.settings.backup.alarm_after_hours)
    if last is None:
        return f"There is no backup. {broke_off or 'The first one is being taken.'}"
    if last.at < oldest:
        advice = broke_off or "See to backup.folder, or take one: mailroom backup."
        return f"The last backup is of {last.at.astimezone(LONDON):%d %B %Y %H:%M}. {advice}"
    if last.faults:
        return f"{last.faults} objects are not in the last backup: the store has lost them. See mailroom verify."
    return broke_off
