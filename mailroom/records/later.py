"""Originals that lie in the store and came in after the backup that the mailroom was made of.

Before: a restore has found them where the store outlived the records. After: `reconcile` names each until somebody has
taken it in again. Nothing personal stands in the file: an original is named by its digest. What was encrypted cannot be
opened any more, for its data key was on the records that are lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from mailroom.records.tables import Original
from storage.errors import StorageError
from storage.store import StoredObject

_FILE = "after-the-backup.jsonl"


def beyond(session: Session, stored: Iterable[StoredObject]) -> list[StoredObject]:
    """Return those of the stored originals that the records do not name, in the order in which they were kept."""
    known = set(session.scalars(select(Original.key)))
    return sorted((one for one in stored if one.key not in known), key=lambda one: (one.stored_at, one.key))


def note_later(data: Path, found: Iterable[StoredObject], opens: Callable[[str, str], bool]) -> int:
    """Write them down beside the records; return how many they are.

    Args:
        data: the data directory.
        found: them.
        opens: whether the bytes of this digest can be read under this key.
    """
    lines = [
        json.dumps(
            {
                "key": one.key,
                "size": one.size,
                "stored_at": one.stored_at.astimezone(UTC).isoformat(),
                "opens": _may_open(one.key, opens),
            }
        )
        for one in found
    ]
    if lines:
        (data / _FILE).write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return len(lines)


def _may_open(key: str, opens: Callable[[str, str], bool]) -> bool:
    """Return whether it opens; what cannot be read this moment is not called lost, and breaks no restore off."""
    try:
        return opens(_digest_in(key), key)
    except StorageError:
        return True


def not_taken_in_again(session: Session, data: Path) -> Iterator[str]:
    """Yield a sentence for each of them that is not on the ledger yet."""
    if not (data / _FILE).exists():
        return
    for line in (data / _FILE).read_text("utf-8").splitlines():
        one = json.loads(line)
        if session.scalar(select(Original.id).where(Original.sha256 == _digest_in(one["key"])).limit(1)) is None:
            yield _in_words(one)


def _in_words(one: Mapping[str, Any]) -> str:
    since = f"was kept at {one['stored_at']}, after the backup that the mailroom was restored from"
    lies, size = f"{one['key']} in the store is not on the ledger", f"{one['size']} bytes"
    if one.get("opens", True):
        return f"an original of {size} {since}: {lies}"
    why = "it is damaged, or was encrypted by a data key that was lost with the records"
    return (
        f"an original {since}: {lies} and cannot be opened ({size} as it lies there; {why}). Take the letter in again"
    )


def _digest_in(key: str) -> str:
    return key.rpartition("/")[2]
