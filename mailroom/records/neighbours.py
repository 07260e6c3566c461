"""What came in next to an item and may be joined with it: the one just before, and those of its folder or batch.

Before: the door has put the items down in the order in which they came. After: the bench offers them as small pictures.
Only what the viewer may see is read, and only what `desk/joining.py` would take: of the same channel and sensitivity,
received no later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.domain.items import COUNTED
from mailroom.records.item_pages import page_at
from mailroom.records.tables import Document, Item, ReceiptRow
from mailroom.records.visibility import visible_to

_FAR = 6
"""So many items before and behind are looked at for those of the same folder or batch."""

_FIRST_CHARACTERS = 400
_ORDER = (Item.received_at, Item.reference)


class Where(StrEnum):
    """How an item lies to another."""

    BEFORE = "before"
    FOLDER = "folder"
    BATCH = "batch"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An item that another may belong to.

    Attributes:
        item: id.
        reference: what people call it.
        where: how it lies to the other.
        words: the first of its text; empty where none was read.
        picture: whether there is a picture of its first page.
    """

    item: str
    reference: str
    where: Where
    words: str
    picture: bool


def neighbours_of(session: Session, item: Item, viewer: Viewer, *, most: int) -> list[Neighbour]:
    """Return what the item may be joined to, the one just before it first.

    Args:
        session: the unit of work.
        item: the one that is open.
        viewer: who asks.
        most: how many at the most.
    """
    here = (item.received_at, item.reference)
    down = [column.desc() for column in _ORDER]
    before = session.execute(_beside(item, viewer, tuple_(*_ORDER) < here).order_by(*down)).all()
    same_moment = (Item.received_at == item.received_at, Item.reference > item.reference)
    behind = session.execute(_beside(item, viewer, *same_moment).order_by(*_ORDER)).all()
    folder = _folder_of(_source_of(session, item.id))
    near = [(row, _where(row, item, folder)) for row in (*before[1:], *behind)]
    found = [(row, Where.BEFORE) for row in before[:1]] + [(row, where) for row, where in near if where is not None]
    return [_neighbour(session, row, where) for row, where in found[:most]]


def _beside(item: Item, viewer: Viewer, *place: ColumnElement[bool]) -> Select[str, str, str | None, str]:
    query = select(Item.id, Item.reference, Item.parent_id, ReceiptRow.source)
    query = query.outerjoin(ReceiptRow, ReceiptRow.item_id == Item.id).where(Item.channel == item.channel, *place)
    fitting = (Item.state.in_(COUNTED), Item.sensitivity == item.sensitivity, visible_to(viewer))
    return query.where(*fitting).limit(_FAR)


def _where(row: Row[str, str, str | None, str], item: Item, folder: str) -> Where | None:
    if row.parent_id is not None and row.parent_id == item.parent_id:
        return Where.BATCH
    return Where.FOLDER if folder and _folder_of(row.source) == folder else None


def _source_of(session: Session, item_id: str) -> str | None:
    return session.scalar(select(ReceiptRow.source).where(ReceiptRow.item_id == item_id))


def _folder_of(source: str | None) -> str:
    """Return the folder in which a delivery lay, as its channel names it; empty where it lay in none."""
    return (source or "").rpartition("/")[0]


def _neighbour(session: Session, row: Row[str, str, str | None, str], where: Where) -> Neighbour:
    first = select(func.substr(Document.text, 1, _FIRST_CHARACTERS)).where(Document.item_id == row.id)
    words: Sequence[str] = (session.scalar(first.order_by(Document.ordinal).limit(1)) or "").split()
    page = page_at(session, row.id, 1)
    return Neighbour(row.id, row.reference, where, " ".join(words), page is not None and page.picture is not None)
