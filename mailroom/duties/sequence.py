"""The sequencer: gives committed custody events their place in the one global log, within seconds."""

from __future__ import annotations

from mailroom.records import custody
from mailroom.services import Services


def sequence(services: Services) -> int:
    """Number what waits; return how many events that were."""
    with services.records.look() as session:
        if custody.count_not_numbered(session) == 0:
            return 0
    with services.records.work() as session:
        numbered = custody.number_new_events(session)
        session.commit()
    return numbered
