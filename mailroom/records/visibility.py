"""`domain/access.py` in SQL: the clause that every search, count and look-up of items carries.

Whoever asks without this clause shows somebody what is not theirs; a test compares the two over every combination.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from mailroom.domain.access import SEES_EVERY_TEAM, Role, Viewer
from mailroom.domain.decision import Sensitivity
from mailroom.records.tables import Item, SearchFacet


def visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition under which the viewer may find, count or open an item."""
    not_too_sensitive = true() if viewer.named_for_limited else Item.sensitivity == Sensitivity.NORMAL
    return and_(not_too_sensitive, is_their_work(viewer))


def is_their_work(viewer: Viewer, of: type[Item | SearchFacet] = Item) -> ColumnElement[bool]:
    """Return the condition that the viewer works with such items, leaving aside how sensitive they are.

    Args:
        viewer: who looks.
        of: what stands for an item: itself, or its row of facets.
    """
    if viewer.roles & SEES_EVERY_TEAM:
        return true()
    if Role.BACK_OFFICE in viewer.roles:
        return and_(of.settled.is_(True), or_(false(), *(of.team == team for team in viewer.teams)))
    return false()
