"""What a team has in hand: which handoff and case an act is about, and taking on what was only offered.

Before: somebody acts for a team. After: they work there, or the act is refused; the item is the team's own.
"""

from __future__ import annotations

from mailroom.desk.acting import Act, Refused, refuse_unless
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.domain.catalogue import Team
from mailroom.domain.items import ItemState
from mailroom.domain.sla import MetBy
from mailroom.journey.clocks import start_clocks
from mailroom.records.cases import meet
from mailroom.records.handoffs import UNDER_WAY, last_handoff, note_desk
from mailroom.records.tables import Case, Handoff


def in_hand(act: Act) -> tuple[Team, Handoff, Case]:
    """Return the team that has the item, its handoff and the case.

    Raises:
        Refused: no team has it, or the viewer acts for none of the teams that do.
    """
    handoff, case = last_handoff(act.session, act.item.id), act.item.case
    if handoff is None or case is None or handoff.state not in UNDER_WAY:
        raise Refused(f"{act.item.reference} is not with a team now.")
    team = act.services.catalogue.teams[handoff.team]
    refuse_unless_theirs(act.viewer, team)
    return team, handoff, case


def case_of(act: Act) -> Case:
    """Return the case of a settled item, for those who work in its team.

    Raises:
        Refused: it is not settled, or the viewer works elsewhere.
    """
    item = act.item
    if item.case is None or item.team is None or not item.settled or item.state is ItemState.EXCEPTION:
        raise Refused(f"{item.reference} is not settled. The post room must settle it first.")
    refuse_unless_theirs(act.viewer, act.services.catalogue.teams[item.team])
    return item.case


def open_case_of(act: Act) -> Case:
    """Return the case of a settled item while it is open.

    Raises:
        Refused: it is not settled, is closed, or the viewer works elsewhere.
    """
    case = case_of(act)
    refuse_unless(case.closed_at is None, f"The case of {act.item.reference} is closed, as {case.outcome!r}.")
    return case


def refuse_unless_theirs(viewer: Viewer, team: Team) -> None:
    """Refuse whoever does not act for the team.

    Raises:
        Refused: they do not.
    """
    theirs = may_do(viewer, Task.SETTLE) or team.key in viewer.teams
    refuse_unless(theirs, f"Only those who work in {team.name} may do this.")


def take_on(act: Act, handoff: Handoff, case: Case, officer: str | None) -> None:
    """Accept what was offered; from now on the officer owns the case, or the team where none is named."""
    handoff.state, handoff.answered_at, handoff.answered_by = "accepted", act.now, act.viewer.name
    act.session.flush()
    if act.item.is_contact:
        _note_seen(act, handoff)
        return
    meet(case, MetBy.HAND_OFF, act.now, act.services.catalogue.clocks)
    start_clocks(act.session, act.item, act.services)
    case.owner = officer or f"team:{handoff.team}"
    act.log("accepted", team=handoff.team, number=handoff.number, owner=case.owner)


def _note_seen(act: Act, handoff: Handoff) -> None:
    """A message in a case has been seen: it lies before nobody any more, and whoever has the case keeps it."""
    note_desk(act.session, act.item.id)
    act.log("contact_seen", team=handoff.team)
