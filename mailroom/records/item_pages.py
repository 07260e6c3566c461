"""The pages of an item as a screen lists them, without their words: those are read as a page is looked at.

Before: `read` has put down pages and their pictures. After: a list of 500 pages costs milliseconds, and a page its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from mailroom.records.tables import Document, Original, Page, Rendition

SCREEN = "screen"
"""The kind of rendition that is a page's picture for the screen."""

FORMATTED = "formatted"
"""The kind of rendition that is a message as it was formatted, made harmless."""

MOST_TEXT = 20_000
"""How much of a page's text is read at once, in characters: a page without a picture may be megabytes long."""

_COLUMNS: Sequence[Any] = (
    Page.id,
    Page.document_id,
    Page.number,
    Page.width,
    Page.height,
    Page.rotation,
    Page.blank,
    Page.damaged,
    Page.unread,
    Original.sha256,
)


@dataclass(frozen=True, slots=True)
class PageLine:
    """One page in the list.

    Attributes:
        id: of the row.
        document_id: whose page it is.
        place: 1-based among all pages of the item.
        number: 1-based in its document.
        width: of the page that the words' boxes refer to, in pixels; 0 where there is no picture.
        height: of it.
        rotation: clockwise degrees by which it was turned to be read.
        blank: whether nothing is on it.
        damaged: whether part of it could not be decoded.
        unread: share of its lines without words.
        picture: id of its picture; None where there is none.
    """

    id: int
    document_id: str
    place: int
    number: int
    width: int
    height: int
    rotation: int
    blank: bool
    damaged: bool
    unread: float
    picture: str | None


def pages_of(session: Session, item_id: str) -> list[PageLine]:
    """Return the pages of all documents of the item, in order."""
    pictures = _pictures(session, item_id)
    rows = session.execute(_pages(item_id))
    return [_line(row, place, pictures) for place, row in enumerate(rows, start=1)]


def page_at(session: Session, item_id: str, place: int) -> PageLine | None:
    """Return the page at this place, or None."""
    row = session.execute(_pages(item_id).offset(place - 1).limit(1)).first() if place > 0 else None
    return _line(row, place, _pictures(session, item_id, row.number)) if row is not None else None


def count_pages(session: Session, item_id: str) -> int:
    """Return how many pages the documents of the item have."""
    query = select(func.count(Page.id)).join(Document, Document.id == Page.document_id)
    return session.scalar(query.where(Document.item_id == item_id)) or 0


def picture_of(session: Session, page: PageLine) -> Rendition | None:
    """Return the page's picture for the screen, or None."""
    return session.get(Rendition, page.picture) if page.picture else None


def formatted_of(session: Session, page: PageLine) -> Rendition | None:
    """Return the message on this page as it was formatted; None where it is no message, or was plain text."""
    document = session.get_one(Document, page.document_id)
    query = select(Rendition).where(Rendition.item_id == document.item_id, Rendition.kind == FORMATTED)
    return session.scalars(query.where(Rendition.parent_sha256 == document.original.sha256)).first()


def documents_formatted(session: Session, item_id: str) -> frozenset[str]:
    """Return the ids of the item's documents that are messages kept as they were formatted, too."""
    query = (
        select(Document.id)
        .join(Original, Original.id == Document.original_id)
        .join(Rendition, (Rendition.item_id == Document.item_id) & (Rendition.parent_sha256 == Original.sha256))
        .where(Document.item_id == item_id, Rendition.kind == FORMATTED)
    )
    return frozenset(session.scalars(query))


def head_of(session: Session, page: PageLine) -> dict[str, Any]:
    """Return what the head of the message on this page says; empty where it is no message."""
    headers = session.get_one(Document, page.document_id).headers
    return headers if "sender" in headers else {}


def words_on(session: Session, page_ids: Sequence[int]) -> dict[int, list[Any]]:
    """Return the words of these pages, each as [text, confidence, left, top, right, bottom, line]."""
    rows = session.execute(select(Page.id, Page.words).where(Page.id.in_(page_ids)))
    return {row.id: row.words for row in rows}


def text_on(session: Session, page_id: int, start: int = 0, most: int = MOST_TEXT) -> tuple[str, int]:
    """Return a page's text from this character on, so much of it at the most, and how long it is altogether."""
    part = func.substr(Page.text, start + 1, most)
    row = session.execute(select(part, func.length(Page.text)).where(Page.id == page_id)).one()
    return row[0] or "", row[1] or 0


def _pages(item_id: str) -> Select[Any]:
    query: Select[Any] = select(*_COLUMNS).join(Document, Document.id == Page.document_id)
    query = query.join(Original, Original.id == Document.original_id).where(Document.item_id == item_id)
    return query.order_by(Document.ordinal, Page.number)


def _pictures(session: Session, item_id: str, number: int | None = None) -> dict[tuple[str, int | None], str]:
    query = select(Rendition.id, Rendition.parent_sha256, Rendition.page)
    query = query.where(Rendition.item_id == item_id, Rendition.kind == SCREEN)
    rows = session.execute(query if number is None else query.where(Rendition.page == number))
    return {(made_from, page): rendition_id for rendition_id, made_from, page in rows}


def _line(row: Row[Any], place: int, pictures: dict[tuple[str, int | None], str]) -> PageLine:
    picture = pictures.get((row.sha256, row.number))
    sizes = (row.width, row.height, row.rotation)
    return PageLine(row.id, row.document_id, place, row.number, *sizes, row.blank, row.damaged, row.unread, picture)
