"""The door's book of what was not taken in: it was offered, so it stands on the ledger, and whoever sent it was told.

Before: a channel refuses something for good, a message over the limit for instance. After: the ledger counts it among
what was received, with the sentence that says why; there is no original, for nothing of it was kept.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import OperationalError

from mailroom.domain.capture import Capture, Refusal
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Transient
from mailroom.domain.items import ItemState
from mailroom.journey import JOURNEY
from mailroom.records import custody
from mailroom.records.items import add_item, receipt_of
from mailroom.records.tables import Item
from mailroom.services import Services


def refuse(refusal: Refusal, services: Services) -> str:
    """Put a refusal on the ledger, once however often it is told, and return its reference.

    Raises:
        Transient: the records are out of reach; the channel asks for another time instead.
    """
    try:
        return _write_down(refusal, services)
    except OperationalError as fault:
        raise Transient(f"The records cannot be read or written now ({fault.orig}); nothing is refused.") from fault


def _write_down(refusal: Refusal, services: Services) -> str:
    now = services.now()
    with services.records.work() as session:
        known = receipt_of(session, refusal.source)
        if known is not None:
            return session.get_one(Item, known.item_id).reference
        nothing_kept = Capture(
            Path(), refusal.channel, refusal.source, refusal.received_at, proven_sender=refusal.proven_sender
        )
        prefix = services.settings.council.prefix
        item = add_item(session, nothing_kept, prefix=prefix, now=now, first_stage=JOURNEY[0])
        item.state, item.next_stage, item.problem = ItemState.REFUSED, None, refusal.sentence
        item.sensitivity = Sensitivity.NORMAL  # nothing is known of it that could be kept from the post room
        details = {"size": refusal.size, "received_at": refusal.received_at.isoformat()}
        custody.record(session, item.id, "refused", actor=f"channel:{refusal.channel}", at=now, details=details)
        session.commit()
        return item.reference
