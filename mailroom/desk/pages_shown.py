"""The pages of an item one at a time, as an auditor looks at them: the picture made when it was read, and its words.

Before: a purpose is in force, or the viewer works on the item. After: the page as it came is on the screen. A message
has no picture; its words are shown as text, never as the markup that it may have come in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from mailroom.desk.audit import NotThere, PurposeNeeded, purpose_in_force, seen_by
from mailroom.domain.access import Viewer
from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.records.tables import Document, Item, Original, Page, Rendition
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach

_MOST_TEXT = 20_000
"""Characters of a page that are shown: a message can be megabytes long, and its original is a key away."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One page.

    Attributes:
        place: among all pages of the item, from 1.
        pages: how many there are.
        has_picture: whether there is a picture of it.
        text: its words, or the first of them.
        shortened: whether there are more words than are shown.
    """

    place: int
    pages: int
    has_picture: bool
    text: str
    shortened: bool


def page_shown(name: str, place: int, viewer: Viewer, services: Services) -> Shown | None:
    """Return one page; the nearest where there is none at that place, None where nothing was read yet.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: an auditor has not said what for.
    """
    with services.records.look() as session:
        item = _opened(session, name, viewer, services)
        number = session.scalar(select(func.count()).select_from(_pages(item).subquery())) or 0
        if not number:
            return None
        place = min(max(place, 1), number)
        document, page, text, length = session.execute(_pages(item).offset(place - 1).limit(1)).one()
        picture = session.scalars(_picture(document, page)).first()
        return Shown(place, number, picture is not None, text, length > _MOST_TEXT)


def picture_shown(name: str, place: int, viewer: Viewer, services: Services) -> IO[bytes]:
    """Return the picture of a page (JPEG), checked; the caller closes it.

    Raises:
        NotThere: no such item for this viewer, or no picture at that place.
        PurposeNeeded: an auditor has not said what for.
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read now.
    """
    with services.records.look() as session:
        item = _opened(session, name, viewer, services)
        row = session.execute(_pages(item).offset(place - 1).limit(1)).first() if place > 0 else None
        picture = session.scalars(_picture(row[0], row[1])).first() if row else None
        reference = item.reference
    if picture is None:
        raise NotThere(f"{reference} has no picture of page {place}. Download the original instead.")
    try:
        return services.vault.open(picture.sha256, key=picture.key)
    except VaultBreach as fault:
        raise CustodyBreach(f"{reference}: {fault}. Tell the administrator; download the original instead.") from fault
    except StorageError as fault:
        raise MailroomError(f"{reference}: the store cannot be read now: {fault}") from fault


def _opened(session: Session, name: str, viewer: Viewer, services: Services) -> Item:
    item = seen_by(session, name, viewer)
    if purpose_in_force(session, item, viewer, services) is None:
        raise PurposeNeeded(f"Say first what you open {item.reference} for.")
    return item


def _pages(item: Item) -> Select[str, int, str, int]:
    text = func.substr(Page.text, 1, _MOST_TEXT)
    query = select(Document.id, Page.number, text, func.length(Page.text)).join(Page, Page.document_id == Document.id)
    return query.where(Document.item_id == item.id).order_by(Document.ordinal, Page.number)


def _picture(document_id: str, number: int) -> Select[Rendition]:
    made_from = and_(Rendition.parent_sha256 == Original.sha256, Rendition.item_id == Document.item_id)
    query = select(Rendition).join(Original, made_from).join(Document, Document.original_id == Original.id)
    return query.where(Document.id == document_id, Rendition.kind == "screen", Rendition.page == number)
