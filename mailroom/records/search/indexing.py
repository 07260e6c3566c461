"""Puts the words of items into the index, takes them out, and moves them when an item's sensitivity changes.

Before: an item's words are known, or something of it has changed. After: in the same commit its words lie in the index
of those who may see it and in no other. Nobody has to remember that: a unit of work that changes an item's sensitivity
or its moment of receipt has its index follow (`Records` listens).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, inspect, select, text, update
from sqlalchemy.orm import Session

from mailroom.domain.decision import Sensitivity
from mailroom.domain.words import writable
from mailroom.records.search.asked import WordIndex
from mailroom.records.search.days import note_day
from mailroom.records.search.on_postgresql import PostgresqlIndex
from mailroom.records.search.on_sqlite import SqliteIndex
from mailroom.records.search.shelves import Audience, shelves_now
from mailroom.records.tables import Item, SearchText, SearchUncounted, table_of

_INDEXES: Mapping[str, WordIndex] = {"sqlite": SqliteIndex(), "postgresql": PostgresqlIndex()}
_SHARED = text("SELECT pg_advisory_xact_lock_shared(7235461)")
_ALONE = text("SELECT pg_advisory_xact_lock(7235461)")

_texts, _uncounted = table_of(SearchText), table_of(SearchUncounted)
_KNOWN = select(_texts.c.limited, _texts.c.body).where(_texts.c.number == bindparam("of"))
_ADD = insert(_texts)
_CHANGE = update(_texts).where(_texts.c.number == bindparam("of"))
_REMOVE = delete(_texts).where(_texts.c.number == bindparam("of"))
_IS_UNCOUNTED = select(_uncounted.c.number).where(_uncounted.c.number == bindparam("of"))


class _Text(NamedTuple):
    """The words of an item, and whether they are for those named for limited access only."""

    limited: bool
    body: str

    @property
    def audience(self) -> Audience:
        return "limited" if self.limited else "open"


def index_of(asker: Session | Connection) -> WordIndex:
    """Return the index of words of the database that this unit of work, or connection, is with."""
    bind = asker if isinstance(asker, Connection) else asker.get_bind()
    return _INDEXES[bind.dialect.name]


def index_item(session: Session, item: Item, words: str) -> None:
    """Put an item's words into the index: of a mail what its head says of sender and subject, and the text."""
    heads = (head for document in item.documents if (head := _words_of_head(document.headers)))
    index_text(session, item, "\n".join([*heads, words]))


def index_text(session: Session, item: Item, body: str) -> None:
    """Put the item's words into the index, in place of what was there."""
    session.flush()
    if item.number is not None:
        _lay(session, item.number, item, _Text(_is_limited(item), writable(body)))


def withdraw_text(session: Session, item: Item) -> None:
    """Take the item's words out of the index."""
    known = _known(session, item)
    if known is not None and item.number is not None:
        _take_out(session, item.number, known)
        session.execute(_REMOVE, {"of": item.number})


def follow(session: Session, *_: object) -> None:
    """Let the index follow the items that this unit of work has changed; called before it writes them."""
    for item in [one for one in session.dirty if isinstance(one, Item)]:
        if item.number is not None:
            _follow(session, item, item.number)


def stay_as_they_are(session: Session) -> None:
    """Have whoever fills a shelf and whoever writes a text wait for one another, in this unit of work."""
    _wait(session, alone=True)


def _follow(session: Session, item: Item, number: int) -> None:
    changed = inspect(item).attrs
    if changed.received_at.history.has_changes():
        note_day(session, item.received_at, number)
    if changed.sensitivity.history.has_changes():
        known = _known(session, item)
        if known is not None:
            _lay(session, number, item, _Text(_is_limited(item), known.body))


def _lay(session: Session, number: int, item: Item, new: _Text) -> None:
    known = _known(session, item)
    if known == new:
        return
    if known is not None:
        _take_out(session, number, known)
        session.execute(_CHANGE, {"of": number, **new._asdict()})
    else:
        session.execute(_ADD, {"number": number, "item_id": item.id, **new._asdict()})
    _wait(session, alone=False)
    for shelf in shelves_now(session).holding(number):
        index_of(session).put(session, shelf, new.audience, [(number, new.body)])
    note_day(session, item.received_at, number)
    if not new.limited and session.scalar(_IS_UNCOUNTED, {"of": number}) is None:
        session.execute(insert(_uncounted), {"number": number})


def _take_out(session: Session, number: int, known: _Text) -> None:
    _wait(session, alone=False)
    for shelf in shelves_now(session).holding(number):
        index_of(session).take_out(session, shelf, known.audience, number, known.body)


def _known(session: Session, item: Item) -> _Text | None:
    row = session.execute(_KNOWN, {"of": item.number}).first()
    return _Text(*row) if row is not None else None


def _is_limited(item: Item) -> bool:
    return item.sensitivity is not Sensitivity.NORMAL


def _wait(session: Session, *, alone: bool) -> None:
    if session.get_bind().dialect.name == "postgresql":  # on SQLite whoever writes is alone
        session.execute(_ALONE if alone else _SHARED)


def _words_of_head(headers: Mapping[str, Any]) -> str:
    sender = headers.get("sender") or {}
    return " ".join(filter(None, (headers.get("subject"), sender.get("name"), sender.get("address"))))
