"""Splitting and joining on the ledger: rows of the parts, and the row of what they replace.

A part has no line of its own in the door's ledger: `records/ledger.py` counts it by its event `made_by_split`, which
the caller writes in the same commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from mailroom.domain.items import ItemState
from mailroom.domain.references import make_reference
from mailroom.records.documents import note_decision
from mailroom.records.items import new_id, next_number, pass_on
from mailroom.records.tables import Document, Item, Original, Rendition

_SAME_AS_WHOLE = (
    "channel",
    "file_name",
    "imported",
    "received_at",
    "receipt_assumed",
    "taken_at",
    "proven_sender",
    "hint_team",
    "hint_case_type",
)


@dataclass(frozen=True, slots=True)
class Extract:
    """The pages of a whole that are one part's, kept in the vault.

    Attributes:
        first_page: 1-based page of the whole.
        last_page: included.
        sha256: digest of the extract.
        size: bytes.
        key: where it lies.
    """

    first_page: int
    last_page: int
    sha256: str
    size: int
    key: str


def add_part(session: Session, whole: Item, extract: Extract, *, prefix: str, now: datetime, first_stage: str) -> Item:
    """Put down an item made from pages of another, with its extract as its original."""
    part = Item(
        id=new_id(),
        reference=make_reference(prefix, now.year, next_number(session, f"item-{now.year}")),
        **{name: getattr(whole, name) for name in _SAME_AS_WHOLE},
        parent_id=whole.id,
        state=ItemState.WAITING,
        next_stage=first_stage,
        run=1,
        child_deaths=0,
        service_deaths=0,
        settled=False,
        changed_at=now,
    )
    session.add(part)
    session.flush()
    session.add(_original(part, whole.originals[0], extract, now))
    session.flush()
    return part


def _original(part: Item, whole: Original, extract: Extract, now: datetime) -> Original:
    return Original(
        id=new_id(),
        item_id=part.id,
        ordinal=1,
        sha256=extract.sha256,
        size=extract.size,
        key=extract.key,
        media_type=whole.media_type,
        file_name=whole.file_name,
        extract_of=whole.sha256,
        first_page=extract.first_page,
        last_page=extract.last_page,
        stored_at=now,
    )


def parts_of(session: Session, item_id: str) -> list[tuple[str, int | None]]:
    """Return reference and first page of each part that was made of the item, in order."""
    query = select(Item.reference, Original.first_page).join(Original, Original.item_id == Item.id)
    rows = session.execute(query.where(Item.parent_id == item_id, Original.ordinal == 1).order_by(Original.first_page))
    return [(reference, first) for reference, first in rows]


def replace_item(item: Item, state: ItemState, now: datetime) -> None:
    """Take the item out of the count: its journey is over, and no run of it that is in flight can go on."""
    item.run += 1
    item.state = state
    item.cause = item.problem = None
    pass_on(item, None, now)


def move_contents(session: Session, item: Item, into: Item) -> None:
    """Move originals, documents and renditions behind those of the other item; their digests and ids stay."""
    for kind in (Original, Document):
        behind = len(session.scalars(select(kind.id).where(kind.item_id == into.id)).all())
        moved = update(kind).where(kind.item_id == item.id)
        session.execute(moved.values(item_id=into.id, ordinal=kind.ordinal + behind))
    session.execute(update(Rendition).where(Rendition.item_id == item.id).values(item_id=into.id))
    for changed in (item, into):
        session.refresh(changed, ["originals", "documents"])
        note_decision(changed)
