"""Keeps the vocabulary: counts the words of texts in memory, and writes what was counted down little by little.

Before: texts have come into the index, or it is made anew. After: `search/vocabulary.py` knows their words. Texts that
are limited-access are never counted. It is an aid: what is lost of it by a crash is some of the numbers.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from mailroom.records.search.shelves import SHELVES, shelves_now
from mailroom.records.search.vocabulary import add_words, count_words
from mailroom.records.session import Records
from mailroom.records.tables import SearchText, SearchUncounted, Shelf

_MOST_IN_MEMORY = 400_000
"""Different words that are counted before they are written down."""

_A_STEP = 4000
_TEXTS = 200


class WordCount:
    """What was counted and is not written down yet.

    Args:
        records: the database.
        pause: waits so many seconds, so that others can write.
    """

    def __init__(self, records: Records, pause: Callable[[float], object] = time.sleep) -> None:
        self._records = records
        self._pause = pause
        self._words: Counter[str] = Counter()

    def add(self, shelf: Shelf, bodies: Sequence[str]) -> None:
        """Count the words of these texts."""
        count_words(self._words, bodies)
        if len(self._words) > _MOST_IN_MEMORY:
            self.write(shelf)

    def write(self, shelf: Shelf) -> None:
        """Write down what was counted."""
        words, self._words = sorted(self._words.items()), Counter()
        for first in range(0, len(words), _A_STEP):
            began = time.monotonic()
            with self._records.work() as session:
                add_words(session, shelf, dict(words[first : first + _A_STEP]))
                session.commit()
            self._pause(time.monotonic() - began)


def count_new_texts(records: Records, pause: Callable[[float], object] = time.sleep) -> int:
    """Count the words of texts that came into the index since the last time; return how many texts that were."""
    done = 0
    while number := _count_some(records, pause):
        done += number
    return done


def _count_some(records: Records, pause: Callable[[float], object]) -> int:
    began = time.monotonic()
    with records.work() as session:
        numbers = session.scalars(select(SearchUncounted.number).order_by(SearchUncounted.number).limit(_TEXTS)).all()
        if numbers:
            for shelf in SHELVES:
                words = Counter[str]()
                count_words(words, _open_texts(session, shelf, numbers))
                add_words(session, shelf, words)
            session.execute(delete(SearchUncounted).where(SearchUncounted.number.in_(numbers)))
        session.commit()
    pause(time.monotonic() - began)
    return len(numbers)


def _open_texts(session: Session, shelf: Shelf, numbers: Sequence[int]) -> Sequence[str]:
    shelves = shelves_now(session)
    there = [number for number in numbers if shelf in shelves.holding(number)]
    query = select(SearchText.body).where(SearchText.number.in_(there), SearchText.limited.is_(False))
    return session.scalars(query).all() if there else []
