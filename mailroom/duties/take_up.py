"""Starts items again whose pause is over, and clears the alarms about waiting that nothing stands behind any more.

Before: `journey/hold_up.py` has let an item wait for something outside. After: it is in the queue again with a run of
its own; once no item waits there any longer, the alarm is history.
"""

from __future__ import annotations

from mailroom.duties.recovery import enqueue_again
from mailroom.journey.hold_up import is_about_waiting, subjects_of
from mailroom.records.alarms import alarms_raised, clear_alarm
from mailroom.records.items import due_again, held_up
from mailroom.services import Services


def take_up(services: Services) -> int:
    """Enqueue the items whose pause is over; return how many there were."""
    with services.records.look() as session:
        if not due_again(session, services.now()):
            return 0
    with services.records.work() as session:
        due = due_again(session, services.now())
        for item in due:
            enqueue_again(session, item, services)
        session.commit()
        return len(due)


def clear_alarms(services: Services) -> int:
    """Clear the alarms about stages where nothing waits any more; return how many those were."""
    with services.records.look() as session:
        standing = subjects_of(held_up(session))
        raised = [alarm.subject for alarm in alarms_raised(session)]
    over = [subject for subject in raised if is_about_waiting(subject) and subject not in standing]
    if over:
        with services.records.work() as session:
            for subject in over:
                clear_alarm(session, subject, services.now())
            session.commit()
    return len(over)
