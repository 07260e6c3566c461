"""Which locks end soon, and which objects are or should be under legal hold.

Before: an original was locked as it was kept, for a short term. After: `duties/locks.py` makes the term longer while
the matter is open, and puts holds onto what belongs to an item that an auditor has put under one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session

from mailroom.records.kept_objects import behind
from mailroom.records.tables import Case, Item, KeptObject, LegalHold, Original
from storage.laps import Moment

_OPEN = (
    exists()
    .where(Original.key == KeptObject.key, Original.item_id == Item.id)
    .where(or_(Item.case_id.is_(None), ~exists().where(Case.id == Item.case_id, Case.closed_at.is_not(None))))
)
_KEPT_FOR_GOOD = KeptObject.key.startswith("heads/")


def locks_that_end(
    session: Session, between: tuple[datetime, datetime], kept_since: datetime, after: Moment | None, most: int
) -> Sequence[KeptObject]:
    """Return objects of open matters whose lock ends in a span of time, what ends first at the beginning.

    Args:
        session: the unit of work.
        between: what ended earlier, or ends later, is left out.
        kept_since: what was kept earlier has been locked for as long as may be.
        after: end of the lock and key of one; what ends earlier is left out, and itself.
        most: how many.
    """
    since, until = between
    ends: tuple[ColumnElement[bool], ...] = (KeptObject.locked_until >= since, KeptObject.locked_until < until)
    query = select(KeptObject).where(*ends, KeptObject.stored_at > kept_since, KeptObject.waits_on.is_(None))
    query = query.where(or_(_OPEN, _KEPT_FOR_GOOD), *behind(KeptObject.locked_until, after))
    return session.scalars(query.order_by(KeptObject.locked_until, KeptObject.key).limit(most)).all()


def locks_that_ended(session: Session, before: datetime, kept_since: datetime, most: int) -> Sequence[KeptObject]:
    """Return objects of open matters whose lock has ended, but for those that were locked for as long as may be."""
    ended = (KeptObject.locked_until < before, KeptObject.stored_at > kept_since, KeptObject.waits_on.is_(None))
    query = select(KeptObject).where(*ended, or_(_OPEN, _KEPT_FOR_GOOD)).order_by(KeptObject.locked_until)
    return session.scalars(query.limit(most)).all()


def note_lock(session: Session, key: str, until: datetime | None) -> None:
    """Put down until when an object is locked."""
    session.execute(update(KeptObject).where(KeptObject.key == key).values(locked_until=until))


def holds_to_change(session: Session) -> tuple[set[str], set[str]]:
    """Return the keys that are to be put under hold, and those whose hold is to be lifted."""
    query = select(Original.key).join(LegalHold, LegalHold.item_id == Original.item_id)
    wanted = set(session.scalars(query.where(LegalHold.lifted_at.is_(None))))
    held = set(session.scalars(select(KeptObject.key).where(KeptObject.held)))
    return wanted - held, held - wanted


def originals_of(session: Session, item_id: str) -> set[str]:
    """Return the keys of an item's originals."""
    return set(session.scalars(select(Original.key).where(Original.item_id == item_id)))


def note_held(session: Session, key: str, *, held: bool) -> None:
    """Put down whether a store has an object under hold."""
    session.execute(update(KeptObject).where(KeptObject.key == key).values(held=held))
