"""The index of words in SQLite: FTS5 over the texts, which lie in their own table.

FTS5 keeps rows by number, so the newest come without sorting, and a span of numbers is jumped to. What it is asked is
a language: every word goes in quotes. Taking a text out needs the very words that were put in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, Integer, Select, column, func, literal_column, select, table, text
from sqlalchemy.orm import Session
from sqlalchemy.sql import TableClause

from mailroom.domain.query import Term, Way
from mailroom.records.search.asked import Asked
from mailroom.records.search.shelves import AUDIENCES, Audience, name_of
from mailroom.records.tables import Shelf


class SqliteIndex:
    """FTS5 tables, one for each shelf and audience."""

    def put(self, session: Session, shelf: Shelf, audience: Audience, texts: Sequence[tuple[int, str]]) -> None:
        """Put texts in, each under its number, of which none lies there."""
        statement = text(f"INSERT INTO {name_of(shelf, audience)} (rowid, body) VALUES (:number, :body)")  # noqa: S608
        session.execute(statement, [{"number": number, "body": body} for number, body in texts])

    def take_out(self, session: Session, shelf: Shelf, audience: Audience, number: int, body: str) -> None:
        """Take a text out; the body is the one that was put in."""
        name = name_of(shelf, audience)
        statement = text(f"INSERT INTO {name} ({name}, rowid, body) VALUES ('delete', :number, :body)")  # noqa: S608
        session.execute(statement, {"number": number, "body": body})

    def clear(self, session: Session, shelf: Shelf) -> None:
        """Leave nothing on the shelf."""
        for audience in AUDIENCES:
            name = name_of(shelf, audience)
            session.execute(text(f"INSERT INTO {name} ({name}) VALUES ('delete-all')"))  # noqa: S608

    def make_ready_to_fill(self, session: Session, shelf: Shelf) -> None:
        """FTS5 needs nothing for it."""

    def make_ready_to_search(self, connection: Connection, shelf: Shelf) -> None:
        """FTS5 needs nothing for it."""

    def newest(self, session: Session, asked: Asked, most: int) -> Sequence[int]:
        """Return the highest numbers of what matches, highest first."""
        queries = (_newest(asked, audience).limit(most) for audience in asked.audiences)
        found = [number for query in queries for number in session.scalars(query)]
        return sorted(found, reverse=True)[:most]

    def ranked(self, session: Session, asked: Asked, numbers: Sequence[int]) -> Sequence[int]:
        """Return these numbers, which all match, by how well they do, the best first.

        `ORDER BY rank` would score every match there is, before anything else is asked of it; `bm25` scores these.
        """
        if not numbers:
            return []
        wanted = set(numbers)
        queries = (_scored(asked.among(min(numbers)), audience) for audience in asked.audiences)
        scored = sorted((row.score, -row.number) for query in queries for row in session.execute(query))
        return [-number for _, number in scored if -number in wanted]

    def plan(self, session: Session, asked: Asked, most: int) -> Sequence[str]:
        """Return how the database goes about finding the newest, a line for each step."""
        query = _newest(asked, asked.audiences[0]).limit(most)
        told = query.compile(session.get_bind(), compile_kwargs={"render_postcompile": True})
        rows = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {told}", tuple(told.params[name] for name in told.positiontup or ())
        )
        return [row.detail for row in rows]


def _newest(asked: Asked, audience: Audience) -> Select[int]:
    words = _table(asked, audience)
    return select(words.c.rowid).where(*_conditions(asked, words)).order_by(words.c.rowid.desc())


def _scored(asked: Asked, audience: Audience) -> Select[int, float]:
    words = _table(asked, audience)
    score = func.bm25(literal_column(words.name)).label("score")
    return select(words.c.rowid.label("number"), score).where(*_conditions(asked, words))


def _table(asked: Asked, audience: Audience) -> TableClause:
    return table(name_of(asked.shelf, audience), column("rowid", Integer))


def _conditions(asked: Asked, words: TableClause) -> Iterator[ColumnElement[bool]]:
    yield literal_column(words.name).op("MATCH")(match_of(asked.terms))
    yield words.c.rowid.between(*asked.span)
    if asked.condition is not None:
        yield asked.condition(words.c.rowid, asked.span)


def match_of(terms: Sequence[Term]) -> str:
    """Return the terms in the language of FTS5."""
    has = " AND ".join(_any_of(term) for term in terms if not term.without)
    has_not = " OR ".join(_any_of(term) for term in terms if term.without)
    return f"({has}) NOT ({has_not})" if has_not else has


def _any_of(term: Term) -> str:
    ways = [_quoted(way, begins=term.begins) for way in term.ways]
    return f"({' OR '.join(ways)})" if len(ways) > 1 else ways[0]


def _quoted(way: Way, *, begins: bool) -> str:
    return f'"{" ".join(way)}"{" *" if begins else ""}'
