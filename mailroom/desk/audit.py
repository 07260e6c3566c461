"""Opening and fetching items: what an auditor does, and whoever else may see an item.

Every look is an event in the item's chain of custody, with who and why; an auditor is shown nothing of an item before
the purpose is on record (`domain/purpose.py`). What the viewer may not see is answered as if it were not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from mailroom.desk.item_view import view
from mailroom.domain.access import Standing, Task, Viewer, may_do, may_see
from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.domain.purpose import Purpose, lasts, needs_purpose
from mailroom.domain.quarantine import refuse_quarantined
from mailroom.records import custody
from mailroom.records.items import find_item
from mailroom.records.looks import FETCHED, VIEWED, last_look
from mailroom.records.tables import Item, Original
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach

AT_WORK = "work"
"""What is put down as the purpose of whoever works on the item."""


class NotThere(MailroomError):
    """There is no such item, or it is not this viewer's to see: the answer is the same."""


class PurposeNeeded(MailroomError):
    """The viewer may see the item and has not said what for; nothing of it is shown before that.

    Args:
        item: its row; the id is kept, so that whoever answers can lead to where the purpose is asked for.
    """

    def __init__(self, item: Item) -> None:
        super().__init__(f"Say first what you open {item.reference} for.")
        self.item = item.id


@dataclass(frozen=True, slots=True)
class Opened:
    """An original that was checked, ready to be sent on; whoever has it closes the stream.

    Attributes:
        reference: of the item.
        stream: the very bytes that were checked, from their start.
        sha256: their digest.
        size: bytes.
        file_name: the sender's name for it: data for people, never a path.
    """

    reference: str
    stream: IO[bytes]
    sha256: str
    size: int
    file_name: str


def show_item(name: str, viewer: Viewer, purpose: str | None, services: Services) -> dict[str, Any]:
    """Return everything on record about the item with this reference or id, and log the look.

    Args:
        name: reference or id.
        viewer: who asks.
        purpose: why; None for the purpose that is in force for this sitting, or the viewer's work.
        services: the bundle.

    Raises:
        NotThere: no such item for this viewer.
        PurposeNeeded: an auditor has not said what for.
    """
    with services.records.work() as session:
        item = seen_by(session, name, viewer, lock=True)
        log_look(session, item, VIEWED, viewer, purpose, services)
        session.commit()
    with services.records.look() as session:
        return view(session, seen_by(session, item.id, viewer), viewer, services)


def fetch_original(
    name: str,
    target: Path,
    viewer: Viewer,
    purpose: str | None,
    services: Services,
    digest: str | None = None,
    *,
    held_back: bool = False,
) -> str:
    """Write the bytes as received, checked against their digest, and log it; returns the digest.

    Args:
        name: reference or id.
        target: where to write.
        viewer: who asks.
        purpose: why; None for the purpose that is in force for this sitting, or the viewer's work.
        services: the bundle.
        digest: SHA-256, or its beginning, of the one wanted where the item has several.
        held_back: whether they know that it may do harm, and want it.

    Raises:
        NotThere: no such item for this viewer, or no original with that digest.
        NeedsPerson: it is in quarantine, and unsealing it is not theirs to do, or they have not said that they know.
        PurposeNeeded: an auditor has not said what for.
        CustodyBreach: what is kept is not what was received.
    """
    item, original = _log_fetch(name, viewer, purpose, services, digest, held_back=held_back)
    try:
        services.vault.verified_copy(original.sha256, target, key=original.key)
    except (VaultBreach, StorageError) as fault:
        raise _as_people_hear(item, fault) from fault
    return original.sha256


def open_original(name: str, viewer: Viewer, services: Services, digest: str | None = None) -> Opened:
    """Return the bytes as received, checked against their digest, and log it.

    Args:
        name: reference or id.
        viewer: who asks, for the purpose that is in force, or at their work.
        services: the bundle.
        digest: SHA-256, or its beginning, of the one wanted where the item has several.

    Raises:
        NotThere: no such item for this viewer, or no original with that digest.
        NeedsPerson: it is in quarantine, and unsealing it is not theirs to do.
        PurposeNeeded: an auditor has not said what for.
        CustodyBreach: what is kept is not what was received.
    """
    item, original = _log_fetch(name, viewer, None, services, digest, held_back=True)  # the page has warned of it
    try:
        stream = services.vault.open(original.sha256, original.key)
    except (VaultBreach, StorageError) as fault:
        raise _as_people_hear(item, fault) from fault
    return Opened(item.reference, stream, original.sha256, original.size, original.file_name)


def seen_by(session: Session, name: str, viewer: Viewer, *, lock: bool = False) -> Item:
    """Return the item with this reference or id.

    Args:
        session: the unit of work.
        name: reference or id.
        viewer: who asks.
        lock: whether its row is to stay as it is until the end of the unit of work. Whoever writes about an item
            locks it: where many may write at once (PostgreSQL), what was read would be old by the time of writing.

    Raises:
        NotThere: no such item for this viewer.
    """
    item = find_item(session, name)
    if item is not None and lock:
        session.refresh(item, with_for_update=True)
    if item is None or not may_see(viewer, standing_of(item)):
        raise NotThere(f"There is no item {name!r} that you may see. Check the reference.")
    return item


def standing_of(item: Item) -> Standing:
    """Return what access to the item depends on."""
    return Standing(item.sensitivity, item.settled, item.team)


def purpose_of(session: Session, item: Item, viewer: Viewer, services: Services) -> str:
    """Return the purpose for which the viewer looks at the item now.

    Raises:
        PurposeNeeded: an auditor has not said what for.
    """
    purpose = purpose_in_force(session, item, viewer, services)
    if purpose is None:
        raise PurposeNeeded(item)
    return purpose


def purpose_in_force(session: Session, item: Item, viewer: Viewer, services: Services) -> str | None:
    """Return the purpose for which the viewer looks at the item now; None where they must say it first."""
    if not needs_purpose(viewer, standing_of(item)):
        return AT_WORK
    at, purpose = last_look(session, item.id, viewer.name) or (None, None)
    return purpose if at is not None and lasts(at, services.now()) and purpose in list(Purpose) else None


def log_look(
    session: Session,
    item: Item,
    kind: str,
    viewer: Viewer,
    purpose: str | None,
    services: Services,
    original: Original | None = None,
) -> None:
    """Put down who looks and what for, in the caller's unit of work, before anything is shown.

    Raises:
        PurposeNeeded: none is given and none is in force.
    """
    why = purpose or purpose_of(session, item, viewer, services)
    sha256, held_back = (original.sha256, original.quarantined) if original else (None, None)
    details = {"purpose": why} | ({"held_back": held_back} if held_back else {})
    custody.record(session, item.id, kind, actor=viewer.name, at=services.now(), original=sha256, details=details)


def _log_fetch(
    name: str, viewer: Viewer, purpose: str | None, services: Services, digest: str | None, *, held_back: bool
) -> tuple[Item, Original]:
    with services.records.work() as session:
        item = seen_by(session, name, viewer, lock=True)
        original = _chosen(item.originals, digest)
        if not (held_back and may_do(viewer, Task.UNSEAL)):
            refuse_quarantined(original.quarantined)
        log_look(session, item, FETCHED, viewer, purpose, services, original)
        session.commit()
        return item, original


def _chosen(originals: Sequence[Original], digest: str | None) -> Original:
    for original in originals:
        if digest is None or original.sha256.startswith(digest.lower()):
            return original
    raise NotThere(f"The item has no original whose digest begins with {digest}.")


def _as_people_hear(item: Item, fault: VaultBreach | StorageError) -> MailroomError:
    if isinstance(fault, VaultBreach):
        return CustodyBreach(f"{item.reference}: {fault}. Tell the administrator; do not rely on a copy.")
    return MailroomError(f"{item.reference}: the store cannot be read now: {fault}")
