"""Makes the index of words anew: a shelf is filled from the newest number down, and then takes its place.

Before: a migration has left the texts without an index, or an operator has asked for a new one. After: every text is in
it. Each step is a short unit of work that says how far it came, so whoever breaks off loses nothing, and whoever goes
on begins there. Writers wait for one step at the most: a server has whoever waits go first, and a file is left alone
between two steps for as long as the step took, while the words of the texts are counted. What changes meanwhile is
written to both shelves (`search/shelves.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from mailroom.domain.words import writable
from mailroom.records.search.days import note_days
from mailroom.records.search.indexing import index_of, stay_as_they_are
from mailroom.records.search.shelves import AUDIENCES, BEYOND_ALL, SHELVES, shelves_now
from mailroom.records.search.vocabulary import forget_words
from mailroom.records.session import Records
from mailroom.records.tables import Item, SearchState, SearchText, Shelf
from mailroom.records.word_counts import WordCount

_A_STEP = 200
_LETTERS_A_STEP = 2_000_000
"""Characters after which a step takes no further text: what is in memory has a bound, however long the texts are."""

Pause = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come: texts in the index, of all that there are."""

    done: int
    of: int


class _Text(NamedTuple):
    number: int
    limited: bool
    body: str
    received_at: datetime


def begin_anew(records: Records) -> None:
    """Choose the shelf that is not searched to be filled from its beginning; leave one alone that is being filled."""
    with records.work() as session:
        shelves = shelves_now(session)
        if shelves.filling is None:
            shelf = next(one for one in SHELVES if one != shelves.searched)
            _clear(session, shelf)
            index_of(session).make_ready_to_fill(session, shelf)
            session.execute(update(SearchState).values(filling=shelf, reached=BEYOND_ALL))
        session.commit()


def progress(records: Records) -> Progress | None:
    """Return how far the shelf is that is being filled; None while none is."""
    with records.look() as session:
        shelves = shelves_now(session)
        if shelves.filling is None:
            return None
        of = session.scalar(select(func.count()).select_from(SearchText)) or 0
        left = session.scalar(select(func.count()).where(SearchText.number < shelves.reached)) or 0
    return Progress(of - left, of)


def go_on(records: Records, pause: Pause = time.sleep, seconds: float = math.inf) -> Iterator[Progress]:
    """Fill the shelf that is being filled, step by step, and have it searched from then on.

    Args:
        records: the database.
        pause: waits so many seconds, so that others can write to a database that is one file.
        seconds: after which it breaks off, to be gone on with another time.
    """
    until, begun = time.monotonic() + seconds, progress(records)
    if begun is None:
        return
    with records.look() as session:
        shelf = shelves_now(session).filling
    pause = pause if records.embedded else _at_once
    count, done = WordCount(records, pause), begun.done
    while shelf is not None and time.monotonic() < until:
        began = time.monotonic()
        batch = _step(records, shelf)
        ended = time.monotonic()
        if not batch:
            count.write(shelf)
            _finish(records, shelf)
            return
        count.add(shelf, [one.body for one in batch if not one.limited])
        pause(max(0.0, (ended - began) - (time.monotonic() - ended)))
        done += len(batch)
        yield Progress(min(done, begun.of), begun.of)
    if shelf is not None:
        count.write(shelf)


def _at_once(_seconds: float) -> None:
    """Go on: a server gives a lock to whoever has waited longest."""


def _step(records: Records, shelf: Shelf) -> list[_Text]:
    """Put the next texts on the shelf; returns them, none where it is full."""
    with records.work() as session:
        stay_as_they_are(session)
        shelves = shelves_now(session)
        batch = _texts_below(session, shelves.reached) if shelves.filling == shelf else []
        for audience, limited in zip(AUDIENCES, (False, True), strict=True):
            texts = [(one.number, one.body) for one in batch if one.limited is limited]
            if texts:
                index_of(session).put(session, shelf, audience, texts)
        if batch:
            note_days(session, [(one.received_at, one.number) for one in batch])
            session.execute(update(SearchState).values(reached=batch[-1].number))
        session.commit()
    return batch


def _texts_below(session: Session, number: int) -> list[_Text]:
    query = select(SearchText.number, SearchText.limited, SearchText.body, Item.received_at)
    query = query.join(Item, Item.id == SearchText.item_id).where(SearchText.number < number)
    rows = session.execute(query.order_by(SearchText.number.desc()).limit(_A_STEP).execution_options(yield_per=20))
    batch: list[_Text] = []
    letters = 0
    for row in rows:
        batch.append(_Text(row.number, row.limited, writable(row.body), row.received_at))
        letters += len(row.body)
        if letters > _LETTERS_A_STEP:
            break
    rows.close()
    return batch


def _finish(records: Records, shelf: Shelf) -> None:
    """Have the shelf searched; what lay on the other one is cleared away."""
    with records.connection() if records.embedded else records.sole("index of words") as connection:
        index_of(connection).make_ready_to_search(connection, shelf)
    with records.work() as session:
        stay_as_they_are(session)
        if shelves_now(session).filling == shelf:
            session.execute(update(SearchState).values(shelf=shelf, filling=None, reached=0))
        session.commit()
    with records.work() as session:
        stay_as_they_are(session)
        now = shelves_now(session)
        for other in SHELVES:
            if other not in (now.searched, now.filling):  # others may have made it anew meanwhile
                _clear(session, other)
        session.commit()


def _clear(session: Session, shelf: Shelf) -> None:
    index_of(session).clear(session, shelf)
    forget_words(session, shelf)
