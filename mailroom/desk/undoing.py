"""Undoing a decision on an item: a slip of the finger, noticed a moment later.

Before: a person has settled an exception or routed an item, and its message is still held. After: it is an exception
again with what was suggested, its case and clocks run on, and no message goes out on the strength of the slip.
"""

from __future__ import annotations

from datetime import timedelta

from mailroom.desk.acting import Act, Done, acting, refuse_unless, refuse_while_read
from mailroom.desk.deciding import make_way
from mailroom.desk.post_room import refuse_if_accepted
from mailroom.domain.access import Task, Viewer
from mailroom.domain.decision import DecidedBy
from mailroom.domain.errors import Cause
from mailroom.domain.items import ItemState
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.documents import decision_in_force
from mailroom.services import Services

_OUT = frozenset({"sending", "sent", "printed"})
"""States of a message that cannot be taken back any more."""


def undo_decision(name: str, viewer: Viewer, services: Services) -> Done:
    """Make an item that a person has decided on an exception again, within the minutes in which messages are held.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to settle, no person has decided, it is too late, or its team has accepted it.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        if act.item.state is ItemState.EXCEPTION:
            return act.done("{} needs a person again.")
        refuse_while_read(act.item)
        _refuse_if_too_late(act)
        refuse_if_accepted(act)
        make_way(act, None, "The decision was taken back.")
        act.give_to_the_post_room(Cause.UNSURE, f"{viewer.name} took the decision back. Read it and choose.")
        act.log("decision_undone")
        return act.done("{} needs a person again.")


def _refuse_if_too_late(act: Act) -> None:
    decision = decision_in_force(act.item)
    by_person = decision is not None and decision.decided_by is DecidedBy.PERSON
    refuse_unless(by_person, f"No person has decided on {act.item.reference}. Route it elsewhere instead.")
    minutes = act.services.settings.acknowledge.undo_minutes
    late = decision is not None and act.now - decision.decided_at > timedelta(minutes=minutes)
    message = acknowledgement_of(act.session, act.item.id)
    gone = message is not None and message.state in _OUT
    sentence = f"It is too late to undo {act.item.reference}: route it elsewhere instead, and say why."
    refuse_unless(not (late or gone), sentence)
