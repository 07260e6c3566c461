"""Acknowledgements as people handle them: taken back within the minutes of grace, or waiting as letters.

Before: `acknowledge` has planned the message. After: it is undone, or `printing.py` prints the letter once its address
is complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mailroom.desk.acting import Done, Refused, acting, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import seen_by
from mailroom.domain.access import Standing, Task, Viewer, may_see
from mailroom.records.acknowledgements import acknowledgement_of, waiting_for_print
from mailroom.records.documents import index_of
from mailroom.records.tables import Acknowledgement, Item
from mailroom.services import Services

_ADDRESS = ("sender_name", "sender_address", "sender_postcode")


def undo_acknowledgement(name: str, viewer: Viewer, services: Services) -> Done:
    """Take back a message that is still held; its clock runs on.

    Raises:
        NotThere: no such item for this viewer.
        Refused: it is not theirs to take back, there is none, or it has gone out.
    """
    with acting(name, viewer, services, Task.SETTLE) as act:
        row = acknowledgement_of(act.session, act.item.id)
        if row is None or row.state in ("withheld", "failed", "replaced"):
            raise Refused(f"No message goes out for {act.item.reference}.")
        if row.state == "undone":
            return act.done("The message of {} was taken back before.")
        gone = f"The message of {act.item.reference} is on its way or has gone; it cannot be taken back."
        refuse_unless(row.state in ("held", "to_print"), gone)
        row.state, row.reason = "undone", f"Taken back by {viewer.name}."
        act.log("acknowledgement_undone", way=row.way)
        return act.done("The message of {} is taken back.")


def letters_to_print(viewer: Viewer, services: Services, names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the letters that wait for a person's word, with the address or what is missing in it.

    Args:
        viewer: who asks.
        services: the bundle.
        names: references or ids of the items whose letters are meant; all where none is named.

    Raises:
        NotThere: one of them is no item for this viewer.
        Refused: the viewer does not print letters.
    """
    refuse_unless_theirs_to_do(viewer, Task.SETTLE)
    with services.records.look() as session:
        rows = [(session.get_one(Item, row.item_id), row) for row in waiting_for_print(session)]
        seen = [(item, row) for item, row in rows if may_see(viewer, _standing(item))]
        wanted = {seen_by(session, name, viewer).id for name in names}
        return [_line(item, row) for item, row in seen if not wanted or item.id in wanted]


def address_block(index: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of the address, or nothing where name, street or postcode is not known; pure."""
    parts = [index.get(name, "") for name in _ADDRESS]
    if not all(parts):
        return ()
    name, street, postcode = parts
    return (name, *(line.strip() for line in street.split(",") if line.strip()), postcode)


def _standing(item: Item) -> Standing:
    return Standing(item.sensitivity, item.settled, item.team)


def _line(item: Item, row: Acknowledgement) -> dict[str, Any]:
    block = address_block(index_of(item))
    return {
        "item": item.id,
        "reference": item.reference,
        "subject": row.subject,
        "address": list(block),
        "confidence": _confidence(item) if block else None,
        "problem": None if block else incomplete(item),
    }


def _confidence(item: Item) -> float:
    """Return how surely the least sure part of the address was read."""
    told = {field.name: field.confidence for document in reversed(item.documents) for field in document.fields}
    return min(told.get(name, 0.0) for name in _ADDRESS)


def incomplete(item: Item) -> str:
    """Return the sentence for an item whose letter has nowhere to go."""
    return (
        f"The postal address of {item.reference} is not complete: put in sender_name, sender_address (lines parted by "
        "commas) and sender_postcode."
    )
