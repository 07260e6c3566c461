"""Puts an item under legal hold, and lifts that: an auditor's act, with a reason, in the item's chain of custody.

Before: a court, the ombudsman or the council's lawyers want that nothing of a matter is destroyed. After: the hold is
on record, and every store that can holds the item's originals; nothing is destroyed before it is lifted.
"""

from __future__ import annotations

from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless
from mailroom.domain.access import Task, Viewer
from mailroom.journey.hold_in_store import settle_holds
from mailroom.records.locks import hold_in_force
from mailroom.records.tables import LegalHold
from mailroom.services import Services
from storage.errors import StorageError


def place_hold(name: str, viewer: Viewer, services: Services, *, reason: str) -> Done:
    """Put the item under hold.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to do, gives no reason, or it is under hold already.
    """
    refuse_unless(bool(reason.strip()), "Say why, by --reason.")
    with acting(name, viewer, services, Task.PROVE) as act:
        refuse_unless(hold_in_force(act.session, act.item.id) is None, f"{act.item.reference} is under hold already.")
        told = {"reason": reason.strip(), "placed_by": viewer.name, "placed_at": act.now}
        act.session.add(LegalHold(item_id=act.item.id, **told))
        act.log("legal_hold_placed")
    return _settled(act, "{} is under legal hold: nothing of it is destroyed before that is lifted.")


def lift_hold(name: str, viewer: Viewer, services: Services, *, reason: str) -> Done:
    """Lift the hold on the item.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to do, gives no reason, or it is not under hold.
    """
    refuse_unless(bool(reason.strip()), "Say why, by --reason.")
    with acting(name, viewer, services, Task.PROVE) as act:
        hold = hold_in_force(act.session, act.item.id)
        if hold is None:
            raise Refused(f"{act.item.reference} is not under hold.")
        hold.lifted_by, hold.lifted_at, hold.lifted_why = viewer.name, act.now, reason.strip()
        act.log("legal_hold_lifted")
    return _settled(act, "The legal hold on {} is lifted.")


def _settled(act: Act, sentence: str) -> Done:
    """Have the stores follow; one that is away follows by the clock."""
    try:
        settle_holds(act.services)
    except StorageError as fault:
        sentence += f" The store follows once it is there again: {fault}."
    return act.done(sentence)
