"""The index of words in PostgreSQL: a GIN index over vectors that are made here, walked part by part, newest first.

Asked for the newest of a rare word, PostgreSQL would walk all numbers backward; asked for a common one it reads every
match before it sorts. So each vector holds the name of the part in which its number lies, as a word of its own that no
text can hold, and a question is put to one part after another until there is enough. The vectors are made of the words
that `domain/words.py` finds, by no parser of PostgreSQL's: both databases find the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from math import ceil

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session
from sqlalchemy.sql import TableClause

from mailroom.domain.query import Term, Way
from mailroom.domain.words import words_in
from mailroom.records.search.asked import Asked
from mailroom.records.search.shelves import AUDIENCES, Audience, name_of
from mailroom.records.tables import Shelf

PART = 50_000
"""Numbers in a part: so many texts are read for a common word, and so few questions are asked for a rare one."""

_MORE_AT_ONCE = 8
"""As many parts as have been gone through are asked so many times over in one question, where a text that has the words
may be none that is wanted: very many would be read at once for a few."""

_MOST_WORDS = 50_000
"""Words of a text that are indexed; from place 16 383 on all are there."""

_MOST_BYTES = 1_000_000
"""That the words of a text may take with their places: PostgreSQL refuses a vector of more than a megabyte."""

_ALWAYS_FIT = 4000
"""Words that take no more, whatever they are."""

_MOST_POSITIONS = 255

_IS_WHOLE = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"
_MAKE = "CREATE INDEX CONCURRENTLY {name}_words ON {name} USING gin (words) WITH (fastupdate = off)"


class PostgresqlIndex:
    """Tables of vectors, one for each shelf and audience."""

    def put(self, session: Session, shelf: Shelf, audience: Audience, texts: Sequence[tuple[int, str]]) -> None:
        """Put texts in, each under its number, of which none lies there."""
        words = _table(shelf, audience)
        statement = insert(words).values(number=bindparam("number"), words=cast(bindparam("vector"), TSVECTOR))
        session.execute(statement, [{"number": number, "vector": vector_of(number, body)} for number, body in texts])

    def take_out(self, session: Session, shelf: Shelf, audience: Audience, number: int, body: str) -> None:  # noqa: ARG002
        """Take a text out."""
        words = _table(shelf, audience)
        session.execute(words.delete().where(words.c.number == number))

    def clear(self, session: Session, shelf: Shelf) -> None:
        """Leave nothing on the shelf; whoever may not truncate a table deletes its rows."""
        for audience in AUDIENCES:
            try:
                with session.begin_nested():
                    session.execute(text(f"TRUNCATE {name_of(shelf, audience)}"))
            except ProgrammingError:
                session.execute(_table(shelf, audience).delete())

    def make_ready_to_fill(self, session: Session, shelf: Shelf) -> None:
        """Drop the index, which is made in a fraction of the time afterwards; only its owner can, others fill it."""
        for audience in AUDIENCES:
            with suppress(ProgrammingError), session.begin_nested():
                session.execute(text(f"DROP INDEX IF EXISTS {name_of(shelf, audience)}_words"))

    def make_ready_to_search(self, connection: Connection, shelf: Shelf) -> None:
        """Make the index where it was dropped, and anew where that was broken off, while others write."""
        for audience in AUDIENCES:
            name = name_of(shelf, audience)
            whole = connection.scalar(text(_IS_WHOLE), {"name": f"{name}_words"})
            if whole is False:
                connection.execute(text(f"DROP INDEX {name}_words"))
            if not whole:
                connection.execute(text("SET maintenance_work_mem = '256MB'"))
                connection.execute(text(_MAKE.format(name=name)))
                connection.execute(text("RESET maintenance_work_mem"))

    def newest(self, session: Session, asked: Asked, most: int) -> Sequence[int]:
        """Return the highest numbers of what matches, highest first."""
        found = [number for audience in asked.audiences for number in _walk(session, asked, audience, most)]
        return sorted(found, reverse=True)[:most]

    def ranked(self, session: Session, asked: Asked, numbers: Sequence[int]) -> Sequence[int]:
        """Return these numbers, which all match, by how well they do, the best first."""
        scored: list[tuple[float, int]] = []
        for audience in asked.audiences:
            words = _table(asked.shelf, audience)
            score = func.ts_rank(words.c.words, cast(match_of(asked.terms), TSQUERY)).label("score")
            query = select(words.c.number, score).where(words.c.number.in_(numbers))
            scored += [(row.score, row.number) for row in session.execute(query)]
        return [number for _, number in sorted(scored, reverse=True)]

    def plan(self, session: Session, asked: Asked, most: int) -> Sequence[str]:
        """Return how the database goes about one part of finding the newest, a line for each step."""
        words = _table(asked.shelf, asked.audiences[0])
        query = _of_parts(asked, words, _parts(session, asked, words)[:1]).limit(most)
        told = query.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
        rows = session.connection().exec_driver_sql(f"EXPLAIN {told}", told.params)
        return [row[0] for row in rows]


def _walk(session: Session, asked: Asked, audience: Audience, most: int) -> list[int]:
    """Return the highest numbers of what matches: from the newest part, then from as many as are likely to do."""
    words, found, gone_through = _table(asked.shelf, audience), list[int](), 0
    parts = _parts(session, asked, words)
    while gone_through < len(parts) and len(found) < most:
        at_most = len(parts) if asked.words_alone else max(1, _MORE_AT_ONCE * gone_through)
        some = parts[gone_through : gone_through + min(at_most, _likely_enough(len(found), gone_through, most))]
        found += session.scalars(_of_parts(asked, words, some).limit(most - len(found)))
        gone_through += len(some)
    return found


def _likely_enough(found: int, gone_through: int, most: int) -> int:
    """Return how many more parts are likely to hold what is missing, given how many were found in some."""
    if not gone_through:
        return 1
    return ceil((most - found) * gone_through / max(found, 0.5))


def _parts(session: Session, asked: Asked, words: TableClause) -> Sequence[int]:
    """Return the parts that hold numbers in question, the newest first: from each the next one is jumped to."""
    numbers = select(func.max(words.c.number)).where(words.c.number >= asked.lowest)
    newest = numbers.where(words.c.number <= asked.highest).scalar_subquery()
    walked = select(newest.label("highest")).cte(recursive=True)
    below = numbers.where(words.c.number < walked.c.highest // PART * PART).scalar_subquery()
    walked = walked.union_all(select(below).where(walked.c.highest.is_not(None)))
    part: ColumnElement[int] = walked.c.highest // PART
    return session.scalars(select(part).where(walked.c.highest.is_not(None))).all()


def _of_parts(asked: Asked, words: TableClause, parts: Sequence[int]) -> Select[int]:
    """Return the query for what matches in these parts.

    `number + 0` is a number that no index is kept by: an index by number would lead the planner past the words.
    """
    number: ColumnElement[int] = words.c.number + 0
    span = max(asked.lowest, min(parts) * PART), min(asked.highest, max(parts) * PART + PART - 1)
    in_parts = " | ".join(f"'{_name_of_part(part)}'" for part in parts)
    match = f"({in_parts}) & ({match_of(asked.terms)})"
    query = select(words.c.number).where(words.c.words.op("@@")(cast(match, TSQUERY)))
    query = query.where(number.between(*span)).order_by(number.desc())
    return query.where(asked.condition(words.c.number, span)) if asked.condition is not None else query


def _table(shelf: Shelf, audience: Audience) -> TableClause:
    return table(name_of(shelf, audience), column("number", Integer), column("words", TSVECTOR))


def vector_of(number: int, body: str) -> str:
    """Return the vector of a text as PostgreSQL reads it: each word with its places, and the name of its part."""
    places: dict[str, list[int]] = {}
    for place, word in enumerate(_words_that_fit(body), 1):
        if word not in places:
            places[word] = [place]
        elif len(places[word]) < _MOST_POSITIONS:
            places[word].append(place)
    told = (
        f"'{word}':{of_word[0]}" if len(of_word) == 1 else f"'{word}':{','.join(map(str, of_word))}"
        for word, of_word in places.items()
    )
    return " ".join((f"'{_name_of_part(number // PART)}'", *told))


def _words_that_fit(body: str) -> Sequence[str]:
    """Return the words of a text from its beginning on, as many as a vector holds: lists of digests are long."""
    words, known, left = words_in(body)[:_MOST_WORDS], set[str](), _MOST_BYTES
    if len(words) <= _ALWAYS_FIT:
        return words
    for number, word in enumerate(words):
        left -= 2 if word in known else len(word.encode()) + 5  # a place, or the word, how many places, and the first
        known.add(word)
        if left < 0:
            return words[:number]
    return words


def _name_of_part(part: int) -> str:
    return f"#{part}"


def match_of(terms: Sequence[Term]) -> str:
    """Return the terms in the language of PostgreSQL."""
    has = [_any_of(term) for term in terms if not term.without]
    has_not = [f"!{_any_of(term)}" for term in terms if term.without]
    return " & ".join((*has, *has_not))


def _any_of(term: Term) -> str:
    return f"({' | '.join(_in_order(way, begins=term.begins) for way in term.ways)})"


def _in_order(way: Way, *, begins: bool) -> str:
    following = " <-> ".join(f"'{word}'" for word in way)
    return f"({following}{':*' if begins else ''})"
