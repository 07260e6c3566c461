"""Who may see what: one rule, asked by every search, count and opening of an item.

`records/visibility.py` says the same in SQL; a test compares the two over every combination. Until a decision is
settled an item belongs to the post room and the auditor; while it may be of a limited-access type, or nobody has
looked yet, only to those of them who are named for limited access.
"""

from __future__ import annotations

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


def may_see(viewer: Viewer, standing: Standing) -> bool:
    """Return whether the viewer may find, count or open an item that stands so."""
    if standing.sensitivity is not Sensitivity.NORMAL and not viewer.named_for_limited:
        return False
    if viewer.roles & SEES_EVERY_TEAM:
        return True
    return Role.BACK_OFFICE in viewer.roles and standing.settled and standing.team in viewer.teams
