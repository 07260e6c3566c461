"""Which known words look like one that was typed: one letter amiss in a short word, two in a longer one.

Before: the vocabulary is counted. After: the words nearest to a misspelt one, commonest first among equals. So many of
them, those of several texts first, are kept in memory, by length, for as long as they are fresh: to compare a word with
all of them takes some hundredths of a second, and to read them anew takes longer.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from weakref import WeakKeyDictionary

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract
from sqlalchemy import Connection, Engine, select
from sqlalchemy.orm import Session

from mailroom.records.tables import SearchWord, Shelf

_SECONDS = 600
_MOST_KEPT = 400_000
_SEVERAL = 2
"""A word of fewer texts is a name, or misread; there are as many of these as of all others, so they come last."""

_SHORT = 5
"""Up to so many letters, one may be amiss; in longer words two."""

_CONSIDERED = 200


@dataclass(slots=True)
class _Kept:
    """The words of one shelf by length, each with the number of its texts, and when they were read."""

    shelf: Shelf
    read_at: float
    texts: dict[str, int] = field(default_factory=dict)
    by_length: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


_kept: WeakKeyDictionary[Engine | Connection, _Kept] = WeakKeyDictionary()
_lock = Lock()


def most_like(session: Session, shelf: Shelf, word: str, most: int) -> Sequence[str]:
    """Return the words that look most like this one, the nearest first; itself is not among them."""
    with _lock:
        kept = _fresh(session, shelf)
    apart = 1 if len(word) <= _SHORT else 2
    near: list[tuple[float, int, str]] = []
    for length in range(len(word) - apart, len(word) + apart + 1):
        choices = kept.by_length.get(length, [])
        found = extract(word, choices, scorer=OSA.distance, score_cutoff=apart, limit=_CONSIDERED)
        near += [(distance, -kept.texts[choice], choice) for choice, distance, _ in found if choice != word]
    return [choice for _, _, choice in sorted(near)[:most]]


def _fresh(session: Session, shelf: Shelf) -> _Kept:
    kept, now = _kept.get(session.get_bind()), time.monotonic()
    if kept is not None and kept.shelf == shelf and now - kept.read_at < _SECONDS:
        return kept
    kept = _Kept(shelf, now)
    query = select(SearchWord.word, SearchWord.texts).where(SearchWord.shelf == shelf)
    for how_common in (SearchWord.texts >= _SEVERAL, SearchWord.texts < _SEVERAL):
        for word, texts in session.execute(query.where(how_common).limit(_MOST_KEPT - len(kept.texts))):
            kept.texts[word] = texts
            kept.by_length[len(word)].append(word)
    _kept[session.get_bind()] = kept
    return kept
