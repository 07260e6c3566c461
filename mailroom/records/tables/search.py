"""What searching stands on: the words of each item, the days on which numbers came in, the vocabulary, saved views.

Before: `classify`, or a person, has settled how sensitive an item is. After: `records/search/` finds it by its words.
The index of the words themselves is no table of this kind: each database has its own (`search/on_sqlite.py`,
`search/on_postgresql.py`), and the migrations make it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from mailroom.domain.capture import Channel
from mailroom.domain.items import ItemState
from mailroom.records.tables.base import Base

Shelf = Literal["a", "b"]


class SearchText(Base):
    """The words of an item that may be searched, under its number; `limited` says by whom (`search/shelves.py`)."""

    __tablename__ = "search_text"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[str] = mapped_column(ForeignKey("item.id"), unique=True)
    limited: Mapped[bool]
    body: Mapped[str]


class SearchState(Base):
    """The one row that says which shelf of the index is searched, and how far one is filled (`search/shelves.py`)."""

    __tablename__ = "search_state"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    shelf: Mapped[Shelf] = mapped_column(String)
    filling: Mapped[Shelf | None] = mapped_column(String)
    reached: Mapped[int]


class SearchDay(Base):
    """Between which blocks of numbers everything lies that was received on a day (UTC): a date is sought by number."""

    __tablename__ = "search_day"
    day: Mapped[date] = mapped_column(primary_key=True)
    lowest: Mapped[int]
    highest: Mapped[int]


class SearchFacet(Base):
    """What the hits of a search are narrowed down by, of each item and its case, under the item's number.

    Triggers of the database keep these rows (migration 0025), and nothing else writes to them. A hit is asked for its
    row here in a fraction of the time that the item and its case would take. `settled` and `team` are the item's and
    say whose work it is; `case_team` is the team that has the case.
    """

    __tablename__ = "search_facet"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[ItemState]
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    settled: Mapped[bool]
    team: Mapped[str | None]
    case_team: Mapped[str | None]
    case_type: Mapped[str | None]

    __table_args__ = (Index("search_facet_by_team", "case_team", "number"),)


class SearchWord(Base):
    """A word that stands in so many texts open to all: what misspelt words and short beginnings are looked up in."""

    __tablename__ = "search_word"
    shelf: Mapped[str] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(String(collation="C").with_variant(String(), "sqlite"), primary_key=True)
    texts: Mapped[int]


class SearchUncounted(Base):
    """The number of a text whose words do not stand in the vocabulary yet."""

    __tablename__ = "search_uncounted"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class SavedView(Base):
    """A search under a name: of whoever saved it, or of everybody in a team."""

    __tablename__ = "saved_view"
    id: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    team: Mapped[str | None]
    name: Mapped[str]
    words: Mapped[str]
    order: Mapped[str]
    everything: Mapped[bool]
    saved_at: Mapped[datetime]

    __table_args__ = (
        Index("saved_view_of_account", "account", "name"),
        Index("saved_view_of_team", "team", "name"),
    )
