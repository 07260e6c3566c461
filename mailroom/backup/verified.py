"""Whether records that were made of a backup are whole: their chains, their heads, and that each object is there.

Before: the copy has become records again, in their place or in a scratch one. After: a person knows what is untrue.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from mailroom.backup.manifest import Manifest
from mailroom.backup.objects import listed_in, named_objects
from mailroom.backup.shelf import HEADS, OBJECT_LIST
from mailroom.records.custody_faults import faults_in_chains, faults_in_originals
from mailroom.records.head_faults import faults_in_heads, of_this_log
from mailroom.records.session import Records
from mailroom.records.tree_heads import all_heads


def faults_in_records(records: Records, backup: Path, manifest: Manifest) -> list[str]:
    """Return a sentence for everything that is untrue in records made of this backup."""
    with records.look() as session:
        return [
            *faults_in_chains(session),
            *faults_in_originals(session),
            *_faults_in_heads(session, backup, manifest),
            *_not_listed(session, backup),
        ]


def _faults_in_heads(session: Session, backup: Path, manifest: Manifest) -> Iterator[str]:
    texts = {f"of {row.size} events on the records": row.text for row in all_heads(session)}
    texts |= {f"{file.name} in the backup": file.read_text("utf-8", "replace") for file in (backup / HEADS).iterdir()}
    ours, _ = of_this_log(session, texts, manifest.was_signed)
    yield from faults_in_heads(session, ours, manifest.is_signed)


def _not_listed(session: Session, backup: Path) -> Iterator[str]:
    """Name what the records name and the list of objects does not, by hashes: there may be millions."""
    listed = {hash((one.key, one.sha256)) for one in listed_in(backup / OBJECT_LIST)}
    for one in named_objects(session):
        if hash((one.key, one.sha256)) not in listed:
            yield f"object {one.key} is on the records and not in the list of the backup"
