"""What another date of receipt would change: each clock of an item, when it is due now and when it would be.

Before: somebody is about to correct the date, or to confirm what another put in. After: they have seen what follows
from it; `correcting.py` moves the clocks in the commit that sets the date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.desk.acting import Refused, refuse_unless_theirs_to_do
from mailroom.desk.audit import seen_by
from mailroom.domain.access import Task, Viewer
from mailroom.domain.receipt_date import possible_receipt
from mailroom.journey.clocks import clocks_of
from mailroom.records.cases import running_clocks
from mailroom.records.tables import Item
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock under both dates.

    Attributes:
        title: what must have happened when it ends, as people say it.
        now: when it is due as the date stands.
        then: when it would be due.
        met: whether what it waits for has happened.
        late: whether it would be missed, or has been.
    """

    title: str
    now: datetime
    then: datetime
    met: bool
    late: bool


@dataclass(frozen=True, slots=True)
class Redated:
    """An item under another date of receipt.

    Attributes:
        item: id.
        reference: what people call it.
        run: to be handed back with the act.
        old: the date as it stands.
        new: the other one.
        later: whether it gives us more time, so that a second person confirms it.
        deadlines: of all clocks that run, earliest first; empty where none hangs on this date.
    """

    item: str
    reference: str
    run: int
    old: datetime
    new: datetime
    later: bool
    deadlines: tuple[Deadline, ...]


def if_received(name: str, received_at: datetime, viewer: Viewer, services: Services) -> Redated:
    """Return what this date of receipt would change; nothing is changed yet.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to correct, or it cannot have been received then.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        try:
            new = possible_receipt(received_at, item.taken_at, services.now())
        except ValueError as wrong:
            raise Refused(f"{item.reference} cannot have been received then: {wrong}") from wrong
        found = deadlines_if(session, item, new, services)
        return Redated(item.id, item.reference, item.run, item.received_at, new, new > item.received_at, found)


def deadlines_if(session: Session, item: Item, received_at: datetime, services: Services) -> tuple[Deadline, ...]:
    """Return the clocks that run for the item's case, with when each would be due.

    What was added to another's case starts no clock, so none moves with it.
    """
    service = services.catalogue.services.get(item.case.case_type) if item.case else None
    if item.case is None or item.is_contact or service is None:
        return ()
    then = {clock.name: clock for clock in clocks_of(session, item, service, services, received_at=received_at)}
    rules = services.catalogue.clocks
    return tuple(
        Deadline(
            title=rules[clock.name].title,
            now=clock.due_at,
            then=then[clock.name].due_at,
            met=clock.met_at is not None,
            late=then[clock.name].due_at < (clock.met_at or services.now()),
        )
        for clock in running_clocks(item.case)
        if clock.name in then
    )
