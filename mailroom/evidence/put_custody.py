"""Puts the chains of custody into the bundle, event by event with its proof, and the heads that prove them.

Before: the making of the bundle stands in the log and a head over it is signed. After: the log's part of the bundle
is whole, and the certificate knows who had each item before them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from mailroom.desk.audit import seen_by
from mailroom.desk.history import names_of_people
from mailroom.desk.item_view import title_of
from mailroom.desk.telling import person_of
from mailroom.domain.access import Viewer
from mailroom.domain.sla import LONDON
from mailroom.evidence.archive import Archive
from mailroom.evidence.certified import Certified, Record
from mailroom.evidence.chains import as_json, chains_of, numbers_in
from mailroom.evidence.signed_log import SignedLog, prove
from mailroom.records.looks import people_who_had_it
from mailroom.records.tables import Item
from mailroom.services import Services

_TOGETHER = 500
"""Items whose events are proved in one walk over the log: so many proofs are held at once."""


def put_custody(
    archive: Archive,
    certified: Mapping[str, Sequence[Certified]],
    log: SignedLog | None,
    heads: Collection[int],
    viewer: Viewer,
    services: Services,
) -> list[Record]:
    """Put the chains of these items and the heads into the bundle; returns what the certificate says of each item.

    Args:
        archive: the bundle.
        certified: the ids of the items, and of each what was checked.
        log: the signed log; None where there is no key.
        heads: sizes of heads that are to be in it though no event needs them.
        viewer: who makes it.
        services: the mailroom's.
    """
    ids, records, steps = list(certified), list[Record](), dict[int, dict[str, Any]]()
    for first in range(0, len(ids), _TOGETHER):
        with services.records.look() as session:
            items = [seen_by(session, one, viewer) for one in ids[first : first + _TOGETHER]]
            steps |= {step["from"]: step for step in _put_chains(archive, session, items, log, heads, viewer)}
            records += [_record(session, item, certified[item.id], services) for item in items]
    if log is not None:
        _put_log(archive, log, steps)
    return records


def _put_chains(
    archive: Archive,
    session: Session,
    items: Sequence[Item],
    log: SignedLog | None,
    heads: Collection[int],
    viewer: Viewer,
) -> list[dict[str, Any]]:
    """Put down the chains of a few items; returns how the heads that prove them lead to the newest."""
    chains = {item.reference: chains_of(session, item, log, viewer) for item in items}
    numbers = {number for needed in chains.values() for number in numbers_in(needed)}
    proofs = prove(session, log, numbers, heads) if log is not None else None
    for reference, needed in chains.items():
        archive.put_json(f"items/{reference}/custody.json", [as_json(chain, proofs) for chain in needed])
    return proofs.of_heads if proofs is not None else []


def _put_log(archive: Archive, log: SignedLog, steps: Mapping[int, dict[str, Any]]) -> None:
    for size in sorted({*steps, log.newest}):
        archive.put_bytes(f"log/heads/{size:012}.txt", log.heads[size].encode())
    archive.put_json("log/consistency.json", [steps[size] for size in sorted(steps)])
    archive.put_bytes("log/public-key.txt", f"{log.key}\n".encode())


def _record(session: Session, item: Item, originals: Sequence[Certified], services: Services) -> Record:
    names, case = names_of_people(session), item.case
    had_it = people_who_had_it(session, item.id)
    seen = [_seen(person_of(actor, names) or actor, times, last) for actor, times, last in had_it]
    told = f"{case.reference}, {title_of(case.case_type, services)}" if case is not None else ""
    came = (item.received_at, item.receipt_assumed, item.channel)
    return Record(item.reference, *came, told, originals, seen)


def _seen(who: str, times: int, last: datetime) -> str:
    often = "once" if times == 1 else f"{times} times"
    return f"{who} ({often}, last on {last.astimezone(LONDON):%d %B %Y})"
