"""Notes that a sender was told that something came in, whichever way it went.

Before: `duties/send_acknowledgements.py` has sent a mail, or somebody has printed a letter (`desk/letters.py`). After:
the event stands in the chain of custody, the clocks that it meets are met and those that it starts run.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.domain.sla import MetBy
from mailroom.journey.clocks import start_clocks
from mailroom.records import custody
from mailroom.records.cases import meet
from mailroom.records.tables import Acknowledgement, Item
from mailroom.services import Services


def note_told(session: Session, row: Acknowledgement, actor: str, services: Services) -> None:
    """Note in the chain of custody and on the case that the sender was told, in the caller's unit of work."""
    now = services.now()
    item = session.get_one(Item, row.item_id)
    custody.record(session, item.id, "acknowledged", actor=actor, at=now, details={"way": row.way})
    if item.case is not None and not item.is_contact:
        meet(item.case, MetBy.ACKNOWLEDGEMENT, now, services.catalogue.clocks)
        start_clocks(session, item, services)
