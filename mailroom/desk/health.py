"""How the service is: alarms, workers, what waits and since when, room on the disk; for people and for monitoring.

Figures only: nothing here names an item that the reader may not see.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.domain.access import Task, Viewer
from mailroom.domain.items import ItemState
from mailroom.records.alarms import alarms_raised
from mailroom.records.backups import last_backup
from mailroom.records.ledger import Days, lines
from mailroom.records.outlook import piles
from mailroom.records.tables import Item, WorkerSlot
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is.

    Attributes:
        channels: the ledger by channel, over all days.
        alarms: number of alarms that nobody has cleared.
        workers: for each slot, how long ago its worker last said that it lives.
        waiting: how many items are on their way.
        oldest_waiting: for how long the longest of them has been.
        free_bytes: room where the data lie.
        backup: how long ago the last backup was taken; None where none ever was.
    """

    channels: dict[str, dict[str, int]]
    alarms: int
    workers: dict[str, timedelta]
    waiting: int
    oldest_waiting: timedelta
    free_bytes: int
    backup: timedelta | None


@dataclass(frozen=True, slots=True)
class Notices:
    """What an administrator should know though nothing is broken.

    Attributes:
        mail: whether a mail server is set, without which nobody is told by e-mail.
        late: open cases of which a clock has run out.
    """

    mail: bool
    late: int


def measure(services: Services) -> Health:
    """Return how the service is, in figures that name nobody."""
    now = services.now()
    with services.records.look() as session:
        waiting, since = _waiting(session)
        backup = last_backup(session)
        return Health(
            channels=lines(session, Days()),
            alarms=len(alarms_raised(session)),
            workers={slot.name: now - slot.heartbeat_at for slot in session.scalars(select(WorkerSlot))},
            waiting=waiting,
            oldest_waiting=now - since if since else timedelta(),
            free_bytes=shutil.disk_usage(services.settings.data).free,
            backup=now - backup.at if backup else None,
        )


def alarms(administrator: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return the alarms that nobody has cleared, oldest first.

    Raises:
        Refused: they are not the viewer's to see.
    """
    refuse_unless_theirs_to_do(administrator, Task.ADMINISTER)
    with services.records.look() as session:
        return [
            {"subject": alarm.subject, "sentence": alarm.sentence, "raised_at": alarm.raised_at.isoformat()}
            for alarm in alarms_raised(session)
        ]


def notices(services: Services) -> Notices:
    """Return what is no alarm and yet not as it should be."""
    with services.records.look() as session:
        late = sum(pile.late for pile in piles(session, services.now(), services.catalogue.post_room))
    return Notices(mail=bool(services.settings.acknowledge.smtp_host), late=late)


def number_of_alarms(services: Services) -> int:
    """Return how many alarms nobody has cleared."""
    with services.records.look() as session:
        return len(alarms_raised(session))


def _waiting(session: Session) -> tuple[int, datetime | None]:
    query = select(func.count(), func.min(Item.taken_at)).where(Item.state == ItemState.WAITING)
    number, since = session.execute(query).one()
    return number, since
