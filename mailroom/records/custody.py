"""The chain of custody: who did what to which original when, so that a third party can verify it.

An event holds the hash of the same item's event before it, so workers never queue for one another; a sequencer gives
committed events their place in one global log, chained again. The hash covers ids and a salted digest of the details;
details and salt lie in a table of their own, so that lawful erasure leaves a chain that still verifies.
`custody_faults.py` proves what is written here.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session

from mailroom.records.items import next_number
from mailroom.records.tables import CustodyDetail, CustodyEvent, CustodyNumber, CustodyPending, columns_of, table_of
from mailroom.records.tables.storable import storable_value

GENESIS = "0" * 64
"""What stands for the hash before the first event."""

ERASED = "details_erased"
"""The kind of event that whoever erases an item's details writes in the same commit; without it, missing ones are a
fault."""

OF_ACCOUNTS = "account:"
"""What the names of chains begin with that are about an account and no item."""

OF_THE_MAILROOM = "mailroom"
"""The name of the chain about the mailroom as a whole (`records/backups.py`)."""

_TURN = "custody-turn"
"""The series that counts the turns of sequencers; whoever has counted holds its row until the commit."""

_NEWEST = (
    select(CustodyEvent.position, CustodyEvent.hash)
    .where(CustodyEvent.item_id == bindparam("item_id"))
    .order_by(CustodyEvent.position.desc())
    .limit(1)
)
_INSERT_EVENT = insert(table_of(CustodyEvent))
_INSERT_DETAIL = insert(table_of(CustodyDetail))
_INSERT_PENDING = insert(table_of(CustodyPending))
_COUNT_PENDING = select(func.count()).select_from(CustodyPending)
_WAITING = (  # by the ids of the few that wait: joined, SQLite walks through every event there is
    select(CustodyEvent.id, CustodyEvent.hash)
    .where(CustodyEvent.id.in_(select(CustodyPending.event_id)))
    .order_by(CustodyEvent.at, CustodyEvent.item_id, CustodyEvent.position)
    .limit(bindparam("most"))
)
_INSERT_NUMBER = insert(table_of(CustodyNumber))
_DELETE_PENDING = delete(table_of(CustodyPending)).where(CustodyPending.event_id == bindparam("event_id"))


def record(
    session: Session,
    item_id: str,
    kind: str,
    *,
    actor: str,
    at: datetime,
    original: str | None = None,
    details: Mapping[str, Any] | None = None,
) -> CustodyEvent:
    """Add an event to the item's chain, in the caller's unit of work.

    Args:
        session: the unit of work.
        item_id: whose chain: an item's, or that of an account (`records/accounts.py`).
        kind: a past participle from the house's words: `received`, `read`, `viewed`, `handed_over`, ...
        actor: account name, or `machine:<stage>`.
        at: when.
        original: SHA-256 of the original concerned, if one is.
        details: what else belongs to it; never names, addresses or letter text.
    """
    told = storable_value(dict(details or {}))
    connection = session.connection()  # past the session's bookkeeping: nobody changes an event afterwards
    last = connection.execute(_NEWEST, {"item_id": item_id}).first()
    salt = secrets.token_hex(16)
    event = CustodyEvent(
        id=secrets.token_hex(12),
        item_id=item_id,
        position=last.position + 1 if last else 1,
        kind=kind,
        actor=actor,
        at=at,
        original=original,
        details_digest=digest_of_details(salt, told),
        previous=last.hash if last else GENESIS,
    )
    event.hash = hash_of(event)
    connection.execute(_INSERT_EVENT, columns_of(event))
    connection.execute(_INSERT_DETAIL, {"event_id": event.id, "salt": salt, "details": told})
    connection.execute(_INSERT_PENDING, {"event_id": event.id})
    return event


def digest_of_details(salt: str, details: Mapping[str, Any]) -> str:
    """Return the salted digest that stands for the details in the chain."""
    return _sha256(details_as_hashed(salt, details))


def details_as_hashed(salt: str, details: Mapping[str, Any]) -> str:
    """Return the very text whose digest stands for the details in the chain."""
    return _canonical({"salt": salt, "details": dict(details)})


def hash_of(event: CustodyEvent) -> str:
    """Return the hash of an event over all that may not change."""
    return _sha256(as_hashed(event))


def as_hashed(event: CustodyEvent) -> str:
    """Return the very text of an event that is hashed: all of it that may not change."""
    return _canonical(
        {
            "id": event.id,
            "item": event.item_id,
            "position": event.position,
            "kind": event.kind,
            "actor": event.actor,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "original": event.original,
            "details": event.details_digest,
            "previous": event.previous,
        }
    )


def number_new_events(session: Session, most: int = 1000) -> int:
    """Give events that wait for it their place in the global log, oldest first.

    One sequencer at a time: the unit of work holds the writers' lock (SQLite) or the row of its turn (PostgreSQL, where
    the last row of the log cannot be locked by a role that may not change it).

    Returns:
        How many events were numbered.
    """
    if not count_not_numbered(session):
        return 0
    next_number(session, _TURN)
    last = session.scalars(select(CustodyNumber).order_by(CustodyNumber.number.desc()).limit(1)).first()
    number, head = (last.number, last.hash) if last else (0, GENESIS)
    numbered = []
    for event_id, event_hash in session.execute(_WAITING, {"most": most}).all():
        number += 1
        head = link(head, number, event_hash)
        numbered.append({"number": number, "event_id": event_id, "hash": head})
    if numbered:
        session.execute(_INSERT_NUMBER, numbered)
        session.execute(_DELETE_PENDING, numbered)
    return len(numbered)


def link(head: str, number: int, event_hash: str) -> str:
    """Return the head of the global log after this event."""
    return _sha256(_canonical({"previous": head, "number": number, "event": event_hash}))


def count_not_numbered(session: Session) -> int:
    """Return how many events wait for their place in the global log."""
    return session.scalar(_COUNT_PENDING) or 0


def count_erased(session: Session) -> int:
    """Return of how many events the details are not there any more; whether they may be is not said."""
    there = select(CustodyDetail.event_id).where(CustodyDetail.event_id == CustodyEvent.id).exists()
    return session.scalar(select(func.count()).select_from(CustodyEvent).where(~there)) or 0


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
