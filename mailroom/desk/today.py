"""Today's ledger as the post room watches it: what came in by each channel, where it stands, what is late.

Before: the door and the stages count by what they do. After: a page shows one line for each channel and asks again
every few seconds. What is limited and not the viewer's to see is left out of every figure: beside the queue, which
leaves it out too, a sum that is one larger would give it away.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from mailroom.desk.acting import refuse_unless_theirs_to_do
from mailroom.domain.access import Task, Viewer
from mailroom.domain.sla import LONDON, local_date
from mailroom.records.ledger import Days, late_exceptions, lines
from mailroom.services import Services


def ledger_today(viewer: Viewer, services: Services) -> tuple[date, dict[str, dict[str, Any]]]:
    """Return the day, and for each channel what was received on it, where it stands and how many exceptions are late.

    What is late is counted whenever it came in: a letter of last week that nobody has settled is today's work.

    Raises:
        Refused: counting is not the viewer's work.
    """
    refuse_unless_theirs_to_do(viewer, Task.COUNT)
    now = services.now()
    day = local_date(now)
    with services.records.look() as session:
        counted = lines(session, Days(day, day), viewer)
        late = late_exceptions(session, now, viewer)
    nothing = dict.fromkeys(("received", "captured", "waiting", "exceptions", "refused"), 0)
    channels = sorted({*counted, *late})
    return day, {name: {**counted.get(name, nothing), "late": late.get(name, 0)} for name in channels}


def start_of_today(now: datetime) -> datetime:
    """Return the midnight in London with which the day of this moment began; pure."""
    return datetime.combine(local_date(now), time(), LONDON)
