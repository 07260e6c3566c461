"""Which index is searched and which is written: one for each audience, each of them on two shelves.

What is open to all who may see items at all and what is limited-access lie in indexes of their own, so that neither a
hit nor a count nor a suggestion can give the latter away. One shelf is searched; where the index is made anew, the
other is filled from the newest number down, and then takes its place in one commit (`records/reindexing.py`). After a
migration the shelf that is searched is the one that is being filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.domain.access import SEES_EVERY_TEAM, Role, Viewer
from mailroom.records.tables import SearchState, Shelf

Audience = Literal["open", "limited"]

SHELVES: tuple[Shelf, ...] = ("a", "b")
AUDIENCES: tuple[Audience, ...] = ("open", "limited")
BEYOND_ALL = 1_000_000_000
"""Above every number: a shelf that has reached this holds nothing yet."""

_STATE = select(SearchState.shelf, SearchState.filling, SearchState.reached)


@dataclass(frozen=True, slots=True)
class Shelves:
    """Where the index stands.

    Attributes:
        searched: the shelf that searches ask.
        filling: the one that is being filled; None while none is.
        reached: the lowest number that it holds; all from there on are in it.
    """

    searched: Shelf
    filling: Shelf | None = None
    reached: int = BEYOND_ALL

    @property
    def complete(self) -> bool:
        """Whether every text can be found by its words."""
        return self.filling != self.searched

    def holding(self, number: int) -> tuple[Shelf, ...]:
        """Return the shelves on which a text of this number lies, or belongs: the others come to it later."""
        return tuple(shelf for shelf in SHELVES if self._holds(shelf, number))

    def _holds(self, shelf: Shelf, number: int) -> bool:
        return number >= self.reached if shelf == self.filling else shelf == self.searched


def shelves_now(session: Session) -> Shelves:
    """Return where the index stands."""
    searched, filling, reached = session.execute(_STATE).one()
    return Shelves(searched, filling, reached)


def audiences_of(viewer: Viewer) -> tuple[Audience, ...]:
    """Return whose indexes a viewer's searches ask: how sensitive an item may be is decided here, and nowhere later."""
    if not viewer.roles & {*SEES_EVERY_TEAM, Role.BACK_OFFICE}:
        return ()
    return ("open", "limited") if viewer.named_for_limited else ("open",)


def name_of(shelf: Shelf, audience: Audience) -> str:
    """Return the name of an index in the database."""
    return f"search_words_{shelf}_{audience}"
