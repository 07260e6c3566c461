"""Reads every page: text, words with boxes and confidences, an image for the screen, a searchable PDF, in one pass.

Before: the item has its documents. After: each has its pages, its text and its renditions; `classify` decides what it
is. A page is read in a child of its own, so one page that hangs or explodes costs that page's limits and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from sqlalchemy.orm import joinedload

from mailroom.journey import after
from mailroom.journey.stage import closing, fetch, note, opening, scratch_folder
from mailroom.records.documents import DocumentReading, NewPage, NewRendition, add_reading
from mailroom.records.item_pages import FORMATTED, SCREEN
from mailroom.records.items import item_with, new_id, pass_on
from mailroom.records.renditions import SEARCHABLE
from mailroom.records.tables import Document, Item, Original
from mailroom.sandbox.tasks.signatures import MESSAGES, PAGED
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents).joinedload(Document.original))

_MEDIA_TYPES = {SCREEN: "image/jpeg", SEARCHABLE: "application/pdf", FORMATTED: "text/html"}
_COLUMNS = [column.name for column in fields(NewPage)]


def read(item_id: str, services: Services) -> None:
    """Read all documents of the item.

    Raises:
        NeedsPerson: a page is damaged, too large or too slow.
    """
    with opening(item_id, "read", services, _LOOKED_AT) as (turn, item, _):
        documents = [(document, document.original) for document in item.documents]
    readings = [_read_document(document, original, services) for document, original in documents]
    with closing(turn, services) as (item, session):
        for reading in readings:
            add_reading(session, item, reading, services.now())
        makers = sorted({page.made_by for reading in readings for page in reading.pages})
        details = {"pages": sum(len(reading.pages) for reading in readings), "made_by": makers}
        note(session, turn, "read", services, details=details)
        pass_on(item, after("read"), services.now())


def _read_document(document: Document, original: Original, services: Services) -> DocumentReading:
    with scratch_folder(services) as folder:
        source = fetch(original, folder, services)
        if document.media_type in PAGED:
            return _read_pages(document, original, source, folder, services)
        if document.media_type in MESSAGES:
            return _read_message(document, original, source, folder, services)
        answer = services.sandbox.run("read_text", {}, source=source, scratch=folder)
        return DocumentReading(document.id, (_typed_page(answer["text"]),), ())


def _read_message(
    document: Document, original: Original, source: Path, folder: Path, services: Services
) -> DocumentReading:
    answer = services.sandbox.run("read_message", {"formatted": True}, source=source, scratch=folder)
    made = answer["formatted"]
    kept = (_keep(FORMATTED, folder / made["file"], 1, made["made_by"], original, services),) if made else ()
    return DocumentReading(document.id, (_typed_page(answer["text"]),), kept)


def _read_pages(
    document: Document, original: Original, source: Path, folder: Path, services: Services
) -> DocumentReading:
    answers = [_read_one(document, number, source, folder, services) for number in range(1, document.page_count + 1)]
    joined = answers[0].get("searchable") or _join(answers, source, folder, services)
    screens = [_keep(SCREEN, folder / a["screen"], a["number"], a["made_by"], original, services) for a in answers]
    whole = _keep(SEARCHABLE, folder / joined, None, answers[0]["made_by"], original, services)
    return DocumentReading(document.id, tuple(_page(answer) for answer in answers), (*screens, whole))


def _read_one(document: Document, number: int, source: Path, folder: Path, services: Services) -> dict[str, Any]:
    arguments = {"number": number, "only": document.page_count == 1}
    return services.sandbox.run("read_page", arguments, source=source, scratch=folder)


def _join(pages: Sequence[dict[str, Any]], source: Path, folder: Path, services: Services) -> str:
    without_words = [{**page, "words": []} for page in pages]
    file: str = services.sandbox.run("searchable", {"pages": without_words}, source=source, scratch=folder)["file"]
    return file


def _keep(
    kind: str, file: Path, page: int | None, made_by: str, original: Original, services: Services
) -> NewRendition:
    """Store a rendition under a key of its own: made twice after a crash, it may differ in a byte."""
    kept = services.vault.keep_rendition(f"{original.item_id}/{new_id()}", file)
    return NewRendition(kind, page, kept.sha256, kept.size, kept.key, _MEDIA_TYPES[kind], original.sha256, made_by)


def _page(answer: dict[str, Any]) -> NewPage:
    return NewPage(**{name: answer[name] for name in _COLUMNS})


def _typed_page(text: str) -> NewPage:
    return NewPage(
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
        made_by="as typed",
    )
