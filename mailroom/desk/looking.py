"""Looks at an item from a page: each is an event in its chain of custody, once for an opening and not for each picture.

An opening lasts as long as somebody may be idle: whoever opens the page again, or fetches one of its pictures, after
that has looked anew. What a bench loads ahead is put down as that alone, and as a look before it is shown. An original
that is fetched (`audit.py`) is an event of its own each time.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from mailroom.desk.audit import AT_WORK, purpose_of, seen_by
from mailroom.desk.queues import idle_before
from mailroom.domain.access import Viewer
from mailroom.domain.purpose import Purpose
from mailroom.records import custody
from mailroom.records.looks import AHEAD, VIEWED, last_opened
from mailroom.records.tables import Item
from mailroom.services import Services

WORK = "post room"
"""The purpose that stands in the chain of custody where somebody opens an item to work on it."""


def note_look(session: Session, item: Item, viewer: Viewer, purpose: str, services: Services) -> None:
    """Write down that this viewer has opened the item, unless that opening stands already; in the caller's unit.

    Raises:
        PurposeNeeded: it is an auditor's look, and they have not said what for.
    """
    why = _purpose(session, item, viewer, purpose, services)
    if not is_open(session, item.id, viewer, services):
        details = {"purpose": why}
        custody.record(session, item.id, VIEWED, actor=viewer.name, at=services.now(), details=details)


def note_ahead(session: Session, item: Item, viewer: Viewer, services: Services) -> None:
    """Write down that the item was sent to this viewer's screen without being shown; in the caller's unit."""
    custody.record(session, item.id, AHEAD, actor=viewer.name, at=services.now(), details={})


def ensure_look(item_id: str, viewer: Viewer, purpose: str, services: Services, *, ahead: bool = False) -> None:
    """Write the look down where none stands: somebody kept an address and fetches what belongs to a page.

    Args:
        item_id: id.
        viewer: who fetches.
        purpose: what for.
        services: the bundle.
        ahead: whether it belongs to a page that is not shown yet; it is a look all the same where none was loaded.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: it is an auditor's look, and they have not said what for.
    """
    with services.records.look() as session:
        _purpose(session, seen_by(session, item_id, viewer), viewer, purpose, services)
        if is_open(session, item_id, viewer, services) or (ahead and _is_ahead(session, item_id, viewer, services)):
            return
    with services.records.work() as session:
        note_look(session, seen_by(session, item_id, viewer, lock=True), viewer, purpose, services)
        session.commit()


def _purpose(session: Session, item: Item, viewer: Viewer, given: str, services: Services) -> str:
    """Return what they look for: what is given with the look itself, or what an auditor has said before."""
    if given in list(Purpose):
        return given
    said = purpose_of(session, item, viewer, services)
    return given if said == AT_WORK else said


def is_open(session: Session, item_id: str, viewer: Viewer, services: Services) -> bool:
    """Return whether this viewer's last opening of the item still lasts."""
    last = last_opened(session, item_id, viewer.name)
    return last is not None and last > idle_before(services)


def _is_ahead(session: Session, item_id: str, viewer: Viewer, services: Services) -> bool:
    last = last_opened(session, item_id, viewer.name, AHEAD)
    return last is not None and last > idle_before(services)
