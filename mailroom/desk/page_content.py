"""What is large in a page and comes as it is looked at: its picture, its words with their boxes, or its text.

Before: `item_page.py` has listed the pages. After: a screen shows the page, and a word on it can be put into a field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from mailroom.desk.audit import NotThere, seen_by
from mailroom.desk.looking import WORK, ensure_look
from mailroom.desk.opening_rendition import open_rendition
from mailroom.domain.access import Viewer
from mailroom.records.item_pages import MOST_TEXT, PageLine, page_at, picture_of, text_on, words_on
from mailroom.records.tables import Item
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class PageWords:
    """The words of one page: each with its box in pixels of the page, or its text where there is no picture.

    Attributes:
        place: among all pages of the item.
        width: of the page in pixels.
        height: of it.
        words: each as (text, (left, top, right, bottom), number of its line).
        text: of a page without a picture, from `start` on; empty where there is one.
        start: first character of `text`.
        length: characters of the whole text.
    """

    place: int
    width: int
    height: int
    words: tuple[tuple[str, tuple[int, ...], int], ...]
    text: str
    start: int
    length: int


def words_of_page(
    name: str,
    place: int,
    viewer: Viewer,
    services: Services,
    start: int = 0,
    *,
    most: int = MOST_TEXT,
    ahead: bool = False,
) -> PageWords:
    """Return the words of one page with their boxes, or a stretch of its text where it has no picture.

    Args:
        name: reference or id of the item.
        place: page, among all pages of the item.
        viewer: who reads it.
        services: the bundle.
        start: first character of the stretch.
        most: characters of it.
        ahead: whether it belongs to what is loaded and not shown yet.

    Raises:
        NotThere: no such item for this viewer, or it has no such page.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        page = _existing(page_at(session, item.id, place), item)
        words = words_on(session, [page.id])[page.id] if page.picture else []
        text, length = ("", 0) if page.picture else text_on(session, page.id, start, most)
    ensure_look(item.id, viewer, WORK, services, ahead=ahead)
    boxes = tuple((str(word[0]), tuple(int(edge) for edge in word[2:6]), int(word[6])) for word in words)
    return PageWords(place, page.width, page.height, boxes, text, start, length)


def picture_of_page(name: str, place: int, viewer: Viewer, services: Services, *, ahead: bool = False) -> IO[bytes]:
    """Return the verified picture of one page (JPEG); the caller closes it.

    Args:
        name: reference or id of the item.
        place: page, among all pages of the item.
        viewer: who sees it.
        services: the bundle.
        ahead: whether it belongs to what is loaded and not shown yet.

    Raises:
        NotThere: no such item for this viewer, or that page has no picture.
        CustodyBreach: what is kept is not what was made.
        MailroomError: the store cannot be read now.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        picture = picture_of(session, _existing(page_at(session, item.id, place), item))
    if picture is None:
        raise NotThere(f"Page {place} of {item.reference} has no picture. Open the original instead.")
    ensure_look(item.id, viewer, WORK, services, ahead=ahead)
    return open_rendition(picture, item.reference, services)


def _existing(page: PageLine | None, item: Item) -> PageLine:
    if page is None:
        raise NotThere(f"{item.reference} has no such page.")
    return page
