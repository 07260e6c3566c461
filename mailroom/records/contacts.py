"""Cases that a message points to, with what they know of the people in them; and the messages added to a case.

Before: `classify` has read what the message quotes and answers. After: `domain/contacts.py` decides whether it belongs
to one of these cases. Everything is asked by indexed columns, and for no more cases than a letter can be about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from mailroom.domain.contacts import Candidate, Person, Sign
from mailroom.domain.decision import DecidedBy, Sensitivity
from mailroom.records.case_changes import replace
from mailroom.records.cases import MOVED, note_due
from mailroom.records.documents import decision_in_force
from mailroom.records.handoffs import withdraw_handoff
from mailroom.records.session import may_lock
from mailroom.records.tables import NEVER, Acknowledgement, Case, Document, FieldRow, Item, Reply

_MOST = 10
"""Cases that are looked at, those with the strongest signs first."""


@dataclass(frozen=True, slots=True)
class Pointers:
    """What a message quotes and answers.

    Attributes:
        reported: Message-ID of the mail that a delivery report is about, or None.
        answered: Message-IDs of what it answers.
        subject: references in its subject.
        text: references in its text.
    """

    reported: str | None = None
    answered: Sequence[str] = ()
    subject: Sequence[str] = ()
    text: Sequence[str] = ()


def candidates(session: Session, item: Item, pointers: Pointers) -> list[Candidate]:
    """Return the cases that the message points to, its own left out, those with the strongest signs first.

    For a writer their rows are locked where the database locks rows: what is judged stands until the unit of work ends.
    """
    signs: dict[str, set[Sign]] = {}
    for sign, case_ids in _pointed_to(session, item, pointers):
        for case_id in case_ids:
            signs.setdefault(case_id, set()).add(sign)
    known = dict(list(signs.items())[: _MOST + 1])
    query = select(Case).where(Case.id.in_(known), Case.opened_for != item.id).order_by(Case.id)
    query = query.with_for_update() if may_lock(session) else query
    cases = {case.id: case for case in session.scalars(query.execution_options(populate_existing=True))}
    return [_candidate(session, cases[case_id], known[case_id]) for case_id in known if case_id in cases][:_MOST]


def add_to_case(session: Session, item: Item, case: Case, now: datetime) -> None:
    """Make the item a contact on the case; a case that was opened for the item itself goes no further."""
    own = session.scalars(select(Case).where(Case.opened_for == item.id)).first()
    if own is not None and own.closed_at is None:
        replace(own, MOVED, now)
    item.case, item.case_id = case, case.id
    session.flush()
    session.refresh(case, ["items"])
    note_due(case)


def leave_case(session: Session, item: Item, now: datetime) -> Case | None:
    """Make a contact an item of its own again, without a case until one is opened for it; return the case it was in.

    No team has it any more: that one has seen it as a message is no acceptance of the work that it is now.
    """
    if not item.is_contact:
        return None
    withdraw_handoff(session, item.id, now)
    case = item.case
    item.case, item.case_id, item.due_at = None, None, NEVER
    session.flush()
    return case


def shield_contacts(item: Item) -> None:
    """Let the messages in the item's case be limited-access as it is; what a person has limited stays so."""
    if item.case is None or item.is_contact:
        return
    for contact in contacts_of(item.case):
        decision = decision_in_force(contact)
        by_person = decision is not None and decision.decided_by is DecidedBy.PERSON
        own = decision.sensitivity if decision is not None and by_person else Sensitivity.NORMAL
        contact.sensitivity = Sensitivity.LIMITED if Sensitivity.LIMITED in (own, item.sensitivity) else own


def contacts_of(case: Case) -> list[Item]:
    """Return the messages that were added to the case since it was opened, in the order in which they came."""
    return sorted((item for item in case.items if item.id != case.opened_for), key=lambda item: item.received_at)


def _pointed_to(session: Session, item: Item, pointers: Pointers) -> list[tuple[Sign, Collection[str]]]:
    found: list[tuple[Sign, Collection[str]]] = []
    if pointers.reported:
        found.append((Sign.REPORT, _of_our_messages(session, [pointers.reported])))
    if pointers.answered:
        found.append((Sign.OUR_MESSAGE, _of_our_messages(session, pointers.answered)))
    if pointers.subject:
        found.append((Sign.SUBJECT, _of_items(session, item, Item.reference.in_(pointers.subject))))
    if pointers.answered:
        found.append((Sign.THEIR_MESSAGE, _of_items(session, item, Item.message_id.in_(pointers.answered))))
    if pointers.text:
        found.append((Sign.TEXT, _of_items(session, item, Item.reference.in_(pointers.text))))
    return found


def _of_our_messages(session: Session, message_ids: Sequence[str]) -> list[str]:
    """Return the cases in which the items are now that these messages of ours answered."""
    found: list[str] = []
    for kind in (Acknowledgement, Reply):
        answered = select(Item).join(kind, kind.item_id == Item.id).where(kind.message_id.in_(message_ids))
        found += _cases_of(session, session.scalars(answered.distinct().limit(_MOST)))
    return list(dict.fromkeys(found))


def _of_items(session: Session, item: Item, named: ColumnElement[bool]) -> list[str]:
    query = select(Item).where(named, Item.id != item.id).order_by(Item.received_at, Item.id).limit(_MOST)
    return _cases_of(session, session.scalars(query))


def _cases_of(session: Session, items: Iterable[Item]) -> list[str]:
    """Return the cases of these items, of one that was joined to another the other's."""
    found = []
    for item in items:
        into: Item | None = item
        while into is not None and into.joined_into:
            into = session.get(Item, into.joined_into)
        if into is not None and into.case_id is not None:
            found.append(into.case_id)
    return list(dict.fromkeys(found))


def _candidate(session: Session, case: Case, signs: Collection[Sign]) -> Candidate:
    first = session.get_one(Item, case.opened_for, populate_existing=True)
    return Candidate(
        case_id=case.id,
        reference=case.reference,
        signs=frozenset(signs),
        addresses=frozenset(_addresses(session, case)),
        people=tuple(_people(session, case)),
        case_type=case.case_type,
        team=case.team,
        is_open=case.closed_at is None,
        settled=first.settled,
        limited=first.sensitivity is not Sensitivity.NORMAL,
    )


def _addresses(session: Session, case: Case) -> set[str]:
    """Return where the messages of a case came from and went to; a claimed address only where none was proven."""
    ids = [item.id for item in case.items]
    told = select(Acknowledgement.address).where(Acknowledgement.item_id.in_(ids))
    replied = select(Reply.address).where(Reply.case_id == case.id, Reply.way == "email")
    unproven = [item.id for item in case.items if item.proven_sender is None]
    claimed = select(Document.headers).where(Document.item_id.in_(unproven), Document.ordinal == 1)
    found = [
        *(item.proven_sender for item in case.items),
        *session.scalars(told),
        *session.scalars(replied),
        *(claimed_sender(headers) for headers in session.scalars(claimed)),
    ]
    return {address.casefold() for address in found if address}


def claimed_sender(headers: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the address that a message says it comes from, or None."""
    return headers.get("sender", {}).get("address") or None


def _people(session: Session, case: Case) -> list[Person]:
    """Return who is named on what the case holds, each by a name and a postcode on the same document."""
    name, postcode = aliased(FieldRow), aliased(FieldRow)
    query = select(name.value, postcode.value).join(Document, Document.id == name.document_id)
    query = query.join(postcode, postcode.document_id == name.document_id)
    query = query.where(Document.item_id.in_([item.id for item in case.items]))
    rows = session.execute(query.where(name.name == "sender_name", postcode.name == "sender_postcode"))
    return [Person(*row) for row in rows]
