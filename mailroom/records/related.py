"""What belongs to an item: the rest of its case, what the same sender wrote, what names the same reference.

The same sender is one whose address the channel proves to be the same, or whose name and postcode are both the same; a
name alone is nobody in particular. What the viewer may not see is left out inside the query.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from mailroom.domain.access import Viewer
from mailroom.records.documents import index_of
from mailroom.records.tables import Document, FieldRow, Item
from mailroom.records.visibility import visible_to

OUR_OWN = "item_reference"
"""Index data of a letter that quotes a reference of ours."""

_MOST = 50


def same_case(session: Session, item: Item, viewer: Viewer) -> Sequence[Item]:
    """Return the other items of the item's case, newest first."""
    return _others(session, item, viewer, Item.case_id == item.case_id) if item.case_id else []


def same_sender(session: Session, item: Item, viewer: Viewer) -> Sequence[Item]:
    """Return what else the same sender sent, newest first."""
    index = index_of(item)
    signs: list[ColumnElement[bool]] = []
    if item.proven_sender:
        signs.append(Item.proven_sender.in_({item.proven_sender, item.proven_sender.lower()}))
    if index.get("sender_name") and index.get("sender_postcode"):
        signs.append(Item.id.in_(_called(index["sender_name"], index["sender_postcode"])))
    return _others(session, item, viewer, or_(*signs)) if signs else []


def same_reference(session: Session, item: Item, name: str, value: str, viewer: Viewer) -> Sequence[Item]:
    """Return what else names this account, claim or case number, newest first."""
    naming: ColumnElement[bool] = Item.id.in_(_naming(name, value))
    if name == OUR_OWN:
        naming = or_(naming, Item.reference == value)
    return _others(session, item, viewer, naming)


def references_in(item: Item, known: Collection[str]) -> dict[str, str]:
    """Return the references that the item bears or names: its own, and those of the council's patterns."""
    named = {name: value for name, value in index_of(item).items() if name in known}
    return {OUR_OWN: item.reference, **named}


def _others(session: Session, item: Item, viewer: Viewer, belongs: ColumnElement[bool]) -> Sequence[Item]:
    query = select(Item).where(belongs, Item.id != item.id, visible_to(viewer)).options(selectinload(Item.case))
    return session.scalars(query.order_by(Item.received_at.desc(), Item.id).limit(_MOST)).all()


def _called(name: str, postcode: str) -> Select[str]:
    """Return ids of items of which one document bears both the name and the postcode."""
    named = aliased(FieldRow)
    query = select(Document.item_id).join(FieldRow, FieldRow.document_id == Document.id)
    query = query.join(named, named.document_id == Document.id)
    query = query.where(FieldRow.name == "sender_postcode", FieldRow.value == postcode)
    return query.where(named.name == "sender_name", func.lower(named.value) == name.lower())


def _naming(name: str, value: str) -> Select[str]:
    query = select(Document.item_id).join(FieldRow, FieldRow.document_id == Document.id)
    return query.where(FieldRow.value == value, FieldRow.name == name)
