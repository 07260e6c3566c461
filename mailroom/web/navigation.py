"""Where the bar at the top leads, for whom: the first of a person's entries is where they begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailroom.desk.signing_in import Person
from mailroom.desk.waiting_counts import own_teams_wait, post_room_waits
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.services import Services


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the bar.

    Attributes:
        path: where it leads.
        text: what stands there, in English; templates translate it.
        task: whose place it is.
        waits: counts what waits there for somebody; None where nothing does.
    """

    path: str
    text: str
    task: Task | None
    waits: Callable[[Viewer, Services], int] | None = None


BAR: tuple[Entry, ...] = (
    Entry("/post-room", "Post room", Task.SETTLE, post_room_waits),
    Entry("/teams", "Teams", Task.ANSWER, own_teams_wait),
    Entry("/audit", "Audit", Task.PROVE),
    Entry("/performance", "Figures", Task.MEASURE),
    Entry("/accounts", "Accounts", Task.ADMINISTER),
    Entry("/health", "Health", Task.ADMINISTER),
    Entry("/settings", "Settings", Task.ADMINISTER),
)
"""In the order of the bar."""


def entries_for(person: Person) -> list[Entry]:
    """Return the entries that are this person's."""
    return [entry for entry in BAR if entry.task is None or may_do(person.viewer, entry.task)]


def home_of(person: Person) -> str:
    """Return where this person begins."""
    return next((entry.path for entry in entries_for(person)), "/me")
