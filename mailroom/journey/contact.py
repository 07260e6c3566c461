"""What a message points to and who wrote it, for the question whether it belongs to a case that there is already.

Before: `classify` has sorted the message as if it stood alone. After: `domain/contacts.py` says whether it does; what
belongs to a case is seen by its team once and goes on nobody's list of work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from mailroom.domain.acknowledging import leads_to_nobody
from mailroom.domain.contacts import Candidate, Person, Writer
from mailroom.domain.decision import Sensitivity
from mailroom.domain.items import ItemState
from mailroom.domain.references import references_in
from mailroom.domain.sla import local_date
from mailroom.journey import after
from mailroom.journey.came_back import note_came_back
from mailroom.journey.sender import answered_by_itself, our_addresses
from mailroom.journey.stage import Turn, closing, note
from mailroom.records.cases import note_due
from mailroom.records.contacts import Pointers, candidates, claimed_sender, contacts_of
from mailroom.records.documents import decision_in_force
from mailroom.records.handoffs import handoff_under_way, withdraw_handoff
from mailroom.records.items import pass_on, start_again
from mailroom.records.tables import Case, Item
from mailroom.services import Services

_MOST_TEXT = 100_000
"""Characters of a text that are looked through for references; a longer one is no letter about a case."""

_MOST_REFERENCES = 50

_NONE: Mapping[str, Any] = {}


def cases_for(session: Session, item: Item, services: Services) -> list[Candidate]:
    """Return the cases that the item may belong to.

    An address from which everybody may be written to us, as the contact centre's, makes nobody known.
    """
    found = candidates(session, item, _pointers(item))
    return [replace(one, addresses=frozenset(filter(_of_somebody(services), one.addresses))) for one in found]


def writer_of(item: Item, index: Iterable[Mapping[str, str]], services: Services) -> Writer:
    """Return who wrote the item.

    Args:
        item: with its documents.
        index: the index data of each of them, by name.
        services: the bundle.
    """
    proven = item.proven_sender
    address = (claimed_sender(_head(item)) if proven is None else proven) or None
    known = address if address and _of_somebody(services)(address) else None
    person = next(filter(None, map(_person, index)), None)
    return Writer(known, person, automatic=answered_by_itself(item) or proven == "")


def writer_on_record(item: Item, services: Services) -> Writer:
    """Return who wrote the item, by the index data that stands with it."""
    index = [{field.name: field.value for field in document.fields} for document in item.documents]
    return writer_of(item, index, services)


def add_contact(turn: Turn, services: Services) -> None:
    """Note that the item is a message in a case that there was before; a case that was put off comes back by it.

    What became of the case since the item was sorted holds for the item, too.
    """
    with closing(turn, services) as (item, session):
        now = services.now()
        item.captured_at = item.captured_at or now
        if item.case is not None:
            session.refresh(item.case, with_for_update=True)
            _go_with(session, item, item.case)
            bounced = _head(item).get("bounced")
            if bounced:
                note_came_back(session, bounced, item.case, services)
            if not needs_nobody(item, services):
                _wake(item.case, local_date(now))
            note_due(item.case)
            details = {"case": item.case.reference, "came_back": bool(bounced)}
            note(session, turn, "contact_added", services, details=details)
        pass_on(item, None if item.state is ItemState.EXCEPTION else after(turn.stage), now)


def bring_contacts_along(session: Session, case: Case, services: Services) -> None:
    """Let the messages in a case follow it: those that its team does not have yet are handed over anew."""
    for contact in contacts_of(case):
        contact.team = case.team if contact.settled else None
        is_through = contact.next_stage is None and contact.state is ItemState.CAPTURED
        there = handoff_under_way(session, contact.id, case.team) is not None
        if is_through and not there and not needs_nobody(contact, services):
            withdraw_handoff(session, contact.id, services.now())
            run = start_again(contact, "hand_over", services.now())
            services.queue.enqueue(session, contact.id, run)


def needs_nobody(item: Item, services: Services) -> bool:
    """Whether a message in a case is only kept with it: a machine answered by itself, and it asks nothing of us."""
    decision = decision_in_force(item)
    suggested = decision.suggestions[:1] if decision is not None and answered_by_itself(item) else ()
    return any(_asks_nothing(one, services) for one in suggested) and not _head(item).get("bounced")


def _asks_nothing(suggested: Mapping[str, Any], services: Services) -> bool:
    service = services.catalogue.services.get(suggested["case_type"])
    ends = service is not None and service.closes is not None and service.acknowledgement is None
    return ends and suggested["confidence"] >= services.catalogue.threshold(suggested["case_type"])


def _go_with(session: Session, item: Item, case: Case) -> None:
    host = session.get_one(Item, case.opened_for, populate_existing=True)
    item.team = case.team if item.settled and host.settled else None
    if host.sensitivity is not Sensitivity.NORMAL:
        item.sensitivity = Sensitivity.LIMITED


def _of_somebody(services: Services) -> Callable[[str], bool]:
    ours = our_addresses(services)
    return lambda address: not leads_to_nobody(address, ours)


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
        subject=references_in(head.get("subject", ""))[:_MOST_REFERENCES],
        text=references_in(text)[:_MOST_REFERENCES],
    )


def _head(item: Item) -> Mapping[str, Any]:
    return item.documents[0].headers if item.documents else _NONE


def _person(found: Mapping[str, str]) -> Person | None:
    name, postcode = found.get("sender_name"), found.get("sender_postcode")
    return Person(name, postcode) if name and postcode else None
