"""What a team does with what it was handed: takes it on, gives it to an officer, returns it, promises, closes.

Before: `hand_over` has offered the item to the team. After: the clocks of the case are met by what really happened, and
the case has an owner at every moment.
"""

from __future__ import annotations

from datetime import date, datetime

from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless
from mailroom.desk.deciding import withdraw_files
from mailroom.domain.access import Task, Viewer, may_do
from mailroom.domain.catalogue import Team
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.domain.sla import MetBy, local_date, promised_due
from mailroom.journey.clocks import start_clocks
from mailroom.records.acknowledgements import take_back
from mailroom.records.case_changes import let_run_again, promise
from mailroom.records.cases import PROMISED_REPLY, close, meet, running_clocks
from mailroom.records.handoffs import last_handoff
from mailroom.records.tables import Case, Handoff
from mailroom.services import Services


def accept(name: str, viewer: Viewer, services: Services, *, officer: str | None = None) -> Done:
    """Take the item on for the team; from now on the officer owns the case, or the team where none is named.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to take on, or is not offered.
    """
    with acting(name, viewer, services, Task.ANSWER) as act:
        team, handoff, case = _in_hand(act)
        if handoff.state == "accepted":
            return act.done(f"{team.name} has accepted {{}} already; {case.owner} has it.", owner=case.owner)
        _accept(act, handoff, case, officer)
        return act.done(f"{team.name} has accepted {{}}; {case.owner} has it.", owner=case.owner)


def allocate(name: str, officer: str, viewer: Viewer, services: Services) -> Done:
    """Give the case to an officer of the team; an item that was only offered is accepted by it.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to give, no team has it, or no officer is named.
    """
    refuse_unless(bool(officer.strip()), "Name the officer who is to have it.")
    with acting(name, viewer, services, Task.ANSWER) as act:
        _, handoff, case = _in_hand(act)
        if case.owner == officer:
            return act.done(f"{officer} has {{}} already.", owner=officer)
        if handoff.state == "offered":
            _accept(act, handoff, case, officer)
        else:
            case.owner = officer
            act.log("allocated", owner=officer)
        return act.done(f"{officer} has {{}} now.", owner=officer)


def return_item(name: str, reason: str, viewer: Viewer, services: Services) -> Done:
    """Return the item to the post room, which settles it anew; its clocks run on, and the return is counted.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to return, no team has it, or no reason is given.
    """
    refuse_unless(bool(reason.strip()), "Say why it is returned: the post room routes it by that.")
    with acting(name, viewer, services, Task.ANSWER) as act:
        team, handoff, case = _in_hand(act)
        handoff.state, handoff.reason = "returned", reason
        handoff.answered_at, handoff.answered_by = act.now, viewer.name
        let_run_again(case, MetBy.HAND_OFF, services.catalogue.clocks)
        withdraw_files(act)
        take_back(act.session, act.item.id, "The team returned it; a new message follows when it is settled.")
        act.give_to_the_post_room(Cause.RETURNED, f"{team.name} returned it: {reason}")
        act.log("returned", team=team.key, number=handoff.number)
        return act.done(f"{team.name} has returned {{}} to the post room.", team=team.key)


def close_case(name: str, outcome: str, replied_at: datetime, viewer: Viewer, services: Services) -> Done:
    """Close the item's case with its outcome; the reply that went out meets every clock that still runs.

    Args:
        name: reference or id.
        outcome: how it ended, as the reports count it.
        replied_at: when the reply went out (aware).
        viewer: who closes it.
        services: the bundle.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to close, is not settled, or the moment lies in the future or before receipt.
    """
    refuse_unless(bool(outcome.strip()), "Say how it ended.")
    with acting(name, viewer, services, Task.ANSWER) as act:
        case = _case_of(act)
        if case.closed_at is not None:
            same = (case.outcome, case.closed_at) == (outcome, replied_at)
            refuse_unless(same, f"The case of {act.item.reference} is closed already, as {case.outcome!r}.")
            return act.done(f"The case of {{}} is closed already, as {outcome!r}.", outcome=outcome)
        refuse_unless(replied_at <= act.now, "A reply cannot have gone out in the future.")
        refuse_unless(replied_at >= act.item.received_at, "A reply cannot have gone out before the item came in.")
        handoff = last_handoff(act.session, act.item.id)
        if handoff is not None and handoff.state == "offered":
            _accept(act, handoff, case, None)
        close(case, outcome, replied_at)
        act.log("closed", replied_at=replied_at.isoformat())
        return act.done(f"The case of {{}} is closed: {outcome}.", outcome=outcome)


def hold_reply(name: str, promised_date: date, viewer: Viewer, services: Services) -> Done:
    """Note that the sender was told when the full answer will come; that date is a clock of its own.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to promise for, the case is closed, or the date has passed.
    """
    with acting(name, viewer, services, Task.ANSWER) as act:
        case = _case_of(act)
        refuse_unless(case.closed_at is None, f"The case of {act.item.reference} is closed.")
        refuse_unless(promised_date >= local_date(act.now), "A date that has passed cannot be promised.")
        due_at = promised_due(promised_date, services.calendars)
        if any(clock.name == PROMISED_REPLY and clock.due_at == due_at for clock in running_clocks(case)):
            return act.done(f"{promised_date:%d %B %Y} is promised for {{}} already.", due_at=due_at.isoformat())
        promise(act.session, case, due_at, act.now, services.catalogue.clocks)
        act.log("holding_reply_sent", promised_for=promised_date.isoformat())
        return act.done(f"A full answer to {{}} is promised for {promised_date:%d %B %Y}.", due_at=due_at.isoformat())


def _in_hand(act: Act) -> tuple[Team, Handoff, Case]:
    """Return the team that has the item, its handoff and the case.

    Raises:
        Refused: no team has it, or the viewer acts for none of the teams that do.
    """
    handoff, case = last_handoff(act.session, act.item.id), act.item.case
    if handoff is None or case is None or handoff.state not in ("offered", "accepted"):
        raise Refused(f"{act.item.reference} is not with a team now.")
    team = act.services.catalogue.teams[handoff.team]
    _refuse_unless_theirs(act.viewer, team)
    return team, handoff, case


def _case_of(act: Act) -> Case:
    item = act.item
    if item.case is None or item.team is None or not item.settled or item.state is ItemState.EXCEPTION:
        raise Refused(f"{item.reference} is not settled. The post room must settle it first.")
    _refuse_unless_theirs(act.viewer, act.services.catalogue.teams[item.team])
    return item.case


def _refuse_unless_theirs(viewer: Viewer, team: Team) -> None:
    theirs = may_do(viewer, Task.SETTLE) or team.key in viewer.teams
    refuse_unless(theirs, f"Only those who work in {team.name} may do this.")


def _accept(act: Act, handoff: Handoff, case: Case, officer: str | None) -> None:
    handoff.state, handoff.answered_at, handoff.answered_by = "accepted", act.now, act.viewer.name
    act.session.flush()
    meet(case, MetBy.HAND_OFF, act.now, act.services.catalogue.clocks)
    start_clocks(act.session, act.item, act.services)
    case.owner = officer or f"team:{handoff.team}"
    act.log("accepted", team=handoff.team, number=handoff.number, owner=case.owner)
