"""Undoing a decision on an item: a slip of the finger, noticed a moment later.

Before: a person has settled an exception or routed an item, and its message is still held. After: it is an exception
again with what was suggested, its case is open and its clocks run as they did, from the receipt and to their old due
times, and no message goes out on the strength of the slip.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mailroom.desk.acting import Act, Done, acting, refuse_unless, refuse_while_read
from mailroom.desk.deciding import decide_again, make_way
from mailroom.desk.post_room import refuse_if_accepted
from mailroom.desk.telling import tell
from mailroom.domain.access import Task, Viewer
from mailroom.domain.catalogue import UNSORTED
from mailroom.domain.decision import DecidedBy, Sensitivity
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.domain.sla import MetBy
from mailroom.journey.clocks import clocks_of
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.case_changes import put_back
from mailroom.records.cases import meet
from mailroom.records.documents import decision_in_force
from mailroom.records.happenings import happened_since_decision
from mailroom.services import Services

_OUT = frozenset({"sending", "sent", "printed"})
"""States of a message that cannot be taken back any more."""


def undo_decision(name: str, viewer: Viewer, services: Services) -> Done:
    """Make an item that a person has decided on an exception again, within the minutes in which messages are held.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to settle, no person has decided, it is too late, its team has accepted it, or
            somebody else has changed it since the viewer decided.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        if act.item.state is ItemState.EXCEPTION:
            return act.done("{} needs a person again.")
        refuse_while_read(act.item)
        _refuse_if_too_late(act)
        refuse_if_accepted(act)
        _refuse_if_touched(act)
        make_way(act, None, "The decision was taken back.")
        _put_decision_back(act)
        act.give_to_the_post_room(Cause.UNSURE, f"{viewer.name} took the decision back. Read it and choose.")
        _put_clocks_back(act)
        act.log("decision_undone")
        return act.done("{} needs a person again.")


def undo_until(decided_at: datetime, services: Services) -> datetime:
    """Return until when a decision of then can be taken back, and its message is held."""
    return decided_at + undo_span(services)


def undo_span(services: Services) -> timedelta:
    """Return for how long a decision can be taken back."""
    return timedelta(minutes=services.settings.acknowledge.undo_minutes)


def _refuse_if_too_late(act: Act) -> None:
    decision = decision_in_force(act.item)
    by_person = decision is not None and decision.decided_by is DecidedBy.PERSON
    refuse_unless(by_person, f"No person has decided on {act.item.reference}. Route it elsewhere instead.")
    late = decision is not None and act.now > undo_until(decision.decided_at, act.services)
    _refuse_as_too_late(act, "the minutes for it are over", when=late)
    message = acknowledgement_of(act.session, act.item.id)
    _refuse_as_too_late(
        act, "the message to its sender has gone out", when=message is not None and message.state in _OUT
    )


def _refuse_as_too_late(act: Act, why: str, *, when: bool) -> None:
    sentence = f"It is too late to undo {act.item.reference}, {why}: route it elsewhere instead, and say why."
    refuse_unless(not when, sentence)


def _refuse_if_touched(act: Act) -> None:
    """Refuse where others have gone on from the viewer's decision: what they did would be taken back with it."""
    happened = happened_since_decision(act.session, act.item.id, act.viewer.name)
    others = [one for one in tell(happened, act.services) if one.who not in (None, act.viewer.name)]
    did = " ".join(map(str, others))
    refuse_unless(not others, f"{act.item.reference} has changed since you decided on it. {did} Look at it again.")


def _put_decision_back(act: Act) -> None:
    """Put what stood before people decided into force again, unsettled; what is limited-access by now stays so."""
    decisions = act.item.documents[0].decisions
    before = next((row for row in reversed(decisions) if row.decided_by is not DecidedBy.PERSON), None)
    if before is None:
        return
    limited = Sensitivity.LIMITED in (before.sensitivity, act.item.sensitivity)
    sensitivity = Sensitivity.LIMITED if limited else Sensitivity.NORMAL
    decide_again(act, before, sensitivity, settled=False)


def _put_clocks_back(act: Act) -> None:
    case, service = act.item.case, act.services.catalogue.services[UNSORTED]
    if case is None:
        return
    case.case_type = service.key
    put_back(case, clocks_of(act.session, act.item, service, act.services), act.now)
    meet(case, MetBy.CASE, case.opened_at, act.services.catalogue.clocks)
