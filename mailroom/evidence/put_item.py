"""Puts the files of an item and of a case into the bundle: each original is checked as it is read, none is held whole.

Before: `asked.py` has let the item through. After: its folder holds originals, renditions and index data, and the
certificate can list what was checked.
"""

from __future__ import annotations

from collections.abc import Sequence

from mailroom.desk.audit import seen_by
from mailroom.domain.access import Viewer
from mailroom.domain.errors import CustodyBreach, MailroomError
from mailroom.evidence.archive import Archive
from mailroom.evidence.certified import Certified
from mailroom.evidence.item_data import case_data, index_data, original_name, rendition_name
from mailroom.records.evidence import renditions_of
from mailroom.records.tables import Item, Original, Rendition
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


def put_item(archive: Archive, item_id: str, viewer: Viewer, services: Services) -> list[Certified]:
    """Put an item's files into the bundle; returns what the certificate says of each original.

    Raises:
        NotThere: it is not this viewer's to see any more.
        CustodyBreach: what is kept is not what was received.
        MailroomError: the store cannot be read now.
    """
    with services.records.look() as session:
        item = seen_by(session, item_id, viewer)
        originals, renditions = list(item.originals), renditions_of(session, item.id)
        index = index_data(session, item, renditions, viewer, services)
    folder = f"items/{item.reference}"
    archive.put_json(f"{folder}/index.json", index)
    certified = []
    for number, original in enumerate(originals, start=1):
        name = f"{folder}/{original_name(item, number, original)}"
        _put_checked(archive, name, item, original, services)
        certified.append(_certified(name, original))
    for number, rendition in enumerate(renditions, start=1):
        _put_checked(archive, f"{folder}/{rendition_name(number, rendition)}", item, rendition, services)
    return certified


def put_cases(archive: Archive, item_ids: Sequence[str], viewer: Viewer, services: Services) -> list[str]:
    """Put the cases of these items into the bundle, each once; returns their references."""
    found: dict[str, str] = {}
    for item_id in item_ids:
        with services.records.look() as session:
            case = seen_by(session, item_id, viewer).case
            if case is not None and case.id not in found:
                found[case.id] = case.reference
                archive.put_json(f"cases/{case.reference}.json", case_data(session, case, viewer))
    return sorted(found.values())


def _put_checked(archive: Archive, name: str, item: Item, kept: Original | Rendition, services: Services) -> None:
    try:
        with services.vault.open(kept.sha256, kept.key) as stream:
            archive.put(name, stream, kept.size)
    except VaultBreach as fault:
        raise CustodyBreach(f"{item.reference}: {fault}. Tell the administrator; do not rely on a copy.") from fault
    except StorageError as fault:
        raise MailroomError(f"{item.reference}: the store cannot be read now: {fault}") from fault


def _certified(name: str, original: Original) -> Certified:
    notes = []
    if original.first_page:
        one = original.first_page == original.last_page
        pages = f"page {original.first_page}" if one else f"pages {original.first_page} to {original.last_page}"
        notes.append(f"{pages} of a batch, copied out unchanged")
    elif original.extract_of:
        notes.append("taken out of the message it came in")
    if original.quarantined:
        notes.append(f"held back by the malware scanner ({original.quarantined}): it may do harm")
    called = "".join(one for one in original.file_name if one.isprintable())
    return Certified(name, original.sha256, original.size, called, "; ".join(notes))
