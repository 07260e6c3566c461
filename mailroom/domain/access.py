"""Who may do what and who may see what: one table of tasks, one rule for items, asked by every page, act and search.

`MAY` says which roles do a task at all; `may_see` says which items anybody sees while doing it. `records/visibility.py`
says the latter in SQL; a test compares the two over every combination. Until a decision is
settled an item belongs to the post room and the auditor; while it may be of a limited-access type, or nobody has
looked yet, only to those of them who are named for limited access.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailroom.domain.decision import Sensitivity


class Role(StrEnum):
    """What a person does here."""

    POST_ROOM = "post_room"
    BACK_OFFICE = "back_office"
    AUDITOR = "auditor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


SEES_EVERY_TEAM = frozenset({Role.POST_ROOM, Role.AUDITOR})
"""Roles whose work is with items of every team; a manager and an administrator see figures and settings, no items."""


class Task(StrEnum):
    """What somebody does here; every page, act and export is part of one of these."""

    LOOK = "look"
    TAKE_IN = "take_in"
    SETTLE = "settle"
    MEND = "mend"
    ANSWER = "answer"
    PROVE = "prove"
    UNSEAL = "unseal"
    COUNT = "count"
    MEASURE = "measure"
    ADMINISTER = "administer"


MAY: Mapping[Task, frozenset[Role]] = {
    Task.LOOK: frozenset({Role.POST_ROOM, Role.BACK_OFFICE, Role.AUDITOR}),
    Task.TAKE_IN: frozenset({Role.POST_ROOM}),
    Task.SETTLE: frozenset({Role.POST_ROOM}),
    Task.MEND: frozenset({Role.POST_ROOM, Role.BACK_OFFICE}),
    Task.ANSWER: frozenset({Role.POST_ROOM, Role.BACK_OFFICE}),
    Task.PROVE: frozenset({Role.AUDITOR}),
    Task.UNSEAL: frozenset({Role.AUDITOR}),
    Task.COUNT: frozenset({Role.POST_ROOM, Role.AUDITOR, Role.MANAGER, Role.ADMINISTRATOR}),
    Task.MEASURE: frozenset({Role.AUDITOR, Role.MANAGER}),
    Task.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
}
"""The one table: which roles do which task.

Looking: find and open what is theirs. Taking in: upload. Settling: all that decides where an item goes. Mending: index
data and sensitivity, by whoever has the letter before them. Answering: what a team does with its case, the post room
for a team that tells it by word of mouth. Proving: originals under a purpose, and who has seen them. Unsealing: to
fetch an original that is in quarantine because it may do harm; whoever works on the item never needs its bytes, and an
administrator sees no items. Counting: today's ledger. Measuring: the manager's figures. Administering: accounts,
settings and health.
"""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks.

    Attributes:
        name: account name, as it stands in the custody log.
        roles: what they do.
        teams: team keys they work in.
        named_for_limited: on the list of those who may see limited-access items.
    """

    name: str
    roles: frozenset[Role]
    teams: frozenset[str] = frozenset()
    named_for_limited: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What access depends on in an item.

    Attributes:
        sensitivity: None until somebody or something has looked at it.
        settled: whether its decision is settled.
        team: the team it is for, once settled.
    """

    sensitivity: Sensitivity | None
    settled: bool
    team: str | None


def may_do(viewer: Viewer, task: Task) -> bool:
    """Return whether the viewer does this task at all; which items they see is another question."""
    return bool(viewer.roles & MAY[task])


def may_see(viewer: Viewer, standing: Standing) -> bool:
    """Return whether the viewer may find, count or open an item that stands so."""
    if standing.sensitivity is not Sensitivity.NORMAL and not viewer.named_for_limited:
        return False
    if viewer.roles & SEES_EVERY_TEAM:
        return True
    return Role.BACK_OFFICE in viewer.roles and standing.settled and standing.team in viewer.teams
