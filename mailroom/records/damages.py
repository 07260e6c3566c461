"""Copies that were found not to be what was kept: on record from the moment that somebody met them.

Before: a reader or the walk over all objects has met one; whoever read was given the other copy, or nothing. After:
`duties/mend.py` puts it back, and each item that it belongs to has both in its chain of custody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from mailroom.records import custody
from mailroom.records.tables import DamageRow, Item, Original
from storage.damage import Damage

FOUND, MENDED = "damage_found", "mended"
"""The kinds of events in the chains of custody."""


class By(StrEnum):
    """What made a copy whole again."""

    OTHER_COPY = "other_copy"
    SAME_BYTES = "same_bytes"
    """They came once more, or had waited until the store was there."""
    SOMEBODY = "somebody"


_ACTOR = "machine:custody"
_ORIGINALS, _RENDITIONS = "originals", "renditions"


def note_damage(session: Session, damage: Damage, now: datetime) -> None:
    """Put down that a copy is damaged, unless it is on record as such already, with each item that it belongs to."""
    row = session.get(DamageRow, (damage.key, damage.copy))
    if row is not None and row.mended_at is None:
        return
    if row is not None:
        session.delete(row)
        session.flush()
    told = {"key": damage.key, "copy": damage.copy, "sha256": damage.sha256, "found": damage.found, "found_at": now}
    session.add(DamageRow(**told))
    _tell(session, FOUND, damage.key, damage.sha256, now, copy=damage.copy, found=damage.found)


def note_mended(session: Session, which: tuple[str, str], set_aside: str | None, now: datetime, by: By) -> None:
    """Put down that a copy, by its key and which of the two it is, is what was kept again."""
    row = session.get_one(DamageRow, which)
    row.mended_at, row.tried_at, row.set_aside, row.why_not = now, now, set_aside, None
    _tell(session, MENDED, row.key, row.sha256, now, copy=row.copy, by=by)


def note_not_mended(session: Session, row: DamageRow, why_not: str, now: datetime) -> None:
    """Put down what stood in the way of mending a copy."""
    row = session.get_one(DamageRow, (row.key, row.copy))
    row.tried_at, row.why_not = now, why_not


def to_be_mended(session: Session, now: datetime, again_after: timedelta, most: int) -> Sequence[DamageRow]:
    """Return damage that was not tried to be mended, or not for some time."""
    due = or_(DamageRow.tried_at.is_(None), DamageRow.tried_at < now - again_after)
    query = select(DamageRow).where(DamageRow.mended_at.is_(None), due).order_by(DamageRow.found_at)
    return session.scalars(query.limit(most)).all()


def not_mended(session: Session, most: int = 1000) -> Sequence[DamageRow]:
    """Return the damage that stands, oldest first."""
    query = select(DamageRow).where(DamageRow.mended_at.is_(None)).order_by(DamageRow.found_at, DamageRow.key)
    return session.scalars(query.limit(most)).all()


def all_damage(session: Session, most: int) -> Sequence[DamageRow]:
    """Return damage that was ever found: what stands first, then the newest."""
    query = select(DamageRow).order_by(DamageRow.mended_at.is_not(None), DamageRow.found_at.desc(), DamageRow.key)
    return session.scalars(query.limit(most)).all()


def count_mended(session: Session, since: datetime | None) -> int:
    """Return how many copies were mended since a moment, or ever."""
    mended = DamageRow.mended_at.is_not(None) if since is None else DamageRow.mended_at >= since
    return session.scalar(select(func.count()).select_from(DamageRow).where(mended)) or 0


def holders(session: Session, key: str, sha256: str, most: int = 100) -> Sequence[Item]:
    """Return the items to which an object belongs."""
    kind, _, rest = key.partition("/")
    if kind == _RENDITIONS:
        item = session.get(Item, rest.partition("/")[0])
        return [item] if item else []
    query = select(Item).join(Original).where(Original.sha256 == sha256, Original.key == key)
    return session.scalars(query.distinct().limit(most)).all()


def _tell(session: Session, kind: str, key: str, sha256: str, now: datetime, **details: object) -> None:
    """Add the event to the chain of each item that the object belongs to."""
    is_original = key.startswith(f"{_ORIGINALS}/")
    details = {"of": "original" if is_original else "rendition", **details}
    for item in holders(session, key, sha256):
        session.refresh(item, with_for_update=True)
        original = sha256 if is_original else None
        custody.record(session, item.id, kind, actor=_ACTOR, at=now, original=original, details=details)
