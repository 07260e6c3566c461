"""What a message points to and who wrote it, for the question whether it belongs to a case that there is already.

Before: `classify` has sorted the message as if it stood alone. After: `domain/contacts.py` says whether it does; what
belongs to a case is seen by its team once and goes on nobody's list of work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from mailroom.domain.contacts import Candidate, Person, Writer
from mailroom.domain.items import ItemState
from mailroom.domain.references import references_in
from mailroom.domain.sla import local_date
from mailroom.journey import after
from mailroom.journey.came_back import note_came_back
from mailroom.journey.sender import came_from_a_machine
from mailroom.journey.stage import Turn, closing, note
from mailroom.records.cases import note_due
from mailroom.records.contacts import Pointers, candidates, claimed_sender, contacts_of
from mailroom.records.handoffs import last_handoff, put_handoff
from mailroom.records.items import pass_on
from mailroom.records.tables import Case, Item
from mailroom.services import Services

_MOST_TEXT = 100_000
"""Characters of a text that are looked through for references; a longer one is no letter about a case."""

_NONE: Mapping[str, Any] = {}


def cases_for(session: Session, item: Item) -> list[Candidate]:
    """Return the cases that the item may belong to."""
    return candidates(session, item, _pointers(item))


def writer_of(item: Item, index: Iterable[Mapping[str, str]]) -> Writer:
    """Return who wrote the item.

    Args:
        item: with its documents.
        index: the index data of each of them, by name.
    """
    proven = item.proven_sender
    address = claimed_sender(_head(item)) if proven is None else proven
    return Writer(address, next(filter(None, map(_person, index)), None), came_from_a_machine(item) or proven == "")


def writer_on_record(item: Item) -> Writer:
    """Return who wrote the item, by the index data that stands with it."""
    return writer_of(item, [{field.name: field.value for field in document.fields} for document in item.documents])


def add_contact(turn: Turn, services: Services) -> None:
    """Note that the item is a message in a case that there was before; a case that was put off comes back by it."""
    with closing(turn, services) as (item, session):
        now = services.now()
        item.captured_at = item.captured_at or now
        if item.case is not None:
            _wake(item.case, local_date(now))
            bounced = _head(item).get("bounced")
            if bounced:
                note_came_back(session, bounced, item.case, services)
            note_due(item.case)
            details = {"case": item.case.reference, "came_back": bool(bounced)}
            note(session, turn, "contact_added", services, details=details)
        pass_on(item, None if item.state is ItemState.EXCEPTION else after(turn.stage), now)


def bring_contacts_along(session: Session, case: Case, services: Services) -> None:
    """Let the messages in a case follow it to its team; what nobody has seen yet is offered there."""
    for contact in contacts_of(case):
        contact.team = case.team if contact.settled else None
        last = last_handoff(session, contact.id)
        seen = last is not None and last.state == "accepted"
        if not seen and case.team != services.catalogue.post_room and not needs_nobody(contact):
            put_handoff(session, contact.id, case.team, None, services.now())


def needs_nobody(item: Item) -> bool:
    """Whether a message in a case is only kept with it: a machine's, unless it says that ours did not arrive."""
    return came_from_a_machine(item) and not _head(item).get("bounced")


def _wake(case: Case, today: date) -> None:
    if case.brought_forward_to is not None:
        case.brought_forward_to = min(case.brought_forward_to, today)


def _pointers(item: Item) -> Pointers:
    head = _head(item)
    text = "\n".join(document.text or "" for document in item.documents)[:_MOST_TEXT]
    reported = head.get("bounced") or {}
    return Pointers(
        reported=reported.get("message_id"),
        answered=head.get("answers", ()),
        subject=references_in(head.get("subject", "")),
        text=references_in(text),
    )


def _head(item: Item) -> Mapping[str, Any]:
    return item.documents[0].headers if item.documents else _NONE


def _person(found: Mapping[str, str]) -> Person | None:
    name, postcode = found.get("sender_name"), found.get("sender_postcode")
    return Person(name, postcode) if name and postcode else None
