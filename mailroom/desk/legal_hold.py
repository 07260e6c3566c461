"""Puts an item under legal hold, and lifts that: an auditor's act, with a reason, in the item's chain of custody.

Before: a court, the ombudsman or the council's lawyers want that nothing of a matter is destroyed. After: the hold is
on record, and every store that can holds the item's originals; nothing is destroyed before it is lifted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from mailroom.desk.acting import Act, Done, Refused, acting, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.history import names_of_people
from mailroom.desk.item_view import title_of
from mailroom.domain.access import Task, Viewer
from mailroom.journey.hold_in_store import settle_holds_on
from mailroom.records.holds import LIFTED, PLACED, hold_in_force, holds_in_force
from mailroom.records.tables import LegalHold
from mailroom.services import Services
from storage.errors import StorageError

MOST = 500
"""So many holds are listed, the newest."""

_NO_REASON = "Say why; it stays with the hold."


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold in force: who put it on, when and why."""

    who: str
    since: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Held:
    """An item under hold, as a list shows it; `what` is None while nobody knows."""

    item: str
    reference: str
    received_at: datetime
    what: str | None
    hold: Hold


def place_hold(name: str, viewer: Viewer, services: Services, *, reason: str) -> Done:
    """Put the item under hold.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to do, gives no reason, or it is under hold already.
    """
    refuse_unless(bool(reason.strip()), _NO_REASON)
    with acting(name, viewer, services, Task.PROVE) as act:
        refuse_unless(hold_in_force(act.session, act.item.id) is None, f"{act.item.reference} is under hold already.")
        told = {"reason": reason.strip(), "placed_by": viewer.name, "placed_at": act.now}
        act.session.add(LegalHold(item_id=act.item.id, **told))
        act.log(PLACED)
    return _settled(act, "{} is under legal hold: nothing of it is destroyed before that is lifted.")


def lift_hold(name: str, viewer: Viewer, services: Services, *, reason: str) -> Done:
    """Lift the hold on the item.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to do, gives no reason, or it is not under hold.
    """
    refuse_unless(bool(reason.strip()), _NO_REASON)
    with acting(name, viewer, services, Task.PROVE) as act:
        hold = hold_in_force(act.session, act.item.id)
        if hold is None:
            raise Refused(f"{act.item.reference} is not under hold.")
        hold.lifted_by, hold.lifted_at, hold.lifted_why = viewer.name, act.now, reason.strip()
        act.log(LIFTED)
    return _settled(act, "The legal hold on {} is lifted.")


def hold_on(session: Session, item_id: str) -> Hold | None:
    """Return the hold that an item is under, or None."""
    row = hold_in_force(session, item_id)
    return _told(row, names_of_people(session)) if row else None


def all_held(viewer: Viewer, services: Services) -> Sequence[Held]:
    """Return the items under hold that the viewer may see, what was put under it last at the beginning.

    Raises:
        Refused: it is not theirs to prove.
    """
    refuse_unless_theirs_to_do(viewer, Task.PROVE)
    with services.records.look() as session:
        names = names_of_people(session)
        return [
            Held(
                item.id,
                item.reference,
                item.received_at,
                title_of(item.case.case_type, services) if item.case else None,
                _told(hold, names),
            )
            for hold, item in holds_in_force(session, viewer, MOST)
        ]


def _told(row: LegalHold, names: Mapping[str, str]) -> Hold:
    return Hold(names.get(row.placed_by, row.placed_by), row.placed_at, row.reason)


def _settled(act: Act, sentence: str) -> Done:
    """Have the stores follow; one that is away follows by the clock."""
    try:
        settle_holds_on(act.item.id, act.services)
    except StorageError as fault:
        sentence += f" The store follows once it is there again: {fault}."
    return act.done(sentence)
