"""Where the bar at the top leads, for whom: the first of a person's entries is where they begin."""

from __future__ import annotations

from dataclasses import dataclass

from mailroom.desk.signing_in import Person
from mailroom.domain.access import Task, may_do


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the bar.

    Attributes:
        path: where it leads.
        text: what stands there, in English; templates translate it.
        task: whose place it is.
    """

    path: str
    text: str
    task: Task | None


BAR: tuple[Entry, ...] = (
    Entry("/post-room", "Post room", Task.SETTLE),
    Entry("/teams", "Teams", Task.ANSWER),
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
