"""What is asked of a text's item beside its words: the questions that the index of words puts to each hit.

Before: somebody looks for words, and `wanted.py` says what else is known. After: the index (`search/`) returns the
newest hits that meet it. Most of it stands in one narrow row an item (`SearchFacet`); who sent it, and whether it is at
hand, is asked of the item itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, exists, select, true
from sqlalchemy.orm import Session

from mailroom.domain.access import SEES_EVERY_TEAM, Viewer
from mailroom.records.ledger import EVER
from mailroom.records.matching import filters_of, leaves_few
from mailroom.records.search.asked import Condition
from mailroom.records.tables import Item, SearchFacet
from mailroom.records.visibility import is_their_work
from mailroom.records.wanted import Wanted


def condition_for(session: Session, wanted: Wanted, viewer: Viewer) -> Condition | None:
    """Return what is asked of a hit's item; None where nothing is. How sensitive it is, the index knows."""
    asked = [*_of_facets(wanted, viewer), *_of_item(session, wanted)]
    return (lambda number, span: and_(*(condition(number, span) for condition in asked))) if asked else None


def _of_facets(wanted: Wanted, viewer: Viewer) -> Iterator[Condition]:
    facets = list(_facets(wanted))
    if not viewer.roles & SEES_EVERY_TEAM:
        facets.append(is_their_work(viewer, SearchFacet))
    if facets:
        # Told the span, PostgreSQL gathers no more rows than lie in it, where it thinks that worth while.
        yield lambda number, span: exists().where(
            SearchFacet.number == number, SearchFacet.number.between(*span), *facets
        )


def _facets(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    told = (
        (SearchFacet.channel, wanted.channel),
        (SearchFacet.state, wanted.state),
        (SearchFacet.case_team, wanted.team),
        (SearchFacet.case_type, wanted.case_type),
    )
    yield from (column == value for column, value in told if value is not None)
    if wanted.days != EVER:
        yield wanted.days.covers(SearchFacet.received_at)


def _of_item(session: Session, wanted: Wanted) -> Iterator[Condition]:
    only = Wanted(name=wanted.name, postcode=wanted.postcode, at_hand=wanted.at_hand)
    asked = filters_of(session, only)
    if asked and leaves_few(session, only):
        few = select(Item.number).where(*asked)
        # Without `+ 0` each of them is looked for in the words, without IS TRUE PostgreSQL asks each match among items.
        yield lambda number, _: (number + 0).in_(few).is_(true())
    elif asked:
        yield lambda number, _: exists().where(Item.number == number, *asked)
