"""Proves that every original is what was received and that the chain of custody is whole, or names what is not."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sqlalchemy import select

from mailroom.duties.heads import is_signed
from mailroom.records import custody
from mailroom.records.custody_faults import faults_in_chains, faults_in_originals
from mailroom.records.head_faults import faults_in_heads
from mailroom.records.tables import CustodyEvent, Original
from mailroom.records.tree_heads import all_heads
from mailroom.services import Services
from storage.damage import Copy
from storage.errors import StorageError


def verify(services: Services) -> dict[str, Any]:
    """Return how many originals were `checked`, `events`, those `not_yet_numbered` and `heads` there are; `faults`."""
    with services.records.look() as session:
        faults = [*faults_in_chains(session), *faults_in_originals(session)]
        heads = {f"of {row.size} events on the records": row.text for row in all_heads(session)}
        published, unread = _published(services)
        faults += [*unread, *faults_in_heads(session, heads | published, partial(is_signed, services=services))]
        events = len(session.scalars(select(CustodyEvent.id)).all())
        not_numbered = custody.count_not_numbered(session)
        originals = {(sha256, key) for sha256, key in session.execute(select(Original.sha256, Original.key))}
    faults += _faults_in_vault(originals, services)
    counts = {"checked": len(originals), "events": events, "not_yet_numbered": not_numbered, "heads": len(heads)}
    return {**counts, "faults": faults}


def _published(services: Services) -> tuple[dict[str, str], list[str]]:
    """Return the texts of the heads that lie in the store, and what stood in the way of reading them."""
    try:
        found = {key: text.decode("utf-8", "replace") for key, text in services.vault.heads()}
    except StorageError as fault:
        return {}, [f"the signed heads in the store: {fault}"]
    return found, []


def _faults_in_vault(originals: set[tuple[str, str]], services: Services) -> Iterator[str]:
    """Look at the first copy of each: that a second one could stand in for it makes it no better."""
    for sha256, key in sorted(originals):
        try:
            wrong = services.vault.copies.check(Copy.FIRST, sha256, key)
        except (StorageError, OSError) as fault:
            yield f"original {sha256}: {fault}"
        else:
            if wrong is not None:
                yield f"original {sha256}: {wrong}"
