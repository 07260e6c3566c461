"""The fixed mix of questions to an archive, by in how many texts the words stand: rare, middling and common ones.

Before: the archive is made, and the vocabulary counted. After: so many questions of each kind, the same each time for
an archive of the same size. Filters are a team, a state and some days, always all three.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.archive_rows import DAYS, NEWEST, Archive
from mailroom.domain.items import ItemState
from mailroom.records.ledger import Days
from mailroom.records.search.shelves import shelves_now
from mailroom.records.tables import FieldRow, Item, SearchText, SearchWord
from mailroom.records.wanted import Order, Wanted

EACH = 60
"""Questions of each kind."""

_BANDS = {"rare": (2, 0.00001), "middling": (0.001, 0.005), "common": (0.1, 1.0)}
"""In which share of the texts a word stands; rare ones in two to ten of a million."""

_A_YEAR = 365


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of question.

    Attributes:
        asked: what is asked, one after the other.
        goal: milliseconds within which 95 of 100 are answered, on SQLite and on PostgreSQL.
    """

    name: str
    asked: Sequence[Wanted]
    goal: tuple[float, float] = (300, 300)
    order: Order = Order.NEWEST


class Mix:
    """Chooses the questions."""

    def __init__(self, session: Session, archive: Archive) -> None:
        self._session = session
        self._archive = archive
        self._chance = random.Random(archive.size)  # noqa: S311  # the same each time, nothing secret
        self._shelf = shelves_now(session).searched
        self._words = {band: self._of_band(*limits) for band, limits in _BANDS.items()}

    def kinds(self) -> Iterator[Kind]:
        """Yield each kind of question."""
        yield Kind("reference", [Wanted(self._archive.reference(self._number())) for _ in range(EACH)], (10, 10))
        yield Kind("name", [Wanted(self._field("sender_name")) for _ in range(EACH)], (10, 10))
        yield Kind("postcode", [Wanted(postcode=self._field("sender_postcode")) for _ in range(EACH)], (10, 10))
        for name, words, goal in self._of_words():
            yield Kind(name, [Wanted(words()) for _ in range(EACH)], goal)
            yield Kind(f"{name}, filtered", [self._filtered(words()) for _ in range(EACH)])
        common = [Wanted(self._one("common")) for _ in range(EACH)]
        yield Kind("common word, best match first", common, order=Order.RELEVANCE)
        yield Kind(
            "common word, team and state", [self._filtered(self._one("common"), days=False) for _ in range(EACH)]
        )

    def _of_words(self) -> Iterator[tuple[str, Callable[[], str], tuple[float, float]]]:
        usual = (300.0, 300.0)
        for band in _BANDS:
            yield f"{band} word", partial(self._one, band), usual
        yield "two words", lambda: f"{self._one('common')} {self._one('middling')}", usual
        yield "phrase", self._phrase, (300.0, 600.0)
        yield "beginning of five letters", lambda: f"{self._one('middling')[:5]}*", usual
        yield "beginning of three letters", lambda: f"{self._one('middling')[:3]}*", usual
        yield "misspelt word", lambda: self._misspelt(self._one("middling")), usual

    def _of_band(self, fewest: float, most: float) -> Sequence[str]:
        size = self._archive.size
        lowest, highest = (fewest if fewest > 1 else fewest * size), max(most * size, 10)
        query = select(SearchWord.word).where(SearchWord.shelf == self._shelf, func.length(SearchWord.word) > 4)
        query = query.where(SearchWord.texts.between(lowest, highest)).order_by(SearchWord.word)
        words = [word for word in self._session.scalars(query.limit(200_000)) if word.isalpha()]
        return self._chance.sample(words, min(len(words), 500)) or ["councillor"]

    def _one(self, band: str) -> str:
        return self._chance.choice(self._words[band])

    def _number(self) -> int:
        return self._chance.randint(1, self._archive.size)

    def _field(self, name: str) -> str:
        ids = f"{self._number():032x}"
        query = select(FieldRow.value).where(FieldRow.document_id == ids, FieldRow.name == name)
        return self._session.scalar(query) or ""

    def _phrase(self) -> str:
        query = select(SearchText.body).join(Item, Item.number == SearchText.number)
        words = (self._session.scalar(query.where(Item.id == f"{self._number():032x}")) or "a b").split()[15:]
        place = self._chance.randrange(len(words) - 1)
        return f'"{words[place]} {words[place + 1]}"'

    def _misspelt(self, word: str) -> str:
        place = self._chance.randrange(1, len(word) - 1)
        return f"{word[:place]}{self._chance.choice('kvxyz')}{word[place + 1 :]}"

    def _filtered(self, words: str, *, days: bool = True) -> Wanted:
        length = self._chance.randint(7, _A_YEAR)
        last = NEWEST.date() - timedelta(days=self._chance.randint(0, DAYS - length))
        span = Days(last - timedelta(days=length), last) if days else Days()
        team = self._chance.choice(self._archive.teams)
        return Wanted(words, days=span, team=team, state=ItemState.CAPTURED)
