"""Finding items by reference, digest of an original, index data or words, never more than the viewer may see.

Text enters the index in the commit that sets an item's sensitivity, and what the viewer may not see is excluded inside
the query, so that neither a hit nor a count gives it away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, insert, literal_column, or_, select, text
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.domain.references import read_reference
from mailroom.records.tables import Document, FieldRow, Item, Original, SearchText, table_of
from mailroom.records.visibility import visible_to

_WORD = re.compile(r"\w+")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_POSTCODE = re.compile(r"([a-z]{1,2}[0-9][a-z0-9]?) *([0-9][a-z]{2})", re.IGNORECASE)
_MOST = 50

_texts = table_of(SearchText)
_INSERT = insert(_texts).returning(_texts.c.id)
_DELETE = delete(_texts).where(_texts.c.item_id == bindparam("of_item")).returning(_texts.c.id, _texts.c.body)
_INSERT_WORDS = text("INSERT INTO search_index(rowid, body) VALUES (:id, :body)")
_DELETE_WORDS = text("INSERT INTO search_index(search_index, rowid, body) VALUES ('delete', :id, :body)")


def index_text(session: Session, item_id: str, body: str) -> None:
    """Put the item's words into the index, in place of what was there."""
    withdraw_text(session, item_id)
    number = session.scalar(_INSERT, {"item_id": item_id, "body": body})
    if _is_sqlite(session):
        session.execute(_INSERT_WORDS, {"id": number, "body": body})


def withdraw_text(session: Session, item_id: str) -> None:
    """Take the item's words out of the index."""
    gone = session.execute(_DELETE, {"of_item": item_id}).first()
    if gone is not None and _is_sqlite(session):
        session.execute(_DELETE_WORDS, {"id": gone.id, "body": gone.body})


def find(session: Session, query: str, viewer: Viewer, most: int = _MOST) -> Sequence[Item]:
    """Return the newest items that match: a reference, a SHA-256, a value of index data, or all of the words."""
    return session.scalars(_matching(session, query, viewer).order_by(Item.received_at.desc()).limit(most)).all()


def count(session: Session, query: str, viewer: Viewer) -> int:
    """Return how many items match that the viewer may see."""
    return session.scalar(select(func.count()).select_from(_matching(session, query, viewer).subquery())) or 0


def _matching(session: Session, query: str, viewer: Viewer) -> Select[Item]:
    reference = read_reference(query)
    if reference is not None:
        return select(Item).where(Item.reference == reference, visible_to(viewer))
    if _SHA256.fullmatch(query):
        held = select(Original.item_id).where(Original.sha256 == query.lower())
        return select(Item).where(Item.id.in_(held), visible_to(viewer))
    ways = _ways_of_writing(query)
    wanted = (way for written in ways for way in (Item.id.in_(_by_index_data(written)), _by_words(session, written)))
    return select(Item).where(or_(*wanted), visible_to(viewer))


def _ways_of_writing(query: str) -> tuple[str, ...]:
    """Return the query, and where it is a postcode, how else that is written: people leave its space out."""
    postcode = _POSTCODE.fullmatch(query.strip())
    return (query, "".join(postcode.groups()), " ".join(postcode.groups())) if postcode else (query,)


def _by_index_data(query: str) -> Select[str]:
    value = " ".join(query.split())
    same = func.lower(FieldRow.value) == value.lower()
    return select(Document.item_id).join(FieldRow, FieldRow.document_id == Document.id).where(same)


def _by_words(session: Session, query: str) -> ColumnElement[bool]:
    words = _WORD.findall(query)
    if not words:
        return Item.id.in_(select(SearchText.item_id).where(literal_column("1 = 0")))
    if _is_sqlite(session):
        matches = text("SELECT rowid FROM search_index WHERE search_index MATCH :words")
        quoted = " ".join(f'"{word}"' for word in words)
        rows = select(SearchText.item_id).where(
            SearchText.id.in_(matches.bindparams(bindparam("words", quoted, unique=True)))
        )
        return Item.id.in_(rows)
    vector = func.to_tsvector("simple", SearchText.body)
    return Item.id.in_(select(SearchText.item_id).where(vector.op("@@")(func.plainto_tsquery("simple", query))))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
