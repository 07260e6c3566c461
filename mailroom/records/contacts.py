"""Cases that a message points to, with what they know of the people in them; and the messages added to a case.

Before: `classify` has read what the message quotes and answers. After: `domain/contacts.py` decides whether it belongs
to one of these cases. Everything is asked by indexed columns, and for no more cases than a letter can be about.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from mailroom.domain.contacts import Candidate, Person, Sign
from mailroom.domain.decision import Sensitivity
from mailroom.records.case_changes import replace
from mailroom.records.cases import MOVED, note_due
from mailroom.records.tables import NEVER, Acknowledgement, Case, Document, FieldRow, Item, Reply

_MOST = 10
"""Cases that are looked at: whoever quotes more writes about none of them."""


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
    """Return the cases that the message points to, its own left out, those with the strongest signs first."""
    signs: dict[str, set[Sign]] = {}
    for sign, case_ids in _pointed_to(session, item, pointers):
        for case_id in case_ids:
            signs.setdefault(case_id, set()).add(sign)
    cases = [session.get_one(Case, case_id) for case_id in list(signs)[: _MOST + 1]]
    return [_candidate(session, case, signs[case.id]) for case in cases if case.opened_for != item.id][:_MOST]


def add_to_case(session: Session, item: Item, case: Case, now: datetime) -> None:
    """Make the item a contact on the case; a case that was opened for the item itself goes no further."""
    own = session.scalars(select(Case).where(Case.opened_for == item.id)).first()
    if own is not None and own.closed_at is None:
        replace(own, MOVED, now)
    item.case, item.case_id = case, case.id
    session.flush()
    session.refresh(case, ["items"])
    note_due(case)


def leave_case(session: Session, item: Item) -> Case | None:
    """Make a contact an item of its own again, without a case until one is opened for it; return the case it was in."""
    if not item.is_contact:
        return None
    case = item.case
    item.case, item.case_id, item.due_at = None, None, NEVER
    session.flush()
    return case


def limit_contacts(item: Item) -> None:
    """Make the messages in the item's case limited-access, as the item is."""
    if item.case is not None and not item.is_contact:
        for contact in contacts_of(item.case):
            contact.sensitivity = Sensitivity.LIMITED


def contacts_of(case: Case) -> list[Item]:
    """Return the messages that were added to the case since it was opened, in the order in which they came."""
    return sorted((item for item in case.items if item.id != case.opened_for), key=lambda item: item.received_at)


def _pointed_to(session: Session, item: Item, pointers: Pointers) -> list[tuple[Sign, Collection[str]]]:
    found: list[tuple[Sign, Collection[str]]] = []
    if pointers.reported:
        found.append((Sign.REPORT, _of_our_messages(session, [pointers.reported])))
    if pointers.answered:
        found.append((Sign.OUR_MESSAGE, _of_our_messages(session, pointers.answered)))
        named = Item.message_id.in_(pointers.answered)
        found.append((Sign.THEIR_MESSAGE, _of_items(session, item, named)))
    for sign, references in ((Sign.SUBJECT, pointers.subject), (Sign.TEXT, pointers.text)):
        if references:
            found.append((sign, _of_items(session, item, Item.reference.in_(references))))
    return found


def _of_our_messages(session: Session, message_ids: Sequence[str]) -> list[str]:
    acknowledged = select(Item.case_id).join(Acknowledgement, Acknowledgement.item_id == Item.id)
    acknowledged = acknowledged.where(Acknowledgement.message_id.in_(message_ids), Item.case_id.is_not(None))
    replied = select(Reply.case_id).where(Reply.message_id.in_(message_ids))
    return list(dict.fromkeys([*session.scalars(acknowledged), *session.scalars(replied)]))


def _of_items(session: Session, item: Item, named: ColumnElement[bool]) -> list[str]:
    query = select(Item.case_id).where(named, Item.id != item.id, Item.case_id.is_not(None))
    return list(dict.fromkeys(session.scalars(query.order_by(Item.received_at))))


def _candidate(session: Session, case: Case, signs: Collection[Sign]) -> Candidate:
    first = next((item for item in case.items if item.id == case.opened_for), case.items[0])
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
        limited=any(item.sensitivity is not Sensitivity.NORMAL for item in case.items),
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
