"""Where every object of the vault lies: put down as it is kept, asked for as it is read.

Before: the vault has kept something, or is about to read it. After: whoever doubles, hands on, moves or walks over all
there is finds it here, whether or not an item came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from mailroom.records.damages import By, note_damage, note_mended
from mailroom.records.session import Records
from mailroom.records.tables import DamageRow, KeptObject, StorePlace, WalkRow, table_of
from storage.damage import Copy, Damage
from storage.laps import Moment
from storage.store import StoredObject
from storage.whereabouts import Whereabouts

_INSERT = insert(table_of(KeptObject)).values(held=False)
_NOT_COPIED = (KeptObject.copied_at.is_(None), KeptObject.waits_on.is_(None))
_DAMAGED = exists().where(DamageRow.key == KeptObject.key, DamageRow.mended_at.is_(None))


@dataclass(frozen=True, slots=True)
class ObjectCounts:
    """How many objects there are, and how many of them have no second copy or wait in a spool, and since when."""

    objects: int
    not_copied: int
    not_copied_since: datetime | None
    waiting: int
    waiting_bytes: int
    waiting_since: datetime | None


class ObjectRegister:
    """The vault's own register (`storage/whereabouts.py`) in the records.

    Args:
        records: the database.
        now: the time of day.
    """

    def __init__(self, records: Records, now: Callable[[], datetime]) -> None:
        self._records = records
        self._now = now

    def whereabouts(self, key: str) -> Whereabouts:
        """See `Register.whereabouts`."""
        with self._records.look() as session:
            row = session.get(KeptObject, key)
            return _whereabouts(row) if row else Whereabouts()

    def kept(self, stored: StoredObject, sha256: str) -> None:
        """See `Register.kept`; what waited and lies in the store by now waits no more."""
        told = {"version": stored.version, "waits_on": stored.waits_on, "locked_until": stored.locked_until}
        row = {"key": stored.key, "sha256": sha256, "size": stored.size, "stored_at": self._now(), **told}
        try:
            with self._records.work() as session:  # nearly everything that is kept is new
                session.connection().execute(_INSERT, row)
                session.commit()
        except IntegrityError:
            self._kept_before(stored)

    def damaged(self, damage: Damage) -> None:
        """See `Register.damaged`."""
        with self._records.work() as session:
            note_damage(session, damage, self._now())
            session.commit()

    def put_right(self, damage: Damage, stored: StoredObject, set_aside: str | None) -> None:
        """See `Register.put_right`."""
        with self._records.work() as session:
            note_version(session, damage.copy, stored)
            note_mended(session, (damage.key, damage.copy), set_aside, self._now(), By.SAME_BYTES)
            session.commit()

    def _kept_before(self, stored: StoredObject) -> None:
        with self._records.work() as session:
            row = session.get_one(KeptObject, stored.key)
            if row.waits_on and stored.waits_on is None:
                note_handed_on(session, stored)
            session.commit()


def _whereabouts(row: KeptObject) -> Whereabouts:
    return Whereabouts(row.version, row.waits_on, row.copied_at is not None, row.copy_version)


def count_objects(session: Session) -> ObjectCounts:
    """Return how many objects there are, and what of them is not where it should be yet."""
    objects = session.scalar(select(func.count()).select_from(KeptObject)) or 0
    without = session.execute(select(func.count(), func.min(KeptObject.stored_at)).where(*_NOT_COPIED)).one()
    waits = select(func.count(), func.coalesce(func.sum(KeptObject.size), 0), func.min(KeptObject.stored_at))
    waiting = session.execute(waits.where(KeptObject.waits_on.is_not(None))).one()
    return ObjectCounts(objects, without[0], without[1], waiting[0], waiting[1], waiting[2])


def count_waiting(session: Session) -> int:
    """Return how many objects wait in a spool until their store is there again."""
    return session.scalar(select(func.count()).where(KeptObject.waits_on.is_not(None))) or 0


def without_copy(session: Session, after: Moment | None, most: int) -> Sequence[KeptObject]:
    """Return objects that have no second copy yet, the oldest first, but for what is damaged or waits in a spool.

    Args:
        session: the unit of work.
        after: receipt and key of one; what is older is left out, and itself.
        most: how many.
    """
    query = select(KeptObject).where(*_NOT_COPIED, ~_DAMAGED).order_by(KeptObject.stored_at, KeptObject.key)
    return session.scalars(query.where(*behind(KeptObject.stored_at, after)).limit(most)).all()


def behind(
    moment: InstrumentedAttribute[datetime | None] | InstrumentedAttribute[datetime], after: Moment | None
) -> Sequence[ColumnElement[bool]]:
    """Return the condition that objects lie behind a place in the order of this moment and of their keys."""
    if after is None:
        return []
    when, key = after
    return [moment >= when, or_(moment > when, KeptObject.key > key)]


def objects_after(session: Session, key: str, most: int) -> Sequence[KeptObject]:
    """Return the next objects in the order of their keys."""
    return session.scalars(select(KeptObject).where(KeptObject.key > key).order_by(KeptObject.key).limit(most)).all()


def newest_objects(session: Session, most: int) -> Sequence[KeptObject]:
    """Return the objects that were kept last and wait nowhere."""
    query = select(KeptObject).where(KeptObject.waits_on.is_(None)).order_by(KeptObject.stored_at.desc())
    return session.scalars(query.limit(most)).all()


def on_record(session: Session, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that are on record."""
    return set(session.scalars(select(KeptObject.key).where(KeptObject.key.in_(keys))))


def note_copied(session: Session, stored: StoredObject, now: datetime) -> None:
    """Put down that there is a second copy, under no hold yet; where it alone is locked, until when."""
    locked_until = func.coalesce(KeptObject.locked_until, stored.locked_until)
    values = {"copied_at": now, "copy_version": stored.version, "locked_until": locked_until, "held": False}
    session.execute(update(KeptObject).where(KeptObject.key == stored.key).values(values))


def known(session: Session, keys: Iterable[str]) -> Sequence[KeptObject]:
    """Return the objects of these keys that are on record."""
    return session.scalars(select(KeptObject).where(KeptObject.key.in_(keys))).all()


def note_copies_gone(session: Session, keys: Iterable[str]) -> None:
    """Put down that these have no second copy any more."""
    gone = update(KeptObject).where(KeptObject.key.in_(keys))
    session.execute(gone.values(copied_at=None, copy_version=None))


def note_handed_on(session: Session, stored: StoredObject) -> None:
    """Put down that what waited in a spool lies in the store."""
    values = {"version": stored.version, "waits_on": None, "locked_until": stored.locked_until}
    session.execute(update(KeptObject).where(KeptObject.key == stored.key).values(values))


def note_version(session: Session, copy: Copy, stored: StoredObject) -> None:
    """Put down which version of a copy is what was kept: a new one, with a lock of its own and under no hold yet."""
    told = {"held": False, "locked_until": stored.locked_until}
    column = KeptObject.version if copy is Copy.FIRST else KeptObject.copy_version
    session.execute(update(KeptObject).where(KeptObject.key == stored.key).values({column: stored.version, **told}))


def lie_anew(session: Session, versions: Mapping[str, StoredObject]) -> None:
    """Forget where objects lay: a restore has put all of them into a store that may be another one.

    Args:
        session: the unit of work.
        versions: what the store says of those of which it keeps versions, or which wait until it is there, by key.
    """
    elsewhere = {"version": None, "waits_on": None, "copied_at": None, "copy_version": None}
    session.execute(update(KeptObject).values({**elsewhere, "held": False, "locked_until": None}))
    for key, stored in versions.items():
        values = {"version": stored.version, "waits_on": stored.waits_on, "locked_until": stored.locked_until}
        session.execute(update(KeptObject).where(KeptObject.key == key).values(values))
    for kind in (DamageRow, WalkRow, StorePlace):
        session.execute(delete(kind))
