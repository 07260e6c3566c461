"""Finding items by several things at once, as far as anybody reads: the count stops where it would cost.

Before: somebody looks for an item and knows some things about it (`wanted.py`). After: they have what matches and is
theirs to see, in the order they want, and know how many there are. Access stands inside every query. What matches is
one of these: the reference or the digest that was typed; a value of index data; a mark of a mail; or a text that has
all of the words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailroom.domain.access import Viewer
from mailroom.domain.query import Term, terms_of
from mailroom.domain.words import writable
from mailroom.records.matching import filters_of, has_marks, meant_alone
from mailroom.records.narrowing import condition_for
from mailroom.records.queue_lines import OF_EVERY_LINE
from mailroom.records.search import index_of
from mailroom.records.search.asked import Asked
from mailroom.records.search.days import span_of
from mailroom.records.search.shelves import audiences_of, shelves_now
from mailroom.records.search.vocabulary import completed, with_like_words
from mailroom.records.tables import Case, Item, Shelf
from mailroom.records.visibility import visible_to
from mailroom.records.wanted import Order, Wanted

COUNTED_TO = 1000
"""Beyond so many nobody reads on, they ask for something narrower; counting on would only cost time."""

RANKED = 500
"""So many of the newest are put in order of relevance: to weigh every match of a common word would take seconds."""

Key = str | int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, in the order that was asked for.

    Attributes:
        keys: of the items, `COUNTED_TO` at the most; by relevance `RANKED`.
        by: the column that these are of.
        number: how many match, up to `COUNTED_TO`.
        more: whether there are more than that.
        terms: what texts were asked for.
        widened: whether nothing has the words as they were typed, and these have words that look like them.
        complete: whether every text could be found; an index that is being made cannot find all.
    """

    keys: Sequence[Key]
    by: InstrumentedAttribute[Any]
    number: int = 0
    more: bool = False
    terms: Sequence[Term] = ()
    widened: bool = False
    complete: bool = True


def find(session: Session, wanted: Wanted, viewer: Viewer, order: Order = Order.NEWEST) -> Found:
    """Return what matches and the viewer may see."""
    words = writable(wanted.words).strip()
    if wanted.words.strip() and not words:
        return Found((), Item.id)
    wanted = replace(wanted, words=words)
    if not wanted.words or meant_alone(wanted.words) is not None:
        return _by_what_it_is(session, wanted, viewer, order)
    return _by_words(session, wanted, viewer, order)


def lines_of(session: Session, found: Found, keys: Sequence[Key]) -> list[Mapping[str, Any]]:
    """Return what a line shows of each of these items and its case, in this order; `case_type` is None without one."""
    query = select(*OF_EVERY_LINE, Item.number, Item.state, Case.team).outerjoin(Case, Case.id == Item.case_id)
    rows = [row._asdict() for row in session.execute(query.where(found.by.in_(keys)))]
    by_key = {row[found.by.key]: row for row in rows}
    return [by_key[key] for key in keys]


def _by_what_it_is(session: Session, wanted: Wanted, viewer: Viewer, order: Order) -> Found:
    """Find without any words: what is asked of the items themselves, newest first."""
    alone = meant_alone(wanted.words)
    query = select(Item.id).where(*filters_of(session, wanted), visible_to(viewer))
    query = query.where(alone) if alone is not None else query
    newest_first = (Item.received_at.desc(), Item.reference.desc())
    ids = session.scalars(query.order_by(*newest_first).limit(COUNTED_TO + 1)).all()
    return _in_order(session, _cut(ids, Item.id), None, order)


def _by_words(session: Session, wanted: Wanted, viewer: Viewer, order: Order) -> Found:
    shelves = shelves_now(session)
    asked = _asked(session, shelves.searched, wanted, viewer)
    numbers: Sequence[int] = _newest(session, wanted, viewer, asked)
    wider = _wider(session, asked, viewer) if asked is not None and not numbers else None
    if wider is not None:
        asked, numbers = wider, index_of(session).newest(session, wider, COUNTED_TO + 1)
    found = replace(
        _cut(numbers, Item.number),
        terms=asked.terms if asked is not None else (),
        widened=wider is not None and bool(numbers),
        complete=shelves.complete,
    )
    return _in_order(session, found, asked, order)


def _asked(session: Session, shelf: Shelf, wanted: Wanted, viewer: Viewer) -> Asked | None:
    """Return what the index of words is asked; None where it can have no answer for this viewer."""
    audiences, span, terms = audiences_of(viewer), span_of(session, wanted.days), terms_of(wanted.words)
    if not audiences or span is None or all(term.without for term in terms):
        return None
    terms = with_like_words(session, shelf, completed(session, shelf, terms))
    return Asked(shelf, audiences, terms, *span, condition_for(session, wanted, viewer))


def _newest(session: Session, wanted: Wanted, viewer: Viewer, asked: Asked | None) -> list[int]:
    """Return the numbers of what has the words in its text or as a mark, the highest first."""
    in_texts = index_of(session).newest(session, asked, COUNTED_TO + 1) if asked is not None else []
    marks = [ids for ids in has_marks(wanted.words) if session.scalar(ids.limit(1)) is not None]
    in_marks = _marked(session, wanted, viewer, marks) if marks else []  # most words are no mark
    return sorted({*in_texts, *in_marks}, reverse=True)[: COUNTED_TO + 1]


def _marked(session: Session, wanted: Wanted, viewer: Viewer, marks: Sequence[Select[str]]) -> list[int]:
    rules = (*filters_of(session, wanted), visible_to(viewer), Item.number.is_not(None))
    query = select(Item.number).where(*rules).order_by(Item.number.desc()).limit(COUNTED_TO + 1)
    numbers = (session.scalars(query.where(Item.id.in_(ids))) for ids in marks)
    return [number for found in numbers for number in found if number is not None]


def _wider(session: Session, asked: Asked, viewer: Viewer) -> Asked | None:
    """Return the question with words that look like those which stand in no text; None where all of them do.

    A text that is not the viewer's counts for nothing: whether others have a word would show in what is found instead.
    """
    known = [term.word is None or _stands_somewhere(session, asked, term, viewer) for term in asked.terms]
    terms = [term if there else replace(term, like=True) for term, there in zip(asked.terms, known, strict=True)]
    wider = with_like_words(session, asked.shelf, terms)
    gained = any(len(new.ways) > len(old.ways) for new, old in zip(wider, asked.terms, strict=True))
    return replace(asked, terms=wider) if gained else None


def _stands_somewhere(session: Session, asked: Asked, term: Term, viewer: Viewer) -> bool:
    theirs = condition_for(session, Wanted(), viewer)
    alone = Asked(asked.shelf, asked.audiences, [replace(term, without=False)], condition=theirs)
    return bool(index_of(session).newest(session, alone, 1))


def _cut(keys: Sequence[Key], by: InstrumentedAttribute[Any]) -> Found:
    return Found(keys[:COUNTED_TO], by, min(len(keys), COUNTED_TO), len(keys) > COUNTED_TO)


def _in_order(session: Session, found: Found, asked: Asked | None, order: Order) -> Found:
    if order is Order.CLOCK:
        query = select(found.by).where(found.by.in_(found.keys)).order_by(Item.due_at, found.by)
        return replace(found, keys=session.scalars(query).all())
    if order is Order.RELEVANCE and asked is not None:
        newest = [key for key in found.keys[:RANKED] if isinstance(key, int)]
        ranked = index_of(session).ranked(session, asked, newest)
        return replace(found, keys=[*(key for key in newest if key not in set(ranked)), *ranked])
    return found
