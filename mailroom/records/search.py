"""Finding items by reference, digest of an original, index data, words or marks of a mail, if the viewer may see them.

Text enters the index in the commit that sets an item's sensitivity, and what the viewer may not see is excluded inside
the query, so that neither a hit nor a count gives it away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    TextualSelect,
    bindparam,
    column,
    delete,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Session, aliased

from mailroom.domain.access import Viewer
from mailroom.domain.references import read_reference
from mailroom.records.tables import Document, FieldRow, Item, Original, SearchText, fold, table_of
from mailroom.records.visibility import visible_to

_WORD = re.compile(r"\w+")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_POSTCODE = re.compile(r"([a-z]{1,2}[0-9][a-z0-9]?) *([0-9][a-z]{2})", re.IGNORECASE)
_MOST = 50
MANY = 10_000
"""Where more than so many match, it is quicker to ask each item whether it does, from the newest on."""

_texts = table_of(SearchText)
_INSERT = insert(_texts).returning(_texts.c.id)
_DELETE = delete(_texts).where(_texts.c.item_id == bindparam("of_item")).returning(_texts.c.id, _texts.c.body)
_INSERT_WORDS = text("INSERT INTO search_index(rowid, body) VALUES (:id, :body)")
_DELETE_WORDS = text("INSERT INTO search_index(search_index, rowid, body) VALUES ('delete', :id, :body)")


def index_item(session: Session, item: Item, text: str) -> None:
    """Put an item's words into the index: of a mail what its head says of sender and subject, and the text."""
    heads = (head for document in item.documents if (head := _words_of_head(document.headers)))
    index_text(session, item.id, "\n".join([*heads, text]))


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
    """Return the newest that match: a reference, a SHA-256, a value of index data, a sender, or all of the words."""
    return session.scalars(_matching(session, query, viewer).order_by(Item.received_at.desc()).limit(most)).all()


def count(session: Session, query: str, viewer: Viewer) -> int:
    """Return how many items match that the viewer may see."""
    return session.scalar(select(func.count()).select_from(_matching(session, query, viewer).subquery())) or 0


def _matching(session: Session, query: str, viewer: Viewer) -> Select[Item]:
    return select(Item).where(matches(session, query), visible_to(viewer))


def matches(session: Session, query: str) -> ColumnElement[bool]:
    """Return the condition under which an item matches; it says nothing of who may see it.

    Where very many match, the database goes through the items and asks of each; else it begins with those that match.
    """
    reference = read_reference(query)
    if reference is not None:
        return Item.reference == reference
    if _SHA256.fullmatch(query):
        return Item.id.in_(select(Original.item_id).where(Original.sha256 == query.lower()))
    ways = _ways_of_writing(query)
    found = [ids for written in ways for ids in (_by_index_data(written), _by_words(session, written))]
    if _is_of_an_envelope(query.strip()):
        found.append(_by_envelope(query.strip()))
    many = sum(_count_words(session, written) for written in ways) > MANY
    return or_(*(_asked_of_each(ids) if many else Item.id.in_(ids) for ids in found))


def _asked_of_each(ids: Select[str]) -> ColumnElement[bool]:
    return ids.where(ids.selected_columns[0] == Item.id).correlate(Item).exists()


def _ways_of_writing(query: str) -> tuple[str, ...]:
    """Return the query, and where it is a postcode, how else that is written: people leave its space out."""
    postcode = _POSTCODE.fullmatch(query.strip())
    return (query, "".join(postcode.groups()), " ".join(postcode.groups())) if postcode else (query,)


def _by_index_data(query: str) -> Select[str]:
    same = FieldRow.folded == fold(query)
    return select(Document.item_id).join(FieldRow, FieldRow.document_id == Document.id).where(same)


def _is_of_an_envelope(query: str) -> bool:
    """Whether it may be an address or a Message-ID: no other words are worth a look at every item there is."""
    return "@" in query or query.startswith("<")


def _by_envelope(query: str) -> Select[str]:
    """Find by what stands in no letter: the address that the channel proves, as a server spells it, or a Message-ID."""
    sent, bare = aliased(Item), query.removeprefix("<").removesuffix(">")
    known = or_(sent.proven_sender.in_({bare, bare.lower()}), sent.message_id == f"<{bare}>")
    return select(sent.id).where(known)


def _words_of_head(headers: Mapping[str, Any]) -> str:
    sender = headers.get("sender") or {}
    return " ".join(filter(None, (headers.get("subject"), sender.get("name"), sender.get("address"))))


def _by_words(session: Session, query: str) -> Select[str]:
    return select(SearchText.item_id).where(_has_words(session, query))


def _has_words(session: Session, query: str) -> ColumnElement[bool]:
    if not _WORD.search(query):
        return false()
    if _is_sqlite(session):
        return SearchText.id.in_(_rows_with(query))
    vector = func.to_tsvector("simple", SearchText.body)
    return vector.op("@@")(func.plainto_tsquery("simple", query))


def _rows_with(query: str) -> TextualSelect:
    quoted = " ".join(f'"{word}"' for word in _WORD.findall(query))
    matching = text("SELECT rowid FROM search_index WHERE search_index MATCH :words")
    return matching.bindparams(bindparam("words", quoted, unique=True)).columns(column("rowid", Integer))


def _count_words(session: Session, query: str) -> int:
    """Count the texts with all of the words, up to one more than `MANY`."""
    if not _WORD.search(query):
        return 0
    if _is_sqlite(session):  # asking the index alone is a hundred times quicker than asking the texts
        rows: Select[int] = select(literal_column("rowid", Integer)).select_from(_rows_with(query).subquery())
    else:
        rows = select(SearchText.id).where(_has_words(session, query))
    return session.scalar(select(func.count()).select_from(rows.limit(MANY + 1).subquery())) or 0


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
