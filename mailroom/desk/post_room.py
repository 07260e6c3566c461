"""What the post room does with an item: settle it, route it elsewhere, shield it, ask for a new scan.

Before: `classify` or `set_aside` has left the item to a person, or somebody finds that a decision was wrong. After: the
decision is a person's, and a run from `open_case` on brings case, clocks, message and handover in line with it.
Neighbours: `queues.py` (what waits), `correcting.py` (index data, date of receipt), `splitting.py`, `joining.py`,
`letters.py`.
"""

from __future__ import annotations

from mailroom.desk.acting import (
    Act,
    Done,
    Refused,
    acting,
    refuse_unless,
    refuse_while_read,
)
from mailroom.desk.audit import seen_by
from mailroom.desk.deciding import (
    decide_by_person,
    make_way,
    seen_before,
    shield,
    take_from_team,
    with_it,
    withdraw_files,
)
from mailroom.desk.naming import service_named, team_named
from mailroom.domain.access import Task, Viewer
from mailroom.domain.days_in_words import day_in_words
from mailroom.domain.decision import Sensitivity
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.journey.open_case import service_of
from mailroom.records import custody
from mailroom.records.acknowledgements import take_back
from mailroom.records.documents import decision_in_force
from mailroom.records.handoffs import last_handoff
from mailroom.records.tables import Item
from mailroom.services import Services

_SCAN_AGAIN = "Scan the paper again and join the new item to this one."


def settle(
    name: str,
    case_type: str,
    viewer: Viewer,
    services: Services,
    *,
    team: str | None = None,
    reason: str | None = None,
    expected_run: int | None = None,
    together: str | None = None,
) -> Done:
    """Settle an exception as this case type; "not ours" and "no reply needed" are types like any other.

    The sensitivity is the type's own. Whoever can see a limited item is named for it, so their word is enough to settle
    one as a normal type, also where it was another person who marked it.

    Args:
        name: reference or id.
        case_type: key of the type.
        viewer: who says so.
        services: the bundle.
        team: key of another team than the type's own.
        reason: why, if that is not plain.
        expected_run: the run that the person had before their eyes.
        together: what the act is called in which others are settled with it; it can be undone as one.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not the viewer's to settle, there is no such type or team, or nobody needs to settle it.
        Changed: it is not any more as the person had it before their eyes.
    """
    service = service_named(case_type, services)
    goes_to = team_named(team, services).key if team else service.team
    with acting(name, viewer, services, Task.SETTLE) as act:
        if _stands_as(act, service.key, goes_to, service.sensitivity):
            return act.done(f"{{}} is settled as {service.title!r} already.")
        act.refuse_if_changed(expected_run)
        _refuse_unless_open(act)
        had = seen_before(act) if service.limited else []
        before = decision_in_force(act.item)
        act.correct("case_type", before.case_type if before else None, service.key, reason)
        make_way(act, goes_to, "It was settled by a person; a new message takes its place.")
        decide_by_person(act, service, goes_to, service.sensitivity, reason)
        with_others = {"together": together} if together else {}
        act.log("settled", case_type=service.key, team=goes_to, **with_others)
        act.start("open_case")
        return act.done(f"{{}} is settled as {service.title!r}.", case_type=service.key, team=goes_to, seen_by=had)


def settled_as_seen(name: str, run: int | None, viewer: Viewer, services: Services) -> bool:
    """Return whether the item is settled, and as the person had it before their eyes: what they decide routes it anew.

    Raises:
        NotThere: no such item for this viewer.
    """
    with services.records.look() as session:
        item = seen_by(session, name, viewer)
        decision = decision_in_force(item)
        stands = item.state is not ItemState.EXCEPTION and decision is not None and decision.settled
        return stands and item.run == run


def reroute(
    name: str,
    viewer: Viewer,
    services: Services,
    *,
    reason: str,
    team: str | None = None,
    case_type: str | None = None,
    expected_run: int | None = None,
) -> Done:
    """Route a settled item to another team, or settle it as another type; a limited item stays limited.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not the viewer's to route, names no other place, or the item is not settled.
    """
    refuse_unless(bool(team or case_type), "Say where it goes: a team or a case type.")
    elsewhere = team_named(team, services).key if team is not None else None
    named = service_named(case_type, services) if case_type else None
    with acting(name, viewer, services, Task.SETTLE) as act:
        service = named or service_of(act.item, services)
        goes_to = elsewhere or service.team
        limited = service.limited or act.item.sensitivity is not Sensitivity.NORMAL
        sensitivity = Sensitivity.LIMITED if limited else Sensitivity.NORMAL
        if _stands_as(act, service.key, goes_to, sensitivity):
            return act.done(f"{{}} is with {services.catalogue.teams[goes_to].name} as {service.title!r} already.")
        act.refuse_if_changed(expected_run)
        refuse_while_read(act.item)
        refuse_unless(act.item.settled, f"{act.item.reference} is not settled; settle it instead.")
        _correct_route(act, service.key, goes_to, reason)
        opened_again = _opened_again(act.item)
        make_way(act, goes_to, "It was routed elsewhere; a new message takes its place.")
        decide_by_person(act, service, goes_to, sensitivity, reason)
        act.log("rerouted", case_type=service.key, team=goes_to)
        act.start("open_case")
        where = services.catalogue.teams[goes_to].name
        told = f"{{}} goes to {where} as {service.title!r}.{opened_again}"
        return act.done(told, case_type=service.key, team=goes_to)


def _opened_again(item: Item) -> str:
    """Return what a new route does to a closed case, which nobody may overlook; nothing where it is open."""
    if item.case is None or item.case.closed_at is None:
        return ""
    closed = day_in_words(item.case.closed_at, "en")
    return f" Its case, closed on {closed} as {item.case.outcome!r}, is open again: its clocks have run since receipt."


def mark_sensitive(name: str, viewer: Viewer, services: Services, *, reason: str) -> Done:
    """Make an item limited-access: from this commit only those named for it find, count or open it.

    The case system is told no more of it than its reference, what lies in a release folder is taken back, and `seen_by`
    of the result names who had it before.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not the viewer's to mark, or is still being read (and meanwhile limited in any event).
    """
    with acting(name, viewer, services, Task.MEND) as act:
        had = seen_before(act)
        if act.item.sensitivity is Sensitivity.LIMITED:
            return act.done("{} is limited-access already.", seen_by=had, released=None)
        refuse_while_read(act.item)
        act.correct("sensitivity", act.item.sensitivity, Sensitivity.LIMITED, reason)
        shield(act)
        take_back(act.session, act.item.id, "The item was marked as limited-access.")
        released = withdraw_files(act)
        for item_id in (act.item.id, *with_it(act.item)):
            custody.record(act.session, item_id, "marked_sensitive", actor=viewer.name, at=act.now, details={})
        act.go_over()
        return act.done("{} is limited-access now.", seen_by=had, released=released)


def retake(
    name: str, viewer: Viewer, services: Services, *, reason: str | None = None, expected_run: int | None = None
) -> Done:
    """Ask for a new scan: the item becomes an exception that is offered to nobody until the scan is joined to it.

    Its clocks run on, and it stands in the queue for all to see.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not the viewer's to ask, it is still being read, or its team has accepted it.
        Changed: it is not any more as the person had it before their eyes.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        if act.item.state is ItemState.EXCEPTION and act.item.cause == Cause.NEW_SCAN:
            return act.done("A new scan of {} is asked for already.")
        act.refuse_if_changed(expected_run)
        refuse_while_read(act.item)
        refuse_if_accepted(act)
        take_from_team(act)
        take_back(act.session, act.item.id, "A new scan was asked for.")
        act.give_to_the_post_room(Cause.NEW_SCAN, f"{_SCAN_AGAIN} {reason or ''}".strip())
        act.log("rescan_asked")
        return act.done("{} waits for a new scan.")


def refuse_if_accepted(act: Act) -> None:
    """Refuse what would take an item out of the hands of a team that works on it.

    Raises:
        Refused: the team has accepted it.
    """
    handoff = last_handoff(act.session, act.item.id)
    if handoff is not None and handoff.state == "accepted":
        team = act.services.catalogue.teams[handoff.team].name
        raise Refused(f"{team} has accepted {act.item.reference}. Ask them to return it first.")


def _stands_as(act: Act, case_type: str, team: str, sensitivity: Sensitivity) -> bool:
    decision = decision_in_force(act.item)
    if decision is None or not act.item.settled or act.item.state is ItemState.EXCEPTION:
        return False
    return (decision.case_type, decision.team, act.item.sensitivity) == (case_type, team, sensitivity)


def _refuse_unless_open(act: Act) -> None:
    item = act.item
    refuse_while_read(item)
    service = service_of(item, act.services)
    marked = item.sensitivity is Sensitivity.LIMITED and not service.limited
    if item.state is not ItemState.EXCEPTION and not marked:
        raise Refused(f"{item.reference} is settled as {service.title!r}. Route it elsewhere if that is wrong.")


def _correct_route(act: Act, case_type: str, team: str, reason: str) -> None:
    before = decision_in_force(act.item)
    if before is not None and before.case_type != case_type:
        act.correct("case_type", before.case_type, case_type, reason)
    if before is not None and before.team != team:
        act.correct("team", before.team, team, reason)
