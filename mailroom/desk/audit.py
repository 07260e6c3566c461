"""Finding, opening and proving originals: what an auditor does, and whoever else may see an item.

Every look is an event in the item's chain of custody, with who and why. What the viewer may not see is answered as if
it were not there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.item_view import headline, view
from mailroom.domain.access import Standing, Viewer, may_see
from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.records import custody
from mailroom.records.items import find_item
from mailroom.records.search import find
from mailroom.records.tables import Item, Original
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


class NotThere(MailroomError):
    """There is no such item, or it is not this viewer's to see: the answer is the same."""


def find_items(query: str, viewer: Viewer, services: Services) -> list[dict[str, Any]]:
    """Return the headlines of what matches a reference, index data or words, newest first."""
    with services.records.look() as session:
        return [headline(item, services) for item in find(session, query, viewer)]


def show_item(name: str, viewer: Viewer, purpose: str, services: Services) -> dict[str, Any]:
    """Return everything on record about the item with this reference or id, and log the look.

    Raises:
        NotThere: no such item for this viewer.
    """
    with services.records.work() as session:
        item = seen_by(session, name, viewer)
        _log_look(session, item, "viewed", viewer, purpose, None, services)
        session.commit()
    with services.records.look() as session:
        return view(session, seen_by(session, item.id, viewer), viewer, services)


def fetch_original(
    name: str, target: Path, viewer: Viewer, purpose: str, services: Services, digest: str | None = None
) -> str:
    """Write the bytes as received, checked against their digest, and log it; returns the digest.

    Args:
        name: reference or id.
        target: where to write.
        viewer: who asks.
        purpose: why.
        services: the bundle.
        digest: SHA-256, or its beginning, of the one wanted where the item has several.

    Raises:
        NotThere: no such item for this viewer, or no original with that digest.
        CustodyBreach: what is kept is not what was received.
    """
    with services.records.work() as session:
        item = seen_by(session, name, viewer)
        original = _chosen(item.originals, digest)
        _log_look(session, item, "original_fetched", viewer, purpose, original.sha256, services)
        session.commit()
    try:
        services.vault.verified_copy(original.sha256, target, key=original.key)
    except VaultBreach as fault:
        raise CustodyBreach(f"{item.reference}: {fault}. Tell the administrator; do not rely on a copy.") from fault
    except StorageError as fault:
        raise MailroomError(f"{item.reference}: the store cannot be read now: {fault}") from fault
    return original.sha256


def seen_by(session: Session, name: str, viewer: Viewer) -> Item:
    """Return the item with this reference or id.

    Raises:
        NotThere: no such item for this viewer.
    """
    item = find_item(session, name)
    if item is None or not may_see(viewer, Standing(item.sensitivity, item.settled, item.team)):
        raise NotThere(f"There is no item {name!r} that you may see. Check the reference.")
    return item


def _chosen(originals: Sequence[Original], digest: str | None) -> Original:
    for original in originals:
        if digest is None or original.sha256.startswith(digest.lower()):
            return original
    raise NotThere(f"The item has no original whose digest begins with {digest}.")


def _log_look(
    session: Session, item: Item, kind: str, viewer: Viewer, purpose: str, original: str | None, services: Services
) -> None:
    custody.record(
        session,
        item.id,
        kind,
        actor=viewer.name,
        at=services.now(),
        original=original,
        details={"purpose": purpose},
    )
