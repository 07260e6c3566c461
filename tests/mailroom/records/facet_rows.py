"""Compares the facets that a search narrows by with the items and cases whose they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import except_, select, union_all

from mailroom.records.session import Records
from mailroom.records.tables import Case, Item, SearchFacet

_OF_ITEM = (Item.state, Item.channel, Item.received_at, Item.settled, Item.team)


def facets_that_differ(records: Records) -> list[Any]:
    """Return each row that stands on one side only; none where the facets say what items and cases do."""
    facets = select(*(column for column in SearchFacet.__table__.columns))
    items = select(Item.number, *_OF_ITEM, Case.team.label("case_team"), Case.case_type)
    items = items.outerjoin(Case, Case.id == Item.case_id).where(Item.number.is_not(None))
    apart = (except_(facets, items).subquery(), except_(items, facets).subquery())
    with records.look() as session:
        return list(session.execute(union_all(*(select(side) for side in apart))))
