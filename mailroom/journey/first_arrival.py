"""What one of our own officers passed on counts from its first arrival at the council, as far as that is proven.

Before: `unpack` has read the head of a mail. After: the item has the earlier date of receipt, or its date is marked as
assumed and a person is asked for it; who wrote to us first stands in its index data, and is proven by nothing. What a
person said of the date stands whenever the item is unpacked again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.decision import IndexField
from mailroom.domain.receipt_date import first_arrival
from mailroom.journey.sender import is_one_of_us
from mailroom.journey.stage import Turn, note
from mailroom.records.corrections import RECEIVED_AT
from mailroom.records.documents import BY_A_HEAD, set_fields
from mailroom.records.tables import Correction, Item
from mailroom.services import Services

_SURE = 0.5
"""Of a name that a mail gives: somebody is to look at it."""


def count_from_first_arrival(
    session: Session, turn: Turn, item: Item, document_id: str, head: Mapping[str, Any], services: Services
) -> None:
    """Date an item that one of us passed on, in the caller's unit of work.

    Args:
        session: the unit of work.
        turn: of the stage.
        item: its claimed row.
        document_id: of the mail that came in.
        head: what its head says.
        services: the bundle.
    """
    passed_on = head.get("forwarded")
    if not passed_on or not is_one_of_us(item, services):
        return
    set_fields(session, document_id, _sender(passed_on["sender"]))
    if not _dated_by_a_person(session, item):
        _date(session, turn, item, passed_on, services)


def _date(session: Session, turn: Turn, item: Item, passed_on: Mapping[str, Any], services: Services) -> None:
    said = datetime.fromisoformat(passed_on["first_arrival"]) if passed_on["first_arrival"] else None
    before = item.received_at
    received_at, assumed = first_arrival(before, said, proven=passed_on["proven"])
    if received_at != before:
        item.received_at = received_at
        details = {"old": before.isoformat(), "new": received_at.isoformat()}
        note(session, turn, "received_corrected", services, details=details)
    if assumed and not item.receipt_assumed:
        item.receipt_assumed = True
        note(session, turn, "first_arrival_unproven", services)


def _sender(sender: Mapping[str, str]) -> list[IndexField]:
    told = {"sender_name": sender["name"], "email": sender["address"].lower()}
    return [IndexField(name, value, _SURE, source=BY_A_HEAD) for name, value in told.items() if value]


def _dated_by_a_person(session: Session, item: Item) -> bool:
    made = select(Correction.id).where(Correction.item_id == item.id, Correction.what == RECEIVED_AT)
    return session.scalars(made).first() is not None
