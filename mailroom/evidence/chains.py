"""The chains of custody that an item of a bundle needs: its own, those of items joined to it, that of its batch.

Before: `signed_log.py` can prove where an event stands. After: `custody.json` holds each event as the very text that
is hashed, so that whoever checks it needs no rule of ours for writing it. Details that name an item which the maker
may not see stay out as a whole: their digest is in the chain, and holds without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from mailroom.domain.access import Viewer
from mailroom.evidence.signed_log import Proofs, SignedLog
from mailroom.records.custody import as_hashed, details_as_hashed
from mailroom.records.evidence import ChainRow, chain_of, joined_to, seen_among
from mailroom.records.tables import CustodyDetail, Item

_NAME_OTHERS = ("repeat_of", "part_of", "into", "from", "parts", "case")
"""Details of events under which references of other items stand; a case has that of the item it was opened for."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain of custody.

    Attributes:
        role: `item` for the item's own, `joined` for that of one joined to it, `batch` for that it was cut out of.
        item: id of the item whose chain it is.
        reference: of that item; None where the maker may not see it.
        rows: its events, as far as a signed head covers them.
        seen: the references of other items in it that the maker may see.
    """

    role: str
    item: str
    reference: str | None
    rows: Sequence[ChainRow]
    seen: frozenset[str]


def chains_of(session: Session, item: Item, log: SignedLog | None, viewer: Viewer) -> list[Chain]:
    """Return the chains that the item needs, its own first."""
    holding = [("item", item), *(("joined", one) for one in joined_to(session, item.id))]
    batches = {whole.id: whole for _, one in holding for whole in _wholes(session, one)}
    needed = [*holding, *(("batch", whole) for whole in batches.values())]
    return [_chain(session, role, one, log, viewer) for role, one in needed]


def numbers_in(chains: Sequence[Chain]) -> set[int]:
    """Return the numbers of all events of these chains."""
    return {number for chain in chains for _, number, _ in chain.rows if number is not None}


def as_json(chain: Chain, proofs: Proofs | None) -> dict[str, Any]:
    """Return the chain as the bundle holds it."""
    events = [
        {
            "number": number,
            "hash": event.hash,
            "hashed": as_hashed(event),
            "details": _told(detail, chain.seen),
            "proof": proofs.of_events[number] if proofs and number is not None else None,
        }
        for event, number, detail in chain.rows
    ]
    return {"role": chain.role, "chain": chain.item, "reference": chain.reference, "events": events}


def _wholes(session: Session, item: Item) -> Iterator[Item]:
    while item.parent_id is not None:
        item = session.get_one(Item, item.parent_id)
        yield item


def _chain(session: Session, role: str, item: Item, log: SignedLog | None, viewer: Viewer) -> Chain:
    rows = [row for row in chain_of(session, item.id) if log is None or (row[1] or log.newest + 1) <= log.newest]
    named = {one for _, _, detail in rows if detail for one in _others_in(detail.details)}
    seen = seen_among(session, {item.reference, *named}, viewer)
    return Chain(role, item.id, item.reference if item.reference in seen else None, rows, frozenset(seen))


def _told(detail: CustodyDetail | None, seen: frozenset[str]) -> str | None:
    if detail is None or not seen.issuperset(_others_in(detail.details)):
        return None
    return details_as_hashed(detail.salt, detail.details)


def _others_in(details: Mapping[str, Any]) -> Iterator[str]:
    for name in _NAME_OTHERS:
        value = details.get(name)
        yield from value if isinstance(value, list) else [value] if value else []
