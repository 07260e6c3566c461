"""What reading gives, made ready for the records: pages as they were typed or recognised, and what was made from them.

Before: `unpack` has the words of what is typed, `read` those of a page. After: either puts them down with the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from mailroom.records.documents import DocumentReading, NewPage, NewRendition
from mailroom.records.drawings import DRAWING, SHEET
from mailroom.records.item_pages import FORMATTED, SCREEN
from mailroom.records.items import new_id
from mailroom.records.renditions import SEARCHABLE
from mailroom.records.tables import Original
from mailroom.services import Services

AS_TYPED = "as typed"
"""Stands in the place of whoever recognised the words of a page."""

_MEDIA_TYPES = {
    SCREEN: "image/jpeg",
    SEARCHABLE: "application/pdf",
    FORMATTED: "text/html",
    SHEET: "image/jpeg",
    DRAWING: "application/json",
}
_COLUMNS = [column.name for column in fields(NewPage)]


def typed(text: str, formatted: NewRendition | None = None) -> DocumentReading:
    """Return what is typed as the one page of its document, with how it was formatted."""
    page = NewPage(
        number=1,
        width=0,
        height=0,
        dpi=0,
        rotation=0,
        blank=not text.strip(),
        damaged=False,
        text=text,
        confidence=1.0,
        unread=0.0,
        words=[],
        made_by=AS_TYPED,
    )
    return DocumentReading((page,), (formatted,) if formatted else ())


def recognised(answer: Mapping[str, Any]) -> NewPage:
    """Return a page as the task `read_page` answers."""
    return NewPage(**{name: answer[name] for name in _COLUMNS})


def keep(kind: str, file: Path, page: int | None, made_by: str, original: Original, services: Services) -> NewRendition:
    """Store a rendition under a key of its own: made twice after a crash, it may differ in a byte."""
    kept = services.vault.keep_rendition(f"{original.item_id}/{new_id()}", file)
    return NewRendition(kind, page, kept.sha256, kept.size, kept.key, _MEDIA_TYPES[kind], original.sha256, made_by)
