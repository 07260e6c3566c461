"""What is wrong with the chains of custody and with what they say was received, sentence by sentence.

Before: `custody.py` has written the events. After: `mailroom verify` names what was changed, taken out or put in since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from mailroom.domain.references import read_reference
from mailroom.records.custody import ERASED, GENESIS, OF_ACCOUNTS, OF_THE_MAILROOM, digest_of_details, hash_of, link
from mailroom.records.tables import CustodyDetail, CustodyEvent, CustodyNumber, CustodyPending, Item, Original

_CAME_WITH_BYTES = ("received", "made_by_split", "taken_out")
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
    the items joined to it.
    """
    holders = _where_joined(session)
    promised: dict[str, Counter[str]] = {}
    came = select(CustodyEvent.item_id, CustodyEvent.original).where(CustodyEvent.kind.in_(_CAME_WITH_BYTES))
    for item_id, sha256 in session.execute(came):
        promised.setdefault(_holder_of(item_id, holders), Counter())[str(sha256)] += 1
    held: dict[str, Counter[str]] = {}
    for item_id, sha256 in session.execute(select(Original.item_id, Original.sha256)):
        held.setdefault(item_id, Counter())[sha256] += 1
    for item_id in sorted(promised.keys() | held.keys()):
        came_with, has = promised.get(item_id, Counter()), held.get(item_id, Counter())
        for sha256 in came_with - has:
            yield f"item {item_id}: it came with the original {sha256}, which it does not have any more"
        for sha256 in has - came_with:
            yield f"item {item_id}: it has the original {sha256}, with which it never came"


def _where_joined(session: Session) -> dict[str, str]:
    """Return for each joined item the one that took its originals, by the word of the chain of custody."""
    query = select(CustodyEvent.item_id, CustodyDetail.details).join(CustodyDetail)
    joined = session.execute(query.where(CustodyEvent.kind == "joined_into")).all()
    ids = dict(session.execute(select(Item.reference, Item.id)).all())
    return {item_id: ids.get(read_reference(details["into"]) or "", "") for item_id, details in joined}


def _holder_of(item_id: str, holders: Mapping[str, str]) -> str:
    seen = {item_id}
    while (holder := holders.get(item_id)) and holder not in seen:
        seen.add(holder)
        item_id = holder
    return item_id


def _faults_in_items(session: Session) -> Iterator[str]:
    erased = _erased_up_to(session)
    item_id, position, head = "", 0, GENESIS
    for event, detail in _events_in_order(session):
        if event.item_id != item_id:
            item_id, position, head = event.item_id, 0, GENESIS
        position += 1
        if event.position != position or event.previous != head:
            yield f"{_whose(item_id)}: the chain of custody is broken before event {event.position} ({event.kind})"
            position = event.position
        if hash_of(event) != event.hash:
            yield f"{_whose(item_id)}: event {event.position} ({event.kind}) is not what was written"
        yield from _fault_in_details(event, detail, erased.get(item_id, 0))
        head = event.hash


def _fault_in_details(event: CustodyEvent, detail: CustodyDetail | None, erased_up_to: int) -> Iterator[str]:
    if detail is None:
        if event.position >= erased_up_to:
            yield f"{_whose(event.item_id)}: the details of event {event.position} ({event.kind}) are gone"
    elif digest_of_details(detail.salt, detail.details) != event.details_digest:
        yield f"{_whose(event.item_id)}: the details of event {event.position} ({event.kind}) were changed"


def _whose(chain: str) -> str:
    if chain == OF_THE_MAILROOM:
        return "the mailroom as a whole"
    return chain.replace(":", " ") if chain.startswith(OF_ACCOUNTS) else f"item {chain}"


def _erased_up_to(session: Session) -> dict[str, int]:
    """Return for each item whose details were erased the position of the event that says so."""
    query = select(CustodyEvent.item_id, func.max(CustodyEvent.position)).where(CustodyEvent.kind == ERASED)
    return dict(session.execute(query.group_by(CustodyEvent.item_id)).all())


def _events_in_order(session: Session) -> Iterator[tuple[CustodyEvent, CustodyDetail | None]]:
    rows = session.execute(
        select(CustodyEvent, CustodyDetail)
        .outerjoin(CustodyDetail, CustodyDetail.event_id == CustodyEvent.id)
        .order_by(CustodyEvent.item_id, CustodyEvent.position)
    )
    yield from rows.yield_per(500)


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
