"""The index data of an item and of a case in a bundle, and how its files are named: by us, never by the sender.

Before: `asked.py` has let the item through. After: `index.json` and the case's file say all that is on record, and
each original and rendition lies under a name made of reference and digest; what the sender called it is data.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.audit import standing_of
from mailroom.desk.item_view import view
from mailroom.domain.access import Viewer, may_see
from mailroom.records.evidence import corrections_of, decisions_of, handoffs_of, messages_of, notes_of
from mailroom.records.renditions import suffix_of
from mailroom.records.tables import Base, Case, Item, Original, Rendition, columns_of
from mailroom.services import Services

_SHOWN_ELSEWHERE = ("custody", "originals", "renditions", "acknowledgement", "handoff")
_NOT_THE_OTHER_SIDE_S = ("legal_hold",)  # why it is held is between the council and its lawyers


def index_data(
    session: Session, item: Item, renditions: Sequence[Rendition], viewer: Viewer, services: Services
) -> dict[str, Any]:
    """Return everything on record about the item but its events, which `custody.json` has."""
    shown = view(session, item, viewer, services)
    return {
        **{key: value for key, value in shown.items() if key not in (*_SHOWN_ELSEWHERE, *_NOT_THE_OTHER_SIDE_S)},
        "taken_at": item.taken_at.isoformat(),
        "originals": [_original(item, number, one) for number, one in enumerate(item.originals, start=1)],
        "renditions": [_rendition(number, one) for number, one in enumerate(renditions, start=1)],
        "decisions": [_row(one) for one in decisions_of(session, item.id)],
        "corrections": [_row(one) for one in corrections_of(session, item.id)],
        "handoffs": [_row(one) for one in handoffs_of(session, item.id)],
        "messages": [_row(one) for one in messages_of(session, item.id)],
    }


def case_data(session: Session, case: Case, viewer: Viewer) -> dict[str, Any]:
    """Return everything on record about the case; of its items those that the viewer may see."""
    items = [one for one in case.items if may_see(viewer, standing_of(one))]
    return {
        **_row(case),
        "items": sorted(one.reference for one in items),
        "clocks": [_row(one) for one in case.clocks],
        "notes": [_row(one) for one in notes_of(session, case.id)],
    }


def original_name(item: Item, number: int, original: Original) -> str:
    """Return the path of an original within its item's folder; what may do harm gets no ending that opens it."""
    ending = ".bin" if original.quarantined else suffix_of(original.media_type)
    return f"originals/{item.reference}-{number}-{original.sha256[:16]}{ending}"


def rendition_name(number: int, rendition: Rendition) -> str:
    """Return the path of a rendition within its item's folder."""
    return f"renditions/{number:04}-{rendition.kind}-{rendition.sha256[:16]}{suffix_of(rendition.media_type)}"


def _original(item: Item, number: int, original: Original) -> dict[str, Any]:
    return {
        "file": original_name(item, number, original),
        "sha256": original.sha256,
        "size": original.size,
        "media_type": original.media_type,
        "given_name": original.file_name,
        "stored_at": original.stored_at.isoformat(),
        "extract_of": original.extract_of,
        "pages": [original.first_page, original.last_page] if original.first_page else None,
        "held_back": original.quarantined,
    }


def _rendition(number: int, rendition: Rendition) -> dict[str, Any]:
    return {
        "file": rendition_name(number, rendition),
        "sha256": rendition.sha256,
        "size": rendition.size,
        "media_type": rendition.media_type,
        "kind": rendition.kind,
        "page": rendition.page,
        "made_from": rendition.parent_sha256,
        "made_by": rendition.made_by,
        "made_at": rendition.made_at.isoformat(),
    }


def _row(row: Base) -> dict[str, Any]:
    """Return a row as JSON can hold it."""
    return {
        name: value.isoformat() if isinstance(value, datetime | date) else value
        for name, value in columns_of(row).items()
    }
