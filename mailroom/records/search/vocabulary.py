"""The words that stand in texts open to all, with in how many: for misspelt words, and for short beginnings.

Before: texts lie in the index, and a duty counts their words now and then. After: a word that nothing matches can be
replaced by those that look like it, and a beginning of few letters by the commonest words that begin so. Of texts that
are limited-access no word is ever counted; what became limited later may still be counted, so a word from here is never
shown to anybody: it is only looked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from mailroom.domain.query import Term
from mailroom.domain.words import words_in
from mailroom.records.search.likeness import most_like
from mailroom.records.tables import SearchWord, Shelf, table_of

COMPLETIONS = 20
"""Words that a short beginning stands for: the commonest ones."""

LIKE = 10
"""Words that a misspelt one stands for: those that look most like it."""

_SHORTEST, _LONGEST = 3, 24
_A_STATEMENT = 5000


def count_words(words: Counter[str], bodies: Iterable[str]) -> None:
    """Count each word once for each of the texts in which it stands."""
    for body in bodies:
        words.update(set(words_in(body)))


def add_words(session: Session, shelf: Shelf, words: Mapping[str, int]) -> None:
    """Add what was counted to the vocabulary of a shelf, each word of usual length in one row."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = insert(table_of(SearchWord))
    texts = {"texts": SearchWord.texts + new.excluded.texts}
    statement = new.on_conflict_do_update(index_elements=[SearchWord.shelf, SearchWord.word], set_=texts)
    known = sorted(word for word in words if _SHORTEST <= len(word) <= _LONGEST)
    rows = [{"shelf": shelf, "word": word, "texts": words[word]} for word in known]
    for first in range(0, len(rows), _A_STATEMENT):
        session.execute(statement, rows[first : first + _A_STATEMENT])


def forget_words(session: Session, shelf: Shelf) -> None:
    """Leave no word in the vocabulary of a shelf."""
    session.execute(delete(SearchWord).where(SearchWord.shelf == shelf))


def completed(session: Session, shelf: Shelf, terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return the terms, every short beginning replaced by the commonest words that begin so, where any are known."""
    return tuple(_completed(session, shelf, term) if term.beginning else term for term in terms)


def _completed(session: Session, shelf: Shelf, term: Term) -> Term:
    begins = term.beginning or ""
    query = select(SearchWord.word).where(SearchWord.shelf == shelf, SearchWord.word >= begins)
    query = query.where(SearchWord.word < begins + "\U0010ffff")
    words = session.scalars(query.order_by(SearchWord.texts.desc(), SearchWord.word).limit(COMPLETIONS)).all()
    return replace(term, ways=tuple((word,) for word in words), begins=False) if words else term


def with_like_words(session: Session, shelf: Shelf, terms: Sequence[Term]) -> tuple[Term, ...]:
    """Return the terms, those that words which look like them will do for with these words among their ways."""
    return tuple(_with_like(session, shelf, term) if term.like else term for term in terms)


def _with_like(session: Session, shelf: Shelf, term: Term) -> Term:
    if term.word is None:
        return term
    near = [(word,) for word in most_like(session, shelf, term.word, LIKE)]
    return replace(term, ways=tuple(dict.fromkeys((*term.ways, *near))))
