"""How much waits for whoever looks at any page: in the post room, and in the queues of their own teams.

Before: somebody opens a page. After: its bar says the number beside the word. It is counted as the queues count it,
with the viewer's own clause, and no further than people read: every page asks.
"""

from __future__ import annotations

from mailroom.desk.team_queue import moment_of
from mailroom.domain.access import Role, Task, Viewer, may_do
from mailroom.records import post_room_queue, team_lines
from mailroom.services import Services

COUNTED_TO = 100
"""From so many on it is "99+": then nobody counts any more."""


def post_room_waits(viewer: Viewer, services: Services) -> int:
    """Return how much waits for the post room; nothing is told to whoever does not settle."""
    if not may_do(viewer, Task.SETTLE):
        return 0
    with services.records.look() as session:
        return post_room_queue.count_up_to(session, services.catalogue.post_room, viewer, COUNTED_TO)


def own_teams_wait(viewer: Viewer, services: Services) -> int:
    """Return how much is open in the queues of the teams that somebody works in."""
    if Role.BACK_OFFICE not in viewer.roles or not viewer.teams:
        return 0
    at = moment_of(services.now())
    with services.records.look() as session:
        return team_lines.count_up_to(session, sorted(viewer.teams), viewer, at, COUNTED_TO)
