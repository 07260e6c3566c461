"""Proves that every original is what was received and that the chain of custody is whole, or names what is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from mailroom.duties.heads import is_signed
from mailroom.duties.locks import ended_locks
from mailroom.records import custody
from mailroom.records.backups import restorations
from mailroom.records.custody_faults import faults_in_chains, faults_in_originals
from mailroom.records.head_faults import faults_in_heads, faults_in_rows, heads_not_on_record, of_this_log
from mailroom.records.tables import CustodyEvent, Original, TreeHeadRow
from mailroom.records.tree_heads import all_heads
from mailroom.services import Services
from storage.damage import Copy
from storage.errors import StorageError
from storage.vault import head_key

_AT_ONCE = 500


def verify(services: Services) -> dict[str, Any]:
    """Return how many originals were `checked`, `events`, those `not_yet_numbered` and `heads` there are; `faults`."""
    with services.records.look() as session:
        faults, heads = list(faults_on_record(session, services)), len(all_heads(session))
        events = session.scalar(select(func.count()).select_from(CustodyEvent)) or 0
        not_numbered, erased = custody.count_not_numbered(session), custody.count_erased(session)
        lost = _heads_of_a_lost_log(session, services)
    checked = 0
    for some in originals_in_turn(services):
        checked += len(some)
        faults += faults_in_vault(some, services)
    faults += ended_locks(services)
    counts = {"checked": checked, "events": events, "not_yet_numbered": not_numbered, "heads": heads}
    told = {"heads_of_a_lost_log": lost, "details_erased": erased}
    return {**counts, **{name: number for name, number in told.items() if number}, "faults": faults}


def faults_on_record(session: Session, services: Services) -> Iterator[str]:
    """Yield a sentence for everything in the log of custody that is not what was written, signed and published.

    Args:
        session: a steady view.
        services: the bundle, whose store and key the heads are held against.
    """
    published = _published(services)  # before the view begins, so that each of them is on record in it
    yield from faults_in_chains(session)
    yield from faults_in_originals(session)
    yield from faults_in_rows(session)
    rows = all_heads(session)
    on_record = {f"of {row.size} events on the records": row.text for row in rows}
    if isinstance(published, StorageError):
        yield f"the signed heads in the store: {published}"
        published = {}
    else:
        yield from _gone_from_the_store(rows, published, services)
        yield from heads_not_on_record(session, published, services.signer.is_ours)
    texts, _ = of_this_log(session, on_record | published, services.signer.is_ours)
    yield from faults_in_heads(session, texts, partial(is_signed, services=services))


def _published(services: Services) -> dict[str, str] | StorageError:
    """Return the texts of the heads in the store by their keys, or why they cannot be had."""
    try:
        return {key: text.decode("utf-8", "replace") for key, text in services.vault.heads()}
    except StorageError as fault:
        return fault


def _gone_from_the_store(
    rows: Sequence[TreeHeadRow], published: Mapping[str, str], services: Services
) -> Iterator[str]:
    put = {head_key(row.size): row.size for row in rows if row.published_at}
    if put.keys() - published.keys():  # one may have been put there since
        again = _published(services)
        if isinstance(again, StorageError):
            yield f"the signed heads in the store: {again}"
            return
        published = again
    for key in sorted(put.keys() - published.keys()):
        yield f"signed head of {put[key]} events: it was put into the store and is gone from there"


def _heads_of_a_lost_log(session: Session, services: Services) -> int:
    """Count the heads in the store that were signed between a backup and the restore of it."""
    if not restorations(session):
        return 0
    texts = _published(services)
    if isinstance(texts, StorageError):  # which is named among the faults
        return 0
    return of_this_log(session, texts, services.signer.is_ours)[1]


def originals_in_turn(services: Services) -> Iterator[Sequence[tuple[str, str]]]:
    """Yield digest and key of each object that is an original, some at a time: no view lasts while they are read."""
    query = select(Original.sha256, Original.key).distinct().order_by(Original.sha256, Original.key).limit(_AT_ONCE)
    some: Sequence[tuple[str, str]] = [("", "")]
    while some:
        sha256, key = some[-1]
        behind = or_(Original.sha256 > sha256, and_(Original.sha256 == sha256, Original.key > key))
        with services.records.look() as session:
            some = [(found, at) for found, at in session.execute(query.where(Original.sha256 >= sha256, behind))]
        yield some


def faults_in_vault(originals: Iterable[tuple[str, str]], services: Services) -> Iterator[str]:
    """Yield a sentence for each of these originals (digest and key) whose first copy is not what was received.

    That a second one could stand in for it makes it no better.
    """
    for sha256, key in originals:
        try:
            wrong = services.vault.copies.check(Copy.FIRST, sha256, key)
        except (StorageError, OSError) as fault:
            yield f"original {sha256}: {fault}"
        else:
            if wrong is not None:
                yield f"original {sha256}: {wrong}"
