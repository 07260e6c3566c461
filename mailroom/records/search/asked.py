"""What an index of words is asked, whichever database it lies in, and what every such index can do.

Before: `finding.py` knows what somebody looks for and what they may see. After: `on_sqlite.py` or `on_postgresql.py`
puts it into the words of its database.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy import ColumnElement, Connection
from sqlalchemy.orm import Session

from mailroom.domain.query import Term
from mailroom.records.search.days import Span
from mailroom.records.search.shelves import BEYOND_ALL, Audience
from mailroom.records.tables import Shelf

Condition = Callable[[ColumnElement[int], Span], ColumnElement[bool]]
"""Given the number of a text, and between which numbers it lies, the condition that its item must meet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the index.

    Attributes:
        shelf: which shelf is asked.
        audiences: whose texts are asked for; the access rule, which stands in every question.
        terms: all of which a text must have.
        lowest: number from which on a text may lie.
        highest: number up to which it may.
        condition: what else is asked of its item; None where nothing is.
    """

    shelf: Shelf
    audiences: Sequence[Audience]
    terms: Sequence[Term]
    lowest: int = 0
    highest: int = BEYOND_ALL
    condition: Condition | None = None

    @property
    def span(self) -> Span:
        """The lowest and the highest number."""
        return self.lowest, self.highest

    @property
    def words_alone(self) -> bool:
        """Whether each text that has the words is wanted: in whichever order they stand, whatever its item is."""
        return self.condition is None and all(len(way) == 1 for term in self.terms for way in term.ways)

    def among(self, lowest: int) -> Asked:
        """Return the same question of the texts from this number on."""
        return replace(self, lowest=max(lowest, self.lowest))


class WordIndex(Protocol):
    """The index of words in one kind of database."""

    def put(self, session: Session, shelf: Shelf, audience: Audience, texts: Sequence[tuple[int, str]]) -> None:
        """Put texts in, each under its number, of which none lies there."""

    def take_out(self, session: Session, shelf: Shelf, audience: Audience, number: int, body: str) -> None:
        """Take a text out; the body is the one that was put in."""

    def clear(self, session: Session, shelf: Shelf) -> None:
        """Leave nothing on the shelf."""

    def make_ready_to_fill(self, session: Session, shelf: Shelf) -> None:
        """Have an empty shelf that nobody searches filled as quickly as may be."""

    def make_ready_to_search(self, connection: Connection, shelf: Shelf) -> None:
        """Have a shelf that was filled searched as quickly as may be; takes minutes, and nobody waits for it.

        On a server the connection commits each statement, and whoever has it is alone at this (`Records.sole`).
        """

    def newest(self, session: Session, asked: Asked, most: int) -> Sequence[int]:
        """Return the highest numbers of what matches, highest first."""

    def ranked(self, session: Session, asked: Asked, numbers: Sequence[int]) -> Sequence[int]:
        """Return these numbers, which all match, by how well they do, the best first."""

    def plan(self, session: Session, asked: Asked, most: int) -> Sequence[str]:
        """Return how the database goes about finding the newest, a line for each step."""
