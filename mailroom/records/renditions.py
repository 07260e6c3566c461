"""Which rendition stands for a document, and how its file is named."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from mailroom.records.tables import Item, Rendition

SEARCHABLE = "searchable"
"""The kind of rendition that is a document with its words behind its pages."""

_SEARCHABLE = select(Rendition).where(Rendition.item_id == bindparam("item_id"), Rendition.kind == SEARCHABLE)
_SUFFIXES = {
    "application/pdf": ".pdf",
    "image/tiff": ".tif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "application/json": ".json",
    "message/rfc822": ".eml",
    "application/vnd.ms-outlook": ".msg",
    "application/rtf": ".rtf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
}


def searchable_of(session: Session, item: Item) -> dict[str, Rendition]:
    """Return the item's searchable PDFs by the digest of what they were made from."""
    return {made.parent_sha256: made for made in session.scalars(_SEARCHABLE, {"item_id": item.id})}


def suffix_of(media_type: str | None) -> str:
    """Return the usual file name ending of a media type; `.bin` where there is none."""
    return _SUFFIXES.get(media_type or "", ".bin")
