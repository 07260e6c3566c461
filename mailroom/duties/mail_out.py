"""The alarm about the server that takes our mail: it takes none, and somebody must mend a setting here or there.

Before: a message was to go out, and waits, or is out. After: whoever runs the mailroom reads what to mend; no message
is given up meanwhile. A server that is not there for a while raises none.
"""

from __future__ import annotations

from mailroom.domain.errors import TurnedAway, Unreachable
from mailroom.records.alarms import settle_alarm
from mailroom.services import Services

SUBJECT = "mail out"


def note_fault(fault: Unreachable, services: Services) -> None:
    """Raise the alarm where nothing changes until somebody mends something."""
    if isinstance(fault, TurnedAway):
        settle_alarm(services.records, SUBJECT, str(fault), services.now())


def note_let_in(services: Services) -> None:
    """Clear the alarm, for a mail has gone out."""
    settle_alarm(services.records, SUBJECT, None, services.now())
