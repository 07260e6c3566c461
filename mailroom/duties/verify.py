"""Proves that every original is what was received and that the chain of custody is whole, or names what is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from mailroom.records import custody
from mailroom.records.custody_faults import faults_in_chains, faults_in_originals
from mailroom.records.tables import CustodyEvent, Original
from mailroom.services import Services
from storage.errors import StorageError, VaultBreach


def verify(services: Services) -> dict[str, Any]:
    """Return the numbers of originals `checked`, of `events` and of those `not_yet_numbered`, and the `faults`."""
    with services.records.look() as session:
        faults = [*faults_in_chains(session), *faults_in_originals(session)]
        events = len(session.scalars(select(CustodyEvent.id)).all())
        not_numbered = custody.count_not_numbered(session)
        originals = {(sha256, key) for sha256, key in session.execute(select(Original.sha256, Original.key))}
    faults += _faults_in_vault(originals, services)
    return {"checked": len(originals), "events": events, "not_yet_numbered": not_numbered, "faults": faults}


def _faults_in_vault(originals: set[tuple[str, str]], services: Services) -> Iterator[str]:
    for sha256, key in sorted(originals):
        try:
            services.vault.open(sha256, key=key).close()
        except (VaultBreach, StorageError, OSError) as fault:
            yield f"original {sha256}: {fault}"
