"""Which rendition stands for a document, and how its file is named."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.records.tables import Item, Rendition

_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/tiff": ".tif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/plain": ".txt",
    "message/rfc822": ".eml",
}


def searchable_of(session: Session, item: Item) -> dict[str, Rendition]:
    """Return the item's searchable PDFs by the digest of what they were made from."""
    query = select(Rendition).where(Rendition.item_id == item.id, Rendition.kind == "searchable")
    return {rendition.parent_sha256: rendition for rendition in session.scalars(query)}


def suffix_of(media_type: str | None) -> str:
    """Return the usual file name ending of a media type; `.bin` where there is none."""
    return _SUFFIXES.get(media_type or "", ".bin")
