"""What a team does with what it was handed: takes it on, gives it to an officer, promises, closes.

Before: `hand_over` has offered the item to the team. After: the clocks of the case are met by what really happened, and
the case has an owner at every moment. Neighbours: `returning.py`, `replying.py`, `minding.py` (notes, dates).
"""

from __future__ import annotations

from datetime import date, datetime, time

from mailroom.desk.acting import Done, acting, refuse_unless
from mailroom.desk.audit import seen_by
from mailroom.desk.in_hand import case_of, in_hand, take_on
from mailroom.desk.officers import officer_named
from mailroom.domain.access import Task, Viewer
from mailroom.domain.sla import LONDON, local_date, promised_due
from mailroom.records.case_changes import promise
from mailroom.records.cases import PROMISED_REPLY, close, running_clocks
from mailroom.records.handoffs import last_handoff
from mailroom.services import Services


def accept(name: str, viewer: Viewer, services: Services, *, officer: str | None = None) -> Done:
    """Take the item on for the team; from now on the officer owns the case, or the team where none is named.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to take on, is not offered, or another officer is named who does not work there.
    """
    with acting(name, viewer, services, Task.ANSWER) as act:
        team, handoff, case = in_hand(act)
        if handoff.state == "accepted":
            return act.done(f"{team.name} has accepted {{}} already; {case.owner} has it.", owner=case.owner)
        if officer is not None and officer != viewer.name:
            officer = officer_named(act.session, officer, team)
        take_on(act, handoff, case, officer)
        if act.item.is_contact:
            return act.done(f"{{}} is seen; {case.owner} has {case.reference}.", owner=case.owner)
        return act.done(f"{team.name} has accepted {{}}; {case.owner} has it.", owner=case.owner)


def allocate(name: str, officer: str, viewer: Viewer, services: Services) -> Done:
    """Give the case to an officer of the team; an item that was only offered is accepted by it.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to give, no team has it, or nobody of that name works there.
    """
    refuse_unless(bool(officer.strip()), "Name the officer who is to have it.")
    with acting(name, viewer, services, Task.ANSWER) as act:
        team, handoff, case = in_hand(act)
        officer = officer_named(act.session, officer, team)
        if case.owner == officer:
            return act.done(f"{officer} has {{}} already.", owner=officer)
        if handoff.state == "offered":
            take_on(act, handoff, case, officer)
        if case.owner != officer:
            case.owner = officer
            act.log("allocated", owner=officer)
        return act.done(f"{officer} has {{}} now.", owner=officer)


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
        case = case_of(act)
        if case.closed_at is not None:
            same = (case.outcome, case.closed_at) == (outcome, replied_at)
            refuse_unless(same, f"The case of {act.item.reference} is closed already, as {case.outcome!r}.")
            return act.done(f"The case of {{}} is closed already, as {outcome!r}.", outcome=outcome)
        refuse_unless(replied_at <= act.now, "A reply cannot have gone out in the future.")
        refuse_unless(replied_at >= act.item.received_at, "A reply cannot have gone out before the item came in.")
        handoff = last_handoff(act.session, act.item.id)
        if handoff is not None and handoff.state == "offered":
            take_on(act, handoff, case, None)
        close(case, outcome, replied_at)
        act.log("closed", replied_at=replied_at.isoformat())
        return act.done(f"The case of {{}} is closed: {outcome}.", outcome=outcome)


def close_on(name: str, outcome: str, day: date, viewer: Viewer, services: Services) -> Done:
    """Close the item's case as one that was answered on this day; see `close_case`."""
    with services.records.look() as session:
        received_at = seen_by(session, name, viewer).received_at
    return close_case(name, outcome, moment_on(day, received_at, services.now()), viewer, services)


def moment_on(day: date, received_at: datetime, now: datetime) -> datetime:
    """Return the moment that stands for a day on which something went out: noon, within receipt and now; pure."""
    noon = datetime.combine(day, time(12), LONDON)
    if day == local_date(now):
        return now
    return max(noon, received_at) if day == local_date(received_at) else noon


def hold_reply(name: str, promised_date: date, viewer: Viewer, services: Services) -> Done:
    """Note that the sender was told when the full answer will come; that date is a clock of its own.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to promise for, the case is closed, or the date has passed.
    """
    with acting(name, viewer, services, Task.ANSWER) as act:
        case = case_of(act)
        refuse_unless(case.closed_at is None, f"The case of {act.item.reference} is closed.")
        refuse_unless(promised_date >= local_date(act.now), "A date that has passed cannot be promised.")
        due_at = promised_due(promised_date, services.calendars)
        if any(clock.name == PROMISED_REPLY and clock.due_at == due_at for clock in running_clocks(case)):
            return act.done(f"{promised_date:%d %B %Y} is promised for {{}} already.", due_at=due_at.isoformat())
        promise(act.session, case, due_at, act.now, services.catalogue.clocks)
        act.log("holding_reply_sent", promised_for=promised_date.isoformat())
        return act.done(f"A full answer to {{}} is promised for {promised_date:%d %B %Y}.", due_at=due_at.isoformat())
