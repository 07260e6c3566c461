"""What is wrong with the chains of custody and with what they say was received, sentence by sentence.

Before: `custody.py` has written the events. After: `mailroom verify` names what was changed, taken out or put in since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from sqlalchemy import func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from mailroom.domain.references import read_reference
from mailroom.records.custody import ERASED, GENESIS, OF_ACCOUNTS, OF_THE_MAILROOM, digest_of_details, hash_of, link
from mailroom.records.tables import CustodyDetail, CustodyEvent, CustodyNumber, CustodyPending, Item, Original

_CAME_WITH_BYTES = ("received", "made_by_split", "taken_out")
_DATES = {"received": "received_at", "made_by_split": "received_at", "received_corrected": "new"}
"""Under which name of its details an event says when the item was received."""

_Row = tuple[CustodyEvent, CustodyDetail | None, datetime | None]
"""An event, its details where they were not erased, and the date of receipt of its item."""

_JOINED = select(CustodyEvent.item_id).where(CustodyEvent.kind == "joined_into")
_CAME_AND_HELD = union_all(
    select(
        CustodyEvent.item_id.label("item"),
        CustodyEvent.original.label("sha256"),
        literal(1).label("came"),
        literal(0).label("held"),
    ).where(CustodyEvent.kind.in_(_CAME_WITH_BYTES)),
    select(Original.item_id, Original.sha256, literal(0), literal(1)),
).subquery()
_WHOSE_AND_WHAT = (_CAME_AND_HELD.c.item, _CAME_AND_HELD.c.sha256)
_CAME, _HELD = func.sum(_CAME_AND_HELD.c.came), func.sum(_CAME_AND_HELD.c.held)
_TO_BE_COMPARED = (
    select(*_WHOSE_AND_WHAT, _CAME, _HELD)
    .group_by(*_WHOSE_AND_WHAT)
    .having(or_(_CAME != _HELD, _CAME_AND_HELD.c.item.in_(_JOINED)))
)
_EVENTS_NOWHERE = (
    select(func.count())
    .select_from(CustodyEvent)
    .where(~select(CustodyNumber.number).where(CustodyNumber.event_id == CustodyEvent.id).exists())
    .where(~select(CustodyPending.event_id).where(CustodyPending.event_id == CustodyEvent.id).exists())
)


def faults_in_chains(session: Session) -> Iterator[str]:
    """Yield a sentence for every break in the chain of an item or account, or in the global log."""
    for part in (_faults_in_items, _faults_in_log):
        try:
            yield from part(session)
        except ValueError as fault:
            yield f"a row of the custody tables cannot be read, so nobody here wrote it: {fault}"


def faults_in_originals(session: Session) -> Iterator[str]:
    """Yield a sentence for every item whose originals are not those that its chain of custody says it came with.

    An item has the bytes it was received with, or its extract of a batch; what was taken out of a mail; and those of
    the items joined to it. The database compares them: of a million items only those are held here that were joined or
    differ.
    """
    holders, differ = _where_joined(session), Counter[tuple[str, str]]()
    for item_id, sha256, came, held in session.execute(_TO_BE_COMPARED):
        differ[_holder_of(item_id, holders), str(sha256)] += came
        differ[item_id, str(sha256)] -= held
    for (item_id, sha256), missing in sorted(differ.items(), key=lambda one: (one[0][0], -one[1])):
        if missing > 0:
            yield f"item {item_id}: it came with the original {sha256}, which it does not have any more"
        if missing < 0:
            yield f"item {item_id}: it has the original {sha256}, with which it never came"


def _where_joined(session: Session) -> dict[str, str]:
    """Return for each joined item the one that took its originals, by the word of the chain of custody."""
    query = _JOINED.join(CustodyDetail).add_columns(CustodyDetail.details).order_by(CustodyEvent.position)
    joined = session.execute(query)
    return {item_id: _id_of(session, told(details, "into")) for item_id, details in joined.all()}


def _id_of(session: Session, reference: str) -> str:
    return session.scalar(select(Item.id).where(Item.reference == read_reference(reference))) or ""


def told(details: object, name: str) -> str:
    """Return what the details of an event say under a name; nothing where they do not, whoever wrote them."""
    value = details.get(name) if isinstance(details, dict) else None
    return value if isinstance(value, str) else ""


def _holder_of(item_id: str, holders: Mapping[str, str]) -> str:
    seen = {item_id}
    while (holder := holders.get(item_id)) and holder not in seen:
        seen.add(holder)
        item_id = holder
    return item_id


def _faults_in_items(session: Session) -> Iterator[str]:
    erased = _erased_up_to(session)
    for item_id, rows in groupby(_events_in_order(session), key=lambda row: row[0].item_id):
        yield from _faults_in_chain(item_id, rows, erased.get(item_id, 0))


def _faults_in_chain(item_id: str, rows: Iterable[_Row], erased_up_to: int) -> Iterator[str]:
    position, head, said, stands = 0, GENESIS, "", None
    for event, detail, received_at in rows:
        position += 1
        if event.position != position or event.previous != head:
            yield f"{_whose(item_id)}: the chain of custody is broken before event {event.position} ({event.kind})"
            position = event.position
        if hash_of(event) != event.hash:
            yield f"{_whose(item_id)}: event {event.position} ({event.kind}) is not what was written"
        yield from _fault_in_details(event, detail, erased_up_to)
        head, said, stands = event.hash, _date_said(event, detail) or said, received_at
    if said and (stands is None or datetime.fromisoformat(said) != stands):
        other = f"the records say {stands.isoformat()}" if stands else "it is gone from the records"
        yield f"{_whose(item_id)}: by its chain of custody it was received at {said}, and {other}"


def _date_said(event: CustodyEvent, detail: CustodyDetail | None) -> str:
    """Return the date of receipt that an event tells, as every clock and the certificate of its evidence have it."""
    name = _DATES.get(event.kind)
    return told(detail.details, name) if detail and name else ""


def _fault_in_details(event: CustodyEvent, detail: CustodyDetail | None, erased_up_to: int) -> Iterator[str]:
    if detail is None:
        if event.position >= erased_up_to:
            yield f"{_whose(event.item_id)}: the details of event {event.position} ({event.kind}) are gone"
    elif not _are_those_of(event, detail.salt, detail.details):
        yield f"{_whose(event.item_id)}: the details of event {event.position} ({event.kind}) were changed"


def _are_those_of(event: CustodyEvent, salt: str, details: object) -> bool:
    return isinstance(details, dict) and digest_of_details(salt, details) == event.details_digest


def _whose(chain: str) -> str:
    if chain == OF_THE_MAILROOM:
        return "the mailroom as a whole"
    return chain.replace(":", " ") if chain.startswith(OF_ACCOUNTS) else f"item {chain}"


def _erased_up_to(session: Session) -> dict[str, int]:
    """Return for each item whose details were erased the position of the event that says so."""
    query = select(CustodyEvent.item_id, func.max(CustodyEvent.position)).where(CustodyEvent.kind == ERASED)
    return dict(session.execute(query.group_by(CustodyEvent.item_id)).all())


def _events_in_order(session: Session) -> Iterator[_Row]:
    rows = session.execute(
        select(CustodyEvent, CustodyDetail, Item.received_at)
        .outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
        .outerjoin(Item, Item.id == CustodyEvent.item_id)
        .order_by(CustodyEvent.item_id, CustodyEvent.position)
    )
    yield from ((event, detail, received_at) for event, detail, received_at in rows.yield_per(500))


def _faults_in_log(session: Session) -> Iterator[str]:
    rows = session.execute(
        select(CustodyNumber, CustodyEvent.hash)
        .outerjoin(CustodyEvent, CustodyEvent.id == CustodyNumber.event_id)
        .order_by(CustodyNumber.number)
    )
    number, head = 0, GENESIS
    lost = session.scalar(_EVENTS_NOWHERE) or 0
    if lost:
        yield f"global log: {lost} events have neither a number nor a place in the waiting list"
    for row, event_hash in rows.yield_per(500):
        number += 1
        if event_hash is None:
            yield f"global log: event number {row.number} is gone"
        elif row.number != number or row.hash != link(head, row.number, event_hash):
            yield f"global log: number {row.number} does not follow from the one before"
        number, head = row.number, row.hash
