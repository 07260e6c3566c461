"""What people changed: one row for each correction, old and new, never deleted.

Before: somebody at the desk changes what the machine or another person had put down. After: `show` and the reports can
say who changed what and why, and the sorting can learn from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.records.tables import Correction, FieldRow, Item
from mailroom.records.visibility import visible_to

RECEIVED_AT = "received_at"
"""What a correction of the date of receipt is called in `Correction.what`."""


def add_correction(
    session: Session,
    item_id: str,
    what: str,
    *,
    old: str | None,
    new: str,
    reason: str,
    actor: str,
    at: datetime,
    needs_second: bool = False,
) -> Correction:
    """Put a correction down, in the caller's unit of work.

    Args:
        session: the unit of work.
        item_id: what it concerns.
        what: the field, or `case_type`, `team`, `sensitivity`, `received_at`.
        old: what stood there, None where nothing did.
        new: what stands there now, or will once it is confirmed; empty where it was taken out.
        reason: in the person's own words; it may be empty where the change speaks for itself.
        actor: account name.
        at: when.
        needs_second: whether it takes effect only when another person confirms it.
    """
    correction = Correction(
        item_id=item_id,
        what=what,
        old=old,
        new=new,
        reason=reason,
        actor=actor,
        made_at=at,
        needs_second=needs_second,
    )
    session.add(correction)
    session.flush()
    return correction


def waiting_for_second(session: Session, viewer: Viewer) -> Sequence[tuple[Correction, Item]]:
    """Return corrections that wait for a second person, of items that the viewer may see, oldest first."""
    query = select(Correction, Item).join(Item, Item.id == Correction.item_id)
    query = query.where(Correction.needs_second, Correction.confirmed_by.is_(None), visible_to(viewer))
    return [(correction, item) for correction, item in session.execute(query.order_by(Correction.made_at))]


def drop_field(session: Session, item: Item, name: str) -> None:
    """Take a piece of index data out of every document of the item; what it was stands in the correction."""
    for document in item.documents:
        session.execute(delete(FieldRow).where(FieldRow.document_id == document.id, FieldRow.name == name))
