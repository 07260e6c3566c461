"""Messages to senders as the post room handles them: taken back within the minutes of grace, or waiting as letters.

Before: `acknowledge` has planned the message, or a team has written a reply (`replying.py`). After: it is undone, or
`printing.py` prints the letter once its address is complete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from classifiers.postcodes import postcodes_of
from mailroom.desk.acting import Done, Refused, acting, refuse_unless, refuse_unless_theirs_to_do
from mailroom.desk.audit import seen_by
from mailroom.domain.access import Standing, Task, Viewer, may_see
from mailroom.records.acknowledgements import acknowledgement_of
from mailroom.records.documents import BY_A_PERSON, fields_of, index_of
from mailroom.records.outgoing import waiting_for_print
from mailroom.records.tables import Acknowledgement, Item, Reply
from mailroom.services import Services

ADDRESS_FIELDS = ("sender_name", "sender_address", "sender_postcode")
"""What an address is put together from."""
_MOST_STREET_LINES = 4  # with name and postcode six, which is what the window of an envelope shows


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

    `read_from_page` names those parts of the address that nobody typed, with how surely each was read; `not_by_mail`
    says why a letter goes where a mail was meant to; `maybe_gone` whether the sender may have had it before.

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
        rows = [(session.get_one(Item, row.item_id), row) for row in _waiting(session)]
        seen = [(item, row) for item, row in rows if may_see(viewer, _standing(item))]
        wanted = {seen_by(session, name, viewer).id for name in names}
        return [_line(item, row) for item, row in seen if not wanted or item.id in wanted]


def address_block(index: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of the address, or nothing where name, street or postcode is not known; pure.

    A postcode typed at the street's end is its own, whatever was read elsewhere. What the window of an envelope has no
    line for shares the first one.
    """
    name, street, postcode = (index.get(field, "") for field in ADDRESS_FIELDS)
    lines = [line.strip() for line in street.split(",") if line.strip()]
    if lines and (own := _postcode_alone(lines[-1])):
        lines, postcode = lines[:-1], own
    if not (name and lines and postcode):
        return ()
    surplus = max(0, len(lines) - _MOST_STREET_LINES)
    return (name, ", ".join(lines[: surplus + 1]), *lines[surplus + 1 :], postcode)


def _postcode_alone(line: str) -> str | None:
    return next((code.value for code in postcodes_of(line) if (code.start, code.end) == (0, len(line))), None)


def _standing(item: Item) -> Standing:
    return Standing(item.sensitivity, item.settled, item.team)


def _waiting(session: Session) -> list[Acknowledgement | Reply]:
    rows: list[Acknowledgement | Reply] = [*waiting_for_print(session, Acknowledgement)]
    rows += waiting_for_print(session, Reply)
    return sorted(rows, key=lambda row: row.not_before)


def _line(item: Item, row: Acknowledgement | Reply) -> dict[str, Any]:
    block = address_block(index_of(item))
    return {
        "item": item.id,
        "reference": item.reference,
        "reply": row.number if isinstance(row, Reply) else None,
        "subject": row.subject,
        "address": list(block),
        "read_from_page": _read_from_page(item) or None,
        "confidence": _confidence(item) if block else None,
        "not_by_mail": row.reason,
        "maybe_gone": is_in_doubt(row),
        "problem": None if block else incomplete(item),
    }


def _read_from_page(item: Item) -> dict[str, float]:
    fields = fields_of(item)
    parts = (fields[name] for name in ADDRESS_FIELDS if name in fields)
    return {part.name: part.confidence for part in parts if part.source != BY_A_PERSON}


def is_read(item: Item) -> bool:
    """Return whether the street that a letter would go to was read from a page and not typed by a person."""
    street = fields_of(item).get("sender_address")
    return street is not None and street.source != BY_A_PERSON


def is_in_doubt(row: Acknowledgement | Reply) -> bool:
    """Return whether a letter that waits may have reached its sender before, from a mailroom that was lost for one."""
    return row.state == "to_print" and row.maybe_twice


def maybe_gone(item: Item) -> str:
    """Return the sentence for a letter that may have gone out before, by the post or as a mail."""
    return (
        f"The letter of {item.reference} may have reached its sender before, printed or as a mail, and what came of it "
        "is not on record. Ask the post room, then print it by its reference, or take it back."
    )


def unseen(item: Item) -> str:
    """Return the sentence for a letter whose street nobody has looked at."""
    return (
        f"The address of {item.reference} was read from its page. Compare it with the letter (`mailroom letters "
        f"{item.reference}`), then print it by its reference, or correct sender_address first."
    )


def _confidence(item: Item) -> float:
    """Return how surely the least sure part of the address is known; what a person typed is sure."""
    return min(_read_from_page(item).values(), default=1.0)


def incomplete(item: Item) -> str:
    """Return the sentence for an item whose letter has nowhere to go."""
    return (
        f"The postal address of {item.reference} is not complete: put in sender_name, sender_address (lines parted by "
        "commas) and sender_postcode."
    )
