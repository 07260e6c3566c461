"""How what was found is divided: by channel, team and state, as far as was counted.

Before: `finding.py` has found. After: a page offers what to narrow the search by, with how many that leaves. Only what
the viewer may see was found, so nothing else is counted here; the rule stands in the query all the same.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.records.finding import Found
from mailroom.records.tables import Case, Item
from mailroom.records.visibility import visible_to


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the newest are of each channel, team and state, the most first; keys as they are stored."""

    channels: tuple[tuple[str, int], ...] = ()
    teams: tuple[tuple[str, int], ...] = ()
    states: tuple[tuple[str, int], ...] = ()


NONE = Facets()
"""Of nothing, or of one item, which is divided in no way."""


def facets_of(session: Session, found: Found, viewer: Viewer) -> Facets:
    """Return how what was found is divided."""
    query = select(Item.channel, Case.team, Item.state, func.count().label("items"))
    query = query.outerjoin(Case, Case.id == Item.case_id).where(found.by.in_(found.keys), visible_to(viewer))
    channels, teams, states = Counter[str](), Counter[str](), Counter[str]()
    for channel, team, state, items in session.execute(query.group_by(Item.channel, Case.team, Item.state)):
        channels[channel] += items
        states[state] += items
        if team is not None:
            teams[team] += items
    return Facets(*(tuple(counter.most_common()) for counter in (channels, teams, states)))
