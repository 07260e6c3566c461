"""Originals that lie in the store and came in after the backup that the mailroom was made of.

Before: a restore has found them where the store outlived the records. After: `reconcile` names each until somebody has
taken it in again. Nothing personal stands in the file: an original is named by its digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.records.tables import Original
from storage.store import StoredObject

_FILE = "after-the-backup.jsonl"


def beyond(session: Session, stored: Iterable[StoredObject]) -> list[StoredObject]:
    """Return those of the stored originals that the records do not name, in the order in which they were kept."""
    known = set(session.scalars(select(Original.key)))
    return sorted((one for one in stored if one.key not in known), key=lambda one: (one.stored_at, one.key))


def note_later(data: Path, found: Iterable[StoredObject]) -> int:
    """Write them down beside the records; return how many they are."""
    lines = [
        json.dumps({"key": one.key, "size": one.size, "stored_at": one.stored_at.astimezone(UTC).isoformat()})
        for one in found
    ]
    if lines:
        (data / _FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(lines)


def not_taken_in_again(session: Session, data: Path) -> Iterator[str]:
    """Yield a sentence for each of them that is not on the ledger yet."""
    if not (data / _FILE).exists():
        return
    for line in (data / _FILE).read_text("utf-8").splitlines():
        one = json.loads(line)
        if session.scalar(select(Original.id).where(Original.sha256 == _digest_in(one["key"])).limit(1)) is None:
            told = f"an original of {one['size']} bytes was kept at {one['stored_at']}, after the backup"
            yield f"{told} that the mailroom was restored from: {one['key']} in the store is not on the ledger"


def _digest_in(key: str) -> str:
    return key.rpartition("/")[2]
