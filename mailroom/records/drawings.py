"""The drawing of a formatted mail among what was made from its original: its sheets, and one account of them all.

Before: somebody has looked at the mail as it was meant to be seen, and it was drawn for them (`desk/drawing.py`).
After: whoever looks next is shown the same. A mail that is read anew loses it with all else that was made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from mailroom.records.documents import NewRendition
from mailroom.records.item_pages import PageLine
from mailroom.records.items import new_id
from mailroom.records.tables import Document, Original, Rendition

SHEET = "sheet"
"""The kind of rendition that is the picture of one sheet of a drawing."""

DRAWING = "drawing"
"""The kind of rendition that says what a drawing shows: sizes of its sheets, words and boxes; or why there is none."""


def original_on(session: Session, page: PageLine) -> Original:
    """Return the original of the message on this page."""
    return session.get_one(Document, page.document_id).original


def drawing_of(session: Session, page: PageLine) -> Rendition | None:
    """Return the account of the drawing of the message on this page, or None where it was never drawn."""
    return session.scalars(_made(session, page, DRAWING)).first()


def sheet_of(session: Session, page: PageLine, number: int) -> Rendition | None:
    """Return the picture of one sheet, counted from 1, or None where there is none."""
    return session.scalars(_made(session, page, SHEET).where(Rendition.page == number)).first()


def add_drawing(session: Session, item_id: str, made: Iterable[NewRendition], at: datetime) -> None:
    """Put down a drawing, in the caller's unit of work."""
    session.add_all(Rendition(id=new_id(), item_id=item_id, made_at=at, **asdict(one)) for one in made)


def _made(session: Session, page: PageLine, kind: str) -> Select[Rendition]:
    original = original_on(session, page)
    query = select(Rendition).where(Rendition.item_id == original.item_id, Rendition.kind == kind)
    return query.where(Rendition.parent_sha256 == original.sha256)
