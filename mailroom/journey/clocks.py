"""Which clocks run for an item's case: those of its service whose starting event has happened.

Before: the item has a service, and what happened to it is on record. After: `open_case` puts the clocks down, and they
are put down again when the sender was told or the team accepted, since some clocks start only then (a complaint's
stage 1 is counted from the acknowledgement).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.domain.catalogue import Service
from mailroom.domain.sla import Event, due_at, start_of
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.cases import NewClock, put_clocks
from mailroom.records.handoffs import last_handoff
from mailroom.records.tables import Item
from mailroom.services import Services


def clocks_of(
    session: Session, item: Item, service: Service, services: Services, *, received_at: datetime | None = None
) -> list[NewClock]:
    """Compute the clocks that run for the item as the service it is; had it been received then, where that is given."""
    events = {**_events(session, item), Event.RECEIPT: received_at or item.received_at}
    clocks = []
    for name in service.clocks:
        rule = services.catalogue.clocks[name]
        started_at = start_of(rule, events)
        if started_at is not None:
            due = due_at(rule, started_at, services.calendars)
            clocks.append(NewClock(rule.name, rule.statutory, started_at, due))
    return clocks


def start_clocks(session: Session, item: Item, services: Services) -> None:
    """Put the clocks of the item's case down anew, after something happened that starts some of them."""
    service = services.catalogue.services.get(item.case.case_type) if item.case else None
    if item.case is not None and service is not None:
        put_clocks(item.case, clocks_of(session, item, service, services), services.now())


def _events(session: Session, item: Item) -> Mapping[Event, datetime]:
    told = acknowledgement_of(session, item.id)
    offered = last_handoff(session, item.id)
    happened = {
        Event.ACKNOWLEDGEMENT: told.sent_at if told else None,
        Event.HAND_OFF: offered.answered_at if offered is not None and offered.state == "accepted" else None,
    }
    return {event: at for event, at in happened.items() if at is not None}
