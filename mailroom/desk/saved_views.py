"""Saved views of the find page: a search that is made again and again gets a name, and may be shared with a team.

Before: somebody has searched. After: the search has a name in their list, and in that of the team they share it with.
What it finds is decided anew for whoever opens it; only who saved it can remove it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailroom.desk.acting import Refused, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.searching import at_hand, number_found
from mailroom.desk.typed_query import wanted_by
from mailroom.domain.access import Role, Task, Viewer
from mailroom.records.saved_views import number_of_views, put_view, remove_view, views_for
from mailroom.records.tables import SavedView
from mailroom.records.wanted import Order
from mailroom.services import Services

MOST = 50
"""Views that one person saves."""

COUNTED = 9
"""Views of which the number of items is told: those that a digit opens."""

_LONGEST_NAME, _LONGEST_WORDS = 60, 500


@dataclass(frozen=True, slots=True)
class View:
    """A saved view as somebody sees it.

    Attributes:
        team: name of the team that it is shared with; None where it is their own alone.
        theirs: whether they saved it, and may remove it.
        number: how many items it finds for them now, in words; None where that is not told.
    """

    id: str
    name: str
    words: str
    order: Order
    everything: bool
    team: str | None
    theirs: bool
    number: str | None = None


def shared_with(viewer: Viewer, services: Services) -> dict[str, str]:
    """Return the teams, by key, that somebody shares views with: those they work in, and the post room at its desk."""
    keys = set(viewer.teams) | ({services.catalogue.post_room} if Role.POST_ROOM in viewer.roles else set())
    return {key: team.name for key, team in services.catalogue.teams.items() if key in keys}


def saved_views(viewer: Viewer, services: Services) -> Sequence[View]:
    """Return the views that are somebody's to open, by name, the first of them with how many items they find.

    Raises:
        Refused: the viewer's work is not with items.
    """
    refuse_unless_theirs_to_do(viewer, Task.LOOK)
    teams = shared_with(viewer, services)
    with services.records.look() as session:
        rows = views_for(session, viewer.name, teams)
        views = [_view(row, viewer, services) for row in rows]
    return [
        replace(view, number=_number(view, viewer, services)) if place < COUNTED else view
        for place, view in enumerate(views)
    ]


def save_view(
    name: str,
    words: str,
    viewer: Viewer,
    services: Services,
    *,
    order: Order = Order.NEWEST,
    everything: bool = False,
    team: str = "",
) -> str:
    """Save a search under a name; one of the same name is replaced. Returns the sentence that says so.

    Raises:
        Refused: it has no name or no words, names what there is not, or is shared with a team that is not theirs.
    """
    refuse_unless_theirs_to_do(viewer, Task.LOOK)
    name, words = " ".join(name.split())[:_LONGEST_NAME], words.strip()[:_LONGEST_WORDS]
    refuse_unless(bool(name), "Give the view a name.")
    refuse_unless(bool(words), "Search for something first; that is what the view keeps.")
    refuse_unless(not team or team in shared_with(viewer, services), "You can share a view with a team of yours only.")
    wanted_by(words, services)
    with services.records.work() as session:
        full = f"You have {MOST} views. Remove one before you save another."
        refuse_unless(number_of_views(session, viewer.name) < MOST, full)
        now = services.now()
        put_view(session, viewer.name, name, words, order=order, everything=everything, team=team or None, now=now)
        session.commit()
    return f"The view “{name}” is saved."


def forget_view(view: str, viewer: Viewer, services: Services) -> str:
    """Remove a view that somebody has saved. Returns the sentence that says so.

    Raises:
        Refused: it is not there, or somebody else's.
    """
    with services.records.work() as session:
        name = remove_view(session, viewer.name, view)
        session.commit()
    if name is None:
        raise Refused("That view is not yours to remove, or it is gone already.")
    return f"The view “{name}” is removed."


def _view(row: SavedView, viewer: Viewer, services: Services) -> View:
    team = services.catalogue.teams.get(row.team or "")
    order = Order(row.order) if row.order in list(Order) else Order.NEWEST
    name, theirs = team.name if team else None, row.account == viewer.name
    return View(row.id, row.name, row.words, order, row.everything, name, theirs)


def _number(view: View, viewer: Viewer, services: Services) -> str | None:
    """Return the number of items in words; None where the view names a team or type that is gone."""
    try:
        wanted = wanted_by(view.words, services)
    except Refused:
        return None
    return number_found(wanted if view.everything else replace(wanted, at_hand=at_hand(services)), viewer, services)
