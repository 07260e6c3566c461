"""The pages of an item one at a time, as an auditor looks at them: the picture made when it was read, and its words.

Before: a purpose is in force, or the viewer works on the item. After: the page as it came is on the screen. A message
has no picture of its own: its words are shown as text, never as the markup that it may have come in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from sqlalchemy.orm import Session

from mailroom.desk.audit import NotThere, purpose_of, seen_by
from mailroom.desk.opening_rendition import open_rendition
from mailroom.domain.access import Viewer
from mailroom.records.item_pages import count_pages, formatted_of, page_at, picture_of, text_on
from mailroom.records.tables import Item
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Shown:
    """One page.

    Attributes:
        place: among all pages of the item, from 1.
        pages: how many there are.
        has_picture: whether there is a picture of it.
        text: its words, or the first of them.
        shortened: whether there are more words than are shown.
        formatted: whether it is a mail that can be shown as a picture, too (`drawing.py`).
    """

    place: int
    pages: int
    has_picture: bool
    text: str
    shortened: bool
    formatted: bool


def page_shown(name: str, place: int, viewer: Viewer, services: Services) -> Shown | None:
    """Return one page; the nearest where there is none at that place, None where nothing was read yet.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: an auditor has not said what for.
    """
    with services.records.look() as session:
        item = _opened(session, name, viewer, services)
        number = count_pages(session, item.id)
        place = min(max(place, 1), number)
        page = page_at(session, item.id, place)
        if page is None:
            return None
        text, length = text_on(session, page.id)
        formatted = formatted_of(session, page) is not None
        return Shown(place, number, page.picture is not None, text, length > len(text), formatted)


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
        page = page_at(session, item.id, place)
        picture = picture_of(session, page) if page else None
        reference = item.reference
    if picture is None:
        raise NotThere(f"{reference} has no picture of page {place}. Download the original instead.")
    return open_rendition(picture, reference, services)


def _opened(session: Session, name: str, viewer: Viewer, services: Services) -> Item:
    item = seen_by(session, name, viewer)
    purpose_of(session, item, viewer, services)
    return item
