"""Reads every page: text, words with boxes and confidences, an image for the screen, a searchable PDF, in one pass.

Before: the item has its documents, and what is typed in them has been read as they were looked into (`contents.py`);
an item that has nothing else passes by. After: each document has its pages, its text and its renditions; `classify`
decides what it is. A page is read in a child of its own, so one page that hangs or explodes costs that page's limits
and no more. What an office program wrote is printed first, where it can be (`printed.py`); where that fails, the words
that are typed in it stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, joinedload

from mailroom.domain.errors import NeedsPerson
from mailroom.journey import after
from mailroom.journey.contents import look_inside
from mailroom.journey.printed import is_printed, print_out
from mailroom.journey.readings import AS_TYPED, keep, recognised
from mailroom.journey.stage import Turn, closing, fetch, note, opening, scratch_folder
from mailroom.records.documents import DocumentReading, NewPage, add_reading
from mailroom.records.item_pages import SCREEN
from mailroom.records.items import item_with, pass_on
from mailroom.records.renditions import SEARCHABLE
from mailroom.records.tables import Document, Item, Original
from mailroom.sandbox.tasks.signatures import PAGED
from mailroom.services import Services

_LOOKED_AT = item_with(joinedload(Item.documents).joinedload(Document.original))


def read(item_id: str, services: Services) -> None:
    """Read all documents of the item that have pages.

    Raises:
        NeedsPerson: a page is damaged, too large or too slow.
    """
    with opening(item_id, "read", services, _LOOKED_AT) as (turn, item, _):
        documents = [(document, document.original) for document in item.documents]
    found = {document.id: read_document(document, original, services) for document, original in documents}
    readings = {document_id: reading for document_id, reading in found.items() if reading}
    typed = len(found) - len(readings)
    with closing(turn, services) as (item, session):
        for document_id, reading in readings.items():
            add_reading(session, session.get_one(Document, document_id), reading, services.now())
        pages = [page for reading in readings.values() for page in reading.pages]
        note_reading(session, turn, services, pages=pages, typed=typed)
        pass_on(item, after("read"), services.now())


def note_reading(
    session: Session, turn: Turn, services: Services, *, pages: Sequence[NewPage] = (), typed: int = 0
) -> None:
    """Put down that pages were read, and how many documents whose words are typed."""
    makers = {page.made_by for page in pages} | ({AS_TYPED} if typed else set())
    details = {"pages": len(pages) + typed, "made_by": sorted(makers)}
    note(session, turn, "read", services, details=details)


def has_been_read(document: Document, services: Services) -> bool:
    """Whether its words are typed and there already, and nothing of it is to be printed."""
    paged = document.media_type in PAGED or is_printed(document, services)
    return document.text is not None and not paged


def read_document(document: Document, original: Original, services: Services) -> DocumentReading | None:
    """Return what reading gives; None where the words that are typed in it are all that is to be had.

    Raises:
        NeedsPerson: a page is damaged, too large or too slow.
    """
    if document.media_type in PAGED:
        with scratch_folder(services) as folder:
            return _read_pages(document.page_count, original, fetch(original, folder, services), folder, services)
    if is_printed(document, services):
        return _read_in_print(document, original, services)
    # Its words are not there where something stood in the way of looking into it.
    return look_inside(original, {}, services).words_typed() if document.text is None else None


def _read_in_print(document: Document, original: Original, services: Services) -> DocumentReading | None:
    with scratch_folder(services) as folder:
        try:
            printed = print_out(fetch(original, folder, services), folder, services)
        except NeedsPerson:
            if document.text is None:
                raise
            return None
        return _read_pages(printed.pages, original, printed.file, folder, services, printed.made_by)


def _read_pages(
    count: int, original: Original, source: Path, folder: Path, services: Services, printed_by: str = ""
) -> DocumentReading:
    answers = [_read_one(number, source, folder, services, only=count == 1) for number in range(1, count + 1)]
    joined = answers[0].get("searchable") or _join(answers, source, folder, services)
    screens = [keep(SCREEN, folder / a["screen"], a["number"], a["made_by"], original, services) for a in answers]
    whole = keep(SEARCHABLE, folder / joined, None, printed_by or answers[0]["made_by"], original, services)
    return DocumentReading(tuple(recognised(answer) for answer in answers), (*screens, whole))


def _read_one(number: int, source: Path, folder: Path, services: Services, *, only: bool) -> dict[str, Any]:
    arguments = {"number": number, "only": only}
    return services.sandbox.run("read_page", arguments, source=source, scratch=folder)


def _join(pages: Sequence[dict[str, Any]], source: Path, folder: Path, services: Services) -> str:
    without_words = [{**page, "words": []} for page in pages]
    file: str = services.sandbox.run("searchable", {"pages": without_words}, source=source, scratch=folder)["file"]
    return file
